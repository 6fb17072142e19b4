//! The layers of T5's encoder and decoder.
//!
//! Activations are (rows, width): the rows are the tokens of the prompt in the encoder and the beams in the decoder, so every
//! projection is one plain matrix product. Projections of one input stand side by side in one weight.

use candle_core::{Result, Tensor};
use candle_nn::ops::{rms_norm, softmax_last_dim};

use super::config::{Activation, FeedForwardKind, T5Config};
use super::position::{Buckets, PositionBias};
use super::weights::Weights;
use crate::model::ModelLoadError;

/// `x` (rows, input) times a weight (input, output).
///
/// A single row is computed as two: for one row the product falls to a matrix-vector routine that takes three times as long as the
/// matrix routine takes for two rows (256 x 768 in F32: 48 us against 14 us).
pub(crate) fn product(x: &Tensor, weight: &Tensor) -> Result<Tensor> {
    if x.dim(0)? == 1 { Tensor::cat(&[x, x], 0)?.matmul(weight)?.narrow(0, 0, 1) } else { x.matmul(weight) }
}

/// T5's layer norm: it scales and does not shift.
pub(crate) struct Norm {
    weight: Tensor,
    epsilon: f32,
}

impl Norm {
    pub(crate) fn load(weights: &Weights, name: &str, config: &T5Config) -> std::result::Result<Self, ModelLoadError> {
        Ok(Self { weight: weights.get(&format!("{name}.weight"), &[config.d_model])?, epsilon: config.layer_norm_epsilon as f32 })
    }

    /// The same norm with its output multiplied by a constant.
    pub(crate) fn scaled(self, factor: f64) -> Result<Self> {
        Ok(Self { weight: (self.weight * factor)?, ..self })
    }

    pub(crate) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        rms_norm(x, &self.weight, self.epsilon)
    }
}

/// Heads and their width.
#[derive(Clone, Copy)]
struct Heads {
    count: usize,
    width: usize,
}

/// Attention of a sequence to itself, with its norm and residual.
pub(crate) struct SelfAttention {
    norm: Norm,
    /// (`d_model`, 3 x inner): query, key, value.
    qkv: Tensor,
    output: Tensor,
    heads: Heads,
}

impl SelfAttention {
    pub(crate) fn load(weights: &Weights, layer: &str, config: &T5Config) -> std::result::Result<Self, ModelLoadError> {
        let (model, inner) = (config.d_model, config.inner());
        let name = |part: &str| format!("{layer}.SelfAttention.{part}.weight");
        Ok(Self {
            norm: Norm::load(weights, &format!("{layer}.layer_norm"), config)?,
            qkv: weights.linears(&[name("q"), name("k"), name("v")], model, inner)?,
            output: weights.linear(&name("o"), inner, model)?,
            heads: Heads { count: config.num_heads, width: config.d_kv },
        })
    }

    /// The learned position bias, which only the first layer of a stack has.
    pub(crate) fn load_bias(
        weights: &Weights,
        layer: &str,
        config: &T5Config,
        bidirectional: bool,
    ) -> std::result::Result<PositionBias, ModelLoadError> {
        let count = config.relative_attention_num_buckets;
        let weight = weights.get(&format!("{layer}.SelfAttention.relative_attention_bias.weight"), &[count, config.num_heads])?;
        let buckets = Buckets { count, max_distance: config.relative_attention_max_distance, bidirectional };
        Ok(PositionBias::new(&weight, buckets)?)
    }

    /// All tokens attend to all tokens: (tokens, `d_model`) in and out; `bias` is (heads, tokens, tokens).
    pub(crate) fn encode(&self, x: &Tensor, bias: &Tensor) -> Result<Tensor> {
        let tokens = x.dim(0)?;
        let qkv = self.project(x)?;
        let part = |index: usize| qkv.narrow(1, index, 1)?.squeeze(1)?.transpose(0, 1);
        let scores = (part(0)?.matmul(&part(1)?.t()?)? + bias)?;
        let attended = softmax_last_dim(&scores)?.matmul(&part(2)?)?;
        let merged = attended.transpose(0, 1)?.reshape((tokens, self.heads.count * self.heads.width))?;
        x + product(&merged, &self.output)?
    }

    /// One new token of each beam attends to what came before it in the beam and to itself.
    pub(crate) fn decode(&self, x: &Tensor, bias: &Tensor, cache: &mut KeyValueCache) -> Result<Tensor> {
        let beams = x.dim(0)?;
        let qkv = self.project(x)?;
        // (beams, 3, heads, width) to (beams, heads, 1, width), which is the same memory once it is contiguous.
        let part = |index: usize| qkv.narrow(1, index, 1)?.contiguous()?.reshape((beams, self.heads.count, 1, self.heads.width));
        cache.append(part(1)?, part(2)?)?;
        let scores = part(0)?.matmul(&cache.keys()?.t()?)?.broadcast_add(bias)?;
        let attended = softmax_last_dim(&scores)?.matmul(cache.values()?)?;
        x + product(&attended.reshape((beams, self.heads.count * self.heads.width))?, &self.output)?
    }

    /// (rows, 3, heads, width).
    fn project(&self, x: &Tensor) -> Result<Tensor> {
        let rows = x.dim(0)?;
        product(&self.norm.forward(x)?, &self.qkv)?.reshape((rows, 3, self.heads.count, self.heads.width))
    }
}

/// Keys and values of the tokens that the beams hold so far, (beams, heads, tokens, width) each.
#[derive(Default)]
pub(crate) struct KeyValueCache {
    entries: Option<(Tensor, Tensor)>,
}

impl KeyValueCache {
    fn append(&mut self, key: Tensor, value: Tensor) -> Result<()> {
        self.entries = Some(match &self.entries {
            None => (key, value),
            Some((keys, values)) => (Tensor::cat(&[keys, &key], 2)?, Tensor::cat(&[values, &value], 2)?),
        });
        Ok(())
    }

    fn keys(&self) -> Result<&Tensor> {
        Ok(&self.filled()?.0)
    }

    fn values(&self) -> Result<&Tensor> {
        Ok(&self.filled()?.1)
    }

    fn filled(&self) -> Result<&(Tensor, Tensor)> {
        self.entries.as_ref().ok_or_else(|| candle_core::Error::msg("the key-value cache is read before it is filled"))
    }

    /// Makes beam `i` what beam `origins[i]` was; beams may multiply or vanish.
    pub(crate) fn reorder(&mut self, origins: &Tensor) -> Result<()> {
        if let Some((keys, values)) = &mut self.entries {
            *keys = keys.index_select(origins, 0)?;
            *values = values.index_select(origins, 0)?;
        }
        Ok(())
    }
}

/// Attention of the decoder to the encoded prompt, with its norm and residual.
pub(crate) struct CrossAttention {
    norm: Norm,
    query: Tensor,
    /// (`d_model`, 2 x inner): key, value.
    kv: Tensor,
    output: Tensor,
    heads: Heads,
}

/// The prompt as one decoder layer sees it, shared by all beams.
pub(crate) struct PromptKeys {
    /// (heads, tokens, width)
    keys: Tensor,
    /// (heads, width, tokens): either product then runs along contiguous memory on both sides.
    values: Tensor,
}

impl CrossAttention {
    pub(crate) fn load(weights: &Weights, layer: &str, config: &T5Config) -> std::result::Result<Self, ModelLoadError> {
        let (model, inner) = (config.d_model, config.inner());
        let name = |part: &str| format!("{layer}.EncDecAttention.{part}.weight");
        Ok(Self {
            norm: Norm::load(weights, &format!("{layer}.layer_norm"), config)?,
            query: weights.linear(&name("q"), model, inner)?,
            kv: weights.linears(&[name("k"), name("v")], model, inner)?,
            output: weights.linear(&name("o"), inner, model)?,
            heads: Heads { count: config.num_heads, width: config.d_kv },
        })
    }

    /// Computed once for a prompt. `encoded` is (tokens, `d_model`).
    pub(crate) fn prepare(&self, encoded: &Tensor) -> Result<PromptKeys> {
        let tokens = encoded.dim(0)?;
        let kv = encoded.matmul(&self.kv)?.reshape((tokens, 2, self.heads.count, self.heads.width))?;
        let part = |index: usize| kv.narrow(1, index, 1)?.squeeze(1);
        Ok(PromptKeys { keys: part(0)?.transpose(0, 1)?.contiguous()?, values: part(1)?.permute((1, 2, 0))?.contiguous()? })
    }

    /// The beams stand as the rows of each head's matrix, so that keys and values are read once for all of them.
    pub(crate) fn decode(&self, x: &Tensor, prompt: &PromptKeys) -> Result<Tensor> {
        let beams = x.dim(0)?;
        let query = product(&self.norm.forward(x)?, &self.query)?;
        let query = query.reshape((beams, self.heads.count, self.heads.width))?.transpose(0, 1)?;
        let attended = softmax_last_dim(&query.matmul(&prompt.keys.t()?)?)?.matmul(&prompt.values.t()?)?;
        let merged = attended.transpose(0, 1)?.reshape((beams, self.heads.count * self.heads.width))?;
        x + product(&merged, &self.output)?
    }
}

/// The two projections with an activation between, with their norm and residual.
pub(crate) struct FeedForward {
    norm: Norm,
    /// (`d_model`, `d_ff`), or twice as wide when gated: the activated half, then the linear one.
    input: Tensor,
    output: Tensor,
    kind: FeedForwardKind,
    width: usize,
}

impl FeedForward {
    pub(crate) fn load(weights: &Weights, layer: &str, config: &T5Config) -> std::result::Result<Self, ModelLoadError> {
        let kind = config.feed_forward().map_err(|message| ModelLoadError::Build { message })?;
        let name = |part: &str| format!("{layer}.DenseReluDense.{part}.weight");
        let inputs = if kind.gated { vec![name("wi_0"), name("wi_1")] } else { vec![name("wi")] };
        Ok(Self {
            norm: Norm::load(weights, &format!("{layer}.layer_norm"), config)?,
            input: weights.linears(&inputs, config.d_model, config.d_ff)?,
            output: weights.linear(&name("wo"), config.d_ff, config.d_model)?,
            kind,
            width: config.d_ff,
        })
    }

    pub(crate) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let hidden = product(&self.norm.forward(x)?, &self.input)?;
        let activated = if self.kind.gated {
            (self.activate(&hidden.narrow(1, 0, self.width)?)? * hidden.narrow(1, self.width, self.width)?)?
        } else {
            self.activate(&hidden)?
        };
        x + product(&activated, &self.output)?
    }

    fn activate(&self, x: &Tensor) -> Result<Tensor> {
        match self.kind.activation {
            Activation::Relu => x.relu(),
            Activation::GeluTanh => x.gelu(),
            Activation::GeluErf => x.gelu_erf(),
            Activation::Silu => x.silu(),
        }
    }
}
