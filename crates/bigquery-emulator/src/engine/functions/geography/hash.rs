//! Geohashes.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/geography_functions#st_geohash>

use super::super::udf::{Body, Def, P, R, T};
use super::super::value::{Value, text};
use super::shape::Shape;
use super::{made, single};

const DIGITS: &[u8; 32] = b"0123456789bcdefghjkmnpqrstuvwxyz";

pub(super) const DEFS: &[Def] = &[
    Def::new(
        "ST_GEOHASH",
        &[P::Geography, P::Int],
        R::Is(T::Str),
        Body::Strict(|a, _| {
            let length = a.get(1).map_or(20, Value::int);
            if !(1..=20).contains(&length) {
                return Err("ST_GEOHASH takes a length from 1 to 20".to_owned());
            }
            Ok(single(&a[0], "ST_GEOHASH")?.map_or(Value::Null, |p| text(encode(p, usize::try_from(length).unwrap_or(20)))))
        }),
    )
    .optional(1),
    Def::new("ST_GEOGPOINTFROMGEOHASH", &[P::Str], R::Is(T::Geography), Body::Strict(|a, _| Ok(made(&Shape::Point(decode(a[0].str())?))))),
];

fn encode((x, y): (f64, f64), length: usize) -> String {
    let (mut lon, mut lat) = ((-180.0, 180.0), (-90.0, 90.0));
    let mut hash = String::new();
    let mut even = true;
    for _ in 0..length {
        let mut digit = 0;
        for _ in 0..5 {
            let (range, value): (&mut (f64, f64), f64) = if even { (&mut lon, x) } else { (&mut lat, y) };
            let middle = f64::midpoint(range.0, range.1);
            digit <<= 1;
            if value >= middle {
                digit |= 1;
                range.0 = middle;
            } else {
                range.1 = middle;
            }
            even = !even;
        }
        hash.push(char::from(DIGITS[digit]));
    }
    hash
}

fn decode(hash: &str) -> Result<(f64, f64), String> {
    let (mut lon, mut lat) = ((-180.0, 180.0), (-90.0, 90.0));
    let mut even = true;
    for c in hash.to_ascii_lowercase().bytes() {
        let digit = DIGITS.iter().position(|d| *d == c).ok_or_else(|| format!("Invalid geohash: {hash}"))?;
        for bit in (0..5).rev() {
            let range: &mut (f64, f64) = if even { &mut lon } else { &mut lat };
            let middle = f64::midpoint(range.0, range.1);
            if digit >> bit & 1 == 1 {
                range.0 = middle;
            } else {
                range.1 = middle;
            }
            even = !even;
        }
    }
    Ok((f64::midpoint(lon.0, lon.1), f64::midpoint(lat.0, lat.1)))
}
