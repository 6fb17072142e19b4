//! The warehouse's own values, read for linking: one query a kind, through the same validation as any question.

use std::collections::HashMap;

use crate::catalog::Catalog;
use crate::sql::{self, Policy};
use crate::warehouse::{Cell, RunOptions, WarehouseError};

use super::link::Kind;
use super::{Executor, LinkValue};

/// What to read: the kind, and a query of the text, the key (or NULL) and how well known the value is.
const SOURCES: [(Kind, &str); 11] = [
    (Kind::Artist, "SELECT name, artist_id, IFNULL(popularity, 0) AS weight FROM music.artists"),
    (Kind::Title, "SELECT title, NULL AS key, MAX(IFNULL(popularity, 0)) AS weight FROM music.tracks GROUP BY title"),
    (Kind::Title, "SELECT title, NULL AS key, COUNT(*) AS weight FROM music.chart_entries GROUP BY title"),
    (Kind::Album, "SELECT album, NULL AS key, MAX(IFNULL(popularity, 0)) AS weight FROM music.tracks GROUP BY album"),
    (Kind::Tag, "SELECT tag, NULL AS key, COUNT(*) AS weight FROM music.artist_tags GROUP BY tag"),
    (Kind::Genre, "SELECT genre, NULL AS key, COUNT(*) AS weight FROM music.tracks GROUP BY genre"),
    (Kind::Genre, "SELECT genre, NULL AS key, COUNT(*) AS weight FROM music.artists, UNNEST(genres) AS genre GROUP BY genre"),
    (Kind::Country, "SELECT country, NULL AS key, COUNT(*) AS weight FROM music.users GROUP BY country"),
    (Kind::Country, "SELECT country, NULL AS key, COUNT(*) AS weight FROM music.artists GROUP BY country"),
    (Kind::Country, "SELECT country, NULL AS key, COUNT(*) AS weight FROM music.country_charts GROUP BY country"),
    (Kind::Segment, "SELECT segment, NULL AS key, COUNT(*) AS weight FROM music.user_segments GROUP BY segment"),
];

/// Values of one source that are read at most; a warehouse with more is linked by its first ones.
const MOST_VALUES: u32 = 2_000_000;

/// Reads all values, each once a kind.
///
/// # Errors
/// What the warehouse says.
///
/// # Panics
/// When a query of `SOURCES` does not fit the catalogue, which a test rules out.
pub async fn load(executor: &dyn Executor, catalog: &Catalog, options: &RunOptions) -> Result<Vec<LinkValue>, WarehouseError> {
    let mut values: HashMap<(Kind, String), LinkValue> = HashMap::new();
    for (kind, text) in SOURCES {
        let query = sql::validate(text, catalog, &[], &Policy::default()).expect("the tests validate every source");
        let options = RunOptions { max_rows: MOST_VALUES, ..options.clone() };
        for row in executor.run(&query, &options).await?.rows.rows {
            let [Cell::String(text), key, weight] = row.as_slice() else { continue };
            let key = if let Cell::String(key) = key { Some(key.clone()) } else { None };
            let weight = if let Cell::Int64(weight) = weight { u64::try_from(*weight).unwrap_or(0) } else { 0 };
            let value =
                values.entry((kind, text.clone())).or_insert_with(|| LinkValue { kind, text: text.clone(), key: key.clone(), weight: 0 });
            value.weight = value.weight.max(weight);
        }
    }
    let mut values: Vec<LinkValue> = values.into_values().collect();
    values.sort_by(|a, b| a.kind.cmp(&b.kind).then_with(|| a.text.cmp(&b.text)));
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_is_valid_for_the_catalogue() {
        let catalog = Catalog::embedded();
        for (kind, text) in SOURCES {
            if let Err(error) = sql::validate(text, &catalog, &[], &Policy::default()) {
                panic!("{kind}: {error}\n{text}");
            }
        }
    }
}
