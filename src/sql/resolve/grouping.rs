//! In a grouped query a column outside aggregate functions must be one that is grouped by. Checked only as far as it is certain:
//! a column whose name is among the grouped ones passes, whatever table it is of.
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/query-syntax#group_by_clause>

use std::ops::ControlFlow;

use sqlparser::ast::{AccessExpr, Expr, Function, GroupByExpr, Ident, ObjectNamePart, Query, SelectItem, Visit, Visitor};

use super::super::error::{Position, SqlError};
use super::super::functions::{self, Kind};
use super::super::scope::Scope;
use super::ordinal;

/// The clauses of one SELECT that grouping bears on, as they are after the walk.
pub(super) struct Grouped<'q> {
    pub(super) projection: &'q [SelectItem],
    pub(super) group_by: &'q GroupByExpr,
    pub(super) conditions: [Option<&'q Expr>; 2],
}

impl Grouped<'_> {
    pub(super) fn check(&self, scope: &Scope<'_>) -> Result<(), SqlError> {
        let GroupByExpr::Expressions(keys, _) = self.group_by else { return Ok(()) };
        let mut rows = Rows { scope, keys: Vec::new(), names: Vec::new(), shield: 0, fields: Vec::new(), aliases: Vec::new() };
        keys.iter().for_each(|key| self.key(key, &mut rows));
        let items = self.projection.iter().filter_map(|item| match item {
            SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, alias: _ } => Some(expr),
            _ => None,
        });
        let exprs: Vec<&Expr> = items.collect();
        let mut search = Aggregates(false, 0);
        exprs.iter().copied().chain(self.conditions.into_iter().flatten()).for_each(|expr| {
            let _: ControlFlow<()> = expr.visit(&mut search);
        });
        if keys.is_empty() && !search.0 {
            return Ok(());
        }
        exprs.iter().try_for_each(|expr| rows.expr(expr))?;
        rows.aliases = self
            .projection
            .iter()
            .filter_map(|item| match item {
                SelectItem::ExprWithAlias { expr: _, alias } => Some(alias.value.to_ascii_lowercase()),
                _ => None,
            })
            .collect();
        self.conditions.into_iter().flatten().try_for_each(|expr| rows.expr(expr))
    }

    /// What an item of GROUP BY groups by: an ordinal or an alias stands for an item of the SELECT list.
    fn key(&self, key: &Expr, rows: &mut Rows<'_, '_>) {
        let item = |index: usize| match self.projection.get(index) {
            Some(SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, alias: _ }) => Some(expr),
            _ => None,
        };
        let named = |name: &Ident| {
            self.projection.iter().find_map(|item| match item {
                SelectItem::ExprWithAlias { expr, alias } if alias.value.eq_ignore_ascii_case(&name.value) => Some(expr),
                _ => None,
            })
        };
        match key {
            Expr::Rollup(sets) | Expr::Cube(sets) | Expr::GroupingSets(sets) => sets.iter().flatten().for_each(|key| self.key(key, rows)),
            Expr::Tuple(keys) => keys.iter().for_each(|key| self.key(key, rows)),
            Expr::Nested(key) => self.key(key, rows),
            key => {
                let meant = match key {
                    Expr::Identifier(name) => named(name),
                    key => ordinal(key).and_then(|text| item(text.parse::<usize>().ok()?.checked_sub(1)?)),
                };
                for expr in [Some(key), meant].into_iter().flatten() {
                    if let Some(name) = path(expr).and_then(<[Ident]>::last) {
                        rows.names.push(name.value.to_ascii_lowercase());
                    }
                    rows.keys.push(expr.to_string().to_ascii_lowercase());
                }
            }
        }
    }
}

/// Looks for columns that are not grouped.
struct Rows<'s, 'p> {
    scope: &'s Scope<'p>,
    /// Grouped expressions as text.
    keys: Vec<String>,
    /// Names of grouped columns.
    names: Vec<String>,
    aliases: Vec<String>,
    /// Inside how many aggregates, subqueries and grouped expressions the walk is.
    shield: usize,
    /// Places of names that are fields of a value, not columns.
    fields: Vec<Position>,
}

impl Rows<'_, '_> {
    fn expr(&mut self, expr: &Expr) -> Result<(), SqlError> {
        match expr.visit(self) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(error) => Err(error),
        }
    }

    fn shields(&self, expr: &Expr) -> bool {
        matches!(expr, Expr::Function(function) if is_aggregate(function)) || self.keys.contains(&expr.to_string().to_ascii_lowercase())
    }
}

impl Visitor for Rows<'_, '_> {
    type Break = SqlError;

    fn pre_visit_query(&mut self, _: &Query) -> ControlFlow<SqlError> {
        self.shield += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<SqlError> {
        self.shield -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<SqlError> {
        if self.shields(expr) {
            self.shield += 1;
        }
        if let Expr::CompoundFieldAccess { root: _, access_chain } = expr {
            self.fields.extend(access_chain.iter().filter_map(|access| match access {
                AccessExpr::Dot(Expr::Identifier(field)) => Some(Position::of(field)),
                _ => None,
            }));
        }
        let Some(path) = path(expr).filter(|_| self.shield == 0) else { return ControlFlow::Continue(()) };
        let known = |names: &[String]| path.iter().any(|part| names.iter().any(|name| part.value.eq_ignore_ascii_case(name)));
        let is_part = path.len() == 1 && super::call::is_date_part(&path[0].value);
        if is_part
            || self.fields.contains(&Position::of(&path[0]))
            || path[0].value.starts_with('@')
            || known(&self.names)
            || known(&self.aliases)
            || !self.scope.has(path)
        {
            return ControlFlow::Continue(());
        }
        let column = path.iter().map(|part| part.value.as_str()).collect::<Vec<_>>().join(".");
        ControlFlow::Break(SqlError::NotGrouped { column, at: Position::of(&path[0]) })
    }

    fn post_visit_expr(&mut self, expr: &Expr) -> ControlFlow<SqlError> {
        if self.shields(expr) {
            self.shield -= 1;
        }
        ControlFlow::Continue(())
    }
}

/// Whether there is an aggregate outside subqueries.
struct Aggregates(bool, usize);

impl Visitor for Aggregates {
    type Break = ();

    fn pre_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.1 += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.1 -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        self.0 |= self.1 == 0 && matches!(expr, Expr::Function(function) if is_aggregate(function));
        ControlFlow::Continue(())
    }
}

fn is_aggregate(function: &Function) -> bool {
    let name = match function.name.0.last() {
        Some(ObjectNamePart::Identifier(ident)) => ident.value.as_str(),
        _ => return false,
    };
    function.over.is_none() && functions::find(name).is_some_and(|known| known.kind == Kind::Aggregate)
}

fn path(expr: &Expr) -> Option<&[Ident]> {
    match expr {
        Expr::Identifier(ident) => Some(std::slice::from_ref(ident)),
        Expr::CompoundIdentifier(path) => Some(path),
        _ => None,
    }
}
