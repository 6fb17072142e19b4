//! Names as they are written: which are allowed, and which must be quoted so that BigQuery reads them as names.

use sqlparser::ast::Ident;

use super::super::error::{Position, SqlError};
use super::Resolver;

const MAX_NAME_CHARS: usize = 300;

/// Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical#reserved_keywords>
const RESERVED: &[&str] = &[
    "ALL",
    "AND",
    "ANY",
    "ARRAY",
    "AS",
    "ASC",
    "ASSERT_ROWS_MODIFIED",
    "AT",
    "BETWEEN",
    "BY",
    "CASE",
    "CAST",
    "COLLATE",
    "CONTAINS",
    "CREATE",
    "CROSS",
    "CUBE",
    "CURRENT",
    "DEFAULT",
    "DEFINE",
    "DESC",
    "DISTINCT",
    "ELSE",
    "END",
    "ENUM",
    "ESCAPE",
    "EXCEPT",
    "EXCLUDE",
    "EXISTS",
    "EXTRACT",
    "FALSE",
    "FETCH",
    "FOLLOWING",
    "FOR",
    "FROM",
    "FULL",
    "GROUP",
    "GROUPING",
    "GROUPS",
    "HASH",
    "HAVING",
    "IF",
    "IGNORE",
    "IN",
    "INNER",
    "INTERSECT",
    "INTERVAL",
    "INTO",
    "IS",
    "JOIN",
    "LATERAL",
    "LEFT",
    "LIKE",
    "LIMIT",
    "LOOKUP",
    "MERGE",
    "NATURAL",
    "NEW",
    "NO",
    "NOT",
    "NULL",
    "NULLS",
    "OF",
    "ON",
    "OR",
    "ORDER",
    "OUTER",
    "OVER",
    "PARTITION",
    "PRECEDING",
    "PROTO",
    "QUALIFY",
    "RANGE",
    "RECURSIVE",
    "RESPECT",
    "RIGHT",
    "ROLLUP",
    "ROWS",
    "SELECT",
    "SET",
    "SOME",
    "STRUCT",
    "TABLESAMPLE",
    "THEN",
    "TO",
    "TREAT",
    "TRUE",
    "UNBOUNDED",
    "UNION",
    "UNNEST",
    "USING",
    "WHEN",
    "WHERE",
    "WINDOW",
    "WITH",
    "WITHIN",
];

impl Resolver<'_> {
    /// Checks a name and quotes it where it is a reserved word.
    #[expect(clippy::unused_self, reason = "reads like the other steps of the walk")]
    pub(super) fn name(&self, ident: &mut Ident) -> Result<(), SqlError> {
        let at = Position::of(ident);
        let refused = |message: String| Err(SqlError::Syntax { message, at });
        let Ident { value, quote_style, span: _ } = &*ident;
        if value.starts_with("@@") {
            return Err(SqlError::unsupported(format!("system variable {value}")));
        }
        match quote_style {
            None => {
                if !is_plain(value) {
                    return refused(format!("`{value}` is not a name"));
                }
                if RESERVED.iter().any(|reserved| value.eq_ignore_ascii_case(reserved)) {
                    ident.quote_style = Some('`');
                }
                Ok(())
            }
            Some('`') => {
                let allowed = |c: char| {
                    c.is_alphanumeric() || matches!(c, '_' | ' ' | '-' | '%' | '&' | '+' | '#' | '/' | '(' | ')' | '\'' | ',' | '’' | '°')
                };
                if value.is_empty() || value.chars().count() > MAX_NAME_CHARS || !value.chars().all(allowed) {
                    return refused(format!("`{value}` is not a name"));
                }
                Ok(())
            }
            Some(quote) => refused(format!("a name in {quote} quotes; names take backticks")),
        }
    }
}

fn is_plain(value: &str) -> bool {
    let mut bytes = value.bytes();
    value.len() <= MAX_NAME_CHARS
        && bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
