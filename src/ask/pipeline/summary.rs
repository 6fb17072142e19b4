//! What the rows say: in the words of the model where it has good ones in time, else in those of the rules.

use std::collections::BTreeMap;

use super::super::Language;
use super::super::prompt;
use super::super::summary::holes::Holes;
use super::super::summary::template::{Unfit, summary_grammar};
use super::super::summary::values::Told;
use super::super::summary::{Summary, SummaryInput};
use super::select::Choice;
use super::{AskError, Pipeline, Prepared, SummarySettings};
use crate::model::{About, Candidate, GenerationRequest, ModelError, Task};

/// Tokens of a summary: twice as many as any of the corpus has.
const MOST_TOKENS: usize = 72;
/// A cell that cannot be shown must not be exchanged for another: a summary in which the model wanted a refused token more than
/// e^1 times as much as what stands there is not taken.
const MOST_DIVERTED: f64 = 1.0;

/// What the model sums up the rows of.
pub(super) struct Asked {
    /// The question as the model read it.
    prompt: String,
    /// The tokens of the query.
    query: Vec<u32>,
    /// `@v1` and its like with what they stand for.
    values: BTreeMap<String, String>,
}

impl Asked {
    pub(super) fn new(prompt: &str, choice: &Choice, candidates: &[Candidate], language: Language) -> Self {
        let told = Told { parameters: choice.query.parameters(), spoken: &choice.spoken, readings: &choice.readings, ids: &choice.ids };
        let query = candidates.get(choice.candidate).map(|candidate| candidate.tokens.clone()).unwrap_or_default();
        Self { prompt: prompt.to_owned(), query, values: told.values(language) }
    }
}

/// Why the rules sum up.
#[derive(Debug, thiserror::Error)]
enum NotWritten {
    #[error("the model is not asked for summaries")]
    NotAsked,
    #[error("the rows are none for a model")]
    Rows,
    #[error("the model took longer than {} ms", after.as_millis())]
    Late { after: std::time::Duration },
    #[error("the model wrote nothing, or came to no end: {text:?}")]
    Endless { text: String },
    #[error("its confidence is {confidence:.2}")]
    Unsure { confidence: f64 },
    #[error("it had to say something else than it would: e^{diverted:.1}")]
    Diverted { diverted: f64 },
    #[error(transparent)]
    Unfit(#[from] Unfit),
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    NoModel(#[from] AskError),
}

impl Pipeline {
    pub(super) async fn summary(&self, prepared: &Prepared, input: &SummaryInput<'_>) -> Summary {
        match self.written(prepared, input).await {
            Ok(summary) => summary,
            Err(reason) => {
                tracing::debug!(%reason, "rules sum up");
                input.summarise()
            }
        }
    }

    async fn written(&self, prepared: &Prepared, input: &SummaryInput<'_>) -> Result<Summary, NotWritten> {
        let words = self.summary_words();
        let (Some(asked), Some(settings)) = (&prepared.asked, self.settings().summaries.filter(|_| !words.is_empty())) else {
            return Err(NotWritten::NotAsked);
        };
        let holes = Holes::of(input.rows, &asked.values, input.language).ok_or(NotWritten::Rows)?;
        let template = self.template(asked, input, &holes, settings).await?;
        Ok(input.filled(&template, &holes, &words)?)
    }

    async fn template(
        &self,
        asked: &Asked,
        input: &SummaryInput<'_>,
        holes: &Holes,
        settings: SummarySettings,
    ) -> Result<String, NotWritten> {
        let request = GenerationRequest {
            about: About { tokens: asked.query.clone(), ..About::default() },
            task: Task::Text { grammar: summary_grammar(holes.names()) },
            ..GenerationRequest::answer(prompt::of_summary(input.language, &asked.prompt, input.rows), 1, MOST_TOKENS)
        };
        let generator = self.generator().generator()?;
        let written = tokio::time::timeout(settings.timeout, generator.generate(request)).await;
        let candidates = written.map_err(|_| NotWritten::Late { after: settings.timeout })??;
        let best = candidates.into_iter().next();
        let best = best.ok_or_else(|| NotWritten::Endless { text: String::new() })?;
        if !best.finished {
            return Err(NotWritten::Endless { text: best.text });
        }
        if best.diverted > MOST_DIVERTED {
            return Err(NotWritten::Diverted { diverted: best.diverted });
        }
        let confidence = (best.log_probability / best.tokens.len() as f64).exp();
        tracing::debug!(template = %best.text, confidence, least = best.least_log_probability.exp(), diverted = best.diverted, "the model sums up");
        if confidence >= settings.min_confidence { Ok(best.text) } else { Err(NotWritten::Unsure { confidence }) }
    }
}
