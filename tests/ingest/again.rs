//! Running again: the same tables after every run, whatever broke off before, and a history in which neither late nor repeated data
//! count twice.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use quaver::catalog::Table;
use quaver::ingest::{self, IngestError, Progress, Silent, Sink, Source, TableState, Write, tables, transform};
use quaver::warehouse::Warehouse;

use crate::music::{DAY_1, DAY_2, answers};
use crate::{CHART, Endpoint, SPOTIFY_1921, SPOTIFY_TRACKS, hetrec, load};

/// Every row of every table of `music`, and where each came from, in an order of their own.
pub(crate) async fn everything(endpoint: &Endpoint) -> HashMap<String, Vec<String>> {
    let mut found = HashMap::new();
    for path in tables::music().iter().map(|table| format!("music.{}", table.name)).chain(["music_raw.lineage".to_owned()]) {
        let rows = endpoint.warehouse.read_trusted(&format!("SELECT * FROM {path}"), 10_000).await.unwrap().rows;
        let mut rows: Vec<String> = rows.iter().map(|row| format!("{row:?}")).collect();
        rows.sort();
        found.insert(path, rows);
    }
    found
}

fn built(outcomes: &[transform::Outcome]) -> Vec<&'static str> {
    outcomes.iter().filter(|outcome| outcome.built).map(|outcome| outcome.table).collect()
}

/// A warehouse that goes down when so many more tables were built.
pub(crate) struct Failing<'a> {
    pub(crate) warehouse: &'a Warehouse,
    pub(crate) left: AtomicUsize,
    /// How the names of the tables begin that count.
    pub(crate) of: &'static str,
}

impl<'a> Failing<'a> {
    pub(crate) fn after(warehouse: &'a Warehouse, left: usize) -> Self {
        Self { warehouse, left: AtomicUsize::new(left), of: "" }
    }
}

#[async_trait]
impl Sink for Failing<'_> {
    async fn create_dataset(&self, dataset: &str) -> Result<(), IngestError> {
        Sink::create_dataset(self.warehouse, dataset).await
    }

    async fn create_table(&self, dataset: &str, table: &Table, sample: bool) -> Result<(), IngestError> {
        Sink::create_table(self.warehouse, dataset, table, sample).await
    }

    async fn delete_table(&self, dataset: &str, table: &str) -> Result<(), IngestError> {
        Sink::delete_table(self.warehouse, dataset, table).await
    }

    async fn is_sample(&self, dataset: &str, table: &str) -> Result<Option<bool>, IngestError> {
        self.warehouse.is_sample(dataset, table).await
    }

    async fn mark_real(&self, dataset: &str, table: &Table) -> Result<(), IngestError> {
        self.warehouse.mark_real(dataset, table).await
    }

    async fn mark_simulated(&self, dataset: &str, table: &Table, simulated: bool) -> Result<(), IngestError> {
        self.warehouse.mark_simulated(dataset, table, simulated).await
    }

    /// What is noted of a build comes after it: the last build of a run that breaks off is done, and nobody knows.
    async fn load(&self, dataset: &str, table: &Table, body: Bytes, write: Write) -> Result<u64, IngestError> {
        if self.left.load(Ordering::SeqCst) == 0 {
            return Err(IngestError::NothingLoaded);
        }
        self.warehouse.load(dataset, table, body, write).await
    }

    async fn select_into(&self, sql: &str, dataset: &str, table: &Table, write: Write) -> Result<(), IngestError> {
        if !table.name.starts_with(self.of) {
            return self.warehouse.select_into(sql, dataset, table, write).await;
        }
        if self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_err() {
            return Err(IngestError::NothingLoaded);
        }
        self.warehouse.select_into(sql, dataset, table, write).await
    }

    async fn insert(&self, dataset: &str, table: &Table, rows: Vec<(String, serde_json::Value)>) -> Result<(), IngestError> {
        self.warehouse.insert(dataset, table, rows).await
    }

    async fn count(&self, sql: &str) -> Result<i64, IngestError> {
        self.warehouse.count(sql).await
    }

    async fn state(&self, dataset: &str, table: &str) -> Result<Option<TableState>, IngestError> {
        self.warehouse.state(dataset, table).await
    }

    async fn texts(&self, sql: &str) -> Result<Vec<Vec<Option<String>>>, IngestError> {
        self.warehouse.texts(sql).await
    }
}

async fn load_text(endpoint: &Endpoint, source: Source, text: &str) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("data.csv"), text).unwrap();
    load(endpoint, source, folder.path()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_and_one_that_broke_off_give_the_same_tables() {
    let endpoint = Endpoint::start().await;
    let lastfm = tempfile::tempdir().unwrap();
    hetrec(lastfm.path());
    load(&endpoint, Source::Hetrec, lastfm.path()).await;
    load_text(&endpoint, Source::SpotifyTracks, SPOTIFY_TRACKS).await;
    load_text(&endpoint, Source::Spotify1921, SPOTIFY_1921).await;
    load_text(&endpoint, Source::Hot100, CHART).await;
    answers(&endpoint, DAY_1, "2026-05-01T06:00:00Z", "2026-05-01T06:10:00Z").await;
    let first = transform::run(&endpoint.warehouse, &Silent).await.unwrap();
    assert_eq!(built(&first).len(), tables::music().len());
    let once = everything(&endpoint).await;
    assert!(
        once.iter().filter(|(_, rows)| rows.is_empty()).count() < 2,
        "{:?}",
        once.iter().map(|(k, v)| (k, v.len())).collect::<Vec<_>>()
    );

    assert_eq!(built(&transform::run(&endpoint.warehouse, &Silent).await.unwrap()), [""; 0]);
    assert_eq!(everything(&endpoint).await, once, "after a run that has nothing to do");
    assert_eq!(built(&transform::run_all(&endpoint.warehouse, &Silent).await.unwrap()).len(), tables::music().len());
    assert_eq!(everything(&endpoint).await, once, "after every table was built again");

    // New data, and a run that breaks off at one table or the next.
    answers(&endpoint, DAY_2, "2026-05-08T06:00:00Z", "2026-05-08T06:10:00Z").await;
    for left in [1, 3, 5] {
        let failing = Failing::after(&endpoint.warehouse, left);
        assert!(transform::run(&failing, &Silent).await.is_err(), "{left}");
    }
    transform::run(&endpoint.warehouse, &Silent).await.unwrap();
    let after_the_break = everything(&endpoint).await;
    assert_ne!(after_the_break, once);
    transform::run_all(&endpoint.warehouse, &Silent).await.unwrap();
    assert_eq!(everything(&endpoint).await, after_the_break, "as a run that never broke off");
    endpoint.data_tests_hold().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_of_another_day_grow_the_history_and_repeated_or_late_ones_count_once() {
    const ARTISTS: &str = "SELECT artist_id, captured_at, popularity, followers FROM music.artist_snapshots ORDER BY 1, 2";
    const TRACKS: &str = "SELECT track_id, captured_at, popularity FROM music.track_snapshots ORDER BY 1, 2";
    const PLAYS: &str = "SELECT artist_id, played_at FROM music.listening_events WHERE user_id = 1000002 ORDER BY played_at";
    let artists = [
        "beyonce | 2026-05-01T00:00:00+00:00 | 90 | 30000000",
        "beyonce | 2026-05-08T00:00:00+00:00 | 91 | 30000100",
        "daft-punk | 2026-05-01T00:00:00+00:00 | - | 4000000",
        "daft-punk | 2026-05-08T00:00:00+00:00 | - | 4000500",
        "the-weeknd | 2026-05-01T00:00:00+00:00 | 95 | 70000000",
        "ye | 2026-05-01T00:00:00+00:00 | 89 | 20000000",
    ];
    let endpoint = Endpoint::start().await;
    // The newer answers come first, and are loaded twice; the older ones come late.
    for loaded_at in ["2026-05-08T06:10:00Z", "2026-05-08T07:10:00Z"] {
        answers(&endpoint, DAY_2, "2026-05-08T06:00:00Z", loaded_at).await;
    }
    answers(&endpoint, DAY_1, "2026-05-01T06:00:00Z", "2026-05-09T06:10:00Z").await;
    transform::run(&endpoint.warehouse, &Silent).await.unwrap();
    endpoint.data_tests_hold().await;
    endpoint.check(ARTISTS, &artists).await;
    let tracks = ["t1 | 2026-05-01T00:00:00+00:00 | 82", "t1 | 2026-05-08T00:00:00+00:00 | 84", "t60 | 2026-05-01T00:00:00+00:00 | 80"];
    endpoint.check(TRACKS, &tracks).await;
    // The figures of now are the newest ones, not those that came last.
    endpoint.check("SELECT popularity, followers FROM music.artists WHERE artist_id = 'beyonce'", &["91 | 30000100"]).await;
    endpoint.check("SELECT popularity FROM music.tracks WHERE track_id = 't1'", &["84"]).await;
    let chart = "SELECT chart_date, rank, last_week_rank, peak_rank FROM music.chart_entries WHERE chart = 'deezer' ORDER BY 1";
    endpoint.check(chart, &["2026-05-01 | 1 | - | 1", "2026-05-08 | 3 | 1 | 1"]).await;
    endpoint
        .check("SELECT artist_id FROM music.country_charts WHERE chart_date = '2026-05-08' ORDER BY rank", &["daft-punk", "the-weeknd"])
        .await;
    let users = endpoint.lines("SELECT user_id FROM music_raw.user_names WHERE user_name = 'rj'").await;
    let plays = PLAYS.replace("1000002", &users[0]);
    let expected = [
        "ye | 2026-04-29T09:00:00+00:00",
        "beyonce | 2026-04-30T10:00:00+00:00",
        "the-weeknd | 2026-04-30T10:05:00+00:00",
        "the-weeknd | 2026-05-07T09:00:00+00:00",
    ];
    endpoint.check(&plays, &expected).await;
    let freshness = transform::freshness(&endpoint.warehouse, "2026-05-11".parse().unwrap()).await.unwrap();
    let lastfm = freshness.iter().find(|freshness| freshness.source == "lastfm").unwrap();
    assert_eq!((lastfm.days_old, lastfm.missed.as_slice()), (2, ["2026-05-10".parse().unwrap()].as_slice()));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_loaded_again_or_late_are_captures_of_their_day() {
    let endpoint = Endpoint::start().await;
    let folder = tempfile::tempdir().unwrap();
    let progress: Arc<dyn Progress> = Arc::new(Silent);
    let load_as_of = async |text: &str, day: Option<&str>| {
        let file = folder.path().join("dataset.csv");
        std::fs::write(&file, text).unwrap();
        let day = day.map(|day| day.parse().unwrap());
        ingest::load_as_of(&endpoint.warehouse, Source::SpotifyTracks, &[file], day, &progress).await.unwrap();
    };
    let snapshots = async || {
        transform::run(&endpoint.warehouse, &Silent).await.unwrap();
        endpoint.data_tests_hold().await;
        endpoint.lines("SELECT track_id, DATE(captured_at), popularity FROM music.track_snapshots WHERE track_id = 't1' ORDER BY 2").await
    };
    let older = SPOTIFY_TRACKS.replace(",80,236133", ",61,236133");
    load_as_of(SPOTIFY_TRACKS, Some("2022-10-31")).await;
    assert_eq!(snapshots().await, ["t1 | 2022-10-31 | 80"]);
    // The same file once more, on whatever day.
    load_as_of(SPOTIFY_TRACKS, None).await;
    assert_eq!(snapshots().await, ["t1 | 2022-10-31 | 80"]);
    // An older one, late: a point of its own in the history, and not how things stand now.
    load_as_of(&older, Some("2020-01-15")).await;
    assert_eq!(snapshots().await, ["t1 | 2020-01-15 | 61", "t1 | 2022-10-31 | 80"]);
    endpoint.check("SELECT popularity FROM music.tracks WHERE track_id = 't1'", &["80"]).await;
    let artist = "SELECT DATE(captured_at), popularity FROM music.artist_snapshots WHERE artist_id = 'beyonce' ORDER BY 1";
    endpoint.check(artist, &["2020-01-15 | 75", "2022-10-31 | 80"]).await;
    // A load by a program that keeps no history is made good by the transform.
    let newer = SPOTIFY_TRACKS.replace(",80,236133", ",83,236133");
    let file = folder.path().join("dataset.csv");
    std::fs::write(&file, newer).unwrap();
    load(&endpoint, Source::SpotifyTracks, Path::new(&file)).await;
    let last = snapshots().await;
    assert_eq!((last.len(), last[2].ends_with("| 83")), (3, true), "{last:?}");
    endpoint.check("SELECT COUNT(DISTINCT captured_at) FROM music_raw.track_history", &["3"]).await;
}
