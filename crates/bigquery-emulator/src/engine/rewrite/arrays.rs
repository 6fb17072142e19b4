//! ARRAY_ZIP and FLATTEN, whose arguments have forms of their own.
//!
//! Source: <https://github.com/google/googlesql/blob/master/docs/array_functions.md>

use std::ops::ControlFlow;

use sqlparser::ast::{
    AccessExpr, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, LambdaFunction, OneOrManyWithParens, Subscript, Value,
    VisitMut, VisitorMut,
};

use super::calls::{arguments, call, lambda, string};
use super::expressions::last_name;
use super::{Rewriter, made};
use crate::engine::QueryError;
use crate::engine::error::not_supported;
use crate::engine::forms::NAMED;

/// What ends a path through ARRAYs, behind it `:HOW:INDEX` of a subscript.
pub(in crate::engine) const FLATTEN: &str = "$flatten";

impl Rewriter<'_> {
    /// `ARRAY_ZIP(a, b AS name, ..., [transformation => (x, y) -> ...], [mode => 'PAD'])`.
    pub(super) fn array_zip(&mut self, f: &Function) -> Result<Expr, QueryError> {
        let FunctionArguments::List(list) = &f.args else {
            return Err(QueryError::invalid("No matching signature for function ARRAY_ZIP"));
        };
        let mut mode = string("STRICT");
        let mut transformation = None;
        let mut zipped = Vec::new();
        for arg in &list.args {
            match arg {
                FunctionArg::Named { name, arg: FunctionArgExpr::Expr(value), .. } => match (name.value.to_lowercase().as_str(), value) {
                    ("mode", Expr::Value(v)) => {
                        let text = v.value.clone().into_string().unwrap_or_default().to_uppercase();
                        if !matches!(text.as_str(), "STRICT" | "PAD" | "TRUNCATE") {
                            return Err(QueryError::invalid(format!("Invalid mode of ARRAY_ZIP: {text}")));
                        }
                        mode = string(&text);
                    }
                    ("transformation", Expr::Lambda(l)) => transformation = Some(l.clone()),
                    (other, _) => return Err(not_supported(format_args!("The argument {other} of ARRAY_ZIP"))),
                },
                FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Lambda(l))) => transformation = Some(l.clone()),
                FunctionArg::Unnamed(FunctionArgExpr::Expr(value)) => zipped.push(value.clone()),
                _ => return Err(QueryError::invalid("No matching signature for function ARRAY_ZIP")),
            }
        }
        let mut args = vec![mode];
        let mut names = transformation.as_ref().map(parameters).unwrap_or_default().into_iter();
        if transformation.is_some() && names.len() != zipped.len() {
            return Err(QueryError::invalid("The transformation of ARRAY_ZIP takes one parameter for each array"));
        }
        for (i, value) in (1..).zip(zipped) {
            let (value, name) = match named(&value) {
                Some(both) => both,
                None => (value.clone(), last_name(&value).unwrap_or_else(|| format!("_field_{i}"))),
            };
            self.spell(&name);
            args.extend([string(&names.next().unwrap_or(name).to_lowercase()), value]);
        }
        let zipped = call("$ARRAY_ZIP", args);
        match transformation {
            None => Ok(zipped),
            Some(own) => {
                let element = self.fresh("z");
                let mut body = own.body.as_ref().clone();
                let mut fields = Fields { names: parameters(&own), element: &element };
                if body.visit(&mut fields).is_break() {
                    return Err(not_supported("A lambda or subquery in the transformation of ARRAY_ZIP"));
                }
                Ok(call("array_transform", vec![zipped, lambda(&element, body)]))
            }
        }
    }
}

/// `FLATTEN(a.b.c[OFFSET(1)])`: the path gets an end by which the planner knows that it goes through ARRAYs.
pub(super) fn flatten(f: &Function) -> Result<Expr, QueryError> {
    let (root, chain) = match arguments(f).as_deref() {
        Some([path @ Expr::CompoundIdentifier(_)]) => (path.clone(), Vec::new()),
        Some([Expr::CompoundFieldAccess { root, access_chain }]) => (root.as_ref().clone(), access_chain.clone()),
        Some([other]) => (other.clone(), Vec::new()),
        _ => return Err(QueryError::invalid("No matching signature for function FLATTEN")),
    };
    let refused = || not_supported("FLATTEN of this expression");
    let mut path = match root {
        Expr::Identifier(ident) => vec![ident],
        Expr::CompoundIdentifier(idents) => idents,
        _ => return Err(refused()),
    };
    let mut end = FLATTEN.to_owned();
    for access in chain {
        match access {
            AccessExpr::Dot(Expr::Identifier(name)) if end == FLATTEN => path.push(name),
            AccessExpr::Subscript(Subscript::Index { index: Expr::Function(how) }) if end == FLATTEN => {
                let index = match arguments(&how).as_deref() {
                    Some([Expr::Value(v)]) => match &v.value {
                        Value::Number(n, _) => n.clone(),
                        _ => return Err(refused()),
                    },
                    _ => return Err(refused()),
                };
                end = format!("{FLATTEN}:{}:{index}", how.name.to_string().to_uppercase());
            }
            _ => return Err(refused()),
        }
    }
    path.push(made(end));
    Ok(Expr::CompoundIdentifier(path))
}

fn parameters(lambda: &LambdaFunction) -> Vec<String> {
    match &lambda.params {
        OneOrManyWithParens::One(one) => vec![one.name.value.clone()],
        OneOrManyWithParens::Many(all) => all.iter().map(|p| p.name.value.clone()).collect(),
    }
}

/// The two arguments of a call of [`NAMED`].
fn named(value: &Expr) -> Option<(Expr, String)> {
    let Expr::Function(f) = value else { return None };
    if f.name.to_string().trim_matches('"') != NAMED {
        return None;
    }
    match arguments(f)?.as_slice() {
        [value, Expr::Value(name)] => Some((value.clone(), name.value.clone().into_string()?)),
        _ => None,
    }
}

/// Puts fields of an element in the place of a lambda's parameters.
struct Fields<'a> {
    names: Vec<String>,
    element: &'a str,
}

impl VisitorMut for Fields<'_> {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        match expr {
            Expr::Lambda(_) | Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        let field = |name: &str| call("$FIELD", vec![Expr::Identifier(made(self.element)), string(&name.to_lowercase())]);
        let ours = |name: &str| self.names.iter().any(|own| own.eq_ignore_ascii_case(name));
        match expr {
            Expr::Identifier(ident) if ident.quote_style != Some('"') && ours(&ident.value) => *expr = field(&ident.value),
            Expr::CompoundIdentifier(path) if ours(&path[0].value) => {
                let mut found = field(&path[0].value);
                for name in &path[1..] {
                    found = call("$FIELD", vec![found, string(&name.value)]);
                }
                *expr = found;
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}
