//! Lists of strings as Python prints them: `['Gene Autry', "Carl Cotner's Orchestra"]`.

/// The strings of a list literal; `None` when the text is not one.
pub(super) fn parse(text: &str) -> Option<Vec<String>> {
    let inner = text.trim().strip_prefix('[')?.strip_suffix(']')?;
    let mut items = Vec::new();
    let mut rest = inner.trim_start();
    while !rest.is_empty() {
        let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        let (item, after) = string(&rest[1..], quote)?;
        items.push(item);
        rest = after.trim_start();
        if rest.is_empty() {
            break;
        }
        rest = rest.strip_prefix(',')?.trim_start();
    }
    Some(items)
}

/// A string up to its closing quote, and what follows it.
/// Source: <https://docs.python.org/3/reference/lexical_analysis.html#escape-sequences>
fn string(text: &str, quote: char) -> Option<(String, &str)> {
    let mut item = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        if c == quote {
            return Some((item, &text[at + 1..]));
        }
        if c != '\\' {
            item.push(c);
            continue;
        }
        match chars.next()?.1 {
            'n' => item.push('\n'),
            't' => item.push('\t'),
            'r' => item.push('\r'),
            'x' => item.push(code(&mut chars, 2)?),
            'u' => item.push(code(&mut chars, 4)?),
            'U' => item.push(code(&mut chars, 8)?),
            same @ ('\\' | '\'' | '"') => item.push(same),
            other => item.extend(['\\', other]),
        }
    }
    None
}

fn code(chars: &mut std::str::CharIndices<'_>, digits: usize) -> Option<char> {
    let mut value = 0;
    for _ in 0..digits {
        value = value * 16 + chars.next()?.1.to_digit(16)?;
    }
    char::from_u32(value)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn lists_are_read_as_python_prints_them() {
        let check = |text: &str, expected: Option<&[&str]>| {
            let expected = expected.map(|items| items.iter().map(|item| (*item).to_owned()).collect::<Vec<_>>());
            assert_eq!(parse(text), expected, "{text}");
        };
        check("[]", Some(&[]));
        check("['Uli']", Some(&["Uli"]));
        check(r#"['Gene Autry', "Carl Cotner's Orchestra"]"#, Some(&["Gene Autry", "Carl Cotner's Orchestra"]));
        check(r#"['Sam \'Lightnin\' "H"']"#, Some(&["Sam 'Lightnin' \"H\""]));
        check(r"['a\\b', 'c\xa0d', 'é']", Some(&["a\\b", "c\u{a0}d", "é"]));
        check("['a, b', 'c]']", Some(&["a, b", "c]"]));
        check("['a',]", Some(&["a"]));
        check("['a' 'b']", None);
        check("['a", None);
        check("Uli", None);
        check("[Uli]", None);
        check("", None);
    }
}
