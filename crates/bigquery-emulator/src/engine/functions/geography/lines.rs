//! Along lines and between sets of vertices: ST_LINELOCATEPOINT, ST_LINESUBSTRING, ST_SIMPLIFY, ST_ANGLE, Hausdorff distances.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/geography_functions#st_linesubstring> and beside it.

use super::super::udf::{Body, Def, P, R, T};
use super::super::value::Value;
use super::measure::{along, azimuth, between, distance, edges, line_length, nearest};
use super::shape::{Point, Shape};
use super::{made, read, single};

pub(super) const DEFS: &[Def] = &[
    Def::new("ST_ANGLE", &[P::Geography, P::Geography, P::Geography], R::Is(T::Float), Body::Strict(|a, _| angle(a))),
    Def::new("ST_LINELOCATEPOINT", &[P::Geography, P::Geography], R::Is(T::Float), Body::Strict(|a, _| locate(a))),
    Def::new("ST_LINESUBSTRING", &[P::Geography, P::Float, P::Float], R::Is(T::Geography), Body::Strict(|a, _| substring(a))),
    Def::new("ST_SIMPLIFY", &[P::Geography, P::Float], R::Is(T::Geography), Body::Strict(|a, _| simplify(a))),
    Def::new("ST_HAUSDORFFDISTANCE", &[P::Geography, P::Geography], R::Is(T::Float), Body::Strict(|a, _| both_ways(a))),
    Def::new(
        "$ST_HAUSDORFF_DIRECTED",
        &[P::Geography, P::Geography],
        R::Is(T::Float),
        Body::Strict(|a, _| Ok(hausdorff(&read(&a[0])?, &read(&a[1])?).map_or(Value::Null, Value::Float))),
    ),
    Def::new("ST_HAUSDORFFDWITHIN", &[P::Geography, P::Geography, P::Float], R::Is(T::Bool), Body::Strict(|a, _| within(a, true))),
    Def::new(
        "$ST_HAUSDORFFDWITHIN_DIRECTED",
        &[P::Geography, P::Geography, P::Float],
        R::Is(T::Bool),
        Body::Strict(|a, _| within(a, false)),
    ),
];

/// The angle at the second of three points, from the first to the third, clockwise.
fn angle<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
    let points = [single(&a[0], "ST_ANGLE")?, single(&a[1], "ST_ANGLE")?, single(&a[2], "ST_ANGLE")?];
    let [Some(from), Some(at), Some(to)] = points else { return Ok(Value::Null) };
    // Between antipodes there is no one way.
    let opposite = |p: Point, q: Point| between(p, q) > 20_015_118.0;
    if opposite(at, from) || opposite(at, to) {
        return Ok(Value::Null);
    }
    let (Some(first), Some(second)) = (azimuth(at, from), azimuth(at, to)) else { return Ok(Value::Null) };
    Ok(Value::Float((second - first).rem_euclid(2.0 * std::f64::consts::PI)))
}

fn line_of(value: &Value<'_>, name: &str) -> Result<Vec<Point>, String> {
    match read(value)? {
        Shape::Line(points) => Ok(points),
        shape if shape.is_empty() => Ok(Vec::new()),
        _ => Err(format!("{name} takes a linestring")),
    }
}

/// How far along a line, as a share, the point is that lies nearest to a point.
fn locate<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
    let line = line_of(&a[0], "ST_LINELOCATEPOINT")?;
    let Some(point) = single(&a[1], "ST_LINELOCATEPOINT")? else { return Ok(Value::Null) };
    let (mut best, mut before, mut found) = (f64::INFINITY, 0.0, 0.0);
    for edge in line.windows(2) {
        let on = nearest(point, edge[0], edge[1]);
        if between(point, on) < best {
            best = between(point, on);
            found = before + between(edge[0], on);
        }
        before += between(edge[0], edge[1]);
    }
    Ok(if line.is_empty() { Value::Null } else { Value::Float(if before > 0.0 { (found / before).clamp(0.0, 1.0) } else { 0.0 }) })
}

fn substring<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
    let line = line_of(&a[0], "ST_LINESUBSTRING")?;
    let (start, end) = (a[1].float(), a[2].float());
    if !(0.0..=1.0).contains(&start) || !(0.0..=1.0).contains(&end) || start > end {
        return Err("ST_LINESUBSTRING takes fractions from 0 to 1, the first not above the second".to_owned());
    }
    if line.is_empty() {
        return Ok(a[0].clone());
    }
    let whole = line_length(&Shape::Line(line.clone()));
    let (start, end) = (whole * start, whole * end);
    let mut points: Vec<Point> = Vec::new();
    let mut before = 0.0;
    for edge in line.windows(2) {
        let step = between(edge[0], edge[1]);
        let at = |distance: f64| if step == 0.0 { edge[0] } else { along(edge[0], edge[1], ((distance - before) / step).clamp(0.0, 1.0)) };
        if points.is_empty() && start <= before + step {
            points.push(if start <= before { edge[0] } else { at(start) });
        }
        if !points.is_empty() {
            if end < before + step {
                points.push(at(end));
                break;
            }
            points.push(edge[1]);
        }
        before += step;
    }
    points.dedup();
    Ok(made(&match points.as_slice() {
        [] => line.last().map_or(Shape::Collection(Vec::new()), |p| Shape::Point(*p)),
        [one] => Shape::Point(*one),
        _ => Shape::Line(points),
    }))
}

/// By Douglas and Peucker: a vertex stays that lies farther than the tolerance from what would stand in its place.
fn simplify<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
    fn keep(points: &[Point], tolerance: f64, kept: &mut Vec<Point>) {
        let [first, middle @ .., last] = points else { return };
        let far = middle.iter().map(|p| between(*p, nearest(*p, *first, *last))).enumerate().max_by(|x, y| x.1.total_cmp(&y.1));
        match far {
            Some((at, distance)) if distance > tolerance => {
                keep(&points[..=at + 1], tolerance, kept);
                kept.push(points[at + 1]);
                keep(&points[at + 1..], tolerance, kept);
            }
            _ => {}
        }
    }
    let tolerance = a[1].float();
    if tolerance.is_nan() || tolerance < 0.0 {
        return Err("ST_SIMPLIFY takes a tolerance of 0 metres or more".to_owned());
    }
    match read(&a[0])? {
        Shape::Line(points) => {
            let (Some(first), Some(last)) = (points.first(), points.last()) else { return Ok(a[0].clone()) };
            if first == last {
                return Err("ST_SIMPLIFY of a closed linestring is not supported by the embedded endpoint".to_owned());
            }
            let mut kept = vec![*first];
            keep(&points, tolerance, &mut kept);
            kept.push(*last);
            Ok(made(&Shape::Line(kept)))
        }
        Shape::Point(_) => Ok(a[0].clone()),
        shape if shape.is_empty() => Ok(a[0].clone()),
        _ => Err("ST_SIMPLIFY of anything but a linestring is not supported by the embedded endpoint".to_owned()),
    }
}

/// The greatest of the distances of one shape's vertices to the other shape.
fn hausdorff(from: &Shape, to: &Shape) -> Option<f64> {
    if to.is_empty() {
        return None;
    }
    let to_shape = |p: Point| {
        let along_edges = edges(to).into_iter().map(|(s, e)| between(p, nearest(p, s, e))).reduce(f64::min);
        if to.dimension() == 2 { distance(&Shape::Point(p), to) } else { along_edges }
    };
    from.points().into_iter().filter_map(to_shape).reduce(f64::max)
}

fn undirected(a: &[Value<'_>]) -> Result<Option<f64>, String> {
    let (one, other) = (read(&a[0])?, read(&a[1])?);
    Ok(hausdorff(&one, &other).zip(hausdorff(&other, &one)).map(|(x, y)| x.max(y)))
}

fn both_ways<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
    Ok(undirected(a)?.map_or(Value::Null, Value::Float))
}

fn within<'a>(a: &[Value<'a>], both: bool) -> Result<Value<'a>, String> {
    let distance = if both { undirected(a)? } else { hausdorff(&read(&a[0])?, &read(&a[1])?) };
    Ok(Value::Bool(distance.is_some_and(|d| d <= a[2].float())))
}
