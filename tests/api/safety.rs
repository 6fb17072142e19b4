//! Each layer around a query, alone: the others are made to say yes, and it stops what it must stop.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use fault_proxy::{Fault, Proxy};
use quaver::api::ApiKey;
use quaver::ask::ledger::Caps;
use quaver::ask::{AskSettings, Ledger};
use reqwest::Response;
use serde_json::{Value, json};

use crate::behind::{Behind, Setup, behind};
use crate::harness::{Service, header};

const MIB: u64 = 1 << 20;
const PLAYS: &str = "SELECT artist_name, plays FROM music.listens";

/// Another query each time: an equal one would be answered from the warehouse's cache, for nothing.
fn other_plays() -> String {
    static ASKED: AtomicU32 = AtomicU32::new(1000);
    format!("{PLAYS} LIMIT {}", ASKED.fetch_add(1, Ordering::Relaxed))
}

/// The jobs that would have run: those that are no dry runs.
fn ran(proxy: &Proxy) -> Vec<Value> {
    let jobs = proxy.seen("POST /jobs").into_iter().filter(|request| request.path.ends_with("/jobs")).map(|request| request.json());
    jobs.filter(|job| job["configuration"]["dryRun"] != json!(true)).collect()
}

async fn sql(service: &Service, sql: &str) -> Response {
    service.post("/v1/sql", &json!({ "sql": sql })).await
}

async fn refused(response: Response, status: u16, code: &str) -> Value {
    let told = response.status().as_u16();
    let problem: Value = response.json().await.unwrap();
    assert_eq!((told, &problem["code"]), (status, &json!(code)), "{problem}");
    problem
}

/// A dry run that says of every statement that it is harmless, small and about `listens` alone, but for one thing.
fn dry_run(pointer: &'static str, value: Value) -> Fault {
    Fault::edit(move |job| {
        job["status"] = json!({ "state": "DONE" });
        let tables = json!([{ "projectId": "quaver", "datasetId": "music", "tableId": "listens" }]);
        job["statistics"] = json!({ "query": {
            "statementType": "SELECT", "referencedTables": tables, "totalBytesProcessed": "0", "totalBytesProcessedAccuracy": "PRECISE",
        } });
        if let Some(place) = job.pointer_mut(&format!("/statistics/query/{pointer}")) {
            *place = value.clone();
        }
    })
}

fn yes() -> Fault {
    dry_run("", Value::Null)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn validation_alone_stops_what_is_no_read_of_the_catalogue() {
    let Behind { proxy, service, .. } = &behind(Setup::default()).await;
    let before = proxy.seen("POST").len();
    proxy.break_all("POST /jobs", yes());
    for statement in [
        "DELETE FROM music.listens WHERE true",
        "DROP TABLE music.listens",
        "SELECT 1; SELECT 2",
        "SELECT artist_name FROM music_raw.loads",
        "SELECT artist_name FROM other.music.listens",
        "SELECT SESSION_USER()",
        "SELECT * FROM EXTERNAL_QUERY('c', 'SELECT 1')",
        "EXPORT DATA OPTIONS (uri = 'gs://b/*') AS SELECT artist_name FROM music.listens",
        "CALL music.steal()",
    ] {
        refused(sql(service, statement).await, 422, "sql_rejected").await;
    }
    assert_eq!(proxy.seen("POST").len(), before, "nothing of it reached the warehouse");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_dry_run_alone_stops_what_is_another_statement_or_reads_other_tables() {
    let Behind { proxy, service, .. } = &behind(Setup::default()).await;
    let table = |project: &str, dataset: &str, table: &str| {
        json!([
            { "projectId": "quaver", "datasetId": "music", "tableId": "listens" },
            { "projectId": project, "datasetId": dataset, "tableId": table },
        ])
    };
    for fault in [
        dry_run("statementType", json!("DELETE")),
        dry_run("statementType", json!("SCRIPT")),
        dry_run("referencedTables", table("quaver", "music", "users")),
        dry_run("referencedTables", table("quaver", "music_raw", "listens")),
        dry_run("referencedTables", table("elsewhere", "music", "listens")),
    ] {
        proxy.break_all("POST /jobs", fault);
        refused(sql(service, PLAYS).await, 502, "warehouse_failed").await;
        proxy.mend();
    }
    assert!(ran(proxy).is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_estimate_alone_stops_what_reads_more_than_the_cap() {
    let Behind { proxy, service, .. } = &behind(Setup::default()).await;
    proxy.break_all("POST /jobs", dry_run("totalBytesProcessed", json!((1_u64 << 30) + 1)));
    let problem = refused(sql(service, PLAYS).await, 422, "too_expensive").await;
    assert_eq!((&problem["estimate"], &problem["cap"], &problem["limit"]), (&json!((1_u64 << 30) + 1), &json!(1 << 30), &json!("request")));
    // A request may have a lower cap of its own, and no higher one.
    proxy.mend();
    proxy.break_all("POST /jobs", dry_run("totalBytesProcessed", json!(30 * MIB)));
    let lower = service.post("/v1/sql", &json!({ "sql": PLAYS, "max_bytes": 20 * MIB })).await;
    assert_eq!(refused(lower, 422, "too_expensive").await["cap"], json!(20 * MIB));
    let question = json!({ "question": "Who are the top 2 artists?", "max_bytes": 20 * MIB });
    assert_eq!(refused(service.post("/v1/ask", &question).await, 422, "too_expensive").await["estimate"], json!(30 * MIB));
    assert!(ran(proxy).is_empty());
    let least = service.post("/v1/sql", &json!({ "sql": PLAYS, "max_bytes": 7 })).await;
    assert!(refused(least, 400, "malformed").await["detail"].as_str().unwrap().contains("`max_bytes` is 7"));
    proxy.mend();
    let higher: Value = service.post("/v1/sql", &json!({ "sql": PLAYS, "max_bytes": 1_u64 << 50 })).await.json().await.unwrap();
    assert_eq!(higher["cost"]["bytes_cap"], json!(1 << 30), "{higher}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_cap_that_the_warehouse_is_told_alone_stops_what_was_estimated_wrongly() {
    let Behind { proxy, service, .. } = &behind(Setup { long_names: 2000, ..Setup::default() }).await;
    // Twelve megabytes of names, and a dry run that tells of none.
    proxy.break_next("POST /jobs", yes());
    let capped = service.post("/v1/sql", &json!({ "sql": PLAYS, "max_bytes": 10 * MIB })).await;
    refused(capped, 422, "too_expensive").await;
    assert_eq!(ran(proxy)[0]["configuration"]["query"]["maximumBytesBilled"], json!((10 * MIB).to_string()));
    let answer: Value = service.post("/v1/sql", &json!({ "sql": PLAYS, "max_bytes": 20 * MIB })).await.json().await.unwrap();
    assert!(answer["cost"]["bytes_billed"].as_u64().unwrap() > 10 * MIB, "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_deadline_alone_stops_and_cancels_what_never_ends() {
    let settings = AskSettings { query_timeout: Duration::from_millis(300), ..AskSettings::default() };
    let Behind { proxy, service, .. } = &behind(Setup { settings, ..Setup::default() }).await;
    proxy.break_all("GET /queries/", Fault::edit(|page| *page = json!({ "jobComplete": false })));
    refused(sql(service, PLAYS).await, 504, "timeout").await;
    let cancelled = proxy.wait_for("POST /cancel").await;
    let job = &ran(proxy)[0];
    assert!(cancelled.path.contains(job["jobReference"]["jobId"].as_str().unwrap()));
    assert_eq!(job["configuration"]["jobTimeoutMs"], json!("300"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_job_says_whose_it_is_and_where_it_runs() {
    let Behind { proxy, service, .. } = &behind(Setup::default()).await;
    assert_eq!(sql(service, PLAYS).await.status(), 200);
    let job = &ran(proxy)[0];
    assert_eq!((&job["configuration"]["labels"], &job["jobReference"]["location"]), (&json!({ "app": "quaver" }), &json!("US")));
}

fn key(name: &str) -> ApiKey {
    use sha2::Digest as _;
    ApiKey { name: name.to_owned(), digest: sha2::Sha256::digest(format!("key of {name}")).into() }
}

async fn sql_with_key(service: &Service, name: &str) -> Response {
    let request = service.client.post(format!("{}/v1/sql", service.url)).json(&json!({ "sql": other_plays() }));
    request.bearer_auth(format!("key of {name}")).send().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_asked_for_where_there_are_keys() {
    let Behind { proxy, service, .. } = &behind(Setup { keys: vec![key("a"), key("b")], ..Setup::default() }).await;
    for path in ["/v1/sql", "/v1/ask", "/v1/sql/validate"] {
        let response = service.post(path, &json!({ "sql": PLAYS })).await;
        assert_eq!(header(&response, "www-authenticate"), "Bearer");
        refused(response, 401, "unauthorized").await;
    }
    refused(service.get("/v1/tables").await, 401, "unauthorized").await;
    refused(sql_with_key(service, "c").await, 401, "unauthorized").await;
    assert!(ran(proxy).is_empty());
    assert_eq!(sql_with_key(service, "b").await.status(), 200);
    let other = service.client.get(format!("{}/v1/tables", service.url)).header("x-api-key", "key of a").send().await.unwrap();
    assert_eq!(other.status(), 200);
    assert_eq!(service.get("/healthz").await.status(), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_caps_of_a_key_and_of_the_day_alone_stop_what_comes_after() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = || {
        let caps = Caps { per_day: Some(45 * MIB), per_key: Some(25 * MIB) };
        Ledger::open(dir.path().join("spending.json"), caps).unwrap()
    };
    let setup = || Setup { ledger: ledger(), keys: vec![key("a"), key("b"), key("c")], ..Setup::default() };
    let Behind { proxy, service, .. } = &behind(setup()).await;
    // Each query is billed ten MiB, the least that BigQuery bills.
    for name in ["a", "a", "b"] {
        let answer: Value = sql_with_key(service, name).await.json().await.unwrap();
        let cost = &answer["cost"];
        assert_eq!((&cost["bytes_billed"], &cost["cache_hit"]), (&json!(10 * MIB), &json!(false)), "{answer}");
        assert_eq!(cost["price"], json!({ "amount": 10.0 / 1024.0 / 1024.0 * 6.25, "currency": "USD" }), "{answer}");
    }
    assert_eq!(ledger().spent().unwrap(), 30 * MIB);
    let response = sql_with_key(service, "a").await;
    assert!(header(&response, "retry-after").parse::<u32>().unwrap() <= 24 * 3600);
    let problem = refused(response, 422, "too_expensive").await;
    assert_eq!((&problem["limit"], &problem["cap"]), (&json!("key"), &json!(5 * MIB)), "{problem}");
    assert_eq!(sql_with_key(service, "b").await.status(), 200);
    assert_eq!(refused(sql_with_key(service, "c").await, 422, "too_expensive").await["limit"], json!("day"));
    assert_eq!(ran(proxy).len(), 4);
    // Another process over the same account, as after a restart.
    let again = behind(setup()).await;
    assert_eq!(refused(sql_with_key(&again.service, "c").await, 422, "too_expensive").await["limit"], json!("day"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_whose_client_leaves_stays_on_the_account() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = || Ledger::open(dir.path().join("spending.json"), Caps { per_day: Some(100 * MIB), per_key: None }).unwrap();
    let Behind { proxy, service, .. } = &behind(Setup { ledger: ledger(), ..Setup::default() }).await;
    proxy.break_all("GET /queries/", Fault::Silence);
    let (client, url) = (service.client.clone(), format!("{}/v1/sql", service.url));
    let asking = tokio::spawn(async move { client.post(url).json(&json!({ "sql": PLAYS })).send().await });
    proxy.wait_for("GET /queries/").await;
    asking.abort();
    proxy.wait_for("POST /cancel").await;
    assert!(ledger().spent().unwrap() >= 10 * MIB, "it may have been billed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_tells_how_sure_its_estimate_was() {
    let Behind { proxy, service, .. } = &behind(Setup::default()).await;
    for (wire, told) in [("PRECISE", "precise"), ("LOWER_BOUND", "lower_bound"), ("UPPER_BOUND", "upper_bound"), ("WHAT", "unknown")] {
        proxy.break_next("POST /jobs", dry_run("totalBytesProcessedAccuracy", json!(wire)));
        let answer: Value = sql(service, &other_plays()).await.json().await.unwrap();
        assert_eq!((&answer["cost"]["estimate_accuracy"], &answer["cost"]["bytes_estimated"]), (&json!(told), &json!(0)), "{answer}");
        assert!(answer["cost"]["bytes_processed"].as_u64().unwrap() > 0, "{answer}");
    }
}
