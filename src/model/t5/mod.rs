//! T5 (encoder and decoder) in candle, for any `T5ForConditionalGeneration` in Hugging Face format, in F32 on the CPU.
//!
//! Written here rather than taken from candle-transformers because that model clones its caches at every step and knows no beams:
//! here the beams of all questions that are being answered are the rows of every product, and a prompt's keys and values are computed
//! once and shared by its beams. Tensors, weights and files are candle's; the operations are ours (`crates/t5-kernels`).
//! It follows transformers' `modeling_t5.py`; `parity.rs` holds it to recorded logits. It knows no text and no search.

mod config;
mod layers;
mod weights;

use std::path::Path;

use candle_core::{DType, Device, Result, Tensor};

pub(crate) use config::T5Config;
use layers::{CrossAttention, FeedForward, SelfAttention, final_norm, normed, project};
use t5_kernels::{KeysAndValues, Norm, Packed, Path as BeamPath, PositionBias, Projection, Written};
pub(crate) use t5_kernels::{highest, log_sum_exp};
use weights::Weights;
pub(crate) use weights::{SHARD_INDEX, SINGLE_FILE, ShardIndex, weight_files};

use super::ModelLoadError;

/// The weights of a T5; shared by all workers, never changed.
pub(crate) struct T5 {
    /// (vocabulary, `d_model`), read by row; as the file has them.
    embeddings: Tensor,
    encoder: Encoder,
    decoder: Decoder,
    parameters: usize,
}

struct Encoder {
    bias: PositionBias,
    layers: Vec<(SelfAttention, FeedForward)>,
    norm: Norm,
}

struct Decoder {
    bias: PositionBias,
    layers: Vec<(SelfAttention, CrossAttention, FeedForward)>,
    /// (`d_model`, vocabulary), with the last norm.
    head: Projection,
}

/// One prompt being answered: what the beams have in common, and what each has written.
pub(crate) struct Decoding {
    /// By layer.
    prompt: Vec<KeysAndValues>,
    written: Vec<Written>,
    /// Of each beam.
    paths: Vec<BeamPath>,
    /// Tokens that were ever written, in beams that go on and in others.
    rows: u32,
}

impl T5 {
    /// Reads the weights that `dir` holds for `config`.
    pub(crate) fn load(dir: &Path, config: &T5Config) -> std::result::Result<Self, ModelLoadError> {
        let weights = Weights::open(dir)?;
        // Some converters keep the shared embeddings under the name of one of the stacks that share them.
        let names = ["shared.weight", "encoder.embed_tokens.weight", "decoder.embed_tokens.weight"];
        let name = names.into_iter().find(|name| weights.has(name)).unwrap_or(names[0]);
        let embeddings = weights.stored(name, &[config.vocab_size, config.d_model])?;
        let head = if weights.has("lm_head.weight") && !config.ignores_own_head() { "lm_head.weight" } else { name };
        let head = weights.linears(&[head], config.d_model, config.vocab_size)?;
        let encoder = Encoder::load(&weights, config)?;
        let decoder = Decoder::load(&weights, config, head)?;
        Ok(Self { embeddings, encoder, decoder, parameters: weights.parameters() })
    }

    pub(crate) fn parameters(&self) -> usize {
        self.parameters
    }

    /// Encodes a prompt.
    pub(crate) fn start(&self, prompt: &[u32]) -> Result<Decoding> {
        let encoded = self.encoder.forward(&self.embed(prompt)?)?;
        let layers = &self.decoder.layers;
        Ok(Decoding {
            prompt: layers.iter().map(|(_, cross, _)| cross.prepare(&encoded)).collect::<Result<_>>()?,
            written: layers.iter().map(|_| Written::default()).collect(),
            paths: vec![BeamPath::new()],
            rows: 0,
        })
    }

    /// Appends one token to each beam of each of these; gives the logits of what may follow, a row for each beam in their order.
    pub(crate) fn step(&self, decodings: &mut [&mut Decoding], tokens: &[u32]) -> Result<Vec<f32>> {
        let beams: usize = decodings.iter().map(|decoding| decoding.paths.len()).sum();
        if beams != tokens.len() {
            candle_core::bail!("{} tokens for {beams} beams", tokens.len());
        }
        decodings.iter_mut().for_each(|decoding| decoding.lengthen());
        let mut x = self.embed(tokens)?;
        for (index, (attention, cross, feed_forward)) in self.decoder.layers.iter().enumerate() {
            let mut written: Vec<_> = decodings.iter_mut().map(|one| (&mut one.written[index], one.paths.as_slice())).collect();
            x = attention.decode(&x, &self.decoder.bias, &mut written)?;
            let prompts: Vec<_> = decodings.iter().map(|one| (&one.prompt[index], one.paths.len())).collect();
            x = cross.decode(&x, &prompts)?;
            x = feed_forward.forward(&x)?;
        }
        project(&self.decoder.head, &x)?.flatten_all()?.to_vec1()
    }

    fn embed(&self, tokens: &[u32]) -> Result<Tensor> {
        self.embeddings.index_select(&Tensor::new(tokens, &Device::Cpu)?, 0)?.to_dtype(DType::F32)
    }
}

impl Decoding {
    /// A row for the next token of each beam.
    fn lengthen(&mut self) {
        for path in &mut self.paths {
            path.push(self.rows);
            self.rows += 1;
        }
    }

    /// The next `count` tokens of the one sequence that this has are known: makes each a beam that has those before it, so that one step
    /// takes all of them in.
    pub(crate) fn lay(&mut self, count: usize) {
        self.paths = (self.rows..self.rows + count as u32).map(|row| (0..row).collect()).collect();
    }

    /// Makes beam `i` what beam `origins[i]` was; beams may multiply or vanish.
    pub(crate) fn reorder(&mut self, origins: &[u32]) {
        self.paths = origins.iter().map(|origin| self.paths[*origin as usize].clone()).collect();
    }
}

impl Encoder {
    fn load(weights: &Weights, config: &T5Config) -> std::result::Result<Self, ModelLoadError> {
        let layer = |index: usize| {
            let block = format!("encoder.block.{index}.layer");
            Ok((SelfAttention::load(weights, &format!("{block}.0"), config)?, FeedForward::load(weights, &format!("{block}.1"), config)?))
        };
        Ok(Self {
            bias: SelfAttention::load_bias(weights, "encoder.block.0.layer.0", config, true)?,
            layers: (0..config.num_layers).map(layer).collect::<std::result::Result<_, ModelLoadError>>()?,
            norm: final_norm(weights, "encoder", config)?,
        })
    }

    fn forward(&self, embedded: &Tensor) -> Result<Tensor> {
        let mut x = embedded.clone();
        for (attention, feed_forward) in &self.layers {
            x = feed_forward.forward(&attention.encode(&x, &self.bias)?)?;
        }
        normed(&self.norm, &x)
    }
}

impl Decoder {
    fn load(weights: &Weights, config: &T5Config, head: Packed) -> std::result::Result<Self, ModelLoadError> {
        let layer = |index: usize| {
            let block = format!("decoder.block.{index}.layer");
            Ok((
                SelfAttention::load(weights, &format!("{block}.0"), config)?,
                CrossAttention::load(weights, &format!("{block}.1"), config)?,
                FeedForward::load(weights, &format!("{block}.2"), config)?,
            ))
        };
        let norm = final_norm(weights, "decoder", config)?;
        let norm = if config.scales_output() { norm.scaled((config.d_model as f64).powf(-0.5)) } else { norm };
        Ok(Self {
            bias: SelfAttention::load_bias(weights, "decoder.block.0.layer.0", config, false)?,
            layers: (0..config.decoder_layers()).map(layer).collect::<std::result::Result<_, ModelLoadError>>()?,
            head: Projection::new(Some(norm), head),
        })
    }
}
