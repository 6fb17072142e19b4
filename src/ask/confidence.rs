//! How sure the model is, as one number.

use crate::model::Candidate;

/// The confidence in `candidates[chosen]`, from 0 to 1: its share among what the model also considered, times how sure it was of each
/// of its tokens.
///
/// With `m(i)` the mean log-probability of a token of candidate `i` (so that a long query is not punished for its length) and `n` the
/// tokens of the chosen one, the share is `exp(n m(chosen)) / sum over i of exp(n m(i))`: a softmax of the length-normalised scores at
/// the scale of one query. It is multiplied by `exp(m(chosen))`. One beam leaves the second factor alone. Candidates that were dropped
/// count: a model whose best guess was invalid is less sure of the next.
#[must_use]
pub fn confidence(candidates: &[Candidate], chosen: usize) -> f64 {
    let mean = |candidate: &Candidate| (candidate.log_probability / candidate.tokens.max(1) as f64).min(0.0);
    let Some(candidate) = candidates.get(chosen) else { return 0.0 };
    let (own, tokens) = (mean(candidate), candidate.tokens.max(1) as f64);
    if !own.is_finite() {
        return 0.0;
    }
    // Relative to the chosen one, so that nothing underflows.
    let rivals: f64 = candidates.iter().map(mean).filter(|mean| mean.is_finite()).map(|mean| (tokens * (mean - own)).exp()).sum();
    own.exp() / rivals.max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(log_probability: f64, tokens: usize) -> Candidate {
        Candidate { text: String::new(), log_probability, tokens, finished: true }
    }

    #[test]
    fn a_sure_model_is_near_one_and_a_torn_one_is_not() {
        let check = |scores: &[(f64, usize)], chosen: usize, least: f64, most: f64| {
            let candidates: Vec<Candidate> = scores.iter().map(|(score, tokens)| candidate(*score, *tokens)).collect();
            let found = confidence(&candidates, chosen);
            assert!((least..=most).contains(&found), "{scores:?}: {found}");
        };
        check(&[(-0.1, 40), (-5.0, 41), (-6.0, 40)], 0, 0.95, 1.0);
        check(&[(-1.0, 40), (-1.1, 40)], 0, 0.45, 0.55);
        check(&[(-0.1, 40), (-5.0, 40)], 1, 0.0, 0.02);
        check(&[(0.0, 1)], 0, 1.0, 1.0);
        check(&[(-40.0, 10)], 0, 0.0, 0.03);
        check(&[(f64::NEG_INFINITY, 10)], 0, 0.0, 0.0);
        check(&[(f64::NAN, 10)], 0, 0.0, 1.0);
        check(&[], 0, 0.0, 0.0);
        check(&[(-1.0, 0)], 0, 0.3, 0.4);
        check(&[(-2000.0, 10), (-1.0, 10)], 0, 0.0, 0.0);
    }
}
