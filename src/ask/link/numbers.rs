//! Numbers, years, decades, months and dates as people write them, in English and French.

use std::sync::LazyLock;

use chrono::{Datelike as _, NaiveDate};
use regex::Regex;

use super::Kind;

/// A number or a time in the question.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Quantity {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: Kind,
    pub(super) value: QuantityValue,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum QuantityValue {
    Number(f64),
    Date(NaiveDate),
}

const NUMBER_WORDS: [(&str, f64); 45] = [
    ("two", 2.0),
    ("three", 3.0),
    ("four", 4.0),
    ("five", 5.0),
    ("six", 6.0),
    ("seven", 7.0),
    ("eight", 8.0),
    ("nine", 9.0),
    ("ten", 10.0),
    ("eleven", 11.0),
    ("twelve", 12.0),
    ("fifteen", 15.0),
    ("twenty", 20.0),
    ("thirty", 30.0),
    ("forty", 40.0),
    ("fifty", 50.0),
    ("sixty", 60.0),
    ("hundred", 100.0),
    ("thousand", 1000.0),
    ("million", 1e6),
    ("deux", 2.0),
    ("trois", 3.0),
    ("quatre", 4.0),
    ("cinq", 5.0),
    ("sept", 7.0),
    ("huit", 8.0),
    ("neuf", 9.0),
    ("dix", 10.0),
    ("onze", 11.0),
    ("douze", 12.0),
    ("treize", 13.0),
    ("quatorze", 14.0),
    ("quinze", 15.0),
    ("seize", 16.0),
    ("vingt", 20.0),
    ("trente", 30.0),
    ("quarante", 40.0),
    ("cinquante", 50.0),
    ("soixante", 60.0),
    ("cent", 100.0),
    ("mille", 1000.0),
    ("millions", 1e6),
    ("milliers", 1000.0),
    ("milliard", 1e9),
    ("billion", 1e9),
];

/// Words that say how many without a digit, beside [`NUMBER_WORDS`].
const MORE_NUMBER_WORDS: [&str; 20] = [
    "zero",
    "zéro",
    "one",
    "hundreds",
    "thousands",
    "millions",
    "billions",
    "billion",
    "milliards",
    "milliard",
    "millier",
    "cents",
    "half",
    "moitié",
    "twice",
    "thrice",
    "double",
    "triple",
    "dozen",
    "douzaine",
];

/// Whether a word, in lower case, says a number.
pub(in crate::ask) fn is_number_word(word: &str) -> bool {
    NUMBER_WORDS.iter().any(|(known, _)| *known == word) || MORE_NUMBER_WORDS.contains(&word)
}

/// Whether a text is one number, date or decade, as a whole.
pub(super) fn is_quantity(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit())
        || matches!(&quantities(text, &[])[..], [one] if one.start == 0 && one.end == text.len())
}

const DECADE_WORDS: [(&str, i32); 8] = [
    ("fifties", 1950),
    ("sixties", 1960),
    ("seventies", 1970),
    ("eighties", 1980),
    ("nineties", 1990),
    ("noughties", 2000),
    ("twenties", 2020),
    ("tens", 2010),
];

const MONTHS: [(&str, u32); 46] = [
    ("january", 1),
    ("february", 2),
    ("march", 3),
    ("april", 4),
    ("may", 5),
    ("june", 6),
    ("july", 7),
    ("august", 8),
    ("september", 9),
    ("october", 10),
    ("november", 11),
    ("december", 12),
    ("jan", 1),
    ("feb", 2),
    ("mar", 3),
    ("apr", 4),
    ("jun", 6),
    ("jul", 7),
    ("aug", 8),
    ("sep", 9),
    ("sept", 9),
    ("oct", 10),
    ("nov", 11),
    ("dec", 12),
    ("janvier", 1),
    ("fevrier", 2),
    ("mars", 3),
    ("avril", 4),
    ("mai", 5),
    ("juin", 6),
    ("juillet", 7),
    ("aout", 8),
    ("septembre", 9),
    ("octobre", 10),
    ("novembre", 11),
    ("decembre", 12),
    ("janv", 1),
    ("fev", 2),
    ("fevr", 2),
    ("avr", 4),
    ("juil", 7),
    ("jun.", 6),
    ("sep.", 9),
    ("oct.", 10),
    ("nov.", 11),
    ("dec.", 12),
];

fn alternatives<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let mut words: Vec<String> = words.map(regex::escape).collect();
    words.sort_by_key(|w| std::cmp::Reverse(w.len()));
    words.join("|")
}

fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the patterns of this module are constants that the tests compile")
}

static PATTERNS: LazyLock<Vec<(Pattern, Regex)>> = LazyLock::new(|| {
    let month = alternatives(MONTHS.iter().map(|(w, _)| *w));
    let number = alternatives(NUMBER_WORDS.iter().map(|(w, _)| *w));
    let decade = alternatives(DECADE_WORDS.iter().map(|(w, _)| *w));
    vec![
        (Pattern::YearMonthDay, compiled(r"\b((?:19|20)\d\d)-(\d{1,2})-(\d{1,2})\b")),
        (Pattern::DayMonthYear, compiled(r"\b(\d{1,2})[/.](\d{1,2})[/.]((?:19|20)\d\d)\b")),
        (Pattern::DayNameYear, compiled(&format!(r"\b(\d{{1,2}})(?:st|nd|rd|th|er)?(?: of)? ({month}),? ((?:19|20)\d\d)\b"))),
        (Pattern::NameDayYear, compiled(&format!(r"\b({month}) (\d{{1,2}})(?:st|nd|rd|th)?,? ((?:19|20)\d\d)\b"))),
        (Pattern::NameYear, compiled(&format!(r"\b({month})(?: of| de)? ((?:19|20)\d\d)\b"))),
        (Pattern::YearMonth, compiled(r"\b((?:19|20)\d\d)-(0[1-9]|1[0-2])\b")),
        (Pattern::Decade, compiled(r"(?:\b|')((?:19|20)?\d0)'?s\b")),
        (Pattern::FrenchDecade, compiled(r"\b(?:annees|decennie(?: des)?) ((?:19|20)?\d0)\b")),
        (Pattern::DecadeWord, compiled(&format!(r"\b({decade})\b"))),
        (
            Pattern::Clock,
            compiled(r"\b(\d{1,2})(?::\d\d)?(?: ?(p\.?m\b\.?|a\.?m\b\.?|h(?:\d\d)?\b)| heures?\b)(?: (du soir|de l'apres-midi)\b)?"),
        ),
        (Pattern::Measured, compiled(r"\b(\d+(?:[.,]\d+)?)(?:bpm|db|min|mins|mn)\b")),
        (Pattern::Scaled, compiled(r"\b(\d+(?:[.,]\d+)?) ?(k|m|thousand|mille|milliers|millions?|milliards?|billions?)\b")),
        (Pattern::Grouped, compiled(r"\b(\d{1,3}(?:[ ,.\u{202f}]\d{3})+)\b")),
        (Pattern::Number, compiled(r"(\d+)(?:[.,](\d+))?(?:st|nd|rd|th|eme|e)?\b")),
        (Pattern::NumberWord, compiled(&format!(r"\b({number})\b"))),
    ]
});

#[derive(Debug, Clone, Copy)]
enum Pattern {
    YearMonthDay,
    DayMonthYear,
    DayNameYear,
    NameDayYear,
    NameYear,
    YearMonth,
    Decade,
    FrenchDecade,
    DecadeWord,
    Clock,
    Measured,
    Scaled,
    Grouped,
    Number,
    NumberWord,
}

/// All quantities of folded text outside `protected` ranges, in order. What reads as a date is not also a number.
pub(super) fn quantities(text: &str, protected: &[(usize, usize)]) -> Vec<Quantity> {
    let mut found: Vec<Quantity> = Vec::new();
    for (pattern, regex) in PATTERNS.iter() {
        for captures in regex.captures_iter(text) {
            let Some(whole) = captures.get(0) else { continue };
            // "les annees 80", "10 pm", "170bpm": the word or the unit stays for the model to read.
            let unit_stays = matches!(pattern, Pattern::FrenchDecade | Pattern::Clock | Pattern::Measured);
            let span = if unit_stays { captures.get(1).unwrap_or(whole) } else { whole };
            let (start, end) = (span.start(), span.end());
            let overlaps = |(a, b): (usize, usize)| start < b && a < end;
            if found.iter().any(|q| overlaps((q.start, q.end)))
                || protected.iter().any(|range| overlaps(*range))
                || !stands_alone(text, start, if unit_stays { whole.end() } else { end })
            {
                continue;
            }
            let part = |i: usize| captures.get(i).map_or("", |m| m.as_str());
            if let Some((kind, value)) = read(*pattern, text, start, end, part) {
                found.push(Quantity { start, end, kind, value });
            }
        }
    }
    let shared: Vec<Quantity> = found.iter().filter_map(|later| first_of_range(text, later)).collect();
    found.retain(|q| !shared.iter().any(|s| s.start < q.end && q.start < s.end));
    found.extend(shared.into_iter().filter(|s| !protected.iter().any(|&(a, b)| s.start < b && a < s.end)));
    found.sort_by_key(|q| q.start);
    found
}

static RANGE_STARTS: LazyLock<[Regex; 3]> = LazyLock::new(|| {
    let month = alternatives(MONTHS.iter().map(|(w, _)| *w));
    let to = r"(?:to|and|until|till|through|a|et|au|jusqu'au|jusqu'en|-|–)";
    [
        compiled(&format!(r"\b(\d{{1,2}})(?:st|nd|rd|th|er)?(?: of)?(?: ({month}))? {to} (?:le |the )?$")),
        compiled(&format!(r"\b({month}) {to} $")),
        compiled(&format!(r"\b(\d+(?:[.,]\d+)?) {to} $")),
    ]
});

/// Reads the words that a pattern has captured.
type Reading<'a> = Box<dyn Fn(&regex::Captures<'_>) -> Option<QuantityValue> + 'a>;

/// What the first half of a range leaves to the second to say: "from **3** to 9 May 2026", "de **janvier** à mars 2026", "**1** to 2 million".
fn first_of_range(text: &str, later: &Quantity) -> Option<Quantity> {
    let [day, month, number] = &*RANGE_STARTS;
    let named = |word: &str| MONTHS.iter().find(|(w, _)| *w == word).map(|(_, n)| *n);
    let before = &text[..later.start];
    let (pattern, value): (&Regex, Reading<'_>) = match (&later.kind, &later.value) {
        (Kind::Date, QuantityValue::Date(date)) => (
            day,
            Box::new(|c| {
                let month = c.get(2).and_then(|m| named(m.as_str())).unwrap_or(date.month());
                Some(QuantityValue::Date(NaiveDate::from_ymd_opt(date.year(), month, c[1].parse().ok()?)?))
            }),
        ),
        (Kind::Month, QuantityValue::Date(date)) => {
            (month, Box::new(|c| Some(QuantityValue::Date(NaiveDate::from_ymd_opt(date.year(), named(&c[1])?, 1)?))))
        }
        (Kind::Num, QuantityValue::Number(later_value)) => {
            let said = text[later.start..later.end].split_whitespace().next()?.trim_end_matches(char::is_alphabetic).replace(',', ".");
            let scale = later_value / said.parse::<f64>().ok().filter(|n| *n > 0.0)?;
            if scale < 1e3 {
                return None;
            }
            (number, Box::new(move |c| Some(QuantityValue::Number(c[1].replace(',', ".").parse::<f64>().ok()? * scale))))
        }
        _ => return None,
    };
    let captures = pattern.captures(before)?;
    let last = captures.get(2).or(captures.get(1))?;
    Some(Quantity { start: captures.get(1)?.start(), end: last.end(), kind: later.kind, value: value(&captures)? })
}

/// Whether a match is no part of a word or of a longer number (`u2`, `mp3`, `3.14.15`).
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let before = text[..start].chars().next_back();
    let after = text[end..].chars().next();
    let joins = |c: char| c.is_alphanumeric() || c == '_' || c == '@';
    !before.is_some_and(|c| joins(c) || ".,".contains(c) && text[..start - 1].ends_with(|c: char| c.is_ascii_digit()))
        && !after.is_some_and(joins)
}

fn read<'a>(pattern: Pattern, text: &str, start: usize, end: usize, part: impl Fn(usize) -> &'a str) -> Option<(Kind, QuantityValue)> {
    let int = |i: usize| part(i).parse::<u32>().ok();
    let month = |i: usize| MONTHS.iter().find(|(w, _)| *w == part(i)).map(|(_, n)| *n);
    let date = |year: Option<u32>, month: Option<u32>, day: Option<u32>| NaiveDate::from_ymd_opt(i32::try_from(year?).ok()?, month?, day?);
    let on = |date: Option<NaiveDate>| Some((Kind::Date, QuantityValue::Date(date?)));
    match pattern {
        Pattern::YearMonthDay => on(date(int(1), int(2), int(3))),
        Pattern::DayMonthYear => on(date(int(3), int(2), int(1)).or_else(|| date(int(3), int(1), int(2)))),
        Pattern::DayNameYear => on(date(int(3), month(2), int(1))),
        Pattern::NameDayYear => on(date(int(3), month(1), int(2))),
        Pattern::NameYear => Some((Kind::Month, QuantityValue::Date(date(int(2), month(1), Some(1))?))),
        Pattern::YearMonth => Some((Kind::Month, QuantityValue::Date(date(int(1), int(2), Some(1))?))),
        Pattern::Decade | Pattern::FrenchDecade => Some((Kind::Decade, QuantityValue::Number(f64::from(decade(part(1))?)))),
        Pattern::DecadeWord => {
            let year = DECADE_WORDS.iter().find(|(w, _)| *w == part(1)).map(|(_, y)| *y)?;
            Some((Kind::Decade, QuantityValue::Number(f64::from(year))))
        }
        Pattern::Clock => {
            let hour = int(1).filter(|h| *h <= 24)?;
            let after_noon = part(2).starts_with('p') || !part(3).is_empty();
            Some((Kind::Num, QuantityValue::Number(f64::from(if after_noon && hour < 12 { hour + 12 } else { hour }))))
        }
        Pattern::Measured => Some((Kind::Num, QuantityValue::Number(part(1).replace(',', ".").parse().ok()?))),
        Pattern::Scaled => {
            let scale = match part(2) {
                "k" | "thousand" | "mille" | "milliers" => 1e3,
                unit if unit.starts_with("milliard") || unit.starts_with("billion") => 1e9,
                _ => 1e6,
            };
            Some((Kind::Num, QuantityValue::Number(part(1).replace(',', ".").parse::<f64>().ok()? * scale)))
        }
        Pattern::Grouped => {
            let digits: String = part(1).chars().filter(char::is_ascii_digit).collect();
            Some((Kind::Num, QuantityValue::Number(digits.parse().ok()?)))
        }
        Pattern::Number => number(&text[start..end], part(1), part(2), &text[..start]),
        Pattern::NumberWord => NUMBER_WORDS.iter().find(|(w, _)| *w == part(1)).map(|(_, n)| (Kind::Num, QuantityValue::Number(*n))),
    }
}

/// `1` and `0` are part of the phrase ("number 1", "top 1"), unless they name a user.
fn number(whole: &str, digits: &str, decimals: &str, before: &str) -> Option<(Kind, QuantityValue)> {
    let names_user = ["user ", "utilisateur ", "listener ", "auditeur ", "id ", "utilisatrice "].iter().any(|word| before.ends_with(word));
    if matches!(whole, "0" | "1" | "1st" | "1e" | "1er") && !names_user {
        return None;
    }
    if decimals.is_empty() && digits.len() == 4 && (1900..=2039).contains(&digits.parse::<i32>().ok()?) && !names_user {
        return Some((Kind::Year, QuantityValue::Number(digits.parse().ok()?)));
    }
    let text = if decimals.is_empty() { digits.to_owned() } else { format!("{digits}.{decimals}") };
    Some((Kind::Num, QuantityValue::Number(text.parse().ok()?)))
}

/// The first year of a decade written with two or four digits; 30 to 90 are of the last century, 00 to 20 of this one.
fn decade(digits: &str) -> Option<i32> {
    let number: i32 = digits.parse().ok()?;
    Some(match number {
        1900.. => number,
        30..=90 => 1900 + number,
        0..=20 => 2000 + number,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, Kind, &str)]) {
        let found: Vec<_> = quantities(text, &[])
            .into_iter()
            .map(|q| {
                let value = match q.value {
                    QuantityValue::Number(n) => n.to_string(),
                    QuantityValue::Date(d) => d.to_string(),
                };
                (text[q.start..q.end].to_owned(), q.kind, value)
            })
            .collect();
        let expected: Vec<_> = expected.iter().map(|(t, k, v)| ((*t).to_owned(), *k, (*v).to_owned())).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn quantities_in_both_languages() {
        check("top 10 songs of the 80s", &[("10", Kind::Num, "10"), ("80s", Kind::Decade, "1980")]);
        check("les dix tubes des annees 80", &[("dix", Kind::Num, "10"), ("80", Kind::Decade, "1980")]);
        check("number 1 in 1999", &[("1999", Kind::Year, "1999")]);
        check("user 1 and user 42", &[("1", Kind::Num, "1"), ("42", Kind::Num, "42")]);
        check("le 12 mai 2001", &[("12 mai 2001", Kind::Date, "2001-05-12")]);
        check("on may 12, 2001", &[("may 12, 2001", Kind::Date, "2001-05-12")]);
        check("on 2001-05-12", &[("2001-05-12", Kind::Date, "2001-05-12")]);
        check("in march 2026", &[("march 2026", Kind::Month, "2026-03-01")]);
        check("1.5 million followers, 20k plays", &[("1.5 million", Kind::Num, "1500000"), ("20k", Kind::Num, "20000")]);
        check("10 000 abonnes or 10,000", &[("10 000", Kind::Num, "10000"), ("10,000", Kind::Num, "10000")]);
        check("tempo above 120.5", &[("120.5", Kind::Num, "120.5")]);
        check("u2 and blink182", &[]);
        check("the 5th and the 2000s", &[("5th", Kind::Num, "5"), ("2000s", Kind::Decade, "2000")]);
        check("50%", &[("50", Kind::Num, "50")]);
        check("after 10 pm or at 6am", &[("10", Kind::Num, "22"), ("6", Kind::Num, "6")]);
        check("apres 22h ou 9 heures du soir", &[("22", Kind::Num, "22"), ("9", Kind::Num, "21")]);
        check("plus de 170bpm", &[("170", Kind::Num, "170")]);
        check("du 1er au 7 janvier 2026", &[("1", Kind::Date, "2026-01-01"), ("7 janvier 2026", Kind::Date, "2026-01-07")]);
        check("from 3 march to 9 may 2026", &[("3 march", Kind::Date, "2026-03-03"), ("9 may 2026", Kind::Date, "2026-05-09")]);
        check("entre janvier et mars 2025", &[("janvier", Kind::Month, "2025-01-01"), ("mars 2025", Kind::Month, "2025-03-01")]);
        check("1 to 2 million fans", &[("1", Kind::Num, "1000000"), ("2 million", Kind::Num, "2000000")]);
        check("between 3 and 20 songs", &[("3", Kind::Num, "3"), ("20", Kind::Num, "20")]);
    }
}
