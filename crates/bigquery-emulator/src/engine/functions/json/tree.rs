//! A JSON text as a tree that keeps numbers as they were written, and the paths into it.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/json_functions#JSONPath_format>

use std::fmt::Write as _;

use super::super::cast::quoted;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Tree {
    Null,
    Bool(bool),
    /// The text of a number.
    Number(String),
    Text(String),
    Array(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

/// How deep a JSON text may nest.
const MAX_DEPTH: usize = 500;

impl Tree {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut reader = Reader { bytes: text.as_bytes(), text, at: 0 };
        let tree = reader.value(0)?;
        reader.space();
        if reader.at == text.len() { Ok(tree) } else { Err(reader.unexpected()) }
    }

    /// In the form of the type JSON: keys in order, each once, numbers that are not whole as FLOAT64.
    pub(crate) fn canonical(self) -> Self {
        match self {
            Tree::Number(text) if text.parse::<i64>().is_err() && text.parse::<u64>().is_err() => {
                let value: f64 = text.parse().unwrap_or(f64::NAN);
                Tree::Number(number_text(value))
            }
            Tree::Array(items) => Tree::Array(items.into_iter().map(Tree::canonical).collect()),
            Tree::Object(members) => {
                let mut sorted: Vec<(String, Tree)> = Vec::with_capacity(members.len());
                for (key, value) in members {
                    if !sorted.iter().any(|(k, _)| *k == key) {
                        sorted.push((key, value.canonical()));
                    }
                }
                sorted.sort_by(|a, b| a.0.cmp(&b.0));
                Tree::Object(sorted)
            }
            other => other,
        }
    }

    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Tree::Null => out.push_str("null"),
            Tree::Bool(b) => {
                let _ = write!(out, "{b}");
            }
            Tree::Number(n) => out.push_str(n),
            Tree::Text(s) => out.push_str(&quoted(s)),
            Tree::Array(items) => {
                out.push('[');
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Tree::Object(members) => {
                out.push('{');
                for (i, (key, value)) in members.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    let _ = write!(out, "{}:", quoted(key));
                    value.write(out);
                }
                out.push('}');
            }
        }
    }

    pub(crate) fn member(&self, key: &str) -> Option<&Tree> {
        match self {
            Tree::Object(members) => members.iter().find(|(k, _)| k == key).map(|(_, v)| v),
            _ => None,
        }
    }

    pub(crate) fn find(&self, path: &[Step]) -> Option<&Tree> {
        path.iter().try_fold(self, |tree, step| match (step, tree) {
            (Step::Key(key), tree) => tree.member(key),
            (Step::Index(i), Tree::Array(items)) => items.get(*i),
            _ => None,
        })
    }

    /// A scalar as text; `None` for null, objects and arrays.
    pub(crate) fn scalar(&self) -> Option<String> {
        match self {
            Tree::Bool(b) => Some(b.to_string()),
            Tree::Number(n) => Some(n.clone()),
            Tree::Text(s) => Some(s.clone()),
            _ => None,
        }
    }
}

/// A number as JSON writes a FLOAT64.
pub(crate) fn number_text(value: f64) -> String {
    let text = super::super::cast::float_text(value);
    if text.contains(['.', 'e']) { text } else { format!("{text}.0") }
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
}

/// Reads a path such as `$.a[0]."b.c"` or `$['a']`.
pub(crate) fn path(text: &str) -> Result<Vec<Step>, String> {
    let bad = || format!("Invalid JSONPath: {text}");
    let mut rest = text.trim().strip_prefix('$').ok_or_else(|| format!("JSONPath must start with '$': {text}"))?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('.') {
            if let Some(inner) = after.strip_prefix('"') {
                let end = inner.find('"').ok_or_else(bad)?;
                steps.push(Step::Key(inner[..end].to_owned()));
                rest = &inner[end + 1..];
            } else {
                let end = after.find(['.', '[']).unwrap_or(after.len());
                if end == 0 || after[..end].contains(['*', '@', '?']) {
                    return Err(bad());
                }
                steps.push(Step::Key(after[..end].to_owned()));
                rest = &after[end..];
            }
        } else if let Some(after) = rest.strip_prefix('[') {
            let quote = after.chars().next().filter(|c| matches!(c, '\'' | '"'));
            let end = match quote {
                Some(q) => after[1..].find(q).map(|i| i + 2).ok_or_else(bad)?,
                None => after.find(']').ok_or_else(bad)?,
            };
            let inside = &after[..end];
            steps.push(match quote {
                Some(_) => Step::Key(inside[1..inside.len() - 1].to_owned()),
                None => match inside.trim().parse::<usize>() {
                    Ok(index) => Step::Index(index),
                    // A key that looks like none, as in `$[a]`, is no path.
                    Err(_) => return Err(bad()),
                },
            });
            rest = after[end..].strip_prefix(']').ok_or_else(bad)?;
        } else {
            return Err(bad());
        }
    }
    Ok(steps)
}

struct Reader<'a> {
    bytes: &'a [u8],
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn space(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn unexpected(&self) -> String {
        match self.text.get(self.at..).and_then(|t| t.chars().next()) {
            Some(c) => format!("syntax error while parsing value - unexpected '{c}'"),
            None => "syntax error while parsing value - unexpected end of input".to_owned(),
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        self.space();
        let found = self.bytes.get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }

    fn value(&mut self, depth: usize) -> Result<Tree, String> {
        if depth > MAX_DEPTH {
            return Err("Max nesting of 500 has been exceeded while parsing JSON document".to_owned());
        }
        self.space();
        match self.bytes.get(self.at) {
            Some(b'{') => {
                self.at += 1;
                let mut members = Vec::new();
                if self.eat(b'}') {
                    return Ok(Tree::Object(members));
                }
                loop {
                    self.space();
                    if self.bytes.get(self.at) != Some(&b'"') {
                        return Err(self.unexpected());
                    }
                    let key = self.string()?;
                    if !self.eat(b':') {
                        return Err(self.unexpected());
                    }
                    members.push((key, self.value(depth + 1)?));
                    if self.eat(b'}') {
                        return Ok(Tree::Object(members));
                    }
                    if !self.eat(b',') {
                        return Err(self.unexpected());
                    }
                }
            }
            Some(b'[') => {
                self.at += 1;
                let mut items = Vec::new();
                if self.eat(b']') {
                    return Ok(Tree::Array(items));
                }
                loop {
                    items.push(self.value(depth + 1)?);
                    if self.eat(b']') {
                        return Ok(Tree::Array(items));
                    }
                    if !self.eat(b',') {
                        return Err(self.unexpected());
                    }
                }
            }
            Some(b'"') => self.string().map(Tree::Text),
            Some(b'-' | b'0'..=b'9') => {
                let rest = &self.text[self.at..];
                let end = rest.find(|c: char| !matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E')).unwrap_or(rest.len());
                let number = &rest[..end];
                // serde_json knows the grammar of numbers.
                if serde_json::from_str::<serde_json::Number>(number).is_err() {
                    return Err(self.unexpected());
                }
                self.at += end;
                Ok(Tree::Number(number.to_owned()))
            }
            _ => {
                for (word, tree) in [("true", Tree::Bool(true)), ("false", Tree::Bool(false)), ("null", Tree::Null)] {
                    if self.text[self.at..].starts_with(word) {
                        self.at += word.len();
                        return Ok(tree);
                    }
                }
                Err(self.unexpected())
            }
        }
    }

    fn string(&mut self) -> Result<String, String> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.bytes.get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => self.at += 2,
                Some(_) => self.at += 1,
                None => return Err(self.unexpected()),
            }
        }
        self.at += 1;
        let written = self.text.get(start..self.at).ok_or_else(|| self.unexpected())?;
        serde_json::from_str(written).map_err(|_| "syntax error while parsing value - invalid string".to_owned())
    }
}
