//! Stored tables as DataFusion reads them: Parquet files with projection and filters pushed down, columns in lower case.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use datafusion::common::{Column, ScalarValue};
use datafusion::common::{DFSchema, Result};
use datafusion::datasource::{MemTable, TableProvider, ViewTable, provider_as_source};
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, ScalarUDF, TableSource};

use super::TableSnapshot;
use super::error::invalid;
use super::functions::registered_name;
use super::planned::{planned, stored_field};
use super::rewrite::Source;
use super::stored::StoredTable;
use super::types::arrow_schema;

type Functions = HashMap<String, Arc<ScalarUDF>>;

/// The sources of a statement under the names that the rewritten tree uses.
pub(super) fn table_sources(
    sources: &HashMap<String, Source>,
    functions: &Functions,
    runtime: &RuntimeEnv,
) -> Result<HashMap<String, Arc<dyn TableSource>>> {
    sources
        .iter()
        .map(|(name, source)| {
            let provider = match source {
                Source::Table(snapshot) => stored(snapshot, name, functions, runtime)?,
                Source::Memory(batch) => {
                    let provider = memory(batch.schema(), vec![batch.clone()])?;
                    as_planned(provider, &batch.schema(), name, functions)?
                }
            };
            Ok((name.clone(), provider_as_source(provider)))
        })
        .collect()
}

fn memory(schema: SchemaRef, batches: Vec<RecordBatch>) -> Result<Arc<dyn TableProvider>> {
    Ok(Arc::new(MemTable::try_new(schema, vec![batches])?))
}

fn stored(snapshot: &TableSnapshot, name: &str, functions: &Functions, runtime: &RuntimeEnv) -> Result<Arc<dyn TableProvider>> {
    let schema = arrow_schema(&snapshot.schema);
    let plain = if snapshot.files.is_empty() {
        memory(Arc::clone(&schema), Vec::new())?
    } else {
        Arc::new(StoredTable::new(snapshot, &schema, runtime)?) as Arc<dyn TableProvider>
    };
    as_planned(plain, &schema, name, functions)
}

/// A source as queries see it: names in lower case, since they are case-insensitive, and the types of [`planned`].
fn as_planned(source: Arc<dyn TableProvider>, schema: &SchemaRef, name: &str, functions: &Functions) -> Result<Arc<dyn TableProvider>> {
    let as_it_is = |f: &Field| f.name().chars().all(|c| !c.is_uppercase()) && planned(f) == *f.data_type();
    if schema.fields().iter().all(|f| as_it_is(f)) {
        return Ok(source);
    }
    let scan = LogicalPlanBuilder::scan(name, provider_as_source(source), None)?;
    let renamed: Vec<Expr> = schema
        .fields()
        .iter()
        .map(|f| {
            let column = Expr::Column(Column::new(Some(name), f.name()));
            let wanted = planned(f);
            let read = if wanted == *f.data_type() { column } else { loaded(column, wanted, functions)? };
            Ok(read.alias(f.name().to_lowercase()))
        })
        .collect::<Result<_>>()?;
    let plan: LogicalPlan = scan.project(renamed)?.build()?;
    Ok(Arc::new(ViewTable::new(plan, None)))
}

/// `$LOADED(column, a NULL of the type that it has in queries)`.
fn loaded(column: Expr, wanted: DataType, functions: &Functions) -> Result<Expr> {
    let function = functions.get(&registered_name("$LOADED", false)).ok_or_else(|| invalid("internal: $LOADED is not registered"))?;
    let null = ScalarValue::try_from(&wanted)?;
    Ok(function.call(vec![column, Expr::Literal(null, None)]))
}

/// The schema of a plan as an Arrow schema with every type in BigQuery's canonical form.
pub(super) fn output_fields(schema: &DFSchema) -> Schema {
    Schema::new(schema.fields().iter().map(|f| stored_field(f.name(), f.data_type())).collect::<Vec<_>>())
}
