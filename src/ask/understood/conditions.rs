//! Conditions in words: what stands after a noun ("by Daft Punk", "released in 1999"), and whole clauses ("the number of weeks is above 3").

use sqlparser::ast::{BinaryOperator, Expr, Query, SelectItem, SetExpr, UnaryOperator};

use super::Writer;
use super::scope::{Scope, last};
use super::values::Value;
use super::words::list;

/// What is asked of a value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Test<'a> {
    Is(&'a Expr),
    Above(&'a Expr),
    AtLeast(&'a Expr),
    Below(&'a Expr),
    AtMost(&'a Expr),
    Between(&'a Expr, &'a Expr),
    In(&'a [Expr]),
}

/// Words that follow a noun and narrow it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Modifier {
    pub(super) text: String,
    /// Names stand before times, those before measures, and those before what is long.
    pub(super) order: Order,
    /// Which table of the FROM it speaks of.
    pub(super) source: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Order {
    Name,
    Time,
    Measure,
    Long,
}

impl Modifier {
    fn new(text: String, order: Order, source: usize) -> Self {
        Self { text, order, source }
    }
}

impl<'a> Writer<'a> {
    /// All conditions of a WHERE.
    pub(super) fn modifiers(&self, condition: &'a Expr, scope: &Scope<'a>) -> Vec<Modifier> {
        let mut parts = Vec::new();
        conjuncts(condition, &mut parts);
        let unranked = parts.iter().position(|part| matches!(part, Expr::IsNull(of) if self.is_named(of, "last_week_rank", scope)));
        let first_week = parts.iter().position(|part| {
            matches!(part, Expr::BinaryOp { left, op: BinaryOperator::Eq, right }
                if self.is_named(left, "weeks_on_chart", scope) && self.value(right) == Some(Value::Number(1.0)))
        });
        let mut modifiers: Vec<Modifier> = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            match (unranked, first_week) {
                // Both together are a new entry.
                (Some(a), Some(_)) if at == a => {
                    let text = self.say(|| "that are new".to_owned(), || "qui sont nouvelles".to_owned());
                    modifiers.push(Modifier::new(text, Order::Measure, 0));
                }
                (Some(_), Some(b)) if at == b => {}
                _ => modifiers.push(self.modifier(part, scope)),
            }
        }
        modifiers.sort_by_key(|modifier| modifier.order);
        modifiers
    }

    fn is_named(&self, expr: &Expr, name: &str, scope: &Scope<'a>) -> bool {
        self.column(expr, scope).is_some_and(|column| column.name == name)
    }

    fn modifier(&self, expr: &'a Expr, scope: &Scope<'a>) -> Modifier {
        match expr {
            Expr::Nested(inner) => self.modifier(inner, scope),
            Expr::BinaryOp { op: BinaryOperator::And, .. } => {
                let parts = self.modifiers(expr, scope);
                let source = parts.first().map_or(0, |part| part.source);
                let texts: Vec<String> = parts.into_iter().map(|part| part.text).collect();
                Modifier::new(list(&texts, self.pick("and", "et")), Order::Measure, source)
            }
            Expr::BinaryOp { op: BinaryOperator::Or, .. } => {
                let mut sides = Vec::new();
                disjuncts(expr, &mut sides);
                let sides: Vec<Modifier> = sides.into_iter().map(|side| self.modifier(side, scope)).collect();
                let source = sides.first().map_or(0, |side| side.source);
                let source = if sides.iter().all(|side| side.source == source) { source } else { 0 };
                let order = sides.iter().map(|side| side.order).max().unwrap_or(Order::Measure);
                let texts: Vec<String> = sides.into_iter().map(|side| side.text).collect();
                Modifier::new(format!("({})", list(&texts, self.pick("or", "ou"))), order, source)
            }
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => self.not(self.modifier(expr, scope), scope),
            Expr::BinaryOp { left, op, right } => match Test::of(op, right) {
                Some((test, negated)) => self.compared(left, op, right, test, negated, scope),
                None => self.such_that(expr, scope),
            },
            Expr::Between { expr, negated, low, high } => self.negated(*negated, self.tested(expr, Test::Between(low, high), scope), scope),
            Expr::InList { expr, list, negated } => self.negated(*negated, self.tested(expr, Test::In(list), scope), scope),
            Expr::InUnnest { expr, array_expr, negated } => self.negated(*negated, self.element(expr, array_expr, scope), scope),
            Expr::InSubquery { expr, subquery, negated } => self.among(expr, subquery, *negated, scope),
            Expr::IsNull(of) => self.known(of, false, scope),
            Expr::IsNotNull(of) => self.known(of, true, scope),
            Expr::IsTrue(inner) | Expr::IsNotFalse(inner) => self.modifier(inner, scope),
            Expr::IsFalse(inner) | Expr::IsNotTrue(inner) => self.not(self.modifier(inner, scope), scope),
            Expr::Exists { subquery, negated } => {
                let rows = self.sentence(subquery);
                let text = match negated {
                    false => self.say(|| format!("for which there are: {rows}"), || format!("pour lesquels il existe : {rows}")),
                    true => self.say(|| format!("for which there are no: {rows}"), || format!("pour lesquels il n'existe pas : {rows}")),
                };
                Modifier::new(text, Order::Long, 0)
            }
            Expr::Like { expr, pattern, negated, .. } => {
                let (of, like) = (self.phrase(expr, scope), self.phrase(pattern, scope).one);
                let source = self.column(expr, scope).map_or(0, |column| column.source);
                let text =
                    self.say(|| format!("with {} like {like}", of.one), || format!("dont {} ressemble à {like}", of.the(self.language)));
                self.negated(*negated, Modifier::new(text, Order::Measure, source), scope)
            }
            _ => match self.column(expr, scope) {
                Some(column) if column.name == "explicit" => {
                    let text = self.pick("marked explicit", "explicites").to_owned();
                    Modifier::new(text, Order::Measure, column.source)
                }
                _ => self.such_that(expr, scope),
            },
        }
    }

    fn such_that(&self, expr: &'a Expr, scope: &Scope<'a>) -> Modifier {
        let of = self.phrase(expr, scope).one;
        Modifier::new(self.say(|| format!("such that {of}"), || format!("avec la condition {of}")), Order::Long, 0)
    }

    fn compared(&self, left: &'a Expr, op: &BinaryOperator, right: &'a Expr, test: Test<'a>, negated: bool, scope: &Scope<'a>) -> Modifier {
        // `5 < popularity` is `popularity > 5`.
        if self.value(left).is_some()
            && self.value(right).is_none()
            && let Some((turned, negated)) = Test::of(&turned(op), left)
        {
            return self.negated(negated, self.tested(right, turned, scope), scope);
        }
        self.negated(negated, self.tested(left, test, scope), scope)
    }

    fn negated(&self, negated: bool, modifier: Modifier, scope: &Scope<'a>) -> Modifier {
        if negated { self.not(modifier, scope) } else { modifier }
    }

    fn not(&self, modifier: Modifier, scope: &Scope<'a>) -> Modifier {
        let text = modifier.text.clone();
        let those = self.agreed("ceux", modifier.source, scope);
        match text.as_str() {
            "marked explicit" => Modifier { text: "not marked explicit".to_owned(), ..modifier },
            "explicites" => Modifier { text: "non explicites".to_owned(), ..modifier },
            _ => {
                let text = self.say(|| format!("except those {text}"), || format!("sauf {those} {text}"));
                Modifier { text, order: Order::Long, source: modifier.source }
            }
        }
    }

    /// A value compared, in the words of its column where it has some.
    fn tested(&self, left: &'a Expr, test: Test<'a>, scope: &Scope<'a>) -> Modifier {
        if let Some((column, grain)) = self.moment(left, scope) {
            let told =
                self.newest(&column, &test).or_else(|| self.lately(&test, scope)).or_else(|| self.at_time(&column, grain, &test, scope));
            if let Some(text) = told {
                return Modifier::new(text, Order::Time, column.source);
            }
        }
        if let Some(column) = self.column(left, scope) {
            if let Some(text) = self.named(&column, &test, scope) {
                return Modifier::new(text, Order::Name, column.source);
            }
            if let Some(text) = self.placed(&column, &test, scope) {
                return Modifier::new(text, Order::Measure, column.source);
            }
        }
        let source = self.column(left, scope).map_or(0, |column| column.source);
        Modifier::new(self.measured(left, test, scope), Order::Measure, source)
    }

    fn known(&self, of: &'a Expr, known: bool, scope: &Scope<'a>) -> Modifier {
        let column = self.column(of, scope);
        let source = column.as_ref().map_or(0, |column| column.source);
        if column.is_some_and(|column| column.name == "last_week_rank") {
            let text = match known {
                true => self.say(
                    || "ranked the week before".to_owned(),
                    || format!("déjà {} la semaine précédente", self.agreed("classé", source, scope)),
                ),
                false => self.say(
                    || "not ranked the week before".to_owned(),
                    || format!("{} du classement la semaine précédente", self.agreed("absent", source, scope)),
                ),
            };
            return Modifier::new(text, Order::Measure, source);
        }
        let of = self.phrase(of, scope);
        let french = if of.feminine { "connue" } else { "connu" };
        let text = match known {
            true => self.say(|| format!("with known {}", of.one), || format!("avec {} {french}", of.one)),
            false => self.say(|| format!("without known {}", of.one), || format!("sans {} {french}", of.one)),
        };
        Modifier::new(text, Order::Measure, source)
    }

    /// `{genre} IN UNNEST(genres)`
    fn element(&self, of: &'a Expr, array: &'a Expr, scope: &Scope<'a>) -> Modifier {
        let column = self.column(array, scope);
        let (source, name) = column.map_or((0, String::new()), |column| (column.source, column.name));
        let value = self.value(of).map(|value| self.bare_name(&value)).unwrap_or_else(|| self.phrase(of, scope).one);
        let text = match name.as_str() {
            "genres" => self.say(|| format!("of the genre {value}"), || format!("du genre {value}")),
            "featured_artists" => self.say(|| format!("featuring {value}"), || format!("avec {value} en invité")),
            _ => {
                let many = self.phrase(array, scope).many;
                self.say(|| format!("with {value} among {many}"), || format!("avec {value} parmi : {many}"))
            }
        };
        Modifier::new(text, Order::Name, source)
    }

    fn among(&self, of: &'a Expr, query: &'a Query, negated: bool, scope: &Scope<'a>) -> Modifier {
        let column = self.column(of, scope);
        let source = column.as_ref().map_or(0, |column| column.source);
        if let Some(user) = self.friends_of(query)
            && let Some(column) = column.filter(|column| column.name == "user_id" && !negated)
        {
            let by = ["listens", "listening_events", "artist_tags"].contains(&column.table.as_deref().unwrap_or_default());
            let text = match by {
                true => self.say(|| format!("by friends of user {user}"), || format!("par des amis de l'utilisateur {user}")),
                false => self.say(|| format!("among the friends of user {user}"), || format!("parmi les amis de l'utilisateur {user}")),
            };
            return Modifier::new(text, Order::Name, source);
        }
        let (of, rows) = (self.phrase(of, scope), self.sentence(query));
        let text = match negated {
            false => self
                .say(|| format!("whose {} is among ({rows})", of.one), || format!("dont {} figure parmi ({rows})", of.the(self.language))),
            true => self.say(
                || format!("whose {} is not among ({rows})", of.one),
                || format!("dont {} ne figure pas parmi ({rows})", of.the(self.language)),
            ),
        };
        Modifier::new(text, Order::Long, source)
    }

    /// The user of `SELECT friend_id FROM friendships WHERE user_id = n`.
    fn friends_of(&self, query: &'a Query) -> Option<String> {
        let SetExpr::Select(select) = &*query.body else { return None };
        let [SelectItem::UnnamedExpr(Expr::Identifier(friend))] = select.projection.as_slice() else { return None };
        let [from] = select.from.as_slice() else { return None };
        let sqlparser::ast::TableFactor::Table { name, .. } = &from.relation else { return None };
        let Some(Expr::BinaryOp { left, op: BinaryOperator::Eq, right }) = &select.selection else { return None };
        let is_it = last(name)? == "friendships" && friend.value == "friend_id" && left.to_string() == "user_id" && from.joins.is_empty();
        let value = self.value(right).filter(|_| is_it && query.order_by.is_none() && query.limit_clause.is_none())?;
        Some(self.id(&value))
    }

    /// "those with energy above 0.7", "celles dont l'énergie dépasse 0,7".
    pub(super) fn those(&self, condition: &'a Expr, scope: &Scope<'a>) -> String {
        let texts: Vec<String> = self.modifiers(condition, scope).into_iter().map(|modifier| modifier.text).collect();
        let all = list(&texts, self.pick("and", "et"));
        // Adjectives need a verb before them.
        let are = all.starts_with("explicites") || all.starts_with("non explicites");
        let those = self.agreed("ceux", 0, scope);
        self.say(|| format!("those {all}"), || format!("{those} {}{all}", if are { "qui sont " } else { "" }))
    }

    /// A whole statement: "number of weeks is above 3".
    pub(super) fn clause(&self, expr: &'a Expr, scope: &Scope<'a>) -> String {
        let stated = |left: &'a Expr, test: Test<'a>, negated: bool| {
            let (of, (english, french)) = (self.phrase(left, scope), self.verb(&test, scope));
            let text = self.say(|| format!("{}{english}", of.one), || format!("{}{french}", of.the(self.language)));
            match negated {
                false => text,
                true => self.say(|| format!("not ({text})"), || format!("pas ({text})")),
            }
        };
        match expr {
            Expr::Nested(inner) => self.clause(inner, scope),
            Expr::BinaryOp { left, op: op @ (BinaryOperator::And | BinaryOperator::Or), right } => {
                let joint = if *op == BinaryOperator::And { self.pick("and", "et") } else { self.pick("or", "ou") };
                let (left, right) = (self.clause(left, scope), self.clause(right, scope));
                if *op == BinaryOperator::And { format!("{left} {joint} {right}") } else { format!("({left} {joint} {right})") }
            }
            Expr::BinaryOp { left, op, right } => match Test::of(op, right) {
                Some((test, negated)) => stated(left, test, negated),
                None => self.phrase(expr, scope).one,
            },
            Expr::Between { expr, negated, low, high } => stated(expr, Test::Between(low, high), *negated),
            Expr::InList { expr, list, negated } => stated(expr, Test::In(list), *negated),
            _ => {
                let text = self.modifier(expr, scope).text;
                self.say(|| format!("it is one {text}"), || format!("c'est le cas de {} {text}", self.agreed("ceux", 0, scope)))
            }
        }
    }

    /// "whether popularity is above 50".
    pub(super) fn whether(&self, expr: &'a Expr, scope: &Scope<'a>) -> String {
        let clause = self.clause(expr, scope);
        self.say(|| format!("whether {clause}"), || if clause.starts_with("il") { format!("s'{clause}") } else { format!("si {clause}") })
    }
}

impl<'a> Test<'a> {
    /// What an operator asks, and whether it asks for the contrary.
    fn of(op: &BinaryOperator, right: &'a Expr) -> Option<(Self, bool)> {
        Some(match op {
            BinaryOperator::Eq => (Self::Is(right), false),
            BinaryOperator::NotEq => (Self::Is(right), true),
            BinaryOperator::Gt => (Self::Above(right), false),
            BinaryOperator::GtEq => (Self::AtLeast(right), false),
            BinaryOperator::Lt => (Self::Below(right), false),
            BinaryOperator::LtEq => (Self::AtMost(right), false),
            _ => return None,
        })
    }
}

fn turned(op: &BinaryOperator) -> BinaryOperator {
    match op {
        BinaryOperator::Gt => BinaryOperator::Lt,
        BinaryOperator::GtEq => BinaryOperator::LtEq,
        BinaryOperator::Lt => BinaryOperator::Gt,
        BinaryOperator::LtEq => BinaryOperator::GtEq,
        other => other.clone(),
    }
}

fn conjuncts<'a>(expr: &'a Expr, into: &mut Vec<&'a Expr>) {
    match expr {
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
            conjuncts(left, into);
            conjuncts(right, into);
        }
        Expr::Nested(inner) if matches!(**inner, Expr::BinaryOp { op: BinaryOperator::And, .. }) => conjuncts(inner, into),
        _ => into.push(expr),
    }
}

fn disjuncts<'a>(expr: &'a Expr, into: &mut Vec<&'a Expr>) {
    match expr {
        Expr::BinaryOp { left, op: BinaryOperator::Or, right } => {
            disjuncts(left, into);
            disjuncts(right, into);
        }
        _ => into.push(expr),
    }
}
