//! Runs against servers of our own: what is asked, what lands, and what happens when something goes wrong.

mod faults;
mod recorded;
mod server;
mod services;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use serde_json::Value;

use self::server::{Server, Timeless};
use super::super::memory::Memory;
use super::super::{IngestError, Silent, Sink, TableState, Write};
use super::*;
use crate::catalog::Table;

const KEY: &str = "0123456789abcdef0123456789abcdef";

/// A server, a warehouse, a folder and a clock that several runs share.
struct Place {
    server: Server,
    sink: Memory,
    folder: tempfile::TempDir,
    clock: Arc<Timeless>,
    settings: Settings,
    /// The load into the warehouse that fails, counted from 0.
    broken_load: AtomicUsize,
}

impl Place {
    async fn new() -> Self {
        let server = Server::start().await;
        let settings = Settings {
            url: server.url.clone(),
            max_requests: 1000,
            concurrency: 3,
            max_retries: 4,
            request_timeout: Duration::from_secs(20),
            longest_pause: Duration::from_secs(300),
        };
        let folder = tempfile::tempdir().unwrap();
        let broken_load = AtomicUsize::new(usize::MAX);
        Self { server, sink: Memory::default(), folder, clock: Timeless::new(), settings, broken_load }
    }

    async fn load(&self, source: WebSource, list: &str) -> Result<WebReport, IngestError> {
        let path = self.folder.path().join("list.yaml");
        std::fs::write(&path, list).unwrap();
        let access = match source {
            WebSource::Deezer => Access::Open,
            WebSource::Lastfm => Access::Key(KEY.into()),
            WebSource::Spotify => Access::client("id".to_owned(), KEY.into(), &format!("{}/token", self.server.url)).unwrap(),
        };
        let folder = self.folder.path().join("web");
        let clock: Arc<dyn Clock> = self.clock.clone();
        super::load(self, WebLoad { source, list: &path, settings: self.settings.clone(), access, folder: &folder, clock }, &Silent).await
    }

    fn rows(&self, table: &str) -> Vec<Value> {
        self.sink.rows(&format!("music_raw.{table}"))
    }

    /// Some columns of a table, a line each.
    fn lines(&self, table: &str, columns: &[&str]) -> Lines {
        let shown = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let line = |row: &Value| columns.iter().map(|column| shown(&row[*column])).collect::<Vec<_>>().join(" | ");
        Lines(self.rows(table).iter().map(line).collect())
    }

    fn reasons(&self) -> Lines {
        self.lines("rejects", &["line", "reason"])
    }

    /// Everything that a run leaves behind, as text.
    fn everything(&self) -> String {
        let mut text = String::new();
        for table in self.sink.tables() {
            text.extend(self.sink.rows(&table).iter().map(Value::to_string));
        }
        collect(self.folder.path(), &mut text);
        text
    }
}

/// Rows, in whatever order the answers came.
#[derive(Debug)]
struct Lines(Vec<String>);

impl Lines {
    /// Each once.
    fn distinct(mut self) -> Self {
        self.0.sort();
        self.0.dedup();
        self
    }
}

impl<const N: usize> PartialEq<[&str; N]> for Lines {
    fn eq(&self, expected: &[&str; N]) -> bool {
        let (mut ours, mut theirs): (Vec<&str>, Vec<&str>) = (self.0.iter().map(String::as_str).collect(), expected.to_vec());
        ours.sort_unstable();
        theirs.sort_unstable();
        ours == theirs
    }
}

fn collect(folder: &Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, text);
        } else {
            text.push_str(&String::from_utf8_lossy(&std::fs::read(&path).unwrap()));
        }
    }
}

/// The warehouse of a place, which may break.
#[async_trait]
impl Sink for Place {
    async fn create_dataset(&self, dataset: &str) -> Result<(), IngestError> {
        self.sink.create_dataset(dataset).await
    }

    async fn create_table(&self, dataset: &str, table: &Table, sample: bool) -> Result<(), IngestError> {
        self.sink.create_table(dataset, table, sample).await
    }

    async fn delete_table(&self, dataset: &str, table: &str) -> Result<(), IngestError> {
        self.sink.delete_table(dataset, table).await
    }

    async fn is_sample(&self, dataset: &str, table: &str) -> Result<Option<bool>, IngestError> {
        self.sink.is_sample(dataset, table).await
    }

    async fn mark_real(&self, dataset: &str, table: &Table) -> Result<(), IngestError> {
        self.sink.mark_real(dataset, table).await
    }

    async fn mark_simulated(&self, dataset: &str, table: &Table, simulated: bool) -> Result<(), IngestError> {
        self.sink.mark_simulated(dataset, table, simulated).await
    }

    async fn load(&self, dataset: &str, table: &Table, body: Bytes, write: Write) -> Result<u64, IngestError> {
        if self.broken_load.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_err() {
            return Err(IngestError::NothingLoaded);
        }
        self.sink.load(dataset, table, body, write).await
    }

    async fn select_into(&self, sql: &str, dataset: &str, table: &Table, write: Write) -> Result<(), IngestError> {
        self.sink.select_into(sql, dataset, table, write).await
    }

    async fn insert(&self, dataset: &str, table: &Table, rows: Vec<(String, serde_json::Value)>) -> Result<(), IngestError> {
        self.sink.insert(dataset, table, rows).await
    }

    async fn count(&self, sql: &str) -> Result<i64, IngestError> {
        self.sink.count(sql).await
    }

    async fn state(&self, dataset: &str, table: &str) -> Result<Option<TableState>, IngestError> {
        self.sink.state(dataset, table).await
    }

    async fn texts(&self, sql: &str) -> Result<Vec<Vec<Option<String>>>, IngestError> {
        self.sink.texts(sql).await
    }
}
