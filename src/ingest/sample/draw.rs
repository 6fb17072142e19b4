//! Draws from the distributions that the simulation needs. One seed gives one sample, on every machine.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The source of chance of one table or one stage. Stages have streams of their own, so that a change in one leaves the others alone.
pub(super) struct Draw(ChaCha8Rng);

impl Draw {
    /// The stream of a stage.
    pub(super) fn stage(stream: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(19_580_804);
        rng.set_stream(stream);
        Self(rng)
    }

    /// Uniform in 0..1.
    pub(super) fn unit(&mut self) -> f64 {
        self.0.random()
    }

    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A whole number of `low..high`.
    pub(super) fn whole(&mut self, low: i64, high: i64) -> i64 {
        self.0.random_range(low..high)
    }

    pub(super) fn index(&mut self, len: usize) -> usize {
        self.0.random_range(0..len)
    }

    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Gaussian, by the Box-Muller transform.
    pub(super) fn normal(&mut self, mean: f64, deviation: f64) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        mean + deviation * radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// A share of 0..1 around `mean`.
    pub(super) fn share(&mut self, mean: f64, deviation: f64) -> f64 {
        rounded(self.normal(mean, deviation).clamp(0.001, 0.995), 1000.0)
    }

    /// The key of one of the items in a weighted draw without replacement: the largest keys are drawn.
    /// Source: Efraimidis and Spirakis, Weighted random sampling with a reservoir (2006).
    pub(super) fn key(&mut self, weight: f64) -> f64 {
        (1.0 - self.unit()).ln() / weight.max(1e-9)
    }
}

/// Rounds to a multiple of `1 / parts`.
pub(super) fn rounded(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}

/// A weighted choice among items, drawn in logarithmic time.
pub(super) struct Weighted(Vec<f64>);

impl Weighted {
    pub(super) fn new(weights: impl IntoIterator<Item = f64>) -> Self {
        let mut sum = 0.0;
        Self(
            weights
                .into_iter()
                .map(|weight| {
                    sum += weight;
                    sum
                })
                .collect(),
        )
    }

    /// The index of the drawn item. There must be at least one.
    pub(super) fn draw(&self, draw: &mut Draw) -> usize {
        let total = self.0.last().copied().unwrap_or(0.0);
        let point = draw.unit() * total;
        self.0.partition_point(|sum| *sum <= point).min(self.0.len() - 1)
    }
}
