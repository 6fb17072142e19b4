//! `POST /v1/ask`: a question becomes an answer.

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::accept::Form;
use super::answers::answer_response;
use super::extract::ApiJson;
use super::keys::Caller;
use super::problem::Problem;
use super::state::ApiState;
use super::stream::answer_events;
use crate::ask::{Answer, AskRequest};

/// Ask a question in English or French
///
/// `Accept: text/event-stream` streams the stages (`linked`, `generated`, `validated`, `estimated`, `rows`, `summarised`) and ends
/// with `answer` or `error`; `Accept: text/csv` gives the rows alone.
#[utoipa::path(post, path = "/v1/ask", tag = "questions", request_body = AskRequest, responses(
    (status = 200, description = "The answer", content((Answer = "application/json"), (String = "text/csv"), (String = "text/event-stream"))),
    (status = 400, description = "`malformed`", body = Problem, content_type = "application/problem+json"),
    (status = 401, description = "`unauthorized`, where the service has keys", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "`unanswerable`, with its reason, suggestions and, where it is ambiguous, choices; `too_expensive`", body = Problem, content_type = "application/problem+json"),
    (status = 429, description = "`overloaded`", body = Problem, content_type = "application/problem+json"),
    (status = 502, description = "`warehouse_failed`", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "`model_loading`", body = Problem, content_type = "application/problem+json"),
    (status = 504, description = "`timeout`", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn ask(
    State(state): State<ApiState>,
    caller: Caller,
    form: Form,
    ApiJson(request): ApiJson<AskRequest>,
) -> Result<Response, Problem> {
    let request = AskRequest { key: caller.name(), ..request };
    match form {
        Form::Events => Ok(answer_events(state, request).into_response()),
        Form::Json | Form::Csv => {
            let answer = state.ask(request, None).await?;
            Ok(answer_response(&answer, form))
        }
    }
}
