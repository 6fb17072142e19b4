//! Format elements of FORMAT_* and PARSE_*, and the literal forms of dates and times.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/format-elements#format_elements_date_time>

use std::fmt::Write as _;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};

use super::instants::{Zone, micros, offset_seconds, to_utc, zone};

const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// Writes a time by a format; the zone and the instant are there for a TIMESTAMP alone.
pub(super) fn format(pattern: &str, at: NaiveDateTime, zone: Option<(Zone, i64)>) -> Result<String, String> {
    let mut out = String::new();
    let mut chars = pattern.chars().peekable();
    let weekday = at.weekday().num_days_from_sunday();
    let hour12 = (at.hour() + 11) % 12 + 1;
    let micros_of_second = at.nanosecond() / 1_000;
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let Some(element) = chars.next() else {
            out.push('%');
            break;
        };
        let mut nested = |p: &str| -> Result<(), String> {
            out.push_str(&format(p, at, zone)?);
            Ok(())
        };
        match element {
            'D' | 'x' => nested("%m/%d/%y")?,
            'F' => nested("%Y-%m-%d")?,
            'R' => nested("%H:%M")?,
            'T' | 'X' => nested("%H:%M:%S")?,
            'r' => nested("%I:%M:%S %p")?,
            'c' => nested("%a %b %e %H:%M:%S %Y")?,
            '+' => nested("%a %b %e %H:%M:%S %Z %Y")?,
            'E' => extended(&mut out, &mut chars, at, zone)?,
            'O' => {}
            _ => {
                let _ = match element {
                    'A' => write!(out, "{}", WEEKDAYS[weekday as usize]),
                    'a' => write!(out, "{}", &WEEKDAYS[weekday as usize][..3]),
                    'B' => write!(out, "{}", MONTHS[at.month0() as usize]),
                    'b' | 'h' => write!(out, "{}", &MONTHS[at.month0() as usize][..3]),
                    'C' => write!(out, "{:02}", at.year() / 100),
                    'd' => write!(out, "{:02}", at.day()),
                    'e' => write!(out, "{:>2}", at.day()),
                    'G' => write!(out, "{}", at.iso_week().year()),
                    'g' => write!(out, "{:02}", at.iso_week().year() % 100),
                    'H' => write!(out, "{:02}", at.hour()),
                    'I' => write!(out, "{hour12:02}"),
                    'J' => write!(out, "{}", at.iso_week().year()),
                    'j' => write!(out, "{:03}", at.ordinal()),
                    'k' => write!(out, "{:>2}", at.hour()),
                    'l' => write!(out, "{hour12:>2}"),
                    'M' => write!(out, "{:02}", at.minute()),
                    'm' => write!(out, "{:02}", at.month()),
                    'n' => writeln!(out),
                    'P' => write!(out, "{}", if at.hour() < 12 { "am" } else { "pm" }),
                    'p' => write!(out, "{}", if at.hour() < 12 { "AM" } else { "PM" }),
                    'Q' => write!(out, "{}", at.month0() / 3 + 1),
                    'S' => write!(out, "{:02}", at.second()),
                    's' => write!(out, "{}", zone.map_or(micros(at), |z| z.1).div_euclid(1_000_000)),
                    't' => write!(out, "\t"),
                    'U' => write!(out, "{:02}", (at.ordinal0() + 7 - weekday) / 7),
                    'u' => write!(out, "{}", at.weekday().number_from_monday()),
                    'V' => write!(out, "{:02}", at.iso_week().week()),
                    'W' => write!(out, "{:02}", (at.ordinal0() + 7 - at.weekday().num_days_from_monday()) / 7),
                    'w' => write!(out, "{weekday}"),
                    'Y' => write!(out, "{}", at.year()),
                    'y' => write!(out, "{:02}", at.year() % 100),
                    'f' => write!(out, "{micros_of_second:06}"),
                    'Z' => write!(out, "{}", zone_name(zone)),
                    'z' => write!(out, "{}", offset_text(zone, "")),
                    '%' => write!(out, "%"),
                    other => write!(out, "%{other}"),
                };
            }
        }
    }
    Ok(out)
}

fn extended(
    out: &mut String,
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    at: NaiveDateTime,
    zone: Option<(Zone, i64)>,
) -> Result<(), String> {
    let micros_of_second = at.nanosecond() / 1_000;
    match chars.next() {
        Some('z') => out.push_str(&offset_text(zone, ":")),
        Some('4') => {
            chars.next();
            let _ = write!(out, "{:04}", at.year());
        }
        Some('*') => {
            chars.next();
            let fraction = format!("{micros_of_second:06}");
            let fraction = fraction.trim_end_matches('0');
            let _ = write!(out, "{:02}", at.second());
            if !fraction.is_empty() {
                let _ = write!(out, ".{fraction}");
            }
        }
        Some(digits @ '0'..='9') => {
            chars.next();
            let digits = digits.to_digit(10).unwrap_or(0) as usize;
            let _ = write!(out, "{:02}", at.second());
            if digits > 0 {
                let fraction = format!("{micros_of_second:06}000");
                let _ = write!(out, ".{}", &fraction[..digits]);
            }
        }
        Some(other) => out.push_str(&format(&format!("%{other}"), at, zone)?),
        None => {}
    }
    Ok(())
}

fn zone_name(zone: Option<(Zone, i64)>) -> String {
    match zone {
        Some((Zone::Named(chrono_tz::Tz::UTC), _)) | None => "UTC".to_owned(),
        some => format!("UTC{}", offset_text(some, ":").trim_end_matches(":00").replace("+0", "+").replace("-0", "-")),
    }
}

fn offset_text(zone: Option<(Zone, i64)>, colon: &str) -> String {
    let seconds = zone.map_or(0, |(zone, us)| offset_seconds(us, zone));
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.abs() / 60;
    format!("{sign}{:02}{colon}{:02}", minutes / 60, minutes % 60)
}

/// Reads a text by a format: the wall clock, and the offset in seconds where the text gives one.
pub(super) fn parse(name: &str, pattern: &str, input: &str) -> Result<(NaiveDateTime, Option<i32>), String> {
    let mut reader = Reader {
        rest: input.trim(),
        year: 1970,
        month: 1,
        day: 1,
        ordinal: None,
        hour: 0,
        minute: 0,
        second: 0,
        micros: 0,
        pm: None,
        epoch: None,
        offset: None,
    };
    let failed = || format!("Failed to parse input string \"{input}\"");
    reader.read(pattern).ok_or_else(failed)?;
    if !reader.rest.trim().is_empty() {
        return Err(format!("Illegal non-space trailing data '{}' in string \"{input}\"", reader.rest.trim()));
    }
    let _ = name;
    if let Some(seconds) = reader.epoch {
        let at = chrono::DateTime::from_timestamp(seconds, 0).ok_or_else(failed)?;
        return Ok((at.naive_utc(), Some(0)));
    }
    let date = match reader.ordinal {
        Some(day) => NaiveDate::from_yo_opt(reader.year, day),
        None => NaiveDate::from_ymd_opt(reader.year, reader.month, reader.day),
    };
    let hour = match reader.pm {
        Some(pm) => reader.hour % 12 + if pm { 12 } else { 0 },
        None => reader.hour,
    };
    let time = NaiveTime::from_hms_micro_opt(hour, reader.minute, reader.second.min(59), reader.micros);
    match (date, time) {
        (Some(d), Some(t)) if (1..=9999).contains(&d.year()) => Ok((d.and_time(t), reader.offset)),
        _ => Err(failed()),
    }
}

struct Reader<'a> {
    rest: &'a str,
    year: i32,
    month: u32,
    day: u32,
    ordinal: Option<u32>,
    hour: u32,
    minute: u32,
    second: u32,
    micros: u32,
    pm: Option<bool>,
    epoch: Option<i64>,
    offset: Option<i32>,
}

impl Reader<'_> {
    fn number(&mut self, most: usize) -> Option<u32> {
        let rest = self.rest.trim_start();
        let end = rest.char_indices().take_while(|(i, c)| c.is_ascii_digit() && *i < most).count();
        let value = rest.get(..end)?.parse().ok()?;
        self.rest = &rest[end..];
        Some(value)
    }

    fn name(&mut self, names: &[&str]) -> Option<u32> {
        let lower = self.rest.to_lowercase();
        for (i, name) in names.iter().enumerate() {
            for candidate in [*name, &name[..3]] {
                if lower.starts_with(&candidate.to_lowercase()) {
                    self.rest = self.rest.get(candidate.len()..)?;
                    return u32::try_from(i).ok();
                }
            }
        }
        None
    }

    fn literal(&mut self, c: char) -> Option<()> {
        self.rest = self.rest.strip_prefix(c)?;
        Some(())
    }

    fn fraction(&mut self) {
        if let Some(rest) = self.rest.strip_prefix('.') {
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            self.rest = &rest[digits.len()..];
            let padded = format!("{digits:0<6}");
            self.micros = padded[..6].parse().unwrap_or(0);
        }
    }

    fn read(&mut self, pattern: &str) -> Option<()> {
        let mut chars = pattern.chars();
        while let Some(c) = chars.next() {
            if c.is_whitespace() {
                self.rest = self.rest.trim_start();
                continue;
            }
            if c != '%' {
                self.literal(c)?;
                continue;
            }
            match chars.next()? {
                'Y' | 'G' => self.year = i32::try_from(self.number(4)?).ok()?,
                'y' => {
                    let y = i32::try_from(self.number(2)?).ok()?;
                    self.year = if y < 69 { 2000 + y } else { 1900 + y };
                }
                'm' => self.month = self.number(2)?,
                'd' | 'e' => self.day = self.number(2)?,
                'j' => self.ordinal = Some(self.number(3)?),
                'B' | 'b' | 'h' => self.month = self.name(&MONTHS)? + 1,
                'A' | 'a' => {
                    self.name(&WEEKDAYS)?;
                }
                'H' | 'k' => self.hour = self.number(2)?,
                'I' | 'l' => {
                    self.hour = self.number(2)?;
                    self.pm.get_or_insert(false);
                }
                'M' => self.minute = self.number(2)?,
                'S' => self.second = self.number(2)?,
                'p' | 'P' => {
                    let lower = self.rest.to_lowercase();
                    self.pm = Some(match lower.get(..2)? {
                        "pm" => true,
                        "am" => false,
                        _ => return None,
                    });
                    self.rest = self.rest.get(2..)?;
                }
                's' => self.epoch = Some(i64::from(self.number(12)?)),
                'F' => self.read("%Y-%m-%d")?,
                'T' | 'X' => self.read("%H:%M:%S")?,
                'R' => self.read("%H:%M")?,
                'D' | 'x' => self.read("%m/%d/%y")?,
                'c' => self.read("%a %b %e %H:%M:%S %Y")?,
                'Q' => {
                    let quarter = self.number(1).filter(|q| (1..=4).contains(q))?;
                    self.month = quarter * 3 - 2;
                }
                'u' | 'w' => {
                    self.number(1)?;
                }
                'Z' | 'z' => self.read_zone()?,
                'E' => match chars.next()? {
                    'z' => self.read_zone()?,
                    '4' => {
                        chars.next();
                        self.year = i32::try_from(self.number(4)?).ok()?;
                    }
                    '*' => {
                        chars.next();
                        self.second = self.number(2)?;
                        self.fraction();
                    }
                    digits @ '0'..='9' => {
                        chars.next();
                        self.second = self.number(2)?;
                        let most = digits.to_digit(10).unwrap_or(0) as usize;
                        let written = self.rest.strip_prefix('.').map_or(0, |r| r.bytes().take_while(u8::is_ascii_digit).count());
                        if written > most {
                            return None;
                        }
                        self.fraction();
                    }
                    _ => return None,
                },
                't' | 'n' => self.rest = self.rest.trim_start(),
                '%' => self.literal('%')?,
                _ => return None,
            }
        }
        Some(())
    }

    fn read_zone(&mut self) -> Option<()> {
        let rest = self.rest.trim_start();
        let word: String = rest.chars().take_while(|c| !c.is_whitespace()).collect();
        self.rest = &rest[word.len()..];
        if matches!(word.as_str(), "UTC" | "Z" | "GMT") {
            self.offset = Some(0);
            return Some(());
        }
        let with_colon = if word.len() == 5 && !word.contains(':') { format!("{}:{}", &word[..3], &word[3..]) } else { word };
        self.offset = Some(offset_seconds(0, zone(&with_colon).ok()?));
        Some(())
    }
}

/// `YYYY-[M]M-[D]D`.
pub(super) fn parse_date(input: &str) -> Result<NaiveDate, String> {
    let failed = || format!("Invalid date: '{input}'");
    let mut parts = input.trim().splitn(3, '-');
    let mut number = || -> Option<u32> {
        let p = parts.next()?;
        p.chars().all(|c| c.is_ascii_digit()).then(|| p.parse().ok())?
    };
    let (Some(y), Some(m), Some(d)) = (number(), number(), number()) else {
        return Err(failed());
    };
    i32::try_from(y).ok().filter(|y| (1..=9999).contains(y)).and_then(|y| NaiveDate::from_ymd_opt(y, m, d)).ok_or_else(failed)
}

/// `[H]H:[M]M:[S]S[.DDDDDD]`.
pub(super) fn parse_time(input: &str) -> Result<NaiveTime, String> {
    let failed = || format!("Invalid time string \"{input}\"");
    let (clock, fraction) = input.trim().split_once('.').unwrap_or((input.trim(), ""));
    let parts: Option<Vec<u32>> = clock.split(':').map(|p| p.parse().ok()).collect();
    let (h, m, s) = match parts.as_deref() {
        Some([h, m, s]) => (*h, *m, *s),
        Some([h, m]) => (*h, *m, 0),
        _ => return Err(failed()),
    };
    if fraction.len() > 9 || !fraction.chars().all(|c| c.is_ascii_digit()) {
        return Err(failed());
    }
    let padded = format!("{fraction:0<6}");
    NaiveTime::from_hms_micro_opt(h, m, s, padded[..6].parse().unwrap_or(0)).ok_or_else(failed)
}

fn split_datetime(input: &str) -> (&str, Option<&str>) {
    let input = input.trim();
    match input.find(['T', 't', ' ']) {
        Some(at) => (&input[..at], Some(input[at + 1..].trim_start())),
        None => (input, None),
    }
}

/// A DATETIME literal: a date, perhaps a time.
pub(super) fn parse_datetime(input: &str) -> Result<NaiveDateTime, String> {
    let failed = |_| format!("Invalid datetime string \"{input}\"");
    let (date, time) = split_datetime(input);
    let date = parse_date(date).map_err(failed)?;
    let time = time.map_or(Ok(NaiveTime::MIN), parse_time).map_err(failed)?;
    Ok(date.and_time(time))
}

/// A TIMESTAMP literal: a date, perhaps a time, perhaps `Z`, an offset or a zone's name.
pub(super) fn parse_timestamp(input: &str, default: Zone) -> Result<i64, String> {
    let failed = |_| format!("Invalid timestamp: '{input}'");
    let (date, rest) = split_datetime(input);
    let mut used = default;
    let mut time = NaiveTime::MIN;
    if let Some(rest) = rest {
        let end = rest.find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.')).unwrap_or(rest.len());
        let (clock, suffix) = rest.split_at(end);
        if !clock.is_empty() {
            time = parse_time(clock).map_err(failed)?;
        }
        let suffix = suffix.trim();
        if !suffix.is_empty() {
            used = if suffix.eq_ignore_ascii_case("z") { super::instants::UTC } else { zone(suffix)? };
        }
    }
    let date = parse_date(date).map_err(failed)?;
    Ok(to_utc(date.and_time(time), used))
}

fn fraction(us: i64) -> String {
    if us == 0 {
        String::new()
    } else if us % 1_000 == 0 {
        format!(".{:03}", us / 1_000)
    } else {
        format!(".{us:06}")
    }
}

pub(super) fn time_text(us: i64) -> String {
    let seconds = us / 1_000_000;
    format!("{:02}:{:02}:{:02}{}", seconds / 3600, seconds / 60 % 60, seconds % 60, fraction(us % 1_000_000))
}

/// CAST of a DATETIME to STRING: `2024-03-01 12:34:56`.
pub(super) fn datetime_text(at: NaiveDateTime) -> String {
    let us = micros(at).rem_euclid(86_400_000_000);
    format!("{} {}", at.format("%Y-%m-%d"), time_text(us))
}

/// CAST of a TIMESTAMP to STRING: `2024-03-01 12:34:56+00`.
pub(super) fn timestamp_text(us: i64, zone: Zone) -> String {
    let at = super::instants::in_zone(us, zone);
    let offset = offset_text(Some((zone, us)), ":");
    format!("{}{}", datetime_text(at), offset.strip_suffix(":00").unwrap_or(&offset))
}
