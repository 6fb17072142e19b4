//! Sentences as data, and the rule that nothing is left out.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::Regex;

use super::*;
use crate::sql::{ParameterValue, Policy, validate};

static SLOT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\{((artist|title|album|tag|genre|country|segment|num|year|decade|month|date)\d*)\}").unwrap());

/// A value for a slot, and what a sentence calls it. No two slots of a query have the same.
fn slot_value(kind: &str, number: usize) -> (ParameterValue, String) {
    let entity = |texts: [&str; 4]| (ParameterValue::String(texts[number].to_owned()), texts[number].to_owned());
    match kind {
        "artist" => (ParameterValue::String(format!("key-{number}")), ["Daft Punk", "Air", "Orelsan", "Justice"][number].to_owned()),
        "title" => entity(["Get Lucky", "Hello", "Bruises", "Yellow"]),
        "album" => entity(["Discovery", "Moon Safari", "Homework", "Parachutes"]),
        "tag" => entity(["chill", "live", "summer", "party"]),
        "genre" => entity(["rock", "jazz", "electro", "soul"]),
        "country" => entity(["France", "Japan", "United States", "Italy"]),
        "segment" => entity(["indie rock", "hip-hop", "metal", "latin"]),
        "num" => (ParameterValue::Int64([7, 13, 4, 21][number]), ["7", "13", "4", "21"][number].to_owned()),
        "year" => (ParameterValue::Int64([1999, 2003, 2011, 2019][number]), ["1999", "2003", "2011", "2019"][number].to_owned()),
        "decade" => (ParameterValue::Int64([1980, 1990, 2000, 2010][number]), ["1980", "1990", "2000", "2010"][number].to_owned()),
        "month" => (ParameterValue::Date(day(2026, [3, 4, 5, 6][number], 1)), "2026".to_owned()),
        _ => (ParameterValue::Date(day(2001, 5, [12, 19, 26, 30][number])), ["12", "19", "26", "30"][number].to_owned()),
    }
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

/// The kinds of the values that a sentence must name, and what it calls them.
type Named = Vec<(String, String)>;

/// SQL with slots as a validated query, what its values are called, and what a sentence must name.
fn query_of(text: &str) -> Result<(ReadOnlyQuery, Spoken, Named), String> {
    let (mut parameters, mut spoken, mut named) = (BTreeMap::new(), Spoken::new(), Vec::new());
    for found in SLOT.captures_iter(text) {
        let (name, kind) = (found[1].to_owned(), &found[2]);
        let number = name[kind.len()..].parse::<usize>().map_or(0, |number| number - 1);
        let (value, called) = slot_value(kind, number);
        if let ParameterValue::String(_) = value {
            spoken.insert(name.clone(), called.clone());
        }
        if !parameters.contains_key(&name) {
            named.push((kind.to_owned(), called));
        }
        parameters.insert(name, value);
    }
    let sql = SLOT.replace_all(text, "@$1");
    let parameters: Vec<Parameter> = parameters.into_iter().map(|(name, value)| Parameter { name, value }).collect();
    let query = validate(&sql, &Catalog::embedded(), &parameters, &Policy::default()).map_err(|error| error.to_string())?;
    Ok((query, spoken, named))
}

fn told(text: &str, language: Language) -> String {
    let (query, spoken, _) = query_of(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    understood(&query, &spoken, &Catalog::embedded(), language).unwrap()
}

/// Blocks of `cases.txt`: SQL with slots, the English sentence, the French one; `~` is a no-break space.
#[test]
fn queries_are_told_in_both_languages() {
    let mut wrong = Vec::new();
    let mut cases = 0;
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for block in
        std::fs::read_to_string(dir.join("src/ask/understood/cases.txt")).unwrap().split("\n\n").filter(|block| !block.trim().is_empty())
    {
        let lines: Vec<&str> = block.lines().filter(|line| !line.starts_with('#')).collect();
        let [sql, english, french] = lines[..] else { panic!("a case has three lines: {block}") };
        cases += 1;
        for (language, expected) in [(Language::En, english), (Language::Fr, french)] {
            let found = told(sql, language).replace(['\u{a0}', '\u{202f}'], "~");
            if found != expected {
                wrong.push(format!("{sql}\n{found}\n(expected) {expected}\n"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
    assert!(cases >= 60, "{cases} cases");
}

/// Every SQL of the corpus.
#[test]
fn no_value_of_the_corpus_is_left_out() {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("training/corpus");
    let (mut shapes, mut left_out, mut refused) = (0, Vec::new(), 0);
    for file in std::fs::read_dir(dir).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for sql in text.lines().filter_map(|line| line.strip_prefix("= ")).filter(|sql| *sql != "UNANSWERABLE") {
            // A few shapes compare what the catalogue does not hold: a test of the corpus names them.
            let Ok((query, spoken, named)) = query_of(sql) else {
                refused += 1;
                continue;
            };
            shapes += 1;
            for language in [Language::En, Language::Fr] {
                let found = understood(&query, &spoken, &Catalog::embedded(), language).unwrap();
                println!("{sql}\n  {found}");
                for (kind, called) in &named {
                    let french = kind == "country" && language == Language::Fr;
                    let called = if french { words::country(called, language) } else { called.clone() };
                    if !found.contains(&called) {
                        left_out.push(format!("{sql}\n  {called}: {found}"));
                    }
                }
                if found.contains("further condition") || found.contains("autre condition") || found.trim().is_empty() {
                    left_out.push(format!("{sql}\n  {found}"));
                }
            }
        }
    }
    assert!(left_out.is_empty(), "{} of {shapes} shapes leave something out\n{}", left_out.len(), left_out.join("\n"));
    assert!(shapes > 600 && refused * 100 < shapes, "{shapes} shapes, {refused} refused");
}
