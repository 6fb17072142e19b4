//! What requests bring: query parameters that Google's clients spell in several ways, and JSON bodies that may be gzipped
//! whatever their headers say.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io::Read;

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::HeaderMap;
use axum::http::header::IF_MATCH;
use axum::http::request::Parts;
use flate2::read::MultiGzDecoder;
use serde_json::{Map, Value};

use super::error::ApiError;

/// BigQuery's limit on a request; what is loaded comes by uploads, which have their own.
const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;
/// A gzipped body may not unfold beyond this.
const MAX_UNZIPPED_BYTES: u64 = 4 * MAX_BODY_BYTES as u64;

/// The query string. Unknown parameters are ignored; booleans are read in any case.
#[derive(Debug, Default)]
pub(crate) struct Params(HashMap<String, String>);

impl Params {
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|v| !v.is_empty())
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.text(name).is_some_and(|v| v.eq_ignore_ascii_case("true") || v == "1")
    }

    pub(crate) fn number(&self, name: &str) -> Result<Option<u64>, ApiError> {
        self.text(name)
            .map(|v| v.parse().map_err(|_| ApiError::invalid(format!("Invalid value at '{name}': \"{v}\"")).at_parameter(name)))
            .transpose()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let parsed = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        Ok(Self(parsed.map(|q| q.0.into_iter().collect()).unwrap_or_default()))
    }
}

/// A JSON object; an empty body is an empty one.
#[derive(Debug)]
pub(crate) struct JsonBody(pub(crate) Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let (_, body) = request.into_parts();
        read_json(body).await.map(Self)
    }
}

async fn read_json(body: Body) -> Result<Map<String, Value>, ApiError> {
    let bytes = axum::body::to_bytes(body, MAX_BODY_BYTES)
        .await
        .map_err(|_| ApiError::new(413, "invalid", format!("Request payload size exceeds the limit: {MAX_BODY_BYTES} bytes.")))?;
    // JSON never begins with these bytes, so they say more than the headers do.
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut plain = Vec::new();
        MultiGzDecoder::new(bytes.as_ref())
            .take(MAX_UNZIPPED_BYTES)
            .read_to_end(&mut plain)
            .map_err(|e| parse_error(&format!("the gzipped body is damaged: {e}")))?;
        if plain.len() as u64 == MAX_UNZIPPED_BYTES {
            return Err(ApiError::new(413, "invalid", format!("Request payload size exceeds the limit: {MAX_UNZIPPED_BYTES} bytes.")));
        }
        return parse_object(&plain);
    }
    parse_object(&bytes)
}

pub(crate) fn parse_object(bytes: &[u8]) -> Result<Map<String, Value>, ApiError> {
    if bytes.trim_ascii().is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(parse_error("the body must be a JSON object")),
        Err(e) => Err(parse_error(&format!("Invalid JSON payload received. {e}"))),
    }
}

fn parse_error(message: &str) -> ApiError {
    ApiError::new(400, "parseError", message)
}

pub(crate) fn if_match(headers: &HeaderMap) -> Option<&str> {
    headers.get(IF_MATCH).and_then(|v| v.to_str().ok())
}

/// A boolean that may be written as text.
pub(crate) fn as_flag(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Bool(b)) => *b,
        Some(Value::String(s)) => s.eq_ignore_ascii_case("true"),
        _ => false,
    }
}

/// An integer that may be written as text, as the API's 64-bit numbers are.
pub(crate) fn as_number(value: Option<&Value>) -> Option<u64> {
    match value {
        Some(Value::Number(n)) => n.as_u64().or_else(|| n.as_f64().map(|f| f.max(0.0) as u64)),
        Some(Value::String(s)) => s.trim().parse().ok(),
        _ => None,
    }
}

/// Text, if it is there and not empty.
pub(crate) fn as_text(value: Option<&Value>) -> Option<&str> {
    value.and_then(Value::as_str).filter(|s| !s.is_empty())
}
