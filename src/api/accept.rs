//! Which form of an answer the client wants.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::ACCEPT;
use axum::http::request::Parts;

/// The forms that an answer has, as `Accept` chooses among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Csv,
    Events,
}

impl<S: Send + Sync> FromRequestParts<S> for Form {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let accept = parts.headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
        Ok(preferred(accept))
    }
}

/// The form with the highest quality, the first of equals; JSON when none is named.
fn preferred<'a>(accept: impl Iterator<Item = &'a str>) -> Form {
    let mut best = (0.0, Form::Json);
    for range in accept.flat_map(|value| value.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let form = match parts.next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "text/csv" => Form::Csv,
            "text/event-stream" => Form::Events,
            "application/json" | "application/*" | "*/*" => Form::Json,
            _ => continue,
        };
        let quality = parts.find_map(|parameter| parameter.strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0);
        if quality > best.0 {
            best = (quality, form);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_highest_quality_is_taken() {
        let check = |accept: &str, expected: Form| assert_eq!(preferred([accept].into_iter()), expected, "{accept}");
        check("", Form::Json);
        check("*/*", Form::Json);
        check("text/html,application/xhtml+xml", Form::Json);
        check("text/csv", Form::Csv);
        check("Text/CSV; charset=utf-8", Form::Csv);
        check("text/event-stream", Form::Events);
        check("application/json;q=0.5, text/csv", Form::Csv);
        check("text/csv;q=0.1, */*;q=0.8", Form::Json);
        check("text/csv;q=nonsense", Form::Csv);
    }
}
