//! The layers of T5's encoder and decoder, as operations on candle's tensors.
//!
//! Activations are (rows, width): the rows are the tokens of the prompt in the encoder, and in the decoder the beams of all questions
//! that are being answered, so every projection is one product. Projections of one input stand side by side in one weight.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};

use t5_kernels::{
    Buckets, Heads, KeysAndValues, Norm, Path, PositionBias, Projection, Rows, Written, attend_to_all, attend_to_prompts, attend_to_written,
};

use super::config::T5Config;
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

fn norm(weights: &Weights, name: &str, config: &T5Config) -> Loaded<Norm> {
    let weight = weights.get(&format!("{name}.weight"), &[config.d_model])?;
    Ok(Norm::new(weight.to_vec1()?, config.layer_norm_epsilon as f32))
}

/// The norm behind the last layer of a stack.
pub(super) fn final_norm(weights: &Weights, stack: &str, config: &T5Config) -> Loaded<Norm> {
    norm(weights, &format!("{stack}.final_layer_norm"), config)
}

pub(super) fn normed(norm: &Norm, x: &Tensor) -> Result<Tensor> {
    on_rows("norm", x, |x| norm.forward(x))
}

pub(super) fn project(projection: &Projection, x: &Tensor) -> Result<Tensor> {
    on_rows("projection", x, |x| projection.forward(x))
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
        let norm = norm(weights, &format!("{layer}.layer_norm"), config)?;
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
        let values: Vec<f32> = weight.flatten_all()?.to_vec1()?;
        Ok(PositionBias::new(Rows::new(&values, config.num_heads), buckets))
    }

    /// All tokens attend to all tokens: (tokens, `d_model`) in and out.
    pub(super) fn encode(&self, x: &Tensor, bias: &PositionBias) -> Result<Tensor> {
        let attended = on_rows("attention", &project(&self.qkv, x)?, |qkv| attend_to_all(qkv, bias, self.heads))?;
        x + project(&self.output, &attended)?
    }

    /// One new token of each beam attends to what came before it in the beam and to itself.
    pub(super) fn decode(&self, x: &Tensor, bias: &PositionBias, written: &mut [(&mut Written, &[Path])]) -> Result<Tensor> {
        let qkv = project(&self.qkv, x)?;
        let values: Vec<f32> = qkv.flatten_all()?.to_vec1()?;
        let mut rows = values.chunks_exact(3 * self.heads.inner());
        for (written, paths) in written.iter_mut() {
            rows.by_ref().take(paths.len()).for_each(|row| written.add(row));
        }
        let written: Vec<(&Written, &[Path])> = written.iter().map(|(written, paths)| (&**written, *paths)).collect();
        let attended = on_rows("attention", &qkv, |qkv| attend_to_written(qkv, &written, bias, self.heads))?;
        x + project(&self.output, &attended)?
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
        let norm = norm(weights, &format!("{layer}.layer_norm"), config)?;
        Ok(Self {
            query: Projection::new(Some(norm), weights.linears(&[&name("q")], model, inner)?),
            kv: Projection::new(None, weights.linears(&[&name("k"), &name("v")], model, inner)?),
            output: Projection::new(None, weights.linears(&[&name("o")], inner, model)?),
            heads: Heads { count: config.num_heads, width: config.d_kv },
        })
    }

    /// Computed once for a prompt. `encoded` is (tokens, `d_model`).
    pub(super) fn prepare(&self, encoded: &Tensor) -> Result<KeysAndValues> {
        let kv: Vec<f32> = project(&self.kv, encoded)?.flatten_all()?.to_vec1()?;
        Ok(KeysAndValues::new(Rows::new(&kv, 2 * self.heads.inner()), 0, self.heads))
    }

    /// The beams of each prompt attend to it; of each the number of beams.
    pub(super) fn decode(&self, x: &Tensor, prompts: &[(&KeysAndValues, usize)]) -> Result<Tensor> {
        let attended = on_rows("attention", &project(&self.query, x)?, |queries| attend_to_prompts(queries, prompts))?;
        x + project(&self.output, &attended)?
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
        let between = config.feed_forward().map_err(|message| ModelLoadError::Build { message })?;
        let name = |part: &str| format!("{layer}.DenseReluDense.{part}.weight");
        let inputs: &[&str] = if between.gated { &[&name("wi_0"), &name("wi_1")] } else { &[&name("wi")] };
        let norm = norm(weights, &format!("{layer}.layer_norm"), config)?;
        Ok(Self {
            input: Projection::new(Some(norm), weights.linears(inputs, config.d_model, config.d_ff)?).before(between),
            output: Projection::new(None, weights.linears(&[&name("wo")], config.d_ff, config.d_model)?),
        })
    }

    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        x + project(&self.output, &project(&self.input, x)?)?
    }
}
