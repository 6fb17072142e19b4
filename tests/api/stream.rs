//! `Accept: text/event-stream`, and clients that leave.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Model, Options, Service, Store, header, service};

/// Name and data of each event.
async fn events(service: &Service) -> Vec<(String, Value)> {
    let response = service.post_as("/v1/ask", "text/event-stream", &json!({"question": "Who are the top 3 artists?"})).await;
    assert_eq!((response.status().as_u16(), header(&response, "content-type")), (200, "text/event-stream"));
    let text = response.text().await.unwrap();
    let event = |block: &str| {
        let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        Some((field("event:")?.to_owned(), serde_json::from_str(field("data:")?).unwrap()))
    };
    text.split("\n\n").filter_map(event).collect()
}

/// Fails instead of waiting for ever.
async fn soon<T>(event: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), event).await.expect("it does not happen")
}

#[tokio::test]
async fn stages_come_in_order_and_the_answer_last() {
    let service = service(Options::default()).await;
    let events = events(&service).await;
    let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["linked", "generated", "validated", "estimated", "rows", "summarised", "answer"]);
    assert_eq!(events[0].1["values"][0]["text"], "3");
    assert_eq!(events[3].1["bytes_processed"], 1000);
    let (_, answer) = events.last().unwrap();
    assert_eq!(service.get_json(&format!("/v1/answers/{}", answer["id"].as_str().unwrap())).await, *answer);
}

#[tokio::test]
async fn a_failure_is_the_last_event() {
    let check = async |options: Options, code: &str, before: usize| {
        let service = service(options).await;
        let events = events(&service).await;
        let (name, problem) = events.last().unwrap();
        assert_eq!((name.as_str(), problem["code"].as_str().unwrap(), events.len()), ("error", code, before + 1));
    };
    check(Options { model: Model::Writes("<unanswerable>"), ..Options::default() }, "unanswerable", 1).await;
    check(Options { model: Model::Loads, ..Options::default() }, "model_loading", 0).await;
    let hanging = Options { store: Store::Hangs, request_timeout: Duration::from_millis(50), ..Options::default() };
    check(hanging, "timeout", 4).await;
}

#[tokio::test]
async fn the_query_ends_when_the_client_leaves() {
    for accept in ["text/event-stream", "application/json"] {
        let service = service(Options { store: Store::Hangs, ..Options::default() }).await;
        let request = service.client.post(format!("{}/v1/ask", service.url)).header("accept", accept);
        let asking = tokio::spawn(async move {
            let response = request.json(&json!({"question": "Who are the top 3 artists?"})).send().await.unwrap();
            response.text().await
        });
        soon(service.watch.started.notified()).await;
        asking.abort();
        soon(service.watch.dropped.notified()).await;
    }
}

#[tokio::test]
async fn what_outlives_the_service_is_told_so_and_its_query_ends() {
    for accept in ["text/event-stream", "application/json"] {
        let service = service(Options { store: Store::Hangs, ..Options::default() }).await;
        let request = service.client.post(format!("{}/v1/ask", service.url)).header("accept", accept);
        let asking = tokio::spawn(async move {
            let response = request.json(&json!({"question": "Who are the top 3 artists?"})).send().await.unwrap();
            response.text().await.unwrap()
        });
        soon(service.watch.started.notified()).await;
        service.stop.cancel();
        soon(service.watch.dropped.notified()).await;
        assert!(asking.await.unwrap().contains("\"unavailable\""), "{accept}");
        soon(service.ended.cancelled()).await;
    }
}
