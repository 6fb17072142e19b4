//! Greedy and beam search over any model that gives the logits of the next token, a step at a time.
//!
//! Beam search follows transformers' (`early_stopping=False`), so that a model's card and its answers here agree; on top of it,
//! beams that have fallen hopelessly behind can be dropped, since a sure model would otherwise spend three quarters of its time on
//! sentences that nobody will read. It knows token ids, not text.

use std::cmp::Ordering;

use super::t5::{highest, log_sum_exp};

/// Forbids tokens, for a grammar or a list of words.
///
/// Probabilities are taken before the mask: a sentence that a constraint forced on the model keeps its low probability.
pub trait TokenConstraint {
    /// Sets the logits of tokens that are certainly forbidden to negative infinity. `prefix` is what the beam holds, without the
    /// start token. Asked once many tokens were refused.
    fn mask(&mut self, prefix: &[u32], logits: &mut [f32]);

    /// Whether the beam may go on with this token.
    fn allows(&mut self, prefix: &[u32], token: u32) -> bool;
}

/// Every token is allowed.
pub(crate) struct Unconstrained;

impl TokenConstraint for Unconstrained {
    fn mask(&mut self, _prefix: &[u32], _logits: &mut [f32]) {}

    fn allows(&mut self, _prefix: &[u32], _token: u32) -> bool {
        true
    }
}

/// After so many refusals the mask of a beam is worth its price.
const REFUSALS_BEFORE_MASK: usize = 12;
/// After so many a beam is at a dead end: what is still less likely is not worth the time.
const MOST_REFUSALS: usize = 200;

/// How to search.
#[derive(Debug, Clone)]
pub(crate) struct DecodeOptions {
    /// 1 is greedy.
    pub(crate) beams: usize,
    pub(crate) max_new_tokens: usize,
    /// A sentence is ranked by its log-probability divided by its length to this power; 0 favours short ones.
    pub(crate) length_penalty: f64,
    /// Drops beams this many nats behind the best; none keeps all.
    pub(crate) margin: Option<f64>,
    pub(crate) start_token: u32,
    pub(crate) end_token: u32,
}

/// A generated sequence.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Generated {
    /// Without the start token, with the end token if it was reached.
    pub(crate) tokens: Vec<u32>,
    pub(crate) log_probability: f64,
    /// That of its least likely token.
    pub(crate) least: f64,
    /// How much likelier a token was that the constraint refused in favour of one of these, at most.
    pub(crate) diverted: f64,
    pub(crate) finished: bool,
}

impl Generated {
    pub(crate) fn score(&self, length_penalty: f64) -> f64 {
        penalised(self.log_probability, self.tokens.len(), length_penalty)
    }
}

/// A search in the middle of one answer. Between its steps a model reads [`Search::last`] and gives logits to [`Search::advance`].
pub(crate) struct Search {
    options: DecodeOptions,
    /// Best first.
    running: Vec<Beam>,
    /// Best first.
    finished: Vec<Generated>,
    /// Tokens of each running beam.
    length: usize,
}

/// A sequence that is still being written.
#[derive(Clone)]
struct Beam {
    tokens: Vec<u32>,
    log_probability: f64,
    /// That of its least likely token.
    least: f64,
    diverted: f64,
}

impl Beam {
    const START: Self = Self { tokens: Vec::new(), log_probability: 0.0, least: 0.0, diverted: 0.0 };

    fn extended(&self, continuation: &Continuation) -> Self {
        let mut tokens = Vec::with_capacity(self.tokens.len() + 1);
        tokens.extend_from_slice(&self.tokens);
        tokens.push(continuation.token);
        let least = self.least.min(continuation.log_probability - self.log_probability);
        let diverted = self.diverted.max(continuation.diverted);
        Self { tokens, log_probability: continuation.log_probability, least, diverted }
    }

    fn ended(self, finished: bool) -> Generated {
        let Self { tokens, log_probability, least, diverted } = self;
        Generated { tokens, log_probability, least, diverted, finished }
    }
}

/// One way to go on with one beam.
struct Continuation {
    beam: usize,
    token: u32,
    log_probability: f64,
    /// How much likelier the best token was that was refused; 0 where none was.
    diverted: f64,
}

impl Search {
    pub(crate) fn new(options: DecodeOptions) -> Self {
        Self { options, running: vec![Beam::START], finished: Vec::new(), length: 0 }
    }

    /// The newest token of each beam.
    pub(crate) fn last(&self) -> impl Iterator<Item = u32> {
        self.running.iter().map(|beam| beam.tokens.last().copied().unwrap_or(self.options.start_token))
    }

    /// One step: `logits` is of what may follow each beam, one row after the other. Gives which beam each of those that go on was; none
    /// at the end.
    pub(crate) fn advance(&mut self, logits: &mut [f32], constraint: &mut dyn TokenConstraint) -> Option<Vec<u32>> {
        self.length += 1;
        if self.options.beams <= 1 { self.greedy(logits, constraint) } else { self.several(logits, constraint) }
    }

    /// At most `options.beams` sequences, best first.
    pub(crate) fn generated(&self) -> &[Generated] {
        &self.finished
    }

    fn greedy(&mut self, logits: &mut [f32], constraint: &mut dyn TokenConstraint) -> Option<Vec<u32>> {
        let best = self.continuations(logits, 1, constraint).pop();
        let beam = self.running.pop()?;
        let Some(best) = best else {
            self.finished.push(beam.ended(false));
            return None;
        };
        let beam = beam.extended(&best);
        let ends = best.token == self.options.end_token;
        if ends || self.length == self.options.max_new_tokens {
            self.finished.push(beam.ended(ends));
            return None;
        }
        self.running.push(beam);
        Some(vec![0])
    }

    fn several(&mut self, logits: &mut [f32], constraint: &mut dyn TokenConstraint) -> Option<Vec<u32>> {
        // Twice as many as beams, so that enough are left to run on when all the best ones end here.
        let continuations = self.continuations(logits, 2 * self.options.beams, constraint);
        let options = &self.options;
        let mut next = Vec::with_capacity(options.beams);
        let mut origins = Vec::with_capacity(options.beams);
        for (rank, continuation) in continuations.into_iter().enumerate() {
            let ends = continuation.token == options.end_token;
            if ends || self.length == options.max_new_tokens {
                if rank < options.beams {
                    self.finished.push(self.running[continuation.beam].extended(&continuation).ended(ends));
                }
            } else if next.len() < options.beams {
                next.push(self.running[continuation.beam].extended(&continuation));
                origins.push(continuation.beam as u32);
            }
        }
        self.finished.sort_by(|a, b| descending(a.score(options.length_penalty), b.score(options.length_penalty)));
        self.finished.truncate(options.beams);
        drop_hopeless(&mut next, &self.finished, options.margin);
        origins.truncate(next.len());
        let best = next.first()?;
        let worst_kept = self.finished.get(options.beams - 1).map(|generated| generated.score(options.length_penalty));
        if worst_kept.is_some_and(|worst| penalised(best.log_probability, self.length, options.length_penalty) <= worst) {
            return None;
        }
        self.running = next;
        Some(origins)
    }

    /// The `count` best continuations of all beams, best first.
    fn continuations(&self, logits: &mut [f32], count: usize, constraint: &mut dyn TokenConstraint) -> Vec<Continuation> {
        let beams = &self.running;
        let vocabulary = logits.len() / beams.len();
        let mut ranked: Vec<Ranked<'_>> =
            beams.iter().zip(logits.chunks_exact_mut(vocabulary)).map(|(beam, row)| Ranked::new(beam, row, count)).collect();
        let mut found: Vec<Continuation> = Vec::with_capacity(count);
        while found.len() < count {
            let best = ranked.iter().enumerate().filter_map(|(index, ranked)| Some((index, ranked.best()?)));
            let Some((beam, (token, log_probability))) = best.reduce(|a, b| if b.1.1 > a.1.1 { b } else { a }) else { break };
            // What is dropped as hopeless anyway needs no leave.
            let hopeless = token != self.options.end_token
                && self.options.margin.zip(found.first()).is_some_and(|(margin, first)| log_probability < first.log_probability - margin);
            if hopeless || constraint.allows(&beams[beam].tokens, token) {
                let diverted = ranked[beam].best_refused.map_or(0.0, |refused| refused - log_probability);
                found.push(Continuation { beam, token, log_probability, diverted });
                ranked[beam].advance(count, constraint);
            } else {
                ranked[beam].best_refused.get_or_insert(log_probability);
                ranked[beam].refuse(count, constraint);
            }
        }
        found
    }
}

/// The tokens that may follow one beam, best first, sorted only as far as they are looked at.
struct Ranked<'a> {
    beam: &'a Beam,
    row: &'a mut [f32],
    normaliser: f64,
    /// The best of the row, best first.
    sorted: Vec<(u32, f32)>,
    next: usize,
    refused: usize,
    /// The log-probability of the beam that it would have made.
    best_refused: Option<f64>,
    masked: bool,
}

impl<'a> Ranked<'a> {
    fn new(beam: &'a Beam, row: &'a mut [f32], count: usize) -> Self {
        let (normaliser, sorted) = (log_sum_exp(row), highest(row, count));
        Self { beam, row, normaliser, sorted, next: 0, refused: 0, best_refused: None, masked: false }
    }

    /// The best token that was not looked at, with the log-probability of the beam that it makes.
    fn best(&self) -> Option<(u32, f64)> {
        let (token, logit) = self.sorted.get(self.next)?;
        Some((*token, self.beam.log_probability + f64::from(*logit) - self.normaliser))
    }

    fn advance(&mut self, count: usize, constraint: &mut dyn TokenConstraint) {
        self.next += 1;
        // `count` of one beam are enough unless some were refused.
        if self.next == self.sorted.len() && self.refused > 0 {
            self.refill(count, constraint);
        }
    }

    fn refuse(&mut self, count: usize, constraint: &mut dyn TokenConstraint) {
        self.refused += 1;
        if self.refused >= MOST_REFUSALS {
            self.next = self.sorted.len();
            return;
        }
        self.next += 1;
        if self.next == self.sorted.len() {
            self.refill(count, constraint);
        }
    }

    fn refill(&mut self, count: usize, constraint: &mut dyn TokenConstraint) {
        // What was looked at is not looked at again.
        for (token, _) in &self.sorted {
            self.row[*token as usize] = f32::NEG_INFINITY;
        }
        if self.refused >= REFUSALS_BEFORE_MASK && !self.masked {
            constraint.mask(&self.beam.tokens, self.row);
            self.masked = true;
        }
        self.sorted = highest(self.row, count.max(REFUSALS_BEFORE_MASK));
        self.next = 0;
    }
}

/// `running` is sorted, best first. A probability only falls as a sequence grows, so what is far behind stays behind.
fn drop_hopeless(running: &mut Vec<Beam>, finished: &[Generated], margin: Option<f64>) {
    let Some(margin) = margin else { return };
    let best = finished.iter().map(|generated| generated.log_probability).chain(running.iter().map(|beam| beam.log_probability));
    let floor = best.fold(f64::NEG_INFINITY, f64::max) - margin;
    running.retain(|beam| beam.log_probability >= floor);
}

fn penalised(log_probability: f64, length: usize, length_penalty: f64) -> f64 {
    log_probability / (length as f64).powf(length_penalty)
}

fn descending(a: f64, b: f64) -> Ordering {
    b.total_cmp(&a)
}

/// Searches to the end. `model` is given which beam each beam was and the newest token of each, and gives logits.
#[cfg(test)]
pub(crate) fn search(
    options: DecodeOptions,
    constraint: &mut dyn TokenConstraint,
    mut model: impl FnMut(&[u32], &[u32]) -> Vec<f32>,
) -> Vec<Generated> {
    let mut search = Search::new(options);
    let mut origins = vec![0];
    loop {
        let tokens: Vec<u32> = search.last().collect();
        match search.advance(&mut model(&origins, &tokens), constraint) {
            Some(next) => origins = next,
            None => return search.finished,
        }
    }
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
