//! Titles that several artists have: "how long is Hello?" has an answer for each of them, and none of its rows would say whose.

use sqlparser::ast::{BinaryOperator, Expr, Ident, SelectItem, SetExpr, Statement};
use sqlparser::dialect::BigQueryDialect;
use sqlparser::parser::Parser;

use super::super::error::Reading;
use super::super::link::Kind;
use super::super::understood::is_aggregate;
use super::super::{AskError, Language};
use super::select::Choice;
use super::spend::Account;
use super::{Pipeline, ambiguous};
use crate::sql::{self, Parameter, ParameterValue, ReadOnlyQuery};
use crate::warehouse::Cell;

/// At most so many artists are offered.
const MOST_ARTISTS: u32 = 4;
/// What the artist's parameter is called.
const ARTIST: &str = "artist";

impl Pipeline {
    /// The query for each artist that has the title, where it asks for one title's properties without its artist; else none.
    pub(super) async fn title_readings(&self, choice: &Choice, account: &Account, language: Language) -> Result<Vec<Reading>, AskError> {
        let Some(title) = asked_title(choice) else { return Ok(Vec::new()) };
        let parts = &self.shared.parts;
        let text = format!(
            "SELECT DISTINCT artist_id, artist_name FROM {}.tracks WHERE title = @title ORDER BY artist_name",
            parts.catalog.dataset
        );
        let title = Parameter { name: "title".to_owned(), value: title.value.clone() };
        let Ok(query) = sql::validate(&text, &parts.catalog, &[title], &parts.settings.sql) else { return Ok(Vec::new()) };
        let estimate = self.estimate(&query).await?;
        let outcome = self.spend(&query, &estimate, account, MOST_ARTISTS).await?;
        let artists: Vec<(String, String)> = outcome
            .rows
            .rows
            .into_iter()
            .filter_map(|row| match row.as_slice() {
                [Cell::String(id), Cell::String(name)] => Some((id.clone(), name.clone())),
                _ => None,
            })
            .collect();
        if artists.len() < 2 {
            return Ok(Vec::new());
        }
        let of = |(id, name): (String, String)| {
            let query = self.of_artist(&choice.query, &id)?;
            let mut spoken = choice.spoken.clone();
            spoken.insert(ARTIST.to_owned(), name);
            ambiguous::reading(&Choice { query, spoken, ..choice.clone() }, &parts.catalog, language)
        };
        Ok(artists.into_iter().filter_map(of).collect())
    }

    /// The query with one condition more.
    fn of_artist(&self, query: &ReadOnlyQuery, id: &str) -> Option<ReadOnlyQuery> {
        let parts = &self.shared.parts;
        let mut statement = parsed(query.sql())?;
        let Statement::Query(tree) = &mut statement else { return None };
        let SetExpr::Select(select) = &mut *tree.body else { return None };
        let identifier = |name: &str| Box::new(Expr::Identifier(Ident::new(name)));
        let artist = Expr::BinaryOp { left: identifier("artist_id"), op: BinaryOperator::Eq, right: identifier(&format!("@{ARTIST}")) };
        let others = select.selection.take().map(|others| Box::new(Expr::Nested(Box::new(others))))?;
        select.selection = Some(Expr::BinaryOp { left: others, op: BinaryOperator::And, right: Box::new(artist) });
        let mut parameters = query.parameters().to_vec();
        parameters.push(Parameter { name: ARTIST.to_owned(), value: ParameterValue::String(id.to_owned()) });
        sql::validate(&statement.to_string(), &parts.catalog, &parameters, &parts.settings.sql).ok()
    }
}

fn parsed(sql: &str) -> Option<Statement> {
    let mut statements = Parser::parse_sql(&BigQueryDialect, sql).ok()?;
    statements.pop().filter(|_| statements.is_empty())
}

/// The title whose properties a query of `tracks` asks for, without an artist in its conditions or in its rows.
fn asked_title(choice: &Choice) -> Option<&Parameter> {
    let query = &choice.query;
    let titles = choice.readings.values().filter(|(_, kind)| *kind == Kind::Title).count();
    if query.tables() != ["tracks"] || titles != 1 || choice.readings.values().any(|(_, kind)| *kind == Kind::Artist) {
        return None;
    }
    let of_artist = |name: &Option<String>| name.as_deref().is_some_and(|name| name.starts_with("artist") || name == "featured_artists");
    if query.output_columns().iter().any(of_artist) {
        return None;
    }
    let Statement::Query(tree) = parsed(query.sql())? else { return None };
    let SetExpr::Select(select) = &*tree.body else { return None };
    let plain = |item: &SelectItem| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => !is_aggregate(expr),
        _ => false,
    };
    let only_title = matches!(&select.selection, Some(Expr::BinaryOp { left, op: BinaryOperator::Eq, right })
        if left.to_string() == "title" && right.to_string().starts_with('@'));
    if !only_title || !select.projection.iter().all(plain) || tree.limit_clause.is_some() {
        return None;
    }
    let name = choice.readings.iter().find(|(_, (_, kind))| *kind == Kind::Title).map(|(name, _)| name)?;
    query.parameters().iter().find(|parameter| parameter.name == *name)
}
