//! Data into the warehouse: the sample, the loaders of real files, and the transforms that build `music` from `music_raw`.
//!
//! Everything here is pure code from readers to rows; what touches the warehouse goes through [`Sink`], so that it runs in tests
//! against memory. It knows nothing of questions or models.

pub mod error;
pub mod progress;
pub mod sample;
pub mod sink;
pub mod tables;

pub use error::IngestError;
pub use progress::{Progress, Silent};
pub use sink::{Sink, Write};
