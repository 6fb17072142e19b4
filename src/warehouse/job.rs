//! One job from its insertion to its last row: an id of our own, so that sending it twice runs it once; a deadline of our own;
//! and a cancel when nobody waits for it any more.

use std::time::Duration;

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
/// Pauses between polls: twice as long each time.
const FIRST_POLL_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_POLL_PAUSE: Duration = Duration::from_secs(1);
/// How long to try to cancel a job.
const CANCEL: Duration = Duration::from_secs(10);

/// A job that the server has, or may have. Dropping it before it is known to be over cancels it.
pub(super) struct RunningJob {
    warehouse: Warehouse,
    job_id: String,
    over: bool,
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
        let mut running = RunningJob::new(self, "quaver");
        let reference = JobReference {
            project_id: Some(self.project().to_owned()),
            job_id: Some(running.job_id.clone()),
            location: Some(self.connection.location.clone()),
        };
        let job = Job { configuration: Some(configuration), job_reference: Some(reference), ..Job::default() };
        let inserted = retry(self.retry_policy, deadline, || async {
            match self.client.job().insert(self.project(), job.clone()).await.map_err(WarehouseError::from) {
                Ok(job) => Ok(job.status),
                Err(error) if error.is_duplicate() => Ok(None),
                Err(error) => Err(error),
            }
        })
        .await;
        match inserted {
            Ok(status) => running.check(status)?,
            Err(error) => return Err(running.lost(error)),
        }
        Ok(running)
    }

    /// Dry-runs a job: what it would do, at no cost. There is no job afterwards.
    pub(super) async fn dry(&self, configuration: JobConfiguration, deadline: Deadline) -> Result<Job, WarehouseError> {
        let reference =
            JobReference { project_id: Some(self.project().to_owned()), job_id: None, location: Some(self.connection.location.clone()) };
        let configuration = JobConfiguration { dry_run: Some(true), ..configuration };
        let job = Job { configuration: Some(configuration), job_reference: Some(reference), ..Job::default() };
        let job = retry(self.retry_policy, deadline, || async { Ok(self.client.job().insert(self.project(), job.clone()).await?) }).await?;
        if let Some(error) = job.status.as_ref().and_then(|status| status.error_result.clone()) {
            return Err(WarehouseError::of_job("(dry run)", error.reason, error.message));
        }
        Ok(job)
    }

    /// Waits for a query job and reads its rows, up to `max_rows`.
    pub(super) async fn results(&self, mut job: RunningJob, max_rows: u32, deadline: Deadline) -> Result<JobOutcome, WarehouseError> {
        let first = self.first_page(&mut job, max_rows.min(PAGE_ROWS), deadline).await?;
        let Some(schema) = first.schema.as_ref().and_then(|schema| schema.fields.as_deref()) else {
            return Err(match first.errors.unwrap_or_default().into_iter().next() {
                Some(error) => WarehouseError::of_job(&job.job_id, error.reason, error.message),
                None => WarehouseError::Unreadable { message: "a finished query without a schema".to_owned() },
            });
        };
        let fields = decode::fields(schema);
        let Some(total_rows) = first.total_rows.as_deref().and_then(|n| n.parse::<u64>().ok()) else {
            return Err(WarehouseError::Unreadable { message: "a finished query without totalRows".to_owned() });
        };
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
        if rows.len() < wanted {
            return Err(WarehouseError::Unreadable { message: format!("{} rows came of the {wanted} promised", rows.len()) });
        }
        Ok(JobOutcome { rows: Rows { fields, rows, total_rows }, bytes_processed, cache_hit })
    }

    /// Polls until the job is over.
    async fn first_page(&self, job: &mut RunningJob, rows: u32, deadline: Deadline) -> Result<GetQueryResultsResponse, WarehouseError> {
        let mut pause = FIRST_POLL_PAUSE;
        loop {
            let page = match self.page(job, None, rows, deadline).await {
                Ok(page) => page,
                Err(error) => return Err(job.lost(error)),
            };
            if page.job_complete == Some(true) {
                job.over = true;
                return Ok(page);
            }
            // The server should have held the poll; one that answers at once must not be asked in a tight loop.
            deadline.limit(tokio::time::sleep(pause)).await?;
            pause = (pause * 2).min(LONGEST_POLL_PAUSE);
        }
    }

    async fn page(
        &self,
        job: &RunningJob,
        token: Option<String>,
        rows: u32,
        deadline: Deadline,
    ) -> Result<GetQueryResultsResponse, WarehouseError> {
        retry(self.retry_policy, deadline, || {
            let wait = POLL.min(deadline.remaining()).min(self.connection.request_timeout / 2);
            let parameters = GetQueryResultsParameters {
                location: Some(self.connection.location.clone()),
                // Zero rows would be "none": a poll must be able to bring the first page.
                max_results: Some(i32::try_from(rows.max(1)).unwrap_or(i32::MAX)),
                page_token: token.clone(),
                timeout_ms: Some(i32::try_from(wait.as_millis()).unwrap_or(i32::MAX)),
                ..GetQueryResultsParameters::default()
            };
            async { Ok(self.client.job().get_query_results(self.project(), &job.job_id, parameters).await?) }
        })
        .await
    }

    /// Waits for a job that has no rows to read (a load, or a query into a table).
    pub(super) async fn finish(&self, mut job: RunningJob, deadline: Deadline) -> Result<Job, WarehouseError> {
        let mut pause = FIRST_POLL_PAUSE;
        loop {
            let state = retry(self.retry_policy, deadline, || async {
                Ok(self.client.job().get_job(self.project(), &job.job_id, Some(&self.connection.location)).await?)
            })
            .await?;
            job.check(state.status.clone())?;
            if state.status.as_ref().and_then(|status| status.state.as_deref()) == Some("DONE") {
                job.over = true;
                return Ok(state);
            }
            deadline.limit(tokio::time::sleep(pause)).await?;
            pause = (pause * 2).min(LONGEST_POLL_PAUSE);
        }
    }
}

impl RunningJob {
    /// A job about to be sent, under an id that nobody else has.
    pub(super) fn new(warehouse: &Warehouse, prefix: &str) -> Self {
        Self { warehouse: warehouse.clone(), job_id: format!("{prefix}-{}", uuid::Uuid::new_v4()), over: false }
    }

    pub(super) fn id(&self) -> &str {
        &self.job_id
    }

    fn check(&mut self, status: Option<JobStatus>) -> Result<(), WarehouseError> {
        match status.and_then(|status| status.error_result) {
            Some(error) => {
                self.over = true;
                Err(WarehouseError::of_job(&self.job_id, error.reason, error.message))
            }
            None => Ok(()),
        }
    }

    /// Notes what an error says of the job: one that was refused, or that failed, is not there to be cancelled.
    pub(super) fn lost(&mut self, error: WarehouseError) -> WarehouseError {
        self.over = error.is_refusal();
        error
    }
}

impl Drop for RunningJob {
    /// Cancels a job that may still run: its deadline passed, its answer was lost, or whoever asked has gone.
    fn drop(&mut self) {
        if self.over {
            return;
        }
        // Without a runtime nothing can be sent; the job's own `jobTimeoutMs` ends it.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let (warehouse, job_id) = (self.warehouse.clone(), std::mem::take(&mut self.job_id));
        runtime.spawn(async move {
            let (project, location) = (warehouse.project(), Some(warehouse.connection.location.as_str()));
            let cancel = || async { Ok(warehouse.client.job().cancel_job(project, &job_id, location).await?) };
            match retry(warehouse.retry_policy, Deadline::after(CANCEL), cancel).await {
                Ok(_) => tracing::info!(job.id = %job_id, "cancelled a job that nobody waits for"),
                Err(error) if error.is_not_found() => tracing::debug!(job.id = %job_id, "a job that nobody waits for never began"),
                Err(error) => tracing::warn!(job.id = %job_id, %error, "could not cancel a job"),
            }
        });
    }
}
