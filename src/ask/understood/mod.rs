//! What was understood, in words: the validated SQL told back in the language of the question.
//!
//! Made from the syntax tree alone, so that it says what runs and not what the model may have meant. Nothing is left out: what has no
//! words of its own is told as a formula or as a further condition, and a parameter that no part has named is named at the end.

mod arithmetic;
mod calls;
mod conditions;
mod lists;
mod measures;
mod order;
mod scope;
mod select;
mod sentence;
#[cfg(test)]
mod tests;
mod times;
mod values;
mod windows;
mod words;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap, HashSet};

use sqlparser::ast::{Query, Statement};
use sqlparser::dialect::BigQueryDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::Tokenizer;

pub(super) use self::select::is_aggregate;
pub(super) use self::words::country;
use super::Language;
use crate::catalog::Catalog;
use crate::sql::{Parameter, ReadOnlyQuery};

/// How values of a question are called where SQL has another name for them: by parameter, "Daft Punk" for `daft-punk`.
pub(super) type Spoken = BTreeMap<String, String>;

/// The query in words; none where it cannot be read back, which the validator rules out.
pub(super) fn understood(query: &ReadOnlyQuery, spoken: &Spoken, catalog: &Catalog, language: Language) -> Option<String> {
    let dialect = BigQueryDialect;
    let tokens = Tokenizer::new(&dialect, query.sql()).tokenize().ok()?;
    let statements = Parser::new(&dialect).with_tokens(tokens).parse_statements().ok()?;
    let [Statement::Query(tree)] = statements.as_slice() else { return None };
    let writer = Writer {
        language,
        catalog,
        parameters: query.parameters(),
        spoken,
        named: RefCell::default(),
        further: Cell::new(false),
        ctes: RefCell::default(),
    };
    let mut text = writer.sentence(tree);
    text.push_str(&writer.rest());
    Some(text)
}

/// Puts one query into words.
struct Writer<'a> {
    language: Language,
    catalog: &'a Catalog,
    parameters: &'a [Parameter],
    spoken: &'a Spoken,
    /// Parameters that the text names so far.
    named: RefCell<HashSet<String>>,
    /// Whether a part had no words.
    further: Cell<bool>,
    ctes: RefCell<HashMap<String, &'a Query>>,
}

impl Writer<'_> {
    fn pick<'t>(&self, english: &'t str, french: &'t str) -> &'t str {
        self.language.pick(english, french)
    }

    /// One text of the two, made only when it is needed.
    fn say(&self, english: impl FnOnce() -> String, french: impl FnOnce() -> String) -> String {
        match self.language {
            Language::En => english(),
            Language::Fr => french(),
        }
    }

    /// What the text has not said.
    fn rest(&self) -> String {
        let missing: Vec<String> = self
            .parameters
            .iter()
            .filter(|parameter| !self.named.borrow().contains(&parameter.name))
            .map(|parameter| self.parameter_text(parameter))
            .collect();
        match (missing.is_empty(), self.further.get()) {
            (true, false) => String::new(),
            (true, true) => self.pick(", and a further condition", ", et une autre condition").to_owned(),
            (false, _) => {
                let values = missing.join(", ");
                self.say(|| format!(", and a further condition ({values})"), || format!(", et une autre condition ({values})"))
            }
        }
    }
}
