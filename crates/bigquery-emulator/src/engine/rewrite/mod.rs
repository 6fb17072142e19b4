//! GoogleSQL's syntax tree to the one that DataFusion plans: tables resolved, names in lower case, functions mapped.
//!
//! The tree is changed in place by one visitor. Identifiers and functions that this module makes carry the quote `"`,
//! which BigQuery's dialect never gives, so that they are told from what the user wrote.

mod aggregates;
mod aliases;
mod arrays;
mod calls;
mod catching;
mod columns;
mod elsewhere;
mod expressions;
mod functions;
mod information;
mod known;
mod listed;
mod pipes;
mod pivots;
mod select;
mod table_functions;
mod tables;
mod types;
mod unnest;
mod using;

use std::collections::{HashMap, HashSet, VecDeque};
use std::ops::ControlFlow;
use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use sqlparser::ast::{Expr, Ident, Query, Select, SetExpr, TableFactor, VisitMut, VisitorMut};
use sqlparser::tokenizer::Location;

pub(super) use aliases::AGGREGATES;
pub(super) use arrays::FLATTEN;
pub(super) use calls::{arguments, boolean, call, case, nested, not, null, number, select_all, string};
pub(super) use known::{Known, table_names};
pub(super) use pipes::DISTINCT;
pub(super) use select::ANONYMOUS;
pub(super) use tables::{check_dataset, parts, qualify};

use super::params::Parameters;
use super::{QueryError, QueryInput, TableResolver, TableSnapshot};
use crate::schema::TableRef;

/// What a table name of the rewritten tree stands for.
#[derive(Debug, Clone)]
pub(super) enum Source {
    Table(Arc<TableSnapshot>),
    Memory(RecordBatch),
}

/// A query that is ready for DataFusion.
pub(super) struct Rewritten {
    pub(super) query: Query,
    /// By the names that the tree now uses.
    pub(super) sources: HashMap<String, Source>,
    pub(super) referenced: Vec<TableRef>,
    /// Names as they were written or declared, by their lower-case form.
    pub(super) spelling: HashMap<String, String>,
    /// Where each function was called, by its name in upper case.
    pub(super) calls: HashMap<String, Vec<Location>>,
    /// How the names in paths are written, by their lower-case form; `None` where in several ways.
    pub(super) written: HashMap<String, Option<String>>,
}

impl Rewritten {
    /// Whether errors are caught somewhere.
    pub(super) fn catches(&self) -> bool {
        ["IFERROR", "ISERROR", "NULLIFERROR"].iter().any(|name| self.calls.contains_key(*name))
    }
}

/// Rewrites a query.
///
/// # Errors
/// Unknown tables, datasets, functions and parameters, and what the endpoint refuses.
pub(super) fn rewrite(mut query: Query, input: &QueryInput, tables: &dyn TableResolver) -> Result<Rewritten, QueryError> {
    let mut parameters = Parameters(&input.parameters);
    if let ControlFlow::Break(error) = query.visit(&mut parameters) {
        return Err(error);
    }
    let mut rewriter = Rewriter {
        input,
        tables,
        frames: Vec::new(),
        names: HashMap::new(),
        sources: HashMap::new(),
        referenced: Vec::new(),
        spelling: HashMap::new(),
        calls: HashMap::new(),
        made: 0,
        now: chrono::Utc::now().timestamp_micros(),
        depth: 0,
        views: 0,
        written: HashMap::new(),
    };
    rewriter.spell_output(&query);
    if let ControlFlow::Break(error) = query.visit(&mut rewriter) {
        return Err(error);
    }
    let Rewriter { sources, referenced, spelling, calls, written, .. } = rewriter;
    Ok(Rewritten { query, sources, referenced, spelling, calls, written })
}

/// One query on the way down.
#[derive(Default)]
struct Frame {
    /// Common table expressions whose queries are still to come, in order.
    pending: VecDeque<String>,
    ctes: HashSet<String>,
    /// The columns of common table expressions, where they can be told.
    cte_columns: HashMap<String, Vec<String>>,
    /// Aliases of UNNEST in this query's FROM: such a name is the element, before any column of that name.
    elements: HashSet<String>,
    /// Tables of this query's FROM whose names stand for whole rows, with their columns.
    rows: HashMap<String, Vec<String>>,
    /// Whether the SELECT has no FROM, and so one row.
    one_row: bool,
    /// Whether the query is of several SELECTs, each with names of its own.
    is_set: bool,
}

struct Rewriter<'a> {
    input: &'a QueryInput,
    tables: &'a dyn TableResolver,
    frames: Vec<Frame>,
    /// Names given to tables, so that a table used twice has one.
    names: HashMap<TableRef, String>,
    sources: HashMap<String, Source>,
    referenced: Vec<TableRef>,
    spelling: HashMap<String, String>,
    calls: HashMap<String, Vec<Location>>,
    /// Counts names made up.
    made: usize,
    /// The one instant of CURRENT_TIMESTAMP and its kin, in microseconds.
    now: i64,
    depth: usize,
    /// Counts views read.
    views: usize,
    written: HashMap<String, Option<String>>,
}

/// How deep expressions may nest, so that no recursion over them runs out of stack.
const MAX_DEPTH: usize = 700;

impl Rewriter<'_> {
    fn fresh(&mut self, prefix: &str) -> String {
        self.made += 1;
        format!("${prefix}{}", self.made)
    }

    fn is_cte(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        self.frames.iter().any(|f| f.ctes.contains(&name))
    }

    fn spell(&mut self, name: &str) {
        self.spelling.entry(name.to_lowercase()).or_insert_with(|| name.to_owned());
    }
}

/// An identifier in the form that DataFusion takes as it is.
fn normal(ident: &mut Ident) {
    if ident.quote_style != Some('"') {
        ident.value = ident.value.to_lowercase();
        ident.quote_style = Some('"');
    }
}

pub(super) fn made(name: impl Into<String>) -> Ident {
    Ident::with_quote('"', name)
}

fn flow<T>(result: Result<T, QueryError>) -> ControlFlow<QueryError> {
    match result {
        Ok(_) => ControlFlow::Continue(()),
        Err(error) => ControlFlow::Break(error),
    }
}

impl VisitorMut for Rewriter<'_> {
    type Break = QueryError;

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<QueryError> {
        flow(self.enter_query(query))
    }

    fn post_visit_query(&mut self, _query: &mut Query) -> ControlFlow<QueryError> {
        self.frames.pop();
        // The query just left may have been the next common table expression of the one around it.
        if let Some(frame) = self.frames.last_mut()
            && let Some(name) = frame.pending.pop_front()
        {
            frame.ctes.insert(name);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<QueryError> {
        flow(self.enter_select(select))
    }

    fn post_visit_select(&mut self, _select: &mut Select) -> ControlFlow<QueryError> {
        if let Some(frame) = self.frames.last_mut()
            && frame.is_set
        {
            frame.elements.clear();
            frame.rows.clear();
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<QueryError> {
        flow(self.enter_table(factor))
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<QueryError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return ControlFlow::Break(QueryError::new(
                super::Reason::ResourcesExceeded,
                "Resources exceeded during query execution: The query is nested too deeply.",
            ));
        }
        flow(self.enter_expr(expr))
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<QueryError> {
        self.depth -= 1;
        flow(self.leave_expr(expr))
    }
}

/// The SELECT of a query that is nothing but one.
pub(super) fn select_of(query: &mut Query) -> Option<&mut Select> {
    match query.body.as_mut() {
        SetExpr::Select(select) => Some(select),
        _ => None,
    }
}
