//! What comes in: a question, or SQL that a person wrote.

use serde::Deserialize;
use utoipa::ToSchema;

use super::{AskError, Language};

/// A question and how it is to be answered.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskRequest {
    /// In plain English or French.
    pub question: String,
    /// Detected when it is not given.
    #[serde(default)]
    pub language: Option<Language>,
    /// Rows wanted; the rest is counted, not sent.
    #[serde(default)]
    pub max_rows: Option<u32>,
    /// False: only write and check the SQL, and estimate what it would read.
    #[serde(default = "yes")]
    pub execute: bool,
    /// Any name of the client's own, of at most 64 characters: a question may then follow up on those that were asked before under the
    /// same name, such as "and in France?".
    #[serde(default)]
    pub conversation_id: Option<String>,
    /// Bytes that the query may read at most; the service's own cap holds in any case.
    #[serde(default)]
    pub max_bytes: Option<u64>,
    /// Name of the key that the request came with.
    #[serde(skip)]
    pub key: Option<String>,
}

const MAX_CONVERSATION_ID_CHARS: usize = 64;

fn yes() -> bool {
    true
}

impl AskRequest {
    /// A question with nothing else said.
    #[must_use]
    pub fn new(question: impl Into<String>) -> Self {
        Self { question: question.into(), language: None, max_rows: None, execute: true, conversation_id: None, max_bytes: None, key: None }
    }

    /// The name of the conversation, if there is one.
    pub(super) fn checked_conversation(&self) -> Result<Option<&str>, AskError> {
        match self.conversation_id.as_deref() {
            Some(id) if id.trim().is_empty() || id.chars().count() > MAX_CONVERSATION_ID_CHARS => Err(AskError::Malformed {
                message: format!("`conversation_id` must have from 1 to {MAX_CONVERSATION_ID_CHARS} characters"),
            }),
            id => Ok(id),
        }
    }

    /// The question without the white space around it.
    pub(super) fn checked_question(&self, max_chars: usize) -> Result<&str, AskError> {
        let question = self.question.trim();
        let malformed = |message: String| Err(AskError::Malformed { message });
        if question.is_empty() {
            return malformed("`question` is empty".to_owned());
        }
        let chars = question.chars().count();
        if chars > max_chars {
            return malformed(format!("`question` has {chars} characters; at most {max_chars} are read"));
        }
        if question.chars().any(|c| c.is_control() && !c.is_whitespace()) {
            return malformed("`question` has control characters".to_owned());
        }
        Ok(question)
    }
}

/// SQL that a person wrote; it passes the same checks and caps as a model's.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SqlRequest {
    pub sql: String,
    #[serde(default)]
    pub max_rows: Option<u32>,
    /// Bytes that the query may read at most; the service's own cap holds in any case.
    #[serde(default)]
    pub max_bytes: Option<u64>,
    /// Name of the key that the request came with.
    #[serde(skip)]
    pub key: Option<String>,
}

/// The rows to bring: what was asked for, within the limit, or the default.
pub(super) fn checked_rows(asked: Option<u32>, default: u32, most: u32) -> Result<u32, AskError> {
    match asked {
        None => Ok(default),
        Some(rows) if (1..=most).contains(&rows) => Ok(rows),
        Some(rows) => Err(AskError::Malformed { message: format!("`max_rows` is {rows}; it must be from 1 to {most}") }),
    }
}
