//! The service with a proxy between its client and the embedded endpoint that breaks what passes: each fault has its `code`, and what
//! passes by itself is not seen at all.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use fault_proxy::{Fault, Proxy};
use quaver::api::{ApiSettings, ApiState, Readiness};
use quaver::app::{Backend, Sharing};
use quaver::ask::{AnswerStore, AskSettings, GeneratorSlot, Pipeline, PipelineParts, PromptStyle};
use quaver::catalog::Catalog;
use quaver::config::{Overrides, load_from};
use quaver::warehouse::{Connection, Credentials, Warehouse, WriteDisposition};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::harness::{FakeHealth, FakeModel, Model, Service, TOP, header, linker, start};

struct Behind {
    proxy: Proxy,
    service: Service,
    _backend: Backend,
    _dir: TempDir,
}

/// A service over an endpoint with a table of plays, by way of the proxy.
async fn behind(settings: AskSettings) -> Behind {
    let dir = tempfile::tempdir().unwrap();
    let overrides = Overrides { data_dir: Some(dir.path().to_owned()), ..Overrides::default() };
    let config = load_from(&overrides, []).unwrap();
    let backend = Backend::open(&config, Sharing::Own).await.unwrap();
    let own = backend.warehouse();
    own.create_dataset("music").await.unwrap();
    let listens = Catalog::embedded().table("listens").unwrap().clone();
    let row = |user: u32, artist: &str, plays: u32| {
        json!({ "user_id": user, "artist_id": artist.to_lowercase(), "artist_name": artist, "plays": plays }).to_string() + "\n"
    };
    let rows = row(1, "Air", 3) + &row(2, "Air", 4) + &row(1, "Moby", 5) + &row(3, "Kino", 1);
    own.load_ndjson("music", &listens, Bytes::from(rows), WriteDisposition::Truncate).await.unwrap();

    let address = bigquery_emulator::Emulator::owner_of(&config.data.dir).unwrap();
    let proxy = Proxy::start(&address.to_string()).await.unwrap();
    let warehouse = Warehouse::connect(Connection {
        project: own.project().to_owned(),
        data_project: None,
        endpoint: Some(proxy.root.clone()),
        location: config.warehouse.location.clone(),
        dataset: "music".to_owned(),
        credentials: Credentials::None,
        request_timeout: Duration::from_secs(20),
        query_timeout: Duration::from_secs(20),
        max_retries: 2,
    });
    let pipeline = Pipeline::new(PipelineParts {
        generator: GeneratorSlot::ready(Arc::new(FakeModel { model: Model::Writes(TOP) })),
        warehouse: Arc::new(warehouse.await.unwrap()),
        catalog: Arc::new(Catalog::embedded()),
        linker: Arc::new(linker()),
        settings,
        prompt: PromptStyle::Masked,
        sample: false,
    });
    let state = ApiState {
        pipeline,
        answers: AnswerStore::new(10),
        catalog: Arc::new(Catalog::embedded()),
        health: Arc::new(FakeHealth(Readiness::Ready)),
        settings: ApiSettings { max_body_bytes: 64 * 1024, request_timeout: Duration::from_secs(30), stop: CancellationToken::new() },
    };
    let service = start(state, CancellationToken::new(), Arc::default()).await;
    Behind { proxy, service, _backend: backend, _dir: dir }
}

fn error(code: u16, reason: &str) -> Fault {
    let errors = json!([{ "reason": reason, "message": "secret words", "domain": "global" }]);
    Fault::json(code, &json!({ "error": { "code": code, "message": "secret words", "errors": errors } }))
}

fn question() -> Value {
    json!({ "question": "Who are the top 2 artists?" })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_that_passes_is_not_seen() {
    let Behind { proxy, service, _backend, _dir } = behind(AskSettings::default()).await;
    let expected = json!([{ "artist_name": "Air", "plays": 7 }, { "artist_name": "Moby", "plays": 5 }]);
    for fault in [error(401, "authError"), error(403, "rateLimitExceeded"), Fault::html(502), Fault::Lost, Fault::Reset, Fault::CutShort] {
        for request in ["POST /jobs", "GET /queries/"] {
            proxy.break_next(request, fault.clone());
            let answer: Value = service.post("/v1/ask", &question()).await.json().await.unwrap();
            assert_eq!(answer["rows"], expected, "{fault:?} at {request}: {answer}");
        }
    }
    proxy.break_next("GET /queries/", Fault::edit(|page| *page = json!({ "jobComplete": false })));
    let answer: Value = service.post("/v1/ask", &question()).await.json().await.unwrap();
    assert_eq!(answer["rows"], expected, "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_that_stays_has_its_code() {
    let settings = AskSettings { query_timeout: Duration::from_millis(1500), ..AskSettings::default() };
    let Behind { proxy, service, _backend, _dir } = behind(settings).await;
    let busy = || Fault::Answer(429, "retry-after: 77\r\n".to_owned(), String::new());
    let duplicates = Fault::edit(|page| {
        page["schema"]["fields"][1]["name"] = page["schema"]["fields"][0]["name"].clone();
    });
    let cases = [
        ("POST /jobs", error(401, "authError"), 502, "warehouse_failed"),
        ("POST /jobs", error(403, "accessDenied"), 502, "warehouse_failed"),
        ("POST /jobs", error(403, "rateLimitExceeded"), 429, "overloaded"),
        ("POST /jobs", error(403, "quotaExceeded"), 429, "overloaded"),
        ("POST /jobs", busy(), 429, "overloaded"),
        ("GET /queries/", busy(), 429, "overloaded"),
        ("GET /queries/", Fault::html(500), 502, "warehouse_failed"),
        ("GET /queries/", Fault::html(502), 502, "warehouse_failed"),
        ("GET /queries/", error(503, "backendError"), 502, "warehouse_failed"),
        ("GET /queries/", error(400, "bytesBilledLimitExceeded"), 422, "too_expensive"),
        ("GET /queries/", Fault::Lost, 502, "warehouse_failed"),
        ("GET /queries/", Fault::Reset, 502, "warehouse_failed"),
        ("GET /queries/", Fault::edit(|page| page["rows"] = json!([])), 502, "warehouse_failed"),
        ("GET /queries/", Fault::edit(|page| page["totalRows"] = json!("9")), 502, "warehouse_failed"),
        ("GET /queries/", Fault::edit(|page| page["schema"]["fields"][1]["type"] = json!("VECTOR")), 502, "warehouse_failed"),
        ("GET /queries/", Fault::edit(|page| page["rows"][0]["f"][1]["v"] = json!("many")), 502, "warehouse_failed"),
        ("GET /queries/", Fault::Silence, 504, "timeout"),
        ("GET /queries/", Fault::Slow(10_000, Duration::from_millis(50)), 504, "timeout"),
        ("GET /queries/", Fault::edit(|page| *page = json!({ "jobComplete": false })), 504, "timeout"),
    ];
    for (request, fault, status, code) in cases {
        let name = format!("{fault:?} at {request}");
        proxy.break_all(request, fault);
        let response = service.post("/v1/ask", &question()).await;
        let (told, after) = (response.status().as_u16(), header(&response, "retry-after").to_owned());
        let problem: Value = response.json().await.unwrap();
        assert_eq!((told, &problem["code"]), (status, &json!(code)), "{name}: {problem}");
        assert!(!problem.to_string().contains("secret"), "{name}: {problem}");
        assert_eq!(after.is_empty(), code != "overloaded", "{name}");
        if name.starts_with("Answer(429)") {
            assert_eq!(after, "77", "{name}");
        }
        proxy.mend();
    }
    // What looks odd and is right is no fault.
    proxy.break_all("GET /queries/", duplicates);
    let answer: Value = service.post("/v1/ask", &question()).await.json().await.unwrap();
    let names: Vec<&str> = answer["columns"].as_array().unwrap().iter().map(|column| column["name"].as_str().unwrap()).collect();
    assert!(names.len() == 2 && names[0] != names[1], "{answer}");
    assert_eq!(answer["rows"][0].as_object().unwrap().len(), 2, "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_leaves_takes_its_job_with_it() {
    let Behind { proxy, service, _backend, _dir } = behind(AskSettings::default()).await;
    proxy.break_all("GET /queries/", Fault::Silence);
    let (client, url) = (service.client.clone(), format!("{}/v1/ask", service.url));
    let asking = tokio::spawn(async move { client.post(url).json(&question()).send().await });
    let asked = proxy.wait_for("GET /queries/").await;
    asking.abort();
    let cancelled = proxy.wait_for("POST /cancel").await;
    let job = asked.path.split(['/', '?']).find(|part| part.starts_with("quaver-")).unwrap();
    assert!(cancelled.path.contains(job), "{} for {}", cancelled.path, asked.path);
}
