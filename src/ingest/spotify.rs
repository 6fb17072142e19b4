//! What the collections of Spotify tracks have in common: audio features, and artists in order.

use serde::Serialize;

use super::records::Record;
use crate::catalog::artist_key;

/// The audio features as Spotify gave them.
#[derive(Debug, Serialize)]
pub(super) struct Features {
    danceability: Option<f64>,
    energy: Option<f64>,
    valence: Option<f64>,
    acousticness: Option<f64>,
    instrumentalness: Option<f64>,
    liveness: Option<f64>,
    speechiness: Option<f64>,
    loudness: Option<f64>,
    tempo: Option<f64>,
    #[serde(flatten)]
    notation: Notation,
}

/// The features that sources write in different ways.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Notation {
    /// 0 is C, 11 is B; -1 stands for "no key was found".
    pub key: Option<i64>,
    /// 1 is major, 0 is minor.
    pub mode: Option<i64>,
    /// Beats of a bar.
    pub time_signature: Option<i64>,
}

/// The columns that [`Features::of`] reads.
pub(super) const FEATURES: [&str; 12] = [
    "danceability",
    "energy",
    "valence",
    "acousticness",
    "instrumentalness",
    "liveness",
    "speechiness",
    "loudness",
    "tempo",
    "key",
    "mode",
    "time_signature",
];

impl Features {
    pub(super) fn of(record: &Record<'_>) -> Result<Self, String> {
        let notation = Notation {
            key: record.whole_within("key", -1, 11)?,
            mode: record.whole_within("mode", 0, 1)?,
            time_signature: record.whole_within("time_signature", 0, 12)?,
        };
        Self::with(record, notation)
    }

    /// The features that are numbers, beside those that were read already. A column that the file does not have is empty.
    pub(super) fn with(record: &Record<'_>, notation: Notation) -> Result<Self, String> {
        let share = |column| match record.optional_float(column)? {
            Some(value) if !(0.0..=1.0).contains(&value) => Err(format!("{column} is {value}, not 0 to 1")),
            value => Ok(value),
        };
        Ok(Self {
            danceability: share("danceability")?,
            energy: share("energy")?,
            valence: share("valence")?,
            acousticness: share("acousticness")?,
            instrumentalness: share("instrumentalness")?,
            liveness: share("liveness")?,
            speechiness: share("speechiness")?,
            loudness: record.optional_float("loudness")?,
            tempo: record.optional_float("tempo")?,
            notation,
        })
    }
}

/// The artists of a track with their keys: the key of the first, and all of them.
pub(super) fn keys(artists: &[String]) -> Result<(String, Vec<String>), String> {
    let keys: Vec<String> = artists.iter().map(|name| artist_key(name)).collect();
    let first = keys.first().filter(|key| !key.is_empty()).ok_or("no artist is named")?;
    Ok((first.clone(), keys))
}

/// The key of the one artist of a row.
pub(super) fn key(artist: &str) -> Result<String, String> {
    let key = artist_key(artist);
    if key.is_empty() { Err("no artist is named".to_owned()) } else { Ok(key) }
}

/// `1927`, `1930-08` or `1930-08-18`.
pub(super) fn partial_date(record: &Record<'_>, column: &str) -> Result<Option<String>, String> {
    match record.optional_text(column) {
        Some(date) if !is_partial_date(&date) => Err(format!("{column} is no date, month or year: {date:?}")),
        date => Ok(date),
    }
}

fn is_partial_date(text: &str) -> bool {
    let full = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.to_owned(),
    };
    full.len() == 10 && full.parse::<chrono::NaiveDate>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::is_partial_date;

    #[test]
    fn release_dates_may_be_days_months_or_years() {
        let check = |text: &str, expected: bool| assert_eq!(is_partial_date(text), expected, "{text}");
        check("1927", true);
        check("1930-08", true);
        check("1930-08-18", true);
        check("1930-13", false);
        check("1930-02-30", false);
        check("27", false);
        check("soon", false);
    }
}
