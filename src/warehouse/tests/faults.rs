//! What goes wrong on the way: it is tried again, or told; rows are never made up and never left out.

use std::time::Duration;

use serde_json::json;

use super::server::{Call, Reply, Server, dry_run, error, page};
use super::{connect, connect_as, connection, names, options, query, warehouse};
use crate::catalog::ColumnType;
use crate::warehouse::auth::TokenSource;
use crate::warehouse::{Accuracy, Cell, QueryOutcome, RunOptions, WarehouseError};

async fn run(script: Vec<(Call, Reply)>, options: &RunOptions) -> (Server, Result<QueryOutcome, WarehouseError>) {
    let server = Server::start(script).await;
    let result = warehouse(&server).await.run(&query(), options).await;
    (server, result)
}

/// Faults that pass: the same call, sent once more, brings the rows.
#[tokio::test]
async fn what_may_pass_is_tried_again() {
    let no_errors = json!({ "error": { "code": 503, "message": "no list of errors", "status": "UNAVAILABLE" } });
    let faults = [
        ("503", error(503, "backendError")),
        ("403 for the rate", error(403, "rateLimitExceeded")),
        ("429 with Retry-After", Reply::Raw(429, "Retry-After: 0\r\n", "slow down")),
        ("408", Reply::Raw(408, "", "")),
        ("401", error(401, "authError")),
        ("HTML of a proxy", Reply::Raw(502, "Content-Type: text/html\r\n", "<html>Bad Gateway</html>")),
        ("an error body without errors[]", Reply::Json(503, no_errors)),
        ("a body cut short", Reply::CutShort),
        ("a lost answer", Reply::Lost),
    ];
    for call in [Call::Insert, Call::Results] {
        for (name, fault) in &faults {
            let (server, result) = run(vec![(call, fault.clone())], &options()).await;
            let outcome = result.unwrap_or_else(|error| panic!("{name} at {call:?}: {error}"));
            assert_eq!(names(&outcome.rows.rows), ["Air", "Moby"], "{name} at {call:?}");
            let sent = server.seen(call);
            assert_eq!(sent.len(), 2, "{name} at {call:?}");
            assert_eq!(sent[0].text, sent[1].text, "the same request, with the same job id");
        }
    }
}

/// Polls and pages that bring all rows, with the number of times that results were asked for.
#[tokio::test]
async fn every_row_of_every_page_comes() {
    let unfinished = Reply::Json(200, json!({ "jobComplete": false }));
    let cases = [
        ("polls", vec![unfinished.clone(), unfinished], vec!["Air", "Moby"], 3),
        ("three pages", vec![page(&["a"], 3, Some("t1")), page(&["b"], 3, Some("t2")), page(&["c"], 3, None)], vec!["a", "b", "c"], 3),
        ("an empty page with a token", vec![page(&[], 2, Some("t1")), page(&["a", "b"], 2, None)], vec!["a", "b"], 2),
        ("no rows", vec![page(&[], 0, None)], vec![], 1),
        ("a token though all is there", vec![page(&["a"], 1, Some("t1"))], vec!["a"], 1),
        (
            "a page that fails once",
            vec![page(&["a"], 2, Some("t1")), error(500, "internalError"), page(&["b"], 2, None)],
            vec!["a", "b"],
            3,
        ),
    ];
    for (name, replies, expected, asked) in cases {
        let (server, result) = run(replies.into_iter().map(|reply| (Call::Results, reply)).collect(), &options()).await;
        let outcome = result.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(names(&outcome.rows.rows), expected, "{name}");
        assert_eq!((outcome.bytes_processed, outcome.rows.total_rows), (100, expected.len() as u64), "{name}");
        assert_eq!(server.seen(Call::Results).len(), asked, "{name}");
    }
}

#[tokio::test]
async fn the_token_of_a_page_asks_for_the_next() {
    let script = vec![(Call::Results, page(&["a"], 2, Some("t1"))), (Call::Results, page(&["b"], 2, None))];
    let (server, result) = run(script, &options()).await;
    result.unwrap();
    let asked = server.seen(Call::Results);
    assert!(!asked[0].path.contains("pageToken"), "{}", asked[0].path);
    assert!(asked[1].path.contains("pageToken=t1") && asked[1].path.contains("location=EU"), "{}", asked[1].path);
}

#[tokio::test]
async fn no_more_rows_are_read_than_asked_for() {
    let script = vec![(Call::Results, page(&["a", "b", "c"], 5, Some("t1")))];
    let (server, result) = run(script, &RunOptions { max_rows: 2, ..options() }).await;
    let rows = result.unwrap().rows;
    assert_eq!((names(&rows.rows), rows.total_rows), (vec!["a", "b"], 5));
    assert!(server.seen(Call::Results)[0].path.contains("maxResults=2"));
}

/// Answers that must end in an error, and whether the job has to be cancelled then.
#[tokio::test]
async fn what_is_wrong_is_told() {
    let failed =
        json!({ "status": { "state": "DONE", "errorResult": { "reason": "invalidQuery", "message": "division by zero: 1 / 0" } } });
    let other = json!({ "jobComplete": true, "errors": [{ "reason": "stopped", "message": "it was cancelled" }] });
    let without_total = json!({ "jobComplete": true, "schema": { "fields": [{ "name": "name", "type": "STRING" }] } });
    let without_schema = json!({ "jobComplete": true, "totalRows": "0" });
    let misfit = json!({
        "jobComplete": true, "totalRows": "1", "rows": [{ "f": [{ "v": "many" }] }],
        "schema": { "fields": [{ "name": "plays", "type": "INTEGER" }] },
    });
    let cases = [
        ("a failed job", vec![(Call::Insert, Reply::Json(200, failed))], "failed, invalidQuery: division by zero: 1 / 0"),
        ("a refused job", vec![(Call::Insert, error(400, "invalidQuery"))], "400 invalidQuery: about invalidQuery"),
        ("no access", vec![(Call::Insert, error(403, "accessDenied"))], "403 accessDenied"),
        ("a failure told by the results", vec![(Call::Results, error(400, "bytesBilledLimitExceeded"))], "400 bytesBilledLimitExceeded"),
        ("a failure told in the results", vec![(Call::Results, Reply::Json(200, other))], "failed, stopped: it was cancelled"),
        ("a body that stays unreadable", vec![(Call::Results, Reply::CutShort); 4], "the warehouse"),
        ("fewer rows than promised", vec![(Call::Results, page(&["a"], 3, None))], "1 rows came of the 3 promised"),
        (
            "fewer rows on the last page",
            vec![(Call::Results, page(&["a"], 3, Some("t1"))), (Call::Results, page(&["b"], 3, None))],
            "2 rows came of the 3 promised",
        ),
        ("no total", vec![(Call::Results, Reply::Json(200, without_total))], "without totalRows"),
        ("no schema", vec![(Call::Results, Reply::Json(200, without_schema))], "without a schema"),
        ("a cell of another type", vec![(Call::Results, Reply::Json(200, misfit))], "column plays holds \"\\\"many\\\"\""),
        ("more rows than promised", vec![(Call::Results, page(&["a", "b"], 1, None))], "2 rows and more of the 1 promised"),
        (
            "a total that changes",
            vec![(Call::Results, page(&["a"], 3, Some("t1"))), (Call::Results, page(&["b"], 4, Some("t2")))],
            "rows and more of the 3 promised",
        ),
        (
            "a page that is followed by itself",
            vec![(Call::Results, page(&["a"], 3, Some("t1"))), (Call::Results, page(&[], 3, Some("t1")))],
            "followed by itself",
        ),
        ("results of nothing", vec![(Call::Results, Reply::Json(200, json!({}))); 4], "without jobComplete"),
        ("a job of nothing", vec![(Call::Insert, Reply::Json(200, json!({}))); 4], "a job without a state"),
        ("503 without end", vec![(Call::Insert, error(503, "backendError")); 4], "503 backendError"),
    ];
    for (name, script, expected) in cases {
        let (_, result) = run(script, &options()).await;
        let message = result.err().unwrap_or_else(|| panic!("{name}: no error")).to_string();
        assert!(message.contains(expected), "{name}: {message}");
    }
}

#[tokio::test]
async fn a_duplicate_after_a_lost_answer_is_our_own_job() {
    let (server, result) = run(vec![(Call::Insert, Reply::Lost), (Call::Insert, error(409, "duplicate"))], &options()).await;
    let outcome = result.unwrap();
    let inserted = server.seen(Call::Insert);
    assert_eq!(inserted[0].json()["jobReference"], inserted[1].json()["jobReference"]);
    assert_eq!(inserted[1].json()["jobReference"]["jobId"], json!(outcome.job_id));
    assert!(server.seen(Call::Results)[0].path.contains(&outcome.job_id));
}

#[tokio::test]
async fn a_token_that_is_refused_is_replaced_once() {
    for call in [Call::Insert, Call::Results, Call::Get, Call::Other] {
        let server = Server::start(vec![(call, error(401, "authError"))]).await;
        let warehouse = connect_as(connection(&server.root), TokenSource::numbered()).await;
        match call {
            Call::Other => warehouse.delete_table("music", "artists").await.unwrap(),
            _ => assert_eq!(warehouse.run(&query(), &options()).await.unwrap().bytes_billed, Some(10 << 20)),
        }
        let sent = server.seen(call);
        assert_eq!(sent.len(), 2, "{call:?}");
        let tokens: Vec<&str> = sent.iter().map(|seen| seen.head.split("earer ").nth(1).unwrap().lines().next().unwrap()).collect();
        assert_ne!(tokens[0], tokens[1], "{call:?}");
    }
    let (server, result) = run(vec![(Call::Insert, error(401, "authError")); 9], &options()).await;
    assert!(matches!(result, Err(WarehouseError::Api { code: 401, .. })), "{result:?}");
    assert_eq!(server.seen(Call::Insert).len(), 2);
}

#[tokio::test]
async fn reading_takes_a_token_that_is_good_for_reading_alone() {
    let server = Server::start(vec![(Call::Results, page(&["a"], 2, Some("t"))), (Call::Results, page(&["b"], 2, None))]).await;
    // The first scope that is asked for gets the first token.
    connect_as(connection(&server.root), TokenSource::numbered()).await.run(&query(), &options()).await.unwrap();
    let with = |call: Call, token: &str| server.seen(call).iter().all(|seen| seen.head.to_lowercase().contains(token));
    assert!(with(Call::Insert, "bearer token-1") && with(Call::Results, "bearer token-2") && with(Call::Get, "bearer token-2"));
}

#[tokio::test]
async fn a_server_that_wants_more_time_than_there_is_is_not_asked_again() {
    let busy = Reply::Raw(429, "Retry-After: 3600\r\n", "slow down");
    let (server, result) = run(vec![(Call::Insert, busy)], &options()).await;
    let error = result.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)), "{error}");
    assert_eq!(server.seen(Call::Insert).len(), 1);
}

#[tokio::test]
async fn a_job_that_fails_for_what_passes_is_run_anew() {
    let failed = |reason: &str| {
        let error = json!({ "reason": reason, "message": "on our side" });
        Reply::Json(200, json!({ "status": { "state": "DONE", "errorResult": error } }))
    };
    let cases = [
        ("at once", vec![(Call::Insert, failed("jobRateLimitExceeded"))], 2),
        ("twice", vec![(Call::Insert, failed("backendError")), (Call::Insert, failed("internalError"))], 3),
        (
            "as its results tell",
            [vec![(Call::Results, error(503, "jobBackendError")); 4], vec![(Call::Get, failed("jobBackendError"))]].concat(),
            2,
        ),
    ];
    for (name, script, inserted) in cases {
        let (server, result) = run(script, &options()).await;
        assert_eq!(names(&result.unwrap_or_else(|error| panic!("{name}: {error}")).rows.rows), ["Air", "Moby"], "{name}");
        let ids: Vec<_> = server.seen(Call::Insert).iter().map(|seen| seen.json()["jobReference"]["jobId"].clone()).collect();
        assert_eq!(ids.len(), inserted, "{name}");
        assert!((1..ids.len()).all(|at| ids[at] != ids[at - 1]), "{name}: each is another job");
    }
    for (reason, inserted) in [("backendError", 3), ("invalidQuery", 1)] {
        let (server, result) = run(vec![(Call::Insert, failed(reason)); 9], &options()).await;
        assert!(matches!(&result, Err(WarehouseError::Job { reason: told, .. }) if told == reason), "{result:?}");
        assert_eq!(server.seen(Call::Insert).len(), inserted, "{reason}");
    }
}

#[tokio::test]
async fn errors_are_told_by_their_status_whatever_their_body_is() {
    let bare =
        |code: u16, status: &str| Reply::Json(code, json!({ "error": { "code": code, "message": "bad at [1:8]", "status": status } }));
    let odd = Reply::Json(403, json!({ "error": { "errors": [{ "reason": 7, "nested": {} }], "message": "odd" } }));
    for (reply, code, reason, message) in [
        (bare(400, "INVALID_ARGUMENT"), 400, "INVALID_ARGUMENT", "bad at [1:8]"),
        (bare(403, "PERMISSION_DENIED"), 403, "PERMISSION_DENIED", "bad at [1:8]"),
        (odd, 403, "unknown", "odd"),
        (Reply::Raw(404, "Content-Type: text/html\r\n", "<html>nothing here</html>"), 404, "unknown", "without an error message"),
        (Reply::Raw(302, "Location: http://127.0.0.1:1/\r\n", ""), 302, "unknown", "without an error message"),
    ] {
        let (server, result) = run(vec![(Call::Insert, reply)], &options()).await;
        let error = result.unwrap_err();
        assert!(matches!(&error, WarehouseError::Api { code: c, reason: r, .. } if *c == code && r == reason), "{error}");
        assert!(error.to_string().contains(message), "{error}");
        assert_eq!(server.seen(Call::Insert).len(), 1, "what is refused for good is not sent again");
    }
}

#[tokio::test]
async fn a_job_that_is_not_known_everywhere_yet_is_waited_for() {
    let missing = json!({ "error": { "code": 404, "message": "Not found: Job demo:EU.quaver-1", "errors": [{ "reason": "notFound" }] } });
    let (server, result) = run(vec![(Call::Results, Reply::Json(404, missing)); 2], &options()).await;
    assert_eq!(names(&result.unwrap().rows.rows), ["Air", "Moby"]);
    assert_eq!(server.seen(Call::Results).len(), 3);
    // A table that is not there is another matter.
    let (server, result) = run(vec![(Call::Results, error(404, "notFound"))], &options()).await;
    assert!(result.unwrap_err().is_not_found());
    assert_eq!(server.seen(Call::Results).len(), 1);
}

#[tokio::test]
async fn ranges_are_read_and_types_that_are_new_are_told() {
    let range = json!({ "name": "span", "type": "RANGE", "rangeElementType": { "type": "DATE" } });
    let rows = json!({
        "jobComplete": true, "totalRows": "1", "rows": [{ "f": [{ "v": "[2024-01-01, UNBOUNDED)" }] }], "schema": { "fields": [range] },
    });
    let (_, result) = run(vec![(Call::Results, Reply::Json(200, rows))], &options()).await;
    let rows = result.unwrap().rows;
    assert_eq!(rows.rows, [[Cell::Text("[2024-01-01, UNBOUNDED)".to_owned())]]);
    assert_eq!(rows.fields[0].field_type, ColumnType::Range);
    let dry = json!({ "status": { "state": "DONE" }, "statistics": { "query": {
        "statementType": "SELECT", "totalBytesProcessed": 7, "totalBytesProcessedAccuracy": "UPPER_BOUND", "schema": { "fields": [range] },
    } } });
    let server = Server::start(vec![(Call::Insert, Reply::Json(200, dry))]).await;
    let report = warehouse(&server).await.dry_run(&query()).await.unwrap();
    assert_eq!((report.fields[0].field_type, report.bytes_processed, report.accuracy), (ColumnType::Range, 7, Accuracy::UpperBound));
    let new = json!({
        "jobComplete": true, "totalRows": "1", "rows": [{ "f": [{ "v": "1" }] }], "schema": { "fields": [{ "name": "v", "type": "VECTOR" }] },
    });
    let (server, result) = run(vec![(Call::Results, Reply::Json(200, new))], &options()).await;
    let error = result.unwrap_err().to_string();
    assert!(error.contains("column v is of the unknown type \"VECTOR\""), "{error}");
    assert_eq!(server.seen(Call::Results).len(), 1);
}

#[tokio::test]
async fn what_was_cached_is_billed_nothing_and_a_bill_that_cannot_be_had_takes_no_rows_away() {
    let cached = json!({
        "jobComplete": true, "totalRows": "0", "totalBytesProcessed": "0", "cacheHit": true, "schema": { "fields": [{ "name": "v", "type": "STRING" }] },
    });
    let (server, result) = run(vec![(Call::Results, Reply::Json(200, cached))], &options()).await;
    assert_eq!(result.unwrap().bytes_billed, Some(0));
    assert!(server.seen(Call::Get).is_empty());
    let (_, result) = run(vec![(Call::Get, error(403, "accessDenied"))], &options()).await;
    let outcome = result.unwrap();
    assert_eq!((names(&outcome.rows.rows), outcome.bytes_billed), (vec!["Air", "Moby"], None));
}

#[tokio::test]
async fn columns_may_share_a_name() {
    let reply = json!({
        "jobComplete": true, "totalRows": "1", "rows": [{ "f": [{ "v": "a" }, { "v": "b" }] }],
        "schema": { "fields": [{ "name": "name", "type": "STRING" }, { "name": "name", "type": "STRING" }] },
    });
    let (_, result) = run(vec![(Call::Results, Reply::Json(200, reply))], &options()).await;
    let rows = result.unwrap().rows;
    assert_eq!(rows.fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>(), ["name", "name"]);
    assert_eq!(rows.rows[0].len(), 2);
}

#[tokio::test]
async fn a_job_is_cancelled_at_the_deadline() {
    let timeout = Duration::from_millis(30);
    for call in [Call::Insert, Call::Results] {
        let (server, result) = run(vec![(call, Reply::Silence)], &RunOptions { timeout, ..options() }).await;
        assert_eq!(result, Err(WarehouseError::DeadlineExceeded { after: timeout }));
        let cancel = server.wait_for(Call::Cancel).await;
        if let Some(inserted) = server.seen(Call::Insert).first() {
            let id = inserted.json()["jobReference"]["jobId"].as_str().unwrap().to_owned();
            assert_eq!(cancel.path, format!("/bigquery/v2/projects/demo/jobs/{id}/cancel?location=EU"));
        }
    }
}

#[tokio::test]
async fn a_job_that_never_ends_is_cancelled_at_the_deadline() {
    let unfinished = Reply::Json(200, json!({ "jobComplete": false }));
    let timeout = Duration::from_millis(30);
    let (server, result) = run(vec![(Call::Results, unfinished); 1000], &RunOptions { timeout, ..options() }).await;
    assert_eq!(result, Err(WarehouseError::DeadlineExceeded { after: timeout }));
    server.wait_for(Call::Cancel).await;
    assert!(server.seen(Call::Results).len() < 20, "polls are not sent in a tight loop");
}

#[tokio::test]
async fn a_job_is_cancelled_when_nobody_waits_for_it() {
    let server = Server::start(vec![(Call::Results, Reply::Silence), (Call::Cancel, error(503, "backendError"))]).await;
    let warehouse = warehouse(&server).await;
    let waiting = tokio::spawn(async move { warehouse.run(&query(), &options()).await });
    let asked = server.wait_for(Call::Results).await;
    waiting.abort();
    let cancel = server.wait_for(Call::Cancel).await;
    let id = asked.path.split(['/', '?']).find(|part| part.starts_with("quaver-")).unwrap().to_owned();
    assert!(cancel.path.contains(&id), "{} for {}", cancel.path, asked.path);
    assert!(cancel.text.is_empty() && cancel.head.to_lowercase().contains("content-length: 0"), "{}", cancel.head);
}

#[tokio::test]
async fn a_job_that_is_over_is_not_cancelled() {
    let failed = json!({ "status": { "state": "DONE", "errorResult": { "reason": "invalidQuery", "message": "no" } } });
    let script =
        vec![(Call::Insert, Reply::Json(200, failed)), (Call::Results, page(&["a"], 3, None)), (Call::Results, error(400, "invalidQuery"))];
    let server = Server::start(script).await;
    let warehouse = warehouse(&server).await;
    for succeeds in [false, false, false, true] {
        // Each run gives a cancel of the one before the time to be sent.
        assert_eq!(warehouse.run(&query(), &options()).await.is_ok(), succeeds);
    }
    assert!(server.seen(Call::Cancel).is_empty());
}

#[tokio::test]
async fn a_dry_run_that_is_no_read_of_the_tables_is_refused() {
    let routine = json!({ "status": { "state": "DONE" }, "statistics": { "query": {
        "statementType": "SELECT", "totalBytesProcessed": "1",
        "referencedRoutines": [{ "projectId": "demo", "datasetId": "music", "routineId": "steal" }],
    } } });
    let no_estimate = json!({ "status": { "state": "DONE" }, "statistics": { "query": { "statementType": "SELECT" } } });
    let cases = [
        (dry_run("INSERT", "demo", "music", "artists"), "a statement of type \"INSERT\""),
        (dry_run("SCRIPT", "demo", "music", "artists"), "a statement of type \"SCRIPT\""),
        (Reply::Json(200, json!({})), "a statement of type \"\""),
        (dry_run("SELECT", "demo", "music", "users"), "a read of demo.music.users"),
        (dry_run("SELECT", "demo", "private", "artists"), "a read of demo.private.artists"),
        (dry_run("SELECT", "elsewhere", "music", "artists"), "a read of elsewhere.music.artists"),
        (Reply::Json(200, routine), "a call of music.steal"),
        (Reply::Json(200, no_estimate), "without totalBytesProcessed"),
        (error(400, "invalidQuery"), "400 invalidQuery"),
    ];
    for (reply, expected) in cases {
        let server = Server::start(vec![(Call::Insert, reply)]).await;
        let message = warehouse(&server).await.dry_run(&query()).await.unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
}

#[tokio::test]
async fn an_endpoint_that_is_not_there_is_told() {
    let gone = Server::start(vec![]).await.root.replace("http://127.0.0.1:", "http://127.0.0.1:1/");
    let mut settings = connection(&gone);
    settings.max_retries = 1;
    let error = connect(settings).await.run(&query(), &options()).await.unwrap_err();
    assert!(matches!(error, WarehouseError::Unreachable { .. }), "{error}");
}
