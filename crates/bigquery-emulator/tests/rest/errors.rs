//! Errors, in the envelope that clients parse.

use serde_json::{Value, json};

use crate::endpoint::{PROJECT, endpoint};

#[tokio::test(flavor = "multi_thread")]
async fn errors_carry_bigquerys_code_and_reason() {
    let (_dir, e) = endpoint().await;
    e.dataset().await;
    e.table("t", json!([{ "name": "n", "type": "INTEGER" }])).await;
    let query = |sql: &str| json!({ "query": sql, "useLegacySql": false });
    let cases = [
        ("POST", "{p}/queries", query("SLECT 1"), 400, "invalidQuery", "Syntax error"),
        ("POST", "{p}/queries", query("SELECT 1/0"), 400, "invalidQuery", "division by zero"),
        ("POST", "{p}/queries", query("SELECT * FROM d.none"), 404, "notFound", "Not found: Table quaver-local:d.none"),
        ("POST", "{p}/queries", query("SELECT * FROM x.t"), 404, "notFound", "Not found: Dataset quaver-local:x"),
        ("POST", "{p}/queries", query("SELECT * FROM other.d.t"), 403, "accessDenied", "Access Denied"),
        ("POST", "{p}/queries", json!({ "query": "SELECT 1", "useLegacySql": true }), 501, "notImplemented", "Legacy SQL"),
        ("POST", "{p}/queries", json!({}), 400, "required", "query"),
        ("POST", "{p}/queries", json!({ "query": "SELECT 1", "location": "EU" }), 400, "invalid", "EU"),
        ("POST", "{p}/jobs", json!({ "configuration": { "extract": {} } }), 501, "notImplemented", "extract"),
        ("POST", "{p}/jobs", json!({ "configuration": { "load": { "sourceUris": ["gs://b/f"] } } }), 501, "notImplemented", "gs://b/f"),
        (
            "POST",
            "{p}/jobs",
            json!({ "jobReference": { "jobId": "a b" }, "configuration": { "query": { "query": "SELECT 1" } } }),
            400,
            "invalid",
            "job ID",
        ),
        ("GET", "{p}/jobs/none", Value::Null, 404, "notFound", "Not found: Job quaver-local:US.none"),
        ("GET", "{p}/queries/none", Value::Null, 404, "notFound", "Job"),
        ("GET", "{p}/nowhere", Value::Null, 404, "notFound", "Not Found"),
        ("PUT", "{p}/jobs", Value::Null, 405, "httpMethodNotAllowed", "PUT"),
        ("GET", "projects/other/datasets", Value::Null, 404, "notFound", "other"),
        ("GET", "{p}/datasets?maxResults=many", Value::Null, 400, "invalid", "maxResults"),
    ];
    for (method, path, body, status, reason, message) in cases {
        let (found, answer) = e.call(method, path, body).await;
        let error = &answer["error"];
        let about = format!("{method} {path}: {answer:#}");
        assert_eq!(found, status, "{about}");
        assert_eq!(error["code"], status, "{about}");
        assert_eq!(error["errors"][0]["reason"], reason, "{about}");
        assert_eq!(error["errors"][0]["domain"], "global", "{about}");
        assert!(error["message"].as_str().unwrap().contains(message), "{about}");
        // Clients decode each entry as a map of strings.
        assert!(error["errors"][0].as_object().unwrap().values().all(Value::is_string), "{about}");
    }
    let broken = e.client.post(format!("{}/bigquery/v2/projects/{PROJECT}/queries", e.root)).body("{\"query\":").send().await.unwrap();
    assert_eq!(broken.status(), 400);
    let large = e
        .client
        .post(format!("{}/bigquery/v2/projects/{PROJECT}/queries", e.root))
        .body(vec![b' '; 11 * 1024 * 1024])
        .send()
        .await
        .unwrap();
    assert_eq!(large.status(), 413);
    let error: Value = large.json().await.unwrap();
    assert!(error["error"]["message"].as_str().unwrap().contains("exceeds the limit"));
}
