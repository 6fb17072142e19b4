//! The FROM clause: tables of the catalogue, common table expressions, subqueries, arrays and joins.
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/query-syntax#from_clause>

use sqlparser::ast::{
    Expr, Ident, Join, JoinConstraint, JoinOperator, ObjectName, ObjectNamePart, TableAlias, TableFactor, TableWithJoins,
};

use super::super::error::{Position, SqlError, closest};
use super::super::query::ColumnRef;
use super::super::scope::{Field, Merged, Relation, Scope};
use super::super::types::Type;
use super::{Clause, Output, Resolver, mismatch, refuse};

impl Resolver<'_> {
    pub(super) fn from(&mut self, from: &mut [TableWithJoins], scope: &mut Scope<'_>) -> Result<(), SqlError> {
        from.iter_mut().try_for_each(|item| self.table_with_joins(item, scope))
    }

    fn table_with_joins(&mut self, item: &mut TableWithJoins, scope: &mut Scope<'_>) -> Result<(), SqlError> {
        let TableWithJoins { relation, joins } = item;
        let first = scope.relations.len();
        self.factor(relation, scope)?;
        for join in joins {
            let Join { relation, global, join_operator } = join;
            refuse(*global, "GLOBAL JOIN")?;
            let right = scope.relations.len();
            self.factor(relation, scope)?;
            let is_array = matches!(relation, TableFactor::UNNEST { .. });
            let (constraint, needed) = match join_operator {
                JoinOperator::Join(constraint) | JoinOperator::Inner(constraint) => (constraint, !is_array),
                JoinOperator::Left(constraint) | JoinOperator::LeftOuter(constraint) => (constraint, !is_array),
                JoinOperator::Right(constraint) | JoinOperator::RightOuter(constraint) | JoinOperator::FullOuter(constraint) => {
                    (constraint, true)
                }
                JoinOperator::CrossJoin(constraint) => {
                    refuse(!matches!(constraint, JoinConstraint::None), "CROSS JOIN with a condition")?;
                    (constraint, false)
                }
                JoinOperator::Semi(_)
                | JoinOperator::LeftSemi(_)
                | JoinOperator::RightSemi(_)
                | JoinOperator::Anti(_)
                | JoinOperator::LeftAnti(_)
                | JoinOperator::RightAnti(_)
                | JoinOperator::CrossApply
                | JoinOperator::OuterApply
                | JoinOperator::AsOf { match_condition: _, constraint: _ }
                | JoinOperator::StraightJoin(_)
                | JoinOperator::ArrayJoin
                | JoinOperator::LeftArrayJoin
                | JoinOperator::InnerArrayJoin => return Err(SqlError::unsupported("that kind of JOIN")),
            };
            match constraint {
                JoinConstraint::On(condition) => {
                    let typed = self.expr(condition, scope, Clause::From.into())?;
                    if !matches!(typed.ty, Type::Unknown | Type::BOOL) {
                        return Err(mismatch("ON", &typed.ty, condition));
                    }
                }
                JoinConstraint::Using(names) => {
                    for name in names {
                        self.using(name, scope, first, right)?;
                    }
                }
                JoinConstraint::Natural => return Err(SqlError::unsupported("NATURAL JOIN")),
                JoinConstraint::None => refuse(needed, "JOIN without ON or USING")?,
            }
        }
        Ok(())
    }

    fn using(&mut self, name: &mut ObjectName, scope: &mut Scope<'_>, first: usize, right: usize) -> Result<(), SqlError> {
        let [ObjectNamePart::Identifier(column)] = name.0.as_mut_slice() else {
            return Err(SqlError::unsupported("a path in USING"));
        };
        self.name(column)?;
        let known =
            scope.merged.iter().position(|merged| merged.field.is(&column.value) && merged.relations.iter().all(|index| *index >= first));
        let side = |range: std::ops::Range<usize>, but: &[usize]| {
            let mut found = None;
            let mut names: Vec<&str> = Vec::new();
            for index in range.filter(|index| !but.contains(index)) {
                let relation = &scope.relations[index];
                names.extend(relation.fields.iter().filter_map(|field| field.name.as_deref()));
                if let Some(field) = relation.fields.iter().find(|field| field.is(&column.value)) {
                    if found.is_some() {
                        let tables = vec!["the left side of the join".to_owned(); 2];
                        return Err(SqlError::AmbiguousColumn { column: column.value.clone(), tables, at: Position::of(column) });
                    }
                    found = Some((index, field.clone()));
                }
            }
            found.ok_or_else(|| SqlError::UnknownColumn {
                table: scope.relations.get(right).and_then(|relation| relation.name.clone()),
                column: column.value.clone(),
                candidates: closest(&column.value, names),
                at: Position::of(column),
            })
        };
        let (right_index, right_field) = side(right..scope.relations.len(), &[])?;
        let (left_field, mut relations) = match known {
            Some(known) => {
                let merged = &scope.merged[known];
                (merged.field.clone(), merged.relations.clone())
            }
            None => {
                let (index, field) = side(first..right, &[])?;
                (field, vec![index])
            }
        };
        if super::super::types::incomparable((&left_field.ty, false), (&right_field.ty, false)) {
            let found = format!("{} and {}", left_field.ty, right_field.ty);
            return Err(SqlError::TypeMismatch { operation: "USING".to_owned(), found, at: Position::of(column) });
        }
        relations.push(right_index);
        self.columns.extend([&left_field, &right_field].into_iter().filter_map(|field| field.origin.clone()));
        match known {
            Some(known) => scope.merged[known].relations = relations,
            None => scope.merged.push(Merged { field: left_field, relations }),
        }
        Ok(())
    }

    fn factor(&mut self, factor: &mut TableFactor, scope: &mut Scope<'_>) -> Result<(), SqlError> {
        array_path(factor, scope)?;
        match factor {
            TableFactor::Table { name, alias, args, with_hints, version, with_ordinality, partitions, json_path, sample, index_hints } => {
                let at = start(name);
                refuse(args.is_some(), "a table function")?;
                // The name before the other clauses: a refusal by name says more.
                let (own_name, output) = self.table(name)?;
                refuse(!with_hints.is_empty() || !index_hints.is_empty(), "table hints")?;
                refuse(version.is_some(), "FOR SYSTEM_TIME AS OF")?;
                refuse(*with_ordinality, "WITH ORDINALITY")?;
                refuse(!partitions.is_empty(), "PARTITION")?;
                refuse(json_path.is_some(), "a path into a table")?;
                refuse(sample.is_some(), "TABLESAMPLE")?;
                let alias = self.alias(alias.as_mut())?;
                scope.add(output.into_relation(Some(alias.unwrap_or(own_name))), at)
            }
            TableFactor::Derived { lateral, subquery, alias, sample } => {
                refuse(*lateral, "LATERAL")?;
                refuse(sample.is_some(), "TABLESAMPLE")?;
                // A subquery in FROM does not see its neighbours, only the queries around.
                let output = self.query(subquery, scope.parent)?;
                let at = alias.as_ref().map(|alias| Position::of(&alias.name)).unwrap_or_default();
                let alias = self.alias(alias.as_mut())?;
                scope.add(output.into_relation(alias), at)
            }
            TableFactor::UNNEST { alias, array_exprs, with_offset, with_offset_alias, with_ordinality } => {
                refuse(*with_ordinality, "WITH ORDINALITY")?;
                let [array] = array_exprs.as_mut_slice() else { return Err(SqlError::unsupported("UNNEST of several arrays")) };
                let typed = self.expr(array, scope, Clause::From.into())?;
                let element = match &typed.ty {
                    Type::Array(element) => (**element).clone(),
                    Type::Unknown => Type::Unknown,
                    other => return Err(mismatch("UNNEST", other, array)),
                };
                let at = alias.as_ref().map(|alias| Position::of(&alias.name)).unwrap_or_default();
                let alias = self.alias(alias.as_mut())?;
                let fields = match &element {
                    Type::Struct(fields) => {
                        fields.iter().map(|(name, ty)| Field { name: name.clone(), ty: ty.clone(), origin: None }).collect()
                    }
                    _ => Vec::new(),
                };
                let origin = typed.source.filter(|source| source.through.is_none()).map(|source| source.column);
                let value = Some(Field { name: alias.clone(), ty: element, origin });
                scope.add(Relation { name: alias, fields, value }, at)?;
                if *with_offset {
                    let name = match with_offset_alias {
                        Some(alias) => {
                            self.name(alias)?;
                            alias.value.clone()
                        }
                        None => "offset".to_owned(),
                    };
                    let fields = vec![Field { name: Some(name), ty: Type::INT64, origin: None }];
                    scope.add(Relation { name: None, fields, value: None }, Position::default())?;
                } else {
                    refuse(with_offset_alias.is_some(), "an offset alias without WITH OFFSET")?;
                }
                Ok(())
            }
            TableFactor::NestedJoin { table_with_joins, alias } => {
                refuse(alias.is_some(), "an alias of a join in brackets")?;
                self.table_with_joins(table_with_joins, scope)
            }
            TableFactor::TableFunction { expr: _, alias: _ } => Err(SqlError::unsupported("a table function")),
            TableFactor::Function { lateral: _, name: _, args: _, with_ordinality: _, alias: _ } => {
                Err(SqlError::unsupported("a table function"))
            }
            TableFactor::Pivot { .. } => Err(SqlError::unsupported("PIVOT")),
            TableFactor::Unpivot { .. } => Err(SqlError::unsupported("UNPIVOT")),
            TableFactor::MatchRecognize { .. } => Err(SqlError::unsupported("MATCH_RECOGNIZE")),
            TableFactor::JsonTable { .. } | TableFactor::OpenJsonTable { .. } => Err(SqlError::unsupported("JSON_TABLE")),
            TableFactor::XmlTable { .. } => Err(SqlError::unsupported("XMLTABLE")),
            TableFactor::SemanticView { .. } => Err(SqlError::unsupported("SEMANTIC_VIEW")),
        }
    }

    fn alias(&mut self, alias: Option<&mut TableAlias>) -> Result<Option<String>, SqlError> {
        let Some(TableAlias { explicit: _, name, columns, at }) = alias else { return Ok(None) };
        refuse(!columns.is_empty(), "column names of a table alias")?;
        refuse(at.is_some(), "AT")?;
        self.name(name)?;
        Ok(Some(name.value.clone()))
    }

    /// A CTE or a table of the catalogue. The name is rewritten to `dataset.table`.
    fn table(&mut self, name: &mut ObjectName) -> Result<(String, Output), SqlError> {
        let at = start(name);
        let written = name.to_string().replace('`', "");
        let mut parts: Vec<&Ident> = Vec::with_capacity(name.0.len());
        for part in &name.0 {
            match part {
                ObjectNamePart::Identifier(ident) => parts.push(ident),
                ObjectNamePart::Function(_) => return Err(SqlError::unsupported("a table function")),
            }
        }
        if parts.iter().any(|part| part.value.contains('*')) {
            return Err(SqlError::WildcardTable { table: written, at });
        }
        if parts.iter().any(|part| part.value.eq_ignore_ascii_case("INFORMATION_SCHEMA") || part.value.eq_ignore_ascii_case("__TABLES__")) {
            return Err(SqlError::ForeignDataset { dataset: "INFORMATION_SCHEMA".to_owned(), at });
        }
        if let [single] = parts.as_slice()
            && let Some((_, output)) = self.ctes.iter().rev().find(|(cte, _)| cte.eq_ignore_ascii_case(&single.value))
        {
            let (own_name, output) = (single.value.clone(), output.clone());
            if let Some(ObjectNamePart::Identifier(ident)) = name.0.first_mut() {
                self.name(ident)?;
            }
            return Ok((own_name, output));
        }
        let (project, dataset, table) = match parts.as_slice() {
            [table] => (None, None, *table),
            [dataset, table] => (None, Some(*dataset), *table),
            [project, dataset, table] => (Some(*project), Some(*dataset), *table),
            _ => return Err(SqlError::UnknownTable { table: written, candidates: Vec::new(), at }),
        };
        if let Some(project) = project
            && self.project != Some(project.value.as_str())
        {
            return Err(SqlError::ForeignProject { project: project.value.clone(), at });
        }
        if let Some(dataset) = dataset
            && !dataset.value.eq_ignore_ascii_case(&self.catalog.dataset)
        {
            return Err(SqlError::ForeignDataset { dataset: dataset.value.clone(), at });
        }
        let Some(found) = self.catalog.table(&table.value) else {
            let names = self.catalog.tables.iter().map(|table| table.name.as_str());
            let names = names.chain(self.ctes.iter().map(|(name, _)| name.as_str()).filter(|_| dataset.is_none()));
            return Err(SqlError::UnknownTable { candidates: closest(&table.value, names), table: written, at });
        };
        self.tables.insert(found.name.clone());
        let fields = found.columns.iter().map(|column| Field {
            name: Some(column.name.clone()),
            ty: Type::of_column(column),
            origin: Some(ColumnRef { table: found.name.clone(), column: column.name.clone() }),
        });
        let output = Output { fields: fields.collect(), value: None };
        *name = ObjectName(vec![
            ObjectNamePart::Identifier(Ident::new(&self.catalog.dataset)),
            ObjectNamePart::Identifier(Ident::new(&found.name)),
        ]);
        Ok((found.name.clone(), output))
    }
}

fn start(name: &ObjectName) -> Position {
    match name.0.first() {
        Some(ObjectNamePart::Identifier(ident)) => Position::of(ident),
        _ => Position::default(),
    }
}

/// `FROM music.artists AS a, a.genres`: a path that starts at an item of this FROM clause, or of a query around, is an array and never a
/// table. It is rewritten to UNNEST, so that nothing is left to read two ways.
fn array_path(factor: &mut TableFactor, scope: &Scope<'_>) -> Result<(), SqlError> {
    let TableFactor::Table {
        name: ObjectName(parts),
        alias,
        args,
        with_hints,
        version,
        with_ordinality,
        partitions,
        json_path,
        sample,
        index_hints,
    } = factor
    else {
        return Ok(());
    };
    let [ObjectNamePart::Identifier(item), ObjectNamePart::Identifier(column)] = parts.as_slice() else { return Ok(()) };
    let Some(relation) = scope.relation_around(&item.value) else { return Ok(()) };
    refuse(args.is_some(), "a table function")?;
    let clauses = !with_hints.is_empty() || version.is_some() || *with_ordinality || !partitions.is_empty();
    refuse(clauses || json_path.is_some() || sample.is_some() || !index_hints.is_empty(), "a clause after an array")?;
    let field = relation.column(column)?;
    if !matches!(field.ty, Type::Array(_) | Type::Unknown) {
        return Err(SqlError::TypeMismatch { operation: "FROM".to_owned(), found: field.ty.to_string(), at: Position::of(column) });
    }
    let alias = alias.clone().or_else(|| Some(TableAlias { explicit: true, name: column.clone(), columns: Vec::new(), at: None }));
    *factor = TableFactor::UNNEST {
        alias,
        array_exprs: vec![Expr::CompoundIdentifier(vec![item.clone(), column.clone()])],
        with_offset: false,
        with_offset_alias: None,
        with_ordinality: false,
    };
    Ok(())
}
