//! A T5 with its tokenizer, on its worker threads: the [`SqlGenerator`] that answers questions.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use candle_core::Device;
use sha2::{Digest, Sha256};

use super::constraint::{AnswerLanguage, ConstraintError, Constraints, Spelling};
use super::decode::{DecodeError, DecodeOptions, NextToken, Unconstrained, generate};
use super::explain::explains;
use super::hub::{Freshness, Hub, HubSettings, Snapshot, sha256};
use super::t5::{Decoding, T5, T5Config, weight_files};
use super::texts::Grammars;
use super::tokenizer::PromptTokenizer;
use super::worker::{Inference, WorkerPool};
use super::{Candidate, GenerationRequest, Manifest, ModelError, ModelInfo, ModelLoadError, ModelSource, SqlGenerator, Task};

/// A wider search is not better, only slower.
pub(super) const MAX_BEAMS: usize = 32;

/// How models are run, whichever they are.
#[derive(Clone)]
pub struct ModelSettings {
    pub hub: HubSettings,
    /// Requests that are computed at one time; each already uses all cores for its larger products.
    pub threads: usize,
    /// Requests that may wait; one more is refused.
    pub queue_length: usize,
    /// What answers are held to; none lets the model write anything.
    pub language: Option<Arc<dyn AnswerLanguage>>,
}

impl ModelSettings {
    /// One thread, a queue of 16, no language.
    pub fn new(hub: HubSettings) -> Self {
        Self { hub, threads: 1, queue_length: 16, language: None }
    }
}

/// The folder of a manifest's model, fetched from the Hub if that is where it is. For a local folder the commit is the start of its
/// weights' SHA-256, so that an answer tells which weights wrote it.
///
/// # Errors
/// [`ModelLoadError::Hub`] when it cannot be had, [`ModelLoadError::MissingFile`] when a local folder has no weights.
pub async fn fetch(manifest: &Manifest, hub: &HubSettings, freshness: Freshness) -> Result<Snapshot, ModelLoadError> {
    match &manifest.source {
        ModelSource::Path(dir) => {
            let hashed = dir.clone();
            let commit = tokio::task::spawn_blocking(move || content_revision(&hashed))
                .await
                .map_err(|error| ModelLoadError::Build { message: error.to_string() })??;
            Ok(Snapshot { dir: dir.clone(), commit })
        }
        ModelSource::Hub { repo, revision } => Ok(Hub::new(hub.clone())?.fetch(repo, revision, freshness).await?),
    }
}

/// Twelve digits that change when a weight does.
fn content_revision(dir: &Path) -> Result<String, ModelLoadError> {
    let mut hashes = String::new();
    for path in weight_files(dir)? {
        hashes += &sha256(&path).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => ModelLoadError::MissingFile { path: path.clone() },
            _ => ModelLoadError::Unreadable { path: path.clone(), source },
        })?;
    }
    // One file goes by its own hash, which is also its name on the Hub; shards go by that of their hashes.
    let hash = if hashes.len() == 64 { hashes } else { format!("{:x}", Sha256::digest(hashes)) };
    Ok(hash[..12].to_owned())
}

/// Brings a model and starts it.
///
/// # Errors
/// See [`ModelLoadError`]: it cannot be fetched, a file is missing or damaged, or the files do not belong together.
pub async fn load(manifest: &Manifest, settings: &ModelSettings) -> Result<Arc<dyn SqlGenerator>, ModelLoadError> {
    let snapshot = fetch(manifest, &settings.hub, Freshness::Cached).await?;
    let (manifest, settings) = (manifest.clone(), settings.clone());
    // Reading and turning the weights takes up to seconds of disk and processor.
    tokio::task::spawn_blocking(move || load_dir(&snapshot.dir, &snapshot.commit, &manifest, &settings))
        .await
        .map_err(|error| ModelLoadError::Build { message: error.to_string() })?
}

/// Starts the model that a folder holds, whatever source the manifest names. Blocks while it reads.
///
/// # Errors
/// As [`load`].
pub fn load_dir(
    dir: &Path,
    revision: &str,
    manifest: &Manifest,
    settings: &ModelSettings,
) -> Result<Arc<dyn SqlGenerator>, ModelLoadError> {
    let model = TextModel::load(dir, Limits::of(manifest), settings.language.clone())?;
    tracing::info!(model = %manifest.name, revision, parameters = model.t5.parameters(), "model loaded");
    let pool = WorkerPool::start(Arc::new(model), settings.threads, settings.queue_length)
        .map_err(|error| ModelLoadError::Build { message: format!("no thread for it: {error}") })?;
    let info = ModelInfo { name: manifest.name.clone(), revision: revision.to_owned() };
    Ok(Arc::new(T5Generator { info, pool }))
}

struct T5Generator {
    info: ModelInfo,
    pool: WorkerPool,
}

#[async_trait]
impl SqlGenerator for T5Generator {
    fn info(&self) -> ModelInfo {
        self.info.clone()
    }

    async fn generate(&self, request: GenerationRequest) -> Result<Vec<Candidate>, ModelError> {
        self.pool.run(request).await
    }
}

/// What a manifest says about every request.
#[derive(Debug, Clone)]
pub(super) struct Limits {
    max_input_tokens: usize,
    max_new_tokens: usize,
    length_penalty: f64,
    beam_margin: Option<f64>,
    /// Whether it writes texts beside its answers.
    texts: bool,
    /// Whether it tells how well its answers explain the prompt.
    explains: bool,
}

impl Limits {
    fn of(manifest: &Manifest) -> Self {
        Self {
            max_input_tokens: manifest.max_input_tokens,
            max_new_tokens: manifest.max_new_tokens,
            length_penalty: manifest.length_penalty,
            beam_margin: manifest.beam_margin,
            texts: manifest.summaries,
            explains: manifest.question_weight > 0.0,
        }
    }
}

/// Weights and tokenizer: text in, texts out, on the calling thread.
pub(super) struct TextModel {
    t5: T5,
    config: T5Config,
    tokenizer: PromptTokenizer,
    limits: Limits,
    /// Asks which question an answer answers; none where the model was not trained to say.
    ask: Option<u32>,
    constraints: Option<Constraints>,
    grammars: Option<Grammars>,
}

/// Stands before an answer when the model is asked which question it answers.
const ASK: &str = "<ask>";
/// Verdicts on the beginnings of answers.
const MOST_VERDICTS: usize = 30_000;

impl TextModel {
    pub(super) fn load(dir: &Path, limits: Limits, language: Option<Arc<dyn AnswerLanguage>>) -> Result<Self, ModelLoadError> {
        let config = T5Config::read(dir)?;
        let tokenizer = PromptTokenizer::load(&dir.join("tokenizer.json"), config.end_token(), config.vocab_size)?;
        let spelling = if language.is_some() || limits.texts {
            Some(Arc::new(Spelling::new(&tokenizer.spelling(config.vocab_size), config.end_token())?))
        } else {
            None
        };
        let grammars = spelling.clone().filter(|_| limits.texts).map(Grammars::new);
        let constraints = language.zip(spelling).map(|(language, spelling)| Constraints::new(language, spelling, MOST_VERDICTS));
        let ask = limits.explains.then(|| tokenizer.token(ASK)).transpose()?;
        Ok(Self { t5: T5::load(dir, &config)?, config, tokenizer, limits, ask, constraints: constraints.transpose()?, grammars })
    }

    fn candidates(&self, request: &GenerationRequest, abandoned: &dyn Fn() -> bool) -> Result<Vec<Candidate>, ModelError> {
        let mut prompt = self.tokenizer.encode(&request.prompt, self.limits.max_input_tokens)?;
        let options = DecodeOptions {
            beams: request.beams.clamp(1, MAX_BEAMS),
            max_new_tokens: request.max_new_tokens.clamp(1, self.limits.max_new_tokens),
            length_penalty: self.limits.length_penalty,
            margin: self.limits.beam_margin.filter(|_| request.refused.is_empty()),
            start_token: self.config.decoder_start(),
            end_token: self.config.end_token(),
        };
        let failed = |error: DecodeError| ModelError::Failed { message: error.to_string() };
        let no_grammar = |error: ConstraintError| ModelError::Failed { message: error.to_string() };
        let of_text = match (&request.task, &self.grammars) {
            (Task::Answer, _) => None,
            (Task::Text { grammar, about }, Some(grammars)) => {
                prompt = behind(prompt, about);
                Some(grammars.constraints(grammar).map_err(no_grammar)?)
            }
            (Task::Text { .. }, None) => {
                return Err(ModelError::Failed { message: "its manifest says that it writes no texts".to_owned() });
            }
        };
        let decoding = self.t5.start(&prompt, options.max_new_tokens).map_err(|error| failed(error.into()))?;
        let mut answer = Answer { t5: &self.t5, decoding };
        let generated = match of_text.as_deref().or(self.constraints.as_ref()) {
            Some(constraints) => {
                let mut begun = constraints.begin(&request.prompt, &request.refused).map_err(no_grammar)?;
                generate(&mut answer, &options, &mut begun, abandoned)
            }
            None => generate(&mut answer, &options, &mut Unconstrained, abandoned),
        };
        let generated = generated.map_err(failed)?;
        let candidate = |one: super::decode::Generated| {
            let explains = match self.ask {
                Some(ask) if request.task == Task::Answer && one.finished && !abandoned() => {
                    Some(explains(&self.t5, options.start_token, ask, &one.tokens, &prompt).map_err(failed)?)
                }
                _ => None,
            };
            Ok(Candidate {
                text: self.tokenizer.decode(&one.tokens)?,
                log_probability: one.log_probability,
                least_log_probability: one.least,
                diverted: one.diverted,
                explains,
                tokens: one.tokens,
                finished: one.finished,
            })
        };
        generated.into_iter().map(candidate).collect()
    }
}

/// A prompt and, behind it, what it is about; each ends with the end token, which stands once.
fn behind(mut prompt: Vec<u32>, about: &[u32]) -> Vec<u32> {
    if !about.is_empty() {
        prompt.pop();
        prompt.extend(about);
    }
    prompt
}

impl Inference for TextModel {
    fn infer(&self, request: &GenerationRequest, abandoned: &(dyn Fn() -> bool + Sync)) -> Result<Vec<Candidate>, ModelError> {
        // On a thread of candle's own pool: a product then starts its parallel part without waking another pool.
        Device::Cpu.with_context(|| self.candidates(request, &|| abandoned()))
    }
}

/// A T5 in the middle of one answer.
pub(super) struct Answer<'a> {
    pub(super) t5: &'a T5,
    pub(super) decoding: Decoding,
}

impl NextToken for Answer<'_> {
    fn step(&mut self, tokens: &[u32]) -> Result<Vec<f32>, DecodeError> {
        Ok(self.t5.step(tokens, &mut self.decoding)?.flatten_all()?.to_vec1()?)
    }

    fn reorder(&mut self, origins: &[u32]) -> Result<(), DecodeError> {
        Ok(self.decoding.reorder(origins)?)
    }
}

#[cfg(test)]
#[path = "generator_tests.rs"]
mod tests;
