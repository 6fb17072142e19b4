//! Tokens for BigQuery: none for the embedded endpoint, a credentials file, or the metadata server of Google Cloud.
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
        Credentials::File(path) => from_file(path).await,
        Credentials::MetadataServer => {
            match ApplicationDefaultCredentialsAuthenticator::builder(ApplicationDefaultCredentialsFlowOpts::default()).await {
                ApplicationDefaultCredentialsTypes::InstanceMetadata(builder) => token_source(builder.build().await),
                ApplicationDefaultCredentialsTypes::ServiceAccount(builder) => token_source(builder.build().await),
            }
        }
    }
}

#[derive(Deserialize)]
struct CredentialsKind {
    #[serde(rename = "type")]
    kind: String,
}

async fn from_file(path: &Path) -> Result<Arc<dyn Authenticator>, WarehouseError> {
    let problem = |what: String| WarehouseError::Authentication { message: format!("{}: {what}", path.display()) };
    let text = tokio::fs::read_to_string(path).await.map_err(|error| problem(error.to_string()))?;
    let CredentialsKind { kind } =
        serde_json::from_str(&text).map_err(|_| problem("not a JSON credentials file with a `type`".to_owned()))?;
    match kind.as_str() {
        "service_account" => {
            let key = yup_oauth2::parse_service_account_key(&text).map_err(|_| problem("not a complete service-account key".to_owned()))?;
            token_source(ServiceAccountAuthenticator::builder(key).build().await)
        }
        "authorized_user" => {
            let secret = serde_json::from_str(&text).map_err(|_| problem("not a complete authorized-user file".to_owned()))?;
            token_source(AuthorizedUserAuthenticator::builder(secret).build().await)
        }
        other => Err(problem(format!("credentials of type {other:?} are not supported; use service_account or authorized_user"))),
    }
}

fn token_source(built: std::io::Result<DefaultAuthenticator>) -> Result<Arc<dyn Authenticator>, WarehouseError> {
    match built {
        Ok(authenticator) => Ok(Arc::new(Google { authenticator })),
        Err(error) => Err(WarehouseError::Authentication { message: error.to_string() }),
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

/// Google's tokens, cached until they expire.
#[derive(Clone)]
struct Google {
    authenticator: DefaultAuthenticator,
}

#[async_trait]
impl Authenticator for Google {
    async fn access_token(&self) -> Result<String, BQError> {
        let token = self.authenticator.token(&[SCOPE]).await?;
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
