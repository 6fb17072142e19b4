//! Whether a value is among those of an ARRAY, quickly where the ARRAY is the same for all rows.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::Arc;

use arrow::array::{Array, ArrayAccessor, ArrayIter, ArrayRef, AsArray, BooleanArray};
use arrow::datatypes::{DataType, Date32Type, Int64Type, TimeUnit, TimestampMicrosecondType};
use datafusion::common::ScalarValue;
use datafusion::logical_expr::ColumnarValue;

/// `x IN UNNEST(array)` where the array is the same for all rows, as that of a subquery is: its elements are put into a set once.
pub(super) fn in_constant(args: &[ColumnarValue]) -> Option<ArrayRef> {
    let [ColumnarValue::Array(values), ColumnarValue::Scalar(ScalarValue::List(list))] = args else {
        return None;
    };
    if list.is_null(0) || list.value(0).is_empty() || list.value_type() != *values.data_type() {
        return None;
    }
    let items = list.value(0);
    let found: BooleanArray = match values.data_type() {
        DataType::Int64 => found_in(values.as_primitive::<Int64Type>(), items.as_primitive::<Int64Type>()),
        DataType::Date32 => found_in(values.as_primitive::<Date32Type>(), items.as_primitive::<Date32Type>()),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            found_in(values.as_primitive::<TimestampMicrosecondType>(), items.as_primitive::<TimestampMicrosecondType>())
        }
        DataType::Utf8 => found_in(values.as_string::<i32>(), items.as_string::<i32>()),
        _ => return None,
    };
    Some(Arc::new(found))
}

/// NULL for a NULL, and for what is not found beside a NULL.
fn found_in<A: ArrayAccessor>(values: A, items: A) -> BooleanArray
where
    A::Item: Eq + Hash,
{
    let missing = (items.null_count() == 0).then_some(false);
    let set: HashSet<A::Item> = ArrayIter::new(items).flatten().collect();
    ArrayIter::new(values).map(|value| value.and_then(|value| if set.contains(&value) { Some(true) } else { missing })).collect()
}
