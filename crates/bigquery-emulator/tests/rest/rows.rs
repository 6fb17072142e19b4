//! Streaming inserts and listing rows.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::endpoint::{Endpoint, PROJECT, endpoint};

#[tokio::test(flavor = "multi_thread")]
async fn streamed_rows_are_checked_deduplicated_and_listed() {
    let (dir, e) = endpoint().await;
    e.dataset().await;
    e.table(
        "t",
        json!([
            { "name": "n", "type": "INTEGER" },
            { "name": "s", "type": "STRING" },
            { "name": "tags", "type": "STRING", "mode": "REPEATED" },
            { "name": "r", "type": "RECORD", "fields": [{ "name": "x", "type": "FLOAT" }, { "name": "y", "type": "BOOLEAN" }] },
            { "name": "at", "type": "TIMESTAMP" },
        ]),
    )
    .await;
    let path = "{p}/datasets/d/tables/t/insertAll";
    let rows = json!({ "rows": [
        { "insertId": "1", "json": { "n": 1, "s": "a\"b", "tags": ["x", "y"], "r": { "x": 1.5, "y": true }, "at": "2024-03-01 12:34:56.5 UTC" } },
        { "insertId": "2", "json": { "n": "2" } },
    ] });
    assert_eq!(e.ok("POST", path, rows.clone()).await.get("insertErrors"), None);
    // The same rows again, as a client that lost the answer sends them; gzipped, as some send all of them.
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(rows.to_string().as_bytes()).unwrap();
    let again = e
        .client
        .post(format!("{}/projects/{PROJECT}/datasets/d/tables/t/insertAll", e.root))
        .header("content-type", "application/octet-stream")
        .header("content-encoding", "gzip")
        .body(gzip.finish().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(again.status(), 200);
    assert_eq!(e.count("t").await, "2");

    let bad = json!([{ "json": { "n": "not-a-number" } }, { "json": { "n": 3 } }, { "json": { "nope": 1 } }]);
    let refused = e.ok("POST", path, json!({ "rows": bad })).await;
    let expected = json!([
        { "index": 0, "errors": [{ "reason": "invalid", "location": "n", "debugInfo": "", "message": "Cannot convert value to integer (bad value): not-a-number" }] },
        { "index": 1, "errors": [{ "reason": "stopped", "location": "", "debugInfo": "", "message": "" }] },
        { "index": 2, "errors": [{ "reason": "invalid", "location": "nope", "debugInfo": "", "message": "no such field: nope." }] },
    ]);
    assert_eq!(refused["insertErrors"], expected);
    assert_eq!(e.count("t").await, "2");
    let kept = e.ok("POST", path, json!({ "rows": bad, "skipInvalidRows": true, "ignoreUnknownValues": "True" })).await;
    assert_eq!(kept["insertErrors"].as_array().unwrap().len(), 1);
    assert_eq!(e.count("t").await, "4");
    assert_eq!(e.call("POST", path, json!({ "rows": [] })).await.0, 400);

    let data = "{p}/datasets/d/tables/t/data";
    let listed = e.ok("GET", data, Value::Null).await;
    assert_eq!(listed["totalRows"], "4");
    let first = json!({ "f": [
        { "v": "1" }, { "v": "a\"b" }, { "v": [{ "v": "x" }, { "v": "y" }] },
        { "v": { "f": [{ "v": "1.5" }, { "v": "true" }] } }, { "v": "1.7092964965E9" },
    ] });
    assert_eq!(listed["rows"][0], first);
    assert_eq!(listed["rows"][1], json!({ "f": [{ "v": "2" }, { "v": null }, { "v": [] }, { "v": null }, { "v": null }] }));
    let picked = e.ok("GET", &format!("{data}?selectedFields=at,r.y&maxResults=1&formatOptions.useInt64Timestamp=True"), Value::Null).await;
    assert_eq!(picked["rows"], json!([{ "f": [{ "v": { "f": [{ "v": "true" }] } }, { "v": "1709296496500000" }] }]));
    let token = picked["pageToken"].as_str().unwrap();
    let next = e.ok("GET", &format!("{data}?pageToken={token}&selectedFields=n"), Value::Null).await;
    assert_eq!(next["rows"].as_array().unwrap().len(), 3);
    let from = e.ok("GET", &format!("{data}?startIndex=3"), Value::Null).await;
    assert_eq!(from["rows"].as_array().unwrap().len(), 1);
    assert_eq!(e.call("GET", &format!("{data}?selectedFields=no"), Value::Null).await.0, 400);
    assert_eq!(e.call("GET", &format!("{data}?pageToken=xx"), Value::Null).await.0, 400);

    // A table made anew takes ids that the old one had seen.
    e.table("again", json!([{ "name": "n", "type": "INTEGER" }])).await;
    let once = json!({ "rows": [{ "insertId": "1", "json": { "n": 1 } }] });
    e.ok("POST", "{p}/datasets/d/tables/again/insertAll", once.clone()).await;
    e.call("DELETE", "{p}/datasets/d/tables/again", Value::Null).await;
    e.table("again", json!([{ "name": "n", "type": "INTEGER" }])).await;
    e.ok("POST", "{p}/datasets/d/tables/again/insertAll", once).await;
    assert_eq!(e.count("again").await, "1");

    // What was acknowledged is there after a restart.
    e.stop().await;
    let e = Endpoint::start(dir.path()).await;
    assert_eq!(e.count("t").await, "4");
}
