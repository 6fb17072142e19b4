//! Loads: data that is sent to the warehouse with the job that takes it.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/api-uploads>

use std::io::SeekFrom;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use reqwest::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, LOCATION, RANGE};
use reqwest::{StatusCode, Url};
use serde_json::json;
use tokio::io::AsyncSeekExt as _;
use tokio_util::io::ReaderStream;

use super::admin::{LONG, WriteDisposition, wire_field};
use super::job::RunningJob;
use super::rest::{Access, accepted};
use super::retry::Deadline;
use super::{Warehouse, WarehouseError};
use crate::catalog::{PartitionUnit, Table};

/// Bytes of a file that are read at a time.
const PIECE_BYTES: usize = 256 * 1024;

impl Warehouse {
    /// Loads newline-delimited JSON (plain or gzipped) into a table, all of it or nothing.
    ///
    /// # Errors
    /// [`WarehouseError::Job`] when a row does not fit; else what the warehouse says.
    pub async fn load_ndjson(
        &self,
        dataset: &str,
        table: &Table,
        body: Bytes,
        disposition: WriteDisposition,
    ) -> Result<u64, WarehouseError> {
        let deadline = Deadline::after(LONG);
        let job = RunningJob::new(self, "quaver-load");
        let metadata = self.load_job(&job, "NEWLINE_DELIMITED_JSON", (dataset, table), disposition);
        let upload = Upload::new(&metadata, &body);
        drop(body);
        let accepted: Result<(), WarehouseError> = self.retry(deadline, || self.upload(&upload)).await;
        self.loaded(job, accepted, deadline).await
    }

    /// Loads a Parquet file into a table, all of it or nothing. It is never in memory whole, and what breaks off on its way is gone on
    /// with from there.
    ///
    /// # Errors
    /// [`WarehouseError::Unreadable`] when the file cannot be read; else what the warehouse says.
    pub async fn load_parquet(
        &self,
        dataset: &str,
        table: &Table,
        file: &Path,
        disposition: WriteDisposition,
    ) -> Result<u64, WarehouseError> {
        let deadline = Deadline::after(LONG);
        let job = RunningJob::new(self, "quaver-load");
        let metadata = self.load_job(&job, "PARQUET", (dataset, table), disposition);
        let accepted = self.upload_file(&metadata, file, deadline).await;
        self.loaded(job, accepted, deadline).await
    }

    fn load_job(
        &self,
        job: &RunningJob,
        format: &str,
        (dataset, table): (&str, &Table),
        disposition: WriteDisposition,
    ) -> serde_json::Value {
        let mut load = json!({
            "sourceFormat": format,
            "destinationTable": { "projectId": self.data_project(), "datasetId": dataset, "tableId": table.name },
            "schema": { "fields": table.columns.iter().map(wire_field).collect::<Vec<_>>() },
            "writeDisposition": disposition.name(),
            "createDisposition": "CREATE_IF_NEEDED",
        });
        if let Some(column) = &table.partitioned_by {
            let unit = match table.partitioned_per {
                PartitionUnit::Day => "DAY",
                PartitionUnit::Month => "MONTH",
            };
            load["timePartitioning"] = json!({ "type": unit, "field": column });
        }
        if !table.clustered_by.is_empty() {
            load["clustering"] = json!({ "fields": table.clustered_by });
        }
        if format == "PARQUET" {
            // Without it a list would be a record. Source: <https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-parquet#list_logical_type>
            load["parquetOptions"] = json!({ "enableListInference": true });
        }
        json!({
            "jobReference": { "projectId": self.project(), "jobId": job.id(), "location": self.connection.location },
            "configuration": { "load": load },
        })
    }

    /// The rows of a load job, once it is done. A job that is there already is the one that an earlier try began.
    async fn loaded(&self, mut job: RunningJob, accepted: Result<(), WarehouseError>, deadline: Deadline) -> Result<u64, WarehouseError> {
        match accepted {
            Err(error) if !error.is_duplicate() => return Err(job.lost(error)),
            _ => {}
        }
        let job = self.finish(job, deadline).await?;
        Ok(job.statistics.load.and_then(|load| load.output_rows).unwrap_or(0))
    }

    /// Sends a file in a session of its own, which knows how much of it has come.
    async fn upload_file(&self, metadata: &serde_json::Value, file: &Path, deadline: Deadline) -> Result<(), WarehouseError> {
        let unreadable = |error: std::io::Error| WarehouseError::Unreadable { message: format!("{}: {error}", file.display()) };
        let size = tokio::fs::metadata(file).await.map_err(unreadable)?.len();
        let session = self.retry(deadline, || self.open_session(metadata)).await?;
        let again = AtomicBool::new(false);
        self.retry(deadline, || async {
            let from = if again.swap(true, Ordering::Relaxed) { self.received(&session, size).await? } else { Some(0) };
            match from {
                Some(from) => self.send_rest(&session, file, from, size).await,
                None => Ok(()),
            }
        })
        .await
    }

    async fn open_session(&self, metadata: &serde_json::Value) -> Result<Url, WarehouseError> {
        let url = format!("{}/upload/bigquery/v2/projects/{}/jobs?uploadType=resumable", self.root, self.project());
        let token = self.token(Access::Full).await?;
        let response = self.http.post(url).bearer_auth(token).json(metadata).send().await?;
        let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok()).map(str::to_owned);
        accepted(response).await?;
        let session = location.and_then(|location| Url::parse(&location).ok());
        // The token goes to the warehouse alone.
        let of_warehouse = |session: &Url| Url::parse(&self.root).is_ok_and(|root| root.origin() == session.origin());
        session
            .filter(of_warehouse)
            .ok_or_else(|| WarehouseError::Unreadable { message: "an upload was accepted without its address".to_owned() })
    }

    /// How many bytes of the file have come; `None` when all have, and the job is there.
    async fn received(&self, session: &Url, size: u64) -> Result<Option<u64>, WarehouseError> {
        let token = self.token(Access::Full).await?;
        let asked =
            self.http.put(session.clone()).bearer_auth(token).header(CONTENT_RANGE, format!("bytes */{size}")).header(CONTENT_LENGTH, 0);
        let response = asked.send().await?;
        if response.status() != StatusCode::PERMANENT_REDIRECT {
            return accepted(response).await.map(|()| None);
        }
        // `bytes=0-99`; without it nothing has come.
        let range = response.headers().get(RANGE).and_then(|range| range.to_str().ok());
        let last = range.and_then(|range| range.rsplit('-').next()).and_then(|last| last.parse::<u64>().ok());
        Ok(Some(last.map_or(0, |last| last + 1)))
    }

    async fn send_rest(&self, session: &Url, file: &Path, from: u64, size: u64) -> Result<(), WarehouseError> {
        let unreadable = |error: std::io::Error| WarehouseError::Unreadable { message: format!("{}: {error}", file.display()) };
        let mut rest = tokio::fs::File::open(file).await.map_err(unreadable)?;
        rest.seek(SeekFrom::Start(from)).await.map_err(unreadable)?;
        let token = self.token(Access::Full).await?;
        let response = self
            .http
            .put(session.clone())
            .timeout(LONG)
            .bearer_auth(token)
            .header(CONTENT_TYPE, "application/octet-stream")
            .header(CONTENT_LENGTH, size - from)
            .header(CONTENT_RANGE, format!("bytes {from}-{}/{size}", size - 1))
            .body(reqwest::Body::wrap_stream(ReaderStream::with_capacity(rest, PIECE_BYTES)))
            .send()
            .await?;
        if response.status() == StatusCode::PERMANENT_REDIRECT {
            return Err(WarehouseError::Unreachable { message: "the warehouse has not got the whole of an upload".to_owned() });
        }
        accepted(response).await
    }

    async fn upload(&self, upload: &Upload) -> Result<(), WarehouseError> {
        let url = format!("{}/upload/bigquery/v2/projects/{}/jobs?uploadType=multipart", self.root, self.project());
        let token = self.token(Access::Full).await?;
        let response = self
            .http
            .post(url)
            .timeout(LONG)
            .bearer_auth(token)
            .header(reqwest::header::CONTENT_TYPE, &upload.content_type)
            .body(upload.payload.clone())
            .send()
            .await?;
        accepted(response).await
    }
}

/// A job and its data in one body, made once however often it is sent.
/// Source: <https://cloud.google.com/bigquery/docs/reference/api-uploads#multipart>
struct Upload {
    content_type: String,
    payload: Bytes,
}

impl Upload {
    fn new(metadata: &serde_json::Value, body: &[u8]) -> Self {
        // Nobody who writes the data knows the boundary.
        let boundary = uuid::Uuid::new_v4().simple().to_string();
        let mut payload = Vec::with_capacity(body.len() + 4096);
        let json = format!("--{boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{metadata}\r\n");
        payload.extend_from_slice(json.as_bytes());
        payload.extend_from_slice(format!("--{boundary}\r\nContent-Type: application/octet-stream\r\n\r\n").as_bytes());
        payload.extend_from_slice(body);
        payload.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        Self { content_type: format!("multipart/related; boundary=\"{boundary}\""), payload: payload.into() }
    }
}
