//! Expressions: every variant that sqlparser knows is named here, and either resolved or refused.

use sqlparser::ast::{
    AccessExpr, Array, CaseWhen, CastKind, CeilFloorKind, DateTimeField, Expr, ExtractSyntax, Ident, Interval, Query, Subscript,
    TypedString, Value,
};

use super::super::error::{Position, SqlError, closest};
use super::super::query::{ColumnRef, ParameterContext};
use super::super::scope::{Field, Scope};
use super::super::types::{Class, Type, of_data_type, of_literal};
use super::{Clause, Place, Resolver, mismatch, refuse};
use crate::catalog::ColumnType;

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

impl Resolver<'_> {
    pub(super) fn expr(&mut self, expr: &mut Expr, scope: &Scope<'_>, place: Place) -> Result<Typed, SqlError> {
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

    fn access(&mut self, root: &mut Expr, chain: &mut [AccessExpr], scope: &Scope<'_>, place: Place) -> Result<Typed, SqlError> {
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
    fn subscript(&mut self, index: &mut Expr, scope: &Scope<'_>, place: Place) -> Result<(), SqlError> {
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

    fn in_unnest(&mut self, expr: &mut Expr, array: &mut Expr, scope: &Scope<'_>, place: Place) -> Result<Typed, SqlError> {
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

    fn interval(&mut self, interval: &mut Interval, scope: &Scope<'_>, place: Place) -> Result<Typed, SqlError> {
        let Interval { value, leading_field, leading_precision, last_field, fractional_seconds_precision } = interval;
        refuse(leading_precision.is_some() || fractional_seconds_precision.is_some(), "the precision of an INTERVAL")?;
        let Some(field) = leading_field else { return Err(SqlError::unsupported("INTERVAL without a unit")) };
        for field in std::iter::once(&*field).chain(last_field.as_ref()) {
            let allowed = matches!(
                field,
                DateTimeField::Year
                    | DateTimeField::Quarter
                    | DateTimeField::Month
                    | DateTimeField::Week(None)
                    | DateTimeField::Day
                    | DateTimeField::Hour
                    | DateTimeField::Minute
                    | DateTimeField::Second
                    | DateTimeField::Millisecond
                    | DateTimeField::Microsecond
            );
            refuse(!allowed, &format!("INTERVAL {field}"))?;
        }
        let typed = self.expr(value, scope, place)?;
        let ranged = last_field.is_some();
        if !ranged && Class::Int.refuses(&typed.ty, typed.literal) || ranged && Class::Text.refuses(&typed.ty, typed.literal) {
            return Err(mismatch("INTERVAL", &typed.ty, &**value));
        }
        self.note(&typed.parameters, ParameterContext::Interval, None, &Type::INT64);
        Ok(Typed::of(Type::Scalar(ColumnType::Interval)))
    }

    fn extract(&mut self, field: &mut DateTimeField, expr: &mut Expr, scope: &Scope<'_>, place: Place) -> Result<Typed, SqlError> {
        let ty = match field {
            DateTimeField::Year
            | DateTimeField::Month
            | DateTimeField::Week(None)
            | DateTimeField::Day
            | DateTimeField::DayOfWeek
            | DateTimeField::DayOfYear
            | DateTimeField::Hour
            | DateTimeField::Minute
            | DateTimeField::Second
            | DateTimeField::Millisecond
            | DateTimeField::Microsecond
            | DateTimeField::Quarter
            | DateTimeField::Isoyear
            | DateTimeField::IsoWeek => Type::INT64,
            DateTimeField::Week(Some(day)) if super::call::is_weekday(&day.value) => Type::INT64,
            DateTimeField::Date => Type::Scalar(ColumnType::Date),
            DateTimeField::Datetime => Type::Scalar(ColumnType::Datetime),
            DateTimeField::Time => Type::Scalar(ColumnType::Time),
            other => return Err(SqlError::unsupported(format!("EXTRACT({other})"))),
        };
        let (inner, zone) = match expr {
            Expr::AtTimeZone { timestamp, time_zone } => (&mut **timestamp, Some(&mut **time_zone)),
            plain => (plain, None),
        };
        let typed = self.expr(inner, scope, place)?;
        if Class::Temporal.refuses(&typed.ty, false) {
            return Err(mismatch("EXTRACT", &typed.ty, &*inner));
        }
        if let Some(zone) = zone {
            let typed = self.expr(zone, scope, place)?;
            if Class::Text.refuses(&typed.ty, typed.literal) {
                return Err(mismatch("AT TIME ZONE", &typed.ty, &*zone));
            }
        }
        Ok(Typed { ty, literal: false, parameters: Vec::new(), ..typed }.through("EXTRACT"))
    }

    fn structure(
        &mut self,
        values: &mut [Expr],
        fields: &mut [sqlparser::ast::StructField],
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
        for sqlparser::ast::StructField { field_name, field_type, options } in fields {
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

fn struct_field(typed: Typed, name: &Ident) -> Result<Typed, SqlError> {
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
