//! One cell as our functions see it, and the way between cells and Arrow arrays.
//!
//! Functions are written once, on cells; [`Column`] reads them out of an array and [`build`] puts results back. That costs
//! some tens of nanoseconds a row, and buys a hundred functions whose rules can be read next to Google's reference.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BinaryViewArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array,
    IntervalMonthDayNanoArray, LargeBinaryArray, ListArray, StringArray, Time64MicrosecondArray, TimestampMicrosecondArray,
    new_empty_array, new_null_array,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::DecimalType as _;
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, IntervalMonthDayNano, IntervalMonthDayNanoType, IntervalUnit,
    Time64MicrosecondType, TimeUnit, TimestampMicrosecondType,
};
use datafusion::common::{DataFusionError, ScalarValue};

use crate::engine::error::invalid;

/// A cell.
#[derive(Debug, Clone)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(Cow<'a, str>),
    Bytes(Cow<'a, [u8]>),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since midnight.
    Time(i64),
    /// Microseconds since 1970-01-01 00:00:00, without a zone.
    Datetime(i64),
    /// Microseconds since 1970-01-01 00:00:00 UTC.
    Timestamp(i64),
    /// NUMERIC, in units of 10^-9.
    Numeric(i128),
    List(ArrayRef),
    /// JSON, as its text.
    Json(Cow<'a, str>),
    /// GEOGRAPHY, as WKT.
    Geography(Cow<'a, str>),
    Interval(IntervalMonthDayNano),
    /// Everything else, untouched (STRUCT, BIGNUMERIC).
    Other(ScalarValue),
}

impl Value<'_> {
    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    pub(crate) fn owned(self) -> Value<'static> {
        match self {
            Value::Str(s) => Value::Str(Cow::Owned(s.into_owned())),
            Value::Bytes(b) => Value::Bytes(Cow::Owned(b.into_owned())),
            Value::Null => Value::Null,
            Value::Bool(v) => Value::Bool(v),
            Value::Int(v) => Value::Int(v),
            Value::Float(v) => Value::Float(v),
            Value::Date(v) => Value::Date(v),
            Value::Time(v) => Value::Time(v),
            Value::Datetime(v) => Value::Datetime(v),
            Value::Timestamp(v) => Value::Timestamp(v),
            Value::Numeric(v) => Value::Numeric(v),
            Value::List(v) => Value::List(v),
            Value::Json(v) => Value::Json(Cow::Owned(v.into_owned())),
            Value::Geography(v) => Value::Geography(Cow::Owned(v.into_owned())),
            Value::Interval(v) => Value::Interval(v),
            Value::Other(v) => Value::Other(v),
        }
    }

    /// The text of a STRING, JSON or GEOGRAPHY; the coercion of arguments guarantees the type.
    pub(crate) fn str(&self) -> &str {
        match self {
            Value::Str(s) | Value::Json(s) | Value::Geography(s) => s,
            _ => "",
        }
    }

    pub(crate) fn int(&self) -> i64 {
        match self {
            Value::Int(v) => *v,
            Value::Bool(v) => i64::from(*v),
            _ => 0,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "INT64 and NUMERIC coerce to FLOAT64 with rounding, as in BigQuery")]
    pub(crate) fn float(&self) -> f64 {
        match self {
            Value::Float(v) => *v,
            Value::Int(v) => *v as f64,
            Value::Numeric(v) => *v as f64 / 1e9,
            Value::Other(ScalarValue::Decimal256(Some(v), _, scale)) => wide_float(*v, *scale),
            _ => 0.0,
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Value::Bytes(b) => b,
            Value::Str(s) => s.as_bytes(),
            _ => &[],
        }
    }

    pub(crate) fn list(&self) -> Option<&ArrayRef> {
        match self {
            Value::List(a) => Some(a),
            _ => None,
        }
    }
}

/// A decimal in wide units as the nearest FLOAT64.
pub(crate) fn wide_float(v: arrow::datatypes::i256, scale: i8) -> f64 {
    arrow::datatypes::Decimal256Type::format_decimal(v, 76, scale).parse().unwrap_or(f64::NAN)
}

/// Text that a function made.
pub(crate) fn text(s: impl Into<String>) -> Value<'static> {
    Value::Str(Cow::Owned(s.into()))
}

/// A typed view of an array, from which cells are read.
pub(crate) enum Column<'a> {
    Null,
    Bool(&'a BooleanArray),
    Int(&'a Int64Array),
    Float(&'a Float64Array),
    Str(&'a StringArray),
    Bytes(&'a BinaryArray),
    Date(&'a Date32Array),
    Time(&'a Time64MicrosecondArray),
    Datetime(&'a TimestampMicrosecondArray),
    Timestamp(&'a TimestampMicrosecondArray),
    Numeric(&'a Decimal128Array),
    List(&'a ListArray),
    Json(&'a LargeBinaryArray),
    Geography(&'a BinaryViewArray),
    Interval(&'a IntervalMonthDayNanoArray),
    Other(&'a ArrayRef),
}

impl<'a> Column<'a> {
    pub(crate) fn new(array: &'a ArrayRef) -> Self {
        match array.data_type() {
            DataType::Null => Column::Null,
            DataType::Boolean => Column::Bool(array.as_boolean()),
            DataType::Int64 => Column::Int(array.as_primitive::<Int64Type>()),
            DataType::Float64 => Column::Float(array.as_primitive::<Float64Type>()),
            DataType::Utf8 => Column::Str(array.as_string()),
            DataType::Binary => Column::Bytes(array.as_binary()),
            DataType::Date32 => Column::Date(array.as_primitive::<Date32Type>()),
            DataType::Time64(TimeUnit::Microsecond) => Column::Time(array.as_primitive::<Time64MicrosecondType>()),
            DataType::Timestamp(TimeUnit::Microsecond, None) => Column::Datetime(array.as_primitive::<TimestampMicrosecondType>()),
            DataType::Timestamp(TimeUnit::Microsecond, Some(_)) => Column::Timestamp(array.as_primitive::<TimestampMicrosecondType>()),
            DataType::Decimal128(_, 9) => Column::Numeric(array.as_primitive::<Decimal128Type>()),
            DataType::List(_) => Column::List(array.as_list::<i32>()),
            DataType::LargeBinary => Column::Json(array.as_binary()),
            DataType::BinaryView => Column::Geography(array.as_binary_view()),
            DataType::Interval(IntervalUnit::MonthDayNano) => Column::Interval(array.as_primitive::<IntervalMonthDayNanoType>()),
            _ => Column::Other(array),
        }
    }

    pub(crate) fn get(&self, row: usize) -> Result<Value<'a>, DataFusionError> {
        macro_rules! cell {
            ($array:expr, $make:expr) => {
                if $array.is_null(row) { Value::Null } else { ($make)($array.value(row)) }
            };
        }
        Ok(match self {
            Column::Null => Value::Null,
            Column::Bool(a) => cell!(a, Value::Bool),
            Column::Int(a) => cell!(a, Value::Int),
            Column::Float(a) => cell!(a, Value::Float),
            Column::Str(a) => cell!(a, |s| Value::Str(Cow::Borrowed(s))),
            Column::Bytes(a) => cell!(a, |s| Value::Bytes(Cow::Borrowed(s))),
            Column::Date(a) => cell!(a, Value::Date),
            Column::Time(a) => cell!(a, Value::Time),
            Column::Datetime(a) => cell!(a, Value::Datetime),
            Column::Timestamp(a) => cell!(a, Value::Timestamp),
            Column::Numeric(a) => cell!(a, Value::Numeric),
            Column::List(a) => cell!(a, Value::List),
            Column::Json(a) => cell!(a, |b| Value::Json(String::from_utf8_lossy(b))),
            Column::Geography(a) => cell!(a, |b| Value::Geography(String::from_utf8_lossy(b))),
            Column::Interval(a) => cell!(a, Value::Interval),
            Column::Other(a) => {
                let value = ScalarValue::try_from_array(a, row)?;
                if value.is_null() { Value::Null } else { Value::Other(value) }
            }
        })
    }
}

/// The cells of an array.
pub(crate) fn cells(array: &ArrayRef) -> Result<Vec<Value<'_>>, DataFusionError> {
    let column = Column::new(array);
    (0..array.len()).map(|row| column.get(row)).collect()
}

/// An array of the given type out of cells; a cell of another type is an internal error.
pub(crate) fn build(data_type: &DataType, values: Vec<Value<'_>>) -> Result<ArrayRef, DataFusionError> {
    macro_rules! collect {
        ($array:ty, $($pattern:pat => $value:expr),+) => {{
            let cells = values
                .into_iter()
                .map(|v| match v {
                    Value::Null => Ok(None),
                    $($pattern => Ok(Some($value)),)+
                    other => Err(mismatch(&other, data_type)),
                })
                .collect::<Result<Vec<_>, _>>()?;
            <$array>::from(cells)
        }};
    }
    Ok(match data_type {
        DataType::Null => new_null_array(data_type, values.len()),
        DataType::Boolean => Arc::new(collect!(BooleanArray, Value::Bool(v) => v)),
        DataType::Int64 => Arc::new(collect!(Int64Array, Value::Int(v) => v)),
        DataType::Float64 => Arc::new(collect!(Float64Array, Value::Float(v) => v)),
        DataType::Utf8 => {
            let mut builder = arrow::array::StringBuilder::with_capacity(values.len(), 0);
            for value in values {
                match value {
                    Value::Null => builder.append_null(),
                    Value::Str(s) => builder.append_value(s),
                    other => return Err(mismatch(&other, data_type)),
                }
            }
            Arc::new(builder.finish())
        }
        DataType::Binary => {
            let mut builder = arrow::array::BinaryBuilder::with_capacity(values.len(), 0);
            for value in values {
                match value {
                    Value::Null => builder.append_null(),
                    Value::Bytes(b) => builder.append_value(b),
                    other => return Err(mismatch(&other, data_type)),
                }
            }
            Arc::new(builder.finish())
        }
        DataType::LargeBinary => {
            let texts = values.iter().map(|v| match v {
                Value::Null => Ok(None),
                Value::Json(s) => Ok(Some(s.as_bytes())),
                other => Err(mismatch(other, data_type)),
            });
            Arc::new(texts.collect::<Result<LargeBinaryArray, _>>()?)
        }
        DataType::BinaryView => {
            let texts = values.iter().map(|v| match v {
                Value::Null => Ok(None),
                Value::Geography(s) => Ok(Some(s.as_bytes())),
                other => Err(mismatch(other, data_type)),
            });
            Arc::new(texts.collect::<Result<BinaryViewArray, _>>()?)
        }
        DataType::Interval(IntervalUnit::MonthDayNano) => Arc::new(collect!(IntervalMonthDayNanoArray, Value::Interval(v) => v)),
        DataType::Date32 => Arc::new(collect!(Date32Array, Value::Date(v) => v)),
        DataType::Time64(TimeUnit::Microsecond) => Arc::new(collect!(Time64MicrosecondArray, Value::Time(v) => v)),
        DataType::Timestamp(TimeUnit::Microsecond, None) => Arc::new(collect!(TimestampMicrosecondArray, Value::Datetime(v) => v)),
        DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) => {
            Arc::new(collect!(TimestampMicrosecondArray, Value::Timestamp(v) => v).with_timezone(Arc::clone(zone)))
        }
        DataType::Decimal128(precision, 9) => {
            Arc::new(collect!(Decimal128Array, Value::Numeric(v) => v).with_precision_and_scale(*precision, 9)?)
        }
        DataType::List(field) => {
            let mut lengths = Vec::with_capacity(values.len());
            let mut valid = Vec::with_capacity(values.len());
            let mut parts: Vec<ArrayRef> = Vec::with_capacity(values.len());
            for value in values {
                match value {
                    Value::List(items) => {
                        lengths.push(items.len());
                        valid.push(true);
                        let items =
                            if items.data_type() == field.data_type() { items } else { arrow::compute::cast(&items, field.data_type())? };
                        parts.push(items);
                    }
                    Value::Null => {
                        lengths.push(0);
                        valid.push(false);
                    }
                    other => return Err(mismatch(&other, data_type)),
                }
            }
            let items = if parts.is_empty() {
                new_empty_array(field.data_type())
            } else {
                let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
                arrow::compute::concat(&parts)?
            };
            Arc::new(ListArray::try_new(Arc::clone(field), OffsetBuffer::from_lengths(lengths), items, Some(NullBuffer::from(valid)))?)
        }
        other => {
            if values.is_empty() {
                return Ok(new_empty_array(other));
            }
            let null = ScalarValue::try_from(other)?;
            let scalars = values
                .into_iter()
                .map(|v| match v {
                    Value::Null => Ok(null.clone()),
                    Value::Other(v) => Ok(v),
                    v => Err(mismatch(&v, data_type)),
                })
                .collect::<Result<Vec<_>, _>>()?;
            ScalarValue::iter_to_array(scalars)?
        }
    })
}

pub(super) fn mismatch(value: &Value<'_>, data_type: &DataType) -> DataFusionError {
    invalid(format!("internal: a function gave {value:?} for {data_type}"))
}
