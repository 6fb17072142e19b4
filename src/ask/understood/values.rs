//! Values in words: literals and the parameters of the question.

use chrono::{Datelike, NaiveDate};
use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator, Value as Literal};

use super::super::Language;
use super::Writer;
use super::scope::Scope;
use super::words::country;
use crate::sql::{Parameter, ParameterValue};

/// A value that a query compares with.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Number(f64),
    Text(String),
    Date(NaiveDate),
    Flag(bool),
}

impl<'a> Writer<'a> {
    /// The value that an expression is, if it is one; a parameter counts as named then.
    pub(super) fn value(&self, expr: &Expr) -> Option<Value> {
        match expr {
            Expr::Nested(inner) => self.value(inner),
            Expr::Identifier(ident) => self.parameter(&ident.value),
            Expr::Value(value) => match &value.value {
                Literal::Placeholder(name) => self.parameter(name),
                Literal::Number(digits, _) => digits.parse().ok().map(Value::Number),
                Literal::SingleQuotedString(text) | Literal::DoubleQuotedString(text) => Some(Value::Text(text.clone())),
                Literal::Boolean(flag) => Some(Value::Flag(*flag)),
                _ => None,
            },
            Expr::TypedString(typed) => match &typed.value.value {
                Literal::SingleQuotedString(text) | Literal::DoubleQuotedString(text) => {
                    Some(text.parse().map_or_else(|_| Value::Text(text.clone()), Value::Date))
                }
                _ => None,
            },
            Expr::UnaryOp { op: UnaryOperator::Minus, expr } => match self.value(expr)? {
                Value::Number(number) => Some(Value::Number(-number)),
                _ => None,
            },
            _ => None,
        }
    }

    fn parameter(&self, name: &str) -> Option<Value> {
        let name = name.strip_prefix('@')?;
        let parameter = self.parameters.iter().find(|parameter| parameter.name == name)?;
        let value = match &parameter.value {
            ParameterValue::Int64(number) => Value::Number(*number as f64),
            ParameterValue::Float64(number) => Value::Number(*number),
            ParameterValue::Bool(flag) => Value::Flag(*flag),
            ParameterValue::String(text) => Value::Text(self.spoken.get(name).unwrap_or(text).clone()),
            ParameterValue::Date(date) => Value::Date(*date),
            _ => return None,
        };
        self.named.borrow_mut().insert(name.to_owned());
        Some(value)
    }

    /// A parameter where it stands alone.
    pub(super) fn parameter_text(&self, parameter: &Parameter) -> String {
        match &parameter.value {
            ParameterValue::StringArray(texts) => texts.join(", "),
            ParameterValue::Int64Array(numbers) => numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            ParameterValue::Timestamp(at) => at.to_rfc3339(),
            _ => self.parameter(&format!("@{}", parameter.name)).map(|value| self.value_text(&value)).unwrap_or_default(),
        }
    }

    /// A value where nothing says what it is of.
    pub(super) fn value_text(&self, value: &Value) -> String {
        match value {
            Value::Number(number) => self.number(*number),
            Value::Text(text) => self.quoted(text),
            Value::Date(date) => self.day(*date),
            Value::Flag(true) => self.pick("true", "vrai").to_owned(),
            Value::Flag(false) => self.pick("false", "faux").to_owned(),
        }
    }

    pub(super) fn number(&self, number: f64) -> String {
        // Years are written without separators, and so is what may be one.
        if number.fract() == 0.0 && (1000.0..2100.0).contains(&number) {
            return format!("{number:.0}");
        }
        self.language.number(number)
    }

    /// A number that names something: a user, a year.
    pub(super) fn id(&self, value: &Value) -> String {
        match value {
            Value::Number(number) => format!("{number}"),
            other => self.value_text(other),
        }
    }

    pub(super) fn quoted(&self, text: &str) -> String {
        self.say(|| format!("“{text}”"), || format!("«\u{a0}{text}\u{a0}»"))
    }

    /// A name without quotes: an artist, a genre.
    pub(super) fn bare_name(&self, value: &Value) -> String {
        match value {
            Value::Text(text) => text.clone(),
            other => self.id(other),
        }
    }

    /// A value where nothing says what it is of, by the expression that it stands as: countries are called as the language does.
    pub(super) fn alone(&self, expr: &Expr, value: &Value) -> String {
        let name = match expr {
            Expr::Identifier(name) => name.value.as_str(),
            Expr::Value(value) => match &value.value {
                Literal::Placeholder(name) => name,
                _ => "",
            },
            _ => "",
        };
        match value {
            Value::Text(text) if name.starts_with("@country") => self.quoted(&country(text, self.language)),
            value => self.value_text(value),
        }
    }

    pub(super) fn day(&self, date: NaiveDate) -> String {
        self.language.day(date)
    }

    /// "March 2026"; a date within a month says the day too, since it is no month.
    pub(super) fn month(&self, value: &Value) -> String {
        match value {
            Value::Date(date) if date.day() == 1 => self.language.month(*date),
            other => self.value_text(other),
        }
    }

    /// A length in milliseconds: of `n * 60000` the minutes, else minutes and seconds.
    pub(super) fn length(&self, expr: &'a Expr, scope: &Scope<'a>) -> Option<String> {
        if let Expr::BinaryOp { left, op: BinaryOperator::Multiply, right } = expr {
            let (amount, unit) = (self.value(left)?, self.value(right)?);
            return match (amount, unit) {
                (Value::Number(amount), Value::Number(unit)) => self.amount(amount, unit),
                _ => None,
            };
        }
        match (self.value(expr)?, expr) {
            (Value::Number(ms), Expr::Value(_)) => Some(self.language.duration(ms)),
            (Value::Number(ms), _) => Some(format!("{} ms", self.language.number(ms))),
            _ => Some(self.phrase(expr, scope).one),
        }
    }

    fn amount(&self, amount: f64, unit: f64) -> Option<String> {
        let (one, many) = match unit {
            1000.0 => self.language.pick(("second", "seconds"), ("seconde", "secondes")),
            60_000.0 => ("minute", "minutes"),
            3_600_000.0 => self.language.pick(("hour", "hours"), ("heure", "heures")),
            _ => return None,
        };
        let single = match self.language {
            Language::En => amount == 1.0,
            Language::Fr => amount.abs() < 2.0,
        };
        Some(format!("{} {}", self.language.number(amount), if single { one } else { many }))
    }
}
