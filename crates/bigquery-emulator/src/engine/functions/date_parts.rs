//! The parts of dates and times: DATE_ADD, DATE_DIFF, DATE_TRUNC and EXTRACT, of every temporal type.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/date_functions#date_diff> and the like beside it.
//! Weeks start on Sunday unless said otherwise.

use arrow::datatypes::{DataType, TimeUnit};
use chrono::{Datelike, Duration, Months, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Weekday};
use datafusion::common::ScalarValue;

use super::instants::{DAY_US, days, from_micros, in_zone, micros, naive, to_utc, zone};
use super::udf::plain;
use super::value::Value;
use crate::engine::types::{sql_type_name, timestamp_type};

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

pub(super) fn add_type(types: &[DataType], args: &[Option<&ScalarValue>]) -> Result<DataType, String> {
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

pub(super) fn add<'a>(a: &[Value<'a>], t: &DataType) -> Result<Value<'a>, String> {
    Ok(typed(add_naive(naive(&a[0])?, a[1].int(), a[2].str())?, t))
}

pub(super) fn diff<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
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

pub(super) fn trunc_type(types: &[DataType], args: &[Option<&ScalarValue>]) -> Result<DataType, String> {
    let name = literal(args, 2).unwrap_or_default();
    Ok(match plain(&types[0]) {
        DataType::Utf8 => named_type(name),
        t @ (DataType::Timestamp(..) | DataType::Date32 | DataType::Time64(_)) => t,
        _ => return wrong(types),
    })
}

/// `$DATE_TRUNC(value, part, name of the function [, zone])`.
pub(super) fn trunc<'a>(a: &[Value<'a>], t: &DataType) -> Result<Value<'a>, String> {
    let part = a[1].str();
    if let (Value::Timestamp(us), Some(zone_name)) = (&a[0], a.get(3)) {
        let zone = zone(zone_name.str())?;
        return Ok(Value::Timestamp(to_utc(trunc_naive(in_zone(*us, zone), part)?, zone)));
    }
    Ok(typed(trunc_naive(naive(&a[0])?, part)?, t))
}

pub(super) fn extract_type(types: &[DataType], args: &[Option<&ScalarValue>]) -> Result<DataType, String> {
    if matches!(types.get(1), Some(DataType::Interval(_))) {
        return Ok(DataType::Int64);
    }
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
pub(super) fn extract<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
    if let Value::Interval(interval) = a[1] {
        return super::intervals::extract(interval, a[0].str());
    }
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
