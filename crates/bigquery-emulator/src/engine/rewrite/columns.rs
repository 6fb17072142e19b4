//! The names of a query's columns, as far as they can be told before planning: for what lists columns without naming them.

use sqlparser::ast::{
    Expr, JoinConstraint, JoinOperator, ObjectNamePart, Query, Select, SelectFlavor, SelectItem, SelectItemQualifiedWildcardKind, SetExpr,
    TableFactor, TableWithJoins, WildcardAdditionalOptions,
};

use super::tables::{parts, qualify};
use super::{Frame, Rewriter, select};

impl Rewriter<'_> {
    /// The columns of a query; `None` where one of them cannot be told.
    pub(super) fn columns_of(&self, query: &Query) -> Option<Vec<String>> {
        if !query.pipe_operators.is_empty() {
            return None;
        }
        self.columns_of_body(&query.body)
    }

    /// The columns of a common table expression, which may read those before it in the same WITH.
    pub(super) fn columns_of_cte(&mut self, query: &Query, before: &Frame) -> Option<Vec<String>> {
        let known =
            Frame { ctes: before.cte_columns.keys().cloned().collect(), cte_columns: before.cte_columns.clone(), ..Frame::default() };
        self.frames.push(known);
        let found = self.columns_of(query);
        self.frames.pop();
        found
    }

    fn columns_of_body(&self, body: &SetExpr) -> Option<Vec<String>> {
        match body {
            SetExpr::Query(query) => self.columns_of(query),
            SetExpr::SetOperation { left, .. } => self.columns_of_body(left),
            SetExpr::Select(select) => self.columns_of_select(select),
            _ => None,
        }
    }

    fn columns_of_select(&self, select: &Select) -> Option<Vec<String>> {
        if select.value_table_mode.is_some() {
            return None;
        }
        if select.flavor == SelectFlavor::FromFirstNoSelect {
            return self.all_columns(&select.from);
        }
        let mut found = Vec::new();
        for item in &select.projection {
            match item {
                SelectItem::ExprWithAlias { alias, .. } => found.push(alias.value.to_lowercase()),
                SelectItem::UnnamedExpr(expr) => found.push(select::implied_name(expr)?.value.to_lowercase()),
                SelectItem::Wildcard(options) => found.extend(without(self.all_columns(&select.from)?, options)),
                SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), options) => {
                    let wanted = name.0.last().and_then(ObjectNamePart::as_ident)?.value.to_lowercase();
                    let mut own = None;
                    for factor in factors(&select.from) {
                        if name_of(factor).is_some_and(|n| n == wanted) {
                            own = Some(self.columns_of_factor(factor)?);
                        }
                    }
                    found.extend(without(own?, options));
                }
                _ => return None,
            }
        }
        Some(found)
    }

    /// What a star stands for.
    pub(super) fn all_columns(&self, from: &[TableWithJoins]) -> Option<Vec<String>> {
        let mut found: Vec<String> = Vec::new();
        for table in from {
            found.extend(self.columns_of_factor(&table.relation)?);
            for join in &table.joins {
                let mut more = self.columns_of_factor(&join.relation)?;
                if let JoinOperator::Join(c)
                | JoinOperator::Inner(c)
                | JoinOperator::Left(c)
                | JoinOperator::LeftOuter(c)
                | JoinOperator::Right(c)
                | JoinOperator::RightOuter(c)
                | JoinOperator::FullOuter(c) = &join.join_operator
                    && let JoinConstraint::Using(names) = c
                {
                    let shared: Vec<String> = names.iter().map(|n| n.to_string().replace(['`', '"'], "").to_lowercase()).collect();
                    more.retain(|c| !shared.contains(c));
                }
                found.extend(more);
            }
        }
        Some(found)
    }

    pub(super) fn columns_of_factor(&self, factor: &TableFactor) -> Option<Vec<String>> {
        match factor {
            TableFactor::Table { name, alias, .. } => {
                if let Some(alias) = alias
                    && !alias.columns.is_empty()
                {
                    return Some(alias.columns.iter().map(|c| c.name.value.to_lowercase()).collect());
                }
                let parts = parts(name);
                if let [single] = parts.as_slice()
                    && self.is_cte(single)
                {
                    let name = single.to_lowercase();
                    return self.frames.iter().rev().find_map(|f| f.cte_columns.get(&name)).cloned();
                }
                let found = self.tables.table(&qualify(&parts, self.input, sqlparser::tokenizer::Location::new(0, 0)).ok()?)?;
                Some(found.schema.fields.iter().map(|f| f.name.to_lowercase()).collect())
            }
            TableFactor::Derived { subquery, alias, .. } => match alias {
                Some(alias) if !alias.columns.is_empty() => Some(alias.columns.iter().map(|c| c.name.value.to_lowercase()).collect()),
                _ => self.columns_of(subquery),
            },
            TableFactor::UNNEST { alias, array_exprs, with_offset, with_offset_alias, .. } => {
                let mut found = match array_exprs.as_slice() {
                    [array] => match struct_fields(array) {
                        Some(fields) => fields,
                        None => vec![alias.as_ref()?.name.value.to_lowercase()],
                    },
                    _ => return None,
                };
                // Whether the element is a STRUCT can be told of literals alone.
                if !matches!(&array_exprs[0], Expr::Array(_)) {
                    return None;
                }
                if *with_offset {
                    found.push(with_offset_alias.as_ref().map_or("offset".to_owned(), |a| a.value.to_lowercase()));
                }
                Some(found)
            }
            _ => None,
        }
    }
}

/// The fields of the STRUCTs in an ARRAY literal.
fn struct_fields(array: &Expr) -> Option<Vec<String>> {
    let Expr::Array(array) = array else { return None };
    let Expr::Struct { values, fields } = array.elem.first()? else { return None };
    if !fields.is_empty() {
        return fields.iter().map(|f| f.field_name.as_ref().map(|n| n.value.to_lowercase())).collect();
    }
    values
        .iter()
        .map(|v| match v {
            Expr::Named { name, .. } => Some(name.value.to_lowercase()),
            other => select::implied_name(other).map(|n| n.value.to_lowercase()),
        })
        .collect()
}

/// The fields of a STRUCT that says them: a literal, or the groups of a constant pattern.
pub(super) fn fields_of(expr: &Expr) -> Option<Vec<String>> {
    match expr {
        Expr::Nested(inner) => fields_of(inner),
        Expr::Function(f) if f.name.to_string().eq_ignore_ascii_case("REGEXP_EXTRACT_GROUPS") => {
            let args = super::arguments(f)?;
            let Expr::Value(pattern) = args.get(1)? else { return None };
            crate::engine::functions::group_names(&pattern.value.clone().into_string()?)
        }
        Expr::Struct { .. } => {
            let array = Expr::Array(sqlparser::ast::Array { elem: vec![expr.clone()], named: false });
            struct_fields(&array)
        }
        _ => None,
    }
}

pub(super) fn factors(from: &[TableWithJoins]) -> impl Iterator<Item = &TableFactor> {
    from.iter().flat_map(|t| std::iter::once(&t.relation).chain(t.joins.iter().map(|j| &j.relation)))
}

/// The name under which an item of FROM is known.
pub(super) fn name_of(factor: &TableFactor) -> Option<String> {
    match factor {
        TableFactor::Table { alias: Some(alias), .. }
        | TableFactor::Derived { alias: Some(alias), .. }
        | TableFactor::UNNEST { alias: Some(alias), .. } => Some(alias.name.value.to_lowercase()),
        TableFactor::Table { name, .. } => parts(name).last().map(|n| n.to_lowercase()),
        _ => None,
    }
}

fn without(mut all: Vec<String>, options: &WildcardAdditionalOptions) -> Vec<String> {
    if let Some(except) = &options.opt_except {
        let gone: Vec<String> =
            std::iter::once(&except.first_element).chain(&except.additional_elements).map(|i| i.value.to_lowercase()).collect();
        all.retain(|c| !gone.contains(c));
    }
    all
}
