//! INFORMATION_SCHEMA: views over what the resolver tells of datasets, tables and jobs.
//!
//! Source: <https://cloud.google.com/bigquery/docs/information-schema-intro>

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::error::ArrowError;
use serde_json::Value as Json;
use sqlparser::tokenizer::Location;

use super::tables::{check_dataset, qualify};
use super::{Rewriter, Source};
use crate::engine::error::not_supported;
use crate::engine::{QueryError, Reason, TableFacts, TableSnapshot};
use crate::schema::{DatasetRef, Field, FieldType, Mode, TableRef};

type View = Result<RecordBatch, ArrowError>;

impl Rewriter<'_> {
    /// Makes the view that a name means and gives the name of its source.
    pub(super) fn information_schema(&mut self, parts: &[String], index: usize, at: Location) -> Result<String, QueryError> {
        let view = parts.get(index + 1).map(|v| v.to_uppercase()).unwrap_or_default();
        let of_project = matches!(view.as_str(), "SCHEMATA" | "JOBS" | "JOBS_BY_PROJECT" | "JOBS_BY_USER");
        let dataset = match (&parts[..index], &self.input.default_dataset) {
            // `region-us` may stand where a dataset stands.
            ([region], _) if region.to_lowercase().starts_with("region-") => None,
            ([_, region], _) if region.to_lowercase().starts_with("region-") => None,
            ([dataset], _) => Some(DatasetRef { project_id: self.input.project_id.clone(), dataset_id: dataset.clone() }),
            ([project, dataset], _) => Some(DatasetRef { project_id: project.clone(), dataset_id: dataset.clone() }),
            ([], _) if of_project => None,
            ([], Some(default)) => Some(default.clone()),
            _ => None,
        };
        if let Some(dataset) = &dataset {
            let whole = TableRef {
                project_id: dataset.project_id.clone(),
                dataset_id: dataset.dataset_id.clone(),
                table_id: "INFORMATION_SCHEMA".to_owned(),
            };
            qualify(&[whole.project_id.clone(), whole.dataset_id.clone(), whole.table_id.clone()], self.input, at)?;
            check_dataset(&whole, self.tables)?;
        } else if !of_project {
            return Err(QueryError::invalid_at("INFORMATION_SCHEMA must be qualified with a dataset", at));
        }
        let tables = dataset.as_ref().map(|d| self.tables.tables(d)).unwrap_or_default();
        let batch = match view.as_str() {
            "SCHEMATA" => schemata(&self.tables.datasets()),
            "TABLES" => tables_view(&tables),
            "VIEWS" => views(&tables),
            "COLUMNS" => columns(&tables),
            "COLUMN_FIELD_PATHS" => field_paths(&tables),
            "PARTITIONS" => partitions(&tables),
            "TABLE_OPTIONS" => table_options(&tables),
            "JOBS" | "JOBS_BY_PROJECT" | "JOBS_BY_USER" => jobs(&self.tables.jobs()),
            other => return Err(not_supported(format_args!("INFORMATION_SCHEMA.{other}"))),
        }
        .map_err(|e| QueryError::new(Reason::InternalError, e.to_string()))?;
        let name = self.fresh("i");
        self.sources.insert(name.clone(), Source::Memory(batch));
        Ok(name)
    }
}

fn texts<'a>(values: impl Iterator<Item = Option<std::borrow::Cow<'a, str>>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

fn some(text: &str) -> Option<std::borrow::Cow<'_, str>> {
    Some(text.into())
}

fn instants(values: impl Iterator<Item = Option<i64>>) -> ArrayRef {
    let micros: Vec<Option<i64>> = values.map(|ms| ms.map(|ms| ms.saturating_mul(1000))).collect();
    Arc::new(TimestampMicrosecondArray::from(micros).with_timezone("UTC"))
}

/// The three columns that name a table.
fn names<'a>(tables: impl Iterator<Item = &'a TableRef> + Clone) -> [(&'static str, ArrayRef); 3] {
    [
        ("table_catalog", texts(tables.clone().map(|t| some(&t.project_id)))),
        ("table_schema", texts(tables.clone().map(|t| some(&t.dataset_id)))),
        ("table_name", texts(tables.map(|t| some(&t.table_id)))),
    ]
}

fn schemata(datasets: &[(DatasetRef, TableFacts)]) -> View {
    RecordBatch::try_from_iter([
        ("catalog_name", texts(datasets.iter().map(|(d, _)| some(&d.project_id)))),
        ("schema_name", texts(datasets.iter().map(|(d, _)| some(&d.dataset_id)))),
        ("schema_owner", texts(datasets.iter().map(|_| None))),
        ("creation_time", instants(datasets.iter().map(|(_, f)| Some(f.created_ms)))),
        ("last_modified_time", instants(datasets.iter().map(|(_, f)| Some(f.modified_ms)))),
        ("location", texts(datasets.iter().map(|(_, f)| f.properties.get("location").and_then(Json::as_str).map(Into::into)))),
        ("ddl", texts(datasets.iter().map(|(d, _)| Some(format!("CREATE SCHEMA `{}.{}`;", d.project_id, d.dataset_id).into())))),
        ("default_collation_name", texts(datasets.iter().map(|_| some("NULL")))),
    ])
}

fn tables_view(tables: &[Arc<TableSnapshot>]) -> View {
    let mut all = names(tables.iter().map(|t| &t.reference)).to_vec();
    let kind = |t: &TableSnapshot| if t.view.is_some() { "VIEW" } else { "BASE TABLE" };
    let insertable = |t: &TableSnapshot| if t.view.is_some() { "NO" } else { "YES" };
    all.push(("table_type", texts(tables.iter().map(|t| some(kind(t))))));
    all.push(("is_insertable_into", texts(tables.iter().map(|t| some(insertable(t))))));
    all.push(("is_typed", texts(tables.iter().map(|_| some("NO")))));
    all.push(("creation_time", instants(tables.iter().map(|t| Some(t.facts.created_ms)))));
    all.push(("ddl", texts(tables.iter().map(|t| Some(ddl(t).into())))));
    all.push(("default_collation_name", texts(tables.iter().map(|_| some("NULL")))));
    RecordBatch::try_from_iter(all)
}

fn ddl(table: &TableSnapshot) -> String {
    let TableRef { project_id, dataset_id, table_id } = &table.reference;
    match &table.view {
        Some(query) => format!("CREATE VIEW `{project_id}.{dataset_id}.{table_id}`\nAS {query};"),
        None => {
            let columns: Vec<String> = table.schema.fields.iter().map(|f| format!("  {} {}", f.name, declared(f))).collect();
            format!("CREATE TABLE `{project_id}.{dataset_id}.{table_id}`\n(\n{}\n);", columns.join(",\n"))
        }
    }
}

fn views(tables: &[Arc<TableSnapshot>]) -> View {
    let views: Vec<&Arc<TableSnapshot>> = tables.iter().filter(|t| t.view.is_some()).collect();
    let mut all = names(views.iter().map(|t| &t.reference)).to_vec();
    all.push(("view_definition", texts(views.iter().map(|t| t.view.as_deref().map(Into::into)))));
    all.push(("check_option", texts(views.iter().map(|_| None))));
    all.push(("use_standard_sql", texts(views.iter().map(|_| some("YES")))));
    RecordBatch::try_from_iter(all)
}

/// A type as a column is declared with it.
fn sql_type(field: &Field) -> String {
    let one = match field.field_type {
        FieldType::Struct => {
            let fields: Vec<String> = field.fields.iter().map(|f| format!("{} {}", f.name, sql_type(f))).collect();
            format!("STRUCT<{}>", fields.join(", "))
        }
        FieldType::Range => crate::engine::types::range_name(field),
        other => format!("{}{}", other.sql_name(), field.limits.written()),
    };
    if field.mode == Mode::Repeated { format!("ARRAY<{one}>") } else { one }
}

fn declared(field: &Field) -> String {
    let required = if field.mode == Mode::Required { " NOT NULL" } else { "" };
    format!("{}{required}", sql_type(field))
}

fn columns(tables: &[Arc<TableSnapshot>]) -> View {
    let rows: Vec<(&TableSnapshot, i64, &Field)> =
        tables.iter().flat_map(|t| (1..).zip(&t.schema.fields).map(move |(i, f)| (t.as_ref(), i, f))).collect();
    let properties = |t: &TableSnapshot, name: &str| t.facts.properties.get(name).cloned().unwrap_or(Json::Null);
    let partitioned = |t: &TableSnapshot, f: &Field| {
        ["timePartitioning", "rangePartitioning"]
            .iter()
            .any(|key| properties(t, key)["field"].as_str().is_some_and(|name| name.eq_ignore_ascii_case(&f.name)))
    };
    let clustered = |t: &TableSnapshot, f: &Field| -> Option<i64> {
        let clustering = properties(t, "clustering");
        let place = clustering["fields"].as_array()?.iter().position(|n| n.as_str().is_some_and(|n| n.eq_ignore_ascii_case(&f.name)))?;
        i64::try_from(place + 1).ok()
    };
    let yes = |b: bool| some(if b { "YES" } else { "NO" });
    let mut all = names(rows.iter().map(|(t, ..)| &t.reference)).to_vec();
    all.push(("column_name", texts(rows.iter().map(|(_, _, f)| some(&f.name)))));
    all.push(("ordinal_position", Arc::new(rows.iter().map(|(_, i, _)| Some(*i)).collect::<Int64Array>())));
    all.push(("is_nullable", texts(rows.iter().map(|(_, _, f)| yes(f.mode == Mode::Nullable)))));
    all.push(("data_type", texts(rows.iter().map(|(_, _, f)| Some(sql_type(f).into())))));
    all.push(("is_generated", texts(rows.iter().map(|_| some("NEVER")))));
    all.push(("is_hidden", texts(rows.iter().map(|_| some("NO")))));
    all.push(("is_system_defined", texts(rows.iter().map(|_| some("NO")))));
    all.push(("is_partitioning_column", texts(rows.iter().map(|(t, _, f)| yes(partitioned(t, f))))));
    all.push(("clustering_ordinal_position", Arc::new(rows.iter().map(|(t, _, f)| clustered(t, f)).collect::<Int64Array>())));
    all.push(("collation_name", texts(rows.iter().map(|_| some("NULL")))));
    all.push(("column_default", texts(rows.iter().map(|(_, _, f)| some(f.limits.default_value.as_deref().unwrap_or("NULL"))))));
    RecordBatch::try_from_iter(all)
}

fn field_paths(tables: &[Arc<TableSnapshot>]) -> View {
    fn walk<'a>(table: &'a TableSnapshot, column: &'a str, prefix: &str, field: &'a Field, rows: &mut Vec<Path<'a>>) {
        let path = if prefix.is_empty() { field.name.clone() } else { format!("{prefix}.{}", field.name) };
        rows.push(Path { table, column, path: path.clone(), field });
        for child in &field.fields {
            walk(table, column, &path, child, rows);
        }
    }
    struct Path<'a> {
        table: &'a TableSnapshot,
        column: &'a str,
        path: String,
        field: &'a Field,
    }
    let mut rows = Vec::new();
    for table in tables {
        for field in &table.schema.fields {
            walk(table, &field.name, "", field, &mut rows);
        }
    }
    let mut all = names(rows.iter().map(|r| &r.table.reference)).to_vec();
    all.push(("column_name", texts(rows.iter().map(|r| some(r.column)))));
    all.push(("field_path", texts(rows.iter().map(|r| some(&r.path)))));
    all.push(("data_type", texts(rows.iter().map(|r| Some(sql_type(r.field).into())))));
    all.push(("description", texts(rows.iter().map(|r| r.field.description.as_deref().map(Into::into)))));
    all.push(("collation_name", texts(rows.iter().map(|_| some("NULL")))));
    RecordBatch::try_from_iter(all)
}

/// One row a table: rows are not kept by partition here, so `partition_id` is NULL as for tables without partitions.
fn partitions(tables: &[Arc<TableSnapshot>]) -> View {
    let tables: Vec<&Arc<TableSnapshot>> = tables.iter().filter(|t| t.view.is_none()).collect();
    let whole = |n: u64| i64::try_from(n).ok();
    let mut all = names(tables.iter().map(|t| &t.reference)).to_vec();
    all.push(("partition_id", texts(tables.iter().map(|_| None))));
    all.push(("total_rows", Arc::new(tables.iter().map(|t| whole(t.row_count)).collect::<Int64Array>())));
    all.push(("total_logical_bytes", Arc::new(tables.iter().map(|t| whole(t.column_bytes.values().sum())).collect::<Int64Array>())));
    all.push(("last_modified_time", instants(tables.iter().map(|t| Some(t.facts.modified_ms)))));
    all.push(("storage_tier", texts(tables.iter().map(|_| some("ACTIVE")))));
    RecordBatch::try_from_iter(all)
}

fn table_options(tables: &[Arc<TableSnapshot>]) -> View {
    let mut rows: Vec<(&TableRef, &str, &str, String)> = Vec::new();
    for table in tables {
        for (property, name, data_type) in [
            ("description", "description", "STRING"),
            ("friendlyName", "friendly_name", "STRING"),
            ("labels", "labels", "ARRAY<STRUCT<STRING, STRING>>"),
            ("expirationTime", "expiration_timestamp", "TIMESTAMP"),
            ("requirePartitionFilter", "require_partition_filter", "BOOL"),
        ] {
            let Some(value) = table.facts.properties.get(property).filter(|v| !v.is_null()) else { continue };
            rows.push((&table.reference, name, data_type, option_text(property, value)));
        }
    }
    let mut all = names(rows.iter().map(|r| r.0)).to_vec();
    all.push(("option_name", texts(rows.iter().map(|r| some(r.1)))));
    all.push(("option_type", texts(rows.iter().map(|r| some(r.2)))));
    all.push(("option_value", texts(rows.iter().map(|r| some(&r.3)))));
    RecordBatch::try_from_iter(all)
}

/// An option's value as a literal of SQL.
fn option_text(property: &str, value: &Json) -> String {
    let quoted = |text: &str| Json::from(text).to_string();
    match (property, value) {
        ("labels", Json::Object(labels)) => {
            let pairs: Vec<String> =
                labels.iter().map(|(k, v)| format!("STRUCT({}, {})", quoted(k), quoted(v.as_str().unwrap_or_default()))).collect();
            format!("[{}]", pairs.join(", "))
        }
        ("expirationTime", value) => {
            let ms = value.as_str().and_then(|s| s.parse().ok()).or(value.as_i64()).unwrap_or_default();
            let at = chrono::DateTime::from_timestamp_millis(ms).unwrap_or_default();
            format!("TIMESTAMP \"{}\"", at.format("%Y-%m-%dT%H:%M:%S%.3fZ"))
        }
        (_, Json::String(text)) => quoted(text),
        (_, other) => other.to_string(),
    }
}

fn jobs(jobs: &[Json]) -> View {
    let text = |path: &'static str| texts(jobs.iter().map(move |j| j.pointer(path).and_then(Json::as_str).map(Into::into)));
    let number = |j: &Json, path: &str| j.pointer(path).and_then(|v| v.as_i64().or_else(|| v.as_str()?.parse().ok()));
    let numbers = |path: &'static str| -> ArrayRef { Arc::new(jobs.iter().map(|j| number(j, path)).collect::<Int64Array>()) };
    let times = |path: &'static str| instants(jobs.iter().map(|j| number(j, path)));
    let flags = |path: &'static str| -> ArrayRef {
        Arc::new(jobs.iter().map(|j| j.pointer(path).and_then(Json::as_bool)).collect::<BooleanArray>())
    };
    RecordBatch::try_from_iter([
        ("creation_time", times("/statistics/creationTime")),
        ("project_id", text("/jobReference/projectId")),
        ("user_email", text("/user_email")),
        ("job_id", text("/jobReference/jobId")),
        ("job_type", text("/configuration/jobType")),
        ("statement_type", text("/statistics/query/statementType")),
        ("priority", text("/configuration/query/priority")),
        ("start_time", times("/statistics/startTime")),
        ("end_time", times("/statistics/endTime")),
        ("query", text("/configuration/query/query")),
        ("state", text("/status/state")),
        ("total_bytes_processed", numbers("/statistics/totalBytesProcessed")),
        ("total_bytes_billed", numbers("/statistics/query/totalBytesBilled")),
        ("total_slot_ms", numbers("/statistics/totalSlotMs")),
        ("cache_hit", flags("/statistics/query/cacheHit")),
    ])
}
