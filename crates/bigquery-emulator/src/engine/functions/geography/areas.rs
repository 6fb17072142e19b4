//! Shapes made of shapes, as far as no overlay is needed: circles around points, hulls, holes, extents, centroids of groups.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/geography_functions#st_buffer> and beside it.

use super::super::udf::{Body, Def, P, R, T};
use super::super::value::{Value, cells};
use super::measure::{RADIUS, between, centroid, crossing, distance, edges, inside, of_vector, on_boundary, vector};
use super::shape::{Point, Shape};
use super::{box_of, box_type, made, read};

pub(super) const DEFS: &[Def] = &[
    Def::new("ST_BUFFER", &[P::Geography, P::Float, P::Float], R::Is(T::Geography), Body::Strict(|a, _| buffer(a))).optional(1),
    Def::new("ST_BUFFERWITHTOLERANCE", &[P::Geography, P::Float, P::Float], R::Is(T::Geography), Body::Strict(|a, _| with_tolerance(a))),
    Def::new("ST_CONVEXHULL", &[P::Geography], R::Is(T::Geography), Body::Strict(|a, _| hull(&read(&a[0])?))),
    Def::new("ST_DIFFERENCE", &[P::Geography, P::Geography], R::Is(T::Geography), Body::Strict(|a, _| difference(a))),
    // Of the ARRAY of a group's shapes.
    Def::new("$ST_EXTENT", &[P::Array], R::Custom(|_, _| Ok(box_type())), Body::Strict(|a, _| extent(&collected(&a[0])?))),
    Def::new("$ST_CENTROID_AGG", &[P::Array], R::Is(T::Geography), Body::Strict(|a, _| centroid_of(&collected(&a[0])?))),
];

fn collected(value: &Value<'_>) -> Result<Shape, String> {
    let Some(list) = value.list() else { return Ok(Shape::Collection(Vec::new())) };
    let shapes = cells(list).map_err(|e| e.to_string())?;
    Ok(Shape::Collection(shapes.iter().filter(|s| !s.is_null()).map(read).collect::<Result<_, _>>()?))
}

/// The regular polygon around a point, whose vertices lie at a distance.
fn around(center: Point, radius: f64, sides: u32) -> Shape {
    let (lon, lat) = (center.0.to_radians(), center.1.to_radians());
    let arc = radius / RADIUS;
    let vertex = |i: u32| {
        let turn = -2.0 * std::f64::consts::PI * f64::from(i) / f64::from(sides);
        let y = (lat.sin() * arc.cos() + lat.cos() * arc.sin() * turn.cos()).asin();
        let x = lon + (turn.sin() * arc.sin() * lat.cos()).atan2(arc.cos() - lat.sin() * y.sin());
        ((x.to_degrees() + 540.0).rem_euclid(360.0) - 180.0, y.to_degrees())
    };
    let mut ring: Vec<Point> = (0..sides).map(vertex).collect();
    ring.extend(ring.first().copied());
    Shape::Polygon(vec![ring])
}

/// A circle around a point, where the sides are as many as asked for.
fn circle<'a>(value: &Value<'a>, radius: f64, sides: f64, name: &str) -> Result<Value<'a>, String> {
    if !(0.0..=RADIUS).contains(&radius) {
        return Err(format!("{name} takes a radius of 0 metres or more that is less than the Earth's"));
    }
    if !(3.0..=10_000.0).contains(&sides) {
        return Err(format!("{name} of this many sides is not supported by the embedded endpoint"));
    }
    match read(value)? {
        Shape::Point(_) if radius == 0.0 => Ok(value.clone()),
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 3 to 10000")]
        Shape::Point(p) => Ok(made(&around(p, radius, sides as u32))),
        shape if shape.is_empty() => Ok(value.clone()),
        _ => Err(format!("{name} of anything but a point is not supported by the embedded endpoint")),
    }
}

fn buffer<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
    let segments = a.get(2).map_or(8.0, Value::float);
    if segments.is_nan() || segments < 1.0 {
        return Err("ST_BUFFER takes a number of segments of 1 or more".to_owned());
    }
    circle(&a[0], a[1].float(), (4.0 * segments).ceil(), "ST_BUFFER")
}

/// As few sides as keep within a tolerance of the circle.
fn with_tolerance<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
    let (radius, tolerance) = (a[1].float(), a[2].float());
    if tolerance.is_nan() || tolerance <= 0.0 {
        return Err("ST_BUFFERWITHTOLERANCE takes a tolerance of more than 0 metres".to_owned());
    }
    let sides = (std::f64::consts::PI / (1.0 - tolerance / radius).clamp(-1.0, 1.0).acos()).ceil().max(3.0);
    circle(&a[0], radius, sides, "ST_BUFFERWITHTOLERANCE")
}

/// Which side of the great circle through two points a third lies on: above 0 on the left.
fn side(a: Point, b: Point, c: Point) -> f64 {
    let (a, b, c) = (vector(a), vector(b), vector(c));
    let cross = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
    cross[0] * c[0] + cross[1] * c[1] + cross[2] * c[2]
}

/// The hull of vertices that lie within a quarter of the sphere, by walking around them.
fn hull<'a>(shape: &Shape) -> Result<Value<'a>, String> {
    let mut points = shape.points();
    points.sort_by(|p, q| p.0.total_cmp(&q.0).then(p.1.total_cmp(&q.1)));
    points.dedup();
    let wide = points.iter().any(|p| points.iter().any(|q| between(*p, *q) > RADIUS * std::f64::consts::FRAC_PI_2));
    let across = points.last().zip(points.first()).is_some_and(|(e, w)| e.0 - w.0 > 90.0);
    if wide || across {
        return Err("ST_CONVEXHULL of shapes this wide is not supported by the embedded endpoint".to_owned());
    }
    match points.as_slice() {
        [] => return Ok(made(&Shape::Collection(Vec::new()))),
        [one] => return Ok(made(&Shape::Point(*one))),
        [_, _] => return Ok(made(&Shape::Line(points))),
        _ => {}
    }
    // The westernmost vertex is on the hull; each next one has all others on its left.
    let start = points[0];
    let mut ring = vec![start];
    loop {
        let at = ring[ring.len() - 1];
        let mut next = if points[0] == at { points[1] } else { points[0] };
        for p in points.iter().filter(|p| **p != at) {
            let turn = side(at, next, *p);
            if turn < -1e-15 || (turn.abs() <= 1e-15 && between(at, *p) > between(at, next)) {
                next = *p;
            }
        }
        ring.push(next);
        if next == start {
            break;
        }
        if ring.len() > points.len() + 1 {
            return Err("ST_CONVEXHULL of these shapes is not supported by the embedded endpoint".to_owned());
        }
    }
    Ok(made(&if ring.len() < 4 { Shape::Line(ring[..2].to_vec()) } else { Shape::Polygon(vec![ring]) }))
}

/// A polygon without what lies apart from it or wholly inside of it.
fn difference<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
    let (whole, part) = (read(&a[0])?, read(&a[1])?);
    if whole.is_empty() || part.is_empty() || distance(&whole, &part).is_none_or(|d| d > 1e-6) {
        return Ok(a[0].clone());
    }
    if whole == part {
        return Ok(made(&Shape::Collection(Vec::new())));
    }
    if let (Shape::Point(_), _) = (&whole, &part) {
        return Ok(made(&Shape::Collection(Vec::new())));
    }
    match (&whole, &part) {
        (Shape::Polygon(shell), Shape::Polygon(hole)) if shell.len() == 1 && hole.len() == 1 => {
            let own = edges(&whole);
            let apart = !edges(&part).into_iter().any(|e| own.iter().any(|o| crossing(e, *o)));
            let within = part.points().iter().all(|p| inside(&whole, *p) && !on_boundary(&whole, *p));
            if apart && within {
                let mut ring: Vec<Point> = hole[0][..hole[0].len() - 1].iter().rev().copied().collect();
                ring.extend(ring.first().copied());
                return Ok(made(&Shape::Polygon(vec![shell[0].clone(), ring])));
            }
        }
        (_, other) if other.dimension() < whole.dimension() => return Ok(a[0].clone()),
        _ => {}
    }
    Err("ST_DIFFERENCE of shapes that overlap is not supported by the embedded endpoint".to_owned())
}

/// The highest and lowest latitude of an edge, which bends towards the pole.
fn latitudes((a, b): (Point, Point)) -> (f64, f64) {
    let (mut low, mut high) = (a.1.min(b.1), a.1.max(b.1));
    let (v, w) = (vector(a), vector(b));
    let normal = [v[1] * w[2] - v[2] * w[1], v[2] * w[0] - v[0] * w[2], v[0] * w[1] - v[1] * w[0]];
    // The circle's northernmost point, and whether it lies between the ends.
    let top = [-normal[0] * normal[2], -normal[1] * normal[2], normal[0] * normal[0] + normal[1] * normal[1]];
    for (sign, north) in [(1.0, true), (-1.0, false)] {
        let point = of_vector([top[0] * sign, top[1] * sign, top[2] * sign]);
        if top.iter().any(|c| *c != 0.0) && (between(a, point) + between(point, b) - between(a, b)).abs() < 1e-6 {
            if north { high = high.max(point.1) } else { low = low.min(point.1) }
        }
    }
    (low, high)
}

/// The smallest box around shapes, across the antimeridian where that is shorter.
fn extent<'a>(shape: &Shape) -> Result<Value<'a>, String> {
    let all = edges(shape);
    if all.is_empty() {
        return Ok(Value::Null);
    }
    let mut spans: Vec<(f64, f64)> = Vec::new();
    let (mut south, mut north) = (f64::INFINITY, f64::NEG_INFINITY);
    for edge in all {
        let (low, high) = latitudes(edge);
        (south, north) = (south.min(low), north.max(high));
        let (west, east) = (edge.0.0.min(edge.1.0), edge.0.0.max(edge.1.0));
        spans.push(if east - west > 180.0 { (east, west + 360.0) } else { (west, east) });
    }
    // What lies inside of a polygon lies between its edges, so that the widest gap between spans is outside of all.
    spans.sort_by(|x, y| x.0.total_cmp(&y.0));
    let mut joined: Vec<(f64, f64)> = Vec::new();
    for span in spans.iter().copied().chain(spans.iter().map(|s| (s.0 + 360.0, s.1 + 360.0))) {
        match joined.last_mut() {
            Some(last) if span.0 <= last.1 => last.1 = last.1.max(span.1),
            _ => joined.push(span),
        }
    }
    let gap = joined.windows(2).map(|w| (w[1].0 - w[0].1, w[1].0, w[0].1)).max_by(|x, y| x.0.total_cmp(&y.0));
    let (west, east) = match gap {
        Some((_, start, end)) => {
            let west = if start >= 180.0 { start - 360.0 } else { start };
            (west, west + (end + 360.0 - start).rem_euclid(360.0))
        }
        None => (-180.0, 180.0),
    };
    box_of([west, south, east, north])
}

fn centroid_of<'a>(shape: &Shape) -> Result<Value<'a>, String> {
    if shape.dimension() == 2 {
        return Err("ST_CENTROID_AGG of polygons is not supported by the embedded endpoint".to_owned());
    }
    Ok(centroid(shape).map_or_else(|| made(&Shape::Collection(Vec::new())), |p| made(&Shape::Point(p))))
}
