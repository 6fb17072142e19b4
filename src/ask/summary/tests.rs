//! Summaries of results of each shape, and the rule that no number is invented.

use proptest::prelude::*;

use super::super::fakes::text_rows;
use super::super::shape::{Grain, numbers};
use super::labels::Label;
use super::*;
use crate::warehouse::Cell;

fn summarise(rows: &Rows, language: Language) -> Summary {
    SummaryInput { rows, language, sample: false }.summarise()
}

/// Every `@` block of `cases.txt`: rows, the kind, the English text, the French text. A no-break space is written `~`.
#[test]
fn each_shape_is_told_in_both_languages() {
    let mut wrong = Vec::new();
    for block in include_str!("cases.txt").split("\n\n").filter(|block| !block.trim().is_empty()) {
        let lines: Vec<&str> = block.lines().filter(|line| !line.starts_with('#')).collect();
        let [rows, kind, english, french] = lines[..] else { panic!("a case has four lines: {block}") };
        let rows = text_rows(rows);
        for (language, expected) in [(Language::En, english), (Language::Fr, french)] {
            let summary = summarise(&rows, language);
            let found_kind = serde_json::to_value(summary.kind).unwrap();
            let text = summary.text.replace(['\u{a0}', '\u{202f}'], "~");
            if text != expected || found_kind != kind {
                wrong.push(format!("{}\n{found_kind}\n{text}\n(expected) {expected}\n", lines[0]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn sample_data_is_said_so() {
    let rows = text_rows("artist_name:s plays:i | Air 3 | Blur 2");
    let check = |language, expected: &str| {
        let summary = SummaryInput { rows: &rows, language, sample: true }.summarise();
        assert!(summary.sample && summary.text.ends_with(expected), "{}", summary.text);
    };
    check(Language::En, "(Sample data.)");
    check(Language::Fr, "(Données d'exemple.)");
}

/// Every way in which the rules of `sentences` let a number stand in a text.
fn allowed(rows: &Rows, language: Language) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    let n = rows.rows.len();
    let counts = [rows.total_rows, n as u64, rows.fields.len() as u64];
    texts.extend(
        counts.iter().flat_map(|count| (0..=6).map(move |less| count.saturating_sub(less))).map(|count| language.whole(count.into())),
    );
    texts.extend((0..n).map(|tied| language.whole(tied as i128)));
    for (at, field) in rows.fields.iter().enumerate() {
        let label = Label::of(&field.name, language);
        let values: Vec<f64> = numbers(rows, at).map(|(_, value)| value).collect();
        for row in &rows.rows {
            if let Cell::String(text) = &row[at] {
                texts.push(text.clone());
            }
            texts.push(language.cell(&row[at], field));
            if let Cell::Int64(id) = &row[at] {
                texts.push(id.to_string());
            }
        }
        texts.extend(
            values.iter().flat_map(|&value| [language.bare(value, &label), language.quantity(value, &label), language.number(value)]),
        );
        if let [first, second, ..] = values[..] {
            let (last, total) = (values[values.len() - 1], values.iter().sum::<f64>());
            texts.push(language.gap(first - second, &label));
            texts.push(language.quantity(total, &label));
            texts.push(language.percent(100.0 * (last - first) / first));
            texts.extend(values.iter().map(|value| language.percent(100.0 * value / total)));
        }
    }
    texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
    texts
}

fn cell(kind: char) -> BoxedStrategy<Cell> {
    match kind {
        'i' => prop_oneof![8 => (-5_000_i64..5_000_000).prop_map(Cell::Int64), 1 => Just(Cell::Null)].boxed(),
        'f' => {
            prop_oneof![8 => (-10.0_f64..2000.0).prop_map(Cell::Float64), 1 => Just(Cell::Float64(f64::NAN)), 1 => Just(Cell::Null)].boxed()
        }
        'd' => (0_i32..9000).prop_map(|days| Cell::Date(chrono::NaiveDate::from_num_days_from_ce_opt(730_000 + days).unwrap())).boxed(),
        'b' => any::<bool>().prop_map(Cell::Bool).boxed(),
        't' => (0_i64..2_000_000_000).prop_map(|s| Cell::Timestamp(chrono::DateTime::from_timestamp(s, 0).unwrap())).boxed(),
        _ => "[A-Za-zé!. 0-9]{0,12}".prop_map(Cell::String).boxed(),
    }
}

pub(super) fn results() -> impl Strategy<Value = Rows> {
    let columns = [
        "artist_name:s",
        "title:s",
        "country:s",
        "user_id:i",
        "plays:i",
        "listeners:i",
        "popularity:i",
        "percentage:f",
        "avg_energy:f",
        "duration_ms:i",
        "minutes:f",
        "year:i",
        "decade:i",
        "weekday:i",
        "hour:i",
        "month:d",
        "day:d",
        "captured_at:t",
        "rank:i",
        "answer:b",
        "whatever:f",
    ];
    let chosen = proptest::sample::subsequence(columns.to_vec(), 1..=4).prop_shuffle();
    (chosen, 0_usize..9, any::<u8>(), 0_u64..3).prop_flat_map(|(columns, count, sort, more)| {
        let head = text_rows(&columns.join(" "));
        let row: Vec<BoxedStrategy<Cell>> = columns.iter().map(|column| cell(column.chars().last().unwrap())).collect();
        proptest::collection::vec(row, count).prop_map(move |mut rows| {
            let by = usize::from(sort) % columns.len();
            if sort % 3 > 0 {
                let key = |row: &Vec<Cell>| match &row[by] {
                    Cell::Date(date) => f64::from(chrono::Datelike::num_days_from_ce(date)),
                    Cell::Timestamp(at) => at.timestamp() as f64,
                    cell => super::super::shape::number(cell).unwrap_or(-1e9),
                };
                rows.sort_by(|a, b| key(a).total_cmp(&key(b)));
            }
            if sort % 3 > 1 {
                rows.reverse();
            }
            Rows { fields: head.fields.clone(), total_rows: rows.len() as u64 + if rows.is_empty() { 0 } else { more * 700 }, rows }
        })
    })
}

/// The text without the whole occurrences of a phrase: "12" is not found in "4,123".
pub(super) fn without(text: &str, phrase: &str) -> String {
    let numeric = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let joined = |before: &str| {
        let mut chars = before.chars().rev();
        let last = chars.next();
        numeric(last) || (matches!(last, Some('.' | ',' | '\u{202f}')) && numeric(chars.next()))
    };
    let (mut kept, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(phrase) {
        let (before, after) = (&rest[..at], &rest[at + phrase.len()..]);
        let starts_number = numeric(phrase.chars().next()) && joined(&format!("{kept}{before}"));
        let ends_number = numeric(phrase.chars().last()) && numeric(after.chars().next());
        kept.push_str(before);
        kept.push_str(if starts_number || ends_number { phrase } else { " " });
        rest = after;
    }
    kept + rest
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_number_is_invented(rows in results(), french in any::<bool>()) {
        let language = if french { Language::Fr } else { Language::En };
        let text = summarise(&rows, language).text;
        let mut rest = text.to_lowercase();
        // Month and decade in words carry their year.
        for phrase in allowed(&rows, language) {
            if !phrase.is_empty() {
                rest = without(&rest, &phrase.to_lowercase());
            }
        }
        prop_assert!(!rest.contains(|c: char| c.is_ascii_digit()), "{text}\n{rest}\n{rows:?}");
        prop_assert!(!text.is_empty());
    }
}

#[test]
fn cyclic_times_have_no_first_and_last() {
    assert!(Grain::Weekday.is_cyclic() && !Grain::Decade.is_cyclic());
}
