//! The results of a function, cell after cell. The commonest types go into their array at once: kept as cells until the end of a
//! batch, they would take ten times the memory of the array.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, StringBuilder};
use arrow::datatypes::DataType;
use datafusion::common::DataFusionError;

use super::value::{Value, build, mismatch};

/// An array in the making.
pub(super) enum Results<'a> {
    Bool(BooleanBuilder),
    Int(Int64Builder),
    Float(Float64Builder),
    Date(Date32Builder),
    Text(StringBuilder),
    Cells(&'a DataType, Vec<Value<'static>>),
}

impl<'a> Results<'a> {
    pub(super) fn of(data_type: &'a DataType, rows: usize) -> Self {
        match data_type {
            DataType::Boolean => Self::Bool(BooleanBuilder::with_capacity(rows)),
            DataType::Int64 => Self::Int(Int64Builder::with_capacity(rows)),
            DataType::Float64 => Self::Float(Float64Builder::with_capacity(rows)),
            DataType::Date32 => Self::Date(Date32Builder::with_capacity(rows)),
            DataType::Utf8 => Self::Text(StringBuilder::with_capacity(rows, 0)),
            other => Self::Cells(other, Vec::with_capacity(rows)),
        }
    }

    /// # Errors
    /// An internal one, for a cell of another type.
    pub(super) fn push(&mut self, value: Value<'_>) -> Result<(), DataFusionError> {
        match (self, value) {
            (Self::Cells(_, cells), value) => cells.push(value.owned()),
            (Self::Bool(array), Value::Bool(value)) => array.append_value(value),
            (Self::Bool(array), Value::Null) => array.append_null(),
            (Self::Int(array), Value::Int(value)) => array.append_value(value),
            (Self::Int(array), Value::Null) => array.append_null(),
            (Self::Float(array), Value::Float(value)) => array.append_value(value),
            (Self::Float(array), Value::Null) => array.append_null(),
            (Self::Date(array), Value::Date(value)) => array.append_value(value),
            (Self::Date(array), Value::Null) => array.append_null(),
            (Self::Text(array), Value::Str(value)) => array.append_value(value),
            (Self::Text(array), Value::Null) => array.append_null(),
            (array, value) => return Err(mismatch(&value, &array.data_type())),
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<ArrayRef, DataFusionError> {
        Ok(match self {
            Self::Bool(mut array) => Arc::new(array.finish()),
            Self::Int(mut array) => Arc::new(array.finish()),
            Self::Float(mut array) => Arc::new(array.finish()),
            Self::Date(mut array) => Arc::new(array.finish()),
            Self::Text(mut array) => Arc::new(array.finish()),
            Self::Cells(data_type, cells) => build(data_type, cells)?,
        })
    }

    fn data_type(&self) -> DataType {
        match self {
            Self::Bool(_) => DataType::Boolean,
            Self::Int(_) => DataType::Int64,
            Self::Float(_) => DataType::Float64,
            Self::Date(_) => DataType::Date32,
            Self::Text(_) => DataType::Utf8,
            Self::Cells(data_type, _) => (*data_type).clone(),
        }
    }
}
