//! What file sources say of popularity, kept at each load: a file takes the place of the one before it in `music_raw`, and the figures
//! of both stay.
//!
//! A capture is the set of keys and figures that a load brought. One that is equal to an earlier capture of the source is not kept
//! again, whenever it is loaded: loading a file twice is one capture. Each is appended by one job, so that it is there whole or not.

use std::sync::Arc;

use chrono::NaiveDate;

use super::load::{self, LoadReport, Source};
use super::{IngestError, PartSink, Places, Progress, Sink, Write, tables};

const CAPTURES: &str = include_str!("../../transforms/history.sql");

/// What is kept of a source.
#[derive(Debug, Clone, Copy)]
pub(super) struct Capture {
    /// As transforms/history.sql names it.
    pub(super) name: &'static str,
    pub(super) sql: &'static str,
    /// `track` or `artist`.
    kind: Kind,
    source: &'static str,
    /// The table of `music_raw` that tells the time of the load.
    pub(super) table: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Tracks,
    Artists,
}

/// Loads a source of files as [`load::load`] does, and keeps its figures: as those of the day when the files were made, where it is
/// told, else of the day of the load.
///
/// # Errors
/// As [`load::load`].
pub async fn load_as_of(
    sink: &dyn PartSink,
    source: Source,
    places: impl Into<Places>,
    captured_on: Option<NaiveDate>,
    progress: &Arc<dyn Progress>,
) -> Result<LoadReport, IngestError> {
    let report = load::load(sink, source, places, progress).await?;
    for capture in captures().filter(|capture| capture.source == source.name()) {
        capture.keep(sink, captured_on).await?;
    }
    Ok(report)
}

/// Whether the source has figures of a day.
#[must_use]
pub fn has_figures(source: Source) -> bool {
    captures().any(|capture| capture.source == source.name())
}

/// What is kept, source by source.
pub(super) fn captures() -> impl Iterator<Item = Capture> {
    CAPTURES.split("-- history: ").skip(1).filter_map(|block| {
        let (name, sql) = block.split_once('\n')?;
        let (kind, rest) = name.split_once(" of ")?;
        let (source, table) = rest.split_once(" in ")?;
        let kind = if kind == "tracks" { Kind::Tracks } else { Kind::Artists };
        Some(Capture { name, sql: sql.trim(), kind, source, table })
    })
}

impl Capture {
    /// The table of `music_raw` that the figures go into.
    pub(super) fn into(self) -> &'static str {
        self.kind.table()
    }

    /// Appends the figures that bronze holds now, unless an earlier capture of the source is the same. Returns whether it did.
    pub(super) async fn keep(self, sink: &dyn Sink, captured_on: Option<NaiveDate>) -> Result<bool, IngestError> {
        if sink.count(&self.is_news()).await? == 0 {
            return Ok(false);
        }
        sink.select_into(&self.figures(captured_on), tables::RAW, tables::bronze(self.kind.table()), Write::Append).await?;
        Ok(true)
    }

    /// 1 when there are figures and they are not those of an earlier capture.
    fn is_news(self) -> String {
        let Self { sql, source, kind, .. } = self;
        let table = format!("{}.{}", tables::RAW, kind.table());
        let same = match kind {
            Kind::Tracks => "figures.track_key = kept.track_key AND figures.popularity = kept.popularity",
            Kind::Artists => {
                "figures.alias_id = kept.alias_id AND IFNULL(figures.popularity, -1) = IFNULL(kept.popularity, -1) \
                 AND IFNULL(figures.followers, -1) = IFNULL(kept.followers, -1)"
            }
        };
        format!(
            "WITH figures AS (\n{sql}\n),\n\
             kept AS (SELECT * FROM {table} WHERE source = '{source}'),\n\
             captures AS (SELECT captured_at, loaded_at, COUNT(*) AS figures FROM kept GROUP BY captured_at, loaded_at),\n\
             agreeing AS (\n  SELECT kept.captured_at, kept.loaded_at, COUNT(*) AS figures\n  FROM kept\n  JOIN figures ON {same}\n  \
             GROUP BY kept.captured_at, kept.loaded_at\n),\n\
             repeated AS (\n  SELECT captures.figures\n  FROM captures\n  JOIN agreeing\n    ON agreeing.captured_at = captures.captured_at \
             AND agreeing.loaded_at = captures.loaded_at AND agreeing.figures = captures.figures\n),\n\
             total AS (SELECT COUNT(*) AS figures FROM figures)\n\
             SELECT COUNT(*) FROM total LEFT JOIN repeated ON repeated.figures = total.figures\n\
             WHERE total.figures > 0 AND repeated.figures IS NULL"
        )
    }

    fn figures(self, captured_on: Option<NaiveDate>) -> String {
        let Self { sql, source, kind, table, .. } = self;
        let loaded_at = format!("(SELECT MAX(loaded_at) FROM {}.{table})", tables::RAW);
        let captured_at = captured_on.map_or_else(|| "load.loaded_at".to_owned(), |day| format!("TIMESTAMP '{day} 00:00:00+00'"));
        let columns = match kind {
            Kind::Tracks => ["figures.track_key, figures.track_id, figures.alias_id, figures.title", "figures.popularity"],
            Kind::Artists => ["figures.alias_id", "figures.popularity, figures.followers, figures.own"],
        };
        format!(
            "WITH figures AS (\n{sql}\n),\nload AS (SELECT {loaded_at} AS loaded_at)\n\
             SELECT '{source}' AS source, {}, {captured_at} AS captured_at, load.loaded_at, {}\nFROM figures\nCROSS JOIN load",
            columns[0], columns[1]
        )
    }
}

impl Kind {
    fn table(self) -> &'static str {
        match self {
            Self::Tracks => "track_history",
            Self::Artists => "artist_history",
        }
    }
}

#[cfg(test)]
mod tests {
    use sqlparser::dialect::BigQueryDialect;
    use sqlparser::parser::Parser;

    use super::*;

    #[test]
    fn every_source_with_popularity_is_kept_by_one_query_each() {
        let captures: Vec<Capture> = captures().collect();
        assert_eq!(captures.len(), 8);
        for capture in captures {
            assert!(Source::named(capture.source).is_some(), "{}", capture.name);
            assert!(tables::find(tables::RAW, capture.table).is_some(), "{}", capture.name);
            let day = NaiveDate::from_ymd_opt(2020, 5, 1);
            for sql in [capture.is_news(), capture.figures(None), capture.figures(day)] {
                let parsed = Parser::parse_sql(&BigQueryDialect {}, &sql);
                assert!(parsed.is_ok_and(|statements| statements.len() == 1), "{sql}");
            }
        }
    }
}
