//! Avro object container files, columns by name.
//!
//! Source: <https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-avro>

use ::parquet::file::reader::ChunkReader as _;
use arrow_avro::reader::{Reader, ReaderBuilder};
use arrow_avro::schema::{AvroSchema, SCHEMA_METADATA_KEY};
use serde_json::Value;

use super::cell::RowRules;
use super::shapes::{self, DecimalTargets};
use super::source::{Source, Text};
use super::{BATCH_ROWS, LoadError, Sink, project_by_name};
use crate::schema::TableSchema;

/// The Avro part of a load configuration.
#[derive(Debug, Clone, Default)]
pub(crate) struct AvroOptions {
    /// Whether a `timestamp-micros` is a TIMESTAMP, not an INT64.
    pub(crate) logical_types: bool,
    pub(crate) decimals: DecimalTargets,
}

/// Logical types that BigQuery does not know: what holds them counts.
const UNKNOWN_TYPES: [&str; 2] = ["uuid", "duration"];

/// The length of the marker after each block.
const SYNC_BYTES: usize = 16;

pub(super) fn schema(source: &Source, options: &AvroOptions) -> Result<TableSchema, LoadError> {
    shapes::table_schema(&open(source, options)?.schema(), &options.decimals)
}

pub(super) fn read(
    source: &Source,
    schema: &TableSchema,
    options: &AvroOptions,
    rules: RowRules,
    sink: &mut Sink<'_>,
) -> Result<(), LoadError> {
    let reader = open(source, options)?;
    let own = shapes::table_schema(&reader.schema(), &options.decimals)?;
    super::refuse_unknown(&own, schema, "Avro", rules)?;
    for batch in reader {
        let batch = batch.map_err(unreadable)?;
        sink.batch(project_by_name(&shapes::plain(&batch)?, &own, schema)?)?;
    }
    Ok(())
}

fn open(source: &Source, options: &AvroOptions) -> Result<Reader<Text>, LoadError> {
    let build = |schema: Option<AvroSchema>| {
        let mut builder = ReaderBuilder::new().with_batch_size(BATCH_ROWS);
        if let Some(schema) = schema {
            builder = builder.with_reader_schema(schema);
        }
        builder.build(source.open().map_err(|e| LoadError::Unreadable(e.to_string()))?).map_err(unreadable)
    };
    let reader = build(None)?;
    // Every block ends with the marker of the file. The reader takes a block that is cut off for the end.
    let end = source.bytes().checked_sub(SYNC_BYTES as u64).and_then(|at| source.get_bytes(at, SYNC_BYTES).ok());
    if end.is_none_or(|end| end.as_ref() != reader.avro_header().sync().as_slice()) {
        return Err(LoadError::Unreadable("The Apache Avro library failed to read data: the file is cut off.".into()));
    }
    let written = reader.avro_header().get(SCHEMA_METADATA_KEY.as_bytes()).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let Some(mut written) = written.and_then(|text| serde_json::from_str::<Value>(&text).ok()) else {
        return Ok(reader);
    };
    if !plainer(&mut written, options.logical_types) {
        return Ok(reader);
    }
    build(Some(AvroSchema::new(written.to_string())))
}

/// Takes logical types that do not count from a schema; false when there are none.
fn plainer(schema: &mut Value, logical_types: bool) -> bool {
    match schema {
        Value::Array(items) => {
            let changed: Vec<bool> = items.iter_mut().map(|item| plainer(item, logical_types)).collect();
            changed.contains(&true)
        }
        Value::Object(object) => {
            let unknown =
                object.get("logicalType").and_then(Value::as_str).is_some_and(|name| !logical_types || UNKNOWN_TYPES.contains(&name));
            if unknown {
                object.remove("logicalType");
            }
            let mut changed = unknown;
            for key in ["type", "items", "values", "fields"] {
                if let Some(inner) = object.get_mut(key) {
                    changed |= plainer(inner, logical_types);
                }
            }
            changed
        }
        _ => false,
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err, which passes by value")]
fn unreadable(error: arrow::error::ArrowError) -> LoadError {
    LoadError::Unreadable(format!("The Apache Avro library failed to read data with the following error: {error}"))
}
