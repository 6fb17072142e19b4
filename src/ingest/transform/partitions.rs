//! Tables that grow by days, written partition by partition: only those whose rows are others than before.
//!
//! Which they are is found by comparing: the SELECT is run for a checksum of each partition, and the table for its own. So nothing has
//! to be kept in mind between runs, and none can go wrong: late rows, rows that come twice, a name that changed years back, a run that
//! broke off between two partitions or a table that somebody wrote to all show as partitions that differ, and nothing else does. Each
//! partition is replaced at once, by a job of its own; when many differ, the table is replaced whole.
//!
//! Source: <https://cloud.google.com/bigquery/docs/managing-partitioned-table-data#write-to-partition>

use chrono::{Days, Months, NaiveDate};

use super::super::{IngestError, Sink, Write};
use super::steps::Place;
use crate::catalog::{ColumnType, PartitionUnit, Table};

/// When more of them differ, the table is replaced whole: each costs a reading of what the SELECT reads.
const MOST: usize = 8;

/// The partitions of a table that hold others rows than the SELECT gives, as they are named behind `table$`; `None` when they are many,
/// or when rows have no partition.
///
/// # Errors
/// What the warehouse says.
pub(super) async fn differing(sink: &dyn Sink, place: Place, sql: &str) -> Result<Option<Vec<String>>, IngestError> {
    let found = sink.texts(&comparison(place, sql)).await?;
    let ids: Option<Vec<String>> = found.into_iter().map(|row| row.into_iter().next().flatten()).collect();
    Ok(ids.filter(|ids| ids.len() <= MOST))
}

/// Replaces one partition by what the SELECT gives of it.
///
/// # Errors
/// What the warehouse says.
pub(super) async fn write(sink: &dyn Sink, place: Place, sql: &str, id: &str) -> Result<(), IngestError> {
    let Place { dataset, table } = place;
    let decorated = Table { name: format!("{}${id}", table.name), ..table.clone() };
    let within = within(table, id).expect("the warehouse names partitions as it was asked to");
    sink.select_into(&format!("SELECT * FROM (\n{sql}\n) AS wanted\nWHERE {within}"), dataset, &decorated, Write::Replace).await
}

/// The partitions whose number of rows or checksum differ between the SELECT and the table.
fn comparison(place: Place, sql: &str) -> String {
    let sums = sums(place.table);
    let path = place.path();
    format!(
        "WITH wanted AS (\n{sql}\n),\nwanted_sums AS (SELECT {sums} FROM wanted GROUP BY part),\n\
         held_sums AS (SELECT {sums} FROM {path} GROUP BY part)\n\
         SELECT IFNULL(wanted_sums.part, held_sums.part) AS part\nFROM wanted_sums\nFULL JOIN held_sums ON held_sums.part = wanted_sums.part\n\
         WHERE wanted_sums.part IS NULL OR held_sums.part IS NULL OR wanted_sums.part_rows != held_sums.part_rows\n  \
         OR wanted_sums.checksum != held_sums.checksum\nORDER BY part"
    )
}

/// Name, rows and checksum of a partition. The checksum is the same for the same rows in any order; every row is there once.
fn sums(table: &Table) -> String {
    let column = column(table);
    let is_date = table.columns.iter().any(|known| known.name == column && known.column_type == ColumnType::Date);
    let format = match table.partitioned_per {
        PartitionUnit::Day => "%Y%m%d",
        PartitionUnit::Month => "%Y%m",
    };
    let part = format!("{}('{format}', {column})", if is_date { "FORMAT_DATE" } else { "FORMAT_TIMESTAMP" });
    let cells: Vec<String> = table.columns.iter().map(|column| format!("IFNULL(CAST({} AS STRING), '-')", column.name)).collect();
    format!("{part} AS part, COUNT(*) AS part_rows, BIT_XOR(FARM_FINGERPRINT(CONCAT({}))) AS checksum", cells.join(", '|', "))
}

/// The condition that holds for the rows of a partition, as one that partitions are left out by.
fn within(table: &Table, id: &str) -> Option<String> {
    let column = column(table);
    let first = NaiveDate::parse_from_str(&format!("{id:0<6}01")[..8], "%Y%m%d").ok()?;
    let next = match table.partitioned_per {
        PartitionUnit::Day => first.checked_add_days(Days::new(1)),
        PartitionUnit::Month => first.checked_add_months(Months::new(1)),
    };
    let is_date = table.columns.iter().any(|known| known.name == column && known.column_type == ColumnType::Date);
    let literal = |day: NaiveDate| if is_date { format!("DATE '{day}'") } else { format!("TIMESTAMP '{day} 00:00:00+00'") };
    Some(format!("{column} >= {} AND {column} < {}", literal(first), literal(next?)))
}

fn column(table: &Table) -> &str {
    table.partitioned_by.as_deref().expect("what is written by partition is partitioned, and a test looks")
}

#[cfg(test)]
mod tests {
    use sqlparser::dialect::BigQueryDialect;
    use sqlparser::parser::Parser;

    use super::super::steps::STEPS;
    use super::*;
    use crate::catalog::Mode;

    #[test]
    fn what_is_written_by_partition_can_be_compared_and_cut() {
        let steps: Vec<_> = STEPS.iter().filter(|step| step.is_by_partition()).collect();
        let names: Vec<&str> = steps.iter().map(|step| step.target().table.name.as_str()).collect();
        assert_eq!(names, ["listening_events", "chart_entries", "country_charts", "artist_snapshots", "track_snapshots"]);
        for step in steps {
            let place = step.target();
            for sql in [comparison(place, step.sql), format!("SELECT * FROM (\n{}\n) AS wanted", step.sql)] {
                let parsed = Parser::parse_sql(&BigQueryDialect {}, &sql);
                assert!(parsed.is_ok_and(|statements| statements.len() == 1), "{sql}");
            }
            let partitioned = place.table.columns.iter().find(|known| known.name == column(place.table)).unwrap();
            assert!(partitioned.mode == Mode::Required, "{}: a row without a partition", step.name);
            assert!(place.table.columns.iter().all(|column| column.mode != Mode::Repeated), "{}: a list is no text", step.name);
        }
    }

    #[test]
    fn a_partition_is_cut_out_by_its_days() {
        let check = |table: &str, id: &str, expected: &str| {
            let table = super::super::super::tables::find("music", table).unwrap();
            assert_eq!(within(table, id).unwrap(), expected);
        };
        let day = "played_at >= TIMESTAMP '2026-12-31 00:00:00+00' AND played_at < TIMESTAMP '2027-01-01 00:00:00+00'";
        check("listening_events", "20261231", day);
        check("chart_entries", "202612", "chart_date >= DATE '2026-12-01' AND chart_date < DATE '2027-01-01'");
        let month = "captured_at >= TIMESTAMP '2026-02-01 00:00:00+00' AND captured_at < TIMESTAMP '2026-03-01 00:00:00+00'";
        check("track_snapshots", "202602", month);
    }
}
