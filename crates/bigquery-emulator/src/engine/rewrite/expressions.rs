//! Expressions other than calls: literals, operators, casts, field and element access.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/operators>

use super::calls::{arguments, call, nested, not, null, number, string};
use super::functions::{as_interval, interval_call, negative, part_argument, safe_call};
use super::select::normal_window;
use super::{Rewriter, normal};
use crate::engine::QueryError;
use crate::engine::error::not_supported;
use crate::engine::functions::{check_literal, simple_type};
use sqlparser::ast::{
    AccessExpr, BinaryOperator, CastKind, CeilFloorKind, DataType, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, Spanned,
    Subscript, TrimWhereField, UnaryOperator, Value,
};
use sqlparser::tokenizer::Location;
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
        if let Expr::Function(f) = expr {
            match f.name.to_string().to_uppercase().as_str() {
                "ARRAY_ZIP" => *expr = self.array_zip(f)?,
                name @ ("IFERROR" | "ISERROR" | "NULLIFERROR") => {
                    self.calls.entry(name.to_owned()).or_default().push(f.name.span().start);
                    *expr = super::catching::catching(name, f)?;
                }
                "FLATTEN" => *expr = super::arrays::flatten(f)?,
                _ => {}
            }
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
            // Where an operator stands, for what is said of its arguments.
            Expr::BinaryOp { left, op, .. } => {
                let name = if *op == BinaryOperator::StringConcat { "||".to_owned() } else { op.to_string() };
                // The span of a literal such as DATE '...' begins behind its type.
                let known = !matches!(left.as_ref(), Expr::TypedString(_) | Expr::Interval(_) | Expr::Cast { .. });
                let at = if known { left.span().start } else { Location::new(0, 0) };
                self.calls.entry(name).or_default().push(at);
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
            Expr::Like { any: true, .. } => *expr = like_any(take(expr))?,
            Expr::Lambda(lambda) => match &mut lambda.params {
                sqlparser::ast::OneOrManyWithParens::One(p) => normal(&mut p.name),
                sqlparser::ast::OneOrManyWithParens::Many(all) => match all.as_mut_slice() {
                    [p] => normal(&mut p.name),
                    _ => return Err(not_supported("A lambda of several parameters")),
                },
            },
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
                if let (false, Some(columns)) = (element, self.frames.last().and_then(|f| f.rows.get(&ident.value))) {
                    let table = super::made(ident.value.clone());
                    let args = columns
                        .iter()
                        .flat_map(|c| [string(c), Expr::CompoundIdentifier(vec![table.clone(), super::made(c.clone())])])
                        .collect();
                    *expr = call("named_struct", args);
                    return Ok(());
                }
                if element {
                    let mut table = ident.clone();
                    table.span = sqlparser::tokenizer::Span::empty();
                    *expr = Expr::CompoundIdentifier(vec![table, ident.clone()]);
                }
            }
            Expr::CompoundIdentifier(idents) => {
                for ident in idents.iter_mut() {
                    if ident.quote_style != Some('"') {
                        let lower = ident.value.to_lowercase();
                        let known = self.written.entry(lower).or_insert_with(|| Some(ident.value.clone()));
                        if known.as_deref() != Some(ident.value.as_str()) {
                            *known = None;
                        }
                    }
                    normal(ident);
                }
            }
            Expr::Value(value) => check_number(&value.value, span)?,
            Expr::TypedString(typed) => {
                let name = type_name(&typed.data_type);
                let text = typed.value.clone().into_string().unwrap_or_default();
                if name == "JSON" {
                    *expr = call("PARSE_JSON", vec![string(&text)]);
                    return Ok(());
                }
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
                let safe = matches!(kind, CastKind::SafeCast | CastKind::TryCast);
                if let Some(check) = super::types::narrow(data_type) {
                    let whole = safe_call("$CAST", vec![take(inner), string("INT64")], safe);
                    *expr = safe_call(check, vec![whole], safe);
                    return Ok(());
                }
                let data_type = &super::types::wide(data_type);
                let name = type_name(data_type);
                if name.contains('<') || simple_type(&name).is_none() {
                    let inner = take(inner);
                    *expr = deep_cast(inner, data_type, safe)?;
                    return Ok(());
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
                        if as_interval(left).is_some() && as_interval(right).is_some() {
                            // The planner adds two INTERVALs.
                        } else if let Some((mut n, part)) = as_interval(right) {
                            if minus {
                                n = negative(n);
                            }
                            *expr = call("$DATE_ADD", vec![take(left), n, string(&part), string("+")]);
                        } else if let Some((n, part)) = as_interval(left)
                            && !minus
                        {
                            *expr = call("$DATE_ADD", vec![take(right), n, string(&part), string("+")]);
                        }
                    }
                    BinaryOperator::PGBitwiseShiftLeft => *expr = call("$SHIFT_LEFT", vec![take(left), take(right)]),
                    BinaryOperator::PGBitwiseShiftRight => *expr = call("$SHIFT_RIGHT", vec![take(left), take(right)]),
                    _ => {}
                }
            }
            Expr::UnaryOp { op: UnaryOperator::BitwiseNot, expr: inner } => *expr = call("$BIT_NOT", vec![take(inner)]),
            Expr::Interval(interval) => *expr = interval_call(interval)?,
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
                        let wide = super::types::wide(&field.field_type);
                        let data_type = type_name(&wide);
                        value = if let Some(check) = super::types::narrow(&wide) {
                            call(check, vec![call("$CAST", vec![value, string("INT64")])])
                        } else if simple_type(&data_type).is_none() {
                            deep_cast(value, &wide, false)?
                        } else {
                            call("$CAST", vec![value, string(&data_type)])
                        };
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
            Expr::Tuple(values) => {
                let args = (1..).zip(std::mem::take(values)).flat_map(|(i, value)| [string(&format!("_field_{i}")), value]).collect();
                *expr = call("named_struct", args);
            }
            Expr::AtTimeZone { .. } => {}
            _ => {}
        }
        Ok(())
    }
}

/// `x LIKE ANY ('a%', 'b%')` as LIKEs joined by OR.
fn like_any(expr: Expr) -> Result<Expr, QueryError> {
    let Expr::Like { negated, expr: inner, pattern, escape_char: None, .. } = expr else {
        return Err(not_supported("LIKE ANY with ESCAPE"));
    };
    let patterns = match *pattern {
        Expr::Tuple(items) => items,
        Expr::Nested(one) => vec![*one],
        _ => return Err(not_supported("LIKE ANY of anything but a list")),
    };
    let each = patterns.into_iter().map(|p| Expr::Like {
        negated: false,
        any: false,
        expr: Box::new(nested(inner.as_ref().clone())),
        pattern: Box::new(p),
        escape_char: None,
    });
    let any = each.reduce(|l, r| Expr::BinaryOp { left: Box::new(l), op: BinaryOperator::Or, right: Box::new(r) });
    let any = Expr::Nested(Box::new(any.unwrap_or_else(null)));
    Ok(if negated { not(any) } else { any })
}

/// CAST to a type with parts.
fn deep_cast(value: Expr, data_type: &DataType, safe: bool) -> Result<Expr, QueryError> {
    let field = crate::engine::planned::field_of("item", data_type)
        .map_err(|e| if e.message.starts_with("Type not found") { not_supported(format_args!("CAST to {data_type}")) } else { e })?;
    let field = serde_json::to_string(&field).unwrap_or_default();
    Ok(safe_call("$CAST_DEEP", vec![value, string(&field)], safe))
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
        if let Expr::Tuple(values) = element {
            *element = Expr::Struct { values: std::mem::take(values), fields: Vec::new() };
        }
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

fn only_number(field: &CeilFloorKind) -> Result<(), QueryError> {
    match field {
        CeilFloorKind::DateTimeField(sqlparser::ast::DateTimeField::NoDateTime) => Ok(()),
        _ => Err(not_supported("CEIL or FLOOR with a second argument")),
    }
}

pub(super) fn last_name(expr: &Expr) -> Option<String> {
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
