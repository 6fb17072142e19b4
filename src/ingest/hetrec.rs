//! HetRec 2011 Last.fm: five tab-separated files. <https://grouplens.org/datasets/hetrec-2011/>
//!
//! `"` is a character like any other there, tags.dat is Latin-1, and all but artists.dat end their lines with CR LF.
//! 1,538 tag assignments name artists that artists.dat lacks: no table could hold them by name, so they are rejects. Five are
//! dated before 2000, when there was no Last.fm: the assignment itself is good, so they land as given, and the transform leaves
//! their time out.

use std::collections::HashSet;

use chrono::NaiveDate;
use serde::Serialize;

use super::IngestError;
use super::files::{Input, SourceFile};
use super::landing::Landing;
use super::records::{self, Dialect, Record, TSV, TSV_LATIN1};
use crate::catalog::artist_key;

pub(super) const SOURCE: &str = "hetrec";
pub(super) const TABLES: &[&str] =
    &["hetrec_artists", "hetrec_user_artists", "hetrec_tags", "hetrec_user_taggedartists", "hetrec_user_friends"];

struct Layout {
    file: &'static str,
    table: &'static str,
    columns: &'static [&'static str],
    dialect: Dialect,
}

/// In the order that lets every file refer to the ones before.
const LAYOUTS: [Layout; 5] = [
    Layout { file: "artists.dat", table: TABLES[0], columns: &["id", "name", "url", "pictureURL"], dialect: TSV },
    Layout { file: "user_artists.dat", table: TABLES[1], columns: &["userID", "artistID", "weight"], dialect: TSV },
    Layout { file: "tags.dat", table: TABLES[2], columns: &["tagID", "tagValue"], dialect: TSV_LATIN1 },
    Layout {
        file: "user_taggedartists.dat",
        table: TABLES[3],
        columns: &["userID", "artistID", "tagID", "day", "month", "year"],
        dialect: TSV,
    },
    Layout { file: "user_friends.dat", table: TABLES[4], columns: &["userID", "friendID"], dialect: TSV },
];

#[derive(Serialize)]
#[serde(untagged)]
enum Row {
    Artist { id: i64, name: String, url: Option<String>, picture_url: Option<String>, artist_id: String },
    Plays { user_id: i64, hetrec_artist_id: i64, weight: i64 },
    Tag { tag_id: i64, tag_value: String },
    Tagged { user_id: i64, hetrec_artist_id: i64, tag_id: i64, tagged_on: NaiveDate },
    Friends { user_id: i64, friend_id: i64 },
}

/// The ids that other files may refer to.
#[derive(Default)]
struct Known {
    artists: HashSet<i64>,
    tags: HashSet<i64>,
}

pub(super) fn read(input: &Input, landing: &mut Landing) -> Result<(), IngestError> {
    let mut found: Vec<&SourceFile> = Vec::with_capacity(LAYOUTS.len());
    for layout in &LAYOUTS {
        let mut files = input.files.iter().filter(|file| file.base_name() == layout.file);
        match (files.next(), files.next()) {
            (Some(file), None) => found.push(file),
            _ => {
                let expected = "a zip archive or folder with artists.dat, user_artists.dat, tags.dat, user_taggedartists.dat and \
                                user_friends.dat, each once (or all five of them named)";
                return Err(input.wrong(SOURCE, expected, input.listed()));
            }
        }
    }
    let mut known = Known::default();
    for (layout, file) in LAYOUTS.iter().zip(found) {
        let content = landing.open(file)?;
        let columns = records::columns(content.head(), layout.dialect);
        if !columns.has_all(layout.columns) {
            let expected = format!("{} with the tab-separated columns {}", layout.file, layout.columns.join(", "));
            return Err(input.wrong(SOURCE, expected, columns.listed()));
        }
        landing.file(layout.table, file, content, (&columns, layout.dialect), |record| row(layout.file, record, &mut known))?;
    }
    Ok(())
}

fn row(file: &str, record: &Record<'_>, known: &mut Known) -> Result<Row, String> {
    match file {
        "artists.dat" => {
            let (id, name) = (record.whole("id")?, record.required_text("name")?);
            if !known.artists.insert(id) {
                return Err(format!("artist {id} stands twice"));
            }
            let artist_id = artist_key(&name);
            Ok(Row::Artist { id, name, url: record.optional_text("url"), picture_url: record.optional_text("pictureURL"), artist_id })
        }
        "user_artists.dat" => Ok(Row::Plays {
            user_id: record.whole("userID")?,
            hetrec_artist_id: known_artist(record, known)?,
            weight: record.whole_within("weight", 0, i64::MAX)?.ok_or("weight is empty")?,
        }),
        "tags.dat" => {
            let (tag_id, tag_value) = (record.whole("tagID")?, record.required_text("tagValue")?);
            if !known.tags.insert(tag_id) {
                return Err(format!("tag {tag_id} stands twice"));
            }
            Ok(Row::Tag { tag_id, tag_value })
        }
        "user_taggedartists.dat" => {
            let tag_id = record.whole("tagID")?;
            if !known.tags.contains(&tag_id) {
                return Err(format!("tag {tag_id} is not in tags.dat"));
            }
            let (day, month, year) = (record.whole("day")?, record.whole("month")?, record.whole("year")?);
            let tagged_on = date(year, month, day).ok_or_else(|| format!("no date: day {day}, month {month}, year {year}"))?;
            Ok(Row::Tagged { user_id: record.whole("userID")?, hetrec_artist_id: known_artist(record, known)?, tag_id, tagged_on })
        }
        _ => Ok(Row::Friends { user_id: record.whole("userID")?, friend_id: record.whole("friendID")? }),
    }
}

fn known_artist(record: &Record<'_>, known: &Known) -> Result<i64, String> {
    let id = record.whole("artistID")?;
    if known.artists.contains(&id) { Ok(id) } else { Err(format!("artist {id} is not in artists.dat")) }
}

fn date(year: i64, month: i64, day: i64) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, u32::try_from(month).ok()?, u32::try_from(day).ok()?)
}
