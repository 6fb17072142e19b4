//! Time zones: names of the tz database and fixed offsets, and the wall clock in them.

use chrono::{Duration, FixedOffset, NaiveDateTime, Offset, TimeZone};
use chrono_tz::Tz;

use super::dates::{from_micros, micros};
use super::value::Value;

/// A time zone: a name of the tz database or an offset such as `+02:00`.
#[derive(Debug, Clone, Copy)]
pub(super) enum Zone {
    Named(Tz),
    Fixed(FixedOffset),
}

pub(super) const UTC: Zone = Zone::Named(Tz::UTC);

pub(super) fn zone(name: &str) -> Result<Zone, String> {
    if let Ok(tz) = name.parse::<Tz>()
        && (name.contains('/') || matches!(name, "UTC" | "GMT" | "Z"))
    {
        return Ok(Zone::Named(tz));
    }
    fixed(name).map(Zone::Fixed).ok_or_else(|| format!("Invalid time zone: {name}"))
}

fn fixed(text: &str) -> Option<FixedOffset> {
    let text = text.strip_prefix("UTC").unwrap_or(text);
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':').unwrap_or((rest, "0"));
    let hours: i32 = hours.parse().ok().filter(|h| *h <= 14)?;
    let minutes: i32 = minutes.parse().ok().filter(|m| *m < 60)?;
    FixedOffset::east_opt(sign * (hours * 3600 + minutes * 60))
}

pub(super) fn zone_of(value: Option<&Value<'_>>) -> Result<Zone, String> {
    value.map_or(Ok(UTC), |v| zone(v.str()))
}

/// The wall clock in a zone.
pub(super) fn in_zone(us: i64, zone: Zone) -> NaiveDateTime {
    let at = from_micros(us);
    at + Duration::seconds(i64::from(offset_seconds(us, zone)))
}

pub(super) fn offset_seconds(us: i64, zone: Zone) -> i32 {
    match zone {
        Zone::Named(Tz::UTC) => 0,
        Zone::Named(tz) => tz.offset_from_utc_datetime(&from_micros(us)).fix().local_minus_utc(),
        Zone::Fixed(offset) => offset.local_minus_utc(),
    }
}

/// The instant of a wall clock in a zone; one that does not exist (spring) is moved on, one that exists twice is the first.
pub(super) fn to_utc(at: NaiveDateTime, zone: Zone) -> i64 {
    match zone {
        Zone::Named(Tz::UTC) => micros(at),
        Zone::Fixed(offset) => micros(at) - i64::from(offset.local_minus_utc()) * 1_000_000,
        Zone::Named(tz) => match tz.from_local_datetime(&at).earliest() {
            Some(found) => found.timestamp_micros(),
            None => tz
                .from_local_datetime(&(at + Duration::hours(1)))
                .earliest()
                .map_or(micros(at), |found| found.timestamp_micros() - 3_600_000_000),
        },
    }
}
