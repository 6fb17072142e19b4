//! The SELECTs of transforms/: what each builds, what it reads, and what its result goes by.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::super::tables;
use crate::catalog::Table;

/// What stands between these lines of a SELECT is there when simulated plays are to count.
const IF_SIMULATED: &str = "-- if simulated:";
const END_IF: &str = "-- end if";
/// The second line of a SELECT whose table is written partition by partition.
const BY_PARTITION: &str = "-- by partition";

/// A SELECT and the table that it builds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) name: &'static str,
    pub(super) sql: &'static str,
}

/// A table by its dataset.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) dataset: &'static str,
    pub(super) table: &'static Table,
}

macro_rules! steps {
    ($($name:literal)*) => {
        &[$(Step { name: $name, sql: include_str!(concat!("../../../transforms/", $name, ".sql")) }),*]
    };
}

/// In the order in which they are run: a later one may read the tables of the earlier ones.
pub(super) const STEPS: &[Step] = steps!("01_artist_spellings" "02_artist_keys" "03_artist_links" "04_artist_names" "05_user_names"
    "06_track_names" "10_artists" "20_tracks" "30_users" "40_listens" "41_listening_events" "50_artist_tags" "51_friendships" "60_chart_entries"
    "61_country_charts" "70_artist_snapshots" "71_track_snapshots" "72_similar_evidence" "80_artist_audiences" "81_artist_tastes"
    "82_user_tastes" "83_artist_neighbours" "84_similar_artists" "85_recommendation_candidates" "86_recommendations" "87_user_features"
    "88_user_segments" "90_lineage");

impl Step {
    /// `-- target: DATASET.TABLE` is the first line of each.
    pub(super) fn target(self) -> Place {
        let target = self.sql.lines().next().and_then(|line| line.strip_prefix("-- target: "));
        let place = target.and_then(|target| target.split_once('.')).and_then(|(dataset, name)| Place::find(dataset, name));
        place.expect("every transform names its table, and a test reads them")
    }

    /// The text of a row, where the result goes by its rows: built again with the same rows, it makes nobody build again who reads it.
    pub(super) fn row_text(self) -> Option<&'static str> {
        self.sql.lines().nth(1)?.strip_prefix("-- version: ")
    }

    /// The SELECT, with simulated plays among the real ones or without.
    pub(super) fn query(self, simulated: bool) -> Cow<'static, str> {
        if simulated || !self.sql.contains(IF_SIMULATED) {
            return Cow::Borrowed(self.sql);
        }
        let mut left_out = false;
        let lines = self.sql.lines().filter(|line| {
            left_out |= line.trim() == IF_SIMULATED;
            let kept = !left_out;
            left_out &= line.trim() != END_IF;
            kept
        });
        Cow::Owned(lines.collect::<Vec<_>>().join("\n"))
    }

    /// Whether only those partitions are written whose rows are others than before.
    pub(super) fn is_by_partition(self) -> bool {
        self.sql.lines().nth(1) == Some(BY_PARTITION)
    }

    /// The tables that it reads, each once, by name.
    pub(super) fn inputs(self, simulated: bool) -> Vec<Place> {
        let query = self.query(simulated);
        let code = query.lines().filter(|line| !line.trim_start().starts_with("--"));
        let words = code.flat_map(|line| line.split(|c: char| !(c == '.' || c == '_' || c.is_ascii_alphanumeric())));
        let named: BTreeSet<(&str, &str)> =
            words.filter_map(|word| word.split_once('.')).filter(|(dataset, _)| [tables::MUSIC, tables::RAW].contains(dataset)).collect();
        let place = |(dataset, name)| Place::find(dataset, name).expect("transforms read tables of the catalogue, and a test looks");
        named.into_iter().map(place).collect()
    }
}

impl Place {
    fn find(dataset: &str, name: &str) -> Option<Self> {
        let dataset = [tables::MUSIC, tables::RAW].into_iter().find(|known| *known == dataset)?;
        Some(Self { dataset, table: tables::find(dataset, name)? })
    }

    /// As SQL names it.
    pub(super) fn path(self) -> String {
        format!("{}.{}", self.dataset, self.table.name)
    }
}

#[cfg(test)]
mod tests {
    use sqlparser::ast::Statement;
    use sqlparser::dialect::BigQueryDialect;
    use sqlparser::parser::Parser;

    use super::super::checks;
    use super::*;

    #[test]
    fn every_table_has_one_transform_and_everything_is_one_query() {
        let targets: Vec<String> = STEPS.iter().map(|step| step.target().path()).collect();
        assert_eq!(targets.iter().collect::<BTreeSet<_>>().len(), targets.len());
        for table in tables::music() {
            assert!(targets.contains(&format!("music.{}", table.name)), "{}", table.name);
        }
        assert!(STEPS.is_sorted_by_key(|step| step.name));
        let names = |folder: &str| -> BTreeSet<String> {
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
        };
        let files = names("transforms").into_iter().filter(|name| name.starts_with(|c: char| c.is_ascii_digit()));
        assert_eq!(files.collect::<Vec<_>>(), STEPS.iter().map(|step| format!("{}.sql", step.name)).collect::<Vec<_>>());
        let queries = STEPS.iter().flat_map(|step| [step.query(true), step.query(false)]);
        for sql in queries.chain(checks::all().map(|check| Cow::Borrowed(check.sql))) {
            let statements = Parser::parse_sql(&BigQueryDialect {}, &sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
            assert!(matches!(statements.as_slice(), [Statement::Query(_)]), "{sql}");
        }
    }

    #[test]
    fn simulated_plays_are_read_only_where_they_are_to_count() {
        let readers = |simulated: bool| -> Vec<&str> {
            let reads = |step: &&Step| step.inputs(simulated).iter().any(|input| input.path() == "music_raw.simulated_events");
            STEPS.iter().filter(reads).map(|step| step.name).collect()
        };
        assert_eq!(readers(true), ["30_users", "40_listens", "41_listening_events", "90_lineage"]);
        assert_eq!(readers(false), [""; 0]);
        for step in STEPS {
            let marks = |mark: &str| step.sql.lines().filter(|line| line.trim() == mark).count();
            assert_eq!(marks(IF_SIMULATED), marks(END_IF), "{}", step.name);
        }
    }

    #[test]
    fn a_transform_reads_only_what_was_loaded_or_built_before() {
        let built_at = |path: &str| STEPS.iter().position(|step| step.target().path() == path);
        for (at, step) in STEPS.iter().enumerate() {
            let inputs = step.inputs(true);
            assert!(!inputs.is_empty(), "{}", step.name);
            for input in inputs {
                let before = match built_at(&input.path()) {
                    Some(built_at) => built_at < at,
                    None => input.dataset == tables::RAW,
                };
                assert!(before, "{} reads {}", step.name, input.path());
            }
        }
    }
}
