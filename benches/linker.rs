//! How long the linker takes to index a million values, and to find those of a question among them: `cargo bench --bench linker`.

use std::collections::HashMap;
use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use quaver::ask::Linker;
use quaver::ask::link::{Kind, LinkValue};
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const VALUES: usize = 1_000_000;
const SYLLABLES: [&str; 30] = [
    "ba", "bel", "cor", "da", "del", "el", "fa", "gar", "ha", "in", "jo", "ka", "lan", "ma", "mor", "na", "nel", "or", "pa", "qui", "ra",
    "sa", "son", "ta", "ti", "un", "va", "wil", "yo", "zen",
];
const KINDS: [Kind; 4] = [Kind::Artist, Kind::Title, Kind::Album, Kind::Tag];
const QUESTIONS: [(&str, &str); 3] = [
    ("short", "top 10 songs by Beldamor Tiyoson"),
    (
        "long",
        "Good morning, could you please tell me which artists of the genre Garhain from France were played most between March 2025 and May 2026, without Landasa?",
    ),
    ("misspelled", "quels sont les morceaux de Qiuvanel Zensamor les plus ecoutes en belgique depuis 2010 ?"),
];

fn name(random: &mut ChaCha8Rng) -> String {
    let words = random.random_range(1..=4);
    let word = |random: &mut ChaCha8Rng| -> String {
        let syllables = random.random_range(2..=4);
        (0..syllables).filter_map(|_| SYLLABLES.choose(random).copied()).collect()
    };
    (0..words).map(|_| word(random)).collect::<Vec<_>>().join(" ")
}

fn values() -> Vec<LinkValue> {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let value = |at: usize| LinkValue { kind: KINDS[at % KINDS.len()], text: name(&mut random), key: None, weight: at as u64 };
    (0..VALUES).map(value).collect()
}

fn linking(criterion: &mut Criterion) {
    let values = values();
    let mut group = criterion.benchmark_group("linker/1M values");
    group.sample_size(10);
    group.bench_function("build", |bencher| {
        bencher.iter_batched(|| values.clone(), |values| Linker::build(values, HashMap::new()), BatchSize::PerIteration);
    });
    let linker = Linker::build(values, HashMap::new());
    group.sample_size(50);
    for (what, question) in QUESTIONS {
        group.bench_function(format!("link/{what}"), |bencher| bencher.iter(|| linker.link(black_box(question))));
    }
    group.finish();
}

criterion_group!(benches, linking);
criterion_main!(benches);
