//! A product with the norm before it and the activation behind it, in one pass over its rows.

use crate::product::{Packed, Rows};
use crate::vector::{Operation, activate, run, sum_of};

/// The function between the two projections of a feed-forward layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    Relu,
    /// The tanh approximation (`gelu_new`).
    GeluTanh,
    GeluErf,
    Silu,
}

/// What a feed-forward layer does between its two projections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Between {
    pub activation: Activation,
    /// Whether the first half of the numbers is activated and multiplies the other.
    pub gated: bool,
}

/// T5's layer norm: it scales and does not shift.
pub struct Norm {
    weight: Vec<f32>,
    epsilon: f32,
}

impl Norm {
    #[must_use]
    pub fn new(weight: Vec<f32>, epsilon: f32) -> Self {
        Self { weight, epsilon }
    }

    /// The same norm with its output multiplied by a constant.
    #[must_use]
    pub fn scaled(mut self, factor: f64) -> Self {
        self.weight.iter_mut().for_each(|weight| *weight = (f64::from(*weight) * factor) as f32);
        self
    }

    #[must_use]
    pub fn forward(&self, x: Rows<'_>) -> Vec<f32> {
        run(Normed { norm: self, x })
    }

    #[inline(always)]
    fn apply(&self, x: Rows<'_>) -> Vec<f32> {
        let mut normed = x.values.to_vec();
        for row in normed.chunks_exact_mut(x.stride) {
            let factor = 1.0 / (sum_of(row, |value| value * value) / row.len() as f32 + self.epsilon).sqrt();
            for (value, weight) in row.iter_mut().zip(&self.weight) {
                *value *= factor * weight;
            }
        }
        normed
    }
}

struct Normed<'a> {
    norm: &'a Norm,
    x: Rows<'a>,
}

impl Operation for Normed<'_> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn run<const FUSED: bool>(self) -> Vec<f32> {
        self.norm.apply(self.x)
    }
}

/// A weight with the norm before it and the activation behind it, where there are.
pub struct Projection {
    norm: Option<Norm>,
    weight: Packed,
    between: Option<Between>,
}

impl Projection {
    #[must_use]
    pub fn new(norm: Option<Norm>, weight: Packed) -> Self {
        Self { norm, weight, between: None }
    }

    /// As the first projection of a feed-forward layer.
    #[must_use]
    pub fn before(self, between: Between) -> Self {
        Self { between: Some(between), ..self }
    }

    #[must_use]
    pub fn forward(&self, x: Rows<'_>) -> Vec<f32> {
        run(Project { projection: self, x })
    }
}

struct Project<'a> {
    projection: &'a Projection,
    x: Rows<'a>,
}

impl Operation for Project<'_> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn run<const FUSED: bool>(self) -> Vec<f32> {
        let Projection { norm, weight, between } = self.projection;
        let normed = norm.as_ref().map(|norm| norm.apply(self.x));
        let x = normed.as_deref().map_or(self.x, |normed| Rows::new(normed, self.x.stride));
        let mut y = vec![0.0; x.count * weight.output];
        weight.product::<FUSED>(x, &mut y, weight.output);
        let Some(Between { activation, gated }) = *between else { return y };
        if !gated {
            activate::<FUSED>(activation, &mut y);
            return y;
        }
        // The activated half stands before the linear one.
        let width = weight.output / 2;
        let mut products = vec![0.0; x.count * width];
        for (products, row) in products.chunks_exact_mut(width).zip(y.chunks_exact(2 * width)) {
            let (gate, linear) = row.split_at(width);
            products.copy_from_slice(gate);
            activate::<FUSED>(activation, products);
            for (product, linear) in products.iter_mut().zip(linear) {
                *product *= linear;
            }
        }
        products
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_projection_normalises_multiplies_and_activates() {
        // Mean square 4: the norm halves a row, and its weights double the second number.
        let norm = || Norm::new(vec![1.0, 2.0], 0.0);
        assert_eq!(norm().forward(Rows::new(&[2.0, -2.0, 2.0, 2.0], 2)), [1.0, -2.0, 1.0, 2.0]);
        assert_eq!(norm().scaled(0.5).forward(Rows::new(&[2.0, -2.0], 2)), [0.5, -1.0]);
        let weight = || Packed::linears(2, &[&[1.0, 0.0, 0.0, 1.0]]);
        let check = |projection: Projection, expected: &[f32]| {
            assert_eq!(projection.forward(Rows::new(&[2.0, -2.0, 2.0, 2.0], 2)), expected);
        };
        check(Projection::new(None, weight()), &[2.0, -2.0, 2.0, 2.0]);
        check(Projection::new(Some(norm()), weight()), &[1.0, -2.0, 1.0, 2.0]);
        let relu = |gated: bool| Between { activation: Activation::Relu, gated };
        check(Projection::new(Some(norm()), weight()).before(relu(false)), &[1.0, 0.0, 1.0, 2.0]);
        check(Projection::new(Some(norm()), weight()).before(relu(true)), &[-2.0, 2.0]);
    }
}
