//! Text to token ids and back, with the tokenizer that came with the model.

use std::path::Path;

use tokenizers::{DecoderWrapper, Tokenizer};

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

    /// The id of a control token.
    ///
    /// # Errors
    /// [`ModelLoadError::Build`] when the vocabulary lacks it.
    pub(crate) fn token(&self, text: &str) -> Result<u32, ModelLoadError> {
        self.tokenizer.token_to_id(text).ok_or_else(|| ModelLoadError::Build { message: format!("its vocabulary has no `{text}`") })
    }

    /// The text of generated ids: without control tokens, with added words such as `@v1`.
    pub(crate) fn decode(&self, ids: &[u32]) -> Result<String, ModelError> {
        let text = self.tokenizer.decode(ids, true).map_err(|error| ModelError::Failed { message: error.to_string() })?;
        Ok(text.trim().to_owned())
    }

    /// What each of `size` tokens adds to a text, as bytes; nothing for control tokens and ids that the tokenizer does not use.
    pub(crate) fn spelling(&self, size: usize) -> Vec<Vec<u8>> {
        let byte_level = matches!(self.tokenizer.get_decoder(), Some(DecoderWrapper::ByteLevel(_)));
        let mut spelling = vec![Vec::new(); size];
        for (text, id) in self.tokenizer.get_vocab(true) {
            let Some(entry) = spelling.get_mut(id as usize) else { continue };
            *entry = match byte_level.then(|| bytes_of_byte_level(&text)).flatten() {
                Some(bytes) => bytes,
                None => bytes_of_sentencepiece(&text),
            };
        }
        for (id, added) in self.tokenizer.get_added_tokens_decoder() {
            if let Some(entry) = spelling.get_mut(id as usize) {
                *entry = if added.special { Vec::new() } else { added.content.into_bytes() };
            }
        }
        spelling
    }

    /// Entries of the vocabulary, added tokens included.
    pub(crate) fn vocabulary(&self) -> usize {
        self.tokenizer.get_vocab_size(true)
    }
}

/// Byte-level BPE writes each byte as a character that can be seen; none where the text has another character.
fn bytes_of_byte_level(text: &str) -> Option<Vec<u8>> {
    text.chars().map(byte_of).collect()
}

/// The byte that a character stands for: itself where it can be seen, else the bytes that cannot, in order, from U+0100 on.
fn byte_of(character: char) -> Option<u8> {
    let visible = |byte: &u8| matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff);
    match u8::try_from(u32::from(character)) {
        Ok(byte) => visible(&byte).then_some(byte),
        Err(_) => (0..=u8::MAX).filter(|byte| !visible(byte)).nth((u32::from(character) as usize).checked_sub(0x100)?),
    }
}

/// SentencePiece writes a space as `▁`, and a byte that is no character of its own as `<0x0A>`.
fn bytes_of_sentencepiece(text: &str) -> Vec<u8> {
    let byte = text.strip_prefix("<0x").and_then(|rest| u8::from_str_radix(rest.strip_suffix('>')?, 16).ok());
    byte.map_or_else(|| text.replace('▁', " ").into_bytes(), |byte| vec![byte])
}
