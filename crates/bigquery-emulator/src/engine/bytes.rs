//! How many logical bytes a plan reads: the columns that it names, each table's once, and of a partitioned table only the partitions
//! that conditions on its column leave.
//!
//! Source: <https://cloud.google.com/bigquery/docs/estimate-costs#query_size_calculation>

use std::collections::{BTreeMap, HashMap};

use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, Result};
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::physical_optimizer::pruning::{PruningPredicate, PruningPredicateBuilder};

use super::TableSnapshot;
use super::functions::registered_name;
use super::partitions::{DATE_OF, PartitionSizes, Partitioning};
use super::rewrite::Source;

/// Of each table by its name in the plan: its columns, and of each what the scans that read it leave of its partitions; `None`
/// where one reads all of them.
type Read = BTreeMap<(String, String), Option<Vec<usize>>>;

/// The bytes of a plan over these sources.
pub(super) fn bytes_read(state: &SessionState, sizes: &PartitionSizes, plan: &LogicalPlan, sources: &HashMap<String, Source>) -> u64 {
    let mut read = Read::new();
    let mut predicates: Vec<PruningPredicate> = Vec::new();
    let walked = plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node {
            let table = scan.table_name.table();
            let predicate = match sources.get(table) {
                Some(Source::Table(snapshot)) => on_partitions(state, snapshot, &scan.filters),
                _ => None,
            };
            let number = predicate.map(|predicate| {
                predicates.push(predicate);
                predicates.len() - 1
            });
            let names = scan.projected_schema.fields().iter().map(|f| f.name().clone());
            let filtered = scan.filters.iter().flat_map(|f| f.column_refs().into_iter().map(|c| c.name.clone()));
            for column in names.chain(filtered) {
                let of_column = read.entry((table.to_owned(), column)).or_insert_with(|| Some(Vec::new()));
                match (of_column.as_mut(), number) {
                    (Some(all), Some(number)) => all.push(number),
                    _ => *of_column = None,
                }
            }
        }
        Ok(TreeNodeRecursion::Continue)
    });
    if walked.is_err() {
        return 0;
    }
    read.iter()
        .filter_map(|((table, column), of_column)| match sources.get(table)? {
            Source::Table(snapshot) => {
                let (name, whole) = snapshot.column_bytes.iter().find(|(name, _)| name.eq_ignore_ascii_case(column))?;
                let Some(of_column) = of_column else { return Some(*whole) };
                let left: Vec<&PruningPredicate> = of_column.iter().map(|number| &predicates[*number]).collect();
                let counted = Partitioning::of(snapshot).and_then(|p| sizes.left(snapshot, &p, name, &left));
                Some(counted.map_or(*whole, |bytes| bytes.min(*whole)))
            }
            Source::Memory(_) => None,
        })
        .sum()
}

/// The conditions of a scan that are about the partitioning column alone.
fn on_partitions(state: &SessionState, snapshot: &TableSnapshot, filters: &[Expr]) -> Option<PruningPredicate> {
    let partitioning = Partitioning::of(snapshot)?;
    let own = |filter: &&Expr| {
        let columns = filter.column_refs();
        !columns.is_empty() && columns.iter().all(|c| c.name == partitioning.column)
    };
    let conditions = filters.iter().filter(own).map(|filter| bare(filter.clone(), &partitioning.column));
    let condition = conjunction(conditions.collect::<Result<Vec<_>>>().ok()?)?;
    let schema = partitioning.schema();
    let checked = DFSchema::try_from(schema.as_ref().clone()).and_then(|known| state.create_physical_expr(condition, &known)).ok()?;
    let predicate = PruningPredicateBuilder::new().with_file_schema(schema).try_build(checked).ok()?;
    (!predicate.always_true()).then_some(predicate)
}

/// An expression with the column under its name alone, and the column's date as a column of its own.
fn bare(expr: Expr, column: &str) -> Result<Expr> {
    let date = registered_name("DATE", false);
    let is_column = |e: &Expr| matches!(e, Expr::Column(c) if c.name == column);
    let dated = expr.transform_down(|e| match &e {
        Expr::ScalarFunction(call) if call.name() == date && call.args.len() == 1 && is_column(&call.args[0]) => {
            Ok(Transformed::new(Expr::Column(Column::new_unqualified(DATE_OF)), true, TreeNodeRecursion::Jump))
        }
        Expr::Column(c) if c.relation.is_some() => Ok(Transformed::yes(Expr::Column(Column::new_unqualified(c.name.clone())))),
        _ => Ok(Transformed::no(e)),
    })?;
    Ok(dated.data)
}
