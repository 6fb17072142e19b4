//! CSV with BigQuery's options.
//!
//! Source: <https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-csv#csv-options>

use std::io::BufRead;

use super::cell::{Cell, CellError, RowRules, scalar_from_text, within};
use super::columns::BatchBuilder;
use super::encoding::Encoding;
use super::records::{Marks, Record, Records};
use super::source::Source;
use super::time_formats::TimeFormats;
use super::{BATCH_ROWS, LoadError, Sink, detect as schema_detection};
use crate::engine;
use crate::schema::{Field, FieldType, Mode, TableSchema};

const ROWS_DETECTED: usize = 500;
/// What may separate fields where the job does not say.
/// Source: <https://cloud.google.com/bigquery/docs/schema-detect#csv_delimiter>
const DETECTED_DELIMITERS: [u8; 3] = [b',', b'|', b'\t'];

/// The CSV part of a load configuration.
#[derive(Debug, Clone, Default)]
pub(crate) struct CsvOptions {
    /// `None` where it is to be detected, and is a comma.
    pub(crate) delimiter: Option<u8>,
    pub(crate) quote: Option<u8>,
    pub(crate) skip_leading_rows: Option<u64>,
    pub(crate) allow_jagged_rows: bool,
    pub(crate) allow_quoted_newlines: bool,
    pub(crate) preserve_ascii_control_characters: bool,
    /// Columns are found by the names in the header.
    pub(crate) match_by_name: bool,
    pub(crate) null_markers: Vec<String>,
    pub(crate) encoding: Encoding,
    pub(crate) times: TimeFormats,
}

impl CsvOptions {
    fn records(&self, source: &Source) -> Result<Records<impl BufRead + use<>>, LoadError> {
        let marks = Marks {
            delimiter: self.delimiter.unwrap_or(b','),
            quote: self.quote,
            any_byte: self.preserve_ascii_control_characters,
            quoted_newlines: self.allow_quoted_newlines,
        };
        Ok(Records::new(source.open_text(self.encoding).map_err(unreadable)?, marks))
    }

    fn cell(&self, field: &Field, bytes: &[u8], quoted: bool) -> Result<Cell, String> {
        // What is no UTF-8 becomes the replacement character, as in BigQuery.
        let text = String::from_utf8_lossy(bytes);
        let is_text = matches!(field.field_type, FieldType::String | FieldType::Bytes);
        let is_null = match self.null_markers.as_slice() {
            [] => text.is_empty() && !(quoted && is_text),
            markers => markers.iter().any(|marker| *marker == text),
        };
        if is_null {
            return Ok(Cell::Null);
        }
        match self.times.read(field.field_type, &text) {
            Some(found) => found,
            None => scalar_from_text(field.field_type, &text),
        }
        .and_then(|cell| within(cell, field))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err, which passes by value")]
fn unreadable(error: std::io::Error) -> LoadError {
    LoadError::Unreadable(error.to_string())
}

pub(super) fn read(
    source: &Source,
    schema: &TableSchema,
    options: &CsvOptions,
    rules: RowRules,
    sink: &mut Sink<'_>,
) -> Result<(), LoadError> {
    if let Some(field) = schema.fields.iter().find(|f| f.mode == Mode::Repeated || f.field_type == FieldType::Struct) {
        return Err(LoadError::Schema(format!("Cannot load CSV data with a nested or repeated schema. Field: {}.", field.name)));
    }
    let mut records = options.records(source)?;
    let mut builder = BatchBuilder::new(engine::arrow_schema(schema))?;
    let mut record = Record::default();
    let mut places = Places::in_order(schema);
    let skip = options.skip_leading_rows.unwrap_or(0).max(u64::from(options.match_by_name));
    let mut number = 0;
    while records.read(&mut record).map_err(unreadable)? {
        number += 1;
        if number <= skip {
            if number == skip && options.match_by_name {
                places = Places::by_name(schema, &record.texts().collect::<Vec<_>>(), rules)?;
            }
            continue;
        }
        match row(&record, schema, &places, options, rules) {
            Ok(row) => builder.push(row)?,
            Err(error) => sink.bad_row(number, error)?,
        }
        if builder.rows() == BATCH_ROWS {
            sink.batch(builder.finish()?)?;
        }
    }
    if builder.rows() > 0 {
        sink.batch(builder.finish()?)?;
    }
    Ok(())
}

/// Where the fields of a schema stand in a record.
struct Places {
    of_fields: Vec<Option<usize>>,
    columns: usize,
}

impl Places {
    fn in_order(schema: &TableSchema) -> Self {
        let columns = schema.fields.len();
        Self { of_fields: (0..columns).map(Some).collect(), columns }
    }

    fn by_name(schema: &TableSchema, header: &[String], rules: RowRules) -> Result<Self, LoadError> {
        let known = |name: &String| schema.fields.iter().any(|f| f.name.eq_ignore_ascii_case(name.trim()));
        if let Some(name) = header.iter().find(|name| !rules.ignore_unknown_values && !known(name)) {
            return Err(LoadError::Schema(format!("The CSV header names a column that is not in the schema: {name}.")));
        }
        let place = |field: &Field| header.iter().position(|name| name.trim().eq_ignore_ascii_case(&field.name));
        Ok(Self { of_fields: schema.fields.iter().map(place).collect(), columns: header.len() })
    }
}

fn row(record: &Record, schema: &TableSchema, places: &Places, options: &CsvOptions, rules: RowRules) -> Result<Vec<Cell>, CellError> {
    let whole = |message: String| CellError { location: String::new(), message };
    let position = record.position;
    if let Some(why) = record.broken {
        return Err(whole(format!("Error detected while parsing row starting at position: {position}. Error: {why}")));
    }
    let (found, expected) = (record.len(), places.columns);
    if found > expected && !rules.ignore_unknown_values {
        return Err(whole(format!(
            "Too many values in row starting at position: {position}. Found {found} column(s) while expected {expected}."
        )));
    }
    if found < expected && !options.allow_jagged_rows {
        return Err(whole(format!(
            "Error detected while parsing row starting at position: {position}. Error: Too few values; found {found} column(s) while expected {expected}."
        )));
    }
    let mut cells = Vec::with_capacity(schema.fields.len());
    for (field, place) in schema.fields.iter().zip(&places.of_fields) {
        let fail = |message: String| CellError { location: field.name.clone(), message };
        let cell = match place.and_then(|place| record.get(place)) {
            None => Cell::Null,
            Some((bytes, quoted)) => options.cell(field, bytes, quoted).map_err(fail)?,
        };
        if cell == Cell::Null && field.mode == Mode::Required {
            return Err(fail(format!("Missing required field: {}.", field.name)));
        }
        cells.push(cell);
    }
    Ok(cells)
}

/// The columns of a file, and the options with which it is then read: the delimiter that was found, and no header among the rows.
pub(super) fn detect(source: &Source, options: &CsvOptions) -> Result<(TableSchema, CsvOptions), LoadError> {
    let mut options = options.clone();
    let mut rows = first_rows(source, &options)?;
    if options.delimiter.is_none() {
        for delimiter in DETECTED_DELIMITERS {
            let tried = CsvOptions { delimiter: Some(delimiter), ..options.clone() };
            let split = first_rows(source, &tried)?;
            let width = split.first().map_or(0, Vec::len);
            if width > 1 && split.iter().all(|row| row.len() == width) {
                (rows, options) = (split, tried);
                break;
            }
        }
    }
    let (header, data) = split(&rows, &options);
    if data.is_empty() && header.is_none() {
        return Err(LoadError::Schema("No schema specified on job or table, and none could be detected.".into()));
    }
    if options.skip_leading_rows.unwrap_or(0) == 0 {
        options.skip_leading_rows = Some(u64::from(header.is_some()));
    }
    let schema = schema_detection::csv_schema(header, data);
    Ok((schema, options))
}

/// The row that names the columns, if any, and the rows after it.
fn split<'a>(rows: &'a [Vec<String>], options: &CsvOptions) -> (Option<&'a [String]>, &'a [Vec<String>]) {
    match options.skip_leading_rows {
        Some(skip @ 1..) => {
            let skip = usize::try_from(skip).unwrap_or(usize::MAX).min(rows.len());
            (skip.checked_sub(1).map(|i| rows[i].as_slice()), &rows[skip..])
        }
        _ => match rows.split_first() {
            Some((first, rest)) if schema_detection::is_header(first, rest) => (Some(first), rest),
            _ => (None, rows),
        },
    }
}

fn first_rows(source: &Source, options: &CsvOptions) -> Result<Vec<Vec<String>>, LoadError> {
    let skip = options.skip_leading_rows.unwrap_or(0);
    let limit = ROWS_DETECTED.saturating_add(usize::try_from(skip).unwrap_or(0));
    let mut records = options.records(source)?;
    let mut record = Record::default();
    let mut rows = Vec::new();
    while rows.len() < limit && records.read(&mut record).map_err(unreadable)? {
        rows.push(record.texts().collect());
    }
    Ok(rows)
}
