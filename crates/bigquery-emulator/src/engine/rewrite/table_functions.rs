//! Table functions as queries over the table that they are given.
//!
//! Sources: <https://cloud.google.com/bigquery/docs/reference/standard-sql/range-functions#range_sessionize>,
//! <https://cloud.google.com/bigquery/docs/reference/standard-sql/time-series-functions#gap_fill>

use std::fmt::Write as _;
use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, FunctionArg, FunctionArgExpr, ObjectName, ObjectNamePart, Query, TableAlias, TableFactor, Value, VisitMut, VisitorMut,
};

use super::made;
use crate::engine::QueryError;
use crate::engine::error::not_supported;
use crate::engine::parse::{Parsed, parse};

/// The name that stands for the argument's table in the queries below.
const INPUT: &str = "$input";

/// Makes the text of the query over [`INPUT`].
type Build = fn(&Arguments) -> Result<String, QueryError>;

/// The query that a call in FROM is.
pub(super) fn query_of(name: &ObjectName, args: &[FunctionArg]) -> Result<Box<Query>, QueryError> {
    let idents: Vec<String> = name.0.iter().filter_map(ObjectNamePart::as_ident).map(|i| i.value.to_uppercase()).collect();
    let name = idents.join(".");
    let (keys, build): (&[&str], Build) = match name.as_str() {
        "RANGE_SESSIONIZE" => (&["table", "range_column", "partitioning_columns", "sessionize_option"], range_sessionize),
        "GAP_FILL" => {
            (&["table", "ts_column", "bucket_width", "partitioning_columns", "value_columns", "origin", "ignore_null_values"], gap_fill)
        }
        _ => return Err(not_supported(format_args!("The table function {}", idents.last().map_or("", String::as_str)))),
    };
    let mut given = Arguments { function: name, values: Vec::new() };
    for (place, arg) in args.iter().enumerate() {
        let (key, value) = match arg {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(value)) => (keys.get(place).copied(), value),
            FunctionArg::Named { name, arg: FunctionArgExpr::Expr(value), .. } => {
                (keys.iter().find(|k| name.value.eq_ignore_ascii_case(k)).copied(), value)
            }
            _ => (None, &Expr::Value(Value::Null.into())),
        };
        let key = key.ok_or_else(|| given.wrong())?;
        given.values.push((key, value.clone()));
    }
    let Some(Expr::Subquery(table)) = given.get("table") else { return Err(given.wrong()) };
    let table = table.clone();
    let Parsed::Select(mut query) = parse(&build(&given)?)? else { return Err(given.wrong()) };
    let _ = query.visit(&mut PutIn(&table));
    Ok(query)
}

struct Arguments {
    function: String,
    values: Vec<(&'static str, Expr)>,
}

impl Arguments {
    fn wrong(&self) -> QueryError {
        QueryError::invalid(format!("No matching signature for table valued function {}", self.function))
    }

    fn get(&self, key: &str) -> Option<&Expr> {
        self.values.iter().find(|(k, _)| *k == key).map(|(_, v)| v)
    }

    fn text(&self, key: &str) -> Result<Option<String>, QueryError> {
        match self.get(key) {
            None => Ok(None),
            Some(value) => literal(value).map(Some).ok_or_else(|| self.wrong()),
        }
    }

    /// A list of names of columns, as they stand in a query.
    fn columns(&self, key: &str) -> Result<Vec<String>, QueryError> {
        match self.get(key) {
            None => Ok(Vec::new()),
            Some(Expr::Array(list)) => list.elem.iter().map(|e| literal(e).map(|n| quoted(&n)).ok_or_else(|| self.wrong())).collect(),
            Some(_) => Err(self.wrong()),
        }
    }
}

fn literal(value: &Expr) -> Option<String> {
    match value {
        Expr::Value(v) => v.value.clone().into_string(),
        _ => None,
    }
}

fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', ""))
}

/// Puts the argument's query in the place of its name.
struct PutIn<'a>(&'a Query);

impl VisitorMut for PutIn<'_> {
    type Break = ();

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        if let TableFactor::Table { name, .. } = factor
            && name.0.first().and_then(ObjectNamePart::as_ident).is_some_and(|i| i.value == INPUT)
        {
            let alias = TableAlias { explicit: true, name: made(INPUT), columns: Vec::new(), at: None };
            *factor = TableFactor::Derived { lateral: false, subquery: Box::new(self.0.clone()), alias: Some(alias), sample: None };
        }
        ControlFlow::Continue(())
    }
}

/// A row begins a session where no earlier one reaches it; the rows of a session count as many beginnings.
fn range_sessionize(args: &Arguments) -> Result<String, QueryError> {
    let range = quoted(&args.text("range_column")?.ok_or_else(|| args.wrong())?);
    let keys = args.columns("partitioning_columns")?;
    let reaches = match args.text("sessionize_option")?.unwrap_or_else(|| "MEETS".to_owned()).to_uppercase().as_str() {
        "MEETS" => "<=",
        "OVERLAPS" => "<",
        other => return Err(QueryError::invalid(format!("Invalid sessionize option: {other}"))),
    };
    let keys: String = keys.into_iter().map(|key| format!("{key}, ")).collect();
    let partition = format!("PARTITION BY {keys}`$none` ORDER BY `$start`, `$end`");
    let earlier = format!("({partition} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)");
    let session = format!("(PARTITION BY {keys}`$none`, `$session`)");
    Ok(format!(
        "SELECT * EXCEPT (`$start`, `$end`, `$none`, `$session`), IF(`$none`, NULL, RANGE(
           IF(COUNTIF(`$start` IS NULL) OVER {session} > 0, NULL, MIN(`$start`) OVER {session}),
           IF(COUNTIF(`$end` IS NULL) OVER {session} > 0, NULL, MAX(`$end`) OVER {session}))) AS session_range
         FROM (SELECT * EXCEPT (`$begins`), SUM(`$begins`) OVER ({partition} ROWS UNBOUNDED PRECEDING) AS `$session`
           FROM (SELECT *, CASE
               WHEN COUNT(*) OVER {earlier} = 0 THEN 1
               WHEN COUNTIF(`$end` IS NULL) OVER {earlier} > 0 OR `$start` IS NULL THEN 0
               WHEN `$start` {reaches} MAX(`$end`) OVER {earlier} THEN 0
               ELSE 1 END AS `$begins`
             FROM (SELECT *, RANGE_START({range}) AS `$start`, RANGE_END({range}) AS `$end`, {range} IS NULL AS `$none` FROM `{INPUT}`)))"
    ))
}

/// Rows and the beginnings of buckets in one order: each bucket sees the values before it and behind it.
fn gap_fill(args: &Arguments) -> Result<String, QueryError> {
    let time = quoted(&args.text("ts_column")?.ok_or_else(|| args.wrong())?);
    let width = match args.get("bucket_width") {
        Some(Expr::Interval(interval)) => interval.to_string(),
        _ => return Err(not_supported("GAP_FILL with a bucket_width that is no literal")),
    };
    if args.get("ignore_null_values").is_some_and(|v| !v.to_string().eq_ignore_ascii_case("TRUE")) {
        return Err(not_supported("The argument ignore_null_values of GAP_FILL"));
    }
    if args.get("origin").is_some() {
        return Err(not_supported("The argument origin of GAP_FILL"));
    }
    let keys = args.columns("partitioning_columns")?;
    let Some(Expr::Array(values)) = args.get("value_columns") else {
        return Err(not_supported("GAP_FILL without value_columns"));
    };
    let partition = if keys.is_empty() { String::new() } else { format!("PARTITION BY {}", keys.join(", ")) };
    let (mut list, mut seen, mut named, mut none) = (time.clone(), String::new(), time.clone(), String::new());
    let mut made_of = "bucket".to_owned();
    for key in &keys {
        for (text, add) in [(&mut list, key), (&mut named, key), (&mut made_of, key)] {
            let _ = write!(text, ", {add}");
        }
    }
    for (i, value) in values.elem.iter().enumerate() {
        let pair = match value {
            Expr::Tuple(pair) => pair.iter().map(literal).collect::<Option<Vec<_>>>(),
            _ => None,
        };
        let Some([column, method]) = pair.as_deref() else { return Err(args.wrong()) };
        let column = quoted(column);
        let until_here = format!("({partition} ORDER BY {time}, `$bucket` ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)");
        let from_here = format!("({partition} ORDER BY {time}, `$bucket` ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)");
        let at = format!("IF({column} IS NULL, NULL, {time})");
        let filled = match method.to_lowercase().as_str() {
            "locf" => format!("`$last{i}`"),
            "null" => format!("IF(`$since{i}` = {time}, `$last{i}`, NULL)"),
            "linear" => format!(
                "CASE WHEN `$since{i}` = {time} THEN CAST(`$last{i}` AS FLOAT64)
                 ELSE `$last{i}` + (`$next{i}` - `$last{i}`) * TIMESTAMP_DIFF({time}, `$since{i}`, MICROSECOND)
                   / TIMESTAMP_DIFF(`$until{i}`, `$since{i}`, MICROSECOND) END"
            ),
            other => return Err(QueryError::invalid(format!("Invalid gap filling method: {other}"))),
        };
        let _ = write!(list, ", {filled} AS {column}");
        let _ = write!(named, ", {column}");
        none.push_str(", NULL");
        let _ =
            write!(seen, ", LAST_VALUE({column} IGNORE NULLS) OVER {until_here} AS `$last{i}`, MAX({at}) OVER {until_here} AS `$since{i}`");
        let _ =
            write!(seen, ", FIRST_VALUE({column} IGNORE NULLS) OVER {from_here} AS `$next{i}`, MIN({at}) OVER {from_here} AS `$until{i}`");
    }
    let group = if keys.is_empty() { String::new() } else { format!(" GROUP BY {}", keys.join(", ")) };
    let keys: String = keys.into_iter().map(|key| format!("{key}, ")).collect();
    let first = format!("TIMESTAMP_BUCKET(MIN({time}), {width})");
    Ok(format!(
        "SELECT {list} FROM (SELECT *{seen} FROM (
           SELECT {named}, 0 AS `$bucket` FROM `{INPUT}`
           UNION ALL
           SELECT {made_of}{none}, 1 FROM (
             SELECT {keys}IF({first} < MIN({time}), TIMESTAMP_ADD({first}, {width}), {first}) AS `$low`, MAX({time}) AS `$high`
             FROM `{INPUT}`{group}) AS `$ends`, UNNEST(GENERATE_TIMESTAMP_ARRAY(`$ends`.`$low`, `$ends`.`$high`, {width})) AS bucket))
         WHERE `$bucket` = 1"
    ))
}
