//! The proof that a statement was validated.

use super::Parameter;

/// A single SELECT that reads nothing but tables of the catalogue. Only `sql::validate` makes one, and the warehouse runs
/// nothing else for a question.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadOnlyQuery {
    sql: String,
    parameters: Vec<Parameter>,
    tables: Vec<String>,
}

impl ReadOnlyQuery {
    /// For `sql::validate` alone.
    #[expect(dead_code, reason = "the validator that calls it is the next step")]
    pub(super) fn new(sql: String, parameters: Vec<Parameter>, tables: Vec<String>) -> Self {
        Self { sql, parameters, tables }
    }

    /// The statement as it will be sent, printed from its syntax tree.
    #[must_use]
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// The values that travel beside it.
    #[must_use]
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// Names of the catalogue's tables that it reads, sorted, each once.
    #[must_use]
    pub fn tables(&self) -> &[String] {
        &self.tables
    }
}
