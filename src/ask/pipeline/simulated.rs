//! Simulated plays among the real ones: an answer that counts them says so.

use std::collections::BTreeSet;
use std::sync::{PoisonError, RwLock};

use super::Language;

/// The tables that have simulated plays among their rows.
#[derive(Debug, Default)]
pub(super) struct Simulated(RwLock<BTreeSet<String>>);

impl Simulated {
    pub(super) fn set(&self, tables: BTreeSet<String>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = tables;
    }

    /// What is to be said of an answer from these tables.
    pub(super) fn warning(&self, tables: &[String], language: Language) -> Option<String> {
        let simulated = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let said =
            language.pick("Simulated plays are counted among the real ones.", "Des écoutes simulées sont comptées parmi les vraies.");
        tables.iter().any(|table| simulated.contains(table)).then(|| said.to_owned())
    }
}
