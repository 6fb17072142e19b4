//! Loads of every format and option, partition by partition and with changes of the schema.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow_avro::compression::CompressionCodec;
use arrow_avro::writer::WriterBuilder;
use arrow_avro::writer::format::AvroOcfFormat;
use serde_json::{Value, json};

use crate::endpoint::{Endpoint, endpoint, first_row};

fn columns(text: &str) -> Value {
    let field = |field: &str| {
        let (name, kind) = field.split_once(' ').unwrap();
        let (kind, mode) = kind.split_once(' ').unwrap_or((kind, "NULLABLE"));
        json!({ "name": name, "type": kind, "mode": mode })
    };
    json!({ "fields": text.split(", ").map(field).collect::<Vec<_>>() })
}

fn with(mut options: Value, more: &Value) -> Value {
    for (key, value) in more.as_object().unwrap() {
        options[key] = value.clone();
    }
    options
}

/// Loads and gives the rows as one text, or the first words of what is wrong.
async fn loaded(e: &Endpoint, options: Value, media: &[u8]) -> String {
    let options = with(options, &json!({ "writeDisposition": "WRITE_TRUNCATE" }));
    let job = e.load("t", options, media).await;
    let errors = job["status"]["errors"].as_array().cloned().unwrap_or_default();
    if job["status"].get("errorResult").is_some() {
        let all: Vec<_> = errors.iter().filter_map(|error| error["message"].as_str()).collect();
        return format!("error: {}", all.join(" | "));
    }
    let rows = e.query("SELECT TO_JSON_STRING(t) FROM d.t AS t ORDER BY 1").await;
    let rows = rows["rows"].as_array().cloned().unwrap_or_default();
    rows.iter().map(|row| row["f"][0]["v"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn csv_is_read_as_its_options_say() {
    let (_dir, e) = endpoint().await;
    e.dataset().await;
    let cases: [(Value, &[u8], &str); 12] = [
        (json!({}), b"1,a\n2,\n3,\"\"\n", "{\"n\":1,\"s\":\"a\"}\n{\"n\":2,\"s\":null}\n{\"n\":3,\"s\":\"\"}"),
        (json!({ "nullMarker": "-" }), b"1,-\n2,\n", "{\"n\":1,\"s\":null}\n{\"n\":2,\"s\":\"\"}"),
        (json!({ "nullMarker": "-" }), b",a\n", "Cannot convert value to integer"),
        (json!({ "fieldDelimiter": "|", "quote": "'" }), b"1|'a|''b'\n", "{\"n\":1,\"s\":\"a|'b\"}"),
        (json!({ "allowQuotedNewlines": true }), b"1,\"a\nb\"\n", "{\"n\":1,\"s\":\"a\\nb\"}"),
        (json!({}), b"1,\"a\nb\"\n", "Missing close quote character"),
        (json!({}), b"1,\"a\"b\n", "Data between close quote character"),
        (json!({}), b"1\n", "Too few values; found 1 column(s) while expected 2."),
        (json!({ "allowJaggedRows": true }), b"1\n", "{\"n\":1,\"s\":null}"),
        (json!({ "encoding": "UTF-16BE" }), b"\x00\x31\x00,\x00\xe9\x00\n", "{\"n\":1,\"s\":\"\u{e9}\"}"),
        (json!({ "sourceColumnMatch": "NAME", "skipLeadingRows": 1 }), b"s,n\na,1\n", "{\"n\":1,\"s\":\"a\"}"),
        (json!({ "maxBadRecords": 1 }), b"x,a\n2,b\n", "{\"n\":2,\"s\":\"b\"}"),
    ];
    for (options, text, expected) in cases {
        let all = with(json!({ "sourceFormat": "CSV", "schema": columns("n INTEGER, s STRING") }), &options);
        let found = loaded(&e, all, text).await;
        let fits = if found.starts_with("error: ") { found.contains(expected) } else { found == expected };
        assert!(fits, "{options} {}: {found}", String::from_utf8_lossy(text));
    }
    for (option, reason) in [
        (json!({ "hivePartitioningOptions": { "mode": "AUTO" } }), "hivePartitioningOptions"),
        (json!({ "sourceFormat": "ORC" }), "ORC"),
        (json!({ "sourceFormat": "NEWLINE_DELIMITED_JSON", "jsonExtension": "GEOJSON" }), "GEOJSON"),
    ] {
        let load = with(json!({ "destinationTable": { "datasetId": "d", "tableId": "t" } }), &option);
        let refused = e.client.post(format!("{}/upload/bigquery/v2/projects/quaver-local/jobs?uploadType=resumable", e.root));
        let refused = refused.json(&json!({ "configuration": { "load": load } })).send().await.unwrap();
        assert_eq!(refused.status().as_u16(), 501, "{option}");
        assert!(refused.text().await.unwrap().contains(&format!("{reason} is not supported")), "{option}");
    }
}

fn avro(codec: Option<CompressionCodec>) -> Vec<u8> {
    let columns: [(&str, ArrayRef); 3] = [
        ("n", Arc::new(Int64Array::from(vec![Some(1), None]))),
        ("s", Arc::new(StringArray::from(vec!["a", "b"]))),
        ("at", Arc::new(TimestampMicrosecondArray::from(vec![0, 1_000_000]).with_timezone("+00:00"))),
    ];
    let batch = RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, name == "n"))).unwrap();
    let builder = WriterBuilder::new(batch.schema().as_ref().clone()).with_compression(codec);
    let mut writer = builder.build::<_, AvroOcfFormat>(Vec::new()).unwrap();
    writer.write(&batch).unwrap();
    writer.finish().unwrap();
    writer.into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn avro_brings_its_schema_and_is_whole_or_refused() {
    let (_dir, e) = endpoint().await;
    e.dataset().await;
    let options = json!({ "sourceFormat": "AVRO", "useAvroLogicalTypes": true });
    let rows = "{\"n\":1,\"s\":\"a\",\"at\":\"1970-01-01T00:00:00Z\"}\n{\"n\":null,\"s\":\"b\",\"at\":\"1970-01-01T00:00:01Z\"}";
    for codec in [None, Some(CompressionCodec::Deflate), Some(CompressionCodec::Snappy), Some(CompressionCodec::ZStandard)] {
        assert_eq!(loaded(&e, options.clone(), &avro(codec)).await, rows, "{codec:?}");
    }
    let table = e.ok("GET", "{p}/datasets/d/tables/t", Value::Null).await;
    let fields = table["schema"]["fields"].as_array().unwrap();
    let seen: Vec<_> = fields.iter().map(|f| (f["type"].as_str().unwrap(), f["mode"].as_str().unwrap_or("NULLABLE"))).collect();
    assert_eq!(seen, [("INTEGER", "NULLABLE"), ("STRING", "REQUIRED"), ("TIMESTAMP", "REQUIRED")]);
    let plain = loaded(&e, json!({ "sourceFormat": "AVRO" }), &avro(None)).await;
    assert_eq!(plain.lines().last(), Some("{\"n\":null,\"s\":\"b\",\"at\":1000000}"), "{plain}");
    let whole = avro(Some(CompressionCodec::Deflate));
    for cut in [3, whole.len() / 2, whole.len() - 20, whole.len() - 1] {
        let found = loaded(&e, options.clone(), &whole[..cut]).await;
        assert!(found.starts_with("error: Error while reading data"), "{cut}: {found}");
        assert_eq!(e.count("t").await, "2");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_are_added_and_relaxed_with_the_rows_or_not_at_all() {
    let (_dir, e) = endpoint().await;
    e.dataset().await;
    e.table("t", json!([{ "name": "n", "type": "INTEGER", "mode": "REQUIRED" }])).await;
    let ndjson = |schema: &str, update: Value| json!({ "sourceFormat": "NEWLINE_DELIMITED_JSON", "schema": columns(schema), "schemaUpdateOptions": update });
    let both = json!(["ALLOW_FIELD_ADDITION", "ALLOW_FIELD_RELAXATION"]);
    let cases = [
        ("n INTEGER REQUIRED, s STRING", json!([]), "{\"n\":1}", "Cannot add fields (field: s)"),
        ("n INTEGER", json!([]), "{\"n\":1}", "Field n has changed mode from REQUIRED to NULLABLE"),
        ("n STRING", both.clone(), "{\"n\":\"1\"}", "Field n has changed type from INTEGER to STRING"),
        ("n INTEGER, s STRING", both.clone(), "{\"n\":\"x\"}", "Cannot convert value to integer"),
        ("n INTEGER REQUIRED, s STRING", json!(["ALLOW_FIELD_ADDITION"]), "{\"n\":1,\"s\":\"a\"}", ""),
        ("n INTEGER, s STRING", both, "{\"s\":\"b\"}", ""),
    ];
    for (schema, update, row, error) in cases {
        let before = e.ok("GET", "{p}/datasets/d/tables/t", Value::Null).await;
        let job = e.load("t", ndjson(schema, update.clone()), row.as_bytes()).await;
        let told = job["status"]["errors"].to_string();
        if error.is_empty() {
            assert_eq!(job["status"].get("errorResult"), None, "{schema} {update}: {told}");
        } else {
            assert!(told.contains(error), "{schema} {update}: {told}");
            assert_eq!(e.ok("GET", "{p}/datasets/d/tables/t", Value::Null).await["etag"], before["etag"], "{schema} {update}");
        }
    }
    assert_eq!(first_row(&e.query("SELECT STRING_AGG(s ORDER BY s), SUM(n) FROM d.t").await), [json!("a,b"), json!("1")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partition_is_written_listed_and_removed_alone() {
    let (_dir, e) = endpoint().await;
    e.dataset().await;
    let body = json!({ "tableReference": { "tableId": "t" }, "schema": columns("d DATE, n INTEGER"), "timePartitioning": { "type": "MONTH", "field": "d" } });
    e.ok("POST", "{p}/datasets/d/tables", body).await;
    let load = |table: &'static str, disposition: &'static str, rows: &'static str| {
        let options = json!({ "sourceFormat": "CSV", "writeDisposition": disposition });
        let e = &e;
        async move { e.load(table, options, rows.as_bytes()).await["status"]["errorResult"]["message"].as_str().unwrap_or_default().to_owned() }
    };
    assert_eq!(load("t", "WRITE_APPEND", "2024-03-01,1\n2024-03-31,2\n2024-04-01,3\n,4\n").await, "");
    assert_eq!(load("t$202403", "WRITE_TRUNCATE", "2024-03-15,10\n").await, "");
    assert!(
        load("t$202403", "WRITE_TRUNCATE", "2024-05-15,10\n")
            .await
            .contains("different partitions rather than destination partition 202403")
    );
    assert!(load("t$202404", "WRITE_EMPTY", "2024-04-15,10\n").await.contains("Already Exists"));
    assert!(load("t$20240401", "WRITE_APPEND", "2024-04-15,10\n").await.contains("Invalid partition id"));
    assert_eq!(load("t$202405", "WRITE_EMPTY", "2024-05-15,5\n").await, "");
    let listed = e.ok("GET", "{p}/datasets/d/tables/t$__PARTITIONS_SUMMARY__/data?selectedFields=partition_id", Value::Null).await;
    let ids: Vec<_> = listed["rows"].as_array().unwrap().iter().map(|row| row["f"][0]["v"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids, ["202403", "202404", "202405", "__NULL__"]);
    let march = e.ok("GET", "{p}/datasets/d/tables/t$202403/data?selectedFields=n", Value::Null).await;
    assert_eq!((&march["totalRows"], first_row(&march)), (&json!("1"), vec![json!("10")]));
    let copy = json!({ "configuration": { "copy": {
        "sourceTable": { "datasetId": "d", "tableId": "t$202403" }, "destinationTable": { "datasetId": "d", "tableId": "march" } } } });
    let job = e.ok("POST", "{p}/jobs", copy).await;
    e.finished(job["jobReference"]["jobId"].as_str().unwrap()).await;
    assert_eq!(e.count("march").await, "1");
    e.ok("DELETE", "{p}/datasets/d/tables/t$202404", Value::Null).await;
    assert_eq!(first_row(&e.query("SELECT STRING_AGG(CAST(n AS STRING) ORDER BY n) FROM d.t").await), [json!("4,5,10")]);
}
