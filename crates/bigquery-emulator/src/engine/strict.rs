//! Type rules that DataFusion is laxer about than GoogleSQL: it compares numbers with texts, BigQuery does not.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/conversion_rules>

use std::sync::Arc;

use datafusion::arrow::datatypes::DataType;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, DataFusionError, Result, ScalarValue};
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan, Operator};

use super::error::{invalid, refused};
use super::functions::check_literal;
use super::functions::udf::{plain, unify};
use super::types::sql_type_name;

/// Refuses comparisons and conditionals over types that GoogleSQL does not bring together.
pub(super) fn check(plan: &LogicalPlan) -> Result<()> {
    plan.apply_with_subqueries(|node| {
        let mut schema = DFSchema::empty();
        for input in node.inputs() {
            schema.merge(input.schema());
        }
        if let LogicalPlan::TableScan(scan) = node {
            schema.merge(&scan.projected_schema);
        }
        check_keys(node, &schema)?;
        if let LogicalPlan::Union(union) = node {
            check_union(&union.inputs)?;
        }
        node.apply_expressions(|expr| {
            expr.apply(|e| {
                check_expr(e, &schema)?;
                Ok(TreeNodeRecursion::Continue)
            })
        })
    })?;
    Ok(())
}

/// Columns of one place must have a type in common.
fn check_union(inputs: &[Arc<LogicalPlan>]) -> Result<()> {
    let Some((first, others)) = inputs.split_first() else { return Ok(()) };
    for (place, field) in first.schema().fields().iter().enumerate() {
        let mut common = plain(field.data_type());
        for other in others {
            let Some(given) = other.schema().fields().get(place) else { return Ok(()) };
            let given = plain(given.data_type());
            common = unify(&common, &given).ok_or_else(|| {
                let (a, b) = (sql_type_name(&common), sql_type_name(&given));
                invalid(format!("Column {} in UNION ALL has incompatible types: {a}, {b}", place + 1))
            })?;
        }
    }
    Ok(())
}

/// JSON and GEOGRAPHY have no order and no equality to group by; INTERVALs have, but by rules of their own.
fn check_keys(node: &LogicalPlan, schema: &DFSchema) -> Result<()> {
    let check = |what: &str, exprs: &mut dyn Iterator<Item = &Expr>| -> Result<()> {
        for expr in exprs {
            let Some(t) = type_of(expr, schema) else { continue };
            match &t {
                DataType::LargeBinary | DataType::BinaryView => {
                    return Err(invalid(format!("{what} expressions of type {} is not allowed", sql_type_name(&t))));
                }
                DataType::Interval(_) => return Err(refused(format_args!("{what} INTERVAL values"))),
                _ => {}
            }
        }
        Ok(())
    };
    match node {
        LogicalPlan::Sort(sort) => check("Ordering by", &mut sort.expr.iter().map(|s| &s.expr)),
        LogicalPlan::Aggregate(aggregate) => check("Grouping by", &mut aggregate.group_expr.iter()),
        LogicalPlan::Distinct(_) => {
            let columns: Vec<Expr> = schema.columns().into_iter().map(Expr::Column).collect();
            check("SELECT DISTINCT of", &mut columns.iter())
        }
        _ => Ok(()),
    }
}

fn check_expr(expr: &Expr, schema: &DFSchema) -> Result<()> {
    match expr {
        Expr::BinaryExpr(b) if is_comparison(b.op) => compare(b.op.to_string().as_str(), &b.left, &b.right, schema),
        Expr::Between(b) => {
            let bounds = [b.low.as_ref(), b.high.as_ref()];
            bounds.into_iter().try_for_each(|bound| compare("BETWEEN", &b.expr, bound, schema)).map_err(|error| {
                let all = [b.expr.as_ref()].into_iter().chain(bounds);
                restated(error, of_all("BETWEEN", all, &b.expr, schema))
            })
        }
        Expr::InList(list) => list.list.iter().try_for_each(|item| compare("IN", &list.expr, item, schema)).map_err(|error| {
            let all = std::iter::once(list.expr.as_ref()).chain(&list.list);
            restated(error, of_all("IN", all, &list.expr, schema))
        }),
        Expr::InSubquery(sub) => {
            let right = sub.subquery.subquery.schema().field(0).data_type().clone();
            match type_of(&sub.expr, schema) {
                Some(left) => together("IN", &sub.expr, &plain(&left), &plain(&right)),
                None => Ok(()),
            }
        }
        Expr::Like(like) => {
            for side in [&like.expr, &like.pattern] {
                if let Some(t) = type_of(side, schema)
                    && !matches!(plain(&t), DataType::Utf8 | DataType::Binary | DataType::Null)
                {
                    let both = [like.expr.as_ref(), like.pattern.as_ref()];
                    let unknown = || invalid(format!("No matching signature for operator LIKE for argument types: {}", sql_type_name(&t)));
                    return Err(of_all("LIKE", both.into_iter(), &like.expr, schema).unwrap_or_else(unknown));
                }
            }
            Ok(())
        }
        Expr::Case(case) => {
            let results = case.when_then_expr.iter().map(|(_, then)| then).chain(case.else_expr.iter());
            all_together("CASE", results.map(AsRef::as_ref), schema)?;
            for (when, _) in &case.when_then_expr {
                match (&case.expr, type_of(when, schema)) {
                    (Some(base), _) => compare("=", base, when, schema)?,
                    (None, Some(t)) if !matches!(t, DataType::Boolean | DataType::Null) => {
                        return Err(invalid(format!("Condition of type {} where BOOL is expected{}", sql_type_name(&t), place(when))));
                    }
                    _ => {}
                }
            }
            Ok(())
        }
        Expr::ScalarFunction(f) if matches!(f.name(), "coalesce" | "nullif" | "make_array") => {
            let name = f.name().to_uppercase();
            all_together(&name, f.args.iter(), schema)
        }
        Expr::Not(e) => boolean("NOT", e, schema),
        _ => Ok(()),
    }
}

fn is_comparison(op: Operator) -> bool {
    matches!(
        op,
        Operator::Eq
            | Operator::NotEq
            | Operator::Lt
            | Operator::LtEq
            | Operator::Gt
            | Operator::GtEq
            | Operator::IsDistinctFrom
            | Operator::IsNotDistinctFrom
    )
}

fn type_of(expr: &Expr, schema: &DFSchema) -> Option<DataType> {
    expr.get_type(schema).ok()
}

fn boolean(name: &str, expr: &Expr, schema: &DFSchema) -> Result<()> {
    match type_of(expr, schema) {
        Some(t) if !matches!(t, DataType::Boolean | DataType::Null) => {
            Err(invalid(format!("No matching signature for operator {name} for argument types: {}{}", sql_type_name(&t), place(expr))))
        }
        _ => Ok(()),
    }
}

fn compare(op: &str, left: &Expr, right: &Expr, schema: &DFSchema) -> Result<()> {
    match (type_of(left, schema), type_of(right, schema)) {
        (Some(l), Some(r)) => {
            let (l, r) = (plain(&l), plain(&r));
            literal_fits(left, &r)?;
            literal_fits(right, &l)?;
            // A text that is not a literal is no date.
            let text_column = |t: &DataType, e: &Expr, other: &DataType| {
                *t == DataType::Utf8 && !matches!(other, DataType::Utf8 | DataType::Null) && e.column_refs().iter().next().is_some()
            };
            if text_column(&l, left, &r) || text_column(&r, right, &l) {
                return mismatch(op, left, &l, &r);
            }
            together(op, left, &l, &r)
        }
        _ => Ok(()),
    }
}

/// A literal text that is compared with a date or time must be one.
fn literal_fits(expr: &Expr, other: &DataType) -> Result<()> {
    if let Expr::Literal(ScalarValue::Utf8(Some(text)), _) = expr
        && matches!(other, DataType::Date32 | DataType::Timestamp(..) | DataType::Time64(_))
        && !check_literal(&sql_type_name(other), text)
    {
        return Err(invalid(format!("{}{text:?} to type {}", super::error::BAD_LITERAL, sql_type_name(other))));
    }
    Ok(())
}

fn together(op: &str, at: &Expr, left: &DataType, right: &DataType) -> Result<()> {
    let odd = |t: &DataType| matches!(t, DataType::LargeBinary | DataType::BinaryView);
    if matches!((left, right), (DataType::Interval(_), DataType::Interval(_))) {
        return Err(refused("Comparison of INTERVAL values"));
    }
    if odd(left) && odd(right) && left == right {
        let what = match op {
            "=" => "Equality",
            "!=" => "Inequality",
            "<" => "Less than",
            "<=" => "Less than or equal",
            ">" => "Greater than",
            ">=" => "Greater than or equal",
            other => other,
        };
        return Err(invalid(format!("{what} is not defined for arguments of type {}{}", sql_type_name(left), place(at))));
    }
    if odd(left) || odd(right) {
        return mismatch(op, at, left, right);
    }
    if unify(left, right).is_some() || matches!((left, right), (DataType::Struct(_), DataType::Struct(_))) {
        return Ok(());
    }
    mismatch(op, at, left, right)
}

fn mismatch(op: &str, at: &Expr, left: &DataType, right: &DataType) -> Result<()> {
    Err(invalid(format!(
        "No matching signature for operator {op} for argument types: {}, {}{}",
        sql_type_name(left),
        sql_type_name(right),
        place(at)
    )))
}

/// The error of an operator that takes several values; nothing where one of their types is not known.
fn of_all<'a>(op: &str, all: impl Iterator<Item = &'a Expr>, at: &Expr, schema: &DFSchema) -> Option<DataFusionError> {
    let types: Option<Vec<String>> = all.map(|e| type_of(e, schema).map(|t| sql_type_name(&plain(&t)))).collect();
    Some(invalid(format!("No matching signature for operator {op} for argument types: {}{}", types?.join(", "), place(at))))
}

/// The error about all values in place of that about two of them; another error stays.
fn restated(error: DataFusionError, all: Option<DataFusionError>) -> DataFusionError {
    all.filter(|_| error.to_string().contains("No matching signature")).unwrap_or(error)
}

fn all_together<'a>(name: &str, exprs: impl Iterator<Item = &'a Expr>, schema: &DFSchema) -> Result<()> {
    let mut common = DataType::Null;
    let exprs: Vec<&Expr> = exprs.collect();
    for expr in &exprs {
        let Some(t) = type_of(expr, schema) else {
            return Ok(());
        };
        let t = plain(&t);
        if matches!(t, DataType::Struct(_)) {
            return Ok(());
        }
        match unify(&common, &t) {
            Some(found) => common = found,
            None => {
                let types: Vec<String> = exprs.iter().filter_map(|e| type_of(e, schema)).map(|t| sql_type_name(&plain(&t))).collect();
                let types = types.join(", ");
                return Err(invalid(match name {
                    "CASE" => format!(
                        "No matching signature for operator CASE; all THEN/ELSE arguments must be coercible to a common type but found: {types}{}",
                        place(expr)
                    ),
                    "MAKE_ARRAY" => format!("Array elements of types {{{types}}} do not have a common supertype{}", place(expr)),
                    name => format!("No matching signature for function {name} for argument types: {types}{}", place(expr)),
                }));
            }
        }
    }
    Ok(())
}

/// Where the first column of an expression was written.
fn place(expr: &Expr) -> String {
    let mut found = String::new();
    let _ = expr.apply(|e| {
        if let Expr::Column(c) = e
            && let Some(span) = c.spans.first()
            && found.is_empty()
        {
            found = format!(" at [{}:{}]", span.start.line, span.start.column);
        }
        Ok(TreeNodeRecursion::Continue)
    });
    found
}
