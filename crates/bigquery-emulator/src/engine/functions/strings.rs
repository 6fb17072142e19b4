//! String and hash functions.
//!
//! Sources: <https://cloud.google.com/bigquery/docs/reference/standard-sql/string_functions>,
//! <https://cloud.google.com/bigquery/docs/reference/standard-sql/hash_functions>

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;

use arrow::array::{ArrayRef, BinaryArray, StringArray};
use arrow::datatypes::DataType;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256, Sha512};
use unicode_normalization::UnicodeNormalization;

use super::udf::{Body, Def, P, R, T};
use super::value::{Value, text};

pub(super) const DEFS: &[Def] = &[
    Def::new("LOWER", &[P::Text], R::First, Body::Strict(|a, _| Ok(on_text(&a[0], str::to_lowercase, <[u8]>::to_ascii_lowercase)))),
    Def::new("UPPER", &[P::Text], R::First, Body::Strict(|a, _| Ok(on_text(&a[0], str::to_uppercase, <[u8]>::to_ascii_uppercase)))),
    Def::new(
        "LENGTH",
        &[P::Text],
        R::Is(T::Int),
        Body::Strict(|a, _| {
            Ok(Value::Int(match &a[0] {
                Value::Str(s) => count(s.chars().count()),
                other => count(other.bytes().len()),
            }))
        }),
    ),
    Def::new("CHAR_LENGTH", &[P::Str], R::Is(T::Int), Body::Strict(|a, _| Ok(Value::Int(count(a[0].str().chars().count()))))),
    Def::new("BYTE_LENGTH", &[P::Text], R::Is(T::Int), Body::Strict(|a, _| Ok(Value::Int(count(a[0].bytes().len()))))),
    Def::new("CONCAT", &[P::Text], R::First, Body::Strict(|a, _| Ok(concat(a)))).variadic().shortcut(super::quick::concatenated),
    Def::new("TRIM", &[P::Str, P::Str], R::Is(T::Str), Body::Strict(|a, _| Ok(trim(a, true, true)))).optional(1),
    Def::new("LTRIM", &[P::Str, P::Str], R::Is(T::Str), Body::Strict(|a, _| Ok(trim(a, true, false)))).optional(1),
    Def::new("RTRIM", &[P::Str, P::Str], R::Is(T::Str), Body::Strict(|a, _| Ok(trim(a, false, true)))).optional(1),
    Def::new("SUBSTR", &[P::Text, P::Int, P::Int], R::First, Body::Strict(|a, _| substr(a))).optional(1),
    Def::new("STRPOS", &[P::Str, P::Str], R::Is(T::Int), Body::Strict(|a, _| Ok(Value::Int(strpos(a[0].str(), a[1].str()))))),
    Def::new("INSTR", &[P::Str, P::Str, P::Int, P::Int], R::Is(T::Int), Body::Strict(|a, _| instr(a))).optional(2),
    Def::new(
        "REPLACE",
        &[P::Str, P::Str, P::Str],
        R::Is(T::Str),
        Body::Strict(|a, _| Ok(if a[1].str().is_empty() { a[0].clone() } else { text(a[0].str().replace(a[1].str(), a[2].str())) })),
    ),
    Def::new(
        "STARTS_WITH",
        &[P::Text, P::Text],
        R::Is(T::Bool),
        Body::Strict(|a, _| Ok(Value::Bool(a[0].bytes().starts_with(a[1].bytes())))),
    ),
    Def::new("ENDS_WITH", &[P::Text, P::Text], R::Is(T::Bool), Body::Strict(|a, _| Ok(Value::Bool(a[0].bytes().ends_with(a[1].bytes()))))),
    Def::new(
        "CONTAINS_SUBSTR",
        &[P::Str, P::Str],
        R::Is(T::Bool),
        Body::Strict(|a, _| Ok(Value::Bool(fold(a[0].str()).contains(&fold(a[1].str()))))),
    ),
    Def::new("REVERSE", &[P::Str], R::Is(T::Str), Body::Strict(|a, _| Ok(text(a[0].str().chars().rev().collect::<String>())))),
    Def::new("REPEAT", &[P::Str, P::Int], R::Is(T::Str), Body::Strict(|a, _| repeat(a))),
    Def::new(
        "LEFT",
        &[P::Str, P::Int],
        R::Is(T::Str),
        Body::Strict(|a, _| {
            let n = length("LEFT", &a[1])?;
            Ok(text(a[0].str().chars().take(n).collect::<String>()))
        }),
    ),
    Def::new(
        "RIGHT",
        &[P::Str, P::Int],
        R::Is(T::Str),
        Body::Strict(|a, _| {
            let n = length("RIGHT", &a[1])?;
            let total = a[0].str().chars().count();
            Ok(text(a[0].str().chars().skip(total.saturating_sub(n)).collect::<String>()))
        }),
    ),
    Def::new("LPAD", &[P::Str, P::Int, P::Str], R::Is(T::Str), Body::Strict(|a, _| pad(a, true))).optional(1),
    Def::new("RPAD", &[P::Str, P::Int, P::Str], R::Is(T::Str), Body::Strict(|a, _| pad(a, false))).optional(1),
    Def::new("INITCAP", &[P::Str, P::Str], R::Is(T::Str), Body::Strict(|a, _| Ok(initcap(a)))).optional(1),
    Def::new("SPLIT", &[P::Str, P::Str], R::List(T::Str), Body::Strict(|a, _| Ok(split(a)))).optional(1),
    Def::new("NORMALIZE", &[P::Str, P::Str], R::Is(T::Str), Body::Strict(|a, _| normalize(a, false))).optional(1),
    Def::new("NORMALIZE_AND_CASEFOLD", &[P::Str, P::Str], R::Is(T::Str), Body::Strict(|a, _| normalize(a, true))).optional(1),
    Def::new(
        "ASCII",
        &[P::Str],
        R::Is(T::Int),
        Body::Strict(|a, _| match a[0].str().chars().next() {
            None => Ok(Value::Int(0)),
            Some(c) if c.is_ascii() => Ok(Value::Int(i64::from(u32::from(c)))),
            Some(_) => Err("Non-ASCII character found in ASCII()".to_owned()),
        }),
    ),
    Def::new(
        "UNICODE",
        &[P::Str],
        R::Is(T::Int),
        Body::Strict(|a, _| Ok(Value::Int(a[0].str().chars().next().map_or(0, |c| i64::from(u32::from(c)))))),
    ),
    Def::new(
        "CHR",
        &[P::Int],
        R::Is(T::Str),
        Body::Strict(|a, _| {
            u32::try_from(a[0].int())
                .ok()
                .and_then(char::from_u32)
                .map(|c| text(c.to_string()))
                .ok_or_else(|| format!("Invalid codepoint {}", a[0].int()))
        }),
    ),
    Def::new(
        "TRANSLATE",
        &[P::Str, P::Str, P::Str],
        R::Is(T::Str),
        Body::Strict(|a, _| {
            let from: Vec<char> = a[1].str().chars().collect();
            let to: Vec<char> = a[2].str().chars().collect();
            if let Some(twice) = (0..from.len()).find(|i| from[..*i].contains(&from[*i])) {
                return Err(format!("TRANSLATE has a duplicated source character: {}", from[twice]));
            }
            Ok(text(
                a[0].str()
                    .chars()
                    .filter_map(|c| match from.iter().position(|f| *f == c) {
                        Some(i) => to.get(i).copied(),
                        None => Some(c),
                    })
                    .collect::<String>(),
            ))
        }),
    ),
    Def::new("SOUNDEX", &[P::Str], R::Is(T::Str), Body::Strict(|a, _| Ok(text(soundex(a[0].str()))))),
    Def::new("EDIT_DISTANCE", &[P::Str, P::Str], R::Is(T::Int), Body::Strict(|a, _| Ok(Value::Int(edit_distance(a[0].str(), a[1].str()))))),
    Def::new(
        "TO_HEX",
        &[P::Bytes],
        R::Is(T::Str),
        Body::Strict(|a, _| {
            Ok(text(a[0].bytes().iter().fold(String::new(), |mut s, b| {
                let _ = write!(s, "{b:02x}");
                s
            })))
        }),
    ),
    Def::new("FROM_HEX", &[P::Str], R::Is(T::Bytes), Body::Strict(|a, _| from_hex(a[0].str()))),
    Def::new("TO_BASE64", &[P::Bytes], R::Is(T::Str), Body::Strict(|a, _| Ok(text(STANDARD.encode(a[0].bytes()))))),
    Def::new(
        "FROM_BASE64",
        &[P::Str],
        R::Is(T::Bytes),
        Body::Strict(|a, _| {
            STANDARD
                .decode(a[0].str())
                .map(|b| Value::Bytes(Cow::Owned(b)))
                .map_err(|_| format!("Failed to decode invalid base64 string: {}", a[0].str()))
        }),
    ),
    Def::new(
        "SHA256",
        &[P::Text],
        R::Is(T::Bytes),
        Body::Strict(|a, _| Ok(Value::Bytes(Cow::Owned(Sha256::digest(a[0].bytes()).to_vec())))),
    ),
    Def::new(
        "SHA512",
        &[P::Text],
        R::Is(T::Bytes),
        Body::Strict(|a, _| Ok(Value::Bytes(Cow::Owned(Sha512::digest(a[0].bytes()).to_vec())))),
    ),
    Def::new(
        "SAFE_CONVERT_BYTES_TO_STRING",
        &[P::Bytes],
        R::Is(T::Str),
        Body::Strict(|a, _| Ok(text(String::from_utf8_lossy(a[0].bytes())))),
    ),
    Def::new("GENERATE_UUID", &[], R::Is(T::Str), Body::Lenient(|_, _| Ok(text(uuid::Uuid::new_v4().to_string())))).volatile(),
    Def::new(
        "TO_CODE_POINTS",
        &[P::Str],
        R::List(T::Int),
        Body::Strict(|a, _| {
            Ok(Value::List(Arc::new(a[0].str().chars().map(|c| i64::from(u32::from(c))).collect::<arrow::array::Int64Array>())))
        }),
    ),
];

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn on_text(value: &Value<'_>, on_str: fn(&str) -> String, on_bytes: fn(&[u8]) -> Vec<u8>) -> Value<'static> {
    match value {
        Value::Bytes(b) => Value::Bytes(Cow::Owned(on_bytes(b))),
        other => text(on_str(other.str())),
    }
}

pub(super) fn concat(a: &[Value<'_>]) -> Value<'static> {
    if matches!(a[0], Value::Bytes(_)) {
        return Value::Bytes(Cow::Owned(a.iter().flat_map(|v| v.bytes().to_vec()).collect()));
    }
    text(a.iter().map(Value::str).collect::<String>())
}

fn trim<'a>(a: &[Value<'a>], left: bool, right: bool) -> Value<'static> {
    let set: Option<Vec<char>> = a.get(1).map(|s| s.str().chars().collect());
    let drop = |c: char| match &set {
        Some(set) => set.contains(&c),
        None => c.is_whitespace(),
    };
    let mut s = a[0].str();
    if left {
        s = s.trim_start_matches(drop);
    }
    if right {
        s = s.trim_end_matches(drop);
    }
    text(s)
}

fn length(name: &str, value: &Value<'_>) -> Result<usize, String> {
    usize::try_from(value.int()).map_err(|_| format!("Second argument in {name}() cannot be negative"))
}

fn substr<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
    let position = a[1].int();
    let wanted = match a.get(2) {
        Some(v) if v.int() < 0 => {
            return Err("Third argument in SUBSTR() cannot be negative".to_owned());
        }
        Some(v) => usize::try_from(v.int()).unwrap_or(usize::MAX),
        None => usize::MAX,
    };
    let start = |total: usize| -> usize {
        if position > 0 {
            usize::try_from(position - 1).unwrap_or(usize::MAX)
        } else if position == 0 {
            0
        } else {
            total.saturating_sub(usize::try_from(position.unsigned_abs()).unwrap_or(usize::MAX))
        }
    };
    Ok(match &a[0] {
        Value::Bytes(b) => Value::Bytes(Cow::Owned(b.iter().skip(start(b.len())).take(wanted).copied().collect())),
        other => {
            let s = other.str();
            let total = if position < 0 { s.chars().count() } else { 0 };
            text(s.chars().skip(start(total)).take(wanted).collect::<String>())
        }
    })
}

fn strpos(s: &str, part: &str) -> i64 {
    s.find(part).map_or(0, |at| count(s[..at].chars().count()) + 1)
}

fn instr<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
    let (s, part) = (a[0].str(), a[1].str());
    let position = a.get(2).map_or(1, Value::int);
    let occurrence = a.get(3).map_or(1, Value::int);
    if position == 0 {
        return Err("Position must not be 0 in INSTR()".to_owned());
    }
    let Ok(occurrence @ 1..) = usize::try_from(occurrence) else {
        return Err("Occurrence must be positive in INSTR()".to_owned());
    };
    let chars: Vec<char> = s.chars().collect();
    let part: Vec<char> = part.chars().collect();
    let matches = |at: &usize| chars[*at..].starts_with(&part);
    let found = if position > 0 {
        let from = usize::try_from(position - 1).unwrap_or(usize::MAX);
        (from..chars.len()).filter(matches).nth(occurrence - 1)
    } else {
        let back = usize::try_from(position.unsigned_abs()).unwrap_or(usize::MAX);
        let from = (chars.len() + 1).saturating_sub(back);
        (0..from.min(chars.len())).rev().filter(matches).nth(occurrence - 1)
    };
    Ok(Value::Int(found.map_or(0, |at| count(at) + 1)))
}

fn repeat<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
    let n = length("REPEAT", &a[1])?;
    if n.saturating_mul(a[0].str().len()) > 1 << 20 {
        return Err("Output of REPEAT exceeds max allowed output size of 1MB".to_owned());
    }
    Ok(text(a[0].str().repeat(n)))
}

fn pad<'a>(a: &[Value<'a>], left: bool) -> Result<Value<'a>, String> {
    let name = if left { "LPAD" } else { "RPAD" };
    let wanted = length(name, &a[1])?;
    if wanted > 1 << 20 {
        return Err(format!("Output of {name} exceeds max allowed output size of 1MB"));
    }
    let filler: Vec<char> = a.get(2).map_or(vec![' '], |p| p.str().chars().collect());
    if filler.is_empty() {
        return Err(format!("Third argument (pad pattern) for {name}() cannot be empty"));
    }
    let s = a[0].str();
    let have = s.chars().count();
    if have >= wanted {
        return Ok(text(s.chars().take(wanted).collect::<String>()));
    }
    let padding: String = filler.iter().cycle().take(wanted - have).collect();
    Ok(text(if left { padding + s } else { s.to_owned() + &padding }))
}

fn initcap(a: &[Value<'_>]) -> Value<'static> {
    const DELIMITERS: &str = " \t\n\u{b}\u{c}\r[](){}/|<>!?@\"^#$&~_,.:;*%+-'\\=";
    let delimiters = a.get(1).map_or(DELIMITERS, Value::str);
    let mut start = true;
    let mut result = String::new();
    for c in a[0].str().chars() {
        if delimiters.contains(c) {
            start = true;
            result.push(c);
        } else if start {
            result.extend(c.to_uppercase());
            start = false;
        } else {
            result.extend(c.to_lowercase());
        }
    }
    text(result)
}

fn split(a: &[Value<'_>]) -> Value<'static> {
    let s = a[0].str();
    let delimiter = a.get(1).map_or(",", Value::str);
    let parts: StringArray =
        if delimiter.is_empty() { s.chars().map(|c| Some(c.to_string())).collect() } else { s.split(delimiter).map(Some).collect() };
    Value::List(Arc::new(parts) as ArrayRef)
}

fn normalize<'a>(a: &[Value<'a>], casefold: bool) -> Result<Value<'a>, String> {
    let form = a.get(1).map_or("NFC", Value::str).to_uppercase();
    let source: Cow<'_, str> = if casefold { Cow::Owned(fold(a[0].str())) } else { Cow::Borrowed(a[0].str()) };
    Ok(text(match form.as_str() {
        "NFC" => source.nfc().collect::<String>(),
        "NFD" => source.nfd().collect(),
        "NFKC" => source.nfkc().collect(),
        "NFKD" => source.nfkd().collect(),
        other => return Err(format!("Invalid normalization mode: {other}")),
    }))
}

/// Case folding by way of lower case, with the sharp s that lower case leaves alone.
fn fold(s: &str) -> String {
    s.to_uppercase().to_lowercase()
}

fn soundex(s: &str) -> String {
    let code = |c: char| match c.to_ascii_lowercase() {
        'b' | 'f' | 'p' | 'v' => '1',
        'c' | 'g' | 'j' | 'k' | 'q' | 's' | 'x' | 'z' => '2',
        'd' | 't' => '3',
        'l' => '4',
        'm' | 'n' => '5',
        'r' => '6',
        'h' | 'w' => '-',
        _ => '0',
    };
    let mut letters = s.chars().filter(char::is_ascii_alphabetic);
    let Some(first) = letters.next() else {
        return String::new();
    };
    let mut result = first.to_ascii_uppercase().to_string();
    let mut last = code(first);
    for c in letters {
        let this = code(c);
        if this == '-' {
            continue;
        }
        if this != '0' && this != last {
            result.push(this);
        }
        last = this;
        if result.len() == 4 {
            break;
        }
    }
    while result.len() < 4 {
        result.push('0');
    }
    result
}

fn edit_distance(a: &str, b: &str) -> i64 {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let cost = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(diagonal + 1);
        }
    }
    count(row[b.len()])
}

fn from_hex(s: &str) -> Result<Value<'static>, String> {
    let padded = if s.len() % 2 == 1 { format!("0{s}") } else { s.to_owned() };
    let digits: Option<Vec<u32>> = padded.chars().map(|c| c.to_digit(16)).collect();
    let digits = digits.ok_or_else(|| format!("Failed to decode invalid hexadecimal string: {s}"))?;
    Ok(Value::Bytes(Cow::Owned(digits.chunks(2).filter_map(|pair| u8::try_from(pair[0] * 16 + pair[1]).ok()).collect())))
}

/// `||` of two ARRAYs, STRINGs or BYTES has its own type rule, so it stands apart from CONCAT.
pub(super) const CONCAT_OPERATOR: Def = Def::new(
    "$CONCAT_OP",
    &[P::Same, P::Same],
    R::Custom(|types, _| match types.first() {
        Some(t @ (DataType::Utf8 | DataType::Binary | DataType::List(_))) => Ok(t.clone()),
        _ => Err(String::new()),
    }),
    Body::Strict(|a, _| {
        let (Some(left), Some(right)) = (a[0].list(), a[1].list()) else {
            return Ok(concat(a));
        };
        arrow::compute::concat(&[left.as_ref(), right.as_ref()]).map(Value::List).map_err(|e| e.to_string())
    }),
);

/// MD5 is DataFusion's, which gives hexadecimal text; BigQuery gives BYTES.
pub(super) const MD5_BYTES: Def = Def::new(
    "$MD5_BYTES",
    &[P::Str],
    R::Is(T::Bytes),
    Body::Vector(|arrays, _| {
        let hex = super::value::cells(&arrays[0])?;
        let bytes = hex
            .iter()
            .map(|v| match v {
                Value::Null => None,
                v => match from_hex(v.str()) {
                    Ok(Value::Bytes(b)) => Some(b.into_owned()),
                    _ => None,
                },
            })
            .collect::<Vec<_>>();
        Ok(Arc::new(bytes.iter().map(Option::as_deref).collect::<BinaryArray>()) as ArrayRef)
    }),
);
