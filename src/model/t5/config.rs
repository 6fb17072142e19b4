//! `config.json` of a T5, in the form that transformers 4 and 5 write it.

use std::path::Path;

use serde::Deserialize;
use t5_kernels::{Activation, Between};

use crate::model::ModelLoadError;

/// The shape of a T5 and the ids of its control tokens.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct T5Config {
    #[serde(default)]
    model_type: String,
    pub(crate) vocab_size: usize,
    pub(crate) d_model: usize,
    pub(crate) d_kv: usize,
    pub(crate) d_ff: usize,
    pub(crate) num_layers: usize,
    num_decoder_layers: Option<usize>,
    pub(crate) num_heads: usize,
    pub(crate) relative_attention_num_buckets: usize,
    /// Absent from the oldest configurations, which meant 128.
    #[serde(default = "default_max_distance")]
    pub(crate) relative_attention_max_distance: usize,
    #[serde(default = "default_epsilon")]
    pub(crate) layer_norm_epsilon: f64,
    #[serde(default = "default_feed_forward")]
    feed_forward_proj: String,
    #[serde(default = "default_tied")]
    tie_word_embeddings: bool,
    /// Written by transformers 5, which then says nothing true in `tie_word_embeddings`.
    scale_decoder_outputs: Option<bool>,
    decoder_start_token_id: Option<u32>,
    eos_token_id: Option<TokenIds>,
    pad_token_id: Option<u32>,
}

/// transformers writes one id or a list of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum TokenIds {
    One(u32),
    Several(Vec<u32>),
}

/// The ids that `generation_config.json` may set over `config.json`.
#[derive(Debug, Default, Deserialize)]
struct GenerationConfig {
    decoder_start_token_id: Option<u32>,
    eos_token_id: Option<TokenIds>,
}

fn default_max_distance() -> usize {
    128
}

fn default_epsilon() -> f64 {
    1e-6
}

fn default_feed_forward() -> String {
    "relu".to_owned()
}

fn default_tied() -> bool {
    true
}

impl T5Config {
    /// Reads `config.json` and, where it stands, `generation_config.json`.
    pub(crate) fn read(dir: &Path) -> Result<Self, ModelLoadError> {
        let path = dir.join("config.json");
        let mut config: Self = read_json(&path)?;
        let generation = dir.join("generation_config.json");
        if generation.exists() {
            let generation: GenerationConfig = read_json(&generation)?;
            config.decoder_start_token_id = generation.decoder_start_token_id.or(config.decoder_start_token_id);
            config.eos_token_id = generation.eos_token_id.or(config.eos_token_id);
        }
        config.check(&path)?;
        Ok(config)
    }

    fn check(&self, path: &Path) -> Result<(), ModelLoadError> {
        // mT5 is T5 1.1 under another name; UMT5 is not: it has a position bias in every layer.
        if !matches!(self.model_type.as_str(), "t5" | "mt5") {
            return Err(ModelLoadError::WrongArchitecture { path: path.to_owned(), found: self.model_type.clone() });
        }
        let sizes = [
            ("vocab_size", self.vocab_size),
            ("d_model", self.d_model),
            ("d_kv", self.d_kv),
            ("d_ff", self.d_ff),
            ("num_layers", self.num_layers),
            ("num_heads", self.num_heads),
            ("relative_attention_num_buckets", self.relative_attention_num_buckets / 4),
        ];
        let invalid = |message: String| ModelLoadError::InvalidFile { path: path.to_owned(), message };
        if let Some((name, _)) = sizes.iter().find(|(_, size)| *size == 0) {
            return Err(invalid(format!("`{name}` is too small")));
        }
        self.feed_forward().map(|_| ()).map_err(invalid)
    }

    pub(crate) fn decoder_layers(&self) -> usize {
        self.num_decoder_layers.unwrap_or(self.num_layers)
    }

    /// The width of all heads together; not always `d_model`.
    pub(crate) fn inner(&self) -> usize {
        self.num_heads * self.d_kv
    }

    pub(crate) fn decoder_start(&self) -> u32 {
        self.decoder_start_token_id.or(self.pad_token_id).unwrap_or(0)
    }

    /// The first of the end tokens; T5 has one.
    pub(crate) fn end_token(&self) -> u32 {
        match &self.eos_token_id {
            None => 1,
            Some(TokenIds::One(id)) => *id,
            Some(TokenIds::Several(ids)) => ids.first().copied().unwrap_or(1),
        }
    }

    /// Whether the decoder's output is scaled by `d_model^-0.5` before the head, as the first T5 (tied embeddings) does.
    pub(crate) fn scales_output(&self) -> bool {
        self.scale_decoder_outputs.unwrap_or(self.tie_word_embeddings)
    }

    /// Whether a head in the weights is to be ignored: transformers 4 tied it to the embeddings, whatever the file held.
    pub(crate) fn ignores_own_head(&self) -> bool {
        self.tie_word_embeddings && self.scale_decoder_outputs.is_none()
    }

    pub(crate) fn feed_forward(&self) -> Result<Between, String> {
        let (gated, name) = match self.feed_forward_proj.strip_prefix("gated-") {
            Some(name) => (true, name),
            None => (false, self.feed_forward_proj.as_str()),
        };
        let activation = match name {
            "relu" => Activation::Relu,
            // transformers reads `gated-gelu`, and no other gelu, as the tanh form.
            "gelu" if gated => Activation::GeluTanh,
            "gelu_new" => Activation::GeluTanh,
            "gelu" => Activation::GeluErf,
            "silu" => Activation::Silu,
            _ => return Err(format!("`feed_forward_proj` is `{}`; known are relu, gelu, silu, alone or gated", self.feed_forward_proj)),
        };
        Ok(Between { activation, gated })
    }
}

fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, ModelLoadError> {
    let text = crate::model::read_file(path)?;
    serde_json::from_slice(&text).map_err(|error| ModelLoadError::InvalidFile { path: path.to_owned(), message: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(extra: &str) -> T5Config {
        let json = format!(
            r#"{{"model_type":"t5","vocab_size":8,"d_model":4,"d_kv":2,"d_ff":8,"num_layers":2,"num_heads":2,"relative_attention_num_buckets":32{extra}}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn tying_is_read_as_each_transformers_version_wrote_it() {
        let check = |extra: &str, scales: bool, ignores: bool| {
            let config = config(extra);
            assert_eq!((config.scales_output(), config.ignores_own_head()), (scales, ignores), "{extra}");
        };
        check("", true, true);
        check(r#","tie_word_embeddings":true"#, true, true);
        check(r#","tie_word_embeddings":false"#, false, false);
        check(r#","tie_word_embeddings":true,"scale_decoder_outputs":false"#, false, false);
        check(r#","tie_word_embeddings":true,"scale_decoder_outputs":true"#, true, false);
    }

    #[test]
    fn feed_forward_names_are_those_of_transformers() {
        let check = |name: &str, expected: Option<(Activation, bool)>| {
            let found = config(&format!(r#","feed_forward_proj":"{name}""#)).feed_forward();
            assert_eq!(found.ok().map(|kind| (kind.activation, kind.gated)), expected, "{name}");
        };
        check("relu", Some((Activation::Relu, false)));
        check("gated-gelu", Some((Activation::GeluTanh, true)));
        check("gelu", Some((Activation::GeluErf, false)));
        check("gated-silu", Some((Activation::Silu, true)));
        check("swish9", None);
    }

    #[test]
    fn the_end_token_may_be_a_list() {
        assert_eq!(config(r#","eos_token_id":[5,6]"#).end_token(), 5);
        assert_eq!(config(r#","eos_token_id":3,"pad_token_id":7"#).decoder_start(), 7);
    }
}
