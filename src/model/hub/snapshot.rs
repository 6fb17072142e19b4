//! What the cache holds of one model.
//!
//! Layout: `models--OWNER--NAME/{refs/REVISION, snapshots/COMMIT/FILE, blobs/ETAG}`; a file of a snapshot is a link to a blob. The
//! ETag of a large file is its SHA-256, so such a file can be proved whole at any time.

use std::io::Read;
use std::path::{Path, PathBuf};

use hf_hub::{Cache, CacheRepo, Repo, RepoType};
use sha2::{Digest, Sha256};

use super::{HubError, SHARD_INDEX, SINGLE_FILE, Snapshot, shards};

pub(super) struct CachedRepo {
    repo: String,
    revision: String,
    cache_dir: PathBuf,
    entry: CacheRepo,
    refs: PathBuf,
}

impl CachedRepo {
    pub(super) fn new(cache_dir: &Path, repo: &str, revision: &str) -> Self {
        let described = Repo::with_revision(repo.to_owned(), RepoType::Model, revision.to_owned());
        let refs = cache_dir.join(described.folder_name()).join("refs").join(revision);
        let entry = Cache::new(cache_dir.to_owned()).repo(described);
        Self { repo: repo.to_owned(), revision: revision.to_owned(), cache_dir: cache_dir.to_owned(), entry, refs }
    }

    /// The commit that the revision stood for when it was fetched.
    pub(super) fn commit(&self) -> Option<String> {
        let commit = match std::fs::read_to_string(&self.refs) {
            Ok(text) => text.trim().to_owned(),
            // Other libraries write no reference for a revision that is itself a commit.
            Err(_) => self.revision.clone(),
        };
        (is_commit(&commit) && self.entry.pointer_path(&commit).is_dir()).then_some(commit)
    }

    pub(super) fn snapshot(&self, commit: &str) -> Snapshot {
        Snapshot { dir: self.entry.pointer_path(commit), commit: commit.to_owned() }
    }

    /// Proves that a snapshot has every file a model needs, and that its large files are whole.
    pub(super) async fn complete(&self, commit: &str) -> Result<(), HubError> {
        let dir = self.entry.pointer_path(commit);
        let index = dir.join(SHARD_INDEX);
        let mut files = vec!["config.json".to_owned(), "tokenizer.json".to_owned()];
        if dir.join(SINGLE_FILE).exists() || !index.exists() {
            files.push(SINGLE_FILE.to_owned());
        } else {
            files.extend(shards(&index)?);
        }
        for file in files {
            let path = dir.join(&file);
            if !path.exists() {
                return Err(self.offline(&file));
            }
            check_blob(&path, None).await?;
        }
        Ok(())
    }

    pub(super) fn remember(&self, commit: &str) -> Result<(), HubError> {
        self.entry.create_ref(commit).map_err(cache_error)
    }

    pub(super) fn path(&self, commit: &str, file: &str) -> PathBuf {
        self.entry.pointer_path(commit).join(file)
    }

    pub(super) fn blob(&self, etag: &str) -> PathBuf {
        self.entry.blob_path(etag)
    }

    /// Makes `file` of a snapshot stand for a blob that is already there.
    pub(super) fn link(&self, commit: &str, file: &str, etag: &str) -> Result<PathBuf, HubError> {
        let path = self.path(commit, file);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(cache_error)?;
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(Path::new("../../blobs").join(etag), &path).map_err(cache_error)?;
        #[cfg(not(unix))]
        std::fs::copy(self.blob(etag), &path).map_err(cache_error)?;
        Ok(path)
    }

    /// Removes a file that turned out damaged, so that it is fetched again.
    pub(super) fn discard(&self, commit: &str, file: &str, etag: &str) {
        for path in [self.path(commit, file), self.blob(etag)] {
            if let Err(error) = std::fs::remove_file(&path)
                && error.kind() != std::io::ErrorKind::NotFound
            {
                tracing::warn!(path = %path.display(), %error, "damaged file not removed");
            }
        }
    }

    pub(super) fn offline(&self, file: &str) -> HubError {
        HubError::Offline {
            repo: self.repo.clone(),
            revision: self.revision.clone(),
            file: file.to_owned(),
            cache_dir: self.cache_dir.clone(),
        }
    }
}

/// What the Hub says of a file.
#[derive(Debug, Clone)]
pub(super) struct Announced {
    pub(super) commit: String,
    pub(super) etag: String,
    pub(super) size: u64,
}

/// Holds a file against its announcement, or a cached blob against its own name alone.
pub(super) async fn check_blob(path: &Path, announced: Option<&Announced>) -> Result<(), HubError> {
    let corrupt = |message: String| HubError::Corrupt { path: path.to_owned(), message };
    let size = std::fs::metadata(path).map_err(|error| corrupt(error.to_string()))?.len();
    if let Some(announced) = announced
        && size != announced.size
    {
        return Err(corrupt(format!("{size} bytes arrived, {} were announced", announced.size)));
    }
    let name = match announced {
        Some(announced) => Some(announced.etag.clone()),
        // A snapshot's file is a link to a blob with the ETag for its name; a plain file tells nothing.
        None => path.canonicalize().ok().and_then(|blob| blob.file_name().map(|name| name.to_string_lossy().into_owned())),
    };
    let Some(expected) = name.filter(|name| is_hex(name, 64)) else { return Ok(()) };
    let hashed = path.to_owned();
    let found = tokio::task::spawn_blocking(move || sha256(&hashed))
        .await
        .map_err(|error| corrupt(error.to_string()))?
        .map_err(|error| corrupt(error.to_string()))?;
    if found == expected { Ok(()) } else { Err(corrupt(format!("its SHA-256 is {found}, {expected} was announced"))) }
}

/// The SHA-256 of a file, in hexadecimal digits.
pub(in crate::model) fn sha256(path: &Path) -> std::io::Result<String> {
    let mut file = std::fs::File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(format!("{:x}", hasher.finalize()));
        }
        hasher.update(&buffer[..read]);
    }
}

pub(super) fn is_commit(text: &str) -> bool {
    is_hex(text, 40)
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn cache_error(error: std::io::Error) -> HubError {
    HubError::Cache { message: error.to_string() }
}
