//! Bounds on a statement before it is parsed. The parser builds trees as deep as an operator chain is long and tries some
//! constructs twice at every level, so that a short hostile text could overflow the stack or take minutes. Tokens are counted first,
//! in one pass without recursion.

use sqlparser::dialect::BigQueryDialect;
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

use super::error::{Position, SqlError};

/// Open brackets of any kind. Queries written by people stay under ten.
const MAX_BRACKETS: usize = 14;
/// Operators and keywords in one comma-separated part, with those of the parts that enclose it: the tree is no deeper.
const MAX_CHAIN: usize = 250;
/// UNION, INTERSECT, EXCEPT in the whole statement.
const MAX_SET_OPERATORS: usize = 60;
/// `<` in the whole statement: they nest types without brackets.
const MAX_ANGLES: usize = 80;
/// INTERVAL inside INTERVAL: the parser tries each of them twice.
const MAX_INTERVALS: usize = 3;

#[derive(Default, Clone, Copy)]
struct Level {
    chain: usize,
    intervals: usize,
}

/// Tokenises and refuses what would be too deep. The tokens keep their escapes.
pub(super) fn tokenize(sql: &str) -> Result<Vec<TokenWithSpan>, SqlError> {
    let tokens = Tokenizer::new(&BigQueryDialect, sql).with_unescape(false).tokenize_with_location().map_err(|error| SqlError::Syntax {
        message: error.message,
        at: Position { line: error.location.line, column: error.location.column },
    })?;
    check(&tokens)?;
    Ok(tokens)
}

fn check(tokens: &[TokenWithSpan]) -> Result<(), SqlError> {
    let mut levels = vec![Level::default()];
    let (mut set_operators, mut angles) = (0, 0);
    let mut previous_interval = false;
    for (index, token) in tokens.iter().enumerate() {
        match &token.token {
            Token::Whitespace(_) => continue,
            Token::LParen | Token::LBracket | Token::LBrace => levels.push(Level::default()),
            Token::RParen | Token::RBracket | Token::RBrace if levels.len() > 1 => drop(levels.pop()),
            Token::Comma | Token::SemiColon => {
                if let Some(level) = levels.last_mut() {
                    *level = Level::default();
                }
            }
            Token::Number(..) | Token::SingleQuotedString(_) | Token::Period | Token::EOF => {}
            Token::Word(word) if word.keyword == Keyword::NoKeyword => {}
            other => {
                match other {
                    Token::Lt | Token::Neq | Token::ShiftLeft => angles += 1,
                    Token::Word(word) => match word.keyword {
                        Keyword::UNION | Keyword::INTERSECT | Keyword::EXCEPT => set_operators += 1,
                        // Not GoogleSQL, and exponential in the parser.
                        Keyword::POSITION | Keyword::OVERLAY | Keyword::CONVERT if is_call(&tokens[index + 1..]) => {
                            return Err(SqlError::unsupported(format!("{} in that form", word.value.to_uppercase())));
                        }
                        Keyword::INTERVAL if previous_interval => return Err(SqlError::TooDeep),
                        Keyword::INTERVAL => {
                            if let Some(level) = levels.last_mut() {
                                level.intervals += 1;
                            }
                        }
                        _ => {}
                    },
                    _ => {}
                }
                if let Some(level) = levels.last_mut() {
                    level.chain += 1;
                }
            }
        }
        previous_interval = matches!(&token.token, Token::Word(word) if word.keyword == Keyword::INTERVAL);
        let chain: usize = levels.iter().map(|level| level.chain).sum();
        let enclosing_intervals: usize = levels.iter().rev().skip(1).map(|level| level.intervals).sum();
        let too_many_intervals =
            enclosing_intervals > MAX_INTERVALS || levels.last().is_some_and(|level| level.intervals > 4 * MAX_INTERVALS);
        if levels.len() > MAX_BRACKETS
            || chain > MAX_CHAIN
            || set_operators > MAX_SET_OPERATORS
            || angles > MAX_ANGLES
            || too_many_intervals
        {
            return Err(SqlError::TooDeep);
        }
    }
    Ok(())
}

fn is_call(rest: &[TokenWithSpan]) -> bool {
    let next = rest.iter().map(|token| &token.token).find(|token| !matches!(token, Token::Whitespace(_)));
    matches!(next, Some(Token::LParen))
}
