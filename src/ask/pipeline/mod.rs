//! The stages of an answer, in order, each timed.

mod ambiguous;
mod namesakes;
mod read;
mod select;
mod settings;
mod simulated;
mod spend;
mod summary;
#[cfg(test)]
mod summary_tests;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use chrono::Utc;
use tokio::sync::mpsc::UnboundedSender;

pub use settings::{AskSettings, PipelineParts, SummarySettings};
pub use spend::Rate;

use self::select::{Choice, Judge};
use self::simulated::Simulated;
use self::spend::Account;
use self::summary::Asked;
use super::answer::{Answer, AnswerModel, LinkedValue, SqlReport, Stage, Timings};
use super::conversation::{Conversations, Turn};
use super::error::is_query_fault;
use super::link::Linked;
use super::request::checked_rows;
use super::summary::{Summary, SummaryInput, SummaryWords};
use super::understood::understood;
use super::{
    AskError, AskRequest, Executor, GeneratorSlot, Language, Linker, PromptStyle, Reading, SqlRequest, UnanswerableReason, cells, chart,
    commands, suggestions,
};
use crate::model::Candidate;
use crate::sql::{self, ReadOnlyQuery};
use crate::warehouse::{DryRun, QueryOutcome, Rows, RunOptions};

/// Answers questions. Clones share everything.
#[derive(Clone)]
pub struct Pipeline {
    shared: Arc<Shared>,
}

struct Shared {
    parts: PipelineParts,
    /// Replaced when data is loaded.
    linker: RwLock<Arc<Linker>>,
    /// Come with the model.
    summary_words: RwLock<Arc<SummaryWords>>,
    sample: AtomicBool,
    simulated: Simulated,
    conversations: Conversations,
}

/// A second search, after everything of the first was refused, is so many times as wide.
const REPAIR_BEAMS: usize = 2;

/// Who listens to the stages of a question.
struct Listener(Option<UnboundedSender<Stage>>);

impl Listener {
    fn tell(&self, stage: impl FnOnce() -> Stage) {
        if let Some(sender) = &self.0 {
            // A client that has gone stops listening; the future of its question is dropped too.
            let _ = sender.send(stage());
        }
    }
}

/// What the stages before the query found.
struct Prepared {
    query: ReadOnlyQuery,
    estimate: DryRun,
    question: Option<String>,
    understood: Option<String>,
    language: Language,
    model: Option<AnswerModel>,
    /// None where rules sum up.
    asked: Option<Asked>,
    warnings: Vec<String>,
    max_rows: u32,
    account: Account,
}

impl Pipeline {
    /// A pipeline of these parts.
    #[must_use]
    pub fn new(parts: PipelineParts) -> Self {
        let linker = RwLock::new(Arc::clone(&parts.linker));
        let sample = AtomicBool::new(parts.sample);
        Self {
            shared: Arc::new(Shared {
                parts,
                linker,
                summary_words: RwLock::default(),
                sample,
                simulated: Simulated::default(),
                conversations: Conversations::default(),
            }),
        }
    }

    /// Takes the values of newly loaded data.
    pub fn set_linker(&self, linker: Arc<Linker>) {
        *self.shared.linker.write().unwrap_or_else(PoisonError::into_inner) = linker;
    }

    /// Takes the words that summaries are made of; without them rules sum up.
    pub fn set_summary_words(&self, words: SummaryWords) {
        *self.shared.summary_words.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(words);
    }

    fn summary_words(&self) -> Arc<SummaryWords> {
        Arc::clone(&self.shared.summary_words.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Says whether the warehouse holds the simulated sample.
    pub fn set_sample(&self, sample: bool) {
        self.shared.sample.store(sample, Ordering::Relaxed);
    }

    /// Says which tables have simulated plays among their rows.
    pub fn set_simulated(&self, tables: BTreeSet<String>) {
        self.shared.simulated.set(tables);
    }

    /// Where the model is.
    #[must_use]
    pub fn generator(&self) -> &GeneratorSlot {
        &self.shared.parts.generator
    }

    /// The limits that questions are held to.
    #[must_use]
    pub fn settings(&self) -> &AskSettings {
        &self.shared.parts.settings
    }

    /// Answers a question. `stages` hears how far it is. Dropping the future cancels what runs.
    ///
    /// # Errors
    /// Every [`AskError`] but [`AskError::SqlRejected`].
    pub async fn ask(&self, request: AskRequest, stages: Option<UnboundedSender<Stage>>) -> Result<Answer, AskError> {
        let (parts, started) = (&self.shared.parts, Instant::now());
        let listener = Listener(stages);
        let mut timings = Timings::default();
        let question = request.checked_question(parts.settings.max_question_chars)?;
        let max_rows = checked_rows(request.max_rows, parts.settings.default_rows, parts.settings.max_rows)?;
        let account = Account::of(request.key.clone(), request.max_bytes, &parts.settings)?;
        let language = request.language.unwrap_or_else(|| Language::detect(question));
        if commands::is_command(question, &parts.catalog) {
            return Err(Refusal::from(UnanswerableReason::Unsafe).into_error(question, language));
        }
        let model = parts.generator.generator()?.info();

        let conversation = request.checked_conversation()?;
        // A model that was not trained on it, or is shown the schema, reads one question.
        let follows = parts.settings.follow_ups && matches!(parts.prompt, PromptStyle::Masked);
        let earlier = conversation.filter(|_| follows).map(|id| self.shared.conversations.earlier(id)).unwrap_or_default();
        let (linked, about, mut candidates) = self.read(question, earlier, &mut timings, &listener).await?;

        let mut judge = Judge {
            linked: &linked,
            catalog: &parts.catalog,
            policy: &parts.settings.sql,
            prompt: &parts.prompt,
            language,
            min_confidence: parts.settings.min_confidence,
            question_weight: parts.settings.question_weight,
            calibration: parts.settings.calibration.as_ref(),
            failed: None,
        };
        let mut chosen = self.chosen(&judge, &candidates, &account, (&mut timings, &listener)).await?;
        if parts.settings.repair && matches!(&chosen, Err(refusal) if refusal.reason == UnanswerableReason::NoValidQuery) {
            // What was refused is not written again, and the search leaves no stone unturned; once.
            let refused: Vec<String> = candidates.into_iter().map(|candidate| candidate.text).collect();
            let begun = Instant::now();
            candidates = self.generate(question, &linked, &about, &refused).await??;
            *timings.model.get_or_insert_default() += ms(begun);
            chosen = self.chosen(&judge, &candidates, &account, (&mut timings, &listener)).await?;
        }
        let mut answered = None;
        let answer = loop {
            let (choice, estimate) = match chosen {
                Ok(chosen) => chosen,
                Err(refusal) => break Err(refusal.into_error(question, language)),
            };
            let at = choice.candidate;
            answered = candidates.get(at);
            // Training has no summaries in another language than the question's.
            let asked = (Language::detect(question) == language).then(|| Asked::new(&linked.prompt, &choice, &candidates, language));
            let prepared = Prepared {
                asked,
                understood: understood(&choice.query, &choice.spoken, &parts.catalog, language),
                query: choice.query,
                estimate,
                question: Some(question.to_owned()),
                language,
                model: Some(AnswerModel {
                    name: model.name.clone(),
                    revision: model.revision.clone(),
                    confidence: choice.confidence,
                    signals: choice.signals,
                }),
                warnings: choice.warnings,
                max_rows,
                account: account.clone(),
            };
            let run = if request.execute { self.run(prepared, timings, &listener).await } else { Ok(self.not_run(prepared, timings)) };
            let Err(AskError::SqlRejected { reason, sql, .. }) = run else { break run };
            tracing::warn!(reason, sql, "a validated query failed when it ran");
            // A query of a person is at fault itself when it divides by zero; for a question that is our failure.
            let failure = Err(AskError::WarehouseFailed { message: reason });
            if judge.failed.replace(at).is_some() {
                break failure;
            }
            // The next reading may run; once.
            chosen = self.chosen(&judge, &candidates, &account, (&mut timings, &listener)).await?;
            if chosen.is_err() {
                break failure;
            }
        };
        if let Some(id) = conversation {
            let turn = answered.map(|candidate| Turn::answered(question, candidate, &linked));
            self.shared.conversations.add(id, turn.unwrap_or_else(|| Turn::turned_away(question)));
        }
        let mut answer = answer?;
        answer.timings_ms.total = ms(started);
        Ok(answer)
    }

    /// Runs SQL that a person wrote, under the same checks and caps.
    ///
    /// # Errors
    /// [`AskError::Malformed`], [`AskError::SqlRejected`], [`AskError::TooExpensive`] and those of the warehouse.
    pub async fn run_sql(&self, request: SqlRequest) -> Result<Answer, AskError> {
        let (settings, started) = (self.settings(), Instant::now());
        let mut timings = Timings::default();
        let max_rows = checked_rows(request.max_rows, settings.default_rows, settings.max_rows)?;
        let account = Account::of(request.key, request.max_bytes, settings)?;
        let query = timed(&mut timings.validate, || self.checked_sql(&request.sql))?;
        let begun = Instant::now();
        let estimate = self.estimate(&query).await?;
        timings.dry_run = Some(ms(begun));
        account.affords(&estimate)?;
        let prepared = Prepared {
            query,
            estimate,
            question: None,
            understood: None,
            language: Language::En,
            model: None,
            asked: None,
            warnings: Vec::new(),
            max_rows,
            account,
        };
        let mut answer = self.run(prepared, timings, &Listener(None)).await?;
        answer.timings_ms.total = ms(started);
        Ok(answer)
    }

    /// Says what SQL would read, without running it.
    ///
    /// # Errors
    /// [`AskError::Malformed`], [`AskError::SqlRejected`] and those of the warehouse.
    pub async fn validate_sql(&self, text: &str) -> Result<SqlReport, AskError> {
        let query = self.checked_sql(text)?;
        let estimate = self.estimate(&query).await?;
        let bytes_cap = self.settings().max_bytes_billed;
        Ok(SqlReport {
            sql: query.sql().to_owned(),
            statement_type: estimate.statement_type,
            tables: query.tables().to_vec(),
            columns_read: query.columns_read().iter().map(|read| format!("{}.{}", read.table, read.column)).collect(),
            columns: cells::columns(&estimate.fields),
            bytes_processed: estimate.bytes_processed,
            estimate_accuracy: estimate.accuracy,
            bytes_cap,
            within_cap: estimate.bytes_processed <= bytes_cap,
        })
    }

    /// The rows of SQL that a person wrote, as the warehouse gives them and as many as may be asked for: what gold SQL is run by.
    pub(super) async fn rows_of(&self, executor: &dyn Executor, text: &str) -> Result<Rows, AskError> {
        let (settings, query) = (self.settings(), self.checked_sql(text)?);
        let options = self.run_options(settings.max_rows);
        let run = executor.run(&query, &options).await;
        Ok(run.map_err(|error| AskError::of_warehouse(error, query.sql(), settings.max_bytes_billed))?.rows)
    }

    fn run_options(&self, max_rows: u32) -> RunOptions {
        let settings = self.settings();
        RunOptions {
            max_rows,
            max_bytes_billed: settings.max_bytes_billed,
            timeout: settings.query_timeout,
            labels: vec![("app".to_owned(), "quaver".to_owned())],
        }
    }

    fn linker(&self) -> Arc<Linker> {
        Arc::clone(&self.shared.linker.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn checked_sql(&self, text: &str) -> Result<ReadOnlyQuery, AskError> {
        let (bytes, most) = (text.len(), self.settings().sql.max_sql_bytes);
        if bytes > most {
            return Err(AskError::Malformed { message: format!("`sql` has {bytes} bytes; at most {most} are read") });
        }
        if text.trim().is_empty() {
            return Err(AskError::Malformed { message: "`sql` is empty".to_owned() });
        }
        sql::validate(text, &self.shared.parts.catalog, &[], &self.settings().sql).map_err(|error| AskError::rejected(&error, text))
    }

    /// The candidate to run with its estimate, or why there is none.
    async fn chosen(
        &self,
        judge: &Judge<'_>,
        candidates: &[Candidate],
        account: &Account,
        (timings, listener): (&mut Timings, &Listener),
    ) -> Result<Result<(Choice, DryRun), Refusal>, AskError> {
        let choices = match timed(&mut timings.validate, || judge.choose(candidates)) {
            Ok(choices) => choices,
            Err(reason) => return Ok(Err(reason.into())),
        };
        let readings = ambiguous::readings(judge, &choices, candidates, self.settings());
        if !readings.is_empty() {
            return Ok(Err(Refusal { reason: UnanswerableReason::Ambiguous, choices: readings }));
        }
        let choices = choices.into_iter().map(|choice| judge.told_apart(choice)).collect();
        let begun = Instant::now();
        let affordable = self.affordable(choices, account, listener).await?;
        timings.dry_run = Some(ms(begun));
        Ok(affordable.ok_or(UnanswerableReason::NoValidQuery.into()))
    }

    async fn estimate(&self, query: &ReadOnlyQuery) -> Result<DryRun, AskError> {
        let cap = self.settings().max_bytes_billed;
        let dry_run = self.shared.parts.warehouse.dry_run(query).await;
        dry_run.map_err(|error| AskError::of_warehouse(error, query.sql(), cap))
    }

    /// The first choice that the warehouse accepts, with its estimate; `None` when it refuses them all as queries.
    async fn affordable(&self, choices: Vec<Choice>, account: &Account, listener: &Listener) -> Result<Option<(Choice, DryRun)>, AskError> {
        for choice in choices {
            listener.tell(|| Stage::Generated { sql: choice.query.sql().to_owned(), confidence: choice.confidence });
            listener.tell(|| Stage::Validated { tables: choice.query.tables().to_vec() });
            let estimate = match self.shared.parts.warehouse.dry_run(&choice.query).await {
                Ok(estimate) => estimate,
                Err(error) if is_query_fault(&error) => {
                    tracing::warn!(%error, sql = choice.query.sql(), "the warehouse refused a validated query");
                    continue;
                }
                Err(error) => return Err(AskError::of_warehouse(error, choice.query.sql(), account.cap)),
            };
            listener.tell(|| Stage::Estimated { bytes_processed: estimate.bytes_processed });
            account.affords(&estimate)?;
            return Ok(Some((choice, estimate)));
        }
        Ok(None)
    }

    async fn run(&self, prepared: Prepared, mut timings: Timings, listener: &Listener) -> Result<Answer, AskError> {
        let begun = Instant::now();
        let outcome = self.spend(&prepared.query, &prepared.estimate, &prepared.account, prepared.max_rows).await?;
        timings.query = Some(ms(begun));
        listener.tell(|| Stage::Rows { row_count: outcome.rows.total_rows });
        let begun = Instant::now();
        let input = SummaryInput { rows: &outcome.rows, language: prepared.language, sample: self.shared.sample.load(Ordering::Relaxed) };
        let summary = self.summary(&prepared, &input).await;
        let mut answer = self.answer(prepared, outcome, summary, timings);
        answer.timings_ms.summarise = Some(ms(begun));
        listener.tell(|| Stage::Summarised);
        Ok(answer)
    }

    fn answer(&self, prepared: Prepared, outcome: QueryOutcome, summary: Summary, timings: Timings) -> Answer {
        let sample = summary.sample;
        let columns = cells::columns(&outcome.rows.fields);
        let rows = cells::rows(&columns, &outcome.rows);
        let chart = chart::spec(&outcome.rows, &columns, prepared.question.as_deref(), prepared.language);
        let truncated = outcome.rows.total_rows > rows.len() as u64;
        let cost = self.cost(self.estimated(&prepared), &outcome);
        Answer {
            truncated,
            row_count: outcome.rows.total_rows,
            columns,
            rows,
            summary,
            chart,
            cost,
            ..self.skeleton(prepared, timings, sample)
        }
    }

    fn not_run(&self, prepared: Prepared, timings: Timings) -> Answer {
        self.skeleton(prepared, timings, self.shared.sample.load(Ordering::Relaxed))
    }

    /// An answer without rows: what is known before the query runs.
    fn skeleton(&self, prepared: Prepared, timings: Timings, sample: bool) -> Answer {
        let cost = self.estimated(&prepared);
        let simulated = self.shared.simulated.warning(prepared.query.tables(), prepared.language);
        Answer {
            id: uuid::Uuid::now_v7().to_string(),
            question: prepared.question,
            understood: prepared.understood,
            language: prepared.language,
            sql: prepared.query.sql().to_owned(),
            parameters: prepared.query.parameters().iter().map(cells::parameter).collect(),
            columns: cells::columns(&prepared.estimate.fields),
            rows: Vec::new(),
            row_count: 0,
            truncated: false,
            summary: Summary::not_run(prepared.language, sample),
            chart: None,
            cost,
            model: prepared.model,
            timings_ms: timings,
            warnings: prepared.warnings.into_iter().chain(simulated).collect(),
            created_at: Utc::now(),
            sample,
        }
    }
}

fn linked_values(linked: &Linked) -> Vec<LinkedValue> {
    let value = |mention: &super::link::Mention| {
        let mut kinds: Vec<String> = mention.candidates.iter().map(|candidate| candidate.kind.to_string()).collect();
        kinds.dedup();
        LinkedValue { text: mention.text.clone(), kinds }
    };
    linked.mentions.iter().filter(|mention| !mention.earlier).map(value).collect()
}

/// Why no query is run.
struct Refusal {
    reason: UnanswerableReason,
    choices: Vec<Reading>,
}

impl From<UnanswerableReason> for Refusal {
    fn from(reason: UnanswerableReason) -> Self {
        Self { reason, choices: Vec::new() }
    }
}

impl Refusal {
    /// With what may be asked instead: the readings of the question itself, or examples near to it.
    fn into_error(self, question: &str, language: Language) -> AskError {
        let suggestions = if self.choices.is_empty() {
            suggestions::nearest(question, suggestions::examples(language))
        } else {
            self.choices.iter().map(|choice| choice.understood.clone()).collect()
        };
        AskError::Unanswerable { reason: self.reason, suggestions, choices: self.choices }
    }
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

fn timed<T>(slot: &mut Option<f64>, work: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let value = work();
    *slot = Some(ms(begun));
    value
}
