//! Points, lines and polygons, and their texts: WKT, GeoJSON, WKB.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/geography_functions#st_geogfromtext>

use super::super::cast::float_text;
use super::super::json::Tree;

/// Longitude and latitude in degrees.
pub(super) type Point = (f64, f64);

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    Point(Point),
    Line(Vec<Point>),
    /// The shell, then the holes; the first point of each ring is also its last. Without rings it is the whole globe.
    Polygon(Vec<Vec<Point>>),
    /// Parts, of one kind or not; none for what is empty.
    Collection(Vec<Shape>),
}

impl Shape {
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Shape::Collection(parts) if parts.is_empty())
    }

    /// The Earth's whole surface, which few functions know.
    pub(super) fn is_globe(&self) -> bool {
        matches!(self, Shape::Polygon(rings) if rings.is_empty())
    }

    /// All that is not a collection.
    pub(super) fn parts(&self) -> Vec<&Shape> {
        match self {
            Shape::Collection(parts) => parts.iter().flat_map(Shape::parts).collect(),
            other => vec![other],
        }
    }

    /// All vertices; the last of a ring, which is its first, is left out.
    pub(super) fn points(&self) -> Vec<Point> {
        match self {
            Shape::Point(p) => vec![*p],
            Shape::Line(points) => points.clone(),
            Shape::Polygon(rings) => rings.iter().flat_map(|r| r[..r.len() - 1].iter().copied()).collect(),
            Shape::Collection(parts) => parts.iter().flat_map(Shape::points).collect(),
        }
    }

    pub(super) fn dimension(&self) -> i64 {
        match self {
            Shape::Point(_) => 0,
            Shape::Line(_) => 1,
            Shape::Polygon(_) => 2,
            Shape::Collection(parts) => parts.iter().map(Shape::dimension).max().unwrap_or(-1),
        }
    }

    /// `ST_Point` and so on.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Shape::Point(_) => "Point",
            Shape::Line(_) => "LineString",
            Shape::Polygon(_) => "Polygon",
            Shape::Collection(parts) => {
                let all = |f: fn(&Shape) -> bool| !parts.is_empty() && parts.iter().all(f);
                if all(|s| matches!(s, Shape::Point(_))) {
                    "MultiPoint"
                } else if all(|s| matches!(s, Shape::Line(_))) {
                    "MultiLineString"
                } else if all(|s| matches!(s, Shape::Polygon(_))) {
                    "MultiPolygon"
                } else {
                    "GeometryCollection"
                }
            }
        }
    }

    pub(super) fn wkt(&self) -> String {
        if self.is_empty() {
            return "GEOMETRYCOLLECTION EMPTY".to_owned();
        }
        if self.is_globe() {
            return "FULLGLOBE".to_owned();
        }
        format!("{}{}", self.kind().to_uppercase(), self.wkt_body())
    }

    fn wkt_body(&self) -> String {
        let list = |points: &[Point]| {
            let each: Vec<String> = points.iter().map(|p| position(*p, " ")).collect();
            format!("({})", each.join(", "))
        };
        let rings = |all: &[Vec<Point>]| {
            let each: Vec<String> = all.iter().map(|r| list(r)).collect();
            format!("({})", each.join(", "))
        };
        match self {
            Shape::Point(p) => list(&[*p]),
            Shape::Line(points) => list(points),
            Shape::Polygon(all) => rings(all),
            Shape::Collection(parts) if self.kind() == "GeometryCollection" => {
                let each: Vec<String> = parts.iter().map(Shape::wkt).collect();
                format!("({})", each.join(", "))
            }
            Shape::Collection(parts) => {
                let each: Vec<String> = parts
                    .iter()
                    .map(|p| match p {
                        Shape::Point(p) => position(*p, " "),
                        other => other.wkt_body(),
                    })
                    .collect();
                format!("({})", each.join(", "))
            }
        }
    }

    pub(super) fn geojson(&self) -> String {
        let list = |points: &[Point]| {
            let each: Vec<String> = points.iter().map(|p| format!("[{}]", position(*p, ","))).collect();
            format!("[{}]", each.join(","))
        };
        let rings = |all: &[Vec<Point>]| {
            let each: Vec<String> = all.iter().map(|r| list(r)).collect();
            format!("[{}]", each.join(","))
        };
        let of = |coordinates: String| format!("{{\"type\":\"{}\",\"coordinates\":{coordinates}}}", self.kind());
        match self {
            Shape::Point(p) => of(format!("[{}]", position(*p, ","))),
            Shape::Line(points) => of(list(points)),
            Shape::Polygon(all) => of(rings(all)),
            Shape::Collection(parts) if self.kind() == "GeometryCollection" => {
                let each: Vec<String> = parts.iter().map(Shape::geojson).collect();
                format!("{{\"type\":\"GeometryCollection\",\"geometries\":[{}]}}", each.join(","))
            }
            Shape::Collection(parts) => {
                let each: Vec<String> = parts
                    .iter()
                    .map(|p| match p {
                        Shape::Point(p) => format!("[{}]", position(*p, ",")),
                        Shape::Line(points) => list(points),
                        Shape::Polygon(all) => rings(all),
                        Shape::Collection(_) => String::new(),
                    })
                    .collect();
                of(format!("[{}]", each.join(",")))
            }
        }
    }

    pub(super) fn wkb(&self) -> Vec<u8> {
        let mut out = vec![1];
        let put_points = |out: &mut Vec<u8>, points: &[Point]| {
            out.extend(u32::try_from(points.len()).unwrap_or(0).to_le_bytes());
            for (x, y) in points {
                out.extend(x.to_le_bytes());
                out.extend(y.to_le_bytes());
            }
        };
        let code: u32 = match self.kind() {
            "Point" => 1,
            "LineString" => 2,
            "Polygon" => 3,
            "MultiPoint" => 4,
            "MultiLineString" => 5,
            "MultiPolygon" => 6,
            _ => 7,
        };
        out.extend(code.to_le_bytes());
        match self {
            Shape::Point((x, y)) => {
                out.extend(x.to_le_bytes());
                out.extend(y.to_le_bytes());
            }
            Shape::Line(points) => put_points(&mut out, points),
            Shape::Polygon(rings) => {
                out.extend(u32::try_from(rings.len()).unwrap_or(0).to_le_bytes());
                rings.iter().for_each(|r| put_points(&mut out, r));
            }
            Shape::Collection(parts) => {
                out.extend(u32::try_from(parts.len()).unwrap_or(0).to_le_bytes());
                parts.iter().for_each(|p| out.extend(p.wkb()));
            }
        }
        out
    }
}

fn position((x, y): Point, between: &str) -> String {
    format!("{}{between}{}", float_text(x), float_text(y))
}

/// A point in its place: latitude from -90 to 90, longitude brought into -180 to 180.
pub(super) fn point(x: f64, y: f64) -> Result<Point, String> {
    if !y.is_finite() || !(-90.0..=90.0).contains(&y) {
        return Err(format!("Latitude must be between -90 and 90 degrees, but got {}", float_text(y)));
    }
    if !x.is_finite() {
        return Err("Longitude must be finite".to_owned());
    }
    let x = if (-180.0..=180.0).contains(&x) { x } else { (x + 180.0).rem_euclid(360.0) - 180.0 };
    Ok((x, y))
}

fn line(points: Vec<Point>) -> Result<Shape, String> {
    if points.len() < 2 {
        return Err("Invalid LineString: it has fewer than two vertices".to_owned());
    }
    Ok(Shape::Line(points))
}

fn polygon(rings: Vec<Vec<Point>>) -> Result<Shape, String> {
    for ring in &rings {
        if ring.len() < 4 {
            return Err("Invalid polygon loop: it has fewer than three vertices".to_owned());
        }
        if ring.first() != ring.last() {
            return Err("Invalid polygon loop: its first and last vertex differ".to_owned());
        }
    }
    Ok(Shape::Polygon(rings))
}

/// Reads WKT.
pub(super) fn parse(text: &str) -> Result<Shape, String> {
    let mut reader = Wkt { rest: text };
    let shape = reader.shape()?;
    if reader.rest.trim().is_empty() { Ok(shape) } else { Err(reader.bad()) }
}

struct Wkt<'a> {
    rest: &'a str,
}

impl Wkt<'_> {
    fn bad(&self) -> String {
        "ST_GeogFromText failed: Invalid WKT".to_owned()
    }

    fn eat(&mut self, c: char) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(c) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn shape(&mut self) -> Result<Shape, String> {
        self.rest = self.rest.trim_start();
        let end = self.rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(self.rest.len());
        let kind = self.rest[..end].to_uppercase();
        self.rest = self.rest[end..].trim_start();
        if let Some(rest) = self.rest.get(..5).filter(|w| w.eq_ignore_ascii_case("EMPTY")).and(self.rest.get(5..)) {
            self.rest = rest;
            return Ok(Shape::Collection(Vec::new()));
        }
        match kind.as_str() {
            "POINT" => self.points()?.first().map(|p| Shape::Point(*p)).ok_or_else(|| self.bad()),
            "LINESTRING" => line(self.points()?),
            "POLYGON" => polygon(self.list(Self::points)?),
            "MULTIPOINT" => {
                let points = self.list(|r| {
                    if r.eat('(') {
                        let p = r.pair()?;
                        if r.eat(')') { Ok(p) } else { Err(r.bad()) }
                    } else {
                        r.pair()
                    }
                })?;
                Ok(Shape::Collection(points.into_iter().map(Shape::Point).collect()))
            }
            "MULTILINESTRING" => Ok(Shape::Collection(self.list(Self::points)?.into_iter().map(line).collect::<Result<_, _>>()?)),
            "MULTIPOLYGON" => {
                let all = self.list(|r| r.list(Self::points))?;
                Ok(Shape::Collection(all.into_iter().map(polygon).collect::<Result<_, _>>()?))
            }
            "GEOMETRYCOLLECTION" => Ok(Shape::Collection(self.list(Self::shape)?)),
            "FULLGLOBE" => Ok(Shape::Polygon(Vec::new())),
            _ => Err(self.bad()),
        }
    }

    fn list<T>(&mut self, read: impl Fn(&mut Self) -> Result<T, String>) -> Result<Vec<T>, String> {
        if !self.eat('(') {
            return Err(self.bad());
        }
        let mut all = Vec::new();
        loop {
            all.push(read(self)?);
            if self.eat(')') {
                return Ok(all);
            }
            if !self.eat(',') {
                return Err(self.bad());
            }
        }
    }

    fn points(&mut self) -> Result<Vec<Point>, String> {
        self.list(Self::pair)
    }

    fn pair(&mut self) -> Result<Point, String> {
        let x = self.number()?;
        let y = self.number()?;
        point(x, y)
    }

    fn number(&mut self) -> Result<f64, String> {
        self.rest = self.rest.trim_start();
        let end = self.rest.find(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E')).unwrap_or(self.rest.len());
        let (number, rest) = self.rest.split_at(end);
        self.rest = rest;
        number.parse().map_err(|_| self.bad())
    }
}

/// Reads GeoJSON.
pub(super) fn from_geojson(text: &str) -> Result<Shape, String> {
    fn bad() -> String {
        "ST_GeogFromGeoJSON failed: Invalid GeoJSON".to_owned()
    }
    fn at(tree: &Tree) -> Result<Point, String> {
        let Tree::Array(items) = tree else { return Err(bad()) };
        let number = |i: usize| match items.get(i) {
            Some(Tree::Number(n)) => n.parse().map_err(|_| bad()),
            _ => Err(bad()),
        };
        point(number(0)?, number(1)?)
    }
    fn many<T>(tree: &Tree, read: impl Fn(&Tree) -> Result<T, String>) -> Result<Vec<T>, String> {
        let Tree::Array(items) = tree else { return Err(bad()) };
        items.iter().map(read).collect()
    }
    fn shape(tree: &Tree) -> Result<Shape, String> {
        let Some(Tree::Text(kind)) = tree.member("type") else { return Err(bad()) };
        if kind == "GeometryCollection" {
            return Ok(Shape::Collection(many(tree.member("geometries").ok_or_else(bad)?, shape)?));
        }
        let c = tree.member("coordinates").ok_or_else(bad)?;
        match kind.as_str() {
            "Point" => Ok(Shape::Point(at(c)?)),
            "LineString" => line(many(c, at)?),
            "Polygon" => polygon(many(c, |r| many(r, at))?),
            "MultiPoint" => Ok(Shape::Collection(many(c, |p| at(p).map(Shape::Point))?)),
            "MultiLineString" => Ok(Shape::Collection(many(c, |l| line(many(l, at)?))?)),
            "MultiPolygon" => Ok(Shape::Collection(many(c, |p| polygon(many(p, |r| many(r, at))?))?)),
            _ => Err(bad()),
        }
    }
    shape(&Tree::parse(text).map_err(|_| bad())?)
}
