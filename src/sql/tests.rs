//! The validator against lists of statements: tests/golden/sql, the training corpus and the questions of eval/.

use std::path::{Path, PathBuf};

use super::*;
use crate::catalog::Catalog;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn policy() -> Policy {
    Policy { project: Some("quaver-test".to_owned()), ..Policy::default() }
}

/// The kind of error, or what was proved.
fn check(sql: &str) -> Result<Inspection, SqlError> {
    let inspection = inspect(sql, &Catalog::embedded(), &policy())?;
    let again = inspect(&inspection.sql, &Catalog::embedded(), &policy())
        .unwrap_or_else(|error| panic!("{error} in what was printed: {}", inspection.sql));
    assert_eq!(inspection.sql, again.sql, "printing twice differs");
    Ok(inspection)
}

fn lines(path: &Path) -> Vec<(usize, String)> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let kept = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with("##"));
    kept.map(|(index, line)| (index + 1, line.replace('⏎', "\n"))).collect()
}

#[test]
fn long_sums_fit_the_stack_of_a_thread() {
    let ones = ["1"; 70];
    let sums = [ones.join(" + "), ["1 = 1"; 35].join(" AND "), format!("COALESCE({})", ones.join(", "))];
    for sum in sums {
        let inspected =
            std::thread::Builder::new().stack_size(2 << 20).spawn(move || check(&format!("SELECT {sum} AS x")).map(|_| ())).unwrap().join();
        assert_eq!(inspected.map_err(|_| "overflow").unwrap().err().map(|error| error.to_string()), None);
    }
}

#[test]
fn accepted_statements_pass() {
    let cases = lines(&root().join("tests/golden/sql/accepted.txt"));
    assert!(cases.len() >= 150, "{} statements", cases.len());
    let failures: Vec<String> =
        cases.iter().filter_map(|(line, sql)| check(sql).err().map(|error| format!("{line}: {error}\n    {sql}"))).collect();
    assert!(failures.is_empty(), "{} refused:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn rejected_statements_are_refused_for_their_reason() {
    let cases = lines(&root().join("tests/golden/sql/rejected.txt"));
    assert!(cases.len() >= 150, "{} statements", cases.len());
    let mut failures = Vec::new();
    for (line, case) in &cases {
        let (kind, sql) = case.split_once('|').unwrap_or_else(|| panic!("{line}: no kind"));
        let found = match inspect(sql, &Catalog::embedded(), &policy()) {
            Ok(inspection) => format!("accepted as {}", inspection.sql),
            Err(error) if error.kind() == kind.trim() => continue,
            Err(error) => format!("{}: {error}", error.kind()),
        };
        failures.push(format!("{line}: wanted {}, {found}\n    {sql}", kind.trim()));
    }
    assert!(failures.is_empty(), "{} wrong:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_statement_of_the_corpus_and_of_the_questions_passes() {
    let mut statements = Vec::new();
    for folder in ["training/corpus", "eval"] {
        let Ok(entries) = std::fs::read_dir(root().join(folder)) else {
            println!("skipped: {folder} is not there");
            continue;
        };
        for path in entries.map(|entry| entry.unwrap().path()) {
            let text = std::fs::read_to_string(&path).unwrap();
            let place = |index: usize| format!("{}:{}", path.display(), index + 1);
            match path.extension().and_then(|extension| extension.to_str()) {
                Some("txt") => {
                    let blocks = text.lines().enumerate().filter_map(|(index, line)| Some((index, line.strip_prefix("= ")?)));
                    statements.extend(blocks.map(|(index, sql)| (place(index), sql.replace('{', "@").replace('}', ""))));
                }
                Some("jsonl") => {
                    for (index, line) in text.lines().enumerate() {
                        let case: serde_json::Value =
                            serde_json::from_str(line).unwrap_or_else(|error| panic!("{}: {error}", place(index)));
                        let gold = match &case["sql"] {
                            serde_json::Value::Array(several) => several.clone(),
                            single => vec![single.clone()],
                        };
                        statements.extend(gold.iter().filter_map(|sql| Some((place(index), sql.as_str()?.to_owned()))));
                    }
                }
                _ => {}
            }
        }
    }
    statements.retain(|(_, sql)| sql.trim() != "UNANSWERABLE");
    let failures: Vec<String> =
        statements.iter().filter_map(|(place, sql)| check(sql).err().map(|error| format!("{place}: {error}\n    {sql}"))).collect();
    println!("{} statements", statements.len());
    assert!(failures.is_empty(), "{} refused:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn parameters_need_values_of_a_fitting_type() {
    let parameter = |name: &str, value| Parameter { name: name.to_owned(), value };
    let number = || parameter("n", ParameterValue::Int64(3));
    let check = |sql: &str, parameters: &[Parameter], wanted: &str| {
        let found = validate(sql, &Catalog::embedded(), parameters, &policy()).map_or_else(|error| error.kind(), |_| "accepted");
        assert_eq!(found, wanted, "{sql}");
    };
    check("SELECT title FROM music.tracks LIMIT @n", &[number()], "accepted");
    check("SELECT title FROM music.tracks LIMIT @N", &[number()], "accepted");
    check("SELECT title FROM music.tracks LIMIT @`n`", &[number()], "accepted");
    check("SELECT title FROM music.tracks", &[number()], "accepted");
    check("SELECT title FROM music.tracks LIMIT @m", &[number()], "UndeclaredParameter");
    check("SELECT title FROM music.tracks WHERE title = @n", &[number()], "TypeMismatch");
    check("SELECT title FROM music.tracks LIMIT @n", &[parameter("n", ParameterValue::String("3".into()))], "TypeMismatch");
    check("SELECT title FROM music.tracks WHERE tempo > @n", &[number()], "accepted");
    let day = || parameter("d", ParameterValue::Date("2020-01-01".parse().unwrap()));
    check("SELECT title FROM music.chart_entries WHERE chart_date = @d", &[day()], "accepted");
    check("SELECT title FROM music.chart_entries WHERE rank = @d", &[day()], "TypeMismatch");
    check(
        "SELECT 1 FROM music.chart_entries WHERE chart_date = @d",
        &[parameter("d", ParameterValue::String("2020-01-01".into()))],
        "accepted",
    );
    let list = || parameter("ids", ParameterValue::StringArray(vec!["a".into()]));
    check("SELECT name FROM music.artists WHERE artist_id IN UNNEST(@ids)", &[list()], "accepted");
    check("SELECT name FROM music.artists WHERE artist_id = @ids", &[list()], "TypeMismatch");
    check("SELECT name FROM music.artists WHERE followers IN UNNEST(@ids)", &[list()], "TypeMismatch");
}

#[test]
fn uses_of_parameters_name_the_column_they_are_compared_with() {
    let check = |condition: &str, wanted: &[&str]| {
        let sql = format!("SELECT 1 FROM music.tracks JOIN music.artists USING (artist_id) WHERE {condition}");
        let inspection = inspect(&sql, &Catalog::embedded(), &policy()).unwrap_or_else(|error| panic!("{sql}: {error}"));
        let found: Vec<String> = inspection
            .parameter_uses
            .iter()
            .map(|used| {
                let through = used.through.iter().map(|function| format!(" through {function}"));
                let column = used.table.iter().zip(&used.column).map(|(table, column)| format!(" {table}.{column}"));
                let expected = used.expected.iter().map(|expected| format!(" {}", expected.name()));
                format!("{} {:?}", used.name, used.context) + &column.chain(through).chain(expected).collect::<String>()
            })
            .collect();
        assert_eq!(found, wanted, "{condition}");
    };
    check("title = @x", &["x Compared tracks.title STRING"]);
    check("@x <> tracks.title", &["x Compared tracks.title STRING"]);
    check("LOWER(title) LIKE LOWER(@x)", &["x Compared tracks.title STRING"]);
    check("COALESCE(album, '') = @x", &["x Compared tracks.album STRING"]);
    check("title IN ('a', @x, @y)", &["x Compared tracks.title STRING", "y Compared tracks.title STRING"]);
    check("@x IN UNNEST(genres)", &["x InUnnest artists.genres STRING"]);
    check("genre IN UNNEST(@x)", &["x Compared tracks.genre STRING"]);
    check("release_year BETWEEN @x AND @x + 9", &["x Compared tracks.release_year INT64", "x Arithmetic tracks.release_year INT64"]);
    check("duration_ms > @x * 60000", &["x Arithmetic tracks.duration_ms INT64"]);
    check("EXTRACT(YEAR FROM release_date) = @x", &["x Compared tracks.release_date through EXTRACT(YEAR) INT64"]);
    check("DATE_TRUNC(release_date, MONTH) = @x", &["x Compared tracks.release_date through DATE_TRUNC DATE"]);
    check("release_date > DATE_SUB(DATE '2020-01-01', INTERVAL @x DAY)", &["x Interval INT64"]);
    check("release_date > DATE_SUB(@d, INTERVAL 1 DAY)", &["d Arithmetic tracks.release_date DATE"]);
    check("artist_id IN (SELECT artist_id FROM music.listens WHERE user_id = @u)", &["u Compared listens.user_id INT64"]);
    check("(SELECT SUM(plays) FROM music.listens) > @x", &["x Compared INT64"]);
    check("STARTS_WITH(title, @x)", &["x Compared tracks.title STRING"]);
    check("IF(explicit, @x, 'b') = 'a'", &["x Other"]);
}

#[test]
fn errors_tell_the_place_and_the_likely_names() {
    let check = |sql: &str, message: &str| {
        let error = inspect(sql, &Catalog::embedded(), &policy()).expect_err(sql);
        assert_eq!(error.to_string(), message, "{sql}");
    };
    check("SELECT titel FROM music.tracks", "unknown column `titel` at [1:8]; did you mean title?");
    check("SELECT t.titel\nFROM music.tracks AS t", "unknown column `titel` in `t` at [1:10]; did you mean title?");
    check("SELECT 1\nFROM music.track", "unknown table `music.track` at [2:6]; did you mean tracks, track_snapshots?");
    check("SELECT COUNTIFF(explicit) FROM music.tracks", "unknown function COUNTIFF at [1:8]; did you mean COUNTIF, COUNT?");
    check("SELECT artist_id FROM music.listens, music.tracks", "column `artist_id` is ambiguous: it is in listens and tracks at [1:8]");
    check("SELECT title FROM music.tracks WHERE release_year = 'x'", "= does not take INT64 and STRING at [1:53]");
    check("SELECT title FROM music.tracks WHERE x =", "syntax error: Expected: an expression, found: EOF");
}

#[test]
fn what_is_sent_has_one_meaning() {
    let check = |sql: &str, printed: &str| assert_eq!(check(sql).map(|inspection| inspection.sql).as_deref(), Ok(printed), "{sql}");
    check("select Title from Tracks -- x", "SELECT Title FROM music.tracks");
    check("SELECT `title` FROM `quaver-test.music.tracks`", "SELECT `title` FROM music.tracks");
    check(r"SELECT '\\' AS a, ' OR 1=1 --' AS b", r"SELECT '\\' AS a, ' OR 1=1 --' AS b");
    check(r#"SELECT "it's", 'L''été', r'\d', '''a'b''', "a""b", '\x41\n'"#, r#"SELECT 'it\'s', 'L\'été', '\\d', 'a\'b', 'a"b', 'A\n'"#);
    check("SELECT - -1", "SELECT -(-1)");
    check("SELECT 1 AS `order`, 2 AS hash", "SELECT 1 AS `order`, 2 AS `hash`");
    check("SELECT g FROM music.artists AS a, a.genres AS g", "SELECT g FROM music.artists AS a, UNNEST(a.genres) AS g");
    check("SELECT genres FROM artists, artists.genres", "SELECT genres FROM music.artists, UNNEST(artists.genres) AS genres");
    check(
        "WITH tracks AS (SELECT * FROM tracks) SELECT title FROM tracks",
        "WITH tracks AS (SELECT * FROM music.tracks) SELECT title FROM tracks",
    );
}

#[test]
fn hostile_sizes_and_depths_are_refused_at_once() {
    let nested =
        |open: &str, middle: &str, close: &str, times: usize| format!("SELECT {}{middle}{}", open.repeat(times), close.repeat(times));
    let long = |part: &str, times: usize| format!("SELECT {}1", part.repeat(times));
    let roomy = Policy { max_sql_bytes: 1 << 20, ..policy() };
    for times in [10, 13, 40, 200, 5_000, 100_000] {
        for sql in [
            long("1 + ", times),
            long("NOT ", times),
            long("- ", times),
            long("1, ", times),
            long("1 UNION ALL SELECT ", times),
            long("TRUE OR 1, TRUE AND ", times),
            long("1 IS NULL AND ", times),
            nested("(", "1", ")", times),
            nested("(SELECT ", "1", ")", times),
            nested("[", "1", "]", times),
            nested("f(", "1", ")", times),
            nested("CAST(", "1", "", times),
            nested("CASE WHEN ", "1", " THEN 1 END", times),
            nested("STRUCT(", "1", ")", times),
            nested("INTERVAL (", "1", ")", times),
            nested("POSITION(", "1", "", times),
            nested("CURRENT_DATE(", "1", "", times),
            nested("1 FROM (", "SELECT 1", ")", times),
            nested("1 FROM ((SELECT ", "1", "))", times),
            nested("CAST(1 AS ", "ARRAY<", "", times),
            format!("SELECT CAST(NULL AS {}INT64{})", "ARRAY<".repeat(times), ">".repeat(times)),
            format!("SELECT CAST(NULL AS {}INT64{})", "STRUCT<a INT64, b ".repeat(times), ">".repeat(times)),
            format!("SELECT 1{}", "[0]".repeat(times)),
            format!("SELECT a{}", ".a".repeat(times)),
            format!("SELECT '{}'", "x".repeat(times)),
        ] {
            let _ = inspect(&sql, &Catalog::embedded(), &roomy);
        }
    }
    let long = format!("SELECT '{}'", "x".repeat(policy().max_sql_bytes));
    assert_eq!(inspect(&long, &Catalog::embedded(), &policy()).map_err(|error| error.kind()), Err("TooLong"));
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    /// Words that statements are made of, and what could break them apart.
    const WORDS: &[&str] = &[
        "SELECT",
        "FROM",
        "WHERE",
        "GROUP BY",
        "ORDER BY",
        "HAVING",
        "QUALIFY",
        "LIMIT",
        "WITH",
        "AS",
        "(",
        ")",
        ",",
        ".",
        "*",
        "=",
        "<",
        ">",
        "+",
        "-",
        "||",
        "[",
        "]",
        "'",
        "\"",
        "`",
        "\\",
        "''",
        "'''",
        "--",
        "#",
        "/*",
        "*/",
        ";",
        "@x",
        "@@y",
        "?",
        "1",
        "1.5",
        "'a'",
        "\"b\"",
        "r'\\d'",
        "NULL",
        "TRUE",
        "music.tracks",
        "music.listens",
        "`music.artists`",
        "tracks",
        "title",
        "artist_id",
        "plays",
        "genres",
        "t",
        "COUNT(*)",
        "SUM(",
        "CAST(",
        "INT64",
        "UNNEST(",
        "STRUCT(",
        "ARRAY",
        "INTERVAL",
        "DAY",
        "DATE",
        "EXTRACT(",
        "YEAR",
        "OVER (",
        "PARTITION BY",
        "CASE",
        "WHEN",
        "THEN",
        "END",
        "IN",
        "NOT",
        "EXISTS (",
        "BETWEEN",
        "AND",
        "OR",
        "LIKE",
        "IS",
        "JOIN",
        "USING (",
        "ON",
        "LEFT",
        "UNION ALL",
        "EXCEPT",
        "DISTINCT",
        "REPLACE",
        "WINDOW",
        "DELETE",
        "DROP TABLE",
        "INSERT INTO",
        "é",
        "\u{0}",
        "🎵",
        "\n",
        "|>",
        "=>",
        "->",
        "::",
        "{",
        "}",
        "$",
        "%",
        "ROLLUP",
        "TABLESAMPLE",
        "PIVOT",
        "FOR",
        "OFFSET",
        "ALL",
        "ANY",
        "SAFE.",
        "ML.",
        "ROWS",
        "UNBOUNDED PRECEDING",
        "IGNORE NULLS",
        "AT TIME ZONE",
        "STRING",
        "<",
        ">",
        "CURRENT_DATE",
    ];

    fn holds(sql: &str) {
        let Ok(inspection) = inspect(sql, &Catalog::embedded(), &policy()) else { return };
        let again = inspect(&inspection.sql, &Catalog::embedded(), &policy()).unwrap_or_else(|error| panic!("{error}: {}", inspection.sql));
        assert_eq!(inspection, again, "{sql}");
        assert!(!inspection.sql.contains([';', '\n']) || inspection.sql.contains('\''), "{}", inspection.sql);
    }

    fn accepted() -> Vec<String> {
        lines(&root().join("tests/golden/sql/accepted.txt")).into_iter().map(|(_, sql)| sql).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_words_are_refused_or_print_as_they_read(words in prop::collection::vec(prop::sample::select(WORDS), 0..40)) {
            holds(&words.join(" "));
            holds(&format!("SELECT {}", words.concat()));
        }

        #[test]
        fn any_text_is_refused_or_prints_as_it_reads(text in "\\PC{0,60}") {
            holds(&text);
            holds(&format!("SELECT '{text}' AS a, \"{text}\" AS b"));
            holds(&format!("SELECT 1 AS `{text}` FROM music.tracks"));
        }

        #[test]
        fn changed_statements_are_refused_or_print_as_they_read(
            statement in prop::sample::select(accepted()),
            word in prop::sample::select(WORDS),
            at in any::<prop::sample::Index>(),
            cut in 0_usize..12,
        ) {
            let chars: Vec<char> = statement.chars().collect();
            let start = at.index(chars.len() + 1);
            let end = (start + cut).min(chars.len());
            let (before, after): (String, String) = (chars[..start].iter().collect(), chars[end..].iter().collect());
            holds(&format!("{before}{word}{after}"));
            holds(&format!("{before} {word} {after}"));
            holds(&format!("{before}{after}"));
        }
    }
}
