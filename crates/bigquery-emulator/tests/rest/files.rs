//! Parquet that is kept as it came, copies that share files, uploads that break off, tables that expire.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, ListBuilder, RecordBatch, StringBuilder};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use serde_json::{Value, json};

use crate::endpoint::{Endpoint, PROJECT, endpoint};

/// Numbers, and as many tags for each.
fn parquet(numbers: &[Option<i64>], standard_lists: bool) -> Vec<u8> {
    let mut tags = ListBuilder::new(StringBuilder::new());
    for number in numbers {
        (0..number.unwrap_or(0)).for_each(|n| tags.values().append_value(format!("tag {n}")));
        tags.append(true);
    }
    let columns: [(&str, ArrayRef); 2] = [("n", Arc::new(Int64Array::from(numbers.to_vec()))), ("tags", Arc::new(tags.finish()))];
    let batch = RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))).unwrap();
    let properties = WriterProperties::builder().set_coerce_types(standard_lists).build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

fn options(disposition: &str) -> Value {
    json!({ "sourceFormat": "PARQUET", "writeDisposition": disposition, "parquetOptions": { "enableListInference": true },
        "schema": { "fields": [{ "name": "n", "type": "INTEGER", "mode": "REQUIRED" }, { "name": "tags", "type": "STRING", "mode": "REPEATED" }] } })
}

fn files(dir: &Path, table: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir.join("datasets/d").join(table)).unwrap();
    entries.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|found| found == "parquet")).collect()
}

/// Rows, sum of the numbers, number of tags.
async fn sums(e: &Endpoint, table: &str) -> Vec<Value> {
    crate::endpoint::first_row(&e.query(&format!("SELECT COUNT(*), SUM(n), SUM(ARRAY_LENGTH(tags)) FROM d.{table}")).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_a_whole_table_is_kept_as_it_is() {
    let (dir, e) = endpoint().await;
    e.dataset().await;
    let own = parquet(&[Some(1), Some(2), Some(3)], false);
    let done = e.load("t", options("WRITE_TRUNCATE"), &own).await;
    assert_eq!(done["statistics"]["load"]["outputRows"], "3", "{done:#}");
    // 3 numbers of 8 bytes; 6 tags of 5 letters and 2 bytes.
    assert_eq!(done["statistics"]["load"]["outputBytes"], "66");
    assert_eq!(std::fs::read(&files(dir.path(), "t")[0]).unwrap(), own);
    // Lists as other programs write them make other files, and the same rows.
    let standard = parquet(&[Some(4)], true);
    assert_eq!(e.load("t", options("WRITE_APPEND"), &standard).await["statistics"]["load"]["outputRows"], "1");
    assert_eq!(sums(&e, "t").await, ["4", "10", "10"]);
    assert!(files(dir.path(), "t").iter().all(|file| std::fs::read(file).unwrap() != standard));
    assert_eq!(e.load("empty", options("WRITE_TRUNCATE"), &parquet(&[], false)).await["statistics"]["load"]["outputRows"], "0");

    // What is wrong with a file is told, and changes nothing.
    let mut damaged = parquet(&[Some(5); 2000], false);
    damaged[20..60].fill(0xFF);
    let check = async |bytes: &[u8], part: &str| {
        let failed = e.load("t", options("WRITE_TRUNCATE"), bytes).await;
        let message = failed["status"]["errorResult"]["message"].as_str().unwrap_or_default().to_owned();
        assert!(message.contains(part), "{failed:#}");
        assert_eq!(sums(&e, "t").await, ["4", "10", "10"]);
    };
    check(&damaged, "Error while reading data").await;
    check(&own[..own.len() - 9], "not readable as Parquet").await;
    check(&parquet(&[Some(1), None], false), "Required field n cannot be null").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_lives_on_when_its_source_goes() {
    let (dir, e) = endpoint().await;
    e.dataset().await;
    e.load("a", options("WRITE_TRUNCATE"), &parquet(&[Some(1), Some(2)], false)).await;
    e.load("b", options("WRITE_TRUNCATE"), &parquet(&[Some(9)], false)).await;
    let reference = |table: &str| json!({ "projectId": PROJECT, "datasetId": "d", "tableId": table });
    let copy = json!({ "sourceTables": [reference("a")], "destinationTable": reference("b"), "writeDisposition": "WRITE_TRUNCATE" });
    let job = e.ok("POST", "{p}/jobs", json!({ "configuration": { "copy": copy } })).await;
    let done = e.finished(job["jobReference"]["jobId"].as_str().unwrap()).await;
    assert_eq!(done["statistics"]["copy"]["copiedRows"], "2", "{done:#}");
    e.ok("DELETE", "{p}/datasets/d/tables/a", Value::Null).await;
    assert_eq!(sums(&e, "b").await, ["2", "3", "3"]);
    assert_eq!(files(dir.path(), "b").len(), 1);
    e.load("b", options("WRITE_APPEND"), &parquet(&[Some(4)], false)).await;
    assert_eq!(sums(&e, "b").await, ["3", "7", "7"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_breaks_off_is_gone_on_with() {
    use tokio::io::AsyncWriteExt as _;
    let (_dir, e) = endpoint().await;
    e.dataset().await;
    let file = parquet(&[Some(1), Some(2), Some(3)], false);
    let mut load = options("WRITE_TRUNCATE");
    load["destinationTable"] = json!({ "projectId": PROJECT, "datasetId": "d", "tableId": "t" });
    let begin = e.client.post(format!("{}/upload/bigquery/v2/projects/{PROJECT}/jobs?uploadType=resumable", e.root));
    let begun = begin.json(&json!({ "configuration": { "load": load } })).send().await.unwrap();
    let location = begun.headers()["location"].to_str().unwrap().to_owned();
    let (host, path) = location.strip_prefix("http://").unwrap().split_once('/').unwrap();
    // Half of it, then the client is gone.
    let half = file.len() / 2;
    let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
    let head = format!(
        "PUT /{path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {}\r\nContent-Range: bytes 0-{}/{}\r\n\r\n",
        file.len(),
        file.len() - 1,
        file.len()
    );
    stream.write_all(&[head.as_bytes(), &file[..half]].concat()).await.unwrap();
    drop(stream);
    let put = |range: String, body: Vec<u8>| e.client.put(&location).header("content-range", range).body(body).send();
    let last = half - 1;
    loop {
        let asked = put(format!("bytes */{}", file.len()), Vec::new()).await.unwrap();
        assert_eq!(asked.status().as_u16(), 308);
        // The endpoint may not have read all of it yet.
        if asked.headers().get("range").is_some_and(|range| *range == format!("bytes=0-{last}")) {
            break;
        }
    }
    let rest = put(format!("bytes {half}-{}/{}", file.len() - 1, file.len()), file[half..].to_vec()).await.unwrap();
    let job: Value = rest.json().await.unwrap();
    e.finished(job["jobReference"]["jobId"].as_str().unwrap()).await;
    assert_eq!(sums(&e, "t").await, ["3", "6", "6"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_has_expired_is_gone_after_a_start() {
    let (dir, e) = endpoint().await;
    e.dataset().await;
    for (name, expires) in [("past", json!("1000")), ("soon", json!("32503680000000")), ("never", Value::Null)] {
        let body = json!({ "tableReference": { "tableId": name }, "schema": { "fields": [{ "name": "n", "type": "INTEGER" }] },
            "expirationTime": expires });
        e.ok("POST", "{p}/datasets/d/tables", body).await;
    }
    e.stop().await;
    let e = Endpoint::start(dir.path()).await;
    let found = e.ok("GET", "{p}/datasets/d/tables", Value::Null).await;
    let found: Vec<&str> = found["tables"].as_array().unwrap().iter().filter_map(|t| t["tableReference"]["tableId"].as_str()).collect();
    assert_eq!(found, ["never", "soon"]);
    assert!(!dir.path().join("datasets/d/past").exists());
}
