//! A sink that keeps rows in memory, for tests of what is sent. It runs no SQL but the forms that loads use: to keep the rows of
//! other sources, and to count those of a part.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use flate2::read::GzDecoder;
use serde_json::Value;

use super::sink::TableState;
use super::{IngestError, PartSink, Sink, Write};
use crate::catalog::Table;
use crate::warehouse::WarehouseError;

#[derive(Debug, Default)]
pub(super) struct Memory {
    tables: Mutex<BTreeMap<String, Stored>>,
    pub selects: Mutex<Vec<String>>,
    /// The beginning of the names of tables that cannot be written.
    pub broken: Mutex<Option<&'static str>>,
}

#[derive(Debug, Default)]
struct Stored {
    sample: bool,
    simulated: bool,
    rows: Vec<Value>,
    /// How often it was written.
    writes: u64,
}

impl Memory {
    pub(super) fn rows(&self, table: &str) -> Vec<Value> {
        self.tables.lock().unwrap().get(table).map(|stored| stored.rows.clone()).unwrap_or_default()
    }

    fn refuse(&self, table: &str) -> Result<(), IngestError> {
        let broken = self.broken.lock().unwrap().is_some_and(|broken| table.starts_with(broken));
        if broken { Err(WarehouseError::Unreachable { message: "no connection".to_owned() }.into()) } else { Ok(()) }
    }

    fn take(&self, dataset: &str, table: &Table, rows: Vec<Value>, write: Write) -> Result<u64, IngestError> {
        self.refuse(&table.name)?;
        for name in rows.iter().flat_map(|row| row.as_object().unwrap().keys()) {
            assert!(table.columns.iter().any(|column| column.name == *name), "{}.{name}", table.name);
        }
        let taken = rows.len() as u64;
        let mut tables = self.tables.lock().unwrap();
        let stored = tables.entry(format!("{dataset}.{}", table.name)).or_default();
        if write == Write::Replace {
            stored.rows.clear();
        }
        stored.rows.extend(rows);
        stored.writes += 1;
        Ok(taken)
    }

    pub(super) fn tables(&self) -> Vec<String> {
        self.tables.lock().unwrap().keys().cloned().collect()
    }
}

#[async_trait]
impl Sink for Memory {
    async fn create_dataset(&self, _: &str) -> Result<(), IngestError> {
        Ok(())
    }

    async fn create_table(&self, dataset: &str, table: &Table, sample: bool) -> Result<(), IngestError> {
        let mut tables = self.tables.lock().unwrap();
        tables.entry(format!("{dataset}.{}", table.name)).or_insert(Stored { sample, ..Stored::default() });
        Ok(())
    }

    async fn delete_table(&self, dataset: &str, table: &str) -> Result<(), IngestError> {
        self.tables.lock().unwrap().remove(&format!("{dataset}.{table}"));
        Ok(())
    }

    async fn is_sample(&self, dataset: &str, table: &str) -> Result<Option<bool>, IngestError> {
        Ok(self.tables.lock().unwrap().get(&format!("{dataset}.{table}")).map(|stored| stored.sample))
    }

    async fn mark_real(&self, dataset: &str, table: &Table) -> Result<(), IngestError> {
        self.tables.lock().unwrap().get_mut(&format!("{dataset}.{}", table.name)).unwrap().sample = false;
        Ok(())
    }

    async fn mark_simulated(&self, dataset: &str, table: &Table, simulated: bool) -> Result<(), IngestError> {
        self.tables.lock().unwrap().get_mut(&format!("{dataset}.{}", table.name)).unwrap().simulated = simulated;
        Ok(())
    }

    async fn load(&self, dataset: &str, table: &Table, body: Bytes, write: Write) -> Result<u64, IngestError> {
        let mut text = String::new();
        GzDecoder::new(&body[..]).read_to_string(&mut text).unwrap();
        let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        self.take(dataset, table, rows, write)
    }

    async fn select_into(&self, sql: &str, dataset: &str, table: &Table, write: Write) -> Result<(), IngestError> {
        self.refuse(&table.name)?;
        let more = sql.split_once(" UNION ALL ").and_then(|(_, aside)| aside.split_once(" FROM ")).map(|(_, aside)| self.rows(aside));
        let mut tables = self.tables.lock().unwrap();
        let stored = tables.entry(format!("{dataset}.{}", table.name)).or_default();
        stored.writes += 1;
        if let Some((_, source)) = sql.split_once(" WHERE source != ") {
            let (source, _) = source.split_once(" UNION ALL ").unwrap_or((source, ""));
            let source = source.trim_matches('\'');
            stored.rows.retain(|row| row["source"] != source);
            stored.rows.extend(more.unwrap_or_default());
        } else if write == Write::Replace {
            stored.rows.clear();
        }
        self.selects.lock().unwrap().push(sql.to_owned());
        Ok(())
    }

    async fn insert(&self, dataset: &str, table: &Table, rows: Vec<(String, Value)>) -> Result<(), IngestError> {
        if *self.broken.lock().unwrap() == Some("inserts") {
            return Err(WarehouseError::Unreachable { message: "no connection".to_owned() }.into());
        }
        let mut tables = self.tables.lock().unwrap();
        let stored = tables.entry(format!("{dataset}.{}", table.name)).or_default();
        stored.rows.extend(rows.into_iter().map(|(_, row)| row));
        stored.writes += 1;
        if *self.broken.lock().unwrap() == Some("answers") {
            return Err(WarehouseError::Unreachable { message: "the answer was lost".to_owned() }.into());
        }
        Ok(())
    }

    async fn count(&self, sql: &str) -> Result<i64, IngestError> {
        // Whatever else is counted is not there.
        let Some(table) = sql.strip_prefix("SELECT COUNT(*) FROM ") else { return Ok(0) };
        if let Some((table, run)) = table.split_once(" WHERE run = ") {
            let run = run.trim_matches('\'');
            return Ok(i64::try_from(self.rows(table).iter().filter(|row| row["run"] == run).count()).unwrap());
        }
        let Some((table, part)) = table.split_once(" WHERE source = ") else { return Ok(i64::try_from(self.rows(table).len()).unwrap()) };
        let (source, loaded_at) = part.split_once(" AND loaded_at = TIMESTAMP ").unwrap();
        let (source, loaded_at) = (source.trim_matches('\''), loaded_at.trim_matches('\''));
        let time = |text: &str| chrono::DateTime::parse_from_rfc3339(text).unwrap();
        let of_part = |row: &&Value| row["source"] == source && time(row["loaded_at"].as_str().unwrap()) == time(loaded_at);
        Ok(i64::try_from(self.rows(table).iter().filter(of_part).count()).unwrap())
    }

    async fn state(&self, dataset: &str, table: &str) -> Result<Option<TableState>, IngestError> {
        let tables = self.tables.lock().unwrap();
        let stored = tables.get(&format!("{dataset}.{table}"));
        Ok(stored.map(|stored| TableState {
            version: stored.writes.to_string(),
            rows: stored.rows.len() as u64,
            sample: stored.sample,
            simulated: stored.simulated,
        }))
    }

    /// The columns of a plain SELECT, as far as they stand at its front; whatever follows FROM's table is not looked at.
    async fn texts(&self, sql: &str) -> Result<Vec<Vec<Option<String>>>, IngestError> {
        let (columns, from) = sql.trim_start_matches("SELECT ").split_once(" FROM ").unwrap();
        let rows = self.rows(from.split_whitespace().next().unwrap());
        let text = |row: &Value, column: &str| row[column].as_str().map(str::to_owned);
        Ok(rows.iter().map(|row| columns.split(", ").map(|column| text(row, column)).collect()).collect())
    }
}

#[async_trait]
impl PartSink for Memory {
    fn is_embedded(&self) -> bool {
        false
    }

    async fn create_passing_table(&self, dataset: &str, table: &Table, _: Duration) -> Result<(), IngestError> {
        self.create_table(dataset, table, false).await
    }

    async fn load_parquet(&self, dataset: &str, table: &Table, file: &Path, write: Write) -> Result<u64, IngestError> {
        self.take(dataset, table, super::parts::read(file), write)
    }

    async fn copy_table(&self, dataset: &str, from: &str, table: &Table) -> Result<(), IngestError> {
        self.refuse(&table.name)?;
        let rows = self.rows(&format!("{dataset}.{from}"));
        let mut tables = self.tables.lock().unwrap();
        let stored = tables.entry(format!("{dataset}.{}", table.name)).or_default();
        stored.rows = rows;
        stored.writes += 1;
        Ok(())
    }
}
