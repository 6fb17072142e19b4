//! One job: its state, and the resource that describes it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::rest::error::ApiError;
use crate::rest::page::Rows;
use crate::rest::state::AppState;
use crate::schema::TableSchema;

/// The rows of a finished query.
#[derive(Debug, Clone)]
pub(crate) struct QueryResults {
    pub(crate) schema: TableSchema,
    pub(crate) rows: Rows,
    pub(crate) total_rows: u64,
    /// A CREATE TABLE AS SELECT has no rows to show.
    pub(crate) has_rows: bool,
    pub(crate) bytes_processed: u64,
    pub(crate) bytes_billed: u64,
    pub(crate) cache_hit: bool,
    /// What is held in memory for it.
    pub(crate) memory_bytes: usize,
}

impl QueryResults {
    /// The results as they are now: those that went to a table are read from it.
    pub(crate) fn current(self, state: &AppState) -> Result<Self, ApiError> {
        let Rows::Destination(table) = &self.rows else {
            return Ok(self);
        };
        if !self.has_rows {
            return Ok(self);
        }
        let version = state.store.table(table).map_err(ApiError::store)?;
        Ok(Self { schema: version.metadata.schema.clone(), total_rows: version.metadata.row_count, rows: Rows::Table(version), ..self })
    }
}

/// A JSON object as its text: of thousands of jobs, few are asked for again, and a tree takes ten times the memory.
#[derive(Debug, Clone, Default)]
pub(crate) struct KeptObject(Option<Arc<str>>);

impl KeptObject {
    pub(crate) fn read(&self) -> Map<String, Value> {
        // It was written from an object.
        self.0.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }
}

impl From<Map<String, Value>> for KeptObject {
    fn from(object: Map<String, Value>) -> Self {
        Self(Some(Value::Object(object).to_string().into()))
    }
}

/// What a job that succeeded leaves.
#[derive(Debug, Clone, Default)]
pub(crate) struct JobOutput {
    /// Joins the job's `statistics`.
    pub(crate) statistics: KeptObject,
    pub(crate) results: Option<QueryResults>,
    /// Warnings: bad rows of a load that were let pass.
    pub(crate) warnings: Vec<Value>,
}

#[derive(Debug, Default)]
struct Progress {
    started_ms: Option<i64>,
    ended_ms: Option<i64>,
    outcome: Option<Result<JobOutput, ApiError>>,
}

/// A job of any kind.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) kind: &'static str,
    pub(crate) created_ms: i64,
    pub(crate) cancel: CancellationToken,
    configuration: KeptObject,
    progress: Mutex<Progress>,
    done: watch::Sender<bool>,
}

/// How much of a job is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Projection {
    Full,
    Minimal,
}

impl Job {
    pub(crate) fn new(id: String, kind: &'static str, configuration: Map<String, Value>) -> Self {
        Self {
            id,
            kind,
            created_ms: now_ms(),
            cancel: CancellationToken::new(),
            configuration: configuration.into(),
            progress: Mutex::default(),
            done: watch::channel(false).0,
        }
    }

    pub(crate) fn begin(&self) {
        self.lock().started_ms = Some(now_ms());
    }

    /// Notes what came out. Those who wait are not told yet.
    pub(crate) fn settle(&self, outcome: Result<JobOutput, ApiError>) {
        let mut progress = self.lock();
        progress.ended_ms = Some(now_ms());
        progress.outcome = Some(outcome);
    }

    /// Tells those who wait.
    pub(crate) fn announce(&self) {
        self.done.send_replace(true);
    }

    pub(crate) fn is_done(&self) -> bool {
        *self.done.borrow()
    }

    /// Waits for the end; false when the time is up first.
    pub(crate) async fn wait(&self, limit: Duration) -> bool {
        let mut done = self.done.subscribe();
        // The sender lives in `self`, so waiting cannot fail but by the clock.
        tokio::time::timeout(limit, done.wait_for(|d| *d)).await.is_ok()
    }

    /// The outcome, once there is one.
    pub(crate) fn outcome(&self) -> Option<Result<JobOutput, ApiError>> {
        self.lock().outcome.clone()
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        match &self.lock().outcome {
            Some(Ok(output)) => output.results.as_ref().map_or(0, |r| r.memory_bytes),
            _ => 0,
        }
    }

    pub(crate) fn state_name(&self) -> &'static str {
        let progress = self.lock();
        match (progress.started_ms, &progress.outcome) {
            (_, Some(_)) => "DONE",
            (Some(_), None) => "RUNNING",
            (None, None) => "PENDING",
        }
    }

    /// `jobReference`.
    pub(crate) fn reference(&self, state: &AppState) -> Value {
        json!({
            "projectId": state.store.project_id(),
            "jobId": self.id,
            "location": state.store.location(),
        })
    }

    /// `creationTime`, `startTime`, `endTime`.
    pub(crate) fn times(&self) -> Map<String, Value> {
        let progress = self.lock();
        let mut times = Map::new();
        times.insert("creationTime".into(), self.created_ms.to_string().into());
        if let Some(started) = progress.started_ms {
            times.insert("startTime".into(), started.to_string().into());
        }
        if let Some(ended) = progress.ended_ms {
            times.insert("endTime".into(), ended.to_string().into());
        }
        times
    }

    /// The `Job` resource.
    pub(crate) fn resource(&self, state: &AppState, projection: Projection) -> Value {
        let (project, location) = (state.store.project_id(), state.store.location());
        let state_name = self.state_name();
        let outcome = self.outcome();
        let mut statistics = self.times();
        let mut status = Map::new();
        status.insert("state".into(), state_name.into());
        let mut error_result = None;
        match outcome {
            Some(Ok(output)) => {
                statistics.extend(output.statistics.read());
                if !output.warnings.is_empty() {
                    status.insert("errors".into(), output.warnings.into());
                }
            }
            Some(Err(error)) => {
                error_result = Some(error.proto());
                status.insert("errorResult".into(), error.proto());
                status.insert("errors".into(), error.protos().into());
            }
            None => {}
        }
        let mut out = Map::new();
        out.insert("kind".into(), "bigquery#job".into());
        out.insert("etag".into(), format!("{}-{state_name}", self.id).into());
        out.insert("id".into(), format!("{project}:{location}.{}", self.id).into());
        out.insert("selfLink".into(), format!("/bigquery/v2/projects/{project}/jobs/{}?location={location}", self.id).into());
        out.insert("user_email".into(), format!("emulator@{project}.iam.gserviceaccount.com").into());
        if projection == Projection::Full {
            out.insert("configuration".into(), self.configuration.read().into());
        } else {
            out.insert("configuration".into(), json!({ "jobType": self.kind }));
        }
        out.insert("jobReference".into(), self.reference(state));
        out.insert("statistics".into(), statistics.into());
        out.insert("status".into(), status.into());
        out.insert("state".into(), state_name.into());
        if let Some(error) = error_result {
            out.insert("errorResult".into(), error);
        }
        Value::Object(out)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn now_ms() -> i64 {
    chrono::Utc::now().timestamp_millis()
}
