//! What the warehouse holds: tables, columns, and what they mean. Pure data, no IO beyond what is embedded at build time.

mod embedded;
pub mod key;
mod render;
pub mod semantics;

use serde::{Deserialize, Serialize};

pub use key::artist_key;
pub use semantics::{Join, Semantics, ValueColumn, ValueKind};

/// The tables of one dataset that questions may read.
#[derive(Debug, Clone)]
pub struct Catalog {
    /// The dataset that every table of the catalogue lives in, `music` unless configured.
    pub dataset: String,
    pub tables: Vec<Table>,
}

/// A table of the catalogue.
#[derive(Debug, Clone, Serialize)]
pub struct Table {
    pub name: String,
    pub description: String,
    pub columns: Vec<Column>,
    /// Column that the table is partitioned on.
    pub partitioned_by: Option<String>,
    /// How long a partition is.
    #[serde(skip)]
    pub partitioned_per: PartitionUnit,
    pub clustered_by: Vec<String>,
}

/// The time that a partition holds. BigQuery keeps at most 10,000 partitions of a table and writes at most 4,000 in a job, so that what
/// goes back for decades is not partitioned by day.
/// Source: <https://cloud.google.com/bigquery/quotas#partitioned_tables>
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PartitionUnit {
    #[default]
    Day,
    Month,
}

/// A column of a table, or a field of a STRUCT column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    pub name: String,
    #[serde(rename = "type")]
    pub column_type: ColumnType,
    #[serde(default)]
    pub mode: Mode,
    #[serde(default)]
    pub description: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Column>,
}

/// GoogleSQL types. Legacy names (INTEGER, FLOAT, BOOLEAN, RECORD) are read too.
/// Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/data-types>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ColumnType {
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
    Range,
    #[serde(alias = "RECORD")]
    Struct,
}

/// Whether a column may be null or holds many values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Mode {
    #[default]
    Nullable,
    Required,
    Repeated,
}

impl Catalog {
    /// The table of that name, in any case.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name.eq_ignore_ascii_case(name))
    }
}

impl Table {
    /// The column of that name, in any case, as BigQuery compares them.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }
}

impl ColumnType {
    /// The GoogleSQL name.
    #[must_use]
    pub fn name(self) -> &'static str {
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
