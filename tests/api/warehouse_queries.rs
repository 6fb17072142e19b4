//! GoogleSQL that both warehouses answer alike: statements, and what comes of each.

use quaver::warehouse::Cell;

use crate::warehouses::Place;

/// A statement and its rows, cells parted by `|`. `music.` is the dataset of the test.
const ANSWERS: [(&str, &[&str]); 44] = [
    ("SELECT 1 AS n, 'deux' AS s, 3.5 AS f, TRUE AS b, NULL AS z", &["1|deux|3.5|true|NULL"]),
    ("SELECT 7 / 2, DIV(7, 2), MOD(-7, 2), SAFE_DIVIDE(1, 0), ROUND(2.5), ROUND(-2.5), 2 * 3 - 1", &["3.5|3|-1|NULL|3|-3|5"]),
    ("SELECT IEEE_DIVIDE(1, 0), IEEE_DIVIDE(-1, 0), IS_NAN(IEEE_DIVIDE(0, 0))", &["inf|-inf|true"]),
    (
        "SELECT NUMERIC '0.1' + NUMERIC '0.2', BIGNUMERIC '1e-38' * 3, CAST('1.25' AS NUMERIC) * 2",
        &["0.3|0.00000000000000000000000000000000000003|2.5"],
    ),
    (
        "SELECT CAST(2.5 AS INT64), CAST(-2.5 AS INT64), CAST('0x1F' AS INT64), CAST(TRUE AS STRING), SAFE_CAST('x' AS INT64)",
        &["3|-3|31|true|NULL"],
    ),
    (
        "SELECT LENGTH('été'), BYTE_LENGTH('été'), UPPER('é'), REVERSE('abc'), LPAD('7', 3, '0'), SUBSTR('hello', -3)",
        &["3|5|É|cba|007|llo"],
    ),
    (
        "SELECT SPLIT('a,b,,c'), ARRAY_TO_STRING(['x', NULL, 'z'], '-'), ARRAY_LENGTH([1, 2]), [1, 2, 3][OFFSET(1)]",
        &["[a, b, , c]|x-z|2|2"],
    ),
    (
        "SELECT REGEXP_CONTAINS('Élan', r'^É'), REGEXP_EXTRACT('a1b22', r'[0-9]+'), REGEXP_REPLACE('2024-01', r'(\\d+)-(\\d+)', r'\\2/\\1')",
        &["true|1|01/2024"],
    ),
    (
        "SELECT CONCAT('a', 'b'), 'a' || 'b', INSTR('banana', 'an', 1, 2), STRPOS('banana', 'n'), TRIM('  x '), INITCAP('new order')",
        &["ab|ab|4|3|x|New Order"],
    ),
    ("SELECT FORMAT('%05d|%.2f|%s|%t', 42, 1.005, 'x', DATE '2024-03-01')", &["00042|1.00|x|2024-03-01"]),
    (
        "SELECT DATE '2024-02-29' + 1, DATE_ADD(DATE '2024-01-31', INTERVAL 1 MONTH), DATE_DIFF(DATE '2024-03-01', DATE '2024-02-01', DAY)",
        &["2024-03-01|2024-02-29|29"],
    ),
    (
        "SELECT DATE_TRUNC(DATE '2024-05-15', QUARTER), EXTRACT(ISOWEEK FROM DATE '2021-01-03'), EXTRACT(DAYOFWEEK FROM DATE '2024-03-03')",
        &["2024-04-01|53|1"],
    ),
    (
        "SELECT FORMAT_DATE('%A %d %B %Y', DATE '2024-03-01'), PARSE_DATE('%d/%m/%Y', '29/02/2024'), LAST_DAY(DATE '2024-02-01')",
        &["Friday 01 March 2024|2024-02-29|2024-02-29"],
    ),
    (
        "SELECT TIMESTAMP '2024-03-31 01:30:00+00', DATETIME(TIMESTAMP '2024-03-31 01:30:00+00', 'Europe/Paris')",
        &["2024-03-31T01:30:00Z|2024-03-31T03:30:00"],
    ),
    (
        "SELECT TIMESTAMP('2024-07-01 12:00:00', 'America/New_York'), TIMESTAMP_DIFF(TIMESTAMP '2024-01-02', TIMESTAMP '2024-01-01', HOUR)",
        &["2024-07-01T16:00:00Z|24"],
    ),
    (
        "SELECT STRING(TIMESTAMP '2024-01-01 00:00:00+00', 'Asia/Tokyo'), UNIX_MICROS(TIMESTAMP '1970-01-01 00:00:01+00')",
        &["2024-01-01 09:00:00+09|1000000"],
    ),
    (
        "SELECT TIME '12:34:56', TIME_ADD(TIME '23:30:00', INTERVAL 45 MINUTE), DATETIME '2024-03-01 00:00:00.5'",
        &["12:34:56|00:15:00|2024-03-01T00:00:00.500"],
    ),
    ("SELECT INTERVAL '1-2 3 4:5:6' YEAR TO SECOND, JUSTIFY_HOURS(INTERVAL 49 HOUR)", &["1-2 3 4:5:6|0-0 2 1:0:0"]),
    (
        "SELECT GENERATE_ARRAY(1, 7, 3), GENERATE_DATE_ARRAY(DATE '2024-01-30', DATE '2024-02-01'), ARRAY_REVERSE([1, 2])",
        &["[1, 4, 7]|[2024-01-30, 2024-01-31, 2024-02-01]|[2, 1]"],
    ),
    (
        "SELECT JSON_VALUE('{\"a\": {\"b\": [1, \"x\"]}}', '$.a.b[1]'), JSON_QUERY(JSON '{\"a\": [1, 2]}', '$.a'), INT64(JSON '5')",
        &["x|[1,2]|5"],
    ),
    ("SELECT TO_JSON_STRING(STRUCT(1 AS a, ['x'] AS b)), JSON_TYPE(JSON 'null')", &["{\"a\":1,\"b\":[\"x\"]}|null"]),
    ("SELECT STRUCT(1 AS a, 'x' AS b), [STRUCT(1 AS n)], (SELECT AS STRUCT 2 AS m)", &["{1, x}|[{1}]|{2}"]),
    (
        "SELECT b'\\x00\\xff', TO_HEX(MD5('a')), FARM_FINGERPRINT('foo'), TO_BASE64(b'ab')",
        &["0x00ff|0cc175b9c0f1b6a831c399e269772661|6150913649986995171|YWI="],
    ),
    (
        "SELECT SAFE.SUBSTR('abc', 1, -1), SAFE.PARSE_DATE('%F', 'x'), NULLIF(1, 1), COALESCE(NULL, 2), IF(NULL, 1, 2), IFNULL(NULL, 'd')",
        &["NULL|NULL|NULL|2|2|d"],
    ),
    (
        "SELECT GREATEST(1, 3, 2), LEAST('b', 'a'), SIGN(-2), ABS(-3), CEIL(1.2), FLOOR(-1.2), POW(2, 10), SQRT(16), TRUNC(1.9)",
        &["3|a|-1|3|2|-2|1024|4|1"],
    ),
    ("SELECT country, COUNT(*) FROM music.users GROUP BY country HAVING COUNT(*) > 1 ORDER BY country", &["Canada|5050", "France|5050"]),
    ("SELECT artist_name, SUM(plays) AS p FROM music.listens WHERE plays > 1 GROUP BY 1 ORDER BY p DESC, 1", &["Air|7", "Moby|5"]),
    (
        "SELECT artist_name, plays, RANK() OVER (ORDER BY plays DESC) AS r FROM music.listens WHERE user_id < 4 AND LENGTH(artist_name) < 9 ORDER BY r",
        &["Moby|5|1", "Air|4|2", "Air|3|3", "Élan|1|4"],
    ),
    (
        "SELECT artist_name, plays FROM music.listens WHERE LENGTH(artist_name) < 9 QUALIFY ROW_NUMBER() OVER (PARTITION BY artist_name ORDER BY plays DESC) = 1 ORDER BY 1",
        &["Air|4", "Moby|5", "Élan|1"],
    ),
    (
        "SELECT SUM(plays) OVER w AS s FROM music.listens WHERE LENGTH(artist_name) < 9 WINDOW w AS (ORDER BY plays ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) ORDER BY s",
        &["1", "4", "8", "13"],
    ),
    (
        "SELECT LAG(x) OVER (ORDER BY x), FIRST_VALUE(x) OVER (ORDER BY x), PERCENTILE_CONT(x, 0.5) OVER () FROM UNNEST([1, 2, 4]) AS x ORDER BY x",
        &["NULL|1|2", "1|1|2", "2|1|2"],
    ),
    ("SELECT x, o FROM UNNEST(['a', 'b']) AS x WITH OFFSET AS o ORDER BY o", &["a|0", "b|1"]),
    (
        "SELECT t.n, e FROM (SELECT 1 AS n, ['x', 'y'] AS l UNION ALL SELECT 2, ARRAY<STRING>[]) AS t LEFT JOIN UNNEST(t.l) AS e ORDER BY n, e",
        &["1|x", "1|y", "2|NULL"],
    ),
    (
        "SELECT ARRAY_AGG(x ORDER BY x DESC LIMIT 2), STRING_AGG(CAST(x AS STRING), '+' ORDER BY x), COUNTIF(x > 1), LOGICAL_OR(x = 3) FROM UNNEST([1, 2, 3]) AS x",
        &["[3, 2]|1+2+3|2|true"],
    ),
    (
        "SELECT APPROX_COUNT_DISTINCT(x), ANY_VALUE(x HAVING MAX x), MAX_BY(x, -x), AVG(x), STDDEV_POP(x) FROM UNNEST([2, 4]) AS x",
        &["2|4|2|3|1"],
    ),
    ("SELECT * FROM (SELECT 'a' AS k, 1 AS v UNION ALL SELECT 'b', 2) PIVOT (SUM(v) FOR k IN ('a', 'b'))", &["1|2"]),
    ("SELECT k, v FROM (SELECT 1 AS a, 2 AS b) UNPIVOT (v FOR k IN (a, b)) ORDER BY k", &["a|1", "b|2"]),
    ("WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT n FROM r ORDER BY n", &["1", "2", "3"]),
    ("SELECT n FROM UNNEST([3, 1, 2]) AS n WHERE EXISTS (SELECT 1 FROM UNNEST([1, 3]) AS m WHERE m = n) ORDER BY n DESC", &["3", "1"]),
    ("SELECT x FROM UNNEST([1, 2, 3]) AS x EXCEPT DISTINCT SELECT 2 ORDER BY x", &["1", "3"]),
    (
        "SELECT country, COUNT(*) AS n FROM music.users GROUP BY ROLLUP (country) ORDER BY country NULLS FIRST",
        &["NULL|10100", "Canada|5050", "France|5050"],
    ),
    (
        "FROM music.listens |> WHERE LENGTH(artist_name) < 9 |> AGGREGATE SUM(plays) AS p GROUP BY artist_name |> ORDER BY p DESC |> LIMIT 1",
        &["Air|7"],
    ),
    ("SELECT table_name FROM music.INFORMATION_SCHEMA.TABLES WHERE table_name IN ('users', 'listens') ORDER BY 1", &["listens", "users"]),
    (
        "SELECT column_name, data_type, is_nullable FROM music.INFORMATION_SCHEMA.COLUMNS WHERE table_name = 'users' ORDER BY ordinal_position",
        &["user_id|INT64|NO", "country|STRING|YES"],
    ),
];

/// Statements that fail: HTTP code and reason, and how the message begins.
pub(crate) fn errors(place: &Place) -> Vec<(&'static str, u16, &'static str, String)> {
    let (project, dataset) = (place.warehouse.project(), place.dataset());
    let invalid = |sql, message: &str| (sql, 400, "invalidQuery", message.to_owned());
    vec![
        invalid("SLECT 1", "Syntax error: Unexpected identifier \"SLECT\" at [1:1]"),
        invalid("SELECT 'abc", "Syntax error: Unclosed string literal at [1:8]"),
        invalid("SELECT contry FROM music.users", "Unrecognized name: contry; Did you mean country? at [1:8]"),
        invalid("SELECT NO_SUCH_FUNCTION(1)", "Function not found: NO_SUCH_FUNCTION at [1:8]"),
        invalid(
            "SELECT user_id FROM music.users WHERE country = 5",
            "No matching signature for operator = for argument types: STRING, INT64",
        ),
        invalid(
            "SELECT country, COUNT(*) FROM music.users",
            "SELECT list expression references column country which is neither grouped nor aggregated at [1:8]",
        ),
        invalid("SELECT 1 / 0", "division by zero: 1 / 0"),
        invalid("SELECT CAST(country AS INT64) FROM music.users", "Bad int64 value: "),
        invalid("SELECT 9223372036854775807 + user_id FROM music.users WHERE user_id = 1", ""),
        invalid("SELECT ERROR('told by us')", "told by us"),
        (
            "SELECT 1 FROM music.nothing_here",
            404,
            "notFound",
            format!("Not found: Table {project}:{dataset}.nothing_here was not found in location"),
        ),
    ]
}

pub(crate) async fn googlesql_is_answered_alike(place: &Place) {
    let mut differences = Vec::new();
    for (sql, expected) in ANSWERS {
        let found = match place.warehouse.read_trusted(&sql.replace("music.", &format!("{}.", place.dataset())), 1000).await {
            Ok(rows) => rows.rows.iter().map(|row| row.iter().map(text).collect::<Vec<_>>().join("|")).collect(),
            Err(error) => vec![error.to_string()],
        };
        if found != expected {
            differences.push(format!("{sql}\n  gives   {found:?}\n  and not {expected:?}"));
        }
    }
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}

fn text(cell: &Cell) -> String {
    let list = |cells: &[Cell]| cells.iter().map(text).collect::<Vec<_>>().join(", ");
    match cell {
        Cell::Null => "NULL".to_owned(),
        Cell::Bool(value) => value.to_string(),
        Cell::Int64(value) => value.to_string(),
        Cell::Float64(value) => value.to_string(),
        Cell::String(value) | Cell::Text(value) => value.clone(),
        Cell::Bytes(value) => value.iter().fold("0x".to_owned(), |text, byte| format!("{text}{byte:02x}")),
        Cell::Date(value) => value.to_string(),
        Cell::Time(value) => value.to_string(),
        Cell::Datetime(value) => format!("{value:?}"),
        Cell::Timestamp(value) => value.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true),
        Cell::Array(items) => format!("[{}]", list(items)),
        Cell::Struct(fields) => format!("{{{}}}", list(fields)),
    }
}
