//! Datasets and tables.

use serde_json::{Value, json};

use crate::endpoint::{PROJECT, endpoint, first_row};

#[tokio::test(flavor = "multi_thread")]
async fn datasets_come_change_and_go() {
    let (_dir, e) = endpoint().await;
    let made = e
        .ok(
            "POST",
            "{p}/datasets",
            json!({ "datasetReference": { "datasetId": "d", "projectId": PROJECT }, "labels": { "env": "test" }, "description": "one", "location": "us", "unknown": 1 }),
        )
        .await;
    assert_eq!(made["id"], "quaver-local:d");
    assert_eq!(made["location"], "US");
    let (status, error) = e.call("POST", "{p}/datasets", json!({ "datasetReference": { "datasetId": "d" } })).await;
    assert_eq!((status, &error["error"]["errors"][0]["reason"]), (409, &json!("duplicate")));
    assert_eq!(error["error"]["message"], "Already Exists: Dataset quaver-local:d");
    let patched = e.ok("PATCH", "{p}/datasets/d", json!({ "labels": { "env": null, "team": "a" }, "description": null })).await;
    assert_eq!(patched["labels"], json!({ "team": "a" }));
    assert_eq!(patched.get("description"), None);
    assert_ne!(patched["etag"], made["etag"]);
    let refused = e
        .client
        .patch(format!("{}/bigquery/v2/projects/{PROJECT}/datasets/d", e.root))
        .header("If-Match", made["etag"].as_str().unwrap())
        .json(&json!({}))
        .send()
        .await
        .unwrap();
    assert_eq!(refused.status(), 412);
    let put = e.ok("PUT", "{p}/datasets/d", json!({ "friendlyName": "D" })).await;
    assert_eq!((&put["friendlyName"], put.get("labels")), (&json!("D"), None));
    for id in ["a", "b", "c"] {
        e.ok("POST", "{p}/datasets", json!({ "datasetReference": { "datasetId": id }, "labels": { "k": id } })).await;
    }
    let page = e.ok("GET", "{p}/datasets?maxResults=3&all=True", Value::Null).await;
    assert_eq!(page["datasets"].as_array().unwrap().len(), 3);
    let token = page["nextPageToken"].as_str().unwrap();
    let rest = e.ok("GET", &format!("{{p}}/datasets?maxResults=3&pageToken={token}"), Value::Null).await;
    assert_eq!(rest["datasets"][0]["id"], "quaver-local:d");
    assert_eq!(rest.get("nextPageToken"), None);
    let filtered = e.ok("GET", "{p}/datasets?filter=labels.k:b", Value::Null).await;
    assert_eq!(filtered["datasets"].as_array().unwrap().len(), 1);

    e.table("t", json!([{ "name": "n", "type": "INTEGER" }])).await;
    let (status, error) = e.call("DELETE", "{p}/datasets/d", Value::Null).await;
    assert_eq!((status, &error["error"]["errors"][0]["reason"]), (400, &json!("resourceInUse")));
    let (status, _) = e.call("DELETE", "{p}/datasets/d?deleteContents=True", Value::Null).await;
    assert_eq!(status, 204);
    let (status, error) = e.call("GET", "{p}/datasets/d", Value::Null).await;
    assert_eq!((status, &error["error"]["message"]), (404, &json!("Not found: Dataset quaver-local:d")));
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_come_change_and_go() {
    let (_dir, e) = endpoint().await;
    e.dataset().await;
    let made = e
        .ok(
            "POST",
            "{p}/datasets/d/tables",
            json!({
                "tableReference": { "projectId": PROJECT, "datasetId": "d", "tableId": "t" },
                "description": "plays", "labels": { "a": "b" },
                "timePartitioning": { "type": "DAY", "field": "at" },
                "clustering": { "fields": ["n"] },
                "schema": { "fields": [
                    { "name": "n", "type": "INT64", "mode": "REQUIRED", "description": "number" },
                    { "name": "at", "type": "timestamp" },
                    { "name": "r", "type": "STRUCT", "mode": "REPEATED", "fields": [{ "name": "x", "type": "STRING" }] },
                ] },
            }),
        )
        .await;
    assert_eq!(made["numRows"], "0");
    assert_eq!(made["timePartitioning"]["field"], "at");
    assert_eq!(
        made["schema"]["fields"],
        json!([
            { "name": "n", "type": "INTEGER", "mode": "REQUIRED", "description": "number" },
            { "name": "at", "type": "TIMESTAMP" },
            { "name": "r", "type": "RECORD", "mode": "REPEATED", "fields": [{ "name": "x", "type": "STRING" }] },
        ])
    );
    let insert = json!({ "rows": [{ "json": { "n": 1, "at": "2024-03-01T00:00:00Z" } }] });
    e.ok("POST", "{p}/datasets/d/tables/t/insertAll", insert).await;
    let mut fields = made["schema"]["fields"].as_array().unwrap().clone();
    fields.push(json!({ "name": "added", "type": "STRING" }));
    let patched = e.ok("PATCH", "{p}/datasets/d/tables/t", json!({ "schema": { "fields": fields }, "labels": { "c": "d" } })).await;
    assert_eq!(patched["labels"], json!({ "a": "b", "c": "d" }));
    assert_eq!((&patched["numRows"], &patched["numBytes"]), (&json!("1"), &json!("16")));
    assert_eq!(first_row(&e.query("SELECT added, n FROM d.t").await), [Value::Null, json!("1")]);
    let refusals = [
        (json!([{ "name": "n", "type": "STRING" }]), "Field n has changed type from INTEGER to STRING"),
        (json!([{ "name": "m", "type": "STRING" }]), "Field n is missing in new schema"),
    ];
    for (fields, expected) in refusals {
        let (status, error) = e.call("PATCH", "{p}/datasets/d/tables/t", json!({ "schema": { "fields": fields } })).await;
        assert_eq!(status, 400);
        assert!(error["error"]["message"].as_str().unwrap().contains(expected), "{error}");
    }
    for (body, status) in [
        (json!({ "tableReference": { "tableId": "t" } }), 409),
        (json!({ "tableReference": { "tableId": "a.b" } }), 400),
        (json!({ "tableReference": { "tableId": "x" }, "schema": { "fields": [{ "name": "a", "type": "WAT" }] } }), 400),
        (json!({ "tableReference": { "tableId": "x" }, "schema": { "fields": [{ "name": "a", "type": "RECORD" }] } }), 400),
        (json!({ "tableReference": { "tableId": "x" }, "view": { "query": "SELECT 1" } }), 501),
        (json!({ "tableReference": { "tableId": "x" }, "clustering": { "fields": ["no"] } }), 400),
        (json!({}), 400),
    ] {
        assert_eq!(e.call("POST", "{p}/datasets/d/tables", body.clone()).await.0, status, "{body}");
    }
    let listed = e.ok("GET", "{p}/datasets/d/tables", Value::Null).await;
    assert_eq!((&listed["totalItems"], &listed["tables"][0]["id"]), (&json!(1), &json!("quaver-local:d.t")));
    assert_eq!(e.call("DELETE", "{p}/datasets/d/tables/t", Value::Null).await.0, 204);
    let (status, error) = e.call("GET", "{p}/datasets/d/tables/t", Value::Null).await;
    assert_eq!((status, &error["error"]["message"]), (404, &json!("Not found: Table quaver-local:d.t")));
}
