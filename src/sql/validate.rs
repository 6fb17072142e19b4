//! From text to `ReadOnlyQuery`: bounds, parse, resolve, print, and read again. The steps are in that order, and no text skips one.

use std::ops::ControlFlow;

use sqlparser::ast::{Expr, Query, Statement, Visit, Visitor};
use sqlparser::dialect::BigQueryDialect;
use sqlparser::parser::{Parser, ParserError};

use super::error::{Position, SqlError};
use super::query::{Inspection, ReadOnlyQuery};
use super::resolve::Resolver;
use super::{Parameter, guard, literal};
use crate::catalog::Catalog;

/// How deep the parser may recurse; a level of a query takes two or three.
const PARSER_RECURSION: usize = 50;
/// How deep expressions and queries may nest in the tree. The walk needs a few kilobytes of stack for each level.
const MAX_DEPTH: usize = 80;

/// What a statement may do beyond the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The project whose name may stand before the dataset.
    pub project: Option<String>,
    pub max_sql_bytes: usize,
}

impl Default for Policy {
    fn default() -> Self {
        Self { project: None, max_sql_bytes: 20_000 }
    }
}

/// Proves that `sql` is one query that reads only the catalogue, with a value of a fitting type for each of its parameters.
///
/// # Errors
///
/// The first thing found wrong, with its place where it is known.
pub fn validate(sql: &str, catalog: &Catalog, parameters: &[Parameter], policy: &Policy) -> Result<ReadOnlyQuery, SqlError> {
    let inspection = check(sql, catalog, Some(parameters), policy)?;
    Ok(ReadOnlyQuery::new(inspection, parameters.to_vec()))
}

/// The same proof before parameters have values: tells what each is used for. Nothing that it returns can be run.
///
/// # Errors
///
/// As `validate`, but for parameters.
pub fn inspect(sql: &str, catalog: &Catalog, policy: &Policy) -> Result<Inspection, SqlError> {
    check(sql, catalog, None, policy)
}

fn check(sql: &str, catalog: &Catalog, parameters: Option<&[Parameter]>, policy: &Policy) -> Result<Inspection, SqlError> {
    if sql.len() > policy.max_sql_bytes {
        return Err(SqlError::TooLong { bytes: sql.len(), limit: policy.max_sql_bytes });
    }
    let mut statement = parse(sql)?;
    let mut resolver = Resolver::new(catalog, policy.project.as_deref(), parameters);
    let Statement::Query(query) = &mut statement else { return Err(not_a_query(&statement)) };
    let output = resolver.query(query, None)?;
    resolver.finish();
    let printed = literal::print(&statement);
    // What is sent must mean what was checked: it is read again, and must be the same tree.
    if parse(&printed)? != statement {
        return Err(SqlError::unsupported("a construct that does not print as it reads"));
    }
    Ok(Inspection {
        sql: printed,
        tables: resolver.tables.into_iter().collect(),
        columns_read: resolver.columns.into_iter().collect(),
        output_columns: match output.value {
            Some(_) if output.fields.is_empty() => vec![None],
            _ => output.fields.into_iter().map(|field| field.name).collect(),
        },
        parameter_uses: resolver.uses,
    })
}

/// One statement, within bounds, with canonical literals.
fn parse(sql: &str) -> Result<Statement, SqlError> {
    let tokens = guard::tokenize(sql)?;
    let mut statements = Parser::new(&BigQueryDialect)
        .with_recursion_limit(PARSER_RECURSION)
        .with_tokens_with_locations(tokens)
        .parse_statements()
        .map_err(|error| syntax(&error))?;
    let statement = match (statements.pop(), statements.len()) {
        (None, _) => return Err(SqlError::Empty),
        (Some(statement), 0) => statement,
        (Some(_), others) => return Err(SqlError::MultipleStatements { count: others + 1 }),
    };
    if !matches!(statement, Statement::Query(_)) {
        return Err(not_a_query(&statement));
    }
    let mut depth = Depth::default();
    if statement.visit(&mut depth).is_break() {
        return Err(SqlError::TooDeep);
    }
    let mut statement = statement;
    literal::decode(&mut statement)?;
    Ok(statement)
}

#[derive(Default)]
struct Depth(usize);

impl Depth {
    fn enter(&mut self) -> ControlFlow<()> {
        self.0 += 1;
        if self.0 > MAX_DEPTH { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn leave(&mut self) -> ControlFlow<()> {
        self.0 -= 1;
        ControlFlow::Continue(())
    }
}

impl Visitor for Depth {
    type Break = ();

    fn pre_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.enter()
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.leave()
    }

    fn pre_visit_expr(&mut self, _: &Expr) -> ControlFlow<()> {
        self.enter()
    }

    fn post_visit_expr(&mut self, _: &Expr) -> ControlFlow<()> {
        self.leave()
    }
}

/// The statement's first word says enough; its text may be long.
fn not_a_query(statement: &Statement) -> SqlError {
    let text = statement.to_string();
    let words: Vec<&str> = text.split_whitespace().take(1).collect();
    SqlError::NotAQuery { statement: words.join(" ").to_uppercase() }
}

fn syntax(error: &ParserError) -> SqlError {
    let text = match error {
        ParserError::RecursionLimitExceeded => return SqlError::TooDeep,
        ParserError::TokenizerError(text) | ParserError::ParserError(text) => text,
    };
    let (message, at) = match text.rsplit_once(" at Line: ") {
        Some((message, place)) => {
            let (line, column) = place.split_once(", Column: ").unwrap_or((place, ""));
            (message, Position { line: line.parse().unwrap_or(0), column: column.parse().unwrap_or(0) })
        }
        None => (text.as_str(), Position::default()),
    };
    SqlError::Syntax { message: message.to_owned(), at }
}
