//! Attention, on slices: of a prompt to itself, of what is written to the prompt, and of what is written to what was written before.

use crate::position::PositionBias;
use crate::product::{Packed, Rows, add_product};
use crate::vector::{Operation, dot, run, softmax};

/// Heads and their width.
#[derive(Debug, Clone, Copy)]
pub struct Heads {
    pub count: usize,
    pub width: usize,
}

impl Heads {
    /// The width of all heads together.
    #[must_use]
    pub fn inner(self) -> usize {
        self.count * self.width
    }
}

/// Keys and values of a sequence of tokens as one layer sees them, by head: what a query is multiplied with, and what its shares are.
pub struct KeysAndValues {
    tokens: usize,
    heads: Heads,
    by_head: Vec<(Packed, Packed)>,
}

impl KeysAndValues {
    /// `rows` has the keys of a token from place `at` of its row on, then its values.
    #[must_use]
    pub fn new(rows: Rows<'_>, at: usize, heads: Heads) -> Self {
        let tokens = rows.count;
        let of = |head: usize| {
            let key = at + head * heads.width;
            let value = key + heads.inner();
            let keys = Packed::single(heads.width, tokens, |i, token| rows.values[token * rows.stride + key + i]);
            let values = Packed::single(tokens, heads.width, |token, i| rows.values[token * rows.stride + value + i]);
            (keys, values)
        };
        Self { tokens, heads, by_head: (0..heads.count).map(of).collect() }
    }

    /// What each row of `queries` gets, into the same row of `attended`.
    #[inline(always)]
    fn attend<const FUSED: bool>(&self, queries: Rows<'_>, bias: Option<&PositionBias>, attended: &mut [f32]) {
        let mut scores = vec![0.0; queries.count * self.tokens];
        for (head, (keys, values)) in self.by_head.iter().enumerate() {
            let at = head * self.heads.width;
            let query = Rows { values: &queries.values[at..], ..queries };
            keys.product::<FUSED>(query, &mut scores, self.tokens);
            for (index, row) in scores.chunks_exact_mut(self.tokens).enumerate() {
                if let Some(bias) = bias {
                    bias.add(head, index, row);
                }
                softmax::<FUSED>(row);
            }
            values.product::<FUSED>(Rows::new(&scores, self.tokens), &mut attended[at..], self.heads.inner());
        }
    }
}

/// All tokens of a prompt attend to all: (tokens, 3 x inner: query, key, value) to (tokens, inner).
#[must_use]
pub fn attend_to_all(qkv: Rows<'_>, bias: &PositionBias, heads: Heads) -> Vec<f32> {
    run(Encode { qkv, bias, heads })
}

struct Encode<'a> {
    qkv: Rows<'a>,
    bias: &'a PositionBias,
    heads: Heads,
}

impl Operation for Encode<'_> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn run<const FUSED: bool>(self) -> Vec<f32> {
        let mut attended = vec![0.0; self.qkv.count * self.heads.inner()];
        KeysAndValues::new(self.qkv, self.heads.inner(), self.heads).attend::<FUSED>(self.qkv, Some(self.bias), &mut attended);
        attended
    }
}

/// The beams of some questions attend to their prompts; of each the number of beams. (beams, inner) in and out.
#[must_use]
pub fn attend_to_prompts(queries: Rows<'_>, prompts: &[(&KeysAndValues, usize)]) -> Vec<f32> {
    run(Cross { queries, prompts })
}

struct Cross<'a> {
    queries: Rows<'a>,
    prompts: &'a [(&'a KeysAndValues, usize)],
}

impl Operation for Cross<'_> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn run<const FUSED: bool>(self) -> Vec<f32> {
        let width = self.queries.stride;
        let mut attended = vec![0.0; self.queries.count * width];
        let mut first = 0;
        for (prompt, beams) in self.prompts {
            let place = first * width..(first + beams) * width;
            prompt.attend::<FUSED>(Rows::new(&self.queries.values[place.clone()], width), None, &mut attended[place]);
            first += beams;
        }
        attended
    }
}

/// Keys and values of the tokens that the beams of one question have written, as one layer sees them. Rows are only added: which of
/// them a beam has before it is its path.
#[derive(Default)]
pub struct Written {
    keys: Vec<f32>,
    values: Vec<f32>,
}

/// The rows of [`Written`] that a beam is made of, in order.
pub type Path = Vec<u32>;

impl Written {
    /// Adds the key and the value of a row (query, key, value).
    pub fn add(&mut self, qkv: &[f32]) {
        let inner = qkv.len() / 3;
        self.keys.extend_from_slice(&qkv[inner..2 * inner]);
        self.values.extend_from_slice(&qkv[2 * inner..3 * inner]);
    }
}

/// The newest token of each beam attends to those before it and to itself, (rows, 3 x inner) to (rows, inner). It was written already.
#[must_use]
pub fn attend_to_written(qkv: Rows<'_>, written: &[(&Written, &[Path])], bias: &PositionBias, heads: Heads) -> Vec<f32> {
    run(Decode { qkv, written, bias, heads })
}

struct Decode<'a> {
    qkv: Rows<'a>,
    written: &'a [(&'a Written, &'a [Path])],
    bias: &'a PositionBias,
    heads: Heads,
}

impl Operation for Decode<'_> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn run<const FUSED: bool>(self) -> Vec<f32> {
        let (inner, width) = (self.heads.inner(), self.heads.width);
        let mut attended = vec![0.0; self.qkv.count * inner];
        let mut rows = self.qkv.values.chunks_exact(self.qkv.stride).zip(attended.chunks_exact_mut(inner));
        let mut scores = Vec::new();
        for (written, paths) in self.written {
            for (path, (qkv, attended)) in paths.iter().zip(&mut rows) {
                for head in 0..self.heads.count {
                    let at = head * width;
                    let place = |row: &u32| *row as usize * inner + at..*row as usize * inner + at + width;
                    scores.resize(path.len(), 0.0);
                    for (score, row) in scores.iter_mut().zip(path) {
                        *score = dot::<FUSED>(&qkv[at..at + width], &written.keys[place(row)]);
                    }
                    self.bias.add(head, path.len() - 1, &mut scores);
                    softmax::<FUSED>(&mut scores);
                    let attended = &mut attended[at..at + width];
                    for (row, share) in path.iter().zip(&scores) {
                        for (sum, value) in attended.iter_mut().zip(&written.values[place(row)]) {
                            *sum = add_product::<FUSED>(*share, *value, *sum);
                        }
                    }
                }
            }
        }
        attended
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::position::Buckets;

    const HEADS: Heads = Heads { count: 2, width: 3 };

    /// Biases that differ by head and bucket.
    fn bias() -> PositionBias {
        let weight: Vec<f32> = (0..16_u8).map(|index| f32::from(index) / 8.0).collect();
        PositionBias::new(Rows::new(&weight, 2), Buckets { count: 8, max_distance: 12, bidirectional: false })
    }

    /// As in the definition. `before` has the rows (query, key, value) that `query` may look at.
    fn attended(query: &[f32], before: &[&[f32]], bias: Option<&PositionBias>) -> Vec<f32> {
        let (inner, width) = (HEADS.inner(), HEADS.width);
        let mut all = Vec::new();
        for head in 0..HEADS.count {
            let part = |row: &[f32], third: usize| row[third * inner + head * width..][..width].to_vec();
            let score = |row: &&[f32]| part(query, 0).iter().zip(part(row, 1)).map(|(a, b)| a * b).sum::<f32>();
            let mut scores: Vec<f32> = before.iter().map(score).collect();
            if let Some(bias) = bias {
                bias.add(head, before.len() - 1, &mut scores);
            }
            let sum: f32 = scores.iter().map(|score| score.exp()).sum();
            let value = |i: usize| before.iter().zip(&scores).map(|(row, score)| score.exp() / sum * part(row, 2)[i]).sum::<f32>();
            all.extend((0..width).map(value));
        }
        all
    }

    fn check(found: &[f32], expected: &[f32]) {
        assert_eq!(found.len(), expected.len());
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-5), "{found:?} is not {expected:?}");
    }

    #[test]
    fn tokens_attend_to_what_they_may() {
        let values: Vec<f32> = (0..5 * 18_usize).map(|index| (index * 37 % 41) as f32 / 20.0 - 1.0).collect();
        let rows: Vec<&[f32]> = values.chunks_exact(18).collect();
        let bias = bias();

        // Two sequences: one of two beams, which have the first row in common, and one of a single row.
        let mut written = [Written::default(), Written::default()];
        rows[..4].iter().for_each(|row| written[0].add(row));
        written[1].add(rows[4]);
        let paths = [vec![vec![0, 2], vec![0, 1, 3]], vec![vec![0]]];
        let newest = [rows[2], rows[3], rows[4]].concat();
        let sequences: Vec<(&Written, &[Path])> = written.iter().zip(&paths).map(|(written, paths)| (written, paths.as_slice())).collect();
        let found = attend_to_written(Rows::new(&newest, 18), &sequences, &bias, HEADS);
        let before: [&[&[f32]]; 3] = [&[rows[0], rows[2]], &[rows[0], rows[1], rows[3]], &[rows[4]]];
        let expected: Vec<f32> = before.iter().flat_map(|rows| attended(rows[rows.len() - 1], rows, Some(&bias))).collect();
        check(&found, &expected);

        // Two prompts, of two rows and of three.
        let prompts = [&values[..36], &values[36..]].map(|prompt| KeysAndValues::new(Rows::new(prompt, 18), 6, HEADS));
        let queries = [&rows[0][..6], &rows[1][..6], &rows[2][..6]].concat();
        let found = attend_to_prompts(Rows::new(&queries, 6), &[(&prompts[0], 1), (&prompts[1], 2)]);
        let expected = [attended(rows[0], &rows[..2], None), attended(rows[1], &rows[2..], None), attended(rows[2], &rows[2..], None)];
        check(&found, &expected.concat());

        // The last token sees all those before it, as it would if they were written.
        let found = attend_to_all(Rows::new(&values, 18), &bias, HEADS);
        check(&found[24..], &attended(rows[4], &rows, Some(&bias)));
    }
}
