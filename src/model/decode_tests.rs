use super::*;

/// A language of one-digit tokens: the next token depends on the last one alone. 0 starts, 9 ends.
struct Chain {
    /// `(last, next, probability)`; what is not named is impossible.
    arcs: &'static [(u32, u32, f32)],
    /// What each beam was given, to see that beams are moved as they are asked to be.
    history: Vec<Vec<u32>>,
}

impl Chain {
    fn step(&mut self, origins: &[u32], tokens: &[u32]) -> Vec<f32> {
        self.history = origins.iter().map(|origin| self.history.get(*origin as usize).cloned().unwrap_or_default()).collect();
        let mut logits = Vec::new();
        for (history, last) in self.history.iter_mut().zip(tokens) {
            history.push(*last);
            let mut row = [f32::NEG_INFINITY; 10];
            for (_, next, probability) in self.arcs.iter().filter(|(from, ..)| from == last) {
                row[*next as usize] = probability.ln();
            }
            logits.extend(row);
        }
        logits
    }
}

/// Greedy takes 1 (0.6) and ends with 0.6 * 0.5; the best sequence starts with 2: 0.4 * 0.9.
const GARDEN_PATH: &[(u32, u32, f32)] =
    &[(0, 1, 0.6), (0, 2, 0.4), (1, 3, 0.5), (1, 4, 0.5), (2, 5, 0.9), (2, 6, 0.1), (3, 9, 1.0), (4, 9, 1.0), (5, 9, 1.0), (6, 9, 1.0)];
/// 1 repeats with 0.9 or ends.
const REPEATING: &[(u32, u32, f32)] = &[(0, 1, 0.7), (0, 9, 0.3), (1, 1, 0.9), (1, 9, 0.1)];

fn options(beams: usize) -> DecodeOptions {
    DecodeOptions { beams, max_new_tokens: 5, length_penalty: 0.0, margin: None, start_token: 0, end_token: 9 }
}

fn run(arcs: &'static [(u32, u32, f32)], options: &DecodeOptions, constraint: &mut dyn TokenConstraint) -> Vec<Generated> {
    let mut model = Chain { arcs, history: Vec::new() };
    search(options.clone(), constraint, |origins, tokens| model.step(origins, tokens))
}

fn written(generated: &[Generated]) -> Vec<String> {
    generated.iter().map(|one| one.tokens.iter().map(u32::to_string).collect::<String>() + if one.finished { "" } else { "…" }).collect()
}

#[test]
fn searches_find_what_they_should() {
    let check = |arcs, options: DecodeOptions, expected: &[&str]| {
        let found = run(arcs, &options, &mut Unconstrained);
        assert_eq!(written(&found), expected, "{options:?}");
        found
    };
    check(GARDEN_PATH, options(1), &["139"]);
    let found = check(GARDEN_PATH, options(2), &["259", "139"]);
    assert!((found[0].log_probability - 0.36_f64.ln()).abs() < 1e-5);
    check(GARDEN_PATH, options(4), &["259", "139", "149", "269"]);
    check(GARDEN_PATH, DecodeOptions { max_new_tokens: 2, ..options(2) }, &["25…", "13…"]);
    check(REPEATING, options(1), &["11111…"]);
    check(REPEATING, options(2), &["11111…", "9"]);
    // Lower weight on probability makes the longer sentence win.
    check(REPEATING, DecodeOptions { max_new_tokens: 3, length_penalty: 2.0, ..options(2) }, &["111…", "119"]);
}

#[test]
fn a_margin_drops_what_is_far_behind() {
    let check = |margin: f64, expected: &[&str]| {
        let found = run(GARDEN_PATH, &DecodeOptions { margin: Some(margin), ..options(4) }, &mut Unconstrained);
        assert_eq!(written(&found), expected, "{margin}");
    };
    check(5.0, &["259", "139", "149", "269"]);
    check(1.0, &["259", "139", "149"]);
    check(0.0, &["139", "149"]);
}

/// Forbids some words, and ends after so many tokens.
struct Rules {
    forbidden: &'static [u32],
    end_after: usize,
}

impl TokenConstraint for Rules {
    fn mask(&mut self, prefix: &[u32], logits: &mut [f32]) {
        for (token, logit) in logits.iter_mut().enumerate() {
            if !self.allows(prefix, token as u32) {
                *logit = f32::NEG_INFINITY;
            }
        }
    }

    fn allows(&mut self, prefix: &[u32], token: u32) -> bool {
        let must_end = prefix.len() >= self.end_after;
        !(self.forbidden.contains(&token) || must_end && token != 9)
    }
}

#[test]
fn a_constraint_is_obeyed_in_every_beam() {
    let check = |arcs, beams, mut rules: Rules, expected: &[&str]| {
        assert_eq!(written(&run(arcs, &options(beams), &mut rules)), expected);
    };
    check(GARDEN_PATH, 1, Rules { forbidden: &[1], end_after: 9 }, &["259"]);
    check(GARDEN_PATH, 4, Rules { forbidden: &[0, 5, 3, 1, 4, 7, 8], end_after: 9 }, &["269"]);
    check(REPEATING, 1, Rules { forbidden: &[], end_after: 2 }, &["119"]);
    check(REPEATING, 1, Rules { forbidden: &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], end_after: 9 }, &["…"]);
    check(REPEATING, 3, Rules { forbidden: &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], end_after: 9 }, &[]);
}

#[test]
fn a_constraint_does_not_raise_probabilities() {
    let found = run(GARDEN_PATH, &options(1), &mut Rules { forbidden: &[1], end_after: 9 });
    assert!((found[0].log_probability - 0.36_f64.ln()).abs() < 1e-5);
}

#[test]
fn it_is_told_how_far_a_constraint_diverted() {
    let check = |forbidden: &'static [u32], beams, expected: f64| {
        let found = run(GARDEN_PATH, &options(beams), &mut Rules { forbidden, end_after: 9 });
        assert!((found[0].diverted - expected).abs() < 1e-5, "{found:?}");
    };
    check(&[], 1, 0.0);
    check(&[1], 1, (0.6_f64 / 0.4).ln());
    check(&[1, 5], 1, (0.9_f64 / 0.1).ln());
    check(&[5, 3], 4, 0.0);
    check(&[2, 3], 4, 0.0);
}

#[test]
fn beams_keep_their_own_history() {
    let mut model = Chain { arcs: GARDEN_PATH, history: Vec::new() };
    search(options(4), &mut Unconstrained, |origins, tokens| model.step(origins, tokens));
    for history in &model.history {
        for pair in history.windows(2) {
            assert!(GARDEN_PATH.iter().any(|(from, to, _)| [*from, *to] == *pair), "{history:?}");
        }
    }
}
