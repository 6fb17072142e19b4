//! The functions of dates and times: constructors, formats, arrays, and the short cuts for whole columns.
//!
//! Sources: <https://cloud.google.com/bigquery/docs/reference/standard-sql/date_functions>, `timestamp_functions`,
//! `datetime_functions`, `time_functions` and `format-elements` beside it.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Date32Array, TimestampMicrosecondArray};
use arrow::compute::{DatePart, date_part};
use arrow::datatypes::{DataType, Date32Type, TimeUnit, TimestampMicrosecondType};
use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use datafusion::logical_expr::ColumnarValue;

use super::date_parts::{add, add_naive, add_type, diff, extract, extract_type, trunc, trunc_naive, trunc_type};
use super::instants::{DAY_US, UTC, days, from_days, in_zone, micros, naive, to_utc, zone_of};
use super::strftime;
use super::udf::{Body, Def, P, R, T};
use super::value::{Value, text};
use crate::engine::types::timestamp_type;

pub(super) const DEFS: &[Def] = &[
    // DATE(year, month, day), DATE(timestamp [, zone]), DATE(datetime), DATE(text).
    Def::new("DATE", &[P::Any, P::Any, P::Int], R::Is(T::Date), Body::Strict(|a, _| date(a))).optional(2).shortcut(date_of_timestamps),
    Def::new("DATETIME", &[P::Any, P::Any, P::Int, P::Int, P::Int, P::Int], R::Is(T::Datetime), Body::Strict(|a, _| datetime(a)))
        .optional(5),
    Def::new(
        "TIMESTAMP",
        &[P::Temporal, P::Str],
        R::Is(T::Timestamp),
        Body::Strict(|a, _| {
            let zone = zone_of(a.get(1))?;
            Ok(match &a[0] {
                Value::Timestamp(v) => Value::Timestamp(*v),
                Value::Str(s) => Value::Timestamp(strftime::parse_timestamp(s, zone)?),
                other => Value::Timestamp(to_utc(naive(other)?, zone)),
            })
        }),
    )
    .optional(1),
    Def::new("TIME", &[P::Any, P::Any, P::Int], R::Is(T::Time), Body::Strict(|a, _| time(a))).optional(2),
    // What DATE_ADD, DATE_SUB, TIMESTAMP_ADD ... and `x + INTERVAL n part` become: value, count, part, name of the function.
    Def::new("$DATE_ADD", &[P::Temporal, P::Int, P::Str, P::Str], R::Custom(add_type), Body::Strict(add)),
    Def::new("$DATE_DIFF", &[P::Temporal, P::Temporal, P::Str, P::Str], R::Is(T::Int), Body::Strict(|a, _| diff(a))),
    Def::new("$DATE_TRUNC", &[P::Temporal, P::Str, P::Str, P::Str], R::Custom(trunc_type), Body::Strict(trunc))
        .optional(1)
        .shortcut(truncated_dates),
    Def::new("$EXTRACT", &[P::Str, P::Any, P::Str], R::Custom(extract_type), Body::Strict(|a, _| extract(a)))
        .optional(1)
        .shortcut(extracted_parts),
    Def::new(
        "LAST_DAY",
        &[P::Temporal, P::Str],
        R::Is(T::Date),
        Body::Strict(|a, _| {
            let part = a.get(1).map_or("MONTH", Value::str);
            let start = trunc_naive(naive(&a[0])?, part)?;
            let next = add_naive(start, 1, part)?;
            Ok(Value::Date(days(next.date()) - 1))
        }),
    )
    .optional(1),
    Def::new(
        "FORMAT_DATE",
        &[P::Str, P::Date],
        R::Is(T::Str),
        Body::Strict(|a, _| Ok(text(strftime::format(a[0].str(), naive(&a[1])?, None)?))),
    ),
    Def::new(
        "FORMAT_DATETIME",
        &[P::Str, P::Datetime],
        R::Is(T::Str),
        Body::Strict(|a, _| Ok(text(strftime::format(a[0].str(), naive(&a[1])?, None)?))),
    ),
    Def::new(
        "FORMAT_TIME",
        &[P::Str, P::Time],
        R::Is(T::Str),
        Body::Strict(|a, _| Ok(text(strftime::format(a[0].str(), naive(&a[1])?, None)?))),
    ),
    Def::new(
        "FORMAT_TIMESTAMP",
        &[P::Str, P::Timestamp, P::Str],
        R::Is(T::Str),
        Body::Strict(|a, _| {
            let zone = zone_of(a.get(2))?;
            let Value::Timestamp(v) = a[1] else { return Ok(Value::Null) };
            Ok(text(strftime::format(a[0].str(), in_zone(v, zone), Some((zone, v)))?))
        }),
    )
    .optional(1),
    Def::new(
        "PARSE_DATE",
        &[P::Str, P::Str],
        R::Is(T::Date),
        Body::Strict(|a, _| Ok(Value::Date(days(strftime::parse("PARSE_DATE", a[0].str(), a[1].str())?.0.date())))),
    ),
    Def::new(
        "PARSE_DATETIME",
        &[P::Str, P::Str],
        R::Is(T::Datetime),
        Body::Strict(|a, _| Ok(Value::Datetime(micros(strftime::parse("PARSE_DATETIME", a[0].str(), a[1].str())?.0)))),
    ),
    Def::new(
        "PARSE_TIME",
        &[P::Str, P::Str],
        R::Is(T::Time),
        Body::Strict(|a, _| Ok(Value::Time(micros(strftime::parse("PARSE_TIME", a[0].str(), a[1].str())?.0).rem_euclid(DAY_US)))),
    ),
    Def::new(
        "PARSE_TIMESTAMP",
        &[P::Str, P::Str, P::Str],
        R::Is(T::Timestamp),
        Body::Strict(|a, _| {
            let zone = zone_of(a.get(2))?;
            let (at, offset) = strftime::parse("PARSE_TIMESTAMP", a[0].str(), a[1].str())?;
            Ok(Value::Timestamp(match offset {
                Some(seconds) => micros(at) - i64::from(seconds) * 1_000_000,
                None => to_utc(at, zone),
            }))
        }),
    )
    .optional(1),
    Def::new("UNIX_SECONDS", &[P::Timestamp], R::Is(T::Int), Body::Strict(|a, _| Ok(Value::Int(utc(&a[0]).div_euclid(1_000_000))))),
    Def::new("UNIX_MILLIS", &[P::Timestamp], R::Is(T::Int), Body::Strict(|a, _| Ok(Value::Int(utc(&a[0]).div_euclid(1_000))))),
    Def::new("UNIX_MICROS", &[P::Timestamp], R::Is(T::Int), Body::Strict(|a, _| Ok(Value::Int(utc(&a[0]))))),
    Def::new(
        "UNIX_DATE",
        &[P::Date],
        R::Is(T::Int),
        Body::Strict(|a, _| {
            Ok(match a[0] {
                Value::Date(d) => Value::Int(i64::from(d)),
                _ => Value::Null,
            })
        }),
    ),
    Def::new(
        "DATE_FROM_UNIX_DATE",
        &[P::Int],
        R::Is(T::Date),
        Body::Strict(|a, _| i32::try_from(a[0].int()).map(Value::Date).map_err(|_| "Date value out of range".to_owned())),
    ),
    Def::new("TIMESTAMP_SECONDS", &[P::Int], R::Is(T::Timestamp), Body::Strict(|a, _| scaled(a[0].int(), 1_000_000))),
    Def::new("TIMESTAMP_MILLIS", &[P::Int], R::Is(T::Timestamp), Body::Strict(|a, _| scaled(a[0].int(), 1_000))),
    Def::new("TIMESTAMP_MICROS", &[P::Int], R::Is(T::Timestamp), Body::Strict(|a, _| scaled(a[0].int(), 1))),
    Def::new("GENERATE_DATE_ARRAY", &[P::Date, P::Date, P::Int, P::Str], R::List(T::Date), Body::Strict(|a, _| date_array(a))).optional(2),
    Def::new(
        "GENERATE_TIMESTAMP_ARRAY",
        &[P::Timestamp, P::Timestamp, P::Int, P::Str],
        R::Custom(|_, _| Ok(super::udf::list_of(timestamp_type()))),
        Body::Strict(|a, _| timestamp_array(a)),
    ),
];

fn utc(value: &Value<'_>) -> i64 {
    match value {
        Value::Timestamp(v) => *v,
        _ => 0,
    }
}

fn scaled(value: i64, unit: i64) -> Result<Value<'static>, String> {
    value
        .checked_mul(unit)
        .filter(|v| (-62_135_596_800_000_000..253_402_300_800_000_000).contains(v))
        .map(Value::Timestamp)
        .ok_or_else(|| format!("TIMESTAMP value out of range: {value}"))
}

fn date<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
    if let [Value::Int(y), m, d] = a {
        let made =
            i32::try_from(*y).ok().and_then(|y| NaiveDate::from_ymd_opt(y, u32::try_from(m.int()).ok()?, u32::try_from(d.int()).ok()?));
        return made
            .filter(|d| (1..=9999).contains(&d.year()))
            .map(|d| Value::Date(days(d)))
            .ok_or_else(|| format!("Input calculates to invalid date: {:04}-{:02}-{:02}", y, m.int(), d.int()));
    }
    Ok(match &a[0] {
        Value::Date(d) => Value::Date(*d),
        Value::Timestamp(us) => Value::Date(days(in_zone(*us, zone_of(a.get(1))?).date())),
        Value::Datetime(us) => Value::Date(i32::try_from(us.div_euclid(DAY_US)).unwrap_or(i32::MAX)),
        Value::Str(s) => Value::Date(days(in_zone(strftime::parse_timestamp(s, UTC)?, zone_of(a.get(1))?).date())),
        _ => return Err("No matching signature for function DATE".to_owned()),
    })
}

fn datetime<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
    if a.len() == 6 {
        let part = |i: usize| u32::try_from(a[i].int()).ok();
        let made =
            || NaiveDate::from_ymd_opt(i32::try_from(a[0].int()).ok()?, part(1)?, part(2)?)?.and_hms_opt(part(3)?, part(4)?, part(5)?);
        return made().map(|at| Value::Datetime(micros(at))).ok_or_else(|| "Input calculates to invalid datetime".to_owned());
    }
    Ok(Value::Datetime(match (&a[0], a.get(1)) {
        (Value::Timestamp(us), zone) => micros(in_zone(*us, zone_of(zone)?)),
        (d @ Value::Date(_), Some(Value::Time(t))) => micros(naive(d)?) + t,
        (other, _) => micros(naive(other)?),
    }))
}

fn time<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
    if let [Value::Int(h), m, s] = a {
        let part = |v: i64| u32::try_from(v).ok();
        let made = || NaiveTime::from_hms_opt(part(*h)?, part(m.int())?, part(s.int())?);
        return made()
            .map(|t| Value::Time(i64::from(t.num_seconds_from_midnight()) * 1_000_000))
            .ok_or_else(|| "Input calculates to invalid time".to_owned());
    }
    Ok(Value::Time(match (&a[0], a.get(1)) {
        (Value::Timestamp(us), zone) => micros(in_zone(*us, zone_of(zone)?)).rem_euclid(DAY_US),
        (Value::Time(us), _) => *us,
        (other, _) => micros(naive(other)?).rem_euclid(DAY_US),
    }))
}

const MAX_ARRAY: usize = 1_000_000;

fn steps(from: NaiveDateTime, to: NaiveDateTime, step: i64, part: &str, mut emit: impl FnMut(NaiveDateTime)) -> Result<(), String> {
    if step == 0 {
        return Err("Sequence step cannot be 0.".to_owned());
    }
    for i in 0..MAX_ARRAY {
        let n = i64::try_from(i).ok().and_then(|i| i.checked_mul(step));
        let Ok(at) = add_naive(from, n.unwrap_or(i64::MAX), part) else {
            return Ok(());
        };
        if (step > 0 && at > to) || (step < 0 && at < to) {
            return Ok(());
        }
        emit(at);
    }
    Err("Cannot generate array with more than 1000000 elements".to_owned())
}

fn date_array<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
    let mut found = Vec::new();
    let part = a.get(3).map_or("DAY", Value::str);
    steps(naive(&a[0])?, naive(&a[1])?, a.get(2).map_or(1, Value::int), part, |at| {
        found.push(days(at.date()));
    })?;
    Ok(Value::List(Arc::new(Date32Array::from(found)) as ArrayRef))
}

fn timestamp_array<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
    let mut found = Vec::new();
    steps(naive(&a[0])?, naive(&a[1])?, a[2].int(), a[3].str(), |at| found.push(micros(at)))?;
    Ok(Value::List(Arc::new(TimestampMicrosecondArray::from(found).with_timezone("UTC")) as ArrayRef))
}

/// DATE of a column of TIMESTAMPs in UTC.
fn date_of_timestamps(args: &[ColumnarValue]) -> Option<ArrayRef> {
    let [ColumnarValue::Array(array)] = args else {
        return None;
    };
    let instants = array.as_primitive_opt::<TimestampMicrosecondType>()?;
    let days: Date32Array = instants.unary(|us| i32::try_from(us.div_euclid(DAY_US)).unwrap_or(i32::MAX));
    Some(Arc::new(days))
}

/// DATE_TRUNC of a column of DATEs: neighbours are often the same day, so the last answer is kept.
fn truncated_dates(args: &[ColumnarValue]) -> Option<ArrayRef> {
    let [ColumnarValue::Array(array), ColumnarValue::Scalar(part), ColumnarValue::Scalar(_)] = args else {
        return None;
    };
    let part = part.try_as_str()??;
    let dates = array.as_primitive_opt::<Date32Type>()?;
    let last = std::cell::Cell::new(None);
    let truncated: Result<Date32Array, String> = dates.try_unary(|day| match last.get() {
        Some((from, to)) if from == day => Ok(to),
        _ => {
            let at = from_days(day)?.and_time(NaiveTime::MIN);
            let to = days(trunc_naive(at, part)?.date());
            last.set(Some((day, to)));
            Ok(to)
        }
    });
    Some(Arc::new(truncated.ok()?))
}

/// EXTRACT of the parts that Arrow computes the same way, from DATEs and from TIMESTAMPs in UTC.
fn extracted_parts(args: &[ColumnarValue]) -> Option<ArrayRef> {
    let [ColumnarValue::Scalar(part), ColumnarValue::Array(array)] = args else {
        return None;
    };
    let part = match part.try_as_str()?? {
        "YEAR" => DatePart::Year,
        "QUARTER" => DatePart::Quarter,
        "MONTH" => DatePart::Month,
        "DAY" => DatePart::Day,
        "HOUR" => DatePart::Hour,
        "MINUTE" => DatePart::Minute,
        _ => return None,
    };
    let time_of_day = matches!(part, DatePart::Hour | DatePart::Minute);
    match array.data_type() {
        DataType::Timestamp(TimeUnit::Microsecond, _) => {}
        DataType::Date32 if !time_of_day => {}
        _ => return None,
    }
    let parts = date_part(array, part).ok()?;
    arrow::compute::cast(&parts, &DataType::Int64).ok()
}
