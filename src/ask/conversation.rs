//! What was asked before in a conversation, so that "and in France?" has something to follow.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use super::link::{CandidateValue, Linked, Mention};
use crate::model::{About, Candidate};

/// The model reads at most so many questions before the one that it answers.
const MOST_EARLIER: usize = 3;
/// Conversations that are remembered; the one that was quiet for longest is forgotten first.
const MOST_CONVERSATIONS: usize = 10_000;

/// A question of a conversation.
#[derive(Debug, Clone)]
pub(super) struct Turn {
    pub(super) question: String,
    /// None where it was turned away.
    query: Option<Query>,
}

/// A query as the model wrote it.
#[derive(Debug, Clone)]
struct Query {
    tokens: Vec<u32>,
    /// Its values: how each was called, and what it may stand for.
    values: Vec<(String, Vec<CandidateValue>)>,
}

impl Turn {
    /// A question that was answered by a candidate.
    pub(super) fn answered(question: &str, candidate: &Candidate, linked: &Linked) -> Self {
        let used = |mention: &&Mention| candidate.text.contains(&format!("@{}", mention.name));
        let values = linked.mentions.iter().filter(used).map(|mention| (mention.name.clone(), mention.candidates.clone())).collect();
        Self { question: question.to_owned(), query: Some(Query { tokens: candidate.tokens.clone(), values }) }
    }

    /// A question that had no answer.
    pub(super) fn turned_away(question: &str) -> Self {
        Self { question: question.to_owned(), query: None }
    }

    /// Its query for a prompt that begins with its question: with the values as they are called there. Nothing where a value is of a question that
    /// the prompt no longer has.
    pub(super) fn about(&self, linked: &Linked) -> About {
        let Some(query) = &self.query else { return About::default() };
        let now = |value: &Vec<CandidateValue>| linked.mentions.iter().find(|mention| mention.candidates == *value);
        let renamed = |(name, value): &(String, Vec<CandidateValue>)| Some((format!("@{name}"), format!("@{}", now(value)?.name)));
        let renamed: Option<BTreeMap<String, String>> = query.values.iter().map(renamed).collect();
        renamed.map_or_else(About::default, |renamed| About { tokens: query.tokens.clone(), renamed })
    }
}

/// The last questions of each conversation, in memory.
#[derive(Debug, Default)]
pub(super) struct Conversations(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    turns: HashMap<String, VecDeque<Turn>>,
    /// Each turn in the order of asking; a conversation stands once a turn that it keeps.
    order: VecDeque<String>,
}

impl Conversations {
    /// What was asked before, the oldest first.
    pub(super) fn earlier(&self, id: &str) -> Vec<Turn> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.turns.get(id).map(|turns| turns.iter().cloned().collect()).unwrap_or_default()
    }

    /// Remembers a question.
    pub(super) fn add(&self, id: &str, turn: Turn) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let turns = kept.turns.entry(id.to_owned()).or_default();
        turns.push_back(turn);
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
    use super::super::fakes;
    use super::*;

    fn questions(turns: &[Turn]) -> Vec<&str> {
        turns.iter().map(|turn| turn.question.as_str()).collect()
    }

    #[test]
    fn the_last_questions_of_a_conversation_are_remembered() {
        let conversations = Conversations::default();
        for question in ["first", "second", "third", "fourth"] {
            conversations.add("a", Turn::turned_away(question));
        }
        conversations.add("b", Turn::turned_away("other"));
        assert_eq!(questions(&conversations.earlier("a")), ["second", "third", "fourth"]);
        assert_eq!(questions(&conversations.earlier("b")), ["other"]);
        assert!(conversations.earlier("c").is_empty());
    }

    #[test]
    fn quiet_conversations_are_forgotten() {
        let conversations = Conversations::default();
        conversations.add("quiet", Turn::turned_away("question"));
        for number in 0..MOST_CONVERSATIONS {
            conversations.add(&number.to_string(), Turn::turned_away("question"));
        }
        assert!(conversations.earlier("quiet").is_empty());
        assert_eq!(questions(&conversations.earlier("0")), ["question"]);
    }

    #[test]
    fn a_query_goes_by_the_names_that_its_values_have_now() {
        let linker = fakes::linker();
        let before = linker.link_after(&["top 3 artists".to_owned()], "songs by Daft Punk, 5 of them");
        let candidate =
            Candidate { tokens: vec![7, 8], ..fakes::candidate("SELECT title FROM music.tracks WHERE artist_id = @v2 LIMIT @v3", -0.1) };
        let turn = Turn::answered("songs by Daft Punk, 5 of them", &candidate, &before);
        let about = |earlier: &str| turn.about(&linker.link_after(&[earlier.to_owned()], "and the albums?"));
        let names = [("@v2", "@v1"), ("@v3", "@v2")].map(|(was, is)| (was.to_owned(), is.to_owned()));
        assert_eq!(about("songs by Daft Punk, 5 of them"), About { tokens: vec![7, 8], renamed: names.into() });
        assert_eq!(about("songs by Daft Punk"), About::default());
        assert_eq!(Turn::turned_away("songs by Daft Punk").about(&before), About::default());
    }
}
