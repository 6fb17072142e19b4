//! How a CSV file is written: delimiter, quoting and encoding, from its beginning.

use super::super::records::{self, Columns, Dialect, Encoding};
use super::types;

const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];
/// So much of the beginning is tried by each dialect.
const TRIED_BYTES: usize = 256 * 1024;
/// BigQuery's limit for a table. Source: <https://cloud.google.com/bigquery/quotas#all_tables>
const MOST_COLUMNS: usize = 10_000;

/// How well a dialect fits: rows with as many fields as the header, how many those are, and whether the quotes are those of a file
/// that quotes.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    /// In thousandths.
    rows: usize,
    fields: usize,
    proper: bool,
}

/// The dialect of a file by its beginning, and its header; else what stands there instead, for messages.
pub(super) fn sniff(content: &[u8]) -> Result<(Dialect, Columns), String> {
    let text = content.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(content).trim_ascii();
    if text.is_empty() || text.starts_with(b"<") || text.iter().take(4096).any(|byte| *byte == 0) {
        return Err(Columns::found(content));
    }
    let tried = beginning(content);
    let mut letters = Letters::default();
    letters.see(tried);
    let encoding = letters.encoding();
    let dialect = |quoting| move |delimiter| Dialect { delimiter, quoting, encoding };
    // Of equals the first: a file of one column has no delimiter, and quotes are the rule.
    let mut best: Option<(Fit, Dialect)> = None;
    for dialect in DELIMITERS.into_iter().map(dialect(true)).chain(DELIMITERS.into_iter().map(dialect(false))) {
        let fit = fit(tried, dialect);
        if best.as_ref().is_none_or(|(best, _)| fit > *best) {
            best = Some((fit, dialect));
        }
    }
    let (_, dialect) = best.expect("there is a dialect to try");
    let header = records::columns(content, dialect);
    let count = header.names().len();
    if count == 0 || count > MOST_COLUMNS {
        return Err(format!("{count} columns; a table has 1 to {MOST_COLUMNS}"));
    }
    let is_value = |name: &str| name.is_empty() || types::is_typed(name);
    if header.names().all(is_value) {
        return Err(format!("values in its first line, {}", header.listed()));
    }
    Ok((dialect, header))
}

/// Whole lines of the beginning.
fn beginning(content: &[u8]) -> &[u8] {
    let Some(start) = content.get(..TRIED_BYTES) else { return content };
    let end = start.iter().rposition(|byte| *byte == b'\n').map_or(start.len(), |at| at + 1);
    &start[..end]
}

fn fit(content: &[u8], dialect: Dialect) -> Fit {
    let header = records::columns(content, dialect);
    let fields = header.names().len();
    let (mut all, mut good) = (0_usize, 0_usize);
    let read: std::io::Result<()> =
        records::each_record(content, &header, Dialect { encoding: Encoding::Latin1, ..dialect }, |_, record| {
            all += 1;
            good += usize::from(record.is_ok());
            Ok(())
        });
    read.expect("reading from memory cannot fail");
    // One field fits whatever stands there, so it is the last resort.
    let rows = if fields < 2 { 0 } else { (good * 1000).checked_div(all).unwrap_or(1000) };
    Fit { rows, fields, proper: !dialect.quoting || quotes_well(content, dialect.delimiter) }
}

/// Whether every quote that begins a field has its end where the field ends, so that it is no character like any other.
fn quotes_well(content: &[u8], delimiter: u8) -> bool {
    let ends = |byte: Option<&u8>| byte.is_none_or(|byte| *byte == delimiter || matches!(byte, b'\r' | b'\n'));
    let mut at = 0;
    while at < content.len() {
        if content[at] == b'"' {
            // To the quote that is not doubled.
            loop {
                let Some(end) = content[at + 1..].iter().position(|byte| *byte == b'"') else { return false };
                at += end + 2;
                if content.get(at) != Some(&b'"') {
                    break;
                }
            }
            if !ends(content.get(at)) {
                return false;
            }
        }
        // To the next field.
        at += content[at..].iter().position(|byte| ends(Some(byte))).map_or(content.len(), |end| end + 1);
    }
    true
}

/// How many letters beyond ASCII keep the rules of UTF-8, and how many bytes break them.
#[derive(Default)]
pub(super) struct Letters {
    kept: u64,
    broken: u64,
}

impl Letters {
    /// Counts those of a text; whether it keeps the rules.
    pub(super) fn see(&mut self, text: &[u8]) -> bool {
        if text.is_ascii() {
            return true;
        }
        let before = self.broken;
        for chunk in text.utf8_chunks() {
            self.kept += chunk.valid().chars().filter(|c| !c.is_ascii()).count() as u64;
            self.broken += u64::from(!chunk.invalid().is_empty());
        }
        self.broken == before
    }

    /// UTF-8, unless more bytes break its rules than letters keep them.
    pub(super) fn encoding(&self) -> Encoding {
        if self.broken > self.kept { Encoding::Latin1 } else { Encoding::Utf8 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delimiter_quoting_and_encoding_are_found() {
        let check = |content: &[u8], delimiter: u8, quoting: bool, encoding: Encoding, names: &[&str]| {
            let (dialect, header) = sniff(content).unwrap_or_else(|found| panic!("{found}"));
            let shown = String::from_utf8_lossy(content);
            assert_eq!(
                (char::from(dialect.delimiter), dialect.quoting, dialect.encoding),
                (char::from(delimiter), quoting, encoding),
                "{shown}"
            );
            assert_eq!(header.names().collect::<Vec<_>>(), names, "{shown}");
        };
        check(b"a,b\n1,2\n", b',', true, Encoding::Utf8, &["a", "b"]);
        check(b"\xEF\xBB\xBFa;b\r\n1,5;2\r\n", b';', true, Encoding::Utf8, &["a", "b"]);
        check(b"a\tb\n1, 2, 3\tx\n", b'\t', true, Encoding::Utf8, &["a", "b"]);
        check(b"a|b|c\n1|2|3\n", b'|', true, Encoding::Utf8, &["a", "b", "c"]);
        check(b"a,b\n\"x;y,z\",2\n", b',', true, Encoding::Utf8, &["a", "b"]);
        check(b"a\tb\n1\t\"Weird Al\" Y\n2\t\"x\n3\ty\n", b'\t', false, Encoding::Utf8, &["a", "b"]);
        check(b"name\nBj\xF6rk\n", b',', true, Encoding::Latin1, &["name"]);
        check("name\nBjörk\nÉdith\n".as_bytes(), b',', true, Encoding::Utf8, &["name"]);
        check(b"title\nHello\n", b',', true, Encoding::Utf8, &["title"]);
        check(b"a,b\n", b',', true, Encoding::Utf8, &["a", "b"]);
    }

    #[test]
    fn what_is_no_csv_is_told() {
        let check = |content: &[u8], part: &str| {
            let found = sniff(content).err().unwrap_or_default();
            assert!(found.contains(part), "{found:?} lacks {part}");
        };
        check(b"", "nothing");
        check(b" \n\n", "nothing");
        check(b"<!doctype html><html>", "web page");
        check(b"\x7FELF\0\0\0", "no text");
        check(b"1,2,3\n4,5,6\n", "values in its first line");
        check(b"2024-01-01,7\n", "values in its first line");
    }
}
