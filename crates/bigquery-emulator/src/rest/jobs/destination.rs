//! The table that a query's rows go to.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#JobConfigurationQuery>, `destinationTable` and what
//! says how it is written.

use arrow::record_batch::RecordBatch;
use serde_json::Value;
use tokio::sync::mpsc;

use super::{read_create, read_disposition};
use crate::load::project_by_name;
use crate::rest::error::ApiError;
use crate::rest::schema_update::{self, Update};
use crate::rest::state::AppState;
use crate::rest::{partitions, tables};
use crate::schema::{Field, Mode, TableRef, TableSchema};
use crate::store::{Properties, StagedRows, StoreError, WriteDisposition, WriteOptions};

#[derive(Debug, Clone)]
pub(super) struct Destination {
    table: TableRef,
    /// What follows `$` in the table's name.
    partition: Option<String>,
    options: WriteOptions,
    update: Update,
}

/// Rows written aside, and the version of the table that they widen.
pub(super) struct Staged {
    pub(super) rows: StagedRows,
    widens: Option<String>,
}

impl Destination {
    pub(super) fn read(state: &AppState, table: &Value, query: &Value) -> Result<Self, ApiError> {
        let mut properties = Properties::new();
        for key in ["timePartitioning", "rangePartitioning", "clustering"] {
            if let Some(value) = query.get(key).filter(|v| !v.is_null()) {
                properties.insert(key.into(), value.clone());
            }
        }
        let (table, partition) = partitions::split(state.read_table_ref(table)?);
        Ok(Self {
            table,
            partition,
            options: WriteOptions {
                disposition: read_disposition(query.get("writeDisposition"), WriteDisposition::Empty)?,
                create: read_create(query.get("createDisposition"))?,
                properties,
            },
            update: Update::read(query)?,
        })
    }

    /// The schema that rows of another take in the table, and the table's version where that is not its schema yet.
    fn target(&self, state: &AppState, schema: &TableSchema) -> Result<(TableSchema, Option<String>), ApiError> {
        let keeps = self.options.disposition == WriteDisposition::Append || self.partition.is_some();
        let existing = match state.store.table(&self.table) {
            Ok(existing) if keeps && !existing.metadata.schema.fields.is_empty() => existing,
            _ => return Ok((schema.clone(), None)),
        };
        let own = &existing.metadata.schema;
        // A query cannot promise that a column has no NULL; whether it has is seen when the rows are written.
        let promised = |field: &Field| {
            let known = own.fields.iter().find(|f| f.name.eq_ignore_ascii_case(&field.name));
            let required = known.is_some_and(|f| f.mode == Mode::Required) && !self.update.relax_fields;
            Field { mode: if required { Mode::Required } else { field.mode }, ..field.clone() }
        };
        let given = TableSchema { fields: schema.fields.iter().map(promised).collect() };
        let merged = schema_update::merged(&self.table, own, &given, self.update, false)?;
        let widens = (merged != *own).then(|| existing.metadata.etag.clone());
        Ok((merged, widens))
    }
}

/// Writes rows aside that are to be a table's. Blocking.
pub(super) fn stage_rows(
    state: &AppState,
    destination: Destination,
    schema: &TableSchema,
    mut batches: mpsc::Receiver<RecordBatch>,
) -> Result<(Destination, Staged), ApiError> {
    let (target, widens) = destination.target(state, schema)?;
    tables::check_columns(&destination.options.properties, &target)?;
    let mut writer = state.store.row_writer(target.clone());
    while let Some(batch) = batches.blocking_recv() {
        let batch = if target == *schema { batch } else { project_by_name(&batch, schema, &target).map_err(ApiError::load)? };
        writer.write(&batch).map_err(ApiError::store)?;
    }
    let rows = writer.finish().map_err(ApiError::store)?;
    Ok((destination, Staged { rows, widens }))
}

/// Makes the rows the table's. Blocking.
pub(super) fn write_staged(state: &AppState, destination: Destination, staged: Staged) -> Result<TableRef, ApiError> {
    let Destination { table, partition, options, .. } = destination;
    if let Some(partition) = partition {
        partitions::write(state, &table, &partition, staged.rows, options)?;
        return Ok(table);
    }
    let written = match staged.widens {
        Some(etag) => state.store.widen(&table, staged.rows, &etag),
        None => state.store.write(&table, staged.rows, options),
    };
    match written {
        Ok(_) => Ok(table),
        Err(StoreError::PreconditionFailed) => {
            Err(ApiError::new(400, "invalid", format!("Table {table} was changed while a query added columns to it; run it again.")))
        }
        Err(error) => Err(ApiError::store(error)),
    }
}
