//! Words and signs of the beginning of a query, without a tree: it stops anywhere.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    /// A number, a text or a parameter.
    Value,
    Sign(u8),
}

/// A token and where it begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    pub(super) at: usize,
}

impl Token<'_> {
    pub(super) fn is(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    pub(super) fn is_sign(&self, sign: u8) -> bool {
        self.kind == Kind::Sign(sign)
    }
}

/// The tokens of a text; a text literal that is not closed goes to the end.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let bytes = text.as_bytes();
    let mut found = Vec::with_capacity(bytes.len() / 4);
    let mut at = 0;
    while let Some(&first) = bytes.get(at) {
        let run = |from: usize, is: fn(u8) -> bool| from + bytes[from..].iter().take_while(|byte| is(**byte)).count();
        let (kind, end) = match first {
            b' ' | b'\n' | b'\t' | b'\r' => {
                at += 1;
                continue;
            }
            b'r' | b'R' if matches!(bytes.get(at + 1), Some(b'\'' | b'"')) => (Kind::Value, end_of_text(bytes, at + 1)),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => (Kind::Word, run(at, is_word)),
            b'0'..=b'9' => (Kind::Value, run(at, |byte| byte.is_ascii_digit() || byte == b'.')),
            b'@' => (Kind::Value, run(at + 1, is_word)),
            b'\'' | b'"' => (Kind::Value, end_of_text(bytes, at)),
            // Signs of several bytes need not be told apart, and other characters do not occur outside of texts.
            other => (Kind::Sign(other), at + 1),
        };
        found.push(Token { kind, text: text.get(at..end).unwrap_or_default(), at });
        at = end;
    }
    found
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn end_of_text(bytes: &[u8], start: usize) -> usize {
    let quote = bytes[start];
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            _ if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}
