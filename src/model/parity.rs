//! Holds candle's T5 to what transformers computed: logits, greedy and beam search, from recordings that
//! `training/record_logits.py` wrote beside a model.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::decode::{DecodeOptions, Unconstrained, search};
use super::explain::explains;
use super::t5::{T5, T5Config, log_sum_exp};
use super::tokenizer::PromptTokenizer;

#[derive(Deserialize)]
struct Recording {
    transformers: String,
    beams: usize,
    length_penalty: f64,
    max_new_tokens: usize,
    /// The id of `<ask>`, where the model knows it.
    ask: Option<u32>,
    logit_ids: Vec<usize>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    prompt: String,
    input_ids: Vec<u32>,
    decoder_input_ids: Vec<u32>,
    logits: Vec<Vec<f32>>,
    log_sum_exp: Vec<f64>,
    greedy: Vec<u32>,
    explains: Option<f64>,
    beams: Vec<RecordedBeam>,
}

#[derive(Deserialize)]
struct RecordedBeam {
    tokens: Vec<u32>,
    score: f64,
}

const TOLERANCE: f64 = 1e-3;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every recorded value of a model folder.
fn check(dir: &Path) {
    let config = T5Config::read(dir).unwrap();
    let t5 = T5::load(dir, &config).unwrap();
    let tokenizer = PromptTokenizer::load(&dir.join("tokenizer.json"), config.end_token(), config.vocab_size).unwrap();
    let recording: Recording = serde_json::from_slice(&std::fs::read(dir.join("logits.json")).unwrap()).unwrap();
    let mut worst = 0.0_f64;
    for case in &recording.cases {
        assert_eq!(tokenizer.encode(&case.prompt, 4096).unwrap(), case.input_ids, "{}", case.prompt);
        worst = worst.max(check_logits(&t5, case, &recording.logit_ids));
        check_search(&t5, &config, case, &recording);
        if let (Some(ask), Some(expected)) = (recording.ask, case.explains) {
            let found = explains(&t5, config.decoder_start(), ask, &case.greedy, &case.input_ids, 0).unwrap().log_probability;
            assert!((found - expected).abs() < TOLERANCE * case.input_ids.len() as f64, "{}: {found} is not {expected}", case.prompt);
        }
    }
    println!("{}: {} prompts, logits within {worst:.1e} of transformers {}", dir.display(), recording.cases.len(), recording.transformers);
}

/// Feeds the recorded tokens one by one; gives the largest difference.
fn check_logits(t5: &T5, case: &Case, logit_ids: &[usize]) -> f64 {
    let mut decoding = t5.start(&case.input_ids).unwrap();
    let mut worst = 0.0_f64;
    for (step, token) in case.decoder_input_ids.iter().enumerate() {
        let logits: Vec<f32> = t5.step(&mut [&mut decoding], &[*token]).unwrap();
        for (id, expected) in logit_ids.iter().zip(&case.logits[step]) {
            worst = worst.max(f64::from((logits[*id] - expected).abs()));
        }
        worst = worst.max((log_sum_exp(&logits) - case.log_sum_exp[step]).abs());
        assert!(worst < TOLERANCE, "{}: {worst} at step {step}", case.prompt);
    }
    worst
}

fn check_search(t5: &T5, config: &T5Config, case: &Case, recording: &Recording) {
    let run = |beams: usize| {
        let options = DecodeOptions {
            beams,
            max_new_tokens: recording.max_new_tokens,
            length_penalty: recording.length_penalty,
            margin: None,
            start_token: config.decoder_start(),
            end_token: config.end_token(),
        };
        let mut decoding = t5.start(&case.input_ids).unwrap();
        search(options, &mut Unconstrained, |origins, tokens| {
            decoding.reorder(origins);
            t5.step(&mut [&mut decoding], tokens).unwrap()
        })
    };
    assert_eq!(run(1)[0].tokens, case.greedy, "{}", case.prompt);
    let found = run(recording.beams);
    assert_eq!(found.len(), case.beams.len(), "{}", case.prompt);
    for (found, recorded) in found.iter().zip(&case.beams) {
        assert_eq!(found.tokens, recorded.tokens, "{}", case.prompt);
        let score = found.score(recording.length_penalty);
        assert!((score - recorded.score).abs() < TOLERANCE, "{}: {score} is not {}", case.prompt, recorded.score);
    }
}

#[test]
fn a_relu_t5_with_tied_embeddings_computes_what_transformers_does() {
    check(&root().join("tests/fixtures/tiny-t5"));
}

#[test]
fn a_gated_t5_with_its_own_head_in_bf16_shards_computes_what_transformers_does() {
    check(&root().join("tests/fixtures/tiny-t5-gated"));
}

#[test]
fn the_shipped_model_computes_what_transformers_does() {
    let dir = root().join("models/quaver-music");
    if dir.join("logits.json").exists() {
        check(&dir);
    } else {
        println!("skipped: {} has no logits.json (training/record_logits.py writes it)", dir.display());
    }
}
