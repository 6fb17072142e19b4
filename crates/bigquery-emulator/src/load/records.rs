//! The records of a CSV file, with what BigQuery's rules need beyond the text of their fields: which were quoted, whether a
//! quoted one goes on over a line, and where a record begins.
//!
//! Source: <https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-csv#csv-options>

use std::io::{self, BufRead};

/// BigQuery's limit of a row.
/// Source: <https://cloud.google.com/bigquery/quotas#load_jobs>
const MAX_RECORD_BYTES: usize = 100 * 1024 * 1024;

/// What separates and encloses fields.
#[derive(Debug, Clone, Copy)]
pub(super) struct Marks {
    pub(super) delimiter: u8,
    pub(super) quote: Option<u8>,
    /// Whether ASCII 0 may stand in a field.
    pub(super) any_byte: bool,
    /// Whether a quoted field may hold a line break.
    pub(super) quoted_newlines: bool,
}

/// One record; used again for the next.
#[derive(Debug, Default)]
pub(super) struct Record {
    bytes: Vec<u8>,
    /// Where each field ends, and whether it was quoted.
    fields: Vec<(usize, bool)>,
    /// The position of its first byte in the text.
    pub(super) position: u64,
    /// Why it cannot be read.
    pub(super) broken: Option<&'static str>,
}

impl Record {
    pub(super) fn len(&self) -> usize {
        self.fields.len()
    }

    /// A field's bytes, and whether it was quoted.
    pub(super) fn get(&self, place: usize) -> Option<(&[u8], bool)> {
        let (end, quoted) = *self.fields.get(place)?;
        let start = place.checked_sub(1).map_or(0, |before| self.fields[before].0);
        Some((&self.bytes[start..end], quoted))
    }

    pub(super) fn texts(&self) -> impl Iterator<Item = String> {
        (0..self.len()).filter_map(|place| self.get(place)).map(|(bytes, _)| String::from_utf8_lossy(bytes).into_owned())
    }

    fn end_field(&mut self, quoted: bool) {
        self.fields.push((self.bytes.len(), quoted));
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    FieldStart,
    Plain,
    Quoted,
    /// After a quote inside of a quoted field: its end, or the first of two.
    QuoteInside,
    /// After the end of a quoted field: nothing may come but what ends it.
    Closed,
}

/// Reads records one by one.
pub(super) struct Records<R> {
    input: R,
    marks: Marks,
    position: u64,
    after_return: bool,
}

impl<R: BufRead> Records<R> {
    pub(super) fn new(input: R, marks: Marks) -> Self {
        Self { input, marks, position: 0, after_return: false }
    }

    /// Reads the next record that is no empty line; false at the end.
    pub(super) fn read(&mut self, record: &mut Record) -> io::Result<bool> {
        record.bytes.clear();
        record.fields.clear();
        record.broken = None;
        record.position = self.position;
        let mut state = State::FieldStart;
        loop {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                return Ok(at_end(record, state));
            }
            let length = buffer.len();
            let mut used = 0;
            let mut ended = false;
            while used < length && !ended {
                let byte = buffer[used];
                used += 1;
                if std::mem::take(&mut self.after_return) && byte == b'\n' && state == State::FieldStart && record.fields.is_empty() {
                    record.position += 1;
                    continue;
                }
                ended = step(record, &mut state, byte, self.marks);
                self.after_return = ended && byte == b'\r';
                if ended && record.fields.is_empty() {
                    // An empty line.
                    record.position = self.position + used as u64;
                    ended = false;
                }
            }
            self.input.consume(used);
            self.position += used as u64;
            if ended {
                return Ok(true);
            }
            if record.bytes.len() > MAX_RECORD_BYTES {
                let message = format!("Row starting at position {} is larger than the limit of {MAX_RECORD_BYTES} bytes.", record.position);
                return Err(io::Error::new(io::ErrorKind::InvalidData, message));
            }
        }
    }
}

/// Takes one byte; true when it ends the record. An empty line ends a record without fields.
fn step(record: &mut Record, state: &mut State, byte: u8, marks: Marks) -> bool {
    let is_break = byte == b'\n' || byte == b'\r';
    if byte == 0 && !marks.any_byte {
        record.broken.get_or_insert("Bad character (ASCII 0) encountered.");
    }
    match *state {
        State::Quoted => {
            if marks.quote == Some(byte) {
                *state = State::QuoteInside;
                return false;
            }
            if is_break && !marks.quoted_newlines {
                // The rest of the field is taken for lines of their own.
                record.broken.get_or_insert("Missing close quote character (\").");
                record.end_field(true);
                return true;
            }
            record.bytes.push(byte);
            false
        }
        State::QuoteInside if marks.quote == Some(byte) => {
            record.bytes.push(byte);
            *state = State::Quoted;
            false
        }
        State::FieldStart if marks.quote == Some(byte) => {
            *state = State::Quoted;
            false
        }
        State::FieldStart if is_break && record.fields.is_empty() && record.bytes.is_empty() => true,
        _ if byte == marks.delimiter || is_break => {
            record.end_field(matches!(state, State::QuoteInside | State::Closed));
            *state = State::FieldStart;
            is_break
        }
        State::QuoteInside | State::Closed => {
            record.broken.get_or_insert("Data between close quote character (\") and field separator.");
            *state = State::Closed;
            false
        }
        State::FieldStart | State::Plain => {
            record.bytes.push(byte);
            *state = State::Plain;
            false
        }
    }
}

/// The record that the end of the input ends; false when there is none.
fn at_end(record: &mut Record, state: State) -> bool {
    if state == State::FieldStart && record.fields.is_empty() {
        return false;
    }
    if state == State::Quoted {
        record.broken.get_or_insert("Missing close quote character (\").");
    }
    record.end_field(matches!(state, State::Quoted | State::QuoteInside | State::Closed));
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&[&str]]) {
        let marks = Marks { delimiter: b',', quote: Some(b'"'), any_byte: false, quoted_newlines: true };
        for capacity in [1, 3, 1024] {
            let mut records = Records::new(io::BufReader::with_capacity(capacity, text.as_bytes()), marks);
            let mut record = Record::default();
            let mut found = Vec::new();
            while records.read(&mut record).unwrap() {
                let mut fields: Vec<String> = Vec::new();
                for place in 0..record.len() {
                    let (bytes, quoted) = record.get(place).unwrap();
                    fields.push(format!("{}{}", if quoted { "q:" } else { "" }, String::from_utf8_lossy(bytes)));
                }
                fields.extend(record.broken.map(str::to_owned));
                found.push(fields);
            }
            assert_eq!(found, expected, "{text:?} by {capacity}");
        }
    }

    #[test]
    fn records_are_read_with_their_quotes() {
        check("", &[]);
        check("a,b\nc,d", &[&["a", "b"], &["c", "d"]]);
        check("a,b\r\n\r\n\nc,\r\n", &[&["a", "b"], &["c", ""]]);
        check("a\rb\r", &[&["a"], &["b"]]);
        check("\"\",,\"x\"\n", &[&["q:", "", "q:x"]]);
        check("\"a \"\"b\"\"\",\"c\nd\"\n", &[&["q:a \"b\"", "q:c\nd"]]);
        check("a\"b,c\n", &[&["a\"b", "c"]]);
        check("\"a\"b,c\nd\n", &[&["q:a", "c", "Data between close quote character (\") and field separator."], &["d"]]);
        check("\"a,b\n", &[&["q:a,b\n", "Missing close quote character (\")."]]);
        check("a\0b\n", &[&["a\0b", "Bad character (ASCII 0) encountered."]]);
    }
}
