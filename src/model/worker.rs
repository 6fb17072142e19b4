//! The threads on which a model runs, behind a queue of fixed length.
//!
//! Inference takes tens of milliseconds of pure computation, so it never runs on the async runtime. A full queue is an answer
//! ([`ModelError::Overloaded`]), not a wait; a request whose client has gone is not started, or stops at its next step; a panic
//! costs one request, not the worker.
//!
//! Answers go before texts: a text is begun when no answer waits, and at each of its steps the answers that have come meanwhile are
//! computed first, on the same thread.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use tokio::sync::oneshot;

use super::{Candidate, GenerationRequest, ModelError, Task};

/// What a worker does with a request.
pub(crate) trait Inference: Send + Sync + 'static {
    /// `abandoned` is asked at each step and turns true when nobody waits for the result any more; then any result will do.
    fn infer(&self, request: &GenerationRequest, abandoned: &(dyn Fn() -> bool + Sync)) -> Result<Vec<Candidate>, ModelError>;
}

struct Job {
    request: GenerationRequest,
    reply: oneshot::Sender<Result<Vec<Candidate>, ModelError>>,
}

/// A queue and the threads that serve it. The threads end once this is dropped and the queue is empty.
pub(crate) struct WorkerPool {
    queue: Arc<Queue>,
}

/// What waits for a thread.
struct Queue {
    waiting: Mutex<Waiting>,
    changed: Condvar,
    /// Of the answers, and of the texts.
    length: usize,
}

#[derive(Default)]
struct Waiting {
    answers: VecDeque<Job>,
    texts: VecDeque<Job>,
    closed: bool,
}

impl Queue {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, job: Job) -> Result<(), ModelError> {
        let mut waiting = self.waiting();
        let jobs = if job.request.task == Task::Answer { &mut waiting.answers } else { &mut waiting.texts };
        if jobs.len() >= self.length {
            return Err(ModelError::Overloaded);
        }
        jobs.push_back(job);
        self.changed.notify_one();
        Ok(())
    }

    /// Waits for the next job; none once the pool is gone and nothing is left.
    fn next(&self) -> Option<Job> {
        let mut waiting = self.waiting();
        loop {
            let next = waiting.answers.pop_front().or_else(|| waiting.texts.pop_front());
            if next.is_some() || waiting.closed {
                return next;
            }
            waiting = self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// An answer that waits now.
    fn answer(&self) -> Option<Job> {
        self.waiting().answers.pop_front()
    }
}

impl WorkerPool {
    /// `queue_length` answers, and as many texts, may wait while all `threads` are busy.
    pub(crate) fn start(inference: Arc<dyn Inference>, threads: usize, queue_length: usize) -> std::io::Result<Self> {
        let queue = Arc::new(Queue { waiting: Mutex::default(), changed: Condvar::new(), length: queue_length.max(1) });
        // Made first, so that a thread that cannot be had ends those before it.
        let pool = Self { queue };
        for index in 0..threads.max(1) {
            let (inference, queue) = (Arc::clone(&inference), Arc::clone(&pool.queue));
            thread::Builder::new().name(format!("model-{index}")).spawn(move || serve(&*inference, &queue))?;
        }
        Ok(pool)
    }

    pub(crate) async fn run(&self, request: GenerationRequest) -> Result<Vec<Candidate>, ModelError> {
        let (reply, result) = oneshot::channel();
        self.queue.push(Job { request, reply })?;
        result.await.unwrap_or_else(|_| Err(ModelError::Failed { message: "its thread has ended".to_owned() }))
    }
}

impl Drop for WorkerPool {
    fn drop(&mut self) {
        self.queue.waiting().closed = true;
        self.queue.changed.notify_all();
    }
}

fn serve(inference: &dyn Inference, queue: &Queue) {
    while let Some(job) = queue.next() {
        if job.request.task == Task::Answer {
            run(inference, job, &|| {});
        } else {
            let step_aside = || {
                while let Some(answer) = queue.answer() {
                    run(inference, answer, &|| {});
                }
            };
            run(inference, job, &step_aside);
        }
    }
}

/// `between` is called between the steps of the job.
fn run(inference: &dyn Inference, Job { request, reply }: Job, between: &(dyn Fn() + Sync)) {
    if reply.is_closed() {
        return;
    }
    let abandoned = || {
        between();
        reply.is_closed()
    };
    let result = catch_unwind(AssertUnwindSafe(|| inference.infer(&request, &abandoned)));
    let result = result.unwrap_or_else(|panic| {
        let message = panic_message(&*panic);
        tracing::error!(%message, "inference panicked");
        Err(ModelError::Failed { message })
    });
    // The client may have gone meanwhile.
    let _ = reply.send(result);
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc::{Receiver, Sender, channel};

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
                diverted: 0.0,
                explains: None,
                tokens: vec![1],
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
        GenerationRequest { prompt: prompt.to_owned(), beams: 1, max_new_tokens: 1, refused: Vec::new(), task: Task::Answer }
    }

    fn text(prompt: &str) -> GenerationRequest {
        GenerationRequest { task: Task::Text { grammar: String::new(), about: Vec::new() }, ..request(prompt) }
    }

    fn spawn(bench: &Bench, prompt: &'static str) -> tokio::task::JoinHandle<Result<Vec<Candidate>, ModelError>> {
        spawn_request(bench, request(prompt))
    }

    fn spawn_request(bench: &Bench, request: GenerationRequest) -> tokio::task::JoinHandle<Result<Vec<Candidate>, ModelError>> {
        let pool = Arc::clone(&bench.pool);
        tokio::spawn(async move { pool.run(request).await })
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

    #[tokio::test]
    async fn answers_go_before_texts() {
        let bench = bench(4);
        let busy = spawn(&bench, "wait");
        tokio::task::yield_now().await;
        assert_eq!(bench.started.recv().unwrap(), "wait");
        let waiting = [spawn_request(&bench, text("text")), spawn(&bench, "answer")];
        tokio::task::yield_now().await;
        bench.release.send(()).unwrap();
        busy.await.unwrap().unwrap();
        for job in waiting {
            job.await.unwrap().unwrap();
        }
        assert_eq!(bench.started.iter().take(2).collect::<Vec<_>>(), ["answer", "text"]);
    }

    #[tokio::test]
    async fn a_text_steps_aside_for_answers() {
        let bench = bench(1);
        let watching = spawn_request(&bench, text("watch"));
        tokio::task::yield_now().await;
        assert_eq!(bench.started.recv().unwrap(), "watch");
        // It never ends by itself; answers are computed all the same.
        for _ in 0..3 {
            assert_eq!(bench.pool.run(request("answer")).await.unwrap()[0].text, "answer");
        }
        // Texts that wait take no place of answers.
        let waiting = spawn_request(&bench, text("late"));
        tokio::task::yield_now().await;
        assert!(matches!(bench.pool.run(text("later")).await, Err(ModelError::Overloaded)));
        assert_eq!(bench.pool.run(request("answer")).await.unwrap()[0].text, "answer");
        watching.abort();
        waiting.await.unwrap().unwrap();
    }
}
