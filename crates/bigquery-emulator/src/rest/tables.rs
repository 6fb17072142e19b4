//! Tables.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/rest/v2/tables>

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};

use super::datasets::{merge, settable};
use super::error::ApiError;
use super::jobs::ANONYMOUS_DATASET;
use super::page;
use super::partitions;
use super::request::{JsonBody, Params, as_flag, as_text, if_match};
use super::state::AppState;
use super::wire_schema::{self, Modes};
use crate::engine::QueryInput;
use crate::schema::{TableRef, TableSchema};
use crate::store::{Properties, StagedRows, StoreError, TableVersion};

pub(crate) const SETTABLE: [&str; 11] = [
    "friendlyName",
    "description",
    "labels",
    "expirationTime",
    "timePartitioning",
    "rangePartitioning",
    "clustering",
    "requirePartitionFilter",
    "defaultCollation",
    "tableConstraints",
    "maxStaleness",
];

/// Kinds of table that are not served.
const UNSUPPORTED: [&str; 5] = ["materializedView", "externalDataConfiguration", "snapshotDefinition", "cloneDefinition", "model"];

pub(crate) async fn insert(
    State(state): State<AppState>,
    Path((project, dataset)): Path<(String, String)>,
    JsonBody(body): JsonBody,
) -> Result<Json<Value>, ApiError> {
    let id = body
        .get("tableReference")
        .and_then(|r| as_text(r.get("tableId")))
        .ok_or_else(|| ApiError::new(400, "required", "Required parameter is missing: tableReference.tableId"))?;
    let reference = state.table_ref(&project, &dataset, id)?;
    for kind in UNSUPPORTED {
        if body.get(kind).is_some_and(|v| !v.is_null()) {
            return Err(ApiError::not_implemented(format_args!("A table with `{kind}`")));
        }
    }
    if let Some(view) = body.get("view").filter(|v| !v.is_null()) {
        return insert_view(&state, reference, view, settable(&body, &SETTABLE)).await;
    }
    let schema = match body.get("schema") {
        Some(schema) => wire_schema::read(schema)?,
        None => TableSchema::default(),
    };
    check_columns(&body, &schema)?;
    let properties = settable(&body, &SETTABLE);
    state
        .blocking(move |state| {
            let version = state.store.create_table(&reference, schema, properties).map_err(ApiError::store)?;
            Ok(Json(resource(state, &version)))
        })
        .await
}

/// Makes a view; its columns are those of its query.
async fn insert_view(state: &AppState, reference: TableRef, view: &Value, mut properties: Properties) -> Result<Json<Value>, ApiError> {
    let schema = view_schema(state, view).await?;
    properties.insert("view".into(), json!({ "query": view.get("query"), "useLegacySql": false }));
    let staged = StagedRows::empty(schema);
    state
        .blocking(move |state| {
            let version = state.store.define(&reference, staged, properties, false).map_err(ApiError::store)?;
            Ok(Json(resource(state, &version)))
        })
        .await
}

/// The columns of a view's query.
async fn view_schema(state: &AppState, view: &Value) -> Result<TableSchema, ApiError> {
    let query = as_text(view.get("query")).ok_or_else(|| ApiError::new(400, "required", "Required parameter is missing: view.query"))?;
    // The API's default is legacy SQL.
    if view.get("useLegacySql").is_none_or(|legacy| as_flag(Some(legacy))) {
        return Err(ApiError::not_implemented("A view in legacy SQL"));
    }
    let input = QueryInput {
        sql: query.to_owned(),
        parameters: Vec::new(),
        project_id: state.store.project_id().to_owned(),
        default_dataset: None,
    };
    let lease = state.store.lease();
    let prepared = state.engine.prepare(input, &lease).await.map_err(ApiError::query)?;
    if prepared.statement_type != "SELECT" {
        return Err(ApiError::invalid("The query of a view must be a SELECT"));
    }
    Ok(prepared.schema)
}

/// Partitioning and clustering name columns that are there.
pub(crate) fn check_columns(body: &Map<String, Value>, schema: &TableSchema) -> Result<(), ApiError> {
    let known = |name: &str| schema.fields.iter().any(|f| f.name.eq_ignore_ascii_case(name));
    for key in ["timePartitioning", "rangePartitioning"] {
        let field = body.get(key).and_then(|p| as_text(p.get("field")));
        if let Some(field) = field.filter(|f| !known(f)) {
            return Err(ApiError::invalid(format!("The field specified for partitioning cannot be found in the schema: {field}")));
        }
    }
    let clustering = body.get("clustering").and_then(|c| c.get("fields"));
    for field in clustering.and_then(Value::as_array).into_iter().flatten() {
        if let Some(field) = field.as_str().filter(|f| !known(f)) {
            return Err(ApiError::invalid(format!("The field specified for clustering cannot be found in the schema: {field}")));
        }
    }
    Ok(())
}

pub(crate) async fn get(
    State(state): State<AppState>,
    Path((project, dataset, table)): Path<(String, String, String)>,
) -> Result<Json<Value>, ApiError> {
    let reference = state.table_ref(&project, &dataset, &table)?;
    if dataset == ANONYMOUS_DATASET {
        let results = state.jobs.anonymous_table(&table)?;
        return Ok(Json(json!({
            "kind": "bigquery#table",
            "id": reference.to_string(),
            "tableReference": reference,
            "schema": wire_schema::write(&results.schema, Modes::Notable),
            "numRows": results.total_rows.to_string(),
            "type": "TABLE",
            "location": state.store.location(),
        })));
    }
    let (reference, partition) = partitions::split(reference);
    let version = state.store.table(&reference).map_err(ApiError::store)?;
    let mut shown = resource(&state, &version);
    if let Some(partition) = partition {
        if partition == partitions::SUMMARY {
            shown["schema"] = wire_schema::write(&partitions::summary_schema(), Modes::Notable);
        }
        shown["id"] = format!("{reference}${partition}").into();
        shown["tableReference"]["tableId"] = table.into();
    }
    Ok(Json(shown))
}

pub(crate) async fn list(
    State(state): State<AppState>,
    Path((project, dataset)): Path<(String, String)>,
    params: Params,
) -> Result<Json<Value>, ApiError> {
    state.check_project(&project)?;
    let tables = state.store.tables(&dataset).map_err(ApiError::store)?;
    let total = tables.len();
    let (tables, next) = page::list(tables, &params, &format!("tables {dataset}"), 50)?;
    let items: Vec<Value> = tables
        .iter()
        .map(|version| {
            let mut item = Map::new();
            item.insert("kind".into(), "bigquery#table".into());
            item.insert("id".into(), version.reference.to_string().into());
            item.insert("tableReference".into(), json!(version.reference));
            item.insert("type".into(), kind_of(version).into());
            for key in ["friendlyName", "view", "labels", "timePartitioning", "rangePartitioning", "clustering", "expirationTime"] {
                if let Some(value) = version.metadata.properties.get(key) {
                    item.insert(key.into(), value.clone());
                }
            }
            item.insert("creationTime".into(), version.metadata.created_ms.to_string().into());
            Value::Object(item)
        })
        .collect();
    let mut out = Map::new();
    out.insert("kind".into(), "bigquery#tableList".into());
    if !items.is_empty() {
        out.insert("tables".into(), items.into());
    }
    out.insert("totalItems".into(), total.into());
    if let Some(next) = next {
        out.insert("nextPageToken".into(), next.into());
    }
    Ok(Json(Value::Object(out)))
}

pub(crate) async fn patch(
    state: State<AppState>,
    path: Path<(String, String, String)>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Json<Value>, ApiError> {
    change(state, path, headers, body, false).await
}

pub(crate) async fn update(
    state: State<AppState>,
    path: Path<(String, String, String)>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Json<Value>, ApiError> {
    change(state, path, headers, body, true).await
}

async fn change(
    State(state): State<AppState>,
    Path((project, dataset, table)): Path<(String, String, String)>,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
    replace: bool,
) -> Result<Json<Value>, ApiError> {
    let reference = state.table_ref(&project, &dataset, &table)?;
    let etag = if_match(&headers).map(str::to_owned);
    let schema = body.get("schema").filter(|s| !s.is_null()).map(wire_schema::read).transpose()?;
    let view = match body.get("view").filter(|v| !v.is_null()) {
        Some(view) => Some((view.get("query").cloned().unwrap_or_default(), view_schema(&state, view).await?)),
        None => None,
    };
    state
        .blocking(move |state| {
            let mut refused = None;
            let changed = state.store.change_table(&reference, etag.as_deref(), |metadata| {
                if let Some((query, columns)) = view {
                    if metadata.view().is_none() {
                        return Err(StoreError::Invalid(format!("{reference} is a TABLE, which has no query")));
                    }
                    metadata.properties.insert("view".into(), json!({ "query": query, "useLegacySql": false }));
                    metadata.schema = columns;
                    merge(&mut metadata.properties, &body, &SETTABLE, replace);
                    return Ok(());
                }
                if let Some(schema) = schema {
                    let old = &metadata.schema.fields;
                    if let Err(error) = wire_schema::check_change(&reference, old, &schema.fields) {
                        let message = error.message.clone();
                        refused = Some(error);
                        return Err(StoreError::Invalid(message));
                    }
                    metadata.schema = schema;
                }
                merge(&mut metadata.properties, &body, &SETTABLE, replace);
                Ok(())
            });
            match (changed, refused) {
                (_, Some(error)) => Err(error),
                (Ok(version), None) => Ok(Json(resource(state, &version))),
                (Err(error), None) => Err(ApiError::store(error)),
            }
        })
        .await
}

pub(crate) async fn delete(
    State(state): State<AppState>,
    Path((project, dataset, table)): Path<(String, String, String)>,
) -> Result<StatusCode, ApiError> {
    let reference = state.table_ref(&project, &dataset, &table)?;
    let delete = move |state: &AppState| match partitions::split(reference) {
        (table, Some(partition)) => partitions::delete(state, &table, &partition),
        (table, None) => state.store.delete_table(&table).map_err(ApiError::store),
    };
    state.blocking(delete).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn kind_of(version: &TableVersion) -> &'static str {
    if version.metadata.view().is_some() { "VIEW" } else { "TABLE" }
}

fn resource(state: &AppState, version: &TableVersion) -> Value {
    let TableRef { project_id, dataset_id, table_id } = &version.reference;
    let metadata = &version.metadata;
    let bytes = metadata.logical_bytes().to_string();
    let mut out = Map::new();
    out.insert("kind".into(), "bigquery#table".into());
    out.insert("etag".into(), metadata.etag.clone().into());
    out.insert("id".into(), version.reference.to_string().into());
    out.insert("selfLink".into(), format!("/bigquery/v2/projects/{project_id}/datasets/{dataset_id}/tables/{table_id}").into());
    out.insert("tableReference".into(), json!(version.reference));
    if !metadata.schema.fields.is_empty() {
        out.insert("schema".into(), wire_schema::write(&metadata.schema, Modes::Notable));
    }
    out.extend(metadata.properties.clone());
    out.insert("numBytes".into(), bytes.clone().into());
    out.insert("numLongTermBytes".into(), "0".into());
    out.insert("numRows".into(), metadata.row_count.to_string().into());
    out.insert("numTotalLogicalBytes".into(), bytes.clone().into());
    out.insert("numActiveLogicalBytes".into(), bytes.into());
    out.insert("creationTime".into(), metadata.created_ms.to_string().into());
    out.insert("lastModifiedTime".into(), metadata.modified_ms.to_string().into());
    out.insert("type".into(), kind_of(version).into());
    out.insert("location".into(), state.store.location().into());
    Value::Object(out)
}
