//! The front door: opens a data directory, holds its lock, and serves it.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::engine::{Engine, EngineOptions};
use crate::rest;
use crate::store::{DirectoryLock, LockError, Store, StoreError, StoreOptions};

/// Where the tables live and under which names they are served.
#[derive(Debug, Clone)]
pub struct EmulatorOptions {
    pub data_dir: PathBuf,
    pub project_id: String,
    pub location: String,
    /// What one query may hold in memory before it spills or fails.
    pub memory_limit_bytes: u64,
}

impl EmulatorOptions {
    /// The project and location used when none is configured.
    #[must_use]
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self { data_dir: data_dir.into(), project_id: "quaver-local".into(), location: "US".into(), memory_limit_bytes: 1 << 30 }
    }
}

/// Why a data directory could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the data directory {} is in use by another process{}", data_dir.display(), at(*address))]
    InUse {
        data_dir: PathBuf,
        /// The endpoint of the owner, once it has announced one.
        address: Option<SocketAddr>,
    },
    #[error("cannot lock the data directory {}: {source}", data_dir.display())]
    Lock { data_dir: PathBuf, source: io::Error },
    #[error("cannot open the data directory: {0}")]
    Store(#[from] StoreError),
    #[error("cannot start the query engine: {0}")]
    Engine(String),
}

fn at(address: Option<SocketAddr>) -> String {
    address.map_or_else(String::new, |a| format!(", which serves http://{a}"))
}

/// An open data directory. Cloning is cheap; the lock is held until the last clone and the last router are gone.
#[derive(Clone)]
pub struct Emulator {
    lock: Arc<DirectoryLock>,
    state: rest::AppState,
}

impl Emulator {
    /// Takes the directory's lock, removes what a crash left behind and loads the metadata.
    ///
    /// # Errors
    /// [`OpenError::InUse`] when another process owns the directory; otherwise what the disk said.
    pub fn open(options: EmulatorOptions) -> Result<Self, OpenError> {
        let lock = DirectoryLock::acquire(&options.data_dir).map_err(|e| match e {
            LockError::Held { address } => OpenError::InUse { data_dir: options.data_dir.clone(), address },
            LockError::Io(source) => OpenError::Lock { data_dir: options.data_dir.clone(), source },
        })?;
        let lock = Arc::new(lock);
        let store = Arc::new(Store::open(StoreOptions {
            data_dir: options.data_dir.clone(),
            project_id: options.project_id,
            location: options.location,
        })?);
        let threads = std::thread::available_parallelism().map_or(2, usize::from);
        let engine = Engine::new(EngineOptions {
            memory_limit_bytes: usize::try_from(options.memory_limit_bytes).unwrap_or(usize::MAX),
            threads,
            temp_dir: store.temp_dir().to_path_buf(),
        })
        .map_err(|e| OpenError::Engine(e.to_string()))?;
        let state = rest::AppState::new(store, engine, Arc::clone(&lock));
        Ok(Self { lock, state })
    }

    /// The REST API, to be served by the caller or by [`Emulator::serve`].
    pub fn router(&self) -> axum::Router {
        rest::router(self.state.clone())
    }

    /// Records the endpoint's address in the lock file, where [`Emulator::owner_of`] finds it.
    ///
    /// # Errors
    /// When the lock file cannot be written.
    pub fn announce(&self, address: SocketAddr) -> io::Result<()> {
        self.lock.announce(address)
    }

    /// The endpoint of the live process that owns a data directory, if there is one and it has announced itself.
    #[must_use]
    pub fn owner_of(data_dir: &Path) -> Option<SocketAddr> {
        DirectoryLock::owner_of(data_dir)
    }

    /// Serves until `shutdown` resolves, then finishes the requests in flight.
    ///
    /// # Errors
    /// When the listener's address cannot be read or announced, or the listener fails.
    pub async fn serve(&self, listener: TcpListener, shutdown: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
        let address = listener.local_addr()?;
        self.announce(address)?;
        tracing::info!(%address, "bigquery endpoint is ready");
        axum::serve(listener, self.router()).with_graceful_shutdown(shutdown).await
    }
}
