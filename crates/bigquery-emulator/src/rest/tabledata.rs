//! The rows of a table, without a query.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/rest/v2/tabledata/list>

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::Map;

use super::error::ApiError;
use super::jobs::ANONYMOUS_DATASET;
use super::page::{self, PageRequest, Rows};
use super::partitions;
use super::request::Params;
use super::state::AppState;
use crate::schema::{Field, FieldType, TableSchema};

pub(crate) async fn list(
    State(state): State<AppState>,
    Path((project, dataset, table)): Path<(String, String, String)>,
    params: Params,
) -> Result<Response, ApiError> {
    let reference = state.table_ref(&project, &dataset, &table)?;
    let (rows, schema, total, owner) = if dataset == ANONYMOUS_DATASET {
        let results = state.jobs.anonymous_table(&table)?;
        (results.rows, results.schema, results.total_rows, table)
    } else {
        let (reference, partition) = partitions::split(reference);
        let version = state.store.table(&reference).map_err(ApiError::store)?;
        if version.metadata.view().is_some() {
            return Err(ApiError::invalid("Cannot list a table of type VIEW."));
        }
        let schema = version.metadata.schema.clone();
        // A token stays good when the table changes, as in BigQuery; it names a row by position.
        let owner = format!("{}:{dataset}.{table}", reference.project_id);
        match partition.as_deref() {
            None => {
                let total = version.metadata.row_count;
                (Rows::Table(version), schema, total, owner)
            }
            Some(partitions::SUMMARY) => {
                let rows = state.blocking(move |_| partitions::summary(&version)).await?;
                let total = rows.num_rows() as u64;
                (Rows::Memory(Arc::new(vec![rows])), partitions::summary_schema(), total, owner)
            }
            Some(id) => {
                let id = id.to_owned();
                let rows = state.blocking(move |state| partitions::rows(state, &version, &id)).await?;
                let total = rows.rows();
                (Rows::Spilled(Arc::new(rows)), schema, total, owner)
            }
        }
    };
    let request = PageRequest::read(&params, &owner)?;
    let selection = params.text("selectedFields").map(|fields| select(&schema, fields)).transpose()?;
    let page = state
        .blocking(move |_| {
            let (schema, columns) = match selection {
                Some((schema, columns)) => (schema, Some(columns)),
                None => (schema, None),
            };
            page::encode(&rows, total, &schema, columns.as_deref(), &request)
        })
        .await?;
    let mut head = Map::new();
    head.insert("kind".into(), "bigquery#tableDataList".into());
    head.insert("totalRows".into(), total.to_string().into());
    Ok(page::respond(head, &owner, Some(page)))
}

/// The part of a schema that `a,b.c` selects, in the schema's order, and the positions of its top-level columns.
fn select(schema: &TableSchema, selected: &str) -> Result<(TableSchema, Vec<usize>), ApiError> {
    let paths: Vec<&str> = selected.split(',').map(str::trim).collect();
    for path in &paths {
        let mut fields = &schema.fields;
        for part in path.split('.') {
            let Some(field) = fields.iter().find(|f| f.name.eq_ignore_ascii_case(part)) else {
                return Err(ApiError::invalid(format!("Selected field not found in the schema: {path}")).at_parameter("selectedFields"));
            };
            fields = &field.fields;
        }
    }
    let fields = prune(&schema.fields, &paths);
    let positions = schema.fields.iter().enumerate().filter(|(_, f)| fields.iter().any(|p| p.name == f.name)).map(|(i, _)| i).collect();
    Ok((TableSchema { fields }, positions))
}

fn prune(fields: &[Field], paths: &[&str]) -> Vec<Field> {
    let mut kept = Vec::new();
    for field in fields {
        let mut whole = false;
        let mut inner = Vec::new();
        for path in paths {
            match path.split_once('.') {
                None => whole |= path.eq_ignore_ascii_case(&field.name),
                Some((first, rest)) if first.eq_ignore_ascii_case(&field.name) => inner.push(rest),
                Some(_) => {}
            }
        }
        if whole {
            kept.push(field.clone());
        } else if !inner.is_empty() && field.field_type == FieldType::Struct {
            kept.push(Field { fields: prune(&field.fields, &inner), ..field.clone() });
        }
    }
    kept
}
