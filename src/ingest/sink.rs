//! Where rows go. A seam, so that loaders and transforms run in tests without a warehouse.

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use serde_json::Value;

use super::IngestError;
use crate::catalog::Table;
use crate::warehouse::{Cell, Rows, Warehouse, WarehouseError, WriteDisposition};

const MOST_TEXTS: u32 = 10_000;
/// The label of sample data.
pub const SAMPLE: &str = "sample";
/// The label of tables that have simulated plays among their rows, and what such a table says of itself.
pub const SIMULATED: &str = "simulated";
pub const SIMULATED_DESCRIPTION: &str =
    "Holds simulated plays of `quaver simulate` among the real rows; users from 1,000,000,000 on are simulated";

/// What becomes of the rows that a table had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Write {
    Replace,
    Append,
}

/// How a table stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableState {
    /// Changes whenever the table does; empty when the warehouse does not say.
    pub version: String,
    pub rows: u64,
    /// Whether it is marked as sample data.
    pub sample: bool,
    /// Whether it is marked as holding simulated plays among the real ones.
    pub simulated: bool,
}

/// What ingesting needs of a warehouse.
#[async_trait]
pub trait Sink: Send + Sync {
    /// Makes the dataset if it is not there.
    async fn create_dataset(&self, dataset: &str) -> Result<(), IngestError>;
    /// Makes the table if it is not there; a label `sample` marks it as sample data.
    async fn create_table(&self, dataset: &str, table: &Table, sample: bool) -> Result<(), IngestError>;
    /// Deletes the table if it is there.
    async fn delete_table(&self, dataset: &str, table: &str) -> Result<(), IngestError>;
    /// Whether the table is there, and if so whether it is marked as sample data.
    async fn is_sample(&self, dataset: &str, table: &str) -> Result<Option<bool>, IngestError>;
    /// Says of a table that was sample data what the catalogue says of it, and no longer that it is sample data.
    async fn mark_real(&self, dataset: &str, table: &Table) -> Result<(), IngestError>;
    /// Marks the table as one that holds simulated plays among its rows, or takes the mark away.
    async fn mark_simulated(&self, dataset: &str, table: &Table, simulated: bool) -> Result<(), IngestError>;
    /// Loads gzipped newline-delimited JSON, all of it or nothing. Returns the number of rows that were taken.
    async fn load(&self, dataset: &str, table: &Table, body: Bytes, write: Write) -> Result<u64, IngestError>;
    /// Runs a SELECT and puts its rows into the table, at once when it succeeds.
    async fn select_into(&self, sql: &str, dataset: &str, table: &Table, write: Write) -> Result<(), IngestError>;
    /// Streams rows, each with an id under which it lands once however often it is sent: all of them or none.
    async fn insert(&self, dataset: &str, table: &Table, rows: Vec<(String, Value)>) -> Result<(), IngestError>;
    /// The single INT64 of a SELECT; NULL and no row are 0.
    async fn count(&self, sql: &str) -> Result<i64, IngestError>;
    /// How the table stands, if it is there.
    async fn state(&self, dataset: &str, table: &str) -> Result<Option<TableState>, IngestError>;
    /// The rows of a SELECT of STRING columns, a few thousand at most.
    async fn texts(&self, sql: &str) -> Result<Vec<Vec<Option<String>>>, IngestError>;
}

/// What loading files needs beyond that: their rows come as files, in parts that take their place together.
#[async_trait]
pub trait PartSink: Sink {
    /// Whether the warehouse is the embedded endpoint, on this machine.
    fn is_embedded(&self) -> bool;
    /// Makes a table that is to go by itself after a while.
    async fn create_passing_table(&self, dataset: &str, table: &Table, kept: Duration) -> Result<(), IngestError>;
    /// Loads a Parquet file, all of it or nothing. Returns the number of rows that were taken.
    async fn load_parquet(&self, dataset: &str, table: &Table, file: &Path, write: Write) -> Result<u64, IngestError>;
    /// Puts all rows of another table of the dataset in place of a table's, at once.
    async fn copy_table(&self, dataset: &str, from: &str, table: &Table) -> Result<(), IngestError>;
}

#[async_trait]
impl Sink for Warehouse {
    async fn create_dataset(&self, dataset: &str) -> Result<(), IngestError> {
        Ok(Warehouse::create_dataset(self, dataset).await?)
    }

    async fn create_table(&self, dataset: &str, table: &Table, sample: bool) -> Result<(), IngestError> {
        let labels: &[(&str, &str)] = if sample { &[(SAMPLE, "true")] } else { &[] };
        Ok(Warehouse::create_table(self, dataset, table, labels).await?)
    }

    async fn delete_table(&self, dataset: &str, table: &str) -> Result<(), IngestError> {
        Ok(Warehouse::delete_table(self, dataset, table).await?)
    }

    async fn is_sample(&self, dataset: &str, table: &str) -> Result<Option<bool>, IngestError> {
        Ok(self.table_info(dataset, table).await?.map(|info| info.is_labelled(SAMPLE)))
    }

    async fn mark_real(&self, dataset: &str, table: &Table) -> Result<(), IngestError> {
        Ok(self.describe_table(dataset, table, &[(SAMPLE, None)]).await?)
    }

    async fn mark_simulated(&self, dataset: &str, table: &Table, simulated: bool) -> Result<(), IngestError> {
        if !simulated {
            return Ok(self.describe_table(dataset, table, &[(SIMULATED, None)]).await?);
        }
        let described = Table { description: format!("{SIMULATED_DESCRIPTION}. {}", table.description), ..table.clone() };
        Ok(self.describe_table(dataset, &described, &[(SIMULATED, Some("true"))]).await?)
    }

    async fn load(&self, dataset: &str, table: &Table, body: Bytes, write: Write) -> Result<u64, IngestError> {
        Ok(self.load_ndjson(dataset, table, body, write.into()).await?)
    }

    async fn select_into(&self, sql: &str, dataset: &str, table: &Table, write: Write) -> Result<(), IngestError> {
        self.run_to_table(sql, dataset, table, write.into()).await?;
        Ok(())
    }

    async fn insert(&self, dataset: &str, table: &Table, rows: Vec<(String, Value)>) -> Result<(), IngestError> {
        Ok(self.insert_rows(dataset, table, rows).await?)
    }

    async fn count(&self, sql: &str) -> Result<i64, IngestError> {
        let Rows { rows, .. } = self.read_trusted(sql, 1).await?;
        match rows.first().and_then(|row| row.first()) {
            Some(Cell::Int64(count)) => Ok(*count),
            None | Some(Cell::Null) => Ok(0),
            Some(other) => Err(WarehouseError::Unreadable { message: format!("a count came as {other:?}") }.into()),
        }
    }

    async fn state(&self, dataset: &str, table: &str) -> Result<Option<TableState>, IngestError> {
        let info = self.table_info(dataset, table).await?;
        Ok(info.map(|info| TableState {
            rows: info.rows,
            sample: info.is_labelled(SAMPLE),
            simulated: info.is_labelled(SIMULATED),
            version: info.etag.unwrap_or_default(),
        }))
    }

    async fn texts(&self, sql: &str) -> Result<Vec<Vec<Option<String>>>, IngestError> {
        let Rows { rows, .. } = self.read_trusted(sql, MOST_TEXTS).await?;
        let text = |cell: Cell| match cell {
            Cell::Null => Ok(None),
            Cell::String(text) | Cell::Text(text) => Ok(Some(text)),
            other => Err(WarehouseError::Unreadable { message: format!("a text came as {other:?}") }.into()),
        };
        rows.into_iter().map(|row| row.into_iter().map(text).collect()).collect()
    }
}

#[async_trait]
impl PartSink for Warehouse {
    fn is_embedded(&self) -> bool {
        self.is_on_this_machine()
    }

    async fn create_passing_table(&self, dataset: &str, table: &Table, kept: Duration) -> Result<(), IngestError> {
        Ok(Warehouse::create_passing_table(self, dataset, table, kept).await?)
    }

    async fn load_parquet(&self, dataset: &str, table: &Table, file: &Path, write: Write) -> Result<u64, IngestError> {
        Ok(Warehouse::load_parquet(self, dataset, table, file, write.into()).await?)
    }

    async fn copy_table(&self, dataset: &str, from: &str, table: &Table) -> Result<(), IngestError> {
        Ok(Warehouse::copy_table(self, dataset, from, &table.name).await?)
    }
}

impl From<Write> for WriteDisposition {
    fn from(write: Write) -> Self {
        match write {
            Write::Replace => Self::Truncate,
            Write::Append => Self::Append,
        }
    }
}
