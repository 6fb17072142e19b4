//! What a field allows beyond its type: the length of texts and bytes, the digits of decimals. Values are checked wherever rows are
//! written; decimals are rounded to the digits that there are.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/data-types#parameterized_data_types>

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Decimal128Array, Decimal256Array, ListArray, RecordBatch, RecordBatchOptions, StructArray};
use arrow::datatypes::{Decimal128Type, Decimal256Type, i256};

use crate::schema::{Field, FieldType, Limits, Mode};

/// The digits behind the point that the types themselves keep.
const NUMERIC_SCALE: u32 = 9;
const BIGNUMERIC_SCALE: u32 = 38;

impl Limits {
    /// Whether they limit values; a default does not.
    fn limit_values(&self) -> bool {
        self.max_length.is_some() || self.precision.is_some()
    }

    /// What stands behind the type's name: `(5, 2)`, or nothing.
    pub(crate) fn written(&self) -> String {
        match (self.max_length, self.precision, self.scale.filter(|scale| *scale > 0)) {
            (Some(length), ..) => format!("({length})"),
            (None, Some(precision), Some(scale)) => format!("({precision}, {scale})"),
            (None, Some(precision), None) => format!("({precision})"),
            (None, None, _) => String::new(),
        }
    }

    /// Whether every value that these take is taken by the others too.
    pub(crate) fn within(&self, others: &Self) -> bool {
        let longer = |own: Option<u64>, other: Option<u64>| other.is_none_or(|other| own.is_some_and(|own| own <= other));
        let whole = |limits: &Self| limits.precision.map(|p| u64::from(p - limits.scale.unwrap_or(0).min(p)));
        let behind = |limits: &Self| limits.precision.map(|_| u64::from(limits.scale.unwrap_or(0)));
        longer(self.max_length, others.max_length) && longer(whole(self), whole(others)) && longer(behind(self), behind(others))
    }

    /// Whether a field of the type can have them, and if not why.
    pub(crate) fn check(&self, field_type: FieldType) -> Result<(), String> {
        let texts = matches!(field_type, FieldType::String | FieldType::Bytes);
        if self.max_length.is_some_and(|length| !texts || length == 0) {
            return Err(format!("maxLength must be at least 1, and is for STRING and BYTES, not for {}", field_type.sql_name()));
        }
        let most = match field_type {
            FieldType::Numeric => (29, NUMERIC_SCALE),
            FieldType::Bignumeric => (38, BIGNUMERIC_SCALE),
            _ if self.precision.is_some() || self.scale.is_some() => {
                return Err(format!("precision and scale are for NUMERIC and BIGNUMERIC, not for {}", field_type.sql_name()));
            }
            _ => return Ok(()),
        };
        let Some(precision) = self.precision else {
            return if self.scale.is_some() { Err("scale needs a precision".to_owned()) } else { Ok(()) };
        };
        let scale = self.scale.unwrap_or(0);
        let name = field_type.sql_name();
        if scale > most.1 {
            return Err(format!("In {name}(P, {scale}), S must be between 0 and {}", most.1));
        }
        let least = scale.max(1);
        if precision < least || precision > scale + most.0 {
            return Err(format!("In {name}(P, {scale}), P must be between {least} and {}", scale + most.0));
        }
        Ok(())
    }
}

/// The type of a field as a message names it: `STRING(5)`.
fn type_of(field: &Field) -> String {
    format!("{}{}", field.field_type.sql_name(), field.limits.written())
}

/// Whether a text or bytes of a length may be in the field.
pub(crate) fn check_length(field: &Field, length: usize) -> Result<(), String> {
    match field.limits.max_length {
        Some(most) if length as u64 > most => {
            Err(format!("Field {}: {} has maximum length {most} but got a value with length {length}", field.name, type_of(field)))
        }
        _ => Ok(()),
    }
}

fn out_of_range(field: &Field, precision: u32) -> String {
    let scale = field.limits.scale.unwrap_or(0);
    let nines = |n: u32| "9".repeat(n as usize);
    let most = if scale == 0 {
        nines(precision)
    } else {
        format!("{}.{}", if precision > scale { nines(precision - scale) } else { "0".to_owned() }, nines(scale))
    };
    format!(
        "Field {}: {} has precision {precision} and scale {scale} but got a value that is not in range of [-{most}, {most}]",
        field.name,
        type_of(field)
    )
}

/// A NUMERIC as the field keeps it.
pub(crate) fn numeric(field: &Field, value: i128) -> Result<i128, String> {
    let Some(precision) = field.limits.precision else { return Ok(value) };
    let scale = field.limits.scale.unwrap_or(0);
    let unit = 10_i128.pow(NUMERIC_SCALE - scale);
    let half = if value < 0 { -(unit / 2) } else { unit / 2 };
    let rounded = (value + half) / unit;
    if rounded.abs() >= 10_i128.pow(precision) { Err(out_of_range(field, precision)) } else { Ok(rounded * unit) }
}

/// A BIGNUMERIC as the field keeps it.
pub(crate) fn bignumeric(field: &Field, value: i256) -> Result<i256, String> {
    let Some(precision) = field.limits.precision else { return Ok(value) };
    let ten = |power: u32| i256::from_i128(10).wrapping_pow(power);
    let unit = ten(BIGNUMERIC_SCALE - field.limits.scale.unwrap_or(0));
    let half = unit / i256::from_i128(2);
    let rounded = if value < i256::ZERO { value.wrapping_sub(half) } else { value.wrapping_add(half) } / unit;
    let size = if rounded < i256::ZERO { rounded.wrapping_neg() } else { rounded };
    // More digits than the type has cannot be too many.
    if precision < 76 && size >= ten(precision) { Err(out_of_range(field, precision)) } else { Ok(rounded.wrapping_mul(unit)) }
}

/// Whether any field limits its values.
pub(crate) fn any(fields: &[Field]) -> bool {
    fields.iter().any(|field| field.limits.limit_values() || any(&field.fields))
}

/// Rows of the fields as a table of them keeps them.
pub(crate) fn held(batch: &RecordBatch, fields: &[Field]) -> Result<RecordBatch, String> {
    let columns = batch.columns().iter().zip(fields).map(|(column, field)| values(column, field)).collect::<Result<Vec<_>, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(batch.schema(), columns, &options).map_err(|error| error.to_string())
}

fn values(array: &ArrayRef, field: &Field) -> Result<ArrayRef, String> {
    if !field.limits.limit_values() && !any(&field.fields) {
        return Ok(Arc::clone(array));
    }
    if field.mode == Mode::Repeated {
        let item = Field { mode: Mode::Nullable, ..field.clone() };
        let list = array.as_list::<i32>();
        let arrow::datatypes::DataType::List(of) = list.data_type() else { return Ok(Arc::clone(array)) };
        let inner = values(list.values(), &item)?;
        let list = ListArray::try_new(Arc::clone(of), list.offsets().clone(), inner, list.nulls().cloned());
        return Ok(Arc::new(list.map_err(|error| error.to_string())?));
    }
    match field.field_type {
        FieldType::String => {
            array.as_string::<i32>().iter().flatten().try_for_each(|text| check_length(field, text.chars().count()))?;
            Ok(Arc::clone(array))
        }
        FieldType::Bytes => {
            array.as_binary::<i32>().iter().flatten().try_for_each(|bytes| check_length(field, bytes.len()))?;
            Ok(Arc::clone(array))
        }
        FieldType::Numeric => {
            let kept = array.as_primitive::<Decimal128Type>().iter().map(|v| v.map(|v| numeric(field, v)).transpose());
            let kept: Decimal128Array = kept.collect::<Result<_, _>>()?;
            Ok(Arc::new(kept.with_data_type(array.data_type().clone())))
        }
        FieldType::Bignumeric => {
            let kept = array.as_primitive::<Decimal256Type>().iter().map(|v| v.map(|v| bignumeric(field, v)).transpose());
            let kept: Decimal256Array = kept.collect::<Result<_, _>>()?;
            Ok(Arc::new(kept.with_data_type(array.data_type().clone())))
        }
        FieldType::Struct => {
            let row = array.as_struct();
            let columns = row.columns().iter().zip(&field.fields).map(|(c, f)| values(c, f)).collect::<Result<Vec<_>, _>>()?;
            let row = StructArray::try_new_with_length(row.fields().clone(), columns, row.nulls().cloned(), row.len());
            Ok(Arc::new(row.map_err(|error| error.to_string())?))
        }
        _ => Ok(Arc::clone(array)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(field_type: FieldType, limits: Limits) -> Field {
        Field { name: "x".to_owned(), field_type, mode: Mode::Nullable, description: None, limits, fields: Vec::new() }
    }

    fn digits(precision: u32, scale: u32) -> Limits {
        Limits { precision: Some(precision), scale: Some(scale), ..Limits::default() }
    }

    #[test]
    fn decimals_are_rounded_half_away_from_zero_and_kept_in_range() {
        let field = field(FieldType::Numeric, digits(5, 2));
        for (value, expected) in [
            (1_234_500_000, Some(1_230_000_000)),
            (1_235_000_000, Some(1_240_000_000)),
            (-1_235_000_000, Some(-1_240_000_000)),
            (999_994_999_999, Some(999_990_000_000)),
            (999_995_000_000, None),
        ] {
            assert_eq!(numeric(&field, value).ok(), expected, "{value}");
            let unit = i256::from_i128(10).wrapping_pow(29);
            let big = Field { field_type: FieldType::Bignumeric, ..field.clone() };
            let found = bignumeric(&big, i256::from_i128(value).wrapping_mul(unit)).ok();
            assert_eq!(found, expected.map(|e: i128| i256::from_i128(e).wrapping_mul(unit)), "{value}");
        }
        let told = numeric(&field, 10_i128.pow(13)).unwrap_err();
        assert!(
            told.ends_with("NUMERIC(5, 2) has precision 5 and scale 2 but got a value that is not in range of [-999.99, 999.99]"),
            "{told}"
        );
    }

    #[test]
    fn limits_are_of_their_types_and_may_grow_alone() {
        let length = |n| Limits { max_length: Some(n), ..Limits::default() };
        for (field_type, limits, fits) in [
            (FieldType::String, length(5), true),
            (FieldType::String, length(0), false),
            (FieldType::Int64, length(5), false),
            (FieldType::Numeric, digits(38, 9), true),
            (FieldType::Numeric, digits(39, 9), false),
            (FieldType::Numeric, digits(5, 10), false),
            (FieldType::Numeric, digits(1, 2), false),
            (FieldType::Bignumeric, digits(76, 38), true),
            (FieldType::Float64, digits(5, 2), false),
            (FieldType::Numeric, Limits { scale: Some(2), ..Limits::default() }, false),
        ] {
            assert_eq!(limits.check(field_type).is_ok(), fits, "{field_type:?} {limits:?}");
        }
        for (old, new, may) in [
            (length(5), length(6), true),
            (length(5), Limits::default(), true),
            (Limits::default(), length(5), false),
            (length(5), length(4), false),
            (digits(5, 2), digits(6, 2), true),
            (digits(5, 2), digits(6, 3), true),
            (digits(5, 2), digits(5, 3), false),
        ] {
            assert_eq!(old.within(&new), may, "{old:?} {new:?}");
        }
        assert_eq!(digits(5, 0).written() + &length(3).written() + &digits(5, 2).written(), "(5)(3)(5, 2)");
    }
}
