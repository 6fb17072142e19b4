//! The sample: what the embedded warehouse holds until real data is loaded. Artists, songs, albums, years, countries and genres
//! are real and hand-written (artists.tsv, songs.tsv); people, plays, charts, figures over time, audio features and the days of
//! release are simulated, always in the same way. Its tables are labelled `sample`, so that whatever shows them can say so.

mod catalogue;
mod charts;
mod draw;
mod events;
mod gold;
mod music;
mod people;
mod rows;
mod snapshots;

use bytes::Bytes;
use serde::Serialize;

use super::simulate::Track;
use super::{IngestError, Progress, Sink, Write, landing, tables};
use crate::catalog::Table;

/// What every table says of itself while it holds the sample.
pub const DESCRIPTION: &str = "Quaver sample data (simulated)";

/// One table of the sample.
#[derive(Debug, Clone)]
pub struct SampleTable {
    pub name: &'static str,
    pub rows: u64,
    /// Newline-delimited JSON, gzipped.
    pub ndjson_gz: Bytes,
}

/// Simulates the whole sample, table by table, in the order of the contract.
pub fn generate() -> impl Iterator<Item = SampleTable> {
    let music = music::make();
    let mut people = people::make(&music);
    // The plays come before the listens: they are counted into them.
    let plays = events::make(&music, &mut people);
    let similarity = gold::similarity(&music, &people);
    tables::music().iter().map(move |table| {
        let name = table.name.as_str();
        match name {
            "artists" => pack("artists", &music.artists),
            "tracks" => pack("tracks", &music.tracks),
            "users" => pack("users", &people.users),
            "listens" => pack("listens", &people.listens(&music)),
            "listening_events" => pack("listening_events", &events::rows(&music, &people, &plays)),
            "artist_tags" => pack("artist_tags", &people.tags(&music)),
            "friendships" => pack("friendships", &people.friendships()),
            "chart_entries" => pack("chart_entries", &charts::hot_100(&music)),
            "country_charts" => pack("country_charts", &charts::country_charts(&music, &people)),
            "artist_snapshots" => pack("artist_snapshots", &snapshots::artists(&music)),
            "track_snapshots" => pack("track_snapshots", &snapshots::tracks(&music)),
            "similar_artists" => pack("similar_artists", &similarity.rows(&music)),
            "recommendations" => pack("recommendations", &similarity.recommendations(&music, &people)),
            "user_segments" => pack("user_segments", &gold::segments(&music, &people)),
            other => unreachable!("table {other} of the contract has no sample, and a test generates every table"),
        }
    })
}

/// The tracks of the sample, the most popular first.
pub(super) fn tracks() -> Vec<Track> {
    let mut tracks = music::make().tracks;
    tracks.sort_by(|one, other| other.popularity.cmp(&one.popularity).then_with(|| one.track_id.cmp(&other.track_id)));
    let track = |track: rows::Track| Track {
        track_id: track.track_id,
        title: track.title.to_owned(),
        artist_id: track.artist_id,
        artist_name: track.artist_name.to_owned(),
        genre: Some(track.genre.to_owned()),
    };
    tracks.into_iter().map(track).collect()
}

fn pack<T: Serialize>(name: &'static str, rows: &[T]) -> SampleTable {
    SampleTable { name, rows: rows.len() as u64, ndjson_gz: landing::pack(rows) }
}

/// Whether the warehouse needs the sample: dataset `music` has no table yet, or an earlier installation broke off.
///
/// # Errors
/// What the warehouse says.
pub async fn is_missing(sink: &dyn Sink) -> Result<bool, IngestError> {
    // Tables are installed in order; the last is there only when all are.
    let last = tables::music().last().map_or("", |table| table.name.as_str());
    Ok(sink.is_sample(tables::MUSIC, last).await?.is_none())
}

/// Puts the sample into dataset `music`, in place of what its tables held. Returns the rows of each table.
///
/// # Errors
/// What the warehouse says.
pub async fn install(sink: &dyn Sink, progress: &dyn Progress) -> Result<Vec<(&'static str, u64)>, IngestError> {
    sink.create_dataset(tables::MUSIC).await?;
    progress.start("sample data", Some(tables::music().len() as u64));
    let generated = tokio::task::spawn_blocking(|| generate().collect::<Vec<_>>()).await.expect("generating does not panic");
    let mut counts = Vec::with_capacity(generated.len());
    for (table, sample) in tables::music().iter().zip(generated) {
        sink.delete_table(tables::MUSIC, &table.name).await?;
        let described = Table { description: format!("{DESCRIPTION}. {}", table.description), ..table.clone() };
        sink.create_table(tables::MUSIC, &described, true).await?;
        let taken = sink.load(tables::MUSIC, table, sample.ndjson_gz, Write::Replace).await?;
        if taken != sample.rows {
            return Err(IngestError::RowsLost { table: table.name.clone(), sent: sample.rows, taken });
        }
        counts.push((sample.name, taken));
        progress.inc(1);
    }
    progress.finish();
    Ok(counts)
}

#[cfg(test)]
mod tests;
