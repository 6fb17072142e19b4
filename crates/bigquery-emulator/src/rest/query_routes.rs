//! jobs.query and jobs.getQueryResults.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs/query>,
//! <https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs/getQueryResults>

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::cells::TimestampFormat;
use super::datasets::check_location;
use super::error::ApiError;
use super::jobs::{self, Job, JobRequest, QuerySpec, Work};
use super::page::{self, PageRequest};
use super::request::{JsonBody, Params, as_flag, as_number, as_text};
use super::state::AppState;
use super::wire_schema::{self, Modes};

/// How long a request waits for its job unless it says otherwise.
const DEFAULT_WAIT_MS: u64 = 10_000;
/// BigQuery answers by then whatever was asked.
const MAX_WAIT_MS: u64 = 200_000;

pub(crate) async fn query(
    State(state): State<AppState>,
    Path(project): Path<String>,
    JsonBody(body): JsonBody,
) -> Result<Response, ApiError> {
    state.check_project(&project)?;
    check_location(&state, as_text(body.get("location")))?;
    let spec = QuerySpec::read(&state, &Value::Object(body.clone()))?;
    if as_flag(body.get("dryRun")) {
        return dry_run(&state, spec).await.map(IntoResponse::into_response);
    }
    let start = || {
        jobs::start(
            &state,
            JobRequest {
                job_id: None,
                configuration: jobs::query_configuration(&body),
                work: Work::Query(spec),
                timeout_ms: jobs::read_timeout(&body),
            },
        )
    };
    let job = match as_text(body.get("requestId")) {
        Some(id) => state.jobs.once(id, digest(&body), start)?,
        None => start()?,
    };
    let options = body.get("formatOptions");
    let timestamps = if as_flag(options.and_then(|o| o.get("useInt64Timestamp"))) {
        TimestampFormat::Micros
    } else {
        match as_text(options.and_then(|o| o.get("timestampOutputFormat"))) {
            Some("ISO8601_STRING") => TimestampFormat::Iso8601,
            Some("INT64") => TimestampFormat::Micros,
            _ => TimestampFormat::Seconds,
        }
    };
    let request = PageRequest { start: 0, max_rows: as_number(body.get("maxResults")), timestamps };
    let wait_ms = as_number(body.get("timeoutMs")).unwrap_or(DEFAULT_WAIT_MS);
    answer(&state, &job, request, wait_ms, "bigquery#queryResponse").await
}

/// What makes two requests the same, their `requestId` apart.
fn digest(body: &Map<String, Value>) -> [u8; 32] {
    let mut same = body.clone();
    for key in ["requestId", "timeoutMs", "maxResults"] {
        same.remove(key);
    }
    Sha256::digest(Value::Object(same).to_string()).into()
}

async fn dry_run(state: &AppState, spec: QuerySpec) -> Result<Json<Value>, ApiError> {
    let told = jobs::dry_run(state, spec).await?;
    Ok(Json(json!({
        "kind": "bigquery#queryResponse",
        "schema": wire_schema::write(&told.schema, Modes::All),
        "jobReference": {
            "projectId": state.store.project_id(),
            "location": state.store.location(),
        },
        "totalRows": "0",
        "totalBytesProcessed": told.bytes_processed.to_string(),
        "jobComplete": true,
        "cacheHit": told.cache_hit,
        "statistics": told.statistics,
    })))
}

pub(crate) async fn results(
    State(state): State<AppState>,
    Path((project, job)): Path<(String, String)>,
    params: Params,
) -> Result<Response, ApiError> {
    state.check_project(&project)?;
    check_location(&state, params.text("location"))?;
    let job = state.jobs.get(&state, &job)?;
    if job.kind != "QUERY" {
        return Err(ApiError::invalid("Cannot retrieve query results: the job is not a query"));
    }
    let request = PageRequest::read(&params, &job.id)?;
    let wait_ms = params.number("timeoutMs")?.unwrap_or(DEFAULT_WAIT_MS);
    answer(&state, &job, request, wait_ms, "bigquery#getQueryResultsResponse").await
}

async fn answer(state: &AppState, job: &Arc<Job>, request: PageRequest, wait_ms: u64, kind: &str) -> Result<Response, ApiError> {
    let wait = Duration::from_millis(wait_ms.min(MAX_WAIT_MS));
    let mut head = Map::new();
    head.insert("kind".into(), kind.into());
    if !job.wait(wait).await {
        head.insert("jobReference".into(), job.reference(state));
        head.insert("jobComplete".into(), false.into());
        return Ok(page::respond(head, &job.id, None));
    }
    let output = match job.outcome() {
        Some(outcome) => outcome?,
        // `wait` returned true only after the outcome was set.
        None => return Err(ApiError::internal()),
    };
    let results = output.results.ok_or_else(ApiError::internal)?.current(state)?;
    head.insert("etag".into(), format!("{}-{}", job.id, request.start).into());
    head.insert("schema".into(), wire_schema::write(&results.schema, Modes::All));
    head.insert("jobReference".into(), job.reference(state));
    head.insert("location".into(), state.store.location().into());
    if results.has_rows {
        head.insert("totalRows".into(), results.total_rows.to_string().into());
    }
    head.insert("totalBytesProcessed".into(), results.bytes_processed.to_string().into());
    head.insert("totalBytesBilled".into(), results.bytes_billed.to_string().into());
    head.insert("jobComplete".into(), true.into());
    head.insert("cacheHit".into(), results.cache_hit.into());
    head.insert("queryId".into(), job.id.clone().into());
    head.extend(job.times());
    if let Some(query) = output.statistics.read().get("query") {
        for key in ["ddlOperationPerformed", "ddlTargetTable", "statementType", "numDmlAffectedRows", "dmlStats"] {
            if let Some(value) = query.get(key) {
                head.insert(key.into(), value.clone());
            }
        }
    }
    if !results.has_rows {
        return Ok(page::respond(head, &job.id, None));
    }
    let page = state.blocking(move |_| page::encode(&results.rows, results.total_rows, &results.schema, None, &request)).await?;
    Ok(page::respond(head, &job.id, Some(page)))
}
