//! Holds the rules of the source tree: which module may know which, which crate is named where, and how files are kept.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::{Path, PathBuf};

/// A module and the modules of this crate that it may name. `cli -> app -> api -> ask -> {model, sql, warehouse, catalog}`,
/// `sql -> catalog`, `ingest -> {warehouse, catalog}`; a layer may reach past the next one.
const MODULES: [(&str, &[&str]); 10] = [
    ("catalog", &[]),
    ("config", &[]),
    ("model", &[]),
    ("sql", &["catalog"]),
    ("warehouse", &["catalog", "sql"]),
    ("ingest", &["warehouse", "catalog"]),
    ("ask", &["model", "sql", "warehouse", "catalog"]),
    ("api", &["ask", "model", "sql", "warehouse", "catalog"]),
    ("app", &["api", "ask", "ingest", "model", "sql", "warehouse", "catalog", "config"]),
    ("cli", &["app", "api", "ask", "ingest", "model", "sql", "warehouse", "catalog", "config"]),
];

/// A path that code may name only in these places.
const ONLY_IN: [(&str, &[&str]); 15] = [
    ("axum", &["src/api/", "crates/bigquery-emulator/"]),
    ("candle_core", &["src/model/", "crates/t5-kernels/src/vector.rs"]),
    ("candle_nn", &["src/model/"]),
    ("candle_transformers", &["src/model/"]),
    ("tokenizers", &["src/model/"]),
    ("hf_hub", &["src/model/"]),
    ("pulp", &["crates/t5-kernels/"]),
    ("llguidance", &["src/model/", "src/app/language_tests.rs"]),
    ("linfa", &["src/ingest/segments.rs"]),
    ("linfa_clustering", &["src/ingest/segments.rs"]),
    ("parquet", &["src/ingest/parts.rs", "src/ingest/simulate/files.rs", "crates/bigquery-emulator/"]),
    ("ndarray", &["src/ingest/segments.rs"]),
    ("datafusion", &["crates/bigquery-emulator/src/engine/"]),
    ("gcp_bigquery_client", &["src/warehouse/"]),
    ("std::env", &["src/config/"]),
];

const MOST_LINES: usize = 500;

struct File {
    /// From the root of the repository, with `/`.
    path: String,
    text: String,
}

impl File {
    /// The lines that the compiler reads, numbered from 1.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let code = |line: &str| !line.trim_start().starts_with("//");
        self.text.lines().enumerate().map(|(at, line)| (at + 1, line)).filter(move |(_, line)| code(line))
    }

    /// A file of tests or of their stand-ins, which may serve HTTP to a client under test or look for data sets.
    fn is_test(&self) -> bool {
        self.path.starts_with("tests/")
            || self.path.contains("/tests/")
            || ["tests.rs", "fake.rs", "fakes.rs", "memory.rs"].iter().any(|end| self.path.ends_with(end))
    }

    /// `src/ask/link/mod.rs` is of `ask`; `src/lib.rs` and the crates are of none.
    fn module(&self) -> Option<&str> {
        let inside = self.path.strip_prefix("src/")?;
        let name = inside.split('/').next()?.trim_end_matches(".rs");
        MODULES.iter().map(|(module, _)| *module).find(|module| *module == name)
    }
}

fn sources() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for dir in ["src", "crates", "tests", "benches"] {
        collect(root, &root.join(dir), &mut files);
    }
    assert!(files.len() > 50, "only {} source files were found", files.len());
    files
}

fn collect(root: &Path, dir: &Path, files: &mut Vec<File>) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
            collect(root, &path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            files.push(File { path: name, text: fs::read_to_string(&path).unwrap() });
        }
    }
}

/// Whether a line names a path: as a word, before `::` or `;` or at the end of a `use`.
fn names(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = &line[at + path.len()..];
        let begins = before.is_none_or(|c| !(c.is_alphanumeric() || c == '_' || c == ':' || c == '"'));
        begins && (after.starts_with("::") || after.starts_with(';') || after.starts_with(" as "))
    })
}

/// Every breach in one message.
fn none(breaches: Vec<String>) {
    assert!(breaches.is_empty(), "{} breaches:\n{}", breaches.len(), breaches.join("\n"));
}

#[test]
fn modules_depend_one_way() {
    let mut breaches = Vec::new();
    for file in sources() {
        let Some(module) = file.module() else { continue };
        let permitted = MODULES.iter().find(|(name, _)| *name == module).map_or(&[][..], |(_, permitted)| permitted);
        for (line, code) in file.code() {
            for (other, _) in MODULES {
                if other != module && !permitted.contains(&other) && names(code, &format!("crate::{other}")) {
                    breaches.push(format!("{}:{line}: {module} must not know {other}", file.path));
                }
            }
        }
    }
    none(breaches);
}

#[test]
fn crates_are_named_in_their_places_alone() {
    let mut breaches = Vec::new();
    for file in sources().into_iter().filter(|file| file.path.contains("src/") && !file.is_test()) {
        for (line, code) in file.code() {
            for (path, places) in ONLY_IN {
                if names(code, path) && !places.iter().any(|place| file.path.starts_with(place)) {
                    breaches.push(format!("{}:{line}: {path} belongs to {}", file.path, places.join(", ")));
                }
            }
        }
    }
    none(breaches);
}

#[test]
fn files_are_short_enough_to_read() {
    let long =
        |file: &File| (file.text.lines().count() > MOST_LINES).then(|| format!("{}: {} lines", file.path, file.text.lines().count()));
    none(sources().iter().filter(|file| file.path.contains("src/")).filter_map(long).collect());
}

#[test]
fn nothing_is_silenced_or_skipped() {
    let mut breaches = Vec::new();
    for file in sources() {
        for (line, code) in file.code() {
            for attribute in ["#[allow", "#![allow", "#[ignore"] {
                if code.trim_start().starts_with(attribute) {
                    breaches.push(format!("{}:{line}: {attribute}", file.path));
                }
            }
        }
    }
    none(breaches);
}

#[test]
fn every_module_says_what_it_is_for() {
    let undocumented = |file: &File| {
        let begins = file.text.lines().find(|line| !line.trim().is_empty()).is_some_and(|line| line.starts_with("//!"));
        (!begins).then(|| file.path.clone())
    };
    none(sources().iter().filter(|file| file.path.contains("src/") && !file.is_test()).filter_map(undocumented).collect());
}
