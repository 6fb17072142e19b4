//! What the model is held to: the queries that the validator accepts, or the word that there is no answer.

use crate::ask::PromptKinds;
use crate::catalog::Catalog;
use crate::model::AnswerLanguage;
use crate::sql::grammar::{NO_ANSWER, grammar};
use crate::sql::{Beginnings, Policy, inspect};

/// GoogleSQL over a catalogue.
pub struct SqlLanguage {
    catalog: Catalog,
    policy: Policy,
    beginnings: Beginnings,
}

impl SqlLanguage {
    #[must_use]
    pub fn new(catalog: Catalog, policy: Policy) -> Self {
        let beginnings = Beginnings::new(catalog.clone(), policy.clone());
        Self { catalog, policy, beginnings }
    }
}

impl AnswerLanguage for SqlLanguage {
    fn grammar(&self, parameters: usize) -> String {
        grammar(&self.catalog, parameters)
    }

    fn may_continue(&self, text: &str) -> bool {
        NO_ANSWER.starts_with(text) || self.beginnings.may_continue(text)
    }

    fn fits(&self, text: &str, prompt: &str) -> bool {
        PromptKinds::of(prompt).fit(text, &self.catalog)
    }

    fn is_answer(&self, text: &str) -> bool {
        text == NO_ANSWER || inspect(text, &self.catalog, &self.policy).is_ok()
    }
}

#[cfg(test)]
#[path = "language_tests.rs"]
mod tests;
