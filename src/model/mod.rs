//! Text to SQL in-process. candle, tokenizers and hf-hub appear here alone; nothing here knows the warehouse.
//!
//! A [`Manifest`] names a model; [`load`] brings it from a folder or the Hub and puts it on threads of its own; what comes back
//! is a [`SqlGenerator`].

mod check;
mod constraint;
mod decode;
mod error;
mod explain;
mod generator;
mod hub;
mod manifest;
#[cfg(test)]
mod parity;
mod prompt;
mod t5;
mod texts;
mod tokenizer;
mod worker;

use std::collections::BTreeMap;
use std::path::Path;

use async_trait::async_trait;

pub use check::{ModelReport, check};
pub use constraint::{AnswerLanguage, ConstraintError};
pub use decode::TokenConstraint;
pub use error::ModelLoadError;
pub use generator::{ModelSettings, fetch, load, load_dir};
pub use hub::{DownloadProgress, Freshness, Hub, HubError, HubSettings, ProgressCallback, Snapshot};
pub use manifest::{Calibration, Manifest, ModelSource, PromptStyle};
pub use prompt::PromptTemplate;

/// One generation request: the prompt exactly as the model's tokenizer should see it.
#[derive(Debug, Clone)]
pub struct GenerationRequest {
    pub prompt: String,
    /// What the model reads behind the prompt, if anything: the answer that a text is about, or that to the question which this one follows on.
    pub about: About,
    /// Beam width; 1 is greedy.
    pub beams: usize,
    pub max_new_tokens: usize,
    /// Texts that were refused and are not to be written again: the search then leaves nothing out that is merely unlikely.
    pub refused: Vec<String>,
    pub task: Task,
}

impl GenerationRequest {
    /// An answer to a prompt.
    #[must_use]
    pub fn answer(prompt: impl Into<String>, beams: usize, max_new_tokens: usize) -> Self {
        Self { prompt: prompt.into(), about: About::default(), beams, max_new_tokens, refused: Vec::new(), task: Task::Answer }
    }
}

/// What a model is to write.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Task {
    /// An answer in the language that the model is held to. Goes before everything else that waits.
    #[default]
    Answer,
    /// A text of this grammar, in llguidance's Lark. It steps aside for answers, also while it is being written.
    Text { grammar: String },
}

/// An answer that was given before; the default is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// Of the [`Candidate`] that it was.
    pub tokens: Vec<u32>,
    /// Tokens that are called otherwise in this prompt, such as `@v2` that is now `@v1`.
    pub renamed: BTreeMap<String, String>,
}

/// One generated text with its score, best first in a response.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    pub text: String,
    /// Sum of the natural-log probabilities of its tokens, end token included.
    pub log_probability: f64,
    /// The natural-log probability of its least likely token: where the model, or what it is held to, hesitated most.
    pub least_log_probability: f64,
    /// How much likelier, in natural logarithms, a token was that was refused in favour of one of its own; the most of all its tokens. 0:
    /// it is what the model wrote of itself.
    pub diverted: f64,
    /// How well it explains the prompt; none for a model that was not trained to tell.
    pub explains: Option<Explains>,
    /// Tokens generated, end token included.
    pub tokens: Vec<u32>,
    /// Whether the end token was reached (false: cut at `max_new_tokens`).
    pub finished: bool,
}

/// How likely a prompt is where an answer is given and the model is asked which question it answers, of a question that follows on others that question
/// alone: an answer that leaves out half of
/// the question explains it badly, however likely it is itself (a noisy channel: Yee, Dauphin and Auli 2019, <https://arxiv.org/abs/1908.05731>).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Explains {
    /// Sum of the natural-log probabilities of the question's tokens, end token included.
    pub log_probability: f64,
    /// Tokens of the question, end token included.
    pub tokens: usize,
}

impl Explains {
    /// Per token.
    #[must_use]
    pub fn mean(self) -> f64 {
        self.log_probability / self.tokens.max(1) as f64
    }
}

/// Who generated: shown in every answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelInfo {
    pub name: String,
    pub revision: String,
}

/// A model that writes SQL candidates, or texts of a grammar, for a prompt.
#[async_trait]
pub trait SqlGenerator: Send + Sync {
    fn info(&self) -> ModelInfo;

    /// Candidates, best first; at most `beams` of them. Dropping the future frees the place in the queue.
    ///
    /// # Errors
    /// [`ModelError::Overloaded`] when the queue is full, [`ModelError::PromptTooLong`] when the prompt has more tokens than the
    /// manifest allows, [`ModelError::Failed`] when inference fails.
    async fn generate(&self, request: GenerationRequest) -> Result<Vec<Candidate>, ModelError>;
}

/// Why a model gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    #[error("the model's queue is full")]
    Overloaded,
    #[error("the prompt has {tokens} tokens, the model takes {limit}")]
    PromptTooLong { tokens: usize, limit: usize },
    #[error("the model failed: {message}")]
    Failed { message: String },
}

/// A file of a model, whole.
fn read_file(path: &Path) -> Result<Vec<u8>, ModelLoadError> {
    std::fs::read(path).map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => ModelLoadError::MissingFile { path: path.to_owned() },
        _ => ModelLoadError::Unreadable { path: path.to_owned(), source },
    })
}
