//! Dates and times as a load job says that they are written: `dateFormat`, `datetimeFormat`, `timeFormat`,
//! `timestampFormat` and `timeZone`.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/format-elements#format_string_as_datetime>

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::Tz;

use super::cell::{Cell, days, parse_datetime, time_micros};
use crate::schema::FieldType;

/// The formats of one load; a type without one is read as GoogleSQL writes it.
#[derive(Debug, Clone, Default)]
pub(crate) struct TimeFormats {
    pub(crate) date: Option<Format>,
    pub(crate) datetime: Option<Format>,
    pub(crate) time: Option<Format>,
    pub(crate) timestamp: Option<Format>,
    /// What a TIMESTAMP without a zone is of.
    pub(crate) zone: Option<Tz>,
}

impl TimeFormats {
    /// The value of a text; `None` where no format says how this type is written.
    pub(super) fn read(&self, field_type: FieldType, text: &str) -> Option<Result<Cell, String>> {
        let format = match field_type {
            FieldType::Date => self.date.as_ref(),
            FieldType::Datetime => self.datetime.as_ref(),
            FieldType::Time => self.time.as_ref(),
            FieldType::Timestamp => self.timestamp.as_ref(),
            _ => return None,
        };
        let wrong = || format!("Unable to parse {text} as {}", field_type.sql_name());
        let Some(format) = format else {
            // A zone of the job counts where the text has none.
            let local =
                self.zone.filter(|_| field_type == FieldType::Timestamp).and_then(|zone| Some((zone, parse_datetime(text.trim())?)));
            return local.map(|(zone, at)| in_zone(zone, at).map(Cell::Int).ok_or_else(wrong));
        };
        Some(format.parse(text.trim()).and_then(|found| found.cell(field_type, self.zone)).ok_or_else(wrong))
    }
}

fn in_zone(zone: Tz, at: NaiveDateTime) -> Option<i64> {
    zone.from_local_datetime(&at).earliest().map(|at| at.timestamp_micros())
}

/// A format string, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Format(Vec<Element>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Element {
    Year,
    /// The last digits of a year.
    ShortYear(usize),
    Month,
    MonthName,
    ShortMonthName,
    Day,
    DayOfYear,
    DayName,
    Hour,
    Minute,
    Second,
    SecondOfDay,
    Fraction(usize),
    Meridian,
    ZoneHour,
    ZoneMinute,
    Literal(String),
}

/// The longer first.
const ELEMENTS: &[(&str, Element)] = &[
    ("SSSSS", Element::SecondOfDay),
    ("MONTH", Element::MonthName),
    ("YYYY", Element::Year),
    ("RRRR", Element::Year),
    ("HH24", Element::Hour),
    ("HH12", Element::Hour),
    ("A.M.", Element::Meridian),
    ("P.M.", Element::Meridian),
    ("YYY", Element::ShortYear(3)),
    ("MON", Element::ShortMonthName),
    ("DDD", Element::DayOfYear),
    ("DAY", Element::DayName),
    ("TZH", Element::ZoneHour),
    ("TZM", Element::ZoneMinute),
    ("YY", Element::ShortYear(2)),
    ("RR", Element::ShortYear(2)),
    ("MM", Element::Month),
    ("DD", Element::Day),
    ("DY", Element::DayName),
    ("HH", Element::Hour),
    ("MI", Element::Minute),
    ("SS", Element::Second),
    ("AM", Element::Meridian),
    ("PM", Element::Meridian),
    ("Y", Element::ShortYear(1)),
];
const MONTHS: [&str; 12] =
    ["JANUARY", "FEBRUARY", "MARCH", "APRIL", "MAY", "JUNE", "JULY", "AUGUST", "SEPTEMBER", "OCTOBER", "NOVEMBER", "DECEMBER"];
const DAYS: [&str; 7] = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"];

impl Format {
    /// Reads a format string.
    ///
    /// # Errors
    /// The element that is none.
    pub(crate) fn new(text: &str) -> Result<Self, String> {
        let mut elements = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let upper = rest.to_ascii_uppercase();
            if let Some(quoted) = rest.strip_prefix('"') {
                let (literal, after) = quoted.split_once('"').ok_or_else(|| format!("{rest:?} has no closing quote"))?;
                elements.push(Element::Literal(literal.to_owned()));
                rest = after;
            } else if let Some(digits) = upper.strip_prefix("FF") {
                let count = digits.chars().next().and_then(|d| d.to_digit(10)).filter(|d| *d > 0).ok_or_else(|| rest.to_owned())?;
                elements.push(Element::Fraction(count as usize));
                rest = &rest[3..];
            } else if let Some((name, element)) = ELEMENTS.iter().find(|(name, _)| upper.starts_with(name)) {
                elements.push(element.clone());
                rest = &rest[name.len()..];
            } else if first.is_ascii_punctuation() || first == ' ' || matches!(first, 'T' | 'Z') {
                elements.push(Element::Literal(first.to_string()));
                rest = &rest[first.len_utf8()..];
            } else {
                return Err(rest.to_owned());
            }
        }
        Ok(Self(elements))
    }

    fn parse(&self, text: &str) -> Option<Found> {
        let mut found = Found::default();
        let mut rest = text;
        for (place, element) in self.0.iter().enumerate() {
            // Numbers side by side have all their digits.
            let packed = self.0.get(place + 1).is_some_and(|next| !matches!(next, Element::Literal(_) | Element::Meridian));
            rest = found.take(element, rest, packed)?;
        }
        rest.is_empty().then_some(found)
    }
}

#[derive(Debug, Default)]
struct Found {
    year: Option<i32>,
    month: Option<u32>,
    day: Option<u32>,
    day_of_year: Option<u32>,
    hour: u32,
    minute: u32,
    second: u32,
    second_of_day: Option<u32>,
    micros: i64,
    afternoon: Option<bool>,
    /// Hours and minutes from UTC, and the sign of both.
    zone: Option<(i64, i64, i64)>,
}

impl Found {
    fn take<'a>(&mut self, element: &Element, text: &'a str, packed: bool) -> Option<&'a str> {
        let mut rest = text;
        match element {
            Element::Year => self.year = number(&mut rest, 4, packed)?.try_into().ok(),
            Element::ShortYear(digits) => {
                let short = i32::try_from(number(&mut rest, *digits, packed)?).ok()?;
                self.year = Some(if *digits == 2 && short >= 70 { 1900 + short } else { 2000 + short });
            }
            Element::Month => self.month = Some(number(&mut rest, 2, packed)?),
            Element::Day => self.day = Some(number(&mut rest, 2, packed)?),
            Element::DayOfYear => self.day_of_year = Some(number(&mut rest, 3, packed)?),
            Element::Hour => self.hour = number(&mut rest, 2, packed)?,
            Element::Minute => self.minute = number(&mut rest, 2, packed)?,
            Element::Second => self.second = number(&mut rest, 2, packed)?,
            Element::SecondOfDay => self.second_of_day = Some(number(&mut rest, 5, packed)?),
            Element::Fraction(most) => {
                let before = rest.len();
                let value = number(&mut rest, *most, packed)?;
                let digits = u32::try_from(before - rest.len()).ok()?;
                self.micros = i64::from(value) * 1_000_000 / 10_i64.pow(digits);
            }
            Element::MonthName | Element::ShortMonthName => {
                let (place, after) = name(rest, &MONTHS, *element == Element::ShortMonthName)?;
                self.month = u32::try_from(place + 1).ok();
                rest = after;
            }
            Element::DayName => rest = name(rest, &DAYS, true).or_else(|| name(rest, &DAYS, false))?.1,
            Element::Meridian => {
                let plain: String = rest.chars().take(4).filter(|c| *c != '.').take(2).collect::<String>().to_ascii_uppercase();
                self.afternoon = Some(match plain.as_str() {
                    "AM" => false,
                    "PM" => true,
                    _ => return None,
                });
                rest = &rest[if rest.as_bytes().get(1) == Some(&b'.') { 4.min(rest.len()) } else { 2 }..];
            }
            Element::ZoneHour => {
                let sign = if rest.starts_with('-') { -1 } else { 1 };
                rest = rest.trim_start_matches(['+', '-']);
                let digits = rest.bytes().take(2).take_while(u8::is_ascii_digit).count();
                let (hours, after) = rest.split_at(digits);
                self.zone = Some((hours.parse().ok()?, 0, sign));
                rest = after;
            }
            Element::ZoneMinute => {
                let minutes = number(&mut rest, 2, packed)?;
                let (hours, _, sign) = self.zone.unwrap_or((0, 0, 1));
                self.zone = Some((hours, i64::from(minutes), sign));
            }
            Element::Literal(literal) => rest = rest.strip_prefix(literal.as_str())?,
        }
        Some(rest)
    }

    fn cell(&self, field_type: FieldType, zone: Option<Tz>) -> Option<Cell> {
        let hour = match self.afternoon {
            Some(_) if self.hour == 0 || self.hour > 12 => return None,
            Some(afternoon) => self.hour % 12 + if afternoon { 12 } else { 0 },
            None => self.hour,
        };
        let time = match self.second_of_day {
            Some(seconds) => NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0)?,
            None => NaiveTime::from_hms_opt(hour, self.minute, self.second)?,
        };
        let time_of_day = time_micros(time) + self.micros;
        if field_type == FieldType::Time {
            return Some(Cell::Int(time_of_day));
        }
        let year = self.year.unwrap_or(1970);
        let date = match self.day_of_year {
            Some(day) => NaiveDate::from_yo_opt(year, day)?,
            None => NaiveDate::from_ymd_opt(year, self.month.unwrap_or(1), self.day.unwrap_or(1))?,
        };
        let at = date.and_time(NaiveTime::MIN).checked_add_signed(TimeDelta::microseconds(time_of_day))?;
        Some(match (field_type, self.zone, zone) {
            (FieldType::Date, ..) => Cell::Days(days(date)),
            (FieldType::Timestamp, Some((hours, minutes, sign)), _) => {
                Cell::Int(at.and_utc().timestamp_micros() - sign * (hours * 60 + minutes) * 60_000_000)
            }
            (FieldType::Timestamp, None, Some(zone)) => Cell::Int(in_zone(zone, at)?),
            _ => Cell::Int(at.and_utc().timestamp_micros()),
        })
    }
}

/// The number of at most so many digits that a text begins with.
fn number(text: &mut &str, most: usize, packed: bool) -> Option<u32> {
    let digits = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    if digits == 0 || (packed && digits < most) {
        return None;
    }
    let (digits, after) = text.split_at(digits);
    *text = after;
    digits.parse().ok()
}

/// The place of the name that a text begins with, and what follows it.
fn name<'a>(text: &'a str, names: &[&str], short: bool) -> Option<(usize, &'a str)> {
    names.iter().enumerate().find_map(|(place, name)| {
        let name = if short { &name[..3] } else { name };
        let head = text.get(..name.len())?;
        head.eq_ignore_ascii_case(name).then(|| (place, &text[name.len()..]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(field_type: FieldType, format: &str, text: &str, expected: Option<&str>) {
        let format = Some(Format::new(format).unwrap());
        let formats = TimeFormats { date: format.clone(), datetime: format.clone(), time: format.clone(), timestamp: format, zone: None };
        let found = formats.read(field_type, text).unwrap().ok();
        let expected = expected.map(|text| crate::load::cell::scalar_from_text(field_type, text).unwrap());
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn texts_are_read_by_their_format() {
        use FieldType as T;
        check(T::Date, "DD/MM/YYYY", "31/12/2024", Some("2024-12-31"));
        check(T::Date, "MON-YY", "Mar-99", Some("1999-03-01"));
        check(T::Date, "YYYYMMDD", "20240301", Some("2024-03-01"));
        check(T::Date, "MONTH DD, YYYY", "march 1, 2024", Some("2024-03-01"));
        check(T::Date, "DD/MM/YYYY", "2024-12-31", None);
        check(T::Date, "DD/MM/YYYY", "31/02/2024", None);
        check(T::Time, "HH12.MI AM", "11.05 PM", Some("23:05:00"));
        check(T::Time, "HH12:MI A.M.", "12:00 a.m.", Some("00:00:00"));
        check(T::Time, "HH24:MI:SS.FF3", "01:02:03.45", Some("01:02:03.45"));
        check(T::Datetime, "YYYY-MM-DD\"T\"HH24:MI", "2024-03-01T10:20", Some("2024-03-01 10:20:00"));
        check(T::Timestamp, "DD.MM.YYYY HH24:MI:SS TZH:TZM", "01.03.2024 12:00:00 -02:30", Some("2024-03-01 14:30:00+00"));
        assert!(Format::new("quarter").is_err());
    }
}
