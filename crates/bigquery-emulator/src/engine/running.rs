//! Plans that run: on the threads for queries, in their turn, their rows given away as they come.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::common::DataFusionError;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::{ExecutionPlan, SendableRecordBatchStream, execute_stream};
use futures::StreamExt;
use tokio::sync::mpsc;

use super::coded::{Worth, coded, worth};
use super::error::{SourceText, from_datafusion};
use super::planned::canonical;
use super::session::Shared;
use super::{QueryError, Reason, Run};

/// Running a plan so that its rows, in exactly the types of a schema, go to a sender.
pub(super) fn rows_of(shared: &Arc<Shared>, plan: LogicalPlan, arrow: SchemaRef, text: SourceText) -> Run {
    let shared = Arc::clone(shared);
    Run::Rows(Box::new(move |rows, turn| {
        let (shared, plan, arrow, text) = (Arc::clone(&shared), plan.clone(), Arc::clone(&arrow), text.clone());
        Box::pin(async move {
            let work = stream(Arc::clone(&shared), plan, arrow, rows);
            let in_turn = async move {
                // Held here, so that it ends with the work and not with the wait for it.
                let _turn = turn;
                work.await
            };
            match shared.threads.spawn(in_turn).await {
                Ok(Ok(())) => Ok(()),
                Ok(Err(error)) => Err(from_datafusion(&error, &text)),
                Err(_) => Err(QueryError::new(Reason::InternalError, "the query stopped on an internal error of the embedded endpoint")),
            }
        })
    }))
}

/// Runs a plan on the threads for queries.
pub(super) async fn execute(shared: &Arc<Shared>, plan: LogicalPlan, text: &SourceText) -> Result<Vec<RecordBatch>, QueryError> {
    match shared.threads.spawn(run(Arc::clone(shared), plan)).await {
        Ok(Ok(batches)) => Ok(batches),
        Ok(Err(error)) => Err(from_datafusion(&error, text)),
        Err(_) => Err(QueryError::new(Reason::InternalError, "the query stopped on an internal error of the embedded endpoint")),
    }
}

/// Starts a plan, texts as numbers in it where that is quicker.
async fn start(shared: &Arc<Shared>, plan: LogicalPlan) -> Result<SendableRecordBatchStream, DataFusionError> {
    let changed = match worth(&plan)? {
        Worth::Nothing => None,
        Worth::Little => coded(&plan, &shared.state, &shared.files)?,
        Worth::Much => {
            let (own, plan) = (Arc::clone(shared), plan.clone());
            let done = shared.threads.on_deep_stack(move || coded(&plan, &own.state, &own.files)).await;
            done.ok_or_else(|| DataFusionError::Internal("a plan could not be read".to_owned()))??
        }
    };
    let state = if changed.is_some() { &shared.state_for_coded } else { &shared.state };
    let plan = changed.unwrap_or(plan);
    let physical: Arc<dyn ExecutionPlan> = state.query_planner().create_physical_plan(&plan, state).await?;
    execute_stream(physical, state.task_ctx())
}

async fn run(shared: Arc<Shared>, plan: LogicalPlan) -> Result<Vec<RecordBatch>, DataFusionError> {
    let mut stream = start(&shared, plan).await?;
    let mut batches = Vec::new();
    let mut held = 0;
    while let Some(batch) = stream.next().await {
        let batch = batch?;
        if batch.num_rows() > 0 {
            // Nobody else counts what is collected.
            held += batch.get_array_memory_size();
            if held > shared.memory_limit_bytes {
                return Err(DataFusionError::ResourcesExhausted(format!(
                    "the rows of a change take more than {} bytes",
                    shared.memory_limit_bytes
                )));
            }
            batches.push(batch);
        }
    }
    Ok(batches)
}

async fn stream(shared: Arc<Shared>, plan: LogicalPlan, schema: SchemaRef, rows: mpsc::Sender<RecordBatch>) -> Result<(), DataFusionError> {
    let mut stream = start(&shared, plan).await?;
    while let Some(batch) = stream.next().await {
        let batch = batch?;
        if batch.num_rows() > 0 && rows.send(canonical(&batch, &schema)?).await.is_err() {
            // Nobody wants the rest.
            break;
        }
    }
    Ok(())
}
