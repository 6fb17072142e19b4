//! Which of the model's candidates is run.

use std::collections::{BTreeMap, BTreeSet};

use super::super::binding::{BindError, Bound, bind};
use super::super::confidence::Signals;
use super::super::link::{Kind, Linked, Mention, MentionValue};
use super::super::literals::{in_dataset, parameterise};
use super::super::understood::Spoken;
use super::super::{Language, PromptStyle, UnanswerableReason};
use crate::catalog::Catalog;
use crate::model::{Calibration, Candidate};
use crate::sql::grammar::NO_ANSWER;
use crate::sql::{self, Policy, ReadOnlyQuery, SqlError};

/// A candidate that may run.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    pub(super) query: ReadOnlyQuery,
    pub(super) confidence: f64,
    pub(super) signals: Signals,
    pub(super) warnings: Vec<String>,
    /// What people call its values.
    pub(super) spoken: Spoken,
    /// Its parameters with the mention and the kind that each was read as.
    pub(super) readings: BTreeMap<String, (String, Kind)>,
    /// Those that stand for the numbers of users.
    pub(super) ids: BTreeSet<String>,
    /// Which candidate it is.
    pub(super) candidate: usize,
    /// Whether it uses every artist, title and country that the question plainly names.
    pub(super) complete: bool,
}

/// What candidates are judged by.
#[derive(Clone, Copy)]
pub(super) struct Judge<'a> {
    pub(super) linked: &'a Linked,
    pub(super) catalog: &'a Catalog,
    pub(super) policy: &'a Policy,
    pub(super) prompt: &'a PromptStyle,
    pub(super) language: Language,
    pub(super) min_confidence: f64,
    pub(super) question_weight: f64,
    pub(super) calibration: Option<&'a Calibration>,
    /// The candidate whose query failed when it ran.
    pub(super) failed: Option<usize>,
}

#[derive(Debug, thiserror::Error)]
enum Dropped {
    #[error("its end was not reached")]
    Cut,
    #[error(transparent)]
    Sql(#[from] SqlError),
    #[error(transparent)]
    Bind(#[from] BindError),
}

impl Judge<'_> {
    /// The candidates that may run, the one to run first; at least one.
    ///
    /// The model's order holds, or where it tells which question a candidate answers, that of both likelihoods; but for a candidate that ignores an artist, a title or a country which the question names: one that
    /// uses them all comes before it when it is then more likely.
    pub(super) fn choose(&self, candidates: &[Candidate]) -> Result<Vec<Choice>, UnanswerableReason> {
        let mut choices: Vec<Choice> = Vec::new();
        let mut reason = UnanswerableReason::NoValidQuery;
        for (at, candidate) in candidates.iter().enumerate() {
            if candidate.text.trim() == NO_ANSWER {
                // What stands after it is less likely than that there is no answer.
                reason = UnanswerableReason::NotInTheData;
                break;
            }
            match self.prove(candidate) {
                Ok(_) if self.failed == Some(at) => {}
                Ok((query, bound)) => choices.push(self.rate(query, &bound, candidates, at)),
                Err(dropped) => tracing::debug!(%dropped, sql = %candidate.text, "dropped a candidate"),
            }
        }
        for choice in &choices {
            let log_probability = choice.signals.log_probability;
            tracing::debug!(sql = choice.query.sql(), log_probability, confidence = choice.confidence, readings = ?choice.readings, "a candidate holds");
        }
        if self.question_weight > 0.0 {
            let score = |choice: &Choice| self.score(&candidates[choice.candidate]);
            choices.sort_by(|a, b| score(b).total_cmp(&score(a)));
        }
        let Some(first) = choices.first() else { return Err(reason) };
        if !first.complete
            && let Some(better) = choices.iter().position(|choice| choice.complete && choice.confidence > first.confidence)
        {
            choices[..=better].rotate_right(1);
        }
        choices.retain(|choice| choice.confidence >= self.min_confidence);
        if choices.is_empty() { Err(UnanswerableReason::NotUnderstood) } else { Ok(choices) }
    }

    /// The same candidate, judged by other links.
    pub(super) fn again(&self, candidate: &Candidate, candidates: &[Candidate], at: usize) -> Option<Choice> {
        let (query, bound) = self.prove(candidate).ok()?;
        Some(self.rate(query, &bound, candidates, at))
    }

    /// What a candidate is chosen by: how likely it is and, where the model tells, how well it explains the question.
    pub(super) fn score(&self, candidate: &Candidate) -> f64 {
        candidate.log_probability + self.question_weight * candidate.explains.map_or(0.0, |explains| explains.log_probability)
    }

    fn prove(&self, candidate: &Candidate) -> Result<(ReadOnlyQuery, Bound), Dropped> {
        if !candidate.finished {
            return Err(Dropped::Cut);
        }
        let adapted = match self.prompt {
            PromptStyle::Masked => in_dataset(&candidate.text, self.catalog),
            PromptStyle::Schema(_) => parameterise(&candidate.text, self.linked, self.catalog),
        };
        let inspection = sql::inspect(&adapted, self.catalog, self.policy)?;
        let bound = bind(&inspection, self.linked)?;
        let query = sql::validate(&bound.sql, self.catalog, &bound.parameters, self.policy)?;
        Ok((query, bound))
    }

    fn rate(&self, query: ReadOnlyQuery, bound: &Bound, candidates: &[Candidate], at: usize) -> Choice {
        let (mut warnings, mut complete) = (Vec::new(), true);
        for mention in &self.linked.mentions {
            if bound.used.contains(&mention.name) {
                warnings.extend(self.reading(mention));
            } else if !mention.earlier && is_clear_name(mention) {
                complete = false;
                warnings.push(self.language.pick(
                    format!("“{}” was not used in the query.", mention.text),
                    format!("« {} » n'a pas été pris en compte dans la requête.", mention.text),
                ));
            }
        }
        let signals = Signals::of(candidates, at, self.question_weight, !complete);
        Choice {
            query,
            confidence: signals.confidence(self.calibration),
            signals,
            warnings,
            spoken: bound.spoken.clone(),
            readings: bound.readings.clone(),
            ids: bound.ids.clone(),
            candidate: at,
            complete,
        }
    }

    /// A note where a name was not written as the warehouse writes it.
    fn reading(&self, mention: &Mention) -> Option<String> {
        let read = match &mention.candidates.first()?.value {
            MentionValue::Entity { text, .. } if !mention.exact => text,
            _ => return None,
        };
        Some(
            self.language
                .pick(format!("“{}” was read as “{read}”.", mention.text), format!("« {} » a été compris comme « {read} ».", mention.text)),
        )
    }
}

/// Whether the user plainly named a thing that an answer must be about.
fn is_clear_name(mention: &Mention) -> bool {
    let named = [Kind::Artist, Kind::Title, Kind::Country];
    let is = |kind: Kind| mention.candidates.iter().any(|candidate| candidate.kind == kind);
    // "rock" is a song too; one that is a genre is seldom meant as a name.
    mention.exact && mention.candidates.first().is_some_and(|candidate| named.contains(&candidate.kind)) && !is(Kind::Genre)
}
