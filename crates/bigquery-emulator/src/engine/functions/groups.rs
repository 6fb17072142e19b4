//! REGEXP_EXTRACT_GROUPS: the groups of a constant pattern as the fields of a STRUCT.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/string_functions#regexp_extract_groups>

use std::sync::Arc;

use arrow::array::{ArrayRef, StructArray};
use arrow::datatypes::{DataType, Field, Fields};
use datafusion::common::ScalarValue;
use regex::Regex;

use super::cast::{cast, simple_type};
use super::udf::{Body, Def, P, R};
use super::value::{Value, build, text};

pub(super) const DEFS: &[Def] = &[
    Def::new("REGEXP_EXTRACT_GROUPS", &[P::Str, P::Str], R::Custom(groups_type), Body::Strict(extract)),
    Def::new("SPLIT_SUBSTR", &[P::Str, P::Str, P::Int, P::Int], R::Is(super::udf::T::Str), Body::Strict(|a, _| split_substr(a)))
        .optional(1),
];

/// A group may say its type, as in `(?<n__INT64>...)`.
fn groups_type(_: &[DataType], args: &[Option<&ScalarValue>]) -> Result<DataType, String> {
    let pattern = args.get(1).copied().flatten().and_then(|v| v.try_as_str().flatten());
    let pattern = pattern.ok_or_else(|| "The pattern of REGEXP_EXTRACT_GROUPS must be a constant".to_owned())?;
    let re = compiled(pattern)?;
    let mut fields = Vec::new();
    for (i, name) in re.capture_names().enumerate().skip(1) {
        let (name, data_type) = match name {
            None => (format!("_field_{i}"), DataType::Utf8),
            Some(name) => match name.split_once("__") {
                Some((short, t)) => {
                    (short.to_owned(), simple_type(t).ok_or_else(|| format!("Unknown type {t} in a group of REGEXP_EXTRACT_GROUPS"))?)
                }
                None => (name.to_owned(), DataType::Utf8),
            },
        };
        fields.push(Arc::new(Field::new(name.to_lowercase(), data_type, true)));
    }
    if fields.is_empty() {
        return Err("The pattern of REGEXP_EXTRACT_GROUPS has no group".to_owned());
    }
    Ok(DataType::Struct(Fields::from(fields)))
}

/// The names of a pattern's groups.
pub(in crate::engine) fn group_names(pattern: &str) -> Option<Vec<String>> {
    match groups_type(&[], &[None, Some(&ScalarValue::from(pattern))]).ok()? {
        DataType::Struct(fields) => Some(fields.iter().map(|f| f.name().clone()).collect()),
        _ => None,
    }
}

fn compiled(pattern: &str) -> Result<Regex, String> {
    Regex::new(pattern).map_err(|e| {
        let reason = e.to_string();
        format!("Cannot parse regular expression: {}", reason.lines().last().unwrap_or_default().trim_start_matches("error: "))
    })
}

fn extract<'a>(a: &[Value<'a>], t: &DataType) -> Result<Value<'a>, String> {
    let DataType::Struct(fields) = t else { return Ok(Value::Null) };
    let re = compiled(a[1].str())?;
    let Some(found) = re.captures(a[0].str()) else { return Ok(Value::Null) };
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(fields.len());
    for (i, field) in (1..).zip(fields) {
        let cell = match found.get(i) {
            Some(m) if field.data_type() == &DataType::Utf8 => text(m.as_str()),
            Some(m) => cast(&[text(m.as_str())], field.data_type())?,
            None => Value::Null,
        };
        columns.push(build(field.data_type(), vec![cell]).map_err(|e| e.to_string())?);
    }
    let one = StructArray::try_new(fields.clone(), columns, None).map_err(|e| e.to_string())?;
    Ok(Value::Other(ScalarValue::Struct(Arc::new(one))))
}

/// The parts of a text from one on, as many as are asked for.
fn split_substr<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
    if a[1].str().is_empty() {
        return Err("The delimiter of SPLIT_SUBSTR must not be empty".to_owned());
    }
    let parts: Vec<&str> = a[0].str().split(a[1].str()).collect();
    let count = i64::try_from(parts.len()).unwrap_or(i64::MAX);
    let start = match a[2].int() {
        n if n < 0 => (count + n).max(0),
        n => (n - 1).max(0),
    };
    let many = a.get(3).map_or(1, Value::int);
    if many < 0 {
        return Err("The count of SPLIT_SUBSTR must not be negative".to_owned());
    }
    let start = usize::try_from(start).unwrap_or(0).min(parts.len());
    let end = start.saturating_add(usize::try_from(many).unwrap_or(0)).min(parts.len());
    Ok(text(parts[start..end].join(a[1].str())))
}
