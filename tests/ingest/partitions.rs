//! Tables that grow by days are written partition by partition, and are what a whole build makes them: after more, late and repeated
//! data, and after a run that broke off between two partitions.

use quaver::ingest::{Silent, Sink as _, Write, tables, transform};
use serde_json::json;

use crate::Endpoint;
use crate::again::{Failing, everything};
use crate::music::{DAY_1, DAY_2, answers};

/// Plays of Daft Punk by a user at these times, as Last.fm gives them.
fn plays(times: &[&str]) -> String {
    let play = |at: &&str| {
        json!({"table": "lastfm_recent_tracks", "user_name": "rj", "played_at": at, "title": "One More Time", "artist_name": "Daft Punk",
            "artist_id": "daft-punk"})
    };
    times.iter().map(|at| format!("{}\n", play(at))).collect()
}

/// What a run did to a table: `None` for nothing, else how many partitions it wrote, `whole` for all at once.
async fn run(endpoint: &Endpoint, tables: &[&str]) -> Vec<String> {
    let outcomes = transform::run(&endpoint.warehouse, &Silent).await.unwrap();
    endpoint.data_tests_hold().await;
    let said = |outcome: &transform::Outcome| match (outcome.built, outcome.partitions) {
        (true, None) => "whole".to_owned(),
        (_, partitions) => partitions.unwrap_or_default().to_string(),
    };
    tables.iter().map(|table| said(outcomes.iter().find(|outcome| outcome.table == *table).unwrap())).collect()
}

/// The tables are what a build of all of them makes.
async fn as_built_whole(endpoint: &Endpoint) {
    let found = everything(endpoint).await;
    transform::run_all(&endpoint.warehouse, &Silent).await.unwrap();
    assert_eq!(everything(endpoint).await, found);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_partitions_that_differ_are_written() {
    const TABLES: [&str; 5] = ["listening_events", "chart_entries", "country_charts", "artist_snapshots", "track_snapshots"];
    let endpoint = Endpoint::start().await;
    answers(&endpoint, DAY_1, "2026-05-01T06:00:00Z", "2026-05-01T06:10:00Z").await;
    assert_eq!(run(&endpoint, &TABLES).await, ["whole"; 5]);
    assert_eq!(run(&endpoint, &TABLES).await, ["0"; 5]);
    // A week on: plays of a new day and one of a day before, which is late; charts and figures of the same month.
    answers(&endpoint, DAY_2, "2026-05-08T06:00:00Z", "2026-05-08T06:10:00Z").await;
    assert_eq!(run(&endpoint, &TABLES).await, ["2", "1", "1", "1", "1"]);
    as_built_whole(&endpoint).await;
    // The same answers once more.
    let before = everything(&endpoint).await;
    answers(&endpoint, DAY_2, "2026-05-08T06:00:00Z", "2026-05-08T07:10:00Z").await;
    assert_eq!(run(&endpoint, &TABLES).await, ["0"; 5]);
    let (mut before, mut after) = (before, everything(&endpoint).await);
    // Their lineage names the later load.
    assert!(before.remove("music_raw.lineage") != after.remove("music_raw.lineage"));
    assert_eq!(after, before);
    // Another month.
    answers(&endpoint, DAY_2, "2026-06-02T06:00:00Z", "2026-06-02T06:10:00Z").await;
    assert_eq!(run(&endpoint, &TABLES).await, ["0", "1", "1", "1", "1"]);
    as_built_whole(&endpoint).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_broke_off_between_two_partitions_is_made_good() {
    let endpoint = Endpoint::start().await;
    answers(&endpoint, DAY_1, "2026-05-01T06:00:00Z", "2026-05-01T06:10:00Z").await;
    transform::run(&endpoint.warehouse, &Silent).await.unwrap();
    let days = ["2026-05-02T10:00:00Z", "2026-05-03T10:00:00Z", "2026-05-04T10:00:00Z"];
    answers(&endpoint, &plays(&days), "2026-05-05T06:00:00Z", "2026-05-05T06:10:00Z").await;
    let counted = "SELECT COUNT(*) FROM music.listening_events WHERE played_at >= '2026-05-02'";
    for (left, there) in [(0, "0"), (1, "1"), (1, "2")] {
        let failing = Failing { of: "listening_events", ..Failing::after(&endpoint.warehouse, left) };
        assert!(transform::run(&failing, &Silent).await.is_err(), "{left}");
        endpoint.check(counted, &[there]).await;
    }
    assert_eq!(run(&endpoint, &["listening_events"]).await, ["1"]);
    endpoint.check(counted, &["3"]).await;
    as_built_whole(&endpoint).await;
    // What somebody else wrote or removed goes the same way.
    let broken = "SELECT * FROM music.listening_events WHERE DATE(played_at) != '2026-05-03'";
    let table = tables::find(tables::MUSIC, "listening_events").unwrap();
    endpoint.warehouse.select_into(broken, tables::MUSIC, table, Write::Replace).await.unwrap();
    endpoint.check(counted, &["2"]).await;
    assert_eq!(run(&endpoint, &["listening_events"]).await, ["1"]);
    endpoint.check(counted, &["3"]).await;
    // Plays of many days at a time replace the table whole.
    let many: Vec<String> = (1..=20).map(|day| format!("2026-03-{day:02}T10:00:00Z")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    answers(&endpoint, &plays(&many), "2026-05-05T06:00:00Z", "2026-05-06T06:10:00Z").await;
    assert_eq!(run(&endpoint, &["listening_events"]).await, ["whole"]);
}
