//! Which question an answer answers: the model read backwards.

use candle_core::Result;

use super::Explains;
use super::t5::{Decoding, T5, log_sum_exp};

/// Tokens of a prompt that one step takes in: what else is being answered waits for so many rows, and no longer.
const MOST_AT_ONCE: usize = 32;

/// How likely a prompt is where an answer is given, on its way. The prompt is known, so a step takes in many of its tokens.
pub(super) struct Explaining {
    decoding: Decoding,
    prompt: Vec<u32>,
    /// What stands before each token of the prompt.
    before: Vec<u32>,
    /// Tokens of the prompt that were taken in.
    done: usize,
    /// Tokens at its beginning that are given: what was asked before.
    given: usize,
    log_probability: f64,
}

impl Explaining {
    /// `answer` stands behind `ask`, the token that asks for its question. Both texts are tokens, with their end tokens. The first `given` tokens of
    /// the prompt do not count: an answer to what was asked before would explain those best.
    ///
    /// # Errors
    /// When the model fails.
    pub(super) fn begin(t5: &T5, start: u32, ask: u32, answer: &[u32], prompt: &[u32], given: usize) -> Result<Self> {
        let input: Vec<u32> = std::iter::once(ask).chain(answer.iter().copied()).collect();
        let before = std::iter::once(start).chain(prompt.iter().copied()).take(prompt.len()).collect();
        let mut begun = Self { decoding: t5.start(&input)?, prompt: prompt.to_vec(), before, done: 0, given, log_probability: 0.0 };
        begun.decoding.lay(begun.tokens().len());
        Ok(begun)
    }

    /// What the next step takes in.
    pub(super) fn tokens(&self) -> &[u32] {
        let rest = &self.before[self.done..];
        &rest[..rest.len().min(MOST_AT_ONCE)]
    }

    pub(super) fn decoding(&mut self) -> &mut Decoding {
        &mut self.decoding
    }

    /// `logits` is of what may follow each of [`Explaining::tokens`], one row after the other. Gives the whole after the last step.
    pub(super) fn advance(&mut self, logits: &[f32]) -> Option<Explains> {
        let rows = self.tokens().len();
        let said = self.prompt.iter().enumerate().skip(self.done);
        for (row, (_, token)) in logits.chunks_exact((logits.len() / rows.max(1)).max(1)).zip(said).filter(|(_, (at, _))| *at >= self.given)
        {
            let logit = row.get(*token as usize).copied().unwrap_or(f32::NEG_INFINITY);
            self.log_probability += f64::from(logit) - log_sum_exp(row);
        }
        self.done += rows;
        let next = self.tokens().len();
        if next > 0 {
            self.decoding.lay(next);
            return None;
        }
        Some(Explains { log_probability: self.log_probability, tokens: self.prompt.len() - self.given })
    }
}

/// Explains to the end.
#[cfg(test)]
pub(super) fn explains(t5: &T5, start: u32, ask: u32, answer: &[u32], prompt: &[u32], given: usize) -> Result<Explains> {
    let mut explaining = Explaining::begin(t5, start, ask, answer, prompt, given)?;
    loop {
        let tokens = explaining.tokens().to_vec();
        let logits = t5.step(&mut [explaining.decoding()], &tokens)?;
        if let Some(explains) = explaining.advance(&logits) {
            return Ok(explains);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::model::t5::T5Config;

    #[test]
    fn many_tokens_at_once_are_as_likely_as_one_by_one() {
        for (model, tokens, given) in [("tiny-t5", 1, 0), ("tiny-t5", 7, 3), ("tiny-t5-gated", 33, 0), ("tiny-t5-gated", 150, 40)] {
            let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(model);
            let config = T5Config::read(&dir).unwrap();
            let t5 = T5::load(&dir, &config).unwrap();
            let token = |index: usize| (index * 31 % config.vocab_size) as u32;
            let (answer, prompt): (Vec<u32>, Vec<u32>) = ((5..17).map(token).collect(), (3..3 + tokens).map(token).collect());
            let (start, ask) = (config.decoder_start(), 4);

            let mut decoding = t5.start(&[&[ask], &*answer].concat()).unwrap();
            let mut expected = 0.0;
            let mut last = start;
            for (at, token) in prompt.iter().enumerate() {
                let logits = t5.step(&mut [&mut decoding], &[last]).unwrap();
                expected += if at < given { 0.0 } else { f64::from(logits[*token as usize]) - log_sum_exp(&logits) };
                last = *token;
            }
            let found = explains(&t5, start, ask, &answer, &prompt, given).unwrap();
            assert_eq!(found.tokens, tokens - given);
            assert!((found.log_probability - expected).abs() < 1e-4, "{model}, {tokens}: {found:?} is not {expected}");
        }
    }
}
