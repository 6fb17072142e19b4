//! A web API on a free port: it gives the answers that a test says, one after the other, and keeps what it was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use chrono::{DateTime, TimeDelta, Utc};

use super::super::Clock;

/// An answer.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
}

/// 200 with this body.
pub(super) fn ok(body: impl Into<String>) -> Reply {
    status(200, body)
}

pub(super) fn status(status: u16, body: impl Into<String>) -> Reply {
    Reply { status, headers: Vec::new(), body: body.into().into_bytes() }
}

impl Reply {
    pub(super) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

/// What the server was asked.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// Path and query, decoded, without the key.
    pub(super) what: String,
    /// The value of `api_key`.
    pub(super) key: Option<String>,
    pub(super) authorization: Option<String>,
    pub(super) user_agent: Option<String>,
    pub(super) if_none_match: Option<String>,
}

type Choose = Box<dyn Fn(&Asked) -> Option<Reply> + Send>;

#[derive(Default)]
struct Script {
    rules: Vec<(Vec<String>, VecDeque<Reply>)>,
    otherwise: Option<Choose>,
    asked: Vec<Asked>,
}

#[derive(Clone)]
pub(super) struct Server {
    pub(super) url: String,
    script: Arc<Mutex<Script>>,
}

impl Server {
    pub(super) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self { url: format!("http://{}", listener.local_addr().unwrap()), script: Arc::default() };
        let router = Router::new().fallback(answer).with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        server
    }

    /// Requests that hold all words of `words` get these answers one after the other, and the last one again and again. A later rule
    /// comes before an earlier one.
    pub(super) fn on(&self, words: &str, replies: impl IntoIterator<Item = Reply>) -> &Self {
        let rule = (words.split(' ').map(str::to_owned).collect(), replies.into_iter().collect());
        self.script.lock().unwrap().rules.insert(0, rule);
        self
    }

    /// What requests get that no rule is for.
    pub(super) fn otherwise(&self, choose: impl Fn(&Asked) -> Option<Reply> + Send + 'static) {
        self.script.lock().unwrap().otherwise = Some(Box::new(choose));
    }

    /// The requests so far, and forgets them.
    pub(super) fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.script.lock().unwrap().asked)
    }

    pub(super) fn paths(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.what).collect()
    }
}

async fn answer(State(server): State<Server>, request: Request) -> Response<Body> {
    let header = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let url = reqwest::Url::parse("http://x").unwrap().join(&request.uri().to_string()).unwrap();
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let key = pairs.iter().find(|(name, _)| name == "api_key").map(|(_, value)| value.clone());
    let query: Vec<String> = pairs.iter().filter(|(name, _)| name != "api_key").map(|(name, value)| format!("{name}={value}")).collect();
    let what = if query.is_empty() { url.path().to_owned() } else { format!("{}?{}", url.path(), query.join("&")) };
    let asked = Asked {
        what,
        key,
        authorization: header("authorization"),
        user_agent: header("user-agent"),
        if_none_match: header("if-none-match"),
    };
    let reply = {
        let mut script = server.script.lock().unwrap();
        script.asked.push(asked.clone());
        let parts: Vec<&str> = asked.what.split(['?', '&']).collect();
        let rule = script.rules.iter_mut().find(|(words, _)| words.iter().all(|word| parts.contains(&word.as_str())));
        match rule {
            Some((_, replies)) if replies.len() > 1 => replies.pop_front(),
            Some((_, replies)) => replies.front().cloned(),
            None => script.otherwise.as_ref().and_then(|choose| choose(&asked)),
        }
    };
    let Some(reply) = reply else { return Response::builder().status(599).body(Body::from("no rule")).unwrap() };
    let tag = reply.headers.iter().find(|(name, _)| *name == "etag").map(|(_, tag)| tag.clone());
    let mut response = Response::builder();
    for (name, value) in &reply.headers {
        response = response.header(*name, value);
    }
    if tag.is_some() && tag == asked.if_none_match {
        return response.status(304).body(Body::empty()).unwrap();
    }
    response.status(reply.status).body(Body::from(reply.body)).unwrap()
}

/// A clock that does not wait: a pause moves it on at once, and is noted.
pub(super) struct Timeless {
    now: Mutex<DateTime<Utc>>,
    pauses: Mutex<Vec<Duration>>,
}

impl Timeless {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { now: Mutex::new(DateTime::from_timestamp(1_700_000_000, 0).unwrap()), pauses: Mutex::default() })
    }

    pub(super) fn pass(&self, time: TimeDelta) {
        *self.now.lock().unwrap() += time;
    }

    /// The pauses of at least a second since the last call.
    pub(super) fn long_pauses(&self) -> Vec<Duration> {
        let mut pauses = std::mem::take(&mut *self.pauses.lock().unwrap());
        pauses.retain(|pause| *pause >= Duration::from_secs(1));
        pauses
    }
}

#[async_trait]
impl Clock for Timeless {
    fn now(&self) -> DateTime<Utc> {
        *self.now.lock().unwrap()
    }

    async fn sleep(&self, pause: Duration) {
        self.pauses.lock().unwrap().push(pause);
        self.pass(TimeDelta::from_std(pause).unwrap());
        tokio::task::yield_now().await;
    }
}
