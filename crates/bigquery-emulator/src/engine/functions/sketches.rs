//! Sketches: HLL_COUNT and KLL_QUANTILES. Theirs are exact here: a sketch is the list of its values, in a form of our own, so
//! that one made elsewhere is refused.
//!
//! Sources: <https://cloud.google.com/bigquery/docs/reference/standard-sql/hll_functions>,
//! <https://cloud.google.com/bigquery/docs/reference/standard-sql/kll_functions>

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array};

use super::cast::json;
use super::udf::{Body, Def, P, R, T};
use super::value::{Value, cells};

const HLL: &[u8] = b"quaver-hll\n";
const KLL: &[u8] = b"quaver-kll\n";

pub(super) const DEFS: &[Def] = &[
    // The least value that is at or above a share of the others.
    Def::new(
        "$PERCENTILE_DISC",
        &[P::Array, P::Float],
        R::Element,
        Body::Strict(|a, _| {
            let mut values: Vec<Value<'_>> = items(&a[0])?.into_iter().filter(|v| !v.is_null()).collect();
            values.sort_by(super::math::compare);
            let share = a[1].float();
            if !(0.0..=1.0).contains(&share) {
                return Err("The percentile of PERCENTILE_DISC must be from 0 to 1".to_owned());
            }
            #[expect(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "an index into a list"
            )]
            let place = ((values.len() as f64 * share).ceil() as usize).saturating_sub(1);
            Ok(values.into_iter().nth(place).map_or(Value::Null, Value::owned))
        }),
    ),
    // Over the ARRAY of a group's values or sketches.
    Def::new(
        "$HLL_INIT",
        &[P::Array],
        R::Is(T::Bytes),
        Body::Lenient(|a, _| {
            let values: BTreeSet<String> = items(&a[0])?.iter().filter(|v| !v.is_null()).map(json).collect();
            Ok(if values.is_empty() { Value::Null } else { sketch(HLL, values) })
        }),
    ),
    Def::new(
        "$HLL_MERGE",
        &[P::Array],
        R::Is(T::Bytes),
        Body::Lenient(|a, _| {
            let mut all = BTreeSet::new();
            for one in items(&a[0])?.iter().filter(|v| !v.is_null()) {
                all.extend(lines(HLL, one)?);
            }
            Ok(if all.is_empty() { Value::Null } else { sketch(HLL, all) })
        }),
    ),
    Def::new(
        "HLL_COUNT.EXTRACT",
        &[P::Bytes],
        R::Is(T::Int),
        Body::Lenient(|a, _| {
            if a[0].is_null() {
                return Ok(Value::Int(0));
            }
            Ok(Value::Int(i64::try_from(lines(HLL, &a[0])?.len()).unwrap_or(i64::MAX)))
        }),
    ),
    Def::new(
        "$KLL_INIT",
        &[P::Array],
        R::Is(T::Bytes),
        Body::Lenient(|a, _| {
            let mut values: Vec<f64> = items(&a[0])?.iter().filter(|v| !v.is_null()).map(Value::float).collect();
            values.sort_by(f64::total_cmp);
            Ok(if values.is_empty() { Value::Null } else { sketch(KLL, values.iter().map(ToString::to_string)) })
        }),
    ),
    Def::new(
        "$KLL_MERGE",
        &[P::Array],
        R::Is(T::Bytes),
        Body::Lenient(|a, _| {
            let mut all = Vec::new();
            for one in items(&a[0])?.iter().filter(|v| !v.is_null()) {
                all.extend(numbers(one)?);
            }
            all.sort_by(f64::total_cmp);
            Ok(if all.is_empty() { Value::Null } else { sketch(KLL, all.iter().map(ToString::to_string)) })
        }),
    ),
    Def::new(
        "KLL_QUANTILES.EXTRACT_INT64",
        &[P::Bytes, P::Int],
        R::List(T::Int),
        Body::Strict(|a, _| {
            let found = quantiles(&numbers(&a[0])?, a[1].int())?;
            Ok(Value::List(Arc::new(found.into_iter().map(|v| Some(whole(v))).collect::<Int64Array>()) as ArrayRef))
        }),
    ),
    Def::new(
        "KLL_QUANTILES.EXTRACT_FLOAT64",
        &[P::Bytes, P::Int],
        R::List(T::Float),
        Body::Strict(|a, _| {
            let found = quantiles(&numbers(&a[0])?, a[1].int())?;
            Ok(Value::List(Arc::new(found.into_iter().map(Some).collect::<Float64Array>()) as ArrayRef))
        }),
    ),
    Def::new(
        "KLL_QUANTILES.EXTRACT_POINT_INT64",
        &[P::Bytes, P::Float],
        R::Is(T::Int),
        Body::Strict(|a, _| Ok(point(&numbers(&a[0])?, a[1].float())?.map_or(Value::Null, |v| Value::Int(whole(v))))),
    ),
    Def::new(
        "KLL_QUANTILES.EXTRACT_POINT_FLOAT64",
        &[P::Bytes, P::Float],
        R::Is(T::Float),
        Body::Strict(|a, _| Ok(point(&numbers(&a[0])?, a[1].float())?.map_or(Value::Null, Value::Float))),
    ),
];

fn items<'a>(value: &'a Value<'_>) -> Result<Vec<Value<'a>>, String> {
    value.list().map_or_else(|| Ok(Vec::new()), |l| cells(l).map_err(|e| e.to_string()))
}

fn sketch<'a>(kind: &[u8], values: impl IntoIterator<Item = String>) -> Value<'a> {
    let mut bytes = kind.to_vec();
    bytes.extend(values.into_iter().collect::<Vec<_>>().join("\n").into_bytes());
    Value::Bytes(Cow::Owned(bytes))
}

fn lines(kind: &[u8], value: &Value<'_>) -> Result<Vec<String>, String> {
    let body = value.bytes().strip_prefix(kind).ok_or_else(|| "Invalid or incompatible sketch".to_owned())?;
    Ok(String::from_utf8_lossy(body).lines().map(str::to_owned).collect())
}

fn numbers(value: &Value<'_>) -> Result<Vec<f64>, String> {
    lines(KLL, value)?.iter().map(|l| l.parse().map_err(|_| "Invalid or incompatible sketch".to_owned())).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "the values were INT64")]
fn whole(v: f64) -> i64 {
    v as i64
}

fn point(sorted: &[f64], share: f64) -> Result<Option<f64>, String> {
    if !(0.0..=1.0).contains(&share) {
        return Err("phi must be between 0 and 1".to_owned());
    }
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index into a list")]
    let place = ((sorted.len().saturating_sub(1)) as f64 * share).round() as usize;
    Ok(sorted.get(place).copied())
}

fn quantiles(sorted: &[f64], count: i64) -> Result<Vec<f64>, String> {
    if !(1..=10_000).contains(&count) {
        return Err("The number of quantiles must be from 1 to 10000".to_owned());
    }
    #[expect(clippy::cast_precision_loss, reason = "at most 10000")]
    let found: Result<Vec<Option<f64>>, String> = (0..=count).map(|i| point(sorted, i as f64 / count as f64)).collect();
    Ok(found?.into_iter().flatten().collect())
}
