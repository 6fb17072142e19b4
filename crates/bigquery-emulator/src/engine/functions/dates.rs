//! Dates and times: parts, truncation, differences, formats, time zones.
//!
//! Sources: <https://cloud.google.com/bigquery/docs/reference/standard-sql/date_functions>, `timestamp_functions`,
//! `datetime_functions`, `time_functions` and `format-elements` beside it. Weeks start on Sunday unless said otherwise.

use arrow::datatypes::{DataType, TimeUnit};
use chrono::{DateTime, Datelike, Duration, Months, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Weekday};
use datafusion::common::ScalarValue;

use super::date_arrays::{date_array, timestamp_array};
use super::date_columns::{date_of_timestamps, extracted_parts, truncated_dates};
use super::strftime;
use super::udf::{Body, Def, P, R, T, plain};
use super::value::{Value, text};
use super::zones::zone_of;
pub(super) use super::zones::{UTC, Zone, in_zone, offset_seconds, to_utc, zone};
use crate::engine::types::{sql_type_name, timestamp_type};

pub(super) const DAY_US: i64 = 86_400_000_000;

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
    Def::new("$EXTRACT", &[P::Str, P::Temporal, P::Str], R::Custom(extract_type), Body::Strict(|a, _| extract(a)))
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

pub(super) fn days(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - 719_163
}

pub(super) fn from_days(days: i32) -> Result<NaiveDate, String> {
    days.checked_add(719_163)
        .and_then(NaiveDate::from_num_days_from_ce_opt)
        .filter(|d| (1..=9999).contains(&d.year()))
        .ok_or_else(|| format!("Date value out of range: {days} days since 1970-01-01"))
}

pub(super) fn micros(at: NaiveDateTime) -> i64 {
    at.and_utc().timestamp_micros()
}

pub(super) fn from_micros(us: i64) -> NaiveDateTime {
    DateTime::from_timestamp_micros(us).unwrap_or_default().naive_utc()
}

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

/// A temporal cell as wall clock (a TIMESTAMP in UTC; a text as DATE, DATETIME or TIMESTAMP).
pub(super) fn naive(value: &Value<'_>) -> Result<NaiveDateTime, String> {
    Ok(match value {
        Value::Date(d) => from_days(*d)?.and_time(NaiveTime::MIN),
        Value::Datetime(us) | Value::Timestamp(us) | Value::Time(us) => from_micros(*us),
        Value::Str(s) => from_micros(strftime::parse_timestamp(s, UTC)?),
        other => return Err(format!("internal: {other:?} is no time")),
    })
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

fn first_weekday(part: &str) -> Option<Weekday> {
    Some(match part {
        "WEEK" | "WEEK(SUNDAY)" => Weekday::Sun,
        "ISOWEEK" | "WEEK(MONDAY)" => Weekday::Mon,
        "WEEK(TUESDAY)" => Weekday::Tue,
        "WEEK(WEDNESDAY)" => Weekday::Wed,
        "WEEK(THURSDAY)" => Weekday::Thu,
        "WEEK(FRIDAY)" => Weekday::Fri,
        "WEEK(SATURDAY)" => Weekday::Sat,
        _ => return None,
    })
}

fn week_start(date: NaiveDate, first: Weekday) -> NaiveDate {
    let back = (7 + date.weekday().num_days_from_sunday() - first.num_days_from_sunday()) % 7;
    date - Duration::days(i64::from(back))
}

fn unit_us(part: &str) -> Option<i64> {
    Some(match part {
        "MICROSECOND" => 1,
        "MILLISECOND" => 1_000,
        "SECOND" => 1_000_000,
        "MINUTE" => 60_000_000,
        "HOUR" => 3_600_000_000,
        "DAY" => DAY_US,
        _ => return None,
    })
}

fn no_part(part: &str) -> String {
    format!("A valid date part name is required but found {part}")
}

fn ymd(y: i32, m: u32, d: u32) -> Result<NaiveDate, String> {
    NaiveDate::from_ymd_opt(y, m, d).ok_or_else(|| "Date value out of range".to_owned())
}

pub(super) fn trunc_naive(at: NaiveDateTime, part: &str) -> Result<NaiveDateTime, String> {
    let date = at.date();
    let start = match part {
        "YEAR" => ymd(date.year(), 1, 1)?,
        "QUARTER" => ymd(date.year(), date.month0() / 3 * 3 + 1, 1)?,
        "MONTH" => ymd(date.year(), date.month(), 1)?,
        "ISOYEAR" => week_start(ymd(date.iso_week().year(), 1, 4)?, Weekday::Mon),
        "DAY" => date,
        part => {
            if let Some(first) = first_weekday(part) {
                week_start(date, first)
            } else {
                let unit = unit_us(part).ok_or_else(|| no_part(part))?;
                let us = micros(at);
                return Ok(from_micros(us - us.rem_euclid(unit)));
            }
        }
    };
    Ok(start.and_time(NaiveTime::MIN))
}

pub(super) fn add_naive(at: NaiveDateTime, n: i64, part: &str) -> Result<NaiveDateTime, String> {
    let range = || format!("Adding {n} {part} to {} causes overflow", at.date());
    let months = |n: i64| -> Result<NaiveDateTime, String> {
        let count = Months::new(u32::try_from(n.unsigned_abs()).map_err(|_| range())?);
        if n >= 0 { at.checked_add_months(count) } else { at.checked_sub_months(count) }.ok_or_else(range)
    };
    let unit = |unit: i64| -> Result<NaiveDateTime, String> {
        let us = n.checked_mul(unit).ok_or_else(range)?;
        at.checked_add_signed(Duration::microseconds(us)).ok_or_else(range)
    };
    let result = match part {
        "YEAR" => months(n.checked_mul(12).ok_or_else(range)?)?,
        "QUARTER" => months(n.checked_mul(3).ok_or_else(range)?)?,
        "MONTH" => months(n)?,
        "WEEK" | "ISOWEEK" => unit(7 * DAY_US)?,
        part => unit(unit_us(part).ok_or_else(|| no_part(part))?)?,
    };
    if !(1..=9999).contains(&result.year()) {
        return Err(range());
    }
    Ok(result)
}

fn wrong(types: &[DataType]) -> Result<DataType, String> {
    let names: Vec<String> = types.iter().take(1).map(sql_type_name).collect();
    Err(format!("No matching signature for date function for argument types: {}", names.join(", ")))
}

/// The result keeps the type of the value; a text takes the type that the function's name says.
fn named_type(name: &str) -> DataType {
    match name.split('_').next() {
        Some("TIMESTAMP") => timestamp_type(),
        Some("DATETIME") => DataType::Timestamp(TimeUnit::Microsecond, None),
        Some("TIME") => DataType::Time64(TimeUnit::Microsecond),
        _ => DataType::Date32,
    }
}

fn literal<'a>(args: &[Option<&'a ScalarValue>], index: usize) -> Option<&'a str> {
    args.get(index).copied().flatten().and_then(|v| v.try_as_str().flatten())
}

fn add_type(types: &[DataType], args: &[Option<&ScalarValue>]) -> Result<DataType, String> {
    let (part, name) = (literal(args, 2).unwrap_or("DAY"), literal(args, 3).unwrap_or_default());
    let own = plain(&types[0]);
    let result = match &own {
        DataType::Utf8 => named_type(name),
        // `date + INTERVAL` and DATETIME_ADD(date, ...) give a DATETIME.
        DataType::Date32 if name == "+" || name.starts_with("DATETIME") => DataType::Timestamp(TimeUnit::Microsecond, None),
        DataType::Timestamp(..) | DataType::Date32 | DataType::Time64(_) => own.clone(),
        _ => return wrong(types),
    };
    if result == DataType::Date32 && unit_us(part).is_some_and(|u| u < DAY_US) {
        return Err(format!("{name} does not support the {part} date part"));
    }
    if matches!(result, DataType::Timestamp(_, Some(_))) && unit_us(part).is_none() {
        let name = if name == "+" { "TIMESTAMP +/- INTERVAL" } else { name };
        return Err(format!("{name} does not support the {part} date part when the argument is TIMESTAMP type"));
    }
    Ok(result)
}

fn typed(at: NaiveDateTime, t: &DataType) -> Value<'static> {
    match t {
        DataType::Date32 => Value::Date(days(at.date())),
        DataType::Time64(_) => Value::Time(micros(at).rem_euclid(DAY_US)),
        DataType::Timestamp(_, None) => Value::Datetime(micros(at)),
        _ => Value::Timestamp(micros(at)),
    }
}

fn add<'a>(a: &[Value<'a>], t: &DataType) -> Result<Value<'a>, String> {
    Ok(typed(add_naive(naive(&a[0])?, a[1].int(), a[2].str())?, t))
}

fn diff<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
    let (x, y, part) = (naive(&a[0])?, naive(&a[1])?, a[2].str());
    let instants = matches!(a[0], Value::Timestamp(_)) || a[3].str() == "TIMESTAMP_DIFF";
    if instants && let Some(unit) = unit_us(part) {
        // TIMESTAMP_DIFF counts whole units that have passed, not boundaries.
        return Ok(Value::Int((micros(x) - micros(y)) / unit));
    }
    let months = |d: NaiveDate| i64::from(d.year()) * 12 + i64::from(d.month0());
    Ok(Value::Int(match part {
        "YEAR" => i64::from(x.year()) - i64::from(y.year()),
        "ISOYEAR" => i64::from(x.iso_week().year()) - i64::from(y.iso_week().year()),
        "QUARTER" => months(x.date()).div_euclid(3) - months(y.date()).div_euclid(3),
        "MONTH" => months(x.date()) - months(y.date()),
        part => {
            if let Some(first) = first_weekday(part) {
                (week_start(x.date(), first) - week_start(y.date(), first)).num_days() / 7
            } else {
                let unit = unit_us(part).ok_or_else(|| no_part(part))?;
                micros(x).div_euclid(unit) - micros(y).div_euclid(unit)
            }
        }
    }))
}

fn trunc_type(types: &[DataType], args: &[Option<&ScalarValue>]) -> Result<DataType, String> {
    let name = literal(args, 2).unwrap_or_default();
    Ok(match plain(&types[0]) {
        DataType::Utf8 => named_type(name),
        t @ (DataType::Timestamp(..) | DataType::Date32 | DataType::Time64(_)) => t,
        _ => return wrong(types),
    })
}

/// `$DATE_TRUNC(value, part, name of the function [, zone])`.
fn trunc<'a>(a: &[Value<'a>], t: &DataType) -> Result<Value<'a>, String> {
    let part = a[1].str();
    if let (Value::Timestamp(us), Some(zone_name)) = (&a[0], a.get(3)) {
        let zone = zone(zone_name.str())?;
        return Ok(Value::Timestamp(to_utc(trunc_naive(in_zone(*us, zone), part)?, zone)));
    }
    Ok(typed(trunc_naive(naive(&a[0])?, part)?, t))
}

fn extract_type(types: &[DataType], args: &[Option<&ScalarValue>]) -> Result<DataType, String> {
    if !matches!(types.get(1), Some(DataType::Date32 | DataType::Timestamp(..) | DataType::Time64(_) | DataType::Utf8 | DataType::Null)) {
        return wrong(&types[1..]);
    }
    Ok(match literal(args, 0) {
        Some("DATE") => DataType::Date32,
        Some("DATETIME") => DataType::Timestamp(TimeUnit::Microsecond, None),
        Some("TIME") => DataType::Time64(TimeUnit::Microsecond),
        _ => DataType::Int64,
    })
}

/// `$EXTRACT(part, value [, zone])`. DAYOFWEEK: Sunday is 1.
fn extract<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
    let at = match (&a[1], a.get(2)) {
        (Value::Timestamp(us), Some(name)) => in_zone(*us, zone(name.str())?),
        (value, _) => naive(value)?,
    };
    let week = |first: Weekday| -> Result<i64, String> {
        // Dates before the year's first week day are in week 0.
        let start = ymd(at.year(), 1, 1)?;
        let lead = (7 + first.num_days_from_sunday() - start.weekday().num_days_from_sunday()) % 7;
        Ok((i64::from(at.ordinal0()) - i64::from(lead) + 7) / 7)
    };
    Ok(Value::Int(match a[0].str() {
        "DATE" => return Ok(Value::Date(days(at.date()))),
        "DATETIME" => return Ok(Value::Datetime(micros(at))),
        "TIME" => return Ok(Value::Time(micros(at).rem_euclid(DAY_US))),
        "YEAR" => i64::from(at.year()),
        "ISOYEAR" => i64::from(at.iso_week().year()),
        "QUARTER" => i64::from(at.month0() / 3 + 1),
        "MONTH" => i64::from(at.month()),
        "ISOWEEK" => i64::from(at.iso_week().week()),
        "DAY" => i64::from(at.day()),
        "DAYOFYEAR" => i64::from(at.ordinal()),
        "DAYOFWEEK" => i64::from(at.weekday().number_from_sunday()),
        "HOUR" => i64::from(at.hour()),
        "MINUTE" => i64::from(at.minute()),
        "SECOND" => i64::from(at.second()),
        "MILLISECOND" => i64::from(at.nanosecond() / 1_000_000),
        "MICROSECOND" => i64::from(at.nanosecond() / 1_000),
        part => match first_weekday(part) {
            Some(first) => week(first)?,
            None => return Err(no_part(part)),
        },
    }))
}
