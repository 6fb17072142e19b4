//! Titles that several artists have: "how long is Hello?" has an answer for each of them, so each row says whose it is, the best known first.

use sqlparser::ast::{
    BinaryOperator, Expr, Ident, OrderBy, OrderByExpr, OrderByKind, OrderByOptions, Query, Select, SelectItem, SetExpr, Statement,
};
use sqlparser::dialect::BigQueryDialect;
use sqlparser::parser::Parser;

use super::super::link::Kind;
use super::super::understood::is_aggregate;
use super::select::{Choice, Judge};
use crate::sql::{self, ReadOnlyQuery};

impl Judge<'_> {
    /// The choice with the artist before what it tells of a title, where nothing in it says whose title is meant; else the choice as it is.
    pub(super) fn told_apart(&self, choice: Choice) -> Choice {
        match self.with_artists(&choice) {
            Some(query) => Choice { query, ..choice },
            None => choice,
        }
    }

    fn with_artists(&self, choice: &Choice) -> Option<ReadOnlyQuery> {
        let named = |kind: Kind| choice.readings.values().filter(|(_, read)| *read == kind).count();
        if choice.query.tables() != ["tracks"] || named(Kind::Title) != 1 || named(Kind::Artist) > 0 {
            return None;
        }
        if choice.query.output_columns().iter().flatten().any(|name| name.starts_with("artist")) {
            return None;
        }
        let mut statement = parsed(choice.query.sql())?;
        let Statement::Query(tree) = &mut statement else { return None };
        say_artists(tree)?;
        sql::validate(&statement.to_string(), self.catalog, choice.query.parameters(), self.policy).ok()
    }
}

fn parsed(sql: &str) -> Option<Statement> {
    let mut statements = Parser::parse_sql(&BigQueryDialect, sql).ok()?;
    statements.pop().filter(|_| statements.is_empty())
}

/// Adds the artist to a query for the properties of one title; none where it is another query.
fn say_artists(tree: &mut Query) -> Option<()> {
    let SetExpr::Select(select) = &mut *tree.body else { return None };
    if !tells_properties(select) || tree.limit_clause.is_some() {
        return None;
    }
    let column = |name: &str| Expr::Identifier(Ident::new(name));
    select.projection.insert(0, SelectItem::UnnamedExpr(column("artist_name")));
    // Sorted by what it does not show, a query must show all rows.
    if tree.order_by.is_none() && select.distinct.is_none() {
        let options = OrderByOptions { asc: Some(false), nulls_first: None };
        let known = OrderByExpr { expr: column("popularity"), options, with_fill: None };
        tree.order_by = Some(OrderBy { kind: OrderByKind::Expressions(vec![known]), interpolate: None });
    }
    Some(())
}

/// Whether all that is said is "what is this of the songs with this title".
fn tells_properties(select: &Select) -> bool {
    let plain = |item: &SelectItem| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => !is_aggregate(expr),
        _ => false,
    };
    let only_title = matches!(&select.selection, Some(Expr::BinaryOp { left, op: BinaryOperator::Eq, right })
        if left.to_string() == "title" && right.to_string().starts_with('@'));
    only_title && select.projection.iter().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sql: &str, expected: Option<&str>) {
        let Some(Statement::Query(mut tree)) = parsed(sql) else { panic!("{sql}") };
        let told = say_artists(&mut tree).map(|()| tree.to_string());
        assert_eq!(told.as_deref(), expected, "{sql}");
    }

    #[test]
    fn each_row_says_whose_title_it_is() {
        check(
            "SELECT duration_ms / 60000 AS minutes FROM music.tracks WHERE title = @title",
            Some("SELECT artist_name, duration_ms / 60000 AS minutes FROM music.tracks WHERE title = @title ORDER BY popularity DESC"),
        );
        check(
            "SELECT DISTINCT release_year FROM music.tracks WHERE title = @title",
            Some("SELECT DISTINCT artist_name, release_year FROM music.tracks WHERE title = @title"),
        );
        check("SELECT AVG(tempo) AS avg_tempo FROM music.tracks WHERE title = @title", None);
        check("SELECT tempo FROM music.tracks WHERE title = @title ORDER BY tempo LIMIT 1", None);
        check("SELECT tempo FROM music.tracks WHERE genre = @genre", None);
    }
}
