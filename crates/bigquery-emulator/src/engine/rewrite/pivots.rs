//! PIVOT and UNPIVOT as GROUP BY and UNION ALL.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/query-syntax#pivot_operator>

use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, Expr, ExprWithAlias, GroupByExpr, Ident, NullInclusion, PivotValueSource, Query, SelectItem, SetExpr, SetOperator,
    SetQuantifier, TableAlias, TableFactor, Value, visit_expressions,
};

use super::calls::{nested, number, select_all, string};
use super::{Rewriter, made, select_of};
use crate::engine::QueryError;
use crate::engine::error::not_supported;

impl Rewriter<'_> {
    /// A subquery in the place of PIVOT or UNPIVOT.
    pub(super) fn without_pivot(&mut self, factor: &mut TableFactor) -> Result<(), QueryError> {
        let found = match factor {
            TableFactor::Pivot { table, aggregate_functions, value_column, value_source, default_on_null: None, alias } => {
                let query = self.pivot(table, aggregate_functions, value_column, value_source)?;
                Some((query, alias.take()))
            }
            TableFactor::Unpivot { table, value, name, columns, null_inclusion, alias } => {
                let keep_nulls = *null_inclusion == Some(NullInclusion::IncludeNulls);
                let query = self.unpivot(table, value, name, columns, keep_nulls)?;
                Some((query, alias.take()))
            }
            _ => None,
        };
        if let Some((query, alias)) = found {
            let alias = alias.unwrap_or_else(|| TableAlias { explicit: true, name: made(self.fresh("p")), columns: Vec::new(), at: None });
            *factor = TableFactor::Derived { lateral: false, subquery: Box::new(query), alias: Some(alias), sample: None };
        }
        Ok(())
    }

    fn pivot(
        &mut self,
        table: &TableFactor,
        aggregates: &[ExprWithAlias],
        by: &[Expr],
        source: &PivotValueSource,
    ) -> Result<Query, QueryError> {
        let ([by], PivotValueSource::List(values)) = (by, source) else {
            return Err(not_supported("This form of PIVOT"));
        };
        let columns = self.columns_of_factor(table).ok_or_else(|| not_supported("PIVOT of a table whose columns have no names"))?;
        let mut used: Vec<String> = Vec::new();
        let mut note = |expr: &Expr| {
            let _ = visit_expressions(expr, |e| {
                match e {
                    Expr::Identifier(i) => used.push(i.value.to_lowercase()),
                    Expr::CompoundIdentifier(path) => used.extend(path.iter().map(|i| i.value.to_lowercase())),
                    _ => {}
                }
                ControlFlow::<()>::Continue(())
            });
        };
        note(by);
        aggregates.iter().for_each(|a| note(&a.expr));
        let mut list: Vec<SelectItem> = Vec::new();
        let mut groups = Vec::new();
        for (position, column) in (1..).zip(columns.into_iter().filter(|c| !used.contains(c))) {
            list.push(SelectItem::UnnamedExpr(Expr::Identifier(Ident::new(column))));
            groups.push(number(position));
        }
        for value in values {
            let shown = match &value.alias {
                Some(alias) => alias.value.clone(),
                None => value_name(&value.expr)?,
            };
            for aggregate in aggregates {
                let name = match &aggregate.alias {
                    Some(alias) => format!("{}_{shown}", alias.value),
                    None if aggregates.len() == 1 => shown.clone(),
                    None => return Err(QueryError::invalid("PIVOT with several aggregates needs an alias for each")),
                };
                let Expr::Function(function) = &aggregate.expr else {
                    return Err(QueryError::invalid("PIVOT expression must be an aggregate function call"));
                };
                let upper = function.name.to_string().to_uppercase();
                if function.filter.is_some() || !PIVOTED.contains(&upper.as_str()) {
                    return Err(not_supported(format_args!("PIVOT with {upper}")));
                }
                let mut function = function.clone();
                function.filter =
                    Some(Box::new(Expr::IsNotDistinctFrom(Box::new(nested(by.clone())), Box::new(nested(value.expr.clone())))));
                list.push(SelectItem::ExprWithAlias { expr: Expr::Function(function), alias: Ident::new(name) });
            }
        }
        let mut query = select_all(table.clone());
        if let Some(select) = select_of(&mut query) {
            select.projection = list;
            select.group_by = GroupByExpr::Expressions(groups, Vec::new());
        }
        Ok(query)
    }

    fn unpivot(
        &mut self,
        table: &TableFactor,
        value: &Expr,
        name: &Ident,
        columns: &[ExprWithAlias],
        keep_nulls: bool,
    ) -> Result<Query, QueryError> {
        let Expr::Identifier(value) = value else {
            return Err(not_supported("UNPIVOT into several columns"));
        };
        let all = self.columns_of_factor(table).ok_or_else(|| not_supported("UNPIVOT of a table whose columns have no names"))?;
        let mut taken = Vec::new();
        for column in columns {
            let Expr::Identifier(ident) = &column.expr else {
                return Err(not_supported("UNPIVOT of several columns at once"));
            };
            taken.push(ident);
        }
        let kept: Vec<String> = all.into_iter().filter(|c| !taken.iter().any(|t| t.value.eq_ignore_ascii_case(c))).collect();
        let arms = taken.iter().zip(columns).map(|(ident, column)| {
            let label = column.alias.as_ref().map_or(&ident.value, |a| &a.value);
            let mut list: Vec<SelectItem> = kept.iter().map(|c| SelectItem::UnnamedExpr(Expr::Identifier(Ident::new(c.clone())))).collect();
            list.push(SelectItem::ExprWithAlias { expr: Expr::Identifier((*ident).clone()), alias: value.clone() });
            list.push(SelectItem::ExprWithAlias { expr: string(label), alias: name.clone() });
            let mut query = select_all(table.clone());
            if let Some(select) = select_of(&mut query) {
                select.projection = list;
                if !keep_nulls {
                    select.selection = Some(Expr::IsNotNull(Box::new(Expr::Identifier((*ident).clone()))));
                }
            }
            query
        });
        let union = |left: SetExpr, right: Query| SetExpr::SetOperation {
            op: SetOperator::Union,
            set_quantifier: SetQuantifier::All,
            left: Box::new(left),
            right: right.body,
        };
        let mut arms = arms;
        let mut query = arms.next().ok_or_else(|| QueryError::invalid("UNPIVOT needs columns"))?;
        let first = std::mem::replace(
            query.body.as_mut(),
            SetExpr::Values(sqlparser::ast::Values { explicit_row: false, value_keyword: false, rows: Vec::new() }),
        );
        *query.body = arms.fold(first, union);
        Ok(query)
    }
}

/// Aggregates that a FILTER does not change but for the rows.
const PIVOTED: &[&str] =
    &["SUM", "COUNT", "AVG", "MIN", "MAX", "COUNTIF", "ANY_VALUE", "LOGICAL_AND", "LOGICAL_OR", "STRING_AGG", "STDDEV", "VARIANCE"];

/// The column that a value makes: a text is its own name.
fn value_name(value: &Expr) -> Result<String, QueryError> {
    match value {
        Expr::Value(v) => match &v.value {
            Value::SingleQuotedString(s) if !s.is_empty() => {
                Ok(s.chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { '_' }).collect())
            }
            Value::Number(n, _) => Ok(format!("_{}", n.replace('.', "_point_"))),
            Value::Boolean(b) => Ok(b.to_string()),
            Value::Null => Ok("NULL".to_owned()),
            _ => Err(not_supported("This value in PIVOT without an alias")),
        },
        Expr::BinaryOp { op: BinaryOperator::Minus, .. } => Err(not_supported("This value in PIVOT without an alias")),
        _ => Err(not_supported("This value in PIVOT without an alias")),
    }
}
