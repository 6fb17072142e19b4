//! `/healthz`: the process answers. `/readyz`: it answers questions.
//!
//! Readiness does not ask the warehouse: when that is down, every replica would leave the load balancer at once, and clients would
//! get a bare connection error in place of `warehouse_failed`.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::problem::{Code, Problem};
use super::state::ApiState;

/// Whether questions are answered now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    Ready,
    /// The model or the index of names is on its way.
    Loading,
    /// The model will not come.
    Failed,
    /// Requests under way are finished, new ones should go elsewhere.
    Stopping,
}

/// Tells how far the process is.
pub trait HealthSource: Send + Sync {
    fn readiness(&self) -> Readiness;
}

/// The body of a good health check.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Health {
    status: &'static str,
}

/// Whether the process is alive
#[utoipa::path(get, path = "/healthz", tag = "operations", responses((status = 200, description = "It is", body = Health)))]
pub(super) async fn healthz() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Whether questions are answered
#[utoipa::path(get, path = "/readyz", tag = "operations", responses(
    (status = 200, description = "They are", body = Health),
    (status = 503, description = "`model_loading`: not yet; `unavailable`: no longer", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn readyz(State(state): State<ApiState>) -> Result<Json<Health>, Problem> {
    match state.health.readiness() {
        Readiness::Ready => Ok(Json(Health { status: "ready" })),
        Readiness::Loading => Err(Problem::new(Code::ModelLoading, "the model is still being loaded").retry_after(2)),
        Readiness::Failed => Err(Problem::new(Code::Unavailable, "the model could not be loaded; the log says why")),
        Readiness::Stopping => Err(Problem::new(Code::Unavailable, "the service is stopping")),
    }
}
