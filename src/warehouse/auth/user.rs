//! Tokens of a person, from the file that `gcloud auth application-default login` writes.

use async_trait::async_trait;
use reqwest::Url;
use secrecy::SecretString;
use serde::Deserialize;

use super::cache::{Flow, Token};
use super::exchange::{Exchange, shown, token_address};
use crate::warehouse::WarehouseError;

const TOKEN_URI: &str = "https://oauth2.googleapis.com/token";

/// The file.
#[derive(Deserialize)]
pub(super) struct UserFile {
    client_id: String,
    client_secret: String,
    refresh_token: String,
    token_uri: Option<String>,
}

pub(super) struct User {
    client_id: String,
    client_secret: SecretString,
    refresh_token: SecretString,
    url: Url,
    exchange: Exchange,
}

impl User {
    pub(super) fn new(file: UserFile, exchange: Exchange) -> Result<Self, String> {
        Ok(Self {
            client_id: file.client_id,
            client_secret: SecretString::from(file.client_secret),
            refresh_token: SecretString::from(file.refresh_token),
            url: token_address(file.token_uri.as_deref().unwrap_or(TOKEN_URI))?,
            exchange,
        })
    }
}

#[async_trait]
impl Flow for User {
    /// What the person agreed to is what the token is good for; no scope is asked for.
    async fn fetch(&self, _scope: &str) -> Result<Token, WarehouseError> {
        let (secret, refresh) = (shown(&self.client_secret), shown(&self.refresh_token));
        let form = [("grant_type", "refresh_token"), ("client_id", &self.client_id), ("client_secret", secret), ("refresh_token", refresh)];
        self.exchange.token("the token server", &self.url, &form, &[secret, refresh]).await
    }
}
