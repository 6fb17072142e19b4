//! What is kept about datasets and tables, as JSON beside the data. A table's metadata file is its commit point: it names
//! the Parquet files that are the table.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::schema::TableSchema;

/// Properties that the store keeps and gives back but does not act on (but for `expirationTime`): description, labels,
/// partitioning, clustering ..., in the form of the REST API.
pub type Properties = Map<String, Value>;

/// A dataset as stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DatasetMetadata {
    pub etag: String,
    pub created_ms: i64,
    pub modified_ms: i64,
    pub properties: Properties,
}

/// A table as stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TableMetadata {
    pub etag: String,
    pub created_ms: i64,
    pub modified_ms: i64,
    pub properties: Properties,
    pub schema: TableSchema,
    pub files: Vec<FileMetadata>,
    pub row_count: u64,
    /// Logical bytes by top-level column.
    pub column_bytes: BTreeMap<String, u64>,
}

/// One Parquet file of a table.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FileMetadata {
    /// Name inside the table's directory.
    pub name: String,
    pub rows: u64,
    /// Size on disk.
    pub bytes: u64,
}

impl DatasetMetadata {
    pub(crate) fn new(properties: Properties) -> Self {
        let now = now_ms();
        Self { etag: new_etag(), created_ms: now, modified_ms: now, properties }
    }
}

impl TableMetadata {
    pub(crate) fn new(schema: TableSchema, properties: Properties) -> Self {
        let now = now_ms();
        Self {
            etag: new_etag(),
            created_ms: now,
            modified_ms: now,
            properties,
            schema,
            files: Vec::new(),
            row_count: 0,
            column_bytes: BTreeMap::new(),
        }
    }

    /// Gives a table that does not say when it expires the dataset's `defaultTableExpirationMs`.
    /// Source: <https://cloud.google.com/bigquery/docs/updating-datasets#table-expiration>
    pub(crate) fn expire_as(&mut self, dataset: &DatasetMetadata) {
        let lives = dataset.properties.get("defaultTableExpirationMs");
        let lives = lives.and_then(|ms| ms.as_i64().or_else(|| ms.as_str().and_then(|ms| ms.parse().ok())));
        if let Some(lives) = lives.filter(|ms| *ms > 0)
            && self.view().is_none()
        {
            let expires = self.created_ms.saturating_add(lives).to_string();
            self.properties.entry("expirationTime").or_insert_with(|| expires.into());
        }
    }

    /// Whether its time has passed, by `expirationTime` in milliseconds.
    pub(crate) fn has_expired(&self) -> bool {
        let expires = self.properties.get("expirationTime");
        let expires = expires.and_then(|at| at.as_i64().or_else(|| at.as_str().and_then(|at| at.parse().ok())));
        expires.is_some_and(|at| at <= now_ms())
    }

    /// Marks a change of rows, schema or properties.
    pub(crate) fn touch(&mut self) {
        self.etag = new_etag();
        self.modified_ms = now_ms().max(self.modified_ms);
    }

    /// The query of a view.
    #[must_use]
    pub fn view(&self) -> Option<&str> {
        self.properties.get("view")?.get("query")?.as_str()
    }

    /// The table's logical size, `numBytes`.
    #[must_use]
    pub fn logical_bytes(&self) -> u64 {
        self.column_bytes.values().sum()
    }
}

pub(crate) fn now_ms() -> i64 {
    chrono::Utc::now().timestamp_millis()
}

/// An etag that no other version ever had.
pub(crate) fn new_etag() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}
