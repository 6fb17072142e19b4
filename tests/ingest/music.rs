//! From answers of web APIs to `music`: one artist whatever the sources call it, and what each table takes from which source.

use std::collections::BTreeMap;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use quaver::ingest::{Silent, Sink, Write, tables, transform};
use serde_json::{Value, json};

use crate::Endpoint;

/// What web APIs gave on two days, without the columns of where it came from.
pub(crate) const DAY_1: &str = include_str!("../fixtures/bronze/day_1.jsonl");
pub(crate) const DAY_2: &str = include_str!("../fixtures/bronze/day_2.jsonl");

/// Appends answers that came at a time to the raw tables, as a load from web APIs does.
pub(crate) async fn answers(endpoint: &Endpoint, lines: &str, fetched_at: &str, loaded_at: &str) {
    let sink: &dyn Sink = &endpoint.warehouse;
    sink.create_dataset(tables::RAW).await.unwrap();
    let mut rows: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (at, line) in lines.lines().enumerate() {
        let mut row: Value = serde_json::from_str(line).unwrap();
        let table = row.as_object_mut().unwrap().remove("table").unwrap().as_str().unwrap().to_owned();
        let source = table.split('_').next().unwrap().to_owned();
        let origin = json!({"source": source, "source_file": format!("http://{source}/{fetched_at}"), "line": at + 1,
            "fetched_at": fetched_at, "loaded_at": loaded_at});
        row.as_object_mut().unwrap().extend(origin.as_object().unwrap().clone());
        rows.entry(table).or_default().push(row);
    }
    for source in ["spotify", "deezer", "lastfm"] {
        let load = json!({"source": source, "source_file": "all", "table_name": "all", "rows_read": 0, "rows_landed": 0, "rows_rejected": 0,
            "loaded_at": loaded_at});
        rows.entry("loads".to_owned()).or_default().push(load);
    }
    for (name, rows) in rows {
        let table = tables::find(tables::RAW, &name).unwrap();
        sink.create_table(tables::RAW, table, false).await.unwrap();
        let mut body = GzEncoder::new(Vec::new(), Compression::fast());
        rows.iter().for_each(|row| writeln!(body, "{row}").unwrap());
        sink.load(tables::RAW, table, body.finish().unwrap().into(), Write::Append).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_artist_is_one_row_whatever_the_sources_call_it() {
    let endpoint = Endpoint::start().await;
    answers(&endpoint, DAY_1, "2026-05-01T06:00:00Z", "2026-05-01T06:10:00Z").await;
    transform::run(&endpoint.warehouse, &Silent).await.unwrap();
    endpoint.data_tests_hold().await;
    endpoint
        .check(
            "SELECT artist_id, name, genres, popularity, followers, spotify_id, lastfm_url, deezer_id, picture_url FROM music.artists ORDER BY 1",
            &[
                "beyonce | Beyoncé | [r-n-b, pop] | 90 | 30000000 | s1 | - | 145 | http://s/b.jpg",
                "daft-punk | Daft Punk | [dance, electronic] | - | 4000000 | - | http://l/Daft+Punk | 27 | http://d/27.jpg",
                "justice | Justice | [] | - | - | - | - | 28 | -",
                "the-weeknd | The Weeknd | [rnb] | 95 | 70000000 | s50 | http://l/The+Weeknd | - | -",
                "ye | Ye | [hip hop] | 89 | 20000000 | s60 | - | - | -",
            ],
        )
        .await;
    endpoint
        .check(
            "SELECT alias_id, artist_id, rule FROM music_raw.artist_names WHERE alias_id != artist_id ORDER BY 1",
            &["beyonce-feat-jay-z | beyonce | feat", "kanye-west | ye | id", "weeknd | the-weeknd | the"],
        )
        .await;
    endpoint
        .check(
            "SELECT track_id, title, artist_id, featured_artists, album, release_date, release_year, genre, duration_ms, popularity, key, tempo \
             FROM music.tracks ORDER BY 1",
            &[
                "daft-punk/one more time | One More Time | daft-punk | [Romanthony] | Discovery | 2001-03-07 | 2001 | dance | 320000 | - | - | 122.7",
                "t1 | Crazy In Love (feat. JAY-Z) | beyonce | [JAY-Z] | Dangerously in Love | 2003-06-24 | 2003 | r-n-b | 236133 | 82 | - | -",
                "t60 | Stronger | ye | [] | Graduation | - | 2007 | hip hop | 311866 | 80 | - | 103.99",
                "the-weeknd/blinding lights | Blinding Lights | the-weeknd | [] | - | - | - | rnb | 200000 | - | - | -",
            ],
        )
        .await;
    endpoint
        .check(
            "SELECT user_id, track_id, artist_name, played_at FROM music.listening_events ORDER BY played_at",
            &[
                "1000002 | t1 | Beyoncé | 2026-04-30T10:00:00+00:00",
                "1000002 | the-weeknd/blinding lights | The Weeknd | 2026-04-30T10:05:00+00:00",
                "1000001 | daft-punk/one more time | Daft Punk | 2026-04-30T11:00:00+00:00",
            ],
        )
        .await;
    endpoint
        .check(
            "SELECT user_id, artist_id, plays FROM music.listens ORDER BY 1, 2",
            &["1000001 | daft-punk | 1", "1000002 | beyonce | 1", "1000002 | the-weeknd | 1"],
        )
        .await;
    endpoint
        .check(
            "SELECT country, chart_date, rank, artist_id, listeners FROM music.country_charts ORDER BY rank",
            &["France | 2026-05-01 | 1 | the-weeknd | -", "France | 2026-05-01 | 2 | daft-punk | -"],
        )
        .await;
    endpoint
        .check(
            "SELECT chart, chart_date, rank, artist_id, last_week_rank, peak_rank FROM music.chart_entries ORDER BY 1",
            &[
                "deezer | 2026-05-01 | 1 | daft-punk | - | 1",
                "deezer-electro | 2026-05-01 | 1 | daft-punk | - | 1",
                "lastfm | 2026-05-01 | 1 | the-weeknd | - | 1",
                "lastfm-france | 2026-05-01 | 1 | daft-punk | - | 1",
            ],
        )
        .await;
    endpoint
        .check(
            "SELECT source, source_table, source_file, line FROM music_raw.lineage WHERE table_name = 'tracks' AND row_key = 't1' ORDER BY 2",
            &[
                "deezer | deezer_tracks | http://deezer/2026-05-01T06:00:00Z | 9",
                "lastfm | lastfm_recent_tracks | http://lastfm/2026-05-01T06:00:00Z | 25",
                "spotify | spotify_web_tracks | http://spotify/2026-05-01T06:00:00Z | 4",
            ],
        )
        .await;
    endpoint
        .check(
            "SELECT artist_id, similar_artist_id, source, score FROM music_raw.similar_evidence ORDER BY source",
            &["daft-punk | justice | deezer | 1", "daft-punk | justice | lastfm | 0.9"],
        )
        .await;
}
