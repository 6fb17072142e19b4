//! Scripts: several statements, IF, CASE, loops, blocks and EXECUTE IMMEDIATE of a text, as a tree of commands. Every statement
//! in it keeps its place in the script's text, which errors tell. There are no variables: DECLARE, SET and FOR are refused.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/procedural-language>

use sqlparser::tokenizer::{Location, Token, TokenWithSpan};

use super::QueryError;
use super::error::not_supported;
use super::parse::{parse, tokenize};

/// A step of a script.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// The text of a statement.
    Statement(String),
    /// Queries of one BOOL, each with what runs where it is the first that holds, and what runs where none does.
    If(Vec<(String, Vec<Command>)>, Vec<Command>),
    /// What runs again and again, as long as the first query holds and until the second does.
    Loop {
        while_: Option<String>,
        body: Vec<Command>,
        until: Option<String>,
    },
    Block(Vec<Command>),
    Break,
    Continue,
    Return,
    /// Ends the script with the text that a query gives.
    Raise(String),
}

/// How deep commands may stand in commands.
/// Source: <https://cloud.google.com/bigquery/quotas#query_jobs>
const MAX_DEPTH: usize = 50;

const CONTROL: &[&str] = &["IF", "LOOP", "WHILE", "REPEAT", "CASE", "BEGIN", "RETURN", "RAISE", "EXECUTE", "BREAK", "LEAVE"];

/// Whether a text may be a script: by its first word, and by a semicolon that is not its end.
pub(super) fn may_be_script(sql: &str) -> bool {
    let first: String = sql.trim_start().chars().take_while(char::is_ascii_alphabetic).collect();
    let body = sql.trim_end().trim_end_matches(';');
    body.contains(';') || CONTROL.contains(&first.to_uppercase().as_str())
}

/// The commands of a script; `None` for a single statement.
pub(super) fn read(sql: &str) -> Result<Option<Vec<Command>>, QueryError> {
    // What has no tokens is told by the parser of statements.
    let Ok(tokens) = tokenize(sql) else { return Ok(None) };
    let tokens: Vec<TokenWithSpan> = tokens.into_iter().filter(|t| !matches!(t.token, Token::Whitespace(_) | Token::EOF)).collect();
    let mut reader = Reader { sql, tokens, at: 0, depth: 0, loops: 0 };
    let controls = (0..reader.tokens.len()).any(|at| CONTROL.contains(&reader.word(at).as_str()) && reader.begins(at));
    let statements = reader.tokens.split(|t| t.token == Token::SemiColon).filter(|s| !s.is_empty()).count();
    if !controls && statements < 2 {
        return Ok(None);
    }
    if reader.tokens.iter().any(|t| matches!(&t.token, Token::Placeholder(p) if p == "?")) {
        return Err(not_supported("A positional parameter in a script"));
    }
    let commands = reader.block(&[])?;
    if reader.at < reader.tokens.len() {
        return Err(reader.unexpected("end of script"));
    }
    Ok(Some(commands))
}

struct Reader<'a> {
    sql: &'a str,
    tokens: Vec<TokenWithSpan>,
    at: usize,
    depth: usize,
    loops: usize,
}

impl Reader<'_> {
    fn word(&self, at: usize) -> String {
        match self.tokens.get(at).map(|t| &t.token) {
            Some(Token::Word(w)) if w.quote_style.is_none() => w.value.to_uppercase(),
            _ => String::new(),
        }
    }

    /// Whether a statement begins at a place.
    fn begins(&self, at: usize) -> bool {
        at == 0 || self.tokens[at - 1].token == Token::SemiColon
    }

    fn unexpected(&self, expected: &str) -> QueryError {
        let found = self.tokens.get(self.at);
        let place = found.map_or(Location::new(0, 0), |t| t.span.start);
        let found = found.map_or_else(|| "end of script".to_owned(), |t| format!("\"{}\"", t.token));
        QueryError::invalid_at(format!("Syntax error: Expected {expected} but got {found}"), place)
    }

    fn expect(&mut self, words: &[&str]) -> Result<(), QueryError> {
        for word in words {
            if self.word(self.at) != *word {
                return Err(self.unexpected(&format!("keyword {word}")));
            }
            self.at += 1;
        }
        Ok(())
    }

    fn offset(&self, place: Location) -> usize {
        let line = usize::try_from(place.line).unwrap_or(1).saturating_sub(1);
        let column = usize::try_from(place.column).unwrap_or(1).saturating_sub(1);
        let start: usize = self.sql.split_inclusive('\n').take(line).map(str::len).sum();
        let rest = &self.sql[start.min(self.sql.len())..];
        start + rest.char_indices().nth(column).map_or(rest.len(), |(at, _)| at)
    }

    /// The text of some tokens, with blanks for all that stands before it.
    fn text(&self, from: usize, to: usize) -> Result<String, QueryError> {
        let (Some(first), Some(last)) = (self.tokens.get(from), self.tokens.get(to.wrapping_sub(1)).filter(|_| from < to)) else {
            return Err(self.unexpected("a statement or an expression"));
        };
        let (start, end) = (self.offset(first.span.start), self.offset(last.span.end));
        let blank: String = self.sql[..start].chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
        Ok(blank + &self.sql[start..end])
    }

    /// Goes to the first of some words, or to a semicolon, outside of parentheses and of CASE ... END.
    fn until(&mut self, words: &[&str]) -> usize {
        let start = self.at;
        let (mut open, mut cases) = (0, 0);
        while let Some(token) = self.tokens.get(self.at) {
            let word = self.word(self.at);
            if open == 0 && cases == 0 && (words.contains(&word.as_str()) || token.token == Token::SemiColon) {
                break;
            }
            match (&token.token, word.as_str()) {
                (Token::LParen, _) => open += 1,
                (Token::RParen, _) => open -= 1,
                (_, "CASE") => cases += 1,
                (_, "END") => cases -= 1,
                _ => {}
            }
            self.at += 1;
        }
        start
    }

    /// The query of a condition that ends at one of some words.
    fn condition(&mut self, end: &str) -> Result<String, QueryError> {
        let start = self.until(&[end]);
        self.query(start, "")
    }

    /// `SELECT (tokens)`, or a comparison with them.
    fn query(&self, start: usize, equal_to: &str) -> Result<String, QueryError> {
        let text = self.text(start, self.at)?;
        let query = format!("SELECT ({equal_to}{})", text.trim_start());
        parse(&query).map_err(|e| QueryError { message: e.message.split(" at [").next().unwrap_or_default().to_owned(), ..e })?;
        Ok(query)
    }

    /// Commands up to one of some words, or to the end.
    fn block(&mut self, ends: &[&str]) -> Result<Vec<Command>, QueryError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(QueryError::new(super::Reason::ResourcesExceeded, "Resources exceeded: The script is nested too deeply."));
        }
        let mut commands = Vec::new();
        loop {
            while self.tokens.get(self.at).is_some_and(|t| t.token == Token::SemiColon) {
                self.at += 1;
            }
            if self.at >= self.tokens.len() || ends.contains(&self.word(self.at).as_str()) {
                self.depth -= 1;
                return Ok(commands);
            }
            commands.push(self.command()?);
            if self.tokens.get(self.at).is_some_and(|t| t.token != Token::SemiColon) {
                return Err(self.unexpected("\";\""));
            }
        }
    }

    fn command(&mut self) -> Result<Command, QueryError> {
        let start = self.at;
        let first = self.word(start);
        self.at += 1;
        Ok(match first.as_str() {
            "IF" => {
                let mut branches = Vec::new();
                let condition = self.condition("THEN")?;
                self.expect(&["THEN"])?;
                branches.push((condition, self.block(&["ELSEIF", "ELSE", "END"])?));
                while self.word(self.at) == "ELSEIF" {
                    self.at += 1;
                    let condition = self.condition("THEN")?;
                    self.expect(&["THEN"])?;
                    branches.push((condition, self.block(&["ELSEIF", "ELSE", "END"])?));
                }
                let otherwise = self.otherwise()?;
                self.expect(&["END", "IF"])?;
                Command::If(branches, otherwise)
            }
            "CASE" => self.case()?,
            "LOOP" => {
                let body = self.looped("END")?;
                self.expect(&["END", "LOOP"])?;
                Command::Loop { while_: None, body, until: None }
            }
            "WHILE" => {
                let condition = self.condition("DO")?;
                self.expect(&["DO"])?;
                let body = self.looped("END")?;
                self.expect(&["END", "WHILE"])?;
                Command::Loop { while_: Some(condition), body, until: None }
            }
            "REPEAT" => {
                let body = self.looped("UNTIL")?;
                self.expect(&["UNTIL"])?;
                let until = self.repeat_end()?;
                self.expect(&["END", "REPEAT"])?;
                Command::Loop { while_: None, body, until: Some(until) }
            }
            "BEGIN" => {
                if matches!(self.word(self.at).as_str(), "TRANSACTION")
                    || self.tokens.get(self.at).is_none_or(|t| t.token == Token::SemiColon)
                {
                    return Err(not_supported("Statement BEGIN TRANSACTION"));
                }
                let body = self.block(&["EXCEPTION", "END"])?;
                if self.word(self.at) == "EXCEPTION" {
                    return Err(not_supported("BEGIN with EXCEPTION"));
                }
                self.expect(&["END"])?;
                Command::Block(body)
            }
            "BREAK" | "LEAVE" | "CONTINUE" | "ITERATE" if self.loops == 0 => {
                self.at = start;
                return Err(self.unexpected("a statement outside of a loop"));
            }
            "BREAK" | "LEAVE" => Command::Break,
            "CONTINUE" | "ITERATE" => Command::Continue,
            "RETURN" => Command::Return,
            "RAISE" => {
                if self.word(self.at) != "USING" {
                    return Err(not_supported("RAISE without a message"));
                }
                self.expect(&["USING", "MESSAGE"])?;
                if self.tokens.get(self.at).map(|t| &t.token) != Some(&Token::Eq) {
                    return Err(self.unexpected("\"=\""));
                }
                self.at += 1;
                let from = self.until(&[]);
                Command::Raise(self.query(from, "")?)
            }
            "EXECUTE" => {
                self.expect(&["IMMEDIATE"])?;
                let token = self.tokens.get(self.at).cloned();
                let text = token.and_then(|t| super::literals::unescape(t.token).ok());
                self.at += 1;
                match (text, self.tokens.get(self.at).map(|t| &t.token)) {
                    (Some(Token::SingleQuotedString(text)), None | Some(Token::SemiColon)) => statement(text)?,
                    _ => return Err(not_supported("EXECUTE IMMEDIATE of anything but a text, or with INTO or USING,")),
                }
            }
            _ => {
                self.at = start;
                self.until(&[]);
                statement(self.text(start, self.at)?)?
            }
        })
    }

    /// The body of a loop.
    fn looped(&mut self, end: &str) -> Result<Vec<Command>, QueryError> {
        self.loops += 1;
        let body = self.block(&[end]);
        self.loops -= 1;
        body
    }

    fn otherwise(&mut self) -> Result<Vec<Command>, QueryError> {
        if self.word(self.at) != "ELSE" {
            return Ok(Vec::new());
        }
        self.at += 1;
        self.block(&["END"])
    }

    /// `CASE [value] WHEN ... THEN ... END CASE`.
    fn case(&mut self) -> Result<Command, QueryError> {
        let from = self.until(&["WHEN"]);
        let value = if from < self.at { format!("({}) = ", self.text(from, self.at)?.trim_start()) } else { String::new() };
        let mut branches = Vec::new();
        while self.word(self.at) == "WHEN" {
            self.at += 1;
            let from = self.until(&["THEN"]);
            let condition = self.query(from, &value)?;
            self.expect(&["THEN"])?;
            branches.push((condition, self.block(&["WHEN", "ELSE", "END"])?));
        }
        if branches.is_empty() {
            return Err(self.unexpected("keyword WHEN"));
        }
        let otherwise = self.otherwise()?;
        self.expect(&["END", "CASE"])?;
        Ok(Command::If(branches, otherwise))
    }

    /// The condition behind UNTIL, which END REPEAT ends.
    fn repeat_end(&mut self) -> Result<String, QueryError> {
        let start = self.at;
        while self.at < self.tokens.len() && !(self.word(self.at) == "END" && self.word(self.at + 1) == "REPEAT") {
            self.at += 1;
        }
        self.query(start, "")
    }
}

/// A statement, once it is known that it can be read: nothing of a script runs where a part of it is wrong.
fn statement(text: String) -> Result<Command, QueryError> {
    parse(&text)?;
    Ok(Command::Statement(text))
}

#[cfg(test)]
mod tests {
    use super::{Command, may_be_script, read};

    #[test]
    fn one_statement_is_no_script() {
        for sql in ["SELECT 1", "SELECT ';' ;", "  select case when true then 1 end;", "SELECT IF(TRUE, 1, 2)"] {
            assert_eq!(read(sql).unwrap(), None, "{sql}");
        }
        assert!(!may_be_script("SELECT 1;\n"));
    }

    #[test]
    fn statements_keep_their_places() {
        let commands = read("SELECT 1;\nSELECT CASE WHEN TRUE THEN 2 END;").unwrap().unwrap();
        let texts = ["SELECT 1", "         \nSELECT CASE WHEN TRUE THEN 2 END"].map(|t| Command::Statement(t.to_owned()));
        assert_eq!(commands, texts);
    }

    #[test]
    fn what_is_in_an_if_is_found() {
        let commands = read(
            "IF (SELECT TRUE) THEN SELECT 1; ELSEIF 1 = CASE WHEN TRUE THEN 1 END THEN RAISE USING MESSAGE = 'x'; ELSE RETURN; END IF",
        )
        .unwrap()
        .unwrap();
        let [Command::If(branches, otherwise)] = commands.as_slice() else { panic!("{commands:?}") };
        assert_eq!(branches[1], ("SELECT (1 = CASE WHEN TRUE THEN 1 END)".to_owned(), vec![Command::Raise("SELECT ('x')".to_owned())]));
        assert_eq!(otherwise, &[Command::Return]);
    }

    #[test]
    fn what_is_refused_is_named() {
        for (sql, name) in [("DECLARE x INT64; SELECT x", "DECLARE"), ("SELECT 1; CALL p()", "CALL"), ("SELECT ?; SELECT 1", "positional")]
        {
            let error = read(sql).unwrap_err();
            assert!(error.message.contains(name) && error.message.ends_with("not supported by the embedded endpoint"), "{error}");
        }
        let error = read("SELECT 1;\nSELECT 'it''s';").unwrap_err();
        assert!(error.message.ends_with(" at [2:8]"), "{error}");
    }
}
