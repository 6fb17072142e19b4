//! What authorises requests: nothing, a key in the address, or an access token for client credentials. Secrets stay in here; what
//! leaves goes through [`Access::without_secrets`].

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::HeaderMap;
use reqwest::{Client, Url};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use tokio::sync::{Mutex as Gate, MutexGuard};

use super::WebError;
use super::call::{Verdict, by_status};
use super::clock::{Clock, delta};

/// How the requests to a service are authorised.
pub enum Access {
    Open,
    /// Last.fm: a key in the address.
    Key(SecretString),
    /// Spotify: OAuth 2.0 client credentials.
    Client(ClientCredentials),
}

/// Who asks for tokens, and where.
/// Source: <https://developer.spotify.com/documentation/web-api/tutorials/client-credentials-flow>
pub struct ClientCredentials {
    id: String,
    secret: SecretString,
    url: Url,
    token: Mutex<Option<Token>>,
    /// Whoever fetches a token holds it, so that the others wait for that one.
    gate: Gate<()>,
}

struct Token {
    text: SecretString,
    until: DateTime<Utc>,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    expires_in: Option<u64>,
}

/// A token is not used in its last moments, in which it would run out on the way.
const MARGIN: Duration = Duration::from_secs(60);
const TOKEN_LIFE: u64 = 3600;
/// What is shorter is no key of any of the services, and would be found in any text.
const SHORTEST_SECRET: usize = 6;

impl Access {
    /// Client credentials and the address that gives tokens for them.
    ///
    /// # Errors
    /// [`WebError::Address`].
    pub fn client(id: String, secret: SecretString, url: &str) -> Result<Self, WebError> {
        let wrong = |message: String| WebError::Address { service: "spotify", address: url.to_owned(), message };
        let url = Url::parse(url).map_err(|error| wrong(error.to_string()))?;
        Ok(Self::Client(ClientCredentials { id, secret, url, token: Mutex::default(), gate: Gate::new(()) }))
    }

    /// The settings that it was made from.
    pub(super) fn settings(&self) -> &'static str {
        match self {
            Self::Open => "that this machine may reach it",
            Self::Key(_) => "web.lastfm_api_key",
            Self::Client(_) => "web.spotify_client_id and web.spotify_client_secret",
        }
    }

    /// The address with the key, which goes nowhere but into the request.
    pub(super) fn signed(&self, url: &Url) -> Url {
        let mut url = url.clone();
        if let Self::Key(key) = self {
            url.query_pairs_mut().append_pair("api_key", key.expose_secret());
        }
        url
    }

    /// The token to send: `Some(None)` when none is needed, `None` when it has to be fetched first.
    pub(super) fn token(&self, now: DateTime<Utc>) -> Option<Option<String>> {
        let Self::Client(client) = self else { return Some(None) };
        let token = client.token.lock().unwrap_or_else(PoisonError::into_inner);
        token.as_ref().filter(|token| token.until > now).map(|token| Some(token.text.expose_secret().to_owned()))
    }

    /// Waits for whoever fetches a token.
    pub(super) async fn gate(&self) -> Option<MutexGuard<'_, ()>> {
        match self {
            Self::Client(client) => Some(client.gate.lock().await),
            Self::Open | Self::Key(_) => None,
        }
    }

    /// The token that is held has run out.
    pub(super) fn renew(&self) {
        if let Self::Client(client) = self {
            *client.token.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }

    /// Fetches a token. Says what is wrong when there is none.
    pub(super) async fn fetch_token(&self, http: &Client, clock: &dyn Clock) -> Option<(HeaderMap, Verdict)> {
        let Self::Client(client) = self else { return None };
        let request = http.post(client.url.clone()).basic_auth(&client.id, Some(client.secret.expose_secret()));
        let response = match request.form(&[("grant_type", "client_credentials")]).send().await {
            Ok(response) => response,
            Err(error) => {
                let said = format!("the token server cannot be reached: {}", error.without_url());
                return Some((HeaderMap::new(), Verdict::Again(said)));
            }
        };
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let verdict = match response.json::<TokenAnswer>().await {
            Ok(answer) if status == 200 => {
                let life = Duration::from_secs(answer.expires_in.unwrap_or(TOKEN_LIFE)).saturating_sub(MARGIN).max(MARGIN);
                let token = Token { text: answer.access_token.into(), until: clock.now() + delta(life) };
                *client.token.lock().unwrap_or_else(PoisonError::into_inner) = Some(token);
                return None;
            }
            // `invalid_client` comes as 400. Source: <https://www.rfc-editor.org/rfc/rfc6749#section-5.2>
            _ if status == 400 => Verdict::Refused("the client id or secret is wrong".to_owned()),
            _ => match by_status("the token server", status, None) {
                Verdict::Page => Verdict::Again("the token server gave no token".to_owned()),
                Verdict::Absent(said) | Verdict::Withdrawn(said) => Verdict::Refused(said),
                verdict => verdict,
            },
        };
        Some((headers, verdict))
    }

    /// The text without any secret that it may quote.
    pub(super) fn without_secrets(&self, text: &str) -> String {
        let replace = |text: &str, secret: &str| if secret.len() < SHORTEST_SECRET { text.to_owned() } else { text.replace(secret, "***") };
        match self {
            Self::Open => text.to_owned(),
            Self::Key(key) => replace(text, key.expose_secret()),
            Self::Client(client) => {
                let text = replace(text, client.secret.expose_secret());
                let token = client.token.lock().unwrap_or_else(PoisonError::into_inner);
                token.as_ref().map_or(text.clone(), |token| replace(&text, token.text.expose_secret()))
            }
        }
    }
}
