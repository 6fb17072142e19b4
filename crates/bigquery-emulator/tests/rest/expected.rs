//! Whether an answer is what a case expects. The cases show values as texts of no fixed form: numbers may be texts, a STRUCT is
//! `{1, a}` or `(1, 'a')`, a TIMESTAMP ends in `+00`, WKT has spaces or not.

use serde_json::Value;

pub(crate) fn agrees(fields: &[Value], got: &[Vec<Value>], expected: &[Vec<Value>], unordered: bool) -> bool {
    let same_row = |got: &Vec<Value>, expected: &Vec<Value>| {
        got.len() == expected.len() && got.iter().zip(expected).zip(fields).all(|((g, e), f)| same(f, g, e))
    };
    if got.len() != expected.len() {
        return false;
    }
    if !unordered {
        return got.iter().zip(expected).all(|(g, e)| same_row(g, e));
    }
    let mut left: Vec<&Vec<Value>> = expected.iter().collect();
    got.iter().all(|g| match left.iter().position(|e| same_row(g, e)) {
        Some(at) => {
            left.remove(at);
            true
        }
        None => false,
    })
}

fn same(field: &Value, got: &Value, expected: &Value) -> bool {
    let repeated = field["mode"] == "REPEATED";
    match (got, expected) {
        (Value::Null, Value::Null) => true,
        // A NULL ARRAY is an empty one in a result.
        (Value::Array(items), Value::Null) => repeated && items.is_empty(),
        (Value::Null, _) | (_, Value::Null) => false,
        (Value::Array(got), Value::Array(expected)) => {
            let mut item = field.clone();
            item["mode"] = "NULLABLE".into();
            got.len() == expected.len() && got.iter().zip(expected).all(|(g, e)| same(&item, &g["v"], e))
        }
        (Value::Array(_), _) if field["type"] == "RANGE" => range(&shown(field, got, false)) == range(&text(expected)),
        _ => {
            let (data_type, expected) = (field["type"].as_str().unwrap_or_default(), text(expected));
            // Some cases show the names of fields as well.
            same_text(data_type, &shown(field, got, false), &expected) || same_text(data_type, &shown(field, got, true), &expected)
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A cell as the cases would write it.
fn shown(field: &Value, got: &Value, names: bool) -> String {
    let cells = |value: &Value| -> Vec<Value> { value.as_array().cloned().unwrap_or_default() };
    match got {
        Value::Null => "NULL".to_owned(),
        Value::Array(items) => {
            let mut item = field.clone();
            item["mode"] = "NULLABLE".into();
            let items: Vec<String> = items.iter().map(|i| shown(&item, &i["v"], names)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(record) => {
            let part = |cell: &Value, field: &Value| {
                let name = if names { field["name"].as_str().unwrap_or_default() } else { "" };
                let before = field["type"] == "FLOAT" && names;
                let value = shown(field, &cell["v"], names);
                if before { format!("{name}:{value}") } else { format!("{value}{name}") }
            };
            let parts: Vec<String> =
                cells(&record["f"]).iter().zip(cells(&field["fields"])).map(|(cell, field)| part(cell, &field)).collect();
            format!("{{{}}}", parts.join(", "))
        }
        other => {
            let text = text(other);
            match field["type"].as_str() {
                Some("FLOAT") => text.strip_suffix(".0").map_or(text.clone(), str::to_owned),
                _ => text,
            }
        }
    }
}

fn same_text(data_type: &str, got: &str, expected: &str) -> bool {
    if got == expected {
        return true;
    }
    match data_type {
        "INTEGER" | "FLOAT" | "NUMERIC" | "BIGNUMERIC" => match (got.parse::<f64>(), expected.parse::<f64>()) {
            (Ok(g), Ok(e)) => g.is_nan() && e.is_nan() || (g - e).abs() <= 1e-12 * e.abs().max(1.0),
            _ => false,
        },
        "TIMESTAMP" => instant(got) == instant(expected),
        "RANGE" => range(got) == range(expected),
        "STRING" | "JSON" if is_wkt(expected) => same_shape(got, expected),
        "GEOGRAPHY" => same_shape(got, expected),
        "RECORD" => bare(got) == bare(expected),
        _ if expected.starts_with('[') => bare(got) == bare(expected),
        _ => false,
    }
}

fn is_wkt(text: &str) -> bool {
    ["POINT", "LINESTRING", "POLYGON", "MULTI", "GEOMETRYCOLLECTION"].iter().any(|k| text.starts_with(k))
}

/// The same words with the same numbers, which the cases show with fewer digits.
fn same_shape(got: &str, expected: &str) -> bool {
    let is_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | 'e');
    let numbers = |text: &str| -> Vec<f64> { text.split(|c| !is_number(c)).filter_map(|n| n.parse().ok()).collect() };
    let words = |text: &str| -> String { bare(text).chars().filter(|c| !is_number(*c)).collect() };
    let (got_numbers, expected_numbers) = (numbers(got), numbers(expected));
    words(got) == words(expected)
        && got_numbers.len() == expected_numbers.len()
        && got_numbers.iter().zip(&expected_numbers).all(|(g, e)| (g - e).abs() <= 1e-12 * e.abs().max(1.0))
}

fn instant(text: &str) -> String {
    let text = text.replace('T', " ").replace('Z', "").replace("+00", "");
    match text.split_once('.') {
        Some((whole, fraction)) => format!("{whole}.{}", fraction.trim_end_matches('0')).trim_end_matches('.').to_owned(),
        None => text,
    }
}

/// A RANGE's ends as instants.
fn range(text: &str) -> Vec<String> {
    text.split(['[', ',', ')', ']']).map(|end| instant(end.trim())).filter(|end| !end.is_empty()).collect()
}

/// Without spaces, quotes and the kind of brackets.
fn bare(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '\'' | '"'))
        .map(|c| match c {
            '(' => '{',
            ')' => '}',
            other => other,
        })
        .collect()
}
