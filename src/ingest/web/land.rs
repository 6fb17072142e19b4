//! A part of a run into `music_raw`: the answers as they came, the rows that were read from them, the rejects, the account.
//!
//! Rows are appended, since charts and followers of other days are worth keeping. What makes that safe to repeat is the time that
//! all rows of a part carry and no other row does: a table that has rows of it was written before the run was broken off.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use serde_json::Value;

use super::super::landing::{FileReport, Reject, Rejections, note, pack};
use super::super::{IngestError, Sink, Write, tables};
use super::call::{WebApi, shortened};
use super::fields::{Row, put};
use super::journal::{Finished, Outcome, Part};

pub(super) const RESPONSES: &str = "api_responses";

/// What the answers of a part come to.
pub(super) struct Landing {
    responses: Vec<Response>,
    tables: BTreeMap<&'static str, Vec<Value>>,
    rejects: Vec<Reject>,
    rejections: Rejections,
    reports: BTreeMap<(String, &'static str), FileReport>,
}

#[derive(Serialize)]
struct Response {
    source: &'static str,
    endpoint: String,
    url: String,
    status: u16,
    etag: Option<String>,
    fetched_at: DateTime<Utc>,
    /// None when the service said that nothing had changed.
    body: Option<String>,
    loaded_at: DateTime<Utc>,
}

impl Landing {
    /// Reads the answers. Every item is a row or a reject.
    pub(super) fn of(api: &dyn WebApi, part: Part, answers: Vec<Finished>) -> Self {
        let (responses, rejects) = (Vec::new(), Vec::new());
        let mut landing = Self { responses, tables: BTreeMap::new(), rejects, rejections: Rejections::new(), reports: BTreeMap::new() };
        for answer in answers {
            landing.answer(api, part.loaded_at, &answer);
            let body = (answer.status != 304).then_some(answer.body);
            landing.responses.push(Response {
                source: api.name(),
                endpoint: answer.call.endpoint,
                url: answer.url,
                status: answer.status,
                etag: answer.etag,
                fetched_at: answer.fetched_at,
                body,
                loaded_at: part.loaded_at,
            });
        }
        landing
    }

    fn answer(&mut self, api: &dyn WebApi, loaded_at: DateTime<Utc>, answer: &Finished) {
        match &answer.outcome {
            Outcome::Page => {
                let body = json(&answer.body);
                for item in api.read(&answer.call, &body).items {
                    match item.outcome {
                        Ok(row) => self.row(api.name(), item.table, (item.line, row), loaded_at, answer),
                        Err(reason) => self.reject(api.name(), item.table, (item.line, reason, item.raw), loaded_at, answer),
                    }
                }
            }
            Outcome::Absent(reason) | Outcome::Withdrawn(reason) | Outcome::Failed(reason) => {
                self.reject(api.name(), RESPONSES, (0, reason.clone(), shortened(&answer.body)), loaded_at, answer);
            }
        }
    }

    fn row(&mut self, source: &'static str, table: &'static str, (line, mut row): (u64, Row), loaded_at: DateTime<Utc>, of: &Finished) {
        put(&mut row, "source", source);
        put(&mut row, "source_file", of.url.as_str());
        put(&mut row, "line", line);
        put(&mut row, "fetched_at", timestamp(of.fetched_at));
        put(&mut row, "loaded_at", timestamp(loaded_at));
        self.tables.entry(table).or_default().push(Value::Object(row));
        let report = self.report(source, table, loaded_at, of);
        report.rows_read += 1;
        report.rows_landed += 1;
    }

    fn reject(
        &mut self,
        source: &'static str,
        table: &'static str,
        (line, reason, raw): (u64, String, String),
        loaded_at: DateTime<Utc>,
        of: &Finished,
    ) {
        note(&mut self.rejections, &of.call.endpoint, line, &reason);
        self.rejects.push(Reject { source: source.to_owned(), source_file: of.url.clone(), line, reason, raw, loaded_at });
        let report = self.report(source, table, loaded_at, of);
        report.rows_read += 1;
        report.rows_rejected += 1;
    }

    fn report(&mut self, source: &'static str, table: &'static str, loaded_at: DateTime<Utc>, of: &Finished) -> &mut FileReport {
        let endpoint = of.call.endpoint.clone();
        self.reports.entry((endpoint.clone(), table)).or_insert(FileReport {
            source: source.to_owned(),
            source_file: endpoint,
            table_name: table.to_owned(),
            rows_read: 0,
            rows_landed: 0,
            rows_rejected: 0,
            loaded_at,
        })
    }

    /// Appends everything to `music_raw`; the account comes last.
    ///
    /// # Errors
    /// What the warehouse says. Landing the same part again then completes it.
    pub(super) async fn write(
        self,
        sink: &dyn Sink,
        source: &'static str,
        part: Part,
    ) -> Result<(Vec<FileReport>, Rejections), IngestError> {
        let reports: Vec<FileReport> = self.reports.into_values().collect();
        append(sink, source, part, RESPONSES, &self.responses).await?;
        for (table, rows) in &self.tables {
            append(sink, source, part, table, rows).await?;
        }
        append(sink, source, part, "rejects", &self.rejects).await?;
        append(sink, source, part, "loads", &reports).await?;
        Ok((reports, self.rejections))
    }
}

/// Makes the tables that a service's rows land in.
///
/// # Errors
/// What the warehouse says.
pub(super) async fn prepare(sink: &dyn Sink, api: &dyn WebApi) -> Result<(), IngestError> {
    sink.create_dataset(tables::RAW).await?;
    for table in api.tables().iter().chain(&[RESPONSES, "rejects", "loads"]) {
        sink.create_table(tables::RAW, bronze(table), false).await?;
    }
    Ok(())
}

async fn append<T: Serialize>(sink: &dyn Sink, source: &str, part: Part, table: &str, rows: &[T]) -> Result<(), IngestError> {
    if rows.is_empty() {
        return Ok(());
    }
    let sent = rows.len() as u64;
    let lost = |taken| IngestError::RowsLost { table: table.to_owned(), sent, taken };
    if part.resumed {
        let there = sink.count(&count_of_part(source, table, part.loaded_at)).await?;
        match u64::try_from(there).unwrap_or(0) {
            0 => {}
            // A load job writes all of its rows or none.
            there if there == sent => return Ok(()),
            there => return Err(lost(there)),
        }
    }
    let taken = sink.load(tables::RAW, bronze(table), pack(rows), Write::Append).await?;
    if taken == sent { Ok(()) } else { Err(lost(taken)) }
}

fn count_of_part(source: &str, table: &str, loaded_at: DateTime<Utc>) -> String {
    let loaded_at = timestamp(loaded_at);
    format!("SELECT COUNT(*) FROM {}.{table} WHERE source = '{source}' AND loaded_at = TIMESTAMP '{loaded_at}'", tables::RAW)
}

/// As BigQuery keeps times, to the microsecond.
fn timestamp(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn bronze(name: &str) -> &'static crate::catalog::Table {
    tables::find(tables::RAW, name).expect("services land in tables of music_raw, and a test loads from each")
}

/// The body of an answer that was a page when it came, and so is JSON.
pub(super) fn json(body: &str) -> Value {
    serde_json::from_str(body.trim_start_matches('\u{feff}')).unwrap_or(Value::Null)
}
