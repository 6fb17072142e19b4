//! Where DataFusion must forget what it knows, since NULLs come in: grouping sets and outer joins.
//!
//! DataFusion carries what it knows of an aggregation's input over to its output: that `WHERE country = 'France'` makes
//! `country` one value, that a join makes two columns equal, that rows are sorted or hashed by a column. The NULLs which
//! ROLLUP, CUBE and GROUPING SETS put in the place of those columns break every such rule; so do the NULLs of an outer join
//! with what is one value on the side that they fill. An ORDER BY is then dropped. So such an input passes through a node of
//! which nothing is known but its rows.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/query-syntax#group_by_rollup> and `#join_types`.

use std::fmt;
use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{DataFusionError, JoinType, Result, Statistics};
use datafusion::execution::TaskContext;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::aggregates::AggregateExec;
use datafusion::physical_plan::execution_plan::ChildrenPropertiesMode;
use datafusion::physical_plan::joins::{HashJoinExec, NestedLoopJoinExec, SortMergeJoinExec};
use datafusion::physical_plan::{
    ChildStats, DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, Partitioning, PlanProperties, ReplaceChildrenOptions,
    SendableRecordBatchStream, StatisticsArgs,
};

const RECOMPUTE: ReplaceChildrenOptions = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute);

/// Puts a [`Forgetful`] below every aggregation by grouping sets and on the filled side of outer joins. It has to be the
/// first rule of all.
#[derive(Debug)]
pub(super) struct ForgetWhereNullsComeIn;

impl PhysicalOptimizerRule for ForgetWhereNullsComeIn {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        let changed = plan.transform_up(|node| {
            let children = node.children();
            let forgets: Vec<bool> = children.iter().enumerate().map(|(side, input)| forgets(&node, side, input)).collect();
            if !forgets.contains(&true) {
                return Ok(Transformed::no(node));
            }
            let forgetful = |(input, forgets): (&Arc<dyn ExecutionPlan>, bool)| -> Arc<dyn ExecutionPlan> {
                if forgets { Arc::new(Forgetful::new(Arc::clone(input))) } else { Arc::clone(input) }
            };
            let children = children.into_iter().zip(forgets).map(forgetful).collect();
            node.replace_children(children, RECOMPUTE).map(Transformed::yes)
        })?;
        Ok(changed.data)
    }

    fn name(&self) -> &'static str {
        "forget_where_nulls_come_in"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// Whether what is known of a node's input must not be known of its output.
fn forgets(node: &Arc<dyn ExecutionPlan>, side: usize, input: &Arc<dyn ExecutionPlan>) -> bool {
    if let Some(aggregate) = node.downcast_ref::<AggregateExec>() {
        // The second stage of an aggregation groups by the sets' number like by any column, and so is not one of these.
        return aggregate.group_expr().has_grouping_set();
    }
    let filled = match join_type(node) {
        Some(JoinType::Left) => side == 1,
        Some(JoinType::Right) => side == 0,
        Some(JoinType::Full) => true,
        _ => false,
    };
    filled && !input.equivalence_properties().constants().is_empty()
}

fn join_type(node: &Arc<dyn ExecutionPlan>) -> Option<JoinType> {
    let hash = || node.downcast_ref::<HashJoinExec>().map(|join| *join.join_type());
    let loops = || node.downcast_ref::<NestedLoopJoinExec>().map(|join| *join.join_type());
    let merge = || node.downcast_ref::<SortMergeJoinExec>().map(SortMergeJoinExec::join_type);
    hash().or_else(loops).or_else(merge)
}

/// The rows of its input, without any order, constant, equality or partitioning that could be relied on.
#[derive(Debug)]
struct Forgetful {
    input: Arc<dyn ExecutionPlan>,
    properties: Arc<PlanProperties>,
}

impl Forgetful {
    fn new(input: Arc<dyn ExecutionPlan>) -> Self {
        let partitions = input.output_partitioning().partition_count();
        let properties = PlanProperties::new(
            EquivalenceProperties::new(input.schema()),
            Partitioning::UnknownPartitioning(partitions),
            input.pipeline_behavior(),
            input.boundedness(),
        );
        Self { input, properties: Arc::new(properties) }
    }
}

impl DisplayAs for Forgetful {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Forgetful")
    }
}

impl ExecutionPlan for Forgetful {
    fn name(&self) -> &'static str {
        "Forgetful"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(&self, _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match <[Arc<dyn ExecutionPlan>; 1]>::try_from(children) {
            Ok([input]) => Ok(Arc::new(Self::new(input))),
            Err(children) => Err(DataFusionError::Internal(format!("Forgetful has one input, not {}", children.len()))),
        }
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        self.replace_children(children, RECOMPUTE)
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        self.input.execute(partition, context)
    }

    /// How many rows there are is no secret: by that a join chooses the side that it keeps in memory.
    fn child_stats_requests(&self, partition: Option<usize>) -> Vec<ChildStats> {
        vec![ChildStats::At(partition)]
    }

    fn statistics_from_inputs(&self, inputs: &[Arc<Statistics>], _: &StatisticsArgs) -> Result<Arc<Statistics>> {
        let [input] = inputs else {
            return Ok(Arc::new(Statistics::new_unknown(&self.schema())));
        };
        let mut told = Statistics::new_unknown(&self.schema());
        told.num_rows = input.num_rows.to_inexact();
        told.total_byte_size = input.total_byte_size.to_inexact();
        Ok(Arc::new(told))
    }
}
