//! Cells as the REST API writes them: `{"v": ..}`, all scalars as text.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/rest/v2/tabledata/list>,
//! <https://cloud.google.com/bigquery/docs/reference/rest/v2/DataFormatOptions>

use std::fmt::Write as _;

use arrow::array::{
    Array, AsArray, BinaryArray, BooleanArray, Decimal128Array, Decimal256Array, Float64Array, Int64Array, ListArray, PrimitiveArray,
    StringArray, StructArray,
};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Decimal256Type, Float64Type, Int64Type, Time64MicrosecondType, TimeUnit, TimestampMicrosecondType,
};
use arrow::record_batch::RecordBatch;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};

use super::error::ApiError;
use crate::schema::{Field, FieldType, Mode, TableSchema};

/// How TIMESTAMP cells are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum TimestampFormat {
    /// Seconds as a double, the API's default.
    #[default]
    Seconds,
    /// `useInt64Timestamp`.
    Micros,
    /// `timestampOutputFormat=ISO8601_STRING`.
    Iso8601,
}

/// Writes the rows of one batch. Fields are found by name, so a schema may name fewer than the batch has.
pub(crate) struct RowEncoder<'a> {
    columns: Vec<Encoder<'a>>,
}

impl<'a> RowEncoder<'a> {
    pub(crate) fn new(batch: &'a RecordBatch, schema: &TableSchema, format: TimestampFormat) -> Result<Self, ApiError> {
        let by_position = batch.num_columns() == schema.fields.len();
        let mut columns = Vec::with_capacity(schema.fields.len());
        for (i, field) in schema.fields.iter().enumerate() {
            // Query results may repeat a name, so position comes first.
            let array = if by_position { Some(batch.column(i)) } else { batch.column_by_name(&field.name) };
            let array = array.ok_or_else(|| missing(&field.name))?;
            columns.push(Encoder::new(array, field, format)?);
        }
        Ok(Self { columns })
    }

    /// Appends `{"f":[..]}`.
    pub(crate) fn write(&self, row: usize, out: &mut String) {
        write_struct(&self.columns, row, out);
    }
}

fn write_struct(columns: &[Encoder<'_>], row: usize, out: &mut String) {
    out.push_str("{\"f\":[");
    for (i, column) in columns.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        out.push_str("{\"v\":");
        column.write(row, out);
        out.push('}');
    }
    out.push_str("]}");
}

fn missing(name: &str) -> ApiError {
    tracing::error!(column = name, "a result lacks a column of its schema");
    ApiError::internal()
}

enum Encoder<'a> {
    Int(&'a Int64Array),
    Float(&'a Float64Array),
    Bool(&'a BooleanArray),
    Text(&'a StringArray),
    Bytes(&'a BinaryArray),
    Date(&'a PrimitiveArray<Date32Type>),
    Time(&'a PrimitiveArray<Time64MicrosecondType>),
    Datetime(&'a PrimitiveArray<TimestampMicrosecondType>),
    Timestamp(&'a PrimitiveArray<TimestampMicrosecondType>, TimestampFormat),
    Numeric(&'a Decimal128Array),
    BigNumeric(&'a Decimal256Array),
    /// A RANGE with the type of its ends.
    Range(&'a StringArray, FieldType, TimestampFormat),
    List(&'a ListArray, Box<Encoder<'a>>),
    Struct(&'a StructArray, Vec<Encoder<'a>>),
}

impl<'a> Encoder<'a> {
    fn new(array: &'a dyn Array, field: &Field, format: TimestampFormat) -> Result<Self, ApiError> {
        if field.mode == Mode::Repeated
            && let DataType::List(_) = array.data_type()
        {
            let list = array.as_list::<i32>();
            let item = Field { mode: Mode::Nullable, ..field.clone() };
            let items = Self::new(list.values().as_ref(), &item, format)?;
            return Ok(Self::List(list, Box::new(items)));
        }
        Ok(match array.data_type() {
            DataType::Int64 => Self::Int(array.as_primitive::<Int64Type>()),
            DataType::Float64 => Self::Float(array.as_primitive::<Float64Type>()),
            DataType::Boolean => Self::Bool(array.as_boolean()),
            DataType::Utf8 if field.field_type == FieldType::Range => {
                let ends = field.fields.first().map_or(FieldType::Date, |f| f.field_type);
                Self::Range(array.as_string::<i32>(), ends, format)
            }
            DataType::Utf8 => Self::Text(array.as_string::<i32>()),
            DataType::Binary => Self::Bytes(array.as_binary::<i32>()),
            DataType::Date32 => Self::Date(array.as_primitive::<Date32Type>()),
            DataType::Time64(TimeUnit::Microsecond) => Self::Time(array.as_primitive::<Time64MicrosecondType>()),
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                let array = array.as_primitive::<TimestampMicrosecondType>();
                if field.field_type == FieldType::Timestamp { Self::Timestamp(array, format) } else { Self::Datetime(array) }
            }
            DataType::Decimal128(..) => Self::Numeric(array.as_primitive::<Decimal128Type>()),
            DataType::Decimal256(..) => Self::BigNumeric(array.as_primitive::<Decimal256Type>()),
            DataType::Struct(_) => {
                let array = array.as_struct();
                let by_position = array.num_columns() == field.fields.len();
                let mut columns = Vec::with_capacity(field.fields.len());
                for (i, child) in field.fields.iter().enumerate() {
                    let column = if by_position { Some(array.column(i)) } else { array.column_by_name(&child.name) };
                    let column = column.ok_or_else(|| missing(&child.name))?;
                    columns.push(Self::new(column.as_ref(), child, format)?);
                }
                Self::Struct(array, columns)
            }
            other => {
                tracing::error!(data_type = %other, column = field.name, "no encoding for a result column");
                return Err(ApiError::internal());
            }
        })
    }

    fn array(&self) -> &dyn Array {
        match self {
            Self::Int(a) => *a,
            Self::Float(a) => *a,
            Self::Bool(a) => *a,
            Self::Text(a) | Self::Range(a, ..) => *a,
            Self::Bytes(a) => *a,
            Self::Date(a) => *a,
            Self::Time(a) => *a,
            Self::Datetime(a) | Self::Timestamp(a, _) => *a,
            Self::Numeric(a) => *a,
            Self::BigNumeric(a) => *a,
            Self::List(a, _) => *a,
            Self::Struct(a, _) => *a,
        }
    }

    fn write(&self, row: usize, out: &mut String) {
        if self.array().is_null(row) {
            out.push_str(if matches!(self, Self::List(..)) { "[]" } else { "null" });
            return;
        }
        // Writing to a String cannot fail.
        match self {
            Self::Int(a) => {
                let _ = write!(out, "\"{}\"", a.value(row));
            }
            Self::Float(a) => quoted(&format_float(a.value(row)), out),
            Self::Bool(a) => out.push_str(if a.value(row) { "\"true\"" } else { "\"false\"" }),
            Self::Text(a) => json_text(a.value(row), out),
            Self::Bytes(a) => {
                out.push('"');
                STANDARD.encode_string(a.value(row), out);
                out.push('"');
            }
            Self::Date(a) => {
                let days = a.value(row);
                let date = NaiveDate::from_num_days_from_ce_opt(days.saturating_add(719_163));
                quoted(&date.map_or_else(String::new, |d| d.to_string()), out);
            }
            Self::Time(a) => quoted(&format_time(a.value(row)), out),
            Self::Datetime(a) => quoted(&format_datetime(a.value(row)), out),
            Self::Timestamp(a, format) => quoted(&format_timestamp(a.value(row), *format), out),
            Self::Range(a, ends, format) => quoted(&format_range(a.value(row), *ends, *format), out),
            Self::Numeric(a) => quoted(&trim_zeros(a.value_as_string(row)), out),
            Self::BigNumeric(a) => quoted(&trim_zeros(a.value_as_string(row)), out),
            Self::List(a, items) => {
                let offsets = a.value_offsets();
                let (start, end) = (offsets[row] as usize, offsets[row + 1] as usize);
                out.push('[');
                for i in start..end {
                    if i > start {
                        out.push(',');
                    }
                    out.push_str("{\"v\":");
                    items.write(i, out);
                    out.push('}');
                }
                out.push(']');
            }
            Self::Struct(_, columns) => write_struct(columns, row, out),
        }
    }
}

fn format_timestamp(micros: i64, format: TimestampFormat) -> String {
    match format {
        TimestampFormat::Micros => micros.to_string(),
        TimestampFormat::Seconds => format_float(micros as f64 / 1e6),
        TimestampFormat::Iso8601 => format!("{}Z", format_datetime(micros)),
    }
}

/// `[start, end)`, the ends written as cells of their type are.
fn format_range(text: &str, ends: FieldType, format: TimestampFormat) -> String {
    let end = |text: &str| match ends {
        FieldType::Datetime => NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f")
            .map_or_else(|_| text.to_owned(), |at| format_datetime(at.and_utc().timestamp_micros())),
        FieldType::Timestamp => DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f%#z")
            .map_or_else(|_| text.to_owned(), |at| format_timestamp(at.timestamp_micros(), format)),
        _ => text.to_owned(),
    };
    let inner = text.trim_start_matches('[').trim_end_matches(')');
    match inner.split_once(", ") {
        Some((from, to)) => format!("[{}, {})", end(from), end(to)),
        None => text.to_owned(),
    }
}

fn quoted(text: &str, out: &mut String) {
    out.push('"');
    out.push_str(text);
    out.push('"');
}

fn json_text(text: &str, out: &mut String) {
    // The most common text needs no escape.
    if text.bytes().all(|b| b >= 0x20 && b != b'"' && b != b'\\') {
        quoted(text, out);
    } else {
        out.push_str(&serde_json::Value::from(text).to_string());
    }
}

/// A double as Java prints it, which is what the wire shows: `1.5`, `3.0`, `1.7092964965E9`.
pub(crate) fn format_float(value: f64) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.into();
    }
    let magnitude = value.abs();
    if magnitude == 0.0 || (1e-3..1e7).contains(&magnitude) {
        let text = value.to_string();
        return if text.contains('.') { text } else { text + ".0" };
    }
    let text = format!("{value:e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) if mantissa.contains('.') => format!("{mantissa}E{exponent}"),
        Some((mantissa, exponent)) => format!("{mantissa}.0E{exponent}"),
        None => text,
    }
}

/// Eight or fifteen characters: clients take no other.
fn format_time(micros: i64) -> String {
    let seconds = u32::try_from(micros.div_euclid(1_000_000)).unwrap_or(0);
    let fraction = micros.rem_euclid(1_000_000);
    let time = NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0).unwrap_or_default();
    if fraction == 0 { time.format("%H:%M:%S").to_string() } else { format!("{}.{fraction:06}", time.format("%H:%M:%S")) }
}

fn format_datetime(micros: i64) -> String {
    let Some(at) = DateTime::from_timestamp_micros(micros) else {
        return String::new();
    };
    if micros.rem_euclid(1_000_000) == 0 {
        at.format("%Y-%m-%dT%H:%M:%S").to_string()
    } else {
        at.format("%Y-%m-%dT%H:%M:%S%.6f").to_string()
    }
}

fn trim_zeros(text: String) -> String {
    if !text.contains('.') {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_written_as_on_the_wire() {
        for (value, expected) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (1.5, "1.5"),
            (-2.25, "-2.25"),
            (0.001, "0.001"),
            (0.0001, "1.0E-4"),
            (9_999_999.0, "9999999.0"),
            (1e7, "1.0E7"),
            (1_709_296_496.5, "1.7092964965E9"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(format_float(value), expected);
        }
    }

    #[test]
    fn times_and_decimals_have_the_lengths_that_clients_parse() {
        assert_eq!(format_time(45_296_000_000), "12:34:56");
        assert_eq!(format_time(45_296_789_000), "12:34:56.789000");
        assert_eq!(format_datetime(1_709_296_496_000_000), "2024-03-01T12:34:56");
        assert_eq!(format_datetime(1_709_296_496_500_000), "2024-03-01T12:34:56.500000");
        assert_eq!(trim_zeros("1.500000000".into()), "1.5");
        assert_eq!(trim_zeros("100.000000000".into()), "100");
        assert_eq!(trim_zeros("100".into()), "100");
    }
}
