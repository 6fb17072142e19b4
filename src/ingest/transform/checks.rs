//! The data tests of transforms/checks.sql: what must hold in dataset `music`, whatever it was built from.

use std::time::Instant;

use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use super::super::{IngestError, Progress, Sink, tables};

const CHECKS: &str = include_str!("../../../transforms/checks.sql");

/// What a data test found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckResult {
    /// What must hold.
    pub name: String,
    /// Rows that break it.
    pub broken: i64,
}

/// A SELECT that counts the rows that break it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Check {
    name: &'static str,
    pub(super) sql: &'static str,
}

/// Every data test.
pub(super) fn all() -> impl Iterator<Item = Check> {
    CHECKS.split("-- check: ").skip(1).filter_map(|block| {
        let (name, sql) = block.split_once('\n')?;
        Some(Check { name: name.trim(), sql: sql.trim() })
    })
}

/// Runs the data tests of dataset `music`, so many at a time, and changes nothing. The results come in the order of the tests.
///
/// # Errors
/// What the warehouse says. A test that fails is a result: see [`require`].
pub async fn check(sink: &dyn Sink, at_a_time: usize, progress: &dyn Progress) -> Result<Vec<CheckResult>, IngestError> {
    // Sample rows come from nowhere: they have no lineage, and before the first transform there is no table of it.
    let real = sink.state(tables::RAW, "lineage").await?.is_some() && sink.is_sample(tables::MUSIC, "artists").await? != Some(true);
    let raw = format!("{}.", tables::RAW);
    let checks: Vec<Check> = all().filter(|check| real || !check.sql.contains(&raw)).collect();
    progress.start("data tests", Some(checks.len() as u64));
    let run = |check: Check| async move {
        let begun = Instant::now();
        let broken = sink.count(check.sql).await?;
        tracing::debug!(check = check.name, broken, elapsed_ms = begun.elapsed().as_millis(), "data test");
        progress.inc(1);
        Ok::<_, IngestError>(CheckResult { name: check.name.to_owned(), broken })
    };
    let results = stream::iter(checks).map(run).buffered(at_a_time.max(1)).try_collect().await?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failed_data_tests_are_named() {
        let result = |name: &str, broken| CheckResult { name: name.to_owned(), broken };
        let results = [result("a", 0), result("b", 3)];
        assert!(require(&results[..1]).is_ok());
        assert_eq!(require(&results).unwrap_err().to_string(), "1 of 2 data tests failed: b (3 rows)");
    }

    #[test]
    fn there_are_tests_of_keys_references_ranges_and_lineage() {
        assert!(all().count() > 60);
        for part in ["is unique", "exist", "0 to 1", "future", "lineage"] {
            assert!(all().any(|check| check.name.contains(part)), "{part}");
        }
    }
}
