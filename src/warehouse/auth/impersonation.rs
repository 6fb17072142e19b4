//! Tokens of an account that another one may act as.
//!
//! Source: <https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken>

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use reqwest::Url;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;
use tokio::time::Instant;

use super::ACT_AS;
use super::cache::{Flow, Token, TokenCache};
use super::exchange::{Exchange, shown, token_address};
use crate::warehouse::WarehouseError;

const WHAT: &str = "the IAM credentials service";

pub(super) struct Impersonation {
    /// Its tokens serve the tokens of every scope.
    by: TokenCache,
    url: Url,
    delegates: Vec<String>,
    exchange: Exchange,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    access_token: String,
    expire_time: DateTime<Utc>,
}

impl Impersonation {
    pub(super) fn new(by: Box<dyn Flow>, address: String, delegates: Vec<String>, exchange: Exchange) -> Result<Self, String> {
        Ok(Self { by: TokenCache::new(by), url: token_address(&address)?, delegates, exchange })
    }
}

#[async_trait]
impl Flow for Impersonation {
    async fn fetch(&self, scope: &str) -> Result<Token, WarehouseError> {
        let own = self.by.token(ACT_AS).await?;
        let body = json!({ "scope": [scope], "delegates": self.delegates, "lifetime": "3600s" });
        let request = self.exchange.client(&self.url).post(self.url.clone()).bearer_auth(shown(&own)).json(&body);
        let text = match self.exchange.send(WHAT, request, &[shown(&own)]).await {
            Ok((_, text)) => text,
            Err(error) => {
                // It may be the own token that is not accepted any more: the next try comes with another.
                if !error.is_retryable() {
                    self.by.forget_before(Instant::now()).await;
                }
                return Err(error);
            }
        };
        let answer: Answer =
            serde_json::from_str(&text).map_err(|_| WarehouseError::Unreadable { message: format!("{WHAT} gave no token") })?;
        let good_for = (answer.expire_time - Utc::now()).to_std().unwrap_or(Duration::ZERO);
        Ok(Token::new(SecretString::from(answer.access_token), good_for))
    }
}
