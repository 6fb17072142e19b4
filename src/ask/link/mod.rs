//! Entity linking: which words of a question are values of the warehouse, and the prompt in which they are masked.
//!
//! The model never sees a name. It reads `top @v1 <num> songs by @v2 <artist>` and writes SQL with the parameters `@v1` and `@v2`; what
//! they stand for stays here. A name that means several things (a song and an album, a tag and a genre) names all its kinds, and
//! the column that the model compares it with decides. Masking values is the single change that helps a small model most (see
//! "Value linking" in training/LOG.md).

mod countries;
mod fold;
mod index;
mod introduced;
mod numbers;

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::Regex;
use serde::{Deserialize, Serialize};

pub use index::LinkValue;

use fold::{Folded, Word, key_of, words};
use index::{ARTICLES, Index, Way};
use numbers::QuantityValue;
pub(super) use numbers::is_number_word;

/// What a value is. The order is the order in which a prompt names the kinds of an ambiguous value, as in training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Artist,
    Title,
    Album,
    Tag,
    Genre,
    Country,
    Segment,
    Num,
    Year,
    Decade,
    Month,
    Date,
}

impl Kind {
    const ALL: [Self; 12] = [
        Self::Artist,
        Self::Title,
        Self::Album,
        Self::Tag,
        Self::Genre,
        Self::Country,
        Self::Segment,
        Self::Num,
        Self::Year,
        Self::Decade,
        Self::Month,
        Self::Date,
    ];

    /// As prompts name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Artist => "artist",
            Self::Title => "title",
            Self::Album => "album",
            Self::Tag => "tag",
            Self::Genre => "genre",
            Self::Country => "country",
            Self::Segment => "segment",
            Self::Num => "num",
            Self::Year => "year",
            Self::Decade => "decade",
            Self::Month => "month",
            Self::Date => "date",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A question with its values found.
#[derive(Debug, Clone, PartialEq)]
pub struct Linked {
    /// What the model reads.
    pub prompt: String,
    pub mentions: Vec<Mention>,
}

/// A value that the question names.
#[derive(Debug, Clone, PartialEq)]
pub struct Mention {
    /// `v1`: the parameter that stands for it in the prompt and in the model's SQL.
    pub name: String,
    /// As the user wrote it.
    pub text: String,
    /// Bytes of the question that names it.
    pub start: usize,
    pub end: usize,
    /// Only a question that was asked before names it.
    pub earlier: bool,
    /// Whether it was written as the warehouse writes it, spelling apart.
    pub exact: bool,
    /// What it may stand for, by kind, best known first.
    pub candidates: Vec<CandidateValue>,
}

/// One thing that a mention may stand for.
#[derive(Debug, Clone, PartialEq)]
pub struct CandidateValue {
    pub kind: Kind,
    pub value: MentionValue,
}

/// The value itself.
#[derive(Debug, Clone, PartialEq)]
pub enum MentionValue {
    /// Text of the warehouse (a country by its English name), and the key that facts carry where it is another.
    Entity {
        text: String,
        key: Option<String>,
    },
    Number(f64),
    Date(NaiveDate),
}

/// Stands in a prompt between a question and the one that follows up on it.
const THEN: &str = " <then> ";
/// A prompt has at most this many values; the vocabulary of the model ends there.
const MAX_VALUES: usize = 9;
/// A question word used this often in the corpus is never a name by itself, written as it may be.
const VERY_COMMON: u32 = 40;

static PROTECTED: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\bhot[ -]?100\b").expect("a constant pattern"));
static DECADE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^(?:the )?(?:19|20)?\d0 ?s$").expect("a constant pattern"));
static QUOTED: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#""([^"]+)"|«\s*([^»]+?)\s*»"#).expect("a constant pattern"));

/// Finds values in questions. Built once for a state of the warehouse.
#[derive(Debug)]
pub struct Linker {
    index: Index,
    countries: HashMap<String, Vec<countries::CountryName>>,
    /// How often the corpus uses a word to phrase a question.
    question_words: HashMap<String, u32>,
}

/// A run of words that may be a value.
struct Span {
    start: usize,
    end: usize,
    words: usize,
    way: Way,
    candidates: Vec<CandidateValue>,
}

impl Linker {
    /// Indexes the values. `question_words` says how often questions use a word that is no value.
    #[must_use]
    pub fn build(values: impl IntoIterator<Item = LinkValue>, question_words: HashMap<String, u32>) -> Self {
        let common: HashSet<String> = question_words.iter().filter(|(_, n)| **n >= 2).map(|(w, _)| w.clone()).collect();
        let mut countries: HashMap<String, Vec<countries::CountryName>> = HashMap::new();
        for name in countries::names() {
            countries.entry(name.key.clone()).or_default().push(name);
        }
        Self { index: Index::build(values, &common), countries, question_words }
    }

    /// Finds the values of a question and masks them.
    #[must_use]
    pub fn link(&self, question: &str) -> Linked {
        self.link_after::<&str>(&[], question)
    }

    /// Finds the values of a question that follows up on others, the oldest first.
    #[must_use]
    pub fn link_after<Q: AsRef<str>>(&self, earlier: &[Q], question: &str) -> Linked {
        let mut mentions = Vec::new();
        let mut prompts: Vec<String> = earlier.iter().map(|turn| self.mask(turn.as_ref(), true, &mut mentions)).collect();
        prompts.push(self.mask(question, false, &mut mentions));
        Linked { prompt: prompts.join(THEN), mentions }
    }

    /// The prompt of one question; values that `mentions` lacks are added to it.
    fn mask(&self, question: &str, earlier: bool, mentions: &mut Vec<Mention>) -> String {
        let folded = Folded::new(question);
        let text = folded.text.as_str();
        let protected: Vec<(usize, usize)> = PROTECTED.find_iter(text).map(|m| (m.start(), m.end())).collect();
        let quoted: Vec<(usize, usize)> =
            QUOTED.captures_iter(text).filter_map(|c| c.get(1).or_else(|| c.get(2))).map(|m| (m.start(), m.end())).collect();
        let words = words(text);
        let shouting = !question.chars().any(char::is_lowercase);
        let capital = |word: &Word| {
            let said = folded.original(question, word.start, word.end);
            !shouting && word.start > 0 && said != "I" && said.chars().next().is_some_and(char::is_uppercase)
        };

        let mut spans = self.entity_spans(text, &words, &quoted, &capital, &|start, end| folded.original(question, start, end));
        spans.retain(|span| !protected.iter().any(|(a, b)| span.start < *b && *a < span.end));
        // "September 1991" is a month, whatever song is called September.
        let dates: Vec<(usize, usize)> = numbers::quantities(text, &[protected.as_slice(), &quoted].concat())
            .into_iter()
            .filter(|quantity| matches!(quantity.kind, Kind::Date | Kind::Month))
            .map(|quantity| (quantity.start, quantity.end))
            .collect();
        spans.retain(|span| !dates.iter().any(|(a, b)| *a <= span.start && span.end <= *b));
        let mut taken = choose(spans);
        let blocked: Vec<(usize, usize)> = protected.iter().copied().chain(taken.iter().map(|s| (s.start, s.end))).collect();
        for quantity in numbers::quantities(text, &blocked) {
            let value = match quantity.value {
                QuantityValue::Number(number) => MentionValue::Number(number),
                QuantityValue::Date(date) => MentionValue::Date(date),
            };
            let candidates = vec![CandidateValue { kind: quantity.kind, value }];
            taken.push(Span { start: quantity.start, end: quantity.end, words: 1, way: Way::Exact, candidates });
        }
        taken.sort_by_key(|span| span.start);

        let mut prompt = String::with_capacity(text.len() * 2);
        let mut at = 0;
        for span in taken {
            let known = mentions.iter().position(|mention| mention.candidates == span.candidates);
            let name = match known {
                Some(known) => {
                    mentions[known].earlier &= earlier;
                    mentions[known].name.clone()
                }
                None if mentions.len() == MAX_VALUES => continue,
                None => {
                    let name = format!("v{}", mentions.len() + 1);
                    mentions.push(Mention {
                        name: name.clone(),
                        text: folded.original(question, span.start, span.end).to_owned(),
                        start: folded.origin(span.start),
                        end: folded.origin(span.end),
                        earlier,
                        exact: span.way == Way::Exact,
                        candidates: span.candidates.clone(),
                    });
                    name
                }
            };
            prompt.push_str(&text[at..span.start]);
            prompt.push_str(&format!(" @{name} "));
            let mut kinds: Vec<Kind> = span.candidates.iter().map(|c| c.kind).collect();
            kinds.dedup();
            for kind in kinds {
                prompt.push_str(&format!("<{kind}> "));
            }
            at = span.end;
        }
        prompt.push_str(&text[at..]);
        tidy(&prompt)
    }

    fn entity_spans<'q>(
        &self,
        text: &str,
        words: &[Word],
        quoted: &[(usize, usize)],
        capital: &dyn Fn(&Word) -> bool,
        original: &dyn Fn(usize, usize) -> &'q str,
    ) -> Vec<Span> {
        let mut spans = Vec::new();
        let cased = words.iter().any(capital);
        for from in 0..words.len() {
            for to in from + 1..=words.len().min(from + self.index.longest.max(4)) {
                let run = &words[from..to];
                let (start, end) = (run[0].start, run[run.len() - 1].end);
                // A name does not run over the end of a sentence or a list.
                if text[start..end].contains(['?', '!', ';', '"', '(', ')', '«', '»']) || text[start..end].contains(", ") && run.len() < 4
                {
                    break;
                }
                let in_quotes = quoted.iter().any(|(a, b)| *a == start && *b == end);
                let key = key_of(text, run);
                let mut candidates: Vec<CandidateValue> = self.country_candidates(&key, original(start, end));
                let mut way = Way::Exact;
                // A tag may be spelled like a country's people or like a decade; who says "belgian" or "80s" means those.
                let plain = !in_quotes && (!candidates.is_empty() || DECADE.is_match(&key));
                let looked_up = if plain { None } else { self.index.lookup(&key).or_else(|| self.near(&key, run, text, in_quotes)) };
                if let Some((found, values)) = looked_up {
                    // Half a name needs its capital where others have one, and fame where nothing has.
                    let half = found == Way::Partial && run.len() == 1 && !in_quotes && !run.iter().any(capital);
                    let known = |value: &LinkValue| !half || !cased && self.index.is_famous(value);
                    let clear = |value: &LinkValue| known(value) && self.is_clear(text, run, value.kind, found, in_quotes, capital);
                    let named: Vec<CandidateValue> = values.into_iter().filter(|v| clear(v)).map(CandidateValue::of).collect();
                    if !named.is_empty() && (candidates.is_empty() || found == Way::Exact) {
                        way = if candidates.is_empty() { found } else { Way::Exact };
                        candidates.retain(|c| !named.iter().any(|n| n.kind == c.kind));
                        candidates.extend(named);
                    }
                }
                if let Some(kind) =
                    introduced::only_kind((&text[..start], &text[end..])).filter(|kind| candidates.iter().any(|c| c.kind == *kind))
                {
                    candidates.retain(|c| c.kind == kind);
                }
                if candidates.is_empty() {
                    continue;
                }
                candidates.sort_by_key(|c| c.kind);
                spans.push(Span { start, end, words: run.len(), way, candidates });
            }
        }
        spans
    }

    fn country_candidates(&self, key: &str, original: &str) -> Vec<CandidateValue> {
        let names = self.countries.get(key).into_iter().flatten();
        let clear = names.filter(|name| !name.capitals_only || original.chars().filter(|c| c.is_alphabetic()).all(char::is_uppercase));
        clear
            .take(1)
            .map(|name| CandidateValue { kind: Kind::Country, value: MentionValue::Entity { text: name.country.to_owned(), key: None } })
            .collect()
    }

    fn near(&self, key: &str, run: &[Word], text: &str, in_quotes: bool) -> Option<(Way, Vec<&LinkValue>)> {
        // Words that phrase questions are not misspelled names, and neither are words near to them.
        let ordinary = run.iter().all(|word| self.is_question_word(&text[word.start..word.end], 1));
        if !in_quotes && (ordinary || run.iter().any(|word| self.is_question_word(&text[word.start..word.end], VERY_COMMON))) {
            return None;
        }
        if run.len() == 1 && !in_quotes && self.countries.contains_key(key) {
            return None;
        }
        // What is near to an ordinary word is that word misspelled or in another form, though something is called so.
        let ordinary = |value: &LinkValue| fold::name_key(&value.text).split(' ').all(|word| self.is_question_word(word, 1));
        self.index.lookup_near(key).filter(|(_, values)| in_quotes || !values.iter().all(|value| ordinary(value)))
    }

    fn is_question_word(&self, word: &str, at_least: u32) -> bool {
        word == "&" || self.question_words.get(word).is_some_and(|n| *n >= at_least)
    }

    /// Whether a run of words is meant as this value, though its words may also be ordinary ones ("live", "hello", "one more time").
    fn is_clear(&self, text: &str, run: &[Word], kind: Kind, way: Way, in_quotes: bool, capital: &dyn Fn(&Word) -> bool) -> bool {
        let said = |word: &Word| &text[word.start..word.end];
        if in_quotes {
            return true;
        }
        let (start, end) = (run[0].start, run[run.len() - 1].end);
        let quantity = |word: &Word| numbers::is_quantity(said(word));
        let digits = |word: &Word| said(word).bytes().all(|c| c.is_ascii_digit());
        // A number by itself is a number, whatever song is called so, and a letter may be a key.
        let number = run.iter().all(digits) || run.len() == 1 && quantity(&run[0]) || numbers::is_quantity(&text[start..end]);
        if number || matches!(&text[start..end], "a" | "b" | "c" | "d" | "e" | "f" | "g") {
            return false;
        }
        let count = |word: &Word| self.question_words.get(said(word)).copied().unwrap_or(0);
        // Numbers, like any words of questions, are no sign of a name: "top ten", "4 minutes".
        let rarest = run.iter().filter(|word| !quantity(word)).map(count).min().unwrap_or(0);
        if way == Way::Exact && introduced::is_introduced((&text[..start], &text[end..]), kind, rarest) {
            return true;
        }
        if kind == Kind::Tag && self.is_from_country(text, run) {
            return false;
        }
        let capitals = run.iter().filter(|word| capital(word)).count();
        // "the weather", "I'd love": an article and what stands behind an apostrophe are no words of their own.
        let weak = |word: &&Word| ARTICLES.contains(&said(word)) || text[..word.start].ends_with('\'');
        let strong = run.iter().filter(|word| !weak(word)).count();
        let limit = match (kind, way, strong) {
            (Kind::Tag | Kind::Genre | Kind::Country | Kind::Segment, Way::Exact, _) => 12,
            (_, Way::Exact | Way::Partial, 0 | 1) => 1,
            (_, Way::Exact, 2) => 12,
            (_, Way::Exact, _) => 24,
            (_, Way::Partial, _) => 2,
            (_, Way::Near, _) => 1,
        };
        rarest < limit || way == Way::Exact && capitals > 0 && capitals * 2 >= run.len() && (rarest < VERY_COMMON || run.len() > 1)
    }

    /// Whether the words are a country and, beside it, a style or what people call music: "british rock" is rock of the country, "swedish artists"
    /// its artists, though somebody has made a tag of it.
    fn is_from_country(&self, text: &str, run: &[Word]) -> bool {
        let country = |run: &[Word]| self.countries.contains_key(&key_of(text, run));
        let music = |run: &[Word]| {
            let style = |value: &LinkValue| matches!(value.kind, Kind::Tag | Kind::Genre);
            run.iter().all(|word| self.is_question_word(&text[word.start..word.end], VERY_COMMON))
                || self.index.lookup(&key_of(text, run)).is_some_and(|(way, values)| way == Way::Exact && values.into_iter().any(style))
        };
        (1..run.len()).any(|at| country(&run[..at]) && music(&run[at..]) || music(&run[..at]) && country(&run[at..]))
    }
}

impl CandidateValue {
    fn of(value: &LinkValue) -> Self {
        Self { kind: value.kind, value: MentionValue::Entity { text: value.text.clone(), key: value.key.clone() } }
    }
}

/// Spans that do not overlap: the ones that explain most words first, an exact reading above a guess of the same length.
fn choose(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_by_key(|span| {
        let doubt = match span.way {
            Way::Exact => 0,
            Way::Partial => 1,
            Way::Near => 3,
        };
        (doubt - 2 * span.words as isize, std::cmp::Reverse(span.words), span.start)
    });
    let mut taken: Vec<Span> = Vec::new();
    for span in spans {
        if taken.iter().all(|t| span.end <= t.start || t.end <= span.start) {
            taken.push(span);
        }
    }
    taken
}

/// A text as the model sees it: lower case, no accents.
pub(super) fn folded(text: &str) -> String {
    Folded::new(text).text
}

/// Punctuation apart from words, one space between: as the corpus was masked.
fn tidy(prompt: &str) -> String {
    let mut out = String::with_capacity(prompt.len() + 8);
    let mut chars = prompt.chars().peekable();
    while let Some(c) = chars.next() {
        let apart = "?!,;:()\"«»".contains(c) || c == '.' && chars.peek().is_none_or(|next| next.is_whitespace());
        if apart {
            out.push(' ');
        }
        out.push(c);
        if apart {
            out.push(' ');
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
