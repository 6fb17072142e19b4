//! Questions, SQL, and their answers in every form.

use serde_json::{Value, json};

use crate::harness::{Options, Service, header, service};

async fn ask(service: &Service) -> Value {
    let response = service.post("/v1/ask", &json!({"question": "Who are the top 3 artists?"})).await;
    assert_eq!((response.status().as_u16(), header(&response, "content-type")), (200, "application/json"));
    response.json().await.unwrap()
}

#[tokio::test]
async fn an_answer_has_all_that_the_contract_names() {
    let service = service(Options { sample: true, ..Options::default() }).await;
    let mut answer = ask(&service).await;
    assert!(answer["timings_ms"]["total"].is_number() && answer["created_at"].is_string() && answer["chart"].is_object(), "{answer}");
    for changing in ["id", "timings_ms", "created_at", "chart", "summary"] {
        answer.as_object_mut().unwrap().shift_remove(changing);
    }
    answer["model"]["confidence"] = json!("from 0 to 1");
    insta::assert_snapshot!(serde_json::to_string(&answer).unwrap(), @r#"{"question":"Who are the top 3 artists?","understood":"plays per artist, all users, top 3","language":"en","sql":"SELECT artist_name, SUM(plays) AS plays FROM music.listens GROUP BY artist_name ORDER BY plays DESC LIMIT @num","parameters":[{"name":"num","type":"INT64","value":3}],"columns":[{"name":"artist_name","type":"STRING","mode":"NULLABLE"},{"name":"plays","type":"INT64","mode":"NULLABLE"}],"rows":[{"artist_name":"Earth, Wind & Fire","plays":"9007199254740993"},{"artist_name":null,"plays":7}],"row_count":2,"truncated":false,"cost":{"bytes_estimated":1000,"estimate_accuracy":"precise","bytes_processed":2000,"bytes_billed":10485760,"bytes_cap":1073741824,"cache_hit":false,"price":{"amount":0.000059604644775390625,"currency":"USD"}},"model":{"name":"fake","revision":"1","confidence":"from 0 to 1"},"warnings":[],"sample":true}"#);
}

#[tokio::test]
async fn rows_come_as_csv_when_that_is_asked_for() {
    let service = service(Options::default()).await;
    let id = ask(&service).await["id"].as_str().unwrap().to_owned();
    let sql = json!({"sql": "SELECT artist_name, plays FROM music.listens"});
    for response in [
        service.post_as("/v1/ask", "text/csv", &json!({"question": "Who are the top 3 artists?"})).await,
        service.post_as("/v1/sql", "text/csv", &sql).await,
        service.get(&format!("/v1/answers/{id}.csv")).await,
        service.client.get(format!("{}/v1/answers/{id}", service.url)).header("accept", "text/csv").send().await.unwrap(),
    ] {
        assert_eq!((response.status().as_u16(), header(&response, "content-type")), (200, "text/csv; charset=utf-8"));
        assert!(header(&response, "content-disposition").starts_with("attachment; filename=\"answer-"));
        assert_eq!(response.text().await.unwrap(), "artist_name,plays\r\n\"Earth, Wind & Fire\",9007199254740993\r\n,7\r\n");
    }
}

#[tokio::test]
async fn an_answer_can_be_read_again_while_it_is_kept() {
    let service = service(Options::default()).await;
    let first = ask(&service).await;
    let path = format!("/v1/answers/{}", first["id"].as_str().unwrap());
    assert_eq!(service.get_json(&path).await, first);
    for _ in 0..10 {
        ask(&service).await;
    }
    assert_eq!(service.get(&path).await.status(), 404);
}

#[tokio::test]
async fn a_question_need_not_be_run() {
    let service = service(Options::default()).await;
    let body = json!({"question": "Who are the top 3 artists?", "execute": false, "language": "fr", "max_rows": 5, "conversation_id": "c"});
    let answer: Value = service.post("/v1/ask", &body).await.json().await.unwrap();
    assert_eq!((&answer["rows"], &answer["language"], &answer["cost"]["bytes_processed"]), (&json!([]), &json!("fr"), &json!(1000)));
}

#[tokio::test]
async fn sql_of_a_person_is_run_and_checked() {
    let service = service(Options::default()).await;
    let sql = json!({"sql": "select artist_name from music.listens", "max_rows": 1});
    let answer: Value = service.post("/v1/sql", &sql).await.json().await.unwrap();
    assert_eq!((&answer["question"], &answer["model"]), (&Value::Null, &Value::Null));
    assert_eq!((&answer["row_count"], &answer["truncated"]), (&json!(2), &json!(true)));
    let report: Value =
        service.post("/v1/sql/validate", &json!({"sql": "select artist_name from music.listens"})).await.json().await.unwrap();
    insta::assert_snapshot!(report, @r#"{"sql":"SELECT artist_name FROM music.listens","statement_type":"SELECT","tables":["listens"],"columns_read":["listens.artist_name"],"columns":[{"name":"artist_name","type":"STRING","mode":"NULLABLE"},{"name":"plays","type":"INT64","mode":"NULLABLE"}],"bytes_processed":1000,"estimate_accuracy":"precise","bytes_cap":1073741824,"within_cap":true}"#);
}

#[tokio::test]
async fn answers_are_compressed_for_clients_that_want_it() {
    let service = service(Options::default()).await;
    let plain = service.get("/openapi.json").await;
    assert_eq!(header(&plain, "content-encoding"), "");
    let request = service.client.get(format!("{}/openapi.json", service.url)).header("accept-encoding", "gzip");
    assert_eq!(header(&request.send().await.unwrap(), "content-encoding"), "gzip");
}
