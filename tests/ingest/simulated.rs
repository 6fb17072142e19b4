//! Simulated plays through the real client and the endpoint's insertAll: batches, a stop in the middle, no doubles.

use chrono::NaiveDate;
use quaver::ingest::simulate::{self, Plan, World};
use quaver::ingest::{Silent, Sink, sample};

use crate::Endpoint;

#[tokio::test(flavor = "multi_thread")]
async fn simulated_plays_land_once_and_beside_the_real_ones() {
    let endpoint = Endpoint::start().await;
    let sink: &dyn Sink = &endpoint.warehouse;
    sample::install(sink, &Silent).await.unwrap();
    let real = sink.count("SELECT COUNT(*) FROM music.listening_events").await.unwrap();

    let start = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
    let plan = Plan { seed: 9, users: 200, start, days: 1, plays_per_day: 12.0 };
    let world = World::read(sink, plan.seed).await.unwrap();
    let tracks = sink.count("SELECT COUNT(*) FROM music.tracks").await.unwrap();
    assert_eq!(world.tracks.len() as i64, tracks, "the tracks are those of the warehouse");
    let folder = tempfile::tempdir().unwrap();
    let streamed = || simulate::stream(sink, (&plan, &world), (folder.path(), None), &Silent);
    let done = streamed().await.unwrap();
    // A second time all of it is there; the journal is gone, so that the rows themselves say so.
    let again = streamed().await.unwrap();
    assert_eq!((again.events, again.resumed), (done.events, done.events));
    endpoint
        .check(
            "SELECT COUNT(*), COUNT(DISTINCT number), MIN(number), MAX(number) + 1 FROM music_raw.simulated_events",
            &[&format!("{0} | {0} | 0 | {0}", done.events)],
        )
        .await;
    endpoint.check("SELECT COUNT(*) FROM music.listening_events", &[&real.to_string()]).await;
    endpoint
        .check("SELECT COUNT(*) FROM music_raw.simulated_events WHERE track_id NOT IN (SELECT track_id FROM music.tracks)", &["0"])
        .await;
}
