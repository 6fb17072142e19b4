//! JSON as the services give it, into columns: numbers that come as strings, one object where a list should be, texts under
//! `#text`, fields that are missing. What does not fit is refused with its reason, never guessed.

use chrono::{DateTime, SecondsFormat};
use serde_json::{Map, Value};

use crate::catalog::artist_key;

/// A row of a bronze table.
pub(super) type Row = Map<String, Value>;

/// A column and where its value stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    column: &'static str,
    /// Keys and list places separated by `/`; `*` is every member of a list; `|` separates places, of which the first counts that
    /// holds something.
    at: &'static str,
    kind: Kind,
    required: bool,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Text,
    Texts,
    Whole,
    Real,
    /// From 0 to 1.
    Share,
    Flag,
    /// Seconds since 1970, as a timestamp.
    Seconds,
    /// RFC 3339.
    Timestamp,
}

macro_rules! constructors {
    ($($name:ident $kind:ident),*) => {
        $(pub(super) const fn $name(column: &'static str, at: &'static str) -> Field {
            Field { column, at, kind: Kind::$kind, required: false }
        })*
    };
}
constructors!(text Text, texts Texts, whole Whole, real Real, share Share, flag Flag, seconds Seconds, timestamp Timestamp);

impl Field {
    pub(super) const fn required(mut self) -> Self {
        self.required = true;
        self
    }
}

/// The row that an item makes.
///
/// # Errors
/// Which column is missing or does not fit, and what stands there.
pub(super) fn row(item: &Value, fields: &[Field]) -> Result<Row, String> {
    if !item.is_object() {
        return Err(format!("no object: {}", brief(item)));
    }
    let mut row = Row::new();
    for field in fields {
        match value(item, field)? {
            Some(value) => {
                row.insert(field.column.to_owned(), value);
            }
            None if field.required => return Err(format!("{} is missing", field.column)),
            None => {}
        }
    }
    Ok(row)
}

/// Adds the key of the artist whom a column names, which must be there.
pub(super) fn with_key(mut row: Row, name: &str, key: &str) -> Result<Row, String> {
    let id = match row.get(name).and_then(Value::as_str) {
        Some(artist) => artist_key(artist),
        None => return Err(format!("{name} is missing")),
    };
    row.insert(key.to_owned(), id.into());
    Ok(row)
}

/// As [`with_key`], with a name from elsewhere where the item has none.
pub(super) fn with_artist(mut row: Row, name: &str) -> Result<Row, String> {
    if !row.contains_key("artist_name") && !name.is_empty() {
        row.insert("artist_name".to_owned(), name.into());
    }
    with_key(row, "artist_name", "artist_id")
}

pub(super) fn put(row: &mut Row, column: &str, value: impl Into<Value>) {
    row.insert(column.to_owned(), value.into());
}

fn value(item: &Value, field: &Field) -> Result<Option<Value>, String> {
    if matches!(field.kind, Kind::Texts) {
        return texts_at(item, field);
    }
    let Some(found) = find(item, field.at) else { return Ok(None) };
    let wrong = |what: &str| format!("{} is {what}: {}", field.column, brief(found));
    let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
    let real = || match found {
        Value::Number(number) => number.as_f64().ok_or_else(|| wrong("no number")),
        Value::String(text) => number(text.trim()).ok_or_else(|| wrong("no number")),
        _ => Err(wrong("no number")),
    };
    let value = match field.kind {
        Kind::Text | Kind::Texts => match found {
            Value::String(text) => text.trim().into(),
            Value::Number(number) => number.to_string().into(),
            _ => return Err(wrong("no text")),
        },
        Kind::Whole => whole_of(found).ok_or_else(|| wrong("no whole number"))?.into(),
        Kind::Real => real()?.into(),
        Kind::Share => match real()? {
            share if (0.0..=1.0).contains(&share) => share.into(),
            _ => return Err(wrong("not 0 to 1")),
        },
        Kind::Flag => match found {
            Value::Bool(flag) => (*flag).into(),
            Value::Number(number) if number.as_i64() == Some(0) => false.into(),
            Value::Number(number) if number.as_i64() == Some(1) => true.into(),
            Value::String(text) if matches!(text.as_str(), "0" | "false") => false.into(),
            Value::String(text) if matches!(text.as_str(), "1" | "true") => true.into(),
            _ => return Err(wrong("neither true nor false")),
        },
        Kind::Seconds => {
            let time = whole_of(found).and_then(|seconds| DateTime::from_timestamp(seconds, 0));
            // Before 1970 and after 9999 there are no plays, and BigQuery has no later time.
            let time = time.filter(|time| (0..253_402_300_800).contains(&time.timestamp())).ok_or_else(|| wrong("no time"))?;
            time.to_rfc3339_opts(SecondsFormat::Secs, true).into()
        }
        Kind::Timestamp => {
            let time = found.as_str().and_then(|text| DateTime::parse_from_rfc3339(text).ok()).ok_or_else(|| wrong("no time"))?;
            time.to_utc().to_rfc3339_opts(SecondsFormat::Micros, true).into()
        }
    };
    Ok(Some(value))
}

fn texts_at(item: &Value, field: &Field) -> Result<Option<Value>, String> {
    let mut texts = Vec::new();
    for place in field.at.split('|') {
        let mut found = Vec::new();
        collect(item, place, &mut found);
        for value in found {
            match value {
                Value::String(text) if text.trim().is_empty() => {}
                Value::String(text) => texts.push(Value::from(text.trim())),
                Value::Number(number) => texts.push(number.to_string().into()),
                Value::Null => {}
                other => return Err(format!("{} holds no text: {}", field.column, brief(other))),
            }
        }
        if !texts.is_empty() {
            break;
        }
    }
    Ok(Some(Value::Array(texts)))
}

fn collect<'a>(value: &'a Value, path: &str, found: &mut Vec<&'a Value>) {
    let (step, rest) = match path.split_once('/') {
        Some((step, rest)) => (step, Some(rest)),
        None => (path, None),
    };
    let mut go = |value: &'a Value| match rest {
        Some(rest) => collect(value, rest, found),
        None => found.push(value),
    };
    match (step, value) {
        ("*", Value::Array(members)) => members.iter().for_each(go),
        // One object where a list should be, and nothing where an empty one should be.
        ("*", Value::Null) => {}
        ("*", Value::String(text)) if text.trim().is_empty() => {}
        ("*", single) => go(single),
        _ => {
            if let Some(inner) = inner(value, step) {
                go(inner);
            }
        }
    }
}

fn inner<'a>(value: &'a Value, step: &str) -> Option<&'a Value> {
    match value {
        Value::Object(members) => members.get(step),
        Value::Array(members) => members.get(step.parse::<usize>().ok()?),
        _ => None,
    }
}

/// What stands at the first of the places that hold something; null and blank texts are nothing.
pub(super) fn find<'a>(value: &'a Value, at: &str) -> Option<&'a Value> {
    at.split('|').find_map(|place| {
        let found = place.split('/').try_fold(value, inner)?;
        let blank = matches!(found, Value::Null) || found.as_str().is_some_and(|text| text.trim().is_empty());
        (!blank).then_some(found)
    })
}

/// The text at a place.
pub(super) fn text_at<'a>(value: &'a Value, at: &str) -> Option<&'a str> {
    find(value, at)?.as_str()
}

/// The whole number at a place.
pub(super) fn whole_at(value: &Value, at: &str) -> Option<i64> {
    find(value, at).and_then(whole_of)
}

fn whole_of(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| {
            let float = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < 9e15)?;
            Some(float as i64)
        }),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// The members of the list at `root/list`. One object is a list of one; no list, an empty one.
///
/// # Errors
/// When the answer has no `root` at all, or something else stands where the list should be.
pub(super) fn list<'a>(body: &'a Value, root: &str, list: &str) -> Result<Vec<&'a Value>, String> {
    let root_value = match root {
        "" => body,
        _ => root.split('|').find_map(|name| inner(body, name)).ok_or_else(|| format!("the answer has no `{root}`"))?,
    };
    match inner(root_value, list) {
        Some(Value::Array(members)) => Ok(members.iter().collect()),
        Some(single @ Value::Object(_)) => Ok(vec![single]),
        None | Some(Value::Null) if root.is_empty() => Err(format!("the answer has no `{list}`")),
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(Vec::new()),
        Some(other) => Err(format!("`{list}` is no list: {}", brief(other))),
    }
}

fn brief(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const FIELDS: &[Field] = &[
        text("name", "name|#text").required(),
        whole("plays", "stats/playcount|playcount"),
        real("match", "match"),
        share("energy", "energy"),
        flag("streamable", "streamable/#text|streamable"),
        seconds("played_at", "date/uts"),
        timestamp("added_at", "added_at"),
        texts("tags", "tags/tag/*/name"),
        text("picture", "images/0/url"),
    ];

    #[test]
    fn values_are_read_whatever_their_type() {
        let check = |item: Value, expected: Value| {
            let mut expected = expected;
            if expected.get("tags").is_none() {
                expected["tags"] = json!([]);
            }
            assert_eq!(Value::Object(row(&item, FIELDS).unwrap()), expected, "{item}");
        };
        check(json!({"name": " Air "}), json!({"name": "Air"}));
        check(json!({"#text": "Air", "name": ""}), json!({"name": "Air"}));
        check(json!({"name": 1975}), json!({"name": "1975"}));
        check(json!({"name": "a", "playcount": "541115136"}), json!({"name": "a", "plays": 541_115_136}));
        check(json!({"name": "a", "playcount": 7.0}), json!({"name": "a", "plays": 7}));
        check(json!({"name": "a", "stats": {"playcount": 3}, "playcount": 4}), json!({"name": "a", "plays": 3}));
        check(json!({"name": "a", "stats": null, "playcount": ""}), json!({"name": "a"}));
        check(json!({"name": "a", "match": "0.25", "energy": 1}), json!({"name": "a", "match": 0.25, "energy": 1.0}));
        check(json!({"name": "a", "streamable": {"#text": "0"}}), json!({"name": "a", "streamable": false}));
        check(json!({"name": "a", "date": {"uts": "1419070612"}}), json!({"name": "a", "played_at": "2014-12-20T10:16:52Z"}));
        check(json!({"name": "a", "added_at": "2015-06-19T15:49:28Z"}), json!({"name": "a", "added_at": "2015-06-19T15:49:28.000000Z"}));
        check(json!({"name": "a", "tags": {"tag": [{"name": "x"}, {"name": "y"}]}}), json!({"name": "a", "tags": ["x", "y"]}));
        check(json!({"name": "a", "tags": {"tag": {"name": "x"}}}), json!({"name": "a", "tags": ["x"]}));
        check(json!({"name": "a", "tags": "\n"}), json!({"name": "a"}));
        check(json!({"name": "a", "images": [{"url": "u"}]}), json!({"name": "a", "picture": "u"}));
        check(json!({"name": "a", "images": []}), json!({"name": "a"}));
    }

    #[test]
    fn what_does_not_fit_is_refused_with_its_reason() {
        let check = |item: Value, expected: &str| assert_eq!(row(&item, FIELDS).unwrap_err(), expected, "{item}");
        check(json!({}), "name is missing");
        check(json!({"name": null}), "name is missing");
        check(json!(null), "no object: null");
        check(json!({"name": {"a": 1}}), "name is no text: {\"a\":1}");
        check(json!({"name": "a", "playcount": "many"}), "plays is no whole number: \"many\"");
        check(json!({"name": "a", "playcount": 1.5}), "plays is no whole number: 1.5");
        check(json!({"name": "a", "match": "NaN"}), "match is no number: \"NaN\"");
        check(json!({"name": "a", "energy": 1.01}), "energy is not 0 to 1: 1.01");
        check(json!({"name": "a", "streamable": "maybe"}), "streamable is neither true nor false: \"maybe\"");
        check(json!({"name": "a", "date": {"uts": "-5"}}), "played_at is no time: \"-5\"");
        check(json!({"name": "a", "added_at": "yesterday"}), "added_at is no time: \"yesterday\"");
        check(json!({"name": "a", "tags": {"tag": [{"name": []}]}}), "tags holds no text: []");
    }

    #[test]
    fn lists_are_read_whatever_stands_for_them() {
        let check = |body: Value, expected: Result<usize, &str>| {
            assert_eq!(list(&body, "artists", "artist").map(|members| members.len()), expected.map_err(str::to_owned), "{body}");
        };
        check(json!({"artists": {"artist": [{}, {}]}}), Ok(2));
        check(json!({"artists": {"artist": {"name": "one"}}}), Ok(1));
        check(json!({"artists": {"#text": "\n", "total": "0"}}), Ok(0));
        check(json!({"artists": {"artist": null}}), Ok(0));
        check(json!({"artists": "\n"}), Ok(0));
        check(json!({}), Err("the answer has no `artists`"));
        check(json!({"artists": {"artist": 7}}), Err("`artist` is no list: 7"));
        assert_eq!(list(&json!({"total": 3}), "", "data").unwrap_err(), "the answer has no `data`");
    }
}
