//! `quaver transform`: dataset `music` from `music_raw`, by the SELECTs of transforms/, which the warehouse itself runs.
//!
//! Every table is a function of bronze alone, so that running twice, or after a crash, gives the same tables; a table, or a partition
//! of one that grows by days (`partitions`), stands as it was until its new rows take its place at once. What has not changed is not built again (`record`): a step is
//! run when its SQL or a table that it reads is another than when it was run last. A transform reads bronze and what was built before
//! it in the same run, never a table that still waits: no sample row gets into what is built. A source that was not loaded leaves
//! its tables empty. Simulated plays count only when a run is told so; the tables that they get into are marked before, and are not
//! any more once they are out. Then the data tests of transforms/checks.sql are run.

mod checks;
mod freshness;
mod partitions;
mod record;
mod steps;

use std::collections::{HashMap, HashSet};
use std::time::Instant;

use chrono::Utc;
use futures::{StreamExt as _, TryStreamExt as _};

use super::{IngestError, Progress, Sink, TableState, Write, history, segments, simulate, tables};
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
    /// How many of its partitions were written, where it was not the whole table.
    pub partitions: Option<usize>,
    /// Whether simulated plays are among its rows.
    pub simulated: bool,
}

/// What a run is to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scope {
    /// Builds also what is up to date.
    pub everything: bool,
    /// Counts simulated plays among the real ones; a run without takes them out again.
    pub simulated: bool,
}

/// Builds the tables of `music` that are not up to date. Returns what became of each.
///
/// # Errors
/// [`IngestError::NothingLoaded`] before anything is changed, when `music_raw` holds no load; else what the warehouse says.
pub async fn run(sink: &dyn Sink, progress: &dyn Progress) -> Result<Vec<Outcome>, IngestError> {
    run_with(sink, Scope::default(), progress).await
}

/// As [`run`], with every table built again.
///
/// # Errors
/// As [`run`].
pub async fn run_all(sink: &dyn Sink, progress: &dyn Progress) -> Result<Vec<Outcome>, IngestError> {
    run_with(sink, Scope { everything: true, ..Scope::default() }, progress).await
}

/// As [`run`], as far as the scope says.
///
/// # Errors
/// As [`run`].
pub async fn run_with(sink: &dyn Sink, scope: Scope, progress: &dyn Progress) -> Result<Vec<Outcome>, IngestError> {
    Run::begin(sink, scope).await?.go(progress).await
}

struct Run<'a> {
    sink: &'a dyn Sink,
    scope: Scope,
    /// The tables that simulated plays get into, when they are to.
    simulated: HashSet<String>,
    record: Record,
    /// What each table that a step may read goes by: the warehouse's tag of a bronze table, the version of a built one.
    versions: HashMap<String, String>,
}

impl<'a> Run<'a> {
    async fn begin(sink: &'a dyn Sink, mut scope: Scope) -> Result<Self, IngestError> {
        if sink.state(tables::RAW, "loads").await?.is_none() || sink.count("SELECT COUNT(*) FROM music_raw.loads").await? == 0 {
            return Err(IngestError::NothingLoaded);
        }
        sink.create_dataset(tables::MUSIC).await?;
        let states = tables::raw().iter().map(|table| sink.state(tables::RAW, &table.name));
        let states: Vec<_> = futures::stream::iter(states).buffered(AT_A_TIME).try_collect().await?;
        let mut versions = HashMap::new();
        let mut simulated = HashSet::new();
        for (table, state) in tables::raw().iter().zip(states) {
            // A warehouse that was loaded by an older version lacks the tables of newer sources.
            let state = match state {
                Some(state) => state,
                None => {
                    sink.create_table(tables::RAW, table, false).await?;
                    sink.state(tables::RAW, &table.name).await?.unwrap_or_default()
                }
            };
            let path = format!("{}.{}", tables::RAW, table.name);
            if table.name == simulate::TABLE {
                // Where nothing was simulated, there is nothing to mark.
                scope.simulated &= state.rows > 0 || sink.count(&format!("SELECT COUNT(*) FROM {path}")).await? > 0;
                simulated.extend(scope.simulated.then(|| path.clone()));
            }
            versions.insert(path, state.version);
        }
        let record = Record::read(sink).await?;
        Ok(Self { sink, scope, simulated, record, versions })
    }

    async fn go(mut self, progress: &dyn Progress) -> Result<Vec<Outcome>, IngestError> {
        self.keep_history().await?;
        let mut outcomes = Vec::new();
        progress.start("transforms", Some(STEPS.len() as u64));
        for step in STEPS {
            if step.inputs(self.scope.simulated).iter().any(|input| input.path() == centres()) {
                self.find_segments().await?;
            }
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

    /// Finds the segments of users, which is no work for SQL, unless their features are those of last time.
    async fn find_segments(&mut self) -> Result<(), IngestError> {
        let features = format!("{}.{}", tables::RAW, segments::FEATURES);
        let target = centres();
        let fingerprint = record::fingerprint([self.versions.get(&features).map_or("", String::as_str)]);
        let state = self.sink.state(tables::RAW, segments::CENTRES).await?.unwrap_or_default();
        if let (Some(built), false) = (self.record.unchanged(&target, &fingerprint, Some(&state)), self.scope.everything) {
            self.versions.insert(target, built.version.clone());
            return Ok(());
        }
        let rows = segments::find(self.sink).await?;
        let state = self.sink.state(tables::RAW, segments::CENTRES).await?.unwrap_or_default();
        let built = Built { fingerprint: fingerprint.clone(), version: fingerprint.clone(), table_version: state.version };
        Record::note(self.sink, &target, &built, rows, Utc::now()).await?;
        self.versions.insert(target, fingerprint);
        Ok(())
    }

    /// Builds the table of a step, unless it is up to date.
    async fn step(&mut self, step: Step) -> Result<Outcome, IngestError> {
        let begun = Instant::now();
        let place = step.target();
        let Place { dataset, table } = place;
        let (path, sql) = (place.path(), step.query(self.scope.simulated));
        let (fingerprint, simulated) = (self.fingerprint(step, &sql), self.is_simulated(step));
        let outcome = |rows, built, partitions| Outcome { table: &table.name, rows, built, partitions, simulated };
        let before = self.sink.state(dataset, &table.name).await?;
        if let (Some(state), false) = (&before, self.scope.everything)
            && let Some(built) = self.record.unchanged(&path, &fingerprint, Some(state))
        {
            self.versions.insert(path, built.version.clone());
            return Ok(outcome(state.rows, false, None));
        }
        if before.is_none() {
            self.sink.create_table(dataset, table, false).await?;
        }
        // Before its rows come and after they are gone: real rows that are called simulated mislead nobody.
        let (was, marked) = (before.unwrap_or_default(), dataset == tables::MUSIC);
        if marked && simulated && !was.simulated {
            self.sink.mark_simulated(dataset, table, true).await?;
        }
        let partitions = self.write(step, &sql, &was).await?;
        if marked && !simulated && was.simulated {
            self.sink.mark_simulated(dataset, table, false).await?;
        }
        // Afterwards: real rows that still say they are sample mislead nobody, sample rows that do not would. A run that breaks
        // off between is made good by the next.
        if marked && was.sample {
            self.sink.mark_real(dataset, table).await?;
        }
        let version = match (step.row_text(), self.record.version(&path, &was)) {
            (Some(text), _) => self.version_of_rows(&path, text).await?,
            // The same rows as before: nobody who reads them has to build again.
            (None, Some(version)) if partitions == Some(0) => version.to_owned(),
            (None, _) => fingerprint.clone(),
        };
        let state = self.sink.state(dataset, &table.name).await?.unwrap_or_default();
        let built = Built { fingerprint, version, table_version: state.version };
        Record::note(self.sink, &path, &built, state.rows, Utc::now()).await?;
        self.versions.insert(path, built.version);
        let elapsed_ms = begun.elapsed().as_millis();
        tracing::debug!(transform = step.name, table = table.name, rows = state.rows, partitions, elapsed_ms, "built");
        Ok(outcome(state.rows, partitions != Some(0), partitions))
    }

    /// Puts what a step gives into its table. Returns how many partitions were written; `None` is the whole table.
    async fn write(&self, step: Step, sql: &str, was: &TableState) -> Result<Option<usize>, IngestError> {
        let place = step.target();
        let held = was.rows > 0 && !was.sample;
        if held
            && step.is_by_partition()
            && !self.scope.everything
            && let Some(differing) = partitions::differing(self.sink, place, sql).await?
        {
            for id in &differing {
                partitions::write(self.sink, place, sql, id).await?;
            }
            return Ok(Some(differing.len()));
        }
        self.sink.select_into(sql, place.dataset, place.table, Write::Replace).await?;
        Ok(None)
    }

    /// Whether simulated plays get into the table of a step, by way of whatever tables.
    fn is_simulated(&mut self, step: Step) -> bool {
        let inputs = step.inputs(self.scope.simulated);
        let simulated = inputs.iter().any(|input| self.simulated.contains(&input.path()));
        if simulated {
            self.simulated.insert(step.target().path());
        }
        simulated
    }

    fn fingerprint(&self, step: Step, sql: &str) -> String {
        let inputs: Vec<String> = step.inputs(self.scope.simulated).into_iter().map(Place::path).collect();
        let states = inputs.iter().flat_map(|path| [path.as_str(), self.versions.get(path).map_or("", String::as_str)]);
        record::fingerprint([sql].into_iter().chain(states))
    }

    /// The same for the same rows, in whatever order.
    async fn version_of_rows(&self, path: &str, text: &str) -> Result<String, IngestError> {
        let hash = format!("CAST(CONCAT('0x', SUBSTR(TO_HEX(MD5({text})), 1, 15)) AS INT64)");
        let rows = self.sink.count(&format!("SELECT COUNT(*) FROM {path}")).await?;
        Ok(format!("{rows}:{:x}", self.sink.count(&format!("SELECT BIT_XOR({hash}) FROM {path}")).await?))
    }
}

/// The one table that no SQL builds.
fn centres() -> String {
    format!("{}.{}", tables::RAW, segments::CENTRES)
}

#[cfg(test)]
mod tests;
