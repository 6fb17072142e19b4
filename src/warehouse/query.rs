//! Questions: the dry run that proves a query harmless and affordable, and the run itself.

use std::collections::HashMap;
use std::time::Duration;

use gcp_bigquery_client::model::connection_property::ConnectionProperty;
use gcp_bigquery_client::model::job_configuration::JobConfiguration;
use gcp_bigquery_client::model::job_configuration_query::JobConfigurationQuery;
use gcp_bigquery_client::model::query_parameter::QueryParameter;
use gcp_bigquery_client::model::query_parameter_type::QueryParameterType;
use gcp_bigquery_client::model::query_parameter_value::QueryParameterValue;
use serde::Serialize;

use super::job::JobOutcome;
use super::retry::Deadline;
use super::rows::{Field, Rows};
use super::{Warehouse, WarehouseError, decode};
use crate::catalog::ColumnType;
use crate::sql::{Parameter, ParameterValue, ReadOnlyQuery};

/// BigQuery refuses a `maximumBytesBilled` below this. Source: <https://cloud.google.com/bigquery/docs/best-practices-costs>
pub const SMALLEST_BYTES_CAP: u64 = 10 * 1024 * 1024;

/// How often a job that failed for a reason that passes is run anew.
const JOB_RETRIES: u32 = 2;

/// What a query may cost and bring.
#[derive(Debug, Clone)]
pub struct RunOptions {
    pub max_rows: u32,
    pub max_bytes_billed: u64,
    /// From the insertion of the job to its last row; the job is cancelled when it passes.
    pub timeout: Duration,
    /// Labels of the job: keys and values of at most 63 lower-case characters.
    pub labels: Vec<(String, String)>,
}

/// What BigQuery says of a query without running it.
#[derive(Debug, Clone, PartialEq)]
pub struct DryRun {
    pub statement_type: String,
    /// Tables that would be read, as `dataset.table`.
    pub tables: Vec<String>,
    pub bytes_processed: u64,
    /// What `bytes_processed` is.
    pub accuracy: Accuracy,
    pub fields: Vec<Field>,
}

/// How near an estimate is to what will be read.
/// Source: <https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#JobStatistics2>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Accuracy {
    Precise,
    /// At most so much, as for clustered tables.
    UpperBound,
    /// At least so much.
    LowerBound,
    Unknown,
}

impl Accuracy {
    fn of(name: Option<&str>) -> Self {
        match name {
            Some("PRECISE") => Self::Precise,
            Some("UPPER_BOUND") => Self::UpperBound,
            Some("LOWER_BOUND") => Self::LowerBound,
            _ => Self::Unknown,
        }
    }

    /// Whether the query will read no more than the estimate.
    #[must_use]
    pub fn is_bound(self) -> bool {
        matches!(self, Self::Precise | Self::UpperBound)
    }
}

/// The outcome of a query that ran.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryOutcome {
    pub rows: Rows,
    pub bytes_processed: u64,
    /// What is paid for: rounded up, and nothing for what was in the cache. `None`: it could not be learnt.
    pub bytes_billed: Option<u64>,
    pub cache_hit: bool,
    pub job_id: String,
}

impl Warehouse {
    /// Asks BigQuery what the query would do, and refuses one that is not a SELECT of the tables it was validated for.
    ///
    /// # Errors
    /// [`WarehouseError::Unexpected`] for such a query; else what the warehouse says.
    pub async fn dry_run(&self, query: &ReadOnlyQuery) -> Result<DryRun, WarehouseError> {
        let configuration = JobConfiguration { query: Some(self.query_configuration(query)), ..JobConfiguration::default() };
        let job = self.dry(configuration, Deadline::after(self.connection.query_timeout)).await?;
        let details = job.statistics.query.unwrap_or_default();
        if details.statement_type != "SELECT" {
            return Err(WarehouseError::Unexpected {
                found: format!("a statement of type {:?}", details.statement_type),
                expected: "SELECT".to_owned(),
            });
        }
        let mut tables = Vec::new();
        for table in details.referenced_tables {
            let expected = table.project_id == self.data_project()
                && table.dataset_id == self.connection.dataset
                && query.tables().contains(&table.table_id);
            if !expected {
                let found = format!("a read of {}.{}.{}", table.project_id, table.dataset_id, table.table_id);
                return Err(WarehouseError::Unexpected { found, expected: format!("reads of {} alone", query.tables().join(", ")) });
            }
            tables.push(format!("{}.{}", table.dataset_id, table.table_id));
        }
        if let Some(routine) = details.referenced_routines.first() {
            let found = format!("a call of {}.{}", routine.dataset_id, routine.routine_id);
            return Err(WarehouseError::Unexpected { found, expected: "built-in functions alone".to_owned() });
        }
        // Without an estimate nothing is proved of the cost.
        let Some(bytes_processed) = details.total_bytes_processed.or(job.statistics.total_bytes_processed) else {
            return Err(WarehouseError::Unreadable { message: "a dry run without totalBytesProcessed".to_owned() });
        };
        let accuracy = Accuracy::of(details.total_bytes_processed_accuracy.as_deref());
        let fields = decode::fields(details.schema.and_then(|schema| schema.fields).as_deref().unwrap_or_default())?;
        Ok(DryRun { statement_type: details.statement_type, tables, bytes_processed, accuracy, fields })
    }

    /// Runs the query and reads at most `max_rows` of its rows. Dropping the future cancels the job. A job that fails for a reason
    /// which passes is run anew, as a new one.
    ///
    /// # Errors
    /// [`WarehouseError::DeadlineExceeded`] after `timeout`; else what the warehouse says.
    pub async fn run(&self, query: &ReadOnlyQuery, options: &RunOptions) -> Result<QueryOutcome, WarehouseError> {
        let deadline = Deadline::after(options.timeout);
        let mut configuration = self.query_configuration(query);
        configuration.maximum_bytes_billed = Some(options.max_bytes_billed.max(SMALLEST_BYTES_CAP).to_string());
        let configuration = JobConfiguration {
            query: Some(configuration),
            labels: Some(options.labels.iter().cloned().collect::<HashMap<_, _>>()),
            job_timeout_ms: Some(options.timeout.as_millis().to_string()),
            ..JobConfiguration::default()
        };
        let mut attempt = 0;
        loop {
            let failed = match self.run_once(&configuration, options.max_rows, deadline).await {
                Err(error @ WarehouseError::Job { .. }) if error.is_retryable() && attempt < JOB_RETRIES => error,
                // The warehouse was told the same deadline, and may be the first to see it pass.
                Err(error) if is_timed_out(&error) => return Err(WarehouseError::DeadlineExceeded { after: options.timeout }),
                ended => return ended,
            };
            let pause = self.retry_policy.pause(attempt);
            if deadline.remaining() <= pause {
                return Err(failed);
            }
            tracing::debug!(error = %failed, attempt, pause_ms = pause.as_millis(), "running a job anew");
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }

    async fn run_once(&self, configuration: &JobConfiguration, max_rows: u32, deadline: Deadline) -> Result<QueryOutcome, WarehouseError> {
        let job = self.start(configuration, deadline).await?;
        let job_id = job.id().to_owned();
        let JobOutcome { rows, bytes_processed, cache_hit } = self.results(job, max_rows, deadline).await?;
        // Source: <https://cloud.google.com/bigquery/docs/cached-results>
        let bytes_billed = if cache_hit { Some(0) } else { self.billed(&job_id, deadline).await };
        Ok(QueryOutcome { rows, bytes_processed, bytes_billed, cache_hit, job_id })
    }

    fn query_configuration(&self, query: &ReadOnlyQuery) -> JobConfigurationQuery {
        JobConfigurationQuery {
            parameter_mode: (!query.parameters().is_empty()).then(|| "NAMED".to_owned()),
            query_parameters: (!query.parameters().is_empty()).then(|| query.parameters().iter().map(wire_parameter).collect()),
            ..self.google_sql(query.sql())
        }
    }

    /// A statement whose tables are named `dataset.table` and belong to the project that owns the data.
    /// Source: <https://cloud.google.com/bigquery/docs/reference/rest/v2/ConnectionProperty>
    pub(super) fn google_sql(&self, sql: &str) -> JobConfigurationQuery {
        let elsewhere = (self.data_project() != self.project()).then(|| {
            let (key, value) = ("dataset_project_id".to_owned(), self.data_project().to_owned());
            vec![ConnectionProperty { key, value }]
        });
        JobConfigurationQuery {
            query: sql.to_owned(),
            use_legacy_sql: Some(false),
            connection_properties: elsewhere,
            ..JobConfigurationQuery::default()
        }
    }
}

/// Whether a job was stopped since it ran longer than its `jobTimeoutMs`; one that somebody cancelled was stopped as well.
/// Source: <https://cloud.google.com/bigquery/docs/error-messages>
fn is_timed_out(error: &WarehouseError) -> bool {
    match error {
        WarehouseError::Api { reason, message, .. } | WarehouseError::Job { reason, message, .. } => {
            reason == "stopped" && message.contains("timed out")
        }
        _ => false,
    }
}

/// Source: <https://cloud.google.com/bigquery/docs/reference/rest/v2/QueryParameter>
fn wire_parameter(parameter: &Parameter) -> QueryParameter {
    let name = type_name(parameter.value.element_type()).to_owned();
    let element = QueryParameterType { array_type: None, struct_types: None, r#type: name };
    let (parameter_type, value) = match &parameter.value {
        ParameterValue::StringArray(items) => (array(element), array_value(items)),
        ParameterValue::Int64Array(items) => (array(element), array_value(items)),
        ParameterValue::Int64(value) => (element, scalar(value)),
        ParameterValue::Float64(value) => (element, scalar(value)),
        ParameterValue::Bool(value) => (element, scalar(value)),
        ParameterValue::String(value) => (element, scalar(value)),
        ParameterValue::Date(value) => (element, scalar(value)),
        ParameterValue::Timestamp(value) => (element, scalar(value.format("%Y-%m-%d %H:%M:%S%.6f+00:00"))),
    };
    QueryParameter { name: Some(parameter.name.clone()), parameter_type: Some(parameter_type), parameter_value: Some(value) }
}

fn array(element: QueryParameterType) -> QueryParameterType {
    QueryParameterType { array_type: Some(Box::new(element)), struct_types: None, r#type: "ARRAY".to_owned() }
}

fn array_value<T: std::fmt::Display>(items: &[T]) -> QueryParameterValue {
    QueryParameterValue { array_values: Some(items.iter().map(scalar).collect()), struct_values: None, value: None }
}

fn scalar(value: impl ToString) -> QueryParameterValue {
    QueryParameterValue { array_values: None, struct_values: None, value: Some(value.to_string()) }
}

fn type_name(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::Int64 => "INT64",
        ColumnType::Float64 => "FLOAT64",
        ColumnType::Bool => "BOOL",
        ColumnType::Date => "DATE",
        ColumnType::Timestamp => "TIMESTAMP",
        // Every other kind of parameter travels as text; `ParameterValue` has none.
        _ => "STRING",
    }
}
