//! CAST to ARRAYs and STRUCTs, part by part.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/conversion_functions#cast-struct>

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, StructArray, new_null_array};
use arrow::datatypes::DataType;
use datafusion::common::{DataFusionError, ScalarValue};

use super::cast::{cast, cast_type};
use super::udf::{Body, Def, P, R, plain};
use super::value::{Value, build, cells};
use crate::engine::error::invalid;
use crate::engine::planned::planned;
use crate::engine::types::{arrow_schema, sql_type_name};
use crate::schema::{Field, FieldType, Mode, TableSchema};

pub(super) const DEFS: &[Def] = &[
    // `$CAST_DEEP(value, the target as a field in JSON)`.
    Def::new(
        "$CAST_DEEP",
        &[P::Any, P::Str],
        R::Custom(|types, args| {
            let field = args.get(1).copied().flatten().and_then(|v| v.try_as_str().flatten()).unwrap_or_default();
            let field: Field = serde_json::from_str(field).map_err(|e| e.to_string())?;
            check(&types[0], &field)?;
            let schema = arrow_schema(&TableSchema { fields: vec![field] });
            Ok(planned(schema.field(0)))
        }),
        Body::Vector(|a, t| convert(&a[0], t)),
    ),
];

/// Whether the parts of a type can be cast.
fn check(given: &DataType, field: &Field) -> Result<(), String> {
    let wrong = || {
        let target = planned(arrow_schema(&TableSchema { fields: vec![field.clone()] }).field(0));
        Err(format!("Invalid cast from {} to {}", sql_type_name(given), sql_type_name(&target)))
    };
    let item = Field { mode: Mode::Nullable, ..field.clone() };
    match (plain(given), field.mode, field.field_type) {
        (DataType::Null, ..) => Ok(()),
        (DataType::List(inner), Mode::Repeated, _) => check(inner.data_type(), &item),
        (DataType::Struct(fields), Mode::Nullable, FieldType::Struct) if fields.len() == field.fields.len() => {
            fields.iter().zip(&field.fields).try_for_each(|(given, wanted)| check(given.data_type(), wanted))
        }
        (_, Mode::Repeated, _) | (DataType::List(_) | DataType::Struct(_), ..) | (_, _, FieldType::Struct) => wrong(),
        // An empty ARRAY is one of INT64 before it is anything else.
        (DataType::Int64, _, _) => Ok(()),
        (simple, ..) => cast_type(&[simple], &[None, Some(&ScalarValue::from(field.field_type.sql_name()))]).map(|_| ()),
    }
}

fn convert(array: &ArrayRef, to: &DataType) -> Result<ArrayRef, DataFusionError> {
    if array.data_type() == to {
        return Ok(Arc::clone(array));
    }
    Ok(match (array.data_type(), to) {
        (DataType::Null, _) => new_null_array(to, array.len()),
        (DataType::List(_), DataType::List(item)) => {
            let list = array.as_list::<i32>();
            let values =
                if list.values().is_empty() { new_null_array(item.data_type(), 0) } else { convert(list.values(), item.data_type())? };
            Arc::new(ListArray::try_new(Arc::clone(item), list.offsets().clone(), values, list.nulls().cloned())?)
        }
        (DataType::Struct(_), DataType::Struct(fields)) => {
            let parts = array.as_struct();
            let columns = parts.columns().iter().zip(fields).map(|(c, f)| convert(c, f.data_type())).collect::<Result<Vec<_>, _>>()?;
            Arc::new(StructArray::try_new_with_length(fields.clone(), columns, parts.nulls().cloned(), parts.len())?)
        }
        (_, DataType::List(_) | DataType::Struct(_)) => return Err(invalid("Invalid cast")),
        _ => {
            let made = cells(array)?
                .into_iter()
                .map(|cell| match cell {
                    Value::Null => Ok(Value::Null),
                    cell => cast(&[cell], to).map(Value::owned).map_err(invalid),
                })
                .collect::<Result<Vec<_>, _>>()?;
            build(to, made)?
        }
    })
}
