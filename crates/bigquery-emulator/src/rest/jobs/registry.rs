//! The jobs that are known. Bounded: the oldest finished ones are forgotten, and their results with them.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use super::job::{Job, QueryResults};
use super::{ANONYMOUS_PREFIX, JobOutput};
use crate::rest::error::ApiError;
use crate::rest::state::AppState;

const MAX_JOBS: usize = 2_000;
/// What the results of finished jobs may hold in memory together.
const MAX_RESULT_BYTES: usize = 256 * 1024 * 1024;

#[derive(Debug, Default)]
pub(crate) struct JobRegistry(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    jobs: HashMap<String, Arc<Job>>,
    /// Oldest first.
    order: VecDeque<String>,
    /// `requestId` of jobs.query to its job and what was asked.
    requests: HashMap<String, (String, [u8; 32])>,
    /// The `requestId`s of a job.
    requests_of: HashMap<String, Vec<String>>,
    /// What the results of the finished jobs hold.
    bytes: usize,
}

impl JobRegistry {
    pub(crate) fn add(&self, state: &AppState, job: Arc<Job>) -> Result<(), ApiError> {
        let mut known = self.lock();
        if known.jobs.contains_key(&job.id) {
            return Err(ApiError::duplicate(format!(
                "Already Exists: Job {}:{}.{}",
                state.store.project_id(),
                state.store.location(),
                job.id
            )));
        }
        known.order.push_back(job.id.clone());
        known.jobs.insert(job.id.clone(), job);
        Ok(())
    }

    pub(crate) fn get(&self, state: &AppState, id: &str) -> Result<Arc<Job>, ApiError> {
        self.lock()
            .jobs
            .get(id)
            .cloned()
            .ok_or_else(|| ApiError::not_found(format!("Not found: Job {}:{}.{id}", state.store.project_id(), state.store.location())))
    }

    /// Newest first.
    pub(crate) fn all(&self) -> Vec<Arc<Job>> {
        let known = self.lock();
        known.order.iter().rev().filter_map(|id| known.jobs.get(id).cloned()).collect()
    }

    pub(crate) fn remove(&self, id: &str) {
        self.lock().forget(id);
    }

    /// Runs `start` unless the same request was made before; then its job is the answer.
    pub(crate) fn once(
        &self,
        request_id: &str,
        digest: [u8; 32],
        start: impl FnOnce() -> Result<Arc<Job>, ApiError>,
    ) -> Result<Arc<Job>, ApiError> {
        let earlier = {
            let known = self.lock();
            known.requests.get(request_id).filter(|(_, asked)| *asked == digest).and_then(|(id, _)| known.jobs.get(id).cloned())
        };
        if let Some(job) = earlier {
            return Ok(job);
        }
        let job = start()?;
        let mut known = self.lock();
        known.requests.insert(request_id.to_owned(), (job.id.clone(), digest));
        known.requests_of.entry(job.id.clone()).or_default().push(request_id.to_owned());
        drop(known);
        Ok(job)
    }

    /// The results behind the table that a job without a destination names.
    pub(crate) fn anonymous_table(&self, table_id: &str) -> Result<QueryResults, ApiError> {
        let job = table_id.strip_prefix(ANONYMOUS_PREFIX).and_then(|id| self.lock().jobs.get(id).cloned());
        match job.and_then(|j| j.outcome()) {
            Some(Ok(JobOutput { results: Some(results), .. })) => Ok(results),
            _ => Err(ApiError::not_found(format!("Not found: Table {table_id}"))),
        }
    }

    /// Counts the results of a job that has finished, and forgets the oldest finished jobs beyond the bounds.
    pub(crate) fn trim(&self, finished: &Job) {
        let mut known = self.lock();
        if known.jobs.contains_key(&finished.id) {
            known.bytes += finished.memory_bytes();
        }
        let mut i = 0;
        while i < known.order.len() {
            let within = known.order.len() <= MAX_JOBS && known.bytes <= MAX_RESULT_BYTES;
            // The newest stays whatever its size: its client has not read it yet.
            if within || i + 1 == known.order.len() {
                break;
            }
            let id = known.order[i].clone();
            match known.jobs.get(&id) {
                Some(job) if !job.is_done() => i += 1,
                Some(job) if known.order.len() <= MAX_JOBS && job.memory_bytes() == 0 => i += 1,
                _ => known.forget(&id),
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn forget(&mut self, id: &str) {
        if let Some(job) = self.jobs.remove(id) {
            self.bytes = self.bytes.saturating_sub(job.memory_bytes());
        }
        match self.order.front() {
            Some(oldest) if oldest == id => {
                self.order.pop_front();
            }
            _ => self.order.retain(|other| other != id),
        }
        for request in self.requests_of.remove(id).unwrap_or_default() {
            if self.requests.get(&request).is_some_and(|(job, _)| job == id) {
                self.requests.remove(&request);
            }
        }
    }
}
