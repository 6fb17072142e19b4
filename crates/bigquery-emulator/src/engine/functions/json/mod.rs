//! JSON functions.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/json_functions>

mod change;
mod convert;
mod tree;

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray};
use arrow::datatypes::DataType;

use super::udf::{Body, Def, P, R, T, list_of, plain};
use super::value::{Value, build, text};
use crate::engine::types::JSON;
pub(super) use tree::{Step, Tree, path};

pub(super) const DEFS: &[&[Def]] = &[READ, change::DEFS, convert::DEFS];

const READ: &[Def] = &[
    Def::new("PARSE_JSON", &[P::Str, P::Str], R::Is(T::Json), Body::Strict(|a, _| parse_json(a[0].str()))).optional(1),
    Def::new("TO_JSON", &[P::Any, P::Bool], R::Is(T::Json), Body::Lenient(|a, _| to_json(&a[0]))).optional(1),
    Def::new(
        "SAFE_TO_JSON",
        &[P::Any],
        R::Is(T::Json),
        Body::Lenient(|a, _| if a[0].is_null() { Ok(Value::Null) } else { to_json(&a[0]) }),
    ),
    Def::new("JSON_QUERY", &[P::JsonText, P::Str], R::First, Body::Strict(|a, _| query(a))).optional(1),
    Def::new("JSON_EXTRACT", &[P::JsonText, P::Str], R::First, Body::Strict(|a, _| query(a))).optional(1),
    Def::new("JSON_VALUE", &[P::JsonText, P::Str], R::Is(T::Str), Body::Strict(|a, _| value(a))).optional(1),
    Def::new("JSON_EXTRACT_SCALAR", &[P::JsonText, P::Str], R::Is(T::Str), Body::Strict(|a, _| value(a))).optional(1),
    Def::new("JSON_QUERY_ARRAY", &[P::JsonText, P::Str], R::Custom(list_of_first), Body::Strict(array)).optional(1),
    Def::new("JSON_EXTRACT_ARRAY", &[P::JsonText, P::Str], R::Custom(list_of_first), Body::Strict(array)).optional(1),
    Def::new("JSON_VALUE_ARRAY", &[P::JsonText, P::Str], R::List(T::Str), Body::Strict(|a, _| value_array(a))).optional(1),
    Def::new("JSON_EXTRACT_STRING_ARRAY", &[P::JsonText, P::Str], R::List(T::Str), Body::Strict(|a, _| value_array(a))).optional(1),
    Def::new(
        "JSON_TYPE",
        &[P::Json],
        R::Is(T::Str),
        Body::Strict(|a, _| {
            Ok(text(match Tree::parse(a[0].str())? {
                Tree::Null => "null",
                Tree::Bool(_) => "boolean",
                Tree::Number(_) => "number",
                Tree::Text(_) => "string",
                Tree::Array(_) => "array",
                Tree::Object(_) => "object",
            }))
        }),
    ),
    Def::new("JSON_KEYS", &[P::Json, P::Int, P::Str], R::List(T::Str), Body::Strict(|a, _| keys(a))).optional(2),
    Def::new(
        "JSON_CONTAINS",
        &[P::Json, P::Json],
        R::Is(T::Bool),
        Body::Strict(|a, _| Ok(Value::Bool(contains(&Tree::parse(a[0].str())?, &Tree::parse(a[1].str())?)))),
    ),
    Def::new(
        "JSON_FLATTEN",
        &[P::Json],
        R::Custom(|_, _| Ok(list_of(JSON))),
        Body::Strict(|a, t| {
            let mut found = Vec::new();
            flatten(Tree::parse(a[0].str())?, &mut found);
            list(t, found.iter().map(made).collect())
        }),
    ),
    // `j.name` and `j[...]`.
    Def::new(
        "$JSON_FIELD",
        &[P::Json, P::Str],
        R::Is(T::Json),
        Body::Strict(|a, _| Ok(Tree::parse(a[0].str())?.member(a[1].str()).map_or(Value::Null, made))),
    ),
];

fn list_of_first(types: &[DataType], _: &[Option<&datafusion::common::ScalarValue>]) -> Result<DataType, String> {
    types.first().map(|t| list_of(plain(t))).ok_or_else(String::new)
}

pub(super) fn made(tree: &Tree) -> Value<'static> {
    Value::Json(Cow::Owned(tree.text()))
}

fn list<'a>(t: &DataType, values: Vec<Value<'_>>) -> Result<Value<'a>, String> {
    let DataType::List(item) = t else { return Ok(Value::Null) };
    build(item.data_type(), values).map(Value::List).map_err(|e| e.to_string())
}

fn parse_json(text: &str) -> Result<Value<'static>, String> {
    Ok(made(&Tree::parse(text)?.canonical()))
}

/// The tree of a value of any type.
pub(super) fn tree_of(value: &Value<'_>) -> Result<Tree, String> {
    Ok(Tree::parse(&super::cast::json(value))?.canonical())
}

fn to_json(value: &Value<'_>) -> Result<Value<'static>, String> {
    // Whole numbers stay numbers in TO_JSON, where TO_JSON_STRING quotes wide ones.
    Ok(match value {
        Value::Int(v) => Value::Json(Cow::Owned(v.to_string())),
        Value::Float(f) if f.is_finite() => Value::Json(Cow::Owned(tree::number_text(*f))),
        other => made(&tree_of(other)?),
    })
}

/// The part of the first argument that the path names. A STRING that is no JSON has none.
fn part(a: &[Value<'_>]) -> Result<Option<Tree>, String> {
    let steps = match a.get(1) {
        Some(path_text) => path(path_text.str())?,
        None => Vec::new(),
    };
    let Ok(tree) = Tree::parse(a[0].str()) else {
        return Ok(None);
    };
    Ok(tree.find(&steps).cloned())
}

fn query<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
    Ok(match (part(a)?, &a[0]) {
        (None, _) => Value::Null,
        // In a STRING a JSON null is SQL's.
        (Some(Tree::Null), Value::Str(_)) => Value::Null,
        (Some(tree), Value::Json(_)) => made(&tree),
        (Some(tree), _) => text(tree.text()),
    })
}

fn value<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
    Ok(part(a)?.and_then(|t| t.scalar()).map_or(Value::Null, text))
}

fn array<'a>(a: &[Value<'a>], t: &DataType) -> Result<Value<'a>, String> {
    let Some(Tree::Array(items)) = part(a)? else {
        return Ok(Value::Null);
    };
    let json = matches!(a[0], Value::Json(_));
    list(t, items.iter().map(|i| if json { made(i) } else { text(i.text()) }).collect())
}

fn value_array<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
    let Some(Tree::Array(items)) = part(a)? else {
        return Ok(Value::Null);
    };
    if items.iter().any(|i| matches!(i, Tree::Array(_) | Tree::Object(_))) {
        return Ok(Value::Null);
    }
    let texts: StringArray = items.iter().map(Tree::scalar).collect();
    Ok(Value::List(Arc::new(texts) as ArrayRef))
}

/// Key paths, sorted; only those outside of arrays, which is the mode `strict`.
fn keys<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
    fn walk(tree: &Tree, prefix: &str, left: i64, found: &mut std::collections::BTreeSet<String>) {
        let Tree::Object(members) = tree else { return };
        for (key, value) in members {
            let plain = key.chars().all(|c| c.is_alphanumeric() || c == '_');
            let key = if plain { key.clone() } else { super::cast::quoted(key) };
            let path = if prefix.is_empty() { key } else { format!("{prefix}.{key}") };
            if left > 1 {
                walk(value, &path, left - 1, found);
            }
            found.insert(path);
        }
    }
    if a.get(2).is_some_and(|m| !m.str().eq_ignore_ascii_case("strict")) {
        return Err("JSON_KEYS with a mode other than strict is not supported by the embedded endpoint".to_owned());
    }
    let depth = a.get(1).map_or(i64::MAX, Value::int);
    if depth <= 0 {
        return Err("max_depth must be positive".to_owned());
    }
    let mut found = std::collections::BTreeSet::new();
    walk(&Tree::parse(a[0].str())?, "", depth, &mut found);
    Ok(Value::List(Arc::new(found.into_iter().map(Some).collect::<StringArray>()) as ArrayRef))
}

fn contains(whole: &Tree, part: &Tree) -> bool {
    match (whole, part) {
        (Tree::Object(_), Tree::Object(wanted)) => wanted.iter().all(|(k, v)| whole.member(k).is_some_and(|own| contains(own, v))),
        (Tree::Array(items), Tree::Array(wanted)) => wanted.iter().all(|w| items.iter().any(|i| contains(i, w))),
        (Tree::Array(items), scalar) if !matches!(scalar, Tree::Object(_)) => items.contains(scalar),
        (Tree::Number(x), Tree::Number(y)) => x == y || x.parse::<f64>() == y.parse::<f64>(),
        _ => whole == part,
    }
}

fn flatten(tree: Tree, found: &mut Vec<Tree>) {
    match tree {
        Tree::Array(items) => items.into_iter().for_each(|i| flatten(i, found)),
        other => found.push(other),
    }
}
