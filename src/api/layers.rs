//! What every request passes: an id, a log line, a time limit, a guard against panics, headers.

use std::any::Any;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS};
use axum::http::{HeaderValue, Response as HttpResponse};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tower_http::request_id::RequestId;
use tracing::{Span, field};

use super::problem::{Code, Problem};
use super::state::ApiSettings;

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// An id that a client sends is kept when it is short and plain: it is written to the log.
pub(super) async fn check_request_id(mut request: Request, next: Next) -> Response {
    let plain = |id: &HeaderValue| {
        let bytes = id.as_bytes();
        (1..=64).contains(&bytes.len()) && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b))
    };
    if request.headers().get(REQUEST_ID).is_some_and(|id| !plain(id)) {
        request.headers_mut().remove(REQUEST_ID);
    }
    next.run(request).await
}

/// Ends a request whose time is over, or that outlives the service; its future is dropped and with it the query's job.
pub(super) async fn limit_time(State(settings): State<ApiSettings>, request: Request, next: Next) -> Response {
    tokio::select! {
        response = next.run(request) => response,
        () = tokio::time::sleep(settings.request_timeout) => Problem::new(Code::Timeout, "the request took too long").into_response(),
        () = settings.stop.cancelled() => stopping().into_response(),
    }
}

pub(super) fn stopping() -> Problem {
    Problem::new(Code::Unavailable, "the service is stopping; ask again in a moment").retry_after(5)
}

/// tower-http's `ResponseForPanic`: what a panic says stays here.
pub(super) fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let message = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(panic = message.unwrap_or("no message"), "handler panicked");
    Problem::new(Code::Internal, "a fault of this service; its log has the request's id").into_response()
}

/// The span of a request: what the log says of everything within.
pub(super) fn span(request: &Request) -> Span {
    let id = request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok()).unwrap_or_default();
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str);
    tracing::info_span!("request", id, method = %request.method(), route, status = field::Empty)
}

pub(super) fn log_response<B>(response: &HttpResponse<B>, latency: Duration, _span: &Span) {
    tracing::info!(status = response.status().as_u16(), ms = latency.as_millis() as u64, "answered");
}

/// Headers that close what a browser leaves open. No CORS header: other sites' pages are not clients.
pub(super) async fn secure(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (CACHE_CONTROL, "no-store"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
