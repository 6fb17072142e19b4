use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use llguidance::api::TopLevelGrammar;
use llguidance::toktrie::{ApproximateTokEnv, InferenceCapabilities};
use llguidance::{Matcher, ParserFactory};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::ask::summary_grammar;
use crate::model::{GenerationRequest, HubSettings, Manifest, ModelSettings, load_dir};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn language() -> SqlLanguage {
    SqlLanguage::new(Catalog::embedded(), Policy { project: Some("quaver-test".to_owned()), ..Policy::default() })
}

/// The grammar over single bytes, so that no tokenizer decides what can be spelled.
struct Speller(Matcher);

impl Speller {
    fn new(parameters: usize) -> Self {
        Self::of(language().grammar(parameters))
    }

    fn of(grammar: String) -> Self {
        let mut factory = ParserFactory::new(&ApproximateTokEnv::single_byte_env(), InferenceCapabilities::default(), &[]).unwrap();
        factory.quiet();
        let limits = factory.limits_mut();
        limits.max_items_in_row = 50_000;
        limits.initial_lexer_fuel = 50_000_000;
        let matcher = Matcher::new(factory.create_parser(TopLevelGrammar::from_lark(grammar)));
        assert_eq!(matcher.get_error(), None);
        Self(matcher)
    }

    /// How many bytes of the text the grammar follows; all of them and it ends there: `None`.
    fn stops(&self, text: &str) -> Option<usize> {
        let bytes: Vec<u32> = text.bytes().map(u32::from).collect();
        let mut matcher = self.0.clone();
        let followed = matcher.try_consume_tokens(&bytes).unwrap();
        (followed < bytes.len() || !matcher.is_accepting().unwrap()).then_some(followed)
    }
}

/// Where an answer would be lost on the way, word by word.
fn lost(language: &SqlLanguage, sql: &str) -> Option<usize> {
    let ends = sql.char_indices().map(|(at, _)| at).filter(|at| *at > 0 && matches!(sql.as_bytes()[*at], b' ' | b',' | b'(' | b')'));
    ends.chain([sql.len()]).find(|end| !language.may_continue(&sql[..*end]))
}

/// A slot of the corpus is the parameter of its place.
fn numbered(sql: &str, open: char, is_name: fn(char) -> bool, close: &str) -> String {
    let mut names: Vec<&str> = Vec::new();
    let mut parts = sql.split(open);
    let mut written = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c| !is_name(c)).unwrap_or(part.len());
        let name = &part[..end];
        let at = names.iter().position(|known| *known == name).unwrap_or_else(|| {
            names.push(name);
            names.len() - 1
        });
        written += &format!("@v{}{}", at + 1, part[end..].strip_prefix(close).unwrap_or(&part[end..]));
    }
    written
}

fn corpus() -> BTreeSet<String> {
    let files = fs::read_dir(root().join("training/corpus")).unwrap().map(|entry| entry.unwrap().path());
    let texts: Vec<String> =
        files.filter(|path| path.extension().is_some_and(|end| end == "txt")).map(|path| fs::read_to_string(path).unwrap()).collect();
    let sqls = texts.iter().flat_map(|text| text.lines()).filter_map(|line| line.strip_prefix("= ")).filter(|sql| *sql != "UNANSWERABLE");
    sqls.map(|sql| numbered(sql, '{', |c| c.is_ascii_alphanumeric() || c == '_', "}")).collect()
}

fn development() -> BTreeSet<String> {
    let text = fs::read_to_string(root().join("eval/dev.jsonl")).unwrap();
    let cases = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let golds: Vec<String> =
        cases.flat_map(|case| case["sql"].as_array().cloned().unwrap_or_default()).map(|sql| sql.as_str().unwrap().to_owned()).collect();
    golds.into_iter().filter(|sql| sql != "UNANSWERABLE").collect()
}

#[test]
fn every_query_of_the_corpus_and_of_the_development_questions_can_be_written() {
    let (language, speller) = (language(), Speller::new(9));
    let check = |name: &str, sqls: BTreeSet<String>| {
        let refused: Vec<String> = sqls
            .iter()
            .filter_map(|sql| {
                let at = speller.stops(sql).or_else(|| lost(&language, sql)).or_else(|| (!language.is_answer(sql)).then_some(sql.len()))?;
                Some(format!("{} | {}", &sql[..at], &sql[at..]))
            })
            .collect();
        println!("{name}: {} of {} can be written", sqls.len() - refused.len(), sqls.len());
        assert!(refused.is_empty(), "{name}: {refused:#?}");
    };
    check("corpus", corpus());
    check("development questions", development());
    assert_eq!(speller.stops(NO_ANSWER), None);
}

fn golden(name: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join("tests/golden/sql").join(name)).unwrap();
    text.lines().filter(|line| !line.starts_with("##")).map(|line| line.replace('⏎', "\n")).collect()
}

#[test]
fn golden_statements_are_accepted_or_refused_as_the_validator_does() {
    let (language, speller) = (language(), Speller::new(9));
    let accepted: Vec<String> =
        golden("accepted.txt").iter().map(|sql| numbered(sql, '@', |c| c.is_ascii_alphanumeric() || c == '_', "")).collect();
    let mut written = 0;
    for sql in accepted.iter().filter(|sql| speller.stops(sql).is_none()) {
        assert_eq!(lost(&language, sql), None, "{sql}");
        written += 1;
    }
    // The rest is GoogleSQL that no model of ours writes: WITH, STRUCT, backticks, other projects, ROLLUP, named windows.
    println!("accepted.txt: {written} of {} statements are in the subset", accepted.len());
    assert!(written >= 155, "{written}");

    let rejected = golden("rejected.txt");
    let (mut by_grammar, mut on_the_way, mut at_the_end) = (0, 0, 0);
    for line in &rejected {
        let (kind, sql) = line.split_once('|').unwrap();
        if speller.stops(sql).is_some() {
            by_grammar += 1;
        } else if lost(&language, sql).is_some() {
            on_the_way += 1;
        } else {
            assert!(!language.is_answer(sql), "{kind}|{sql}");
            at_the_end += 1;
        }
    }
    println!("rejected.txt: {by_grammar} refused by the grammar, {on_the_way} on the way, {at_the_end} at the end");
    assert!(by_grammar + on_the_way > rejected.len() * 8 / 10);
}

#[test]
fn beginnings_that_cannot_become_a_query_are_seen_early() {
    let language = language();
    let check = |text: &str, expected: bool| assert_eq!(language.may_continue(text), expected, "{text}");
    check("SELECT segment, tag, danceability, lastfm_url, friend_id, shared_listeners", false);
    check("SELECT segment, danceability FROM ", true);
    check("SELECT title, plays", true);
    check("SELECT danceability FROM music.listens", true);
    check("SELECT danceability FROM music.listens WHERE", false);
    check("SELECT danceability FROM music.listens JOIN music.tracks USING (artist_id) WHERE", true);
    check("SELECT title FROM music.tracks WHERE pla", false);
    check("SELECT title FROM music.tracks WHERE pop", true);
    check("SELECT title FROM music.tracks JOIN music.users USING (user_id", false);
    check("SELECT AVG(weeks) AS average FROM (SELECT COUNT(*) AS week FROM ", false);
    check("SELECT AVG(weeks) AS average FROM (SELECT COUNT(*) AS weeks FROM ", true);
    check("SELECT artist_name, COUNT(*) AS plays FROM music.listens ORDER BY", false);
    check("SELECT artist_name, COUNT(*) AS plays FROM music.listens GROUP BY", true);
    check("SELECT artist_name, COUNT(*) AS plays FROM music.listens GROUP BY artist_name ORDER BY listeners", false);
    check("SELECT artist_name, COUNT(*) AS plays FROM music.listens GROUP BY artist_name ORDER BY play", true);
}

/// A copy of a model whose weights are noise.
fn noise(model: &Path, seed: u64) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(model).unwrap() {
        let path = entry.unwrap().path();
        let mut bytes = fs::read(&path).unwrap();
        if path.extension().is_some_and(|end| end == "safetensors") {
            scramble(&mut bytes, &mut ChaCha8Rng::seed_from_u64(seed));
        }
        fs::write(dir.path().join(path.file_name().unwrap()), bytes).unwrap();
    }
    dir
}

/// Fills every tensor of a safetensors file with small random values.
fn scramble(bytes: &mut [u8], random: &mut ChaCha8Rng) {
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let header: serde_json::Value = serde_json::from_slice(&bytes[8..8 + length]).unwrap();
    for (name, tensor) in header.as_object().unwrap().iter().filter(|(name, _)| *name != "__metadata__") {
        let range = |index: usize| 8 + length + tensor["data_offsets"][index].as_u64().unwrap() as usize;
        let data = &mut bytes[range(0)..range(1)];
        match tensor["dtype"].as_str().unwrap() {
            "F32" => data.chunks_exact_mut(4).for_each(|value| value.copy_from_slice(&random.random_range(-0.5_f32..0.5).to_le_bytes())),
            // The upper half of an F32 is a BF16; an F16 of the same bits stays small too.
            "BF16" => {
                data.chunks_exact_mut(2).for_each(|value| value.copy_from_slice(&random.random_range(-0.5_f32..0.5).to_le_bytes()[2..]))
            }
            "F16" => data.chunks_exact_mut(2).for_each(|value| {
                value.copy_from_slice(&(random.random_range(0..0x3800_u16) | random.random::<u16>() & 0x8000).to_le_bytes())
            }),
            other => panic!("{name} is {other}"),
        }
    }
}

/// Prompts as the linker makes them, and a question that was not masked.
const PROMPTS: &[&str] = &[
    "top @v1 <num> artists",
    "how many songs by @v1 <artist> since @v2 <year>",
    "les titres de @v1 <artist>",
    "who is the most played in @v1 <country> and @v2 <country> and @v3 <country>",
    "quelle heure est-il",
    "DROP TABLE music.tracks",
];

async fn hold(model: PathBuf, tokens: usize) {
    let (language, speller) = (language(), Speller::new(9));
    // Noise has no word for asking which question a query answers.
    let manifest =
        Manifest { max_new_tokens: tokens, question_weight: 0.0, ..Manifest::read(&root().join("models/quaver-music.toml")).unwrap() };
    let (mut whole, mut cut, mut empty, mut valid) = (0, 0, 0, 0);
    for seed in 0..2 {
        let dir = noise(&model, seed);
        let mut settings = ModelSettings::new(HubSettings::new(PathBuf::from("unused")));
        settings.language = Some(Arc::new(SqlLanguage::new(Catalog::embedded(), Policy::default())));
        let generator = load_dir(dir.path(), "noise", &manifest, &settings).unwrap();
        for prompt in PROMPTS {
            for beams in [1, 4] {
                let request = GenerationRequest::answer(*prompt, beams, tokens);
                let candidates = generator.generate(request).await.unwrap();
                empty += usize::from(candidates.is_empty());
                for candidate in candidates {
                    if candidate.finished {
                        whole += 1;
                        assert_eq!(speller.stops(&candidate.text), None, "{}", candidate.text);
                        assert!(language.is_answer(&candidate.text), "{}", candidate.text);
                        valid += usize::from(candidate.text != NO_ANSWER);
                        let highest =
                            candidate.text.split("@v").skip(1).filter_map(|rest| rest[..1].parse::<usize>().ok()).max().unwrap_or(0);
                        assert!(highest <= prompt.matches("@v").count(), "{prompt}: {}", candidate.text);
                        if seed == 0 {
                            println!("  {beams} {}", candidate.text);
                        }
                    } else {
                        cut += 1;
                        assert!(language.may_continue(&candidate.text), "{}", candidate.text);
                    }
                }
            }
        }
    }
    println!(
        "{}: {whole} whole answers, all valid ({valid} queries); {cut} cut at {tokens} tokens; {empty} searches without any",
        model.display()
    );
}

#[tokio::test]
async fn a_model_of_noise_writes_nothing_but_valid_queries() {
    hold(root().join("tests/fixtures/tiny-t5"), 80).await;
    hold(root().join("models/quaver-music"), 40).await;
}

#[tokio::test]
async fn sixteen_questions_at_once_get_the_answers_that_they_get_alone() {
    let manifest = Manifest::read(&root().join("models/quaver-music.toml")).unwrap();
    let mut settings = ModelSettings::new(HubSettings::new(PathBuf::from("unused")));
    settings.language = Some(Arc::new(language()));
    let generator = load_dir(&root().join("models/quaver-music"), "test", &manifest, &settings).unwrap();
    let ask = async |index: usize| {
        let request = GenerationRequest::answer(PROMPTS[index % PROMPTS.len()], [4, 1, 3][index % 3], 64);
        generator.generate(request).await.unwrap()
    };
    let mut alone = Vec::new();
    for index in 0..16 {
        alone.push(ask(index).await);
    }
    assert!(alone.iter().flatten().any(|candidate| candidate.text.starts_with("SELECT")));
    assert_eq!(futures::future::join_all((0..16).map(ask)).await, alone);
}

#[tokio::test]
async fn the_trained_models_are_as_fast_under_the_constraint() {
    let manifest = Manifest::read(&root().join("models/quaver-music.toml")).unwrap();
    let answers = async |language: Option<Arc<dyn AnswerLanguage>>, beams: usize| {
        let mut settings = ModelSettings::new(HubSettings::new(PathBuf::from("unused")));
        settings.language = language;
        let generator = load_dir(&root().join("models/quaver-music"), "test", &manifest, &settings).unwrap();
        let mut best = Duration::MAX;
        let mut texts = Vec::new();
        for _ in 0..5 {
            let begun = std::time::Instant::now();
            texts.clear();
            for prompt in &PROMPTS[..5] {
                let request = GenerationRequest::answer(*prompt, beams, 64);
                texts.push(generator.generate(request).await.unwrap().first().map(|one| one.text.clone()));
            }
            best = best.min(begun.elapsed());
        }
        (best, texts)
    };
    for beams in [1, 4] {
        let free = answers(None, beams).await;
        let held = answers(Some(Arc::new(language())), beams).await;
        println!("beams {beams}: {:?} free, {:?} held to the language (dev profile)", free.0, held.0);
        for (free, held) in free.1.iter().zip(&held.1) {
            println!("  {free:?}\n  {held:?}");
            // What was valid anyway is written all the same.
            if free.as_ref().is_some_and(|text| language().is_answer(text)) {
                assert_eq!(free, held);
            }
        }
    }
}

/// Every name that a summary may use.
fn names() -> Vec<String> {
    let rows = ["r0", "r1", "r2", "last", "sum", "delta", "change"];
    let cells = rows.iter().flat_map(|row| (0..6).map(move |column| format!("{{{row}.c{column}}}")));
    cells.chain((1..=9).map(|value| format!("@v{value}"))).chain(["{rows}".to_owned()]).collect()
}

#[test]
fn every_summary_of_the_corpus_can_be_written() {
    let names = names();
    let speller = Speller::of(summary_grammar(names.iter().map(String::as_str)));
    let slot = regex::Regex::new(r"\{[a-z]+[2-9]?\}").unwrap();
    let (mut read, mut refused) = (0, Vec::new());
    for path in fs::read_dir(root().join("training/summaries")).into_iter().flatten().map(|entry| entry.unwrap().path()) {
        for line in fs::read_to_string(path).unwrap().lines() {
            let Some((tag, text)) = line.trim().split_once(' ').filter(|(tag, _)| tag.starts_with("en") || tag.starts_with("fr")) else {
                continue;
            };
            let text = slot.replace_all(text, |slot: &regex::Captures<'_>| if &slot[0] == "{rows}" { "{rows}" } else { "@v1" });
            read += 1;
            refused.extend(speller.stops(&text).map(|at| format!("{tag} {} | {}", &text[..at], &text[at..])));
        }
    }
    println!("summaries: {} of {read} can be written", read - refused.len());
    assert!(refused.is_empty(), "{} of {read}: {refused:#?}", refused.len());
    for other in ["{r0.c0} leads with 7", "{r0.c0}{r0.c1}", "-{r0.c1}", "{r0.c6} leads", "{r0.c1}%", "the {r3.c0}", "a “b”", "a\n{r0.c1}"]
    {
        assert!(speller.stops(other).is_some(), "{other}");
    }
}
