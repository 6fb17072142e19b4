//! The commonest functions of numbers and texts on whole columns, for what is called on every row of large joins.
//!
//! Each is what its [`super::udf::Def`] says of cells, and refuses (`None`) what it does not know or what is an error: the way by
//! cells then does it, or words the error. So no rule of GoogleSQL is decided here alone.

use std::fmt::Write as _;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, Float64Array, Int64Array, PrimitiveArray, StringArray, StringBuilder};
use arrow::datatypes::{DataType, Date32Type, Float64Type, Int64Type};
use chrono::Datelike as _;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::ColumnarValue;

use super::instants::from_days;

type Args = [ColumnarValue];

/// An argument that is a column, or one value for all rows.
enum Side<'a, T: ArrowPrimitiveType> {
    Column(&'a PrimitiveArray<T>),
    Constant(T::Native),
}

impl<'a, T: ArrowPrimitiveType> Side<'a, T> {
    fn of(argument: &'a ColumnarValue) -> Option<Self> {
        match argument {
            ColumnarValue::Array(array) => Some(Self::Column(array.as_primitive_opt::<T>()?)),
            ColumnarValue::Scalar(value) => {
                let one = value.to_array_of_size(1).ok()?;
                let one = one.as_primitive_opt::<T>()?;
                one.is_valid(0).then(|| Self::Constant(one.value(0)))
            }
        }
    }
}

fn of_one<T: ArrowPrimitiveType>(args: &Args, f: impl Fn(T::Native) -> Option<T::Native>) -> Option<ArrayRef> {
    let [ColumnarValue::Array(array)] = args else { return None };
    let result: PrimitiveArray<T> = array.as_primitive_opt::<T>()?.try_unary(|x| f(x).ok_or(())).ok()?;
    Some(Arc::new(result))
}

fn of_two<T: ArrowPrimitiveType>(args: &Args, f: impl Fn(T::Native, T::Native) -> Option<T::Native>) -> Option<ArrayRef> {
    let [one, other] = args else { return None };
    let result: PrimitiveArray<T> = match (Side::<T>::of(one)?, Side::<T>::of(other)?) {
        (Side::Column(x), Side::Constant(y)) => x.try_unary(|x| f(x, y).ok_or(())).ok()?,
        (Side::Constant(x), Side::Column(y)) => y.try_unary(|y| f(x, y).ok_or(())).ok()?,
        (Side::Column(x), Side::Column(y)) => {
            let refused = || arrow::error::ArrowError::ComputeError(String::new());
            arrow::compute::try_binary(x, y, |x, y| f(x, y).ok_or_else(refused)).ok()?
        }
        (Side::Constant(_), Side::Constant(_)) => return None,
    };
    Some(Arc::new(result))
}

pub(super) fn square_root(args: &Args) -> Option<ArrayRef> {
    of_one::<Float64Type>(args, |x| (x >= 0.0).then(|| x.sqrt()))
}

pub(super) fn natural_logarithm(args: &Args) -> Option<ArrayRef> {
    of_one::<Float64Type>(args, |x| (x > 0.0).then(|| x.ln()))
}

pub(super) fn power(args: &Args) -> Option<ArrayRef> {
    of_two::<Float64Type>(args, |x, y| Some(x.powf(y)).filter(|r| r.is_finite()))
}

pub(super) fn quotient_of_integers(args: &Args) -> Option<ArrayRef> {
    of_two::<Int64Type>(args, i64::checked_div)
}

pub(super) fn remainder(args: &Args) -> Option<ArrayRef> {
    of_two::<Int64Type>(args, i64::checked_rem)
}

pub(super) fn greatest(args: &Args) -> Option<ArrayRef> {
    of_two::<Int64Type>(args, |x, y| Some(x.max(y))).or_else(|| of_two::<Float64Type>(args, |x, y| chosen(x, y, y > x)))
}

pub(super) fn least(args: &Args) -> Option<ArrayRef> {
    of_two::<Int64Type>(args, |x, y| Some(x.min(y))).or_else(|| of_two::<Float64Type>(args, |x, y| chosen(x, y, y < x)))
}

/// NaN has rules of its own.
fn chosen(x: f64, y: f64, second: bool) -> Option<f64> {
    (!x.is_nan() && !y.is_nan()).then_some(if second { y } else { x })
}

/// ROUND of FLOAT64 to so many digits as are said once for all rows.
pub(super) fn rounded(args: &Args) -> Option<ArrayRef> {
    match args {
        [_] => of_one::<Float64Type>(args, |x| x.is_finite().then(|| x.round())),
        [column, ColumnarValue::Scalar(ScalarValue::Int64(Some(digits @ 1..=15)))] => {
            let unit = 10_f64.powi(i32::try_from(*digits).ok()?);
            of_one::<Float64Type>(std::slice::from_ref(column), |x| {
                let scaled = x * unit;
                (scaled.abs() < 9e15).then(|| scaled.round() / unit)
            })
        }
        _ => None,
    }
}

/// CAST between INT64 and FLOAT64, and of both and DATE to STRING where that is plain.
pub(super) fn cast(args: &Args) -> Option<ArrayRef> {
    let [ColumnarValue::Array(array), ColumnarValue::Scalar(target)] = args else { return None };
    match (array.data_type(), target.try_as_str()??) {
        (DataType::Int64, "INT64") | (DataType::Float64, "FLOAT64") | (DataType::Utf8, "STRING") => Some(Arc::clone(array)),
        (DataType::Float64, "INT64") => {
            #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
            let whole = |x: f64| (x.abs() < 9.2e18).then(|| x.round() as i64).ok_or(());
            let whole: Int64Array = array.as_primitive::<Float64Type>().try_unary(whole).ok()?;
            Some(Arc::new(whole))
        }
        (DataType::Int64, "FLOAT64") => {
            #[expect(clippy::cast_precision_loss, reason = "INT64 becomes the nearest FLOAT64, as in BigQuery")]
            let floats: Float64Array = array.as_primitive::<Int64Type>().unary(|x| x as f64);
            Some(Arc::new(floats))
        }
        (DataType::Int64, "STRING") => texts(array.as_primitive::<Int64Type>(), |x, text| write!(text, "{x}").ok()),
        (DataType::Date32, "STRING") => texts(array.as_primitive::<Date32Type>(), |x, text| {
            let day = from_days(x).ok().filter(|day| (0..=9999).contains(&day.year()))?;
            write!(text, "{:04}-{:02}-{:02}", day.year(), day.month(), day.day()).ok()
        }),
        _ => None,
    }
}

fn texts<T: ArrowPrimitiveType>(
    array: &PrimitiveArray<T>,
    write: impl Fn(T::Native, &mut StringBuilder) -> Option<()>,
) -> Option<ArrayRef> {
    let mut texts = StringBuilder::with_capacity(array.len(), array.len() * 8);
    for value in array {
        match value {
            Some(value) => {
                write(value, &mut texts)?;
                texts.append_value("");
            }
            None => texts.append_null(),
        }
    }
    Some(Arc::new(texts.finish()))
}

/// CONCAT of STRINGs.
pub(super) fn concatenated(args: &Args) -> Option<ArrayRef> {
    let rows = args.iter().find_map(|argument| if let ColumnarValue::Array(array) = argument { Some(array.len()) } else { None })?;
    let constants: Vec<Option<StringArray>> = args
        .iter()
        .map(|argument| match argument {
            ColumnarValue::Scalar(ScalarValue::Utf8(Some(text))) => Some(Some(StringArray::from(vec![text.as_str()]))),
            ColumnarValue::Scalar(_) => None,
            ColumnarValue::Array(_) => Some(None),
        })
        .collect::<Option<_>>()?;
    let columns: Vec<(&StringArray, bool)> = args
        .iter()
        .zip(&constants)
        .map(|(argument, constant)| match (argument, constant) {
            (_, Some(constant)) => Some((constant, true)),
            (ColumnarValue::Array(array), None) => Some((array.as_string_opt::<i32>()?, false)),
            (ColumnarValue::Scalar(_), None) => None,
        })
        .collect::<Option<_>>()?;
    let mut texts = StringBuilder::with_capacity(rows, rows * 16);
    for row in 0..rows {
        if columns.iter().any(|(column, constant)| !constant && column.is_null(row)) {
            texts.append_null();
            continue;
        }
        for (column, constant) in &columns {
            texts.write_str(column.value(if *constant { 0 } else { row })).ok()?;
        }
        texts.append_value("");
    }
    Some(Arc::new(texts.finish()))
}

#[cfg(test)]
mod tests {
    use super::super::udf::Shortcut;
    use super::*;

    fn floats(values: &[Option<f64>]) -> ColumnarValue {
        ColumnarValue::Array(Arc::new(Float64Array::from(values.to_vec())))
    }

    fn text(value: &str) -> ColumnarValue {
        ColumnarValue::Scalar(ScalarValue::Utf8(Some(value.to_owned())))
    }

    #[test]
    fn columns_give_what_cells_give_and_errors_are_left_to_them() {
        let check = |shortcut: Shortcut, args: &[ColumnarValue], expected: Option<&str>| {
            let found = shortcut(args).map(|array| {
                let cells = (0..array.len()).map(|row| ScalarValue::try_from_array(&array, row).unwrap().to_string());
                cells.collect::<Vec<_>>().join(" ")
            });
            assert_eq!(found.as_deref(), expected, "{args:?}");
        };
        let int = |value: i64| ColumnarValue::Scalar(ScalarValue::Int64(Some(value)));
        let ints = |values: &[i64]| ColumnarValue::Array(Arc::new(Int64Array::from(values.to_vec())));
        check(square_root, &[floats(&[Some(4.0), None])], Some("2 NULL"));
        check(square_root, &[floats(&[Some(-1.0)])], None);
        check(natural_logarithm, &[floats(&[Some(0.0)])], None);
        check(power, &[floats(&[Some(2.0)]), floats(&[Some(3.0)])], Some("8"));
        check(power, &[floats(&[Some(1e200)]), floats(&[Some(3.0)])], None);
        check(rounded, &[floats(&[Some(2.5), Some(-2.5)])], Some("3 -3"));
        check(rounded, &[floats(&[Some(1.005), Some(1.25)]), int(1)], Some("1 1.3"));
        check(remainder, &[ints(&[7, -7]), int(3)], Some("1 -1"));
        check(remainder, &[ints(&[7]), int(0)], None);
        check(quotient_of_integers, &[ints(&[7, -7]), int(2)], Some("3 -3"));
        check(greatest, &[floats(&[Some(1.0), None]), floats(&[Some(2.0), Some(3.0)])], Some("2 NULL"));
        check(least, &[floats(&[Some(f64::NAN)]), floats(&[Some(2.0)])], None);
        check(cast, &[floats(&[Some(2.5), Some(-0.4), None]), text("INT64")], Some("3 0 NULL"));
        check(cast, &[floats(&[Some(1e19)]), text("INT64")], None);
        check(cast, &[ints(&[-12]), text("STRING")], Some("-12"));
        let days = ColumnarValue::Array(Arc::new(arrow::array::Date32Array::from(vec![Some(-719_162), Some(19_782), None])));
        check(cast, &[days, text("STRING")], Some("0001-01-01 2024-02-29 NULL"));
        let words = ColumnarValue::Array(Arc::new(StringArray::from(vec![Some("a"), None])));
        check(concatenated, &[words, text("/"), text("b")], Some("a/b NULL"));
        check(concatenated, &[text("a"), text("b")], None);
    }
}
