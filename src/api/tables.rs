//! `GET /v1/tables` and `/v1/tables/{table}`: what may be asked about.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::ApiPath;
use super::problem::{Code, Problem};
use super::state::ApiState;
use crate::catalog::{Column, ColumnType, Mode, Table};

/// The tables of the catalogue.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TableList {
    dataset: String,
    tables: Vec<TableSummary>,
}

/// A table in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TableSummary {
    name: String,
    description: String,
    column_count: usize,
}

/// A table with its columns.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TableDetail {
    name: String,
    dataset: String,
    description: String,
    columns: Vec<ColumnDetail>,
    /// The column by whose day the table is partitioned.
    partitioned_by: Option<String>,
    clustered_by: Vec<String>,
}

/// A column, or a field of a STRUCT column.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ColumnDetail {
    name: String,
    /// GoogleSQL's name of the type.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    column_type: ColumnType,
    /// `NULLABLE`, `REQUIRED` or `REPEATED`.
    #[schema(value_type = String)]
    mode: Mode,
    description: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(no_recursion)]
    fields: Vec<ColumnDetail>,
}

/// List the tables that questions are answered from
#[utoipa::path(get, path = "/v1/tables", tag = "tables", responses(
    (status = 200, description = "The tables", body = TableList),
    (status = 401, description = "`unauthorized`, where the service has keys", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn list(State(state): State<ApiState>) -> Json<TableList> {
    let tables = state.catalog.tables.iter().map(|table| TableSummary {
        name: table.name.clone(),
        description: table.description.clone(),
        column_count: table.columns.len(),
    });
    Json(TableList { dataset: state.catalog.dataset.clone(), tables: tables.collect() })
}

/// Describe a table
#[utoipa::path(get, path = "/v1/tables/{table}", tag = "tables", params(("table" = String, Path, description = "The table's name")), responses(
    (status = 200, description = "The table and its columns", body = TableDetail),
    (status = 401, description = "`unauthorized`, where the service has keys", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "`not_found`, with similar names", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn table(State(state): State<ApiState>, ApiPath(name): ApiPath) -> Result<Json<TableDetail>, Problem> {
    match state.catalog.tables.iter().find(|table| table.name == name) {
        Some(table) => Ok(Json(detail(&state.catalog.dataset, table))),
        None => Err(unknown(&name, &state.catalog.tables)),
    }
}

fn detail(dataset: &str, table: &Table) -> TableDetail {
    TableDetail {
        name: table.name.clone(),
        dataset: dataset.to_owned(),
        description: table.description.clone(),
        columns: table.columns.iter().map(column).collect(),
        partitioned_by: table.partitioned_by.clone(),
        clustered_by: table.clustered_by.clone(),
    }
}

fn column(column: &Column) -> ColumnDetail {
    ColumnDetail {
        name: column.name.clone(),
        column_type: column.column_type,
        mode: column.mode,
        description: column.description.clone(),
        fields: column.fields.iter().map(self::column).collect(),
    }
}

fn unknown(name: &str, tables: &[Table]) -> Problem {
    let near = |table: &&Table| strsim::damerau_levenshtein(&table.name, name) <= 3 || (name.len() >= 3 && table.name.contains(name));
    let similar: Vec<String> = tables.iter().filter(near).map(|table| table.name.clone()).collect();
    Problem::new(Code::NotFound, "there is no such table; GET /v1/tables lists them").with_suggestions(similar)
}
