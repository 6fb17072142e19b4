//! Where data lies: paths of this machine, and http(s) addresses, which are downloaded aside first.

use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::{StatusCode, Url};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;

use super::{IngestError, Progress};

/// An answer that brings nothing for so long has broken off. How long the whole takes is the network's business.
const SILENCE: Duration = Duration::from_secs(60);

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
pub(super) async fn fetch(places: &[PathBuf], progress: &dyn Progress) -> Result<Fetched, IngestError> {
    if let Some(elsewhere) = places.iter().find_map(|place| elsewhere(place)) {
        return Err(elsewhere);
    }
    let mut fetched = Fetched::default();
    for place in places {
        match scheme(place) {
            None => fetched.paths.push(place.clone()),
            Some((_, address)) => {
                let folder = tempfile::tempdir().map_err(|error| IngestError::Unreadable { path: tempfile::env::temp_dir(), error })?;
                fetched.paths.push(download(address, folder.path(), progress).await?);
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
        "http" | "https" => return None,
        "gs" => format!(
            "copy it to this machine first, with `gcloud storage cp {address} .`, and load the copy (BigQuery can also read a plain CSV \
             from there itself: `bq load --autodetect music_raw.NAME {address}`)"
        ),
        "s3" => format!("copy it to this machine first, with `aws s3 cp {address} .`, and load the copy"),
        "file" => format!("name the path alone: {}", address.split_once("://").map_or(address, |(_, path)| path)),
        _ => "download it to this machine first, and load the copy".to_owned(),
    };
    Some(IngestError::Elsewhere { place: address.to_owned(), remedy })
}

/// Downloads into the folder. The file is named as the address ends, since its name tells rows and rejects apart.
async fn download(address: &str, folder: &Path, progress: &dyn Progress) -> Result<PathBuf, IngestError> {
    let url = Url::parse(address)
        .map_err(|error| IngestError::Download { address: address.to_owned(), message: format!("this is no address: {error}") })?;
    let shown = shown(&url);
    let failed = |message: String| IngestError::Download { address: shown.clone(), message };
    let broken = |error: reqwest::Error| failed(causes(&error.without_url()));

    let mut http = reqwest::Client::builder().connect_timeout(Duration::from_secs(10)).read_timeout(SILENCE);
    if is_loopback(&url) {
        // A proxy of the environment is for the outside; it cannot reach this machine's own servers.
        http = http.no_proxy();
    }
    let mut response = http.build().map_err(broken)?.get(url.clone()).send().await.map_err(broken)?;
    let status = response.status();
    if !status.is_success() {
        let remedy = match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => "it wants a login: download it in a browser and load the file",
            StatusCode::NOT_FOUND | StatusCode::GONE => "there is nothing at this address",
            _ => "try again, or download it in a browser and load the file",
        };
        return Err(failed(format!("the server answered {status}; {remedy}")));
    }
    let is_page = response.headers().get(reqwest::header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if is_page {
        return Err(failed("this is a web page, not a file; it may want a login: download it in a browser and load the file".to_owned()));
    }
    let path = folder.join(file_name(&url));
    let unwritable = |error| IngestError::Unreadable { path: path.clone(), error };
    let mut file = tokio::fs::File::create(&path).await.map_err(unwritable)?;
    progress.start(&format!("downloading {shown} (bytes)"), response.content_length());
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        file.write_all(&chunk).await.map_err(unwritable)?;
        progress.inc(chunk.len() as u64);
    }
    file.flush().await.map_err(unwritable)?;
    progress.finish();
    Ok(path)
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

fn file_name(url: &Url) -> String {
    let last = url.path_segments().and_then(|mut segments| segments.rfind(|segment| !segment.is_empty())).unwrap_or("download");
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
