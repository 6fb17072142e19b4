//! Operators: which are GoogleSQL's, what they give, and what they certainly do not take.
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/operators>

use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator};

use super::super::error::SqlError;
use super::super::query::ParameterContext;
use super::super::scope::Scope;
use super::super::types::{Class, Type};
use super::expr::Typed;
use super::{Place, Resolver, mismatch};

impl Resolver<'_> {
    pub(super) fn binary(
        &mut self,
        (left_expr, op, right_expr): (&mut Expr, &BinaryOperator, &mut Expr),
        scope: &Scope<'_>,
        place: Place,
    ) -> Result<Typed, SqlError> {
        let left = self.expr(left_expr, scope, place)?;
        let right = self.expr(right_expr, scope, place)?;
        match op {
            BinaryOperator::And | BinaryOperator::Or => {
                for (typed, expr) in [(&left, &*left_expr), (&right, &*right_expr)] {
                    if Class::Bool.refuses(&typed.ty, typed.literal) {
                        return Err(mismatch(op.to_string(), &typed.ty, expr));
                    }
                }
                Ok(Typed::of(Type::BOOL))
            }
            BinaryOperator::Eq
            | BinaryOperator::NotEq
            | BinaryOperator::Lt
            | BinaryOperator::LtEq
            | BinaryOperator::Gt
            | BinaryOperator::GtEq => {
                self.compare(&left, &right, &op.to_string(), right_expr)?;
                Ok(Typed::of(Type::BOOL))
            }
            BinaryOperator::Plus | BinaryOperator::Minus | BinaryOperator::Multiply | BinaryOperator::Divide => {
                for (typed, expr) in [(&left, &*left_expr), (&right, &*right_expr)] {
                    let wrong = matches!(typed.ty, Type::STRING | Type::BOOL | Type::Array(_) | Type::Struct(_));
                    let scaled =
                        matches!(op, BinaryOperator::Multiply | BinaryOperator::Divide) && Class::Number.refuses(&typed.ty, typed.literal);
                    if wrong || scaled {
                        return Err(mismatch(op.to_string(), &typed.ty, expr));
                    }
                }
                let ty = match op {
                    BinaryOperator::Divide if left.ty.is_number() && right.ty.is_number() => Type::FLOAT64,
                    BinaryOperator::Divide => Type::Unknown,
                    _ if left.ty.is_number() && right.ty.is_number() => left.ty.clone().common(right.ty.clone()),
                    _ if left.ty == right.ty => Type::Unknown,
                    // A date plus days, a time minus an interval.
                    _ => Type::Unknown,
                };
                self.note_operands(&left, &right);
                Ok(Typed::arithmetic(ty, left, right))
            }
            BinaryOperator::StringConcat => match (&left.ty, &right.ty) {
                (Type::Array(_), Type::Scalar(_)) | (Type::Struct(_), _) => Err(mismatch("||", &left.ty, left_expr)),
                (Type::Scalar(_), Type::Array(_)) | (_, Type::Struct(_)) => Err(mismatch("||", &right.ty, right_expr)),
                (Type::Array(_), _) => Ok(Typed::of(left.ty)),
                _ => Ok(Typed::of(Type::STRING)),
            },
            BinaryOperator::BitwiseAnd | BinaryOperator::BitwiseOr | BinaryOperator::BitwiseXor => {
                for (typed, expr) in [(&left, &*left_expr), (&right, &*right_expr)] {
                    if Class::Int.refuses(&typed.ty, typed.literal) {
                        return Err(mismatch(op.to_string(), &typed.ty, expr));
                    }
                }
                Ok(Typed::of(Type::INT64))
            }
            BinaryOperator::Modulo => Err(SqlError::unsupported("operator % (GoogleSQL has MOD)")),
            other => Err(SqlError::unsupported(format!("operator {other}"))),
        }
    }

    pub(super) fn unary(&mut self, op: UnaryOperator, expr: &mut Expr, scope: &Scope<'_>, place: Place) -> Result<Typed, SqlError> {
        let typed = self.expr(expr, scope, place)?;
        let class = match op {
            UnaryOperator::Not => Class::Bool,
            UnaryOperator::Plus | UnaryOperator::Minus => Class::Number,
            UnaryOperator::BitwiseNot => Class::Int,
            other => return Err(SqlError::unsupported(format!("operator {other}"))),
        };
        if class.refuses(&typed.ty, typed.literal) {
            return Err(mismatch(op.to_string(), &typed.ty, expr));
        }
        // `- -1` would be printed as a comment.
        if matches!(op, UnaryOperator::Minus) && matches!(expr, Expr::UnaryOp { op: UnaryOperator::Minus, .. }) {
            let inner = std::mem::replace(expr, Expr::Wildcard(sqlparser::ast::helpers::attached_token::AttachedToken::empty()));
            *expr = Expr::Nested(Box::new(inner));
        }
        Ok(if op == UnaryOperator::Not { Typed::of(Type::BOOL) } else { typed })
    }

    /// `@limit + column`: a parameter beside a column in a sum is a number of the column's kind.
    fn note_operands(&mut self, left: &Typed, right: &Typed) {
        for (one, other) in [(left, right), (right, left)] {
            if other.source.is_some() && !one.parameters.is_empty() {
                self.note(&one.parameters, ParameterContext::Arithmetic, other.source.as_ref(), &other.ty);
            }
        }
    }
}
