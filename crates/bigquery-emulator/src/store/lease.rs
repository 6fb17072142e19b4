//! What one query sees of the store: each table at one version, kept on disk while the query may read it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Store;
use super::table::TableVersion;
use crate::engine::{TableFacts, TableResolver, TableSnapshot};
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

impl Lease {
    /// The etag of the version that is held of a table.
    pub(crate) fn etag(&self, reference: &TableRef) -> Option<String> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.get(reference).map(|version| version.metadata.etag.clone())
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

    fn datasets(&self) -> Vec<(DatasetRef, TableFacts)> {
        let location = serde_json::Value::from(self.store.location());
        let facts = |metadata: super::DatasetMetadata| {
            let mut properties = metadata.properties;
            properties.entry("location").or_insert_with(|| location.clone());
            TableFacts { created_ms: metadata.created_ms, modified_ms: metadata.modified_ms, properties }
        };
        self.store.datasets().into_iter().map(|(id, metadata)| (self.store.dataset_ref(&id), facts(metadata))).collect()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let versions: Vec<_> = {
            let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            held.drain().collect()
        };
        // Who held nothing kept no file.
        if !versions.is_empty() {
            drop(versions);
            self.store.sweep();
        }
    }
}
