//! Why a process did not start: each error names its input and the remedy.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::ingest::IngestError;
use crate::model::ModelLoadError;
use crate::warehouse::WarehouseError;

#[derive(Debug, thiserror::Error)]
pub enum AppError {
    #[error("{address} is in use by another program; choose another address with --listen, or 127.0.0.1:0 for a free port")]
    PortTaken { address: SocketAddr },

    #[error("cannot listen on {address}: {source}; choose another address with --listen")]
    Listen { address: SocketAddr, source: std::io::Error },

    #[error("the data directory {} cannot be used: {message}; choose another with --data-dir", path.display())]
    DataDir { path: PathBuf, message: String },

    #[error(
        "the data directory {} is in use by a process whose endpoint is http://{address}; stop that one, or choose another directory with \
         --data-dir", path.display()
    )]
    DirectoryInUse { path: PathBuf, address: SocketAddr },

    #[error(
        "the data directory {} is in use by a process that is only just starting; try again in a moment, or choose another directory with \
         --data-dir", path.display()
    )]
    DirectoryBusy { path: PathBuf },

    #[error("the model cannot be loaded: {0}\n`quaver model check` says more, and model.name in the configuration chooses another")]
    Model(#[from] ModelLoadError),

    #[error(
        "there is no model {name}: none of {} has a manifest {name}.toml; set model.dir to the folder that has it, or model.name to its path",
        dirs.iter().map(|dir| dir.display().to_string()).collect::<Vec<_>>().join(", ")
    )]
    NoManifest { name: String, dirs: Vec<PathBuf> },

    #[error("warehouse.dataset is {name:?}, but the model writes SQL for the dataset `music`; leave the setting out")]
    Dataset { name: String },

    #[error("{0}; warehouse.service_account_key or GOOGLE_APPLICATION_CREDENTIALS names the file of the credentials")]
    Credentials(WarehouseError),

    #[error("{0}")]
    Warehouse(#[from] WarehouseError),

    #[error("the sample data cannot be installed: {0}")]
    Sample(#[from] IngestError),

    #[error("{what} broke off: {message}")]
    Background { what: &'static str, message: String },
}
