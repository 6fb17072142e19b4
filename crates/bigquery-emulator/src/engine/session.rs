//! The engine itself: one runtime with a memory limit, and the way of a statement from text to rows.

use std::collections::{BTreeSet, HashMap};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::SchemaRef;
use datafusion::common::DataFusionError;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::{FairSpillPool, TrackConsumersPool};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::{SessionState, SessionStateBuilder};
use datafusion::logical_expr::{LogicalPlan, ScalarUDF};
use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use datafusion::prelude::SessionConfig;
use datafusion::sql::planner::{NullOrdering, ParserOptions, SqlToRel};
use futures::StreamExt;
use futures::future::BoxFuture;
use sqlparser::ast::Statement;
use tokio::sync::mpsc;

use super::error::{SourceText, from_datafusion, not_supported};
use super::forgetful::ForgetWhereNullsComeIn;
use super::lateral::unnest_joins;
use super::parse::{Parsed, parse};
use super::planner::Context;
use super::rewrite::{ANONYMOUS, Known, Rewritten, Source, rewrite, table_names, target};
use super::source::{output_fields, table_sources};
use super::threads::QueryThreads;
use super::types::{arrow_schema, table_schema};
use super::{CreateTarget, PreparedQuery, QueryError, QueryInput, Reason, TableResolver};
use crate::schema::{Field, TableSchema};

/// What the engine may use of the machine.
#[derive(Debug, Clone)]
pub struct EngineOptions {
    /// The most that the running queries hold in memory together; beyond it they spill to `temp_dir`.
    pub memory_limit_bytes: usize,
    /// How many threads one query is spread over.
    pub threads: usize,
    /// Where sorts and joins that do not fit memory put their rows.
    pub temp_dir: PathBuf,
}

/// Runs GoogleSQL. Cheap to share; all its queries keep to one memory limit.
pub struct Engine {
    shared: Arc<Shared>,
}

struct Shared {
    state: SessionState,
    functions: HashMap<String, Arc<ScalarUDF>>,
    threads: QueryThreads,
}

/// Stack of the thread that plans: deep expressions recurse.
const PLANNING_STACK_BYTES: usize = 64 * 1024 * 1024;

impl Engine {
    /// Sets up the runtime.
    ///
    /// # Errors
    /// The temporary directory cannot be used.
    pub fn new(options: EngineOptions) -> Result<Self, QueryError> {
        let started = |e: DataFusionError| QueryError::new(Reason::InternalError, e.to_string());
        let pool = TrackConsumersPool::new(FairSpillPool::new(options.memory_limit_bytes), NonZeroUsize::MIN);
        let disk = DiskManagerBuilder::default().with_mode(DiskManagerMode::Directories(vec![options.temp_dir]));
        let runtime =
            RuntimeEnvBuilder::new().with_memory_pool(Arc::new(pool)).with_disk_manager_builder(disk).build_arc().map_err(started)?;
        let mut config =
            SessionConfig::new().with_target_partitions(options.threads.max(1)).with_information_schema(false).with_parquet_pruning(true);
        let settings = config.options_mut();
        settings.execution.parquet.schema_force_view_types = false;
        settings.execution.parquet.pushdown_filters = true;
        settings.execution.parquet.reorder_filters = true;
        settings.execution.time_zone = Some("UTC".to_owned());
        settings.sql_parser.map_string_types_to_utf8view = false;
        settings.sql_parser.collect_spans = true;
        let mut rules = PhysicalOptimizer::new().rules;
        rules.insert(0, Arc::new(ForgetWhereNullsComeIn));
        let state = SessionStateBuilder::new()
            .with_config(config)
            .with_runtime_env(runtime)
            .with_default_features()
            .with_physical_optimizer_rules(rules)
            .build();
        let functions = super::functions::all().into_iter().map(|f| (f.name().to_owned(), f)).collect();
        let threads = QueryThreads::start(options.threads).map_err(|e| QueryError::new(Reason::InternalError, e.to_string()))?;
        Ok(Self { shared: Arc::new(Shared { state, functions, threads }) })
    }

    /// Parses, checks and plans a statement, and runs nothing.
    ///
    /// # Errors
    /// Everything that BigQuery tells before a query runs: syntax, unknown names, types, access; and what the endpoint
    /// refuses, with [`Reason::NotImplemented`].
    pub fn prepare<'a>(&self, input: QueryInput, tables: &'a dyn TableResolver) -> BoxFuture<'a, Result<PreparedQuery, QueryError>> {
        let shared = Arc::clone(&self.shared);
        Box::pin(async move {
            let sql = input.sql.clone();
            let (parsed, names) = on_deep_stack(move || {
                let parsed = parse(&sql)?;
                let names = table_names(&parsed);
                Ok((parsed, names))
            })
            .await?;
            let known = Known::look_up(&names, &input, tables);
            on_deep_stack(move || prepare(&shared, parsed, &input, &known)).await
        })
    }
}

/// Runs on a thread of its own with a deep stack: parsing and planning recurse with the query. A panic there is an error here.
async fn on_deep_stack<T: Send + 'static>(work: impl FnOnce() -> Result<T, QueryError> + Send + 'static) -> Result<T, QueryError> {
    let failed = || QueryError::new(Reason::InternalError, "the query could not be planned: internal error of the embedded endpoint");
    let (sender, receiver) = tokio::sync::oneshot::channel();
    std::thread::Builder::new()
        .name("plan".to_owned())
        .stack_size(PLANNING_STACK_BYTES)
        .spawn(move || {
            // The receiver is gone when the caller has given up.
            let _ = sender.send(work());
        })
        .map_err(|_| failed())?;
    receiver.await.unwrap_or_else(|_| Err(failed()))
}

fn prepare(shared: &Arc<Shared>, parsed: Parsed, input: &QueryInput, tables: &dyn TableResolver) -> Result<PreparedQuery, QueryError> {
    let text = SourceText::new(&input.sql);
    let (statement_type, target, query) = match parsed {
        Parsed::Select(query) => ("SELECT", None, query),
        Parsed::CreateTableAs { name, or_replace, if_not_exists, query } => {
            let table = target(&name, input, tables)?;
            let target = CreateTarget { table, or_replace, if_not_exists };
            ("CREATE_TABLE_AS_SELECT", Some(target), query)
        }
    };
    let rewritten = rewrite(*query, input, tables)?;
    let place = |error: DataFusionError| located(from_datafusion(&error, &text), &rewritten);
    let plan = plan(shared, &rewritten).map_err(place)?;
    let schema = output_schema(&plan, &rewritten)?;
    let total_bytes_processed = bytes_read(&plan, &rewritten.sources);
    let run = {
        let shared = Arc::clone(shared);
        let arrow = arrow_schema(&schema);
        let text = text.clone();
        move |rows| -> BoxFuture<'static, Result<(), QueryError>> {
            Box::pin(async move {
                let work = shared.threads.spawn(run(Arc::clone(&shared), plan, arrow, rows));
                match work.await {
                    Ok(Ok(())) => Ok(()),
                    Ok(Err(error)) => Err(from_datafusion(&error, &text)),
                    Err(_) => {
                        Err(QueryError::new(Reason::InternalError, "the query stopped on an internal error of the embedded endpoint"))
                    }
                }
            })
        }
    };
    Ok(PreparedQuery {
        statement_type,
        schema,
        referenced_tables: rewritten.referenced.clone(),
        total_bytes_processed,
        undeclared_parameters: Vec::new(),
        target,
        run: Box::new(run),
    })
}

/// Adds the place of a call to a signature error, where the function is called once.
fn located(mut error: QueryError, rewritten: &Rewritten) -> QueryError {
    if let Some(rest) = error.message.strip_prefix("No matching signature for function ") {
        let name = rest.split(' ').next().unwrap_or_default();
        if let Some([at]) = rewritten.calls.get(name).map(Vec::as_slice)
            && !error.message.ends_with(']')
        {
            error.message = format!("{}{}", error.message, super::error::At(*at));
        }
    }
    error
}

fn plan(shared: &Shared, rewritten: &Rewritten) -> Result<LogicalPlan, DataFusionError> {
    let state = &shared.state;
    let context = Context::new(state, &shared.functions, table_sources(&rewritten.sources)?);
    let options = ParserOptions::new()
        .with_map_string_types_to_utf8view(false)
        .with_collect_spans(true)
        .with_default_null_ordering(NullOrdering::NullsMin);
    let planner = SqlToRel::new_with_options(&context, options);
    let statement = Statement::Query(Box::new(rewritten.query.clone()));
    let plan = planner.sql_statement_to_plan(statement)?;
    let plan = unnest_joins(plan, &shared.functions)?;
    super::strict::check(&plan)?;
    state.optimize(&plan)
}

/// Names and types of the result. Nameless columns are `f0_`, `f1_` ...; two of one name are BigQuery's error.
fn output_schema(plan: &LogicalPlan, rewritten: &Rewritten) -> Result<TableSchema, QueryError> {
    let mut schema = table_schema(&output_fields(plan.schema()));
    let mut anonymous = 0;
    let mut seen = BTreeSet::new();
    for field in &mut schema.fields {
        if field.name.starts_with(ANONYMOUS) {
            field.name = format!("f{anonymous}_");
            anonymous += 1;
        }
        spell(field, rewritten);
        if !seen.insert(field.name.to_lowercase()) {
            return Err(QueryError::invalid(format!(
                "Duplicate column names in the result are not supported. Found duplicate(s): {}",
                field.name
            )));
        }
        if field.field_type == crate::schema::FieldType::Interval {
            return Err(not_supported("A result of type INTERVAL"));
        }
    }
    Ok(schema)
}

fn spell(field: &mut Field, rewritten: &Rewritten) {
    if let Some(written) = rewritten.spelling.get(&field.name) {
        field.name.clone_from(written);
    }
    for child in &mut field.fields {
        spell(child, rewritten);
    }
}

/// The logical bytes of the columns that the plan reads, each table's columns once.
fn bytes_read(plan: &LogicalPlan, sources: &HashMap<String, Source>) -> u64 {
    let mut columns: BTreeSet<(String, String)> = BTreeSet::new();
    let walked = plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node {
            let table = scan.table_name.table();
            let names = scan.projected_schema.fields().iter().map(|f| f.name().clone());
            let filtered = scan.filters.iter().flat_map(|f| f.column_refs().into_iter().map(|c| c.name.clone()));
            columns.extend(names.chain(filtered).map(|c| (table.to_owned(), c)));
        }
        Ok(TreeNodeRecursion::Continue)
    });
    if walked.is_err() {
        return 0;
    }
    columns
        .iter()
        .filter_map(|(table, column)| match sources.get(table)? {
            Source::Table(snapshot) => {
                snapshot.column_bytes.iter().find(|(name, _)| name.eq_ignore_ascii_case(column)).map(|(_, bytes)| *bytes)
            }
            Source::Memory(_) => None,
        })
        .sum()
}

async fn run(shared: Arc<Shared>, plan: LogicalPlan, schema: SchemaRef, rows: mpsc::Sender<RecordBatch>) -> Result<(), DataFusionError> {
    let physical: Arc<dyn ExecutionPlan> = shared.state.query_planner().create_physical_plan(&plan, &shared.state).await?;
    let mut stream = execute_stream(physical, shared.state.task_ctx())?;
    while let Some(batch) = stream.next().await {
        let batch = batch?;
        if batch.num_rows() > 0 && rows.send(canonical(&batch, &schema)?).await.is_err() {
            // Nobody wants the rest.
            break;
        }
    }
    Ok(())
}

/// A batch in exactly the types that [`arrow_schema`] gives.
fn canonical(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, DataFusionError> {
    let columns =
        batch
            .columns()
            .iter()
            .zip(schema.fields())
            .map(|(column, field)| {
                if column.data_type() == field.data_type() {
                    Ok(Arc::clone(column))
                } else {
                    arrow::compute::cast(column, field.data_type())
                }
            })
            .collect::<Result<Vec<ArrayRef>, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)?)
}
