//! The answers of `shared/data/api-responses.zip`, which tests of the crate (`src/ingest/web/tests`) read as well as those here.

use std::collections::HashMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Status and body by [`key`].
pub(crate) type Answers = HashMap<String, (u16, Vec<u8>)>;

/// The archive's files by name, or why the test is skipped.
pub(crate) fn recorded(test: &str) -> Option<HashMap<String, Vec<u8>>> {
    let root = std::env::var_os("QUAVER_SHARED").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let path = root.join("data/api-responses.zip");
    let Ok(file) = std::fs::File::open(&path) else {
        println!("{test}: skipped, since {} is not there; it is not part of the repository", path.display());
        return None;
    };
    let mut archive = zip::ZipArchive::new(file).unwrap();
    let mut files = HashMap::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        files.insert(file.name().unwrap().into_owned(), content);
    }
    Some(files)
}

/// The answers of an index, the first to each question. `root` is what paths begin with.
pub(crate) fn indexed(files: &HashMap<String, Vec<u8>>, folder: &str, root: &str) -> Answers {
    let index = String::from_utf8(files[&format!("{folder}/INDEX.jsonl")].clone()).unwrap();
    let mut answers = Answers::new();
    for line in index.lines() {
        let entry: Value = serde_json::from_str(line).unwrap();
        let url = entry["uri"].as_str().unwrap();
        let (path, query) =
            url.split_once("://").unwrap().1.split_once('/').map_or(("", ""), |(_, rest)| rest.split_once('?').unwrap_or((rest, "")));
        let key = key(format!("/{path}").trim_start_matches(root), query);
        let body = files[&format!("{folder}/{}", entry["file"].as_str().unwrap())].clone();
        let status = u16::try_from(entry["status"].as_u64().unwrap()).unwrap();
        answers.entry(key).or_insert((status, body));
    }
    answers
}

/// What is asked for: path, page, kind and method. The rest of a query says how, and was otherwise when the answers were recorded.
pub(crate) fn key(path: &str, query: &str) -> String {
    let of = |names: &[&str]| {
        query.split('&').filter_map(|pair| pair.split_once('=')).find(|(name, _)| names.contains(name)).map_or("", |(_, value)| value)
    };
    let page = of(&["index", "offset"]);
    format!("{path} {} {} {}", if page.is_empty() { "0" } else { page }, of(&["type"]), of(&["method"]))
}
