//! GoogleSQL to rows. The only module that may name DataFusion; everything it gives out is boxed and non-generic.
//!
//! A statement's way: `parse` (tokens and sqlparser, with `dialect`; `forms` puts what sqlparser does not know into words that it
//! does) -> `rewrite` (tables and views resolved, parameters put in, every function mapped, pipes and what else DataFusion cannot
//! plan written otherwise) -> `planner` (DataFusion's planner with GoogleSQL's arithmetic) -> `lateral` (correlated UNNEST) ->
//! `strict` (types that GoogleSQL does not bring together) -> `caught` (IFERROR) -> DataFusion's optimizer. That is
//! [`Engine::prepare`], which also gives all that a dry run tells; [`PreparedQuery::run`] waits for its turn (`turns`) and executes,
//! texts as numbers where that is quicker (`coded`), with `forgetful` guarding what DataFusion's physical optimizer gets wrong about
//! NULLs.
//! `definitions` reads CREATE, DROP, ALTER and TRUNCATE and leaves the doing to the caller ([`Effect`]); `changes` makes INSERT,
//! UPDATE, DELETE and MERGE into queries and their answers into rows, which the caller stores.
//! `script` reads scripts; running them is the caller's.
//! Functions are our own (`functions`), one table of cell functions with BigQuery's rules and messages; of DataFusion's only
//! those are reachable that mean the same. JSON, GEOGRAPHY, INTERVAL and RANGE have types of their own inside of queries and are
//! texts in storage and results (`planned`).
//!
//! Invariants: a function, operator or clause that is not known here never reaches DataFusion under its own meaning; results
//! have exactly the types of [`arrow_schema`]; planning and running never block the caller's runtime, and a panic in either
//! is an error of that query alone; a statement changes nothing by itself.
//!
//! # What is refused
//! With [`Reason::NotImplemented`] and `... is not supported by the embedded endpoint`: what the crate's README lists, and
//! - DECLARE, SET, FOR, EXPORT, LOAD, CALL, GRANT; CREATE TEMP TABLE, LIKE, CLONE, FUNCTION, PROCEDURE, MATERIALIZED VIEW;
//! - wildcard tables, TABLESAMPLE, FOR SYSTEM_TIME AS OF, most table functions, CAST with FORMAT, comparison of INTERVALs;
//! - UNNEST of several arrays; LEFT JOIN UNNEST with a condition; UNNEST of an outer query's ARRAY, except as the only item of
//!   FROM in EXISTS, IN, ARRAY(...) or a subquery of one aggregate or one row;
//! - correlated subqueries that DataFusion cannot decorrelate (an inequality with the outer row, LIMIT above 1).
//!
//! Known differences: approximate aggregates and sketches are exact; a NULL inside an ARRAY of the result is kept where BigQuery
//! fails; COLLATE is not known; `SELECT *` over USING keeps the left table's order of columns; polygons keep the order of their
//! vertices.

mod assign;
mod bytes;
mod caught;
mod changes;
mod coded;
mod defaults;
mod definitions;
mod dialect;
mod error;
mod fit;
mod forgetful;
mod forms;
mod functions;
mod lateral;
mod literals;
mod names;
mod params;
mod parse;
mod partitions;
mod pauses;
mod planned;
mod planner;
mod rewrite;
mod running;
mod script;
mod session;
mod signatures;
mod source;
mod stored;
mod strict;
mod syntax;
mod threads;
mod turns;
mod types;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use futures::future::BoxFuture;
use tokio::sync::mpsc;

use self::turns::Turns;
use crate::schema::{DatasetRef, Field, TableRef, TableSchema};

/// Batches of a result that may wait to be taken.
pub(crate) const BATCHES_AHEAD: usize = 4;

pub use changes::ChangedRows;
pub(crate) use defaults::{PlainDefault, check as check_default, plain as plain_default};
pub use definitions::{CreateTarget, Definition, DroppedColumn, NewColumn};
pub(crate) use fit::fit;
pub use script::Command;
pub use session::{Engine, EngineOptions};
pub(crate) use turns::Turn;
pub use types::{TYPE_KEY, arrow_schema, logical_bytes, table_schema};

/// The canonical text of an INTERVAL, `1-2 3 4:5:6`, from that or ISO 8601; `None` for what is none.
pub(crate) fn interval(text: &str) -> Option<String> {
    functions::parse_interval(text).ok().map(functions::interval_text)
}

/// What the engine sees of a stored table: its schema, its Parquet files (all of the same Arrow schema, see
/// [`arrow_schema`]) and the logical size of each top-level column, from which `totalBytesProcessed` follows.
#[derive(Debug, Clone)]
pub struct TableSnapshot {
    pub reference: TableRef,
    pub schema: TableSchema,
    pub files: Vec<PathBuf>,
    pub row_count: u64,
    /// Logical bytes by top-level column name, by BigQuery's rules.
    pub column_bytes: BTreeMap<String, u64>,
    /// The query of a view, which has no files.
    pub view: Option<String>,
    /// What INFORMATION_SCHEMA tells beyond the schema.
    pub facts: TableFacts,
}

/// Properties of a table in the form of the REST API, and its creation.
#[derive(Debug, Clone, Default)]
pub struct TableFacts {
    pub created_ms: i64,
    pub modified_ms: i64,
    pub properties: serde_json::Map<String, serde_json::Value>,
}

/// Where the engine finds tables. A missing table or dataset is `None`; the engine words the error.
pub trait TableResolver: Send + Sync {
    fn table(&self, reference: &TableRef) -> Option<Arc<TableSnapshot>>;
    fn dataset_exists(&self, dataset: &DatasetRef) -> bool;
    /// All tables of a dataset, for INFORMATION_SCHEMA.
    fn tables(&self, dataset: &DatasetRef) -> Vec<Arc<TableSnapshot>>;
    /// All datasets, for INFORMATION_SCHEMA.SCHEMATA.
    fn datasets(&self) -> Vec<(DatasetRef, TableFacts)> {
        Vec::new()
    }
    /// All jobs as the REST API shows them, for INFORMATION_SCHEMA.JOBS.
    fn jobs(&self) -> Vec<serde_json::Value> {
        Vec::new()
    }
}

/// A query parameter, already typed. `value` is its JSON value in BigQuery's cell form (strings for scalars, arrays for
/// ARRAY, objects for STRUCT, null).
#[derive(Debug, Clone)]
pub struct QueryParameter {
    /// `None` for a positional parameter.
    pub name: Option<String>,
    pub field: Field,
    pub value: serde_json::Value,
}

/// One statement to run.
#[derive(Debug, Clone)]
pub struct QueryInput {
    pub sql: String,
    pub parameters: Vec<QueryParameter>,
    pub project_id: String,
    pub default_dataset: Option<DatasetRef>,
}

/// Why a statement failed, with BigQuery's `reason`; `rest` maps it to an HTTP code.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct QueryError {
    pub reason: Reason,
    pub message: String,
}

/// BigQuery's error reasons that the engine can give.
/// Source: <https://cloud.google.com/bigquery/docs/error-messages>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    InvalidQuery,
    NotFound,
    AccessDenied,
    NotImplemented,
    ResourcesExceeded,
    InternalError,
}

/// A statement that was parsed, checked and planned, but not run: all that a dry run needs.
pub struct PreparedQuery {
    /// `SELECT`, `CREATE_TABLE_AS_SELECT` ... as in `statistics.query.statementType`.
    pub statement_type: &'static str,
    /// What a query gives; nothing for a change, and the columns of a view for the statement that makes it.
    pub schema: TableSchema,
    pub referenced_tables: Vec<TableRef>,
    pub total_bytes_processed: u64,
    pub undeclared_parameters: Vec<String>,
    pub effect: Effect,
    seat: Seat,
    run: Run,
}

/// What a statement does besides giving rows.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Nothing: a query.
    None,
    /// It makes, changes or removes a table, view or dataset; CREATE TABLE AS SELECT gives the rows.
    Define(Definition),
    /// It changes the rows of a table; running it gives what they become.
    Change { table: TableRef },
}

/// Runs a query, in its turn; its rows go to the sender.
type RunRows = dyn Fn(mpsc::Sender<RecordBatch>, Turn) -> BoxFuture<'static, Result<(), QueryError>> + Send + Sync;
/// Runs a change.
type RunChange = dyn FnOnce(Turn) -> BoxFuture<'static, Result<ChangedRows, QueryError>> + Send + Sync;

enum Run {
    Rows(Box<RunRows>),
    Change(Box<RunChange>),
    Nothing,
}

/// Where a statement waits for its turn, and for how much.
#[derive(Clone)]
struct Seat {
    turns: Arc<Turns>,
    shares: u32,
}

impl PreparedQuery {
    /// Waits until there is room for the statement beside those that run.
    pub(crate) async fn turn(&self) -> Turn {
        self.seat.turns.take(self.seat.shares).await
    }

    /// Waits until nothing else runs, for a statement that had too little memory beside others.
    pub(crate) async fn turn_alone(&self) -> Turn {
        self.seat.turns.take_all().await
    }

    /// Runs a query in its turn. Dropping the future stops the work.
    ///
    /// # Errors
    /// What only running can tell: division by zero, overflow, a bad cast, memory exceeded.
    pub async fn run(self) -> Result<Vec<RecordBatch>, QueryError> {
        let mut turn = self.turn().await;
        loop {
            let beside_others = !turn.is_alone();
            let (sender, mut receiver) = mpsc::channel(BATCHES_AHEAD);
            let mut batches = Vec::new();
            let collect = async {
                while let Some(batch) = receiver.recv().await {
                    batches.push(batch);
                }
            };
            let (ran, ()) = tokio::join!(self.run_into(sender, turn), collect);
            match ran {
                Err(error) if beside_others && error.reason == Reason::ResourcesExceeded => turn = self.turn_alone().await,
                ran => return ran.map(|()| batches),
            }
        }
    }

    /// Runs a query and gives its rows away as they come. The channel closes at their end, and also when there is an error: only
    /// what comes back tells. Dropping the future, or the receiver, stops the work. It can be run again.
    ///
    /// # Errors
    /// As [`PreparedQuery::run`].
    pub(crate) async fn run_into(&self, rows: mpsc::Sender<RecordBatch>, turn: Turn) -> Result<(), QueryError> {
        match &self.run {
            Run::Rows(run) => run(rows, turn).await,
            Run::Change(_) | Run::Nothing => Ok(()),
        }
    }

    /// Runs a change: nothing is stored, the rows that the table is to have are the result.
    ///
    /// # Errors
    /// As [`PreparedQuery::run`], and where rows break the rules of UPDATE, MERGE or REQUIRED columns.
    pub(crate) async fn run_change(self, turn: Turn) -> Result<Option<ChangedRows>, QueryError> {
        match self.run {
            Run::Change(run) => run(turn).await.map(Some),
            Run::Rows(_) | Run::Nothing => Ok(None),
        }
    }
}
