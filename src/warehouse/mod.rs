//! The BigQuery client. The only module that may name `gcp_bigquery_client`; it does not know which endpoint it talks to.

pub mod rows;

pub use rows::{Cell, Field, Rows};
