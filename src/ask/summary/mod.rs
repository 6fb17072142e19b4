//! What the rows say, in a sentence or two of the question's language.
//!
//! Templates, not a model: every number in a summary is a cell, a count of rows or columns, or one of the sums of
//! [`sentences`] (gap, total, share, change). A property test holds that.

pub(super) mod format;
pub(super) mod labels;
mod sentences;
#[cfg(test)]
mod tests;

use serde::Serialize;
use utoipa::ToSchema;

use super::Language;
use super::shape::Shape;
use crate::warehouse::Rows;
use sentences::Writer;

/// The rows in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Summary {
    pub text: String,
    pub kind: SummaryKind,
    /// Whether the rows are simulated sample data; the text says so too.
    pub sample: bool,
}

/// What kind of result it sums up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SummaryKind {
    Empty,
    Value,
    Record,
    Ranking,
    Groups,
    Series,
    List,
    Table,
    /// The query was only checked.
    NotRun,
}

/// What a summary is made from.
pub(super) struct SummaryInput<'a> {
    pub(super) rows: &'a Rows,
    pub(super) language: Language,
    pub(super) sample: bool,
}

impl SummaryInput<'_> {
    pub(super) fn summarise(&self) -> Summary {
        let writer = Writer { rows: self.rows, language: self.language };
        let (kind, text) = match Shape::of(self.rows) {
            Shape::Empty => (SummaryKind::Empty, writer.empty()),
            Shape::Value => (SummaryKind::Value, writer.value()),
            Shape::Record => (SummaryKind::Record, writer.record()),
            Shape::Ranking { labels, measure, descending: true } => (SummaryKind::Ranking, writer.ranking(&labels, measure)),
            Shape::Ranking { labels, measure, descending: false } => (SummaryKind::Ranking, writer.rising(&labels, measure)),
            Shape::Groups { labels, measure } => (SummaryKind::Groups, writer.groups(&labels, measure)),
            Shape::Series { time, measure } => (SummaryKind::Series, writer.series(time, measure)),
            Shape::List { labels } => (SummaryKind::List, writer.list(&labels)),
            Shape::Table => (SummaryKind::Table, writer.table()),
        };
        let text = match writer.shown() {
            Some(shown) => format!("{text} {shown}"),
            None => text,
        };
        Summary::new(text, kind, self.language, self.sample)
    }
}

impl Summary {
    fn new(text: String, kind: SummaryKind, language: Language, sample: bool) -> Self {
        let text = if sample { format!("{text} {}", language.pick("(Sample data.)", "(Données d'exemple.)")) } else { text };
        Self { text, kind, sample }
    }

    /// For a query that was only checked.
    pub(super) fn not_run(language: Language, sample: bool) -> Self {
        let text = language.pick("The query is valid; it was not run.", "La requête est valide ; elle n'a pas été exécutée.");
        Self::new(text.to_owned(), SummaryKind::NotRun, language, sample)
    }
}
