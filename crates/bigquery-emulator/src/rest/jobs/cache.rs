//! Results that answer an equal query again, as long as what it read is as it was.
//!
//! Source: <https://cloud.google.com/bigquery/docs/cached-results>

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::job::QueryResults;
use crate::engine::{Effect, PreparedQuery, QueryInput, TableResolver};
use crate::rest::page::Rows;
use crate::schema::TableRef;
use crate::store::Lease;

/// How long BigQuery keeps a result.
const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);
/// Older ones go when there are more.
const MAX_ENTRIES: usize = 500;
/// What the kept results may hold in memory together.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// What gives another result each time, or tells of what no table's version shows. A query that only looks as if it named one of
/// them is run.
const CHANGING: [&str; 12] = [
    "CURRENT_DATE",
    "CURRENT_TIME",
    "CURRENT_DATETIME",
    "RAND",
    "GENERATE_UUID",
    "SESSION_USER",
    "INFORMATION_SCHEMA",
    "TABLESAMPLE",
    "NEW_KEYSET",
    "ENCRYPT",
    "ERROR",
    "@@",
];

/// Tables with their etags.
pub(super) type Versions = Vec<(TableRef, String)>;

/// A query's text, parameters and dataset.
pub(super) type Key = [u8; 32];

#[derive(Debug, Default)]
pub(crate) struct ResultCache(Mutex<HashMap<Key, Entry>>);

#[derive(Debug)]
struct Entry {
    kept: Instant,
    read: Versions,
    results: QueryResults,
}

/// The key of a query whose result may be kept, `None` for any other.
pub(super) fn key(input: &QueryInput, prepared: &PreparedQuery, lease: &Lease) -> Option<Key> {
    let is_query = matches!(prepared.effect, Effect::None) && prepared.statement_type == "SELECT";
    let views = prepared.referenced_tables.iter().filter_map(|table| lease.table(table)?.view.clone());
    let changes = |sql: &str| {
        let sql = sql.to_ascii_uppercase();
        CHANGING.iter().any(|word| sql.contains(word))
    };
    if !is_query || changes(&input.sql) || views.into_iter().any(|view| changes(&view)) {
        return None;
    }
    let mut hash = Sha256::new();
    hash.update(&input.sql);
    hash.update([0]);
    hash.update(format!("{:?}", input.default_dataset));
    for parameter in &input.parameters {
        hash.update(format!("\0{:?} {:?} {}", parameter.name, parameter.field, parameter.value));
    }
    Some(hash.finalize().into())
}

/// The versions of the tables that a query reads.
pub(super) fn versions(prepared: &PreparedQuery, lease: &Lease) -> Option<Versions> {
    prepared.referenced_tables.iter().map(|table| Some((table.clone(), lease.etag(table)?))).collect()
}

impl ResultCache {
    /// The result of an equal query over the same versions of its tables.
    pub(super) fn find(&self, key: &Key, prepared: &PreparedQuery, lease: &Lease) -> Option<QueryResults> {
        let read = versions(prepared, lease)?;
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = entries.get(key).is_some_and(|entry| entry.read == read && entry.kept.elapsed() < LIFETIME);
        if !fresh {
            entries.remove(key);
            return None;
        }
        let found = entries.get(key)?.results.clone();
        Some(QueryResults { bytes_processed: 0, bytes_billed: 0, cache_hit: true, ..found })
    }

    /// Keeps a result with the versions of the tables that were read for it.
    pub(super) fn keep(&self, key: Key, read: Versions, results: &QueryResults) {
        if matches!(results.rows, Rows::Destination(_)) || results.memory_bytes > MAX_BYTES / 4 {
            return;
        }
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.insert(key, Entry { kept: Instant::now(), read, results: results.clone() });
        let mut bytes: usize = entries.values().map(|entry| entry.results.memory_bytes).sum();
        while entries.len() > MAX_ENTRIES || bytes > MAX_BYTES {
            let oldest = entries.iter().min_by_key(|(_, entry)| entry.kept).map(|(key, entry)| (*key, entry.results.memory_bytes));
            let Some((oldest, size)) = oldest else { return };
            bytes -= size;
            entries.remove(&oldest);
        }
    }
}
