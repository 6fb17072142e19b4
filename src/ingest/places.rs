//! Where a load reads: places, what opens those that want a login, and what ends the load before its time.

use std::path::PathBuf;

use tokio_util::sync::CancellationToken;

use super::gcs::Storage;

/// A file that has come to so much is a part: far below BigQuery's limit for one, and few for a table of terabytes.
/// Source: <https://cloud.google.com/bigquery/quotas#load_jobs>
const PART_BYTES: usize = 256 << 20;

/// Places that are one source together.
#[derive(Debug, Clone)]
pub struct Places {
    /// Paths of this machine, http(s) addresses, or objects of Cloud Storage (`gs://bucket/object`).
    pub paths: Vec<PathBuf>,
    /// How objects of Cloud Storage are read.
    pub storage: Storage,
    /// Ends the load when it is cancelled: nothing is changed then.
    pub stop: CancellationToken,
    /// Size of a part, in bytes.
    pub part_bytes: usize,
}

impl Places {
    /// These paths; objects are read as anybody may, and nothing ends the load.
    #[must_use]
    pub fn new(paths: impl Into<Vec<PathBuf>>) -> Self {
        Self { paths: paths.into(), storage: Storage::default(), stop: CancellationToken::new(), part_bytes: PART_BYTES }
    }
}

impl From<&[PathBuf]> for Places {
    fn from(paths: &[PathBuf]) -> Self {
        Self::new(paths)
    }
}

impl From<&Vec<PathBuf>> for Places {
    fn from(paths: &Vec<PathBuf>) -> Self {
        Self::new(paths.as_slice())
    }
}

impl<const N: usize> From<&[PathBuf; N]> for Places {
    fn from(paths: &[PathBuf; N]) -> Self {
        Self::new(paths.as_slice())
    }
}
