//! How sure an answer is, as one number.

use serde::Serialize;

use crate::model::{Calibration, Candidate};
use crate::sql::grammar::NO_ANSWER;

/// What the decoder saw of a candidate, in natural logarithms: what the confidence in it is made of.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Signals {
    /// The log-probability of the whole candidate.
    pub log_probability: f64,
    /// That of its least likely token.
    pub least: f64,
    /// The logarithm of its share among the candidates: of their probabilities per token, to the power of its own length, so that a long query is
    /// not punished for its length; where it counts how well they explain the question, times that.
    pub share: f64,
    /// The mean log-probability of its tokens.
    pub mean: f64,
    /// The mean log-probability of the question's tokens, given the candidate; 0 where the model does not tell.
    pub explains: f64,
    /// The log-probability of the candidate against that there is no answer, of these two; 0 where the decoder did not come to doubt.
    pub answerable: f64,
    /// Whether the question names something that the candidate does not use.
    pub unused_name: bool,
}

/// Without a calibration, a value that the question names and the SQL does not use halves the confidence.
const UNUSED_NAME_FACTOR: f64 = 0.5;
/// Below this a logarithm says no more.
const FLOOR: f64 = -50.0;

impl Signals {
    /// The signals of `candidates[chosen]`. Candidates that were dropped count: a model whose best guess was invalid is less sure of the next.
    /// `question_weight` is the weight of how well they explain the question.
    #[must_use]
    pub fn of(candidates: &[Candidate], chosen: usize, question_weight: f64, unused_name: bool) -> Self {
        let mean = |candidate: &Candidate| (candidate.log_probability / candidate.tokens.len().max(1) as f64).min(0.0);
        let nothing =
            Self { log_probability: FLOOR, least: FLOOR, share: FLOOR, mean: FLOOR, explains: FLOOR, answerable: FLOOR, unused_name };
        let Some(candidate) = candidates.get(chosen) else { return nothing };
        let (own, tokens) = (mean(candidate), candidate.tokens.len().max(1) as f64);
        if !own.is_finite() {
            return nothing;
        }
        // Relative to the chosen one, so that nothing underflows. A rival that was not asked for its question explains it as well as the chosen one.
        let explained = |rival: &Candidate| match (rival.explains, candidate.explains) {
            (Some(rival), Some(own)) => question_weight * (rival.log_probability - own.log_probability),
            _ => 0.0,
        };
        let odds = |rival: &Candidate| (tokens * (mean(rival) - own) + explained(rival)).exp();
        let rivals: f64 = candidates.iter().filter(|rival| mean(rival).is_finite() && !is_no_answer(rival)).map(odds).sum();
        let doubt = candidates
            .iter()
            .find(|rival| is_no_answer(rival))
            .map_or(0.0, |rival| (rival.log_probability - candidate.log_probability).exp());
        let bounded = |value: f64| if value.is_finite() { value.clamp(FLOOR, 0.0) } else { FLOOR };
        Self {
            log_probability: bounded(candidate.log_probability),
            least: bounded(candidate.least_log_probability),
            share: bounded(-rivals.max(1.0).ln()),
            mean: bounded(own),
            explains: candidate.explains.map_or(0.0, |explains| bounded(explains.mean())),
            answerable: bounded(-doubt.ln_1p()),
            unused_name,
        }
    }

    /// The confidence, from 0 to 1: the measured probability that such an answer is right where the model has a calibration; else its
    /// share among the candidates times the mean probability of its tokens and that there is an answer at all.
    #[must_use]
    pub fn confidence(&self, calibration: Option<&Calibration>) -> f64 {
        let Some(weights) = calibration else {
            return (self.share + self.mean + self.answerable).exp() * if self.unused_name { UNUSED_NAME_FACTOR } else { 1.0 };
        };
        let unused = if self.unused_name { weights.unused_name } else { 0.0 };
        let score = weights.intercept
            + weights.log_probability * self.log_probability
            + weights.least * self.least
            + weights.share * self.share
            + weights.explains * self.explains
            + weights.answerable * self.answerable
            + unused;
        1.0 / (1.0 + (-score).exp())
    }
}

/// That there is no answer explains no question, and is short: it is weighed apart from the candidates that are queries.
fn is_no_answer(candidate: &Candidate) -> bool {
    candidate.text.trim() == NO_ANSWER
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Explains;

    fn candidate(log_probability: f64, tokens: usize) -> Candidate {
        let least_log_probability = log_probability / 2.0;
        let tokens = vec![0; tokens];
        Candidate { text: String::new(), log_probability, least_log_probability, diverted: 0.0, explains: None, tokens, finished: true }
    }

    fn check(scores: &[(f64, usize)], chosen: usize, calibration: Option<&Calibration>, least: f64, most: f64) {
        let candidates: Vec<Candidate> = scores.iter().map(|(score, tokens)| candidate(*score, *tokens)).collect();
        let found = Signals::of(&candidates, chosen, 0.0, false).confidence(calibration);
        assert!((least..=most).contains(&found), "{scores:?}: {found}");
    }

    #[test]
    fn a_sure_model_is_near_one_and_a_torn_one_is_not() {
        check(&[(-0.1, 40), (-5.0, 41), (-6.0, 40)], 0, None, 0.95, 1.0);
        check(&[(-1.0, 40), (-1.1, 40)], 0, None, 0.45, 0.55);
        check(&[(-0.1, 40), (-5.0, 40)], 1, None, 0.0, 0.02);
        check(&[(0.0, 1)], 0, None, 1.0, 1.0);
        check(&[(-40.0, 10)], 0, None, 0.0, 0.03);
        check(&[(f64::NEG_INFINITY, 10)], 0, None, 0.0, 0.03);
        check(&[(f64::NAN, 10)], 0, None, 0.0, 1.0);
        check(&[], 0, None, 0.0, 1e-9);
        check(&[(-1.0, 0)], 0, None, 0.3, 0.4);
        check(&[(-2000.0, 10), (-1.0, 10)], 0, None, 0.0, 1e-9);
    }

    #[test]
    fn a_calibration_weighs_the_signals() {
        let weights =
            Calibration { intercept: 2.0, log_probability: 1.0, least: 1.0, share: 1.0, explains: 2.0, answerable: 1.0, unused_name: -3.0 };
        check(&[(0.0, 10)], 0, Some(&weights), 0.88, 0.881);
        check(&[(-2.0, 10)], 0, Some(&weights), 0.26, 0.28);
        check(&[], 0, Some(&weights), 0.0, 1e-9);
        let explained = |log_probability: f64| Some(Explains { log_probability, tokens: 10 });
        let vague = Candidate { explains: explained(-10.0), ..candidate(0.0, 10) };
        let vaguely = Signals::of(std::slice::from_ref(&vague), 0, 0.5, false).confidence(Some(&weights));
        assert!((0.49..0.51).contains(&vaguely), "{vaguely}");
        // Likelier itself, it loses its share to one that explains the question better.
        let apt = Candidate { explains: explained(-2.0), ..candidate(-1.0, 10) };
        let share = |question_weight: f64| Signals::of(&[vague.clone(), apt.clone()], 0, question_weight, false).share.exp();
        assert!(share(0.0) > 0.7 && share(0.5) < 0.1, "{} {}", share(0.0), share(0.5));
        let none = Candidate { text: NO_ANSWER.to_owned(), ..candidate(-1.0, 2) };
        let doubted = Signals::of(&[candidate(-1.0, 12), none], 0, 0.0, false);
        assert!((doubted.answerable.exp() - 0.5).abs() < 1e-9 && doubted.share == 0.0, "{doubted:?}");
        assert_eq!(Signals::of(&[candidate(-1.0, 12)], 0, 0.0, false).answerable, 0.0);
        let unused = Signals::of(&[candidate(0.0, 10)], 0, 0.0, true);
        assert!((0.26..0.28).contains(&unused.confidence(Some(&weights))));
        assert!((0.5..0.51).contains(&unused.confidence(None)));
    }
}
