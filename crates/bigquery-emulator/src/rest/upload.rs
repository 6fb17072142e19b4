//! Uploads for load jobs, spooled to disk: multipart in one request, or resumable in several.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/api-uploads>

use std::collections::HashMap;
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path as FilePath, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::header::{CONTENT_ENCODING, CONTENT_RANGE, CONTENT_TYPE, HOST, LOCATION, RANGE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use flate2::write::MultiGzDecoder;
use futures::StreamExt;
use serde_json::{Map, Value};
use tempfile::{NamedTempFile, TempPath};

use super::error::ApiError;
use super::job_routes::read_configuration;
use super::jobs::{self, JobRequest, LoadSpec, Projection, UploadedFile, Work};
use super::request::{Params, parse_object};
use super::state::AppState;
use crate::load::{Source, bomb, unpacked_limit};

const MAX_UPLOAD_BYTES: u64 = 8 * 1024 * 1024 * 1024;
/// The metadata part of a multipart upload ends within this.
const MAX_HEAD_BYTES: usize = 8 * 1024 * 1024;
/// Sessions that nobody finishes are forgotten after BigQuery's week, or when there are too many.
const MAX_SESSIONS: usize = 256;

/// Resumable uploads under way.
#[derive(Debug)]
pub(crate) struct Uploads {
    dir: PathBuf,
    sessions: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Session>>>>,
}

#[derive(Debug)]
struct Session {
    started: Instant,
    metadata: Map<String, Value>,
    file: Option<TempPath>,
    received: u64,
    /// The job's resource, once the last byte has come: a client that missed it asks again.
    finished: Option<Value>,
}

impl Uploads {
    pub(crate) fn new(dir: &FilePath) -> Self {
        Self { dir: dir.to_path_buf(), sessions: Mutex::default() }
    }

    fn file(&self) -> Result<NamedTempFile, ApiError> {
        NamedTempFile::new_in(&self.dir).map_err(spool_error)
    }

    fn open(&self, metadata: Map<String, Value>) -> Result<String, ApiError> {
        let id = uuid::Uuid::new_v4().simple().to_string();
        let session = Session { started: Instant::now(), metadata, file: Some(self.file()?.into_temp_path()), received: 0, finished: None };
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.len() >= MAX_SESSIONS {
            let oldest = sessions.iter().filter_map(|(id, s)| s.try_lock().ok().map(|s| (s.started, id.clone()))).min();
            if let Some((_, id)) = oldest {
                sessions.remove(&id);
            }
        }
        sessions.insert(id.clone(), Arc::new(tokio::sync::Mutex::new(session)));
        Ok(id)
    }

    fn get(&self, id: &str) -> Option<Arc<tokio::sync::Mutex<Session>>> {
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.get(id).cloned()
    }
}

/// POST: the whole of a multipart upload, or the beginning of a resumable one.
pub(crate) async fn start(
    State(state): State<AppState>,
    Path(project): Path<String>,
    params: Params,
    request: Request,
) -> Result<Response, ApiError> {
    state.check_project(&project)?;
    let headers = request.headers().clone();
    match params.text("uploadType") {
        Some("multipart") => multipart(&state, &headers, request.into_body()).await,
        Some("resumable") => {
            let body = axum::body::to_bytes(request.into_body(), MAX_HEAD_BYTES)
                .await
                .map_err(|_| ApiError::new(413, "invalid", "The metadata of the upload is too large."))?;
            let body = parse_object(&body)?;
            // Everything that can be refused is refused before the bytes are sent.
            LoadSpec::read(&state, load_part(&read_configuration(&body)?)?)?;
            let id = state.uploads.open(body)?;
            let host = headers.get(HOST).and_then(|h| h.to_str().ok()).unwrap_or("localhost");
            let location = format!("http://{host}/upload/bigquery/v2/projects/{project}/jobs?uploadType=resumable&upload_id={id}");
            Ok(([(LOCATION.as_str(), location), ("x-guploader-uploadid", id)], "").into_response())
        }
        other => Err(ApiError::invalid(format!("uploadType must be multipart or resumable, not {}", other.unwrap_or("missing")))),
    }
}

fn load_part(configuration: &Map<String, Value>) -> Result<&Value, ApiError> {
    configuration.get("load").filter(|l| l.is_object()).ok_or_else(|| ApiError::invalid("An upload needs a load configuration"))
}

async fn multipart(state: &AppState, headers: &HeaderMap, body: Body) -> Result<Response, ApiError> {
    let content_type = text(headers, CONTENT_TYPE.as_str()).unwrap_or_default();
    let boundary = content_type
        .split(';')
        .filter_map(|part| part.trim().split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("boundary"))
        .map(|(_, value)| value.trim().trim_matches(['"', '\'']).to_owned())
        .filter(|b| !b.is_empty())
        .ok_or_else(|| ApiError::invalid("Multipart upload without a boundary in Content-Type."))?;
    let gzipped = text(headers, CONTENT_ENCODING.as_str()).is_some_and(|e| e.eq_ignore_ascii_case("gzip"));
    let file = state.uploads.file()?;
    let Spooled { file, broken_off, .. } = spool(file, body, 0, gzipped).await?;
    if let Some(error) = broken_off {
        return Err(error);
    }
    let (metadata, source) = state.blocking(move |_| split_parts(file, &boundary)).await?;
    let job = start_load(state, &metadata, source)?;
    Ok(Json(job.resource(state, Projection::Full)).into_response())
}

/// Finds the two parts of a multipart/related body in its file: the metadata, and where the media lies.
fn split_parts(file: NamedTempFile, boundary: &str) -> Result<(Map<String, Value>, UploadedFile), ApiError> {
    let broken = || ApiError::invalid("Multipart upload is malformed: expected a metadata part and a media part.");
    let mut reader = file.reopen().map_err(spool_error)?;
    let length = reader.metadata().map_err(spool_error)?.len();
    let mut head = Vec::new();
    (&mut reader).take(MAX_HEAD_BYTES as u64).read_to_end(&mut head).map_err(spool_error)?;
    let delimiter = format!("--{boundary}").into_bytes();
    let first = find(&head, &delimiter, 0).ok_or_else(broken)?;
    let json_start = part_body(&head, first + delimiter.len()).ok_or_else(broken)?;
    let second = find(&head, &delimiter, json_start).ok_or_else(broken)?;
    let metadata = parse_object(&head[json_start..second])?;
    let start = part_body(&head, second + delimiter.len()).ok_or_else(broken)? as u64;
    // The closing delimiter stands at the very end, but for a few trailing bytes.
    let tail_length = (delimiter.len() as u64 + 64).min(length - start);
    reader.seek(SeekFrom::Start(length - tail_length)).map_err(spool_error)?;
    let mut tail = Vec::new();
    reader.read_to_end(&mut tail).map_err(spool_error)?;
    let closing = rfind(&tail, &delimiter).ok_or_else(broken)?;
    let mut end = length - tail_length + closing as u64;
    for newline in [b'\n', b'\r'] {
        if closing > 0 && end > start {
            let at = usize::try_from(end + tail_length - length).unwrap_or(0);
            if at > 0 && tail[at - 1] == newline {
                end -= 1;
            }
        }
    }
    let path = file.into_temp_path();
    let source = Source { path: path.to_path_buf(), start, end };
    Ok((metadata, UploadedFile { source, _file: path }))
}

/// Where a part's content begins: after the blank line that ends its headers.
fn part_body(bytes: &[u8], from: usize) -> Option<usize> {
    let crlf = find(bytes, b"\r\n\r\n", from).map(|i| i + 4);
    let lf = find(bytes, b"\n\n", from).map(|i| i + 2);
    match (crlf, lf) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

fn find(bytes: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    bytes.get(from..)?.windows(needle.len()).position(|w| w == needle).map(|i| i + from)
}

fn rfind(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).rposition(|w| w == needle)
}

/// PUT: bytes of a resumable upload, or a question how many have come.
pub(crate) async fn chunk(
    State(state): State<AppState>,
    Path(project): Path<String>,
    params: Params,
    request: Request,
) -> Result<Response, ApiError> {
    state.check_project(&project)?;
    let id = params.text("upload_id").unwrap_or_default();
    let session = state.uploads.get(id).ok_or_else(|| ApiError::not_found(format!("Not found: upload {id}")))?;
    let mut session = session.lock().await;
    if let Some(done) = &session.finished {
        return Ok(Json(done.clone()).into_response());
    }
    let range = text(request.headers(), CONTENT_RANGE.as_str()).map(str::to_owned);
    let (first, total) = match range.as_deref() {
        None => (Some(0), Total::ThisRequest),
        Some(range) => parse_range(range).ok_or_else(|| ApiError::invalid(format!("Invalid Content-Range: {range}")))?,
    };
    if let Some(first) = first {
        if first > session.received {
            return Err(ApiError::invalid(format!("Content-Range begins at {first}, but only {} bytes were received", session.received)));
        }
        let path = session.file.take().ok_or_else(ApiError::internal)?;
        let opened = std::fs::OpenOptions::new().write(true).open(&path);
        let spooled = match opened {
            Ok(file) => spool(NamedTempFile::from_parts(file, path), request.into_body(), first, false).await,
            Err(error) => Err(spool_error(error)),
        };
        let Spooled { file, received, broken_off } = spooled?;
        session.file = Some(file.into_temp_path());
        session.received = received;
        // What has come is kept, and the client goes on from there.
        if let Some(error) = broken_off {
            return Err(error);
        }
    }
    let complete = match total {
        Total::Known(total) => session.received >= total,
        Total::ThisRequest => true,
        Total::Unknown => false,
    };
    if !complete {
        let mut response = StatusCode::PERMANENT_REDIRECT.into_response();
        if session.received > 0
            && let Ok(range) = format!("bytes=0-{}", session.received - 1).parse()
        {
            response.headers_mut().insert(RANGE, range);
        }
        return Ok(response);
    }
    let path = session.file.take().ok_or_else(ApiError::internal)?;
    let source = UploadedFile { source: Source { path: path.to_path_buf(), start: 0, end: session.received }, _file: path };
    let job = start_load(&state, &session.metadata, source)?;
    let resource = job.resource(&state, Projection::Full);
    session.finished = Some(resource.clone());
    Ok(Json(resource).into_response())
}

/// How long the upload is going to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Total {
    Known(u64),
    /// `a-b/*`: more is to come.
    Unknown,
    /// No range, or `0-*/*`: this request brings the rest.
    ThisRequest,
}

/// The first byte (`None` for a question about progress) and the total of a Content-Range.
fn parse_range(range: &str) -> Option<(Option<u64>, Total)> {
    let (span, total) = range.trim().strip_prefix("bytes")?.trim().split_once('/')?;
    let total = match total.trim() {
        "*" => Total::Unknown,
        total => Total::Known(total.parse().ok()?),
    };
    if span.trim() == "*" {
        return Some((None, total));
    }
    let (first, last) = span.trim().split_once('-')?;
    let total = if last.trim() == "*" && total == Total::Unknown { Total::ThisRequest } else { total };
    Some((Some(first.trim().parse().ok()?), total))
}

fn start_load(state: &AppState, metadata: &Map<String, Value>, file: UploadedFile) -> Result<Arc<jobs::Job>, ApiError> {
    let job_id = jobs::read_reference(state, metadata)?;
    let configuration = read_configuration(metadata)?;
    let spec = LoadSpec::read(state, load_part(&configuration)?)?;
    let timeout_ms = jobs::read_timeout(&configuration);
    jobs::start(state, JobRequest { job_id, configuration, work: Work::Load(spec, file), timeout_ms })
}

/// What has come of a body.
struct Spooled {
    file: NamedTempFile,
    /// The position after the last byte.
    received: u64,
    /// Why there is no more of it.
    broken_off: Option<ApiError>,
}

/// Writes a body to a file from a position on.
async fn spool(file: NamedTempFile, body: Body, from: u64, gzipped: bool) -> Result<Spooled, ApiError> {
    let (sender, mut receiver) = tokio::sync::mpsc::channel::<Bytes>(16);
    let writer = tokio::task::spawn_blocking(move || -> std::io::Result<(NamedTempFile, u64)> {
        let mut file = file;
        file.as_file_mut().seek(SeekFrom::Start(from))?;
        if gzipped {
            let mut decoder = MultiGzDecoder::new(file);
            let mut packed = 0;
            while let Some(bytes) = receiver.blocking_recv() {
                packed += bytes.len() as u64;
                decoder.write_all(&bytes)?;
                if decoder.get_mut().as_file_mut().stream_position()?.saturating_sub(from) > unpacked_limit(packed) {
                    return Err(bomb());
                }
            }
            file = decoder.finish()?;
        } else {
            while let Some(bytes) = receiver.blocking_recv() {
                file.write_all(&bytes)?;
            }
        }
        let position = file.as_file_mut().stream_position()?;
        Ok((file, position))
    });
    let mut stream = body.into_data_stream();
    let mut received = from;
    let mut failure = None;
    while let Some(bytes) = stream.next().await {
        match bytes {
            Ok(bytes) => {
                received += bytes.len() as u64;
                if received > MAX_UPLOAD_BYTES {
                    failure = Some(ApiError::new(413, "invalid", format!("The upload exceeds the limit of {MAX_UPLOAD_BYTES} bytes.")));
                    break;
                }
                // The writer hangs up only when it failed, which it reports below. The rest is read all the same: a client that is
                // still sending would take an early answer for a broken connection.
                let _ = sender.send(bytes).await;
            }
            Err(error) => {
                failure = Some(ApiError::invalid(format!("The upload broke off: {error}")));
                break;
            }
        }
    }
    drop(sender);
    let written = writer.await.map_err(|_| ApiError::internal())?;
    let (file, received) = written.map_err(spool_error)?;
    Ok(Spooled { file, received, broken_off: failure })
}

fn spool_error(error: std::io::Error) -> ApiError {
    if matches!(error.kind(), ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::UnexpectedEof) {
        return ApiError::invalid(format!("The upload cannot be unpacked: {error}"));
    }
    ApiError::store(crate::store::StoreError::Io { action: "spool", path: PathBuf::from("an upload"), source: error })
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|v| v.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_ranges_of_every_client_are_read() {
        for (range, expected) in [
            ("bytes 0-9/10", Some((Some(0), Total::Known(10)))),
            ("bytes 10-19/*", Some((Some(10), Total::Unknown))),
            ("bytes 0-*/*", Some((Some(0), Total::ThisRequest))),
            ("bytes */10", Some((None, Total::Known(10)))),
            ("bytes */*", Some((None, Total::Unknown))),
            ("0-9/10", None),
        ] {
            assert_eq!(parse_range(range), expected, "{range}");
        }
    }

    #[test]
    fn parts_are_found_whatever_the_line_ends() {
        for (body, media) in [
            ("--b\r\nContent-Type: application/json\r\n\r\n{\"a\":1}\r\n--b\r\nContent-Type: */*\r\n\r\nx\ny\n\r\n--b--", "x\ny\n"),
            ("--b\nContent-Type: application/json\n\n{\"a\":1}\n--b\nContent-Type: */*\n\nxy\n--b--\n", "xy"),
            ("--b\r\n\r\n{\"a\":1}\r\n--b\r\n\r\n\r\n--b--", ""),
        ] {
            let mut file = NamedTempFile::new().unwrap();
            file.write_all(body.as_bytes()).unwrap();
            let (metadata, upload) = split_parts(file, "b").unwrap();
            assert_eq!(metadata["a"], 1);
            let mut found = String::new();
            upload.source.open().unwrap().read_to_string(&mut found).unwrap();
            assert_eq!(found, media, "{body:?}");
        }
    }
}
