//! What the rows say, in a sentence or two of the question's language.
//!
//! The model writes it as a [`template`] in which names stand for cells ([`holes`]); where it does not, or not well enough, rules do
//! ([`sentences`]). Either way every number in a summary is a cell, a count of rows or columns, a value of the question, or computed
//! from cells as `holes` and `sentences` list. Property tests hold that.

pub(super) mod format;
pub(super) mod holes;
pub(super) mod labels;
mod sentences;
pub(super) mod template;
#[cfg(test)]
mod template_tests;
#[cfg(test)]
mod tests;
pub(super) mod values;

use serde::Serialize;
use utoipa::ToSchema;

use super::Language;
use super::shape::Shape;
use crate::warehouse::Rows;
use holes::Holes;
use sentences::Writer;
use template::Unfit;
pub use template::{SummaryWords, summary_grammar};

/// The rows in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Summary {
    pub text: String,
    pub kind: SummaryKind,
    /// Whether the rows are simulated sample data; the text says so too.
    pub sample: bool,
    pub written_by: SummaryWriter,
}

/// Who chose the words. The numbers come from the rows in either case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SummaryWriter {
    /// The model, as a template that the program filled in.
    Model,
    Rules,
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
    /// By rules.
    pub(super) fn summarise(&self) -> Summary {
        let shape = Shape::of(self.rows);
        self.noted(self.sentences(&shape), SummaryKind::of(&shape), SummaryWriter::Rules)
    }

    /// By a template of the model.
    ///
    /// # Errors
    /// [`Unfit`] where it is none of these rows.
    pub(super) fn filled(&self, template: &str, holes: &Holes, words: &SummaryWords) -> Result<Summary, Unfit> {
        let text = template::fill(template, holes, words, self.language)?;
        Ok(self.noted(text, SummaryKind::of(&Shape::of(self.rows)), SummaryWriter::Model))
    }

    /// With what is to be known of the rows.
    fn noted(&self, text: String, kind: SummaryKind, written_by: SummaryWriter) -> Summary {
        let text = match (Writer { rows: self.rows, language: self.language }).shown() {
            Some(shown) => format!("{text} {shown}"),
            None => text,
        };
        Summary::new(text, kind, written_by, self.language, self.sample)
    }

    fn sentences(&self, shape: &Shape) -> String {
        let writer = Writer { rows: self.rows, language: self.language };
        match shape {
            Shape::Empty => writer.empty(),
            Shape::Value => writer.value(),
            Shape::Record => writer.record(),
            Shape::Ranking { labels, measure, descending: true } => writer.ranking(labels, *measure),
            Shape::Ranking { labels, measure, descending: false } => writer.rising(labels, *measure),
            Shape::Groups { labels, measure } => writer.groups(labels, *measure),
            Shape::Series { time, measure } => writer.series(*time, *measure),
            Shape::List { labels } => writer.list(labels),
            Shape::Table => writer.table(),
        }
    }
}

impl SummaryKind {
    fn of(shape: &Shape) -> Self {
        match shape {
            Shape::Empty => Self::Empty,
            Shape::Value => Self::Value,
            Shape::Record => Self::Record,
            Shape::Ranking { .. } => Self::Ranking,
            Shape::Groups { .. } => Self::Groups,
            Shape::Series { .. } => Self::Series,
            Shape::List { .. } => Self::List,
            Shape::Table => Self::Table,
        }
    }
}

impl Summary {
    fn new(text: String, kind: SummaryKind, written_by: SummaryWriter, language: Language, sample: bool) -> Self {
        let text = if sample { format!("{text} {}", language.pick("(Sample data.)", "(Données d'exemple.)")) } else { text };
        Self { text, kind, sample, written_by }
    }

    /// For a query that was only checked.
    pub(super) fn not_run(language: Language, sample: bool) -> Self {
        let text = language.pick("The query is valid; it was not run.", "La requête est valide ; elle n'a pas été exécutée.");
        Self::new(text.to_owned(), SummaryKind::NotRun, SummaryWriter::Rules, language, sample)
    }
}
