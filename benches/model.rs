//! How long the model takes for a few questions: searching alone, asking each candidate for its question as well, and held to valid
//! queries too, as it is shipped: `cargo bench --bench model`. Uses models/quaver-music, or the tiny test model without it.
//! `benches/decoding.py` sets it beside other engines.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use quaver::app::SqlLanguage;
use quaver::catalog::Catalog;
use quaver::model::{AnswerLanguage, GenerationRequest, HubSettings, Manifest, ModelSettings, load_dir};
use quaver::sql::Policy;

/// The prompts whose logits were recorded with the model, so that every engine answers the same.
fn prompts(dir: &Path) -> Vec<String> {
    let recorded = std::fs::read_to_string(dir.join("logits.json")).expect("the model's folder has recorded logits");
    let recorded: serde_json::Value = serde_json::from_str(&recorded).expect("they are JSON");
    let cases = recorded["cases"].as_array().expect("they have cases");
    cases.iter().filter_map(|case| case["prompt"].as_str()).map(str::to_owned).collect()
}

fn decoding(criterion: &mut Criterion) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = Manifest::read(&root.join("models/quaver-music.toml")).expect("the shipped manifest is valid");
    let shipped = root.join("models/quaver-music");
    let dir = std::env::var_os("QUAVER_BENCH_MODEL").map_or(shipped, PathBuf::from);
    let dir = if dir.join("config.json").exists() { dir } else { root.join("tests/fixtures/tiny-t5") };
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime without drivers always starts");
    let prompts = prompts(&dir);
    let mut group = criterion.benchmark_group(format!("generate/{}", dir.file_name().unwrap_or_default().display()));
    group.sample_size(30);
    let language: Arc<dyn AnswerLanguage> = Arc::new(SqlLanguage::new(Catalog::embedded(), Policy::default()));
    let searching = Manifest { question_weight: 0.0, ..manifest.clone() };
    for (name, manifest, language) in [("search", &searching, None), ("free", &manifest, None), ("constrained", &manifest, Some(language))]
    {
        let settings = ModelSettings { language, ..ModelSettings::new(HubSettings::new(PathBuf::from("unused"))) };
        let generator = load_dir(&dir, "bench", manifest, &settings).expect("the model loads");
        for beams in [1, 4] {
            let request = |prompt: &String| GenerationRequest::answer(prompt, beams, manifest.max_new_tokens);
            let requests: Vec<GenerationRequest> = prompts.iter().map(request).collect();
            let answer = |request: &GenerationRequest| runtime.block_on(generator.generate(request.clone())).expect("it answers");
            let tokens: usize = requests.iter().map(|request| answer(request)[0].tokens.len()).sum();
            println!("{name}, beams {beams}: {} prompts, {tokens} tokens", requests.len());
            group.bench_function(format!("{name}/beams-{beams}"), |bencher| {
                bencher.iter(|| requests.iter().map(|request| answer(black_box(request)).len()).sum::<usize>());
            });
        }
    }
    group.finish();
}

criterion_group!(benches, decoding);
criterion_main!(benches);
