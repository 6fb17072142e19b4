//! What describes the API and guards it: OpenAPI, Swagger UI, the page, metrics, headers.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::harness::{Options, header, service};

#[tokio::test]
async fn the_openapi_document_lists_every_route() {
    let service = service(Options::default()).await;
    let document = service.get_json("/openapi.json").await;
    let paths = document["paths"].as_object().unwrap();
    let line = |(path, methods): (&String, &Value)| {
        let methods: BTreeMap<&String, String> = methods
            .as_object()
            .unwrap()
            .iter()
            .map(|(method, operation)| {
                let statuses: Vec<&str> = operation["responses"].as_object().unwrap().keys().map(String::as_str).collect();
                (method, statuses.join(" "))
            })
            .collect();
        methods.into_iter().map(|(method, statuses)| format!("{method} {path}: {statuses}")).collect::<Vec<_>>().join("\n")
    };
    let mut lines: Vec<String> = paths.iter().map(line).collect();
    lines.sort();
    let mut schemas: Vec<&str> = document["components"]["schemas"].as_object().unwrap().keys().map(String::as_str).collect();
    schemas.sort_unstable();
    insta::assert_snapshot!(format!("{}\n{}\n{}", document["openapi"], lines.join("\n"), schemas.join(" ")), @r#"
    "3.1.0"
    get /healthz: 200
    get /metrics: 200
    get /readyz: 200 503
    get /v1/answers/{id}.csv: 200 401 404
    get /v1/answers/{id}: 200 401 404
    get /v1/tables/{table}: 200 401 404
    get /v1/tables: 200 401
    post /v1/ask: 200 400 401 422 429 502 503 504
    post /v1/sql/validate: 200 400 401 422 502
    post /v1/sql: 200 400 401 422 502 504
    Answer AnswerColumn AnswerModel AnswerParameter AskRequest Code ColumnDetail Cost Health Language Limit Price Problem ProblemMembers Reading SqlReport SqlRequest Summary SummaryKind SummaryWriter TableDetail TableList TableSummary Timings UnanswerableReason ValidateRequest
    "#);
}

#[tokio::test]
async fn every_reference_of_the_openapi_document_leads_somewhere() {
    let document = serde_json::to_value(quaver::api::document()).unwrap();
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(document.pointer(reference).is_some(), "{reference}");
    }
}

#[tokio::test]
async fn swagger_ui_is_served_offline() {
    let service = service(Options::default()).await;
    let page = service.get("/docs/").await;
    assert_eq!(page.status(), 200);
    assert!(header(&page, "content-security-policy").starts_with("default-src 'self'"));
    let text = page.text().await.unwrap();
    assert!(text.contains("swagger-ui-bundle.js") && !text.contains("https://"), "{text}");
    for file in ["swagger-ui-bundle.js", "swagger-ui.css", "swagger-initializer.js"] {
        assert_eq!(service.get(&format!("/docs/{file}")).await.status(), 200, "{file}");
    }
    assert!(service.get("/docs/swagger-initializer.js").await.text().await.unwrap().contains("/openapi.json"));
}

#[tokio::test]
async fn the_page_is_one_file_that_may_run_its_own_script_alone() {
    let service = service(Options::default()).await;
    let page = service.get("/").await;
    assert_eq!((page.status().as_u16(), header(&page, "content-type")), (200, "text/html; charset=utf-8"));
    let policy = header(&page, "content-security-policy").to_owned();
    assert!(policy.starts_with("default-src 'none'") && policy.contains("script-src 'sha256-"), "{policy}");
    assert!(page.text().await.unwrap().contains("/v1/ask"));
}

#[tokio::test]
async fn requests_are_measured_by_route() {
    let service = service(Options::default()).await;
    service.post("/v1/ask", &json!({"question": "Who are the top 3 artists?"})).await;
    service.get("/v1/answers/0190-some-id").await;
    let text = service.get("/metrics").await.text().await.unwrap();
    for line in [
        "quaver_http_requests_total{method=\"POST\",route=\"/v1/ask\",status=\"200\"}",
        "quaver_http_requests_total{method=\"GET\",route=\"/v1/answers/{id}\",status=\"404\"}",
        "quaver_http_request_duration_seconds_bucket{route=\"/v1/ask\"",
        "quaver_stage_duration_seconds_count{stage=\"model\"}",
        "quaver_answers_total{language=\"en\"}",
    ] {
        assert!(text.contains(line), "{line} is missing from\n{text}");
    }
    assert!(!text.contains("some-id"), "{text}");
}

#[tokio::test]
async fn every_response_has_an_id_and_closed_doors() {
    let service = service(Options::default()).await;
    for path in ["/healthz", "/nothing/here", "/", "/v1/tables"] {
        let response = service.get(path).await;
        assert_eq!(header(&response, "x-request-id").len(), 36, "{path}");
        assert_eq!((header(&response, "x-content-type-options"), header(&response, "x-frame-options")), ("nosniff", "DENY"), "{path}");
        assert_eq!(header(&response, "access-control-allow-origin"), "", "{path}");
        assert!(header(&response, "content-security-policy").contains("frame-ancestors 'none'"), "{path}");
    }
    let with_id = |id: &str| service.client.get(format!("{}/healthz", service.url)).header("x-request-id", id).send();
    assert_eq!(header(&with_id("abc-1").await.unwrap(), "x-request-id"), "abc-1");
    assert_eq!(header(&with_id("a b=\"c\"").await.unwrap(), "x-request-id").len(), 36);
}
