//! Query parameters as typed expressions in the syntax tree.
//!
//! Source: <https://cloud.google.com/bigquery/docs/parameterized-queries>

use std::ops::ControlFlow;

use serde_json::Value as Json;
use sqlparser::ast::{Expr, Value, VisitorMut};
use sqlparser::tokenizer::Location;

use super::rewrite::{call, string};
use super::types::range_name;
use super::{QueryError, QueryParameter};
use crate::schema::{Field, FieldType, Mode};

/// Puts the values of parameters where a statement names them.
pub(super) struct Parameters<'a>(pub(super) &'a [QueryParameter]);

impl Parameters<'_> {
    /// What stands for a placeholder, `@name` or `?3`.
    fn resolve(&self, placeholder: &str, at: Location) -> Result<Expr, QueryError> {
        let found = match placeholder.strip_prefix('@') {
            Some(name) => self
                .0
                .iter()
                .find(|p| p.name.as_deref().is_some_and(|n| n.eq_ignore_ascii_case(name)))
                .ok_or_else(|| QueryError::invalid_at(format!("Query parameter '{name}' not found"), at))?,
            None => {
                let number: usize = placeholder.trim_start_matches('?').parse().unwrap_or(0);
                let mut positional = self.0.iter().filter(|p| p.name.is_none());
                let provided = positional.clone().count();
                positional.nth(number.wrapping_sub(1)).ok_or_else(|| {
                    QueryError::invalid_at(format!("Query parameter number {number} is not defined ({provided} provided)"), at)
                })?
            }
        };
        literal(&found.field, &found.value, at)
    }
}

impl VisitorMut for Parameters<'_> {
    type Break = QueryError;

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<QueryError> {
        if let Expr::Value(value) = expr
            && let Value::Placeholder(name) = &value.value
        {
            match self.resolve(name, value.span.start) {
                Ok(found) => *expr = found,
                Err(error) => return ControlFlow::Break(error),
            }
        }
        ControlFlow::Continue(())
    }
}

fn cast(value: Expr, name: &str) -> Expr {
    call("$CAST", vec![value, string(name)])
}

/// The type's name as `$CAST` reads it.
fn type_name(field: &Field) -> String {
    if field.field_type == FieldType::Range { range_name(field) } else { field.field_type.sql_name().to_owned() }
}

fn literal(field: &Field, value: &Json, at: Location) -> Result<Expr, QueryError> {
    if field.mode == Mode::Repeated {
        let element = Field { mode: Mode::Nullable, ..field.clone() };
        let items = match value {
            Json::Array(items) => items.as_slice(),
            Json::Null => &[],
            _ => return Err(QueryError::invalid_at("Invalid value for an ARRAY parameter", at)),
        };
        let items = items.iter().map(|item| literal(&element, item, at)).collect::<Result<Vec<_>, _>>()?;
        if field.field_type == FieldType::Struct {
            return Ok(Expr::Array(sqlparser::ast::Array { elem: items, named: false }));
        }
        let mut args = vec![string(&type_name(field))];
        args.extend(items);
        return Ok(call("$TYPED_ARRAY", args));
    }
    if field.field_type == FieldType::Struct {
        let mut args = Vec::new();
        for child in &field.fields {
            args.push(string(&child.name));
            let cell = value.get(&child.name).unwrap_or(&Json::Null);
            args.push(literal(child, cell, at)?);
        }
        return Ok(call("named_struct", args));
    }
    let name = &type_name(field);
    let text = match value {
        Json::Null => return Ok(cast(Expr::Value(Value::Null.into()), name)),
        Json::String(s) => s.clone(),
        other => other.to_string(),
    };
    let invalid = || QueryError::invalid_at(format!("Invalid value for a parameter of type {name}: {text}"), at);
    Ok(match field.field_type {
        FieldType::Int64 => {
            let number: i64 = text.trim().parse().map_err(|_| invalid())?;
            if number >= 0 {
                // A bare number, so that LIMIT @n and INTERVAL @n DAY take it.
                Expr::Value(Value::Number(number.to_string(), false).into())
            } else {
                cast(string(&text), name)
            }
        }
        FieldType::Bool => match text.to_ascii_lowercase().as_str() {
            "true" => Expr::Value(Value::Boolean(true).into()),
            "false" => Expr::Value(Value::Boolean(false).into()),
            _ => return Err(invalid()),
        },
        FieldType::String => string(&text),
        FieldType::Json => call("PARSE_JSON", vec![string(&text)]),
        FieldType::Range => {
            let item = field.fields.first().map_or("DATE", |item| item.field_type.sql_name());
            call("$RANGE_LITERAL", vec![string(&text), string(item)])
        }
        FieldType::Bytes => call("FROM_BASE64", vec![string(&text)]),
        _ => cast(string(&text), name),
    })
}
