//! Text to token ids and back, with the tokenizer that came with the model.

use std::path::Path;

use tokenizers::Tokenizer;

use super::{ModelError, ModelLoadError, read_file};

/// The tokenizer of a T5: a prompt ends with the end token.
pub(crate) struct PromptTokenizer {
    tokenizer: Tokenizer,
    end_token: u32,
}

impl PromptTokenizer {
    pub(crate) fn load(path: &Path, end_token: u32, vocab_size: usize) -> Result<Self, ModelLoadError> {
        let invalid = |error: tokenizers::Error| ModelLoadError::InvalidFile { path: path.to_owned(), message: error.to_string() };
        let mut tokenizer = Tokenizer::from_bytes(read_file(path)?).map_err(invalid)?;
        // The file may ask for cutting and filling, for training in batches; here a cut prompt would be another question.
        tokenizer.with_truncation(None).map_err(invalid)?;
        tokenizer.with_padding(None);
        let highest = tokenizer.get_vocab(true).into_values().max().unwrap_or(0);
        if highest as usize >= vocab_size {
            return Err(ModelLoadError::VocabMismatch { path: path.to_owned(), highest, vocab_size });
        }
        Ok(Self { tokenizer, end_token })
    }

    /// The ids of a prompt, end token included, at most `limit` of them.
    pub(crate) fn encode(&self, prompt: &str, limit: usize) -> Result<Vec<u32>, ModelError> {
        let encoding = self.tokenizer.encode_fast(prompt, true).map_err(|error| ModelError::Failed { message: error.to_string() })?;
        let mut ids = encoding.get_ids().to_vec();
        if ids.last() != Some(&self.end_token) {
            ids.push(self.end_token);
        }
        if ids.len() > limit {
            return Err(ModelError::PromptTooLong { tokens: ids.len(), limit });
        }
        Ok(ids)
    }

    /// The text of generated ids: without control tokens, with added words such as `@v1`.
    pub(crate) fn decode(&self, ids: &[u32]) -> Result<String, ModelError> {
        let text = self.tokenizer.decode(ids, true).map_err(|error| ModelError::Failed { message: error.to_string() })?;
        Ok(text.trim().to_owned())
    }

    /// Entries of the vocabulary, added tokens included.
    pub(crate) fn vocabulary(&self) -> usize {
        self.tokenizer.get_vocab_size(true)
    }
}
