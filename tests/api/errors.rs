//! Every code of a problem, from whichever part finds it.

use std::time::Duration;

use quaver::api::Readiness;
use quaver::warehouse::WarehouseError;
use reqwest::Response;
use serde_json::{Value, json};

use crate::harness::{Model, Options, Service, Store, header, service};

/// The problem, whole, but for the stable members that the code implies.
async fn problem(response: Response, status: u16, code: &str) -> Value {
    assert_eq!(header(&response, "content-type"), "application/problem+json");
    assert_eq!(response.status(), status);
    let problem: Value = response.json().await.unwrap();
    assert_eq!((&problem["code"], &problem["status"]), (&json!(code), &json!(status)), "{problem}");
    assert_eq!(problem["type"], format!("urn:quaver:problem:{code}"));
    assert!(problem["title"].is_string() && problem["detail"].is_string(), "{problem}");
    assert!(!problem.to_string().contains("secret"), "{problem}");
    problem
}

fn question() -> Value {
    json!({"question": "Who are the top 3 artists?"})
}

#[tokio::test]
async fn malformed_bodies_are_told_what_is_wrong() {
    let service = service(Options::default()).await;
    let check = async |path: &str, body: &str, expected: &str| {
        let response = service.post_text(path, "application/json", body.to_owned()).await;
        let problem = problem(response, 400, "malformed").await;
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(expected), "{body}: {detail}");
        for inside in ["AskRequest", "SqlRequest", "ValidateRequest", "u32", "serde", "deserialize"] {
            assert!(!detail.contains(inside), "{body}: {detail}");
        }
    };
    check("/v1/ask", "", "not valid JSON").await;
    check("/v1/ask", "{\"question\": ", "line 1").await;
    check("/v1/ask", "{\"question\": \"a\"} x", "not valid JSON").await;
    check("/v1/ask", "[]", "a JSON object").await;
    check("/v1/ask", "7", "a JSON object").await;
    check("/v1/ask", "{}", "missing field `question`").await;
    check("/v1/ask", r#"{"question": 7}"#, "question: ").await;
    check("/v1/ask", r#"{"question": "q", "max_rows": "many"}"#, "max_rows: ").await;
    check("/v1/ask", r#"{"question": "q", "max_rows": -1}"#, "max_rows: ").await;
    check("/v1/ask", r#"{"question": "q", "max_rows": 0}"#, "`max_rows` is 0").await;
    check("/v1/ask", r#"{"question": "q", "language": "de"}"#, "language: ").await;
    check("/v1/ask", r#"{"question": "q", "sql": "SELECT 1"}"#, "unknown field `sql`").await;
    check("/v1/ask", r#"{"question": "   "}"#, "`question` is empty").await;
    check("/v1/ask", &json!({"question": "é".repeat(10_000)}).to_string(), "10000 characters").await;
    check("/v1/sql", r#"{"sql": null}"#, "sql: ").await;
    check("/v1/sql", r#"{"sql": " "}"#, "`sql` is empty").await;
    check("/v1/sql/validate", r#"{"query": "SELECT 1"}"#, "unknown field `query`").await;
}

#[tokio::test]
async fn what_axum_refuses_is_a_problem_too() {
    let service = service(Options::default()).await;
    problem(service.get("/v2/ask").await, 404, "not_found").await;
    problem(service.get("/v1/answers/none").await, 404, "not_found").await;
    problem(service.get("/v1/answers/none.csv").await, 404, "not_found").await;
    problem(service.get("/v1/answers/%ff").await, 404, "not_found").await;
    let unknown = problem(service.get("/v1/tables/artist").await, 404, "not_found").await;
    assert!(unknown["suggestions"].as_array().unwrap().contains(&json!("artists")), "{unknown}");
    let not_allowed = service.get("/v1/ask").await;
    assert_eq!(header(&not_allowed, "allow"), "POST");
    problem(not_allowed, 405, "method_not_allowed").await;
    for content_type in ["text/plain", "application/x-www-form-urlencoded", ""] {
        problem(service.post_text("/v1/ask", content_type, question().to_string()).await, 415, "unsupported_media_type").await;
    }
    problem(service.post_text("/v1/ask", "application/json", vec![b' '; 70_000]).await, 413, "too_large").await;
}

#[tokio::test]
async fn failures_of_model_and_warehouse_have_their_codes() {
    let check = async |options: Options, status: u16, code: &str| {
        let service = service(options).await;
        problem(service.post("/v1/ask", &question()).await, status, code).await
    };
    let model = |model| Options { model, ..Options::default() };
    let store = |store| Options { store, ..Options::default() };
    let refused = check(model(Model::Writes("<unanswerable>")), 422, "unanswerable").await;
    assert_eq!((refused["suggestions"].as_array().unwrap().len(), &refused["reason"]), (3, &json!("not_in_the_data")));
    let invalid = check(model(Model::Writes("DROP TABLE music.artists")), 422, "unanswerable").await;
    assert_eq!((&invalid["reason"], &invalid["choices"]), (&json!("no_valid_query"), &Value::Null));
    let asked = service(Options::default()).await;
    let command =
        problem(asked.post("/v1/ask", &json!({"question": "please run DROP TABLE music.artists"})).await, 422, "unanswerable").await;
    assert_eq!(command["reason"], "unsafe");
    check(model(Model::IsFull), 429, "overloaded").await;
    check(model(Model::Fails), 500, "internal").await;
    check(model(Model::Panics), 500, "internal").await;
    check(model(Model::Loads), 503, "model_loading").await;
    let expensive = check(store(Store::Costs(1 << 40)), 422, "too_expensive").await;
    assert_eq!((&expensive["estimate"], &expensive["cap"]), (&json!(1_u64 << 40), &json!(1 << 30)));
    let down = || WarehouseError::Unreachable { message: "secret host refused the connection".to_owned() };
    check(store(Store::Fails(down)), 502, "warehouse_failed").await;
    let late = || WarehouseError::DeadlineExceeded { after: Duration::from_secs(1) };
    check(store(Store::Fails(late)), 504, "timeout").await;
    let busy = || WarehouseError::api(403, "rateLimitExceeded", "secret quota");
    check(store(Store::Fails(busy)), 429, "overloaded").await;
    let slow = Duration::from_millis(50);
    check(Options { model: Model::Hangs, request_timeout: slow, ..Options::default() }, 504, "timeout").await;
}

#[tokio::test]
async fn a_full_queue_says_when_to_ask_again() {
    let service = service(Options { model: Model::IsFull, ..Options::default() }).await;
    let response = service.post("/v1/ask", &question()).await;
    assert_eq!(header(&response, "retry-after"), "2");
}

#[tokio::test]
async fn sql_is_rejected_with_its_place() {
    let service = service(Options::default()).await;
    let check = async |sql: &str, expected: &str, place: Option<(u64, u64)>| {
        for path in ["/v1/sql", "/v1/sql/validate"] {
            let problem = problem(service.post(path, &json!({"sql": sql})).await, 422, "sql_rejected").await;
            assert!(problem["detail"].as_str().unwrap().contains(expected), "{problem}");
            if let Some((line, column)) = place {
                assert_eq!((&problem["line"], &problem["column"]), (&json!(line), &json!(column)), "{problem}");
            }
        }
    };
    check("SELECT\n  nothing FROM music.artists", "nothing", Some((2, 3))).await;
    check("SELEC 1", "", None).await;
    check("DELETE FROM music.artists WHERE true", "", None).await;
    check("SELECT 1; SELECT 2", "", None).await;
    check("SELECT * FROM other.things", "", None).await;
}

#[tokio::test]
async fn readiness_follows_the_process() {
    let check = async |readiness: Readiness, status: u16, code: &str| {
        let service: Service = service(Options { readiness, ..Options::default() }).await;
        assert_eq!(service.get_json("/healthz").await, json!({"status": "ok"}));
        let response = service.get("/readyz").await;
        if status == 200 {
            assert_eq!(response.json::<Value>().await.unwrap(), json!({"status": "ready"}));
        } else {
            problem(response, status, code).await;
        }
    };
    check(Readiness::Ready, 200, "").await;
    check(Readiness::Loading, 503, "model_loading").await;
    check(Readiness::Failed, 503, "unavailable").await;
    check(Readiness::Stopping, 503, "unavailable").await;
}
