//! `|> IF` and `|> ASSERT`: the one is decided while parsing, the other is a WHERE that fails.
//!
//! Source: <https://github.com/google/googlesql/blob/master/docs/pipe-syntax.md>

use sqlparser::tokenizer::{Location, Token, TokenWithSpan};

use super::{asserted, find, like, word};
use crate::engine::QueryError;
use crate::engine::error::not_supported;

/// A query without these two.
pub(in crate::engine) fn known_pipes(tokens: Vec<TokenWithSpan>) -> Result<Vec<TokenWithSpan>, QueryError> {
    let is_pipe = |tokens: &[TokenWithSpan], at: usize| tokens[at].token == Token::VerticalBarRightAngleBracket;
    let is_ours = |tokens: &[TokenWithSpan], at: usize| is_pipe(tokens, at) && matches!(word(tokens, at + 1).as_str(), "IF" | "ASSERT");
    let mut tokens = tokens;
    let mut from = 0;
    while let Some(at) = (from..tokens.len()).find(|at| is_ours(&tokens, *at)) {
        let (end, made) = if word(&tokens, at + 1) == "IF" {
            chosen(&tokens, at)?
        } else {
            let end = find(&tokens, at + 2, |i| is_pipe(&tokens, i));
            (end, assert(&tokens, at, end))
        };
        // What was chosen may hold such operators itself.
        tokens.splice(at..end, made);
        from = at;
    }
    Ok(tokens)
}

/// The operators of the branch that an IF takes, and the place behind the IF. Other branches are not looked at: they may name
/// columns that there are not.
fn chosen(tokens: &[TokenWithSpan], pipe: usize) -> Result<(usize, Vec<TokenWithSpan>), QueryError> {
    let unexpected = |at: usize, what: &str| {
        let place = tokens.get(at).map_or(Location::new(0, 0), |t| t.span.start);
        QueryError::invalid_at(format!("Syntax error: Expected {what}"), place)
    };
    let mut taken = None;
    let mut at = pipe + 1;
    loop {
        let holds = match word(tokens, at).as_str() {
            "IF" | "ELSEIF" => {
                let then = find(tokens, at + 1, |i| word(tokens, i) == "THEN");
                let holds = match (then - at, word(tokens, at + 1).as_str()) {
                    (2, "TRUE") => true,
                    (2, "FALSE") => false,
                    _ => return Err(not_supported("|> IF with a condition that is not TRUE or FALSE")),
                };
                at = then;
                if word(tokens, at) != "THEN" {
                    return Err(unexpected(at, "keyword THEN"));
                }
                holds
            }
            "ELSE" => true,
            _ => return Ok((at, taken.unwrap_or_default())),
        };
        if tokens.get(at + 1).map(|t| &t.token) != Some(&Token::LParen) {
            return Err(unexpected(at + 1, "\"(\""));
        }
        let close = find(tokens, at + 2, |_| false);
        if tokens.get(close).map(|t| &t.token) != Some(&Token::RParen) {
            return Err(unexpected(close, "\")\""));
        }
        if holds && taken.is_none() {
            taken = Some(tokens[at + 2..close].to_vec());
        }
        at = close + 1;
    }
}

/// `|> ASSERT condition, text, ...` as `|> WHERE` of a call.
fn assert(tokens: &[TokenWithSpan], pipe: usize, end: usize) -> Vec<TokenWithSpan> {
    let place = &tokens[pipe];
    let put = |token| like(token, place);
    let comma = find(&tokens[..end], pipe + 2, |i| tokens[i].token == Token::Comma);
    let shown = tokens.get(comma + 1..end).unwrap_or_default();
    let mut count = usize::from(!shown.is_empty());
    let mut at = comma + 1;
    while at < end {
        at = find(&tokens[..end], at, |i| tokens[i].token == Token::Comma) + 1;
        count += usize::from(at < end);
    }
    let form = format!("Assert failed{}{}", if count == 0 { "" } else { ":" }, " %t".repeat(count));
    let mut text = vec![put(Token::make_word("FORMAT", None)), put(Token::LParen), put(Token::SingleQuotedString(form))];
    if count > 0 {
        text.push(put(Token::Comma));
        text.extend_from_slice(shown);
    }
    text.push(put(Token::RParen));
    let mut made = vec![place.clone(), put(Token::make_keyword("WHERE"))];
    made.extend(asserted(&tokens[pipe + 2..comma.min(end)], text, place));
    made
}
