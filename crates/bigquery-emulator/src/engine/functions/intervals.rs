//! INTERVAL: literals, texts, arithmetic and the functions of it. Months, days and nanoseconds are kept apart.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/interval_functions>

use arrow::datatypes::IntervalMonthDayNano;
use chrono::{Datelike, Duration, Months, NaiveDateTime};

use super::instants::{micros, naive};
use super::udf::{Body, Def, P, R, T, plain};
use super::value::{Value, text};
use crate::engine::types::sql_type_name;
use arrow::datatypes::{DataType, TimeUnit};

const HOUR_NS: i64 = 3_600_000_000_000;
const DAY_NS: i64 = 24 * HOUR_NS;

pub(super) const DEFS: &[Def] = &[
    // `INTERVAL n PART`.
    Def::new(
        "$INTERVAL",
        &[P::Int, P::Str],
        R::Is(T::Interval),
        Body::Strict(|a, _| Ok(Value::Interval(of_part(a[0].int(), a[1].str())?))),
    ),
    // `INTERVAL 'text' PART TO PART`.
    Def::new(
        "$INTERVAL_RANGE",
        &[P::Str, P::Str, P::Str],
        R::Is(T::Interval),
        Body::Strict(|a, _| Ok(Value::Interval(range(a[0].str(), a[1].str(), a[2].str())?))),
    ),
    // A temporal value and an INTERVAL, in both directions.
    Def::new(
        "$ADD_INTERVAL",
        &[P::Any, P::Interval, P::Bool],
        R::Custom(|types, _| match plain(&types[0]) {
            DataType::Date32 => Ok(DataType::Timestamp(TimeUnit::Microsecond, None)),
            t @ (DataType::Timestamp(..) | DataType::Interval(_)) => Ok(t),
            other => Err(format!("No matching signature for operator + for argument types: {}, INTERVAL", sql_type_name(&other))),
        }),
        Body::Strict(|a, _| shifted(a)),
    ),
    Def::new(
        "$SCALE_INTERVAL",
        &[P::Interval, P::Int],
        R::Is(T::Interval),
        Body::Strict(|a, _| match (&a[0], a[1].int()) {
            (Value::Interval(v), n) => scaled(*v, n).map(Value::Interval),
            _ => Ok(Value::Null),
        }),
    ),
    // What lies between two instants: DATEs give days, others hours and below.
    Def::new("$BETWEEN", &[P::Temporal, P::Temporal], R::Is(T::Interval), Body::Strict(|a, _| between(a))),
    Def::new("JUSTIFY_HOURS", &[P::Interval], R::Is(T::Interval), Body::Strict(|a, _| with(&a[0], justify_hours))),
    Def::new("JUSTIFY_DAYS", &[P::Interval], R::Is(T::Interval), Body::Strict(|a, _| with(&a[0], justify_days))),
    Def::new("JUSTIFY_INTERVAL", &[P::Interval], R::Is(T::Interval), Body::Strict(|a, _| with(&a[0], |v| justify_days(justify_hours(v))))),
    Def::new(
        "MAKE_INTERVAL",
        &[P::Int, P::Int, P::Int, P::Int, P::Int, P::Int],
        R::Is(T::Interval),
        Body::Strict(|a, _| {
            const PARTS: [&str; 6] = ["YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"];
            let mut sum = IntervalMonthDayNano::new(0, 0, 0);
            for (value, part) in a.iter().zip(PARTS) {
                sum = add(sum, of_part(value.int(), part)?)?;
            }
            Ok(Value::Interval(sum))
        }),
    )
    .optional(6),
];

fn out_of_range() -> String {
    "Interval value out of range".to_owned()
}

fn with(value: &Value<'_>, f: impl FnOnce(IntervalMonthDayNano) -> IntervalMonthDayNano) -> Result<Value<'static>, String> {
    Ok(match value {
        Value::Interval(v) => Value::Interval(f(*v)),
        _ => Value::Null,
    })
}

pub(super) fn of_part(n: i64, part: &str) -> Result<IntervalMonthDayNano, String> {
    let months =
        |unit: i64| n.checked_mul(unit).and_then(|n| i32::try_from(n).ok()).filter(|n| n.abs() <= 120_000).ok_or_else(out_of_range);
    let days =
        |unit: i64| n.checked_mul(unit).and_then(|n| i32::try_from(n).ok()).filter(|n| n.abs() <= 3_660_000).ok_or_else(out_of_range);
    let nanos = |unit: i64| n.checked_mul(unit).ok_or_else(out_of_range);
    Ok(match part {
        "YEAR" => IntervalMonthDayNano::new(months(12)?, 0, 0),
        "QUARTER" => IntervalMonthDayNano::new(months(3)?, 0, 0),
        "MONTH" => IntervalMonthDayNano::new(months(1)?, 0, 0),
        "WEEK" => IntervalMonthDayNano::new(0, days(7)?, 0),
        "DAY" => IntervalMonthDayNano::new(0, days(1)?, 0),
        "HOUR" => IntervalMonthDayNano::new(0, 0, nanos(HOUR_NS)?),
        "MINUTE" => IntervalMonthDayNano::new(0, 0, nanos(HOUR_NS / 60)?),
        "SECOND" => IntervalMonthDayNano::new(0, 0, nanos(1_000_000_000)?),
        "MILLISECOND" => IntervalMonthDayNano::new(0, 0, nanos(1_000_000)?),
        "MICROSECOND" => IntervalMonthDayNano::new(0, 0, nanos(1_000)?),
        other => return Err(format!("A valid date part name is required but found {other}")),
    })
}

fn add(a: IntervalMonthDayNano, b: IntervalMonthDayNano) -> Result<IntervalMonthDayNano, String> {
    let months = a.months.checked_add(b.months).ok_or_else(out_of_range)?;
    let days = a.days.checked_add(b.days).ok_or_else(out_of_range)?;
    let nanos = a.nanoseconds.checked_add(b.nanoseconds).ok_or_else(out_of_range)?;
    Ok(IntervalMonthDayNano::new(months, days, nanos))
}

pub(super) fn scaled(v: IntervalMonthDayNano, n: i64) -> Result<IntervalMonthDayNano, String> {
    let times = |part: i32| i64::from(part).checked_mul(n).and_then(|v| i32::try_from(v).ok()).ok_or_else(out_of_range);
    Ok(IntervalMonthDayNano::new(times(v.months)?, times(v.days)?, v.nanoseconds.checked_mul(n).ok_or_else(out_of_range)?))
}

fn justify_hours(v: IntervalMonthDayNano) -> IntervalMonthDayNano {
    let total = i128::from(v.days) * i128::from(DAY_NS) + i128::from(v.nanoseconds);
    let (days, nanos) = (total / i128::from(DAY_NS), total % i128::from(DAY_NS));
    IntervalMonthDayNano::new(v.months, i32::try_from(days).unwrap_or(i32::MAX), i64::try_from(nanos).unwrap_or(0))
}

fn justify_days(v: IntervalMonthDayNano) -> IntervalMonthDayNano {
    let total = i64::from(v.months) * 30 + i64::from(v.days);
    IntervalMonthDayNano::new(i32::try_from(total / 30).unwrap_or(i32::MAX), i32::try_from(total % 30).unwrap_or(0), v.nanoseconds)
}

/// A value plus, or minus, an INTERVAL: months first, then days, then the rest.
fn shifted<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
    let Value::Interval(interval) = a[1] else { return Ok(Value::Null) };
    let minus = matches!(a[2], Value::Bool(true));
    let interval = if minus { scaled(interval, -1)? } else { interval };
    if let Value::Interval(v) = a[0] {
        return add(v, interval).map(Value::Interval);
    }
    let at = plus(naive(&a[0])?, interval)?;
    Ok(match &a[0] {
        Value::Timestamp(_) if interval.months != 0 => {
            return Err("TIMESTAMP +/- INTERVAL is not supported for intervals with non-zero MONTH or YEAR part.".to_owned());
        }
        Value::Timestamp(_) => Value::Timestamp(micros(at)),
        _ => Value::Datetime(micros(at)),
    })
}

fn plus(at: NaiveDateTime, interval: IntervalMonthDayNano) -> Result<NaiveDateTime, String> {
    let range = || format!("Adding an INTERVAL to {} causes overflow", at.date());
    let count = Months::new(interval.months.unsigned_abs());
    let moved = if interval.months >= 0 { at.checked_add_months(count) } else { at.checked_sub_months(count) }.ok_or_else(range)?;
    let moved = moved.checked_add_signed(Duration::days(i64::from(interval.days))).ok_or_else(range)?;
    moved.checked_add_signed(Duration::nanoseconds(interval.nanoseconds)).filter(|at| (1..=9999).contains(&at.year())).ok_or_else(range)
}

fn between<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
    if let (Value::Date(x), Value::Date(y)) = (&a[0], &a[1]) {
        return Ok(Value::Interval(IntervalMonthDayNano::new(0, x - y, 0)));
    }
    let us = micros(naive(&a[0])?) - micros(naive(&a[1])?);
    Ok(Value::Interval(IntervalMonthDayNano::new(0, 0, us.checked_mul(1000).ok_or_else(out_of_range)?)))
}

/// EXTRACT of a part.
pub(super) fn extract(v: IntervalMonthDayNano, part: &str) -> Result<Value<'static>, String> {
    Ok(Value::Int(match part {
        "YEAR" => i64::from(v.months / 12),
        "MONTH" => i64::from(v.months % 12),
        "DAY" => i64::from(v.days),
        "HOUR" => v.nanoseconds / HOUR_NS,
        "MINUTE" => v.nanoseconds / (HOUR_NS / 60) % 60,
        "SECOND" => v.nanoseconds / 1_000_000_000 % 60,
        "MILLISECOND" => v.nanoseconds / 1_000_000 % 1_000,
        "MICROSECOND" => v.nanoseconds / 1_000 % 1_000_000,
        other => return Err(format!("EXTRACT of {other} from INTERVAL is not possible")),
    }))
}

/// `Y-M D H:M:S[.F]`.
pub(in crate::engine) fn interval_text(v: IntervalMonthDayNano) -> String {
    let sign = |negative: bool| if negative { "-" } else { "" };
    let (months, nanos) = (v.months.unsigned_abs(), v.nanoseconds.unsigned_abs());
    let seconds = nanos / 1_000_000_000;
    let mut text = format!(
        "{}{}-{} {} {}{}:{}:{}",
        sign(v.months < 0),
        months / 12,
        months % 12,
        v.days,
        sign(v.nanoseconds < 0),
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    );
    let fraction = nanos % 1_000_000_000;
    if fraction > 0 {
        let digits = if fraction % 1_000_000 == 0 {
            format!("{:03}", fraction / 1_000_000)
        } else if fraction % 1_000 == 0 {
            format!("{:06}", fraction / 1_000)
        } else {
            format!("{fraction:09}")
        };
        text.push('.');
        text.push_str(&digits);
    }
    text
}

/// The canonical text of an INTERVAL.
pub(in crate::engine) fn parse_interval(text: &str) -> Result<IntervalMonthDayNano, String> {
    let parts: Vec<&str> = text.split_whitespace().collect();
    match parts.as_slice() {
        [one] if one.starts_with('P') => iso8601(one).ok_or_else(|| format!("Invalid INTERVAL value '{text}'")),
        [_, _, _] => range(text, "YEAR", "SECOND"),
        [one] if one.contains(':') => range(text, "HOUR", "SECOND"),
        [one] if one.trim_start_matches('-').contains('-') => range(text, "YEAR", "MONTH"),
        _ => Err(format!("Invalid INTERVAL value '{text}'")),
    }
}

/// `P1Y2M3W4DT5H6M7.89S`, every part with a sign of its own.
fn iso8601(text: &str) -> Option<IntervalMonthDayNano> {
    let (date, time) = text.strip_prefix('P')?.split_once('T').unwrap_or((&text[1..], ""));
    let mut sum = IntervalMonthDayNano::new(0, 0, 0);
    let mut given = false;
    for (part, units) in [
        (date, [('Y', "YEAR"), ('M', "MONTH"), ('W', "WEEK"), ('D', "DAY")]),
        (time, [('H', "HOUR"), ('M', "MINUTE"), ('S', "SECOND"), ('S', "SECOND")]),
    ] {
        let mut rest = part;
        while !rest.is_empty() {
            let end = rest.find(|c: char| c.is_ascii_alphabetic())?;
            let (number, unit) = (&rest[..end], rest[end..].chars().next()?);
            let (_, name) = units.iter().find(|(letter, _)| *letter == unit)?;
            if let ("SECOND", Some((whole, fraction))) = (*name, number.split_once('.')) {
                let digits = format!("{fraction:0<9}");
                let nanos: i64 = digits.get(..9)?.parse().ok()?;
                let nanos = if whole.starts_with('-') { -nanos } else { nanos };
                sum = add(sum, of_part(whole.parse().ok()?, name).ok()?).ok()?;
                sum = add(sum, IntervalMonthDayNano::new(0, 0, nanos)).ok()?;
            } else {
                sum = add(sum, of_part(number.parse().ok()?, name).ok()?).ok()?;
            }
            given = true;
            rest = &rest[end + 1..];
        }
    }
    given.then_some(sum)
}

const ORDER: [&str; 6] = ["YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"];

/// `'1-2 3 4:5:6.789' YEAR TO SECOND` and its parts.
fn range(text: &str, from: &str, to: &str) -> Result<IntervalMonthDayNano, String> {
    let bad = || format!("Invalid INTERVAL value '{text}'");
    let place = |part: &str| ORDER.iter().position(|p| *p == part).ok_or_else(bad);
    let (from, to) = (place(from)?, place(to)?);
    let mut rest: std::collections::VecDeque<&str> = text.split_whitespace().collect();
    let number = |t: &str| t.parse::<i64>().map_err(|_| bad());
    let mut sum = IntervalMonthDayNano::new(0, 0, 0);
    if from <= 1 {
        let word = rest.pop_front().ok_or_else(bad)?;
        let (negative, word) = signed(word);
        let (years, months) = match word.split_once('-') {
            Some((y, m)) if from == 0 && to >= 1 => (number(y)?, number(m)?),
            None if from == 1 || to == 0 => {
                if from == 0 {
                    (number(word)?, 0)
                } else {
                    (0, number(word)?)
                }
            }
            _ => return Err(bad()),
        };
        let sign = if negative { -1 } else { 1 };
        sum = add(sum, of_part(sign * (years * 12 + months), "MONTH")?)?;
    }
    if from <= 2 && to >= 2 {
        sum = add(sum, of_part(number(rest.pop_front().ok_or_else(bad)?)?, "DAY")?)?;
    }
    if to >= 3 {
        let word = rest.pop_front().ok_or_else(bad)?;
        let (negative, word) = signed(word);
        let pieces: Vec<&str> = word.split(':').collect();
        let first = from.max(3);
        if pieces.len() != to - first + 1 {
            return Err(bad());
        }
        let mut nanos: i64 = 0;
        for (piece, part) in pieces.iter().zip(&ORDER[first..=to]) {
            let unit = match *part {
                "HOUR" => HOUR_NS,
                "MINUTE" => HOUR_NS / 60,
                _ => 1_000_000_000,
            };
            let (whole, fraction) = piece.split_once('.').unwrap_or((piece, ""));
            if !fraction.is_empty() && (*part != "SECOND" || fraction.len() > 9) {
                return Err(bad());
            }
            nanos = number(whole)?.checked_mul(unit).and_then(|n| nanos.checked_add(n)).ok_or_else(out_of_range)?;
            if !fraction.is_empty() {
                nanos += number(&format!("{fraction:0<9}"))?;
            }
        }
        sum = add(sum, IntervalMonthDayNano::new(0, 0, if negative { -nanos } else { nanos }))?;
    }
    if rest.is_empty() { Ok(sum) } else { Err(bad()) }
}

fn signed(word: &str) -> (bool, &str) {
    match word.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, word.strip_prefix('+').unwrap_or(word)),
    }
}

/// CAST to STRING.
pub(super) fn shown(v: IntervalMonthDayNano) -> Value<'static> {
    text(interval_text(v))
}
