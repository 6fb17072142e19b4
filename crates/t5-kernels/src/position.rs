//! T5's relative position bias: one learned number for each head and bucket of distances.

use crate::product::Rows;

/// The learned biases of one stack (its first layer holds them, all its layers add them).
pub struct PositionBias {
    /// For each head the biases of keys from `reach` places before the query to as many after it; what is farther away is as these.
    lines: Vec<Vec<f32>>,
    reach: usize,
}

/// How distances fall into buckets.
#[derive(Debug, Clone, Copy)]
pub struct Buckets {
    pub count: usize,
    pub max_distance: usize,
    /// The encoder sees both directions, the decoder only what came before.
    pub bidirectional: bool,
}

impl PositionBias {
    /// `weight` has the shape (buckets, heads).
    #[must_use]
    pub fn new(weight: Rows<'_>, buckets: Buckets) -> Self {
        let reach = buckets.max_distance;
        let line = |head: usize| {
            let bias = |offset: i64| weight.values[buckets.of(offset) * weight.stride + head];
            (-(reach as i64)..=reach as i64).map(bias).collect()
        };
        Self { lines: (0..weight.stride).map(line).collect(), reach }
    }

    /// What the query at a place adds to its scores of the keys from the first one on.
    #[inline(always)]
    pub(crate) fn add(&self, head: usize, query: usize, scores: &mut [f32]) {
        let line = &self.lines[head];
        for (key, score) in scores.iter_mut().enumerate() {
            *score += line[(key + self.reach).saturating_sub(query).min(2 * self.reach)];
        }
    }
}

impl Buckets {
    /// The bucket of a key that stands `offset` places after the query (before it, when negative).
    ///
    /// Near distances have a bucket each, the far ones share buckets that widen with the logarithm; computed in F32 like the
    /// original, since a distance on a border falls by rounding.
    #[must_use]
    pub fn of(&self, offset: i64) -> usize {
        let (count, base, distance) = if self.bidirectional {
            let half = self.count / 2;
            (half, if offset > 0 { half } else { 0 }, offset.unsigned_abs() as usize)
        } else {
            (self.count, 0, offset.min(0).unsigned_abs() as usize)
        };
        let exact = count / 2;
        if distance < exact {
            return base + distance;
        }
        let scale = (self.max_distance as f64 / exact as f64).ln() as f32;
        let far = (distance as f32 / exact as f32).ln() / scale * (count - exact) as f32;
        base + (exact + far as usize).min(count - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_adds_the_biases_of_its_distances() {
        // The bias of a bucket is its number.
        let weight: Vec<f32> = (0..32_u8).map(f32::from).collect();
        let buckets = Buckets { count: 32, max_distance: 20, bidirectional: true };
        let bias = PositionBias::new(Rows::new(&weight, 1), buckets);
        for query in [0, 3, 50] {
            let mut scores = vec![0.0; 100];
            bias.add(0, query, &mut scores);
            let expected: Vec<f32> = (0..100).map(|key| buckets.of(key - query as i64) as f32).collect();
            assert_eq!(scores, expected, "{query}");
        }
    }

    #[test]
    fn distances_fall_into_the_buckets_of_the_reference() {
        // Printed by transformers' T5Attention._relative_position_bucket (32 buckets, distance 128).
        let offsets = [-500, -128, -127, -90, -64, -33, -32, -16, -12, -9, -8, -7, -1, 0, 1, 7, 8, 11, 12, 16, 32, 64, 127, 500];
        let check = |bidirectional: bool, expected: [usize; 24]| {
            let buckets = Buckets { count: 32, max_distance: 128, bidirectional };
            assert_eq!(offsets.map(|offset| buckets.of(offset)), expected, "bidirectional: {bidirectional}");
        };
        check(true, [15, 15, 15, 14, 14, 12, 12, 10, 9, 8, 8, 7, 1, 0, 17, 23, 24, 24, 25, 26, 28, 30, 31, 31]);
        check(false, [31, 31, 31, 29, 26, 21, 21, 16, 12, 9, 8, 7, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    }
}
