//! The engine itself: one runtime with a memory limit, and the way of a statement from text to rows.

use std::collections::{BTreeSet, HashMap};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion::common::DataFusionError;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::{FairSpillPool, MemoryPool, TrackConsumersPool};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::{SessionState, SessionStateBuilder};
use datafusion::logical_expr::{LogicalPlan, ScalarUDF};
use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;
use datafusion::prelude::SessionConfig;
use datafusion::sql::planner::{NullOrdering, ParserOptions, SqlToRel};
use futures::future::BoxFuture;
use sqlparser::ast::{Query, Statement};
use tokio::sync::mpsc;

use super::assign::assigned;
use super::bytes::bytes_read;
use super::caught::catch_errors;
use super::changes::{self, Change, ChangedRows, Step, apply, numbered, read_rows};
use super::coded::state_for_coded;
use super::definitions::{self, CreateTarget, Definition};
use super::error::{SourceText, from_datafusion};
use super::forgetful::ForgetWhereNullsComeIn;
use super::lateral::unnest_joins;
use super::parse::{Parsed, parse};
use super::partitions::PartitionSizes;
use super::pauses::PauseWhereRowsMultiply;
use super::planner::Context;
use super::rewrite::{ANONYMOUS, Known, Rewritten, Source, check_dataset, rewrite, table_names};
use super::running::{execute, rows_of};
use super::script::{self, Command};
use super::source::{output_fields, table_sources};
use super::stored::KnownFiles;
use super::threads::QueryThreads;
use super::turns::Turns;
use super::types::{arrow_schema, table_schema};
use super::{Effect, PreparedQuery, QueryError, QueryInput, Reason, Run, Seat, TableResolver, TableSnapshot};
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

pub(super) struct Shared {
    pub(super) state: SessionState,
    pub(super) state_for_coded: SessionState,
    functions: Arc<HashMap<String, Arc<ScalarUDF>>>,
    pub(super) threads: QueryThreads,
    turns: Arc<Turns>,
    pub(super) memory_limit_bytes: usize,
    partition_sizes: PartitionSizes,
    pub(super) files: KnownFiles,
}

impl Shared {
    fn bytes_read(&self, planned: &Planned) -> u64 {
        bytes_read(&self.state, &self.partition_sizes, &planned.plan, &planned.rewritten.sources)
    }

    /// The turn that a plan waits for, which reads so many bytes.
    fn seat(&self, plan: &LogicalPlan, bytes: u64) -> Seat {
        Seat { turns: Arc::clone(&self.turns), shares: self.turns.shares(plan, bytes) }
    }
}

/// The least of the limit that a thread gets: with less, sorts and groups could not even spill.
const BYTES_OF_A_THREAD: usize = 12 * 1024 * 1024;
/// Sorts of one thread whose merging finds room together.
const SORTS_AT_ONCE: usize = 3;

impl Engine {
    /// Sets up the runtime.
    ///
    /// # Errors
    /// The temporary directory cannot be used.
    pub fn new(options: EngineOptions) -> Result<Self, QueryError> {
        let started = |e: DataFusionError| QueryError::new(Reason::InternalError, e.to_string());
        let pool: Arc<dyn MemoryPool> =
            Arc::new(TrackConsumersPool::new(FairSpillPool::new(options.memory_limit_bytes), NonZeroUsize::MIN));
        let disk = DiskManagerBuilder::default().with_mode(DiskManagerMode::Directories(vec![options.temp_dir]));
        let runtime =
            RuntimeEnvBuilder::new().with_memory_pool(Arc::clone(&pool)).with_disk_manager_builder(disk).build_arc().map_err(started)?;
        let parts = options.threads.min(options.memory_limit_bytes / BYTES_OF_A_THREAD).max(1);
        let mut config = SessionConfig::new().with_target_partitions(parts).with_information_schema(false).with_parquet_pruning(true);
        let settings = config.options_mut();
        settings.execution.parquet.schema_force_view_types = false;
        settings.execution.parquet.pushdown_filters = true;
        settings.execution.parquet.reorder_filters = true;
        settings.execution.time_zone = Some("UTC".to_owned());
        // What each thread's sort sets aside for merging what it spilled: a part of the limit, or a small one would refuse every sort.
        let aside = options.memory_limit_bytes / (parts * SORTS_AT_ONCE);
        settings.execution.sort_spill_reservation_bytes = settings.execution.sort_spill_reservation_bytes.min(aside);
        settings.sql_parser.map_string_types_to_utf8view = false;
        settings.sql_parser.collect_spans = true;
        let mut rules = PhysicalOptimizer::new().rules;
        rules.insert(0, Arc::new(ForgetWhereNullsComeIn));
        rules.push(Arc::new(PauseWhereRowsMultiply));
        let state = SessionStateBuilder::new()
            .with_config(config)
            .with_runtime_env(runtime)
            .with_default_features()
            .with_physical_optimizer_rules(rules)
            .build();
        let functions = Arc::new(super::functions::all().into_iter().map(|f| (f.name().to_owned(), f)).collect());
        let threads = QueryThreads::start(options.threads).map_err(|e| QueryError::new(Reason::InternalError, e.to_string()))?;
        let memory_limit_bytes = options.memory_limit_bytes;
        let turns = Arc::new(Turns::new(pool, memory_limit_bytes, parts * BYTES_OF_A_THREAD));
        let (partition_sizes, files) = (PartitionSizes::default(), KnownFiles::default());
        Ok(Self {
            shared: Arc::new(Shared {
                state_for_coded: state_for_coded(&state),
                state,
                functions,
                threads,
                turns,
                memory_limit_bytes,
                partition_sizes,
                files,
            }),
        })
    }

    /// The commands of a script, where a text is one: `None` for a single statement.
    ///
    /// # Errors
    /// Syntax errors in any of its parts, and what the endpoint refuses.
    pub async fn script(&self, sql: &str) -> Result<Option<Vec<Command>>, QueryError> {
        if !script::may_be_script(sql) {
            return Ok(None);
        }
        let sql = sql.to_owned();
        on_deep_stack(&self.shared, move || script::read(&sql)).await
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
            let (parsed, names) = on_deep_stack(&shared, move || {
                let parsed = parse(&sql)?;
                let names = table_names(&parsed);
                Ok((parsed, names))
            })
            .await?;
            let known = Known::look_up(&names, &input, tables);
            let planned = Arc::clone(&shared);
            on_deep_stack(&shared, move || prepare(&planned, parsed, &input, &known)).await
        })
    }
}

/// Runs on a thread with a deep stack: parsing and planning recurse with the query. A panic there is an error here.
async fn on_deep_stack<T: Send + 'static>(
    shared: &Shared,
    work: impl FnOnce() -> Result<T, QueryError> + Send + 'static,
) -> Result<T, QueryError> {
    let failed = || QueryError::new(Reason::InternalError, "the query could not be planned: internal error of the embedded endpoint");
    shared.threads.on_deep_stack(work).await.unwrap_or_else(|| Err(failed()))
}

fn prepare(shared: &Arc<Shared>, parsed: Parsed, input: &QueryInput, tables: &Known) -> Result<PreparedQuery, QueryError> {
    match parsed {
        Parsed::Select(query) => prepare_query(shared, *query, input, tables),
        Parsed::Assert(query) => prepare_assertion(shared, *query, input, tables),
        Parsed::Define(statement) => prepare_definition(shared, *statement, input, tables),
        Parsed::Change(statement) => prepare_change(shared, *statement, input, tables),
    }
}

fn prepare_query(shared: &Arc<Shared>, query: Query, input: &QueryInput, tables: &Known) -> Result<PreparedQuery, QueryError> {
    let planned = planned_query(shared, query, input, tables, None, &[])?;
    let schema = output_schema(&planned.plan, &planned.rewritten)?;
    let total_bytes_processed = shared.bytes_read(&planned);
    let seat = shared.seat(&planned.plan, total_bytes_processed);
    let run = rows_of(shared, planned.plan, arrow_schema(&schema), SourceText::new(&input.sql));
    Ok(PreparedQuery {
        statement_type: "SELECT",
        schema,
        referenced_tables: planned.rewritten.referenced,
        total_bytes_processed,
        undeclared_parameters: Vec::new(),
        effect: Effect::None,
        seat,
        run,
    })
}

/// A query that is run for its errors alone.
fn prepare_assertion(shared: &Arc<Shared>, query: Query, input: &QueryInput, tables: &Known) -> Result<PreparedQuery, QueryError> {
    let prepared = prepare_query(shared, query, input, tables)?;
    let run = match prepared.run {
        Run::Rows(run) => Run::Rows(Box::new(move |_, turn| {
            let (sender, mut receiver) = mpsc::channel(1);
            let running = run(sender, turn);
            Box::pin(async move {
                let forget = async { while receiver.recv().await.is_some() {} };
                tokio::join!(running, forget).0
            })
        })),
        other => other,
    };
    Ok(PreparedQuery { statement_type: "ASSERT", schema: TableSchema::default(), run, ..prepared })
}

fn prepare_definition(shared: &Arc<Shared>, statement: Statement, input: &QueryInput, tables: &Known) -> Result<PreparedQuery, QueryError> {
    let read = definitions::read(statement, input)?;
    let target = match &read.definition {
        Definition::CreateTable(target) => Some(&target.table),
        Definition::CreateView { view, .. } => Some(view),
        _ => None,
    };
    if let Some(target) = target {
        check_dataset(target, tables)?;
    }
    let Some(query) = read.query else {
        return Ok(PreparedQuery {
            statement_type: read.statement_type,
            schema: TableSchema::default(),
            referenced_tables: Vec::new(),
            total_bytes_processed: 0,
            undeclared_parameters: Vec::new(),
            effect: Effect::Define(read.definition),
            seat: Seat { turns: Arc::clone(&shared.turns), shares: 0 },
            run: Run::Nothing,
        });
    };
    let columns = match &read.definition {
        Definition::CreateTable(CreateTarget { columns: Some(columns), .. }) => Some(columns.clone()),
        _ => None,
    };
    let mut prepared = match columns {
        None => prepare_query(shared, *query, input, tables)?,
        Some(columns) => {
            let wanted: Vec<Option<Field>> = columns.fields.iter().cloned().map(Some).collect();
            let planned = planned_query(shared, *query, input, tables, None, &wanted)?;
            let total_bytes_processed = shared.bytes_read(&planned);
            let seat = shared.seat(&planned.plan, total_bytes_processed);
            let run = rows_of(shared, planned.plan, arrow_schema(&columns), SourceText::new(&input.sql));
            PreparedQuery {
                statement_type: read.statement_type,
                schema: columns,
                referenced_tables: planned.rewritten.referenced,
                total_bytes_processed,
                undeclared_parameters: Vec::new(),
                effect: Effect::None,
                seat,
                run,
            }
        }
    };
    prepared.statement_type = read.statement_type;
    if let Definition::CreateView { .. } = &read.definition {
        prepared.run = Run::Nothing;
    }
    prepared.effect = Effect::Define(read.definition);
    Ok(prepared)
}

fn prepare_change(shared: &Arc<Shared>, statement: Statement, input: &QueryInput, tables: &Known) -> Result<PreparedQuery, QueryError> {
    let change = changes::read(statement, input, tables)?;
    let acts = change.steps.iter().any(|s| matches!(s, Step::Act { .. }));
    // Planned with no rows, for its errors and its price; what runs is planned with the rows of then.
    let empty = numbered(&RecordBatch::new_empty(arrow_schema(&change.table.schema)))?;
    let mut referenced_tables = vec![change.table.reference.clone()];
    let mut total_bytes_processed = if acts { change.table.column_bytes.values().sum() } else { 0 };
    for step in &change.steps {
        let planned = planned_step(shared, step, &change.table, &empty, input, tables)?;
        total_bytes_processed += shared.bytes_read(&planned);
        for table in planned.rewritten.referenced {
            if !referenced_tables.contains(&table) {
                referenced_tables.push(table);
            }
        }
    }
    let statement_type = change.statement_type;
    let table = change.table.reference.clone();
    let run = {
        let (shared, input, tables) = (Arc::clone(shared), input.clone(), tables.clone());
        move |turn| -> BoxFuture<'static, Result<ChangedRows, QueryError>> {
            Box::pin(async move {
                let _turn = turn;
                let text = SourceText::new(&input.sql);
                if acts {
                    fits_memory(&change.table, shared.memory_limit_bytes)?;
                }
                let (rows, numbers, change) = on_deep_stack(&shared, move || {
                    let rows = if acts { Some(read_rows(&change.table)?) } else { None };
                    let numbers = match &rows {
                        Some(rows) => numbered(rows)?,
                        None => empty,
                    };
                    Ok((rows, numbers, change))
                })
                .await?;
                let Change { table, steps, .. } = change;
                let mut answers = Vec::with_capacity(steps.len());
                for step in steps {
                    let (planned, step) = {
                        let (planning, input, tables) = (Arc::clone(&shared), input.clone(), tables.clone());
                        let (table, numbers) = (Arc::clone(&table), numbers.clone());
                        on_deep_stack(&shared, move || Ok((planned_step(&planning, &step, &table, &numbers, &input, &tables)?, step)))
                            .await?
                    };
                    answers.push((step, execute(&shared, planned.plan, &text).await?));
                }
                apply(&table, rows.as_ref(), &answers)
            })
        }
    };
    Ok(PreparedQuery {
        statement_type,
        schema: TableSchema::default(),
        referenced_tables,
        total_bytes_processed,
        undeclared_parameters: Vec::new(),
        effect: Effect::Change { table },
        // The rows of the table are held, and what is computed of them.
        seat: Seat { turns: Arc::clone(&shared.turns), shares: shared.turns.shares_of(total_bytes_processed) },
        run: Run::Change(Box::new(run)),
    })
}

/// A table that is changed is held in memory.
fn fits_memory(table: &TableSnapshot, limit: usize) -> Result<(), QueryError> {
    let bytes: u64 = table.column_bytes.values().sum();
    if usize::try_from(bytes).is_ok_and(|bytes| bytes <= limit) {
        return Ok(());
    }
    Err(QueryError::new(
        Reason::ResourcesExceeded,
        format!(
            "Resources exceeded during query execution: the embedded endpoint changes rows in memory, and the {bytes} bytes of table {} are more than the limit of {limit}.",
            table.reference
        ),
    ))
}

fn planned_step(
    shared: &Shared,
    step: &Step,
    table: &TableSnapshot,
    rows: &RecordBatch,
    input: &QueryInput,
    tables: &Known,
) -> Result<Planned, QueryError> {
    let field = |place: &usize| table.schema.fields.get(*place).cloned();
    let (query, wanted): (_, Vec<Option<Field>>) = match step {
        Step::Insert(query) => (query, (0..table.schema.fields.len()).map(|p| field(&p)).collect()),
        Step::Act { query, columns, .. } => (query, [None, None].into_iter().chain(columns.iter().map(field)).collect()),
    };
    planned_query(shared, query.as_ref().clone(), input, tables, Some(rows), &wanted)
}

/// A plan and what was learnt on the way to it.
struct Planned {
    plan: LogicalPlan,
    rewritten: Rewritten,
}

/// Plans a query whose columns go to the `wanted` fields, if any; `rows` are those of the table that is changed.
fn planned_query(
    shared: &Shared,
    query: Query,
    input: &QueryInput,
    tables: &Known,
    rows: Option<&RecordBatch>,
    wanted: &[Option<Field>],
) -> Result<Planned, QueryError> {
    let text = SourceText::new(&input.sql);
    let mut rewritten = rewrite(query, input, tables)?;
    if let Some(rows) = rows {
        rewritten.sources.insert(changes::TARGET.to_owned(), Source::Memory(rows.clone()));
    }
    let place = |error: DataFusionError| super::signatures::located(from_datafusion(&error, &text), &rewritten, &text);
    let plan = plan(shared, &rewritten, wanted).map_err(place)?;
    Ok(Planned { plan, rewritten })
}

fn plan(shared: &Shared, rewritten: &Rewritten, wanted: &[Option<Field>]) -> Result<LogicalPlan, DataFusionError> {
    let state = &shared.state;
    let context = Context::new(
        state,
        &shared.functions,
        table_sources(&rewritten.sources, &shared.functions, state.runtime_env())?,
        &rewritten.written,
    );
    let options = ParserOptions::new()
        .with_map_string_types_to_utf8view(false)
        .with_collect_spans(true)
        .with_default_null_ordering(NullOrdering::NullsMin);
    let planner = SqlToRel::new_with_options(&context, options);
    let statement = Statement::Query(Box::new(rewritten.query.clone()));
    let plan = planner.sql_statement_to_plan(statement)?;
    let plan = unnest_joins(plan, &shared.functions)?;
    super::strict::check(&plan)?;
    let plan = if rewritten.catches() { catch_errors(plan, state)? } else { plan };
    let plan = assigned(plan, wanted, &shared.functions)?;
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
