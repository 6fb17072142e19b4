//! What the names of a SELECT stand for: tables, columns, aliases, and columns of queries inside.

use std::cell::Cell;
use std::rc::Rc;

use sqlparser::ast::{Expr, Ident, ObjectName, Query, Select, SelectItem, SetExpr, TableFactor};

use super::Writer;
use super::words::{Phrase, TableWords, column, of_the};

/// The tables of a FROM and the aliases of a SELECT.
#[derive(Clone)]
pub(super) struct Scope<'a> {
    pub(super) sources: Rc<Vec<Source<'a>>>,
    /// Aliases of the SELECT, where they may be named.
    items: Rc<Vec<(String, &'a Expr)>>,
}

/// A table of a FROM.
pub(super) struct Source<'a> {
    /// Of the catalogue.
    pub(super) table: Option<String>,
    alias: String,
    /// The query that it is, and its columns.
    pub(super) query: Option<&'a Query>,
    columns: Vec<(String, Inner)>,
    /// Whether the text has said a column or a condition of it.
    pub(super) used: Cell<bool>,
}

/// A column of a query inside.
#[derive(Clone)]
struct Inner {
    phrase: Phrase,
    /// The column of the catalogue that it is, unchanged.
    plain: Option<String>,
}

/// A column of the catalogue, in one of the tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) source: usize,
    pub(super) table: Option<String>,
    pub(super) name: String,
}

impl<'a> Scope<'a> {
    /// Without the aliases of the SELECT: what a WHERE sees.
    pub(super) fn bare(&self) -> Self {
        Self { sources: Rc::clone(&self.sources), items: Rc::default() }
    }

    /// Of nothing.
    pub(super) fn empty() -> Self {
        Self { sources: Rc::default(), items: Rc::default() }
    }

    pub(super) fn alias(&self, name: &str) -> Option<&'a Expr> {
        self.items.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(name)).map(|(_, expr)| *expr)
    }

    /// The table that the query is about.
    pub(super) fn base(&self) -> Option<TableWords> {
        TableWords::of(self.sources.first()?.table.as_deref()?)
    }

    pub(super) fn base_table(&self) -> &str {
        self.sources.first().and_then(|source| source.table.as_deref()).unwrap_or_default()
    }
}

impl<'a> Writer<'a> {
    /// The scope of a SELECT.
    pub(super) fn scope(&self, select: &'a Select) -> Scope<'a> {
        let mut sources = Vec::new();
        for item in &select.from {
            sources.extend(self.source(&item.relation));
            sources.extend(item.joins.iter().filter_map(|join| self.source(&join.relation)));
        }
        let items = select.projection.iter().filter_map(|item| match item {
            SelectItem::ExprWithAlias { expr, alias } => Some((alias.value.clone(), expr)),
            _ => None,
        });
        Scope { sources: Rc::new(sources), items: Rc::new(items.collect()) }
    }

    fn source(&self, factor: &'a TableFactor) -> Option<Source<'a>> {
        match factor {
            TableFactor::Table { name, alias, .. } => {
                let table = last(name)?;
                let query = self.ctes.borrow().get(&table).copied().filter(|_| name.0.len() == 1);
                let alias = alias.as_ref().map_or_else(|| table.clone(), |alias| alias.name.value.to_lowercase());
                Some(match query {
                    Some(query) => self.derived(query, alias),
                    None => Source { table: Some(table), alias, query: None, columns: Vec::new(), used: Cell::new(false) },
                })
            }
            TableFactor::Derived { subquery, alias, .. } => {
                let alias = alias.as_ref().map(|alias| alias.name.value.to_lowercase()).unwrap_or_default();
                Some(self.derived(subquery, alias))
            }
            // The elements of an array column are called as the column is.
            TableFactor::UNNEST { .. } => None,
            _ => {
                self.further.set(true);
                None
            }
        }
    }

    fn derived(&self, query: &'a Query, alias: String) -> Source<'a> {
        Source { table: None, alias, query: Some(query), columns: self.columns(query), used: Cell::new(true) }
    }

    /// The columns that a query brings. Saying them here does not name their parameters: the list itself does that.
    fn columns(&self, query: &'a Query) -> Vec<(String, Inner)> {
        let Some(select) = first_select(&query.body) else { return Vec::new() };
        let (named, further) = (self.named.borrow().clone(), self.further.get());
        let scope = self.scope(select);
        let column = |item: &'a SelectItem| {
            let (name, expr) = match item {
                SelectItem::ExprWithAlias { expr, alias } => (alias.value.to_lowercase(), expr),
                SelectItem::UnnamedExpr(expr) => (name_of(expr)?, expr),
                _ => return None,
            };
            let plain = self.column(expr, &scope.bare()).map(|column| column.name);
            Some((name, Inner { phrase: self.phrase(expr, &scope.bare()), plain }))
        };
        let columns = select.projection.iter().filter_map(column).collect();
        *self.named.borrow_mut() = named;
        self.further.set(further);
        columns
    }

    /// The column of the catalogue that an expression is.
    pub(super) fn column(&self, expr: &Expr, scope: &Scope<'a>) -> Option<Column> {
        let (qualifier, name) = match expr {
            Expr::Identifier(ident) if !ident.value.starts_with('@') => (None, ident.value.to_lowercase()),
            Expr::CompoundIdentifier(parts) => {
                let [.., table, column] = parts.as_slice() else { return None };
                (Some(table.value.to_lowercase()), column.value.to_lowercase())
            }
            Expr::Nested(inner) => return self.column(inner, scope),
            _ => return None,
        };
        if qualifier.is_none() && scope.alias(&name).is_some() {
            return None;
        }
        let source = scope.sources.iter().position(|source| match &qualifier {
            Some(alias) => source.alias == *alias,
            None => self.has(source, &name),
        })?;
        let found = &scope.sources[source];
        found.used.set(true);
        if found.table.is_some() {
            return Some(Column { source, table: found.table.clone(), name });
        }
        let plain = found.columns.iter().find(|(column, _)| *column == name)?.1.plain.clone()?;
        Some(Column { source, table: None, name: plain })
    }

    /// The words of a name: an alias, a column of a query inside, a column of a table.
    pub(super) fn name(&self, expr: &'a Expr, parts: &[Ident], scope: &Scope<'a>) -> Phrase {
        let name = parts.last().map(|part| part.value.to_lowercase()).unwrap_or_default();
        if let ([_], Some(expr)) = (parts, scope.alias(&name)) {
            return self.phrase(expr, &scope.bare());
        }
        let inner = scope.sources.iter().filter(|source| source.query.is_some()).find_map(|source| {
            let asked = parts.len() == 1 || parts[parts.len() - 2].value.eq_ignore_ascii_case(&source.alias);
            source.columns.iter().find(|(column, _)| asked && *column == name)
        });
        if let Some((_, inner)) = inner {
            return inner.phrase.clone();
        }
        // Notes that its table is spoken of.
        let found = self.column(expr, scope);
        let words = column(&name, self.language);
        let shared =
            ["country", "popularity"].contains(&name.as_str()) && scope.sources.iter().filter(|source| self.has(source, &name)).count() > 1;
        match found.and_then(|column| TableWords::of(column.table.as_deref()?)).filter(|_| shared) {
            // Two tables have it: "country of the artist".
            Some(table) => {
                let one = table.one(self.language);
                let of = |text: &str| self.say(|| format!("{text} of the {one}"), || format!("{text} {}", of_the(one, table.feminine)));
                Phrase { one: of(&words.one), many: of(&words.many), ..words }
            }
            None => words,
        }
    }

    fn has(&self, source: &Source<'a>, column: &str) -> bool {
        match &source.table {
            Some(table) => self.catalog.table(table).is_some_and(|table| table.column(column).is_some()),
            None => source.columns.iter().any(|(name, _)| name == column),
        }
    }
}

/// The lower-case name of a table.
pub(super) fn last(name: &ObjectName) -> Option<String> {
    Some(name.0.last()?.as_ident()?.value.to_lowercase())
}

/// What a column is called without an alias.
fn name_of(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Identifier(ident) => Some(ident.value.to_lowercase()),
        Expr::CompoundIdentifier(parts) => Some(parts.last()?.value.to_lowercase()),
        _ => None,
    }
}

/// The SELECT that names a query's columns.
pub(super) fn first_select(body: &SetExpr) -> Option<&Select> {
    match body {
        SetExpr::Select(select) => Some(select),
        SetExpr::Query(query) => first_select(&query.body),
        SetExpr::SetOperation { left, .. } => first_select(left),
        _ => None,
    }
}
