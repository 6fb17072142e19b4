//! Templates of a model: which are taken, how they are filled, and the rule that none can state a number that the rows do not have.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::string::string_regex;
use proptest::test_runner::TestRunner;

use super::super::fakes::text_rows;
use super::super::shape::numbers;
use super::labels::{Label, Unit};
use super::template::{fill, pattern};
use super::tests::{results, without};
use super::*;
use crate::catalog::ColumnType;
use crate::warehouse::Cell;

const WORDS: &str = "et leads with plays more than the and then is en tête avec écoutes devant soit de plus by first l artistes a catalogue s \
    popular most from to in arrive t il reçu listed le les pays du among an what part qu years";

fn words() -> SummaryWords {
    SummaryWords::read(&WORDS.replace(' ', "\n"))
}

fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

const TOP: &str = "artist_name:s plays:i | Air 3200 | Blur 2000 | Zaz 10 | Sum_41 5";

/// What a template over some rows becomes; a no-break space is written `~`.
fn filled(rows: &str, template: &str, language: Language) -> Result<String, Unfit> {
    let holes = Holes::of(&text_rows(rows), &values(&[("@v1", "Daft Punk")]), language).unwrap();
    fill(template, &holes, &words(), language).map(|text| text.replace(['\u{a0}', '\u{202f}'], "~"))
}

#[test]
fn templates_are_filled_as_people_write() {
    let check = |rows: &str, template: &str, language: Language, expected: &str| {
        assert_eq!(filled(rows, template, language).as_deref(), Ok(expected), "{template}");
    };
    let (en, fr) = (Language::En, Language::Fr);
    check(TOP, "{r0.c0} leads with {r0.c1} plays, {delta.c1} more than {r1.c0}.", en, "Air leads with 3,200 plays, 1,200 more than Blur.");
    check(TOP, "{r0.c0} arrive en tête ({r0.c1} écoutes) ; {r1.c0} : {r1.c1}", fr, "Air arrive en tête (3~200 écoutes)~; Blur~: 2~000.");
    check(TOP, "{rows} artistes, {sum.c1} écoutes, {r0.c0} {r2.c1} !", fr, "4 artistes, 5~215 écoutes, Air 10~!");
    check("title:s artist_name:s | One Air", "{r0.c0} by {r0.c1}.", en, "“One” by Air.");
    check("title:s artist_name:s | One Air", "{r0.c0} et {r0.c1}", fr, "«~One~» et Air.");
    check("name:s | P._Inc. | Wham! | B", "The first is {r0.c0}. Then {r1.c0}.", en, "The first is P. Inc. Then Wham!");
    check(
        "share:f country:s | 12.345 Germany | 2 France",
        "{r0.c0} from {r0.c1}, {delta.c0} more",
        fr,
        "12,3~% from Allemagne, 10,35 points more.",
    );
    check("month:d plays:i | 2026-05-01 10 | 2026-06-01 15", "{r0.c0} : {change.c1} {last.c0}", fr, "Mai 2026~: +5 juin 2026.");
    check("decade:i tracks:i | 1980 9 | 1990 7", "{r0.c0} and {r1.c0}", en, "1980s and 1990s.");
    check("decade:i tracks:i | 1980 9 | 2010 7", "{r0.c0} and {r1.c0}", fr, "Années 80 and années 2010.");
    check("user_id:i plays:i | 12345 9", "{r0.c0} is first with {r0.c1}", en, "12345 is first with 9.");
    check("rank:i duration_ms:i | 3 205000", "{r0.c0}, {r0.c1}", fr, "3, 3 min 25 s.");
    check("plays:i | 9007199254740993", "{r0.c0} plays", en, "9,007,199,254,740,993 plays.");
    check("plays:i | 7", "@v1: {r0.c0} plays from @v1's artistes", en, "Daft Punk: 7 plays from Daft Punk's artistes.");
    check("explicit:b | true", "{r0.c0}, in part %", en, "Yes, in part %.");
    check("name:s plays:i | A 1 | B 0", "{r0.c0} leads with {r0.c1} plays ; {r1.c1} plays", en, "A leads with 1 play ; 0 plays.");
    check("name:s plays:i | A 1 | B 0", "{r0.c1} écoutes, {r1.c1} écoutes", fr, "1 écoute, 0 écoute.");
    check("avg_year:f | 1994.6", "{r0.c0}", en, "1995.");
}

#[test]
fn what_is_no_template_is_refused() {
    let check = |template: &str, expected: Unfit| assert_eq!(filled(TOP, template, Language::Fr), Err(expected), "{template}");
    for form in [
        "",
        "{r0.c0} leads with 7 plays",
        "{r0.c0} leads with {r0.c2} plays",
        "{r3.c0} leads",
        "{delta.c0} plays",
        "{sum.c0}",
        "{change.c1} more",
        "@v2 leads with {r0.c1}",
        "{r0.c1}{r1.c1}",
        "{r0.c1}.{r1.c1}",
        "{r0.c1},{r1.c1}",
        "-{r0.c1}",
        "the - {r0.c1}",
        "{r0.c1}%",
        "{r0.c1} %",
        "{r0.c1}e plays",
        "plays{r0.c1}",
        "{r0.c1} '",
        "{r0.c1}'{r1.c1}",
        "{r0.c1",
        "the  {r0.c1}",
        "the {{r0.c1}}",
        "the ² {r0.c1}",
        "the\n{r0.c1}",
        "the “{r0.c1}”",
    ] {
        check(form, Unfit::Form);
    }
    check("{r0.c0} surpasses {r1.c0}", Unfit::Word { word: "surpasses".to_owned() });
    check("two plays, {r0.c0}", Unfit::Word { word: "two".to_owned() });
    check("@v1 leads", Unfit::NoCell);
    check("{r0.c0} leads, {r0.c0}, {r0.c0}", Unfit::Repeats { name: "{r0.c0}".to_owned() });
    check("({r0.c0} leads", Unfit::Parentheses);
    check("{r0.c0}) leads (", Unfit::Form);
    check("{r0.c0}) leads (the", Unfit::Parentheses);
    check("{r0.c1} {r1.c1} plays", Unfit::OneNumber { left: "3\u{202f}200".to_owned(), right: "2\u{202f}000".to_owned() });
    check("{last.c0} {r1.c1}", Unfit::OneNumber { left: "Sum 41".to_owned(), right: "2\u{202f}000".to_owned() });
    let long = format!("{{r0.c0}} {}", "leads ".repeat(60));
    check(&long, Unfit::TooLong { chars: long.trim().chars().count() });
    assert!(SummaryWords::read("two\ncent\n\n").is_empty());
}

#[test]
fn names_are_those_that_the_rows_have() {
    let check = |rows: &str, expected: &str| {
        let holes = Holes::of(&text_rows(rows), &BTreeMap::new(), Language::En);
        let names = holes.map(|holes| holes.names().filter(|name| !name.starts_with("{r0")).collect::<Vec<_>>().join(" "));
        assert_eq!(names.as_deref().unwrap_or("none"), expected, "{rows}");
    };
    check("plays:i | 7", "{last.c0} {rows}");
    check("artist_name:s plays:i | Air 3 | Blur 2", "{delta.c1} {last.c0} {last.c1} {r1.c0} {r1.c1} {rows} {sum.c1}");
    check("artist_name:s listeners:i | Air 3 | Blur 2", "{delta.c1} {last.c0} {last.c1} {r1.c0} {r1.c1} {rows}");
    check("year:i plays:i | 1999 3 | 2000 2", "{change.c1} {delta.c1} {last.c0} {last.c1} {r1.c0} {r1.c1} {rows} {sum.c1}");
    check("year:i plays:i | 2000 3 | 1999 2", "{delta.c1} {last.c0} {last.c1} {r1.c0} {r1.c1} {rows} {sum.c1}");
    check("year:i name:s score:i | 1999 Air 3 | 2000 Zaz 4", "{delta.c2} {last.c0} {last.c1} {last.c2} {r1.c0} {r1.c1} {r1.c2} {rows}");
    // Only the first rows are here.
    check("name:s plays:i | A 4 | B 3 | C 2 | +20", "{delta.c1} {r1.c0} {r1.c1} {r2.c0} {r2.c1} {rows}");
    check("name:s plays:i | A 4 | B 3 | +20", "none");
    // Nobody is first.
    check("name:s plays:i | A 4 | B 4 | C 2", "none");
    check("name:s plays:i | A 4 | B 4", "none");
    check("name:s plays:i | A 4 | B 3 | C 3", "{delta.c1} {last.c0} {last.c1} {r1.c0} {r1.c1} {r2.c0} {r2.c1} {rows} {sum.c1}");
    check("name:s plays:i", "none");
    check("plays:i | NULL", "none");
    check("f0_:i | 3", "none");
    check("a:i b:i c:i d:i e:i f:i g:i | 1 2 3 4 5 6 7", "none");
    check("score:f | NaN", "none");
    // "There are 1 plays."
    check("plays:i | 1", "none");
    // A cell that says nothing has no name.
    check("name:s plays:i | A NULL", "{last.c0} {rows}");
    check("month:d plays:i | 2026-01-01 NULL | 2026-02-01 5", "{last.c0} {last.c1} {r1.c0} {r1.c1} {rows}");
}

#[test]
fn lists_in_cells_are_for_the_rules() {
    let mut rows = text_rows("name:s genres:s | Air x");
    rows.fields[1].mode = crate::catalog::Mode::Repeated;
    rows.rows[0][1] = Cell::Array(vec![Cell::String("pop".to_owned())]);
    assert_eq!(Holes::of(&rows, &BTreeMap::new(), Language::En), None);
}

/// Every way in which a number may stand in a filled template, longest first. Written down apart from `holes`.
fn allowed(rows: &Rows, values: &BTreeMap<String, String>, language: Language) -> Vec<String> {
    let mut texts: Vec<String> = values.values().cloned().collect();
    texts.extend([rows.total_rows, rows.rows.len() as u64].map(|count| language.whole(count.into())));
    for (column, field) in rows.fields.iter().enumerate() {
        let label = Label::of(&field.name, language);
        texts.extend(rows.rows.iter().filter_map(|row| language.bare_cell(&row[column], field)));
        let numbers: Vec<f64> = numbers(rows, column).map(|(_, value)| value).collect();
        if let [first, second, ..] = numbers[..] {
            let (last, total) = (numbers[numbers.len() - 1], numbers.iter().sum::<f64>());
            for value in [(first - second).abs(), last - first, total] {
                texts.push(if label.unit == Unit::Percent { language.gap(value, &label) } else { language.bare(value, &label) });
            }
        }
    }
    texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
    texts
}

/// The words of a template are exchanged for those that training saw, its parentheses left out and its end cut off: what is left is of
/// the grammar, and is mostly taken.
fn spoken(template: &str) -> String {
    let known: Vec<&str> = WORDS.split_whitespace().collect();
    let known_word = |found: &regex::Captures<'_>| match &found[0] {
        name if name.starts_with(['{', '@']) => name.to_owned(),
        word => known[word.chars().map(|c| c as usize).sum::<usize>() % known.len()].to_owned(),
    };
    let parts = regex::Regex::new(r"\{[^}]*\}|@v\d|\p{L}+").unwrap();
    let chains = regex::Regex::new(r"(?:['’.-]\p{L}+){2,}").unwrap();
    let template = chains.replace_all(template, "'s").replace(['(', ')'], "");
    let text = parts.replace_all(&template, known_word).into_owned();
    let most = 30 + template.len() % 260;
    let end = text.char_indices().rfind(|(at, c)| *c == ' ' && *at < most);
    match end.filter(|_| text.len() > most) {
        Some((end, _)) => text[..end].trim_end_matches([' ', '.', ',', ';', ':', '?', '!']).to_owned(),
        None => text,
    }
}

/// Rows in which each cell says something.
fn told(mut rows: Rows) -> Rows {
    for row in &mut rows.rows {
        for (cell, field) in row.iter_mut().zip(&rows.fields).filter(|(cell, _)| !holes::is_telling(cell)) {
            *cell = match field.field_type {
                ColumnType::Int64 => Cell::Int64(12),
                ColumnType::Float64 => Cell::Float64(0.5),
                _ => Cell::String("Blink-182".to_owned()),
            };
        }
    }
    rows
}

/// Rows, values of the question, and a template of their grammar.
fn written() -> impl Strategy<Value = (Rows, BTreeMap<String, String>, Language, String)> {
    let values = values(&[("@v1", "1999"), ("@v2", "the 12 Cellists"), ("@v3", "3,000")]);
    (results(), any::<bool>(), 0..4).prop_flat_map(move |(rows, french, as_it_is)| {
        let rows = if as_it_is == 0 { rows } else { told(rows) };
        let language = if french { Language::Fr } else { Language::En };
        let anything = "[a-z0-9 {}@rcv.,%-]{0,40}".boxed();
        let template = match Holes::of(&rows, &values, language) {
            Some(holes) => prop_oneof![
                9 => string_regex(&pattern(holes.names())).unwrap().prop_map(|template| spoken(&template)),
                1 => anything
            ]
            .boxed(),
            None => anything,
        };
        (Just(rows), Just(values.clone()), Just(language), template)
    })
}

#[test]
fn no_template_states_a_number_that_the_rows_do_not_have() {
    let taken = std::cell::Cell::new(0);
    let config = ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() };
    let checked = TestRunner::new(config).run(&written(), |(rows, values, language, template)| {
        let Some(holes) = Holes::of(&rows, &values, language) else { return Ok(()) };
        let input = SummaryInput { rows: &rows, language, sample: false };
        let Ok(summary) = input.filled(&template, &holes, &words()) else { return Ok(()) };
        taken.set(taken.get() + 1);
        let mut rest = summary.text.to_lowercase();
        for phrase in allowed(&rows, &values, language).iter().filter(|phrase| !phrase.is_empty()) {
            rest = without(&rest, &phrase.to_lowercase());
        }
        prop_assert!(!rest.contains(|c: char| c.is_ascii_digit()), "{}\n{rest}\n{template}\n{rows:?}", summary.text);
        Ok(())
    });
    checked.unwrap();
    assert!(taken.get() > 300, "{}", taken.get());
}
