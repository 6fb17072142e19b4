//! A service in this process on a free port, and what it is made of.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use quaver::api::{ApiSettings, ApiState, HealthSource, Readiness};
use quaver::ask::link::Kind;
use quaver::ask::{AnswerStore, AskSettings, Executor, GeneratorSlot, Ledger, LinkValue, Linker, Pipeline, PipelineParts, PromptStyle};
use quaver::catalog::{Catalog, ColumnType, Mode};
use quaver::model::{Candidate, GenerationRequest, ModelError, ModelInfo, SqlGenerator};
use quaver::sql::ReadOnlyQuery;
use quaver::warehouse::{Accuracy, Cell, DryRun, Field, QueryOutcome, Rows, RunOptions, WarehouseError};
use reqwest::{Client, Response};
use serde_json::Value;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

pub(crate) const TOP: &str =
    "SELECT artist_name, SUM(plays) AS plays FROM music.listens GROUP BY artist_name ORDER BY plays DESC LIMIT @v1";

/// What the model does with a question.
#[derive(Clone)]
pub(crate) enum Model {
    Writes(&'static str),
    IsFull,
    Fails,
    Panics,
    Hangs,
    Loads,
}

/// What the warehouse does with a query.
#[derive(Clone)]
pub(crate) enum Store {
    Gives(fn() -> Rows),
    Fails(fn() -> WarehouseError),
    Costs(u64),
    Hangs,
}

pub(crate) struct Options {
    pub(crate) model: Model,
    pub(crate) store: Store,
    pub(crate) readiness: Readiness,
    pub(crate) request_timeout: Duration,
    pub(crate) sample: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            model: Model::Writes(TOP),
            store: Store::Gives(two_artists),
            readiness: Readiness::Ready,
            request_timeout: Duration::from_secs(20),
            sample: false,
        }
    }
}

pub(crate) struct Service {
    pub(crate) url: String,
    pub(crate) client: Client,
    pub(crate) stop: CancellationToken,
    /// Cancelled when the service has ended.
    pub(crate) ended: CancellationToken,
    pub(crate) watch: Arc<Watch>,
}

/// What happened in the warehouse.
#[derive(Default)]
pub(crate) struct Watch {
    pub(crate) started: Notify,
    pub(crate) dropped: Notify,
}

pub(crate) async fn service(options: Options) -> Service {
    let watch = Arc::new(Watch::default());
    let slot = match options.model {
        Model::Loads => {
            let (sender, slot) = GeneratorSlot::loading();
            // The slot stays empty for as long as its other end is there.
            std::mem::forget(sender);
            slot
        }
        model => GeneratorSlot::ready(Arc::new(FakeModel { model })),
    };
    let pipeline = Pipeline::new(PipelineParts {
        generator: slot,
        warehouse: Arc::new(FakeWarehouse { store: options.store, watch: Arc::clone(&watch) }),
        catalog: Arc::new(Catalog::embedded()),
        linker: Arc::new(linker()),
        settings: AskSettings::default(),
        prompt: PromptStyle::Masked,
        sample: options.sample,
        ledger: Arc::new(Ledger::unlimited()),
    });
    let stop = CancellationToken::new();
    let state = ApiState {
        pipeline,
        answers: AnswerStore::new(10),
        catalog: Arc::new(Catalog::embedded()),
        health: Arc::new(FakeHealth(options.readiness)),
        settings: ApiSettings {
            max_body_bytes: 64 * 1024,
            keys: Arc::default(),
            request_timeout: options.request_timeout,
            stop: CancellationToken::new(),
        },
    };
    start(state, stop, watch).await
}

/// Serves a state until `stop` is cancelled, with no grace for what then still runs.
pub(crate) async fn start(state: ApiState, stop: CancellationToken, watch: Arc<Watch>) -> Service {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let ended = CancellationToken::new();
    let (serving, over) = (quaver::api::serve(listener, state, stop.clone(), Duration::ZERO), ended.clone());
    tokio::spawn(async move {
        serving.await.unwrap();
        over.cancel();
    });
    let client = Client::builder().no_proxy().no_gzip().build().unwrap();
    Service { url, client, stop, ended, watch }
}

impl Service {
    pub(crate) async fn get(&self, path: &str) -> Response {
        self.client.get(format!("{}{path}", self.url)).send().await.unwrap()
    }

    pub(crate) async fn get_json(&self, path: &str) -> Value {
        self.get(path).await.json().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Response {
        self.client.post(format!("{}{path}", self.url)).json(body).send().await.unwrap()
    }

    pub(crate) async fn post_as(&self, path: &str, accept: &str, body: &Value) -> Response {
        self.client.post(format!("{}{path}", self.url)).header("accept", accept).json(body).send().await.unwrap()
    }

    pub(crate) async fn post_text(&self, path: &str, content_type: &str, body: impl Into<reqwest::Body>) -> Response {
        self.client.post(format!("{}{path}", self.url)).header("content-type", content_type).body(body).send().await.unwrap()
    }
}

pub(crate) fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

pub(crate) fn two_artists() -> Rows {
    rows(
        &[("artist_name", ColumnType::String), ("plays", ColumnType::Int64)],
        vec![vec![Cell::String("Earth, Wind & Fire".to_owned()), Cell::Int64(9_007_199_254_740_993)], vec![Cell::Null, Cell::Int64(7)]],
    )
}

fn rows(columns: &[(&str, ColumnType)], rows: Vec<Vec<Cell>>) -> Rows {
    let field = |(name, field_type): &(&str, ColumnType)| Field {
        name: (*name).to_owned(),
        field_type: *field_type,
        mode: Mode::Nullable,
        fields: Vec::new(),
    };
    Rows { fields: columns.iter().map(field).collect(), total_rows: rows.len() as u64, rows }
}

pub(crate) fn linker() -> Linker {
    let artist = LinkValue { kind: Kind::Artist, text: "Daft Punk".to_owned(), key: Some("daft-punk".to_owned()), weight: 10 };
    Linker::build([artist], ["the", "top", "artists"].map(|word| (word.to_owned(), 50)).into_iter().collect())
}

pub(crate) struct FakeHealth(pub(crate) Readiness);

impl HealthSource for FakeHealth {
    fn readiness(&self) -> Readiness {
        self.0
    }
}

pub(crate) struct FakeModel {
    pub(crate) model: Model,
}

#[async_trait]
impl SqlGenerator for FakeModel {
    fn info(&self) -> ModelInfo {
        ModelInfo { name: "fake".to_owned(), revision: "1".to_owned() }
    }

    async fn generate(&self, _request: GenerationRequest) -> Result<Vec<Candidate>, ModelError> {
        match &self.model {
            Model::Writes(sql) => Ok(vec![Candidate {
                text: (*sql).to_owned(),
                log_probability: -0.1,
                least_log_probability: -0.1,
                diverted: 0.0,
                explains: None,
                tokens: vec![0; 10],
                finished: true,
            }]),
            Model::IsFull => Err(ModelError::Overloaded),
            Model::Fails => Err(ModelError::Failed { message: "secret insides".to_owned() }),
            Model::Panics => panic!("secret insides"),
            Model::Hangs | Model::Loads => std::future::pending().await,
        }
    }
}

struct FakeWarehouse {
    store: Store,
    watch: Arc<Watch>,
}

#[async_trait]
impl Executor for FakeWarehouse {
    async fn dry_run(&self, query: &ReadOnlyQuery) -> Result<DryRun, WarehouseError> {
        let bytes_processed = match &self.store {
            Store::Costs(bytes) => *bytes,
            Store::Fails(error) => return Err(error()),
            Store::Gives(_) | Store::Hangs => 1000,
        };
        Ok(DryRun {
            statement_type: "SELECT".to_owned(),
            tables: query.tables().to_vec(),
            bytes_processed,
            accuracy: Accuracy::Precise,
            fields: two_artists().fields,
        })
    }

    async fn run(&self, _query: &ReadOnlyQuery, options: &RunOptions) -> Result<QueryOutcome, WarehouseError> {
        let _tell = TellDropped(&self.watch);
        self.watch.started.notify_one();
        match &self.store {
            Store::Hangs => std::future::pending().await,
            Store::Gives(rows) => {
                let mut rows = rows();
                rows.rows.truncate(options.max_rows as usize);
                Ok(QueryOutcome { rows, bytes_processed: 2000, bytes_billed: Some(10 << 20), cache_hit: false, job_id: "job".to_owned() })
            }
            Store::Fails(error) => Err(error()),
            Store::Costs(_) => panic!("a query over the cap must not run"),
        }
    }
}

struct TellDropped<'a>(&'a Watch);

impl Drop for TellDropped<'_> {
    fn drop(&mut self) {
        self.0.dropped.notify_one();
    }
}
