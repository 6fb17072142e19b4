//! How large the partitions of a table are. Tables are not kept by partition: a partition is the rows whose column says so. The
//! sizes of a row group are computed when a query asks for the first time, of the columns that it reads, and kept.
//!
//! Source: <https://cloud.google.com/bigquery/docs/partitioned-tables>

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, UInt64Array};
use arrow::compute::{cast, sort_to_indices, take};
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use chrono::{DateTime, Datelike, NaiveDate};
use datafusion::common::pruning::PruningStatistics;
use datafusion::common::{Column, ScalarValue};
use datafusion::physical_optimizer::pruning::PruningPredicate;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::statistics::Statistics;
use serde_json::Value;

use super::TableSnapshot;
use super::types::{arrow_schema, logical_bytes};

/// The column in which a condition finds the date of the partitioning column.
pub(super) const DATE_OF: &str = "$date of partition";
/// Files whose sizes are kept.
const MAX_FILES: usize = 4096;
const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;

/// How a table is partitioned by one of its columns.
#[derive(Debug, Clone)]
pub(super) struct Partitioning {
    pub(super) column: String,
    data_type: DataType,
    unit: Unit,
}

#[derive(Debug, Clone, Copy)]
enum Unit {
    Hour,
    Day,
    Month,
    Year,
    Range { start: i64, end: i64, interval: i64 },
}

impl Partitioning {
    /// `None` where the table is not partitioned, or by the time of its loads.
    pub(super) fn of(snapshot: &TableSnapshot) -> Option<Self> {
        let properties = &snapshot.facts.properties;
        let (field, unit) = if let Some(time) = properties.get("timePartitioning") {
            let unit = match time.get("type").and_then(Value::as_str).unwrap_or("DAY") {
                "HOUR" => Unit::Hour,
                "DAY" => Unit::Day,
                "MONTH" => Unit::Month,
                "YEAR" => Unit::Year,
                _ => return None,
            };
            (time.get("field")?.as_str()?, unit)
        } else {
            let ranges = properties.get("rangePartitioning")?;
            let number = |key: &str| {
                let value = ranges.get("range")?.get(key)?;
                value.as_i64().or_else(|| value.as_str()?.parse().ok())
            };
            let unit = Unit::Range { start: number("start")?, end: number("end")?, interval: number("interval").filter(|i| *i > 0)? };
            (ranges.get("field")?.as_str()?, unit)
        };
        let schema = arrow_schema(&snapshot.schema);
        let field = schema.fields().iter().find(|f| f.name().eq_ignore_ascii_case(field))?;
        let fits = match field.data_type() {
            DataType::Int64 => matches!(unit, Unit::Range { .. }),
            DataType::Date32 | DataType::Timestamp(..) => !matches!(unit, Unit::Range { .. }),
            _ => false,
        };
        fits.then(|| Self { column: field.name().clone(), data_type: field.data_type().clone(), unit })
    }

    /// What a condition sees: the column and its date.
    pub(super) fn schema(&self) -> SchemaRef {
        Arc::new(Schema::new(vec![Field::new(&self.column, self.data_type.clone(), true), Field::new(DATE_OF, DataType::Date32, true)]))
    }

    /// One cell of the column, as stored, in microseconds where it is a time.
    fn scale(&self) -> i64 {
        if self.data_type == DataType::Date32 { DAY } else { 1 }
    }

    /// The partition of a cell; `None` for a number outside of all of them.
    fn key(&self, cell: i64) -> Option<i64> {
        let at = cell.saturating_mul(self.scale());
        Some(match self.unit {
            Unit::Hour => at.div_euclid(HOUR),
            Unit::Day => at.div_euclid(DAY),
            Unit::Month => date(at).map(|d| i64::from(d.year()) * 12 + i64::from(d.month0()))?,
            Unit::Year => date(at).map(|d| i64::from(d.year()))?,
            Unit::Range { start, end, interval } => {
                return (start..end).contains(&cell).then(|| (cell - start).div_euclid(interval));
            }
        })
    }

    /// The first and last cell that a partition may hold.
    fn bounds(&self, key: i64) -> Option<(i64, i64)> {
        let begin = |key: i64| match self.unit {
            Unit::Hour => key.checked_mul(HOUR),
            Unit::Day => key.checked_mul(DAY),
            Unit::Month => micros(key.div_euclid(12), key.rem_euclid(12) + 1),
            Unit::Year => micros(key, 1),
            Unit::Range { start, end, interval } => Some(start.saturating_add(key.saturating_mul(interval)).min(end)),
        };
        Some((begin(key)? / self.scale(), begin(key + 1)? / self.scale() - 1))
    }
}

fn date(micros: i64) -> Option<NaiveDate> {
    DateTime::from_timestamp_micros(micros).map(|at| at.date_naive())
}

/// The first moment of a month.
fn micros(year: i64, month: i64) -> Option<i64> {
    let first = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, u32::try_from(month).ok()?, 1)?;
    Some(first.and_hms_opt(0, 0, 0)?.and_utc().timestamp_micros())
}

/// Rows of NULL, rows outside of all partitions, and partitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Null,
    Outside,
    Of(i64),
}

/// Bytes by partition.
type Sizes = BTreeMap<Key, u64>;

/// A row group of a file, with what is known of it.
#[derive(Debug)]
struct Group {
    rows: u64,
    /// The least and greatest cell of the partitioning column, and its NULLs, if the file says so.
    least: Option<i64>,
    greatest: Option<i64>,
    nulls: Option<u64>,
    columns: HashMap<String, Arc<Sizes>>,
}

/// Sizes of partitions by file. A file never changes, and no other gets its name.
#[derive(Debug, Default)]
pub(super) struct PartitionSizes(Mutex<HashMap<PathBuf, Arc<Mutex<Vec<Group>>>>>);

impl PartitionSizes {
    /// The bytes of a column in the partitions that any of the predicates leaves. `None` where a file cannot be read.
    pub(super) fn left(
        &self,
        snapshot: &TableSnapshot,
        partitioning: &Partitioning,
        column: &str,
        predicates: &[&PruningPredicate],
    ) -> Option<u64> {
        let mut bytes = 0;
        for file in &snapshot.files {
            let groups = self.groups(file, partitioning)?;
            let mut groups = groups.lock().unwrap_or_else(PoisonError::into_inner);
            let places = kept(predicates, &Containers::groups(partitioning, &groups)?)?;
            for (number, group) in groups.iter_mut().enumerate().filter(|(number, _)| places[*number]) {
                let sizes = match group.columns.get(column) {
                    Some(sizes) => Arc::clone(sizes),
                    None => {
                        let sizes = Arc::new(measure(file, number, partitioning, column)?);
                        group.columns.insert(column.to_owned(), Arc::clone(&sizes));
                        sizes
                    }
                };
                let keys: Vec<Key> = sizes.keys().copied().collect();
                let left = kept(predicates, &Containers::partitions(partitioning, &keys)?)?;
                bytes += sizes.values().zip(left).filter_map(|(size, left)| left.then_some(size)).sum::<u64>();
            }
        }
        Some(bytes)
    }

    fn groups(&self, file: &Path, partitioning: &Partitioning) -> Option<Arc<Mutex<Vec<Group>>>> {
        if let Some(known) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(file) {
            return Some(Arc::clone(known));
        }
        let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(file).ok()?).ok()?;
        let place = builder.schema().index_of(&partitioning.column).ok()?;
        // The first leaf of a column of one cell a row is its only one.
        let leaf = (0..builder.parquet_schema().num_columns()).find(|leaf| builder.parquet_schema().get_column_root_idx(*leaf) == place)?;
        let groups = builder.metadata().row_groups().iter().map(|group| {
            let (least, greatest, nulls) = match group.column(leaf).statistics() {
                Some(Statistics::Int64(found)) => (found.min_opt().copied(), found.max_opt().copied(), found.null_count_opt()),
                Some(Statistics::Int32(found)) => {
                    (found.min_opt().copied().map(i64::from), found.max_opt().copied().map(i64::from), found.null_count_opt())
                }
                _ => (None, None, None),
            };
            Group { rows: u64::try_from(group.num_rows()).unwrap_or_default(), least, greatest, nulls, columns: HashMap::new() }
        });
        let groups = Arc::new(Mutex::new(groups.collect()));
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_FILES {
            known.clear();
        }
        known.insert(file.to_path_buf(), Arc::clone(&groups));
        Some(groups)
    }
}

/// Which containers any of the predicates leaves.
fn kept(predicates: &[&PruningPredicate], containers: &Containers) -> Option<Vec<bool>> {
    let mut kept = vec![false; containers.num_containers()];
    for predicate in predicates {
        for (one, left) in kept.iter_mut().zip(predicate.prune(containers).ok()?) {
            *one |= left;
        }
    }
    Some(kept)
}

/// The sizes of a column in the partitions of a row group.
fn measure(file: &Path, group: usize, partitioning: &Partitioning, column: &str) -> Option<Sizes> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(file).ok()?).ok()?;
    let places = [builder.schema().index_of(&partitioning.column).ok()?, builder.schema().index_of(column).ok()?];
    let mask = ProjectionMask::roots(builder.parquet_schema(), places);
    let mut sizes = Sizes::new();
    for batch in builder.with_row_groups(vec![group]).with_projection(mask).build().ok()? {
        let batch = batch.ok()?;
        let cells = cells(batch.column_by_name(&partitioning.column)?)?;
        let order = sort_to_indices(&cells, None, None).ok()?;
        let cells = take(&cells, &order, None).ok()?;
        let cells = cells.as_primitive::<Int64Type>();
        let values = take(batch.column_by_name(column)?, &order, None).ok()?;
        let key = |row: usize| {
            if cells.is_null(row) {
                return Key::Null;
            }
            partitioning.key(cells.value(row)).map_or(Key::Outside, Key::Of)
        };
        let mut begin = 0;
        while begin < cells.len() {
            let this = key(begin);
            let mut end = begin + 1;
            while end < cells.len() && key(end) == this {
                end += 1;
            }
            let part = RecordBatch::try_from_iter_with_nullable([("c", values.slice(begin, end - begin), true)]).ok()?;
            *sizes.entry(this).or_default() += logical_bytes(&part).values().sum::<u64>();
            begin = end;
        }
    }
    Some(sizes)
}

/// The cells of a partitioning column as they are stored.
fn cells(column: &ArrayRef) -> Option<Int64Array> {
    let stored = if *column.data_type() == DataType::Date32 { cast(column, &DataType::Int32).ok()? } else { Arc::clone(column) };
    Some(cast(&stored, &DataType::Int64).ok()?.as_primitive::<Int64Type>().clone())
}

/// Least and greatest cell, rows, and NULLs among them.
type Extent = (Option<i64>, Option<i64>, u64, Option<u64>);

/// What a predicate is told of row groups or partitions.
struct Containers {
    column: String,
    least: ArrayRef,
    greatest: ArrayRef,
    least_date: ArrayRef,
    greatest_date: ArrayRef,
    rows: ArrayRef,
    nulls: ArrayRef,
}

impl Containers {
    fn groups(partitioning: &Partitioning, groups: &[Group]) -> Option<Self> {
        Self::new(partitioning, groups.iter().map(|g| (g.least, g.greatest, g.rows, g.nulls)).collect())
    }

    fn partitions(partitioning: &Partitioning, keys: &[Key]) -> Option<Self> {
        let bounds = keys.iter().map(|key| match key {
            Key::Null => (None, None, 1, Some(1)),
            Key::Outside => (None, None, 1, Some(0)),
            Key::Of(key) => partitioning.bounds(*key).map_or((None, None, 1, Some(0)), |(a, b)| (Some(a), Some(b), 1, Some(0))),
        });
        Self::new(partitioning, bounds.collect())
    }

    fn new(partitioning: &Partitioning, all: Vec<Extent>) -> Option<Self> {
        let typed = |cells: Int64Array, data_type: &DataType| {
            if *data_type == DataType::Date32 {
                cast(&cast(&cells, &DataType::Int32).ok()?, data_type).ok()
            } else {
                cast(&cells, data_type).ok()
            }
        };
        let least: Int64Array = all.iter().map(|one| one.0).collect();
        let greatest: Int64Array = all.iter().map(|one| one.1).collect();
        let dates = |cells: &Int64Array| -> Int64Array { cells.unary(|cell| cell.saturating_mul(partitioning.scale()).div_euclid(DAY)) };
        Some(Self {
            column: partitioning.column.clone(),
            least_date: typed(dates(&least), &DataType::Date32)?,
            greatest_date: typed(dates(&greatest), &DataType::Date32)?,
            least: typed(least, &partitioning.data_type)?,
            greatest: typed(greatest, &partitioning.data_type)?,
            rows: Arc::new(all.iter().map(|one| Some(one.2)).collect::<UInt64Array>()),
            nulls: Arc::new(all.iter().map(|one| one.3).collect::<UInt64Array>()),
        })
    }

    fn of(&self, column: &Column, own: &ArrayRef, date: &ArrayRef) -> Option<ArrayRef> {
        if column.name == DATE_OF {
            return Some(Arc::clone(date));
        }
        (column.name == self.column).then(|| Arc::clone(own))
    }
}

impl PruningStatistics for Containers {
    fn min_values(&self, column: &Column) -> Option<ArrayRef> {
        self.of(column, &self.least, &self.least_date)
    }

    fn max_values(&self, column: &Column) -> Option<ArrayRef> {
        self.of(column, &self.greatest, &self.greatest_date)
    }

    fn num_containers(&self) -> usize {
        self.rows.len()
    }

    fn null_counts(&self, _: &Column) -> Option<ArrayRef> {
        Some(Arc::clone(&self.nulls))
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        Some(Arc::clone(&self.rows))
    }

    fn contained(&self, _: &Column, _: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        None
    }
}
