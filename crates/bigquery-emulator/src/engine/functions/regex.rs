//! Regular expressions: RE2's syntax as the `regex` crate reads it.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/string_functions#regexp_contains>

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::StringArray;
use regex::Regex;

use super::udf::{Body, Def, P, R, T};
use super::value::{Value, text};

pub(super) const DEFS: &[Def] = &[
    Def::new(
        "REGEXP_CONTAINS",
        &[P::Str, P::Str],
        R::Is(T::Bool),
        Body::Strict(|a, _| with(a[1].str(), |re| Ok(Value::Bool(re.is_match(a[0].str()))))),
    ),
    Def::new("REGEXP_EXTRACT", &[P::Str, P::Str, P::Int, P::Int], R::Is(T::Str), Body::Strict(|a, _| extract(a))).optional(2),
    Def::new("REGEXP_SUBSTR", &[P::Str, P::Str, P::Int, P::Int], R::Is(T::Str), Body::Strict(|a, _| extract(a))).optional(2),
    Def::new(
        "REGEXP_EXTRACT_ALL",
        &[P::Str, P::Str],
        R::List(T::Str),
        Body::Strict(|a, _| {
            with(a[1].str(), |re| {
                one_group(re)?;
                let group = re.captures_len() - 1;
                let found: StringArray = re.captures_iter(a[0].str()).map(|c| c.get(group).map(|m| m.as_str().to_owned())).collect();
                Ok(Value::List(Arc::new(found)))
            })
        }),
    ),
    Def::new(
        "REGEXP_REPLACE",
        &[P::Str, P::Str, P::Str],
        R::Is(T::Str),
        Body::Strict(|a, _| {
            with(a[1].str(), |re| {
                let replacement = replacement(a[2].str(), re.captures_len())?;
                Ok(text(re.replace_all(a[0].str(), replacement.as_str())))
            })
        }),
    ),
    Def::new(
        "REGEXP_INSTR",
        &[P::Str, P::Str],
        R::Is(T::Int),
        Body::Strict(|a, _| {
            with(a[1].str(), |re| {
                let s = a[0].str();
                Ok(Value::Int(re.find(s).map_or(0, |m| i64::try_from(s[..m.start()].chars().count()).unwrap_or(i64::MAX) + 1)))
            })
        }),
    ),
];

thread_local! {
    static COMPILED: RefCell<HashMap<String, Regex>> = RefCell::new(HashMap::new());
}

/// Runs with a compiled pattern. A pattern is nearly always a constant, so the last few are kept.
fn with<'a>(pattern: &str, run: impl FnOnce(&Regex) -> Result<Value<'a>, String>) -> Result<Value<'a>, String> {
    COMPILED.with_borrow_mut(|cache| {
        if let Some(re) = cache.get(pattern) {
            return run(re);
        }
        if cache.len() >= 64 {
            cache.clear();
        }
        let re = Regex::new(pattern).map_err(|e| {
            let reason = e.to_string();
            let last = reason.lines().last().unwrap_or_default();
            format!("Cannot parse regular expression: {}", last.trim_start_matches("error: "))
        })?;
        let result = run(&re);
        cache.insert(pattern.to_owned(), re);
        result
    })
}

fn one_group(re: &Regex) -> Result<(), String> {
    if re.captures_len() > 2 {
        return Err("Regular expressions passed into extraction functions must not have more than 1 capturing group".to_owned());
    }
    Ok(())
}

fn extract<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
    let position = a.get(2).map_or(1, Value::int);
    let occurrence = a.get(3).map_or(1, Value::int);
    let (Ok(skip), Ok(occurrence @ 1..)) = (usize::try_from(position - 1), usize::try_from(occurrence)) else {
        return Err("Position and occurrence must be positive in REGEXP_EXTRACT".to_owned());
    };
    with(a[1].str(), |re| {
        one_group(re)?;
        let s = a[0].str();
        let Some(start) = s.char_indices().map(|(at, _)| at).chain(std::iter::once(s.len())).nth(skip) else {
            return Ok(Value::Null);
        };
        Ok(re
            .captures_iter(&s[start..])
            .nth(occurrence - 1)
            .and_then(|c| c.get(re.captures_len() - 1).map(|m| text(m.as_str())))
            .unwrap_or(Value::Null))
    })
}

/// `\1` of RE2 becomes `${1}`; a plain `$` is written twice.
fn replacement(source: &str, groups: usize) -> Result<String, String> {
    let mut result = String::new();
    let mut chars = source.chars();
    while let Some(c) = chars.next() {
        match c {
            '$' => result.push_str("$$"),
            '\\' => match chars.next() {
                Some(d) if d.is_ascii_digit() => {
                    if d.to_digit(10).is_none_or(|d| d as usize >= groups) {
                        return Err(format!("Invalid REGEXP_REPLACE pattern: group {d} does not exist"));
                    }
                    result.push_str("${");
                    result.push(d);
                    result.push('}');
                }
                Some('\\') => result.push('\\'),
                _ => return Err("Invalid REGEXP_REPLACE pattern".to_owned()),
            },
            c => result.push(c),
        }
    }
    Ok(result)
}
