//! Text of any encoding that load jobs take, as UTF-8.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#JobConfigurationLoad>, `encoding`.

use std::io::{self, Read};

/// The encodings of the API.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Encoding {
    #[default]
    Utf8,
    Latin1,
    Utf16 {
        big_endian: bool,
    },
    Utf32 {
        big_endian: bool,
    },
}

impl Encoding {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_uppercase().as_str() {
            "UTF-8" => Self::Utf8,
            "ISO-8859-1" => Self::Latin1,
            "UTF-16LE" => Self::Utf16 { big_endian: false },
            "UTF-16BE" => Self::Utf16 { big_endian: true },
            "UTF-32LE" => Self::Utf32 { big_endian: false },
            "UTF-32BE" => Self::Utf32 { big_endian: true },
            _ => return None,
        })
    }

    fn unit_bytes(self) -> usize {
        match self {
            Self::Utf8 | Self::Latin1 => 1,
            Self::Utf16 { .. } => 2,
            Self::Utf32 { .. } => 4,
        }
    }

    /// The text as UTF-8, without a byte order mark.
    pub(super) fn decode(self, input: Box<dyn Read + Send>) -> Box<dyn Read + Send> {
        match self {
            Self::Utf8 => input,
            other => Box::new(Transcoder { input, encoding: other, rest: Vec::new(), high: None, text: Vec::new(), given: 0 }),
        }
    }
}

struct Transcoder {
    input: Box<dyn Read + Send>,
    encoding: Encoding,
    /// Bytes of a unit that has not come whole.
    rest: Vec<u8>,
    /// The first half of a surrogate pair.
    high: Option<u32>,
    text: Vec<u8>,
    given: usize,
}

impl Transcoder {
    fn push(&mut self, unit: u32) {
        let code = match (self.encoding, self.high.take(), unit) {
            (Encoding::Utf16 { .. }, Some(high), 0xdc00..=0xdfff) => 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00),
            (Encoding::Utf16 { .. }, _, 0xd800..=0xdbff) => {
                self.high = Some(unit);
                return;
            }
            _ => unit,
        };
        // What is no character becomes the replacement character, as in BigQuery.
        let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        let mut buffer = [0; 4];
        self.text.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
    }

    /// Reads more; false at the end of the input.
    fn fill(&mut self) -> io::Result<bool> {
        self.text.clear();
        self.given = 0;
        let mut bytes = vec![0; 64 * 1024];
        let read = self.input.read(&mut bytes)?;
        if read == 0 {
            return Ok(false);
        }
        let mut all = std::mem::take(&mut self.rest);
        all.extend_from_slice(&bytes[..read]);
        let size = self.encoding.unit_bytes();
        let units = all.chunks_exact(size);
        self.rest = units.remainder().to_vec();
        for unit in units {
            let little = |b: &[u8]| b.iter().rev().fold(0_u32, |n, b| n << 8 | u32::from(*b));
            let big = |b: &[u8]| b.iter().fold(0_u32, |n, b| n << 8 | u32::from(*b));
            let code = match self.encoding {
                Encoding::Utf16 { big_endian: true } | Encoding::Utf32 { big_endian: true } => big(unit),
                _ => little(unit),
            };
            self.push(code);
        }
        Ok(true)
    }
}

impl Read for Transcoder {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.given == self.text.len() {
            if !self.fill()? {
                return Ok(0);
            }
        }
        let count = out.len().min(self.text.len() - self.given);
        out[..count].copy_from_slice(&self.text[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, bytes: &[u8], expected: &str) {
        let encoding = Encoding::named(name).unwrap();
        let mut found = String::new();
        encoding.decode(Box::new(std::io::Cursor::new(bytes.to_vec()))).read_to_string(&mut found).unwrap();
        assert_eq!(found, expected, "{name}");
    }

    #[test]
    fn every_encoding_becomes_utf8() {
        check("UTF-8", "é😀".as_bytes(), "é😀");
        check("iso-8859-1", b"\xe9\x00", "é\0");
        check("UTF-16LE", b"\xe9\x00\x3d\xd8\x00\xde", "é😀");
        check("UTF-16BE", b"\x00\xe9\xd8\x3d\xde\x00", "é😀");
        check("UTF-32LE", b"\xe9\x00\x00\x00\x00\xf6\x01\x00", "é😀");
        check("UTF-32BE", b"\x00\x00\x00\xe9\x00\x01\xf6\x00", "é😀");
        check("UTF-16LE", b"\x00\xdea\x00", "\u{fffd}a");
        assert_eq!(Encoding::named("UTF-7"), None);
    }
}
