//! What Parquet and Avro have and a table has not, in forms that it has: maps, dictionaries, decimals of any size; and the
//! table schema that a file of either has.
//!
//! Source: <https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-parquet#type_conversions>,
//! <https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-avro#avro_conversions>

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, RecordBatch, RecordBatchOptions, StructArray};
use arrow::datatypes::{DataType, Field as ArrowField, FieldRef, Schema};
use arrow::error::ArrowError;

use super::LoadError;
use crate::engine;
use crate::schema::{Field, FieldType, Mode, TableSchema};

/// What decimals may become, in the order of `decimalTargetTypes`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DecimalTargets(Vec<FieldType>);

impl Default for DecimalTargets {
    fn default() -> Self {
        Self(vec![FieldType::Numeric])
    }
}

impl DecimalTargets {
    /// The given types; the order is always NUMERIC, BIGNUMERIC, STRING, whatever the request's.
    pub(crate) fn new(given: &[FieldType]) -> Self {
        let order = [FieldType::Numeric, FieldType::Bignumeric, FieldType::String];
        let kept: Vec<FieldType> = order.into_iter().filter(|t| given.contains(t)).collect();
        if kept.is_empty() { Self::default() } else { Self(kept) }
    }

    /// Every type that a decimal may become.
    pub(super) fn any() -> Self {
        Self::new(&[FieldType::Numeric, FieldType::Bignumeric, FieldType::String])
    }

    fn choose(&self, name: &str, precision: u8, scale: i8) -> Result<FieldType, LoadError> {
        let fits = |whole: i16, places: i16| i16::from(precision) - i16::from(scale) <= whole && i16::from(scale) <= places;
        let choice = self.0.iter().find(|t| match t {
            FieldType::Numeric => fits(29, 9),
            FieldType::Bignumeric => fits(38, 38),
            _ => true,
        });
        choice.copied().ok_or_else(|| {
            LoadError::Schema(format!(
                "The decimal type of field {name} (precision {precision}, scale {scale}) does not fit any of decimalTargetTypes"
            ))
        })
    }
}

/// The schema of the table that a file makes.
pub(super) fn table_schema(schema: &Schema, decimals: &DecimalTargets) -> Result<TableSchema, LoadError> {
    let fields: Vec<FieldRef> = schema.fields().iter().map(plain_field).collect();
    let mut table = engine::table_schema(&Schema::new(fields));
    complete(&mut table.fields, schema.fields(), decimals)?;
    Ok(table)
}

/// Modes and decimals, which the engine's mapping does not know of.
fn complete(fields: &mut [Field], from: &[FieldRef], decimals: &DecimalTargets) -> Result<(), LoadError> {
    for (field, from) in fields.iter_mut().zip(from) {
        if field.mode == Mode::Nullable && !from.is_nullable() {
            field.mode = Mode::Required;
        }
        match item(from.data_type()) {
            DataType::Struct(children) => complete(&mut field.fields, children, decimals)?,
            DataType::Map(entries, _) => {
                if let DataType::Struct(children) = entries.data_type() {
                    complete(&mut field.fields, children, decimals)?;
                }
            }
            DataType::Decimal32(p, s) | DataType::Decimal64(p, s) | DataType::Decimal128(p, s) | DataType::Decimal256(p, s) => {
                field.field_type = decimals.choose(&field.name, *p, *s)?;
            }
            DataType::Union(..) => {
                return Err(LoadError::NotSupported(format!("The union of field {}", field.name)));
            }
            DataType::Interval(_) | DataType::Duration(_) => {
                return Err(LoadError::NotSupported(format!("The duration of field {}", field.name)));
            }
            _ => {}
        }
    }
    Ok(())
}

/// The type of a list's items, or the type.
fn item(data_type: &DataType) -> &DataType {
    match data_type {
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => item.data_type(),
        other => other,
    }
}

fn plain_field(field: &FieldRef) -> FieldRef {
    let plain = plain_type(field.data_type());
    if plain == *field.data_type() {
        return Arc::clone(field);
    }
    Arc::new(ArrowField::new(field.name(), plain, field.is_nullable()).with_metadata(field.metadata().clone()))
}

/// Maps are lists of keys and values, dictionaries are texts.
fn plain_type(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Map(entries, _) => DataType::List(plain_field(entries)),
        DataType::List(item) => DataType::List(plain_field(item)),
        DataType::LargeList(item) => DataType::List(plain_field(item)),
        DataType::FixedSizeList(item, _) => DataType::List(plain_field(item)),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(plain_field).collect()),
        DataType::Dictionary(_, value) => plain_type(value),
        DataType::FixedSizeBinary(_) => DataType::Binary,
        other => other.clone(),
    }
}

/// A batch in plain types.
pub(super) fn plain(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let fields: Vec<FieldRef> = batch.schema_ref().fields().iter().map(plain_field).collect();
    let columns = batch.columns().iter().map(plain_array).collect::<Result<Vec<_>, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options)
}

fn plain_array(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let plain = plain_type(array.data_type());
    if plain == *array.data_type() {
        return Ok(Arc::clone(array));
    }
    match (array.data_type(), &plain) {
        (DataType::Map(..), DataType::List(item)) => {
            let map = array.as_map();
            let entries = plain_array(&(Arc::new(map.entries().clone()) as ArrayRef))?;
            Ok(Arc::new(ListArray::try_new(Arc::clone(item), map.offsets().clone(), entries, map.nulls().cloned())?))
        }
        (DataType::List(_), DataType::List(item)) => {
            let list = array.as_list::<i32>();
            let values = plain_array(list.values())?;
            Ok(Arc::new(ListArray::try_new(Arc::clone(item), list.offsets().clone(), values, list.nulls().cloned())?))
        }
        (DataType::Struct(_), DataType::Struct(fields)) => {
            let row = array.as_struct();
            let columns = row.columns().iter().map(plain_array).collect::<Result<Vec<_>, _>>()?;
            Ok(Arc::new(StructArray::try_new_with_length(fields.clone(), columns, row.nulls().cloned(), row.len())?))
        }
        // Lists with other offsets, dictionaries, bytes of one length.
        _ => arrow::compute::cast(array, &plain),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_go_where_they_fit() {
        let all = DecimalTargets::new(&[FieldType::String, FieldType::Bignumeric, FieldType::Numeric]);
        for (targets, precision, scale, expected) in [
            (&DecimalTargets::default(), 38, 9, Some(FieldType::Numeric)),
            (&DecimalTargets::default(), 38, 10, None),
            (&all, 10, 2, Some(FieldType::Numeric)),
            (&all, 38, 10, Some(FieldType::Bignumeric)),
            (&all, 76, 10, Some(FieldType::String)),
            (&DecimalTargets::new(&[FieldType::Bignumeric]), 10, 2, Some(FieldType::Bignumeric)),
        ] {
            assert_eq!(targets.choose("d", precision, scale).ok(), expected, "{precision} {scale}");
        }
    }
}
