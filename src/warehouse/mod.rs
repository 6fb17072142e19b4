//! The BigQuery client. The only module that may name `gcp_bigquery_client`; it does not know which endpoint it talks to.
//!
//! The client crate brings the models of the REST API and the calls for datasets and tables. What it leaves open is here: retries
//! within bounds, job ids of our own, paging with the schema at hand, strict decoding, deadlines and cancelling. Jobs, their results
//! and uploads are asked for by `rest`, which sees the status and headers of every answer.

mod admin;
mod auth;
mod client;
mod decode;
mod error;
mod job;
mod query;
mod rest;
mod retry;
pub mod rows;
#[cfg(test)]
mod tests;
mod upload;
mod wire;

pub use admin::{TableInfo, WriteDisposition};
pub use auth::{Credentials, TokenSource};
pub use client::{Connection, Warehouse};
pub use error::WarehouseError;
pub use query::{Accuracy, DryRun, QueryOutcome, RunOptions, SMALLEST_BYTES_CAP};
pub use retry::RetryPolicy;
pub use rows::{Cell, Field, Rows};
