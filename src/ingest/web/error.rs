//! Why a web API gave nothing, in terms that whoever runs the load can act on. No message holds an address with a key in it.

use std::io;
use std::path::PathBuf;

/// Why a load from a web API ended before it was done. What was fetched until then is kept.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// The list of what to fetch cannot be read.
    #[error("{}: {message}; config/web-list.yaml shows what such a list holds", path.display())]
    List { path: PathBuf, message: String },
    /// The list has nothing that this service could be asked for.
    #[error("{}: nothing in it is for {service}, which takes {takes}", path.display())]
    NothingAsked { path: PathBuf, service: &'static str, takes: &'static str },
    /// A key is needed and none was configured.
    #[error("{service} wants a key: set {settings} ({}); {remedy}", variables(settings))]
    NoKey { service: &'static str, settings: &'static str, remedy: &'static str },
    /// An address in the configuration cannot be one.
    #[error("{address:?} is no address of {service}: {message}")]
    Address { service: &'static str, address: String, message: String },
    /// The key is wrong, or the account may not ask.
    #[error("{service} refuses the request: {message}; check {settings}. {KEPT}")]
    Refused { service: &'static str, message: String, settings: &'static str },
    /// The service wants to be left alone for longer than a run waits.
    #[error("{service} wants no request for {seconds} s ({message}), more than web.longest_pause_ms; load again then. {KEPT}")]
    RateLimited { service: &'static str, seconds: u64, message: String },
    /// Several requests in a row failed for good.
    #[error("{service} does not answer: {message}; load again later. {KEPT}")]
    Unavailable { service: &'static str, message: String },
    /// There is nothing behind the service's addresses.
    #[error(
        "{service} has nothing under any of {calls} addresses that it was asked for ({message}): the service has moved or closed          (web.{service}_url is its address), or nothing of the list is there. What it said is in music_raw.rejects; the next load asks anew"
    )]
    Gone { service: &'static str, calls: u64, message: String },
    /// Another load of the same service is at work.
    #[error("another `quaver load {service}` is at work in {}; wait for it, or choose another directory with --data-dir", path.display())]
    Busy { service: &'static str, path: PathBuf },
    /// What was fetched cannot be kept or read again.
    #[error("{}: {error}", path.display())]
    State { path: PathBuf, error: io::Error },
}

const KEPT: &str = "What was fetched is kept, and the same command goes on from there";

/// `web.lastfm_api_key` as the environment spells it.
fn variables(settings: &str) -> String {
    settings.split(" and ").map(|key| format!("QUAVER__{}", key.replace('.', "__").to_ascii_uppercase())).collect::<Vec<_>>().join(", ")
}
