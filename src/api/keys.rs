//! Keys of clients: who may ask, and on whose account. Without any, everybody may.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest as _, Sha256};

use super::problem::{Code, Problem};
use super::state::ApiSettings;

/// What is known of a key: a name, and its SHA-256. The key itself is kept nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    pub name: String,
    pub digest: [u8; 32],
}

/// The name of the key that a request came with.
#[derive(Debug, Clone, Default)]
pub(super) struct Caller(pub(super) Option<Arc<str>>);

impl Caller {
    pub(super) fn name(&self) -> Option<String> {
        self.0.as_deref().map(str::to_owned)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get().cloned().unwrap_or_default())
    }
}

/// Turns requests of the API away that come without a key, where there are keys. Health, metrics and documents need none.
pub(super) async fn authorize(State(settings): State<ApiSettings>, mut request: Request, next: Next) -> Response {
    if settings.keys.is_empty() || !request.uri().path().starts_with("/v1/") {
        return next.run(request).await;
    }
    match given(request.headers()).and_then(|key| name_of(&settings.keys, key)) {
        Some(name) => {
            request.extensions_mut().insert(Caller(Some(name.into())));
            next.run(request).await
        }
        None => {
            let problem = "this service wants a key: send it as `Authorization: Bearer KEY` or as `X-Api-Key: KEY`";
            Problem::new(Code::Unauthorized, problem).into_response()
        }
    }
}

fn given(headers: &HeaderMap) -> Option<&str> {
    let authorization = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.split_once(' '));
    let bearer = authorization.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, key)| key.trim());
    bearer.or_else(|| headers.get("x-api-key")?.to_str().ok())
}

/// Digests are compared: how far two agree says nothing of the keys.
fn name_of<'a>(keys: &'a [ApiKey], given: &str) -> Option<&'a str> {
    let given: [u8; 32] = Sha256::digest(given.as_bytes()).into();
    keys.iter().find(|key| key.digest == given).map(|key| key.name.as_str())
}
