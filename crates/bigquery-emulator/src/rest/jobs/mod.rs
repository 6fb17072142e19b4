//! Jobs: what was asked, how far it is, and what came out, kept for a while after the end.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/rest/v2/Job>

mod cache;
mod change;
mod copy;
mod define;
mod destination;
mod job;
mod load;
mod load_options;
mod query;
mod registry;
mod results;
mod script;
mod statistics;

use std::sync::Arc;

use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

pub(crate) use cache::ResultCache;
pub(crate) use change::TableLocks;
pub(crate) use job::{Job, JobOutput, Projection};
pub(crate) use load::LoadSpec;
pub(crate) use query::{QuerySpec, configuration as query_configuration};
pub(crate) use registry::JobRegistry;
pub(crate) use script::dry_run;

use super::error::ApiError;
use super::request::{as_number, as_text};
use super::state::AppState;
use crate::load::Source;
use crate::store::WriteDisposition;

/// The dataset in which results without a destination seem to lie.
pub(crate) const ANONYMOUS_DATASET: &str = "_anonymous";
const ANONYMOUS_PREFIX: &str = "anon_";

/// What a job does.
#[derive(Debug)]
pub(crate) enum Work {
    Query(QuerySpec),
    Load(LoadSpec, UploadedFile),
    Copy(copy::CopySpec),
}

/// An upload on disk, removed when its job is done.
#[derive(Debug)]
pub(crate) struct UploadedFile {
    pub(crate) source: Source,
    pub(crate) _file: tempfile::TempPath,
}

/// A job as a client asks for it.
#[derive(Debug)]
pub(crate) struct JobRequest {
    pub(crate) job_id: Option<String>,
    /// As sent, and given back by jobs.get.
    pub(crate) configuration: Map<String, Value>,
    pub(crate) work: Work,
    pub(crate) timeout_ms: Option<u64>,
}

/// Reads `jobReference.jobId`, checking project and location.
pub(crate) fn read_reference(state: &AppState, body: &Map<String, Value>) -> Result<Option<String>, ApiError> {
    let Some(reference) = body.get("jobReference") else {
        return Ok(None);
    };
    if let Some(project) = as_text(reference.get("projectId")) {
        state.check_project(project)?;
    }
    super::datasets::check_location(state, as_text(reference.get("location")))?;
    let Some(id) = as_text(reference.get("jobId")) else {
        return Ok(None);
    };
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if id.len() > 1024 || !id.chars().all(allowed) {
        return Err(ApiError::invalid(format!("Invalid job ID \"{id}\".")));
    }
    Ok(Some(id.to_owned()))
}

/// Reads a configuration without an upload: a query or a copy.
pub(crate) fn read_work(state: &AppState, configuration: &Map<String, Value>) -> Result<Work, ApiError> {
    if let Some(query) = configuration.get("query").filter(|v| !v.is_null()) {
        return QuerySpec::read(state, query).map(Work::Query);
    }
    if let Some(copy) = configuration.get("copy").filter(|v| !v.is_null()) {
        return copy::CopySpec::read(state, copy).map(Work::Copy);
    }
    if let Some(load) = configuration.get("load").filter(|v| !v.is_null()) {
        let uris = load.get("sourceUris").and_then(Value::as_array);
        let uri = uris.and_then(|u| u.first()).and_then(Value::as_str);
        return Err(match uri {
            Some(uri) => ApiError::not_implemented(format_args!("Loading from {uri}")),
            None => ApiError::invalid("Load configuration must specify at least one source URI"),
        });
    }
    if configuration.contains_key("extract") {
        return Err(ApiError::not_implemented("An extract job"));
    }
    Err(ApiError::new(400, "required", "Required parameter is missing: configuration"))
}

/// Registers a job and starts it.
pub(crate) fn start(state: &AppState, request: JobRequest) -> Result<Arc<Job>, ApiError> {
    let id = request.job_id.unwrap_or_else(|| format!("job_{}", uuid::Uuid::new_v4().simple()));
    let kind = match request.work {
        Work::Query(_) => "QUERY",
        Work::Load(..) => "LOAD",
        Work::Copy(_) => "COPY",
    };
    let mut configuration = request.configuration;
    configuration.insert("jobType".into(), kind.into());
    if let Work::Query(spec) = &request.work {
        spec.complete(state, &id, &mut configuration);
    }
    let job = Arc::new(Job::new(id, kind, configuration));
    state.jobs.add(state, Arc::clone(&job))?;
    let running = Arc::clone(&job);
    let state = state.clone();
    let timeout_ms = request.timeout_ms;
    let span = tracing::info_span!("bigquery_job", job.id = %job.id, kind);
    tokio::spawn(tracing::Instrument::instrument(
        async move {
            let work = run(&state, &running, request.work);
            // Work of its own task, so that a panic in it ends the job and not the endpoint.
            let outcome = match timeout_ms {
                Some(ms) => {
                    let limit = std::time::Duration::from_millis(ms);
                    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| {
                        running.cancel.cancel();
                        Err(ApiError::new(
                            400,
                            "stopped",
                            format!("Job execution was cancelled: Job timed out after {}s", ms.div_ceil(1000)),
                        ))
                    })
                }
                None => work.await,
            };
            if let Err(error) = &outcome {
                tracing::debug!(reason = error.reason, message = %error.message, "job failed");
            }
            running.settle(outcome);
            state.jobs.trim(&running);
            // Who is told that the last job is done may close the data directory, which is free only when nothing holds the state.
            drop(state);
            running.announce();
        },
        span,
    ));
    Ok(job)
}

async fn run(state: &AppState, job: &Arc<Job>, work: Work) -> Result<JobOutput, ApiError> {
    job.begin();
    let cancel: CancellationToken = job.cancel.clone();
    let inner = {
        let (state, job) = (state.clone(), Arc::clone(job));
        tokio::spawn(async move {
            match work {
                Work::Query(spec) => script::run(&state, &job, spec).await,
                Work::Load(spec, file) => load::run(&state, &job, spec, file).await,
                Work::Copy(spec) => copy::run(&state, spec).await,
            }
        })
    };
    let abort = inner.abort_handle();
    // A dropped future (a timeout) must stop the work as well.
    let _guard = AbortOnDrop(abort);
    tokio::select! {
        biased;
        () = cancel.cancelled() => Err(ApiError::cancelled()),
        joined = inner => joined.unwrap_or_else(|error| {
            tracing::error!(%error, "a job stopped without a result");
            Err(ApiError::internal())
        }),
    }
}

struct AbortOnDrop(tokio::task::AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// `writeDisposition`, with the default of the kind of job.
fn read_disposition(value: Option<&Value>, default: WriteDisposition) -> Result<WriteDisposition, ApiError> {
    match as_text(value) {
        None => Ok(default),
        Some("WRITE_APPEND") => Ok(WriteDisposition::Append),
        Some("WRITE_TRUNCATE" | "WRITE_TRUNCATE_DATA") => Ok(WriteDisposition::Truncate),
        Some("WRITE_EMPTY") => Ok(WriteDisposition::Empty),
        Some(other) => Err(ApiError::invalid(format!("Invalid value for writeDisposition: {other} is not a valid value"))),
    }
}

/// `createDisposition`: whether a missing table is made.
fn read_create(value: Option<&Value>) -> Result<bool, ApiError> {
    match as_text(value) {
        None | Some("CREATE_IF_NEEDED") => Ok(true),
        Some("CREATE_NEVER") => Ok(false),
        Some(other) => Err(ApiError::invalid(format!("Invalid value for createDisposition: {other} is not a valid value"))),
    }
}

/// `jobTimeoutMs`, which is best effort in BigQuery too.
pub(crate) fn read_timeout(configuration: &Map<String, Value>) -> Option<u64> {
    as_number(configuration.get("jobTimeoutMs")).filter(|ms| *ms > 0)
}
