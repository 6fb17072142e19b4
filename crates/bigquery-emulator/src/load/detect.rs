//! A schema from the data, for loads that give none (`autodetect`).
//!
//! Source: <https://cloud.google.com/bigquery/docs/schema-detect>

use super::cell::{parse_date, parse_datetime, parse_time, parse_timestamp};
use super::json::Json;
use crate::schema::{Field, FieldType, Limits, Mode, TableSchema};

/// What is known of one column so far.
#[derive(Debug, Clone, Default)]
struct Guess {
    name: String,
    field_type: Option<FieldType>,
    repeated: bool,
    children: Vec<Guess>,
}

/// Gathers the columns of JSON rows.
#[derive(Debug, Default)]
pub(super) struct JsonDetector {
    columns: Vec<Guess>,
}

impl JsonDetector {
    pub(super) fn see(&mut self, row: &Json<'_>) {
        if let Json::Object(entries) = row {
            see_object(&mut self.columns, entries);
        }
    }

    pub(super) fn finish(self) -> Result<TableSchema, String> {
        if self.columns.is_empty() {
            return Err("No schema specified on job or table, and none could be detected.".into());
        }
        Ok(TableSchema { fields: self.columns.into_iter().map(Guess::field).collect() })
    }
}

fn see_object(columns: &mut Vec<Guess>, entries: &[(std::borrow::Cow<'_, str>, Json<'_>)]) {
    for (key, value) in entries {
        let position = columns.iter().position(|c| c.name.eq_ignore_ascii_case(key)).unwrap_or_else(|| {
            columns.push(Guess { name: key.to_string(), ..Guess::default() });
            columns.len() - 1
        });
        columns[position].see(value);
    }
}

impl Guess {
    fn see(&mut self, value: &Json<'_>) {
        let found = match value {
            Json::Null => return,
            Json::Bool(_) => FieldType::Bool,
            Json::Int(_) => FieldType::Int64,
            Json::UInt(_) | Json::Float(_) => FieldType::Float64,
            Json::Text(text) => text_type(text, false),
            Json::Array(items) => {
                self.repeated = true;
                for item in items {
                    self.see(item);
                }
                return;
            }
            Json::Object(entries) => {
                see_object(&mut self.children, entries);
                FieldType::Struct
            }
        };
        self.widen(found);
    }

    fn widen(&mut self, found: FieldType) {
        self.field_type = Some(match self.field_type {
            None => found,
            Some(known) => wider(known, found),
        });
    }

    fn field(self) -> Field {
        Field {
            name: self.name,
            field_type: self.field_type.unwrap_or(FieldType::String),
            mode: if self.repeated { Mode::Repeated } else { Mode::Nullable },
            description: None,
            limits: Limits::default(),
            fields: self.children.into_iter().map(Guess::field).collect(),
        }
    }
}

fn wider(a: FieldType, b: FieldType) -> FieldType {
    use FieldType::{Date, Datetime, Float64, Int64, String, Timestamp};
    match (a, b) {
        (a, b) if a == b => a,
        (Int64, Float64) | (Float64, Int64) => Float64,
        (Date, Timestamp) | (Timestamp, Date) => Timestamp,
        (Date, Datetime) | (Datetime, Date) => Datetime,
        _ => String,
    }
}

/// The type of a text cell; numbers and booleans count where text is all there is, as in CSV.
fn text_type(text: &str, numbers: bool) -> FieldType {
    let text = text.trim();
    let first_is_digit = text.starts_with(|c: char| c.is_ascii_digit());
    if numbers {
        if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") {
            return FieldType::Bool;
        }
        if text.parse::<i64>().is_ok() {
            return FieldType::Int64;
        }
        if text.parse::<f64>().is_ok() && text.contains(|c: char| c.is_ascii_digit()) {
            return FieldType::Float64;
        }
    }
    if first_is_digit && text.len() <= 15 && text.matches(':').count() == 2 && parse_time(text).is_some() {
        return FieldType::Time;
    }
    if !first_is_digit || text.len() < 8 {
        return FieldType::String;
    }
    if text.len() == 10 && parse_date(text).is_some() {
        return FieldType::Date;
    }
    if text.len() < 16 || !text.contains(':') {
        return FieldType::String;
    }
    if parse_datetime(text).is_some() && text.contains('T') {
        return FieldType::Datetime;
    }
    if parse_timestamp(text).is_some() {
        return FieldType::Timestamp;
    }
    FieldType::String
}

/// The columns of CSV rows. `header` names them; without one they are `string_field_0` and so on, as in BigQuery.
pub(super) fn csv_schema(header: Option<&[String]>, rows: &[Vec<String>]) -> TableSchema {
    let width = rows.iter().map(Vec::len).chain(header.map(<[String]>::len)).max().unwrap_or(0);
    let fields = (0..width)
        .map(|i| {
            let mut guess = Guess::default();
            for cell in rows.iter().filter_map(|r| r.get(i)) {
                if !cell.is_empty() {
                    guess.widen(text_type(cell, true));
                }
            }
            let mut field = guess.field();
            field.name = match header.and_then(|h| h.get(i)) {
                Some(name) if !name.trim().is_empty() => column_name(name),
                _ => format!("{}_field_{i}", type_word(field.field_type)),
            };
            field
        })
        .collect();
    TableSchema { fields }
}

/// Whether the first row names the columns: all text, where later rows have a column that is not.
pub(super) fn is_header(first: &[String], rows: &[Vec<String>]) -> bool {
    let all_text = first.iter().all(|c| !c.is_empty() && text_type(c, true) == FieldType::String);
    all_text && csv_schema(None, rows).fields.iter().any(|f| f.field_type != FieldType::String)
}

/// Letters, digits and underscores, as column names must be.
fn column_name(text: &str) -> String {
    let mut name: String = text.trim().chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { '_' }).collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert(0, '_');
    }
    name
}

fn type_word(field_type: FieldType) -> &'static str {
    match field_type {
        FieldType::Int64 => "int64",
        FieldType::Float64 => "double",
        FieldType::Bool => "bool",
        FieldType::Date => "date",
        FieldType::Datetime => "datetime",
        FieldType::Timestamp => "timestamp",
        _ => "string",
    }
}
