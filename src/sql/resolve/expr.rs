//! Expressions: every variant that sqlparser knows is named here, and either resolved or refused.

use sqlparser::ast::{Array, CaseWhen, CastKind, CeilFloorKind, DateTimeField, Expr, ExtractSyntax, Ident, TypedString, Value};

use super::super::error::SqlError;
use super::super::query::ColumnRef;
use super::super::scope::{Field, Scope};
use super::super::types::{Class, Type, of_data_type, of_literal};
use super::composite::struct_field;
use super::{Clause, Place, Resolver, mismatch, refuse};

/// What is known of an expression.
#[derive(Debug, Clone)]
pub(super) struct Typed {
    pub(super) ty: Type,
    /// A literal or a parameter: BigQuery coerces those.
    pub(super) literal: bool,
    pub(super) source: Option<Source>,
    /// Parameters whose value this is; and whether arithmetic was done on it.
    pub(super) parameters: Vec<(String, bool)>,
}

/// The column that a value comes from.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub(super) column: ColumnRef,
    /// The outermost function that changed it.
    pub(super) through: Option<String>,
}

impl Typed {
    pub(super) fn of(ty: Type) -> Self {
        Self { ty, literal: false, source: None, parameters: Vec::new() }
    }

    fn literal(ty: Type) -> Self {
        Self { literal: true, ..Self::of(ty) }
    }

    pub(super) fn arithmetic(ty: Type, left: Self, right: Self) -> Self {
        let literal = left.literal && right.literal;
        let parameters = left.parameters.into_iter().chain(right.parameters).map(|(name, _)| (name, true)).collect();
        let source = left.source.or(right.source);
        Self { ty, literal, source, parameters }
    }

    pub(super) fn through(mut self, function: &str) -> Self {
        if let Some(source) = &mut self.source {
            source.through = Some(function.to_owned());
        }
        self
    }

    pub(super) fn into_field(self, name: Option<String>) -> Field {
        let origin = self.source.filter(|source| source.through.is_none()).map(|source| source.column);
        Field { name, ty: self.ty, origin }
    }
}

impl From<Field> for Typed {
    fn from(field: Field) -> Self {
        let source = field.origin.map(|column| Source { column, through: None });
        Self { ty: field.ty, literal: false, source, parameters: Vec::new() }
    }
}

/// What one level of nesting may take of the stack, and how much is added where less is left.
const RED_ZONE: usize = 256 * 1024;
const MORE_STACK: usize = 4 * 1024 * 1024;

impl Resolver<'_> {
    /// Resolves an expression, however deep it is nested: `MAX_DEPTH` levels are more than the stack of a thread holds without optimisation.
    pub(super) fn expr(&mut self, expr: &mut Expr, scope: &Scope<'_>, place: Place) -> Result<Typed, SqlError> {
        stacker::maybe_grow(RED_ZONE, MORE_STACK, || self.level(expr, scope, place))
    }

    fn level(&mut self, expr: &mut Expr, scope: &Scope<'_>, place: Place) -> Result<Typed, SqlError> {
        match expr {
            Expr::Identifier(ident) if ident.quote_style.is_none() && ident.value.starts_with('@') => self.parameter(ident),
            Expr::Identifier(ident) => {
                self.name(ident)?;
                self.path(std::slice::from_ref(ident), scope, place)
            }
            Expr::CompoundIdentifier(path) => {
                path.iter_mut().try_for_each(|ident| self.name(ident))?;
                self.path(path, scope, place)
            }
            Expr::CompoundFieldAccess { root, access_chain } => self.access(root, access_chain, scope, place),
            Expr::Value(value) => match &value.value {
                Value::Placeholder(name) if name.starts_with('@') => {
                    let ident = Ident { value: name.clone(), quote_style: None, span: value.span };
                    let typed = self.parameter(&ident)?;
                    *expr = Expr::Identifier(ident);
                    Ok(typed)
                }
                Value::Placeholder(name) => Err(SqlError::unsupported(format!("positional parameter {name}"))),
                literal => Ok(Typed::literal(of_literal(literal)?)),
            },
            Expr::TypedString(TypedString { data_type, value, uses_odbc_syntax }) => {
                refuse(*uses_odbc_syntax, "ODBC syntax")?;
                refuse(!matches!(value.value, Value::SingleQuotedString(_)), "a typed literal that is no string")?;
                Ok(Typed::of(of_data_type(data_type)?))
            }
            Expr::Interval(interval) => self.interval(interval, scope, place),
            Expr::Nested(inner) => self.expr(inner, scope, place),
            Expr::BinaryOp { left, op, right } => self.binary((left, op, right), scope, place),
            Expr::UnaryOp { op, expr } => self.unary(*op, expr, scope, place),
            Expr::IsFalse(inner) | Expr::IsNotFalse(inner) | Expr::IsTrue(inner) | Expr::IsNotTrue(inner) => {
                let typed = self.expr(inner, scope, place)?;
                if Class::Bool.refuses(&typed.ty, typed.literal) {
                    return Err(mismatch("IS TRUE or IS FALSE", &typed.ty, &**inner));
                }
                Ok(Typed::of(Type::BOOL))
            }
            Expr::IsNull(inner) | Expr::IsNotNull(inner) | Expr::IsUnknown(inner) | Expr::IsNotUnknown(inner) => {
                self.expr(inner, scope, place)?;
                Ok(Typed::of(Type::BOOL))
            }
            Expr::IsDistinctFrom(left, right) | Expr::IsNotDistinctFrom(left, right) => {
                let (one, other) = (self.expr(left, scope, place)?, self.expr(right, scope, place)?);
                self.compare(&one, &other, "IS DISTINCT FROM", right)?;
                Ok(Typed::of(Type::BOOL))
            }
            Expr::Between { expr, negated: _, low, high } => {
                let typed = self.expr(expr, scope, place)?;
                for bound in [low, high] {
                    let other = self.expr(bound, scope, place)?;
                    self.compare(&typed, &other, "BETWEEN", bound)?;
                }
                Ok(Typed::of(Type::BOOL))
            }
            Expr::InList { expr, list, negated: _ } => {
                refuse(list.is_empty(), "IN ()")?;
                let typed = self.expr(expr, scope, place)?;
                for item in list {
                    let other = self.expr(item, scope, place)?;
                    self.compare(&typed, &other, "IN", item)?;
                }
                Ok(Typed::of(Type::BOOL))
            }
            Expr::InSubquery { expr, subquery, negated: _ } => {
                let typed = self.expr(expr, scope, place)?;
                let other = self.subquery_column(subquery, scope, "a subquery of IN")?.into();
                self.compare(&typed, &other, "IN", expr)?;
                Ok(Typed::of(Type::BOOL))
            }
            Expr::InUnnest { expr, array_expr, negated: _ } => self.in_unnest(expr, array_expr, scope, place),
            Expr::Like { negated: _, any, expr, pattern, escape_char } => {
                refuse(escape_char.is_some(), "LIKE ... ESCAPE")?;
                let typed = self.expr(expr, scope, place)?;
                let patterns = match &mut **pattern {
                    Expr::Tuple(patterns) if *any => patterns.as_mut_slice(),
                    Expr::Nested(inner) if *any => std::slice::from_mut(&mut **inner),
                    _ if *any => return Err(SqlError::unsupported("LIKE ANY of that form")),
                    single => std::slice::from_mut(single),
                };
                for pattern in patterns {
                    let other = self.expr(pattern, scope, place)?;
                    for (side, of) in [(&typed, &**expr), (&other, &*pattern)] {
                        if Class::Text.refuses(&side.ty, side.literal) {
                            return Err(mismatch("LIKE", &side.ty, of));
                        }
                    }
                    self.compare(&typed, &other, "LIKE", pattern)?;
                }
                Ok(Typed::of(Type::BOOL))
            }
            Expr::Cast { kind, expr, data_type, array, format } => {
                refuse(*array, "CAST ... ARRAY")?;
                refuse(!matches!(kind, CastKind::Cast | CastKind::SafeCast), "that form of CAST")?;
                refuse(format.is_some(), "CAST ... FORMAT")?;
                let ty = of_data_type(data_type)?;
                let inner = self.expr(expr, scope, place)?;
                let unchanged = inner.ty == ty;
                let typed = Typed { ty, literal: false, ..inner };
                Ok(if unchanged { typed } else { typed.through("CAST") })
            }
            Expr::Extract { field, syntax, expr } => {
                refuse(*syntax != ExtractSyntax::From, "EXTRACT with a comma")?;
                self.extract(field, expr, scope, place)
            }
            Expr::Ceil { expr, field } | Expr::Floor { expr, field } => {
                refuse(!matches!(field, CeilFloorKind::DateTimeField(DateTimeField::NoDateTime)), "CEIL or FLOOR with a second argument")?;
                let typed = self.expr(expr, scope, place)?;
                if Class::Number.refuses(&typed.ty, typed.literal) {
                    return Err(mismatch("CEIL or FLOOR", &typed.ty, &**expr));
                }
                let ty = if typed.ty == Type::INT64 { Type::FLOAT64 } else { typed.ty.clone() };
                Ok(Typed { ty, parameters: Vec::new(), ..typed }.through("FLOOR"))
            }
            Expr::Substring { expr, substring_from, substring_for, special, shorthand: _ } => {
                refuse(!*special, "SUBSTRING ... FROM")?;
                let typed = self.expr(expr, scope, place)?;
                if Class::Text.refuses(&typed.ty, typed.literal) {
                    return Err(mismatch("SUBSTR", &typed.ty, &**expr));
                }
                for bound in [substring_from, substring_for].into_iter().flatten() {
                    let typed = self.expr(bound, scope, place)?;
                    if Class::Int.refuses(&typed.ty, typed.literal) {
                        return Err(mismatch("SUBSTR", &typed.ty, &**bound));
                    }
                }
                Ok(Typed { ty: Type::STRING, parameters: Vec::new(), ..typed }.through("SUBSTR"))
            }
            Expr::Trim { trim_where, trim_what, expr, trim_characters } => {
                refuse(trim_where.is_some() || trim_what.is_some(), "TRIM ... FROM")?;
                let typed = self.expr(expr, scope, place)?;
                for argument in trim_characters.iter_mut().flatten() {
                    self.expr(argument, scope, place)?;
                }
                if Class::Text.refuses(&typed.ty, typed.literal) {
                    return Err(mismatch("TRIM", &typed.ty, &**expr));
                }
                Ok(typed)
            }
            Expr::Case { case_token: _, end_token: _, operand, conditions, else_result } => {
                let operand = operand.as_deref_mut().map(|operand| self.expr(operand, scope, place)).transpose()?;
                let mut ty = None;
                for CaseWhen { condition, result } in conditions {
                    let when = self.expr(condition, scope, place)?;
                    match &operand {
                        Some(operand) => self.compare(operand, &when, "CASE", condition)?,
                        None if Class::Bool.refuses(&when.ty, when.literal) => return Err(mismatch("CASE WHEN", &when.ty, condition)),
                        None => {}
                    }
                    let then = self.expr(result, scope, place)?.ty;
                    ty = Some(ty.map_or_else(|| then.clone(), |ty: Type| ty.common(then.clone())));
                }
                if let Some(result) = else_result {
                    let otherwise = self.expr(result, scope, place)?.ty;
                    ty = ty.map(|ty| ty.common(otherwise));
                }
                Ok(Typed::of(ty.unwrap_or(Type::Unknown)))
            }
            Expr::Exists { subquery, negated: _ } => {
                self.query(subquery, Some(scope))?;
                Ok(Typed::of(Type::BOOL))
            }
            Expr::Subquery(subquery) => Ok(self.subquery_column(subquery, scope, "a subquery used as a value")?.into()),
            Expr::Tuple(values) => {
                let types =
                    values.iter_mut().map(|value| Ok((None, self.expr(value, scope, place)?.ty))).collect::<Result<_, SqlError>>()?;
                Ok(Typed::of(Type::Struct(types)))
            }
            Expr::Struct { values, fields } => self.structure(values, fields, scope, place),
            Expr::Array(Array { elem, named: _ }) => {
                let mut element: Option<Typed> = None;
                for value in elem {
                    let typed = self.expr(value, scope, place)?;
                    if matches!(typed.ty, Type::Array(_)) {
                        return Err(mismatch("ARRAY", &typed.ty, value));
                    }
                    if let Some(first) = &element {
                        self.compare(first, &typed, "ARRAY", value)?;
                    }
                    element = Some(match element {
                        Some(first) => Typed::of(first.ty.common(typed.ty)),
                        None => typed,
                    });
                }
                let ty = element.map_or(Type::Unknown, |typed| typed.ty);
                Ok(Typed::of(Type::Array(Box::new(ty))))
            }
            Expr::Function(function) => self.call(function, scope, place),
            Expr::AtTimeZone { timestamp: _, time_zone: _ } => Err(SqlError::unsupported("AT TIME ZONE outside EXTRACT")),
            Expr::GroupingSets(_) | Expr::Cube(_) | Expr::Rollup(_) => {
                Err(SqlError::unsupported("GROUPING SETS, CUBE or ROLLUP inside an expression"))
            }
            Expr::Wildcard(_) | Expr::QualifiedWildcard(_, _) => Err(SqlError::unsupported("* inside an expression")),
            Expr::JsonAccess { value: _, path: _ } => Err(SqlError::unsupported("a JSON path")),
            Expr::IsNormalized { expr: _, form: _, negated: _ } => Err(SqlError::unsupported("IS NORMALIZED")),
            Expr::ILike { .. } => Err(SqlError::unsupported("ILIKE")),
            Expr::SimilarTo { .. } => Err(SqlError::unsupported("SIMILAR TO")),
            Expr::RLike { .. } => Err(SqlError::unsupported("RLIKE")),
            Expr::AnyOp { .. } | Expr::AllOp { .. } => Err(SqlError::unsupported("ANY or ALL of a subquery")),
            Expr::Convert { .. } => Err(SqlError::unsupported("CONVERT")),
            Expr::Position { .. } => Err(SqlError::unsupported("POSITION")),
            Expr::Overlay { .. } => Err(SqlError::unsupported("OVERLAY")),
            Expr::Collate { .. } => Err(SqlError::unsupported("COLLATE")),
            Expr::Prefixed { .. } => Err(SqlError::unsupported("a prefixed literal")),
            Expr::Named { expr: _, name: _ } => Err(SqlError::unsupported("a name inside an expression")),
            Expr::Dictionary(_) | Expr::Map(_) => Err(SqlError::unsupported("a map")),
            Expr::MatchAgainst { .. } => Err(SqlError::unsupported("MATCH AGAINST")),
            Expr::OuterJoin(_) => Err(SqlError::unsupported("(+)")),
            Expr::Prior(_) => Err(SqlError::unsupported("PRIOR")),
            Expr::Lambda(_) => Err(SqlError::unsupported("a lambda")),
            Expr::MemberOf(_) => Err(SqlError::unsupported("MEMBER OF")),
        }
    }

    /// A name, plain or dotted.
    pub(super) fn path(&mut self, path: &[Ident], scope: &Scope<'_>, place: Place) -> Result<Typed, SqlError> {
        let with_aliases =
            !place.in_aggregate && matches!(place.clause, Clause::GroupBy | Clause::Having | Clause::Qualify | Clause::OrderBy);
        let (field, used) = scope.find(path, with_aliases)?;
        self.columns.extend(field.origin.clone());
        let mut typed = Typed::from(field);
        for ident in &path[used..] {
            typed = struct_field(typed, ident)?;
        }
        Ok(typed)
    }
}
