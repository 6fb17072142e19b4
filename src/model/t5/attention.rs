//! Attention, on slices: of a prompt to itself, of what is written to the prompt, and of what is written to what was written before.

use super::kernel::{Packed, Rows, add_product};
use super::position::PositionBias;
use super::vector::{Operation, dot, softmax};

/// Heads and their width.
#[derive(Debug, Clone, Copy)]
pub(super) struct Heads {
    pub(super) count: usize,
    pub(super) width: usize,
}

impl Heads {
    pub(super) fn inner(self) -> usize {
        self.count * self.width
    }
}

/// Keys and values of a sequence of tokens as one layer sees them, by head: what a query is multiplied with, and what its shares are.
pub(crate) struct KeysAndValues {
    tokens: usize,
    heads: Heads,
    by_head: Vec<(Packed, Packed)>,
}

impl KeysAndValues {
    /// `rows` has the keys of a token from place `at` of its row on, then its values.
    pub(super) fn new(rows: Rows<'_>, at: usize, heads: Heads) -> Self {
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

/// All tokens of a prompt attend to all: (tokens, 3 x inner) to (tokens, inner).
pub(super) struct Encode<'a> {
    pub(super) qkv: Rows<'a>,
    pub(super) bias: &'a PositionBias,
    pub(super) heads: Heads,
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

/// The beams of some questions attend to their prompts; of each the number of beams.
pub(super) struct Cross<'a> {
    pub(super) queries: Rows<'a>,
    pub(super) prompts: &'a [(&'a KeysAndValues, usize)],
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
pub(crate) struct Written {
    keys: Vec<f32>,
    values: Vec<f32>,
}

/// The rows of [`Written`] that a beam is made of, in order.
pub(crate) type Path = Vec<u32>;

impl Written {
    /// Adds the key and the value of a row (query, key, value).
    pub(super) fn add(&mut self, qkv: &[f32]) {
        let inner = qkv.len() / 3;
        self.keys.extend_from_slice(&qkv[inner..2 * inner]);
        self.values.extend_from_slice(&qkv[2 * inner..3 * inner]);
    }
}

/// The newest token of each beam attends to those before it and to itself, (rows, 3 x inner) to (rows, inner). It was written already.
pub(super) struct Decode<'a> {
    pub(super) qkv: Rows<'a>,
    pub(super) written: &'a [(&'a Written, &'a [Path])],
    pub(super) bias: &'a PositionBias,
    pub(super) heads: Heads,
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
