//! The client and the embedded endpoint with a proxy between them that breaks what passes: each good answer is a real one, and what
//! arrived before an answer was lost has really happened.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use bigquery_emulator::{Emulator, EmulatorOptions};
use bytes::Bytes;
use fault_proxy::{Fault, Proxy};
use serde_json::json;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::{connect_as, connection, options, validated};
use crate::catalog::Catalog;
use crate::sql::ReadOnlyQuery;
use crate::warehouse::auth::TokenSource;
use crate::warehouse::{Cell, Connection, RunOptions, Warehouse, WarehouseError, WriteDisposition};

/// Whether an error is of the right kind.
type Expected = fn(&WarehouseError) -> bool;

/// Rows of the table: two pages.
const ROWS: i64 = 10_200;

struct World {
    proxy: Proxy,
    warehouse: Warehouse,
    stop: CancellationToken,
    _dir: TempDir,
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// The endpoint with a table of users, behind the proxy.
async fn world() -> World {
    let dir = tempfile::tempdir().unwrap();
    let emulator = Emulator::open(EmulatorOptions {
        data_dir: dir.path().to_owned(),
        project_id: "demo".to_owned(),
        location: "EU".to_owned(),
        memory_limit_bytes: 256 << 20,
    });
    let (emulator, stop) = (emulator.unwrap(), CancellationToken::new());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let stopped = stop.clone();
    tokio::spawn(async move { emulator.serve(listener, stopped.cancelled_owned()).await });
    let proxy = Proxy::start(&address).await.unwrap();
    let settings = Connection { request_timeout: Duration::from_secs(60), ..connection(&proxy.root) };
    let warehouse = connect_as(settings, TokenSource::numbered()).await;
    warehouse.create_dataset("music").await.unwrap();
    let users = Catalog::embedded().table("users").unwrap().clone();
    let rows: String = (0..ROWS).map(|id| format!("{{\"user_id\":{id},\"country\":\"France\"}}\n")).collect();
    warehouse.load_ndjson("music", &users, Bytes::from(rows), WriteDisposition::Truncate).await.unwrap();
    World { proxy, warehouse, stop, _dir: dir }
}

/// All users, by a query that was not asked before: what is in the cache of results is billed nothing, and its bill not asked for.
fn users() -> ReadOnlyQuery {
    static ASKED: AtomicI64 = AtomicI64::new(ROWS);
    let most = ASKED.fetch_add(1, Ordering::Relaxed);
    validated(&format!("SELECT user_id FROM music.users WHERE user_id <= {most} ORDER BY user_id"), &[])
}

fn all() -> RunOptions {
    RunOptions { max_rows: 1 << 20, timeout: Duration::from_secs(120), ..options() }
}

fn error(code: u16, reason: &str) -> Fault {
    let errors = json!([{ "reason": reason, "message": reason, "domain": "global" }]);
    Fault::json(code, &json!({ "error": { "code": code, "message": reason, "errors": errors } }))
}

fn assert_all(name: &str, rows: &[Vec<Cell>]) {
    assert_eq!(rows.len() as i64, ROWS, "{name}");
    assert!(rows.iter().enumerate().all(|(at, row)| row == &[Cell::Int64(at as i64)]), "{name}: a row is another or elsewhere");
}

/// Each fault, once, at each request of a query: the answer is whole and right.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_that_passes_leaves_the_answer_whole() {
    let world = world().await;
    let not_complete = || {
        Fault::edit(|page| {
            *page = json!({ "kind": "bigquery#getQueryResultsResponse", "jobComplete": false, "jobReference": page["jobReference"] });
        })
    };
    let everywhere = [
        ("401", error(401, "authError")),
        ("403 for the rate", error(403, "rateLimitExceeded")),
        ("429", Fault::Answer(429, "retry-after: 0\r\n".to_owned(), "slow down".to_owned())),
        ("500 in HTML", Fault::html(500)),
        ("502 in HTML", Fault::html(502)),
        ("503", error(503, "backendError")),
        ("503 without errors[]", Fault::json(503, &json!({ "error": { "code": 503, "message": "later", "status": "UNAVAILABLE" } }))),
        ("no connection", Fault::Answer(504, String::new(), String::new())),
        ("a lost answer", Fault::Lost),
        ("reset in the body", Fault::Reset),
        ("cut short", Fault::CutShort),
        ("a slow body", Fault::Slow(5, Duration::from_millis(4))),
        ("an answer of nothing", Fault::edit(|answer| *answer = json!({}))),
        ("no JSON", Fault::Answer(200, String::new(), "<html>a portal</html>".to_owned())),
    ];
    for request in ["POST /jobs", "GET /queries/", "GET /queries/ pageToken", "GET /jobs/"] {
        for (name, fault) in &everywhere {
            let name = format!("{name} at {request}");
            world.proxy.break_next(request, fault.clone());
            let outcome = world.warehouse.run(&users(), &all()).await.unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_all(&name, &outcome.rows.rows);
            // Nothing is known of the bill only when the answer about it was unreadable in a way that looks well.
            assert!(outcome.bytes_billed.is_some() || (request == "GET /jobs/" && name.starts_with("an answer of nothing")), "{name}");
            world.proxy.mend();
        }
    }
    for _ in 0..4 {
        world.proxy.break_next("GET /queries/", not_complete());
    }
    assert_all("a job that is PENDING for long", &world.warehouse.run(&users(), &all()).await.unwrap().rows.rows);
    world.proxy.break_next("GET /queries/", Fault::edit(|page| page["rows"] = json!([])));
    let error = world.warehouse.run(&users(), &all()).await.unwrap_err();
    assert!(error.to_string().contains("200 rows came of the 10200 promised"), "rows that were left out: {error}");
}

/// Inserted twice, run once: the second insertion gets the answer 409 of the endpoint itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_duplicate_job_is_the_one_that_was_inserted() {
    let world = world().await;
    world.proxy.break_next("POST /jobs", Fault::Lost);
    let outcome = world.warehouse.run(&users(), &all()).await.unwrap();
    assert_all("a lost answer", &outcome.rows.rows);
    let inserted: Vec<_> = world.proxy.seen("POST /jobs").iter().map(|request| request.json()["jobReference"]["jobId"].clone()).collect();
    let tries = inserted.iter().filter(|id| **id == json!(outcome.job_id)).count();
    assert_eq!(tries, 2, "{inserted:?}");
    // A load whose answer is lost loads once.
    let users_table = Catalog::embedded().table("users").unwrap().clone();
    world.proxy.break_next("POST /upload/", Fault::Lost);
    let body = Bytes::from_static(b"{\"user_id\":-1,\"country\":\"Chile\"}\n");
    assert_eq!(world.warehouse.load_ndjson("music", &users_table, body, WriteDisposition::Append).await, Ok(1));
    let rows = world.warehouse.table_info("music", "users").await.unwrap().unwrap().rows;
    assert_eq!(rows as i64, ROWS + 1);
}

/// Faults that do not pass: an error of the right kind, in the time that there is, and never rows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_that_stays_is_told_in_time() {
    let world = world().await;
    let short = || RunOptions { timeout: Duration::from_millis(900), ..all() };
    let cases: [(&str, Fault, Expected); 11] = [
        ("401", error(401, "authError"), |error| error.is_unauthorized()),
        ("403 for the rate", error(403, "rateLimitExceeded"), |error| matches!(error, WarehouseError::Api { code: 403, .. })),
        ("403 for good", error(403, "accessDenied"), |error| matches!(error, WarehouseError::Api { code: 403, .. })),
        ("429", Fault::Answer(429, "retry-after: 60\r\n".to_owned(), String::new()), |error| error.retry_after().is_some()),
        ("502 in HTML", Fault::html(502), |error| matches!(error, WarehouseError::Api { code: 502, .. })),
        ("lost answers", Fault::Lost, |error| matches!(error, WarehouseError::Unreachable { .. })),
        ("resets", Fault::Reset, |error| matches!(error, WarehouseError::Unreachable { .. } | WarehouseError::Unreadable { .. })),
        ("cut short", Fault::CutShort, |error| matches!(error, WarehouseError::Unreachable { .. } | WarehouseError::Unreadable { .. })),
        ("silence", Fault::Silence, |error| matches!(error, WarehouseError::DeadlineExceeded { .. })),
        ("a body that drips", Fault::Slow(100_000, Duration::from_millis(50)), |error| {
            matches!(error, WarehouseError::DeadlineExceeded { .. })
        }),
        ("PENDING for ever", Fault::edit(|page| *page = json!({ "jobComplete": false })), |error| {
            matches!(error, WarehouseError::DeadlineExceeded { .. })
        }),
    ];
    for (name, fault, expected) in cases {
        world.proxy.break_all("GET /queries/", fault);
        let begun = Instant::now();
        let error = world.warehouse.run(&users(), &short()).await.err().unwrap_or_else(|| panic!("{name}: no error"));
        assert!(expected(&error), "{name}: {error:?}");
        assert!(begun.elapsed() < Duration::from_secs(15), "{name} took {:?}", begun.elapsed());
        world.proxy.mend();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_is_cancelled_cancels_its_job_at_the_endpoint() {
    let world = world().await;
    world.proxy.break_all("GET /queries/", Fault::Silence);
    let warehouse = world.warehouse.clone();
    let waiting = tokio::spawn(async move { warehouse.run(&users(), &all()).await });
    let asked = world.proxy.wait_for("GET /queries/").await;
    waiting.abort();
    let cancelled = world.proxy.wait_for("POST /cancel").await;
    let id = asked.path.split(['/', '?']).find(|part| part.starts_with("quaver-")).unwrap();
    assert!(cancelled.path.contains(id), "{} for {}", cancelled.path, asked.path);
}
