//! Stored tables as DataFusion reads them: Parquet files with projection and filters pushed down, columns in lower case.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::{Field, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use datafusion::common::Column;
use datafusion::common::{DFSchema, Result};
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::datasource::{MemTable, TableProvider, ViewTable, provider_as_source};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, TableSource};

use super::TableSnapshot;
use super::rewrite::Source;
use super::types::arrow_schema;

/// The sources of a statement under the names that the rewritten tree uses.
pub(super) fn table_sources(sources: &HashMap<String, Source>) -> Result<HashMap<String, Arc<dyn TableSource>>> {
    sources
        .iter()
        .map(|(name, source)| {
            let provider = match source {
                Source::Table(snapshot) => stored(snapshot, name)?,
                Source::Memory(batch) => memory(batch.schema(), vec![batch.clone()])?,
            };
            Ok((name.clone(), provider_as_source(provider)))
        })
        .collect()
}

fn memory(schema: SchemaRef, batches: Vec<RecordBatch>) -> Result<Arc<dyn TableProvider>> {
    Ok(Arc::new(MemTable::try_new(schema, vec![batches])?))
}

fn stored(snapshot: &TableSnapshot, name: &str) -> Result<Arc<dyn TableProvider>> {
    let schema = arrow_schema(&snapshot.schema);
    let plain = if snapshot.files.is_empty() {
        memory(Arc::clone(&schema), Vec::new())?
    } else {
        let urls = snapshot.files.iter().map(|file| ListingTableUrl::parse(file.to_string_lossy())).collect::<Result<Vec<_>>>()?;
        let options = ListingOptions::new(Arc::new(ParquetFormat::default().with_force_view_types(false)))
            .with_file_extension_opt(file_extension(snapshot));
        let config = ListingTableConfig::new_with_multi_paths(urls).with_listing_options(options).with_schema(Arc::clone(&schema));
        Arc::new(ListingTable::try_new(config)?) as Arc<dyn TableProvider>
    };
    if schema.fields().iter().all(|f| f.name().chars().all(|c| !c.is_uppercase())) {
        return Ok(plain);
    }
    // Column names are case-insensitive: queries see them in lower case.
    let scan = LogicalPlanBuilder::scan(name, provider_as_source(plain), None)?;
    let renamed: Vec<Expr> =
        schema.fields().iter().map(|f| Expr::Column(Column::new(Some(name), f.name())).alias(f.name().to_lowercase())).collect();
    let plan: LogicalPlan = scan.project(renamed)?.build()?;
    Ok(Arc::new(ViewTable::new(plan, None)))
}

fn file_extension(snapshot: &TableSnapshot) -> Option<String> {
    let extension = snapshot.files.first()?.extension()?;
    Some(format!(".{}", extension.to_string_lossy()))
}

/// The schema of a plan as an Arrow schema with every type in BigQuery's canonical form.
pub(super) fn output_fields(schema: &DFSchema) -> Schema {
    Schema::new(
        schema
            .fields()
            .iter()
            .map(|f| Field::new(f.name(), f.data_type().clone(), true).with_metadata(f.metadata().clone()))
            .collect::<Vec<_>>(),
    )
}
