//! jobs.insert, get, list, cancel and delete.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs>

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::error::ApiError;
use super::jobs::{self, JobRequest, Projection, Work};
use super::page;
use super::request::{JsonBody, Params, as_flag};
use super::state::AppState;

pub(crate) async fn insert(
    State(state): State<AppState>,
    Path(project): Path<String>,
    JsonBody(body): JsonBody,
) -> Result<Json<Value>, ApiError> {
    state.check_project(&project)?;
    let job_id = jobs::read_reference(&state, &body)?;
    let configuration = read_configuration(&body)?;
    let work = jobs::read_work(&state, &configuration)?;
    if as_flag(configuration.get("dryRun")) {
        return match work {
            Work::Query(spec) => dry_run(&state, configuration, spec).await.map(Json),
            _ => Err(ApiError::not_implemented("A dry run of this kind of job")),
        };
    }
    let timeout_ms = jobs::read_timeout(&configuration);
    let job = jobs::start(&state, JobRequest { job_id, configuration, work, timeout_ms })?;
    Ok(Json(job.resource(&state, Projection::Full)))
}

pub(crate) fn read_configuration(body: &Map<String, Value>) -> Result<Map<String, Value>, ApiError> {
    match body.get("configuration") {
        Some(Value::Object(configuration)) => Ok(configuration.clone()),
        _ => Err(ApiError::new(400, "required", "Required parameter is missing: configuration")),
    }
}

async fn dry_run(state: &AppState, mut configuration: Map<String, Value>, spec: jobs::QuerySpec) -> Result<Value, ApiError> {
    let told = jobs::dry_run(state, spec).await?;
    configuration.insert("jobType".into(), "QUERY".into());
    Ok(json!({
        "kind": "bigquery#job",
        "configuration": configuration,
        "jobReference": {
            "projectId": state.store.project_id(),
            "location": state.store.location(),
        },
        "statistics": told.statistics,
        "status": { "state": "DONE" },
    }))
}

pub(crate) async fn get(State(state): State<AppState>, Path((project, job)): Path<(String, String)>) -> Result<Json<Value>, ApiError> {
    state.check_project(&project)?;
    let job = state.jobs.get(&state, &job)?;
    Ok(Json(job.resource(&state, Projection::Full)))
}

pub(crate) async fn list(State(state): State<AppState>, Path(project): Path<String>, params: Params) -> Result<Json<Value>, ApiError> {
    state.check_project(&project)?;
    let mut jobs = state.jobs.all();
    if let Some(wanted) = params.text("stateFilter") {
        jobs.retain(|job| job.state_name().eq_ignore_ascii_case(wanted));
    }
    let bound = |name| -> Result<Option<i64>, ApiError> { Ok(params.number(name)?.map(|ms| i64::try_from(ms).unwrap_or(i64::MAX))) };
    if let Some(min) = bound("minCreationTime")? {
        jobs.retain(|job| job.created_ms >= min);
    }
    if let Some(max) = bound("maxCreationTime")? {
        jobs.retain(|job| job.created_ms <= max);
    }
    // There are no scripts, so no job has a parent.
    if params.text("parentJobId").is_some() {
        jobs.clear();
    }
    let projection = match params.text("projection") {
        Some(p) if p.eq_ignore_ascii_case("full") => Projection::Full,
        _ => Projection::Minimal,
    };
    let (jobs, next) = page::list(jobs, &params, "jobs", 50)?;
    let jobs: Vec<Value> = jobs.iter().map(|j| j.resource(&state, projection)).collect();
    let mut out = Map::new();
    out.insert("kind".into(), "bigquery#jobList".into());
    if !jobs.is_empty() {
        out.insert("jobs".into(), jobs.into());
    }
    if let Some(next) = next {
        out.insert("nextPageToken".into(), next.into());
    }
    Ok(Json(Value::Object(out)))
}

pub(crate) async fn cancel(State(state): State<AppState>, Path((project, job)): Path<(String, String)>) -> Result<Json<Value>, ApiError> {
    state.check_project(&project)?;
    let job = state.jobs.get(&state, &job)?;
    job.cancel.cancel();
    Ok(Json(json!({
        "kind": "bigquery#jobCancelResponse",
        "job": job.resource(&state, Projection::Full),
    })))
}

pub(crate) async fn delete(State(state): State<AppState>, Path((project, job)): Path<(String, String)>) -> Result<StatusCode, ApiError> {
    state.check_project(&project)?;
    let job = state.jobs.get(&state, &job)?;
    if !job.is_done() {
        return Err(ApiError::invalid(format!("Job {} is still running.", job.id)));
    }
    state.jobs.remove(&job.id);
    Ok(StatusCode::NO_CONTENT)
}
