//! Holds a model to a language: a grammar in llguidance's Lark forbids tokens as they come, and what no grammar can say is asked of
//! the language itself.
//!
//! A token is asked about only when the search wants it. A trained model is mostly right, so that a step costs a question or two in
//! place of a mask over the whole vocabulary; the mask is computed when many tokens in a row were refused. Each beam has a matcher
//! of its own, forked from that of the beam it continues. Forks share the lexer's automaton, which thereby stays warm between requests.

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::{Arc, Mutex, PoisonError};

use llguidance::api::TopLevelGrammar;
use llguidance::toktrie::{ApproximateTokEnv, InferenceCapabilities, TokEnv, TokRxInfo, TokTrie};
use llguidance::{Matcher, ParserFactory};

use super::decode::TokenConstraint;

/// What a model may write.
pub trait AnswerLanguage: Send + Sync {
    /// A grammar in llguidance's Lark of every answer that uses the parameters `@v1` to `@vN` of its prompt.
    fn grammar(&self, parameters: usize) -> String;

    /// Whether text that the grammar allows may still become an answer. A word at its end may be unfinished. Saying yes too often costs
    /// time; saying no to the beginning of an answer loses it.
    fn may_continue(&self, text: &str) -> bool;

    /// Whether the whole text is an answer.
    fn is_answer(&self, text: &str) -> bool;
}

/// Why a model cannot be held to a language.
#[derive(Debug, thiserror::Error)]
pub enum ConstraintError {
    #[error("the tokenizer cannot be matched with a grammar: {message}")]
    Vocabulary { message: String },
    #[error("the grammar of answers is not valid: {message}")]
    Grammar { message: String },
}

impl ConstraintError {
    fn vocabulary(error: impl Display) -> Self {
        Self::Vocabulary { message: error.to_string() }
    }
}

/// A language, spelled in the tokens of one model.
pub(crate) struct Constraints {
    language: Arc<dyn AnswerLanguage>,
    factory: ParserFactory,
    end_token: u32,
    /// A matcher at the start of an answer, by the number of parameters.
    fresh: Mutex<HashMap<usize, Matcher>>,
}

impl Constraints {
    /// `spelling` has the bytes of each token, none for one that is not text.
    pub(crate) fn new(language: Arc<dyn AnswerLanguage>, spelling: &[Vec<u8>], end_token: u32) -> Result<Self, ConstraintError> {
        let size = u32::try_from(spelling.len()).map_err(ConstraintError::vocabulary)?;
        let trie = TokTrie::from(&TokRxInfo::new(size, end_token), spelling);
        let environment: TokEnv = Arc::new(ApproximateTokEnv::new(trie));
        // No slices: they speed up masks over large vocabularies of free text.
        let mut factory = ParserFactory::new(&environment, InferenceCapabilities::default(), &[]).map_err(ConstraintError::vocabulary)?;
        factory.quiet();
        let limits = factory.limits_mut();
        limits.verbose_errors = false;
        limits.max_items_in_row = 50_000;
        limits.step_max_items = 5_000_000;
        limits.initial_lexer_fuel = 50_000_000;
        limits.step_lexer_fuel = 5_000_000;
        // A kilobyte or two each. When they are used up the matcher fails, and the next one begins anew.
        limits.max_lexer_states = 30_000;
        let constraints = Self { language, factory, end_token, fresh: Mutex::default() };
        // A grammar that is wrong is found at the start, not by the first question.
        constraints.matcher(0)?;
        Ok(constraints)
    }

    /// For one answer to a prompt.
    pub(crate) fn begin(&self, prompt: &str) -> Result<Constraint<'_>, ConstraintError> {
        let parameters = parameters(prompt);
        let start = Beam { matcher: self.matcher(parameters)?, text: Vec::new() };
        Ok(Constraint { constraints: self, parameters, beams: HashMap::from([(Vec::new(), start)]) })
    }

    fn matcher(&self, parameters: usize) -> Result<Matcher, ConstraintError> {
        let mut fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(matcher) = fresh.get(&parameters) {
            return Ok(matcher.clone());
        }
        let grammar = TopLevelGrammar::from_lark(self.language.grammar(parameters));
        let matcher = Matcher::new(self.factory.create_parser(grammar));
        if let Some(message) = matcher.get_error() {
            return Err(ConstraintError::Grammar { message });
        }
        fresh.insert(parameters, matcher.clone());
        Ok(matcher)
    }
}

/// The highest N of `@vN` in a prompt; they are counted from 1.
fn parameters(prompt: &str) -> usize {
    let digits = prompt.split("@v").skip(1).filter_map(|rest| rest.chars().next()?.to_digit(10));
    digits.max().unwrap_or(0) as usize
}

/// One answer on its way, in several beams.
pub(crate) struct Constraint<'a> {
    constraints: &'a Constraints,
    parameters: usize,
    /// By the tokens that they hold: those of this step and of the one before.
    beams: HashMap<Vec<u32>, Beam>,
}

#[derive(Clone)]
struct Beam {
    matcher: Matcher,
    text: Vec<u8>,
}

impl Constraint<'_> {
    /// The beam that holds these tokens; none when llguidance failed.
    fn beam(&mut self, prefix: &[u32]) -> Option<&mut Beam> {
        if !self.beams.contains_key(prefix) {
            let (last, before) = prefix.split_last()?;
            let mut beam = self.beams.get(before)?.clone();
            if let Err(error) = beam.matcher.consume_token(*last) {
                self.failed(&error);
                return None;
            }
            beam.text.extend_from_slice(self.constraints.spelling(*last));
            self.beams.retain(|tokens, _| tokens.len() + 1 >= prefix.len());
            self.beams.insert(prefix.to_vec(), beam);
        }
        self.beams.get_mut(prefix)
    }

    /// The beam ends here. A matcher that has failed must not be forked any more.
    fn failed(&self, error: &dyn Display) {
        tracing::error!(%error, "a grammar's matcher failed");
        self.constraints.fresh.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.parameters);
    }
}

impl Constraints {
    fn spelling(&self, token: u32) -> &[u8] {
        self.factory.tok_env().tok_trie().token(token)
    }
}

impl TokenConstraint for Constraint<'_> {
    fn mask(&mut self, prefix: &[u32], logits: &mut [f32]) {
        let end = self.constraints.end_token;
        let mask = self.beam(prefix).map(|beam| beam.matcher.compute_mask_or_eos());
        match mask {
            Some(Ok(mask)) => {
                for (token, logit) in logits.iter_mut().enumerate() {
                    let token = token as u32;
                    // The end is judged by the language alone, below.
                    if token != end && !((token as usize) < mask.len() && mask.is_allowed(token)) {
                        *logit = f32::NEG_INFINITY;
                    }
                }
            }
            Some(Err(error)) => {
                self.failed(&error);
                logits.fill(f32::NEG_INFINITY);
            }
            None => logits.fill(f32::NEG_INFINITY),
        }
    }

    fn allows(&mut self, prefix: &[u32], token: u32) -> bool {
        let constraints = self.constraints;
        let Some(beam) = self.beam(prefix) else { return false };
        if token == constraints.end_token {
            let complete = beam.matcher.is_accepting().unwrap_or(false);
            return complete && std::str::from_utf8(&beam.text).is_ok_and(|text| constraints.language.is_answer(text.trim()));
        }
        let spelling = constraints.spelling(token);
        if spelling.is_empty() {
            return false;
        }
        match beam.matcher.validate_tokens(&[token]) {
            Ok(1) => {
                let text = [beam.text.as_slice(), spelling].concat();
                // A character that is cut in two is inside a text, where anything may follow.
                std::str::from_utf8(&text).map_or(true, |text| constraints.language.may_continue(text.trim_start()))
            }
            Ok(_) => false,
            Err(error) => {
                self.failed(&error);
                false
            }
        }
    }
}
