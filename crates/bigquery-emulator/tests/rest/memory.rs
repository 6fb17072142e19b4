//! Queries over more than the memory limit: they spill or are refused, and the endpoint goes on.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use bigquery_emulator::EmulatorOptions;
use parquet::arrow::ArrowWriter;
use serde_json::{Value, json};

use crate::endpoint::{Endpoint, first_row};

const ROWS: i64 = 800_000;

/// Numbers in no order, and texts of 50 letters.
fn parquet(rows: i64) -> Vec<u8> {
    let numbers: Vec<i64> = (0..rows).map(|n| n * 7_919 % rows).collect();
    let texts: StringArray = numbers.iter().map(|n| Some(format!("{n:0>50}"))).collect();
    let columns: [(&str, ArrayRef); 2] = [("n", Arc::new(Int64Array::from(numbers))), ("s", Arc::new(texts))];
    let batch = RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))).unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_over_more_than_the_memory_limit_spills_or_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let e = Endpoint::start_with(EmulatorOptions { memory_limit_bytes: 32 << 20, ..EmulatorOptions::new(dir.path()) }).await;
    e.dataset().await;
    let done = e.load("t", json!({ "sourceFormat": "PARQUET" }), &parquet(ROWS)).await;
    assert_eq!(done["statistics"]["load"]["outputRows"], ROWS.to_string(), "{done:#}");
    let ask = async |sql: &str| {
        let (status, answer) = e.call("POST", "{p}/queries", json!({ "query": sql, "useLegacySql": false, "timeoutMs": 200_000 })).await;
        let outcome = match status {
            200 => Some(answer),
            400 => {
                assert_eq!(answer["error"]["errors"][0]["reason"], "resourcesExceeded", "{sql}: {answer:#}");
                None
            }
            _ => panic!("{sql}: {status} {answer:#}"),
        };
        // The endpoint goes on, and the table is as it was.
        assert_eq!(e.count("t").await, ROWS.to_string());
        outcome
    };
    let sorted = ask("SELECT n, s FROM d.t ORDER BY n").await.expect("a sort spills");
    assert_eq!((sorted["totalRows"].as_str(), &first_row(&sorted)[0]), (Some("800000"), &json!("0")));
    let either = [
        ("SELECT n FROM d.t ORDER BY s, n", json!("0")),
        ("SELECT COUNT(*) FROM (SELECT DISTINCT s FROM d.t)", json!("800000")),
        ("SELECT COUNT(*) FROM d.t AS a JOIN d.t AS b ON a.s = b.s", json!("800000")),
        ("SELECT MAX(r) FROM (SELECT ROW_NUMBER() OVER (ORDER BY s) AS r FROM d.t)", json!("800000")),
        ("SELECT ARRAY_LENGTH(ARRAY_AGG(s)) FROM d.t", json!("800000")),
        ("SELECT COUNT(*) FROM (SELECT a.s FROM d.t AS a CROSS JOIN UNNEST([1, 2]) AS b ORDER BY a.s)", json!("1600000")),
    ];
    for (sql, expected) in either {
        if let Some(answer) = ask(sql).await {
            assert_eq!(first_row(&answer)[0], expected, "{sql}");
        }
    }
    // Changes hold their table in memory, and what they insert.
    for sql in ["UPDATE d.t SET n = n + 1 WHERE TRUE", "DELETE FROM d.t WHERE n < 10", "INSERT INTO d.t (n, s) SELECT n, s FROM d.t"] {
        assert!(ask(sql).await.is_none_or(|answer: Value| answer.is_null()), "{sql} was done in less than its rows");
    }
    let copied = ask("CREATE TABLE d.copy AS SELECT n, s FROM d.t").await.expect("rows go to a table as they come");
    assert_eq!(copied["jobComplete"], true);
    assert_eq!(e.count("copy").await, ROWS.to_string());
    // What queries put aside goes with them.
    let aside = |path: std::path::PathBuf| std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    for folder in aside(dir.path().join("tmp")).into_iter().filter(|path| path.is_dir()) {
        assert_eq!(aside(folder), Vec::<std::path::PathBuf>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_query_is_refused_for_the_memory_of_others() {
    const CLIENTS: usize = 32;
    let dir = tempfile::tempdir().unwrap();
    let e = Endpoint::start_with(EmulatorOptions { memory_limit_bytes: 24 << 20, ..EmulatorOptions::new(dir.path()) }).await;
    e.dataset().await;
    e.load("t", json!({ "sourceFormat": "PARQUET" }), &parquet(100_000)).await;
    // Each of them fits, and no two of the larger ones do.
    let queries = [
        ("SELECT COUNT(*) FROM (SELECT a.s FROM d.t AS a JOIN d.t AS b ON a.s = b.s WHERE b.n < 40000)", "40000"),
        ("SELECT s FROM d.t WHERE n >= 7 ORDER BY s LIMIT 1", "00000000000000000000000000000000000000000000000007"),
        ("SELECT COUNT(*) FROM (SELECT DISTINCT s FROM d.t)", "100000"),
        (
            "SELECT MIN(s) FROM (SELECT s, ROW_NUMBER() OVER (ORDER BY n) AS r FROM d.t) WHERE r > 5",
            "00000000000000000000000000000000000000000000000005",
        ),
    ];
    let ask = async |client: usize| {
        let (sql, expected) = queries[client % queries.len()];
        let body = json!({ "query": sql, "useLegacySql": false, "useQueryCache": false, "timeoutMs": 200_000 });
        let (status, answer) = e.call("POST", "{p}/queries", body).await;
        assert_eq!(status, 200, "{sql}: {answer:#}");
        assert_eq!(first_row(&answer)[0], expected, "{sql}");
    };
    futures::future::join_all((0..CLIENTS).map(ask)).await;
}
