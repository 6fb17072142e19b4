//! What a SELECT asks for, of what, in which groups, and which of them.

use std::ops::ControlFlow;

use sqlparser::ast::{BinaryOperator, Distinct, Expr, Function, GroupByExpr, Query, Select, SelectItem, Visit, Visitor, WindowType};

use super::Writer;
use super::calls::{arguments, is_distinct, name_of};
use super::lists::Nouns;
use super::scope::Scope;
use super::values::Value;
use super::words::{Phrase, list};

const AGGREGATES: [&str; 18] = [
    "COUNT",
    "COUNTIF",
    "SUM",
    "AVG",
    "MIN",
    "MAX",
    "MIN_BY",
    "MAX_BY",
    "ANY_VALUE",
    "APPROX_QUANTILES",
    "APPROX_COUNT_DISTINCT",
    "ARRAY_AGG",
    "STRING_AGG",
    "CORR",
    "STDDEV",
    "STDDEV_SAMP",
    "STDDEV_POP",
    "VARIANCE",
];

impl<'a> Writer<'a> {
    /// A SELECT with the order and the limit of its query.
    pub(super) fn select(&self, select: &'a Select, query: Option<&'a Query>) -> String {
        let scope = self.scope(select);
        // An alias that is called as a column is (`SUM(plays) AS plays`) means the column wherever aliases are not seen.
        let bare = scope.bare();
        let items = items(select);
        let groups = self.groups(select, &items, &scope);
        let measures: Vec<&'a Expr> = items.iter().copied().filter(|item| is_aggregate(item)).collect();
        let aggregated = !measures.is_empty() || !groups.is_empty();
        // Said before the head, which names the tables that nothing else speaks of.
        let having = select.having.as_ref().map(|having| {
            let clause = self.clause(having, &scope);
            self.say(|| format!(", only where {clause}"), || format!(", seulement là où {clause}"))
        });
        let qualify = select.qualify.as_ref().map(|qualify| self.qualify(qualify, &scope));
        let group_texts = self.group_texts(&groups, &bare);
        let (first, feminine) = (if measures.is_empty() { &items } else { &measures }, self.entity(&groups, &items, &bare));
        let order = query.map(|query| self.order(query, if aggregated { first } else { &[] }, feminine, &scope));

        let mut text = match (aggregated, measures.is_empty()) {
            (false, _) => self.listed(select, &items, &bare),
            (true, true) => {
                let heads: Vec<String> = groups.iter().map(|group| self.phrase(group, &bare).many).collect();
                format!("{}{}", list(&heads, self.pick("and", "et")), self.nouns(select, &bare).of_them(self))
            }
            (true, false) => self.measured_head(select, &measures, &bare),
        };
        if !measures.is_empty() && !group_texts.is_empty() {
            let per = list(&group_texts, self.pick("and", "et"));
            let narrowed = !text.ends_with(self.pick(" users", " utilisateurs")) && text.split(' ').count() > 6;
            let comma = if narrowed { "," } else { "" };
            let per = match per.starts_with(self.pick("whether ", "si ")) {
                true => self.say(|| format!("{comma} by {per}"), || format!("{comma} selon que {}", per.trim_start_matches("si "))),
                false => self.say(|| format!("{comma} per {per}"), || format!("{comma} par {per}")),
            };
            // "plays per artist, all users"
            let all = self.pick(", all users", ", tous les utilisateurs");
            text = match text.strip_suffix(all) {
                Some(head) => format!("{head}{per}{all}"),
                None => format!("{text}{per}"),
            };
        }
        if matches!(select.distinct, Some(Distinct::Distinct)) {
            text.push_str(self.pick(", without repeats", ", sans doublons"));
        }
        for part in [having, qualify, order].into_iter().flatten() {
            text.push_str(&part);
        }
        text
    }

    /// What rows are grouped by.
    fn groups(&self, select: &'a Select, items: &[&'a Expr], scope: &Scope<'a>) -> Vec<&'a Expr> {
        match &select.group_by {
            GroupByExpr::All(_) => items.iter().copied().filter(|item| !is_aggregate(item)).collect(),
            GroupByExpr::Expressions(exprs, _) => exprs
                .iter()
                .map(|expr| match (expr, self.value(expr)) {
                    (Expr::Value(_), Some(Value::Number(at))) => items.get((at as usize).saturating_sub(1)).copied().unwrap_or(expr),
                    (Expr::Identifier(name), _) => scope.alias(&name.value).unwrap_or(expr),
                    _ => expr,
                })
                .collect(),
        }
    }

    /// Their names; a title with its artist is a song.
    fn group_texts(&self, groups: &[&'a Expr], scope: &Scope<'a>) -> Vec<String> {
        let of = |names: &[&str]| groups.iter().position(|group| names.iter().any(|name| last_name(group).as_deref() == Some(*name)));
        let song = of(&["title", "track_title"]).zip(of(&["artist_name", "artist_id"]));
        let mut texts = Vec::new();
        for (at, group) in groups.iter().enumerate() {
            let text = match song {
                Some((title, _)) if at == title => self.pick("song", "chanson").to_owned(),
                Some((_, artist)) if at == artist => {
                    // The song says it, but its table counts as spoken of.
                    self.phrase(group, scope);
                    continue;
                }
                _ => self.phrase(group, scope).one,
            };
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        texts
    }

    /// Whether what a row stands for is feminine in French.
    fn entity(&self, groups: &[&'a Expr], items: &[&'a Expr], scope: &Scope<'a>) -> bool {
        let name = |expr: &&'a Expr| last_name(expr);
        let exprs = if groups.is_empty() { items } else { groups };
        match exprs.first() {
            _ if exprs.iter().filter_map(name).any(|name| name == "title" || name == "track_title") => true,
            Some(first) if !groups.is_empty() || self.column(first, scope).is_some() => self.phrase(first, scope).feminine,
            _ => scope.base().is_some_and(|table| table.feminine),
        }
    }

    /// Columns without groups: "titles and artists of the songs by Daft Punk".
    fn listed(&self, select: &'a Select, items: &[&'a Expr], scope: &Scope<'a>) -> String {
        let mut heads: Vec<String> = Vec::new();
        for item in items {
            let phrase = self.phrase(item, scope);
            // One SELECT of a value without tables: what is asked, not a list.
            let head = if select.from.is_empty() { phrase.one } else { phrase.many };
            if !heads.contains(&head) {
                heads.push(head);
            }
        }
        if select.projection.iter().any(|item| matches!(item, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..))) {
            heads.insert(0, self.pick("all columns", "toutes les colonnes").to_owned());
        }
        let and = self.pick("and", "et");
        if select.from.is_empty() {
            return list(&heads, and);
        }
        let nouns = self.nouns(select, scope);
        let noun = match scope.base_table() {
            // Who is befriended, not the friendships.
            "friendships" => Some(self.pick("friends", "amis")),
            _ => scope.base().map(|table| table.many(self.language)),
        };
        match (noun, heads.split_first()) {
            (Some(noun), Some((head, others))) if head == noun && nouns.is_many() => {
                let plain = nouns.called(noun, scope.base().map(|table| table.many(self.language)).unwrap_or_default());
                match others {
                    [] => plain,
                    others => {
                        let others = list(others, and);
                        self.say(|| format!("{plain}, with {others}"), || format!("{plain}, avec : {others}"))
                    }
                }
            }
            _ => format!("{}{}", list(&heads, and), nouns.of_them(self)),
        }
    }

    /// Measures with what they are of.
    fn measured_head(&self, select: &'a Select, measures: &[&'a Expr], scope: &Scope<'a>) -> String {
        let phrases: Vec<Phrase> = measures.iter().map(|measure| self.phrase(measure, scope)).collect();
        let nouns = self.nouns(select, scope);
        if select.from.is_empty() {
            return list(&phrases.into_iter().map(|phrase| phrase.one).collect::<Vec<_>>(), self.pick("and", "et"));
        }
        let all = if nouns.bare && nouns.plays { self.pick(", all users", ", tous les utilisateurs") } else { "" };
        if let ([measure], [phrase]) = (measures, phrases.as_slice()) {
            return match self.kind(measure, scope) {
                Kind::Rows => format!("{}{all}", nouns.number(self)),
                Kind::Existence => {
                    let there = nouns.there_are(self);
                    self.say(|| format!("whether {there}"), || format!("s'{there}"))
                }
                Kind::Count if !all.is_empty() => format!("{}{all}", phrase.one),
                Kind::Value => format!("{}{}", phrase.one, nouns.of_them(self)),
                Kind::Count | Kind::Other => format!("{}{}", phrase.one, nouns.among_them(self)),
            };
        }
        let texts: Vec<String> = phrases.into_iter().map(|phrase| phrase.one).collect();
        format!("{}{}", list(&texts, self.pick("and", "et")), self.for_them(&nouns))
    }

    fn for_them(&self, nouns: &Nouns) -> String {
        nouns.among_them(self)
    }

    fn kind(&self, measure: &'a Expr, scope: &Scope<'a>) -> Kind {
        match measure {
            Expr::Nested(inner) => self.kind(inner, scope),
            Expr::Function(call) if call.over.is_none() => match (name_of(call).as_str(), arguments(call).as_slice()) {
                ("COUNT", []) => Kind::Rows,
                ("SUM", [of]) if self.is_plays(of, scope) => Kind::Rows,
                ("COUNT", _) => Kind::Count,
                ("AVG" | "MIN" | "MAX" | "CORR" | "STDDEV", _) => Kind::Value,
                ("SUM", [Expr::Function(_)]) => Kind::Other,
                ("SUM", _) => Kind::Value,
                _ => Kind::Other,
            },
            Expr::CompoundFieldAccess { .. } => Kind::Value,
            Expr::BinaryOp { left, op: BinaryOperator::Gt, right } => {
                let counts =
                    matches!(&**left, Expr::Function(call) if name_of(call) == "COUNT" && arguments(call).is_empty() && !is_distinct(call));
                if counts && self.value(right) == Some(Value::Number(0.0)) { Kind::Existence } else { Kind::Other }
            }
            Expr::BinaryOp { left, op: BinaryOperator::Divide, .. } => match self.kind(left, scope) {
                Kind::Value => Kind::Value,
                _ => Kind::Other,
            },
            Expr::BinaryOp { op: BinaryOperator::Minus, .. } => Kind::Value,
            _ => Kind::Other,
        }
    }

    /// The best of each group, or any other condition on a window.
    fn qualify(&self, condition: &'a Expr, scope: &Scope<'a>) -> String {
        if let Expr::BinaryOp { left, op: op @ (BinaryOperator::Eq | BinaryOperator::LtEq), right } = condition
            && let Expr::Function(call) = &**left
            && let Some(text) = self.best_of_each(call, *op == BinaryOperator::Eq, right, scope)
        {
            return text;
        }
        let clause = self.clause(condition, scope);
        self.say(|| format!(", only where {clause}"), || format!(", seulement là où {clause}"))
    }

    fn best_of_each(&self, call: &'a Function, exactly: bool, places: &'a Expr, scope: &Scope<'a>) -> Option<String> {
        let ties = match name_of(call).as_str() {
            "ROW_NUMBER" => "",
            "RANK" | "DENSE_RANK" => self.pick(" (with ties)", " (ex æquo compris)"),
            _ => return None,
        };
        let Some(WindowType::WindowSpec(spec)) = &call.over else { return None };
        let Value::Number(places) = self.value(places)? else { return None };
        let by = self.ranked_by(&spec.order_by, scope);
        let each: Vec<String> =
            self.group_texts(&spec.partition_by.iter().map(|expr| self.resolved(expr, scope)).collect::<Vec<_>>(), &scope.bare());
        let each = list(&each, self.pick("and", "et"));
        let for_each = match each.is_empty() {
            true => String::new(),
            false => self.say(|| format!(" for each {each}"), || format!(" pour chaque {each}")),
        };
        let places_text = self.number(places);
        Some(match (exactly, places == 1.0) {
            (true, false) => self.say(
                || format!(", only number {places_text}{for_each}{by}{ties}"),
                || format!(", seulement le numéro {places_text}{for_each}{by}{ties}"),
            ),
            (_, true) => self.say(|| format!(", the first{for_each}{by}{ties}"), || format!(", le premier{for_each}{by}{ties}")),
            (false, false) => self.say(
                || format!(", the first {places_text}{for_each}{by}{ties}"),
                || format!(", les {places_text} premiers{for_each}{by}{ties}"),
            ),
        })
    }

    /// The expression behind an alias.
    pub(super) fn resolved(&self, expr: &'a Expr, scope: &Scope<'a>) -> &'a Expr {
        match expr {
            Expr::Identifier(name) => scope.alias(&name.value).unwrap_or(expr),
            _ => expr,
        }
    }
}

/// How a measure goes with what it is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The number of the rows themselves.
    Rows,
    /// Whether there is one.
    Existence,
    /// The number of something else.
    Count,
    /// A property of theirs.
    Value,
    Other,
}

fn items(select: &Select) -> Vec<&Expr> {
    let mut found = Vec::new();
    for item in &select.projection {
        if let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item {
            found.push(expr);
        }
    }
    found
}

fn last_name(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Identifier(name) => Some(name.value.to_lowercase()),
        Expr::CompoundIdentifier(parts) => Some(parts.last()?.value.to_lowercase()),
        _ => None,
    }
}

/// Whether an expression aggregates rows, queries inside it apart.
pub(in crate::ask) fn is_aggregate(expr: &Expr) -> bool {
    struct Seeker {
        depth: usize,
    }
    impl Visitor for Seeker {
        type Break = ();

        fn pre_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
            self.depth += 1;
            ControlFlow::Continue(())
        }

        fn post_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
            self.depth -= 1;
            ControlFlow::Continue(())
        }

        fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
            match expr {
                Expr::Function(call) if self.depth == 0 && call.over.is_none() && AGGREGATES.contains(&name_of(call).as_str()) => {
                    ControlFlow::Break(())
                }
                _ => ControlFlow::Continue(()),
            }
        }
    }
    expr.visit(&mut Seeker { depth: 0 }).is_break()
}
