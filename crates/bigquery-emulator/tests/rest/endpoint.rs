//! An endpoint, and calls to it as Google's clients make them.

use std::net::SocketAddr;
use std::path::Path;

use bigquery_emulator::{Emulator, EmulatorOptions};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub(crate) const PROJECT: &str = "quaver-local";

pub(crate) struct Endpoint {
    pub(crate) root: String,
    pub(crate) client: Client,
    /// `None` for an endpoint in another process.
    serving: Option<Serving>,
}

struct Serving {
    emulator: Emulator,
    stop: oneshot::Sender<()>,
    server: JoinHandle<std::io::Result<()>>,
}

impl Endpoint {
    pub(crate) async fn start(dir: &Path) -> Self {
        Self::start_with(EmulatorOptions::new(dir)).await
    }

    pub(crate) async fn start_with(options: EmulatorOptions) -> Self {
        let emulator = Emulator::open(options).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let own = emulator.clone();
        let server = tokio::spawn(async move {
            let shutdown = async {
                let _ = stopped.await;
            };
            own.serve(listener, shutdown).await
        });
        Self { serving: Some(Serving { emulator, stop, server }), ..Self::at(address) }
    }

    pub(crate) fn at(address: SocketAddr) -> Self {
        Self { root: format!("http://{address}"), client: Client::builder().pool_max_idle_per_host(0).build().unwrap(), serving: None }
    }

    pub(crate) async fn serve_forever(self) {
        self.serving.unwrap().server.await.unwrap().unwrap();
    }

    pub(crate) async fn stop(self) {
        let Serving { emulator, stop, server } = self.serving.unwrap();
        stop.send(()).unwrap();
        server.await.unwrap().unwrap();
        drop(emulator);
    }

    /// What is answered; `None` when the endpoint is gone.
    pub(crate) async fn try_ask(&self, method: &str, path: &str, body: Value) -> Option<Value> {
        let mut request = self.client.request(method.parse::<Method>().unwrap(), self.url(path));
        if !body.is_null() {
            request = request.json(&body);
        }
        request.send().await.ok()?.json().await.ok()
    }

    fn url(&self, path: &str) -> String {
        let path = path.replace("{p}", &format!("projects/{PROJECT}"));
        format!("{}/bigquery/v2/{path}", self.root)
    }

    pub(crate) async fn call(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let mut request = self.client.request(method.parse::<Method>().unwrap(), self.url(path));
        if !body.is_null() {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        (status, body)
    }

    pub(crate) async fn ok(&self, method: &str, path: &str, body: Value) -> Value {
        let (status, answer) = self.call(method, path, body).await;
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer:#}");
        answer
    }

    pub(crate) async fn query(&self, sql: &str) -> Value {
        self.ok("POST", "{p}/queries", json!({ "query": sql, "useLegacySql": false })).await
    }

    pub(crate) async fn dataset(&self) {
        let body = json!({ "datasetReference": { "datasetId": "d" } });
        self.ok("POST", "{p}/datasets", body).await;
    }

    pub(crate) async fn table(&self, id: &str, fields: Value) {
        let body = json!({ "tableReference": { "tableId": id }, "schema": { "fields": fields } });
        self.ok("POST", "{p}/datasets/d/tables", body).await;
    }

    /// A multipart load, as Google's Python client sends it; returns the finished job.
    pub(crate) async fn load(&self, table: &str, options: Value, media: &[u8]) -> Value {
        let mut load = json!({ "destinationTable": { "projectId": PROJECT, "datasetId": "d", "tableId": table } });
        for (key, value) in options.as_object().unwrap() {
            load[key] = value.clone();
        }
        let metadata = json!({ "configuration": { "load": load } });
        let mut body =
            format!("--==0==\r\ncontent-type: application/json; charset=UTF-8\r\n\r\n{metadata}\r\n--==0==\r\ncontent-type: */*\r\n\r\n")
                .into_bytes();
        body.extend_from_slice(media);
        body.extend_from_slice(b"\r\n--==0==--");
        let response = self
            .client
            .post(format!("{}/upload/bigquery/v2/projects/{PROJECT}/jobs?uploadType=multipart", self.root))
            .header("content-type", "multipart/related; boundary=\"==0==\"")
            .body(body)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let job: Value = response.json().await.unwrap();
        self.finished(job["jobReference"]["jobId"].as_str().unwrap()).await
    }

    pub(crate) async fn finished(&self, job: &str) -> Value {
        loop {
            let resource = self.ok("GET", &format!("{{p}}/jobs/{job}"), Value::Null).await;
            if resource["status"]["state"] == "DONE" {
                return resource;
            }
            tokio::task::yield_now().await;
        }
    }

    pub(crate) async fn count(&self, table: &str) -> String {
        let answer = self.query(&format!("SELECT COUNT(*) FROM d.{table}")).await;
        answer["rows"][0]["f"][0]["v"].as_str().unwrap().to_owned()
    }
}

pub(crate) async fn endpoint() -> (TempDir, Endpoint) {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = Endpoint::start(dir.path()).await;
    (dir, endpoint)
}

/// The cells of the first row.
pub(crate) fn first_row(answer: &Value) -> Vec<Value> {
    answer["rows"][0]["f"].as_array().unwrap_or_else(|| panic!("no rows in {answer:#}")).iter().map(|cell| cell["v"].clone()).collect()
}
