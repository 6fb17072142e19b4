//! A source as it lies on disk: a zip archive as downloaded, the folder it was unpacked to, or single files of it; each file plain
//! or gzipped. Several paths together are one source.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::content::Content;
use super::{IngestError, Progress};

/// What a load was pointed at.
#[derive(Debug, Clone)]
pub(super) struct Input {
    /// The paths, for messages.
    pub path: PathBuf,
    /// Their files, by name; no two have the same one.
    pub files: Vec<SourceFile>,
}

/// A file of a source, opened only when it is read.
#[derive(Debug, Clone)]
pub(super) struct SourceFile {
    /// Its path inside the archive or folder.
    pub name: String,
    /// Whether the path named this very file, which is then meant whatever its name ends with.
    pub meant: bool,
    /// What reading it whole comes to: its size on disk, or unpacked in an archive.
    pub size: u64,
    place: Place,
}

#[derive(Debug, Clone)]
pub(super) enum Place {
    Disk(PathBuf),
    Archive { path: PathBuf, member: String },
}

impl Input {
    /// The files at the paths. A path that is named twice counts once.
    ///
    /// # Errors
    /// When a path is not there, or is an archive that cannot be read.
    pub(super) fn list(paths: &[PathBuf]) -> Result<Self, IngestError> {
        let mut seen = BTreeSet::new();
        let mut files = Vec::new();
        for path in paths {
            let real = fs::canonicalize(path).map_err(|error| IngestError::Unreadable { path: path.clone(), error })?;
            if !seen.insert(real) {
                continue;
            }
            let from = files.len();
            files.extend(list(path)?);
            // Two archives may have a file of the same name; counts and rejects tell them apart by their archives.
            let (before, new) = files.split_at_mut(from);
            let taken: BTreeSet<&str> = before.iter().map(|file: &SourceFile| file.name.as_str()).collect();
            for file in new.iter_mut().filter(|file| taken.contains(file.name.as_str())) {
                file.name = format!("{}/{}", path.display(), file.name);
            }
        }
        files.sort_by(|a, b| a.name.cmp(&b.name));
        let path = paths.iter().map(|path| path.to_string_lossy()).collect::<Vec<_>>().join(", ").into();
        Ok(Self { path, files })
    }

    /// That this is not the data that was expected.
    pub(super) fn wrong(&self, source: &str, expected: impl Into<String>, found: impl Into<String>) -> IngestError {
        IngestError::WrongFile { path: self.path.clone(), source_name: source.to_owned(), expected: expected.into(), found: found.into() }
    }

    /// The first few names, for messages.
    pub(super) fn listed(&self) -> String {
        listed(self.files.iter().map(|file| file.name.as_str()))
    }
}

/// The first few names, for messages.
pub(super) fn listed<'a>(mut names: impl Iterator<Item = &'a str>) -> String {
    let first: Vec<&str> = names.by_ref().take(6).collect();
    match (first.is_empty(), names.count()) {
        (true, _) => "no file".to_owned(),
        (false, 0) => first.join("; "),
        (false, more) => format!("{}; and {more} more", first.join("; ")),
    }
}

fn list(path: &Path) -> Result<Vec<SourceFile>, IngestError> {
    let unreadable = |error| IngestError::Unreadable { path: path.to_owned(), error };
    if fs::metadata(path).map_err(unreadable)?.is_dir() {
        let mut files = Vec::new();
        walk(path, path, &mut files).map_err(unreadable)?;
        return Ok(files);
    }
    if starts_like_zip(path).map_err(unreadable)? {
        return members(path);
    }
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let size = fs::metadata(path).map_err(unreadable)?.len();
    Ok(vec![SourceFile { name, meant: true, size, place: Place::Disk(path.to_owned()) }])
}

/// The files of an archive.
fn members(path: &Path) -> Result<Vec<SourceFile>, IngestError> {
    let broken = |error| IngestError::BrokenArchive { path: path.to_owned(), error };
    let mut archive = open_archive(path)?;
    let mut files = Vec::with_capacity(archive.len());
    for index in 0..archive.len() {
        // Raw: whether it can be unpacked is asked when it is read.
        let member = archive.by_index_raw(index).map_err(broken)?;
        let Ok(name) = member.name() else { continue };
        let name = name.into_owned();
        // Nothing is ever written by these names; but an archive that has such a one was made to do harm.
        if leads_outside(&name) {
            return Err(IngestError::UnsafeArchive { path: path.to_owned(), name });
        }
        // A Mac adds a shadow of every file to its archives.
        if !name.ends_with('/') && !name.starts_with("__MACOSX/") {
            let place = Place::Archive { path: path.to_owned(), member: name.clone() };
            files.push(SourceFile { name, meant: false, size: member.size(), place });
        }
    }
    if let [only] = files.as_mut_slice() {
        only.meant = true;
    }
    Ok(files)
}

/// Whether a name in an archive points to a place outside of the folder that the archive would be unpacked to, on any system.
fn leads_outside(name: &str) -> bool {
    let slashes = name.replace('\\', "/");
    let drive = slashes.as_bytes().get(1) == Some(&b':') && slashes.starts_with(|c: char| c.is_ascii_alphabetic());
    drive || name.contains('\0') || !Path::new(&slashes).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

impl SourceFile {
    /// The last part of the name, without what says that it is compressed.
    pub(super) fn base_name(&self) -> &str {
        let name = self.name.rsplit('/').next().unwrap_or(&self.name);
        name.strip_suffix(".gz").unwrap_or(name)
    }

    pub(super) fn has_extension(&self, extensions: &[&str]) -> bool {
        let found = Path::new(self.base_name()).extension();
        found.is_some_and(|found| extensions.iter().any(|extension| found.eq_ignore_ascii_case(extension)))
    }

    /// Begins to read the file, and to count it towards the progress.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub(super) fn open(&self, progress: &Arc<dyn Progress>) -> Result<Content, IngestError> {
        Content::open(&self.place, self.shown(), self.size, progress)
    }

    fn shown(&self) -> PathBuf {
        match &self.place {
            Place::Disk(path) => path.clone(),
            Place::Archive { path, member } => path.join(member),
        }
    }
}

pub(super) fn open_archive(path: &Path) -> Result<zip::ZipArchive<fs::File>, IngestError> {
    let file = fs::File::open(path).map_err(|error| IngestError::Unreadable { path: path.to_owned(), error })?;
    zip::ZipArchive::new(file).map_err(|error| IngestError::BrokenArchive { path: path.to_owned(), error })
}

/// By content, not by name: downloads get renamed.
fn starts_like_zip(path: &Path) -> std::io::Result<bool> {
    let mut start = Vec::new();
    fs::File::open(path)?.take(4).read_to_end(&mut start)?;
    Ok(start == b"PK\x03\x04" || start == b"PK\x05\x06")
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<SourceFile>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(root, &path, files)?;
        } else {
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            // A link to nowhere is an error only for whoever wants to read it.
            let size = fs::metadata(&path).map_or(0, |found| found.len());
            files.push(SourceFile { name, meant: false, size, place: Place::Disk(path) });
        }
    }
    Ok(())
}
