//! The proof that a statement was validated, and what was learnt of it on the way.

use serde::Serialize;

use super::Parameter;
use crate::catalog::ColumnType;

/// A column of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ColumnRef {
    pub table: String,
    pub column: String,
}

/// A single SELECT that reads nothing but tables of the catalogue. Only `sql::validate` makes one, and the warehouse runs
/// nothing else for a question.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadOnlyQuery {
    inspection: Inspection,
    parameters: Vec<Parameter>,
}

impl ReadOnlyQuery {
    /// For `sql::validate` alone.
    pub(super) fn new(inspection: Inspection, parameters: Vec<Parameter>) -> Self {
        Self { inspection, parameters }
    }

    /// The statement as it will be sent, printed from its syntax tree.
    #[must_use]
    pub fn sql(&self) -> &str {
        &self.inspection.sql
    }

    /// The values that travel beside it.
    #[must_use]
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// Names of the catalogue's tables that it reads, sorted, each once.
    #[must_use]
    pub fn tables(&self) -> &[String] {
        &self.inspection.tables
    }

    /// Columns of the catalogue that it names, sorted, each once. `COUNT(*)` names none.
    #[must_use]
    pub fn columns_read(&self) -> &[ColumnRef] {
        &self.inspection.columns_read
    }

    /// Names of the result's columns; `None` where BigQuery will make one up (`f0_`).
    #[must_use]
    pub fn output_columns(&self) -> &[Option<String>] {
        &self.inspection.output_columns
    }
}

/// What `sql::inspect` learns of a statement whose parameters have no values yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Inspection {
    /// The statement printed from its syntax tree.
    pub sql: String,
    /// Tables of the catalogue, sorted, each once.
    pub tables: Vec<String>,
    /// Columns of the catalogue that are named, sorted, each once.
    pub columns_read: Vec<ColumnRef>,
    pub output_columns: Vec<Option<String>>,
    /// Every use of every parameter, in the order they were met.
    pub parameter_uses: Vec<ParameterUse>,
}

/// One place where a parameter stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ParameterUse {
    /// Name without `@`, as it is written.
    pub name: String,
    pub context: ParameterContext,
    /// The column of the catalogue on the other side, if it is one; seen through functions such as LOWER, DATE or EXTRACT too.
    pub table: Option<String>,
    pub column: Option<String>,
    /// The outermost function between the column and the comparison that changes what its values are: `EXTRACT(YEAR)`, `DATE_TRUNC`, `DATE` ...
    pub through: Option<String>,
    /// The type of the other side, or what the place takes, when it is certain.
    pub expected: Option<ColumnType>,
}

/// What a parameter is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ParameterContext {
    /// Compared with the column by =, <>, <, >, BETWEEN, IN or LIKE.
    Compared,
    /// The same, as part of a sum or product: `release_year < @decade + 10`.
    Arithmetic,
    /// `@genre IN UNNEST(genres)`: an element of the array column.
    InUnnest,
    /// LIMIT or OFFSET.
    Limit,
    /// `INTERVAL @days DAY`.
    Interval,
    /// Anywhere else.
    Other,
}
