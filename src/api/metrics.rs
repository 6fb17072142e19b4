//! `/metrics` for Prometheus, and what is measured.

use std::sync::OnceLock;
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::header::CONTENT_TYPE;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use metrics::{counter, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::ask::Answer;

/// Seconds, around the aim of 0.4 s for the median and 1 s for the slowest twentieth.
const BUCKETS: [f64; 12] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0, 2.0, 5.0, 15.0];

/// The recorder of this process; the `metrics` crate has one for all.
fn recorder() -> &'static PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    RECORDER.get_or_init(|| {
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS)
            .expect("the list of buckets is not empty")
            .build_recorder();
        let handle = recorder.handle();
        // Another recorder can only have been set by an embedding program, which then measures for itself.
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("metrics are already recorded elsewhere");
        }
        handle
    })
}

/// Starts recording; before the first request.
pub(super) fn install() {
    recorder();
}

/// Measurements for Prometheus
#[utoipa::path(get, path = "/metrics", tag = "operations", responses((status = 200, description = "Text format 0.0.4", body = String, content_type = "text/plain")))]
pub(super) async fn metrics() -> impl IntoResponse {
    recorder().run_upkeep();
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], recorder().render())
}

/// Counts and times a request under the route's pattern, never its path, so that names are few.
pub(super) async fn measure(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let method = request.method().to_string();
    let started = Instant::now();
    let in_flight = InFlight::enter();
    let response = next.run(request).await;
    drop(in_flight);
    let status = response.status().as_u16().to_string();
    counter!("quaver_http_requests_total", "method" => method, "route" => route.clone(), "status" => status).increment(1);
    histogram!("quaver_http_request_duration_seconds", "route" => route).record(started.elapsed().as_secs_f64());
    response
}

/// Goes down again also when the client leaves and the request is dropped.
struct InFlight;

impl InFlight {
    fn enter() -> Self {
        gauge!("quaver_http_requests_in_flight").increment(1.0);
        Self
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        gauge!("quaver_http_requests_in_flight").decrement(1.0);
    }
}

/// The stages and the cost of an answer.
pub(super) fn record_answer(answer: &Answer) {
    for (stage, millis) in answer.timings_ms.stages() {
        histogram!("quaver_stage_duration_seconds", "stage" => stage).record(millis / 1000.0);
    }
    counter!("quaver_answers_total", "language" => answer.language.to_string()).increment(1);
    counter!("quaver_bytes_processed_total").increment(answer.cost.bytes_processed);
    counter!("quaver_bytes_billed_total").increment(answer.cost.bytes_billed.unwrap_or(0));
}
