//! Builds and wires everything from a `Config`: the warehouse (BigQuery, or the embedded endpoint with its sample), the model, the
//! values that questions name, the pipeline.
//!
//! What can be wrong at a start is found before anything is served and says what to do about it. What takes long (the model, the
//! values) happens in the background: the service answers health checks meanwhile.

mod backend;
mod error;
mod language;
mod model;
mod values;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use backend::{Backend, EMBEDDED_PROJECT, Sharing, emulator_options, open_emulator, storage};
pub use error::AppError;
pub use language::SqlLanguage;
pub use model::{find_manifest, hub_settings};

use crate::api::{ApiKey, ApiSettings, ApiState, HealthSource, Readiness};
use crate::ask::evaluation::TrainedTemplates;
use crate::ask::ledger::Caps;
use crate::ask::{AnswerStore, AskSettings, GeneratorSlot, GeneratorState, Ledger, Linker, Pipeline, PipelineParts, Rate, SummarySettings};
use crate::catalog::Catalog;
use crate::config::{Config, LimitSettings};
use crate::ingest::tables::MUSIC;
use crate::ingest::{Progress, sample};
use crate::model::{AnswerLanguage, Manifest};
use crate::sql::Policy;
use crate::warehouse::Warehouse;

/// Looking at the embedded endpoint costs nothing, and `quaver load` beside the service should show soon.
const EMBEDDED_REFRESH: Duration = Duration::from_secs(5);

/// A process that answers questions.
pub struct App {
    backend: Backend,
    pipeline: Pipeline,
    catalog: Arc<Catalog>,
    config: Config,
    health: Arc<Health>,
    model: Option<JoinHandle<Result<(), AppError>>>,
    values: JoinHandle<()>,
    stop: CancellationToken,
}

/// What `/readyz` asks.
struct Health {
    generator: GeneratorSlot,
    values: watch::Receiver<bool>,
    stopping: AtomicBool,
}

impl App {
    /// Opens the warehouse (installing the sample where there is no data), and begins to load the model and the values.
    ///
    /// # Errors
    /// [`AppError`], each naming what is wrong and what to do about it.
    pub async fn start(config: Config, sharing: Sharing, progress: Arc<dyn Progress>) -> Result<Self, AppError> {
        if config.warehouse.dataset != MUSIC {
            return Err(AppError::Dataset { name: config.warehouse.dataset });
        }
        let manifest = find_manifest(&config.model)?;
        let backend = Backend::open(&config, sharing).await?;
        let catalog = Arc::new(Catalog::embedded());
        if backend.is_embedded() && sample::is_missing(backend.warehouse()).await? {
            tracing::info!("installing the sample data");
            sample::install(backend.warehouse(), progress.as_ref()).await?;
        }

        let ledger = Arc::new(open_ledger(&config, backend.is_embedded())?);
        let (generator, slot) = GeneratorSlot::loading();
        let pipeline = Pipeline::new(PipelineParts {
            generator: slot.clone(),
            warehouse: Arc::new(backend.warehouse().clone()),
            catalog: Arc::clone(&catalog),
            linker: Arc::new(Linker::build([], [].into())),
            settings: AskSettings {
                price: (!backend.is_embedded()).then(|| rate(&config.limits)),
                ..ask_settings(&config, &manifest, backend.warehouse().data_project())
            },
            prompt: manifest.prompt.clone(),
            sample: false,
            ledger,
        });
        let policy = ask_settings(&config, &manifest, backend.warehouse().data_project()).sql;
        let language =
            config.model.constrained.then(|| Arc::new(SqlLanguage::new(Catalog::clone(&catalog), policy)) as Arc<dyn AnswerLanguage>);
        let loading = model::start(manifest, &config, language, (generator, pipeline.clone()), Arc::clone(&progress));
        let (known, values_known) = watch::channel(false);
        let refresher = values::Refresher {
            warehouse: backend.warehouse().clone(),
            catalog: Arc::clone(&catalog),
            pipeline: pipeline.clone(),
            question_words: loading.question_words,
            interval: if backend.is_embedded() { config.warehouse.refresh.min(EMBEDDED_REFRESH) } else { config.warehouse.refresh },
            options: values::options(&config),
        };
        let values = tokio::spawn(refresher.run(known));
        let health = Arc::new(Health { generator: slot, values: values_known, stopping: AtomicBool::new(false) });
        Ok(Self { backend, pipeline, catalog, config, health, model: Some(loading.loaded), values, stop: CancellationToken::new() })
    }

    /// Waits until questions are answered.
    ///
    /// # Errors
    /// [`AppError::Model`] when the model cannot be had.
    pub async fn ready(&mut self) -> Result<(), AppError> {
        if let Some(model) = self.model.as_mut() {
            let loaded = model.await;
            self.model = None;
            loaded.map_err(|error| AppError::Background { what: "loading the model", message: error.to_string() })??;
        }
        let mut values = self.health.values.clone();
        // Closed only when the refresher has ended, which it does with this value.
        let _ = values.wait_for(|known| *known).await;
        Ok(())
    }

    /// The warehouse that answers.
    #[must_use]
    pub fn warehouse(&self) -> &Warehouse {
        self.backend.warehouse()
    }

    /// What answers questions.
    #[must_use]
    pub fn pipeline(&self) -> &Pipeline {
        &self.pipeline
    }

    /// The templates that the model was trained on, where its folder lists them.
    #[must_use]
    pub fn trained_templates(&self) -> Option<TrainedTemplates> {
        let manifest = find_manifest(&self.config.model).ok()?;
        model::trained_templates(&manifest)
    }

    /// What the HTTP API needs.
    #[must_use]
    pub fn api_state(&self) -> ApiState {
        ApiState {
            pipeline: self.pipeline.clone(),
            answers: AnswerStore::new(self.config.limits.answers_kept),
            catalog: Arc::clone(&self.catalog),
            health: Arc::clone(&self.health) as Arc<dyn HealthSource>,
            settings: ApiSettings {
                max_body_bytes: self.config.server.max_body_bytes,
                keys: self.config.server.keys.iter().map(|(name, digest)| ApiKey { name: name.clone(), digest: *digest }).collect(),
                request_timeout: self.config.server.request_timeout,
                stop: self.stop.clone(),
            },
        }
    }

    /// From now on `/readyz` sends new requests elsewhere.
    pub fn begin_stop(&self) {
        self.health.stopping.store(true, Ordering::Relaxed);
    }

    /// Ends the background work, then the embedded endpoint; the data directory is free afterwards.
    pub async fn close(self) {
        self.values.abort();
        if let Some(model) = self.model {
            model.abort();
        }
        self.backend.close().await;
    }
}

/// The account of the day; the embedded endpoint costs nothing, and needs none.
fn open_ledger(config: &Config, embedded: bool) -> Result<Ledger, AppError> {
    if embedded {
        return Ok(Ledger::unlimited());
    }
    let caps = Caps { per_day: config.limits.max_bytes_per_day, per_key: config.limits.max_bytes_per_key_per_day };
    let unusable = |message: String| AppError::DataDir { path: config.data.dir.clone(), message };
    std::fs::create_dir_all(&config.data.dir).map_err(|error| unusable(error.to_string()))?;
    Ledger::open(config.data.dir.join("spending.json"), caps).map_err(|error| unusable(error.to_string()))
}

fn rate(limits: &LimitSettings) -> Rate {
    Rate { per_tib: limits.price_per_tib, currency: limits.currency.clone() }
}

fn ask_settings(config: &Config, manifest: &Manifest, project: &str) -> AskSettings {
    AskSettings {
        beams: config.model.beams.unwrap_or(manifest.beams),
        max_new_tokens: manifest.max_new_tokens,
        min_confidence: config.model.min_confidence,
        ambiguous_nearness: config.model.ambiguous_nearness,
        ambiguous_confidence: config.model.ambiguous_confidence,
        follow_ups: manifest.follow_ups,
        earlier_query: manifest.earlier_query,
        summaries: (config.model.summaries && manifest.summaries)
            .then_some(SummarySettings { min_confidence: manifest.min_summary_confidence, timeout: config.model.summary_timeout }),
        question_weight: manifest.question_weight,
        calibration: manifest.calibration,
        repair: config.model.repair,
        default_rows: config.limits.default_rows,
        max_rows: config.limits.max_rows,
        max_question_chars: config.limits.max_question_chars,
        sql: Policy { project: Some(project.to_owned()), max_sql_bytes: config.limits.max_sql_bytes },
        max_bytes_billed: config.limits.max_bytes_billed,
        price: None,
        model_timeout: config.server.request_timeout,
        query_timeout: config.warehouse.query_timeout,
    }
}

impl HealthSource for Health {
    fn readiness(&self) -> Readiness {
        if self.stopping.load(Ordering::Relaxed) {
            return Readiness::Stopping;
        }
        match self.generator.state() {
            GeneratorState::Failed(_) => Readiness::Failed,
            GeneratorState::Ready(_) if *self.values.borrow() => Readiness::Ready,
            GeneratorState::Ready(_) | GeneratorState::Loading => Readiness::Loading,
        }
    }
}
