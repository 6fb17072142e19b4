//! A BigQuery-compatible endpoint: REST API v2 over axum, GoogleSQL on Apache DataFusion, tables as Parquet files.
//!
//! It knows nothing of music or of models. Three layers, each unaware of the one above: [`engine`] turns GoogleSQL into
//! rows, [`store`] keeps datasets and tables on disk, [`rest`] speaks Google's HTTP. DataFusion appears in `engine` alone.
//! Beside them, `load` turns NDJSON, CSV and Parquet into typed rows, and [`Emulator`] is the front door.

mod emulator;
pub mod engine;
mod load;
pub mod rest;
pub mod schema;
pub mod store;

pub use emulator::{Emulator, EmulatorOptions, OpenError};
