//! IN and EXISTS of subqueries in places where DataFusion takes none: SELECT lists, arguments of aggregates, expressions over
//! elements.

use std::ops::ControlFlow;

use sqlparser::ast::{
    Distinct, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, GroupByExpr, Query, SelectItem, SetExpr, TableFactor, VisitMut,
    VisitorMut,
};

use super::calls::{call, not};
use super::made;
use super::unnest::{array_of_query, has_aggregate};

/// `x IN (SELECT ...)` as a look-up in the ARRAY of what the subquery gives, for places where DataFusion takes no such
/// subquery: SELECT lists, arguments of aggregates, expressions over elements.
pub(super) fn list_subqueries(expr: &mut Expr) {
    let _ = expr.visit(&mut ListSubqueries { depth: 0 });
}

struct ListSubqueries {
    depth: usize,
}

impl VisitorMut for ListSubqueries {
    type Break = ();

    fn pre_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.depth += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        // A subquery over one ARRAY becomes a function of it later on.
        let of_array = |query: &Query| match query.body.as_ref() {
            SetExpr::Select(select) => {
                matches!(select.from.first().map(|t| &t.relation), Some(TableFactor::UNNEST { .. }))
            }
            _ => false,
        };
        if self.depth == 0
            && let Expr::InSubquery { expr: value, subquery, negated } = expr
            && !of_array(subquery)
            && let Ok(array) = array_of_query(&mut each_once(subquery))
        {
            let found = call("$IN_ARRAY", vec![value.as_ref().clone(), array]);
            *expr = if *negated { not(found) } else { found };
        }
        if self.depth == 0
            && let Expr::Exists { subquery, negated } = expr
            && !of_array(subquery)
        {
            let some = Expr::BinaryOp {
                left: Box::new(Expr::Subquery(Box::new(counting(subquery)))),
                op: sqlparser::ast::BinaryOperator::Gt,
                right: Box::new(super::calls::number(0)),
            };
            *expr = if *negated { not(some) } else { Expr::Nested(Box::new(some)) };
        }
        ControlFlow::Continue(())
    }
}

/// The query with each of its rows once: what is looked up in its rows is found all the same.
fn each_once(query: &Query) -> Query {
    let mut once = query.clone();
    let whole = once.limit_clause.is_none() && once.fetch.is_none();
    if whole
        && let Some(select) = super::select_of(&mut once)
        && select.distinct.is_none()
        && select.qualify.is_none()
        && select.value_table_mode.is_none()
    {
        select.distinct = Some(Distinct::Distinct);
        once.order_by = None;
    }
    once
}

/// The number of rows of a query as a query.
fn counting(query: &Query) -> Query {
    let mut star = super::calls::function("count", Vec::new());
    if let FunctionArguments::List(list) = &mut star.args {
        list.args.push(FunctionArg::Unnamed(FunctionArgExpr::Wildcard));
    }
    star.name = sqlparser::ast::ObjectName::from(vec![sqlparser::ast::Ident::new("COUNT")]);
    let star = SelectItem::UnnamedExpr(Expr::Function(star));
    let mut counted = query.clone();
    let plain = query.limit_clause.is_none()
        && query.with.is_none()
        && super::select_of(&mut counted).is_some_and(|s| {
            s.distinct.is_none()
                && s.having.is_none()
                && s.qualify.is_none()
                && matches!(&s.group_by, GroupByExpr::Expressions(e, _) if e.is_empty())
                && !s.projection.iter().any(|item| match item {
                    SelectItem::UnnamedExpr(e) | SelectItem::ExprWithAlias { expr: e, .. } => has_aggregate(e),
                    _ => false,
                })
        });
    if plain && let Some(select) = super::select_of(&mut counted) {
        select.projection = vec![star];
        counted.order_by = None;
        return counted;
    }
    let alias = sqlparser::ast::TableAlias { explicit: true, name: made("$rows"), columns: Vec::new(), at: None };
    let derived = TableFactor::Derived { lateral: false, subquery: Box::new(query.clone()), alias: Some(alias), sample: None };
    let mut whole = super::calls::select_all(derived);
    if let Some(select) = super::select_of(&mut whole) {
        select.projection = vec![star];
    }
    whole
}
