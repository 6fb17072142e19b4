//! The connection: one HTTP client, one source of tokens, one retry policy.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use gcp_bigquery_client::{Client, client_builder::ClientBuilder};

use super::WarehouseError;
use super::auth::{Credentials, FULL, READ, Scoped, TokenSource};
use super::retry::{Deadline, RetryPolicy, retry};

const GOOGLE: &str = "https://bigquery.googleapis.com";

/// Where the warehouse is and how it is used.
#[derive(Debug, Clone)]
pub struct Connection {
    /// Project that runs (and pays for) the jobs.
    pub project: String,
    /// Project that owns the datasets, where it is another.
    pub data_project: Option<String>,
    /// Scheme and host of the endpoint, such as `http://127.0.0.1:9050`; `None` for Google's.
    pub endpoint: Option<String>,
    pub location: String,
    /// The dataset that questions read; a dry run that reports another is refused.
    pub dataset: String,
    pub credentials: Credentials,
    pub request_timeout: Duration,
    pub query_timeout: Duration,
    pub max_retries: u32,
}

/// A BigQuery warehouse. Cheap to clone.
#[derive(Clone)]
pub struct Warehouse {
    /// For what changes tables and datasets.
    pub(super) client: Arc<Client>,
    /// For what only reads of them; its token is good for no more.
    pub(super) reader: Arc<Client>,
    pub(super) http: reqwest::Client,
    pub(super) tokens: TokenSource,
    pub(super) root: String,
    pub(super) on_this_machine: bool,
    pub(super) connection: Arc<Connection>,
    pub(super) retry_policy: RetryPolicy,
}

impl fmt::Debug for Warehouse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Warehouse").field("connection", &self.connection).finish_non_exhaustive()
    }
}

impl Warehouse {
    /// Prepares the connection; nothing is sent yet.
    ///
    /// # Errors
    /// [`WarehouseError::Authentication`] when the credentials cannot be read, [`WarehouseError::Unreachable`] when the endpoint is
    /// not an address.
    pub async fn connect(connection: Connection) -> Result<Self, WarehouseError> {
        let tokens = match &connection.credentials {
            Credentials::None => TokenSource::anonymous(),
            credentials => TokenSource::of(credentials).await?,
        };
        let retry_policy = RetryPolicy {
            max_retries: connection.max_retries,
            first_pause: Duration::from_millis(100),
            longest_pause: Duration::from_secs(8),
        };
        Self::assemble(connection, tokens, retry_policy).await
    }

    pub(super) async fn assemble(connection: Connection, tokens: TokenSource, retry_policy: RetryPolicy) -> Result<Self, WarehouseError> {
        let root = connection.endpoint.clone().unwrap_or_else(|| GOOGLE.to_owned());
        let root = root.trim_end_matches('/').trim_end_matches("/bigquery/v2").to_owned();
        let mut http = reqwest::Client::builder().connect_timeout(Duration::from_secs(5)).timeout(connection.request_timeout);
        let on_this_machine = is_loopback(&root)?;
        if on_this_machine {
            // A proxy of the environment is for the outside; it cannot reach this machine's own endpoint.
            http = http.no_proxy();
        }
        // A token goes to the endpoint that was configured and nowhere else.
        let http = http.redirect(reqwest::redirect::Policy::none()).build()?;
        let of_scope = async |scope| {
            ClientBuilder::new()
                .with_v2_base_url(format!("{root}/bigquery/v2"))
                .with_client(http.clone())
                .build_from_authenticator(Arc::new(Scoped { tokens: tokens.clone(), scope }))
                .await
        };
        let (client, reader) = (Arc::new(of_scope(FULL).await?), Arc::new(of_scope(READ).await?));
        Ok(Self { client, reader, http, tokens, root, on_this_machine, connection: Arc::new(connection), retry_policy })
    }

    /// Runs `operation` within the retry budget: a number of tries, and the time that there is.
    pub(super) async fn retry<T, F, Fut>(&self, deadline: Deadline, operation: F) -> Result<T, WarehouseError>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T, WarehouseError>>,
    {
        retry(self.retry_policy, deadline, &self.tokens, operation).await
    }

    /// Whether the endpoint is on this machine, and so is none of Google's.
    #[must_use]
    pub fn is_on_this_machine(&self) -> bool {
        self.on_this_machine
    }

    /// The project that runs the jobs.
    #[must_use]
    pub fn project(&self) -> &str {
        &self.connection.project
    }

    /// The project that owns the datasets.
    #[must_use]
    pub fn data_project(&self) -> &str {
        self.connection.data_project.as_deref().unwrap_or(&self.connection.project)
    }
}

/// Whether the endpoint is on this machine.
fn is_loopback(root: &str) -> Result<bool, WarehouseError> {
    let not_an_address =
        |why: String| WarehouseError::Unreachable { message: format!("{root:?} is not the address of an endpoint: {why}") };
    let url = reqwest::Url::parse(root).map_err(|error| not_an_address(error.to_string()))?;
    let host = url.host_str().ok_or_else(|| not_an_address("it names no host".to_owned()))?;
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    Ok(host == "localhost" || address.is_ok_and(|address| address.is_loopback()))
}
