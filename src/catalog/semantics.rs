//! What tables and columns mean to people: words, joins, units, value columns, example questions. From schemas/semantics.yaml.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// Everything that semantics.yaml says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Semantics {
    pub tables: BTreeMap<String, TableSemantics>,
    pub joins: Vec<Join>,
    pub values: Vec<ValueColumn>,
    pub examples: Examples,
}

/// Words for a table and its columns.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableSemantics {
    pub en: Vec<String>,
    pub fr: Vec<String>,
    pub columns: BTreeMap<String, ColumnSemantics>,
}

/// Words for a column, and the unit of its numbers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnSemantics {
    pub en: Vec<String>,
    pub fr: Vec<String>,
    #[serde(default)]
    pub unit: Option<String>,
}

/// Two tables that join on equal keys: column of the left, column of the right.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Join {
    pub left: String,
    pub right: String,
    pub keys: BTreeMap<String, String>,
}

/// A column whose values a question names.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueColumn {
    pub kind: ValueKind,
    pub table: String,
    pub column: String,
    /// The column that SQL compares instead of the text.
    #[serde(default)]
    pub key: Option<String>,
}

/// What a value names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ValueKind {
    Artist,
    Title,
    Album,
    Tag,
    Genre,
    Country,
    Segment,
    Chart,
}

/// Questions to suggest, by language.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Examples {
    pub en: Vec<String>,
    pub fr: Vec<String>,
}

static EMBEDDED: LazyLock<Semantics> = LazyLock::new(|| {
    yaml_serde::from_str(include_str!("../../schemas/semantics.yaml")).expect("semantics.yaml is compiled in and a test reads it")
});

impl Semantics {
    /// What is compiled in.
    #[must_use]
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// The kind of value that a column holds, if questions name its values. A column that holds the key of one counts too, wherever it
    /// stands: `artist_id` of any table is an artist.
    #[must_use]
    pub fn value_kind(&self, table: &str, column: &str) -> Option<ValueKind> {
        let is = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
        let own = self.values.iter().find(|value| {
            is(&value.table, table) && (is(&value.column, column) || value.key.as_deref().is_some_and(|key| is(key, column)))
        });
        let joined = || {
            let targets = self.joins.iter().filter(|join| is(&join.left, table)).filter_map(|join| {
                let (_, right) = join.keys.iter().find(|(left, _)| is(left, column))?;
                Some((join.right.as_str(), right.as_str()))
            });
            let mut kinds = targets.filter_map(|(right, key)| {
                self.values.iter().find(|value| value.table == right && value.key.as_deref() == Some(key)).map(|value| value.kind)
            });
            kinds.next()
        };
        own.map(|value| value.kind).or_else(joined).or_else(|| match column.to_ascii_lowercase().as_str() {
            // The same values under the name that a fact table gives them.
            "artist_name" | "similar_artist_name" | "featured_artists" | "artist_id" | "similar_artist_id" => Some(ValueKind::Artist),
            "title" | "track_title" => Some(ValueKind::Title),
            "country" => Some(ValueKind::Country),
            _ => None,
        })
    }

    /// The unit of a column's numbers.
    #[must_use]
    pub fn unit(&self, table: &str, column: &str) -> Option<&str> {
        self.tables.get(table)?.columns.get(column)?.unit.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    #[test]
    fn semantics_speak_of_every_table_and_column_and_of_no_other() {
        let (semantics, catalog) = (Semantics::embedded(), Catalog::embedded());
        let mut tables: Vec<&str> = catalog.tables.iter().map(|table| table.name.as_str()).collect();
        tables.sort_unstable();
        assert_eq!(semantics.tables.keys().map(String::as_str).collect::<Vec<_>>(), tables);
        for table in &catalog.tables {
            let words = &semantics.tables[&table.name];
            assert!(!words.en.is_empty() && !words.fr.is_empty(), "{}", table.name);
            let mut columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
            columns.sort_unstable();
            assert_eq!(words.columns.keys().map(String::as_str).collect::<Vec<_>>(), columns, "{}", table.name);
            for (column, words) in &words.columns {
                assert!(!words.en.is_empty() && !words.fr.is_empty(), "{}.{column}", table.name);
            }
        }
    }

    #[test]
    fn joins_and_values_name_columns_that_exist_and_join_equal_types() {
        let (semantics, catalog) = (Semantics::embedded(), Catalog::embedded());
        let column = |table: &str, column: &str| {
            catalog.table(table).and_then(|table| table.column(column)).cloned().unwrap_or_else(|| panic!("{table}.{column}"))
        };
        for join in &semantics.joins {
            assert!(!join.keys.is_empty());
            for (left, right) in &join.keys {
                assert_eq!(column(&join.left, left).column_type, column(&join.right, right).column_type, "{join:?}");
            }
        }
        for value in &semantics.values {
            column(&value.table, &value.column);
            value.key.iter().for_each(|key| drop(column(&value.table, key)));
        }
        assert_eq!((semantics.examples.en.len(), semantics.examples.fr.len()), (12, 12));
    }

    #[test]
    fn columns_know_what_their_values_name() {
        let check = |table: &str, column: &str, kind: Option<ValueKind>| {
            assert_eq!(Semantics::embedded().value_kind(table, column), kind, "{table}.{column}");
        };
        check("artists", "name", Some(ValueKind::Artist));
        check("artists", "artist_id", Some(ValueKind::Artist));
        check("listens", "artist_id", Some(ValueKind::Artist));
        check("similar_artists", "similar_artist_id", Some(ValueKind::Artist));
        check("chart_entries", "title", Some(ValueKind::Title));
        check("listening_events", "track_title", Some(ValueKind::Title));
        check("listening_events", "country", Some(ValueKind::Country));
        check("artists", "genres", Some(ValueKind::Genre));
        check("tracks", "album", Some(ValueKind::Album));
        check("chart_entries", "chart", Some(ValueKind::Chart));
        check("listens", "plays", None);
        check("users", "user_id", None);
    }
}
