//! Texts of grammars that come with the requests.
//!
//! A grammar says all that is asked of such a text. Requests of a kind bring the same few grammars, so that what was made of one is kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::constraint::{AnswerLanguage, ConstraintError, Constraints, Spelling};

/// Grammars kept; when there are more, all are forgotten.
const MOST_GRAMMARS: usize = 64;
/// For each. A text is hardly written twice.
const MOST_VERDICTS: usize = 1000;

/// Every text of a grammar.
struct Texts(String);

impl AnswerLanguage for Texts {
    fn grammar(&self, _parameters: usize) -> String {
        self.0.clone()
    }

    fn may_continue(&self, _text: &str) -> bool {
        true
    }

    fn is_answer(&self, _text: &str) -> bool {
        true
    }
}

/// The grammars that requests brought.
pub(super) struct Grammars {
    spelling: Arc<Spelling>,
    kept: Mutex<HashMap<String, Arc<Constraints>>>,
}

impl Grammars {
    pub(super) fn new(spelling: Arc<Spelling>) -> Self {
        Self { spelling, kept: Mutex::default() }
    }

    /// # Errors
    /// [`ConstraintError::Grammar`] when it is none.
    pub(super) fn constraints(&self, grammar: &str) -> Result<Arc<Constraints>, ConstraintError> {
        let known = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(grammar).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let made = Arc::new(Constraints::new(Arc::new(Texts(grammar.to_owned())), Arc::clone(&self.spelling), MOST_VERDICTS)?);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_GRAMMARS {
            kept.clear();
        }
        kept.insert(grammar.to_owned(), Arc::clone(&made));
        Ok(made)
    }
}
