//! Files in parts through the real client and endpoint: all of them or nothing, though the endpoint fails half way.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use quaver::ingest::{self, IngestError, LoadReport, Places, Progress, Silent, Source};

use super::Endpoint;

const ROWS: usize = 40_000;

fn chart(folder: &Path, title: &str) -> Places {
    let path = folder.join("hot.csv");
    let line = |n: usize| format!("1958-08-04,{},{title} {n},B feat. C,,1,1\n", n % 101);
    let lines: String = (0..ROWS).map(line).collect();
    std::fs::write(&path, format!("date,this_week,song,artist,last_week,peak_position,weeks_on_chart\n{lines}")).unwrap();
    Places { part_bytes: 1, ..Places::new([path]) }
}

async fn load(endpoint: &Endpoint, places: Places) -> Result<LoadReport, IngestError> {
    let progress: Arc<dyn Progress> = Arc::new(Silent);
    ingest::load(&endpoint.warehouse, Source::Hot100, places, &progress).await
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_take_their_place_together_or_not_at_all() {
    let answers = Arc::new(AtomicI64::new(i64::MAX));
    let left = Arc::clone(&answers);
    let endpoint = Endpoint::start_with(|router| {
        router.layer(from_fn(move |request: Request, next: Next| {
            let down = left.fetch_sub(1, Ordering::SeqCst) <= 0;
            async move { if down { StatusCode::BAD_GATEWAY.into_response() } else { next.run(request).await as Response } }
        }))
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let rejected = ROWS.div_ceil(101) as u64;
    let totals = (ROWS as u64, ROWS as u64 - rejected, rejected);
    assert_eq!(load(&endpoint, chart(folder.path(), "Old")).await.unwrap().totals(), totals);
    let sums = "SELECT COUNT(*), COUNT(DISTINCT song), MIN(SUBSTR(song, 1, 3)), MAX(line) FROM music_raw.hot_100";
    let shown = |title: &str| format!("{} | {} | {title} | {}", totals.1, totals.1, ROWS + 1);
    endpoint.check(sums, &[&shown("Old")]).await;

    // It fails after so many answers more. The loads that fail change no row of the table.
    let mut failed = 0;
    for last in (20..).step_by(15) {
        answers.store(last, Ordering::SeqCst);
        let loaded = load(&endpoint, chart(folder.path(), "New")).await;
        answers.store(i64::MAX, Ordering::SeqCst);
        let Err(error) = loaded else { break };
        assert!(matches!(error, IngestError::Warehouse(_)), "{error}");
        let found = endpoint.lines(sums).await;
        assert!(found == [shown("Old")] || found == [shown("New")], "{found:?}");
        failed += 1;
    }
    assert!(failed > 3, "{failed}");
    endpoint.check(sums, &[&shown("New")]).await;
    endpoint.check("SELECT COUNT(*), COUNT(DISTINCT line) FROM music_raw.rejects", &[&format!("{rejected} | {rejected}")]).await;
    endpoint.check("SELECT SUM(rows_landed) FROM music_raw.loads", &[&totals.1.to_string()]).await;
    // What the loads that failed left goes by itself after a day; the last one left nothing.
    let left = endpoint.lines("SELECT COUNT(*) FROM music_raw.INFORMATION_SCHEMA.TABLES WHERE table_name LIKE '%loading%'").await;
    println!("{failed} loads failed and left {left:?} tables aside");
}
