//! Function calls: every function of the allow-list, by the sort of its value, with arguments of the sorts that it takes.

use std::collections::BTreeMap;

use super::super::functions::{self, Function, Kind, Output};
use super::super::types::Class;
use super::{Level, Place, Sort};

/// Functions that the parser knows as special forms and functions.txt therefore does not list.
const SPECIAL: &[(&str, Sort, &str)] = &[
    ("FLOOR|CEIL|CEILING", Sort::Number, "{num}"),
    ("SUBSTR|SUBSTRING", Sort::Text, "{str} COMMA {num} (COMMA {num})?"),
    ("TRIM", Sort::Text, "{str} (COMMA {str})?"),
];

/// The calls that give a value of this sort.
pub(super) fn alternatives(place: Place, sort: Sort) -> Vec<String> {
    // Functions that are written alike share an alternative.
    let mut written: BTreeMap<(String, String), Vec<&'static str>> = BTreeMap::new();
    let mut add = |name: &'static str, arguments: String, after: String| written.entry((arguments, after)).or_default().push(name);
    for function in functions::all() {
        let mut forms = Vec::new();
        match function.kind {
            Kind::Scalar => forms.push((place, "RPAR".to_owned())),
            Kind::Aggregate | Kind::Window => {
                if function.kind == Kind::Aggregate && place.level.allows(Kind::Aggregate) {
                    forms.push((place.at(Level::Row), "RPAR".to_owned()));
                }
                if place.level.allows(Kind::Window) {
                    forms.push((place.at(Level::Group), format!("RPAR window{}", place.depth)));
                }
            }
        }
        for (inside, after) in forms {
            for arguments in arguments(function, inside, sort) {
                let arguments = if function.kind == Kind::Scalar { arguments } else { with_clauses(function, inside, arguments) };
                add(function.name, arguments, after.clone());
            }
        }
    }
    let mut found: Vec<String> =
        written.into_iter().map(|((arguments, after), names)| format!("{} {arguments} {after}", opening(&names.join("|")))).collect();
    for (names, of, arguments) in SPECIAL.iter().filter(|(_, of, _)| *of == sort) {
        debug_assert_eq!(*of, sort);
        let arguments = arguments.replace("{num}", &place.of(Sort::Number)).replace("{str}", &place.of(Sort::Text));
        found.push(format!("{} {arguments} RPAR", opening(names)));
    }
    if sort == Sort::Number && place.level.allows(Kind::Aggregate) {
        let row = place.at(Level::Row).rule("any");
        found.push(format!("COUNT_ROWS{}", over(place)));
        found.push(format!("COUNT_DISTINCT {row} RPAR{}", over(place)));
    }
    if found.is_empty() {
        // A rule needs an alternative; this one can never be completed by a word that is a column already.
        found.push(super::lexemes::column(sort));
    }
    found
}

fn over(place: Place) -> String {
    if place.level.allows(Kind::Window) { format!(" window{}?", place.depth) } else { String::new() }
}

// No space before the bracket: the lexer would take a column `rank` and the space behind it for the beginning of `rank (`.
fn opening(names: &str) -> String {
    format!("/({})\\( */i", names.to_lowercase())
}

/// What may follow the arguments of an aggregate.
fn with_clauses(function: &Function, inside: Place, arguments: String) -> String {
    let any = inside.rule("any");
    match function.name {
        "ARRAY_AGG" => format!("/(distinct +)?/i {arguments} IGNORE_NULLS? (ORDER {any} DIRECTION?)? (LIMIT count)?"),
        "STRING_AGG" => format!("/(distinct +)?/i {arguments} (ORDER {any} DIRECTION?)? (LIMIT count)?"),
        "ANY_VALUE" => format!("{arguments} (HAVING_EXTREME {any})?"),
        "FIRST_VALUE" | "LAST_VALUE" => format!("{arguments} IGNORE_NULLS?"),
        "SUM" | "AVG" => format!("DISTINCT? {arguments}"),
        _ => arguments,
    }
}

/// The argument lists with which a function gives a value of this sort.
fn arguments(function: &Function, inside: Place, sort: Sort) -> Vec<String> {
    let list = |sort_of: &dyn Fn(usize) -> Option<Sort>| {
        let argument = |index: usize| match sort_of(index) {
            Some(sort) => inside.of(sort),
            None => of_class(function, index, inside),
        };
        let mut text: Vec<String> = (0..function.min).map(argument).collect();
        let mut open = 0;
        let most = function.max.min(function.min + 3);
        let mut tail = String::new();
        for index in function.min..most {
            let comma = if index == 0 { "" } else { "COMMA " };
            tail.push_str(&format!(" ({comma}{}", argument(index)));
            open += 1;
        }
        tail.push_str(&")?".repeat(open));
        text = vec![text.join(" COMMA ")];
        text[0].push_str(&tail);
        text.remove(0)
    };
    let fixed = list(&|_| None);
    let class = |index: usize| function.class(index);
    match function.output {
        Output::Scalar(scalar) => Sort::of_type(scalar).filter(|of| *of == sort).map(|_| fixed).into_iter().collect(),
        Output::ArrayOf(_) | Output::Array(_) if sort == Sort::Array => vec![fixed],
        Output::ArrayOf(_) | Output::Array(_) => Vec::new(),
        Output::ElementOf(_) => {
            if sort == Sort::Array {
                Vec::new()
            } else {
                vec![fixed]
            }
        }
        Output::Argument(index) => match class(index) {
            Class::Any | Class::Temporal => {
                fits(class(index), sort).then(|| list(&|at| (at == index).then_some(sort))).into_iter().collect()
            }
            other => (sort_of_class(other) == Some(sort)).then_some(fixed).into_iter().collect(),
        },
        Output::Common(from) => match class(from) {
            Class::Any => vec![list(&|at| (at >= from).then_some(sort))],
            other => (sort_of_class(other) == Some(sort)).then_some(fixed).into_iter().collect(),
        },
        Output::Unknown => match class(0) {
            Class::Number => (sort == Sort::Number).then_some(fixed).into_iter().collect(),
            Class::Temporal => fits(Class::Temporal, sort).then(|| list(&|at| (at == 0).then_some(sort))).into_iter().collect(),
            _ => (sort == Sort::Array).then_some(fixed).into_iter().collect(),
        },
    }
}

fn fits(class: Class, sort: Sort) -> bool {
    match class {
        Class::Any => true,
        Class::Temporal => matches!(sort, Sort::Date | Sort::Time),
        other => sort_of_class(other) == Some(sort),
    }
}

fn sort_of_class(class: Class) -> Option<Sort> {
    Some(match class {
        Class::Number | Class::Int => Sort::Number,
        Class::Text => Sort::Text,
        Class::Bool => Sort::Bool,
        Class::Array => Sort::Array,
        Class::Any | Class::Temporal | Class::Part => return None,
    })
}

fn of_class(function: &Function, index: usize, inside: Place) -> String {
    match function.class(index) {
        Class::Part => "PART".to_owned(),
        Class::Temporal => format!("({} | {} | STRING)", inside.of(Sort::Date), inside.of(Sort::Time)),
        // What follows a date is how far to go.
        Class::Any if index > 0 && function.class(0) == Class::Temporal => inside.rule("interval"),
        Class::Any => inside.rule("any"),
        other => inside.of(sort_of_class(other).unwrap_or(Sort::Number)),
    }
}
