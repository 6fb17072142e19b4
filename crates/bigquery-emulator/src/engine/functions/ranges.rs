//! `RANGE<DATE>`, `RANGE<DATETIME>` and `RANGE<TIMESTAMP>`, as a STRUCT of two ends where NULL is unbounded.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/range-functions>

use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StructArray};
use arrow::datatypes::{DataType, Field, Fields};
use datafusion::common::ScalarValue;

use super::cast::{cast, simple_type};
use super::date_parts::add_naive;
use super::instants::{days, micros, naive};
use super::math::compare;
use super::udf::{Body, Def, P, R, list_of, plain, unify};
use super::value::{Value, build, cells};

/// The name that tells a RANGE from another STRUCT.
pub(in crate::engine) const START: &str = "$range_start";
const END: &str = "$range_end";

/// The type of a RANGE of a type.
pub(in crate::engine) fn range_of(item: &DataType) -> DataType {
    let field = |name: &str| Arc::new(Field::new(name, item.clone(), true));
    DataType::Struct(Fields::from(vec![field(START), field(END)]))
}

/// The type of the ends, where a type is a RANGE.
pub(in crate::engine) fn item_of(data_type: &DataType) -> Option<&DataType> {
    match data_type {
        DataType::Struct(fields) if fields.len() == 2 && fields[0].name() == START => Some(fields[0].data_type()),
        _ => None,
    }
}

pub(super) const DEFS: &[Def] = &[
    Def::new(
        "RANGE",
        &[P::Same, P::Same],
        R::Custom(|types, _| match types.first() {
            Some(t @ (DataType::Date32 | DataType::Timestamp(..))) => Ok(range_of(t)),
            _ => Err(String::new()),
        }),
        Body::Lenient(|a, t| made(a[0].clone(), a[1].clone(), t)),
    ),
    // `RANGE<DATE> '[a, b)'`: text, type of the ends.
    Def::new(
        "$RANGE_LITERAL",
        &[P::Str, P::Str],
        R::Custom(|_, args| {
            let name = args.get(1).copied().flatten().and_then(|v| v.try_as_str().flatten()).unwrap_or_default();
            simple_type(name).map(|t| range_of(&t)).ok_or_else(String::new)
        }),
        Body::Strict(|a, t| parse_range(a[0].str(), t)),
    ),
    Def::new("RANGE_START", &[P::Any], R::Custom(end_type), Body::Strict(|a, _| Ok(ends(&a[0])?.0))),
    Def::new("RANGE_END", &[P::Any], R::Custom(end_type), Body::Strict(|a, _| Ok(ends(&a[0])?.1))),
    Def::new(
        "RANGE_CONTAINS",
        &[P::Any, P::Any],
        R::Custom(|types, _| {
            let item = item_of(&types[0]).ok_or_else(String::new)?;
            let same = types[1] == types[0] || unify(item, &plain(&types[1])).as_ref() == Some(item);
            if same { Ok(DataType::Boolean) } else { Err(String::new()) }
        }),
        Body::Strict(|a, _| {
            let (start, end) = ends(&a[0])?;
            let (from, to) = match &a[1] {
                Value::Other(_) => ends(&a[1])?,
                point => {
                    let inside =
                        order_start(&start, point) != Ordering::Greater && (end.is_null() || compare(point, &end) == Ordering::Less);
                    return Ok(Value::Bool(inside));
                }
            };
            Ok(Value::Bool(order_start(&start, &from) != Ordering::Greater && order_end(&to, &end) != Ordering::Greater))
        }),
    ),
    Def::new(
        "RANGE_OVERLAPS",
        &[P::Same, P::Same],
        R::Custom(|types, _| if item_of(&types[0]).is_some() { Ok(DataType::Boolean) } else { Err(String::new()) }),
        Body::Strict(|a, _| {
            let ((s1, e1), (s2, e2)) = (ends(&a[0])?, ends(&a[1])?);
            Ok(Value::Bool(before(&s1, &e2) && before(&s2, &e1)))
        }),
    ),
    Def::new(
        "RANGE_INTERSECT",
        &[P::Same, P::Same],
        R::First,
        Body::Strict(|a, t| {
            let ((s1, e1), (s2, e2)) = (ends(&a[0])?, ends(&a[1])?);
            if !(before(&s1, &e2) && before(&s2, &e1)) {
                return Err("Provided RANGE inputs don't overlap. Please check RANGE_OVERLAPS before calling RANGE_INTERSECT".to_owned());
            }
            let start = if order_start(&s1, &s2) == Ordering::Less { s2 } else { s1 };
            let end = if order_end(&e1, &e2) == Ordering::Greater { e2 } else { e1 };
            made(start, end, t)
        }),
    ),
    Def::new(
        "GENERATE_RANGE_ARRAY",
        &[P::Any, P::Int, P::Str, P::Bool],
        R::Custom(|types, _| item_of(&types[0]).map(|_| list_of(types[0].clone())).ok_or_else(String::new)),
        Body::Strict(generate),
    )
    .optional(1),
];

/// `[start, end)` as a RANGE of a type.
pub(in crate::engine) fn parse_range(written: &str, t: &DataType) -> Result<Value<'static>, String> {
    let bad = || format!("Invalid RANGE literal: {written}");
    let item = item_of(t).ok_or_else(bad)?;
    let inner = written.trim().strip_prefix('[').and_then(|s| s.strip_suffix(')')).ok_or_else(bad)?;
    let (start, end) = inner.split_once(',').ok_or_else(bad)?;
    let read = |s: &str| -> Result<Value<'static>, String> {
        match s.trim() {
            "UNBOUNDED" | "NULL" => Ok(Value::Null),
            s => cast(&[super::value::text(s)], item).map(Value::owned),
        }
    };
    made(read(start)?, read(end)?, t)
}

fn end_type(types: &[DataType], _: &[Option<&ScalarValue>]) -> Result<DataType, String> {
    item_of(&types[0]).cloned().ok_or_else(String::new)
}

fn made<'a>(start: Value<'_>, end: Value<'_>, t: &DataType) -> Result<Value<'a>, String> {
    let item = item_of(t).ok_or_else(|| "internal: no RANGE".to_owned())?;
    if !start.is_null() && !end.is_null() && compare(&start, &end) != Ordering::Less {
        return Err("Range start element must be smaller than range end element".to_owned());
    }
    let DataType::Struct(fields) = t else { return Ok(Value::Null) };
    let columns = [start, end].into_iter().map(|v| build(item, vec![v]).map_err(|e| e.to_string())).collect::<Result<Vec<_>, _>>()?;
    let one = StructArray::try_new(fields.clone(), columns, None).map_err(|e| e.to_string())?;
    Ok(Value::Other(ScalarValue::Struct(Arc::new(one))))
}

fn ends(value: &Value<'_>) -> Result<(Value<'static>, Value<'static>), String> {
    let Value::Other(ScalarValue::Struct(pair)) = value else {
        return Err("internal: no RANGE".to_owned());
    };
    let end = |i: usize| -> Result<Value<'static>, String> {
        Ok(cells(pair.column(i)).map_err(|e| e.to_string())?.pop().map_or(Value::Null, Value::owned))
    };
    Ok((end(0)?, end(1)?))
}

/// Starts in order: unbounded comes first.
fn order_start(a: &Value<'_>, b: &Value<'_>) -> Ordering {
    compare(a, b)
}

/// Ends in order: unbounded comes last.
fn order_end(a: &Value<'_>, b: &Value<'_>) -> Ordering {
    match (a.is_null(), b.is_null()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        _ => compare(a, b),
    }
}

/// Whether a start lies before an end.
fn before(start: &Value<'_>, end: &Value<'_>) -> bool {
    start.is_null() || end.is_null() || compare(start, end) == Ordering::Less
}

/// Parts of a RANGE: range, count and part of the step, whether a shorter last one counts.
fn generate<'a>(a: &[Value<'a>], t: &DataType) -> Result<Value<'a>, String> {
    let DataType::List(field) = t else { return Ok(Value::Null) };
    let (start, end) = ends(&a[0])?;
    if start.is_null() || end.is_null() {
        return Err("GENERATE_RANGE_ARRAY takes no unbounded RANGE".to_owned());
    }
    if a[1].int() <= 0 {
        return Err("The step of GENERATE_RANGE_ARRAY must be positive".to_owned());
    }
    let with_last = !matches!(a.get(3), Some(Value::Bool(false)));
    let (from, to) = (naive(&start)?, naive(&end)?);
    let typed = |at: chrono::NaiveDateTime| match &start {
        Value::Date(_) => Value::Date(days(at.date())),
        Value::Datetime(_) => Value::Datetime(micros(at)),
        _ => Value::Timestamp(micros(at)),
    };
    let mut found: Vec<Value<'static>> = Vec::new();
    let mut at = from;
    for i in 1..=1_000_000_i64 {
        if at >= to {
            break;
        }
        let next = add_naive(from, a[1].int().saturating_mul(i), a[2].str())?;
        if next > to {
            if with_last {
                found.push(made(typed(at), typed(to), field.data_type())?);
            }
            break;
        }
        found.push(made(typed(at), typed(next), field.data_type())?);
        at = next;
    }
    build(field.data_type(), found).map(Value::List).map_err(|e| e.to_string())
}

/// `[start, end)` of every row.
pub(in crate::engine) fn range_texts(array: &ArrayRef) -> Result<ArrayRef, arrow::error::ArrowError> {
    let pair = array.as_struct();
    let texts: Result<arrow::array::StringArray, String> = (0..pair.len())
        .map(|row| {
            if pair.is_null(row) {
                return Ok(None);
            }
            let shown = |i: usize| -> Result<String, String> {
                let column = pair.column(i).slice(row, 1);
                let cell = cells(&column).map_err(|e| e.to_string())?.pop().unwrap_or(Value::Null);
                Ok(if cell.is_null() { "UNBOUNDED".to_owned() } else { super::cast::plain_text(&cell) })
            };
            Ok(Some(format!("[{}, {})", shown(0)?, shown(1)?)))
        })
        .collect();
    texts.map(|t| Arc::new(t) as ArrayRef).map_err(arrow::error::ArrowError::ComputeError)
}
