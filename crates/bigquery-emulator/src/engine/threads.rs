//! The threads that queries run on, apart from those that answer HTTP: a join that computes for seconds must not keep the endpoint
//! (or a service in the same process) from answering, cancelling and stopping meanwhile.

use std::future::Future;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio_util::task::AbortOnDropHandle;

/// A runtime of their own.
pub(super) struct QueryThreads {
    handle: Handle,
    /// `None` only while it is dropped.
    runtime: Option<Runtime>,
}

impl QueryThreads {
    /// # Errors
    /// When the system gives no threads.
    pub(super) fn start(threads: usize) -> std::io::Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(threads.max(1)).thread_name("query").enable_all().build()?;
        Ok(Self { handle: runtime.handle().clone(), runtime: Some(runtime) })
    }

    /// Runs the work there; dropping the handle ends it at its next pause.
    pub(super) fn spawn<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> AbortOnDropHandle<T> {
        AbortOnDropHandle::new(self.handle.spawn(work))
    }
}

impl Drop for QueryThreads {
    /// Without waiting for queries that nobody waits for; the last owner may be one of them.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
