//! The type of a column: the narrowest that all its values allow.
//!
//! Types: BOOL, INT64, FLOAT64, DATE, TIMESTAMP, else STRING. What a change of type would lose makes a column STRING: zeros that a
//! number begins with (`007`), and digits beyond what the number holds.

use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat};
use serde_json::Value;

use crate::catalog::ColumnType;

/// How programs write that there is no value. In a column of text they are text like any other.
const NULLS: [&str; 9] = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "\\N"];
/// In the order in which they are preferred.
const TYPED: [ColumnType; 5] = [ColumnType::Bool, ColumnType::Int64, ColumnType::Float64, ColumnType::Date, ColumnType::Timestamp];
/// FLOAT64 holds every whole number up to here.
const EXACT: i64 = 1 << 53;

/// The types that are still possible for a column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidates {
    possible: [bool; TYPED.len()],
    any: bool,
}

impl Default for Candidates {
    fn default() -> Self {
        Self { possible: [true; TYPED.len()], any: false }
    }
}

impl Candidates {
    /// Leaves out the types that do not allow the value.
    pub(super) fn narrow(&mut self, field: &str) {
        let field = field.trim();
        // A column of text stays one.
        if NULLS.contains(&field) || !self.possible.contains(&true) {
            return;
        }
        self.any = true;
        for (possible, column_type) in self.possible.iter_mut().zip(TYPED) {
            *possible = *possible && typed(column_type, field).is_some();
        }
    }

    /// Leaves out what the other candidates leave out.
    pub(super) fn and(&mut self, other: Self) {
        self.any |= other.any;
        self.possible.iter_mut().zip(other.possible).for_each(|(possible, other)| *possible &= other);
    }

    /// The type that all values allow; STRING for a column without values.
    pub(super) fn column_type(&self) -> ColumnType {
        let first = self.possible.iter().zip(TYPED).find_map(|(possible, column_type)| possible.then_some(column_type));
        first.filter(|_| self.any).unwrap_or(ColumnType::String)
    }
}

/// Whether a text could be a value of a type other than STRING.
pub(super) fn is_typed(field: &str) -> bool {
    TYPED.iter().any(|column_type| typed(*column_type, field).is_some())
}

/// A field of a column of that type, as it is loaded; `None` for NULL.
pub(super) fn value(column_type: ColumnType, field: &str) -> Option<Value> {
    match column_type {
        ColumnType::String => (!field.is_empty()).then(|| field.into()),
        other => typed(other, field),
    }
}

fn typed(column_type: ColumnType, field: &str) -> Option<Value> {
    match column_type {
        ColumnType::Bool if field.eq_ignore_ascii_case("true") => Some(true.into()),
        ColumnType::Bool if field.eq_ignore_ascii_case("false") => Some(false.into()),
        ColumnType::Int64 => whole(field).map(Value::from),
        ColumnType::Float64 => float(field).map(Value::from),
        ColumnType::Date => date(field).map(|date| date.to_string().into()),
        ColumnType::Timestamp => timestamp(field).map(Value::from),
        _ => None,
    }
}

fn whole(field: &str) -> Option<i64> {
    let digits = field.strip_prefix('-').unwrap_or(field);
    let plain = digits.starts_with(|c: char| matches!(c, '1'..='9')) || field == "0";
    plain.then(|| field.parse().ok()).flatten()
}

fn float(field: &str) -> Option<f64> {
    let digits = field.strip_prefix('-').unwrap_or(field);
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return whole(field).filter(|whole| whole.abs() <= EXACT).map(|whole| whole as f64);
    }
    // Rust would also take `inf`, `+1` and `1e400`.
    let begins = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let zeros = digits.len() > 1 && digits.starts_with('0') && digits.as_bytes()[1].is_ascii_digit();
    let number = digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
    (begins && number && !zeros).then(|| field.parse().ok()).flatten().filter(|value: &f64| value.is_finite())
}

/// `2024-05-31`.
fn date(field: &str) -> Option<NaiveDate> {
    let shaped = field.len() == 10
        && field.bytes().enumerate().all(|(at, byte)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() });
    shaped.then(|| field.parse().ok()).flatten().filter(|date| *date >= NaiveDate::from_ymd_opt(1, 1, 1).expect("the first day of year 1"))
}

/// A day and a time with or without a zone, or a day alone; without a zone it is UTC, as BigQuery has it.
/// Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/data-types#timestamp_type>
fn timestamp(field: &str) -> Option<String> {
    let midnight = || date(field).and_then(|date| date.and_hms_opt(0, 0, 0));
    let plain = || {
        date(field.get(..10)?)?;
        let field = field.strip_suffix(" UTC").unwrap_or(field);
        ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
            .iter()
            .find_map(|format| NaiveDateTime::parse_from_str(field, format).ok())
    };
    let zoned = || {
        date(field.get(..10)?)?;
        DateTime::parse_from_rfc3339(field).or_else(|_| DateTime::parse_from_str(field, "%Y-%m-%d %H:%M:%S%.f%:z")).ok()
    };
    let utc = midnight().or_else(plain).map(|time| time.and_utc()).or_else(|| zoned().map(|time| time.to_utc()))?;
    Some(utc.to_rfc3339_opts(SecondsFormat::Micros, true))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_column_has_the_narrowest_type_that_all_values_allow() {
        let check = |values: &[&str], expected: ColumnType| {
            let mut candidates = Candidates::default();
            values.iter().for_each(|value| candidates.narrow(value));
            assert_eq!(candidates.column_type(), expected, "{values:?}");
        };
        check(&["1", "-2", "0", ""], ColumnType::Int64);
        check(&["9223372036854775807", "NA"], ColumnType::Int64);
        check(&["9223372036854775808"], ColumnType::String);
        check(&["1", "2.5", "NaN"], ColumnType::Float64);
        check(&["1e-06", ".5", "-0.1", "7.", "1E+3"], ColumnType::Float64);
        check(&["9007199254740993", "0.5"], ColumnType::String);
        check(&["007", "12"], ColumnType::String);
        check(&["00.5"], ColumnType::String);
        check(&["1,234"], ColumnType::String);
        check(&["+1"], ColumnType::String);
        check(&["inf"], ColumnType::String);
        check(&["1e999"], ColumnType::String);
        check(&["-"], ColumnType::String);
        check(&["1.2.3"], ColumnType::String);
        check(&["true", "FALSE", "null"], ColumnType::Bool);
        check(&["true", "1"], ColumnType::String);
        check(&["0", "1"], ColumnType::Int64);
        check(&["2024-02-29", "0001-01-01"], ColumnType::Date);
        check(&["2023-02-29"], ColumnType::String);
        check(&["1999"], ColumnType::Int64);
        check(&["2024-02-29", "2024-02-29 10:00:00"], ColumnType::Timestamp);
        check(&["2024-02-29T10:00:00Z", "2024-02-29T10:00:00.5+02:00"], ColumnType::Timestamp);
        check(&["2024-02-29 10:00", "2024-02-29 10:00:00 UTC"], ColumnType::Timestamp);
        check(&["10:00:00"], ColumnType::String);
        check(&["x", "1"], ColumnType::String);
        check(&["", "NA"], ColumnType::String);
        check(&[], ColumnType::String);
    }

    #[test]
    fn values_keep_what_the_file_says() {
        let check = |column_type: ColumnType, field: &str, expected: Value| {
            assert_eq!(value(column_type, field).unwrap_or(Value::Null), expected, "{field}");
        };
        check(ColumnType::Int64, "-7", json!(-7));
        check(ColumnType::Int64, "NA", Value::Null);
        check(ColumnType::Float64, "7", json!(7.0));
        check(ColumnType::Bool, "True", json!(true));
        check(ColumnType::Date, "2024-02-29", json!("2024-02-29"));
        check(ColumnType::Timestamp, "2024-02-29", json!("2024-02-29T00:00:00.000000Z"));
        check(ColumnType::Timestamp, "2024-02-29T10:00:00.25+02:00", json!("2024-02-29T08:00:00.250000Z"));
        check(ColumnType::Timestamp, "2024-02-29 10:00:00 UTC", json!("2024-02-29T10:00:00.000000Z"));
        check(ColumnType::String, "NA", json!("NA"));
        check(ColumnType::String, "", Value::Null);
    }
}
