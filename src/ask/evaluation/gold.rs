//! The results of gold SQL, with what its ORDER BY and LIMIT leave open.
//!
//! `ORDER BY plays DESC LIMIT 10` with ties at the tenth place has several right answers. So the query is run without its LIMIT; the
//! comparison then knows every row that may stand at the last places.

use serde_json::Value;
use sqlparser::ast::{Expr, LimitClause, OrderByKind, Query, Select, SelectItem, SetExpr, Statement, Value as Literal};
use sqlparser::dialect::BigQueryDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::Tokenizer;

use super::super::{AskError, Executor, Pipeline, cells};
use crate::warehouse::Cell;

/// A gold result.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct GoldResult {
    pub(super) columns: usize,
    /// Without the LIMIT, when ties at it can be known.
    pub(super) rows: Vec<Vec<Value>>,
    pub(super) order: Order,
    /// How many of the rows an answer has.
    pub(super) limit: Option<usize>,
    /// Rows beyond what is read: they cannot be compared.
    pub(super) cut: bool,
}

/// What a top-level ORDER BY says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Order {
    None,
    /// Sorted by these output columns; rows equal in them may stand in any order.
    By(Vec<usize>),
    /// Sorted by what is no output column: neighbours may be ties, so the order is not checked.
    Unseen,
}

/// Runs gold SQL through the same validator and warehouse.
pub(super) async fn gold_result(pipeline: &Pipeline, executor: &dyn Executor, sql: &str) -> Result<GoldResult, AskError> {
    let parsed = Ordered::read(sql);
    let (text, limit) = match &parsed {
        Some(Ordered { unlimited: Some(unlimited), limit, order: Some(_), .. }) => (unlimited.as_str(), *limit),
        _ => (sql, None),
    };
    let rows = pipeline.rows_of(executor, text).await?;
    let names: Vec<String> = rows.fields.iter().map(|field| field.name.to_lowercase()).collect();
    let order = match parsed.and_then(|parsed| parsed.order) {
        None => Order::None,
        Some(keys) => keys.iter().map(|key| key.column(&names)).collect::<Option<Vec<usize>>>().map_or(Order::Unseen, Order::By),
    };
    // By unseen keys, ties at the limit cannot be told: the limited query's own rows are the gold.
    let (rows, limit) = match (&order, limit) {
        (Order::Unseen, Some(_)) => (pipeline.rows_of(executor, sql).await?, None),
        (_, limit) => (rows, limit),
    };
    let values = |row: &Vec<Cell>| row.iter().zip(&rows.fields).map(|(cell, field)| cells::json(cell, field)).collect();
    Ok(GoldResult {
        columns: rows.fields.len(),
        cut: rows.total_rows > rows.rows.len() as u64 && limit.is_none(),
        rows: rows.rows.iter().map(values).collect(),
        order,
        limit,
    })
}

/// The end of a query.
struct Ordered {
    /// `None`: no ORDER BY at the top.
    order: Option<Vec<Key>>,
    limit: Option<usize>,
    /// The query without its LIMIT, if it has one.
    unlimited: Option<String>,
}

/// What rows are sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Key {
    Name(String),
    Position(usize),
    Hidden,
}

impl Key {
    fn column(&self, names: &[String]) -> Option<usize> {
        match self {
            Self::Name(name) => names.iter().position(|other| other == name),
            Self::Position(at) => (*at < names.len()).then_some(*at),
            Self::Hidden => None,
        }
    }
}

impl Ordered {
    fn read(sql: &str) -> Option<Self> {
        let dialect = BigQueryDialect;
        // Escapes stay as they are written, so that the text prints as it reads.
        let tokens = Tokenizer::new(&dialect, sql).with_unescape(false).tokenize().ok()?;
        let mut statements = Parser::new(&dialect).with_tokens(tokens).parse_statements().ok()?;
        let Statement::Query(mut query) = statements.pop()? else { return None };
        let order = query.order_by.as_ref().map(|order_by| match &order_by.kind {
            OrderByKind::Expressions(keys) => keys.iter().map(|key| key_of(&key.expr, &query)).collect(),
            OrderByKind::All(_) => vec![Key::Hidden],
        });
        let limit = match &query.limit_clause {
            Some(LimitClause::LimitOffset { limit: Some(Expr::Value(value)), offset: None, .. }) => match &value.value {
                Literal::Number(number, _) => number.parse().ok(),
                _ => None,
            },
            _ => None,
        };
        let unlimited = limit.map(|_: usize| {
            query.limit_clause = None;
            query.to_string()
        });
        Some(Self { order, limit, unlimited })
    }
}

fn key_of(expr: &Expr, query: &Query) -> Key {
    if let Expr::Value(value) = expr
        && let Literal::Number(number, _) = &value.value
    {
        return number.parse::<usize>().ok().and_then(|n| n.checked_sub(1)).map_or(Key::Hidden, Key::Position);
    }
    if let Some(at) = select(query).and_then(|select| select.projection.iter().position(|item| shows(item, expr))) {
        return Key::Position(at);
    }
    match expr {
        Expr::Identifier(name) => Key::Name(name.value.to_lowercase()),
        _ => Key::Hidden,
    }
}

fn select(query: &Query) -> Option<&Select> {
    match query.body.as_ref() {
        SetExpr::Select(select) => Some(select),
        _ => None,
    }
}

/// Whether a SELECT item is this expression, by alias or by text. A star shifts positions, so a name is then looked up in the result.
fn shows(item: &SelectItem, expr: &Expr) -> bool {
    match item {
        SelectItem::ExprWithAlias { expr: own, alias } => {
            own == expr || matches!(expr, Expr::Identifier(name) if name.value.eq_ignore_ascii_case(&alias.value))
        }
        SelectItem::UnnamedExpr(own) => own == expr,
        _ => false,
    }
}
