//! Types inside of a query: as in storage, but JSON, GEOGRAPHY and INTERVAL have Arrow types of their own there, so that
//! functions and messages can tell them from STRING; and types as SQL writes them.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/data-types>

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryViewArray, IntervalMonthDayNanoArray, LargeBinaryArray, ListArray, RecordBatch, RecordBatchOptions,
    StringArray, StructArray,
};
use arrow::datatypes::{DataType, Field as ArrowField, FieldRef, IntervalMonthDayNanoType, SchemaRef};
use arrow::error::ArrowError;
use sqlparser::ast::{ArrayElemTypeDef, DataType as SqlType};

use super::QueryError;
use super::error::not_supported;
use super::functions::ranges::{item_of, parse_range, range_of, range_texts};
use super::functions::value::{Value, build};
use super::functions::{interval_text, parse_interval};
use super::types::{GEOGRAPHY, INTERVAL, JSON, TYPE_KEY, arrow_schema, range_item, sql_type_name};
use crate::schema::{Field, FieldType, Limits, Mode, TableSchema};

/// The type of a stored field inside of a query.
pub(super) fn planned(field: &ArrowField) -> DataType {
    match field.metadata().get(TYPE_KEY).map(String::as_str) {
        Some("JSON") => return JSON,
        Some("GEOGRAPHY") => return GEOGRAPHY,
        Some("INTERVAL") => return INTERVAL,
        Some(range) if range.starts_with("RANGE<") => {
            let item = arrow_schema(&TableSchema { fields: vec![range_item(range)] });
            return range_of(item.field(0).data_type());
        }
        _ => {}
    }
    match field.data_type() {
        DataType::List(item) => DataType::List(planned_child(item)),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(planned_child).collect()),
        other => other.clone(),
    }
}

fn planned_child(field: &FieldRef) -> FieldRef {
    Arc::new(ArrowField::new(field.name(), planned(field), true))
}

/// The stored form of a field of a query.
pub(super) fn stored_field(name: &str, data_type: &DataType) -> ArrowField {
    let marked = |name_of_type: &str| {
        ArrowField::new(name, DataType::Utf8, true).with_metadata(HashMap::from([(TYPE_KEY.to_owned(), name_of_type.to_owned())]))
    };
    let child = |f: &FieldRef| Arc::new(stored_field(f.name(), f.data_type()));
    match data_type {
        DataType::LargeBinary => marked("JSON"),
        DataType::BinaryView => marked("GEOGRAPHY"),
        DataType::Interval(_) => marked("INTERVAL"),
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
            ArrowField::new(name, DataType::List(child(item)), true)
        }
        range if item_of(range).is_some() => marked(&sql_type_name(range)),
        DataType::Struct(fields) => ArrowField::new(name, DataType::Struct(fields.iter().map(child).collect()), true),
        other => ArrowField::new(name, other.clone(), true),
    }
}

/// A batch in exactly the types of a stored schema, columns by position.
pub(super) fn canonical(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let columns = batch.columns().iter().zip(schema.fields()).map(|(column, field)| convert(column, field.data_type()));
    let columns = columns.collect::<Result<Vec<ArrayRef>, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)
}

/// An array in another form of its type: stored or inside of a query; STRUCTs by the place of their fields.
pub(super) fn convert(array: &ArrayRef, to: &DataType) -> Result<ArrayRef, ArrowError> {
    if array.data_type() == to {
        return Ok(Arc::clone(array));
    }
    Ok(match (array.data_type(), to) {
        (DataType::LargeBinary, DataType::Utf8) => {
            let texts = array.as_binary::<i64>();
            Arc::new(texts.iter().map(|v| v.map(String::from_utf8_lossy)).collect::<StringArray>())
        }
        (DataType::Utf8, DataType::LargeBinary) => {
            let texts = array.as_string::<i32>();
            Arc::new(texts.iter().map(|v| v.map(str::as_bytes)).collect::<LargeBinaryArray>())
        }
        (DataType::Utf8, DataType::BinaryView) => {
            let texts = array.as_string::<i32>();
            Arc::new(texts.iter().map(|v| v.map(str::as_bytes)).collect::<BinaryViewArray>())
        }
        (DataType::BinaryView, DataType::Utf8) => {
            let texts = array.as_binary_view();
            Arc::new(texts.iter().map(|v| v.map(String::from_utf8_lossy)).collect::<StringArray>())
        }
        (DataType::Interval(_), DataType::Utf8) => {
            let intervals = array.as_primitive::<IntervalMonthDayNanoType>();
            Arc::new(intervals.iter().map(|v| v.map(interval_text)).collect::<StringArray>())
        }
        (DataType::Utf8, DataType::Interval(_)) => {
            let texts = array.as_string::<i32>();
            let read = |v: Option<&str>| v.map(|v| parse_interval(v).map_err(ArrowError::ParseError)).transpose();
            Arc::new(texts.iter().map(read).collect::<Result<IntervalMonthDayNanoArray, _>>()?)
        }
        (range, DataType::Utf8) if item_of(range).is_some() => range_texts(array)?,
        (DataType::Utf8, range) if item_of(range).is_some() => {
            let texts = array.as_string::<i32>();
            let read = |v: Option<&str>| v.map_or(Ok(Value::Null), |v| parse_range(v, range).map_err(ArrowError::ParseError));
            let cells = texts.iter().map(read).collect::<Result<Vec<_>, _>>()?;
            build(range, cells).map_err(|e| ArrowError::ExternalError(Box::new(e)))?
        }
        (DataType::List(_), DataType::List(item)) => {
            let list = array.as_list::<i32>();
            let values = convert(list.values(), item.data_type())?;
            Arc::new(ListArray::try_new(Arc::clone(item), list.offsets().clone(), values, list.nulls().cloned())?)
        }
        (DataType::Struct(from), DataType::Struct(fields)) if from.len() == fields.len() => {
            let parts = array.as_struct();
            let columns = parts.columns().iter().zip(fields).map(|(c, f)| convert(c, f.data_type())).collect::<Result<Vec<_>, _>>()?;
            Arc::new(StructArray::try_new_with_length(fields.clone(), columns, parts.nulls().cloned(), parts.len())?)
        }
        _ => arrow::compute::cast(array, to)?,
    })
}

/// The field that a column or a STRUCT's field of a type is.
pub(super) fn field_of(name: &str, data_type: &SqlType) -> Result<Field, QueryError> {
    let field = column_of(name, data_type)?;
    if crate::limits::any(std::slice::from_ref(&field)) {
        return Err(not_supported(format_args!("A parameterized type such as {data_type}")));
    }
    Ok(field)
}

/// The column that a table declares, whose type may have parameters: `STRING(5)`, `NUMERIC(5, 2)`.
pub(super) fn column_of(name: &str, data_type: &SqlType) -> Result<Field, QueryError> {
    let mut field = Field {
        name: name.to_owned(),
        field_type: FieldType::String,
        mode: Mode::Nullable,
        description: None,
        limits: Limits::default(),
        fields: Vec::new(),
    };
    match data_type {
        SqlType::Array(ArrayElemTypeDef::AngleBracket(item)) => {
            let item = column_of(name, item)?;
            if item.mode == Mode::Repeated {
                return Err(QueryError::invalid("Cannot construct array with element type ARRAY because nested arrays are not supported"));
            }
            return Ok(Field { mode: Mode::Repeated, ..item });
        }
        SqlType::Struct(fields, _) => {
            field.field_type = FieldType::Struct;
            for (i, child) in (1..).zip(fields) {
                let name = child.field_name.as_ref().map_or_else(|| format!("_field_{i}"), |n| n.value.clone());
                field.fields.push(column_of(&name, &child.field_type)?);
            }
            return Ok(field);
        }
        _ => {}
    }
    let written = data_type.to_string().to_uppercase();
    let name = written.split('(').next().unwrap_or_default().trim();
    field.field_type = match name {
        "STRING" => FieldType::String,
        "BYTES" => FieldType::Bytes,
        "INT64" | "INT" | "INTEGER" | "BIGINT" | "SMALLINT" | "TINYINT" | "BYTEINT" => FieldType::Int64,
        "FLOAT64" => FieldType::Float64,
        "BOOL" | "BOOLEAN" => FieldType::Bool,
        "TIMESTAMP" => FieldType::Timestamp,
        "DATE" => FieldType::Date,
        "TIME" => FieldType::Time,
        "DATETIME" => FieldType::Datetime,
        "NUMERIC" | "DECIMAL" => FieldType::Numeric,
        "BIGNUMERIC" | "BIGDECIMAL" => FieldType::Bignumeric,
        "JSON" => FieldType::Json,
        "GEOGRAPHY" => FieldType::Geography,
        "INTERVAL" => FieldType::Interval,
        "RANGE<DATE>" | "RANGE<DATETIME>" | "RANGE<TIMESTAMP>" => {
            field.fields = vec![range_item(name)];
            FieldType::Range
        }
        _ => return Err(QueryError::invalid(format!("Type not found: {data_type}"))),
    };
    if let Some((_, rest)) = written.split_once('(') {
        let wrong = || QueryError::invalid(format!("{data_type} is no type with parameters that they can have"));
        let numbers = rest.trim_end_matches(')').split(',').map(|n| n.trim().parse::<u32>());
        match (field.field_type, numbers.collect::<Result<Vec<_>, _>>().map_err(|_| wrong())?.as_slice()) {
            (FieldType::String | FieldType::Bytes, [length]) => field.limits.max_length = Some(u64::from(*length)),
            (FieldType::Numeric | FieldType::Bignumeric, [precision]) => field.limits.precision = Some(*precision),
            (FieldType::Numeric | FieldType::Bignumeric, [precision, scale]) => {
                (field.limits.precision, field.limits.scale) = (Some(*precision), Some(*scale));
            }
            _ => return Err(wrong()),
        }
        field.limits.check(field.field_type).map_err(QueryError::invalid)?;
    }
    Ok(field)
}
