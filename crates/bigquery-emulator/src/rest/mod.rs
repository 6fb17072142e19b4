//! BigQuery's REST API v2 over axum. It knows the wire, and leaves SQL to `engine` and files to `store`.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/rest>

mod cells;
mod datasets;
mod discovery;
mod error;
mod insert_all;
mod job_routes;
mod jobs;
mod page;
mod parameters;
mod partitions;
mod projects;
mod query_routes;
mod request;
mod router;
mod schema_update;
mod state;
mod tabledata;
mod tables;
mod upload;
mod wire_schema;

pub(crate) use router::router;
pub(crate) use state::AppState;
