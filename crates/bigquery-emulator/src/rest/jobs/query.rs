//! Query jobs: plan, check the price, run, put the rows where they belong.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use serde_json::{Map, Value, json};

use super::cache;
use super::destination::{Destination, stage_rows, write_staged};
use super::job::{Job, JobOutput, Projection, QueryResults};
use super::results::keep_rows;
use super::statistics::plan_of;
use super::{ANONYMOUS_DATASET, ANONYMOUS_PREFIX};
use crate::engine::{BATCHES_AHEAD, Effect, PreparedQuery, QueryInput, Reason, TableFacts, TableResolver, TableSnapshot};
use crate::rest::error::ApiError;
use crate::rest::page::Rows;
use crate::rest::parameters;
use crate::rest::request::{as_flag, as_number, as_text};
use crate::rest::state::AppState;
use crate::rest::wire_schema::{self, Modes};
use crate::schema::{DatasetRef, TableRef, TableSchema};
use crate::store::Lease;
use tokio::sync::mpsc;

const MIB: u64 = 1024 * 1024;
/// The least that is billed for a table that is read.
/// Source: <https://cloud.google.com/bigquery/pricing#on_demand_pricing>
const MIN_BILLED_PER_TABLE: u64 = 10 * MIB;

/// A query and where its rows go.
#[derive(Debug, Clone)]
pub(crate) struct QuerySpec {
    pub(super) input: QueryInput,
    pub(super) maximum_bytes_billed: Option<u64>,
    destination: Option<Destination>,
    use_cache: bool,
}

impl QuerySpec {
    /// Reads `configuration.query`, or the body of jobs.query, which spells the same fields.
    pub(crate) fn read(state: &AppState, query: &Value) -> Result<Self, ApiError> {
        let sql =
            as_text(query.get("query")).ok_or_else(|| ApiError::new(400, "required", "Required parameter is missing: query"))?.to_owned();
        // The API's default is legacy SQL; clients send false, and there is only one dialect here.
        if as_flag(query.get("useLegacySql")) {
            return Err(ApiError::not_implemented("Legacy SQL"));
        }
        if query.get("tableDefinitions").is_some_and(|d| d.as_object().is_some_and(|d| !d.is_empty())) {
            return Err(ApiError::not_implemented("An external table definition"));
        }
        let default_dataset = match query.get("defaultDataset") {
            Some(dataset) if !dataset.is_null() => Some(DatasetRef {
                project_id: as_text(dataset.get("projectId")).unwrap_or(state.store.project_id()).to_owned(),
                dataset_id: as_text(dataset.get("datasetId")).unwrap_or_default().to_owned(),
            }),
            _ => None,
        };
        let destination = match query.get("destinationTable") {
            Some(table) if !table.is_null() && as_text(table.get("datasetId")) != Some(ANONYMOUS_DATASET) => {
                Some(Destination::read(state, table, query)?)
            }
            _ => None,
        };
        Ok(Self {
            input: QueryInput {
                sql,
                parameters: parameters::read(query.get("queryParameters"), as_text(query.get("parameterMode")))?,
                project_id: state.store.project_id().to_owned(),
                default_dataset,
            },
            maximum_bytes_billed: as_number(query.get("maximumBytesBilled")).filter(|b| *b > 0),
            destination,
            use_cache: query.get("useQueryCache").is_none_or(|v| v.is_null() || as_flag(Some(v))),
        })
    }

    /// Whether the rows go to a table that the request names.
    pub(super) fn has_destination(&self) -> bool {
        self.destination.is_some()
    }

    /// Fills in what BigQuery fills in: the anonymous destination, defaults.
    pub(crate) fn complete(&self, state: &AppState, job_id: &str, configuration: &mut Map<String, Value>) {
        let Some(Value::Object(query)) = configuration.get_mut("query") else {
            return;
        };
        query.insert("useLegacySql".into(), false.into());
        if self.destination.is_none() {
            query.insert(
                "destinationTable".into(),
                json!({
                    "projectId": state.store.project_id(),
                    "datasetId": ANONYMOUS_DATASET,
                    "tableId": format!("{ANONYMOUS_PREFIX}{job_id}"),
                }),
            );
            query.insert("writeDisposition".into(), "WRITE_TRUNCATE".into());
        }
        query.entry("createDisposition").or_insert_with(|| "CREATE_IF_NEEDED".into());
        query.entry("priority").or_insert_with(|| "INTERACTIVE".into());
    }
}

/// What a dry run tells, without running anything.
pub(crate) struct DryRun {
    pub(crate) statistics: Map<String, Value>,
    pub(crate) schema: TableSchema,
    pub(crate) bytes_processed: u64,
    pub(crate) cache_hit: bool,
}

pub(crate) async fn dry_run(state: &AppState, spec: QuerySpec) -> Result<DryRun, ApiError> {
    let lease = state.store.lease();
    let use_cache = spec.use_cache && spec.destination.is_none();
    let prepared = prepare(state, &lease, spec.input.clone()).await?;
    let key = cache::key(&spec.input, &prepared, &lease).filter(|_| use_cache);
    let cache_hit = key.is_some_and(|key| state.results.find(&key, &prepared, &lease).is_some());
    let bytes = if cache_hit { 0 } else { prepared.total_bytes_processed };
    let mut query = query_statistics(&prepared, Price { processed: bytes, billed: 0, cache_hit });
    query.insert("schema".into(), wire_schema::write(&prepared.schema, Modes::All));
    query.insert("totalBytesProcessedAccuracy".into(), "PRECISE".into());
    if !prepared.undeclared_parameters.is_empty() {
        let undeclared: Vec<Value> = prepared.undeclared_parameters.iter().map(|name| json!({ "name": name })).collect();
        query.insert("undeclaredQueryParameters".into(), undeclared.into());
    }
    let mut statistics = Map::new();
    statistics.insert("creationTime".into(), chrono::Utc::now().timestamp_millis().to_string().into());
    statistics.insert("totalBytesProcessed".into(), bytes.to_string().into());
    statistics.insert("query".into(), query.into());
    Ok(DryRun { statistics, schema: prepared.schema, bytes_processed: bytes, cache_hit })
}

/// Tables as a lease holds them, and the jobs of this endpoint.
struct Resolver<'a> {
    state: &'a AppState,
    lease: &'a Lease,
}

impl TableResolver for Resolver<'_> {
    fn table(&self, reference: &TableRef) -> Option<Arc<TableSnapshot>> {
        self.lease.table(reference)
    }

    fn dataset_exists(&self, dataset: &DatasetRef) -> bool {
        self.lease.dataset_exists(dataset)
    }

    fn tables(&self, dataset: &DatasetRef) -> Vec<Arc<TableSnapshot>> {
        self.lease.tables(dataset)
    }

    fn datasets(&self) -> Vec<(DatasetRef, TableFacts)> {
        self.lease.datasets()
    }

    fn jobs(&self) -> Vec<Value> {
        self.state.jobs.all().iter().map(|job| job.resource(self.state, Projection::Full)).collect()
    }
}

pub(super) async fn prepare(state: &AppState, lease: &Lease, input: QueryInput) -> Result<PreparedQuery, ApiError> {
    state.engine.prepare(input, &Resolver { state, lease }).await.map_err(ApiError::query)
}

fn billed(prepared: &PreparedQuery) -> u64 {
    let tables: BTreeSet<&TableRef> = prepared.referenced_tables.iter().collect();
    if prepared.total_bytes_processed == 0 {
        return 0;
    }
    let rounded = prepared.total_bytes_processed.div_ceil(MIB) * MIB;
    rounded.max(MIN_BILLED_PER_TABLE * tables.len().max(1) as u64)
}

/// What a query reads and costs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Price {
    processed: u64,
    billed: u64,
    cache_hit: bool,
}

impl Price {
    pub(super) fn of(prepared: &PreparedQuery, billed: u64) -> Self {
        Self { processed: prepared.total_bytes_processed, billed, cache_hit: false }
    }
}

pub(super) fn query_statistics(prepared: &PreparedQuery, price: Price) -> Map<String, Value> {
    let mut query = Map::new();
    query.insert("statementType".into(), prepared.statement_type.into());
    query.insert("totalBytesProcessed".into(), price.processed.to_string().into());
    query.insert("totalBytesBilled".into(), price.billed.to_string().into());
    query.insert("billingTier".into(), u8::from(!price.cache_hit).into());
    query.insert("cacheHit".into(), price.cache_hit.into());
    query.insert("totalPartitionsProcessed".into(), "0".into());
    if !prepared.referenced_tables.is_empty() {
        query.insert("referencedTables".into(), json!(prepared.referenced_tables));
    }
    query
}

/// Refuses what would cost more than the request allows; gives what is billed.
pub(super) fn within_cap(prepared: &PreparedQuery, cap: Option<u64>) -> Result<u64, ApiError> {
    let bytes_billed = billed(prepared);
    match cap.filter(|cap| *cap < bytes_billed) {
        Some(cap) => Err(ApiError::new(
            400,
            "bytesBilledLimitExceeded",
            format!("Query exceeded limit for bytes billed: {cap}. {bytes_billed} or higher required."),
        )),
        None => Ok(bytes_billed),
    }
}

/// Runs a query job.
pub(super) async fn run(state: &AppState, job: &Arc<Job>, spec: QuerySpec) -> Result<JobOutput, ApiError> {
    let lease = state.store.lease();
    let prepared = prepare(state, &lease, spec.input.clone()).await?;
    if let Some(name) = prepared.undeclared_parameters.first() {
        return Err(ApiError::new(400, "invalidQuery", format!("Query parameter '{name}' not found")));
    }
    let key = cache::key(&spec.input, &prepared, &lease).filter(|_| spec.destination.is_none());
    if let Some(key) = key.filter(|_| spec.use_cache)
        && let Some(results) = state.results.find(&key, &prepared, &lease)
    {
        let price = Price { processed: 0, billed: 0, cache_hit: true };
        return Ok(output(job, query_statistics(&prepared, price), results));
    }
    let versions = cache::versions(&prepared, &lease);
    let bytes_billed = within_cap(&prepared, spec.maximum_bytes_billed)?;
    let statistics = query_statistics(&prepared, Price::of(&prepared, bytes_billed));
    match prepared.effect.clone() {
        Effect::None => {}
        Effect::Define(definition) => {
            return super::define::run(state, job, prepared, definition, statistics, bytes_billed).await;
        }
        Effect::Change { table } => {
            drop((lease, prepared));
            return super::change::run(state, job, spec, &table).await;
        }
    }
    let bytes_processed = prepared.total_bytes_processed;
    let schema = prepared.schema.clone();
    let destination = spec.destination;
    let (rows, total_rows, memory_bytes) = match destination {
        Some(destination) => {
            // Rows are written while the next are computed: a table of any size takes the same memory.
            let (destination, staged) = rows_into(&prepared, |receiver| {
                let (destination, schema) = (destination.clone(), schema.clone());
                state.blocking(move |state| stage_rows(state, destination, &schema, receiver))
            })
            .await?;
            let total = staged.rows.rows();
            state
                .blocking(move |state| {
                    let table = write_staged(state, destination, staged)?;
                    Ok((Rows::Destination(table), total, 0))
                })
                .await?
        }
        None => {
            rows_into(&prepared, |receiver| {
                let schema = schema.clone();
                state.blocking(move |state| keep_rows(state, &schema, receiver))
            })
            .await?
        }
    };
    let results = QueryResults { schema, rows, total_rows, has_rows: true, bytes_processed, bytes_billed, cache_hit: false, memory_bytes };
    if let (Some(key), Some(versions)) = (key, versions) {
        state.results.keep(key, versions, &results);
    }
    Ok(output(job, statistics, results))
}

/// Runs a query in its turn, into what takes its rows: once more, alone, where memory was short beside others. Nobody has seen the
/// rows of the first time then.
async fn rows_into<T, F: Future<Output = Result<T, ApiError>>>(
    prepared: &PreparedQuery,
    take: impl Fn(mpsc::Receiver<RecordBatch>) -> F,
) -> Result<T, ApiError> {
    let mut turn = prepared.turn().await;
    loop {
        let beside_others = !turn.is_alone();
        let (sender, receiver) = mpsc::channel(BATCHES_AHEAD);
        // Why who takes the rows stopped is told after that the query failed: it hangs up only when it failed itself.
        let (ran, taken) = tokio::join!(prepared.run_into(sender, turn), take(receiver));
        match ran {
            Ok(()) => return taken,
            Err(error) if beside_others && error.reason == Reason::ResourcesExceeded => turn = prepared.turn_alone().await,
            Err(error) => return Err(ApiError::query(error)),
        }
    }
}

pub(super) fn output(job: &Job, query: Map<String, Value>, results: QueryResults) -> JobOutput {
    let mut statistics = Map::new();
    statistics.insert("totalBytesProcessed".into(), results.bytes_processed.to_string().into());
    let spent_ms = (chrono::Utc::now().timestamp_millis() - job.created_ms).max(0);
    statistics.insert("totalSlotMs".into(), spent_ms.to_string().into());
    statistics.insert("finalExecutionDurationMs".into(), spent_ms.to_string().into());
    let mut query = query;
    query.insert("totalSlotMs".into(), spent_ms.to_string().into());
    query.extend(plan_of(job.created_ms, spent_ms, &results));
    statistics.insert("query".into(), query.into());
    JobOutput { statistics: statistics.into(), results: Some(results), warnings: Vec::new() }
}

/// The results of a statement that has no rows.
pub(super) fn without_rows(schema: TableSchema, bytes_processed: u64, bytes_billed: u64) -> QueryResults {
    QueryResults {
        schema,
        rows: Rows::Memory(Arc::default()),
        total_rows: 0,
        has_rows: false,
        bytes_processed,
        bytes_billed,
        cache_hit: false,
        memory_bytes: 0,
    }
}

/// The body of jobs.query as the `configuration` of its job.
pub(crate) fn configuration(body: &Map<String, Value>) -> Map<String, Value> {
    let mut query = Map::new();
    for key in [
        "query",
        "useLegacySql",
        "defaultDataset",
        "queryParameters",
        "parameterMode",
        "maximumBytesBilled",
        "useQueryCache",
        "createSession",
        "destinationTable",
        "writeDisposition",
        "createDisposition",
        "timePartitioning",
        "rangePartitioning",
        "clustering",
        "schemaUpdateOptions",
    ] {
        if let Some(value) = body.get(key) {
            query.insert(key.into(), value.clone());
        }
    }
    let mut configuration = Map::new();
    configuration.insert("query".into(), query.into());
    for key in ["labels", "jobTimeoutMs", "dryRun"] {
        if let Some(value) = body.get(key) {
            configuration.insert(key.into(), value.clone());
        }
    }
    configuration
}
