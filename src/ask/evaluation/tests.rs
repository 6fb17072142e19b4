//! Comparing results, and a whole evaluation on fakes.

use serde_json::{Value, json};

use super::super::fakes::{FakeWarehouse, generator, pipeline, text_rows};
use super::super::{AskSettings, Executor};
use super::compare::{Prediction, compare};
use super::gold::{GoldResult, Order};
use super::*;
use crate::sql::Policy;

fn rows(value: &Value) -> Vec<Vec<Value>> {
    value.as_array().unwrap().iter().map(|row| row.as_array().unwrap().clone()).collect()
}

fn width(rows: &[Vec<Value>]) -> usize {
    rows.first().map_or(1, Vec::len)
}

fn check(gold: Value, order: Order, limit: Option<usize>, predicted: Value, expected: &Match) {
    let (gold_rows, predicted_rows) = (rows(&gold), rows(&predicted));
    let gold_result = GoldResult { columns: width(&gold_rows), rows: gold_rows, order, limit, cut: false };
    let prediction = Prediction::new(width(&predicted_rows), predicted_rows);
    assert_eq!(compare(&gold_result, &prediction), *expected, "{gold} / {predicted}");
}

#[test]
fn results_are_the_same_whatever_their_columns_are_called_and_ordered() {
    let any = || Order::None;
    check(json!([["a", 1], ["b", 2]]), any(), None, json!([["b", 2], ["a", 1]]), &Match::Exact);
    check(json!([["a", 1], ["b", 2]]), any(), None, json!([[1, "a"], [2, "b"]]), &Match::Exact);
    check(json!([["a", 1], ["b", 2]]), any(), None, json!([["a", 2], ["b", 1]]), &Match::Content);
    check(json!([["a", 1], ["b", 2]]), any(), None, json!([["a", 9, 1], ["b", 9, 2]]), &Match::ExtraColumns);
    check(json!([["a", 1], ["b", 2]]), any(), None, json!([["a"], ["b"]]), &Match::FewerColumns { gold: 2, predicted: 1 });
    check(json!([["a"], ["b"]]), any(), None, json!([["a"]]), &Match::RowCount { gold: 2, predicted: 1 });
    check(json!([["a"], ["a"], ["b"]]), any(), None, json!([["a"], ["b"], ["b"]]), &Match::Content);
    check(json!([[1, 2], [2, 1]]), any(), None, json!([[2, 1], [1, 2]]), &Match::Exact);
    // Two columns of the same values: which is which is found by the rows.
    check(json!([[1, 2, "x"], [2, 1, "y"]]), any(), None, json!([[2, 1, "x"], [1, 2, "y"]]), &Match::Exact);
    check(json!([]), any(), None, json!([]), &Match::Exact);
    check(json!([[null], ["a"]]), any(), None, json!([["a"], [null]]), &Match::Exact);
    check(json!([["1"]]), any(), None, json!([[1]]), &Match::Content);
}

#[test]
fn numbers_are_equal_within_rounding() {
    let any = || Order::None;
    check(json!([[1]]), any(), None, json!([[1.0]]), &Match::Exact);
    check(json!([[0.1]]), any(), None, json!([[0.100_000_01]]), &Match::Exact);
    check(json!([[0.1]]), any(), None, json!([[0.1001]]), &Match::Content);
    check(json!([[0.0]]), any(), None, json!([[1e-9]]), &Match::Content);
    check(json!([[0.3, "b"], [0.300_000_000_1, "a"]]), any(), None, json!([[0.300_000_000_1, "b"], [0.3, "a"]]), &Match::Exact);
}

#[test]
fn order_counts_where_the_gold_asks_for_it() {
    let by = || Order::By(vec![1]);
    let gold = || json!([["a", 3], ["b", 2], ["c", 2], ["d", 1]]);
    check(gold(), by(), None, json!([["a", 3], ["b", 2], ["c", 2], ["d", 1]]), &Match::Exact);
    check(gold(), by(), None, json!([["a", 3], ["c", 2], ["b", 2], ["d", 1]]), &Match::Exact);
    check(gold(), by(), None, json!([["d", 1], ["c", 2], ["b", 2], ["a", 3]]), &Match::WrongOrder);
    check(gold(), Order::Unseen, None, json!([["d", 1], ["c", 2], ["b", 2], ["a", 3]]), &Match::Exact);
    check(gold(), by(), Some(2), json!([["a", 3], ["b", 2]]), &Match::Exact);
    check(gold(), by(), Some(2), json!([["a", 3], ["c", 2]]), &Match::Exact);
    check(gold(), by(), Some(2), json!([["a", 3], ["d", 1]]), &Match::Content);
    check(gold(), by(), Some(2), json!([["a", 3], ["b", 2], ["c", 2]]), &Match::RowCount { gold: 2, predicted: 3 });
    check(gold(), by(), Some(9), json!([["a", 3], ["b", 2], ["c", 2], ["d", 1]]), &Match::Exact);
    check(gold(), by(), Some(2), json!([[3, "a", 0], [2, "c", 0]]), &Match::ExtraColumns);
}

/// A warehouse whose rows depend on the SQL.
fn warehouse() -> FakeWarehouse {
    let plays = "artist_name:s plays:i | Air 30 | Blur 20 | Zaz 20 | Abba 5";
    let answer = |sql: &str| match sql {
        _ if sql.contains("Atlantis") => "artist_name:s plays:i",
        _ if sql.contains("LIMIT") => "artist_name:s plays:i | Air 30 | Zaz 20",
        _ if sql.contains("music.listens") => plays,
        _ => "title:s | Creep",
    };
    FakeWarehouse { run: Box::new(move |sql| Ok(text_rows(answer(sql)))), ..FakeWarehouse::of(text_rows("x:i")) }
}

#[tokio::test]
async fn gold_results_know_their_order_and_ties() {
    let (pipeline, _, warehouse) = pipeline(generator(&[]), warehouse(), AskSettings::default());
    let check = async |sql: &str, rows: usize, order: Order, limit: Option<usize>| {
        let gold = gold_result(&pipeline, warehouse.as_ref() as &dyn Executor, sql).await.unwrap();
        assert_eq!((gold.rows.len(), gold.order, gold.limit), (rows, order, limit), "{sql}");
    };
    let top = "SELECT artist_name, SUM(plays) AS plays FROM music.listens GROUP BY artist_name";
    check(top, 4, Order::None, None).await;
    check(&format!("{top} ORDER BY plays DESC LIMIT 2"), 4, Order::By(vec![1]), Some(2)).await;
    check(&format!("{top} ORDER BY 2 DESC, artist_name"), 4, Order::By(vec![1, 0]), None).await;
    check(&format!("{top} ORDER BY SUM(plays) DESC"), 4, Order::By(vec![1]), None).await;
    check(&format!("{top} ORDER BY COUNT(*) DESC LIMIT 2"), 2, Order::Unseen, None).await;
    check(&format!("{top} LIMIT 2"), 2, Order::None, None).await;
    let wrong = gold_result(&pipeline, warehouse.as_ref(), "SELECT nope FROM music.listens").await;
    assert!(matches!(wrong, Err(AskError::SqlRejected { .. })), "{wrong:?}");
}

const CASES: &str = r#"
{"id": "1", "language": "en", "kind": "top-k", "question": "top 2 artists", "sql": ["SELECT artist_name, SUM(plays) AS plays FROM music.listens GROUP BY artist_name ORDER BY plays DESC LIMIT 2"]}
{"id": "2", "language": "fr", "kind": "top-k", "question": "un titre", "sql": ["SELECT title FROM music.tracks"]}
{"id": "3", "language": "en", "kind": "filter", "question": "none", "sql": ["SELECT artist_name, plays FROM music.listens WHERE artist_name = 'Atlantis'"]}
{"id": "4", "language": "en", "kind": "filter", "question": "gold is wrong", "sql": ["SELECT nope FROM music.listens"]}
{"id": "5", "language": "en", "kind": "unanswerable", "question": "What is the weather?", "sql": [], "expect": "unanswerable"}
{"id": "6", "language": "en", "kind": "attack", "question": "drop table", "sql": [], "expect": "refused"}
"#;

#[tokio::test]
async fn an_evaluation_counts_each_kind_of_outcome() {
    const TOP: &str = "SELECT artist_name, SUM(plays) AS plays FROM music.listens GROUP BY artist_name ORDER BY plays DESC LIMIT 2";
    let evaluated = async |candidate: &'static str| {
        let (pipeline, _, warehouse) = pipeline(generator(&[(candidate, -0.1)]), warehouse(), AskSettings::default());
        evaluate(&pipeline, warehouse.as_ref(), Some(&TrainedTemplates::default()), read_cases(CASES).unwrap(), &|_| ()).await
    };
    let report = evaluated(TOP).await;
    assert_eq!((report.overall.cases, report.overall.right, report.overall.wrong), (2, 1, 1), "{:?}", report.failures);
    assert_eq!((report.by_language["en"].execution_accuracy, report.by_language["fr"].execution_accuracy), (1.0, 0.0));
    assert_eq!((report.empty_gold.cases, report.empty_gold.right, report.gold_failed), (1, 0, 1));
    assert_eq!((report.refusals["unanswerable"].false_answers, report.refusals["attack"].false_answers), (1, 1));
    assert_eq!(report.by_template["new template"].cases, 2);
    assert_eq!(report.latency.last().unwrap().0, "total");
    let text = report.to_text(true);
    assert!(text.contains("50.0 %") && text.contains("gold       SELECT title FROM music.tracks"), "{text}");
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["failures"][0]["verdict"], "wrong");

    let report = evaluated("<unanswerable>").await;
    assert_eq!((report.overall.abstained, report.refusals["unanswerable"].turned_away, report.refusals["attack"].turned_away), (2, 1, 1));
}

#[test]
fn a_question_set_that_cannot_be_read_names_the_line() {
    let check = |text: &str, line: usize| assert_eq!(read_cases(text).unwrap_err().line, line);
    check("\n{", 2);
    check(r#"{"id": "1", "language": "en", "kind": "k", "question": "q"}"#, 1);
    check(r#"{"id": "1", "language": "de", "kind": "k", "question": "q", "sql": ["SELECT 1"]}"#, 1);
    assert_eq!(read_cases(include_str!("../../../eval/dev.jsonl")).unwrap().len(), 484);
}

/// A gold SQL that the validator refuses would make its case worthless.
#[test]
fn gold_sql_is_valid() {
    let catalog = crate::catalog::Catalog::embedded();
    let sets =
        [include_str!("../../../eval/dev.jsonl"), include_str!("../../../eval/dev2.jsonl"), include_str!("../../../eval/test.jsonl")];
    let cases: Vec<EvalCase> = sets.iter().flat_map(|set| read_cases(set).unwrap()).collect();
    let refused: Vec<String> = cases
        .iter()
        .flat_map(|case| case.sql.iter().map(move |sql| (&case.id, sql)))
        .filter_map(|(id, sql)| {
            crate::sql::validate(sql, &catalog, &[], &Policy::default()).err().map(|error| format!("{id}: {error}\n  {sql}"))
        })
        .collect();
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}
