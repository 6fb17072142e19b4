//! UNNEST in FROM, correlated or not.
//!
//! DataFusion plans `FROM t, UNNEST(t.items)` as a lateral join that it cannot run. Here UNNEST is planned as a node of our
//! own, and once the whole query is planned, a join with such a node becomes what it means: a projection that adds the
//! ARRAY to the rows on the left, and an Unnest of that column.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/query-syntax#unnest_operator>

use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering as Atomic};

use datafusion::arrow::datatypes::{DataType, Field};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Column, DFSchema, DFSchemaRef, NullHandling, Result, ScalarValue, TableReference, UnnestOptions};
use datafusion::logical_expr::logical_plan::Subquery;
use datafusion::logical_expr::planner::{PlannedRelation, RelationPlanner, RelationPlannerContext, RelationPlanning};
use datafusion::logical_expr::{
    Expr, ExprSchemable, Extension, Join, JoinType, LogicalPlan, LogicalPlanBuilder, ScalarUDF, UserDefinedLogicalNodeCore, lit,
};
use sqlparser::ast::TableFactor;

use super::error::{invalid, refused};
use super::functions::registered_name;
use super::types::sql_type_name;

static COUNTER: AtomicUsize = AtomicUsize::new(0);

type Functions = HashMap<String, Arc<ScalarUDF>>;

/// Plans UNNEST of FROM.
pub(super) struct UnnestPlanner {
    functions: Functions,
}

impl UnnestPlanner {
    pub(super) fn new(functions: &Functions) -> Self {
        let functions = ["$WITH_OFFSET", "$OUTER", "$FIELD"]
            .into_iter()
            .filter_map(|name| {
                let name = registered_name(name, false);
                functions.get(&name).map(|f| (name, Arc::clone(f)))
            })
            .collect();
        Self { functions }
    }
}

impl fmt::Debug for UnnestPlanner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UnnestPlanner")
    }
}

impl RelationPlanner for UnnestPlanner {
    fn plan_relation(&self, relation: TableFactor, context: &mut dyn RelationPlannerContext) -> Result<RelationPlanning> {
        let TableFactor::UNNEST { alias, mut array_exprs, with_offset, with_offset_alias, .. } = relation else {
            return Ok(RelationPlanning::Original(Box::new(relation)));
        };
        let Some(array) = array_exprs.pop() else {
            return Err(invalid("UNNEST takes an array"));
        };
        let empty = DFSchema::empty();
        let array = context.sql_to_expr(array, &empty)?;
        let data_type = array.get_type(&empty)?;
        let DataType::List(item) = data_type else {
            return Err(invalid(format!(
                "Values referenced in UNNEST must be arrays. UNNEST contains expression of type {}",
                sql_type_name(&data_type)
            )));
        };
        let number = COUNTER.fetch_add(1, Atomic::Relaxed);
        let hidden = format!("$u{number}");
        let (table, column) = match alias {
            Some(alias) => {
                let table = context.normalize_ident(alias.name);
                let column = match alias.columns.into_iter().next() {
                    Some(column) => context.normalize_ident(column.name),
                    None => table.clone(),
                };
                (table, column)
            }
            None => (hidden.clone(), format!("$f{number}")),
        };
        let fields = match item.data_type() {
            DataType::Struct(fields) => Some(fields.iter().map(|f| (f.name().clone(), f.data_type().clone())).collect::<Vec<_>>()),
            _ => None,
        };
        let offset = with_offset.then(|| with_offset_alias.map_or_else(|| "offset".to_owned(), |alias| context.normalize_ident(alias)));
        let node = ArrayScan::new(array, item.data_type(), table, column, fields, offset, hidden)?;
        let plan = if node.array.contains_outer() {
            LogicalPlan::Extension(Extension { node: Arc::new(node) })
        } else {
            let one = LogicalPlanBuilder::empty(true).build()?;
            node.over(one, false, &self.functions)?
        };
        Ok(RelationPlanning::Planned(Box::new(PlannedRelation::new(plan, None))))
    }
}

/// The elements of an ARRAY as a relation, for each row of what stands on the left.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct ArrayScan {
    array: Expr,
    table: String,
    /// The columns that an element gives: itself, or its fields where it is a STRUCT.
    columns: Vec<String>,
    is_struct: bool,
    offset: Option<String>,
    /// The name of the ARRAY while it stands beside the rows on the left.
    hidden: String,
    schema: DFSchemaRef,
}

impl PartialOrd for ArrayScan {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.hidden.partial_cmp(&other.hidden)
    }
}

impl ArrayScan {
    fn new(
        array: Expr,
        item: &DataType,
        table: String,
        column: String,
        fields: Option<Vec<(String, DataType)>>,
        offset: Option<String>,
        hidden: String,
    ) -> Result<Self> {
        let is_struct = fields.is_some();
        let mut shown = fields.unwrap_or_else(|| vec![(column, item.clone())]);
        let columns = shown.iter().map(|(name, _)| name.clone()).collect();
        if let Some(offset) = &offset {
            shown.push((offset.clone(), DataType::Int64));
        }
        let relation = TableReference::bare(table.clone());
        let schema = DFSchema::new_with_metadata(
            shown.into_iter().map(|(name, t)| (Some(relation.clone()), Arc::new(Field::new(name, t, true)))).collect(),
            HashMap::new(),
        )?;
        Ok(Self { array, table, columns, is_struct, offset, hidden, schema: Arc::new(schema) })
    }

    /// The rows of `left`, each as often as its ARRAY has elements.
    fn over(&self, left: LogicalPlan, outer: bool, functions: &Functions) -> Result<LogicalPlan> {
        let apply = |name: &str, args: Vec<Expr>| -> Result<Expr> {
            functions
                .get(&registered_name(name, false))
                .map(|f| f.call(args))
                .ok_or_else(|| invalid(format!("internal: {name} is not registered")))
        };
        let mut array = self.array.clone().to_columns()?;
        if self.offset.is_some() {
            array = apply("$WITH_OFFSET", vec![array])?;
        }
        if outer {
            array = apply("$OUTER", vec![array])?;
        }
        let kept: Vec<Expr> = left.schema().columns().into_iter().map(Expr::Column).collect();
        let mut with_array = kept.clone();
        with_array.push(array.alias(&self.hidden));
        let column = Column::from_name(&self.hidden);
        let unnested = LogicalPlanBuilder::from(left).project(with_array)?.unnest_columns_with_options(
            vec![column.clone()],
            UnnestOptions { null_handling: NullHandling::Drop, recursions: Vec::new() },
        )?;
        let mut element = Expr::Column(column.clone());
        let mut shown = kept;
        let relation = Some(TableReference::bare(self.table.clone()));
        if self.offset.is_some() {
            element = apply("$FIELD", vec![element, lit("value")])?;
        }
        for name in &self.columns {
            let value = if self.is_struct { apply("$FIELD", vec![element.clone(), lit(name.as_str())])? } else { element.clone() };
            shown.push(value.alias_qualified(relation.clone(), name));
        }
        if let Some(offset) = &self.offset {
            let value = apply("$FIELD", vec![Expr::Column(column), lit("offset")])?;
            shown.push(value.alias_qualified(relation, offset));
        }
        unnested.project(shown)?.build()
    }
}

impl UserDefinedLogicalNodeCore for ArrayScan {
    fn name(&self) -> &str {
        "ArrayScan"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        Vec::new()
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }

    fn expressions(&self) -> Vec<Expr> {
        vec![self.array.clone()]
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ArrayScan: {} AS {}", self.array, self.table)
    }

    fn with_exprs_and_inputs(&self, exprs: Vec<Expr>, _: Vec<LogicalPlan>) -> Result<Self> {
        let mut node = self.clone();
        if let Some(array) = exprs.into_iter().next() {
            node.array = array;
        }
        Ok(node)
    }
}

/// Turns every join with an [`ArrayScan`] into a projection and an Unnest.
pub(super) fn unnest_joins(plan: LogicalPlan, functions: &Functions) -> Result<LogicalPlan> {
    let functions = UnnestPlanner::new(functions).functions;
    let plan = plan
        .transform_up_with_subqueries(|plan| match plan {
            LogicalPlan::Join(join) => match scan_of(&join.right) {
                Some(scan) => {
                    let scan = scan.clone();
                    unnest_join(join, &scan, &functions).map(Transformed::yes)
                }
                None => Ok(Transformed::no(LogicalPlan::Join(join))),
            },
            LogicalPlan::Subquery(subquery) => {
                let outer_ref_columns = subquery.subquery.all_out_ref_exprs();
                Ok(Transformed::yes(LogicalPlan::Subquery(Subquery { outer_ref_columns, ..subquery })))
            }
            other => Ok(Transformed::no(other)),
        })?
        .data;
    let mut left_over = false;
    plan.apply_with_subqueries(|node| {
        left_over |= scan_of(node).is_some();
        Ok(datafusion::common::tree_node::TreeNodeRecursion::Continue)
    })?;
    if left_over {
        return Err(refused("This correlated UNNEST"));
    }
    Ok(plan)
}

fn scan_of(plan: &LogicalPlan) -> Option<&ArrayScan> {
    match plan {
        LogicalPlan::Extension(e) => e.node.as_any().downcast_ref::<ArrayScan>(),
        LogicalPlan::Subquery(s) => scan_of(&s.subquery),
        _ => None,
    }
}

fn unnest_join(join: Join, scan: &ArrayScan, functions: &Functions) -> Result<LogicalPlan> {
    let known = join.left.schema();
    let foreign = scan.array.outer_columns().into_iter().any(|c| !known.has_column(&c));
    if foreign {
        return Err(refused("UNNEST of an array of an outer query"));
    }
    let condition = join
        .on
        .iter()
        .map(|(l, r)| l.clone().eq(r.clone()))
        .chain(join.filter.clone())
        .filter(|e| !matches!(e, Expr::Literal(ScalarValue::Boolean(Some(true)), _)))
        .reduce(Expr::and);
    let left = Arc::unwrap_or_clone(join.left);
    match (join.join_type, condition) {
        (JoinType::Inner, None) => scan.over(left, false, functions),
        (JoinType::Inner, Some(condition)) => {
            let plan = scan.over(left, false, functions)?;
            LogicalPlanBuilder::from(plan).filter(condition)?.build()
        }
        (JoinType::Left, None) => scan.over(left, true, functions),
        (JoinType::Left, Some(_)) => Err(refused("LEFT JOIN UNNEST with a condition")),
        (other, _) => Err(refused(format_args!("{other} JOIN UNNEST"))),
    }
}

/// References to the rows on the left, before and after they are at hand.
trait OuterReferences {
    fn outer_columns(&self) -> Vec<Column>;
    fn to_columns(self) -> Result<Expr>;
}

impl OuterReferences for Expr {
    fn outer_columns(&self) -> Vec<Column> {
        let mut found = Vec::new();
        let _ = self.apply(|e| {
            if let Expr::OuterReferenceColumn(_, column) = e {
                found.push(column.clone());
            }
            Ok(datafusion::common::tree_node::TreeNodeRecursion::Continue)
        });
        found
    }

    fn to_columns(self) -> Result<Expr> {
        Ok(self
            .transform(|e| match e {
                Expr::OuterReferenceColumn(_, column) => Ok(Transformed::yes(Expr::Column(column))),
                other => Ok(Transformed::no(other)),
            })?
            .data)
    }
}
