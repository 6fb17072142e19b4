//! Load jobs: an upload into a table, all of it or nothing.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#JobConfigurationLoad>

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Map, Value, json};

use super::job::{Job, JobOutput};
use super::{UploadedFile, read_create, read_disposition};
use crate::load::{self, CsvOptions, Format, LoadOptions};
use crate::rest::error::ApiError;
use crate::rest::request::{as_flag, as_number, as_text};
use crate::rest::state::AppState;
use crate::rest::{tables, wire_schema};
use crate::schema::{Mode, TableRef, TableSchema};
use crate::store::{Properties, StoreError, WriteDisposition, WriteOptions};

/// A load configuration, read and checked.
#[derive(Debug)]
pub(crate) struct LoadSpec {
    table: TableRef,
    schema: Option<TableSchema>,
    format: Format,
    autodetect: bool,
    max_bad_records: u64,
    ignore_unknown_values: bool,
    add_fields: bool,
    options: WriteOptions,
}

impl LoadSpec {
    pub(crate) fn read(state: &AppState, load: &Value) -> Result<Self, ApiError> {
        let table = load
            .get("destinationTable")
            .ok_or_else(|| ApiError::new(400, "required", "Required parameter is missing: destinationTable"))?;
        let format = match as_text(load.get("sourceFormat")).unwrap_or("CSV") {
            "NEWLINE_DELIMITED_JSON" => Format::Ndjson,
            "CSV" => Format::Csv(csv_options(load)?),
            "PARQUET" => Format::Parquet,
            other => return Err(ApiError::not_implemented(format_args!("The source format {other}"))),
        };
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
        let update = load.get("schemaUpdateOptions").and_then(Value::as_array);
        Ok(Self {
            table: state.read_table_ref(table)?,
            schema: load.get("schema").filter(|s| !s.is_null()).map(wire_schema::read).transpose()?.filter(|s| !s.fields.is_empty()),
            format,
            autodetect: as_flag(load.get("autodetect")),
            max_bad_records: as_number(load.get("maxBadRecords")).unwrap_or(0),
            ignore_unknown_values: as_flag(load.get("ignoreUnknownValues")),
            add_fields: update.is_some_and(|u| u.iter().any(|o| o.as_str() == Some("ALLOW_FIELD_ADDITION"))),
            options: WriteOptions {
                disposition: read_disposition(load.get("writeDisposition"), WriteDisposition::Append)?,
                create: read_create(load.get("createDisposition"))?,
                properties,
            },
        })
    }
}

fn csv_options(load: &Value) -> Result<CsvOptions, ApiError> {
    let one_byte = |text: &str, what: &str| match text {
        "\\t" | "tab" => Ok(b'\t'),
        text if text.len() == 1 => Ok(text.as_bytes()[0]),
        _ => Err(ApiError::invalid(format!("{what} must be one single-byte character, not \"{text}\""))),
    };
    let delimiter = as_text(load.get("fieldDelimiter")).unwrap_or(",");
    let quote = match load.get("quote") {
        Some(Value::String(quote)) if quote.is_empty() => None,
        Some(Value::String(quote)) => Some(one_byte(quote, "quote")?),
        _ => Some(b'"'),
    };
    let mut null_markers: Vec<String> = Vec::new();
    null_markers.extend(as_text(load.get("nullMarker")).map(str::to_owned));
    let more = load.get("nullMarkers").and_then(Value::as_array);
    null_markers.extend(more.into_iter().flatten().filter_map(|m| m.as_str().map(str::to_owned)));
    let latin1 = match as_text(load.get("encoding")).unwrap_or("UTF-8") {
        "UTF-8" => false,
        "ISO-8859-1" => true,
        other => return Err(ApiError::not_implemented(format_args!("The encoding {other}"))),
    };
    Ok(CsvOptions {
        delimiter: one_byte(delimiter, "fieldDelimiter")?,
        quote,
        skip_leading_rows: as_number(load.get("skipLeadingRows")),
        allow_jagged_rows: as_flag(load.get("allowJaggedRows")),
        null_markers,
        latin1,
    })
}

/// Runs a load job.
pub(super) async fn run(state: &AppState, job: &Arc<Job>, spec: LoadSpec, file: UploadedFile) -> Result<JobOutput, ApiError> {
    let cancelled = Arc::new(AtomicBool::new(false));
    // Blocking work does not stop when its future is dropped, so it is told.
    let _stop = StopOnDrop(Arc::clone(&cancelled));
    let cancel = job.cancel.clone();
    state
        .blocking(move |state| {
            let output = load_into(state, spec, &file, &cancelled);
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

fn load_into(state: &AppState, spec: LoadSpec, file: &UploadedFile, cancelled: &AtomicBool) -> Result<JobOutput, ApiError> {
    let existing = match state.store.table(&spec.table) {
        Ok(version) => Some(version),
        Err(StoreError::TableNotFound(_)) if spec.options.create => None,
        Err(error) => return Err(ApiError::store(error)),
    };
    if let Some(version) = &existing
        && spec.options.disposition == WriteDisposition::Empty
        && version.metadata.row_count > 0
    {
        return Err(ApiError::duplicate(format!("Already Exists: Table {}", spec.table)));
    }
    let own = existing.as_ref().map(|v| v.metadata.schema.clone()).filter(|s| !s.fields.is_empty());
    let (schema, target) = schemas(&spec, own.as_ref())?;
    if let (Some(target), Some(own)) = (&target, &own)
        && target != own
        && spec.options.disposition == WriteDisposition::Append
    {
        let wanted = target.clone();
        state
            .store
            .change_table(&spec.table, None, |metadata| {
                metadata.schema = wanted;
                Ok(())
            })
            .map_err(ApiError::store)?;
    }
    if let Some(schema) = target.as_ref().or(schema.as_ref()) {
        tables::check_columns(&spec.options.properties, schema)?;
    }
    let options = LoadOptions {
        format: spec.format,
        schema,
        target,
        max_bad_records: spec.max_bad_records,
        ignore_unknown_values: spec.ignore_unknown_values,
    };
    let loaded = load::load(&state.store, &file.source, &options, cancelled).map_err(ApiError::load)?;
    let (rows, bytes) = (loaded.staged.rows(), loaded.staged.logical_bytes());
    if cancelled.load(Ordering::Relaxed) {
        return Err(ApiError::cancelled());
    }
    state.store.write(&spec.table, loaded.staged, spec.options).map_err(ApiError::store)?;
    let mut statistics = Map::new();
    statistics.insert(
        "load".into(),
        json!({
            "inputFiles": "1",
            "inputFileBytes": file.source.bytes().to_string(),
            "outputRows": rows.to_string(),
            "outputBytes": bytes.to_string(),
            "badRecords": loaded.bad_rows.to_string(),
        }),
    );
    let warnings = loaded
        .errors
        .into_iter()
        .map(|e| {
            json!({
                "reason": "invalid",
                "location": e.location,
                "message": format!("Error while reading data, error message: {}; Row: {}", e.message, e.row),
            })
        })
        .collect();
    Ok(JobOutput { statistics, results: None, warnings })
}

/// The schema of the source (`None`: detect it) and, where it differs, of the table.
fn schemas(spec: &LoadSpec, own: Option<&TableSchema>) -> Result<(Option<TableSchema>, Option<TableSchema>), ApiError> {
    let keeps_schema = spec.options.disposition == WriteDisposition::Append;
    match (&spec.schema, own) {
        (Some(given), Some(own)) if keeps_schema => {
            let mut target = own.clone();
            for field in &given.fields {
                let known = own.fields.iter().find(|f| f.name.eq_ignore_ascii_case(&field.name));
                match known {
                    Some(known)
                        if known.field_type == field.field_type && (known.mode == Mode::Repeated) == (field.mode == Mode::Repeated) => {}
                    Some(known) => {
                        return Err(ApiError::invalid(format!(
                            "Provided Schema does not match Table {}. Field {} has changed type from {} to {}",
                            spec.table,
                            field.name,
                            wire_schema::type_name(known.field_type),
                            wire_schema::type_name(field.field_type)
                        )));
                    }
                    None if spec.add_fields => target.fields.push(field.clone()),
                    None => {
                        return Err(ApiError::invalid(format!(
                            "Provided Schema does not match Table {}. Cannot add fields (field: {})",
                            spec.table, field.name
                        )));
                    }
                }
            }
            Ok((Some(given.clone()), Some(target)))
        }
        (Some(given), _) => Ok((Some(given.clone()), None)),
        (None, Some(own)) if keeps_schema || !spec.autodetect => match spec.format {
            // Parquet says itself which of the table's columns it has.
            Format::Parquet if !keeps_schema => Ok((None, None)),
            Format::Parquet => Ok((Some(own.clone()), Some(own.clone()))),
            _ => Ok((Some(own.clone()), Some(own.clone()))),
        },
        (None, _) => Ok((None, None)),
    }
}
