//! Values that a query computes, in words: columns, calls, sums, shares.

use sqlparser::ast::{
    AccessExpr, BinaryOperator, CaseWhen, DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Subscript,
    UnaryOperator, Value,
};

use super::Writer;
use super::lists::is_listening;
use super::scope::Scope;
use super::words::{Phrase, Shape, list, of};

impl<'a> Writer<'a> {
    /// What an expression is called.
    pub(super) fn phrase(&self, expr: &'a Expr, scope: &Scope<'a>) -> Phrase {
        if let Some(value) = self.value(expr) {
            return Phrase::formula(self.alone(expr, &value));
        }
        match expr {
            Expr::Nested(inner) => {
                let phrase = self.phrase(inner, scope);
                if phrase.noun { phrase } else { Phrase { one: format!("({})", phrase.one), ..phrase } }
            }
            Expr::Identifier(ident) => self.name(expr, std::slice::from_ref(ident), scope),
            Expr::CompoundIdentifier(parts) => self.name(expr, parts, scope),
            Expr::BinaryOp { left, op, right } => match op {
                BinaryOperator::Plus | BinaryOperator::Minus | BinaryOperator::Multiply | BinaryOperator::Divide => {
                    self.arithmetic(left, op, right, scope)
                }
                _ => Phrase::formula(self.whether(expr, scope)),
            },
            Expr::UnaryOp { op: UnaryOperator::Minus, expr } => Phrase::formula(format!("−{}", self.phrase(expr, scope).one)),
            Expr::Function(call) => self.call(call, scope),
            Expr::Extract { field, expr, .. } => self.extract(&field.to_string().to_uppercase(), expr, scope),
            Expr::Floor { expr, .. } => self.rounded(expr, scope, "rounded down", "à l'entier inférieur"),
            Expr::Ceil { expr, .. } => self.rounded(expr, scope, "rounded up", "à l'entier supérieur"),
            Expr::Cast { expr, .. } => self.phrase(expr, scope),
            Expr::CompoundFieldAccess { root, access_chain } => self.access(root, access_chain, scope),
            Expr::Case { operand, conditions, else_result, .. } => {
                Phrase::formula(self.cases(operand.as_deref(), conditions, else_result.as_deref(), scope))
            }
            Expr::Subquery(query) => Phrase::formula(format!("({})", self.sentence(query))),
            Expr::Interval(interval) => {
                let field = interval.leading_field.as_ref().map(ToString::to_string).unwrap_or_default();
                Phrase::formula(self.span(&interval.value, &field, scope))
            }
            Expr::Tuple(parts) => Phrase::formula(list(&self.ones(parts, scope), self.pick("and", "et"))),
            Expr::Array(array) => Phrase::formula(list(&self.ones(&array.elem, scope), self.pick("and", "et"))),
            Expr::InList { .. }
            | Expr::InSubquery { .. }
            | Expr::InUnnest { .. }
            | Expr::Between { .. }
            | Expr::IsNull(_)
            | Expr::IsNotNull(_)
            | Expr::Exists { .. }
            | Expr::Like { .. }
            | Expr::UnaryOp { op: UnaryOperator::Not, .. } => Phrase::formula(self.whether(expr, scope)),
            _ => {
                self.further.set(true);
                Phrase::measure(self.pick("computed value", "valeur calculée"), true)
            }
        }
    }

    fn ones(&self, exprs: &'a [Expr], scope: &Scope<'a>) -> Vec<String> {
        exprs.iter().map(|expr| self.phrase(expr, scope).one).collect()
    }

    /// "7 days"; the unit by its GoogleSQL name.
    pub(super) fn span(&self, amount: &'a Expr, field: &str, scope: &Scope<'a>) -> String {
        let amount = self.phrase(amount, scope).one;
        let single = amount == "1";
        let (one, many) = match field.to_uppercase().as_str() {
            "DAY" => self.language.pick(("day", "days"), ("jour", "jours")),
            "WEEK" => self.language.pick(("week", "weeks"), ("semaine", "semaines")),
            "MONTH" => self.language.pick(("month", "months"), ("mois", "mois")),
            "QUARTER" => self.language.pick(("quarter", "quarters"), ("trimestre", "trimestres")),
            "YEAR" => self.language.pick(("year", "years"), ("an", "ans")),
            "HOUR" => self.language.pick(("hour", "hours"), ("heure", "heures")),
            "MINUTE" => ("minute", "minutes"),
            "SECOND" => self.language.pick(("second", "seconds"), ("seconde", "secondes")),
            _ => self.language.pick(("unit", "units"), ("unité", "unités")),
        };
        format!("{amount} {}", if single { one } else { many })
    }

    fn rounded(&self, expr: &'a Expr, scope: &Scope<'a>, english: &str, french: &str) -> Phrase {
        let of = self.phrase(expr, scope);
        Phrase {
            noun: of.noun,
            feminine: of.feminine,
            unit: of.unit,
            ..Phrase::formula(format!("{} {}", of.one, self.pick(english, french)))
        }
    }

    fn cases(&self, operand: Option<&'a Expr>, cases: &'a [CaseWhen], other: Option<&'a Expr>, scope: &Scope<'a>) -> String {
        let (when, otherwise) = self.language.pick(("if", "otherwise"), ("si", "sinon"));
        let mut parts: Vec<String> = Vec::new();
        for CaseWhen { condition, result } in cases {
            let condition = match operand {
                Some(operand) => {
                    let (of, is) = (self.phrase(operand, scope).one, self.phrase(condition, scope).one);
                    format!("{of} = {is}")
                }
                None => self.clause(condition, scope),
            };
            parts.push(format!("{} {when} {condition}", self.phrase(result, scope).one));
        }
        parts.extend(other.map(|other| format!("{otherwise} {}", self.phrase(other, scope).one)));
        format!("({})", parts.join(", "))
    }

    /// `[OFFSET(1)]` of quantiles; of any other array an element of it.
    fn access(&self, root: &'a Expr, chain: &'a [AccessExpr], scope: &Scope<'a>) -> Phrase {
        let index = match chain {
            [AccessExpr::Subscript(Subscript::Index { index })] => match index {
                Expr::Function(call) => arguments(call).first().copied(),
                other => Some(other),
            },
            _ => None,
        };
        let Some(index) = index else {
            self.further.set(true);
            return self.phrase(root, scope);
        };
        if let Expr::Function(call) = root
            && name_of(call) == "APPROX_QUANTILES"
            && let [of, parts] = arguments(call).as_slice()
        {
            let (of, parts, index) = (self.phrase(of, scope), self.phrase(parts, scope).one, self.phrase(index, scope).one);
            if (parts.as_str(), index.as_str()) == ("2", "1") {
                return self.qualified(&of, "median", "médian", "médiane");
            }
            let text = self.say(
                || format!("quantile {index} of {parts} of {}", of.one),
                || format!("quantile {index} sur {parts} {}", of.of_the(self.language)),
            );
            return Phrase::measure(text, false);
        }
        let (root, index) = (self.phrase(root, scope), self.phrase(index, scope).one);
        Phrase::formula(format!("{} [{index}]", root.one))
    }

    /// "average tempo", "tempo moyen", "nombre moyen d'abonnés", "moyenne du meilleur rang".
    pub(super) fn qualified(&self, of: &Phrase, english: &str, masculine: &str, feminine: &str) -> Phrase {
        let text = self.say(
            || format!("{english} {}", if of.noun { of.one.clone() } else { format!("of {}", of.one) }),
            || match of.one.strip_prefix("nombre ") {
                Some(rest) if of.noun => format!("nombre {masculine} {rest}"),
                _ if of.noun && !of.one.contains(' ') => format!("{} {}", of.one, if of.feminine { feminine } else { masculine }),
                _ => format!("{} ({})", of.one, if of.feminine { feminine } else { masculine }),
            },
        );
        Phrase { counted: None, ..Phrase::measure(text, of.feminine) }.shaped(of.unit)
    }

    fn call(&self, call: &'a Function, scope: &Scope<'a>) -> Phrase {
        if call.over.is_some() {
            return self.window(call, scope);
        }
        self.plain_call(call, scope)
    }

    /// A call without its window.
    pub(super) fn plain_call(&self, call: &'a Function, scope: &Scope<'a>) -> Phrase {
        let arguments = arguments(call);
        match (name_of(call).as_str(), arguments.as_slice()) {
            ("COUNT", []) => self.rows(scope),
            ("COUNT", [of]) => self.count(of, is_distinct(call), scope),
            ("COUNTIF", [condition]) => {
                let those = self.those(condition, scope);
                Phrase::measure(self.say(|| format!("number of {those}"), || format!("nombre {}", of(&those))), false)
            }
            ("SUM", [Expr::Function(when)]) if name_of(when) == "IF" => self.sum_of_those(when, scope),
            ("SUM", [of]) if self.is_plays(of, scope) => self.phrase(of, scope),
            ("SUM", [of]) => self.qualified(&self.phrase(of, scope), "total", "total", "totale"),
            ("AVG", [of]) => self.qualified(&self.phrase(of, scope), "average", "moyen", "moyenne"),
            ("STDDEV" | "STDDEV_SAMP" | "STDDEV_POP", [of]) => {
                let of = self.phrase(of, scope);
                let text = self.say(|| format!("standard deviation of {}", of.one), || format!("écart-type {}", of.of_the(self.language)));
                Phrase::measure(text, false)
            }
            (name @ ("MIN" | "MAX"), [of]) => self.extreme(name == "MAX", of, scope),
            (name @ ("MAX_BY" | "MIN_BY"), [of, by]) => {
                let (of, by) = (self.phrase(of, scope), self.phrase(by, scope));
                let (last, time) = (name == "MAX_BY", by.unit == Shape::Time);
                let text = self.say(
                    || {
                        format!(
                            "{} at the {} {}",
                            of.one,
                            if time {
                                if last { "latest" } else { "earliest" }
                            } else if last {
                                "highest"
                            } else {
                                "lowest"
                            },
                            by.one
                        )
                    },
                    || format!("{} pour {} {}", of.one, by.the(self.language), self.extreme_word(last, by.feminine, time)),
                );
                Phrase { unit: of.unit, ..Phrase::measure(text, of.feminine) }
            }
            ("CORR", [a, b]) => {
                let (a, b) = (self.phrase(a, scope), self.phrase(b, scope));
                let text = self.say(
                    || format!("correlation between {} and {}", a.one, b.one),
                    || format!("corrélation entre {} et {}", a.the(self.language), b.the(self.language)),
                );
                Phrase::measure(text, true)
            }
            ("SAFE_DIVIDE", [a, b]) => self.divided(a, b, scope),
            ("DIV", [a, b]) => {
                let (a, b) = (self.phrase(a, scope), self.phrase(b, scope));
                Phrase::formula(
                    self.say(|| format!("whole part of {} ÷ {}", a.one, b.one), || format!("partie entière de {} ÷ {}", a.one, b.one)),
                )
            }
            ("ARRAY_LENGTH", [array]) => {
                let many = self.phrase(array, scope).many;
                let text = self.say(|| format!("number of {many}"), || format!("nombre {}", of(&many)));
                Phrase { counted: Some(many), ..Phrase::measure(text, false) }
            }
            // What an aggregate leaves out.
            ("IF", [condition, yes, no]) if is_null(no) => {
                let (condition, yes) = (self.clause(condition, scope), self.phrase(yes, scope));
                let text = format!("({} {} {condition})", yes.one, self.pick("if", "si"));
                Phrase { unit: yes.unit, ..Phrase::formula(text) }
            }
            ("IF", [condition, yes, no]) => {
                let (condition, yes, no) = (self.clause(condition, scope), self.phrase(yes, scope).one, self.phrase(no, scope).one);
                Phrase::formula(
                    self.say(|| format!("({yes} if {condition}, otherwise {no})"), || format!("({yes} si {condition}, sinon {no})")),
                )
            }
            ("IFNULL" | "COALESCE", [of, other]) => {
                let (of, other) = (self.phrase(of, scope), self.phrase(other, scope).one);
                let text = self.say(|| format!("{} ({other} if unknown)", of.one), || format!("{} ({other} si inconnu)", of.one));
                Phrase { noun: of.noun, feminine: of.feminine, ..Phrase::formula(text) }
            }
            ("NULLIF", [of, _]) => self.phrase(of, scope),
            ("DATE" | "TIMESTAMP" | "DATETIME", [of]) => self.day_of(of, scope),
            ("DATE_TRUNC" | "TIMESTAMP_TRUNC" | "DATETIME_TRUNC", [of, unit]) => {
                self.extract(&format!("TRUNC_{}", unit.to_string().to_uppercase()), of, scope)
            }
            ("DATE_SUB" | "TIMESTAMP_SUB" | "DATE_ADD" | "TIMESTAMP_ADD", [of, span]) => {
                let sign = if name_of(call).ends_with("SUB") { "−" } else { "+" };
                Phrase::formula(format!("{} {sign} {}", self.phrase(of, scope).one, self.phrase(span, scope).one))
            }
            ("DATE_DIFF" | "TIMESTAMP_DIFF" | "DATETIME_DIFF", [to, from, unit]) => {
                let unit = unit.to_string().to_uppercase();
                let (to, from, units) = (self.phrase(to, scope), self.phrase(from, scope), self.units(&unit));
                let text = self.say(
                    || format!("number of {units} from {} to {}", from.one, to.one),
                    || format!("nombre {} entre {} et {}", of(units), from.the(self.language), to.the(self.language)),
                );
                Phrase { counted: Some(units.to_owned()), ..Phrase::measure(text, false) }
            }
            ("ROUND" | "TRUNC", [of, ..]) => self.rounded(of, scope, "rounded", "arrondi"),
            ("ABS", [of]) => self.rounded(of, scope, "without its sign", "en valeur absolue"),
            ("LOWER" | "UPPER" | "TRIM", [of]) => self.phrase(of, scope),
            (name, arguments) => {
                let arguments: Vec<String> = arguments.iter().map(|argument| self.phrase(argument, scope).one).collect();
                Phrase::formula(format!("{name}({})", arguments.join(", ")))
            }
        }
    }

    fn units(&self, unit: &str) -> &'static str {
        match unit {
            "DAY" => self.language.pick("days", "jours"),
            "WEEK" => self.language.pick("weeks", "semaines"),
            "MONTH" => self.language.pick("months", "mois"),
            "YEAR" => self.language.pick("years", "années"),
            "HOUR" => self.language.pick("hours", "heures"),
            "MINUTE" => "minutes",
            _ => self.language.pick("units of time", "unités de temps"),
        }
    }

    /// `COUNT(*)`: the number of what the table has rows of.
    fn rows(&self, scope: &Scope<'a>) -> Phrase {
        let many = match scope.base() {
            Some(table) => table.many(self.language),
            None => self.pick("rows", "lignes"),
        };
        let text = self.say(|| format!("number of {many}"), || format!("nombre {}", of(many)));
        Phrase { counted: Some(many.to_owned()), ..Phrase::measure(text, false) }
    }

    fn count(&self, counted: &'a Expr, distinct: bool, scope: &Scope<'a>) -> Phrase {
        // COUNT(DISTINCT IF(condition, x, NULL))
        if let Expr::Function(when) = counted
            && name_of(when) == "IF"
            && let [condition, yes, _] = arguments(when).as_slice()
        {
            let (of, those) = (self.count(yes, distinct, scope), self.those(condition, scope));
            let text = self.say(|| format!("{} among {those}", of.one), || format!("{} parmi {those}", of.one));
            return Phrase::measure(text, false);
        }
        let listeners = self.column(counted, scope).is_some_and(|column| column.name == "user_id" && is_listening(column.table.as_deref()));
        let (many, feminine) = if listeners {
            (self.pick("listeners", "auditeurs").to_owned(), false)
        } else {
            let phrase = self.phrase(counted, scope);
            (phrase.many, phrase.feminine)
        };
        let text = if listeners || !distinct {
            self.say(|| format!("number of {many}"), || format!("nombre {}", of(&many)))
        } else {
            let different = if feminine { "différentes" } else { "différents" };
            self.say(|| format!("number of different {many}"), || format!("nombre {} {different}", of(&many)))
        };
        Phrase { counted: Some(many), ..Phrase::measure(text, false) }
    }

    /// Whether it is the plays of `listens`, whose sum is the number of them.
    pub(super) fn is_plays(&self, expr: &Expr, scope: &Scope<'a>) -> bool {
        self.column(expr, scope).is_some_and(|column| column.name == "plays" && is_listening(column.table.as_deref()))
    }

    fn sum_of_those(&self, when: &'a Function, scope: &Scope<'a>) -> Phrase {
        let [condition, yes, no] = arguments(when)[..] else { return self.plain_call(when, scope) };
        let (of_them, those) = (self.phrase(yes, scope), self.those(condition, scope));
        let other = self.phrase(no, scope).one;
        let sum = if other == "0" { of_them } else { Phrase::formula(format!("{} ({other})", of_them.one)) };
        Phrase::measure(self.say(|| format!("{} of {those}", sum.one), || format!("{} {}", sum.one, of(&those))), sum.feminine)
    }

    fn extreme(&self, highest: bool, of: &'a Expr, scope: &Scope<'a>) -> Phrase {
        let of = self.phrase(of, scope);
        match of.unit {
            Shape::Time => {
                let text = self.say(
                    || format!("{} {}", if highest { "latest" } else { "earliest" }, of.one),
                    || format!("{} {}", of.one, self.extreme_word(highest, of.feminine, true)),
                );
                Phrase::measure(text, of.feminine).shaped(Shape::Time)
            }
            Shape::Rank if of.noun && !of.one.contains(' ') => {
                let text = self.say(
                    || format!("{} {}", if highest { "worst" } else { "best" }, of.one),
                    || format!("{} {}", if highest { "plus mauvais" } else { "meilleur" }, of.one),
                );
                Phrase::measure(text, of.feminine).shaped(Shape::Rank)
            }
            _ if highest => self.qualified(&of, "highest", "maximal", "maximale"),
            _ => self.qualified(&of, "lowest", "minimal", "minimale"),
        }
    }

    fn extreme_word(&self, highest: bool, feminine: bool, time: bool) -> &'static str {
        match (time, highest, feminine) {
            (true, true, true) => "la plus récente",
            (true, true, false) => "le plus récent",
            (true, false, true) => "la plus ancienne",
            (true, false, false) => "le plus ancien",
            (false, true, true) => "la plus haute",
            (false, true, false) => "le plus haut",
            (false, false, true) => "la plus basse",
            (false, false, false) => "le plus bas",
        }
    }
}

/// The upper-case name of a function.
pub(super) fn name_of(call: &Function) -> String {
    call.name.to_string().to_uppercase()
}

pub(super) fn is_distinct(call: &Function) -> bool {
    matches!(&call.args, FunctionArguments::List(list) if list.duplicate_treatment == Some(DuplicateTreatment::Distinct))
}

/// The arguments of a call; `*` is none.
pub(super) fn arguments(call: &Function) -> Vec<&Expr> {
    let FunctionArguments::List(list) = &call.args else { return Vec::new() };
    let mut found = Vec::new();
    for argument in &list.args {
        if let FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) = argument {
            found.push(expr);
        }
    }
    found
}

fn is_null(expr: &Expr) -> bool {
    matches!(expr, Expr::Value(value) if matches!(value.value, Value::Null))
}
