//! Rows on their way to the warehouse: Parquet files aside, each of a bounded size, so that a source of any size is sent in parts.
//!
//! BigQuery reads Parquet of this form. Source: <https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-parquet>

use std::fs::File;
use std::path::{Path, PathBuf};

use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use serde::Serialize;
use tempfile::TempPath;

use super::IngestError;
use super::columnar::{Columns, Origin};
use crate::catalog::Table;

/// Rows of a batch, and what they may take before it is written early.
const BATCH_ROWS: usize = 8192;
const BATCH_BYTES: usize = 4 << 20;
/// Rows of a row group, and what it may take in memory before it is closed early.
const GROUP_ROWS: usize = 256 * 1024;
const GROUP_BYTES: usize = 48 << 20;

/// How files are written, and where.
#[derive(Debug, Clone)]
pub(super) struct Packing {
    pub folder: PathBuf,
    /// A file that has come to so many bytes is a part.
    pub part_bytes: usize,
    /// Whether the items of an ARRAY are called as BigQuery wants them to be. The embedded endpoint keeps files as they are if they are
    /// written as its own.
    pub standard_lists: bool,
}

/// Some rows of a table, in a file that goes when this goes.
#[derive(Debug)]
pub(super) struct Part {
    pub file: TempPath,
    pub rows: u64,
}

/// Writes the rows of a table.
pub(super) struct PartWriter {
    packing: Packing,
    columns: Columns,
    open: Option<(ArrowWriter<File>, TempPath)>,
    rows: u64,
}

impl PartWriter {
    pub(super) fn new(table: &Table, packing: Packing) -> Self {
        Self { packing, columns: Columns::of(table), open: None, rows: 0 }
    }

    /// Adds a row. A part comes back when one is full.
    ///
    /// # Errors
    /// [`IngestError::NoRoom`] when the disk refuses.
    pub(super) fn push(&mut self, row: &impl Serialize, origin: Option<Origin<'_>>) -> Result<Option<Part>, IngestError> {
        self.columns.push(row, origin).expect("rows have the columns of their table, and a test loads every source");
        if self.columns.rows() < BATCH_ROWS && self.columns.bytes() < BATCH_BYTES {
            return Ok(None);
        }
        let (written, memory) = self.write_batch()?;
        if written + memory < self.packing.part_bytes { Ok(None) } else { self.close().map(Some) }
    }

    /// The rows that no part had yet, be it none.
    ///
    /// # Errors
    /// As [`PartWriter::push`].
    pub(super) fn finish(mut self) -> Result<Part, IngestError> {
        self.write_batch()?;
        self.close()
    }

    /// Writes the rows of the batch. Bytes written and bytes in memory come back.
    fn write_batch(&mut self) -> Result<(usize, usize), IngestError> {
        self.rows += self.columns.rows() as u64;
        let batch = self.columns.take().expect("the columns are those of the schema, and equally long");
        let folder = self.packing.folder.clone();
        let full = |error: ParquetError| no_room(&folder, into_io(error));
        let (writer, _) = self.open()?;
        writer.write(&batch).map_err(full)?;
        if writer.memory_size() > GROUP_BYTES {
            writer.flush().map_err(full)?;
        }
        Ok((writer.bytes_written(), writer.in_progress_size()))
    }

    fn open(&mut self) -> Result<&mut (ArrowWriter<File>, TempPath), IngestError> {
        if self.open.is_none() {
            let folder = &self.packing.folder;
            let made = tempfile::Builder::new().prefix("part-").suffix(".parquet").tempfile_in(folder);
            let (file, path) = made.map_err(|error| no_room(folder, error))?.into_parts();
            let properties = WriterProperties::builder()
                .set_compression(Compression::ZSTD(ZstdLevel::default()))
                .set_max_row_group_row_count(Some(GROUP_ROWS))
                .set_coerce_types(self.packing.standard_lists)
                .build();
            let writer = ArrowWriter::try_new(file, self.columns.schema().clone(), Some(properties));
            self.open = Some((writer.map_err(|error| no_room(folder, into_io(error)))?, path));
        }
        Ok(self.open.as_mut().expect("it was opened above"))
    }

    fn close(&mut self) -> Result<Part, IngestError> {
        self.open()?;
        let (writer, file) = self.open.take().expect("it was opened above");
        writer.close().map_err(|error| no_room(&self.packing.folder, into_io(error)))?;
        Ok(Part { file, rows: std::mem::take(&mut self.rows) })
    }
}

fn no_room(folder: &Path, error: std::io::Error) -> IngestError {
    IngestError::NoRoom { folder: folder.to_owned(), error }
}

/// What the disk said.
fn into_io(error: ParquetError) -> std::io::Error {
    match error {
        ParquetError::External(error) => match error.downcast::<std::io::Error>() {
            Ok(error) => *error,
            Err(error) => std::io::Error::other(error),
        },
        other => std::io::Error::other(other),
    }
}

/// Rows as JSON, for tests of what was sent.
#[cfg(test)]
pub(super) use reading::{read, rows_of};

#[cfg(test)]
mod reading {
    use arrow::array::{Array, AsArray, RecordBatch};
    use arrow::datatypes::{DataType, Date32Type, Float64Type, Int64Type, TimestampMicrosecondType};
    use chrono::{DateTime, NaiveDate, SecondsFormat};
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    use serde_json::{Map, Value, json};

    use super::{File, Path};

    /// The rows of a part.
    pub(in crate::ingest) fn read(path: &Path) -> Vec<Value> {
        let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap().build().unwrap();
        reader.flat_map(|batch| rows_of(&batch.unwrap())).collect()
    }

    /// The rows of a batch.
    pub(in crate::ingest) fn rows_of(batch: &RecordBatch) -> Vec<Value> {
        let schema = batch.schema();
        let row = |at: usize| {
            let cells = schema.fields().iter().zip(batch.columns()).map(|(field, column)| (field.name().clone(), cell(column, at)));
            Value::Object(cells.collect::<Map<_, _>>())
        };
        (0..batch.num_rows()).map(row).collect()
    }

    fn cell(column: &dyn Array, at: usize) -> Value {
        if column.is_null(at) {
            return Value::Null;
        }
        match column.data_type() {
            DataType::Utf8 => json!(column.as_string::<i32>().value(at)),
            DataType::Int64 => json!(column.as_primitive::<Int64Type>().value(at)),
            DataType::Float64 => json!(column.as_primitive::<Float64Type>().value(at)),
            DataType::Boolean => json!(column.as_boolean().value(at)),
            DataType::Date32 => json!(NaiveDate::from_epoch_days(column.as_primitive::<Date32Type>().value(at)).unwrap()),
            DataType::Timestamp(..) => {
                let time = DateTime::from_timestamp_micros(column.as_primitive::<TimestampMicrosecondType>().value(at)).unwrap();
                json!(time.to_rfc3339_opts(SecondsFormat::Micros, true))
            }
            DataType::List(_) => {
                let items = column.as_list::<i32>().value(at);
                (0..items.len()).map(|at| cell(&items, at)).collect()
            }
            other => unreachable!("bronze has no column of {other}"),
        }
    }
}
