//! Models from the Hugging Face Hub, into a cache with the layout that all Hugging Face libraries share.
//!
//! hf-hub does the transfers, resuming at the last whole chunk. What it does not do is done here: all files of a model come from
//! one commit, what arrived is held against the size and hash that the Hub announced, broken transfers are tried again, a silent
//! server is given up, and each failure has its own error. The environment is not read; everything comes in as [`HubSettings`].

mod error;
mod snapshot;
mod transfer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hf_hub::api::tokio::{Api, ApiError};
use secrecy::SecretString;

pub use error::HubError;
use snapshot::CachedRepo;
pub(super) use snapshot::sha256;
use transfer::{Transfer, client};

use super::t5::{SHARD_INDEX, SINGLE_FILE, ShardIndex};

/// Told about every transfer as it goes on.
pub type ProgressCallback = Arc<dyn Fn(&DownloadProgress) + Send + Sync>;

/// How far the transfer of one file is. Counting starts again when a transfer has to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DownloadProgress {
    pub repo: String,
    pub file: String,
    pub done_bytes: u64,
    pub total_bytes: u64,
}

/// Where models come from and where they are kept.
#[derive(Clone)]
pub struct HubSettings {
    /// `HF_ENDPOINT`: `https://huggingface.co`, or a mirror.
    pub endpoint: String,
    /// `HF_TOKEN`, for private and gated models.
    pub token: Option<SecretString>,
    /// The folder that holds `models--OWNER--NAME`.
    pub cache_dir: PathBuf,
    /// Use the cache alone.
    pub offline: bool,
    /// How often a transfer is tried before its error counts.
    pub attempts: u32,
    /// The wait before the second attempt; each further one is twice as long, up to ten seconds.
    pub backoff: Duration,
    /// A transfer in which nothing arrives for so long is broken.
    pub stall_timeout: Duration,
    /// What is asked for in one request, and lost when it breaks.
    pub chunk_bytes: usize,
    pub progress: Option<ProgressCallback>,
}

impl HubSettings {
    /// The public Hub, without a token.
    pub fn new(cache_dir: PathBuf) -> Self {
        Self {
            endpoint: "https://huggingface.co".to_owned(),
            token: None,
            cache_dir,
            offline: false,
            attempts: 5,
            backoff: Duration::from_millis(500),
            stall_timeout: Duration::from_secs(60),
            chunk_bytes: 10_000_000,
            progress: None,
        }
    }
}

/// Whether what the cache holds will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// A complete model in the cache is used as it is, without a request.
    Cached,
    /// The Hub is asked what the revision stands for now.
    Latest,
}

/// A model in the cache: one commit, complete and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Holds config.json, tokenizer.json and the weights.
    pub dir: PathBuf,
    pub commit: String,
}

/// A Hub and the cache before it.
pub struct Hub {
    settings: HubSettings,
    api: Api,
}

impl Hub {
    /// # Errors
    /// [`HubError::Network`] when no client can be made of the settings.
    pub fn new(settings: HubSettings) -> Result<Self, HubError> {
        let failed = |error: ApiError| HubError::Network { what: "the client".to_owned(), message: error.to_string() };
        let api = client(&settings).map_err(failed)?;
        Ok(Self { settings, api })
    }

    /// A model by id and revision (a branch, a tag or a commit), from the cache or the Hub.
    ///
    /// # Errors
    /// See [`HubError`]; what was transferred before an error is kept and used by the next attempt.
    pub async fn fetch(&self, repo: &str, revision: &str, freshness: Freshness) -> Result<Snapshot, HubError> {
        let cached = CachedRepo::new(&self.settings.cache_dir, repo, revision);
        let commit = cached.commit();
        if let Some(commit) = &commit
            && (freshness == Freshness::Cached || self.settings.offline)
        {
            match cached.complete(commit).await {
                Err(error) if self.settings.offline => return Err(error),
                // What is damaged or missing is fetched below.
                Err(_) => {}
                Ok(()) => return Ok(cached.snapshot(commit)),
            }
        }
        if self.settings.offline {
            return Err(cached.offline("config.json"));
        }
        let commit = match (commit, freshness) {
            (Some(commit), Freshness::Cached) => commit,
            _ => self.transfer(repo, revision).describe("config.json").await?.commit,
        };
        self.download(repo, &commit, &cached).await?;
        // Written last: a revision that the cache knows is complete.
        cached.remember(&commit)?;
        Ok(cached.snapshot(&commit))
    }

    async fn download(&self, repo: &str, commit: &str, cached: &CachedRepo) -> Result<(), HubError> {
        let transfer = self.transfer(repo, commit);
        for file in ["config.json", "tokenizer.json"] {
            transfer.file(file, cached).await?;
        }
        optional(transfer.file("generation_config.json", cached).await)?;
        let Some(index) = optional(transfer.file(SHARD_INDEX, cached).await)? else {
            return transfer.file(SINGLE_FILE, cached).await.map(|_| ());
        };
        // Some repositories hold both; the single file is then preferred, as the loader prefers it.
        if optional(transfer.file(SINGLE_FILE, cached).await)?.is_some() {
            return Ok(());
        }
        for shard in shards(&index)? {
            transfer.file(&shard, cached).await?;
        }
        Ok(())
    }

    fn transfer(&self, repo: &str, revision: &str) -> Transfer<'_> {
        Transfer { api: &self.api, settings: &self.settings, repo: repo.to_owned(), revision: revision.to_owned() }
    }
}

fn shards(index: &Path) -> Result<Vec<String>, HubError> {
    let corrupt = |message: String| HubError::Corrupt { path: index.to_owned(), message };
    let json = std::fs::read(index).map_err(|error| corrupt(error.to_string()))?;
    Ok(ShardIndex::parse(index, &json).map_err(|error| corrupt(error.to_string()))?.files())
}

/// A file that a model may lack.
fn optional(result: Result<PathBuf, HubError>) -> Result<Option<PathBuf>, HubError> {
    match result {
        Ok(path) => Ok(Some(path)),
        Err(HubError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod fake;
#[cfg(test)]
mod tests;
