//! The rows of a query that go to no table: in memory while they are few, on disk from then on.

use arrow::record_batch::RecordBatch;
use std::sync::Arc;
use tokio::sync::mpsc;

use crate::rest::error::ApiError;
use crate::rest::page::Rows;
use crate::rest::state::AppState;
use crate::schema::TableSchema;
use crate::store::{RowWriter, StoreError};

/// Larger results are kept on disk.
const MAX_MEMORY_RESULT: usize = 16 * 1024 * 1024;

/// Takes rows as they come; gives them, their number and what is held in memory for them. Blocking.
pub(super) fn keep_rows(
    state: &AppState,
    schema: &TableSchema,
    mut coming: mpsc::Receiver<RecordBatch>,
) -> Result<(Rows, u64, usize), ApiError> {
    let (mut batches, mut total, mut memory) = (Vec::new(), 0, 0);
    let mut writer: Option<RowWriter> = None;
    while let Some(batch) = coming.blocking_recv() {
        total += batch.num_rows() as u64;
        memory += batch.get_array_memory_size();
        match &mut writer {
            Some(writer) => writer.write(&batch).map_err(ApiError::store)?,
            None => batches.push(batch),
        }
        if writer.is_none() && memory > MAX_MEMORY_RESULT {
            let mut aside = state.store.row_writer(schema.clone());
            let written: Result<(), StoreError> = batches.drain(..).try_for_each(|batch| aside.write(&batch));
            written.map_err(ApiError::store)?;
            writer = Some(aside);
        }
    }
    match writer {
        None => Ok((Rows::Memory(Arc::new(batches)), total, memory)),
        // Disk is bounded as well, at a fraction of the price of memory.
        Some(writer) => Ok((Rows::Spilled(Arc::new(writer.finish().map_err(ApiError::store)?)), total, memory / 16)),
    }
}
