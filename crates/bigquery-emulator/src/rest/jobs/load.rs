//! Load jobs: an upload into a table, all of it or nothing.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#JobConfigurationLoad>

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Map, Value, json};

use super::job::{Job, JobOutput};
use super::load_options::read_format;
use super::{UploadedFile, read_create, read_disposition};
use crate::load::{self, Format, LoadOptions, Loaded};
use crate::rest::error::ApiError;
use crate::rest::partitions;
use crate::rest::request::{as_flag, as_number};
use crate::rest::schema_update::{self, Update};
use crate::rest::state::AppState;
use crate::rest::{tables, wire_schema};
use crate::schema::{TableRef, TableSchema};
use crate::store::{Properties, StoreError, TableVersion, WriteDisposition, WriteOptions};

/// How often a load that changes the schema begins anew because the table was changed meanwhile.
const MAX_TRIES: usize = 5;

/// A load configuration, read and checked.
#[derive(Debug)]
pub(crate) struct LoadSpec {
    table: TableRef,
    /// What follows `$` in the table's name.
    partition: Option<String>,
    schema: Option<TableSchema>,
    format: Format,
    autodetect: bool,
    max_bad_records: u64,
    ignore_unknown_values: bool,
    update: Update,
    options: WriteOptions,
}

impl LoadSpec {
    pub(crate) fn read(state: &AppState, load: &Value) -> Result<Self, ApiError> {
        let table = load
            .get("destinationTable")
            .ok_or_else(|| ApiError::new(400, "required", "Required parameter is missing: destinationTable"))?;
        let (table, partition) = partitions::split(state.read_table_ref(table)?);
        let format = read_format(load)?;
        let mut properties = Properties::new();
        for key in ["timePartitioning", "rangePartitioning", "clustering"] {
            if let Some(value) = load.get(key).filter(|v| !v.is_null()) {
                properties.insert(key.into(), value.clone());
            }
        }
        if let Some(Value::Object(given)) = load.get("destinationTableProperties") {
            for key in ["friendlyName", "description", "labels", "expirationTime"] {
                if let Some(value) = given.get(key).filter(|v| !v.is_null()) {
                    properties.insert(key.into(), value.clone());
                }
            }
        }
        Ok(Self {
            table,
            partition,
            schema: load.get("schema").filter(|s| !s.is_null()).map(wire_schema::read).transpose()?.filter(|s| !s.fields.is_empty()),
            format,
            autodetect: as_flag(load.get("autodetect")),
            max_bad_records: as_number(load.get("maxBadRecords")).unwrap_or(0),
            ignore_unknown_values: as_flag(load.get("ignoreUnknownValues")),
            update: Update::read(load)?,
            options: WriteOptions {
                disposition: read_disposition(load.get("writeDisposition"), WriteDisposition::Append)?,
                create: read_create(load.get("createDisposition"))?,
                properties,
            },
        })
    }
}

/// Runs a load job.
pub(super) async fn run(state: &AppState, job: &Arc<Job>, spec: LoadSpec, file: UploadedFile) -> Result<JobOutput, ApiError> {
    let cancelled = Arc::new(AtomicBool::new(false));
    // Blocking work does not stop when its future is dropped, so it is told.
    let _stop = StopOnDrop(Arc::clone(&cancelled));
    let cancel = job.cancel.clone();
    state
        .blocking(move |state| {
            let output = load_into(state, &spec, &file, &cancelled);
            if cancel.is_cancelled() {
                tracing::debug!("a cancelled load has stopped");
            }
            output
        })
        .await
}

struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn load_into(state: &AppState, spec: &LoadSpec, file: &UploadedFile, cancelled: &AtomicBool) -> Result<JobOutput, ApiError> {
    for _ in 0..MAX_TRIES {
        let existing = match state.store.table(&spec.table) {
            Ok(version) => Some(version),
            Err(StoreError::TableNotFound(_)) if spec.options.create => None,
            Err(error) => return Err(ApiError::store(error)),
        };
        if let Some(output) = try_load(state, spec, file, existing.as_ref(), cancelled)? {
            return Ok(output);
        }
    }
    Err(ApiError::new(400, "invalid", format!("Table {} was changed again and again while it was loaded.", spec.table)))
}

/// Loads onto a version of the table; `None` when that is no longer the current one and it matters.
fn try_load(
    state: &AppState,
    spec: &LoadSpec,
    file: &UploadedFile,
    existing: Option<&Arc<TableVersion>>,
    cancelled: &AtomicBool,
) -> Result<Option<JobOutput>, ApiError> {
    let disposition = spec.options.disposition;
    let is_taken = existing.is_some_and(|v| v.metadata.row_count > 0) && spec.partition.is_none();
    if disposition == WriteDisposition::Empty && is_taken {
        return Err(ApiError::duplicate(format!("Already Exists: Table {}", spec.table)));
    }
    let own = existing.map(|v| &v.metadata.schema).filter(|s| !s.fields.is_empty());
    let Plan { format, schema, target } = plan(spec, file, own)?;
    let table_schema = target.as_ref().unwrap_or(&schema).clone();
    tables::check_columns(&spec.options.properties, &table_schema)?;
    let options =
        LoadOptions { format, schema, target, max_bad_records: spec.max_bad_records, ignore_unknown_values: spec.ignore_unknown_values };
    let loaded = load::load(&state.store, &file.source, &options, cancelled).map_err(ApiError::load)?;
    if cancelled.load(Ordering::Relaxed) {
        return Err(ApiError::cancelled());
    }
    let Loaded { staged, bad_rows, errors } = loaded;
    let (rows, bytes) = (staged.rows(), staged.logical_bytes());
    let widens = own.is_some_and(|own| *own != table_schema) && disposition != WriteDisposition::Truncate;
    let committed = match (existing, &spec.partition) {
        (_, Some(partition)) => {
            partitions::write(state, &spec.table, partition, staged, spec.options.clone())?;
            Ok(())
        }
        (Some(existing), None) if widens => state.store.widen(&spec.table, staged, &existing.metadata.etag).map(|_| ()),
        _ => state.store.write(&spec.table, staged, spec.options.clone()).map(|_| ()),
    };
    match committed {
        Ok(()) => {}
        Err(StoreError::PreconditionFailed) => return Ok(None),
        Err(error) => return Err(ApiError::store(error)),
    }
    let mut statistics = Map::new();
    statistics.insert(
        "load".into(),
        json!({
            "inputFiles": "1",
            "inputFileBytes": file.source.bytes().to_string(),
            "outputRows": rows.to_string(),
            "outputBytes": bytes.to_string(),
            "badRecords": bad_rows.to_string(),
        }),
    );
    let warnings = errors
        .into_iter()
        .map(|e| {
            json!({
                "reason": "invalid",
                "location": e.location,
                "message": format!("Error while reading data, error message: {}; Row: {}", e.message, e.row),
            })
        })
        .collect();
    Ok(Some(JobOutput { statistics: statistics.into(), results: None, warnings }))
}

/// What a source is read as, and what the table then has where it differs.
struct Plan {
    format: Format,
    schema: TableSchema,
    target: Option<TableSchema>,
}

fn plan(spec: &LoadSpec, file: &UploadedFile, own: Option<&TableSchema>) -> Result<Plan, ApiError> {
    let had = own;
    let own = own.filter(|_| spec.options.disposition != WriteDisposition::Truncate || spec.partition.is_some());
    let format = spec.format.clone();
    match (&spec.schema, own) {
        (Some(given), Some(own)) => {
            let target = schema_update::merged(&spec.table, own, given, spec.update, false)?;
            Ok(Plan { format, schema: given.clone(), target: Some(target) })
        }
        (Some(given), None) => Ok(Plan { format, schema: given.clone(), target: None }),
        (None, Some(own)) if !(spec.autodetect || format.has_schema() && spec.update.add_fields) => {
            Ok(Plan { format, schema: own.clone(), target: Some(own.clone()) })
        }
        (None, Some(own)) => {
            let (seen, format) = load::detect(&file.source, &format).map_err(ApiError::load)?;
            let known = |name: &str| own.fields.iter().any(|f| f.name.eq_ignore_ascii_case(name));
            if matches!(format, Format::Csv(_)) && !seen.fields.iter().any(|f| known(&f.name)) {
                // A file without a header has the table's columns in their order.
                return Ok(Plan { format, schema: own.clone(), target: Some(own.clone()) });
            }
            let target = schema_update::merged(&spec.table, own, &seen, spec.update, true)?;
            let schema = if format.has_schema() { target.clone() } else { schema_update::as_known(&seen, &target) };
            Ok(Plan { format, schema, target: Some(target) })
        }
        (None, None) => {
            if !spec.autodetect && !format.has_schema() {
                // Rows are replaced, columns stay.
                let schema = had.ok_or_else(|| ApiError::invalid("No schema specified on job or table."))?.clone();
                return Ok(Plan { format, schema, target: None });
            }
            let (schema, format) = load::detect(&file.source, &format).map_err(ApiError::load)?;
            Ok(Plan { format, schema, target: None })
        }
    }
}
