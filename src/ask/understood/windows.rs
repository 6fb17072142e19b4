//! Window functions in words: running totals, moving averages, ranks, what was before.

use sqlparser::ast::{Expr, Function, OrderByExpr, WindowFrame, WindowFrameBound, WindowSpec, WindowType};

use super::Writer;
use super::calls::{arguments, name_of};
use super::scope::Scope;
use super::words::{Phrase, Shape, list};

impl<'a> Writer<'a> {
    pub(super) fn window(&self, call: &'a Function, scope: &Scope<'a>) -> Phrase {
        let Some(WindowType::WindowSpec(spec)) = &call.over else {
            self.further.set(true);
            return self.plain_call(call, scope);
        };
        let within = self.within(spec, scope);
        match name_of(call).as_str() {
            "RANK" | "DENSE_RANK" | "ROW_NUMBER" | "PERCENT_RANK" => {
                let by = self.ranked_by(&spec.order_by, scope);
                Phrase::measure(self.say(|| format!("rank{by}{within}"), || format!("rang{by}{within}")), false).shaped(Shape::Rank)
            }
            "NTILE" => {
                let (by, parts) = (self.ranked_by(&spec.order_by, scope), self.arguments_text(call, scope));
                let text = self.say(
                    || format!("group out of {parts} equal ones{by}{within}"),
                    || format!("groupe sur {parts} de taille égale{by}{within}"),
                );
                Phrase::measure(text, false)
            }
            name @ ("LAG" | "LEAD") => {
                let Some((other, within)) = self.previous(call, scope) else { return self.plain_call(call, scope) };
                let of = arguments(call).first().map_or_else(|| Phrase::formula(name), |of| self.phrase(of, scope));
                let text = self.say(
                    || format!("{} of {other}{within}", of.one),
                    || format!("{} de {other}{within}", of.one).replace(" de le ", " du "),
                );
                Phrase::measure(text, of.feminine)
            }
            name => self.running(name, call, spec, &within, scope),
        }
    }

    /// " within each country"
    fn within(&self, spec: &'a WindowSpec, scope: &Scope<'a>) -> String {
        if spec.partition_by.is_empty() {
            return String::new();
        }
        let each: Vec<String> = spec.partition_by.iter().map(|expr| self.phrase(expr, scope).one).collect();
        let each = list(&each, self.pick("and", "et"));
        self.say(|| format!(" within each {each}"), || format!(" pour chaque {each}"))
    }

    /// " by plays (highest first)"
    pub(super) fn ranked_by(&self, order: &'a [OrderByExpr], scope: &Scope<'a>) -> String {
        let by = |key: &'a OrderByExpr| {
            let rising = key.options.asc.unwrap_or(true);
            let by = self.phrase(&key.expr, scope);
            format!("{} ({})", by.one, self.direction(by.unit, rising))
        };
        let keys: Vec<String> = order.iter().map(by).collect();
        if keys.is_empty() {
            return String::new();
        }
        let keys = list(&keys, self.pick("then", "puis"));
        self.say(|| format!(" by {keys}"), || format!(" par {keys}"))
    }

    fn direction(&self, unit: Shape, rising: bool) -> &'static str {
        match (unit, rising) {
            (Shape::Time, true) => self.language.pick("earliest first", "ordre chronologique"),
            (Shape::Time, false) => self.language.pick("latest first", "ordre chronologique inverse"),
            (Shape::Name, true) => self.language.pick("A to Z", "de A à Z"),
            (Shape::Name, false) => self.language.pick("Z to A", "de Z à A"),
            (Shape::Rank, true) => self.language.pick("best first", "du meilleur au moins bon"),
            (Shape::Rank, false) => self.language.pick("worst first", "du moins bon au meilleur"),
            (_, true) => self.language.pick("lowest first", "ordre croissant"),
            (_, false) => self.language.pick("highest first", "ordre décroissant"),
        }
    }

    /// "the previous month" of LAG, and within what; none where the order is not said.
    pub(super) fn previous(&self, call: &'a Function, scope: &Scope<'a>) -> Option<(String, String)> {
        let Some(WindowType::WindowSpec(spec)) = &call.over else { return None };
        let key = spec.order_by.first()?;
        let by = self.phrase(&key.expr, scope);
        let forwards = (name_of(call) == "LAG") == key.options.asc.unwrap_or(true);
        let within = self.within(spec, scope);
        let other = match arguments(call).as_slice() {
            [_, steps, ..] => {
                let steps = self.phrase(steps, scope).one;
                self.say(
                    || format!("the {} {steps} rows {}", by.one, if forwards { "before" } else { "after" }),
                    || format!("{} {steps} lignes {}", by.the(self.language), if forwards { "avant" } else { "après" }),
                )
            }
            _ => self.say(
                || format!("the {} {}", if forwards { "previous" } else { "next" }, by.one),
                || {
                    let word = match (forwards, by.feminine) {
                        (true, true) => "précédente",
                        (true, false) => "précédent",
                        (false, true) => "suivante",
                        (false, false) => "suivant",
                    };
                    format!("{} {word}", by.the(self.language))
                },
            ),
        };
        Some((other, within))
    }

    fn running(&self, name: &str, call: &'a Function, spec: &'a WindowSpec, within: &str, scope: &Scope<'a>) -> Phrase {
        let base = self.plain_call(call, scope);
        let Some(key) = spec.order_by.first() else {
            let over = if within.is_empty() { self.pick(" over all rows", " sur l'ensemble") } else { "" };
            return Phrase { counted: None, ..Phrase::measure(format!("{}{over}{within}", base.one), base.feminine) };
        };
        let by = self.phrase(&key.expr, scope);
        let falling = !key.options.asc.unwrap_or(true);
        let way = if falling { format!(" ({})", self.direction(by.unit, false)) } else { String::new() };
        let text = match &spec.window_frame {
            Some(frame) if !is_running(frame) => {
                let span = self.frame(frame, &by, scope);
                self.say(
                    || format!("moving {} over {span}{way}{within}", base.one),
                    || format!("{} ({}), {span}{way}{within}", base.one, if base.feminine { "glissante" } else { "glissant" }),
                )
            }
            _ => {
                let of = arguments(call).first().map(|of| self.phrase(of, scope)).filter(|_| name == "SUM").unwrap_or_else(|| base.clone());
                self.say(
                    || format!("running {}{} by {}{way}{within}", if name == "SUM" { "total of " } else { "" }, of.one, by.one),
                    || format!("cumul {} par {}{way}{within}", of.of_the(self.language), by.one),
                )
            }
        };
        Phrase::measure(text, base.feminine)
    }

    /// "each day and the 6 before"
    fn frame(&self, frame: &'a WindowFrame, by: &Phrase, scope: &Scope<'a>) -> String {
        let bound = |bound: &'a WindowFrameBound| match bound {
            WindowFrameBound::CurrentRow => None,
            WindowFrameBound::Preceding(amount) => Some((true, amount.as_deref())),
            WindowFrameBound::Following(amount) => Some((false, amount.as_deref())),
        };
        let mut parts = Vec::new();
        for (before, amount) in [Some(&frame.start_bound), frame.end_bound.as_ref()].into_iter().flatten().filter_map(bound) {
            let amount = amount.map(|amount: &'a Expr| self.phrase(amount, scope).one);
            let amount = amount.unwrap_or_else(|| self.pick("ones", "lignes").to_owned());
            let (preceding, following) = if by.feminine { ("précédentes", "suivantes") } else { ("précédents", "suivants") };
            parts.push(self.say(
                || format!("the {amount} {}", if before { "before" } else { "after" }),
                || format!("les {amount} {}", if before { preceding } else { following }),
            ));
        }
        let others = list(&parts, self.pick("and", "et"));
        self.say(|| format!("each {} and {others}", by.one), || format!("sur chaque {} et {others}", by.one))
    }

    fn arguments_text(&self, call: &'a Function, scope: &Scope<'a>) -> String {
        let texts: Vec<String> = arguments(call).into_iter().map(|argument| self.phrase(argument, scope).one).collect();
        texts.join(", ")
    }
}

/// From the first row to this one: what a window with an order does anyway.
fn is_running(frame: &WindowFrame) -> bool {
    matches!(frame.start_bound, WindowFrameBound::Preceding(None)) && matches!(frame.end_bound, None | Some(WindowFrameBound::CurrentRow))
}
