//! `quaver load`: a source as downloaded, into `music_raw`.
//!
//! The whole source is read before anything is written, so a wrong file changes nothing. Every table is then replaced at once; the
//! account of the load comes last. Loading again gives the same tables.

use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

use super::files::SourceFile;
use super::landing::{FileReport, Landing, pack};
use super::records::{self, CSV, Record};
use super::{IngestError, Progress, Sink, Write, tables};
use super::{files, hetrec, hot_100, spotify_1921, spotify_tracks};

/// The sources that are files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Hetrec,
    SpotifyTracks,
    Spotify1921,
    Hot100,
}

/// What a load brought.
#[derive(Debug, Clone)]
pub struct LoadReport {
    pub source: Source,
    pub files: Vec<FileReport>,
}

impl Source {
    pub const ALL: [Self; 4] = [Self::Hetrec, Self::SpotifyTracks, Self::Spotify1921, Self::Hot100];

    /// As it is named on the command line and in the column `source`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hetrec => hetrec::SOURCE,
            Self::SpotifyTracks => spotify_tracks::SOURCE,
            Self::Spotify1921 => spotify_1921::SOURCE,
            Self::Hot100 => hot_100::SOURCE,
        }
    }

    /// A source by its name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.name() == name)
    }

    fn read(self, path: &Path, progress: &dyn Progress) -> Result<Landing, IngestError> {
        let files = files::list(path)?;
        progress.start(&format!("reading {}", self.name()), Some(files.len() as u64));
        let landing = match self {
            Self::Hetrec => hetrec::read(path, &files, progress),
            Self::SpotifyTracks => spotify_tracks::read(path, &files, progress),
            Self::Spotify1921 => spotify_1921::read(path, &files, progress),
            Self::Hot100 => hot_100::read(path, &files, progress),
        }?;
        progress.finish();
        Ok(landing)
    }
}

impl LoadReport {
    /// Rows read, landed and rejected, over all files.
    #[must_use]
    pub fn totals(&self) -> (u64, u64, u64) {
        self.files.iter().fold((0, 0, 0), |(read, landed, rejected), file| {
            (read + file.rows_read, landed + file.rows_landed, rejected + file.rows_rejected)
        })
    }
}

/// Loads a source from a zip archive, a folder or a file, in place of what an earlier load of it brought.
///
/// # Errors
/// [`IngestError::WrongFile`] when the path holds something else, before anything is written; else what the disk or the warehouse says.
pub async fn load(sink: &dyn Sink, source: Source, path: &Path, progress: &Arc<dyn Progress>) -> Result<LoadReport, IngestError> {
    let (owned, told) = (path.to_owned(), Arc::clone(progress));
    let read = tokio::task::spawn_blocking(move || source.read(&owned, told.as_ref())).await;
    let landing = read.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;

    sink.create_dataset(tables::RAW).await?;
    for table in tables::raw() {
        sink.create_table(tables::RAW, table, false).await?;
    }
    progress.start(&format!("loading {}", source.name()), Some(landing.tables.len() as u64 + 2));
    for landed in landing.tables {
        let table = bronze(landed.table);
        let sent = landed.rows;
        let taken = sink.load(tables::RAW, table, landed.into_body(), Write::Replace).await?;
        if taken != sent {
            return Err(IngestError::RowsLost { table: table.name.clone(), sent, taken });
        }
        progress.inc(1);
    }
    replace(sink, source, "rejects", &landing.rejects).await?;
    progress.inc(1);
    replace(sink, source, "loads", &landing.files).await?;
    progress.finish();
    Ok(LoadReport { source, files: landing.files })
}

/// Puts a source's rows into a table that all sources share, in place of those of its earlier load.
async fn replace<T: Serialize>(sink: &dyn Sink, source: Source, table: &'static str, rows: &[T]) -> Result<(), IngestError> {
    let columns = bronze(table).columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ");
    let of_others = format!("SELECT {columns} FROM {}.{table} WHERE source != '{}'", tables::RAW, source.name());
    sink.select_into(&of_others, tables::RAW, bronze(table), Write::Replace).await?;
    if rows.is_empty() {
        return Ok(());
    }
    let taken = sink.load(tables::RAW, bronze(table), pack(rows), Write::Append).await?;
    if taken == rows.len() as u64 {
        return Ok(());
    }
    Err(IngestError::RowsLost { table: table.to_owned(), sent: rows.len() as u64, taken })
}

fn bronze(name: &str) -> &'static crate::catalog::Table {
    tables::find(tables::RAW, name).expect("sources land in tables of music_raw, and a test loads every source")
}

/// Reads every CSV file that has the columns. A file without them is left alone when another has them (a data set's readme, or a
/// table of it that Quaver does not use).
///
/// # Errors
/// [`IngestError::WrongFile`] when no file has the columns.
pub(super) fn csv_files<T: Serialize>(
    path: &Path,
    files: &[SourceFile],
    (source, table, expected): (&'static str, &'static str, &[&str]),
    progress: &dyn Progress,
    row: impl Fn(&Record<'_>) -> Result<T, String>,
) -> Result<Landing, IngestError> {
    let mut landing = Landing::begin(source, &[table]);
    let mut others = Vec::new();
    for file in files {
        progress.inc(1);
        // A single file that was named is meant, whatever its name ends with.
        if files.len() > 1 && !file.has_extension("csv") {
            others.push(file.name.clone());
            continue;
        }
        let content = file.read()?;
        let columns = records::columns(&content, CSV);
        if columns.has_all(expected) {
            landing.file(table, file, &content, (&columns, CSV), &row)?;
        } else {
            others.push(format!("{} with {}", file.name, columns.listed()));
        }
    }
    if landing.files.is_empty() {
        let expected = format!("a CSV file with the columns {} (or a zip archive or folder with such files)", expected.join(", "));
        let found = listed(others.iter().map(String::as_str));
        return Err(IngestError::WrongFile { path: path.to_owned(), source_name: source, expected, found });
    }
    Ok(landing)
}

/// The first few names, for messages.
pub(super) fn listed<'a>(mut names: impl Iterator<Item = &'a str>) -> String {
    let first: Vec<&str> = names.by_ref().take(6).collect();
    match (first.is_empty(), names.count()) {
        (true, _) => "no file".to_owned(),
        (false, 0) => first.join("; "),
        (false, more) => format!("{}; and {more} more", first.join("; ")),
    }
}

#[cfg(test)]
mod tests;
