//! From a question to an answer: find the values it names, let the model write SQL, prove the SQL, run it, say what the rows say.
//!
//! This module knows no HTTP, no candle and no BigQuery client: it is given a [`GeneratorSlot`], an [`Executor`] and a [`Linker`],
//! and the pipeline is tested on fakes of them.

mod answer;
mod binding;
mod cells;
mod chart;
mod commands;
mod confidence;
mod conversation;
mod csv;
mod error;
pub mod evaluation;
mod executor;
#[cfg(test)]
mod fakes;
mod generator_slot;
mod language;
pub mod ledger;
pub mod link;
mod literals;
mod pipeline;
mod places;
mod prompt;
mod request;
mod shape;
mod store;
mod suggestions;
mod summary;
mod understood;
pub mod values;

pub use self::csv::render as render_csv;
pub use answer::{Answer, AnswerColumn, AnswerModel, AnswerParameter, Cost, LinkedValue, Price, SqlReport, Stage, Timings};
pub use confidence::Signals;
pub use error::{AskError, Reading, UnanswerableReason};
pub use executor::Executor;
pub use generator_slot::{GeneratorSlot, GeneratorState};
pub use language::Language;
pub use ledger::Ledger;
pub use link::{LinkValue, Linker};
pub use pipeline::{AskSettings, Pipeline, PipelineParts, Rate, SummarySettings};
pub use places::PromptKinds;
pub use prompt::PromptStyle;
pub use request::{AskRequest, SqlRequest};
pub use store::AnswerStore;
pub use summary::{Summary, SummaryKind, SummaryWords, SummaryWriter, summary_grammar};
