//! The REST API against an in-process server: every endpoint, as Google's clients call it.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;

use bigquery_emulator::{Emulator, EmulatorOptions, OpenError};
use flate2::Compression;
use flate2::write::GzEncoder;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

const PROJECT: &str = "quaver-local";

struct Endpoint {
    emulator: Option<Emulator>,
    root: String,
    client: Client,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<std::io::Result<()>>,
}

impl Endpoint {
    async fn start(dir: &Path) -> Self {
        let emulator = Emulator::open(EmulatorOptions::new(dir)).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = emulator.clone();
        let server = tokio::spawn(async move {
            let shutdown = async {
                let _ = stopped.await;
            };
            serving.serve(listener, shutdown).await
        });
        Self {
            emulator: Some(emulator),
            root: format!("http://{address}"),
            client: Client::builder().pool_max_idle_per_host(0).build().unwrap(),
            stop: Some(stop),
            server,
        }
    }

    async fn stop(mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        (&mut self.server).await.unwrap().unwrap();
        drop(self.emulator.take());
    }

    async fn call(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let path = path.replace("{p}", &format!("projects/{PROJECT}"));
        let mut request = self
            .client
            .request(method.parse::<Method>().unwrap(), format!("{}/bigquery/v2/{path}", self.root));
        if !body.is_null() {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        (status, body)
    }

    async fn ok(&self, method: &str, path: &str, body: Value) -> Value {
        let (status, answer) = self.call(method, path, body).await;
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer:#}");
        answer
    }

    async fn query(&self, sql: &str) -> Value {
        self.ok("POST", "{p}/queries", json!({ "query": sql, "useLegacySql": false })).await
    }

    async fn dataset(&self) {
        let body = json!({ "datasetReference": { "datasetId": "d" } });
        self.ok("POST", "{p}/datasets", body).await;
    }

    async fn table(&self, id: &str, fields: Value) {
        let body = json!({ "tableReference": { "tableId": id }, "schema": { "fields": fields } });
        self.ok("POST", "{p}/datasets/d/tables", body).await;
    }

    /// A multipart load, as Google's Python client sends it; returns the finished job.
    async fn load(&self, table: &str, options: Value, media: &[u8]) -> Value {
        let mut load = json!({ "destinationTable": { "projectId": PROJECT, "datasetId": "d", "tableId": table } });
        for (key, value) in options.as_object().unwrap() {
            load[key] = value.clone();
        }
        let metadata = json!({ "configuration": { "load": load } });
        let mut body = format!(
            "--==0==\r\ncontent-type: application/json; charset=UTF-8\r\n\r\n{metadata}\r\n--==0==\r\ncontent-type: */*\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(media);
        body.extend_from_slice(b"\r\n--==0==--");
        let response = self
            .client
            .post(format!("{}/upload/bigquery/v2/projects/{PROJECT}/jobs?uploadType=multipart", self.root))
            .header("content-type", "multipart/related; boundary=\"==0==\"")
            .body(body)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let job: Value = response.json().await.unwrap();
        self.finished(job["jobReference"]["jobId"].as_str().unwrap()).await
    }

    async fn finished(&self, job: &str) -> Value {
        loop {
            let resource = self.ok("GET", &format!("{{p}}/jobs/{job}"), Value::Null).await;
            if resource["status"]["state"] == "DONE" {
                return resource;
            }
            tokio::task::yield_now().await;
        }
    }

    async fn count(&self, table: &str) -> String {
        let answer = self.query(&format!("SELECT COUNT(*) FROM d.{table}")).await;
        answer["rows"][0]["f"][0]["v"].as_str().unwrap().to_owned()
    }
}

async fn endpoint() -> (TempDir, Endpoint) {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = Endpoint::start(dir.path()).await;
    (dir, endpoint)
}

/// The cells of the first row.
fn first_row(answer: &Value) -> Vec<Value> {
    answer["rows"][0]["f"]
        .as_array()
        .unwrap_or_else(|| panic!("no rows in {answer:#}"))
        .iter()
        .map(|cell| cell["v"].clone())
        .collect()
}

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
    let patched = e
        .ok("PATCH", "{p}/datasets/d", json!({ "labels": { "env": null, "team": "a" }, "description": null }))
        .await;
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
    let patched = e
        .ok("PATCH", "{p}/datasets/d/tables/t", json!({ "schema": { "fields": fields }, "labels": { "c": "d" } }))
        .await;
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
    assert_eq!(
        listed["rows"][1],
        json!({ "f": [{ "v": "2" }, { "v": null }, { "v": [] }, { "v": null }, { "v": null }] })
    );
    let picked = e
        .ok("GET", &format!("{data}?selectedFields=at,r.y&maxResults=1&formatOptions.useInt64Timestamp=True"), Value::Null)
        .await;
    assert_eq!(
        picked["rows"],
        json!([{ "f": [{ "v": { "f": [{ "v": "true" }] } }, { "v": "1709296496500000" }] }])
    );
    let token = picked["pageToken"].as_str().unwrap();
    let next = e.ok("GET", &format!("{data}?pageToken={token}&selectedFields=n"), Value::Null).await;
    assert_eq!(next["rows"].as_array().unwrap().len(), 3);
    let from = e.ok("GET", &format!("{data}?startIndex=3"), Value::Null).await;
    assert_eq!(from["rows"].as_array().unwrap().len(), 1);
    assert_eq!(e.call("GET", &format!("{data}?selectedFields=no"), Value::Null).await.0, 400);
    assert_eq!(e.call("GET", &format!("{data}?pageToken=xx"), Value::Null).await.0, 400);

    // What was acknowledged is there after a restart.
    e.stop().await;
    let e = Endpoint::start(dir.path()).await;
    assert_eq!(e.count("t").await, "4");
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_answer_in_bigquerys_encoding() {
    let (_dir, e) = endpoint().await;
    let answer = e
        .query("SELECT 42 AS i, 1.5 AS f, TRUE AS b, 'x' AS s, b'hi' AS y, DATE '2024-03-01' AS d, TIMESTAMP '2024-03-01 12:34:56.5+00' AS t, [1, 2] AS a, STRUCT(1 AS p, 'q' AS q) AS r, CAST(NULL AS INT64) AS n, CAST('nan' AS FLOAT64) AS nan, NUMERIC '1.50' AS m")
        .await;
    assert_eq!(answer["jobComplete"], true);
    assert_eq!(answer["totalRows"], "1");
    let types: Vec<&str> = answer["schema"]["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["type"].as_str().unwrap())
        .collect();
    assert_eq!(
        types,
        ["INTEGER", "FLOAT", "BOOLEAN", "STRING", "BYTES", "DATE", "TIMESTAMP", "INTEGER", "RECORD", "INTEGER", "FLOAT", "NUMERIC"]
    );
    assert_eq!(answer["schema"]["fields"][7]["mode"], "REPEATED");
    assert_eq!(
        first_row(&answer),
        [
            json!("42"), json!("1.5"), json!("true"), json!("x"), json!("aGk="), json!("2024-03-01"), json!("1.7092964965E9"),
            json!([{ "v": "1" }, { "v": "2" }]), json!({ "f": [{ "v": "1" }, { "v": "q" }] }), Value::Null, json!("NaN"), json!("1.5"),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_reach_the_query() {
    let (_dir, e) = endpoint().await;
    let scalar = |t: &str, v: Value| json!({ "parameterType": { "type": t }, "parameterValue": { "value": v } });
    let named = |name: &str, mut p: Value| {
        p["name"] = name.into();
        p
    };
    let array = json!({
        "parameterType": { "type": "ARRAY", "arrayType": { "type": "STRING" } },
        "parameterValue": { "arrayValues": [{ "value": "a" }, { "value": "b" }] },
    });
    let structure = json!({
        "parameterType": { "type": "STRUCT", "structTypes": [{ "name": "x", "type": { "type": "INT64" } }] },
        "parameterValue": { "structValues": { "x": { "value": "7" } } },
    });
    let cases = [
        ("SELECT @a + 1", json!([named("a", scalar("INT64", json!("41")))]), json!("42")),
        ("SELECT @a + 1", json!([named("@`a`", scalar("INT64", json!(41)))]), json!("42")),
        ("SELECT IF(@b, 'y', 'n')", json!([named("b", scalar("BOOL", json!(true)))]), json!("y")),
        ("SELECT CONCAT(?, ?)", json!([scalar("STRING", json!("o'")), scalar("STRING", json!("k"))]), json!("o'k")),
        ("SELECT 'b' IN UNNEST(@l)", json!([named("l", array)]), json!("true")),
        ("SELECT @s.x", json!([named("s", structure)]), json!("7")),
        ("SELECT @d", json!([named("d", scalar("DATE", json!("2024-03-01")))]), json!("2024-03-01")),
        ("SELECT @n IS NULL", json!([named("n", scalar("STRING", Value::Null))]), json!("true")),
    ];
    for (sql, parameters, expected) in cases {
        let body = json!({ "query": sql, "useLegacySql": false, "queryParameters": parameters });
        let (status, answer) = e.call("POST", "{p}/queries", body).await;
        assert_eq!(status, 200, "{sql}: {answer:#}");
        assert_eq!(first_row(&answer)[0], expected, "{sql}");
    }
}

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
        ("POST", "{p}/jobs", json!({ "jobReference": { "jobId": "a b" }, "configuration": { "query": { "query": "SELECT 1" } } }), 400, "invalid", "job ID"),
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
    let broken = e
        .client
        .post(format!("{}/bigquery/v2/projects/{PROJECT}/queries", e.root))
        .body("{\"query\":")
        .send()
        .await
        .unwrap();
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

#[tokio::test(flavor = "multi_thread")]
async fn large_results_come_in_pages() {
    let (_dir, e) = endpoint().await;
    let body = json!({
        "query": "SELECT n FROM UNNEST(GENERATE_ARRAY(1, 25000)) AS n ORDER BY n",
        "useLegacySql": false, "maxResults": 10_000, "requestId": "r-1",
    });
    let first = e.ok("POST", "{p}/queries", body.clone()).await;
    assert_eq!(first["totalRows"], "25000");
    let again = e.ok("POST", "{p}/queries", body).await;
    assert_eq!(again["jobReference"], first["jobReference"]);
    let job = first["jobReference"]["jobId"].as_str().unwrap();
    let mut page = first.clone();
    let mut seen = Vec::new();
    loop {
        for row in page["rows"].as_array().unwrap() {
            seen.push(row["f"][0]["v"].as_str().unwrap().parse::<u64>().unwrap());
        }
        let Some(token) = page["pageToken"].as_str() else { break };
        page = e.ok("GET", &format!("{{p}}/queries/{job}?pageToken={token}&maxResults=10000"), Value::Null).await;
    }
    assert_eq!(seen, (1..=25_000).collect::<Vec<_>>());
    let none = e.ok("GET", &format!("{{p}}/queries/{job}?maxResults=0"), Value::Null).await;
    assert_eq!((&none["totalRows"], none.get("rows")), (&json!("25000"), None));
    let tail = e.ok("GET", &format!("{{p}}/queries/{job}?startIndex=24999"), Value::Null).await;
    assert_eq!(first_row(&tail), [json!("25000")]);
    // Some clients read on through the destination table that the job names.
    let resource = e.finished(job).await;
    let table = &resource["configuration"]["query"]["destinationTable"];
    let path = format!("{{p}}/datasets/{}/tables/{}/data?startIndex=24998", table["datasetId"].as_str().unwrap(), table["tableId"].as_str().unwrap());
    assert_eq!(e.ok("GET", &path, Value::Null).await["rows"].as_array().unwrap().len(), 2);
    // Wide rows end a page before its rows are as many as asked.
    let wide = e.query("SELECT REPEAT('x', 1000000) AS s FROM UNNEST(GENERATE_ARRAY(1, 25))").await;
    assert_eq!(wide["totalRows"], "25");
    assert!(wide["rows"].as_array().unwrap().len() < 12);
    assert!(wide["pageToken"].is_string());
}

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
    for (id, disposition, rows) in [("w1", "WRITE_EMPTY", Some("2")), ("w2", "WRITE_EMPTY", None), ("w3", "WRITE_APPEND", Some("4")), ("w4", "WRITE_TRUNCATE", Some("2"))] {
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
    let detected = e.load("json", json!({ "sourceFormat": "NEWLINE_DELIMITED_JSON", "autodetect": true }), b"{\"a\":1,\"b\":{\"c\":[1.5]}}\n{\"a\":2.5}").await;
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

#[tokio::test(flavor = "multi_thread")]
async fn one_process_owns_a_data_directory() {
    let (dir, e) = endpoint().await;
    let address: SocketAddr = e.root.strip_prefix("http://").unwrap().parse().unwrap();
    // The server task announces; a request is answered only after that.
    e.ok("GET", "projects", Value::Null).await;
    assert_eq!(Emulator::owner_of(dir.path()), Some(address));
    match Emulator::open(EmulatorOptions::new(dir.path())) {
        Err(OpenError::InUse { address: found, .. }) => assert_eq!(found, Some(address)),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("the directory was opened twice"),
    }
    e.stop().await;
    assert_eq!(Emulator::owner_of(dir.path()), None);
    let again = Endpoint::start(dir.path()).await;
    let projects = again.ok("GET", "projects", Value::Null).await;
    assert_eq!(projects["projects"][0]["numericId"], "1");
    let account = again.ok("GET", "{p}/serviceAccount", Value::Null).await;
    assert!(account["email"].as_str().unwrap().contains('@'));
}
