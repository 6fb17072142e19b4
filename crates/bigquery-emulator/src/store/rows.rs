//! Rows on their way to disk and back: Parquet files written aside, and windows of rows read from a table's files.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatchOptions;
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::arrow_writer::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::error::StoreError;
use super::metadata::FileMetadata;
use super::table::TableVersion;
use crate::engine;
use crate::limits;
use crate::schema::TableSchema;

/// Rows per row group: large enough to compress well, small enough to be held while it is encoded.
pub(crate) const ROW_GROUP_ROWS: usize = 256 * 1024;
/// Parquet data in memory before a row group is closed early, for rows with long values.
const ROW_GROUP_BYTES: usize = 64 * 1024 * 1024;

/// Rows written to Parquet files in the store's temporary directory. They become a table's by a commit; dropped without
/// one, the files go.
#[derive(Debug)]
pub struct StagedRows {
    pub(crate) schema: TableSchema,
    pub(crate) files: Vec<StagedFile>,
    pub(crate) rows: u64,
    pub(crate) column_bytes: BTreeMap<String, u64>,
}

impl StagedRows {
    /// No rows at all, for a table that is only created or emptied.
    #[must_use]
    pub fn empty(schema: TableSchema) -> Self {
        Self { schema, files: Vec::new(), rows: 0, column_bytes: BTreeMap::new() }
    }

    /// Rows that lie in one Parquet file already, whose columns are those of the schema. The file is moved into the store's temporary
    /// directory if it is elsewhere on its disk, and not read.
    ///
    /// # Errors
    /// When it cannot be moved or synced.
    pub(crate) fn adopt(
        temp_dir: &Path,
        file: &Path,
        schema: TableSchema,
        rows: u64,
        column_bytes: BTreeMap<String, u64>,
    ) -> Result<Self, StoreError> {
        if rows == 0 {
            return Ok(Self::empty(schema));
        }
        let path = staged_path(temp_dir);
        fs::rename(file, &path).map_err(StoreError::io("move", file))?;
        let sync = || File::open(&path).and_then(|file| file.sync_all().and_then(|()| file.metadata())).map(|found| found.len());
        let bytes = sync().map_err(StoreError::io("sync", &path))?;
        let files = vec![StagedFile { metadata: file_metadata(rows, bytes), path }];
        Ok(Self { schema, files, rows, column_bytes })
    }

    /// The rows of tables of one schema as they lie: a file is never changed, so that two tables may have it.
    ///
    /// # Errors
    /// When a file can neither be linked nor copied.
    pub(crate) fn share(temp_dir: &Path, versions: &[Arc<TableVersion>]) -> Result<Self, StoreError> {
        let schema = versions.first().map(|version| version.metadata.schema.clone()).unwrap_or_default();
        let mut shared = Self::empty(schema);
        for version in versions {
            for (from, metadata) in version.snapshot.files.iter().zip(&version.metadata.files) {
                let path = staged_path(temp_dir);
                link_or_copy(from, &path)?;
                shared.files.push(StagedFile { path, metadata: file_metadata(metadata.rows, metadata.bytes) });
            }
            shared.rows += version.metadata.row_count;
            for (column, bytes) in &version.metadata.column_bytes {
                *shared.column_bytes.entry(column.clone()).or_default() += bytes;
            }
        }
        Ok(shared)
    }

    /// The same rows once more, in files of their own.
    pub(crate) fn again(&self, temp_dir: &Path) -> Result<Self, StoreError> {
        let mut again = Self { files: Vec::new(), column_bytes: self.column_bytes.clone(), schema: self.schema.clone(), rows: self.rows };
        for file in &self.files {
            let path = staged_path(temp_dir);
            link_or_copy(&file.path, &path)?;
            again.files.push(StagedFile { path, metadata: file_metadata(file.metadata.rows, file.metadata.bytes) });
        }
        Ok(again)
    }

    /// Takes other rows in after its own.
    pub(crate) fn take_in(&mut self, other: Self) {
        self.rows += other.rows;
        for (column, bytes) in other.column_bytes {
            *self.column_bytes.entry(column).or_default() += bytes;
        }
        self.files.extend(other.files);
    }

    /// The number of rows.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Reads rows that no table holds yet: the large result of a query. Blocking.
    ///
    /// # Errors
    /// When a file cannot be read, or what `visit` returns.
    pub fn read(&self, start: u64, limit: u64, visit: impl FnMut(RecordBatch) -> Result<bool, StoreError>) -> Result<(), StoreError> {
        let files: Vec<(PathBuf, u64)> = self.files.iter().map(|f| (f.path.clone(), f.metadata.rows)).collect();
        read_window(&files, None, start, limit, visit)
    }

    /// Their logical size.
    #[must_use]
    pub fn logical_bytes(&self) -> u64 {
        self.column_bytes.values().sum()
    }
}

/// One Parquet file that no table names yet.
#[derive(Debug)]
pub(crate) struct StagedFile {
    pub(crate) path: PathBuf,
    pub(crate) metadata: FileMetadata,
}

impl Drop for StagedFile {
    fn drop(&mut self) {
        // After a commit the file has moved and there is nothing to remove.
        let _ = fs::remove_file(&self.path);
    }
}

/// The same file under another name; not every file system has links.
fn link_or_copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    if fs::hard_link(from, to).is_err() {
        fs::copy(from, to).map_err(StoreError::io("copy", from))?;
        File::open(to).and_then(|file| file.sync_all()).map_err(StoreError::io("sync", to))?;
    }
    Ok(())
}

fn staged_path(temp_dir: &Path) -> PathBuf {
    temp_dir.join(format!("{}.parquet", uuid::Uuid::new_v4().simple()))
}

/// A file under a name that no other has.
fn file_metadata(rows: u64, bytes: u64) -> FileMetadata {
    FileMetadata { name: format!("{}.parquet", uuid::Uuid::now_v7().simple()), rows, bytes }
}

/// Writes batches of one schema to a Parquet file aside. Blocking.
pub struct RowWriter {
    path: PathBuf,
    schema: TableSchema,
    arrow_schema: SchemaRef,
    /// Whether any field limits its values.
    limited: bool,
    writer: Option<ArrowWriter<File>>,
    rows: u64,
    column_bytes: BTreeMap<String, u64>,
}

impl RowWriter {
    pub(crate) fn new(temp_dir: &Path, schema: TableSchema) -> Self {
        let arrow_schema = engine::arrow_schema(&schema);
        let limited = limits::any(&schema.fields);
        Self { path: staged_path(temp_dir), schema, arrow_schema, limited, writer: None, rows: 0, column_bytes: BTreeMap::new() }
    }

    /// The Arrow schema that batches must have, by position and type.
    #[must_use]
    pub fn arrow_schema(&self) -> &SchemaRef {
        &self.arrow_schema
    }

    /// Adds rows. Columns are taken by position and cast to the schema's types where they differ.
    ///
    /// # Errors
    /// When a column does not fit or the disk refuses.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), StoreError> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let mut batch = conform(batch, &self.arrow_schema)?;
        if self.limited {
            batch = limits::held(&batch, &self.schema.fields).map_err(StoreError::Invalid)?;
        }
        for (column, bytes) in engine::logical_bytes(&batch) {
            *self.column_bytes.entry(column).or_default() += bytes;
        }
        self.rows += batch.num_rows() as u64;
        let writer = match &mut self.writer {
            Some(writer) => writer,
            None => self.writer.insert(self.start()?),
        };
        writer.write(&batch).map_err(StoreError::parquet("write"))?;
        if writer.in_progress_size() > ROW_GROUP_BYTES {
            writer.flush().map_err(StoreError::parquet("write"))?;
        }
        Ok(())
    }

    fn start(&self) -> Result<ArrowWriter<File>, StoreError> {
        let file = File::create(&self.path).map_err(StoreError::io("create", &self.path))?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            .build();
        ArrowWriter::try_new(file, self.arrow_schema.clone(), Some(properties)).map_err(StoreError::parquet("write"))
    }

    /// Closes and syncs the file.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn finish(mut self) -> Result<StagedRows, StoreError> {
        let mut files = Vec::new();
        if let Some(writer) = self.writer.take() {
            let file = writer.into_inner().map_err(StoreError::parquet("write"))?;
            file.sync_all().map_err(StoreError::io("sync", &self.path))?;
            let bytes = file.metadata().map_err(StoreError::io("measure", &self.path))?.len();
            files.push(StagedFile { path: std::mem::take(&mut self.path), metadata: file_metadata(self.rows, bytes) });
        }
        Ok(StagedRows {
            schema: std::mem::take(&mut self.schema),
            files,
            rows: self.rows,
            column_bytes: std::mem::take(&mut self.column_bytes),
        })
    }
}

impl Drop for RowWriter {
    fn drop(&mut self) {
        // Also what failed at its end: finished rows have taken the path with them.
        if !self.path.as_os_str().is_empty() {
            self.writer = None;
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The same rows under another schema: columns by position, cast where the types differ.
pub(crate) fn conform(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, StoreError> {
    if batch.num_columns() != schema.fields().len() {
        return Err(StoreError::Invalid(format!(
            "the rows have {} columns where the table has {}",
            batch.num_columns(),
            schema.fields().len()
        )));
    }
    let mut columns = Vec::with_capacity(batch.num_columns());
    for (column, field) in batch.columns().iter().zip(schema.fields()) {
        columns.push(if column.data_type() == field.data_type() {
            column.clone()
        } else {
            arrow::compute::cast(column, field.data_type()).map_err(StoreError::arrow("convert"))?
        });
    }
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(schema.clone(), columns, &options).map_err(StoreError::arrow("convert"))
}

/// A window of a table's rows, in stored order. Blocking.
///
/// `columns` are positions of top-level columns; `None` reads all of them.
pub(crate) fn read_window(
    files: &[(PathBuf, u64)],
    columns: Option<&[usize]>,
    start: u64,
    limit: u64,
    mut visit: impl FnMut(RecordBatch) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    let (mut skip, mut left) = (start, limit);
    for (path, rows) in files {
        if left == 0 {
            break;
        }
        if skip >= *rows {
            skip -= rows;
            continue;
        }
        let take = left.min(rows - skip);
        let file = File::open(path).map_err(StoreError::io("open", path))?;
        let mut reader = ParquetRecordBatchReaderBuilder::try_new(file)
            .map_err(StoreError::parquet("read"))?
            .with_batch_size(8192)
            .with_offset(usize::try_from(skip).unwrap_or(usize::MAX))
            .with_limit(usize::try_from(take).unwrap_or(usize::MAX));
        if let Some(columns) = columns {
            let mask = ProjectionMask::roots(reader.parquet_schema(), columns.iter().copied());
            reader = reader.with_projection(mask);
        }
        for batch in reader.build().map_err(StoreError::parquet("read"))? {
            if !visit(batch.map_err(StoreError::arrow("read"))?)? {
                return Ok(());
            }
        }
        skip = 0;
        left -= take;
    }
    Ok(())
}
