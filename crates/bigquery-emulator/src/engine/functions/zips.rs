//! ARRAY_ZIP, FLATTEN's steps, APPROX_TOP_SUM's half and BIT_CAST.
//!
//! Sources: <https://github.com/google/googlesql/blob/master/docs/array_functions.md>, `bit_functions.md` beside it, and
//! <https://cloud.google.com/bigquery/docs/reference/standard-sql/approximate_aggregate_functions#approx_top_sum>

use std::cmp::{Ordering, Reverse};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StructArray, UInt64Array, new_null_array};
use arrow::datatypes::{DataType, Field, Fields};
use datafusion::common::ScalarValue;

use super::math::compare;
use super::udf::{Body, Def, P, R, T, list_of, plain};
use super::value::{Value, build, cells};

pub(super) const DEFS: &[Def] = &[
    // Mode, then for each ARRAY its name and itself.
    Def::new("$ARRAY_ZIP", &[P::Str, P::Any], R::Custom(zip_type), Body::Lenient(zip)).variadic(),
    // ARRAY of STRUCT, field, how and where to look in it: the fields of all elements, ARRAYs put behind each other.
    Def::new("$EACH_FIELD", &[P::Array, P::Str, P::Str, P::Int], R::Custom(each_type), Body::Strict(each)),
    // The one element of an ARRAY that may have no more.
    Def::new(
        "$ONLY",
        &[P::Array],
        R::Element,
        Body::Strict(|a, _| match a[0].list().map(|l| cells(l).map_err(|e| e.to_string())) {
            Some(items) => match items?.as_slice() {
                [] => Ok(Value::Null),
                [one] => Ok(one.clone().owned()),
                _ => Err("Scalar subquery produced more than one element".to_owned()),
            },
            None => Ok(Value::Null),
        }),
    ),
    // ARRAY of (value, weight), how many.
    Def::new("$TOP_SUM", &[P::Array, P::Int], R::Custom(|t, _| top_sum_type(t)), Body::Strict(top_sum)),
    Def::new("BIT_CAST_TO_INT32", &[P::Int], R::Is(T::Int), Body::Strict(|a, _| within(a, i64::from(i32::MIN), i64::from(i32::MAX)))),
    Def::new("BIT_CAST_TO_UINT32", &[P::Int], R::Is(T::Int), Body::Strict(|a, _| within(a, 0, i64::from(u32::MAX)))),
    Def::new("BIT_CAST_TO_INT64", &[P::Int], R::Is(T::Int), Body::Strict(|a, _| Ok(a[0].clone()))),
    Def::new("BIT_CAST_TO_UINT64", &[P::Int], R::Is(T::Int), Body::Strict(|a, _| within(a, 0, i64::MAX))),
];

/// The narrow and unsigned types have no place of their own here: what an INT64 says as well is given.
fn within<'a>(a: &[Value<'a>], least: i64, most: i64) -> Result<Value<'a>, String> {
    if (least..=most).contains(&a[0].int()) {
        Ok(a[0].clone())
    } else {
        Err("A number beyond the range of its type is not supported by the embedded endpoint".to_owned())
    }
}

fn zip_type(types: &[DataType], args: &[Option<&ScalarValue>]) -> Result<DataType, String> {
    let mut fields = Vec::new();
    for (i, t) in types.iter().enumerate().skip(2).step_by(2) {
        let name = args.get(i - 1).copied().flatten().and_then(|v| v.try_as_str().flatten()).unwrap_or_default();
        let item = match t {
            DataType::List(item) => item.data_type().clone(),
            DataType::Null => DataType::Int64,
            _ => return Err("No matching signature for function ARRAY_ZIP: its arguments must be arrays".to_owned()),
        };
        fields.push(Field::new(name, item, true));
    }
    if fields.len() < 2 {
        return Err("No matching signature for function ARRAY_ZIP: it takes two arrays or more".to_owned());
    }
    Ok(list_of(DataType::Struct(Fields::from(fields))))
}

fn struct_fields(list: &DataType) -> Option<&Fields> {
    match list {
        DataType::List(item) => match item.data_type() {
            DataType::Struct(fields) => Some(fields),
            _ => None,
        },
        _ => None,
    }
}

fn zip<'a>(a: &[Value<'a>], t: &DataType) -> Result<Value<'a>, String> {
    let arrays = || a.iter().skip(2).step_by(2);
    let Some(fields) = struct_fields(t) else { return Ok(Value::Null) };
    if arrays().any(Value::is_null) {
        return Ok(Value::Null);
    }
    let lengths: Vec<usize> = arrays().map(|v| v.list().map_or(0, |l| l.len())).collect();
    let (least, most) = (lengths.iter().copied().min().unwrap_or(0), lengths.iter().copied().max().unwrap_or(0));
    let length = match a[0].str() {
        "PAD" => most,
        "TRUNCATE" => least,
        _ if least == most => least,
        _ => return Err("Unnested arrays under STRICT mode must have equal lengths".to_owned()),
    };
    let columns: Result<Vec<ArrayRef>, String> = arrays()
        .zip(fields)
        .map(|(value, field)| {
            let Some(list) = value.list() else { return Ok(new_null_array(field.data_type(), length)) };
            let own = list.slice(0, list.len().min(length));
            if own.len() == length {
                return Ok(own);
            }
            let rest = new_null_array(field.data_type(), length - own.len());
            arrow::compute::concat(&[own.as_ref(), rest.as_ref()]).map_err(|e| e.to_string())
        })
        .collect();
    StructArray::try_new(fields.clone(), columns?, None).map(|s| Value::List(Arc::new(s))).map_err(|e| e.to_string())
}

fn each_type(types: &[DataType], args: &[Option<&ScalarValue>]) -> Result<DataType, String> {
    let text = |i: usize| args.get(i).copied().flatten().and_then(|v| v.try_as_str().flatten()).unwrap_or_default();
    let fields = types.first().and_then(struct_fields).ok_or_else(|| format!("Cannot access field {} on this ARRAY", text(1)))?;
    let field = fields.iter().find(|f| f.name().eq_ignore_ascii_case(text(1)));
    let field = field.ok_or_else(|| format!("Field name {} does not exist in this ARRAY's elements", text(1)))?;
    match field.data_type() {
        DataType::List(item) => Ok(list_of(item.data_type().clone())),
        _ if !text(2).is_empty() => Err("A subscript in FLATTEN stands behind an ARRAY".to_owned()),
        other => Ok(list_of(other.clone())),
    }
}

fn each<'a>(a: &[Value<'a>], t: &DataType) -> Result<Value<'a>, String> {
    let DataType::List(item) = t else { return Ok(Value::Null) };
    let Some(list) = a[0].list().and_then(|l| l.as_struct_opt()) else { return Ok(Value::Null) };
    let Some(column) = list.fields().iter().position(|f| f.name().eq_ignore_ascii_case(a[1].str())).map(|i| list.column(i)) else {
        return Ok(Value::Null);
    };
    let Some(inner) = column.as_list_opt::<i32>() else { return Ok(Value::List(Arc::clone(column))) };
    let mut parts: Vec<ArrayRef> = Vec::new();
    for row in inner.iter() {
        let (how, row) = (a[2].str(), row.unwrap_or_else(|| new_null_array(item.data_type(), 0)));
        if how.is_empty() {
            parts.push(row);
            continue;
        }
        let place = if how.ends_with("ORDINAL") { a[3].int().saturating_sub(1) } else { a[3].int() };
        match usize::try_from(place).ok().filter(|p| *p < row.len()) {
            Some(place) => parts.push(row.slice(place, 1)),
            None if how.starts_with("SAFE") => parts.push(new_null_array(item.data_type(), 1)),
            None => return Err(format!("Array index {} is out of bounds", a[3].int())),
        }
    }
    if parts.is_empty() {
        return Ok(Value::List(new_null_array(item.data_type(), 0)));
    }
    let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
    arrow::compute::concat(&parts).map(Value::List).map_err(|e| e.to_string())
}

fn top_sum_type(types: &[DataType]) -> Result<DataType, String> {
    let pair = types.first().and_then(struct_fields).ok_or_else(String::new)?;
    let sum = match plain(pair[1].data_type()) {
        t @ (DataType::Int64 | DataType::Float64 | DataType::Decimal128(..)) => t,
        _ => return Err("No matching signature for aggregate function APPROX_TOP_SUM".to_owned()),
    };
    let fields = vec![Field::new("value", pair[0].data_type().clone(), true), Field::new("sum", sum, true)];
    Ok(list_of(DataType::Struct(Fields::from(fields))))
}

fn added<'a>(sum: &Value<'a>, more: &Value<'a>) -> Result<Value<'a>, String> {
    let overflow = || "Overflow in APPROX_TOP_SUM".to_owned();
    Ok(match (sum, more) {
        (known, Value::Null) | (Value::Null, known) => known.clone(),
        (Value::Int(a), Value::Int(b)) => Value::Int(a.checked_add(*b).ok_or_else(overflow)?),
        (Value::Numeric(a), Value::Numeric(b)) => Value::Numeric(a.checked_add(*b).ok_or_else(overflow)?),
        (a, b) => Value::Float(a.float() + b.float()),
    })
}

fn top_sum<'a>(a: &[Value<'a>], t: &DataType) -> Result<Value<'a>, String> {
    let (Some(pairs), Some(fields)) = (a[0].list().and_then(|l| l.as_struct_opt()), struct_fields(t)) else {
        return Ok(Value::Null);
    };
    let read = |i: usize| cells(pairs.column(i)).map_err(|e| e.to_string());
    let (values, weights) = (read(0)?, read(1)?);
    if weights.iter().any(|w| !w.is_null() && (w.float() < 0.0 || w.float().is_nan())) {
        return Err("Weights of APPROX_TOP_SUM must not be negative or NaN".to_owned());
    }
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|x, y| compare(&values[*x], &values[*y]));
    let mut sums: Vec<(usize, Value<'_>)> = Vec::new();
    for at in order {
        match sums.last_mut() {
            Some((first, sum))
                if values[*first].is_null() == values[at].is_null() && compare(&values[*first], &values[at]) == Ordering::Equal =>
            {
                *sum = added(sum, &weights[at])?;
            }
            _ => sums.push((at, weights[at].clone())),
        }
    }
    sums.sort_by(|x, y| Reverse(x.1.is_null()).cmp(&Reverse(y.1.is_null())).reverse().then(y.1.float().total_cmp(&x.1.float())));
    sums.truncate(usize::try_from(a[1].int()).unwrap_or(0));
    let places: UInt64Array = sums.iter().map(|(at, _)| *at as u64).collect();
    let failed = |e: arrow::error::ArrowError| e.to_string();
    let firsts = arrow::compute::take(pairs.column(0), &places, None).map_err(failed)?;
    let totals = build(fields[1].data_type(), sums.into_iter().map(|(_, sum)| sum).collect()).map_err(|e| e.to_string())?;
    StructArray::try_new(fields.clone(), vec![firsts, totals], None).map(|s| Value::List(Arc::new(s))).map_err(failed)
}
