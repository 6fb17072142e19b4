//! Calls: which function of ours or of DataFusion's each GoogleSQL function is.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/functions-all>. What is not in the list here is
//! `Function not found`, whatever DataFusion may know under that name.

use super::Rewriter;
use super::aggregates::{aggregate, conditional, treat_nulls};
use super::calls::{arguments, call, function_name, nested, number, string};
use crate::engine::QueryError;
use crate::engine::error::{closest, not_supported};
use crate::engine::functions::{is_known, names};
use sqlparser::ast::{Expr, Function, FunctionArguments, Interval, ObjectNamePart, UnaryOperator, Value};
use sqlparser::tokenizer::Location;

/// Aggregate and window functions that DataFusion has under the same name with the same meaning.
const SAME: &[&str] = &[
    "COUNT",
    "SUM",
    "AVG",
    "MIN",
    "MAX",
    "CORR",
    "COVAR_POP",
    "COVAR_SAMP",
    "STDDEV",
    "STDDEV_POP",
    "STDDEV_SAMP",
    "VAR_POP",
    "VAR_SAMP",
    "BIT_AND",
    "BIT_OR",
    "BIT_XOR",
    "LAG",
    "LEAD",
    "FIRST_VALUE",
    "LAST_VALUE",
    "NTH_VALUE",
    "PERCENT_RANK",
    "CUME_DIST",
    "COALESCE",
    "NULLIF",
    "PERCENTILE_CONT",
];

/// Functions that DataFusion counts in unsigned numbers.
const RANKS: &[&str] = &["ROW_NUMBER", "RANK", "DENSE_RANK", "NTILE"];

const RENAMED: &[(&str, &str)] =
    &[("CEILING", "CEIL"), ("POWER", "POW"), ("SUBSTRING", "SUBSTR"), ("CHARACTER_LENGTH", "CHAR_LENGTH"), ("OCTET_LENGTH", "BYTE_LENGTH")];

/// Functions with a date part as a bare word, and where it stands.
pub(super) fn part_argument(name: &str) -> Option<usize> {
    Some(match name {
        "DATE_TRUNC" | "DATETIME_TRUNC" | "TIMESTAMP_TRUNC" | "TIME_TRUNC" | "LAST_DAY" | "NORMALIZE" | "NORMALIZE_AND_CASEFOLD" => 1,
        "DATE_DIFF" | "DATETIME_DIFF" | "TIMESTAMP_DIFF" | "TIME_DIFF" => 2,
        _ => return None,
    })
}

impl Rewriter<'_> {
    /// What a call becomes; `None` where the call was changed in place or needs no change.
    pub(super) fn function(&mut self, f: &mut Function) -> Result<Option<Expr>, QueryError> {
        let idents: Vec<_> = f.name.0.iter().filter_map(ObjectNamePart::as_ident).collect();
        if idents.first().is_some_and(|i| i.quote_style == Some('"')) {
            return Ok(None);
        }
        let at = idents.first().map_or(Location::new(0, 0), |i| i.span.start);
        let mut name = idents.iter().map(|i| i.value.to_uppercase()).collect::<Vec<_>>().join(".");
        let safe = name.starts_with("SAFE.");
        if safe {
            name = name["SAFE.".len()..].to_owned();
        }
        if let Some((_, new)) = RENAMED.iter().find(|(old, _)| *old == name) {
            name = (*new).to_owned();
        }
        self.calls.entry(name.clone()).or_default().push(at);
        if let FunctionArguments::Subquery(_) = &f.args {
            return Err(not_supported(format_args!("{name} of a subquery")));
        }
        if is_known(&name) && !name.starts_with('$') && f.over.is_none() {
            f.name = function_name(&name, safe);
            if f.args == FunctionArguments::None {
                return Ok(Some(call(&name, Vec::new())));
            }
            return self.special_arguments(&name, f, safe);
        }
        if SAME.contains(&name.as_str()) {
            if name == "PERCENTILE_CONT" && f.over.is_none() {
                return Err(QueryError::invalid_at("Analytic function PERCENTILE_CONT cannot be called without an OVER clause", at));
            }
            treat_nulls(f);
            f.name = function_name(&name.to_lowercase(), false);
            return Ok(None);
        }
        if RANKS.contains(&name.as_str()) {
            f.name = function_name(&name.to_lowercase(), false);
            let ranked = Expr::Function(f.clone());
            return Ok(Some(call("$CAST", vec![ranked, string("INT64")])));
        }
        if let Some(found) = self.date_function(&name, f, safe)? {
            return Ok(Some(found));
        }
        if let Some(found) = conditional(&name, f)? {
            return Ok(Some(found));
        }
        if let Some(found) = aggregate(&name, f)? {
            return Ok(Some(found));
        }
        let shown = f.name.to_string();
        if name == "UNNEST" {
            return Err(QueryError::invalid_at("Syntax error: Unexpected keyword UNNEST", at));
        }
        let guess = closest(&name, names().chain(SAME.iter().copied()).chain(RANKS.iter().copied()));
        Err(QueryError::invalid_at(
            match guess {
                Some(guess) => format!("Function not found: {shown}; Did you mean {}?", guess.to_lowercase()),
                None => format!("Function not found: {shown}"),
            },
            at,
        ))
    }

    /// Calls that take an INTERVAL where the function takes a count and a part.
    fn special_arguments(&mut self, name: &str, f: &mut Function, safe: bool) -> Result<Option<Expr>, QueryError> {
        if !matches!(name, "GENERATE_DATE_ARRAY" | "GENERATE_TIMESTAMP_ARRAY") {
            return Ok(None);
        }
        let Some(mut args) = arguments(f) else {
            return Ok(None);
        };
        if let Some(Expr::Interval(interval)) = args.get(2) {
            let (n, part) = interval_parts(interval)?;
            args.truncate(2);
            args.extend([n, string(&part)]);
        }
        Ok(Some(safe_call(name, args, safe)))
    }

    fn date_function(&mut self, name: &str, f: &Function, safe: bool) -> Result<Option<Expr>, QueryError> {
        let Some(args) = arguments(f) else {
            return Ok(None);
        };
        let wrong = || QueryError::invalid(format!("No matching signature for function {name}"));
        if let Some(what) = name.strip_prefix("CURRENT_") {
            let now = call("TIMESTAMP_MICROS", vec![number(self.now)]);
            let zoned = |function: &str| {
                let mut all = vec![now.clone()];
                all.extend(args.clone());
                call(function, all)
            };
            return Ok(Some(match what {
                "TIMESTAMP" => now,
                "DATE" => zoned("DATE"),
                "DATETIME" => zoned("DATETIME"),
                "TIME" => zoned("TIME"),
                _ => return Ok(None),
            }));
        }
        let Some((kind, verb)) = name.rsplit_once('_') else {
            return Ok(None);
        };
        if !matches!(kind, "DATE" | "DATETIME" | "TIMESTAMP" | "TIME") {
            return Ok(None);
        }
        Ok(Some(match verb {
            "ADD" | "SUB" => {
                let mut args = args.into_iter();
                let (Some(value), Some(Expr::Interval(interval)), None) = (args.next(), args.next(), args.next()) else {
                    return Err(wrong());
                };
                let (mut n, part) = interval_parts(&interval)?;
                if verb == "SUB" {
                    n = negative(n);
                }
                safe_call("$DATE_ADD", vec![value, n, string(&part), string(name)], safe)
            }
            "DIFF" => {
                if args.len() != 3 {
                    return Err(wrong());
                }
                let mut args = args;
                args.push(string(name));
                safe_call("$DATE_DIFF", args, safe)
            }
            "TRUNC" => {
                let mut args = args;
                if args.len() == 1 {
                    args.push(string("DAY"));
                }
                if !(2..=3).contains(&args.len()) {
                    return Err(wrong());
                }
                args.insert(2, string(name));
                safe_call("$DATE_TRUNC", args, safe)
            }
            _ => return Ok(None),
        }))
    }
}

pub(super) fn safe_call(name: &str, args: Vec<Expr>, safe: bool) -> Expr {
    let mut made = super::calls::function(name, args);
    made.name = function_name(name, safe);
    Expr::Function(made)
}

pub(super) fn negative(n: Expr) -> Expr {
    Expr::UnaryOp { op: UnaryOperator::Minus, expr: Box::new(nested(n)) }
}

pub(super) fn interval_parts(interval: &Interval) -> Result<(Expr, String), QueryError> {
    let (Some(field), None) = (&interval.leading_field, &interval.last_field) else {
        return Err(not_supported("An INTERVAL of several parts"));
    };
    let value = match interval.value.as_ref() {
        Expr::Value(v) => match &v.value {
            Value::SingleQuotedString(s) => {
                number(s.trim().parse().map_err(|_| QueryError::invalid(format!("Invalid INTERVAL value '{s}'")))?)
            }
            _ => interval.value.as_ref().clone(),
        },
        other => other.clone(),
    };
    let part = field.to_string().to_uppercase();
    Ok((value, part.strip_suffix('S').unwrap_or(&part).to_owned()))
}
