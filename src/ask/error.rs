//! Why there is no answer. Each variant is one problem of the API; `message` fields of failures are for the log, not for clients.

use serde::Serialize;
use utoipa::ToSchema;

use super::AnswerParameter;
use super::ledger::Limit;
use crate::model::ModelError;
use crate::sql::SqlError;
use crate::warehouse::WarehouseError;

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AskError {
    /// The request itself is wrong; the message is for the client.
    #[error("{message}")]
    Malformed { message: String },
    /// No SQL answers the question, or not one alone; `choices` are what an ambiguous one may mean.
    #[error("the question cannot be answered: {reason}")]
    Unanswerable { reason: UnanswerableReason, suggestions: Vec<String>, choices: Vec<Reading> },
    /// SQL that a person wrote, or that BigQuery refused. Line and column are from 1.
    #[error("the SQL was refused: {reason}")]
    SqlRejected { reason: String, line: Option<u64>, column: Option<u64>, sql: String },
    /// It would read more bytes than the cap, or than what is left of the day's; `retry_after_s` is when a new day begins.
    #[error("{}", too_expensive(*.estimate, *.cap, *.limit))]
    TooExpensive { estimate: u64, cap: u64, limit: Limit, retry_after_s: Option<u32> },
    #[error("too many questions at one time")]
    Overloaded { retry_after_s: u32 },
    #[error("the warehouse failed: {message}")]
    WarehouseFailed { message: String },
    #[error("the model is still being loaded")]
    ModelLoading,
    #[error("the model failed: {message}")]
    ModelFailed { message: String },
    /// The caps of the day cannot be kept to, so nothing runs.
    #[error("the account of the day cannot be kept: {message}")]
    LedgerFailed { message: String },
    #[error("{stage} took too long")]
    Timeout { stage: &'static str },
}

/// Why a question was turned away. Clients decide by its name in snake case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnanswerableReason {
    /// The model says that the tables do not hold it.
    #[error("the data does not hold what the question asks for")]
    NotInTheData,
    /// The model wrote nothing that is valid for these tables.
    #[error("no valid query was found for it")]
    NoValidQuery,
    /// A query was found, but it is too likely to be wrong.
    #[error("it was not understood well enough")]
    NotUnderstood,
    /// It may mean two things; the problem has them as `choices`.
    #[error("it may mean more than one thing")]
    Ambiguous,
    /// It is SQL, or has a statement in it that would change, run or reveal something.
    #[error("it is a command, not a question")]
    Unsafe,
}

/// One of the things that a question may mean.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Reading {
    /// In words of the question's language.
    pub understood: String,
    pub sql: String,
    pub parameters: Vec<AnswerParameter>,
}

/// Seconds until a busy model or warehouse is worth asking again.
const RETRY_AFTER_MODEL_S: u32 = 2;
const RETRY_AFTER_WAREHOUSE_S: u32 = 30;

impl From<ModelError> for AskError {
    fn from(error: ModelError) -> Self {
        match error {
            ModelError::Overloaded => Self::Overloaded { retry_after_s: RETRY_AFTER_MODEL_S },
            ModelError::PromptTooLong { .. } => Self::Malformed { message: "`question` is too long for the model".to_owned() },
            ModelError::Failed { message } => Self::ModelFailed { message },
        }
    }
}

impl AskError {
    /// SQL that the validator refused.
    pub(super) fn rejected(error: &SqlError, sql: &str) -> Self {
        let at = error.position();
        Self::SqlRejected { reason: error.to_string(), line: at.map(|at| at.line), column: at.map(|at| at.column), sql: sql.to_owned() }
    }

    fn over(estimate: u64, cap: u64) -> Self {
        Self::TooExpensive { estimate, cap, limit: Limit::Request, retry_after_s: None }
    }

    /// What the warehouse said of a query; `sql` is what it was given.
    pub(super) fn of_warehouse(error: WarehouseError, sql: &str, cap: u64) -> Self {
        match error {
            WarehouseError::TooExpensive { estimate, cap } => Self::over(estimate, cap),
            WarehouseError::DeadlineExceeded { .. } => Self::Timeout { stage: "the query" },
            WarehouseError::Api { ref reason, .. } | WarehouseError::Job { ref reason, .. } if reason == "bytesBilledLimitExceeded" => {
                Self::over(cap.saturating_add(1), cap)
            }
            WarehouseError::Api { code: 429, .. } => Self::Overloaded { retry_after_s: retry_after_s(&error) },
            WarehouseError::Api { ref reason, .. } | WarehouseError::Job { ref reason, .. }
                if matches!(reason.as_str(), "quotaExceeded" | "rateLimitExceeded" | "jobRateLimitExceeded") =>
            {
                Self::Overloaded { retry_after_s: retry_after_s(&error) }
            }
            WarehouseError::Api { ref message, .. } | WarehouseError::Job { ref message, .. } if is_query_fault(&error) => {
                let (line, column) = position(message).unzip();
                Self::SqlRejected { reason: message.clone(), line, column, sql: sql.to_owned() }
            }
            other => Self::WarehouseFailed { message: other.to_string() },
        }
    }
}

/// Whether the statement, not the service, is at fault.
/// Source: <https://cloud.google.com/bigquery/docs/error-messages>
pub(super) fn is_query_fault(error: &WarehouseError) -> bool {
    match error {
        WarehouseError::Api { code: 400, reason, .. } | WarehouseError::Job { reason, .. } => {
            // The last stands for an error without `errors`: of what is sent, the statement alone varies.
            matches!(reason.as_str(), "invalidQuery" | "invalid" | "INVALID_ARGUMENT")
        }
        WarehouseError::Unexpected { .. } => true,
        _ => false,
    }
}

fn too_expensive(estimate: u64, cap: u64, limit: Limit) -> String {
    match limit {
        Limit::Request => format!("the query would read {estimate} bytes, the cap is {cap}"),
        Limit::Key => format!("the query would read {estimate} bytes and may be billed more; {cap} are left to this key today (UTC)"),
        Limit::Day => format!("the query would read {estimate} bytes and may be billed more; {cap} are left of today's (UTC)"),
    }
}

/// What the warehouse asked for, in whole seconds; else a guess.
fn retry_after_s(error: &WarehouseError) -> u32 {
    error.retry_after().map_or(RETRY_AFTER_WAREHOUSE_S, |after| u32::try_from(after.as_secs().max(1)).unwrap_or(u32::MAX))
}

/// BigQuery ends its messages with the place, `at [3:14]`.
fn position(message: &str) -> Option<(u64, u64)> {
    let (_, place) = message.rsplit_once("at [")?;
    let (line, column) = place.split_once(']')?.0.split_once(':')?;
    Some((line.parse().ok()?, column.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_the_warehouse_says_becomes_what_a_client_can_act_on() {
        let check = |error: WarehouseError, expected: AskError| assert_eq!(AskError::of_warehouse(error, "SELECT 1", 10), expected);
        let api = |code: u16, reason: &str, message: &str| WarehouseError::api(code, reason, message);
        check(
            api(400, "invalidQuery", "division by zero: 1 / 0 at [1:8]"),
            AskError::SqlRejected {
                reason: "division by zero: 1 / 0 at [1:8]".to_owned(),
                line: Some(1),
                column: Some(8),
                sql: "SELECT 1".to_owned(),
            },
        );
        check(api(403, "rateLimitExceeded", ""), AskError::Overloaded { retry_after_s: 30 });
        check(api(429, "unknown", ""), AskError::Overloaded { retry_after_s: 30 });
        let wait = Some(Duration::from_secs(7));
        let busy = WarehouseError::Api { code: 429, reason: "unknown".to_owned(), message: String::new(), retry_after: wait };
        check(busy, AskError::Overloaded { retry_after_s: 7 });
        check(api(400, "bytesBilledLimitExceeded", ""), AskError::over(11, 10));
        check(WarehouseError::TooExpensive { estimate: 50, cap: 10 }, AskError::over(50, 10));
        check(WarehouseError::DeadlineExceeded { after: Duration::from_secs(1) }, AskError::Timeout { stage: "the query" });
        let failed = AskError::of_warehouse(api(500, "backendError", "x"), "SELECT 1", 10);
        assert!(matches!(failed, AskError::WarehouseFailed { .. }), "{failed:?}");
    }
}
