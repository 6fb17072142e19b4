//! What anyone may rely on in the sample, read back from the very bytes that are loaded.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Read as _;
use std::sync::LazyLock;

use flate2::read::GzDecoder;
use serde_json::Value;

use super::*;
use crate::catalog::{ColumnType, Mode};

static SAMPLE: LazyLock<BTreeMap<&'static str, Vec<Value>>> = LazyLock::new(|| {
    let started = std::time::Instant::now();
    let packed: Vec<SampleTable> = generate().collect();
    println!("generated in {:?}, {} bytes packed", started.elapsed(), packed.iter().map(|t| t.ndjson_gz.len()).sum::<usize>());
    let unpack = |table: &SampleTable| {
        let mut text = String::new();
        GzDecoder::new(&table.ndjson_gz[..]).read_to_string(&mut text).unwrap();
        let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(rows.len() as u64, table.rows, "{}", table.name);
        rows
    };
    packed.iter().map(|table| (table.name, unpack(table))).collect()
});

fn text<'a>(row: &'a Value, column: &str) -> &'a str {
    row[column].as_str().unwrap_or_else(|| panic!("{column} of {row}"))
}

fn whole(row: &Value, column: &str) -> i64 {
    row[column].as_i64().unwrap_or_else(|| panic!("{column} of {row}"))
}

#[test]
fn the_same_sample_is_generated_every_time() {
    let once: Vec<Bytes> = generate().map(|table| table.ndjson_gz).collect();
    let again: Vec<Bytes> = generate().map(|table| table.ndjson_gz).collect();
    assert!(once == again);
}

#[test]
fn every_table_is_filled_about_as_promised() {
    let check = |table: &str, rows: std::ops::Range<usize>| {
        let found = SAMPLE[table].len();
        println!("{table}: {found}");
        assert!(rows.contains(&found), "{table} has {found} rows");
    };
    check("artists", 220..1000);
    check("tracks", 1550..10_000);
    check("users", 400..401);
    check("listens", 14_000..21_000);
    check("listening_events", 60_000..60_001);
    check("artist_tags", 8000..9000);
    check("friendships", 2000..4000);
    check("chart_entries", 100_000..243_000);
    check("country_charts", 8100..8101);
    check("artist_snapshots", 4000..20_000);
    check("track_snapshots", 30_000..100_000);
    check("similar_artists", 4000..8000);
    check("recommendations", 7800..8001);
    check("user_segments", 400..401);
}

#[test]
fn rows_fit_the_schemas() {
    for table in tables::music() {
        for row in &SAMPLE[table.name.as_str()] {
            let row = row.as_object().unwrap();
            for name in row.keys() {
                assert!(table.columns.iter().any(|column| column.name == *name), "{}.{name}", table.name);
            }
            for column in &table.columns {
                let value = row.get(&column.name).unwrap_or(&Value::Null);
                let fits = match (column.mode, column.column_type) {
                    (Mode::Nullable, _) if value.is_null() => true,
                    (Mode::Repeated, _) => value.is_array(),
                    (_, ColumnType::Int64) => value.is_i64(),
                    (_, ColumnType::Float64) => value.is_number(),
                    (_, ColumnType::Bool) => value.is_boolean(),
                    _ => value.is_string(),
                };
                assert!(fits, "{}.{} is {value}", table.name, column.name);
            }
        }
    }
}

#[test]
fn keys_are_unique_and_references_hold() {
    let unique = |table: &str, columns: &[&str]| {
        let mut seen = HashSet::new();
        for row in &SAMPLE[table] {
            let key: Vec<String> = columns.iter().map(|column| row[column].to_string()).collect();
            assert!(seen.insert(key), "{table} {columns:?}: {row} stands twice");
        }
    };
    unique("artists", &["artist_id"]);
    unique("tracks", &["track_id"]);
    unique("users", &["user_id"]);
    unique("listens", &["user_id", "artist_id"]);
    unique("artist_tags", &["user_id", "artist_id", "tag"]);
    unique("friendships", &["user_id", "friend_id"]);
    unique("chart_entries", &["chart", "chart_date", "rank"]);
    unique("country_charts", &["country", "chart_date", "rank"]);
    unique("artist_snapshots", &["artist_id", "captured_at"]);
    unique("track_snapshots", &["track_id", "captured_at"]);
    unique("similar_artists", &["artist_id", "similar_artist_id"]);
    unique("recommendations", &["user_id", "rank"]);
    unique("user_segments", &["user_id"]);

    let names: HashMap<&str, &str> = SAMPLE["artists"].iter().map(|row| (text(row, "artist_id"), text(row, "name"))).collect();
    for (table, rows) in SAMPLE.iter().filter(|(table, _)| !["artists", "users", "friendships", "user_segments"].contains(table)) {
        for row in rows {
            assert_eq!(names.get(text(row, "artist_id")), Some(&text(row, "artist_name")), "{table}: {row}");
        }
    }
    let sides: HashSet<(i64, i64)> = SAMPLE["friendships"].iter().map(|row| (whole(row, "user_id"), whole(row, "friend_id"))).collect();
    assert!(sides.iter().all(|(a, b)| a != b && sides.contains(&(*b, *a))));
}

#[test]
fn charts_tell_a_consistent_story() {
    let mut past: HashMap<(String, String), (String, i64, i64, i64)> = HashMap::new();
    let mut weeks: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    let mut previous = "";
    let mut returns = 0;
    for row in &SAMPLE["chart_entries"] {
        let date = text(row, "chart_date");
        if weeks.keys().last().is_some_and(|last| *last != date) {
            previous = weeks.keys().last().copied().unwrap_or_default();
        }
        weeks.entry(date).or_default().push(whole(row, "rank"));
        let song = (text(row, "artist_id").to_owned(), text(row, "title").to_owned());
        let rank = whole(row, "rank");
        let before = past.get(&song).cloned();
        let last_week = before.as_ref().filter(|(seen, ..)| seen == previous).map(|(_, rank, ..)| *rank);
        assert_eq!(row["last_week_rank"].as_i64(), last_week, "{row}");
        let (peak, stay) = before.map_or((rank, 1), |(_, _, peak, stay)| (peak.min(rank), stay + 1));
        returns += i64::from(last_week.is_none() && stay > 1);
        assert_eq!((whole(row, "peak_rank"), whole(row, "weeks_on_chart")), (peak, stay), "{row}");
        past.insert(song, (date.to_owned(), rank, peak, stay));
    }
    assert_eq!((weeks.keys().next(), weeks.keys().last()), (Some(&"1980-01-05"), Some(&"2026-06-27")));
    for (date, ranks) in &weeks {
        assert!((40..=100).contains(&ranks.len()), "{date} has {} entries", ranks.len());
        assert!(ranks.iter().copied().eq(1..=ranks.len() as i64), "{date}");
    }
    assert!(returns > 100, "{returns} songs came back");
}

#[test]
fn plays_have_few_ties_and_events_are_within_them() {
    let mut plays: HashMap<&str, i64> = HashMap::new();
    let mut pairs: HashMap<(i64, &str), i64> = HashMap::new();
    for row in &SAMPLE["listens"] {
        *plays.entry(text(row, "artist_id")).or_default() += whole(row, "plays");
        pairs.insert((whole(row, "user_id"), text(row, "artist_id")), whole(row, "plays"));
    }
    let mut totals: Vec<i64> = plays.into_values().collect();
    totals.sort_unstable_by(|a, b| b.cmp(a));
    println!("plays of the first artists: {:?}", &totals[..10]);
    let top: HashSet<i64> = totals[..50].iter().copied().collect();
    assert_eq!(top.len(), 50, "the 50 most played artists are apart");
    let mut events: HashMap<(i64, &str), i64> = HashMap::new();
    let released: HashMap<&str, &str> = SAMPLE["tracks"].iter().map(|row| (text(row, "track_id"), text(row, "release_date"))).collect();
    for row in &SAMPLE["listening_events"] {
        *events.entry((whole(row, "user_id"), text(row, "artist_id"))).or_default() += 1;
        let at = text(row, "played_at");
        assert!(("2025-01-01".."2026-07-01").contains(&at), "{at}");
        assert!(released[text(row, "track_id")] <= &at[..10], "{row}");
    }
    assert!(events.iter().all(|(pair, count)| pairs[pair] >= *count));
}

#[test]
fn louder_tracks_have_more_energy_and_shares_are_shares() {
    let pairs: Vec<(f64, f64)> =
        SAMPLE["tracks"].iter().map(|row| (row["energy"].as_f64().unwrap(), row["loudness"].as_f64().unwrap())).collect();
    let n = pairs.len() as f64;
    let (mx, my) = (pairs.iter().map(|p| p.0).sum::<f64>() / n, pairs.iter().map(|p| p.1).sum::<f64>() / n);
    let sum = |f: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(f).sum::<f64>();
    let r = sum(&|p| (p.0 - mx) * (p.1 - my)) / (sum(&|p| (p.0 - mx).powi(2)) * sum(&|p| (p.1 - my).powi(2))).sqrt();
    assert!(r > 0.6, "correlation {r}");
    for row in &SAMPLE["tracks"] {
        for column in ["danceability", "energy", "valence", "acousticness", "instrumentalness", "liveness", "speechiness"] {
            assert!((0.0..=1.0).contains(&row[column].as_f64().unwrap()), "{column} of {row}");
        }
    }
    let similar = &SAMPLE["similar_artists"];
    assert!(similar.iter().all(|row| (0.0..=1.0).contains(&row["score"].as_f64().unwrap())));
}

#[test]
fn known_songs_are_there() {
    let songs: HashSet<(&str, &str)> = SAMPLE["tracks"].iter().map(|row| (text(row, "artist_id"), text(row, "title"))).collect();
    for (artist, title) in [
        ("daft-punk", "One More Time"),
        ("daft-punk", "Get Lucky"),
        ("radiohead", "Creep"),
        ("michael-jackson", "Thriller"),
        ("michael-jackson", "Billie Jean"),
        ("queen", "Bohemian Rhapsody"),
        ("nirvana", "Smells Like Teen Spirit"),
        ("taylor-swift", "Shake It Off"),
        ("adele", "Rolling in the Deep"),
        ("stromae", "Alors on danse"),
        ("stromae", "Papaoutai"),
        ("coldplay", "Yellow"),
        ("prince", "Purple Rain"),
        ("john-lennon", "Imagine"),
    ] {
        assert!(songs.contains(&(artist, title)), "{title}");
    }
}
