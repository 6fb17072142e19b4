//! RFC 9457 problem documents: the one mapping from what went wrong to HTTP.

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::ask::ledger::Limit;
use crate::ask::{AskError, Reading, UnanswerableReason};

pub(super) const MEDIA_TYPE: &str = "application/problem+json";

/// Which problem it is. Clients decide by this; the other members are for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// 400: the request is not what the API documents.
    Malformed,
    /// 401: the service wants a key, and this is none of its.
    Unauthorized,
    /// 404: no such answer, table or path.
    NotFound,
    /// 405: the path exists, the method does not.
    MethodNotAllowed,
    /// 413: the body is larger than the server reads.
    TooLarge,
    /// 415: the body is not declared as JSON.
    UnsupportedMediaType,
    /// 422: no query answers the question; `reason` says why, `suggestions` are questions that have an answer, and `choices` what an
    /// `ambiguous` one may mean.
    Unanswerable,
    /// 422: the SQL is not one permitted SELECT; `line` and `column` say where.
    SqlRejected,
    /// 422: it would read more than the cap, or than what is left of the day's; `estimate` and `cap` are bytes, `limit` says which cap,
    /// and `retry_after_s` when a new day begins.
    TooExpensive,
    /// 429: ask again after the seconds of `Retry-After`.
    Overloaded,
    /// 500: a fault of this service.
    Internal,
    /// 502: the warehouse failed or cannot be reached.
    WarehouseFailed,
    /// 503: the model is not loaded yet.
    ModelLoading,
    /// 503: the service is stopping.
    Unavailable,
    /// 504: it took longer than a request may.
    Timeout,
}

impl Code {
    /// The HTTP status that goes with the code.
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self {
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Unanswerable | Self::SqlRejected | Self::TooExpensive => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Overloaded => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::WarehouseFailed => StatusCode::BAD_GATEWAY,
            Self::ModelLoading | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Timeout => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Unauthorized => "unauthorized",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::TooLarge => "too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::Unanswerable => "unanswerable",
            Self::SqlRejected => "sql_rejected",
            Self::TooExpensive => "too_expensive",
            Self::Overloaded => "overloaded",
            Self::Internal => "internal",
            Self::WarehouseFailed => "warehouse_failed",
            Self::ModelLoading => "model_loading",
            Self::Unavailable => "unavailable",
            Self::Timeout => "timeout",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Malformed => "The request is malformed",
            Self::Unauthorized => "A key is needed",
            Self::NotFound => "Not found",
            Self::MethodNotAllowed => "The method is not allowed here",
            Self::TooLarge => "The body is too large",
            Self::UnsupportedMediaType => "The body must be JSON",
            Self::Unanswerable => "The question cannot be answered",
            Self::SqlRejected => "The SQL was rejected",
            Self::TooExpensive => "The query would read too much",
            Self::Overloaded => "Too many requests at one time",
            Self::Internal => "Something went wrong here",
            Self::WarehouseFailed => "The warehouse failed",
            Self::ModelLoading => "The model is still loading",
            Self::Unavailable => "The service is stopping",
            Self::Timeout => "It took too long",
        }
    }
}

/// A problem document (RFC 9457).
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Problem {
    /// A name of the kind of problem: `urn:quaver:problem:` and the code.
    #[serde(rename = "type")]
    problem_type: String,
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What is wrong with this request.
    detail: String,
    code: Code,
    #[serde(flatten)]
    members: Box<ProblemMembers>,
}

/// ProblemMembers that some codes have.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
struct ProblemMembers {
    /// Why a question is `unanswerable`.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<UnanswerableReason>,
    /// What an `ambiguous` question may mean.
    #[serde(skip_serializing_if = "Option::is_none")]
    choices: Option<Vec<Reading>>,
    /// What may be asked (or named) instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    suggestions: Option<Vec<String>>,
    /// Where in the SQL, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    /// Where in the SQL, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u64>,
    /// The SQL that was rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    sql: Option<String>,
    /// Bytes that the query would read.
    #[serde(skip_serializing_if = "Option::is_none")]
    estimate: Option<u64>,
    /// Bytes that a query may read, or that are left.
    #[serde(skip_serializing_if = "Option::is_none")]
    cap: Option<u64>,
    /// Whose cap that is: the request's, the key's for a day, or the day's.
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<Limit>,
    /// Seconds after which it is worth asking again; also the `Retry-After` header.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_s: Option<u32>,
}

impl Problem {
    /// A problem with nothing but a code and what is wrong.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            problem_type: format!("urn:quaver:problem:{}", code.name()),
            title: code.title(),
            status: code.status().as_u16(),
            detail: detail.into(),
            code,
            members: Box::default(),
        }
    }

    fn with(code: Code, detail: impl Into<String>, members: ProblemMembers) -> Self {
        Self { members: Box::new(members), ..Self::new(code, detail) }
    }

    pub(super) fn with_suggestions(mut self, suggestions: Vec<String>) -> Self {
        self.members.suggestions = Some(suggestions);
        self
    }

    pub(super) fn retry_after(mut self, seconds: u32) -> Self {
        self.members.retry_after_s = Some(seconds);
        self
    }

    /// Which problem it is.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }
}

/// The messages of failures are logged here and go no further.
impl From<AskError> for Problem {
    fn from(error: AskError) -> Self {
        let detail = error.to_string();
        match error {
            AskError::Malformed { message } => Self::new(Code::Malformed, message),
            AskError::Unanswerable { reason, suggestions, choices } => Self::with(
                Code::Unanswerable,
                reason.to_string(),
                ProblemMembers {
                    reason: Some(reason),
                    suggestions: Some(suggestions),
                    choices: (!choices.is_empty()).then_some(choices),
                    ..ProblemMembers::default()
                },
            ),
            AskError::SqlRejected { reason, line, column, sql } => {
                Self::with(Code::SqlRejected, reason, ProblemMembers { line, column, sql: Some(sql), ..ProblemMembers::default() })
            }
            AskError::TooExpensive { estimate, cap, limit, retry_after_s } => Self::with(
                Code::TooExpensive,
                detail,
                ProblemMembers { estimate: Some(estimate), cap: Some(cap), limit: Some(limit), retry_after_s, ..ProblemMembers::default() },
            ),
            AskError::LedgerFailed { message } => {
                tracing::error!(error = %message, "the account of the day cannot be kept");
                Self::new(Code::Internal, "what questions cost cannot be kept account of, so none is run")
            }
            AskError::Overloaded { retry_after_s } => Self::new(Code::Overloaded, detail).retry_after(retry_after_s),
            AskError::WarehouseFailed { message } => {
                tracing::warn!(error = %message, "warehouse failed");
                Self::new(Code::WarehouseFailed, "the warehouse could not run the query; try again in a moment")
            }
            AskError::ModelLoading => {
                Self::new(Code::ModelLoading, "the model is still being loaded; try again in a moment").retry_after(2)
            }
            AskError::ModelFailed { message } => {
                tracing::error!(error = %message, "model failed");
                Self::new(Code::Internal, "the model could not read the question")
            }
            AskError::Timeout { .. } => Self::new(Code::Timeout, detail),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let retry_after_s = self.members.retry_after_s;
        let body = serde_json::to_vec(&self).expect("a problem has nothing that JSON lacks");
        let mut response = (self.code.status(), body).into_response();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if self.code == Code::Unauthorized {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = retry_after_s {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
