//! Tokens for BigQuery and Cloud Storage: none for the embedded endpoint, a credentials file, or the metadata server of Google Cloud.
//!
//! Source: <https://cloud.google.com/docs/authentication/application-default-credentials>. The tokens are cached and renewed by
//! yup-oauth2; the client crate's own metadata lookup asks for a new one at each request, so it is not used.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use gcp_bigquery_client::auth::Authenticator;
use gcp_bigquery_client::error::BQError;
use serde::Deserialize;
use yup_oauth2::authenticator::{ApplicationDefaultCredentialsTypes, DefaultAuthenticator};
use yup_oauth2::{
    ApplicationDefaultCredentialsAuthenticator, ApplicationDefaultCredentialsFlowOpts, AuthorizedUserAuthenticator,
    ServiceAccountAuthenticator,
};

use super::WarehouseError;

/// Reading rows and running query jobs takes this scope; `jobs.insert` does not accept `bigquery.readonly`.
/// Source: <https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs/insert#authorization-scopes>
const SCOPE: &str = "https://www.googleapis.com/auth/bigquery";

/// Who the warehouse is told we are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credentials {
    /// An endpoint that asks for none: the embedded one.
    None,
    /// A service-account key or the file that `gcloud auth application-default login` writes.
    File(PathBuf),
    /// The service account of the machine or pod (GKE workload identity).
    MetadataServer,
}

/// The authenticator of these credentials.
pub(super) async fn authenticator(credentials: &Credentials) -> Result<Arc<dyn Authenticator>, WarehouseError> {
    match credentials {
        Credentials::None => Ok(Arc::new(Anonymous)),
        credentials => Ok(Arc::new(Google { source: TokenSource::of(credentials).await? })),
    }
}

/// Tokens of an account of Google Cloud, cached until they expire.
#[derive(Clone)]
pub struct TokenSource {
    authenticator: DefaultAuthenticator,
}

impl TokenSource {
    /// The tokens of these credentials.
    ///
    /// # Errors
    /// [`WarehouseError::Authentication`] when they cannot be read, or there are none.
    pub async fn of(credentials: &Credentials) -> Result<Self, WarehouseError> {
        let built = match credentials {
            Credentials::None => return Err(WarehouseError::Authentication { message: "there are none".to_owned() }),
            Credentials::File(path) => from_file(path).await?,
            Credentials::MetadataServer => {
                match ApplicationDefaultCredentialsAuthenticator::builder(ApplicationDefaultCredentialsFlowOpts::default()).await {
                    ApplicationDefaultCredentialsTypes::InstanceMetadata(builder) => builder.build().await,
                    ApplicationDefaultCredentialsTypes::ServiceAccount(builder) => builder.build().await,
                }
            }
        };
        let authenticator = built.map_err(|error| WarehouseError::Authentication { message: error.to_string() })?;
        Ok(Self { authenticator })
    }

    /// A token that is good for a scope.
    ///
    /// # Errors
    /// [`WarehouseError::Authentication`] when the token server refuses or cannot be reached.
    pub async fn token(&self, scope: &str) -> Result<String, WarehouseError> {
        let refused = |message: String| WarehouseError::Authentication { message };
        let token = self.authenticator.token(&[scope]).await.map_err(|error| refused(error.to_string()))?;
        token.token().map(ToOwned::to_owned).ok_or_else(|| refused("the token server gave no token".to_owned()))
    }
}

#[derive(Deserialize)]
struct CredentialsKind {
    #[serde(rename = "type")]
    kind: String,
}

async fn from_file(path: &Path) -> Result<std::io::Result<DefaultAuthenticator>, WarehouseError> {
    let problem = |what: String| WarehouseError::Authentication { message: format!("{}: {what}", path.display()) };
    let text = tokio::fs::read_to_string(path).await.map_err(|error| problem(error.to_string()))?;
    let CredentialsKind { kind } =
        serde_json::from_str(&text).map_err(|_| problem("not a JSON credentials file with a `type`".to_owned()))?;
    match kind.as_str() {
        "service_account" => {
            let key = yup_oauth2::parse_service_account_key(&text).map_err(|_| problem("not a complete service-account key".to_owned()))?;
            Ok(ServiceAccountAuthenticator::builder(key).build().await)
        }
        "authorized_user" => {
            let secret = serde_json::from_str(&text).map_err(|_| problem("not a complete authorized-user file".to_owned()))?;
            Ok(AuthorizedUserAuthenticator::builder(secret).build().await)
        }
        other => Err(problem(format!("credentials of type {other:?} are not supported; use service_account or authorized_user"))),
    }
}

/// For an endpoint that ignores the token.
#[derive(Clone)]
struct Anonymous;

#[async_trait]
impl Authenticator for Anonymous {
    async fn access_token(&self) -> Result<String, BQError> {
        Ok("anonymous".to_owned())
    }
}

/// Google's tokens for BigQuery.
#[derive(Clone)]
struct Google {
    source: TokenSource,
}

#[async_trait]
impl Authenticator for Google {
    async fn access_token(&self) -> Result<String, BQError> {
        let token = self.source.authenticator.token(&[SCOPE]).await?;
        token.token().map(ToOwned::to_owned).ok_or(BQError::NoToken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_bad_credentials_file_is_named() {
        let dir = tempfile::tempdir().unwrap();
        for (name, content, expected) in [
            ("missing.json", None, "No such file"),
            ("text.json", Some("hello"), "not a JSON credentials file"),
            ("key.json", Some(r#"{"type":"service_account"}"#), "not a complete service-account key"),
            ("other.json", Some(r#"{"type":"external_account"}"#), "external_account"),
        ] {
            let path = dir.path().join(name);
            if let Some(content) = content {
                std::fs::write(&path, content).unwrap();
            }
            let message = authenticator(&Credentials::File(path)).await.err().unwrap().to_string();
            assert!(message.contains(name) && message.contains(expected), "{message}");
        }
    }
}
