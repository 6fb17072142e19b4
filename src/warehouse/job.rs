//! One job from its insertion to its last row: an id of our own, so that sending it twice runs it once; a deadline of our own;
//! and a cancel when nobody waits for it any more.

use std::sync::Arc;
use std::time::Duration;

use gcp_bigquery_client::Client;
use gcp_bigquery_client::model::get_query_results_parameters::GetQueryResultsParameters;
use gcp_bigquery_client::model::get_query_results_response::GetQueryResultsResponse;
use gcp_bigquery_client::model::job::Job;
use gcp_bigquery_client::model::job_configuration::JobConfiguration;
use gcp_bigquery_client::model::job_reference::JobReference;
use gcp_bigquery_client::model::job_status::JobStatus;

use super::retry::{Deadline, retry};
use super::rows::Rows;
use super::{Warehouse, WarehouseError, decode};

/// Rows asked for in one page; BigQuery shortens a page to 10 MB by itself.
const PAGE_ROWS: u32 = 10_000;
/// How long the server may hold a poll before it answers `jobComplete: false`.
const POLL: Duration = Duration::from_secs(10);

/// A job that was accepted. Dropping it before [`RunningJob::finished`] cancels the job.
pub(super) struct RunningJob {
    client: Arc<Client>,
    project: String,
    location: String,
    job_id: String,
    finished: bool,
}

/// What the first complete poll says of a job.
pub(super) struct JobOutcome {
    pub(super) rows: Rows,
    pub(super) bytes_processed: u64,
    pub(super) cache_hit: bool,
}

impl Warehouse {
    /// Inserts a job. A duplicate id means that an earlier try arrived: the job is that one.
    pub(super) async fn start(&self, configuration: JobConfiguration, deadline: Deadline) -> Result<RunningJob, WarehouseError> {
        let job_id = format!("quaver-{}", uuid::Uuid::new_v4());
        let reference = JobReference {
            project_id: Some(self.project().to_owned()),
            job_id: Some(job_id.clone()),
            location: Some(self.connection.location.clone()),
        };
        let mut running = RunningJob {
            client: Arc::clone(&self.client),
            project: self.project().to_owned(),
            location: self.connection.location.clone(),
            job_id,
            finished: false,
        };
        let job = Job { configuration: Some(configuration), job_reference: Some(reference), ..Job::default() };
        let inserted = retry(self.retry_policy(), deadline, || async {
            match self.client.job().insert(self.project(), job.clone()).await.map_err(WarehouseError::from) {
                Ok(job) => Ok(job.status),
                Err(error) if error.is_duplicate() => Ok(None),
                Err(error) => Err(error),
            }
        })
        .await;
        match inserted {
            Ok(status) => running.check(status)?,
            Err(error) => {
                // A refused job is not there to be cancelled; one whose answer was lost may be.
                running.finished = matches!(error, WarehouseError::Api { .. });
                return Err(error);
            }
        }
        Ok(running)
    }

    /// Dry-runs a job: what it would do, at no cost. There is no job afterwards.
    pub(super) async fn dry(&self, configuration: JobConfiguration, deadline: Deadline) -> Result<Job, WarehouseError> {
        let reference =
            JobReference { project_id: Some(self.project().to_owned()), job_id: None, location: Some(self.connection.location.clone()) };
        let configuration = JobConfiguration { dry_run: Some(true), ..configuration };
        let job = Job { configuration: Some(configuration), job_reference: Some(reference), ..Job::default() };
        let job =
            retry(self.retry_policy(), deadline, || async { Ok(self.client.job().insert(self.project(), job.clone()).await?) }).await?;
        if let Some(error) = job.status.as_ref().and_then(|status| status.error_result.clone()) {
            return Err(WarehouseError::of_job("(dry run)", error.reason, error.message));
        }
        Ok(job)
    }

    /// Waits for a query job and reads its rows, up to `max_rows`.
    pub(super) async fn results(&self, mut job: RunningJob, max_rows: u32, deadline: Deadline) -> Result<JobOutcome, WarehouseError> {
        let first = loop {
            let page = self.page(&job, None, max_rows.min(PAGE_ROWS), deadline).await?;
            if page.job_complete.unwrap_or(false) {
                break page;
            }
        };
        let schema = first.schema.as_ref().and_then(|schema| schema.fields.as_deref()).unwrap_or_default();
        let fields = decode::fields(schema);
        let total_rows = first.total_rows.as_deref().and_then(|n| n.parse().ok()).unwrap_or(0);
        let bytes_processed = first.total_bytes_processed.as_deref().and_then(|n| n.parse().ok()).unwrap_or(0);
        let cache_hit = first.cache_hit.unwrap_or(false);
        let wanted = usize::try_from(total_rows).unwrap_or(usize::MAX).min(max_rows as usize);
        let mut rows = Vec::with_capacity(wanted.min(PAGE_ROWS as usize));
        let mut page = first;
        loop {
            for row in page.rows.iter().flatten().take(wanted - rows.len()) {
                rows.push(decode::row(&fields, row)?);
            }
            // An empty page may still carry a token; the token alone says whether there is more.
            let Some(token) = page.page_token.filter(|_| rows.len() < wanted) else { break };
            let left = u32::try_from(wanted - rows.len()).unwrap_or(PAGE_ROWS);
            page = self.page(&job, Some(token), left.min(PAGE_ROWS), deadline).await?;
        }
        job.finished = true;
        if rows.len() < wanted {
            return Err(WarehouseError::Unreadable { message: format!("{} rows came of the {wanted} promised", rows.len()) });
        }
        Ok(JobOutcome { rows: Rows { fields, rows, total_rows }, bytes_processed, cache_hit })
    }

    async fn page(
        &self,
        job: &RunningJob,
        token: Option<String>,
        rows: u32,
        deadline: Deadline,
    ) -> Result<GetQueryResultsResponse, WarehouseError> {
        retry(self.retry_policy(), deadline, || {
            let wait = POLL.min(deadline.remaining()).min(self.connection.request_timeout / 2);
            let parameters = GetQueryResultsParameters {
                location: Some(job.location.clone()),
                // Zero rows would be "none": a poll must be able to bring the first page.
                max_results: Some(i32::try_from(rows.max(1)).unwrap_or(i32::MAX)),
                page_token: token.clone(),
                timeout_ms: Some(i32::try_from(wait.as_millis()).unwrap_or(i32::MAX)),
                ..GetQueryResultsParameters::default()
            };
            async { Ok(self.client.job().get_query_results(&job.project, &job.job_id, parameters).await?) }
        })
        .await
    }

    /// Waits for a job that has no rows to read (a load, or a query into a table).
    pub(super) async fn finish(&self, mut job: RunningJob, deadline: Deadline) -> Result<Job, WarehouseError> {
        let mut pause = Duration::from_millis(5);
        loop {
            let state = retry(self.retry_policy(), deadline, || async {
                Ok(self.client.job().get_job(&job.project, &job.job_id, Some(&job.location)).await?)
            })
            .await?;
            job.check(state.status.clone())?;
            if state.status.as_ref().and_then(|status| status.state.as_deref()) == Some("DONE") {
                job.finished = true;
                return Ok(state);
            }
            deadline.limit(tokio::time::sleep(pause)).await?;
            pause = (pause * 2).min(Duration::from_secs(2));
        }
    }

    /// A job that was started by an upload rather than by `jobs.insert`.
    pub(super) fn adopt(&self, job_id: String) -> RunningJob {
        RunningJob {
            client: Arc::clone(&self.client),
            project: self.project().to_owned(),
            location: self.connection.location.clone(),
            job_id,
            finished: false,
        }
    }
}

impl RunningJob {
    pub(super) fn id(&self) -> &str {
        &self.job_id
    }

    fn check(&mut self, status: Option<JobStatus>) -> Result<(), WarehouseError> {
        match status.and_then(|status| status.error_result) {
            Some(error) => {
                self.finished = true;
                Err(WarehouseError::of_job(&self.job_id, error.reason, error.message))
            }
            None => Ok(()),
        }
    }
}

impl Drop for RunningJob {
    /// Cancels a job that is still running: its deadline passed, or whoever asked has gone.
    fn drop(&mut self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if self.finished {
            return;
        }
        let (client, project) = (Arc::clone(&self.client), std::mem::take(&mut self.project));
        let (job_id, location) = (std::mem::take(&mut self.job_id), std::mem::take(&mut self.location));
        runtime.spawn(async move {
            let cancel = client.job().cancel_job(&project, &job_id, Some(&location));
            match tokio::time::timeout(Duration::from_secs(10), cancel).await {
                Ok(Ok(_)) => tracing::info!(job.id = %job_id, "cancelled a job that nobody waits for"),
                Ok(Err(error)) => tracing::warn!(job.id = %job_id, %error, "could not cancel a job"),
                Err(_) => tracing::warn!(job.id = %job_id, "could not cancel a job in time"),
            }
        });
    }
}
