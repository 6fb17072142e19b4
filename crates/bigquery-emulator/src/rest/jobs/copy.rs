//! Copy jobs: the rows of some tables into one.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#JobConfigurationTableCopy>

use serde_json::{Map, Value, json};

use super::job::JobOutput;
use super::{read_create, read_disposition};
use crate::engine;
use crate::rest::datasets::settable;
use crate::rest::error::ApiError;
use crate::rest::partitions;
use crate::rest::request::as_text;
use crate::rest::state::AppState;
use crate::rest::tables::SETTABLE;
use crate::schema::TableRef;
use crate::store::{Properties, StagedRows, WriteDisposition, WriteOptions};

#[derive(Debug)]
pub(crate) struct CopySpec {
    /// Tables, or partitions of them.
    sources: Vec<(TableRef, Option<String>)>,
    destination: TableRef,
    partition: Option<String>,
    options: WriteOptions,
}

impl CopySpec {
    pub(crate) fn read(state: &AppState, copy: &Value) -> Result<Self, ApiError> {
        match as_text(copy.get("operationType")) {
            None | Some("COPY") => {}
            Some(other) => {
                return Err(ApiError::not_implemented(format_args!("The copy operation {other}")));
            }
        }
        let mut sources = Vec::new();
        if let Some(Value::Array(tables)) = copy.get("sourceTables") {
            for table in tables {
                sources.push(state.read_table_ref(table)?);
            }
        } else if let Some(table) = copy.get("sourceTable") {
            sources.push(state.read_table_ref(table)?);
        }
        if sources.is_empty() {
            return Err(ApiError::new(400, "required", "Required parameter is missing: sourceTables"));
        }
        if let Some(source) = sources.iter().find(|s| s.table_id.contains('@')) {
            return Err(ApiError::not_implemented(format_args!("The decorator of {}", source.table_id)));
        }
        let empty = Value::Null;
        let (destination, partition) = partitions::split(state.read_table_ref(copy.get("destinationTable").unwrap_or(&empty))?);
        Ok(Self {
            sources: sources.into_iter().map(partitions::split).collect(),
            destination,
            partition,
            options: WriteOptions {
                disposition: read_disposition(copy.get("writeDisposition"), WriteDisposition::Empty)?,
                create: read_create(copy.get("createDisposition"))?,
                properties: Properties::new(),
            },
        })
    }
}

pub(super) async fn run(state: &AppState, spec: CopySpec) -> Result<JobOutput, ApiError> {
    state.blocking(move |state| copy(state, spec)).await
}

fn copy(state: &AppState, mut spec: CopySpec) -> Result<JobOutput, ApiError> {
    let sources = spec.sources.iter().map(|(s, _)| state.store.table(s)).collect::<Result<Vec<_>, _>>().map_err(ApiError::store)?;
    if let Some(view) = sources.iter().find(|s| s.metadata.view().is_some()) {
        return Err(ApiError::invalid(format!("{} is a VIEW, which cannot be copied", view.reference)));
    }
    let schema = sources[0].metadata.schema.clone();
    let differs =
        |s: &&std::sync::Arc<crate::store::TableVersion>| engine::arrow_schema(&s.metadata.schema) != engine::arrow_schema(&schema);
    if let Some(other) = sources.iter().find(differs) {
        return Err(ApiError::invalid(format!("Provided Schema does not match Table {}.", other.reference)));
    }
    spec.options.properties = settable(&sources[0].metadata.properties, &SETTABLE);
    let mut staged = StagedRows::empty(schema);
    for (version, (_, partition)) in sources.iter().zip(&spec.sources) {
        staged.take_in(match partition {
            Some(partition) => partitions::rows(state, version, partition)?,
            None => state.store.share(std::slice::from_ref(version)).map_err(ApiError::store)?,
        });
    }
    let (rows, bytes) = (staged.rows(), staged.logical_bytes());
    match &spec.partition {
        Some(partition) => partitions::write(state, &spec.destination, partition, staged, spec.options)?,
        None => state.store.write(&spec.destination, staged, spec.options).map(|_| ()).map_err(ApiError::store)?,
    }
    let mut statistics = Map::new();
    statistics.insert("copy".into(), json!({ "copiedRows": rows.to_string(), "copiedLogicalBytes": bytes.to_string() }));
    Ok(JobOutput { statistics: statistics.into(), ..JobOutput::default() })
}
