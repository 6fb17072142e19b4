//! Orders and limits in words: "longest first", "top 10".

use sqlparser::ast::{Expr, LimitClause, OrderByExpr, OrderByKind, Query};

use super::Writer;
use super::scope::Scope;
use super::words::{Phrase, Shape};

impl<'a> Writer<'a> {
    /// The order and the limit of a query, each with a comma before it. `measures` are what the groups are measured by.
    pub(super) fn order(&self, query: &'a Query, measures: &[&'a Expr], feminine: bool, scope: &Scope<'a>) -> String {
        let keys: &'a [OrderByExpr] = match query.order_by.as_ref().map(|order| &order.kind) {
            Some(OrderByKind::Expressions(keys)) => keys,
            Some(OrderByKind::All(_)) => {
                self.further.set(true);
                &[]
            }
            None => &[],
        };
        let (limit, offset) = limits(query);
        let limit = limit.map(|limit| self.phrase(limit, scope).one);
        let mut text = match keys {
            [] => limit.map(|limit| self.say(|| format!(", {limit} of them"), || format!(", au nombre de {limit}"))).unwrap_or_default(),
            [key] => {
                let main = matches!(measures, [only] if self.resolved(&key.expr, scope) == *only);
                self.one_key(key, main, limit.as_deref(), feminine, scope)
            }
            _ => {
                let by = self.ranked_by(keys, scope);
                let limit = limit.map(|limit| self.first(&limit, feminine)).unwrap_or_default();
                format!(",{by}{limit}")
            }
        };
        if let Some(offset) = offset {
            let offset = self.phrase(offset, scope).one;
            text.push_str(&self.say(|| format!(", skipping the first {offset}"), || format!(", sans les {offset} premiers")));
        }
        text
    }

    /// ", first 5", ", les 5 premières"
    fn first(&self, limit: &str, feminine: bool) -> String {
        let (one, many) = if feminine { ("la première", "premières") } else { ("le premier", "premiers") };
        match limit {
            "1" => self.say(|| ", the first".to_owned(), || format!(", {one}")),
            _ => self.say(|| format!(", first {limit}"), || format!(", les {limit} {many}")),
        }
    }

    fn one_key(&self, key: &'a OrderByExpr, main: bool, limit: Option<&str>, feminine: bool, scope: &Scope<'a>) -> String {
        let (by, rising) = (self.phrase(&key.expr, scope), key.options.asc.unwrap_or(true));
        if main && by.unit != Shape::Time && by.unit != Shape::Rank {
            let way = match rising {
                true => self.pick(", lowest first", ", par ordre croissant"),
                false => self.pick(", highest first", ", par ordre décroissant"),
            };
            return match (limit, rising) {
                (Some(limit), false) => self.say(|| format!(", top {limit}"), || self.first(limit, feminine)),
                (Some(limit), true) => self.say(|| format!(", lowest {limit}"), || format!("{way}{}", self.first(limit, feminine))),
                (None, _) => way.to_owned(),
            };
        }
        let way = self.way(&by, rising, feminine);
        format!(", {way}{}", limit.map(|limit| self.first(limit, feminine)).unwrap_or_default())
    }

    /// "longest first", "de la plus longue à la plus courte".
    fn way(&self, by: &Phrase, rising: bool, feminine: bool) -> String {
        let from_to = |more: [&str; 2], less: [&str; 2]| {
            let at = usize::from(feminine);
            let (first, last) = if rising { (less[at], more[at]) } else { (more[at], less[at]) };
            match feminine {
                true => format!("de la {first} à la {last}"),
                false => format!("du {first} au {last}"),
            }
        };
        let plain = by.one.as_str();
        match by.unit {
            Shape::Time if rising => self.pick("in chronological order", "par ordre chronologique").to_owned(),
            Shape::Time => {
                self.say(|| "latest first".to_owned(), || from_to(["plus récent", "plus récente"], ["plus ancien", "plus ancienne"]))
            }
            Shape::Length if [self.pick("length", "durée")].contains(&plain) => self.say(
                || if rising { "shortest first" } else { "longest first" }.to_owned(),
                || from_to(["plus long", "plus longue"], ["plus court", "plus courte"]),
            ),
            Shape::Rank => self.say(
                || format!("by {plain}, {}", if rising { "best first" } else { "worst first" }),
                || format!("par {plain}, {}", if rising { "du meilleur au moins bon" } else { "du moins bon au meilleur" }),
            ),
            Shape::Name => self.say(
                || format!("in {}alphabetical order of {plain}", if rising { "" } else { "reverse " }),
                || format!("par ordre alphabétique {}{}", if rising { "" } else { "inverse " }, by.of_the(self.language)),
            ),
            Shape::Round if rising => self.say(|| format!("in the order of the {}", by.many), || format!("dans l'ordre des {}", by.many)),
            _ if ["popularity", "popularité"].contains(&plain) => self.say(
                || if rising { "least popular first" } else { "most popular first" }.to_owned(),
                || from_to(["plus populaire", "plus populaire"], ["moins populaire", "moins populaire"]),
            ),
            _ if plain == "tempo" => self.say(
                || if rising { "slowest first" } else { "fastest first" }.to_owned(),
                || from_to(["plus rapide", "plus rapide"], ["plus lent", "plus lente"]),
            ),
            _ => self.say(
                || format!("by {plain}, {}", if rising { "lowest first" } else { "highest first" }),
                || {
                    let (up, down) = if by.feminine { ("croissante", "décroissante") } else { ("croissant", "décroissant") };
                    match by.noun && (!plain.contains(' ') || plain.starts_with("nombre ")) {
                        true => format!("par {plain} {}", if rising { up } else { down }),
                        false => format!("par {plain}, ordre {}", if rising { "croissant" } else { "décroissant" }),
                    }
                },
            ),
        }
    }
}

fn limits(query: &Query) -> (Option<&Expr>, Option<&Expr>) {
    match &query.limit_clause {
        Some(LimitClause::LimitOffset { limit, offset, .. }) => (limit.as_ref(), offset.as_ref().map(|offset| &offset.value)),
        Some(LimitClause::OffsetCommaLimit { offset, limit }) => (Some(limit), Some(offset)),
        None => (None, None),
    }
}
