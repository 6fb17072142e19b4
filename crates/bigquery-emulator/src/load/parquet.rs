//! Parquet files, column by name.

use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::cell::RowRules;
use super::source::Source;
use super::{BATCH_ROWS, LoadError, Sink, project_by_name};
use crate::engine;
use crate::schema::TableSchema;

pub(super) fn schema(source: &Source) -> Result<TableSchema, LoadError> {
    Ok(engine::table_schema(builder(source)?.schema()))
}

pub(super) fn read(source: &Source, schema: &TableSchema, rules: RowRules, sink: &mut Sink<'_>) -> Result<(), LoadError> {
    let builder = builder(source)?;
    let own = engine::table_schema(builder.schema());
    if !rules.ignore_unknown_values
        && let Some(extra) = own.fields.iter().find(|f| !schema.fields.iter().any(|s| s.name.eq_ignore_ascii_case(&f.name)))
    {
        return Err(LoadError::Schema(format!(
            "Provided Schema does not match the Parquet file. Cannot add fields (field: {})",
            extra.name
        )));
    }
    let reader = builder.with_batch_size(BATCH_ROWS).build().map_err(unreadable)?;
    for batch in reader {
        sink.batch(project_by_name(&batch?, &own, schema)?)?;
    }
    Ok(())
}

fn builder(source: &Source) -> Result<ParquetRecordBatchReaderBuilder<Source>, LoadError> {
    ParquetRecordBatchReaderBuilder::try_new(source.clone()).map_err(unreadable)
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err, which passes by value")]
fn unreadable(error: ::parquet::errors::ParquetError) -> LoadError {
    LoadError::Unreadable(format!("the file is not readable as Parquet: {error}"))
}
