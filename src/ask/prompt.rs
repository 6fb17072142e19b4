//! What the model reads.

use serde::Serialize;

use super::link::{Linked, folded};
use super::{AskError, Language};
use crate::catalog::semantics::Semantics;
use crate::catalog::{Catalog, ColumnType, Mode, Table};
pub use crate::model::PromptStyle;
use crate::warehouse::Rows;

/// What a schema template is given; the names are those that `prompts/` uses.
#[derive(Serialize)]
struct Context<'a> {
    question: &'a str,
    tables: Vec<PromptTable<'a>>,
}

#[derive(Serialize)]
struct PromptTable<'a> {
    name: &'a str,
    columns: Vec<PromptColumn<'a>>,
    primary_key: Vec<&'a str>,
    foreign_keys: Vec<ForeignKey<'a>>,
}

#[derive(Serialize)]
struct PromptColumn<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    column_type: &'static str,
}

#[derive(Serialize)]
struct ForeignKey<'a> {
    column: &'a str,
    table: &'a str,
    references: &'a str,
}

/// The prompt in a style.
///
/// # Errors
/// [`AskError::ModelFailed`] when the template cannot be rendered.
pub(super) fn render(style: &PromptStyle, question: &str, linked: &Linked, catalog: &Catalog) -> Result<String, AskError> {
    match style {
        PromptStyle::Masked => Ok(linked.prompt.clone()),
        PromptStyle::Schema(template) => Ok(template.render(Context { question, tables: tables(catalog) })?),
    }
}

/// What the model reads to sum up the rows of a question: the language, the question as it was read before, how many rows there are,
/// and what their columns are called.
pub(super) fn of_summary(language: Language, asked: &str, rows: &Rows) -> String {
    let count = match rows.rows.len() {
        1 => "1",
        2 => "2",
        _ => "many",
    };
    let columns = rows.fields.iter().enumerate().map(|(at, field)| format!(" <c{at}> {}", folded(&field.name.replace('_', " "))));
    format!("<{language}> {asked} <rows> {count}{}", columns.collect::<String>())
}

fn tables(catalog: &Catalog) -> Vec<PromptTable<'_>> {
    let joins = &Semantics::embedded().joins;
    // A column refers to a table when the catalogue joins it to the key that the table owns.
    let foreign_keys = |table: &'_ Table| -> Vec<ForeignKey<'static>> {
        let of_table = joins.iter().filter(|join| join.left == table.name && join.keys.len() == 1);
        let owned = of_table.filter_map(|join| {
            let (column, references) = join.keys.iter().next()?;
            let owner = catalog.table(&join.right)?;
            (own_key(owner) == Some(references)).then_some(ForeignKey { column, table: &join.right, references })
        });
        owned.collect()
    };
    catalog
        .tables
        .iter()
        .map(|table| PromptTable {
            name: &table.name,
            columns: table
                .columns
                .iter()
                .map(|column| PromptColumn { name: &column.name, column_type: type_word(column.column_type, column.mode) })
                .collect(),
            primary_key: own_key(table).into_iter().collect(),
            foreign_keys: foreign_keys(table),
        })
        .collect()
}

/// A table that is named after a thing (`artists`) owns its key (`artist_id`).
fn own_key(table: &Table) -> Option<&str> {
    let key = format!("{}_id", table.name.strip_suffix('s')?);
    table.columns.iter().map(|column| column.name.as_str()).find(|name| *name == key)
}

/// The words that models of the Spider data set were trained on.
fn type_word(column_type: ColumnType, mode: Mode) -> &'static str {
    match column_type {
        _ if mode == Mode::Repeated => "text",
        ColumnType::Int64 => "int",
        ColumnType::Float64 | ColumnType::Numeric | ColumnType::Bignumeric => "real",
        ColumnType::Bool => "bool",
        ColumnType::Date => "date",
        ColumnType::Timestamp | ColumnType::Datetime => "datetime",
        _ => "text",
    }
}

#[cfg(test)]
mod tests {
    use super::super::fakes;
    use super::*;

    #[test]
    fn a_summary_is_asked_for_with_the_columns() {
        let check = |language, asked: &str, rows: &str, expected: &str| {
            assert_eq!(of_summary(language, asked, &fakes::text_rows(rows)), expected);
        };
        check(
            Language::En,
            "top @v1 <num> artists in @v2 <country>",
            "artist_name:s plays:i | Air 3 | Blur 2 | Zaz 1",
            "<en> top @v1 <num> artists in @v2 <country> <rows> many <c0> artist name <c1> plays",
        );
        check(Language::Fr, "combien d'ecoutes ?", "Total_Écoutes:i | 3", "<fr> combien d'ecoutes ? <rows> 1 <c0> total ecoutes");
    }

    #[test]
    fn the_schema_says_what_refers_to_what() {
        let catalog = fakes::catalog();
        let tables = tables(&catalog);
        let listens = tables.iter().find(|table| table.name == "listens").unwrap();
        let keys: Vec<String> = listens.foreign_keys.iter().map(|key| format!("{}->{}", key.column, key.table)).collect();
        assert_eq!(keys, ["user_id->users", "artist_id->artists"]);
        let tracks = tables.iter().find(|table| table.name == "tracks").unwrap();
        assert_eq!(tracks.primary_key, ["track_id"]);
    }
}
