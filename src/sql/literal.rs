//! Makes literals canonical. GoogleSQL has eight ways to quote a string and its own escapes; sqlparser prints back what it read without
//! knowing which of them applied, so that a text could mean one thing to the validator and another to BigQuery. Every string becomes
//! the value it denotes, and is printed in single quotes with every quote, backslash and control character escaped.
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical#literals>

use std::fmt::Write;
use std::ops::ControlFlow;

use sqlparser::ast::{Statement, Value, ValueWithSpan, VisitMut, VisitorMut};

use super::error::{Position, SqlError};

struct Decode;

impl VisitorMut for Decode {
    type Break = SqlError;

    fn pre_visit_value(&mut self, value: &mut ValueWithSpan) -> ControlFlow<SqlError> {
        match canonical(&value.value, Position::start(value.span)) {
            Ok(decoded) => {
                value.value = decoded;
                ControlFlow::Continue(())
            }
            Err(error) => ControlFlow::Break(error),
        }
    }
}

struct Escape;

impl VisitorMut for Escape {
    type Break = std::convert::Infallible;

    fn pre_visit_value(&mut self, value: &mut ValueWithSpan) -> ControlFlow<Self::Break> {
        if let Value::SingleQuotedString(text) = &mut value.value {
            *text = escaped(text);
        }
        ControlFlow::Continue(())
    }
}

/// Replaces every literal by its canonical form.
pub(super) fn decode(statement: &mut Statement) -> Result<(), SqlError> {
    match statement.visit(&mut Decode) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(error) => Err(error),
    }
}

/// Prints a statement whose literals are canonical.
pub(super) fn print(statement: &Statement) -> String {
    let mut escaped = statement.clone();
    let _: ControlFlow<std::convert::Infallible> = escaped.visit(&mut Escape);
    escaped.to_string()
}

fn canonical(value: &Value, at: Position) -> Result<Value, SqlError> {
    let text = match value {
        Value::Number(text, false) if is_number(text) => return Ok(value.clone()),
        Value::Boolean(_) | Value::Null => return Ok(value.clone()),
        Value::Placeholder(name) if name.starts_with('@') => return Ok(value.clone()),
        Value::SingleQuotedString(text) => unescaped(&text.replace("''", "\\'"), at)?,
        Value::DoubleQuotedString(text) => unescaped(&text.replace("\"\"", "\\\""), at)?,
        Value::TripleSingleQuotedString(text) | Value::TripleDoubleQuotedString(text) => unescaped(text, at)?,
        Value::SingleQuotedRawStringLiteral(text)
        | Value::DoubleQuotedRawStringLiteral(text)
        | Value::TripleSingleQuotedRawStringLiteral(text)
        | Value::TripleDoubleQuotedRawStringLiteral(text) => text.clone(),
        other => return Err(SqlError::unsupported(format!("literal {other}"))),
    };
    if text.contains('\0') {
        return Err(SqlError::Syntax { message: "a string holds a NUL character".to_owned(), at });
    }
    Ok(Value::SingleQuotedString(text))
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'))
}

fn unescaped(text: &str, at: Position) -> Result<String, SqlError> {
    let invalid = || SqlError::Syntax { message: "illegal escape sequence in a string".to_owned(), at };
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let escape = chars.next().ok_or_else(invalid)?;
        let mut code = |digits: usize, radix: u32, first: Option<char>| {
            let mut text: String = first.into_iter().collect();
            text.extend(chars.by_ref().take(digits));
            let complete = text.chars().count() == digits + usize::from(first.is_some()) && text.chars().all(|c| c.is_digit(radix));
            complete.then(|| u32::from_str_radix(&text, radix).ok()).flatten().and_then(char::from_u32)
        };
        out.push(match escape {
            'a' => '\u{7}',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{b}',
            '\\' | '?' | '"' | '\'' | '`' => escape,
            'x' | 'X' => code(2, 16, None).ok_or_else(invalid)?,
            'u' => code(4, 16, None).ok_or_else(invalid)?,
            'U' => code(8, 16, None).ok_or_else(invalid)?,
            '0'..='3' => code(2, 8, Some(escape)).ok_or_else(invalid)?,
            _ => return Err(invalid()),
        });
    }
    Ok(out)
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\'' => out.push_str("\\'"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
                write!(out, "\\u{:04x}", u32::from(c)).expect("writing to a String cannot fail");
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_survives_printing_and_reading() {
        for text in ["", "L'amour", "a\\", "\\'", "''", "tab\tnew\nline", "É 愛 🎵", "\u{7f}\u{85}", "100%", "a\"b`c"] {
            assert_eq!(unescaped(&escaped(text), Position::default()).as_deref(), Ok(text), "{text:?}");
        }
    }

    #[test]
    fn escapes_are_those_of_googlesql() {
        let read = |text: &str| unescaped(text, Position::default()).ok();
        assert_eq!(read(r"\x41\u00e9\U0001F3B5\101\?").as_deref(), Some("Aé🎵A?"));
        for wrong in [r"\q", r"\x4", r"\u12", r"\ud800", r"\9", "\\"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
