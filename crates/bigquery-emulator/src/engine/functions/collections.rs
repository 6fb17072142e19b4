//! More ARRAY functions, and code points.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/array_functions>

use std::borrow::Cow;
use std::cmp::Ordering;

use super::math::compare;
use super::udf::{Body, Def, P, R, T};
use super::value::{Value, cells, text};

pub(super) const DEFS: &[Def] = &[
    Def::new("ARRAY_INCLUDES", &[P::SameArray, P::Same], R::Is(T::Bool), Body::Strict(|a, _| Ok(Value::Bool(has(&items(&a[0])?, &a[1]))))),
    Def::new(
        "ARRAY_INCLUDES_ANY",
        &[P::Same, P::Same],
        R::Is(T::Bool),
        Body::Strict(|a, _| {
            let own = items(&a[0])?;
            Ok(Value::Bool(items(&a[1])?.iter().any(|w| !w.is_null() && has(&own, w))))
        }),
    ),
    Def::new(
        "ARRAY_INCLUDES_ALL",
        &[P::Same, P::Same],
        R::Is(T::Bool),
        Body::Strict(|a, _| {
            let own = items(&a[0])?;
            Ok(Value::Bool(items(&a[1])?.iter().all(|w| has(&own, w))))
        }),
    ),
    Def::new(
        "ARRAY_IS_DISTINCT",
        &[P::Array],
        R::Is(T::Bool),
        Body::Strict(|a, _| {
            let own = items(&a[0])?;
            let twice = own
                .iter()
                .enumerate()
                .any(|(i, x)| own[..i].iter().any(|y| x.is_null() == y.is_null() && compare(x, y) == Ordering::Equal));
            Ok(Value::Bool(!twice))
        }),
    ),
    Def::new(
        "ARRAY_SLICE",
        &[P::Array, P::Int, P::Int],
        R::First,
        Body::Strict(|a, _| {
            let Some(list) = a[0].list() else { return Ok(Value::Null) };
            let length = i64::try_from(list.len()).unwrap_or(i64::MAX);
            let place = |i: i64| if i < 0 { length.saturating_add(i) } else { i };
            let (start, end) = (place(a[1].int()).max(0), place(a[2].int()).min(length - 1));
            let count = usize::try_from(end - start + 1).unwrap_or(0);
            let start = usize::try_from(start).unwrap_or(0).min(list.len());
            Ok(Value::List(list.slice(start, count.min(list.len() - start))))
        }),
    ),
    Def::new("ARRAY_MIN", &[P::Array], R::Element, Body::Strict(|a, _| Ok(extreme(&items(&a[0])?, Ordering::Less)))),
    Def::new("ARRAY_MAX", &[P::Array], R::Element, Body::Strict(|a, _| Ok(extreme(&items(&a[0])?, Ordering::Greater)))),
    Def::new(
        "CODE_POINTS_TO_STRING",
        &[P::Array],
        R::Is(T::Str),
        Body::Strict(|a, _| {
            let mut found = String::new();
            for point in items(&a[0])? {
                if point.is_null() {
                    return Ok(Value::Null);
                }
                let c = u32::try_from(point.int()).ok().and_then(char::from_u32);
                found.push(c.ok_or_else(|| format!("Invalid codepoint {}", point.int()))?);
            }
            Ok(text(found))
        }),
    ),
    Def::new(
        "CODE_POINTS_TO_BYTES",
        &[P::Array],
        R::Is(T::Bytes),
        Body::Strict(|a, _| {
            let mut found = Vec::new();
            for point in items(&a[0])? {
                if point.is_null() {
                    return Ok(Value::Null);
                }
                found.push(u8::try_from(point.int()).map_err(|_| format!("Invalid extended ASCII code points {}", point.int()))?);
            }
            Ok(Value::Bytes(Cow::Owned(found)))
        }),
    ),
];

fn items<'a>(value: &'a Value<'_>) -> Result<Vec<Value<'a>>, String> {
    value.list().map_or_else(|| Ok(Vec::new()), |l| cells(l).map_err(|e| e.to_string()))
}

fn has(own: &[Value<'_>], wanted: &Value<'_>) -> bool {
    own.iter().any(|x| x.is_null() == wanted.is_null() && compare(x, wanted) == Ordering::Equal)
}

fn extreme(all: &[Value<'_>], wanted: Ordering) -> Value<'static> {
    let mut best: Option<&Value<'_>> = None;
    for value in all.iter().filter(|v| !v.is_null()) {
        if let Value::Float(f) = value
            && f.is_nan()
        {
            return Value::Float(f64::NAN);
        }
        if best.is_none_or(|b| compare(value, b) == wanted) {
            best = Some(value);
        }
    }
    best.map_or(Value::Null, |v| v.clone().owned())
}
