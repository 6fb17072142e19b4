//! Spotify artists, albums, tracks and audio features: four files that refer to each other by Spotify's ids. They are told apart by
//! their columns, since copies name them differently, and some are tab-separated.
//!
//! Tracks and albums of artists that the artists' file lacks land like the others: another source may know who they are.

use std::collections::HashSet;

use serde::Serialize;

use super::IngestError;
use super::files::Input;
use super::landing::Landing;
use super::python_list;
use super::records::{Columns, Record};
use super::spotify::{self, FEATURES, Features};

pub(super) const SOURCE: &str = "spotify-relational";
pub(super) const TABLES: &[&str] =
    &["spotify_relational_artists", "spotify_relational_albums", "spotify_relational_tracks", "spotify_relational_audio"];

struct Layout {
    what: &'static str,
    table: &'static str,
    /// What every copy has; the columns that only some have are read where they are.
    columns: &'static [&'static str],
    row: fn(&Record<'_>) -> Result<Row, String>,
}

const LAYOUTS: [Layout; 4] = [
    Layout {
        what: "artists",
        table: TABLES[0],
        columns: &["artist_id", "artist_name", "artist_genre", "artist_popularity", "artist_followers"],
        row: artist,
    },
    Layout { what: "albums", table: TABLES[1], columns: &["album_id", "album_name", "album_release_date", "album_artist_id"], row: album },
    Layout {
        what: "tracks",
        table: TABLES[2],
        columns: &["track_id", "track_name", "track_artist_id", "track_album_id", "track_popularity", "track_explicit"],
        row: track,
    },
    // Key, mode and time signature came later, so older copies lack them.
    Layout { what: "audio features", table: TABLES[3], columns: &["track_id", "track_duration", FEATURES[0], FEATURES[1]], row: audio },
];

#[derive(Serialize)]
#[serde(untagged)]
enum Row {
    Artist {
        spotify_artist_id: String,
        artist_name: String,
        artist_genres: Vec<String>,
        artist_popularity: Option<i64>,
        artist_followers: Option<i64>,
        image_url: Option<String>,
        url: Option<String>,
        artist_id: String,
    },
    Album {
        album_id: String,
        album_name: String,
        album_release_date: Option<String>,
        total_tracks: Option<i64>,
        spotify_artist_id: Option<String>,
        image_url: Option<String>,
        url: Option<String>,
    },
    Track {
        track_id: String,
        track_name: String,
        spotify_artist_id: String,
        album_id: Option<String>,
        track_number: Option<i64>,
        popularity: Option<i64>,
        explicit: Option<bool>,
        url: Option<String>,
    },
    Audio {
        track_id: String,
        duration_ms: Option<i64>,
        #[serde(flatten)]
        features: Features,
    },
}

pub(super) fn read(input: &Input, landing: &mut Landing) -> Result<(), IngestError> {
    let mut found = Vec::new();
    for file in &input.files {
        if !file.meant && !file.has_extension(&["csv", "tsv"]) {
            landing.pass_over(file);
            continue;
        }
        let content = landing.open(file)?;
        let known = LAYOUTS.iter().find_map(|layout| Columns::with_all(content.head(), layout.columns).map(|read| (layout, read)));
        let Some((layout, (columns, dialect))) = known else {
            if file.meant {
                return Err(input.wrong(SOURCE, expected(), format!("{} with other columns", file.name)));
            }
            continue;
        };
        if found.contains(&layout.what) {
            return Err(input.wrong(SOURCE, expected(), format!("the {} twice, the second time in {}", layout.what, file.name)));
        }
        found.push(layout.what);
        let mut ids = HashSet::new();
        landing.file(layout.table, file, content, (&columns, dialect), |record| {
            let row = (layout.row)(record)?;
            let id = row.id();
            if !ids.insert(id.to_owned()) {
                return Err(format!("{id} stands twice"));
            }
            Ok(row)
        })?;
    }
    if found.len() < LAYOUTS.len() {
        let found = if found.is_empty() { input.listed() } else { format!("the {} alone", found.join(", the ")) };
        return Err(input.wrong(SOURCE, expected(), found));
    }
    Ok(())
}

fn expected() -> String {
    let files = LAYOUTS.iter().map(|layout| format!("the {} ({})", layout.what, layout.columns.join(", ")));
    format!("a zip archive or folder with four CSV files, or all four named: {}", files.collect::<Vec<_>>().join("; "))
}

impl Row {
    fn id(&self) -> &str {
        match self {
            Self::Artist { spotify_artist_id, .. } => spotify_artist_id,
            Self::Album { album_id, .. } => album_id,
            Self::Track { track_id, .. } | Self::Audio { track_id, .. } => track_id,
        }
    }
}

fn artist(record: &Record<'_>) -> Result<Row, String> {
    let artist_name = record.required_text("artist_name")?;
    let genres = record.text("artist_genre");
    Ok(Row::Artist {
        spotify_artist_id: record.required_text("artist_id")?,
        artist_genres: python_list::parse(genres).ok_or_else(|| format!("artist_genre is no list: {genres:?}"))?,
        artist_popularity: record.whole_within("artist_popularity", 0, 100)?,
        artist_followers: record.whole_within("artist_followers", 0, i64::MAX)?,
        image_url: record.optional_text("artist_image"),
        url: record.optional_text("artist_homepage"),
        artist_id: spotify::key(&artist_name)?,
        artist_name,
    })
}

fn album(record: &Record<'_>) -> Result<Row, String> {
    Ok(Row::Album {
        album_id: record.required_text("album_id")?,
        album_name: record.required_text("album_name")?,
        album_release_date: spotify::partial_date(record, "album_release_date")?,
        total_tracks: record.whole_within("album_total_tracks", 0, i64::MAX)?,
        spotify_artist_id: record.optional_text("album_artist_id"),
        image_url: record.optional_text("album_image"),
        url: record.optional_text("album_homepage"),
    })
}

fn track(record: &Record<'_>) -> Result<Row, String> {
    Ok(Row::Track {
        track_id: record.required_text("track_id")?,
        track_name: record.required_text("track_name")?,
        spotify_artist_id: record.required_text("track_artist_id")?,
        album_id: record.optional_text("track_album_id"),
        track_number: record.whole_within("track_number", 0, i64::MAX)?,
        popularity: record.whole_within("track_popularity", 0, 100)?,
        explicit: record.optional_bool("track_explicit")?,
        url: record.optional_text("track_homepage"),
    })
}

fn audio(record: &Record<'_>) -> Result<Row, String> {
    Ok(Row::Audio {
        track_id: record.required_text("track_id")?,
        duration_ms: record.whole_within("track_duration", 0, i64::MAX)?,
        features: Features::of(record)?,
    })
}
