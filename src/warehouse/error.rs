//! Why the warehouse gave nothing, in terms that callers can act on.
//!
//! Reasons and codes: <https://cloud.google.com/bigquery/docs/error-messages>

use std::time::Duration;

use gcp_bigquery_client::error::BQError;
use serde_json::Value;

use crate::catalog::ColumnType;

/// An error of the warehouse or on the way to it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum WarehouseError {
    /// BigQuery answered with its error envelope.
    #[error("the warehouse answered {code} {reason}: {message}")]
    Api {
        code: u16,
        reason: String,
        message: String,
        /// For so long it wants to be left alone.
        retry_after: Option<Duration>,
    },
    /// A job ended with an error.
    #[error("job {job_id} failed, {reason}: {message}")]
    Job { job_id: String, reason: String, message: String },
    /// The answer was not what the REST reference documents (an HTML page of a proxy, a body cut short).
    #[error("the warehouse gave an unreadable answer: {message}")]
    Unreadable { message: String },
    /// No connection, or it broke.
    #[error("the warehouse cannot be reached: {message}")]
    Unreachable { message: String },
    /// Credentials are missing, malformed or refused by the token server.
    #[error("no credentials for the warehouse: {message}")]
    Authentication { message: String },
    /// Our own deadline passed; the job was cancelled.
    #[error("the query took longer than {} ms and was cancelled", .after.as_millis())]
    DeadlineExceeded { after: Duration },
    /// A cell does not fit the type that the schema gives it.
    #[error("column {column} holds {value:?}, which is not {expected:?}")]
    Cell { column: String, value: String, expected: ColumnType },
    /// The statement would read more than it may.
    #[error("the query would read {estimate} bytes, the cap is {cap}")]
    TooExpensive { estimate: u64, cap: u64 },
    /// The dry run reported something other than a read of the expected tables.
    #[error("the dry run reports {found}, expected {expected}")]
    Unexpected { found: String, expected: String },
}

/// Reasons that BigQuery's clients retry. Source: the retry predicates of Google's Python and Rust clients.
const RETRYABLE_REASONS: [&str; 8] = [
    "backendError",
    "badGateway",
    "internalError",
    "jobBackendError",
    "jobInternalError",
    "jobRateLimitExceeded",
    "rateLimitExceeded",
    "tableUnavailable",
];

impl WarehouseError {
    /// Whether the same request may succeed when sent again.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Api { code, reason, .. } => {
                matches!(code, 408 | 429 | 500 | 502 | 503 | 504) || RETRYABLE_REASONS.contains(&reason.as_str())
            }
            Self::Job { reason, .. } => RETRYABLE_REASONS.contains(&reason.as_str()),
            Self::Unreadable { .. } | Self::Unreachable { .. } => true,
            _ => false,
        }
    }

    /// Whether the token was not accepted: a new one may be.
    #[must_use]
    pub fn is_unauthorized(&self) -> bool {
        matches!(self, Self::Api { code: 401, .. })
    }

    /// For how long the server wants to be left alone.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Api { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Whether a job that was inserted is not there: it is not yet, wherever the question came to.
    pub(super) fn is_job_missing(&self) -> bool {
        matches!(self, Self::Api { code: 404, message, .. } if message.contains("Not found: Job"))
    }

    /// Whether the server refused the request for good: there is nothing that it may be doing for us.
    pub(super) fn is_refusal(&self) -> bool {
        matches!(self, Self::Api { .. }) && !self.is_retryable()
    }

    /// Whether the named thing does not exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Api { code: 404, .. })
    }

    /// Whether the named thing exists already.
    #[must_use]
    pub fn is_duplicate(&self) -> bool {
        matches!(self, Self::Api { code: 409, .. })
    }

    /// An error of the API, without a word about when to come back.
    #[must_use]
    pub fn api(code: u16, reason: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Api { code, reason: reason.into(), message: message.into(), retry_after: None }
    }

    /// An answer that is an error, by its status; its body may be BigQuery's, with or without `errors`, or anything at all.
    pub(super) fn of_answer(status: u16, retry_after: Option<Duration>, body: &str) -> Self {
        let answer: Value = serde_json::from_str(body).unwrap_or_default();
        let error = &answer["error"];
        let reason = error["errors"][0]["reason"].as_str().or(error["status"].as_str()).unwrap_or("unknown").to_owned();
        let message = error["message"].as_str().unwrap_or("an answer without an error message").to_owned();
        Self::Api { code: status, reason, message, retry_after }
    }

    /// The reason and message of a job's `errorResult`.
    pub(super) fn of_job(job_id: &str, reason: Option<String>, message: Option<String>) -> Self {
        let reason = reason.unwrap_or_else(|| "unknown".to_owned());
        let message = message.unwrap_or_else(|| "no message".to_owned());
        Self::Job { job_id: job_id.to_owned(), reason, message }
    }
}

/// Of what is asked through the client crate: tables and datasets. It keeps neither the status nor the headers of an error that is not BigQuery's envelope (an HTML page, an
/// envelope without `errors`): such an answer is [`WarehouseError::Unreadable`] whatever its status, and is tried again. For the same
/// reason `Retry-After` cannot be honoured.
impl From<BQError> for WarehouseError {
    fn from(error: BQError) -> Self {
        match error {
            BQError::ResponseError { error } => {
                let nested = error.error;
                let reason = nested.errors.first().and_then(|e| e.get("reason").cloned()).unwrap_or(nested.status);
                Self::api(u16::try_from(nested.code).unwrap_or(500), reason, nested.message)
            }
            BQError::RequestError(error) => error.into(),
            // What `auth::Scoped` makes of our own errors.
            BQError::InvalidServiceAccountKey(cause) => Self::Authentication { message: cause.to_string() },
            BQError::ConnectionPoolError(message) => Self::Unreachable { message },
            other => Self::Unreadable { message: other.to_string() },
        }
    }
}

impl From<reqwest::Error> for WarehouseError {
    fn from(error: reqwest::Error) -> Self {
        // The address may carry a project's name, but no secret; reqwest prints no headers.
        let message = std::iter::successors(Some(&error as &dyn std::error::Error), |e| e.source())
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(": ");
        if error.is_decode() { Self::Unreadable { message } } else { Self::Unreachable { message } }
    }
}
