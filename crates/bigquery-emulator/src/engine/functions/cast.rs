//! CAST and SAFE_CAST by BigQuery's rules, and values as texts and JSON.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/conversion_functions#cast>

use std::borrow::Cow;

use arrow::datatypes::{DataType, TimeUnit};
use chrono::NaiveTime;
use datafusion::common::ScalarValue;

use super::instants::{UTC, days, from_days, from_micros, micros, naive, zone};
use super::math::half_away;
use super::strftime;
use super::udf::{Body, Def, P, R, T, plain};
use super::value::{Value, cells, text};
use crate::engine::types::{GEOGRAPHY, INTERVAL, JSON, sql_type_name, timestamp_type};

pub(super) const DEFS: &[Def] = &[
    // `$CAST(value, 'TYPE' [, zone])`.
    Def::new("$CAST", &[P::Any, P::Str, P::Str], R::Custom(cast_type), Body::Strict(cast)).optional(1).shortcut(super::quick::cast),
    // `$LOADED(stored, NULL of the type in queries)`.
    Def::new(
        "$LOADED",
        &[P::Raw, P::Raw],
        R::Custom(|types, _| types.get(1).cloned().ok_or_else(String::new)),
        Body::Vector(|a, t| Ok(crate::engine::planned::convert(&a[0], t)?)),
    ),
    // `$CAST_ARRAY(array, 'TYPE')`: element by element.
    Def::new(
        "$CAST_ARRAY",
        &[P::Array, P::Str],
        R::Custom(|types, args| match types.first() {
            Some(DataType::List(item)) => cast_type(&[item.data_type().clone()], args).map(super::udf::list_of),
            _ => Err(String::new()),
        }),
        Body::Strict(|a, t| match (a[0].list(), t) {
            (Some(items), DataType::List(item)) => {
                let cast = cells(items)
                    .map_err(|e| e.to_string())?
                    .into_iter()
                    .map(|cell| match cell {
                        Value::Null => Ok(Value::Null),
                        cell => cast(&[cell], item.data_type()).map(Value::owned),
                    })
                    .collect::<Result<Vec<_>, _>>()?;
                super::value::build(item.data_type(), cast).map(Value::List).map_err(|e| e.to_string())
            }
            _ => Ok(Value::Null),
        }),
    ),
    Def::new(
        "STRING",
        &[P::Any, P::Str],
        R::Is(T::Str),
        Body::Strict(|a, _| {
            if let Value::Json(json) = &a[0] {
                return match super::json::Tree::parse(json)? {
                    super::json::Tree::Text(s) => Ok(text(s)),
                    _ => Err("The provided JSON input is not a string".to_owned()),
                };
            }
            if let Value::Timestamp(us) = a[0] {
                let z = a.get(1).map_or(Ok(UTC), |z| zone(z.str()))?;
                return Ok(text(strftime::timestamp_text(us, z)));
            }
            Ok(text(plain_text(&a[0])))
        }),
    )
    .optional(1),
    Def::new("TO_JSON_STRING", &[P::Any], R::Is(T::Str), Body::Lenient(|a, _| Ok(text(json(&a[0]))))),
];

/// The Arrow type of a GoogleSQL type's name, where it is a simple one.
pub(in crate::engine) fn simple_type(name: &str) -> Option<DataType> {
    Some(match name {
        "INT64" | "INT" | "INTEGER" | "BIGINT" | "SMALLINT" | "TINYINT" | "BYTEINT" => DataType::Int64,
        "FLOAT64" => DataType::Float64,
        "STRING" => DataType::Utf8,
        "BYTES" => DataType::Binary,
        "BOOL" | "BOOLEAN" => DataType::Boolean,
        "DATE" => DataType::Date32,
        "DATETIME" => DataType::Timestamp(TimeUnit::Microsecond, None),
        "TIME" => DataType::Time64(TimeUnit::Microsecond),
        "TIMESTAMP" => timestamp_type(),
        "NUMERIC" | "DECIMAL" => DataType::Decimal128(38, 9),
        "BIGNUMERIC" | "BIGDECIMAL" => DataType::Decimal256(76, 38),
        "JSON" => JSON,
        "GEOGRAPHY" => GEOGRAPHY,
        "INTERVAL" => INTERVAL,
        _ => return None,
    })
}

pub(super) fn cast_type(types: &[DataType], args: &[Option<&ScalarValue>]) -> Result<DataType, String> {
    let name = args.get(1).copied().flatten().and_then(|v| v.try_as_str().flatten()).unwrap_or_default();
    let target = simple_type(name).ok_or_else(|| format!("Type not found: {name}"))?;
    let source = plain(&types[0]);
    let allowed = match (&source, &target) {
        (DataType::Null, _) => true,
        (a, b) if a == b => true,
        (DataType::Decimal256(..), DataType::Float64 | DataType::Utf8) => true,
        (_, DataType::Decimal256(..)) => matches!(source, DataType::Int64 | DataType::Float64 | DataType::Utf8 | DataType::Decimal128(..)),
        (DataType::Int64, t) => matches!(t, DataType::Float64 | DataType::Utf8 | DataType::Boolean | DataType::Decimal128(..)),
        (DataType::Float64, t) => matches!(t, DataType::Int64 | DataType::Utf8 | DataType::Decimal128(..)),
        (DataType::Decimal128(..), t) => matches!(t, DataType::Int64 | DataType::Float64 | DataType::Utf8),
        (DataType::Boolean, t) => matches!(t, DataType::Int64 | DataType::Utf8),
        // A text becomes JSON by PARSE_JSON alone.
        (DataType::Utf8, DataType::LargeBinary) => false,
        (DataType::Utf8, _) => true,
        (DataType::BinaryView | DataType::Interval(_), t) => matches!(t, DataType::Utf8),
        (DataType::Binary, t) => matches!(t, DataType::Utf8),
        (DataType::Date32, t) => matches!(t, DataType::Utf8 | DataType::Timestamp(..)),
        (DataType::Timestamp(..), t) => matches!(t, DataType::Utf8 | DataType::Date32 | DataType::Time64(_) | DataType::Timestamp(..)),
        (DataType::Time64(_), t) => matches!(t, DataType::Utf8),
        _ => false,
    };
    if allowed { Ok(target) } else { Err(format!("Invalid cast from {} to {name}", sql_type_name(&types[0]))) }
}

pub(super) fn cast<'a>(a: &[Value<'a>], target: &DataType) -> Result<Value<'a>, String> {
    let value = &a[0];
    let bad = |name: &str| format!("Bad {name} value: {}", plain_text(value));
    Ok(match target {
        DataType::Utf8 => match value {
            Value::Bytes(b) => text(String::from_utf8(b.to_vec()).map_err(|_| "Invalid cast of bytes to UTF8 string".to_owned())?),
            Value::Timestamp(us) => {
                let z = a.get(2).map_or(Ok(UTC), |z| zone(z.str()))?;
                text(strftime::timestamp_text(*us, z))
            }
            Value::Str(_) => value.clone(),
            Value::Interval(v) => super::intervals::shown(*v),
            other => text(plain_text(other)),
        },
        DataType::Binary => Value::Bytes(Cow::Owned(value.bytes().to_vec())),
        DataType::Boolean => match value {
            Value::Bool(_) => value.clone(),
            Value::Int(v) => Value::Bool(*v != 0),
            other => match other.str().trim().to_ascii_lowercase().as_str() {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                _ => return Err(format!("Bad bool value: {}", other.str())),
            },
        },
        DataType::Int64 => match value {
            Value::Float(f) => {
                let r = f.round();
                if !r.is_finite() || !(-9.223_372_036_854_776e18..9.223_372_036_854_776e18).contains(&r) {
                    return Err(format!("Illegal conversion of FLOAT64 to INT64 with value {}", float_text(*f)));
                }
                #[expect(clippy::cast_possible_truncation, reason = "the range was checked above")]
                Value::Int(r as i64)
            }
            Value::Numeric(v) => Value::Int(i64::try_from(half_away(*v, 1_000_000_000)).map_err(|_| "int64 out of range".to_owned())?),
            Value::Str(s) => Value::Int(parse_int(s).ok_or_else(|| bad("int64"))?),
            other => Value::Int(other.int()),
        },
        DataType::Float64 => match value {
            Value::Str(s) => Value::Float(parse_float(s).ok_or_else(|| bad("double"))?),
            Value::Other(v) => Value::Float(Value::Other(v.clone()).float()),
            other => Value::Float(other.float()),
        },
        DataType::Decimal128(..) => match value {
            Value::Numeric(_) => value.clone(),
            Value::Int(v) => Value::Numeric(i128::from(*v) * 1_000_000_000),
            Value::Str(s) => Value::Numeric(parse_numeric(s.trim()).ok_or_else(|| format!("Invalid NUMERIC value: {s}"))?),
            other => {
                let f = other.float();
                if !f.is_finite() || f.abs() >= 1e29 {
                    return Err(format!("Illegal conversion of FLOAT64 to NUMERIC with value {}", float_text(f)));
                }
                Value::Numeric(parse_numeric(&format!("{f:.9}")).ok_or_else(|| "numeric out of range".to_owned())?)
            }
        },
        DataType::Decimal256(precision, scale) => {
            let source = match value {
                Value::Other(_) => return Ok(value.clone()),
                other => plain_text(other),
            };
            let number =
                arrow::compute::kernels::cast_utils::parse_decimal::<arrow::datatypes::Decimal256Type>(source.trim(), *precision, *scale)
                    .map_err(|_| format!("Invalid BIGNUMERIC value: {source}"))?;
            Value::Other(ScalarValue::Decimal256(Some(number), *precision, *scale))
        }
        DataType::Date32 => match value {
            Value::Date(_) => value.clone(),
            Value::Str(s) => Value::Date(days(match strftime::parse_date(s) {
                Ok(date) => date,
                // A date with a time behind it is read for its date.
                Err(message) => from_micros(strftime::parse_timestamp(s, UTC).map_err(|_| message)?).date(),
            })),
            other => Value::Date(days(naive(other)?.date())),
        },
        DataType::Time64(_) => match value {
            Value::Time(_) => value.clone(),
            Value::Str(s) => {
                let t: NaiveTime = strftime::parse_time(s)?;
                Value::Time((t - NaiveTime::MIN).num_microseconds().unwrap_or(0))
            }
            other => Value::Time(micros(naive(other)?).rem_euclid(86_400_000_000)),
        },
        DataType::Timestamp(_, None) => match value {
            Value::Str(s) => Value::Datetime(micros(strftime::parse_datetime(s)?)),
            other => Value::Datetime(micros(naive(other)?)),
        },
        DataType::Timestamp(_, Some(_)) => {
            let z = a.get(2).map_or(Ok(UTC), |z| zone(z.str()))?;
            match value {
                Value::Timestamp(us) => Value::Timestamp(*us),
                Value::Str(s) => Value::Timestamp(strftime::parse_timestamp(s, z)?),
                other => Value::Timestamp(super::instants::to_utc(naive(other)?, z)),
            }
        }
        DataType::Interval(_) => match value {
            Value::Str(s) => Value::Interval(super::intervals::parse_interval(s)?),
            other => other.clone(),
        },
        t if *t == GEOGRAPHY => match value {
            Value::Str(s) => Value::Geography(Cow::Owned(super::geography::canonical(s)?)),
            other => other.clone(),
        },
        t if *t == JSON => value.clone(),
        _ => return Err("Invalid cast".to_owned()),
    })
}

fn parse_int(s: &str) -> Option<i64> {
    let s = s.trim();
    let (negative, digits) = match s.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, s.strip_prefix('+').unwrap_or(s)),
    };
    if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        let v = i128::from_str_radix(hex, 16).ok()?;
        return i64::try_from(if negative { -v } else { v }).ok();
    }
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let v: i128 = digits.parse().ok()?;
    i64::try_from(if negative { -v } else { v }).ok()
}

pub(super) fn parse_float(s: &str) -> Option<f64> {
    let s = s.trim();
    match s.to_ascii_lowercase().trim_start_matches('+') {
        "inf" | "infinity" => return Some(f64::INFINITY),
        "-inf" | "-infinity" => return Some(f64::NEG_INFINITY),
        "nan" => return Some(f64::NAN),
        _ => {}
    }
    s.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E')).then(|| s.parse().ok())?
}

fn parse_numeric(s: &str) -> Option<i128> {
    if s.contains(['e', 'E']) {
        return parse_numeric(&format!("{:.9}", parse_float(s)?));
    }
    let (negative, digits) = match s.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, s.strip_prefix('+').unwrap_or(s)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if (whole.is_empty() && fraction.is_empty()) || !whole.chars().chain(fraction.chars()).all(|c| c.is_ascii_digit()) {
        return None;
    }
    let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let padded = format!("{fraction:0<10}");
    let tenth: i128 = padded[..10].parse().ok()?;
    let value = whole.checked_mul(1_000_000_000)?.checked_add(half_away(tenth, 10))?;
    (value < 100_000_000_000_000_000_000_000_000_000_000_000_000).then_some(if negative { -value } else { value })
}

/// FLOAT64 as text: the shortest of 15 or 17 digits that reads back the same, without a needless `.0`.
pub(in crate::engine) fn float_text(f: f64) -> String {
    if f.is_nan() {
        return "NaN".to_owned();
    }
    if f.is_infinite() {
        return if f > 0.0 { "Infinity" } else { "-Infinity" }.to_lowercase().replace("infinity", "inf");
    }
    let short = general(f, 15);
    if short.parse() == Ok(f) { short } else { general(f, 17) }
}

/// C's `%.*g`.
pub(super) fn general(f: f64, digits: usize) -> String {
    if f == 0.0 {
        return "0".to_owned();
    }
    let scientific = format!("{f:.*e}", digits.max(1) - 1);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let tidy =
        |s: &str| -> String { if s.contains('.') { s.trim_end_matches('0').trim_end_matches('.').to_owned() } else { s.to_owned() } };
    let limit = i32::try_from(digits).unwrap_or(17);
    if exponent < -4 || exponent >= limit {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{}e{sign}{:02}", tidy(mantissa), exponent.abs());
    }
    let decimals = usize::try_from(limit - 1 - exponent).unwrap_or(0);
    tidy(&format!("{f:.decimals$}"))
}

fn numeric_text(v: i128) -> String {
    let sign = if v < 0 { "-" } else { "" };
    let v = v.unsigned_abs();
    decimal_text(&format!("{sign}{}.{:09}", v / 1_000_000_000, v % 1_000_000_000))
}

fn decimal_text(s: &str) -> String {
    if s.contains('.') { s.trim_end_matches('0').trim_end_matches('.').to_owned() } else { s.to_owned() }
}

/// A scalar as CAST to STRING writes it.
pub(in crate::engine) fn plain_text(value: &Value<'_>) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Bool(b) => b.to_string(),
        Value::Int(v) => v.to_string(),
        Value::Float(f) => float_text(*f),
        Value::Str(s) => s.to_string(),
        Value::Bytes(b) => String::from_utf8_lossy(b).into_owned(),
        Value::Date(d) => from_days(*d).map_or_else(|m| m, |d| d.format("%Y-%m-%d").to_string()),
        Value::Time(us) => strftime::time_text(*us),
        Value::Datetime(us) => strftime::datetime_text(from_micros(*us)),
        Value::Timestamp(us) => strftime::timestamp_text(*us, UTC),
        Value::Numeric(v) => numeric_text(*v),
        Value::Json(s) | Value::Geography(s) => s.to_string(),
        Value::Interval(v) => super::intervals::interval_text(*v),
        Value::Other(ScalarValue::Decimal256(Some(v), precision, scale)) => {
            use arrow::datatypes::DecimalType as _;
            decimal_text(&arrow::datatypes::Decimal256Type::format_decimal(*v, *precision, *scale))
        }
        Value::List(items) => {
            let parts: Vec<String> = cells(items).map(|c| c.iter().map(plain_text).collect()).unwrap_or_default();
            format!("[{}]", parts.join(", "))
        }
        Value::Other(v) => v.to_string(),
    }
}

/// A value as a JSON text, as TO_JSON_STRING writes it.
pub(super) fn json(value: &Value<'_>) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Json(s) => s.to_string(),
        Value::Bool(_) | Value::Numeric(_) => plain_text(value),
        Value::Other(ScalarValue::Decimal256(..)) => plain_text(value),
        Value::Int(v) if v.unsigned_abs() > 1 << 53 => format!("\"{v}\""),
        Value::Int(v) => v.to_string(),
        Value::Float(f) if f.is_finite() => float_text(*f),
        Value::List(items) => {
            let parts: Vec<String> = cells(items).map(|c| c.iter().map(json).collect()).unwrap_or_default();
            format!("[{}]", parts.join(","))
        }
        Value::Other(ScalarValue::Struct(array)) => {
            let parts: Vec<String> = array
                .fields()
                .iter()
                .zip(array.columns())
                .map(|(f, column)| {
                    let cell = cells(column).ok().and_then(|mut c| c.pop());
                    format!("{}:{}", quoted(f.name()), cell.map_or_else(|| "null".to_owned(), |c| json(&c)))
                })
                .collect();
            format!("{{{}}}", parts.join(","))
        }
        Value::Timestamp(us) => quoted(&from_micros(*us).format("%Y-%m-%dT%H:%M:%S%.fZ").to_string()),
        Value::Datetime(us) => quoted(&from_micros(*us).format("%Y-%m-%dT%H:%M:%S%.f").to_string()),
        Value::Bytes(b) => {
            use base64::Engine as _;
            quoted(&base64::engine::general_purpose::STANDARD.encode(b))
        }
        other => quoted(&plain_text(other)),
    }
}

pub(super) fn quoted(s: &str) -> String {
    serde_json::Value::from(s).to_string()
}
