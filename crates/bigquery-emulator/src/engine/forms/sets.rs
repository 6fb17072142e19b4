//! Set operations of several kinds need parentheses in GoogleSQL; the parser would give INTERSECT precedence.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/query-syntax#set_operators>

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::word;
use crate::engine::QueryError;

/// Refuses `a UNION ALL b INTERSECT DISTINCT c`, as BigQuery does.
pub(in crate::engine) fn one_kind_of_set(tokens: &[TokenWithSpan]) -> Result<(), QueryError> {
    // The operation of each open parenthesis.
    let mut open: Vec<Option<(String, String)>> = vec![None];
    for (at, token) in tokens.iter().enumerate() {
        match &token.token {
            Token::LParen => open.push(None),
            Token::RParen => {
                open.pop();
            }
            Token::SemiColon => open = vec![None],
            _ => {}
        }
        let found = (word(tokens, at), word(tokens, at + 1));
        let is_set = matches!(found.0.as_str(), "UNION" | "INTERSECT" | "EXCEPT") && matches!(found.1.as_str(), "ALL" | "DISTINCT");
        let piped = at > 0 && tokens[at - 1].token == Token::VerticalBarRightAngleBracket;
        if !is_set || piped {
            continue;
        }
        let Some(earlier) = open.last_mut() else { return Ok(()) };
        if earlier.as_ref().is_some_and(|e| *e != found) {
            return Err(QueryError::invalid_at(
                "Syntax error: Different set operations cannot be used in the same query without using parentheses for grouping",
                token.span.start,
            ));
        }
        *earlier = Some(found);
    }
    Ok(())
}
