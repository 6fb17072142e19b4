//! What a query is about: its tables as a noun with what narrows it ("songs by Daft Punk released in 1999").

use sqlparser::ast::{Expr, Select};

use super::Writer;
use super::conditions::{Modifier, Order, Test};
use super::scope::{Column, Scope};
use super::values::Value;
use super::words::{TableWords, from_country, in_country, list, of, the};

/// The rows that a SELECT reads.
pub(super) struct Nouns {
    /// "songs by Daft Punk".
    pub(super) many: String,
    /// "artist Daft Punk", where the conditions leave one.
    one: Option<String>,
    /// The query that the rows come from, in words; then `many` is what narrows it.
    list: Option<String>,
    /// Whether nothing narrows it.
    pub(super) bare: bool,
    /// Whether the noun says by itself that it counts: "plays".
    pub(super) plays: bool,
    feminine: bool,
}

/// Whether a table's rows are plays.
pub(super) fn is_listening(table: Option<&str>) -> bool {
    matches!(table, Some("listens" | "listening_events"))
}

impl Nouns {
    /// " of the songs by Daft Punk"
    pub(super) fn of_them(&self, writer: &Writer<'_>) -> String {
        match (&self.list, &self.one) {
            (Some(_), _) => self.in_list(writer),
            (None, Some(one)) => {
                writer.say(|| format!(" of the {one}"), || format!(" de {}", the(one, self.feminine)).replace(" de le ", " du "))
            }
            (None, None) => writer.say(|| format!(" of the {}", self.many), || format!(" des {}", self.many)),
        }
    }

    /// " among the songs by Daft Punk"
    pub(super) fn among_them(&self, writer: &Writer<'_>) -> String {
        match (&self.list, &self.one) {
            (Some(_), _) => self.in_list(writer),
            (None, Some(one)) => writer.say(|| format!(" for the {one}"), || format!(" pour {}", the(one, self.feminine))),
            (None, None) => writer.say(|| format!(" among the {}", self.many), || format!(" parmi les {}", self.many)),
        }
    }

    /// "number of songs by Daft Punk"; "plays of Daft Punk" is one by itself.
    pub(super) fn number(&self, writer: &Writer<'_>) -> String {
        match &self.list {
            Some(_) => {
                writer.say(|| format!("number of rows{}", self.in_list(writer)), || format!("nombre de lignes{}", self.in_list(writer)))
            }
            None if self.plays => self.many.clone(),
            None => writer.say(|| format!("number of {}", self.many), || format!("nombre {}", of(&self.many))),
        }
    }

    /// "there are songs by Daft Punk"
    pub(super) fn there_are(&self, writer: &Writer<'_>) -> String {
        match &self.list {
            Some(_) => {
                writer.say(|| format!("there are rows{}", self.in_list(writer)), || format!("il existe des lignes{}", self.in_list(writer)))
            }
            None => writer.say(|| format!("there are {}", self.many), || format!("il existe des {}", self.many)),
        }
    }

    /// Whether the conditions leave room for several.
    pub(super) fn is_many(&self) -> bool {
        self.one.is_none() && self.list.is_none()
    }

    /// "songs by Daft Punk" with another noun for the table's own.
    pub(super) fn called(&self, noun: &str, own: &str) -> String {
        self.many.strip_prefix(own).map_or_else(|| self.many.clone(), |narrowed| format!("{noun}{narrowed}"))
    }

    fn in_list(&self, writer: &Writer<'_>) -> String {
        let list = self.list.as_deref().unwrap_or_default();
        let narrowed = if self.many.is_empty() { String::new() } else { format!(" {}", self.many) };
        writer.say(|| format!("{narrowed} in the list ({list})"), || format!("{narrowed} dans la liste ({list})"))
    }
}

impl<'a> Writer<'a> {
    /// The rows that a SELECT reads; asked for when all else is said, since a joined table that nothing speaks of is named too.
    pub(super) fn nouns(&self, select: &'a Select, scope: &Scope<'a>) -> Nouns {
        let mut modifiers = select.selection.as_ref().map(|condition| self.modifiers(condition, scope)).unwrap_or_default();
        let base = scope.base();
        let mut noun = base.map(|table| table.many(self.language)).unwrap_or_default().to_owned();
        let hot = self.pick("of the Hot 100", "du Hot 100");
        if scope.base_table() == "chart_entries"
            && let Some(at) = modifiers.iter().position(|modifier| modifier.text == hot && modifier.source == 0)
        {
            modifiers.remove(at);
            noun = self.pick("Hot 100 entries", "entrées au Hot 100").to_owned();
        }
        let joined = self.joined(&modifiers, scope);
        let own: Vec<&Modifier> = modifiers.iter().filter(|modifier| modifier.source == 0).collect();
        let bare = own.is_empty() && joined.is_empty();
        let mut parts = own_parts(&own, self.pick("and", "et"));
        let long = if own.iter().any(|modifier| modifier.order == Order::Long) { parts.pop() } else { None };
        let mut after = parts.clone();
        after.extend(joined);
        after.extend(long);
        let narrowed = after.join(" ");
        let list = scope.sources.first().and_then(|source| source.query).map(|query| self.sentence(query));
        Nouns {
            one: self.single(&own, &after, scope),
            many: [noun.as_str(), narrowed.as_str()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "),
            list,
            bare,
            plays: is_listening(Some(scope.base_table())),
            feminine: base.is_some_and(|table| table.feminine),
        }
    }

    /// The tables after the first with what narrows them; one that nothing speaks of still keeps only what it has.
    fn joined(&self, modifiers: &[Modifier], scope: &Scope<'a>) -> Vec<String> {
        let mut said = Vec::new();
        for (at, source) in scope.sources.iter().enumerate().skip(1) {
            let own: Vec<&Modifier> = modifiers.iter().filter(|modifier| modifier.source == at).collect();
            let table = source.table.as_deref().and_then(TableWords::of);
            match (own.is_empty(), table, source.query) {
                (false, Some(table), _) => {
                    let by = match (scope.base_table(), source.table.as_deref()) {
                        ("tracks" | "chart_entries", Some("artists")) => self.pick("by artists", "d'artistes"),
                        ("recommendations", Some("users" | "user_segments")) => self.pick("for users", "pour des utilisateurs"),
                        ("user_segments" | "friendships", Some("users" | "user_segments")) => self.pick("of users", "d'utilisateurs"),
                        _ => table.joined(self.language),
                    };
                    said.push(format!("{by} {}", own_parts(&own, self.pick("and", "et")).join(" ")));
                }
                (true, Some(table), _) if !source.used.get() => {
                    let many = table.many(self.language);
                    said.push(self.say(|| format!("found among the {many}"), || format!("présents parmi les {many}")));
                }
                (_, None, Some(query)) => {
                    let rows = self.sentence(query);
                    said.push(self.say(|| format!("joined to ({rows})"), || format!("rapprochés de ({rows})")));
                    said.extend(own_parts(&own, self.pick("and", "et")));
                }
                _ => {}
            }
        }
        said
    }

    /// "artist Daft Punk", "user 42": one by its name.
    fn single(&self, own: &[&Modifier], after: &[String], scope: &Scope<'a>) -> Option<String> {
        let named = self.language.pick(["named ", "numbered "], ["nommés ", "numérotés "]);
        let at = own.iter().position(|modifier| named.iter().any(|start| modifier.text.starts_with(start)))?;
        let text = &own[at].text;
        let name = named.iter().find_map(|start| text.strip_prefix(start))?;
        if name.contains(self.pick(" or named ", " ou nommés ")) || name.contains(self.pick(" or numbered ", " ou numérotés ")) {
            return None;
        }
        let one = scope.base()?.one(self.language);
        let others = after.join(" ").replacen(text.as_str(), "", 1);
        let others = others.trim();
        Some(if others.is_empty() { format!("{one} {name}") } else { format!("{one} {name} {others}") })
    }

    /// A French participle or pronoun in the gender of a table's noun, plural: "sorties", "celles".
    pub(super) fn agreed(&self, masculine: &str, source: usize, scope: &Scope<'a>) -> String {
        let feminine =
            scope.sources.get(source).and_then(|source| TableWords::of(source.table.as_deref()?)).is_some_and(|table| table.feminine);
        match (masculine, feminine) {
            ("ceux", true) => "celles".to_owned(),
            ("ceux", false) => "ceux".to_owned(),
            (word, true) => format!("{word}es"),
            (word, false) => format!("{word}s"),
        }
    }

    /// A column of names compared with names.
    pub(super) fn named(&self, column: &Column, test: &Test<'a>, scope: &Scope<'a>) -> Option<String> {
        let exprs: Vec<&'a Expr> = match test {
            Test::Is(one) => vec![one],
            Test::In(some) => some.iter().collect(),
            _ => return None,
        };
        let each: Option<Vec<String>> = exprs.iter().map(|expr| self.one_named(column, &self.value(expr)?, scope)).collect();
        Some(list(&each?, self.pick("or", "ou")))
    }

    fn one_named(&self, column: &Column, value: &Value, scope: &Scope<'a>) -> Option<String> {
        let (table, name) = (column.table.as_deref().unwrap_or_default(), self.bare_name(value));
        let text = |english: String, french: String| self.say(|| english, || french);
        Some(match column.name.as_str() {
            "artist_id" | "artist_name" | "name" => match table {
                "tracks" | "chart_entries" => text(format!("by {name}"), of(&name)),
                "artists" => text(format!("named {name}"), format!("nommés {name}")),
                "similar_artists" => text(format!("to {name}"), format!("à {name}")),
                _ => text(format!("of {name}"), of(&name)),
            },
            "similar_artist_id" | "similar_artist_name" => text(format!("that are {name}"), format!("qui sont {name}")),
            "title" | "track_title" => {
                let quoted = self.quoted(&name);
                match table {
                    "tracks" => text(format!("titled {quoted}"), format!("{} {quoted}", self.agreed("intitulé", column.source, scope))),
                    _ => text(format!("of the song {quoted}"), format!("de la chanson {quoted}")),
                }
            }
            "album" => text(format!("on the album {}", self.quoted(&name)), format!("de l'album {}", self.quoted(&name))),
            "tag" => text(format!("with the tag {}", self.quoted(&name)), format!("avec le tag {}", self.quoted(&name))),
            "genre" => text(format!("of the genre {name}"), format!("du genre {name}")),
            "segment" => text(format!("in the segment {}", self.quoted(&name)), format!("du segment {}", self.quoted(&name))),
            "country" => match table {
                "artists" => from_country(&name, self.language),
                _ => in_country(&name, self.language),
            },
            "chart" if name == "hot-100" => self.pick("of the Hot 100", "du Hot 100").to_owned(),
            "chart" => text(format!("of the chart {}", self.quoted(&name)), format!("du classement {}", self.quoted(&name))),
            "user_id" => match table {
                "listens" | "listening_events" | "artist_tags" => text(format!("by user {name}"), format!("par l'utilisateur {name}")),
                "recommendations" => text(format!("for user {name}"), format!("pour l'utilisateur {name}")),
                "users" | "user_segments" => text(format!("numbered {name}"), format!("numérotés {name}")),
                _ => text(format!("of user {name}"), format!("de l'utilisateur {name}")),
            },
            "friend_id" => text(format!("with user {name}"), format!("avec l'utilisateur {name}")),
            "segment_id" => text(format!("in segment number {name}"), format!("du segment numéro {name}")),
            "reason" | "track_id" => {
                let label = super::words::column(&column.name, self.language).one;
                text(format!("with the {label} {}", self.quoted(&name)), format!("avec {label} {}", self.quoted(&name)))
            }
            _ => return None,
        })
    }
}

/// The texts in their order: names and times one after the other, measures and what is long joined by "and".
fn own_parts(own: &[&Modifier], and: &str) -> Vec<String> {
    let of = |order: Order| own.iter().filter(|modifier| modifier.order == order).map(|modifier| modifier.text.clone()).collect::<Vec<_>>();
    let mut parts = of(Order::Name);
    parts.extend(of(Order::Time));
    parts.extend([list(&of(Order::Measure), and), list(&of(Order::Long), and)].into_iter().filter(|part| !part.is_empty()));
    parts
}
