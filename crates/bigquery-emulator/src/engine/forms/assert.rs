//! `ASSERT condition [AS 'text']` as the query that fails with the text.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/debugging-statements#assert>

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{asserted, find, like, word};

/// The query of an ASSERT; `None` for every other statement.
pub(in crate::engine) fn assertion(tokens: &[TokenWithSpan]) -> Option<Vec<TokenWithSpan>> {
    let start = tokens.iter().position(|t| t.token != Token::SemiColon)?;
    if word(tokens, start) != "ASSERT" {
        return None;
    }
    let place = &tokens[start];
    let end = find(tokens, start + 1, |at| word(tokens, at) == "AS");
    let (text, rest) = match tokens.get(end + 1).map(|t| &t.token) {
        Some(text @ (Token::SingleQuotedString(_) | Token::DoubleQuotedString(_))) if word(tokens, end) == "AS" => (text.clone(), end + 2),
        _ => (Token::SingleQuotedString("Assertion failed".to_owned()), end),
    };
    let mut made = vec![like(Token::make_keyword("SELECT"), place)];
    made.extend(asserted(&tokens[start + 1..end], vec![like(text, place)], place));
    made.extend_from_slice(tokens.get(rest..).unwrap_or_default());
    Some(made)
}
