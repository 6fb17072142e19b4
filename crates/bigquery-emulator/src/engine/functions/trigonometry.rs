//! Rarer mathematics: hyperbolic functions, distances of vectors, bits, exact decimals from texts.
//!
//! Sources: <https://cloud.google.com/bigquery/docs/reference/standard-sql/mathematical_functions>,
//! <https://cloud.google.com/bigquery/docs/reference/standard-sql/bit_functions>

use arrow::datatypes::DataType;

use super::cast::{cast, float_text};
use super::udf::{Body, Def, P, R, T};
use super::value::{Value, cells};

fn float(f: fn(f64) -> f64) -> impl Fn(&[Value<'_>]) -> Value<'static> {
    move |a| Value::Float(f(a[0].float()))
}

pub(super) const DEFS: &[Def] = &[
    Def::new(
        "ACOSH",
        &[P::Float],
        R::Is(T::Float),
        Body::Strict(|a, _| {
            let x = a[0].float();
            if x < 1.0 {
                return Err(format!("Floating point error in function: ACOSH({})", float_text(x)));
            }
            Ok(Value::Float(x.acosh()))
        }),
    ),
    Def::new("ASINH", &[P::Float], R::Is(T::Float), Body::Strict(|a, _| Ok(float(f64::asinh)(a)))),
    Def::new(
        "ATANH",
        &[P::Float],
        R::Is(T::Float),
        Body::Strict(|a, _| {
            let x = a[0].float();
            if x.abs() >= 1.0 {
                return Err(format!("Floating point error in function: ATANH({})", float_text(x)));
            }
            Ok(Value::Float(x.atanh()))
        }),
    ),
    Def::new("COT", &[P::Float], R::Is(T::Float), Body::Strict(|a, _| inverse(a, f64::tan, "COT"))),
    Def::new("COTH", &[P::Float], R::Is(T::Float), Body::Strict(|a, _| inverse(a, f64::tanh, "COTH"))),
    Def::new("CSC", &[P::Float], R::Is(T::Float), Body::Strict(|a, _| inverse(a, f64::sin, "CSC"))),
    Def::new("CSCH", &[P::Float], R::Is(T::Float), Body::Strict(|a, _| inverse(a, f64::sinh, "CSCH"))),
    Def::new("SEC", &[P::Float], R::Is(T::Float), Body::Strict(|a, _| inverse(a, f64::cos, "SEC"))),
    Def::new("SECH", &[P::Float], R::Is(T::Float), Body::Strict(|a, _| inverse(a, f64::cosh, "SECH"))),
    Def::new("PI", &[], R::Is(T::Float), Body::Lenient(|_, _| Ok(Value::Float(std::f64::consts::PI)))),
    Def::new("PI_NUMERIC", &[], R::Is(T::Numeric), Body::Lenient(|_, _| Ok(Value::Numeric(3_141_592_654)))),
    Def::new(
        "PI_BIGNUMERIC",
        &[],
        R::Is(T::Bignumeric),
        Body::Lenient(|_, t| cast(&[super::value::text("3.1415926535897932384626433832795028842")], t)),
    ),
    Def::new(
        "COSINE_DISTANCE",
        &[P::Array, P::Array],
        R::Is(T::Float),
        Body::Strict(|a, _| {
            let (x, y) = vectors(a)?;
            let dot: f64 = x.iter().zip(&y).map(|(x, y)| x * y).sum();
            let norms = norm(&x) * norm(&y);
            if norms == 0.0 {
                return Err("Cannot compute cosine distance against zero vector".to_owned());
            }
            Ok(Value::Float(1.0 - (dot / norms).clamp(-1.0, 1.0)))
        }),
    ),
    Def::new(
        "EUCLIDEAN_DISTANCE",
        &[P::Array, P::Array],
        R::Is(T::Float),
        Body::Strict(|a, _| {
            let (x, y) = vectors(a)?;
            Ok(Value::Float(x.iter().zip(&y).map(|(x, y)| (x - y) * (x - y)).sum::<f64>().sqrt()))
        }),
    ),
    Def::new(
        "BIT_COUNT",
        &[P::Any],
        R::Is(T::Int),
        Body::Strict(|a, _| {
            Ok(Value::Int(match &a[0] {
                Value::Int(v) => i64::from(v.count_ones()),
                Value::Bytes(b) => b.iter().map(|b| i64::from(b.count_ones())).sum(),
                _ => return Err("No matching signature for function BIT_COUNT".to_owned()),
            }))
        }),
    ),
    Def::new("$BIT_NOT", &[P::Int], R::Is(T::Int), Body::Strict(|a, _| Ok(Value::Int(!a[0].int())))),
    Def::new("$SHIFT_LEFT", &[P::Int, P::Int], R::Is(T::Int), Body::Strict(|a, _| shift(a, |x, n| x << n))),
    Def::new("$SHIFT_RIGHT", &[P::Int, P::Int], R::Is(T::Int), Body::Strict(|a, _| shift(a, |x, n| x >> n))),
    Def::new("PARSE_NUMERIC", &[P::Str], R::Is(T::Numeric), Body::Strict(|a, t| parsed(a[0].str(), t))),
    Def::new("PARSE_BIGNUMERIC", &[P::Str], R::Is(T::Bignumeric), Body::Strict(|a, t| parsed(a[0].str(), t))),
];

fn inverse<'a>(a: &[Value<'a>], f: fn(f64) -> f64, name: &str) -> Result<Value<'a>, String> {
    let below = f(a[0].float());
    if below == 0.0 {
        return Err(format!("Floating point error in function: {name}({})", float_text(a[0].float())));
    }
    Ok(Value::Float(1.0 / below))
}

fn vectors(a: &[Value<'_>]) -> Result<(Vec<f64>, Vec<f64>), String> {
    let read = |v: &Value<'_>| -> Result<Vec<f64>, String> {
        let Some(list) = v.list() else { return Ok(Vec::new()) };
        let items = cells(list).map_err(|e| e.to_string())?;
        if items.iter().any(|i| !matches!(i, Value::Float(_) | Value::Int(_) | Value::Numeric(_))) {
            return Err("Cannot compute a distance of vectors with NULL or without numbers".to_owned());
        }
        Ok(items.iter().map(Value::float).collect())
    };
    let (x, y) = (read(&a[0])?, read(&a[1])?);
    if x.len() != y.len() {
        return Err(format!("Array length mismatch: {} and {}", x.len(), y.len()));
    }
    Ok((x, y))
}

fn norm(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum::<f64>().sqrt()
}

fn shift<'a>(a: &[Value<'a>], f: fn(u64, u32) -> u64) -> Result<Value<'a>, String> {
    let n = u32::try_from(a[1].int()).map_err(|_| format!("Bit shift by negative number: {}", a[1].int()))?;
    Ok(Value::Int(if n > 63 { 0 } else { f(a[0].int().cast_unsigned(), n).cast_signed() }))
}

/// A decimal as people write it: spaces, thousands parted by commas, the sign behind.
fn parsed<'a>(written: &str, t: &DataType) -> Result<Value<'a>, String> {
    let bad = || format!("Invalid input to PARSE_NUMERIC: {written}");
    let mut digits: String = written.chars().filter(|c| !c.is_whitespace() && *c != ',').collect();
    if let Some(front) = digits.strip_suffix(['-', '+']) {
        if front.starts_with(['-', '+']) {
            return Err(bad());
        }
        let sign = if digits.ends_with('-') { "-" } else { "" };
        digits = format!("{sign}{front}");
    }
    cast(&[super::value::text(digits)], t).map(Value::owned).map_err(|_| bad())
}
