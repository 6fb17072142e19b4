//! The model asked: for a question, and behind what was asked before.

use std::time::Instant;

use super::super::conversation::Turn;
use super::super::link::Linked;
use super::super::{AskError, Stage, Timings, prompt};
use super::{Listener, Pipeline, REPAIR_BEAMS, linked_values, ms, timed};
use crate::model::{About, Candidate, GenerationRequest, ModelError};

impl Pipeline {
    /// What the model makes of a question, behind as much of what was asked before as it can read.
    pub(super) async fn read(
        &self,
        question: &str,
        mut earlier: Vec<Turn>,
        timings: &mut Timings,
        listener: &Listener,
    ) -> Result<(Linked, About, Vec<Candidate>), AskError> {
        loop {
            let questions: Vec<&str> = earlier.iter().map(|turn| turn.question.as_str()).collect();
            let linked = timed(&mut timings.link, || self.linker().link_after(&questions, question));
            listener.tell(|| Stage::Linked { values: linked_values(&linked) });
            let before = earlier.last().filter(|_| self.settings().earlier_query);
            let about = before.map(|turn| turn.about(&linked)).unwrap_or_default();
            let begun = Instant::now();
            match self.generate(question, &linked, &about, &[]).await? {
                Err(ModelError::PromptTooLong { .. }) if !earlier.is_empty() => drop(earlier.remove(0)),
                generated => {
                    timings.model = Some(ms(begun));
                    return Ok((linked, about, generated?));
                }
            }
        }
    }

    /// Candidates for a question behind which `about` stands; a search that follows on one whose candidates were `refused` is wider.
    pub(super) async fn generate(
        &self,
        question: &str,
        linked: &Linked,
        about: &About,
        refused: &[String],
    ) -> Result<Result<Vec<Candidate>, ModelError>, AskError> {
        let parts = &self.shared.parts;
        let prompt = prompt::render(&parts.prompt, question, linked, &parts.catalog)?;
        let beams = parts.settings.beams * if refused.is_empty() { 1 } else { REPAIR_BEAMS };
        let request = GenerationRequest {
            about: about.clone(),
            refused: refused.to_vec(),
            ..GenerationRequest::answer(prompt, beams, parts.settings.max_new_tokens)
        };
        let generator = parts.generator.generator()?;
        match tokio::time::timeout(parts.settings.model_timeout, generator.generate(request)).await {
            Ok(generated) => Ok(generated),
            Err(_) => Err(AskError::Timeout { stage: "the model" }),
        }
    }
}
