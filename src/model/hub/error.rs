//! What can go wrong between here and the Hub.

use std::path::PathBuf;

use hf_hub::api::tokio::ApiError;

#[derive(Debug, thiserror::Error)]
pub enum HubError {
    #[error("the Hub has no file {file} in {repo} at revision {revision}; check the model's id and revision")]
    NotFound { repo: String, revision: String, file: String },

    #[error(
        "the Hub does not show {repo} at revision {revision}: it is private, gated or does not exist; set a token that may read it (HF_TOKEN)"
    )]
    Unauthorized { repo: String, revision: String },

    #[error(
        "{file} of {repo} at revision {revision} is not in the cache {} and the offline switch is on; \
         run `quaver model pull` once with a connection, or copy the model's folder there",
        cache_dir.display()
    )]
    Offline { repo: String, revision: String, file: String, cache_dir: PathBuf },

    #[error("{what} could not be fetched from the Hub: {message}")]
    Network { what: String, message: String },

    #[error("{} is not what the Hub announced: {message}", path.display())]
    Corrupt { path: PathBuf, message: String },

    #[error("the model cache cannot be used: {message}")]
    Cache { message: String },
}

/// A failure, and whether trying again can help.
pub(super) struct Failure {
    pub(super) error: HubError,
    pub(super) again: bool,
}

/// What was being fetched.
pub(super) struct Wanted<'a> {
    pub(super) repo: &'a str,
    pub(super) revision: &'a str,
    pub(super) file: &'a str,
}

impl Wanted<'_> {
    pub(super) fn network(&self, message: impl Into<String>, again: bool) -> Failure {
        Failure { error: HubError::Network { what: format!("{} of {}", self.file, self.repo), message: message.into() }, again }
    }

    pub(super) fn classify(&self, error: ApiError) -> Failure {
        let (repo, revision) = (self.repo.to_owned(), self.revision.to_owned());
        let final_error = |error| Failure { error, again: false };
        match error {
            ApiError::TooManyRetries(inner) => self.classify(*inner),
            ApiError::RequestError(error) => match error.status().map(|status| status.as_u16()) {
                Some(404) => final_error(HubError::NotFound { repo, revision, file: self.file.to_owned() }),
                Some(401 | 403) => final_error(HubError::Unauthorized { repo, revision }),
                status => {
                    let again = status.is_none_or(|status| status == 408 || status == 429 || status >= 500);
                    // The address of a content server holds a signature that gives access.
                    self.network(with_causes(&error.without_url()), again)
                }
            },
            ApiError::IoError(error) => final_error(HubError::Cache { message: error.to_string() }),
            ApiError::LockAcquisition(path) => {
                Failure { error: HubError::Cache { message: format!("another process holds {}", path.display()) }, again: true }
            }
            ApiError::MissingHeader(name) | ApiError::InvalidHeader(name) => {
                // hf-hub does not look at the status of a content server's answer; an error there shows as a missing range.
                let again = name == "content-range";
                self.network(format!("the answer has no valid `{name}` header; is the endpoint a Hub?"), again)
            }
            other => self.network(other.to_string(), true),
        }
    }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
