//! Tables and their content: what loading and transforming need. Questions never come here.

use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gcp_bigquery_client::model::clustering::Clustering;
use gcp_bigquery_client::model::dataset::Dataset;
use gcp_bigquery_client::model::field_type::FieldType;
use gcp_bigquery_client::model::job_configuration::JobConfiguration;
use gcp_bigquery_client::model::job_configuration_query::JobConfigurationQuery;
use gcp_bigquery_client::model::job_configuration_table_copy::JobConfigurationTableCopy;
use gcp_bigquery_client::model::table::Table as WireTable;
use gcp_bigquery_client::model::table_data_insert_all_request::TableDataInsertAllRequest;
use gcp_bigquery_client::model::table_field_schema::TableFieldSchema;
use gcp_bigquery_client::model::table_reference::TableReference;
use gcp_bigquery_client::model::table_schema::TableSchema;
use gcp_bigquery_client::model::time_partitioning::TimePartitioning;
use serde_json::json;

use super::rest::Access;
use super::retry::Deadline;
use super::rows::Rows;
use super::{Warehouse, WarehouseError};
use crate::catalog::{Column, ColumnType, Mode, PartitionUnit, Table};

/// A load or a transform may take this long; it reads whole files, not the answer to a question.
pub(super) const LONG: Duration = Duration::from_secs(3600);

/// What becomes of the rows that a table had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteDisposition {
    Truncate,
    Append,
}

impl WriteDisposition {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Truncate => "WRITE_TRUNCATE",
            Self::Append => "WRITE_APPEND",
        }
    }
}

/// What a table says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableInfo {
    pub name: String,
    pub description: String,
    pub rows: u64,
    pub bytes: u64,
    pub labels: HashMap<String, String>,
    /// Changes whenever the table does.
    pub etag: Option<String>,
}

impl TableInfo {
    /// Whether the table has the label with the value `true`.
    #[must_use]
    pub fn is_labelled(&self, label: &str) -> bool {
        self.labels.get(label).is_some_and(|value| value == "true")
    }
}

impl Warehouse {
    /// Makes a dataset if it is not there.
    ///
    /// # Errors
    /// What the warehouse says.
    pub async fn create_dataset(&self, dataset: &str) -> Result<(), WarehouseError> {
        let wire = Dataset::new(self.data_project(), dataset).location(&self.connection.location);
        let created = self.call(|| async { Ok(self.client.dataset().create(wire.clone()).await?) }).await;
        match created {
            Err(error) if !error.is_duplicate() => Err(error),
            _ => Ok(()),
        }
    }

    /// Whether a dataset is there.
    ///
    /// # Errors
    /// What the warehouse says.
    pub async fn dataset_exists(&self, dataset: &str) -> Result<bool, WarehouseError> {
        match self.call(|| async { Ok(self.reader.dataset().get(self.data_project(), dataset).await?) }).await {
            Ok(_) => Ok(true),
            Err(error) if error.is_not_found() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Makes a table if it is not there.
    ///
    /// # Errors
    /// What the warehouse says.
    pub async fn create_table(&self, dataset: &str, table: &Table, labels: &[(&str, &str)]) -> Result<(), WarehouseError> {
        self.create(labels.iter().fold(self.wire_table(dataset, table), |wire, (key, value)| wire.label(key, value))).await
    }

    /// Makes a table that goes by itself after a while.
    ///
    /// # Errors
    /// What the warehouse says.
    pub async fn create_passing_table(&self, dataset: &str, table: &Table, kept: Duration) -> Result<(), WarehouseError> {
        let expires = SystemTime::now() + kept;
        let expires = expires.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        self.create(WireTable { expiration_time: Some(expires.to_string()), ..self.wire_table(dataset, table) }).await
    }

    fn wire_table(&self, dataset: &str, table: &Table) -> WireTable {
        let schema = TableSchema::new(table.columns.iter().map(wire_field).collect());
        let mut wire = WireTable::new(self.data_project(), dataset, &table.name, schema).description(&table.description);
        if let Some(partitioning) = partitioning(table) {
            wire = wire.time_partitioning(partitioning);
        }
        if !table.clustered_by.is_empty() {
            wire = wire.clustering(Clustering { fields: Some(table.clustered_by.clone()) });
        }
        wire
    }

    async fn create(&self, wire: WireTable) -> Result<(), WarehouseError> {
        match self.call(|| async { Ok(self.client.table().create(wire.clone()).await?) }).await {
            Err(error) if !error.is_duplicate() => Err(error),
            _ => Ok(()),
        }
    }

    /// Gives a table a description and labels, and takes those labels from it that have no value.
    ///
    /// Sent without the client crate, whose labels are texts and cannot be the null that removes one.
    /// Source: <https://cloud.google.com/bigquery/docs/reference/rest/v2/tables/patch>,
    /// <https://cloud.google.com/bigquery/docs/deleting-labels>
    ///
    /// # Errors
    /// What the warehouse says.
    pub async fn describe_table(&self, dataset: &str, table: &Table, labels: &[(&str, Option<&str>)]) -> Result<(), WarehouseError> {
        let url = format!("{}/bigquery/v2/projects/{}/datasets/{dataset}/tables/{}", self.root, self.data_project(), table.name);
        let labels: serde_json::Map<_, _> = labels.iter().map(|(label, value)| ((*label).to_owned(), json!(value))).collect();
        let body = json!({ "description": table.description, "labels": labels });
        self.call(|| async {
            let request = self.http.patch(&url).json(&body);
            self.send(request, Access::Full).await.map(drop)
        })
        .await
    }

    /// Deletes a table; one that is not there is no error.
    ///
    /// # Errors
    /// What the warehouse says.
    pub async fn delete_table(&self, dataset: &str, table: &str) -> Result<(), WarehouseError> {
        match self.call(|| async { Ok(self.client.table().delete(self.data_project(), dataset, table).await?) }).await {
            Err(error) if !error.is_not_found() => Err(error),
            _ => Ok(()),
        }
    }

    /// What a table says of itself; `None` when it is not there.
    ///
    /// # Errors
    /// What the warehouse says.
    pub async fn table_info(&self, dataset: &str, table: &str) -> Result<Option<TableInfo>, WarehouseError> {
        match self.call(|| async { Ok(self.reader.table().get(self.data_project(), dataset, table, None).await?) }).await {
            Ok(wire) => Ok(Some(TableInfo {
                name: wire.table_reference.table_id,
                description: wire.description.unwrap_or_default(),
                rows: wire.num_rows.and_then(|n| n.parse().ok()).unwrap_or(0),
                bytes: wire.num_bytes.and_then(|n| n.parse().ok()).unwrap_or(0),
                labels: wire.labels.unwrap_or_default(),
                etag: wire.etag,
            })),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Puts all rows of another table of the dataset in place of a table's, at once.
    ///
    /// # Errors
    /// What the warehouse says.
    pub async fn copy_table(&self, dataset: &str, from: &str, table: &str) -> Result<(), WarehouseError> {
        let deadline = Deadline::after(LONG);
        let copy = JobConfigurationTableCopy {
            source_table: Some(TableReference::new(self.data_project(), dataset, from)),
            destination_table: Some(TableReference::new(self.data_project(), dataset, table)),
            create_disposition: Some("CREATE_IF_NEEDED".to_owned()),
            write_disposition: Some(WriteDisposition::Truncate.name().to_owned()),
            ..JobConfigurationTableCopy::default()
        };
        let configuration = JobConfiguration { copy: Some(copy), ..JobConfiguration::default() };
        self.finish(self.start(&configuration, deadline).await?, deadline).await.map(|_| ())
    }

    /// Streams rows, each with an id: one that is sent again within a minute is not inserted twice. All of them or none.
    /// Source: <https://cloud.google.com/bigquery/docs/reference/rest/v2/tabledata/insertAll>
    ///
    /// # Errors
    /// [`WarehouseError::Api`] when a row does not fit; else what the warehouse says.
    pub async fn insert_rows(&self, dataset: &str, table: &Table, rows: Vec<(String, serde_json::Value)>) -> Result<(), WarehouseError> {
        let mut request = TableDataInsertAllRequest::new();
        for (id, row) in rows {
            request.add_row(Some(id), row)?;
        }
        let (project, name) = (self.data_project(), table.name.as_str());
        let answer = self.call(|| async { Ok(self.client.tabledata().insert_all(project, dataset, name, request.clone()).await?) }).await?;
        let Some(first) = answer.insert_errors.unwrap_or_default().into_iter().next() else { return Ok(()) };
        let said = first.errors.unwrap_or_default().into_iter().find_map(|error| error.message).unwrap_or_default();
        let message = format!("row {} does not fit {dataset}.{name}: {said}", first.index.unwrap_or_default());
        Err(WarehouseError::api(400, "invalid", message))
    }

    /// Runs a SELECT of our own (a transform) into a table, which is replaced or extended at once when the query succeeds.
    ///
    /// # Errors
    /// What the warehouse says.
    pub async fn run_to_table(
        &self,
        sql: &str,
        dataset: &str,
        table: &Table,
        disposition: WriteDisposition,
    ) -> Result<u64, WarehouseError> {
        let deadline = Deadline::after(LONG);
        let configuration = JobConfigurationQuery {
            destination_table: Some(TableReference::new(self.data_project(), dataset, &table.name)),
            write_disposition: Some(disposition.name().to_owned()),
            create_disposition: Some("CREATE_IF_NEEDED".to_owned()),
            time_partitioning: partitioning(table),
            clustering: (!table.clustered_by.is_empty()).then(|| Clustering { fields: Some(table.clustered_by.clone()) }),
            ..self.google_sql(sql)
        };
        let configuration = JobConfiguration { query: Some(configuration), ..JobConfiguration::default() };
        let job = self.finish_query(self.start(&configuration, deadline).await?, deadline).await?;
        Ok(job.statistics.total_bytes_processed.unwrap_or(0))
    }

    /// Rows of a SELECT of our own: data tests and counts. Never for SQL that a question or a user gave.
    ///
    /// # Errors
    /// What the warehouse says.
    pub async fn read_trusted(&self, sql: &str, max_rows: u32) -> Result<Rows, WarehouseError> {
        let deadline = Deadline::after(LONG);
        let configuration = JobConfiguration { query: Some(self.google_sql(sql)), ..JobConfiguration::default() };
        let job = self.start(&configuration, deadline).await?;
        Ok(self.results(job, max_rows, deadline).await?.rows)
    }

    async fn call<T, F, Fut>(&self, operation: F) -> Result<T, WarehouseError>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T, WarehouseError>>,
    {
        self.retry(Deadline::after(self.connection.query_timeout), operation).await
    }
}

fn partitioning(table: &Table) -> Option<TimePartitioning> {
    let unit = match table.partitioned_per {
        PartitionUnit::Day => TimePartitioning::per_day(),
        PartitionUnit::Month => TimePartitioning::per_month(),
    };
    table.partitioned_by.as_ref().map(|column| unit.field(column))
}

pub(super) fn wire_field(column: &Column) -> TableFieldSchema {
    let field_type = match column.column_type {
        ColumnType::String | ColumnType::Range => FieldType::String,
        ColumnType::Bytes => FieldType::Bytes,
        ColumnType::Int64 => FieldType::Integer,
        ColumnType::Float64 => FieldType::Float,
        ColumnType::Bool => FieldType::Boolean,
        ColumnType::Timestamp => FieldType::Timestamp,
        ColumnType::Date => FieldType::Date,
        ColumnType::Time => FieldType::Time,
        ColumnType::Datetime => FieldType::Datetime,
        ColumnType::Numeric => FieldType::Numeric,
        ColumnType::Bignumeric => FieldType::Bignumeric,
        ColumnType::Json => FieldType::Json,
        ColumnType::Geography => FieldType::Geography,
        ColumnType::Interval => FieldType::Interval,
        ColumnType::Struct => FieldType::Record,
    };
    let mut field = TableFieldSchema::new(&column.name, field_type);
    field.description = (!column.description.is_empty()).then(|| column.description.clone());
    field.mode = Some(
        match column.mode {
            Mode::Nullable => "NULLABLE",
            Mode::Required => "REQUIRED",
            Mode::Repeated => "REPEATED",
        }
        .to_owned(),
    );
    field.fields = (!column.fields.is_empty()).then(|| column.fields.iter().map(wire_field).collect());
    field
}
