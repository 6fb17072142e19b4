//! axum's extractors with our problems for rejections, which name the field that is wrong and nothing of our insides.

use axum::Json;
use axum::extract::rejection::{BytesRejection, JsonRejection};
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::problem::{Code, Problem};

/// A JSON body.
pub(super) struct ApiJson<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for ApiJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match Json::<T>::from_request(request, state).await {
            Ok(Json(value)) => Ok(Self(value)),
            Err(rejection) => Err(problem(&rejection)),
        }
    }
}

fn problem(rejection: &JsonRejection) -> Problem {
    match rejection {
        JsonRejection::JsonDataError(error) => Problem::new(Code::Malformed, plain(&error.body_text())),
        JsonRejection::JsonSyntaxError(error) => {
            Problem::new(Code::Malformed, format!("the body is not valid JSON: {}", plain(&error.body_text())))
        }
        JsonRejection::MissingJsonContentType(_) => {
            Problem::new(Code::UnsupportedMediaType, "send the body as JSON, with `Content-Type: application/json`")
        }
        JsonRejection::BytesRejection(error) => unread(error),
        _ => Problem::new(Code::Malformed, "the body cannot be read as JSON"),
    }
}

fn unread(error: &BytesRejection) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Problem::new(Code::TooLarge, "the body is larger than this server reads")
    } else {
        Problem::new(Code::Malformed, "the body broke off")
    }
}

/// serde's message, after axum's sentence about it, without Rust's names of types.
fn plain(text: &str) -> String {
    let message = text.split_once("target type: ").or_else(|| text.split_once("as JSON: ")).map_or(text, |(_, message)| message);
    let mut message = message.to_owned();
    for (rust, json) in [
        ("struct AskRequest", "a JSON object"),
        ("struct SqlRequest", "a JSON object"),
        ("struct ValidateRequest", "a JSON object"),
        ("expected u32", "expected a whole number"),
        ("expected u64", "expected a whole number"),
        ("expected a string", "expected a text"),
        ("expected a boolean", "expected true or false"),
    ] {
        message = message.replace(rust, json);
    }
    message
}

/// One variable of the path.
pub(super) struct ApiPath(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for ApiPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        path.map(|Path(text)| Self(text)).map_err(|_| Problem::new(Code::NotFound, "the path is not valid UTF-8"))
    }
}
