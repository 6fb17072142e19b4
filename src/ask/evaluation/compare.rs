//! Whether a result is a gold result.
//!
//! Columns are matched by what they hold, whatever their order and names; the rows must be the same multiset. Numbers are equal within
//! 1e-6 of their size. Order counts only where the gold has an ORDER BY, and rows that tie under it may stand in any order, or, at
//! a LIMIT, be any of the tied ones. Columns beyond the gold's are let pass and counted apart.

use std::cmp::Ordering;
use std::fmt;

use serde_json::Value;

use super::super::Answer;
use super::gold::{GoldResult, Order};

/// How a prediction stands to a gold result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    Exact,
    /// All of the gold's columns with the same rows, and more columns.
    ExtraColumns,
    FewerColumns {
        gold: usize,
        predicted: usize,
    },
    RowCount {
        gold: usize,
        predicted: usize,
    },
    Content,
    WrongOrder,
    TooLarge,
}

impl fmt::Display for Match {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact => f.write_str("the same"),
            Self::ExtraColumns => f.write_str("the same, with more columns"),
            Self::FewerColumns { gold, predicted } => write!(f, "{predicted} columns instead of {gold}"),
            Self::RowCount { gold, predicted } => write!(f, "{predicted} rows instead of {gold}"),
            Self::Content => f.write_str("other values"),
            Self::WrongOrder => f.write_str("the right rows in another order"),
            Self::TooLarge => f.write_str("too many rows to compare"),
        }
    }
}

/// A predicted result.
pub(super) struct Prediction {
    columns: usize,
    rows: Vec<Vec<Value>>,
    truncated: bool,
}

impl Prediction {
    pub(super) fn of(answer: &Answer) -> Self {
        let values = |row: &serde_json::Map<String, Value>| row.values().cloned().collect();
        Self { columns: answer.columns.len(), rows: answer.rows.iter().map(values).collect(), truncated: answer.truncated }
    }

    #[cfg(test)]
    pub(super) fn new(columns: usize, rows: Vec<Vec<Value>>) -> Self {
        Self { columns, rows, truncated: false }
    }
}

/// Compares a prediction with one gold result.
pub(super) fn compare(gold: &GoldResult, predicted: &Prediction) -> Match {
    let expected = gold.limit.map_or(gold.rows.len(), |limit| limit.min(gold.rows.len()));
    if gold.cut || predicted.truncated {
        return if gold.cut && predicted.truncated {
            Match::TooLarge
        } else {
            Match::RowCount { gold: expected, predicted: predicted.rows.len() }
        };
    }
    if predicted.columns < gold.columns {
        return Match::FewerColumns { gold: gold.columns, predicted: predicted.columns };
    }
    if predicted.rows.len() != expected {
        return Match::RowCount { gold: expected, predicted: predicted.rows.len() };
    }
    let found = if expected == 0 { Fit::Ordered } else { best_mapping(gold, predicted, expected) };
    match found {
        Fit::Ordered if predicted.columns == gold.columns => Match::Exact,
        Fit::Ordered => Match::ExtraColumns,
        Fit::Unordered => Match::WrongOrder,
        Fit::None => Match::Content,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Fit {
    None,
    Unordered,
    Ordered,
}

/// The best fit over all ways to take a column of the prediction for each of the gold.
fn best_mapping(gold: &GoldResult, predicted: &Prediction, expected: usize) -> Fit {
    let sorted = |rows: &[Vec<Value>], column: usize| {
        let mut values: Vec<Value> = rows.iter().map(|row| row[column].clone()).collect();
        values.sort_by(order);
        values
    };
    let theirs: Vec<Vec<Value>> = (0..predicted.columns).map(|column| sorted(&predicted.rows, column)).collect();
    let whole = gold.rows.len() == expected;
    // With all rows known a column must hold the same values; with ties at a limit, values of the longer column.
    let candidates: Vec<Vec<usize>> = (0..gold.columns)
        .map(|column| {
            let ours = sorted(&gold.rows, column);
            let fits = |at: &usize| if whole { equal(&ours, &theirs[*at]) } else { is_subset(&theirs[*at], &ours) };
            (0..predicted.columns).filter(fits).collect()
        })
        .collect();
    let mut best = Fit::None;
    let mut taken = Vec::with_capacity(gold.columns);
    search(&candidates, &mut taken, &mut |mapping| {
        let rows: Vec<Vec<Value>> = predicted.rows.iter().map(|row| mapping.iter().map(|&column| row[column].clone()).collect()).collect();
        let fit = fit(gold, &rows);
        if fit > best {
            best = fit;
        }
        best == Fit::Ordered
    });
    best
}

/// Tries each choice of different columns until `try_it` says that it is enough.
fn search(candidates: &[Vec<usize>], taken: &mut Vec<usize>, try_it: &mut dyn FnMut(&[usize]) -> bool) -> bool {
    let Some(choices) = candidates.get(taken.len()) else { return try_it(taken) };
    for &column in choices {
        if !taken.contains(&column) {
            taken.push(column);
            let enough = search(candidates, taken, try_it);
            taken.pop();
            if enough {
                return true;
            }
        }
    }
    false
}

fn fit(gold: &GoldResult, rows: &[Vec<Value>]) -> Fit {
    match &gold.order {
        Order::By(keys) => {
            if in_order(gold, keys, rows) {
                Fit::Ordered
            } else if gold.rows.len() == rows.len() && same_rows(&gold.rows, rows) {
                Fit::Unordered
            } else {
                Fit::None
            }
        }
        Order::None | Order::Unseen if same_rows(&gold.rows, rows) => Fit::Ordered,
        Order::None | Order::Unseen => Fit::None,
    }
}

/// Group by group of rows that tie; the last may hold any of the tied rows.
fn in_order(gold: &GoldResult, keys: &[usize], rows: &[Vec<Value>]) -> bool {
    let tie = |a: &Vec<Value>, b: &Vec<Value>| keys.iter().all(|&key| order(&a[key], &b[key]) == Ordering::Equal);
    let mut at = 0;
    for group in gold.rows.chunk_by(tie) {
        if at >= rows.len() {
            break;
        }
        let theirs = &rows[at..rows.len().min(at + group.len())];
        let same =
            if theirs.len() == group.len() { same_rows(group, theirs) } else { is_subset(&sorted_rows(theirs), &sorted_rows(group)) };
        if !same {
            return false;
        }
        at += group.len();
    }
    true
}

fn same_rows(a: &[Vec<Value>], b: &[Vec<Value>]) -> bool {
    equal(&sorted_rows(a), &sorted_rows(b))
}

/// Rows as comparable values, sorted; texts before numbers, so that two numbers a rounding apart do not part equal rows.
fn sorted_rows(rows: &[Vec<Value>]) -> Vec<Value> {
    let mut rows: Vec<Value> = rows.iter().cloned().map(Value::Array).collect();
    rows.sort_by(|a, b| {
        let (a, b) = (a.as_array().map_or(&[][..], Vec::as_slice), b.as_array().map_or(&[][..], Vec::as_slice));
        let texts = a.iter().zip(b).filter(|(a, b)| !a.is_number() || !b.is_number());
        let numbers = a.iter().zip(b).filter(|(a, b)| a.is_number() && b.is_number());
        texts.chain(numbers).map(|(a, b)| order(a, b)).find(|found| *found != Ordering::Equal).unwrap_or(Ordering::Equal)
    });
    rows
}

fn equal(a: &[Value], b: &[Value]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| order(a, b) == Ordering::Equal)
}

/// Whether each of `few` is one of `many`, both sorted.
fn is_subset(few: &[Value], many: &[Value]) -> bool {
    let mut many = many.iter();
    few.iter().all(|value| many.any(|other| order(value, other) == Ordering::Equal))
}

/// A total order in which numbers within 1e-6 of their size are equal.
fn order(a: &Value, b: &Value) -> Ordering {
    const TOLERANCE: f64 = 1e-6;
    let rank = |value: &Value| match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) => 4,
        Value::Object(_) => 5,
    };
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap_or(f64::NAN), b.as_f64().unwrap_or(f64::NAN));
            if (a - b).abs() <= TOLERANCE * a.abs().max(b.abs()) { Ordering::Equal } else { a.total_cmp(&b) }
        }
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Array(a), Value::Array(b)) => {
            let parts = a.iter().zip(b).map(|(a, b)| order(a, b)).find(|found| *found != Ordering::Equal);
            parts.unwrap_or(a.len().cmp(&b.len()))
        }
        (Value::Object(a), Value::Object(b)) => {
            let parts = a.values().zip(b.values()).map(|(a, b)| order(a, b)).find(|found| *found != Ordering::Equal);
            parts.unwrap_or(a.len().cmp(&b.len()))
        }
        _ => rank(a).cmp(&rank(b)),
    }
}
