//! Trying again, within bounds: exponential backoff with full jitter, a number of tries and a deadline.
//!
//! Source: "Exponential Backoff And Jitter", <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>, and
//! BigQuery's service level agreement, which asks clients to back off.

use std::future::Future;
use std::time::Duration;

use rand::Rng;
use tokio::time::Instant;

use super::WarehouseError;
use super::auth::TokenSource;

/// How often and for how long.
#[derive(Debug, Clone, Copy)]
pub struct RetryPolicy {
    pub max_retries: u32,
    pub first_pause: Duration,
    pub longest_pause: Duration,
}

impl RetryPolicy {
    /// The pause before retry `attempt` (from 0): anything up to `first_pause * 2^attempt`.
    #[must_use]
    pub fn pause(&self, attempt: u32) -> Duration {
        let ceiling = self.first_pause.saturating_mul(2u32.saturating_pow(attempt)).min(self.longest_pause);
        ceiling.mul_f64(rand::rng().random::<f64>())
    }
}

/// Runs `operation` until it succeeds, fails for good, or tries or time run out. The last error is returned, or
/// [`WarehouseError::DeadlineExceeded`] when it is time that ran out. A token that is refused is replaced, once.
pub(super) async fn retry<T, F, Fut>(
    policy: RetryPolicy,
    deadline: Deadline,
    tokens: &TokenSource,
    mut operation: F,
) -> Result<T, WarehouseError>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, WarehouseError>>,
{
    let mut attempt = 0;
    let mut renewed = false;
    loop {
        let error = match deadline.limit(operation()).await {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(error)) => error,
            Err(passed) => return Err(passed),
        };
        if error.is_unauthorized() && !renewed {
            renewed = true;
            tracing::debug!(%error, "trying the warehouse again with a new token");
            deadline.limit(tokens.refused(Instant::now())).await?;
            continue;
        }
        if !error.is_retryable() || attempt >= policy.max_retries {
            return Err(error);
        }
        let pause = policy.pause(attempt).max(error.retry_after().unwrap_or_default());
        if deadline.remaining() <= pause {
            return Err(error);
        }
        tracing::debug!(%error, attempt, pause_ms = pause.as_millis(), "trying the warehouse again");
        tokio::time::sleep(pause).await;
        attempt += 1;
    }
}

/// When a whole operation must be over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline {
    at: Instant,
    after: Duration,
}

impl Deadline {
    pub(super) fn after(after: Duration) -> Self {
        Self { at: Instant::now() + after, after }
    }

    /// The earlier of this one and another that begins now.
    pub(super) fn or_after(self, after: Duration) -> Self {
        if self.remaining() <= after { self } else { Self::after(after) }
    }

    pub(super) fn remaining(&self) -> Duration {
        self.at.saturating_duration_since(Instant::now())
    }

    /// The future's output, or [`WarehouseError::DeadlineExceeded`].
    pub(super) async fn limit<F: Future>(&self, future: F) -> Result<F::Output, WarehouseError> {
        tokio::time::timeout_at(self.at, future).await.map_err(|_| WarehouseError::DeadlineExceeded { after: self.after })
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    const POLICY: RetryPolicy =
        RetryPolicy { max_retries: 3, first_pause: Duration::from_millis(1), longest_pause: Duration::from_millis(4) };

    fn api(code: u16, reason: &str) -> WarehouseError {
        WarehouseError::api(code, reason, "")
    }

    async fn calls_until(errors: Vec<WarehouseError>) -> (Result<(), WarehouseError>, usize) {
        let calls = Cell::new(0);
        let result = retry(POLICY, Deadline::after(Duration::from_secs(60)), &TokenSource::anonymous(), || {
            let outcome = errors.get(calls.get()).cloned().map_or(Ok(()), Err);
            calls.set(calls.get() + 1);
            async move { outcome }
        })
        .await;
        (result, calls.get())
    }

    #[tokio::test]
    async fn retries_what_may_pass_and_nothing_else() {
        assert_eq!(calls_until(vec![api(503, "backendError"), api(403, "rateLimitExceeded")]).await, (Ok(()), 3));
        assert_eq!(calls_until(vec![api(400, "invalidQuery")]).await, (Err(api(400, "invalidQuery")), 1));
        assert_eq!(calls_until(vec![api(403, "accessDenied")]).await, (Err(api(403, "accessDenied")), 1));
        assert_eq!(calls_until(vec![api(500, "internalError"); 9]).await, (Err(api(500, "internalError")), 4));
        assert_eq!(calls_until(vec![api(401, "authError")]).await, (Ok(()), 2));
        assert_eq!(calls_until(vec![api(401, "authError"); 9]).await, (Err(api(401, "authError")), 2));
    }

    #[tokio::test]
    async fn a_server_that_wants_to_be_left_alone_is_within_the_time_there_is() {
        let busy = |seconds| WarehouseError::Api {
            code: 429,
            reason: String::new(),
            message: String::new(),
            retry_after: Some(Duration::from_secs(seconds)),
        };
        assert_eq!(calls_until(vec![busy(0)]).await, (Ok(()), 2));
        assert_eq!(calls_until(vec![busy(61)]).await, (Err(busy(61)), 1));
    }

    #[test]
    fn pauses_have_full_jitter_below_a_ceiling_that_doubles() {
        let policy = RetryPolicy { max_retries: 9, first_pause: Duration::from_millis(100), longest_pause: Duration::from_millis(500) };
        for (attempt, ceiling) in [(0, 100), (1, 200), (2, 400), (3, 500), (8, 500), (40, 500)] {
            let pauses: Vec<Duration> = (0..400).map(|_| policy.pause(attempt)).collect();
            let ceiling = Duration::from_millis(ceiling);
            assert!(pauses.iter().all(|pause| *pause <= ceiling), "attempt {attempt}");
            assert!(pauses.iter().any(|pause| *pause < ceiling / 5), "attempt {attempt}: no short pause in 400");
            assert!(pauses.iter().any(|pause| *pause > ceiling * 4 / 5), "attempt {attempt}: no long pause in 400");
        }
    }

    #[tokio::test]
    async fn a_request_that_hangs_ends_at_the_deadline() {
        let after = Duration::from_millis(50);
        let result: Result<(), _> = retry(POLICY, Deadline::after(after), &TokenSource::anonymous(), std::future::pending).await;
        assert_eq!(result, Err(WarehouseError::DeadlineExceeded { after }));
    }
}
