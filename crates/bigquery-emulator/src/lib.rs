//! A BigQuery-compatible endpoint: REST API v2 over axum, GoogleSQL on Apache DataFusion, tables as Parquet files.
//!
//! It knows nothing of music or of models. Three layers, each unaware of the one above: [`engine`] turns GoogleSQL into
//! rows, [`store`] keeps datasets and tables on disk, [`rest`] speaks Google's HTTP. DataFusion appears in `engine` alone.

pub mod engine;
pub mod rest;
pub mod schema;
pub mod store;
