//! Tokens for BigQuery and Cloud Storage: none for the embedded endpoint, a credentials file, the metadata server of Google Cloud, or
//! another account that one of these may act as.
//!
//! Source: <https://cloud.google.com/docs/authentication/application-default-credentials>. Service-account keys are signed with by
//! yup-oauth2. What it does not read (subject tokens in JSON, impersonation of any source) or does not tell apart (a token server
//! that is busy from one that refuses) is done here, and so is the cache, which all kinds of credentials share.

mod cache;
mod exchange;
mod federation;
mod file;
mod impersonation;
mod key;
mod metadata;
#[cfg(test)]
mod tests;
mod user;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use gcp_bigquery_client::auth::Authenticator;
use gcp_bigquery_client::error::BQError;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;

use self::cache::{Flow, Token, TokenCache};
use self::exchange::Exchange;
use super::WarehouseError;
use super::retry::{Deadline, RetryPolicy, retry};

/// What inserting and cancelling jobs and changing tables take; `jobs.insert` does not accept less.
/// Source: <https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs/insert#authorization-scopes>
pub(super) const FULL: &str = "https://www.googleapis.com/auth/bigquery";
/// What reading a job, its rows or a table's metadata takes.
/// Source: <https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs/getQueryResults#authorization-scopes>
pub(super) const READ: &str = "https://www.googleapis.com/auth/bigquery.readonly";
/// What acting as another account takes of the account that does.
/// Source: <https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken>
const ACT_AS: &str = "https://www.googleapis.com/auth/iam";

const METADATA_HOST: &str = "metadata.google.internal";
const IAM: &str = "https://iamcredentials.googleapis.com";

/// Who the warehouse is told we are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credentials {
    /// An endpoint that asks for none: the embedded one.
    None,
    /// A service-account key, the file that `gcloud auth application-default login` writes, the configuration of a workload identity
    /// federation, or one of these with an account to act as.
    File(PathBuf),
    /// The service account of the machine or pod (GKE workload identity); `host:port` of the server.
    MetadataServer { host: String },
    /// Another service account, that the credentials may act as; the address gives its tokens.
    Impersonated { by: Box<Credentials>, address: String },
}

impl Credentials {
    /// The account of the machine or pod; `host` where the metadata server has another address than usual (`GCE_METADATA_HOST`).
    #[must_use]
    pub fn metadata_server(host: Option<&str>) -> Self {
        Self::MetadataServer { host: host.unwrap_or(METADATA_HOST).to_owned() }
    }

    /// The service account with this e-mail address, in place of the credentials' own.
    #[must_use]
    pub fn acting_as(self, account: &str) -> Self {
        let address = format!("{IAM}/v1/projects/-/serviceAccounts/{account}:generateAccessToken");
        Self::Impersonated { by: Box::new(self), address }
    }
}

/// Tokens of an account of Google Cloud, cached until they expire. Clones share the cache.
#[derive(Clone)]
pub struct TokenSource {
    cache: Arc<TokenCache>,
}

impl TokenSource {
    /// The tokens of these credentials.
    ///
    /// # Errors
    /// [`WarehouseError::Authentication`] when they cannot be read, or there are none.
    pub async fn of(credentials: &Credentials) -> Result<Self, WarehouseError> {
        let exchange = Exchange::new()?;
        let flow = flow(credentials, &exchange).await?;
        let flow = flow.ok_or_else(|| WarehouseError::Authentication { message: "there are none".to_owned() })?;
        Ok(Self::from_flow(flow))
    }

    /// For an endpoint that ignores the token.
    pub(super) fn anonymous() -> Self {
        Self::from_flow(Box::new(Fixed(SecretString::from("anonymous"))))
    }

    fn from_flow(flow: Box<dyn Flow>) -> Self {
        Self { cache: Arc::new(TokenCache::new(flow)) }
    }

    /// A token that is good for a scope.
    ///
    /// # Errors
    /// [`WarehouseError::Authentication`] when the token server refuses, [`WarehouseError::Unreachable`] when it cannot be reached.
    pub async fn token(&self, scope: &str) -> Result<String, WarehouseError> {
        Ok(self.cache.token(scope).await?.expose_secret().to_owned())
    }

    /// As [`Self::token`], for those who do not try again by themselves.
    ///
    /// # Errors
    /// As [`Self::token`], once it was tried for a while.
    pub async fn token_in_time(&self, scope: &str) -> Result<String, WarehouseError> {
        let policy = RetryPolicy { max_retries: 5, first_pause: Duration::from_millis(200), longest_pause: Duration::from_secs(4) };
        retry(policy, Deadline::after(Duration::from_secs(30)), self, || self.token(scope)).await
    }

    /// Forgets the tokens that were fetched before the moment at which the warehouse refused one of them. One that another request
    /// has fetched meanwhile is kept.
    pub(super) async fn refused(&self, at: Instant) {
        self.cache.forget_before(at).await;
    }
}

/// How tokens are had; `None` for no credentials.
async fn flow(credentials: &Credentials, exchange: &Exchange) -> Result<Option<Box<dyn Flow>>, WarehouseError> {
    Ok(match credentials {
        Credentials::None => None,
        Credentials::File(path) => Some(file::flow(path, exchange).await?),
        Credentials::MetadataServer { host } => Some(Box::new(metadata::Metadata::new(host, exchange.clone()))),
        Credentials::Impersonated { by, address } => match Box::pin(flow(by, exchange)).await? {
            Some(by) => {
                let acting = impersonation::Impersonation::new(by, address.clone(), Vec::new(), exchange.clone());
                Some(Box::new(acting.map_err(|message| WarehouseError::Authentication { message })?))
            }
            None => None,
        },
    })
}

/// One token for ever.
struct Fixed(SecretString);

#[async_trait]
impl Flow for Fixed {
    async fn fetch(&self, _scope: &str) -> Result<Token, WarehouseError> {
        Ok(Token::new(self.0.clone(), Duration::from_secs(24 * 3600)))
    }
}

/// Tokens of one scope, for the client crate.
#[derive(Clone)]
pub(super) struct Scoped {
    pub(super) tokens: TokenSource,
    pub(super) scope: &'static str,
}

#[async_trait]
impl Authenticator for Scoped {
    /// The crate's error has no place for ours: these two are taken apart again where errors are converted.
    async fn access_token(&self) -> Result<String, BQError> {
        self.tokens.token(self.scope).await.map_err(|error| match error {
            WarehouseError::Authentication { message } => BQError::InvalidServiceAccountKey(std::io::Error::other(message)),
            WarehouseError::Unreachable { message } => BQError::ConnectionPoolError(message),
            other => BQError::ConnectionPoolError(other.to_string()),
        })
    }
}

#[cfg(test)]
impl TokenSource {
    pub(super) fn fixed(token: &str) -> Self {
        Self::from_flow(Box::new(Fixed(SecretString::from(token))))
    }

    /// `token-1`, then `token-2` and so on.
    pub(super) fn numbered() -> Self {
        struct Numbered(std::sync::atomic::AtomicU32);

        #[async_trait]
        impl Flow for Numbered {
            async fn fetch(&self, _scope: &str) -> Result<Token, WarehouseError> {
                let number = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
                Ok(Token::new(SecretString::from(format!("token-{number}")), Duration::from_secs(3600)))
            }
        }

        Self::from_flow(Box::new(Numbered(0.into())))
    }
}
