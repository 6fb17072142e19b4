//! Newline-delimited JSON.

use std::io::BufRead;

use super::cell::{CellError, RowRules, row_from_json};
use super::columns::BatchBuilder;
use super::detect::JsonDetector;
use super::encoding::Encoding;
use super::json::Json;
use super::source::Source;
use super::{BATCH_ROWS, LoadError, Sink};
use crate::engine;
use crate::schema::TableSchema;

/// BigQuery's limit of a row.
/// Source: <https://cloud.google.com/bigquery/quotas#load_jobs>
const MAX_LINE_BYTES: u64 = 100 * 1024 * 1024;
/// Rows that the detection of a schema looks at.
const ROWS_DETECTED: u64 = 10_000;

pub(super) fn read(
    source: &Source,
    schema: &TableSchema,
    encoding: Encoding,
    rules: RowRules,
    sink: &mut Sink<'_>,
) -> Result<(), LoadError> {
    let mut builder = BatchBuilder::new(engine::arrow_schema(schema))?;
    each_line(source, encoding, |number, line| {
        let row = parse(line).and_then(|json| row_from_json(&json, &schema.fields, rules));
        match row {
            Ok(row) => builder.push(row)?,
            Err(error) => sink.bad_row(number, error)?,
        }
        if builder.rows() == BATCH_ROWS {
            sink.batch(builder.finish()?)?;
        }
        Ok(true)
    })?;
    if builder.rows() > 0 {
        sink.batch(builder.finish()?)?;
    }
    Ok(())
}

pub(super) fn detect(source: &Source, encoding: Encoding) -> Result<TableSchema, LoadError> {
    let mut detector = JsonDetector::default();
    each_line(source, encoding, |number, line| {
        if let Ok(json) = parse(line) {
            detector.see(&json);
        }
        Ok(number < ROWS_DETECTED)
    })?;
    detector.finish().map_err(LoadError::Schema)
}

fn parse(line: &[u8]) -> Result<Json<'_>, CellError> {
    serde_json::from_slice(line).map_err(|e| CellError { location: String::new(), message: format!("JSON parsing error in row: {e}") })
}

/// Calls `visit` with each line that is not blank and its number, from 1, until it returns false.
fn each_line(source: &Source, encoding: Encoding, mut visit: impl FnMut(u64, &[u8]) -> Result<bool, LoadError>) -> Result<(), LoadError> {
    let unreadable = |e: std::io::Error| LoadError::Unreadable(e.to_string());
    let mut reader = source.open_text(encoding).map_err(unreadable)?;
    let mut buffer = Vec::new();
    let mut number = 0;
    loop {
        buffer.clear();
        if read_line(&mut reader, &mut buffer, number + 1).map_err(unreadable)? == 0 {
            return Ok(());
        }
        number += 1;
        let line = buffer.trim_ascii();
        if !line.is_empty() && !visit(number, line)? {
            return Ok(());
        }
    }
}

/// Reads one line, of a length that one row may have.
fn read_line(reader: impl BufRead, line: &mut Vec<u8>, number: u64) -> std::io::Result<usize> {
    let read = reader.take(MAX_LINE_BYTES + 1).read_until(b'\n', line)?;
    if read as u64 > MAX_LINE_BYTES {
        let message = format!("Row size is larger than: {MAX_LINE_BYTES}. Row: {number}");
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, message));
    }
    Ok(read)
}
