//! Date functions over whole columns, where that is much faster than cell by cell. `None`: this form is computed by the cell.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Date32Array};
use arrow::compute::{DatePart, date_part};
use arrow::datatypes::{DataType, Date32Type, TimeUnit, TimestampMicrosecondType};
use chrono::NaiveTime;
use datafusion::logical_expr::ColumnarValue;

use super::dates::{DAY_US, days, from_days, trunc_naive};

/// DATE of a column of TIMESTAMPs in UTC.
pub(super) fn date_of_timestamps(args: &[ColumnarValue]) -> Option<ArrayRef> {
    let [ColumnarValue::Array(array)] = args else {
        return None;
    };
    let instants = array.as_primitive_opt::<TimestampMicrosecondType>()?;
    let days: Date32Array = instants.unary(|us| i32::try_from(us.div_euclid(DAY_US)).unwrap_or(i32::MAX));
    Some(Arc::new(days))
}

/// DATE_TRUNC of a column of DATEs: neighbours are often the same day, so the last answer is kept.
pub(super) fn truncated_dates(args: &[ColumnarValue]) -> Option<ArrayRef> {
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
pub(super) fn extracted_parts(args: &[ColumnarValue]) -> Option<ArrayRef> {
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
