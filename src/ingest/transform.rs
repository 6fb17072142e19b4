//! `quaver transform`: dataset `music` from `music_raw`, by the SELECTs of transforms/, which the warehouse itself runs.
//!
//! Every table is replaced whole and is a function of bronze alone, so that running twice, or after a crash, gives the same tables; a
//! table stands as it was until its new rows take its place at once. What has not changed is not built again (`record`): a step is
//! run when its SQL or a table that it reads is another than when it was run last. A transform reads bronze and what was built before
//! it in the same run, never a table that still waits: no sample row gets into what is built. A source that was not loaded leaves
//! its tables empty. Then the data tests of transforms/checks.sql are run.

mod checks;
mod freshness;
mod record;
mod steps;

use std::collections::HashMap;
use std::time::Instant;

use chrono::Utc;
use futures::{StreamExt as _, TryStreamExt as _};

use super::{IngestError, Progress, Sink, Write, history, tables};
pub use checks::{CheckResult, check, require};
pub use freshness::{Freshness, freshness, stale};
use record::{Built, Record};
use steps::{Place, STEPS, Step};

/// Requests to the warehouse that are under way at a time, where nothing follows from one to the next.
const AT_A_TIME: usize = 8;

/// A table of `music` after a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    pub table: &'static str,
    pub rows: u64,
    /// Whether it was built; else it was up to date.
    pub built: bool,
}

/// Builds the tables of `music` that are not up to date. Returns what became of each.
///
/// # Errors
/// [`IngestError::NothingLoaded`] before anything is changed, when `music_raw` holds no load; else what the warehouse says.
pub async fn run(sink: &dyn Sink, progress: &dyn Progress) -> Result<Vec<Outcome>, IngestError> {
    Run::begin(sink, false).await?.go(progress).await
}

/// As [`run`], with every table built again.
///
/// # Errors
/// As [`run`].
pub async fn run_all(sink: &dyn Sink, progress: &dyn Progress) -> Result<Vec<Outcome>, IngestError> {
    Run::begin(sink, true).await?.go(progress).await
}

struct Run<'a> {
    sink: &'a dyn Sink,
    /// Whether what is up to date is built as well.
    everything: bool,
    record: Record,
    /// What each table that a step may read goes by: the warehouse's tag of a bronze table, the version of a built one.
    versions: HashMap<String, String>,
}

impl<'a> Run<'a> {
    async fn begin(sink: &'a dyn Sink, everything: bool) -> Result<Self, IngestError> {
        if sink.state(tables::RAW, "loads").await?.is_none() || sink.count("SELECT COUNT(*) FROM music_raw.loads").await? == 0 {
            return Err(IngestError::NothingLoaded);
        }
        sink.create_dataset(tables::MUSIC).await?;
        let states = tables::raw().iter().map(|table| sink.state(tables::RAW, &table.name));
        let states: Vec<_> = futures::stream::iter(states).buffered(AT_A_TIME).try_collect().await?;
        let mut versions = HashMap::new();
        for (table, state) in tables::raw().iter().zip(states) {
            // A warehouse that was loaded by an older version lacks the tables of newer sources.
            let state = match state {
                Some(state) => state,
                None => {
                    sink.create_table(tables::RAW, table, false).await?;
                    sink.state(tables::RAW, &table.name).await?.unwrap_or_default()
                }
            };
            versions.insert(format!("{}.{}", tables::RAW, table.name), state.version);
        }
        let record = Record::read(sink).await?;
        Ok(Self { sink, everything, record, versions })
    }

    async fn go(mut self, progress: &dyn Progress) -> Result<Vec<Outcome>, IngestError> {
        self.keep_history().await?;
        let mut outcomes = Vec::new();
        progress.start("transforms", Some(STEPS.len() as u64));
        for step in STEPS {
            let outcome = self.step(*step).await?;
            if step.target().dataset == tables::MUSIC {
                outcomes.push(outcome);
            }
            progress.inc(1);
        }
        progress.finish();
        Ok(outcomes)
    }

    /// Loads keep the figures of files themselves; this is for those of a load that was broken off, or by an older version.
    async fn keep_history(&mut self) -> Result<(), IngestError> {
        for capture in history::captures() {
            let table = format!("{}.{}", tables::RAW, capture.table);
            let version = self.versions.get(&table).map_or("", String::as_str).to_owned();
            let fingerprint = record::fingerprint([capture.sql, version.as_str()]);
            let target = format!("history: {}", capture.name);
            if self.record.unchanged(&target, &fingerprint, None).is_some() {
                continue;
            }
            if capture.keep(self.sink, None).await? {
                let (into, state) = (capture.into(), self.sink.state(tables::RAW, capture.into()).await?);
                self.versions.insert(format!("{}.{into}", tables::RAW), state.map(|state| state.version).unwrap_or_default());
            }
            let built = Built { fingerprint, version, table_version: String::new() };
            Record::note(self.sink, &target, &built, 0, Utc::now()).await?;
        }
        Ok(())
    }

    /// Builds the table of a step, unless it is up to date.
    async fn step(&mut self, step: Step) -> Result<Outcome, IngestError> {
        let begun = Instant::now();
        let Place { dataset, table } = step.target();
        let path = step.target().path();
        let fingerprint = self.fingerprint(step);
        let outcome = |rows, built| Outcome { table: &table.name, rows, built };
        let before = self.sink.state(dataset, &table.name).await?;
        if let (Some(state), false) = (&before, self.everything)
            && let Some(built) = self.record.unchanged(&path, &fingerprint, Some(state))
        {
            self.versions.insert(path, built.version.clone());
            return Ok(outcome(state.rows, false));
        }
        if before.is_none() {
            self.sink.create_table(dataset, table, false).await?;
        }
        self.sink.select_into(step.sql, dataset, table, Write::Replace).await?;
        // Afterwards: real rows that still say they are sample mislead nobody, sample rows that do not would. A run that breaks
        // off between is made good by the next.
        if dataset == tables::MUSIC && self.sink.is_sample(dataset, &table.name).await? == Some(true) {
            self.sink.mark_real(dataset, table).await?;
        }
        let version = match step.row_text() {
            Some(text) => self.version_of_rows(&path, text).await?,
            None => fingerprint.clone(),
        };
        let state = self.sink.state(dataset, &table.name).await?.unwrap_or_default();
        let built = Built { fingerprint, version, table_version: state.version };
        Record::note(self.sink, &path, &built, state.rows, Utc::now()).await?;
        self.versions.insert(path, built.version);
        let elapsed_ms = begun.elapsed().as_millis();
        tracing::debug!(transform = step.name, table = table.name, rows = state.rows, elapsed_ms, "built");
        Ok(outcome(state.rows, true))
    }

    fn fingerprint(&self, step: Step) -> String {
        let inputs: Vec<String> = step.inputs().into_iter().map(Place::path).collect();
        let states = inputs.iter().flat_map(|path| [path.as_str(), self.versions.get(path).map_or("", String::as_str)]);
        record::fingerprint([step.sql].into_iter().chain(states))
    }

    /// The same for the same rows, in whatever order.
    async fn version_of_rows(&self, path: &str, text: &str) -> Result<String, IngestError> {
        let hash = format!("CAST(CONCAT('0x', SUBSTR(TO_HEX(MD5({text})), 1, 15)) AS INT64)");
        let rows = self.sink.count(&format!("SELECT COUNT(*) FROM {path}")).await?;
        Ok(format!("{rows}:{:x}", self.sink.count(&format!("SELECT BIT_XOR({hash}) FROM {path}")).await?))
    }
}

#[cfg(test)]
mod tests;
