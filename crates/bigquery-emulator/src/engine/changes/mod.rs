//! INSERT, UPDATE, DELETE and MERGE.
//!
//! A change reads its table into memory with a number for each row, and asks queries which rows are acted upon and what
//! becomes of them ([`Step`]); `apply` makes the new rows from the answers. So the queries are plain SELECTs, with all that a
//! SELECT can do in their conditions.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/dml-syntax>

mod apply;
mod merge;
mod steps;

use arrow::record_batch::RecordBatch;
use sqlparser::ast::{Query, Spanned, Statement, TableFactor, TableObject};

pub(super) use apply::{apply, numbered, read_rows};
pub(super) use steps::literal_of;

use super::error::not_supported;
use super::rewrite::{made, parts, qualify};
use super::{QueryError, QueryInput, Reason, TableResolver, TableSnapshot};
use crate::schema::TableRef;
use std::sync::Arc;

/// The name under which queries read the table that is changed.
pub(super) const TARGET: &str = "$target";
/// The column that numbers its rows.
pub(super) const ROW: &str = "$row";

/// What a statement made of a table.
pub struct ChangedRows {
    /// Rows in the table's own schema.
    pub batches: Vec<RecordBatch>,
    /// Whether they come after the rows that are there, or take their place.
    pub appended: bool,
    pub inserted: u64,
    pub updated: u64,
    pub deleted: u64,
}

/// What is done with a row that a query names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Update,
    Delete,
}

/// One query of a change.
pub(super) enum Step {
    /// Gives whole rows.
    Insert(Box<Query>),
    /// Gives the number of a row, the number from 1 of the action that is taken with it (0: none), and values for `columns`.
    Act {
        query: Box<Query>,
        columns: Vec<usize>,
        actions: Vec<Action>,
        /// Holds only for rows that no earlier step named.
        unmatched: bool,
    },
}

/// A statement that changes rows.
pub(super) struct Change {
    pub(super) statement_type: &'static str,
    pub(super) table: Arc<TableSnapshot>,
    pub(super) steps: Vec<Step>,
}

/// Reads a statement that changes rows.
pub(super) fn read(statement: Statement, input: &QueryInput, tables: &dyn TableResolver) -> Result<Change, QueryError> {
    match statement {
        Statement::Insert(insert) => {
            let TableObject::TableName(name) = &insert.table else {
                return Err(not_supported("INSERT into a function"));
            };
            let table = find(name, input, tables)?;
            let steps = vec![steps::insert(&table, insert)?];
            Ok(Change { statement_type: "INSERT", table, steps })
        }
        Statement::Update(update) => {
            let (table, factor) = target(update.table.relation.clone(), input, tables)?;
            let steps = vec![steps::update(&table, factor, update)?];
            Ok(Change { statement_type: "UPDATE", table, steps })
        }
        Statement::Delete(delete) => {
            let relation = steps::deleted_from(&delete)?;
            let (table, factor) = target(relation, input, tables)?;
            let steps = vec![steps::delete(factor, delete)?];
            Ok(Change { statement_type: "DELETE", table, steps })
        }
        Statement::Merge(merge) => {
            let (table, factor) = target(merge.table.clone(), input, tables)?;
            let steps = merge::steps(&table, factor, merge)?;
            Ok(Change { statement_type: "MERGE", table, steps })
        }
        other => Err(super::parse::refused_statement(&other)),
    }
}

fn find(name: &sqlparser::ast::ObjectName, input: &QueryInput, tables: &dyn TableResolver) -> Result<Arc<TableSnapshot>, QueryError> {
    let reference: TableRef = qualify(&parts(name), input, name.span().start)?;
    let Some(table) = tables.table(&reference) else {
        super::rewrite::check_dataset(&reference, tables)?;
        return Err(QueryError::new(Reason::NotFound, format!("Not found: Table {reference} was not found in location US")));
    };
    if table.view.is_some() {
        return Err(QueryError::invalid(format!("DML over view {reference} is not supported")));
    }
    Ok(table)
}

/// The table that is changed, and the item of FROM that reads it with the numbers of its rows.
fn target(factor: TableFactor, input: &QueryInput, tables: &dyn TableResolver) -> Result<(Arc<TableSnapshot>, TableFactor), QueryError> {
    let TableFactor::Table { name, alias, .. } = &factor else {
        return Err(not_supported("DML over anything but a table"));
    };
    let table = find(name, input, tables)?;
    let alias = alias.clone().unwrap_or_else(|| sqlparser::ast::TableAlias {
        explicit: true,
        name: made(table.reference.table_id.to_lowercase()),
        columns: Vec::new(),
        at: None,
    });
    let mut own = factor;
    if let TableFactor::Table { name, alias: shown, .. } = &mut own {
        *name = sqlparser::ast::ObjectName::from(vec![made(TARGET)]);
        *shown = Some(alias);
    }
    Ok((table, own))
}
