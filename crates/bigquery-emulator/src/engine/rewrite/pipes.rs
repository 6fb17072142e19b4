//! Pipe syntax: each operator is a query around the one before it, or joins it where that means the same.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/pipe-syntax>

use sqlparser::ast::{
    BinaryOperator, Distinct, ExceptSelectItem, Expr, ExprWithAlias, ExprWithAliasAndOrderBy, GroupByExpr, Ident, LimitClause, OrderBy,
    OrderByExpr, OrderByKind, PipeOperator, Query, ReplaceSelectElement, ReplaceSelectItem, SelectFlavor, SelectItem, SetExpr, SetOperator,
    SetQuantifier, TableAlias, TableFactor, WildcardAdditionalOptions,
};

use super::calls::{nested, number, select_all};
use super::{Rewriter, made, select_of};
use crate::engine::QueryError;
use crate::engine::error::not_supported;

impl Rewriter<'_> {
    /// A query without operators that says what one with them says.
    pub(super) fn without_pipes(&mut self, query: &mut Query) -> Result<(), QueryError> {
        if let Some(select) = select_of(query)
            && select.flavor == SelectFlavor::FromFirstNoSelect
        {
            select.projection = vec![star()];
            select.flavor = SelectFlavor::Standard;
        }
        for operator in std::mem::take(&mut query.pipe_operators) {
            self.apply(query, operator)?;
        }
        Ok(())
    }

    fn apply(&mut self, query: &mut Query, operator: PipeOperator) -> Result<(), QueryError> {
        match operator {
            PipeOperator::Where { expr } => {
                if !is_open(query) || query.order_by.is_some() {
                    self.wrap(query, None);
                }
                if let Some(select) = select_of(query) {
                    select.selection = Some(match select.selection.take() {
                        Some(own) => Expr::BinaryOp { left: Box::new(nested(own)), op: BinaryOperator::And, right: Box::new(nested(expr)) },
                        None => expr,
                    });
                }
            }
            PipeOperator::Select { exprs } => {
                if !is_open(query) {
                    self.wrap(query, None);
                }
                if let Some(select) = select_of(query) {
                    select.projection = exprs;
                }
                // What is selected here is what the next operator sees.
                if query.order_by.is_none() {
                    self.wrap(query, None);
                }
            }
            PipeOperator::Extend { exprs } => {
                self.list(query, std::iter::once(star()).chain(exprs).collect());
            }
            PipeOperator::Set { assignments } => {
                let items = assignments
                    .into_iter()
                    .map(|a| {
                        let name = a.target.to_string().replace('`', "");
                        Box::new(ReplaceSelectElement { expr: a.value, column_name: Ident::new(name), as_keyword: true })
                    })
                    .collect();
                let options =
                    WildcardAdditionalOptions { opt_replace: Some(ReplaceSelectItem { items }), ..WildcardAdditionalOptions::default() };
                self.list(query, vec![SelectItem::Wildcard(options)]);
            }
            PipeOperator::Drop { columns } => {
                let mut columns = columns.into_iter();
                let Some(first_element) = columns.next() else { return Ok(()) };
                let except = ExceptSelectItem { first_element, additional_elements: columns.collect() };
                let options = WildcardAdditionalOptions { opt_except: Some(except), ..WildcardAdditionalOptions::default() };
                self.list(query, vec![SelectItem::Wildcard(options)]);
            }
            PipeOperator::Rename { mappings } => {
                let columns = self.columns_of(query).ok_or_else(|| not_supported("|> RENAME of these columns"))?;
                let list = columns
                    .into_iter()
                    .map(|column| match mappings.iter().find(|m| m.ident.value.eq_ignore_ascii_case(&column)) {
                        Some(mapping) => {
                            SelectItem::ExprWithAlias { expr: Expr::Identifier(Ident::new(column)), alias: mapping.alias.clone() }
                        }
                        None => SelectItem::UnnamedExpr(Expr::Identifier(Ident::new(column))),
                    })
                    .collect();
                self.list(query, list);
            }
            PipeOperator::As { alias } => self.wrap(query, Some(alias)),
            PipeOperator::OrderBy { exprs } => {
                if query.order_by.is_some() || query.limit_clause.is_some() {
                    self.wrap(query, None);
                }
                query.order_by = Some(OrderBy { kind: OrderByKind::Expressions(exprs), interpolate: None });
            }
            PipeOperator::Limit { expr, offset } => {
                if query.limit_clause.is_some() {
                    self.wrap(query, None);
                }
                let offset = offset.map(|value| sqlparser::ast::Offset { value, rows: sqlparser::ast::OffsetRows::None });
                query.limit_clause = Some(LimitClause::LimitOffset { limit: Some(expr), offset, limit_by: Vec::new() });
            }
            PipeOperator::Aggregate { full_table_exprs, group_by_expr } => self.aggregate_pipe(query, full_table_exprs, group_by_expr),
            PipeOperator::Union { set_quantifier, queries } => self.combine(query, SetOperator::Union, set_quantifier, queries),
            PipeOperator::Intersect { set_quantifier, queries } => self.combine(query, SetOperator::Intersect, set_quantifier, queries),
            PipeOperator::Except { set_quantifier, queries } => self.combine(query, SetOperator::Except, set_quantifier, queries),
            PipeOperator::Join(join) => {
                let plain = is_open(query) && query.order_by.is_none() && select_of(query).is_some_and(|s| s.selection.is_none());
                if !plain {
                    self.wrap(query, None);
                }
                if let Some(table) = select_of(query).and_then(|s| s.from.last_mut()) {
                    table.joins.push(join);
                }
            }
            PipeOperator::Call { function, alias: None } if function.name.to_string() == DISTINCT => {
                self.wrap(query, None);
                if let Some(select) = select_of(query) {
                    select.distinct = Some(Distinct::Distinct);
                }
            }
            PipeOperator::Pivot { aggregate_functions, value_column, value_source, alias } => {
                let table = Box::new(self.derived(query, None));
                let value_column = value_column.into_iter().map(Expr::Identifier).collect();
                let alias = alias.map(table_alias);
                *query =
                    select_all(TableFactor::Pivot { table, aggregate_functions, value_column, value_source, default_on_null: None, alias });
            }
            PipeOperator::Unpivot { value_column, name_column, unpivot_columns, alias } => {
                let table = Box::new(self.derived(query, None));
                let columns = unpivot_columns.into_iter().map(|c| ExprWithAlias { expr: Expr::Identifier(c), alias: None }).collect();
                *query = select_all(TableFactor::Unpivot {
                    table,
                    value: Expr::Identifier(value_column),
                    name: name_column,
                    columns,
                    null_inclusion: None,
                    alias: alias.map(table_alias),
                });
            }
            other => {
                let text = other.to_string();
                return Err(not_supported(format_args!("The pipe operator {}", text.split(' ').next().unwrap_or_default())));
            }
        }
        Ok(())
    }

    /// Another SELECT list over all that there is.
    fn list(&mut self, query: &mut Query, list: Vec<SelectItem>) {
        if !is_open(query) {
            self.wrap(query, None);
        }
        if let Some(select) = select_of(query) {
            select.projection = list;
        }
    }

    fn aggregate_pipe(&mut self, query: &mut Query, aggregates: Vec<ExprWithAliasAndOrderBy>, groups: Vec<ExprWithAliasAndOrderBy>) {
        if !is_open(query) || query.order_by.is_some() || query.limit_clause.is_some() {
            self.wrap(query, None);
        }
        let mut order = Vec::new();
        let mut grouped = Vec::new();
        let mut list = Vec::new();
        let keys = groups.len();
        for (position, item) in (1..).zip(groups.into_iter().chain(aggregates)) {
            if item.order_by.asc.is_some() || item.order_by.nulls_first.is_some() {
                order.push(OrderByExpr { expr: number(position), options: item.order_by, with_fill: None });
            }
            if list.len() < keys {
                grouped.push(number(position));
            }
            list.push(match item.expr.alias {
                Some(alias) => SelectItem::ExprWithAlias { expr: item.expr.expr, alias },
                None => SelectItem::UnnamedExpr(item.expr.expr),
            });
        }
        if let Some(select) = select_of(query) {
            select.projection = list;
            select.group_by = GroupByExpr::Expressions(grouped, Vec::new());
        }
        if order.is_empty() {
            self.wrap(query, None);
        } else {
            query.order_by = Some(OrderBy { kind: OrderByKind::Expressions(order), interpolate: None });
        }
    }

    fn combine(&mut self, query: &mut Query, op: SetOperator, set_quantifier: SetQuantifier, queries: Vec<Query>) {
        let mut body = SetExpr::Query(Box::new(std::mem::replace(query, select_all(nothing()))));
        for other in queries {
            body = SetExpr::SetOperation { op, set_quantifier, left: Box::new(body), right: Box::new(SetExpr::Query(Box::new(other))) };
        }
        *query.body = body;
    }

    /// `SELECT * FROM (query) AS alias`; WITH stays outside.
    fn wrap(&mut self, query: &mut Query, alias: Option<Ident>) {
        let with = query.with.take();
        let factor = self.derived(query, alias);
        *query = select_all(factor);
        query.with = with;
    }

    fn derived(&mut self, query: &mut Query, alias: Option<Ident>) -> TableFactor {
        let alias = alias.unwrap_or_else(|| made(self.fresh("p")));
        let inner = std::mem::replace(query, select_all(nothing()));
        TableFactor::Derived { lateral: false, subquery: Box::new(inner), alias: Some(table_alias(alias)), sample: None }
    }
}

/// The function that stands for `|> DISTINCT`, which the parser does not know.
pub(in crate::engine) const DISTINCT: &str = "pipe_distinct";

fn table_alias(name: Ident) -> TableAlias {
    TableAlias { explicit: true, name, columns: Vec::new(), at: None }
}

fn star() -> SelectItem {
    SelectItem::Wildcard(WildcardAdditionalOptions::default())
}

/// A factor that is thrown away at once.
fn nothing() -> TableFactor {
    TableFactor::TableFunction { expr: super::calls::null(), alias: None }
}

/// Whether a query is `SELECT * FROM ... [WHERE ...]`, so that its list can be replaced.
fn is_open(query: &mut Query) -> bool {
    if query.limit_clause.is_some() {
        return false;
    }
    select_of(query).is_some_and(|select| {
        matches!(select.projection.as_slice(), [SelectItem::Wildcard(o)] if *o == WildcardAdditionalOptions::default())
            && select.distinct.is_none()
            && matches!(&select.group_by, GroupByExpr::Expressions(e, _) if e.is_empty())
            && select.having.is_none()
            && select.qualify.is_none()
            && select.value_table_mode.is_none()
    })
}
