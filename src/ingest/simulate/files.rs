//! A day of simulated events as a file: newline-delimited JSON or Parquet. It has its name only when it is whole.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use super::journal::disk;
use super::{Event, SimulateError};

/// What the files are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Ndjson,
    Parquet,
}

/// As BigQuery reads it.
/// Source: <https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-parquet#type_conversions>
const SCHEMA: &str = "message simulated_events {
    REQUIRED INT64 user_id;
    REQUIRED BYTE_ARRAY track_id (UTF8);
    REQUIRED BYTE_ARRAY track_title (UTF8);
    REQUIRED BYTE_ARRAY artist_id (UTF8);
    REQUIRED BYTE_ARRAY artist_name (UTF8);
    REQUIRED BYTE_ARRAY country (UTF8);
    REQUIRED INT64 played_at (TIMESTAMP(MICROS, true));
    REQUIRED BYTE_ARRAY run (UTF8);
    REQUIRED INT64 number;
}";

impl Format {
    /// Of the names of its files.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Parquet => "parquet",
        }
    }
}

/// A file that is being written.
pub(super) struct DayFile {
    path: PathBuf,
    aside: PathBuf,
    writer: Writer,
}

enum Writer {
    Ndjson(BufWriter<File>),
    Parquet(Box<SerializedFileWriter<File>>),
}

impl DayFile {
    pub(super) fn create(path: &Path, format: Format) -> Result<Self, SimulateError> {
        let aside = path.with_extension("part");
        let file = File::create(&aside).map_err(|error| disk(&aside, error))?;
        let writer = match format {
            Format::Ndjson => Writer::Ndjson(BufWriter::new(file)),
            Format::Parquet => {
                let schema = Arc::new(parse_message_type(SCHEMA).expect("the schema is a constant"));
                let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
                let writer = SerializedFileWriter::new(file, schema, Arc::new(properties));
                Writer::Parquet(Box::new(writer.map_err(|error| failed(path, &error))?))
            }
        };
        Ok(Self { path: path.to_owned(), aside, writer })
    }

    pub(super) fn write(&mut self, events: &[Event<'_>]) -> Result<(), SimulateError> {
        match &mut self.writer {
            Writer::Ndjson(writer) => {
                for event in events {
                    serde_json::to_writer(&mut *writer, event).map_err(|error| disk(&self.aside, error.into()))?;
                    writer.write_all(b"\n").map_err(|error| disk(&self.aside, error))?;
                }
                Ok(())
            }
            Writer::Parquet(_) if events.is_empty() => Ok(()),
            Writer::Parquet(writer) => row_group(writer, events).map_err(|error| failed(&self.path, &error)),
        }
    }

    /// Gives the file its name.
    pub(super) fn finish(self) -> Result<(), SimulateError> {
        let file = match self.writer {
            Writer::Ndjson(writer) => writer.into_inner().map_err(|error| disk(&self.aside, error.into_error()))?,
            Writer::Parquet(writer) => (*writer).into_inner().map_err(|error| failed(&self.path, &error))?,
        };
        file.sync_all().and_then(|()| fs::rename(&self.aside, &self.path)).map_err(|error| disk(&self.path, error))
    }
}

fn row_group(writer: &mut SerializedFileWriter<File>, events: &[Event<'_>]) -> Result<(), ParquetError> {
    let text = |value: fn(&Event<'_>) -> String| -> Column {
        Column::Texts(events.iter().map(|event| value(event).into_bytes().into()).collect())
    };
    let number = |value: fn(&Event<'_>) -> i64| -> Column { Column::Numbers(events.iter().map(value).collect()) };
    let columns = [
        number(|event| event.user_id),
        text(|event| event.track_id.to_owned()),
        text(|event| event.track_title.to_owned()),
        text(|event| event.artist_id.to_owned()),
        text(|event| event.artist_name.to_owned()),
        text(|event| event.country.to_owned()),
        number(|event| event.played_at.timestamp_micros()),
        text(|event| event.run.to_owned()),
        number(|event| event.number as i64),
    ];
    let mut group = writer.next_row_group()?;
    for values in columns {
        let mut column = group.next_column()?.expect("there are as many columns as the schema has");
        match values {
            Column::Texts(values) => column.typed::<ByteArrayType>().write_batch(&values, None, None)?,
            Column::Numbers(values) => column.typed::<Int64Type>().write_batch(&values, None, None)?,
        };
        column.close()?;
    }
    group.close()?;
    Ok(())
}

enum Column {
    Texts(Vec<ByteArray>),
    Numbers(Vec<i64>),
}

fn failed(path: &Path, error: &ParquetError) -> SimulateError {
    SimulateError::Parquet { path: path.to_owned(), message: error.to_string() }
}
