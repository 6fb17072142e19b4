//! CREATE, DROP, ALTER and TRUNCATE as jobs.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#JobStatistics2>, `ddlOperationPerformed` and beside it.

use serde_json::{Map, Value, json};

use super::job::{Job, JobOutput};
use super::query::{output, without_rows};
use crate::engine::{CreateTarget, Definition, DroppedColumn, NewColumn, PreparedQuery};
use crate::rest::error::ApiError;
use crate::rest::state::AppState;
use crate::rest::tables::check_columns;
use crate::schema::{DatasetRef, Mode, TableRef, TableSchema};
use crate::store::{StagedRows, StoreError};
use arrow::record_batch::RecordBatch;

/// What was done, for `ddlOperationPerformed`.
type Operation = &'static str;

/// What a definition works on.
enum Target {
    Table(TableRef),
    Dataset(DatasetRef),
}

pub(super) async fn run(
    state: &AppState,
    job: &Job,
    prepared: PreparedQuery,
    definition: Definition,
    mut statistics: Map<String, Value>,
    bytes_billed: u64,
) -> Result<JobOutput, ApiError> {
    let bytes_processed = prepared.total_bytes_processed;
    let schema = prepared.schema.clone();
    // What need not be done is not computed.
    let idle = match &definition {
        Definition::CreateTable(t) => !t.or_replace && table_exists(state, &t.table)?,
        _ => false,
    };
    let batches = if idle { Vec::new() } else { prepared.run().await.map_err(ApiError::query)? };
    let shown = schema.clone();
    let done = state.blocking(move |state| define(state, definition, schema, &batches)).await;
    // What a statement asks in vain is the query's fault.
    let (operation, target, deleted) =
        done.map_err(|error| if error.reason == "invalid" { ApiError { reason: "invalidQuery", ..error } } else { error })?;
    statistics.insert("ddlOperationPerformed".into(), operation.into());
    match target {
        Target::Table(table) => statistics.insert("ddlTargetTable".into(), json!(table)),
        Target::Dataset(dataset) => statistics.insert("ddlTargetDataset".into(), json!(dataset)),
    };
    if let Some(rows) = deleted {
        statistics.remove("ddlOperationPerformed");
        statistics.insert("dmlStats".into(), json!({ "deletedRowCount": rows.to_string() }));
    }
    Ok(output(job, statistics, without_rows(shown, bytes_processed, bytes_billed)))
}

fn table_exists(state: &AppState, table: &TableRef) -> Result<bool, ApiError> {
    match state.store.table(table) {
        Ok(_) => Ok(true),
        Err(StoreError::TableNotFound(_)) => Ok(false),
        Err(error) => Err(ApiError::store(error)),
    }
}

fn define(
    state: &AppState,
    definition: Definition,
    schema: TableSchema,
    batches: &[RecordBatch],
) -> Result<(Operation, Target, Option<u64>), ApiError> {
    let of_table = |operation, table| Ok((operation, Target::Table(table), None));
    match definition {
        Definition::CreateTable(target) => {
            let operation = create_table(state, &target, schema, batches)?;
            of_table(operation, target.table)
        }
        Definition::CreateView { view, query, mut properties, or_replace, if_not_exists } => {
            let exists = table_exists(state, &view)?;
            if exists && if_not_exists && !or_replace {
                return of_table("SKIP", view);
            }
            properties.insert("view".into(), json!({ "query": query, "useLegacySql": false }));
            state.store.define(&view, StagedRows::empty(schema), properties, or_replace).map_err(ApiError::store)?;
            of_table(if exists { "REPLACE" } else { "CREATE" }, view)
        }
        Definition::DropTable { table, is_view, if_exists } => {
            if if_exists && !table_exists(state, &table).unwrap_or(false) {
                return of_table("SKIP", table);
            }
            let version = state.store.table(&table).map_err(ApiError::store)?;
            let was_view = version.metadata.view().is_some();
            drop(version);
            if was_view != is_view {
                let (own, other) = if was_view { ("VIEW", "TABLE") } else { ("TABLE", "VIEW") };
                return Err(ApiError::invalid(format!(
                    "Cannot drop {table} which has type {own}. Use DROP {own} instead of DROP {other}."
                )));
            }
            state.store.delete_table(&table).map_err(ApiError::store)?;
            of_table("DROP", table)
        }
        Definition::CreateSchema { dataset, properties, if_not_exists } => {
            match state.store.create_dataset(&dataset.dataset_id, properties) {
                Ok(_) => Ok(("CREATE", Target::Dataset(dataset), None)),
                Err(StoreError::DatasetExists(_)) if if_not_exists => Ok(("SKIP", Target::Dataset(dataset), None)),
                Err(error) => Err(ApiError::store(error)),
            }
        }
        Definition::DropSchema { dataset, if_exists, cascade } => match state.store.delete_dataset(&dataset.dataset_id, cascade) {
            Ok(()) => Ok(("DROP", Target::Dataset(dataset), None)),
            Err(StoreError::DatasetNotFound(_)) if if_exists => Ok(("SKIP", Target::Dataset(dataset), None)),
            Err(error) => Err(ApiError::store(error)),
        },
        Definition::AddColumns { table, if_exists, columns } => {
            if if_exists && !table_exists(state, &table)? {
                return of_table("SKIP", table);
            }
            add_columns(state, &table, columns)?;
            of_table("ALTER", table)
        }
        Definition::DropColumns { table, if_exists, columns } => {
            if if_exists && !table_exists(state, &table)? {
                return of_table("SKIP", table);
            }
            drop_columns(state, &table, columns)?;
            of_table("ALTER", table)
        }
        Definition::SetOptions { table, if_exists, properties } => {
            if if_exists && !table_exists(state, &table)? {
                return of_table("SKIP", table);
            }
            let change = |metadata: &mut crate::store::TableMetadata| {
                for (key, value) in properties {
                    if value.is_null() {
                        metadata.properties.remove(&key);
                    } else {
                        metadata.properties.insert(key, value);
                    }
                }
                Ok(())
            };
            state.store.change_table(&table, None, change).map_err(ApiError::store)?;
            of_table("ALTER", table)
        }
        Definition::Truncate { table } => {
            let version = state.store.table(&table).map_err(ApiError::store)?;
            if version.metadata.view().is_some() {
                return Err(ApiError::invalid(format!("TRUNCATE TABLE does not work on {table}, which is a VIEW")));
            }
            let rows = version.metadata.row_count;
            let empty = StagedRows::empty(version.metadata.schema.clone());
            drop(version);
            state.store.change_rows(&table, empty, false, None).map_err(ApiError::store)?;
            Ok(("TRUNCATE", Target::Table(table), Some(rows)))
        }
    }
}

fn create_table(state: &AppState, target: &CreateTarget, schema: TableSchema, batches: &[RecordBatch]) -> Result<Operation, ApiError> {
    let CreateTarget { table, columns, properties, or_replace, if_not_exists, as_select } = target;
    let exists = table_exists(state, table)?;
    match (exists, or_replace, if_not_exists) {
        (true, false, true) => return Ok("SKIP"),
        (true, false, false) => return Err(ApiError::duplicate(format!("Already Exists: Table {table}"))),
        _ => {}
    }
    let schema = if *as_select { schema } else { columns.clone().unwrap_or_default() };
    check_columns(properties, &schema)?;
    for (position, field) in schema.fields.iter().enumerate() {
        if field.mode == Mode::Required && batches.iter().any(|b| b.column(position).logical_null_count() > 0) {
            return Err(ApiError::new(400, "invalidQuery", format!("Required field {} cannot be null", field.name)));
        }
    }
    let mut writer = state.store.row_writer(schema);
    for batch in batches {
        writer.write(batch).map_err(ApiError::store)?;
    }
    let staged = writer.finish().map_err(ApiError::store)?;
    match state.store.define(table, staged, properties.clone(), *or_replace) {
        Ok(_) => Ok(if exists { "REPLACE" } else { "CREATE" }),
        // Another statement was quicker.
        Err(StoreError::TableExists(_)) if *if_not_exists => Ok("SKIP"),
        Err(error) => Err(ApiError::store(error)),
    }
}

fn add_columns(state: &AppState, table: &TableRef, columns: Vec<NewColumn>) -> Result<(), ApiError> {
    let refuse = |message: String| Err(StoreError::Invalid(message));
    let change = |metadata: &mut crate::store::TableMetadata| {
        if metadata.view().is_some() {
            return refuse(format!("ALTER TABLE does not work on {table}, which is a VIEW"));
        }
        for NewColumn { field, if_not_exists } in columns {
            if metadata.schema.fields.iter().any(|f| f.name.eq_ignore_ascii_case(&field.name)) {
                if if_not_exists {
                    continue;
                }
                return refuse(format!("Column already exists: {}", field.name));
            }
            if field.mode == Mode::Required {
                return refuse(format!("Cannot add required column {} to an existing table", field.name));
            }
            metadata.schema.fields.push(field);
        }
        Ok(())
    };
    state.store.change_table(table, None, change).map(|_| ()).map_err(ApiError::store)
}

fn drop_columns(state: &AppState, table: &TableRef, columns: Vec<DroppedColumn>) -> Result<(), ApiError> {
    let refuse = |message: String| Err(StoreError::Invalid(message));
    let change = |metadata: &mut crate::store::TableMetadata| {
        for DroppedColumn { name, if_exists } in columns {
            let place = metadata.schema.fields.iter().position(|f| f.name.eq_ignore_ascii_case(&name));
            let Some(place) = place else {
                if if_exists {
                    continue;
                }
                return refuse(format!("Column not found: {name}"));
            };
            if metadata.schema.fields.len() == 1 {
                return refuse(format!("Cannot drop the only column of {table}"));
            }
            let used = |property: &str| metadata.properties.get(property).is_some_and(|v| v.to_string().contains(&format!("\"{name}\"")));
            if ["timePartitioning", "rangePartitioning", "clustering"].into_iter().any(used) {
                return refuse(format!("Cannot drop column {name}: the table is partitioned or clustered by it"));
            }
            metadata.schema.fields.remove(place);
        }
        Ok(())
    };
    state.store.change_table(table, None, change).map(|_| ()).map_err(ApiError::store)
}
