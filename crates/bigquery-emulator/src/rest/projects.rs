//! Projects, of which there is one, and what clients ask of it.

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::error::ApiError;
use super::state::AppState;

pub(crate) async fn list(State(state): State<AppState>) -> Json<Value> {
    let id = state.store.project_id();
    Json(json!({
        "kind": "bigquery#projectList",
        "projects": [{
            "kind": "bigquery#project",
            "id": id,
            "numericId": "1",
            "projectReference": { "projectId": id },
            "friendlyName": id,
        }],
        "totalItems": 1,
    }))
}

pub(crate) async fn service_account(State(state): State<AppState>, Path(project): Path<String>) -> Result<Json<Value>, ApiError> {
    state.check_project(&project)?;
    Ok(Json(json!({
        "kind": "bigquery#getServiceAccountResponse",
        "email": format!("emulator@{project}.iam.gserviceaccount.com"),
    })))
}

pub(crate) async fn no_routines(
    State(state): State<AppState>,
    Path((project, dataset)): Path<(String, String)>,
) -> Result<Json<Value>, ApiError> {
    state.check_project(&project)?;
    state.store.dataset(&dataset).map_err(ApiError::store)?;
    Ok(Json(json!({ "routines": [] })))
}

pub(crate) async fn no_models(
    State(state): State<AppState>,
    Path((project, dataset)): Path<(String, String)>,
) -> Result<Json<Value>, ApiError> {
    state.check_project(&project)?;
    state.store.dataset(&dataset).map_err(ApiError::store)?;
    Ok(Json(json!({ "models": [] })))
}
