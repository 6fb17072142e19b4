//! Records of delimited files, with the line they begin on and their text as it stands, and their fields as types.

use std::borrow::Cow;
use std::io::{self, BufRead};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
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

/// As much of a record is kept in `music_raw.rejects`.
const RAW_BYTES: usize = 10_000;
/// A longer record is rejected, and not held: a quote that never ends makes one record of all that follows. BigQuery takes rows of up
/// to 100 MB. Source: <https://cloud.google.com/bigquery/quotas#load_jobs>
const LONGEST_RECORD: usize = 16 << 20;
const MOST_FIELDS: usize = 100_000;

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
    /// The beginning of its text.
    raw: &'a [u8],
    encoding: Encoding,
}

impl Position<'_> {
    /// The beginning of the record as it stands.
    pub(super) fn start(&self) -> &[u8] {
        self.raw
    }

    /// The record as it stands in the file, without its line end; of a very long one the beginning.
    pub(super) fn raw(&self) -> String {
        let end = self.raw.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n')).map_or(0, |last| last + 1);
        let text = match self.encoding {
            Encoding::Utf8 => String::from_utf8_lossy(&self.raw[..end]),
            Encoding::Latin1 => WINDOWS_1252.decode_without_bom_handling(&self.raw[..end]).0,
        };
        // No table could hold it.
        text.replace('\0', "\u{FFFD}")
    }
}

/// The columns that the header line names. An empty file has none, nor has one whose header does not end within the beginning.
pub(super) fn columns(head: &[u8], dialect: Dialect) -> Columns {
    let mut records = Records::new(head.strip_prefix(BOM).unwrap_or(head), dialect);
    // Reading from memory cannot fail. A header that cannot be read names no column, and so is refused by whoever needs one.
    let header = matches!(records.next(), Ok(true)) && !records.overlong;
    let names = header.then(|| records.fields().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect());
    Columns(names.unwrap_or_default())
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
///
/// # Errors
/// What reading the content or `each` says.
pub(super) fn each_record<R: BufRead, E: From<io::Error>>(
    content: R,
    columns: &Columns,
    dialect: Dialect,
    mut each: impl FnMut(Position<'_>, Result<Record<'_>, String>) -> Result<(), E>,
) -> Result<(), E> {
    let mut records = Records::new(content, dialect);
    let mut header = true;
    while records.next()? {
        if std::mem::take(&mut header) {
            continue;
        }
        let position = Position { line: records.line, raw: &records.raw, encoding: dialect.encoding };
        each(position, split(&records, columns, dialect.encoding))?;
    }
    Ok(())
}

/// Records of a stream, one at a time.
struct Records<R> {
    content: R,
    core: Reader,
    /// The fields of the record, one after the other.
    text: Vec<u8>,
    /// Where each of them ends.
    ends: Vec<usize>,
    length: usize,
    count: usize,
    /// The beginning of the record as it stands.
    raw: Vec<u8>,
    line: u64,
    /// Whether the record is longer than any that is held.
    overlong: bool,
}

impl<R: BufRead> Records<R> {
    fn new(content: R, dialect: Dialect) -> Self {
        let core = ReaderBuilder::new().delimiter(dialect.delimiter).quoting(dialect.quoting).build();
        let (text, ends) = (vec![0; 1 << 12], vec![0; 1 << 6]);
        Self { content, core, text, ends, length: 0, count: 0, raw: Vec::new(), line: 1, overlong: false }
    }

    /// Reads the next record; false at the end.
    fn next(&mut self) -> io::Result<bool> {
        (self.length, self.count, self.overlong, self.line) = (0, 0, false, self.core.line());
        self.raw.clear();
        loop {
            let input = self.content.fill_buf()?;
            let (result, read, written, ended) = self.core.read_record(input, &mut self.text[self.length..], &mut self.ends[self.count..]);
            let mut raw = &input[..read];
            if self.raw.is_empty() {
                // The line end of the record before, and empty lines, come with the record after them.
                let blank = raw.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
                self.line += raw[..blank].iter().filter(|byte| **byte == b'\n').count() as u64;
                raw = &raw[blank..];
            }
            self.raw.extend_from_slice(&raw[..raw.len().min(RAW_BYTES - self.raw.len())]);
            self.content.consume(read);
            self.length += written;
            self.count += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if self.text.len() < LONGEST_RECORD => self.text.resize(self.text.len() * 2, 0),
                ReadRecordResult::OutputEndsFull if self.ends.len() < MOST_FIELDS => self.ends.resize(self.ends.len() * 2, 0),
                // What is no longer held is read all the same, to find where it ends.
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    (self.length, self.count, self.overlong) = (0, 0, true);
                }
                ReadRecordResult::Record => return Ok(true),
                ReadRecordResult::End => return Ok(false),
            }
        }
    }

    fn fields(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends[..self.count]).map(|(start, end)| &self.text[start..*end])
    }
}

fn split<'a, R: BufRead>(records: &'a Records<R>, columns: &'a Columns, encoding: Encoding) -> Result<Record<'a>, String> {
    if records.overlong {
        return Err(format!("longer than {} MiB or {MOST_FIELDS} fields; perhaps a quote that does not end", LONGEST_RECORD >> 20));
    }
    if records.count != columns.0.len() {
        return Err(format!("{} fields where the header has {}", records.count, columns.0.len()));
    }
    let name = |index: usize| &columns.0[index];
    // No table could hold it: neither BigQuery's CSV nor its JSON takes one.
    if records.text[..records.length].contains(&0) {
        let index = records.fields().position(|field| field.contains(&0)).unwrap_or_default();
        return Err(format!("column {} has a NUL byte", name(index)));
    }
    let decode = |(index, field): (usize, &'a [u8])| match encoding {
        Encoding::Latin1 => Ok(WINDOWS_1252.decode_without_bom_handling(field).0),
        Encoding::Utf8 => std::str::from_utf8(field).map(Cow::Borrowed).map_err(|_| format!("column {} is not UTF-8", name(index))),
    };
    let fields = records.fields().enumerate().map(decode).collect::<Result<_, _>>()?;
    Ok(Record { columns, fields })
}

const BOM: &[u8] = b"\xEF\xBB\xBF";

impl Record<'_> {
    /// A field as it stands, by its place.
    pub(super) fn field(&self, at: usize) -> &str {
        &self.fields[at]
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
        // In pieces of a few bytes, as a stream may come, and without its mark.
        let content = io::BufReader::with_capacity(3, content.strip_prefix(BOM).unwrap_or(content));
        let read: io::Result<()> = each_record(content, &columns, dialect, |position, record| {
            let fields = record.map(|record| record.fields.iter().map(|field| field.to_string()).collect());
            rows.push((position.line, position.raw(), fields));
            Ok(())
        });
        read.unwrap();
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
        check(b"a,b\r\n\r\n\r\n1,2\r\n", CSV, &[(4, "1,2", Ok(&["1", "2"]))]);
        check(b"a,b\n1,x\0y\n", CSV, &[(2, "1,x\u{FFFD}y", Err("column b has a NUL byte"))]);
        // Two broken letters that would make one across the delimiter.
        check(b"a,b\n\xC3,\xA9\n", CSV, &[(2, "\u{FFFD},\u{FFFD}", Err("column a is not UTF-8"))]);
        check(b"", CSV, &[]);
    }

    #[test]
    fn a_record_without_end_is_rejected_and_not_held() {
        let overlong = |content: &mut dyn BufRead| {
            let columns = columns(b"a,b\n", CSV);
            let mut seen = Vec::new();
            let read: io::Result<()> = each_record(content, &columns, CSV, |position, record| {
                seen.push((position.line, position.raw().len(), record.map(|_| ())));
                Ok(())
            });
            read.unwrap();
            seen
        };
        let long = |bytes: u64, start: &'static [u8], end: &'static [u8]| {
            let line = io::Read::chain(start, io::Read::take(io::repeat(b'x'), bytes));
            io::BufReader::new(io::Read::chain(line, end))
        };
        let reason = || Err("longer than 16 MiB or 100000 fields; perhaps a quote that does not end".to_owned());
        assert_eq!(overlong(&mut long(100 << 20, b"a,b\n1,", b"\n2,3\n")), [(2, 10_000, reason()), (3, 3, Ok(()))]);
        assert_eq!(overlong(&mut long(20 << 20, b"a,b\n1,\"", b"\n2,3\n")), [(2, 10_000, reason())]);
        let commas = ",".repeat(200_000);
        let content = format!("a,b\n{commas}\n4,5\n");
        assert_eq!(overlong(&mut content.as_bytes()), [(2, 10_000, reason()), (3, 3, Ok(()))]);
    }

    #[test]
    fn fields_become_types_or_reasons() {
        let content = b"w,f,b,e\n7,0.5,True,\n3.0,1e-06,0,\nx,nan,maybe,\n";
        let columns = columns(content, CSV);
        let mut seen = Vec::new();
        let read: io::Result<()> = each_record(&content[..], &columns, CSV, |_, record| {
            let record = record.unwrap();
            seen.push((record.whole("w"), record.optional_float("f"), record.optional_bool("b"), record.optional_whole("e")));
            Ok(())
        });
        read.unwrap();
        assert_eq!(seen[0], (Ok(7), Ok(Some(0.5)), Ok(Some(true)), Ok(None)));
        assert_eq!(seen[1], (Ok(3), Ok(Some(1e-6)), Ok(Some(false)), Ok(None)));
        assert_eq!(seen[2].0, Err("w is no whole number: \"x\"".to_owned()));
        assert!(seen[2].1.is_err() && seen[2].2.is_err());
    }
}
