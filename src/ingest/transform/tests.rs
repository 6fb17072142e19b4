//! Runs over a sink in memory: what is built, what is left as it is, and what a run that breaks off leaves.

use super::super::memory::Memory;
use super::super::{Silent, landing, sample};
use super::*;

async fn note_a_load(sink: &Memory) {
    let loads = tables::bronze("loads");
    sink.create_table(tables::RAW, loads, false).await.unwrap();
    let row = serde_json::json!({"source": "hetrec"});
    sink.load(tables::RAW, loads, landing::pack(&[row]), Write::Append).await.unwrap();
}

#[tokio::test]
async fn nothing_is_changed_when_nothing_was_loaded() {
    let sink = Memory::default();
    sample::install(&sink, &Silent).await.unwrap();
    assert!(matches!(run(&sink, &Silent).await, Err(IngestError::NothingLoaded)));
    assert!(!sample::is_missing(&sink).await.unwrap());
    assert_eq!(sink.rows("music.users").len(), 400);
}

#[tokio::test]
async fn the_first_transform_replaces_the_sample_whole() {
    let sink = Memory::default();
    sample::install(&sink, &Silent).await.unwrap();
    note_a_load(&sink).await;
    run(&sink, &Silent).await.unwrap();
    for table in tables::music() {
        assert!(sink.rows(&format!("music.{}", table.name)).is_empty(), "{}", table.name);
        assert_eq!(sink.is_sample(tables::MUSIC, &table.name).await.unwrap(), Some(false), "{}", table.name);
    }
    assert_eq!(sink.selects.lock().unwrap().len(), STEPS.len());
}

#[tokio::test]
async fn a_table_stands_until_the_new_one_takes_its_place() {
    for at_a_time in [1, 3, 50] {
        let scope = Scope { at_a_time, ..Scope::default() };
        let sink = Memory::default();
        for table in tables::music() {
            sink.create_table(tables::MUSIC, table, true).await.unwrap();
            let row = serde_json::json!({table.columns[0].name.as_str(): null});
            sink.load(tables::MUSIC, table, landing::pack(&[row]), Write::Replace).await.unwrap();
        }
        note_a_load(&sink).await;
        *sink.broken.lock().unwrap() = Some("friendships");
        assert!(run_with(&sink, scope, &Silent).await.is_err());
        let mut standing = Vec::new();
        for table in tables::music() {
            let sample = sink.is_sample(tables::MUSIC, &table.name).await.unwrap().unwrap();
            assert_eq!(sink.rows(&format!("music.{}", table.name)).is_empty(), !sample, "{}", table.name);
            standing.extend(sample.then_some(table.name.as_str()));
        }
        // What reads the table that cannot be written, and nothing else, has to wait for it.
        assert!(["friendships", "recommendations"].iter().all(|table| standing.contains(table)), "{standing:?}");
        // The next run goes through, from where this one broke off.
        *sink.broken.lock().unwrap() = None;
        let outcomes = run_with(&sink, scope, &Silent).await.unwrap();
        for table in tables::music() {
            assert_eq!(sink.is_sample(tables::MUSIC, &table.name).await.unwrap(), Some(false), "{}", table.name);
        }
        let mut built: Vec<&str> = outcomes.iter().filter(|outcome| outcome.built).map(|outcome| outcome.table).collect();
        built.sort_unstable();
        standing.sort_unstable();
        assert_eq!(built, standing, "{at_a_time} at a time");
    }
}

#[tokio::test]
async fn what_has_not_changed_is_not_built_again() {
    let sink = Memory::default();
    note_a_load(&sink).await;
    let built =
        |outcomes: Vec<Outcome>| outcomes.into_iter().filter(|outcome| outcome.built).map(|outcome| outcome.table).collect::<Vec<_>>();
    assert_eq!(built(run(&sink, &Silent).await.unwrap()).len(), tables::music().len());
    assert_eq!(built(run(&sink, &Silent).await.unwrap()), [""; 0]);
    // Only those who read the friends, or users, or what was built of them.
    let row = serde_json::json!({"user_id": 1, "friend_id": 2});
    let friends = tables::bronze("hetrec_user_friends");
    sink.load(tables::RAW, friends, landing::pack(&[row]), Write::Append).await.unwrap();
    assert_eq!(built(run(&sink, &Silent).await.unwrap()), ["users", "friendships", "recommendations"]);
    // A table that somebody else wrote.
    let artists = tables::find(tables::MUSIC, "users").unwrap();
    sink.load(tables::MUSIC, artists, landing::pack(&[serde_json::json!({"user_id": 7})]), Write::Append).await.unwrap();
    assert_eq!(built(run(&sink, &Silent).await.unwrap()), ["users"]);
    assert_eq!(built(run_all(&sink, &Silent).await.unwrap()).len(), tables::music().len());
}
