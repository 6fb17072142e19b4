//! The schemas that are compiled in: `schemas/*.json` for `music`, `schemas/raw/*.json` for `music_raw`, laid out by `schemas/tables.yaml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::{Catalog, Column, PartitionUnit, Table};

/// Name and TableSchema of each table, in the order in which they are shown.
const MUSIC: &[(&str, &str)] = &[
    ("artists", include_str!("../../schemas/artists.json")),
    ("tracks", include_str!("../../schemas/tracks.json")),
    ("users", include_str!("../../schemas/users.json")),
    ("listens", include_str!("../../schemas/listens.json")),
    ("listening_events", include_str!("../../schemas/listening_events.json")),
    ("artist_tags", include_str!("../../schemas/artist_tags.json")),
    ("friendships", include_str!("../../schemas/friendships.json")),
    ("chart_entries", include_str!("../../schemas/chart_entries.json")),
    ("country_charts", include_str!("../../schemas/country_charts.json")),
    ("artist_snapshots", include_str!("../../schemas/artist_snapshots.json")),
    ("track_snapshots", include_str!("../../schemas/track_snapshots.json")),
    ("similar_artists", include_str!("../../schemas/similar_artists.json")),
    ("recommendations", include_str!("../../schemas/recommendations.json")),
    ("user_segments", include_str!("../../schemas/user_segments.json")),
];

const RAW: &[(&str, &str)] = &[
    ("api_responses", include_str!("../../schemas/raw/api_responses.json")),
    ("artist_history", include_str!("../../schemas/raw/artist_history.json")),
    ("artist_keys", include_str!("../../schemas/raw/artist_keys.json")),
    ("artist_links", include_str!("../../schemas/raw/artist_links.json")),
    ("artist_names", include_str!("../../schemas/raw/artist_names.json")),
    ("artist_spellings", include_str!("../../schemas/raw/artist_spellings.json")),
    ("deezer_albums", include_str!("../../schemas/raw/deezer_albums.json")),
    ("deezer_artists", include_str!("../../schemas/raw/deezer_artists.json")),
    ("deezer_charts", include_str!("../../schemas/raw/deezer_charts.json")),
    ("deezer_genre_artists", include_str!("../../schemas/raw/deezer_genre_artists.json")),
    ("deezer_genres", include_str!("../../schemas/raw/deezer_genres.json")),
    ("deezer_playlist_tracks", include_str!("../../schemas/raw/deezer_playlist_tracks.json")),
    ("deezer_related_artists", include_str!("../../schemas/raw/deezer_related_artists.json")),
    ("deezer_tracks", include_str!("../../schemas/raw/deezer_tracks.json")),
    ("hetrec_artists", include_str!("../../schemas/raw/hetrec_artists.json")),
    ("hetrec_tags", include_str!("../../schemas/raw/hetrec_tags.json")),
    ("hetrec_user_artists", include_str!("../../schemas/raw/hetrec_user_artists.json")),
    ("hetrec_user_friends", include_str!("../../schemas/raw/hetrec_user_friends.json")),
    ("hetrec_user_taggedartists", include_str!("../../schemas/raw/hetrec_user_taggedartists.json")),
    ("hot_100", include_str!("../../schemas/raw/hot_100.json")),
    ("lastfm_artist_tags", include_str!("../../schemas/raw/lastfm_artist_tags.json")),
    ("lastfm_artists", include_str!("../../schemas/raw/lastfm_artists.json")),
    ("lastfm_charts", include_str!("../../schemas/raw/lastfm_charts.json")),
    ("lastfm_recent_tracks", include_str!("../../schemas/raw/lastfm_recent_tracks.json")),
    ("lastfm_similar_artists", include_str!("../../schemas/raw/lastfm_similar_artists.json")),
    ("lineage", include_str!("../../schemas/raw/lineage.json")),
    ("loads", include_str!("../../schemas/raw/loads.json")),
    ("rejects", include_str!("../../schemas/raw/rejects.json")),
    ("similar_evidence", include_str!("../../schemas/raw/similar_evidence.json")),
    ("spotify_web_albums", include_str!("../../schemas/raw/spotify_web_albums.json")),
    ("spotify_web_artists", include_str!("../../schemas/raw/spotify_web_artists.json")),
    ("spotify_web_audio_features", include_str!("../../schemas/raw/spotify_web_audio_features.json")),
    ("spotify_web_playlist_tracks", include_str!("../../schemas/raw/spotify_web_playlist_tracks.json")),
    ("spotify_web_tracks", include_str!("../../schemas/raw/spotify_web_tracks.json")),
    ("spotify_1921", include_str!("../../schemas/raw/spotify_1921.json")),
    ("spotify_relational_albums", include_str!("../../schemas/raw/spotify_relational_albums.json")),
    ("spotify_relational_artists", include_str!("../../schemas/raw/spotify_relational_artists.json")),
    ("spotify_relational_audio", include_str!("../../schemas/raw/spotify_relational_audio.json")),
    ("spotify_relational_tracks", include_str!("../../schemas/raw/spotify_relational_tracks.json")),
    ("spotify_tracks", include_str!("../../schemas/raw/spotify_tracks.json")),
    ("spotify_ultimate", include_str!("../../schemas/raw/spotify_ultimate.json")),
    ("track_history", include_str!("../../schemas/raw/track_history.json")),
    ("track_names", include_str!("../../schemas/raw/track_names.json")),
    ("transforms", include_str!("../../schemas/raw/transforms.json")),
    ("user_names", include_str!("../../schemas/raw/user_names.json")),
];

const LAYOUT: &str = include_str!("../../schemas/tables.yaml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Layout {
    description: String,
    #[serde(default)]
    partitioned_by: Option<String>,
    #[serde(default)]
    partitioned_per: PartitionUnit,
    #[serde(default)]
    clustered_by: Vec<String>,
}

static EMBEDDED: LazyLock<Catalog> = LazyLock::new(|| read("music", MUSIC));
static EMBEDDED_RAW: LazyLock<Catalog> = LazyLock::new(|| read("music_raw", RAW));

impl Catalog {
    /// The dataset `music`: what questions may read.
    #[must_use]
    pub fn embedded() -> Self {
        EMBEDDED.clone()
    }

    /// The dataset `music_raw`: what the sources gave. No question reads it.
    #[must_use]
    pub fn raw() -> Self {
        EMBEDDED_RAW.clone()
    }
}

fn read(dataset: &str, files: &[(&str, &str)]) -> Catalog {
    let mut layouts: BTreeMap<String, BTreeMap<String, Layout>> =
        yaml_serde::from_str(LAYOUT).expect("schemas/tables.yaml is compiled in and a test reads it");
    let mut layouts = layouts.remove(dataset).unwrap_or_default();
    let tables = files
        .iter()
        .map(|(name, schema)| {
            let columns: Vec<Column> = serde_json::from_str(schema).expect("schemas are compiled in and a test reads them");
            let layout = layouts.remove(*name).expect("tables.yaml has every table and a test says so");
            let Layout { description, partitioned_by, partitioned_per, clustered_by } = layout;
            Table { name: (*name).to_owned(), description, columns, partitioned_by, partitioned_per, clustered_by }
        })
        .collect();
    Catalog { dataset: dataset.to_owned(), tables }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    fn folder(path: &str) -> BTreeSet<String> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        let files = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        files.filter_map(|name| name.strip_suffix(".json").map(str::to_owned)).collect()
    }

    #[test]
    fn the_list_is_the_folder_and_the_layout() {
        let layouts: BTreeMap<String, BTreeMap<String, Layout>> = yaml_serde::from_str(LAYOUT).unwrap();
        for (dataset, files, path) in [("music", MUSIC, "schemas"), ("music_raw", RAW, "schemas/raw")] {
            let listed: BTreeSet<String> = files.iter().map(|(name, _)| (*name).to_owned()).collect();
            assert_eq!(listed, folder(path), "{path}");
            assert_eq!(listed, layouts[dataset].keys().cloned().collect(), "tables.yaml, {dataset}");
        }
    }

    #[test]
    fn layouts_name_columns_that_exist_and_everything_is_described() {
        for catalog in [Catalog::embedded(), Catalog::raw()] {
            for table in &catalog.tables {
                assert!(!table.description.is_empty(), "{}", table.name);
                assert!(table.clustered_by.len() <= 4, "{}", table.name);
                for column in table.partitioned_by.iter().chain(&table.clustered_by) {
                    assert!(table.column(column).is_some(), "{}.{column}", table.name);
                }
                for column in &table.columns {
                    assert!(!column.description.is_empty(), "{}.{}", table.name, column.name);
                }
            }
        }
    }
}
