//! Sources that are web APIs: Spotify, Last.fm and Deezer, into `music_raw`.
//!
//! `spotify`, `lastfm` and `deezer` say what to ask and what answers mean; they do no IO. `fetch` sends the requests, `journal` keeps
//! every answer on disk before it is used, `run` goes from answer to answer, and `land` writes what came of them. A run that is
//! broken off (a crash, a used-up budget, a service that is down) is gone on with by the same command.

mod access;
mod call;
mod clock;
mod deezer;
mod error;
mod fetch;
mod fields;
mod journal;
mod land;
mod lastfm;
mod list;
mod run;
mod spotify;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;

pub use access::Access;
pub use clock::{Clock, SystemClock};
pub use error::WebError;
pub use list::List;

use super::landing::{FileReport, Rejection};
use super::{IngestError, Progress, Sink};
use call::WebApi;

/// The sources that are web APIs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebSource {
    Spotify,
    Lastfm,
    Deezer,
}

/// How a service is asked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The service's address.
    pub url: String,
    /// Requests that the run may send in all, with those that are sent again.
    pub max_requests: u32,
    /// Requests that may be under way at a time.
    pub concurrency: usize,
    /// How often a failed request is sent again.
    pub max_retries: u32,
    pub request_timeout: Duration,
    /// A service that wants a longer pause ends the run.
    pub longest_pause: Duration,
}

/// What a run brought.
#[derive(Debug, Clone)]
pub struct WebReport {
    pub source: &'static str,
    /// By endpoint and table.
    pub files: Vec<FileReport>,
    /// What was rejected and why, by endpoint and kind of reason; `music_raw.rejects` has every item.
    pub rejections: Vec<Rejection>,
    /// Requests that were sent.
    pub requests: u32,
    /// Answers that an earlier try of the run had fetched.
    pub resumed: u64,
    /// Answers that had not changed since the last run.
    pub unchanged: u64,
    /// Endpoints that this account may not use, each with what the service said.
    pub withdrawn: Vec<(String, String)>,
    /// Calls that the budget left over; loading again goes on with them.
    pub left: u64,
}

/// What a load needs besides the warehouse.
pub struct WebLoad<'a> {
    pub source: WebSource,
    /// Where the list stands.
    pub list: &'a Path,
    pub settings: Settings,
    pub access: Access,
    /// The folder that holds the journals of all services.
    pub folder: &'a Path,
    pub clock: Arc<dyn Clock>,
}

impl WebSource {
    pub const ALL: [Self; 3] = [Self::Spotify, Self::Lastfm, Self::Deezer];

    /// As it is named on the command line and in the column `source`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Spotify => spotify::SOURCE,
            Self::Lastfm => lastfm::SOURCE,
            Self::Deezer => deezer::SOURCE,
        }
    }

    /// A source by its name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.name() == name)
    }

    /// Whether the list has anything for the service.
    #[must_use]
    pub fn is_asked_by(self, list: &List) -> bool {
        !self.api(list.clone()).plan(DateTime::UNIX_EPOCH).is_empty()
    }

    fn api(self, list: List) -> Arc<dyn WebApi> {
        match self {
            Self::Spotify => Arc::new(spotify::Spotify::new(list)),
            Self::Lastfm => Arc::new(lastfm::Lastfm::new(list)),
            Self::Deezer => Arc::new(deezer::Deezer::new(list)),
        }
    }

    fn takes(self) -> &'static str {
        match self {
            Self::Spotify => "artists, playlists and searches",
            Self::Lastfm => "charts, artists, countries, tags and users",
            Self::Deezer => "charts, artists, playlists and genres",
        }
    }
}

impl WebReport {
    /// Items read, landed and rejected, over all endpoints.
    #[must_use]
    pub fn totals(&self) -> (u64, u64, u64) {
        self.files.iter().fold((0, 0, 0), |(read, landed, rejected), file| {
            (read + file.rows_read, landed + file.rows_landed, rejected + file.rows_rejected)
        })
    }
}

/// Fetches what the list names, or goes on with a run that was broken off, and appends it to `music_raw`.
///
/// # Errors
/// [`WebError`] when the service, the list or the disk do not allow it; else what the warehouse says. What was fetched until then is
/// in the journal, and what was landed stays.
pub async fn load(sink: &dyn Sink, load: WebLoad<'_>, progress: &dyn Progress) -> Result<WebReport, IngestError> {
    let list = List::read(load.list)?;
    let (name, takes) = (load.source.name(), load.source.takes());
    let api = load.source.api(list);
    if api.plan(load.clock.now()).is_empty() {
        return Err(WebError::NothingAsked { path: load.list.to_owned(), service: name, takes }.into());
    }
    let folder = load.folder.join(name);
    let run = run::Run { sink, api, settings: &load.settings, folder: &folder, clock: load.clock, progress };
    run.go(load.access).await
}

#[cfg(test)]
mod tests;
