//! Tables of Parquet files as DataFusion scans them, columns of texts as dictionaries where a plan asks for it.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::Session;
use datafusion::common::stats::Precision;
use datafusion::common::{DataFusionError, Result, Statistics};
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::datasource::{TableProvider, TableType};
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::basic::Encoding;

use super::TableSnapshot;
use super::names::dictionary_type;

/// Files of which is known how their columns are kept.
const MAX_FILES: usize = 4096;
/// Rows of texts that are not kept as dictionaries, of which dictionaries are made nevertheless: so few cost nothing.
const FEW_ROWS: u64 = 100_000;
/// What dictionaries of all row groups may take on disk together: the texts of a query stay in memory.
const MAX_DICTIONARY_BYTES: i64 = 32 * 1024 * 1024;

/// A table with files. Nothing is read when it is made.
#[derive(Debug, Clone)]
pub(super) struct StoredTable {
    listed: Arc<ListingTable>,
    files: Arc<Vec<PathBuf>>,
    /// Where the scan finds each of them: absolute and as the object store spells it, whatever the way to it was.
    locations: Arc<Vec<String>>,
    schema: SchemaRef,
    /// The schemas that files are read with, where columns of them are read as dictionaries.
    read_as: Option<Arc<HashMap<String, SchemaRef>>>,
}

impl StoredTable {
    /// What is told of its files is kept in the caches of a runtime.
    pub(super) fn new(snapshot: &TableSnapshot, schema: &SchemaRef, runtime: &RuntimeEnv) -> Result<Self> {
        let urls = snapshot.files.iter().map(|file| ListingTableUrl::parse(file.to_string_lossy())).collect::<Result<Vec<_>>>()?;
        let extension = snapshot.files.first().and_then(|file| file.extension()).map(|e| format!(".{}", e.to_string_lossy()));
        let format = Arc::new(ParquetFormat::default().with_force_view_types(false));
        let options = ListingOptions::new(format).with_file_extension_opt(extension);
        let locations = urls.iter().map(|url| url.prefix().to_string()).collect();
        let config = ListingTableConfig::new_with_multi_paths(urls).with_listing_options(options).with_schema(Arc::clone(schema));
        Ok(Self {
            listed: Arc::new(ListingTable::try_new(config)?.with_cache(runtime.cache_manager.get_file_statistic_cache())),
            files: Arc::new(snapshot.files.clone()),
            locations: Arc::new(locations),
            schema: Arc::clone(schema),
            read_as: None,
        })
    }

    /// The columns of texts that its files keep as dictionaries, about.
    pub(super) fn dictionaries(&self, known: &KnownFiles) -> Vec<String> {
        let texts = self.schema.fields().iter().filter(|f| *f.data_type() == DataType::Utf8).map(|f| f.name().clone());
        let Some(files) = self.files.iter().map(|file| known.of(file)).collect::<Option<Vec<_>>>() else { return Vec::new() };
        let kept = |column: &String| {
            let kept = files.iter().filter_map(|file| file.texts.get(column)).fold(Kept::default(), |a, b| Kept {
                rows: a.rows + b.rows,
                plain_rows: a.plain_rows + b.plain_rows,
                dictionary_bytes: a.dictionary_bytes + b.dictionary_bytes,
            });
            kept.dictionary_bytes <= MAX_DICTIONARY_BYTES && (kept.plain_rows <= FEW_ROWS || kept.plain_rows * 4 <= kept.rows)
        };
        texts.filter(kept).collect()
    }

    /// The same table, some columns of which are read as dictionaries.
    pub(super) fn with_dictionaries(&self, columns: &[&str], known: &KnownFiles) -> Option<Self> {
        let changed = |schema: &Schema| {
            let field = |f: &Arc<Field>| {
                if columns.contains(&f.name().as_str()) {
                    Arc::new(f.as_ref().clone().with_data_type(dictionary_type()))
                } else {
                    Arc::clone(f)
                }
            };
            Arc::new(Schema::new_with_metadata(schema.fields().iter().map(field).collect::<Vec<_>>(), schema.metadata().clone()))
        };
        let located = self.locations.iter().zip(self.files.iter());
        let read_as = located.map(|(location, file)| Some((location.clone(), changed(&known.of(file)?.schema)))).collect::<Option<_>>()?;
        Some(Self { schema: changed(&self.schema), read_as: Some(Arc::new(read_as)), ..self.clone() })
    }

    /// A scan of the table as it lies, with another schema.
    fn reread(
        &self,
        scan: &Arc<dyn ExecutionPlan>,
        read_as: &HashMap<String, SchemaRef>,
        projection: Option<&Vec<usize>>,
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        if scan.is::<EmptyExec>() {
            let read = projection.map_or_else(|| Ok(Arc::clone(&self.schema)), |columns| self.schema.project(columns).map(Arc::new))?;
            return Ok(Arc::new(EmptyExec::new(read)));
        }
        let unexpected = || DataFusionError::Internal("a table of files is not scanned as Parquet".to_owned());
        let scan = scan.downcast_ref::<DataSourceExec>().and_then(DataSourceExec::downcast_to_file_source::<ParquetSource>);
        let (config, parquet) = scan.ok_or_else(unexpected)?;
        let mut source = ParquetSource::new(Arc::clone(&self.schema)).with_table_parquet_options(parquet.table_parquet_options().clone());
        if let Some(factory) = parquet.parquet_file_reader_factory() {
            source = source.with_parquet_file_reader_factory(Arc::clone(factory));
        }
        let mut groups = Vec::with_capacity(config.file_groups.len());
        for group in &config.file_groups {
            let files = group.iter().map(|file| {
                let schema = read_as.get(file.object_meta.location.as_ref()).ok_or_else(unexpected)?;
                let mut file = file.clone().with_arrow_schema(Arc::clone(schema));
                file.statistics = file.statistics.map(|told| Arc::new(self.without_texts(&told)));
                Ok(file)
            });
            groups.push(FileGroup::new(files.collect::<Result<Vec<_>>>()?));
        }
        let config = FileScanConfigBuilder::new(config.object_store_url.clone(), Arc::new(source))
            .with_file_groups(groups)
            .with_statistics(self.without_texts(&config.statistics()))
            .with_projection_indices(projection.cloned())?
            .with_limit(limit)
            .build();
        Ok(DataSourceExec::from_data_source(config))
    }

    /// What is told of columns that are read as dictionaries is told in another type.
    fn without_texts(&self, told: &Statistics) -> Statistics {
        let mut told = told.clone();
        for (column, field) in told.column_statistics.iter_mut().zip(self.schema.fields()) {
            if *field.data_type() == dictionary_type() {
                column.min_value = Precision::Absent;
                column.max_value = Precision::Absent;
            }
        }
        told
    }
}

#[async_trait]
impl TableProvider for StoredTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match &self.read_as {
            None => self.listed.scan(state, projection, filters, limit).await,
            Some(read_as) => {
                let scan = self.listed.scan(state, None, &[], limit).await?;
                self.reread(&scan, read_as, projection, limit)
            }
        }
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        self.listed.supports_filters_pushdown(filters)
    }
}

/// How files keep their columns. A file never changes, and no other gets its name.
#[derive(Debug, Default)]
pub(super) struct KnownFiles(Mutex<HashMap<PathBuf, Arc<KnownFile>>>);

#[derive(Debug)]
struct KnownFile {
    schema: SchemaRef,
    texts: HashMap<String, Kept>,
}

/// How a column of texts is kept.
#[derive(Debug, Default, Clone, Copy)]
struct Kept {
    rows: u64,
    /// Rows that are not in a dictionary.
    plain_rows: u64,
    dictionary_bytes: i64,
}

impl KnownFiles {
    /// `None` where a file cannot be read.
    fn of(&self, path: &Path) -> Option<Arc<KnownFile>> {
        if let Some(known) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(path) {
            return Some(Arc::clone(known));
        }
        let read = Arc::new(read(path)?);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_FILES {
            known.clear();
        }
        known.insert(path.to_owned(), Arc::clone(&read));
        Some(read)
    }
}

fn read(path: &Path) -> Option<KnownFile> {
    let metadata = ArrowReaderMetadata::load(&File::open(path).ok()?, ArrowReaderOptions::new()).ok()?;
    let parquet = metadata.metadata();
    let mut texts: HashMap<String, Kept> = HashMap::new();
    for (leaf, column) in parquet.file_metadata().schema_descr().columns().iter().enumerate() {
        // A column of texts has one leaf, of its own name.
        let [name] = column.path().parts() else { continue };
        let kept = texts.entry(name.clone()).or_default();
        for group in parquet.row_groups() {
            let chunk = group.column(leaf);
            let rows = u64::try_from(group.num_rows()).unwrap_or(0);
            let pages = chunk.page_encoding_stats_mask();
            // Who does not tell how pages are kept has all of them in the dictionary, if there is one.
            let in_dictionary = chunk.dictionary_page_offset().is_some()
                && pages.is_none_or(|pages| pages.is_only(Encoding::RLE_DICTIONARY) || pages.is_only(Encoding::PLAIN_DICTIONARY));
            kept.rows += rows;
            kept.plain_rows += if in_dictionary { 0 } else { rows };
            kept.dictionary_bytes += chunk.dictionary_page_offset().map_or(0, |begin| (chunk.data_page_offset() - begin).max(0));
        }
    }
    Some(KnownFile { schema: Arc::clone(metadata.schema()), texts })
}
