//! Tables of text.

use std::io::IsTerminal;

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table};
use serde_json::Value;

use crate::ask::Answer;
use crate::catalog::{ColumnType, Mode};

/// The rows of an answer, numbers to the right, NULL empty.
pub(super) fn answer_rows(answer: &Answer) -> String {
    let numeric: Vec<bool> = answer.columns.iter().map(|column| column.mode != Mode::Repeated && is_number(column.column_type)).collect();
    let header = answer.columns.iter().map(|column| column.name.clone()).collect();
    let rows = answer.rows.iter().map(|row| answer.columns.iter().map(|column| text(row.get(&column.name))).collect());
    lines(header, rows, &numeric)
}

/// A table of texts; `numeric` columns are set to the right.
pub(super) fn lines(header: Vec<String>, rows: impl Iterator<Item = Vec<String>>, numeric: &[bool]) -> String {
    let mut table = Table::new();
    table.load_preset(UTF8_FULL_CONDENSED);
    if std::io::stdout().is_terminal() {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    let cells = |texts: Vec<String>| {
        texts
            .into_iter()
            .zip(numeric)
            .map(|(text, numeric)| {
                let alignment = if *numeric { CellAlignment::Right } else { CellAlignment::Left };
                Cell::new(printable(&text)).set_alignment(alignment)
            })
            .collect::<Vec<_>>()
    };
    table.set_header(cells(header));
    for row in rows {
        table.add_row(cells(row));
    }
    table.to_string()
}

/// Without the control characters by which data could steer a terminal.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}

fn is_number(column_type: ColumnType) -> bool {
    matches!(column_type, ColumnType::Int64 | ColumnType::Float64 | ColumnType::Numeric | ColumnType::Bignumeric)
}

fn text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => items.iter().map(|item| text(Some(item))).collect::<Vec<_>>().join(", "),
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_set_to_the_right_and_escapes_are_shown() {
        let header = vec!["artist".to_owned(), "plays".to_owned()];
        let rows = [vec!["Daft Punk".to_owned(), "7".to_owned()], vec!["\u{1b}[31mred".to_owned(), String::new()]];
        insta::assert_snapshot!(lines(header, rows.into_iter(), &[false, true]), @r"
        ┌───────────┬───────┐
        │ artist    ┆ plays │
        ╞═══════════╪═══════╡
        │ Daft Punk ┆     7 │
        │ �[31mred  ┆       │
        └───────────┴───────┘
        ");
    }
}
