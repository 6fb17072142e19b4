//! FORMAT.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/string_functions#format_string>

use std::fmt::Write as _;

use super::cast::{float_text, general, json, plain_text, quoted};
use super::udf::{Body, Def, P, R, T};
use super::value::{Value, text};

pub(super) const DEFS: &[Def] =
    &[Def::new("FORMAT", &[P::Str, P::Any], R::Is(T::Str), Body::Lenient(|a, _| format_values(a))).variadic().optional(1)];

/// FORMAT: `%d %i %f %F %e %g %s %t %T %x %o %%` with flags, width and precision.
fn format_values<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
    if a[0].is_null() {
        return Ok(Value::Null);
    }
    let mut args = a[1..].iter();
    let mut out = String::new();
    let mut chars = a[0].str().chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut flags = String::new();
        while let Some(f) = chars.next_if(|c| "-+ #0'".contains(*c)) {
            flags.push(f);
        }
        let missing = || "Too few arguments to FORMAT for pattern".to_owned();
        let number = |chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
                      args: &mut std::slice::Iter<'_, Value<'a>>|
         -> Result<Option<usize>, String> {
            if chars.next_if_eq(&'*').is_some() {
                let v = args.next().ok_or_else(missing)?.int();
                return Ok(usize::try_from(v).ok());
            }
            let mut digits = String::new();
            while let Some(d) = chars.next_if(char::is_ascii_digit) {
                digits.push(d);
            }
            Ok(digits.parse().ok())
        };
        let width = number(&mut chars, &mut args)?.unwrap_or(0).min(100_000);
        let precision = if chars.next_if_eq(&'.').is_some() { Some(number(&mut chars, &mut args)?.unwrap_or(0).min(1000)) } else { None };
        let spec = chars.next().ok_or_else(|| "Invalid format string".to_owned())?;
        if spec == '%' {
            out.push('%');
            continue;
        }
        let value = args.next().ok_or_else(missing)?;
        if value.is_null() && !matches!(spec, 't' | 'T') {
            return Ok(Value::Null);
        }
        let mut body = formatted(spec, value, precision, &flags)?;
        if "difFeEgG".contains(spec) && !body.starts_with('-') {
            if flags.contains('+') {
                body.insert(0, '+');
            } else if flags.contains(' ') {
                body.insert(0, ' ');
            }
        }
        let missing_width = width.saturating_sub(body.chars().count());
        if flags.contains('-') {
            out.push_str(&body);
            out.extend(std::iter::repeat_n(' ', missing_width));
        } else if flags.contains('0') && !"stT".contains(spec) {
            let sign = usize::from(body.starts_with(['-', '+', ' ']));
            out.push_str(&body[..sign]);
            out.extend(std::iter::repeat_n('0', missing_width));
            out.push_str(&body[sign..]);
        } else {
            out.extend(std::iter::repeat_n(' ', missing_width));
            out.push_str(&body);
        }
    }
    if args.next().is_some() {
        return Err("Too many arguments to FORMAT for pattern".to_owned());
    }
    Ok(text(out))
}

fn formatted(spec: char, value: &Value<'_>, precision: Option<usize>, flags: &str) -> Result<String, String> {
    let wrong = || format!("Invalid type for argument to FORMAT; the specifier %{spec} does not take {}", plain_text(value));
    let grouped = |s: String| if flags.contains('\'') { group_thousands(&s) } else { s };
    Ok(match (spec, value) {
        ('d' | 'i', Value::Int(v)) => grouped(v.to_string()),
        ('x', Value::Int(v)) => format!("{v:x}"),
        ('X', Value::Int(v)) => format!("{v:X}"),
        ('o', Value::Int(v)) => format!("{v:o}"),
        ('f' | 'F', Value::Float(_) | Value::Int(_) | Value::Numeric(_)) => {
            grouped(format!("{:.*}", precision.unwrap_or(6), value.float()))
        }
        ('e' | 'E', Value::Float(_) | Value::Int(_) | Value::Numeric(_)) => {
            let s = format!("{:.*e}", precision.unwrap_or(6), value.float());
            let (m, e) = s.split_once('e').unwrap_or((&s, "0"));
            let e: i32 = e.parse().unwrap_or(0);
            format!("{m}e{}{:02}", if e < 0 { '-' } else { '+' }, e.abs())
        }
        ('g' | 'G', Value::Float(_) | Value::Int(_) | Value::Numeric(_)) => general(value.float(), precision.unwrap_or(6)),
        ('s', Value::Str(s)) => match precision {
            Some(n) => s.chars().take(n).collect(),
            None => s.to_string(),
        },
        ('t', v) => match v {
            Value::Float(f) => json_float(*f),
            v => plain_text(v),
        },
        ('T', v) => {
            let mut s = String::new();
            let _ = match v {
                Value::Str(t) => write!(s, "{}", quoted(t)),
                Value::Date(_) => write!(s, "DATE \"{}\"", plain_text(v)),
                Value::Timestamp(_) => write!(s, "TIMESTAMP \"{}\"", plain_text(v)),
                Value::Datetime(_) => write!(s, "DATETIME \"{}\"", plain_text(v)),
                Value::Float(f) => write!(s, "{}", json_float(*f)),
                v => write!(s, "{}", plain_text(v)),
            };
            s
        }
        ('p', v) => json(v),
        _ => return Err(wrong()),
    })
}

fn json_float(f: f64) -> String {
    let s = float_text(f);
    if f.is_finite() && !s.contains(['.', 'e']) { format!("{s}.0") } else { s }
}

fn group_thousands(s: &str) -> String {
    let (sign, rest) = s.strip_prefix('-').map_or(("", s), |r| ("-", r));
    let (whole, fraction) = rest.split_once('.').map_or((rest, None), |(w, f)| (w, Some(f)));
    let mut out = String::new();
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(c);
    }
    match fraction {
        Some(f) => format!("{sign}{out}.{f}"),
        None => format!("{sign}{out}"),
    }
}
