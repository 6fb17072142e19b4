//! A chart of the rows, as a Vega-Lite version 5 specification with its data in it.
//! Source: <https://vega.github.io/vega-lite/docs/>

use serde_json::{Map, Value, json};

use super::Language;
use super::answer::AnswerColumn;
use super::cells;
use super::shape::{Grain, Role, Shape, number};
use crate::warehouse::{Field, Rows};

const SCHEMA: &str = "https://vega.github.io/schema/vega-lite/v5.json";
/// More bars than this cannot be told apart.
const MOST_BARS: usize = 60;
const MOST_POINTS: usize = 5000;

/// The chart of a result; `None` where its shape has none.
pub(super) fn spec(rows: &Rows, columns: &[AnswerColumn], title: Option<&str>, language: Language) -> Option<Value> {
    if rows.rows.len() < 2 || rows.rows.len() > MOST_POINTS {
        return None;
    }
    let mut spec = match Shape::of(rows) {
        Shape::Ranking { labels, measure, .. } | Shape::Groups { labels, measure } => bars(rows, columns, &labels, measure)?,
        Shape::Series { time, measure } => line(rows, columns, time, measure),
        Shape::Empty | Shape::Value | Shape::Record | Shape::List { .. } | Shape::Table => points(rows, columns)?,
    };
    let title = title.map(str::to_owned).unwrap_or_else(|| language.pick("Result", "Résultat").to_owned());
    if let Some(object) = spec.as_object_mut() {
        object.shift_insert(0, "$schema".to_owned(), json!(SCHEMA));
        object.shift_insert(1, "title".to_owned(), json!(title));
    }
    Some(spec)
}

fn bars(rows: &Rows, columns: &[AnswerColumn], labels: &[usize], measure: usize) -> Option<Value> {
    if rows.rows.len() > MOST_BARS {
        return None;
    }
    let category = labels.iter().map(|&at| columns[at].name.as_str()).collect::<Vec<_>>().join(" – ");
    let time = labels.first().and_then(|&at| match Role::of(&rows.fields[at]) {
        Role::Time(grain) if labels.len() == 1 => Some(grain),
        _ => None,
    });
    let values: Vec<Value> = (0..rows.rows.len())
        .map(|row| {
            let name: Vec<String> = labels.iter().map(|&at| plain(&json_of(rows, row, at))).collect();
            object([(category.clone(), json!(name.join(" – "))), (columns[measure].name.clone(), json_of(rows, row, measure))])
        })
        .collect();
    let quantity = json!({"field": field(&columns[measure].name), "type": "quantitative", "title": words(&columns[measure].name)});
    // Weekdays and hours read from left to right, names from top to bottom.
    let upright = time.is_some_and(Grain::is_cyclic);
    let nominal =
        json!({"field": field(&category), "type": if upright { "ordinal" } else { "nominal" }, "sort": null, "title": words(&category)});
    let (x, y) = if upright { (nominal, quantity) } else { (quantity, nominal) };
    Some(json!({"data": {"values": values}, "mark": "bar", "encoding": {"x": x, "y": y}}))
}

fn line(rows: &Rows, columns: &[AnswerColumn], time: usize, measure: usize) -> Value {
    let x = match rows.rows.first().map(|row| &row[time]) {
        // A year is a number without a thousands separator, on an axis that does not begin at zero.
        Some(crate::warehouse::Cell::Int64(_)) => json!({
            "field": field(&columns[time].name), "type": "quantitative", "title": words(&columns[time].name),
            "axis": {"format": "d"}, "scale": {"zero": false},
        }),
        _ => json!({"field": field(&columns[time].name), "type": "temporal", "title": words(&columns[time].name)}),
    };
    json!({
        "data": {"values": values(rows, columns, &[time, measure])},
        "mark": {"type": "line", "point": rows.rows.len() <= MOST_BARS},
        "encoding": {"x": x, "y": {"field": field(&columns[measure].name), "type": "quantitative", "title": words(&columns[measure].name)}},
    })
}

fn points(rows: &Rows, columns: &[AnswerColumn]) -> Option<Value> {
    let is_number = |f: &Field| Role::of(f) == Role::Measure;
    let numbers: Vec<usize> = (0..rows.fields.len()).filter(|&at| is_number(&rows.fields[at])).collect();
    let [x, y] = numbers[..] else { return None };
    let known = rows.rows.iter().filter(|row| number(&row[x]).is_some() && number(&row[y]).is_some()).count();
    if known < 2 || rows.fields.len() > 4 {
        return None;
    }
    let all: Vec<usize> = (0..columns.len()).collect();
    let axis = |at: usize| json!({"field": field(&columns[at].name), "type": "quantitative", "scale": {"zero": false}, "title": words(&columns[at].name)});
    Some(json!({
        "data": {"values": values(rows, columns, &all)},
        "mark": {"type": "point", "tooltip": {"content": "data"}},
        "encoding": {"x": axis(x), "y": axis(y)},
    }))
}

fn values(rows: &Rows, columns: &[AnswerColumn], of: &[usize]) -> Vec<Value> {
    let row = |row: usize| object(of.iter().map(|&at| (columns[at].name.clone(), json_of(rows, row, at))));
    (0..rows.rows.len()).map(row).collect()
}

fn object(pairs: impl IntoIterator<Item = (String, Value)>) -> Value {
    Value::Object(pairs.into_iter().collect::<Map<_, _>>())
}

fn json_of(rows: &Rows, row: usize, column: usize) -> Value {
    cells::json(&rows.rows[row][column], &rows.fields[column])
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "–".to_owned(),
        other => other.to_string(),
    }
}

/// A name as Vega-Lite reads it: dots and brackets would be paths into objects.
fn field(name: &str) -> String {
    name.replace('.', "\\.").replace('[', "\\[").replace(']', "\\]")
}

fn words(name: &str) -> String {
    name.replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::super::fakes::{rows, text_rows};
    use super::*;

    fn chart(rows: &Rows) -> Option<Value> {
        spec(rows, &cells::columns(&rows.fields), Some("Q?"), Language::En)
    }

    fn check(text: &str, mark: Option<&str>, x: &str, y: &str) {
        let found = chart(&text_rows(text));
        let found = found.as_ref();
        let found_mark = found.and_then(|spec| spec["mark"].as_str().or(spec["mark"]["type"].as_str()));
        assert_eq!(found_mark, mark, "{text}");
        if let Some(spec) = found {
            assert_eq!((&spec["encoding"]["x"]["field"], &spec["encoding"]["y"]["field"]), (&json!(x), &json!(y)), "{text}");
        }
    }

    #[test]
    fn the_shape_decides_the_mark() {
        check("artist_name:s plays:i | Air 3 | Blur 2", Some("bar"), "plays", "artist_name");
        check("title:s artist_name:s plays:i | Creep Radiohead 3 | Angie Stones 2", Some("bar"), "plays", "title – artist_name");
        check("weekday:i plays:i | 1 5 | 2 9 | 3 4", Some("bar"), "weekday", "plays");
        check("year:i tracks:i | 1999 5 | 2000 9 | 2001 4", Some("line"), "year", "tracks");
        check("day:d plays:i | 2025-01-01 5 | 2025-01-02 9", Some("line"), "day", "plays");
        check("energy:f valence:f | 0.5 0.1 | 0.2 0.8 | 0.3 0.2", Some("point"), "energy", "valence");
        check("artist_name:s | Air | Blur", None, "", "");
        check("plays:i | 5", None, "", "");
        check("artist_name:s plays:i | Air 3", None, "", "");
        check("artist_name:s plays:i", None, "", "");
    }

    #[test]
    fn a_chart_is_whole_and_in_the_order_of_the_rows() {
        let spec = chart(&text_rows("artist_name:s plays:i | Zaz 3 | Air 2")).unwrap();
        let expected = json!({
            "$schema": SCHEMA,
            "title": "Q?",
            "data": {"values": [{"artist_name": "Zaz", "plays": 3}, {"artist_name": "Air", "plays": 2}]},
            "mark": "bar",
            "encoding": {
                "x": {"field": "plays", "type": "quantitative", "title": "plays"},
                "y": {"field": "artist_name", "type": "nominal", "sort": null, "title": "artist name"},
            },
        });
        assert_eq!(spec, expected);
    }

    #[test]
    fn too_many_bars_are_no_chart() {
        let many: Vec<Vec<crate::warehouse::Cell>> = (0..=MOST_BARS as i64)
            .rev()
            .map(|n| vec![crate::warehouse::Cell::String(format!("a{n}")), crate::warehouse::Cell::Int64(n)])
            .collect();
        assert!(
            chart(&rows(&[("artist_name", crate::catalog::ColumnType::String), ("plays", crate::catalog::ColumnType::Int64)], many))
                .is_none()
        );
    }
}
