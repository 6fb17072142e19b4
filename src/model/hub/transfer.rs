//! One file from the Hub: announced, transferred, checked, and tried again where that can help.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hf_hub::api::tokio::{Api, ApiBuilder, ApiError, Progress};
use hf_hub::{Cache, Repo, RepoType};
use secrecy::ExposeSecret;

use super::error::{Failure, Wanted};
use super::snapshot::{Announced, CachedRepo, check_blob, is_commit};
use super::{DownloadProgress, HubError, HubSettings, ProgressCallback};

/// The longest wait between two attempts.
const MAX_BACKOFF: Duration = Duration::from_secs(10);

pub(super) fn client(settings: &HubSettings) -> Result<Api, ApiError> {
    ApiBuilder::from_cache(Cache::new(settings.cache_dir.clone()))
        .with_endpoint(settings.endpoint.trim_end_matches('/').to_owned())
        .with_token(settings.token.as_ref().map(|token| token.expose_secret().to_owned()))
        .with_chunk_size(Some(settings.chunk_bytes))
        .with_progress(false)
        .build()
}

/// One revision of a repository.
pub(super) struct Transfer<'a> {
    pub(super) api: &'a Api,
    pub(super) settings: &'a HubSettings,
    pub(super) repo: String,
    pub(super) revision: String,
}

impl Transfer<'_> {
    /// What the Hub says of a file.
    pub(super) async fn describe(&self, file: &str) -> Result<Announced, HubError> {
        self.attempts(file, async || self.announced(file).await).await
    }

    /// Brings a file into the snapshot, unless it is there and whole.
    pub(super) async fn file(&self, file: &str, cached: &CachedRepo) -> Result<PathBuf, HubError> {
        self.attempts(file, async || self.attempt(file, cached).await).await
    }

    /// Tries until it works, cannot work, or has failed often enough.
    async fn attempts<T>(&self, file: &str, once: impl AsyncFn() -> Result<T, Failure>) -> Result<T, HubError> {
        let mut wait = self.settings.backoff;
        let mut attempt = 1;
        loop {
            let failure = match once().await {
                Ok(value) => return Ok(value),
                Err(failure) => failure,
            };
            if !failure.again || attempt >= self.settings.attempts {
                return Err(failure.error);
            }
            tracing::warn!(repo = %self.repo, file, attempt, error = %failure.error, "transfer failed, trying again");
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
            }
            wait = (wait * 2).min(MAX_BACKOFF);
            attempt += 1;
        }
    }

    async fn attempt(&self, file: &str, cached: &CachedRepo) -> Result<PathBuf, Failure> {
        let announced = self.announced(file).await?;
        let path = cached.path(&announced.commit, file);
        if check_blob(&path, Some(&announced)).await.is_ok() {
            return Ok(path);
        }
        // What stands there is damaged, or a link to a blob that is gone; hf-hub would leave either in its place.
        let blob_is_whole = check_blob(&cached.blob(&announced.etag), Some(&announced)).await.is_ok();
        if blob_is_whole {
            let _ = std::fs::remove_file(&path);
            return cached.link(&announced.commit, file, &announced.etag).map_err(|error| Failure { error, again: false });
        }
        cached.discard(&announced.commit, file, &announced.etag);
        let path = self.download(file).await?;
        check_blob(&path, Some(&announced)).await.map_err(|error| {
            cached.discard(&announced.commit, file, &announced.etag);
            Failure { error, again: true }
        })?;
        Ok(path)
    }

    /// hf-hub starts a task for every chunk and leaves them running when one fails or when its future is dropped. So each transfer
    /// gets a runtime of its own, with which whatever it started ends.
    async fn download(&self, file: &str) -> Result<PathBuf, Failure> {
        let watched = Watched::new(self, file);
        let (settings, repo, name) = (self.settings.clone(), self.repository(), file.to_owned());
        // Closes when this future is dropped.
        let (_alive, mut dropped) = tokio::sync::oneshot::channel::<()>();
        let transfer = move || -> Result<Option<PathBuf>, ApiError> {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                // A client's connections belong to the runtime that opened them.
                let handle = client(&settings)?.repo(repo);
                tokio::select! {
                    result = handle.download_with_progress(&name, watched.clone()) => result.map(Some),
                    () = watched.stalled(settings.stall_timeout) => Ok(None),
                    _ = &mut dropped => Ok(None),
                }
            })
        };
        let result = tokio::task::spawn_blocking(transfer).await.map_err(|error| self.wanted(file).network(error.to_string(), true))?;
        result.map_err(|error| self.wanted(file).classify(error))?.ok_or_else(|| self.silent(file))
    }

    async fn announced(&self, file: &str) -> Result<Announced, Failure> {
        let url = self.api.repo(self.repository()).url(file);
        let metadata = tokio::time::timeout(self.settings.stall_timeout, self.api.metadata(&url))
            .await
            .map_err(|_| self.silent(file))?
            .map_err(|error| self.wanted(file).classify(error))?;
        let announced =
            Announced { commit: metadata.commit_hash().to_owned(), etag: metadata.etag().to_owned(), size: metadata.size() as u64 };
        // Both become parts of paths.
        let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if !is_commit(&announced.commit) || !plain(announced.etag.trim_start_matches("W/")) {
            return Err(self.wanted(file).network("the answer's commit or ETag is not one of a Hub", false));
        }
        Ok(announced)
    }

    fn repository(&self) -> Repo {
        Repo::with_revision(self.repo.clone(), RepoType::Model, self.revision.clone())
    }

    fn wanted<'b>(&'b self, file: &'b str) -> Wanted<'b> {
        Wanted { repo: &self.repo, revision: &self.revision, file }
    }

    fn silent(&self, file: &str) -> Failure {
        self.wanted(file).network(format!("nothing arrived for {:?}", self.settings.stall_timeout), true)
    }
}

/// Counts what arrives, for the caller's progress display and to notice silence.
#[derive(Clone)]
struct Watched {
    inner: Arc<WatchedInner>,
}

struct WatchedInner {
    callback: Option<ProgressCallback>,
    repo: String,
    file: String,
    done_bytes: AtomicU64,
    total_bytes: AtomicU64,
    /// Counts every sign of life.
    ticks: AtomicU64,
}

impl Watched {
    fn new(transfer: &Transfer<'_>, file: &str) -> Self {
        Self {
            inner: Arc::new(WatchedInner {
                callback: transfer.settings.progress.clone(),
                repo: transfer.repo.clone(),
                file: file.to_owned(),
                done_bytes: AtomicU64::new(0),
                total_bytes: AtomicU64::new(0),
                ticks: AtomicU64::new(0),
            }),
        }
    }

    /// Ends when nothing has arrived for `timeout`.
    async fn stalled(&self, timeout: Duration) {
        loop {
            let before = self.inner.ticks.load(Ordering::Relaxed);
            tokio::time::sleep(timeout).await;
            if self.inner.ticks.load(Ordering::Relaxed) == before {
                return;
            }
        }
    }

    fn report(&self) {
        self.inner.ticks.fetch_add(1, Ordering::Relaxed);
        if let Some(callback) = &self.inner.callback {
            callback(&DownloadProgress {
                repo: self.inner.repo.clone(),
                file: self.inner.file.clone(),
                done_bytes: self.inner.done_bytes.load(Ordering::Relaxed),
                total_bytes: self.inner.total_bytes.load(Ordering::Relaxed),
            });
        }
    }
}

impl Progress for Watched {
    async fn init(&mut self, size: usize, _filename: &str) {
        self.inner.done_bytes.store(0, Ordering::Relaxed);
        self.inner.total_bytes.store(size as u64, Ordering::Relaxed);
        self.report();
    }

    async fn update(&mut self, size: usize) {
        // A resumed transfer starts with what it has, which hf-hub may count one byte too far.
        let total = self.inner.total_bytes.load(Ordering::Relaxed);
        let _ = self.inner.done_bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |done| Some((done + size as u64).min(total)));
        self.report();
    }

    async fn finish(&mut self) {
        self.report();
    }
}
