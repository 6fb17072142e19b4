//! What one query sees of the store: each table at one version, kept on disk while the query may read it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Store;
use super::table::TableVersion;
use crate::engine::{TableResolver, TableSnapshot};
use crate::schema::{DatasetRef, TableRef};

/// A [`TableResolver`] over the store. Dropping it lets old files go.
#[derive(Debug)]
pub struct Lease {
    store: Arc<Store>,
    held: Mutex<HashMap<TableRef, Arc<TableVersion>>>,
}

impl Lease {
    pub(crate) fn new(store: Arc<Store>) -> Self {
        Self { store, held: Mutex::default() }
    }

    fn hold(&self, version: Arc<TableVersion>) -> Arc<TableSnapshot> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let version = held.entry(version.reference.clone()).or_insert(version);
        Arc::clone(&version.snapshot)
    }
}

impl TableResolver for Lease {
    fn table(&self, reference: &TableRef) -> Option<Arc<TableSnapshot>> {
        self.store.table(reference).ok().map(|v| self.hold(v))
    }

    fn dataset_exists(&self, dataset: &DatasetRef) -> bool {
        dataset.project_id == self.store.project_id() && self.store.dataset(&dataset.dataset_id).is_ok()
    }

    fn tables(&self, dataset: &DatasetRef) -> Vec<Arc<TableSnapshot>> {
        if dataset.project_id != self.store.project_id() {
            return Vec::new();
        }
        let versions = self.store.tables(&dataset.dataset_id).unwrap_or_default();
        versions.into_iter().map(|v| self.hold(v)).collect()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let versions: Vec<_> = {
            let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            held.drain().collect()
        };
        drop(versions);
        self.store.sweep();
    }
}
