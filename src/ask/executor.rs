//! The part of the warehouse that questions need, as a trait, so that the pipeline is tested without one.

use async_trait::async_trait;

use crate::sql::ReadOnlyQuery;
use crate::warehouse::{DryRun, QueryOutcome, RunOptions, Warehouse, WarehouseError};

/// Runs validated queries. Dropping a future cancels what it began.
#[async_trait]
pub trait Executor: Send + Sync {
    /// What the query would do and read, without running it.
    ///
    /// # Errors
    /// What the warehouse says; [`WarehouseError::Unexpected`] when it is not a SELECT of the tables it was validated for.
    async fn dry_run(&self, query: &ReadOnlyQuery) -> Result<DryRun, WarehouseError>;

    /// The query's rows.
    ///
    /// # Errors
    /// What the warehouse says; [`WarehouseError::DeadlineExceeded`] when `options.timeout` passes.
    async fn run(&self, query: &ReadOnlyQuery, options: &RunOptions) -> Result<QueryOutcome, WarehouseError>;
}

#[async_trait]
impl Executor for Warehouse {
    async fn dry_run(&self, query: &ReadOnlyQuery) -> Result<DryRun, WarehouseError> {
        Self::dry_run(self, query).await
    }

    async fn run(&self, query: &ReadOnlyQuery, options: &RunOptions) -> Result<QueryOutcome, WarehouseError> {
        Self::run(self, query, options).await
    }
}
