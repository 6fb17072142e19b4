//! Questions that can be answered, for a person whose question could not be.

use std::collections::HashSet;

use super::Language;
use crate::catalog::semantics::Semantics;

/// How many are offered.
const OFFERED: usize = 3;

/// The catalogue's example questions in a language.
pub(super) fn examples(language: Language) -> &'static [String] {
    let examples = &Semantics::embedded().examples;
    language.pick(&examples.en, &examples.fr)
}

/// The examples whose words are most like the question's, best first; the first ones where none is alike.
pub(super) fn nearest(question: &str, examples: &[String]) -> Vec<String> {
    let wanted = words(question);
    let mut scored: Vec<(f64, usize)> = examples.iter().enumerate().map(|(at, example)| (overlap(&wanted, &words(example)), at)).collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    scored.into_iter().take(OFFERED).map(|(_, at)| examples[at].clone()).collect()
}

/// Words that say something, cut to their stem's length so that "écoutés" meets "écoutes".
fn words(text: &str) -> HashSet<String> {
    let lower = text.to_lowercase();
    lower.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 2).map(|word| word.chars().take(5).collect()).collect()
}

fn overlap(a: &HashSet<String>, b: &HashSet<String>) -> f64 {
    let both = a.intersection(b).count();
    both as f64 / (a.len() + b.len() - both).max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_examples_come_first() {
        let examples: Vec<String> = ["Who are the 10 most listened-to artists?", "Songs by Daft Punk", "Which countries listen most?", "x"]
            .map(str::to_owned)
            .to_vec();
        assert_eq!(nearest("what songs did daft punk forget", &examples)[0], "Songs by Daft Punk");
        assert_eq!(nearest("zzz", &examples), examples[..3]);
        assert_eq!(nearest("zzz", &[]), Vec::<String>::new());
    }
}
