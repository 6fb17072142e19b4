//! CSV with BigQuery's options. An empty cell is null: the reader cannot tell `""` from nothing.
//!
//! Source: <https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-csv#csv-options>

use std::borrow::Cow;
use std::io::Read;

use ::csv::{ByteRecord, Reader, ReaderBuilder};

use super::cell::{Cell, CellError, RowRules, scalar_from_text};
use super::columns::BatchBuilder;
use super::source::Source;
use super::{BATCH_ROWS, LoadError, Sink, detect as schema_detection};
use crate::engine;
use crate::schema::{FieldType, Mode, TableSchema};

const ROWS_DETECTED: usize = 500;

/// The CSV part of a load configuration.
#[derive(Debug, Clone)]
pub(crate) struct CsvOptions {
    pub(crate) delimiter: u8,
    pub(crate) quote: Option<u8>,
    pub(crate) skip_leading_rows: Option<u64>,
    pub(crate) allow_jagged_rows: bool,
    pub(crate) null_markers: Vec<String>,
    pub(crate) latin1: bool,
}

impl CsvOptions {
    fn reader(&self, source: &Source) -> Result<Reader<impl Read>, LoadError> {
        let input = source.open().map_err(|e| LoadError::Unreadable(e.to_string()))?;
        Ok(ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.delimiter)
            .quoting(self.quote.is_some())
            .quote(self.quote.unwrap_or(b'"'))
            .from_reader(input))
    }

    fn decode<'a>(&self, bytes: &'a [u8]) -> Result<Cow<'a, str>, String> {
        if self.latin1 {
            return Ok(bytes.iter().copied().map(char::from).collect());
        }
        std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| "Bad character (ASCII 0) or invalid UTF-8 encountered.".into())
    }

    fn is_null(&self, text: &str, field_type: FieldType) -> bool {
        if self.null_markers.iter().any(|m| m == text) {
            return true;
        }
        text.is_empty() && (self.null_markers.is_empty() || !matches!(field_type, FieldType::String | FieldType::Bytes))
    }
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
    let mut reader = options.reader(source)?;
    let mut builder = BatchBuilder::new(engine::arrow_schema(schema))?;
    let mut record = ByteRecord::new();
    let skip = options.skip_leading_rows.unwrap_or(0);
    let mut number = 0;
    while reader.read_byte_record(&mut record).map_err(|e| LoadError::Unreadable(e.to_string()))? {
        number += 1;
        if number <= skip {
            continue;
        }
        match row(&record, schema, options, rules) {
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

fn row(record: &ByteRecord, schema: &TableSchema, options: &CsvOptions, rules: RowRules) -> Result<Vec<Cell>, CellError> {
    if record.len() > schema.fields.len() && !rules.ignore_unknown_values {
        return Err(CellError {
            location: String::new(),
            message: format!("Too many values in row. Found {} column(s) while expected {}.", record.len(), schema.fields.len()),
        });
    }
    if record.len() < schema.fields.len() && !options.allow_jagged_rows {
        return Err(CellError {
            location: String::new(),
            message: format!(
                "Error detected while parsing row: Too few values; found {} column(s) while expected {}.",
                record.len(),
                schema.fields.len()
            ),
        });
    }
    let mut cells = Vec::with_capacity(schema.fields.len());
    for (i, field) in schema.fields.iter().enumerate() {
        let fail = |message: String| CellError { location: field.name.clone(), message };
        let cell = match record.get(i) {
            None => Cell::Null,
            Some(bytes) => {
                let text = options.decode(bytes).map_err(fail)?;
                if options.is_null(&text, field.field_type) {
                    Cell::Null
                } else {
                    scalar_from_text(field.field_type, &text).map_err(fail)?
                }
            }
        };
        if cell == Cell::Null && field.mode == Mode::Required {
            return Err(fail(format!("Missing required field: {}.", field.name)));
        }
        cells.push(cell);
    }
    Ok(cells)
}

pub(super) fn detect(source: &Source, options: &CsvOptions) -> Result<TableSchema, LoadError> {
    let rows = first_rows(source, options)?;
    let (header, rows) = split(&rows, options);
    if rows.is_empty() && header.is_none() {
        return Err(LoadError::Schema("No schema specified on job or table, and none could be detected.".into()));
    }
    Ok(schema_detection::csv_schema(header, rows))
}

/// The options with the detected header among the rows to skip.
pub(super) fn past_header(source: &Source, options: &CsvOptions) -> Result<CsvOptions, LoadError> {
    let rows = first_rows(source, options)?;
    let (header, _) = split(&rows, options);
    let mut options = options.clone();
    if options.skip_leading_rows.unwrap_or(0) == 0 {
        options.skip_leading_rows = Some(u64::from(header.is_some()));
    }
    Ok(options)
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
    let mut rows = Vec::new();
    for record in options.reader(source)?.byte_records().take(limit) {
        let record = record.map_err(|e| LoadError::Unreadable(e.to_string()))?;
        let row: Result<Vec<String>, String> = record.iter().map(|cell| options.decode(cell).map(Cow::into_owned)).collect();
        rows.push(row.map_err(LoadError::Unreadable)?);
    }
    Ok(rows)
}
