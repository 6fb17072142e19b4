//! Why the warehouse gave nothing, in terms that callers can act on.
//!
//! Reasons and codes: <https://cloud.google.com/bigquery/docs/error-messages>

use std::time::Duration;

use gcp_bigquery_client::error::BQError;

use crate::catalog::ColumnType;

/// An error of the warehouse or on the way to it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum WarehouseError {
    /// BigQuery answered with its error envelope.
    #[error("the warehouse answered {code} {reason}: {message}")]
    Api { code: u16, reason: String, message: String },
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
            Self::Api { code, reason, .. } => matches!(code, 429 | 500 | 502 | 503 | 504) || RETRYABLE_REASONS.contains(&reason.as_str()),
            Self::Job { reason, .. } => RETRYABLE_REASONS.contains(&reason.as_str()),
            Self::Unreadable { .. } | Self::Unreachable { .. } => true,
            _ => false,
        }
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

    /// The reason and message of a job's `errorResult`.
    pub(super) fn of_job(job_id: &str, reason: Option<String>, message: Option<String>) -> Self {
        let reason = reason.unwrap_or_else(|| "unknown".to_owned());
        let message = message.unwrap_or_else(|| "no message".to_owned());
        Self::Job { job_id: job_id.to_owned(), reason, message }
    }
}

/// The client crate keeps neither the status nor the headers of an error that is not BigQuery's envelope (an HTML page, an
/// envelope without `errors`): such an answer is [`WarehouseError::Unreadable`] whatever its status, and is tried again. For the same
/// reason `Retry-After` cannot be honoured.
impl From<BQError> for WarehouseError {
    fn from(error: BQError) -> Self {
        match error {
            BQError::ResponseError { error } => {
                let nested = error.error;
                let reason = nested.errors.first().and_then(|e| e.get("reason").cloned()).unwrap_or(nested.status);
                Self::Api { code: u16::try_from(nested.code).unwrap_or(500), reason, message: nested.message }
            }
            BQError::RequestError(error) => error.into(),
            // The token server could not be reached; it may be in a moment (a pod's metadata server at start-up).
            BQError::YupAuthError(cause @ (yup_oauth2::Error::HttpError(_) | yup_oauth2::Error::HttpClientError(_))) => {
                Self::Unreachable { message: format!("token server: {cause}") }
            }
            BQError::NoToken | BQError::AuthError(_) | BQError::YupAuthError(_) => Self::Authentication { message: error.to_string() },
            BQError::InvalidServiceAccountKey(_)
            | BQError::InvalidServiceAccountAuthenticator(_)
            | BQError::InvalidApplicationDefaultCredentialsAuthenticator(_)
            | BQError::InvalidAuthorizedUserAuthenticator(_)
            | BQError::InvalidInstalledFlowAuthenticator(_) => Self::Authentication { message: error.to_string() },
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
