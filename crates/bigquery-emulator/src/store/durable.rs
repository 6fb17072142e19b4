//! Writing so that a crash leaves the old state or the new one: write aside, fsync, rename, fsync the directory.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::StoreError;

/// The moments at which a crash is simulated by tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// The new rows lie in the table's directory; its metadata still names the old ones.
    FilesInPlace,
    /// The new metadata is written aside and synced, not yet renamed.
    MetadataAside,
    /// The rename has happened; the old files are still there.
    MetadataRenamed,
}

/// Why a file was not replaced durably.
#[derive(Debug)]
pub(crate) struct ReplaceError {
    pub(crate) source: io::Error,
    /// The new content is in place all the same; only its durability is in doubt.
    pub(crate) replaced: bool,
}

/// Replaces a file as a whole.
pub(crate) fn replace_file(path: &Path, bytes: &[u8]) -> Result<(), ReplaceError> {
    let aside = path.with_extension("aside");
    let before = |source| ReplaceError { source, replaced: false };
    let after = |source| ReplaceError { source, replaced: true };
    write_synced(&aside, bytes).map_err(before)?;
    reach(Step::MetadataAside).map_err(before)?;
    fs::rename(&aside, path).map_err(before)?;
    sync_dir(parent(path)).map_err(after)?;
    reach(Step::MetadataRenamed).map_err(after)
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes a directory that survives a crash once this returns.
pub(crate) fn create_dir(path: &Path) -> io::Result<()> {
    if !path.is_dir() {
        fs::create_dir_all(path)?;
        sync_dir(parent(path))?;
    }
    Ok(())
}

/// Removes a file durably; a missing one is no error.
pub(crate) fn remove_file(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    }
    sync_dir(parent(path))
}

/// Makes the entries of a directory durable.
#[cfg(unix)]
pub(crate) fn sync_dir(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Elsewhere a directory cannot be opened as a file; the rename is as durable as the system makes it.
#[cfg(not(unix))]
pub(crate) fn sync_dir(_path: &Path) -> io::Result<()> {
    Ok(())
}

fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or_else(|| Path::new("."))
}

#[cfg(not(test))]
pub(crate) fn reach(_step: Step) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
pub(crate) use fault::reach;

/// The directories of a directory that are named as datasets and tables are, with their ids.
pub(super) fn subdirectories(dir: &Path) -> Result<Vec<(String, PathBuf)>, StoreError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).map_err(StoreError::io("list", dir))? {
        let entry = entry.map_err(StoreError::io("list", dir))?;
        let path = entry.path();
        if path.is_dir()
            && let Some(id) = entry.file_name().to_str().and_then(super::names::from_disk)
        {
            found.push((id, path));
        }
    }
    Ok(found)
}

pub(super) fn remove_remains(dir: &Path) -> Result<(), StoreError> {
    tracing::info!(directory = %dir.display(), "removing what a crash left behind, or what has expired");
    fs::remove_dir_all(dir).map_err(StoreError::io("remove", dir))
}

#[cfg(test)]
pub(crate) mod fault {
    use std::cell::Cell;
    use std::io;

    use super::Step;

    thread_local! {
        static CRASH_AT: Cell<Option<Step>> = const { Cell::new(None) };
    }

    /// The next time this thread reaches `step`, it fails there as if the process had died.
    pub(crate) fn crash_at(step: Step) {
        CRASH_AT.set(Some(step));
    }

    pub(crate) fn reach(step: Step) -> io::Result<()> {
        if CRASH_AT.get() == Some(step) {
            CRASH_AT.set(None);
            return Err(io::Error::other(format!("simulated crash at {step:?}")));
        }
        Ok(())
    }
}
