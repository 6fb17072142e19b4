//! A summary as the model writes it: words, with names in place of all numbers and of whatever else comes from the data.
//!
//! The words are those that training saw, and no number word is among them. No digit can be written: what a template states, a cell, a
//! number computed from cells or a value of the question states.

use std::collections::HashSet;

use regex::Regex;

use super::super::Language;
use super::super::link::is_number_word;
use super::holes::Holes;
use super::labels::Label;
use super::sentences::capital;

/// Characters of a template.
const MOST_CHARS: usize = 320;
/// How often a template may show one thing; those of the corpus show it once, or twice at most.
const MOST_REPEATS: usize = 2;
const LETTER: &str = "[A-Za-zÀ-ÖØ-öø-ÿŒœ]";

/// Why a text of the model is no summary.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in crate::ask) enum Unfit {
    #[error("it is not made of words and of names that these rows have")]
    Form,
    #[error("training has not seen the word {word:?}")]
    Word { word: String },
    #[error("it shows nothing of the rows")]
    NoCell,
    #[error("it has {chars} characters")]
    TooLong { chars: usize },
    #[error("a parenthesis is open, or closed twice")]
    Parentheses,
    #[error("it shows {name} more than {MOST_REPEATS} times")]
    Repeats { name: String },
    #[error("{left:?} and {right:?} would read as one number")]
    OneNumber { left: String, right: String },
}

/// The words that summaries are made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SummaryWords(HashSet<String>);

impl SummaryWords {
    /// One a line, in lower case. Number words are left out: what they would say no cell says.
    #[must_use]
    pub fn read(text: &str) -> Self {
        Self(text.lines().map(str::trim).filter(|word| !word.is_empty() && !is_number_word(word)).map(str::to_owned).collect())
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A regular expression of every template over these names: units with one space between, and punctuation where people put it. A name
/// has a letter before a hyphen in front of it, so that no number becomes negative, and none touches another.
pub(super) fn pattern<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names = names.map(regex::escape).collect::<Vec<_>>().join("|");
    let word = format!("{LETTER}+(?:['’.-]{LETTER}+)*['’]?(?: %)?");
    let name = format!("(?:{LETTER}+['’-])?(?:{names})(?:['’-]{LETTER}+)*");
    let between = r"\)*[.,;:?!]* (?:[;:?!] )?\(*";
    format!(r" ?\(*(?:{word}|{name})(?:{between}(?:{word}|{name}))*\)*(?: ?[.;:?!])*")
}

/// A grammar in llguidance's Lark of every template over these names (`{r0.c1}`, `@v1`).
pub fn summary_grammar<'a>(names: impl Iterator<Item = &'a str>) -> String {
    format!("start: TEMPLATE\nTEMPLATE: /{}/", pattern(names))
}

/// A piece of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece<'a> {
    Words(&'a str),
    Name(&'a str),
}

/// Checks a template and puts in what its names stand for.
///
/// # Errors
/// [`Unfit`] where it is no summary of these rows.
pub(in crate::ask) fn fill(template: &str, holes: &Holes, words: &SummaryWords, language: Language) -> Result<String, Unfit> {
    let template = template.trim();
    let chars = template.chars().count();
    if chars > MOST_CHARS {
        return Err(Unfit::TooLong { chars });
    }
    let form = Regex::new(&format!(r"\A(?:{})\z", pattern(holes.names())));
    if !form.is_ok_and(|form| form.is_match(template)) {
        return Err(Unfit::Form);
    }
    let pieces = pieces(template);
    let written = pieces.iter().filter_map(|piece| if let Piece::Words(text) = piece { Some(*text) } else { None });
    let each_word = written.clone().flat_map(|text| text.split(|c: char| !c.is_alphabetic())).filter(|word| !word.is_empty());
    if let Some(word) = each_word.map(str::to_lowercase).find(|word| !words.0.contains(word)) {
        return Err(Unfit::Word { word });
    }
    let names: Vec<&str> = pieces.iter().filter_map(|piece| if let Piece::Name(name) = piece { Some(*name) } else { None }).collect();
    if !names.iter().any(|name| name.starts_with('{')) {
        return Err(Unfit::NoCell);
    }
    if let Some(name) = names.iter().find(|name| names.iter().filter(|other| other == name).count() > MOST_REPEATS) {
        return Err(Unfit::Repeats { name: (*name).to_owned() });
    }
    if !is_balanced(written.flat_map(str::chars)) {
        return Err(Unfit::Parentheses);
    }
    put_in(&pieces, holes, language)
}

/// The template's form was checked: braces and `@v1` are whole.
fn pieces(template: &str) -> Vec<Piece<'_>> {
    let (mut pieces, mut rest) = (Vec::new(), template);
    while let Some(begin) = rest.find(['{', '@']) {
        let end = if rest[begin..].starts_with('@') { begin + 3 } else { rest[begin..].find('}').map_or(rest.len(), |at| begin + at + 1) };
        let (before, name) = (&rest[..begin], &rest[begin..end.min(rest.len())]);
        if !before.is_empty() {
            pieces.push(Piece::Words(before));
        }
        pieces.push(Piece::Name(name));
        rest = &rest[end.min(rest.len())..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Words(rest));
    }
    pieces
}

fn is_balanced(chars: impl Iterator<Item = char>) -> bool {
    let mut open = 0_i32;
    for c in chars {
        open += i32::from(c == '(') - i32::from(c == ')');
        if open < 0 {
            return false;
        }
    }
    open == 0
}

fn put_in(pieces: &[Piece<'_>], holes: &Holes, language: Language) -> Result<String, Unfit> {
    let mut text = String::new();
    let (mut before, mut single): (Option<&String>, bool) = (None, false);
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Words(words) => {
                before = before.filter(|_| words.trim().is_empty());
                let own_stop = at > 0 && words.starts_with('.') && text.ends_with(['.', '!', '?']);
                let words = spaced(if own_stop { &words[1..] } else { words }, language);
                text.push_str(&if single { in_singular(&words, language) } else { words });
            }
            Piece::Name(name) => {
                let shown = holes.get(name).ok_or(Unfit::Form)?;
                let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
                // "5 120" would be one number.
                if let Some(left) = before.filter(|left| digit(left.chars().last()) && digit(shown.text.chars().next())) {
                    return Err(Unfit::OneNumber { left: left.clone(), right: shown.text.clone() });
                }
                let begins = text.trim_end().is_empty() || text.trim_end().ends_with(['.', '!', '?']);
                text.push_str(&if begins && shown.ours { capital(&shown.text) } else { shown.text.clone() });
                (before, single) = (Some(&shown.text), shown.single);
            }
        }
    }
    let ended = matches!(pieces.last(), Some(Piece::Words(words)) if words.ends_with(['.', '!', '?'])) || text.ends_with(['.', '!', '?']);
    Ok(if ended { text } else { format!("{text}.") })
}

/// "1 play", where the template has "plays".
fn in_singular(words: &str, language: Language) -> String {
    let noun = words.trim_start();
    let end = noun.find(|c: char| !c.is_alphabetic()).unwrap_or(noun.len());
    match Label::one_of(&noun[..end], language) {
        Some(one) => format!("{}{one}{}", &words[..words.len() - noun.len()], &noun[end..]),
        None => words.to_owned(),
    }
}

/// French puts a no-break space before these; a template has plain ones.
fn spaced(words: &str, language: Language) -> String {
    match language {
        Language::En => words.to_owned(),
        Language::Fr => [';', ':', '?', '!', '%']
            .iter()
            .fold(words.to_owned(), |text, sign| text.replace(&format!(" {sign}"), &format!("\u{a0}{sign}"))),
    }
}
