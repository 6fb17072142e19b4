//! What columns are called in sentences, and how their numbers are read. The names are the aliases that questions' SQL uses
//! (training/CONVENTIONS.md); any other alias is read as it stands.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::super::Language;

/// How a number of a column is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ask) enum Unit {
    /// Things: "12 plays". Additive where the sum over groups counts each thing once.
    Count {
        additive: bool,
    },
    /// 0 to 100.
    Percent,
    Milliseconds,
    /// A size with a name: "popularity 87".
    Quantity,
}

/// A column in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ask) struct Label {
    one: String,
    many: String,
    pub(in crate::ask) unit: Unit,
    /// Whether its French name is feminine.
    pub(in crate::ask) feminine: bool,
}

struct Entry {
    words: [&'static str; 4],
    unit: Unit,
    feminine: bool,
}

static LABELS: LazyLock<HashMap<&str, Entry>> = LazyLock::new(|| include_str!("labels.tsv").lines().filter_map(entry).collect());

fn entry(line: &'static str) -> Option<(&'static str, Entry)> {
    let mut cells = line.split('\t');
    let alias = cells.next()?;
    let words = [cells.next()?, cells.next()?, cells.next()?, cells.next()?];
    let unit = match cells.next()? {
        "additive" => Unit::Count { additive: true },
        "count" => Unit::Count { additive: false },
        "percent" => Unit::Percent,
        "milliseconds" => Unit::Milliseconds,
        _ => Unit::Quantity,
    };
    Some((alias, Entry { words, unit, feminine: cells.next()? == "f" }))
}

impl Label {
    /// The words of an alias.
    pub(in crate::ask) fn of(alias: &str, language: Language) -> Self {
        let alias = alias.to_lowercase();
        if let Some(entry) = LABELS.get(alias.as_str()) {
            let [one, many, un, plusieurs] = entry.words;
            let (one, many) = language.pick((one, many), (un, plusieurs));
            return Self { one: one.to_owned(), many: many.to_owned(), unit: entry.unit, feminine: entry.feminine };
        }
        for (prefix, english, french) in
            [("avg", "average", "moyenne"), ("max", "highest", "maximum"), ("min", "lowest", "minimum"), ("total", "total", "total")]
        {
            if let Some(rest) = alias.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_')) {
                let of = Self::of(rest, language);
                let name = language.pick(format!("{english} {}", of.many), format!("{} ({french})", of.many));
                let unit = if matches!(of.unit, Unit::Milliseconds | Unit::Percent) { of.unit } else { Unit::Quantity };
                return Self { one: name.clone(), many: name, unit, feminine: of.feminine };
            }
        }
        let name = alias.trim_end_matches('_').replace('_', " ");
        let unit = if alias.ends_with("_ms") { Unit::Milliseconds } else { Unit::Quantity };
        Self { one: name.clone(), many: name, unit, feminine: false }
    }

    /// The name alone: "plays", "popularity".
    pub(in crate::ask) fn name(&self) -> &str {
        &self.many
    }

    /// The name of one.
    pub(in crate::ask) fn one(&self) -> &str {
        &self.one
    }

    /// The noun of one where a word is that of several: "play" for "plays".
    pub(super) fn one_of(many: &str, language: Language) -> Option<&'static str> {
        let nouns = |entry: &Entry| language.pick((entry.words[0], entry.words[1]), (entry.words[2], entry.words[3]));
        LABELS.values().map(nouns).find(|(one, several)| *several == many && one != several).map(|(one, _)| one)
    }

    /// The noun after a number. French is singular below 2, English at 1 alone.
    pub(super) fn noun(&self, number: f64, language: Language) -> &str {
        if language.is_single(number) { &self.one } else { &self.many }
    }

    pub(super) fn is_count(&self) -> bool {
        matches!(self.unit, Unit::Count { .. })
    }

    pub(super) fn is_additive(&self) -> bool {
        self.unit == Unit::Count { additive: true }
    }
}
