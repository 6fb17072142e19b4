//! Aggregates and conditionals that DataFusion has under another name or in another form.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/aggregate_functions>

use super::calls::{arguments, call, case, nested, number, string};
use crate::engine::QueryError;
use crate::engine::error::not_supported;
use sqlparser::ast::{
    BinaryOperator, DuplicateTreatment, Expr, Function, FunctionArgumentClause, FunctionArguments, HavingBound, HavingBoundKind,
    NullTreatment, OrderByExpr, OrderByOptions, WindowSpec, WindowType,
};
/// IGNORE NULLS inside the parentheses, where DataFusion reads it behind them.
pub(super) fn treat_nulls(f: &mut Function) {
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

pub(super) fn conditional(name: &str, f: &Function) -> Result<Option<Expr>, QueryError> {
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

pub(super) fn aggregate(name: &str, f: &Function) -> Result<Option<Expr>, QueryError> {
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
        "HLL_COUNT.INIT" | "HLL_COUNT.MERGE" | "HLL_COUNT.MERGE_PARTIAL" => {
            let made = Expr::Function(with(&f, "array_agg", vec![first()?], Vec::new()));
            match name {
                "HLL_COUNT.INIT" => call("$HLL_INIT", vec![made]),
                "HLL_COUNT.MERGE_PARTIAL" => call("$HLL_MERGE", vec![made]),
                _ => call("HLL_COUNT.EXTRACT", vec![call("$HLL_MERGE", vec![made])]),
            }
        }
        _ if name.starts_with("KLL_QUANTILES.") => {
            let made = Expr::Function(with(&f, "array_agg", vec![first()?], Vec::new()));
            let what = name.trim_start_matches("KLL_QUANTILES.");
            match what.strip_prefix("MERGE_") {
                Some("PARTIAL") => call("$KLL_MERGE", vec![made]),
                Some(rest) => {
                    let extract = format!("KLL_QUANTILES.EXTRACT_{rest}");
                    call(&extract, vec![call("$KLL_MERGE", vec![made]), second()?])
                }
                None if matches!(what, "INIT_INT64" | "INIT_FLOAT64") => call("$KLL_INIT", vec![made]),
                None => return Ok(None),
            }
        }
        "PERCENTILE_DISC" => {
            if f.null_treatment.is_some() || f.over.is_none() {
                return Err(not_supported("PERCENTILE_DISC without OVER or with RESPECT NULLS"));
            }
            call("$PERCENTILE_DISC", vec![Expr::Function(with(&f, "array_agg", vec![first()?], Vec::new())), second()?])
        }
        "APPROX_TOP_SUM" => {
            let number = args.get(2).cloned().ok_or_else(wrong)?;
            let pair = call("named_struct", vec![string("value"), first()?, string("sum"), second()?]);
            call("$TOP_SUM", vec![Expr::Function(with(&f, "array_agg", vec![pair], Vec::new())), number])
        }
        "ST_EXTENT" | "ST_CENTROID_AGG" => {
            call(&format!("${name}"), vec![Expr::Function(with(&f, "array_agg", vec![first()?], Vec::new()))])
        }
        "IS_FIRST" | "IS_LAST" => at_edge(name, &f, first()?)?,
        "APPROX_TOP_COUNT" => {
            let made = with(&f, "array_agg", vec![first()?], Vec::new());
            call("$TOP_COUNT", vec![Expr::Function(made), second()?])
        }
        _ => return Ok(None),
    }))
}

/// Whether a row is among the first or last ones of its window.
fn at_edge(name: &str, f: &Function, count: Expr) -> Result<Expr, QueryError> {
    let Some(over @ WindowType::WindowSpec(spec)) = &f.over else {
        return Err(not_supported(format_args!("{name} without OVER (...)")));
    };
    let ranked = |over: WindowType| {
        let mut made = super::calls::function("row_number", Vec::new());
        made.over = Some(over);
        call("$CAST", vec![Expr::Function(made), string("INT64")])
    };
    let compared = |left: Expr, op, right: Expr| {
        Expr::Nested(Box::new(Expr::BinaryOp { left: Box::new(nested(left)), op, right: Box::new(nested(right)) }))
    };
    if name == "IS_FIRST" {
        return Ok(compared(ranked(over.clone()), BinaryOperator::LtEq, count));
    }
    let all = WindowSpec { order_by: Vec::new(), window_frame: None, ..spec.clone() };
    let mut rows = super::calls::function("count", vec![number(1)]);
    rows.over = Some(WindowType::WindowSpec(all));
    let behind = Expr::BinaryOp { left: Box::new(Expr::Function(rows)), op: BinaryOperator::Minus, right: Box::new(ranked(over.clone())) };
    Ok(compared(behind, BinaryOperator::Lt, count))
}
