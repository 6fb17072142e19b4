//! KML geometries in and out, and shapes made of points.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/geography_functions#st_askml> and beside it.

use super::super::cast::float_text;
use super::super::udf::{Body, Def, P, R, T};
use super::super::value::{Value, cells, text};
use super::measure::{between, edges, nearest};
use super::shape::{self, Point, Shape};
use super::{made, read, ring};

pub(super) const DEFS: &[Def] = &[
    Def::new("ST_ASKML", &[P::Geography], R::Is(T::Str), Body::Strict(|a, _| Ok(text(kml(&read(&a[0])?))))),
    Def::new("ST_GEOGFROMKML", &[P::Str], R::Is(T::Geography), Body::Strict(|a, _| Ok(made(&from_kml(a[0].str())?)))),
    Def::new(
        "ST_CLOSESTPOINT",
        &[P::Geography, P::Geography],
        R::Is(T::Geography),
        Body::Strict(|a, _| {
            let (own, other) = (read(&a[0])?, read(&a[1])?);
            if other.dimension() > 0 {
                return Err("ST_CLOSESTPOINT to anything but points is not supported by the embedded endpoint".to_owned());
            }
            let mut best: Option<(f64, Point)> = None;
            for p in other.points() {
                for (s, e) in edges(&own) {
                    let at = nearest(p, s, e);
                    let far = between(p, at);
                    if best.is_none_or(|(b, _)| far < b) {
                        best = Some((far, at));
                    }
                }
            }
            Ok(best.map_or(Value::Null, |(_, p)| made(&Shape::Point(p))))
        }),
    ),
    Def::new(
        "ST_UNION",
        &[P::Any, P::Geography],
        R::Is(T::Geography),
        Body::Strict(|a, _| {
            let mut points = Vec::new();
            let mut add = |value: &Value<'_>| -> Result<(), String> {
                let shape = read(value)?;
                if shape.dimension() > 0 {
                    return Err("ST_UNION of anything but points is not supported by the embedded endpoint".to_owned());
                }
                points.extend(shape.points());
                Ok(())
            };
            match &a[0] {
                Value::List(items) => cells(items).map_err(|e| e.to_string())?.iter().filter(|v| !v.is_null()).try_for_each(&mut add)?,
                one => add(one)?,
            }
            if let Some(second) = a.get(1) {
                add(second)?;
            }
            points.sort_by(|x, y| x.0.total_cmp(&y.0).then(x.1.total_cmp(&y.1)));
            points.dedup();
            Ok(made(&match points.as_slice() {
                [one] => Shape::Point(*one),
                _ => Shape::Collection(points.into_iter().map(Shape::Point).collect()),
            }))
        }),
    )
    .optional(1),
    Def::new(
        "ST_MAKEPOLYGONORIENTED",
        &[P::Array],
        R::Is(T::Geography),
        Body::Strict(|a, _| {
            let Some(items) = a[0].list() else { return Ok(Value::Null) };
            let rings = cells(items).map_err(|e| e.to_string())?.iter().map(|v| ring(&read(v)?)).collect::<Result<Vec<_>, _>>()?;
            Ok(made(&Shape::Polygon(rings)))
        }),
    ),
];

fn coordinates(points: &[Point]) -> String {
    let each: Vec<String> = points.iter().map(|(x, y)| format!("{},{}", float_text(*x), float_text(*y))).collect();
    format!("<coordinates>{}</coordinates>", each.join(" "))
}

fn kml(shape: &Shape) -> String {
    match shape {
        Shape::Point(p) => format!("<Point>{}</Point>", coordinates(&[*p])),
        Shape::Line(points) => format!("<LineString>{}</LineString>", coordinates(points)),
        Shape::Polygon(rings) => {
            let each = rings.iter().enumerate().map(|(i, r)| {
                let side = if i == 0 { "outerBoundaryIs" } else { "innerBoundaryIs" };
                format!("<{side}><LinearRing>{}</LinearRing></{side}>", coordinates(r))
            });
            format!("<Polygon>{}</Polygon>", each.collect::<String>())
        }
        Shape::Collection(parts) => format!("<MultiGeometry>{}</MultiGeometry>", parts.iter().map(kml).collect::<String>()),
    }
}

/// A point or a linestring; polygons and collections of KML are refused.
fn from_kml(written: &str) -> Result<Shape, String> {
    let bad = || "ST_GeogFromKML failed: Invalid KML".to_owned();
    let inner = |name: &str| {
        let body = written.trim().strip_prefix(&format!("<{name}>"))?.strip_suffix(&format!("</{name}>"))?;
        body.trim().strip_prefix("<coordinates>")?.strip_suffix("</coordinates>")
    };
    let points = |body: &str| -> Result<Vec<Point>, String> {
        body.split_whitespace()
            .map(|pair| {
                let mut numbers = pair.split(',').map(|n| n.parse::<f64>().map_err(|_| bad()));
                let (x, y) = (numbers.next().ok_or_else(bad)??, numbers.next().ok_or_else(bad)??);
                shape::point(x, y)
            })
            .collect()
    };
    if let Some(body) = inner("Point") {
        return points(body)?.first().map(|p| Shape::Point(*p)).ok_or_else(bad);
    }
    if let Some(body) = inner("LineString") {
        let found = points(body)?;
        return if found.len() < 2 { Err(bad()) } else { Ok(Shape::Line(found)) };
    }
    if written.contains("<Polygon>") || written.contains("<MultiGeometry>") {
        return Err("ST_GEOGFROMKML of polygons and collections is not supported by the embedded endpoint".to_owned());
    }
    Err(bad())
}
