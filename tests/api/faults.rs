//! The service with a proxy between its client and the embedded endpoint that breaks what passes: each fault has its `code`, and what
//! passes by itself is not seen at all.

use std::time::Duration;

use fault_proxy::Fault;
use quaver::ask::AskSettings;
use serde_json::{Value, json};

use crate::behind::{Behind, Setup, behind};
use crate::harness::header;

fn error(code: u16, reason: &str) -> Fault {
    let errors = json!([{ "reason": reason, "message": "secret words", "domain": "global" }]);
    Fault::json(code, &json!({ "error": { "code": code, "message": "secret words", "errors": errors } }))
}

fn question() -> Value {
    json!({ "question": "Who are the top 2 artists?" })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_that_passes_is_not_seen() {
    let Behind { proxy, service, .. } = &behind(Setup::default()).await;
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
    let Behind { proxy, service, .. } = &behind(Setup { settings, ..Setup::default() }).await;
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
    let Behind { proxy, service, .. } = &behind(Setup::default()).await;
    proxy.break_all("GET /queries/", Fault::Silence);
    let (client, url) = (service.client.clone(), format!("{}/v1/ask", service.url));
    let asking = tokio::spawn(async move { client.post(url).json(&question()).send().await });
    let asked = proxy.wait_for("GET /queries/").await;
    asking.abort();
    let cancelled = proxy.wait_for("POST /cancel").await;
    let job = asked.path.split(['/', '?']).find(|part| part.starts_with("quaver-")).unwrap();
    assert!(cancelled.path.contains(job), "{} for {}", cancelled.path, asked.path);
}
