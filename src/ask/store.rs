//! The last answers, by id, in memory: what `GET /v1/answers/{id}` reads.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use super::Answer;

/// Keeps a bounded number of answers; the one that was asked for longest ago leaves first. Clones share the answers.
#[derive(Debug, Clone)]
pub struct AnswerStore {
    capacity: usize,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    answers: HashMap<String, Arc<Answer>>,
    /// Least recently used first.
    order: VecDeque<String>,
}

impl AnswerStore {
    /// A store of at most `capacity` answers.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { capacity: capacity.max(1), kept: Arc::default() }
    }

    /// Keeps an answer and hands it back shared.
    pub fn put(&self, answer: Answer) -> Arc<Answer> {
        let answer = Arc::new(answer);
        let mut kept = self.lock();
        kept.touch(&answer.id);
        kept.answers.insert(answer.id.clone(), Arc::clone(&answer));
        while kept.answers.len() > self.capacity {
            let Some(oldest) = kept.order.pop_front() else { break };
            kept.answers.remove(&oldest);
        }
        answer
    }

    /// The answer of this id, if it is still kept.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<Arc<Answer>> {
        let mut kept = self.lock();
        let answer = kept.answers.get(id).cloned()?;
        kept.touch(id);
        Some(answer)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        // Nothing under the lock can leave it half done in a way that matters: at worst an id without an answer.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn touch(&mut self, id: &str) {
        self.order.retain(|other| other != id);
        self.order.push_back(id.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::super::fakes::answer_with;
    use super::*;

    #[test]
    fn the_least_recently_used_answer_leaves() {
        let store = AnswerStore::new(2);
        store.put(answer_with("a"));
        store.put(answer_with("b"));
        assert!(store.get("a").is_some());
        store.put(answer_with("c"));
        assert!(store.get("b").is_none());
        assert_eq!(store.get("a").map(|answer| answer.id.clone()).as_deref(), Some("a"));
        assert!(store.clone().get("c").is_some());
    }
}
