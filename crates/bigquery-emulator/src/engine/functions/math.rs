//! Arithmetic with BigQuery's errors (overflow, division by zero) and mathematical functions.
//!
//! Sources: <https://cloud.google.com/bigquery/docs/reference/standard-sql/mathematical_functions>,
//! <https://cloud.google.com/bigquery/docs/reference/standard-sql/operators#arithmetic_operators>

use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int64Array};
use arrow::compute::kernels::numeric;
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int64Type};
use datafusion::common::DataFusionError;

use super::cast::float_text;
use super::quick;
use super::udf::{Body, Def, P, R, T, VectorEval};
use super::value::Value;
use crate::engine::error::invalid;
use crate::engine::planner::sum_type;

const NUMERIC_ONE: i128 = 1_000_000_000;

pub(super) const DEFS: &[Def] = &[
    Def::new("$ADD", &[P::Same, P::Same], R::First, Body::Vector(|a, t| arithmetic(a, t, '+'))),
    Def::new("$SUBTRACT", &[P::Same, P::Same], R::First, Body::Vector(|a, t| arithmetic(a, t, '-'))),
    Def::new("$MULTIPLY", &[P::Same, P::Same], R::First, Body::Vector(|a, t| arithmetic(a, t, '*'))),
    Def::new("$DIVIDE", &[P::Decimal, P::Decimal], R::Custom(quotient), Body::Vector(DIVIDE)),
    Def::new(
        "$SUM_ARGUMENT",
        &[P::Decimal],
        R::Custom(|t, _| Ok(sum_type(&t[0]))),
        Body::Vector(|a, t| Ok(arrow::compute::cast(&a[0], t)?)),
    ),
    Def::new(
        "$SUM_RESULT",
        &[P::Raw],
        R::Custom(|t, _| {
            Ok(match &t[0] {
                DataType::Decimal128(_, 0) => DataType::Int64,
                DataType::Decimal128(..) | DataType::Decimal256(_, 9) => DataType::Decimal128(38, 9),
                other => other.clone(),
            })
        }),
        Body::Vector(|a, t| match (t, a[0].data_type()) {
            (DataType::Int64, _) => sum_to_int64(&a[0]),
            (DataType::Decimal128(..), DataType::Decimal256(_, 9)) => super::decimals::narrowed(&a[0]),
            _ => Ok(arrow::compute::cast(&a[0], t)?),
        }),
    ),
    Def::new(
        "SAFE_DIVIDE",
        &[P::Float, P::Float],
        R::Is(T::Float),
        Body::Strict(|a, _| Ok(if a[1].float() == 0.0 { Value::Null } else { Value::Float(a[0].float() / a[1].float()) })),
    ),
    Def::new("IEEE_DIVIDE", &[P::Float, P::Float], R::Is(T::Float), Body::Strict(|a, _| Ok(Value::Float(a[0].float() / a[1].float())))),
    Def::new("SAFE_ADD", &[P::Same, P::Same], R::First, Body::Strict(|a, _| Ok(safe(a, i64::checked_add, |x, y| x + y)))),
    Def::new("SAFE_SUBTRACT", &[P::Same, P::Same], R::First, Body::Strict(|a, _| Ok(safe(a, i64::checked_sub, |x, y| x - y)))),
    Def::new("SAFE_MULTIPLY", &[P::Same, P::Same], R::First, Body::Strict(|a, _| Ok(safe(a, i64::checked_mul, |x, y| x * y)))),
    Def::new(
        "SAFE_NEGATE",
        &[P::Number],
        R::First,
        Body::Strict(|a, _| {
            Ok(match &a[0] {
                Value::Int(v) => v.checked_neg().map_or(Value::Null, Value::Int),
                Value::Numeric(v) => Value::Numeric(-v),
                v => Value::Float(-v.float()),
            })
        }),
    ),
    Def::new(
        "DIV",
        &[P::Int, P::Int],
        R::Is(T::Int),
        Body::Strict(|a, _| {
            let (x, y) = (a[0].int(), a[1].int());
            if y == 0 {
                return Err(format!("division by zero: {x} / {y}"));
            }
            x.checked_div(y).map(Value::Int).ok_or_else(|| format!("int64 overflow: {x} / {y}"))
        }),
    )
    .shortcut(quick::quotient_of_integers),
    Def::new(
        "MOD",
        &[P::Same, P::Same],
        R::First,
        Body::Strict(|a, _| match (&a[0], &a[1]) {
            (Value::Int(x), Value::Int(y)) => {
                if *y == 0 {
                    return Err(format!("division by zero: MOD({x}, {y})"));
                }
                Ok(Value::Int(x.checked_rem(*y).unwrap_or(0)))
            }
            (Value::Numeric(x), Value::Numeric(y)) if *y != 0 => Ok(Value::Numeric(x % y)),
            _ => Err("MOD takes INT64 or NUMERIC other than zero".to_owned()),
        }),
    )
    .shortcut(quick::remainder),
    Def::new(
        "ABS",
        &[P::Number],
        R::First,
        Body::Strict(|a, _| match &a[0] {
            Value::Int(v) => v.checked_abs().map(Value::Int).ok_or_else(|| format!("int64 overflow: ABS({v})")),
            Value::Numeric(v) => Ok(Value::Numeric(v.abs())),
            v => Ok(Value::Float(v.float().abs())),
        }),
    ),
    Def::new(
        "SIGN",
        &[P::Number],
        R::First,
        Body::Strict(|a, _| {
            Ok(match &a[0] {
                Value::Int(v) => Value::Int(v.signum()),
                Value::Numeric(v) => Value::Numeric(v.signum() * NUMERIC_ONE),
                v if v.float() == 0.0 || v.float().is_nan() => Value::Float(v.float()),
                v => Value::Float(v.float().signum()),
            })
        }),
    ),
    Def::new("ROUND", &[P::Number, P::Int], R::Custom(float_unless_numeric), Body::Strict(|a, _| round(a)))
        .optional(1)
        .shortcut(quick::rounded),
    Def::new("TRUNC", &[P::Number, P::Int], R::Custom(float_unless_numeric), Body::Strict(|a, _| Ok(truncate(a)))).optional(1),
    Def::new(
        "FLOOR",
        &[P::Number],
        R::Custom(float_unless_numeric),
        Body::Strict(|a, _| {
            Ok(match &a[0] {
                Value::Numeric(v) => Value::Numeric(v.div_euclid(NUMERIC_ONE) * NUMERIC_ONE),
                v => Value::Float(v.float().floor()),
            })
        }),
    ),
    Def::new(
        "CEIL",
        &[P::Number],
        R::Custom(float_unless_numeric),
        Body::Strict(|a, _| {
            Ok(match &a[0] {
                Value::Numeric(v) => Value::Numeric(-((-v).div_euclid(NUMERIC_ONE)) * NUMERIC_ONE),
                v => Value::Float(v.float().ceil()),
            })
        }),
    ),
    Def::new(
        "POW",
        &[P::Float, P::Float],
        R::Is(T::Float),
        Body::Strict(|a, _| {
            let (x, y) = (a[0].float(), a[1].float());
            let r = x.powf(y);
            if r.is_nan() && !x.is_nan() && !y.is_nan() {
                return Err(format!("Floating point error in function: POW({}, {})", float_text(x), float_text(y)));
            }
            finite(r, x.is_finite() && y.is_finite(), "POW")
        }),
    )
    .shortcut(quick::power),
    Def::new(
        "SQRT",
        &[P::Float],
        R::Is(T::Float),
        Body::Strict(|a, _| {
            let x = a[0].float();
            if x < 0.0 {
                return Err("Argument to SQRT cannot be negative".to_owned());
            }
            Ok(Value::Float(x.sqrt()))
        }),
    )
    .shortcut(quick::square_root),
    Def::new("CBRT", &[P::Float], R::Is(T::Float), Body::Strict(|a, _| Ok(Value::Float(a[0].float().cbrt())))),
    Def::new("EXP", &[P::Float], R::Is(T::Float), Body::Strict(|a, _| finite(a[0].float().exp(), a[0].float().is_finite(), "EXP"))),
    Def::new("LN", &[P::Float], R::Is(T::Float), Body::Strict(|a, _| logarithm(a[0].float(), "LN").map(|v| Value::Float(v.ln()))))
        .shortcut(quick::natural_logarithm),
    Def::new("LOG10", &[P::Float], R::Is(T::Float), Body::Strict(|a, _| logarithm(a[0].float(), "LOG10").map(|v| Value::Float(v.log10())))),
    Def::new(
        "LOG",
        &[P::Float, P::Float],
        R::Is(T::Float),
        Body::Strict(|a, _| {
            let x = logarithm(a[0].float(), "LOG")?;
            match a.get(1) {
                None => Ok(Value::Float(x.ln())),
                Some(base) => {
                    let base = logarithm(base.float(), "LOG")?;
                    if base == 1.0 {
                        return Err("Base of LOG cannot be 1".to_owned());
                    }
                    Ok(Value::Float(x.ln() / base.ln()))
                }
            }
        }),
    )
    .optional(1),
    Def::new("SIN", &[P::Float], R::Is(T::Float), Body::Strict(|a, _| Ok(Value::Float(a[0].float().sin())))),
    Def::new("COS", &[P::Float], R::Is(T::Float), Body::Strict(|a, _| Ok(Value::Float(a[0].float().cos())))),
    Def::new("TAN", &[P::Float], R::Is(T::Float), Body::Strict(|a, _| Ok(Value::Float(a[0].float().tan())))),
    Def::new("ASIN", &[P::Float], R::Is(T::Float), Body::Strict(|a, _| unit(a[0].float(), "ASIN").map(|v| Value::Float(v.asin())))),
    Def::new("ACOS", &[P::Float], R::Is(T::Float), Body::Strict(|a, _| unit(a[0].float(), "ACOS").map(|v| Value::Float(v.acos())))),
    Def::new("ATAN", &[P::Float], R::Is(T::Float), Body::Strict(|a, _| Ok(Value::Float(a[0].float().atan())))),
    Def::new("ATAN2", &[P::Float, P::Float], R::Is(T::Float), Body::Strict(|a, _| Ok(Value::Float(a[0].float().atan2(a[1].float()))))),
    Def::new("SINH", &[P::Float], R::Is(T::Float), Body::Strict(|a, _| Ok(Value::Float(a[0].float().sinh())))),
    Def::new("COSH", &[P::Float], R::Is(T::Float), Body::Strict(|a, _| Ok(Value::Float(a[0].float().cosh())))),
    Def::new("TANH", &[P::Float], R::Is(T::Float), Body::Strict(|a, _| Ok(Value::Float(a[0].float().tanh())))),
    Def::new("IS_NAN", &[P::Float], R::Is(T::Bool), Body::Strict(|a, _| Ok(Value::Bool(a[0].float().is_nan())))),
    Def::new("IS_INF", &[P::Float], R::Is(T::Bool), Body::Strict(|a, _| Ok(Value::Bool(a[0].float().is_infinite())))),
    Def::new("RAND", &[], R::Is(T::Float), Body::Lenient(|_, _| Ok(Value::Float(random())))).volatile(),
    Def::new("GREATEST", &[P::Same], R::First, Body::Strict(|a, _| Ok(extreme(a, Ordering::Greater)))).variadic().shortcut(quick::greatest),
    Def::new("LEAST", &[P::Same], R::First, Body::Strict(|a, _| Ok(extreme(a, Ordering::Less)))).variadic().shortcut(quick::least),
    Def::new(
        "RANGE_BUCKET",
        &[P::Same, P::SameArray],
        R::Is(T::Int),
        Body::Strict(|a, _| {
            let Some(bounds) = a[1].list() else { return Ok(Value::Null) };
            let bounds = super::value::cells(bounds).map_err(|e| e.to_string())?;
            let n = bounds.iter().filter(|b| compare(b, &a[0]) != Ordering::Greater).count();
            Ok(Value::Int(i64::try_from(n).unwrap_or(i64::MAX)))
        }),
    ),
];

fn float_unless_numeric(types: &[DataType], _: &[Option<&datafusion::common::ScalarValue>]) -> Result<DataType, String> {
    Ok(match types.first() {
        Some(t @ DataType::Decimal128(..)) => t.clone(),
        _ => DataType::Float64,
    })
}

fn quotient(types: &[DataType], _: &[Option<&datafusion::common::ScalarValue>]) -> Result<DataType, String> {
    let numeric = types.iter().any(|t| matches!(t, DataType::Decimal128(..)));
    let float = types.iter().any(|t| matches!(t, DataType::Float64));
    if let (false, Some(big)) = (float, types.iter().find(|t| matches!(t, DataType::Decimal256(..)))) {
        return Ok(big.clone());
    }
    Ok(if numeric && !float { DataType::Decimal128(38, 9) } else { DataType::Float64 })
}

/// +, - and * on INT64 and FLOAT64. On overflow the first offending row gives the message.
fn arithmetic(a: &[ArrayRef], t: &DataType, op: char) -> Result<ArrayRef, DataFusionError> {
    match t {
        DataType::Int64 => {
            let result = match op {
                '+' => numeric::add(&a[0], &a[1]),
                '-' => numeric::sub(&a[0], &a[1]),
                _ => numeric::mul(&a[0], &a[1]),
            };
            result.map_err(|_| {
                let check = match op {
                    '+' => i64::checked_add,
                    '-' => i64::checked_sub,
                    _ => i64::checked_mul,
                };
                let (x, y) = (a[0].as_primitive::<Int64Type>(), a[1].as_primitive::<Int64Type>());
                let found = x.iter().zip(y.iter()).find_map(|pair| match pair {
                    (Some(x), Some(y)) if check(x, y).is_none() => Some((x, y)),
                    _ => None,
                });
                invalid(found.map_or("int64 overflow".to_owned(), |(x, y)| format!("int64 overflow: {x} {op} {y}")))
            })
        }
        DataType::Float64 => {
            let (x, y) = (a[0].as_primitive::<Float64Type>(), a[1].as_primitive::<Float64Type>());
            let failed = std::cell::Cell::new(None);
            let result: Float64Array = arrow::compute::binary(x, y, |x, y| {
                let r = match op {
                    '+' => x + y,
                    '-' => x - y,
                    _ => x * y,
                };
                if r.is_infinite() && x.is_finite() && y.is_finite() {
                    failed.set(failed.get().or(Some((x, y))));
                }
                r
            })?;
            if let Some((x, y)) = failed.get() {
                return Err(invalid(format!("double overflow: {} {op} {}", float_text(x), float_text(y))));
            }
            Ok(Arc::new(result))
        }
        DataType::Decimal128(..) | DataType::Decimal256(..) => super::decimals::arithmetic(a, t, op),
        other => Err(invalid(format!(
            "No matching signature for operator {op} for argument types: {0}, {0}",
            crate::engine::types::sql_type_name(other)
        ))),
    }
}

const DIVIDE: VectorEval = |a, t| {
    if matches!(t, DataType::Decimal128(..) | DataType::Decimal256(..)) {
        let (x, y) = (arrow::compute::cast(&a[0], t)?, arrow::compute::cast(&a[1], t)?);
        return super::decimals::arithmetic(&[x, y], t, '/');
    }
    let x = arrow::compute::cast(&a[0], &DataType::Float64)?;
    let y = arrow::compute::cast(&a[1], &DataType::Float64)?;
    let (x, y) = (x.as_primitive::<Float64Type>(), y.as_primitive::<Float64Type>());
    let mut failed = None;
    let result: Float64Array = arrow::compute::binary(x, y, |x, y| x / y)?;
    for row in 0..result.len() {
        if result.is_valid(row) && y.value(row) == 0.0 {
            failed = Some((x.value(row), y.value(row)));
            break;
        }
    }
    if let Some((x, y)) = failed {
        return Err(invalid(format!("division by zero: {} / {}", float_text(x), float_text(y))));
    }
    Ok(Arc::new(result))
};

/// x / y, rounded half away from zero.
pub(super) fn half_away(x: i128, y: i128) -> i128 {
    let (q, r) = (x / y, x % y);
    if r.abs() * 2 >= y.abs() { q + x.signum() * y.signum() } else { q }
}

/// SUM over INT64 is computed in wider numbers; what does not fit INT64 in the end is BigQuery's overflow error.
fn sum_to_int64(array: &ArrayRef) -> Result<ArrayRef, DataFusionError> {
    let wide = array.as_primitive_opt::<Decimal128Type>().ok_or_else(|| invalid("internal: the sum is not a decimal"))?;
    let narrow = wide
        .iter()
        .map(|v| v.map(|v| i64::try_from(v).map_err(|_| invalid("Error in SUM aggregation: integer overflow"))).transpose())
        .collect::<Result<Int64Array, _>>()?;
    Ok(Arc::new(narrow))
}

fn safe(a: &[Value<'_>], int: fn(i64, i64) -> Option<i64>, float: fn(f64, f64) -> f64) -> Value<'static> {
    match (&a[0], &a[1]) {
        (Value::Int(x), Value::Int(y)) => int(*x, *y).map_or(Value::Null, Value::Int),
        (Value::Numeric(x), Value::Numeric(y)) => {
            // Which operation it is shows in what it makes of two numbers.
            let op = match int(5, 3) {
                Some(8) => '+',
                Some(2) => '-',
                _ => '*',
            };
            super::decimals::numeric(*x, *y, op).map_or(Value::Null, Value::Numeric)
        }
        (x, y) => {
            let r = float(x.float(), y.float());
            if r.is_infinite() && x.float().is_finite() && y.float().is_finite() { Value::Null } else { Value::Float(r) }
        }
    }
}

fn finite(r: f64, arguments_finite: bool, name: &str) -> Result<Value<'static>, String> {
    if r.is_infinite() && arguments_finite {
        return Err(format!("Floating point overflow in function: {name}"));
    }
    Ok(Value::Float(r))
}

fn logarithm(x: f64, name: &str) -> Result<f64, String> {
    if x <= 0.0 {
        return Err(format!("Floating point error in function: {name}({})", float_text(x)));
    }
    Ok(x)
}

fn unit(x: f64, name: &str) -> Result<f64, String> {
    if !(-1.0..=1.0).contains(&x) {
        return Err(format!("Floating point error in function: {name}({})", float_text(x)));
    }
    Ok(x)
}

fn round<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
    let digits = i32::try_from(a.get(1).map_or(0, Value::int).clamp(-400, 400)).unwrap_or(0);
    if let Value::Numeric(v) = a[0] {
        if digits >= 9 {
            return Ok(a[0].clone());
        }
        let exponent = u32::try_from(9 - digits).unwrap_or(0);
        let Some(unit) = 10_i128.checked_pow(exponent) else {
            return Ok(Value::Numeric(0));
        };
        return Ok(Value::Numeric(half_away(v, unit) * unit));
    }
    let x = a[0].float();
    if !x.is_finite() || digits > 300 {
        return Ok(Value::Float(x));
    }
    if digits == 0 {
        return Ok(Value::Float(x.round()));
    }
    if digits < 0 {
        let unit = 10_f64.powi(-digits);
        return Ok(Value::Float(if unit.is_finite() { (x / unit).round() * unit } else { 0.0 }));
    }
    let unit = 10_f64.powi(digits);
    let scaled = x * unit;
    if !scaled.is_finite() || scaled.abs() >= 9e15 {
        return Ok(Value::Float(x));
    }
    Ok(Value::Float(scaled.round() / unit))
}

fn truncate(a: &[Value<'_>]) -> Value<'static> {
    let digits = i32::try_from(a.get(1).map_or(0, Value::int).clamp(-300, 300)).unwrap_or(0);
    if let Value::Numeric(v) = a[0] {
        if digits >= 9 {
            return Value::Numeric(v);
        }
        let unit = u32::try_from(9 - digits).ok().and_then(|e| 10_i128.checked_pow(e));
        return Value::Numeric(unit.map_or(0, |unit| v / unit * unit));
    }
    let unit = 10_f64.powi(digits);
    let x = a[0].float();
    if digits == 0 {
        return Value::Float(x.trunc());
    }
    Value::Float((x * unit).trunc() / unit)
}

fn random() -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "53 random bits are exactly what an FLOAT64 in [0, 1) holds")]
    let bits = (uuid::Uuid::new_v4().as_u128() & ((1 << 53) - 1)) as f64;
    bits / (1_u64 << 53) as f64
}

/// The order of two cells of one type; NaN is below every number, as in ORDER BY.
pub(super) fn compare(a: &Value<'_>, b: &Value<'_>) -> Ordering {
    match (a, b) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Less,
        (_, Value::Null) => Ordering::Greater,
        (Value::Bool(x), Value::Bool(y)) => x.cmp(y),
        (Value::Int(x), Value::Int(y))
        | (Value::Time(x), Value::Time(y))
        | (Value::Datetime(x), Value::Datetime(y))
        | (Value::Timestamp(x), Value::Timestamp(y)) => x.cmp(y),
        (Value::Date(x), Value::Date(y)) => x.cmp(y),
        (Value::Numeric(x), Value::Numeric(y)) => x.cmp(y),
        (Value::Str(x), Value::Str(y)) => x.cmp(y),
        (Value::Bytes(x), Value::Bytes(y)) => x.cmp(y),
        (Value::Other(x), Value::Other(y)) => x.partial_cmp(y).unwrap_or(Ordering::Equal),
        (x, y) => {
            let (x, y) = (x.float(), y.float());
            match (x.is_nan(), y.is_nan()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Less,
                (false, true) => Ordering::Greater,
                _ => x.partial_cmp(&y).unwrap_or(Ordering::Equal),
            }
        }
    }
}

fn extreme<'a>(a: &[Value<'a>], wanted: Ordering) -> Value<'a> {
    let mut best = &a[0];
    for value in a {
        if let Value::Float(f) = value
            && f.is_nan()
        {
            return value.clone();
        }
        if compare(value, best) == wanted {
            best = value;
        }
    }
    best.clone()
}
