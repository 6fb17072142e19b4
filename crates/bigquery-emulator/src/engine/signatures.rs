//! What is said of a call that no signature takes: the types of its arguments, and why each signature does not fit them.
//!
//! BigQuery says it in two ways. Of what compares, on one line; of all else with the types on a line of their own:
//!
//! ```text
//! No matching signature for operator = for argument types: STRING, INT64
//!   Signature: T1 = T1
//!     Unable to find common supertype for templated argument <T1>
//!       Input types for <T1>: {INT64, STRING} at [1:8]
//! No matching signature for function CHR
//!   Argument types: STRING
//!   Signature: CHR(INT64)
//!     Argument 1: Unable to coerce type STRING to expected type INT64 at [1:8]
//! ```
//!
//! Source: <https://github.com/google/googlesql/blob/master/googlesql/analyzer/function_resolver.cc>; which operators there are for
//! which types: <https://cloud.google.com/bigquery/docs/reference/standard-sql/operators>

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::QueryError;
use super::error::{At, BAD_LITERAL, SourceText};
use super::functions::parameters_of;
use super::rewrite::Rewritten;

/// Operators that take any two values of one type.
const COMPARISONS: [&str; 9] = ["=", "!=", "<>", "<", "<=", ">", ">=", "IS DISTINCT FROM", "IS NOT DISTINCT FROM"];

/// What arithmetic there is, by operator: the types to its left and right.
const ARITHMETIC: [(&str, &[(&str, &str)]); 5] = [
    (
        "+",
        &[
            ("INT64", "INT64"),
            ("NUMERIC", "NUMERIC"),
            ("BIGNUMERIC", "BIGNUMERIC"),
            ("FLOAT64", "FLOAT64"),
            ("DATE", "INT64"),
            ("INT64", "DATE"),
            ("TIMESTAMP", "INTERVAL"),
            ("INTERVAL", "TIMESTAMP"),
            ("DATE", "INTERVAL"),
            ("INTERVAL", "DATE"),
            ("DATETIME", "INTERVAL"),
            ("INTERVAL", "DATETIME"),
            ("INTERVAL", "INTERVAL"),
        ],
    ),
    (
        "-",
        &[
            ("INT64", "INT64"),
            ("NUMERIC", "NUMERIC"),
            ("BIGNUMERIC", "BIGNUMERIC"),
            ("FLOAT64", "FLOAT64"),
            ("DATE", "INT64"),
            ("DATE", "DATE"),
            ("TIMESTAMP", "TIMESTAMP"),
            ("DATETIME", "DATETIME"),
            ("TIME", "TIME"),
            ("TIMESTAMP", "INTERVAL"),
            ("DATE", "INTERVAL"),
            ("DATETIME", "INTERVAL"),
            ("INTERVAL", "INTERVAL"),
        ],
    ),
    (
        "*",
        &[
            ("INT64", "INT64"),
            ("NUMERIC", "NUMERIC"),
            ("BIGNUMERIC", "BIGNUMERIC"),
            ("FLOAT64", "FLOAT64"),
            ("INTERVAL", "INT64"),
            ("INT64", "INTERVAL"),
        ],
    ),
    ("/", &[("FLOAT64", "FLOAT64"), ("NUMERIC", "NUMERIC"), ("BIGNUMERIC", "BIGNUMERIC"), ("INTERVAL", "INT64")]),
    ("||", &[("STRING", "STRING"), ("BYTES", "BYTES")]),
];

const NUMBERS: &[&str] = &["INT64", "FLOAT64", "NUMERIC", "BIGNUMERIC"];
const SUMMED: &[&str] = &["INT64", "FLOAT64", "NUMERIC", "BIGNUMERIC", "INTERVAL"];

/// Aggregates of one argument, which DataFusion computes, and the types that they take.
const AGGREGATES: [(&str, &[&str]); 16] = [
    ("SUM", SUMMED),
    ("AVG", SUMMED),
    ("STDDEV", NUMBERS),
    ("STDDEV_SAMP", NUMBERS),
    ("STDDEV_POP", NUMBERS),
    ("VARIANCE", NUMBERS),
    ("VAR_SAMP", NUMBERS),
    ("VAR_POP", NUMBERS),
    ("LOGICAL_AND", &["BOOL"]),
    ("LOGICAL_OR", &["BOOL"]),
    ("COUNTIF", &["BOOL"]),
    ("BIT_AND", &["INT64"]),
    ("BIT_OR", &["INT64"]),
    ("BIT_XOR", &["INT64"]),
    ("ARRAY_CONCAT_AGG", &["ARRAY<T1>"]),
    ("STRING_AGG", &["STRING", "BYTES"]),
];

/// Functions of the planner that take values of any one type: how many, and whether more of them.
const OF_ONE_TYPE: [(&str, usize, bool); 4] = [("COALESCE", 1, true), ("IFNULL", 2, false), ("NULLIF", 2, false), ("IFERROR", 2, false)];

/// Functions that move a date or time by an interval.
const WITH_INTERVAL: [(&str, &str); 8] = [
    ("DATE_ADD", "DATE"),
    ("DATE_SUB", "DATE"),
    ("DATETIME_ADD", "DATETIME"),
    ("DATETIME_SUB", "DATETIME"),
    ("TIMESTAMP_ADD", "TIMESTAMP"),
    ("TIMESTAMP_SUB", "TIMESTAMP"),
    ("TIME_ADD", "TIME"),
    ("TIME_SUB", "TIME"),
];

/// A call's signature: the types of its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Signature {
    pub(super) parameters: Vec<&'static str>,
    /// How many of the last may be left out.
    pub(super) optional: usize,
    /// The last may be repeated.
    pub(super) variadic: bool,
}

impl Signature {
    fn of(parameters: Vec<&'static str>) -> Self {
        Self { parameters, optional: 0, variadic: false }
    }

    /// `SUBSTR(STRING, INT64, [INT64])`.
    fn call(&self, name: &str) -> String {
        let least = self.parameters.len() - self.optional;
        let mut list: Vec<String> =
            (0..).zip(&self.parameters).map(|(at, t)| if at < least { (*t).to_owned() } else { format!("[{t}]") }).collect();
        if let (true, Some(last)) = (self.variadic, self.parameters.last()) {
            list.push(format!("[{last}, ...]"));
        }
        format!("{name}({})", list.join(", "))
    }

    /// Why it does not take arguments of these types; nothing where that is not known.
    fn mismatch(&self, types: &[String]) -> Option<String> {
        let count = |n: usize| format!("{n} argument{}", if n == 1 { "" } else { "s" });
        let (least, most) = (self.parameters.len() - self.optional, self.parameters.len());
        if types.len() < least {
            return Some(format!("Signature requires at least {}, found {}", count(least), count(types.len())));
        }
        if types.len() > most && !self.variadic {
            return Some(format!("Signature accepts at most {}, found {}", count(most), count(types.len())));
        }
        let expected = |at: usize| self.parameters.get(at).or(self.parameters.last()).copied().unwrap_or_default();
        let wrong = (0..types.len()).find(|at| !takes(expected(*at), &types[*at]));
        if let Some(at) = wrong {
            let wanted = expected(at);
            return Some(format!("Argument {}: Unable to coerce type {} to expected type {wanted}", at + 1, types[at]));
        }
        let templated: Vec<&String> = (0..types.len()).filter(|at| expected(*at) == "T1").map(|at| &types[at]).collect();
        (templated.len() > 1).then(|| no_supertype(templated.into_iter()))
    }
}

fn no_supertype<'a>(types: impl Iterator<Item = &'a String>) -> String {
    let types: BTreeSet<&str> = types.map(String::as_str).collect();
    let types: Vec<&str> = types.into_iter().collect();
    format!("Unable to find common supertype for templated argument <T1>\n      Input types for <T1>: {{{}}}", types.join(", "))
}

/// Whether a parameter takes an argument, by the coercions that are not of literals alone.
/// Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/conversion_rules>
fn takes(expected: &str, given: &str) -> bool {
    match (expected, given) {
        ("T1" | "ANY", _) | (_, "NULL") => true,
        ("ARRAY<T1>", given) => given.starts_with("ARRAY<"),
        ("NUMERIC" | "BIGNUMERIC" | "FLOAT64", "INT64") | ("BIGNUMERIC" | "FLOAT64", "NUMERIC") | ("FLOAT64", "BIGNUMERIC") => true,
        ("DATETIME", "DATE") => true,
        (expected, given) => expected == given,
    }
}

/// Adds to a signature error the place, where there is one such call, and the signatures that there are.
pub(super) fn located(mut error: QueryError, rewritten: &Rewritten, text: &SourceText) -> QueryError {
    if let Some(literal) =
        error.message.strip_prefix(BAD_LITERAL).and_then(|rest| Some(rest.strip_prefix('"')?.split_once("\" to type ")?.0))
    {
        let place = text.place_of_literal(literal).map_or(String::new(), |at| At(at).to_string());
        error.message += &place;
        return error;
    }
    // What is summed passes through a function of ours.
    error.message = error.message.replace("function SUM_ARGUMENT ", "function SUM ");
    let Some(rest) = error.message.strip_prefix("No matching signature for ") else { return error };
    let called = rest.split_once(" for argument types").or_else(|| rest.split_once(" with no arguments")).map_or(rest, |(what, _)| what);
    let name = ["operator ", "aggregate function ", "function "].iter().find_map(|kind| called.strip_prefix(kind)).unwrap_or(called);
    if let Some([at]) = rewritten.calls.get(name).map(Vec::as_slice)
        && !error.message.ends_with(']')
    {
        error.message = format!("{}{}", error.message, At(*at));
    }
    if let Some(explained) = explained(&error.message) {
        error.message = explained;
    }
    error
}

/// The message in full; `None` for one of another kind. A place at its end stays there.
pub(super) fn explained(message: &str) -> Option<String> {
    let rest = message.strip_prefix("No matching signature for ")?;
    let (what, rest) = match rest.split_once(" for argument types: ") {
        Some(parts) => parts,
        None => (rest.split_once(" with no arguments")?.0, ""),
    };
    if rest.contains('\n') {
        return None;
    }
    let (types, place) = rest.rfind(" at [").map_or((rest, ""), |at| rest.split_at(at));
    let types = parted(types);
    let shown = types.join(", ");
    if let (Some((name, of)), [first, count, _, ..]) =
        (WITH_INTERVAL.iter().find(|(name, _)| what == format!("function {name}")), types.as_slice())
    {
        // The part and the function's name travel as texts behind the two arguments.
        let mut text = format!("No matching signature for function {name}\n  Argument types: {first}, INTERVAL {count} DATE_TIME_PART");
        let why = Signature::of(vec![of, "INT64"]).mismatch(&types[..2]);
        write_signature(&mut text, &format!("{name}({of}, INTERVAL INT64 DATE_TIME_PART)"), why);
        return Some(text + place);
    }
    if let Some(name) = what.strip_prefix("operator ") {
        return Some(operator(name, &types, &shown, place));
    }
    let name = what.strip_prefix("aggregate function ").or_else(|| what.strip_prefix("function "))?;
    let aggregate = AGGREGATES.iter().find(|(known, _)| *known == name);
    let signatures = match aggregate {
        Some((_, types)) => types.iter().map(|t| Signature::of(vec![t])).collect(),
        None => match OF_ONE_TYPE.iter().find(|(known, ..)| *known == name) {
            Some((_, count, variadic)) => vec![Signature { variadic: *variadic, ..Signature::of(vec!["T1"; *count]) }],
            None => parameters_of(name),
        },
    };
    let kind = if aggregate.is_some() { "aggregate function" } else { "function" };
    let mut text = match types.is_empty() {
        true => format!("No matching signature for {kind} {name} with no arguments"),
        false => format!("No matching signature for {kind} {name}\n  Argument types: {shown}"),
    };
    for signature in signatures {
        write_signature(&mut text, &signature.call(name), signature.mismatch(&types));
    }
    Some(text + place)
}

fn operator(name: &str, types: &[String], shown: &str, place: &str) -> String {
    let on_a_line = format!("No matching signature for operator {name} for argument types: {shown}");
    let mut text = format!("No matching signature for operator {name}\n  Argument types: {shown}");
    if COMPARISONS.contains(&name) || name == "BETWEEN" {
        text = on_a_line;
        let form = if name == "BETWEEN" { "(T1) BETWEEN (T1) AND (T1)".to_owned() } else { format!("T1 {name} T1") };
        write_signature(&mut text, &form, Some(no_supertype(types.iter())));
    } else if name == "IN" {
        // The types of the list stand once each, in braces.
        let (value, list) = types.split_first().map_or(("", &[][..]), |(value, list)| (value.as_str(), list));
        let list: BTreeSet<&str> = list.iter().map(String::as_str).collect();
        let list: Vec<&str> = list.into_iter().collect();
        text = format!("No matching signature for operator IN for argument types {value} and {{{}}}", list.join(", "));
    } else if name == "NOT" {
        write_signature(&mut text, "NOT BOOL", Signature::of(vec!["BOOL"]).mismatch(types));
    } else if name == "LIKE" {
        for t in ["STRING", "BYTES"] {
            write_signature(&mut text, &format!("{t} LIKE {t}"), Signature::of(vec![t, t]).mismatch(types));
        }
    } else if let Some((_, signatures)) = ARITHMETIC.iter().find(|(known, _)| *known == name) {
        for (left, right) in *signatures {
            write_signature(&mut text, &format!("{left} {name} {right}"), Signature::of(vec![left, right]).mismatch(types));
        }
    } else {
        text = on_a_line;
    }
    text + place
}

fn write_signature(text: &mut String, signature: &str, why: Option<String>) {
    let why = why.map_or(String::new(), |why| format!("\n    {why}"));
    write!(text, "\n  Signature: {signature}{why}").expect("writing to a String cannot fail");
}

/// A list of types at its commas, but for those inside of a type.
fn parted(list: &str) -> Vec<String> {
    let (mut parts, mut depth, mut part) = (Vec::new(), 0_usize, String::new());
    for c in list.chars() {
        match c {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(std::mem::take(&mut part));
                continue;
            }
            _ => {}
        }
        if !(part.is_empty() && c == ' ') {
            part.push(c);
        }
    }
    parts.extend(Some(part).filter(|part| !part.is_empty()));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_no_signature_takes_is_explained() {
        let check = |message: &str, expected: &str| assert_eq!(explained(message).as_deref(), Some(expected));
        check(
            "No matching signature for operator = for argument types: STRING, INT64 at [1:8]",
            "No matching signature for operator = for argument types: STRING, INT64\n  Signature: T1 = T1\n    Unable to find common supertype for templated argument <T1>\n      Input types for <T1>: {INT64, STRING} at [1:8]",
        );
        check(
            "No matching signature for operator || for argument types: STRING, INT64",
            "No matching signature for operator ||\n  Argument types: STRING, INT64\n  Signature: STRING || STRING\n    Argument 2: Unable to coerce type INT64 to expected type STRING\n  Signature: BYTES || BYTES\n    Argument 1: Unable to coerce type STRING to expected type BYTES",
        );
        check(
            "No matching signature for operator IN for argument types: INT64, STRING, STRING at [2:3]",
            "No matching signature for operator IN for argument types INT64 and {STRING} at [2:3]",
        );
        check(
            "No matching signature for function CHR for argument types: STRUCT<a INT64, b STRING> at [1:8]",
            "No matching signature for function CHR\n  Argument types: STRUCT<a INT64, b STRING>\n  Signature: CHR(INT64)\n    Argument 1: Unable to coerce type STRUCT<a INT64, b STRING> to expected type INT64 at [1:8]",
        );
        check(
            "No matching signature for function LOGICAL_OR for argument types: INT64",
            "No matching signature for aggregate function LOGICAL_OR\n  Argument types: INT64\n  Signature: LOGICAL_OR(BOOL)\n    Argument 1: Unable to coerce type INT64 to expected type BOOL",
        );
        assert_eq!(explained("Function not found: X at [1:8]"), None);
    }

    #[test]
    fn signatures_are_written_as_the_reference_writes_them() {
        let signature = |parameters: &[&'static str], optional, variadic| Signature { parameters: parameters.to_vec(), optional, variadic };
        assert_eq!(signature(&["STRING", "INT64", "INT64"], 1, false).call("SUBSTR"), "SUBSTR(STRING, INT64, [INT64])");
        assert_eq!(signature(&["STRING"], 0, true).call("CONCAT"), "CONCAT(STRING, [STRING, ...])");
        let types = |types: &[&str]| types.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
        let two = signature(&["STRING", "INT64"], 0, false);
        assert_eq!(two.mismatch(&types(&["STRING"])).unwrap(), "Signature requires at least 2 arguments, found 1 argument");
        assert_eq!(two.mismatch(&types(&["STRING", "INT64", "BOOL"])).unwrap(), "Signature accepts at most 2 arguments, found 3 arguments");
    }
}
