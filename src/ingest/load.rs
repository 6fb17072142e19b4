//! `quaver load`: a source as downloaded, into `music_raw`.
//!
//! The whole source is read before anything is written, so a wrong file changes nothing. Every table is then replaced at once; the
//! account of the load comes last. Loading again gives the same tables.

use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

use super::any_csv::{self, TableName};
use super::fetch::fetch;
use super::files::{Input, listed};
use super::landing::{FileReport, Landing, Reject, pack};
use super::records::{Columns, Record};
use super::{IngestError, Progress, Sink, Write, tables};
use super::{hetrec, hot_100, spotify_1921, spotify_relational, spotify_tracks, spotify_ultimate};
use crate::catalog::Column;

/// The sources that are files of a known layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Hetrec,
    SpotifyTracks,
    Spotify1921,
    SpotifyUltimate,
    SpotifyRelational,
    Hot100,
}

/// What a load brought.
#[derive(Debug, Clone)]
pub struct LoadReport {
    /// As it stands in the column `source`.
    pub source: String,
    pub files: Vec<FileReport>,
    /// The first few rows that were rejected; `music_raw.rejects` has them all.
    pub first_rejects: Vec<Reject>,
    /// The columns that were detected, where no layout was known.
    pub columns: Vec<Column>,
}

const REJECTS_SHOWN: usize = 5;

impl Source {
    pub const ALL: [Self; 6] =
        [Self::Hetrec, Self::SpotifyTracks, Self::Spotify1921, Self::SpotifyUltimate, Self::SpotifyRelational, Self::Hot100];

    /// As it is named on the command line and in the column `source`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hetrec => hetrec::SOURCE,
            Self::SpotifyTracks => spotify_tracks::SOURCE,
            Self::Spotify1921 => spotify_1921::SOURCE,
            Self::SpotifyUltimate => spotify_ultimate::SOURCE,
            Self::SpotifyRelational => spotify_relational::SOURCE,
            Self::Hot100 => hot_100::SOURCE,
        }
    }

    /// A source by its name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.name() == name)
    }

    fn read(self, input: &Input, progress: &dyn Progress) -> Result<Landing, IngestError> {
        match self {
            Self::Hetrec => hetrec::read(input, progress),
            Self::SpotifyTracks => spotify_tracks::read(input, progress),
            Self::Spotify1921 => spotify_1921::read(input, progress),
            Self::SpotifyUltimate => spotify_ultimate::read(input, progress),
            Self::SpotifyRelational => spotify_relational::read(input, progress),
            Self::Hot100 => hot_100::read(input, progress),
        }
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

/// Loads a source in place of what an earlier load of it brought. A place is a zip archive, a folder or a file, each file plain or
/// gzipped, on this machine or at an http(s) address; all places together are the source.
///
/// # Errors
/// [`IngestError::WrongFile`] when the places hold something else, before anything is written; else what the network, the disk or the
/// warehouse says.
pub async fn load(sink: &dyn Sink, source: Source, places: &[PathBuf], progress: &Arc<dyn Progress>) -> Result<LoadReport, IngestError> {
    let landing = read(source.name(), places, progress, move |input, progress| source.read(input, progress)).await?;
    write(sink, landing, Vec::new(), progress.as_ref()).await
}

/// Loads CSV files of any layout into a table of `music_raw`, in place of what it held. The first line names the columns; their
/// types are what every row allows.
///
/// # Errors
/// As [`load`].
pub async fn load_csv(
    sink: &dyn Sink,
    table: &TableName,
    places: &[PathBuf],
    progress: &Arc<dyn Progress>,
) -> Result<LoadReport, IngestError> {
    let into = table.clone();
    let (landing, columns) = read(&table.source(), places, progress, move |input, progress| any_csv::read(&into, input, progress)).await?;
    write(sink, landing, columns, progress.as_ref()).await
}

/// Fetches the places and reads them aside, for reading blocks.
async fn read<T: Send + 'static>(
    name: &str,
    places: &[PathBuf],
    progress: &Arc<dyn Progress>,
    read: impl FnOnce(&Input, &dyn Progress) -> Result<T, IngestError> + Send + 'static,
) -> Result<T, IngestError> {
    let fetched = fetch(places, progress.as_ref()).await?;
    let (told, step) = (Arc::clone(progress), format!("reading {name}"));
    let read = tokio::task::spawn_blocking(move || {
        let input = Input::list(&fetched.paths)?;
        told.start(&step, Some(input.files.len() as u64));
        let landing = read(&input, told.as_ref())?;
        told.finish();
        Ok(landing)
    });
    read.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
}

async fn write(sink: &dyn Sink, landing: Landing, columns: Vec<Column>, progress: &dyn Progress) -> Result<LoadReport, IngestError> {
    let Landing { source, tables: landed, rejects, files, .. } = landing;
    create_bronze(sink).await?;
    progress.start(&format!("loading {source}"), Some(landed.len() as u64 + 2));
    for landed in landed {
        let (table, sent) = (landed.table.clone(), landed.rows);
        sink.create_table(tables::RAW, &table, false).await?;
        let taken = sink.load(tables::RAW, &table, landed.into_body(), Write::Replace).await?;
        if taken != sent {
            return Err(IngestError::RowsLost { table: table.name, sent, taken });
        }
        progress.inc(1);
    }
    replace(sink, &source, "rejects", &rejects).await?;
    progress.inc(1);
    replace(sink, &source, "loads", &files).await?;
    progress.finish();
    let first_rejects = rejects.into_iter().take(REJECTS_SHOWN).collect();
    Ok(LoadReport { source, files, first_rejects, columns })
}

/// Makes the tables of `music_raw` that are not there yet, so that a transform finds all of them, whatever was loaded.
pub(super) async fn create_bronze(sink: &dyn Sink) -> Result<(), IngestError> {
    sink.create_dataset(tables::RAW).await?;
    for table in tables::raw() {
        sink.create_table(tables::RAW, table, false).await?;
    }
    Ok(())
}

/// Puts a source's rows into a table that all sources share, in place of those of its earlier load.
async fn replace<T: Serialize>(sink: &dyn Sink, source: &str, table: &'static str, rows: &[T]) -> Result<(), IngestError> {
    let table = tables::bronze(table);
    let columns = table.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ");
    // The names of sources are ours, and that of a CSV file's is made of a table's name: neither has a quote.
    let of_others = format!("SELECT {columns} FROM {}.{} WHERE source != '{source}'", tables::RAW, table.name);
    sink.select_into(&of_others, tables::RAW, table, Write::Replace).await?;
    if rows.is_empty() {
        return Ok(());
    }
    let taken = sink.load(tables::RAW, table, pack(rows), Write::Append).await?;
    if taken == rows.len() as u64 {
        return Ok(());
    }
    Err(IngestError::RowsLost { table: table.name.clone(), sent: rows.len() as u64, taken })
}

/// Reads every CSV file that has the columns. A file without them is left alone when another has them (a data set's readme, or a
/// table of it that Quaver does not use), unless it was named itself.
///
/// # Errors
/// [`IngestError::WrongFile`] when no file has the columns.
pub(super) fn csv_files<T: Serialize>(
    input: &Input,
    (source, table, expected): (&'static str, &'static str, &[&str]),
    progress: &dyn Progress,
    row: impl Fn(&Record<'_>) -> Result<T, String>,
) -> Result<Landing, IngestError> {
    let mut landing = Landing::of_source(source, &[table]);
    let mut others = Vec::new();
    let mut wrong = false;
    for file in &input.files {
        progress.inc(1);
        if !file.meant && !file.has_extension(&["csv", "tsv"]) {
            others.push(file.name.clone());
            continue;
        }
        let content = file.read()?;
        match Columns::with_all(&content, expected) {
            Some((columns, dialect)) => landing.file(table, file, &content, (&columns, dialect), &row)?,
            None => {
                wrong |= file.meant;
                others.push(format!("{} with {}", file.name, Columns::found(&content)));
            }
        }
    }
    if landing.files.is_empty() || wrong {
        let expected = format!("a CSV file with the columns {} (or a zip archive or folder with such files)", expected.join(", "));
        return Err(input.wrong(source, expected, listed(others.iter().map(String::as_str))));
    }
    Ok(landing)
}

#[cfg(test)]
mod tests;
