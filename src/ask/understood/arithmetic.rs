//! Sums, differences, shares and steps in words, and the parts of a time.

use sqlparser::ast::{BinaryOperator, Expr, Function};

use super::Writer;
use super::calls::{arguments, name_of};
use super::scope::Scope;
use super::values::Value;
use super::words::{Phrase, Shape};

impl<'a> Writer<'a> {
    pub(super) fn arithmetic(&self, left: &'a Expr, op: &BinaryOperator, right: &'a Expr, scope: &Scope<'a>) -> Phrase {
        match op {
            BinaryOperator::Divide => self.divided(left, right, scope),
            BinaryOperator::Multiply => self.steps(left, right, scope).unwrap_or_else(|| self.formula(left, "×", right, scope)),
            BinaryOperator::Minus => self.change(left, right, scope).unwrap_or_else(|| self.formula(left, "−", right, scope)),
            _ => self.formula(left, "+", right, scope),
        }
    }

    fn formula(&self, left: &'a Expr, sign: &str, right: &'a Expr, scope: &Scope<'a>) -> Phrase {
        let (left, right) = (self.phrase(left, scope), self.phrase(right, scope));
        Phrase::formula(format!("{} {sign} {}", left.one, right.one)).shaped(left.unit)
    }

    /// `a / b`: a percentage, a length in minutes, a step of FLOOR, or as it stands.
    pub(super) fn divided(&self, left: &'a Expr, right: &'a Expr, scope: &Scope<'a>) -> Phrase {
        if let Expr::BinaryOp { left: hundred, op: BinaryOperator::Multiply, right: part } = left
            && is_number(hundred, 100.0)
        {
            return self.percentage(part, right, scope);
        }
        if let (Expr::Floor { expr, .. }, Some(Value::Number(steps))) = (left, self.value(right))
            && let Expr::BinaryOp { left: of, op: BinaryOperator::Multiply, right: times } = &**expr
            && self.value(times) == Some(Value::Number(steps))
        {
            return self.in_steps(of, &self.language.number(1.0 / steps), scope);
        }
        let of = self.phrase(left, scope);
        let unit = match self.literal(right) {
            Some(1000.0) => Some(self.language.pick("seconds", "secondes")),
            Some(60_000.0) => Some("minutes"),
            Some(3_600_000.0) => Some(self.language.pick("hours", "heures")),
            _ => None,
        };
        match unit.filter(|_| of.unit == Shape::Length) {
            Some(unit) => {
                let text = format!("{} {} {unit}", of.one, self.pick("in", "en"));
                Phrase { noun: of.noun, ..Phrase::measure(text, of.feminine) }
            }
            None => self.formula(left, "÷", right, scope),
        }
    }

    fn literal(&self, expr: &Expr) -> Option<f64> {
        match (expr, self.value(expr)) {
            (Expr::Value(_), Some(Value::Number(number))) => Some(number),
            _ => None,
        }
    }

    fn percentage(&self, part: &'a Expr, whole: &'a Expr, scope: &Scope<'a>) -> Phrase {
        if let Some(condition) = self.share_of(part, whole, scope) {
            let those = self.those(condition, scope);
            let text = self.say(|| format!("percentage of {those}"), || format!("pourcentage {}", super::words::of(&those)));
            return Phrase::measure(text, false);
        }
        if let Expr::Nested(inner) = part
            && let Expr::BinaryOp { left, op: BinaryOperator::Minus, right } = &**inner
            && **right == *whole
            && let Some(change) = self.change(left, right, scope)
        {
            let text = self.say(|| format!("{}, in percent", change.one), || format!("{}, en pourcentage", change.one));
            return Phrase::measure(text, true);
        }
        let (part, whole) = (self.phrase(part, scope), self.phrase(whole, scope));
        let text = self.say(
            || format!("{} as a percentage of {}", part.one, whole.one),
            || format!("{} en pourcentage {}", part.one, whole.of_the(self.language)),
        );
        Phrase::measure(text, part.feminine)
    }

    /// The condition of a plain share: `COUNTIF(c)` of `COUNT(*)`, or the plays of some of all plays.
    fn share_of(&self, part: &'a Expr, whole: &'a Expr, scope: &Scope<'a>) -> Option<&'a Expr> {
        let (Expr::Function(part), Expr::Function(whole)) = (part, whole) else { return None };
        if part.over.is_some() || whole.over.is_some() {
            return None;
        }
        match (name_of(part).as_str(), arguments(part).as_slice(), name_of(whole).as_str(), arguments(whole).as_slice()) {
            ("COUNTIF", [condition], "COUNT", []) => Some(condition),
            ("SUM", [Expr::Function(when)], "SUM", [all]) if name_of(when) == "IF" && self.is_plays(all, scope) => {
                match arguments(when).as_slice() {
                    [condition, some, none] if some == all && is_number(none, 0.0) => Some(condition),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// `DIV(x, n) * n`: x in steps of n; of years by ten, the decade.
    fn steps(&self, left: &'a Expr, right: &'a Expr, scope: &Scope<'a>) -> Option<Phrase> {
        let (of, by) = match left {
            Expr::Function(call) if name_of(call) == "DIV" => match arguments(call).as_slice() {
                [of, by] => (*of, *by),
                _ => return None,
            },
            Expr::Floor { expr, .. } => match &**expr {
                Expr::BinaryOp { left, op: BinaryOperator::Divide, right } => (&**left, &**right),
                _ => return None,
            },
            _ => return None,
        };
        // DIV(duration_ms, n * 1000) * n counts in seconds.
        if let Expr::BinaryOp { left: n, op: BinaryOperator::Multiply, .. } = by
            && **n == *right
        {
            let step = self.length(by, scope)?;
            return Some(self.in_steps(of, &step, scope));
        }
        let Some(Value::Number(step)) = self.value(right).filter(|_| *by == *right) else { return None };
        if step == 10.0 && self.phrase(of, scope).unit == Shape::Time {
            let (one, many) = self.language.pick(("decade", "decades"), ("décennie", "décennies"));
            return Some(Phrase::new(one, many, true).shaped(Shape::Time));
        }
        Some(self.in_steps(of, &self.language.number(step), scope))
    }

    fn in_steps(&self, of: &'a Expr, step: &str, scope: &Scope<'a>) -> Phrase {
        let of = self.phrase(of, scope);
        let text = |one: &str, many: &str| {
            self.say(|| format!("{} in {many} of {step}", of.one), || format!("{one} de {step} {}", of.of_the(self.language)))
        };
        Phrase::new(text("tranche", "bands"), text("tranches", "bands"), true)
    }

    /// The change of a thing: since the row before, or from the first to the last moment.
    fn change(&self, left: &'a Expr, right: &'a Expr, scope: &Scope<'a>) -> Option<Phrase> {
        if let Expr::Function(before) = right
            && name_of(before) == "LAG"
            && let [of] = arguments(before).as_slice()
            && *of == left
        {
            let of = self.phrase(left, scope);
            let (previous, within) = self.previous(before, scope)?;
            let text = self.say(
                || format!("change in {} since {previous}{within}", of.one),
                || format!("évolution {} depuis {previous}{within}", of.of_the(self.language)),
            );
            return Some(Phrase::measure(text, true));
        }
        let (Expr::Function(last), Expr::Function(first)) = (left, right) else { return None };
        let same = |a: &Function, b: &Function| arguments(a) == arguments(b) && a.over.is_none() && b.over.is_none();
        match (name_of(last).as_str(), name_of(first).as_str(), arguments(last).as_slice()) {
            ("MAX_BY", "MIN_BY", [of, by]) if same(last, first) => {
                let (of, by) = (self.phrase(of, scope), self.phrase(by, scope));
                let text = self.say(
                    || format!("change in {} from the first to the last {}", of.one, by.one),
                    || {
                        let (first, last, article) =
                            if by.feminine { ("première", "dernière", "la") } else { ("premier", "dernier", "le") };
                        let to = if by.feminine { "à la" } else { "au" };
                        format!("évolution {} de {article} {first} {to} {last} {}", of.of_the(self.language), by.one)
                            .replace("de le ", "du ")
                    },
                );
                Some(Phrase::measure(text, true))
            }
            _ => None,
        }
    }

    /// A part of a time: "year", "hour", "day of the week".
    pub(super) fn extract(&self, field: &str, of: &'a Expr, scope: &Scope<'a>) -> Phrase {
        let (words, unit) = match field {
            "YEAR" | "ISOYEAR" | "TRUNC_YEAR" => (self.language.pick(("year", "years"), ("année", "années")), Shape::Time),
            "TRUNC_MONTH" => (self.language.pick(("month", "months"), ("mois", "mois")), Shape::Time),
            "TRUNC_QUARTER" => (self.language.pick(("quarter", "quarters"), ("trimestre", "trimestres")), Shape::Time),
            "TRUNC_DAY" | "DATE" => (self.language.pick(("day", "days"), ("jour", "jours")), Shape::Time),
            "MONTH" => {
                (self.language.pick(("month of the year", "months of the year"), ("mois de l'année", "mois de l'année")), Shape::Round)
            }
            "DAYOFWEEK" => {
                (self.language.pick(("day of the week", "days of the week"), ("jour de la semaine", "jours de la semaine")), Shape::Round)
            }
            "DAY" => (self.language.pick(("day of the month", "days of the month"), ("jour du mois", "jours du mois")), Shape::Round),
            "HOUR" => {
                (self.language.pick(("hour of the day", "hours of the day"), ("heure de la journée", "heures de la journée")), Shape::Round)
            }
            "QUARTER" => (self.language.pick(("quarter", "quarters"), ("trimestre", "trimestres")), Shape::Round),
            _ if field.starts_with("TRUNC_WEEK") || field.starts_with("TRUNC_ISOWEEK") => {
                (self.language.pick(("week", "weeks"), ("semaine", "semaines")), Shape::Time)
            }
            "WEEK" | "ISOWEEK" => {
                (self.language.pick(("week of the year", "weeks of the year"), ("semaine de l'année", "semaines de l'année")), Shape::Round)
            }
            _ => {
                let of = self.phrase(of, scope);
                let field = field.trim_start_matches("TRUNC_").to_lowercase();
                return Phrase::formula(self.say(|| format!("{field} of {}", of.one), || format!("{field} {}", of.of_the(self.language))));
            }
        };
        let feminine = ["année", "heure", "semaine"].iter().any(|word| words.0.starts_with(word));
        let phrase = Phrase::new(words.0, words.1, feminine).shaped(unit);
        match self.moment(of, scope) {
            Some(_) => phrase,
            None => {
                let of = self.phrase(of, scope);
                Phrase {
                    one: self.say(|| format!("{} of {}", phrase.one, of.one), || format!("{} {}", phrase.one, of.of_the(self.language))),
                    ..phrase
                }
            }
        }
    }

    /// `DATE(x)`: the day.
    pub(super) fn day_of(&self, of: &'a Expr, scope: &Scope<'a>) -> Phrase {
        let phrase = self.phrase(of, scope);
        if phrase.unit == Shape::Time && self.column(of, scope).is_some() {
            let (one, many) = self.language.pick(("day", "days"), ("jour", "jours"));
            return Phrase::new(one, many, false).shaped(Shape::Time);
        }
        phrase
    }
}

fn is_number(expr: &Expr, number: f64) -> bool {
    matches!(expr, Expr::Value(value) if value.value.to_string().parse() == Ok(number))
}
