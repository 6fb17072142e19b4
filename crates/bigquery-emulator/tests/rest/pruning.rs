//! Bytes follow what is read: columns, and the partitions that conditions leave.

use serde_json::{Value, json};

use crate::endpoint::{Endpoint, endpoint};

async fn check(e: &Endpoint, sql: &str, bytes: u64) {
    let told = e.ok("POST", "{p}/queries", json!({ "query": sql, "useLegacySql": false, "dryRun": true })).await;
    assert_eq!(told["totalBytesProcessed"], bytes.to_string(), "{sql}");
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_are_those_of_the_columns_and_partitions_that_are_read() {
    let (_dir, e) = endpoint().await;
    e.dataset().await;
    e.query("CREATE TABLE d.p (at TIMESTAMP, n INT64, s STRING) PARTITION BY DATE(at)").await;
    e.query(
        "INSERT INTO d.p (at, n, s) VALUES (TIMESTAMP '2024-03-01 00:00:00+00', 1, 'a'), (TIMESTAMP '2024-03-03 10:00:00+00', 4, NULL), \
         (TIMESTAMP '2024-03-02 11:00:00+00', 3, 'bbbb'), (NULL, 7, 'x'), (TIMESTAMP '2024-03-01 23:59:59.999999+00', 2, 'b')",
    )
    .await;
    // A second file.
    e.query(
        "INSERT INTO d.p (at, n, s) VALUES (TIMESTAMP '2024-03-03 00:00:00+00', 5, NULL), (TIMESTAMP '2024-03-03 23:00:00+00', 6, NULL)",
    )
    .await;
    // 8 for each time and number; 2 and their letters for texts; nothing for NULL.
    let (first, second, third, nulls) = (2 * 16 + 2 * 3, 16 + 6, 3 * 16, 8 + 3);
    let whole = first + second + third + nulls;
    for (condition, bytes) in [
        ("TRUE", whole - 6 * 8),
        ("n = 3", whole - 6 * 8),
        ("at >= TIMESTAMP '2024-03-02 00:00:00+00' AND at < TIMESTAMP '2024-03-03 00:00:00+00'", second),
        ("at = TIMESTAMP '2024-03-01 23:59:59.999999+00' AND n = 9", first),
        ("DATE(at) = '2024-03-02'", second),
        ("DATE(at) BETWEEN '2024-03-02' AND DATE '2024-03-03'", second + third),
        ("DATE(at) IN ('2024-03-01', '2024-03-03')", first + third),
        ("DATE(at) = '2024-03-01' OR DATE(at) = '2024-03-02'", first + second),
        // A partition is read as a whole.
        ("at > TIMESTAMP '2024-03-02 23:00:00+00'", second + third),
        ("at < TIMESTAMP '2023-01-01 00:00:00+00'", 0),
        ("at IS NULL", nulls),
        ("at IS NOT NULL", first + second + third),
        // Not a condition on the column alone.
        ("DATE(at) = '2024-03-01' OR n = 1", whole),
        ("EXTRACT(HOUR FROM at) = 11", whole),
    ] {
        check(&e, &format!("SELECT n, s FROM d.p WHERE {condition}"), bytes).await;
    }
    check(&e, "SELECT n FROM d.p WHERE DATE(at) = '2024-03-02'", 16).await;
    let twice = "SELECT (SELECT COUNT(n) FROM d.p WHERE DATE(at) = '2024-03-02'), (SELECT COUNT(n) FROM d.p WHERE DATE(at) = '2024-03-01')";
    check(&e, twice, 3 * 16).await;
    // What is read is what is told, and the answer the same.
    let answer = e.query("SELECT s FROM d.p WHERE DATE(at) = '2024-03-02'").await;
    assert_eq!((&answer["totalBytesProcessed"], &answer["rows"][0]["f"][0]["v"]), (&json!("14"), &json!("bbbb")));

    e.query("CREATE TABLE d.m (day DATE, n INT64) PARTITION BY DATE_TRUNC(day, MONTH)").await;
    e.query("INSERT INTO d.m (day, n) VALUES ('2023-12-31', 1), ('2024-01-01', 2), ('2024-01-31', 3), ('2024-02-29', 4)").await;
    check(&e, "SELECT n FROM d.m WHERE day >= '2024-01-15' AND day < '2024-02-01'", 32).await;
    check(&e, "SELECT n FROM d.m WHERE day < '2024-01-01'", 16).await;
    e.query("CREATE TABLE d.r (id INT64, s STRING) PARTITION BY RANGE_BUCKET(id, GENERATE_ARRAY(0, 100, 10))").await;
    e.query("INSERT INTO d.r (id, s) VALUES (5, 'a'), (9, 'b'), (10, 'c'), (95, 'd'), (100, 'e'), (-1, 'f'), (NULL, 'g')").await;
    // Numbers outside of all ranges lie in a partition that no condition rules out.
    let outside = 2 * (8 + 3);
    check(&e, "SELECT s FROM d.r WHERE id = 7", 2 * 11 + outside).await;
    check(&e, "SELECT s FROM d.r WHERE id >= 10 AND id < 20", 11 + outside).await;
    check(&e, "SELECT s FROM d.r", 7 * 3).await;
    e.ok("DELETE", "{p}/datasets/d/tables/p", Value::Null).await;
}
