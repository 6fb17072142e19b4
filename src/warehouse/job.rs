//! One job from its insertion to its last row: an id of our own, so that sending it twice runs it once; a deadline of our own;
//! and a cancel when nobody waits for it any more.

use std::time::{Duration, Instant};

use gcp_bigquery_client::model::job::Job;
use gcp_bigquery_client::model::job_configuration::JobConfiguration;
use gcp_bigquery_client::model::job_reference::JobReference;

use super::retry::Deadline;
use super::rows::Rows;
use super::wire::{self, JobStatus, Page};
use super::{Warehouse, WarehouseError, decode};

/// Rows asked for in one page; BigQuery shortens a page to 10 MB by itself.
const PAGE_ROWS: u32 = 10_000;
/// How long the server may hold a poll before it answers `jobComplete: false`.
const POLL: Duration = Duration::from_secs(10);
/// Pauses between polls: of a query twice as long each time, of a job without results one part of the time that it has taken.
const FIRST_POLL_PAUSE: Duration = Duration::from_millis(5);
const POLLS_OF_A_JOB: u32 = 8;
const LONGEST_POLL_PAUSE: Duration = Duration::from_secs(1);
/// How long to try to cancel a job.
const CANCEL: Duration = Duration::from_secs(10);
/// How long to try to learn what a job cost, once its rows are there.
const BILL: Duration = Duration::from_secs(3);

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
    pub(super) async fn start(&self, configuration: &JobConfiguration, deadline: Deadline) -> Result<RunningJob, WarehouseError> {
        let mut running = RunningJob::new(self, "quaver");
        let job = self.job(configuration.clone(), Some(running.job_id.clone()));
        let inserted = self
            .retry(deadline, || async {
                match self.post::<wire::Job>("jobs", &job).await {
                    Ok(job) if job.status.state.is_none() && job.status.error_result.is_none() => {
                        Err(unreadable("a job without a state".to_owned()))
                    }
                    Ok(job) => Ok(Some(job.status)),
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
    pub(super) async fn dry(&self, mut configuration: JobConfiguration, deadline: Deadline) -> Result<wire::Job, WarehouseError> {
        // What a result in the cache would cost is nothing, and it may be gone when the job runs.
        if let Some(query) = &mut configuration.query {
            query.use_query_cache = Some(false);
        }
        let job = self.job(JobConfiguration { dry_run: Some(true), ..configuration }, None);
        let job: wire::Job = self.retry(deadline, || self.post("jobs", &job)).await?;
        match job.status.error_result {
            Some(error) => Err(WarehouseError::of_job("(dry run)", error.reason, error.message)),
            None => Ok(job),
        }
    }

    fn job(&self, configuration: JobConfiguration, job_id: Option<String>) -> Job {
        let reference =
            JobReference { project_id: Some(self.project().to_owned()), job_id, location: Some(self.connection.location.clone()) };
        Job { configuration: Some(configuration), job_reference: Some(reference), ..Job::default() }
    }

    /// Waits for a query job and reads its rows, up to `max_rows`.
    pub(super) async fn results(&self, mut job: RunningJob, max_rows: u32, deadline: Deadline) -> Result<JobOutcome, WarehouseError> {
        let first = self.first_page(&mut job, max_rows.min(PAGE_ROWS), deadline).await?;
        let Some(schema) = first.schema.as_ref().and_then(|schema| schema.fields.as_deref()) else {
            return Err(match first.errors.unwrap_or_default().into_iter().next() {
                Some(error) => WarehouseError::of_job(&job.job_id, error.reason, error.message),
                None => unreadable("a finished query without a schema".to_owned()),
            });
        };
        let fields = decode::fields(schema)?;
        let total_rows = first.total_rows.ok_or_else(|| unreadable("a finished query without totalRows".to_owned()))?;
        let (bytes_processed, cache_hit) = (first.total_bytes_processed.unwrap_or(0), first.cache_hit.unwrap_or(false));
        let wanted = usize::try_from(total_rows).unwrap_or(usize::MAX).min(max_rows as usize);
        let mut rows = Vec::with_capacity(wanted.min(PAGE_ROWS as usize));
        let mut page = first;
        loop {
            let came = page.rows.as_deref().unwrap_or_default();
            if page.total_rows.is_some_and(|total| total != total_rows) || (rows.len() + came.len()) as u64 > total_rows {
                return Err(unreadable(format!("{} rows and more of the {total_rows} promised", rows.len() + came.len())));
            }
            for row in came.iter().take(wanted - rows.len()) {
                rows.push(decode::row(&fields, row)?);
            }
            // An empty page may still carry a token; the token alone says whether there is more.
            let Some(token) = page.page_token.filter(|_| rows.len() < wanted) else { break };
            let left = u32::try_from(wanted - rows.len()).unwrap_or(PAGE_ROWS);
            page = self.page(&job, Some(&token), left.min(PAGE_ROWS), deadline).await?;
            if page.page_token.as_ref() == Some(&token) {
                return Err(unreadable("a page that is followed by itself".to_owned()));
            }
        }
        if rows.len() < wanted {
            return Err(unreadable(format!("{} rows came of the {wanted} promised", rows.len())));
        }
        Ok(JobOutcome { rows: Rows { fields, rows, total_rows }, bytes_processed, cache_hit })
    }

    /// What a query job was billed; `None` when that cannot be learnt, which is no reason to withhold its rows.
    pub(super) async fn billed(&self, job_id: &str, deadline: Deadline) -> Option<u64> {
        let asked = self.retry(deadline.or_after(BILL), || self.state(job_id)).await;
        match asked {
            Ok(job) => job.statistics.query.and_then(|query| query.total_bytes_billed),
            Err(error) => {
                tracing::warn!(job.id = %job_id, %error, "what a job was billed is not known");
                None
            }
        }
    }

    async fn state(&self, job_id: &str) -> Result<wire::Job, WarehouseError> {
        self.read(&format!("jobs/{job_id}"), &[("location", self.connection.location.clone())]).await.map_err(there_in_a_moment)
    }

    /// Polls until the job is over.
    async fn first_page(&self, job: &mut RunningJob, rows: u32, deadline: Deadline) -> Result<Page, WarehouseError> {
        let mut pause = FIRST_POLL_PAUSE;
        loop {
            let page = match self.page(job, None, rows, deadline).await {
                Ok(page) => page,
                Err(error) => {
                    let error = self.failure(job, error, deadline).await;
                    return Err(job.lost(error));
                }
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

    /// Results that cannot be had may be those of a job that failed: its reason then stands in for the status of the answer.
    async fn failure(&self, job: &RunningJob, error: WarehouseError, deadline: Deadline) -> WarehouseError {
        if !matches!(error, WarehouseError::Api { .. }) || !error.is_retryable() {
            return error;
        }
        match deadline.limit(self.state(&job.job_id)).await {
            Ok(Ok(wire::Job { status: JobStatus { error_result: Some(failure), .. }, .. })) => {
                WarehouseError::of_job(&job.job_id, failure.reason, failure.message)
            }
            _ => error,
        }
    }

    async fn page(&self, job: &RunningJob, token: Option<&str>, rows: u32, deadline: Deadline) -> Result<Page, WarehouseError> {
        self.retry(deadline, || async {
            let wait = POLL.min(deadline.remaining()).min(self.connection.request_timeout / 2);
            // Zero rows would be "none": a poll must be able to bring the first page.
            let (most, wait) = (rows.max(1).to_string(), wait.as_millis().to_string());
            let mut query = vec![("location", self.connection.location.clone()), ("maxResults", most), ("timeoutMs", wait)];
            query.extend(token.map(|token| ("pageToken", token.to_owned())));
            let page: Page = self.read(&format!("queries/{}", job.job_id), &query).await.map_err(there_in_a_moment)?;
            match page.job_complete {
                None => Err(unreadable("results without jobComplete".to_owned())),
                Some(false) if token.is_some() => Err(unreadable("a further page of a query that is not complete".to_owned())),
                Some(_) => Ok(page),
            }
        })
        .await
    }

    /// Waits for a query whose rows go into a table. The server holds a request for its results until the job is over, so that nothing
    /// is waited for in vain; what the request says is left aside, since the job itself tells it better.
    pub(super) async fn finish_query(&self, mut job: RunningJob, deadline: Deadline) -> Result<wire::Job, WarehouseError> {
        if let Err(error) = self.first_page(&mut job, 1, deadline).await {
            tracing::debug!(job.id = %job.job_id, %error, "a job is asked how it ended");
        }
        job.over = false;
        self.finish(job, deadline).await
    }

    /// Waits for a job that has no results to ask for (a load, a copy).
    pub(super) async fn finish(&self, mut job: RunningJob, deadline: Deadline) -> Result<wire::Job, WarehouseError> {
        let begun = Instant::now();
        loop {
            let state = self.retry(deadline, || self.state(&job.job_id)).await?;
            job.check(Some(state.status.clone()))?;
            if state.status.state.as_deref() == Some("DONE") {
                job.over = true;
                return Ok(state);
            }
            // A part of the time that it has taken so far: no job seems much longer than it is.
            let pause = (begun.elapsed() / POLLS_OF_A_JOB).clamp(FIRST_POLL_PAUSE, LONGEST_POLL_PAUSE);
            deadline.limit(tokio::time::sleep(pause)).await?;
        }
    }
}

fn unreadable(message: String) -> WarehouseError {
    WarehouseError::Unreadable { message }
}

/// A job that was inserted is not known everywhere at once.
fn there_in_a_moment(error: WarehouseError) -> WarehouseError {
    if error.is_job_missing() { unreadable(format!("a job that was inserted is not there yet ({error})")) } else { error }
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
        self.over = error.is_refusal() || matches!(error, WarehouseError::Job { .. });
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
            match warehouse.retry(Deadline::after(CANCEL), || warehouse.cancel(&job_id)).await {
                Ok(()) => tracing::info!(job.id = %job_id, "cancelled a job that nobody waits for"),
                Err(error) if error.is_not_found() => tracing::debug!(job.id = %job_id, "a job that nobody waits for never began"),
                Err(error) => tracing::warn!(job.id = %job_id, %error, "could not cancel a job"),
            }
        });
    }
}
