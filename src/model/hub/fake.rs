//! A server that speaks the Hub's protocol on a free port, and breaks it where a test asks for that.
//!
//! Like the Hub: `/{repo}/resolve/{revision}/{file}` names the commit and the ETag; small files come from there, large ones from a
//! content server on another host name, which a redirect points to; ranges are served; private models want a token.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Response, StatusCode, header};
use axum::routing::get;
use sha2::{Digest, Sha256};

/// How one request goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    Status(u16),
    /// The connection breaks after half of the body.
    Cut,
    /// The body is half as long as announced for the file, and says so.
    Short,
    /// The body has the right length and wrong bytes.
    Garbled,
    /// No byte of the body ever comes.
    Silent,
}

#[derive(Default)]
struct Files {
    /// By commit, then by name.
    commits: HashMap<String, HashMap<String, Bytes>>,
    refs: HashMap<String, String>,
    token: Option<String>,
    /// For each file, what happens to its next requests for content.
    faults: HashMap<String, Vec<Fault>>,
    /// `FILE RANGE` of every content request, in order.
    log: Vec<String>,
}

#[derive(Clone)]
pub(super) struct FakeHub {
    files: Arc<Mutex<Files>>,
    port: u16,
}

pub(super) const REPO: &str = "quaver/tiny";

impl FakeHub {
    pub(super) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let hub = Self { files: Arc::default(), port: listener.local_addr().unwrap().port() };
        let router = Router::new()
            .route("/{owner}/{name}/resolve/{revision}/{file}", get(resolve))
            .route("/cdn/{commit}/{file}", get(content))
            .with_state(hub.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        hub
    }

    pub(super) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Makes `revision` stand for `commit`, which holds these files.
    pub(super) fn publish(&self, revision: &str, commit: &str, files: &[(&str, &[u8])]) {
        let mut state = self.files.lock().unwrap();
        state.refs.insert(revision.to_owned(), commit.to_owned());
        let files = files.iter().map(|(name, bytes)| ((*name).to_owned(), Bytes::copy_from_slice(bytes))).collect();
        state.commits.insert(commit.to_owned(), files);
    }

    pub(super) fn require_token(&self, token: &str) {
        self.files.lock().unwrap().token = Some(token.to_owned());
    }

    /// The next requests for a file's content go wrong one after the other.
    pub(super) fn break_file(&self, file: &str, faults: &[Fault]) {
        self.files.lock().unwrap().faults.insert(file.to_owned(), faults.to_vec());
    }

    /// The content requests so far, and forgets them.
    pub(super) fn take_log(&self) -> Vec<String> {
        std::mem::take(&mut self.files.lock().unwrap().log)
    }
}

fn large(file: &str) -> bool {
    file.ends_with(".safetensors")
}

async fn resolve(
    State(hub): State<FakeHub>,
    Path((owner, name, revision, file)): Path<(String, String, String, String)>,
    headers: HeaderMap,
) -> Response<Body> {
    let (commit, bytes) = {
        let state = hub.files.lock().unwrap();
        let authorized = state.token.as_ref().is_none_or(|token| {
            headers.get(header::AUTHORIZATION).is_some_and(|value| value.as_bytes() == format!("Bearer {token}").as_bytes())
        });
        if !authorized || format!("{owner}/{name}") != REPO {
            return plain(if authorized { StatusCode::NOT_FOUND } else { StatusCode::UNAUTHORIZED });
        }
        let commit = state.refs.get(&revision).cloned().unwrap_or(revision);
        match state.commits.get(&commit).and_then(|files| files.get(&file)) {
            Some(bytes) => (commit, bytes.clone()),
            None => return plain(StatusCode::NOT_FOUND),
        }
    };
    let response = Response::builder().header("x-repo-commit", &commit);
    if large(&file) {
        return response
            .status(StatusCode::FOUND)
            .header("x-linked-etag", format!("\"{:x}\"", Sha256::digest(&bytes)))
            .header("x-linked-size", bytes.len())
            .header(header::ETAG, "\"the-redirect-itself\"")
            .header(header::LOCATION, format!("http://localhost:{}/cdn/{commit}/{file}", hub.port))
            .body(Body::empty())
            .unwrap();
    }
    // The Hub names small files by their git hash, which has 40 digits.
    let etag = &format!("{:x}", Sha256::digest(&bytes))[..40];
    serve(&hub, &file, &bytes, &headers, response.header(header::ETAG, format!("\"{etag}\"")))
}

async fn content(State(hub): State<FakeHub>, Path((commit, file)): Path<(String, String)>, headers: HeaderMap) -> Response<Body> {
    let bytes = hub.files.lock().unwrap().commits[&commit][&file].clone();
    serve(&hub, &file, &bytes, &headers, Response::builder())
}

fn serve(hub: &FakeHub, file: &str, bytes: &Bytes, headers: &HeaderMap, response: axum::http::response::Builder) -> Response<Body> {
    let range = headers.get(header::RANGE).and_then(|value| value.to_str().ok()).unwrap_or("bytes=0-").to_owned();
    let (start, end) = parse_range(&range, bytes.len());
    let part = bytes.slice(start..end);
    let probe = range == "bytes=0-0";
    let fault = {
        let mut state = hub.files.lock().unwrap();
        if !probe {
            state.log.push(format!("{file} {start}-{end}"));
        }
        match state.faults.get_mut(file) {
            // A probe asks for the size alone; only a refusal meets it.
            Some(faults) if !faults.is_empty() && (!probe || matches!(faults[0], Fault::Status(_))) => Some(faults.remove(0)),
            _ => None,
        }
    };
    let length = part.len();
    let body = match fault {
        None => Body::from(part),
        Some(Fault::Status(status)) => return plain(StatusCode::from_u16(status).unwrap()),
        Some(Fault::Garbled) => Body::from(vec![0x55; length]),
        Some(Fault::Short) => Body::from(part.slice(..length / 2)),
        Some(Fault::Cut) => {
            let broken = Err(std::io::Error::other("cut"));
            Body::from_stream(futures::stream::iter([Ok(part.slice(..length / 2)), broken]))
        }
        Some(Fault::Silent) => Body::from_stream(futures::stream::pending::<Result<Bytes, std::io::Error>>()),
    };
    let response = response
        .status(StatusCode::PARTIAL_CONTENT)
        .header(header::ACCEPT_RANGES, "bytes")
        .header(header::CONTENT_RANGE, format!("bytes {start}-{}/{}", end.saturating_sub(1), bytes.len()));
    let response = if fault == Some(Fault::Short) { response } else { response.header(header::CONTENT_LENGTH, length) };
    response.body(body).unwrap()
}

/// `bytes=A-B` to A and the byte after B, within the file.
fn parse_range(range: &str, length: usize) -> (usize, usize) {
    let (start, end) = range.trim_start_matches("bytes=").split_once('-').unwrap();
    let end = end.parse().map_or(length, |last: usize| (last + 1).min(length));
    (start.parse::<usize>().unwrap().min(end), end)
}

fn plain(status: StatusCode) -> Response<Body> {
    Response::builder().status(status).body(Body::from(status.to_string())).unwrap()
}
