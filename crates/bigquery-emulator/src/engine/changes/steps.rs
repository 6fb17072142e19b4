//! INSERT, UPDATE and DELETE as queries.

use sqlparser::ast::{
    Assignment, AssignmentTarget, Delete, Expr, FromTable, Ident, Insert, Join, JoinConstraint, JoinOperator, ObjectName, ObjectNamePart,
    Query, SelectItem, SetExpr, Spanned, TableAlias, TableAliasColumnDef, TableFactor, TableWithJoins, Update, UpdateTableFromKind, Value,
};

use super::{Action, ROW, Step};
use crate::engine::defaults::default_of;
use crate::engine::error::not_supported;
use crate::engine::rewrite::{call, made, null, number, select_all, select_of, string};
use crate::engine::{QueryError, TableSnapshot};
use crate::schema::{Field, FieldType, Mode};

pub(super) fn insert(table: &TableSnapshot, insert: Insert) -> Result<Step, QueryError> {
    if insert.on.is_some()
        || insert.returning.is_some()
        || !insert.assignments.is_empty()
        || insert.overwrite
        || insert.partitioned.is_some()
    {
        return Err(not_supported("This form of INSERT"));
    }
    let places = column_places(table, &insert.columns)?;
    let Some(mut source) = insert.source else {
        return Err(not_supported("INSERT without rows"));
    };
    if let SetExpr::Values(values) = source.body.as_mut() {
        for row in &mut values.rows {
            if row.content.len() != places.len() {
                let at = row.content.first().map_or(sqlparser::tokenizer::Location::new(0, 0), |e| e.span().start);
                return Err(QueryError::invalid_at(
                    format!("Inserted row has wrong column count; Has {}, expected {}", row.content.len(), places.len()),
                    at,
                ));
            }
            for (value, place) in row.content.iter_mut().zip(&places) {
                literal_of(value, &table.schema.fields[*place]);
            }
        }
    }
    Ok(Step::Insert(Box::new(whole_rows(table, *source, &places))))
}

/// The places of named columns; all of them where none is named.
pub(super) fn column_places(table: &TableSnapshot, columns: &[ObjectName]) -> Result<Vec<usize>, QueryError> {
    if columns.is_empty() {
        return Ok((0..table.schema.fields.len()).collect());
    }
    let mut places = Vec::with_capacity(columns.len());
    for name in columns {
        let place = column_place(table, name)?;
        if places.contains(&place) {
            return Err(QueryError::invalid_at(format!("Duplicate column name {name} in INSERT"), name.span().start));
        }
        places.push(place);
    }
    Ok(places)
}

fn column_place(table: &TableSnapshot, name: &ObjectName) -> Result<usize, QueryError> {
    let idents: Vec<&Ident> = name.0.iter().filter_map(ObjectNamePart::as_ident).collect();
    let at = name.span().start;
    let place = |ident: &Ident| table.schema.fields.iter().position(|f| f.name.eq_ignore_ascii_case(&ident.value));
    match idents.as_slice() {
        [column] => place(column)
            .ok_or_else(|| QueryError::invalid_at(format!("Column {} is not present in table {}", column.value, table.reference), at)),
        [first, ..] if place(first).is_some() => Err(not_supported("UPDATE of a field of a STRUCT")),
        [_, column] => place(column).ok_or_else(|| QueryError::invalid_at(format!("Unrecognized name: {name}"), at)),
        _ => Err(not_supported("This column name")),
    }
}

/// A query for some columns as one for all: the others have their defaults.
pub(super) fn whole_rows(table: &TableSnapshot, source: Query, places: &[usize]) -> Query {
    let column = |place: usize| made(format!("$v{place}"));
    let alias = TableAlias {
        explicit: true,
        name: made("$rows"),
        columns: places.iter().map(|p| TableAliasColumnDef { name: column(*p), data_type: None }).collect(),
        at: None,
    };
    let derived = TableFactor::Derived { lateral: false, subquery: Box::new(source), alias: Some(alias), sample: None };
    let list = (0..table.schema.fields.len()).map(|place| {
        let expr = if places.contains(&place) { Expr::Identifier(column(place)) } else { default_of(&table.schema.fields[place]) };
        SelectItem::ExprWithAlias { expr, alias: made(format!("$c{place}")) }
    });
    query(list.collect(), from(derived), None)
}

pub(super) fn update(table: &TableSnapshot, target: TableFactor, update: Update) -> Result<Step, QueryError> {
    let Some(condition) = update.selection else {
        return Err(QueryError::invalid_at("UPDATE must have a WHERE clause", update.update_token.0.span.start));
    };
    if update.returning.is_some() || update.limit.is_some() || !update.table.joins.is_empty() {
        return Err(not_supported("This form of UPDATE"));
    }
    let row = row_of(&target);
    let mut list = vec![row, item(number(1), "$action")];
    let mut columns = Vec::new();
    for (place, value) in assignments(table, update.assignments)? {
        list.push(item(value, &format!("$c{place}")));
        columns.push(place);
    }
    let mut relations = vec![TableWithJoins { relation: target, joins: Vec::new() }];
    match update.from {
        None => {}
        Some(UpdateTableFromKind::AfterSet(others)) => relations.extend(others),
        Some(UpdateTableFromKind::BeforeSet(_)) => return Err(not_supported("UPDATE FROM before SET")),
    }
    let query = query(list, relations, Some(condition));
    Ok(Step::Act { query: Box::new(query), columns, actions: vec![Action::Update], unmatched: false })
}

/// The places and values of SET.
pub(super) fn assignments(table: &TableSnapshot, all: Vec<Assignment>) -> Result<Vec<(usize, Expr)>, QueryError> {
    let mut found: Vec<(usize, Expr)> = Vec::new();
    for assignment in all {
        let AssignmentTarget::ColumnName(name) = &assignment.target else {
            return Err(not_supported("SET of several columns at once"));
        };
        let place = column_place(table, name)?;
        if found.iter().any(|(p, _)| *p == place) {
            return Err(QueryError::invalid_at(format!("Update item {name} assigned more than once"), name.span().start));
        }
        let mut value = assignment.value;
        literal_of(&mut value, &table.schema.fields[place]);
        found.push((place, value));
    }
    Ok(found)
}

pub(super) fn deleted_from(delete: &Delete) -> Result<TableFactor, QueryError> {
    let (FromTable::WithFromKeyword(tables) | FromTable::WithoutKeyword(tables)) = &delete.from;
    match tables.as_slice() {
        [one] if one.joins.is_empty() && delete.using.is_none() => Ok(one.relation.clone()),
        _ => Err(not_supported("This form of DELETE")),
    }
}

pub(super) fn delete(target: TableFactor, delete: Delete) -> Result<Step, QueryError> {
    let Some(condition) = delete.selection else {
        return Err(QueryError::invalid_at("DELETE must have a WHERE clause", delete.delete_token.0.span.start));
    };
    if delete.returning.is_some() || delete.limit.is_some() || !delete.order_by.is_empty() {
        return Err(not_supported("This form of DELETE"));
    }
    let list = vec![row_of(&target), item(number(1), "$action")];
    let query = query(list, from(target), Some(condition));
    Ok(Step::Act { query: Box::new(query), columns: Vec::new(), actions: vec![Action::Delete], unmatched: false })
}

/// The number of the target's row.
pub(super) fn row_of(target: &TableFactor) -> SelectItem {
    item(Expr::CompoundIdentifier(vec![alias_of(target), made(ROW)]), ROW)
}

/// The name under which an item of FROM is known.
pub(super) fn alias_of(factor: &TableFactor) -> Ident {
    match factor {
        TableFactor::Table { alias: Some(alias), .. }
        | TableFactor::Derived { alias: Some(alias), .. }
        | TableFactor::UNNEST { alias: Some(alias), .. } => alias.name.clone(),
        TableFactor::Table { name, .. } => {
            let last = name.0.last().and_then(ObjectNamePart::as_ident);
            let text = last.map_or(String::new(), |i| i.value.rsplit('.').next().unwrap_or_default().to_owned());
            Ident::new(text)
        }
        _ => Ident::new(""),
    }
}

pub(super) fn item(expr: Expr, name: &str) -> SelectItem {
    SelectItem::ExprWithAlias { expr, alias: made(name) }
}

pub(super) fn from(relation: TableFactor) -> Vec<TableWithJoins> {
    vec![TableWithJoins { relation, joins: Vec::new() }]
}

pub(super) fn joined(left: TableFactor, right: TableFactor, on: Expr) -> Vec<TableWithJoins> {
    let join_operator = JoinOperator::Inner(JoinConstraint::On(on));
    vec![TableWithJoins { relation: left, joins: vec![Join { relation: right, global: false, join_operator }] }]
}

pub(super) fn query(list: Vec<SelectItem>, from: Vec<TableWithJoins>, condition: Option<Expr>) -> Query {
    let dummy = TableFactor::Table {
        name: ObjectName::from(vec![made("$none")]),
        alias: None,
        args: None,
        with_hints: Vec::new(),
        version: None,
        with_ordinality: false,
        partitions: Vec::new(),
        json_path: None,
        sample: None,
        index_hints: Vec::new(),
    };
    let mut query = select_all(dummy);
    if let Some(select) = select_of(&mut query) {
        select.projection = list;
        select.from = from;
        select.selection = condition;
    }
    query
}

/// A literal takes the type of the column that it goes to, where literals are coerced.
/// Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/conversion_rules#literal_coercion>
pub(in crate::engine) fn literal_of(value: &mut Expr, field: &Field) {
    let Expr::Value(literal) = &*value else {
        if matches!(&*value, Expr::Identifier(i) if i.value.eq_ignore_ascii_case("DEFAULT") && i.quote_style.is_none()) {
            *value = default_of(field);
            return;
        }
        // `[]` fits an ARRAY of every type, as NULL does, and the two are the same in a table.
        if matches!(&*value, Expr::Array(array) if array.elem.is_empty()) && field.mode == Mode::Repeated {
            *value = null();
        }
        return;
    };
    let coerced = match &literal.value {
        Value::SingleQuotedString(_) => {
            matches!(field.field_type, FieldType::Date | FieldType::Datetime | FieldType::Timestamp | FieldType::Time)
        }
        Value::Number(..) => matches!(field.field_type, FieldType::Numeric | FieldType::Bignumeric),
        _ => false,
    };
    if coerced && field.mode != Mode::Repeated {
        let mut inner = std::mem::replace(value, null());
        // A decimal literal keeps all its digits.
        if let Expr::Value(v) = &inner
            && let Value::Number(digits, _) = &v.value
        {
            inner = string(digits);
        }
        *value = call("$CAST", vec![inner, string(field.field_type.sql_name())]);
    }
}
