//! IFERROR, NULLIFERROR and ISERROR: subqueries in them become expressions, whose errors can be caught.

use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, Function, FunctionArguments, GroupByExpr, ObjectName, Query, Select, SelectItem, SetExpr, VisitMut, VisitorMut,
};

use super::calls::{arguments, call, function, nested, null};
use super::unnest::has_aggregate;
use crate::engine::QueryError;
use crate::engine::error::not_supported;

/// What one of the three becomes, before its arguments are rewritten.
pub(super) fn catching(name: &str, f: &Function) -> Result<Expr, QueryError> {
    let wrong = || QueryError::invalid(format!("No matching signature for function {name}"));
    let mut args = arguments(f).ok_or_else(wrong)?;
    if args.len() != if name == "IFERROR" { 2 } else { 1 } {
        return Err(wrong());
    }
    if args.visit(&mut Inline).is_break() {
        return Err(not_supported(format_args!("{name} of this subquery")));
    }
    if name == "NULLIFERROR" {
        args.push(null());
    }
    Ok(call(if name == "ISERROR" { "$ISERROR" } else { "$IFERROR" }, args))
}

/// Puts what a subquery without FROM selects in its place; of one with FROM its ARRAY, in which there may be one element.
struct Inline;

impl VisitorMut for Inline {
    type Break = ();

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        let Expr::Subquery(query) = expr else { return ControlFlow::Continue(()) };
        let Some((selected, from)) = selected(query) else { return ControlFlow::Break(()) };
        if !from {
            *expr = nested(selected);
            return ControlFlow::Continue(());
        }
        // An error inside of the rows could not be caught.
        if !matches!(selected, Expr::Identifier(_) | Expr::CompoundIdentifier(_)) {
            return ControlFlow::Break(());
        }
        let mut array = function("ARRAY", Vec::new());
        array.name = ObjectName::from(vec![sqlparser::ast::Ident::new("ARRAY")]);
        array.args = FunctionArguments::Subquery(query.clone());
        *expr = call("$ONLY", vec![Expr::Function(array)]);
        ControlFlow::Continue(())
    }
}

/// The one expression of a plain SELECT, and whether it has a FROM.
fn selected(query: &Query) -> Option<(Expr, bool)> {
    let SetExpr::Select(select) = query.body.as_ref() else { return None };
    let Select { distinct: None, projection, from, selection: None, group_by, having: None, qualify: None, value_table_mode: None, .. } =
        select.as_ref()
    else {
        return None;
    };
    let plain = query.with.is_none() && query.limit_clause.is_none() && query.order_by.is_none() && query.pipe_operators.is_empty();
    let ([SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }], GroupByExpr::Expressions(groups, _)) =
        (projection.as_slice(), group_by)
    else {
        return None;
    };
    (plain && groups.is_empty() && !has_aggregate(expr)).then(|| (expr.clone(), !from.is_empty()))
}
