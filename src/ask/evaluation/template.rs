//! Which questions need SQL of a form that training never saw.
//!
//! A template is a query without its values. A model may phrase-match its way through questions whose templates it was trained on;
//! those with a new one show whether it composes (the "template split" of Finegan-Dollak et al., <https://arxiv.org/abs/1806.09029>).
//! `training/templates.py` computes the same; `tests/fixtures/templates.jsonl` holds both to one result.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;
use sha2::{Digest, Sha256};

/// The templates that a model was trained on, by fingerprint.
#[derive(Debug, Clone, Default)]
pub struct TrainedTemplates(HashSet<String>);

impl TrainedTemplates {
    /// Reads the lines of a model's `templates.txt`.
    #[must_use]
    pub fn read(text: &str) -> Self {
        Self(text.lines().map(str::to_owned).collect())
    }

    pub(super) fn has(&self, sql: &str) -> bool {
        self.0.contains(&fingerprint(sql))
    }
}

static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = concat!(
        r"'(?:[^'\\]|\\.)*'|",
        r#""(?:[^"\\]|\\.)*"|"#,
        r"\{\w+\}|@\w+|[A-Za-z_][A-Za-z_0-9.]*|\d+(?:\.\d+)?|<=|>=|<>|!=|\|\||[^\s`;]"
    );
    Regex::new(pattern).expect("a constant pattern")
});

/// Words in upper case with one space between, each value a `?`; what is computed from values alone is a value.
pub(super) fn template(sql: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    for token in TOKEN.find_iter(sql) {
        let token = token.as_str();
        if !token.starts_with(|c: char| matches!(c, '\'' | '"' | '{' | '@') || c.is_ascii_digit()) {
            out.push(token.to_ascii_uppercase());
            continue;
        }
        if out.last().is_some_and(|last| matches!(last.as_str(), "DATE" | "TIMESTAMP" | "DATETIME")) {
            out.pop();
        }
        let computed =
            matches!(out.as_slice(), [.., value, operator] if value == "?" && matches!(operator.as_str(), "+" | "-" | "*" | "/"));
        if computed {
            out.pop();
        } else {
            out.push("?".to_owned());
        }
    }
    out.join(" ")
}

/// Twelve hexadecimal digits that stand for a template.
fn fingerprint(sql: &str) -> String {
    format!("{:x}", Sha256::digest(template(sql)))[..12].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_equal_those_of_training() {
        #[derive(serde::Deserialize)]
        struct Case {
            sql: String,
            template: String,
            fingerprint: String,
        }
        for line in include_str!("../../../tests/fixtures/templates.jsonl").lines() {
            let case: Case = serde_json::from_str(line).unwrap();
            assert_eq!(template(&case.sql), case.template, "{}", case.sql);
            assert_eq!(fingerprint(&case.sql), case.fingerprint, "{}", case.sql);
        }
    }
}
