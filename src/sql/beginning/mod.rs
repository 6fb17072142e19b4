//! Whether the beginning of a query can still become one that [`super::inspect`] accepts.
//!
//! A grammar cannot know that a column which was selected must come from one of the tables that follow. This does, in one pass over
//! the words: each query that is open has the names it needs and the sources it has. Where a clause ends, the query so far is whole
//! and the real validator judges it. What is not understood is let through: the whole query is judged again at its end.

mod frame;
mod names;
mod scan;
mod tables;
mod words;

use self::frame::{Frame, Name, Phase, Source};
use self::scan::{Kind, Token};
use self::tables::Tables;
use self::words::{ends_value, is_keyword};
use super::error::SqlError;
use super::{Policy, inspect};
use crate::catalog::Catalog;

/// Judges beginnings of queries over one catalogue.
pub struct Beginnings {
    catalog: Catalog,
    policy: Policy,
    tables: Tables,
}

/// What is open at a place.
enum Open {
    Query(Frame),
    Bracket(Bracket),
}

struct Bracket {
    /// The word before it, in upper case: a function, `IN`, `USING`; empty for a bracket that groups.
    word: String,
    /// It stands where a table may: the query inside is a source.
    source: bool,
    commas: usize,
}

/// The beginning cannot become a query.
struct Hopeless;

type Step = Result<(), Hopeless>;

/// Open brackets and open CASEs, at most: fewer than the validator allows, since a model that writes more has lost its way.
const DEEPEST_BRACKETS: usize = 9;
const DEEPEST_CASES: usize = 3;
/// Operators in a comma-separated part, with those of the parts around it: each makes the tree one level deeper.
const MOST_OPERATORS: usize = 24;

impl Beginnings {
    #[must_use]
    pub fn new(catalog: Catalog, policy: Policy) -> Self {
        let tables = Tables::new(&catalog);
        Self { catalog, policy, tables }
    }

    /// False when no ending makes `text` a valid query. A word at its end may be unfinished.
    #[must_use]
    pub fn may_continue(&self, text: &str) -> bool {
        let mut walk = Walk { judge: self, text, tokens: scan::tokens(text), open: Vec::new(), cases: 0, operators: vec![0] };
        (0..walk.tokens.len()).all(|at| walk.step(at).is_ok())
    }

    /// Whether a query that is whole so far is valid, or will be.
    fn clause(&self, text: &str, correlated: bool, grouped_later: bool) -> Step {
        match inspect(text, &self.catalog, &self.policy) {
            Ok(_) => Ok(()),
            Err(SqlError::NotGrouped { .. }) if grouped_later => Ok(()),
            // The name may be one of the query around it.
            Err(SqlError::UnknownColumn { .. } | SqlError::UnknownTable { .. }) if correlated => Ok(()),
            Err(_) => Err(Hopeless),
        }
    }
}

struct Walk<'a> {
    judge: &'a Beginnings,
    text: &'a str,
    tokens: Vec<Token<'a>>,
    open: Vec<Open>,
    cases: usize,
    /// Operators so far, by open brackets.
    operators: Vec<usize>,
}

impl Walk<'_> {
    fn step(&mut self, at: usize) -> Step {
        let token = self.tokens[at];
        self.count_operator(at, token)?;
        match token.kind {
            Kind::Word => self.word(at, token),
            Kind::Value => self.item(None),
            Kind::Sign(b'(') => {
                self.item(None)?;
                self.open_bracket(at);
                let brackets = self.open.iter().filter(|open| matches!(open, Open::Bracket(_))).count();
                if brackets > DEEPEST_BRACKETS { Err(Hopeless) } else { Ok(()) }
            }
            Kind::Sign(b')') => self.close_bracket(token),
            Kind::Sign(b',') => self.comma(),
            Kind::Sign(b'*') => {
                if let Some(Open::Query(frame)) = self.open.last_mut()
                    && frame.phase == Phase::Items
                    && frame.item_tokens == 0
                {
                    frame.opaque = true;
                }
                self.item(None)
            }
            // Only texts have other characters; a grammar in any case takes `ſ` for an `s`.
            Kind::Sign(sign) if !sign.is_ascii() => Err(Hopeless),
            Kind::Sign(_) => self.item(None),
        }
    }

    fn count_operator(&mut self, at: usize, token: Token<'_>) -> Step {
        let behind_value = || at > 0 && ends_value(self.tokens[at - 1]);
        let counts = match token.kind {
            Kind::Sign(b'+' | b'-' | b'/' | b'|') => true,
            Kind::Sign(b'*') => behind_value(),
            Kind::Word => ["AND", "OR", "NOT", "CASE", "WHEN"].iter().any(|word| token.is(word)),
            _ => false,
        };
        if let Some(last) = self.operators.last_mut() {
            *last += usize::from(counts);
            if token.is_sign(b',') || token.is("SELECT") || token.is("WHERE") {
                *last = 0;
            }
        }
        match token.kind {
            Kind::Sign(b'(') => self.operators.push(0),
            Kind::Sign(b')') if self.operators.len() > 1 => drop(self.operators.pop()),
            _ => {}
        }
        if self.operators.iter().sum::<usize>() > MOST_OPERATORS { Err(Hopeless) } else { Ok(()) }
    }

    /// Counts what an item of SELECT is made of: an item that is one name gives that name.
    fn item(&mut self, name: Option<&str>) -> Step {
        if let Some(Open::Query(frame)) = self.open.last_mut() {
            frame.item_tokens += 1;
            frame.item_name = name.filter(|_| frame.item_tokens == 1).map(str::to_owned);
        }
        Ok(())
    }

    fn word(&mut self, at: usize, token: Token<'_>) -> Step {
        let before = at.checked_sub(1).map(|index| self.tokens[index]);
        let next = self.tokens.get(at + 1).copied();
        let unfinished = next.is_none() && token.at + token.text.len() == self.text.len();
        if before.is_some_and(|before| before.is("AS")) {
            return self.given(token, unfinished);
        }
        if before.is_some_and(|before| before.is_sign(b'.')) {
            let qualifier = at.checked_sub(2).map(|index| self.tokens[index].text);
            return self.qualified(qualifier.unwrap_or_default(), token.text, unfinished);
        }
        if next.is_some_and(|next| next.is_sign(b'.')) {
            return Ok(());
        }
        if token.is("SELECT") {
            return self.select(token);
        }
        if token.is("CASE") {
            self.cases += 1;
        } else if token.is("END") {
            self.cases = self.cases.saturating_sub(1);
        }
        if self.cases > DEEPEST_CASES {
            return Err(Hopeless);
        }
        if token.is("DISTINCT") && before.is_some_and(|before| before.is("SELECT")) {
            return Ok(());
        }
        // Behind a value there is no place for a name that a word such as WHERE could begin.
        if let Some(Open::Query(_)) = self.open.last()
            && (!unfinished || before.is_some_and(ends_value))
            && self.clause_word(token, before)?
        {
            return Ok(());
        }
        let is_call = next.is_some_and(|next| next.is_sign(b'('));
        if is_call || is_keyword(token.text) || self.is_part(at, before) {
            return self.item(None);
        }
        if self.in_from() {
            return self.table(token, unfinished);
        }
        let name = Name { qualifier: None, text: token.text.to_ascii_lowercase(), unfinished };
        self.item(Some(token.text))?;
        self.name(name)
    }

    /// A date part: right behind a value, or where a function takes one.
    fn is_part(&self, at: usize, before: Option<Token<'_>>) -> bool {
        let behind_value = before.is_some_and(|before| match before.kind {
            Kind::Value => true,
            Kind::Sign(sign) => sign == b')',
            Kind::Word => at >= 2 && self.tokens[at - 2].is("INTERVAL"),
        });
        let argument = match self.open.last() {
            Some(Open::Bracket(bracket)) => {
                let word = bracket.word.as_str();
                (word == "EXTRACT" && before.is_some_and(|before| before.is_sign(b'(')))
                    || word == "WEEK"
                    || bracket.commas >= 1 && (word.ends_with("_TRUNC") || word == "LAST_DAY")
                    || bracket.commas >= 2 && word.ends_with("_DIFF")
            }
            _ => false,
        };
        behind_value || argument
    }

    fn in_from(&self) -> bool {
        matches!(self.open.last(), Some(Open::Query(frame)) if frame.phase == Phase::From && !frame.in_condition)
            || matches!(self.open.last(), Some(Open::Bracket(bracket)) if bracket.source)
    }

    fn select(&mut self, token: Token<'_>) -> Step {
        match self.open.last_mut() {
            // Behind UNION and its like.
            Some(Open::Query(frame)) => frame.next_part(token.at),
            _ => self.open.push(Open::Query(Frame::new(token.at))),
        }
        Ok(())
    }

    /// Words that begin a clause. True when this was one.
    fn clause_word(&mut self, token: Token<'_>, before: Option<Token<'_>>) -> Result<bool, Hopeless> {
        let phase = match token.text.to_ascii_uppercase().as_str() {
            "FROM" if !before.is_some_and(|before| before.is("DISTINCT")) => Phase::From,
            "WHERE" => Phase::Where,
            "GROUP" => Phase::Group,
            "HAVING" => Phase::Having,
            "QUALIFY" => Phase::Qualify,
            "ORDER" => Phase::Order,
            "LIMIT" => Phase::Limit,
            "UNION" | "INTERSECT" => Phase::Operator,
            "EXCEPT" if !before.is_some_and(|before| before.is_sign(b'*')) => Phase::Operator,
            "JOIN" | "CROSS" | "INNER" | "LEFT" | "RIGHT" | "FULL" if matches!(self.open.last(), Some(Open::Query(frame)) if frame.phase == Phase::From) =>
            {
                if let Some(Open::Query(frame)) = self.open.last_mut() {
                    frame.in_condition = false;
                }
                return Ok(true);
            }
            "ON" => {
                if let Some(Open::Query(frame)) = self.open.last_mut() {
                    frame.in_condition = true;
                }
                return Ok(true);
            }
            _ => return Ok(false),
        };
        if phase == Phase::From {
            self.items_end()?;
        } else {
            self.clause_end(token.at, matches!(phase, Phase::Where | Phase::Group))?;
        }
        if let Some(Open::Query(frame)) = self.open.last_mut() {
            frame.phase = phase;
            frame.in_condition = false;
        }
        Ok(true)
    }

    /// The query so far, up to a place.
    fn clause_end(&self, end: usize, grouped_later: bool) -> Step {
        let Some(Open::Query(frame)) = self.open.last() else { return Ok(()) };
        let correlated = self.open.iter().rev().nth(1).is_some_and(|around| !matches!(around, Open::Bracket(bracket) if bracket.source));
        // The order of a set operation is judged with all its parts.
        let start = if frame.phase >= Phase::Order { frame.first } else { frame.start };
        self.judge.clause(self.text.get(start..end).unwrap_or_default(), correlated, grouped_later)
    }

    /// Before FROM: what the query around needs must be among what this one gives.
    fn items_end(&mut self) -> Step {
        if let Some(Open::Query(frame)) = self.open.last_mut() {
            frame.end_item();
        }
        let mut around = self.open.iter().rev();
        let (Some(Open::Query(frame)), Some(Open::Bracket(bracket))) = (around.next(), around.next()) else { return Ok(()) };
        let Some(Open::Query(outer)) = around.next() else { return Ok(()) };
        // More sources may follow, so that one name that this one gives is enough.
        if !bracket.source || frame.opaque || frame.parts > 0 || outer.needs.is_empty() || !outer.sources.is_empty() {
            return Ok(());
        }
        let given = |need: &Name| need.qualifier.is_some() || frame.outputs.contains(&need.text) || self.judge.tables.knows(&need.text);
        if outer.needs.iter().any(given) { Ok(()) } else { Err(Hopeless) }
    }

    fn open_bracket(&mut self, at: usize) {
        let word = at.checked_sub(1).map(|index| self.tokens[index]).filter(|before| before.kind == Kind::Word);
        let word = word.map(|word| word.text.to_ascii_uppercase()).unwrap_or_default();
        let source = match self.open.last() {
            Some(Open::Query(frame)) => frame.phase == Phase::From && !frame.in_condition && matches!(word.as_str(), "FROM" | "JOIN" | ""),
            Some(Open::Bracket(bracket)) => bracket.source && word.is_empty(),
            None => false,
        };
        self.open.push(Open::Bracket(Bracket { word, source, commas: 0 }));
    }

    fn close_bracket(&mut self, token: Token<'_>) -> Step {
        let mut inner = None;
        if matches!(self.open.last(), Some(Open::Query(_))) {
            self.clause_end(token.at, false)?;
            if let Some(Open::Query(mut frame)) = self.open.pop() {
                frame.end_item();
                inner = Some(frame);
            }
        }
        let Some(Open::Bracket(bracket)) = self.open.pop() else { return Ok(()) };
        let Some(Open::Query(frame)) = self.open.last_mut() else { return Ok(()) };
        if bracket.word == "UNNEST" && frame.phase == Phase::From {
            frame.sources.push(Source::unnamed(Some(Vec::new())));
        } else if let Some(inner) = inner.filter(|_| bracket.source) {
            frame.sources.push(Source::unnamed(inner.gives()));
        }
        Ok(())
    }

    fn comma(&mut self) -> Step {
        match self.open.last_mut() {
            Some(Open::Query(frame)) if frame.phase == Phase::Items => frame.end_item(),
            Some(Open::Bracket(bracket)) => bracket.commas += 1,
            _ => {}
        }
        Ok(())
    }
}
