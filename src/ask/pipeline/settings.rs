//! What a pipeline is made of.

use std::sync::Arc;
use std::time::Duration;

use super::super::{Executor, GeneratorSlot, Ledger, Linker, PromptStyle};
use super::spend::Rate;
use crate::catalog::Catalog;
use crate::model::Calibration;
use crate::sql::Policy;

/// Everything that a question needs.
#[derive(Clone)]
pub struct PipelineParts {
    pub generator: GeneratorSlot,
    pub warehouse: Arc<dyn Executor>,
    pub catalog: Arc<Catalog>,
    pub linker: Arc<Linker>,
    pub settings: AskSettings,
    pub prompt: PromptStyle,
    /// Whether the warehouse holds the simulated sample.
    pub sample: bool,
    /// What the questions of a day may cost.
    pub ledger: Arc<Ledger>,
}

/// Limits of a question.
#[derive(Debug, Clone, PartialEq)]
pub struct AskSettings {
    /// Beam width; 1 is greedy.
    pub beams: usize,
    pub max_new_tokens: usize,
    /// Whether a question whose candidates were all refused is given to the model once more, with what was refused.
    pub repair: bool,
    /// Below this confidence a question is unanswerable.
    pub min_confidence: f64,
    /// A question may mean two things when its second reading is at least so likely as this part of the first, and both have a confidence of ...
    pub ambiguous_nearness: f64,
    /// ... at least this.
    pub ambiguous_confidence: f64,
    /// Whether the model reads a question behind those that were answered before.
    pub follow_ups: bool,
    /// Whether it reads the query of the question before, too.
    pub earlier_query: bool,
    /// None: rules sum up the rows.
    pub summaries: Option<SummarySettings>,
    /// Weight of how well a candidate explains the question, beside how likely it is itself.
    pub question_weight: f64,
    /// From what the model's decoder saw to a confidence.
    pub calibration: Option<Calibration>,
    pub default_rows: u32,
    pub max_rows: u32,
    pub max_question_chars: usize,
    /// How long SQL may be, and which project it may name.
    pub sql: Policy,
    /// A query that would read more is refused.
    pub max_bytes_billed: u64,
    /// `None`: queries cost nothing.
    pub price: Option<Rate>,
    /// For the model to write its candidates, time in its queue included.
    pub model_timeout: Duration,
    /// From a query's start to its last row.
    pub query_timeout: Duration,
}

/// How the model sums up rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SummarySettings {
    /// The mean probability that the tokens of a summary must have (geometric).
    pub min_confidence: f64,
    /// For a summary to be written, time in the queue included.
    pub timeout: Duration,
}

impl Default for AskSettings {
    /// The values of `config/default.toml`.
    fn default() -> Self {
        Self {
            beams: 4,
            max_new_tokens: 256,
            repair: true,
            min_confidence: 0.05,
            ambiguous_nearness: 0.85,
            ambiguous_confidence: 0.3,
            follow_ups: false,
            earlier_query: false,
            summaries: None,
            question_weight: 0.0,
            calibration: None,
            default_rows: 100,
            max_rows: 10_000,
            max_question_chars: 1000,
            sql: Policy::default(),
            max_bytes_billed: 1 << 30,
            price: Some(Rate { per_tib: 6.25, currency: "USD".to_owned() }),
            model_timeout: Duration::from_secs(25),
            query_timeout: Duration::from_secs(25),
        }
    }
}
