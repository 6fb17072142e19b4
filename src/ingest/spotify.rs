//! What the two Kaggle collections of Spotify tracks have in common: audio features, and artists in order.

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
    key: Option<i64>,
    mode: Option<i64>,
    time_signature: Option<i64>,
}

/// The columns that [`Features`] are read from.
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
            // -1 stands for "no key was found".
            key: record.whole_within("key", -1, 11)?,
            mode: record.whole_within("mode", 0, 1)?,
            time_signature: record.whole_within("time_signature", 0, 12)?,
        })
    }
}

/// The artists of a track with their keys: the key of the first, and all of them.
pub(super) fn keys(artists: &[String]) -> Result<(String, Vec<String>), String> {
    let keys: Vec<String> = artists.iter().map(|name| artist_key(name)).collect();
    let first = keys.first().filter(|key| !key.is_empty()).ok_or("no artist is named")?;
    Ok((first.clone(), keys))
}
