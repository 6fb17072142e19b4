//! Default values of columns: GoogleSQL expressions of no column, which stand in for what an INSERT, a load or a streamed row leaves
//! out.
//!
//! In SQL the expression itself takes the place of the value. A load or a streamed row runs no SQL: there a default is a literal, the
//! time of the load or a new UUID for each row, and any other is refused by name.
//!
//! Source: <https://cloud.google.com/bigquery/docs/default-values>

use std::ops::ControlFlow;

use sqlparser::ast::{Expr, FunctionArguments, Query, SelectItem, UnaryOperator, Value, Visit, Visitor, visit_expressions_mut};

use super::QueryError;
use super::changes::literal_of;
use super::parse::{Parsed, parse};
use super::rewrite::{null, select_of};
use crate::schema::Field;

/// What a default is, where no SQL runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PlainDefault {
    Null,
    /// What a literal says.
    Text(String),
    Now,
    Uuid,
}

/// Functions of the time, all of which a load takes from one instant.
const NOW: [&str; 4] = ["CURRENT_TIMESTAMP", "CURRENT_DATETIME", "CURRENT_DATE", "CURRENT_TIME"];

/// The expression of a default.
fn expression(text: &str) -> Result<Expr, QueryError> {
    let wrong = || QueryError::invalid(format!("Invalid default value expression: {text}"));
    let parsed =
        parse(&format!("SELECT {text}")).map_err(|error| QueryError::new(error.reason, format!("{}: {}", wrong(), error.message)))?;
    let Parsed::Select(mut query) = parsed else { return Err(wrong()) };
    let written = query.to_string();
    match select_of(&mut query).map(|select| select.projection.as_slice()) {
        // Nothing but the expression.
        Some([SelectItem::UnnamedExpr(found)]) if written == format!("SELECT {found}") => Ok(found.clone()),
        _ => Err(wrong()),
    }
}

/// An expression as text that is read as the same expression again.
pub(super) fn written(value: &Expr) -> String {
    let mut value = value.clone();
    let _ = visit_expressions_mut(&mut value, |expr| {
        if let Expr::Value(literal) = expr
            && let Value::SingleQuotedString(text) = &literal.value
            && text.contains(['\\', '\'', '\n', '\r'])
        {
            let escaped = text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n").replace('\r', "\\r");
            literal.value = Value::TripleSingleQuotedString(escaped);
        }
        ControlFlow::<()>::Continue(())
    });
    value.to_string()
}

/// Refuses what is no expression of its own: the name of a column, a subquery, a parameter.
pub(crate) fn check(text: &str) -> Result<(), QueryError> {
    struct Alone;
    impl Visitor for Alone {
        type Break = String;
        fn pre_visit_query(&mut self, _: &Query) -> ControlFlow<String> {
            ControlFlow::Break("a subquery".to_owned())
        }
        fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<String> {
            match expr {
                Expr::Identifier(name) if !NOW.contains(&name.value.to_uppercase().as_str()) => {
                    ControlFlow::Break(format!("the name {name}"))
                }
                Expr::CompoundIdentifier(_) => ControlFlow::Break(format!("the name {expr}")),
                Expr::Value(value) if matches!(value.value, Value::Placeholder(_)) => ControlFlow::Break("a parameter".to_owned()),
                _ => ControlFlow::Continue(()),
            }
        }
    }
    match expression(text)?.visit(&mut Alone) {
        ControlFlow::Break(what) => Err(QueryError::invalid(format!("Default value expression {text} cannot have {what}"))),
        ControlFlow::Continue(()) => Ok(()),
    }
}

/// The value of a column of which a statement says nothing, or DEFAULT.
pub(super) fn default_of(field: &Field) -> Expr {
    // What was checked when it was set is an expression still.
    let Some(mut value) = field.limits.default_value.as_deref().and_then(|text| expression(text).ok()) else { return null() };
    literal_of(&mut value, field);
    value
}

/// A default where no SQL runs; `None` for one that would have to be computed.
pub(crate) fn plain(text: &str) -> Option<PlainDefault> {
    let literal = |value: &Value| match value {
        Value::Null => Some(PlainDefault::Null),
        Value::Boolean(value) => Some(PlainDefault::Text(value.to_string())),
        Value::Number(text, _) | Value::SingleQuotedString(text) => Some(PlainDefault::Text(text.clone())),
        _ => None,
    };
    match expression(text).ok()? {
        Expr::Value(value) => literal(&value.value),
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => match *expr {
            Expr::Value(value) => match &value.value {
                Value::Number(text, _) => Some(PlainDefault::Text(format!("-{text}"))),
                _ => None,
            },
            _ => None,
        },
        Expr::TypedString(typed) => typed.value.clone().into_string().map(PlainDefault::Text),
        Expr::Identifier(name) if NOW.contains(&name.value.to_uppercase().as_str()) => Some(PlainDefault::Now),
        Expr::Function(call) => {
            let name = call.name.to_string().to_uppercase();
            let bare = match &call.args {
                FunctionArguments::None => true,
                FunctionArguments::List(list) => list.args.is_empty(),
                FunctionArguments::Subquery(_) => false,
            };
            match name.as_str() {
                "GENERATE_UUID" if bare => Some(PlainDefault::Uuid),
                name if bare && NOW.contains(&name) => Some(PlainDefault::Now),
                _ => None,
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_is_an_expression_of_its_own() {
        for (text, plainly) in [
            ("5", Some(PlainDefault::Text("5".to_owned()))),
            ("-1.5", Some(PlainDefault::Text("-1.5".to_owned()))),
            ("'l\\'été'", Some(PlainDefault::Text("l'été".to_owned()))),
            ("\"x\"", Some(PlainDefault::Text("x".to_owned()))),
            ("TRUE", Some(PlainDefault::Text("true".to_owned()))),
            ("NULL", Some(PlainDefault::Null)),
            ("DATE '2024-02-29'", Some(PlainDefault::Text("2024-02-29".to_owned()))),
            ("CURRENT_TIMESTAMP()", Some(PlainDefault::Now)),
            ("current_date", Some(PlainDefault::Now)),
            ("GENERATE_UUID()", Some(PlainDefault::Uuid)),
            ("CONCAT('a', 'b')", None),
            ("[1, 2]", None),
        ] {
            assert!(check(text).is_ok(), "{text}: {:?}", check(text));
            assert_eq!(plain(text), plainly, "{text}");
        }
        for text in ["a", "t.a", "(SELECT 1)", "1, 2", "1 AS x", "1 FROM t", "", "@p", "SUM("] {
            assert!(check(text).is_err(), "{text}");
        }
    }
}
