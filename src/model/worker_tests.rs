use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use super::*;

/// Does what the prompt says; `wait` blocks until the test sends something, `watch` goes on until it is abandoned, `steps N`
/// for so many steps.
struct Scripted {
    started: Mutex<Sender<String>>,
    released: Mutex<Receiver<()>>,
    ran: AtomicUsize,
    most_together: AtomicUsize,
}

impl Inference for Scripted {
    type Run = String;

    fn begin(&self, request: &GenerationRequest) -> Result<String, ModelError> {
        self.ran.fetch_add(1, Ordering::SeqCst);
        let _ = self.started.lock().unwrap().send(request.prompt.clone());
        match request.prompt.as_str() {
            "wait" => self.released.lock().unwrap().recv().unwrap(),
            "panic" => panic!("the weights are on fire"),
            _ => {}
        }
        Ok(request.prompt.clone())
    }

    fn step(&self, runs: &mut [&mut String]) -> Result<(), ModelError> {
        let together: Vec<&str> = runs.iter().map(|run| run.as_str()).collect();
        self.most_together.fetch_max(together.len(), Ordering::SeqCst);
        if together.contains(&"panic in a step") { panic!("the cache is on fire") } else { Ok(()) }
    }

    fn advance(&self, run: &mut String) -> Result<Option<Vec<Candidate>>, ModelError> {
        let left = run.strip_prefix("steps ").and_then(|steps| steps.parse::<usize>().ok()).unwrap_or(0);
        if run == "watch" || left > 0 {
            thread::yield_now();
            if left > 0 {
                *run = format!("steps {}", left - 1);
            }
            return Ok(None);
        }
        Ok(Some(vec![Candidate {
            text: run.clone(),
            log_probability: 0.0,
            least_log_probability: 0.0,
            diverted: 0.0,
            explains: None,
            tokens: vec![1],
            finished: true,
        }]))
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
    let inference = Arc::new(Scripted {
        started: Mutex::new(started_tx),
        released: Mutex::new(released),
        ran: AtomicUsize::new(0),
        most_together: AtomicUsize::new(0),
    });
    let pool = WorkerPool::start(&inference, 1, queue_length).unwrap();
    Bench { pool: Arc::new(pool), inference, started, release }
}

fn request(prompt: &str) -> GenerationRequest {
    GenerationRequest::answer(prompt, 1, 1)
}

fn text(prompt: &str) -> GenerationRequest {
    GenerationRequest { task: Task::Text { grammar: String::new() }, ..request(prompt) }
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
async fn a_panic_in_a_step_costs_those_that_shared_it() {
    let bench = bench(4);
    assert!(matches!(bench.pool.run(request("panic in a step")).await, Err(ModelError::Failed { .. })));
    assert_eq!(bench.pool.run(request("fine")).await.unwrap()[0].text, "fine");
}

#[tokio::test]
async fn requests_are_taken_forward_together() {
    let bench = bench(20);
    let busy = spawn(&bench, "wait");
    tokio::task::yield_now().await;
    assert_eq!(bench.started.recv().unwrap(), "wait");
    let many: Vec<_> = (0..20).map(|_| spawn(&bench, "steps 100")).collect();
    tokio::task::yield_now().await;
    bench.release.send(()).unwrap();
    busy.await.unwrap().unwrap();
    for one in many {
        assert_eq!(one.await.unwrap().unwrap()[0].text, "steps 0");
    }
    assert_eq!(bench.inference.most_together.load(Ordering::SeqCst), MOST_TOGETHER);
}

#[tokio::test]
async fn a_long_request_keeps_no_other_waiting() {
    let bench = bench(4);
    let endless = spawn(&bench, "watch");
    tokio::task::yield_now().await;
    assert_eq!(bench.started.recv().unwrap(), "watch");
    for _ in 0..20 {
        assert_eq!(bench.pool.run(request("steps 5")).await.unwrap()[0].text, "steps 0");
    }
    endless.abort();
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
