//! Requests to token servers. What they carry and bring is secret: nothing of it is logged, and no error repeats it.

use std::net::IpAddr;
use std::time::Duration;

use reqwest::{RequestBuilder, Url};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::cache::Token;
use crate::warehouse::WarehouseError;

/// A token server answers at once or not at all.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Of what a token server says of an error.
const SHOWN: usize = 300;

/// The ways out. Cheap to clone.
#[derive(Clone)]
pub(super) struct Exchange {
    outside: reqwest::Client,
    /// For addresses that no proxy of the environment can reach: the metadata server, this machine.
    near: reqwest::Client,
}

impl Exchange {
    pub(super) fn new() -> Result<Self, WarehouseError> {
        // Whoever is sent a secret is the one that was configured: redirects are not followed.
        let client = || {
            reqwest::Client::builder().connect_timeout(Duration::from_secs(3)).timeout(TIMEOUT).redirect(reqwest::redirect::Policy::none())
        };
        Ok(Self { outside: client().build()?, near: client().no_proxy().build()? })
    }

    pub(super) fn client(&self, url: &Url) -> &reqwest::Client {
        if is_near(url) { &self.near } else { &self.outside }
    }

    /// Past every proxy.
    pub(super) fn near(&self) -> &reqwest::Client {
        &self.near
    }

    /// Sends a request and gives the text of its answer. `what` names the server in errors, which show none of `secrets`.
    pub(super) async fn send(
        &self,
        what: &str,
        request: RequestBuilder,
        secrets: &[&str],
    ) -> Result<(reqwest::header::HeaderMap, String), WarehouseError> {
        let lost = |error: reqwest::Error| match WarehouseError::from(error.without_url()) {
            WarehouseError::Unreachable { message } => WarehouseError::Unreachable { message: format!("{what}: {message}") },
            other => other,
        };
        let response = request.send().await.map_err(lost)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.map_err(lost)?;
        if status.is_success() {
            return Ok((headers, text));
        }
        let said = secrets.iter().filter(|secret| !secret.is_empty()).fold(said(&text), |said, secret| said.replace(secret, "..."));
        let message = format!("{what} answered {} {said}", status.as_u16());
        Err(if status.is_server_error() || matches!(status.as_u16(), 408 | 429) {
            WarehouseError::Unreachable { message }
        } else {
            WarehouseError::Authentication { message }
        })
    }

    /// Sends a form to a token endpoint.
    /// Source: <https://www.rfc-editor.org/rfc/rfc6749#section-5.1>
    pub(super) async fn token(&self, what: &str, url: &Url, form: &[(&str, &str)], secrets: &[&str]) -> Result<Token, WarehouseError> {
        let request = self.client(url).post(url.clone()).form(form);
        let (_, text) = self.send(what, request, secrets).await?;
        oauth_token(what, &text)
    }
}

/// The token of an answer of RFC 6749.
pub(super) fn oauth_token(what: &str, text: &str) -> Result<Token, WarehouseError> {
    let unreadable = |why: &str| WarehouseError::Unreadable { message: format!("{what} gave {why}") };
    let answer: Value = serde_json::from_str(text).map_err(|_| unreadable("no JSON"))?;
    let token = answer["access_token"].as_str().filter(|token| !token.is_empty()).ok_or_else(|| unreadable("no access_token"))?;
    if answer["token_type"].as_str().is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
        return Err(unreadable("a token that is no bearer token"));
    }
    let seconds = answer["expires_in"].as_u64().or_else(|| answer["expires_in"].as_str()?.parse().ok());
    // Without a time it is used once.
    Ok(Token::new(SecretString::from(token), Duration::from_secs(seconds.unwrap_or(0))))
}

/// What an error says: of RFC 6749, of Google's APIs, or plain text.
fn said(text: &str) -> String {
    let answer: Value = serde_json::from_str(text).unwrap_or_default();
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let said = match &answer["error"] {
        Value::String(code) => format!("{code}: {}", word(&answer["error_description"])),
        Value::Object(error) => {
            format!("{}: {}", error.get("status").map(word).unwrap_or_default(), error.get("message").map(word).unwrap_or_default())
        }
        _ if text.trim_start().starts_with('<') => "with HTML".to_owned(),
        _ => text.trim().to_owned(),
    };
    said.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SHOWN).collect()
}

/// An address of a file of credentials that secrets may be sent to: encrypted, or on this machine.
pub(super) fn token_address(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("{text:?} is no address: {error}"))?;
    if url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url)) {
        Ok(url)
    } else {
        Err(format!("{text:?} is not encrypted: a token server has an https address"))
    }
}

/// An address that a token of another provider is fetched from: also a server of the machine's own network, such as Azure's.
pub(super) fn source_address(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("{text:?} is no address: {error}"))?;
    if url.scheme() == "https" || (url.scheme() == "http" && is_near(&url)) {
        Ok(url)
    } else {
        Err(format!("{text:?} is not encrypted: only a server of this machine's own may have an http address"))
    }
}

fn ip(url: &Url) -> Option<IpAddr> {
    url.host_str()?.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

fn is_loopback(url: &Url) -> bool {
    url.host_str() == Some("localhost") || ip(url).is_some_and(|address| address.is_loopback())
}

fn is_near(url: &Url) -> bool {
    let link_local = |address: IpAddr| matches!(address, IpAddr::V4(address) if address.is_link_local());
    is_loopback(url) || url.host_str() == Some("metadata.google.internal") || ip(url).is_some_and(link_local)
}

/// A secret that is sent.
pub(super) fn shown(secret: &SecretString) -> &str {
    secret.expose_secret()
}
