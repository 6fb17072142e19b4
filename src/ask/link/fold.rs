//! Text as the model and the index see it: lower case, no accents, plain quotes, one space between words.
//!
//! `training/masking.py` folds the corpus in the same way; `tests/fixtures/masking.jsonl` holds the two to one result.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Folded text that remembers where each of its characters came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Folded {
    pub(super) text: String,
    /// For each byte of `text`, the byte of the original that it came from; one more at the end.
    origins: Vec<usize>,
}

impl Folded {
    pub(super) fn new(original: &str) -> Self {
        let mut folded = Self { text: String::with_capacity(original.len()), origins: Vec::with_capacity(original.len() + 1) };
        for (at, c) in original.char_indices() {
            if c.is_whitespace() || c == '\u{200b}' {
                if !folded.text.is_empty() && !folded.text.ends_with(' ') {
                    folded.push(' ', at);
                }
                continue;
            }
            match c {
                '\u{2019}' | '\u{2018}' => folded.push('\'', at),
                '\u{201c}' | '\u{201d}' => folded.push('"', at),
                'œ' | 'Œ' => "oe".chars().for_each(|c| folded.push(c, at)),
                _ => std::iter::once(c)
                    .nfkd()
                    .filter(|c| !is_combining_mark(*c))
                    .flat_map(char::to_lowercase)
                    .for_each(|c| folded.push(c, at)),
            }
        }
        if folded.text.ends_with(' ') {
            folded.text.pop();
            folded.origins.pop();
        }
        folded.origins.push(original.len());
        folded
    }

    fn push(&mut self, c: char, at: usize) {
        self.text.push(c);
        self.origins.extend(std::iter::repeat_n(at, c.len_utf8()));
    }

    /// The byte of the original that a byte of the folded text came from.
    pub(super) fn origin(&self, at: usize) -> usize {
        self.origins[at]
    }

    /// The part of the original that a range of the folded text came from.
    pub(super) fn original<'a>(&self, original: &'a str, start: usize, end: usize) -> &'a str {
        original[self.origins[start]..self.origins[end]].trim_end()
    }
}

/// A word of folded text: letters and digits in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The words of folded text. `&` counts as a word, since names are written with it.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (start, c.is_alphanumeric()) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                words.push(Word { start: from, end: at });
                start = None;
            }
            _ => {}
        }
        if c == '&' {
            words.push(Word { start: at, end: at + 1 });
        }
    }
    words
}

/// A name as the index knows it: folded words with one space between, `&` as `and`.
pub(super) fn name_key(name: &str) -> String {
    let folded = Folded::new(name).text;
    key_of(&folded, &words(&folded))
}

/// The index key of a run of words.
pub(super) fn key_of(text: &str, run: &[Word]) -> String {
    let mut key = String::new();
    for word in run {
        if !key.is_empty() {
            key.push(' ');
        }
        match &text[word.start..word.end] {
            "&" | "et" => key.push_str("and"),
            word => key.push_str(word),
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_keeps_its_origins() {
        let original = "  L’Été  d’ÉDITH Piaf";
        let folded = Folded::new(original);
        assert_eq!(folded.text, "l'ete d'edith piaf");
        let start = folded.text.find("edith").unwrap();
        assert_eq!(folded.original(original, start, folded.text.len()), "ÉDITH Piaf");
    }

    #[test]
    fn names_that_are_spelled_differently_share_a_key() {
        for (a, b) in [("Beyoncé", "beyonce"), ("Simon & Garfunkel", "Simon and Garfunkel"), ("AC/DC", "ac dc"), ("Sigur Rós", "SIGUR ROS")]
        {
            assert_eq!(name_key(a), name_key(b));
        }
    }
}
