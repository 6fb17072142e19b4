//! A T5 with its tokenizer, on its worker threads: the [`SqlGenerator`] that answers questions.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use sha2::{Digest, Sha256};

use super::constraint::{AnswerLanguage, Constraint, ConstraintError, Constraints, Spelling};
use super::decode::{DecodeOptions, Generated, Search, TokenConstraint, Unconstrained};
use super::explain::Explaining;
use super::hub::{Freshness, Hub, HubSettings, Snapshot, sha256};
use super::t5::{Decoding, T5, T5Config, weight_files};
use super::texts::Grammars;
use super::tokenizer::PromptTokenizer;
use super::worker::{Inference, WorkerPool};
use super::{About, Candidate, GenerationRequest, Manifest, ModelError, ModelInfo, ModelLoadError, ModelSource, SqlGenerator, Task};

/// A wider search is not better, only slower.
pub(super) const MAX_BEAMS: usize = 32;
/// Threads, unless more are asked for.
const MOST_THREADS: usize = 4;

/// How models are run, whichever they are.
#[derive(Clone)]
pub struct ModelSettings {
    pub hub: HubSettings,
    /// Threads that compute, each the requests that it has begun together; 0 for one a core, but not more than the other work leaves
    /// room for.
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
    tracing::info!(model = %manifest.name, dir = %dir.display(), revision, parameters = model.t5.parameters(), "model loaded");
    let cores = || std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
    let threads = if settings.threads == 0 { cores() } else { settings.threads };
    let pool = WorkerPool::start(&Arc::new(model), threads, settings.queue_length)
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
    /// Stands between a question and what was asked before it; none where the model knows no such token.
    then: Option<u32>,
    constraints: Option<Arc<Constraints>>,
    grammars: Option<Grammars>,
}

/// Stands before an answer when the model is asked which question it answers.
const ASK: &str = "<ask>";
/// Stands in a prompt between what was asked before and the question.
const THEN: &str = "<then>";
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
        let constraints = constraints.transpose()?.map(Arc::new);
        let ask = limits.explains.then(|| tokenizer.token(ASK)).transpose()?;
        let then = tokenizer.token(THEN).ok();
        Ok(Self { t5: T5::load(dir, &config)?, config, tokenizer, limits, ask, then, constraints, grammars })
    }

    /// What the request's text is held to.
    fn constraint(&self, request: &GenerationRequest) -> Result<Option<Constraint>, ModelError> {
        let no_grammar = |error: ConstraintError| ModelError::Failed { message: error.to_string() };
        let constraints = match (&request.task, &self.grammars) {
            (Task::Answer, _) => self.constraints.clone(),
            (Task::Text { grammar }, Some(grammars)) => Some(grammars.constraints(grammar).map_err(no_grammar)?),
            (Task::Text { .. }, None) => {
                return Err(ModelError::Failed { message: "its manifest says that it writes no texts".to_owned() });
            }
        };
        constraints.map(|constraints| constraints.begin(&request.prompt, &request.refused).map_err(no_grammar)).transpose()
    }

    fn candidate(&self, one: &Generated) -> Result<Candidate, ModelError> {
        Ok(Candidate {
            text: self.tokenizer.decode(&one.tokens)?,
            log_probability: one.log_probability,
            least_log_probability: one.least,
            diverted: one.diverted,
            explains: None,
            tokens: one.tokens.clone(),
            finished: one.finished,
        })
    }

    /// The tokens of what a prompt is about, as they are called in it.
    fn about(&self, about: &About) -> Vec<u32> {
        let token = |text: &String| self.tokenizer.token(text).ok();
        let renamed: HashMap<u32, u32> = about.renamed.iter().filter_map(|(was, is)| token(was).zip(token(is))).collect();
        about.tokens.iter().map(|token| renamed.get(token).copied().unwrap_or(*token)).collect()
    }

    /// Tokens of a prompt up to its last question: what was asked before.
    fn before(&self, prompt: &[u32]) -> usize {
        prompt.iter().rposition(|token| Some(*token) == self.then).map_or(0, |at| at + 1)
    }

    /// Begins to ask the next candidate for its question; gives all candidates where none is left to ask.
    fn ask_next(&self, run: &mut Answering) -> Result<Option<Vec<Candidate>>, ModelError> {
        let left = run.candidates.iter().enumerate().skip(run.asked).find(|(_, candidate)| candidate.finished);
        let (Some(ask), Some((index, candidate))) = (run.ask, left) else { return Ok(Some(std::mem::take(&mut run.candidates))) };
        run.asked = index + 1;
        let begun = Explaining::begin(&self.t5, self.config.decoder_start(), ask, &candidate.tokens, &run.prompt, self.before(&run.prompt));
        run.explaining = Some(begun.map_err(failed)?);
        Ok(None)
    }
}

/// A request in the middle of its answer: of the search, and once that has ended, of what its candidates explain.
pub(super) struct Answering {
    prompt: Vec<u32>,
    search: Search,
    decoding: Decoding,
    constraint: Option<Constraint>,
    /// Of what may follow each beam; empty before a step.
    logits: Vec<f32>,
    /// As of the model, where the request is for an answer.
    ask: Option<u32>,
    /// What the search has found.
    candidates: Vec<Candidate>,
    /// The first candidates, which were asked or cannot be; the last of them may still be on its way.
    asked: usize,
    explaining: Option<Explaining>,
}

impl Answering {
    /// What the next step takes in.
    fn tokens(&self) -> Vec<u32> {
        self.explaining.as_ref().map_or_else(|| self.search.last().collect(), |explaining| explaining.tokens().to_vec())
    }

    fn decoding(&mut self) -> &mut Decoding {
        self.explaining.as_mut().map_or(&mut self.decoding, Explaining::decoding)
    }
}

/// A prompt and, behind it, what it is about; each ends with the end token, which stands once.
fn behind(prompt: &[u32], about: &[u32]) -> Vec<u32> {
    match prompt.split_last() {
        Some((_, prompt)) if !about.is_empty() => [prompt, about].concat(),
        _ => prompt.to_vec(),
    }
}

impl Inference for TextModel {
    type Run = Answering;

    fn begin(&self, request: &GenerationRequest) -> Result<Answering, ModelError> {
        let prompt = self.tokenizer.encode(&request.prompt, self.limits.max_input_tokens)?;
        let options = DecodeOptions {
            beams: request.beams.clamp(1, MAX_BEAMS),
            max_new_tokens: request.max_new_tokens.clamp(1, self.limits.max_new_tokens),
            length_penalty: self.limits.length_penalty,
            margin: self.limits.beam_margin.filter(|_| request.refused.is_empty()),
            start_token: self.config.decoder_start(),
            end_token: self.config.end_token(),
        };
        let constraint = self.constraint(request)?;
        let read = behind(&prompt, &self.about(&request.about));
        Ok(Answering {
            search: Search::new(options),
            decoding: self.t5.start(&read).map_err(failed)?,
            prompt,
            constraint,
            logits: Vec::new(),
            ask: self.ask.filter(|_| request.task == Task::Answer),
            candidates: Vec::new(),
            asked: 0,
            explaining: None,
        })
    }

    fn step(&self, runs: &mut [&mut Answering]) -> Result<(), ModelError> {
        let tokens: Vec<Vec<u32>> = runs.iter().map(|run| run.tokens()).collect();
        let mut decodings: Vec<&mut Decoding> = runs.iter_mut().map(|run| run.decoding()).collect();
        let logits = self.t5.step(&mut decodings, &tokens.concat()).map_err(failed)?;
        let mut logits = &*logits;
        for (run, tokens) in runs.iter_mut().zip(tokens) {
            let (own, others) = logits.split_at(tokens.len() * self.config.vocab_size);
            run.logits = own.to_vec();
            logits = others;
        }
        Ok(())
    }

    fn advance(&self, run: &mut Answering) -> Result<Option<Vec<Candidate>>, ModelError> {
        if let Some(explaining) = &mut run.explaining {
            let Some(explains) = explaining.advance(&run.logits) else { return Ok(None) };
            run.candidates[run.asked - 1].explains = Some(explains);
            run.explaining = None;
            return self.ask_next(run);
        }
        let constraint: &mut dyn TokenConstraint = match &mut run.constraint {
            Some(constraint) => constraint,
            None => &mut Unconstrained,
        };
        if let Some(origins) = run.search.advance(&mut run.logits, constraint) {
            run.decoding.reorder(&origins);
            return Ok(None);
        }
        run.candidates = run.search.generated().iter().map(|one| self.candidate(one)).collect::<Result<_, _>>()?;
        self.ask_next(run)
    }
}

fn failed(error: candle_core::Error) -> ModelError {
    ModelError::Failed { message: error.to_string() }
}

#[cfg(test)]
#[path = "generator_tests.rs"]
mod tests;
