//! Errors in BigQuery's words: what DataFusion reports is turned into the message and reason that BigQuery gives.
//!
//! Source of reasons and wording: <https://cloud.google.com/bigquery/docs/error-messages>

use std::fmt;

use datafusion::common::{Column, DataFusionError, SchemaError};
use sqlparser::tokenizer::Location;

use super::rewrite::AGGREGATES;
use super::{QueryError, Reason};
use crate::disk::no_room;

/// An error that one of our own functions raises while a row is evaluated or a call is type-checked. It travels through
/// DataFusion unchanged, so that its words reach the client as they were written.
#[derive(Debug, Clone)]
pub(super) struct GoogleSqlError {
    pub(super) reason: Reason,
    pub(super) message: String,
}

impl fmt::Display for GoogleSqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for GoogleSqlError {}

/// Wraps a message for the way through DataFusion.
pub(super) fn invalid(message: impl Into<String>) -> DataFusionError {
    let message = message.into();
    // A function says in its words that it cannot do what is asked.
    let reason = if message.ends_with(REFUSAL) { Reason::NotImplemented } else { Reason::InvalidQuery };
    DataFusionError::External(Box::new(GoogleSqlError { reason, message }))
}

/// How the error of a literal begins that is none of the type that it is compared with.
pub(super) const BAD_LITERAL: &str = "Could not cast literal ";

/// How refusals end.
const REFUSAL: &str = "is not supported by the embedded endpoint";

/// Wraps a named refusal for the way through DataFusion.
pub(super) fn refused(what: impl fmt::Display) -> DataFusionError {
    DataFusionError::External(Box::new(GoogleSqlError { reason: Reason::NotImplemented, message: not_supported(what).message }))
}

impl QueryError {
    pub(super) fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self { reason, message: message.into() }
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(Reason::InvalidQuery, message)
    }

    pub(super) fn invalid_at(message: impl fmt::Display, at: Location) -> Self {
        Self::invalid(format!("{message}{}", At(at)))
    }
}

/// The refusal of what the endpoint cannot do.
pub(super) fn not_supported(what: impl fmt::Display) -> QueryError {
    QueryError::new(Reason::NotImplemented, format!("{what} {REFUSAL}"))
}

/// ` at [line:column]`, or nothing where the place is not known.
pub(super) struct At(pub(super) Location);

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.line == 0 {
            return Ok(());
        }
        write!(f, " at [{}:{}]", self.0.line, self.0.column)
    }
}

/// What the messages need to know of the statement's text.
#[derive(Debug, Clone, Default)]
pub(super) struct SourceText {
    lines: Vec<String>,
    /// The line and column that a diagnostic around the error gave.
    at: Option<(u64, u64)>,
}

impl SourceText {
    pub(super) fn new(sql: &str) -> Self {
        Self { lines: sql.split('\n').map(str::to_owned).collect(), at: None }
    }

    /// The first aggregate function that is called after WHERE, and where.
    fn aggregate_in_where(&self) -> Option<(String, usize, usize)> {
        let mut inside = false;
        for (line, text) in self.lines.iter().enumerate() {
            let mut word = String::new();
            for (column, c) in text.chars().chain(std::iter::once(' ')).enumerate() {
                if c.is_alphanumeric() || c == '_' {
                    word.push(c.to_ascii_uppercase());
                    continue;
                }
                let name = std::mem::take(&mut word);
                inside |= name == "WHERE";
                if inside && c == '(' && AGGREGATES.contains(&name.as_str()) {
                    let begin = column - name.chars().count();
                    return Some((name, line + 1, begin + 1));
                }
            }
        }
        None
    }

    /// Where a literal text stands, if it stands in one place alone.
    pub(super) fn place_of_literal(&self, text: &str) -> Option<Location> {
        let written = [format!("'{text}'"), format!("\"{text}\"")];
        let mut places = (1..).zip(&self.lines).flat_map(|(line, content)| {
            let found = written.iter().flat_map(move |literal| content.match_indices(literal.as_str()));
            found.map(move |(at, _)| Location::new(line, content[..at].chars().count() as u64 + 1))
        });
        let first = places.next();
        first.filter(|_| places.next().is_none())
    }

    /// The identifier that starts at a place, as it was written.
    fn word_at(&self, line: u64, column: u64) -> Option<String> {
        let line = self.lines.get(usize::try_from(line).ok()?.checked_sub(1)?)?;
        let rest: String = line.chars().skip(usize::try_from(column).ok()?.checked_sub(1)?).collect();
        let word: String = if let Some(quoted) = rest.strip_prefix('`') {
            quoted.chars().take_while(|c| *c != '`').collect()
        } else {
            rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_' || *c == '.').collect()
        };
        (!word.is_empty()).then_some(word)
    }
}

fn disk_full() -> QueryError {
    let message = "Resources exceeded during query execution: The disk of the embedded endpoint has no room for what does not fit memory.";
    QueryError::new(Reason::ResourcesExceeded, message)
}

/// Turns an error of planning or running into BigQuery's.
pub(super) fn from_datafusion(error: &DataFusionError, text: &SourceText) -> QueryError {
    match error {
        DataFusionError::Context(_, inner) => from_datafusion(inner, text),
        DataFusionError::Diagnostic(diagnostic, inner) => {
            let mut text = text.clone();
            if let Some(span) = diagnostic.span {
                text.at = Some((span.start.line, span.start.column));
            }
            from_datafusion(inner, &text)
        }
        DataFusionError::Shared(inner) => from_datafusion(inner, text),
        DataFusionError::Collection(errors) => errors.first().map_or_else(
            || QueryError::new(Reason::InternalError, "the query failed without a message"),
            |first| from_datafusion(first, text),
        ),
        DataFusionError::External(inner) => {
            if let Some(own) = inner.downcast_ref::<GoogleSqlError>() {
                QueryError::new(own.reason, own.message.clone())
            } else if let Some(inner) = inner.downcast_ref::<DataFusionError>() {
                from_datafusion(inner, text)
            } else if no_room(inner.as_ref()) {
                disk_full()
            } else {
                QueryError::new(Reason::InternalError, inner.to_string())
            }
        }
        DataFusionError::IoError(inner) if no_room(inner) => disk_full(),
        DataFusionError::ArrowError(inner, _) => from_arrow(inner, text),
        DataFusionError::SchemaError(inner, _) => from_schema(inner, text),
        DataFusionError::ResourcesExhausted(_) => QueryError::new(
            Reason::ResourcesExceeded,
            "Resources exceeded during query execution: The query could not be executed in the allotted memory.",
        ),
        DataFusionError::NotImplemented(message) => not_supported(strip(message)),
        DataFusionError::Plan(message) | DataFusionError::Execution(message) => QueryError::invalid(reworded(&strip(message), text)),
        DataFusionError::Internal(message) => not_supported(format_args!("This query ({})", strip(message))),
        DataFusionError::ExecutionJoin(_) => {
            QueryError::new(Reason::InternalError, "the query stopped on an internal error of the embedded endpoint")
        }
        other => QueryError::new(Reason::InternalError, strip(&other.to_string())),
    }
}

fn from_arrow(error: &arrow::error::ArrowError, text: &SourceText) -> QueryError {
    use arrow::error::ArrowError;
    match error {
        ArrowError::ExternalError(inner) => {
            if let Some(inner) = inner.downcast_ref::<DataFusionError>() {
                from_datafusion(inner, text)
            } else if let Some(own) = inner.downcast_ref::<GoogleSqlError>() {
                QueryError::new(own.reason, own.message.clone())
            } else if no_room(inner.as_ref()) {
                disk_full()
            } else {
                QueryError::new(Reason::InternalError, inner.to_string())
            }
        }
        ArrowError::IoError(_, inner) if no_room(inner) => disk_full(),
        ArrowError::DivideByZero => QueryError::invalid("division by zero"),
        ArrowError::ArithmeticOverflow(message) => QueryError::invalid(format!("Overflow: {message}")),
        ArrowError::CastError(message) | ArrowError::ParseError(message) => QueryError::invalid(strip(message)),
        ArrowError::InvalidArgumentError(message) | ArrowError::ComputeError(message) => QueryError::invalid(strip(message)),
        other => QueryError::new(Reason::InternalError, other.to_string()),
    }
}

fn from_schema(error: &SchemaError, text: &SourceText) -> QueryError {
    match error {
        SchemaError::FieldNotFound { field, valid_fields } => unrecognized(field, valid_fields, text),
        SchemaError::AmbiguousReference { field } => {
            let (name, at) = place(field, text);
            QueryError::invalid(format!("Column name {name} is ambiguous{}", at_text(at)))
        }
        SchemaError::DuplicateUnqualifiedField { name } | SchemaError::DuplicateQualifiedField { name, .. } => {
            QueryError::invalid(format!("Duplicate column names in the result are not supported. Found duplicate(s): {name}"))
        }
    }
}

/// A column as it was written, and where.
fn place(field: &Column, text: &SourceText) -> (String, Option<(u64, u64)>) {
    let plain = field.flat_name().replace('"', "");
    let spans = field.spans.first();
    match spans.map(|s| (s.start.line, s.start.column)).or(text.at) {
        Some((line, column)) => (text.word_at(line, column).unwrap_or(plain), Some((line, column))),
        None => (plain, None),
    }
}

fn at_text(at: Option<(u64, u64)>) -> String {
    at.map_or(String::new(), |(line, column)| format!(" at [{line}:{column}]"))
}

/// `Unrecognized name: foo; Did you mean bar? at [1:8]`; for `t.foo`, BigQuery says `Name foo not found inside t`.
fn unrecognized(field: &Column, valid: &[Column], text: &SourceText) -> QueryError {
    let (name, at) = place(field, text);
    if let Some(relation) = &field.relation {
        let relation = relation.table();
        let inside: Vec<&str> =
            valid.iter().filter(|c| c.relation.as_ref().is_some_and(|r| r.table() == relation)).map(|c| c.name.as_str()).collect();
        if !inside.is_empty() {
            let last = name.rsplit('.').next().unwrap_or(&field.name).to_owned();
            let skip = (name.chars().count() - last.chars().count()) as u64;
            let at = at_text(at.map(|(line, column)| (line, column + skip)));
            return QueryError::invalid(format!("Name {last} not found inside {relation}{at}"));
        }
        let first = name.split('.').next().unwrap_or(&name);
        let at = at_text(at);
        return QueryError::invalid(format!("Unrecognized name: {first}{at}"));
    }
    // The name of an item of FROM is its row.
    if valid.iter().any(|c| c.relation.as_ref().is_some_and(|r| r.table().eq_ignore_ascii_case(&name))) {
        return not_supported(format_args!("The row of {name} as a value"));
    }
    let at = at_text(at);
    let candidates = valid.iter().map(|c| c.name.as_str());
    match closest(&name, candidates) {
        Some(guess) => QueryError::invalid(format!("Unrecognized name: {name}; Did you mean {guess}?{at}")),
        None => QueryError::invalid(format!("Unrecognized name: {name}{at}")),
    }
}

/// The candidate nearest to a name, if it is near: at most a fifth of the letters differ (at least one).
pub(super) fn closest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    let limit = (name.chars().count() / 5).max(1);
    candidates
        .filter(|c| !c.starts_with('$') && !c.is_empty())
        .map(|c| (distance(&name, &c.to_lowercase()), c))
        .filter(|(d, _)| *d <= limit && *d < name.chars().count())
        .min_by_key(|(d, _)| *d)
        .map(|(_, c)| c)
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substitution = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substitution.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// DataFusion's words for what BigQuery has words of its own for.
fn reworded(message: &str, text: &SourceText) -> String {
    // What our functions say about their arguments arrives inside a text.
    if let Some((_, own)) = message.split_once("coercion failed with: External error: ") {
        let own = own.split(". No function matches").next().unwrap_or(own);
        return own.to_owned();
    }
    // `No function matches the given name and argument types 'avg(Utf8)'.`, and of NOT in words of its own.
    if let Some((_, call)) = message.split_once("the given name and argument types '")
        && let Some((name, types)) = call.split_once("'.").map_or(call, |(call, _)| call).split_once('(')
    {
        let types: Vec<&str> = types.trim_end_matches(['\'', ')']).split(", ").map(type_in_sql).collect();
        return format!("No matching signature for function {} for argument types: {}", name.to_uppercase(), types.join(", "));
    }
    if let Some(found) = message.strip_prefix("Unary operator 'NOT' requires a boolean expression, got ") {
        return format!("No matching signature for operator NOT for argument types: {}", type_in_sql(found));
    }
    if let Some(rest) = message.strip_prefix("Column in ")
        && rest.contains("must be in GROUP BY")
    {
        let clause = if rest.starts_with("ORDER BY") {
            "ORDER BY clause"
        } else if rest.starts_with("HAVING") {
            "HAVING clause"
        } else if rest.starts_with("QUALIFY") {
            "QUALIFY clause"
        } else {
            "SELECT list"
        };
        let column = rest.split('"').nth(1).and_then(|c| c.rsplit('.').next()).unwrap_or_default();
        return format!("{clause} expression references column {column} which is neither grouped nor aggregated{}", at_text(text.at));
    }
    if message.starts_with("Aggregate function calls cannot be nested") {
        return format!("Aggregations of aggregations are not allowed{}", at_text(text.at));
    }
    if message.starts_with("Aggregate functions are not allowed in the WHERE clause") {
        return match text.aggregate_in_where() {
            Some((name, line, column)) => format!("Aggregate function {name} not allowed in WHERE clause at [{line}:{column}]"),
            None => "Aggregate function not allowed in WHERE clause".to_owned(),
        };
    }
    if message.starts_with("HAVING clause references") {
        return "The HAVING clause requires GROUP BY or aggregation to be present".to_owned();
    }
    // `... but the expression "t.n AS a" at position 0 and ...`.
    if message.starts_with("Projections require unique expression names")
        && let Some(first) = message.split('"').nth(1)
    {
        let name = first.rsplit(" AS ").next().and_then(|name| name.rsplit('.').next()).unwrap_or(first);
        return format!("Duplicate column names in the result are not supported. Found duplicate(s): {name}");
    }
    message.to_owned()
}

/// The name in SQL of a type as DataFusion writes it; that name where there is none.
fn type_in_sql(name: &str) -> &str {
    match name {
        "Utf8" | "Utf8View" | "LargeUtf8" => "STRING",
        "Int64" | "Int32" | "UInt64" => "INT64",
        "Float64" => "FLOAT64",
        "Boolean" => "BOOL",
        "Binary" => "BYTES",
        "LargeBinary" => "JSON",
        "Date32" => "DATE",
        "Null" => "NULL",
        other if other.starts_with("Decimal128") => "NUMERIC",
        other if other.starts_with("Decimal256") => "BIGNUMERIC",
        other if other.starts_with("Time64") => "TIME",
        other if other.starts_with("Timestamp") => {
            if other.contains('"') {
                "TIMESTAMP"
            } else {
                "DATETIME"
            }
        }
        other => other,
    }
}

/// Takes DataFusion's own prefixes and hints off a message.
fn strip(message: &str) -> String {
    let mut text = message;
    for prefix in ["Error during planning: ", "Execution error: ", "Arrow error: ", "This feature is not implemented: "] {
        text = text.strip_prefix(prefix).unwrap_or(text);
    }
    let end = text.find("\n\nbacktrace").or_else(|| text.find(". This issue was likely caused by a bug")).unwrap_or(text.len());
    text[..end].trim().to_owned()
}
