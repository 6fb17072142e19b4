//! Walks the syntax tree, finds what every name stands for, and refuses whatever it does not know. Every field of every node is named in
//! a pattern without `..`, so that a construct that a newer parser adds fails to compile here instead of passing unseen.
//!
//! The walk also rewrites in place: tables get the dataset, reserved words used as names get backticks.

mod call;
mod expr;
mod from;
mod name;
mod operator;
mod select;
mod uses;

use std::collections::BTreeSet;

use sqlparser::ast::{
    Cte, Expr, LimitClause, Offset, OffsetRows, OrderBy, OrderByExpr, OrderByKind, OrderByOptions, Query, SetExpr, SetOperator,
};
use sqlparser::ast::{SetQuantifier, TableAlias, With};

use super::Parameter;
use super::error::{Position, SqlError};
use super::query::{ColumnRef, ParameterContext, ParameterUse};
use super::scope::{Field, Relation, Scope};
use super::types::Type;
use crate::catalog::Catalog;
use expr::Typed;

/// What the walk needs and what it has found so far.
pub(super) struct Resolver<'a> {
    catalog: &'a Catalog,
    project: Option<&'a str>,
    /// `None` while the values are not known yet.
    parameters: Option<&'a [Parameter]>,
    /// Common table expressions in scope, innermost last.
    ctes: Vec<(String, Output)>,
    pub(super) tables: BTreeSet<String>,
    pub(super) columns: BTreeSet<ColumnRef>,
    pub(super) uses: Vec<ParameterUse>,
    seen: Vec<String>,
}

/// The columns that a query gives.
#[derive(Debug, Clone, Default)]
pub(super) struct Output {
    pub(super) fields: Vec<Field>,
    /// The value of each row, for SELECT AS STRUCT and SELECT AS VALUE.
    pub(super) value: Option<Field>,
}

/// The clause that an expression stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Clause {
    Select,
    From,
    Where,
    GroupBy,
    Having,
    Qualify,
    Window,
    OrderBy,
    Limit,
}

impl Clause {
    fn name(self) -> &'static str {
        match self {
            Self::Select => "the SELECT list",
            Self::From => "FROM",
            Self::Where => "WHERE",
            Self::GroupBy => "GROUP BY",
            Self::Having => "HAVING",
            Self::Qualify => "QUALIFY",
            Self::Window => "WINDOW",
            Self::OrderBy => "ORDER BY",
            Self::Limit => "LIMIT",
        }
    }
}

/// Where an expression stands, and around what.
#[derive(Debug, Clone, Copy)]
struct Place {
    clause: Clause,
    /// Inside the arguments of an aggregate function: aliases of the SELECT list are not seen there.
    in_aggregate: bool,
    in_window: bool,
}

impl From<Clause> for Place {
    fn from(clause: Clause) -> Self {
        Self { clause, in_aggregate: false, in_window: false }
    }
}

impl<'a> Resolver<'a> {
    pub(super) fn new(catalog: &'a Catalog, project: Option<&'a str>, parameters: Option<&'a [Parameter]>) -> Self {
        Self {
            catalog,
            project,
            parameters,
            ctes: Vec::new(),
            tables: BTreeSet::new(),
            columns: BTreeSet::new(),
            uses: Vec::new(),
            seen: Vec::new(),
        }
    }

    /// Parameters that were met outside any comparison get a use as well.
    pub(super) fn finish(&mut self) {
        for name in std::mem::take(&mut self.seen) {
            if !self.uses.iter().any(|known| known.name.eq_ignore_ascii_case(&name)) {
                let context = ParameterContext::Other;
                self.uses.push(ParameterUse { name, context, table: None, column: None, through: None, expected: None });
            }
        }
    }

    /// A query, with the columns that it gives. `outer` are the names of the query that it stands in, if it may use them.
    pub(super) fn query(&mut self, query: &mut Query, outer: Option<&Scope<'_>>) -> Result<Output, SqlError> {
        let Query { with, body, order_by, limit_clause, fetch, locks, for_clause, settings, format_clause, pipe_operators } = query;
        refuse(fetch.is_some(), "FETCH")?;
        refuse(!locks.is_empty(), "FOR UPDATE or FOR SHARE")?;
        refuse(for_clause.is_some(), "FOR XML, JSON or BROWSE")?;
        refuse(settings.is_some(), "SETTINGS")?;
        refuse(format_clause.is_some(), "FORMAT")?;
        refuse(!pipe_operators.is_empty(), "pipe syntax")?;
        let outside = self.ctes.len();
        if let Some(with) = with {
            self.with(with)?;
        }
        let output = match &mut **body {
            SetExpr::Select(select) => self.select(select, order_by.as_mut(), outer)?,
            other => {
                let output = self.set_expr(other, outer)?;
                if let Some(order_by) = order_by {
                    // After a set operation only its columns can be named.
                    let mut scope = Scope::inside(outer);
                    scope.aliases.clone_from(&output.fields);
                    self.order_by(order_by, &scope, output.fields.len())?;
                }
                output
            }
        };
        if let Some(limit) = limit_clause {
            self.limit(limit)?;
        }
        self.ctes.truncate(outside);
        Ok(output)
    }

    /// Each CTE sees those before it, and no columns of the queries around it.
    /// Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/query-syntax#with_clause>
    fn with(&mut self, with: &mut With) -> Result<(), SqlError> {
        let With { with_token: _, recursive, cte_tables } = with;
        // A recursion runs for as long as its data lets it; no question about music needs one.
        refuse(*recursive, "WITH RECURSIVE")?;
        let first = self.ctes.len();
        for cte in cte_tables {
            let Cte { alias, query, from, materialized, closing_paren_token: _ } = cte;
            refuse(from.is_some(), "FROM after a common table expression")?;
            refuse(materialized.is_some(), "MATERIALIZED")?;
            let TableAlias { explicit: _, name, columns, at } = alias;
            refuse(!columns.is_empty(), "column names of a common table expression")?;
            refuse(at.is_some(), "AT")?;
            self.name(name)?;
            let output = self.query(query, None)?;
            if self.ctes[first..].iter().any(|(other, _)| other.eq_ignore_ascii_case(&name.value)) {
                return Err(SqlError::DuplicateName { name: name.value.clone(), at: Position::of(name) });
            }
            self.ctes.push((name.value.clone(), output));
        }
        Ok(())
    }

    fn set_expr(&mut self, body: &mut SetExpr, outer: Option<&Scope<'_>>) -> Result<Output, SqlError> {
        match body {
            SetExpr::Select(select) => self.select(select, None, outer),
            SetExpr::Query(query) => self.query(query, outer),
            SetExpr::SetOperation { left, op, set_quantifier, right } => {
                let left = self.set_expr(left, outer)?;
                let right = self.set_expr(right, outer)?;
                check_set_operation(*op, *set_quantifier)?;
                if left.fields.len() != right.fields.len() {
                    return Err(SqlError::ColumnCount {
                        place: "the second query of a set operation",
                        expected: left.fields.len(),
                        found: right.fields.len(),
                    });
                }
                let fields = left.fields.into_iter().zip(right.fields).map(|(left, right)| unite(left, right)).collect::<Result<_, _>>()?;
                Ok(Output { fields, value: None })
            }
            SetExpr::Values(_) => Err(SqlError::unsupported("VALUES")),
            SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => {
                Err(SqlError::NotAQuery { statement: "a data change inside WITH".to_owned() })
            }
            SetExpr::Table(_) => Err(SqlError::unsupported("TABLE")),
        }
    }

    fn order_by(&mut self, order_by: &mut OrderBy, scope: &Scope<'_>, columns: usize) -> Result<(), SqlError> {
        let OrderBy { kind, interpolate } = order_by;
        refuse(interpolate.is_some(), "INTERPOLATE")?;
        match kind {
            OrderByKind::All(_) => Err(SqlError::unsupported("ORDER BY ALL")),
            OrderByKind::Expressions(items) => {
                for item in items {
                    if let Some(ordinal) = ordinal(&item.expr) {
                        check_ordinal(ordinal, columns, Clause::OrderBy)?;
                    }
                    self.order_by_item(item, scope, Clause::OrderBy.into())?;
                }
                Ok(())
            }
        }
    }

    fn order_by_item(&mut self, item: &mut OrderByExpr, scope: &Scope<'_>, place: Place) -> Result<(), SqlError> {
        let OrderByExpr { expr, options: OrderByOptions { asc: _, nulls_first: _ }, with_fill } = item;
        refuse(with_fill.is_some(), "WITH FILL")?;
        let typed = self.expr(expr, scope, place)?;
        if matches!(typed.ty, Type::Array(_) | Type::Struct(_)) {
            return Err(mismatch("ORDER BY", &typed.ty, expr));
        }
        Ok(())
    }

    /// LIMIT and OFFSET take constants and parameters, no columns.
    /// Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/query-syntax#limit_and_offset_clause>
    fn limit(&mut self, limit: &mut LimitClause) -> Result<(), SqlError> {
        match limit {
            LimitClause::LimitOffset { limit, offset, limit_by } => {
                refuse(!limit_by.is_empty(), "LIMIT BY")?;
                refuse(limit.is_none(), "OFFSET without LIMIT")?;
                if let Some(limit) = limit {
                    self.bound(limit, ParameterContext::Limit)?;
                }
                if let Some(Offset { value, rows }) = offset {
                    refuse(*rows != OffsetRows::None, "OFFSET ... ROWS")?;
                    self.bound(value, ParameterContext::Limit)?;
                }
                Ok(())
            }
            LimitClause::OffsetCommaLimit { offset: _, limit: _ } => Err(SqlError::unsupported("LIMIT with a comma")),
        }
    }

    /// A count that must be a constant: INT64, no names but parameters.
    fn bound(&mut self, expr: &mut Expr, context: ParameterContext) -> Result<(), SqlError> {
        let Typed { ty, parameters, .. } = self.expr(expr, &Scope::default(), Clause::Limit.into())?;
        self.note(&parameters, context, None, &Type::INT64);
        if matches!(ty, Type::Unknown) || ty == Type::INT64 { Ok(()) } else { Err(mismatch("a row count", &ty, expr)) }
    }

    fn subquery_column(&mut self, query: &mut Query, scope: &Scope<'_>, place: &'static str) -> Result<Field, SqlError> {
        let output = self.query(query, Some(scope))?;
        if let Some(value) = output.value {
            return Ok(value);
        }
        match <[Field; 1]>::try_from(output.fields) {
            Ok([field]) => Ok(field),
            Err(fields) => Err(SqlError::ColumnCount { place, expected: 1, found: fields.len() }),
        }
    }
}

fn refuse(present: bool, clause: &str) -> Result<(), SqlError> {
    if present { Err(SqlError::unsupported(clause)) } else { Ok(()) }
}

fn mismatch(operation: impl Into<String>, found: &Type, expr: &impl sqlparser::ast::Spanned) -> SqlError {
    SqlError::TypeMismatch { operation: operation.into(), found: found.to_string(), at: Position::start(expr.span()) }
}

/// GoogleSQL wants ALL or DISTINCT said, and has no INTERSECT ALL or EXCEPT ALL.
/// Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/query-syntax#set_operators>
fn check_set_operation(op: SetOperator, quantifier: SetQuantifier) -> Result<(), SqlError> {
    match (op, quantifier) {
        (SetOperator::Union, SetQuantifier::All | SetQuantifier::Distinct)
        | (SetOperator::Except | SetOperator::Intersect, SetQuantifier::Distinct) => Ok(()),
        (SetOperator::Minus, _) => Err(SqlError::unsupported("MINUS")),
        (op, SetQuantifier::None) => Err(SqlError::unsupported(format!("{op} without DISTINCT or ALL"))),
        (op, quantifier) => Err(SqlError::unsupported(format!("{op} {quantifier}"))),
    }
}

fn unite(left: Field, right: Field) -> Result<Field, SqlError> {
    // Only what has no common type whatever the values are; literals may be coerced, and are not told apart here.
    let apart = matches!((&left.ty, &right.ty), (Type::Scalar(_), Type::Array(_)) | (Type::Array(_), Type::Scalar(_)))
        || (left.ty.is_number() && matches!(right.ty, Type::STRING | Type::BOOL))
        || (right.ty.is_number() && matches!(left.ty, Type::STRING | Type::BOOL));
    if apart {
        let found = format!("{} and {}", left.ty, right.ty);
        return Err(SqlError::TypeMismatch { operation: "a set operation".to_owned(), found, at: Position::default() });
    }
    let origin = if left.origin == right.origin { left.origin } else { None };
    Ok(Field { name: left.name, ty: left.ty.common(right.ty), origin })
}

fn ordinal(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Value(value) => match &value.value {
            sqlparser::ast::Value::Number(text, _) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

fn check_ordinal(text: &str, columns: usize, clause: Clause) -> Result<(), SqlError> {
    match text.parse::<usize>() {
        Ok(ordinal) if (1..=columns).contains(&ordinal) => Ok(()),
        _ => Err(SqlError::unsupported(format!("{} {text}: the SELECT list has {columns} columns", clause.name()))),
    }
}

impl Output {
    /// The output as an item of a FROM clause.
    fn into_relation(self, name: Option<String>) -> Relation {
        Relation { name, fields: self.fields, value: self.value }
    }
}
