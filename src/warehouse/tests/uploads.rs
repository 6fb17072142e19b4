//! Files on their way to the warehouse: in sessions of their own, which know how much has come.

use serde_json::json;

use super::server::{Call, Reply, Server, error};
use super::{TOKEN, warehouse};
use crate::catalog::{Catalog, Table};
use crate::warehouse::WriteDisposition;

fn table() -> Table {
    Catalog::embedded().tables.into_iter().find(|table| table.name == "artists").unwrap()
}

/// A name, the answers of the server, and what is put: ranges and bodies.
type Case<'a> = (&'a str, Vec<(Call, Reply)>, &'a [(&'a str, &'a str)]);

/// Loads a file of ten letters. What was put, as ranges and bodies, and the rows or the error.
async fn load(script: Vec<(Call, Reply)>) -> (Server, Vec<(String, String)>, Result<u64, String>) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("part.parquet");
    std::fs::write(&file, "0123456789").unwrap();
    let server = Server::start(script).await;
    let loaded = warehouse(&server).await.load_parquet("music", &table(), &file, WriteDisposition::Append).await;
    let range = |head: &str| head.to_lowercase().split("content-range: ").nth(1).unwrap().lines().next().unwrap().to_owned();
    let put = server.seen(Call::Put).into_iter().map(|seen| (range(&seen.head), seen.text)).collect();
    (server, put, loaded.map_err(|error| error.to_string()))
}

#[tokio::test]
async fn a_file_is_sent_with_its_job_and_from_where_it_broke_off() {
    let has_four = || (Call::Put, Reply::Raw(308, "Range: bytes=0-3\r\n", ""));
    let cases: [Case; 6] = [
        ("at once", vec![], &[("bytes 0-9/10", "0123456789")]),
        ("the session at the second try", vec![(Call::Upload, error(503, "backendError"))], &[("bytes 0-9/10", "0123456789")]),
        (
            "broken off",
            vec![(Call::Put, Reply::Lost), has_four()],
            &[("bytes 0-9/10", "0123456789"), ("bytes */10", ""), ("bytes 4-9/10", "456789")],
        ),
        (
            "not one byte has come",
            vec![(Call::Put, error(503, "backendError")), (Call::Put, Reply::Raw(308, "", ""))],
            &[("bytes 0-9/10", "0123456789"), ("bytes */10", ""), ("bytes 0-9/10", "0123456789")],
        ),
        (
            "taken for less than it is",
            vec![has_four(), has_four()],
            &[("bytes 0-9/10", "0123456789"), ("bytes */10", ""), ("bytes 4-9/10", "456789")],
        ),
        ("only the answer was lost", vec![(Call::Put, Reply::Lost)], &[("bytes 0-9/10", "0123456789"), ("bytes */10", "")]),
    ];
    for (name, script, expected) in cases {
        let (server, put, rows) = load(script).await;
        assert_eq!(rows, Ok(2), "{name}");
        let expected: Vec<_> = expected.iter().map(|(range, body)| ((*range).to_owned(), (*body).to_owned())).collect();
        assert_eq!(put, expected, "{name}");
        let job = server.seen(Call::Upload).last().unwrap().json();
        let load = &job["configuration"]["load"];
        assert_eq!((&load["sourceFormat"], &load["writeDisposition"]), (&json!("PARQUET"), &json!("WRITE_APPEND")), "{name}");
        assert_eq!(load["parquetOptions"]["enableListInference"], json!(true), "{name}");
        assert_eq!(load["schema"]["fields"][0]["name"], json!("artist_id"), "{name}");
        assert!(job["jobReference"]["jobId"].as_str().unwrap().starts_with("quaver-load-"), "{name}");
    }
}

#[tokio::test]
async fn a_file_that_is_not_taken_is_told() {
    let failed = json!({ "status": { "state": "DONE", "errorResult": { "reason": "invalid", "message": "row 2 does not fit" } } });
    for (script, expected) in [
        (vec![(Call::Get, Reply::Json(200, failed))], "failed, invalid: row 2 does not fit"),
        (vec![(Call::Upload, error(403, "accessDenied"))], "403 accessDenied"),
        (vec![(Call::Put, error(410, "gone"))], "410 gone"),
        (vec![(Call::Upload, Reply::Json(200, json!({}))); 9], "without its address"),
    ] {
        let (_, _, rows) = load(script).await;
        let message = rows.unwrap_err();
        assert!(message.contains(expected), "{message}");
    }
}

#[tokio::test]
async fn the_token_goes_to_the_warehouse_alone() {
    let other = Server::start(vec![]).await;
    let elsewhere: &'static str = Box::leak(other.root.clone().into_boxed_str());
    let (server, put, rows) = load(vec![(Call::Upload, Reply::Session(Some(elsewhere))); 9]).await;
    assert!(rows.unwrap_err().contains("without its address"));
    assert!(put.is_empty() && other.seen(Call::Put).is_empty());
    assert!(server.seen(Call::Upload)[0].head.contains(TOKEN));
}
