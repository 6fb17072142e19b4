//! One partition of a table, named as `table$20240301`: loaded, replaced, listed and removed by itself.
//!
//! Tables are not kept by partition here; a partition is the rows whose column says so.
//!
//! Source: <https://cloud.google.com/bigquery/docs/managing-partitioned-table-data>

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, StringArray};
use arrow::compute::{cast, filter_record_batch, not};
use arrow::datatypes::{DataType, Int64Type};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Timelike};
use serde_json::Value;

use super::error::ApiError;
use super::request::as_text;
use super::state::AppState;
use crate::schema::{Field, FieldType, Limits, Mode, TableRef, TableSchema};
use crate::store::{StagedRows, StoreError, TableVersion, WriteDisposition, WriteOptions};

/// The table of a table's partitions, `table$__PARTITIONS_SUMMARY__`.
pub(crate) const SUMMARY: &str = "__PARTITIONS_SUMMARY__";
const NULLS: &str = "__NULL__";
const OUTSIDE: &str = "__UNPARTITIONED__";
/// How often a change of a partition is tried again on what others made of the table meanwhile.
const MAX_TRIES: usize = 10;

/// A reference without its decorator, and the decorator.
pub(crate) fn split(mut table: TableRef) -> (TableRef, Option<String>) {
    let decorator = table.table_id.split_once('$').map(|(name, id)| (name.to_owned(), id.to_owned()));
    match decorator {
        Some((name, id)) => {
            table.table_id = name;
            (table, Some(id))
        }
        None => (table, None),
    }
}

/// How a table is partitioned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Hour,
    Day,
    Month,
    Year,
    Range { start: i64, end: i64, interval: i64 },
}

/// The column that tells a row's partition.
#[derive(Debug, Clone)]
struct Partitioning {
    scheme: Scheme,
    column: usize,
    field_type: FieldType,
}

impl Partitioning {
    fn of(version: &TableVersion) -> Result<Self, ApiError> {
        let properties = &version.metadata.properties;
        let (key, kind) = match (properties.get("timePartitioning"), properties.get("rangePartitioning")) {
            (Some(time), _) => (time, as_text(time.get("type")).unwrap_or("DAY")),
            (None, Some(range)) => (range, "RANGE"),
            (None, None) => {
                return Err(ApiError::invalid(format!(
                    "Cannot read partition information from a table that is not partitioned: {}",
                    version.reference
                )));
            }
        };
        let Some(name) = as_text(key.get("field")) else {
            return Err(ApiError::not_implemented("A partition decorator of a table that is partitioned by ingestion time"));
        };
        let fields = &version.metadata.schema.fields;
        let column = fields.iter().position(|f| f.name.eq_ignore_ascii_case(name)).ok_or_else(ApiError::internal)?;
        let scheme = match kind {
            "HOUR" => Scheme::Hour,
            "MONTH" => Scheme::Month,
            "YEAR" => Scheme::Year,
            "RANGE" => {
                let range = key.get("range");
                let number = |end: &str| -> Result<i64, ApiError> {
                    let value = range.and_then(|r| r.get(end));
                    let text = as_text(value).and_then(|text| text.parse().ok());
                    text.or_else(|| value.and_then(Value::as_i64))
                        .ok_or_else(|| ApiError::invalid(format!("Invalid rangePartitioning: {end}")))
                };
                Scheme::Range { start: number("start")?, end: number("end")?, interval: number("interval")?.max(1) }
            }
            _ => Scheme::Day,
        };
        Ok(Self { scheme, column, field_type: fields[column].field_type })
    }

    /// The partition of each row.
    fn ids(&self, batch: &RecordBatch) -> Result<Vec<String>, ApiError> {
        let column = batch.column(self.column);
        let column = match column.data_type() {
            DataType::Date32 => cast(&cast(column, &DataType::Int32).map_err(broken)?, &DataType::Int64).map_err(broken)?,
            _ => cast(column, &DataType::Int64).map_err(broken)?,
        };
        Ok(column.as_primitive::<Int64Type>().iter().map(|value| value.map_or_else(|| NULLS.to_owned(), |v| self.id(v))).collect())
    }

    fn id(&self, value: i64) -> String {
        let at = |value: i64| -> Option<NaiveDateTime> {
            if self.field_type == FieldType::Date {
                let days = i32::try_from(value).ok()?;
                return NaiveDate::from_num_days_from_ce_opt(days.checked_add(719_163)?)?.and_hms_opt(0, 0, 0);
            }
            DateTime::from_timestamp_micros(value).map(|at| at.naive_utc())
        };
        if let Scheme::Range { start, end, interval } = self.scheme {
            if value < start || value >= end {
                return OUTSIDE.to_owned();
            }
            return (start + (value - start) / interval * interval).to_string();
        }
        let Some(at) = at(value) else { return OUTSIDE.to_owned() };
        let (year, month, day) = (at.year(), at.month(), at.day());
        match self.scheme {
            Scheme::Year => format!("{year:04}"),
            Scheme::Month => format!("{year:04}{month:02}"),
            Scheme::Hour => format!("{year:04}{month:02}{day:02}{:02}", at.hour()),
            Scheme::Day | Scheme::Range { .. } => format!("{year:04}{month:02}{day:02}"),
        }
    }

    /// Which rows are of a partition.
    fn mask(&self, batch: &RecordBatch, partition: &str) -> Result<BooleanArray, ApiError> {
        Ok(self.ids(batch)?.iter().map(|id| Some(id == partition)).collect())
    }

    fn check_id(&self, partition: &str) -> Result<(), ApiError> {
        let digits = match self.scheme {
            Scheme::Year => Some(4),
            Scheme::Month => Some(6),
            Scheme::Day => Some(8),
            Scheme::Hour => Some(10),
            Scheme::Range { .. } => None,
        };
        let is_number = partition.strip_prefix('-').unwrap_or(partition).bytes().all(|b| b.is_ascii_digit()) && !partition.is_empty();
        let known = partition == NULLS || partition == OUTSIDE || (is_number && digits.is_none_or(|digits| partition.len() == digits));
        if known { Ok(()) } else { Err(ApiError::invalid(format!("Invalid partition id: {partition}"))) }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err, which passes by value")]
fn broken(error: arrow::error::ArrowError) -> ApiError {
    tracing::error!(%error, "the column of partitions could not be read");
    ApiError::internal()
}

/// Puts staged rows into a partition, all of which must be of it. Blocking.
pub(crate) fn write(
    state: &AppState,
    table: &TableRef,
    partition: &str,
    staged: StagedRows,
    mut options: WriteOptions,
) -> Result<(), ApiError> {
    if let Err(StoreError::TableNotFound(_)) = state.store.table(table) {
        if !options.create {
            return Err(ApiError::store(StoreError::TableNotFound(table.clone())));
        }
        let properties = std::mem::take(&mut options.properties);
        match state.store.create_table(table, staged.schema.clone(), properties) {
            Ok(_) | Err(StoreError::TableExists(_)) => {}
            Err(error) => return Err(ApiError::store(error)),
        }
    }
    for _ in 0..MAX_TRIES {
        let version = state.store.table(table).map_err(ApiError::store)?;
        if staged.schema != version.metadata.schema {
            return Err(ApiError::invalid(format!("Provided Schema does not match Table {table}.")));
        }
        let partitioning = Partitioning::of(&version)?;
        partitioning.check_id(partition)?;
        let (_, strangers) = select(state, &version, Of::Staged(&staged), &partitioning, partition, false)?;
        if strangers > 0 {
            return Err(ApiError::invalid(format!(
                "Some rows belong to different partitions rather than destination partition {partition}"
            )));
        }
        let (mut kept, old) = match options.disposition {
            WriteDisposition::Append => (StagedRows::empty(staged.schema.clone()), 0),
            _ => select(state, &version, Of::Table, &partitioning, partition, false)
                .map(|(kept, others)| (kept, version.metadata.row_count - others))?,
        };
        if options.disposition == WriteDisposition::Empty && old > 0 {
            return Err(ApiError::duplicate(format!("Already Exists: Table {table}${partition}")));
        }
        let appended = options.disposition == WriteDisposition::Append;
        kept.take_in(state.store.copy_of(&staged).map_err(ApiError::store)?);
        let etag = (!appended).then_some(version.metadata.etag.as_str());
        match state.store.change_rows(table, kept, appended, etag) {
            Ok(_) => return Ok(()),
            Err(StoreError::PreconditionFailed) => {}
            Err(error) => return Err(ApiError::store(error)),
        }
    }
    Err(ApiError::new(400, "invalid", format!("Table {table} was changed again and again while a partition of it was written.")))
}

/// Removes the rows of a partition. Blocking.
pub(crate) fn delete(state: &AppState, table: &TableRef, partition: &str) -> Result<(), ApiError> {
    for _ in 0..MAX_TRIES {
        let version = state.store.table(table).map_err(ApiError::store)?;
        let partitioning = Partitioning::of(&version)?;
        partitioning.check_id(partition)?;
        let (kept, others) = select(state, &version, Of::Table, &partitioning, partition, false)?;
        if others == version.metadata.row_count {
            return Err(ApiError::not_found(format!("Not found: Table {table}${partition}")));
        }
        match state.store.change_rows(table, kept, false, Some(&version.metadata.etag)) {
            Ok(_) => return Ok(()),
            Err(StoreError::PreconditionFailed) => {}
            Err(error) => return Err(ApiError::store(error)),
        }
    }
    Err(ApiError::new(400, "invalid", format!("Table {table} was changed again and again while a partition of it was removed.")))
}

/// The rows of a partition, aside. Blocking.
pub(crate) fn rows(state: &AppState, version: &Arc<TableVersion>, partition: &str) -> Result<StagedRows, ApiError> {
    let partitioning = Partitioning::of(version)?;
    partitioning.check_id(partition)?;
    Ok(select(state, version, Of::Table, &partitioning, partition, true)?.0)
}

/// The partitions that a table has, with their rows. Blocking.
pub(crate) fn list(version: &Arc<TableVersion>) -> Result<BTreeMap<String, u64>, ApiError> {
    let partitioning = Partitioning::of(version)?;
    let alone = Partitioning { column: 0, ..partitioning.clone() };
    let mut found = BTreeMap::new();
    let mut failure = None;
    let count = |batch: RecordBatch| {
        match alone.ids(&batch) {
            Ok(ids) => ids.into_iter().for_each(|id| *found.entry(id).or_default() += 1),
            Err(error) => failure = Some(error),
        }
        Ok(failure.is_none())
    };
    version.read(Some(&[partitioning.column]), 0, u64::MAX, count).map_err(ApiError::store)?;
    failure.map_or(Ok(found), Err)
}

/// The columns of a table of partitions.
pub(crate) fn summary_schema() -> TableSchema {
    let field = |name: &str, field_type| Field {
        name: name.to_owned(),
        field_type,
        mode: Mode::Nullable,
        description: None,
        limits: Limits::default(),
        fields: Vec::new(),
    };
    let texts = ["project_id", "dataset_id", "table_id", "partition_id"].map(|name| field(name, FieldType::String));
    let times = ["creation_time", "last_modified_time"].map(|name| field(name, FieldType::Int64));
    TableSchema { fields: texts.into_iter().chain(times).collect() }
}

/// The rows of a table of partitions. Blocking.
pub(crate) fn summary(version: &Arc<TableVersion>) -> Result<RecordBatch, ApiError> {
    let ids: Vec<String> = list(version)?.into_keys().collect();
    let TableRef { project_id, dataset_id, table_id } = &version.reference;
    let texts = |text: &String| Arc::new(StringArray::from(vec![text.as_str(); ids.len()])) as ArrayRef;
    let times = |ms: i64| Arc::new(Int64Array::from(vec![ms; ids.len()])) as ArrayRef;
    let columns = vec![
        texts(project_id),
        texts(dataset_id),
        texts(table_id),
        Arc::new(StringArray::from(ids.clone())),
        times(version.metadata.created_ms),
        times(version.metadata.modified_ms),
    ];
    RecordBatch::try_new(crate::engine::arrow_schema(&summary_schema()), columns).map_err(broken)
}

/// Whose rows are looked through.
#[derive(Clone, Copy)]
enum Of<'a> {
    Table,
    Staged(&'a StagedRows),
}

/// The rows that are of a partition, or those that are not, and how many they are.
fn select(
    state: &AppState,
    version: &TableVersion,
    of: Of<'_>,
    partitioning: &Partitioning,
    partition: &str,
    inside: bool,
) -> Result<(StagedRows, u64), ApiError> {
    let mut writer = state.store.row_writer(version.metadata.schema.clone());
    let mut failure = None;
    let mut keep = |batch: RecordBatch| -> Result<bool, StoreError> {
        let kept = partitioning
            .mask(&batch, partition)
            .and_then(|mask| if inside { Ok(mask) } else { not(&mask).map_err(broken) })
            .and_then(|mask| filter_record_batch(&batch, &mask).map_err(broken));
        match kept {
            Ok(kept) => writer.write(&kept)?,
            Err(error) => failure = Some(error),
        }
        Ok(failure.is_none())
    };
    match of {
        Of::Table => version.read(None, 0, u64::MAX, &mut keep),
        Of::Staged(staged) => staged.read(0, u64::MAX, &mut keep),
    }
    .map_err(ApiError::store)?;
    if let Some(error) = failure {
        return Err(error);
    }
    let staged = writer.finish().map_err(ApiError::store)?;
    let count = staged.rows();
    Ok((staged, count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_tell_their_partition() {
        let day = 19_783; // 2024-03-01
        let noon = i64::from(day) * 86_400_000_000 + 43_200_000_000;
        let range = Scheme::Range { start: -10, end: 100, interval: 10 };
        for (scheme, field_type, value, expected) in [
            (Scheme::Day, FieldType::Date, i64::from(day), "20240301"),
            (Scheme::Month, FieldType::Date, i64::from(day), "202403"),
            (Scheme::Year, FieldType::Datetime, noon, "2024"),
            (Scheme::Hour, FieldType::Timestamp, noon, "2024030112"),
            (range, FieldType::Int64, -3, "-10"),
            (range, FieldType::Int64, 99, "90"),
            (range, FieldType::Int64, 100, OUTSIDE),
        ] {
            let partitioning = Partitioning { scheme, column: 0, field_type };
            assert_eq!(partitioning.id(value), expected);
            assert!(partitioning.check_id(expected).is_ok());
        }
        assert!(Partitioning { scheme: Scheme::Day, column: 0, field_type: FieldType::Date }.check_id("202403").is_err());
    }
}
