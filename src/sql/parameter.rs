//! Query parameters: how a value that a user named reaches BigQuery. Never as SQL text.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use crate::catalog::ColumnType;

/// A named query parameter, `@name` in the SQL.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Parameter {
    pub name: String,
    pub value: ParameterValue,
}

/// A typed parameter value.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum ParameterValue {
    Int64(i64),
    Float64(f64),
    Bool(bool),
    String(String),
    Date(NaiveDate),
    Timestamp(DateTime<Utc>),
    StringArray(Vec<String>),
    Int64Array(Vec<i64>),
}

impl ParameterValue {
    /// The GoogleSQL type of the value, or of its elements where it is an array.
    #[must_use]
    pub fn element_type(&self) -> ColumnType {
        match self {
            Self::Int64(_) | Self::Int64Array(_) => ColumnType::Int64,
            Self::Float64(_) => ColumnType::Float64,
            Self::Bool(_) => ColumnType::Bool,
            Self::String(_) | Self::StringArray(_) => ColumnType::String,
            Self::Date(_) => ColumnType::Date,
            Self::Timestamp(_) => ColumnType::Timestamp,
        }
    }

    /// Whether the value is an array.
    #[must_use]
    pub fn is_array(&self) -> bool {
        matches!(self, Self::StringArray(_) | Self::Int64Array(_))
    }
}
