//! Queries: encoding, parameters, paging.

use serde_json::{Value, json};

use crate::endpoint::{endpoint, first_row};

#[tokio::test(flavor = "multi_thread")]
async fn queries_answer_in_bigquerys_encoding() {
    let (_dir, e) = endpoint().await;
    let answer = e
        .query("SELECT 42 AS i, 1.5 AS f, TRUE AS b, 'x' AS s, b'hi' AS y, DATE '2024-03-01' AS d, TIMESTAMP '2024-03-01 12:34:56.5+00' AS t, [1, 2] AS a, STRUCT(1 AS p, 'q' AS q) AS r, CAST(NULL AS INT64) AS n, CAST('nan' AS FLOAT64) AS nan, NUMERIC '1.50' AS m")
        .await;
    assert_eq!(answer["jobComplete"], true);
    assert_eq!(answer["totalRows"], "1");
    let types: Vec<&str> = answer["schema"]["fields"].as_array().unwrap().iter().map(|f| f["type"].as_str().unwrap()).collect();
    assert_eq!(
        types,
        ["INTEGER", "FLOAT", "BOOLEAN", "STRING", "BYTES", "DATE", "TIMESTAMP", "INTEGER", "RECORD", "INTEGER", "FLOAT", "NUMERIC"]
    );
    assert_eq!(answer["schema"]["fields"][7]["mode"], "REPEATED");
    assert_eq!(
        first_row(&answer),
        [
            json!("42"),
            json!("1.5"),
            json!("true"),
            json!("x"),
            json!("aGk="),
            json!("2024-03-01"),
            json!("1.7092964965E9"),
            json!([{ "v": "1" }, { "v": "2" }]),
            json!({ "f": [{ "v": "1" }, { "v": "q" }] }),
            Value::Null,
            json!("NaN"),
            json!("1.5"),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn ranges_are_written_with_ends_like_cells() {
    let (_dir, e) = endpoint().await;
    let sql = "SELECT RANGE<DATE> '[2024-01-01, UNBOUNDED)' AS d, RANGE<DATETIME> '[2024-01-01 00:00:00, 2024-01-02 03:04:05.5)' AS t, \
               RANGE<TIMESTAMP> '[1970-01-01 00:00:01+00, UNBOUNDED)' AS s, JSON '{\"a\": 1}' AS j, INTERVAL 1 DAY AS i";
    let body = json!({ "query": sql, "useLegacySql": false, "formatOptions": { "useInt64Timestamp": true } });
    let answer = e.ok("POST", "{p}/queries", body).await;
    let field = &answer["schema"]["fields"][1];
    assert_eq!((&field["type"], &field["rangeElementType"]), (&json!("RANGE"), &json!({ "type": "DATETIME" })));
    assert_eq!(
        first_row(&answer),
        [
            json!("[2024-01-01, UNBOUNDED)"),
            json!("[2024-01-01T00:00:00, 2024-01-02T03:04:05.500000)"),
            json!("[1000000, UNBOUNDED)"),
            json!("{\"a\":1}"),
            json!("0-0 1 0:0:0"),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_reach_the_query() {
    let (_dir, e) = endpoint().await;
    let scalar = |t: &str, v: Value| json!({ "parameterType": { "type": t }, "parameterValue": { "value": v } });
    let named = |name: &str, mut p: Value| {
        p["name"] = name.into();
        p
    };
    let array = json!({
        "parameterType": { "type": "ARRAY", "arrayType": { "type": "STRING" } },
        "parameterValue": { "arrayValues": [{ "value": "a" }, { "value": "b" }] },
    });
    let structure = json!({
        "parameterType": { "type": "STRUCT", "structTypes": [{ "name": "x", "type": { "type": "INT64" } }] },
        "parameterValue": { "structValues": { "x": { "value": "7" } } },
    });
    let cases = [
        ("SELECT @a + 1", json!([named("a", scalar("INT64", json!("41")))]), json!("42")),
        ("SELECT @a + 1", json!([named("@`a`", scalar("INT64", json!(41)))]), json!("42")),
        ("SELECT IF(@b, 'y', 'n')", json!([named("b", scalar("BOOL", json!(true)))]), json!("y")),
        ("SELECT CONCAT(?, ?)", json!([scalar("STRING", json!("o'")), scalar("STRING", json!("k"))]), json!("o'k")),
        ("SELECT 'b' IN UNNEST(@l)", json!([named("l", array)]), json!("true")),
        ("SELECT @s.x", json!([named("s", structure)]), json!("7")),
        ("SELECT @d", json!([named("d", scalar("DATE", json!("2024-03-01")))]), json!("2024-03-01")),
        ("SELECT @n IS NULL", json!([named("n", scalar("STRING", Value::Null))]), json!("true")),
    ];
    for (sql, parameters, expected) in cases {
        let body = json!({ "query": sql, "useLegacySql": false, "queryParameters": parameters });
        let (status, answer) = e.call("POST", "{p}/queries", body).await;
        assert_eq!(status, 200, "{sql}: {answer:#}");
        assert_eq!(first_row(&answer)[0], expected, "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn large_results_come_in_pages() {
    let (_dir, e) = endpoint().await;
    let body = json!({
        "query": "SELECT n FROM UNNEST(GENERATE_ARRAY(1, 25000)) AS n ORDER BY n",
        "useLegacySql": false, "maxResults": 10_000, "requestId": "r-1",
    });
    let first = e.ok("POST", "{p}/queries", body.clone()).await;
    assert_eq!(first["totalRows"], "25000");
    let again = e.ok("POST", "{p}/queries", body).await;
    assert_eq!(again["jobReference"], first["jobReference"]);
    let job = first["jobReference"]["jobId"].as_str().unwrap();
    let mut page = first.clone();
    let mut seen = Vec::new();
    loop {
        for row in page["rows"].as_array().unwrap() {
            seen.push(row["f"][0]["v"].as_str().unwrap().parse::<u64>().unwrap());
        }
        let Some(token) = page["pageToken"].as_str() else { break };
        page = e.ok("GET", &format!("{{p}}/queries/{job}?pageToken={token}&maxResults=10000"), Value::Null).await;
    }
    assert_eq!(seen, (1..=25_000).collect::<Vec<_>>());
    let none = e.ok("GET", &format!("{{p}}/queries/{job}?maxResults=0"), Value::Null).await;
    assert_eq!((&none["totalRows"], none.get("rows")), (&json!("25000"), None));
    let token = none["pageToken"].as_str().unwrap();
    let rows = e.ok("GET", &format!("{{p}}/queries/{job}?pageToken={token}&maxResults=1"), Value::Null).await;
    assert_eq!(first_row(&rows), [json!("1")]);
    let tail = e.ok("GET", &format!("{{p}}/queries/{job}?startIndex=24999"), Value::Null).await;
    assert_eq!(first_row(&tail), [json!("25000")]);
    // Some clients read on through the destination table that the job names.
    let resource = e.finished(job).await;
    let table = &resource["configuration"]["query"]["destinationTable"];
    let path = format!(
        "{{p}}/datasets/{}/tables/{}/data?startIndex=24998",
        table["datasetId"].as_str().unwrap(),
        table["tableId"].as_str().unwrap()
    );
    assert_eq!(e.ok("GET", &path, Value::Null).await["rows"].as_array().unwrap().len(), 2);
    // Wide rows end a page before its rows are as many as asked.
    let wide = e.query("SELECT REPEAT('x', 1000000) AS s FROM UNNEST(GENERATE_ARRAY(1, 25))").await;
    assert_eq!(wide["totalRows"], "25");
    assert!(wide["rows"].as_array().unwrap().len() < 12);
    assert!(wide["pageToken"].is_string());
}
