//! The catalogue as text: DDL for people and for BigQuery, a compact form for the prompt of a model.

use std::fmt::Write;

use super::{Catalog, Column, ColumnType, Mode, PartitionUnit, Table};

impl Table {
    /// The statement that would create the table, as BigQuery prints it in INFORMATION_SCHEMA.TABLES.ddl.
    /// Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/data-definition-language#create_table_statement>
    #[must_use]
    pub fn ddl(&self, dataset: &str) -> String {
        let columns: Vec<String> = self.columns.iter().map(|column| format!("  {}", column_ddl(column))).collect();
        let mut ddl = format!("CREATE TABLE `{dataset}.{}`\n(\n{}\n)", self.name, columns.join(",\n"));
        if let Some(column) = &self.partitioned_by {
            let is_date = self.column(column).is_some_and(|column| column.column_type == ColumnType::Date);
            let expression = match (self.partitioned_per, is_date) {
                (PartitionUnit::Day, true) => column.clone(),
                (PartitionUnit::Day, false) => format!("DATE({column})"),
                (PartitionUnit::Month, true) => format!("DATE_TRUNC({column}, MONTH)"),
                (PartitionUnit::Month, false) => format!("TIMESTAMP_TRUNC({column}, MONTH)"),
            };
            write!(ddl, "\nPARTITION BY {expression}").expect("writing to a String cannot fail");
        }
        if !self.clustered_by.is_empty() {
            write!(ddl, "\nCLUSTER BY {}", self.clustered_by.join(", ")).expect("writing to a String cannot fail");
        }
        write!(ddl, "\nOPTIONS(\n  description={}\n);", quoted(&self.description)).expect("writing to a String cannot fail");
        ddl
    }

    /// One line for a prompt: `listens(user_id INT64, artist_id STRING, ...)`.
    #[must_use]
    pub fn prompt_line(&self) -> String {
        let columns: Vec<String> = self.columns.iter().map(|column| format!("{} {}", column.name, column.sql_type())).collect();
        format!("{}({})", self.name, columns.join(", "))
    }
}

impl Column {
    /// The type as GoogleSQL writes it: `INT64`, `ARRAY<STRING>`, `STRUCT<name STRING>`.
    #[must_use]
    pub fn sql_type(&self) -> String {
        let element = match self.column_type {
            ColumnType::Struct => {
                let fields: Vec<String> = self.fields.iter().map(|field| format!("{} {}", field.name, field.sql_type())).collect();
                format!("STRUCT<{}>", fields.join(", "))
            }
            scalar => scalar.name().to_owned(),
        };
        if self.mode == Mode::Repeated { format!("ARRAY<{element}>") } else { element }
    }
}

impl Catalog {
    /// The statements that would create every table.
    #[must_use]
    pub fn ddl(&self) -> String {
        let tables: Vec<String> = self.tables.iter().map(|table| table.ddl(&self.dataset)).collect();
        tables.join("\n\n")
    }

    /// The schema for a prompt, one line for each table.
    #[must_use]
    pub fn prompt(&self) -> String {
        let tables: Vec<String> = self.tables.iter().map(Table::prompt_line).collect();
        tables.join("\n")
    }
}

fn column_ddl(column: &Column) -> String {
    let required = if column.mode == Mode::Required { " NOT NULL" } else { "" };
    let options =
        if column.description.is_empty() { String::new() } else { format!(" OPTIONS(description={})", quoted(&column.description)) };
    format!("{} {}{required}{options}", column.name, column.sql_type())
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ddl_is_what_bigquery_prints() {
        let catalog = Catalog::embedded();
        let ddl = catalog.table("LISTENING_EVENTS").unwrap().ddl("music");
        assert!(ddl.starts_with("CREATE TABLE `music.listening_events`\n(\n  user_id INT64 NOT NULL OPTIONS(description=\""), "{ddl}");
        assert!(ddl.contains("\n)\nPARTITION BY DATE(played_at)\nCLUSTER BY artist_id, user_id\nOPTIONS(\n  description=\"Plays"), "{ddl}");
        assert!(catalog.ddl().contains("  genres ARRAY<STRING> OPTIONS("));
    }

    #[test]
    fn the_prompt_has_a_line_for_each_table() {
        let catalog = Catalog::embedded();
        let prompt = catalog.prompt();
        assert_eq!(prompt.lines().count(), catalog.tables.len());
        assert!(prompt.contains("\nlistens(user_id INT64, artist_id STRING, artist_name STRING, plays INT64)\n"), "{prompt}");
    }
}
