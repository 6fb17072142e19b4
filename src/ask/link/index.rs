//! The index of the warehouse's own values: exact keys, other spellings, and near misses.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use fst::{IntoStreamer, Set, Streamer};
use levenshtein_automata::{Distance, LevenshteinAutomatonBuilder};

use super::Kind;
use super::fold::name_key;

/// A value of the warehouse that a question may name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkValue {
    pub kind: Kind,
    /// The exact text in the warehouse.
    pub text: String,
    /// The key that facts carry, where it is not the text: an artist's `artist_id`.
    pub key: Option<String>,
    /// How well known it is, to settle ties: plays, tracks, uses.
    pub weight: u64,
}

/// How a run of words led to values; better ways first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    /// The words are the value, spelling apart.
    Exact,
    /// An article left out, or one word of an artist's name that no other artist shares.
    Partial,
    /// A letter or two differ.
    Near,
}

/// Values by key. Memory is one key and one number a value, beside the values themselves.
#[derive(Debug, Default)]
pub(super) struct Index {
    values: Vec<LinkValue>,
    exact: HashMap<String, Vec<u32>>,
    partial: HashMap<String, Vec<u32>>,
    /// Other names of the styles of music that the warehouse has.
    styles: HashMap<String, Vec<u32>>,
    /// Keys long enough to be misspelled.
    near: Set<Vec<u8>>,
    /// The weight from which on a value is among the best known of its kind.
    famous: HashMap<Kind, u64>,
    pub(super) longest: usize,
}

/// What words are near to another: one letter, or two, changed, lost, added or exchanged with the next.
/// Schulz and Mihov, "Fast string correction with Levenshtein automata" (2002).
static SPELLINGS: LazyLock<[LevenshteinAutomatonBuilder; 2]> =
    LazyLock::new(|| [1, 2].map(|most| LevenshteinAutomatonBuilder::new(most, true)));

/// Kinds of value that are styles of music.
const STYLES: [Kind; 3] = [Kind::Tag, Kind::Genre, Kind::Segment];

pub(super) const ARTICLES: [&str; 9] = ["the", "a", "le", "la", "les", "l", "los", "las", "el"];
/// Shorter names are not looked up with a letter changed: too many words are near them.
const NEAR_LENGTH: usize = 5;
/// A word of an artist's name that stands for the whole has at least this many letters.
const SURNAME_LENGTH: usize = 4;
/// So many values of a kind, the best known, are meant by half a name in lower case or by one misspelled word: in a large warehouse any word is near to some name.
const MOST_FAMOUS: usize = 5_000;

impl Index {
    pub(super) fn build(values: impl IntoIterator<Item = LinkValue>, common: &HashSet<String>) -> Self {
        let mut index = Self::default();
        let mut artist_words: HashMap<String, Vec<u32>> = HashMap::new();
        for value in values {
            let key = name_key(&value.text);
            if key.is_empty() {
                continue;
            }
            let id = u32::try_from(index.values.len()).unwrap_or(u32::MAX);
            let words: Vec<&str> = key.split(' ').collect();
            index.longest = index.longest.max(words.len());
            if let Some((first, rest)) = words.split_first()
                && ARTICLES.contains(first)
                && !rest.is_empty()
            {
                index.partial.entry(rest.join(" ")).or_default().push(id);
            }
            if let Some(plain) = without_guests(&key) {
                index.partial.entry(plain).or_default().push(id);
            }
            if value.kind == Kind::Artist && words.len() > 1 {
                for word in words.iter().filter(|w| w.chars().count() >= SURNAME_LENGTH && !common.contains(**w)) {
                    artist_words.entry((*word).to_owned()).or_default().push(id);
                }
            }
            index.exact.entry(key).or_default().push(id);
            index.values.push(value);
        }
        index.famous = fame(&index.values);
        for (word, ids) in artist_words {
            if let [only] = ids[..] {
                index.partial.entry(word).or_default().push(only);
            }
        }
        for names in include_str!("styles.txt").lines().filter(|line| !line.starts_with('#')) {
            index.add_style(names);
        }
        let mut long: Vec<&String> = index.exact.keys().filter(|key| key.chars().count() >= NEAR_LENGTH).collect();
        long.sort_unstable();
        index.near = Set::from_iter(long).expect("keys are sorted, and of a map: each once");
        index
    }

    /// Lets each name of a style lead to the values that are called by another one, kind by kind.
    fn add_style(&mut self, names: &str) {
        let keys: Vec<String> = names.split(',').map(name_key).collect();
        let called = |key: &String| self.exact.get(key).into_iter().flatten().copied().filter(|id| STYLES.contains(&self.kind(*id)));
        let all: Vec<u32> = keys.iter().flat_map(called).collect();
        let mut found = Vec::new();
        for key in keys {
            let own: Vec<Kind> = self.exact.get(&key).into_iter().flatten().map(|id| self.kind(*id)).collect();
            // The first name of the line that is a value of the kind is the one.
            let mut others: Vec<u32> = Vec::new();
            for id in &all {
                let known = |kind| own.contains(&kind) || others.iter().any(|other| self.kind(*other) == kind);
                if !known(self.kind(*id)) {
                    others.push(*id);
                }
            }
            if !others.is_empty() {
                self.longest = self.longest.max(key.split(' ').count());
                found.push((key, others));
            }
        }
        self.styles.extend(found);
    }

    fn kind(&self, id: u32) -> Kind {
        self.values[id as usize].kind
    }

    /// The values that a run of words names, best known first.
    pub(super) fn lookup(&self, key: &str) -> Option<(Way, Vec<&LinkValue>)> {
        let named: Vec<u32> = [&self.exact, &self.styles].into_iter().filter_map(|ids| ids.get(key)).flatten().copied().collect();
        if !named.is_empty() {
            return Some((Way::Exact, self.sorted(&named)));
        }
        self.partial.get(key).map(|ids| (Way::Partial, self.sorted(ids)))
    }

    /// The values whose key is nearest to this one: one letter off, or two in a long name.
    pub(super) fn lookup_near(&self, key: &str) -> Option<(Way, Vec<&LinkValue>)> {
        let length = key.chars().count();
        let first = key.chars().next()?;
        let allowed: u8 = match length {
            0..NEAR_LENGTH => return None,
            NEAR_LENGTH..=11 => 1,
            _ => 2,
        };
        let near = SPELLINGS[usize::from(allowed) - 1].build_dfa(key);
        // Nobody gets the first letter of a name wrong, or too many words would be near some name.
        let letter = |letter: char| letter.to_string().into_bytes();
        let next = char::from_u32(u32::from(first) + 1).map_or_else(|| vec![0xff], letter);
        let mut found = self.near.search(&near).ge(letter(first)).lt(next).into_stream();
        let mut best: Option<(u8, Reverse<u64>, String)> = None;
        while let Some(candidate) = found.next() {
            let Distance::Exact(distance) = near.eval(candidate) else { continue };
            let Ok(candidate) = std::str::from_utf8(candidate) else { continue };
            let rank = (distance, Reverse(self.weight(candidate)), candidate.to_owned());
            if best.as_ref().is_none_or(|best| rank < *best) {
                best = Some(rank);
            }
        }
        let (_, _, best) = best?;
        let mut values = self.exact.get(&best)?.clone();
        values.retain(|id| best.contains(' ') || self.is_famous(&self.values[*id as usize]));
        (!values.is_empty()).then(|| (Way::Near, self.sorted(&values)))
    }

    /// Whether a value is among the best known of its kind.
    pub(super) fn is_famous(&self, value: &LinkValue) -> bool {
        self.famous.get(&value.kind).is_none_or(|least| value.weight >= *least)
    }

    fn weight(&self, key: &str) -> u64 {
        self.exact.get(key).into_iter().flatten().map(|id| self.values[*id as usize].weight).max().unwrap_or(0)
    }

    fn sorted(&self, ids: &[u32]) -> Vec<&LinkValue> {
        let mut values: Vec<&LinkValue> = ids.iter().map(|id| &self.values[*id as usize]).collect();
        values.sort_by(|a, b| a.kind.cmp(&b.kind).then(b.weight.cmp(&a.weight)).then_with(|| a.text.cmp(&b.text)));
        values
    }
}

/// The weight of the last of the best known values of each kind that has more of them.
fn fame(values: &[LinkValue]) -> HashMap<Kind, u64> {
    let mut weights: HashMap<Kind, Vec<u64>> = HashMap::new();
    for value in values {
        weights.entry(value.kind).or_default().push(value.weight);
    }
    weights.retain(|_, weights| weights.len() > MOST_FAMOUS);
    let least = |weights: Vec<u64>| {
        let mut weights = weights;
        *weights.select_nth_unstable_by(MOST_FAMOUS - 1, |a, b| b.cmp(a)).1
    };
    weights.into_iter().map(|(kind, weights)| (kind, least(weights))).collect()
}

/// A title without "feat. somebody", "(remastered 2011)" and the like.
fn without_guests(key: &str) -> Option<String> {
    const MARKS: [&str; 8] = [" feat ", " ft ", " featuring ", " remastered", " remaster", " live at ", " radio edit", " 20"];
    let cut = MARKS.iter().filter_map(|mark| key.find(mark)).min()?;
    Some(key[..cut].to_owned()).filter(|plain| plain.chars().count() >= NEAR_LENGTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_a_large_warehouse_only_the_best_known_are_meant_by_a_misspelled_word() {
        let value = |text: String, weight| LinkValue { kind: Kind::Artist, text, key: None, weight };
        let many = (0..6_000).map(|n| value(format!("Somebody Number{n}"), 10 + n));
        let values =
            many.chain([value("Desktop Error".to_owned(), 3), value("Edith Piaf".to_owned(), 9_000), value("Atonement".to_owned(), 3)]);
        let index = Index::build(values, &HashSet::new());
        let found = |key: &str| index.lookup(key).or_else(|| index.lookup_near(key)).map(|(way, values)| (way, values[0].text.as_str()));
        assert_eq!(found("piaf"), Some((Way::Partial, "Edith Piaf")));
        let famous = |key: &str| index.lookup(key).unwrap().1.into_iter().all(|value| index.is_famous(value));
        assert!(famous("piaf") && !famous("desktop"));
        assert_eq!(found("desktop error"), Some((Way::Exact, "Desktop Error")));
        assert_eq!(found("desktop eror"), Some((Way::Near, "Desktop Error")));
        assert_eq!(found("atonment"), None);
    }
}
