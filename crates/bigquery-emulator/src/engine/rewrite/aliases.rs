//! Aliases of a SELECT list where GROUP BY, HAVING, QUALIFY and ORDER BY name them.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/query-syntax#using_aliases>

use std::collections::HashMap;
use std::ops::ControlFlow;

use sqlparser::ast::{Expr, GroupByExpr, Ident, Query, Select, SelectItem, VisitMut, VisitorMut};

use super::calls::{nested, number};

/// The aliases of one SELECT list. In GROUP BY, HAVING, QUALIFY and ORDER BY an alias comes before a column of that name.
pub(super) struct Aliases {
    expressions: HashMap<String, Expr>,
    /// Places in the list, from 1, where no star before them makes that unknown.
    positions: HashMap<String, i64>,
}

impl Aliases {
    pub(super) fn of(select: &Select) -> Self {
        let mut aliases = Self { expressions: HashMap::new(), positions: HashMap::new() };
        let mut star = false;
        for (position, item) in (1..).zip(&select.projection) {
            match item {
                SelectItem::ExprWithAlias { expr, alias } => {
                    let name = alias.value.to_lowercase();
                    if !star {
                        aliases.positions.insert(name.clone(), position);
                    }
                    aliases.expressions.insert(name, expr.clone());
                }
                SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..) => star = true,
                _ => {}
            }
        }
        aliases
    }

    pub(super) fn position(&self, ident: &Ident) -> Option<i64> {
        self.positions.get(&ident.value.to_lowercase()).copied()
    }

    pub(super) fn group_by(&self, group_by: &mut GroupByExpr) {
        let GroupByExpr::Expressions(list, _) = group_by else {
            return;
        };
        for expr in list {
            match expr {
                Expr::Identifier(ident) => {
                    if let Some(position) = self.position(ident) {
                        *expr = number(position);
                    } else if let Some(found) = self.expressions.get(&ident.value.to_lowercase()) {
                        *expr = found.clone();
                    }
                }
                Expr::Rollup(sets) | Expr::Cube(sets) | Expr::GroupingSets(sets) => {
                    for expr in sets.iter_mut().flatten() {
                        self.substitute(expr);
                    }
                }
                _ => {}
            }
        }
    }

    /// Puts expressions in the place of their aliases, except inside the arguments of aggregate functions.
    pub(super) fn substitute(&self, expr: &mut Expr) {
        if self.expressions.is_empty() {
            return;
        }
        let mut visitor = Substitution { aliases: self, inside: 0 };
        let _ = expr.visit(&mut visitor);
    }
}

struct Substitution<'a> {
    aliases: &'a Aliases,
    /// How many aggregate calls and subqueries are open.
    inside: usize,
}

/// The aggregate functions, by their names in GoogleSQL.
pub(in crate::engine) const AGGREGATES: &[&str] = &[
    "ANY_VALUE",
    "APPROX_COUNT_DISTINCT",
    "APPROX_QUANTILES",
    "APPROX_TOP_COUNT",
    "APPROX_TOP_SUM",
    "ARRAY_AGG",
    "ARRAY_CONCAT_AGG",
    "AVG",
    "BIT_AND",
    "BIT_OR",
    "BIT_XOR",
    "CORR",
    "COUNT",
    "COUNTIF",
    "COVAR_POP",
    "COVAR_SAMP",
    "LOGICAL_AND",
    "LOGICAL_OR",
    "MAX",
    "MAX_BY",
    "MIN",
    "MIN_BY",
    "STDDEV",
    "STDDEV_POP",
    "STDDEV_SAMP",
    "STRING_AGG",
    "ST_CENTROID_AGG",
    "ST_EXTENT",
    "SUM",
    "VARIANCE",
    "VAR_POP",
    "VAR_SAMP",
];

/// Whether an expression is a call of an aggregate function.
pub(super) fn is_aggregate_call(expr: &Expr) -> bool {
    match expr {
        Expr::Function(f) => AGGREGATES.contains(&f.name.to_string().to_uppercase().as_str()),
        _ => false,
    }
}

impl VisitorMut for Substitution<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.inside += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.inside -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if is_aggregate_call(expr) {
            self.inside += 1;
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if is_aggregate_call(expr) {
            self.inside -= 1;
        } else if self.inside == 0
            && let Expr::Identifier(ident) = expr
            && let Some(found) = self.aliases.expressions.get(&ident.value.to_lowercase())
        {
            *expr = nested(found.clone());
        }
        ControlFlow::Continue(())
    }
}
