//! Whether a folder holds a model that can be run, for `quaver model check`.

use std::path::{Path, PathBuf};

use super::t5::{T5, T5Config, weight_files};
use super::tokenizer::PromptTokenizer;
use super::{ModelLoadError, read_file};

/// What a folder holds.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ModelReport {
    pub dir: PathBuf,
    /// Values in all tensors.
    pub parameters: usize,
    pub weight_files: usize,
    pub weight_bytes: u64,
    /// Width of the activations.
    pub width: usize,
    pub encoder_layers: usize,
    pub decoder_layers: usize,
    /// Rows of the embeddings; a tokenizer may use fewer.
    pub vocabulary: usize,
    pub tokenizer_entries: usize,
}

/// Loads a model as a start would, and takes one step with it.
///
/// # Errors
/// [`ModelLoadError`] names the first file that is missing, damaged or not of the same model, and what to do about it.
pub fn check(dir: &Path) -> Result<ModelReport, ModelLoadError> {
    let config = T5Config::read(dir)?;
    let tokenizer = PromptTokenizer::load(&dir.join("tokenizer.json"), config.end_token(), config.vocab_size)?;
    let files = weight_files(dir)?;
    let mut weight_bytes = 0;
    for path in &files {
        let unreadable = |source| ModelLoadError::Unreadable { path: path.clone(), source };
        if !path.exists() {
            return Err(ModelLoadError::MissingFile { path: path.clone() });
        }
        refuse_git_lfs_pointer(path)?;
        weight_bytes += std::fs::metadata(path).map_err(unreadable)?.len();
    }
    let t5 = T5::load(dir, &config)?;
    probe(&t5, &config, &tokenizer)?;
    Ok(ModelReport {
        dir: dir.to_owned(),
        parameters: t5.parameters(),
        weight_files: files.len(),
        weight_bytes,
        width: config.d_model,
        encoder_layers: config.num_layers,
        decoder_layers: config.decoder_layers(),
        vocabulary: config.vocab_size,
        tokenizer_entries: tokenizer.vocabulary(),
    })
}

/// One step from one prompt: weights that are whole but not numbers show here.
fn probe(t5: &T5, config: &T5Config, tokenizer: &PromptTokenizer) -> Result<(), ModelLoadError> {
    let build = |message: String| ModelLoadError::Build { message };
    let prompt = tokenizer.encode("the most popular songs", 64).map_err(|error| build(error.to_string()))?;
    let logits = t5.step(&mut [&mut t5.start(&prompt)?], &[config.decoder_start()])?;
    if logits.iter().all(|logit| logit.is_finite()) {
        Ok(())
    } else {
        Err(build("its first step gives values that are not numbers; the weights are damaged".to_owned()))
    }
}

/// A clone without Git LFS leaves a small text in place of each large file.
fn refuse_git_lfs_pointer(path: &Path) -> Result<(), ModelLoadError> {
    let small = std::fs::metadata(path).is_ok_and(|metadata| metadata.len() < 1024);
    if small && read_file(path)?.starts_with(b"version https://git-lfs") {
        let message = "it is a Git LFS pointer; run `git lfs pull` in its repository".to_owned();
        return Err(ModelLoadError::Corrupt { path: path.to_owned(), message });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn fixture(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
    }

    /// A copy of a fixture that a test may damage.
    fn copy(name: &str) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(fixture(name)).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), dir.path().join(entry.file_name())).unwrap();
        }
        dir
    }

    #[test]
    fn a_sound_model_is_described() {
        let report = check(&fixture("tiny-t5")).unwrap();
        assert_eq!((report.width, report.encoder_layers, report.decoder_layers, report.weight_files), (24, 2, 2, 1));
        assert!(report.vocabulary > report.tokenizer_entries);
        let report = check(&fixture("tiny-t5-gated")).unwrap();
        assert_eq!((report.encoder_layers, report.decoder_layers, report.weight_files), (3, 2, 4));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_file() {
        let check = |model: &str, file: &str, damage: fn(&Path), expected: &str| {
            let dir = copy(model);
            damage(&dir.path().join(file));
            let error = super::check(dir.path()).unwrap_err().to_string();
            assert!(error.contains(expected) && error.contains(file), "{file}: {error}");
        };
        let remove: fn(&Path) = |path| fs::remove_file(path).unwrap();
        check("tiny-t5", "config.json", remove, "is missing");
        check("tiny-t5", "tokenizer.json", remove, "is missing");
        check("tiny-t5", "model.safetensors", remove, "is missing");
        check("tiny-t5-gated", "model-00002-of-00004.safetensors", remove, "is missing");
        let cut: fn(&Path) = |path| {
            let bytes = fs::read(path).unwrap();
            fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
        };
        check("tiny-t5", "config.json", cut, "is not what a T5 model has there");
        check("tiny-t5", "tokenizer.json", cut, "is not what a T5 model has there");
        check("tiny-t5", "model.safetensors", cut, "is damaged");
        check(
            "tiny-t5",
            "model.safetensors",
            |path| fs::write(path, "version https://git-lfs.github.com/spec/v1").unwrap(),
            "git lfs pull",
        );
        check("tiny-t5", "config.json", |path| replaced(path, "\"model_type\": \"t5\"", "\"model_type\": \"bart\""), "`bart`; only T5");
        check(
            "tiny-t5-gated",
            "model.safetensors.index.json",
            |path| replaced(path, "model-00001-of-00004", "../../secret"),
            "not a plain file name",
        );
    }

    #[test]
    fn files_of_different_models_are_told_apart() {
        let check = |from: &str, to: &str, expected: &str| {
            let dir = copy("tiny-t5");
            replaced(&dir.path().join("config.json"), from, to);
            let error = super::check(dir.path()).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        };
        check("\"d_ff\": 48", "\"d_ff\": 64", "[64, 24]");
        check("\"num_layers\": 2", "\"num_layers\": 3", "no tensor `encoder.block.2");
        check("\"feed_forward_proj\": \"relu\"", "\"feed_forward_proj\": \"gated-gelu\"", "wi_0");
        check("\"vocab_size\": 1", "\"vocab_size\": 1, \"unused\": 1", "token ids up to");
    }

    #[test]
    fn weights_that_are_not_numbers_are_found() {
        let dir = copy("tiny-t5");
        let path = dir.path().join("model.safetensors");
        let mut bytes = fs::read(&path).unwrap();
        let end = bytes.len();
        bytes[end - 4000..].fill(0xff);
        fs::write(&path, bytes).unwrap();
        let error = check(dir.path()).unwrap_err().to_string();
        assert!(error.contains("not numbers"), "{error}");
    }

    fn replaced(path: &Path, from: &str, to: &str) {
        let text = fs::read_to_string(path).unwrap();
        assert!(text.contains(from), "{from}");
        fs::write(path, text.replace(from, to)).unwrap();
    }
}
