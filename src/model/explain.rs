//! Which question an answer answers: the model read backwards.

use super::Explains;
use super::decode::{DecodeError, log_sum_exp};
use super::t5::T5;

/// How likely `prompt` is, with `answer` given behind `ask`, the token that asks for it. All are tokens, with their end tokens.
///
/// # Errors
/// [`DecodeError`] when the model fails.
pub(super) fn explains(t5: &T5, start: u32, ask: u32, answer: &[u32], prompt: &[u32]) -> Result<Explains, DecodeError> {
    let given: Vec<u32> = std::iter::once(ask).chain(answer.iter().copied()).collect();
    let mut decoding = t5.start(&given, prompt.len())?;
    let mut log_probability = 0.0;
    let mut last = start;
    for &token in prompt {
        let logits: Vec<f32> = t5.step(&[last], &mut decoding)?.flatten_all()?.to_vec1()?;
        let logit = logits.get(token as usize).copied().unwrap_or(f32::NEG_INFINITY);
        log_probability += f64::from(logit) - log_sum_exp(&logits);
        last = token;
    }
    Ok(Explains { log_probability, tokens: prompt.len() })
}
