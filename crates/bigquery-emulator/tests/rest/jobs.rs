//! Jobs.

use serde_json::{Value, json};

use crate::endpoint::{PROJECT, endpoint, first_row};

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_kept_listed_cancelled_and_deleted() {
    let (_dir, e) = endpoint().await;
    e.dataset().await;
    e.table("t", json!([{ "name": "n", "type": "INTEGER" }])).await;
    e.ok("POST", "{p}/datasets/d/tables/t/insertAll", json!({ "rows": [{ "json": { "n": 1 } }, { "json": { "n": 2 } }] })).await;
    let job = |id: &str, sql: &str, more: Value| {
        let mut query = json!({ "query": sql, "useLegacySql": false });
        for (key, value) in more.as_object().unwrap() {
            query[key] = value.clone();
        }
        json!({ "jobReference": { "projectId": PROJECT, "jobId": id, "location": "US" }, "configuration": { "query": query, "labels": { "a": "b" } } })
    };
    let made = e.ok("POST", "{p}/jobs", job("j1", "SELECT SUM(n) AS s FROM d.t", json!({}))).await;
    assert_eq!(made["id"], "quaver-local:US.j1");
    let (status, error) = e.call("POST", "{p}/jobs", job("j1", "SELECT 1", json!({}))).await;
    assert_eq!((status, &error["error"]["message"]), (409, &json!("Already Exists: Job quaver-local:US.j1")));
    let done = e.finished("j1").await;
    let query = &done["statistics"]["query"];
    assert_eq!(query["statementType"], "SELECT");
    assert_eq!(query["totalBytesProcessed"], "16");
    assert_eq!(query["totalBytesBilled"], "10485760");
    assert_eq!(query["referencedTables"][0]["tableId"], "t");
    assert_eq!(done["configuration"]["labels"]["a"], "b");
    assert!(done["statistics"]["endTime"].is_string());
    assert_eq!(first_row(&e.ok("GET", "{p}/queries/j1", Value::Null).await), [json!("3")]);

    // A failed job is found by jobs.insert as DONE, and by getQueryResults as its error.
    e.ok("POST", "{p}/jobs", job("j2", "SELECT nope FROM d.t", json!({}))).await;
    let failed = e.finished("j2").await;
    assert_eq!(failed["status"]["errorResult"]["reason"], "invalidQuery");
    assert_eq!(failed["status"]["errorResult"]["location"], "query");
    assert_eq!(e.call("GET", "{p}/queries/j2", Value::Null).await.0, 400);

    let capped = json!({ "query": "SELECT n FROM d.t", "useLegacySql": false, "maximumBytesBilled": "1000000" });
    let (_, error) = e.call("POST", "{p}/queries", capped).await;
    assert_eq!(error["error"]["errors"][0]["reason"], "bytesBilledLimitExceeded");
    assert_eq!(error["error"]["message"], "Query exceeded limit for bytes billed: 1000000. 10485760 or higher required.");

    // A dry run names no job and leaves none.
    let mut dry = job("j3", "SELECT n FROM d.t", json!({}));
    dry["configuration"]["dryRun"] = true.into();
    let told = e.ok("POST", "{p}/jobs", dry).await;
    assert_eq!(told["jobReference"].get("jobId"), None);
    assert_eq!(told["statistics"]["totalBytesProcessed"], "16");
    assert_eq!(told["statistics"]["query"]["schema"]["fields"][0]["type"], "INTEGER");
    assert_eq!(e.call("GET", "{p}/jobs/j3", Value::Null).await.0, 404);
    let told = e.ok("POST", "{p}/queries", json!({ "query": "SELECT n FROM d.t", "useLegacySql": false, "dryRun": true })).await;
    assert_eq!(told["totalBytesProcessed"], "16");

    // Destinations.
    let to = |d: &str| json!({ "destinationTable": { "projectId": PROJECT, "datasetId": "d", "tableId": "out" }, "writeDisposition": d });
    for (id, disposition, rows) in [
        ("w1", "WRITE_EMPTY", Some("2")),
        ("w2", "WRITE_EMPTY", None),
        ("w3", "WRITE_APPEND", Some("4")),
        ("w4", "WRITE_TRUNCATE", Some("2")),
    ] {
        e.ok("POST", "{p}/jobs", job(id, "SELECT n FROM d.t", to(disposition))).await;
        let done = e.finished(id).await;
        match rows {
            Some(rows) => assert_eq!(e.count("out").await, rows, "{id}: {done:#}"),
            None => assert_eq!(done["status"]["errorResult"]["reason"], "duplicate"),
        }
    }
    e.ok("POST", "{p}/jobs", json!({ "jobReference": { "jobId": "c1" }, "configuration": { "copy": {
        "sourceTables": [{ "projectId": PROJECT, "datasetId": "d", "tableId": "t" }, { "projectId": PROJECT, "datasetId": "d", "tableId": "out" }],
        "destinationTable": { "projectId": PROJECT, "datasetId": "d", "tableId": "copied" } } } })).await;
    e.finished("c1").await;
    assert_eq!(e.count("copied").await, "4");
    let created = e.query("CREATE OR REPLACE TABLE d.made AS SELECT n, n * 2 AS m FROM d.t").await;
    assert_eq!(created["ddlOperationPerformed"], "CREATE");
    assert_eq!(e.count("made").await, "2");

    let stored = e.ok("GET", "{p}/queries/w4", Value::Null).await;
    assert_eq!((&stored["totalRows"], stored["rows"].as_array().unwrap().len()), (&json!("2"), 2));
    let shown = e.ok("GET", &format!("{{p}}/queries/{}", created["jobReference"]["jobId"].as_str().unwrap()), Value::Null).await;
    assert_eq!((shown.get("totalRows"), shown.get("rows")), (None, None));

    // Listing, deleting and cancelling.
    let listed = e.ok("GET", "{p}/jobs?projection=full&maxResults=2&stateFilter=done&allUsers=True", Value::Null).await;
    assert_eq!(listed["jobs"].as_array().unwrap().len(), 2);
    assert!(listed["nextPageToken"].is_string());
    assert_eq!(e.call("DELETE", "{p}/jobs/j1/delete?location=US", Value::Null).await.0, 204);
    assert_eq!(e.call("GET", "{p}/jobs/j1", Value::Null).await.0, 404);
    let slow = "SELECT COUNT(*) FROM UNNEST(GENERATE_ARRAY(1, 20000)) a CROSS JOIN UNNEST(GENERATE_ARRAY(1, 20000)) b CROSS JOIN UNNEST(GENERATE_ARRAY(1, 1000)) c WHERE a + b + c = -1";
    let waiting = e.ok("POST", "{p}/queries", json!({ "query": slow, "useLegacySql": false, "timeoutMs": 1 })).await;
    assert_eq!((&waiting["jobComplete"], waiting.get("rows")), (&json!(false), None));
    let id = waiting["jobReference"]["jobId"].as_str().unwrap();
    let cancelled = e.ok("POST", &format!("{{p}}/jobs/{id}/cancel"), Value::Null).await;
    assert_eq!(cancelled["kind"], "bigquery#jobCancelResponse");
    assert_eq!(e.finished(id).await["status"]["errorResult"]["reason"], "stopped");
}
