//! Streaming inserts. A row is on disk before its 200.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/rest/v2/tabledata/insertAll>

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::error::ApiError;
use super::request::{JsonBody, as_flag, as_text};
use super::state::AppState;
use crate::load::{BatchBuilder, CellError, Json as Row, RowRules, row_from_json};
use crate::schema::TableRef;
use crate::store::{Properties, StoreError, WriteDisposition, WriteOptions};

/// Insert ids remembered per table. BigQuery remembers them for about a minute, best effort.
const IDS_REMEMBERED: usize = 50_000;
/// BigQuery's limit of rows per request.
const MAX_ROWS: usize = 50_000;

/// The insert ids of late, so that a retried row is not inserted twice.
#[derive(Debug, Default)]
pub(crate) struct SeenInserts(Mutex<HashMap<TableRef, SeenIds>>);

#[derive(Debug, Default)]
struct SeenIds {
    /// Which table of that name: one made anew knows nothing of the old one's rows.
    created_ms: i64,
    ids: HashSet<String>,
    order: VecDeque<String>,
}

impl SeenInserts {
    /// Remembers an id; false if it was known.
    fn remember(&self, table: &TableRef, created_ms: i64, id: &str) -> bool {
        let mut tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = tables.entry(table.clone()).or_default();
        if seen.created_ms != created_ms {
            *seen = SeenIds { created_ms, ..SeenIds::default() };
        }
        if !seen.ids.insert(id.to_owned()) {
            return false;
        }
        seen.order.push_back(id.to_owned());
        if seen.order.len() > IDS_REMEMBERED
            && let Some(oldest) = seen.order.pop_front()
        {
            seen.ids.remove(&oldest);
        }
        true
    }

    /// Forgets ids whose rows were not written after all.
    fn forget(&self, table: &TableRef, ids: &[String]) {
        let mut tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(seen) = tables.get_mut(table) {
            for id in ids {
                seen.ids.remove(id);
            }
            let SeenIds { ids, order, .. } = seen;
            order.retain(|id| ids.contains(id));
        }
    }
}

pub(crate) async fn insert_all(
    State(state): State<AppState>,
    Path((project, dataset, table)): Path<(String, String, String)>,
    JsonBody(body): JsonBody,
) -> Result<Json<Value>, ApiError> {
    let reference = state.table_ref(&project, &dataset, &table)?;
    let reference = match as_text(body.get("templateSuffix")) {
        Some(suffix) => {
            let suffix = suffix.to_owned();
            state.blocking(move |state| like(state, &reference, &suffix)).await?
        }
        None => reference,
    };
    let skip_invalid = as_flag(body.get("skipInvalidRows"));
    let rules = RowRules { ignore_unknown_values: as_flag(body.get("ignoreUnknownValues")) };
    let rows = match body.get("rows") {
        Some(Value::Array(rows)) if !rows.is_empty() => rows.clone(),
        _ => return Err(ApiError::invalid("No rows present in the request.")),
    };
    if rows.len() > MAX_ROWS {
        return Err(ApiError::invalid(format!("too many rows present in the request, limit: {MAX_ROWS} row count: {}.", rows.len())));
    }
    let errors = state.blocking(move |state| insert(state, &reference, &rows, rules, skip_invalid)).await?;
    let mut out = json!({ "kind": "bigquery#tableDataInsertAllResponse" });
    if !errors.is_empty() {
        out["insertErrors"] = errors.into();
    }
    Ok(Json(out))
}

/// The table of a template and a suffix, made when it is missing.
fn like(state: &AppState, template: &TableRef, suffix: &str) -> Result<TableRef, ApiError> {
    let version = state.store.table(template).map_err(ApiError::store)?;
    let table = TableRef { table_id: format!("{}{suffix}", template.table_id), ..template.clone() };
    match state.store.create_table(&table, version.metadata.schema.clone(), Properties::new()) {
        Ok(_) | Err(StoreError::TableExists(_)) => Ok(table),
        Err(error) => Err(ApiError::store(error)),
    }
}

fn insert(state: &AppState, reference: &TableRef, rows: &[Value], rules: RowRules, skip_invalid: bool) -> Result<Vec<Value>, ApiError> {
    let version = state.store.table(reference).map_err(ApiError::store)?;
    let (schema, created_ms) = (version.metadata.schema.clone(), version.metadata.created_ms);
    drop(version);
    let parsed: Vec<_> = rows
        .iter()
        .map(|row| {
            let json = row.get("json").unwrap_or(&Value::Null);
            row_from_json(&Row::from_value(json), &schema.fields, rules)
        })
        .collect();
    let any_bad = parsed.iter().any(Result::is_err);
    let mut errors = Vec::new();
    for (index, row) in parsed.iter().enumerate() {
        match row {
            Err(error) => errors.push(row_error(index, "invalid", error)),
            Ok(_) if any_bad && !skip_invalid => {
                let stopped = CellError { location: String::new(), message: String::new() };
                errors.push(row_error(index, "stopped", &stopped));
            }
            Ok(_) => {}
        }
    }
    if any_bad && !skip_invalid {
        return Ok(errors);
    }
    let broken = |error: arrow::error::ArrowError| {
        tracing::error!(%error, "rows could not be put into columns");
        ApiError::internal()
    };
    let mut writer = state.store.row_writer(schema);
    let mut builder = BatchBuilder::new(writer.arrow_schema().clone()).map_err(broken)?;
    let mut fresh = Vec::new();
    for (row, cells) in rows.iter().zip(parsed) {
        let Ok(cells) = cells else { continue };
        if let Some(id) = as_text(row.get("insertId")) {
            if !state.seen_inserts.remember(reference, created_ms, id) {
                continue;
            }
            fresh.push(id.to_owned());
        }
        builder.push(cells).map_err(broken)?;
    }
    if builder.rows() == 0 {
        return Ok(errors);
    }
    let written = builder.finish().map_err(broken).and_then(|batch| {
        writer
            .write(&batch)
            .and_then(|()| writer.finish())
            .and_then(|staged| {
                let options = WriteOptions { disposition: WriteDisposition::Append, create: false, properties: Properties::new() };
                state.store.write(reference, staged, options)
            })
            .map_err(ApiError::store)
    });
    if let Err(error) = written {
        state.seen_inserts.forget(reference, &fresh);
        return Err(error);
    }
    Ok(errors)
}

fn row_error(index: usize, reason: &str, error: &CellError) -> Value {
    json!({
        "index": index,
        "errors": [{
            "reason": reason,
            "location": error.location,
            "debugInfo": "",
            "message": error.message,
        }],
    })
}
