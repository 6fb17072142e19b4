//! `quaver transform`: dataset `music` from `music_raw`, by the SELECTs of transforms/, which the warehouse itself runs.
//!
//! Every table is a function of bronze alone, so that running twice, or after a crash, gives the same tables; a table, or a partition
//! of one that grows by days (`partitions`), stands as it was until its new rows take its place at once. What has not changed is not built again (`record`): a step is
//! run when its SQL or a table that it reads is another than when it was run last. Steps that do not wait for each other are run at
//! the same time (`order`), as many as the settings allow. A transform reads bronze and what was built before
//! it in the same run, never a table that still waits: no sample row gets into what is built. A source that was not loaded leaves
//! its tables empty. Simulated plays count only when a run is told so; the tables that they get into are marked before, and are not
//! any more once they are out. Then the data tests of transforms/checks.sql are run.

mod checks;
mod freshness;
mod order;
mod partitions;
mod record;
mod steps;

use std::collections::{HashMap, HashSet};
use std::time::Instant;

use chrono::Utc;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use futures::{StreamExt as _, TryStreamExt as _};

use super::{IngestError, Progress, Sink, TableState, Write, history, segments, simulate, tables};
pub use checks::{CheckResult, check, require};
pub use freshness::{Freshness, freshness, stale};
use order::{Order, Task, centres, features};
use record::{Built, Note, Record};
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// Builds also what is up to date.
    pub everything: bool,
    /// Counts simulated plays among the real ones; a run without takes them out again.
    pub simulated: bool,
    /// How many tables are built at the same time, of those that do not wait for each other.
    pub at_a_time: usize,
}

impl Default for Scope {
    fn default() -> Self {
        Self { everything: false, simulated: false, at_a_time: 3 }
    }
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
    let (run, versions) = Run::begin(sink, scope).await?;
    run.go(versions, progress).await
}

struct Run<'a> {
    sink: &'a dyn Sink,
    scope: Scope,
    /// The tables that simulated plays get into, when they are to, by way of whatever tables.
    simulated: HashSet<String>,
    record: Record,
}

/// What each table that a step may read goes by: the warehouse's tag of a bronze table, the version of a built one.
type Versions = HashMap<String, String>;

/// What came of a task.
struct Finished {
    path: String,
    version: String,
    /// What is to be remembered, where something was built.
    note: Option<Note>,
    /// Of a table of `music`.
    outcome: Option<Outcome>,
}

/// Something that was under way and is over.
enum Event {
    Finished(usize, Box<Finished>),
    Noted,
}

impl<'a> Run<'a> {
    async fn begin(sink: &'a dyn Sink, mut scope: Scope) -> Result<(Self, Versions), IngestError> {
        if sink.state(tables::RAW, "loads").await?.is_none() || sink.count("SELECT COUNT(*) FROM music_raw.loads").await? == 0 {
            return Err(IngestError::NothingLoaded);
        }
        sink.create_dataset(tables::MUSIC).await?;
        let states = tables::raw().iter().map(|table| sink.state(tables::RAW, &table.name));
        let states: Vec<_> = futures::stream::iter(states).buffered(AT_A_TIME).try_collect().await?;
        let mut versions = Versions::new();
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
        for step in STEPS {
            if step.inputs(scope.simulated).iter().any(|input| simulated.contains(&input.path())) {
                simulated.insert(step.target().path());
            }
        }
        let record = Record::read(sink).await?;
        Ok((Self { sink, scope, simulated, record }, versions))
    }

    async fn go(&self, mut versions: Versions, progress: &dyn Progress) -> Result<Vec<Outcome>, IngestError> {
        self.keep_history(&mut versions).await?;
        let mut order = Order::of(self.scope.simulated);
        progress.start("transforms", Some(order.len() as u64));
        let (mut outcomes, mut unnoted) = (Vec::new(), Vec::new());
        let ended = self.all_tasks(&mut order, versions, &mut outcomes, &mut unnoted, progress).await;
        // Also of a run that failed: what it built is not built again.
        if !unnoted.is_empty() {
            let noted = Record::note(self.sink, &unnoted).await;
            ended.and(noted)?;
        } else {
            ended?;
        }
        progress.finish();
        outcomes.sort_by_key(|(index, _)| *index);
        Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
    }

    /// Runs all tasks, each when those are done that it waits for. What was built is noted beside the tasks that follow, so that none
    /// waits for it; what is not noted in the end is left to the caller. After an error nothing more is begun, and what is under way is
    /// brought to its end: no table changes any more once the run is over.
    async fn all_tasks(
        &self,
        order: &mut Order,
        mut versions: Versions,
        outcomes: &mut Vec<(usize, Outcome)>,
        unnoted: &mut Vec<Note>,
        progress: &dyn Progress,
    ) -> Result<(), IngestError> {
        let mut under_way: FuturesUnordered<BoxFuture<'_, Result<Event, IngestError>>> = FuturesUnordered::new();
        // Notes on their way are the first of those that are not noted.
        let (mut running, mut on_their_way) = (0, 0);
        let mut failed = None;
        loop {
            while failed.is_none()
                && running < self.scope.at_a_time.max(1)
                && let Some((index, task)) = order.begin()
            {
                running += 1;
                under_way.push(self.task(index, task, &versions));
            }
            let Some(event) = under_way.next().await else { return failed.map_or(Ok(()), Err) };
            match event {
                Err(error) => {
                    failed.get_or_insert(error);
                }
                Ok(Event::Noted) => {
                    unnoted.drain(..on_their_way);
                    on_their_way = 0;
                }
                Ok(Event::Finished(index, finished)) => {
                    let Finished { path, version, note, outcome } = *finished;
                    running -= 1;
                    order.done(index);
                    versions.insert(path, version);
                    unnoted.extend(note);
                    outcomes.extend(outcome.map(|outcome| (index, outcome)));
                    progress.inc(1);
                }
            }
            if failed.is_none() && on_their_way == 0 && !unnoted.is_empty() && running > 0 {
                on_their_way = unnoted.len();
                let notes = unnoted.clone();
                under_way.push(Box::pin(async move { Record::note(self.sink, &notes).await.map(|()| Event::Noted) }));
            }
        }
    }

    /// A task, begun with what the tables that it reads go by now.
    fn task<'b>(&'b self, index: usize, task: Task, versions: &Versions) -> BoxFuture<'b, Result<Event, IngestError>> {
        match task {
            Task::Build(step) => {
                let sql = step.query(self.scope.simulated);
                let fingerprint = self.fingerprint(step, &sql, versions);
                Box::pin(async move { Ok(Event::Finished(index, Box::new(self.step(step, &sql, fingerprint).await?))) })
            }
            Task::Segments => {
                let fingerprint = record::fingerprint([versions.get(&features()).map_or("", String::as_str)]);
                Box::pin(async move { Ok(Event::Finished(index, Box::new(self.find_segments(fingerprint).await?))) })
            }
        }
    }

    /// Loads keep the figures of files themselves; this is for those of a load that was broken off, or by an older version.
    async fn keep_history(&self, versions: &mut Versions) -> Result<(), IngestError> {
        let mut notes = Vec::new();
        for capture in history::captures() {
            let table = format!("{}.{}", tables::RAW, capture.table);
            let version = versions.get(&table).map_or("", String::as_str).to_owned();
            let fingerprint = record::fingerprint([capture.sql, version.as_str()]);
            let target = format!("history: {}", capture.name);
            if self.record.unchanged(&target, &fingerprint, None).is_some() {
                continue;
            }
            if capture.keep(self.sink, None).await? {
                let (into, state) = (capture.into(), self.sink.state(tables::RAW, capture.into()).await?);
                versions.insert(format!("{}.{into}", tables::RAW), state.map(|state| state.version).unwrap_or_default());
            }
            let built = Built { fingerprint, version, table_version: String::new() };
            notes.push(Note { target, built, rows: 0, built_at: Utc::now() });
        }
        if notes.is_empty() { Ok(()) } else { Record::note(self.sink, &notes).await }
    }

    /// Finds the segments of users, which is no work for SQL, unless their features are those of last time.
    async fn find_segments(&self, fingerprint: String) -> Result<Finished, IngestError> {
        let begun = Instant::now();
        let path = centres();
        let state = self.sink.state(tables::RAW, segments::CENTRES).await?.unwrap_or_default();
        if let (Some(built), false) = (self.record.unchanged(&path, &fingerprint, Some(&state)), self.scope.everything) {
            return Ok(Finished { path, version: built.version.clone(), note: None, outcome: None });
        }
        let rows = segments::find(self.sink).await?;
        let state = self.sink.state(tables::RAW, segments::CENTRES).await?.unwrap_or_default();
        let built = Built { version: fingerprint.clone(), fingerprint, table_version: state.version };
        let note = Note { target: path.clone(), rows, built_at: Utc::now(), built };
        tracing::debug!(transform = "segment_centres", rows, elapsed_ms = begun.elapsed().as_millis(), "built");
        Ok(Finished { path, version: note.built.version.clone(), note: Some(note), outcome: None })
    }

    /// Builds the table of a step, unless it is up to date.
    async fn step(&self, step: Step, sql: &str, fingerprint: String) -> Result<Finished, IngestError> {
        let begun = Instant::now();
        let place = step.target();
        let Place { dataset, table } = place;
        let path = place.path();
        let (marked, simulated) = (dataset == tables::MUSIC, self.simulated.contains(&path));
        let outcome = |rows, built, partitions| marked.then_some(Outcome { table: &table.name, rows, built, partitions, simulated });
        let before = self.sink.state(dataset, &table.name).await?;
        if let (Some(state), false) = (&before, self.scope.everything)
            && let Some(built) = self.record.unchanged(&path, &fingerprint, Some(state))
        {
            return Ok(Finished { path, version: built.version.clone(), note: None, outcome: outcome(state.rows, false, None) });
        }
        if before.is_none() {
            self.sink.create_table(dataset, table, false).await?;
        }
        // Before its rows come and after they are gone: real rows that are called simulated mislead nobody.
        let was = before.unwrap_or_default();
        if marked && simulated && !was.simulated {
            self.sink.mark_simulated(dataset, table, true).await?;
        }
        let partitions = self.write(step, sql, &was).await?;
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
        let built = Built { fingerprint, version: version.clone(), table_version: state.version };
        let note = Note { target: path.clone(), built, rows: state.rows, built_at: Utc::now() };
        let elapsed_ms = begun.elapsed().as_millis();
        tracing::debug!(transform = step.name, table = table.name, rows = state.rows, partitions, elapsed_ms, "built");
        Ok(Finished { path, version, note: Some(note), outcome: outcome(state.rows, partitions != Some(0), partitions) })
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

    fn fingerprint(&self, step: Step, sql: &str, versions: &Versions) -> String {
        let inputs: Vec<String> = step.inputs(self.scope.simulated).into_iter().map(Place::path).collect();
        let states = inputs.iter().flat_map(|path| [path.as_str(), versions.get(path).map_or("", String::as_str)]);
        record::fingerprint([sql].into_iter().chain(states))
    }

    /// The same for the same rows, in whatever order.
    async fn version_of_rows(&self, path: &str, text: &str) -> Result<String, IngestError> {
        let sql = format!(
            "SELECT CONCAT(CAST(COUNT(*) AS STRING), ':', CAST(IFNULL(BIT_XOR(FARM_FINGERPRINT({text})), 0) AS STRING)) AS version FROM {path}"
        );
        Ok(self.sink.texts(&sql).await?.into_iter().flatten().flatten().next().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests;
