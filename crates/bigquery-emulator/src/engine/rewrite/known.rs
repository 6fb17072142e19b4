//! The tables that a statement names, looked up before planning, which happens on another thread.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use sqlparser::ast::{ObjectName, Statement, visit_relations};
use sqlparser::tokenizer::Location;

use super::tables::{parts, qualify};
use crate::engine::parse::{Parsed, parse};
use crate::engine::{QueryInput, TableFacts, TableResolver, TableSnapshot};
use crate::schema::{DatasetRef, TableRef};

/// Every name that stands where a table may stand; names of common table expressions are among them.
pub(in crate::engine) fn table_names(parsed: &Parsed) -> Vec<Vec<String>> {
    let mut names: Vec<Vec<String>> = Vec::new();
    let mut add = |name: &ObjectName| {
        let name = parts(name);
        if !names.contains(&name) {
            names.push(name);
        }
    };
    // The name of a view that is made is no relation to the visitor.
    if let Parsed::Define(statement) = parsed
        && let Statement::CreateView(view) = statement.as_ref()
    {
        add(&view.name);
    }
    let each = |name: &ObjectName| {
        add(name);
        ControlFlow::<()>::Continue(())
    };
    let _ = match parsed {
        Parsed::Select(query) | Parsed::Assert(query) => visit_relations(query.as_ref(), each),
        Parsed::Define(statement) | Parsed::Change(statement) => visit_relations(statement.as_ref(), each),
    };
    names
}

/// What a resolver said about the names of one statement.
#[derive(Clone, Default)]
pub(in crate::engine) struct Known {
    tables: HashMap<TableRef, Arc<TableSnapshot>>,
    datasets: HashMap<DatasetRef, bool>,
    listed: HashMap<DatasetRef, Vec<Arc<TableSnapshot>>>,
    all_datasets: Vec<(DatasetRef, TableFacts)>,
    jobs: Vec<serde_json::Value>,
}

/// How deep views may stand on views.
/// Source: <https://cloud.google.com/bigquery/quotas#view_limits>
const MAX_VIEW_DEPTH: usize = 16;

impl Known {
    /// Looks all names up; those in the queries of views as well.
    pub(in crate::engine) fn look_up(names: &[Vec<String>], input: &QueryInput, tables: &dyn TableResolver) -> Self {
        let mut known = Self::default();
        let mut wanted = names.to_vec();
        for _ in 0..=MAX_VIEW_DEPTH {
            let mut inner = Vec::new();
            for name in &wanted {
                if let Some(found) = known.add(name, input, tables)
                    && let Some(view) = &found.view
                    && let Ok(parsed) = parse(view)
                {
                    inner.extend(table_names(&parsed));
                }
            }
            if inner.is_empty() {
                break;
            }
            wanted = inner;
        }
        known
    }

    fn add(&mut self, name: &[String], input: &QueryInput, tables: &dyn TableResolver) -> Option<Arc<TableSnapshot>> {
        let view = name.iter().position(|p| p.eq_ignore_ascii_case("INFORMATION_SCHEMA"));
        // A name with a view is looked up as if the dataset held a table of that name.
        let (whole, name) = match view {
            Some(at) => (name, &name[..=at]),
            None => (name, name),
        };
        if let Some(at) = view {
            match whole.get(at + 1).map(|v| v.to_uppercase()).as_deref() {
                Some("SCHEMATA") => self.all_datasets = tables.datasets(),
                Some(v) if v.starts_with("JOBS") => self.jobs = tables.jobs(),
                _ => {}
            }
        }
        let reference = qualify(name, input, Location::new(0, 0)).ok()?;
        let dataset = DatasetRef { project_id: reference.project_id.clone(), dataset_id: reference.dataset_id.clone() };
        self.datasets.insert(dataset.clone(), tables.dataset_exists(&dataset));
        if view.is_some() {
            self.listed.insert(dataset.clone(), tables.tables(&dataset));
            return None;
        }
        let found = tables.table(&reference)?;
        self.tables.insert(reference, Arc::clone(&found));
        Some(found)
    }
}

impl TableResolver for Known {
    fn table(&self, reference: &TableRef) -> Option<Arc<TableSnapshot>> {
        self.tables.get(reference).cloned()
    }

    fn dataset_exists(&self, dataset: &DatasetRef) -> bool {
        self.datasets.get(dataset).copied().unwrap_or(false)
    }

    fn tables(&self, dataset: &DatasetRef) -> Vec<Arc<TableSnapshot>> {
        self.listed.get(dataset).cloned().unwrap_or_default()
    }

    fn datasets(&self) -> Vec<(DatasetRef, TableFacts)> {
        self.all_datasets.clone()
    }

    fn jobs(&self) -> Vec<serde_json::Value> {
        self.jobs.clone()
    }
}
