//! Data into the warehouse: the sample, the loaders of real files, and the transforms that build `music` from `music_raw`.
//!
//! Everything here is pure code from readers to rows; what touches the warehouse goes through [`Sink`], so that it runs in tests
//! against memory. It knows nothing of questions or models.

mod any_csv;
mod columnar;
mod content;
pub mod error;
mod fetch;
mod files;
mod gcs;
mod hetrec;
pub mod history;
mod hot_100;
mod landing;
pub mod load;
mod parts;
mod places;
pub mod progress;
mod python_list;
mod records;
pub mod sample;
mod segments;
pub mod simulate;
pub mod sink;
mod spotify;
mod spotify_1921;
mod spotify_relational;
mod spotify_tracks;
mod spotify_ultimate;
mod staging;
pub mod tables;
pub mod transform;
pub mod web;

pub use any_csv::TableName;
pub use error::IngestError;
pub use gcs::Storage;
pub use history::load_as_of;
pub use landing::{FileReport, Reject, Rejection};
pub use load::{LoadReport, Source, load, load_csv};
pub use places::Places;
pub use progress::{Progress, Silent};
pub use sink::{PartSink, Sink, TableState, Write};

#[cfg(test)]
mod memory;
