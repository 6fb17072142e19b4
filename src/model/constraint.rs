//! Holds a model to a language: a grammar in llguidance's Lark forbids tokens as they come, and what no grammar can say is asked of
//! the language itself.
//!
//! A token is asked about only when the search wants it. A trained model is mostly right, so that a step costs a question or two in
//! place of a mask over the whole vocabulary; the mask is computed when many tokens in a row were refused. Answers begin alike, so that
//! verdicts are kept for the requests that follow: what was judged once costs nothing. Each beam that is judged has a matcher of its own,
//! forked from that of the beam it continues. Forks share the lexer's automaton, which thereby stays warm.

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use llguidance::api::{StopReason, TopLevelGrammar};
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

    /// Whether the parameters in a text may stand where they do, by what the prompt says of them. Asked when one was written.
    fn fits(&self, _text: &str, _prompt: &str) -> bool {
        true
    }

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

/// The tokens of one model, as grammars see them.
pub(crate) struct Spelling {
    factory: ParserFactory,
    end_token: u32,
}

/// A language, spelled in the tokens of one model.
pub(crate) struct Constraints {
    language: Arc<dyn AnswerLanguage>,
    spelling: Arc<Spelling>,
    /// A matcher at the start of an answer; none once it has failed.
    fresh: Mutex<Option<Matcher>>,
    /// Whether a token may follow others, by the number of parameters, those others and it.
    verdicts: Mutex<HashMap<Vec<u32>, bool>>,
    /// Verdicts kept, of about a hundred bytes each; when there are more, all are forgotten.
    most_verdicts: usize,
}

/// Parameters are `@v1` to `@v9`. One grammar has them all: making it takes longer than an answer does.
const MOST_PARAMETERS: usize = 9;

impl Spelling {
    /// `spelling` has the bytes of each token, none for one that is not text.
    pub(crate) fn new(spelling: &[Vec<u8>], end_token: u32) -> Result<Self, ConstraintError> {
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
        Ok(Self { factory, end_token })
    }

    fn of(&self, token: u32) -> &[u8] {
        let trie = self.factory.tok_env().tok_trie();
        if (token as usize) < trie.vocab_size() { trie.token(token) } else { &[] }
    }
}

impl Constraints {
    pub(crate) fn new(language: Arc<dyn AnswerLanguage>, spelling: Arc<Spelling>, most_verdicts: usize) -> Result<Self, ConstraintError> {
        let constraints = Self { language, spelling, fresh: Mutex::default(), verdicts: Mutex::default(), most_verdicts };
        // A grammar that is wrong is found at the start, not by the first question.
        constraints.matcher()?;
        Ok(constraints)
    }

    /// For one answer to a prompt.
    pub(crate) fn begin(self: &Arc<Self>, prompt: &str, refused: &[String]) -> Result<Constraint, ConstraintError> {
        Ok(Constraint {
            constraints: Arc::clone(self),
            prompt: prompt.to_owned(),
            refused: refused.to_owned(),
            parameters: parameters(prompt),
            matchers: HashMap::from([(Vec::new(), self.matcher()?)]),
        })
    }

    fn matcher(&self) -> Result<Matcher, ConstraintError> {
        let mut fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(matcher) = &*fresh {
            return Ok(matcher.clone());
        }
        let grammar = TopLevelGrammar::from_lark(self.language.grammar(MOST_PARAMETERS));
        let matcher = Matcher::new(self.spelling.factory.create_parser(grammar));
        if let Some(message) = matcher.get_error() {
            return Err(ConstraintError::Grammar { message });
        }
        *fresh = Some(matcher.clone());
        Ok(matcher)
    }
}

/// The highest N of `@vN` in a prompt; they are counted from 1.
fn parameters(prompt: &str) -> usize {
    let digits = prompt.split("@v").skip(1).filter_map(|rest| rest.chars().next()?.to_digit(10));
    digits.max().unwrap_or(0) as usize
}

/// Whether a text has a parameter above the highest, or can have no other.
fn has_unknown_parameter(text: &str, highest: usize) -> bool {
    let unknown = |rest: &str| rest.chars().next().and_then(|c| c.to_digit(10)).map_or(highest == 0, |number| number as usize > highest);
    text.split("@v").skip(1).any(unknown) || highest == 0 && text.ends_with('@')
}

/// One answer on its way, in several beams.
pub(crate) struct Constraint {
    constraints: Arc<Constraints>,
    prompt: String,
    /// Whole answers that are not to be written.
    refused: Vec<String>,
    parameters: usize,
    /// By the tokens that a beam holds: that of the start, and those of the last steps where something had to be judged.
    matchers: HashMap<Vec<u32>, Matcher>,
}

impl Constraint {
    /// The matcher of the beam that holds these tokens; none when they are refused.
    fn matcher(&mut self, prefix: &[u32]) -> Option<&mut Matcher> {
        if !self.matchers.contains_key(prefix) {
            // Steps whose verdicts were known have left no matcher.
            let known = (0..prefix.len()).rev().find(|length| self.matchers.contains_key(&prefix[..*length]))?;
            let mut matcher = self.matchers.get(&prefix[..known])?.clone();
            if matcher.consume_tokens(&prefix[known..]).is_err() {
                self.look_for_failure(&matcher);
                return None;
            }
            self.matchers.retain(|tokens, _| tokens.is_empty() || tokens.len() + 1 >= prefix.len());
            self.matchers.insert(prefix.to_vec(), matcher);
        }
        self.matchers.get_mut(prefix)
    }

    /// A refused token is no failure; a matcher that has used up its means is, and must not be forked any more.
    fn look_for_failure(&self, matcher: &Matcher) {
        if matches!(matcher.stop_reason(), StopReason::LexerTooComplex | StopReason::ParserTooComplex) {
            tracing::warn!(error = matcher.get_error(), "a grammar's matcher failed");
            self.constraints.fresh.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
    }

    fn text(&self, tokens: &[u32]) -> Vec<u8> {
        tokens.iter().flat_map(|token| self.constraints.spelling.of(*token)).copied().collect()
    }

    fn judge(&mut self, prefix: &[u32], token: u32) -> bool {
        let constraints = Arc::clone(&self.constraints);
        if token == constraints.spelling.end_token {
            let complete = self.matcher(prefix).is_some_and(|matcher| matcher.is_accepting().unwrap_or(false));
            return complete && String::from_utf8(self.text(prefix)).is_ok_and(|text| constraints.language.is_answer(text.trim()));
        }
        let longer = [prefix, &[token]].concat();
        if constraints.spelling.of(token).is_empty() || self.matcher(&longer).is_none() {
            return false;
        }
        // A character that is cut in two reads as one that only stands in texts.
        let text = self.text(&longer);
        let text = String::from_utf8_lossy(&text);
        !has_unknown_parameter(&text, self.parameters) && constraints.language.may_continue(text.trim_start())
    }
}

impl Constraint {
    /// Whether the parameter that a token ends, if it does, may stand there, and an answer that it ends be given. Requests differ, so that this is
    /// not kept.
    fn fits(&self, prefix: &[u32], token: u32) -> bool {
        let constraints = &self.constraints;
        if token == constraints.spelling.end_token {
            let is = |refused: &String| String::from_utf8(self.text(prefix)).is_ok_and(|text| text.trim() == refused.trim());
            return !self.refused.iter().any(is);
        }
        let spelling = constraints.spelling.of(token);
        if !spelling.last().is_some_and(u8::is_ascii_digit) {
            return true;
        }
        let text = self.text(&[prefix, &[token]].concat());
        let text = String::from_utf8_lossy(&text);
        let ends_parameter = text.len() >= 3 && text.as_bytes()[..text.len() - 1].ends_with(b"@v");
        !ends_parameter || constraints.language.fits(text.trim_start(), &self.prompt)
    }
}

impl Constraints {
    fn verdicts(&self) -> MutexGuard<'_, HashMap<Vec<u32>, bool>> {
        self.verdicts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TokenConstraint for Constraint {
    fn mask(&mut self, prefix: &[u32], logits: &mut [f32]) {
        let end = self.constraints.spelling.end_token;
        let mask = self.matcher(prefix).and_then(|matcher| matcher.compute_mask_or_eos().ok());
        for (token, logit) in logits.iter_mut().enumerate() {
            let token = token as u32;
            let in_mask = mask.as_ref().is_some_and(|mask| (token as usize) < mask.len() && mask.is_allowed(token));
            // Whether an answer may end is for `allows`: the language has a say in it.
            if !in_mask && (token != end || mask.is_none()) {
                *logit = f32::NEG_INFINITY;
            }
        }
    }

    fn allows(&mut self, prefix: &[u32], token: u32) -> bool {
        let mut key = Vec::with_capacity(prefix.len() + 2);
        key.push(self.parameters as u32);
        key.extend_from_slice(prefix);
        key.push(token);
        let known = self.constraints.verdicts().get(&key).copied();
        let allowed = known.unwrap_or_else(|| {
            let verdict = self.judge(prefix, token);
            let mut verdicts = self.constraints.verdicts();
            if verdicts.len() >= self.constraints.most_verdicts {
                verdicts.clear();
            }
            verdicts.insert(key, verdict);
            verdict
        });
        allowed && self.fits(prefix, token)
    }
}
