//! INSERT, UPDATE, DELETE and MERGE as jobs: one after another on a table, each on the rows that the one before left.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#dmlstatistics>

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value};

use super::job::{Job, JobOutput};
use super::query::{Price, QuerySpec, output, prepare, query_statistics, within_cap, without_rows};
use crate::engine::{ChangedRows, Reason};
use crate::rest::error::ApiError;
use crate::rest::state::AppState;
use crate::schema::{TableRef, TableSchema};
use crate::store::StoreError;

/// How often a change is tried again on the rows that a load or an `insertAll` left meanwhile.
const MAX_TRIES: usize = 10;

/// Who changes which table: changes of one table wait for each other.
#[derive(Debug, Default)]
pub(crate) struct TableLocks(Mutex<HashMap<TableRef, Arc<tokio::sync::Mutex<()>>>>);

impl TableLocks {
    fn of(&self, table: &TableRef) -> Arc<tokio::sync::Mutex<()>> {
        let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        locks.retain(|_, lock| Arc::strong_count(lock) > 1);
        Arc::clone(locks.entry(table.clone()).or_default())
    }
}

pub(super) async fn run(state: &AppState, job: &Job, spec: QuerySpec, table: &TableRef) -> Result<JobOutput, ApiError> {
    let lock = state.table_locks.of(table);
    let _one_at_a_time = lock.lock().await;
    let mut alone = false;
    for _ in 0..MAX_TRIES {
        let lease = Arc::new(state.store.lease());
        let prepared = prepare(state, &lease, spec.input.clone()).await?;
        let bytes_billed = within_cap(&prepared, spec.maximum_bytes_billed)?;
        let mut statistics = query_statistics(&prepared, Price::of(&prepared, bytes_billed));
        let statement = prepared.statement_type;
        let bytes_processed = prepared.total_bytes_processed;
        let Some(etag) = lease.etag(table) else {
            return Err(ApiError::store(StoreError::TableNotFound(table.clone())));
        };
        let turn = if alone { prepared.turn_alone().await } else { prepared.turn().await };
        let changed = match prepared.run_change(turn).await {
            // Memory may have been short for what ran beside it.
            Err(error) if error.reason == Reason::ResourcesExceeded && !alone => {
                alone = true;
                continue;
            }
            changed => changed.map_err(ApiError::query)?.ok_or_else(ApiError::internal)?,
        };
        tell(&mut statistics, statement, &changed);
        let target = table.clone();
        let committed = state
            .blocking(move |state| {
                let _lease = lease;
                match commit(state, &target, &changed, &etag) {
                    Ok(()) => Ok(true),
                    Err(StoreError::PreconditionFailed) => Ok(false),
                    Err(error) => Err(ApiError::store(error)),
                }
            })
            .await?;
        if committed {
            return Ok(output(job, statistics, without_rows(TableSchema::default(), bytes_processed, bytes_billed)));
        }
    }
    Err(ApiError::new(400, "invalidQuery", format!("Could not serialize access to table {table} due to concurrent update")))
}

/// Puts the rows in place, if the table is still as it was read. An INSERT minds only that it has the same columns.
fn commit(state: &AppState, table: &TableRef, changed: &ChangedRows, etag: &str) -> Result<(), StoreError> {
    if changed.appended && changed.batches.is_empty() {
        return Ok(());
    }
    let current = state.store.table(table)?;
    if !changed.appended && current.metadata.etag != etag {
        return Err(StoreError::PreconditionFailed);
    }
    let mut writer = state.store.row_writer(current.metadata.schema.clone());
    for batch in &changed.batches {
        if batch.num_columns() != current.metadata.schema.fields.len() {
            return Err(StoreError::PreconditionFailed);
        }
        writer.write(batch)?;
    }
    let read_etag = (!changed.appended).then_some(etag);
    state.store.change_rows(table, writer.finish()?, changed.appended, read_etag).map(|_| ())
}

fn tell(statistics: &mut Map<String, Value>, statement: &str, changed: &ChangedRows) {
    let mut stats = Map::new();
    let counts = [
        ("insertedRowCount", changed.inserted, matches!(statement, "INSERT" | "MERGE")),
        ("updatedRowCount", changed.updated, matches!(statement, "UPDATE" | "MERGE")),
        ("deletedRowCount", changed.deleted, matches!(statement, "DELETE" | "MERGE")),
    ];
    for (name, count, told) in counts {
        if told {
            stats.insert(name.into(), count.to_string().into());
        }
    }
    let affected = changed.inserted + changed.updated + changed.deleted;
    statistics.insert("numDmlAffectedRows".into(), affected.to_string().into());
    statistics.insert("dmlStats".into(), stats.into());
}
