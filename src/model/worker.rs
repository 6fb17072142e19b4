//! The threads on which a model runs, behind a queue of fixed length.
//!
//! Inference takes tens of milliseconds of pure computation, so it never runs on the async runtime. A full queue is an answer
//! ([`ModelError::Overloaded`]), not a wait; a request whose client has gone is not started, or stops at its next step; a panic
//! costs one request, not the worker.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use tokio::sync::oneshot;

use super::{Candidate, GenerationRequest, ModelError};

/// What a worker does with a request.
pub(crate) trait Inference: Send + Sync + 'static {
    /// `abandoned` turns true when nobody waits for the result any more; then any result will do.
    fn infer(&self, request: &GenerationRequest, abandoned: &(dyn Fn() -> bool + Sync)) -> Result<Vec<Candidate>, ModelError>;
}

struct Job {
    request: GenerationRequest,
    reply: oneshot::Sender<Result<Vec<Candidate>, ModelError>>,
}

/// A queue and the threads that serve it. The threads end once this is dropped and the queue is empty.
pub(crate) struct WorkerPool {
    queue: SyncSender<Job>,
}

impl WorkerPool {
    /// `queue_length` requests may wait while all `threads` are busy.
    pub(crate) fn start(inference: Arc<dyn Inference>, threads: usize, queue_length: usize) -> std::io::Result<Self> {
        let (queue, jobs) = sync_channel(queue_length.max(1));
        let jobs = Arc::new(Mutex::new(jobs));
        for index in 0..threads.max(1) {
            let (inference, jobs) = (Arc::clone(&inference), Arc::clone(&jobs));
            thread::Builder::new().name(format!("model-{index}")).spawn(move || serve(&*inference, &jobs))?;
        }
        Ok(Self { queue })
    }

    pub(crate) async fn run(&self, request: GenerationRequest) -> Result<Vec<Candidate>, ModelError> {
        let (reply, result) = oneshot::channel();
        self.queue.try_send(Job { request, reply }).map_err(|error| match error {
            TrySendError::Full(_) => ModelError::Overloaded,
            TrySendError::Disconnected(_) => ModelError::Failed { message: "its threads have ended".to_owned() },
        })?;
        result.await.unwrap_or_else(|_| Err(ModelError::Failed { message: "its thread has ended".to_owned() }))
    }
}

fn serve(inference: &dyn Inference, jobs: &Mutex<Receiver<Job>>) {
    loop {
        // The lock is held while waiting, so one idle thread takes the next job and the others wait behind it.
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { request, reply }) = job else { return };
        if reply.is_closed() {
            continue;
        }
        let result = catch_unwind(AssertUnwindSafe(|| inference.infer(&request, &|| reply.is_closed())));
        let result = result.unwrap_or_else(|panic| {
            let message = panic_message(&*panic);
            tracing::error!(%message, "inference panicked");
            Err(ModelError::Failed { message })
        });
        // The client may have gone meanwhile.
        let _ = reply.send(result);
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc::{Sender, channel};

    use super::*;

    /// Does what the prompt says; `wait` blocks until the test sends something, `watch` until it is abandoned.
    struct Scripted {
        started: Mutex<Sender<String>>,
        released: Mutex<Receiver<()>>,
        ran: AtomicUsize,
    }

    impl Inference for Scripted {
        fn infer(&self, request: &GenerationRequest, abandoned: &(dyn Fn() -> bool + Sync)) -> Result<Vec<Candidate>, ModelError> {
            self.ran.fetch_add(1, Ordering::SeqCst);
            let _ = self.started.lock().unwrap().send(request.prompt.clone());
            match request.prompt.as_str() {
                "wait" => self.released.lock().unwrap().recv().unwrap(),
                "watch" => {
                    while !abandoned() {
                        thread::yield_now();
                    }
                }
                "panic" => panic!("the weights are on fire"),
                _ => {}
            }
            Ok(vec![Candidate {
                text: request.prompt.clone(),
                log_probability: 0.0,
                least_log_probability: 0.0,
                tokens: 1,
                finished: true,
            }])
        }
    }

    struct Bench {
        pool: Arc<WorkerPool>,
        inference: Arc<Scripted>,
        started: Receiver<String>,
        release: Sender<()>,
    }

    fn bench(queue_length: usize) -> Bench {
        let (started_tx, started) = channel();
        let (release, released) = channel();
        let inference = Arc::new(Scripted { started: Mutex::new(started_tx), released: Mutex::new(released), ran: AtomicUsize::new(0) });
        let pool = WorkerPool::start(Arc::clone(&inference) as Arc<dyn Inference>, 1, queue_length).unwrap();
        Bench { pool: Arc::new(pool), inference, started, release }
    }

    fn request(prompt: &str) -> GenerationRequest {
        GenerationRequest { prompt: prompt.to_owned(), beams: 1, max_new_tokens: 1, refused: Vec::new() }
    }

    fn spawn(bench: &Bench, prompt: &'static str) -> tokio::task::JoinHandle<Result<Vec<Candidate>, ModelError>> {
        let pool = Arc::clone(&bench.pool);
        tokio::spawn(async move { pool.run(request(prompt)).await })
    }

    #[tokio::test]
    async fn a_panic_costs_one_request() {
        let bench = bench(4);
        let error = bench.pool.run(request("panic")).await.unwrap_err();
        assert!(matches!(&error, ModelError::Failed { message } if message.contains("on fire")), "{error:?}");
        assert_eq!(bench.pool.run(request("fine")).await.unwrap()[0].text, "fine");
    }

    #[tokio::test]
    async fn a_full_queue_refuses_at_once() {
        let bench = bench(1);
        let busy = spawn(&bench, "wait");
        tokio::task::yield_now().await;
        assert_eq!(bench.started.recv().unwrap(), "wait");
        let queued = spawn(&bench, "queued");
        tokio::task::yield_now().await;
        assert!(matches!(bench.pool.run(request("late")).await, Err(ModelError::Overloaded)));
        bench.release.send(()).unwrap();
        assert!(busy.await.unwrap().is_ok());
        assert_eq!(queued.await.unwrap().unwrap()[0].text, "queued");
    }

    #[tokio::test]
    async fn a_dropped_request_is_never_started() {
        let bench = bench(4);
        let busy = spawn(&bench, "wait");
        tokio::task::yield_now().await;
        assert_eq!(bench.started.recv().unwrap(), "wait");
        let gone = spawn(&bench, "gone");
        tokio::task::yield_now().await;
        gone.abort();
        assert!(gone.await.unwrap_err().is_cancelled());
        bench.release.send(()).unwrap();
        busy.await.unwrap().unwrap();
        bench.pool.run(request("after")).await.unwrap();
        assert_eq!(bench.inference.ran.load(Ordering::SeqCst), 2);
        assert_eq!(bench.started.recv().unwrap(), "after");
    }

    #[tokio::test]
    async fn a_running_request_learns_that_it_is_abandoned() {
        let bench = bench(4);
        let watching = spawn(&bench, "watch");
        tokio::task::yield_now().await;
        assert_eq!(bench.started.recv().unwrap(), "watch");
        watching.abort();
        // The worker is free again, which it would not be if the request ran on.
        bench.pool.run(request("next")).await.unwrap();
    }
}
