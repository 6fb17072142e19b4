//! BigQuery's types and Arrow's: the one mapping that stored files, query results and cells all keep to.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/data-types>

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Field as ArrowField, IntervalUnit, Schema, SchemaRef, TimeUnit};

use crate::schema::{Field, FieldType, Limits, Mode, TableSchema};

/// Metadata key under which a field keeps the BigQuery type that Arrow has no own type for.
pub const TYPE_KEY: &str = "bigquery_type";

pub(super) fn timestamp_type() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// JSON inside of a query: a type that nothing else has there.
pub(super) const JSON: DataType = DataType::LargeBinary;
/// GEOGRAPHY inside of a query, as WKT.
pub(super) const GEOGRAPHY: DataType = DataType::BinaryView;
/// INTERVAL inside of a query.
pub(super) const INTERVAL: DataType = DataType::Interval(IntervalUnit::MonthDayNano);

/// The Arrow schema of a table: what its Parquet files hold and what query results are made of.
///
/// INT64 Int64, FLOAT64 Float64, STRING Utf8, BYTES Binary, BOOL Boolean, DATE Date32, TIMESTAMP Timestamp(us, UTC),
/// DATETIME Timestamp(us), TIME Time64(us), NUMERIC Decimal128(38, 9), BIGNUMERIC Decimal256(76, 38); JSON, GEOGRAPHY and
/// INTERVAL are Utf8 with the type's name in the metadata; ARRAY is List, STRUCT is Struct. All fields are nullable.
#[must_use]
pub fn arrow_schema(schema: &TableSchema) -> SchemaRef {
    Arc::new(Schema::new(schema.fields.iter().map(arrow_field).collect::<Vec<_>>()))
}

fn arrow_field(field: &Field) -> ArrowField {
    let mut metadata = HashMap::new();
    let data_type = match field.field_type {
        FieldType::String => DataType::Utf8,
        FieldType::Bytes => DataType::Binary,
        FieldType::Int64 => DataType::Int64,
        FieldType::Float64 => DataType::Float64,
        FieldType::Bool => DataType::Boolean,
        FieldType::Timestamp => timestamp_type(),
        FieldType::Date => DataType::Date32,
        FieldType::Time => DataType::Time64(TimeUnit::Microsecond),
        FieldType::Datetime => DataType::Timestamp(TimeUnit::Microsecond, None),
        FieldType::Numeric => DataType::Decimal128(38, 9),
        FieldType::Bignumeric => DataType::Decimal256(76, 38),
        FieldType::Json | FieldType::Geography | FieldType::Interval | FieldType::Range => {
            let name = match field.field_type {
                FieldType::Json => "JSON".to_owned(),
                FieldType::Geography => "GEOGRAPHY".to_owned(),
                FieldType::Interval => "INTERVAL".to_owned(),
                _ => range_name(field),
            };
            metadata.insert(TYPE_KEY.to_owned(), name);
            DataType::Utf8
        }
        FieldType::Struct => DataType::Struct(field.fields.iter().map(|f| Arc::new(arrow_field(f))).collect()),
    };
    if field.mode == Mode::Repeated {
        let item = ArrowField::new("item", data_type, true).with_metadata(metadata);
        return ArrowField::new(&field.name, DataType::List(Arc::new(item)), true);
    }
    ArrowField::new(&field.name, data_type, true).with_metadata(metadata)
}

/// `RANGE<DATE>` and the like.
pub(super) fn range_name(field: &Field) -> String {
    format!("RANGE<{}>", field.fields.first().map_or("DATE", |item| item.field_type.sql_name()))
}

/// The field that tells the type of a RANGE's ends, from its name.
pub(super) fn range_item(name: &str) -> Field {
    let field_type = match name.trim_start_matches("RANGE<").trim_end_matches('>') {
        "DATETIME" => FieldType::Datetime,
        "TIMESTAMP" => FieldType::Timestamp,
        _ => FieldType::Date,
    };
    Field { name: "item".to_owned(), field_type, mode: Mode::Nullable, description: None, limits: Limits::default(), fields: Vec::new() }
}

/// The table schema of an Arrow schema; types that BigQuery has not are widened to the nearest that it has.
#[must_use]
pub fn table_schema(schema: &Schema) -> TableSchema {
    TableSchema { fields: schema.fields().iter().map(|f| table_field(f.name(), f.data_type(), f.metadata())).collect() }
}

pub(super) fn table_field(name: &str, data_type: &DataType, metadata: &HashMap<String, String>) -> Field {
    let mut mode = Mode::Nullable;
    let mut fields = Vec::new();
    let field_type = match data_type {
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::FixedSizeList(item, _)
        | DataType::ListView(item)
        | DataType::LargeListView(item) => {
            let inner = table_field(name, item.data_type(), item.metadata());
            mode = Mode::Repeated;
            fields = inner.fields;
            inner.field_type
        }
        DataType::Struct(children) => {
            fields = children.iter().map(|c| table_field(c.name(), c.data_type(), c.metadata())).collect();
            FieldType::Struct
        }
        DataType::Dictionary(_, value) => table_field(name, value, metadata).field_type,
        // A bare NULL is INT64 in BigQuery.
        DataType::Null
        | DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32
        | DataType::UInt64 => FieldType::Int64,
        DataType::Float16 | DataType::Float32 | DataType::Float64 => FieldType::Float64,
        DataType::Boolean => FieldType::Bool,
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => FieldType::Bytes,
        DataType::Date32 | DataType::Date64 => FieldType::Date,
        DataType::Time32(_) | DataType::Time64(_) => FieldType::Time,
        DataType::Timestamp(_, None) => FieldType::Datetime,
        DataType::Timestamp(_, Some(_)) => FieldType::Timestamp,
        DataType::Decimal32(..) | DataType::Decimal64(..) | DataType::Decimal128(..) => FieldType::Numeric,
        DataType::Decimal256(..) => FieldType::Bignumeric,
        DataType::Interval(_) | DataType::Duration(_) => FieldType::Interval,
        _ => match metadata.get(TYPE_KEY).map(String::as_str) {
            Some("JSON") => FieldType::Json,
            Some("GEOGRAPHY") => FieldType::Geography,
            Some("INTERVAL") => FieldType::Interval,
            Some(range) if range.starts_with("RANGE<") => {
                fields = vec![range_item(range)];
                FieldType::Range
            }
            _ => FieldType::String,
        },
    };
    Field { name: name.to_owned(), field_type, mode, description: None, limits: Limits::default(), fields }
}

/// A type's name in GoogleSQL, for messages.
pub(super) fn sql_type_name(data_type: &DataType) -> String {
    match data_type {
        DataType::List(item) => format!("ARRAY<{}>", sql_type_name(item.data_type())),
        DataType::Struct(fields) => {
            if let Some(item) = super::functions::ranges::item_of(data_type) {
                return format!("RANGE<{}>", sql_type_name(item));
            }
            let fields: Vec<String> = fields
                .iter()
                .map(|f| {
                    if f.name().starts_with('_') {
                        sql_type_name(f.data_type())
                    } else {
                        format!("{} {}", f.name(), sql_type_name(f.data_type()))
                    }
                })
                .collect();
            format!("STRUCT<{}>", fields.join(", "))
        }
        DataType::LargeBinary => "JSON".to_owned(),
        DataType::BinaryView => "GEOGRAPHY".to_owned(),
        other => table_field("", other, &HashMap::new()).field_type.sql_name().to_owned(),
    }
}

/// The logical bytes of each top-level column, by BigQuery's rules: INT64, FLOAT64, DATE, DATETIME, TIME and TIMESTAMP 8,
/// NUMERIC 16, BIGNUMERIC 32, BOOL 1, STRING and BYTES 2 and their length, ARRAY and STRUCT their parts, NULL 0.
///
/// Source: <https://cloud.google.com/bigquery/pricing#data>
#[must_use]
pub fn logical_bytes(batch: &RecordBatch) -> BTreeMap<String, u64> {
    let mut sizes = BTreeMap::new();
    for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
        *sizes.entry(field.name().clone()).or_insert(0) += size(column);
    }
    sizes
}

fn size(array: &ArrayRef) -> u64 {
    let valid = (array.len() - array.logical_null_count()) as u64;
    match array.data_type() {
        DataType::Null => 0,
        DataType::Boolean => valid,
        DataType::Decimal128(..) => 16 * valid,
        DataType::Decimal256(..) => 32 * valid,
        DataType::Utf8 => {
            let lengths: usize = array.as_string::<i32>().iter().flatten().map(str::len).sum();
            2 * valid + lengths as u64
        }
        DataType::Binary => {
            let lengths: usize = array.as_binary::<i32>().iter().flatten().map(<[u8]>::len).sum();
            2 * valid + lengths as u64
        }
        DataType::List(_) => array.as_list::<i32>().iter().flatten().map(|a| size(&a)).sum(),
        DataType::Struct(_) => {
            let array = array.as_struct();
            if array.null_count() == 0 {
                return array.columns().iter().map(size).sum();
            }
            (0..array.len())
                .filter(|row| array.is_valid(*row))
                .map(|row| array.columns().iter().map(|c| size(&c.slice(row, 1))).sum::<u64>())
                .sum()
        }
        DataType::Utf8View | DataType::LargeUtf8 | DataType::Dictionary(..) => {
            arrow::compute::cast(array, &DataType::Utf8).map_or(0, |a| size(&a))
        }
        _ => 8 * valid,
    }
}
