//! `quaver load csv`: files of any layout into a table of `music_raw`, with delimiter, encoding, names and types detected.
//!
//! The types are what every row allows, not a guess from the first ones, so no row is rejected for its values: a column that holds one
//! word among its numbers is STRING. Rows that cannot be split into the columns are rejects.

mod names;
mod sniff;
mod types;

use serde::Serializer;
use serde::ser::SerializeMap;

use super::files::{Input, SourceFile};
use super::landing::Landing;
use super::records::{self, Columns, Dialect};
use super::{IngestError, Progress};
use crate::catalog::{Column, Mode, PartitionUnit, Table};

pub use names::TableName;
use types::Candidates;

/// As messages call it.
const SOURCE: &str = "csv";
const EXPECTED: &str = "a CSV file whose first line names the columns (or a zip archive or folder with such files)";
const EXTENSIONS: &[&str] = &["csv", "tsv", "txt"];

/// A row: names and values of its columns, in step.
struct Row<'a> {
    columns: &'a [Column],
    /// The field of each column, in the order of this file.
    fields: Vec<String>,
}

/// A file that was looked through: how it is written, and which of its fields makes which column.
struct Read<'a> {
    file: &'a SourceFile,
    dialect: Dialect,
    header: Columns,
    /// For each column of the table, the field of the file.
    order: Vec<usize>,
}

pub(super) fn read(table: &TableName, input: &Input, progress: &dyn Progress) -> Result<(Landing, Vec<Column>), IngestError> {
    let wrong = |found: String| input.wrong(SOURCE, EXPECTED, found);
    let files: Vec<&SourceFile> = input.files.iter().filter(|file| file.meant || file.has_extension(EXTENSIONS)).collect();
    if files.is_empty() {
        return Err(wrong(input.listed()));
    }
    let mut headers: Option<(String, Vec<String>)> = None;
    let mut candidates: Vec<Candidates> = Vec::new();
    let mut reads = Vec::with_capacity(files.len());
    for file in files {
        let content = file.read()?;
        let (dialect, header) = sniff::sniff(&content).map_err(|found| wrong(format!("{} with {found}", file.name)))?;
        let names: Vec<String> = header.names().map(str::to_owned).collect();
        let (first, expected) = headers.get_or_insert_with(|| (file.name.clone(), names.clone()));
        let order = order(expected, &names).ok_or_else(|| {
            wrong(format!("other columns in {} ({}) than in {first} ({})", file.name, names.join(","), expected.join(",")))
        })?;
        candidates.resize(order.len(), Candidates::default());
        records::each_record(&content, &header, dialect, |_, record| {
            let Ok(record) = record else { return };
            let fields: Vec<&str> = record.fields().collect();
            for (candidates, field) in candidates.iter_mut().zip(&order) {
                candidates.narrow(fields[*field]);
            }
        });
        reads.push(Read { file, dialect, header, order });
    }
    let given = headers.map(|(_, names)| names).unwrap_or_default();
    let columns = columns(&given, &candidates);
    let mut landing = Landing::begin(table.source(), [describe(table, &columns)]);
    for Read { file, dialect, header, order } in reads {
        let content = file.read()?;
        landing.file(table.name(), file, &content, (&header, dialect), |record| {
            let fields: Vec<&str> = record.fields().collect();
            Ok(Row { columns: &columns, fields: order.iter().map(|field| fields[*field].trim().to_owned()).collect() })
        })?;
        progress.inc(1);
    }
    Ok((landing, columns))
}

/// Where each expected name stands among the names; `None` when they are not the same names.
fn order(expected: &[String], names: &[String]) -> Option<Vec<usize>> {
    let mut left: Vec<Option<&String>> = names.iter().map(Some).collect();
    let order = expected.iter().map(|name| {
        let at = left.iter().position(|other| *other == Some(name))?;
        // A name that stands twice is two columns.
        left[at] = None;
        Some(at)
    });
    let order: Vec<usize> = order.collect::<Option<_>>()?;
    (order.len() == names.len()).then_some(order)
}

fn columns(given: &[String], candidates: &[Candidates]) -> Vec<Column> {
    let names = names::columns(given);
    let column = |((name, header), candidates): ((String, &String), &Candidates)| Column {
        name,
        column_type: candidates.column_type(),
        mode: Mode::Nullable,
        description: if header.is_empty() { "A column without a name.".to_owned() } else { format!("The column `{header}`.") },
        fields: Vec::new(),
    };
    names.into_iter().zip(given).zip(candidates).map(column).collect()
}

fn describe(table: &TableName, columns: &[Column]) -> Table {
    // Every bronze table ends with the same four columns.
    let origin = super::tables::bronze("hot_100").columns.iter().filter(|column| names::ORIGIN.contains(&column.name.as_str()));
    Table {
        name: table.name().to_owned(),
        description: "CSV files as they were given; `quaver load csv` detected the columns.".to_owned(),
        columns: columns.iter().chain(origin).cloned().collect(),
        partitioned_by: None,
        partitioned_per: PartitionUnit::default(),
        clustered_by: Vec::new(),
    }
}

impl serde::Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.columns.len()))?;
        for (Column { name, column_type, .. }, field) in self.columns.iter().zip(&self.fields) {
            match types::value(*column_type, field) {
                Some(value) => map.serialize_entry(name, &value)?,
                None => map.serialize_entry(name, &())?,
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests;
