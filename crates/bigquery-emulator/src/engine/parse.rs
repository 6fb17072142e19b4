//! Text to one statement: sqlparser's BigQuery dialect, with the few tokens it reads otherwise than BigQuery mended.

use sqlparser::ast::{Query, SetExpr, Statement};
use sqlparser::keywords::Keyword;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

use super::QueryError;
use super::dialect::GoogleSql;
use super::error::not_supported;
use super::forms::{assertion, known_pipes, named_arguments, nulls_to_their_functions, one_kind_of_set, table_arguments};
use super::literals::unescape;
use super::syntax::{end_of, syntax_error, token_name};

/// How deep parentheses, subqueries and operators may nest.
const RECURSION_LIMIT: usize = 100;

/// BigQuery's own limit on a query's text.
/// Source: <https://cloud.google.com/bigquery/quotas#query_jobs>
const MAX_SQL_BYTES: usize = 1024 * 1024;

/// A statement that the endpoint runs.
pub(super) enum Parsed {
    Select(Box<Query>),
    /// ASSERT, as the query that fails where the condition does not hold.
    Assert(Box<Query>),
    /// CREATE, DROP, ALTER, TRUNCATE.
    Define(Box<Statement>),
    /// INSERT, UPDATE, DELETE, MERGE.
    Change(Box<Statement>),
}

pub(super) fn parse(sql: &str) -> Result<Parsed, QueryError> {
    if sql.len() > MAX_SQL_BYTES {
        return Err(QueryError::invalid(
            "The query is too large. The maximum standard SQL query length is 1024.00K characters, including comments and white space characters.",
        ));
    }
    let mut tokens = table_arguments(named_arguments(known_pipes(mend(tokenize(sql)?)?)?));
    one_kind_of_set(&tokens)?;
    let assertion = assertion(&tokens);
    let asserts = assertion.is_some();
    if let Some(query) = assertion {
        tokens = query;
    }
    refuse_forms(&tokens)?;
    let mut parser = Parser::new(&GoogleSql).with_recursion_limit(RECURSION_LIMIT).with_tokens_with_locations(tokens);
    while parser.consume_token(&Token::SemiColon) {}
    if parser.peek_token().token == Token::EOF {
        return Err(QueryError::invalid("Syntax error: Unexpected end of statement"));
    }
    refuse_scripts(&mut parser)?;
    let mut statement = parser.parse_statement().map_err(|error| syntax_error(error, sql))?;
    nulls_to_their_functions(&mut statement);
    let mut ended = false;
    while parser.consume_token(&Token::SemiColon) {
        ended = true;
    }
    let next = parser.peek_token();
    if next.token != Token::EOF {
        if ended {
            return Err(not_supported("A script of several statements"));
        }
        let after = parser.peek_nth_token(1);
        let needs_by = matches!(&next.token, Token::Word(w) if matches!(w.keyword, Keyword::GROUP | Keyword::ORDER | Keyword::PARTITION));
        let (expected, got) = if needs_by { ("keyword BY", after) } else { ("end of input", next) };
        let at = if got.token == Token::EOF { end_of(sql) } else { got.span.start };
        return Err(QueryError::invalid_at(format!("Syntax error: Expected {expected} but got {}", token_name(&got.token)), at));
    }
    match kind(statement)? {
        Parsed::Select(query) if asserts => Ok(Parsed::Assert(query)),
        other => Ok(other),
    }
}

/// Statements that are refused by their first words, whatever follows.
const REFUSED: &[&str] = &[
    "BEGIN", "BREAK", "CALL", "CASE", "COMMIT", "CONTINUE", "DECLARE", "EXECUTE", "EXPORT", "FOR", "GRANT", "GRAPH", "IF", "ITERATE",
    "LEAVE", "LOAD", "LOOP", "RAISE", "REPEAT", "RETURN", "REVOKE", "ROLLBACK", "SET", "WHILE",
];

/// What may follow CREATE, ALTER and DROP and is refused.
const REFUSED_OBJECTS: &[&str] = &[
    "AGGREGATE",
    "ASSIGNMENT",
    "CAPACITY",
    "EXTERNAL",
    "FUNCTION",
    "MATERIALIZED",
    "MODEL",
    "ORGANIZATION",
    "PROCEDURE",
    "PROJECT",
    "PROPERTY",
    "RESERVATION",
    "ROW",
    "SEARCH",
    "SNAPSHOT",
    "VECTOR",
];

/// The pipe operators that the parser knows.
const PIPES: &[&str] = &[
    "SELECT",
    "EXTEND",
    "SET",
    "DROP",
    "AS",
    "WHERE",
    "LIMIT",
    "AGGREGATE",
    "ORDER",
    "TABLESAMPLE",
    "RENAME",
    "UNION",
    "INTERSECT",
    "EXCEPT",
    "CALL",
    "PIVOT",
    "UNPIVOT",
    "JOIN",
    "INNER",
    "LEFT",
    "RIGHT",
    "FULL",
    "CROSS",
];

/// Refuses by name what the parser would call a syntax error.
fn refuse_forms(tokens: &[TokenWithSpan]) -> Result<(), QueryError> {
    let word = |at: usize| match tokens.get(at).map(|t| &t.token) {
        Some(Token::Word(w)) if w.quote_style.is_none() => w.value.to_uppercase(),
        _ => String::new(),
    };
    for (at, token) in tokens.iter().enumerate() {
        let next = word(at + 1);
        match &token.token {
            Token::VerticalBarRightAngleBracket if !next.is_empty() && !PIPES.contains(&next.as_str()) => {
                return Err(not_supported(format_args!("The pipe operator {next}")));
            }
            Token::Word(w) if w.keyword == Keyword::SELECT && next == "FROM" => {
                return Err(QueryError::invalid_at("Syntax error: SELECT list must not be empty", tokens[at + 1].span.start));
            }
            Token::Word(w)
                if w.keyword == Keyword::UNION && w.quote_style.is_none() && matches!(next.as_str(), "SELECT" | "WITH" | "FROM") =>
            {
                return Err(QueryError::invalid_at(
                    format!("Syntax error: Expected keyword ALL or keyword DISTINCT but got keyword {next}"),
                    tokens[at + 1].span.start,
                ));
            }
            Token::Word(w) if w.keyword == Keyword::SELECT && next == "WITH" => {
                return Err(not_supported(format_args!("SELECT WITH {}", word(at + 2))));
            }
            Token::Word(w) if w.quote_style.is_none() && w.value.eq_ignore_ascii_case("NEW") && !next.is_empty() => {
                let call = matches!(tokens.get(at + 2).map(|t| &t.token), Some(Token::Period | Token::LParen));
                if call {
                    return Err(not_supported("NEW, which makes a protocol buffer,"));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn refuse_scripts(parser: &mut Parser<'_>) -> Result<(), QueryError> {
    let word = |n: usize| match parser.peek_nth_token(n).token {
        Token::Word(w) if w.quote_style.is_none() => w.value.to_uppercase(),
        _ => String::new(),
    };
    let first = word(0);
    if REFUSED.contains(&first.as_str()) {
        let second = if matches!(first.as_str(), "EXECUTE" | "EXPORT" | "LOAD") { format!(" {}", word(1)) } else { String::new() };
        return Err(not_supported(format_args!("Statement {first}{second}")));
    }
    if matches!(first.as_str(), "CREATE" | "ALTER" | "DROP") {
        let mut at = 1;
        while matches!(word(at).as_str(), "OR" | "REPLACE" | "TEMP" | "TEMPORARY" | "ALL") {
            at += 1;
        }
        let object = word(at);
        if object == "TABLE" && word(at + 1) == "FUNCTION" {
            return Err(not_supported(format_args!("Statement {first} TABLE FUNCTION")));
        }
        if REFUSED_OBJECTS.contains(&object.as_str()) {
            return Err(not_supported(format_args!("Statement {first} {object}")));
        }
    }
    Ok(())
}

pub(super) fn tokenize(sql: &str) -> Result<Vec<TokenWithSpan>, QueryError> {
    // Escapes are read by ourselves, since BigQuery has more of them than the tokenizer.
    Tokenizer::new(&GoogleSql, sql).with_unescape(false).tokenize_with_location().map_err(|e| {
        let mut at = e.location;
        let message = e.message.replace("Unterminated string", "Unclosed string");
        if message.starts_with("Unclosed string") {
            // The tokenizer has taken the quote when it notes the place.
            at.column = at.column.saturating_sub(1).max(1);
        }
        QueryError::invalid_at(format!("Syntax error: {message}"), at)
    })
}

/// The text of a view's query: what follows the first AS outside of parentheses.
pub(super) fn query_text(sql: &str) -> Result<String, QueryError> {
    let mut depth = 0;
    for token in tokenize(sql)? {
        match &token.token {
            Token::LParen => depth += 1,
            Token::RParen => depth -= 1,
            Token::Word(w) if depth == 0 && w.keyword == Keyword::AS => {
                let after = token.span.end;
                let (line, column) = (usize::try_from(after.line).unwrap_or(1), usize::try_from(after.column).unwrap_or(1));
                let mut lines = sql.split('\n').skip(line.saturating_sub(1));
                let first: String = lines.next().unwrap_or_default().chars().skip(column.saturating_sub(1)).collect();
                let rest: Vec<&str> = lines.collect();
                let text = std::iter::once(first.as_str()).chain(rest).collect::<Vec<_>>().join("\n");
                return Ok(text.trim().trim_end_matches(';').trim_end().to_owned());
            }
            _ => {}
        }
    }
    Err(QueryError::invalid("Syntax error: Expected keyword AS"))
}

/// `@name` and ``@`name` `` become placeholders (sqlparser reads the first as an identifier); a `?` gets its number.
fn mend(tokens: Vec<TokenWithSpan>) -> Result<Vec<TokenWithSpan>, QueryError> {
    let mut result: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    let mut positional = 0;
    for mut token in tokens {
        let at = token.span.start;
        token.token = unescape(token.token).map_err(|e| QueryError::invalid_at(format!("Syntax error: {e}"), at))?;
        if let Token::Word(word) = &token.token {
            if word.quote_style.is_none() && word.value.starts_with('@') && !word.value.starts_with("@@") {
                token.token = Token::Placeholder(word.value.clone());
            } else if let Some(last) = result.last_mut()
                && last.token == Token::AtSign
            {
                last.token = Token::Placeholder(format!("@{}", word.value));
                continue;
            }
        }
        // What sqlparser has a syntax of its own for is a plain name behind SAFE.
        if let [.., safe, dot] = result.as_slice()
            && dot.token == Token::Period
            && matches!(&safe.token, Token::Word(word) if word.value.eq_ignore_ascii_case("SAFE"))
            && let Token::Word(word) = &mut token.token
        {
            word.keyword = Keyword::NoKeyword;
        }
        if let Token::Placeholder(name) = &mut token.token
            && name.starts_with('?')
        {
            positional += 1;
            *name = format!("?{positional}");
        }
        result.push(token);
    }
    Ok(typed_arrays(result))
}

/// What sqlparser does not read, in words that it does: `ARRAY<INT64>[1, 2]` as a call that names the type or as a CAST, and
/// `|> DISTINCT` as a call.
fn typed_arrays(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let solid: Vec<TokenWithSpan> = tokens.into_iter().filter(|t| !matches!(t.token, Token::Whitespace(_))).collect();
    let mut result = Vec::with_capacity(solid.len());
    // For each open bracket, what closes it.
    let mut open: Vec<Vec<TokenWithSpan>> = Vec::new();
    let put = |token: Token, like: &TokenWithSpan| TokenWithSpan { token, span: like.span };
    let is_word =
        |token: &Token, word: &str| matches!(token, Token::Word(w) if w.quote_style.is_none() && w.value.eq_ignore_ascii_case(word));
    let mut at = 0;
    while let Some(token) = solid.get(at) {
        if token.token == Token::VerticalBarRightAngleBracket && solid.get(at + 1).is_some_and(|t| is_word(&t.token, "DISTINCT")) {
            result.push(token.clone());
            for made in [Token::make_keyword("CALL"), Token::make_word(super::rewrite::DISTINCT, None), Token::LParen, Token::RParen] {
                result.push(put(made, token));
            }
            at += 2;
            continue;
        }
        // `RANGE<DATE>` is one word, before a text a call.
        if is_word(&token.token, "RANGE")
            && let (Some(Token::Lt), Some(Token::Word(item)), Some(Token::Gt)) =
                (solid.get(at + 1).map(|t| &t.token), solid.get(at + 2).map(|t| &t.token), solid.get(at + 3).map(|t| &t.token))
        {
            let item = item.value.to_uppercase();
            if let Some(Token::SingleQuotedString(text)) = solid.get(at + 4).map(|t| &t.token) {
                let call = [
                    Token::make_word("$range_literal", Some('"')),
                    Token::LParen,
                    Token::SingleQuotedString(text.clone()),
                    Token::Comma,
                    Token::SingleQuotedString(item),
                    Token::RParen,
                ];
                result.extend(call.into_iter().map(|t| put(t, token)));
                at += 5;
            } else {
                result.push(put(Token::make_word(&format!("RANGE<{item}>"), None), token));
                at += 4;
            }
            continue;
        }
        let end = if is_word(&token.token, "ARRAY") { type_end(&solid, at + 1) } else { None };
        if let Some(end) = end
            && solid.get(end).is_some_and(|t| t.token == Token::LBracket)
        {
            if let (4, Some(Token::Word(item))) = (end - at, solid.get(at + 2).map(|t| &t.token)) {
                result.push(put(Token::make_word("$typed_array", Some('"')), token));
                result.push(put(Token::LParen, token));
                result.push(put(Token::SingleQuotedString(item.value.to_uppercase()), token));
                open.push(vec![put(Token::RParen, token)]);
                if !matches!(solid.get(end + 1).map(|t| &t.token), Some(Token::RBracket)) {
                    result.push(put(Token::Comma, token));
                }
            } else {
                result.extend([put(Token::make_keyword("CAST"), token), put(Token::LParen, token), put(Token::LBracket, token)]);
                let mut close = vec![put(Token::RBracket, token), put(Token::make_keyword("AS"), token)];
                close.extend(solid[at..end].iter().cloned());
                close.push(put(Token::RParen, token));
                open.push(close);
            }
            at = end + 1;
            continue;
        }
        match token.token {
            Token::LBracket => {
                open.push(vec![put(Token::RBracket, token)]);
                result.push(token.clone());
            }
            Token::RBracket => match open.pop() {
                Some(close) => result.extend(close),
                None => result.push(token.clone()),
            },
            _ => result.push(token.clone()),
        }
        at += 1;
    }
    result
}

/// The place behind the type parameters that start with `<` at a place.
fn type_end(tokens: &[TokenWithSpan], start: usize) -> Option<usize> {
    let mut depth = 0_i32;
    for (i, token) in tokens.iter().enumerate().skip(start) {
        match &token.token {
            Token::Lt => depth += 1,
            Token::Gt => depth -= 1,
            Token::ShiftRight => depth -= 2,
            Token::Word(_) | Token::Comma | Token::LParen | Token::RParen | Token::Number(..) => {}
            _ => return None,
        }
        match depth {
            0 => return Some(i + 1).filter(|end| *end > start + 1),
            ..0 => return None,
            _ => {}
        }
    }
    None
}

fn kind(statement: Statement) -> Result<Parsed, QueryError> {
    match statement {
        // INSERT and the like are also read as the body of a query.
        Statement::Query(query) if query.with.is_none() => match *query.body {
            SetExpr::Insert(inner) | SetExpr::Update(inner) | SetExpr::Delete(inner) | SetExpr::Merge(inner) => {
                Ok(Parsed::Change(Box::new(inner)))
            }
            body => Ok(Parsed::Select(Box::new(Query { body: Box::new(body), ..*query }))),
        },
        Statement::Query(query) => Ok(Parsed::Select(query)),
        change @ (Statement::Insert(_) | Statement::Update(_) | Statement::Delete(_) | Statement::Merge(_)) => {
            Ok(Parsed::Change(Box::new(change)))
        }
        definition @ (Statement::CreateTable(_)
        | Statement::CreateView(_)
        | Statement::CreateSchema { .. }
        | Statement::Drop { .. }
        | Statement::Truncate(_)
        | Statement::AlterTable(_)) => Ok(Parsed::Define(Box::new(definition))),
        other => Err(refused_statement(&other)),
    }
}

/// The refusal of a statement by its first words.
pub(super) fn refused_statement(statement: &Statement) -> QueryError {
    not_supported(format_args!("Statement {}", statement_name(statement)))
}

/// The first words of a statement, such as `CREATE VIEW`, for the refusal.
fn statement_name(statement: &Statement) -> String {
    let text = statement.to_string().to_uppercase();
    let mut words = text.split(|c: char| !c.is_ascii_alphabetic()).filter(|w| !w.is_empty());
    let first = words.next().unwrap_or("of this kind");
    match first {
        "CREATE" | "DROP" | "ALTER" | "TRUNCATE" | "EXPORT" | "LOAD" | "EXECUTE" | "BEGIN" => {
            let second = words.find(|w| !matches!(*w, "OR" | "REPLACE" | "TEMP" | "TEMPORARY"));
            format!("{first} {}", second.unwrap_or_default()).trim().to_owned()
        }
        first => first.to_owned(),
    }
}
