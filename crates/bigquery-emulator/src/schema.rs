//! Names and types of BigQuery: references, schemas, fields. Shared by every layer; no IO and no DataFusion here.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/rest/v2/tables#TableSchema>

use std::fmt;

use serde::{Deserialize, Serialize};

/// A dataset, `project.dataset`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DatasetRef {
    pub project_id: String,
    pub dataset_id: String,
}

/// A table, `project.dataset.table`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TableRef {
    pub project_id: String,
    pub dataset_id: String,
    pub table_id: String,
}

impl fmt::Display for TableRef {
    /// The form of BigQuery's own messages, `project:dataset.table`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}.{}", self.project_id, self.dataset_id, self.table_id)
    }
}

/// The type of a field. Legacy names (INTEGER, FLOAT, BOOLEAN, RECORD) are read as well; what is written is up to `rest`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum FieldType {
    String,
    Bytes,
    #[serde(alias = "INTEGER")]
    Int64,
    #[serde(alias = "FLOAT")]
    Float64,
    #[serde(alias = "BOOLEAN")]
    Bool,
    Timestamp,
    Date,
    Time,
    Datetime,
    Numeric,
    Bignumeric,
    Json,
    Geography,
    Interval,
    /// A RANGE; `fields` holds one field, whose type is that of the ends.
    Range,
    #[serde(alias = "RECORD")]
    Struct,
}

impl FieldType {
    /// The name of GoogleSQL; the REST API has others for some (`wire_schema`).
    pub(crate) const fn sql_name(self) -> &'static str {
        match self {
            Self::String => "STRING",
            Self::Bytes => "BYTES",
            Self::Int64 => "INT64",
            Self::Float64 => "FLOAT64",
            Self::Bool => "BOOL",
            Self::Timestamp => "TIMESTAMP",
            Self::Date => "DATE",
            Self::Time => "TIME",
            Self::Datetime => "DATETIME",
            Self::Numeric => "NUMERIC",
            Self::Bignumeric => "BIGNUMERIC",
            Self::Json => "JSON",
            Self::Geography => "GEOGRAPHY",
            Self::Interval => "INTERVAL",
            Self::Range => "RANGE",
            Self::Struct => "STRUCT",
        }
    }
}

/// Whether a field may be null or holds many values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Mode {
    #[default]
    Nullable,
    Required,
    Repeated,
}

/// One field of a schema; `fields` is filled for [`FieldType::Struct`] and [`FieldType::Range`] alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Field {
    pub name: String,
    #[serde(rename = "type")]
    pub field_type: FieldType,
    #[serde(default)]
    pub mode: Mode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(default, skip_serializing_if = "Limits::are_none")]
    pub limits: Limits,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
}

/// What a field takes beyond its type, and what it has where a row says nothing of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// Of a STRING in characters, of BYTES in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u64>,
    /// The digits of a NUMERIC or BIGNUMERIC, those behind the point included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<u32>,
    /// The digits behind the point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<u32>,
    /// A GoogleSQL expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_value: Option<String>,
}

impl Limits {
    fn are_none(&self) -> bool {
        *self == Self::default()
    }
}

/// The fields of a table or of a result, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableSchema {
    #[serde(default)]
    pub fields: Vec<Field>,
}
