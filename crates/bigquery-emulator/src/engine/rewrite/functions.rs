//! Expressions: literals, operators, casts, and which function of ours or of DataFusion's each GoogleSQL function is.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/functions-all>. What is not in the list here is
//! `Function not found`, whatever DataFusion may know under that name.

use sqlparser::ast::{
    AccessExpr, BinaryOperator, CastKind, CeilFloorKind, DataType, DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArgumentClause, FunctionArguments, HavingBound, HavingBoundKind, Interval, NullTreatment, ObjectNamePart, OrderByExpr,
    OrderByOptions, Spanned, Subscript, TrimWhereField, UnaryOperator, Value,
};
use sqlparser::tokenizer::Location;

use super::calls::{arguments, call, case, function_name, nested, not, null, number, string};
use super::select::normal_window;
use super::{Rewriter, normal};
use crate::engine::QueryError;
use crate::engine::error::{closest, not_supported};
use crate::engine::functions::{check_literal, is_known, names, simple_type};

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
fn part_argument(name: &str) -> Option<usize> {
    Some(match name {
        "DATE_TRUNC" | "DATETIME_TRUNC" | "TIMESTAMP_TRUNC" | "TIME_TRUNC" | "LAST_DAY" | "NORMALIZE" | "NORMALIZE_AND_CASEFOLD" => 1,
        "DATE_DIFF" | "DATETIME_DIFF" | "TIMESTAMP_DIFF" | "TIME_DIFF" => 2,
        _ => return None,
    })
}

impl Rewriter<'_> {
    pub(super) fn enter_expr(&mut self, expr: &mut Expr) -> Result<(), QueryError> {
        if let Some(found) = self.over_array(expr) {
            *expr = found;
        } else if let Expr::Function(f) = expr
            && f.name.to_string().eq_ignore_ascii_case("ARRAY")
            && let FunctionArguments::Subquery(query) = &mut f.args
        {
            *expr = super::unnest::array_of_query(query)?;
        } else if let Expr::Subquery(query) = expr
            && let Some(found) = super::unnest::first_of_query(query)
        {
            *expr = found;
        }
        match expr {
            Expr::CompoundFieldAccess { root, access_chain } => {
                let chain = std::mem::take(access_chain);
                let root = std::mem::replace(root.as_mut(), null());
                *expr = field_access(root, chain)?;
            }
            Expr::UnaryOp { op: UnaryOperator::Minus, expr: inner } => {
                // The least INT64 has no positive form to negate.
                if let Expr::Value(v) = inner.as_ref()
                    && let Value::Number(n, _) = &v.value
                    && n == "9223372036854775808"
                {
                    *expr = call("$CAST", vec![string("-9223372036854775808"), string("INT64")]);
                }
            }
            Expr::Array(array) => name_like_first(&mut array.elem),
            Expr::Function(f) => {
                let name = f.name.to_string().to_uppercase();
                if let Some(index) = part_argument(&name)
                    && let FunctionArguments::List(list) = &mut f.args
                    && let Some(FunctionArg::Unnamed(FunctionArgExpr::Expr(part))) = list.args.get_mut(index)
                    && !matches!(part, Expr::Value(_))
                {
                    *part = string(&part.to_string().to_uppercase().replace(' ', ""));
                }
                normal_window(&mut f.over);
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn leave_expr(&mut self, expr: &mut Expr) -> Result<(), QueryError> {
        let span = expr.span().start;
        match expr {
            Expr::Identifier(ident) => {
                normal(ident);
                let element = self.frames.last().is_some_and(|f| f.elements.contains(&ident.value));
                if element {
                    let mut table = ident.clone();
                    table.span = sqlparser::tokenizer::Span::empty();
                    *expr = Expr::CompoundIdentifier(vec![table, ident.clone()]);
                }
            }
            Expr::CompoundIdentifier(idents) => idents.iter_mut().for_each(normal),
            Expr::Value(value) => check_number(&value.value, span)?,
            Expr::TypedString(typed) => {
                let name = type_name(&typed.data_type);
                let text = typed.value.clone().into_string().unwrap_or_default();
                if simple_type(&name).is_none() {
                    return Err(not_supported(format_args!("A literal of type {name}")));
                }
                if !check_literal(&name, &text) {
                    return Err(QueryError::invalid_at(format!("Invalid {name} literal"), span));
                }
                *expr = call("$CAST", vec![string(&text), string(&name)]);
            }
            Expr::Cast { kind, expr: inner, data_type, format, .. } => {
                if format.is_some() {
                    return Err(not_supported("CAST with FORMAT"));
                }
                let name = type_name(data_type);
                let safe = matches!(kind, CastKind::SafeCast | CastKind::TryCast);
                if let Some(item) = name.strip_prefix("ARRAY<").and_then(|n| n.strip_suffix('>'))
                    && simple_type(item).is_some()
                {
                    let item = string(item);
                    *expr = safe_call("$CAST_ARRAY", vec![take(inner), item], safe);
                    return Ok(());
                }
                if simple_type(&name).is_none() {
                    return Err(not_supported(format_args!("CAST to {data_type}")));
                }
                let inner = std::mem::replace(inner.as_mut(), null());
                *expr = safe_call("$CAST", vec![inner, string(&name)], safe);
            }
            Expr::BinaryOp { left, op, right } => {
                let (left, right) = (left.as_mut(), right.as_mut());
                match op {
                    BinaryOperator::StringConcat => {
                        let args = vec![take(left), take(right)];
                        *expr = call("$CONCAT_OP", args);
                    }
                    BinaryOperator::Modulo => {
                        return Err(QueryError::invalid("Syntax error: Illegal input character \"%\""));
                    }
                    BinaryOperator::Plus | BinaryOperator::Minus => {
                        let minus = *op == BinaryOperator::Minus;
                        if let Expr::Interval(interval) = right {
                            let (mut n, part) = interval_parts(interval)?;
                            if minus {
                                n = negative(n);
                            }
                            *expr = call("$DATE_ADD", vec![take(left), n, string(&part), string("+")]);
                        } else if let Expr::Interval(interval) = left
                            && !minus
                        {
                            let (n, part) = interval_parts(interval)?;
                            *expr = call("$DATE_ADD", vec![take(right), n, string(&part), string("+")]);
                        }
                    }
                    _ => {}
                }
            }
            Expr::Extract { field, expr: inner, .. } => {
                let part = field.to_string().to_uppercase().replace(' ', "");
                let mut args = vec![string(&part)];
                match take(inner) {
                    Expr::AtTimeZone { timestamp, time_zone } => args.extend([*timestamp, *time_zone]),
                    other => args.push(other),
                }
                *expr = call("$EXTRACT", args);
            }
            Expr::Ceil { expr: inner, field } => {
                only_number(field)?;
                *expr = call("CEIL", vec![take(inner)]);
            }
            Expr::Floor { expr: inner, field } => {
                only_number(field)?;
                *expr = call("FLOOR", vec![take(inner)]);
            }
            Expr::Position { expr: part, r#in } => {
                *expr = call("STRPOS", vec![take(r#in), take(part)]);
            }
            Expr::Substring { expr: inner, substring_from, substring_for, .. } => {
                let mut args = vec![take(inner)];
                match (substring_from.take(), &substring_for) {
                    (Some(from), _) => args.push(*from),
                    (None, Some(_)) => args.push(number(1)),
                    (None, None) => {}
                }
                args.extend(substring_for.take().map(|e| *e));
                *expr = call("SUBSTR", args);
            }
            Expr::Trim { trim_where, trim_what, expr: inner, trim_characters } => {
                let name = match trim_where {
                    Some(TrimWhereField::Leading) => "LTRIM",
                    Some(TrimWhereField::Trailing) => "RTRIM",
                    _ => "TRIM",
                };
                let mut args = vec![take(inner)];
                args.extend(trim_what.take().map(|e| *e));
                args.extend(trim_characters.take().into_iter().flatten());
                *expr = call(name, args);
            }
            Expr::InUnnest { expr: inner, array_expr, negated } => {
                let negated = *negated;
                let (inner, array) = (take(inner), take(array_expr));
                *expr = in_array(inner, array, negated);
            }
            Expr::Array(array) if array.elem.is_empty() => {
                *expr = call("$TYPED_ARRAY", vec![string("INT64")]);
            }
            Expr::Struct { values, fields } => {
                let mut args = Vec::new();
                for (i, value) in std::mem::take(values).into_iter().enumerate() {
                    let (name, mut value) = match value {
                        Expr::Named { expr, name } => (Some(name.value), *expr),
                        other => (last_name(&other), other),
                    };
                    let declared = fields.get(i);
                    let name = declared.and_then(|f| f.field_name.as_ref().map(|n| n.value.clone())).or(name);
                    if let Some(field) = declared {
                        let data_type = type_name(&field.field_type);
                        if simple_type(&data_type).is_none() {
                            return Err(not_supported("A STRUCT of nested types"));
                        }
                        value = call("$CAST", vec![value, string(&data_type)]);
                    }
                    let name = name.unwrap_or_else(|| format!("_field_{}", i + 1));
                    self.spell(&name);
                    args.push(string(&name.to_lowercase()));
                    args.push(value);
                }
                *expr = call("named_struct", args);
            }
            Expr::Function(f) => {
                if let Some(new) = self.function(f)? {
                    *expr = new;
                }
            }
            // A minus before more than a number is a checked subtraction.
            Expr::UnaryOp { op: UnaryOperator::Minus, expr: inner } if !matches!(inner.as_ref(), Expr::Value(_)) => {
                *expr = call("$SUBTRACT", vec![number(0), take(inner)]);
            }
            Expr::JsonAccess { .. } => return Err(not_supported("JSON field access")),
            Expr::Like { any: true, .. } => return Err(not_supported("LIKE ANY")),
            Expr::Tuple(values) => {
                let args = (1..).zip(std::mem::take(values)).flat_map(|(i, value)| [string(&format!("_field_{i}")), value]).collect();
                *expr = call("named_struct", args);
            }
            Expr::AtTimeZone { .. } => {}
            _ => {}
        }
        Ok(())
    }

    /// What a call becomes; `None` where the call was changed in place or needs no change.
    fn function(&mut self, f: &mut Function) -> Result<Option<Expr>, QueryError> {
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

/// `[STRUCT(1 AS a), STRUCT(2)]`: the fields of later elements are those of the first, by place.
fn name_like_first(elements: &mut [Expr]) {
    let Some((Expr::Struct { values: first, .. }, rest)) = elements.split_first_mut() else {
        return;
    };
    let names: Vec<_> = first
        .iter()
        .map(|v| match v {
            Expr::Named { name, .. } => Some(name.clone()),
            other => last_name(other).map(sqlparser::ast::Ident::new),
        })
        .collect();
    for element in rest {
        let Expr::Struct { values, .. } = element else {
            continue;
        };
        for (value, name) in values.iter_mut().zip(&names) {
            let Some(name) = name else { continue };
            let inner = match take(value) {
                Expr::Named { expr, .. } => expr,
                other => Box::new(other),
            };
            *value = Expr::Named { expr: inner, name: name.clone() };
        }
    }
}

fn take(expr: &mut Expr) -> Expr {
    std::mem::replace(expr, null())
}

pub(super) fn safe_call(name: &str, args: Vec<Expr>, safe: bool) -> Expr {
    let mut made = super::calls::function(name, args);
    made.name = function_name(name, safe);
    Expr::Function(made)
}

fn negative(n: Expr) -> Expr {
    Expr::UnaryOp { op: UnaryOperator::Minus, expr: Box::new(nested(n)) }
}

fn interval_parts(interval: &Interval) -> Result<(Expr, String), QueryError> {
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

fn only_number(field: &CeilFloorKind) -> Result<(), QueryError> {
    match field {
        CeilFloorKind::DateTimeField(sqlparser::ast::DateTimeField::NoDateTime) => Ok(()),
        _ => Err(not_supported("CEIL or FLOOR with a second argument")),
    }
}

fn last_name(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Identifier(i) => Some(i.value.clone()),
        Expr::CompoundIdentifier(i) => i.last().map(|i| i.value.clone()),
        _ => None,
    }
}

/// `INT64`, `STRING` ... without parameters such as NUMERIC's precision.
fn type_name(data_type: &DataType) -> String {
    let text = data_type.to_string().to_uppercase();
    if text.contains('<') {
        return text;
    }
    text.split('(').next().unwrap_or_default().trim().to_owned()
}

/// INT64 literals are checked; texts were mended as tokens.
fn check_number(value: &Value, at: Location) -> Result<(), QueryError> {
    if let Value::Number(text, _) = value {
        let digits = text.chars().all(|c| c.is_ascii_digit());
        if digits && text.parse::<i64>().is_err() {
            return Err(QueryError::invalid_at(format!("Invalid integer literal: {text}"), at));
        }
    }
    Ok(())
}

/// `a.b[OFFSET(1)].c`: paths stay paths up to the first subscript.
fn field_access(root: Expr, chain: Vec<AccessExpr>) -> Result<Expr, QueryError> {
    let mut path = match &root {
        Expr::Identifier(ident) => Some(vec![ident.clone()]),
        Expr::CompoundIdentifier(idents) => Some(idents.clone()),
        _ => None,
    };
    let mut found = root;
    for access in chain {
        match access {
            AccessExpr::Dot(Expr::Identifier(name)) => match &mut path {
                Some(path) => {
                    path.push(name);
                    found = Expr::CompoundIdentifier(path.clone());
                }
                None => found = call("$FIELD", vec![found, string(&name.value)]),
            },
            AccessExpr::Dot(_) => return Err(not_supported("This field access")),
            AccessExpr::Subscript(Subscript::Index { index }) => {
                path = None;
                let (how, index) = match index {
                    Expr::Function(f) => {
                        let how = f.name.to_string().to_uppercase();
                        let args = arguments(&f).unwrap_or_default();
                        match (how.as_str(), args.as_slice()) {
                            ("OFFSET" | "ORDINAL" | "SAFE_OFFSET" | "SAFE_ORDINAL", [index]) => (how, index.clone()),
                            _ => ("OFFSET".to_owned(), Expr::Function(f)),
                        }
                    }
                    other => ("OFFSET".to_owned(), other),
                };
                found = call("$ARRAY_AT", vec![found, index, string(&how)]);
            }
            AccessExpr::Subscript(Subscript::Slice { .. }) => {
                return Err(not_supported("An ARRAY slice"));
            }
        }
    }
    Ok(found)
}

/// `x IN UNNEST(array)`; with a literal ARRAY it is `x IN (...)`, which can be pushed to the files.
fn in_array(value: Expr, array: Expr, negated: bool) -> Expr {
    let items = match &array {
        Expr::Array(a) if !a.elem.is_empty() => Some(a.elem.clone()),
        Expr::Function(f) if f.name.to_string().trim_matches('"') == "$typed_array" => {
            arguments(f).map(|a| a[1..].to_vec()).filter(|a| !a.is_empty())
        }
        _ => None,
    };
    if let Some(list) = items {
        return Expr::InList { expr: Box::new(value), list, negated };
    }
    let found = call("$IN_ARRAY", vec![value, array]);
    if negated { not(found) } else { found }
}

/// IGNORE NULLS inside the parentheses, where DataFusion reads it behind them.
fn treat_nulls(f: &mut Function) {
    if let FunctionArguments::List(list) = &mut f.args {
        list.clauses.retain(|clause| match clause {
            FunctionArgumentClause::IgnoreOrRespectNulls(treatment) => {
                f.null_treatment = Some(*treatment);
                false
            }
            _ => true,
        });
    }
}

fn conditional(name: &str, f: &Function) -> Result<Option<Expr>, QueryError> {
    let Some(args) = arguments(f) else {
        return Ok(None);
    };
    let mut args = args.into_iter();
    let mut next = || args.next().ok_or_else(|| QueryError::invalid(format!("No matching signature for function {name}")));
    Ok(Some(match name {
        "IF" => {
            let (condition, then, otherwise) = (next()?, next()?, next()?);
            case(condition, then, Some(otherwise))
        }
        "IFNULL" => call("coalesce", vec![next()?, next()?]),
        "ZEROIFNULL" => call("coalesce", vec![next()?, number(0)]),
        "NULLIFZERO" => call("nullif", vec![next()?, number(0)]),
        "MD5" => call("$MD5_BYTES", vec![call("md5", vec![next()?])]),
        "SHA1" | "FARM_FINGERPRINT" => return Err(not_supported(format_args!("Function {name}"))),
        _ => return Ok(None),
    }))
}

/// Clauses inside the parentheses of an aggregate.
#[derive(Default)]
struct Clauses {
    order: Vec<OrderByExpr>,
    limit: Option<Expr>,
    ignore_nulls: bool,
    having: Option<HavingBound>,
}

fn clauses(f: &mut Function) -> Clauses {
    let mut found = Clauses::default();
    if f.null_treatment == Some(NullTreatment::IgnoreNulls) {
        found.ignore_nulls = true;
        f.null_treatment = None;
    }
    if let FunctionArguments::List(list) = &mut f.args {
        for clause in std::mem::take(&mut list.clauses) {
            match clause {
                FunctionArgumentClause::OrderBy(order) => found.order = order,
                FunctionArgumentClause::Limit(limit) => found.limit = Some(limit),
                FunctionArgumentClause::IgnoreOrRespectNulls(t) => {
                    found.ignore_nulls = t == NullTreatment::IgnoreNulls;
                }
                FunctionArgumentClause::Having(bound) => found.having = Some(bound),
                other => list.clauses.push(other),
            }
        }
    }
    found
}

fn aggregate(name: &str, f: &Function) -> Result<Option<Expr>, QueryError> {
    let Some(args) = arguments(f) else {
        return Ok(None);
    };
    let mut f = f.clone();
    let clauses = clauses(&mut f);
    let wrong = || QueryError::invalid(format!("No matching signature for aggregate function {name}"));
    let first = || args.first().cloned().ok_or_else(wrong);
    let second = || args.get(1).cloned().ok_or_else(wrong);
    let descending =
        |e: Expr, asc: bool| OrderByExpr { expr: e, options: OrderByOptions { asc: Some(asc), nulls_first: Some(false) }, with_fill: None };
    let with = |f: &Function, name: &str, args: Vec<Expr>, order: Vec<OrderByExpr>| -> Function {
        let mut made = super::calls::function(name, args);
        made.over = f.over.clone();
        made.filter = f.filter.clone();
        if let (FunctionArguments::List(new), FunctionArguments::List(old)) = (&mut made.args, &f.args) {
            new.duplicate_treatment = old.duplicate_treatment;
            if !order.is_empty() {
                new.clauses.push(FunctionArgumentClause::OrderBy(order));
            }
        }
        made
    };
    Ok(Some(match name {
        "COUNTIF" => {
            let counted = case(first()?, number(1), None);
            Expr::Function(with(&f, "count", vec![counted], Vec::new()))
        }
        "LOGICAL_AND" => Expr::Function(with(&f, "bool_and", vec![first()?], Vec::new())),
        "LOGICAL_OR" => Expr::Function(with(&f, "bool_or", vec![first()?], Vec::new())),
        "VARIANCE" => Expr::Function(with(&f, "var_samp", vec![first()?], Vec::new())),
        "ANY_VALUE" => match clauses.having {
            None if f.over.is_some() => Expr::Function(with(&f, "first_value", vec![first()?], Vec::new())),
            None => {
                let mut made = with(&f, "first_value", vec![first()?], Vec::new());
                made.null_treatment = Some(NullTreatment::IgnoreNulls);
                Expr::Function(made)
            }
            Some(HavingBound(kind, by)) => {
                let order = descending(by, kind == HavingBoundKind::Min);
                Expr::Function(with(&f, "first_value", vec![first()?], vec![order]))
            }
        },
        "MAX_BY" | "MIN_BY" => {
            if f.over.is_some() {
                return Err(not_supported(format_args!("{name} with OVER")));
            }
            let order = descending(second()?, name == "MIN_BY");
            Expr::Function(with(&f, "first_value", vec![first()?], vec![order]))
        }
        "ARRAY_AGG" | "ARRAY_CONCAT_AGG" => {
            let value = first()?;
            let mut made = with(&f, "array_agg", vec![value.clone()], clauses.order);
            if clauses.ignore_nulls || name == "ARRAY_CONCAT_AGG" {
                made.filter = Some(Box::new(Expr::IsNotNull(Box::new(nested(value)))));
            }
            let mut made = Expr::Function(made);
            if name == "ARRAY_CONCAT_AGG" {
                made = call("$FLATTEN", vec![made]);
            }
            match clauses.limit {
                Some(limit) => call("$SLICE", vec![made, limit]),
                None => made,
            }
        }
        "STRING_AGG" => {
            let separator = args.get(1).cloned().unwrap_or_else(|| string(","));
            if f.over.is_some() || (clauses.limit.is_none() && clauses.order.is_empty()) {
                return Ok(Some(Expr::Function(with(&f, "string_agg", vec![first()?, separator], clauses.order))));
            }
            let value = first()?;
            let mut made = with(&f, "array_agg", vec![value.clone()], clauses.order);
            made.filter = Some(Box::new(Expr::IsNotNull(Box::new(nested(value)))));
            let mut items = Expr::Function(made);
            if let Some(limit) = clauses.limit {
                items = call("$SLICE", vec![items, limit]);
            }
            call("ARRAY_TO_STRING", vec![items, separator])
        }
        "APPROX_COUNT_DISTINCT" => {
            let mut made = with(&f, "count", vec![first()?], Vec::new());
            if let FunctionArguments::List(list) = &mut made.args {
                list.duplicate_treatment = Some(DuplicateTreatment::Distinct);
            }
            Expr::Function(made)
        }
        "APPROX_QUANTILES" => {
            let made = with(&f, "array_agg", vec![first()?], Vec::new());
            call("$QUANTILES", vec![Expr::Function(made), second()?])
        }
        "APPROX_TOP_COUNT" => {
            let made = with(&f, "array_agg", vec![first()?], Vec::new());
            call("$TOP_COUNT", vec![Expr::Function(made), second()?])
        }
        _ => return Ok(None),
    }))
}
