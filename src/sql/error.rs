//! Why a statement was refused, with what a caller needs to repair it: the name, the place, the names it may have meant.

use std::fmt;

use serde::Serialize;
use sqlparser::ast::Ident;
use sqlparser::tokenizer::Span;
use thiserror::Error;

/// A place in the statement, both from 1; line 0 when it is not known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Position {
    pub line: u64,
    pub column: u64,
}

impl Position {
    pub(super) fn of(ident: &Ident) -> Self {
        Self::start(ident.span)
    }

    pub(super) fn start(span: Span) -> Self {
        Self { line: span.start.line, column: span.start.column }
    }

    /// Whether the place is known.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.line > 0
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_known() { write!(f, " at [{}:{}]", self.line, self.column) } else { Ok(()) }
    }
}

/// Why SQL is not a query that may run.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SqlError {
    #[error("the statement is empty")]
    Empty,
    #[error("the statement has {bytes} bytes, the limit is {limit}")]
    TooLong { bytes: usize, limit: usize },
    #[error("the statement is nested too deeply")]
    TooDeep,
    #[error("syntax error: {message}{at}")]
    Syntax { message: String, at: Position },
    #[error("{count} statements were given, one is allowed")]
    MultipleStatements { count: usize },
    #[error("{statement} is not a query; only SELECT may run")]
    NotAQuery { statement: String },
    #[error("unknown table `{table}`{at}{}", did_you_mean(candidates))]
    UnknownTable { table: String, candidates: Vec<String>, at: Position },
    #[error("project `{project}` may not be read{at}")]
    ForeignProject { project: String, at: Position },
    #[error("dataset `{dataset}` may not be read{at}")]
    ForeignDataset { dataset: String, at: Position },
    #[error("wildcard table `{table}` may not be read{at}")]
    WildcardTable { table: String, at: Position },
    #[error("unknown column `{column}`{}{at}{}", in_table(table.as_deref()), did_you_mean(candidates))]
    UnknownColumn { table: Option<String>, column: String, candidates: Vec<String>, at: Position },
    #[error("column `{column}` is ambiguous: it is in {}{at}", tables.join(" and "))]
    AmbiguousColumn { column: String, tables: Vec<String>, at: Position },
    #[error("name `{name}` is used twice{at}")]
    DuplicateName { name: String, at: Position },
    #[error("unknown function {function}{at}{}", did_you_mean(candidates))]
    UnknownFunction { function: String, candidates: Vec<String>, at: Position },
    #[error("function {function} may not be used{at}")]
    ForbiddenFunction { function: String, at: Position },
    #[error("{function} takes {expected} arguments, {found} were given{at}")]
    ArgumentCount { function: String, expected: String, found: usize, at: Position },
    #[error("{function} is not allowed in {clause}{at}")]
    Misplaced { function: String, clause: &'static str, at: Position },
    #[error("column `{column}` is neither grouped nor aggregated{at}")]
    NotGrouped { column: String, at: Position },
    #[error("{clause} is not supported")]
    UnsupportedClause { clause: String },
    #[error("{place} must have {expected} columns, it has {found}")]
    ColumnCount { place: &'static str, expected: usize, found: usize },
    #[error("parameter @{name} has no value{at}")]
    UndeclaredParameter { name: String, at: Position },
    #[error("{operation} does not take {found}{at}")]
    TypeMismatch { operation: String, found: String, at: Position },
}

impl SqlError {
    pub(super) fn unsupported(clause: impl Into<String>) -> Self {
        Self::UnsupportedClause { clause: clause.into() }
    }

    /// Name of the variant: stable, for tests and metrics.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::TooLong { .. } => "TooLong",
            Self::TooDeep => "TooDeep",
            Self::Syntax { .. } => "Syntax",
            Self::MultipleStatements { .. } => "MultipleStatements",
            Self::NotAQuery { .. } => "NotAQuery",
            Self::UnknownTable { .. } => "UnknownTable",
            Self::ForeignProject { .. } => "ForeignProject",
            Self::ForeignDataset { .. } => "ForeignDataset",
            Self::WildcardTable { .. } => "WildcardTable",
            Self::UnknownColumn { .. } => "UnknownColumn",
            Self::AmbiguousColumn { .. } => "AmbiguousColumn",
            Self::DuplicateName { .. } => "DuplicateName",
            Self::UnknownFunction { .. } => "UnknownFunction",
            Self::ForbiddenFunction { .. } => "ForbiddenFunction",
            Self::ArgumentCount { .. } => "ArgumentCount",
            Self::Misplaced { .. } => "Misplaced",
            Self::NotGrouped { .. } => "NotGrouped",
            Self::UnsupportedClause { .. } => "UnsupportedClause",
            Self::ColumnCount { .. } => "ColumnCount",
            Self::UndeclaredParameter { .. } => "UndeclaredParameter",
            Self::TypeMismatch { .. } => "TypeMismatch",
        }
    }

    /// Where in the statement, when that is known.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        let at = match self {
            Self::Syntax { at, .. }
            | Self::UnknownTable { at, .. }
            | Self::ForeignProject { at, .. }
            | Self::ForeignDataset { at, .. }
            | Self::WildcardTable { at, .. }
            | Self::UnknownColumn { at, .. }
            | Self::AmbiguousColumn { at, .. }
            | Self::DuplicateName { at, .. }
            | Self::UnknownFunction { at, .. }
            | Self::ForbiddenFunction { at, .. }
            | Self::ArgumentCount { at, .. }
            | Self::Misplaced { at, .. }
            | Self::NotGrouped { at, .. }
            | Self::UndeclaredParameter { at, .. }
            | Self::TypeMismatch { at, .. } => *at,
            Self::Empty
            | Self::TooLong { .. }
            | Self::TooDeep
            | Self::MultipleStatements { .. }
            | Self::NotAQuery { .. }
            | Self::UnsupportedClause { .. }
            | Self::ColumnCount { .. } => return None,
        };
        at.is_known().then_some(at)
    }

    /// Names that the statement may have meant, best first.
    #[must_use]
    pub fn candidates(&self) -> &[String] {
        match self {
            Self::UnknownTable { candidates, .. } | Self::UnknownColumn { candidates, .. } | Self::UnknownFunction { candidates, .. } => {
                candidates
            }
            _ => &[],
        }
    }
}

/// At most three of `names` that are close to `wanted`, closest first.
pub(super) fn closest<'n>(wanted: &str, names: impl IntoIterator<Item = &'n str>) -> Vec<String> {
    let wanted = wanted.to_ascii_lowercase();
    let mut scored: Vec<(f64, &str)> = names
        .into_iter()
        .map(|name| {
            let lower = name.to_ascii_lowercase();
            let contained = wanted.len() >= 3 && (lower.contains(&wanted) || (lower.len() >= 3 && wanted.contains(&lower)));
            let similarity = strsim::jaro_winkler(&wanted, &lower);
            (if contained { similarity.max(0.85) } else { similarity }, name)
        })
        .filter(|(score, _)| *score >= 0.8)
        .collect();
    scored.sort_by(|left, right| right.0.total_cmp(&left.0).then_with(|| left.1.cmp(right.1)));
    scored.dedup_by(|left, right| left.1.eq_ignore_ascii_case(right.1));
    scored.into_iter().take(3).map(|(_, name)| name.to_owned()).collect()
}

fn did_you_mean(candidates: &[String]) -> String {
    if candidates.is_empty() { String::new() } else { format!("; did you mean {}?", candidates.join(", ")) }
}

fn in_table(table: Option<&str>) -> String {
    table.map(|table| format!(" in `{table}`")).unwrap_or_default()
}
