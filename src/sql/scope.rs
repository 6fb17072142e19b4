//! The names that an expression can see. Names are found as GoogleSQL finds them: in the FROM clause of the query they stand in, then
//! in the queries around it; SELECT-list aliases only after the SELECT list.
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/query-syntax#using_aliases>

use sqlparser::ast::Ident;

use super::error::{Position, SqlError, closest};
use super::query::ColumnRef;
use super::types::Type;

/// A column of a table, of a subquery or of the SELECT list.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) name: Option<String>,
    pub(super) ty: Type,
    /// The column of the catalogue that it is, when it is one unchanged.
    pub(super) origin: Option<ColumnRef>,
}

impl Field {
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name))
    }
}

/// What one item of a FROM clause gives.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    pub(super) name: Option<String>,
    pub(super) fields: Vec<Field>,
    /// The value itself, where the item is an array's elements or a value table rather than rows.
    pub(super) value: Option<Field>,
}

/// A column joined with USING: one name for both sides.
#[derive(Debug)]
pub(super) struct Merged {
    pub(super) field: Field,
    pub(super) relations: Vec<usize>,
}

/// Names of one query, and of the queries around it.
#[derive(Debug, Default)]
pub(super) struct Scope<'p> {
    pub(super) parent: Option<&'p Scope<'p>>,
    pub(super) relations: Vec<Relation>,
    pub(super) merged: Vec<Merged>,
    /// Columns of the SELECT list, once it is read. They go before the FROM clause's.
    pub(super) aliases: Vec<Field>,
    /// Named windows.
    pub(super) windows: Vec<String>,
}

impl<'p> Scope<'p> {
    pub(super) fn inside(parent: Option<&'p Scope<'p>>) -> Self {
        Self { parent, ..Self::default() }
    }

    /// Adds an item of the FROM clause. Its name must be new there.
    pub(super) fn add(&mut self, relation: Relation, at: Position) -> Result<(), SqlError> {
        if let Some(name) = &relation.name
            && self.relations.iter().any(|other| other.name.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name)))
        {
            return Err(SqlError::DuplicateName { name: name.clone(), at });
        }
        self.relations.push(relation);
        Ok(())
    }

    /// Finds a path such as `plays`, `listens.plays` or `track.artist.name`. Gives the field and how many parts it used up: what is left
    /// are fields of a STRUCT.
    pub(super) fn find(&self, path: &[Ident], with_aliases: bool) -> Result<(Field, usize), SqlError> {
        let Some(first) = path.first() else { return Err(SqlError::unsupported("an empty name")) };
        let mut scope = Some(self);
        let mut with_aliases = with_aliases;
        while let Some(current) = scope {
            if let Some(found) = current.find_here(path, with_aliases)? {
                return Ok(found);
            }
            // An outer query is always seen from inside an expression of it; the aliases that it shows were set by whoever resolves that.
            with_aliases = true;
            scope = current.parent;
        }
        Err(self.unknown(first))
    }

    fn find_here(&self, path: &[Ident], with_aliases: bool) -> Result<Option<(Field, usize)>, SqlError> {
        let first = &path[0];
        if with_aliases {
            let mut named = self.aliases.iter().filter(|alias| alias.is(&first.value));
            if let Some(alias) = named.next() {
                if named.next().is_some()
                    && !self.relations.iter().any(|relation| relation.fields.iter().any(|field| field.is(&first.value)))
                {
                    return Err(SqlError::AmbiguousColumn {
                        column: first.value.clone(),
                        tables: vec!["the SELECT list".to_owned(), "the SELECT list".to_owned()],
                        at: Position::of(first),
                    });
                }
                return Ok(Some((alias.clone(), 1)));
            }
        }
        if let Some(second) = path.get(1)
            && let Some(relation) = self.relation(&first.value)
        {
            return relation.column(second).map(|found| Some((found, 2)));
        }
        // An item's own name goes before columns of that name: `FROM t, UNNEST(tags) AS tags`.
        if let Some(value) = self.relation(&first.value).and_then(|relation| relation.value.as_ref()) {
            return Ok(Some((value.clone(), 1)));
        }
        if let Some(mut field) = self.column(first)? {
            if self.relation(&first.value).is_some() {
                field.ty = Type::Unknown;
            }
            return Ok(Some((field, 1)));
        }
        Ok(self.relation(&first.value).map(|relation| (relation.as_value(), 1)))
    }

    /// The item of the FROM clause with that name.
    pub(super) fn relation(&self, name: &str) -> Option<&Relation> {
        self.relations.iter().find(|relation| relation.name.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name)))
    }

    /// The same, or one of the queries around.
    pub(super) fn relation_around(&self, name: &str) -> Option<&Relation> {
        let mut scope = Some(self);
        while let Some(current) = scope {
            if let Some(relation) = current.relation(name) {
                return Some(relation);
            }
            scope = current.parent;
        }
        None
    }

    /// A column of the FROM clause by its bare name.
    fn column(&self, name: &Ident) -> Result<Option<Field>, SqlError> {
        let merged = self.merged.iter().rev().find(|merged| merged.field.is(&name.value));
        let mut found: Vec<(&Field, Option<&str>)> = Vec::new();
        for (index, relation) in self.relations.iter().enumerate() {
            if merged.is_some_and(|merged| merged.relations.contains(&index)) {
                continue;
            }
            let fields = relation.fields.iter().filter(|field| field.is(&name.value));
            found.extend(fields.map(|field| (field, relation.name.as_deref())));
        }
        found.extend(merged.map(|merged| (&merged.field, Some("USING"))));
        if found.len() > 1 {
            let tables = found.iter().map(|(_, relation)| relation.unwrap_or("a subquery").to_owned()).collect();
            return Err(SqlError::AmbiguousColumn { column: name.value.clone(), tables, at: Position::of(name) });
        }
        Ok(found.first().map(|(field, _)| (*field).clone()))
    }

    /// All columns as `*` gives them: those of USING first, then each item's own.
    pub(super) fn star(&self) -> Vec<Field> {
        let mut fields: Vec<Field> = self.merged.iter().map(|merged| merged.field.clone()).collect();
        for (index, relation) in self.relations.iter().enumerate() {
            let is_merged = |field: &Field| {
                self.merged
                    .iter()
                    .any(|merged| merged.relations.contains(&index) && merged.field.name.as_deref().is_some_and(|name| field.is(name)))
            };
            fields.extend(relation.star().into_iter().filter(|field| !is_merged(field)));
        }
        fields
    }

    fn unknown(&self, name: &Ident) -> SqlError {
        let mut names: Vec<&str> = Vec::new();
        let mut scope = Some(self);
        while let Some(current) = scope {
            names.extend(current.aliases.iter().filter_map(|alias| alias.name.as_deref()));
            for relation in &current.relations {
                names.extend(relation.name.as_deref());
                names.extend(relation.fields.iter().filter_map(|field| field.name.as_deref()));
            }
            scope = current.parent;
        }
        SqlError::UnknownColumn { table: None, column: name.value.clone(), candidates: closest(&name.value, names), at: Position::of(name) }
    }

    pub(super) fn has_window(&self, name: &str) -> bool {
        self.windows.iter().any(|own| own.eq_ignore_ascii_case(name))
    }
}

impl Relation {
    /// A column of this item.
    pub(super) fn column(&self, name: &Ident) -> Result<Field, SqlError> {
        let mut named = self.fields.iter().filter(|field| field.is(&name.value));
        let table = || self.name.clone();
        match (named.next(), named.next()) {
            (Some(field), None) => Ok(field.clone()),
            (Some(_), Some(_)) => {
                let tables = vec![table().unwrap_or_default(); 2];
                Err(SqlError::AmbiguousColumn { column: name.value.clone(), tables, at: Position::of(name) })
            }
            (None, _) if self.value.as_ref().is_some_and(|value| value.ty == Type::Unknown) => {
                Ok(Field { name: Some(name.value.clone()), ty: Type::Unknown, origin: None })
            }
            (None, _) => Err(SqlError::UnknownColumn {
                table: table(),
                column: name.value.clone(),
                candidates: closest(&name.value, self.fields.iter().filter_map(|field| field.name.as_deref())),
                at: Position::of(name),
            }),
        }
    }

    /// The item as one value: an array's element, or the whole row as a STRUCT.
    fn as_value(&self) -> Field {
        self.value.clone().unwrap_or_else(|| Field {
            name: self.name.clone(),
            ty: Type::Struct(self.fields.iter().map(|field| (field.name.clone(), field.ty.clone())).collect()),
            origin: None,
        })
    }

    /// The columns that `item.*` gives.
    pub(super) fn star(&self) -> Vec<Field> {
        match &self.value {
            Some(value) if !matches!(value.ty, Type::Struct(_)) => vec![Field { name: self.name.clone(), ..value.clone() }],
            _ => self.fields.clone(),
        }
    }
}
