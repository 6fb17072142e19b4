//! The proxy: which requests it breaks, and how.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::message::{Request, Response};

type Editor = Arc<dyn Fn(&mut Value) + Send + Sync>;

/// What happens to a request.
#[derive(Clone)]
pub enum Fault {
    /// It is answered in place of the server: status, lines of headers, body.
    Answer(u16, String, String),
    /// The server acts, and its answer is lost: the connection closes without one.
    Lost,
    /// The server acts; half of its answer's body comes, then the connection is reset.
    Reset,
    /// The server acts; half of its answer's body comes, then the connection ends as if that were all.
    CutShort,
    /// The server acts, and the body of its answer comes in so many pieces, with a pause before each.
    Slow(u32, Duration),
    /// The request gets no further, and no answer comes for as long as the client waits.
    Silence,
    /// The server acts, and its answer is changed on the way.
    Edit(Editor),
}

impl Fault {
    /// An answer of a proxy on the way: HTML.
    #[must_use]
    pub fn html(status: u16) -> Self {
        Self::Answer(status, "content-type: text/html\r\n".to_owned(), format!("<html><body><h1>{status}</h1></body></html>"))
    }

    /// An answer of JSON.
    #[must_use]
    pub fn json(status: u16, body: &Value) -> Self {
        Self::Answer(status, "content-type: application/json\r\n".to_owned(), body.to_string())
    }

    /// A change of the server's answer.
    #[must_use]
    pub fn edit(editor: impl Fn(&mut Value) + Send + Sync + 'static) -> Self {
        Self::Edit(Arc::new(editor))
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer(status, ..) => write!(f, "Answer({status})"),
            Self::Lost => f.write_str("Lost"),
            Self::Reset => f.write_str("Reset"),
            Self::CutShort => f.write_str("CutShort"),
            Self::Slow(pieces, pause) => write!(f, "Slow({pieces}, {pause:?})"),
            Self::Silence => f.write_str("Silence"),
            Self::Edit(_) => f.write_str("Edit"),
        }
    }
}

/// A fault and the requests that it is for.
struct Rule {
    /// Of the method and the path with its query, in this order.
    parts: Vec<String>,
    /// `None`: every time.
    times: Option<usize>,
    fault: Fault,
}

/// The proxy; it stops when it is dropped.
pub struct Proxy {
    /// `http://127.0.0.1:PORT`.
    pub root: String,
    rules: Arc<Mutex<Vec<Rule>>>,
    seen: watch::Receiver<Vec<Request>>,
    accepting: tokio::task::JoinHandle<()>,
}

impl Proxy {
    /// Starts on a free port in front of a server, given as `host:port`.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(server: &str) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let root = format!("http://{}", listener.local_addr()?);
        let rules: Arc<Mutex<Vec<Rule>>> = Arc::default();
        let (sender, seen) = watch::channel(Vec::new());
        let (shared, sender, server) = (Arc::clone(&rules), Arc::new(sender), server.to_owned());
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (rules, sender, server) = (Arc::clone(&shared), Arc::clone(&sender), server.clone());
                tokio::spawn(async move {
                    // A client that goes away in the middle is what some tests are about.
                    let _ = pass(stream, &rules, &sender, &server).await;
                });
            }
        });
        Ok(Self { root, rules, seen, accepting })
    }

    /// Breaks the next request whose method and path have these words in this order, such as `POST /jobs`.
    pub fn break_next(&self, words: &str, fault: Fault) {
        self.add(words, Some(1), fault);
    }

    /// Breaks every request of the kind from now on.
    pub fn break_all(&self, words: &str, fault: Fault) {
        self.add(words, None, fault);
    }

    /// Lets everything pass again.
    pub fn mend(&self) {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn add(&self, words: &str, times: Option<usize>, fault: Fault) {
        let parts = words.split(' ').map(str::to_owned).collect();
        self.rules.lock().unwrap_or_else(PoisonError::into_inner).push(Rule { parts, times, fault });
    }

    /// The requests of a kind so far.
    #[must_use]
    pub fn seen(&self, words: &str) -> Vec<Request> {
        self.seen.borrow().iter().filter(|request| is_of(request, words.split(' '))).cloned().collect()
    }

    /// The first request of a kind, once it comes.
    ///
    /// # Panics
    /// When none comes for ten seconds: the test has failed.
    pub async fn wait_for(&self, words: &str) -> Request {
        let mut seen = self.seen.clone();
        let arrived = seen.wait_for(|seen| seen.iter().any(|request| is_of(request, words.split(' '))));
        let arrived = tokio::time::timeout(Duration::from_secs(10), arrived).await;
        assert!(matches!(arrived, Ok(Ok(_))), "no request {words:?} came");
        drop(arrived);
        self.seen(words).swap_remove(0)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

fn is_of<'a>(request: &Request, parts: impl Iterator<Item = &'a str>) -> bool {
    let line = format!("{} {}", request.method, request.path);
    let mut rest = line.as_str();
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    true
}

fn fault_of(rules: &Mutex<Vec<Rule>>, request: &Request) -> Option<Fault> {
    let mut rules = rules.lock().unwrap_or_else(PoisonError::into_inner);
    let at = rules.iter().position(|rule| is_of(request, rule.parts.iter().map(String::as_str)))?;
    let fault = rules[at].fault.clone();
    match &mut rules[at].times {
        Some(1) => drop(rules.remove(at)),
        Some(times) => *times -= 1,
        None => {}
    }
    Some(fault)
}

async fn pass(mut client: TcpStream, rules: &Mutex<Vec<Rule>>, seen: &watch::Sender<Vec<Request>>, server: &str) -> io::Result<()> {
    let request = Request::read(&mut client).await?;
    let fault = fault_of(rules, &request);
    seen.send_modify(|seen| seen.push(request.clone()));
    match fault {
        Some(Fault::Answer(status, headers, body)) => {
            let head = format!("HTTP/1.1 {status} Broken\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n", body.len());
            client.write_all((head + &body).as_bytes()).await
        }
        Some(Fault::Silence) => client.read(&mut [0; 1]).await.map(drop),
        fault => {
            // A client that goes away takes its request with it, as it would without a proxy.
            let mut byte = [0; 1];
            let answer = tokio::select! {
                answer = request.forward(server) => answer?,
                _ = client.read(&mut byte) => return Ok(()),
            };
            give(client, answer, fault).await
        }
    }
}

async fn give(mut client: TcpStream, mut answer: Response, fault: Option<Fault>) -> io::Result<()> {
    if let Some(Fault::Edit(editor)) = &fault {
        let mut json: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        editor(&mut json);
        answer.body = json.to_string().into_bytes();
    }
    let half = answer.body.len() / 2;
    match fault {
        Some(Fault::Lost) => Ok(()),
        Some(Fault::CutShort) => {
            client.write_all(answer.head().as_bytes()).await?;
            client.write_all(&answer.body[..half]).await
        }
        Some(Fault::Reset) => {
            client.write_all(answer.head().as_bytes()).await?;
            client.write_all(&answer.body[..half]).await?;
            client.flush().await?;
            // What waits to be sent is thrown away and the other side is told so: RST in place of FIN.
            client.set_zero_linger()
        }
        Some(Fault::Slow(pieces, pause)) => {
            client.write_all(answer.head().as_bytes()).await?;
            for piece in answer.body.chunks(answer.body.len().div_ceil(pieces.max(1) as usize).max(1)) {
                tokio::time::sleep(pause).await;
                client.write_all(piece).await?;
                client.flush().await?;
            }
            Ok(())
        }
        _ => {
            client.write_all(answer.head().as_bytes()).await?;
            client.write_all(&answer.body).await
        }
    }
}
