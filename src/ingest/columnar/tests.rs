//! Rows of every shape into columns, and what does not fit.

use serde_json::json;

use super::*;
use crate::ingest::parts::rows_of;

#[derive(Serialize)]
struct Inner {
    flag: Option<bool>,
    score: f64,
}

#[derive(Serialize)]
struct Row {
    day: chrono::NaiveDate,
    #[serde(flatten)]
    inner: Inner,
    tags: Vec<String>,
    name: Option<String>,
}

fn table() -> catalog::Table {
    let column = |name: &str, column_type, mode| catalog::Column {
        name: name.to_owned(),
        column_type,
        mode,
        description: String::new(),
        fields: Vec::new(),
    };
    let columns = vec![
        column("name", ColumnType::String, Mode::Nullable),
        column("day", ColumnType::Date, Mode::Required),
        column("flag", ColumnType::Bool, Mode::Nullable),
        column("score", ColumnType::Float64, Mode::Nullable),
        column("tags", ColumnType::String, Mode::Repeated),
        column("at", ColumnType::Timestamp, Mode::Nullable),
        column("source", ColumnType::String, Mode::Nullable),
        column("source_file", ColumnType::String, Mode::Nullable),
        column("line", ColumnType::Int64, Mode::Nullable),
        column("loaded_at", ColumnType::Timestamp, Mode::Nullable),
    ];
    catalog::Table {
        name: "t".to_owned(),
        description: String::new(),
        columns,
        partitioned_by: None,
        partitioned_per: Default::default(),
        clustered_by: Vec::new(),
    }
}

#[test]
fn rows_become_columns_by_name() {
    let mut columns = Columns::of(&table());
    let loaded_at = DateTime::from_timestamp_micros(1_700_000_000_000_001).unwrap();
    let origin = Origin { source: "s", source_file: "f.csv", line: 7, loaded_at };
    let row = Row {
        day: "2024-02-29".parse().unwrap(),
        inner: Inner { flag: Some(true), score: 0.5 },
        tags: vec!["a".to_owned(), "b".to_owned()],
        name: None,
    };
    columns.push(&row, Some(origin)).unwrap();
    columns.push(&json!({"day": "1969-12-31", "score": 7, "at": "2024-02-29T10:00:00.5Z"}), None).unwrap();
    assert_eq!(columns.rows(), 2);
    assert_eq!(
        rows_of(&columns.take().unwrap()),
        [
            json!({
                "name": null, "day": "2024-02-29", "flag": true, "score": 0.5, "tags": ["a", "b"], "at": null, "source": "s",
                "source_file": "f.csv", "line": 7, "loaded_at": "2023-11-14T22:13:20.000001Z",
            }),
            json!({
                "name": null, "day": "1969-12-31", "flag": null, "score": 7.0, "tags": [], "at": "2024-02-29T10:00:00.500000Z",
                "source": null, "source_file": null, "line": null, "loaded_at": null,
            }),
        ]
    );
    assert_eq!((columns.rows(), columns.bytes()), (0, 0));
}

#[test]
fn what_does_not_fit_is_told() {
    let check = |row: serde_json::Value, expected: &str| {
        let problem = Columns::of(&table()).push(&row, None).unwrap_err().to_string();
        assert!(problem.contains(expected), "{problem}");
    };
    check(json!({"other": 1}), "no column other");
    check(json!({"name": 1}), "column name: 1 in a column of another type");
    check(json!({"day": "soon"}), "column day: \"soon\" is no day");
    check(json!({"tags": [1]}), "column tags");
    check(json!([1]), "makes no row");
}
