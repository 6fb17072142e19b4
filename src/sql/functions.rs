//! The functions that a query may call: an allow-list, in functions.txt. What is not on it is refused, and what is known to reach out
//! of the query (other systems, keys, models, the caller's identity) is refused by name.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::error::closest;
use super::types::{Class, Type};
use crate::catalog::ColumnType;

/// What a function does to rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Scalar,
    Aggregate,
    /// Needs OVER.
    Window,
}

/// What a function gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Output {
    Unknown,
    Scalar(ColumnType),
    /// The type of an argument, counted from 0.
    Argument(usize),
    /// An array of the type of an argument.
    ArrayOf(usize),
    /// An element of an argument.
    ElementOf(usize),
    /// An array of a type.
    Array(ColumnType),
    /// What is common to all arguments from this one on.
    Common(usize),
}

/// One function of the list.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) min: usize,
    pub(super) max: usize,
    pub(super) output: Output,
    classes: Vec<Class>,
}

impl Function {
    /// What argument number `index` may be; the last class of the list holds for all that follow.
    pub(super) fn class(&self, index: usize) -> Class {
        self.classes.get(index).or(self.classes.last()).copied().unwrap_or(Class::Any)
    }

    pub(super) fn output(&self, arguments: &[Type]) -> Type {
        let argument = |index: usize| arguments.get(index).cloned().unwrap_or(Type::Unknown);
        match self.output {
            Output::Unknown => Type::Unknown,
            Output::Scalar(scalar) => Type::Scalar(scalar),
            Output::Argument(index) => argument(index),
            Output::ArrayOf(index) => Type::Array(Box::new(argument(index))),
            Output::ElementOf(index) => argument(index).element(),
            Output::Array(scalar) => Type::Array(Box::new(Type::Scalar(scalar))),
            Output::Common(from) => arguments.iter().skip(from).cloned().reduce(Type::common).unwrap_or(Type::Unknown),
        }
    }

    pub(super) fn expects(&self) -> String {
        match (self.min, self.max) {
            (min, max) if min == max => min.to_string(),
            (min, usize::MAX) => format!("at least {min}"),
            (min, max) => format!("{min} to {max}"),
        }
    }
}

static FUNCTIONS: LazyLock<HashMap<&'static str, Function>> =
    LazyLock::new(|| lines().filter_map(read).map(|function| (function.name, function)).collect());

fn lines() -> impl Iterator<Item = &'static str> {
    include_str!("functions.txt").lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The function of that name, in any case.
pub(super) fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.get(name.to_ascii_uppercase().as_str())
}

/// Every function, in the order of the list.
pub(super) fn all() -> impl Iterator<Item = &'static Function> {
    lines().filter_map(|line| find(line.split_whitespace().next()?))
}

/// Functions with a name close to `name`.
pub(super) fn candidates(name: &str) -> Vec<String> {
    closest(name, FUNCTIONS.keys().copied())
}

/// Known functions that a question must never call. Functions of other packages (`ML.`, `KEYS.`, `NET.`, of a dataset) need no list:
/// every qualified name but `SAFE.` is refused.
pub(super) fn is_forbidden(name: &str) -> bool {
    const FORBIDDEN: &[&str] = &[
        "ERROR",
        "SESSION_USER",
        "CURRENT_USER",
        "EXTERNAL_QUERY",
        "EXTERNAL_OBJECT_TRANSFORM",
        "LPAD",
        "REPEAT",
        "RPAD",
        "VECTOR_SEARCH",
        "SEARCH",
        "APPENDS",
        "CHANGES",
        "GAP_FILL",
        "RANGE_SESSIONIZE",
        "DETERMINISTIC_ENCRYPT",
        "IFERROR",
        "ISERROR",
        "NULLIFERROR",
        "TABLE_DATE_RANGE",
        "TABLE_QUERY",
    ];
    FORBIDDEN.iter().any(|forbidden| name.eq_ignore_ascii_case(forbidden))
}

fn read(line: &'static str) -> Option<Function> {
    let mut words = line.split_whitespace();
    let name = words.next()?;
    let kind = match words.next()? {
        "scalar" => Kind::Scalar,
        "aggregate" => Kind::Aggregate,
        "window" => Kind::Window,
        _ => return None,
    };
    let (min, max) = words.next()?.split_once("..")?;
    let max = if max == "*" { usize::MAX } else { max.parse().ok()? };
    let output = output(words.next()?)?;
    let classes = words.next().unwrap_or("any").split(',').map(class).collect::<Option<Vec<_>>>()?;
    Some(Function { name, kind, min: min.parse().ok()?, max, output, classes })
}

fn output(word: &str) -> Option<Output> {
    let index = |text: &str| text.parse::<usize>().ok()?.checked_sub(1);
    Some(match word {
        "?" => Output::Unknown,
        word if word.starts_with("array:") => match &word["array:".len()..] {
            inner if index(inner).is_some() => Output::ArrayOf(index(inner)?),
            inner => Output::Array(scalar(inner)?),
        },
        word if word.starts_with("element:") => Output::ElementOf(index(&word["element:".len()..])?),
        word if word.starts_with("common:") => Output::Common(index(&word["common:".len()..])?),
        word if index(word).is_some() => Output::Argument(index(word)?),
        word => Output::Scalar(scalar(word)?),
    })
}

fn scalar(word: &str) -> Option<ColumnType> {
    Some(match word {
        "STRING" => ColumnType::String,
        "INT64" => ColumnType::Int64,
        "FLOAT64" => ColumnType::Float64,
        "BOOL" => ColumnType::Bool,
        "DATE" => ColumnType::Date,
        "DATETIME" => ColumnType::Datetime,
        "TIME" => ColumnType::Time,
        "TIMESTAMP" => ColumnType::Timestamp,
        "BYTES" => ColumnType::Bytes,
        _ => return None,
    })
}

fn class(word: &str) -> Option<Class> {
    Some(match word {
        "any" => Class::Any,
        "number" => Class::Number,
        "int" => Class::Int,
        "text" => Class::Text,
        "bool" => Class::Bool,
        "temporal" => Class::Temporal,
        "array" => Class::Array,
        "part" => Class::Part,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_list_is_read_and_no_name_stands_twice() {
        for line in lines() {
            let function = read(line).unwrap_or_else(|| panic!("cannot read: {line}"));
            assert!(function.min <= function.max, "{line}");
            assert!(!is_forbidden(function.name), "{line}");
            assert_eq!(function.name, function.name.to_ascii_uppercase(), "{line}");
        }
        assert_eq!(lines().count(), FUNCTIONS.len());
    }
}
