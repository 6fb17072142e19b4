//! Query parameters from the wire: scalars, arrays and structs, named or by position.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/rest/v2/QueryParameter>

use serde_json::{Map, Value};

use super::error::ApiError;
use super::wire_schema::parse_type;
use crate::engine::QueryParameter;
use crate::schema::{Field, FieldType, Limits, Mode};

pub(crate) fn read(value: Option<&Value>, mode: Option<&str>) -> Result<Vec<QueryParameter>, ApiError> {
    let Some(Value::Array(parameters)) = value else {
        return Ok(Vec::new());
    };
    let named = match mode.map(str::to_ascii_uppercase).as_deref() {
        Some("NAMED") => true,
        Some("POSITIONAL") => false,
        _ => parameters.first().is_some_and(|p| p.get("name").and_then(Value::as_str).is_some_and(|n| !n.is_empty())),
    };
    parameters
        .iter()
        .map(|parameter| {
            // Some clients write the name as it stands in the query.
            let name = parameter
                .get("name")
                .and_then(Value::as_str)
                .map(|n| n.trim_start_matches('@').trim_matches('`').to_owned())
                .filter(|n| !n.is_empty());
            if named && name.is_none() {
                return Err(ApiError::invalid("A query parameter has no name").at_parameter("queryParameters"));
            }
            let empty = Value::Null;
            let type_ = parameter.get("parameterType").unwrap_or(&empty);
            let value = parameter.get("parameterValue").unwrap_or(&empty);
            let label = name.clone().unwrap_or_default();
            let field = field(&label, type_)?;
            let value = cell(type_, value, &label)?;
            Ok(QueryParameter { name: if named { name } else { None }, field, value })
        })
        .collect()
}

fn type_name(type_: &Value) -> String {
    type_.get("type").and_then(Value::as_str).unwrap_or_default().to_ascii_uppercase()
}

fn field(name: &str, type_: &Value) -> Result<Field, ApiError> {
    let invalid =
        |what: &str| ApiError::invalid(format!("Invalid type of query parameter '{name}': {what}")).at_parameter("queryParameters");
    let mut mode = Mode::Nullable;
    let mut fields = Vec::new();
    let field_type = match type_name(type_).as_str() {
        "ARRAY" => {
            let item = type_.get("arrayType").ok_or_else(|| invalid("ARRAY without arrayType"))?;
            let item = field(name, item)?;
            if item.mode == Mode::Repeated {
                return Err(invalid("an ARRAY of ARRAY"));
            }
            mode = Mode::Repeated;
            fields = item.fields;
            item.field_type
        }
        "STRUCT" | "RECORD" => {
            let types = type_.get("structTypes").and_then(Value::as_array);
            for child in types.into_iter().flatten() {
                let child_name = child.get("name").and_then(Value::as_str).unwrap_or_default();
                fields.push(field(child_name, child.get("type").unwrap_or(&Value::Null))?);
            }
            FieldType::Struct
        }
        "RANGE" => {
            let ends = type_.get("rangeElementType").map(|ends| field("item", ends)).transpose()?;
            let ends = ends.filter(|ends| matches!(ends.field_type, FieldType::Date | FieldType::Datetime | FieldType::Timestamp));
            fields.push(ends.ok_or_else(|| invalid("RANGE without a rangeElementType of DATE, DATETIME or TIMESTAMP"))?);
            FieldType::Range
        }
        other => parse_type(other).ok_or_else(|| invalid(other))?,
    };
    Ok(Field { name: name.to_owned(), field_type, mode, description: None, limits: Limits::default(), fields })
}

/// The value in cell form: text for scalars, arrays, objects, null.
fn cell(type_: &Value, value: &Value, name: &str) -> Result<Value, ApiError> {
    match type_name(type_).as_str() {
        "ARRAY" => {
            let item_type = type_.get("arrayType").unwrap_or(&Value::Null);
            match value.get("arrayValues") {
                Some(Value::Array(items)) => {
                    items.iter().map(|item| cell(item_type, item, name)).collect::<Result<Vec<_>, _>>().map(Value::Array)
                }
                // Clients leave an empty array out; there is no telling it from NULL.
                _ => Ok(Value::Array(Vec::new())),
            }
        }
        "STRUCT" | "RECORD" => {
            let Some(Value::Object(values)) = value.get("structValues") else {
                return Ok(Value::Null);
            };
            let mut out = Map::new();
            let types = type_.get("structTypes").and_then(Value::as_array);
            for child in types.into_iter().flatten() {
                let child_name = child.get("name").and_then(Value::as_str).unwrap_or_default();
                let child_type = child.get("type").unwrap_or(&Value::Null);
                let child_value = values.get(child_name).unwrap_or(&Value::Null);
                out.insert(child_name.to_owned(), cell(child_type, child_value, name)?);
            }
            Ok(Value::Object(out))
        }
        "RANGE" => {
            let Some(range) = value.get("rangeValue").filter(|r| r.is_object()) else {
                return Ok(Value::Null);
            };
            let end = |key: &str| range.get(key).and_then(|end| end.get("value")).and_then(Value::as_str).unwrap_or("UNBOUNDED");
            Ok(Value::String(format!("[{}, {})", end("start"), end("end"))))
        }
        _ => match value.get("value") {
            None | Some(Value::Null) => Ok(Value::Null),
            Some(Value::String(text)) => Ok(Value::String(text.clone())),
            Some(scalar @ (Value::Number(_) | Value::Bool(_))) => Ok(Value::String(scalar.to_string())),
            Some(_) => Err(ApiError::invalid(format!("Invalid value of query parameter '{name}'")).at_parameter("queryParameters")),
        },
    }
}
