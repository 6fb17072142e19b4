//! MERGE as queries: one for the rows that match, one for rows of the table that do not, one for each INSERT.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/dml-syntax#merge_statement>

use sqlparser::ast::{
    BinaryOperator, Expr, Merge, MergeAction, MergeClause, MergeClauseKind, MergeInsertKind, ObjectName, SelectItem,
    SelectItemQualifiedWildcardKind, TableFactor, WildcardAdditionalOptions,
};

use super::steps::{alias_of, assignments, column_places, from, item, joined, literal_of, query, row_of, whole_rows};
use super::{Action, Step};
use crate::engine::error::not_supported;
use crate::engine::rewrite::{boolean, call, case, made, nested, not, number};
use crate::engine::{QueryError, TableSnapshot};

pub(super) fn steps(table: &TableSnapshot, target: TableFactor, merge: Merge) -> Result<Vec<Step>, QueryError> {
    let Merge { source, on, clauses, output: None, .. } = merge else {
        return Err(not_supported("MERGE with OUTPUT"));
    };
    let of =
        |kinds: &[MergeClauseKind]| -> Vec<MergeClause> { clauses.iter().filter(|c| kinds.contains(&c.clause_kind)).cloned().collect() };
    let mut found = Vec::new();
    let matched = of(&[MergeClauseKind::Matched]);
    let by_source = of(&[MergeClauseKind::NotMatchedBySource]);
    if !matched.is_empty() || !by_source.is_empty() {
        // Where only unmatched rows are acted upon, the matched ones must still be known.
        found.push(act(table, &target, joined(target.clone(), source.clone(), (*on).clone()), matched, false)?);
    }
    if !by_source.is_empty() {
        found.push(act(table, &target, from(target.clone()), by_source, true)?);
    }
    let mut earlier: Vec<Expr> = Vec::new();
    for clause in of(&[MergeClauseKind::NotMatched, MergeClauseKind::NotMatchedByTarget]) {
        let MergeAction::Insert(insert) = clause.action else {
            return Err(not_supported("This clause of MERGE"));
        };
        // What is inserted is said in columns of the source alone.
        let matches = query(vec![item(number(1), "$one")], from(target.clone()), Some((*on).clone()));
        let mut condition = Expr::Exists { subquery: Box::new(matches), negated: true };
        for predicate in &earlier {
            condition = and(condition, not(call("coalesce", vec![predicate.clone(), boolean(false)])));
        }
        if let Some(predicate) = clause.predicate {
            condition = and(condition, predicate.clone());
            earlier.push(predicate);
        } else {
            earlier.push(boolean(true));
        }
        let places = column_places(table, &insert.columns)?;
        let list = match insert.kind {
            MergeInsertKind::Row => {
                let kind = SelectItemQualifiedWildcardKind::ObjectName(ObjectName::from(vec![alias_of(&source)]));
                vec![SelectItem::QualifiedWildcard(kind, WildcardAdditionalOptions::default())]
            }
            MergeInsertKind::Values(values) => {
                let Some(row) = values.rows.into_iter().next().map(|r| r.content) else {
                    return Err(not_supported("INSERT without rows"));
                };
                if row.len() != places.len() {
                    return Err(QueryError::invalid(format!(
                        "Inserted row has wrong column count; Has {}, expected {}",
                        row.len(),
                        places.len()
                    )));
                }
                let typed = row.into_iter().zip(&places).map(|(mut value, place)| {
                    literal_of(&mut value, &table.schema.fields[*place]);
                    item(value, &format!("$c{place}"))
                });
                typed.collect()
            }
        };
        let rows = query(list, from(source.clone()), Some(condition));
        found.push(Step::Insert(Box::new(whole_rows(table, rows, &places))));
    }
    Ok(found)
}

fn and(left: Expr, right: Expr) -> Expr {
    Expr::BinaryOp { left: Box::new(nested(left)), op: BinaryOperator::And, right: Box::new(nested(right)) }
}

/// The step that takes for each row the first clause whose condition holds.
fn act(
    table: &TableSnapshot,
    target: &TableFactor,
    relations: Vec<sqlparser::ast::TableWithJoins>,
    clauses: Vec<MergeClause>,
    unmatched: bool,
) -> Result<Step, QueryError> {
    let mut conditions = Vec::new();
    let mut actions = Vec::new();
    // For each column that any clause sets: by clause, its value.
    let mut values: Vec<(usize, Vec<(usize, Expr)>)> = Vec::new();
    for (number, clause) in clauses.into_iter().enumerate() {
        conditions.push(clause.predicate.unwrap_or_else(|| boolean(true)));
        match clause.action {
            MergeAction::Delete { .. } => actions.push(Action::Delete),
            MergeAction::Update(update) => {
                if update.update_predicate.is_some() || update.delete_predicate.is_some() {
                    return Err(not_supported("MERGE UPDATE with WHERE"));
                }
                actions.push(Action::Update);
                for (place, value) in assignments(table, update.assignments)? {
                    match values.iter_mut().find(|(p, _)| *p == place) {
                        Some((_, list)) => list.push((number, value)),
                        None => values.push((place, vec![(number, value)])),
                    }
                }
            }
            MergeAction::Insert(_) => return Err(not_supported("This clause of MERGE")),
        }
    }
    let choose = |result: &dyn Fn(usize) -> Expr, otherwise: Expr| {
        conditions.iter().enumerate().rev().fold(otherwise, |rest, (i, condition)| case(condition.clone(), result(i), Some(rest)))
    };
    let ordinal = |i: usize| number(i64::try_from(i + 1).unwrap_or(i64::MAX));
    let mut list = vec![row_of(target), item(choose(&ordinal, number(0)), "$action")];
    let mut columns = Vec::new();
    for (place, by_clause) in values {
        let own = || Expr::CompoundIdentifier(vec![alias_of(target), made(table.schema.fields[place].name.to_lowercase())]);
        let value = |i: usize| by_clause.iter().find(|(clause, _)| *clause == i).map_or_else(own, |(_, value)| value.clone());
        list.push(item(choose(&value, own()), &format!("$c{place}")));
        columns.push(place);
    }
    Ok(Step::Act { query: Box::new(query(list, relations, None)), columns, actions, unmatched })
}
