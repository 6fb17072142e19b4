//! One page of rows as JSON text, and the opaque tokens that lead to the next.

use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::cells::{RowEncoder, TimestampFormat};
use super::error::ApiError;
use super::request::Params;
use crate::schema::{TableRef, TableSchema};
use crate::store::{StagedRows, StoreError, TableVersion};

/// BigQuery's own cap on a page of results.
/// Source: <https://cloud.google.com/bigquery/docs/paging-results>
const MAX_PAGE_BYTES: usize = 10 * 1024 * 1024;
/// `tabledata.list` gives at most this many rows a page.
const MAX_PAGE_ROWS: u64 = 100_000;

/// Rows that can be read from any position.
#[derive(Debug, Clone)]
pub(crate) enum Rows {
    Memory(Arc<Vec<RecordBatch>>),
    /// A large result, in a file that goes with it.
    Spilled(Arc<StagedRows>),
    Table(Arc<TableVersion>),
    /// The table that a query wrote, as it is when it is read. A version is not held: it would keep its files.
    Destination(TableRef),
}

impl Rows {
    /// Blocking.
    pub(crate) fn read(
        &self,
        columns: Option<&[usize]>,
        start: u64,
        limit: u64,
        mut visit: impl FnMut(RecordBatch) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        match self {
            Self::Table(table) => table.read(columns, start, limit, visit),
            Self::Destination(table) => Err(StoreError::TableNotFound(table.clone())),
            Self::Spilled(rows) => rows.read(start, limit, visit),
            Self::Memory(batches) => {
                let (mut skip, mut left) = (start, limit);
                for batch in batches.iter() {
                    let rows = batch.num_rows() as u64;
                    if skip >= rows {
                        skip -= rows;
                        continue;
                    }
                    let take = left.min(rows - skip);
                    if take == 0 {
                        break;
                    }
                    // Both are at most the batch's rows, which are a usize.
                    if !visit(batch.slice(skip as usize, take as usize))? {
                        break;
                    }
                    skip = 0;
                    left -= take;
                }
                Ok(())
            }
        }
    }
}

/// Which rows of what a page shows.
#[derive(Debug, Clone)]
pub(crate) struct PageRequest {
    pub(crate) start: u64,
    pub(crate) max_rows: Option<u64>,
    pub(crate) timestamps: TimestampFormat,
}

impl PageRequest {
    /// Reads `pageToken` or `startIndex`, `maxResults` and the format options. `owner` names what the rows belong to: a
    /// token leads nowhere else.
    pub(crate) fn read(params: &Params, owner: &str) -> Result<Self, ApiError> {
        let start = match params.text("pageToken") {
            Some(token) => decode_token(token, owner)?,
            None => params.number("startIndex")?.unwrap_or(0),
        };
        let timestamps = if params.flag("formatOptions.useInt64Timestamp") {
            TimestampFormat::Micros
        } else {
            match params.text("formatOptions.timestampOutputFormat") {
                Some("ISO8601_STRING") => TimestampFormat::Iso8601,
                Some("INT64") => TimestampFormat::Micros,
                _ => TimestampFormat::Seconds,
            }
        };
        Ok(Self { start, max_rows: params.number("maxResults")?, timestamps })
    }
}

/// Encoded rows.
#[derive(Debug)]
pub(crate) struct Page {
    /// A JSON array.
    pub(crate) rows: String,
    pub(crate) count: u64,
    /// Where the next page starts, if rows are left.
    pub(crate) next: Option<u64>,
}

/// Encodes one page. Blocking.
pub(crate) fn encode(
    rows: &Rows,
    total: u64,
    schema: &TableSchema,
    columns: Option<&[usize]>,
    request: &PageRequest,
) -> Result<Page, ApiError> {
    let limit = request.max_rows.unwrap_or(MAX_PAGE_ROWS).min(MAX_PAGE_ROWS);
    let mut out = String::from("[");
    let mut count = 0;
    let mut failure = None;
    if limit > 0 && request.start < total {
        rows.read(columns, request.start, limit, |batch| {
            let encoder = match RowEncoder::new(&batch, schema, request.timestamps) {
                Ok(encoder) => encoder,
                Err(error) => {
                    failure = Some(error);
                    return Ok(false);
                }
            };
            for row in 0..batch.num_rows() {
                let before = out.len();
                if count > 0 {
                    out.push(',');
                }
                encoder.write(row, &mut out);
                if count > 0 && out.len() > MAX_PAGE_BYTES {
                    out.truncate(before);
                    return Ok(false);
                }
                count += 1;
            }
            Ok(true)
        })
        .map_err(ApiError::store)?;
    }
    if let Some(error) = failure {
        return Err(error);
    }
    out.push(']');
    let end = request.start.saturating_add(count);
    // Who asks for no rows at all (to wait for a job) is told where they begin, and some clients read on from there alone.
    Ok(Page { rows: out, count, next: (end < total && (count > 0 || limit == 0)).then_some(end) })
}

/// A token that only this owner's pages accept.
pub(crate) fn encode_token(owner: &str, position: u64) -> String {
    URL_SAFE_NO_PAD.encode(format!("{position} {owner}"))
}

pub(crate) fn decode_token(token: &str, owner: &str) -> Result<u64, ApiError> {
    let refuse = || ApiError::invalid("Invalid page token.").at_parameter("pageToken");
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| refuse())?;
    let text = String::from_utf8(bytes).map_err(|_| refuse())?;
    match text.split_once(' ') {
        Some((position, own)) if own == owner => position.parse().map_err(|_| refuse()),
        _ => Err(refuse()),
    }
}

/// One page of a listing: the items from the token's position on, and the token of the next page.
pub(crate) fn list<T>(items: Vec<T>, params: &Params, owner: &str, default_size: u64) -> Result<(Vec<T>, Option<String>), ApiError> {
    let start = match params.text("pageToken") {
        Some(token) => decode_token(token, owner)?,
        None => 0,
    };
    let size = params.number("maxResults")?.unwrap_or(default_size).max(1);
    let end = start.saturating_add(size);
    let more = (items.len() as u64) > end;
    let take = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let page = items.into_iter().skip(take(start)).take(take(size)).collect();
    Ok((page, more.then(|| encode_token(owner, end))))
}

/// A JSON response with the encoded rows put in as they are.
pub(crate) fn respond(mut head: Map<String, Value>, owner: &str, page: Option<Page>) -> Response {
    let Some(page) = page else {
        return axum::Json(Value::Object(head)).into_response();
    };
    if let Some(next) = page.next {
        head.insert("pageToken".into(), encode_token(owner, next).into());
    }
    let mut body = Value::Object(head).to_string();
    // Clients take a missing array for no rows, as BigQuery writes it.
    if page.count > 0 {
        body.pop();
        if !body.ends_with('{') {
            body.push(',');
        }
        body.push_str("\"rows\":");
        body.push_str(&page.rows);
        body.push('}');
    }
    ([(CONTENT_TYPE, "application/json; charset=UTF-8")], Body::from(body)).into_response()
}
