//! What is sent: caps, labels, places, parameters, data.

use std::io;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use chrono::{DateTime, NaiveDate};
use serde_json::{Value, json};
use tracing_subscriber::fmt::MakeWriter;

use super::server::{Call, Reply, Server, dry_run, error};
use super::{TOKEN, connect, connection, options, query, validated, warehouse};
use crate::catalog::{Catalog, Table};
use crate::sql::{Parameter, ParameterValue};
use crate::warehouse::{RunOptions, SMALLEST_BYTES_CAP, WriteDisposition};

fn artists() -> Table {
    Catalog::embedded().table("artists").unwrap().clone()
}

#[tokio::test]
async fn a_run_carries_its_caps_labels_and_place() {
    let server = Server::start(vec![]).await;
    let warehouse = warehouse(&server).await;
    let outcome = warehouse.run(&query(), &options()).await.unwrap();
    warehouse.run(&query(), &RunOptions { max_bytes_billed: 1, ..options() }).await.unwrap();
    let sent = server.seen(Call::Insert);
    let mut first = sent[0].json();
    assert_eq!(sent[0].method, "POST");
    assert_eq!(first["jobReference"], json!({ "jobId": outcome.job_id, "location": "EU", "projectId": "demo" }));
    assert_eq!(
        first["configuration"].take(),
        json!({
            "jobTimeoutMs": "20000",
            "labels": { "app": "quaver" },
            "query": { "maximumBytesBilled": "52428800", "query": query().sql(), "useLegacySql": false },
        })
    );
    let least = SMALLEST_BYTES_CAP.to_string();
    assert_eq!(sent[1].json()["configuration"]["query"]["maximumBytesBilled"], json!(least), "BigQuery takes no smaller cap");
}

#[tokio::test]
async fn a_dry_run_costs_nothing_and_tells_what_would_be_read() {
    let server = Server::start(vec![]).await;
    let report = warehouse(&server).await.dry_run(&query()).await.unwrap();
    assert_eq!((report.tables, report.bytes_processed, report.fields.len()), (vec!["music.artists".to_owned()], 4096, 1));
    let sent = server.seen(Call::Insert)[0].json();
    assert_eq!(sent["configuration"]["dryRun"], json!(true));
    assert_eq!(sent["jobReference"], json!({ "location": "EU", "projectId": "demo" }), "a dry run is no job");
}

#[tokio::test]
async fn tables_of_another_project_are_read_there() {
    let server = Server::start(vec![(Call::Insert, dry_run("SELECT", "lake", "music", "artists"))]).await;
    let mut settings = connection(&server.root);
    settings.data_project = Some("lake".to_owned());
    connect(settings).await.dry_run(&query()).await.unwrap();
    let sent = server.seen(Call::Insert)[0].json();
    assert_eq!(sent["jobReference"]["projectId"], json!("demo"));
    assert_eq!(sent["configuration"]["query"]["connectionProperties"], json!([{ "key": "dataset_project_id", "value": "lake" }]));
}

#[tokio::test]
async fn parameters_of_every_type_travel_beside_the_text() {
    let (array, value) = (|name: &str| json!({ "type": "ARRAY", "arrayType": { "type": name } }), |text: &str| json!({ "value": text }));
    let at = DateTime::from_timestamp_micros(1_709_296_496_500_000).unwrap();
    let cases: Vec<(&str, ParameterValue, Value, Value)> = vec![
        ("artists WHERE popularity > @p", ParameterValue::Int64(-7), json!({ "type": "INT64" }), value("-7")),
        ("tracks WHERE energy > @p", ParameterValue::Float64(0.25), json!({ "type": "FLOAT64" }), value("0.25")),
        ("tracks WHERE explicit = @p", ParameterValue::Bool(true), json!({ "type": "BOOL" }), value("true")),
        ("tracks WHERE title = @p", ParameterValue::String("L'été".to_owned()), json!({ "type": "STRING" }), value("L'été")),
        (
            "tracks WHERE release_date = @p",
            ParameterValue::Date(NaiveDate::from_ymd_opt(2024, 3, 1).unwrap()),
            json!({ "type": "DATE" }),
            value("2024-03-01"),
        ),
        (
            "listening_events WHERE played_at < @p",
            ParameterValue::Timestamp(at),
            json!({ "type": "TIMESTAMP" }),
            value("2024-03-01 12:34:56.500000+00:00"),
        ),
        (
            "tracks WHERE artist_id IN UNNEST(@p)",
            ParameterValue::StringArray(vec!["air".to_owned(), "moby".to_owned()]),
            array("STRING"),
            json!({ "arrayValues": [{ "value": "air" }, { "value": "moby" }] }),
        ),
        (
            "tracks WHERE release_year IN UNNEST(@p)",
            ParameterValue::Int64Array(vec![1999]),
            array("INT64"),
            json!({ "arrayValues": [{ "value": "1999" }] }),
        ),
    ];
    for (rest, parameter, wire_type, wire_value) in cases {
        let server = Server::start(vec![]).await;
        let query = validated(&format!("SELECT artist_id FROM music.{rest}"), &[Parameter { name: "p".to_owned(), value: parameter }]);
        warehouse(&server).await.run(&query, &options()).await.unwrap();
        let sent = server.seen(Call::Insert)[0].json();
        let sent = &sent["configuration"]["query"];
        assert_eq!(sent["parameterMode"], json!("NAMED"), "{rest}");
        assert_eq!(sent["queryParameters"], json!([{ "name": "p", "parameterType": wire_type, "parameterValue": wire_value }]), "{rest}");
    }
}

#[tokio::test]
async fn a_load_is_sent_whole_and_again_under_the_same_id() {
    let server = Server::start(vec![(Call::Upload, error(503, "backendError")), (Call::Upload, error(409, "duplicate"))]).await;
    let body = Bytes::from_static(b"{\"name\":\"Air\"}\n{\"name\":\"Moby\"}\n");
    let rows = warehouse(&server).await.load_ndjson("music", &artists(), body, WriteDisposition::Append).await.unwrap();
    assert_eq!(rows, 2);
    let sent = server.seen(Call::Upload);
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0].text, sent[1].text);
    assert_eq!(sent[0].path, "/upload/bigquery/v2/projects/demo/jobs?uploadType=multipart");
    let parts: Vec<&str> = sent[0].text.split("\r\n\r\n").collect();
    let job: Value = serde_json::from_str(parts[1].split("\r\n").next().unwrap()).unwrap();
    assert_eq!(job["configuration"]["load"]["writeDisposition"], json!("WRITE_APPEND"));
    assert_eq!(job["configuration"]["load"]["schema"]["fields"][0]["name"], json!("artist_id"));
    assert!(parts[2].starts_with("{\"name\":\"Air\"}\n{\"name\":\"Moby\"}\n\r\n--"), "{}", parts[2]);
}

#[tokio::test]
async fn a_load_that_fails_says_why() {
    let failed = json!({ "status": { "state": "DONE", "errorResult": { "reason": "invalid", "message": "row 2 does not fit" } } });
    for (script, expected) in [
        (vec![(Call::Get, Reply::Json(200, failed))], "failed, invalid: row 2 does not fit"),
        (vec![(Call::Upload, Reply::Raw(413, "", "<html>too large</html>"))], "413 unknown"),
        (vec![(Call::Upload, error(404, "notFound"))], "404 notFound"),
    ] {
        let server = Server::start(script).await;
        let loaded = warehouse(&server).await.load_ndjson("music", &artists(), Bytes::new(), WriteDisposition::Truncate).await;
        let message = loaded.unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
}

#[tokio::test]
async fn making_what_is_there_and_deleting_what_is_not_succeed() {
    let server = Server::start(vec![(Call::Other, error(409, "duplicate")), (Call::Other, error(404, "notFound"))]).await;
    let warehouse = warehouse(&server).await;
    warehouse.create_table("music", &artists(), &[("sample", "true")]).await.unwrap();
    warehouse.delete_table("music", "artists").await.unwrap();
    let sent = server.seen(Call::Other);
    assert_eq!(sent[0].json()["labels"], json!({ "sample": "true" }));
    assert_eq!((sent[1].method.as_str(), sent[1].path.as_str()), ("DELETE", "/bigquery/v2/projects/demo/datasets/music/tables/artists"));
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn the_token_is_sent_and_never_logged() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let logged = || String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let mut told = String::new();
    // A place that logs stays silent here when a test without a log comes upon it first, at the same moment: then it is asked again.
    for _ in 0..100 {
        tracing::callsite::rebuild_interest_cache();
        let server = Server::start(vec![
            (Call::Insert, error(503, "backendError")),
            (Call::Results, error(401, "authError")),
            (Call::Results, error(401, "authError")),
        ])
        .await;
        let warehouse = warehouse(&server).await;
        let error = warehouse.run(&query(), &options()).await.unwrap_err();
        told = format!("{error:?} {error} {warehouse:?}");
        assert!(server.seen(Call::Insert)[0].head.to_lowercase().contains(&format!("authorization: bearer {TOKEN}")));
        if logged().contains("trying the warehouse again") {
            break;
        }
    }
    assert!(logged().contains("trying the warehouse again"), "{}", logged());
    for text in [logged(), told] {
        assert!(!text.contains(TOKEN), "{text}");
    }
}
