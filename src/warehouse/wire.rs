//! Answers about jobs, as far as they are read. Numbers of 64 bits come as texts.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/rest/v2/Job>,
//! <https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs/getQueryResults>

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use gcp_bigquery_client::model::table_row::TableRow;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Job {
    pub(super) status: JobStatus,
    pub(super) statistics: JobStatistics,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct JobStatus {
    /// `PENDING`, `RUNNING` or `DONE`.
    pub(super) state: Option<String>,
    pub(super) error_result: Option<Failure>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Failure {
    pub(super) reason: Option<String>,
    pub(super) message: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct JobStatistics {
    #[serde(deserialize_with = "number")]
    pub(super) total_bytes_processed: Option<u64>,
    pub(super) load: Option<LoadStatistics>,
    pub(super) query: Option<QueryStatistics>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct LoadStatistics {
    #[serde(deserialize_with = "number")]
    pub(super) output_rows: Option<u64>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct QueryStatistics {
    pub(super) statement_type: String,
    pub(super) referenced_tables: Vec<TableName>,
    pub(super) referenced_routines: Vec<RoutineName>,
    #[serde(deserialize_with = "number")]
    pub(super) total_bytes_processed: Option<u64>,
    pub(super) total_bytes_processed_accuracy: Option<String>,
    #[serde(deserialize_with = "number")]
    pub(super) total_bytes_billed: Option<u64>,
    pub(super) schema: Option<Schema>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct TableName {
    pub(super) project_id: String,
    pub(super) dataset_id: String,
    pub(super) table_id: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RoutineName {
    pub(super) dataset_id: String,
    pub(super) routine_id: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Schema {
    pub(super) fields: Option<Vec<SchemaField>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct SchemaField {
    pub(super) name: String,
    /// A text, so that a type which is new is told by its name.
    #[serde(rename = "type")]
    pub(super) field_type: String,
    pub(super) mode: Option<String>,
    pub(super) fields: Option<Vec<Self>>,
}

/// A page of rows, or word that there is none yet.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Page {
    pub(super) job_complete: Option<bool>,
    pub(super) errors: Option<Vec<Failure>>,
    pub(super) schema: Option<Schema>,
    #[serde(deserialize_with = "number")]
    pub(super) total_rows: Option<u64>,
    pub(super) page_token: Option<String>,
    pub(super) rows: Option<Vec<TableRow>>,
    #[serde(deserialize_with = "number")]
    pub(super) total_bytes_processed: Option<u64>,
    pub(super) cache_hit: Option<bool>,
}

/// A text, as documented, or the number that some gateways make of it.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::String(text) => text.parse().map(Some).map_err(serde::de::Error::custom),
        Value::Number(number) => number.as_u64().map(Some).ok_or_else(|| serde::de::Error::custom("not a count")),
        _ => Err(serde::de::Error::custom("not a count")),
    }
}
