//! Rows on their way into `music_raw`: each lands in its table or among the rejects, and is counted.

use std::io::Write as _;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;

use super::files::SourceFile;
use super::records::{self, Columns, Dialect, Record};
use super::{IngestError, tables};
use crate::catalog::Table;

/// What a load of one file came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileReport {
    pub source: String,
    pub source_file: String,
    pub table_name: String,
    pub rows_read: u64,
    pub rows_landed: u64,
    pub rows_rejected: u64,
    pub loaded_at: DateTime<Utc>,
}

/// A row that does not fit, as music_raw.rejects keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reject {
    pub source: String,
    pub source_file: String,
    pub line: u64,
    pub reason: String,
    pub raw: String,
    pub loaded_at: DateTime<Utc>,
}

/// The rows of one bronze table.
pub(super) struct Landed {
    pub table: Table,
    pub rows: u64,
    body: GzEncoder<Vec<u8>>,
}

/// Everything that a source gave, before any of it is written.
pub(super) struct Landing {
    pub source: String,
    pub loaded_at: DateTime<Utc>,
    pub tables: Vec<Landed>,
    pub rejects: Vec<Reject>,
    pub files: Vec<FileReport>,
}

#[derive(Serialize)]
struct WithOrigin<'a, T> {
    #[serde(flatten)]
    row: &'a T,
    source: &'a str,
    source_file: &'a str,
    line: u64,
    loaded_at: DateTime<Utc>,
}

impl Landing {
    /// A load that begins now, into these tables.
    pub(super) fn begin(source: impl Into<String>, tables: impl IntoIterator<Item = Table>) -> Self {
        let landed = |table| Landed { table, rows: 0, body: GzEncoder::new(Vec::new(), Compression::fast()) };
        let tables = tables.into_iter().map(landed).collect();
        Self { source: source.into(), loaded_at: Utc::now(), tables, rejects: Vec::new(), files: Vec::new() }
    }

    /// A load that begins now, into bronze tables of Quaver's own.
    pub(super) fn of_source(source: &str, tables: &[&str]) -> Self {
        Self::begin(source, tables.iter().map(|table| tables::bronze(table).clone()))
    }

    /// Lands every record of a file that `row` makes a row of, and rejects the others with the reason it gives.
    ///
    /// # Errors
    /// [`IngestError::RowsVanished`] when the counts do not add up, which would be a mistake of ours.
    pub(super) fn file<T: Serialize>(
        &mut self,
        table: &str,
        file: &SourceFile,
        content: &[u8],
        (columns, dialect): (&Columns, Dialect),
        mut row: impl FnMut(&Record<'_>) -> Result<T, String>,
    ) -> Result<(), IngestError> {
        let (mut read, mut landed, mut rejected) = (0, 0, 0);
        let into = self.tables.iter_mut().find(|landed| landed.table.name == table).expect("a source lands in the tables it began with");
        let (source, loaded_at) = (self.source.as_str(), self.loaded_at);
        let mut lines = Vec::with_capacity(1 << 17);
        records::each_record(content, columns, dialect, |position, record| {
            read += 1;
            match record.and_then(|record| row(&record)) {
                Ok(row) => {
                    let row = WithOrigin { row: &row, source, source_file: &file.name, line: position.line, loaded_at };
                    serde_json::to_writer(&mut lines, &row).expect("rows are plain structs and memory takes them");
                    lines.push(b'\n');
                    landed += 1;
                    if lines.len() > 1 << 16 {
                        into.body.write_all(&lines).expect("memory takes every byte");
                        lines.clear();
                    }
                }
                Err(reason) => {
                    let (source, source_file) = (source.to_owned(), file.name.clone());
                    self.rejects.push(Reject { source, source_file, line: position.line, reason, raw: position.raw(), loaded_at });
                    rejected += 1;
                }
            }
        });
        into.body.write_all(&lines).expect("memory takes every byte");
        into.rows += landed;
        let source_file = file.name.clone();
        if read != landed + rejected {
            return Err(IngestError::RowsVanished { source_file, read, landed, rejected });
        }
        self.files.push(FileReport {
            source: source.to_owned(),
            source_file,
            table_name: table.to_owned(),
            rows_read: read,
            rows_landed: landed,
            rows_rejected: rejected,
            loaded_at,
        });
        Ok(())
    }
}

impl Landed {
    /// The rows as gzipped newline-delimited JSON.
    pub(super) fn into_body(self) -> Bytes {
        self.body.finish().expect("memory takes every byte").into()
    }
}

/// Rows as gzipped newline-delimited JSON.
pub(super) fn pack<T: Serialize>(rows: &[T]) -> Bytes {
    let mut body = GzEncoder::new(Vec::with_capacity(rows.len() * 16), Compression::fast());
    let mut lines = Vec::with_capacity(1 << 17);
    for row in rows {
        serde_json::to_writer(&mut lines, row).expect("rows are plain structs and memory takes them");
        lines.push(b'\n');
        if lines.len() > 1 << 16 {
            body.write_all(&lines).expect("memory takes every byte");
            lines.clear();
        }
    }
    body.write_all(&lines).expect("memory takes every byte");
    body.finish().expect("memory takes every byte").into()
}
