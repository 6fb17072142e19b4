//! Columns of one schema as columns of another: by name, nothing dropped and nothing guessed.
//!
//! Source: <https://cloud.google.com/bigquery/docs/managing-table-schemas>,
//! <https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-parquet#type_conversions>

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, StructArray, new_null_array};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::DataType;

use crate::schema::{Field, FieldType, Mode};

/// An array of one field as an array of another.
///
/// # Errors
/// Where a type, a mode or a value does not go into the other field.
pub(crate) fn fit(array: &ArrayRef, from: &Field, to: &Field, target: &DataType) -> Result<ArrayRef, String> {
    if array.data_type() == target && from.field_type == to.field_type {
        return Ok(Arc::clone(array));
    }
    if (from.mode == Mode::Repeated) != (to.mode == Mode::Repeated) {
        let mode = |field: &Field| if field.mode == Mode::Repeated { "REPEATED" } else { "NULLABLE" };
        return Err(format!("Field {} has changed mode from {} to {}", to.name, mode(to), mode(from)));
    }
    let broken = |error: arrow::error::ArrowError| format!("Field {}: {error}", to.name);
    match target {
        DataType::List(item) => {
            let list = array.as_list_opt::<i32>().ok_or_else(|| mismatch(from, to))?;
            let one = |field: &Field| Field { mode: Mode::Nullable, ..field.clone() };
            let values = fit(list.values(), &one(from), &one(to), item.data_type())?;
            let made = ListArray::try_new(Arc::clone(item), list.offsets().clone(), values, list.nulls().cloned());
            Ok(Arc::new(made.map_err(broken)?))
        }
        DataType::Struct(children) => {
            let row = array.as_struct_opt().filter(|_| from.field_type == FieldType::Struct).ok_or_else(|| mismatch(from, to))?;
            let mut columns = Vec::with_capacity(children.len());
            for (child, arrow) in to.fields.iter().zip(children) {
                let place = from.fields.iter().position(|f| f.name.eq_ignore_ascii_case(&child.name));
                columns.push(match place {
                    Some(place) => fit(row.column(place), &from.fields[place], child, arrow.data_type())?,
                    None => new_null_array(arrow.data_type(), array.len()),
                });
            }
            let made = StructArray::try_new_with_length(children.clone(), columns, row.nulls().cloned(), row.len());
            Ok(Arc::new(made.map_err(broken)?))
        }
        _ if !goes_into(from.field_type, to.field_type) => Err(mismatch(from, to)),
        _ => {
            let cast = cast_with_options(array, target, &CastOptions { safe: false, ..CastOptions::default() }).map_err(broken)?;
            if to.field_type == FieldType::Json && from.field_type != FieldType::Json {
                let wrong =
                    cast.as_string::<i32>().iter().flatten().find(|text| serde_json::from_str::<serde::de::IgnoredAny>(text).is_err());
                if let Some(text) = wrong {
                    return Err(format!("Field {}: invalid JSON: {text}", to.name));
                }
            }
            Ok(cast)
        }
    }
}

fn mismatch(from: &Field, to: &Field) -> String {
    format!("Field {} has changed type from {} to {}", to.name, to.field_type.sql_name(), from.field_type.sql_name())
}

fn goes_into(from: FieldType, to: FieldType) -> bool {
    use FieldType::{Bignumeric, Bytes, Date, Datetime, Float64, Geography, Int64, Interval, Json, Numeric, Range, String, Timestamp};
    from == to
        || matches!(
            (from, to),
            (Int64, Float64 | Numeric | Bignumeric)
                | (Numeric, Bignumeric | Float64)
                | (Bignumeric, Numeric)
                | (Timestamp, Datetime)
                | (Datetime, Timestamp)
                | (Date, Datetime | Timestamp)
                | (Bytes, String)
                | (String, Json | Geography | Interval | Range)
                | (Json | Geography | Interval | Range, String)
        )
}

#[cfg(test)]
mod tests {
    use arrow::array::{Int64Array, StringArray};

    use super::*;
    use crate::engine::arrow_schema;
    use crate::schema::TableSchema;

    fn field(name: &str, field_type: FieldType, fields: Vec<Field>) -> Field {
        Field {
            name: name.to_owned(),
            field_type,
            mode: Mode::Nullable,
            description: None,
            limits: crate::schema::Limits::default(),
            fields,
        }
    }

    fn check(array: ArrayRef, from: &Field, to: &Field, expected: Result<ArrayRef, &str>) {
        let schema = arrow_schema(&TableSchema { fields: vec![to.clone()] });
        assert_eq!(fit(&array, from, to, schema.field(0).data_type()), expected.map_err(str::to_owned));
    }

    #[test]
    fn columns_meet_by_name_or_not_at_all() {
        let text = field("a", FieldType::String, Vec::new());
        let number = field("b", FieldType::Int64, Vec::new());
        let texts = || Arc::new(StringArray::from(vec!["x"])) as ArrayRef;
        let numbers = || Arc::new(Int64Array::from(vec![7])) as ArrayRef;
        check(texts(), &text, &number, Err("Field b has changed type from INT64 to STRING"));
        check(texts(), &text, &field("j", FieldType::Json, Vec::new()), Err("Field j: invalid JSON: x"));
        let schema = arrow_schema(&TableSchema { fields: vec![text.clone(), number.clone()] });
        let row = Arc::new(StructArray::try_new(schema.fields().clone(), vec![texts(), numbers()], None).unwrap()) as ArrayRef;
        let from = field("r", FieldType::Struct, vec![text.clone(), number.clone()]);
        // The fields of the other are in another order, and there is one more.
        let to = field("r", FieldType::Struct, vec![number, field("c", FieldType::Float64, Vec::new()), text]);
        let target = arrow_schema(&TableSchema { fields: to.fields.clone() });
        let nulls = new_null_array(&DataType::Float64, 1);
        let expected = StructArray::try_new(target.fields().clone(), vec![numbers(), nulls, texts()], None).unwrap();
        check(row, &from, &to, Ok(Arc::new(expected)));
    }
}
