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
use sqlparser::ast::{Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Interval, ObjectNamePart, UnaryOperator, Value};
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
/// What needs OVER.
const ANALYTIC: &[&str] = &["PERCENTILE_CONT", "LAG", "LEAD", "FIRST_VALUE", "LAST_VALUE", "NTH_VALUE", "PERCENT_RANK", "CUME_DIST"];
const RANKS: &[&str] = &["ROW_NUMBER", "RANK", "DENSE_RANK", "NTILE"];

const RENAMED: &[(&str, &str)] = &[
    ("CEILING", "CEIL"),
    ("POWER", "POW"),
    ("SUBSTRING", "SUBSTR"),
    ("CHARACTER_LENGTH", "CHAR_LENGTH"),
    ("OCTET_LENGTH", "BYTE_LENGTH"),
    ("NEW_UUID", "GENERATE_UUID"),
    ("REGEXP_MATCH", "REGEXP_CONTAINS"),
    ("TIMESTAMP_FROM_UNIX_SECONDS", "TIMESTAMP_SECONDS"),
    ("TIMESTAMP_FROM_UNIX_MILLIS", "TIMESTAMP_MILLIS"),
    ("TIMESTAMP_FROM_UNIX_MICROS", "TIMESTAMP_MICROS"),
    ("ARRAY_SUM", "$ARRAY_SUM"),
    ("ARRAY_AVG", "$ARRAY_AVG"),
];

/// Named arguments: function, name, and by the constant given (in upper case) the function that then is meant.
const NAMED: &[(&str, &str, &str, &str)] = &[
    ("JSON_ARRAY_INSERT", "insert_each_element", "TRUE", "JSON_ARRAY_INSERT"),
    ("JSON_ARRAY_INSERT", "insert_each_element", "FALSE", "$JSON_ARRAY_INSERT_WHOLE"),
    ("JSON_ARRAY_APPEND", "append_each_element", "TRUE", "JSON_ARRAY_APPEND"),
    ("JSON_ARRAY_APPEND", "append_each_element", "FALSE", "$JSON_ARRAY_APPEND_WHOLE"),
    ("TO_JSON", "stringify_wide_numbers", "FALSE", "TO_JSON"),
    ("PARSE_JSON", "wide_number_mode", "'EXACT'", "PARSE_JSON"),
    ("JSON_SET", "create_if_missing", "TRUE", "JSON_SET"),
    ("ST_GEOGFROMTEXT", "oriented", "FALSE", "ST_GEOGFROMTEXT"),
    ("ST_GEOGFROMTEXT", "planar", "FALSE", "ST_GEOGFROMTEXT"),
];

/// Functions with a date part as a bare word, and where it stands.
pub(super) fn part_argument(name: &str) -> Option<usize> {
    Some(match name {
        "DATE_TRUNC" | "DATETIME_TRUNC" | "TIMESTAMP_TRUNC" | "TIME_TRUNC" | "LAST_DAY" | "NORMALIZE" | "NORMALIZE_AND_CASEFOLD" => 1,
        "DATE_DIFF" | "DATETIME_DIFF" | "TIMESTAMP_DIFF" | "TIME_DIFF" => 2,
        _ => return None,
    })
}

fn not_over(name: &str, at: Location) -> QueryError {
    QueryError::invalid_at(format!("Analytic function {name} cannot be called without an OVER clause"), at)
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
        if let FunctionArguments::List(list) = &mut f.args {
            let mut meant = name.clone();
            let mut refused = None;
            list.args.retain(|arg| match arg {
                FunctionArg::Named { name: key, arg: FunctionArgExpr::Expr(value), .. } => {
                    let (key, value) = (key.value.to_lowercase(), value.to_string().to_uppercase());
                    match NAMED.iter().find(|(f, k, v, _)| *f == name && *k == key && *v == value) {
                        Some((.., to)) => meant = (*to).to_owned(),
                        None => refused = Some(key),
                    }
                    false
                }
                _ => true,
            });
            if let Some(key) = refused {
                return Err(not_supported(format_args!("The argument {key} of {name}")));
            }
            name = meant;
        }
        if let FunctionArguments::Subquery(_) = &f.args {
            return Err(not_supported(format_args!("{name} of a subquery")));
        }
        let renamed = RENAMED.iter().any(|(_, new)| *new == name) || NAMED.iter().any(|(.., new)| *new == name);
        if is_known(&name) && (!name.starts_with('$') || renamed) && f.over.is_none() {
            f.name = function_name(&name, safe);
            if f.args == FunctionArguments::None {
                return Ok(Some(call(&name, Vec::new())));
            }
            return self.special_arguments(&name, f, safe);
        }
        if SAME.contains(&name.as_str()) {
            if ANALYTIC.contains(&name.as_str()) && f.over.is_none() {
                return Err(not_over(&name, at));
            }
            treat_nulls(f);
            f.name = function_name(&name.to_lowercase(), false);
            return Ok(None);
        }
        if matches!(name.as_str(), "ARRAY_FILTER" | "ARRAY_TRANSFORM") {
            let Some(mut args) = arguments(f) else { return Ok(None) };
            if let (true, Some(Expr::Lambda(lambda))) = (name == "ARRAY_FILTER", args.get_mut(1)) {
                let body = std::mem::replace(lambda.body.as_mut(), super::calls::null());
                *lambda.body = call("coalesce", vec![body, super::calls::boolean(false)]);
            }
            return Ok(Some(call(&name.to_lowercase(), args)));
        }
        if name == "GROUPING" {
            f.name = function_name("grouping", false);
            return Ok(Some(call("$CAST", vec![Expr::Function(f.clone()), string("INT64")])));
        }
        if RANKS.contains(&name.as_str()) {
            if f.over.is_none() {
                return Err(not_over(&name, at));
            }
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
        if super::elsewhere::is_function(&name) {
            return Err(not_supported(format_args!("Function {name}")));
        }
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
        let place = match name {
            "GENERATE_DATE_ARRAY" | "GENERATE_TIMESTAMP_ARRAY" => 2,
            "DATE_BUCKET" | "DATETIME_BUCKET" | "TIMESTAMP_BUCKET" | "GENERATE_RANGE_ARRAY" => 1,
            "STRING" => {
                // STRING of JSON is told from others when types are known.
                return Ok(None);
            }
            _ => return Ok(None),
        };
        let Some(mut args) = arguments(f) else {
            return Ok(None);
        };
        if let Some((n, part)) = args.get(place).and_then(as_interval) {
            args.splice(place..=place, [n, string(&part)]);
        } else if args.len() > place {
            return Err(not_supported(format_args!("{name} with an INTERVAL that is no literal of one part")));
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
                let (Some(value), Some(interval), None) = (args.next(), args.next(), args.next()) else {
                    return Err(wrong());
                };
                let (mut n, part) = as_interval(&interval).ok_or_else(wrong)?;
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

/// An INTERVAL literal as a call: `$INTERVAL(n, 'PART')` or `$INTERVAL_RANGE('text', 'FROM', 'TO')`.
pub(super) fn interval_call(interval: &Interval) -> Result<Expr, QueryError> {
    let Some(field) = &interval.leading_field else {
        return Err(QueryError::invalid("Syntax error: An INTERVAL needs a date part"));
    };
    let part = |f: &sqlparser::ast::DateTimeField| {
        let text = f.to_string().to_uppercase();
        text.strip_suffix('S').unwrap_or(&text).to_owned()
    };
    if let Some(last) = &interval.last_field {
        return Ok(call("$INTERVAL_RANGE", vec![interval.value.as_ref().clone(), string(&part(field)), string(&part(last))]));
    }
    let value = match interval.value.as_ref() {
        Expr::Value(v) => match &v.value {
            Value::SingleQuotedString(s) => match s.trim().parse() {
                Ok(n) => number(n),
                Err(_) if part(field) == "SECOND" && s.contains('.') => {
                    return Ok(call("$INTERVAL_RANGE", vec![string(&format!("0:0:{}", s.trim())), string("HOUR"), string("SECOND")]));
                }
                Err(_) => return Err(QueryError::invalid(format!("Invalid INTERVAL value '{s}'"))),
            },
            _ => interval.value.as_ref().clone(),
        },
        other => other.clone(),
    };
    Ok(call("$INTERVAL", vec![value, string(&part(field))]))
}

/// Count and part of an INTERVAL literal of one part.
pub(super) fn as_interval(expr: &Expr) -> Option<(Expr, String)> {
    let Expr::Function(f) = expr else { return None };
    let own = function_name("$INTERVAL", false);
    if f.name != own {
        return None;
    }
    let mut args = arguments(f)?.into_iter();
    let (n, part) = (args.next()?, args.next()?);
    match part {
        Expr::Value(v) => Some((n, v.value.into_string()?)),
        _ => None,
    }
}
