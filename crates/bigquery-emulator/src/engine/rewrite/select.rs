//! Queries and SELECT lists: FROM, names of columns, QUALIFY; what their aliases mean is in `aliases`.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/query-syntax#using_aliases>

use sqlparser::ast::{
    AccessExpr, Expr, Ident, Join, JoinConstraint, JoinOperator, LimitClause, NamedWindowExpr, ObjectName, ObjectNamePart, OrderByKind,
    Query, Select, SelectItem, SelectItemQualifiedWildcardKind, SetExpr, TableFactor, TableWithJoins, ValueTableMode,
    WildcardAdditionalOptions, WindowType,
};

use super::aliases::Aliases;
use super::calls::{call, nested, number, string};
use super::tables::implicit_unnest;
use super::{Frame, Rewriter, made, normal, select_of};
use crate::engine::QueryError;
use crate::engine::error::not_supported;

/// A nameless column, `f0_` in BigQuery's results.
pub(in crate::engine) const ANONYMOUS: &str = "$f";

impl Rewriter<'_> {
    pub(super) fn enter_query(&mut self, query: &mut Query) -> Result<(), QueryError> {
        self.without_pipes(query)?;
        if query.fetch.is_some() || query.for_clause.is_some() || !query.locks.is_empty() {
            return Err(not_supported("FETCH or FOR"));
        }
        let mut frame = Frame::default();
        if let Some(with) = &mut query.with {
            for cte in &mut with.cte_tables {
                normal(&mut cte.alias.name);
                for column in &mut cte.alias.columns {
                    normal(&mut column.name);
                }
                let name = cte.alias.name.value.clone();
                if with.recursive {
                    frame.ctes.insert(name.clone());
                }
                let columns = if cte.alias.columns.is_empty() {
                    self.columns_of_cte(&cte.query, &frame)
                } else {
                    Some(cte.alias.columns.iter().map(|c| c.name.value.to_lowercase()).collect())
                };
                if let Some(columns) = columns {
                    frame.cte_columns.insert(name.clone(), columns);
                }
                frame.pending.push_back(name);
            }
        }
        if let Some(LimitClause::OffsetCommaLimit { .. }) = query.limit_clause {
            return Err(not_supported("LIMIT offset, count"));
        }
        frame.is_set = select_of(query).is_none();
        let mut order_by = query.order_by.take();
        if let Some(select) = select_of(query) {
            for table in &mut select.from {
                let factors = std::iter::once(&mut table.relation).chain(table.joins.iter_mut().map(|j| &mut j.relation));
                for factor in factors {
                    if let TableFactor::UNNEST { alias, with_offset, with_offset_alias, .. } = factor {
                        if let Some(alias) = alias {
                            frame.elements.insert(alias.name.value.to_lowercase());
                        }
                        if *with_offset && with_offset_alias.is_none() {
                            *with_offset_alias = Some(made("offset"));
                        }
                    }
                }
            }
            let aliases = Aliases::of(select);
            aliases.group_by(&mut select.group_by);
            for condition in [&mut select.having, &mut select.qualify].into_iter().flatten() {
                aliases.substitute(condition);
            }
            if let Some(order_by) = &mut order_by
                && let OrderByKind::Expressions(list) = &mut order_by.kind
            {
                for item in list {
                    match &item.expr {
                        Expr::Identifier(ident) => {
                            if let Some(position) = aliases.position(ident) {
                                item.expr = number(position);
                            }
                        }
                        Expr::Value(_) | Expr::CompoundIdentifier(_) => {}
                        _ => aliases.substitute(&mut item.expr),
                    }
                }
            }
        }
        query.order_by = order_by;
        self.frames.push(frame);
        Ok(())
    }

    pub(super) fn enter_select(&mut self, select: &mut Select) -> Result<(), QueryError> {
        if select.top.is_some() || select.into.is_some() || !select.lateral_views.is_empty() {
            return Err(not_supported("This form of SELECT"));
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.one_row = select.from.is_empty();
        }
        // Columns of USING are found by the names of what is joined.
        for table in &mut select.from {
            if table.joins.is_empty() {
                continue;
            }
            for factor in std::iter::once(&mut table.relation).chain(table.joins.iter_mut().map(|j| &mut j.relation)) {
                if let TableFactor::Derived { alias: alias @ None, .. } = factor {
                    let name = made(self.fresh("q"));
                    *alias = Some(sqlparser::ast::TableAlias { explicit: true, name, columns: Vec::new(), at: None });
                }
            }
        }
        flatten_from(&mut select.from);
        let mut seen = Vec::new();
        for table in &mut select.from {
            let factors = std::iter::once(&mut table.relation).chain(table.joins.iter_mut().map(|j| &mut j.relation));
            for factor in factors {
                implicit_unnest(factor, &seen);
                match factor {
                    TableFactor::Table { name, alias, .. } => {
                        let last = name.0.last().and_then(ObjectNamePart::as_ident);
                        let shown = alias.as_ref().map(|a| &a.name).or(last);
                        seen.extend(shown.map(|i| i.value.to_lowercase()));
                    }
                    TableFactor::Derived { alias: Some(a), .. } | TableFactor::UNNEST { alias: Some(a), .. } => {
                        seen.push(a.name.value.to_lowercase());
                        if let TableFactor::UNNEST { .. } = factor
                            && let Some(frame) = self.frames.last_mut()
                            && let Some(last) = seen.last()
                        {
                            frame.elements.insert(last.clone());
                        }
                    }
                    _ => {}
                }
            }
            whole_unnest(table);
            for join in &mut table.joins {
                if let Some(JoinConstraint::Using(columns)) = constraint(&mut join.join_operator) {
                    for name in columns {
                        normal_name(name);
                    }
                }
            }
        }
        self.expand_full_using(select)?;
        super::using::qualify(select);
        self.note_rows(select);
        for definition in &mut select.named_window {
            normal(&mut definition.0);
            match &mut definition.1 {
                NamedWindowExpr::NamedWindow(name) => normal(name),
                NamedWindowExpr::WindowSpec(spec) => {
                    if let Some(name) = &mut spec.window_name {
                        normal(name);
                    }
                }
            }
        }
        let mode = select.value_table_mode.take();
        let struct_fields = matches!(mode, Some(ValueTableMode::AsStruct | ValueTableMode::DistinctAsStruct));
        if matches!(mode, Some(ValueTableMode::DistinctAsStruct | ValueTableMode::DistinctAsValue)) {
            select.distinct = Some(sqlparser::ast::Distinct::Distinct);
        }
        if let Some(condition) = select.qualify.take() {
            select.qualify = Some(with_window(condition));
        }
        let mut items = Vec::new();
        for item in std::mem::take(&mut select.projection) {
            match item {
                SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::Expr(whole), options) => {
                    let fields = super::columns::fields_of(&whole).filter(|_| options == WildcardAdditionalOptions::default());
                    for name in fields.ok_or_else(|| not_supported("`.*` of this expression"))? {
                        let expr = call("$FIELD", vec![whole.clone(), string(&name)]);
                        items.push(SelectItem::ExprWithAlias { expr, alias: made(name) });
                    }
                }
                other => items.push(other),
            }
        }
        if struct_fields {
            items = vec![as_struct(items)?];
        }
        for item in &mut items {
            self.select_item(item, &seen);
        }
        select.projection = items;
        Ok(())
    }

    /// `SELECT *` over a FULL JOIN USING by the names of its columns.
    fn expand_full_using(&mut self, select: &mut Select) -> Result<(), QueryError> {
        let stars = select.projection.iter().any(|i| matches!(i, SelectItem::Wildcard(_)));
        if !stars || !super::using::has_full_using(select) {
            return Ok(());
        }
        let refuse = || not_supported("SELECT * over this FULL JOIN USING");
        let [table] = select.from.as_slice() else { return Err(refuse()) };
        let [join] = table.joins.as_slice() else { return Err(refuse()) };
        let JoinOperator::FullOuter(JoinConstraint::Using(names)) = &join.join_operator else { return Err(refuse()) };
        let shared: Vec<String> = names.iter().map(|n| n.to_string().replace(['`', '"'], "").to_lowercase()).collect();
        let mut list: Vec<SelectItem> = shared.iter().map(|c| SelectItem::UnnamedExpr(Expr::Identifier(Ident::new(c.clone())))).collect();
        for factor in [&table.relation, &join.relation] {
            let name = super::columns::name_of(factor).ok_or_else(refuse)?;
            for column in self.columns_of_factor(factor).ok_or_else(refuse)?.into_iter().filter(|c| !shared.contains(c)) {
                list.push(SelectItem::UnnamedExpr(Expr::CompoundIdentifier(vec![made(name.clone()), Ident::new(column)])));
            }
        }
        let items = std::mem::take(&mut select.projection);
        for item in items {
            match item {
                SelectItem::Wildcard(options) if options == WildcardAdditionalOptions::default() => {
                    select.projection.append(&mut list.clone())
                }
                SelectItem::Wildcard(_) => return Err(refuse()),
                other => select.projection.push(other),
            }
        }
        Ok(())
    }

    /// Notes the tables whose names stand for whole rows: those whose columns are known and that no column is named like.
    fn note_rows(&mut self, select: &Select) {
        let known: Vec<(String, Option<Vec<String>>)> = super::columns::factors(&select.from)
            .filter(|f| matches!(f, TableFactor::Table { .. } | TableFactor::Derived { .. }))
            .filter_map(|f| Some((super::columns::name_of(f)?, self.columns_of_factor(f))))
            .collect();
        let columns: Vec<String> = known.iter().flat_map(|(_, c)| c.iter().flatten().cloned()).collect();
        let all_known = known.iter().all(|(_, c)| c.is_some());
        if let Some(frame) = self.frames.last_mut()
            && all_known
        {
            for (name, own) in known {
                if let Some(own) = own
                    && !columns.contains(&name)
                    && !frame.elements.contains(&name)
                {
                    frame.rows.insert(name, own);
                }
            }
        }
    }

    fn select_item(&mut self, item: &mut SelectItem, tables: &[String]) {
        if let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item {
            super::listed::list_subqueries(expr);
        }
        match item {
            SelectItem::UnnamedExpr(expr) => {
                let alias = match implied_name(expr) {
                    // A plain column keeps its table, so that `a.name, b.name` are two columns.
                    Some(_) if is_column(expr, tables) => {
                        if self.is_element(expr) {
                            implied_name(expr).map(|i| made(i.value.to_lowercase()))
                        } else {
                            return;
                        }
                    }
                    Some(name) => Some(made(name.value.to_lowercase())),
                    None => None,
                };
                let alias = alias.unwrap_or_else(|| made(self.fresh("f")));
                let expr = std::mem::replace(expr, super::calls::null());
                *item = SelectItem::ExprWithAlias { expr, alias };
            }
            SelectItem::ExprWithAlias { alias, .. } => {
                self.spell(&alias.value.clone());
                normal(alias);
            }
            SelectItem::QualifiedWildcard(kind, options) => {
                if let SelectItemQualifiedWildcardKind::ObjectName(name) = kind {
                    normal_name(name);
                }
                wildcard(options);
            }
            SelectItem::Wildcard(options) => wildcard(options),
            SelectItem::ExprWithAliases { .. } => {}
        }
    }

    fn is_element(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Identifier(i) => {
                let name = i.value.to_lowercase();
                self.frames.last().is_some_and(|f| f.elements.contains(&name) || f.rows.contains_key(&name))
            }
            _ => false,
        }
    }

    /// Keeps the names of the outermost SELECT list as they are written.
    pub(super) fn spell_output(&mut self, query: &Query) {
        let mut body = query.body.as_ref();
        loop {
            match body {
                SetExpr::SetOperation { left, .. } => body = left,
                SetExpr::Query(query) => body = query.body.as_ref(),
                SetExpr::Select(select) => {
                    for item in &select.projection {
                        match item {
                            SelectItem::ExprWithAlias { alias, .. } => self.spell(&alias.value),
                            SelectItem::UnnamedExpr(expr) => {
                                if let Some(name) = implied_name(expr) {
                                    self.spell(&name.value);
                                }
                            }
                            _ => {}
                        }
                    }
                    return;
                }
                _ => return,
            }
        }
    }
}

/// `FROM a, b, UNNEST(a.items)` becomes one chain of CROSS JOINs, so that what UNNEST reads is always on its left.
fn flatten_from(from: &mut Vec<TableWithJoins>) {
    let array = |t: &TableWithJoins| match &t.relation {
        TableFactor::UNNEST { .. } => true,
        TableFactor::Table { name, .. } => name.0.len() == 2,
        _ => false,
    };
    let outer = from
        .iter()
        .flat_map(|t| &t.joins)
        .any(|j| matches!(j.join_operator, JoinOperator::Right(_) | JoinOperator::RightOuter(_) | JoinOperator::FullOuter(_)));
    let unnest = from.iter().any(|t| {
        matches!(t.relation, TableFactor::UNNEST { .. }) || t.joins.iter().any(|j| matches!(j.relation, TableFactor::UNNEST { .. }))
    });
    if from.len() < 2 || outer || !(unnest || from.iter().skip(1).any(array)) {
        return;
    }
    let mut items = std::mem::take(from).into_iter();
    let Some(mut whole) = items.next() else {
        return;
    };
    for item in items {
        whole.joins.push(Join { relation: item.relation, global: false, join_operator: JoinOperator::CrossJoin(JoinConstraint::None) });
        whole.joins.extend(item.joins);
    }
    from.push(whole);
}

/// UNNEST beside a RIGHT or FULL JOIN cannot be correlated, so it becomes a subquery; elsewhere JOIN UNNEST without a
/// condition gets `ON TRUE`.
fn whole_unnest(table: &mut TableWithJoins) {
    let outer = table
        .joins
        .iter()
        .any(|j| matches!(j.join_operator, JoinOperator::Right(_) | JoinOperator::RightOuter(_) | JoinOperator::FullOuter(_)));
    for join in &mut table.joins {
        if matches!(join.relation, TableFactor::UNNEST { .. })
            && let JoinOperator::Left(c) | JoinOperator::LeftOuter(c) = &mut join.join_operator
            && *c == JoinConstraint::None
        {
            *c = JoinConstraint::On(super::calls::boolean(true));
        }
    }
    if !outer {
        return;
    }
    let factors = std::iter::once(&mut table.relation).chain(table.joins.iter_mut().map(|j| &mut j.relation));
    for factor in factors {
        if let TableFactor::UNNEST { alias, .. } = factor {
            let alias = alias.clone();
            let inner = std::mem::replace(
                factor,
                TableFactor::NestedJoin {
                    table_with_joins: Box::new(TableWithJoins {
                        relation: TableFactor::TableFunction { expr: super::calls::null(), alias: None },
                        joins: Vec::new(),
                    }),
                    alias: None,
                },
            );
            *factor = TableFactor::Derived { lateral: false, subquery: Box::new(super::calls::select_all(inner)), alias, sample: None };
        }
    }
}

fn constraint(operator: &mut JoinOperator) -> Option<&mut JoinConstraint> {
    match operator {
        JoinOperator::Join(c)
        | JoinOperator::Inner(c)
        | JoinOperator::Left(c)
        | JoinOperator::LeftOuter(c)
        | JoinOperator::Right(c)
        | JoinOperator::RightOuter(c)
        | JoinOperator::FullOuter(c)
        | JoinOperator::CrossJoin(c) => Some(c),
        _ => None,
    }
}

fn normal_name(name: &mut ObjectName) {
    for part in &mut name.0 {
        if let ObjectNamePart::Identifier(ident) = part {
            normal(ident);
        }
    }
}

fn wildcard(options: &mut WildcardAdditionalOptions) {
    if let Some(except) = &mut options.opt_except {
        normal(&mut except.first_element);
        except.additional_elements.iter_mut().for_each(normal);
    }
    if let Some(replace) = &mut options.opt_replace {
        for item in &mut replace.items {
            normal(&mut item.column_name);
        }
    }
}

/// The name that a column has without an alias: the last name of a path.
pub(super) fn implied_name(expr: &Expr) -> Option<&Ident> {
    match expr {
        Expr::Identifier(ident) => Some(ident),
        Expr::CompoundIdentifier(idents) => idents.last(),
        Expr::CompoundFieldAccess { access_chain, .. } => match access_chain.last() {
            Some(AccessExpr::Dot(Expr::Identifier(ident))) => Some(ident),
            _ => None,
        },
        Expr::Nested(inner) => implied_name(inner),
        _ => None,
    }
}

/// QUALIFY may name no window function where the SELECT list does; DataFusion wants one in it.
fn with_window(condition: Expr) -> Expr {
    let windowed = sqlparser::ast::visit_expressions(&condition, |e| match e {
        Expr::Function(f) if f.over.is_some() => std::ops::ControlFlow::Break(()),
        _ => std::ops::ControlFlow::Continue(()),
    });
    if windowed.is_break() {
        return condition;
    }
    let mut row = super::calls::function("row_number", Vec::new());
    row.over = Some(WindowType::WindowSpec(sqlparser::ast::WindowSpec {
        window_name: None,
        partition_by: Vec::new(),
        order_by: Vec::new(),
        window_frame: None,
    }));
    let always = Expr::BinaryOp {
        left: Box::new(call("$CAST", vec![Expr::Function(row), string("INT64")])),
        op: sqlparser::ast::BinaryOperator::Gt,
        right: Box::new(number(0)),
    };
    Expr::BinaryOp { left: Box::new(nested(condition)), op: sqlparser::ast::BinaryOperator::And, right: Box::new(always) }
}

/// Whether an expression is a column with or without its table, and not a field of a STRUCT.
fn is_column(expr: &Expr, tables: &[String]) -> bool {
    match expr {
        Expr::Identifier(_) => true,
        Expr::CompoundIdentifier(path) => path.len() == 2 && tables.contains(&path[0].value.to_lowercase()),
        _ => false,
    }
}

/// SELECT AS STRUCT: the list becomes one STRUCT.
pub(super) fn as_struct(items: Vec<SelectItem>) -> Result<SelectItem, QueryError> {
    let mut args = Vec::new();
    for (i, item) in items.into_iter().enumerate() {
        let (name, expr) = match item {
            SelectItem::ExprWithAlias { expr, alias } => (alias.value, expr),
            SelectItem::UnnamedExpr(expr) => {
                let name = implied_name(&expr).map(|i| i.value.clone());
                (name.unwrap_or_else(|| format!("_field_{}", i + 1)), expr)
            }
            _ => return Err(not_supported("SELECT AS STRUCT *")),
        };
        args.push(string(&name));
        args.push(expr);
    }
    Ok(SelectItem::UnnamedExpr(call("named_struct", args)))
}

pub(super) fn normal_window(over: &mut Option<WindowType>) {
    match over {
        Some(WindowType::NamedWindow(name)) => normal(name),
        Some(WindowType::WindowSpec(spec)) => {
            if let Some(name) = &mut spec.window_name {
                normal(name);
            }
        }
        None => {}
    }
}
