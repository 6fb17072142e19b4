//! One table: its current version, the commit of the next one, and the files of versions that readers still hold.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use arrow::array::new_null_array;
use arrow::record_batch::RecordBatch;

use super::durable::{self, Step};
use super::error::StoreError;
use super::metadata::{FileMetadata, Properties, TableMetadata};
use super::rows::{self, RowWriter, StagedRows};
use crate::engine::{self, TableFacts, TableSnapshot};
use crate::schema::{TableRef, TableSchema};

pub(crate) const METADATA_FILE: &str = "table.json";

/// A file with fewer rows than this counts as small; a run of small ones at the end is merged.
const SMALL_FILE_ROWS: u64 = 64 * 1024;
const SMALL_FILES_KEPT: usize = 24;

/// One immutable state of a table.
#[derive(Debug)]
pub struct TableVersion {
    pub metadata: TableMetadata,
    pub reference: TableRef,
    pub snapshot: Arc<TableSnapshot>,
}

impl TableVersion {
    fn new(reference: TableRef, dir: &Path, metadata: TableMetadata) -> Arc<Self> {
        let snapshot = Arc::new(TableSnapshot {
            reference: reference.clone(),
            schema: metadata.schema.clone(),
            files: metadata.files.iter().map(|f| dir.join(&f.name)).collect(),
            row_count: metadata.row_count,
            column_bytes: metadata.column_bytes.clone(),
            view: metadata.view().map(str::to_owned),
            facts: TableFacts {
                created_ms: metadata.created_ms,
                modified_ms: metadata.modified_ms,
                properties: metadata.properties.clone(),
            },
        });
        Arc::new(Self { metadata, reference, snapshot })
    }

    /// Reads rows `start..start + limit` in stored order. Blocking.
    ///
    /// # Errors
    /// When a file cannot be read, or what `visit` returns. `visit` returns whether to go on.
    pub fn read(
        &self,
        columns: Option<&[usize]>,
        start: u64,
        limit: u64,
        visit: impl FnMut(RecordBatch) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        let files: Vec<(PathBuf, u64)> = self.snapshot.files.iter().cloned().zip(self.metadata.files.iter().map(|f| f.rows)).collect();
        rows::read_window(&files, columns, start, limit, visit)
    }

    fn held_by_a_reader(self: &Arc<Self>) -> bool {
        Arc::strong_count(self) > 1 || Arc::strong_count(&self.snapshot) > 1
    }
}

/// What a commit does with the rows that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placement {
    Append,
    Replace,
    /// As [`Placement::Append`]; the table takes the schema of the rows, which has more fields or looser modes.
    Widen,
}

/// A table of the store. All its methods block on the disk.
#[derive(Debug)]
pub(crate) struct Table {
    dir: PathBuf,
    current: RwLock<Arc<TableVersion>>,
    /// Held while a commit is under way: commits of one table follow each other.
    commit: Mutex<()>,
    retired: Mutex<Retired>,
    dropped: AtomicBool,
}

#[derive(Debug, Default)]
struct Retired {
    versions: Vec<Arc<TableVersion>>,
    /// Files that no later version names.
    files: HashSet<PathBuf>,
}

impl Table {
    /// Makes the table's directory and first version durable.
    pub(crate) fn create(reference: TableRef, dir: PathBuf, mut metadata: TableMetadata, staged: StagedRows) -> Result<Self, StoreError> {
        durable::create_dir(&dir).map_err(StoreError::io("create", &dir))?;
        let placed = place_files(&dir, &staged)?;
        metadata.files = placed;
        metadata.row_count = staged.rows;
        metadata.column_bytes = staged.column_bytes.clone();
        if let Err(error) = write_metadata(&dir, &metadata)
            && !error.replaced
        {
            remove_all(&dir, &metadata.files);
            return Err(StoreError::io("write", &dir)(error.source));
        }
        Ok(Self::opened(reference, dir, metadata))
    }

    /// Loads a table and removes the files that its metadata does not name.
    pub(crate) fn open(reference: TableRef, dir: PathBuf) -> Result<Self, StoreError> {
        let path = dir.join(METADATA_FILE);
        let bytes = fs::read(&path).map_err(StoreError::io("read", &path))?;
        let metadata: TableMetadata =
            serde_json::from_slice(&bytes).map_err(|source| StoreError::Metadata { path: path.clone(), source })?;
        let named: HashSet<&str> = metadata.files.iter().map(|f| f.name.as_str()).collect();
        for entry in fs::read_dir(&dir).map_err(StoreError::io("list", &dir))? {
            let entry = entry.map_err(StoreError::io("list", &dir))?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name != METADATA_FILE && !named.contains(name.as_ref()) {
                tracing::info!(file = %entry.path().display(), "removing what a crash left behind");
                let _ = fs::remove_file(entry.path());
            }
        }
        for file in &metadata.files {
            let path = dir.join(&file.name);
            if !path.is_file() {
                return Err(StoreError::Invalid(format!("table {reference} is damaged: its file {} is missing", path.display())));
            }
        }
        Ok(Self::opened(reference, dir, metadata))
    }

    fn opened(reference: TableRef, dir: PathBuf, metadata: TableMetadata) -> Self {
        let version = TableVersion::new(reference, &dir, metadata);
        Self { dir, current: RwLock::new(version), commit: Mutex::new(()), retired: Mutex::default(), dropped: AtomicBool::new(false) }
    }

    pub(crate) fn current(&self) -> Arc<TableVersion> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes the table another one of the same name, as CREATE OR REPLACE does.
    pub(crate) fn commit_redefinition(&self, staged: StagedRows, properties: Properties) -> Result<Arc<TableVersion>, StoreError> {
        let _guard = self.begin()?;
        let current = self.current();
        let placed = place_files(&self.dir, &staged)?;
        let mut next = TableMetadata::new(staged.schema.clone(), properties);
        next.files = placed.clone();
        next.row_count = staged.rows;
        next.column_bytes = staged.column_bytes.clone();
        self.commit_metadata(&current, next, &placed)
    }

    /// Adds or replaces rows. For [`Placement::Replace`] the schema becomes that of the rows; for an append they must be
    /// the same but for descriptions and modes.
    pub(crate) fn commit_rows(
        &self,
        staged: StagedRows,
        placement: Placement,
        check: impl FnOnce(&TableVersion) -> Result<(), StoreError>,
    ) -> Result<Arc<TableVersion>, StoreError> {
        let _guard = self.begin()?;
        let current = self.current();
        check(&current)?;
        let mut next = current.metadata.clone();
        next.touch();
        let mut placed = Vec::new();
        if placement == Placement::Widen && engine::arrow_schema(&staged.schema) != engine::arrow_schema(&next.schema) && next.row_count > 0
        {
            let rewritten = self.rewrite(&current, 0, &staged.schema)?;
            placed = place_files(&self.dir, &rewritten)?;
            next.files.clone_from(&placed);
            next.column_bytes.clone_from(&rewritten.column_bytes);
        }
        let added = place_files(&self.dir, &staged)?;
        placed.extend(added.iter().cloned());
        let StagedRows { schema, rows, column_bytes, .. } = staged;
        if placement != Placement::Append {
            next.schema = schema;
        }
        if placement == Placement::Replace {
            next.files = added;
            next.row_count = rows;
            next.column_bytes = column_bytes;
        } else {
            next.files.extend(added);
            next.row_count += rows;
            for (column, bytes) in column_bytes {
                *next.column_bytes.entry(column).or_default() += bytes;
            }
        }
        let version = self.commit_metadata(&current, next, &placed)?;
        if placement == Placement::Append {
            // A failed merge leaves the table as it is, only in more files.
            if let Err(error) = self.merge_small_files() {
                tracing::warn!(table = %version.reference, %error, "small files were not merged");
            }
        }
        Ok(self.current())
    }

    /// Changes metadata alone. When the schema gains columns the files are rewritten, so that all of a table's files hold
    /// the same columns.
    pub(crate) fn commit_change(
        &self,
        change: impl FnOnce(&mut TableMetadata) -> Result<(), StoreError>,
    ) -> Result<Arc<TableVersion>, StoreError> {
        let _guard = self.begin()?;
        let current = self.current();
        let mut next = current.metadata.clone();
        change(&mut next)?;
        next.touch();
        let mut placed = Vec::new();
        if engine::arrow_schema(&next.schema) != engine::arrow_schema(&current.metadata.schema) && next.row_count > 0 {
            let staged = self.rewrite(&current, 0, &next.schema)?;
            placed = place_files(&self.dir, &staged)?;
            next.files = placed.clone();
            next.column_bytes = staged.column_bytes.clone();
        }
        self.commit_metadata(&current, next, &placed)
    }

    /// Removes the table: from here on it is gone, though its files stay for those who read them.
    pub(crate) fn remove(&self) -> Result<(), StoreError> {
        let _guard = self.begin()?;
        let path = self.dir.join(METADATA_FILE);
        durable::remove_file(&path).map_err(StoreError::io("remove", &path))?;
        self.dropped.store(true, Ordering::SeqCst);
        let current = self.current();
        let mut retired = self.retired.lock().unwrap_or_else(PoisonError::into_inner);
        retired.files.extend(current.snapshot.files.iter().cloned());
        drop(current);
        Ok(())
    }

    /// Removes the files that nobody reads any more. Returns whether any remain.
    pub(crate) fn sweep(&self) -> bool {
        let mut retired = self.retired.lock().unwrap_or_else(PoisonError::into_inner);
        if retired.files.is_empty() {
            retired.versions.clear();
            return false;
        }
        retired.versions.retain(TableVersion::held_by_a_reader);
        let current = self.current();
        let mut in_use: HashSet<PathBuf> = retired.versions.iter().flat_map(|v| v.snapshot.files.iter().cloned()).collect();
        // `self.current` and `current` hold the version; a third is a reader.
        let read = Arc::strong_count(&current) > 2 || Arc::strong_count(&current.snapshot) > 1;
        if !self.dropped.load(Ordering::SeqCst) || read {
            in_use.extend(current.snapshot.files.iter().cloned());
        }
        retired.files.retain(|file| {
            if in_use.contains(file) {
                return true;
            }
            if let Err(error) = fs::remove_file(file) {
                tracing::warn!(file = %file.display(), %error, "an old file was not removed");
            }
            false
        });
        let remain = !retired.files.is_empty();
        if self.dropped.load(Ordering::SeqCst) && !remain {
            // Fails when a new table of the same name lives there, as it should.
            let _ = fs::remove_dir(&self.dir);
        }
        remain
    }

    fn begin(&self) -> Result<std::sync::MutexGuard<'_, ()>, StoreError> {
        let guard = self.commit.lock().unwrap_or_else(PoisonError::into_inner);
        if self.dropped.load(Ordering::SeqCst) {
            return Err(StoreError::TableNotFound(self.current().reference.clone()));
        }
        Ok(guard)
    }

    fn commit_metadata(
        &self,
        current: &Arc<TableVersion>,
        next: TableMetadata,
        placed: &[FileMetadata],
    ) -> Result<Arc<TableVersion>, StoreError> {
        let doubt = match write_metadata(&self.dir, &next) {
            Ok(()) => None,
            Err(error) if error.replaced => Some(error.source),
            Err(error) => {
                if !cfg!(test) {
                    remove_all(&self.dir, placed);
                }
                return Err(StoreError::io("write", &self.dir)(error.source));
            }
        };
        let version = TableVersion::new(current.reference.clone(), &self.dir, next);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&version);
        let mut retired = self.retired.lock().unwrap_or_else(PoisonError::into_inner);
        let kept: HashSet<&PathBuf> = version.snapshot.files.iter().collect();
        for file in &current.snapshot.files {
            if !kept.contains(file) {
                retired.files.insert(file.clone());
            }
        }
        retired.versions.push(Arc::clone(current));
        drop(retired);
        match doubt {
            Some(source) => Err(StoreError::io("sync", &self.dir)(source)),
            None => Ok(version),
        }
    }

    /// Merges the run of small files at the table's end. The order of rows stays.
    fn merge_small_files(&self) -> Result<(), StoreError> {
        let current = self.current();
        let files = &current.metadata.files;
        let first = files.iter().rposition(|f| f.rows >= SMALL_FILE_ROWS).map_or(0, |i| i + 1);
        if files.len() - first <= SMALL_FILES_KEPT {
            return Ok(());
        }
        let merged = self.rewrite(&current, first, &current.metadata.schema)?;
        let placed = place_files(&self.dir, &merged)?;
        let mut next = current.metadata.clone();
        next.files.truncate(first);
        next.files.extend(placed.iter().cloned());
        self.commit_metadata(&current, next, &placed)?;
        Ok(())
    }

    /// Writes the rows of the files from `first` on again, under a schema that may have more columns.
    fn rewrite(&self, version: &TableVersion, first: usize, schema: &TableSchema) -> Result<StagedRows, StoreError> {
        let mut writer = RowWriter::new(&self.dir, schema.clone());
        let old = &version.metadata.schema.fields;
        let sources: Vec<Option<usize>> =
            schema.fields.iter().map(|f| old.iter().position(|o| o.name.eq_ignore_ascii_case(&f.name))).collect();
        let start = version.metadata.files[..first].iter().map(|f| f.rows).sum();
        version.read(None, start, u64::MAX, |batch| {
            let target = writer.arrow_schema().clone();
            let columns = sources
                .iter()
                .zip(schema.fields.iter().zip(target.fields()))
                .map(|(source, (wanted, field))| match source {
                    Some(i) => engine::fit(batch.column(*i), &old[*i], wanted, field.data_type()).map_err(StoreError::Invalid),
                    None => Ok(new_null_array(field.data_type(), batch.num_rows())),
                })
                .collect::<Result<Vec<_>, _>>()?;
            let batch = RecordBatch::try_new(target, columns).map_err(StoreError::arrow("convert"))?;
            writer.write(&batch)?;
            Ok(true)
        })?;
        writer.finish()
    }
}

/// Moves staged files into a table's directory and makes their names durable.
fn place_files(dir: &Path, staged: &StagedRows) -> Result<Vec<FileMetadata>, StoreError> {
    let mut placed = Vec::new();
    for file in &staged.files {
        let target = dir.join(&file.metadata.name);
        if let Err(error) = fs::rename(&file.path, &target) {
            remove_all(dir, &placed);
            return Err(StoreError::io("move", &target)(error));
        }
        placed.push(file.metadata.clone());
    }
    let synced = if placed.is_empty() { Ok(()) } else { durable::sync_dir(dir) };
    synced.and_then(|()| durable::reach(Step::FilesInPlace)).map_err(StoreError::io("sync", dir))?;
    Ok(placed)
}

fn remove_all(dir: &Path, files: &[FileMetadata]) {
    for file in files {
        let _ = fs::remove_file(dir.join(&file.name));
    }
}

fn write_metadata(dir: &Path, metadata: &TableMetadata) -> Result<(), durable::ReplaceError> {
    let bytes = serde_json::to_vec_pretty(metadata).map_err(|e| durable::ReplaceError { source: e.into(), replaced: false })?;
    durable::replace_file(&dir.join(METADATA_FILE), &bytes)
}
