//! Every route, and the layers around them.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::trace::TraceLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problem::{Code, Problem};
use super::state::ApiState;
use super::{answers, ask, health, keys, layers, metrics, openapi, page, sql, tables};

/// The routes that the OpenAPI document describes.
pub(super) fn documented() -> OpenApiRouter<ApiState> {
    OpenApiRouter::with_openapi(openapi::Document::openapi())
        .routes(routes!(ask::ask))
        .routes(routes!(sql::run))
        .routes(routes!(sql::validate))
        .routes(routes!(tables::list))
        .routes(routes!(tables::table))
        .routes(routes!(answers::answer))
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .routes(routes!(metrics::metrics))
}

/// The whole API.
pub fn router(state: ApiState) -> Router {
    metrics::install();
    let (documented, document) = documented().split_for_parts();
    let settings = state.settings.clone();
    documented
        .route("/", get(page::page))
        .merge(openapi::swagger(document))
        .fallback(|| async { Problem::new(Code::NotFound, "there is nothing at this path; /docs describes what there is") })
        .method_not_allowed_fallback(|| async {
            Problem::new(Code::MethodNotAllowed, "this path takes other methods; see the Allow header")
        })
        .with_state(state)
        .layer(
            // The first is the outermost.
            ServiceBuilder::new()
                .layer(from_fn(layers::check_request_id))
                .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
                .layer(
                    TraceLayer::new_for_http().make_span_with(layers::span).on_request(()).on_response(layers::log_response).on_failure(()),
                )
                .layer(PropagateRequestIdLayer::x_request_id())
                .layer(from_fn(layers::secure))
                .layer(CompressionLayer::new())
                .layer(from_fn(metrics::measure))
                .layer(CatchPanicLayer::custom(layers::panicked))
                .layer(from_fn_with_state(settings.clone(), keys::authorize))
                .layer(from_fn_with_state(settings.clone(), layers::limit_time))
                .layer(DefaultBodyLimit::max(settings.max_body_bytes)),
        )
}
