//! BigQuery's cell encoding, read strictly: a cell that does not fit its type is an error, never a guess.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs/getQueryResults> and the data type pages.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use gcp_bigquery_client::model::table_row::TableRow;
use serde_json::Value;

use super::WarehouseError;
use super::rows::{Cell, Field};
use super::wire::SchemaField;
use crate::catalog::{ColumnType, Mode};

/// The schema of a result, in our own types.
pub(super) fn fields(schema: &[SchemaField]) -> Result<Vec<Field>, WarehouseError> {
    schema.iter().map(field).collect()
}

fn field(field: &SchemaField) -> Result<Field, WarehouseError> {
    let unknown = || WarehouseError::Unreadable { message: format!("column {} is of the unknown type {:?}", field.name, field.field_type) };
    Ok(Field {
        name: field.name.clone(),
        field_type: column_type(&field.field_type).ok_or_else(unknown)?,
        mode: match field.mode.as_deref() {
            Some("REPEATED") => Mode::Repeated,
            Some("REQUIRED") => Mode::Required,
            _ => Mode::Nullable,
        },
        fields: fields(field.fields.as_deref().unwrap_or_default())?,
    })
}

/// Names of types, with those of legacy SQL, which schemas of results use.
/// Source: <https://cloud.google.com/bigquery/docs/reference/rest/v2/tables#TableFieldSchema>
fn column_type(name: &str) -> Option<ColumnType> {
    Some(match name {
        "STRING" => ColumnType::String,
        "BYTES" => ColumnType::Bytes,
        "INTEGER" | "INT64" => ColumnType::Int64,
        "FLOAT" | "FLOAT64" => ColumnType::Float64,
        "NUMERIC" => ColumnType::Numeric,
        "BIGNUMERIC" => ColumnType::Bignumeric,
        "BOOLEAN" | "BOOL" => ColumnType::Bool,
        "TIMESTAMP" => ColumnType::Timestamp,
        "DATE" => ColumnType::Date,
        "TIME" => ColumnType::Time,
        "DATETIME" => ColumnType::Datetime,
        "RECORD" | "STRUCT" => ColumnType::Struct,
        "GEOGRAPHY" => ColumnType::Geography,
        "JSON" => ColumnType::Json,
        "INTERVAL" => ColumnType::Interval,
        "RANGE" => ColumnType::Range,
        _ => return None,
    })
}

/// One row; it must have a cell for each field.
pub(super) fn row(fields: &[Field], row: &TableRow) -> Result<Vec<Cell>, WarehouseError> {
    let cells = row.columns.as_deref().unwrap_or_default();
    if cells.len() != fields.len() {
        return Err(WarehouseError::Unreadable { message: format!("a row of {} cells for {} columns", cells.len(), fields.len()) });
    }
    fields.iter().zip(cells).map(|(field, cell)| value(field, cell.value.as_ref().unwrap_or(&Value::Null))).collect()
}

fn value(field: &Field, json: &Value) -> Result<Cell, WarehouseError> {
    if field.mode != Mode::Repeated {
        return single(field, json);
    }
    match json {
        Value::Null => Ok(Cell::Array(Vec::new())),
        Value::Array(items) => {
            items.iter().map(|item| single(field, item.get("v").unwrap_or(&Value::Null))).collect::<Result<_, _>>().map(Cell::Array)
        }
        other => Err(misfit(field, other)),
    }
}

fn single(field: &Field, json: &Value) -> Result<Cell, WarehouseError> {
    let text = match json {
        Value::Null => return Ok(Cell::Null),
        Value::Object(record) if field.field_type == ColumnType::Struct => {
            let cells = record.get("f").and_then(Value::as_array).filter(|cells| cells.len() == field.fields.len());
            let cells = cells.ok_or_else(|| misfit(field, json))?;
            let values = field.fields.iter().zip(cells).map(|(field, cell)| value(field, cell.get("v").unwrap_or(&Value::Null)));
            return values.collect::<Result<_, _>>().map(Cell::Struct);
        }
        Value::String(text) => text.as_str(),
        // Google sends strings; some gateways turn them into JSON scalars on the way.
        Value::Bool(true) => "true",
        Value::Bool(false) => "false",
        Value::Number(number) => return scalar(field.field_type, &number.to_string()).ok_or_else(|| misfit(field, json)),
        _ => return Err(misfit(field, json)),
    };
    scalar(field.field_type, text).ok_or_else(|| misfit(field, json))
}

fn scalar(column_type: ColumnType, text: &str) -> Option<Cell> {
    Some(match column_type {
        ColumnType::String => Cell::String(text.to_owned()),
        ColumnType::Bytes => Cell::Bytes(STANDARD.decode(text).ok()?),
        ColumnType::Int64 => Cell::Int64(text.parse().ok()?),
        ColumnType::Float64 => Cell::Float64(match text {
            "NaN" => f64::NAN,
            "Infinity" => f64::INFINITY,
            "-Infinity" => f64::NEG_INFINITY,
            number => number.parse().ok()?,
        }),
        ColumnType::Bool => Cell::Bool(match text {
            "true" => true,
            "false" => false,
            _ => return None,
        }),
        ColumnType::Date => Cell::Date(NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?),
        ColumnType::Time => Cell::Time(NaiveTime::parse_from_str(text, "%H:%M:%S%.f").ok()?),
        ColumnType::Datetime => Cell::Datetime(NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok()?),
        ColumnType::Timestamp => Cell::Timestamp(timestamp(text)?),
        ColumnType::Struct => return None,
        ColumnType::Numeric
        | ColumnType::Bignumeric
        | ColumnType::Json
        | ColumnType::Geography
        | ColumnType::Interval
        | ColumnType::Range => Cell::Text(text.to_owned()),
    })
}

/// Seconds since 1970, as a decimal or in scientific notation. The client crate cannot ask for `useInt64Timestamp` (its address for
/// `getQueryResults` does not build then), so an integer is seconds too; microseconds read as seconds leave the calendar and are refused.
/// A double of seconds holds microseconds until the year 2106; beyond, the last digit may be off by one.
fn timestamp(text: &str) -> Option<DateTime<Utc>> {
    let seconds = text.parse::<f64>().ok().filter(|seconds| seconds.is_finite())?;
    DateTime::from_timestamp_micros((seconds * 1e6).round() as i64)
}

fn misfit(field: &Field, json: &Value) -> WarehouseError {
    let mut value = json.to_string();
    value.truncate(value.char_indices().nth(60).map_or(value.len(), |(at, _)| at));
    WarehouseError::Cell { column: field.name.clone(), value, expected: field.field_type }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn field(field_type: ColumnType, mode: Mode, fields: Vec<Field>) -> Field {
        Field { name: "c".to_owned(), field_type, mode, fields }
    }

    #[test]
    fn every_type_decodes_as_the_reference_says() {
        let at = DateTime::from_timestamp_micros(1_709_296_496_500_000).unwrap();
        let cases = [
            (ColumnType::Int64, json!("-42"), Cell::Int64(-42)),
            (ColumnType::Float64, json!("1.5"), Cell::Float64(1.5)),
            (ColumnType::Float64, json!("-Infinity"), Cell::Float64(f64::NEG_INFINITY)),
            (ColumnType::Bool, json!("true"), Cell::Bool(true)),
            (ColumnType::String, json!(""), Cell::String(String::new())),
            (ColumnType::Bytes, json!("AP8="), Cell::Bytes(vec![0, 255])),
            (ColumnType::Date, json!("2024-03-01"), Cell::Date(NaiveDate::from_ymd_opt(2024, 3, 1).unwrap())),
            (ColumnType::Time, json!("12:34:56.789000"), Cell::Time(NaiveTime::from_hms_milli_opt(12, 34, 56, 789).unwrap())),
            (
                ColumnType::Datetime,
                json!("2024-03-01T12:34:56"),
                Cell::Datetime(NaiveDate::from_ymd_opt(2024, 3, 1).unwrap().and_hms_opt(12, 34, 56).unwrap()),
            ),
            (ColumnType::Timestamp, json!("1.7092964965E9"), Cell::Timestamp(at)),
            (ColumnType::Timestamp, json!("0"), Cell::Timestamp(DateTime::UNIX_EPOCH)),
            (ColumnType::Timestamp, json!("-0.000001"), Cell::Timestamp(DateTime::from_timestamp_micros(-1).unwrap())),
            (
                ColumnType::Timestamp,
                json!("4.294967295999999E9"),
                Cell::Timestamp(DateTime::from_timestamp_micros(4_294_967_295_999_999).unwrap()),
            ),
            (ColumnType::Numeric, json!("0.1"), Cell::Text("0.1".to_owned())),
            (ColumnType::Int64, json!(null), Cell::Null),
        ];
        for (field_type, json, expected) in cases {
            assert_eq!(value(&field(field_type, Mode::Nullable, vec![]), &json), Ok(expected), "{json}");
        }
    }

    #[test]
    fn arrays_and_structs_nest() {
        let artist = field(
            ColumnType::Struct,
            Mode::Repeated,
            vec![field(ColumnType::String, Mode::Nullable, vec![]), field(ColumnType::Int64, Mode::Repeated, vec![])],
        );
        let json = json!([{ "v": { "f": [{ "v": "Air" }, { "v": [{ "v": "1" }, { "v": "2" }] }] } }]);
        let expected =
            Cell::Array(vec![Cell::Struct(vec![Cell::String("Air".to_owned()), Cell::Array(vec![Cell::Int64(1), Cell::Int64(2)])])]);
        assert_eq!(value(&artist, &json), Ok(expected));
        assert_eq!(value(&field(ColumnType::String, Mode::Repeated, vec![]), &json!(null)), Ok(Cell::Array(vec![])));
    }

    #[test]
    fn a_cell_that_does_not_fit_is_named() {
        for (field_type, json) in [
            (ColumnType::Int64, json!("1.5")),
            (ColumnType::Date, json!("2024-02-30")),
            (ColumnType::Bool, json!("yes")),
            (ColumnType::Timestamp, json!("1709296496500000")),
            (ColumnType::Timestamp, json!("Infinity")),
            (ColumnType::Struct, json!({ "f": [] })),
        ] {
            let fields = vec![field(ColumnType::String, Mode::Nullable, vec![])];
            let error = value(&field(field_type, Mode::Nullable, fields), &json).unwrap_err();
            assert!(matches!(error, WarehouseError::Cell { .. }), "{json}: {error}");
        }
    }
}
