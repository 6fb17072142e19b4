//! `POST /v1/sql` and `/v1/sql/validate`: SQL that a person wrote, under the same checks and caps as a model's.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use super::accept::Form;
use super::answers::answer_response;
use super::extract::ApiJson;
use super::keys::Caller;
use super::problem::Problem;
use super::state::ApiState;
use crate::ask::{Answer, SqlReport, SqlRequest};

/// Run SQL
///
/// One SELECT over the tables of the catalogue; the answer is that of a question. `Accept: text/csv` gives the rows alone.
#[utoipa::path(post, path = "/v1/sql", tag = "sql", request_body = SqlRequest, responses(
    (status = 200, description = "The answer", content((Answer = "application/json"), (String = "text/csv"))),
    (status = 400, description = "`malformed`", body = Problem, content_type = "application/problem+json"),
    (status = 401, description = "`unauthorized`, where the service has keys", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "`sql_rejected`, with the place; `too_expensive`", body = Problem, content_type = "application/problem+json"),
    (status = 502, description = "`warehouse_failed`", body = Problem, content_type = "application/problem+json"),
    (status = 504, description = "`timeout`", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn run(
    State(state): State<ApiState>,
    caller: Caller,
    form: Form,
    ApiJson(request): ApiJson<SqlRequest>,
) -> Result<Response, Problem> {
    let request = SqlRequest { key: caller.name(), ..request };
    let answer = state.run_sql(request).await?;
    Ok(answer_response(&answer, form))
}

/// SQL to look at without running it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ValidateRequest {
    sql: String,
}

/// Check SQL without running it
///
/// What it reads and would scan, or what is wrong with it and where.
#[utoipa::path(post, path = "/v1/sql/validate", tag = "sql", request_body = ValidateRequest, responses(
    (status = 200, description = "It is valid", body = SqlReport),
    (status = 400, description = "`malformed`", body = Problem, content_type = "application/problem+json"),
    (status = 401, description = "`unauthorized`, where the service has keys", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "`sql_rejected`, with the place", body = Problem, content_type = "application/problem+json"),
    (status = 502, description = "`warehouse_failed`", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn validate(
    State(state): State<ApiState>,
    ApiJson(request): ApiJson<ValidateRequest>,
) -> Result<Json<SqlReport>, Problem> {
    state.validate_sql(&request.sql).await.map(Json)
}
