//! GENERATE_DATE_ARRAY and GENERATE_TIMESTAMP_ARRAY.

use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, TimestampMicrosecondArray};
use chrono::NaiveDateTime;

use super::dates::{add_naive, days, micros, naive};
use super::value::Value;

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

pub(super) fn date_array<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
    let mut found = Vec::new();
    let part = a.get(3).map_or("DAY", Value::str);
    steps(naive(&a[0])?, naive(&a[1])?, a.get(2).map_or(1, Value::int), part, |at| {
        found.push(days(at.date()));
    })?;
    Ok(Value::List(Arc::new(Date32Array::from(found)) as ArrayRef))
}

pub(super) fn timestamp_array<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
    let mut found = Vec::new();
    steps(naive(&a[0])?, naive(&a[1])?, a[2].int(), a[3].str(), |at| found.push(micros(at)))?;
    Ok(Value::List(Arc::new(TimestampMicrosecondArray::from(found).with_timezone("UTC")) as ArrayRef))
}
