//! Exact arithmetic of NUMERIC and BIGNUMERIC: results are rounded half away from zero, what is out of range is an error.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/data-types#decimal_types>

use arrow::array::{ArrayRef, AsArray, Decimal128Array, Decimal256Array};
use arrow::datatypes::{DataType, Decimal128Type, Decimal256Type, i256};
use datafusion::common::DataFusionError;

use crate::engine::error::invalid;
use std::sync::Arc;

/// The bound of a NUMERIC's units of 10^-9.
const NUMERIC_BOUND: i128 = 100_000_000_000_000_000_000_000_000_000_000_000_000;

fn power(exponent: u32) -> i256 {
    i256::from_i128(10).wrapping_pow(exponent)
}

/// x / y, rounded half away from zero; y is not zero.
fn quotient(x: i256, y: i256) -> Option<i256> {
    let (q, r) = (x.checked_div(y)?, x.checked_rem(y)?);
    let (r, bound) = (r.wrapping_abs(), y.wrapping_abs());
    let up = r >= bound.wrapping_sub(r);
    let sign = if x.is_negative() == y.is_negative() { i256::ONE } else { i256::MINUS_ONE };
    if up && r != i256::ZERO { q.checked_add(sign) } else { Some(q) }
}

/// One operation on two NUMERICs in units of 10^-9; `None` where the result is out of range.
pub(super) fn numeric(x: i128, y: i128, op: char) -> Option<i128> {
    let (wide_x, wide_y) = (i256::from_i128(x), i256::from_i128(y));
    let result = match op {
        '+' => wide_x.checked_add(wide_y)?,
        '-' => wide_x.checked_sub(wide_y)?,
        '*' => quotient(wide_x.checked_mul(wide_y)?, power(9))?,
        _ => quotient(wide_x.checked_mul(power(9))?, wide_y)?,
    };
    result.to_i128().filter(|v| v.abs() < NUMERIC_BOUND)
}

/// One operation on two BIGNUMERICs in units of 10^-38.
fn bignumeric(x: i256, y: i256, op: char) -> Option<i256> {
    match op {
        '+' => x.checked_add(y),
        '-' => x.checked_sub(y),
        '*' => {
            // Both as a whole part and a fraction, so that no product is wider than what holds it.
            let unit = power(38);
            let (xh, xl, yh, yl) = (x.checked_div(unit)?, x.checked_rem(unit)?, y.checked_div(unit)?, y.checked_rem(unit)?);
            let whole = xh.checked_mul(yh)?.checked_mul(unit)?;
            let mixed = xh.checked_mul(yl)?.checked_add(xl.checked_mul(yh)?)?;
            whole.checked_add(mixed)?.checked_add(quotient(xl.checked_mul(yl)?, unit)?)
        }
        _ => {
            // Digit by digit, with one more to round by.
            let ten = i256::from_i128(10);
            let mut result = x.checked_div(y)?;
            let mut rest = x.checked_rem(y)?;
            for _ in 0..38 {
                rest = rest.checked_mul(ten)?;
                result = result.checked_mul(ten)?.checked_add(rest.checked_div(y)?)?;
                rest = rest.checked_rem(y)?;
            }
            result.checked_add(quotient(rest, y)?)
        }
    }
}

/// +, -, * or / of two arrays of one decimal type.
pub(super) fn arithmetic(a: &[ArrayRef], t: &DataType, op: char) -> Result<ArrayRef, DataFusionError> {
    let by_zero = || invalid("division by zero");
    if let DataType::Decimal256(precision, scale) = t {
        let (x, y) = (a[0].as_primitive::<Decimal256Type>(), a[1].as_primitive::<Decimal256Type>());
        let values = x.iter().zip(y.iter()).map(|pair| match pair {
            (Some(_), Some(y)) if op == '/' && y == i256::ZERO => Err(by_zero()),
            (Some(x), Some(y)) => bignumeric(x, y, op).map(Some).ok_or_else(|| invalid(format!("bignumeric overflow: {op}"))),
            _ => Ok(None),
        });
        let array: Decimal256Array = values.collect::<Result<_, _>>()?;
        return Ok(Arc::new(array.with_precision_and_scale(*precision, *scale)?));
    }
    let (x, y) = (a[0].as_primitive::<Decimal128Type>(), a[1].as_primitive::<Decimal128Type>());
    let values = x.iter().zip(y.iter()).map(|pair| match pair {
        (Some(_), Some(0)) if op == '/' => Err(by_zero()),
        (Some(x), Some(y)) => numeric(x, y, op).map(Some).ok_or_else(|| invalid(format!("numeric overflow: {op}"))),
        _ => Ok(None),
    });
    let array: Decimal128Array = values.collect::<Result<_, _>>()?;
    Ok(Arc::new(array.with_precision_and_scale(38, 9)?))
}

/// The sum of NUMERICs, computed in wider numbers, as a NUMERIC.
pub(super) fn narrowed(sum: &ArrayRef) -> Result<ArrayRef, DataFusionError> {
    let wide = sum.as_primitive_opt::<Decimal256Type>().ok_or_else(|| invalid("internal: the sum is not a decimal"))?;
    let narrow: Decimal128Array = wide
        .iter()
        .map(|v| v.map(|v| v.to_i128().filter(|v| v.abs() < NUMERIC_BOUND).ok_or_else(|| invalid("numeric overflow: SUM"))).transpose())
        .collect::<Result<_, _>>()?;
    Ok(Arc::new(narrow.with_precision_and_scale(38, 9)?))
}
