//! Requests to the REST API, with the status and headers of their answers at hand.
//!
//! The client crate reads an error only in the one form that BigQuery itself writes, and knows neither a `Retry-After` nor a column
//! of type RANGE; what decides about jobs and rows needs all of them.

use std::time::Duration;

use reqwest::header::{CONTENT_LENGTH, RETRY_AFTER};
use reqwest::{RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::auth::{FULL, READ};
use super::{Warehouse, WarehouseError};

/// What a request does, and so the least that its token must be good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Full,
}

impl Warehouse {
    pub(super) async fn token(&self, access: Access) -> Result<String, WarehouseError> {
        let scope = match access {
            Access::Read => READ,
            Access::Full => FULL,
        };
        self.tokens.token(scope).await
    }

    /// Reads something of the project that runs the jobs; the path is from there.
    pub(super) async fn read<T: DeserializeOwned>(&self, path: &str, query: &[(&str, String)]) -> Result<T, WarehouseError> {
        let request = self.http.get(self.address(path)).query(query);
        answer(self.send(request, Access::Read).await?).await
    }

    /// Posts to the project that runs the jobs.
    pub(super) async fn post<T: DeserializeOwned>(&self, path: &str, body: &(impl Serialize + Sync)) -> Result<T, WarehouseError> {
        answer(self.send(self.http.post(self.address(path)).json(body), Access::Full).await?).await
    }

    /// Asks for a job to be cancelled; the body of this request must be empty.
    /// Source: <https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs/cancel>
    pub(super) async fn cancel(&self, job_id: &str) -> Result<(), WarehouseError> {
        let request = self.http.post(self.address(&format!("jobs/{job_id}/cancel"))).query(&[("location", &self.connection.location)]);
        self.send(request.header(CONTENT_LENGTH, 0), Access::Full).await.map(drop)
    }

    fn address(&self, path: &str) -> String {
        format!("{}/bigquery/v2/projects/{}/{path}", self.root, self.project())
    }

    /// Sends a request with a token; the answer is no error.
    pub(super) async fn send(&self, request: RequestBuilder, access: Access) -> Result<Response, WarehouseError> {
        let token = self.token(access).await?;
        succeeded(request.bearer_auth(token).send().await?).await
    }
}

/// That an answer is no error.
pub(super) async fn accepted(response: Response) -> Result<(), WarehouseError> {
    succeeded(response).await.map(drop)
}

async fn succeeded(response: Response) -> Result<Response, WarehouseError> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    // Seconds; a date is taken for none, since the clocks of both sides would have to agree.
    let retry_after = response.headers().get(RETRY_AFTER).and_then(|after| after.to_str().ok()?.parse().ok());
    // An error whose body breaks off is still that error.
    let body = response.text().await.unwrap_or_default();
    Err(WarehouseError::of_answer(status.as_u16(), retry_after.map(Duration::from_secs), &body))
}

async fn answer<T: DeserializeOwned>(response: Response) -> Result<T, WarehouseError> {
    let body = response.bytes().await?;
    // Neither serde_json's message nor the body is shown: rows are in it.
    serde_json::from_slice(&body).map_err(|error| WarehouseError::Unreadable {
        message: format!("{} bytes that are not the documented answer (column {})", body.len(), error.column()),
    })
}
