//! What kind of thing a result is: a single value, a ranking, a series over time. The summary and the chart both follow it.

use std::cmp::Ordering;

use crate::catalog::{ColumnType, Mode};
use crate::warehouse::{Cell, Field, Rows};

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Title of a song: quoted in sentences.
    Title,
    /// Any other name.
    Name,
    /// Number that identifies and is not counted with.
    Id,
    /// Place on a chart: 1 is best, and sums mean nothing.
    Position,
    Measure,
    Time(Grain),
    Flag,
    /// Arrays, structs, bytes.
    Other,
}

/// How fine a time is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grain {
    Instant,
    Day,
    Month,
    Year,
    Decade,
    MonthOfYear,
    Weekday,
    Hour,
}

impl Grain {
    /// Whether it comes round again, so that a first and a last mean nothing.
    pub(super) fn is_cyclic(self) -> bool {
        matches!(self, Self::MonthOfYear | Self::Weekday | Self::Hour)
    }
}

/// What a result is. Columns are by index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shape {
    Empty,
    Value,
    Record,
    /// Sorted by the measure.
    Ranking {
        labels: Vec<usize>,
        measure: usize,
        descending: bool,
    },
    /// A measure by group, in another order.
    Groups {
        labels: Vec<usize>,
        measure: usize,
    },
    /// A measure over time, in its order.
    Series {
        time: usize,
        measure: usize,
    },
    /// Names without a measure.
    List {
        labels: Vec<usize>,
    },
    Table,
}

impl Role {
    pub(super) fn of(field: &Field) -> Self {
        use ColumnType as T;
        let name = field.name.to_lowercase();
        if field.mode == Mode::Repeated {
            return Self::Other;
        }
        match field.field_type {
            T::String if name == "title" || name.ends_with("_title") => Self::Title,
            T::String => Self::Name,
            T::Bool => Self::Flag,
            T::Date | T::Datetime | T::Timestamp => Self::Time(match name.as_str() {
                "month" => Grain::Month,
                "year" => Grain::Year,
                "decade" => Grain::Decade,
                _ if field.field_type == T::Date => Grain::Day,
                _ => Grain::Instant,
            }),
            T::Int64 => match name.as_str() {
                "decade" => Self::Time(Grain::Decade),
                "month" => Self::Time(Grain::MonthOfYear),
                "weekday" => Self::Time(Grain::Weekday),
                "hour" => Self::Time(Grain::Hour),
                "rank" => Self::Position,
                _ if name == "year" || name.ends_with("_year") => Self::Time(Grain::Year),
                _ if name == "id" || name.ends_with("_id") => Self::Id,
                _ if name.ends_with("_rank") => Self::Position,
                _ => Self::Measure,
            },
            T::Float64 | T::Numeric | T::Bignumeric => Self::Measure,
            _ => Self::Other,
        }
    }

    fn is_label(self) -> bool {
        matches!(self, Self::Title | Self::Name | Self::Id)
    }
}

impl Shape {
    pub(super) fn of(rows: &Rows) -> Self {
        let roles: Vec<Role> = rows.fields.iter().map(Role::of).collect();
        let at = |is: &dyn Fn(Role) -> bool| -> Vec<usize> { (0..roles.len()).filter(|&i| is(roles[i])).collect() };
        let labels = at(&Role::is_label);
        let times = at(&|role| matches!(role, Role::Time(_)));
        let measures = at(&|role| role == Role::Measure);
        match (rows.rows.len(), rows.fields.len()) {
            (0, _) => return Self::Empty,
            (_, 0) => return Self::Table,
            (1, 1) => return Self::Value,
            (1, _) => return Self::Record,
            _ => {}
        }
        if let ([time], [], [measure, ..]) = (times.as_slice(), labels.as_slice(), measures.as_slice())
            && !matches!(roles[*time], Role::Time(grain) if grain.is_cyclic())
            && is_sorted(rows, *time, Ordering::Less, true)
            && numbers(rows, *measure).count() == rows.rows.len()
        {
            return Self::Series { time: *time, measure: *measure };
        }
        let named = if labels.is_empty() { times } else { labels };
        if named.is_empty() {
            return Self::Table;
        }
        if measures.is_empty() {
            return if rows.fields.len() <= 4 { Self::List { labels: named } } else { Self::Table };
        }
        // Hours in their order are no ranking, even where the measure happens to rise with them.
        let round = matches!(named[..], [time] if matches!(roles[time], Role::Time(grain) if grain.is_cyclic()));
        let by_time = round && is_sorted(rows, named[0], Ordering::Less, true);
        for (order, descending) in [(Ordering::Greater, true), (Ordering::Less, false)] {
            let sorted = |measure: &&usize| is_sorted(rows, **measure, order, false) && spread(rows, **measure);
            if let Some(measure) = measures.iter().find(sorted).filter(|_| !by_time) {
                return Self::Ranking { labels: named, measure: *measure, descending };
            }
        }
        match measures.as_slice() {
            [measure] if named.len() <= 2 && numbers(rows, *measure).count() >= 2 => Self::Groups { labels: named, measure: *measure },
            _ => Self::Table,
        }
    }
}

/// The numbers of a column, with their rows.
pub(super) fn numbers(rows: &Rows, column: usize) -> impl Iterator<Item = (usize, f64)> {
    rows.rows.iter().enumerate().filter_map(move |(at, row)| Some((at, number(&row[column])?)))
}

/// A cell as a number; NaN and the infinities are none.
pub(super) fn number(cell: &Cell) -> Option<f64> {
    let number = match cell {
        Cell::Int64(value) => *value as f64,
        Cell::Float64(value) => *value,
        Cell::Text(text) => text.parse().ok()?,
        _ => return None,
    };
    number.is_finite().then_some(number)
}

/// Whether each cell stands to the next as `order` says, or equals it where `strict` is not asked.
pub(super) fn is_sorted(rows: &Rows, column: usize, order: Ordering, strict: bool) -> bool {
    rows.rows.windows(2).all(|pair| match compare(&pair[0][column], &pair[1][column]) {
        Some(Ordering::Equal) => !strict,
        Some(found) => found == order,
        None => false,
    })
}

fn compare(a: &Cell, b: &Cell) -> Option<Ordering> {
    match (a, b) {
        (Cell::Date(a), Cell::Date(b)) => Some(a.cmp(b)),
        (Cell::Datetime(a), Cell::Datetime(b)) => Some(a.cmp(b)),
        (Cell::Timestamp(a), Cell::Timestamp(b)) => Some(a.cmp(b)),
        _ => number(a)?.partial_cmp(&number(b)?),
    }
}

fn spread(rows: &Rows, column: usize) -> bool {
    let (first, last) = (rows.rows.first(), rows.rows.last());
    first.zip(last).is_some_and(|(first, last)| number(&first[column]) != number(&last[column]))
}
