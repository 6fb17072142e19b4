use std::path::PathBuf;
use std::sync::Mutex;

use super::fake::{FakeHub, Fault, REPO};
use super::*;

const FIRST: &str = "1111111111111111111111111111111111111111";
const SECOND: &str = "2222222222222222222222222222222222222222";
/// Three chunks of the tests' settings.
const WEIGHTS: &[u8] = &[7; 2500];
const OTHER_WEIGHTS: &[u8] = &[8; 2500];

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)).unwrap()
}

struct Bench {
    hub: FakeHub,
    cache: tempfile::TempDir,
}

/// A Hub with one model of one weights file.
async fn bench() -> Bench {
    let hub = FakeHub::start().await;
    hub.publish("main", FIRST, &[("config.json", b"{}"), ("tokenizer.json", b"{ }"), ("model.safetensors", WEIGHTS)]);
    Bench { hub, cache: tempfile::tempdir().unwrap() }
}

impl Bench {
    fn settings(&self) -> HubSettings {
        HubSettings {
            endpoint: self.hub.endpoint(),
            attempts: 3,
            backoff: Duration::ZERO,
            stall_timeout: Duration::from_secs(20),
            chunk_bytes: 1000,
            ..HubSettings::new(self.cache.path().to_owned())
        }
    }

    async fn fetch(&self) -> Result<Snapshot, HubError> {
        self.fetch_with(self.settings(), "main", Freshness::Cached).await
    }

    async fn fetch_with(&self, settings: HubSettings, revision: &str, freshness: Freshness) -> Result<Snapshot, HubError> {
        Hub::new(settings).unwrap().fetch(REPO, revision, freshness).await
    }

    async fn fetch_offline(&self) -> Result<Snapshot, HubError> {
        self.fetch_with(HubSettings { offline: true, ..self.settings() }, "main", Freshness::Cached).await
    }

    fn log(&self) -> Vec<String> {
        self.hub.take_log().into_iter().filter(|line| line.starts_with("model")).collect()
    }
}

fn weights(snapshot: &Snapshot) -> Vec<u8> {
    std::fs::read(snapshot.dir.join("model.safetensors")).unwrap()
}

#[tokio::test]
async fn a_model_is_fetched_once_and_then_found_in_the_cache() {
    let bench = bench().await;
    let snapshot = bench.fetch().await.unwrap();
    assert_eq!((snapshot.commit.as_str(), weights(&snapshot)), (FIRST, WEIGHTS.to_vec()));
    assert_eq!(bench.log(), ["model.safetensors 0-1000", "model.safetensors 1000-2000", "model.safetensors 2000-2500"]);
    assert_eq!(bench.fetch().await.unwrap(), snapshot);
    assert_eq!(bench.fetch_offline().await.unwrap(), snapshot);
    assert_eq!(bench.hub.take_log(), Vec::<String>::new());
    let by_commit = bench.fetch_with(bench.settings(), FIRST, Freshness::Cached).await.unwrap();
    assert_eq!(by_commit, snapshot);
    assert_eq!(bench.hub.take_log(), Vec::<String>::new());
}

#[tokio::test]
async fn shards_are_fetched_with_their_index() {
    let bench = bench().await;
    let names: Vec<String> = (1..=4).map(|index| format!("model-0000{index}-of-00004.safetensors")).collect();
    let mut files = vec!["config.json", "tokenizer.json", "generation_config.json", "model.safetensors.index.json"];
    files.extend(names.iter().map(String::as_str));
    let contents: Vec<Vec<u8>> = files.iter().map(|file| fixture(&format!("tiny-t5-gated/{file}"))).collect();
    let published: Vec<(&str, &[u8])> = files.iter().copied().zip(contents.iter().map(Vec::as_slice)).collect();
    bench.hub.publish("main", FIRST, &published);
    let settings = HubSettings { chunk_bytes: 10_000, ..bench.settings() };
    let snapshot = bench.fetch_with(settings, "main", Freshness::Cached).await.unwrap();
    for (file, content) in published {
        assert_eq!(std::fs::read(snapshot.dir.join(file)).unwrap(), content, "{file}");
    }
    crate::model::check(&snapshot.dir).unwrap();
    assert_eq!(bench.fetch_offline().await.unwrap(), snapshot);
}

#[tokio::test]
async fn a_broken_transfer_is_taken_up_again() {
    // How often the first chunk is asked for, at least: a break elsewhere may take the second fault.
    let check = async |faults: &[Fault], starts: usize| {
        let bench = bench().await;
        bench.hub.break_file("model.safetensors", faults);
        let mut settings = bench.settings();
        if faults.contains(&Fault::Silent) {
            settings.stall_timeout = Duration::from_millis(500);
        }
        let snapshot = bench.fetch_with(settings, "main", Freshness::Cached).await.unwrap_or_else(|error| panic!("{faults:?}: {error}"));
        assert_eq!(weights(&snapshot), WEIGHTS, "{faults:?}");
        let found = bench.log().iter().filter(|line| line.ends_with(" 0-1000")).count();
        assert!(found >= starts, "{faults:?}: {found}");
    };
    check(&[Fault::Cut], 2).await;
    check(&[Fault::Cut, Fault::Cut], 2).await;
    check(&[Fault::Silent], 2).await;
    // What lies is found by size or hash, and thrown away whole.
    check(&[Fault::Garbled], 2).await;
    check(&[Fault::Short], 2).await;
    // A refusal meets the probe.
    check(&[Fault::Status(503)], 1).await;
    check(&[Fault::Status(429), Fault::Status(500)], 1).await;
}

#[tokio::test]
async fn a_transfer_resumes_where_it_broke() {
    let bench = bench().await;
    // Chunks that arrived whole are not asked for again: not by the next attempt, not by the next process.
    bench.hub.break_file("model.safetensors", &[]);
    let hub = bench.hub.clone();
    let settings = HubSettings {
        attempts: 1,
        progress: Some(Arc::new(move |progress: &DownloadProgress| {
            if progress.file == "model.safetensors" && progress.done_bytes == 1000 {
                hub.break_file("model.safetensors", &[Fault::Cut]);
            }
        })),
        ..bench.settings()
    };
    let error = bench.fetch_with(settings, "main", Freshness::Cached).await.unwrap_err();
    assert!(matches!(error, HubError::Network { .. }), "{error}");
    bench.hub.break_file("model.safetensors", &[]);
    bench.log();
    let snapshot = bench.fetch().await.unwrap();
    assert_eq!(weights(&snapshot), WEIGHTS);
    let log = bench.log();
    assert!(!log.is_empty() && log.iter().all(|line| !line.ends_with(" 0-1000")), "{log:?}");
}

#[tokio::test]
async fn failures_have_their_own_errors() {
    let check = async |prepare: fn(&FakeHub), matches: fn(&HubError) -> bool| {
        let bench = bench().await;
        prepare(&bench.hub);
        let error = bench.fetch().await.unwrap_err();
        assert!(matches(&error), "{error:?}");
    };
    check(|hub| hub.require_token("secret"), |error| matches!(error, HubError::Unauthorized { .. })).await;
    check(|hub| hub.break_file("config.json", &[Fault::Status(403)]), |error| matches!(error, HubError::Unauthorized { .. })).await;
    check(|hub| hub.publish("main", FIRST, &[]), |error| matches!(error, HubError::NotFound { file, .. } if file == "config.json")).await;
    check(
        |hub| hub.publish("main", FIRST, &[("config.json", b"{}"), ("tokenizer.json", b"{ }")]),
        |error| matches!(error, HubError::NotFound { file, .. } if file == "model.safetensors"),
    )
    .await;
    check(|hub| hub.break_file("model.safetensors", &[Fault::Garbled; 30]), |error| matches!(error, HubError::Corrupt { .. })).await;
    check(|hub| hub.break_file("model.safetensors", &[Fault::Cut; 30]), |error| matches!(error, HubError::Network { .. })).await;
    check(|hub| hub.break_file("config.json", &[Fault::Status(503); 30]), |error| matches!(error, HubError::Network { .. })).await;
    check(|hub| hub.publish("main", "../../escape", &[("config.json", b"{}")]), |error| matches!(error, HubError::Network { .. })).await;
    check(
        |hub| hub.publish("elsewhere", FIRST, &[]),
        |error| matches!(error, HubError::NotFound { revision, .. } if revision == "main" || revision == FIRST),
    )
    .await;
}

#[tokio::test]
async fn a_token_opens_a_private_model() {
    let bench = bench().await;
    bench.hub.require_token("secret");
    let settings = HubSettings { token: Some("secret".to_owned().into()), ..bench.settings() };
    bench.fetch_with(settings, "main", Freshness::Cached).await.unwrap();
}

#[tokio::test]
async fn nobody_listening_is_a_network_error() {
    let bench = bench().await;
    // No server can listen on port 0.
    let settings = HubSettings { endpoint: "http://127.0.0.1:0".to_owned(), ..bench.settings() };
    let error = bench.fetch_with(settings, "main", Freshness::Cached).await.unwrap_err();
    assert!(matches!(&error, HubError::Network { what, .. } if what.contains("config.json")), "{error}");
}

#[tokio::test]
async fn offline_names_what_is_missing_and_the_remedy() {
    let bench = bench().await;
    let error = bench.fetch_offline().await.unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, HubError::Offline { .. }), "{text}");
    assert!(text.contains("config.json") && text.contains("quaver model pull") && text.contains(REPO), "{text}");
    let snapshot = bench.fetch().await.unwrap();
    std::fs::remove_file(snapshot.dir.join("model.safetensors")).unwrap();
    let text = bench.fetch_offline().await.unwrap_err().to_string();
    assert!(text.contains("model.safetensors"), "{text}");
    assert_eq!(bench.hub.take_log().len(), 5);
}

#[tokio::test]
async fn a_damaged_cache_is_noticed_and_mended() {
    let check = async |damage: fn(PathBuf)| {
        let bench = bench().await;
        let snapshot = bench.fetch().await.unwrap();
        damage(snapshot.dir.join("model.safetensors").canonicalize().unwrap());
        let error = bench.fetch_offline().await.unwrap_err();
        assert!(matches!(error, HubError::Corrupt { .. } | HubError::Offline { .. }), "{error}");
        assert_eq!(weights(&bench.fetch().await.unwrap()), WEIGHTS);
    };
    check(|blob| std::fs::write(blob, [9; 2500]).unwrap()).await;
    check(|blob| std::fs::write(blob, [7; 100]).unwrap()).await;
    check(|blob| std::fs::remove_file(blob).unwrap()).await;
}

#[tokio::test]
async fn a_revision_moves_only_when_the_latest_is_asked_for() {
    let bench = bench().await;
    bench.fetch().await.unwrap();
    bench.hub.publish("main", SECOND, &[("config.json", b"{\"v\":2}"), ("tokenizer.json", b"{ }"), ("model.safetensors", WEIGHTS)]);
    bench.hub.take_log();
    assert_eq!(bench.fetch().await.unwrap().commit, FIRST);
    let latest = bench.fetch_with(bench.settings(), "main", Freshness::Latest).await.unwrap();
    assert_eq!((latest.commit.as_str(), weights(&latest)), (SECOND, WEIGHTS.to_vec()));
    // The weights are the same blob, which is not transferred again.
    assert_eq!(bench.log(), Vec::<String>::new());
    assert_eq!(bench.fetch_offline().await.unwrap(), latest);
    bench.hub.publish("main", FIRST, &[("config.json", b"{}"), ("tokenizer.json", b"{ }"), ("model.safetensors", OTHER_WEIGHTS)]);
    let back = bench.fetch_with(bench.settings(), "main", Freshness::Latest).await.unwrap();
    assert_eq!(weights(&back), OTHER_WEIGHTS);
}

#[tokio::test]
async fn progress_is_told_to_the_end() {
    let bench = bench().await;
    let seen: Arc<Mutex<Vec<DownloadProgress>>> = Arc::default();
    let sink = Arc::clone(&seen);
    let progress: ProgressCallback = Arc::new(move |progress: &DownloadProgress| sink.lock().unwrap().push(progress.clone()));
    bench.fetch_with(HubSettings { progress: Some(progress), ..bench.settings() }, "main", Freshness::Cached).await.unwrap();
    let seen = seen.lock().unwrap();
    let weights: Vec<&DownloadProgress> = seen.iter().filter(|progress| progress.file == "model.safetensors").collect();
    assert_eq!(weights.first().map(|progress| (progress.done_bytes, progress.total_bytes)), Some((0, 2500)));
    assert_eq!(weights.last().map(|progress| (progress.done_bytes, progress.repo.as_str())), Some((2500, REPO)));
    assert!(weights.windows(2).all(|pair| pair[0].done_bytes <= pair[1].done_bytes));
}
