//! One typed value, and how text and JSON become one. The coercions are those of BigQuery's loads and streaming inserts.
//!
//! Source: <https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-json#details_of_loading_json_data>

use arrow::datatypes::i256;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Timelike, Utc};

use super::json::Json;
use crate::engine::{self, PlainDefault};
use crate::limits;
use crate::schema::{Field, FieldType, Mode};

/// A value in the form of its Arrow column: days, microseconds, scaled decimals.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Null,
    Bool(bool),
    /// INT64, and microseconds of TIMESTAMP, DATETIME and TIME.
    Int(i64),
    Days(i32),
    Float(f64),
    Text(String),
    Bytes(Vec<u8>),
    Numeric(i128),
    BigNumeric(i256),
    List(Vec<Cell>),
    Struct(Vec<Cell>),
}

/// Why a value does not fit its field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CellError {
    /// Dotted path of the field.
    pub(crate) location: String,
    pub(crate) message: String,
}

/// How rows are read.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RowRules {
    pub(crate) ignore_unknown_values: bool,
}

/// A JSON row to cells in the schema's order.
pub(crate) fn row_from_json(row: &Json<'_>, fields: &[Field], rules: RowRules) -> Result<Vec<Cell>, CellError> {
    let Json::Object(entries) = row else {
        return Err(CellError { location: String::new(), message: "JSON parsing error: each row must be a JSON object".into() });
    };
    object(entries, fields, rules, "")
}

fn object(
    entries: &[(std::borrow::Cow<'_, str>, Json<'_>)],
    fields: &[Field],
    rules: RowRules,
    path: &str,
) -> Result<Vec<Cell>, CellError> {
    let mut cells = vec![Cell::Null; fields.len()];
    let mut seen = 0_usize;
    for (i, (key, value)) in entries.iter().enumerate() {
        // Rows mostly come in the schema's order.
        let position = match fields.get(i) {
            Some(field) if field.name.eq_ignore_ascii_case(key) => Some(i),
            _ => fields.iter().position(|f| f.name.eq_ignore_ascii_case(key)),
        };
        match position {
            Some(position) => {
                let field = &fields[position];
                cells[position] = field_value(value, field, rules, path)?;
                seen += usize::from(*value != Json::Null);
            }
            None if rules.ignore_unknown_values => {}
            None => {
                return Err(CellError { location: join(path, key), message: format!("no such field: {}.", join(path, key)) });
            }
        }
    }
    if fields.iter().any(|field| field.limits.default_value.is_some()) {
        for (field, cell) in fields.iter().zip(&mut cells).filter(|(field, _)| field.limits.default_value.is_some()) {
            if !entries.iter().any(|(key, _)| field.name.eq_ignore_ascii_case(key)) {
                *cell = default_cell(field).map_err(|message| CellError { location: join(path, &field.name), message })?;
            }
        }
    }
    if seen < fields.len() {
        for (field, cell) in fields.iter().zip(&mut cells) {
            match (field.mode, &*cell) {
                (Mode::Required, Cell::Null) => {
                    return Err(CellError {
                        location: join(path, &field.name),
                        message: format!("Missing required field: {}.", join(path, &field.name)),
                    });
                }
                (Mode::Repeated, Cell::Null) => *cell = Cell::List(Vec::new()),
                _ => {}
            }
        }
    }
    Ok(cells)
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn field_value(value: &Json<'_>, field: &Field, rules: RowRules, path: &str) -> Result<Cell, CellError> {
    if field.mode != Mode::Repeated {
        return item(value, field, rules, path);
    }
    let fail = |message: String| CellError { location: join(path, &field.name), message };
    match value {
        Json::Null => Ok(Cell::List(Vec::new())),
        Json::Array(items) => {
            let mut cells = Vec::with_capacity(items.len());
            for value in items {
                if *value == Json::Null {
                    return Err(fail(format!("Only optional fields can be set to NULL. Field: {}; Value: NULL", field.name)));
                }
                cells.push(item(value, field, rules, path)?);
            }
            Ok(Cell::List(cells))
        }
        _ => Err(fail(format!(
            "Array specified for non-repeated field or a single value for the repeated field: {}.",
            join(path, &field.name)
        ))),
    }
}

fn item(value: &Json<'_>, field: &Field, rules: RowRules, path: &str) -> Result<Cell, CellError> {
    let fail = |message: String| CellError { location: join(path, &field.name), message };
    match (field.field_type, value) {
        (FieldType::Json, Json::Null) => Ok(Cell::Null),
        (FieldType::Json, Json::Text(text)) => {
            // A string holds JSON text, as in BigQuery's streaming inserts; any other string is a JSON string.
            let parsed = serde_json::from_str::<Json<'_>>(text);
            Ok(Cell::Text(parsed.map_or_else(|_| Json::Text(text.clone()).to_text(), |v| v.to_text())))
        }
        (FieldType::Json, other) => Ok(Cell::Text(other.to_text())),
        (_, Json::Null) => Ok(Cell::Null),
        (FieldType::Struct, Json::Object(entries)) => object(entries, &field.fields, rules, &join(path, &field.name)).map(Cell::Struct),
        (FieldType::Struct, _) => Err(fail(format!("This field: {} is not a record.", join(path, &field.name)))),
        (_, Json::Object(_)) => Err(fail(format!("This field: {} is not a record.", join(path, &field.name)))),
        (_, Json::Array(_)) => Err(fail(format!("Array specified for non-repeated field: {}.", join(path, &field.name)))),
        (field_type, scalar) => scalar_from_json(field_type, scalar).and_then(|cell| within(cell, field)).map_err(fail),
    }
}

/// A cell as its field keeps it.
pub(super) fn within(cell: Cell, field: &Field) -> Result<Cell, String> {
    match (&cell, field.field_type) {
        (Cell::Text(text), FieldType::String) if field.limits.max_length.is_some() => limits::check_length(field, text.chars().count())?,
        (Cell::Bytes(bytes), _) => limits::check_length(field, bytes.len())?,
        (Cell::Numeric(value), _) => return limits::numeric(field, *value).map(Cell::Numeric),
        (Cell::BigNumeric(value), _) => return limits::bignumeric(field, *value).map(Cell::BigNumeric),
        _ => {}
    }
    Ok(cell)
}

/// What a row has that does not name the field.
pub(super) fn default_cell(field: &Field) -> Result<Cell, String> {
    let Some(text) = &field.limits.default_value else { return Ok(Cell::Null) };
    let found = match engine::plain_default(text) {
        Some(PlainDefault::Null) => return Ok(Cell::Null),
        Some(PlainDefault::Text(found)) => found,
        Some(PlainDefault::Uuid) => uuid::Uuid::new_v4().to_string(),
        Some(PlainDefault::Now) => {
            let form = match field.field_type {
                FieldType::Date => "%Y-%m-%d",
                FieldType::Time => "%H:%M:%S%.6f",
                _ => "%Y-%m-%d %H:%M:%S%.6f",
            };
            Utc::now().format(form).to_string()
        }
        None => return Err(format!("A row without {}, whose default is {text}, is not supported by the embedded endpoint", field.name)),
    };
    within(scalar_from_text(field.field_type, &found)?, field)
}

fn scalar_from_json(field_type: FieldType, value: &Json<'_>) -> Result<Cell, String> {
    match (field_type, value) {
        (_, Json::Text(text)) => scalar_from_text(field_type, text),
        (FieldType::Int64, Json::Int(i)) => Ok(Cell::Int(*i)),
        (FieldType::Int64, Json::Float(f)) if f.fract() == 0.0 && f.abs() < 9.2e18 => Ok(Cell::Int(*f as i64)),
        (FieldType::Float64, Json::Int(i)) => Ok(Cell::Float(*i as f64)),
        (FieldType::Float64, Json::UInt(u)) => Ok(Cell::Float(*u as f64)),
        (FieldType::Float64, Json::Float(f)) => Ok(Cell::Float(*f)),
        (FieldType::Bool, Json::Bool(b)) => Ok(Cell::Bool(*b)),
        (FieldType::Bool, Json::Int(0 | 1)) => Ok(Cell::Bool(*value == Json::Int(1))),
        // Seconds since the epoch, as a number.
        (FieldType::Timestamp, Json::Int(i)) => {
            i.checked_mul(1_000_000).map(Cell::Int).ok_or_else(|| cannot_convert(field_type, &i.to_string()))
        }
        (FieldType::Timestamp, Json::Float(f)) => Ok(Cell::Int((f * 1e6).round() as i64)),
        (FieldType::String | FieldType::Numeric | FieldType::Bignumeric, other) => scalar_from_text(field_type, &other.to_text()),
        (_, other) => Err(cannot_convert(field_type, &other.to_text())),
    }
}

/// A value written as text: CSV cells, and JSON strings for fields of other types.
pub(crate) fn scalar_from_text(field_type: FieldType, text: &str) -> Result<Cell, String> {
    let trimmed = text.trim();
    let parsed = match field_type {
        FieldType::String | FieldType::Geography | FieldType::Range => Some(Cell::Text(text.to_owned())),
        FieldType::Interval => crate::engine::interval(trimmed).map(Cell::Text),
        FieldType::Json => serde_json::from_str::<Json<'_>>(text).ok().map(|v| Cell::Text(v.to_text())),
        FieldType::Int64 => trimmed.parse().ok().map(Cell::Int),
        FieldType::Float64 => parse_float(trimmed).map(Cell::Float),
        FieldType::Bool => parse_bool(trimmed).map(Cell::Bool),
        FieldType::Bytes => base64_any().decode(trimmed).ok().map(Cell::Bytes),
        FieldType::Date => parse_date(trimmed).map(|d| Cell::Days(days(d))),
        FieldType::Time => parse_time(trimmed).map(|t| Cell::Int(time_micros(t))),
        FieldType::Datetime => parse_datetime(trimmed).map(|d| Cell::Int(d.and_utc().timestamp_micros())),
        FieldType::Timestamp => parse_timestamp(trimmed).map(Cell::Int),
        FieldType::Numeric => {
            parse_decimal(trimmed, 9).and_then(|v| v.to_i128()).filter(|v| v.unsigned_abs() < 10_u128.pow(38)).map(Cell::Numeric)
        }
        FieldType::Bignumeric => parse_decimal(trimmed, 38).map(Cell::BigNumeric),
        FieldType::Struct => None,
    };
    parsed.ok_or_else(|| cannot_convert(field_type, text))
}

fn cannot_convert(field_type: FieldType, text: &str) -> String {
    let name = match field_type {
        FieldType::Int64 => "integer",
        FieldType::Float64 => "float",
        FieldType::Bool => "boolean",
        FieldType::Timestamp => "timestamp",
        FieldType::Date => "date",
        FieldType::Time => "time",
        FieldType::Datetime => "datetime",
        FieldType::Bytes => "bytes",
        FieldType::Numeric => "numeric",
        FieldType::Bignumeric => "bignumeric",
        FieldType::Json => "json",
        FieldType::String => "string",
        FieldType::Geography => "geography",
        FieldType::Interval => "interval",
        FieldType::Range => "range",
        FieldType::Struct => "record",
    };
    let shown: String = text.chars().take(100).collect();
    format!("Cannot convert value to {name} (bad value): {shown}")
}

fn parse_float(text: &str) -> Option<f64> {
    match text.to_ascii_lowercase().as_str() {
        "nan" => Some(f64::NAN),
        "inf" | "+inf" | "infinity" | "+infinity" => Some(f64::INFINITY),
        "-inf" | "-infinity" => Some(f64::NEG_INFINITY),
        other => other.parse().ok(),
    }
}

fn parse_bool(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "t" | "yes" | "y" | "1" => Some(true),
        "false" | "f" | "no" | "n" | "0" => Some(false),
        _ => None,
    }
}

/// Standard and URL-safe base64, padded or not.
fn base64_any() -> GeneralPurpose {
    GeneralPurpose::new(&alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent))
}

pub(super) fn days(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - 719_163
}

pub(super) fn time_micros(time: NaiveTime) -> i64 {
    i64::from(time.num_seconds_from_midnight()) * 1_000_000 + i64::from(time.nanosecond() / 1000)
}

pub(crate) fn parse_date(text: &str) -> Option<NaiveDate> {
    let normal = text.replace('/', "-");
    NaiveDate::parse_from_str(&normal, "%Y-%m-%d").ok()
}

pub(super) fn parse_time(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text, "%H:%M:%S%.f").ok()
}

pub(crate) fn parse_datetime(text: &str) -> Option<NaiveDateTime> {
    let (date, time) = match text.split_once(['T', 't', ' ']) {
        Some((date, time)) => (date, parse_time(time.trim())?),
        None => (text, NaiveTime::MIN),
    };
    Some(parse_date(date)?.and_time(time))
}

/// Microseconds since the epoch. Takes `2024-03-01[ T]12:34:56[.ffffff][ UTC|Z|+01:00|Europe/Paris]` and seconds since the
/// epoch.
pub(crate) fn parse_timestamp(text: &str) -> Option<i64> {
    if let Some(at) = parse_datetime(text) {
        return Some(at.and_utc().timestamp_micros());
    }
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.timestamp_micros());
    }
    if let Ok(seconds) = text.parse::<f64>() {
        // Up to the year 9999; what is larger is no number of seconds.
        return (seconds.abs() < 253_402_300_800.0).then(|| (seconds * 1e6).round() as i64);
    }
    let text = text.trim_end_matches(['Z', 'z']);
    if let Some((local, zone)) = text.rsplit_once(' ')
        && !zone.starts_with(|c: char| c.is_ascii_digit())
        && let Some(at) = parse_datetime(local)
    {
        return in_zone(at, zone);
    }
    // An offset that touches the time: `12:34:56+01` or `12:34:56-0330`.
    let sign = text.rfind(['+', '-']).filter(|i| *i > 10);
    match sign {
        Some(i) => in_zone(parse_datetime(text[..i].trim_end())?, &text[i..]),
        None => parse_datetime(text).map(|at| at.and_utc().timestamp_micros()),
    }
}

fn in_zone(at: NaiveDateTime, zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("utc") || zone.eq_ignore_ascii_case("z") {
        return Some(at.and_utc().timestamp_micros());
    }
    if let Some(offset) = zone.strip_prefix(['+', '-']) {
        let (hours, minutes) = offset.split_once(':').unwrap_or(if offset.len() == 4 { offset.split_at(2) } else { (offset, "0") });
        let minutes: i64 = hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?;
        let minutes = if zone.starts_with('-') { -minutes } else { minutes };
        return Some(at.and_utc().timestamp_micros() - minutes * 60_000_000);
    }
    let zone: chrono_tz::Tz = zone.parse().ok()?;
    let local = zone.from_local_datetime(&at).earliest()?;
    Some(local.with_timezone(&Utc).timestamp_micros())
}

/// A decimal as an integer of `scale` decimal places, rounded half away from zero.
pub(crate) fn parse_decimal(text: &str, scale: usize) -> Option<i256> {
    let (text, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{whole}{fraction}");
    if all.is_empty() || !all.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let shift = i32::try_from(scale).ok()? + exponent - i32::try_from(fraction.len()).ok()?;
    let ten = i256::from_i128(10);
    let mut value = i256::ZERO;
    let keep = i32::try_from(all.len()).ok()? + shift.min(0);
    for (i, byte) in all.bytes().enumerate() {
        let i = i32::try_from(i).ok()?;
        let digit = i256::from_i128(i128::from(byte - b'0'));
        if i < keep {
            value = value.checked_mul(ten)?.checked_add(digit)?;
        } else {
            if i == keep && byte >= b'5' {
                value = value.checked_add(i256::ONE)?;
            }
            break;
        }
    }
    for _ in 0..shift.max(0) {
        value = value.checked_mul(ten)?;
    }
    Some(if negative { value.checked_neg()? } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(field_type: FieldType, text: &str, expected: Option<Cell>) {
        let found = scalar_from_text(field_type, text).ok();
        assert_eq!(found, expected, "{field_type:?} {text:?}");
    }

    #[test]
    fn text_becomes_what_bigquery_makes_of_it() {
        use FieldType as T;
        let at = 1_709_296_496_000_000;
        check(T::Int64, " 42 ", Some(Cell::Int(42)));
        check(T::Int64, "4.2", None);
        check(T::Float64, "-Infinity", Some(Cell::Float(f64::NEG_INFINITY)));
        check(T::Bool, "Yes", Some(Cell::Bool(true)));
        check(T::Bool, "maybe", None);
        check(T::Interval, "P7Y11M9DT4H15M37.123456S", Some(Cell::Text("7-11 9 4:15:37.123456".into())));
        check(T::Interval, "P-1Y2DT-3H", Some(Cell::Text("-1-0 2 -3:0:0".into())));
        check(T::Interval, "1-2 3 4:5:6", Some(Cell::Text("1-2 3 4:5:6".into())));
        check(T::Interval, "soon", None);
        check(T::Date, "1970-01-02", Some(Cell::Days(1)));
        check(T::Date, "1969-12-31", Some(Cell::Days(-1)));
        check(T::Date, "not-a-date", None);
        check(T::Time, "00:00:01.5", Some(Cell::Int(1_500_000)));
        check(T::Datetime, "1970-01-01 00:00:01", Some(Cell::Int(1_000_000)));
        for text in [
            "2024-03-01 12:34:56 UTC",
            "2024-03-01T12:34:56Z",
            "2024-03-01 12:34:56",
            "2024-03-01 13:34:56+01:00",
            "2024-03-01 13:34:56+01",
            "2024-03-01T13:34:56 Europe/Paris",
            "1709296496",
            "1.709296496E9",
        ] {
            check(T::Timestamp, text, Some(Cell::Int(at)));
        }
        check(T::Timestamp, "2024-03-01", Some(Cell::Int(1_709_251_200_000_000)));
        check(T::Timestamp, "yesterday", None);
        check(T::Timestamp, "1709296496500000", None);
        check(T::Numeric, "1.5", Some(Cell::Numeric(1_500_000_000)));
        check(T::Numeric, "-1e-9", Some(Cell::Numeric(-1)));
        check(T::Numeric, "0.0000000005", Some(Cell::Numeric(1)));
        check(T::Numeric, "1e40", None);
        check(T::Bytes, "aGk=", Some(Cell::Bytes(b"hi".to_vec())));
        check(T::Json, "{\"a\": 1}", Some(Cell::Text("{\"a\":1}".into())));
    }
}
