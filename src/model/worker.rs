//! The threads on which a model runs, behind a queue of fixed length.
//!
//! Inference takes milliseconds of pure computation, so it never runs on the async runtime. A full queue is an answer
//! ([`ModelError::Overloaded`]), not a wait; a request whose client has gone is not started, or stops at its next step; a panic
//! costs the requests that it met, not the worker.
//!
//! A thread takes all requests that it has begun forward together, one step at a time: a step of several reads the weights once, and
//! nobody waits for a long one to end. Between two steps at most one joins them, so that none waits for a crowd, and what waits is
//! left to a thread that is idle. Answers go before texts: a text is begun when no answer waits, and waits while the thread has any.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use tokio::sync::oneshot;

use super::{Candidate, GenerationRequest, ModelError, Task};

/// Requests that one thread takes forward together.
const MOST_TOGETHER: usize = 8;

/// What a worker does with requests.
pub(crate) trait Inference: Send + Sync + 'static {
    /// A request on its way.
    type Run;

    fn begin(&self, request: &GenerationRequest) -> Result<Self::Run, ModelError>;

    /// Computes the next step of each.
    fn step(&self, runs: &mut [&mut Self::Run]) -> Result<(), ModelError>;

    /// Takes in what [`Inference::step`] has computed; gives the candidates after the last step.
    fn advance(&self, run: &mut Self::Run) -> Result<Option<Vec<Candidate>>, ModelError>;
}

type Reply = oneshot::Sender<Result<Vec<Candidate>, ModelError>>;

struct Job {
    request: GenerationRequest,
    reply: Reply,
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
    /// Threads that have nothing to do.
    idle: usize,
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
            waiting.idle += 1;
            waiting = self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
            waiting.idle -= 1;
        }
    }

    /// A job for a thread that has some already: of those that no idle thread is about to take.
    fn more(&self, answers: usize, texts: usize) -> Option<Job> {
        let mut waiting = self.waiting();
        if waiting.answers.len() + waiting.texts.len() <= waiting.idle {
            return None;
        }
        if answers < MOST_TOGETHER && !waiting.answers.is_empty() {
            return waiting.answers.pop_front();
        }
        if answers == 0 && texts < MOST_TOGETHER { waiting.texts.pop_front() } else { None }
    }
}

impl WorkerPool {
    /// `queue_length` answers, and as many texts, may wait while all `threads` are busy.
    pub(crate) fn start<I: Inference>(inference: &Arc<I>, threads: usize, queue_length: usize) -> std::io::Result<Self> {
        let queue = Arc::new(Queue { waiting: Mutex::default(), changed: Condvar::new(), length: queue_length.max(1) });
        // Made first, so that a thread that cannot be had ends those before it.
        let pool = Self { queue };
        for index in 0..threads.max(1) {
            let (inference, queue) = (Arc::clone(inference), Arc::clone(&pool.queue));
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

/// A request that a thread has begun.
struct Begun<R> {
    run: R,
    reply: Reply,
    is_answer: bool,
}

fn serve<I: Inference>(inference: &I, queue: &Queue) {
    let mut begun: Vec<Begun<I::Run>> = Vec::with_capacity(2 * MOST_TOGETHER);
    loop {
        begun.retain(|one| !one.reply.is_closed());
        let answers = begun.iter().filter(|one| one.is_answer).count();
        let job = if begun.is_empty() {
            let Some(job) = queue.next() else { return };
            Some(job)
        } else {
            queue.more(answers, begun.len() - answers)
        };
        begun.extend(job.and_then(|job| begin(inference, job)));
        step(inference, &mut begun);
    }
}

fn begin<I: Inference>(inference: &I, Job { request, reply }: Job) -> Option<Begun<I::Run>> {
    if reply.is_closed() {
        return None;
    }
    match unharmed(|| inference.begin(&request)) {
        Ok(run) => Some(Begun { run, reply, is_answer: request.task == Task::Answer }),
        Err(error) => {
            // The client may have gone meanwhile.
            let _ = reply.send(Err(error));
            None
        }
    }
}

/// One step of the answers, or of the texts where there are no answers. Those that have ended leave.
fn step<I: Inference>(inference: &I, begun: &mut Vec<Begun<I::Run>>) {
    let answers = begun.iter().any(|one| one.is_answer);
    let mut runs: Vec<&mut I::Run> = begun.iter_mut().filter(|one| one.is_answer == answers).map(|one| &mut one.run).collect();
    if runs.is_empty() {
        return;
    }
    let stepped = unharmed(|| inference.step(&mut runs));
    let mut index = 0;
    while index < begun.len() {
        let ended = match &stepped {
            _ if begun[index].is_answer != answers => None,
            Ok(()) => unharmed(|| inference.advance(&mut begun[index].run)).transpose(),
            Err(error) => Some(Err(ModelError::Failed { message: error.to_string() })),
        };
        match ended {
            Some(result) => {
                let _ = begun.remove(index).reply.send(result);
            }
            None => index += 1,
        }
    }
}

/// What a computation gives; a panic is a failure of the model.
fn unharmed<T>(computation: impl FnOnce() -> Result<T, ModelError>) -> Result<T, ModelError> {
    catch_unwind(AssertUnwindSafe(computation)).unwrap_or_else(|panic| {
        let message = panic_message(&*panic);
        tracing::error!(%message, "inference panicked");
        Err(ModelError::Failed { message })
    })
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}

#[cfg(test)]
#[path = "worker_tests.rs"]
mod tests;
