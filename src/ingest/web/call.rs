//! What the services have in common: calls, what answers mean, and the pages that they hold.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::Url;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fields::Row;

/// A service as the fetcher and the landing see it. Pure: what it makes of an answer depends on the answer alone, so that a run
/// that was broken off can be gone through again.
pub(super) trait WebApi: Send + Sync {
    /// As the command line and the column `source` name it.
    fn name(&self) -> &'static str;
    /// The tables of `music_raw` that its rows land in.
    fn tables(&self) -> &'static [&'static str];
    /// The least time between two requests.
    fn interval(&self) -> Duration;
    /// The first calls. `begun_at` is the same whenever the run is taken up again.
    fn plan(&self, begun_at: DateTime<Utc>) -> Vec<Call>;
    /// What an answer means. `body` is `None` when it is not JSON.
    fn verdict(&self, call: &Call, status: u16, body: Option<&Value>) -> Verdict;
    /// The rows of a page, and the calls that follow from it.
    fn read(&self, call: &Call, body: &Value) -> Page;
    /// What may be asked where this call was answered for good without a page.
    fn instead(&self, _call: &Call) -> Option<Call> {
        None
    }
    /// Calls for all tracks that were found, once no other call is left.
    fn for_tracks(&self, _track_ids: &[String]) -> Vec<Call> {
        Vec::new()
    }
}

/// What an answer means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    Page,
    /// There is no such thing, or it may not be seen: asking again would not help.
    Absent(String),
    /// This account may not use the endpoint, whatever it asks.
    Withdrawn(String),
    /// The same request may succeed in a moment.
    Again(String),
    /// Too many requests; the service may say how long to wait.
    Limited(String),
    /// The access token has run out.
    Expired(String),
    /// The key is wrong, or the account is barred: nothing will be answered.
    Refused(String),
}

/// A request, without what authorises it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Call {
    /// As reports name it.
    pub(super) endpoint: String,
    /// Below the service's address. Made of constants and checked ids.
    path: String,
    query: Vec<(String, String)>,
    /// What was asked for, where the answer does not say so: an artist, a country, a user.
    pub(super) subject: String,
    /// Items on the pages before this one.
    pub(super) before: u64,
    pages_left: u32,
}

impl Call {
    pub(super) fn new(endpoint: &str, path: impl Into<String>) -> Self {
        Self { endpoint: endpoint.to_owned(), path: path.into(), query: Vec::new(), subject: String::new(), before: 0, pages_left: 0 }
    }

    pub(super) fn with(mut self, key: &str, value: impl ToString) -> Self {
        self.query.push((key.to_owned(), value.to_string()));
        self
    }

    pub(super) fn about(mut self, subject: impl ToString) -> Self {
        self.subject = subject.to_string();
        self
    }

    pub(super) fn followed_by(mut self, pages: u32) -> Self {
        self.pages_left = pages;
        self
    }

    /// The next page, where the limit of pages allows one: the same call with another value of `key`.
    pub(super) fn next(&self, key: &str, value: impl ToString, items: usize) -> Option<Self> {
        let mut next = self.clone();
        next.pages_left = self.pages_left.checked_sub(1)?;
        next.before += items as u64;
        match next.query.iter_mut().find(|(name, _)| name == key) {
            Some((_, old)) => *old = value.to_string(),
            None => next.query.push((key.to_owned(), value.to_string())),
        }
        Some(next)
    }

    /// What is asked for, whatever for: equal for calls with one address.
    pub(super) fn what(&self) -> String {
        format!("{} {:?}", self.path, self.query)
    }

    /// The address, without a key.
    pub(super) fn url(&self, base: &Url) -> Url {
        let mut url = base.clone();
        url.set_path(&format!("{}{}", base.path().trim_end_matches('/'), self.path));
        if self.path.is_empty() {
            url.set_path(base.path());
        }
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        url
    }
}

/// What a page holds.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) items: Vec<Item>,
    pub(super) next: Vec<Call>,
    /// Tracks that [`WebApi::for_tracks`] is to ask for.
    pub(super) track_ids: Vec<String>,
}

/// One row, or why there is none.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) table: &'static str,
    /// Its place on the page, from 1; 0 is the page itself.
    pub(super) line: u64,
    pub(super) outcome: Result<Row, String>,
    pub(super) raw: String,
}

/// A reject keeps this much of what was given; the whole answer is in `music_raw.api_responses`.
const RAW_CHARS: usize = 4000;

impl Page {
    pub(super) fn item(&mut self, table: &'static str, line: usize, raw: &Value, outcome: Result<Row, String>) {
        // Only a reject shows what was given.
        let raw = if outcome.is_err() { shortened(&raw.to_string()) } else { String::new() };
        self.items.push(Item { table, line: line as u64, outcome, raw });
    }

    /// The page as a whole holds nothing that could be read.
    pub(super) fn broken(&mut self, table: &'static str, body: &Value, reason: String) {
        self.item(table, 0, body, Err(reason));
    }

    pub(super) fn follow(&mut self, call: impl IntoIterator<Item = Call>) {
        self.next.extend(call);
    }
}

/// The beginning of a long text.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(RAW_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// What a status says where the body says nothing else.
pub(super) fn by_status(service: &str, status: u16, message: Option<&str>) -> Verdict {
    let said = match message {
        Some(message) => format!("{service} answered {status}: {message}"),
        None => format!("{service} answered {status}"),
    };
    match status {
        200..=299 => Verdict::Page,
        429 => Verdict::Limited(said),
        401 | 403 | 407 => Verdict::Refused(said),
        410 => Verdict::Withdrawn(said),
        408 | 425 => Verdict::Again(said),
        400..=499 => Verdict::Absent(said),
        _ => Verdict::Again(said),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_those_of_the_service() {
        let check = |base: &str, call: &Call, expected: &str| assert_eq!(call.url(&Url::parse(base).unwrap()).as_str(), expected);
        let call = Call::new("search", "/search/artist").with("q", "AC/DC & co").with("index", 0).followed_by(1);
        check("https://api.deezer.com", &call, "https://api.deezer.com/search/artist?q=AC%2FDC+%26+co&index=0");
        check("https://api.deezer.com/", &call, "https://api.deezer.com/search/artist?q=AC%2FDC+%26+co&index=0");
        let next = call.next("index", 25, 25).unwrap();
        check("http://127.0.0.1:9/v1", &next, "http://127.0.0.1:9/v1/search/artist?q=AC%2FDC+%26+co&index=25");
        assert_eq!((next.before, next.next("index", 50, 25)), (25, None));
        check("https://ws.audioscrobbler.com/2.0/", &Call::new("x", "").with("a", 1), "https://ws.audioscrobbler.com/2.0/?a=1");
    }
}
