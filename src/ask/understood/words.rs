//! Nouns with what French needs to know of them: gender, number, articles and elisions.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::super::Language;
use super::super::summary::labels::{Label, Unit};

/// A noun or what stands for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Phrase {
    /// Of one thing, without an article.
    pub(super) one: String,
    /// Of several: what a list is headed by.
    pub(super) many: String,
    pub(super) feminine: bool,
    /// Whether French can put an article before it; a formula takes none.
    pub(super) noun: bool,
    /// What is counted, where the number of something is meant: "followers".
    pub(super) counted: Option<String>,
    pub(super) unit: Shape,
}

/// How numbers and orders of a phrase are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Shape {
    #[default]
    Plain,
    /// Milliseconds.
    Length,
    /// Runs on: the first is the earliest.
    Time,
    /// Text, in the order of the alphabet.
    Name,
    /// Comes round again: hours, weekdays, months of the year.
    Round,
    /// 1 is best.
    Rank,
}

impl Phrase {
    pub(super) fn new(one: impl Into<String>, many: impl Into<String>, feminine: bool) -> Self {
        Self { one: one.into(), many: many.into(), feminine, noun: true, counted: None, unit: Shape::Plain }
    }

    /// A measure: there is one of it.
    pub(super) fn measure(text: impl Into<String>, feminine: bool) -> Self {
        let text = text.into();
        Self::new(text.clone(), text, feminine)
    }

    /// A formula or a value, which no article goes with.
    pub(super) fn formula(text: impl Into<String>) -> Self {
        Self { noun: false, ..Self::measure(text, false) }
    }

    pub(super) fn shaped(self, unit: Shape) -> Self {
        Self { unit, ..self }
    }

    /// "le tempo", "l'énergie"; English says nothing.
    pub(super) fn the(&self, language: Language) -> String {
        match language {
            Language::Fr if self.noun => the(&self.one, self.feminine),
            _ => self.one.clone(),
        }
    }

    /// "of tempo", "du tempo", "de l'énergie".
    pub(super) fn of_the(&self, language: Language) -> String {
        match language {
            Language::En => format!("of {}", self.one),
            Language::Fr if self.noun => of_the(&self.one, self.feminine),
            Language::Fr => of(&self.one),
        }
    }
}

/// Whether French drops the vowel of the word before it: before vowels and the mute h of words that we use. An h of a name may be of
/// either kind, and a y is more often none ("de Yelle"): then "de" is never wrong to the ear.
fn elides(text: &str) -> bool {
    let first = text.chars().next();
    first.is_some_and(|first| "aeiouàâéèêëîïôùûœAEIOUÀÂÉÈÊËÎÏÔÙÛŒ".contains(first)) || text.starts_with("heure")
}

/// "de Daft Punk", "d'Air".
pub(super) fn of(text: &str) -> String {
    if elides(text) { format!("d'{text}") } else { format!("de {text}") }
}

pub(super) fn the(text: &str, feminine: bool) -> String {
    if elides(text) {
        format!("l'{text}")
    } else if feminine {
        format!("la {text}")
    } else {
        format!("le {text}")
    }
}

pub(super) fn of_the(text: &str, feminine: bool) -> String {
    if elides(text) {
        format!("de l'{text}")
    } else if feminine {
        format!("de la {text}")
    } else {
        format!("du {text}")
    }
}

/// "a", "a and b", "a, b and c".
pub(super) fn list(parts: &[String], joint: &str) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} {joint} {last}", most.join(", ")),
    }
}

/// A table in words.
#[derive(Debug, Clone, Copy)]
pub(super) struct TableWords {
    words: [&'static str; 4],
    pub(super) feminine: bool,
    joined: [&'static str; 2],
}

static TABLES: LazyLock<HashMap<&str, TableWords>> = LazyLock::new(|| {
    let table = |line: &'static str| {
        let cells: [&str; 8] = line.split('\t').collect::<Vec<_>>().try_into().ok()?;
        let [name, one, many, un, plusieurs, gender, joined, jointes] = cells;
        Some((name, TableWords { words: [one, many, un, plusieurs], feminine: gender == "f", joined: [joined, jointes] }))
    };
    include_str!("tables.tsv").lines().filter_map(table).collect()
});

impl TableWords {
    pub(super) fn of(table: &str) -> Option<Self> {
        TABLES.get(table).copied()
    }

    /// "songs".
    pub(super) fn many(&self, language: Language) -> &'static str {
        language.pick(self.words[1], self.words[3])
    }

    pub(super) fn one(&self, language: Language) -> &'static str {
        language.pick(self.words[0], self.words[2])
    }

    /// "of songs", said of what they are joined to.
    pub(super) fn joined(&self, language: Language) -> &'static str {
        language.pick(self.joined[0], self.joined[1])
    }
}

static COLUMNS: LazyLock<HashMap<&str, [&str; 5]>> = LazyLock::new(|| {
    let column = |line: &'static str| {
        let [name, rest @ ..]: [&str; 6] = line.split('\t').collect::<Vec<_>>().try_into().ok()?;
        Some((name, rest))
    };
    include_str!("columns.tsv").lines().filter_map(column).collect()
});

/// A column of the warehouse in words: as the summary calls it, but for some that a list needs other words for.
pub(super) fn column(name: &str, language: Language) -> Phrase {
    let name = name.to_lowercase();
    let phrase = match COLUMNS.get(name.as_str()) {
        Some([one, many, un, plusieurs, gender]) => {
            let (one, many) = language.pick((one, many), (un, plusieurs));
            Phrase::new(*one, *many, *gender == "f")
        }
        None => {
            let label = Label::of(&name, language);
            match label.unit {
                // A count is a number of things, wherever it stands.
                Unit::Count { .. } => {
                    let number = language.pick(format!("number of {}", label.name()), format!("nombre {}", of(label.name())));
                    Phrase { counted: Some(label.name().to_owned()), ..Phrase::measure(number, false) }
                }
                _ => Phrase::new(label.one(), label.name(), label.feminine),
            }
        }
    };
    let unit = match name.as_str() {
        "duration_ms" => Shape::Length,
        "rank" | "peak_rank" | "last_week_rank" => Shape::Rank,
        "year" | "month" | "day" | "decade" => Shape::Time,
        "hour" | "weekday" => Shape::Round,
        "title" | "track_title" | "name" | "album" | "tag" | "genre" | "genres" | "country" | "segment" | "reason" => Shape::Name,
        _ if name.ends_with("_at") || name.ends_with("_date") || name.ends_with("_year") => Shape::Time,
        _ if name.ends_with("_name") => Shape::Name,
        _ => Shape::Plain,
    };
    phrase.shaped(unit)
}

static COUNTRIES: LazyLock<HashMap<&str, (&str, &str)>> = LazyLock::new(|| {
    let country = |line: &'static str| {
        let [name, french, article]: [&str; 3] = line.split('\t').collect::<Vec<_>>().try_into().ok()?;
        Some((name, (french, article)))
    };
    include_str!("countries.tsv").lines().filter_map(country).collect()
});

/// "in Japan", "au Japon", "aux États-Unis", "en Italie".
pub(super) fn in_country(name: &str, language: Language) -> String {
    let en_article = if name.starts_with("United ") || name == "Netherlands" { "the " } else { "" };
    let french = |(name, article): (&str, &str)| match article {
        "f" | "e" => format!("en {name}"),
        "m" => format!("au {name}"),
        "p" => format!("aux {name}"),
        "l" => format!("à la {name}"),
        _ => format!("à {name}"),
    };
    match (language, COUNTRIES.get(name)) {
        (Language::En, _) => format!("in {en_article}{name}"),
        (Language::Fr, Some(country)) => french(*country),
        (Language::Fr, None) => format!("dans le pays « {name} »"),
    }
}

/// "from Japan", "du Japon", "des États-Unis", "d'Italie".
pub(super) fn from_country(name: &str, language: Language) -> String {
    let en_article = if name.starts_with("United ") || name == "Netherlands" { "the " } else { "" };
    match (language, COUNTRIES.get(name)) {
        (Language::En, _) => format!("from {en_article}{name}"),
        (Language::Fr, Some((name, "m"))) => format!("du {name}"),
        (Language::Fr, Some((name, "p"))) => format!("des {name}"),
        (Language::Fr, Some((name, "l"))) => format!("de la {name}"),
        (Language::Fr, Some((name, _))) => of(name),
        (Language::Fr, None) => format!("du pays « {name} »"),
    }
}

/// The name alone, in the language.
pub(in crate::ask) fn country(name: &str, language: Language) -> String {
    match (language, COUNTRIES.get(name)) {
        (Language::Fr, Some((french, _))) => (*french).to_owned(),
        _ => name.to_owned(),
    }
}
