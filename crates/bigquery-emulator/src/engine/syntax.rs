//! Syntax errors in GoogleSQL's words: what was expected, what came, and where.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical>

use sqlparser::parser::ParserError;
use sqlparser::tokenizer::{Location, Token};

use super::parse::tokenize;
use super::{QueryError, Reason};

/// The reserved keywords of GoogleSQL, and what else begins or joins its clauses. The parser takes more words for keywords.
/// Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical#reserved_keywords>
const KEYWORDS: &str = "ALL ALTER AND ANY ARRAY AS ASC ASSERT_ROWS_MODIFIED AT BEGIN BETWEEN BY CALL CASE CAST COLLATE CONTAINS CREATE CROSS \
    CUBE CURRENT DATE DATETIME DEFAULT DEFINE DELETE DESC DISTINCT DROP ELSE END ENUM ESCAPE EXCEPT EXCLUDE EXISTS EXTRACT \
    FALSE FETCH FOLLOWING FOR FROM FULL FUNCTION GROUP GROUPING GROUPS HASH HAVING IF IGNORE IN INNER INSERT INTERSECT \
    INTERVAL INTO IS JOIN LATERAL LEFT LIKE LIMIT LOOKUP MATCHED MERGE NATURAL NEW NO NOT NULL NULLS OF OFFSET ON OR ORDER \
    OUTER OVER PARTITION PIVOT PRECEDING PROTO QUALIFY RANGE RECURSIVE REPLACE RESPECT RIGHT ROLLUP ROWS SELECT SET SOME \
    STRUCT TABLE TABLESAMPLE THEN TIME TIMESTAMP TO TREAT TRUE UNBOUNDED UNION UNNEST UNPIVOT UPDATE USING VALUES VIEW \
    WHEN WHERE WINDOW WITH WITHIN";

pub(super) fn token_name(token: &Token) -> String {
    match token {
        Token::EOF => "end of script".to_owned(),
        Token::Word(w) if w.quote_style.is_none() && KEYWORDS.split(' ').any(|k| k.eq_ignore_ascii_case(&w.value)) => {
            format!("keyword {}", w.value.to_uppercase())
        }
        Token::Word(w) => format!("identifier \"{}\"", w.value),
        Token::Number(n, _) => format!("integer literal \"{n}\""),
        Token::SingleQuotedString(s) | Token::DoubleQuotedString(s) => {
            format!("string literal \"{s}\"")
        }
        other => format!("\"{other}\""),
    }
}

/// sqlparser says `Expected: x, found: y at Line: 1, Column: 8`.
pub(super) fn syntax_error(error: ParserError, sql: &str) -> QueryError {
    let message = match error {
        ParserError::RecursionLimitExceeded => {
            return QueryError::new(
                Reason::ResourcesExceeded,
                "Resources exceeded during query execution: The query is nested too deeply.",
            );
        }
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => message,
    };
    let (text, at) = match message.rfind(" at Line: ") {
        Some(at) => {
            let numbers: Vec<u64> = message[at..].split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
            let location = match numbers.as_slice() {
                [line, column] => Location::new(*line, *column),
                _ => Location::new(0, 0),
            };
            (&message[..at], location)
        }
        None => (message.as_str(), Location::new(0, 0)),
    };
    let parts = text.strip_prefix("Expected: ").or_else(|| text.strip_prefix("Expected "));
    let (text, at) = match parts.and_then(|rest| rest.split_once(", found: ")) {
        Some((expected, "EOF")) => (unexpected(expected, "end of script"), end_of(sql)),
        Some((expected, found)) => {
            let got = token_at(sql, at).map_or_else(|| found.to_owned(), |token| token_name(&token));
            (unexpected(expected, &got), at)
        }
        None => (text.to_owned(), at),
    };
    QueryError::invalid_at(format!("Syntax error: {text}"), at)
}

/// GoogleSQL names what it expects where that is one thing alone.
fn unexpected(expected: &str, got: &str) -> String {
    let is_keyword = expected.split(' ').all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_uppercase()));
    if is_keyword {
        format!("Expected keyword {expected} but got {got}")
    } else if expected.chars().count() == 1 {
        format!("Expected \"{expected}\" but got {got}")
    } else {
        format!("Unexpected {got}")
    }
}

/// The place behind a text.
pub(super) fn end_of(sql: &str) -> Location {
    let lines = sql.split('\n').count() as u64;
    let last = sql.rsplit('\n').next().unwrap_or_default().chars().count() as u64;
    Location::new(lines, last + 1)
}

/// The token that begins at a place.
fn token_at(sql: &str, at: Location) -> Option<Token> {
    tokenize(sql).ok()?.into_iter().find(|token| token.span.start == at).map(|token| token.token)
}
