//! Parquet files, column by name.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use ::parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use arrow::array::Array as _;
use arrow::datatypes::FieldRef;

use super::cell::RowRules;
use super::shapes::{self, DecimalTargets};
use super::source::Source;
use super::{BATCH_ROWS, LoadError, Sink, project_by_name};
use crate::engine;
use crate::schema::{Mode, TableSchema};
use crate::store::ROW_GROUP_ROWS;

/// What a batch may take in memory, about.
const BATCH_BYTES: i64 = 16 * 1024 * 1024;

pub(super) fn schema(source: &Source, decimals: &DecimalTargets) -> Result<TableSchema, LoadError> {
    shapes::table_schema(builder(source)?.schema(), decimals)
}

/// Whether the file holds exactly the columns of the table, so that it can be kept as it is.
pub(super) fn is_whole_table(source: &Source, schema: &TableSchema) -> Result<bool, LoadError> {
    let builder = builder(source)?;
    let (own, table) = (builder.schema(), engine::arrow_schema(schema));
    let same = |(own, table): (&FieldRef, &FieldRef)| {
        own.name() == table.name() && own.data_type() == table.data_type() && own.metadata() == table.metadata()
    };
    let groups = builder.metadata().row_groups();
    // A query reads row groups apart; a file of one that is huge is better written anew.
    let fits = groups.iter().all(|group| usize::try_from(group.num_rows()).is_ok_and(|rows| rows <= ROW_GROUP_ROWS));
    Ok(fits && own.fields().len() == table.fields().len() && own.fields().iter().zip(table.fields()).all(same))
}

/// Reads the whole of a file that is to be kept as it is: whether it can be read, and how large its columns are.
pub(super) fn measure(source: &Source, schema: &TableSchema, cancelled: &AtomicBool) -> Result<(u64, BTreeMap<String, u64>), LoadError> {
    let (mut rows, mut column_bytes) = (0, BTreeMap::new());
    for batch in reader(source)? {
        if cancelled.load(Ordering::Relaxed) {
            return Err(LoadError::Cancelled);
        }
        let batch = batch?;
        for (field, column) in schema.fields.iter().zip(batch.columns()) {
            if field.mode == Mode::Required && column.null_count() > 0 {
                return Err(LoadError::Schema(format!("Required field {} cannot be null", field.name)));
            }
        }
        rows += batch.num_rows() as u64;
        for (column, bytes) in engine::logical_bytes(&batch) {
            *column_bytes.entry(column).or_default() += bytes;
        }
    }
    Ok((rows, column_bytes))
}

pub(super) fn read(
    source: &Source,
    schema: &TableSchema,
    decimals: &DecimalTargets,
    rules: RowRules,
    sink: &mut Sink<'_>,
) -> Result<(), LoadError> {
    let builder = builder(source)?;
    // A decimal that goes to a column of the table's own needs no target.
    let own =
        shapes::table_schema(builder.schema(), decimals).or_else(|_| shapes::table_schema(builder.schema(), &DecimalTargets::any()))?;
    super::refuse_unknown(&own, schema, "Parquet", rules)?;
    for batch in reader(source)? {
        sink.batch(project_by_name(&shapes::plain(&batch?)?, &own, schema)?)?;
    }
    Ok(())
}

fn reader(source: &Source) -> Result<ParquetRecordBatchReader, LoadError> {
    let builder = builder(source)?;
    // Long rows come fewer at a time.
    let groups = builder.metadata().row_groups().iter();
    let longest = groups.map(|group| group.total_byte_size() / group.num_rows().max(1)).max().unwrap_or(0);
    let rows = usize::try_from(BATCH_BYTES / longest.max(1)).unwrap_or(BATCH_ROWS).clamp(1, BATCH_ROWS);
    builder.with_batch_size(rows).build().map_err(unreadable)
}

fn builder(source: &Source) -> Result<ParquetRecordBatchReaderBuilder<Source>, LoadError> {
    ParquetRecordBatchReaderBuilder::try_new(source.clone()).map_err(unreadable)
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err, which passes by value")]
fn unreadable(error: ::parquet::errors::ParquetError) -> LoadError {
    LoadError::Unreadable(format!("the file is not readable as Parquet: {error}"))
}
