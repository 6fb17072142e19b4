//! Escape sequences of string and bytes literals.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical#escape_sequences>

use sqlparser::tokenizer::Token;

/// Reads the escapes of a literal's token; other tokens stay as they are.
///
/// # Errors
/// BigQuery's words for a sequence that is none.
pub(super) fn unescape(token: Token) -> Result<Token, String> {
    Ok(match token {
        Token::SingleQuotedString(s) => Token::SingleQuotedString(text(&one_quote(s, "''")?)?),
        Token::DoubleQuotedString(s) => Token::SingleQuotedString(text(&one_quote(s, "\"\"")?)?),
        Token::TripleSingleQuotedString(s) | Token::TripleDoubleQuotedString(s) => Token::SingleQuotedString(text(&s)?),
        Token::SingleQuotedRawStringLiteral(s)
        | Token::DoubleQuotedRawStringLiteral(s)
        | Token::TripleSingleQuotedRawStringLiteral(s)
        | Token::TripleDoubleQuotedRawStringLiteral(s) => Token::SingleQuotedString(s),
        Token::SingleQuotedByteStringLiteral(s)
        | Token::DoubleQuotedByteStringLiteral(s)
        | Token::TripleSingleQuotedByteStringLiteral(s)
        | Token::TripleDoubleQuotedByteStringLiteral(s) => {
            let bytes = bytes(&s)?;
            Token::HexStringLiteral(bytes.iter().map(|b| format!("{b:02x}")).collect())
        }
        other => other,
    })
}

/// `'it''s'` is two literals side by side, which GoogleSQL does not join.
fn one_quote(s: String, doubled: &str) -> Result<String, String> {
    let mut rest = s.as_str();
    while let Some(at) = rest.find(['\\', '\'', '"']) {
        if rest[at..].starts_with(doubled) {
            return Err("concatenated string literals need to be separated by whitespace or comments".to_owned());
        }
        let skip = if rest[at..].starts_with('\\') { 2 } else { 1 };
        rest = rest.get(at + skip..).unwrap_or_default();
    }
    Ok(s)
}

enum Piece {
    Char(char),
    Code(u32),
    /// `\x41` and `\101`: a code point in a STRING, a byte in BYTES.
    Byte(u32),
}

fn text(s: &str) -> Result<String, String> {
    let mut out = String::with_capacity(s.len());
    walk(s, |piece| {
        let found = match piece {
            Piece::Char(c) => Some(c),
            Piece::Code(code) | Piece::Byte(code) => char::from_u32(code),
        };
        found.map(|c| out.push(c))
    })?;
    Ok(out)
}

fn bytes(s: &str) -> Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity(s.len());
    walk(s, |piece| match piece {
        Piece::Char(c) => {
            let mut buffer = [0; 4];
            out.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
            Some(())
        }
        Piece::Byte(code) => u8::try_from(code).ok().map(|b| out.push(b)),
        Piece::Code(_) => None,
    })?;
    Ok(out)
}

fn walk(s: &str, mut emit: impl FnMut(Piece) -> Option<()>) -> Result<(), String> {
    let mut rest = s.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            emit(Piece::Char(c));
            continue;
        }
        let escape = rest.next().unwrap_or('\\');
        let digits = |rest: &mut std::str::Chars<'_>, n: usize, radix: u32| -> Option<u32> {
            let taken: String = rest.clone().take(n).collect();
            let code = (taken.len() == n).then(|| u32::from_str_radix(&taken, radix).ok())??;
            for _ in 0..n {
                rest.next();
            }
            Some(code)
        };
        let piece = match escape {
            'a' => Some(Piece::Char('\u{7}')),
            'b' => Some(Piece::Char('\u{8}')),
            'f' => Some(Piece::Char('\u{c}')),
            'n' => Some(Piece::Char('\n')),
            'r' => Some(Piece::Char('\r')),
            't' => Some(Piece::Char('\t')),
            'v' => Some(Piece::Char('\u{b}')),
            '\\' | '?' | '"' | '\'' | '`' => Some(Piece::Char(escape)),
            'x' | 'X' => digits(&mut rest, 2, 16).map(Piece::Byte),
            'u' => digits(&mut rest, 4, 16).map(Piece::Code),
            'U' => digits(&mut rest, 8, 16).map(Piece::Code),
            '0'..='3' => {
                let high = escape.to_digit(8).unwrap_or(0) * 64;
                digits(&mut rest, 2, 8).map(|low| Piece::Byte(high + low))
            }
            _ => None,
        };
        piece.and_then(&mut emit).ok_or_else(|| format!("Illegal escape sequence: \\{escape}"))?;
    }
    Ok(())
}
