//! Rows as columns: what Parquet files are written from. A row is any `Serialize` with the names of the table's columns; what it
//! does not name is NULL. Every bronze table ends with the four columns that say where a row came from, which are given apart.

mod row;

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, ListBuilder, RecordBatch, StringBuilder,
    TimestampMicrosecondBuilder,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use chrono::{DateTime, Utc};
use serde::Serialize;

use self::row::RowWriter;
use crate::catalog::{self, ColumnType, Mode};

const UTC: &str = "UTC";

/// Where a row came from: the last columns of every bronze table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin<'a> {
    pub source: &'a str,
    pub source_file: &'a str,
    pub line: u64,
    pub loaded_at: DateTime<Utc>,
}

/// How a row does not fit its table, which is a mistake of ours.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Misfit(String);

/// Rows on their way to a batch.
pub(super) struct Columns {
    schema: SchemaRef,
    names: Vec<String>,
    values: Vec<Values>,
    rows: usize,
    /// About what the rows take.
    bytes: usize,
}

enum Values {
    Text(StringBuilder),
    Texts(ListBuilder<StringBuilder>),
    Whole(Int64Builder),
    Float(Float64Builder),
    Flag(BooleanBuilder),
    Day(Date32Builder),
    Time(TimestampMicrosecondBuilder),
}

impl Columns {
    pub(super) fn of(table: &catalog::Table) -> Self {
        let values: Vec<Values> = table.columns.iter().map(Values::of).collect();
        let field =
            |(column, values): (&catalog::Column, &Values)| Field::new(&column.name, values.data_type(), column.mode != Mode::Required);
        let schema = Schema::new(table.columns.iter().zip(&values).map(field).collect::<Vec<_>>());
        let names = table.columns.iter().map(|column| column.name.clone()).collect();
        Self { schema: Arc::new(schema), names, values, rows: 0, bytes: 0 }
    }

    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds a row.
    ///
    /// # Errors
    /// [`Misfit`] when it has another column, or a value of another type.
    pub(super) fn push(&mut self, row: &impl Serialize, origin: Option<Origin<'_>>) -> Result<(), Misfit> {
        let mut writer = RowWriter::new(self);
        row.serialize(&mut writer)?;
        if let Some(Origin { source, source_file, line, loaded_at }) = origin {
            writer.put("source", source)?;
            writer.put("source_file", source_file)?;
            writer.put("line", &line)?;
            writer.put("loaded_at", &loaded_at.timestamp_micros())?;
        }
        self.rows += 1;
        for values in &mut self.values {
            if values.len() < self.rows {
                values.null();
            }
        }
        Ok(())
    }

    /// The rows so far; the next begin anew.
    pub(super) fn take(&mut self) -> Result<RecordBatch, arrow::error::ArrowError> {
        (self.rows, self.bytes) = (0, 0);
        RecordBatch::try_new(Arc::clone(&self.schema), self.values.iter_mut().map(Values::take).collect())
    }
}

impl Values {
    fn of(column: &catalog::Column) -> Self {
        match (column.mode, column.column_type) {
            (Mode::Repeated, _) => Self::Texts(ListBuilder::new(StringBuilder::new())),
            (_, ColumnType::Int64) => Self::Whole(Int64Builder::new()),
            (_, ColumnType::Float64) => Self::Float(Float64Builder::new()),
            (_, ColumnType::Bool) => Self::Flag(BooleanBuilder::new()),
            (_, ColumnType::Date) => Self::Day(Date32Builder::new()),
            (_, ColumnType::Timestamp) => Self::Time(TimestampMicrosecondBuilder::new().with_timezone(UTC)),
            // Bronze holds no other type, and a test writes a row of each of its tables.
            _ => Self::Text(StringBuilder::new()),
        }
    }

    fn data_type(&self) -> DataType {
        match self {
            Self::Text(_) => DataType::Utf8,
            Self::Texts(_) => DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true))),
            Self::Whole(_) => DataType::Int64,
            Self::Float(_) => DataType::Float64,
            Self::Flag(_) => DataType::Boolean,
            Self::Day(_) => DataType::Date32,
            Self::Time(_) => DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into())),
        }
    }

    fn len(&self) -> usize {
        use arrow::array::ArrayBuilder as _;
        match self {
            Self::Text(values) => values.len(),
            Self::Texts(values) => values.len(),
            Self::Whole(values) => values.len(),
            Self::Float(values) => values.len(),
            Self::Flag(values) => values.len(),
            Self::Day(values) => values.len(),
            Self::Time(values) => values.len(),
        }
    }

    fn null(&mut self) {
        match self {
            Self::Text(values) => values.append_null(),
            // An ARRAY is never NULL in BigQuery, but empty.
            Self::Texts(values) => values.append(true),
            Self::Whole(values) => values.append_null(),
            Self::Float(values) => values.append_null(),
            Self::Flag(values) => values.append_null(),
            Self::Day(values) => values.append_null(),
            Self::Time(values) => values.append_null(),
        }
    }

    fn take(&mut self) -> ArrayRef {
        match self {
            Self::Text(values) => Arc::new(values.finish()),
            Self::Texts(values) => Arc::new(values.finish()),
            Self::Whole(values) => Arc::new(values.finish()),
            Self::Float(values) => Arc::new(values.finish()),
            Self::Flag(values) => Arc::new(values.finish()),
            Self::Day(values) => Arc::new(values.finish()),
            Self::Time(values) => Arc::new(values.finish()),
        }
    }
}

#[cfg(test)]
mod tests;
