//! S2's cells: the square of the cube around the sphere that a point lies in, as numbers along a Hilbert curve.
//!
//! Sources: <https://cloud.google.com/bigquery/docs/reference/standard-sql/geography_functions#s2_cellidfrompoint>,
//! <https://s2geometry.io/devguide/s2cell_hierarchy>

use super::super::udf::{Body, Def, P, R, T};
use super::super::value::Value;
use super::measure::vector;
use super::shape::Point;
use super::single;

const MAX_LEVEL: u32 = 30;

pub(super) const DEFS: &[Def] = &[Def::new(
    "S2_CELLIDFROMPOINT",
    &[P::Geography, P::Int],
    R::Is(T::Int),
    Body::Strict(|a, _| {
        let level = a.get(1).map_or(i64::from(MAX_LEVEL), Value::int);
        let level = u32::try_from(level).ok().filter(|l| *l <= MAX_LEVEL).ok_or("S2_CELLIDFROMPOINT takes a level from 0 to 30")?;
        Ok(single(&a[0], "S2_CELLIDFROMPOINT")?.map_or(Value::Null, |p| Value::Int(cell(p, level).cast_signed())))
    }),
)
.optional(1)];

/// The face of the cube and the place on it, from -1 to 1.
fn face((x, y, z): (f64, f64, f64)) -> (u64, f64, f64) {
    let (ax, ay, az) = (x.abs(), y.abs(), z.abs());
    if ax >= ay && ax >= az {
        if x >= 0.0 { (0, y / x, z / x) } else { (3, z / x, y / x) }
    } else if ay >= az {
        if y >= 0.0 { (1, -x / y, z / y) } else { (4, z / y, -x / y) }
    } else if z >= 0.0 {
        (2, -x / z, -y / z)
    } else {
        (5, -y / z, -x / z)
    }
}

/// S2's quadratic projection, which makes cells alike in size, as a whole number of 30 bits.
fn place(u: f64) -> u64 {
    let s = if u >= 0.0 { 0.5 * (1.0 + 3.0 * u).sqrt() } else { 1.0 - 0.5 * (1.0 - 3.0 * u).sqrt() };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "held between 0 and 2^30")]
    let whole = (s * f64::from(1_u32 << MAX_LEVEL)).floor().clamp(0.0, f64::from((1_u32 << MAX_LEVEL) - 1)) as u64;
    whole
}

/// By the orientation of the curve, where it goes among the four quarters: `order[quarter]`, and what turns it there.
const ORDER: [[u64; 4]; 4] = [[0, 1, 3, 2], [0, 3, 1, 2], [2, 3, 1, 0], [2, 1, 3, 0]];
const TURN: [u64; 4] = [1, 0, 0, 3];

pub(super) fn cell(point: Point, level: u32) -> u64 {
    let [x, y, z] = vector(point);
    let (face, u, v) = face((x, y, z));
    let (i, j) = (place(u), place(v));
    let mut id = face;
    let mut orientation = face & 1;
    for bit in (0..MAX_LEVEL).rev() {
        let quarter = (i >> bit & 1) << 1 | (j >> bit & 1);
        let position = ORDER[usize::try_from(orientation).unwrap_or(0)][usize::try_from(quarter).unwrap_or(0)];
        id = id << 2 | position;
        orientation ^= TURN[usize::try_from(position).unwrap_or(0)];
    }
    let leaf = id << 1 | 1;
    // The last bit that is set says the level.
    let last = 1_u64 << (2 * (MAX_LEVEL - level));
    (leaf & last.wrapping_neg()) | last
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn points_are_in_the_cells_that_s2_says() {
        // Source: the leaf of POINT(-122 47) in Google's reference of S2_COVERINGCELLIDS.
        assert_eq!(cell((-122.0, 47.0), 30), 6_093_613_931_972_369_317);
        assert_eq!(cell((0.0, 0.0), 0), 0x1000_0000_0000_0000);
    }
}
