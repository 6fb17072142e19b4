//! `quaver load spotify | lastfm | deezer`: what a list names, from a web API into the raw dataset.

use std::path::Path;
use std::sync::Arc;

use super::{Ended, load, output, progress, shutdown, table};
use crate::app::{Backend, Sharing};
use crate::config::{Config, WebSettings};
use crate::ingest::IngestError;
use crate::ingest::web::{self, Access, Settings, SystemClock, WebError, WebLoad, WebReport, WebSource};

/// The folder of the data directory that holds what runs have fetched.
const FOLDER: &str = "web";

pub(super) async fn run(source: WebSource, list: &Path, config: Config) -> anyhow::Result<Ended> {
    // What is wrong with keys and list is told before a warehouse is opened.
    let access = access(source, &config.web)?;
    web::List::read(list)?;
    let stop = shutdown::on_signal()?;
    let backend = Backend::open(&config, Sharing::Join).await?;
    let report = tokio::select! {
        report = load(source, list, access, &config, &backend) => report,
        () = stop.cancelled() => anyhow::bail!("interrupted; what was fetched is kept, and the same command goes on from there"),
    };
    backend.close().await;
    let state = format!("{}: what was fetched is kept, and the same command goes on from there", source.name());
    output::print(&text(&report.map_err(|error| load::broken_off(error, &state))?))?;
    Ok(Ended::Done)
}

/// One run of a source, or the rest of one that was broken off.
pub(super) async fn load(
    source: WebSource,
    list: &Path,
    access: Access,
    config: &Config,
    backend: &Backend,
) -> Result<WebReport, IngestError> {
    let folder = config.data.dir.join(FOLDER);
    let load = WebLoad { source, list, settings: settings(source, &config.web), access, folder: &folder, clock: Arc::new(SystemClock) };
    web::load(backend.warehouse(), load, progress::shown().as_ref()).await
}

pub(super) fn access(source: WebSource, settings: &WebSettings) -> Result<Access, WebError> {
    match source {
        WebSource::Deezer => Ok(Access::Open),
        WebSource::Lastfm => settings.lastfm_api_key.clone().map(Access::Key).ok_or(WebError::NoKey {
            service: source.name(),
            settings: "web.lastfm_api_key",
            remedy: "https://www.last.fm/api/account/create gives one",
        }),
        WebSource::Spotify => match (&settings.spotify_client_id, &settings.spotify_client_secret) {
            (Some(id), Some(secret)) => Access::client(id.clone(), secret.clone(), &settings.spotify_token_url),
            _ => Err(WebError::NoKey {
                service: source.name(),
                settings: "web.spotify_client_id and web.spotify_client_secret",
                remedy: "an app of https://developer.spotify.com/dashboard has them",
            }),
        },
    }
}

fn settings(source: WebSource, settings: &WebSettings) -> Settings {
    let url = match source {
        WebSource::Spotify => &settings.spotify_url,
        WebSource::Lastfm => &settings.lastfm_url,
        WebSource::Deezer => &settings.deezer_url,
    };
    Settings {
        url: url.clone(),
        max_requests: settings.max_requests,
        concurrency: settings.concurrency,
        max_retries: settings.max_retries,
        request_timeout: settings.request_timeout,
        longest_pause: settings.longest_pause,
    }
}

fn text(report: &WebReport) -> String {
    let header = ["endpoint", "table", "read", "landed", "rejected"].map(str::to_owned).to_vec();
    let rows = report.files.iter().map(|file| {
        let counts = [file.rows_read, file.rows_landed, file.rows_rejected].map(|count| count.to_string());
        [vec![file.source_file.clone(), file.table_name.to_owned()], counts.to_vec()].concat()
    });
    let mut text = table::lines(header, rows, &[false, false, true, true, true]);
    text.push_str(&format!("\n{} requests were sent", report.requests));
    if report.unchanged > 0 {
        text.push_str(&format!("; {} answers had not changed", report.unchanged));
    }
    if report.resumed > 0 {
        text.push_str(&format!("; {} answers were there from the try before", report.resumed));
    }
    text.push('.');
    for (endpoint, said) in &report.withdrawn {
        text.push_str(&format!("\nThis account may not use {endpoint}: {}", table::printable(said)));
    }
    text.push_str(&load::why(report.rejections.iter().map(|found| (found.source_file.as_str(), found)), ["endpoint", "first item"]));
    if report.left > 0 {
        text.push_str(&format!("\nweb.max_requests is used up with {} calls or more to go: the same command goes on.", report.left));
    }
    text
}
