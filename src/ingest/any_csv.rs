//! `quaver load csv`: files of any layout into a table of `music_raw`, with delimiter, encoding, names and types detected.
//!
//! The types are what every row allows, not a guess from the first ones, so no row is rejected for its values: a column that holds one
//! word among its numbers is STRING. Rows that cannot be split into the columns are rejects.

mod names;
mod sniff;
mod types;

use serde::Serializer;
use serde::ser::SerializeMap;

use super::IngestError;
use super::content::Content;
use super::files::{Input, SourceFile};
use super::landing::{Broken, Landing};
use super::records::{self, Columns, Dialect, Encoding, Record};
use crate::catalog::{Column, Mode, PartitionUnit, Table};

pub use names::TableName;
use sniff::Letters;
use types::Candidates;

/// As messages call it.
const SOURCE: &str = "csv";
const EXPECTED: &str = "a CSV file whose first line names the columns (or a zip archive or folder with such files)";
const EXTENSIONS: &[&str] = &["csv", "tsv", "txt"];

/// A row: the columns, and the field of the record that each is made of.
struct Row<'a> {
    columns: &'a [Column],
    record: &'a Record<'a>,
    order: &'a [usize],
}

/// A file that was looked through: how it is written, and which of its fields makes which column.
struct Read<'a> {
    file: &'a SourceFile,
    dialect: Dialect,
    header: Columns,
    /// For each column of the table, the field of the file.
    order: Vec<usize>,
}

/// How often each file is read: once for the types of its columns, once for its rows.
pub(super) const READINGS: u64 = 2;

pub(super) fn read(table: &TableName, input: &Input, landing: &mut Landing) -> Result<Vec<Column>, IngestError> {
    let wrong = |found: String| input.wrong(SOURCE, EXPECTED, found);
    let (files, others): (Vec<_>, Vec<_>) = input.files.iter().partition(|file| file.meant || file.has_extension(EXTENSIONS));
    if files.is_empty() {
        return Err(wrong(input.listed()));
    }
    others.iter().for_each(|file| (0..READINGS).for_each(|_| landing.pass_over(file)));
    let mut headers: Option<(String, Vec<String>)> = None;
    let mut candidates: Vec<Candidates> = Vec::new();
    let mut reads = Vec::with_capacity(files.len());
    for file in files {
        let mut content = landing.open(file)?;
        let (dialect, header) = sniff::sniff(content.head()).map_err(|found| wrong(format!("{} with {found}", file.name)))?;
        let names: Vec<String> = header.names().map(str::to_owned).collect();
        let (first, expected) = headers.get_or_insert_with(|| (file.name.clone(), names.clone()));
        let order = order(expected, &names).ok_or_else(|| {
            wrong(format!("other columns in {} ({}) than in {first} ({})", file.name, names.join(","), expected.join(",")))
        })?;
        candidates.resize(order.len(), Candidates::default());
        let encoding = narrow(&mut content, (&header, dialect), &order, &mut candidates, landing)?;
        reads.push(Read { file, dialect: Dialect { encoding, ..dialect }, header, order });
    }
    let given = headers.map(|(_, names)| names).unwrap_or_default();
    let columns = columns(&given, &candidates);
    landing.add_table(describe(table, &columns));
    for Read { file, dialect, header, order } in reads {
        let content = landing.open(file)?;
        landing.each(table.name(), file, content, (&header, dialect), |record, put| {
            put.row(&Row { columns: &columns, record, order: &order })
        })?;
    }
    Ok(columns)
}

/// Leaves out of the candidates what some row does not allow. Only the whole file tells its encoding, which comes back: until then
/// rows that are no UTF-8 are kept apart, for they are rejected if it is.
fn narrow(
    content: &mut Content,
    (header, dialect): (&Columns, Dialect),
    order: &[usize],
    candidates: &mut [Candidates],
    landing: &Landing,
) -> Result<Encoding, IngestError> {
    let mut letters = Letters::default();
    let mut of_broken = vec![Candidates::default(); candidates.len()];
    let mut read = 0_u64;
    let all = records::each_record(&mut *content, header, Dialect { encoding: Encoding::Latin1, ..dialect }, |position, record| {
        read += 1;
        if read.is_multiple_of(1024) && landing.is_stopped() {
            return Err(Broken::Else(IngestError::Interrupted));
        }
        let Ok(record) = record else { return Ok(()) };
        let candidates = if letters.see(position.start()) { &mut *candidates } else { &mut of_broken };
        for (candidates, field) in candidates.iter_mut().zip(order) {
            candidates.narrow(record.field(*field));
        }
        Ok(())
    });
    all.map_err(|broken| broken.of(content))?;
    if letters.encoding() == Encoding::Latin1 {
        candidates.iter_mut().zip(of_broken).for_each(|(candidates, other)| candidates.and(other));
    }
    Ok(letters.encoding())
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
        for (Column { name, column_type, .. }, field) in self.columns.iter().zip(self.order) {
            match types::value(*column_type, self.record.field(*field).trim()) {
                Some(value) => map.serialize_entry(name, &value)?,
                None => map.serialize_entry(name, &())?,
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests;
