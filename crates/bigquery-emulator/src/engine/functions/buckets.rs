//! Time series: the bucket that an instant falls into; and names of old for TIMESTAMPs from numbers.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/time-series-functions>

use chrono::Datelike;

use super::date_parts::add_naive;
use super::instants::{days, micros, naive};
use super::udf::{Body, Def, P, R, T};
use super::value::Value;

/// Where buckets start unless said otherwise: 1950-01-01 00:00:00.
const ORIGIN_US: i64 = -631_152_000_000_000;

pub(super) const DEFS: &[Def] = &[
    // value, count and part of the width [, origin]
    Def::new("DATE_BUCKET", &[P::Date, P::Int, P::Str, P::Date], R::Is(T::Date), Body::Strict(|a, _| bucket(a))).optional(1),
    Def::new("DATETIME_BUCKET", &[P::Datetime, P::Int, P::Str, P::Datetime], R::Is(T::Datetime), Body::Strict(|a, _| bucket(a)))
        .optional(1),
    Def::new("TIMESTAMP_BUCKET", &[P::Timestamp, P::Int, P::Str, P::Timestamp], R::Is(T::Timestamp), Body::Strict(|a, _| bucket(a)))
        .optional(1),
];

fn bucket<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
    let (width, part) = (a[1].int(), a[2].str());
    if width <= 0 {
        return Err("The bucket width must be a positive interval".to_owned());
    }
    let at = naive(&a[0])?;
    let origin = a.get(3).map_or_else(|| Ok(super::instants::from_micros(ORIGIN_US)), naive)?;
    let start = match part {
        "YEAR" | "QUARTER" | "MONTH" => {
            let months = |d: chrono::NaiveDateTime| i64::from(d.year()) * 12 + i64::from(d.month0());
            let unit = width
                * match part {
                    "YEAR" => 12,
                    "QUARTER" => 3,
                    _ => 1,
                };
            let mut n = (months(at) - months(origin)).div_euclid(unit);
            // The month may be right and the day too early.
            if add_naive(origin, n * unit, "MONTH")? > at {
                n -= 1;
            }
            add_naive(origin, n * unit, "MONTH")?
        }
        part => {
            let unit = micros(add_naive(origin, width, part)?) - micros(origin);
            let us = micros(at) - micros(origin);
            super::instants::from_micros(micros(origin) + us.div_euclid(unit) * unit)
        }
    };
    Ok(match &a[0] {
        Value::Date(_) => Value::Date(days(start.date())),
        Value::Datetime(_) => Value::Datetime(micros(start)),
        _ => Value::Timestamp(micros(start)),
    })
}
