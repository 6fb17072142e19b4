//! How long the model takes for one question, writing what it likes and held to valid queries: `cargo bench --bench model`. Uses
//! models/quaver-music, or the tiny test model without it.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use quaver::app::SqlLanguage;
use quaver::catalog::Catalog;
use quaver::model::{AnswerLanguage, GenerationRequest, HubSettings, Manifest, ModelSettings, load_dir};
use quaver::sql::Policy;

const PROMPT: &str = "top @v1 <num> songs by @v2 <artist>";

fn decoding(criterion: &mut Criterion) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = Manifest::read(&root.join("models/quaver-music.toml")).expect("the shipped manifest is valid");
    let shipped = root.join("models/quaver-music");
    let dir = std::env::var_os("QUAVER_BENCH_MODEL").map_or(shipped, PathBuf::from);
    let dir = if dir.join("config.json").exists() { dir } else { root.join("tests/fixtures/tiny-t5") };
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime without drivers always starts");
    let mut group = criterion.benchmark_group(format!("generate/{}", dir.file_name().unwrap_or_default().display()));
    group.sample_size(30);
    let language: Arc<dyn AnswerLanguage> = Arc::new(SqlLanguage::new(Catalog::embedded(), Policy::default()));
    for (name, language) in [("free", None), ("constrained", Some(language))] {
        let settings = ModelSettings { language, ..ModelSettings::new(HubSettings::new(PathBuf::from("unused"))) };
        let generator = load_dir(&dir, "bench", &manifest, &settings).expect("the model loads");
        for beams in [1, 4] {
            let request =
                GenerationRequest { prompt: PROMPT.to_owned(), beams, max_new_tokens: manifest.max_new_tokens, refused: Vec::new() };
            let candidates = runtime.block_on(generator.generate(request.clone())).expect("it answers");
            println!("{name}, beams {beams}: {} tokens, {}", candidates[0].tokens, candidates[0].text);
            group.bench_function(format!("{name}/beams-{beams}"), |bencher| {
                bencher.iter(|| runtime.block_on(generator.generate(black_box(request.clone()))).expect("it answers"));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, decoding);
criterion_main!(benches);
