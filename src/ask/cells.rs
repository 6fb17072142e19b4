//! Cells of the warehouse as JSON.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::SecondsFormat;
use serde_json::{Map, Value};

use super::answer::{AnswerColumn, AnswerParameter};
use crate::catalog::{ColumnType, Mode};
use crate::sql::{Parameter, ParameterValue};
use crate::warehouse::{Cell, Field, Rows};

/// The largest INT64 that every JSON reader keeps.
const LARGEST_EXACT: u64 = 1 << 53;

/// Columns of an answer. A name that occurs twice becomes `name_1`, as rows are objects.
pub(super) fn columns(fields: &[Field]) -> Vec<AnswerColumn> {
    let given: HashSet<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    let mut taken: HashSet<String> = HashSet::new();
    let unique = |field: &Field| {
        let mut name = field.name.clone();
        let mut n = 0;
        while taken.contains(&name) || (n > 0 && given.contains(name.as_str())) {
            n += 1;
            name = format!("{}_{n}", field.name);
        }
        taken.insert(name.clone());
        AnswerColumn { name, column_type: field.field_type, mode: field.mode }
    };
    fields.iter().map(unique).collect()
}

/// Rows of an answer.
pub(super) fn rows(columns: &[AnswerColumn], rows: &Rows) -> Vec<Map<String, Value>> {
    let object = |cells: &Vec<Cell>| {
        let values = cells.iter().zip(&rows.fields).map(|(cell, field)| json(cell, field));
        columns.iter().map(|column| column.name.clone()).zip(values).collect()
    };
    rows.rows.iter().map(object).collect()
}

/// A cell as JSON. Dates and times are ISO 8601, bytes base64; NaN and the infinities are strings, as BigQuery writes them.
pub(super) fn json(cell: &Cell, field: &Field) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Bool(value) => Value::Bool(*value),
        Cell::Int64(value) if value.unsigned_abs() > LARGEST_EXACT => Value::String(value.to_string()),
        Cell::Int64(value) => Value::from(*value),
        Cell::Float64(value) => float(*value),
        Cell::String(text) | Cell::Text(text) => Value::String(text.clone()),
        Cell::Bytes(bytes) => Value::String(STANDARD.encode(bytes)),
        Cell::Date(date) => Value::String(date.to_string()),
        Cell::Time(time) => Value::String(time.to_string()),
        Cell::Datetime(datetime) => Value::String(datetime.format("%Y-%m-%dT%H:%M:%S%.f").to_string()),
        Cell::Timestamp(timestamp) => Value::String(timestamp.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
        Cell::Array(items) => Value::Array(items.iter().map(|item| json(item, field)).collect()),
        Cell::Struct(values) => {
            let named = field.fields.iter().zip(values).map(|(field, value)| (field.name.clone(), json(value, field)));
            Value::Object(named.collect())
        }
    }
}

fn float(value: f64) -> Value {
    match serde_json::Number::from_f64(value) {
        Some(number) => Value::Number(number),
        None if value.is_nan() => Value::from("NaN"),
        None if value > 0.0 => Value::from("Infinity"),
        None => Value::from("-Infinity"),
    }
}

/// A parameter as an answer shows it.
pub(super) fn parameter(parameter: &Parameter) -> AnswerParameter {
    let element = type_name(parameter.value.element_type());
    let parameter_type = if parameter.value.is_array() { format!("ARRAY<{element}>") } else { element };
    let value = match &parameter.value {
        ParameterValue::Int64(value) => json(&Cell::Int64(*value), &scalar(ColumnType::Int64)),
        ParameterValue::Float64(value) => float(*value),
        ParameterValue::Bool(value) => Value::Bool(*value),
        ParameterValue::String(value) => Value::from(value.as_str()),
        ParameterValue::Date(value) => Value::from(value.to_string()),
        ParameterValue::Timestamp(value) => Value::from(value.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
        ParameterValue::StringArray(values) => Value::from(values.clone()),
        ParameterValue::Int64Array(values) => Value::from(values.clone()),
    };
    AnswerParameter { name: parameter.name.clone(), parameter_type, value }
}

fn scalar(field_type: ColumnType) -> Field {
    Field { name: String::new(), field_type, mode: Mode::Nullable, fields: Vec::new() }
}

fn type_name(column_type: ColumnType) -> String {
    // The names of the enum in JSON are GoogleSQL's.
    serde_json::to_value(column_type).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate};
    use serde_json::json;

    use super::*;

    fn field(name: &str) -> Field {
        Field { name: name.to_owned(), ..scalar(ColumnType::String) }
    }

    #[test]
    fn names_that_occur_twice_are_numbered() {
        let check = |given: &[&str], expected: &[&str]| {
            let fields: Vec<Field> = given.iter().map(|name| field(name)).collect();
            let names: Vec<String> = columns(&fields).into_iter().map(|column| column.name).collect();
            assert_eq!(names, expected);
        };
        check(&["a", "b"], &["a", "b"]);
        check(&["name", "name", "name"], &["name", "name_1", "name_2"]);
        check(&["n", "n", "n_1"], &["n", "n_2", "n_1"]);
    }

    #[test]
    fn cells_keep_their_value_in_json() {
        let check = |cell: Cell, expected: Value| assert_eq!(super::json(&cell, &field("x")), expected);
        check(Cell::Int64(9_007_199_254_740_992), json!(9_007_199_254_740_992_i64));
        check(Cell::Int64(9_007_199_254_740_993), json!("9007199254740993"));
        check(Cell::Int64(i64::MIN), json!("-9223372036854775808"));
        check(Cell::Float64(f64::NAN), json!("NaN"));
        check(Cell::Float64(f64::NEG_INFINITY), json!("-Infinity"));
        check(Cell::Float64(0.5), json!(0.5));
        check(Cell::Date(NaiveDate::from_ymd_opt(2001, 5, 12).unwrap()), json!("2001-05-12"));
        check(Cell::Timestamp(DateTime::from_timestamp(0, 500_000_000).unwrap()), json!("1970-01-01T00:00:00.500Z"));
        check(Cell::Array(vec![Cell::String("a".into()), Cell::Null]), json!(["a", null]));
        check(Cell::Bytes(vec![0, 255]), json!("AP8="));
        let of_struct = Field { fields: vec![field("a"), field("b")], ..field("s") };
        assert_eq!(super::json(&Cell::Struct(vec![Cell::Bool(true), Cell::Null]), &of_struct), json!({"a": true, "b": null}));
    }
}
