//! Kaggle "Ultimate Spotify Tracks DB": a row for each track and genre; the key as `C#`, the mode as `Major`, the time signature as
//! `4/4`. Copies of it go around that went through a spreadsheet, which takes `5/4` for a day (`4-May`), or that were cut down to
//! fewer columns, without the track's id. <https://www.kaggle.com/datasets/zaheenhamidani/ultimate-spotify-tracks-db>

use serde::Serialize;

use super::IngestError;
use super::files::Input;
use super::landing::Landing;
use super::load;
use super::records::Record;
use super::spotify::{self, Features, Notation};

pub(super) const SOURCE: &str = "spotify-ultimate";
pub(super) const TABLES: &[&str] = &["spotify_ultimate"];
const COLUMNS: &[&str] = &[
    "genre",
    "artist_name",
    "track_name",
    "popularity",
    "duration_ms",
    "acousticness",
    "danceability",
    "energy",
    "loudness",
    "tempo",
    "valence",
];

/// Each beside the number that Spotify gives it. The collection writes sharps; flats are the same keys.
const KEYS: [[&str; 2]; 12] = [
    ["C", "C"],
    ["C#", "Db"],
    ["D", "D"],
    ["D#", "Eb"],
    ["E", "E"],
    ["F", "F"],
    ["F#", "Gb"],
    ["G", "G"],
    ["G#", "Ab"],
    ["A", "A"],
    ["A#", "Bb"],
    ["B", "B"],
];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

#[derive(Serialize)]
struct Row {
    genre: String,
    artist_name: String,
    track_name: String,
    track_id: Option<String>,
    popularity: Option<i64>,
    duration_ms: Option<i64>,
    #[serde(flatten)]
    features: Features,
    artist_id: String,
}

pub(super) fn read(input: &Input, landing: &mut Landing) -> Result<(), IngestError> {
    load::csv_files(input, landing, (SOURCE, TABLES[0], COLUMNS), row)
}

fn row(record: &Record<'_>) -> Result<Row, String> {
    let artist_name = record.required_text("artist_name")?;
    let notation = Notation {
        key: given(record, "key", key)?,
        mode: given(record, "mode", mode)?,
        time_signature: given(record, "time_signature", beats)?,
    };
    Ok(Row {
        genre: record.required_text("genre")?,
        track_name: record.required_text("track_name")?,
        track_id: record.optional_text("track_id"),
        popularity: record.whole_within("popularity", 0, 100)?,
        duration_ms: record.whole_within("duration_ms", 0, i64::MAX)?,
        features: Features::with(record, notation)?,
        artist_id: spotify::key(&artist_name)?,
        artist_name,
    })
}

/// What a column says by its own notation; nothing where it is empty.
fn given(record: &Record<'_>, column: &str, read: fn(&str) -> Option<i64>) -> Result<Option<i64>, String> {
    match record.text(column) {
        "" => Ok(None),
        text => read(text).map(Some).ok_or_else(|| format!("{column} is not known: {text:?}")),
    }
}

fn key(text: &str) -> Option<i64> {
    let at = KEYS.iter().position(|names| names.contains(&text))?;
    i64::try_from(at).ok()
}

fn mode(text: &str) -> Option<i64> {
    match text {
        "Major" => Some(1),
        "Minor" => Some(0),
        _ => None,
    }
}

/// Beats of a bar: 5 of `5/4`, and of `4-May`, which a spreadsheet made of it.
fn beats(text: &str) -> Option<i64> {
    let beats = match text.split_once('/') {
        Some((beats, _)) => beats.parse().ok()?,
        None => {
            let (_, month) = text.split_once('-')?;
            i64::try_from(MONTHS.iter().position(|name| month.eq_ignore_ascii_case(name))?).ok()? + 1
        }
    };
    (0..=12).contains(&beats).then_some(beats)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_modes_and_bars_become_numbers() {
        let check = |read: fn(&str) -> Option<i64>, text: &str, expected: Option<i64>| assert_eq!(read(text), expected, "{text}");
        check(key, "C", Some(0));
        check(key, "C#", Some(1));
        check(key, "Bb", Some(10));
        check(key, "B", Some(11));
        check(key, "H", None);
        check(mode, "Major", Some(1));
        check(mode, "Minor", Some(0));
        check(mode, "minor-ish", None);
        check(beats, "4/4", Some(4));
        check(beats, "0/4", Some(0));
        check(beats, "5/4", Some(5));
        check(beats, "4-Apr", Some(4));
        check(beats, "4-May", Some(5));
        check(beats, "4-Jan", Some(1));
        check(beats, "04-mar", Some(3));
        check(beats, "44/4", None);
        check(beats, "four", None);
    }
}
