//! Load jobs.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::endpoint::{PROJECT, endpoint, first_row};

#[tokio::test(flavor = "multi_thread")]
async fn loads_are_all_or_nothing() {
    let (_dir, e) = endpoint().await;
    e.dataset().await;
    let fields = json!({ "fields": [
        { "name": "n", "type": "INTEGER", "mode": "REQUIRED" }, { "name": "s", "type": "STRING" },
        { "name": "d", "type": "DATE" }, { "name": "tags", "type": "STRING", "mode": "REPEATED" },
    ] });
    let ndjson = |more: Value| {
        let mut options = json!({ "sourceFormat": "NEWLINE_DELIMITED_JSON", "schema": fields });
        for (key, value) in more.as_object().unwrap() {
            options[key] = value.clone();
        }
        options
    };
    let good = b"{\"n\":1,\"s\":\"a\",\"d\":\"2024-03-01\",\"tags\":[\"x\"]}\n{\"n\":\"2\"}\n\n{\"tags\":[],\"n\":3}";
    let done = e.load("t", ndjson(json!({})), good).await;
    assert_eq!(done["statistics"]["load"]["outputRows"], "3", "{done:#}");
    assert_eq!(e.count("t").await, "3");
    let bad = b"{\"n\":4}\n{\"n\":\"five\"}\n{\"s\":\"no n\"}\n";
    let failed = e.load("t", ndjson(json!({})), bad).await;
    assert_eq!(failed["status"]["errorResult"]["reason"], "invalid", "{failed:#}");
    assert!(failed["status"]["errors"][1]["message"].as_str().unwrap().contains("five"), "{failed:#}");
    assert_eq!(e.count("t").await, "3");
    let passed = e.load("t", ndjson(json!({ "maxBadRecords": 2 })), bad).await;
    assert_eq!(passed["statistics"]["load"]["badRecords"], "2");
    assert_eq!(e.count("t").await, "4");
    let unknown = b"{\"n\":9,\"zzz\":1}";
    assert!(e.load("t", ndjson(json!({})), unknown).await["status"]["errorResult"].is_object());
    e.load("t", ndjson(json!({ "ignoreUnknownValues": true, "writeDisposition": "WRITE_TRUNCATE" })), unknown).await;
    assert_eq!(e.count("t").await, "1");
    let refused = e.load("t", ndjson(json!({ "writeDisposition": "WRITE_EMPTY" })), good).await;
    assert_eq!(refused["status"]["errorResult"]["reason"], "duplicate");

    // Detected schemas; gzipped media.
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(b"name,plays,at,score\nA,1,2024-03-01,0.5\nB,,2024-03-02,1\n").unwrap();
    let csv = json!({ "sourceFormat": "CSV", "autodetect": true });
    let done = e.load("csv", csv, &gzip.finish().unwrap()).await;
    assert_eq!(done["statistics"]["load"]["outputRows"], "2", "{done:#}");
    let table = e.ok("GET", "{p}/datasets/d/tables/csv", Value::Null).await;
    let types: Vec<_> = table["schema"]["fields"].as_array().unwrap().iter().map(|f| f["type"].as_str().unwrap().to_owned()).collect();
    assert_eq!(types, ["STRING", "INTEGER", "DATE", "FLOAT"]);
    let options = json!({ "sourceFormat": "CSV", "skipLeadingRows": "1", "fieldDelimiter": "\t", "quote": "", "encoding": "ISO-8859-1", "nullMarker": "-",
        "schema": { "fields": [{ "name": "a", "type": "STRING" }, { "name": "b", "type": "INTEGER" }] } });
    let done = e.load("tsv", options, b"a\tb\n\"\xe9t\xe9\t-\nx\t5\n").await;
    assert_eq!(done["status"].get("errorResult"), None, "{done:#}");
    assert_eq!(first_row(&e.query("SELECT a, b FROM d.tsv ORDER BY a").await), [json!("\"été"), Value::Null]);
    let detected = e
        .load(
            "json",
            json!({ "sourceFormat": "NEWLINE_DELIMITED_JSON", "autodetect": true }),
            b"{\"a\":1,\"b\":{\"c\":[1.5]}}\n{\"a\":2.5}",
        )
        .await;
    assert_eq!(detected["statistics"]["load"]["outputRows"], "2", "{detected:#}");

    // Resumable, in two parts.
    let metadata = json!({ "configuration": { "load": {
        "destinationTable": { "projectId": PROJECT, "datasetId": "d", "tableId": "r" },
        "sourceFormat": "NEWLINE_DELIMITED_JSON", "schema": { "fields": [{ "name": "n", "type": "INTEGER" }] } } } });
    let begun = e
        .client
        .post(format!("{}/upload/bigquery/v2/projects/{PROJECT}/jobs?uploadType=resumable", e.root))
        .json(&metadata)
        .send()
        .await
        .unwrap();
    let location = begun.headers()["location"].to_str().unwrap().to_owned();
    let put = |range: &'static str, body: &'static str| e.client.put(&location).header("content-range", range).body(body).send();
    let more = put("bytes 0-7/*", "{\"n\":1}\n").await.unwrap();
    assert_eq!((more.status().as_u16(), more.headers()["range"].to_str().unwrap()), (308, "bytes=0-7"));
    assert_eq!(put("bytes */*", "").await.unwrap().status().as_u16(), 308);
    let last: Value = put("bytes 8-15/16", "{\"n\":2}\n").await.unwrap().json().await.unwrap();
    e.finished(last["jobReference"]["jobId"].as_str().unwrap()).await;
    assert_eq!(e.count("r").await, "2");
}

/// Loads many rows and says how long it took; the figure is for people, not a limit.
#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_rows_are_loaded() {
    use std::fmt::Write as _;
    const ROWS: usize = 100_000;
    let (_dir, e) = endpoint().await;
    e.dataset().await;
    let mut body = String::new();
    for n in 0..ROWS {
        writeln!(
            body,
            r#"{{"user_id":{},"track_id":"t{}","artist_name":"Artist {}","country":"France","played_at":"2024-03-01T12:{:02}:{:02}Z","score":{}.5}}"#,
            n % 5000, n % 20_000, n % 800, n / 60 % 60, n % 60, n % 100
        )
        .unwrap();
    }
    let options = json!({ "sourceFormat": "NEWLINE_DELIMITED_JSON", "schema": { "fields": [
        { "name": "user_id", "type": "INTEGER" }, { "name": "track_id", "type": "STRING" }, { "name": "artist_name", "type": "STRING" },
        { "name": "country", "type": "STRING" }, { "name": "played_at", "type": "TIMESTAMP" }, { "name": "score", "type": "FLOAT" },
    ] } });
    let started = std::time::Instant::now();
    let done = e.load("events", options, body.as_bytes()).await;
    println!("{ROWS} rows, {} MB, loaded in {:.1} s", body.len() / 1_000_000, started.elapsed().as_secs_f64());
    assert_eq!(done["statistics"]["load"]["outputRows"], ROWS.to_string(), "{done:#}");
    assert_eq!(e.count("events").await, ROWS.to_string());
}
