//! Tensors by their safetensors names, from one file or from shards.
//!
//! The files are read into memory rather than mapped: mapping needs `unsafe`, and a mapped file that is replaced under the process
//! would change the model while it runs.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use candle_core::safetensors::BufferedSafetensors;
use candle_core::{DType, Device, Tensor};
use serde::Deserialize;
use t5_kernels::Packed;

use crate::model::{ModelLoadError, read_file};

pub(crate) const SINGLE_FILE: &str = "model.safetensors";
pub(crate) const SHARD_INDEX: &str = "model.safetensors.index.json";

/// `model.safetensors.index.json`: which shard holds which tensor.
#[derive(Debug, Deserialize)]
pub(crate) struct ShardIndex {
    weight_map: HashMap<String, String>,
}

impl ShardIndex {
    pub(crate) fn parse(path: &Path, json: &[u8]) -> Result<Self, ModelLoadError> {
        let invalid = |message: String| ModelLoadError::InvalidFile { path: path.to_owned(), message };
        let index: Self = serde_json::from_slice(json).map_err(|error| invalid(error.to_string()))?;
        // A shard stands beside its index; a name that leads elsewhere is an attack or an accident.
        match index.weight_map.values().find(|name| name.contains(['/', '\\']) || name.starts_with('.')) {
            Some(name) => Err(invalid(format!("the shard `{name}` is not a plain file name"))),
            None => Ok(index),
        }
    }

    /// The shards' file names, each once, in order.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut files: Vec<String> = self.weight_map.values().cloned().collect();
        files.sort();
        files.dedup();
        files
    }
}

/// The files that hold a model's weights: the single file where there is one, else the shards that the index names.
pub(crate) fn weight_files(dir: &Path) -> Result<Vec<PathBuf>, ModelLoadError> {
    let single = dir.join(SINGLE_FILE);
    let index = dir.join(SHARD_INDEX);
    if single.exists() || !index.exists() {
        return Ok(vec![single]);
    }
    let files = ShardIndex::parse(&index, &read_file(&index)?)?.files();
    Ok(files.iter().map(|name| dir.join(name)).collect())
}

/// The opened weights of a model.
pub(crate) struct Weights {
    shards: Vec<(PathBuf, BufferedSafetensors)>,
    shard_of: HashMap<String, usize>,
    /// What an error about a tensor that is nowhere names.
    root: PathBuf,
}

impl Weights {
    pub(crate) fn open(dir: &Path) -> Result<Self, ModelLoadError> {
        let files = weight_files(dir)?;
        let root = if files.len() == 1 { files[0].clone() } else { dir.join(SHARD_INDEX) };
        let mut shards = Vec::with_capacity(files.len());
        let mut shard_of = HashMap::new();
        for path in files {
            let shard = BufferedSafetensors::new(read_file(&path)?)
                .map_err(|error| ModelLoadError::Corrupt { path: path.clone(), message: error.to_string() })?;
            for (name, _) in shard.tensors() {
                shard_of.insert(name, shards.len());
            }
            shards.push((path, shard));
        }
        Ok(Self { shards, shard_of, root })
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.shard_of.contains_key(name)
    }

    /// The number of values in all tensors.
    pub(crate) fn parameters(&self) -> usize {
        let elements =
            |shard: &BufferedSafetensors| -> usize { shard.tensors().iter().map(|(_, view)| view.shape().iter().product::<usize>()).sum() };
        self.shards.iter().map(|(_, shard)| elements(shard)).sum()
    }

    /// A tensor of exactly this shape, as F32.
    pub(crate) fn get(&self, name: &str, shape: &[usize]) -> Result<Tensor, ModelLoadError> {
        Ok(self.stored(name, shape)?.to_dtype(DType::F32)?)
    }

    /// A tensor of exactly this shape, as the file has it.
    pub(crate) fn stored(&self, name: &str, shape: &[usize]) -> Result<Tensor, ModelLoadError> {
        let Some((path, shard)) = self.shard_of.get(name).and_then(|index| self.shards.get(*index)) else {
            return Err(ModelLoadError::MissingTensor { path: self.root.clone(), tensor: name.to_owned() });
        };
        let corrupt = |error: candle_core::Error| ModelLoadError::Corrupt { path: path.clone(), message: error.to_string() };
        let tensor = shard.load(name, &Device::Cpu).map_err(corrupt)?;
        if tensor.dims() != shape {
            return Err(ModelLoadError::WrongShape {
                path: path.clone(),
                tensor: name.to_owned(),
                expected: shape.to_vec(),
                found: tensor.dims().to_vec(),
            });
        }
        match tensor.dtype() {
            DType::F32 | DType::F16 | DType::BF16 | DType::F64 => Ok(tensor),
            other => Err(ModelLoadError::InvalidFile { path: path.clone(), message: format!("tensor `{name}` is {other:?}, not a float") }),
        }
    }

    /// Several linear weights with one input, (output, input) in the file, side by side: one product computes them all.
    pub(crate) fn linears(&self, names: &[&str], input: usize, output: usize) -> Result<Packed, ModelLoadError> {
        let read = |name: &&str| Ok(self.get(name, &[output, input])?.flatten_all()?.to_vec1::<f32>()?);
        let parts = names.iter().map(read).collect::<Result<Vec<_>, ModelLoadError>>()?;
        Ok(Packed::linears(input, &parts.iter().map(Vec::as_slice).collect::<Vec<_>>()))
    }
}
