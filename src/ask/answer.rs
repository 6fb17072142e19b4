//! What comes out: the contract's answer.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::summary::Summary;
use super::{Language, Signals};
use crate::catalog::{ColumnType, Mode};
use crate::warehouse::Accuracy;

/// An answer: rows, what they say, and the SQL they come from.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Answer {
    /// Sorts by time (UUID version 7).
    pub id: String,
    /// Absent for SQL that a person wrote.
    pub question: Option<String>,
    /// What was understood, in words of the answer's language: the SQL told back, whole. Absent for SQL that a person wrote.
    pub understood: Option<String>,
    pub language: Language,
    /// The statement that ran, values as named parameters.
    pub sql: String,
    pub parameters: Vec<AnswerParameter>,
    pub columns: Vec<AnswerColumn>,
    /// Objects by column name. INT64 beyond 2^53 and NUMERIC are strings, so that no reader rounds them.
    #[schema(value_type = Vec<Object>)]
    pub rows: Vec<Map<String, Value>>,
    /// Rows of the whole result, of which `rows` may be the first part.
    pub row_count: u64,
    /// Whether `rows` is only the first part.
    pub truncated: bool,
    pub summary: Summary,
    /// A Vega-Lite version 5 specification with its data, where the result's shape has one.
    #[schema(value_type = Option<Object>)]
    pub chart: Option<Value>,
    pub cost: Cost,
    /// Absent for SQL that a person wrote.
    pub model: Option<AnswerModel>,
    pub timings_ms: Timings,
    pub warnings: Vec<String>,
    pub created_at: DateTime<Utc>,
    /// Whether the rows are simulated sample data.
    pub sample: bool,
}

/// A value that travelled beside the SQL.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AnswerParameter {
    pub name: String,
    /// GoogleSQL type, such as `INT64` or `ARRAY<STRING>`.
    #[serde(rename = "type")]
    pub parameter_type: String,
    #[schema(value_type = Object)]
    pub value: Value,
}

/// A column of the rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AnswerColumn {
    /// Unique in an answer.
    pub name: String,
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    pub column_type: ColumnType,
    #[schema(value_type = String)]
    pub mode: Mode,
}

/// What the query read and was billed, in bytes, and what it was allowed to.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Cost {
    /// What the dry run said, before anything ran.
    pub bytes_estimated: u64,
    /// `precise`; `upper_bound` or `lower_bound`; or `unknown`.
    #[schema(value_type = String)]
    pub estimate_accuracy: Accuracy,
    /// The estimate, where the query was not run.
    pub bytes_processed: u64,
    /// Rounded up as BigQuery does; 0 for what was in its cache. Absent where the query was not run, or the warehouse did not say.
    pub bytes_billed: Option<u64>,
    /// The most that the query might have read.
    pub bytes_cap: u64,
    pub cache_hit: bool,
    /// Of the bytes billed, at the rate that is configured. Absent on the embedded endpoint, which costs nothing.
    pub price: Option<Price>,
}

/// An amount of money.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Price {
    pub amount: f64,
    /// Such as `USD`.
    pub currency: String,
}

/// Which model wrote the SQL.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AnswerModel {
    pub name: String,
    pub revision: String,
    /// From 0 to 1: how likely the answer is right, measured on questions that the model was not trained on where its card says so.
    pub confidence: f64,
    /// What the confidence is made of.
    #[serde(skip)]
    pub signals: Signals,
}

/// Milliseconds that each stage took, in the order of the stages; a stage that was not needed is absent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, ToSchema)]
pub struct Timings {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validate: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dry_run: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summarise: Option<f64>,
    pub total: f64,
}

impl Timings {
    /// Name and milliseconds of the stages that ran, `total` last.
    pub fn stages(&self) -> impl Iterator<Item = (&'static str, f64)> {
        [
            ("link", self.link),
            ("model", self.model),
            ("validate", self.validate),
            ("dry_run", self.dry_run),
            ("query", self.query),
            ("summarise", self.summarise),
            ("total", Some(self.total)),
        ]
        .into_iter()
        .filter_map(|(name, ms)| Some((name, ms?)))
    }
}

/// What SQL would read, for `/v1/sql/validate`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SqlReport {
    /// The statement printed from its syntax tree.
    pub sql: String,
    pub statement_type: String,
    pub tables: Vec<String>,
    /// As `table.column`. `COUNT(*)` reads none.
    pub columns_read: Vec<String>,
    pub columns: Vec<AnswerColumn>,
    pub bytes_processed: u64,
    /// How near that is: `precise`; `upper_bound` or `lower_bound`; or `unknown`.
    #[schema(value_type = String)]
    pub estimate_accuracy: Accuracy,
    pub bytes_cap: u64,
    pub within_cap: bool,
}

/// How far a question is, for clients that stream.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub enum Stage {
    /// The values that were found in the question.
    Linked {
        values: Vec<LinkedValue>,
    },
    Generated {
        sql: String,
        confidence: f64,
    },
    Validated {
        tables: Vec<String>,
    },
    Estimated {
        bytes_processed: u64,
    },
    Rows {
        row_count: u64,
    },
    Summarised,
}

impl Stage {
    /// The event's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Linked { .. } => "linked",
            Self::Generated { .. } => "generated",
            Self::Validated { .. } => "validated",
            Self::Estimated { .. } => "estimated",
            Self::Rows { .. } => "rows",
            Self::Summarised => "summarised",
        }
    }
}

/// A value found in a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LinkedValue {
    /// As the user wrote it.
    pub text: String,
    /// What it may be, such as `artist`.
    pub kinds: Vec<String>,
}
