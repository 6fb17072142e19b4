//! INTERVAL and EXTRACT, whose units are words of their own.
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/date_functions>

use sqlparser::ast::{DateTimeField, Expr, Interval};

use super::super::error::SqlError;
use super::super::query::ParameterContext;
use super::super::scope::Scope;
use super::super::types::{Class, Type};
use super::expr::Typed;
use super::{Place, Resolver, mismatch, refuse};
use crate::catalog::ColumnType;

impl Resolver<'_> {
    pub(super) fn interval(&mut self, interval: &mut Interval, scope: &Scope<'_>, place: Place) -> Result<Typed, SqlError> {
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

    pub(super) fn extract(
        &mut self,
        field: &mut DateTimeField,
        expr: &mut Expr,
        scope: &Scope<'_>,
        place: Place,
    ) -> Result<Typed, SqlError> {
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
        Ok(Typed { ty, literal: false, parameters: Vec::new(), ..typed }.through(&format!("EXTRACT({field})")))
    }
}
