//! What every parameter is compared with, so that the binder can choose its kind and type.

use sqlparser::ast::{Expr, Ident};

use super::super::error::{Position, SqlError};
use super::super::query::{ParameterContext, ParameterUse};
use super::super::types::{Type, incomparable};
use super::expr::{Source, Typed};
use super::{Resolver, mismatch};

impl Resolver<'_> {
    /// `@name`. While values are unknown its type is, too.
    pub(super) fn parameter(&mut self, ident: &Ident) -> Result<Typed, SqlError> {
        let at = Position::of(ident);
        let name = ident.value.trim_start_matches('@');
        let plain = !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && !name.as_bytes()[0].is_ascii_digit();
        if ident.value.starts_with("@@") {
            return Err(SqlError::unsupported(format!("system variable {}", ident.value)));
        }
        if !plain {
            return Err(SqlError::Syntax { message: format!("`{}` is not a parameter", ident.value), at });
        }
        let ty = match self.parameters {
            None => Type::Unknown,
            Some(parameters) => {
                let Some(parameter) = parameters.iter().find(|parameter| parameter.name.eq_ignore_ascii_case(name)) else {
                    return Err(SqlError::UndeclaredParameter { name: name.to_owned(), at });
                };
                let element = Type::Scalar(parameter.value.element_type());
                if parameter.value.is_array() { Type::Array(Box::new(element)) } else { element }
            }
        };
        self.seen.push(name.to_owned());
        Ok(Typed { ty, literal: true, source: None, parameters: vec![(name.to_owned(), false)] })
    }

    /// Checks a comparison and notes the parameters on either side.
    pub(super) fn compare(&mut self, left: &Typed, right: &Typed, operation: &str, at: &Expr) -> Result<(), SqlError> {
        if incomparable((&left.ty, left.literal), (&right.ty, right.literal)) {
            return Err(mismatch(operation, &Type::Unknown, at).with_found(format!("{} and {}", left.ty, right.ty)));
        }
        if matches!((&left.ty, &right.ty), (Type::Array(_), _) | (_, Type::Array(_))) {
            let array = if matches!(left.ty, Type::Array(_)) { &left.ty } else { &right.ty };
            return Err(mismatch(operation, array, at));
        }
        for (one, other) in [(left, right), (right, left)] {
            self.note(&one.parameters, ParameterContext::Compared, other.source.as_ref(), &other.ty);
        }
        Ok(())
    }

    pub(super) fn note(&mut self, parameters: &[(String, bool)], context: ParameterContext, source: Option<&Source>, expected: &Type) {
        for (name, in_arithmetic) in parameters {
            let context = if *in_arithmetic && context == ParameterContext::Compared { ParameterContext::Arithmetic } else { context };
            let found = ParameterUse {
                name: name.clone(),
                context,
                table: source.map(|source| source.column.table.clone()),
                column: source.map(|source| source.column.column.clone()),
                through: source.and_then(|source| source.through.clone()),
                expected: expected.scalar(),
            };
            if !self.uses.contains(&found) {
                self.uses.push(found);
            }
        }
    }
}

impl SqlError {
    fn with_found(self, found: String) -> Self {
        match self {
            Self::TypeMismatch { operation, found: _, at } => Self::TypeMismatch { operation, found, at },
            other => other,
        }
    }
}
