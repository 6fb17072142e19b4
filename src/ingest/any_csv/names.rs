//! Names: of the table that a CSV file lands in, and of columns made from its header.

use std::collections::HashSet;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::super::{IngestError, tables};

/// A table of `music_raw` that is none of Quaver's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableName(String);

/// What every bronze table says of its rows' origin.
pub(super) const ORIGIN: [&str; 4] = ["source", "source_file", "line", "loaded_at"];

/// Source: <https://cloud.google.com/bigquery/docs/schemas#column_names>
const LONGEST_COLUMN: usize = 300;
/// Source: as above. `_PARTITION` stands for the prefixes that begin with it.
const RESERVED: [&str; 6] = ["_TABLE_", "_FILE_", "_PARTITION", "_ROW_TIMESTAMP", "__ROOT__", "_COLIDENTIFIER"];
/// The embedded endpoint's file names end at 240 bytes.
const LONGEST_TABLE: usize = 200;

impl TableName {
    /// A name as given on the command line: `music_raw.NAME`, or `NAME` alone.
    ///
    /// # Errors
    /// [`IngestError::TableName`] when the table may not be written.
    pub fn parse(text: &str) -> Result<Self, IngestError> {
        let refuse = |reason| Err(IngestError::TableName { table: text.to_owned(), reason });
        let name = match text.split_once('.') {
            Some((tables::RAW, name)) => name,
            Some(_) => return refuse("CSV files land in dataset music_raw alone"),
            None => text,
        };
        let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if !begins || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return refuse("a table's name is letters, digits and underscores, and begins with no digit");
        }
        if name.len() > LONGEST_TABLE {
            return refuse("the name is longer than 200 characters");
        }
        if tables::raw().iter().any(|table| table.name.eq_ignore_ascii_case(name)) {
            return refuse("this table belongs to a source that Quaver knows");
        }
        Ok(Self(name.to_owned()))
    }

    /// Inside `music_raw`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }

    /// What `music_raw.loads` and `music_raw.rejects` call the source: one for each table.
    #[must_use]
    pub fn source(&self) -> String {
        format!("csv:{}", self.0)
    }
}

/// Names that BigQuery takes, each different from the others and from [`ORIGIN`] in any case.
pub(super) fn columns(header: &[String]) -> Vec<String> {
    let mut taken: HashSet<String> = ORIGIN.iter().map(|name| (*name).to_owned()).collect();
    let mut names = Vec::with_capacity(header.len());
    for (at, given) in header.iter().enumerate() {
        let base = column(given).unwrap_or_else(|| format!("column_{}", at + 1));
        let mut name = base.clone();
        let mut count = 2;
        while !taken.insert(name.to_ascii_lowercase()) {
            name = format!("{base}_{count}");
            count += 1;
        }
        names.push(name);
    }
    names
}

/// Letters without their marks, digits and underscores; `None` when nothing is left.
fn column(given: &str) -> Option<String> {
    let mut name = String::new();
    let mut gap = false;
    for c in given.nfkd().filter(|c| !is_combining_mark(*c)) {
        if c.is_ascii_alphanumeric() || c == '_' {
            if std::mem::take(&mut gap) && !name.is_empty() {
                name.push('_');
            }
            name.push(c);
        } else {
            gap = true;
        }
    }
    // Room for a number that tells it from another.
    name.truncate(LONGEST_COLUMN - 10);
    let upper = name.to_ascii_uppercase();
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert(0, '_');
    } else if RESERVED.iter().any(|prefix| upper.starts_with(prefix)) {
        name.insert_str(0, "column");
    }
    name.contains(|c: char| c.is_ascii_alphanumeric()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_become_names_that_bigquery_takes() {
        let check = |header: &[&str], expected: &[&str]| {
            let header: Vec<String> = header.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(columns(&header), expected, "{header:?}");
        };
        check(&["title", "Plays"], &["title", "Plays"]);
        check(&["Écoutes (2024)", "this-week", "a.b"], &["Ecoutes_2024", "this_week", "a_b"]);
        check(&["", "1st", "日本", "_"], &["column_1", "_1st", "column_3", "column_4"]);
        check(&["a", "A", "a", "a_2"], &["a", "A_2", "a_3", "a_2_2"]);
        check(&["source", "Line", "loaded_at"], &["source_2", "Line_2", "loaded_at_2"]);
        check(&["_TABLE_SUFFIX", "_partitiontime"], &["column_TABLE_SUFFIX", "column_partitiontime"]);
        check(&[&"x".repeat(400)], &[&"x".repeat(290)]);
        check(&["'; DROP TABLE x"], &["DROP_TABLE_x"]);
    }

    #[test]
    fn only_tables_of_one_own_are_written() {
        let good = |text: &str, name: &str| assert_eq!(TableName::parse(text).unwrap().name(), name);
        good("music_raw.my_table", "my_table");
        good("my_table2", "my_table2");
        let bad = |text: &str, part: &str| {
            let message = TableName::parse(text).unwrap_err().to_string();
            assert!(message.contains(part), "{message} lacks {part}");
        };
        bad("music.artists", "music_raw alone");
        bad("other.x", "music_raw alone");
        bad("music_raw.loads", "belongs to a source");
        bad("music_raw.Hot_100", "belongs to a source");
        bad("music_raw.x.y", "letters, digits");
        bad("music_raw.", "letters, digits");
        bad("1x", "begins with no digit");
        bad("x' OR '1", "letters, digits");
        bad(&"x".repeat(201), "longer");
    }
}
