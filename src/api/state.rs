//! What handlers share, and the calls they make.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use super::health::HealthSource;
use super::keys::ApiKey;
use super::metrics;
use super::problem::Problem;
use crate::ask::{Answer, AnswerStore, AskRequest, Pipeline, SqlReport, SqlRequest, Stage};
use crate::catalog::Catalog;

/// What the API needs of the rest. Cheap to clone.
#[derive(Clone)]
pub struct ApiState {
    pub pipeline: Pipeline,
    pub answers: AnswerStore,
    pub catalog: Arc<Catalog>,
    pub health: Arc<dyn HealthSource>,
    pub settings: ApiSettings,
}

/// Limits of every request.
#[derive(Debug, Clone)]
pub struct ApiSettings {
    pub max_body_bytes: usize,
    /// Where there are any, a request needs one.
    pub keys: Arc<[ApiKey]>,
    pub request_timeout: Duration,
    /// Cancelled when the time for requests under way is over: each is answered with `unavailable` and its job is cancelled.
    pub stop: CancellationToken,
}

impl ApiState {
    pub(super) async fn ask(&self, request: AskRequest, stages: Option<UnboundedSender<Stage>>) -> Result<Arc<Answer>, Problem> {
        Ok(self.keep(self.pipeline.ask(request, stages).await?))
    }

    pub(super) async fn run_sql(&self, request: SqlRequest) -> Result<Arc<Answer>, Problem> {
        Ok(self.keep(self.pipeline.run_sql(request).await?))
    }

    pub(super) async fn validate_sql(&self, sql: &str) -> Result<SqlReport, Problem> {
        Ok(self.pipeline.validate_sql(sql).await?)
    }

    fn keep(&self, answer: Answer) -> Arc<Answer> {
        metrics::record_answer(&answer);
        self.answers.put(answer)
    }
}
