//! Rows on their way into columns: what may be assigned is, what may not is refused.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/conversion_rules#coercion>

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Column, Result, ScalarValue};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, ScalarUDF, cast, lit};

use super::error::invalid;
use super::functions::registered_name;
use super::functions::udf::{plain, unify};
use super::planned::planned;
use super::types::{arrow_schema, sql_type_name};
use crate::schema::{Field, Mode, TableSchema};

/// A plan whose columns have the types of the fields that they go to; `None` for a column that goes nowhere.
pub(super) fn assigned(plan: LogicalPlan, wanted: &[Option<Field>], functions: &HashMap<String, Arc<ScalarUDF>>) -> Result<LogicalPlan> {
    if wanted.is_empty() {
        return Ok(plan);
    }
    let given = plan.schema().columns();
    if given.len() != wanted.len() {
        return Err(invalid(format!("Inserted row has wrong column count; Has {}, expected {}", given.len(), wanted.len())));
    }
    let types: Vec<DataType> = plan.schema().fields().iter().map(|f| f.data_type().clone()).collect();
    let columns = given.into_iter().zip(types).zip(wanted).enumerate().map(|(i, ((column, data_type), field))| {
        let expr = match field {
            Some(field) => assign(column, &data_type, field, functions)?,
            None => Expr::Column(column),
        };
        Ok(expr.alias(format!("$a{i}")))
    });
    LogicalPlanBuilder::from(plan).project(columns.collect::<Result<Vec<_>>>()?)?.build()
}

fn assign(column: Column, given: &DataType, field: &Field, functions: &HashMap<String, Arc<ScalarUDF>>) -> Result<Expr> {
    let schema = arrow_schema(&TableSchema { fields: vec![field.clone()] });
    let target = planned(schema.field(0));
    let given = plain(given);
    let value = Expr::Column(column);
    if given == target {
        return Ok(value);
    }
    // An empty ARRAY or NULL fits every ARRAY; STRUCTs meet by place.
    let fits = given == DataType::Null
        || (given != DataType::Utf8 && unify(&given, &target).is_some_and(|common| same_shape(&common, &target)))
        || matches!((&given, &target), (DataType::List(item), DataType::List(_)) if *item.data_type() == DataType::Null);
    if !fits {
        return Err(invalid(format!(
            "Value has type {} which cannot be inserted into column {}, which has type {}",
            sql_type_name(&given),
            field.name,
            sql_type_name(&target)
        )));
    }
    if has_fields(&given) {
        let function = functions.get(&registered_name("$LOADED", false)).ok_or_else(|| invalid("internal: $LOADED is not registered"))?;
        let like = Expr::Literal(ScalarValue::try_from(&target)?, None);
        return Ok(function.call(vec![value, like]));
    }
    if field.mode == Mode::Repeated || !field.fields.is_empty() || given == DataType::Null {
        return Ok(cast(value, target));
    }
    let function = functions.get(&registered_name("$CAST", false)).ok_or_else(|| invalid("internal: $CAST is not registered"))?;
    Ok(function.call(vec![value, lit(field.field_type.sql_name())]))
}

/// Whether a type is a STRUCT or an ARRAY of them, whose fields DataFusion's cast takes by name.
fn has_fields(data_type: &DataType) -> bool {
    match data_type {
        DataType::List(item) => has_fields(item.data_type()),
        other => matches!(other, DataType::Struct(_)),
    }
}

/// Whether two types differ in nothing but names of fields.
pub(super) fn same_shape(a: &DataType, b: &DataType) -> bool {
    match (a, b) {
        (DataType::List(x), DataType::List(y)) => same_shape(x.data_type(), y.data_type()),
        (DataType::Struct(x), DataType::Struct(y)) => {
            x.len() == y.len() && x.iter().zip(y).all(|(x, y)| same_shape(x.data_type(), y.data_type()))
        }
        _ => a == b,
    }
}
