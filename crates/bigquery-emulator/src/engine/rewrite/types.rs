//! Types that GoogleSQL has and BigQuery has not, in CAST and STRUCT: an INT32 is an INT64 that is checked to be one, a DOUBLE is a
//! FLOAT64.
//!
//! Source: <https://github.com/google/googlesql/blob/master/docs/data-types.md#numeric_types>

use sqlparser::ast::{ArrayElemTypeDef, DataType, StructField};

/// The function that checks the range of a narrow or unsigned type.
pub(super) fn narrow(data_type: &DataType) -> Option<&'static str> {
    match data_type.to_string().to_uppercase().as_str() {
        "INT32" => Some("BIT_CAST_TO_INT32"),
        "UINT32" => Some("BIT_CAST_TO_UINT32"),
        "UINT64" => Some("BIT_CAST_TO_UINT64"),
        _ => None,
    }
}

/// A type with FLOAT64 in the place of DOUBLE.
pub(super) fn wide(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Double(_) => DataType::Float64,
        DataType::Array(ArrayElemTypeDef::AngleBracket(item)) => DataType::Array(ArrayElemTypeDef::AngleBracket(Box::new(wide(item)))),
        DataType::Struct(fields, brackets) => {
            let field = |f: &StructField| StructField { field_type: wide(&f.field_type), ..f.clone() };
            DataType::Struct(fields.iter().map(field).collect(), *brackets)
        }
        other => other.clone(),
    }
}
