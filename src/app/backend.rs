//! The warehouse of a process: BigQuery; or the embedded endpoint, either this process's own or that of the process which owns the
//! data directory.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use bigquery_emulator::{Emulator, EmulatorOptions, OpenError};

use super::AppError;
use crate::config::{Config, WarehouseSettings};
use crate::ingest::Storage;
use crate::warehouse::{Connection, Credentials, Warehouse};

/// The project that the embedded endpoint is reached under.
pub const EMBEDDED_PROJECT: &str = "quaver";
/// Requests to the embedded endpoint that are under way at the end have this long.
const CLOSING: Duration = Duration::from_secs(3);

/// What is done when another process owns the data directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// It is an error: two services would answer from one directory.
    Own,
    /// Its endpoint is used.
    Join,
}

/// A warehouse, and the endpoint that this process runs for it, if any.
pub struct Backend {
    warehouse: Warehouse,
    embedded: bool,
    endpoint: Option<Endpoint>,
}

struct Endpoint {
    stop: CancellationToken,
    served: JoinHandle<()>,
}

impl Backend {
    /// Connects to the configured warehouse, starting the embedded endpoint where none is configured.
    ///
    /// # Errors
    /// [`AppError::DataDir`], [`AppError::DirectoryInUse`], [`AppError::DirectoryBusy`], [`AppError::Credentials`].
    pub async fn open(config: &Config, sharing: Sharing) -> Result<Self, AppError> {
        let settings = &config.warehouse;
        if settings.project.is_some() || settings.endpoint.is_some() {
            let project = settings.project.clone().unwrap_or_else(|| EMBEDDED_PROJECT.to_owned());
            let warehouse = Warehouse::connect(connection(settings, project, settings.endpoint.clone(), credentials(settings))).await;
            return Ok(Self { warehouse: warehouse.map_err(AppError::Credentials)?, embedded: false, endpoint: None });
        }
        let (address, endpoint) = match (Emulator::owner_of(&config.data.dir), sharing) {
            (Some(address), Sharing::Join) => (address, None),
            (Some(address), Sharing::Own) => return Err(AppError::DirectoryInUse { path: config.data.dir.clone(), address }),
            (None, _) => {
                let (address, endpoint) = Endpoint::start(config).await?;
                (address, Some(endpoint))
            }
        };
        let url = Some(format!("http://{address}"));
        let warehouse = Warehouse::connect(connection(settings, EMBEDDED_PROJECT.to_owned(), url, Credentials::None)).await?;
        Ok(Self { warehouse, embedded: true, endpoint })
    }

    /// The warehouse.
    #[must_use]
    pub fn warehouse(&self) -> &Warehouse {
        &self.warehouse
    }

    /// Whether it is the embedded endpoint, of whichever process.
    #[must_use]
    pub fn is_embedded(&self) -> bool {
        self.embedded
    }

    /// Stops this process's endpoint and frees the data directory.
    pub async fn close(self) {
        if let Some(endpoint) = self.endpoint {
            endpoint.stop.cancel();
            if tokio::time::timeout(CLOSING, endpoint.served).await.is_err() {
                tracing::warn!("the embedded endpoint did not stop in time");
            }
        }
    }
}

impl Endpoint {
    /// On a free port of the loopback interface, which the lock file of the data directory names.
    async fn start(config: &Config) -> Result<(SocketAddr, Self), AppError> {
        let emulator = open_emulator(emulator_options(config)).await?;
        let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let failed = |source| AppError::Listen { address: loopback, source };
        let listener = TcpListener::bind(loopback).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        // Announced here and not by `serve`, so that nobody finds the directory taken but its owner unknown.
        emulator.announce(address).map_err(|error| AppError::DataDir { path: config.data.dir.clone(), message: error.to_string() })?;
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let served = tokio::spawn(async move {
            if let Err(error) = emulator.serve(listener, stopped.cancelled_owned()).await {
                tracing::error!(%error, "the embedded endpoint failed");
            }
        });
        tracing::info!(%address, "embedded endpoint started");
        Ok((address, Self { stop, served }))
    }
}

/// How the endpoint over this data directory is opened.
#[must_use]
pub fn emulator_options(config: &Config) -> EmulatorOptions {
    EmulatorOptions {
        data_dir: config.data.dir.clone(),
        project_id: EMBEDDED_PROJECT.to_owned(),
        location: config.warehouse.location.clone(),
        memory_limit_bytes: config.warehouse.memory_limit_bytes,
    }
}

/// Opens a data directory for this process alone.
///
/// # Errors
/// [`AppError::DataDir`], [`AppError::DirectoryInUse`] and [`AppError::DirectoryBusy`].
pub async fn open_emulator(options: EmulatorOptions) -> Result<Emulator, AppError> {
    let path = options.data_dir.clone();
    // Opening reads the metadata of every table.
    let opened = tokio::task::spawn_blocking(move || Emulator::open(options)).await;
    opened.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic())).map_err(|error| match error {
        OpenError::InUse { address: Some(address), .. } => AppError::DirectoryInUse { path, address },
        OpenError::InUse { address: None, .. } => AppError::DirectoryBusy { path },
        other => AppError::DataDir { path, message: other.to_string() },
    })
}

fn connection(settings: &WarehouseSettings, project: String, endpoint: Option<String>, credentials: Credentials) -> Connection {
    Connection {
        project,
        data_project: settings.data_project.clone(),
        endpoint,
        location: settings.location.clone(),
        dataset: settings.dataset.clone(),
        credentials,
        request_timeout: settings.request_timeout,
        query_timeout: settings.query_timeout,
        max_retries: settings.max_retries,
    }
}

/// An endpoint without encryption is an emulator, which takes no credentials and must be sent none.
fn credentials(settings: &WarehouseSettings) -> Credentials {
    let plain_http = settings.endpoint.as_deref().is_some_and(|endpoint| endpoint.starts_with("http://"));
    if plain_http { Credentials::None } else { own_credentials(settings) }
}

/// A key that was set wins over a file that was found, and a file over the metadata server.
fn own_credentials(settings: &WarehouseSettings) -> Credentials {
    let own = match settings.service_account_key.as_ref().or(settings.application_credentials.as_ref()) {
        Some(file) => Credentials::File(file.clone()),
        None => Credentials::metadata_server(settings.metadata_host.as_deref()),
    };
    match &settings.impersonate {
        Some(account) => own.acting_as(account),
        None => own,
    }
}

/// How objects of Cloud Storage are read: by the account that is configured for BigQuery, else as anybody.
#[must_use]
pub fn storage(settings: &WarehouseSettings) -> Storage {
    let file = settings.service_account_key.is_some() || settings.application_credentials.is_some();
    let credentials = match settings.project {
        _ if file => own_credentials(settings),
        Some(_) => credentials(settings),
        None => Credentials::None,
    };
    Storage { credentials, ..Storage::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Overrides, load_from};

    #[test]
    fn credentials_are_found_in_the_order_of_googles_libraries() {
        let file = |path: &str| Credentials::File(path.into());
        let check = |variables: &[(&str, &str)], expected: Credentials, of_storage: Credentials| {
            let environment = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            let settings = load_from(&Overrides::default(), environment).unwrap().warehouse;
            assert_eq!(credentials(&settings), expected, "{variables:?}");
            assert_eq!(storage(&settings).credentials, of_storage, "{variables:?}");
        };
        let project = ("QUAVER__WAREHOUSE__PROJECT", "demo");
        let (adc, key) = (("GOOGLE_APPLICATION_CREDENTIALS", "/adc.json"), ("QUAVER__WAREHOUSE__SERVICE_ACCOUNT_KEY", "/key.json"));
        let metadata = Credentials::metadata_server(None);
        check(&[project], metadata.clone(), metadata.clone());
        let host = Credentials::metadata_server(Some("127.0.0.1:80"));
        check(&[project, ("GCE_METADATA_HOST", "127.0.0.1:80")], host.clone(), host);
        check(&[project, adc], file("/adc.json"), file("/adc.json"));
        check(&[project, adc, key], file("/key.json"), file("/key.json"));
        let acting = file("/key.json").acting_as("a@demo.iam.gserviceaccount.com");
        assert!(
            matches!(&acting, Credentials::Impersonated { address, .. } if address.ends_with("/a@demo.iam.gserviceaccount.com:generateAccessToken"))
        );
        check(&[project, key, ("QUAVER__WAREHOUSE__IMPERSONATE", "a@demo.iam.gserviceaccount.com")], acting.clone(), acting);
        // Nothing is sent to an endpoint that would read it in the clear; Cloud Storage is reached by https.
        check(&[project, key, ("QUAVER__WAREHOUSE__ENDPOINT", "http://10.0.0.7:9050")], Credentials::None, file("/key.json"));
        check(&[], metadata, Credentials::None);
    }
}
