//! ROLLUP, CUBE and GROUPING SETS, kept from what DataFusion wrongly concludes about them.
//!
//! DataFusion carries what it knows of an aggregation's input over to its output: that `WHERE country = 'France'` makes
//! `country` one value, that a join makes two columns equal, that rows are sorted or hashed by a column. The NULLs which
//! grouping sets put in the place of those columns break every such rule, and an ORDER BY is then dropped or groups come
//! out in pieces. So the input of such an aggregation passes through a node of which nothing is known but its rows.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/query-syntax#group_by_rollup>

use std::fmt;
use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::aggregates::AggregateExec;
use datafusion::physical_plan::execution_plan::ChildrenPropertiesMode;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, Partitioning, PlanProperties, ReplaceChildrenOptions,
    SendableRecordBatchStream,
};

const RECOMPUTE: ReplaceChildrenOptions = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute);

/// Puts a [`Forgetful`] below every aggregation by grouping sets. It has to be the first rule of all.
#[derive(Debug)]
pub(super) struct ForgetBelowGroupingSets;

impl PhysicalOptimizerRule for ForgetBelowGroupingSets {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        let changed = plan.transform_up(|node| {
            // The second stage of an aggregation groups by the sets' number like by any column, and so is not one of these.
            let sets = node.downcast_ref::<AggregateExec>().filter(|aggregate| aggregate.group_expr().has_grouping_set());
            let Some(input) = sets.map(|aggregate| Arc::clone(aggregate.input())) else {
                return Ok(Transformed::no(node));
            };
            node.replace_children(vec![Arc::new(Forgetful::new(input))], RECOMPUTE).map(Transformed::yes)
        })?;
        Ok(changed.data)
    }

    fn name(&self) -> &'static str {
        "forget_below_grouping_sets"
    }

    fn schema_check(&self) -> bool {
        true
    }
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
}
