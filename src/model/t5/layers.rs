//! The layers of T5's encoder and decoder, as operations on candle's tensors.
//!
//! Activations are (rows, width): the rows are the tokens of the prompt in the encoder, and in the decoder the beams of all questions
//! that are being answered, so every projection is one product. Projections of one input stand side by side in one weight.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};

use super::attention::{Cross, Decode, Encode, Heads, KeysAndValues, Path, Written};
use super::config::{FeedForwardKind, T5Config};
use super::kernel::{Packed, Rows};
use super::position::{Buckets, PositionBias};
use super::vector::{self, Operation, activate, sum_of};
use super::weights::Weights;
use crate::model::ModelLoadError;

type Loaded<T> = std::result::Result<T, ModelLoadError>;

/// A function of the rows of a tensor as an operation of candle's.
struct OnRows<F>(&'static str, F);

impl<F: Fn(Rows<'_>) -> Vec<f32>> CustomOp1 for OnRows<F> {
    fn name(&self) -> &'static str {
        self.0
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (rows, width) = layout.shape().dims2()?;
        let (CpuStorage::F32(values), Some((start, end))) = (storage, layout.contiguous_offsets()) else {
            candle_core::bail!("{} takes contiguous rows of F32", self.0);
        };
        let made = (self.1)(Rows::new(&values[start..end], width));
        let shape = Shape::from((rows, made.len() / rows.max(1)));
        Ok((CpuStorage::F32(made), shape))
    }
}

fn on_rows(name: &'static str, x: &Tensor, function: impl Fn(Rows<'_>) -> Vec<f32>) -> Result<Tensor> {
    x.apply_op1_no_bwd(&OnRows(name, function))
}

/// T5's layer norm: it scales and does not shift.
pub(super) struct Norm {
    weight: Vec<f32>,
    epsilon: f32,
}

impl Norm {
    pub(super) fn load(weights: &Weights, name: &str, config: &T5Config) -> Loaded<Self> {
        let weight = weights.get(&format!("{name}.weight"), &[config.d_model])?;
        Ok(Self { weight: weight.to_vec1()?, epsilon: config.layer_norm_epsilon as f32 })
    }

    /// The same norm with its output multiplied by a constant.
    pub(super) fn scaled(mut self, factor: f64) -> Self {
        self.weight.iter_mut().for_each(|weight| *weight = (f64::from(*weight) * factor) as f32);
        self
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

    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        on_rows("norm", x, |x| self.apply(x))
    }
}

/// A weight with the norm before it and the activation behind it, where there are.
pub(super) struct Projection {
    norm: Option<Norm>,
    weight: Packed,
    activation: Option<FeedForwardKind>,
}

impl Projection {
    pub(super) fn new(norm: Option<Norm>, weight: Packed) -> Self {
        Self { norm, weight, activation: None }
    }

    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        on_rows("projection", x, |x| vector::run(Project { projection: self, x }))
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
        let Projection { norm, weight, activation } = self.projection;
        let normed = norm.as_ref().map(|norm| norm.apply(self.x));
        let x = normed.as_deref().map_or(self.x, |normed| Rows::new(normed, self.x.stride));
        let mut y = vec![0.0; x.count * weight.output];
        weight.product::<FUSED>(x, &mut y, weight.output);
        let Some(FeedForwardKind { activation, gated }) = *activation else { return y };
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

/// Attention of a sequence to itself, with its norm and residual.
pub(super) struct SelfAttention {
    /// (`d_model`, 3 x inner): query, key, value.
    qkv: Projection,
    output: Projection,
    heads: Heads,
}

impl SelfAttention {
    pub(super) fn load(weights: &Weights, layer: &str, config: &T5Config) -> Loaded<Self> {
        let (model, inner) = (config.d_model, config.inner());
        let name = |part: &str| format!("{layer}.SelfAttention.{part}.weight");
        let norm = Norm::load(weights, &format!("{layer}.layer_norm"), config)?;
        Ok(Self {
            qkv: Projection::new(Some(norm), weights.linears(&[&name("q"), &name("k"), &name("v")], model, inner)?),
            output: Projection::new(None, weights.linears(&[&name("o")], inner, model)?),
            heads: Heads { count: config.num_heads, width: config.d_kv },
        })
    }

    /// The learned position bias, which only the first layer of a stack has.
    pub(super) fn load_bias(weights: &Weights, layer: &str, config: &T5Config, bidirectional: bool) -> Loaded<PositionBias> {
        let count = config.relative_attention_num_buckets;
        let weight = weights.get(&format!("{layer}.SelfAttention.relative_attention_bias.weight"), &[count, config.num_heads])?;
        let buckets = Buckets { count, max_distance: config.relative_attention_max_distance, bidirectional };
        Ok(PositionBias::new(&weight, buckets)?)
    }

    /// All tokens attend to all tokens: (tokens, `d_model`) in and out.
    pub(super) fn encode(&self, x: &Tensor, bias: &PositionBias) -> Result<Tensor> {
        let attended = on_rows("attention", &self.qkv.forward(x)?, |qkv| vector::run(Encode { qkv, bias, heads: self.heads }))?;
        x + self.output.forward(&attended)?
    }

    /// One new token of each beam attends to what came before it in the beam and to itself.
    pub(super) fn decode(&self, x: &Tensor, bias: &PositionBias, written: &mut [(&mut Written, &[Path])]) -> Result<Tensor> {
        let qkv = self.qkv.forward(x)?;
        let values: Vec<f32> = qkv.flatten_all()?.to_vec1()?;
        let mut rows = values.chunks_exact(3 * self.heads.inner());
        for (written, paths) in written.iter_mut() {
            rows.by_ref().take(paths.len()).for_each(|row| written.add(row));
        }
        let written: Vec<(&Written, &[Path])> = written.iter().map(|(written, paths)| (&**written, *paths)).collect();
        let attended = on_rows("attention", &qkv, |qkv| vector::run(Decode { qkv, written: &written, bias, heads: self.heads }))?;
        x + self.output.forward(&attended)?
    }
}

/// Attention of the decoder to the encoded prompt, with its norm and residual.
pub(super) struct CrossAttention {
    query: Projection,
    /// (`d_model`, 2 x inner): key, value.
    kv: Projection,
    output: Projection,
    heads: Heads,
}

impl CrossAttention {
    pub(super) fn load(weights: &Weights, layer: &str, config: &T5Config) -> Loaded<Self> {
        let (model, inner) = (config.d_model, config.inner());
        let name = |part: &str| format!("{layer}.EncDecAttention.{part}.weight");
        let norm = Norm::load(weights, &format!("{layer}.layer_norm"), config)?;
        Ok(Self {
            query: Projection::new(Some(norm), weights.linears(&[&name("q")], model, inner)?),
            kv: Projection::new(None, weights.linears(&[&name("k"), &name("v")], model, inner)?),
            output: Projection::new(None, weights.linears(&[&name("o")], inner, model)?),
            heads: Heads { count: config.num_heads, width: config.d_kv },
        })
    }

    /// Computed once for a prompt. `encoded` is (tokens, `d_model`).
    pub(super) fn prepare(&self, encoded: &Tensor) -> Result<KeysAndValues> {
        let kv: Vec<f32> = self.kv.forward(encoded)?.flatten_all()?.to_vec1()?;
        Ok(KeysAndValues::new(Rows::new(&kv, 2 * self.heads.inner()), 0, self.heads))
    }

    /// The beams of each prompt attend to it; of each the number of beams.
    pub(super) fn decode(&self, x: &Tensor, prompts: &[(&KeysAndValues, usize)]) -> Result<Tensor> {
        let attended = on_rows("attention", &self.query.forward(x)?, |queries| vector::run(Cross { queries, prompts }))?;
        x + self.output.forward(&attended)?
    }
}

/// The two projections with an activation between, with their norm and residual.
pub(super) struct FeedForward {
    /// (`d_model`, `d_ff`), or twice as wide when gated: the activated half, then the linear one.
    input: Projection,
    output: Projection,
}

impl FeedForward {
    pub(super) fn load(weights: &Weights, layer: &str, config: &T5Config) -> Loaded<Self> {
        let kind = config.feed_forward().map_err(|message| ModelLoadError::Build { message })?;
        let name = |part: &str| format!("{layer}.DenseReluDense.{part}.weight");
        let inputs: &[&str] = if kind.gated { &[&name("wi_0"), &name("wi_1")] } else { &[&name("wi")] };
        let norm = Norm::load(weights, &format!("{layer}.layer_norm"), config)?;
        Ok(Self {
            input: Projection { norm: Some(norm), weight: weights.linears(inputs, config.d_model, config.d_ff)?, activation: Some(kind) },
            output: Projection::new(None, weights.linears(&[&name("wo")], config.d_ff, config.d_model)?),
        })
    }

    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        x + self.output.forward(&self.input.forward(x)?)?
    }
}
