//! The threads that queries run on, apart from those that answer HTTP: a join that computes for seconds must not keep the endpoint
//! (or a service in the same process) from answering, cancelling and stopping meanwhile.

use std::future::Future;

use tokio::runtime::{Builder, Runtime};
use tokio_util::task::AbortOnDropHandle;

/// Stack of a thread that plans: deep expressions recurse.
const PLANNING_STACK_BYTES: usize = 64 * 1024 * 1024;
/// Statements that are planned at once, beyond which they wait.
const MOST_PLANNED: usize = 32;

/// Runtimes of their own.
pub(super) struct QueryThreads {
    queries: Background,
    /// Threads that stay for a while: making one with so deep a stack for each statement takes longer than planning a small one.
    planning: Background,
}

impl QueryThreads {
    /// # Errors
    /// When the system gives no threads.
    pub(super) fn start(threads: usize) -> std::io::Result<Self> {
        let queries = Builder::new_multi_thread().worker_threads(threads.max(1)).thread_name("query").enable_all().build()?;
        let mut planning = Builder::new_current_thread();
        planning.thread_name("plan").thread_stack_size(PLANNING_STACK_BYTES).max_blocking_threads(MOST_PLANNED);
        Ok(Self { queries: Background(Some(queries)), planning: Background(Some(planning.build()?)) })
    }

    /// Runs the work there; dropping the handle ends it at its next pause.
    pub(super) fn spawn<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> AbortOnDropHandle<T> {
        AbortOnDropHandle::new(self.queries.runtime().spawn(work))
    }

    /// Runs what recurses deeply, to its end; `None` where it panicked.
    pub(super) async fn on_deep_stack<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        self.planning.runtime().spawn_blocking(work).await.ok()
    }
}

/// A runtime that is left without waiting for queries that nobody waits for; the last owner may be one of them.
struct Background(Option<Runtime>);

impl Background {
    fn runtime(&self) -> &Runtime {
        self.0.as_ref().expect("it is taken only when it is dropped")
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
