//! Placeholder until the engine branch replaces this directory: refuses every statement.

use std::path::PathBuf;

use futures::FutureExt;
use futures::future::BoxFuture;

use super::{PreparedQuery, QueryError, QueryInput, Reason, TableResolver};

#[derive(Debug, Clone)]
pub struct EngineOptions {
    pub memory_limit_bytes: u64,
    pub threads: usize,
    pub temp_dir: PathBuf,
}

#[derive(Debug)]
pub struct Engine;

impl Engine {
    pub fn new(_options: EngineOptions) -> Result<Self, QueryError> {
        Ok(Self)
    }

    pub fn prepare<'a>(
        &'a self,
        _input: QueryInput,
        _tables: &'a dyn TableResolver,
    ) -> BoxFuture<'a, Result<PreparedQuery, QueryError>> {
        async {
            Err(QueryError {
                reason: Reason::NotImplemented,
                message: "no engine yet".into(),
            })
        }
        .boxed()
    }
}
