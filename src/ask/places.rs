//! Whether the values of a question may stand where SQL that is being written puts them.
//!
//! Read from the words alone, since the SQL may be half written: the column or function on the other side of a comparison, or the
//! clause, says what a parameter must be. [`super::binding`] judges whole queries by what the validator resolved; what the words do not
//! tell is let through here and judged there.

use std::sync::LazyLock;

use regex::Regex;

use super::binding::Want;
use super::link::Kind;
use crate::catalog::{Catalog, ColumnType};

/// The kinds that a prompt names for each of its parameters: those of `@v1` first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PromptKinds(Vec<Vec<Kind>>);

static PARAMETER: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"@v([1-9])((?: <[a-z]+>)*)").expect("a constant pattern"));
static WORD: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"@v\d|[A-Za-z_][A-Za-z0-9_.]*|'[^']*'|\d+(?:\.\d+)?|<=|>=|!=|<>|\S").expect("a constant pattern"));

impl PromptKinds {
    /// Reads them from a masked prompt: `top @v1 <num> songs by @v2 <artist>`.
    #[must_use]
    pub fn of(prompt: &str) -> Self {
        let mut kinds: Vec<Vec<Kind>> = Vec::new();
        for found in PARAMETER.captures_iter(prompt) {
            let number: usize = found[1].parse().unwrap_or(1);
            if kinds.len() < number {
                kinds.resize(number, Vec::new());
            }
            let named = found[2].split(['<', '>', ' ']).filter_map(Kind::from_name);
            if kinds[number - 1].is_empty() {
                kinds[number - 1] = named.collect();
            }
        }
        Self(kinds)
    }

    /// False when a parameter of the text stands where none of its kinds can.
    #[must_use]
    pub fn fit(&self, text: &str, catalog: &Catalog) -> bool {
        let words: Vec<&str> = WORD.find_iter(text).map(|word| word.as_str()).collect();
        let parameters = words.iter().enumerate().filter_map(|(at, word)| Some((at, word.strip_prefix("@v")?.parse::<usize>().ok()?)));
        let mut judged = parameters.filter_map(|(at, number)| Some((at, self.0.get(number.checked_sub(1)?)?)));
        judged.all(|(at, kinds)| {
            kinds.is_empty() || kinds.iter().any(|kind| wanted(&words, at, catalog).is_none_or(|want| want.takes(*kind)))
        })
    }
}

/// What the place of the word at `at` takes; none where the words do not tell.
fn wanted(words: &[&str], at: usize, catalog: &Catalog) -> Option<Want> {
    let before = |back: usize| at.checked_sub(back).map(|index| words[index]);
    if words.get(at + 1).is_some_and(|word| word.eq_ignore_ascii_case("IN")) && words.get(at + 2).is_some_and(|word| *word == "UNNEST") {
        return of_column(words.get(at + 4)?, catalog);
    }
    match before(1)?.to_ascii_uppercase().as_str() {
        "=" | "!=" | "<>" | "BETWEEN" => of_side(words, at.checked_sub(2)?, catalog),
        "<" | ">" | "<=" | ">=" => of_side(words, at.checked_sub(2)?, catalog).or(Some(Want::Quantity)),
        "AND" if before(3).is_some_and(|word| word.eq_ignore_ascii_case("BETWEEN")) => of_side(words, at.checked_sub(4)?, catalog),
        "LIMIT" | "INTERVAL" => Some(Want::Amount { whole: true }),
        "*" | "/" | "+" | "-" => Some(Want::Number { whole: false }),
        "(" | "," => {
            let open = opening(words, at)?;
            words.get(open.checked_sub(1)?).filter(|word| word.eq_ignore_ascii_case("IN"))?;
            let column =
                open.checked_sub(if words.get(open.checked_sub(2)?).is_some_and(|word| word.eq_ignore_ascii_case("NOT")) { 3 } else { 2 })?;
            of_side(words, column, catalog)
        }
        _ => None,
    }
}

/// The bracket that is open before a word.
fn opening(words: &[&str], at: usize) -> Option<usize> {
    let mut closed = 0;
    (0..at).rev().find(|index| {
        match words[*index] {
            ")" => closed += 1,
            "(" if closed == 0 => return true,
            "(" => closed -= 1,
            _ => {}
        }
        false
    })
}

/// What compares with the column or the call that ends at a word.
fn of_side(words: &[&str], end: usize, catalog: &Catalog) -> Option<Want> {
    if words[end] != ")" {
        return of_column(words[end], catalog);
    }
    let function = words[opening(words, end)?.checked_sub(1)?].to_ascii_uppercase();
    match function.as_str() {
        "DATE" | "DATE_TRUNC" | "DATE_ADD" | "DATE_SUB" => Some(Want::Date),
        "EXTRACT" | "COUNT" | "COUNTIF" | "SUM" | "AVG" | "DIV" | "ROUND" | "ABS" | "LENGTH" | "ARRAY_LENGTH" | "DATE_DIFF"
        | "ROW_NUMBER" | "RANK" | "DENSE_RANK" => Some(Want::Number { whole: false }),
        _ => None,
    }
}

/// A name means the same in every table of the catalogue, where it is a column at all.
fn of_column(word: &str, catalog: &Catalog) -> Option<Want> {
    let name = word.rsplit('.').next().unwrap_or(word);
    Want::of_column(name).or_else(|| {
        let column = catalog.tables.iter().find_map(|table| table.columns.iter().find(|column| column.name == name))?;
        match column.column_type {
            ColumnType::Int64 | ColumnType::Float64 | ColumnType::Numeric | ColumnType::Bignumeric => Some(Want::Number { whole: false }),
            ColumnType::Date => Some(Want::Date),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(prompt: &str, sql: &str, fits: bool) {
        assert_eq!(PromptKinds::of(prompt).fit(sql, &Catalog::embedded()), fits, "{prompt}: {sql}");
    }

    #[test]
    fn a_value_stands_only_where_its_kind_can() {
        let prompt = "les @v1 <num> artistes de @v2 <tag> <genre> les plus joues en @v3 <country> depuis @v4 <date> et @v5 <year>";
        for (sql, fits) in [
            ("SELECT name FROM music.artists WHERE country = @v3", true),
            ("SELECT name FROM music.artists WHERE country = @v2", false),
            ("SELECT name FROM music.artists WHERE users.country = @v1 AND", false),
            ("SELECT name FROM music.artists WHERE @v2 IN UNNEST(genres", true),
            ("SELECT name FROM music.artists WHERE @v3 IN UNNEST(genres)", false),
            ("SELECT name FROM music.artists WHERE @v3 IN", true),
            ("SELECT name FROM music.artists ORDER BY popularity LIMIT @v1", true),
            ("SELECT name FROM music.artists ORDER BY popularity LIMIT @v2", false),
            ("SELECT name FROM music.artists WHERE country IN (@v3, @v2", false),
            ("SELECT name FROM music.artists WHERE country NOT IN (@v3", true),
            ("SELECT name FROM music.artists WHERE popularity BETWEEN @v1 AND @v3", false),
            ("SELECT name FROM music.artists WHERE popularity BETWEEN @v1 AND @v1", true),
            ("SELECT title FROM music.tracks WHERE duration_ms > @v1 * 60000 AND release_year = @v5", true),
            ("SELECT title FROM music.tracks WHERE duration_ms > 60000 * @v2", false),
            ("SELECT COUNT(*) FROM music.listening_events WHERE DATE(played_at) = @v4", true),
            ("SELECT COUNT(*) FROM music.listening_events WHERE DATE(played_at) = @v1", false),
            ("SELECT COUNT(*) FROM music.chart_entries WHERE EXTRACT(YEAR FROM chart_date) = @v5", true),
            ("SELECT COUNT(*) FROM music.chart_entries WHERE EXTRACT(YEAR FROM chart_date) = @v4", false),
            ("SELECT COUNT(*) FROM music.chart_entries WHERE chart_date = @v5", false),
            ("SELECT artist_name, COUNT(*) AS weeks FROM music.chart_entries GROUP BY artist_name HAVING weeks > @v1", true),
            ("SELECT artist_name, COUNT(*) AS weeks FROM music.chart_entries GROUP BY artist_name HAVING weeks > @v3", false),
            ("SELECT artist_name, COUNT(*) AS weeks FROM music.chart_entries GROUP BY artist_name HAVING COUNT(*) >= @v2", false),
            ("SELECT name FROM music.artists WHERE name = '@v3' AND country = @v9", true),
        ] {
            check(prompt, sql, fits);
        }
        check("songs of @v1 by @v1 <artist>", "SELECT title FROM music.tracks WHERE album = @v1", false);
        check("songs of @v1", "SELECT title FROM music.tracks WHERE album = @v1", true);
        check("", "SELECT 1", true);
    }
}
