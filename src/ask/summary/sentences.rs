//! The sentences of each shape.
//!
//! Numbers that are no cell: the count of rows (or of those left out or tied), the count of columns; the gap between the first two
//! rows; the total of a column whose groups do not overlap, when all rows are there; a group's share of it; the change from the
//! first to the last row, in percent.

use super::super::Language;
use super::super::shape::{Grain, Role, number, numbers};
use super::labels::{Label, Unit};
use crate::warehouse::{Cell, Rows};

/// Names listed before "and 9 more".
const LISTED: usize = 5;
/// Columns of a record that are told.
const TOLD: usize = 6;

pub(super) struct Writer<'a> {
    pub(super) rows: &'a Rows,
    pub(super) language: Language,
}

impl Writer<'_> {
    pub(super) fn empty(&self) -> String {
        self.language.pick("Nothing in the data matches.", "Rien dans les données ne correspond.").to_owned()
    }

    pub(super) fn value(&self) -> String {
        let (cell, label) = (&self.rows.rows[0][0], self.label(0));
        let text = match cell {
            Cell::Null => self
                .language
                .pick("No value: nothing in the data matches.", "Aucune valeur : rien dans les données ne correspond.")
                .to_owned(),
            _ if Role::of(&self.rows.fields[0]) == Role::Measure && label.unit == Unit::Quantity => match number(cell) {
                // BigQuery names a column without an alias f0_; that is no word.
                Some(value) if label.name().starts_with("f0") => self.language.number(value),
                Some(value) => format!("{}{}{}", capital(label.name()), self.language.pick(": ", "\u{a0}: "), self.language.number(value)),
                None => self.cell(0, 0),
            },
            Cell::Bool(_) => capital(&self.cell(0, 0)),
            _ if self.is_ours(&[0]) => capital(&self.cell(0, 0)),
            _ => self.cell(0, 0),
        };
        full_stop(text)
    }

    pub(super) fn record(&self) -> String {
        let fields = &self.rows.fields;
        let labels: Vec<usize> =
            (0..fields.len()).filter(|&at| matches!(Role::of(&fields[at]), Role::Title | Role::Name | Role::Id)).collect();
        let times: Vec<usize> = (0..fields.len()).filter(|&at| matches!(Role::of(&fields[at]), Role::Time(_))).collect();
        let labels = if labels.is_empty() { times } else { labels };
        // The columns after the name that it goes by.
        let (named, rest): (Vec<usize>, Vec<usize>) = (0..fields.len()).partition(|at| labels.iter().take(2).any(|label| label == at));
        let told: Vec<String> = rest.iter().take(TOLD).map(|&at| self.told(0, at)).collect();
        if named.is_empty() {
            return full_stop(capital(&told.join(", ")));
        }
        let colon = self.language.pick(": ", "\u{a0}: ");
        // A column that is told with its name has a colon of its own.
        let joint = if told.first().is_some_and(|first| first.contains(colon)) { ", " } else { colon };
        let name = self.start(0, &named);
        full_stop(if told.is_empty() { name } else { format!("{name}{joint}{}", told.join(", ")) })
    }

    pub(super) fn ranking(&self, labels: &[usize], measure: usize) -> String {
        let label = self.label(measure);
        let values: Vec<f64> = numbers(self.rows, measure).map(|(_, value)| value).collect();
        let tied = values.iter().take_while(|value| **value == values[0]).count();
        let (first, leader) = (self.language.quantity(values[0], &label), self.start(0, labels));
        let mut text = if tied == 1 {
            let (runner, second) = (self.name(1, labels), self.language.bare(values[1], &label));
            let gap = self.language.gap(values[0] - values[1], &label);
            self.language.pick(
                format!("{leader} comes first ({first}), ahead of {runner} ({second}); the gap is {gap}."),
                format!("{leader} arrive en tête ({first}), devant {runner} ({second})\u{a0}; l'écart est de {gap}."),
            )
        } else {
            let others = tied - 2;
            let second = self.name(1, labels);
            match (others, self.language) {
                (0, Language::En) => format!("{leader} and {second} share first place ({first})."),
                (0, Language::Fr) => format!("{leader} et {second} sont à égalité en tête ({first})."),
                (_, Language::En) => format!("{leader}, {second} and {others} more share first place ({first})."),
                (_, Language::Fr) => format!("{leader}, {second} et {others} de plus sont à égalité en tête ({first})."),
            }
        };
        if values.len() > 2 {
            text = format!("{text} {}", self.together(&values, &label));
        }
        text
    }

    pub(super) fn rising(&self, labels: &[usize], measure: usize) -> String {
        let (label, at) = (self.label(measure), |row: usize| number(&self.rows.rows[row][measure]).unwrap_or_default());
        let (lowest, next) = (self.start(0, labels), self.name(1, labels));
        let (first, second) = (self.language.quantity(at(0), &label), self.language.bare(at(1), &label));
        let last = self.rows.rows.len() - 1;
        let (highest, most) = (self.name(last, labels), self.language.bare(at(last), &label));
        let text = self.language.pick(
            format!("{lowest} has the lowest value ({first}), then {next} ({second})"),
            format!("{lowest} a la valeur la plus basse ({first}), puis {next} ({second})"),
        );
        match last {
            1 => format!("{text}."),
            _ => self.language.pick(
                format!("{text}; the highest of {} is {highest} ({most}).", self.language.whole(last as i128 + 1)),
                format!("{text}\u{a0}; la plus haute des {} est celle {} ({most}).", self.language.whole(last as i128 + 1), of(&highest)),
            ),
        }
    }

    pub(super) fn groups(&self, labels: &[usize], measure: usize) -> String {
        let label = self.label(measure);
        let values: Vec<(usize, f64)> = numbers(self.rows, measure).collect();
        // The first of equals, so that the text is the same each time.
        let (mut low, mut high) = (values[0], values[0]);
        for &(row, value) in &values {
            if value < low.1 {
                low = (row, value);
            }
            if value > high.1 {
                high = (row, value);
            }
        }
        let count = self.language.whole(self.rows.total_rows.into());
        if low.1 == high.1 {
            let value = self.language.quantity(low.1, &label);
            return self
                .language
                .pick(format!("All {count} have the same value: {value}."), format!("Les {count} ont la même valeur\u{a0}: {value}."));
        }
        let (top, most) = (self.name(high.0, labels), self.language.quantity(high.1, &label));
        let (bottom, least) = (self.name(low.0, labels), self.language.bare(low.1, &label));
        let mut text = self.language.pick(
            format!("Of {count}, the highest is {top} ({most}) and the lowest {bottom} ({least})."),
            format!(
                "Sur {count}, la valeur la plus haute est celle {} ({most}) et la plus basse celle {} ({least}).",
                of(&top),
                of(&bottom)
            ),
        );
        let numbers: Vec<f64> = values.iter().map(|(_, value)| *value).collect();
        if let Some(total) = total(self.rows, &numbers, &label).filter(|_| labels.len() == 1) {
            let share = self.language.percent(100.0 * high.1 / total);
            let total = self.language.quantity(total, &label);
            text = self.language.pick(
                format!("{text} {} accounts for {share} of the total of {total}.", capital_unless_name(&top, self.is_ours(labels))),
                format!("{text} {} représente {share} du total de {total}.", capital_unless_name(&top, self.is_ours(labels))),
            );
        }
        text
    }

    pub(super) fn series(&self, time: usize, measure: usize) -> String {
        let label = self.label(measure);
        let values: Vec<(usize, f64)> = numbers(self.rows, measure).collect();
        let (first, last) = (values[0], values[values.len() - 1]);
        let at = |row: usize| self.cell(row, time);
        // French says "le 1er mai", but "mai 2001" and "1999" stand alone.
        let days = matches!(Role::of(&self.rows.fields[time]), Role::Time(Grain::Day | Grain::Instant));
        let le = if days && self.language == Language::Fr { "le " } else { "" };
        let change = (first.1 > 0.0 && first.1 != last.1 && label.unit != Unit::Percent).then(|| {
            let percent = self.language.percent(100.0 * (last.1 - first.1) / first.1);
            if percent.starts_with('-') { format!(" ({percent})") } else { format!(" (+{percent})") }
        });
        let change = change.unwrap_or_default();
        let (from, to) = (self.language.bare(first.1, &label), self.language.bare(last.1, &label));
        let (since, until, what) = (at(first.0), at(last.0), label.name());
        let mut text = if first.1 == last.1 {
            self.language.pick(
                format!("From {since} to {until}, {what} began and ended at {from}."),
                format!("Entre {le}{since} et {le}{until}, {} commence et finit à {from}.", measured(&label)),
            )
        } else {
            self.language.pick(
                format!("From {since} to {until}, {what} went from {from} to {to}{change}."),
                format!("Entre {le}{since} et {le}{until}, {} passe de {from} à {to}{change}.", measured(&label)),
            )
        };
        let extreme = |better: fn(f64, f64) -> bool| {
            values.iter().copied().fold(first, |best, next| if better(next.1, best.1) { next } else { best })
        };
        let (high, low) = (extreme(|a, b| a > b), extreme(|a, b| a < b));
        if values.len() > 2 && high.1 != low.1 {
            let (most, when_most) = (self.language.bare(high.1, &label), at(high.0));
            let (least, when_least) = (self.language.bare(low.1, &label), at(low.0));
            text = self.language.pick(
                format!("{text} Highest: {most} ({when_most}); lowest: {least} ({when_least})."),
                format!("{text} Maximum\u{a0}: {most} ({when_most})\u{a0}; minimum\u{a0}: {least} ({when_least})."),
            );
        }
        text
    }

    pub(super) fn list(&self, labels: &[usize]) -> String {
        let rows = self.rows.rows.len();
        let total = self.rows.total_rows;
        let shown = if rows == LISTED + 1 { rows } else { rows.min(LISTED) };
        let mut names: Vec<String> = (0..shown).map(|row| self.list_name(row, labels)).collect();
        let left = total.saturating_sub(shown as u64);
        let and = self.language.pick("and", "et");
        let end = if left > 0 {
            format!("{and} {} {}", self.language.whole(left.into()), self.language.pick("more", if left == 1 { "autre" } else { "autres" }))
        } else {
            format!("{and} {}", names.pop().unwrap_or_default())
        };
        let noun = self.label(labels[0]);
        let count = format!("{} {}", self.language.whole(total.into()), noun.noun(total as f64, self.language));
        format!("{count}{}{} {end}.", self.language.pick(": ", "\u{a0}: "), names.join(", "))
    }

    pub(super) fn table(&self) -> String {
        let columns: Vec<String> =
            self.rows.fields.iter().map(|field| Label::of(&field.name, self.language).noun(1.0, self.language).to_owned()).collect();
        let (rows, count) = (self.language.whole(self.rows.total_rows.into()), columns.len());
        self.language.pick(
            format!("{rows} rows of {count} columns: {}.", columns.join(", ")),
            format!("{rows} lignes de {count} colonnes\u{a0}: {}.", columns.join(", ")),
        )
    }

    /// How much of a longer result the rows are.
    pub(super) fn shown(&self) -> Option<String> {
        let (shown, total) = (self.rows.rows.len() as u64, self.rows.total_rows);
        (shown < total).then(|| {
            let (shown, total) = (self.language.whole(shown.into()), self.language.whole(total.into()));
            self.language.pick(
                format!("Only the first {shown} of {total} rows are shown."),
                format!("Seules les {shown} premières lignes sur {total} sont affichées."),
            )
        })
    }

    fn together(&self, values: &[f64], label: &Label) -> String {
        let count = self.language.whole(values.len() as i128);
        match total(self.rows, values, label) {
            Some(total) => {
                let total = self.language.quantity(total, label);
                self.language.pick(format!("The {count} together have {total}."), format!("Les {count} réunis totalisent {total}."))
            }
            None => {
                let count = self.language.whole(self.rows.total_rows.into());
                self.language.pick(format!("{count} results."), format!("{count} résultats."))
            }
        }
    }

    fn label(&self, column: usize) -> Label {
        Label::of(&self.rows.fields[column].name, self.language)
    }

    fn cell(&self, row: usize, column: usize) -> String {
        self.language.cell(&self.rows.rows[row][column], &self.rows.fields[column])
    }

    /// A column of a record: its value, with its name where the value alone does not say it.
    fn told(&self, row: usize, column: usize) -> String {
        let text = self.cell(row, column);
        let says_itself = matches!(Role::of(&self.rows.fields[column]), Role::Measure | Role::Position | Role::Id)
            && number(&self.rows.rows[row][column]).is_some();
        let says_itself = says_itself && !matches!(self.label(column).unit, Unit::Percent | Unit::Milliseconds);
        if says_itself {
            text
        } else {
            format!("{}{}{text}", self.label(column).noun(1.0, self.language), self.language.pick(" ", "\u{a0}: "))
        }
    }

    /// What a row is called.
    fn name(&self, row: usize, labels: &[usize]) -> String {
        let fields = &self.rows.fields;
        match labels {
            [title, artist, ..] if Role::of(&fields[*title]) == Role::Title && fields[*artist].name == "artist_name" => {
                let (title, artist) = (self.cell(row, *title), self.cell(row, *artist));
                self.language.pick(format!("{title} by {artist}"), format!("{title} {}", of(&artist)))
            }
            _ => labels.iter().take(3).map(|&at| self.cell(row, at)).collect::<Vec<_>>().join(" – "),
        }
    }

    /// The same in a list whose head says what the things are: `42` in place of `user 42`.
    fn list_name(&self, row: usize, labels: &[usize]) -> String {
        match (labels, self.rows.rows[row].get(labels[0])) {
            ([_], Some(Cell::Int64(id))) if Role::of(&self.rows.fields[labels[0]]) == Role::Id => id.to_string(),
            _ => self.name(row, labels),
        }
    }

    /// The same at the start of a sentence.
    fn start(&self, row: usize, labels: &[usize]) -> String {
        capital_unless_name(&self.name(row, labels), self.is_ours(labels))
    }

    /// Whether the first label is words of ours (`user 42`, `the decade from 1980`), which a sentence may begin with in upper case.
    fn is_ours(&self, labels: &[usize]) -> bool {
        let role = labels.first().map(|&at| Role::of(&self.rows.fields[at]));
        matches!(role, Some(Role::Id | Role::Time(Grain::Decade | Grain::MonthOfYear | Grain::Weekday | Grain::Month)))
    }
}

/// The sum of a column, where it means something.
pub(super) fn total(rows: &Rows, values: &[f64], label: &Label) -> Option<f64> {
    let whole = rows.rows.len() as u64 == rows.total_rows && values.len() == rows.rows.len();
    let total: f64 = values.iter().sum();
    (whole && label.is_additive() && total > 0.0 && values.iter().all(|value| *value >= 0.0)).then_some(total)
}

/// "le nombre d'écoutes", "la valeur (popularité)".
fn measured(label: &Label) -> String {
    match label.unit {
        Unit::Count { .. } => format!("le nombre {}", of(label.name())),
        Unit::Percent | Unit::Milliseconds | Unit::Quantity => format!("la valeur ({})", label.name()),
    }
}

/// French "de", which loses its vowel before another. An h may be of either kind; "de" is never wrong to the ear for a name.
fn of(name: &str) -> String {
    let vowel = name.chars().next().is_some_and(|first| "aeiouyàâéèêëîïôùûAEIOUÀÂÉÈÊËÎÏÔÙÛ".contains(first));
    if vowel { format!("d'{name}") } else { format!("de {name}") }
}

pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn capital_unless_name(text: &str, ours: bool) -> String {
    if ours { capital(text) } else { text.to_owned() }
}

/// A full stop, unless the text brings its own ("Wham!", "P. Diddy Inc.").
pub(super) fn full_stop(text: String) -> String {
    if text.ends_with(['.', '!', '?']) { text } else { format!("{text}.") }
}
