//! Whole simulations: to memory and to files, broken off and taken up.

use std::collections::BTreeSet;

use super::super::Silent;
use super::super::memory::Memory;
use super::*;

pub(super) const START: NaiveDate = NaiveDate::from_ymd_opt(2026, 3, 2).expect("a Monday");

/// Two hundred tracks of ten genres.
pub(super) fn world(seed: u64) -> World {
    let track = |at: usize| Track {
        track_id: format!("t{at}"),
        title: format!("Title {at}"),
        artist_id: format!("a{}", at / 4),
        artist_name: format!("Artist {}", at / 4),
        genre: Some(format!("genre {}", at % 10)),
    };
    World::of((0..200).map(track).collect(), seed)
}

fn plan() -> Plan {
    Plan { seed: 3, users: 300, start: START, days: 2, plays_per_day: 12.0 }
}

fn numbers(rows: &[Value]) -> Vec<u64> {
    rows.iter().map(|row| row["number"].as_u64().unwrap()).collect()
}

async fn streamed(sink: &Memory, folder: &Path) -> Result<Simulated, IngestError> {
    stream(sink, (&plan(), &world(3)), (folder, None), &Silent).await
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_streamed_once_in_order_and_say_that_they_are_simulated() {
    let (sink, folder) = (Memory::default(), tempfile::tempdir().unwrap());
    let done = streamed(&sink, folder.path()).await.unwrap();
    let rows = sink.rows("music_raw.simulated_events");
    assert_eq!((done.events, done.resumed), (rows.len() as u64, 0));
    assert_eq!(numbers(&rows), (0..done.events).collect::<Vec<_>>());
    assert!(rows.iter().all(|row| row["run"] == plan().run() && row["user_id"].as_i64().unwrap() >= FIRST_USER));
    assert!(rows.is_sorted_by_key(|row| row["played_at"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap()));
    assert_eq!(sink.tables(), ["music_raw.simulated_events"], "real plays are left alone");
    // Again: all is there.
    assert_eq!(streamed(&sink, folder.path()).await.unwrap().resumed, done.events);
    assert_eq!(sink.rows("music_raw.simulated_events").len() as u64, done.events);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulation_that_broke_off_is_taken_up_without_doubles() {
    let whole = Memory::default();
    streamed(&whole, tempfile::tempdir().unwrap().path()).await.unwrap();
    // The batch did not arrive; it arrived and nobody heard of it; and the journal is lost as well.
    for (broken, keeps_journal) in [("inserts", true), ("answers", true), ("answers", false)] {
        let (sink, folder) = (Memory::default(), tempfile::tempdir().unwrap());
        *sink.broken.lock().unwrap() = Some(broken);
        streamed(&sink, folder.path()).await.unwrap_err();
        *sink.broken.lock().unwrap() = None;
        if !keeps_journal {
            std::fs::remove_file(folder.path().join("simulation.json")).unwrap();
        }
        let done = streamed(&sink, folder.path()).await.unwrap();
        assert_eq!(done.resumed, if broken == "answers" { BATCH as u64 } else { 0 });
        assert_eq!(sink.rows("music_raw.simulated_events"), whole.rows("music_raw.simulated_events"), "{broken}");
    }
}

#[test]
fn files_are_whole_days_and_only_missing_ones_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let written = |format| write((&plan(), &world(3)), (folder.path(), format), &Silent);
    let done = written(Format::Ndjson).unwrap();
    assert_eq!(done.files.len(), 2);
    let text = std::fs::read_to_string(&done.files[1]).unwrap();
    let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let days: BTreeSet<&str> = rows.iter().map(|row| &row["played_at"].as_str().unwrap()[..10]).collect();
    assert_eq!(days, BTreeSet::from(["2026-03-03"]));
    // A crash while the second day was written.
    std::fs::remove_file(&done.files[1]).unwrap();
    std::fs::write(done.files[1].with_extension("part"), "{\"user").unwrap();
    let again = written(Format::Ndjson).unwrap();
    assert_eq!((again.events, &again.files), (done.events, &done.files[1..].to_vec()));
    assert_eq!(std::fs::read_to_string(&done.files[1]).unwrap(), text);
    assert!(!done.files[1].with_extension("part").exists());
}

#[test]
fn parquet_files_hold_the_same_events() {
    use parquet::file::reader::{FileReader as _, SerializedFileReader};
    let folder = tempfile::tempdir().unwrap();
    let done = write((&plan(), &world(3)), (folder.path(), Format::Parquet), &Silent).unwrap();
    let rows = |path: &Path| SerializedFileReader::new(std::fs::File::open(path).unwrap()).unwrap().metadata().file_metadata().num_rows();
    assert_eq!(done.files.iter().map(|path| rows(path)).sum::<i64>(), done.events as i64);
}

#[test]
fn a_folder_of_another_simulation_is_not_written_to() {
    let folder = tempfile::tempdir().unwrap();
    write((&plan(), &world(3)), (folder.path(), Format::Ndjson), &Silent).unwrap();
    let other = Plan { users: 5, ..plan() };
    let error = write((&other, &world(3)), (folder.path(), Format::Ndjson), &Silent).unwrap_err();
    assert!(matches!(error, SimulateError::Other { .. }), "{error}");
}
