//! Numbers, dates and values as people write them in each language.
//!
//! French groups thousands with a narrow no-break space and puts one before `%`, as the CLDR does.

use chrono::{Datelike, NaiveDate, Timelike};

use super::super::Language;
use super::super::shape::{Grain, Role, number};
use super::super::understood::country;
use super::holes::is_telling;
use super::labels::{Label, Unit};
use crate::warehouse::{Cell, Field};

const NARROW_SPACE: &str = "\u{202f}";
const MONTHS: [(&str, &str); 12] = [
    ("January", "janvier"),
    ("February", "février"),
    ("March", "mars"),
    ("April", "avril"),
    ("May", "mai"),
    ("June", "juin"),
    ("July", "juillet"),
    ("August", "août"),
    ("September", "septembre"),
    ("October", "octobre"),
    ("November", "novembre"),
    ("December", "décembre"),
];
/// BigQuery's DAYOFWEEK: 1 is Sunday.
pub(in crate::ask) const WEEKDAYS: [(&str, &str); 7] = [
    ("Sunday", "dimanche"),
    ("Monday", "lundi"),
    ("Tuesday", "mardi"),
    ("Wednesday", "mercredi"),
    ("Thursday", "jeudi"),
    ("Friday", "vendredi"),
    ("Saturday", "samedi"),
];

impl Language {
    /// Groups of three digits.
    pub(in crate::ask) fn whole(self, value: i128) -> String {
        let digits = value.unsigned_abs().to_string();
        let mut text = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push_str(self.pick(",", NARROW_SPACE));
            }
            text.push(digit);
        }
        if value < 0 { format!("-{text}") } else { text }
    }

    /// A number with as many decimals as its size deserves, without trailing zeros.
    pub(in crate::ask) fn number(self, value: f64) -> String {
        let size = value.abs();
        let decimals = match size {
            _ if value.fract() == 0.0 || size >= 1000.0 => 0,
            _ if size >= 100.0 => 1,
            _ if size >= 1.0 => 2,
            _ => ((1.0 - size.log10()).ceil() as usize).clamp(2, 6),
        };
        let text = format!("{size:.decimals$}");
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let fraction = fraction.trim_end_matches('0');
        let whole = self.whole(whole.parse().unwrap_or(i128::MAX));
        let sign = if value < 0.0 && (whole != "0" || !fraction.is_empty()) { "-" } else { "" };
        if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}{}{fraction}", self.pick('.', ',')) }
    }

    pub(super) fn percent(self, value: f64) -> String {
        let rounded = if value.abs() >= 10.0 { (value * 10.0).round() / 10.0 } else { value };
        format!("{}{}%", self.number(rounded), self.pick("", NARROW_SPACE))
    }

    /// A length: `3 min 45 s`, `1 h 2 min`.
    pub(in crate::ask) fn duration(self, ms: f64) -> String {
        let seconds = (ms.abs() / 1000.0).round() as i128;
        let sign = if ms < 0.0 { "-" } else { "" };
        let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        match (hours, minutes) {
            (0, 0) => format!("{sign}{seconds} s"),
            (0, _) => format!("{sign}{minutes} min {seconds} s"),
            _ => format!("{sign}{} h {minutes} min", self.whole(hours)),
        }
    }

    /// A number of a column with what it counts: `1,234 plays`, `popularity 87`, `12.5%`.
    pub(super) fn quantity(self, value: f64, label: &Label) -> String {
        match label.unit {
            Unit::Count { .. } => format!("{} {}", self.number(value), label.noun(value, self)),
            Unit::Percent => self.percent(value),
            Unit::Milliseconds => self.duration(value),
            Unit::Quantity => format!("{}{}{}", label.name(), self.pick(" ", "\u{a0}: "), self.number(value)),
        }
    }

    /// The same where the column was named already: `1,234`, `87`.
    pub(super) fn bare(self, value: f64, label: &Label) -> String {
        match label.unit {
            Unit::Count { .. } | Unit::Quantity => self.number(value),
            Unit::Percent => self.percent(value),
            Unit::Milliseconds => self.duration(value),
        }
    }

    /// A distance between two numbers of a column.
    pub(super) fn gap(self, value: f64, label: &Label) -> String {
        match label.unit {
            Unit::Count { .. } => self.quantity(value, label),
            Unit::Percent => format!("{} {}", self.number(value), self.pick("percentage points", "points")),
            Unit::Milliseconds | Unit::Quantity => self.bare(value, label),
        }
    }

    pub(in crate::ask) fn day(self, date: NaiveDate) -> String {
        match (self, date.day()) {
            (Self::Fr, 1) => format!("1er {}", self.month(date)),
            (_, day) => format!("{day} {}", self.month(date)),
        }
    }

    pub(in crate::ask) fn month(self, date: NaiveDate) -> String {
        format!("{} {}", self.month_name(date.month()), date.year())
    }

    pub(in crate::ask) fn month_name(self, month: u32) -> &'static str {
        let (english, french) = MONTHS[(month as usize).clamp(1, 12) - 1];
        self.pick(english, french)
    }

    fn date_time(self, at: chrono::NaiveDateTime, zone: &str) -> String {
        let time = at.time();
        if time.num_seconds_from_midnight() == 0 {
            return self.day(at.date());
        }
        let joint = self.pick(",", " à");
        format!("{}{joint} {:02}:{:02}{zone}", self.day(at.date()), time.hour(), time.minute())
    }

    fn date(self, date: NaiveDate, grain: Grain) -> String {
        match grain {
            Grain::Month => self.month(date),
            Grain::Year => date.year().to_string(),
            Grain::Decade => self.decade(i64::from(date.year())),
            _ => self.day(date),
        }
    }

    fn decade(self, year: i64) -> String {
        self.pick(format!("the decade from {year}"), format!("la décennie {year}"))
    }

    fn time_number(self, value: i64, grain: Grain) -> String {
        match grain {
            Grain::Decade => self.decade(value),
            Grain::MonthOfYear if (1..=12).contains(&value) => self.month_name(value as u32).to_owned(),
            Grain::Weekday if (1..=7).contains(&value) => {
                let (english, french) = WEEKDAYS[value as usize - 1];
                self.pick(english, french).to_owned()
            }
            Grain::Hour => self.pick(format!("{value:02}:00"), format!("{value} h")),
            _ => value.to_string(),
        }
    }

    /// A cell in a sentence, as its column asks.
    pub(super) fn cell(self, cell: &Cell, field: &Field) -> String {
        let (role, label) = (Role::of(field), Label::of(&field.name, self));
        match (cell, role) {
            (Cell::Null, _) => self.pick("unknown", "inconnu").to_owned(),
            (Cell::Bool(value), _) => if *value { self.pick("yes", "oui") } else { self.pick("no", "non") }.to_owned(),
            (Cell::String(text), Role::Title) => self.quoted(text),
            (Cell::Int64(id), Role::Id) => {
                let noun = label.noun(1.0, self);
                format!("{}{noun} {id}", if self == Self::Fr && noun.starts_with(['a', 'u']) { "l'" } else { "" })
            }
            (Cell::Int64(value), Role::Time(grain)) => self.time_number(*value, grain),
            (Cell::Int64(value), Role::Position) => format!("{} {value}", label.name()),
            (Cell::Date(date), Role::Time(grain)) => self.date(*date, grain),
            (Cell::Datetime(at), Role::Time(grain @ (Grain::Month | Grain::Year | Grain::Decade))) => self.date(at.date(), grain),
            (Cell::Datetime(at), _) => self.date_time(*at, ""),
            (Cell::Timestamp(at), Role::Time(grain @ (Grain::Month | Grain::Year | Grain::Decade))) => self.date(at.date_naive(), grain),
            (Cell::Timestamp(at), _) => self.date_time(at.naive_utc(), " UTC"),
            (Cell::Date(date), _) => self.day(*date),
            (Cell::String(text) | Cell::Text(text), _) if number(cell).is_none() || role != Role::Measure => text.clone(),
            (Cell::Time(time), _) => time.to_string(),
            (Cell::Bytes(bytes), _) => self.pick(format!("{} bytes", bytes.len()), format!("{} octets", bytes.len())),
            (Cell::Array(items), _) => items.iter().map(|item| self.item(item, field)).collect::<Vec<_>>().join(", "),
            (Cell::Struct(values), _) => {
                values.iter().zip(&field.fields).map(|(value, field)| self.cell(value, field)).collect::<Vec<_>>().join(", ")
            }
            (other, _) => match number(other) {
                Some(value) => self.quantity(value, &label),
                None => self.pick("not a number", "indéfini").to_owned(),
            },
        }
    }

    /// A cell in a sentence that says itself what the column is: "1,234" in place of "1,234 plays". None where there is nothing to say.
    pub(super) fn bare_cell(self, cell: &Cell, field: &Field) -> Option<String> {
        let (role, label) = (Role::of(field), Label::of(&field.name, self));
        if !is_telling(cell) || role == Role::Other {
            return None;
        }
        Some(match (cell, role) {
            (Cell::Int64(value), Role::Id | Role::Position) => value.to_string(),
            (Cell::Int64(year), Role::Time(Grain::Decade)) => self.years(*year),
            (Cell::Date(date), Role::Time(Grain::Decade)) => self.years(date.year().into()),
            (Cell::String(name), Role::Name) if field.name == "country" => country(name, self),
            (_, Role::Measure) if field.name.ends_with("_year") => format!("{:.0}", number(cell)?),
            (Cell::Int64(value), Role::Measure) if matches!(label.unit, Unit::Count { .. } | Unit::Quantity) => self.whole((*value).into()),
            (_, Role::Measure | Role::Position) => self.bare(number(cell)?, &label),
            _ => self.cell(cell, field),
        })
    }

    /// Whether the noun after a number is in the singular: in French below 2, in English at 1 alone.
    pub(super) fn is_single(self, number: f64) -> bool {
        self.pick(number == 1.0, number.abs() < 2.0)
    }

    /// A song's title.
    pub(super) fn quoted(self, title: &str) -> String {
        self.pick(format!("“{title}”"), format!("«\u{a0}{title}\u{a0}»"))
    }

    /// A decade as people call it: "1980s", "années 80".
    pub(in crate::ask) fn years(self, year: i64) -> String {
        match self {
            Self::En => format!("{year}s"),
            Self::Fr if (1930..2000).contains(&year) => format!("années {}", year % 100),
            Self::Fr => format!("années {year}"),
        }
    }

    /// An element of an array column.
    fn item(self, cell: &Cell, field: &Field) -> String {
        let field = Field { mode: crate::catalog::Mode::Nullable, name: String::new(), ..field.clone() };
        match number(cell) {
            Some(value) => self.number(value),
            None => self.cell(cell, &field),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{En, Fr};

    #[test]
    fn numbers_are_written_as_in_the_language() {
        let check = |value: f64, english: &str, french: &str| {
            assert_eq!(En.number(value), english);
            assert_eq!(Fr.number(value).replace('\u{202f}', "_"), french);
        };
        check(0.0, "0", "0");
        check(-0.0, "0", "0");
        check(1234.0, "1,234", "1_234");
        check(1_234_567.0, "1,234,567", "1_234_567");
        check(-1234.0, "-1,234", "-1_234");
        check(12.5, "12.5", "12,5");
        check(1234.56, "1,235", "1_235");
        check(123.456, "123.5", "123,5");
        check(0.6734, "0.67", "0,67");
        check(0.00123, "0.0012", "0,0012");
        check(-0.5, "-0.5", "-0,5");
        check(0.000_000_01, "0", "0");
        check(999_999.9, "1,000,000", "1_000_000");
    }

    #[test]
    fn lengths_dates_and_percentages_are_written_as_people_do() {
        assert_eq!(En.duration(225_000.0), "3 min 45 s");
        assert_eq!(En.duration(42_000.0), "42 s");
        assert_eq!(Fr.duration(3_725_000.0), "1 h 2 min");
        assert_eq!(En.percent(12.5), "12.5%");
        assert_eq!(Fr.percent(12.345), "12,3\u{202f}%");
        let date = NaiveDate::from_ymd_opt(2001, 5, 1).unwrap();
        assert_eq!(En.day(date), "1 May 2001");
        assert_eq!(Fr.day(date), "1er mai 2001");
        assert_eq!(Fr.month(date), "mai 2001");
        assert_eq!(En.time_number(1, Grain::Weekday), "Sunday");
        assert_eq!(Fr.time_number(14, Grain::Hour), "14 h");
        let plays = Label::of("plays", Fr);
        assert_eq!(Fr.quantity(1.0, &plays), "1 écoute");
        assert_eq!(Fr.quantity(0.0, &plays), "0 écoute");
        assert_eq!(En.quantity(0.0, &Label::of("plays", En)), "0 plays");
        assert_eq!(En.quantity(0.67, &Label::of("avg_energy", En)), "average energy 0.67");
        assert_eq!(Fr.quantity(3.0, &Label::of("my_own_alias", Fr)), "my own alias\u{a0}: 3");
    }
}
