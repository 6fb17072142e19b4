//! Subqueries over UNNEST of one ARRAY, as functions of that ARRAY.
//!
//! `EXISTS (SELECT 1 FROM UNNEST(genres) AS g WHERE g = 'x')` looks at one row's ARRAY. DataFusion cannot decorrelate it, but
//! it is `array_any_match(genres, g -> g = 'x')`, which it runs well. The same goes for `x IN (SELECT ...)`, ARRAY(SELECT
//! ...) and aggregates.

use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, FunctionArg, FunctionArgExpr, FunctionArgumentClause, FunctionArguments, GroupByExpr, LimitClause, OrderByKind, Query, Select,
    SelectItem, SetExpr, SetOperator, SetQuantifier, TableFactor, VisitMut, VisitorMut,
};

use crate::engine::QueryError;
use crate::engine::error::not_supported;

use super::calls::{arguments, boolean, call, lambda, not};
use super::{Rewriter, made};

/// A subquery that reads one UNNEST and nothing else.
struct OverArray {
    array: Expr,
    /// The element's name in the expressions below.
    element: String,
    filter: Option<Expr>,
    output: Vec<SelectItem>,
    /// By the element itself, descending or not.
    order: Option<bool>,
    limit: Option<Expr>,
    distinct: bool,
}

impl OverArray {
    fn filtered(&self) -> Expr {
        match &self.filter {
            None => self.array.clone(),
            Some(filter) => call(
                "array_filter",
                vec![self.array.clone(), lambda(&self.element, call("coalesce", vec![filter.clone(), boolean(false)]))],
            ),
        }
    }

    fn is_element(&self, expr: &Expr) -> bool {
        matches!(expr, Expr::Identifier(i) if i.value == self.element)
    }

    /// The ARRAY of what the subquery selects.
    fn selected(&self) -> Option<Expr> {
        let [SelectItem::UnnamedExpr(output) | SelectItem::ExprWithAlias { expr: output, .. }] = self.output.as_slice() else {
            return None;
        };
        if has_aggregate(output) {
            return None;
        }
        let mut array = self.filtered();
        if let Some(descending) = self.order {
            array = call("$SORTED", vec![array, boolean(descending)]);
        }
        if !self.is_element(output) {
            array = call("array_transform", vec![array, lambda(&self.element, output.clone())]);
        }
        if self.distinct {
            array = call("$DISTINCT", vec![array]);
        }
        if let Some(limit) = &self.limit {
            array = call("$SLICE", vec![array, limit.clone()]);
        }
        Some(array)
    }
}

impl Rewriter<'_> {
    /// The function of an ARRAY that an expression with a subquery is, if it is one.
    pub(super) fn over_array(&mut self, expr: &Expr) -> Option<Expr> {
        match expr {
            Expr::Exists { subquery, negated } => {
                let over = self.read(subquery)?;
                let plain = over.output.iter().all(|item| match item {
                    SelectItem::UnnamedExpr(e) | SelectItem::ExprWithAlias { expr: e, .. } => !has_aggregate(e),
                    _ => true,
                });
                if !plain {
                    return None;
                }
                let found = call("$NOT_EMPTY", vec![over.filtered()]);
                Some(if *negated { not(found) } else { found })
            }
            Expr::InSubquery { expr, subquery, negated } => {
                let over = self.read(subquery)?;
                let found = call("$IN_ARRAY", vec![expr.as_ref().clone(), over.selected()?]);
                Some(if *negated { not(found) } else { found })
            }
            Expr::Subquery(query) => {
                let over = self.read(query)?;
                aggregate(&over)
            }
            Expr::Function(f) if f.name.to_string().eq_ignore_ascii_case("ARRAY") => {
                let FunctionArguments::Subquery(query) = &f.args else {
                    return None;
                };
                let over = self.read(query)?;
                Some(call("$ARRAY_OR_EMPTY", vec![over.selected()?]))
            }
            _ => None,
        }
    }

    fn read(&mut self, query: &Query) -> Option<OverArray> {
        if query.with.is_some() || !query.pipe_operators.is_empty() {
            return None;
        }
        let SetExpr::Select(select) = query.body.as_ref() else {
            return None;
        };
        let Select { distinct, projection, from, selection, group_by, having: None, qualify: None, value_table_mode: None, .. } =
            select.as_ref()
        else {
            return None;
        };
        if !matches!(group_by, GroupByExpr::Expressions(e, _) if e.is_empty()) {
            return None;
        }
        let [table] = from.as_slice() else {
            return None;
        };
        let TableFactor::UNNEST { alias, array_exprs, with_offset: false, .. } = &table.relation else {
            return None;
        };
        let ([array], true) = (array_exprs.as_slice(), table.joins.is_empty()) else {
            return None;
        };
        let element = self.fresh("e");
        let shown = alias.as_ref().map_or("", |a| a.name.value.as_str());
        let mut rename = Rename { from: shown, to: &element, depth: 0 };
        let mut filter = selection.clone();
        let mut output = projection.clone();
        if let Some(filter) = &mut filter {
            super::listed::list_subqueries(filter);
        }
        let _ = filter.visit(&mut rename);
        let _ = output.visit(&mut rename);
        let order = match &query.order_by {
            None => None,
            Some(order) => match &order.kind {
                OrderByKind::Expressions(list) => match list.as_slice() {
                    [item] => match &item.expr {
                        Expr::Identifier(i) if i.value.eq_ignore_ascii_case(shown) => Some(item.options.asc == Some(false)),
                        _ => return None,
                    },
                    _ => return None,
                },
                OrderByKind::All(_) => return None,
            },
        };
        let limit = match &query.limit_clause {
            None => None,
            Some(LimitClause::LimitOffset { limit: Some(limit), offset: None, limit_by }) if limit_by.is_empty() => Some(limit.clone()),
            Some(_) => return None,
        };
        if limit.is_some() && distinct.is_some() && order.is_some() {
            return None;
        }
        Some(OverArray { array: array.clone(), element, filter, output, order, limit, distinct: distinct.is_some() })
    }
}

/// `(SELECT AGG(f(g)) FROM UNNEST(array) AS g WHERE ...)`, and `(SELECT f(g) ... LIMIT 1)`.
fn aggregate(over: &OverArray) -> Option<Expr> {
    let [SelectItem::UnnamedExpr(output) | SelectItem::ExprWithAlias { expr: output, .. }] = over.output.as_slice() else {
        return None;
    };
    let Expr::Function(f) = output else {
        return first(over);
    };
    if f.over.is_some() || over.limit.is_some() || over.order.is_some() {
        return first(over);
    }
    let name = f.name.to_string().to_uppercase();
    let FunctionArguments::List(list) = &f.args else {
        return None;
    };
    let star = matches!(list.args.as_slice(), [FunctionArg::Unnamed(FunctionArgExpr::Wildcard)]);
    if name == "COUNT" && star {
        return Some(call("coalesce", vec![call("ARRAY_LENGTH", vec![over.filtered()]), super::calls::number(0)]));
    }
    if !list.clauses.is_empty() {
        return None;
    }
    let args = arguments(f)?;
    let distinct = list.duplicate_treatment == Some(sqlparser::ast::DuplicateTreatment::Distinct);
    let argument = args.first()?.clone();
    let mut values = over.filtered();
    if !over.is_element(&argument) {
        values = call("array_transform", vec![values, lambda(&over.element, argument.clone())]);
    }
    if distinct {
        values = call("$DISTINCT", vec![values]);
    }
    let function = match name.as_str() {
        "COUNT" => "$ARRAY_COUNT",
        "SUM" => "$ARRAY_SUM",
        "AVG" => "$ARRAY_AVG",
        "MIN" => "$ARRAY_MIN",
        "MAX" => "$ARRAY_MAX",
        "STRING_AGG" => {
            let separator = args.get(1).cloned().unwrap_or_else(|| super::string(","));
            return Some(call("nullif", vec![call("ARRAY_TO_STRING", vec![values, separator]), super::string("")]));
        }
        "ARRAY_AGG" => return Some(values),
        "COUNTIF" => {
            let kept = call("array_filter", vec![over.filtered(), lambda(&over.element, call("coalesce", vec![argument, boolean(false)]))]);
            return Some(call("$ARRAY_COUNT", vec![kept]));
        }
        "LOGICAL_OR" => return Some(call("$ARRAY_MAX", vec![values])),
        "LOGICAL_AND" => return Some(call("$ARRAY_MIN", vec![values])),
        _ => return None,
    };
    Some(call(function, vec![values]))
}

/// A subquery that is limited to one row is that row's value or NULL.
fn first(over: &OverArray) -> Option<Expr> {
    let one = matches!(&over.limit, Some(Expr::Value(v)) if v.to_string() == "1");
    if !one {
        return None;
    }
    Some(call("$ARRAY_AT", vec![over.selected()?, super::calls::number(0), super::string("SAFE_OFFSET")]))
}

/// `ARRAY(SELECT x FROM t ORDER BY y)` over tables: the same subquery with ARRAY_AGG of what it selects.
pub(super) fn array_of_query(query: &mut Query) -> Result<Expr, QueryError> {
    let refuse = || not_supported("ARRAY of this ordered subquery");
    // The arms of UNION ALL in their order.
    if let SetExpr::SetOperation { op: SetOperator::Union, set_quantifier: SetQuantifier::All, left, right } = query.body.as_ref()
        && query.order_by.is_none()
        && query.limit_clause.is_none()
        && query.with.is_none()
    {
        let arm = |body: &SetExpr| {
            let mut own = query.clone();
            *own.body = body.clone();
            if let SetExpr::Query(inner) = body {
                own = inner.as_ref().clone();
            }
            array_of_query(&mut own)
        };
        return Ok(call("ARRAY_CONCAT", vec![arm(left)?, arm(right)?]));
    }
    let plain = super::select_of(query).is_some_and(|select| {
        select.distinct.is_none()
            && select.qualify.is_none()
            && matches!(&select.group_by, GroupByExpr::Expressions(e, _) if e.is_empty())
            && !select.projection.iter().any(|item| match item {
                SelectItem::UnnamedExpr(e) | SelectItem::ExprWithAlias { expr: e, .. } => has_aggregate(e),
                _ => false,
            })
    });
    if !plain {
        return array_of_rows(query).ok_or_else(refuse);
    }
    let order = query.order_by.take();
    let limit = query.limit_clause.take();
    let Some(select) = super::select_of(query) else {
        return Err(refuse());
    };
    if select.value_table_mode.take() == Some(sqlparser::ast::ValueTableMode::AsStruct) {
        let items = std::mem::take(&mut select.projection);
        select.projection = vec![super::select::as_struct(items)?];
    }
    let value = match select.projection.as_slice() {
        [SelectItem::UnnamedExpr(e) | SelectItem::ExprWithAlias { expr: e, .. }] => e.clone(),
        _ => {
            return Err(QueryError::invalid(
                "ARRAY subquery cannot have more than one column unless using SELECT AS STRUCT to build STRUCT values",
            ));
        }
    };
    let mut collected = super::calls::function("ARRAY_AGG", vec![value]);
    collected.name = sqlparser::ast::ObjectName::from(vec![sqlparser::ast::Ident::new("ARRAY_AGG")]);
    if let FunctionArguments::List(list) = &mut collected.args {
        if let Some(order) = order {
            let OrderByKind::Expressions(items) = order.kind else {
                return Err(refuse());
            };
            list.clauses.push(FunctionArgumentClause::OrderBy(items));
        }
        match limit {
            None => {}
            Some(LimitClause::LimitOffset { limit: Some(limit), offset: None, .. }) => {
                list.clauses.push(FunctionArgumentClause::Limit(limit))
            }
            Some(_) => return Err(refuse()),
        }
    }
    select.projection = vec![SelectItem::UnnamedExpr(Expr::Function(collected))];
    let query = Expr::Subquery(Box::new(query.clone()));
    Ok(call("$ARRAY_OR_EMPTY", vec![query]))
}

/// ARRAY of a subquery that groups or is a set operation: ARRAY_AGG of its one column around it. Its order can be kept only
/// where it is by that column, with no limit.
fn array_of_rows(query: &mut Query) -> Option<Expr> {
    const COLUMN: &str = "$v";
    let mut order = Vec::new();
    if query.limit_clause.is_none()
        && let Some(taken) = query.order_by.take()
    {
        let OrderByKind::Expressions(items) = taken.kind else {
            return None;
        };
        let shown = match super::select_of(query)?.projection.as_slice() {
            [SelectItem::ExprWithAlias { alias, .. }] => Some(alias.value.to_lowercase()),
            [SelectItem::UnnamedExpr(Expr::Identifier(i))] => Some(i.value.to_lowercase()),
            _ => None,
        };
        for mut item in items {
            let by_column = match &item.expr {
                Expr::Identifier(i) => shown.as_deref() == Some(i.value.to_lowercase().as_str()),
                Expr::Value(v) => v.to_string() == "1",
                _ => false,
            };
            if !by_column {
                return None;
            }
            item.expr = Expr::Identifier(made(COLUMN));
            order.push(item);
        }
    } else if query.order_by.is_some() {
        return None;
    }
    let mut collected = super::calls::function("ARRAY_AGG", vec![Expr::Identifier(made(COLUMN))]);
    collected.name = sqlparser::ast::ObjectName::from(vec![sqlparser::ast::Ident::new("ARRAY_AGG")]);
    if let FunctionArguments::List(list) = &mut collected.args
        && !order.is_empty()
    {
        list.clauses.push(FunctionArgumentClause::OrderBy(order));
    }
    let alias = sqlparser::ast::TableAlias {
        explicit: true,
        name: made("$rows"),
        columns: vec![sqlparser::ast::TableAliasColumnDef { name: made(COLUMN), data_type: None }],
        at: None,
    };
    let mut whole = super::calls::select_all(TableFactor::Derived {
        lateral: false,
        subquery: Box::new(query.clone()),
        alias: Some(alias),
        sample: None,
    });
    super::select_of(&mut whole)?.projection = vec![SelectItem::UnnamedExpr(Expr::Function(collected))];
    Some(call("$ARRAY_OR_EMPTY", vec![Expr::Subquery(Box::new(whole))]))
}

/// `(SELECT x FROM ... ORDER BY y LIMIT 1)`, which DataFusion cannot decorrelate, as the first element of an ordered
/// ARRAY_AGG, which it can. `None` where the subquery is of another form.
pub(super) fn first_of_query(query: &Query) -> Option<Expr> {
    let one = match &query.limit_clause {
        Some(LimitClause::LimitOffset { limit: Some(Expr::Value(limit)), offset: None, .. }) => limit.to_string() == "1",
        _ => false,
    };
    let SetExpr::Select(select) = query.body.as_ref() else {
        return None;
    };
    let [SelectItem::UnnamedExpr(value) | SelectItem::ExprWithAlias { expr: value, .. }] = select.projection.as_slice() else {
        return None;
    };
    let windowed = sqlparser::ast::visit_expressions(value, |e| match e {
        Expr::Function(f) if f.over.is_some() => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    });
    // An element of UNNEST is looked at elsewhere; a name that ORDER BY takes from the list is not known to ARRAY_AGG.
    let by_position = query.order_by.as_ref().is_some_and(|order| match &order.kind {
        OrderByKind::Expressions(items) => items.iter().any(|i| matches!(i.expr, Expr::Value(_))),
        OrderByKind::All(_) => true,
    });
    if !one || has_aggregate(value) || windowed.is_break() || by_position || select.from.is_empty() {
        return None;
    }
    let mut ordered = query.clone();
    let Ok(Expr::Function(collected)) = array_of_query(&mut ordered) else {
        return None;
    };
    let array = arguments(&collected)?.pop()?;
    let Expr::Subquery(mut inner) = array else {
        return None;
    };
    let select = super::select_of(&mut inner)?;
    let [SelectItem::UnnamedExpr(collected)] = select.projection.as_slice() else {
        return None;
    };
    let first = call("$ARRAY_AT", vec![collected.clone(), super::calls::number(0), super::string("SAFE_OFFSET")]);
    select.projection = vec![SelectItem::UnnamedExpr(first)];
    Some(Expr::Subquery(inner))
}

pub(super) fn has_aggregate(expr: &Expr) -> bool {
    let found = sqlparser::ast::visit_expressions(expr, |e| {
        if super::aliases::is_aggregate_call(e) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    found.is_break()
}

/// Renames the element, except inside subqueries, where its name may mean something else.
struct Rename<'a> {
    from: &'a str,
    to: &'a str,
    depth: usize,
}

impl VisitorMut for Rename<'_> {
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
        if self.depth > 0 {
            return ControlFlow::Continue(());
        }
        match expr {
            Expr::Identifier(ident) if ident.value.eq_ignore_ascii_case(self.from) => {
                *ident = made(self.to);
            }
            Expr::CompoundIdentifier(idents) if idents.first().is_some_and(|i| i.value.eq_ignore_ascii_case(self.from)) => {
                let mut found = Expr::Identifier(made(self.to));
                for field in &idents[1..] {
                    found = call("$FIELD", vec![found, super::string(&field.value)]);
                }
                *expr = found;
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}
