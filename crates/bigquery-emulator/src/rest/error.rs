//! Errors as BigQuery reports them: one envelope, one mapping from reasons to HTTP codes.
//!
//! Source: <https://cloud.google.com/bigquery/docs/error-messages>

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::engine::{QueryError, Reason};
use crate::load::LoadError;
use crate::store::StoreError;

const DISK_FULL: &str = "The disk that holds the tables is full; nothing was changed.";

/// An error with BigQuery's `reason`.
#[derive(Debug, Clone)]
pub(crate) struct ApiError {
    pub(crate) code: u16,
    pub(crate) reason: &'static str,
    pub(crate) message: String,
    /// What `errors[].location` names: the query, a field, a header.
    pub(crate) location: Option<(String, &'static str)>,
    /// Further errors of a job, each in the form of `status.errors[]`.
    pub(crate) details: Vec<Value>,
}

impl ApiError {
    pub(crate) fn new(code: u16, reason: &'static str, message: impl Into<String>) -> Self {
        Self { code, reason, message: message.into(), location: None, details: Vec::new() }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "invalid", message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(404, "notFound", message)
    }

    pub(crate) fn duplicate(message: impl Into<String>) -> Self {
        Self::new(409, "duplicate", message)
    }

    /// What this endpoint cannot do, by name.
    pub(crate) fn not_implemented(what: impl std::fmt::Display) -> Self {
        Self::new(501, "notImplemented", format!("{what} is not supported by the embedded endpoint"))
    }

    pub(crate) fn internal() -> Self {
        Self::new(500, "internalError", "An internal error occurred and the request could not be completed.")
    }

    pub(crate) fn cancelled() -> Self {
        Self::new(499, "stopped", "Job execution was cancelled: User requested cancellation")
    }

    /// An error about a parameter of the request.
    pub(crate) fn at_parameter(mut self, name: &str) -> Self {
        self.location = Some((name.to_owned(), "parameter"));
        self
    }

    pub(crate) fn store(error: StoreError) -> Self {
        let message = error.to_string();
        match error {
            StoreError::DatasetNotFound(_) | StoreError::TableNotFound(_) => Self::not_found(message),
            StoreError::DatasetExists(_) | StoreError::TableExists(_) => Self::duplicate(message),
            StoreError::DatasetInUse(_) => Self::new(400, "resourceInUse", message),
            StoreError::PreconditionFailed => {
                let mut error = Self::new(412, "conditionNotMet", message);
                error.location = Some(("If-Match".into(), "header"));
                error
            }
            StoreError::Invalid(_) => Self::invalid(message),
            ref full if full.is_full() => {
                tracing::error!(error = %message, "the disk is full");
                Self::new(400, "resourcesExceeded", DISK_FULL)
            }
            StoreError::Io { .. } | StoreError::Parquet { .. } | StoreError::Metadata { .. } => {
                // Paths and system messages are for the log.
                tracing::error!(error = %message, "the store failed");
                Self::internal()
            }
        }
    }

    pub(crate) fn query(error: QueryError) -> Self {
        let (code, reason) = match error.reason {
            Reason::InvalidQuery => (400, "invalidQuery"),
            Reason::NotFound => (404, "notFound"),
            Reason::AccessDenied => (403, "accessDenied"),
            Reason::NotImplemented => (501, "notImplemented"),
            Reason::ResourcesExceeded => (400, "resourcesExceeded"),
            Reason::InternalError => (500, "internalError"),
        };
        let mut api = Self::new(code, reason, error.message);
        if error.reason == Reason::InvalidQuery {
            api.location = Some(("q".into(), "parameter"));
        }
        api
    }

    pub(crate) fn load(error: LoadError) -> Self {
        let message = error.to_string();
        match error {
            LoadError::TooManyBadRows { errors, .. } => {
                let mut api = Self::invalid(message);
                api.details = errors
                    .into_iter()
                    .map(|e| {
                        let place = if e.location.is_empty() { String::new() } else { format!("; Field: {}", e.location) };
                        json!({
                            "reason": "invalid",
                            "message": format!("Error while reading data, error message: {}; Row: {}{place}", e.message, e.row),
                        })
                    })
                    .collect();
                api
            }
            LoadError::Unreadable(_) | LoadError::Schema(_) => Self::invalid(message),
            LoadError::NotSupported(_) => Self::new(501, "notImplemented", message),
            LoadError::Cancelled => Self::cancelled(),
            LoadError::Store(error) => Self::store(error),
        }
    }

    /// The `ErrorProto` of a job's status.
    pub(crate) fn proto(&self) -> Value {
        let mut proto = Map::new();
        proto.insert("reason".into(), self.reason.into());
        if let Some((location, kind)) = &self.location {
            let location = if *kind == "parameter" && location == "q" { "query" } else { location };
            proto.insert("location".into(), location.into());
        }
        proto.insert("message".into(), self.message.clone().into());
        Value::Object(proto)
    }

    /// `status.errors[]` of a failed job.
    pub(crate) fn protos(&self) -> Vec<Value> {
        let mut all = vec![self.proto()];
        all.extend(self.details.iter().cloned());
        all
    }

    fn body(&self) -> Value {
        let mut item = Map::new();
        item.insert("message".into(), self.message.clone().into());
        item.insert("domain".into(), "global".into());
        item.insert("reason".into(), self.reason.into());
        if let Some((location, kind)) = &self.location {
            item.insert("location".into(), location.clone().into());
            item.insert("locationType".into(), (*kind).into());
        }
        json!({
            "error": {
                "code": self.code,
                "message": self.message,
                "errors": [item],
                "status": self.status(),
            }
        })
    }

    fn status(&self) -> &'static str {
        match self.code {
            401 => "UNAUTHENTICATED",
            403 => "PERMISSION_DENIED",
            404 => "NOT_FOUND",
            405 | 501 => "UNIMPLEMENTED",
            409 => "ALREADY_EXISTS",
            412 => "FAILED_PRECONDITION",
            499 => "CANCELLED",
            500 => "INTERNAL",
            503 => "UNAVAILABLE",
            _ => "INVALID_ARGUMENT",
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if status.is_server_error() && self.code != 501 {
            tracing::error!(code = self.code, reason = self.reason, message = %self.message, "request failed");
        } else {
            tracing::debug!(code = self.code, reason = self.reason, message = %self.message, "request refused");
        }
        (status, Json(self.body())).into_response()
    }
}
