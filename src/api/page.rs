//! `/`: one page with a question box, whole in this file's neighbour `page.html`; it loads nothing from elsewhere.

use std::sync::LazyLock;

use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::IntoResponse;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

const PAGE: &str = include_str!("page.html");

/// Permits the page's own script and style by their hashes, and nothing else.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "default-src 'none'; connect-src 'self'; script-src '{}'; style-src '{}'; img-src data:; form-action 'none'; base-uri 'none'; \
         frame-ancestors 'none'",
        hash_of("script"),
        hash_of("style")
    )
});

fn hash_of(element: &str) -> String {
    let inside = PAGE.split_once(&format!("<{element}>")).and_then(|(_, rest)| rest.split_once(&format!("</{element}>")));
    let (text, _) = inside.expect("page.html has one script and one style, without attributes; the tests hold it");
    format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(text)))
}

pub(super) async fn page() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_SECURITY_POLICY, POLICY.as_str())], PAGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_loads_nothing_from_elsewhere() {
        assert_eq!((PAGE.matches("<script>").count(), PAGE.matches("<style>").count()), (1, 1));
        assert!(POLICY.contains("script-src 'sha256-"));
        for elsewhere in ["src=\"http", "href=\"http", "url(", "src=\"//", "@import", " onclick", " style=\""] {
            assert!(!PAGE.contains(elsewhere), "page.html has {elsewhere}");
        }
    }
}
