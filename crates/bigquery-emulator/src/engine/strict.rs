//! Type rules that DataFusion is laxer about than GoogleSQL: it compares numbers with texts, BigQuery does not.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/conversion_rules>

use std::sync::Arc;

use datafusion::arrow::datatypes::DataType;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, Result};
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan, Operator};

use super::error::{invalid, refused};
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
            compare("BETWEEN", &b.expr, &b.low, schema)?;
            compare("BETWEEN", &b.expr, &b.high, schema)
        }
        Expr::InList(list) => list.list.iter().try_for_each(|item| compare("IN", &list.expr, item, schema)),
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
                    return Err(invalid(format!(
                        "No matching signature for operator LIKE for argument types: {}, STRING{}",
                        sql_type_name(&t),
                        place(&like.expr)
                    )));
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

fn together(op: &str, at: &Expr, left: &DataType, right: &DataType) -> Result<()> {
    let odd = |t: &DataType| matches!(t, DataType::LargeBinary | DataType::BinaryView);
    if matches!((left, right), (DataType::Interval(_), DataType::Interval(_))) {
        return Err(refused("Comparison of INTERVAL values"));
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
