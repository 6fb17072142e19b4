//! Records of delimited files, with the line they begin on and their text as it stands, and their fields as types.

use std::borrow::Cow;

use csv::{ByteRecord, ReaderBuilder};
use encoding_rs::WINDOWS_1252;

/// How a file is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dialect {
    pub delimiter: u8,
    /// Whether `"` quotes a field. In the HetRec files it is a character like any other.
    pub quoting: bool,
    pub encoding: Encoding,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Latin1,
}

pub(super) const CSV: Dialect = Dialect { delimiter: b',', quoting: true, encoding: Encoding::Utf8 };
pub(super) const TSV: Dialect = Dialect { delimiter: b'\t', quoting: false, encoding: Encoding::Utf8 };
pub(super) const TSV_LATIN1: Dialect = Dialect { encoding: Encoding::Latin1, ..TSV };

/// As much of a record is kept in `music_raw.rejects`: a quote that never ends makes one record of all that follows.
const RAW_BYTES: usize = 10_000;

/// The columns of a header line.
#[derive(Debug, Clone)]
pub(super) struct Columns(Vec<String>);

/// A record that could be split and decoded.
#[derive(Debug)]
pub(super) struct Record<'a> {
    columns: &'a Columns,
    fields: Vec<Cow<'a, str>>,
}

/// Where a record stands.
#[derive(Debug, Clone)]
pub(super) struct Position<'a> {
    /// The line that it begins on; the header is line 1.
    pub line: u64,
    raw: &'a [u8],
    encoding: Encoding,
}

impl Position<'_> {
    /// The record as it stands in the file, without its line end; of a very long one the beginning.
    pub(super) fn raw(&self) -> String {
        let end = self.raw.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n')).map_or(0, |last| last + 1);
        match self.encoding {
            Encoding::Utf8 => String::from_utf8_lossy(&self.raw[..end.min(RAW_BYTES)]).into_owned(),
            Encoding::Latin1 => WINDOWS_1252.decode_without_bom_handling(&self.raw[..end.min(RAW_BYTES)]).0.into_owned(),
        }
    }
}

/// The columns that the header line names. An empty file has none.
pub(super) fn columns(content: &[u8], dialect: Dialect) -> Columns {
    let mut record = ByteRecord::new();
    // A header that cannot be read names no column, and so is refused by whoever needs one.
    let _ = reader(without_bom(content), dialect).read_byte_record(&mut record);
    Columns(record.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect())
}

impl Columns {
    /// The dialect, of those that differ in the delimiter alone, by which the header names the columns.
    pub(super) fn with_all(content: &[u8], names: &[&str]) -> Option<(Self, Dialect)> {
        [b',', b'\t', b';'].into_iter().find_map(|delimiter| {
            let dialect = Dialect { delimiter, ..CSV };
            let columns = columns(content, dialect);
            columns.has_all(names).then_some((columns, dialect))
        })
    }

    /// What stands in place of the columns that were expected, for messages.
    pub(super) fn found(content: &[u8]) -> String {
        let start = content.trim_ascii_start();
        if start.is_empty() {
            "nothing at all".to_owned()
        } else if start.starts_with(b"<") {
            "a web page: it may want a login, so download it in a browser".to_owned()
        } else if content.iter().take(4096).any(|byte| *byte == 0) {
            "something that is no text".to_owned()
        } else {
            columns(content, CSV).listed()
        }
    }

    pub(super) fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    pub(super) fn has_all(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.0.iter().any(|column| column == name))
    }

    /// For messages.
    pub(super) fn listed(&self) -> String {
        let mut names = self.0.join(",");
        if let Some((end, _)) = names.char_indices().nth(200) {
            names.truncate(end);
            names.push('…');
        }
        format!("the columns `{names}`")
    }
}

/// Calls `each` for every record below the header: with its fields, or with why it has none.
pub(super) fn each_record<'a>(
    content: &'a [u8],
    columns: &Columns,
    dialect: Dialect,
    mut each: impl FnMut(Position<'a>, Result<Record<'_>, String>),
) {
    let content = without_bom(content);
    let mut reader = reader(content, dialect);
    let mut record = ByteRecord::new();
    let mut header = true;
    loop {
        let start = reader.position().clone();
        // Reading from memory cannot fail, and records of any length are taken: what ends the loop is the end.
        if !matches!(reader.read_byte_record(&mut record), Ok(true)) {
            return;
        }
        if std::mem::take(&mut header) {
            continue;
        }
        let from = record.position().map_or(start.byte(), csv::Position::byte);
        let line = record.position().map_or(start.line(), csv::Position::line);
        let raw = &content[offset(from).min(content.len())..offset(reader.position().byte()).min(content.len())];
        // The reader counts the line end before a record, and empty lines, as part of it.
        let blank = raw.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let line = line + raw[..blank].iter().filter(|byte| **byte == b'\n').count() as u64;
        let raw = &raw[blank..];
        let fields = split(&record, columns, dialect.encoding);
        each(Position { line, raw, encoding: dialect.encoding }, fields);
    }
}

fn offset(byte: u64) -> usize {
    usize::try_from(byte).unwrap_or(usize::MAX)
}

fn split<'a>(record: &'a ByteRecord, columns: &'a Columns, encoding: Encoding) -> Result<Record<'a>, String> {
    if record.len() != columns.0.len() {
        return Err(format!("{} fields where the header has {}", record.len(), columns.0.len()));
    }
    let decode = |(index, field): (usize, &'a [u8])| match encoding {
        Encoding::Latin1 => Ok(WINDOWS_1252.decode_without_bom_handling(field).0),
        Encoding::Utf8 => std::str::from_utf8(field).map(Cow::Borrowed).map_err(|_| format!("column {} is not UTF-8", columns.0[index])),
    };
    let fields = record.iter().enumerate().map(decode).collect::<Result<_, _>>()?;
    Ok(Record { columns, fields })
}

fn reader(content: &[u8], dialect: Dialect) -> csv::Reader<&[u8]> {
    ReaderBuilder::new().delimiter(dialect.delimiter).quoting(dialect.quoting).has_headers(false).flexible(true).from_reader(content)
}

fn without_bom(content: &[u8]) -> &[u8] {
    content.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(content)
}

impl Record<'_> {
    /// The fields as they stand, in the order of the columns.
    pub(super) fn fields(&self) -> impl ExactSizeIterator<Item = &str> {
        self.fields.iter().map(AsRef::as_ref)
    }

    /// The text of a column, without outer white space; a column that the file does not have is empty.
    pub(super) fn text(&self, column: &str) -> &str {
        let index = self.columns.0.iter().position(|name| name == column);
        index.map_or("", |index| self.fields[index].trim())
    }

    pub(super) fn optional_text(&self, column: &str) -> Option<String> {
        let text = self.text(column);
        (!text.is_empty()).then(|| text.to_owned())
    }

    pub(super) fn required_text(&self, column: &str) -> Result<String, String> {
        self.optional_text(column).ok_or_else(|| format!("{column} is empty"))
    }

    /// A whole number; `3.0` is one too, as pandas writes columns that have gaps.
    pub(super) fn optional_whole(&self, column: &str) -> Result<Option<i64>, String> {
        let text = self.text(column);
        if text.is_empty() {
            return Ok(None);
        }
        let digits = text.strip_suffix(".0").unwrap_or(text);
        digits.parse().map(Some).map_err(|_| format!("{column} is no whole number: {text:?}"))
    }

    pub(super) fn whole(&self, column: &str) -> Result<i64, String> {
        self.optional_whole(column)?.ok_or_else(|| format!("{column} is empty"))
    }

    /// A whole number between bounds, both included.
    pub(super) fn whole_within(&self, column: &str, low: i64, high: i64) -> Result<Option<i64>, String> {
        match self.optional_whole(column)? {
            Some(value) if !(low..=high).contains(&value) => Err(format!("{column} is {value}, not {low} to {high}")),
            value => Ok(value),
        }
    }

    pub(super) fn optional_float(&self, column: &str) -> Result<Option<f64>, String> {
        let text = self.text(column);
        if text.is_empty() {
            return Ok(None);
        }
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Some(value)),
            _ => Err(format!("{column} is no number: {text:?}")),
        }
    }

    /// `True` and `False`, or `1` and `0`.
    pub(super) fn optional_bool(&self, column: &str) -> Result<Option<bool>, String> {
        match self.text(column) {
            "" => Ok(None),
            "1" | "True" | "true" | "TRUE" => Ok(Some(true)),
            "0" | "False" | "false" | "FALSE" => Ok(Some(false)),
            other => Err(format!("{column} is neither true nor false: {other:?}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Fields<'a> = Result<&'a [&'a str], &'a str>;

    fn read(content: &[u8], dialect: Dialect) -> Vec<(u64, String, Result<Vec<String>, String>)> {
        let columns = columns(content, dialect);
        let mut rows = Vec::new();
        each_record(content, &columns, dialect, |position, record| {
            let fields = record.map(|record| record.fields.iter().map(|field| field.to_string()).collect());
            rows.push((position.line, position.raw(), fields));
        });
        rows
    }

    #[test]
    fn records_keep_their_line_and_their_text() {
        let check = |content: &[u8], dialect: Dialect, expected: &[(u64, &str, Fields<'_>)]| {
            let found = read(content, dialect);
            let expected: Vec<_> = expected
                .iter()
                .map(|(line, raw, fields)| {
                    let fields = fields.map(|f| f.iter().map(|s| (*s).to_owned()).collect()).map_err(str::to_owned);
                    (*line, (*raw).to_owned(), fields)
                })
                .collect();
            assert_eq!(found, expected, "{}", String::from_utf8_lossy(content));
        };
        check(b"a,b\r\n1,2\r\n3,4", CSV, &[(2, "1,2", Ok(&["1", "2"])), (3, "3,4", Ok(&["3", "4"]))]);
        check(b"\xEF\xBB\xBFa,b\n1,2\n", CSV, &[(2, "1,2", Ok(&["1", "2"]))]);
        check(b"a,b\n\"x\ny\",2\n3,4\n", CSV, &[(2, "\"x\ny\",2", Ok(&["x\ny", "2"])), (4, "3,4", Ok(&["3", "4"]))]);
        check(
            b"a,b\n1\n1,2,3\n",
            CSV,
            &[(2, "1", Err("1 fields where the header has 2")), (3, "1,2,3", Err("3 fields where the header has 2"))],
        );
        check(
            b"a\tb\n1\t\"Weird Al\" Y\n2\tda 5'9\"\n",
            TSV,
            &[(2, "1\t\"Weird Al\" Y", Ok(&["1", "\"Weird Al\" Y"])), (3, "2\tda 5'9\"", Ok(&["2", "da 5'9\""]))],
        );
        check(b"a\tb\r\n1\tfran\xE7ais\r\n", TSV_LATIN1, &[(2, "1\tfrançais", Ok(&["1", "français"]))]);
        check(b"a,b\n1,fran\xE7ais\n", CSV, &[(2, "1,fran\u{FFFD}ais", Err("column b is not UTF-8"))]);
        check(b"a,b\n\n1,2\n", CSV, &[(3, "1,2", Ok(&["1", "2"]))]);
        check(b"", CSV, &[]);
    }

    #[test]
    fn fields_become_types_or_reasons() {
        let content = b"w,f,b,e\n7,0.5,True,\n3.0,1e-06,0,\nx,nan,maybe,\n";
        let columns = columns(content, CSV);
        let mut seen = Vec::new();
        each_record(content, &columns, CSV, |_, record| {
            let record = record.unwrap();
            seen.push((record.whole("w"), record.optional_float("f"), record.optional_bool("b"), record.optional_whole("e")));
        });
        assert_eq!(seen[0], (Ok(7), Ok(Some(0.5)), Ok(Some(true)), Ok(None)));
        assert_eq!(seen[1], (Ok(3), Ok(Some(1e-6)), Ok(Some(false)), Ok(None)));
        assert_eq!(seen[2].0, Err("w is no whole number: \"x\"".to_owned()));
        assert!(seen[2].1.is_err() && seen[2].2.is_err());
    }
}
