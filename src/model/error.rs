//! Why a model could not be had or loaded: each error names the file and what a person can do about it.

use std::path::PathBuf;

use super::hub::HubError;

#[derive(Debug, thiserror::Error)]
pub enum ModelLoadError {
    #[error("{} is missing; fetch the model again (`quaver model pull`), or name its folder in the manifest", path.display())]
    MissingFile { path: PathBuf },

    #[error("cannot read {}: {source}", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },

    #[error("{} is not what a T5 model has there: {message}", path.display())]
    InvalidFile { path: PathBuf, message: String },

    #[error("{} is damaged ({message}); delete it and fetch the model again (`quaver model pull`)", path.display())]
    Corrupt { path: PathBuf, message: String },

    #[error("{} says that the model is `{found}`; only T5 models (`t5`, `mt5`) can be run", path.display())]
    WrongArchitecture { path: PathBuf, found: String },

    #[error("{} has no tensor `{tensor}`; its weights do not belong to its config.json", path.display())]
    MissingTensor { path: PathBuf, tensor: String },

    #[error("tensor `{tensor}` in {} has the shape {found:?}, config.json asks for {expected:?}; the two files are not of one model", path.display())]
    WrongShape { path: PathBuf, tensor: String, expected: Vec<usize>, found: Vec<usize> },

    #[error("{} has token ids up to {highest}, but the model's vocabulary has {vocab_size} entries; take the tokenizer that came with the model", path.display())]
    VocabMismatch { path: PathBuf, highest: u32, vocab_size: usize },

    #[error("manifest {}: {message}", path.display())]
    InvalidManifest { path: PathBuf, message: String },

    #[error(transparent)]
    Constraint(#[from] super::ConstraintError),

    #[error(transparent)]
    Hub(#[from] HubError),

    #[error("the model could not be built: {message}")]
    Build { message: String },
}

impl From<candle_core::Error> for ModelLoadError {
    fn from(error: candle_core::Error) -> Self {
        Self::Build { message: error.to_string() }
    }
}
