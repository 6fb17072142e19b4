//! T5's relative position bias: one learned number for each head and bucket of distances.

use candle_core::{Device, Result, Tensor};

/// The learned biases of one stack (its first layer holds them, all its layers add them).
pub(crate) struct PositionBias {
    /// `[bucket][head]`, as stored.
    table: Vec<Vec<f32>>,
    buckets: Buckets,
}

/// How distances fall into buckets.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Buckets {
    pub(crate) count: usize,
    pub(crate) max_distance: usize,
    /// The encoder sees both directions, the decoder only what came before.
    pub(crate) bidirectional: bool,
}

impl PositionBias {
    /// `weight` has the shape (buckets, heads).
    pub(crate) fn new(weight: &Tensor, buckets: Buckets) -> Result<Self> {
        Ok(Self { table: weight.to_vec2()?, buckets })
    }

    fn heads(&self) -> usize {
        self.table.first().map_or(0, Vec::len)
    }

    /// (heads, length, length): what every query adds to its score of every key.
    pub(crate) fn square(&self, length: usize) -> Result<Tensor> {
        // Row i is the biases of offsets -i ..= length-1-i, a window of the one line that all rows share.
        let line: Vec<&Vec<f32>> = (1 - length as i64..length as i64).map(|offset| self.row(offset)).collect();
        let mut values = Vec::with_capacity(self.heads() * length * length);
        for head in 0..self.heads() {
            for query in 0..length {
                let window = &line[length - 1 - query..2 * length - 1 - query];
                values.extend(window.iter().map(|row| row[head]));
            }
        }
        Tensor::from_vec(values, (self.heads(), length, length), &Device::Cpu)
    }

    /// (1, heads, 1, length): the biases of keys that stand `length - 1`, ..., 1, 0 places before the query. The last `n` entries
    /// are what the query at place `n - 1` adds.
    pub(crate) fn backwards(&self, length: usize) -> Result<Tensor> {
        let mut values = Vec::with_capacity(self.heads() * length);
        for head in 0..self.heads() {
            values.extend((0..length).map(|key| self.row(key as i64 + 1 - length as i64)[head]));
        }
        Tensor::from_vec(values, (1, self.heads(), 1, length), &Device::Cpu)
    }

    fn row(&self, offset: i64) -> &Vec<f32> {
        &self.table[self.buckets.of(offset)]
    }
}

impl Buckets {
    /// The bucket of a key that stands `offset` places after the query (before it, when negative).
    ///
    /// Near distances have a bucket each, the far ones share buckets that widen with the logarithm; computed in F32 like the
    /// original, since a distance on a border falls by rounding.
    pub(crate) fn of(&self, offset: i64) -> usize {
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
