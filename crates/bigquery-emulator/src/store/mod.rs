//! Datasets and tables on disk.
//!
//! `<data_dir>/datasets/<dataset>/<table>/` holds a table: `table.json`, which is its commit point, and the Parquet files
//! that it names. Everything is written aside, synced, and put in place by a rename, so that a crash at any moment leaves
//! the old state or the new one. Readers hold a version; a file goes when no version that names it is held.
//!
//! The store knows nothing of HTTP or of SQL, and every call blocks on the disk.

mod durable;
mod error;
mod lease;
mod lock;
mod metadata;
mod names;
mod rows;
mod table;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

pub use error::StoreError;
pub use lease::Lease;
pub use lock::{DirectoryLock, LockError};
pub use metadata::{DatasetMetadata, FileMetadata, Properties, TableMetadata};
pub(crate) use rows::ROW_GROUP_ROWS;
pub use rows::{RowWriter, StagedRows};
pub use table::TableVersion;

use crate::schema::{DatasetRef, TableRef, TableSchema};
use table::{Placement, Table};

const DATASET_FILE: &str = "dataset.json";

/// What a store is opened with.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    pub data_dir: PathBuf,
    pub project_id: String,
    pub location: String,
}

/// What is done with a table that already has rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteDisposition {
    Append,
    Truncate,
    /// Refuse unless the table is empty.
    Empty,
}

/// How rows are put into a table.
#[derive(Debug, Clone)]
pub struct WriteOptions {
    pub disposition: WriteDisposition,
    /// Make the table when it is missing.
    pub create: bool,
    /// Properties of a table that is made.
    pub properties: Properties,
}

/// All datasets of one project.
#[derive(Debug)]
pub struct Store {
    options: StoreOptions,
    datasets_dir: PathBuf,
    temp_dir: PathBuf,
    datasets: RwLock<BTreeMap<String, Dataset>>,
    /// Held while datasets or tables come and go.
    layout: Mutex<Vec<Arc<Table>>>,
}

#[derive(Debug)]
struct Dataset {
    metadata: DatasetMetadata,
    tables: BTreeMap<String, Arc<Table>>,
}

impl Store {
    /// Loads all metadata and removes what a crash left behind. The caller holds the [`DirectoryLock`].
    ///
    /// # Errors
    /// When the disk refuses, or a table's metadata is damaged: no table is dropped silently.
    pub fn open(options: StoreOptions) -> Result<Self, StoreError> {
        let datasets_dir = options.data_dir.join("datasets");
        let temp_dir = options.data_dir.join("tmp");
        if temp_dir.exists() {
            fs::remove_dir_all(&temp_dir).map_err(StoreError::io("clear", &temp_dir))?;
        }
        for dir in [&datasets_dir, &temp_dir] {
            durable::create_dir(dir).map_err(StoreError::io("create", dir))?;
        }
        let mut datasets = BTreeMap::new();
        for (dataset_id, dir) in durable::subdirectories(&datasets_dir)? {
            let path = dir.join(DATASET_FILE);
            if !path.is_file() {
                durable::remove_remains(&dir)?;
                continue;
            }
            let bytes = fs::read(&path).map_err(StoreError::io("read", &path))?;
            let metadata = serde_json::from_slice(&bytes).map_err(|source| StoreError::Metadata { path, source })?;
            let mut tables = BTreeMap::new();
            for (table_id, dir) in durable::subdirectories(&dir)? {
                if !dir.join(table::METADATA_FILE).is_file() {
                    durable::remove_remains(&dir)?;
                    continue;
                }
                let reference =
                    TableRef { project_id: options.project_id.clone(), dataset_id: dataset_id.clone(), table_id: table_id.clone() };
                let table = Table::open(reference, dir.clone())?;
                if table.current().metadata.has_expired() {
                    table.remove()?;
                    durable::remove_remains(&dir)?;
                    continue;
                }
                tables.insert(table_id, Arc::new(table));
            }
            datasets.insert(dataset_id, Dataset { metadata, tables });
        }
        Ok(Self { options, datasets_dir, temp_dir, datasets: RwLock::new(datasets), layout: Mutex::default() })
    }

    /// The project whose datasets these are.
    #[must_use]
    pub fn project_id(&self) -> &str {
        &self.options.project_id
    }

    /// The location that all datasets and jobs report.
    #[must_use]
    pub fn location(&self) -> &str {
        &self.options.location
    }

    /// A directory that is emptied at each start.
    #[must_use]
    pub fn temp_dir(&self) -> &Path {
        &self.temp_dir
    }

    /// A reference to a dataset of this project.
    #[must_use]
    pub fn dataset_ref(&self, dataset_id: &str) -> DatasetRef {
        DatasetRef { project_id: self.options.project_id.clone(), dataset_id: dataset_id.to_owned() }
    }

    /// Makes a dataset.
    ///
    /// # Errors
    /// When it exists, its id is not allowed, or the disk refuses.
    pub fn create_dataset(&self, id: &str, properties: Properties) -> Result<DatasetMetadata, StoreError> {
        names::check_dataset_id(id)?;
        let _layout = self.lock_layout();
        if self.read().contains_key(id) {
            return Err(StoreError::DatasetExists(self.dataset_ref(id)));
        }
        let metadata = DatasetMetadata::new(properties);
        let dir = self.dataset_dir(id);
        durable::create_dir(&dir).map_err(StoreError::io("create", &dir))?;
        write_dataset(&dir, &metadata)?;
        self.write_lock().insert(id.to_owned(), Dataset { metadata: metadata.clone(), tables: BTreeMap::new() });
        Ok(metadata)
    }

    /// A dataset's metadata.
    ///
    /// # Errors
    /// When there is none of that id.
    pub fn dataset(&self, id: &str) -> Result<DatasetMetadata, StoreError> {
        self.read().get(id).map(|d| d.metadata.clone()).ok_or_else(|| StoreError::DatasetNotFound(self.dataset_ref(id)))
    }

    /// All datasets by id.
    #[must_use]
    pub fn datasets(&self) -> Vec<(String, DatasetMetadata)> {
        self.read().iter().map(|(id, d)| (id.clone(), d.metadata.clone())).collect()
    }

    /// Changes a dataset's properties.
    ///
    /// # Errors
    /// When it is missing, `if_match` is not its etag, or the disk refuses.
    pub fn change_dataset(
        &self,
        id: &str,
        if_match: Option<&str>,
        change: impl FnOnce(&mut Properties),
    ) -> Result<DatasetMetadata, StoreError> {
        let _layout = self.lock_layout();
        let mut metadata = self.dataset(id)?;
        check_etag(&metadata.etag, if_match)?;
        change(&mut metadata.properties);
        metadata.etag = metadata::new_etag();
        metadata.modified_ms = metadata::now_ms().max(metadata.modified_ms);
        write_dataset(&self.dataset_dir(id), &metadata)?;
        if let Some(dataset) = self.write_lock().get_mut(id) {
            dataset.metadata = metadata.clone();
        }
        Ok(metadata)
    }

    /// Removes a dataset, and its tables if `delete_contents`.
    ///
    /// # Errors
    /// When it is missing, has tables and is not to be emptied, or the disk refuses.
    pub fn delete_dataset(&self, id: &str, delete_contents: bool) -> Result<(), StoreError> {
        let mut dropped = self.lock_layout();
        let tables: Vec<Arc<Table>> = {
            let datasets = self.read();
            let dataset = datasets.get(id).ok_or_else(|| StoreError::DatasetNotFound(self.dataset_ref(id)))?;
            dataset.tables.values().cloned().collect()
        };
        if !tables.is_empty() && !delete_contents {
            return Err(StoreError::DatasetInUse(self.dataset_ref(id)));
        }
        let dir = self.dataset_dir(id);
        let path = dir.join(DATASET_FILE);
        // From here on a crash leaves no dataset: the next start removes a directory without this file.
        durable::remove_file(&path).map_err(StoreError::io("remove", &path))?;
        self.write_lock().remove(id);
        for table in &tables {
            table.remove()?;
        }
        dropped.extend(tables);
        sweep_dropped(&mut dropped);
        let _ = fs::remove_dir(dir);
        Ok(())
    }

    /// Makes an empty table.
    ///
    /// # Errors
    /// When it exists, its dataset is missing, its id is not allowed, or the disk refuses.
    pub fn create_table(&self, reference: &TableRef, schema: TableSchema, properties: Properties) -> Result<Arc<TableVersion>, StoreError> {
        self.create_with(reference, StagedRows::empty(schema), properties)
    }

    fn create_with(&self, reference: &TableRef, staged: StagedRows, properties: Properties) -> Result<Arc<TableVersion>, StoreError> {
        names::check_table_id(&reference.table_id)?;
        let _layout = self.lock_layout();
        if self.find(reference)?.is_some() {
            return Err(StoreError::TableExists(reference.clone()));
        }
        let dir = self.dataset_dir(&reference.dataset_id).join(names::to_disk(&reference.table_id));
        let mut metadata = TableMetadata::new(staged.schema.clone(), properties);
        metadata.expire_as(&self.dataset(&reference.dataset_id)?);
        let table = Arc::new(Table::create(reference.clone(), dir, metadata, staged)?);
        let version = table.current();
        if let Some(dataset) = self.write_lock().get_mut(&reference.dataset_id) {
            dataset.tables.insert(reference.table_id.clone(), table);
        }
        Ok(version)
    }

    /// The current version of a table.
    ///
    /// # Errors
    /// When the table or its dataset is missing.
    pub fn table(&self, reference: &TableRef) -> Result<Arc<TableVersion>, StoreError> {
        Ok(self.existing(reference)?.current())
    }

    /// The current versions of a dataset's tables, by id.
    ///
    /// # Errors
    /// When the dataset is missing.
    pub fn tables(&self, dataset_id: &str) -> Result<Vec<Arc<TableVersion>>, StoreError> {
        self.read()
            .get(dataset_id)
            .map(|d| d.tables.values().map(|t| t.current()).collect())
            .ok_or_else(|| StoreError::DatasetNotFound(self.dataset_ref(dataset_id)))
    }

    /// Changes a table's schema (which may gain columns) or properties.
    ///
    /// # Errors
    /// When it is missing, `if_match` is not its etag, `change` refuses, or the disk does.
    pub fn change_table(
        &self,
        reference: &TableRef,
        if_match: Option<&str>,
        change: impl FnOnce(&mut TableMetadata) -> Result<(), StoreError>,
    ) -> Result<Arc<TableVersion>, StoreError> {
        let table = self.existing(reference)?;
        let version = table.commit_change(|metadata| {
            check_etag(&metadata.etag, if_match)?;
            change(metadata)
        })?;
        table.sweep();
        Ok(version)
    }

    /// Removes a table.
    ///
    /// # Errors
    /// When it is missing or the disk refuses.
    pub fn delete_table(&self, reference: &TableRef) -> Result<(), StoreError> {
        let mut dropped = self.lock_layout();
        let table = self.existing(reference)?;
        table.remove()?;
        if let Some(dataset) = self.write_lock().get_mut(&reference.dataset_id) {
            dataset.tables.remove(&reference.table_id);
        }
        dropped.push(table);
        sweep_dropped(&mut dropped);
        Ok(())
    }

    /// Where rows are written before they become a table's.
    #[must_use]
    pub fn row_writer(&self, schema: TableSchema) -> RowWriter {
        RowWriter::new(&self.temp_dir, schema)
    }

    /// The rows of tables of one schema, to become those of another table.
    ///
    /// # Errors
    /// When a file can neither be linked nor copied.
    pub(crate) fn share(&self, versions: &[Arc<TableVersion>]) -> Result<StagedRows, StoreError> {
        StagedRows::share(&self.temp_dir, versions)
    }

    /// Staged rows once more: what writes them may have to try again.
    pub(crate) fn copy_of(&self, staged: &StagedRows) -> Result<StagedRows, StoreError> {
        staged.again(&self.temp_dir)
    }

    /// Makes staged rows a table's, all of them or none.
    ///
    /// # Errors
    /// When the disposition forbids it, the schema does not match for an append, or the disk refuses.
    pub fn write(&self, reference: &TableRef, staged: StagedRows, options: WriteOptions) -> Result<Arc<TableVersion>, StoreError> {
        let Some(table) = self.find(reference)? else {
            if !options.create {
                return Err(StoreError::TableNotFound(reference.clone()));
            }
            return self.create_with(reference, staged, options.properties);
        };
        let placement = match options.disposition {
            WriteDisposition::Truncate => Placement::Replace,
            WriteDisposition::Append => Placement::Append,
            WriteDisposition::Empty => Placement::Replace,
        };
        let schema = staged.schema.clone();
        let version = table.commit_rows(staged, placement, |current| {
            if current.metadata.view().is_some() {
                return Err(StoreError::Invalid(format!("Cannot write to {reference}: it is a VIEW")));
            }
            if options.disposition == WriteDisposition::Empty && current.metadata.row_count > 0 {
                return Err(StoreError::TableExists(reference.clone()));
            }
            let same = crate::engine::arrow_schema(&schema) == crate::engine::arrow_schema(&current.metadata.schema);
            if placement == Placement::Append && !same {
                return Err(StoreError::Invalid(format!("Provided Schema does not match Table {reference}.")));
            }
            Ok(())
        })?;
        table.sweep();
        Ok(version)
    }

    /// Appends rows whose schema has more fields or looser modes than the table's, which takes it. The table must still be that of
    /// `read_etag`.
    ///
    /// # Errors
    /// [`StoreError::PreconditionFailed`] when the table was changed meanwhile; when it is missing, or the disk refuses.
    pub(crate) fn widen(&self, reference: &TableRef, staged: StagedRows, read_etag: &str) -> Result<Arc<TableVersion>, StoreError> {
        let table = self.existing(reference)?;
        let version = table.commit_rows(staged, Placement::Widen, |current| check_etag(&current.metadata.etag, Some(read_etag)))?;
        table.sweep();
        Ok(version)
    }

    /// Makes a table, or puts it in the place of one of its name.
    ///
    /// # Errors
    /// When its dataset is missing, it exists and is not to be replaced or is of the other kind, or the disk refuses.
    pub fn define(
        &self,
        reference: &TableRef,
        staged: StagedRows,
        properties: Properties,
        or_replace: bool,
    ) -> Result<Arc<TableVersion>, StoreError> {
        let Some(table) = self.find(reference)? else {
            return self.create_with(reference, staged, properties);
        };
        if !or_replace {
            return Err(StoreError::TableExists(reference.clone()));
        }
        let was_view = table.current().metadata.view().is_some();
        if was_view != properties.contains_key("view") {
            let kind = if was_view { "VIEW" } else { "TABLE" };
            return Err(StoreError::Invalid(format!("{reference} is not allowed for this operation because it is currently a {kind}.")));
        }
        let version = table.commit_redefinition(staged, properties)?;
        table.sweep();
        Ok(version)
    }

    /// Makes the rows of a change a table's: after those that are there, or in their place. The rows that are there must still
    /// be those of `read_etag` where it is given.
    ///
    /// # Errors
    /// [`StoreError::PreconditionFailed`] when the table was changed meanwhile; when it is missing, or the disk refuses.
    pub fn change_rows(
        &self,
        reference: &TableRef,
        staged: StagedRows,
        appended: bool,
        read_etag: Option<&str>,
    ) -> Result<Arc<TableVersion>, StoreError> {
        let table = self.existing(reference)?;
        let schema = staged.schema.clone();
        let placement = if appended { Placement::Append } else { Placement::Replace };
        let version = table.commit_rows(staged, placement, |current| {
            check_etag(&current.metadata.etag, read_etag)?;
            // Names and types must be those that the rows were made for.
            if schema != current.metadata.schema { Err(StoreError::PreconditionFailed) } else { Ok(()) }
        })?;
        table.sweep();
        Ok(version)
    }

    /// A consistent view of tables for one query; what it gives out stays readable while it lives.
    #[must_use]
    pub fn lease(self: &Arc<Self>) -> Lease {
        Lease::new(Arc::clone(self))
    }

    /// Removes old files that nobody reads any more.
    pub fn sweep(&self) {
        let tables: Vec<Arc<Table>> = self.read().values().flat_map(|d| d.tables.values().cloned()).collect();
        for table in tables {
            table.sweep();
        }
        sweep_dropped(&mut self.lock_layout());
    }

    fn existing(&self, reference: &TableRef) -> Result<Arc<Table>, StoreError> {
        self.find(reference)?.ok_or_else(|| StoreError::TableNotFound(reference.clone()))
    }

    fn find(&self, reference: &TableRef) -> Result<Option<Arc<Table>>, StoreError> {
        let datasets = self.read();
        match datasets.get(&reference.dataset_id) {
            Some(dataset) if reference.project_id == self.options.project_id => Ok(dataset.tables.get(&reference.table_id).cloned()),
            _ => Err(StoreError::DatasetNotFound(DatasetRef {
                project_id: reference.project_id.clone(),
                dataset_id: reference.dataset_id.clone(),
            })),
        }
    }

    fn dataset_dir(&self, id: &str) -> PathBuf {
        self.datasets_dir.join(names::to_disk(id))
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, BTreeMap<String, Dataset>> {
        self.datasets.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_lock(&self) -> std::sync::RwLockWriteGuard<'_, BTreeMap<String, Dataset>> {
        self.datasets.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_layout(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Table>>> {
        self.layout.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn sweep_dropped(dropped: &mut Vec<Arc<Table>>) {
    dropped.retain(|table| table.sweep());
}

fn check_etag(etag: &str, if_match: Option<&str>) -> Result<(), StoreError> {
    match if_match {
        Some(expected) if expected != "*" && expected.trim_matches('"') != etag => Err(StoreError::PreconditionFailed),
        _ => Ok(()),
    }
}

fn write_dataset(dir: &Path, metadata: &DatasetMetadata) -> Result<(), StoreError> {
    let path = dir.join(DATASET_FILE);
    let bytes = serde_json::to_vec_pretty(metadata).map_err(|source| StoreError::Metadata { path: path.clone(), source })?;
    durable::replace_file(&path, &bytes).map_err(|e| StoreError::io("write", &path)(e.source))
}
