//! Objects of Cloud Storage (`gs://bucket/object`), read through its JSON API.
//!
//! Source: <https://cloud.google.com/storage/docs/json_api/v1/objects/get>

use reqwest::Url;

use super::IngestError;
use crate::warehouse::{Credentials, TokenSource};

const GOOGLE: &str = "https://storage.googleapis.com";
/// Source: <https://cloud.google.com/storage/docs/oauth-scopes>
const SCOPE: &str = "https://www.googleapis.com/auth/devstorage.read_only";

/// How objects are read.
#[derive(Debug, Clone)]
pub struct Storage {
    /// Scheme and host of the API.
    pub url: String,
    /// Who we are; without any, what everybody may read can be read.
    pub credentials: Credentials,
}

impl Default for Storage {
    fn default() -> Self {
        Self { url: GOOGLE.to_owned(), credentials: Credentials::None }
    }
}

impl Storage {
    /// Where the bytes of an object are.
    ///
    /// # Errors
    /// [`IngestError::Download`] when the address names no object.
    pub(super) fn media(&self, address: &str) -> Result<Url, IngestError> {
        let failed = |message: String| IngestError::Download { address: address.to_owned(), message };
        let path = address.split_once("://").map_or(address, |(_, path)| path);
        let Some((bucket, object)) = path.split_once('/').filter(|(bucket, object)| !bucket.is_empty() && !object.is_empty()) else {
            return Err(failed("this names no object: an address is gs://BUCKET/OBJECT".to_owned()));
        };
        let mut url = Url::parse(&self.url).map_err(|error| failed(format!("{:?} is no address of a service: {error}", self.url)))?;
        // An object's name is one segment, whatever slashes it has: each is written `%2F`.
        url.path_segments_mut()
            .map_err(|()| failed(format!("{:?} is no address of a service", self.url)))?
            .pop_if_empty()
            .extend(["storage", "v1", "b", bucket, "o", object]);
        url.set_query(Some("alt=media"));
        Ok(url)
    }

    /// A token for the API; none when nobody is to be told who we are.
    ///
    /// # Errors
    /// When the credentials cannot be read, or the token server refuses them.
    pub(super) async fn token(&self) -> Result<Option<String>, IngestError> {
        match &self.credentials {
            Credentials::None => Ok(None),
            credentials => Ok(Some(TokenSource::of(credentials).await?.token_in_time(SCOPE).await?)),
        }
    }

    /// What helps when an answer is a refusal.
    pub(super) fn remedy(&self) -> &'static str {
        match self.credentials {
            Credentials::None => {
                "the object is not public; name a key or login that may read it in GOOGLE_APPLICATION_CREDENTIALS \
                 (roles/storage.objectViewer on the bucket)"
            }
            _ => "the account may not read the object; it needs roles/storage.objectViewer on the bucket",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_one_segment_of_the_path() {
        let check = |address: &str, expected: &str| {
            let storage = Storage { url: "http://127.0.0.1:1".to_owned(), ..Storage::default() };
            let found = storage.media(address).map_or_else(|error| error.to_string(), |url| url.to_string());
            assert!(found.contains(expected), "{address}: {found}");
        };
        check("gs://music/a.csv", "http://127.0.0.1:1/storage/v1/b/music/o/a.csv?alt=media");
        check("gs://music/2026/day 1/a+b?.csv.gz", "/b/music/o/2026%2Fday%201%2Fa+b%3F.csv.gz?alt=media");
        check("gs://music/../x", "/b/music/o/..%2Fx?alt=media");
        check("gs://music/été", "/o/%C3%A9t%C3%A9?alt=media");
        check("gs://music", "gs://BUCKET/OBJECT");
        check("gs://music/", "gs://BUCKET/OBJECT");
        check("gs:///x", "gs://BUCKET/OBJECT");
    }
}
