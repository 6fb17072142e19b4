//! Where a query pauses, so that it can be cancelled and others get their turn.
//!
//! DataFusion has its sources pause now and then. What makes many rows of few (a join, UNNEST) may compute for minutes before it asks
//! its source again, and a query that never pauses can neither be cancelled nor leave its thread to another.

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::coop::CooperativeExec;
use datafusion::physical_plan::joins::{CrossJoinExec, HashJoinExec, NestedLoopJoinExec, SortMergeJoinExec};
use datafusion::physical_plan::unnest::UnnestExec;

/// Has whatever multiplies rows pause as sources do. It has to be the last rule of all.
#[derive(Debug)]
pub(super) struct PauseWhereRowsMultiply;

impl PhysicalOptimizerRule for PauseWhereRowsMultiply {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        let changed = plan.transform_up(|node| {
            if multiplies(&node) { Ok(Transformed::yes(Arc::new(CooperativeExec::new(node)))) } else { Ok(Transformed::no(node)) }
        })?;
        Ok(changed.data)
    }

    fn name(&self) -> &'static str {
        "pause_where_rows_multiply"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

fn multiplies(node: &Arc<dyn ExecutionPlan>) -> bool {
    node.is::<CrossJoinExec>()
        || node.is::<NestedLoopJoinExec>()
        || node.is::<HashJoinExec>()
        || node.is::<SortMergeJoinExec>()
        || node.is::<UnnestExec>()
}
