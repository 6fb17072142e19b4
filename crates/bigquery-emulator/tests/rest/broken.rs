//! What is damaged, cut off, made to do harm, or too much for the disk: an error that says so, and every table as it was.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

use crate::endpoint::{Endpoint, PROJECT, endpoint, first_row};
use crate::kills::child;

fn gzip(write: impl FnOnce(&mut GzEncoder<Vec<u8>>)) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    write(&mut packed);
    packed.finish().unwrap()
}

fn options(format: &str) -> Value {
    json!({ "sourceFormat": format, "writeDisposition": "WRITE_TRUNCATE", "schema": { "fields": [{ "name": "n", "type": "INTEGER" }] } })
}

async fn three_rows(e: &Endpoint) {
    e.dataset().await;
    let done = e.load("t", options("NEWLINE_DELIMITED_JSON"), b"{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n").await;
    assert_eq!(done["statistics"]["load"]["outputRows"], "3", "{done:#}");
}

async fn sums(e: &Endpoint) -> Vec<Value> {
    first_row(&e.query("SELECT COUNT(*), SUM(n) FROM d.t").await)
}

/// The files that lie aside, those of the engine's own folder apart.
fn aside(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir.join("tmp")).unwrap();
    entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_of_what_is_broken_is_refused_in_words() {
    let (dir, e) = endpoint().await;
    three_rows(&e).await;
    let rows = gzip(|packed| (0..20_000).for_each(|n| writeln!(packed, "{{\"n\":{}}}", n * 7_919 % 10_007).unwrap()));
    let mut damaged = rows.clone();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 40].fill(0x55);
    // 320 MiB of blanks, which are no rows, in about 320 KB.
    let bomb = gzip(|packed| {
        let mut blanks = vec![b' '; 16 << 20];
        blanks[(16 << 20) - 1] = b'\n';
        (0..20).for_each(|_| packed.write_all(&blanks).unwrap());
    });
    let endless = gzip(|packed| packed.write_all(&vec![b'7'; 120 << 20]).unwrap());
    let noise: Vec<u8> = (0..4_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let cases: [(&str, &[u8], &str); 9] = [
        ("NEWLINE_DELIMITED_JSON", &rows[..rows.len() - 9], "Error while reading data"),
        ("CSV", &rows[..rows.len() / 2], "Error while reading data"),
        ("NEWLINE_DELIMITED_JSON", &damaged, "Error while reading data"),
        ("NEWLINE_DELIMITED_JSON", &bomb, "unpacks to more than 200 times its size"),
        ("NEWLINE_DELIMITED_JSON", &endless, "Row size is larger than"),
        ("NEWLINE_DELIMITED_JSON", &noise, "Error while reading data"),
        ("CSV", &noise, "Error while reading data"),
        ("PARQUET", &noise, "not readable as Parquet"),
        ("PARQUET", &rows, "not readable as Parquet"),
    ];
    for (format, media, part) in cases {
        let failed = e.load("t", options(format), media).await;
        let error = &failed["status"]["errorResult"];
        assert_eq!(error["reason"], "invalid", "{format} {part}: {failed:#}");
        assert!(error["message"].as_str().unwrap().contains(part), "{failed:#}");
        assert_eq!(sums(&e).await, ["3", "6"]);
    }
    assert_eq!(aside(dir.path()), Vec::<PathBuf>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_broken_is_refused_in_words() {
    let (dir, e) = endpoint().await;
    three_rows(&e).await;
    let upload = format!("/upload/bigquery/v2/projects/{PROJECT}/jobs?uploadType=multipart");
    let mut load = options("NEWLINE_DELIMITED_JSON");
    load["destinationTable"] = json!({ "projectId": PROJECT, "datasetId": "d", "tableId": "t" });
    let head = format!("--x\r\nContent-Type: application/json\r\n\r\n{}\r\n--x\r\n\r\n", json!({ "configuration": { "load": load } }));

    // A client that goes in the middle of its rows.
    let host = e.root.strip_prefix("http://").unwrap();
    let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
    let request = format!(
        "POST {upload} HTTP/1.1\r\nHost: {host}\r\nContent-Type: multipart/related; boundary=x\r\nContent-Length: 100000\r\n\r\n{head}{{\"n\":9}}\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    while aside(dir.path()).is_empty() {
        tokio::task::yield_now().await;
    }
    drop(stream);
    while !aside(dir.path()).is_empty() {
        tokio::task::yield_now().await;
    }

    // Rows that end without the end of their part; packed bodies that are damaged, or hold too much.
    let post = async |path: &str, body: Vec<u8>, packed: bool| {
        let mut request = e.client.post(format!("{}{path}", e.root)).header("content-type", "multipart/related; boundary=x").body(body);
        if packed {
            request = request.header("content-encoding", "gzip");
        }
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json::<Value>().await.unwrap()["error"]["message"].as_str().unwrap_or_default().to_owned())
    };
    let whole = gzip(|packed| write!(packed, "{head}{{\"n\":9}}\n\r\n--x--").unwrap());
    let bomb = gzip(|packed| {
        packed.write_all(head.as_bytes()).unwrap();
        (0..20).for_each(|_| packed.write_all(&vec![b' '; 16 << 20]).unwrap());
    });
    let query = gzip(|packed| write!(packed, "{{\"query\":\"{}\"}}", " ".repeat(60 << 20)).unwrap());
    let mut damaged = whole.clone();
    damaged.truncate(whole.len() / 2);
    for (path, body, packed, status, part) in [
        (upload.as_str(), format!("{head}{{\"n\":9}}\n").into_bytes(), false, 400, "Multipart upload is malformed"),
        (upload.as_str(), damaged, true, 400, "upload"),
        (upload.as_str(), bomb, true, 400, "unpacks to more than 200 times its size"),
        ("/bigquery/v2/projects/quaver-local/queries", query, true, 413, "exceeds the limit"),
    ] {
        let (found, message) = post(path, body, packed).await;
        assert!(found == status && message.contains(part), "{path}: {found} {message}, not {status} {part}");
    }
    assert_eq!(sums(&e).await, ["3", "6"]);
    assert_eq!(aside(dir.path()), Vec::<PathBuf>::new());
}

/// The system lets no file of the process grow beyond a limit, which is the same to it as a disk without room.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_disk_without_room_is_told_and_nothing_changes() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = Command::new("sh");
    // In blocks of 512 or 1,024 bytes, as the shell counts.
    command.args(["-c", "trap '' XFSZ; ulimit -f 2000; exec \"$0\" \"$@\""]).arg(std::env::current_exe().unwrap());
    let (process, e) = child(dir.path(), command).await;
    three_rows(&e).await;
    let long: String = (0..300_000).map(|n| format!("{{\"n\":{n}}}\n")).collect();
    let refused = |answer: &Value| {
        let error = if answer["error"].is_object() { &answer["error"]["errors"][0] } else { &answer["status"]["errorResult"] };
        assert_eq!(error["reason"], "resourcesExceeded", "{answer:#}");
        assert!(error["message"].as_str().unwrap().contains("disk"), "{answer:#}");
    };
    let noise = "SELECT n, SHA256(CAST(n AS STRING)) AS noise FROM UNNEST(GENERATE_ARRAY(1, 200000)) AS n";
    for sql in [
        format!("CREATE OR REPLACE TABLE d.t AS {noise}"),
        format!("CREATE TABLE d.u AS {noise}"),
        "INSERT INTO d.t (n) SELECT FARM_FINGERPRINT(CAST(n AS STRING)) FROM UNNEST(GENERATE_ARRAY(1, 500000)) AS n".to_owned(),
    ] {
        let (_, answer) = e.call("POST", "{p}/queries", json!({ "query": sql, "useLegacySql": false, "timeoutMs": 200_000 })).await;
        refused(&answer);
        assert_eq!(sums(&e).await, ["3", "6"]);
    }
    let upload = format!("{}/upload/bigquery/v2/projects/{PROJECT}/jobs?uploadType=resumable", e.root);
    let mut load = options("NEWLINE_DELIMITED_JSON");
    load["destinationTable"] = json!({ "projectId": PROJECT, "datasetId": "d", "tableId": "t" });
    let begun = e.client.post(upload).json(&json!({ "configuration": { "load": load } })).send().await.unwrap();
    let location = begun.headers()["location"].to_str().unwrap().to_owned();
    let answer: Value = e.client.put(location).body(long).send().await.unwrap().json().await.unwrap();
    refused(&answer);
    // What fits goes on to work.
    e.query("INSERT INTO d.t (n) VALUES (4)").await;
    assert_eq!(sums(&e).await, ["4", "10"]);
    assert_eq!(aside(dir.path()), Vec::<PathBuf>::new());
    process.kill();
    let e = Endpoint::start(dir.path()).await;
    assert_eq!(sums(&e).await, ["4", "10"]);
}
