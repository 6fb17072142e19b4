//! `quaver transform`: dataset `music` from `music_raw`, by the SELECTs of transforms/, which the warehouse itself runs.
//!
//! Every table is replaced whole, so the first run also replaces the sample, and a source that was not loaded leaves its tables
//! empty. A table stands as it was until its new rows take their place at once. A transform reads bronze and what was built before
//! it in the same run, never a table that still waits: no sample row gets into what is built. Then the data tests of
//! transforms/checks.sql are run.

use super::{IngestError, Progress, Sink, Write, load, tables};
use crate::catalog::Table;

/// A SELECT and the table of `music` that it builds.
#[derive(Debug, Clone, Copy)]
struct Transform {
    name: &'static str,
    sql: &'static str,
}

macro_rules! transforms {
    ($($name:literal)*) => {
        &[$(Transform { name: $name, sql: include_str!(concat!("../../transforms/", $name, ".sql")) }),*]
    };
}

/// In the order in which they are run: a later one may read the tables of the earlier ones.
const TRANSFORMS: &[Transform] = transforms!("10_artists" "20_tracks" "30_users" "40_listens" "41_listening_events" "50_artist_tags"
    "51_friendships" "60_chart_entries" "61_country_charts" "70_artist_snapshots" "71_track_snapshots" "80_similar_artists"
    "81_recommendations" "82_user_segments");
const CHECKS: &str = include_str!("../../transforms/checks.sql");

/// What a data test found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckResult {
    /// What must hold.
    pub name: &'static str,
    /// Rows that break it.
    pub broken: i64,
}

/// Builds every table of `music`. Returns the rows of each.
///
/// # Errors
/// [`IngestError::NothingLoaded`] before anything is changed, when `music_raw` holds no load; else what the warehouse says.
pub async fn run(sink: &dyn Sink, progress: &dyn Progress) -> Result<Vec<(&'static str, i64)>, IngestError> {
    if sink.is_sample(tables::RAW, "loads").await?.is_none() || sink.count("SELECT COUNT(*) FROM music_raw.loads").await? == 0 {
        return Err(IngestError::NothingLoaded);
    }
    sink.create_dataset(tables::MUSIC).await?;
    // A warehouse that was loaded by an older version lacks the tables of newer sources.
    load::create_bronze(sink).await?;
    progress.start("transforms", Some(TRANSFORMS.len() as u64));
    for transform in TRANSFORMS {
        let table = transform.target();
        sink.create_table(tables::MUSIC, table, false).await?;
        sink.select_into(transform.sql, tables::MUSIC, table, Write::Replace).await?;
        // Afterwards: real rows that still say they are sample mislead nobody, sample rows that do not would. A run that breaks
        // off between is made good by the next.
        if sink.is_sample(tables::MUSIC, &table.name).await? == Some(true) {
            sink.mark_real(tables::MUSIC, table).await?;
        }
        tracing::debug!(transform = transform.name, table = table.name, "built");
        progress.inc(1);
    }
    progress.finish();
    let mut counts = Vec::with_capacity(TRANSFORMS.len());
    for table in tables::music() {
        counts.push((table.name.as_str(), sink.count(&format!("SELECT COUNT(*) FROM {}.{}", tables::MUSIC, table.name)).await?));
    }
    Ok(counts)
}

/// Runs the data tests of dataset `music`, and changes nothing.
///
/// # Errors
/// What the warehouse says. A test that fails is a result: see [`require`].
pub async fn check(sink: &dyn Sink, progress: &dyn Progress) -> Result<Vec<CheckResult>, IngestError> {
    let checks: Vec<(&str, &str)> = checks().collect();
    progress.start("data tests", Some(checks.len() as u64));
    let mut results = Vec::with_capacity(checks.len());
    for (name, sql) in checks {
        results.push(CheckResult { name, broken: sink.count(sql).await? });
        progress.inc(1);
    }
    progress.finish();
    Ok(results)
}

/// Makes an error of the tests that failed, if any did.
///
/// # Errors
/// [`IngestError::DataTests`] with the name and the number of rows of each.
pub fn require(results: &[CheckResult]) -> Result<(), IngestError> {
    let failed: Vec<String> =
        results.iter().filter(|result| result.broken != 0).map(|result| format!("{} ({} rows)", result.name, result.broken)).collect();
    if failed.is_empty() { Ok(()) } else { Err(IngestError::DataTests { failed, total: results.len() }) }
}

impl Transform {
    fn target(self) -> &'static Table {
        let target = self.sql.lines().next().and_then(|line| line.strip_prefix("-- target: music."));
        target.and_then(|name| tables::find(tables::MUSIC, name)).expect("every transform names its table, and a test reads them")
    }
}

/// Name and SELECT of each data test.
fn checks() -> impl Iterator<Item = (&'static str, &'static str)> {
    CHECKS.split("-- check: ").skip(1).filter_map(|block| {
        let (name, sql) = block.split_once('\n')?;
        Some((name.trim(), sql.trim()))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use sqlparser::ast::Statement;
    use sqlparser::dialect::BigQueryDialect;
    use sqlparser::parser::Parser;

    use super::super::memory::Memory;
    use super::super::{Silent, sample};
    use super::*;

    #[test]
    fn every_table_has_one_transform_and_everything_is_one_query() {
        let targets: Vec<&str> = TRANSFORMS.iter().map(|transform| transform.target().name.as_str()).collect();
        assert_eq!(targets.iter().collect::<BTreeSet<_>>().len(), targets.len());
        assert_eq!(targets.len(), tables::music().len());
        assert!(TRANSFORMS.is_sorted_by_key(|transform| transform.name));
        assert!(checks().count() > 30);
        for sql in TRANSFORMS.iter().map(|transform| transform.sql).chain(checks().map(|(_, sql)| sql)) {
            let statements = Parser::parse_sql(&BigQueryDialect {}, sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
            assert!(matches!(statements.as_slice(), [Statement::Query(_)]), "{sql}");
        }
    }

    #[test]
    fn a_transform_reads_only_what_was_built_before() {
        let mut built: BTreeSet<&str> = BTreeSet::new();
        for transform in TRANSFORMS {
            for table in tables::music() {
                let read = transform.sql.lines().filter(|line| !line.starts_with("--")).any(|line| {
                    let found = line.split_once(&format!("music.{}", table.name));
                    found.is_some_and(|(_, after)| !after.starts_with(|c: char| c == '_' || c.is_alphanumeric()))
                });
                assert!(!read || built.contains(table.name.as_str()), "{} reads {}", transform.name, table.name);
            }
            built.insert(&transform.target().name);
        }
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
        assert_eq!(sink.selects.lock().unwrap().len(), TRANSFORMS.len());
    }

    #[tokio::test]
    async fn a_table_stands_until_the_new_one_takes_its_place() {
        let sink = Memory::default();
        for table in tables::music() {
            sink.create_table(tables::MUSIC, table, true).await.unwrap();
            let row = serde_json::json!({table.columns[0].name.as_str(): null});
            sink.load(tables::MUSIC, table, super::super::landing::pack(&[row]), Write::Replace).await.unwrap();
        }
        let held = |sink: &Memory, table: &str| sink.rows(&format!("music.{table}"));
        note_a_load(&sink).await;
        *sink.broken.lock().unwrap() = Some("friendships");
        assert!(run(&sink, &Silent).await.is_err());
        let at = TRANSFORMS.iter().position(|transform| transform.target().name == "friendships").unwrap();
        for (index, transform) in TRANSFORMS.iter().enumerate() {
            let table = &transform.target().name;
            assert_eq!(sink.is_sample(tables::MUSIC, table).await.unwrap(), Some(index >= at), "{table}");
            assert_eq!(held(&sink, table).is_empty(), index < at, "{table}");
        }
        // The next run goes through.
        *sink.broken.lock().unwrap() = None;
        run(&sink, &Silent).await.unwrap();
        for table in tables::music() {
            assert_eq!(sink.is_sample(tables::MUSIC, &table.name).await.unwrap(), Some(false), "{}", table.name);
        }
    }

    async fn note_a_load(sink: &Memory) {
        let loads = tables::bronze("loads");
        sink.create_table(tables::RAW, loads, false).await.unwrap();
        let row = serde_json::json!({"source": "hetrec"});
        sink.load(tables::RAW, loads, super::super::landing::pack(&[row]), Write::Append).await.unwrap();
    }

    #[test]
    fn failed_data_tests_are_named() {
        let results = [CheckResult { name: "a", broken: 0 }, CheckResult { name: "b", broken: 3 }];
        assert!(require(&results[..1]).is_ok());
        assert_eq!(require(&results).unwrap_err().to_string(), "1 of 2 data tests failed: b (3 rows)");
    }
}
