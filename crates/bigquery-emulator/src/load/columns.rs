//! Typed columns under construction: rows of cells in, one record batch out.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BinaryBuilder, BooleanBuilder, Date32Builder, Decimal128Builder, Decimal256Builder, Float64Builder, Int64Builder,
    ListArray, NullBufferBuilder, RecordBatchOptions, StringBuilder, StructArray, Time64MicrosecondBuilder, TimestampMicrosecondBuilder,
};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, FieldRef, Fields, SchemaRef, TimeUnit};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;

use super::cell::Cell;

/// One column of any type that [`crate::engine::arrow_schema`] makes.
enum Column {
    Bool(BooleanBuilder),
    Int(Int64Builder),
    Float(Float64Builder),
    Text(StringBuilder),
    Bytes(BinaryBuilder),
    Date(Date32Builder),
    Time(Time64MicrosecondBuilder),
    Timestamp(TimestampMicrosecondBuilder, DataType),
    Numeric(Decimal128Builder, DataType),
    BigNumeric(Decimal256Builder, DataType),
    List { field: FieldRef, items: Box<Column>, lengths: Vec<usize>, nulls: NullBufferBuilder },
    Struct { fields: Fields, columns: Vec<Column>, nulls: NullBufferBuilder },
}

impl Column {
    fn new(data_type: &DataType) -> Result<Self, ArrowError> {
        Ok(match data_type {
            DataType::Boolean => Self::Bool(BooleanBuilder::new()),
            DataType::Int64 => Self::Int(Int64Builder::new()),
            DataType::Float64 => Self::Float(Float64Builder::new()),
            DataType::Utf8 => Self::Text(StringBuilder::new()),
            DataType::Binary => Self::Bytes(BinaryBuilder::new()),
            DataType::Date32 => Self::Date(Date32Builder::new()),
            DataType::Time64(TimeUnit::Microsecond) => Self::Time(Time64MicrosecondBuilder::new()),
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                Self::Timestamp(TimestampMicrosecondBuilder::new().with_data_type(data_type.clone()), data_type.clone())
            }
            DataType::Decimal128(..) => Self::Numeric(Decimal128Builder::new().with_data_type(data_type.clone()), data_type.clone()),
            DataType::Decimal256(..) => Self::BigNumeric(Decimal256Builder::new().with_data_type(data_type.clone()), data_type.clone()),
            DataType::List(field) => Self::List {
                field: Arc::clone(field),
                items: Box::new(Self::new(field.data_type())?),
                lengths: Vec::new(),
                nulls: NullBufferBuilder::new(0),
            },
            DataType::Struct(fields) => Self::Struct {
                fields: fields.clone(),
                columns: fields.iter().map(|f| Self::new(f.data_type())).collect::<Result<_, _>>()?,
                nulls: NullBufferBuilder::new(0),
            },
            other => {
                return Err(ArrowError::NotYetImplemented(format!("columns of type {other}")));
            }
        })
    }

    fn push(&mut self, cell: Cell) -> Result<(), ArrowError> {
        match (self, cell) {
            (Self::Bool(b), Cell::Bool(v)) => b.append_value(v),
            (Self::Bool(b), Cell::Null) => b.append_null(),
            (Self::Int(b), Cell::Int(v)) => b.append_value(v),
            (Self::Int(b), Cell::Null) => b.append_null(),
            (Self::Float(b), Cell::Float(v)) => b.append_value(v),
            (Self::Float(b), Cell::Null) => b.append_null(),
            (Self::Text(b), Cell::Text(v)) => b.append_value(v),
            (Self::Text(b), Cell::Null) => b.append_null(),
            (Self::Bytes(b), Cell::Bytes(v)) => b.append_value(v),
            (Self::Bytes(b), Cell::Null) => b.append_null(),
            (Self::Date(b), Cell::Days(v)) => b.append_value(v),
            (Self::Date(b), Cell::Null) => b.append_null(),
            (Self::Time(b), Cell::Int(v)) => b.append_value(v),
            (Self::Time(b), Cell::Null) => b.append_null(),
            (Self::Timestamp(b, _), Cell::Int(v)) => b.append_value(v),
            (Self::Timestamp(b, _), Cell::Null) => b.append_null(),
            (Self::Numeric(b, _), Cell::Numeric(v)) => b.append_value(v),
            (Self::Numeric(b, _), Cell::Null) => b.append_null(),
            (Self::BigNumeric(b, _), Cell::BigNumeric(v)) => b.append_value(v),
            (Self::BigNumeric(b, _), Cell::Null) => b.append_null(),
            (Self::List { items, lengths, nulls, .. }, Cell::List(cells)) => {
                lengths.push(cells.len());
                nulls.append_non_null();
                for cell in cells {
                    items.push(cell)?;
                }
            }
            (Self::List { lengths, nulls, .. }, Cell::Null) => {
                lengths.push(0);
                nulls.append_null();
            }
            (Self::Struct { columns, nulls, .. }, Cell::Struct(cells)) => {
                nulls.append_non_null();
                for (column, cell) in columns.iter_mut().zip(cells) {
                    column.push(cell)?;
                }
            }
            (Self::Struct { columns, nulls, .. }, Cell::Null) => {
                nulls.append_null();
                for column in columns {
                    column.push(Cell::Null)?;
                }
            }
            (_, cell) => {
                return Err(ArrowError::InvalidArgumentError(format!("a cell of another type than its column: {cell:?}")));
            }
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        Ok(match self {
            Self::Bool(b) => Arc::new(b.finish()),
            Self::Int(b) => Arc::new(b.finish()),
            Self::Float(b) => Arc::new(b.finish()),
            Self::Text(b) => Arc::new(b.finish()),
            Self::Bytes(b) => Arc::new(b.finish()),
            Self::Date(b) => Arc::new(b.finish()),
            Self::Time(b) => Arc::new(b.finish()),
            Self::Timestamp(b, data_type) => Arc::new(b.finish().with_data_type_checked(data_type)?),
            Self::Numeric(b, data_type) => Arc::new(b.finish().with_data_type_checked(data_type)?),
            Self::BigNumeric(b, data_type) => Arc::new(b.finish().with_data_type_checked(data_type)?),
            Self::List { field, items, lengths, nulls } => {
                let offsets = OffsetBuffer::from_lengths(lengths.drain(..));
                let nulls = nulls.finish();
                Arc::new(ListArray::try_new(Arc::clone(field), offsets, items.finish()?, nulls)?)
            }
            Self::Struct { fields, columns, nulls } => {
                let length = nulls.len();
                let columns = columns.iter_mut().map(Self::finish).collect::<Result<Vec<_>, _>>()?;
                Arc::new(StructArray::try_new_with_length(fields.clone(), columns, nulls.finish(), length)?)
            }
        })
    }
}

/// The builder of an array keeps its type, which this only makes sure of.
trait WithDataType: Array + Sized {
    fn with_data_type_checked(self, data_type: &DataType) -> Result<Self, ArrowError> {
        if self.data_type() == data_type {
            return Ok(self);
        }
        Err(ArrowError::SchemaError(format!("expected {data_type}, built {}", self.data_type())))
    }
}

impl<T: Array> WithDataType for T {}

/// Rows of one schema on their way to a batch.
pub(crate) struct BatchBuilder {
    schema: SchemaRef,
    columns: Vec<Column>,
    rows: usize,
}

impl BatchBuilder {
    pub(crate) fn new(schema: SchemaRef) -> Result<Self, ArrowError> {
        let columns = schema.fields().iter().map(|f| Column::new(f.data_type())).collect::<Result<_, _>>()?;
        Ok(Self { schema, columns, rows: 0 })
    }

    /// Adds a row whose cells have the schema's types, as [`super::cell`] makes them.
    pub(crate) fn push(&mut self, row: Vec<Cell>) -> Result<(), ArrowError> {
        for (column, cell) in self.columns.iter_mut().zip(row) {
            column.push(cell)?;
        }
        self.rows += 1;
        Ok(())
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// The rows so far; the builder starts anew.
    pub(crate) fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        let columns = self.columns.iter_mut().map(Column::finish).collect::<Result<Vec<_>, _>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(self.rows));
        self.rows = 0;
        RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)
    }
}
