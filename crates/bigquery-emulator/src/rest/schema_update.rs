//! What the schema of a table becomes when rows of another schema are put into it.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#JobConfigurationLoad>, `schemaUpdateOptions`.

use serde_json::Value;

use super::error::ApiError;
use super::wire_schema::type_name;
use crate::schema::{Field, FieldType, Mode, TableRef, TableSchema};

/// `schemaUpdateOptions`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Update {
    pub(crate) add_fields: bool,
    pub(crate) relax_fields: bool,
}

impl Update {
    /// Reads the option of a load or a query.
    pub(crate) fn read(configuration: &Value) -> Result<Self, ApiError> {
        let mut update = Self::default();
        for option in configuration.get("schemaUpdateOptions").and_then(Value::as_array).into_iter().flatten() {
            match option.as_str() {
                Some("ALLOW_FIELD_ADDITION") => update.add_fields = true,
                Some("ALLOW_FIELD_RELAXATION") => update.relax_fields = true,
                other => {
                    let shown = other.unwrap_or_default();
                    return Err(ApiError::invalid(format!("Invalid value for schemaUpdateOptions: {shown} is not a valid value")));
                }
            }
        }
        Ok(update)
    }
}

/// The table's schema with what rows of another bring. `seen` says that the other was found in the data and is no claim
/// about types and modes.
pub(crate) fn merged(
    table: &TableRef,
    own: &TableSchema,
    given: &TableSchema,
    update: Update,
    seen: bool,
) -> Result<TableSchema, ApiError> {
    let fields = merge_fields(&own.fields, &given.fields, update, seen)
        .map_err(|why| ApiError::invalid(format!("Provided Schema does not match Table {table}. {why}")))?;
    Ok(TableSchema { fields })
}

fn merge_fields(own: &[Field], given: &[Field], update: Update, seen: bool) -> Result<Vec<Field>, String> {
    let mut merged = own.to_vec();
    for field in given {
        let Some(known) = merged.iter_mut().find(|f| f.name.eq_ignore_ascii_case(&field.name)) else {
            if !update.add_fields {
                return Err(format!("Cannot add fields (field: {})", field.name));
            }
            if field.mode == Mode::Required && !seen {
                return Err(format!("Cannot add required fields to an existing schema. (field: {})", field.name));
            }
            merged.push(Field { mode: if field.mode == Mode::Required { Mode::Nullable } else { field.mode }, ..field.clone() });
            continue;
        };
        if !seen && known.field_type != field.field_type {
            return Err(format!(
                "Field {} has changed type from {} to {}",
                field.name,
                type_name(known.field_type),
                type_name(field.field_type)
            ));
        }
        let changed = (known.mode == Mode::Repeated) != (field.mode == Mode::Repeated);
        let relaxed = !seen && known.mode == Mode::Required && field.mode == Mode::Nullable;
        if (changed && !seen) || (relaxed && !update.relax_fields) {
            return Err(format!("Field {} has changed mode from {} to {}", field.name, mode_name(known.mode), mode_name(field.mode)));
        }
        if relaxed {
            known.mode = Mode::Nullable;
        }
        if known.field_type == FieldType::Struct && field.field_type == FieldType::Struct {
            known.fields = merge_fields(&known.fields, &field.fields, update, seen)?;
        }
    }
    Ok(merged)
}

/// The fields that were seen, in their order, as the table has them.
pub(crate) fn as_known(seen: &TableSchema, target: &TableSchema) -> TableSchema {
    let field = |f: &Field| target.fields.iter().find(|t| t.name.eq_ignore_ascii_case(&f.name)).unwrap_or(f).clone();
    TableSchema { fields: seen.fields.iter().map(field).collect() }
}

pub(crate) fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::Nullable => "NULLABLE",
        Mode::Required => "REQUIRED",
        Mode::Repeated => "REPEATED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(text: &str) -> Field {
        let mut parts = text.split(' ');
        let name = parts.next().unwrap().to_owned();
        let field_type = super::super::wire_schema::parse_type(parts.next().unwrap()).unwrap();
        let mode = match parts.next() {
            Some("!") => Mode::Required,
            Some("*") => Mode::Repeated,
            _ => Mode::Nullable,
        };
        Field { name, field_type, mode, description: None, limits: crate::schema::Limits::default(), fields: Vec::new() }
    }

    fn schema(text: &str) -> TableSchema {
        TableSchema { fields: text.split(", ").map(field).collect() }
    }

    fn check(own: &str, given: &str, (add_fields, relax_fields, seen): (bool, bool, bool), expected: Result<&str, &str>) {
        let table = TableRef { project_id: "p".into(), dataset_id: "d".into(), table_id: "t".into() };
        let found = merged(&table, &schema(own), &schema(given), Update { add_fields, relax_fields }, seen);
        let found = found.map_err(|e| e.message.trim_start_matches("Provided Schema does not match Table p:d.t. ").to_owned());
        assert_eq!(found, expected.map(schema).map_err(str::to_owned), "{own} and {given}");
    }

    #[test]
    fn schemas_take_what_they_may() {
        let none = (false, false, false);
        check("a INT64 !, b STRING", "a INT64 !", none, Ok("a INT64 !, b STRING"));
        check("a INT64", "a INT64, c DATE", none, Err("Cannot add fields (field: c)"));
        check("a INT64", "A INT64, c DATE", (true, false, false), Ok("a INT64, c DATE"));
        check("a INT64", "a INT64, c DATE !", (true, false, false), Err("Cannot add required fields to an existing schema. (field: c)"));
        check("a INT64", "a STRING", none, Err("Field a has changed type from INTEGER to STRING"));
        check("a INT64 !", "a INT64", none, Err("Field a has changed mode from REQUIRED to NULLABLE"));
        check("a INT64 !", "a INT64", (false, true, false), Ok("a INT64"));
        check("a INT64 *", "a INT64", (true, true, false), Err("Field a has changed mode from REPEATED to NULLABLE"));
        // What was seen in the data says nothing of what must be.
        check("a STRING !", "a INT64", (false, false, true), Ok("a STRING !"));
    }
}
