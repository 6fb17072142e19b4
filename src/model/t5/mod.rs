//! T5 (encoder and decoder) in candle, for any `T5ForConditionalGeneration` in Hugging Face format, in F32 on the CPU.
//!
//! Written here rather than taken from candle-transformers because that model clones its caches at every step and knows no beams:
//! here the beams of one prompt are the rows of every product, and the prompt's keys and values are computed once and shared by all.
//! It follows transformers' `modeling_t5.py`; `parity.rs` holds it to recorded logits. It knows no text and no search.

mod config;
mod layers;
mod position;
mod weights;

use std::path::Path;

use candle_core::{Device, Result, Tensor};

pub(crate) use config::T5Config;
use layers::{CrossAttention, FeedForward, KeyValueCache, Norm, PromptKeys, SelfAttention, product};
use position::PositionBias;
use weights::Weights;
pub(crate) use weights::{SHARD_INDEX, SINGLE_FILE, ShardIndex, weight_files};

use super::ModelLoadError;

/// The weights of a T5; shared by all workers, never changed.
pub(crate) struct T5 {
    /// (vocabulary, `d_model`), read by row.
    embeddings: Tensor,
    encoder: Encoder,
    decoder: Decoder,
    /// (`d_model`, vocabulary).
    head: Tensor,
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
    /// Holds the scaling of the output as well, where the model scales it.
    norm: Norm,
}

/// One prompt being answered: what the beams have in common, and what each has written.
pub(crate) struct Decoding {
    prompt: Vec<PromptKeys>,
    caches: Vec<KeyValueCache>,
    /// (1, heads, 1, `max_tokens`)
    bias: Tensor,
    written: usize,
    max_tokens: usize,
}

impl T5 {
    /// Reads the weights that `dir` holds for `config`.
    pub(crate) fn load(dir: &Path, config: &T5Config) -> std::result::Result<Self, ModelLoadError> {
        let weights = Weights::open(dir)?;
        // Some converters keep the shared embeddings under the name of one of the stacks that share them.
        let names = ["shared.weight", "encoder.embed_tokens.weight", "decoder.embed_tokens.weight"];
        let name = names.into_iter().find(|name| weights.has(name)).unwrap_or(names[0]);
        let embeddings = weights.get(name, &[config.vocab_size, config.d_model])?;
        let head = if weights.has("lm_head.weight") && !config.ignores_own_head() {
            weights.linear("lm_head.weight", config.d_model, config.vocab_size)?
        } else {
            embeddings.t()?.contiguous()?
        };
        let encoder = Encoder::load(&weights, config)?;
        let decoder = Decoder::load(&weights, config)?;
        Ok(Self { embeddings, encoder, decoder, head, parameters: weights.parameters() })
    }

    pub(crate) fn parameters(&self) -> usize {
        self.parameters
    }

    /// Encodes a prompt for at most `max_tokens` decoding steps.
    pub(crate) fn start(&self, prompt: &[u32], max_tokens: usize) -> Result<Decoding> {
        let encoded = self.encoder.forward(&self.embed(prompt)?)?;
        let prepare = |(_, cross, _): &(SelfAttention, CrossAttention, FeedForward)| cross.prepare(&encoded);
        Ok(Decoding {
            prompt: self.decoder.layers.iter().map(prepare).collect::<Result<_>>()?,
            caches: self.decoder.layers.iter().map(|_| KeyValueCache::default()).collect(),
            bias: self.decoder.bias.backwards(max_tokens)?,
            written: 0,
            max_tokens,
        })
    }

    /// Appends one token to each beam; gives the logits of what may follow, (beams, vocabulary).
    pub(crate) fn step(&self, tokens: &[u32], decoding: &mut Decoding) -> Result<Tensor> {
        if decoding.written == decoding.max_tokens {
            candle_core::bail!("more than {} decoding steps", decoding.max_tokens);
        }
        decoding.written += 1;
        let bias = decoding.bias.narrow(3, decoding.max_tokens - decoding.written, decoding.written)?;
        let mut x = self.embed(tokens)?;
        let layers = self.decoder.layers.iter().zip(&mut decoding.caches).zip(&decoding.prompt);
        for (((attention, cross, feed_forward), cache), prompt) in layers {
            x = attention.decode(&x, &bias, cache)?;
            x = cross.decode(&x, prompt)?;
            x = feed_forward.forward(&x)?;
        }
        product(&self.decoder.norm.forward(&x)?, &self.head)
    }

    fn embed(&self, tokens: &[u32]) -> Result<Tensor> {
        self.embeddings.index_select(&Tensor::new(tokens, &Device::Cpu)?, 0)
    }
}

impl Decoding {
    /// Makes beam `i` what beam `origins[i]` was; beams may multiply or vanish.
    pub(crate) fn reorder(&mut self, origins: &[u32]) -> Result<()> {
        let origins = Tensor::new(origins, &Device::Cpu)?;
        self.caches.iter_mut().try_for_each(|cache| cache.reorder(&origins))
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
            norm: Norm::load(weights, "encoder.final_layer_norm", config)?,
        })
    }

    fn forward(&self, embedded: &Tensor) -> Result<Tensor> {
        let bias = self.bias.square(embedded.dim(0)?)?;
        let mut x = embedded.clone();
        for (attention, feed_forward) in &self.layers {
            x = feed_forward.forward(&attention.encode(&x, &bias)?)?;
        }
        self.norm.forward(&x)
    }
}

impl Decoder {
    fn load(weights: &Weights, config: &T5Config) -> std::result::Result<Self, ModelLoadError> {
        let layer = |index: usize| {
            let block = format!("decoder.block.{index}.layer");
            Ok((
                SelfAttention::load(weights, &format!("{block}.0"), config)?,
                CrossAttention::load(weights, &format!("{block}.1"), config)?,
                FeedForward::load(weights, &format!("{block}.2"), config)?,
            ))
        };
        let norm = Norm::load(weights, "decoder.final_layer_norm", config)?;
        Ok(Self {
            bias: SelfAttention::load_bias(weights, "decoder.block.0.layer.0", config, false)?,
            layers: (0..config.decoder_layers()).map(layer).collect::<std::result::Result<_, ModelLoadError>>()?,
            norm: if config.scales_output() { norm.scaled((config.d_model as f64).powf(-0.5))? } else { norm },
        })
    }
}
