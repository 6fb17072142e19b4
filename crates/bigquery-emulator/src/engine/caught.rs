//! IFERROR, NULLIFERROR and ISERROR: errors of an expression, row by row.
//!
//! DataFusion computes a function's arguments before the function, for whole batches, and an error ends the query. So the planned
//! expression becomes a function of the columns that it reads, which computes it inside, where an error is only a result: first
//! for the whole batch, then for its halves, until the rows that fail are found.
//!
//! Source: <https://github.com/google/googlesql/blob/master/docs/debugging_functions.md>

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, BooleanArray, RecordBatch, RecordBatchOptions, new_empty_array};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, DataFusionError, ExprSchema, Result, ScalarValue};
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ExprSchemable, LogicalPlan, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
    cast,
};
use datafusion::physical_expr::PhysicalExpr;

use super::error::{invalid, refused};
use super::functions::registered_name;
use super::functions::udf::{plain, unify};

/// The functions that stand in a plan until [`catch_errors`] has been at it.
pub(super) const CATCHING: [&str; 2] = ["$IFERROR", "$ISERROR"];

/// A plan in which errors are caught where the query says so.
pub(super) fn catch_errors(plan: LogicalPlan, state: &SessionState) -> Result<LogicalPlan> {
    let changed = plan.transform_up_with_subqueries(|node| {
        let mut schema = DFSchema::empty();
        for input in node.inputs() {
            schema.merge(input.schema());
        }
        let names = NamePreserver::new(&node);
        let changed = node.map_expressions(|expr| {
            let saved = names.save(&expr);
            let changed = expr.transform_up(|e| caught(e, &schema, state))?;
            Ok(changed.update_data(|e| saved.restore(e)))
        })?;
        if changed.transformed { changed.map_data(LogicalPlan::recompute_schema) } else { Ok(changed) }
    })?;
    Ok(changed.data)
}

fn caught(expr: Expr, schema: &DFSchema, state: &SessionState) -> Result<Transformed<Expr>> {
    let Expr::ScalarFunction(ScalarFunction { func, args }) = &expr else {
        return Ok(Transformed::no(expr));
    };
    let Some(name) = CATCHING.into_iter().find(|name| func.name() == registered_name(name, false)) else {
        return Ok(Transformed::no(expr));
    };
    let mut inputs = Inputs::default();
    let tried = inputs.inside(args[0].clone(), schema)?;
    let data_type = expr.get_type(schema)?;
    let (tried, other) = match args.get(1) {
        Some(other) if name == "$IFERROR" => {
            let other = inputs.inside(other.clone(), schema)?;
            (cast(tried, data_type.clone()), Some(cast(other, data_type.clone())))
        }
        _ => (tried, None),
    };
    let inside = DFSchema::from_unqualified_fields(inputs.fields.into(), HashMap::new())?;
    let compiled = |e: &Expr| state.create_physical_expr(e.clone(), &inside);
    let volatile = tried.is_volatile() || other.as_ref().is_some_and(Expr::is_volatile);
    let volatility = if volatile { Volatility::Volatile } else { Volatility::Immutable };
    let count = inputs.columns.len();
    let function = Caught {
        run: (compiled(&tried)?, other.as_ref().map(compiled).transpose()?),
        schema: Arc::clone(inside.inner()),
        meaning: (tried, other, data_type),
        signature: if count == 0 { Signature::nullary(volatility) } else { Signature::any(count, volatility) },
    };
    let args = inputs.columns.into_iter().map(Expr::Column).collect();
    Ok(Transformed::yes(ScalarUDF::new_from_impl(function).call(args)))
}

/// The columns that are read, under names of their own.
#[derive(Default)]
struct Inputs {
    columns: Vec<Column>,
    fields: Vec<Field>,
}

impl Inputs {
    /// An expression over the inputs.
    fn inside(&mut self, expr: Expr, schema: &DFSchema) -> Result<Expr> {
        let mut bound = Vec::new();
        expr.apply(|e| {
            if let Expr::Lambda(lambda) = e {
                bound.extend(lambda.params.clone());
            }
            Ok(TreeNodeRecursion::Continue)
        })?;
        let changed = expr.transform_up(|e| match e {
            Expr::Column(column) => {
                let known = self.columns.iter().position(|c| *c == column);
                let place = match known {
                    Some(place) => place,
                    None => {
                        let data_type = schema.field_from_column(&column)?.data_type().clone();
                        self.fields.push(Field::new(format!("$c{}", self.columns.len()), data_type, true));
                        self.columns.push(column);
                        self.columns.len() - 1
                    }
                };
                Ok(Transformed::yes(Expr::Column(Column::new_unqualified(format!("$c{place}")))))
            }
            Expr::LambdaVariable(v) if !bound.contains(&v.name) => Err(refused("IFERROR inside of a lambda")),
            Expr::ScalarSubquery(_) | Expr::Exists(_) | Expr::InSubquery(_) | Expr::SetComparison(_) | Expr::OuterReferenceColumn(..) => {
                Err(refused("IFERROR of a subquery"))
            }
            other => Ok(Transformed::no(other)),
        })?;
        Ok(changed.data)
    }
}

/// The type of IFERROR's result.
pub(super) fn common_type(types: &[DataType]) -> Result<DataType, String> {
    match types {
        [one, other] => unify(&plain(one), &plain(other)).ok_or_else(String::new),
        _ => Err(String::new()),
    }
}

struct Caught {
    /// What is tried and what is given where it fails; without the latter the result is whether it fails.
    run: (Arc<dyn PhysicalExpr>, Option<Arc<dyn PhysicalExpr>>),
    schema: SchemaRef,
    meaning: (Expr, Option<Expr>, DataType),
    signature: Signature,
}

impl std::fmt::Debug for Caught {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Caught({:?})", self.meaning)
    }
}

impl PartialEq for Caught {
    fn eq(&self, other: &Self) -> bool {
        self.meaning == other.meaning && self.schema == other.schema
    }
}

impl Eq for Caught {}

impl Hash for Caught {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.meaning.hash(state);
    }
}

impl Caught {
    fn over(&self, batch: &RecordBatch, parts: &mut Vec<ArrayRef>) -> Result<()> {
        let rows = batch.num_rows();
        let (tried, other) = &self.run;
        match (tried.evaluate(batch).and_then(|v| v.into_array(rows)), other) {
            (Ok(_), None) => parts.push(Arc::new(BooleanArray::from(vec![false; rows]))),
            (Ok(found), Some(_)) => parts.push(found),
            (Err(e @ DataFusionError::ResourcesExhausted(_)), _) => return Err(e),
            (Err(_), _) if rows > 1 => {
                let half = rows / 2;
                self.over(&batch.slice(0, half), parts)?;
                self.over(&batch.slice(half, rows - half), parts)?;
            }
            (Err(_), None) => parts.push(Arc::new(BooleanArray::from(vec![true; rows]))),
            (Err(_), Some(other)) => parts.push(other.evaluate(batch)?.into_array(rows)?),
        }
        Ok(())
    }
}

impl ScalarUDFImpl for Caught {
    fn name(&self) -> &'static str {
        "$caught"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.meaning.2.clone())
    }

    fn return_field_from_args(&self, _: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        Ok(Arc::new(Field::new(self.name(), self.meaning.2.clone(), true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let constant = args.args.iter().all(|a| matches!(a, ColumnarValue::Scalar(_))) && self.signature.volatility != Volatility::Volatile;
        let rows = if constant { 1 } else { args.number_rows };
        let columns = args.args.iter().map(|a| a.to_array(rows)).collect::<Result<Vec<_>>>()?;
        let fields: Vec<Field> =
            self.schema.fields().iter().zip(&columns).map(|(f, c)| Field::new(f.name(), c.data_type().clone(), true)).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options)?;
        if rows == 0 {
            return Ok(ColumnarValue::Array(new_empty_array(&self.meaning.2)));
        }
        let mut parts = Vec::new();
        self.over(&batch, &mut parts)?;
        let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
        let whole = datafusion::arrow::compute::concat(&parts)?;
        if whole.data_type() != &self.meaning.2 {
            return Err(invalid(format!("internal: IFERROR gave {} for {}", whole.data_type(), self.meaning.2)));
        }
        if constant { Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&whole, 0)?)) } else { Ok(ColumnarValue::Array(whole)) }
    }
}
