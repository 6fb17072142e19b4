//! One suite for two warehouses. It runs on the embedded endpoint; where `QUAVER_TEST_PROJECT` names a project of Google Cloud, the
//! same checks run there, found and signed in to as the program itself does it (`QUAVER__WAREHOUSE__*`, application default
//! credentials). Nothing below asks which of the two it is.
//!
//! All that it makes is in one new dataset, which it deletes: no dataset of the project is read or changed. It takes no streaming
//! inserts and no DML, which a project without billing refuses. The README says which roles it needs and what it costs.

use std::collections::HashMap;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use fault_proxy::Proxy;
use quaver::api::{ApiSettings, ApiState, Readiness};
use quaver::app::{Backend, Sharing};
use quaver::ask::{AnswerStore, AskSettings, GeneratorSlot, Ledger, Pipeline, PipelineParts, PromptStyle, Rate};
use quaver::catalog::{Catalog, Table};
use quaver::config::{Overrides, load_from};
use quaver::sql::{Parameter, ParameterValue, Policy, ReadOnlyQuery, validate};
use quaver::warehouse::{Accuracy, Cell, RunOptions, Warehouse, WarehouseError, WriteDisposition};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::harness::{FakeHealth, FakeModel, Model, Service, TOP, linker, start};
use crate::warehouse_queries;

const PROJECT: &str = "QUAVER_TEST_PROJECT";
const MIB: u64 = 1 << 20;
/// Users of the test: more than a page of rows.
const USERS: u64 = 10_100;

/// The warehouse that the checks run on, and a dataset of their own in it.
pub(crate) struct Place {
    pub(crate) warehouse: Warehouse,
    /// The tables that questions may read, in that dataset.
    catalog: Catalog,
    backend: Backend,
    _dir: TempDir,
}

impl Place {
    async fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let overrides = Overrides { data_dir: Some(dir.path().to_owned()), ..Overrides::default() };
        let dataset = format!("quaver_test_{}", uuid::Uuid::new_v4().simple());
        // The only difference between the two warehouses: the settings that the program itself reads.
        let mut environment: HashMap<String, String> = match std::env::var(PROJECT) {
            Ok(project) if !project.is_empty() => {
                println!("the suite runs on the project {project}, in the new dataset {dataset}");
                std::env::vars().chain([("QUAVER__WAREHOUSE__PROJECT".to_owned(), project)]).collect()
            }
            _ => {
                println!("the suite runs on the embedded endpoint; {PROJECT} names a project of Google Cloud to run it on");
                HashMap::new()
            }
        };
        environment.insert("QUAVER__WAREHOUSE__DATASET".to_owned(), dataset.clone());
        let config = load_from(&overrides, environment).unwrap();
        let backend = Backend::open(&config, Sharing::Own).await.unwrap();
        let warehouse = backend.warehouse().clone();
        warehouse.create_dataset(&dataset).await.unwrap();
        Self { warehouse, catalog: Catalog { dataset, ..Catalog::embedded() }, backend, _dir: dir }
    }

    pub(crate) fn dataset(&self) -> &str {
        &self.catalog.dataset
    }

    fn table(&self, name: &str) -> Table {
        self.catalog.table(name).unwrap().clone()
    }

    fn query(&self, sql: &str, parameters: &[Parameter]) -> ReadOnlyQuery {
        let sql = sql.replace("music.", &format!("{}.", self.dataset()));
        validate(&sql, &self.catalog, parameters, &Policy::default()).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    async fn fill(&self) {
        let users: String = (0..USERS)
            .map(|id| json!({ "user_id": id, "country": if id % 2 == 0 { "France" } else { "Canada" } }).to_string() + "\n")
            .collect();
        let loaded = self.warehouse.load_ndjson(self.dataset(), &self.table("users"), Bytes::from(users), WriteDisposition::Truncate).await;
        assert_eq!(loaded, Ok(USERS));
        let row = |user: u32, artist: &str, plays: u32| {
            json!({ "user_id": user, "artist_id": artist.to_lowercase(), "artist_name": artist, "plays": plays }).to_string() + "\n"
        };
        let plays = row(1, "Air", 3) + &row(2, "Air", 4) + &row(1, "Moby", 5) + &row(3, "Élan", 1);
        let listens = self.table("listens");
        assert_eq!(self.warehouse.load_ndjson(self.dataset(), &listens, Bytes::from(plays), WriteDisposition::Truncate).await, Ok(4));
    }

    /// Deletes the dataset with all that is in it. What the statement itself answers does not matter, only what is there then.
    async fn clear(self) {
        let dropped = self.warehouse.read_trusted(&format!("DROP SCHEMA `{}` CASCADE", self.dataset()), 1).await;
        assert_eq!(self.warehouse.dataset_exists(self.dataset()).await, Ok(false), "{dropped:?}");
        self.backend.close().await;
    }
}

fn options() -> RunOptions {
    let labels = vec![("app".to_owned(), "quaver-test".to_owned())];
    RunOptions { max_rows: 100_000, max_bytes_billed: 50 * MIB, timeout: Duration::from_secs(120), labels }
}

fn ints(rows: &[Vec<Cell>]) -> Vec<i64> {
    rows.iter().map(|row| if let [Cell::Int64(n)] = row.as_slice() { *n } else { panic!("a row of {row:?}") }).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_suite_holds_on_the_warehouse() {
    let place = Place::open().await;
    // A check that fails must not leave its dataset behind.
    let place = Arc::new(place);
    let checked = Arc::clone(&place);
    let checks = tokio::spawn(async move {
        checked.fill().await;
        tables_are_made_described_copied_and_deleted(&checked).await;
        loads_are_whole_or_nothing(&checked).await;
        queries_bring_every_row_once(&checked).await;
        parameters_of_every_kind_are_bound(&checked).await;
        dry_runs_tell_the_bytes_and_caps_hold(&checked).await;
        what_is_wrong_has_its_code(&checked).await;
        warehouse_queries::googlesql_is_answered_alike(&checked).await;
        the_service_answers(&checked).await;
    });
    let outcome = checks.await;
    Arc::into_inner(place).unwrap().clear().await;
    if let Err(failed) = outcome {
        std::panic::resume_unwind(failed.into_panic());
    }
}

async fn tables_are_made_described_copied_and_deleted(place: &Place) {
    let (warehouse, dataset) = (&place.warehouse, place.dataset());
    let mut charts = place.table("chart_entries");
    "made".clone_into(&mut charts.name);
    warehouse.create_table(dataset, &charts, &[("kind", "test"), ("sample", "true")]).await.unwrap();
    warehouse.create_table(dataset, &charts, &[]).await.unwrap();
    let made = warehouse.table_info(dataset, "made").await.unwrap().unwrap();
    assert_eq!((made.rows, made.labels["kind"].as_str(), made.description.as_str()), (0, "test", charts.description.as_str()));
    "Another".clone_into(&mut charts.description);
    warehouse.describe_table(dataset, &charts, &[("sample", None)]).await.unwrap();
    let changed = warehouse.table_info(dataset, "made").await.unwrap().unwrap();
    assert_eq!((changed.description.as_str(), changed.labels.len()), ("Another", 1));
    assert_ne!(changed.etag, made.etag);
    warehouse.copy_table(dataset, "listens", "copied").await.unwrap();
    assert_eq!(warehouse.table_info(dataset, "copied").await.unwrap().unwrap().rows, 4);
    let mut passing = place.table("users");
    "passing".clone_into(&mut passing.name);
    warehouse.create_passing_table(dataset, &passing, Duration::from_secs(7200)).await.unwrap();
    let sql = format!("SELECT user_id, country FROM {dataset}.users WHERE user_id < 10");
    for (disposition, rows) in [(WriteDisposition::Truncate, 10), (WriteDisposition::Append, 20), (WriteDisposition::Truncate, 10)] {
        warehouse.run_to_table(&sql, dataset, &passing, disposition).await.unwrap();
        assert_eq!(warehouse.table_info(dataset, "passing").await.unwrap().unwrap().rows, rows);
    }
    for table in ["made", "copied", "passing", "passing"] {
        warehouse.delete_table(dataset, table).await.unwrap();
        assert_eq!(warehouse.table_info(dataset, table).await, Ok(None));
    }
    assert_eq!(warehouse.dataset_exists("quaver_test_there_is_none").await, Ok(false));
}

async fn loads_are_whole_or_nothing(place: &Place) {
    let (warehouse, dataset) = (&place.warehouse, place.dataset());
    let mut users = place.table("users");
    "loaded".clone_into(&mut users.name);
    let load = async |text: &'static str, disposition| {
        warehouse.load_ndjson(dataset, &users, Bytes::from_static(text.as_bytes()), disposition).await
    };
    let rows = async || warehouse.table_info(dataset, "loaded").await.unwrap().unwrap().rows;
    assert_eq!(load("{\"user_id\":1,\"country\":\"Chile\"}\n{\"user_id\":2}\n", WriteDisposition::Append).await, Ok(2));
    for broken in
        ["{\"user_id\":3}\n{\"user_id\":\"three\"}\n", "{\"country\":\"Peru\"}\n", "{\"user_id\":3,\"town\":\"Lima\"}\n", "{\"user_id\":"]
    {
        for disposition in [WriteDisposition::Append, WriteDisposition::Truncate] {
            let error = load(broken, disposition).await.unwrap_err();
            assert!(matches!(&error, WarehouseError::Job { reason, .. } if reason == "invalid"), "{broken}: {error}");
            assert_eq!(rows().await, 2, "{broken}");
        }
    }
    assert_eq!(load("{\"user_id\":4}\n", WriteDisposition::Append).await, Ok(1));
    assert_eq!(rows().await, 3);
    assert_eq!(load("{\"user_id\":5}\n", WriteDisposition::Truncate).await, Ok(1));
    assert_eq!(rows().await, 1);
}

async fn queries_bring_every_row_once(place: &Place) {
    let all = place.query("SELECT user_id FROM music.users ORDER BY user_id", &[]);
    let outcome = place.warehouse.run(&all, &options()).await.unwrap();
    assert_eq!(outcome.rows.total_rows, USERS);
    assert!(ints(&outcome.rows.rows).into_iter().eq(0..i64::try_from(USERS).unwrap()));
    let some = place.warehouse.run(&all, &RunOptions { max_rows: 7, ..options() }).await.unwrap();
    assert_eq!((ints(&some.rows.rows), some.rows.total_rows), ((0..7).collect(), USERS));
    // What came from the cache is free; whether it did is the warehouse's to say.
    assert!(!some.cache_hit || some.bytes_billed == Some(0), "{some:?}");
    let none = place.warehouse.run(&place.query("SELECT user_id FROM music.users WHERE user_id < 0", &[]), &options()).await.unwrap();
    assert_eq!((none.rows.rows.len(), none.rows.fields.len()), (0, 1));
}

async fn parameters_of_every_kind_are_bound(place: &Place) {
    let parameter = |name: &str, value: ParameterValue| Parameter { name: name.to_owned(), value };
    let date = chrono::NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let cases = [
        ("country = @p", ParameterValue::String("France".to_owned()), USERS / 2),
        ("country = @p", ParameterValue::String("l'été \\ \" ` -- ; DROP".to_owned()), 0),
        ("user_id < @p", ParameterValue::Int64(12), 12),
        ("user_id < @p", ParameterValue::Float64(11.5), 12),
        ("@p AND user_id < 3", ParameterValue::Bool(true), 3),
        ("EXTRACT(DAY FROM @p) = 29 AND user_id < 3", ParameterValue::Date(date), 3),
        (
            "EXTRACT(HOUR FROM @p) = 12 AND user_id < 3",
            ParameterValue::Timestamp(date.and_hms_micro_opt(12, 0, 0, 5).unwrap().and_utc()),
            3,
        ),
        ("country IN UNNEST(@p)", ParameterValue::StringArray(texts(&["Canada", "Peru"])), USERS / 2),
        ("country IN UNNEST(@p)", ParameterValue::StringArray(Vec::new()), 0),
        ("user_id IN UNNEST(@p)", ParameterValue::Int64Array(vec![1, 2, -3]), 2),
    ];
    for (condition, value, expected) in cases {
        let query = place.query(&format!("SELECT COUNT(*) AS n FROM music.users WHERE {condition}"), &[parameter("p", value)]);
        let outcome = place.warehouse.run(&query, &options()).await.unwrap_or_else(|error| panic!("{condition}: {error}"));
        assert_eq!(ints(&outcome.rows.rows), [i64::try_from(expected).unwrap()], "{condition}");
    }
}

async fn dry_runs_tell_the_bytes_and_caps_hold(place: &Place) {
    let dry = async |sql: &str| place.warehouse.dry_run(&place.query(sql, &[])).await.unwrap();
    // INT64 is 8 bytes, STRING 2 and its length: <https://cloud.google.com/bigquery/docs/reference/standard-sql/data-types#data_type_sizes>
    let ids = dry("SELECT user_id FROM music.users").await;
    assert_eq!((ids.bytes_processed, ids.accuracy, ids.statement_type.as_str()), (8 * USERS, Accuracy::Precise, "SELECT"));
    assert_eq!(ids.tables, [format!("{}.users", place.dataset())]);
    assert_eq!((ids.fields.len(), ids.fields[0].name.as_str()), (1, "user_id"));
    assert_eq!(dry("SELECT * FROM music.users").await.bytes_processed, (8 + 2 + 6) * USERS);
    assert_eq!(dry("SELECT COUNT(*) AS n FROM music.users").await.bytes_processed, 0);
    // Twelve megabytes of texts.
    let rows: String = (0..1500)
        .map(|n| json!({ "user_id": n, "artist_id": "a", "artist_name": format!("{n:08000}"), "plays": 1 }).to_string() + "\n")
        .collect();
    place.warehouse.load_ndjson(place.dataset(), &place.table("listens"), Bytes::from(rows), WriteDisposition::Append).await.unwrap();
    let long = place.query("SELECT MAX(artist_name) AS last FROM music.listens", &[]);
    let estimate = place.warehouse.dry_run(&long).await.unwrap().bytes_processed;
    assert_eq!(estimate, 1500 * 8002 + (2 + 3) * 2 + (2 + 4) + (2 + 5));
    let error = place.warehouse.run(&long, &RunOptions { max_bytes_billed: 10 * MIB, ..options() }).await.unwrap_err();
    assert!(error.to_string().contains("bytesBilledLimitExceeded"), "{error}");
    let outcome = place.warehouse.run(&long, &options()).await.unwrap();
    assert_eq!((outcome.bytes_processed, outcome.bytes_billed), (estimate, Some(12 * MIB)));
}

async fn what_is_wrong_has_its_code(place: &Place) {
    let read = async |sql: &str| place.warehouse.read_trusted(&sql.replace("music.", &format!("{}.", place.dataset())), 10).await;
    for (sql, code, reason, message) in warehouse_queries::errors(place) {
        match read(sql).await.err().unwrap_or_else(|| panic!("{sql}: no error")) {
            WarehouseError::Api { code: told, reason: why, message: words, .. } => {
                assert_eq!((told, why.as_str()), (code, reason), "{sql}: {words}");
                assert!(words.starts_with(&message), "{sql}: {words}, not {message}");
            }
            WarehouseError::Job { reason: why, message: words, .. } => {
                assert_eq!(why, reason, "{sql}: {words}");
                assert!(words.starts_with(&message), "{sql}: {words}, not {message}");
            }
            other => panic!("{sql}: {other}"),
        }
    }
    let timeout = Duration::from_millis(1);
    let late = place
        .warehouse
        .run(&place.query("SELECT COUNT(DISTINCT country) AS n FROM music.users", &[]), &RunOptions { timeout, ..options() })
        .await;
    assert_eq!(late, Err(WarehouseError::DeadlineExceeded { after: timeout }));
}

async fn service(place: &Place) -> Service {
    let top = TOP.replace("music.", &format!("{}.", place.dataset()));
    let settings = AskSettings { price: Some(Rate { per_tib: 6.25, currency: "USD".to_owned() }), ..AskSettings::default() };
    let pipeline = Pipeline::new(PipelineParts {
        generator: GeneratorSlot::ready(Arc::new(FakeModel { model: Model::Writes(top.leak()) })),
        warehouse: Arc::new(place.warehouse.clone()),
        catalog: Arc::new(place.catalog.clone()),
        linker: Arc::new(linker()),
        settings,
        prompt: PromptStyle::Masked,
        sample: false,
        ledger: Arc::new(Ledger::unlimited()),
    });
    let state = ApiState {
        pipeline,
        answers: AnswerStore::new(10),
        catalog: Arc::new(place.catalog.clone()),
        health: Arc::new(FakeHealth(Readiness::Ready)),
        settings: ApiSettings {
            max_body_bytes: 64 * 1024,
            keys: Arc::default(),
            request_timeout: Duration::from_secs(120),
            stop: CancellationToken::new(),
        },
    };
    start(state, CancellationToken::new(), Arc::default()).await
}

async fn the_service_answers(place: &Place) {
    let service = service(place).await;
    let answer: Value = service.post("/v1/ask", &json!({ "question": "Who are the top 2 artists?" })).await.json().await.unwrap();
    assert_eq!(answer["row_count"], json!(2), "{answer}");
    let cost = &answer["cost"];
    assert_eq!((&cost["estimate_accuracy"], &cost["bytes_cap"]), (&json!("precise"), &json!(1 << 30)), "{answer}");
    assert_eq!(cost["bytes_estimated"], cost["bytes_processed"], "{answer}");
    assert!(cost["bytes_billed"].as_u64().unwrap() >= 10 * MIB && cost["price"]["amount"].as_f64().unwrap() > 0.0, "{answer}");
    let sql = async |sql: &str| {
        let sql = sql.replace("music.", &format!("{}.", place.dataset()));
        let response = service.post("/v1/sql", &json!({ "sql": sql })).await;
        (response.status().as_u16(), response.json::<Value>().await.unwrap())
    };
    let (_, answer) = sql("SELECT country, COUNT(*) AS n FROM music.users GROUP BY country ORDER BY country").await;
    let expected = json!([{ "country": "Canada", "n": USERS / 2 }, { "country": "France", "n": USERS / 2 }]);
    assert_eq!(answer["rows"], expected, "{answer}");
    for (statement, status, code) in [
        ("DROP TABLE music.users", 422, "sql_rejected"),
        ("SELECT 1 / (user_id - user_id) AS broken FROM music.users", 422, "sql_rejected"),
        ("SELECT track_id FROM music.tracks", 502, "warehouse_failed"),
    ] {
        let (told, problem) = sql(statement).await;
        assert_eq!((told, &problem["code"]), (status, &json!(code)), "{problem}");
    }
}

/// What a person does who sets the variable, with an endpoint of this process in Google's place.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_suite_runs_unchanged_on_the_project_that_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let emulator = bigquery_emulator::Emulator::open(bigquery_emulator::EmulatorOptions {
        project_id: "a-real-project".to_owned(),
        memory_limit_bytes: 256 << 20,
        ..bigquery_emulator::EmulatorOptions::new(dir.path())
    });
    let (emulator, stop) = (emulator.unwrap(), CancellationToken::new());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let stopped = stop.clone();
    tokio::spawn(async move { emulator.serve(listener, stopped.cancelled_owned()).await });
    let proxy = Proxy::start(&address).await.unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "warehouses::the_suite_holds_on_the_warehouse", "--nocapture"]).env(PROJECT, "a-real-project");
    command.env("QUAVER__WAREHOUSE__ENDPOINT", format!("{}/bigquery/v2", proxy.root)).stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("the suite runs on the project a-real-project"), "{said}");
    for path in
        ["POST /projects/a-real-project/jobs", "GET /projects/a-real-project/queries/", "POST /upload/ /projects/a-real-project/jobs"]
    {
        assert!(!proxy.seen(path).is_empty(), "nothing of {path} came: {said}");
    }
    let named = proxy.seen("POST /projects/a-real-project/datasets");
    assert!(named[0].json()["datasetReference"]["datasetId"].as_str().unwrap().starts_with("quaver_test_"));
    // Nothing is left in the project.
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let left = client.get(format!("{}/bigquery/v2/projects/a-real-project/datasets", proxy.root)).send().await.unwrap();
    let left: Value = left.json().await.unwrap();
    assert_eq!(left.get("datasets"), None, "{left}");
    stop.cancel();
}
