//! Table names to tables.
//!
//! Sources: <https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical#table_names>,
//! <https://cloud.google.com/bigquery/docs/information-schema-tables>

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use sqlparser::ast::{Expr, ObjectName, ObjectNamePart, Spanned, TableAlias, TableFactor};
use sqlparser::tokenizer::Location;

use super::{Rewriter, Source, made, normal};
use crate::engine::error::not_supported;
use crate::engine::types::arrow_schema;
use crate::engine::types::sql_type_name;
use crate::engine::{QueryError, QueryInput, Reason, TableResolver};
use crate::schema::{DatasetRef, TableRef};

/// The parts of a name, those inside one pair of backticks taken apart.
pub(super) fn parts(name: &ObjectName) -> Vec<String> {
    name.0.iter().filter_map(ObjectNamePart::as_ident).flat_map(|i| i.value.split('.').map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// The dataset and table that parts name.
pub(super) fn qualify(parts: &[String], input: &QueryInput, at: Location) -> Result<TableRef, QueryError> {
    let own = &input.project_id;
    let (project, dataset, table) = match parts {
        [table] => match &input.default_dataset {
            Some(d) => (&d.project_id, &d.dataset_id, table),
            None => {
                return Err(QueryError::invalid_at(
                    format!("Table \"{table}\" must be qualified with a dataset (e.g. dataset.table)."),
                    at,
                ));
            }
        },
        [dataset, table] => (own, dataset, table),
        [project, dataset, table] => (project, dataset, table),
        _ => {
            return Err(QueryError::invalid_at(format!("Invalid table name: `{}`", parts.join(".")), at));
        }
    };
    let reference = TableRef { project_id: project.clone(), dataset_id: dataset.clone(), table_id: table.clone() };
    if project != own {
        return Err(QueryError::new(
            Reason::AccessDenied,
            format!(
                "Access Denied: Table {reference}: User does not have permission to query table {reference}, or perhaps it does not exist."
            ),
        ));
    }
    Ok(reference)
}

/// Where CREATE TABLE puts its rows.
pub(in crate::engine) fn target(name: &ObjectName, input: &QueryInput, tables: &dyn TableResolver) -> Result<TableRef, QueryError> {
    let reference = qualify(&parts(name), input, name.span().start)?;
    check_dataset(&reference, tables)?;
    Ok(reference)
}

fn check_dataset(reference: &TableRef, tables: &dyn TableResolver) -> Result<(), QueryError> {
    let dataset = DatasetRef { project_id: reference.project_id.clone(), dataset_id: reference.dataset_id.clone() };
    if tables.dataset_exists(&dataset) {
        return Ok(());
    }
    Err(QueryError::new(
        Reason::NotFound,
        format!("Not found: Dataset {}:{} was not found in location US", dataset.project_id, dataset.dataset_id),
    ))
}

impl Rewriter<'_> {
    pub(super) fn enter_table(&mut self, factor: &mut TableFactor) -> Result<(), QueryError> {
        match factor {
            TableFactor::Table { name, alias, args, version, sample, with_ordinality, .. } => {
                if sample.is_some() {
                    return Err(not_supported("TABLESAMPLE"));
                }
                if version.is_some() {
                    return Err(not_supported("FOR SYSTEM_TIME AS OF"));
                }
                if args.is_some() || *with_ordinality {
                    return Err(not_supported("A table-valued function"));
                }
                if let Some(alias) = alias {
                    table_alias(alias);
                }
                let already = name.0.first().and_then(ObjectNamePart::as_ident);
                if already.is_some_and(|i| i.quote_style == Some('"')) {
                    return Ok(());
                }
                self.resolve_table(name, alias)
            }
            TableFactor::Derived { alias, sample, .. } => {
                if sample.is_some() {
                    return Err(not_supported("TABLESAMPLE"));
                }
                alias.iter_mut().for_each(table_alias);
                Ok(())
            }
            TableFactor::UNNEST { alias, array_exprs, with_offset_alias, with_ordinality, .. } => {
                if array_exprs.len() != 1 || *with_ordinality {
                    return Err(not_supported("UNNEST of several arrays"));
                }
                alias.iter_mut().for_each(table_alias);
                with_offset_alias.iter_mut().for_each(normal);
                Ok(())
            }
            TableFactor::NestedJoin { alias: None, .. } => Ok(()),
            TableFactor::Pivot { .. } => Err(not_supported("PIVOT")),
            TableFactor::Unpivot { .. } => Err(not_supported("UNPIVOT")),
            _ => Err(not_supported("This item in FROM")),
        }
    }

    fn resolve_table(&mut self, name: &mut ObjectName, alias: &mut Option<TableAlias>) -> Result<(), QueryError> {
        let at = name.span().start;
        let parts = parts(name);
        if let [single] = parts.as_slice()
            && self.is_cte(single)
        {
            *name = ObjectName::from(vec![made(single.to_lowercase())]);
            return Ok(());
        }
        let schema_at = parts.iter().position(|p| p.eq_ignore_ascii_case("INFORMATION_SCHEMA"));
        let internal = match schema_at {
            Some(index) => self.information_schema(&parts, index, at)?,
            None => {
                let reference = qualify(&parts, self.input, at)?;
                self.table_source(&reference)?
            }
        };
        if alias.is_none() {
            let last = parts.last().cloned().unwrap_or_default();
            *alias = Some(TableAlias { explicit: true, name: made(last.to_lowercase()), columns: Vec::new(), at: None });
        }
        *name = ObjectName::from(vec![made(internal)]);
        Ok(())
    }

    fn table_source(&mut self, reference: &TableRef) -> Result<String, QueryError> {
        if let Some(name) = self.names.get(reference) {
            return Ok(name.clone());
        }
        if reference.table_id.ends_with('*') {
            return Err(not_supported("A wildcard table"));
        }
        let Some(snapshot) = self.tables.table(reference) else {
            check_dataset(reference, self.tables)?;
            return Err(QueryError::new(Reason::NotFound, format!("Not found: Table {reference} was not found in location US")));
        };
        let name = self.fresh("t");
        for field in &snapshot.schema.fields {
            self.spell(&field.name);
        }
        self.names.insert(reference.clone(), name.clone());
        self.referenced.push(reference.clone());
        self.sources.insert(name.clone(), Source::Table(snapshot));
        Ok(name)
    }

    fn information_schema(&mut self, parts: &[String], index: usize, at: Location) -> Result<String, QueryError> {
        let dataset = match (&parts[..index], &self.input.default_dataset) {
            ([dataset], _) => DatasetRef { project_id: self.input.project_id.clone(), dataset_id: dataset.clone() },
            ([project, dataset], _) => DatasetRef { project_id: project.clone(), dataset_id: dataset.clone() },
            ([], Some(default)) => default.clone(),
            _ => {
                return Err(QueryError::invalid_at("INFORMATION_SCHEMA must be qualified with a dataset", at));
            }
        };
        let whole = TableRef {
            project_id: dataset.project_id.clone(),
            dataset_id: dataset.dataset_id.clone(),
            table_id: "INFORMATION_SCHEMA".to_owned(),
        };
        qualify(&[whole.project_id.clone(), whole.dataset_id.clone(), whole.table_id.clone()], self.input, at)?;
        check_dataset(&whole, self.tables)?;
        let view = parts.get(index + 1).map(|v| v.to_uppercase());
        let batch = match view.as_deref() {
            Some("TABLES") => tables_view(&dataset, self.tables),
            Some("COLUMNS") => columns_view(&dataset, self.tables),
            other => {
                return Err(not_supported(format_args!("INFORMATION_SCHEMA.{}", other.unwrap_or_default())));
            }
        }
        .map_err(|e| QueryError::new(Reason::InternalError, e.to_string()))?;
        let name = self.fresh("i");
        self.sources.insert(name.clone(), Source::Memory(batch));
        Ok(name)
    }
}

pub(super) fn table_alias(alias: &mut TableAlias) {
    normal(&mut alias.name);
    for column in &mut alias.columns {
        normal(&mut column.name);
    }
}

fn texts(values: Vec<String>) -> ArrayRef {
    Arc::new(StringArray::from(values))
}

fn tables_view(dataset: &DatasetRef, tables: &dyn TableResolver) -> Result<RecordBatch, arrow::error::ArrowError> {
    let found = tables.tables(dataset);
    let each = |f: &dyn Fn(&TableRef) -> String| -> ArrayRef { texts(found.iter().map(|t| f(&t.reference)).collect()) };
    RecordBatch::try_from_iter([
        ("table_catalog", each(&|r| r.project_id.clone())),
        ("table_schema", each(&|r| r.dataset_id.clone())),
        ("table_name", each(&|r| r.table_id.clone())),
        ("table_type", each(&|_| "BASE TABLE".to_owned())),
        ("is_insertable_into", each(&|_| "YES".to_owned())),
        ("is_typed", each(&|_| "NO".to_owned())),
    ])
}

fn columns_view(dataset: &DatasetRef, tables: &dyn TableResolver) -> Result<RecordBatch, arrow::error::ArrowError> {
    let mut rows: Vec<(TableRef, String, i64, String)> = Vec::new();
    for table in tables.tables(dataset) {
        let schema = arrow_schema(&table.schema);
        for (position, field) in (1..).zip(schema.fields()) {
            let data_type =
                field.metadata().get(crate::engine::types::TYPE_KEY).cloned().unwrap_or_else(|| sql_type_name(field.data_type()));
            rows.push((table.reference.clone(), field.name().clone(), position, data_type));
        }
    }
    let positions: Int64Array = rows.iter().map(|r| Some(r.2)).collect();
    RecordBatch::try_from_iter([
        ("table_catalog", texts(rows.iter().map(|r| r.0.project_id.clone()).collect())),
        ("table_schema", texts(rows.iter().map(|r| r.0.dataset_id.clone()).collect())),
        ("table_name", texts(rows.iter().map(|r| r.0.table_id.clone()).collect())),
        ("column_name", texts(rows.iter().map(|r| r.1.clone()).collect())),
        ("ordinal_position", Arc::new(positions) as ArrayRef),
        ("is_nullable", texts(rows.iter().map(|_| "YES".to_owned()).collect())),
        ("data_type", texts(rows.iter().map(|r| r.3.clone()).collect())),
    ])
}

/// `FROM artists AS a, a.genres AS g` says UNNEST without the word.
pub(super) fn implicit_unnest(factor: &mut TableFactor, earlier: &[String]) {
    let TableFactor::Table { name, alias, .. } = factor else {
        return;
    };
    let idents: Vec<_> = name.0.iter().filter_map(|p| p.as_ident().cloned()).collect();
    let [first, _] = idents.as_slice() else {
        return;
    };
    if !earlier.contains(&first.value.to_lowercase()) {
        return;
    }
    *factor = TableFactor::UNNEST {
        alias: alias.take(),
        array_exprs: vec![Expr::CompoundIdentifier(idents)],
        with_offset: false,
        with_offset_alias: None,
        with_ordinality: false,
    };
}
