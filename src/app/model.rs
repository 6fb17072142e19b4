//! The model: found at once, loaded in the background.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

use super::AppError;
use crate::ask::evaluation::TrainedTemplates;
use crate::ask::{GeneratorState, Pipeline, SummaryWords};
use crate::config::{Config, ModelSettings as ModelConfig};
use crate::ingest::Progress;
use crate::model::{
    self, AnswerLanguage, DownloadProgress, Freshness, HubSettings, Manifest, ModelLoadError, ModelSettings, ModelSource, SqlGenerator,
};

/// Words of the training questions with their counts, beside a model that was trained on masked values.
const QUESTION_WORDS: &str = "question_words.txt";
const TEMPLATES: &str = "templates.txt";
/// Words that summaries are made of, beside a model that was trained to write them.
const SUMMARY_WORDS: &str = "summary_words.txt";

/// The manifest that the configuration names, with the revision that it asks for.
///
/// # Errors
/// [`AppError::NoManifest`] when no folder has it, [`AppError::Model`] when it cannot be read.
pub fn find_manifest(config: &ModelConfig) -> Result<Manifest, AppError> {
    let file = format!("{}.toml", config.name);
    let is_path = Path::new(&config.name).extension().is_some_and(|extension| extension == "toml");
    let dir = config.dirs.iter().find(|dir| is_path || dir.join(&file).is_file());
    let dir = dir.ok_or_else(|| AppError::NoManifest { name: config.name.clone(), dirs: config.dirs.clone() })?;
    let mut manifest = Manifest::find(&config.name, dir)?;
    if let (ModelSource::Hub { revision, .. }, Some(wanted)) = (&mut manifest.source, &config.revision) {
        revision.clone_from(wanted);
    }
    Ok(manifest)
}

/// How the Hub is reached; the cache lies in the data directory.
#[must_use]
pub fn hub_settings(config: &Config, progress: Arc<dyn Progress>) -> HubSettings {
    let mut settings = HubSettings::new(config.data.dir.join("hub"));
    if let Some(endpoint) = &config.model.hub_endpoint {
        settings.endpoint.clone_from(endpoint);
    }
    settings.token.clone_from(&config.model.hub_token);
    settings.offline = config.model.offline;
    let downloads = Downloads { progress, current: Mutex::default() };
    settings.progress = Some(Arc::new(move |news| downloads.tell(news)));
    settings
}

/// A model on its way.
pub(super) struct Loading {
    /// Comes as soon as the model's folder is there.
    pub(super) question_words: oneshot::Receiver<HashMap<String, u32>>,
    /// Ends when the slot is filled.
    pub(super) loaded: JoinHandle<Result<(), AppError>>,
}

/// Loads the model into its slot, and before it what its folder has for the pipeline.
pub(super) fn start(
    manifest: Manifest,
    config: &Config,
    language: Option<Arc<dyn AnswerLanguage>>,
    (slot, pipeline): (watch::Sender<GeneratorState>, Pipeline),
    progress: Arc<dyn Progress>,
) -> Loading {
    let mut settings = ModelSettings::new(hub_settings(config, progress));
    settings.threads = config.model.threads;
    settings.queue_length = config.model.queue;
    settings.language = language;
    let (words, receiver) = oneshot::channel();
    let runtime = Handle::current();
    // A thread of its own: after the download, which waits, come seconds of reading and computing.
    let loaded = tokio::task::spawn_blocking(move || match runtime.block_on(load(&manifest, &settings, words, &pipeline)) {
        Ok(generator) => {
            slot.send_replace(GeneratorState::Ready(generator));
            Ok(())
        }
        Err(error) => {
            slot.send_replace(GeneratorState::Failed(error.to_string()));
            Err(error.into())
        }
    });
    Loading { question_words: receiver, loaded }
}

async fn load(
    manifest: &Manifest,
    settings: &ModelSettings,
    words: oneshot::Sender<HashMap<String, u32>>,
    pipeline: &Pipeline,
) -> Result<Arc<dyn SqlGenerator>, ModelLoadError> {
    let snapshot = model::fetch(manifest, &settings.hub, Freshness::Cached).await?;
    // Nobody waits for the words any more when the process is already stopping.
    let _ = words.send(question_words(&snapshot.dir));
    if manifest.summaries {
        pipeline.set_summary_words(summary_words(&snapshot.dir));
    }
    model::load_dir(&snapshot.dir, &snapshot.commit, manifest, settings)
}

/// A line a word: the word, a tab, its count. A model without the file is one that reads questions as they are.
fn question_words(dir: &Path) -> HashMap<String, u32> {
    let text = std::fs::read_to_string(dir.join(QUESTION_WORDS)).unwrap_or_default();
    text.lines().filter_map(|line| line.split_once('\t')).filter_map(|(word, n)| Some((word.to_owned(), n.trim().parse().ok()?))).collect()
}

/// A word a line. Without the file rules sum up.
fn summary_words(dir: &Path) -> SummaryWords {
    let path = dir.join(SUMMARY_WORDS);
    let text = std::fs::read_to_string(&path);
    SummaryWords::read(&text.unwrap_or_else(|error| {
        tracing::warn!(path = %path.display(), %error, "the model writes no summaries without the words that training saw");
        String::new()
    }))
}

/// A fingerprint a line, as `training/train.py` writes them.
pub(super) fn trained_templates(manifest: &Manifest) -> Option<TrainedTemplates> {
    let ModelSource::Path(dir) = &manifest.source else { return None };
    let text = std::fs::read_to_string(dir.join(TEMPLATES)).ok()?;
    Some(TrainedTemplates::read(&text))
}

/// Turns the Hub's news into steps of progress, one a file.
struct Downloads {
    progress: Arc<dyn Progress>,
    /// File and bytes told so far.
    current: Mutex<Option<(String, u64)>>,
}

impl Downloads {
    fn tell(&self, news: &DownloadProgress) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.as_ref().is_none_or(|(file, told)| *file != news.file || *told > news.done_bytes) {
            self.progress.start(&format!("downloading {} of {}", news.file, news.repo), Some(news.total_bytes));
            *current = Some((news.file.clone(), 0));
        }
        if let Some((_, told)) = current.as_mut() {
            self.progress.inc(news.done_bytes - *told);
            *told = news.done_bytes;
        }
        if news.done_bytes >= news.total_bytes {
            self.progress.finish();
            *current = None;
        }
    }
}
