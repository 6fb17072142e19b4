//! Arrays and structs: making them, looking into them.

use sqlparser::ast::{AccessExpr, Expr, Ident, Query, StructField, Subscript};

use super::super::error::{Position, SqlError, closest};
use super::super::query::ParameterContext;
use super::super::scope::Scope;
use super::super::types::{Class, Type, of_data_type};
use super::expr::Typed;
use super::{Place, Resolver, mismatch, refuse};

impl Resolver<'_> {
    pub(super) fn access(&mut self, root: &mut Expr, chain: &mut [AccessExpr], scope: &Scope<'_>, place: Place) -> Result<Typed, SqlError> {
        let mut typed = self.expr(root, scope, place)?;
        for access in chain {
            typed = match access {
                AccessExpr::Dot(Expr::Identifier(ident)) => {
                    self.name(ident)?;
                    struct_field(typed, ident)?
                }
                AccessExpr::Dot(_) => return Err(SqlError::unsupported("that kind of field access")),
                AccessExpr::Subscript(Subscript::Index { index }) => {
                    self.subscript(index, scope, place)?;
                    match typed.ty {
                        Type::Array(element) => Typed { ty: *element, literal: false, source: typed.source, parameters: Vec::new() },
                        Type::Unknown => Typed::of(Type::Unknown),
                        other => return Err(mismatch("[]", &other, &*index)),
                    }
                }
                AccessExpr::Subscript(Subscript::Slice { lower_bound: _, upper_bound: _, stride: _ }) => {
                    return Err(SqlError::unsupported("an array slice"));
                }
            };
        }
        Ok(typed)
    }

    /// `[0]`, `[OFFSET(0)]`, `[SAFE_ORDINAL(1)]`: the words exist only here.
    /// Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/operators#array_subscript_operator>
    pub(super) fn subscript(&mut self, index: &mut Expr, scope: &Scope<'_>, place: Place) -> Result<(), SqlError> {
        let position = match index {
            Expr::Function(function) => match super::call::subscript_argument(function) {
                Some(position) => position,
                None => index,
            },
            other => other,
        };
        let typed = self.expr(position, scope, place)?;
        if Class::Int.refuses(&typed.ty, typed.literal) { Err(mismatch("[]", &typed.ty, &*position)) } else { Ok(()) }
    }

    pub(super) fn in_unnest(&mut self, expr: &mut Expr, array: &mut Expr, scope: &Scope<'_>, place: Place) -> Result<Typed, SqlError> {
        let value = self.expr(expr, scope, place)?;
        let list = self.expr(array, scope, place)?;
        let element = match &list.ty {
            Type::Array(element) => Typed { ty: (**element).clone(), parameters: Vec::new(), ..list.clone() },
            Type::Unknown => Typed { ty: Type::Unknown, parameters: Vec::new(), ..list.clone() },
            other => return Err(mismatch("IN UNNEST", other, &*array)),
        };
        self.compare(&Typed { parameters: Vec::new(), ..value.clone() }, &element, "IN UNNEST", expr)?;
        self.note(&value.parameters, ParameterContext::InUnnest, list.source.as_ref(), &element.ty);
        self.note(&list.parameters, ParameterContext::Compared, value.source.as_ref(), &value.ty);
        Ok(Typed::of(Type::BOOL))
    }

    pub(super) fn structure(
        &mut self,
        values: &mut [Expr],
        fields: &mut [StructField],
        scope: &Scope<'_>,
        place: Place,
    ) -> Result<Typed, SqlError> {
        let mut types = Vec::with_capacity(values.len());
        for value in values.iter_mut() {
            match value {
                Expr::Named { expr, name } => {
                    let typed = self.expr(expr, scope, place)?;
                    self.name(name)?;
                    types.push((Some(name.value.clone()), typed.ty));
                }
                value => {
                    let typed = self.expr(value, scope, place)?;
                    types.push((super::select::implicit_alias(value), typed.ty));
                }
            }
        }
        if fields.is_empty() {
            return Ok(Typed::of(Type::Struct(types)));
        }
        if fields.len() != values.len() {
            return Err(SqlError::ColumnCount { place: "STRUCT", expected: fields.len(), found: values.len() });
        }
        let mut declared = Vec::with_capacity(fields.len());
        for StructField { field_name, field_type, options } in fields {
            refuse(options.is_some(), "options on a STRUCT field")?;
            if let Some(name) = field_name {
                self.name(name)?;
            }
            declared.push((field_name.as_ref().map(|name| name.value.clone()), of_data_type(field_type)?));
        }
        Ok(Typed::of(Type::Struct(declared)))
    }

    /// `ARRAY(SELECT ...)`.
    pub(super) fn array_subquery(&mut self, query: &mut Query, scope: &Scope<'_>) -> Result<Typed, SqlError> {
        let field = self.subquery_column(query, scope, "ARRAY(SELECT ...)")?;
        Ok(Typed::of(Type::Array(Box::new(field.ty))))
    }
}

pub(super) fn struct_field(typed: Typed, name: &Ident) -> Result<Typed, SqlError> {
    match &typed.ty {
        Type::Unknown => Ok(Typed::of(Type::Unknown)),
        Type::Struct(fields) => {
            let mut named = fields.iter().filter(|(own, _)| own.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(&name.value)));
            match named.next() {
                Some((_, ty)) => Ok(Typed::of(ty.clone())),
                None => Err(SqlError::UnknownColumn {
                    table: None,
                    column: name.value.clone(),
                    candidates: closest(&name.value, fields.iter().filter_map(|(own, _)| own.as_deref())),
                    at: Position::of(name),
                }),
            }
        }
        other => Err(SqlError::TypeMismatch { operation: format!(".{}", name.value), found: other.to_string(), at: Position::of(name) }),
    }
}
