//! Queries and their rows.

use google_cloud_bigquery::query::FromRow;
use google_cloud_bigquery_v2::model::{QueryParameter, QueryParameterType, QueryParameterValue};

use crate::{Clients, Outcome, equal, fails};

pub(crate) async fn types(clients: &Clients, _: String) -> Outcome {
    let sql = "SELECT 42 AS i, 1.5 AS f, 'é' AS s, TRUE AS b, b'\\x00\\xff' AS y, CAST(NULL AS STRING) AS z, [1, 2] AS a, \
               TIMESTAMP '2024-03-01 12:34:56+00' AS t";
    let mut rows = clients.bigquery.query(sql).until_done().await?.read();
    let row = rows.next().await.transpose()?.ok_or("no row")?;
    equal(row.get::<i64>("i")?, 42)?;
    equal(row.get::<f64>("f")?, 1.5)?;
    equal(row.get::<String>("s")?, "é".to_owned())?;
    equal(row.get::<bool>("b")?, true)?;
    equal(row.get::<Vec<u8>>("y")?, vec![0, 255])?;
    equal(row.get::<Option<String>>("z")?, None)?;
    equal(row.get::<Vec<i64>>("a")?, vec![1, 2])?;
    equal(row.get::<String>(2)?, "é".to_owned())?;
    equal(rows.next().await.is_none(), true)
}

#[derive(FromRow, Debug, PartialEq)]
struct Song {
    title: String,
    plays: Option<i64>,
}

pub(crate) async fn structs(clients: &Clients, _: String) -> Outcome {
    let sql = "SELECT title, plays FROM UNNEST([STRUCT('Teardrop' AS title, 3 AS plays), ('Élan', NULL)]) ORDER BY title";
    let mut rows = clients.bigquery.query(sql).until_done().await?.read();
    let mut songs = Vec::new();
    while let Some(row) = rows.next().await.transpose()? {
        songs.push(Song::try_from(row)?);
    }
    let song = |title: &str, plays| Song { title: title.to_owned(), plays };
    equal(songs, vec![song("Teardrop", Some(3)), song("Élan", None)])
}

pub(crate) async fn parameters(clients: &Clients, _: String) -> Outcome {
    let scalar = |name: &str, type_: &str, value: &str| {
        QueryParameter::new()
            .set_name(name)
            .set_parameter_type(QueryParameterType::new().set_type(type_))
            .set_parameter_value(QueryParameterValue::new().set_value(value.to_owned()))
    };
    let list = QueryParameter::new()
        .set_name("list")
        .set_parameter_type(QueryParameterType::new().set_type("ARRAY").set_array_type(QueryParameterType::new().set_type("INT64")))
        .set_parameter_value(QueryParameterValue::new().set_array_values(["4", "5"].map(|v| QueryParameterValue::new().set_value(v.to_owned()))));
    let parameters = [scalar("text", "STRING", "l'été"), scalar("number", "INT64", "-7"), scalar("day", "DATE", "2024-03-01"), list];
    let query = clients.bigquery.query("SELECT @text AS t, @number AS n, @day = DATE '2024-03-01' AS d, @list AS l");
    let mut rows = query.set_parameter_mode("NAMED").set_query_parameters(parameters).until_done().await?.read();
    let row = rows.next().await.transpose()?.ok_or("no row")?;
    equal(row.get::<String>("t")?, "l'été".to_owned())?;
    equal(row.get::<i64>("n")?, -7)?;
    equal(row.get::<bool>("d")?, true)?;
    equal(row.get::<Vec<i64>>("l")?, vec![4, 5])
}

pub(crate) async fn pages(clients: &Clients, _: String) -> Outcome {
    let sql = "SELECT n FROM UNNEST(GENERATE_ARRAY(1, 25000)) AS n ORDER BY n";
    let mut rows = clients.bigquery.query(sql).until_done().await?.read().set_page_size(7_000);
    let mut expected = 1_i64;
    while let Some(row) = rows.next().await.transpose()? {
        equal(row.get::<i64>("n")?, expected)?;
        expected += 1;
    }
    equal(expected, 25_001)
}

pub(crate) async fn statements(clients: &Clients, dataset: String) -> Outcome {
    let made = clients.bigquery.query(format!("CREATE TABLE {dataset}.t (n INT64, s STRING)")).until_done().await?;
    equal(made.metadata().statement_type.as_str(), "CREATE_TABLE")?;
    let done = clients.bigquery.query(format!("INSERT INTO {dataset}.t (n) VALUES (1), (2), (3)")).until_done().await?;
    equal(done.metadata().num_dml_affected_rows, Some(3))?;
    let done = clients.bigquery.query(format!("DELETE FROM {dataset}.t WHERE n > 1")).until_done().await?;
    equal(done.metadata().num_dml_affected_rows, Some(2))?;
    let done = clients.bigquery.query(format!("SELECT n FROM {dataset}.t")).until_done().await?;
    equal((done.metadata().total_rows, done.metadata().total_bytes_processed), (Some(1), Some(8)))
}

pub(crate) async fn dry_run(clients: &Clients, dataset: String) -> Outcome {
    clients.bigquery.query(format!("CREATE TABLE {dataset}.t AS SELECT n FROM UNNEST([1, 2, 3]) AS n")).until_done().await?;
    let query = clients.bigquery.query(format!("SELECT n FROM {dataset}.t")).set_dry_run(true).send().await?;
    let statistics = query.metadata().statistics.clone().ok_or("no statistics")?;
    equal(statistics.total_bytes_processed, Some(24))?;
    equal(statistics.query.ok_or("no statistics of a query")?.statement_type, "SELECT".to_owned())
}

pub(crate) async fn errors(clients: &Clients, dataset: String) -> Outcome {
    fails(clients.bigquery.query("SLECT 1").until_done().await, &["Syntax error", "[1:1]"])?;
    fails(clients.bigquery.query(format!("SELECT 1 FROM {dataset}.missing")).until_done().await, &["Not found: Table"])?;
    fails(clients.bigquery.query("SELECT 1 / 0").until_done().await, &["division by zero"])
}
