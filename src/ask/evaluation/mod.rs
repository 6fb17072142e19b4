//! How often Quaver is right: a question set with gold SQL, run through the pipeline and compared by results.
//!
//! SQL that reads differently may answer the same, so results are compared, never text (execution accuracy). See `compare` for what
//! counts as the same, and [`EvalReport`] for what is counted.

mod compare;
mod confusion;
mod gold;
mod report;
mod template;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use self::compare::Match;
pub use self::confusion::Confusion;
pub use self::report::{EvalReport, Latency, Tally};
pub use self::template::TrainedTemplates;

use self::compare::{Prediction, compare};
use self::gold::{GoldResult, gold_result};
use super::{Answer, AskError, AskRequest, Executor, Language, Pipeline, Signals};

/// A question with what its answer must be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct EvalCase {
    pub id: String,
    pub language: Language,
    pub kind: String,
    pub question: String,
    /// What was asked before, the oldest first, where the question follows up on it.
    #[serde(default)]
    pub earlier: Vec<String>,
    /// Any one of them is a right answer; the first is the preferred reading.
    #[serde(default)]
    pub sql: Vec<String>,
    #[serde(default)]
    pub expect: Option<Expectation>,
}

/// What must happen to a question that has no gold SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Expectation {
    /// It must be turned away as unanswerable.
    Unanswerable,
    /// It must bring no rows, however.
    Refused,
}

/// A question set that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct EvalFileError {
    pub line: usize,
    pub message: String,
}

/// Reads a question set: one JSON object a line.
///
/// # Errors
/// [`EvalFileError`] with the first line that is no case.
pub fn read_cases(text: &str) -> Result<Vec<EvalCase>, EvalFileError> {
    let case = |(at, line): (usize, &str)| {
        let error = |message: String| EvalFileError { line: at + 1, message };
        let case: EvalCase = serde_json::from_str(line).map_err(|e| error(e.to_string()))?;
        if case.sql.is_empty() == case.expect.is_none() {
            return Err(error("a case has either `sql` or `expect`".to_owned()));
        }
        Ok(case)
    };
    text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).map(case).collect()
}

/// How a case went.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// The rows are those of a gold SQL; `extra_columns` where the answer has more columns than that.
    Right {
        extra_columns: bool,
    },
    Wrong {
        reason: String,
    },
    /// Turned away although there is an answer.
    Abstained {
        reason: String,
    },
    /// No answer for another reason: the model or the warehouse failed, or took too long.
    Failed {
        reason: String,
    },
    /// Turned away, as it must be.
    TurnedAway,
    /// Answered although there is no answer.
    FalseAnswer,
    /// No gold SQL could be run: the case says nothing.
    GoldFailed {
        reason: String,
    },
}

/// A case that was run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CaseOutcome {
    pub id: String,
    pub language: Language,
    pub kind: String,
    pub question: String,
    #[serde(flatten)]
    pub verdict: Verdict,
    /// Whether every gold SQL brings no rows, so that many wrong answers look right.
    pub gold_is_empty: bool,
    /// Whether training never saw the template of any gold SQL; none where it is not known what training saw.
    pub new_template: Option<bool>,
    pub predicted_sql: Option<String>,
    pub gold_sql: Vec<String>,
    pub confidence: Option<f64>,
    /// What the confidence is made of.
    pub signals: Option<Signals>,
    #[serde(skip)]
    pub stages_ms: Vec<(&'static str, f64)>,
}

/// Runs every case. `progress` hears the number done after each.
///
/// `executor` runs the gold SQL; it is the pipeline's own warehouse in practice.
/// `trained` are the templates that the model's training had; without them none is called new.
pub async fn evaluate(
    pipeline: &Pipeline,
    executor: &dyn Executor,
    trained: Option<&TrainedTemplates>,
    cases: Vec<EvalCase>,
    progress: &(dyn Fn(usize) + Sync),
) -> EvalReport {
    let mut outcomes = Vec::with_capacity(cases.len());
    for case in cases {
        let new_template = trained.map(|trained| !case.sql.is_empty() && case.sql.iter().all(|sql| !trained.has(sql)));
        outcomes.push(CaseOutcome { new_template, ..run(pipeline, executor, case).await });
        progress(outcomes.len());
    }
    EvalReport::new(outcomes)
}

async fn run(pipeline: &Pipeline, executor: &dyn Executor, case: EvalCase) -> CaseOutcome {
    // What was asked before is asked here too, so that the question follows on what the model made of it.
    let conversation_id = (!case.earlier.is_empty()).then(|| uuid::Uuid::now_v7().to_string());
    let request = |question: &str| AskRequest {
        language: Some(case.language),
        max_rows: Some(pipeline.settings().max_rows),
        conversation_id: conversation_id.clone(),
        ..AskRequest::new(question)
    };
    for earlier in &case.earlier {
        if let Err(error) = pipeline.ask(AskRequest { execute: false, ..request(earlier) }, None).await {
            tracing::debug!(%error, earlier, "the question before has no answer");
        }
    }
    let request = request(&case.question);
    let answer = pipeline.ask(request, None).await;
    let (verdict, gold_is_empty) = match case.expect {
        Some(expectation) => (judge_unanswerable(expectation, &answer), false),
        None => judge_answerable(pipeline, executor, &case, &answer).await,
    };
    CaseOutcome {
        id: case.id,
        language: case.language,
        kind: case.kind,
        question: case.question,
        verdict,
        gold_is_empty,
        new_template: None,
        predicted_sql: answer.as_ref().ok().map(told_sql),
        gold_sql: case.sql,
        signals: answer.as_ref().ok().and_then(|answer| Some(answer.model.as_ref()?.signals)),
        confidence: answer.as_ref().ok().and_then(|answer| Some(answer.model.as_ref()?.confidence)),
        stages_ms: answer.map(|answer| answer.timings_ms.stages().collect()).unwrap_or_default(),
    }
}

/// The SQL with its values, for a person to read.
fn told_sql(answer: &Answer) -> String {
    let values: Vec<String> = answer.parameters.iter().map(|parameter| format!("@{} = {}", parameter.name, parameter.value)).collect();
    if values.is_empty() { answer.sql.clone() } else { format!("{}  -- {}", answer.sql, values.join(", ")) }
}

fn judge_unanswerable(expectation: Expectation, answer: &Result<Answer, AskError>) -> Verdict {
    match (expectation, answer) {
        (_, Err(AskError::Unanswerable { .. })) => Verdict::TurnedAway,
        (Expectation::Refused, Err(AskError::Malformed { .. } | AskError::SqlRejected { .. } | AskError::TooExpensive { .. })) => {
            Verdict::TurnedAway
        }
        (Expectation::Refused, Ok(answer)) if answer.rows.is_empty() => Verdict::TurnedAway,
        (_, Ok(_)) => Verdict::FalseAnswer,
        (_, Err(error)) => Verdict::Failed { reason: error.to_string() },
    }
}

/// The verdict, and whether the gold is empty.
async fn judge_answerable(
    pipeline: &Pipeline,
    executor: &dyn Executor,
    case: &EvalCase,
    answer: &Result<Answer, AskError>,
) -> (Verdict, bool) {
    let mut golds: Vec<GoldResult> = Vec::new();
    let mut failures = Vec::new();
    for sql in &case.sql {
        match gold_result(pipeline, executor, sql).await {
            Ok(gold) => golds.push(gold),
            Err(error) => failures.push(error.to_string()),
        }
    }
    if golds.is_empty() {
        return (Verdict::GoldFailed { reason: failures.join("; ") }, false);
    }
    let empty = golds.iter().all(|gold| gold.rows.is_empty());
    let answer = match answer {
        Ok(answer) => answer,
        Err(AskError::Unanswerable { reason, .. }) => return (Verdict::Abstained { reason: reason.to_string() }, empty),
        Err(error) => return (Verdict::Failed { reason: error.to_string() }, empty),
    };
    let prediction = Prediction::of(answer);
    let matches: Vec<Match> = golds.iter().map(|gold| compare(gold, &prediction)).collect();
    let verdict = if matches.contains(&Match::Exact) {
        Verdict::Right { extra_columns: false }
    } else if matches.contains(&Match::ExtraColumns) {
        Verdict::Right { extra_columns: true }
    } else {
        // The preferred reading says most about what went wrong.
        let reason = matches.into_iter().next().map(|first| first.to_string()).unwrap_or_default();
        Verdict::Wrong { reason }
    };
    (verdict, empty)
}
