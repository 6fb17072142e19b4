//! Rows as CSV (RFC 4180): a header line, NULL as an empty field, arrays and structs as JSON text.

use serde_json::Value;

use crate::ask::Answer;

pub(super) fn rows_as_csv(answer: &Answer) -> Vec<u8> {
    let mut writer = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(Vec::new());
    let written = writer.write_record(answer.columns.iter().map(|column| column.name.as_str())).and_then(|()| {
        for row in &answer.rows {
            writer.write_record(answer.columns.iter().map(|column| field(row.get(&column.name))))?;
        }
        Ok(())
    });
    written.expect("every record has the header's fields, and a Vec takes all that is written");
    writer.into_inner().expect("a Vec takes all that is written")
}

fn field(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
