//! `LAST_VALUE(IF(a, b, NULL) IGNORE NULLS)`: the parser gives IGNORE NULLS to the call that stands before it; it is the outer one's.

use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentClause, FunctionArguments, NullTreatment, Statement, VisitMut, VisitorMut,
};

/// Gives IGNORE NULLS and RESPECT NULLS back to the functions in whose parentheses they stand.
pub(in crate::engine) fn nulls_to_their_functions(statement: &mut Statement) {
    let _ = statement.visit(&mut Nulls);
}

struct Nulls;

impl VisitorMut for Nulls {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::Function(Function { args: FunctionArguments::List(list), .. }) = expr
            && let Some(FunctionArg::Unnamed(FunctionArgExpr::Expr(last))) = list.args.last_mut()
            && let Some(treatment) = trailing(last)
        {
            list.clauses.insert(0, FunctionArgumentClause::IgnoreOrRespectNulls(treatment));
        }
        ControlFlow::Continue(())
    }
}

/// What the last call of an expression took, where nothing closes behind it.
fn trailing(expr: &mut Expr) -> Option<NullTreatment> {
    match expr {
        Expr::Function(f) if f.over.is_none() => f.null_treatment.take(),
        Expr::BinaryOp { right, .. } => trailing(right),
        Expr::UnaryOp { expr, .. } => trailing(expr),
        _ => None,
    }
}
