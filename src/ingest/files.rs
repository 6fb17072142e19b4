//! A source as it lies on disk: a zip archive as downloaded, the folder it was unpacked to, or a single file of it.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::IngestError;

/// A file of a source, opened only when it is read.
#[derive(Debug, Clone)]
pub(super) struct SourceFile {
    /// Its path inside the archive or folder.
    pub name: String,
    place: Place,
}

#[derive(Debug, Clone)]
enum Place {
    Disk(PathBuf),
    Archive(PathBuf),
}

/// The files of a source, by name.
///
/// # Errors
/// When the path is not there, or is an archive that cannot be read.
pub(super) fn list(path: &Path) -> Result<Vec<SourceFile>, IngestError> {
    let unreadable = |error| IngestError::Unreadable { path: path.to_owned(), error };
    let mut files = if fs::metadata(path).map_err(unreadable)?.is_dir() {
        let mut files = Vec::new();
        walk(path, path, &mut files).map_err(unreadable)?;
        files
    } else if starts_like_zip(path).map_err(unreadable)? {
        let archive = open_archive(path)?;
        let names = archive.file_names().filter_map(Result::ok);
        // A Mac adds a shadow of every file to its archives.
        names
            .filter(|name| !name.ends_with('/') && !name.starts_with("__MACOSX/"))
            .map(|name| SourceFile { name: name.into_owned(), place: Place::Archive(path.to_owned()) })
            .collect()
    } else {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        vec![SourceFile { name, place: Place::Disk(path.to_owned()) }]
    };
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

impl SourceFile {
    /// The last part of the name.
    pub(super) fn base_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(&self.name)
    }

    pub(super) fn has_extension(&self, extension: &str) -> bool {
        Path::new(&self.name).extension().is_some_and(|found| found.eq_ignore_ascii_case(extension))
    }

    /// The whole content.
    ///
    /// # Errors
    /// When the file cannot be read to its end.
    pub(super) fn read(&self) -> Result<Vec<u8>, IngestError> {
        match &self.place {
            Place::Disk(path) => fs::read(path).map_err(|error| IngestError::Unreadable { path: path.clone(), error }),
            Place::Archive(path) => {
                let mut archive = open_archive(path)?;
                let mut member = archive.by_name(&self.name).map_err(|error| IngestError::BrokenArchive { path: path.clone(), error })?;
                let mut content = Vec::new();
                member.read_to_end(&mut content).map_err(|error| IngestError::Unreadable { path: path.join(&self.name), error })?;
                Ok(content)
            }
        }
    }
}

fn open_archive(path: &Path) -> Result<zip::ZipArchive<fs::File>, IngestError> {
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
            files.push(SourceFile { name, place: Place::Disk(path) });
        }
    }
    Ok(())
}
