//! Kaggle "Spotify Tracks Dataset": one CSV file, a row for each track and genre; artists joined by `;`; the first column has no
//! name. One row has neither artist nor title and is a reject.
//! <https://www.kaggle.com/datasets/maharshipandya/-spotify-tracks-dataset>

use serde::Serialize;

use super::IngestError;
use super::files::Input;
use super::landing::Landing;
use super::load;
use super::records::Record;
use super::spotify::{self, FEATURES, Features};

pub(super) const SOURCE: &str = "spotify-tracks";
pub(super) const TABLES: &[&str] = &["spotify_tracks"];
const COLUMNS: &[&str] = &["track_id", "artists", "album_name", "track_name", "popularity", "duration_ms", "explicit", "track_genre"];

#[derive(Serialize)]
struct Row {
    row_index: Option<i64>,
    track_id: String,
    artists: Vec<String>,
    album_name: Option<String>,
    track_name: String,
    popularity: Option<i64>,
    duration_ms: Option<i64>,
    explicit: Option<bool>,
    #[serde(flatten)]
    features: Features,
    track_genre: String,
    artist_id: String,
    artist_ids: Vec<String>,
    featured_artists: Vec<String>,
}

pub(super) fn read(input: &Input, landing: &mut Landing) -> Result<(), IngestError> {
    let columns = [COLUMNS, &FEATURES].concat();
    load::csv_files(input, landing, (SOURCE, TABLES[0], &columns), row)
}

fn row(record: &Record<'_>) -> Result<Row, String> {
    let names = record.text("artists").split(';').map(str::trim).filter(|name| !name.is_empty());
    let artists: Vec<String> = names.map(str::to_owned).collect();
    if artists.is_empty() && record.text("track_name").is_empty() {
        return Err("neither artist nor title is named".to_owned());
    }
    let (artist_id, artist_ids) = spotify::keys(&artists)?;
    Ok(Row {
        row_index: record.optional_whole("")?,
        track_id: record.required_text("track_id")?,
        album_name: record.optional_text("album_name"),
        track_name: record.required_text("track_name")?,
        popularity: record.whole_within("popularity", 0, 100)?,
        duration_ms: record.whole_within("duration_ms", 0, i64::MAX)?,
        explicit: record.optional_bool("explicit")?,
        features: Features::of(record)?,
        track_genre: record.required_text("track_genre")?,
        artist_id,
        artist_ids,
        featured_artists: artists[1..].to_vec(),
        artists,
    })
}
