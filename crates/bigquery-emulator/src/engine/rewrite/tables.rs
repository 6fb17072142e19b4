//! Table names to tables.
//!
//! Sources: <https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical#table_names>,
//! <https://cloud.google.com/bigquery/docs/information-schema-tables>

use sqlparser::ast::{Expr, ObjectName, ObjectNamePart, Query, Spanned, TableAlias, TableFactor};
use sqlparser::tokenizer::Location;

use super::{Rewriter, Source, made, normal};
use crate::engine::error::not_supported;
use crate::engine::parse::{Parsed, parse};
use crate::engine::{QueryError, QueryInput, Reason, TableResolver};
use crate::schema::{DatasetRef, TableRef};

/// The parts of a name, those inside one pair of backticks taken apart.
pub(in crate::engine) fn parts(name: &ObjectName) -> Vec<String> {
    name.0.iter().filter_map(ObjectNamePart::as_ident).flat_map(|i| i.value.split('.').map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// The dataset and table that parts name.
pub(in crate::engine) fn qualify(parts: &[String], input: &QueryInput, at: Location) -> Result<TableRef, QueryError> {
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

pub(in crate::engine) fn check_dataset(reference: &TableRef, tables: &dyn TableResolver) -> Result<(), QueryError> {
    let dataset = DatasetRef { project_id: reference.project_id.clone(), dataset_id: reference.dataset_id.clone() };
    if tables.dataset_exists(&dataset) {
        return Ok(());
    }
    Err(QueryError::new(
        Reason::NotFound,
        format!("Not found: Dataset {}:{} was not found in location US", dataset.project_id, dataset.dataset_id),
    ))
}

/// How many views one statement may read, counted as often as they are named.
const MAX_VIEWS: usize = 200;

impl Rewriter<'_> {
    pub(super) fn enter_table(&mut self, factor: &mut TableFactor) -> Result<(), QueryError> {
        self.without_pivot(factor)?;
        match factor {
            TableFactor::Table { name, alias, args, version, sample, with_ordinality, .. } => {
                if sample.is_some() {
                    return Err(not_supported("TABLESAMPLE"));
                }
                if version.is_some() {
                    return Err(not_supported("FOR SYSTEM_TIME AS OF"));
                }
                if *with_ordinality {
                    return Err(not_supported("WITH ORDINALITY"));
                }
                if let Some(args) = args {
                    let subquery = super::table_functions::query_of(name, &args.args)?;
                    let mut alias = alias.take();
                    alias.iter_mut().for_each(table_alias);
                    *factor = TableFactor::Derived { lateral: false, subquery, alias, sample: None };
                    return Ok(());
                }
                if let Some(alias) = alias {
                    table_alias(alias);
                }
                let already = name.0.first().and_then(ObjectNamePart::as_ident);
                if already.is_some_and(|i| i.quote_style == Some('"')) {
                    return Ok(());
                }
                if let Some((query, shown)) = self.view(name, alias)? {
                    *factor = TableFactor::Derived { lateral: false, subquery: query, alias: Some(shown), sample: None };
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

    /// The query of a view, where a name is one.
    fn view(&mut self, name: &ObjectName, alias: &Option<TableAlias>) -> Result<Option<(Box<Query>, TableAlias)>, QueryError> {
        let parts = parts(name);
        let is_cte = matches!(parts.as_slice(), [single] if self.is_cte(single));
        if is_cte || parts.iter().any(|p| p.eq_ignore_ascii_case("INFORMATION_SCHEMA")) {
            return Ok(None);
        }
        let reference = qualify(&parts, self.input, name.span().start)?;
        let Some(found) = self.tables.table(&reference) else {
            return Ok(None);
        };
        let Some(text) = &found.view else {
            return Ok(None);
        };
        self.views += 1;
        if self.views > MAX_VIEWS {
            return Err(QueryError::new(
                Reason::ResourcesExceeded,
                format!("Too many nested views, or a view that reads itself: {reference}"),
            ));
        }
        let Parsed::Select(mut query) = parse(text)? else {
            return Err(QueryError::invalid(format!("The query of view {reference} is no query")));
        };
        self.spell_output(&query);
        for field in &found.schema.fields {
            self.spell(&field.name);
        }
        if !self.referenced.contains(&reference) {
            self.referenced.push(reference);
        }
        if query.order_by.is_some() && query.limit_clause.is_none() {
            query.order_by = None;
        }
        let alias = alias.clone().unwrap_or_else(|| {
            let last = parts.last().cloned().unwrap_or_default();
            TableAlias { explicit: true, name: made(last.to_lowercase()), columns: Vec::new(), at: None }
        });
        Ok(Some((query, alias)))
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
}

pub(super) fn table_alias(alias: &mut TableAlias) {
    normal(&mut alias.name);
    for column in &mut alias.columns {
        normal(&mut column.name);
    }
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
