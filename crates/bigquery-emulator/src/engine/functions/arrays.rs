//! ARRAY and STRUCT functions, and the array halves of aggregates that DataFusion has not.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/array_functions>

use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, ListArray, StructArray, new_null_array};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field, Fields};
use datafusion::common::ScalarValue;

use super::cast::{plain_text, simple_type};
use super::json::Tree;
use super::math::compare;
use super::membership::in_constant;
use super::udf::{Body, Def, P, R, T, list_of};
use super::value::{Value, build, cells, text};
use crate::engine::types::JSON;

pub(super) const DEFS: &[Def] = &[
    Def::new("ARRAY_LENGTH", &[P::Array], R::Is(T::Int), Body::Strict(|a, _| Ok(Value::Int(a[0].list().map_or(0, |l| count(l.len())))))),
    Def::new("ARRAY_TO_STRING", &[P::ArrayStr, P::Str, P::Str], R::Is(T::Str), Body::Strict(|a, _| join(a))).optional(1),
    Def::new(
        "ARRAY_CONCAT",
        &[P::Same],
        R::First,
        Body::Strict(|a, _| {
            let parts: Vec<&dyn Array> = a.iter().filter_map(|v| v.list().map(AsRef::as_ref)).collect();
            arrow::compute::concat(&parts).map(Value::List).map_err(|e| e.to_string())
        }),
    )
    .variadic(),
    Def::new(
        "ARRAY_REVERSE",
        &[P::Array],
        R::First,
        Body::Strict(|a, _| {
            on_list(a, |l| {
                let order: Int64Array = (0..count(l.len())).rev().collect();
                arrow::compute::take(l, &order, None).map_err(|e| e.to_string())
            })
        }),
    ),
    Def::new("ARRAY_FIRST", &[P::Array], R::Element, Body::Strict(|a, _| at(&a[0], 0, "ARRAY_FIRST"))),
    Def::new(
        "ARRAY_LAST",
        &[P::Array],
        R::Element,
        Body::Strict(|a, _| at(&a[0], a[0].list().map_or(0, |l| count(l.len())) - 1, "ARRAY_LAST")),
    ),
    Def::new(
        "GENERATE_ARRAY",
        &[P::Same],
        R::Custom(|t, _| Ok(list_of(t.first().cloned().unwrap_or(DataType::Int64)))),
        Body::Strict(|a, _| generate(a)),
    )
    .variadic(),
    // `array[OFFSET(i)]` and its kin: array, index, OFFSET | ORDINAL | SAFE_OFFSET | SAFE_ORDINAL.
    Def::new(
        "$ARRAY_AT",
        &[P::Any, P::Any, P::Str],
        R::Custom(at_type),
        Body::Strict(|a, t| {
            if let Some(found) = beside_array(a, t)? {
                return Ok(found);
            }
            let how = a[2].str();
            let index = if how.ends_with("ORDINAL") { a[1].int().saturating_sub(1) } else { a[1].int() };
            let length = a[0].list().map_or(0, |l| count(l.len()));
            if (0..length).contains(&index) {
                return at(&a[0], index, how);
            }
            if how.starts_with("SAFE") {
                return Ok(Value::Null);
            }
            Err(format!("Array index {} is out of bounds", a[1].int()))
        }),
    ),
    // `x IN UNNEST(array)`: NULL where x is not found and the array holds a NULL.
    Def::new(
        "$IN_ARRAY",
        &[P::Same, P::SameArray],
        R::Is(T::Bool),
        Body::Lenient(|a, _| {
            let Some(list) = a[1].list() else { return Ok(Value::Bool(false)) };
            if list.is_empty() {
                return Ok(Value::Bool(false));
            }
            if a[0].is_null() {
                return Ok(Value::Null);
            }
            let items = cells(list).map_err(|e| e.to_string())?;
            if items.iter().any(|i| !i.is_null() && compare(i, &a[0]) == Ordering::Equal) {
                return Ok(Value::Bool(true));
            }
            Ok(if items.iter().any(Value::is_null) { Value::Null } else { Value::Bool(false) })
        }),
    )
    .shortcut(in_constant),
    Def::new("$NOT_EMPTY", &[P::Array], R::Is(T::Bool), Body::Lenient(|a, _| Ok(Value::Bool(a[0].list().is_some_and(|l| !l.is_empty()))))),
    // An ARRAY for LEFT JOIN UNNEST: one NULL instead of nothing.
    Def::new(
        "$OUTER",
        &[P::Array],
        R::First,
        Body::Lenient(|a, t| match a[0].list() {
            Some(l) if !l.is_empty() => Ok(a[0].clone()),
            _ => match t {
                DataType::List(f) => Ok(Value::List(new_null_array(f.data_type(), 1))),
                _ => Ok(Value::Null),
            },
        }),
    ),
    // The elements with their offsets, for WITH OFFSET.
    Def::new("$WITH_OFFSET", &[P::Array], R::Custom(|t, _| with_offset_type(t)), Body::Vector(|a, t| Ok(with_offset(&a[0], t)?))),
    Def::new(
        "$SLICE",
        &[P::Array, P::Int],
        R::First,
        Body::Strict(|a, _| {
            let most = usize::try_from(a[1].int()).map_err(|_| "LIMIT must not be negative".to_owned())?;
            on_list(a, |l| Ok(l.slice(0, l.len().min(most))))
        }),
    ),
    // Never NULL: ARRAY(subquery) of no rows is an empty ARRAY.
    Def::new(
        "$ARRAY_OR_EMPTY",
        &[P::Array],
        R::First,
        Body::Lenient(|a, t| {
            Ok(match (&a[0], t) {
                (Value::Null, DataType::List(f)) => Value::List(arrow::array::new_empty_array(f.data_type())),
                _ => a[0].clone(),
            })
        }),
    ),
    // `$SORTED(array, descending)`.
    Def::new(
        "$SORTED",
        &[P::Array, P::Bool],
        R::First,
        Body::Strict(|a, _| {
            on_list(a, |l| {
                let options = arrow::compute::SortOptions {
                    descending: matches!(a[1], Value::Bool(true)),
                    nulls_first: !matches!(a[1], Value::Bool(true)),
                };
                arrow::compute::sort(l, Some(options)).map_err(|e| e.to_string())
            })
        }),
    ),
    Def::new("$DISTINCT", &[P::Array], R::First, Body::Strict(distinct)),
    Def::new(
        "$FLATTEN",
        &[P::Array],
        R::Element,
        Body::Strict(|a, _| {
            let Some(nested) = a[0].list().and_then(|l| l.as_list_opt::<i32>().cloned()) else { return Ok(Value::Null) };
            let parts: Vec<ArrayRef> = nested.iter().flatten().collect();
            if parts.is_empty() {
                return Ok(Value::List(arrow::array::new_empty_array(&nested.value_type())));
            }
            let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
            arrow::compute::concat(&parts).map(Value::List).map_err(|e| e.to_string())
        }),
    ),
    // Aggregates over one ARRAY, for subqueries over UNNEST.
    Def::new(
        "$ARRAY_COUNT",
        &[P::Array],
        R::Is(T::Int),
        Body::Lenient(|a, _| Ok(Value::Int(a[0].list().map_or(0, |l| count(l.len() - l.logical_null_count()))))),
    ),
    Def::new("$ARRAY_SUM", &[P::Array], R::Element, Body::Strict(|a, _| sum(a))),
    Def::new(
        "$ARRAY_AVG",
        &[P::Array],
        R::Is(T::Float),
        Body::Strict(|a, _| {
            let items = present(a)?;
            if items.is_empty() {
                return Ok(Value::Null);
            }
            let total: f64 = items.iter().map(Value::float).sum();
            #[expect(clippy::cast_precision_loss, reason = "an ARRAY has far fewer than 2^53 elements")]
            Ok(Value::Float(total / items.len() as f64))
        }),
    ),
    Def::new(
        "$ARRAY_MIN",
        &[P::Array],
        R::Element,
        Body::Strict(|a, _| Ok(present(a)?.into_iter().min_by(compare).map_or(Value::Null, Value::owned))),
    ),
    Def::new(
        "$ARRAY_MAX",
        &[P::Array],
        R::Element,
        Body::Strict(|a, _| Ok(present(a)?.into_iter().max_by(compare).map_or(Value::Null, Value::owned))),
    ),
    // `$QUANTILES(sorted array, n)`: n + 1 boundaries.
    Def::new("$QUANTILES", &[P::Array, P::Int], R::First, Body::Strict(quantiles)),
    Def::new("$TOP_COUNT", &[P::Array, P::Int], R::Custom(top_count_type), Body::Strict(top_count)),
    // An ARRAY of a named element type: `$TYPED_ARRAY('INT64', ...)`, as parameters give them.
    Def::new(
        "$TYPED_ARRAY",
        &[P::Str, P::Any],
        R::Custom(typed_array_type),
        Body::Lenient(|a, t| match t {
            DataType::List(f) => build(f.data_type(), a[1..].to_vec()).map(Value::List).map_err(|e| e.to_string()),
            _ => Ok(Value::Null),
        }),
    )
    .optional(1)
    .variadic(),
    // `$FIELD(struct, 'name')`, whatever the case of the name.
    Def::new(
        "$FIELD",
        &[P::Any, P::Str],
        R::Custom(field_type),
        Body::Vector(|a, t| {
            let name = a[1].as_string::<i32>();
            let (Some(s), true) = (a[0].as_struct_opt(), !name.is_empty()) else { return Ok(new_null_array(t, a[0].len())) };
            let found = s.fields().iter().position(|f| f.name().eq_ignore_ascii_case(name.value(0)));
            let Some(column) = found.map(|i| s.column(i)) else { return Ok(new_null_array(t, a[0].len())) };
            let missing = arrow::compute::is_null(s)?;
            Ok(arrow::compute::nullif(column, &missing)?)
        }),
    ),
];

/// The type of what a subscript finds: an element, a field of a STRUCT by its place, a part of JSON.
fn at_type(types: &[DataType], args: &[Option<&ScalarValue>]) -> Result<DataType, String> {
    match (&types[0], &types[1]) {
        (DataType::List(f), DataType::Int64 | DataType::Null) => Ok(f.data_type().clone()),
        (t, DataType::Int64 | DataType::Utf8) if *t == JSON => Ok(JSON),
        (DataType::Null, _) => Ok(DataType::Null),
        (DataType::Struct(fields), DataType::Int64) => {
            let constant = |i: usize| args.get(i).copied().flatten();
            let (Some(ScalarValue::Int64(Some(index))), Some(how)) = (constant(1), constant(2).and_then(|h| h.try_as_str().flatten()))
            else {
                return Err("A field of a STRUCT must be named by a constant".to_owned());
            };
            let place = if how.ends_with("ORDINAL") { index - 1 } else { *index };
            let found = usize::try_from(place).ok().and_then(|p| fields.get(p));
            found.map(|f| f.data_type().clone()).ok_or_else(|| format!("Field position {index} is out of bounds"))
        }
        _ => Err(String::new()),
    }
}

/// A subscript of what is no ARRAY.
fn beside_array<'a>(a: &[Value<'a>], _: &DataType) -> Result<Option<Value<'a>>, String> {
    let place = |how: &str| if how.ends_with("ORDINAL") { a[1].int().saturating_sub(1) } else { a[1].int() };
    Ok(Some(match &a[0] {
        Value::Json(json) => {
            let tree = Tree::parse(json)?;
            let found = match (&a[1], &tree) {
                (Value::Int(i), Tree::Array(items)) => usize::try_from(*i).ok().and_then(|i| items.get(i)),
                (Value::Str(key), tree) => tree.member(key),
                _ => None,
            };
            found.map_or(Value::Null, super::json::made)
        }
        Value::Other(ScalarValue::Struct(fields)) => {
            let column = usize::try_from(place(a[2].str())).ok().and_then(|p| fields.columns().get(p).cloned());
            let Some(column) = column else { return Err("Field position is out of bounds".to_owned()) };
            cells(&column).map_err(|e| e.to_string())?.pop().map_or(Value::Null, Value::owned)
        }
        _ => return Ok(None),
    }))
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn on_list<'a>(a: &[Value<'a>], run: impl Fn(&ArrayRef) -> Result<ArrayRef, String>) -> Result<Value<'a>, String> {
    a[0].list().map_or(Ok(Value::Null), |l| run(l).map(Value::List))
}

fn at<'a>(value: &Value<'a>, index: i64, name: &str) -> Result<Value<'a>, String> {
    let list = value.list().filter(|l| (0..count(l.len())).contains(&index));
    let Some(list) = list else {
        return Err(format!("{name} cannot get an element of an empty array"));
    };
    let row = list.slice(usize::try_from(index).unwrap_or(0), 1);
    let items = cells(&row).map_err(|e| e.to_string())?;
    Ok(items.into_iter().next().map_or(Value::Null, Value::owned))
}

fn join<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
    let Some(list) = a[0].list() else {
        return Ok(Value::Null);
    };
    let items = cells(list).map_err(|e| e.to_string())?;
    let parts: Vec<String> = items
        .iter()
        .filter_map(|i| match (i, a.get(2)) {
            (Value::Null, None) => None,
            (Value::Null, Some(instead)) => Some(instead.str().to_owned()),
            (i, _) => Some(plain_text(i)),
        })
        .collect();
    Ok(text(parts.join(a[1].str())))
}

fn generate<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
    const MOST: usize = 1_000_000;
    let too_long = || "Cannot generate array with more than 1000000 elements".to_owned();
    if a.len() < 2 || a.len() > 3 {
        return Err("No matching signature for function GENERATE_ARRAY".to_owned());
    }
    if let (Value::Int(from), Value::Int(to)) = (&a[0], &a[1]) {
        let step = a.get(2).map_or(1, Value::int);
        if step == 0 {
            return Err("Sequence step cannot be 0.".to_owned());
        }
        let mut found = Vec::new();
        let mut at = *from;
        while (step > 0 && at <= *to) || (step < 0 && at >= *to) {
            found.push(at);
            if found.len() > MOST {
                return Err(too_long());
            }
            let Some(next) = at.checked_add(step) else { break };
            at = next;
        }
        return Ok(Value::List(Arc::new(Int64Array::from(found))));
    }
    let (from, to) = (a[0].float(), a[1].float());
    let step = a.get(2).map_or(1.0, Value::float);
    if step == 0.0 {
        return Err("Sequence step cannot be 0.".to_owned());
    }
    let mut found = Vec::new();
    let mut n = 0.0;
    while (step > 0.0 && from + n * step <= to) || (step < 0.0 && from + n * step >= to) {
        found.push(from + n * step);
        if found.len() > MOST {
            return Err(too_long());
        }
        n += 1.0;
    }
    Ok(Value::List(Arc::new(arrow::array::Float64Array::from(found))))
}

fn with_offset_type(types: &[DataType]) -> Result<DataType, String> {
    let Some(DataType::List(item)) = types.first() else {
        return Err(String::new());
    };
    Ok(list_of(DataType::Struct(Fields::from(vec![
        Field::new("value", item.data_type().clone(), true),
        Field::new("offset", DataType::Int64, true),
    ]))))
}

fn with_offset(array: &ArrayRef, t: &DataType) -> Result<ArrayRef, arrow::error::ArrowError> {
    let DataType::List(item) = t else {
        return Ok(new_null_array(t, array.len()));
    };
    let DataType::Struct(fields) = item.data_type() else {
        return Ok(new_null_array(t, array.len()));
    };
    let list = array.as_list::<i32>();
    let mut offsets = Vec::new();
    let mut parts = Vec::new();
    let mut lengths = Vec::with_capacity(list.len());
    for row in list.iter() {
        let length = row.as_ref().map_or(0, |r| r.len());
        offsets.extend(0..count(length));
        lengths.push(length);
        parts.extend(row);
    }
    let items = if parts.is_empty() {
        arrow::array::new_empty_array(fields[0].data_type())
    } else {
        let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
        arrow::compute::concat(&parts)?
    };
    let offsets: ArrayRef = Arc::new(Int64Array::from(offsets));
    let pairs = StructArray::try_new(fields.clone(), vec![items, offsets], None)?;
    Ok(Arc::new(ListArray::try_new(Arc::clone(item), OffsetBuffer::from_lengths(lengths), Arc::new(pairs), list.nulls().cloned())?))
}

fn present<'a>(a: &'a [Value<'_>]) -> Result<Vec<Value<'a>>, String> {
    let Some(list) = a[0].list() else {
        return Ok(Vec::new());
    };
    let mut items = cells(list).map_err(|e| e.to_string())?;
    items.retain(|i| !i.is_null());
    Ok(items)
}

fn sum<'a>(a: &[Value<'_>]) -> Result<Value<'a>, String> {
    let items = present(a)?;
    match items.first() {
        None => Ok(Value::Null),
        Some(Value::Int(_)) => items
            .iter()
            .try_fold(0_i64, |total, i| total.checked_add(i.int()))
            .map(Value::Int)
            .ok_or_else(|| "int64 overflow in SUM".to_owned()),
        Some(Value::Float(_)) => Ok(Value::Float(items.iter().map(Value::float).sum())),
        Some(_) => Err("SUM takes numbers".to_owned()),
    }
}

fn distinct<'a>(a: &[Value<'a>], t: &DataType) -> Result<Value<'a>, String> {
    let (Some(list), DataType::List(item)) = (a[0].list(), t) else {
        return Ok(Value::Null);
    };
    let mut found: Vec<Value<'_>> = Vec::new();
    for value in cells(list).map_err(|e| e.to_string())? {
        if !found.iter().any(|f| f.is_null() == value.is_null() && compare(f, &value) == Ordering::Equal) {
            found.push(value);
        }
    }
    build(item.data_type(), found).map(Value::List).map_err(|e| e.to_string())
}

fn quantiles<'a>(a: &[Value<'a>], t: &DataType) -> Result<Value<'a>, String> {
    let n = usize::try_from(a[1].int())
        .ok()
        .filter(|n| *n >= 1)
        .ok_or_else(|| "The second argument of APPROX_QUANTILES must be positive".to_owned())?;
    let DataType::List(item) = t else {
        return Ok(Value::Null);
    };
    let mut items = present(a)?;
    items.sort_by(compare);
    if items.is_empty() {
        return Ok(Value::Null);
    }
    let last = items.len() - 1;
    let bounds = (0..=n).map(|i| items[i * last / n].clone()).collect();
    build(item.data_type(), bounds).map(Value::List).map_err(|e| e.to_string())
}

fn top_count_type(types: &[DataType], _: &[Option<&ScalarValue>]) -> Result<DataType, String> {
    let Some(DataType::List(item)) = types.first() else {
        return Err(String::new());
    };
    Ok(list_of(DataType::Struct(Fields::from(vec![
        Field::new("value", item.data_type().clone(), true),
        Field::new("count", DataType::Int64, true),
    ]))))
}

fn top_count<'a>(a: &[Value<'a>], t: &DataType) -> Result<Value<'a>, String> {
    let (Some(list), DataType::List(item)) = (a[0].list(), t) else {
        return Ok(Value::Null);
    };
    let DataType::Struct(fields) = item.data_type() else {
        return Ok(Value::Null);
    };
    let mut items = cells(list).map_err(|e| e.to_string())?;
    items.sort_by(compare);
    let mut runs: Vec<(Value<'_>, i64)> = Vec::new();
    for value in items {
        match runs.last_mut() {
            Some((last, n)) if last.is_null() == value.is_null() && compare(last, &value) == Ordering::Equal => *n += 1,
            _ => runs.push((value, 1)),
        }
    }
    runs.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    runs.truncate(usize::try_from(a[1].int()).unwrap_or(0));
    let counts: ArrayRef = Arc::new(runs.iter().map(|(_, n)| *n).collect::<Int64Array>());
    let values = build(fields[0].data_type(), runs.into_iter().map(|(v, _)| v).collect()).map_err(|e| e.to_string())?;
    StructArray::try_new(fields.clone(), vec![values, counts], None).map(|s| Value::List(Arc::new(s))).map_err(|e| e.to_string())
}

fn typed_array_type(_: &[DataType], args: &[Option<&ScalarValue>]) -> Result<DataType, String> {
    let name = args.first().copied().flatten().and_then(|v| v.try_as_str().flatten());
    name.and_then(simple_type).map(list_of).ok_or_else(|| "ARRAY of this type".to_owned())
}

fn field_type(types: &[DataType], args: &[Option<&ScalarValue>]) -> Result<DataType, String> {
    let name = args.get(1).copied().flatten().and_then(|v| v.try_as_str().flatten()).unwrap_or_default();
    let Some(DataType::Struct(fields)) = types.first() else {
        if types.first() == Some(&JSON) {
            return Err("Access to a field of JSON that is no column is not supported by the embedded endpoint".to_owned());
        }
        return Err(format!(
            "Cannot access field {name} on a value with type {}",
            types.first().map(crate::engine::types::sql_type_name).unwrap_or_default()
        ));
    };
    fields
        .iter()
        .find(|f| f.name().eq_ignore_ascii_case(name))
        .map(|f| f.data_type().clone())
        .ok_or_else(|| format!("Field name {name} does not exist in {}", crate::engine::types::sql_type_name(&types[0])))
}
