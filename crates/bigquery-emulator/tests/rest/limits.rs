//! What a field allows beyond its type, and its default: told by the API and by SQL, kept to by whatever writes rows.

use serde_json::{Value, json};

use crate::endpoint::{Endpoint, endpoint, first_row};

/// A table by the REST API, and one by SQL, that are the same.
async fn tables(e: &Endpoint) {
    e.dataset().await;
    let fields = json!([
        { "name": "id", "type": "INTEGER", "mode": "REQUIRED", "defaultValueExpression": "7" },
        { "name": "s", "type": "STRING", "maxLength": "5", "defaultValueExpression": "'ab'" },
        { "name": "b", "type": "BYTES", "maxLength": "2" },
        { "name": "n", "type": "NUMERIC", "precision": "5", "scale": "2" },
        { "name": "g", "type": "BIGNUMERIC", "precision": "38" },
        { "name": "l", "type": "STRING", "mode": "REPEATED", "maxLength": "3" },
        { "name": "r", "type": "RECORD", "fields": [{ "name": "x", "type": "STRING", "maxLength": "1" }] },
        { "name": "at", "type": "TIMESTAMP", "defaultValueExpression": "CURRENT_TIMESTAMP()" },
    ]);
    e.table("rest", fields).await;
    e.query(
        "CREATE TABLE d.sql (id INT64 DEFAULT 7 NOT NULL, s STRING(5) DEFAULT 'ab', b BYTES(2), n NUMERIC(5, 2), g BIGNUMERIC(38),
            l ARRAY<STRING(3)>, r STRUCT<x STRING(1)>, at TIMESTAMP DEFAULT CURRENT_TIMESTAMP())",
    )
    .await;
}

async fn rows(e: &Endpoint, sql: &str) -> Vec<String> {
    let answer = e.query(sql).await;
    let text = |cell: &Value| cell["v"].as_str().unwrap_or("null").to_owned();
    let row = |row: &Value| row["f"].as_array().unwrap().iter().map(text).collect::<Vec<_>>().join("|");
    answer["rows"].as_array().into_iter().flatten().map(row).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_and_defaults_are_told() {
    let (dir, e) = endpoint().await;
    tables(&e).await;
    let schema = |table: &Value| table["schema"]["fields"].clone();
    let of_rest = schema(&e.ok("GET", "{p}/datasets/d/tables/rest", Value::Null).await);
    assert_eq!(of_rest, schema(&e.ok("GET", "{p}/datasets/d/tables/sql", Value::Null).await));
    assert_eq!((&of_rest[1]["maxLength"], &of_rest[3]["precision"], &of_rest[3]["scale"]), (&json!("5"), &json!("5"), &json!("2")));
    let told = "SELECT column_name, data_type, column_default FROM d.INFORMATION_SCHEMA.COLUMNS WHERE table_name = 'rest' ORDER BY ordinal_position";
    assert_eq!(
        rows(&e, told).await,
        [
            "id|INT64|7",
            "s|STRING(5)|'ab'",
            "b|BYTES(2)|NULL",
            "n|NUMERIC(5, 2)|NULL",
            "g|BIGNUMERIC(38)|NULL",
            "l|ARRAY<STRING(3)>|NULL",
            "r|STRUCT<x STRING(1)>|NULL",
            "at|TIMESTAMP|CURRENT_TIMESTAMP()",
        ]
    );
    for (field, part) in [
        (json!({ "name": "x", "type": "INTEGER", "maxLength": "5" }), "maxLength"),
        (json!({ "name": "x", "type": "NUMERIC", "precision": "39", "scale": "9" }), "In NUMERIC(P, 9), P must be between 9 and 38"),
        (json!({ "name": "x", "type": "NUMERIC", "scale": "2" }), "scale needs a precision"),
        (json!({ "name": "x", "type": "STRING", "defaultValueExpression": "y" }), "cannot have the name y"),
        (json!({ "name": "x", "type": "STRING", "defaultValueExpression": "(SELECT 1)" }), "cannot have a subquery"),
        (
            json!({ "name": "x", "type": "RECORD", "fields": [{ "name": "y", "type": "STRING", "defaultValueExpression": "'a'" }] }),
            "nested field y",
        ),
    ] {
        let body = json!({ "tableReference": { "tableId": "t" }, "schema": { "fields": [field] } });
        let (status, answer) = e.call("POST", "{p}/datasets/d/tables", body).await;
        assert!(status == 400 && answer["error"]["message"].as_str().unwrap().contains(part), "{part}: {answer}");
    }
    // Limits may be widened and taken away, not narrowed.
    for (length, status) in [("9", 200), ("8", 400), ("0", 200), ("8", 400)] {
        let mut fields = of_rest.clone();
        fields[1]["maxLength"] = json!(length);
        let (told, answer) = e.call("PATCH", "{p}/datasets/d/tables/rest", json!({ "schema": { "fields": fields } })).await;
        assert_eq!(told, status, "{length}: {answer}");
    }
    e.stop().await;
    let again = Endpoint::start(dir.path()).await;
    assert_eq!(of_rest, schema(&again.ok("GET", "{p}/datasets/d/tables/sql", Value::Null).await), "a restart keeps them");
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_writes_rows_keeps_to_the_limits() {
    let (_dir, e) = endpoint().await;
    tables(&e).await;
    for (column, value, told) in [
        ("s", "'sechs!'", "STRING(5) has maximum length 5 but got a value with length 6"),
        ("b", "b'abc'", "BYTES(2) has maximum length 2 but got a value with length 3"),
        ("n", "NUMERIC '999.995'", "NUMERIC(5, 2) has precision 5 and scale 2 but got a value that is not in range of [-999.99, 999.99]"),
        ("l", "['abc', 'abcd']", "STRING(3) has maximum length 3"),
        ("r", "STRUCT('xy')", "STRING(1) has maximum length 1"),
    ] {
        for sql in [format!("INSERT d.sql ({column}) VALUES ({value})"), format!("INSERT d.rest (id, {column}) SELECT 1, {value}")] {
            let (status, answer) = e.call("POST", "{p}/queries", json!({ "query": sql, "useLegacySql": false })).await;
            assert!(status == 400 && answer["error"]["message"].as_str().unwrap().contains(told), "{sql}: {answer}");
        }
    }
    assert_eq!((e.count("sql").await, e.count("rest").await), ("0".to_owned(), "0".to_owned()));
    // What fits is kept, decimals rounded half away from zero.
    e.query("INSERT d.sql (id, s, b, n, g, l, r) VALUES (1, 'fünf!', b'ab', NUMERIC '-1.235', BIGNUMERIC '2.5', ['abc'], STRUCT('x'))")
        .await;
    assert_eq!(rows(&e, "SELECT s, n, g FROM d.sql").await, ["fünf!|-1.24|3"]);
    let (status, _) =
        e.call("POST", "{p}/queries", json!({ "query": "UPDATE d.sql SET s = 'sechs!' WHERE TRUE", "useLegacySql": false })).await;
    assert_eq!(status, 400);
    // Streamed rows and loads tell which row it was.
    let streamed =
        json!({ "rows": [{ "json": { "id": 1, "s": "gut" } }, { "json": { "id": 2, "s": "zu lang" } }], "skipInvalidRows": true });
    let answer = e.ok("POST", "{p}/datasets/d/tables/rest/insertAll", streamed).await;
    assert_eq!(
        (&answer["insertErrors"][0]["index"], &answer["insertErrors"][0]["errors"][0]["location"]),
        (&json!(1), &json!("s")),
        "{answer}"
    );
    assert_eq!(e.count("rest").await, "1");
    let load = |format: &str, bad: u64| json!({ "sourceFormat": format, "maxBadRecords": bad });
    for (format, media) in [("NEWLINE_DELIMITED_JSON", &b"{\"id\":3,\"s\":\"zu lang\"}\n{\"id\":4,\"n\":1.005}\n"[..])] {
        let failed = e.load("rest", load(format, 0), media).await;
        assert_eq!(failed["status"]["errorResult"]["reason"], "invalid", "{failed:#}");
        let done = e.load("rest", load(format, 1), media).await;
        assert_eq!(
            (&done["statistics"]["load"]["badRecords"], &done["statistics"]["load"]["outputRows"]),
            (&json!("1"), &json!("1")),
            "{done:#}"
        );
    }
    assert_eq!(rows(&e, "SELECT n FROM d.rest WHERE id = 4").await, ["1.01"]);
    let csv = json!({ "sourceFormat": "CSV", "schema": { "fields": [{ "name": "id", "type": "INTEGER", "mode": "REQUIRED" }, { "name": "s", "type": "STRING", "maxLength": "5" }] } });
    let failed = e.load("rest", csv.clone(), b"5,zu lang\n").await;
    assert!(failed["status"].to_string().contains("STRING(5) has maximum length 5"), "{failed:#}");
    assert_eq!(e.count("rest").await, "2");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_out_has_its_default() {
    let (_dir, e) = endpoint().await;
    tables(&e).await;
    e.query("INSERT d.sql (n) VALUES (1)").await;
    e.query("INSERT d.sql (id, s, at) VALUES (DEFAULT, NULL, DEFAULT)").await;
    e.query("INSERT d.sql (id) SELECT 8").await;
    e.query("MERGE d.sql USING (SELECT 9 AS i) ON id = i WHEN NOT MATCHED THEN INSERT (id) VALUES (i)").await;
    let found = "SELECT id, s, TIMESTAMP_DIFF(CURRENT_TIMESTAMP(), at, HOUR) FROM d.sql ORDER BY id, s";
    assert_eq!(rows(&e, found).await, ["7|null|0", "7|ab|0", "8|ab|0", "9|ab|0"]);
    e.query("UPDATE d.sql SET id = DEFAULT, s = DEFAULT WHERE id > 7 OR s IS NULL").await;
    assert_eq!(rows(&e, "SELECT DISTINCT id, s FROM d.sql").await, ["7|ab"]);
    // No SQL runs for streamed rows and loads: what would have to be computed is refused by name.
    let stream = async |row: Value| e.ok("POST", "{p}/datasets/d/tables/rest/insertAll", json!({ "rows": [{ "json": row }] })).await;
    assert_eq!(stream(json!({ "s": "x" })).await.get("insertErrors"), None);
    assert_eq!(stream(json!({ "s": null, "at": null })).await.get("insertErrors"), None);
    let found = "SELECT id, s, TIMESTAMP_DIFF(CURRENT_TIMESTAMP(), at, HOUR) FROM d.rest ORDER BY s";
    assert_eq!(rows(&e, found).await, ["7|null|null", "7|x|0"]);
    e.query(r"CREATE TABLE d.c (a INT64, q STRING DEFAULT 'l\'a\\b', c STRING DEFAULT CONCAT('a', 'b'))").await;
    let refused = e.ok("POST", "{p}/datasets/d/tables/c/insertAll", json!({ "rows": [{ "json": { "a": 1 } }] })).await;
    let told = refused["insertErrors"][0]["errors"][0]["message"].as_str().unwrap().to_owned();
    assert!(told.contains("CONCAT('a', 'b'), is not supported by the embedded endpoint"), "{refused}");
    assert_eq!(
        e.ok("POST", "{p}/datasets/d/tables/c/insertAll", json!({ "rows": [{ "json": { "c": "x" } }] })).await.get("insertErrors"),
        None
    );
    e.query("INSERT d.c (a) VALUES (1)").await;
    assert_eq!(rows(&e, "SELECT c, q FROM d.c ORDER BY a").await, [r"x|l'a\b", r"ab|l'a\b"]);
    e.query("CREATE OR REPLACE TABLE d.t (a INT64, u STRING DEFAULT GENERATE_UUID(), k DATE DEFAULT DATE '2024-02-29')").await;
    let fields = json!({ "fields": [{ "name": "a", "type": "INTEGER" }] });
    for (format, media) in [("CSV", &b"1\n2\n"[..]), ("NEWLINE_DELIMITED_JSON", b"{\"a\":3}\n{\"a\":4}\n")] {
        let done = e.load("t", json!({ "sourceFormat": format, "schema": fields }), media).await;
        assert_eq!(done["statistics"]["load"]["outputRows"], "2", "{done:#}");
    }
    let counted = first_row(&e.query("SELECT COUNT(DISTINCT u), COUNTIF(k = DATE '2024-02-29') FROM d.t").await);
    assert_eq!(counted, [json!("4"), json!("4")]);
}
