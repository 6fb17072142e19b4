//! Rows as they come from the warehouse, decoded from BigQuery's cell encoding.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use serde::Serialize;

use crate::catalog::{ColumnType, Mode};

/// A field of a result's schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Field {
    pub name: String,
    #[serde(rename = "type")]
    pub field_type: ColumnType,
    pub mode: Mode,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
}

/// One value. NUMERIC, BIGNUMERIC, JSON, GEOGRAPHY, INTERVAL and RANGE keep BigQuery's own text.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Null,
    Bool(bool),
    Int64(i64),
    Float64(f64),
    String(String),
    Bytes(Vec<u8>),
    Date(NaiveDate),
    Time(NaiveTime),
    Datetime(NaiveDateTime),
    Timestamp(DateTime<Utc>),
    /// Text of a type that has no native form here.
    Text(String),
    Array(Vec<Cell>),
    Struct(Vec<Cell>),
}

/// The rows of a finished query, in order; every row has one cell for each field.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    pub fields: Vec<Field>,
    pub rows: Vec<Vec<Cell>>,
    /// Rows of the whole result, of which `rows` may be the first part.
    pub total_rows: u64,
}
