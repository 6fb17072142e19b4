//! SELECT: the clauses in the order in which names come into being: FROM, WHERE, the SELECT list, then GROUP BY, HAVING, QUALIFY and
//! ORDER BY, which see the SELECT list's aliases before the FROM clause's columns.
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/query-syntax#explicit_alias_visibility>

use sqlparser::ast::{
    Distinct, ExceptSelectItem, Expr, GroupByExpr, Ident, NamedWindowDefinition, NamedWindowExpr, ObjectName, ObjectNamePart, OrderBy,
    ReplaceSelectElement, ReplaceSelectItem, Select, SelectFlavor, SelectItem, SelectItemQualifiedWildcardKind, ValueTableMode,
    WildcardAdditionalOptions,
};

use super::super::error::{Position, SqlError, closest};
use super::super::scope::{Field, Scope};
use super::super::types::Type;
use super::{Clause, Output, Resolver, check_ordinal, mismatch, ordinal, refuse};

impl Resolver<'_> {
    pub(super) fn select(
        &mut self,
        select: &mut Select,
        order_by: Option<&mut OrderBy>,
        outer: Option<&Scope<'_>>,
    ) -> Result<Output, SqlError> {
        let Select {
            select_token: _,
            optimizer_hints,
            distinct,
            select_modifiers,
            top,
            top_before_distinct: _,
            projection,
            exclude,
            into,
            from,
            lateral_views,
            prewhere,
            selection,
            connect_by,
            group_by,
            cluster_by,
            distribute_by,
            sort_by,
            having,
            named_window,
            qualify,
            window_before_qualify,
            value_table_mode,
            flavor,
        } = select;
        refuse(!optimizer_hints.is_empty(), "hints")?;
        refuse(matches!(distinct, Some(Distinct::On(_))), "DISTINCT ON")?;
        refuse(select_modifiers.is_some(), "SELECT modifiers")?;
        refuse(top.is_some(), "TOP")?;
        refuse(exclude.is_some(), "EXCLUDE")?;
        refuse(into.is_some(), "SELECT INTO")?;
        refuse(!lateral_views.is_empty(), "LATERAL VIEW")?;
        refuse(prewhere.is_some(), "PREWHERE")?;
        refuse(!connect_by.is_empty(), "CONNECT BY")?;
        refuse(!cluster_by.is_empty() || !distribute_by.is_empty() || !sort_by.is_empty(), "CLUSTER BY, DISTRIBUTE BY or SORT BY")?;
        // GoogleSQL has QUALIFY before WINDOW.
        refuse(*window_before_qualify && qualify.is_some(), "WINDOW before QUALIFY")?;
        refuse(*flavor != SelectFlavor::Standard, "FROM before SELECT")?;
        refuse(projection.is_empty(), "an empty SELECT list")?;

        let mut scope = Scope::inside(outer);
        self.from(from, &mut scope)?;
        if let Some(condition) = selection {
            self.condition(condition, &scope, Clause::Where)?;
        }
        self.windows(named_window, &mut scope)?;
        let mut fields = Vec::new();
        for item in projection.iter_mut() {
            self.select_item(item, &scope, &mut fields)?;
        }
        scope.aliases.clone_from(&fields);
        self.group_by(group_by, &scope, fields.len())?;
        if let Some(condition) = having {
            self.condition(condition, &scope, Clause::Having)?;
        }
        if let Some(condition) = qualify {
            self.condition(condition, &scope, Clause::Qualify)?;
        }
        if let Some(order_by) = order_by {
            self.order_by(order_by, &scope, fields.len())?;
        }
        output(*value_table_mode, fields)
    }

    fn condition(&mut self, condition: &mut Expr, scope: &Scope<'_>, clause: Clause) -> Result<(), SqlError> {
        let typed = self.expr(condition, scope, clause.into())?;
        if matches!(typed.ty, Type::Unknown | Type::BOOL) { Ok(()) } else { Err(mismatch(clause.name(), &typed.ty, condition)) }
    }

    fn windows(&mut self, windows: &mut [NamedWindowDefinition], scope: &mut Scope<'_>) -> Result<(), SqlError> {
        for NamedWindowDefinition(name, definition) in windows {
            self.name(name)?;
            if scope.has_window(&name.value) {
                return Err(SqlError::DuplicateName { name: name.value.clone(), at: Position::of(name) });
            }
            match definition {
                NamedWindowExpr::NamedWindow(other) => self.named_window(other, scope)?,
                NamedWindowExpr::WindowSpec(spec) => self.window_spec(spec, scope, Clause::Window.into())?,
            }
            scope.windows.push(name.value.clone());
        }
        Ok(())
    }

    fn select_item(&mut self, item: &mut SelectItem, scope: &Scope<'_>, fields: &mut Vec<Field>) -> Result<(), SqlError> {
        match item {
            SelectItem::UnnamedExpr(expr) => {
                let typed = self.expr(expr, scope, Clause::Select.into())?;
                fields.push(typed.into_field(implicit_alias(expr)));
            }
            SelectItem::ExprWithAlias { expr, alias } => {
                let typed = self.expr(expr, scope, Clause::Select.into())?;
                self.name(alias)?;
                fields.push(typed.into_field(Some(alias.value.clone())));
            }
            SelectItem::ExprWithAliases { expr: _, aliases: _ } => return Err(SqlError::unsupported("several aliases")),
            SelectItem::Wildcard(options) => {
                if scope.relations.is_empty() {
                    return Err(SqlError::unsupported("* without FROM"));
                }
                let star = scope.star();
                fields.extend(self.wildcard(star, options, scope)?);
            }
            SelectItem::QualifiedWildcard(kind, options) => {
                let star = match kind {
                    SelectItemQualifiedWildcardKind::ObjectName(name) => self.qualified_star(name, scope)?,
                    SelectItemQualifiedWildcardKind::Expr(expr) => {
                        let typed = self.expr(expr, scope, Clause::Select.into())?;
                        struct_fields(&typed.ty).ok_or_else(|| mismatch(".*", &typed.ty, expr))?
                    }
                };
                fields.extend(self.wildcard(star, options, scope)?);
            }
        }
        Ok(())
    }

    fn qualified_star(&mut self, name: &mut ObjectName, scope: &Scope<'_>) -> Result<Vec<Field>, SqlError> {
        let mut path = Vec::with_capacity(name.0.len());
        for part in &mut name.0 {
            match part {
                ObjectNamePart::Identifier(ident) => {
                    self.name(ident)?;
                    path.push(ident.clone());
                }
                ObjectNamePart::Function(_) => return Err(SqlError::unsupported("a function before .*")),
            }
        }
        if let [single] = path.as_slice()
            && let Some(relation) = scope.relation_around(&single.value)
        {
            return Ok(relation.star());
        }
        let typed = self.path(&path, scope, Clause::Select.into())?;
        let at = path.first().map(Position::of).unwrap_or_default();
        struct_fields(&typed.ty).ok_or_else(|| SqlError::TypeMismatch { operation: ".*".to_owned(), found: typed.ty.to_string(), at })
    }

    /// `* EXCEPT (...)` and `* REPLACE (...)`.
    fn wildcard(&mut self, star: Vec<Field>, options: &mut WildcardAdditionalOptions, scope: &Scope<'_>) -> Result<Vec<Field>, SqlError> {
        let WildcardAdditionalOptions { wildcard_token: _, opt_ilike, opt_exclude, opt_except, opt_replace, opt_rename, opt_alias } =
            options;
        refuse(opt_ilike.is_some(), "* ILIKE")?;
        refuse(opt_exclude.is_some(), "* EXCLUDE")?;
        refuse(opt_rename.is_some(), "* RENAME")?;
        refuse(opt_alias.is_some(), "an alias of *")?;
        let mut fields = star;
        if let Some(ExceptSelectItem { first_element, additional_elements }) = opt_except {
            for name in std::iter::once(first_element).chain(additional_elements) {
                self.name(name)?;
                known(&fields, name)?;
                fields.retain(|field| !field.is(&name.value));
            }
        }
        if let Some(ReplaceSelectItem { items }) = opt_replace {
            for item in items {
                let ReplaceSelectElement { expr, column_name, as_keyword: _ } = &mut **item;
                self.name(column_name)?;
                known(&fields, column_name)?;
                let typed = self.expr(expr, scope, Clause::Select.into())?;
                for field in fields.iter_mut().filter(|field| field.is(&column_name.value)) {
                    field.ty = typed.ty.clone();
                    field.origin = None;
                }
            }
        }
        refuse(fields.is_empty(), "* without any column left")?;
        self.columns.extend(fields.iter().filter_map(|field| field.origin.clone()));
        Ok(fields)
    }

    fn group_by(&mut self, group_by: &mut GroupByExpr, scope: &Scope<'_>, columns: usize) -> Result<(), SqlError> {
        match group_by {
            GroupByExpr::All(modifiers) => refuse(!modifiers.is_empty(), "GROUP BY ... WITH"),
            GroupByExpr::Expressions(exprs, modifiers) => {
                refuse(!modifiers.is_empty(), "GROUP BY ... WITH")?;
                exprs.iter_mut().try_for_each(|expr| self.group_by_item(expr, scope, columns))
            }
        }
    }

    fn group_by_item(&mut self, expr: &mut Expr, scope: &Scope<'_>, columns: usize) -> Result<(), SqlError> {
        match expr {
            Expr::Rollup(sets) | Expr::Cube(sets) | Expr::GroupingSets(sets) => {
                sets.iter_mut().flatten().try_for_each(|expr| self.group_by_item(expr, scope, columns))
            }
            Expr::Tuple(exprs) if exprs.is_empty() => Ok(()),
            expr => {
                if let Some(ordinal) = ordinal(expr) {
                    return check_ordinal(ordinal, columns, Clause::GroupBy);
                }
                let typed = self.expr(expr, scope, Clause::GroupBy.into())?;
                if matches!(typed.ty, Type::Array(_)) { Err(mismatch("GROUP BY", &typed.ty, expr)) } else { Ok(()) }
            }
        }
    }
}

fn known(fields: &[Field], name: &Ident) -> Result<(), SqlError> {
    if fields.iter().any(|field| field.is(&name.value)) {
        return Ok(());
    }
    let candidates = closest(&name.value, fields.iter().filter_map(|field| field.name.as_deref()));
    Err(SqlError::UnknownColumn { table: None, column: name.value.clone(), candidates, at: Position::of(name) })
}

fn struct_fields(ty: &Type) -> Option<Vec<Field>> {
    match ty {
        Type::Struct(fields) => Some(fields.iter().map(|(name, ty)| Field { name: name.clone(), ty: ty.clone(), origin: None }).collect()),
        _ => None,
    }
}

/// A bare column or field names the output after itself.
/// Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/query-syntax#implicit_aliases>
pub(super) fn implicit_alias(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Identifier(ident) => Some(ident.value.trim_start_matches('@').to_owned()).filter(|_| !ident.value.starts_with('@')),
        Expr::CompoundIdentifier(path) => path.last().map(|ident| ident.value.clone()),
        Expr::CompoundFieldAccess { root: _, access_chain } => match access_chain.last() {
            Some(sqlparser::ast::AccessExpr::Dot(Expr::Identifier(ident))) => Some(ident.value.clone()),
            _ => None,
        },
        _ => None,
    }
}

fn output(mode: Option<ValueTableMode>, fields: Vec<Field>) -> Result<Output, SqlError> {
    let value = match mode {
        None => None,
        Some(ValueTableMode::AsStruct | ValueTableMode::DistinctAsStruct) => Some(Field {
            name: None,
            ty: Type::Struct(fields.iter().map(|field| (field.name.clone(), field.ty.clone())).collect()),
            origin: None,
        }),
        Some(ValueTableMode::AsValue | ValueTableMode::DistinctAsValue) => {
            let [field] = fields.as_slice() else {
                return Err(SqlError::ColumnCount { place: "SELECT AS VALUE", expected: 1, found: fields.len() });
            };
            let value = field.clone();
            let fields = struct_fields(&value.ty).unwrap_or_default();
            return Ok(Output { fields, value: Some(value) });
        }
    };
    Ok(Output { fields, value })
}
