//! A BigQuery-compatible endpoint: REST API v2 over axum, GoogleSQL on Apache DataFusion, tables as Parquet files.
//!
//! It knows nothing of music or of models. Three layers, each unaware of the one above: [`engine`] turns GoogleSQL into
//! rows, [`store`] keeps datasets and tables on disk, [`rest`] speaks Google's HTTP. DataFusion appears in `engine` alone.
//! Beside them, `load` turns NDJSON, CSV and Parquet into typed rows, and [`Emulator`] is the front door.
//!
//! What it does not do it refuses by name and never guesses: [`engine`] lists what of SQL, the README what of the API. A
//! table is a directory of Parquet files and one `table.json`, replaced by a rename, so that a crash leaves the old state or
//! the new one. One process owns a data directory; it serves one project and one location, and checks no credentials.

mod disk;
mod emulator;
pub mod engine;
mod limits;
mod load;
pub mod rest;
pub mod schema;
pub mod store;

pub use emulator::{Emulator, EmulatorOptions, OpenError};
