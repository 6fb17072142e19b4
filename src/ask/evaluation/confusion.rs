//! What wrong answers got wrong: the first part of the SQL, in the order below, that differs from the preferred gold SQL.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;
use serde::Serialize;

use super::template::template;
use super::{CaseOutcome, Verdict};

/// What stands in the place of what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Confusion {
    /// `tables`, `conditions`, `grouping`, `columns`, `order`, `limit` or `values`.
    pub part: &'static str,
    pub gold: String,
    pub predicted: String,
    pub cases: usize,
}

static TABLE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\bMUSIC\.(\w+)"));
static CONDITION: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"([A-Z_.]+|\)) (?:NOT )?(?:=|!=|<>|<=|>=|<|>|BETWEEN|IN|IS|LIKE) |\bIN UNNEST \( (\w+)"));
static GROUPING: LazyLock<Regex> = LazyLock::new(|| pattern(r"GROUP BY (.*?)(?: HAVING| QUALIFY| ORDER| LIMIT| \)|$)"));
static COLUMNS: LazyLock<Regex> = LazyLock::new(|| pattern(r"^SELECT (.*?) FROM "));
static ORDER: LazyLock<Regex> = LazyLock::new(|| pattern(r"ORDER BY ([^()]*?)(?: LIMIT.*)?$"));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a constant pattern")
}

fn first(pattern: &Regex, text: &str) -> String {
    pattern.captures(text).and_then(|found| Some(found.get(1)?.as_str().to_owned())).unwrap_or_default()
}

fn all(pattern: &Regex, text: &str) -> String {
    let found: BTreeSet<&str> = pattern.captures_iter(text).filter_map(|found| Some(found.get(1).or(found.get(2))?.as_str())).collect();
    let names: Vec<&str> = found.into_iter().filter(|name| *name != ")").map(|name| name.rsplit('.').next().unwrap_or(name)).collect();
    names.join(", ")
}

/// The parts of a template, each with its name.
fn parts(template: &str) -> [(&'static str, String); 6] {
    let limit = if template.contains(" LIMIT ?") { "LIMIT" } else { "" };
    [
        ("tables", all(&TABLE, template)),
        ("conditions", all(&CONDITION, template)),
        ("grouping", first(&GROUPING, template)),
        ("columns", first(&COLUMNS, template)),
        ("order", first(&ORDER, template)),
        ("limit", limit.to_owned()),
    ]
}

/// The confusions of wrong answers, the most frequent first.
pub(super) fn confusions(outcomes: &[CaseOutcome]) -> Vec<Confusion> {
    let mut counts: BTreeMap<(&'static str, String, String), usize> = BTreeMap::new();
    for outcome in outcomes.iter().filter(|outcome| matches!(outcome.verdict, Verdict::Wrong { .. })) {
        let (Some(gold), Some(predicted)) = (outcome.gold_sql.first(), &outcome.predicted_sql) else { continue };
        let told = predicted.split("  -- ").next().unwrap_or(predicted);
        let (gold, predicted) = (parts(&template(gold)), parts(&template(told)));
        let different = gold.into_iter().zip(predicted).find(|(gold, predicted)| gold.1 != predicted.1);
        let key = different.map_or(("values", String::new(), String::new()), |((part, gold), (_, predicted))| (part, gold, predicted));
        *counts.entry(key).or_default() += 1;
    }
    let mut found: Vec<Confusion> =
        counts.into_iter().map(|((part, gold, predicted), cases)| Confusion { part, gold, predicted, cases }).collect();
    found.sort_by(|a, b| b.cases.cmp(&a.cases).then_with(|| a.cmp(b)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::Language;

    fn check(gold: &str, predicted: &str, expected: (&str, &str, &str)) {
        let outcome = CaseOutcome {
            id: String::new(),
            language: Language::En,
            kind: String::new(),
            question: String::new(),
            verdict: Verdict::Wrong { reason: String::new() },
            gold_is_empty: false,
            new_template: None,
            predicted_sql: Some(predicted.to_owned()),
            gold_sql: vec![gold.to_owned()],
            confidence: None,
            signals: None,
            stages_ms: Vec::new(),
        };
        let found = confusions(&[outcome]);
        assert_eq!((found[0].part, found[0].gold.as_str(), found[0].predicted.as_str()), expected, "{predicted}");
    }

    #[test]
    fn the_first_part_that_differs_is_named() {
        let top = "SELECT artist_name, SUM(plays) AS plays FROM music.listens GROUP BY artist_name ORDER BY plays DESC LIMIT 10";
        check(top, &top.replace("listens", "listening_events"), ("tables", "LISTENS", "LISTENING_EVENTS"));
        check(
            "SELECT title FROM music.tracks WHERE genre = 'pop' AND energy > 0.7",
            "SELECT title FROM music.tracks WHERE energy > @num  -- @num = 0.7",
            ("conditions", "ENERGY, GENRE", "ENERGY"),
        );
        check(top, &top.replace("BY artist_name", "BY artist_id"), ("grouping", "ARTIST_NAME", "ARTIST_ID"));
        check(
            top,
            &top.replace("SUM(plays)", "COUNT(*)"),
            ("columns", "ARTIST_NAME , SUM ( PLAYS ) AS PLAYS", "ARTIST_NAME , COUNT ( * ) AS PLAYS"),
        );
        check(top, &top.replace(" DESC", ""), ("order", "PLAYS DESC", "PLAYS"));
        check(top, &top.replace(" LIMIT 10", ""), ("limit", "LIMIT", ""));
        check(top, &top.replace("10", "5"), ("values", "", ""));
    }
}
