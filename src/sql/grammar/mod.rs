//! A context-free grammar of the GoogleSQL that a model may write, made from the catalogue, in llguidance's dialect of Lark.
//!
//! It says what can be said without knowing what was written before: one query, nothing but SELECT, tables, columns and functions
//! that exist, with arguments of fitting types, aggregates and windows only where they may stand, parameters that the prompt has.
//! What depends on context (which columns the FROM clause brings, what is grouped) is left to [`super::inspect`].
//!
//! Spaces are part of the lexemes, so that words never run together; around brackets and operators they are free, since models of the
//! Hub space them otherwise than ours does.

mod calls;
mod expressions;
mod lexemes;

use std::fmt::Write;

use super::functions::Kind;
use crate::catalog::{Catalog, Column, ColumnType, Mode};

/// What a model writes for a question that the tables do not answer.
pub const NO_ANSWER: &str = "<unanswerable>";

/// Subqueries nest at most this deep below the whole query.
const DEEPEST: usize = 2;
/// Entries of a list: so that a model that repeats itself comes to an end.
const LONGEST_LIST: usize = 11;

/// What an expression may hold, which depends on the clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    /// Values of one row: WHERE, GROUP BY, arguments of aggregates.
    Row,
    /// Aggregates too: HAVING, windows.
    Group,
    /// Windows too: SELECT, QUALIFY, ORDER BY.
    Window,
}

impl Level {
    const ALL: [Self; 3] = [Self::Row, Self::Group, Self::Window];

    fn allows(self, kind: Kind) -> bool {
        match kind {
            Kind::Scalar => true,
            Kind::Aggregate => self != Self::Row,
            Kind::Window => self == Self::Window,
        }
    }
}

/// A class of types that mix freely in expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Number,
    Text,
    Bool,
    Date,
    Time,
    Array,
}

impl Sort {
    const ALL: [Self; 6] = [Self::Number, Self::Text, Self::Bool, Self::Date, Self::Time, Self::Array];

    fn name(self) -> &'static str {
        match self {
            Self::Number => "num",
            Self::Text => "str",
            Self::Bool => "bool",
            Self::Date => "date",
            Self::Time => "time",
            Self::Array => "arr",
        }
    }

    /// `None` for a type that no expression is made of; such a column can only be selected.
    fn of(column: &Column) -> Option<Self> {
        if column.mode == Mode::Repeated { Some(Self::Array) } else { Self::of_type(column.column_type) }
    }

    fn of_type(column_type: ColumnType) -> Option<Self> {
        Some(match column_type {
            ColumnType::Int64 | ColumnType::Float64 | ColumnType::Numeric | ColumnType::Bignumeric => Self::Number,
            ColumnType::String => Self::Text,
            ColumnType::Bool => Self::Bool,
            ColumnType::Date => Self::Date,
            ColumnType::Timestamp | ColumnType::Datetime | ColumnType::Time => Self::Time,
            _ => return None,
        })
    }
}

/// The names of the rules of one level of one depth of nesting.
#[derive(Debug, Clone, Copy)]
struct Place {
    depth: usize,
    level: Level,
}

impl Place {
    /// A rule of this place: `num`, `any` ...
    fn rule(self, name: &str) -> String {
        let level = match self.level {
            Level::Row => "r",
            Level::Group => "g",
            Level::Window => "w",
        };
        format!("{level}{}_{name}", self.depth)
    }

    fn of(self, sort: Sort) -> String {
        self.rule(sort.name())
    }

    fn at(self, level: Level) -> Self {
        Self { level, ..self }
    }
}

/// The grammar of one query over the catalogue, or [`NO_ANSWER`], with the parameters `@v1` to `@vN`.
#[must_use]
pub fn grammar(catalog: &Catalog, parameters: usize) -> String {
    let mut text = String::from("start: BEGIN? (query0 | NO_ANSWER)\n");
    for depth in 0..=DEEPEST {
        queries(&mut text, depth);
        for level in Level::ALL {
            expressions::rules(&mut text, Place { depth, level }, parameters);
        }
    }
    text.push_str(&lexemes::terminals(catalog, parameters));
    text
}

/// SELECT and what surrounds it.
fn queries(text: &mut String, d: usize) {
    let place = |level| Place { depth: d, level };
    let (row, group, window) = (place(Level::Row), place(Level::Group), place(Level::Window));
    let (any_row, any_window) = (row.rule("any"), window.rule("any"));
    let more = |what: &str| format!("(COMMA {what}){{0,{LONGEST_LIST}}}");
    let nested = if d < DEEPEST { format!("| LPAR query{} RPAR (AS NAME)?", d + 1) } else { String::new() };
    let order = format!("{any_window} DIRECTION? NULLS?");
    // A parenthesised part of a set operation may have an order of its own.
    let rules = format!(
        "query{d}: operand{d} (SET_OPERATION operand{d}){{0,5}} order{d}? limit{d}?\n\
         operand{d}: select{d} | LPAR query{d} RPAR\n\
         select{d}: SELECT DISTINCT? items{d} (FROM from{d} where{d}? group{d}? having{d}? qualify{d}?)?\n\
         items{d}: item{d} {}\n\
         item{d}: ({any_window} | {}) (AS NAME)? | STAR (EXCEPT_COLUMNS ANY_COLUMN {} RPAR)?\n\
         from{d}: source{d} join{d}{{0,5}}\n\
         source{d}: TABLE (AS NAME)? {nested} | UNNEST {} RPAR (AS NAME)?\n\
         join{d}: JOIN source{d} (USING ANY_COLUMN {} RPAR | ON {}) | CROSS source{d}\n\
         where{d}: WHERE {}\n\
         group{d}: GROUP {any_row} {}\n\
         having{d}: HAVING {}\n\
         qualify{d}: QUALIFY {}\n\
         order{d}: ORDER {order} {}\n\
         limit{d}: LIMIT count (OFFSET_ROWS count)?\n",
        more(&format!("item{d}")),
        row.rule("tuple"),
        more("ANY_COLUMN"),
        row.of(Sort::Array),
        more("ANY_COLUMN"),
        row.of(Sort::Bool),
        row.of(Sort::Bool),
        more(&any_row),
        group.of(Sort::Bool),
        window.of(Sort::Bool),
        more(&order),
    );
    text.push_str(&rules);
    let inside = format!("{} DIRECTION? NULLS?", group.rule("any"));
    let _ = writeln!(
        text,
        "window{d}: OVER (PARTITION {} {} (ORDER {inside} {list} frame?)? | ORDER_FIRST {inside} {list} frame?)? RPAR",
        group.rule("any"),
        more(&group.rule("any")),
        list = more(&inside),
    );
    if d == 0 {
        text.push_str("frame: ROWS_BETWEEN bound AND bound | ROWS (UNBOUNDED_PRECEDING | CURRENT_ROW | count PRECEDING)\n");
        text.push_str("bound: UNBOUNDED_PRECEDING | UNBOUNDED_FOLLOWING | CURRENT_ROW | count PRECEDING | count FOLLOWING\n");
    }
}
