//! Schemas as the REST API writes and reads them: legacy type names out, both spellings in.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/rest/v2/tables#TableFieldSchema>

use serde_json::{Map, Value, json};

use super::error::ApiError;
use super::schema_update::mode_name;
use crate::schema::{Field, FieldType, Limits, Mode, TableSchema};

/// BigQuery nests records at most this deep.
const MAX_DEPTH: usize = 15;

/// Properties of a field that would have to be obeyed.
const UNSUPPORTED: [&str; 4] = ["policyTags", "dataPolicies", "generatedColumn", "foreignTypeDefinition"];

/// Whether a property says anything.
fn is_set(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty() && text != "0",
        Value::Array(items) => items.iter().any(is_set),
        Value::Object(entries) => entries.values().any(is_set),
        _ => true,
    }
}

/// Whether `mode` is written for NULLABLE fields: query results do, tables do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Modes {
    All,
    Notable,
}

pub(crate) fn write(schema: &TableSchema, modes: Modes) -> Value {
    json!({ "fields": fields(&schema.fields, modes) })
}

fn fields(all: &[Field], modes: Modes) -> Vec<Value> {
    all.iter()
        .map(|field| {
            let mut out = Map::new();
            out.insert("name".into(), field.name.clone().into());
            out.insert("type".into(), type_name(field.field_type).into());
            let mode = match field.mode {
                Mode::Nullable if modes == Modes::Notable => None,
                Mode::Nullable => Some("NULLABLE"),
                Mode::Required => Some("REQUIRED"),
                Mode::Repeated => Some("REPEATED"),
            };
            if let Some(mode) = mode {
                out.insert("mode".into(), mode.into());
            }
            if let Some(description) = &field.description {
                out.insert("description".into(), description.clone().into());
            }
            let Limits { max_length, precision, scale, default_value } = &field.limits;
            let numbers = [("maxLength", *max_length), ("precision", precision.map(u64::from)), ("scale", scale.map(u64::from))];
            for (name, number) in numbers.into_iter().filter_map(|(name, number)| Some((name, number?))) {
                out.insert(name.into(), number.to_string().into());
            }
            if let Some(default) = default_value {
                out.insert("defaultValueExpression".into(), default.clone().into());
            }
            if field.field_type == FieldType::Struct {
                out.insert("fields".into(), fields(&field.fields, modes).into());
            }
            if let (FieldType::Range, Some(item)) = (field.field_type, field.fields.first()) {
                out.insert("rangeElementType".into(), json!({ "type": type_name(item.field_type) }));
            }
            Value::Object(out)
        })
        .collect()
}

/// The name that the REST API gives a type: the older one where there are two.
pub(crate) fn type_name(field_type: FieldType) -> &'static str {
    match field_type {
        FieldType::Int64 => "INTEGER",
        FieldType::Float64 => "FLOAT",
        FieldType::Bool => "BOOLEAN",
        FieldType::Struct => "RECORD",
        other => other.sql_name(),
    }
}

/// A type by any of its names.
pub(crate) fn parse_type(name: &str) -> Option<FieldType> {
    Some(match name.trim().to_ascii_uppercase().as_str() {
        "STRING" => FieldType::String,
        "BYTES" => FieldType::Bytes,
        "INTEGER" | "INT64" | "INT" | "BIGINT" | "SMALLINT" | "TINYINT" => FieldType::Int64,
        "FLOAT" | "FLOAT64" => FieldType::Float64,
        "BOOLEAN" | "BOOL" => FieldType::Bool,
        "TIMESTAMP" => FieldType::Timestamp,
        "DATE" => FieldType::Date,
        "TIME" => FieldType::Time,
        "DATETIME" => FieldType::Datetime,
        "NUMERIC" | "DECIMAL" => FieldType::Numeric,
        "BIGNUMERIC" | "BIGDECIMAL" => FieldType::Bignumeric,
        "JSON" => FieldType::Json,
        "GEOGRAPHY" => FieldType::Geography,
        "INTERVAL" => FieldType::Interval,
        "RANGE" => FieldType::Range,
        "RECORD" | "STRUCT" => FieldType::Struct,
        _ => return None,
    })
}

/// Reads a `TableSchema`.
pub(crate) fn read(schema: &Value) -> Result<TableSchema, ApiError> {
    let fields = match schema.get("fields") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(fields)) => read_fields(fields, 1)?,
        Some(_) => return Err(ApiError::invalid("schema.fields must be an array")),
    };
    Ok(TableSchema { fields })
}

fn read_fields(fields: &[Value], depth: usize) -> Result<Vec<Field>, ApiError> {
    if depth > MAX_DEPTH {
        return Err(ApiError::invalid(format!("Schema has more than {MAX_DEPTH} nested levels.")));
    }
    let mut read: Vec<Field> = Vec::with_capacity(fields.len());
    for field in fields {
        let field = read_field(field, depth)?;
        if read.iter().any(|f| f.name.eq_ignore_ascii_case(&field.name)) {
            return Err(ApiError::invalid(format!("Field {} already exists in schema", field.name)));
        }
        read.push(field);
    }
    Ok(read)
}

fn read_field(field: &Value, depth: usize) -> Result<Field, ApiError> {
    let text = |key: &str| field.get(key).and_then(Value::as_str);
    let name = text("name").unwrap_or_default();
    let starts_well = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
    if !starts_well || !name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-' || c == ' ') || name.chars().count() > 300 {
        return Err(ApiError::invalid(format!(
            "Invalid field name \"{name}\". Fields must contain only letters, numbers, and underscores, start with a letter or underscore, and be at most 300 characters long."
        )));
    }
    for property in UNSUPPORTED {
        if field.get(property).is_some_and(is_set) {
            return Err(ApiError::not_implemented(format_args!("The property {property} of a field")));
        }
    }
    let type_text = text("type").unwrap_or_default();
    let field_type =
        parse_type(type_text).ok_or_else(|| ApiError::invalid(format!("Invalid value for type: {type_text} is not a valid value")))?;
    let mode = match text("mode").map(str::to_ascii_uppercase).as_deref() {
        None | Some("" | "NULLABLE") => Mode::Nullable,
        Some("REQUIRED") => Mode::Required,
        Some("REPEATED") => Mode::Repeated,
        Some(other) => {
            return Err(ApiError::invalid(format!("Invalid value for mode: {other} is not a valid value")));
        }
    };
    let fields = match (field_type, field.get("fields")) {
        (FieldType::Struct, Some(Value::Array(fields))) if !fields.is_empty() => read_fields(fields, depth + 1)?,
        (FieldType::Struct, _) => {
            return Err(ApiError::invalid(format!("Field {name} is type RECORD but has no schema")));
        }
        (FieldType::Range, _) => {
            let item = field.get("rangeElementType").and_then(|t| t.get("type")).and_then(Value::as_str).and_then(parse_type);
            let Some(field_type @ (FieldType::Date | FieldType::Datetime | FieldType::Timestamp)) = item else {
                return Err(ApiError::invalid(format!(
                    "Field {name} is type RANGE and needs a rangeElementType of DATE, DATETIME or TIMESTAMP"
                )));
            };
            vec![Field {
                name: "item".to_owned(),
                field_type,
                mode: Mode::Nullable,
                description: None,
                limits: Limits::default(),
                fields: Vec::new(),
            }]
        }
        _ => Vec::new(),
    };
    let limits = read_limits(field, name, field_type)?;
    if limits.default_value.is_some() && depth > 1 {
        return Err(ApiError::invalid(format!("Default value expression is not supported on the nested field {name}")));
    }
    Ok(Field { name: name.to_owned(), field_type, mode, description: text("description").map(str::to_owned), limits, fields })
}

/// What a field allows beyond its type, and its default.
fn read_limits(field: &Value, name: &str, field_type: FieldType) -> Result<Limits, ApiError> {
    let wrong = |why: &dyn std::fmt::Display| ApiError::invalid(format!("Invalid value for field {name}: {why}"));
    let number = |key: &str| match field.get(key).filter(|value| is_set(value)) {
        None => Ok(None),
        Some(Value::String(text)) => text.parse::<u64>().map(Some).map_err(|_| wrong(&format_args!("{key} is {text}"))),
        Some(other) => other.as_u64().map(Some).ok_or_else(|| wrong(&format_args!("{key} is {other}"))),
    };
    let digits = |key: &str| Ok::<_, ApiError>(number(key)?.map(|n| u32::try_from(n).unwrap_or(u32::MAX)));
    let default_value = field.get("defaultValueExpression").and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    if let Some(text) = default_value {
        crate::engine::check_default(text).map_err(ApiError::query)?;
    }
    let limits = Limits {
        max_length: number("maxLength")?,
        precision: digits("precision")?,
        scale: digits("scale")?,
        default_value: default_value.map(str::to_owned),
    };
    limits.check(field_type).map_err(|why| wrong(&why))?;
    Ok(limits)
}

/// Whether a table may change from one schema to another: fields are kept with their types, may be relaxed from REQUIRED
/// to NULLABLE, and new ones may not be REQUIRED.
pub(crate) fn check_change(table: &impl std::fmt::Display, old: &[Field], new: &[Field]) -> Result<(), ApiError> {
    let refuse = |why: String| Err(ApiError::invalid(format!("Provided Schema does not match Table {table}. {why}")));
    for field in old {
        let Some(next) = new.iter().find(|f| f.name.eq_ignore_ascii_case(&field.name)) else {
            return refuse(format!("Field {} is missing in new schema", field.name));
        };
        if next.field_type != field.field_type {
            return refuse(format!(
                "Field {} has changed type from {} to {}",
                field.name,
                type_name(field.field_type),
                type_name(next.field_type)
            ));
        }
        let relaxed = field.mode == Mode::Required && next.mode == Mode::Nullable;
        if next.mode != field.mode && !relaxed {
            return refuse(format!("Field {} has changed mode from {} to {}", field.name, mode_name(field.mode), mode_name(next.mode)));
        }
        if !field.limits.within(&next.limits) {
            return refuse(format!("Field {} has limits that its values may not keep to", field.name));
        }
        check_change(table, &field.fields, &next.fields)?;
    }
    for field in new {
        let is_new = !old.iter().any(|f| f.name.eq_ignore_ascii_case(&field.name));
        if is_new && field.mode == Mode::Required {
            return refuse(format!("Cannot add required fields to an existing schema. (field: {})", field.name));
        }
    }
    Ok(())
}
