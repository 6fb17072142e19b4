//! The HTTP API: extracts a request, calls one function of `ask`, maps the result. `router.rs` lists every route.
//!
//! Every error leaves as an RFC 9457 problem document with a stable `code`, whoever found it (a handler, axum, a panic), and
//! none carries internal text. This module knows nothing of how the service was configured or started.

mod accept;
mod answers;
mod ask;
mod extract;
mod health;
mod keys;
mod layers;
mod metrics;
mod openapi;
mod page;
mod problem;
mod router;
mod serve;
mod sql;
mod state;
mod stream;
mod tables;

pub use health::{HealthSource, Readiness};
pub use keys::ApiKey;
pub use openapi::document;
pub use problem::{Code, Problem};
pub use router::router;
pub use serve::serve;
pub use state::{ApiSettings, ApiState};
