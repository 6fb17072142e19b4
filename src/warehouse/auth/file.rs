//! Files of credentials, whichever of Google's tools wrote them.

use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::cache::Flow;
use super::exchange::Exchange;
use super::federation::{Federation, FederationFile};
use super::impersonation::Impersonation;
use super::key::Key;
use super::user::{User, UserFile};
use crate::warehouse::WarehouseError;

/// The file that `gcloud auth application-default login --impersonate-service-account` writes.
#[derive(Deserialize)]
struct ImpersonationFile {
    service_account_impersonation_url: String,
    #[serde(default)]
    delegates: Vec<String>,
    source_credentials: Value,
}

pub(super) async fn flow(path: &Path, exchange: &Exchange) -> Result<Box<dyn Flow>, WarehouseError> {
    let problem = |what: String| WarehouseError::Authentication { message: format!("{}: {what}", path.display()) };
    let text = tokio::fs::read_to_string(path).await.map_err(|error| problem(error.to_string()))?;
    let json = serde_json::from_str(&text).map_err(|_| problem("not a JSON credentials file with a `type`".to_owned()))?;
    of_json(json, exchange).await.map_err(problem)
}

/// No message repeats what the file holds: it is a secret.
async fn of_json(json: Value, exchange: &Exchange) -> Result<Box<dyn Flow>, String> {
    let Some(kind) = json["type"].as_str().map(str::to_owned) else {
        return Err("not a JSON credentials file with a `type`".to_owned());
    };
    match kind.as_str() {
        "service_account" => Ok(Box::new(Key::new(complete(json, "service-account key")?).await?)),
        "authorized_user" => Ok(Box::new(User::new(complete::<UserFile>(json, "authorized-user file")?, exchange.clone())?)),
        "external_account" => {
            let file: FederationFile = complete(json, "workload identity federation")?;
            let account = file.service_account_impersonation_url.clone();
            let own: Box<dyn Flow> = Box::new(Federation::new(file, exchange.clone())?);
            match account {
                None => Ok(own),
                Some(address) => acting(own, address, Vec::new(), exchange),
            }
        }
        "impersonated_service_account" => {
            let file: ImpersonationFile = complete(json, "impersonation")?;
            let by = Box::pin(of_json(file.source_credentials, exchange)).await.map_err(|what| format!("source_credentials: {what}"))?;
            acting(by, file.service_account_impersonation_url, file.delegates, exchange)
        }
        other => Err(format!(
            "credentials of type {other:?} are not supported; use service_account, authorized_user, external_account or \
             impersonated_service_account"
        )),
    }
}

fn acting(by: Box<dyn Flow>, address: String, delegates: Vec<String>, exchange: &Exchange) -> Result<Box<dyn Flow>, String> {
    Ok(Box::new(Impersonation::new(by, address, delegates, exchange.clone())?))
}

fn complete<T: DeserializeOwned>(json: Value, what: &str) -> Result<T, String> {
    serde_json::from_value(json).map_err(|_| format!("not a complete {what}"))
}
