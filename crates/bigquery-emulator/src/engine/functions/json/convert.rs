//! JSON to SQL: the strict conversions (`INT64(json)`), the lax ones (`LAX_INT64(json)`) and those of arrays.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/json_functions#json_encodings>

use arrow::datatypes::DataType;

use super::super::udf::{Body, Def, P, R, T};
use super::super::value::{Value, text};
use super::{Tree, list};

macro_rules! conversions {
    ($($name:literal, $lax:literal, $array:literal, $lax_array:literal, $type:ident, $strict:expr, $loose:expr;)+) => {
        &[$(
            Def::new($name, &[P::Json, P::Str], R::Is(T::$type), Body::Strict(|a, _| one(a, $strict, $name))).optional(1),
            Def::new($lax, &[P::Json], R::Is(T::$type), Body::Strict(|a, _| lax(a, $loose))),
            Def::new($array, &[P::Json], R::List(T::$type), Body::Strict(|a, t| many(a, t, $strict, $name))),
            Def::new($lax_array, &[P::Json], R::List(T::$type), Body::Strict(|a, t| lax_many(a, t, $loose))),
        )+]
    };
}

pub(super) const DEFS: &[Def] = conversions! {
    "BOOL", "LAX_BOOL", "BOOL_ARRAY", "LAX_BOOL_ARRAY", Bool, boolean, lax_boolean;
    "INT64", "LAX_INT64", "INT64_ARRAY", "LAX_INT64_ARRAY", Int, integer, lax_integer;
    "INT32", "LAX_INT32", "INT32_ARRAY", "LAX_INT32_ARRAY", Int, int32, lax_int32;
    "UINT32", "LAX_UINT32", "UINT32_ARRAY", "LAX_UINT32_ARRAY", Int, uint32, lax_uint32;
    "UINT64", "LAX_UINT64", "UINT64_ARRAY", "LAX_UINT64_ARRAY", Int, uint64, lax_uint64;
    "FLOAT64", "LAX_FLOAT64", "FLOAT64_ARRAY", "LAX_FLOAT64_ARRAY", Float, float, lax_float;
    "DOUBLE", "LAX_DOUBLE", "DOUBLE_ARRAY", "LAX_DOUBLE_ARRAY", Float, float, lax_float;
    "FLOAT", "LAX_FLOAT", "FLOAT_ARRAY", "LAX_FLOAT_ARRAY", Float, float32, lax_float32;
    "$JSON_STRING", "LAX_STRING", "STRING_ARRAY", "LAX_STRING_ARRAY", Str, string, lax_string;
};

type Convert = fn(&Tree) -> Option<Value<'static>>;

fn one<'a>(a: &[Value<'a>], convert: Convert, name: &str) -> Result<Value<'a>, String> {
    let tree = Tree::parse(a[0].str())?;
    if tree == Tree::Null && name == "$JSON_STRING" {
        return Err("The provided JSON input is not a string".to_owned());
    }
    convert(&tree).ok_or_else(|| wrong(name))
}

fn wrong(name: &str) -> String {
    let what = match name {
        "BOOL" => "a boolean",
        "$JSON_STRING" => "a string",
        "FLOAT64" | "DOUBLE" | "FLOAT" => "a number",
        _ => "an integer",
    };
    format!("The provided JSON input is not {what}")
}

fn lax<'a>(a: &[Value<'a>], convert: Convert) -> Result<Value<'a>, String> {
    Ok(convert(&Tree::parse(a[0].str())?).unwrap_or(Value::Null))
}

fn many<'a>(a: &[Value<'a>], t: &DataType, convert: Convert, name: &str) -> Result<Value<'a>, String> {
    let Tree::Array(items) = Tree::parse(a[0].str())? else {
        return Err("The provided JSON input is not an array".to_owned());
    };
    list(t, items.iter().map(|i| convert(i).ok_or_else(|| wrong(name))).collect::<Result<_, _>>()?)
}

fn lax_many<'a>(a: &[Value<'a>], t: &DataType, convert: Convert) -> Result<Value<'a>, String> {
    let Tree::Array(items) = Tree::parse(a[0].str())? else {
        return Ok(Value::Null);
    };
    list(t, items.iter().map(|i| convert(i).unwrap_or(Value::Null)).collect())
}

fn boolean(tree: &Tree) -> Option<Value<'static>> {
    if let Tree::Bool(b) = tree { Some(Value::Bool(*b)) } else { None }
}

fn lax_boolean(tree: &Tree) -> Option<Value<'static>> {
    match tree {
        Tree::Bool(b) => Some(Value::Bool(*b)),
        Tree::Number(n) => Some(Value::Bool(n.parse::<f64>().ok()? != 0.0)),
        Tree::Text(s) => match s.to_ascii_lowercase().as_str() {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            _ => None,
        },
        _ => None,
    }
}

/// A number without a fraction.
fn whole(text: &str) -> Option<i64> {
    if let Ok(v) = text.parse() {
        return Some(v);
    }
    let f: f64 = text.parse().ok()?;
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
    (f.fract() == 0.0 && f.abs() < 9.2e18).then_some(f as i64)
}

fn integer(tree: &Tree) -> Option<Value<'static>> {
    if let Tree::Number(n) = tree { whole(n).map(Value::Int) } else { None }
}

fn lax_integer(tree: &Tree) -> Option<Value<'static>> {
    let rounded = |text: &str| -> Option<i64> {
        if let Ok(v) = text.trim().parse() {
            return Some(v);
        }
        let f: f64 = text.trim().parse::<f64>().ok()?.round();
        #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
        (f.abs() < 9.2e18).then_some(f as i64)
    };
    match tree {
        Tree::Bool(b) => Some(Value::Int(i64::from(*b))),
        Tree::Number(n) => rounded(n).map(Value::Int),
        Tree::Text(s) => rounded(s).map(Value::Int),
        _ => None,
    }
}

fn within(value: Option<Value<'static>>, least: i64, most: i64) -> Option<Value<'static>> {
    value.filter(|v| (least..=most).contains(&v.int()))
}

fn int32(tree: &Tree) -> Option<Value<'static>> {
    within(integer(tree), i64::from(i32::MIN), i64::from(i32::MAX))
}

fn lax_int32(tree: &Tree) -> Option<Value<'static>> {
    within(lax_integer(tree), i64::from(i32::MIN), i64::from(i32::MAX))
}

fn uint32(tree: &Tree) -> Option<Value<'static>> {
    within(integer(tree), 0, i64::from(u32::MAX))
}

fn lax_uint32(tree: &Tree) -> Option<Value<'static>> {
    within(lax_integer(tree), 0, i64::from(u32::MAX))
}

fn uint64(tree: &Tree) -> Option<Value<'static>> {
    within(integer(tree), 0, i64::MAX)
}

fn lax_uint64(tree: &Tree) -> Option<Value<'static>> {
    within(lax_integer(tree), 0, i64::MAX)
}

fn float(tree: &Tree) -> Option<Value<'static>> {
    if let Tree::Number(n) = tree { n.parse().ok().map(Value::Float) } else { None }
}

fn lax_float(tree: &Tree) -> Option<Value<'static>> {
    match tree {
        Tree::Number(n) => n.parse().ok().map(Value::Float),
        Tree::Text(s) => super::super::cast::parse_float(s).map(Value::Float),
        _ => None,
    }
}

/// A FLOAT of 32 bits, shown with its own digits.
fn narrow(value: Option<Value<'static>>) -> Option<Value<'static>> {
    #[expect(clippy::cast_possible_truncation, reason = "FLOAT is the narrower type")]
    value.and_then(|v| (v.float() as f32).to_string().parse().ok()).map(Value::Float)
}

fn float32(tree: &Tree) -> Option<Value<'static>> {
    narrow(float(tree))
}

fn lax_float32(tree: &Tree) -> Option<Value<'static>> {
    narrow(lax_float(tree))
}

fn string(tree: &Tree) -> Option<Value<'static>> {
    if let Tree::Text(s) = tree { Some(text(s.clone())) } else { None }
}

fn lax_string(tree: &Tree) -> Option<Value<'static>> {
    tree.scalar().map(text)
}
