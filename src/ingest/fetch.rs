//! Where data lies: paths of this machine; http(s) addresses and objects of Cloud Storage, which are downloaded aside first, since an
//! archive is read from its end. What breaks off is gone on with where the server can do that.

use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, ETAG, HeaderValue, IF_RANGE, RANGE};
use reqwest::{Response, StatusCode, Url};
use tempfile::TempDir;
use tokio::fs::File;
use tokio::io::{AsyncSeekExt as _, AsyncWriteExt as _};

use super::gcs::Storage;
use super::places::Places;
use super::{IngestError, Progress};

/// An answer that brings nothing for so long has broken off. How long the whole takes is the network's business.
const SILENCE: Duration = Duration::from_secs(60);
/// How often a download may break off, and the pause before the first try after that; each is twice as long as the one before.
const TRIES: u32 = 5;
const PAUSE: Duration = if cfg!(test) { Duration::from_millis(1) } else { Duration::from_secs(1) };

/// Paths of this machine. What was downloaded is deleted when this goes.
#[derive(Debug, Default)]
pub(super) struct Fetched {
    pub paths: Vec<PathBuf>,
    downloads: Vec<TempDir>,
}

/// Makes every place a path of this machine.
///
/// # Errors
/// [`IngestError::Elsewhere`] for a place that Quaver does not read, before anything is downloaded; [`IngestError::Download`].
pub(super) async fn fetch(places: &Places, progress: &dyn Progress) -> Result<Fetched, IngestError> {
    if let Some(elsewhere) = places.paths.iter().find_map(|place| elsewhere(place)) {
        return Err(elsewhere);
    }
    let mut fetched = Fetched::default();
    for place in &places.paths {
        match scheme(place) {
            None => fetched.paths.push(place.clone()),
            Some((scheme, address)) => {
                let from = if scheme.eq_ignore_ascii_case("gs") {
                    Download::of_object(address, &places.storage).await?
                } else {
                    Download::of_address(address)?
                };
                let folder = tempfile::tempdir().map_err(|error| IngestError::NoRoom { folder: tempfile::env::temp_dir(), error })?;
                fetched.paths.push(from.save(folder.path(), progress).await?);
                fetched.downloads.push(folder);
            }
        }
    }
    Ok(fetched)
}

/// `https` and the whole address; `None` for a path.
fn scheme(place: &Path) -> Option<(&str, &str)> {
    let text = place.to_str()?;
    let (scheme, _) = text.split_once("://")?;
    // A path may hold `://` too, but hardly after one word, and there it can be written `./word://`.
    let word = scheme.len() > 1 && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    (word && !scheme.starts_with('.')).then_some((scheme, text))
}

fn elsewhere(place: &Path) -> Option<IngestError> {
    let (scheme, address) = scheme(place)?;
    let remedy = match scheme.to_ascii_lowercase().as_str() {
        "http" | "https" | "gs" => return None,
        "s3" => format!("copy it to this machine first, with `aws s3 cp {address} .`, and load the copy"),
        "file" => format!("name the path alone: {}", address.split_once("://").map_or(address, |(_, path)| path)),
        _ => "download it to this machine first, and load the copy".to_owned(),
    };
    Some(IngestError::Elsewhere { place: address.to_owned(), remedy })
}

/// Something to download.
struct Download {
    url: Url,
    token: Option<String>,
    /// As messages name it, without what may be a secret.
    shown: String,
    /// Its name on this machine: as the address ends, since its name tells rows and rejects apart.
    name: String,
    refused: &'static str,
}

/// How a try ended that did not bring all.
enum Failure {
    /// It may be otherwise the next time.
    Passing(IngestError),
    Final(IngestError),
}

impl Download {
    fn of_address(address: &str) -> Result<Self, IngestError> {
        let url = Url::parse(address)
            .map_err(|error| IngestError::Download { address: address.to_owned(), message: format!("this is no address: {error}") })?;
        let name = file_name(url.path_segments().and_then(|mut segments| segments.rfind(|segment| !segment.is_empty())));
        let refused = "it wants a login: download it in a browser and load the file";
        Ok(Self { shown: shown(&url), name, token: None, refused, url })
    }

    async fn of_object(address: &str, storage: &Storage) -> Result<Self, IngestError> {
        let url = storage.media(address)?;
        let name = file_name(address.rsplit('/').find(|part| !part.is_empty()));
        Ok(Self { url, token: storage.token().await?, shown: address.to_owned(), name, refused: storage.remedy() })
    }

    /// Downloads into the folder.
    async fn save(&self, folder: &Path, progress: &dyn Progress) -> Result<PathBuf, IngestError> {
        let path = folder.join(&self.name);
        let unwritable = |error| IngestError::NoRoom { folder: folder.to_owned(), error };
        let mut http = reqwest::Client::builder().connect_timeout(Duration::from_secs(10)).read_timeout(SILENCE).no_gzip();
        if is_loopback(&self.url) {
            // A proxy of the environment is for the outside; it cannot reach this machine's own servers.
            http = http.no_proxy();
        }
        let http = http.build().map_err(|error| self.broken(error))?;
        let mut file = File::create(&path).await.map_err(unwritable)?;
        let mut saved = Saved::default();
        let mut pause = PAUSE;
        for tries_left in (0..TRIES).rev() {
            match self.bring(&http, &mut file, &mut saved, progress).await {
                Ok(()) => {
                    file.flush().await.map_err(unwritable)?;
                    progress.finish();
                    return Ok(path);
                }
                Err(Failure::Passing(error)) if tries_left > 0 => {
                    tracing::warn!(%error, saved.bytes, "a download broke off; trying again");
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                }
                Err(Failure::Passing(error) | Failure::Final(error)) => return Err(error),
            }
        }
        unreachable!("the last try returns")
    }

    /// Brings what is not there yet.
    async fn bring(&self, http: &reqwest::Client, file: &mut File, saved: &mut Saved, progress: &dyn Progress) -> Result<(), Failure> {
        let mut request = http.get(self.url.clone());
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(tag) = saved.tag.as_ref().filter(|_| saved.bytes > 0) {
            // All of it comes anew if it is another by now.
            request = request.header(RANGE, format!("bytes={}-", saved.bytes)).header(IF_RANGE, tag);
        }
        let mut response = request.send().await.map_err(|error| Failure::Passing(self.broken(error)))?;
        self.check(&response)?;
        let unwritable = |error| Failure::Final(IngestError::NoRoom { folder: tempfile::env::temp_dir(), error });
        if response.status() != StatusCode::PARTIAL_CONTENT {
            // Only a strong tag says that two bodies are the same, byte for byte.
            let tag = response.headers().get(ETAG).filter(|tag| tag.as_bytes().starts_with(b"\""));
            *saved = Saved { bytes: 0, tag: tag.cloned() };
            empty(file).await.map_err(unwritable)?;
            progress.start_bytes(&format!("downloading {}", self.shown), response.content_length());
        }
        while let Some(chunk) = response.chunk().await.map_err(|error| Failure::Passing(self.broken(error)))? {
            file.write_all(&chunk).await.map_err(unwritable)?;
            saved.bytes += chunk.len() as u64;
            progress.inc(chunk.len() as u64);
        }
        Ok(())
    }

    fn check(&self, response: &Response) -> Result<(), Failure> {
        let status = response.status();
        let passing = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
        if !status.is_success() {
            let remedy = match status {
                StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => self.refused,
                StatusCode::NOT_FOUND | StatusCode::GONE => "there is nothing at this address",
                _ => "try again, or download it in another way and load the file",
            };
            let error = self.failed(format!("the server answered {status}; {remedy}"));
            return Err(if passing { Failure::Passing(error) } else { Failure::Final(error) });
        }
        if response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html")) {
            let message = "this is a web page, not a file; it may want a login: download it in a browser and load the file";
            return Err(Failure::Final(self.failed(message.to_owned())));
        }
        Ok(())
    }

    fn failed(&self, message: String) -> IngestError {
        IngestError::Download { address: self.shown.clone(), message }
    }

    fn broken(&self, error: reqwest::Error) -> IngestError {
        self.failed(causes(&error.without_url()))
    }
}

/// How much of a download is there, and which version of it.
#[derive(Default)]
struct Saved {
    bytes: u64,
    tag: Option<HeaderValue>,
}

async fn empty(file: &mut File) -> std::io::Result<()> {
    file.flush().await?;
    file.set_len(0).await?;
    file.rewind().await?;
    Ok(())
}

/// The address without what may be a secret: user, password, query (signed addresses carry their signature there).
fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    // These fail for addresses that cannot have them, which is as well.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.to_string()
}

fn file_name(last: Option<&str>) -> String {
    let last = last.unwrap_or("download");
    // Never anything that a folder could be left by.
    let name: String = last.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')).take(120).collect();
    if name.trim_matches('.').is_empty() { "download".to_owned() } else { name }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

fn causes(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests;
