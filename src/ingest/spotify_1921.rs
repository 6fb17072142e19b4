//! Kaggle "Spotify Dataset 1921-2020": CSV files of tracks, one or many; artists and their ids as Python lists; the release date
//! is a day, a month or a year. <https://www.kaggle.com/datasets/yamaerenay/spotify-dataset-19212020-600k-tracks>

use serde::Serialize;

use super::IngestError;
use super::files::Input;
use super::landing::Landing;
use super::records::Record;
use super::spotify::{self, FEATURES, Features};
use super::{load, python_list};

pub(super) const SOURCE: &str = "spotify-1921";
pub(super) const TABLES: &[&str] = &["spotify_1921"];
const COLUMNS: &[&str] = &["id", "name", "popularity", "duration_ms", "explicit", "artists", "id_artists", "release_date"];

#[derive(Serialize)]
struct Row {
    row_index: Option<i64>,
    original_index: Option<i64>,
    track_id: String,
    name: String,
    popularity: Option<i64>,
    duration_ms: Option<i64>,
    explicit: Option<bool>,
    artists: Vec<String>,
    id_artists: Vec<String>,
    release_date: Option<String>,
    #[serde(flatten)]
    features: Features,
    image_url: Option<String>,
    url: Option<String>,
    artist_id: String,
    artist_ids: Vec<String>,
    featured_artists: Vec<String>,
}

pub(super) fn read(input: &Input, landing: &mut Landing) -> Result<(), IngestError> {
    let columns = [COLUMNS, &FEATURES].concat();
    load::csv_files(input, landing, (SOURCE, TABLES[0], &columns), row)
}

fn row(record: &Record<'_>) -> Result<Row, String> {
    let list = |column| python_list::parse(record.text(column)).ok_or_else(|| format!("{column} is no list: {:?}", record.text(column)));
    let artists = list("artists")?;
    let (artist_id, artist_ids) = spotify::keys(&artists)?;
    Ok(Row {
        row_index: record.optional_whole("")?,
        original_index: record.optional_whole("Unnamed: 0")?,
        track_id: record.required_text("id")?,
        name: record.required_text("name")?,
        popularity: record.whole_within("popularity", 0, 100)?,
        duration_ms: record.whole_within("duration_ms", 0, i64::MAX)?,
        explicit: record.optional_bool("explicit")?,
        id_artists: list("id_artists")?,
        release_date: spotify::partial_date(record, "release_date")?,
        features: Features::of(record)?,
        image_url: record.optional_text("images"),
        url: record.optional_text("urls"),
        artist_id,
        artist_ids,
        featured_artists: artists[1..].to_vec(),
        artists,
    })
}
