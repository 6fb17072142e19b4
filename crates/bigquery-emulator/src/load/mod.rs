//! Rows in: NDJSON, CSV, Parquet and Avro, as typed batches written aside. A load is all or nothing; nothing here commits.
//!
//! It runs on a blocking thread: one side parses, the other encodes Parquet, with a few batches between them.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#JobConfigurationLoad>

mod avro;
mod cell;
mod columns;
mod csv;
mod detect;
mod encoding;
mod json;
mod ndjson;
mod parquet;
mod records;
mod shapes;
mod source;
mod time_formats;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, SyncSender};
use std::thread;

use arrow::array::{ArrayRef, RecordBatchOptions, new_null_array};
use arrow::datatypes::{FieldRef, Schema};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;

pub(crate) use self::avro::AvroOptions;
pub(crate) use self::cell::{CellError, RowRules, row_from_json};
pub(crate) use self::columns::BatchBuilder;
pub(crate) use self::csv::CsvOptions;
pub(crate) use self::encoding::Encoding;
pub(crate) use self::json::Json;
pub(crate) use self::shapes::DecimalTargets;
pub(crate) use self::source::{Source, bomb, unpacked_limit};
pub(crate) use self::time_formats::{Format as TimeFormat, TimeFormats};

use crate::engine;
use crate::limits;
use crate::schema::{Field, Mode, TableSchema};
use crate::store::{RowWriter, StagedRows, Store, StoreError};

const BATCH_ROWS: usize = 8192;
/// Batches that may wait between parsing and encoding.
const BATCHES_AHEAD: usize = 4;
/// How many bad rows are described; the rest are only counted.
const ERRORS_SHOWN: usize = 5;

/// What the bytes are.
#[derive(Debug, Clone)]
pub(crate) enum Format {
    Ndjson(Encoding),
    Csv(Box<CsvOptions>),
    Parquet(DecimalTargets),
    Avro(AvroOptions),
}

impl Format {
    /// Its name in messages.
    fn name(&self) -> &'static str {
        match self {
            Self::Ndjson(_) => "JSON",
            Self::Csv(_) => "CSV",
            Self::Parquet(_) => "Parquet",
            Self::Avro(_) => "Avro",
        }
    }

    /// Whether a file says itself what its columns are.
    pub(crate) fn has_schema(&self) -> bool {
        matches!(self, Self::Parquet(_) | Self::Avro(_))
    }
}

/// How to read them.
#[derive(Debug, Clone)]
pub(crate) struct LoadOptions {
    pub(crate) format: Format,
    /// The columns of the source.
    pub(crate) schema: TableSchema,
    /// The columns of the table, when they are not those of the source.
    pub(crate) target: Option<TableSchema>,
    pub(crate) max_bad_records: u64,
    pub(crate) ignore_unknown_values: bool,
}

/// One row that did not fit.
#[derive(Debug, Clone)]
pub(crate) struct BadRow {
    /// Line or row number, from 1.
    pub(crate) row: u64,
    pub(crate) location: String,
    pub(crate) message: String,
}

/// The rows, written aside.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) staged: StagedRows,
    pub(crate) bad_rows: u64,
    pub(crate) errors: Vec<BadRow>,
}

/// Why a load failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoadError {
    #[error(
        "Error while reading data, error message: {format} table encountered too many errors, giving up. Rows: {rows}; errors: {bad_rows}. Please look into the errors[] collection for more details."
    )]
    TooManyBadRows { format: &'static str, rows: u64, bad_rows: u64, errors: Vec<BadRow> },
    #[error("Error while reading data, error message: {0}")]
    Unreadable(String),
    #[error("{0}")]
    Schema(String),
    #[error("{0} is not supported by the embedded endpoint")]
    NotSupported(String),
    #[error("Job execution was cancelled: User requested cancellation")]
    Cancelled,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ArrowError> for LoadError {
    fn from(error: ArrowError) -> Self {
        Self::Unreadable(error.to_string())
    }
}

/// What readers hand their batches and bad rows to.
pub(crate) struct Sink<'a> {
    batches: SyncSender<RecordBatch>,
    cancelled: &'a AtomicBool,
    format: &'static str,
    max_bad_records: u64,
    rows: u64,
    bad_rows: u64,
    errors: Vec<BadRow>,
}

impl Sink<'_> {
    fn batch(&mut self, batch: RecordBatch) -> Result<(), LoadError> {
        if self.cancelled.load(Ordering::Relaxed) {
            return Err(LoadError::Cancelled);
        }
        self.rows += batch.num_rows() as u64;
        // The writer hangs up when it failed; its error is the one to report.
        self.batches.send(batch).map_err(|_| LoadError::Cancelled)
    }

    fn bad_row(&mut self, row: u64, error: CellError) -> Result<(), LoadError> {
        self.bad_rows += 1;
        if self.errors.len() < ERRORS_SHOWN {
            self.errors.push(BadRow { row, location: error.location, message: error.message });
        }
        if self.bad_rows > self.max_bad_records {
            return Err(LoadError::TooManyBadRows {
                format: self.format,
                rows: row,
                bad_rows: self.bad_rows,
                errors: std::mem::take(&mut self.errors),
            });
        }
        Ok(())
    }
}

/// The columns that a source has, as far as it says or shows; and the format that reads it with them.
pub(crate) fn detect(source: &Source, format: &Format) -> Result<(TableSchema, Format), LoadError> {
    Ok(match format {
        Format::Ndjson(encoding) => (ndjson::detect(source, *encoding)?, format.clone()),
        Format::Csv(options) => {
            let (schema, options) = csv::detect(source, options)?;
            (schema, Format::Csv(Box::new(options)))
        }
        Format::Parquet(decimals) => (parquet::schema(source, decimals)?, format.clone()),
        Format::Avro(options) => (avro::schema(source, options)?, format.clone()),
    })
}

/// Reads a source into staged rows. Blocking.
pub(crate) fn load(store: &Store, source: &Source, options: &LoadOptions, cancelled: &AtomicBool) -> Result<Loaded, LoadError> {
    let LoadOptions { format, schema: read_schema, .. } = options;
    let target = options.target.clone().unwrap_or_else(|| read_schema.clone());
    if matches!(format, Format::Parquet(_)) && !limits::any(&target.fields) && parquet::is_whole_table(source, &target)? {
        let (rows, column_bytes) = parquet::measure(source, &target, cancelled)?;
        let file = source.alone(store.temp_dir()).map_err(|e| LoadError::Unreadable(e.to_string()))?;
        let staged = StagedRows::adopt(store.temp_dir(), &file, target, rows, column_bytes)?;
        return Ok(Loaded { staged, bad_rows: 0, errors: Vec::new() });
    }
    let writer = store.row_writer(target.clone());
    let (sender, receiver) = mpsc::sync_channel::<RecordBatch>(BATCHES_AHEAD);
    let mut sink = Sink {
        batches: sender,
        cancelled,
        format: format.name(),
        max_bad_records: options.max_bad_records,
        rows: 0,
        bad_rows: 0,
        errors: Vec::new(),
    };
    let rules = RowRules { ignore_unknown_values: options.ignore_unknown_values };
    let (read, written, bad_rows, errors) = thread::scope(|scope| {
        let target = &target;
        let encoder = scope.spawn(move || write_all(writer, receiver, read_schema, target));
        let read = match format {
            Format::Ndjson(encoding) => ndjson::read(source, read_schema, *encoding, rules, &mut sink),
            Format::Csv(csv) => csv::read(source, read_schema, csv, rules, &mut sink),
            Format::Parquet(decimals) => parquet::read(source, read_schema, decimals, rules, &mut sink),
            Format::Avro(avro) => avro::read(source, read_schema, avro, rules, &mut sink),
        };
        let Sink { batches, bad_rows, errors, .. } = sink;
        // The encoder ends when the last sender is gone.
        drop(batches);
        let written = encoder.join().unwrap_or_else(|_| Err(LoadError::Unreadable("the writer stopped".into())));
        (read, written, bad_rows, errors)
    });
    // A writer that failed hangs up, which its reader takes for a cancellation.
    let staged = match (read, written) {
        (Ok(()), Ok(staged)) => staged,
        (Err(LoadError::Cancelled) | Ok(()), Err(error)) => return Err(error),
        (Err(error), _) => return Err(error),
    };
    Ok(Loaded { staged, bad_rows, errors })
}

/// Refuses a file that has columns which the schema has not.
fn refuse_unknown(own: &TableSchema, schema: &TableSchema, format: &str, rules: RowRules) -> Result<(), LoadError> {
    let known = |name: &str| schema.fields.iter().any(|s| s.name.eq_ignore_ascii_case(name));
    match own.fields.iter().find(|f| !rules.ignore_unknown_values && !known(&f.name)) {
        Some(extra) => {
            Err(LoadError::Schema(format!("Provided Schema does not match the {format} file. Cannot add fields (field: {})", extra.name)))
        }
        None => Ok(()),
    }
}

fn write_all(
    mut writer: RowWriter,
    batches: mpsc::Receiver<RecordBatch>,
    source: &TableSchema,
    target: &TableSchema,
) -> Result<StagedRows, LoadError> {
    for batch in batches {
        let batch = if source == target { batch } else { project_by_name(&batch, source, target)? };
        writer.write(&batch)?;
    }
    Ok(writer.finish()?)
}

/// The column of which no row says anything.
fn defaults(field: &Field, arrow_field: &FieldRef, rows: usize) -> Result<ArrayRef, LoadError> {
    let mut column = BatchBuilder::new(Arc::new(Schema::new(vec![Arc::clone(arrow_field)])))?;
    for _ in 0..rows {
        column.push(vec![cell::default_cell(field).map_err(LoadError::Schema)?])?;
    }
    Ok(Arc::clone(column.finish()?.column(0)))
}

/// Columns in the order and types of `target`, found by name; a missing one has its default.
pub(crate) fn project_by_name(batch: &RecordBatch, source: &TableSchema, target: &TableSchema) -> Result<RecordBatch, LoadError> {
    let schema = engine::arrow_schema(target);
    let mut columns = Vec::with_capacity(target.fields.len());
    for (field, arrow_field) in target.fields.iter().zip(schema.fields()) {
        let position = source.fields.iter().position(|f| f.name.eq_ignore_ascii_case(&field.name));
        let column = match position {
            Some(i) => engine::fit(batch.column(i), &source.fields[i], field, arrow_field.data_type()).map_err(|why| {
                LoadError::Schema(format!("Error while reading data, error message: Provided Schema does not match. {why}"))
            })?,
            None if field.limits.default_value.is_some() => defaults(field, arrow_field, batch.num_rows())?,
            None => new_null_array(arrow_field.data_type(), batch.num_rows()),
        };
        if field.mode == Mode::Required && column.null_count() > 0 {
            return Err(LoadError::Schema(format!("Required field {} cannot be null", field.name)));
        }
        columns.push(column);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(schema, columns, &options)?)
}
