//! Stand-ins for the model and the warehouse, and short ways to write rows, for the tests of this module.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate};

use super::link::{Kind, LinkValue, Linker};
use super::summary::{Summary, SummaryKind, SummaryWriter};
use super::{Answer, AskSettings, Cost, Executor, GeneratorSlot, Language, Ledger, Pipeline, PipelineParts, PromptStyle, Timings};
use crate::catalog::{Catalog, ColumnType, Mode};
use crate::model::{About, Candidate, Explains, GenerationRequest, ModelError, ModelInfo, SqlGenerator, Task};
use crate::sql::ReadOnlyQuery;
use crate::warehouse::{Accuracy, Cell, DryRun, Field, QueryOutcome, Rows, RunOptions, WarehouseError};

/// A text and its log-probability; every candidate has ten tokens.
pub(super) type Written = (&'static str, f64);
/// What the warehouse answers to some SQL.
type BySql<T> = Box<dyn Fn(&str) -> Result<T, WarehouseError> + Send + Sync>;

/// Writes what it was told to.
pub(super) struct FakeGenerator {
    pub(super) candidates: Result<Vec<Written>, fn() -> ModelError>,
    pub(super) prompts: Mutex<Vec<String>>,
    /// What stood behind each prompt.
    pub(super) about: Mutex<Vec<About>>,
    /// Never answers.
    pub(super) hangs: bool,
    /// Bytes of a prompt that it takes.
    pub(super) longest: usize,
    /// How far what it writes is from what it would have written.
    pub(super) diverted: f64,
    /// How well each candidate explains a question of ten tokens; no entry: it does not tell.
    pub(super) explains: Vec<f64>,
    /// What it sums up rows with; `None`: it never answers to that.
    pub(super) summary: Option<Result<Written, fn() -> ModelError>>,
}

#[async_trait]
impl SqlGenerator for FakeGenerator {
    fn info(&self) -> ModelInfo {
        ModelInfo { name: "fake".to_owned(), revision: "1".to_owned() }
    }

    async fn generate(&self, request: GenerationRequest) -> Result<Vec<Candidate>, ModelError> {
        if request.prompt.len() > self.longest {
            return Err(ModelError::PromptTooLong { tokens: request.prompt.len(), limit: self.longest });
        }
        self.prompts.lock().unwrap().push(request.prompt);
        self.about.lock().unwrap().push(request.about);
        if self.hangs {
            std::future::pending::<()>().await;
        }
        let of_summary = match (&request.task, &self.summary) {
            (Task::Answer, _) => None,
            (Task::Text { .. }, Some(Ok(written))) => Some(vec![*written]),
            (Task::Text { .. }, Some(Err(error))) => return Err(error()),
            (Task::Text { .. }, None) => std::future::pending().await,
        };
        let candidates = of_summary.as_ref().map_or_else(|| self.candidates.as_ref(), Ok);
        let candidates = candidates.map_err(|error| error())?;
        let candidate = |(at, (text, log_probability)): (usize, &(&str, f64))| Candidate {
            diverted: self.diverted,
            explains: self.explains.get(at).map(|log_probability| Explains { log_probability: *log_probability, tokens: 10 }),
            ..candidate(text, *log_probability)
        };
        let wanted = candidates.iter().enumerate().map(candidate).filter(|candidate| !request.refused.contains(&candidate.text));
        Ok(wanted.take(request.beams).collect())
    }
}

/// A text with its log-probability.
pub(super) fn candidate(text: &str, log_probability: f64) -> Candidate {
    Candidate {
        text: text.to_owned(),
        log_probability,
        least_log_probability: log_probability,
        diverted: 0.0,
        explains: None,
        tokens: vec![0; 10],
        finished: true,
    }
}

/// Answers every query with the same rows, or by a function of the SQL, and remembers what it ran.
pub(super) struct FakeWarehouse {
    pub(super) dry_run: BySql<u64>,
    pub(super) run: BySql<Rows>,
    pub(super) ran: Mutex<Vec<ReadOnlyQuery>>,
}

impl FakeWarehouse {
    pub(super) fn of(rows: Rows) -> Self {
        Self { dry_run: Box::new(|_| Ok(1000)), run: Box::new(move |_| Ok(rows.clone())), ran: Mutex::default() }
    }
}

#[async_trait]
impl Executor for FakeWarehouse {
    async fn dry_run(&self, query: &ReadOnlyQuery) -> Result<DryRun, WarehouseError> {
        let bytes_processed = (self.dry_run)(query.sql())?;
        let fields = (self.run)(query.sql()).map(|rows| rows.fields).unwrap_or_default();
        Ok(DryRun {
            statement_type: "SELECT".to_owned(),
            tables: query.tables().to_vec(),
            bytes_processed,
            accuracy: Accuracy::Precise,
            fields,
        })
    }

    async fn run(&self, query: &ReadOnlyQuery, options: &RunOptions) -> Result<QueryOutcome, WarehouseError> {
        self.ran.lock().unwrap().push(query.clone());
        let mut rows = (self.run)(query.sql())?;
        rows.rows.truncate(options.max_rows as usize);
        Ok(QueryOutcome { rows, bytes_processed: 2000, bytes_billed: Some(10 << 20), cache_hit: false, job_id: "job".to_owned() })
    }
}

pub(super) fn catalog() -> Catalog {
    Catalog::embedded()
}

pub(super) fn linker() -> Linker {
    let value = |kind, text: &str, key: Option<&str>| LinkValue { kind, text: text.to_owned(), key: key.map(str::to_owned), weight: 10 };
    let values = [
        value(Kind::Artist, "Daft Punk", Some("daft-punk")),
        value(Kind::Artist, "Radiohead", Some("radiohead")),
        value(Kind::Title, "Get Lucky", None),
        value(Kind::Tag, "rock", None),
        value(Kind::Genre, "rock", None),
        value(Kind::Country, "France", None),
    ];
    Linker::build(values, ["songs", "by", "top", "the", "artists", "in"].map(|word| (word.to_owned(), 50)).into_iter().collect())
}

/// A pipeline over fakes.
pub(super) fn pipeline(
    generator: FakeGenerator,
    warehouse: FakeWarehouse,
    settings: AskSettings,
) -> (Pipeline, Arc<FakeGenerator>, Arc<FakeWarehouse>) {
    let (generator, warehouse) = (Arc::new(generator), Arc::new(warehouse));
    let parts = PipelineParts {
        generator: GeneratorSlot::ready(Arc::clone(&generator) as Arc<dyn SqlGenerator>),
        warehouse: Arc::clone(&warehouse) as Arc<dyn Executor>,
        catalog: Arc::new(catalog()),
        linker: Arc::new(linker()),
        settings,
        prompt: PromptStyle::Masked,
        sample: false,
        ledger: Arc::new(Ledger::unlimited()),
    };
    (Pipeline::new(parts), generator, warehouse)
}

pub(super) fn generator(candidates: &[(&'static str, f64)]) -> FakeGenerator {
    FakeGenerator {
        candidates: Ok(candidates.to_vec()),
        prompts: Mutex::default(),
        about: Mutex::default(),
        hangs: false,
        longest: usize::MAX,
        diverted: 0.0,
        explains: Vec::new(),
        summary: None,
    }
}

pub(super) fn rows(columns: &[(&str, ColumnType)], rows: Vec<Vec<Cell>>) -> Rows {
    let field = |(name, field_type): &(&str, ColumnType)| Field {
        name: (*name).to_owned(),
        field_type: *field_type,
        mode: Mode::Nullable,
        fields: Vec::new(),
    };
    Rows { fields: columns.iter().map(field).collect(), total_rows: rows.len() as u64, rows }
}

/// Rows as one line: `artist_name:s plays:i | Daft_Punk 3 | Air NULL`. Types are s, i, f, b, d (date) and t (timestamp); `_` in a text
/// is a space. `+20` at the end means that the whole result has 20 rows.
pub(super) fn text_rows(text: &str) -> Rows {
    let mut parts: Vec<&str> = text.split('|').map(str::trim).collect();
    let total = parts.last().and_then(|last| last.strip_prefix('+')).map(|total| total.parse().unwrap());
    if total.is_some() {
        parts.pop();
    }
    let columns: Vec<(&str, ColumnType)> = parts[0]
        .split_whitespace()
        .map(|column| {
            let (name, column_type) = column.split_once(':').unwrap();
            let column_type = match column_type {
                "s" => ColumnType::String,
                "i" => ColumnType::Int64,
                "f" => ColumnType::Float64,
                "b" => ColumnType::Bool,
                "d" => ColumnType::Date,
                "t" => ColumnType::Timestamp,
                other => panic!("no type {other}"),
            };
            (name, column_type)
        })
        .collect();
    let cell = |(text, (_, column_type)): (&str, &(&str, ColumnType))| match column_type {
        _ if text == "NULL" => Cell::Null,
        ColumnType::Int64 => Cell::Int64(text.parse().unwrap()),
        ColumnType::Float64 => Cell::Float64(text.parse().unwrap()),
        ColumnType::Bool => Cell::Bool(text == "true"),
        ColumnType::Date => Cell::Date(text.parse::<NaiveDate>().unwrap()),
        ColumnType::Timestamp => Cell::Timestamp(DateTime::parse_from_rfc3339(text).unwrap().to_utc()),
        _ => Cell::String(text.replace('_', " ")),
    };
    let body = parts[1..].iter().map(|row| row.split_whitespace().zip(&columns).map(cell).collect()).collect();
    let mut rows = rows(&columns, body);
    rows.total_rows = total.unwrap_or(rows.total_rows);
    rows
}

/// An answer with nothing in it.
pub(super) fn answer_with(id: &str) -> Answer {
    Answer {
        id: id.to_owned(),
        question: None,
        understood: None,
        language: Language::En,
        sql: "SELECT 1".to_owned(),
        parameters: Vec::new(),
        columns: Vec::new(),
        rows: Vec::new(),
        row_count: 0,
        truncated: false,
        summary: Summary { text: String::new(), kind: SummaryKind::Empty, sample: false, written_by: SummaryWriter::Rules },
        chart: None,
        cost: Cost {
            bytes_estimated: 0,
            estimate_accuracy: Accuracy::Precise,
            bytes_processed: 0,
            bytes_billed: None,
            bytes_cap: 0,
            cache_hit: false,
            price: None,
        },
        model: None,
        timings_ms: Timings::default(),
        warnings: Vec::new(),
        created_at: DateTime::UNIX_EPOCH,
        sample: false,
    }
}
