//! What was built and from what, as `music_raw.transforms` keeps it: what has not changed since is not built again.
//!
//! A step's fingerprint stands for its SQL and for the state of every table that it reads. It is noted after the table was replaced,
//! with the tag that the warehouse gave the table then. A run that breaks off between leaves a table whose tag nobody noted, and the
//! next run builds it again; so does a table that somebody else changed.

use std::collections::HashMap;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::super::landing::pack;
use super::super::{IngestError, Sink, TableState, Write, tables};

const TABLE: &str = "transforms";
/// Notes of a few weeks; then only the latest are kept.
const MOST_ROWS: u64 = 1000;
/// So many bytes of a hash tell states apart.
const HASH_BYTES: usize = 12;

/// What the warehouse knows of earlier runs.
pub(super) struct Record {
    latest: HashMap<String, Built>,
}

/// What was built, and from what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Built {
    pub(super) fingerprint: String,
    /// Stands for the result, for those who read it.
    pub(super) version: String,
    /// The warehouse's tag of the table.
    pub(super) table_version: String,
}

/// What is to be noted of something that was built.
#[derive(Debug, Clone)]
pub(super) struct Note {
    pub(super) target: String,
    pub(super) built: Built,
    pub(super) rows: u64,
    pub(super) built_at: DateTime<Utc>,
}

#[derive(Serialize)]
struct Row {
    target: String,
    fingerprint: String,
    version: String,
    table_version: String,
    table_rows: u64,
    built_at: String,
}

impl Record {
    /// Reads what earlier runs noted.
    ///
    /// # Errors
    /// What the warehouse says.
    pub(super) async fn read(sink: &dyn Sink) -> Result<Self, IngestError> {
        let latest = |columns: &str| {
            format!(
                "SELECT {columns} FROM {}.{TABLE} WHERE TRUE QUALIFY ROW_NUMBER() OVER (PARTITION BY target ORDER BY built_at DESC) = 1",
                tables::RAW
            )
        };
        if sink.state(tables::RAW, TABLE).await?.is_some_and(|state| state.rows > MOST_ROWS) {
            let columns = "target, fingerprint, version, table_version, table_rows, built_at";
            sink.select_into(&latest(columns), tables::RAW, tables::bronze(TABLE), Write::Replace).await?;
        }
        let sql = latest("target, fingerprint, version, table_version");
        let mut latest = HashMap::new();
        for row in sink.texts(&sql).await? {
            let mut row = row.into_iter().flatten();
            if let (Some(target), Some(fingerprint), Some(version), Some(table_version)) = (row.next(), row.next(), row.next(), row.next())
            {
                latest.insert(target, Built { fingerprint, version, table_version });
            }
        }
        Ok(Self { latest })
    }

    /// What was built under the name from just this, if the table is as it was left then.
    pub(super) fn unchanged(&self, target: &str, fingerprint: &str, state: Option<&TableState>) -> Option<&Built> {
        let built = self.latest.get(target)?;
        let same_table = state.is_none_or(|state| !state.version.is_empty() && state.version == built.table_version);
        (built.fingerprint == fingerprint && same_table).then_some(built)
    }

    /// What the rows of a table go by that nobody has touched since it was built.
    pub(super) fn version(&self, target: &str, state: &TableState) -> Option<&str> {
        let built = self.latest.get(target)?;
        (!state.version.is_empty() && state.version == built.table_version).then_some(&built.version)
    }

    /// Notes what was built, all of it at once.
    ///
    /// # Errors
    /// What the warehouse says.
    pub(super) async fn note(sink: &dyn Sink, notes: &[Note]) -> Result<(), IngestError> {
        let row = |note: &Note| {
            let Built { fingerprint, version, table_version } = note.built.clone();
            let built_at = note.built_at.to_rfc3339_opts(SecondsFormat::Micros, true);
            Row { target: note.target.clone(), fingerprint, version, table_version, table_rows: note.rows, built_at }
        };
        let rows: Vec<Row> = notes.iter().map(row).collect();
        sink.load(tables::RAW, tables::bronze(TABLE), pack(&rows), Write::Append).await?;
        Ok(())
    }
}

/// One text for many, in their order.
pub(super) fn fingerprint<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        // With its length, so that no two lists run together.
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().iter().take(HASH_BYTES).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::memory::Memory;
    use super::*;

    #[tokio::test]
    async fn only_what_is_just_as_it_was_counts_as_unchanged() {
        let sink = Memory::default();
        sink.create_table(tables::RAW, tables::bronze(TABLE), false).await.unwrap();
        let built =
            |fingerprint: &str| Built { fingerprint: fingerprint.to_owned(), version: "v".to_owned(), table_version: "7".to_owned() };
        for text in ["old", "new"] {
            let note = Note { target: "music.artists".to_owned(), built: built(text), rows: 3, built_at: Utc::now() };
            Record::note(&sink, &[note]).await.unwrap();
        }
        let record = Record::read(&sink).await.unwrap();
        let state = |version: &str| TableState { version: version.to_owned(), rows: 3, ..TableState::default() };
        let check = |target: &str, fingerprint: &str, state: Option<TableState>, expected: bool| {
            assert_eq!(record.unchanged(target, fingerprint, state.as_ref()).is_some(), expected, "{target} {fingerprint} {state:?}");
        };
        check("music.artists", "new", Some(state("7")), true);
        check("music.artists", "new", None, true);
        check("music.artists", "new", Some(state("8")), false);
        check("music.artists", "old", Some(state("7")), false);
        check("music.tracks", "new", Some(state("7")), false);
    }

    #[test]
    fn fingerprints_tell_lists_apart() {
        assert_ne!(fingerprint(["ab", "c"]), fingerprint(["a", "bc"]));
        assert_eq!(fingerprint(["a"]).len(), 2 * HASH_BYTES);
    }
}
