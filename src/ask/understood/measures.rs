//! Numbers compared, in words: ranks, lengths, keys, counts and all other measures.

use sqlparser::ast::{Expr, Value as Literal};

use super::Writer;
use super::conditions::Test;
use super::scope::{Column, Scope};
use super::values::Value;
use super::words::list;
use crate::ask::Language;

impl<'a> Writer<'a> {
    /// Ranks, lengths, keys: columns whose numbers have words of their own.
    pub(super) fn placed(&self, column: &Column, test: &Test<'a>, scope: &Scope<'a>) -> Option<String> {
        match column.name.as_str() {
            "rank" if column.table.is_some() => self.ranked(test),
            "duration_ms" => self.lasting(test, scope),
            "explicit" => match test {
                Test::Is(value) => match self.value(value)? {
                    Value::Flag(true) => Some(self.pick("marked explicit", "explicites").to_owned()),
                    Value::Flag(false) => Some(self.pick("not marked explicit", "non explicites").to_owned()),
                    _ => None,
                },
                _ => None,
            },
            "mode" => match (test, literal(test)) {
                (Test::Is(value), true) if self.value(value)? == Value::Number(1.0) => {
                    Some(self.pick("in a major key", "en mode majeur").to_owned())
                }
                (Test::Is(value), true) if self.value(value)? == Value::Number(0.0) => {
                    Some(self.pick("in a minor key", "en mode mineur").to_owned())
                }
                _ => None,
            },
            "key" => match test {
                Test::Is(value) if literal(test) => match self.value(value)? {
                    Value::Number(key) => {
                        let (english, french) = *KEYS.get(key as usize)?;
                        Some(self.say(|| format!("in the key of {english}"), || format!("en {french}")))
                    }
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        }
    }

    fn ranked(&self, test: &Test<'a>) -> Option<String> {
        let at = |expr: &'a Expr| match self.value(expr)? {
            Value::Number(_) => Some(self.phrase_number(expr)),
            _ => None,
        };
        let text = |english: String, french: String| self.say(|| english, || french);
        Some(match test {
            Test::Is(rank) => text(format!("at number {}", at(rank)?), format!("au rang {}", at(rank)?)),
            Test::AtMost(rank) => text(format!("in the top {}", at(rank)?), format!("dans le top {}", at(rank)?)),
            Test::Below(rank) => text(format!("ahead of number {}", at(rank)?), format!("devant le rang {}", at(rank)?)),
            Test::Above(rank) => text(format!("behind number {}", at(rank)?), format!("derrière le rang {}", at(rank)?)),
            Test::AtLeast(rank) => text(format!("from number {} down", at(rank)?), format!("à partir du rang {}", at(rank)?)),
            Test::Between(first, last) => {
                text(format!("from number {} to number {}", at(first)?, at(last)?), format!("du rang {} au rang {}", at(first)?, at(last)?))
            }
            Test::In(_) => return None,
        })
    }

    fn phrase_number(&self, expr: &'a Expr) -> String {
        self.value(expr).map(|value| self.value_text(&value)).unwrap_or_default()
    }

    fn lasting(&self, test: &Test<'a>, scope: &Scope<'a>) -> Option<String> {
        let length = |expr: &'a Expr| self.length(expr, scope);
        let text = |english: String, french: String| self.say(|| english, || french);
        Some(match test {
            Test::Is(of) => text(format!("lasting exactly {}", length(of)?), format!("d'exactement {}", length(of)?)),
            Test::Above(of) => text(format!("longer than {}", length(of)?), format!("de plus de {}", length(of)?)),
            Test::AtLeast(of) => text(format!("lasting at least {}", length(of)?), format!("d'au moins {}", length(of)?)),
            Test::Below(of) => text(format!("shorter than {}", length(of)?), format!("de moins de {}", length(of)?)),
            Test::AtMost(of) => text(format!("lasting at most {}", length(of)?), format!("d'au plus {}", length(of)?)),
            Test::Between(low, high) => text(
                format!("lasting {} to {}", length(low)?, length(high)?),
                format!("d'une durée de {} à {}", length(low)?, length(high)?),
            ),
            Test::In(_) => return None,
        })
    }

    /// "with popularity above 50", "dont la popularité dépasse 50"; of counts "with more than 50 followers".
    pub(super) fn measured(&self, left: &'a Expr, test: Test<'a>, scope: &Scope<'a>) -> String {
        let of = self.phrase(left, scope);
        if let (Some(things), Some(amount)) = (&of.counted, self.amount_of(&test)) {
            return self.say(|| format!("with {} {things}", amount.0), || format!("avec {} {things}", amount.1));
        }
        let (english, french) = self.verb(&test, scope);
        self.say(|| format!("with {}{}", of.one, english.replacen(" is", "", 1)), || format!("dont {}{french}", of.the(self.language)))
    }

    fn amount_of(&self, test: &Test<'a>) -> Option<(String, String)> {
        let number = |expr: &'a Expr| match self.value(expr)? {
            value @ Value::Number(_) => Some(self.value_text(&value)),
            _ => None,
        };
        Some(match test {
            Test::Is(of) => (format!("exactly {}", number(of)?), format!("exactement {}", number(of)?)),
            Test::Above(of) => (format!("more than {}", number(of)?), format!("plus de {}", number(of)?)),
            Test::AtLeast(of) => (format!("at least {}", number(of)?), format!("au moins {}", number(of)?)),
            Test::Below(of) => (format!("fewer than {}", number(of)?), format!("moins de {}", number(of)?)),
            Test::AtMost(of) => (format!("at most {}", number(of)?), format!("au plus {}", number(of)?)),
            Test::Between(low, high) => {
                (format!("{} to {}", number(low)?, number(high)?), format!("entre {} et {}", number(low)?, number(high)?))
            }
            Test::In(_) => return None,
        })
    }

    /// " is above 50", " dépasse 50".
    pub(super) fn verb(&self, test: &Test<'a>, scope: &Scope<'a>) -> (String, String) {
        let to = |expr: &'a Expr| match self.length_of(expr) {
            Some(length) => length,
            None => self.phrase(expr, scope).one,
        };
        match test {
            Test::Is(of) => (format!(" is {}", to(of)), format!(" vaut {}", to(of))),
            Test::Above(of) => (format!(" is above {}", to(of)), format!(" dépasse {}", to(of))),
            Test::AtLeast(of) => (format!(" is at least {}", to(of)), format!(" vaut au moins {}", to(of))),
            Test::Below(of) => (format!(" is below {}", to(of)), format!(" est en dessous {}", self.of_value(of, scope))),
            Test::AtMost(of) => (format!(" is at most {}", to(of)), format!(" vaut au plus {}", to(of))),
            Test::Between(low, high) => (format!(" is from {} to {}", to(low), to(high)), format!(" va de {} à {}", to(low), to(high))),
            Test::In(some) => {
                let some: Vec<String> = some.iter().map(to).collect();
                let some = list(&some, self.pick("or", "ou"));
                (format!(" is {some}"), format!(" vaut {some}"))
            }
        }
    }

    fn length_of(&self, expr: &'a Expr) -> Option<String> {
        let Expr::BinaryOp { .. } = expr else { return None };
        self.length(expr, &Scope::empty())
    }

    fn of_value(&self, expr: &'a Expr, scope: &Scope<'a>) -> String {
        self.length_of(expr).map_or_else(|| self.phrase(expr, scope).of_the(Language::Fr), |length| format!("de {length}"))
    }
}

const KEYS: [(&str, &str); 12] = [
    ("C", "do"),
    ("C sharp", "do dièse"),
    ("D", "ré"),
    ("E flat", "mi bémol"),
    ("E", "mi"),
    ("F", "fa"),
    ("F sharp", "fa dièse"),
    ("G", "sol"),
    ("A flat", "la bémol"),
    ("A", "la"),
    ("B flat", "si bémol"),
    ("B", "si"),
];

/// Whether the value is written in the SQL: what the user named is said as it was named.
fn literal(test: &Test<'_>) -> bool {
    matches!(test, Test::Is(Expr::Value(value)) if !matches!(value.value, Literal::Placeholder(_)))
}
