//! What DataFusion's SQL planner asks for: tables and functions by name, and GoogleSQL's rules where types decide.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::config::ConfigOptions;
use datafusion::common::{DFSchema, DataFusionError, Result, TableReference};
use datafusion::datasource::cte_worktable::CteWorkTable;
use datafusion::datasource::provider_as_source;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::expr::{AggregateFunction, WindowFunction, WindowFunctionParams};
use datafusion::logical_expr::planner::{
    ContextProvider, ExprPlanner, PlannerResult, RawAggregateExpr, RawBinaryExpr, RawWindowExpr, RelationPlanner,
};
use datafusion::logical_expr::{
    AggregateUDF, Expr, ExprSchemable, HigherOrderUDF, Operator, ScalarUDF, TableSource, WindowFunctionDefinition, WindowUDF, cast,
};
use sqlparser::ast::BinaryOperator;

use super::functions::registered_name;
use super::functions::udf::plain;
use super::lateral::UnnestPlanner;

/// The functions, tables and planners of one statement.
pub(super) struct Context<'a> {
    state: &'a SessionState,
    tables: HashMap<String, Arc<dyn TableSource>>,
    functions: &'a Arc<HashMap<String, Arc<ScalarUDF>>>,
    expr_planners: Vec<Arc<dyn ExprPlanner>>,
    relation_planners: Vec<Arc<dyn RelationPlanner>>,
}

impl<'a> Context<'a> {
    pub(super) fn new(
        state: &'a SessionState,
        functions: &'a Arc<HashMap<String, Arc<ScalarUDF>>>,
        tables: HashMap<String, Arc<dyn TableSource>>,
        written: &HashMap<String, Option<String>>,
    ) -> Self {
        let google = GooglePlanner { functions: Arc::clone(functions), written: written.clone() };
        let mut expr_planners: Vec<Arc<dyn ExprPlanner>> = vec![Arc::new(google)];
        expr_planners.extend(state.expr_planners().iter().cloned());
        Self { state, tables, functions, expr_planners, relation_planners: vec![Arc::new(UnnestPlanner::new(functions))] }
    }
}

impl ContextProvider for Context<'_> {
    fn get_table_source(&self, name: TableReference) -> Result<Arc<dyn TableSource>> {
        self.tables.get(name.table()).cloned().ok_or_else(|| DataFusionError::Plan(format!("Table not found: {}", name.table())))
    }

    fn create_cte_work_table(&self, name: &str, schema: SchemaRef) -> Result<Arc<dyn TableSource>> {
        Ok(provider_as_source(Arc::new(CteWorkTable::new(name, schema))))
    }

    fn get_expr_planners(&self) -> &[Arc<dyn ExprPlanner>] {
        &self.expr_planners
    }

    fn get_relation_planners(&self) -> &[Arc<dyn RelationPlanner>] {
        &self.relation_planners
    }

    fn get_function_meta(&self, name: &str) -> Option<Arc<ScalarUDF>> {
        self.functions.get(name).or_else(|| self.state.scalar_functions().get(name)).cloned()
    }

    fn get_higher_order_meta(&self, name: &str) -> Option<Arc<HigherOrderUDF>> {
        self.state.higher_order_functions().get(name).cloned()
    }

    fn get_aggregate_meta(&self, name: &str) -> Option<Arc<AggregateUDF>> {
        self.state.aggregate_functions().get(name).cloned()
    }

    fn get_window_meta(&self, name: &str) -> Option<Arc<WindowUDF>> {
        self.state.window_functions().get(name).cloned()
    }

    fn get_variable_type(&self, _: &[String]) -> Option<DataType> {
        None
    }

    fn options(&self) -> &ConfigOptions {
        self.state.config_options()
    }

    fn udf_names(&self) -> Vec<String> {
        Vec::new()
    }

    fn higher_order_function_names(&self) -> Vec<String> {
        Vec::new()
    }

    fn udaf_names(&self) -> Vec<String> {
        Vec::new()
    }

    fn udwf_names(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Arithmetic and SUM by GoogleSQL: checked INT64, division that is never of integers.
#[derive(Debug)]
struct GooglePlanner {
    functions: Arc<HashMap<String, Arc<ScalarUDF>>>,
    /// How names were written, by their lower-case form; `None` where in several ways.
    written: HashMap<String, Option<String>>,
}

impl GooglePlanner {
    /// A name as it was written: keys of JSON are told apart by case.
    fn written(&self, name: &str) -> Result<String> {
        match self.written.get(name) {
            Some(Some(written)) => Ok(written.clone()),
            Some(None) => Err(super::error::refused("A JSON field whose name is written in several ways in one query")),
            None => Ok(name.to_owned()),
        }
    }

    fn call(&self, name: &str, args: Vec<Expr>) -> Result<Expr> {
        let function =
            self.functions.get(&registered_name(name, false)).ok_or_else(|| DataFusionError::Plan(format!("{name} is not registered")))?;
        Ok(function.call(args))
    }
}

/// A sum over INT64 is computed as a decimal of this type, which no number of rows overflows.
const WIDE: DataType = DataType::Decimal128(20, 0);

impl ExprPlanner for GooglePlanner {
    fn plan_binary_op(&self, expr: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        if let BinaryOperator::Eq | BinaryOperator::NotEq = expr.op
            && let (Ok(left @ DataType::Struct(_)), Ok(right @ DataType::Struct(_))) =
                (expr.left.get_type(schema), expr.right.get_type(schema))
            && left != right
            && super::assign::same_shape(&left, &right)
        {
            // STRUCTs are compared by the places of their fields, whatever their names.
            let like_left = Expr::Literal(datafusion::common::ScalarValue::try_from(&left)?, None);
            let op = if expr.op == BinaryOperator::Eq { Operator::Eq } else { Operator::NotEq };
            let right = self.call("$LOADED", vec![expr.right, like_left])?;
            return Ok(PlannerResult::Planned(datafusion::logical_expr::binary_expr(expr.left, op, right)));
        }
        let name = match expr.op {
            BinaryOperator::Plus => "$ADD",
            BinaryOperator::Minus => "$SUBTRACT",
            BinaryOperator::Multiply => "$MULTIPLY",
            BinaryOperator::Divide => "$DIVIDE",
            _ => return Ok(PlannerResult::Original(expr)),
        };
        // A column of USING has no type of its own yet; what it turns out to be is checked when arguments are coerced.
        let type_of = |e: &Expr| e.get_type(schema).map_or(DataType::Null, |t| plain(&t));
        let (left, right) = (type_of(&expr.left), type_of(&expr.right));
        let planned = match (&left, &right, name) {
            (DataType::Date32, DataType::Int64, "$ADD" | "$SUBTRACT") => self.add_days(expr.left, expr.right, name == "$SUBTRACT")?,
            (DataType::Int64, DataType::Date32, "$ADD") => self.add_days(expr.right, expr.left, false)?,
            (
                DataType::Date32 | DataType::Timestamp(..) | DataType::Time64(_),
                DataType::Date32 | DataType::Timestamp(..) | DataType::Time64(_),
                "$SUBTRACT",
            ) => self.call("$BETWEEN", vec![expr.left, expr.right])?,
            (_, DataType::Interval(_), "$ADD" | "$SUBTRACT") => {
                self.call("$ADD_INTERVAL", vec![expr.left, expr.right, datafusion::logical_expr::lit(name == "$SUBTRACT")])?
            }
            (DataType::Interval(_), _, "$ADD") => {
                self.call("$ADD_INTERVAL", vec![expr.right, expr.left, datafusion::logical_expr::lit(false)])?
            }
            (DataType::Interval(_), DataType::Int64, "$MULTIPLY") => self.call("$SCALE_INTERVAL", vec![expr.left, expr.right])?,
            (DataType::Int64, DataType::Interval(_), "$MULTIPLY") => self.call("$SCALE_INTERVAL", vec![expr.right, expr.left])?,
            (DataType::Interval(_), DataType::Int64, "$DIVIDE") => return Err(super::error::refused("Division of an INTERVAL")),
            _ => self.call(name, vec![expr.left, expr.right])?,
        };
        Ok(PlannerResult::Planned(planned))
    }

    fn plan_compound_identifier(
        &self,
        field: &datafusion::arrow::datatypes::Field,
        qualifier: Option<&TableReference>,
        nested_names: &[String],
    ) -> Result<PlannerResult<Vec<Expr>>> {
        if let Some((end, path)) = nested_names.split_last()
            && let Some(subscript) = end.strip_prefix(super::rewrite::FLATTEN)
        {
            let column = Expr::Column(datafusion::common::Column::new(qualifier.cloned(), field.name()));
            return self.flattened(column, field.data_type(), path, subscript).map(PlannerResult::Planned);
        }
        // STRUCTs first, then JSON, whose fields are found when it runs.
        let mut data_type = field.data_type().clone();
        let mut expr = Expr::Column(datafusion::common::Column::new(qualifier.cloned(), field.name()));
        let mut json = data_type == super::types::JSON;
        for name in nested_names {
            if json {
                expr = self.call("$JSON_FIELD", vec![expr, datafusion::logical_expr::lit(self.written(name)?)])?;
                continue;
            }
            let DataType::Struct(fields) = &data_type else {
                return Ok(PlannerResult::Original(Vec::new()));
            };
            let Some(found) = fields.iter().find(|f| f.name().eq_ignore_ascii_case(name)) else {
                return Ok(PlannerResult::Original(Vec::new()));
            };
            data_type = found.data_type().clone();
            json = data_type == super::types::JSON;
            expr = self.call("$FIELD", vec![expr, datafusion::logical_expr::lit(name.as_str())])?;
        }
        if json { Ok(PlannerResult::Planned(expr)) } else { Ok(PlannerResult::Original(Vec::new())) }
    }

    fn plan_aggregate(&self, expr: RawAggregateExpr) -> Result<PlannerResult<RawAggregateExpr>> {
        if expr.func.name() != "sum" || expr.args.len() != 1 {
            return Ok(PlannerResult::Original(expr));
        }
        // The argument's type is not known here; `$sum_argument` widens INT64 and leaves the rest.
        let args = vec![self.call("$SUM_ARGUMENT", expr.args)?];
        let sum = Expr::AggregateFunction(AggregateFunction::new_udf(
            expr.func,
            args,
            expr.distinct,
            expr.filter,
            expr.order_by,
            expr.null_treatment,
        ));
        Ok(PlannerResult::Planned(self.call("$SUM_RESULT", vec![sum])?))
    }

    fn plan_window(&self, expr: RawWindowExpr) -> Result<PlannerResult<RawWindowExpr>> {
        if expr.func_def.name() != "sum" || expr.args.len() != 1 {
            return Ok(PlannerResult::Original(expr));
        }
        let args = vec![self.call("$SUM_ARGUMENT", expr.args)?];
        let WindowFunctionDefinition::AggregateUDF(_) = &expr.func_def else {
            return Err(DataFusionError::Plan("SUM is an aggregate".to_owned()));
        };
        let sum = Expr::from(WindowFunction {
            fun: expr.func_def,
            params: WindowFunctionParams {
                args,
                partition_by: expr.partition_by,
                order_by: expr.order_by,
                window_frame: expr.window_frame,
                filter: expr.filter,
                null_treatment: expr.null_treatment,
                distinct: expr.distinct,
            },
        });
        Ok(PlannerResult::Planned(self.call("$SUM_RESULT", vec![sum])?))
    }
}

impl GooglePlanner {
    /// A path of FLATTEN: fields of STRUCTs, and of all elements of ARRAYs of STRUCTs; `:OFFSET:1` looks into the last ARRAY.
    fn flattened(&self, column: Expr, data_type: &DataType, path: &[String], subscript: &str) -> Result<Expr> {
        let text = datafusion::logical_expr::lit::<&str>;
        let mut look = subscript.split(':').skip(1);
        let how = look.next().unwrap_or_default();
        let index: i64 = look.next().and_then(|n| n.parse().ok()).unwrap_or(0);
        let mut found = column;
        let mut own = data_type.clone();
        for (at, name) in path.iter().enumerate() {
            let (fields, through) = match &own {
                DataType::Struct(fields) => (fields, false),
                DataType::List(item) => match item.data_type() {
                    DataType::Struct(fields) => (fields, true),
                    _ => return Err(super::error::invalid(format!("Cannot access field {name} on an ARRAY without fields"))),
                },
                _ => return Err(super::error::invalid(format!("Cannot access field {name} in FLATTEN"))),
            };
            let field = fields.iter().find(|f| f.name().eq_ignore_ascii_case(name));
            let field = field.ok_or_else(|| super::error::invalid(format!("Field name {name} does not exist")))?;
            let inner = field.data_type().clone();
            let how = if at + 1 == path.len() { how } else { "" };
            (found, own) = if through {
                let list = match inner {
                    list @ DataType::List(_) => list,
                    other => super::functions::udf::list_of(other),
                };
                let index = datafusion::logical_expr::lit(index);
                (self.call("$EACH_FIELD", vec![found, text(name), text(how), index])?, list)
            } else if how.is_empty() {
                (self.call("$FIELD", vec![found, text(name)])?, inner)
            } else {
                return Err(super::error::refused("This subscript in FLATTEN"));
            };
        }
        match own {
            DataType::List(_) => Ok(found),
            _ => Err(super::error::invalid("FLATTEN takes a path through an ARRAY")),
        }
    }

    fn add_days(&self, date: Expr, days: Expr, minus: bool) -> Result<Expr> {
        let zero = datafusion::logical_expr::lit(0_i64);
        let days = if minus { self.call("$SUBTRACT", vec![zero, days])? } else { cast(days, DataType::Int64) };
        let text = datafusion::logical_expr::lit;
        self.call("$DATE_ADD", vec![date, days, text("DAY"), text("DATE_ADD")])
    }
}

/// The type in which SUM computes a sum of a type.
pub(super) fn sum_type(data_type: &DataType) -> DataType {
    match plain(data_type) {
        DataType::Int64 => WIDE,
        DataType::Decimal128(..) => DataType::Decimal256(76, 9),
        other => other,
    }
}
