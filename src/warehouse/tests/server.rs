//! A BigQuery endpoint that does as it is told: each kind of call has a list of answers, and what it does once they are used up.
//! Written on the bare socket, since most of its answers are ones that no HTTP library would send.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    Insert,
    Results,
    Get,
    Cancel,
    Upload,
    /// Bytes of an upload in a session of its own, or the question how many have come.
    Put,
    Other,
}

#[derive(Debug, Clone)]
pub(super) enum Reply {
    Json(u16, Value),
    /// Status, headers, body.
    Raw(u16, &'static str, &'static str),
    /// A body that ends before its length.
    CutShort,
    /// The beginning of an upload in a session of its own, on this server or on another.
    Session(Option<&'static str>),
    /// The connection closes after the request was read: the answer is lost.
    Lost,
    /// No answer as long as the client waits.
    Silence,
}

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) call: Call,
    pub(super) method: String,
    /// With its query string.
    pub(super) path: String,
    pub(super) head: String,
    pub(super) text: String,
}

impl Seen {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }
}

pub(super) struct Server {
    pub(super) root: String,
    seen: watch::Receiver<Vec<Seen>>,
}

type Script = Arc<Mutex<Vec<(Call, Reply)>>>;

impl Server {
    /// Starts with the answers to give first, each to the next call of its kind.
    pub(super) async fn start(script: Vec<(Call, Reply)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let root = format!("http://{}", listener.local_addr().unwrap());
        let (sender, seen) = watch::channel(Vec::new());
        let (script, sender): (Script, _) = (Arc::new(Mutex::new(script)), Arc::new(sender));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&script), Arc::clone(&sender)));
            }
        });
        Self { root, seen }
    }

    /// The requests of a kind so far.
    pub(super) fn seen(&self, call: Call) -> Vec<Seen> {
        self.seen.borrow().iter().filter(|seen| seen.call == call).cloned().collect()
    }

    /// The first request of a kind, once it comes.
    pub(super) async fn wait_for(&self, call: Call) -> Seen {
        let mut seen = self.seen.clone();
        let arrived = seen.wait_for(|seen| seen.iter().any(|seen| seen.call == call));
        drop(tokio::time::timeout(Duration::from_secs(10), arrived).await.unwrap().unwrap());
        self.seen(call).remove(0)
    }
}

async fn answer(mut stream: TcpStream, script: Script, sender: Arc<watch::Sender<Vec<Seen>>>) {
    let Some(request) = read(&mut stream).await else { return };
    let reply = {
        let mut script = script.lock().unwrap();
        let next = script.iter().position(|(call, _)| *call == request.call);
        next.map_or_else(|| usual(&request), |at| script.remove(at).1)
    };
    sender.send_modify(|seen| seen.push(request));
    let (status, headers, body) = match reply {
        Reply::Json(status, body) => (status, "Content-Type: application/json\r\n".to_owned(), body.to_string()),
        Reply::Raw(status, headers, body) => (status, headers.to_owned(), body.to_owned()),
        Reply::Session(elsewhere) => {
            let here = format!("http://{}", stream.local_addr().unwrap());
            (200, format!("Location: {}/upload/session\r\n", elsewhere.unwrap_or(&here)), String::new())
        }
        Reply::CutShort => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"jobComplete\": true, \"rows\": [").await;
            return;
        }
        Reply::Lost => return,
        Reply::Silence => {
            // Reads until the client gives up.
            let _ = stream.read(&mut [0; 1]).await;
            return;
        }
    };
    let head = format!("HTTP/1.1 {status} Scripted\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    let _ = stream.write_all((head + &body).as_bytes()).await;
}

async fn read(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let read = stream.read(&mut chunk).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let lower = head.to_lowercase();
        let length = lower.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok()).unwrap_or(0);
        if body.len() < length {
            continue;
        }
        let mut line = head.lines().next()?.split(' ');
        let (method, path) = (line.next()?.to_owned(), line.next()?.to_owned());
        return Some(Seen { call: kind(&method, &path), method, path, head: head.to_owned(), text: body.to_owned() });
    }
}

fn kind(method: &str, path: &str) -> Call {
    let path = path.split('?').next().unwrap_or_default();
    match (method, path) {
        ("POST", _) if path.starts_with("/upload/") => Call::Upload,
        ("PUT", _) => Call::Put,
        ("POST", _) if path.ends_with("/cancel") => Call::Cancel,
        ("POST", _) if path.ends_with("/jobs") => Call::Insert,
        ("GET", _) if path.contains("/queries/") => Call::Results,
        ("GET", _) if path.contains("/jobs/") => Call::Get,
        _ => Call::Other,
    }
}

/// What a healthy endpoint says.
fn usual(request: &Seen) -> Reply {
    match request.call {
        Call::Insert if request.json()["configuration"]["dryRun"] == json!(true) => dry_run("SELECT", "demo", "music", "artists"),
        Call::Insert => Reply::Json(200, json!({ "status": { "state": "RUNNING" } })),
        Call::Results => page(&["Air", "Moby"], 2, None),
        Call::Get => Reply::Json(
            200,
            json!({ "status": { "state": "DONE" }, "statistics": {
            "load": { "outputRows": "2" }, "query": { "totalBytesBilled": "10485760" },
        } }),
        ),
        Call::Upload if request.path.contains("uploadType=resumable") => Reply::Session(None),
        Call::Cancel | Call::Upload | Call::Put | Call::Other => Reply::Json(200, json!({})),
    }
}

/// A page of a result of one STRING column.
pub(super) fn page(names: &[&str], total: u64, token: Option<&str>) -> Reply {
    let rows: Vec<Value> = names.iter().map(|name| json!({ "f": [{ "v": name }] })).collect();
    let mut page = json!({
        "jobComplete": true, "totalRows": total.to_string(), "totalBytesProcessed": "100", "cacheHit": false, "rows": rows,
        "schema": { "fields": [{ "name": "name", "type": "STRING", "mode": "NULLABLE" }] },
    });
    if let Some(token) = token {
        page["pageToken"] = json!(token);
    }
    Reply::Json(200, page)
}

pub(super) fn dry_run(statement: &str, project: &str, dataset: &str, table: &str) -> Reply {
    let query = json!({
        "statementType": statement, "totalBytesProcessed": "4096",
        "referencedTables": [{ "projectId": project, "datasetId": dataset, "tableId": table }],
        "schema": { "fields": [{ "name": "name", "type": "STRING" }] },
    });
    Reply::Json(200, json!({ "status": { "state": "DONE" }, "statistics": { "query": query } }))
}

/// BigQuery's error envelope.
pub(super) fn error(code: u16, reason: &str) -> Reply {
    let message = format!("about {reason}");
    let errors = json!([{ "reason": reason, "message": message, "domain": "global" }]);
    Reply::Json(code, json!({ "error": { "code": code, "message": message, "errors": errors, "status": "SOME" } }))
}
