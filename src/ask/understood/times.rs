//! Conditions on times in words: years, decades, months, days, hours, weekdays, the latest and the last days.

use sqlparser::ast::{BinaryOperator, Expr, Query, SelectItem, SetExpr};

use super::Writer;
use super::calls::{arguments, name_of};
use super::conditions::Test;
use super::scope::{Column, Scope};
use super::values::Value;
use super::words::{list, of};
use crate::ask::summary::format::WEEKDAYS;

/// How fine a time is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grain {
    Decade,
    Year,
    Month,
    Day,
    Hour,
    Weekday,
    MonthOfYear,
}

impl<'a> Writer<'a> {
    /// The time column that an expression is made of, and what of it.
    pub(super) fn moment(&self, expr: &'a Expr, scope: &Scope<'a>) -> Option<(Column, Grain)> {
        match expr {
            Expr::Nested(inner) => self.moment(inner, scope),
            Expr::Extract { field, expr, .. } => {
                let grain = match field.to_string().to_uppercase().as_str() {
                    "YEAR" => Grain::Year,
                    "MONTH" => Grain::MonthOfYear,
                    "HOUR" => Grain::Hour,
                    "DAYOFWEEK" => Grain::Weekday,
                    "DATE" => Grain::Day,
                    _ => return None,
                };
                match self.moment(expr, scope)? {
                    (column, Grain::Day) => Some((column, grain)),
                    _ => None,
                }
            }
            Expr::Function(call) => match (name_of(call).as_str(), arguments(call).as_slice()) {
                ("DATE", [of]) => self.moment(of, scope).filter(|(_, grain)| *grain == Grain::Day),
                ("DATE_TRUNC" | "TIMESTAMP_TRUNC", [of, unit]) if unit.to_string().eq_ignore_ascii_case("MONTH") => {
                    self.moment(of, scope).filter(|(_, grain)| *grain == Grain::Day).map(|(column, _)| (column, Grain::Month))
                }
                _ => None,
            },
            Expr::BinaryOp { left, op: BinaryOperator::Multiply, right } => match &**left {
                Expr::Function(call) if name_of(call) == "DIV" && self.value(right) == Some(Value::Number(10.0)) => {
                    let [of, by] = arguments(call)[..] else { return None };
                    let (column, grain) = self.moment(of, scope).filter(|_| *by == **right)?;
                    (grain == Grain::Year).then_some((column, Grain::Decade))
                }
                _ => None,
            },
            _ => {
                let column = self.column(expr, scope)?;
                match column.name.as_str() {
                    "release_year" => Some((column, Grain::Year)),
                    "release_date" | "chart_date" | "played_at" | "captured_at" | "tagged_at" => Some((column, Grain::Day)),
                    _ => None,
                }
            }
        }
    }

    /// A condition on a time; none where its values are no plain ones.
    pub(super) fn at_time(&self, column: &Column, grain: Grain, test: &Test<'a>, scope: &Scope<'a>) -> Option<String> {
        let text = match grain {
            Grain::Decade => self.in_decades(test)?,
            Grain::Hour => self.at_hours(test)?,
            Grain::Weekday => self.on_weekdays(test)?,
            Grain::Year | Grain::Month | Grain::Day | Grain::MonthOfYear => {
                self.in_decade(grain, test).or_else(|| self.in_span(grain, test))?
            }
        };
        let participle = match column.name.as_str() {
            "release_date" | "release_year" => self.pick("released ", "sorti").to_owned(),
            "captured_at" => self.pick("taken ", "fait").to_owned(),
            "tagged_at" => self.pick("made ", "fait").to_owned(),
            _ => return Some(text),
        };
        Some(self.say(|| format!("{participle}{text}"), || format!("{} {text}", self.agreed(&participle, column.source, scope))))
    }

    /// `BETWEEN d AND d + 9`.
    fn in_decade(&self, grain: Grain, test: &Test<'a>) -> Option<String> {
        let Test::Between(low, high) = test else { return None };
        let Some(Value::Number(first)) = self.value(low).filter(|_| grain == Grain::Year) else { return None };
        let is_decade = match high {
            Expr::BinaryOp { left, op: BinaryOperator::Plus, right } => **left == **low && self.value(right) == Some(Value::Number(9.0)),
            high => self.value(high) == Some(Value::Number(first + 9.0)),
        };
        (is_decade && first % 10.0 == 0.0).then(|| self.decade(first))
    }

    fn decade(&self, first: f64) -> String {
        self.say(|| format!("in the {first}s"), || format!("dans les années {first}"))
    }

    fn in_decades(&self, test: &Test<'a>) -> Option<String> {
        let each = |exprs: &[&'a Expr]| {
            let decades: Option<Vec<String>> = exprs
                .iter()
                .map(|expr| match self.value(expr)? {
                    Value::Number(first) => Some(self.decade(first)),
                    _ => None,
                })
                .collect();
            Some(list(&decades?, self.pick("or", "ou")))
        };
        match test {
            Test::Is(one) => each(&[one]),
            Test::In(some) => each(&some.iter().collect::<Vec<_>>()),
            _ => None,
        }
    }

    fn on_weekdays(&self, test: &Test<'a>) -> Option<String> {
        let name = |expr: &'a Expr| match (expr, self.value(expr)?) {
            (Expr::Value(_), Value::Number(day)) => {
                let (english, french) = *WEEKDAYS.get((day as usize).checked_sub(1)?)?;
                Some((english.to_owned(), french.to_owned()))
            }
            // A number that the user named is named.
            (_, Value::Number(day)) => {
                Some((format!("day {day} of the week (1 is Sunday)"), format!("jour {day} de la semaine (1 : dimanche)")))
            }
            _ => None,
        };
        let on = |(english, french): (String, String)| self.say(|| format!("{english}s"), || format!("le {french}"));
        Some(match test {
            Test::Is(day) => {
                let (english, french) = name(day)?;
                self.say(|| format!("on {english}{}", if english.contains(' ') { "" } else { "s" }), || format!("le {french}"))
            }
            Test::In(days) => {
                let days: Vec<String> = days.iter().map(name).collect::<Option<Vec<_>>>()?.into_iter().map(on).collect();
                let days = list(&days, self.pick("or", "ou"));
                self.say(|| format!("on {days}"), || days.clone())
            }
            Test::Between(first, last) => {
                let ((first, premier), (last, dernier)) = (name(first)?, name(last)?);
                self.say(|| format!("from {first} to {last}"), || format!("du {premier} au {dernier}"))
            }
            _ => return None,
        })
    }

    /// Hours run to their end: from 6 to 11 is until 11:59.
    fn at_hours(&self, test: &Test<'a>) -> Option<String> {
        let hour = |expr: &'a Expr| match self.value(expr)? {
            Value::Number(hour) => Some(hour),
            _ => None,
        };
        let start = |hour: f64| self.say(|| format!("{hour}:00"), || format!("{hour} h"));
        let end = |hour: f64| self.say(|| format!("{hour}:59"), || format!("{hour} h 59"));
        let text = |english: String, french: String| self.say(|| english, || french);
        Some(match test {
            Test::Is(at) => {
                let (from, to) = (start(hour(at)?), end(hour(at)?));
                text(format!("from {from} to {to}"), format!("de {from} à {to}"))
            }
            Test::Between(first, last) => {
                let (from, to) = (start(hour(first)?), end(hour(last)?));
                text(format!("from {from} to {to}"), format!("de {from} à {to}"))
            }
            Test::AtLeast(from) => {
                let from = start(hour(from)?);
                text(format!("from {from} on"), format!("à partir de {from}"))
            }
            Test::Below(to) => {
                let to = start(hour(to)?);
                text(format!("before {to}"), format!("avant {to}"))
            }
            Test::AtMost(to) => {
                let to = end(hour(to)?);
                text(format!("until {to}"), format!("jusqu'à {to}"))
            }
            Test::Above(from) => {
                let from = end(hour(from)?);
                text(format!("after {from}"), format!("après {from}"))
            }
            Test::In(hours) => {
                let hours: Option<Vec<String>> = hours.iter().map(|at| hour(at).map(start)).collect();
                let hours = list(&hours?, self.pick("or", "ou"));
                text(format!("in the hours from {hours}"), format!("dans l'heure de {hours}"))
            }
        })
    }

    /// Years, months and days; a month of the year by its name.
    fn in_span(&self, grain: Grain, test: &Test<'a>) -> Option<String> {
        let name = |expr: &'a Expr| {
            let value = self.value(expr)?;
            Some(match (grain, &value) {
                (Grain::Year, Value::Number(_)) => self.id(&value),
                (Grain::Month, Value::Date(_)) => self.month(&value),
                (Grain::Day, Value::Date(_)) => self.value_text(&value),
                (Grain::MonthOfYear, Value::Number(month)) => match expr {
                    Expr::Value(_) if (1.0..=12.0).contains(month) => self.language.month_name(*month as u32).to_owned(),
                    _ => self.say(|| format!("month {month} of the year"), || format!("mois {month} de l'année")),
                },
                _ => return None,
            })
        };
        let day = grain == Grain::Day;
        let at = self.pick(if day { "on " } else { "in " }, if day { "le " } else { "en " });
        let text = |english: String, french: String| self.say(|| english, || french);
        Some(match test {
            Test::Is(one) => format!("{at}{}", name(one)?),
            Test::In(some) => {
                let some: Option<Vec<String>> = some.iter().map(|one| Some(format!("{at}{}", name(one)?))).collect();
                list(&some?, self.pick("or", "ou"))
            }
            Test::Above(one) => {
                let one = name(one)?;
                text(format!("after {one}"), format!("après {}{one}", if day { "le " } else { "" }))
            }
            Test::AtLeast(one) => {
                let one = name(one)?;
                text(format!("from {one} on"), if day { format!("à partir du {one}") } else { format!("à partir {}", of(&one)) })
            }
            Test::Below(one) => {
                let one = name(one)?;
                text(format!("before {one}"), format!("avant {}{one}", if day { "le " } else { "" }))
            }
            Test::AtMost(one) => {
                let one = name(one)?;
                text(format!("up to {one}"), if day { format!("jusqu'au {one}") } else { format!("jusqu'en {one}") })
            }
            Test::Between(first, last) => {
                let (first, last) = (name(first)?, name(last)?);
                let french = if day { format!("du {first} au {last}") } else { format!("{} à {last}", of(&first)) };
                text(format!("from {first} to {last}"), french)
            }
        })
    }

    /// `> DATE_SUB((SELECT MAX(day) ...), INTERVAL n DAY)`: the last n days that there are data of.
    pub(super) fn lately(&self, test: &Test<'a>, scope: &Scope<'a>) -> Option<String> {
        let (Test::Above(since) | Test::AtLeast(since)) = test else { return None };
        let Expr::Function(call) = since else { return None };
        let [Expr::Subquery(newest), Expr::Interval(span)] = arguments(call)[..] else { return None };
        newest_of(newest).filter(|(_, latest, plain)| *latest && *plain && name_of(call).ends_with("_SUB"))?;
        let field = span.leading_field.as_ref().map(ToString::to_string).unwrap_or_default();
        let span = self.span(&span.value, &field, scope);
        Some(self.say(|| format!("in the last {span} of the data"), || format!("sur les {span} les plus récents des données")))
    }

    /// `= (SELECT MAX(day) ...)`: the latest chart, snapshot or day.
    pub(super) fn newest(&self, column: &Column, test: &Test<'a>) -> Option<String> {
        let Test::Is(Expr::Subquery(query)) = test else { return None };
        let (_, latest, plain) = newest_of(query)?;
        let (english, french, feminine) = match column.name.as_str() {
            "chart_date" => ("chart", "classement", false),
            "captured_at" => ("date", "date", true),
            "release_date" | "release_year" => ("release", "sortie", true),
            _ => ("day of the data", "jour des données", false),
        };
        let first = match (latest, feminine) {
            (true, false) => "dernier",
            (true, true) => "dernière",
            (false, false) => "premier",
            (false, true) => "première",
        };
        let text = self.say(
            || format!("of the {} {english}", if latest { "latest" } else { "first" }),
            || format!("{} {first} {french}", if feminine { "de la" } else { "du" }),
        );
        if plain {
            return Some(text);
        }
        let among = self.sentence(query);
        Some(format!("{text} ({among})"))
    }
}

/// What a query takes the MAX (true) or the MIN (false) of, and whether it does so over all the rows of a table: the only condition that
/// changes nothing is the one chart.
fn newest_of(query: &Query) -> Option<(&Expr, bool, bool)> {
    let SetExpr::Select(select) = &*query.body else { return None };
    let [SelectItem::UnnamedExpr(Expr::Function(call))] = select.projection.as_slice() else { return None };
    let latest = match name_of(call).as_str() {
        "MAX" => true,
        "MIN" => false,
        _ => return None,
    };
    let [of] = arguments(call)[..] else { return None };
    let one_chart = |condition: &Expr| condition.to_string().replace('"', "'") == "chart = 'hot-100'";
    let plain = select.selection.as_ref().is_none_or(one_chart) && select.having.is_none();
    Some((of, latest, plain))
}
