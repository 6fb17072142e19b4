//! What handlers share.

use std::sync::Arc;

use super::error::ApiError;
use super::insert_all::SeenInserts;
use super::jobs::{JobRegistry, ResultCache, TableLocks};
use super::upload::Uploads;
use crate::engine::Engine;
use crate::schema::TableRef;
use crate::store::{DirectoryLock, Store};

/// Cheap to clone.
#[derive(Clone)]
pub(crate) struct AppState(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) store: Arc<Store>,
    pub(crate) engine: Engine,
    pub(crate) jobs: JobRegistry,
    pub(crate) results: ResultCache,
    pub(crate) table_locks: TableLocks,
    pub(crate) uploads: Uploads,
    pub(crate) seen_inserts: SeenInserts,
    /// Held as long as anything can still write.
    _lock: Arc<DirectoryLock>,
}

impl std::ops::Deref for AppState {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl AppState {
    pub(crate) fn new(store: Arc<Store>, engine: Engine, lock: Arc<DirectoryLock>) -> Self {
        Self(Arc::new(Inner {
            uploads: Uploads::new(store.temp_dir()),
            store,
            engine,
            jobs: JobRegistry::default(),
            results: ResultCache::default(),
            table_locks: TableLocks::default(),
            seen_inserts: SeenInserts::default(),
            _lock: lock,
        }))
    }

    /// Refuses every project but the one that is served.
    pub(crate) fn check_project(&self, project: &str) -> Result<(), ApiError> {
        if project == self.store.project_id() {
            return Ok(());
        }
        Err(ApiError::not_found(format!("Not found: Project {project}; this endpoint serves project {}", self.store.project_id())))
    }

    pub(crate) fn table_ref(&self, project: &str, dataset: &str, table: &str) -> Result<TableRef, ApiError> {
        self.check_project(project)?;
        Ok(TableRef { project_id: project.to_owned(), dataset_id: dataset.to_owned(), table_id: table.to_owned() })
    }

    /// A reference in a request body; the project may be left out.
    pub(crate) fn read_table_ref(&self, value: &serde_json::Value) -> Result<TableRef, ApiError> {
        let text = |key: &str| value.get(key).and_then(serde_json::Value::as_str);
        let required = |key: &str| {
            text(key)
                .filter(|v| !v.is_empty())
                .ok_or_else(|| ApiError::new(400, "required", format!("Required parameter is missing: {key}")))
        };
        let project = text("projectId").unwrap_or(self.store.project_id()).to_owned();
        self.table_ref(&project, required("datasetId")?, required("tableId")?)
    }

    /// Runs what blocks on the disk away from the async threads.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let state = self.clone();
        match tokio::task::spawn_blocking(move || work(&state)).await {
            Ok(result) => result,
            Err(error) => {
                tracing::error!(%error, "blocking work failed");
                Err(ApiError::internal())
            }
        }
    }
}
