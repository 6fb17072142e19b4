//! Rows on their way into `music_raw`: each lands in its table or among the rejects, and is counted. None of them is kept: a part
//! of them that is full is sent on while the next is read.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::columnar::Origin;
use super::content::Content;
use super::files::SourceFile;
use super::parts::{Packing, Part, PartWriter};
use super::records::{self, Columns, Dialect, Record};
use super::{IngestError, Progress, tables};
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

/// Rows of one file that were rejected for the same kind of reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    pub source_file: String,
    pub rows: u64,
    /// Where the first of them stands, and why it was rejected.
    pub line: u64,
    pub reason: String,
}

/// So many kinds of reasons are told apart; what comes after them counts to one more.
const KINDS: usize = 100;
/// How often reading looks whether it should stop.
const ROWS_BETWEEN_LOOKS: u64 = 1024;

/// Where parts go while the rest is read, and what ends reading.
#[derive(Clone)]
pub(super) struct Outlet {
    pub packing: Packing,
    pub full: mpsc::Sender<(Arc<Table>, Part)>,
    pub stop: CancellationToken,
    pub progress: Arc<dyn Progress>,
}

/// The rows of one bronze table.
struct Arriving {
    table: Arc<Table>,
    rows: u64,
    writer: PartWriter,
}

/// What one table was given: how many rows in all, and those that no part had yet.
pub(super) struct Landed {
    pub table: Arc<Table>,
    pub rows: u64,
    pub rest: Part,
}

/// A load under way.
pub(super) struct Landing {
    source: String,
    loaded_at: DateTime<Utc>,
    tables: Vec<Arriving>,
    rejects: Arriving,
    rejections: Rejections,
    pub(super) files: Vec<FileReport>,
    outlet: Outlet,
}

/// All that a source gave.
pub(super) struct Brought {
    pub source: String,
    pub tables: Vec<Landed>,
    pub rejects: Landed,
    pub rejections: Vec<Rejection>,
    pub files: Vec<FileReport>,
}

/// Why a record makes no row: it does not fit, or the load cannot go on.
pub(super) enum Refused {
    Rejected(String),
    Failed(IngestError),
}

impl From<String> for Refused {
    fn from(reason: String) -> Self {
        Self::Rejected(reason)
    }
}

/// An error of a load, whether of reading or of anything else.
pub(super) enum Broken {
    Reading(io::Error),
    Else(IngestError),
}

impl Broken {
    /// What it means for a file.
    pub(super) fn of(self, content: &Content) -> IngestError {
        match self {
            Self::Reading(error) => content.unreadable(error),
            Self::Else(error) => error,
        }
    }
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self::Reading(error)
    }
}

impl Arriving {
    fn new(table: Table, outlet: &Outlet) -> Self {
        let writer = PartWriter::new(&table, outlet.packing.clone());
        Self { table: Arc::new(table), rows: 0, writer }
    }

    fn push(&mut self, row: &impl Serialize, origin: Option<Origin<'_>>, outlet: &Outlet) -> Result<(), IngestError> {
        self.rows += 1;
        match self.writer.push(row, origin)? {
            // Nobody takes parts any more: the load has ended otherwise, and says how.
            Some(part) => outlet.full.blocking_send((Arc::clone(&self.table), part)).map_err(|_| IngestError::Interrupted),
            None => Ok(()),
        }
    }

    fn finish(self) -> Result<Landed, IngestError> {
        Ok(Landed { table: self.table, rows: self.rows, rest: self.writer.finish()? })
    }
}

/// Takes the row of a record.
pub(super) struct Put<'a> {
    into: &'a mut Arriving,
    origin: Origin<'a>,
    outlet: &'a Outlet,
}

impl Put<'_> {
    pub(super) fn row(&mut self, row: &impl Serialize) -> Result<(), Refused> {
        self.into.push(row, Some(self.origin), self.outlet).map_err(Refused::Failed)
    }
}

impl Landing {
    /// A load that begins now.
    pub(super) fn begin(source: impl Into<String>, outlet: Outlet) -> Self {
        let rejects = Arriving::new(tables::bronze("rejects").clone(), &outlet);
        let (tables, files) = (Vec::new(), Vec::new());
        Self { source: source.into(), loaded_at: Utc::now(), tables, rejects, rejections: BTreeMap::new(), files, outlet }
    }

    /// A table that rows are to land in.
    pub(super) fn add_table(&mut self, table: Table) {
        self.tables.push(Arriving::new(table, &self.outlet));
    }

    /// Begins to read a file.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub(super) fn open(&self, file: &SourceFile) -> Result<Content, IngestError> {
        file.open(&self.outlet.progress)
    }

    /// Whether somebody wants the load to end.
    pub(super) fn is_stopped(&self) -> bool {
        self.outlet.stop.is_cancelled()
    }

    /// Counts a file as done that is not read.
    pub(super) fn pass_over(&self, file: &SourceFile) {
        self.outlet.progress.inc(file.size);
    }

    /// Lands every record of a file that `row` makes a row of, and rejects the others with the reason it gives.
    ///
    /// # Errors
    /// When the file cannot be read to its end, the disk refuses, or the load is broken off; [`IngestError::RowsVanished`] when the
    /// counts do not add up, which would be a mistake of ours.
    pub(super) fn file<T: Serialize>(
        &mut self,
        table: &str,
        file: &SourceFile,
        content: Content,
        layout: (&Columns, Dialect),
        mut row: impl FnMut(&Record<'_>) -> Result<T, String>,
    ) -> Result<(), IngestError> {
        self.each(table, file, content, layout, |record, put| put.row(&row(record)?))
    }

    /// As [`Landing::file`], for rows that borrow from their records.
    ///
    /// # Errors
    /// As there.
    pub(super) fn each(
        &mut self,
        table: &str,
        file: &SourceFile,
        mut content: Content,
        (columns, dialect): (&Columns, Dialect),
        mut each: impl FnMut(&Record<'_>, &mut Put<'_>) -> Result<(), Refused>,
    ) -> Result<(), IngestError> {
        let (mut read, mut landed, mut rejected) = (0, 0, 0);
        let Self { source, loaded_at, tables, rejects, rejections, outlet, .. } = &mut *self;
        let loaded_at = *loaded_at;
        let into = tables.iter_mut().find(|landing| landing.table.name == table).expect("a source lands in the tables it began with");
        let all = records::each_record(&mut content, columns, dialect, |position, record| {
            if read % ROWS_BETWEEN_LOOKS == 0 && outlet.stop.is_cancelled() {
                return Err(Broken::Else(IngestError::Interrupted));
            }
            read += 1;
            let origin = Origin { source, source_file: &file.name, line: position.line, loaded_at };
            let put = &mut Put { into, origin, outlet };
            match record.map_err(Refused::Rejected).and_then(|record| each(&record, put)) {
                Ok(()) => landed += 1,
                Err(Refused::Failed(error)) => return Err(Broken::Else(error)),
                Err(Refused::Rejected(reason)) => {
                    rejected += 1;
                    note(rejections, &file.name, position.line, &reason);
                    let (source, source_file) = (source.clone(), file.name.clone());
                    let reject = Reject { source, source_file, line: position.line, reason, raw: position.raw(), loaded_at };
                    rejects.push(&reject, None, outlet).map_err(Broken::Else)?;
                }
            }
            Ok(())
        });
        all.map_err(|broken| broken.of(&content))?;
        let source_file = file.name.clone();
        if read != landed + rejected {
            return Err(IngestError::RowsVanished { source_file, read, landed, rejected });
        }
        self.files.push(FileReport {
            source: self.source.clone(),
            source_file,
            table_name: table.to_owned(),
            rows_read: read,
            rows_landed: landed,
            rows_rejected: rejected,
            loaded_at,
        });
        Ok(())
    }

    /// All that was brought, once everything is read.
    ///
    /// # Errors
    /// [`IngestError::NothingFits`] when there are rejects alone: the file is not what it was taken for. Else when the disk refuses.
    pub(super) fn finish(self) -> Result<Brought, IngestError> {
        let Self { source, tables, rejects, rejections, files, .. } = self;
        let rejections = listed(rejections);
        if let Some(first) = rejections.iter().min_by_key(|rejection| rejection.line)
            && files.iter().all(|file| file.rows_landed == 0)
        {
            let Rejection { source_file, line, reason, .. } = first.clone();
            return Err(IngestError::NothingFits { source_name: source, rows: rejects.rows, source_file, line, reason });
        }
        let tables = tables.into_iter().map(Arriving::finish).collect::<Result<_, _>>()?;
        Ok(Brought { source, tables, rejects: rejects.finish()?, rejections, files })
    }
}

/// What was rejected, by file and kind of reason.
pub(super) type Rejections = BTreeMap<(String, String), Rejection>;

/// What was rejected, file by file, the most first.
pub(super) fn listed(rejections: Rejections) -> Vec<Rejection> {
    let mut rejections: Vec<Rejection> = rejections.into_values().collect();
    rejections.sort_by(|a, b| (&a.source_file, b.rows, a.line).cmp(&(&b.source_file, a.rows, b.line)));
    rejections
}

/// Counts a reject to those of its kind.
pub(super) fn note(rejections: &mut Rejections, source_file: &str, line: u64, reason: &str) {
    let mut kind = (source_file.to_owned(), kind(reason));
    if rejections.len() >= KINDS && !rejections.contains_key(&kind) {
        kind = (String::new(), String::new());
    }
    let first = || Rejection { source_file: source_file.to_owned(), rows: 0, line, reason: reason.to_owned() };
    rejections.entry(kind).or_insert_with(first).rows += 1;
}

/// A reason without what it quotes and its numbers.
fn kind(reason: &str) -> String {
    let mut kind = String::new();
    let mut quoted = false;
    let mut escaped = false;
    for c in reason.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted || c.is_ascii_digit() => {}
            c => kind.push(c),
        }
    }
    kind
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_are_counted_by_what_their_reasons_have_in_common() {
        let mut rejections = BTreeMap::new();
        note(&mut rejections, "a.csv", 3, "artist 9 is not in artists.dat");
        note(&mut rejections, "a.csv", 5, "artist 12 is not in artists.dat");
        note(&mut rejections, "b.csv", 5, "artist 12 is not in artists.dat");
        note(&mut rejections, "a.csv", 7, "key is not known: \"a \\\"1\\\" b\"");
        note(&mut rejections, "a.csv", 8, "key is not known: \"H\"");
        let found: Vec<_> = rejections.values().map(|found| (found.source_file.as_str(), found.rows, found.line)).collect();
        assert_eq!(found, [("a.csv", 2, 3), ("a.csv", 2, 7), ("b.csv", 1, 5)]);
        for kind in 0..200 {
            note(&mut rejections, "a.csv", 9, &"x".repeat(kind + 1));
        }
        assert_eq!((rejections.len(), rejections.values().map(|found| found.rows).sum::<u64>()), (KINDS + 1, 205));
    }
}
