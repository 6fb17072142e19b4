//! Simulated plays through the real client and the endpoint's insertAll: batches, a stop in the middle, no doubles.

use chrono::NaiveDate;
use quaver::ingest::simulate::{self, Plan, World};
use quaver::ingest::transform::{self, Scope};
use quaver::ingest::{Silent, Sink, sample, tables};

use crate::Endpoint;
use crate::again::everything;
use crate::music::{DAY_1, answers};

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

#[tokio::test(flavor = "multi_thread")]
async fn simulated_plays_count_in_music_when_they_are_to_and_are_out_again_afterwards() {
    let endpoint = Endpoint::start().await;
    let sink: &dyn Sink = &endpoint.warehouse;
    let marked = async || -> Vec<&str> {
        let mut marked = Vec::new();
        for table in tables::music() {
            let info = endpoint.warehouse.table_info(tables::MUSIC, &table.name).await.unwrap().unwrap();
            assert_eq!(info.description.contains("simulated plays"), info.is_labelled("simulated"), "{}", info.description);
            marked.extend(info.is_labelled("simulated").then_some(table.name.as_str()));
        }
        marked
    };
    answers(&endpoint, DAY_1, "2026-05-01T06:00:00Z", "2026-05-01T06:10:00Z").await;
    transform::run(sink, &Silent).await.unwrap();
    let real = everything(&endpoint).await;
    let simulated = Scope { simulated: true, ..Scope::default() };
    // There is nothing to count yet.
    assert!(transform::run_with(sink, simulated, &Silent).await.unwrap().iter().all(|outcome| !outcome.built && !outcome.simulated));

    let start = NaiveDate::from_ymd_opt(2026, 4, 29).unwrap();
    let plan = Plan { seed: 3, users: 40, start, days: 3, plays_per_day: 4.0 };
    let world = World::read(sink, plan.seed).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let done = simulate::stream(sink, (&plan, &world), (folder.path(), None), &Silent).await.unwrap();
    assert!(transform::run(sink, &Silent).await.unwrap().iter().all(|outcome| !outcome.built), "real tables do not read them");

    transform::run_with(sink, simulated, &Silent).await.unwrap();
    endpoint.data_tests_hold().await;
    let expected = ["users", "listens", "listening_events", "country_charts", "similar_artists", "recommendations", "user_segments"];
    assert_eq!(marked().await, expected);
    let distinct = "SELECT COUNT(*) FROM (SELECT DISTINCT user_id, track_id, played_at FROM music_raw.simulated_events)";
    let plays = endpoint.lines(distinct).await;
    assert!(plays[0].parse::<u64>().unwrap() * 100 > done.events * 95, "{plays:?} of {}", done.events);
    let plays = [plays[0].as_str()];
    endpoint.check("SELECT COUNT(*) FROM music.listening_events WHERE user_id >= 1000000000", &plays).await;
    endpoint.check("SELECT SUM(plays) FROM music.listens WHERE user_id >= 1000000000", &plays).await;
    endpoint.check("SELECT COUNT(*) FROM music.listening_events WHERE user_id < 1000000000", &["3"]).await;
    endpoint.check("SELECT COUNT(*) > 5 FROM music.users WHERE user_id >= 1000000000 AND country IS NOT NULL", &["true"]).await;
    let told = "SELECT DISTINCT source FROM music_raw.lineage WHERE table_name = 'listens' ORDER BY source";
    endpoint.check(told, &["lastfm", "simulate"]).await;

    assert_eq!(simulate::strangers(sink).await.unwrap(), 0);

    transform::run(sink, &Silent).await.unwrap();
    endpoint.data_tests_hold().await;
    assert_eq!(marked().await, [""; 0]);
    assert_eq!(everything(&endpoint).await, real);
    assert_eq!(simulate::remove(sink, folder.path()).await.unwrap(), done.events);
    endpoint.check("SELECT COUNT(*) FROM music_raw.simulated_events", &["0"]).await;
    let again = simulate::stream(sink, (&plan, &world), (folder.path(), None), &Silent).await.unwrap();
    assert_eq!((again.events, again.resumed), (done.events, 0));
    endpoint.check("SELECT COUNT(*) FROM music_raw.simulated_events", &[&done.events.to_string()]).await;
}
