//! Scripts as one job: its statements run one after another, each committed before the next; the rows of the last one are the
//! job's.
//!
//! Source: <https://cloud.google.com/bigquery/docs/multi-statement-queries>

use std::sync::Arc;

use arrow::array::{Array, AsArray};
use futures::future::BoxFuture;

use super::job::{Job, JobOutput, QueryResults};
use super::query::{self, DryRun, QuerySpec, output, prepare, within_cap, without_rows};
use crate::engine::Command;
use crate::rest::error::ApiError;
use crate::rest::state::AppState;
use crate::schema::{FieldType, TableSchema};

/// The most statements and conditions that one script may run.
const MAX_STEPS: usize = 10_000;

/// Runs a query job, be it one statement or a script.
pub(super) async fn run(state: &AppState, job: &Arc<Job>, spec: QuerySpec) -> Result<JobOutput, ApiError> {
    let Some(commands) = state.engine.script(&spec.input.sql).await.map_err(ApiError::query)? else {
        return query::run(state, job, spec).await;
    };
    if spec.has_destination() {
        return Err(ApiError::invalid("configuration.query.destinationTable cannot be set for scripts"));
    }
    let cap = spec.maximum_bytes_billed;
    let mut running = Running { state, job, spec, cap, billed: 0, processed: 0, steps: 0, last: None };
    running.block(&commands).await?;
    let mut statistics = serde_json::Map::new();
    statistics.insert("statementType".into(), "SCRIPT".into());
    statistics.insert("totalBytesProcessed".into(), running.processed.to_string().into());
    statistics.insert("totalBytesBilled".into(), running.billed.to_string().into());
    statistics.insert("cacheHit".into(), false.into());
    let (processed, billed) = (running.processed, running.billed);
    let results = match running.last {
        Some(last) => QueryResults { bytes_processed: processed, bytes_billed: billed, ..last },
        None => without_rows(TableSchema::default(), processed, billed),
    };
    Ok(output(job, statistics, results))
}

pub(crate) async fn dry_run(state: &AppState, spec: QuerySpec) -> Result<DryRun, ApiError> {
    match state.engine.script(&spec.input.sql).await.map_err(ApiError::query)? {
        None => query::dry_run(state, spec).await,
        Some(_) => Err(ApiError::not_implemented("A dry run of a script")),
    }
}

/// What follows a command.
enum Flow {
    Next,
    Break,
    Continue,
    Return,
}

struct Running<'a> {
    state: &'a AppState,
    job: &'a Arc<Job>,
    spec: QuerySpec,
    cap: Option<u64>,
    billed: u64,
    processed: u64,
    steps: usize,
    last: Option<QueryResults>,
}

impl Running<'_> {
    /// The job's query with another text, and with what is left of the most that it may bill.
    fn spec(&mut self, sql: &str) -> Result<QuerySpec, ApiError> {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return Err(ApiError::invalid(format!("A script can run at most {MAX_STEPS} statements")));
        }
        let mut spec = self.spec.clone();
        sql.clone_into(&mut spec.input.sql);
        spec.maximum_bytes_billed = self.cap.map(|cap| cap.saturating_sub(self.billed));
        Ok(spec)
    }

    fn block<'a>(&'a mut self, commands: &'a [Command]) -> BoxFuture<'a, Result<Flow, ApiError>> {
        Box::pin(async move {
            for command in commands {
                match self.command(command).await? {
                    Flow::Next => {}
                    other => return Ok(other),
                }
            }
            Ok(Flow::Next)
        })
    }

    async fn command(&mut self, command: &Command) -> Result<Flow, ApiError> {
        match command {
            Command::Statement(sql) => {
                let spec = self.spec(sql)?;
                let ran = query::run(self.state, self.job, spec).await?;
                if let Some(results) = ran.results {
                    self.billed += results.bytes_billed;
                    self.processed += results.bytes_processed;
                    self.last = Some(results);
                }
                Ok(Flow::Next)
            }
            Command::Block(commands) => self.block(commands).await,
            Command::If(branches, otherwise) => {
                for (condition, commands) in branches {
                    if self.holds(condition).await? {
                        return self.block(commands).await;
                    }
                }
                self.block(otherwise).await
            }
            Command::Loop { while_, body, until } => {
                loop {
                    // A loop of nothing must be stoppable as well.
                    tokio::task::yield_now().await;
                    if let Some(condition) = while_
                        && !self.holds(condition).await?
                    {
                        break;
                    }
                    match self.block(body).await? {
                        Flow::Break => break,
                        Flow::Return => return Ok(Flow::Return),
                        Flow::Next | Flow::Continue => {}
                    }
                    if let Some(condition) = until
                        && self.holds(condition).await?
                    {
                        break;
                    }
                    self.steps += 1;
                    if self.steps > MAX_STEPS {
                        return Err(ApiError::invalid(format!("A script can run at most {MAX_STEPS} statements")));
                    }
                }
                Ok(Flow::Next)
            }
            Command::Break => Ok(Flow::Break),
            Command::Continue => Ok(Flow::Continue),
            Command::Return => Ok(Flow::Return),
            Command::Raise(message) => {
                let text = self.one(message, FieldType::String, |column| column.as_string::<i32>().value(0).to_owned()).await?;
                Err(ApiError::new(400, "invalidQuery", format!("Query error: {}", text.unwrap_or_default())))
            }
        }
    }

    /// Whether a condition holds, which NULL does not.
    async fn holds(&mut self, condition: &str) -> Result<bool, ApiError> {
        Ok(self.one(condition, FieldType::Bool, |column| column.as_boolean().value(0)).await?.unwrap_or(false))
    }

    /// The one value of a query, which is of a type.
    async fn one<T>(&mut self, sql: &str, wanted: FieldType, read: impl FnOnce(&dyn Array) -> T) -> Result<Option<T>, ApiError> {
        let spec = self.spec(sql)?;
        let lease = self.state.store.lease();
        let prepared = prepare(self.state, &lease, spec.input).await?;
        self.billed += within_cap(&prepared, spec.maximum_bytes_billed)?;
        self.processed += prepared.total_bytes_processed;
        if prepared.schema.fields.first().is_none_or(|f| f.field_type != wanted) {
            let given = prepared.schema.fields.first().map(|f| f.field_type.sql_name()).unwrap_or_default();
            return Err(ApiError::new(400, "invalidQuery", format!("Expected type {} but got {given}", wanted.sql_name())));
        }
        let batches = prepared.run().await.map_err(ApiError::query)?;
        let column = batches.iter().find(|b| b.num_rows() > 0).map(|b| b.column(0));
        Ok(column.filter(|c| c.is_valid(0)).map(|c| read(c.as_ref())))
    }
}
