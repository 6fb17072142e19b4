//! Texts that a query groups, counts, joins and tests by number give what the texts themselves would.

use serde_json::{Value, json};

use crate::endpoint::endpoint;

const PLAYS: &str = r#"{"artist": "Nina", "country": "France", "track": "one", "n": 1}
{"artist": "Nina", "country": null, "track": "two", "n": 2}
{"artist": "Björk", "country": "France", "track": "one", "n": 3}
{"artist": null, "country": "Kenya", "track": "", "n": 4}
{"artist": "Nobody", "country": "Kenya", "track": null, "n": 5}
{"artist": "", "country": "", "track": "three", "n": 6}
"#;
const ARTISTS: &str = r#"{"Name": "Nina", "genre": "jazz"}
{"Name": "Björk", "genre": "pop"}
{"Name": "Silent", "genre": "jazz"}
{"Name": null, "genre": "none"}
"#;

#[tokio::test]
async fn texts_by_number_give_what_texts_give() {
    let (_dir, e) = endpoint().await;
    e.dataset().await;
    for (table, rows) in [("p", PLAYS), ("a", ARTISTS)] {
        // Twice: files have dictionaries of their own.
        for _ in 0..2 {
            let done = e.load(table, json!({ "sourceFormat": "NEWLINE_DELIMITED_JSON", "autodetect": true }), rows.as_bytes()).await;
            assert!(done["status"]["errorResult"].is_null(), "{done:#}");
        }
    }
    let check = async |sql: &str, expected: &[&str]| {
        let answer = e.query(sql).await;
        let cell = |cell: &Value| cell["v"].as_str().map_or_else(|| "NULL".to_owned(), |text| format!("'{text}'"));
        let row = |row: &Value| row["f"].as_array().unwrap().iter().map(cell).collect::<Vec<_>>().join(" ");
        let rows: Vec<String> = answer["rows"].as_array().into_iter().flatten().map(row).collect();
        assert_eq!(rows, expected, "{sql}");
    };
    check(
        "SELECT country, COUNT(*), SUM(n) FROM d.p GROUP BY country ORDER BY country",
        &["NULL '2' '4'", "'' '2' '12'", "'France' '4' '8'", "'Kenya' '4' '18'"],
    )
    .await;
    check("SELECT COUNT(DISTINCT artist), COUNT(artist), COUNT(DISTINCT country) FROM d.p", &["'4' '10' '3'"]).await;
    check("SELECT DISTINCT artist FROM d.p WHERE country IN ('France', 'Spain') ORDER BY 1", &["'Björk'", "'Nina'"]).await;
    check(
        "SELECT country, artist, COUNT(*) FROM d.p WHERE artist LIKE 'N%' GROUP BY 1, 2 ORDER BY 1, 2",
        &["NULL 'Nina' '2'", "'France' 'Nina' '2'", "'Kenya' 'Nobody' '2'"],
    )
    .await;
    check("SELECT COUNT(*), COUNT(DISTINCT artist) FROM d.p WHERE artist NOT LIKE '%i%'", &["'6' '3'"]).await;
    check("SELECT COUNT(*) FROM d.p WHERE country NOT IN ('France', 'Kenya')", &["'2'"]).await;
    check("SELECT COUNT(*) FROM d.p WHERE country IS NULL OR country < 'G'", &["'8'"]).await;
    check("SELECT country FROM d.p WHERE UPPER(country) = 'KENYA' GROUP BY country", &["'Kenya'"]).await;
    check("SELECT UPPER(country) AS c, COUNT(*) FROM d.p GROUP BY country HAVING STARTS_WITH(country, 'F') ORDER BY c", &["'FRANCE' '4'"])
        .await;
    check("SELECT MAX(country), MIN(artist) FROM d.p", &["'Kenya' ''"]).await;
    check(
        "SELECT a.genre, COUNT(*), COUNT(DISTINCT p.artist) FROM d.p AS p JOIN d.a AS a ON a.name = p.artist GROUP BY a.genre ORDER BY 1",
        &["'jazz' '8' '1'", "'pop' '4' '1'"],
    )
    .await;
    check(
        "SELECT p.artist, a.genre, COUNT(*) FROM d.p AS p LEFT JOIN d.a AS a ON a.name = p.artist GROUP BY 1, 2 ORDER BY 1, 2",
        &["NULL NULL '2'", "'' NULL '2'", "'Björk' 'pop' '4'", "'Nina' 'jazz' '8'", "'Nobody' NULL '2'"],
    )
    .await;
    check("SELECT Name FROM d.a WHERE name NOT IN (SELECT artist FROM d.p WHERE artist IS NOT NULL) GROUP BY name", &["'Silent'"]).await;
    check("SELECT COUNT(*) FROM (SELECT artist FROM d.p UNION DISTINCT SELECT name FROM d.a)", &["'6'"]).await;
    check(
        "SELECT artist, n FROM (SELECT artist, country, SUM(n) AS n FROM d.p GROUP BY 1, 2) WHERE TRUE QUALIFY ROW_NUMBER() OVER (PARTITION BY country ORDER BY n DESC, artist) = 1 ORDER BY n",
        &["'Nina' '4'", "'Björk' '6'", "'Nobody' '10'", "'' '12'"],
    )
    .await;
    check(
        "SELECT country, track, COUNT(*) FROM d.p GROUP BY ROLLUP (country, track) ORDER BY 3 DESC, 1, 2 LIMIT 2",
        &["NULL NULL '12'", "'France' NULL '4'"],
    )
    .await;
    check("SELECT x.artist FROM (SELECT artist, COUNT(*) AS c FROM d.p GROUP BY artist) AS x JOIN d.p AS y USING (artist) GROUP BY artist ORDER BY 1", &["''", "'Björk'", "'Nina'", "'Nobody'"])
        .await;
    check(
        "SELECT CONCAT(country, '/', artist) AS k, COUNT(*) FROM d.p WHERE n < 3 GROUP BY k ORDER BY k",
        &["NULL '2'", "'France/Nina' '2'"],
    )
    .await;
    check("SELECT STRING_AGG(country, ',' ORDER BY country) FROM (SELECT DISTINCT country FROM d.p)", &["',France,Kenya'"]).await;
    check("SELECT COUNT(*) FROM d.p AS p WHERE EXISTS (SELECT 1 FROM d.a AS a WHERE a.name = p.artist AND a.genre = 'jazz')", &["'4'"])
        .await;
}
