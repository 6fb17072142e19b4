//! GEOGRAPHY: texts in and out, parts, measures and predicates. What needs S2's overlays (ST_UNION,
//! ST_INTERSECTION and the like) is not here.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/geography_functions>

mod areas;
mod cells;
mod hash;
mod kml;
mod lines;
mod measure;
mod predicates;
mod shape;

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, StructArray};
use arrow::datatypes::{DataType, Field, Fields};
use datafusion::common::ScalarValue;

use super::udf::{Body, Def, P, R, T};
use super::value::{Value, build, cells as cells_of, text};
use crate::engine::types::GEOGRAPHY;
use shape::{Point, Shape};

pub(super) const DEFS: &[&[Def]] = &[OWN, predicates::DEFS, hash::DEFS, kml::DEFS, lines::DEFS, areas::DEFS, cells::DEFS];

/// A text as WKT in the form that BigQuery writes.
pub(super) fn canonical(text: &str) -> Result<String, String> {
    shape::parse(text).map(|s| s.wkt())
}

fn made(shape: &Shape) -> Value<'static> {
    Value::Geography(Cow::Owned(shape.wkt()))
}

fn read(value: &Value<'_>) -> Result<Shape, String> {
    let shape = shape::parse(value.str())?;
    if shape.parts().iter().any(|part| part.is_globe()) {
        return Err("This function of FULLGLOBE is not supported by the embedded endpoint".to_owned());
    }
    Ok(shape)
}

fn list<'a>(shapes: &[Shape]) -> Result<Value<'a>, String> {
    build(&GEOGRAPHY, shapes.iter().map(made).collect()).map(Value::List).map_err(|e| e.to_string())
}

fn number<'a>(n: usize) -> Value<'a> {
    Value::Int(i64::try_from(n).unwrap_or(i64::MAX))
}

/// The one point of a shape that is one.
fn single(value: &Value<'_>, name: &str) -> Result<Option<Point>, String> {
    match read(value)? {
        Shape::Point(p) => Ok(Some(p)),
        shape if shape.is_empty() => Ok(None),
        _ => Err(format!("{name} takes a point")),
    }
}

const OWN: &[Def] = &[
    Def::new(
        "ST_GEOGPOINT",
        &[P::Float, P::Float],
        R::Is(T::Geography),
        Body::Strict(|a, _| Ok(made(&Shape::Point(shape::point(a[0].float(), a[1].float())?)))),
    ),
    Def::new("ST_GEOGFROMTEXT", &[P::Str], R::Is(T::Geography), Body::Strict(|a, _| Ok(made(&shape::parse(a[0].str())?)))),
    Def::new("ST_GEOGFROMGEOJSON", &[P::Str], R::Is(T::Geography), Body::Strict(|a, _| Ok(made(&shape::from_geojson(a[0].str())?)))),
    Def::new(
        "ST_GEOGFROM",
        &[P::Str],
        R::Is(T::Geography),
        Body::Strict(|a, _| {
            let text = a[0].str();
            Ok(made(&if text.trim_start().starts_with('{') { shape::from_geojson(text)? } else { shape::parse(text)? }))
        }),
    ),
    Def::new("ST_ASTEXT", &[P::Geography], R::Is(T::Str), Body::Strict(|a, _| Ok(text(a[0].str().to_owned())))),
    Def::new("ST_ASGEOJSON", &[P::Geography], R::Is(T::Str), Body::Strict(|a, _| Ok(text(read(&a[0])?.geojson())))),
    Def::new("ST_ASBINARY", &[P::Geography], R::Is(T::Bytes), Body::Strict(|a, _| Ok(Value::Bytes(Cow::Owned(read(&a[0])?.wkb()))))),
    Def::new(
        "ST_X",
        &[P::Geography],
        R::Is(T::Float),
        Body::Strict(|a, _| Ok(single(&a[0], "ST_X")?.map_or(Value::Null, |p| Value::Float(p.0)))),
    ),
    Def::new(
        "ST_Y",
        &[P::Geography],
        R::Is(T::Float),
        Body::Strict(|a, _| Ok(single(&a[0], "ST_Y")?.map_or(Value::Null, |p| Value::Float(p.1)))),
    ),
    Def::new("ST_DIMENSION", &[P::Geography], R::Is(T::Int), Body::Strict(|a, _| Ok(Value::Int(read(&a[0])?.dimension())))),
    Def::new("ST_GEOMETRYTYPE", &[P::Geography], R::Is(T::Str), Body::Strict(|a, _| Ok(text(format!("ST_{}", read(&a[0])?.kind()))))),
    Def::new("ST_ISEMPTY", &[P::Geography], R::Is(T::Bool), Body::Strict(|a, _| Ok(Value::Bool(read(&a[0])?.is_empty())))),
    Def::new("ST_ISCOLLECTION", &[P::Geography], R::Is(T::Bool), Body::Strict(|a, _| Ok(Value::Bool(read(&a[0])?.parts().len() > 1)))),
    Def::new(
        "ST_ISCLOSED",
        &[P::Geography],
        R::Is(T::Bool),
        Body::Strict(|a, _| {
            Ok(Value::Bool(match read(&a[0])? {
                Shape::Line(points) => points.first() == points.last(),
                other => {
                    !other.is_empty()
                        && other.parts().iter().all(|p| match p {
                            Shape::Line(points) => points.first() == points.last(),
                            _ => true,
                        })
                }
            }))
        }),
    ),
    Def::new(
        "ST_ISRING",
        &[P::Geography],
        R::Is(T::Bool),
        Body::Strict(|a, _| {
            Ok(Value::Bool(match read(&a[0])? {
                Shape::Line(points) => points.first() == points.last() && is_simple(&points),
                _ => false,
            }))
        }),
    ),
    Def::new("ST_NUMPOINTS", &[P::Geography], R::Is(T::Int), Body::Strict(|a, _| Ok(number(count(&read(&a[0])?))))),
    Def::new("ST_NPOINTS", &[P::Geography], R::Is(T::Int), Body::Strict(|a, _| Ok(number(count(&read(&a[0])?))))),
    Def::new("ST_NUMGEOMETRIES", &[P::Geography], R::Is(T::Int), Body::Strict(|a, _| Ok(number(read(&a[0])?.parts().len())))),
    Def::new("ST_STARTPOINT", &[P::Geography], R::Is(T::Geography), Body::Strict(|a, _| nth(&a[0], 1, "ST_STARTPOINT"))),
    Def::new("ST_ENDPOINT", &[P::Geography], R::Is(T::Geography), Body::Strict(|a, _| nth(&a[0], -1, "ST_ENDPOINT"))),
    Def::new("ST_POINTN", &[P::Geography, P::Int], R::Is(T::Geography), Body::Strict(|a, _| nth(&a[0], a[1].int(), "ST_POINTN"))),
    Def::new(
        "ST_EXTERIORRING",
        &[P::Geography],
        R::Is(T::Geography),
        Body::Strict(|a, _| match read(&a[0])? {
            Shape::Polygon(rings) => Ok(rings.into_iter().next().map_or(Value::Null, |r| made(&Shape::Line(r)))),
            _ => Err("ST_EXTERIORRING takes a polygon".to_owned()),
        }),
    ),
    Def::new(
        "ST_INTERIORRINGS",
        &[P::Geography],
        R::List(T::Geography),
        Body::Strict(|a, _| match shape::parse(a[0].str())? {
            Shape::Polygon(rings) => list(&rings.into_iter().skip(1).map(hole).collect::<Vec<_>>()),
            shape if shape.is_empty() => list(&[]),
            _ => Err("ST_INTERIORRINGS takes a polygon".to_owned()),
        }),
    ),
    Def::new("ST_MAKELINE", &[P::Any, P::Geography], R::Is(T::Geography), Body::Strict(|a, _| make_line(a))).optional(1),
    Def::new(
        "ST_MAKEPOLYGON",
        &[P::Geography, P::Array],
        R::Is(T::Geography),
        Body::Strict(|a, _| {
            let mut rings = vec![ring(&read(&a[0])?)?];
            if let Some(holes) = a.get(1).and_then(Value::list) {
                for hole in cells_of(holes).map_err(|e| e.to_string())? {
                    rings.push(ring(&read(&hole)?)?);
                }
            }
            Ok(made(&Shape::Polygon(rings)))
        }),
    )
    .optional(1),
    Def::new("ST_BOUNDARY", &[P::Geography], R::Is(T::Geography), Body::Strict(|a, _| boundary(&read(&a[0])?))),
    Def::new("ST_BOUNDINGBOX", &[P::Geography], R::Custom(|_, _| Ok(box_type())), Body::Strict(|a, _| bounding_box(&read(&a[0])?))),
    Def::new(
        "ST_DUMP",
        &[P::Geography, P::Int],
        R::List(T::Geography),
        Body::Strict(|a, _| {
            let whole = read(&a[0])?;
            let parts = whole.parts().into_iter().filter(|p| a.get(1).is_none_or(|d| p.dimension() == d.int() || d.int() == -1));
            list(&parts.cloned().collect::<Vec<_>>())
        }),
    )
    .optional(1),
    Def::new(
        "ST_DUMPPOINTS",
        &[P::Geography],
        R::List(T::Geography),
        Body::Strict(|a, _| list(&read(&a[0])?.points().into_iter().map(Shape::Point).collect::<Vec<_>>())),
    ),
    Def::new(
        "ST_DISTANCE",
        &[P::Geography, P::Geography],
        R::Is(T::Float),
        Body::Strict(|a, _| Ok(measure::distance(&read(&a[0])?, &read(&a[1])?).map_or(Value::Null, Value::Float))),
    ),
    Def::new(
        "ST_MAXDISTANCE",
        &[P::Geography, P::Geography],
        R::Is(T::Float),
        Body::Strict(|a, _| {
            let (x, y) = (read(&a[0])?.points(), read(&a[1])?.points());
            let far = x.iter().flat_map(|p| y.iter().map(|q| measure::between(*p, *q))).reduce(f64::max);
            Ok(far.map_or(Value::Null, Value::Float))
        }),
    ),
    Def::new("ST_LENGTH", &[P::Geography], R::Is(T::Float), Body::Strict(|a, _| Ok(Value::Float(measure::line_length(&read(&a[0])?))))),
    Def::new("ST_PERIMETER", &[P::Geography], R::Is(T::Float), Body::Strict(|a, _| Ok(Value::Float(measure::perimeter(&read(&a[0])?))))),
    Def::new("ST_AREA", &[P::Geography], R::Is(T::Float), Body::Strict(|a, _| Ok(Value::Float(measure::area(&read(&a[0])?))))),
    Def::new(
        "ST_AZIMUTH",
        &[P::Geography, P::Geography],
        R::Is(T::Float),
        Body::Strict(|a, _| {
            Ok(match (single(&a[0], "ST_AZIMUTH")?, single(&a[1], "ST_AZIMUTH")?) {
                (Some(p), Some(q)) => measure::azimuth(p, q).map_or(Value::Null, Value::Float),
                _ => Value::Null,
            })
        }),
    ),
    Def::new(
        "ST_CENTROID",
        &[P::Geography],
        R::Is(T::Geography),
        Body::Strict(|a, _| {
            let whole = read(&a[0])?;
            if let Shape::Point(_) = whole {
                return Ok(a[0].clone());
            }
            if whole.dimension() == 2 {
                return Err("ST_CENTROID of polygons is not supported by the embedded endpoint".to_owned());
            }
            Ok(measure::centroid(&whole).map_or_else(|| made(&Shape::Collection(Vec::new())), |p| made(&Shape::Point(p))))
        }),
    ),
    Def::new(
        "ST_LINEINTERPOLATEPOINT",
        &[P::Geography, P::Float],
        R::Is(T::Geography),
        Body::Strict(|a, _| {
            let share = a[1].float();
            if !(0.0..=1.0).contains(&share) {
                return Err("ST_LINEINTERPOLATEPOINT takes a fraction from 0 to 1".to_owned());
            }
            let whole = read(&a[0])?;
            let Shape::Line(points) = &whole else { return Ok(Value::Null) };
            let mut left = measure::line_length(&whole) * share;
            for w in points.windows(2) {
                let step = measure::between(w[0], w[1]);
                if left <= step {
                    let at = if step == 0.0 { w[0] } else { measure::along(w[0], w[1], left / step) };
                    return Ok(made(&Shape::Point(at)));
                }
                left -= step;
            }
            Ok(points.last().map_or(Value::Null, |p| made(&Shape::Point(*p))))
        }),
    ),
    Def::new(
        "ST_SNAPTOGRID",
        &[P::Geography, P::Float],
        R::Is(T::Geography),
        Body::Strict(|a, _| {
            let size = a[1].float();
            let snap = |v: f64| if size > 0.0 { (v / size).round() / (1.0 / size) } else { v };
            match read(&a[0])? {
                Shape::Point((x, y)) => Ok(made(&Shape::Point((snap(x), snap(y))))),
                shape if shape.is_empty() => Ok(a[0].clone()),
                _ => Err("ST_SNAPTOGRID of anything but a point is not supported by the embedded endpoint".to_owned()),
            }
        }),
    ),
];

/// A hole as a line that has it on its left.
fn hole(mut ring: Vec<Point>) -> Shape {
    let turn: f64 = ring.windows(2).map(|w| w[0].0 * w[1].1 - w[1].0 * w[0].1).sum();
    if turn < 0.0 {
        ring.pop();
        ring.reverse();
        ring.extend(ring.first().copied());
    }
    Shape::Line(ring)
}

fn is_simple(points: &[Point]) -> bool {
    let edges: Vec<(Point, Point)> = points.windows(2).map(|w| (w[0], w[1])).collect();
    edges.iter().enumerate().all(|(i, x)| edges.iter().skip(i + 2).all(|y| !measure::crossing(*x, *y)))
}

/// The vertices, the last of a ring counted as well.
fn count(shape: &Shape) -> usize {
    match shape {
        Shape::Point(_) => 1,
        Shape::Line(points) => points.len(),
        Shape::Polygon(rings) => rings.iter().map(Vec::len).sum(),
        Shape::Collection(parts) => parts.iter().map(count).sum(),
    }
}

/// The nth vertex of a line, from its end where n is negative.
fn nth<'a>(value: &Value<'_>, n: i64, name: &str) -> Result<Value<'a>, String> {
    let Shape::Line(points) = read(value)? else {
        return Err(format!("{name} takes a linestring"));
    };
    let length = i64::try_from(points.len()).unwrap_or(i64::MAX);
    let place = if n < 0 { length + n } else { n - 1 };
    Ok(usize::try_from(place).ok().and_then(|i| points.get(i)).map_or(Value::Null, |p| made(&Shape::Point(*p))))
}

fn make_line<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
    let mut points: Vec<Point> = Vec::new();
    let mut add = |value: &Value<'_>| -> Result<(), String> {
        match read(value)? {
            Shape::Point(p) => points.push(p),
            Shape::Line(own) => points.extend(own),
            other if other.is_empty() => {}
            _ => return Err("ST_MAKELINE takes points and linestrings".to_owned()),
        }
        Ok(())
    };
    match &a[0] {
        Value::List(items) => cells_of(items).map_err(|e| e.to_string())?.iter().filter(|v| !v.is_null()).try_for_each(&mut add)?,
        one @ Value::Geography(_) => add(one)?,
        _ => return Err("No matching signature for function ST_MAKELINE".to_owned()),
    }
    if let Some(second) = a.get(1) {
        add(second)?;
    }
    points.dedup();
    Ok(match points.as_slice() {
        [] => made(&Shape::Collection(Vec::new())),
        [one] => made(&Shape::Point(*one)),
        _ => made(&Shape::Line(points)),
    })
}

fn ring(shape: &Shape) -> Result<Vec<Point>, String> {
    let Shape::Line(points) = shape else {
        return Err("ST_MAKEPOLYGON takes linestrings".to_owned());
    };
    let mut points = points.clone();
    if points.first() != points.last()
        && let Some(first) = points.first().copied()
    {
        points.push(first);
    }
    if points.len() < 4 {
        return Err("ST_MAKEPOLYGON takes linestrings of at least three vertices".to_owned());
    }
    Ok(points)
}

fn boundary<'a>(shape: &Shape) -> Result<Value<'a>, String> {
    Ok(made(&match shape {
        Shape::Line(points) if points.first() == points.last() => Shape::Collection(Vec::new()),
        Shape::Line(points) => Shape::Collection([points.first(), points.last()].into_iter().flatten().map(|p| Shape::Point(*p)).collect()),
        Shape::Polygon(rings) if rings.len() == 1 => Shape::Line(rings[0].clone()),
        Shape::Polygon(rings) => Shape::Collection(rings.iter().map(|r| Shape::Line(r.clone())).collect()),
        Shape::Point(_) => Shape::Collection(Vec::new()),
        Shape::Collection(parts) if parts.is_empty() => Shape::Collection(Vec::new()),
        Shape::Collection(_) => return Err("ST_BOUNDARY of a collection is not supported by the embedded endpoint".to_owned()),
    }))
}

fn box_type() -> DataType {
    let field = |name: &str| Arc::new(Field::new(name, DataType::Float64, true));
    DataType::Struct(Fields::from(vec![field("xmin"), field("ymin"), field("xmax"), field("ymax")]))
}

/// The box of the vertices, for shapes that lie on one side of the antimeridian.
fn bounding_box<'a>(shape: &Shape) -> Result<Value<'a>, String> {
    if shape.is_empty() {
        return Ok(Value::Null);
    }
    if measure::edges(shape).iter().any(|(a, b)| (a.0 - b.0).abs() > 180.0) {
        return Err("ST_BOUNDINGBOX of a shape that crosses the antimeridian is not supported by the embedded endpoint".to_owned());
    }
    let points = shape.points();
    let fold = |pick: fn(&Point) -> f64, best: fn(f64, f64) -> f64| points.iter().map(pick).reduce(best).unwrap_or(0.0);
    let sides = [fold(|p| p.0, f64::min), fold(|p| p.1, f64::min), fold(|p| p.0, f64::max), fold(|p| p.1, f64::max)];
    box_of(sides)
}

/// West, south, east, north as a STRUCT.
fn box_of<'a>(sides: [f64; 4]) -> Result<Value<'a>, String> {
    let DataType::Struct(fields) = box_type() else { return Ok(Value::Null) };
    let columns = sides.into_iter().map(|v| Arc::new(Float64Array::from(vec![v])) as ArrayRef).collect();
    let made = StructArray::try_new(fields, columns, None).map_err(|e| e.to_string())?;
    Ok(Value::Other(ScalarValue::Struct(Arc::new(made))))
}
