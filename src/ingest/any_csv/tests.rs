//! Loads of CSV files of any layout.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use super::super::memory::Memory;
use super::super::{LoadReport, Progress, Silent, load_csv};
use super::*;

async fn load(sink: &Memory, paths: &[PathBuf]) -> Result<LoadReport, IngestError> {
    let progress: Arc<dyn Progress> = Arc::new(Silent);
    load_csv(sink, &TableName::parse("music_raw.mine").unwrap(), paths, &progress).await
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }
}

/// Name and type of each column, `name TYPE`.
fn types(report: &LoadReport) -> Vec<String> {
    report.columns.iter().map(|column| format!("{} {}", column.name, column.column_type.name())).collect()
}

fn rows(sink: &Memory) -> Vec<String> {
    let without_origin = |mut row: serde_json::Value| {
        let object = row.as_object_mut().unwrap();
        names::ORIGIN.iter().for_each(|name| {
            assert!(object.remove(*name).is_some(), "{name}");
        });
        row.to_string()
    };
    sink.rows("music_raw.mine").into_iter().map(without_origin).collect()
}

#[tokio::test]
async fn columns_are_named_and_typed_by_the_file() {
    let check = async |content: &[u8], expected_types: &[&str], expected: &[&str], rejected: u64| {
        let (folder, sink) = (Folder::new(), Memory::default());
        let report = load(&sink, &[folder.file("x.csv", content)]).await.unwrap();
        assert_eq!(types(&report), expected_types, "{}", String::from_utf8_lossy(content));
        assert_eq!(rows(&sink), expected);
        let (read, landed, found) = report.totals();
        assert_eq!((read, found), (landed + rejected, rejected));
        assert_eq!(sink.rows("music_raw.rejects").len() as u64, rejected);
    };
    check(
        b"id,Titre,played at,score,ok,day\n1,Caf\xC3\xA9,2024-05-01 10:00:00,1.5,true,2024-05-01\n2,,NA,2,FALSE,\n",
        &["id INT64", "Titre STRING", "played_at TIMESTAMP", "score FLOAT64", "ok BOOL", "day DATE"],
        &[
            r#"{"id":1,"Titre":"Café","played_at":"2024-05-01T10:00:00.000000Z","score":1.5,"ok":true,"day":"2024-05-01"}"#,
            r#"{"id":2,"Titre":null,"played_at":null,"score":2.0,"ok":false,"day":null}"#,
        ],
        0,
    )
    .await;
    check(b"a;b\n1;x\n2\n3;y;z\n4;w\n", &["a INT64", "b STRING"], &[r#"{"a":1,"b":"x"}"#, r#"{"a":4,"b":"w"}"#], 2).await;
    check(b"name\tline\nBj\xF6rk\t007\n", &["name STRING", "line_2 STRING"], &[r#"{"name":"Björk","line_2":"007"}"#], 0).await;
    check(b"\xFF\xFEa\0,\0b\0\n\x001\0,\0\xE9\0\n\0", &["a INT64", "b STRING"], &[r#"{"a":1,"b":"é"}"#], 0).await;
    check(b"a,b\n", &["a STRING", "b STRING"], &[], 0).await;
}

#[tokio::test]
async fn several_files_make_one_table_and_loading_again_replaces_it() {
    let (folder, sink) = (Folder::new(), Memory::default());
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(b"b;a\nx;2.5\n").unwrap();
    let one = folder.file("one.csv", b"a,b\n1,x\n");
    let two = folder.file("two.csv.gz", &packed.finish().unwrap());
    for _ in 0..2 {
        let report = load(&sink, &[one.clone(), two.clone()]).await.unwrap();
        assert_eq!(types(&report), ["a FLOAT64", "b STRING"]);
        assert_eq!(rows(&sink), [r#"{"a":1.0,"b":"x"}"#, r#"{"a":2.5,"b":"x"}"#]);
        assert_eq!(sink.rows("music_raw.loads").len(), 2);
    }
    assert_eq!(sink.rows("music_raw.mine")[1]["source"], "csv:mine");
    let report = load(&sink, &[one]).await.unwrap();
    assert_eq!((types(&report), sink.rows("music_raw.loads").len()), (vec!["a INT64".to_owned(), "b STRING".to_owned()], 1));
}

#[tokio::test]
async fn what_is_no_csv_is_told_and_changes_nothing() {
    let (folder, sink) = (Folder::new(), Memory::default());
    let check = async |paths: &[PathBuf], parts: &[&str]| {
        let message = load(&sink, paths).await.unwrap_err().to_string();
        for part in parts {
            assert!(message.contains(part), "{message} lacks {part}");
        }
    };
    let good = folder.file("good.csv", b"a,b\n1,2\n");
    check(&[folder.file("page.csv", b"<html>")], &["not the csv data", "first line names the columns", "web page"]).await;
    check(&[folder.file("bytes.csv", b"a\0\0\x01,")], &["no text"]).await;
    check(&[folder.file("bare.csv", b"1,2\n3,4\n")], &["values in its first line"]).await;
    check(&[good.clone(), folder.file("other.csv", b"a,c\n1,2\n")], &["other columns in other.csv (a,c) than in good.csv (a,b)"]).await;
    check(&[folder.file("empty.csv", b"")], &["nothing at all"]).await;
    let inside = Folder::new();
    inside.file("x.png", b"png");
    check(&[inside.0.path().to_owned()], &["found x.png"]).await;
    assert!(sink.tables().is_empty());
}
