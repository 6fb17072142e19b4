//! An answer as server-sent events: one event a stage, named after it, then `answer` or `error`.
//!
//! The pipeline's future lives inside the response body: when the client goes, the body is dropped, and the query with it.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures::{FutureExt, Stream, stream};
use serde::Serialize;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::layers::stopping;
use super::problem::{Code, Problem};
use super::state::ApiState;
use crate::ask::{Answer, AskRequest, Stage};

type Outcome = Result<Arc<Answer>, Problem>;

struct Running {
    answer: Option<Pin<Box<dyn Future<Output = Outcome> + Send>>>,
    stages: UnboundedReceiver<Stage>,
    outcome: Option<Outcome>,
}

pub(super) fn answer_events(state: ApiState, request: AskRequest) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let (sender, stages) = unbounded_channel();
    let answer = async move {
        let settings = state.settings.clone();
        tokio::select! {
            outcome = state.ask(request, Some(sender)) => outcome,
            () = tokio::time::sleep(settings.request_timeout) => Err(Problem::new(Code::Timeout, "the question took too long")),
            () = settings.stop.cancelled() => Err(stopping()),
        }
    };
    let running = Running { answer: Some(answer.boxed()), stages, outcome: None };
    let events = stream::unfold(running, |mut running| async move {
        let event = running.next().await?;
        Some((Ok(event), running))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(10)))
}

impl Running {
    async fn next(&mut self) -> Option<Event> {
        if let Some(answer) = &mut self.answer {
            tokio::select! {
                biased;
                Some(stage) = self.stages.recv() => return Some(stage_event(&stage)),
                outcome = answer => {
                    self.outcome = Some(outcome);
                    // Drops the sender: what is left in the channel is all there will be.
                    self.answer = None;
                }
            }
        }
        if let Some(stage) = self.stages.recv().await {
            return Some(stage_event(&stage));
        }
        Some(match self.outcome.take()? {
            Ok(answer) => event("answer", &*answer),
            Err(problem) => event("error", &problem),
        })
    }
}

fn stage_event(stage: &Stage) -> Event {
    event(stage.name(), stage)
}

fn event(name: &str, data: &impl Serialize) -> Event {
    let text = serde_json::to_string(data).expect("answers, stages and problems have nothing that JSON lacks");
    Event::default().event(name).data(text)
}
