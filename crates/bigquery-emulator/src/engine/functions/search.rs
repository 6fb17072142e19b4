//! Texts as terms: SEARCH, TEXT_ANALYZE, BAG_OF_WORDS.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/search_functions>,
//! <https://cloud.google.com/bigquery/docs/reference/standard-sql/text-analysis-functions>

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, StringArray, StructArray};
use arrow::datatypes::{DataType, Field, Fields};
use datafusion::common::ScalarValue;

use super::json::Tree;
use super::udf::{Body, Def, P, R, T, list_of};
use super::value::{Value, cells};

pub(super) const DEFS: &[Def] = &[
    // SEARCH(data, query [, analyzer [, options [, scope]]])
    Def::new("SEARCH", &[P::Any, P::Str, P::Str, P::Str, P::Str], R::Is(T::Bool), Body::Lenient(|a, _| search(a))).optional(3),
    Def::new(
        "TEXT_ANALYZE",
        &[P::Str, P::Str, P::Str],
        R::List(T::Str),
        Body::Strict(|a, _| {
            let terms = analyzed(a[0].str(), a.get(1).map_or(LOG, Value::str))?;
            Ok(Value::List(Arc::new(terms.into_iter().map(Some).collect::<StringArray>()) as ArrayRef))
        }),
    )
    .optional(2),
    Def::new(
        "BAG_OF_WORDS",
        &[P::ArrayStr],
        R::Custom(|_, _| Ok(list_of(bag_type()))),
        Body::Strict(|a, _| {
            let Some(list) = a[0].list() else { return Ok(Value::Null) };
            let mut counts: BTreeMap<Option<String>, i64> = BTreeMap::new();
            for term in cells(list).map_err(|e| e.to_string())? {
                let term = if term.is_null() { None } else { Some(term.str().to_owned()) };
                *counts.entry(term).or_default() += 1;
            }
            let DataType::Struct(fields) = bag_type() else { return Ok(Value::Null) };
            let terms: StringArray = counts.keys().cloned().collect();
            let numbers: Int64Array = counts.values().copied().map(Some).collect();
            let bag = StructArray::try_new(fields, vec![Arc::new(terms), Arc::new(numbers)], None).map_err(|e| e.to_string())?;
            Ok(Value::List(Arc::new(bag)))
        }),
    ),
];

const LOG: &str = "LOG_ANALYZER";

fn bag_type() -> DataType {
    let field = |name: &str, t| Arc::new(Field::new(name, t, true));
    DataType::Struct(Fields::from(vec![field("term", DataType::Utf8), field("count", DataType::Int64)]))
}

/// The terms of a text.
fn analyzed(written: &str, analyzer: &str) -> Result<Vec<String>, String> {
    match analyzer {
        "NO_OP_ANALYZER" => Ok(vec![written.to_owned()]),
        LOG => {
            let mut terms = Vec::new();
            let mut term = String::new();
            for c in written.chars() {
                // A character of a script without spaces is a term of its own.
                let ideograph =
                    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}');
                if ideograph || " \t\n\r[]<>(){}|!;,'\"*&?+/:=@.-$%\\_~`^".contains(c) {
                    if !term.is_empty() {
                        terms.push(std::mem::take(&mut term));
                    }
                    if ideograph {
                        terms.push(c.to_string());
                    }
                } else {
                    term.push(c.to_ascii_lowercase());
                }
            }
            if !term.is_empty() {
                terms.push(term);
            }
            Ok(terms)
        }
        other => Err(format!("The analyzer {other} is not supported by the embedded endpoint")),
    }
}

fn search<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
    let analyzer = match a.get(2) {
        Some(Value::Str(s)) => s.as_ref(),
        _ => LOG,
    };
    if a.get(3).is_some_and(|options| !options.is_null()) {
        return Err("SEARCH with analyzer options is not supported by the embedded endpoint".to_owned());
    }
    let scope = match a.get(4) {
        Some(Value::Str(s)) => s.as_ref(),
        _ => "JSON_VALUES",
    };
    if a[1].is_null() {
        return Err("The search query of SEARCH must not be NULL".to_owned());
    }
    let query = a[1].str();
    if analyzer == LOG && query.contains(['`', '"', '\\']) {
        return Err("SEARCH for a phrase or with escapes is not supported by the embedded endpoint".to_owned());
    }
    let wanted = analyzed(query, analyzer)?;
    if wanted.is_empty() {
        return Ok(Value::Bool(false));
    }
    let mut texts = Vec::new();
    collect(&a[0], scope, &mut texts)?;
    let mut known = Vec::new();
    for text in &texts {
        known.extend(analyzed(text, analyzer)?);
    }
    Ok(Value::Bool(wanted.iter().all(|w| known.contains(w))))
}

fn collect(value: &Value<'_>, scope: &str, found: &mut Vec<String>) -> Result<(), String> {
    match value {
        Value::Str(s) => found.push(s.to_string()),
        Value::List(items) => {
            for item in cells(items).map_err(|e| e.to_string())? {
                collect(&item, scope, found)?;
            }
        }
        Value::Other(ScalarValue::Struct(fields)) => {
            for column in fields.columns() {
                for cell in cells(column).map_err(|e| e.to_string())? {
                    collect(&cell, scope, found)?;
                }
            }
        }
        Value::Json(json) => walk(&Tree::parse(json)?, scope, found),
        _ => {}
    }
    Ok(())
}

fn walk(tree: &Tree, scope: &str, found: &mut Vec<String>) {
    match tree {
        Tree::Object(members) => {
            for (key, value) in members {
                if scope != "JSON_VALUES" {
                    found.push(key.clone());
                }
                walk(value, scope, found);
            }
        }
        Tree::Array(items) => items.iter().for_each(|i| walk(i, scope, found)),
        scalar if scope != "JSON_KEYS" => found.extend(scalar.scalar()),
        _ => {}
    }
}
