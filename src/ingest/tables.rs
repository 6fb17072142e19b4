//! The tables of `music` and `music_raw`, read from schemas/ as it was when the program was built.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::catalog::{Column, Table};

/// Dataset of the silver and gold tables.
pub const MUSIC: &str = "music";
/// Dataset of the bronze tables.
pub const RAW: &str = "music_raw";

/// Every table of dataset `music`, in the order of the contract.
#[must_use]
pub fn music() -> &'static [Table] {
    &TABLES.0
}

/// Every table of dataset `music_raw`.
#[must_use]
pub fn raw() -> &'static [Table] {
    &TABLES.1
}

/// A table of `music` or `music_raw` by name.
#[must_use]
pub fn find(dataset: &str, name: &str) -> Option<&'static Table> {
    let tables = if dataset == MUSIC { music() } else { raw() };
    tables.iter().find(|table| table.name == name)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Layout {
    description: String,
    partitioned_by: Option<String>,
    #[serde(default)]
    clustered_by: Vec<String>,
}

macro_rules! schemas {
    ($folder:literal: $($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../schemas/", $folder, $name, ".json")))),*]
    };
}

const MUSIC_SCHEMAS: &[(&str, &str)] = schemas!("": "artists" "tracks" "users" "listens" "listening_events" "artist_tags"
    "friendships" "chart_entries" "country_charts" "artist_snapshots" "track_snapshots" "similar_artists" "recommendations"
    "user_segments");
const RAW_SCHEMAS: &[(&str, &str)] = schemas!("raw/": "hetrec_artists" "hetrec_user_artists" "hetrec_tags"
    "hetrec_user_taggedartists" "hetrec_user_friends" "spotify_tracks" "spotify_1921" "hot_100" "rejects" "loads");

static TABLES: LazyLock<(Vec<Table>, Vec<Table>)> = LazyLock::new(|| {
    let mut layouts: BTreeMap<String, BTreeMap<String, Layout>> =
        yaml_serde::from_str(include_str!("../../schemas/tables.yaml")).expect("schemas/tables.yaml is embedded and a test reads it");
    (read(&mut layouts, MUSIC, MUSIC_SCHEMAS), read(&mut layouts, RAW, RAW_SCHEMAS))
});

fn read(layouts: &mut BTreeMap<String, BTreeMap<String, Layout>>, dataset: &str, schemas: &[(&str, &str)]) -> Vec<Table> {
    let mut layouts = layouts.remove(dataset).expect("schemas/tables.yaml has both datasets, and a test reads it");
    schemas
        .iter()
        .map(|(name, text)| {
            let columns: Vec<Column> = serde_json::from_str(text).expect("the schemas are embedded and a test reads them");
            let layout = layouts.remove(*name).expect("every schema has a layout, and a test reads them");
            Table {
                name: (*name).to_owned(),
                description: layout.description,
                columns,
                partitioned_by: layout.partitioned_by,
                clustered_by: layout.clustered_by,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_is_read_and_its_layout_names_its_columns() {
        assert_eq!((music().len(), raw().len()), (14, 10));
        for table in music().iter().chain(raw()) {
            assert!(!table.description.is_empty(), "{}", table.name);
            for column in table.partitioned_by.iter().chain(&table.clustered_by) {
                assert!(table.columns.iter().any(|c| c.name == *column), "{}.{column}", table.name);
            }
            assert!(table.columns.iter().all(|column| !column.description.is_empty()), "{}", table.name);
        }
    }
}
