//! `f(TABLE a.b, ...)`: a table as an argument, which the parser does not know, as `f((SELECT * FROM a.b), ...)`.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{like, word};

/// Arguments that are tables as arguments that are queries.
pub(in crate::engine) fn table_arguments(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut result = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let token = &tokens[at];
        let opens = at > 0 && matches!(tokens[at - 1].token, Token::LParen | Token::Comma);
        let called = at > 1 && matches!(tokens[at - 2].token, Token::Word(_));
        let named = matches!(tokens.get(at + 1).map(|t| &t.token), Some(Token::Word(_)));
        if !(word(&tokens, at) == "TABLE" && opens && called && named) {
            result.push(token.clone());
            at += 1;
            continue;
        }
        let mut end = at + 2;
        while let (Some(Token::Period), Some(Token::Word(_))) = (tokens.get(end).map(|t| &t.token), tokens.get(end + 1).map(|t| &t.token)) {
            end += 2;
        }
        let put = |made| like(made, token);
        result.extend([put(Token::LParen), put(Token::make_keyword("SELECT")), put(Token::Mul), put(Token::make_keyword("FROM"))]);
        result.extend_from_slice(&tokens[at + 1..end]);
        result.push(put(Token::RParen));
        at = end;
    }
    result
}
