//! `ARRAY_ZIP([1, 2] AS a, ...)`: an argument with an alias, which the parser does not know, as a call that holds both.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{find, like, word};

/// The call that stands for an argument with an alias.
pub(in crate::engine) const NAMED: &str = "$named_argument";

/// Arguments of ARRAY_ZIP with an alias as calls of [`NAMED`].
pub(in crate::engine) fn named_arguments(mut tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut from = 0;
    while let Some(call) =
        (from..tokens.len()).find(|at| word(&tokens, *at) == "ARRAY_ZIP" && tokens.get(at + 1).is_some_and(|t| t.token == Token::LParen))
    {
        from = call + 2;
        let mut at = from;
        loop {
            let end = find(&tokens, at, |i| tokens[i].token == Token::Comma);
            let alias = find(&tokens[..end], at, |i| word(&tokens, i) == "AS");
            let mut next = end;
            if let (true, Some(Token::Word(name))) = (alias + 2 == end, tokens.get(alias + 1).map(|t| &t.token)) {
                let put = |token| like(token, &tokens[alias]);
                let name = put(Token::SingleQuotedString(name.value.clone()));
                let mut made = vec![put(Token::make_word(NAMED, Some('"'))), put(Token::LParen)];
                made.extend_from_slice(&tokens[at..alias]);
                made.extend([put(Token::Comma), name, put(Token::RParen)]);
                next = at + made.len();
                tokens.splice(at..end, made);
            }
            if tokens.get(next).map(|t| &t.token) != Some(&Token::Comma) {
                break;
            }
            at = next + 1;
        }
    }
    tokens
}
