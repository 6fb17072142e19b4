//! `models/*.toml`: one manifest per supported model, saying where it comes from, how it is asked and within which limits.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::generator::MAX_BEAMS;
use super::{ModelLoadError, PromptTemplate, read_file};

/// A model that Quaver can run.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    pub name: String,
    pub source: ModelSource,
    pub prompt: PromptStyle,
    /// The SPDX identifier of the weights' licence.
    pub licence: String,
    /// A longer prompt is refused.
    pub max_input_tokens: usize,
    /// A longer answer is cut.
    pub max_new_tokens: usize,
    /// The beam width to ask for; 1 is greedy.
    pub beams: usize,
    /// Candidates are ranked by log-probability divided by length to this power.
    pub length_penalty: f64,
    /// Beams this many nats behind the best are dropped.
    pub beam_margin: Option<f64>,
    /// Whether it was trained to read a question behind those that were asked before.
    pub follow_ups: bool,
    /// Whether it was trained to read behind such a question the query that answered the one before.
    pub earlier_query: bool,
    /// Whether it was trained to sum up rows, as a template over their cells.
    pub summaries: bool,
    /// The mean probability that the tokens of a summary must have (geometric, from 0 to 1).
    pub min_summary_confidence: f64,
    /// Weight of the log-probability of the question, given a candidate, beside the candidate's own; above 0 for models that were trained
    /// to say which question a query answers.
    pub question_weight: f64,
    /// How sure the model must be for how likely an answer is right; none where that was not measured.
    pub calibration: Option<Calibration>,
}

/// A logistic regression from what the decoder saw to the probability that an answer is right (Platt scaling). Fitted on questions
/// that training never saw by `training/calibrate.py`. Each weight is for one signal, in natural logarithms.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    pub intercept: f64,
    /// For the log-probability of the whole candidate.
    pub log_probability: f64,
    /// For that of its least likely token.
    pub least: f64,
    /// For the logarithm of its share among the candidates.
    pub share: f64,
    /// For the mean log-probability of the question's tokens, given the candidate.
    #[serde(default)]
    pub explains: f64,
    /// For the log-probability that there is an answer at all.
    #[serde(default)]
    pub answerable: f64,
    /// Added where the question names something that the candidate does not use.
    pub unused_name: f64,
}

/// Where a model's files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelSource {
    /// A folder; relative to the manifest in the file, resolved here.
    Path(PathBuf),
    Hub {
        repo: String,
        revision: String,
    },
}

/// What a model reads.
#[derive(Debug, Clone, PartialEq)]
pub enum PromptStyle {
    /// The question alone, its values masked as `@v1 <kind>`: for a model that was trained on this schema.
    Masked,
    /// A template that renders the question and the schema: for a model that was trained on many schemas.
    Schema(PromptTemplate),
}

/// The file as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ManifestFile {
    name: String,
    source: SourceField,
    prompt: PromptField,
    template: Option<PathBuf>,
    licence: String,
    max_input_tokens: usize,
    max_new_tokens: usize,
    #[serde(default = "one")]
    beams: usize,
    #[serde(default)]
    length_penalty: f64,
    beam_margin: Option<f64>,
    #[serde(default)]
    follow_ups: bool,
    #[serde(default)]
    earlier_query: bool,
    #[serde(default)]
    summaries: bool,
    #[serde(default = "half")]
    min_summary_confidence: f64,
    #[serde(default)]
    question_weight: f64,
    calibration: Option<Calibration>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceField {
    path: Option<PathBuf>,
    hub: Option<String>,
    revision: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum PromptField {
    Masked,
    Schema,
}

fn one() -> usize {
    1
}

fn half() -> f64 {
    0.5
}

impl Manifest {
    /// Reads one manifest and the template it names.
    ///
    /// # Errors
    /// [`ModelLoadError::MissingFile`] and [`ModelLoadError::InvalidManifest`], with the path.
    pub fn read(path: &Path) -> Result<Self, ModelLoadError> {
        let invalid = |message: String| ModelLoadError::InvalidManifest { path: path.to_owned(), message };
        let text = String::from_utf8(read_file(path)?).map_err(|_| invalid("it is not UTF-8 text".to_owned()))?;
        let file: ManifestFile = toml::from_str(&text).map_err(|error| invalid(error.to_string()))?;
        file.check().map_err(&invalid)?;
        let dir = path.parent().unwrap_or(Path::new("."));
        let prompt = match (&file.prompt, &file.template) {
            (PromptField::Masked, None) => PromptStyle::Masked,
            (PromptField::Schema, Some(template)) => PromptStyle::Schema(PromptTemplate::read(&dir.join(template))?),
            (PromptField::Masked, Some(_)) => return Err(invalid("`template` goes with `prompt = \"schema\"`".to_owned())),
            (PromptField::Schema, None) => return Err(invalid("`prompt = \"schema\"` needs a `template`".to_owned())),
        };
        Ok(Self {
            source: file.source.resolve(dir).map_err(invalid)?,
            prompt,
            name: file.name,
            licence: file.licence,
            max_input_tokens: file.max_input_tokens,
            max_new_tokens: file.max_new_tokens,
            beams: file.beams,
            length_penalty: file.length_penalty,
            beam_margin: file.beam_margin,
            follow_ups: file.follow_ups,
            earlier_query: file.earlier_query,
            summaries: file.summaries,
            min_summary_confidence: file.min_summary_confidence,
            question_weight: file.question_weight,
            calibration: file.calibration,
        })
    }

    /// A manifest by its name in a folder of manifests, or by the path of its file.
    ///
    /// # Errors
    /// As [`Manifest::read`]; an unknown name is told with those that are known.
    pub fn find(name: &str, dir: &Path) -> Result<Self, ModelLoadError> {
        if Path::new(name).extension().is_some_and(|extension| extension == "toml") {
            return Self::read(Path::new(name));
        }
        let mut known = Vec::new();
        for manifest in Self::read_all(dir)? {
            if manifest.name == name {
                return Ok(manifest);
            }
            known.push(manifest.name);
        }
        let message = format!("no model is called `{name}`; known are {}", known.join(", "));
        Err(ModelLoadError::InvalidManifest { path: dir.to_owned(), message })
    }

    /// Every manifest (`*.toml`) of a folder, by name.
    ///
    /// # Errors
    /// The first that cannot be read.
    pub fn read_all(dir: &Path) -> Result<Vec<Self>, ModelLoadError> {
        let unreadable = |source| ModelLoadError::Unreadable { path: dir.to_owned(), source };
        let mut manifests = Vec::new();
        for entry in std::fs::read_dir(dir).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                manifests.push(Self::read(&path)?);
            }
        }
        manifests.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(manifests)
    }
}

impl ManifestFile {
    fn check(&self) -> Result<(), String> {
        if self.name.trim().is_empty() {
            return Err("`name` is empty".to_owned());
        }
        for (key, value, most) in [
            ("max_input_tokens", self.max_input_tokens, 1 << 14),
            ("max_new_tokens", self.max_new_tokens, 1 << 12),
            ("beams", self.beams, MAX_BEAMS),
        ] {
            if value == 0 || value > most {
                return Err(format!("`{key}` is {value}; it must be from 1 to {most}"));
            }
        }
        for (key, value) in [("length_penalty", Some(self.length_penalty)), ("beam_margin", self.beam_margin)] {
            if value.is_some_and(|value| !value.is_finite() || value < 0.0) {
                return Err(format!("`{key}` must be 0 or more"));
            }
        }
        if !(0.0..=1.0).contains(&self.min_summary_confidence) {
            return Err("`min_summary_confidence` must be from 0 to 1".to_owned());
        }
        if !(0.0..).contains(&self.question_weight) || self.question_weight.is_infinite() {
            return Err("`question_weight` must be a finite number, 0 or more".to_owned());
        }
        if self.earlier_query && !self.follow_ups {
            return Err("`earlier_query` goes with `follow_ups = true`".to_owned());
        }
        if self.summaries && matches!(self.prompt, PromptField::Schema) {
            return Err("`summaries` goes with `prompt = \"masked\"`".to_owned());
        }
        Ok(())
    }
}

impl SourceField {
    fn resolve(self, dir: &Path) -> Result<ModelSource, String> {
        match (self.path, self.hub) {
            (Some(path), None) if self.revision.is_none() => Ok(ModelSource::Path(dir.join(path))),
            (Some(_), None) => Err("`revision` goes with `hub`; a folder has none".to_owned()),
            (None, Some(repo)) if is_repo_id(&repo) => {
                Ok(ModelSource::Hub { repo, revision: self.revision.unwrap_or_else(|| "main".to_owned()) })
            }
            (None, Some(repo)) => Err(format!("`{repo}` is not a model of the Hub; it is written `owner/name`")),
            _ => Err("`source` needs either `path` or `hub`".to_owned()),
        }
    }
}

/// `owner/name` or, for the oldest models, `name`.
fn is_repo_id(text: &str) -> bool {
    let part = |part: &str| {
        let plain = part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        !part.is_empty() && !part.starts_with('.') && plain
    };
    text.split('/').count() <= 2 && text.split('/').all(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "name = \"m\"\nlicence = \"MIT\"\nmax_input_tokens = 8\nmax_new_tokens = 8\n";

    fn read(text: &str) -> Result<Manifest, String> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("ask.jinja"), "{{ question }}").unwrap();
        let path = dir.path().join("m.toml");
        std::fs::write(&path, text).unwrap();
        Manifest::read(&path).map_err(|error| error.to_string())
    }

    #[test]
    fn sources_are_read() {
        let check = |lines: &str, expected: ModelSource| assert_eq!(read(&format!("{HEAD}{lines}")).unwrap().source, expected);
        let hub = |repo: &str, revision: &str| ModelSource::Hub { repo: repo.to_owned(), revision: revision.to_owned() };
        check("prompt = \"masked\"\nsource = { hub = \"a/b\" }", hub("a/b", "main"));
        check("prompt = \"masked\"\nsource = { hub = \"t5-small\", revision = \"refs/pr/2\" }", hub("t5-small", "refs/pr/2"));
        check("prompt = \"masked\"\nsource = { path = \"/models/x\" }", ModelSource::Path("/models/x".into()));
        let manifest = read(&format!("{HEAD}prompt = \"schema\"\ntemplate = \"ask.jinja\"\nsource = {{ path = \"x\" }}")).unwrap();
        assert!(matches!(manifest.prompt, PromptStyle::Schema(_)));
        assert_eq!(manifest.beams, 1);
    }

    #[test]
    fn mistakes_are_named() {
        let check = |lines: &str, message: &str| {
            let error = read(&format!("{HEAD}{lines}")).unwrap_err();
            assert!(error.contains(message) && error.contains("m.toml"), "{error}");
        };
        check("prompt = \"masked\"\nsource = {}", "either `path` or `hub`");
        check("prompt = \"masked\"\nsource = { path = \"x\", hub = \"a/b\" }", "either `path` or `hub`");
        check("prompt = \"masked\"\nsource = { path = \"x\", revision = \"v1\" }", "a folder has none");
        check("prompt = \"masked\"\nsource = { hub = \"https://huggingface.co/a/b\" }", "owner/name");
        check("prompt = \"masked\"\nsource = { hub = \"../b\" }", "owner/name");
        check("prompt = \"schema\"\nsource = { path = \"x\" }", "needs a `template`");
        check("prompt = \"masked\"\ntemplate = \"ask.jinja\"\nsource = { path = \"x\" }", "goes with");
        check("prompt = \"masked\"\nsource = { path = \"x\" }\nbeam = 2", "unknown field `beam`");
        check("prompt = \"masked\"\nsource = { path = \"x\" }\nbeams = 0", "from 1 to 32");
        check("prompt = \"masked\"\nsource = { path = \"x\" }\nlength_penalty = nan", "0 or more");
        check("source = { path = \"x\" }", "missing field `prompt`");
        check("prompt = \"masked\"\nsource = { path = \"x\" }\nmin_summary_confidence = 2", "from 0 to 1");
        check("prompt = \"masked\"\nsource = { path = \"x\" }\nquestion_weight = -1", "0 or more");
        check("prompt = \"schema\"\ntemplate = \"ask.jinja\"\nsource = { path = \"x\" }\nsummaries = true", "goes with");
        check("prompt = \"masked\"\nsource = { path = \"x\" }\nearlier_query = true", "goes with `follow_ups = true`");
    }

    #[test]
    fn the_shipped_manifests_are_found_by_name_and_path() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
        for name in ["quaver-music", "t5-large-spider"] {
            let manifest = Manifest::find(name, &dir).unwrap();
            let path = dir.join(format!("{name}.toml"));
            assert_eq!(Manifest::find(&path.display().to_string(), Path::new("nowhere")).unwrap(), manifest);
        }
        let error = Manifest::find("gpt", &dir).unwrap_err().to_string();
        assert!(error.contains("quaver-music, t5-large-spider"), "{error}");
    }
}
