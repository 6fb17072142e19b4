//! What can go wrong while data comes in.

use std::path::PathBuf;

use crate::warehouse::WarehouseError;

/// Why data could not be brought in. A row that does not fit is no error: it is kept in `music_raw.rejects`.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// The path holds something else than the source.
    #[error("{path}: this is not the {source_name} data: expected {expected}; found {found}")]
    WrongFile { path: PathBuf, source_name: String, expected: String, found: String },
    /// The path cannot be read.
    #[error("{path}: {error}")]
    Unreadable { path: PathBuf, error: std::io::Error },
    /// The place is one that Quaver does not read.
    #[error("{place}: quaver reads files of this machine and http(s) addresses; {remedy}")]
    Elsewhere { place: String, remedy: String },
    /// An address could not be downloaded. It is shown without what may be a secret.
    #[error("{address}: {message}")]
    Download { address: String, message: String },
    /// A CSV file may not land in the table.
    #[error("table {table:?}: {reason}; name one such as music_raw.my_table")]
    TableName { table: String, reason: &'static str },
    /// The archive is broken.
    #[error("{path}: not a readable zip archive: {error}")]
    BrokenArchive { path: PathBuf, error: zip::result::ZipError },
    /// The archive was made to be unpacked over other files.
    #[error("{path}: the archive has a file named {name:?}, which leads out of the folder it would be unpacked to; nothing of it was read")]
    UnsafeArchive { path: PathBuf, name: String },
    /// Every row was rejected.
    #[error(
        "{source_name}: not one of {rows} rows fits, so nothing was changed; the first is {source_file}, line {line}: {reason}. Perhaps the \
         file is other data, or its delimiter or encoding is another"
    )]
    NothingFits { source_name: String, rows: u64, source_file: String, line: u64, reason: String },
    /// Rows on their way could not be kept.
    #[error(
        "{folder}: rows on their way to the warehouse could not be kept there: {error}; nothing was changed (TMPDIR names another folder)"
    )]
    NoRoom { folder: PathBuf, error: std::io::Error },
    /// Somebody wanted the load to end.
    #[error("interrupted; nothing was changed")]
    Interrupted,
    /// Rows were neither landed nor rejected; nothing was written.
    #[error("{source_file}: {read} rows were read, but {landed} landed and {rejected} were rejected")]
    RowsVanished { source_file: String, read: u64, landed: u64, rejected: u64 },
    /// The warehouse took another number of rows than it was given.
    #[error("table {table}: {sent} rows were sent, {taken} were taken")]
    RowsLost { table: String, sent: u64, taken: u64 },
    /// There is nothing to transform.
    #[error("nothing was loaded yet: run `quaver load` first")]
    NothingLoaded,
    /// A data test found rows that break it.
    #[error("{} of {total} data tests failed: {}", failed.len(), failed.join("; "))]
    DataTests { failed: Vec<String>, total: usize },
    /// A web API, or what was kept of it.
    #[error(transparent)]
    Web(#[from] super::web::WebError),
    /// Listening could not be simulated.
    #[error(transparent)]
    Simulate(#[from] super::simulate::SimulateError),
    #[error(transparent)]
    Warehouse(#[from] WarehouseError),
}
