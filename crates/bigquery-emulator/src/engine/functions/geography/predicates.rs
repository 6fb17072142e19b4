//! How two shapes lie to each other. Points against anything are told; what needs the overlay of two polygons is refused.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/geography_functions#st_contains> and beside it.

use super::super::udf::{Body, Def, P, R, T};
use super::super::value::Value;
use super::measure::{crossing, distance, edges, inside, on_boundary};
use super::read;
use super::shape::Shape;

pub(super) const DEFS: &[Def] = &[
    Def::new(
        "ST_CONTAINS",
        &[P::Geography, P::Geography],
        R::Is(T::Bool),
        Body::Strict(|a, _| contains(&read(&a[0])?, &read(&a[1])?, "ST_CONTAINS")),
    ),
    Def::new(
        "ST_WITHIN",
        &[P::Geography, P::Geography],
        R::Is(T::Bool),
        Body::Strict(|a, _| contains(&read(&a[1])?, &read(&a[0])?, "ST_WITHIN")),
    ),
    Def::new(
        "ST_COVERS",
        &[P::Geography, P::Geography],
        R::Is(T::Bool),
        Body::Strict(|a, _| covers(&read(&a[0])?, &read(&a[1])?, "ST_COVERS")),
    ),
    Def::new(
        "ST_COVEREDBY",
        &[P::Geography, P::Geography],
        R::Is(T::Bool),
        Body::Strict(|a, _| covers(&read(&a[1])?, &read(&a[0])?, "ST_COVEREDBY")),
    ),
    Def::new(
        "ST_INTERSECTS",
        &[P::Geography, P::Geography],
        R::Is(T::Bool),
        Body::Strict(|a, _| Ok(Value::Bool(meet(&read(&a[0])?, &read(&a[1])?)))),
    ),
    Def::new(
        "ST_DISJOINT",
        &[P::Geography, P::Geography],
        R::Is(T::Bool),
        Body::Strict(|a, _| Ok(Value::Bool(!meet(&read(&a[0])?, &read(&a[1])?)))),
    ),
    Def::new(
        "ST_DWITHIN",
        &[P::Geography, P::Geography, P::Float],
        R::Is(T::Bool),
        Body::Strict(|a, _| Ok(Value::Bool(distance(&read(&a[0])?, &read(&a[1])?).is_some_and(|d| d <= a[2].float())))),
    ),
    Def::new("ST_EQUALS", &[P::Geography, P::Geography], R::Is(T::Bool), Body::Strict(|a, _| equals(&read(&a[0])?, &read(&a[1])?))),
    Def::new("ST_TOUCHES", &[P::Geography, P::Geography], R::Is(T::Bool), Body::Strict(|a, _| touches(&read(&a[0])?, &read(&a[1])?))),
    Def::new(
        "ST_INTERSECTSBOX",
        &[P::Geography, P::Float, P::Float, P::Float, P::Float],
        R::Is(T::Bool),
        Body::Strict(|a, _| match read(&a[0])? {
            Shape::Point((x, y)) => {
                let (west, south, east, north) = (a[1].float(), a[2].float(), a[3].float(), a[4].float());
                let across = if west <= east { (west..=east).contains(&x) } else { x >= west || x <= east };
                Ok(Value::Bool(across && (south..=north).contains(&y)))
            }
            shape if shape.is_empty() => Ok(Value::Bool(false)),
            _ => Err("ST_INTERSECTSBOX of anything but a point is not supported by the embedded endpoint".to_owned()),
        }),
    ),
];

fn refused<T>(name: &str) -> Result<T, String> {
    Err(format!("{name} of these shapes is not supported by the embedded endpoint"))
}

fn meet(a: &Shape, b: &Shape) -> bool {
    // A millimetre's millionth stands for the rounding of sines.
    distance(a, b).is_some_and(|d| d < 1e-6)
}

/// Whether every point of `part` lies in `whole`, its boundary included.
fn covers<'a>(whole: &Shape, part: &Shape, name: &str) -> Result<Value<'a>, String> {
    if whole.is_empty() || part.is_empty() {
        return Ok(Value::Bool(false));
    }
    let holds = part.points().iter().all(|p| inside(whole, *p) || on_boundary(whole, *p));
    if !holds || part.dimension() == 0 {
        return Ok(Value::Bool(holds));
    }
    // Where no edge leaves a single polygon without holes, what has its vertices inside lies inside.
    match whole {
        Shape::Polygon(rings) if rings.len() == 1 => {
            let own = edges(whole);
            let leaves = edges(part).into_iter().any(|e| own.iter().any(|o| crossing(e, *o)));
            let strictly = part.points().iter().all(|p| !on_boundary(whole, *p));
            if leaves {
                Ok(Value::Bool(false))
            } else if strictly {
                Ok(Value::Bool(true))
            } else {
                refused(name)
            }
        }
        _ => refused(name),
    }
}

/// As [`covers`], but the inside must be met.
fn contains<'a>(whole: &Shape, part: &Shape, name: &str) -> Result<Value<'a>, String> {
    match covers(whole, part, name)? {
        Value::Bool(true) if whole.dimension() == 2 => {
            Ok(Value::Bool(part.points().iter().any(|p| inside(whole, *p)) || part.dimension() > 0))
        }
        Value::Bool(true) if whole.dimension() == 1 && part.dimension() == 0 => {
            let ends: Vec<_> = whole
                .parts()
                .iter()
                .filter_map(|s| match s {
                    Shape::Line(points) if points.first() != points.last() => Some([points.first(), points.last()]),
                    _ => None,
                })
                .flatten()
                .flatten()
                .copied()
                .collect();
            Ok(Value::Bool(part.points().iter().any(|p| !ends.contains(p))))
        }
        other => Ok(other),
    }
}

fn equals<'a>(a: &Shape, b: &Shape) -> Result<Value<'a>, String> {
    if a == b {
        return Ok(Value::Bool(true));
    }
    let sorted = |s: &Shape| {
        let mut points = s.points();
        points.sort_by(|x, y| x.0.total_cmp(&y.0).then(x.1.total_cmp(&y.1)));
        points.dedup();
        points
    };
    if sorted(a) != sorted(b) && a.dimension() == 0 && b.dimension() == 0 || a.dimension() != b.dimension() {
        return Ok(Value::Bool(false));
    }
    if a.dimension() == 0 {
        return Ok(Value::Bool(true));
    }
    refused("ST_EQUALS")
}

fn touches<'a>(a: &Shape, b: &Shape) -> Result<Value<'a>, String> {
    if !meet(a, b) {
        return Ok(Value::Bool(false));
    }
    let (whole, part) = if b.dimension() == 0 { (a, b) } else { (b, a) };
    if part.dimension() != 0 {
        return refused("ST_TOUCHES");
    }
    // A point touches a shape at its boundary: the ends of a line, the rings of a polygon.
    let boundary = |p| match whole {
        Shape::Line(points) => points.first() != points.last() && (points.first() == Some(&p) || points.last() == Some(&p)),
        Shape::Polygon(_) => on_boundary(whole, p) && !inside(whole, p),
        _ => false,
    };
    let met: Vec<_> = part.points().into_iter().filter(|p| on_boundary(whole, *p) || inside(whole, *p)).collect();
    Ok(Value::Bool(met.iter().all(|p| boundary(*p))))
}
