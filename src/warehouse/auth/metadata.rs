//! Tokens of the machine's or the pod's own account.
//!
//! Source: <https://cloud.google.com/compute/docs/metadata/querying-metadata>,
//! <https://cloud.google.com/kubernetes-engine/docs/concepts/workload-identity>

use async_trait::async_trait;
use reqwest::Url;

use super::cache::{Flow, Token};
use super::exchange::{Exchange, oauth_token};
use super::{FULL, READ};
use crate::warehouse::WarehouseError;

const WHAT: &str = "the metadata server";

pub(super) struct Metadata {
    host: String,
    exchange: Exchange,
}

impl Metadata {
    pub(super) fn new(host: &str, exchange: Exchange) -> Self {
        Self { host: host.to_owned(), exchange }
    }

    async fn ask(&self, scope: &str) -> Result<Token, WarehouseError> {
        let refused = |message: String| WarehouseError::Authentication { message };
        let address = format!("http://{}/computeMetadata/v1/instance/service-accounts/default/token", self.host);
        let url = Url::parse_with_params(&address, [("scopes", scope)]);
        let url = url.map_err(|error| refused(format!("{:?} is not the host of a metadata server: {error}", self.host)))?;
        // Plain HTTP, as the metadata server is reached: it is never asked through a proxy, which could answer in its place.
        let request = self.exchange.near().get(url).header("Metadata-Flavor", "Google");
        let (headers, text) = self.exchange.send(WHAT, request, &[]).await?;
        if headers.get("metadata-flavor").is_none_or(|flavor| flavor != "Google") {
            return Err(refused(format!(
                "{} is not Google's metadata server; outside of Google Cloud, name a file of credentials",
                self.host
            )));
        }
        oauth_token(WHAT, &text)
    }
}

#[async_trait]
impl Flow for Metadata {
    /// A machine may have been given the larger scope alone: what it has is taken then.
    async fn fetch(&self, scope: &str) -> Result<Token, WarehouseError> {
        match self.ask(scope).await {
            Err(WarehouseError::Authentication { .. }) if scope == READ => self.ask(FULL).await,
            asked => asked,
        }
    }
}
