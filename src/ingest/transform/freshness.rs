//! How new the data of each source is, and which days of a daily load are missing.
//!
//! Files are loaded when there are new ones, so only the day of the last load is told of them. Web APIs keep no past: a day on which
//! they were not asked is a day without charts and figures for good, and it shows for a month.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, TimeDelta};

use super::super::web::WebSource;
use super::super::{IngestError, Sink, tables};
use super::checks::CheckResult;

/// For so long a missed day is told.
const REMEMBERED: TimeDelta = TimeDelta::days(30);

/// How new a source is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freshness {
    pub source: String,
    /// The day of the last load (UTC).
    pub last: NaiveDate,
    /// Days from then to today.
    pub days_old: i64,
    /// Days of the last month, after the first load of a web API and before today, on which it was not loaded.
    pub missed: Vec<NaiveDate>,
}

/// How new every source is that was loaded, by name.
///
/// # Errors
/// What the warehouse says.
pub async fn freshness(sink: &dyn Sink, today: NaiveDate) -> Result<Vec<Freshness>, IngestError> {
    if sink.state(tables::RAW, "loads").await?.is_none() {
        return Ok(Vec::new());
    }
    // A load of which every row was rejected brought nothing.
    let sql = format!(
        "SELECT source, day FROM (SELECT source, CAST(DATE(loaded_at) AS STRING) AS day FROM {}.loads\n\
         GROUP BY source, CAST(DATE(loaded_at) AS STRING) HAVING SUM(rows_landed) > 0 OR SUM(rows_rejected) = 0)",
        tables::RAW
    );
    let mut days: BTreeMap<String, BTreeSet<NaiveDate>> = BTreeMap::new();
    for row in sink.texts(&sql).await? {
        if let [Some(source), Some(day)] = row.as_slice()
            && let Ok(day) = day.parse()
        {
            days.entry(source.clone()).or_default().insert(day);
        }
    }
    Ok(days.into_iter().filter_map(|(source, days)| of(source, &days, today)).collect())
}

fn of(source: String, days: &BTreeSet<NaiveDate>, today: NaiveDate) -> Option<Freshness> {
    let (first, last) = (*days.first()?, *days.last()?);
    let daily = WebSource::named(&source).is_some();
    let from = first.max(today - REMEMBERED);
    let missed = from.iter_days().take_while(|day| daily && *day < today).filter(|day| !days.contains(day)).collect();
    Some(Freshness { source, last, days_old: (today - last).num_days(), missed })
}

/// As data tests: each of the sources that are to come every day must have come within so many days.
#[must_use]
pub fn stale(found: &[Freshness], expected: &[&str], most_days: i64) -> Vec<CheckResult> {
    let test = |source: &&str| {
        let days_old = found.iter().find(|freshness| freshness.source == **source).map_or(i64::MAX, |freshness| freshness.days_old);
        let name = match days_old {
            i64::MAX => format!("{source} is to come every day and never came"),
            days => format!("{source} is to come every day: {days} days old, {most_days} at most"),
        };
        CheckResult { name, broken: i64::from(days_old > most_days) }
    };
    expected.iter().map(test).collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::{Write, landing, memory::Memory};
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_missed_day_shows_for_a_month_and_a_day_that_is_not_over_does_not() {
        let check = |source: &str, days: &[&str], today: &str, expected: (i64, &[&str])| {
            let days = days.iter().map(|text| day(text)).collect();
            let found = of(source.to_owned(), &days, day(today)).unwrap();
            let missed: Vec<String> = found.missed.iter().map(ToString::to_string).collect();
            assert_eq!((found.days_old, missed.join(" ")), (expected.0, expected.1.join(" ")), "{source} {days:?} {today}");
        };
        check("lastfm", &["2026-05-01", "2026-05-02", "2026-05-04"], "2026-05-05", (1, &["2026-05-03"]));
        check("lastfm", &["2026-05-01"], "2026-05-01", (0, &[]));
        check("lastfm", &["2026-05-01"], "2026-05-04", (3, &["2026-05-02", "2026-05-03"]));
        check("hetrec", &["2026-05-01"], "2026-05-04", (3, &[]));
        let rest: Vec<String> = (3..=31).map(|day| format!("2026-05-{day:02}")).collect();
        let mut days = vec!["2026-05-01"];
        days.extend(rest.iter().map(String::as_str));
        check("deezer", &days, "2026-05-31", (0, &["2026-05-02"]));
        check("deezer", &days, "2026-06-02", (2, &["2026-06-01"]));
    }

    #[test]
    fn sources_that_are_to_come_every_day_and_do_not_are_failed_tests() {
        let found = [of("lastfm".to_owned(), &[day("2026-05-01")].into(), day("2026-05-04")).unwrap()];
        let results = stale(&found, &["lastfm", "deezer"], 2);
        assert_eq!(results.iter().map(|result| result.broken).collect::<Vec<_>>(), [1, 1]);
        assert_eq!(results[0].name, "lastfm is to come every day: 3 days old, 2 at most");
        assert_eq!(stale(&found, &["lastfm"], 3)[0].broken, 0);
    }

    #[tokio::test]
    async fn a_warehouse_without_loads_has_no_freshness() {
        let sink = Memory::default();
        assert_eq!(freshness(&sink, day("2026-05-04")).await.unwrap(), []);
        let loads = tables::bronze("loads");
        sink.load(tables::RAW, loads, landing::pack::<serde_json::Value>(&[]), Write::Append).await.unwrap();
        assert_eq!(freshness(&sink, day("2026-05-04")).await.unwrap(), []);
    }
}
