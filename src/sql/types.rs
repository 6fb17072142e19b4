//! GoogleSQL types as far as they are certain without running anything. `Unknown` fits everywhere: a doubt is never an error here,
//! the warehouse's dry run has the last word.
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/conversion_rules>

use std::fmt;

use sqlparser::ast::{ArrayElemTypeDef, DataType, StructBracketKind, TimezoneInfo, Value};

use super::error::SqlError;
use crate::catalog::{Column, ColumnType, Mode};

/// The type of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Type {
    Unknown,
    Scalar(ColumnType),
    Array(Box<Type>),
    Struct(Vec<(Option<String>, Type)>),
}

impl Type {
    pub(super) const STRING: Self = Self::Scalar(ColumnType::String);
    pub(super) const INT64: Self = Self::Scalar(ColumnType::Int64);
    pub(super) const FLOAT64: Self = Self::Scalar(ColumnType::Float64);
    pub(super) const BOOL: Self = Self::Scalar(ColumnType::Bool);

    pub(super) fn of_column(column: &Column) -> Self {
        let element = match column.column_type {
            ColumnType::Struct => {
                Self::Struct(column.fields.iter().map(|field| (Some(field.name.clone()), Self::of_column(field))).collect())
            }
            scalar => Self::Scalar(scalar),
        };
        if column.mode == Mode::Repeated { Self::Array(Box::new(element)) } else { element }
    }

    /// The type of one element; `Unknown` where that is not certain.
    pub(super) fn element(&self) -> Self {
        match self {
            Self::Array(element) => (**element).clone(),
            _ => Self::Unknown,
        }
    }

    pub(super) fn scalar(&self) -> Option<ColumnType> {
        match self {
            Self::Scalar(scalar) => Some(*scalar),
            _ => None,
        }
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(self, Self::Scalar(ColumnType::Int64 | ColumnType::Float64 | ColumnType::Numeric | ColumnType::Bignumeric))
    }

    fn is_temporal(&self) -> bool {
        matches!(self, Self::Scalar(ColumnType::Date | ColumnType::Datetime | ColumnType::Time | ColumnType::Timestamp))
    }

    /// The type both branches of an expression have; `Unknown` unless it is plain.
    pub(super) fn common(self, other: Self) -> Self {
        match (self, other) {
            (left, right) if left == right => left,
            (Self::Unknown, known) | (known, Self::Unknown) => known,
            (left, right) if left.is_number() && right.is_number() => match (left.scalar(), right.scalar()) {
                (Some(ColumnType::Float64), _) | (_, Some(ColumnType::Float64)) => Self::FLOAT64,
                _ => Self::Unknown,
            },
            _ => Self::Unknown,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("an unknown type"),
            Self::Scalar(scalar) => f.write_str(scalar.name()),
            Self::Array(element) => write!(f, "ARRAY<{element}>"),
            Self::Struct(_) => f.write_str("STRUCT"),
        }
    }
}

/// Whether two operands certainly cannot be compared. A literal or a parameter of STRING becomes a date or time where one is wanted.
pub(super) fn incomparable(left: (&Type, bool), right: (&Type, bool)) -> bool {
    match (left.0, right.0) {
        (Type::Unknown, _) | (_, Type::Unknown) => false,
        (Type::Struct(_), Type::Struct(_)) => false,
        (Type::Array(left), Type::Array(right)) => incomparable((left, false), (right, false)),
        (Type::Scalar(a), Type::Scalar(b)) => {
            let numbers = left.0.is_number() && right.0.is_number();
            let date_and_datetime = matches!((a, b), (ColumnType::Date, ColumnType::Datetime) | (ColumnType::Datetime, ColumnType::Date));
            let coerced = (left.1 && *a == ColumnType::String && right.0.is_temporal())
                || (right.1 && *b == ColumnType::String && left.0.is_temporal());
            a != b && !numbers && !date_and_datetime && !coerced && !is_opaque(*a) && !is_opaque(*b)
        }
        _ => true,
    }
}

fn is_opaque(scalar: ColumnType) -> bool {
    matches!(
        scalar,
        ColumnType::Json | ColumnType::Geography | ColumnType::Interval | ColumnType::Range | ColumnType::Struct | ColumnType::Bytes
    )
}

/// What an argument of a function may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Any,
    Number,
    Int,
    Text,
    Bool,
    Temporal,
    Array,
    /// A date part such as MONTH or WEEK(MONDAY), which is no expression.
    Part,
}

impl Class {
    /// Whether a value certainly does not fit.
    pub(super) fn refuses(self, ty: &Type, literal: bool) -> bool {
        match (self, ty) {
            (Self::Any | Self::Part, _) | (_, Type::Unknown) => false,
            (Self::Array, ty) => !matches!(ty, Type::Array(_)),
            (_, Type::Array(_) | Type::Struct(_)) => true,
            (_, Type::Scalar(scalar)) if is_opaque(*scalar) => false,
            (Self::Number, ty) => !ty.is_number(),
            (Self::Int, ty) => *ty != Type::INT64 && !matches!(ty.scalar(), Some(ColumnType::Numeric | ColumnType::Bignumeric)),
            (Self::Text, ty) => *ty != Type::STRING,
            (Self::Bool, ty) => *ty != Type::BOOL,
            (Self::Temporal, ty) => !(ty.is_temporal() || literal && *ty == Type::STRING),
        }
    }
}

/// The type that a CAST or a typed literal names. Types of other dialects are refused.
pub(super) fn of_data_type(data_type: &DataType) -> Result<Type, SqlError> {
    let scalar = match data_type {
        DataType::Int64
        | DataType::Integer(None)
        | DataType::Int(None)
        | DataType::BigInt(None)
        | DataType::SmallInt(None)
        | DataType::TinyInt(None) => ColumnType::Int64,
        DataType::Float64 => ColumnType::Float64,
        DataType::String(_) => ColumnType::String,
        DataType::Bool | DataType::Boolean => ColumnType::Bool,
        DataType::Date => ColumnType::Date,
        DataType::Datetime(None) => ColumnType::Datetime,
        DataType::Time(None, TimezoneInfo::None) => ColumnType::Time,
        DataType::Timestamp(None, TimezoneInfo::None) => ColumnType::Timestamp,
        DataType::Numeric(_) | DataType::Decimal(_) => ColumnType::Numeric,
        DataType::BigNumeric(_) | DataType::BigDecimal(_) => ColumnType::Bignumeric,
        DataType::Array(ArrayElemTypeDef::AngleBracket(element)) => return Ok(Type::Array(Box::new(of_data_type(element)?))),
        DataType::Struct(fields, StructBracketKind::AngleBrackets) => {
            let mut types = Vec::with_capacity(fields.len());
            for field in fields {
                if field.options.is_some() {
                    return Err(SqlError::unsupported("options on a STRUCT field"));
                }
                types.push((field.field_name.as_ref().map(|name| name.value.clone()), of_data_type(&field.field_type)?));
            }
            return Ok(Type::Struct(types));
        }
        other => return Err(SqlError::unsupported(format!("type {other}"))),
    };
    Ok(Type::Scalar(scalar))
}

/// The type of a literal. Literals were made canonical before, so that only these kinds are left.
pub(super) fn of_literal(value: &Value) -> Result<Type, SqlError> {
    match value {
        Value::Number(text, false) => Ok(if text.contains(['.', 'e', 'E']) { Type::FLOAT64 } else { Type::INT64 }),
        Value::SingleQuotedString(_) => Ok(Type::STRING),
        Value::Boolean(_) => Ok(Type::BOOL),
        Value::Null => Ok(Type::Unknown),
        other => Err(SqlError::unsupported(format!("literal {other}"))),
    }
}
