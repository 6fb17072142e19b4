//! What a summary of the model may show: cells, numbers that are computed from them, values of the question. Each is shown as a person
//! writes it, by the name that it has in a template.

use std::collections::BTreeMap;

use super::super::Language;
use super::super::shape::{Grain, Role, Shape, is_sorted, number, numbers};
use super::labels::{Label, Unit};
use super::sentences;
use crate::warehouse::{Cell, Field, Rows};

/// More columns are for the rules to sum up.
const MOST_COLUMNS: usize = 6;
/// Rows from the first on that a template can name.
const NAMED_ROWS: usize = 3;

/// What stands in place of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ask) struct Shown {
    pub(super) text: String,
    /// Words of ours, which a sentence begins in upper case: "mai 2026".
    pub(super) ours: bool,
    /// A number after which a noun is in the singular.
    pub(super) single: bool,
}

/// The names that a template may use: `{r0.c1}`, `{sum.c1}`, `{rows}`, `@v1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ask) struct Holes {
    shown: BTreeMap<String, Shown>,
}

impl Holes {
    /// None where the rows are for the rules to sum up: too many columns, lists in cells, nothing but NULLs, or something that a model
    /// cannot see in the names of the columns, such as a tie at the top.
    pub(in crate::ask) fn of(rows: &Rows, values: &BTreeMap<String, String>, language: Language) -> Option<Self> {
        let whole = rows.rows.len() as u64 == rows.total_rows;
        let told = !rows.rows.is_empty() && (whole || rows.rows.len() >= NAMED_ROWS);
        let fits = (1..=MOST_COLUMNS).contains(&rows.fields.len())
            && rows.fields.iter().all(|field| is_named(field) && Role::of(field) != Role::Other);
        if !told || !fits || is_level(rows) || is_one(rows, language) || !rows.rows[0].iter().any(is_telling) {
            return None;
        }
        let mut holes = Self { shown: BTreeMap::new() };
        let mut named: Vec<(String, usize)> = (0..rows.rows.len().min(NAMED_ROWS)).map(|row| (format!("r{row}"), row)).collect();
        if whole {
            named.push(("last".to_owned(), rows.rows.len() - 1));
        }
        for (name, row) in named {
            for (column, field) in rows.fields.iter().enumerate() {
                // A cell that says nothing has no name. A model that wanted it is not forced to another: see `MOST_DIVERTED`.
                if let Some(text) = language.bare_cell(&rows.rows[row][column], field) {
                    let count = Some(field).filter(|field| Role::of(field) == Role::Measure).and_then(|_| number(&rows.rows[row][column]));
                    let single = count.is_some_and(|count| language.is_single(count));
                    holes.put(format!("{{{name}.c{column}}}"), Shown { text, ours: is_ours(field), single });
                }
            }
        }
        let single = language.is_single(rows.total_rows as f64);
        holes.put("{rows}".to_owned(), Shown { text: language.whole(rows.total_rows.into()), ours: false, single });
        for column in 0..rows.fields.len() {
            holes.computed(rows, column, language);
        }
        for (name, text) in values {
            holes.put(name.clone(), Shown { text: text.clone(), ours: false, single: false });
        }
        Some(holes)
    }

    /// Numbers that are computed from a column.
    fn computed(&mut self, rows: &Rows, column: usize, language: Language) {
        let (field, values) = (&rows.fields[column], numbers(rows, column).map(|(_, value)| value).collect::<Vec<f64>>());
        let label = Label::of(&field.name, language);
        let complete = values.len() == rows.rows.len();
        let whole = complete && rows.rows.len() as u64 == rows.total_rows;
        if Role::of(field) != Role::Measure || values.len() < 2 {
            return;
        }
        let mut put = |name: &str, text: String, number: f64| {
            self.put(format!("{{{name}.c{column}}}"), Shown { text, ours: false, single: language.is_single(number) });
        };
        if let Some(total) = sentences::total(rows, &values, &label) {
            put("sum", language.bare(total, &label), total);
        }
        let gap = |value: f64| if label.unit == Unit::Percent { language.gap(value, &label) } else { language.bare(value, &label) };
        // Without a gap, "more than" is wrong.
        let delta = (values[0] - values[1]).abs();
        if complete && delta > 0.0 {
            put("delta", gap(delta), delta);
        }
        if whole && is_series(rows) {
            let change = values[values.len() - 1] - values[0];
            let sign = if change > 0.0 { "+" } else { "" };
            put("change", format!("{sign}{}", gap(change)), change);
        }
    }

    fn put(&mut self, name: String, shown: Shown) {
        self.shown.insert(name, shown);
    }

    pub(in crate::ask) fn names(&self) -> impl Iterator<Item = &str> {
        self.shown.keys().map(String::as_str)
    }

    pub(super) fn get(&self, name: &str) -> Option<&Shown> {
        self.shown.get(name)
    }
}

/// Whether the rows are one number that a verb in the plural would not go with.
fn is_one(rows: &Rows, language: Language) -> bool {
    let Some([cell]) = rows.rows.first().map(Vec::as_slice) else { return false };
    rows.rows.len() == 1
        && Role::of(&rows.fields[0]) == Role::Measure
        && Label::of(&rows.fields[0].name, language).is_count()
        && number(cell).is_some_and(|count| language.is_single(count))
}

/// Whether nothing comes first though the rows look as if something did.
fn is_level(rows: &Rows) -> bool {
    let at = |row: usize, column: usize| rows.rows.get(row).and_then(|cells| number(&cells[column]));
    match Shape::of(rows) {
        Shape::Ranking { measure, .. } => at(0, measure) == at(1, measure),
        Shape::Groups { measure, .. } => numbers(rows, measure).all(|(_, value)| Some(value) == at(0, measure)),
        _ => false,
    }
}

/// Whether the rows follow one another in time, and are of one thing.
fn is_series(rows: &Rows) -> bool {
    let is_label = |field: &Field| matches!(Role::of(field), Role::Title | Role::Name | Role::Id);
    let is_time = |field: &Field| matches!(Role::of(field), Role::Time(grain) if !grain.is_cyclic());
    let constant = |column: usize| rows.rows.windows(2).all(|pair| pair[0][column] == pair[1][column]);
    let columns = || rows.fields.iter().enumerate();
    columns().filter(|(_, field)| is_label(field)).all(|(column, _)| constant(column))
        && columns().any(|(column, field)| is_time(field) && is_sorted(rows, column, std::cmp::Ordering::Less, true))
}

/// BigQuery calls a column without an alias `f0_`, of which a model has learnt nothing.
fn is_named(field: &Field) -> bool {
    !field.name.strip_prefix('f').and_then(|rest| rest.strip_suffix('_')).is_some_and(|n| n.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_ours(field: &Field) -> bool {
    matches!(Role::of(field), Role::Flag | Role::Time(Grain::Decade | Grain::MonthOfYear | Grain::Weekday | Grain::Month))
}

/// Whether a cell can be told in a sentence.
pub(super) fn is_telling(cell: &Cell) -> bool {
    match cell {
        Cell::Null | Cell::Bytes(_) | Cell::Array(_) | Cell::Struct(_) => false,
        Cell::String(text) | Cell::Text(text) => !text.trim().is_empty(),
        Cell::Float64(value) => value.is_finite(),
        _ => true,
    }
}
