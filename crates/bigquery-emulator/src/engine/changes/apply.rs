//! From the answers of a change's queries to the rows that the table then has.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch, RecordBatchOptions};
use arrow::compute::{concat_batches, interleave};
use arrow::datatypes::{DataType, Field as ArrowField, Int64Type, Schema};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::{Action, ChangedRows, ROW, Step};
use crate::engine::planned::canonical;
use crate::engine::types::arrow_schema;
use crate::engine::{QueryError, Reason, TableSnapshot};
use crate::schema::Mode;

fn failed(error: impl std::fmt::Display) -> QueryError {
    tracing::error!(%error, "a change failed");
    QueryError::new(Reason::InternalError, "the change stopped on an internal error of the embedded endpoint")
}

/// All rows of a table. Blocking.
pub(in crate::engine) fn read_rows(table: &TableSnapshot) -> Result<RecordBatch, QueryError> {
    let schema = arrow_schema(&table.schema);
    let mut batches = Vec::new();
    for file in &table.files {
        let file = File::open(file).map_err(failed)?;
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).and_then(|b| b.build()).map_err(failed)?;
        for batch in reader {
            batches.push(canonical(&batch.map_err(failed)?, &schema).map_err(failed)?);
        }
    }
    concat_batches(&schema, &batches).map_err(failed)
}

/// Rows with names in lower case and a number each.
pub(in crate::engine) fn numbered(rows: &RecordBatch) -> Result<RecordBatch, QueryError> {
    let count = i64::try_from(rows.num_rows()).map_err(failed)?;
    let numbers: Int64Array = (0..count).map(Some).collect();
    let mut fields: Vec<ArrowField> =
        rows.schema().fields().iter().map(|f| f.as_ref().clone().with_name(f.name().to_lowercase())).collect();
    fields.push(ArrowField::new(ROW, DataType::Int64, false));
    let mut columns = rows.columns().to_vec();
    columns.push(Arc::new(numbers));
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(failed)
}

/// The rows after a change, from the rows before it and each step's answer.
pub(in crate::engine) fn apply(
    table: &TableSnapshot,
    rows: Option<&RecordBatch>,
    answers: &[(Step, Vec<RecordBatch>)],
) -> Result<ChangedRows, QueryError> {
    let schema = arrow_schema(&table.schema);
    let mut changed = ChangedRows { batches: Vec::new(), appended: true, inserted: 0, updated: 0, deleted: 0 };
    let mut matched: HashSet<usize> = HashSet::new();
    let mut acted: HashSet<usize> = HashSet::new();
    let mut gone: HashSet<usize> = HashSet::new();
    // By row: which of `values` has its new cells, and where.
    let mut renewed: HashMap<usize, (usize, usize)> = HashMap::new();
    let mut values: Vec<(&[usize], &RecordBatch)> = Vec::new();
    for (step, batches) in answers {
        let Step::Act { columns, actions, unmatched, .. } = step else {
            for batch in batches {
                changed.inserted += batch.num_rows() as u64;
                changed.batches.push(canonical(batch, &schema).map_err(failed)?);
            }
            continue;
        };
        let mut seen = HashSet::new();
        for batch in batches {
            let numbers = batch.column(0).as_primitive::<Int64Type>();
            let taken = batch.column(1).as_primitive::<Int64Type>();
            values.push((columns, batch));
            for place in 0..batch.num_rows() {
                let row = usize::try_from(numbers.value(place)).map_err(failed)?;
                if *unmatched && matched.contains(&row) {
                    continue;
                }
                seen.insert(row);
                let action = usize::try_from(taken.value(place)).ok().and_then(|n| n.checked_sub(1)).and_then(|n| actions.get(n));
                let Some(action) = action else { continue };
                if !acted.insert(row) {
                    return Err(QueryError::invalid("UPDATE/MERGE must match at most one source row for each target row"));
                }
                match action {
                    Action::Update => {
                        renewed.insert(row, (values.len(), place));
                    }
                    Action::Delete => {
                        gone.insert(row);
                    }
                }
            }
        }
        matched.extend(seen);
    }
    changed.updated = renewed.len() as u64;
    changed.deleted = gone.len() as u64;
    if let Some(rows) = rows
        && (!renewed.is_empty() || !gone.is_empty())
    {
        changed.appended = false;
        let kept: Vec<usize> = (0..rows.num_rows()).filter(|row| !gone.contains(row)).collect();
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(rows.num_columns());
        for (position, column) in rows.columns().iter().enumerate() {
            let mut sources: Vec<ArrayRef> = vec![Arc::clone(column)];
            // For each of `values`, its place among the sources.
            let mut source_of = vec![0; values.len() + 1];
            for (i, (places, batch)) in values.iter().enumerate() {
                if let Some(at) = places.iter().position(|p| *p == position) {
                    let field = schema.field(position);
                    source_of[i + 1] = sources.len();
                    sources.push(crate::engine::planned::convert(batch.column(at + 2), field.data_type()).map_err(failed)?);
                }
            }
            let indices: Vec<(usize, usize)> = kept
                .iter()
                .map(|row| match renewed.get(row) {
                    Some((i, place)) if source_of[*i] > 0 => (source_of[*i], *place),
                    _ => (0, *row),
                })
                .collect();
            let arrays: Vec<&dyn arrow::array::Array> = sources.iter().map(AsRef::as_ref).collect();
            columns.push(interleave(&arrays, &indices).map_err(failed)?);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(kept.len()));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&schema), columns, &options).map_err(failed)?;
        changed.batches.insert(0, batch);
    }
    check_required(table, &changed.batches)?;
    Ok(changed)
}

fn check_required(table: &TableSnapshot, batches: &[RecordBatch]) -> Result<(), QueryError> {
    for (position, field) in table.schema.fields.iter().enumerate() {
        if field.mode == Mode::Required && batches.iter().any(|b| b.column(position).logical_null_count() > 0) {
            return Err(QueryError::invalid(format!("Required field {} cannot be null", field.name)));
        }
    }
    Ok(())
}
