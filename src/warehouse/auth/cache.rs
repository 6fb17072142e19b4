//! Tokens kept until shortly before they expire, one for each scope.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use tokio::time::Instant;

use crate::warehouse::WarehouseError;

/// So long before its end a token is replaced; the metadata server has a new one from five minutes before.
/// Source: <https://cloud.google.com/compute/docs/access/authenticate-workloads#applications>
const AHEAD: Duration = Duration::from_secs(225);
/// A token is used until so long before its end when there is no new one.
const LAST_USE: Duration = Duration::from_secs(15);
/// How long a token server that failed is left alone while the old token is good.
const LEFT_ALONE: Duration = Duration::from_secs(5);

/// A way to a new token.
#[async_trait]
pub(super) trait Flow: Send + Sync {
    /// # Errors
    /// [`WarehouseError::Authentication`] when it is refused for good; another error when it may be had in a moment.
    async fn fetch(&self, scope: &str) -> Result<Token, WarehouseError>;
}

/// A bearer token and how long it is good for.
pub(super) struct Token {
    pub(super) secret: SecretString,
    fetched: Instant,
    ends: Instant,
    /// Not replaced before.
    keep_until: Instant,
}

impl Token {
    pub(super) fn new(secret: SecretString, good_for: Duration) -> Self {
        let fetched = Instant::now();
        // A token that is good for less than the time ahead is used once, and again while no other can be had.
        Self { secret, fetched, ends: fetched + good_for, keep_until: fetched + good_for.saturating_sub(AHEAD) }
    }
}

type Slot = Arc<tokio::sync::Mutex<Option<Token>>>;

/// What a flow gave, by scope.
pub(super) struct TokenCache {
    flow: Box<dyn Flow>,
    slots: Mutex<HashMap<String, Slot>>,
}

impl TokenCache {
    pub(super) fn new(flow: Box<dyn Flow>) -> Self {
        Self { flow, slots: Mutex::default() }
    }

    /// Requests that need the same token wait for one fetch.
    pub(super) async fn token(&self, scope: &str) -> Result<SecretString, WarehouseError> {
        let slot = Arc::clone(self.slots.lock().unwrap_or_else(PoisonError::into_inner).entry(scope.to_owned()).or_default());
        let mut held = slot.lock().await;
        if let Some(token) = held.as_ref().filter(|token| Instant::now() < token.keep_until) {
            return Ok(token.secret.clone());
        }
        match self.flow.fetch(scope).await {
            Ok(token) => Ok(held.insert(token).secret.clone()),
            Err(error) => {
                let now = Instant::now();
                let old = held.as_mut().filter(|token| error.is_retryable() && now + LAST_USE < token.ends);
                let Some(old) = old else { return Err(error) };
                tracing::warn!(%error, "no new token could be had; the old one is good for a while yet");
                old.keep_until = (now + LEFT_ALONE).min(old.ends - LAST_USE);
                Ok(old.secret.clone())
            }
        }
    }

    pub(super) async fn forget_before(&self, moment: Instant) {
        let slots: Vec<Slot> = self.slots.lock().unwrap_or_else(PoisonError::into_inner).values().map(Arc::clone).collect();
        for slot in slots {
            let mut held = slot.lock().await;
            if held.as_ref().is_some_and(|token| token.fetched < moment) {
                *held = None;
            }
        }
    }
}
