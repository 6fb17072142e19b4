//! Distances, lengths, areas and directions on the sphere that S2 takes the Earth for.
//!
//! Source: <https://cloud.google.com/bigquery/docs/geospatial-data#coordinate_systems_and_edges>

use super::shape::{Point, Shape};

/// The radius of S2's Earth in metres.
pub(super) const RADIUS: f64 = 6_371_010.0;

pub(super) type Vector = [f64; 3];

pub(super) fn vector((x, y): Point) -> Vector {
    let (x, y) = (x.to_radians(), y.to_radians());
    [y.cos() * x.cos(), y.cos() * x.sin(), y.sin()]
}

pub(super) fn of_vector(v: Vector) -> Point {
    (v[1].atan2(v[0]).to_degrees(), v[2].atan2(v[0].hypot(v[1])).to_degrees())
}

fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: Vector, b: Vector) -> Vector {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

fn length(a: Vector) -> f64 {
    dot(a, a).sqrt()
}

fn unit(a: Vector) -> Vector {
    let n = length(a);
    if n == 0.0 { a } else { [a[0] / n, a[1] / n, a[2] / n] }
}

/// The angle between two points, by the formula that is exact for near ones.
fn angle(a: Point, b: Point) -> f64 {
    let (lat1, lat2) = (a.1.to_radians(), b.1.to_radians());
    let (half_lat, half_lon) = ((lat2 - lat1) / 2.0, (b.0 - a.0).to_radians() / 2.0);
    let h = half_lat.sin().powi(2) + lat1.cos() * lat2.cos() * half_lon.sin().powi(2);
    2.0 * h.sqrt().min(1.0).asin()
}

pub(super) fn between(a: Point, b: Point) -> f64 {
    angle(a, b) * RADIUS
}

/// The nearest point of an edge.
pub(super) fn nearest(p: Point, a: Point, b: Point) -> Point {
    let (v, s, e) = (vector(p), vector(a), vector(b));
    let normal = unit(cross(s, e));
    if length(normal) == 0.0 {
        return a;
    }
    let on_circle = unit([v[0] - dot(v, normal) * normal[0], v[1] - dot(v, normal) * normal[1], v[2] - dot(v, normal) * normal[2]]);
    let inside = dot(cross(s, on_circle), normal) >= 0.0 && dot(cross(on_circle, e), normal) >= 0.0;
    if inside {
        of_vector(on_circle)
    } else if angle(p, a) <= angle(p, b) {
        a
    } else {
        b
    }
}

/// The edges of a shape; a point is an edge to itself.
pub(super) fn edges(shape: &Shape) -> Vec<(Point, Point)> {
    let of = |points: &[Point]| points.windows(2).map(|w| (w[0], w[1])).collect::<Vec<_>>();
    match shape {
        Shape::Point(p) => vec![(*p, *p)],
        Shape::Line(points) => of(points),
        Shape::Polygon(rings) => rings.iter().flat_map(|r| of(r)).collect(),
        Shape::Collection(parts) => parts.iter().flat_map(edges).collect(),
    }
}

/// Whether two edges cross in their insides.
pub(super) fn crossing((a, b): (Point, Point), (c, d): (Point, Point)) -> bool {
    let (a, b, c, d) = (vector(a), vector(b), vector(c), vector(d));
    let sign = |x: Vector, y: Vector, z: Vector| dot(cross(x, y), z).signum();
    let (abc, abd, cda, cdb) = (sign(a, b, c), sign(a, b, d), sign(c, d, a), sign(c, d, b));
    abc != abd && cda != cdb && abc == cdb && abd == cda
}

/// The distance in metres; `None` where one is empty.
pub(super) fn distance(a: &Shape, b: &Shape) -> Option<f64> {
    if a.is_empty() || b.is_empty() {
        return None;
    }
    if touches_inside(a, b) || touches_inside(b, a) {
        return Some(0.0);
    }
    let mut best = f64::INFINITY;
    for x in edges(a) {
        for y in edges(b) {
            if crossing(x, y) {
                return Some(0.0);
            }
            for (p, (s, e)) in [(x.0, y), (x.1, y), (y.0, x), (y.1, x)] {
                best = best.min(between(p, nearest(p, s, e)));
            }
        }
    }
    Some(best)
}

fn touches_inside(whole: &Shape, part: &Shape) -> bool {
    part.points().iter().any(|p| inside(whole, *p))
}

/// Whether a point lies in the inside of a polygon of a shape.
pub(super) fn inside(shape: &Shape, p: Point) -> bool {
    match shape {
        Shape::Polygon(rings) => {
            rings.split_first().is_some_and(|(shell, holes)| in_ring(shell, p) && !holes.iter().any(|h| in_ring(h, p)))
        }
        Shape::Collection(parts) => parts.iter().any(|s| inside(s, p)),
        _ => false,
    }
}

/// By the angles under which a point sees the ring, for rings of less than half the sphere.
fn in_ring(ring: &[Point], p: Point) -> bool {
    let v = vector(p);
    let mut sum = 0.0;
    for w in ring.windows(2) {
        let (a, b) = (vector(w[0]), vector(w[1]));
        let (x, y) = (cross(v, a), cross(v, b));
        let (nx, ny) = (length(x), length(y));
        if nx == 0.0 || ny == 0.0 {
            return false;
        }
        sum += dot(cross(x, y), v).atan2(dot(x, y));
    }
    // A point on the other side of the sphere sees the same angles: the ring's middle is on this side.
    let middle = ring.iter().fold([0.0; 3], |m, q| {
        let q = vector(*q);
        [m[0] + q[0], m[1] + q[1], m[2] + q[2]]
    });
    sum.abs() > std::f64::consts::PI && dot(middle, v) > 0.0
}

/// Whether a point lies on an edge or vertex of a shape.
pub(super) fn on_boundary(shape: &Shape, p: Point) -> bool {
    edges(shape).into_iter().any(|(a, b)| angle(p, nearest(p, a, b)) < 1e-13)
}

pub(super) fn line_length(shape: &Shape) -> f64 {
    match shape {
        Shape::Line(points) => points.windows(2).map(|w| between(w[0], w[1])).sum(),
        Shape::Collection(parts) => parts.iter().map(line_length).sum(),
        _ => 0.0,
    }
}

pub(super) fn perimeter(shape: &Shape) -> f64 {
    match shape {
        Shape::Polygon(rings) => rings.iter().flat_map(|r| r.windows(2)).map(|w| between(w[0], w[1])).sum(),
        Shape::Collection(parts) => parts.iter().map(perimeter).sum(),
        _ => 0.0,
    }
}

pub(super) fn area(shape: &Shape) -> f64 {
    match shape {
        Shape::Polygon(rings) => {
            let areas: Vec<f64> = rings.iter().map(|r| ring_area(r)).collect();
            areas.first().copied().unwrap_or(0.0) - areas.iter().skip(1).sum::<f64>()
        }
        Shape::Collection(parts) => parts.iter().map(area).sum(),
        _ => 0.0,
    }
}

/// The smaller side of a ring, as triangles from its first vertex.
fn ring_area(ring: &[Point]) -> f64 {
    let Some(first) = ring.first().map(|p| vector(*p)) else { return 0.0 };
    let mut sum = 0.0;
    for w in ring.windows(2) {
        let (b, c) = (vector(w[0]), vector(w[1]));
        let volume = dot(first, cross(b, c));
        sum += 2.0 * volume.atan2(1.0 + dot(first, b) + dot(b, c) + dot(c, first));
    }
    let excess = sum.abs();
    let excess = if excess > 2.0 * std::f64::consts::PI { 4.0 * std::f64::consts::PI - excess } else { excess };
    excess * RADIUS * RADIUS
}

/// The direction from one point to another in radians from the north, clockwise.
pub(super) fn azimuth(a: Point, b: Point) -> Option<f64> {
    if a == b {
        return None;
    }
    let (lat1, lat2, dlon) = (a.1.to_radians(), b.1.to_radians(), (b.0 - a.0).to_radians());
    let turn = (dlon.sin() * lat2.cos()).atan2(lat1.cos() * lat2.sin() - lat1.sin() * lat2.cos() * dlon.cos());
    Some(turn.rem_euclid(2.0 * std::f64::consts::PI))
}

/// The point at a share of the way along an edge.
pub(super) fn along(a: Point, b: Point, share: f64) -> Point {
    let full = angle(a, b);
    if full == 0.0 {
        return a;
    }
    let (v, w) = (vector(a), vector(b));
    let (x, y) = (((1.0 - share) * full).sin() / full.sin(), (share * full).sin() / full.sin());
    of_vector([x * v[0] + y * w[0], x * v[1] + y * w[1], x * v[2] + y * w[2]])
}

/// The middle of points, of lines by length.
pub(super) fn centroid(shape: &Shape) -> Option<Point> {
    let mut sum = [0.0; 3];
    let mut add = |v: Vector, weight: f64| {
        for (own, part) in sum.iter_mut().zip(v) {
            *own += part * weight;
        }
    };
    match shape.dimension() {
        0 => shape.points().into_iter().for_each(|p| add(vector(p), 1.0)),
        1 => {
            for (a, b) in edges(shape).into_iter().filter(|(a, b)| a != b) {
                add(vector(along(a, b, 0.5)), angle(a, b));
            }
        }
        _ => return None,
    }
    (length(sum) > 0.0).then(|| of_vector(unit(sum)))
}
