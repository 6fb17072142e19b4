//! Columns of JOIN ... USING that are named without a table: one column, not two or three.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/query-syntax#using_clause>

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, Ident, JoinConstraint, JoinOperator, ObjectName, ObjectNamePart, Query, Select, SelectItem, TableFactor, TableWithJoins,
    VisitMut, VisitorMut,
};

use super::calls::call;
use super::made;

/// Gives every column of USING in WHERE its table, and everywhere else those that more than two tables share. The planner sees to the rest.
pub(super) fn qualify(select: &mut Select) {
    let (mut columns, mut shared) = (HashMap::new(), HashSet::new());
    for table in &select.from {
        collect(table, &mut columns, &mut shared);
    }
    if let Some(condition) = &mut select.selection
        && !columns.is_empty()
    {
        let _ = condition.visit(&mut Qualification { columns: &columns, subqueries: 0 });
    }
    columns.retain(|column, _| shared.contains(column));
    if columns.is_empty() {
        return;
    }
    let qualification = &mut Qualification { columns: &columns, subqueries: 0 };
    for item in &mut select.projection {
        // A column keeps its name where its expression has none.
        if let SelectItem::UnnamedExpr(expr @ Expr::Identifier(_)) = item
            && let Expr::Identifier(ident) = &*expr
            && columns.contains_key(&ident.value.to_lowercase())
        {
            let alias = ident.clone();
            let expr = std::mem::replace(expr, super::null());
            *item = SelectItem::ExprWithAlias { expr, alias };
        }
    }
    let _ = select.projection.visit(qualification);
    let _ = select.group_by.visit(qualification);
    for condition in [&mut select.having, &mut select.qualify].into_iter().flatten() {
        let _ = condition.visit(qualification);
    }
}

/// What each column of USING is: that of the side which keeps its rows, of both sides in a FULL JOIN. `shared` are those of several joins.
fn collect(table: &TableWithJoins, columns: &mut HashMap<String, Expr>, shared: &mut HashSet<String>) {
    let mut left = Some(&table.relation);
    for join in &table.joins {
        let right = visible(&join.relation);
        let on_left = left.take().and_then(visible);
        let (constraint, keeps_left, keeps_right) = match &join.join_operator {
            JoinOperator::Join(c) | JoinOperator::Inner(c) => (c, true, true),
            JoinOperator::Left(c) | JoinOperator::LeftOuter(c) => (c, true, false),
            JoinOperator::Right(c) | JoinOperator::RightOuter(c) => (c, false, true),
            JoinOperator::FullOuter(c) => (c, false, false),
            _ => continue,
        };
        let JoinConstraint::Using(names) = constraint else { continue };
        for name in names.iter().filter_map(single) {
            let key = name.value.to_lowercase();
            let of = |table: &Ident| Expr::CompoundIdentifier(vec![made(table.value.to_lowercase()), name.clone()]);
            let before = columns.get(&key).cloned().or_else(|| on_left.map(of));
            let now = match (before, right) {
                (_, Some(right)) if keeps_right => of(right),
                (Some(before), _) if keeps_left => before,
                (Some(before), Some(right)) if !keeps_left => call("coalesce", vec![before, of(right)]),
                _ => continue,
            };
            let full = !keeps_left && !keeps_right;
            if columns.insert(key.clone(), now).is_some() || full {
                shared.insert(key);
            }
        }
    }
}

/// Whether rows of both sides are kept, so that a column of USING is neither side's.
pub(super) fn has_full_using(select: &Select) -> bool {
    select.from.iter().flat_map(|t| &t.joins).any(|j| matches!(&j.join_operator, JoinOperator::FullOuter(JoinConstraint::Using(_))))
}

/// The name by which a table of FROM is known.
fn visible(factor: &TableFactor) -> Option<&Ident> {
    match factor {
        TableFactor::Table { alias: Some(alias), .. } | TableFactor::Derived { alias: Some(alias), .. } => Some(&alias.name),
        TableFactor::Table { name, .. } => name.0.last().and_then(ObjectNamePart::as_ident),
        _ => None,
    }
}

fn single(name: &ObjectName) -> Option<&Ident> {
    match name.0.as_slice() {
        [part] => part.as_ident(),
        _ => None,
    }
}

struct Qualification<'a> {
    columns: &'a HashMap<String, Expr>,
    /// How many subqueries are open: their names are their own.
    subqueries: usize,
}

impl VisitorMut for Qualification<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.subqueries += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.subqueries -= 1;
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if self.subqueries == 0
            && let Expr::Identifier(ident) = expr
            && let Some(column) = self.columns.get(&ident.value.to_lowercase())
        {
            *expr = column.clone();
        }
        ControlFlow::Continue(())
    }
}
