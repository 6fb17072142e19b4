//! Plans that group and join texts by their numbers (`names`): the last step of planning, after which types are no longer GoogleSQL's.
//!
//! A column of texts goes from its scan upwards as numbers, as long as the plan only groups, counts or joins by it, and becomes
//! texts again where anything else is done with it. That pays only where there are fewer rows by then, so that columns whose texts are
//! needed before the first group stay what they are. Which these are is found by trying.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::arrow::datatypes::DataType;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, Result, TableReference};
use datafusion::datasource::{provider_as_source, source_as_provider};
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::logical_plan::TableScanBuilder;
use datafusion::logical_expr::{
    Aggregate, BinaryExpr, Expr, Filter, Join, LogicalPlan, Operator, Projection, ScalarUDF, SubqueryAlias, TableScan, cast,
};

use super::names::{NameFunction, Names, TextCondition};
use super::stored::{KnownFiles, StoredTable};

/// Plans with more nodes than this are left alone.
const MOST_NODES: usize = 400;
/// Plans with more nodes than this are read on a deep stack.
const FEW_NODES: usize = 30;
/// How often columns are taken out of the choice before there is none.
const MOST_TRIES: usize = 5;

/// A column of a scan; scans are counted as they are met.
type Origin = (usize, String);

/// A plan some of whose columns are numbers of texts.
struct Coded {
    plan: LogicalPlan,
    columns: Vec<CodedColumn>,
}

#[derive(Clone)]
struct CodedColumn {
    column: Column,
    origin: Origin,
    /// Not grouped yet: there may be as many as the table has rows.
    every_row: bool,
}

/// What there is to do for a plan.
pub(super) enum Worth {
    Nothing,
    /// A few nodes.
    Little,
    /// Enough of them to recurse deeply.
    Much,
}

/// Whether a plan reads stored tables, and is small enough to be gone through.
pub(super) fn worth(plan: &LogicalPlan) -> Result<Worth> {
    let mut nodes = 0;
    let mut scans = false;
    plan.apply(|node| {
        nodes += 1;
        scans |= matches!(node, LogicalPlan::TableScan(_));
        Ok(if nodes > MOST_NODES { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    Ok(match nodes {
        _ if !scans || nodes > MOST_NODES => Worth::Nothing,
        _ if nodes > FEW_NODES => Worth::Much,
        _ => Worth::Little,
    })
}

/// The plan with texts as numbers; `None` where that does not pay.
pub(super) fn coded(plan: &LogicalPlan, state: &SessionState, known: &KnownFiles) -> Result<Option<LogicalPlan>> {
    let names = Arc::new(Names::new(&state.runtime_env().memory_pool));
    let number = Arc::new(ScalarUDF::from(NameFunction::number(&names)));
    let text = Arc::new(ScalarUDF::from(NameFunction::text(&names)));
    let mut refused = HashSet::new();
    let mut wanted: Option<HashSet<Origin>> = None;
    for _ in 0..MOST_TRIES {
        let mut attempt = Attempt {
            state,
            known,
            number: &number,
            text: &text,
            wanted: wanted.as_ref(),
            scans: 0,
            gains: HashSet::new(),
            losses: HashSet::new(),
        };
        let found = attempt.rewrite(plan)?;
        let changed = attempt.decoded(found)?;
        let gains: HashSet<Origin> = attempt.gains.difference(&attempt.losses).filter(|o| !refused.contains(*o)).cloned().collect();
        refused.extend(attempt.losses);
        if gains.is_empty() {
            return Ok(None);
        }
        if wanted.as_ref() == Some(&gains) {
            return Ok(Some(changed));
        }
        wanted = Some(gains);
    }
    Ok(None)
}

/// The state in which such plans run. What joins learn of their keys while they run DataFusion hands down to scans by the names of
/// columns, and a name may be a number here and a text there.
pub(super) fn state_for_coded(state: &SessionState) -> SessionState {
    let mut state = state.clone();
    let optimizer = &mut state.config_mut().options_mut().optimizer;
    optimizer.enable_dynamic_filter_pushdown = false;
    optimizer.enable_join_dynamic_filter_pushdown = false;
    optimizer.enable_topk_dynamic_filter_pushdown = false;
    optimizer.enable_aggregate_dynamic_filter_pushdown = false;
    state
}

struct Attempt<'a> {
    state: &'a SessionState,
    known: &'a KnownFiles,
    number: &'a Arc<ScalarUDF>,
    text: &'a Arc<ScalarUDF>,
    /// The columns to be read as numbers; `None` where all that can be are tried.
    wanted: Option<&'a HashSet<Origin>>,
    scans: usize,
    /// Columns for which numbers save work, and those whose texts are needed for every row.
    gains: HashSet<Origin>,
    losses: HashSet<Origin>,
}

impl Attempt<'_> {
    fn rewrite(&mut self, plan: &LogicalPlan) -> Result<Coded> {
        match plan {
            LogicalPlan::TableScan(scan) => self.scan(plan, scan, None),
            LogicalPlan::Filter(filter) => {
                if let LogicalPlan::TableScan(scan) = filter.input.as_ref() {
                    return self.scan(plan, scan, Some(&filter.predicate));
                }
                let input = self.rewrite(&filter.input)?;
                let predicate = self.with_texts(filter.predicate.clone(), &input.columns)?;
                Ok(Coded { plan: LogicalPlan::Filter(Filter::try_new(predicate, Arc::new(input.plan))?), columns: input.columns })
            }
            LogicalPlan::Projection(projection) => self.projection(plan, projection),
            LogicalPlan::Aggregate(aggregate) => self.aggregate(plan, aggregate),
            LogicalPlan::Join(join) => self.join(join),
            LogicalPlan::SubqueryAlias(alias) => {
                let Coded { plan, mut columns } = self.rewrite(&alias.input)?;
                for coded in &mut columns {
                    coded.column = Column::new(Some(alias.alias.clone()), coded.column.name());
                }
                Ok(Coded { plan: LogicalPlan::SubqueryAlias(SubqueryAlias::try_new(Arc::new(plan), alias.alias.clone())?), columns })
            }
            LogicalPlan::Limit(_) => {
                let [input] = plan.inputs()[..] else { return Ok(untouched(plan)) };
                let Coded { plan: input, columns } = self.rewrite(input)?;
                Ok(Coded { plan: plan.with_new_exprs(plan.expressions(), vec![input])?, columns })
            }
            _ => {
                let inputs = plan.inputs();
                if inputs.is_empty() {
                    return Ok(untouched(plan));
                }
                let mut changed = Vec::with_capacity(inputs.len());
                for input in inputs {
                    let input = self.rewrite(input)?;
                    changed.push(self.decoded(input)?);
                }
                Ok(untouched(&plan.with_new_exprs(plan.expressions(), changed)?))
            }
        }
    }

    /// A scan and the condition right above it, which sees dictionaries; numbers are made of what is left.
    fn scan(&mut self, plan: &LogicalPlan, scan: &TableScan, condition: Option<&Expr>) -> Result<Coded> {
        let number = self.scans;
        self.scans += 1;
        let Ok(provider) = source_as_provider(&scan.source) else { return Ok(untouched(plan)) };
        let Some(table) = provider.downcast_ref::<StoredTable>() else { return Ok(untouched(plan)) };
        let read = |name: &str| {
            scan.projected_schema.fields().iter().any(|f| f.name() == name)
                || condition.is_some_and(|e| e.column_refs().iter().any(|c| c.name == name))
        };
        let wanted = |name: &String| self.wanted.is_none_or(|wanted| wanted.contains(&(number, name.clone())));
        let columns: Vec<String> = table.dictionaries(self.known).into_iter().filter(|name| read(name)).filter(wanted).collect();
        let names: Vec<&str> = columns.iter().map(String::as_str).collect();
        if names.is_empty() {
            return Ok(untouched(plan));
        }
        let Some(changed) = table.with_dictionaries(&names, self.known) else { return Ok(untouched(plan)) };
        let mut input = LogicalPlan::TableScan(
            TableScanBuilder::new(scan.table_name.clone(), provider_as_source(Arc::new(changed)))
                .with_projection(scan.projection.clone())
                .with_fetch(scan.fetch)
                .build()?,
        );
        if let Some(condition) = condition {
            let condition = self.on_dictionaries(condition.clone(), number, &names)?;
            input = LogicalPlan::Filter(Filter::try_new(condition, Arc::new(input))?);
        }
        let mut coded = Vec::new();
        let mut read = Vec::new();
        for (relation, field) in scan.projected_schema.iter() {
            let column = Column::new(relation.cloned(), field.name());
            let expr = Expr::Column(column.clone());
            if names.contains(&field.name().as_str()) {
                read.push(named(self.number.call(vec![expr]), &column));
                coded.push(CodedColumn { column, origin: (number, field.name().clone()), every_row: true });
            } else {
                read.push(expr);
            }
        }
        Ok(Coded { plan: LogicalPlan::Projection(Projection::try_new(read, Arc::new(input))?), columns: coded })
    }

    /// A condition on the rows of a scan, some columns of which are dictionaries.
    fn on_dictionaries(&mut self, condition: Expr, scan: usize, names: &[&str]) -> Result<Expr> {
        let dictionary = |e: &Expr| match e {
            Expr::Column(column) => names.iter().find(|name| **name == column.name).map(|name| (scan, (*name).to_owned())),
            _ => None,
        };
        let changed = condition.transform_down(|e| {
            let jump = |e| Ok(Transformed::new(e, true, TreeNodeRecursion::Jump));
            match &e {
                // Statistics of row groups are looked at for it, so that it stays what it is.
                Expr::BinaryExpr(BinaryExpr { left, op, right }) if compares(*op) && is_text(right) && dictionary(left).is_some() => {
                    self.gains.extend(dictionary(left));
                    return jump(e);
                }
                Expr::IsNull(tested) | Expr::IsNotNull(tested) if dictionary(tested).is_some() => return jump(e),
                Expr::Like(like) if is_text(&like.pattern) && dictionary(&like.expr).is_some() => {
                    self.gains.extend(dictionary(&like.expr));
                    return jump(self.by_text(&like.expr, e.clone())?);
                }
                Expr::InList(list) if list.list.iter().all(is_text) && dictionary(&list.expr).is_some() => {
                    self.gains.extend(dictionary(&list.expr));
                    return jump(self.by_text(&list.expr, e.clone())?);
                }
                _ => {}
            }
            match dictionary(&e) {
                Some(origin) => {
                    self.losses.insert(origin);
                    jump(cast(e, DataType::Utf8))
                }
                None => Ok(Transformed::no(e)),
            }
        })?;
        Ok(changed.data)
    }

    /// A condition on a dictionary, evaluated by text.
    fn by_text(&self, tested: &Expr, condition: Expr) -> Result<Expr> {
        let Expr::Column(column) = tested else { return Ok(condition) };
        let schema = TextCondition::schema(&column.name);
        let bare = condition.transform(|e| match e {
            Expr::Column(c) => Ok(Transformed::yes(Expr::Column(Column::new_unqualified(c.name)))),
            e => Ok(Transformed::no(e)),
        })?;
        let known = DFSchema::try_from(schema.as_ref().clone())?;
        let condition = TextCondition::new(self.state.create_physical_expr(bare.data, &known)?, schema);
        Ok(Arc::new(ScalarUDF::from(condition)).call(vec![tested.clone()]))
    }

    fn projection(&mut self, plan: &LogicalPlan, projection: &Projection) -> Result<Coded> {
        let input = self.rewrite(&projection.input)?;
        let preserver = NamePreserver::new(plan);
        let mut exprs = Vec::with_capacity(projection.expr.len());
        let mut columns = Vec::new();
        for expr in &projection.expr {
            if let Some(coded) = find(bare(expr), &input.columns) {
                let (relation, name) = expr.qualified_name();
                columns.push(CodedColumn { column: Column::new(relation, name), ..coded.clone() });
                exprs.push(expr.clone());
            } else {
                let saved = preserver.save(expr);
                exprs.push(saved.restore(self.with_texts(expr.clone(), &input.columns)?));
            }
        }
        Ok(Coded { plan: LogicalPlan::Projection(Projection::try_new(exprs, Arc::new(input.plan))?), columns })
    }

    fn aggregate(&mut self, plan: &LogicalPlan, aggregate: &Aggregate) -> Result<Coded> {
        let mut input = self.rewrite(&aggregate.input)?;
        // Sets put NULLs where columns are not grouped by; what they are made of stays as it is.
        if aggregate.group_expr.iter().any(|e| matches!(e, Expr::GroupingSet(_))) {
            input = untouched(&self.decoded(input)?);
        }
        let preserver = NamePreserver::new(plan);
        let mut columns = Vec::new();
        let mut groups = Vec::with_capacity(aggregate.group_expr.len());
        for expr in &aggregate.group_expr {
            if let Some(coded) = find(bare(expr), &input.columns) {
                self.gains.insert(coded.origin.clone());
                let (relation, name) = expr.qualified_name();
                columns.push(CodedColumn { column: Column::new(relation, name), every_row: false, ..coded.clone() });
                groups.push(expr.clone());
            } else {
                let saved = preserver.save(expr);
                groups.push(saved.restore(self.with_texts(expr.clone(), &input.columns)?));
            }
        }
        let mut aggregates = Vec::with_capacity(aggregate.aggr_expr.len());
        for expr in &aggregate.aggr_expr {
            if let Some(counted) = counted(expr, &input.columns) {
                self.gains.insert(counted.origin.clone());
                aggregates.push(expr.clone());
            } else {
                let saved = preserver.save(expr);
                aggregates.push(saved.restore(self.with_texts(expr.clone(), &input.columns)?));
            }
        }
        let changed = Aggregate::try_new(Arc::new(input.plan), groups, aggregates)?;
        Ok(Coded { plan: LogicalPlan::Aggregate(changed), columns })
    }

    fn join(&mut self, join: &Join) -> Result<Coded> {
        let left = self.rewrite(&join.left)?;
        let right = self.rewrite(&join.right)?;
        let mut on = Vec::with_capacity(join.on.len());
        for (l, r) in &join.on {
            if let (Some(a), Some(b)) = (find(l, &left.columns), find(r, &right.columns)) {
                self.gains.extend([a.origin.clone(), b.origin.clone()]);
                on.push((l.clone(), r.clone()));
            } else {
                on.push((self.with_texts(l.clone(), &left.columns)?, self.with_texts(r.clone(), &right.columns)?));
            }
        }
        let mut columns: Vec<CodedColumn> = left.columns.into_iter().chain(right.columns).collect();
        let filter = join.filter.clone().map(|filter| self.with_texts(filter, &columns)).transpose()?;
        let joined = Join::try_new(
            Arc::new(left.plan),
            Arc::new(right.plan),
            on,
            filter,
            join.join_type,
            join.join_constraint,
            join.null_equality,
            join.null_aware,
        )?;
        columns.retain(|coded| joined.schema.has_column(&coded.column));
        Ok(Coded { plan: LogicalPlan::Join(joined), columns })
    }

    /// An expression that sees texts where its input has numbers.
    fn with_texts(&mut self, expr: Expr, columns: &[CodedColumn]) -> Result<Expr> {
        if columns.is_empty() {
            return Ok(expr);
        }
        let changed = expr.transform_down(|e| match find(&e, columns) {
            Some(coded) => {
                self.need_text(coded);
                Ok(Transformed::new(self.text.call(vec![e]), true, TreeNodeRecursion::Jump))
            }
            None => Ok(Transformed::no(e)),
        })?;
        Ok(changed.data)
    }

    fn need_text(&mut self, coded: &CodedColumn) {
        if coded.every_row {
            self.losses.insert(coded.origin.clone());
        }
    }

    /// The plan with all its texts.
    fn decoded(&mut self, coded: Coded) -> Result<LogicalPlan> {
        let Coded { plan, columns } = coded;
        if columns.is_empty() {
            return Ok(plan);
        }
        let every: Vec<(Option<TableReference>, String)> = plan.schema().iter().map(|(r, f)| (r.cloned(), f.name().clone())).collect();
        let mut exprs = Vec::with_capacity(every.len());
        for (relation, name) in every {
            let column = Column::new(relation, name);
            let expr = Expr::Column(column.clone());
            exprs.push(match find(&expr, &columns) {
                Some(coded) => {
                    self.need_text(coded);
                    named(self.text.call(vec![expr]), &column)
                }
                None => expr,
            });
        }
        Ok(LogicalPlan::Projection(Projection::try_new(exprs, Arc::new(plan))?))
    }
}

fn untouched(plan: &LogicalPlan) -> Coded {
    Coded { plan: plan.clone(), columns: Vec::new() }
}

fn named(expr: Expr, column: &Column) -> Expr {
    expr.alias_qualified(column.relation.clone(), column.name.clone())
}

fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Alias(alias) => bare(&alias.expr),
        other => other,
    }
}

fn find<'a>(expr: &Expr, columns: &'a [CodedColumn]) -> Option<&'a CodedColumn> {
    match expr {
        Expr::Column(column) => columns.iter().find(|coded| coded.column == *column),
        _ => None,
    }
}

/// The column that is counted, which needs no texts.
fn counted<'a>(expr: &Expr, columns: &'a [CodedColumn]) -> Option<&'a CodedColumn> {
    let Expr::AggregateFunction(call) = bare(expr) else { return None };
    let params = &call.params;
    let [arg] = params.args.as_slice() else { return None };
    let others_see_none =
        params.filter.as_ref().is_none_or(|filter| filter.column_refs().iter().all(|c| columns.iter().all(|o| o.column != **c)));
    if call.func.name() == "count" && params.order_by.is_empty() && others_see_none { find(arg, columns) } else { None }
}

fn is_text(expr: &Expr) -> bool {
    matches!(expr, Expr::Literal(value, _) if value.data_type() == DataType::Utf8 && !value.is_null())
}

fn compares(op: Operator) -> bool {
    matches!(op, Operator::Eq | Operator::NotEq | Operator::Lt | Operator::LtEq | Operator::Gt | Operator::GtEq)
}
