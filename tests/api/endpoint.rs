//! The whole path but for the model's own work: HTTP, validation, the BigQuery client, the embedded endpoint over a directory, rows.

use std::sync::Arc;

use quaver::api::{ApiSettings, ApiState, Readiness};
use quaver::app::{Backend, Sharing};
use quaver::ask::{AnswerStore, AskSettings, GeneratorSlot, Ledger, Pipeline, PipelineParts, PromptStyle};
use quaver::catalog::Catalog;
use quaver::config::{Overrides, load_from};
use quaver::ingest::{Silent, sample};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::harness::{FakeHealth, FakeModel, Model, Service, TOP, linker, start};

/// A service over its own endpoint with the sample.
struct Real {
    service: Service,
    backend: Backend,
    _dir: TempDir,
}

async fn real(model: Model) -> Real {
    let dir = tempfile::tempdir().unwrap();
    let overrides = Overrides { data_dir: Some(dir.path().to_owned()), ..Overrides::default() };
    let config = load_from(&overrides, []).unwrap();
    let backend = Backend::open(&config, Sharing::Own).await.unwrap();
    sample::install(backend.warehouse(), &Silent).await.unwrap();
    let pipeline = Pipeline::new(PipelineParts {
        generator: GeneratorSlot::ready(Arc::new(FakeModel { model })),
        warehouse: Arc::new(backend.warehouse().clone()),
        catalog: Arc::new(Catalog::embedded()),
        linker: Arc::new(linker()),
        settings: AskSettings::default(),
        prompt: PromptStyle::Masked,
        sample: true,
        ledger: Arc::new(Ledger::unlimited()),
    });
    let state = ApiState {
        pipeline,
        answers: AnswerStore::new(10),
        catalog: Arc::new(Catalog::embedded()),
        health: Arc::new(FakeHealth(Readiness::Ready)),
        settings: ApiSettings {
            max_body_bytes: config.server.max_body_bytes,
            keys: Arc::default(),
            request_timeout: config.server.request_timeout,
            stop: CancellationToken::new(),
        },
    };
    Real { service: start(state, CancellationToken::new(), Arc::default()).await, backend, _dir: dir }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn questions_and_sql_are_answered_from_the_sample() {
    let Real { service, backend, _dir } = real(Model::Writes(TOP)).await;
    let ask = async |question: &str| -> Value { service.post("/v1/ask", &json!({"question": question})).await.json().await.unwrap() };
    let english = ask("Who are the top 3 artists?").await;
    assert_eq!((&english["row_count"], &english["sample"]), (&json!(3), &json!(true)), "{english}");
    assert!(english["summary"]["text"].as_str().unwrap().contains("(Sample data.)"), "{english}");
    assert!(english["cost"]["bytes_processed"].as_u64().unwrap() > 0);
    let plays: Vec<i64> = english["rows"].as_array().unwrap().iter().map(|row| row["plays"].as_i64().unwrap()).collect();
    assert!(plays.is_sorted_by(|a, b| a >= b) && plays[2] > 0, "{plays:?}");
    let french = ask("Quels sont les 3 artistes les plus écoutés ?").await;
    assert_eq!((&french["rows"], &french["language"]), (&english["rows"], &json!("fr")));

    let sql = "SELECT country, COUNT(*) AS users, ARRAY_AGG(user_id ORDER BY user_id LIMIT 2) AS first FROM music.users GROUP BY country";
    // Before it runs: what is in the cache of results reads nothing.
    let report: Value = service.post("/v1/sql/validate", &json!({"sql": sql})).await.json().await.unwrap();
    let run: Value = service.post("/v1/sql", &json!({"sql": sql, "max_rows": 2})).await.json().await.unwrap();
    assert_eq!((run["rows"].as_array().unwrap().len(), &run["truncated"]), (2, &json!(true)), "{run}");
    assert_eq!((&run["columns"][2]["type"], &run["columns"][2]["mode"]), (&json!("INT64"), &json!("REPEATED")));
    assert_eq!((&report["statement_type"], &report["within_cap"]), (&json!("SELECT"), &json!(true)));
    assert_eq!(report["bytes_processed"], run["cost"]["bytes_processed"]);

    let failing = json!({"sql": "SELECT 1 / (user_id - user_id) AS broken FROM music.users"});
    let response = service.post("/v1/sql", &failing).await;
    assert_eq!(response.status(), 422);
    let problem: Value = response.json().await.unwrap();
    assert_eq!(problem["code"], "sql_rejected", "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains("division by zero"), "{problem}");

    // Without its endpoint the service still answers, and says what is wrong.
    backend.close().await;
    let response = service.post("/v1/sql", &json!({"sql": "SELECT name FROM music.artists"})).await;
    let problem: Value = response.json().await.unwrap();
    assert_eq!(problem["code"], "warehouse_failed", "{problem}");
}
