//! Why the store refused or failed.

use std::io;
use std::path::{Path, PathBuf};

use crate::disk::no_room;
use crate::schema::{DatasetRef, TableRef};

/// An error of the store. What was there before is intact after each of them.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("Not found: Dataset {}:{}", .0.project_id, .0.dataset_id)]
    DatasetNotFound(DatasetRef),
    #[error("Not found: Table {0}")]
    TableNotFound(TableRef),
    #[error("Already Exists: Dataset {}:{}", .0.project_id, .0.dataset_id)]
    DatasetExists(DatasetRef),
    #[error("Already Exists: Table {0}")]
    TableExists(TableRef),
    #[error("Dataset {}:{} is still in use", .0.project_id, .0.dataset_id)]
    DatasetInUse(DatasetRef),
    #[error("Precondition check failed.")]
    PreconditionFailed,
    #[error("{0}")]
    Invalid(String),
    #[error("cannot {action} {}: {source}", path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },
    #[error("cannot {action} the rows of a table: {source}")]
    Parquet { action: &'static str, source: parquet::errors::ParquetError },
    #[error("the metadata in {} cannot be read: {source}", path.display())]
    Metadata { path: PathBuf, source: serde_json::Error },
}

impl StoreError {
    /// Whether the disk has no room, or lets a file not grow further.
    pub(crate) fn is_full(&self) -> bool {
        let first: Option<&(dyn std::error::Error + 'static)> = match self {
            Self::Io { source, .. } => Some(source),
            Self::Parquet { source, .. } => Some(source),
            _ => None,
        };
        std::iter::successors(first, |error| error.source()).any(no_room)
    }

    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { action, path, source }
    }

    pub(crate) fn parquet(action: &'static str) -> impl FnOnce(parquet::errors::ParquetError) -> Self {
        move |source| Self::Parquet { action, source }
    }

    pub(crate) fn arrow(action: &'static str) -> impl FnOnce(arrow::error::ArrowError) -> Self {
        move |source| Self::Parquet { action, source: source.into() }
    }
}
