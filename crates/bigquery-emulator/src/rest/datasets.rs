//! Datasets.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/rest/v2/datasets>

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};

use super::error::ApiError;
use super::page;
use super::request::{JsonBody, Params, as_text, if_match};
use super::state::AppState;
use crate::store::{DatasetMetadata, Properties};

const SETTABLE: [&str; 11] = [
    "friendlyName",
    "description",
    "labels",
    "access",
    "defaultTableExpirationMs",
    "defaultPartitionExpirationMs",
    "defaultCollation",
    "defaultRoundingMode",
    "isCaseInsensitive",
    "maxTimeTravelHours",
    "storageBillingModel",
];

pub(crate) async fn insert(
    State(state): State<AppState>,
    Path(project): Path<String>,
    JsonBody(body): JsonBody,
) -> Result<Json<Value>, ApiError> {
    state.check_project(&project)?;
    let id = body
        .get("datasetReference")
        .and_then(|r| as_text(r.get("datasetId")))
        .ok_or_else(|| ApiError::new(400, "required", "Required parameter is missing: datasetReference.datasetId"))?
        .to_owned();
    check_location(&state, as_text(body.get("location")))?;
    let properties = settable(&body, &SETTABLE);
    state
        .blocking(move |state| {
            let metadata = state.store.create_dataset(&id, properties).map_err(ApiError::store)?;
            Ok(Json(resource(state, &id, &metadata)))
        })
        .await
}

pub(crate) fn check_location(state: &AppState, location: Option<&str>) -> Result<(), ApiError> {
    match location {
        Some(other) if !other.eq_ignore_ascii_case(state.store.location()) => {
            Err(ApiError::invalid(format!("Location {other} is not served by this endpoint, which stands for {}", state.store.location()))
                .at_parameter("location"))
        }
        _ => Ok(()),
    }
}

pub(crate) async fn get(State(state): State<AppState>, Path((project, id)): Path<(String, String)>) -> Result<Json<Value>, ApiError> {
    state.check_project(&project)?;
    let metadata = state.store.dataset(&id).map_err(ApiError::store)?;
    Ok(Json(resource(&state, &id, &metadata)))
}

pub(crate) async fn list(State(state): State<AppState>, Path(project): Path<String>, params: Params) -> Result<Json<Value>, ApiError> {
    state.check_project(&project)?;
    let mut datasets = state.store.datasets();
    if let Some(filter) = params.text("filter") {
        datasets.retain(|(_, metadata)| matches_labels(&metadata.properties, filter));
    }
    let (datasets, next) = page::list(datasets, &params, "datasets", 50)?;
    let items: Vec<Value> = datasets
        .iter()
        .map(|(id, metadata)| {
            let mut item = Map::new();
            item.insert("kind".into(), "bigquery#dataset".into());
            item.insert("id".into(), format!("{project}:{id}").into());
            item.insert("datasetReference".into(), json!({ "datasetId": id, "projectId": project }));
            for key in ["labels", "friendlyName"] {
                if let Some(value) = metadata.properties.get(key) {
                    item.insert(key.into(), value.clone());
                }
            }
            item.insert("location".into(), state.store.location().into());
            Value::Object(item)
        })
        .collect();
    let mut out = Map::new();
    out.insert("kind".into(), "bigquery#datasetList".into());
    if !items.is_empty() {
        out.insert("datasets".into(), items.into());
    }
    if let Some(next) = next {
        out.insert("nextPageToken".into(), next.into());
    }
    Ok(Json(Value::Object(out)))
}

/// `labels.key` or `labels.key:value`, several of them joined by blanks or AND.
fn matches_labels(properties: &Properties, filter: &str) -> bool {
    filter.split_whitespace().filter(|term| !term.eq_ignore_ascii_case("and")).all(|term| {
        let Some(term) = term.strip_prefix("labels.") else {
            return false;
        };
        let (key, value) = term.split_once(':').map_or((term, None), |(k, v)| (k, Some(v)));
        let label = properties.get("labels").and_then(|l| l.get(key));
        match (label, value) {
            (Some(label), Some(value)) => label == value,
            (label, None) => label.is_some(),
            (None, Some(_)) => false,
        }
    })
}

pub(crate) async fn patch(
    state: State<AppState>,
    path: Path<(String, String)>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Json<Value>, ApiError> {
    change(state, path, headers, body, false).await
}

pub(crate) async fn update(
    state: State<AppState>,
    path: Path<(String, String)>,
    headers: HeaderMap,
    body: JsonBody,
) -> Result<Json<Value>, ApiError> {
    change(state, path, headers, body, true).await
}

async fn change(
    State(state): State<AppState>,
    Path((project, id)): Path<(String, String)>,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
    replace: bool,
) -> Result<Json<Value>, ApiError> {
    state.check_project(&project)?;
    let etag = if_match(&headers).map(str::to_owned);
    state
        .blocking(move |state| {
            let metadata = state
                .store
                .change_dataset(&id, etag.as_deref(), |properties| {
                    merge(properties, &body, &SETTABLE, replace);
                })
                .map_err(ApiError::store)?;
            Ok(Json(resource(state, &id, &metadata)))
        })
        .await
}

pub(crate) async fn delete(
    State(state): State<AppState>,
    Path((project, id)): Path<(String, String)>,
    params: Params,
) -> Result<StatusCode, ApiError> {
    state.check_project(&project)?;
    let contents = params.flag("deleteContents");
    state.blocking(move |state| state.store.delete_dataset(&id, contents).map_err(ApiError::store)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn resource(state: &AppState, id: &str, metadata: &DatasetMetadata) -> Value {
    let project = state.store.project_id();
    let mut out = Map::new();
    out.insert("kind".into(), "bigquery#dataset".into());
    out.insert("etag".into(), metadata.etag.clone().into());
    out.insert("id".into(), format!("{project}:{id}").into());
    out.insert("selfLink".into(), format!("/bigquery/v2/projects/{project}/datasets/{id}").into());
    out.insert("datasetReference".into(), json!({ "datasetId": id, "projectId": project }));
    out.extend(metadata.properties.clone());
    out.insert("creationTime".into(), metadata.created_ms.to_string().into());
    out.insert("lastModifiedTime".into(), metadata.modified_ms.to_string().into());
    out.insert("location".into(), state.store.location().into());
    out.insert("type".into(), "DEFAULT".into());
    Value::Object(out)
}

/// The properties of a body that a client may set.
pub(crate) fn settable(body: &Map<String, Value>, keys: &[&str]) -> Properties {
    let mut properties = Properties::new();
    merge(&mut properties, body, keys, true);
    properties
}

/// Merges a body into stored properties as a JSON merge patch (null removes), or replaces them whole.
pub(crate) fn merge(properties: &mut Properties, body: &Map<String, Value>, keys: &[&str], replace: bool) {
    for key in keys {
        match body.get(*key) {
            None if replace => {
                properties.remove(*key);
            }
            None => {}
            Some(Value::Null) => {
                properties.remove(*key);
            }
            Some(Value::Object(labels)) if *key == "labels" => {
                let mut merged = match properties.get(*key) {
                    Some(Value::Object(old)) if !replace => old.clone(),
                    _ => Map::new(),
                };
                for (name, value) in labels {
                    if value.is_null() {
                        merged.remove(name);
                    } else {
                        merged.insert(name.clone(), value.clone());
                    }
                }
                if merged.is_empty() {
                    properties.remove(*key);
                } else {
                    properties.insert((*key).into(), merged.into());
                }
            }
            Some(value) => {
                properties.insert((*key).into(), value.clone());
            }
        }
    }
}
