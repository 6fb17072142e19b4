//! The rows of an answer as CSV (RFC 4180): a header line, CRLF, quotes where they are needed.
//!
//! Texts come from sources that anyone may write to (tags, titles), and the file is opened in spreadsheets: a text that a spreadsheet
//! would run as a formula gets an apostrophe before it, as OWASP advises. A plus or a minus starts many names ("-M-", "+44"), so
//! those are marked only where a call or a link could follow. Numbers are never touched.
//! Source: <https://owasp.org/www-community/attacks/CSV_Injection>

use serde_json::Value;

use super::Answer;

/// The rows as CSV text.
///
/// # Errors
/// None in practice: the writer writes to memory.
pub fn render(answer: &Answer) -> Result<String, csv::Error> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(answer.columns.iter().map(|column| guarded(&column.name)))?;
    for row in &answer.rows {
        writer.write_record(answer.columns.iter().map(|column| field(row.get(&column.name).unwrap_or(&Value::Null))))?;
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// NULL is an empty field; arrays and structs are JSON.
fn field(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) if text.parse::<f64>().is_ok() => text.clone(),
        Value::String(text) => guarded(text),
        other => other.to_string(),
    }
}

fn guarded(text: &str) -> String {
    let formula = match text.chars().next() {
        Some('=' | '@' | '\t' | '\r' | '\n') => true,
        Some('+' | '-') => text.contains(['(', '|', '!']),
        _ => false,
    };
    if formula { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::answer::AnswerColumn;
    use super::super::fakes::answer_with;
    use super::*;
    use crate::catalog::{ColumnType, Mode};

    #[test]
    fn rows_become_rfc_4180_lines() {
        let check = |value: Value, expected: &str| {
            let mut answer = answer_with("x");
            answer.columns = vec![
                AnswerColumn { name: "a".to_owned(), column_type: ColumnType::String, mode: Mode::Nullable },
                AnswerColumn { name: "b".to_owned(), column_type: ColumnType::Int64, mode: Mode::Nullable },
            ];
            answer.rows = vec![[("a".to_owned(), value), ("b".to_owned(), json!(-1))].into_iter().collect()];
            assert_eq!(render(&answer).unwrap(), format!("a,b\r\n{expected},-1\r\n"));
        };
        check(json!("Daft Punk"), "Daft Punk");
        check(json!("Earth, Wind & Fire"), "\"Earth, Wind & Fire\"");
        check(json!("7\" \"single\""), "\"7\"\" \"\"single\"\"\"");
        check(json!(null), "");
        check(json!(["a", "b"]), "\"[\"\"a\"\",\"\"b\"\"]\"");
        check(json!("two\nlines"), "\"two\nlines\"");
        check(json!("=HYPERLINK(\"http://x\")"), "\"'=HYPERLINK(\"\"http://x\"\")\"");
        check(json!("+cmd|' /C calc'!A0"), "'+cmd|' /C calc'!A0");
        check(json!("@SUM(1)"), "'@SUM(1)");
        check(json!("-M-"), "-M-");
        check(json!("-9223372036854775808"), "-9223372036854775808");
    }
}
