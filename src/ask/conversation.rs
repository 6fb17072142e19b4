//! What was asked before in a conversation, so that "and in France?" has something to follow.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// The model reads at most so many questions before the one that it answers.
const MOST_EARLIER: usize = 2;
/// Conversations that are remembered; the one that was quiet for longest is forgotten first.
const MOST_CONVERSATIONS: usize = 10_000;

/// The last answered questions of each conversation, in memory.
#[derive(Debug, Default)]
pub(super) struct Conversations(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    turns: HashMap<String, VecDeque<String>>,
    /// Each turn in the order of asking; a conversation stands once a turn that it keeps.
    order: VecDeque<String>,
}

impl Conversations {
    /// What was asked before, the oldest first.
    pub(super) fn earlier(&self, id: &str) -> Vec<String> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.turns.get(id).map(|turns| turns.iter().cloned().collect()).unwrap_or_default()
    }

    /// Remembers a question that was answered.
    pub(super) fn answered(&self, id: &str, question: &str) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let turns = kept.turns.entry(id.to_owned()).or_default();
        turns.push_back(question.to_owned());
        if turns.len() > MOST_EARLIER {
            turns.pop_front();
        }
        kept.order.push_back(id.to_owned());
        while kept.turns.len() > MOST_CONVERSATIONS || kept.order.len() > 4 * MOST_CONVERSATIONS {
            let Some(oldest) = kept.order.pop_front() else { break };
            // It stands again further back when it was active since.
            if !kept.order.contains(&oldest) {
                kept.turns.remove(&oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_questions_of_a_conversation_are_remembered() {
        let conversations = Conversations::default();
        for question in ["first", "second", "third"] {
            conversations.answered("a", question);
        }
        conversations.answered("b", "other");
        assert_eq!(conversations.earlier("a"), ["second", "third"]);
        assert_eq!(conversations.earlier("b"), ["other"]);
        assert!(conversations.earlier("c").is_empty());
    }

    #[test]
    fn quiet_conversations_are_forgotten() {
        let conversations = Conversations::default();
        conversations.answered("quiet", "question");
        for number in 0..MOST_CONVERSATIONS {
            conversations.answered(&number.to_string(), "question");
        }
        assert!(conversations.earlier("quiet").is_empty());
        assert_eq!(conversations.earlier("0"), ["question"]);
    }
}
