//! DDL, DML and views, statement by statement as jobs: what they tell in their statistics and what they leave in the tables.

use serde_json::{Value, json};

use crate::endpoint::{Endpoint, PROJECT, endpoint};

/// The rows of a query, cells parted by `|`.
async fn rows(e: &Endpoint, sql: &str) -> Vec<String> {
    let answer = e.query(sql).await;
    let cell = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    let row = |r: &Value| r["f"].as_array().unwrap().iter().map(|c| cell(&c["v"])).collect::<Vec<_>>().join("|");
    answer["rows"].as_array().map(|rows| rows.iter().map(row).collect()).unwrap_or_default()
}

/// `statistics.query` of the job of a statement.
async fn statistics(e: &Endpoint, sql: &str) -> Value {
    let answer = e.query(sql).await;
    let id = answer["jobReference"]["jobId"].as_str().unwrap();
    e.finished(id).await["statistics"]["query"].clone()
}

async fn message(e: &Endpoint, sql: &str) -> (u16, String) {
    let (status, answer) = e.call("POST", "{p}/queries", json!({ "query": sql, "useLegacySql": false })).await;
    (status, answer["error"]["message"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_tell_how_many_rows_they_touched() {
    let (_dir, e) = endpoint().await;
    e.dataset().await;
    e.query("CREATE TABLE d.t (id INT64 NOT NULL, name STRING, day DATE, tags ARRAY<STRING>, price NUMERIC)").await;
    e.query("CREATE TABLE d.s AS SELECT 2 AS id, 'zwei' AS name UNION ALL SELECT 4, 'vier'").await;
    let cases = [
        (
            "INSERT d.t (id, name, day, price) VALUES (1, 'a', '2024-01-02', 1.5), (2, 'b', NULL, NULL), (3, 'c', DATE '2024-03-04', 7)",
            "INSERT",
            json!({ "insertedRowCount": "3" }),
            "3",
        ),
        ("INSERT INTO d.t (id, name) SELECT id + 10, UPPER(name) FROM d.s", "INSERT", json!({ "insertedRowCount": "2" }), "2"),
        ("UPDATE d.t SET name = CONCAT(name, '!'), price = price * 2 WHERE id IN (1, 3)", "UPDATE", json!({ "updatedRowCount": "2" }), "2"),
        ("UPDATE d.t AS x SET name = s.name FROM d.s AS s WHERE x.id = s.id", "UPDATE", json!({ "updatedRowCount": "1" }), "1"),
        ("DELETE d.t WHERE id > (SELECT 10 + MIN(id) FROM d.s)", "DELETE", json!({ "deletedRowCount": "1" }), "1"),
        ("DELETE FROM d.t WHERE FALSE", "DELETE", json!({ "deletedRowCount": "0" }), "0"),
        (
            "MERGE d.t AS t USING d.s AS s ON t.id = s.id WHEN MATCHED THEN UPDATE SET name = 'both' WHEN NOT MATCHED THEN INSERT (id, name) VALUES (id, name) WHEN NOT MATCHED BY SOURCE AND t.id = 12 THEN DELETE",
            "MERGE",
            json!({ "insertedRowCount": "1", "updatedRowCount": "1", "deletedRowCount": "1" }),
            "3",
        ),
    ];
    for (sql, statement, counts, affected) in cases {
        let query = statistics(&e, sql).await;
        assert_eq!(query["statementType"], statement, "{sql}");
        assert_eq!(query["dmlStats"], counts, "{sql}");
        assert_eq!(query["numDmlAffectedRows"], affected, "{sql}");
    }
    assert_eq!(
        rows(&e, "SELECT id, name, day, price FROM d.t ORDER BY id").await,
        ["1|a!|2024-01-02|3", "2|both|null|null", "3|c!|2024-03-04|14", "4|vier|null|null"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_that_are_refused_change_nothing() {
    let (_dir, e) = endpoint().await;
    e.dataset().await;
    e.query("CREATE TABLE d.t (id INT64 NOT NULL, name STRING)").await;
    e.query("INSERT d.t VALUES (1, 'a'), (2, 'b')").await;
    e.query("CREATE VIEW d.v AS SELECT * FROM d.t").await;
    let cases = [
        ("DELETE FROM d.t", 400, "DELETE must have a WHERE clause at [1:1]"),
        ("UPDATE d.t SET name = 'x'", 400, "UPDATE must have a WHERE clause at [1:1]"),
        ("INSERT d.t (id) VALUES (1, 2)", 400, "Inserted row has wrong column count; Has 2, expected 1 at [1:25]"),
        ("INSERT d.t (id, nam) VALUES (1, 'x')", 400, "Column nam is not present in table quaver-local:d.t at [1:17]"),
        ("INSERT d.t (id) VALUES ('x')", 400, "Value has type STRING which cannot be inserted into column id, which has type INT64"),
        ("INSERT d.t (name) VALUES ('x')", 400, "Required field id cannot be null"),
        (
            "UPDATE d.t SET name = s.n FROM UNNEST([STRUCT(1 AS i, 'x' AS n), STRUCT(1, 'y')]) AS s WHERE id = s.i",
            400,
            "UPDATE/MERGE must match at most one source row for each target row",
        ),
        (
            "UPDATE d.t SET id = 1 / 0 WHERE TRUE",
            400,
            "Value has type FLOAT64 which cannot be inserted into column id, which has type INT64",
        ),
        ("UPDATE d.t SET id = DIV(1, 0) WHERE TRUE", 400, "division by zero: 1 / 0"),
        ("INSERT d.v VALUES (3, 'c')", 400, "DML over view quaver-local:d.v is not supported"),
        ("INSERT d.missing VALUES (3)", 404, "Not found: Table quaver-local:d.missing was not found in location US"),
        ("CREATE TABLE d.t (x INT64)", 409, "Already Exists: Table quaver-local:d.t"),
        ("DROP TABLE d.v", 400, "Cannot drop quaver-local:d.v which has type VIEW. Use DROP VIEW instead of DROP TABLE."),
        ("DROP SCHEMA d", 400, "Dataset quaver-local:d is still in use"),
        ("BEGIN TRANSACTION", 501, "Statement BEGIN TRANSACTION is not supported by the embedded endpoint"),
        ("DECLARE x INT64; SELECT x", 501, "Statement DECLARE is not supported by the embedded endpoint"),
        ("SELECT 1; SELECT 1 / 0", 400, "division by zero: 1 / 0"),
        (
            "SELECT 1; IF FALSE THEN SELECT 'it''s'; END IF",
            400,
            "Syntax error: concatenated string literals need to be separated by whitespace or comments at [1:32]",
        ),
        ("LOOP RAISE USING MESSAGE = CONCAT('a', 'b'); END LOOP", 400, "Query error: ab"),
        ("DECLARE x INT64", 501, "Statement DECLARE is not supported by the embedded endpoint"),
    ];
    for (sql, status, wanted) in cases {
        assert_eq!(message(&e, sql).await, (status, wanted.to_owned()), "{sql}");
    }
    assert_eq!(rows(&e, "SELECT id, name FROM d.v ORDER BY id").await, ["1|a", "2|b"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_runs_what_its_conditions_say() {
    let (_dir, e) = endpoint().await;
    let script = "CREATE SCHEMA s; CREATE TABLE s.t (x INT64);
        WHILE (SELECT COUNT(*) FROM s.t) < 5 DO
          INSERT s.t SELECT COUNT(*) FROM s.t;
          IF (SELECT MAX(x) FROM s.t) = 3 THEN BREAK; ELSEIF FALSE THEN DROP TABLE s.t; END IF;
        END WHILE;
        REPEAT DELETE s.t WHERE x = 0; UNTIL NOT EXISTS (SELECT 1 FROM s.t WHERE x = 0) END REPEAT;
        CASE (SELECT COUNT(*) FROM s.t) WHEN 7 THEN DROP TABLE s.t; ELSE EXECUTE IMMEDIATE 'UPDATE s.t SET x = 10 * x WHERE TRUE'; END CASE;
        BEGIN SELECT x FROM s.t ORDER BY x; END;
        IF TRUE THEN RETURN; END IF; DROP TABLE s.t";
    let (status, answer) = e.call("POST", "{p}/queries", json!({ "query": script, "useLegacySql": false, "timeoutMs": 60_000 })).await;
    assert_eq!(status, 200, "{answer}");
    let got: Vec<&str> = answer["rows"].as_array().unwrap().iter().map(|row| row["f"][0]["v"].as_str().unwrap()).collect();
    assert_eq!(got, ["10", "20", "30"]);
    assert_eq!(rows(&e, "SELECT SUM(x) FROM s.t").await, ["60"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn definitions_tell_what_was_done() {
    let (_dir, e) = endpoint().await;
    let table = |id: &str| json!({ "projectId": PROJECT, "datasetId": "n", "tableId": id });
    let dataset = json!({ "projectId": PROJECT, "datasetId": "n" });
    let cases = [
        ("CREATE SCHEMA n OPTIONS (description = 'x')", "CREATE_SCHEMA", "CREATE", Value::Null),
        ("CREATE SCHEMA IF NOT EXISTS n", "CREATE_SCHEMA", "SKIP", Value::Null),
        (
            "CREATE TABLE n.t (a INT64, b STRING) PARTITION BY RANGE_BUCKET(a, GENERATE_ARRAY(0, 10, 2)) CLUSTER BY b",
            "CREATE_TABLE",
            "CREATE",
            table("t"),
        ),
        ("CREATE TABLE IF NOT EXISTS n.t (z INT64)", "CREATE_TABLE", "SKIP", table("t")),
        ("CREATE OR REPLACE TABLE n.t (a INT64 OPTIONS (description = 'the a'), b STRING)", "CREATE_TABLE", "REPLACE", table("t")),
        ("ALTER TABLE n.t ADD COLUMN c DATE, ADD COLUMN IF NOT EXISTS a INT64", "ALTER_TABLE", "ALTER", table("t")),
        ("CREATE TABLE n.u (x FLOAT64) AS SELECT 1", "CREATE_TABLE_AS_SELECT", "CREATE", table("u")),
        ("CREATE VIEW n.v AS\nSELECT a AS One, c FROM n.t ORDER BY 1", "CREATE_VIEW", "CREATE", table("v")),
        ("CREATE OR REPLACE VIEW n.v AS SELECT x AS One FROM n.u", "CREATE_VIEW", "REPLACE", table("v")),
        ("ALTER TABLE n.t DROP COLUMN b", "ALTER_TABLE", "ALTER", table("t")),
        ("DROP TABLE IF EXISTS n.nothing", "DROP_TABLE", "SKIP", table("nothing")),
        ("DROP TABLE n.t", "DROP_TABLE", "DROP", table("t")),
    ];
    for (sql, statement, operation, target) in cases {
        let query = statistics(&e, sql).await;
        assert_eq!((&query["statementType"], &query["ddlOperationPerformed"]), (&json!(statement), &json!(operation)), "{sql}");
        assert_eq!(query["ddlTargetTable"], target, "{sql}");
        if target.is_null() {
            assert_eq!(query["ddlTargetDataset"], dataset, "{sql}");
        }
    }
    assert_eq!(rows(&e, "SELECT one FROM n.v").await, ["1.0"]);
    let view = e.ok("GET", "{p}/datasets/n/tables/v", Value::Null).await;
    assert_eq!((&view["type"], &view["view"]["query"]), (&json!("VIEW"), &json!("SELECT x AS One FROM n.u")));
    assert_eq!(view["schema"]["fields"][0]["name"], "One");
    let body = json!({ "tableReference": { "tableId": "w" }, "view": { "query": "SELECT x + 1 AS y FROM n.u", "useLegacySql": false } });
    e.ok("POST", "{p}/datasets/n/tables", body).await;
    assert_eq!(rows(&e, "SELECT y FROM n.w").await, ["2.0"]);
    assert_eq!(e.call("GET", "{p}/datasets/n/tables/w/data", Value::Null).await.0, 400);
    e.query("DROP VIEW n.w").await;
    let truncated = statistics(&e, "TRUNCATE TABLE n.u").await;
    assert_eq!((&truncated["statementType"], &truncated["dmlStats"]), (&json!("TRUNCATE_TABLE"), &json!({ "deletedRowCount": "1" })));
    assert_eq!(rows(&e, "SELECT table_name, table_type FROM n.INFORMATION_SCHEMA.TABLES ORDER BY 1").await, ["u|BASE TABLE", "v|VIEW"]);
    assert_eq!(
        rows(&e, "SELECT column_name, data_type, is_nullable FROM n.INFORMATION_SCHEMA.COLUMNS WHERE table_name = 'u'").await,
        ["x|FLOAT64|YES"]
    );
    assert_eq!(rows(&e, "SELECT schema_name FROM INFORMATION_SCHEMA.SCHEMATA").await, ["n"]);
    assert_eq!(
        rows(&e, "SELECT statement_type FROM `region-us`.INFORMATION_SCHEMA.JOBS WHERE statement_type = 'TRUNCATE_TABLE'").await,
        ["TRUNCATE_TABLE"]
    );
    assert_eq!(statistics(&e, "DROP SCHEMA n CASCADE").await["ddlOperationPerformed"], "DROP");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_of_a_change_changes_nothing() {
    let (_dir, e) = endpoint().await;
    e.dataset().await;
    e.query("CREATE TABLE d.t AS SELECT x FROM UNNEST([1, 2, 3, 4]) AS x").await;
    for (sql, statement, bytes) in [
        ("DELETE FROM d.t WHERE x > 1", "DELETE", "32"),
        ("DROP TABLE d.t", "DROP_TABLE", "0"),
        ("CREATE OR REPLACE TABLE d.t AS SELECT 1 AS x", "CREATE_TABLE_AS_SELECT", "0"),
    ] {
        let body = json!({ "configuration": { "dryRun": true, "query": { "query": sql, "useLegacySql": false } } });
        let job = e.ok("POST", "{p}/jobs", body).await;
        assert_eq!(job["statistics"]["query"]["statementType"], statement, "{sql}");
        assert_eq!(job["statistics"]["totalBytesProcessed"], bytes, "{sql}");
        assert!(job["jobReference"]["jobId"].is_null());
    }
    assert_eq!(e.count("t").await, "4");
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_one_table_at_once_lose_nothing() {
    let (dir, e) = endpoint().await;
    e.dataset().await;
    e.query("CREATE TABLE d.t AS SELECT 0 AS n").await;
    let update = || e.query("UPDATE d.t SET n = n + 1 WHERE TRUE");
    let insert = || e.query("INSERT d.t VALUES (1000)");
    let (a, b, c, d, i, j) = tokio::join!(update(), update(), update(), update(), insert(), insert());
    assert!([a, b, c, d, i, j].iter().all(|answer| answer["jobComplete"] == true));
    assert_eq!(rows(&e, "SELECT MIN(n), COUNT(*) FROM d.t").await, ["4|3"]);
    e.stop().await;
    let again = Endpoint::start(dir.path()).await;
    assert_eq!(rows(&again, "SELECT MIN(n), COUNT(*) FROM d.t").await, ["4|3"]);
}
