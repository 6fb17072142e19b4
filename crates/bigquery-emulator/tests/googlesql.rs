//! GoogleSQL as the engine runs it, case by case against small tables like those of a music service.
//!
//! The cases stand in `tests/golden/*.slt`: a query, then `----`, then either `error: TEXT` or a line of types and the rows.
//! Cases are parted by an empty line, `#` starts a comment. A cell is as CAST to STRING writes it, `NULL`, `[a, b]` for an
//! ARRAY, `{a: 1, b: x}` for a STRUCT; cells are parted by ` | `. Rows come in the query's order where it has one at its
//! end, else sorted; `@name TYPE VALUE` lines before a query give its parameters.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Float64Array, Int64Array, ListBuilder, RecordBatch, StringArray, StringBuilder,
    TimestampMicrosecondArray,
};
use arrow::datatypes::DataType;
use bigquery_emulator::engine::{
    Engine, EngineOptions, QueryError, QueryInput, QueryParameter, Reason, TableFacts, TableResolver, TableSnapshot, arrow_schema,
    logical_bytes,
};
use bigquery_emulator::schema::{DatasetRef, Field, FieldType, Limits, Mode, TableRef, TableSchema};
use chrono::{DateTime, NaiveDate};
use parquet::arrow::ArrowWriter;

struct Tables {
    tables: Vec<Arc<TableSnapshot>>,
    _dir: tempfile::TempDir,
}

impl TableResolver for Tables {
    fn table(&self, reference: &TableRef) -> Option<Arc<TableSnapshot>> {
        self.tables.iter().find(|t| t.reference == *reference).cloned()
    }

    fn dataset_exists(&self, dataset: &DatasetRef) -> bool {
        dataset.project_id == "local" && matches!(dataset.dataset_id.as_str(), "music" | "empty")
    }

    fn tables(&self, dataset: &DatasetRef) -> Vec<Arc<TableSnapshot>> {
        self.tables.iter().filter(|t| t.reference.dataset_id == dataset.dataset_id).cloned().collect()
    }
}

fn field(name: &str, field_type: FieldType, mode: Mode) -> Field {
    Field { name: name.to_owned(), field_type, mode, description: None, limits: Limits::default(), fields: Vec::new() }
}

fn strings(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn ints(values: &[Option<i64>]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

fn write(dir: &Path, name: &str, columns: Vec<(Field, ArrayRef)>) -> Arc<TableSnapshot> {
    let (fields, arrays): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
    let schema = TableSchema { fields };
    let arrow = arrow_schema(&schema);
    let batch = RecordBatch::try_new(Arc::clone(&arrow), arrays).unwrap();
    let mut files = Vec::new();
    if batch.num_rows() > 0 {
        let path = dir.join(format!("{name}.parquet"));
        let mut writer = ArrowWriter::try_new(File::create(&path).unwrap(), arrow, None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        files.push(path);
    }
    Arc::new(TableSnapshot {
        reference: TableRef { project_id: "local".to_owned(), dataset_id: "music".to_owned(), table_id: name.to_owned() },
        schema,
        files,
        row_count: batch.num_rows() as u64,
        column_bytes: logical_bytes(&batch),
        view: None,
        facts: TableFacts::default(),
    })
}

fn tables() -> Tables {
    use FieldType::{Bool, Date, Float64, Int64, String as Text, Timestamp};
    let dir = tempfile::tempdir().unwrap();
    let nullable = |name: &str, t: FieldType| field(name, t, Mode::Nullable);
    let mut genres = ListBuilder::new(StringBuilder::new());
    for row in [Some(vec!["electronic", "house"]), Some(vec!["rock"]), Some(vec!["pop", "rock", "indie"]), Some(vec![]), None] {
        match row {
            Some(items) => {
                for item in items {
                    genres.values().append_value(item);
                }
                genres.append(true);
            }
            None => genres.append(false),
        }
    }
    let artists = write(
        dir.path(),
        "artists",
        vec![
            (
                nullable("artist_id", Text),
                strings(&[Some("daft-punk"), Some("radiohead"), Some("phoenix"), Some("unknown"), Some("bjork")]),
            ),
            (nullable("name", Text), strings(&[Some("Daft Punk"), Some("Radiohead"), Some("Phoenix"), Some("Unknown"), Some("Björk")])),
            (field("genres", Text, Mode::Repeated), Arc::new(genres.finish())),
            (nullable("country", Text), strings(&[Some("France"), Some("United Kingdom"), Some("France"), None, Some("Iceland")])),
            (nullable("popularity", Int64), ints(&[Some(90), Some(85), Some(70), None, Some(80)])),
        ],
    );
    let listens = write(
        dir.path(),
        "listens",
        vec![
            (nullable("user_id", Int64), ints(&[Some(1), Some(1), Some(2), Some(2), Some(3), Some(3)])),
            (
                nullable("artist_id", Text),
                strings(&[Some("daft-punk"), Some("radiohead"), Some("daft-punk"), Some("phoenix"), Some("daft-punk"), Some("bjork")]),
            ),
            (
                nullable("artist_name", Text),
                strings(&[Some("Daft Punk"), Some("Radiohead"), Some("Daft Punk"), Some("Phoenix"), Some("Daft Punk"), Some("Björk")]),
            ),
            (nullable("plays", Int64), ints(&[Some(100), Some(50), Some(30), Some(20), Some(7), None])),
        ],
    );
    let day = |y, m, d| {
        let days = NaiveDate::from_ymd_opt(y, m, d).unwrap() - NaiveDate::default();
        i32::try_from(days.num_days()).unwrap()
    };
    let tracks = write(
        dir.path(),
        "tracks",
        vec![
            (nullable("track_id", Text), strings(&[Some("t1"), Some("t2"), Some("t3"), Some("t4")])),
            (nullable("title", Text), strings(&[Some("One More Time"), Some("Creep"), Some("Karma Police"), Some("Lisztomania")])),
            (nullable("artist_id", Text), strings(&[Some("daft-punk"), Some("radiohead"), Some("radiohead"), Some("phoenix")])),
            (
                nullable("release_date", Date),
                Arc::new(Date32Array::from(vec![Some(day(2000, 11, 13)), Some(day(1992, 9, 21)), Some(day(1997, 8, 25)), None])),
            ),
            (nullable("release_year", Int64), ints(&[Some(2000), Some(1992), Some(1997), Some(2009)])),
            (nullable("duration_ms", Int64), ints(&[Some(320_357), Some(238_640), Some(264_066), Some(241_000)])),
            (nullable("Energy", Float64), Arc::new(Float64Array::from(vec![Some(0.697), Some(0.43), Some(0.505), None]))),
            (nullable("explicit", Bool), Arc::new(BooleanArray::from(vec![Some(false), Some(true), Some(false), None]))),
        ],
    );
    let at = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().timestamp_micros();
    let events = write(
        dir.path(),
        "events",
        vec![
            (nullable("user_id", Int64), ints(&[Some(1), Some(1), Some(2), Some(3)])),
            (nullable("track_id", Text), strings(&[Some("t1"), Some("t2"), Some("t1"), Some("t3")])),
            (
                nullable("played_at", Timestamp),
                Arc::new(
                    TimestampMicrosecondArray::from(vec![
                        Some(at("2026-03-01T08:15:00Z")),
                        Some(at("2026-03-02T23:59:59.5Z")),
                        Some(at("2026-03-08T10:00:00Z")),
                        None,
                    ])
                    .with_timezone("UTC"),
                ),
            ),
        ],
    );
    let nothing = write(dir.path(), "nothing", vec![(nullable("id", Int64), ints(&[])), (nullable("tag", Text), strings(&[]))]);
    Tables { tables: vec![artists, listens, tracks, events, nothing], _dir: dir }
}

/// A cell in the form of the cases.
fn cell(array: &ArrayRef, row: usize) -> String {
    if array.is_null(row) {
        return "NULL".to_owned();
    }
    match array.data_type() {
        DataType::List(_) => {
            let items = array.as_list::<i32>().value(row);
            let items: Vec<String> = (0..items.len()).map(|i| cell(&items, i)).collect();
            format!("[{}]", items.join(", "))
        }
        DataType::Struct(fields) => {
            let parts: Vec<String> =
                fields.iter().zip(array.as_struct().columns()).map(|(f, column)| format!("{}: {}", f.name(), cell(column, row))).collect();
            format!("{{{}}}", parts.join(", "))
        }
        DataType::Float64 => {
            let value = array.as_primitive::<arrow::datatypes::Float64Type>().value(row);
            format!("{value}")
        }
        DataType::Binary => {
            let bytes = array.as_binary::<i32>().value(row);
            bytes.iter().map(|b| format!("{b:02x}")).collect()
        }
        _ => arrow::util::display::array_value_to_string(array, row).unwrap(),
    }
}

fn type_name(field: &Field) -> String {
    let name = match field.field_type {
        FieldType::Struct => {
            let inner: Vec<String> = field.fields.iter().map(|f| format!("{} {}", f.name, type_name(f))).collect();
            format!("STRUCT<{}>", inner.join(", "))
        }
        other => format!("{other:?}").to_uppercase(),
    };
    if field.mode == Mode::Repeated { format!("ARRAY<{name}>") } else { name }
}

struct Answer {
    header: String,
    rows: Vec<String>,
    bytes: u64,
    tables: String,
}

async fn answer(engine: &Engine, tables: &Tables, sql: &str, parameters: Vec<QueryParameter>) -> Result<Answer, QueryError> {
    let input = QueryInput {
        sql: sql.to_owned(),
        parameters,
        project_id: "local".to_owned(),
        default_dataset: Some(DatasetRef { project_id: "local".to_owned(), dataset_id: "music".to_owned() }),
    };
    let prepared = engine.prepare(input, tables).await?;
    let header = prepared.schema.fields.iter().map(|f| format!("{} {}", f.name, type_name(f))).collect::<Vec<_>>().join(" | ");
    let bytes = prepared.total_bytes_processed;
    let referenced: Vec<String> = prepared.referenced_tables.iter().map(|t| t.table_id.clone()).collect();
    let expected = arrow_schema(&prepared.schema);
    let batches = prepared.run().await?;
    let mut rows = Vec::new();
    for batch in &batches {
        assert_eq!(batch.schema(), expected, "batches have the announced schema");
        for row in 0..batch.num_rows() {
            let cells: Vec<String> = batch.columns().iter().map(|c| cell(c, row)).collect();
            rows.push(cells.join(" | "));
        }
    }
    Ok(Answer { header, rows, bytes, tables: referenced.join(", ") })
}

/// One case of a file.
struct Case {
    place: String,
    parameters: Vec<QueryParameter>,
    sql: String,
    expected: Vec<String>,
}

/// `@name TYPE VALUE`, where TYPE may be `ARRAY<TYPE>` and VALUE is JSON.
fn parameter(line: &str) -> QueryParameter {
    let mut parts = line.trim_start_matches('@').splitn(3, ' ');
    let (name, data_type, value) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    let (mode, data_type) = match data_type.strip_prefix("ARRAY<") {
        Some(inner) => (Mode::Repeated, inner.trim_end_matches('>')),
        None => (Mode::Nullable, data_type),
    };
    QueryParameter {
        name: (name != "?").then(|| name.to_owned()),
        field: field(name, serde_json::from_value(serde_json::Value::from(data_type)).unwrap(), mode),
        value: serde_json::from_str(value).unwrap(),
    }
}

fn cases(path: &Path) -> Vec<Case> {
    let text = std::fs::read_to_string(path).unwrap();
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let mut cases = Vec::new();
    let mut block: Vec<(usize, &str)> = Vec::new();
    for (number, line) in (1..).zip(text.lines()).chain([(0, "")]) {
        if line.starts_with('#') {
            continue;
        }
        if !line.is_empty() {
            block.push((number, line));
            continue;
        }
        if block.is_empty() {
            continue;
        }
        let place = format!("{name}:{}", block[0].0);
        let lines: Vec<&str> = block.drain(..).map(|(_, l)| l).collect();
        let divider = lines.iter().position(|l| *l == "----").unwrap_or(lines.len());
        let (head, tail) = lines.split_at(divider);
        let (given, sql): (Vec<&str>, Vec<&str>) = head.iter().partition(|l| l.starts_with('@') || l.starts_with("? "));
        cases.push(Case {
            place,
            parameters: given.into_iter().map(parameter).collect(),
            sql: sql.join("\n"),
            expected: tail.iter().skip(1).map(|l| (*l).to_owned()).collect(),
        });
    }
    cases
}

/// Whether the last thing a query says is how its rows are ordered.
fn is_ordered(sql: &str) -> bool {
    let upper = sql.to_uppercase();
    upper
        .rfind("ORDER BY")
        .is_some_and(|at| !upper[at..].contains(')') || upper[at..].matches('(').count() >= upper[at..].matches(')').count())
}

async fn check(engine: &Engine, tables: &Tables, case: Case) -> Result<(), String> {
    let got = match answer(engine, tables, &case.sql, case.parameters).await {
        Ok(mut answer) => {
            if !is_ordered(&case.sql) {
                answer.rows.sort();
            }
            let mut lines = Vec::new();
            for wanted in &case.expected {
                if wanted.starts_with("bytes: ") {
                    lines.push(format!("bytes: {}", answer.bytes));
                } else if wanted.starts_with("tables: ") {
                    lines.push(format!("tables: {}", answer.tables));
                }
            }
            lines.push(answer.header);
            lines.extend(answer.rows);
            lines
        }
        Err(error) => {
            let reason = match error.reason {
                bigquery_emulator::engine::Reason::InvalidQuery => String::new(),
                other => format!("({other:?}) "),
            };
            format!("error: {reason}{}", error.message).lines().map(str::to_owned).collect()
        }
    };
    if got == case.expected {
        return Ok(());
    }
    Err(format!("{}\n{}\n  expected:\n    {}\n  got:\n    {}\n", case.place, case.sql, case.expected.join("\n    "), got.join("\n    ")))
}

fn engine() -> (Engine, tempfile::TempDir) {
    let spill = tempfile::tempdir().unwrap();
    let engine = Engine::new(EngineOptions { memory_limit_bytes: 256 << 20, threads: 2, temp_dir: spill.path().to_owned() }).unwrap();
    (engine, spill)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_case_gives_what_bigquery_gives() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(golden).unwrap().map(|e| e.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "slt")).collect();
    files.sort();
    let (engine, _spill) = engine();
    let tables = tables();
    let mut failures = Vec::new();
    let mut count = BTreeMap::new();
    for file in files {
        for case in cases(&file) {
            *count.entry(file.clone()).or_insert(0) += 1;
            failures.extend(check(&engine, &tables, case).await.err());
        }
    }
    let total: usize = count.values().sum();
    println!("{total} cases, {} failed", failures.len());
    assert!(failures.is_empty(), "{} of {total} failed:\n\n{}", failures.len(), failures.join("\n"));
}

/// A query that must be refused, on an engine with little memory; its reason.
async fn reason_of(engine: &Engine, tables: &Tables, sql: &str) -> Option<Reason> {
    answer(engine, tables, sql, Vec::new()).await.err().map(|e| e.reason)
}

#[tokio::test]
async fn a_query_beyond_the_memory_limit_is_stopped_and_others_go_on() {
    let spill = tempfile::tempdir().unwrap();
    let engine = Engine::new(EngineOptions { memory_limit_bytes: 4 << 20, threads: 2, temp_dir: spill.path().to_owned() }).unwrap();
    let tables = tables();
    let greedy = "SELECT x, ARRAY_AGG(y) AS ys FROM UNNEST(GENERATE_ARRAY(1, 2000)) AS x, \
                  UNNEST(GENERATE_ARRAY(1, 2000)) AS y GROUP BY x";
    assert_eq!(reason_of(&engine, &tables, greedy).await, Some(Reason::ResourcesExceeded));
    assert_eq!(reason_of(&engine, &tables, "SELECT name FROM artists").await, None);
}

#[tokio::test]
async fn deep_and_long_queries_are_answered_or_refused_but_never_crash() {
    let (engine, _spill) = engine();
    let tables = tables();
    let parentheses = format!("SELECT {}1{}", "(".repeat(5000), ")".repeat(5000));
    let sum = format!("SELECT 1{}", " + 1".repeat(20_000));
    let subqueries = format!("SELECT * FROM {}", "(SELECT * FROM ".repeat(3000));
    for sql in [parentheses, sum, subqueries] {
        assert!(reason_of(&engine, &tables, &sql).await.is_some());
    }
    let alternatives: Vec<String> = (0..500).map(|i| format!("popularity = {i}")).collect();
    let long = format!("SELECT COUNT(*) AS n FROM artists WHERE {}", alternatives.join(" OR "));
    assert_eq!(reason_of(&engine, &tables, &long).await, None);
    let values: Vec<String> = (0..5000).map(|i| i.to_string()).collect();
    let list = format!("SELECT COUNT(*) AS n FROM artists WHERE popularity IN ({})", values.join(", "));
    assert_eq!(reason_of(&engine, &tables, &list).await, None);
}

#[tokio::test]
async fn dropping_a_running_query_stops_it() {
    let (engine, _spill) = engine();
    let tables = tables();
    let endless = "SELECT COUNT(*) AS n FROM UNNEST(GENERATE_ARRAY(1, 1000000)) AS x, \
                   UNNEST(GENERATE_ARRAY(1, 1000000)) AS y WHERE x + y = 0";
    let short = std::time::Duration::from_millis(100);
    let cut = tokio::time::timeout(short, answer(&engine, &tables, endless, Vec::new())).await;
    assert!(cut.is_err(), "the query is far longer than its time");
    assert_eq!(reason_of(&engine, &tables, "SELECT name FROM artists").await, None);
}
