//! A service with a proxy between its client and the embedded endpoint: what passes can be broken, or told otherwise than it is.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use fault_proxy::Proxy;
use quaver::api::{ApiKey, ApiSettings, ApiState, Readiness};
use quaver::app::{Backend, Sharing};
use quaver::ask::{AnswerStore, AskSettings, GeneratorSlot, Ledger, Pipeline, PipelineParts, PromptStyle};
use quaver::catalog::Catalog;
use quaver::config::{Overrides, load_from};
use quaver::warehouse::{Connection, Credentials, Warehouse, WriteDisposition};
use serde_json::json;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::harness::{FakeHealth, FakeModel, Model, Service, TOP, linker, start};

/// What may be different from one test to another.
pub(crate) struct Setup {
    pub(crate) settings: AskSettings,
    pub(crate) ledger: Ledger,
    pub(crate) keys: Vec<ApiKey>,
    /// Characters of each of 6,000 more names of artists.
    pub(crate) long_names: usize,
}

impl Default for Setup {
    fn default() -> Self {
        Self { settings: AskSettings::default(), ledger: Ledger::unlimited(), keys: Vec::new(), long_names: 0 }
    }
}

pub(crate) struct Behind {
    pub(crate) proxy: Proxy,
    pub(crate) service: Service,
    _backend: Backend,
    _dir: TempDir,
}

/// A service over an endpoint with a table of plays, by way of the proxy.
pub(crate) async fn behind(setup: Setup) -> Behind {
    let dir = tempfile::tempdir().unwrap();
    let overrides = Overrides { data_dir: Some(dir.path().to_owned()), ..Overrides::default() };
    let config = load_from(&overrides, []).unwrap();
    let backend = Backend::open(&config, Sharing::Own).await.unwrap();
    let own = backend.warehouse();
    own.create_dataset("music").await.unwrap();
    let listens = Catalog::embedded().table("listens").unwrap().clone();
    let row = |user: u32, artist: &str, plays: u32| {
        json!({ "user_id": user, "artist_id": artist.to_lowercase(), "artist_name": artist, "plays": plays }).to_string() + "\n"
    };
    let rows = row(1, "Air", 3) + &row(2, "Air", 4) + &row(1, "Moby", 5) + &row(3, "Kino", 1);
    let long = |at: usize| row(4, &format!("{at:0width$}", width = setup.long_names), 0);
    let rows = rows + &(0..if setup.long_names > 0 { 6000 } else { 0 }).map(long).collect::<String>();
    own.load_ndjson("music", &listens, Bytes::from(rows), WriteDisposition::Truncate).await.unwrap();

    let address = bigquery_emulator::Emulator::owner_of(&config.data.dir).unwrap();
    let proxy = Proxy::start(&address.to_string()).await.unwrap();
    let warehouse = Warehouse::connect(Connection {
        project: own.project().to_owned(),
        data_project: None,
        endpoint: Some(proxy.root.clone()),
        location: config.warehouse.location.clone(),
        dataset: "music".to_owned(),
        credentials: Credentials::None,
        request_timeout: Duration::from_secs(20),
        query_timeout: Duration::from_secs(20),
        max_retries: 2,
    });
    let pipeline = Pipeline::new(PipelineParts {
        generator: GeneratorSlot::ready(Arc::new(FakeModel { model: Model::Writes(TOP) })),
        warehouse: Arc::new(warehouse.await.unwrap()),
        catalog: Arc::new(Catalog::embedded()),
        linker: Arc::new(linker()),
        settings: setup.settings,
        prompt: PromptStyle::Masked,
        sample: false,
        ledger: Arc::new(setup.ledger),
    });
    let state = ApiState {
        pipeline,
        answers: AnswerStore::new(10),
        catalog: Arc::new(Catalog::embedded()),
        health: Arc::new(FakeHealth(Readiness::Ready)),
        settings: ApiSettings {
            max_body_bytes: 64 * 1024,
            keys: setup.keys.into(),
            request_timeout: Duration::from_secs(30),
            stop: CancellationToken::new(),
        },
    };
    let service = start(state, CancellationToken::new(), Arc::default()).await;
    Behind { proxy, service, _backend: backend, _dir: dir }
}
