//! What may be built at the same time: a step waits for those whose tables it reads, and for nothing else.
//!
//! Of those that may begin, the one comes first on whose result the longest chain of others waits: the end of a run is the end of its
//! longest chain, whatever else goes on beside it.

use std::collections::HashMap;

use super::super::{segments, tables};
use super::steps::{Place, STEPS, Step};

/// A piece of work.
#[derive(Debug, Clone, Copy)]
pub(super) enum Task {
    Build(Step),
    /// Finding the centres of the segments of users, the one table that no SQL builds.
    Segments,
}

impl Task {
    fn target(self) -> String {
        match self {
            Self::Build(step) => step.target().path(),
            Self::Segments => centres(),
        }
    }

    fn inputs(self, simulated: bool) -> Vec<String> {
        match self {
            Self::Build(step) => step.inputs(simulated).into_iter().map(Place::path).collect(),
            Self::Segments => vec![features()],
        }
    }
}

/// The table of what the segments are found from.
pub(super) fn features() -> String {
    format!("{}.{}", tables::RAW, segments::FEATURES)
}

/// The table of the centres.
pub(super) fn centres() -> String {
    format!("{}.{}", tables::RAW, segments::CENTRES)
}

/// All tasks of a run, and how far it has come.
#[derive(Debug)]
pub(super) struct Order {
    waiting: Vec<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    task: Task,
    /// Its place among all.
    index: usize,
    /// The tasks, by their places, that must be done before.
    needs: Vec<usize>,
    /// How many others follow on each other after it.
    followed_by: usize,
}

impl Order {
    pub(super) fn of(simulated: bool) -> Self {
        // A task stands behind those that it needs: only what the centres are found from is known to come before the step that reads them.
        let mut tasks = Vec::with_capacity(STEPS.len() + 1);
        for step in STEPS {
            if Task::Build(*step).inputs(simulated).contains(&centres()) {
                tasks.push(Task::Segments);
            }
            tasks.push(Task::Build(*step));
        }
        let built: HashMap<String, usize> = tasks.iter().enumerate().map(|(index, task)| (task.target(), index)).collect();
        let needs = |task: &Task| task.inputs(simulated).iter().filter_map(|input| built.get(input).copied()).collect();
        let waiting = tasks.iter().enumerate().map(|(index, task)| Waiting { task: *task, index, needs: needs(task), followed_by: 0 });
        let mut waiting: Vec<Waiting> = waiting.collect();
        for index in (0..waiting.len()).rev() {
            let chain = waiting[index].followed_by + 1;
            for need in waiting[index].needs.clone() {
                waiting[need].followed_by = waiting[need].followed_by.max(chain);
            }
        }
        Self { waiting }
    }

    /// How many tasks have not begun.
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// One that may begin, and its place among all.
    pub(super) fn begin(&mut self) -> Option<(usize, Task)> {
        let ready = self.waiting.iter().enumerate().filter(|(_, task)| task.needs.is_empty());
        let (at, _) = ready.max_by_key(|(_, task)| (task.followed_by, std::cmp::Reverse(task.index)))?;
        let begun = self.waiting.remove(at);
        Some((begun.index, begun.task))
    }

    /// Notes that the task at a place is done.
    pub(super) fn done(&mut self, index: usize) {
        for task in &mut self.waiting {
            task.needs.retain(|need| *need != index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_is_begun_once_and_after_all_that_it_reads() {
        for simulated in [false, true] {
            // The worst order of ending: what began first is done last.
            let mut order = Order::of(simulated);
            let (mut running, mut ended) = (Vec::new(), Vec::new());
            loop {
                while let Some((index, task)) = order.begin() {
                    for input in task.inputs(simulated) {
                        let own = STEPS.iter().any(|step| step.target().path() == input) || input == centres();
                        assert!(!own || ended.contains(&input), "{} before {input}", task.target());
                    }
                    running.push((index, task));
                }
                let Some((index, task)) = running.pop() else { break };
                order.done(index);
                ended.push(task.target());
            }
            ended.sort_unstable();
            ended.dedup();
            assert_eq!(ended.len(), STEPS.len() + 1);
        }
    }

    #[test]
    fn what_most_others_wait_for_comes_first() {
        let mut order = Order::of(false);
        let (_, first) = order.begin().unwrap();
        assert_eq!(first.target(), "music_raw.artist_spellings");
    }
}
