//! `quaver load`: a source as downloaded, into `music_raw`.
//!
//! A source is read record by record, into parts of a bounded size, so that files of any size take the same memory. Nothing is
//! replaced before all of it is read, so a wrong file changes nothing: parts that are full wait in tables aside. Every table is then
//! replaced at once; the account of the load comes last. Loading again gives the same tables.

use std::sync::Arc;

use serde::Serialize;
use tokio::sync::{mpsc, oneshot};

use super::any_csv::{self, TableName};
use super::fetch::fetch;
use super::files::{Input, listed};
use super::landing::{Brought, FileReport, Landed, Landing, Outlet, Rejection, pack};
use super::parts::Packing;
use super::places::Places;
use super::records::{Columns, Record};
use super::staging::{Staging, load_part};
use super::{IngestError, PartSink, Progress, Sink, Write, tables};
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
    /// What was rejected and why, by kind of reason; `music_raw.rejects` has every row.
    pub rejections: Vec<Rejection>,
    /// The columns that were detected, where no layout was known.
    pub columns: Vec<Column>,
}

/// Parts that wait to be sent while the next is read.
const PARTS_AHEAD: usize = 1;

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

    fn tables(self) -> &'static [&'static str] {
        match self {
            Self::Hetrec => hetrec::TABLES,
            Self::SpotifyTracks => spotify_tracks::TABLES,
            Self::Spotify1921 => spotify_1921::TABLES,
            Self::SpotifyUltimate => spotify_ultimate::TABLES,
            Self::SpotifyRelational => spotify_relational::TABLES,
            Self::Hot100 => hot_100::TABLES,
        }
    }

    fn read(self, input: &Input, landing: &mut Landing) -> Result<(), IngestError> {
        for table in self.tables() {
            landing.add_table(tables::bronze(table).clone());
        }
        match self {
            Self::Hetrec => hetrec::read(input, landing),
            Self::SpotifyTracks => spotify_tracks::read(input, landing),
            Self::Spotify1921 => spotify_1921::read(input, landing),
            Self::SpotifyUltimate => spotify_ultimate::read(input, landing),
            Self::SpotifyRelational => spotify_relational::read(input, landing),
            Self::Hot100 => hot_100::read(input, landing),
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
/// gzipped, on this machine, at an http(s) address or in Cloud Storage; all places together are the source.
///
/// # Errors
/// [`IngestError::WrongFile`] when the places hold something else, before anything is written; else what the network, the disk or the
/// warehouse says.
pub async fn load(
    sink: &dyn PartSink,
    source: Source,
    places: impl Into<Places>,
    progress: &Arc<dyn Progress>,
) -> Result<LoadReport, IngestError> {
    let read = move |input: &Input, landing: &mut Landing| source.read(input, landing).map(|()| Vec::new());
    bring(sink, (source.name(), 1), &places.into(), progress, read).await
}

/// Loads CSV files of any layout into a table of `music_raw`, in place of what it held. The first line names the columns; their
/// types are what every row allows.
///
/// # Errors
/// As [`load`].
pub async fn load_csv(
    sink: &dyn PartSink,
    table: &TableName,
    places: impl Into<Places>,
    progress: &Arc<dyn Progress>,
) -> Result<LoadReport, IngestError> {
    let into = table.clone();
    let read = move |input: &Input, landing: &mut Landing| any_csv::read(&into, input, landing);
    bring(sink, (&table.source(), any_csv::READINGS), &places.into(), progress, read).await
}

/// Fetches the places, reads them `readings` times, and puts into the warehouse what they bring.
async fn bring(
    sink: &dyn PartSink,
    (name, readings): (&str, u64),
    places: &Places,
    progress: &Arc<dyn Progress>,
    read: impl FnOnce(&Input, &mut Landing) -> Result<Vec<Column>, IngestError> + Send + 'static,
) -> Result<LoadReport, IngestError> {
    let fetched = tokio::select! {
        fetched = fetch(places, progress.as_ref()) => fetched?,
        () = places.stop.cancelled() => return Err(IngestError::Interrupted),
    };
    let folder = tempfile::tempdir().map_err(|error| IngestError::NoRoom { folder: tempfile::env::temp_dir(), error })?;
    let (full, mut parts) = mpsc::channel(PARTS_AHEAD);
    let packing = Packing { folder: folder.path().to_owned(), part_bytes: places.part_bytes, standard_lists: !sink.is_embedded() };
    // Reading ends when the load does, however that is.
    let stop = places.stop.child_token();
    let _ended = stop.clone().drop_guard();
    let outlet = Outlet { packing, full, stop, progress: Arc::clone(progress) };
    let (done, all) = oneshot::channel();
    let (told, name) = (Arc::clone(progress), name.to_owned());
    let reading = move || {
        let input = Input::list(&fetched.paths)?;
        let bytes = input.files.iter().map(|file| file.size).sum::<u64>();
        told.start_bytes(&format!("reading {name}"), Some(bytes * readings));
        let mut landing = Landing::begin(name, outlet);
        let columns = read(&input, &mut landing)?;
        let brought = landing.finish()?;
        told.finish();
        Ok::<_, IngestError>((brought, columns))
    };
    // A thread of its own: one that waits for a slow disk must not keep the program from ending.
    let spawned = std::thread::Builder::new().name("load".to_owned()).spawn(move || {
        // Nobody is there to be told when the load has ended otherwise.
        let _ = done.send(reading());
    });
    spawned.map_err(|error| IngestError::NoRoom { folder: folder.path().to_owned(), error })?;

    let mut staging = Staging::new(sink);
    let receive = async {
        while let Some((table, part)) = parts.recv().await {
            if staging.of(&table).is_none() {
                create_bronze(sink).await?;
            }
            staging.add(&table, &part).await?;
        }
        let (brought, columns) = all.await.expect("reading does not panic")?;
        create_bronze(sink).await?;
        complete(&mut staging, &brought).await?;
        Ok((brought, columns))
    };
    let received = tokio::select! {
        received = receive => received,
        () = places.stop.cancelled() => Err(IngestError::Interrupted),
    };
    drop(parts);
    let report = match received {
        // From here on it is done to its end: each table is replaced at once.
        Ok((brought, columns)) => take_place(sink, &staging, brought, columns, progress.as_ref()).await,
        Err(error) => Err(error),
    };
    staging.remove().await;
    report
}

/// Brings the last rows of tables that have some aside there too.
async fn complete(staging: &mut Staging<'_>, brought: &Brought) -> Result<(), IngestError> {
    for landed in brought.tables.iter().chain([&brought.rejects]) {
        if staging.of(&landed.table).is_some() && landed.rest.rows > 0 {
            staging.add(&landed.table, &landed.rest).await?;
        }
    }
    Ok(())
}

async fn take_place(
    sink: &dyn PartSink,
    staging: &Staging<'_>,
    brought: Brought,
    columns: Vec<Column>,
    progress: &dyn Progress,
) -> Result<LoadReport, IngestError> {
    let Brought { source, tables, rejects, rejections, files } = brought;
    progress.start(&format!("loading {source}"), Some(tables.len() as u64 + 2));
    for Landed { table, rows, rest } in tables {
        match staging.of(&table) {
            Some((aside, taken)) if taken == rows => sink.copy_table(tables::RAW, &aside.name, &table).await?,
            Some((_, taken)) => return Err(IngestError::RowsLost { table: table.name.clone(), sent: rows, taken }),
            None => {
                sink.create_table(tables::RAW, &table, false).await?;
                load_part(sink, &table, &rest, Write::Replace).await?;
            }
        }
        progress.inc(1);
    }
    let aside = staging.of(&rejects.table).map(|(aside, _)| aside.name.as_str());
    keep_others(sink, &source, "rejects", aside).await?;
    if aside.is_none() && rejects.rows > 0 {
        load_part(sink, &rejects.table, &rejects.rest, Write::Append).await?;
    }
    progress.inc(1);
    replace(sink, &source, "loads", &files).await?;
    progress.finish();
    Ok(LoadReport { source, files, rejections, columns })
}

/// Makes the tables of `music_raw` that are not there yet, so that a transform finds all of them, whatever was loaded.
pub(super) async fn create_bronze(sink: &dyn Sink) -> Result<(), IngestError> {
    sink.create_dataset(tables::RAW).await?;
    for table in tables::raw() {
        sink.create_table(tables::RAW, table, false).await?;
    }
    Ok(())
}

/// Leaves the rows of other sources in a table that all share, with those of a table aside if there is one.
async fn keep_others(sink: &dyn Sink, source: &str, table: &'static str, aside: Option<&str>) -> Result<(), IngestError> {
    let table = tables::bronze(table);
    let columns = table.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ");
    // The names of sources are ours, and that of a CSV file's is made of a table's name: neither has a quote.
    let mut sql = format!("SELECT {columns} FROM {}.{} WHERE source != '{source}'", tables::RAW, table.name);
    if let Some(aside) = aside {
        sql = format!("{sql} UNION ALL SELECT {columns} FROM {}.{aside}", tables::RAW);
    }
    sink.select_into(&sql, tables::RAW, table, Write::Replace).await
}

/// Puts a source's rows into a table that all sources share, in place of those of its earlier load.
async fn replace<T: Serialize>(sink: &dyn Sink, source: &str, table: &'static str, rows: &[T]) -> Result<(), IngestError> {
    keep_others(sink, source, table, None).await?;
    if rows.is_empty() {
        return Ok(());
    }
    let table = tables::bronze(table);
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
    landing: &mut Landing,
    (source, table, expected): (&'static str, &'static str, &[&str]),
    row: impl Fn(&Record<'_>) -> Result<T, String>,
) -> Result<(), IngestError> {
    let mut others = Vec::new();
    let mut wrong = false;
    for file in &input.files {
        if !file.meant && !file.has_extension(&["csv", "tsv"]) {
            landing.pass_over(file);
            others.push(file.name.clone());
            continue;
        }
        let content = landing.open(file)?;
        match Columns::with_all(content.head(), expected) {
            Some((columns, dialect)) => landing.file(table, file, content, (&columns, dialect), &row)?,
            None => {
                wrong |= file.meant;
                others.push(format!("{} with {}", file.name, Columns::found(content.head())));
            }
        }
    }
    if landing.files.is_empty() || wrong {
        let expected = format!("a CSV file with the columns {} (or a zip archive or folder with such files)", expected.join(", "));
        return Err(input.wrong(source, expected, listed(others.iter().map(String::as_str))));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
