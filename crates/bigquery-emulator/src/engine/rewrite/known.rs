//! The tables that a statement names, looked up before planning, which happens on another thread.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use sqlparser::ast::{ObjectName, visit_relations};
use sqlparser::tokenizer::Location;

use super::tables::{parts, qualify};
use crate::engine::parse::Parsed;
use crate::engine::{QueryInput, TableResolver, TableSnapshot};
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
    let query = match parsed {
        Parsed::Select(query) => query,
        Parsed::CreateTableAs { name, query, .. } => {
            add(name);
            query
        }
    };
    let _ = visit_relations(query.as_ref(), |name| {
        add(name);
        ControlFlow::<()>::Continue(())
    });
    names
}

/// What a resolver said about the names of one statement.
#[derive(Default)]
pub(in crate::engine) struct Known {
    tables: HashMap<TableRef, Arc<TableSnapshot>>,
    datasets: HashMap<DatasetRef, bool>,
    listed: HashMap<DatasetRef, Vec<Arc<TableSnapshot>>>,
}

impl Known {
    pub(in crate::engine) fn look_up(names: &[Vec<String>], input: &QueryInput, tables: &dyn TableResolver) -> Self {
        let mut known = Self::default();
        for name in names {
            let view = name.iter().position(|p| p.eq_ignore_ascii_case("INFORMATION_SCHEMA"));
            // A name with a view is looked up as if the dataset held a table of that name.
            let name: Vec<String> = match view {
                Some(at) => name[..=at].to_vec(),
                None => name.clone(),
            };
            let Ok(reference) = qualify(&name, input, Location::new(0, 0)) else {
                continue;
            };
            let dataset = DatasetRef { project_id: reference.project_id.clone(), dataset_id: reference.dataset_id.clone() };
            known.datasets.insert(dataset.clone(), tables.dataset_exists(&dataset));
            if view.is_some() {
                known.listed.insert(dataset.clone(), tables.tables(&dataset));
            } else if let Some(found) = tables.table(&reference) {
                known.tables.insert(reference, found);
            }
        }
        known
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
}
