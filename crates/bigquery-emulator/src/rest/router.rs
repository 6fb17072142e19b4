//! Every route. The same API stands under `/bigquery/v2` and at the root, since clients given a host alone leave the prefix
//! out.

use std::any::Any;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::trace::TraceLayer;

use super::error::ApiError;
use super::state::AppState;
use super::{datasets, discovery, insert_all, job_routes, projects, query_routes, tabledata, tables, upload};

pub(crate) fn router(state: AppState) -> Router {
    let api = api();
    let uploads = post(upload::start).put(upload::chunk);
    let layers = ServiceBuilder::new().layer(TraceLayer::new_for_http().make_span_with(span)).layer(CatchPanicLayer::custom(panicked));
    Router::new()
        .nest("/bigquery/v2", api.clone())
        .merge(api)
        .route("/upload/bigquery/v2/projects/{project}/jobs", uploads.clone())
        .route("/resumable/upload/bigquery/v2/projects/{project}/jobs", uploads)
        .route("/$discovery/rest", get(discovery::document))
        .route("/discovery/v1/apis/bigquery/v2/rest", get(discovery::document))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        // Bodies have their own limits: small for requests, large for uploads.
        .layer(DefaultBodyLimit::disable())
        .layer(layers)
        .with_state(state)
}

fn api() -> Router<AppState> {
    Router::new()
        .route("/projects", get(projects::list))
        .route("/projects/{project}/serviceAccount", get(projects::service_account))
        .route("/projects/{project}/datasets", get(datasets::list).post(datasets::insert))
        .route(
            "/projects/{project}/datasets/{dataset}",
            get(datasets::get).patch(datasets::patch).put(datasets::update).delete(datasets::delete),
        )
        .route("/projects/{project}/datasets/{dataset}/routines", get(projects::no_routines))
        .route("/projects/{project}/datasets/{dataset}/models", get(projects::no_models))
        .route("/projects/{project}/datasets/{dataset}/tables", get(tables::list).post(tables::insert))
        .route(
            "/projects/{project}/datasets/{dataset}/tables/{table}",
            get(tables::get).patch(tables::patch).put(tables::update).delete(tables::delete),
        )
        .route("/projects/{project}/datasets/{dataset}/tables/{table}/data", get(tabledata::list))
        .route("/projects/{project}/datasets/{dataset}/tables/{table}/insertAll", post(insert_all::insert_all))
        .route("/projects/{project}/jobs", get(job_routes::list).post(job_routes::insert))
        .route("/projects/{project}/jobs/{job}", get(job_routes::get))
        .route("/projects/{project}/jobs/{job}/cancel", post(job_routes::cancel))
        .route("/projects/{project}/jobs/{job}/delete", delete(job_routes::delete))
        .route("/projects/{project}/queries", post(query_routes::query))
        .route("/projects/{project}/queries/{job}", get(query_routes::results))
}

fn span(request: &Request) -> tracing::Span {
    tracing::info_span!(
        "bigquery_request",
        method = %request.method(),
        path = request.uri().path(),
    )
}

async fn not_found(request: Request) -> ApiError {
    ApiError::not_found(format!("Not Found: {}", request.uri().path()))
}

async fn method_not_allowed(request: Request) -> ApiError {
    ApiError::new(405, "httpMethodNotAllowed", format!("{} is not allowed here", request.method()))
}

#[expect(clippy::needless_pass_by_value, reason = "the layer gives it by value")]
fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let message = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("unknown");
    tracing::error!(panic = message, "a request handler panicked");
    ApiError::internal().into_response()
}
