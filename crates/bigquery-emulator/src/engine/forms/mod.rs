//! Forms that the parser does not know, put into words that it does, token by token.

mod assert;
mod names;
mod nulls;
mod pipes;
mod sets;
mod tables;

use sqlparser::tokenizer::{Token, TokenWithSpan};

pub(super) use assert::assertion;
pub(super) use names::{NAMED, named_arguments};
pub(super) use nulls::nulls_to_their_functions;
pub(super) use pipes::known_pipes;
pub(super) use sets::one_kind_of_set;
pub(super) use tables::table_arguments;

/// A word that is not quoted, in upper case; empty for every other token.
fn word(tokens: &[TokenWithSpan], at: usize) -> String {
    match tokens.get(at).map(|t| &t.token) {
        Some(Token::Word(w)) if w.quote_style.is_none() => w.value.to_uppercase(),
        _ => String::new(),
    }
}

fn deeper(token: &Token) -> i32 {
    match token {
        Token::LParen | Token::LBracket | Token::LBrace => 1,
        Token::RParen | Token::RBracket | Token::RBrace => -1,
        _ => 0,
    }
}

/// The place of the first token from a place on, outside of brackets, that is one looked for, or of the end of what is around.
fn find(tokens: &[TokenWithSpan], from: usize, wanted: impl Fn(usize) -> bool) -> usize {
    let mut depth = 0;
    for (at, TokenWithSpan { token, .. }) in tokens.iter().enumerate().skip(from) {
        if depth == 0 && (wanted(at) || deeper(token) < 0 || matches!(token, Token::SemiColon | Token::EOF)) {
            return at;
        }
        depth += deeper(token);
    }
    tokens.len()
}

/// Tokens that are made stand where another stood.
fn like(token: Token, other: &TokenWithSpan) -> TokenWithSpan {
    TokenWithSpan { token, span: other.span }
}

/// `"$asserted"(CASE WHEN (condition) THEN NULL ELSE text END)`, which is TRUE or fails with the text.
fn asserted(condition: &[TokenWithSpan], text: Vec<TokenWithSpan>, place: &TokenWithSpan) -> Vec<TokenWithSpan> {
    let put = |token| like(token, place);
    let mut made = vec![put(Token::make_word("$asserted", Some('"'))), put(Token::LParen)];
    made.extend([put(Token::make_keyword("CASE")), put(Token::make_keyword("WHEN")), put(Token::LParen)]);
    made.extend_from_slice(condition);
    made.extend([put(Token::RParen), put(Token::make_keyword("THEN")), put(Token::make_keyword("NULL"))]);
    made.push(put(Token::make_keyword("ELSE")));
    made.extend(text);
    made.extend([put(Token::make_keyword("END")), put(Token::RParen)]);
    made
}
