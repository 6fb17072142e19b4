//! Function calls: on the list, with the arguments they take, where they may stand.

use sqlparser::ast::{
    DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentClause, FunctionArgumentList, FunctionArguments,
    HavingBound, Ident, ObjectNamePart, WindowFrame, WindowFrameBound, WindowFrameUnits, WindowSpec, WindowType,
};

use super::super::error::{Position, SqlError};
use super::super::functions::{self, Kind};
use super::super::query::ParameterContext;
use super::super::scope::Scope;
use super::super::types::{Class, Type};
use super::expr::Typed;
use super::{Clause, Place, Resolver, mismatch, refuse};

/// Functions that give a value of their argument as it is, or spelled another way.
const TRANSPARENT: &[&str] =
    &["ANY_VALUE", "COALESCE", "IFNULL", "LOWER", "LTRIM", "MAX", "MIN", "NORMALIZE", "NORMALIZE_AND_CASEFOLD", "NULLIF", "RTRIM", "UPPER"];

/// Functions that compare their second argument with the first.
const COMPARING: &[&str] =
    &["CONTAINS_SUBSTR", "EDIT_DISTANCE", "ENDS_WITH", "INSTR", "NULLIF", "REGEXP_CONTAINS", "STARTS_WITH", "STRPOS"];

const PARTS: &[&str] =
    &["MICROSECOND", "MILLISECOND", "SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "ISOWEEK", "MONTH", "QUARTER", "YEAR", "ISOYEAR"];

impl Resolver<'_> {
    pub(super) fn call(&mut self, function: &mut Function, scope: &Scope<'_>, place: Place) -> Result<Typed, SqlError> {
        let Function { name, uses_odbc_syntax, parameters, args, filter, null_treatment, over, within_group } = function;
        refuse(*uses_odbc_syntax, "ODBC syntax")?;
        let mut parts = Vec::with_capacity(name.0.len());
        for part in &name.0 {
            match part {
                ObjectNamePart::Identifier(ident) => parts.push(ident.clone()),
                ObjectNamePart::Function(_) => return Err(SqlError::unsupported("a function in a function's name")),
            }
        }
        let (ident, safe) = match parts.as_slice() {
            [only] => (only.clone(), false),
            [prefix, name] if prefix.value.eq_ignore_ascii_case("SAFE") && prefix.quote_style.is_none() => (name.clone(), true),
            [first, ..] => return Err(SqlError::ForbiddenFunction { function: name.to_string(), at: Position::of(first) }),
            [] => return Err(SqlError::unsupported("a call without a name")),
        };
        let at = Position::of(&ident);
        refuse(!matches!(parameters, FunctionArguments::None), "a function with two argument lists")?;
        refuse(filter.is_some(), "FILTER")?;
        refuse(null_treatment.is_some(), "IGNORE NULLS outside the brackets")?;
        refuse(!within_group.is_empty(), "WITHIN GROUP")?;
        if ident.value.eq_ignore_ascii_case("ARRAY")
            && let FunctionArguments::Subquery(query) = args
        {
            refuse(over.is_some() || safe, "that form of ARRAY")?;
            return self.array_subquery(query, scope);
        }
        if functions::is_forbidden(&ident.value) {
            return Err(SqlError::ForbiddenFunction { function: ident.value.to_uppercase(), at });
        }
        let Some(known) = functions::find(&ident.value).filter(|_| ident.quote_style.is_none()) else {
            return Err(SqlError::UnknownFunction { candidates: functions::candidates(&ident.value), function: ident.value, at });
        };
        let place = self.check_place(known, over.is_some(), safe, place, at)?;
        let typed = self.arguments(known, args, scope, place, at)?;
        if let Some(over) = over {
            let inside = Place { in_window: true, ..place };
            match over {
                WindowType::NamedWindow(name) => self.named_window(name, scope)?,
                WindowType::WindowSpec(spec) => self.window_spec(spec, scope, Place { in_aggregate: false, ..inside })?,
            }
        }
        Ok(typed)
    }

    /// Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/aggregate-function-calls>,
    /// <https://cloud.google.com/bigquery/docs/reference/standard-sql/window-function-calls>
    #[expect(clippy::unused_self, reason = "reads like the other steps of the walk")]
    fn check_place(&self, known: &functions::Function, over: bool, safe: bool, place: Place, at: Position) -> Result<Place, SqlError> {
        let misplaced = |clause| Err(SqlError::Misplaced { function: known.name.to_owned(), clause, at });
        match (known.kind, over) {
            (Kind::Scalar, true) => Err(SqlError::unsupported(format!("{} with OVER", known.name))),
            (Kind::Scalar, false) => Ok(place),
            (Kind::Window, false) => Err(SqlError::unsupported(format!("{} without OVER", known.name))),
            (Kind::Window | Kind::Aggregate, true) => {
                refuse(safe, "SAFE. with OVER")?;
                match place.clause {
                    _ if place.in_aggregate => misplaced("an aggregate function"),
                    _ if place.in_window => misplaced("a window function"),
                    Clause::Select | Clause::Qualify | Clause::OrderBy => Ok(Place { in_window: true, ..place }),
                    clause => misplaced(clause.name()),
                }
            }
            (Kind::Aggregate, false) => match place.clause {
                _ if place.in_aggregate => misplaced("an aggregate function"),
                Clause::Select | Clause::Having | Clause::Qualify | Clause::OrderBy | Clause::Window => {
                    Ok(Place { in_aggregate: true, ..place })
                }
                clause => misplaced(clause.name()),
            },
        }
    }

    fn arguments(
        &mut self,
        known: &functions::Function,
        args: &mut FunctionArguments,
        scope: &Scope<'_>,
        place: Place,
        at: Position,
    ) -> Result<Typed, SqlError> {
        let list = match args {
            // CURRENT_DATE and its like need no brackets.
            FunctionArguments::None if known.min == 0 && known.name.starts_with("CURRENT_") => return Ok(Typed::of(known.output(&[]))),
            FunctionArguments::None => return Err(SqlError::unsupported(format!("{} without brackets", known.name))),
            FunctionArguments::Subquery(_) => return Err(SqlError::unsupported(format!("{} of a subquery without brackets", known.name))),
            FunctionArguments::List(list) => list,
        };
        let FunctionArgumentList { duplicate_treatment, args, clauses } = list;
        match duplicate_treatment {
            None => {}
            Some(DuplicateTreatment::Distinct) => refuse(known.kind != Kind::Aggregate, &format!("{} DISTINCT", known.name))?,
            Some(DuplicateTreatment::All) => return Err(SqlError::unsupported("ALL inside a function")),
        }
        if args.len() < known.min || args.len() > known.max {
            return Err(SqlError::ArgumentCount { function: known.name.to_owned(), expected: known.expects(), found: args.len(), at });
        }
        let mut arguments = Vec::with_capacity(args.len());
        for (index, arg) in args.iter_mut().enumerate() {
            let class = known.class(index);
            let expr = match arg {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => expr,
                FunctionArg::Unnamed(FunctionArgExpr::Wildcard) if known.name == "COUNT" && duplicate_treatment.is_none() => {
                    arguments.push(Typed::of(Type::Unknown));
                    continue;
                }
                FunctionArg::Unnamed(
                    FunctionArgExpr::Wildcard | FunctionArgExpr::QualifiedWildcard(_) | FunctionArgExpr::WildcardWithOptions(_),
                ) => {
                    return Err(SqlError::unsupported(format!("* inside {}", known.name)));
                }
                FunctionArg::Named { name: _, arg: _, operator: _ } | FunctionArg::ExprNamed { name: _, arg: _, operator: _ } => {
                    return Err(SqlError::unsupported("named arguments"));
                }
            };
            if class == Class::Part {
                date_part(expr)?;
                continue;
            }
            let typed = self.expr(expr, scope, place)?;
            if class.refuses(&typed.ty, typed.literal) {
                return Err(mismatch(known.name, &typed.ty, &*expr));
            }
            arguments.push(typed);
        }
        for clause in clauses {
            self.argument_clause(known, clause, scope, place)?;
        }
        Ok(self.result(known, arguments))
    }

    fn argument_clause(
        &mut self,
        known: &functions::Function,
        clause: &mut FunctionArgumentClause,
        scope: &Scope<'_>,
        place: Place,
    ) -> Result<(), SqlError> {
        let aggregate = known.kind == Kind::Aggregate;
        match clause {
            FunctionArgumentClause::IgnoreOrRespectNulls(_) => refuse(known.kind == Kind::Scalar, "IGNORE NULLS in a scalar function"),
            FunctionArgumentClause::OrderBy(items) => {
                refuse(!aggregate, &format!("ORDER BY inside {}", known.name))?;
                items.iter_mut().try_for_each(|item| self.order_by_item(item, scope, place))
            }
            FunctionArgumentClause::Limit(limit) => {
                refuse(!aggregate, &format!("LIMIT inside {}", known.name))?;
                self.bound(limit, ParameterContext::Limit)
            }
            FunctionArgumentClause::Having(HavingBound(_, expr)) => {
                refuse(!aggregate, &format!("HAVING inside {}", known.name))?;
                self.expr(expr, scope, place).map(drop)
            }
            FunctionArgumentClause::OnOverflow(_) => Err(SqlError::unsupported("ON OVERFLOW")),
            FunctionArgumentClause::Separator(_) => Err(SqlError::unsupported("SEPARATOR")),
            FunctionArgumentClause::JsonNullClause(_) | FunctionArgumentClause::JsonReturningClause(_) => {
                Err(SqlError::unsupported("a JSON clause"))
            }
        }
    }

    /// The type of a call, the column that its value comes from, and what it compares.
    fn result(&mut self, known: &functions::Function, arguments: Vec<Typed>) -> Typed {
        if COMPARING.contains(&known.name)
            && let [first, second, ..] = arguments.as_slice()
        {
            self.note(&second.parameters, ParameterContext::Compared, first.source.as_ref(), &first.ty);
            self.note(&first.parameters, ParameterContext::Compared, second.source.as_ref(), &second.ty);
        }
        let types: Vec<Type> = arguments.iter().map(|typed| typed.ty.clone()).collect();
        let ty = known.output(&types);
        let transparent = TRANSPARENT.contains(&known.name);
        let Some(mut typed) = arguments.into_iter().next() else { return Typed::of(ty) };
        typed.ty = ty;
        typed.literal &= transparent;
        if transparent {
            return typed;
        }
        if ["_ADD", "_SUB", "_TRUNC"].iter().any(|suffix| known.name.ends_with(suffix)) {
            typed.parameters.iter_mut().for_each(|(_, in_arithmetic)| *in_arithmetic = true);
        } else {
            typed.parameters.clear();
        }
        typed.through(known.name)
    }

    pub(super) fn named_window(&mut self, name: &mut Ident, scope: &Scope<'_>) -> Result<(), SqlError> {
        self.name(name)?;
        if scope.has_window(&name.value) { Ok(()) } else { Err(SqlError::unsupported(format!("unknown window {}", name.value))) }
    }

    pub(super) fn window_spec(&mut self, spec: &mut WindowSpec, scope: &Scope<'_>, place: Place) -> Result<(), SqlError> {
        let WindowSpec { window_name, partition_by, order_by, window_frame } = spec;
        if let Some(name) = window_name {
            self.named_window(name, scope)?;
        }
        for expr in partition_by {
            self.expr(expr, scope, place)?;
        }
        order_by.iter_mut().try_for_each(|item| self.order_by_item(item, scope, place))?;
        if let Some(WindowFrame { units, start_bound, end_bound }) = window_frame {
            refuse(matches!(units, WindowFrameUnits::Groups), "GROUPS")?;
            for bound in std::iter::once(start_bound).chain(end_bound) {
                match bound {
                    WindowFrameBound::CurrentRow | WindowFrameBound::Preceding(None) | WindowFrameBound::Following(None) => {}
                    WindowFrameBound::Preceding(Some(rows)) | WindowFrameBound::Following(Some(rows)) => {
                        let typed = self.expr(rows, &Scope::default(), Clause::Limit.into())?;
                        if Class::Number.refuses(&typed.ty, typed.literal) {
                            return Err(mismatch("a window frame", &typed.ty, &**rows));
                        }
                        self.note(&typed.parameters, ParameterContext::Limit, None, &Type::INT64);
                    }
                }
            }
        }
        Ok(())
    }
}

/// A date part is a word, not an expression. WEEK may name the day it starts on.
fn date_part(expr: &Expr) -> Result<(), SqlError> {
    let known =
        |ident: &Ident, parts: &[&str]| ident.quote_style.is_none() && parts.iter().any(|part| ident.value.eq_ignore_ascii_case(part));
    let fine = match expr {
        Expr::Identifier(ident) => known(ident, PARTS),
        Expr::Function(Function {
            name,
            uses_odbc_syntax: false,
            parameters: FunctionArguments::None,
            args: FunctionArguments::List(FunctionArgumentList { duplicate_treatment: None, args, clauses }),
            filter: None,
            null_treatment: None,
            over: None,
            within_group,
        }) => match (name.0.as_slice(), args.as_slice()) {
            ([ObjectNamePart::Identifier(week)], [FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Identifier(day)))]) => {
                known(week, &["WEEK"])
                    && day.quote_style.is_none()
                    && is_weekday(&day.value)
                    && clauses.is_empty()
                    && within_group.is_empty()
            }
            _ => false,
        },
        _ => false,
    };
    if fine { Ok(()) } else { Err(SqlError::unsupported(format!("date part {expr}"))) }
}

pub(super) fn is_weekday(word: &str) -> bool {
    ["SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"].iter().any(|day| word.eq_ignore_ascii_case(day))
}

/// The position inside OFFSET(...) and its like, if the call is one of them and has nothing else.
pub(super) fn subscript_argument(function: &mut Function) -> Option<&mut Expr> {
    let Function {
        name,
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList { duplicate_treatment: None, args, clauses }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group,
    } = function
    else {
        return None;
    };
    let [ObjectNamePart::Identifier(ident)] = name.0.as_slice() else { return None };
    let word = ["OFFSET", "ORDINAL", "SAFE_OFFSET", "SAFE_ORDINAL"].iter().any(|word| ident.value.eq_ignore_ascii_case(word));
    match args.as_mut_slice() {
        [FunctionArg::Unnamed(FunctionArgExpr::Expr(position))] if word && clauses.is_empty() && within_group.is_empty() => Some(position),
        _ => None,
    }
}
