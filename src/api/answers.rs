//! `GET /v1/answers/{id}` and `{id}.csv`: answers that were given, while they are kept in memory.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use super::accept::Form;
use super::extract::ApiPath;
use super::problem::{Code, Problem};
use super::state::ApiState;
use crate::ask::{Answer, render_csv};

/// Get an answer again
///
/// The service keeps its latest answers; an older one is `not_found`. `Accept: text/csv` gives the rows alone.
#[utoipa::path(get, path = "/v1/answers/{id}", tag = "questions", params(("id" = String, Path, description = "The answer's `id`")), responses(
    (status = 200, description = "The answer", content((Answer = "application/json"), (String = "text/csv"))),
    (status = 401, description = "`unauthorized`, where the service has keys", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn answer(State(state): State<ApiState>, form: Form, ApiPath(id): ApiPath) -> Result<Response, Problem> {
    // The router cannot tell `{id}.csv` from `{id}`.
    match id.strip_suffix(".csv") {
        Some(id) => stored(&state, id, Form::Csv),
        None => stored(&state, &id, form),
    }
}

/// Get an answer's rows as CSV
#[utoipa::path(get, path = "/v1/answers/{id}.csv", tag = "questions", params(("id" = String, Path, description = "The answer's `id`")), responses(
    (status = 200, description = "The rows, with a header line", body = String, content_type = "text/csv"),
    (status = 401, description = "`unauthorized`, where the service has keys", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
))]
fn stored(state: &ApiState, id: &str, form: Form) -> Result<Response, Problem> {
    match state.answers.get(id) {
        Some(answer) => Ok(answer_response(&answer, form)),
        None => Err(Problem::new(Code::NotFound, "no answer with this id is kept; answers are kept in memory for a while")),
    }
}

pub(super) fn answer_response(answer: &Answer, form: Form) -> Response {
    if form == Form::Csv { csv_response(answer) } else { Json(answer).into_response() }
}

fn csv_response(answer: &Answer) -> Response {
    let csv = match render_csv(answer) {
        Ok(csv) => csv,
        Err(error) => {
            tracing::error!(%error, "could not write csv");
            return Problem::new(Code::Internal, "the rows could not be written as CSV").into_response();
        }
    };
    let mut response = csv.into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"answer-{}.csv\"", answer.id));
    response.headers_mut().insert(CONTENT_DISPOSITION, disposition.expect("an id is a UUID, which a header takes"));
    response
}
