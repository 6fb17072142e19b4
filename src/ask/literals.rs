//! SQL of a model that writes values as literals (a general model from the Hub), made into the form that the pipeline binds.
//!
//! A literal that is a value of the question becomes `@v1`, so that the linker's exact value (the key of an artist, the English name
//! of a country) is what runs; any other literal stays. Everything is done on the syntax tree.

use std::collections::HashSet;
use std::ops::ControlFlow;

use chrono::NaiveDate;
use sqlparser::ast::{Expr, Ident, ObjectName, ObjectNamePart, Query, Value, VisitMut, VisitorMut};
use sqlparser::dialect::BigQueryDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Span, Tokenizer};

use super::link::{Linked, Mention, MentionValue};
use crate::catalog::Catalog;

/// The dataset that models write: the one of the training corpus.
const WRITTEN_DATASET: &str = "music";

/// The SQL with linked literals as parameters and the catalogue's tables in their dataset. SQL that cannot be parsed is returned as
/// it is: the validator says what is wrong with it.
pub(super) fn parameterise(sql: &str, linked: &Linked, catalog: &Catalog) -> String {
    adapt(sql, &linked.mentions, catalog)
}

/// SQL of a model that writes parameters itself, with the tables in the dataset that is configured.
pub(super) fn in_dataset(sql: &str, catalog: &Catalog) -> String {
    if catalog.dataset == WRITTEN_DATASET { sql.to_owned() } else { adapt(sql, &[], catalog) }
}

fn adapt(sql: &str, mentions: &[Mention], catalog: &Catalog) -> String {
    let dialect = BigQueryDialect;
    // Escapes stay as they are written, so that what is not changed prints as it reads.
    let Ok(tokens) = Tokenizer::new(&dialect, sql).with_unescape(false).tokenize() else { return sql.to_owned() };
    let Ok(mut statements) = Parser::new(&dialect).with_tokens(tokens).parse_statements() else { return sql.to_owned() };
    let mut adapt = Adapt { mentions, catalog, named: HashSet::new() };
    let _: ControlFlow<()> = statements.visit(&mut adapt);
    statements.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

struct Adapt<'a> {
    mentions: &'a [Mention],
    catalog: &'a Catalog,
    /// Names of CTEs: they are no tables of the dataset.
    named: HashSet<String>,
}

impl VisitorMut for Adapt<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
            self.named.insert(cte.alias.name.value.to_lowercase());
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &mut ObjectName) -> ControlFlow<()> {
        if let [ObjectNamePart::Identifier(dataset), ObjectNamePart::Identifier(_)] = relation.0.as_mut_slice()
            && dataset.value == WRITTEN_DATASET
        {
            dataset.value.clone_from(&self.catalog.dataset);
        } else if let [ObjectNamePart::Identifier(name)] = relation.0.as_slice() {
            let lower = name.value.to_lowercase();
            if !self.named.contains(&lower) && self.catalog.tables.iter().any(|table| table.name == lower) {
                let dataset = ObjectNamePart::Identifier(Ident::new(&self.catalog.dataset));
                relation.0 = vec![dataset, ObjectNamePart::Identifier(Ident::new(lower))];
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        let mention = match expr {
            Expr::Value(value) => match &value.value {
                Value::SingleQuotedString(text) | Value::DoubleQuotedString(text) => self.text(text),
                Value::Number(number, _) => number.parse().ok().and_then(|number| self.number(number)),
                _ => None,
            },
            Expr::TypedString(typed) => match &typed.value.value {
                Value::SingleQuotedString(text) | Value::DoubleQuotedString(text) => text.parse().ok().and_then(|date| self.date(date)),
                _ => None,
            },
            _ => None,
        };
        if let Some(mention) = mention {
            *expr = Expr::Value(Value::Placeholder(format!("@{}", mention.name)).with_span(Span::empty()));
        }
        ControlFlow::Continue(())
    }
}

impl Adapt<'_> {
    fn text(&self, literal: &str) -> Option<&Mention> {
        let literal = literal.replace("\\'", "'").replace("''", "'").trim().to_lowercase();
        let same = |text: &str| text.to_lowercase() == literal;
        self.mentions.iter().find(|mention| {
            same(&mention.text)
                || mention.candidates.iter().any(|candidate| match &candidate.value {
                    MentionValue::Entity { text, key } => same(text) || key.as_deref().is_some_and(same),
                    MentionValue::Number(_) => false,
                    MentionValue::Date(date) => same(&date.to_string()),
                })
        })
    }

    fn number(&self, literal: f64) -> Option<&Mention> {
        self.find(|value| matches!(value, MentionValue::Number(number) if *number == literal))
    }

    fn date(&self, literal: NaiveDate) -> Option<&Mention> {
        self.find(|value| matches!(value, MentionValue::Date(date) if *date == literal))
    }

    fn find(&self, is: impl Fn(&MentionValue) -> bool) -> Option<&Mention> {
        self.mentions.iter().find(|mention| mention.candidates.iter().any(|candidate| is(&candidate.value)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::link::{CandidateValue, Kind};
    use super::*;
    use crate::catalog::Table;

    #[test]
    fn literals_of_the_question_become_parameters() {
        let mention = |name: &str, text: &str, kind, value| Mention {
            name: name.to_owned(),
            text: text.to_owned(),
            start: 0,
            end: 0,
            earlier: false,
            exact: true,
            candidates: vec![CandidateValue { kind, value }],
        };
        let linked = Linked {
            prompt: String::new(),
            mentions: vec![
                mention("v1", "daft punk", Kind::Artist, MentionValue::Entity { text: "Daft Punk".into(), key: Some("daft-punk".into()) }),
                mention("v2", "five", Kind::Num, MentionValue::Number(5.0)),
                mention("v3", "12 May 2001", Kind::Date, MentionValue::Date(NaiveDate::from_ymd_opt(2001, 5, 12).unwrap())),
            ],
        };
        let table = |name: &str| Table {
            name: name.to_owned(),
            description: String::new(),
            columns: Vec::new(),
            partitioned_by: None,
            partitioned_per: Default::default(),
            clustered_by: Vec::new(),
        };
        let catalog = Catalog { dataset: "music".to_owned(), tables: vec![table("tracks")] };
        let check = |sql: &str, expected: &str| assert_eq!(parameterise(sql, &linked, &catalog), expected);
        check(
            "SELECT title FROM tracks WHERE artist_name = \"Daft Punk\" LIMIT 5",
            "SELECT title FROM music.tracks WHERE artist_name = @v1 LIMIT @v2",
        );
        check(
            "SELECT 1 FROM tracks WHERE artist_id = 'daft-punk' AND x = 50",
            "SELECT 1 FROM music.tracks WHERE artist_id = @v1 AND x = 50",
        );
        check("SELECT 1 FROM tracks WHERE release_date = DATE '2001-05-12'", "SELECT 1 FROM music.tracks WHERE release_date = @v3");
        check("SELECT 1 FROM tracks WHERE release_date = '2001-05-12'", "SELECT 1 FROM music.tracks WHERE release_date = @v3");
        check("SELECT 1 FROM tracks WHERE genre = 'it''s'", "SELECT 1 FROM music.tracks WHERE genre = 'it''s'");
        check("WITH tracks AS (SELECT 1) SELECT 1 FROM tracks", "WITH tracks AS (SELECT 1) SELECT 1 FROM tracks");
        check("SELECT 1 FROM tracks WHERE genre = 'a\\'b\\\\'", "SELECT 1 FROM music.tracks WHERE genre = 'a\\'b\\\\'");
        check("not SQL at all", "not SQL at all");

        let elsewhere = Catalog { dataset: "analytics".to_owned(), ..catalog.clone() };
        let moved = in_dataset("SELECT title FROM music.tracks WHERE artist_id = @v1", &elsewhere);
        assert_eq!(moved, "SELECT title FROM analytics.tracks WHERE artist_id = @v1");
        assert_eq!(in_dataset("SELECT  1", &catalog), "SELECT  1");
    }
}
