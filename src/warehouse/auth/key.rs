//! Tokens of a service account with a key, which signs for them.
//!
//! Source: <https://developers.google.com/identity/protocols/oauth2/service-account>

use std::time::Duration;

use async_trait::async_trait;
use chrono::Utc;
use secrecy::SecretString;
use yup_oauth2::authenticator::DefaultAuthenticator;
use yup_oauth2::{ServiceAccountAuthenticator, ServiceAccountKey};

use super::cache::{Flow, Token};
use super::exchange::token_address;
use crate::warehouse::WarehouseError;

const TIMEOUT: Duration = Duration::from_secs(10);

/// yup-oauth2 signs and asks; it logs what it sends and gets at the level `debug`, which the log of this program never shows.
pub(super) struct Key {
    authenticator: DefaultAuthenticator,
}

impl Key {
    pub(super) async fn new(key: ServiceAccountKey) -> Result<Self, String> {
        token_address(&key.token_uri)?;
        let built = ServiceAccountAuthenticator::builder(key).build().await;
        built.map(|authenticator| Self { authenticator }).map_err(|error| error.to_string())
    }
}

#[async_trait]
impl Flow for Key {
    async fn fetch(&self, scope: &str) -> Result<Token, WarehouseError> {
        let slow = |_| WarehouseError::Unreachable { message: "the token server gave no answer in time".to_owned() };
        let scopes = [scope];
        let token = tokio::time::timeout(TIMEOUT, self.authenticator.force_refreshed_token(&scopes)).await.map_err(slow)?;
        let token = token.map_err(failed)?;
        let secret = token.token().ok_or_else(|| WarehouseError::Unreadable { message: "the token server gave no token".to_owned() })?;
        let seconds = token.expiration_time().map_or(0, |at| at.unix_timestamp() - Utc::now().timestamp());
        Ok(Token::new(SecretString::from(secret), Duration::from_secs(u64::try_from(seconds).unwrap_or(0))))
    }
}

/// An answer that is no JSON is a server that fails: what it refuses, it refuses in JSON.
fn failed(error: yup_oauth2::Error) -> WarehouseError {
    let message = format!("the token server: {error}");
    match error {
        yup_oauth2::Error::HttpError(_) | yup_oauth2::Error::HttpClientError(_) | yup_oauth2::Error::JSONError(_) => {
            WarehouseError::Unreachable { message }
        }
        _ => WarehouseError::Authentication { message },
    }
}
