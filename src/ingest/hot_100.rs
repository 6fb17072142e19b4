//! The Billboard Hot 100, a row for each week and rank.
//!
//! The credit (`Rihanna Featuring Drake`) is kept as given; beside it stands its leading artist, so that charts join with the
//! rest. `&`, `and`, `/` and `x` are not taken apart: they are as often part of a name as between two.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::Regex;
use serde::Serialize;

use super::IngestError;
use super::files::Input;
use super::landing::Landing;
use super::load;
use super::records::Record;
use crate::catalog::artist_key;

pub(super) const SOURCE: &str = "hot-100";
pub(super) const TABLES: &[&str] = &["hot_100"];
const COLUMNS: &[&str] = &["date", "this_week", "song", "artist", "last_week", "peak_position", "weeks_on_chart"];

#[derive(Serialize)]
struct Row {
    chart_date: NaiveDate,
    this_week: i64,
    song: String,
    artist: String,
    last_week: Option<i64>,
    peak_position: Option<i64>,
    weeks_on_chart: Option<i64>,
    artist_id: String,
    lead_artist: String,
}

/// Leading artists that are remembered, with their keys: most credits stand in many weeks.
const MOST_KNOWN: usize = 50_000;
type Known = RefCell<HashMap<String, (String, String)>>;

pub(super) fn read(input: &Input, landing: &mut Landing) -> Result<(), IngestError> {
    let known = Known::default();
    load::csv_files(input, landing, (SOURCE, TABLES[0], COLUMNS), |record| row(record, &known))
}

fn row(record: &Record<'_>, known: &Known) -> Result<Row, String> {
    let date = record.required_text("date")?;
    let artist = record.required_text("artist")?;
    let (artist_id, lead_artist) = known_lead(&artist, &mut known.borrow_mut());
    Ok(Row {
        chart_date: date.parse().map_err(|_| format!("date is no day: {date:?}"))?,
        this_week: record.whole_within("this_week", 1, 100)?.ok_or("this_week is empty")?,
        song: record.required_text("song")?,
        last_week: record.whole_within("last_week", 1, 100)?,
        peak_position: record.whole_within("peak_position", 1, 100)?,
        weeks_on_chart: record.whole_within("weeks_on_chart", 1, i64::MAX)?,
        artist_id,
        lead_artist,
        artist,
    })
}

/// Key and name of the leading artist of a credit.
fn known_lead(credit: &str, known: &mut HashMap<String, (String, String)>) -> (String, String) {
    if let Some(found) = known.get(credit) {
        return found.clone();
    }
    let lead = lead(credit).to_owned();
    let found = (artist_key(&lead), lead);
    if known.len() >= MOST_KNOWN {
        known.clear();
    }
    known.insert(credit.to_owned(), found.clone());
    found
}

/// The leading artist of a credit: what stands before `Featuring`, `Feat.`, `Ft.` or `With`.
fn lead(credit: &str) -> &str {
    static GUEST: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\s*[(\[]\s*(featuring|feat\.|ft\.|with|duet with)\s|\s+(featuring:?|feat\.?|ft\.?|with|duet with)\s")
            .expect("the pattern is fixed and a test uses it")
    });
    // A band whose name has the word.
    if credit.starts_with("Sleeping With Sirens") {
        return credit;
    }
    let lead = GUEST.find(credit).map_or(credit, |guest| &credit[..guest.start()]).trim();
    if lead.is_empty() { credit } else { lead }
}

#[cfg(test)]
mod tests {
    use super::lead;

    #[test]
    fn the_leading_artist_is_what_stands_before_the_guests() {
        let check = |credit: &str, expected: &str| assert_eq!(lead(credit), expected, "{credit}");
        check("Ricky Nelson", "Ricky Nelson");
        check("Rihanna Featuring Drake", "Rihanna");
        check("BLACKstreet (Featuring Dr. Dre)", "BLACKstreet");
        check("Gerald Levert (Duet With Eddie Levert)", "Gerald Levert");
        check("Scarface Feat. Ice Cube", "Scarface");
        check("Spiral Starecase Featuring: Pat Upton", "Spiral Starecase");
        check("Elvis Presley With The Jordanaires", "Elvis Presley");
        check("Simon & Garfunkel", "Simon & Garfunkel");
        check("Earth, Wind & Fire With The Emotions", "Earth, Wind & Fire");
        check("Feather", "Feather");
        check("Bill Withers", "Bill Withers");
        check("With", "With");
        check("Sleeping With Sirens", "Sleeping With Sirens");
    }
}
