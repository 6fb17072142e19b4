//! The OpenAPI document, from the handlers, and Swagger UI that reads it, offline.

use axum::Router;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use utoipa::OpenApi;
use utoipa_swagger_ui::SwaggerUi;

use super::{answers, router};

#[derive(OpenApi)]
#[openapi(
    info(title = "Quaver", description = "Ask music data a question in plain English or French; get the rows, a summary and the SQL."),
    paths(answers::stored),
    tags(
        (name = "questions", description = "Questions and their answers"),
        (name = "sql", description = "SQL that a person wrote"),
        (name = "tables", description = "What may be asked about"),
        (name = "operations", description = "Health and measurements"),
    )
)]
pub(super) struct Document;

/// The OpenAPI 3.1 document of every route.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    router::documented().into_openapi()
}

/// `/openapi.json` and `/docs`.
pub(super) fn swagger<S: Clone + Send + Sync + 'static>(document: utoipa::openapi::OpenApi) -> Router<S> {
    Router::from(SwaggerUi::new("/docs").url("/openapi.json", document)).layer(from_fn(permit_own_files))
}

/// Swagger UI brings its scripts as files and its styles inline.
async fn permit_own_files(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let policy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}
