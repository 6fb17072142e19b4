//! The client against an endpoint that misbehaves as BigQuery, its proxies and its networks do.

mod faults;
mod proxied;
mod server;
mod uploads;
mod wire;

use std::time::Duration;

use self::server::Server;
use super::auth::TokenSource;
use super::retry::RetryPolicy;
use super::rows::Cell;
use super::{Connection, Credentials, RunOptions, Warehouse};
use crate::catalog::Catalog;
use crate::sql::{Parameter, Policy, ReadOnlyQuery, validate};

const TOKEN: &str = "token-that-no-log-may-hold";

fn connection(root: &str) -> Connection {
    Connection {
        project: "demo".to_owned(),
        data_project: None,
        endpoint: Some(root.to_owned()),
        location: "EU".to_owned(),
        dataset: "music".to_owned(),
        credentials: Credentials::None,
        request_timeout: Duration::from_secs(20),
        query_timeout: Duration::from_secs(20),
        max_retries: 3,
    }
}

async fn connect(connection: Connection) -> Warehouse {
    connect_as(connection, TokenSource::fixed(TOKEN)).await
}

async fn connect_as(connection: Connection, tokens: TokenSource) -> Warehouse {
    let policy =
        RetryPolicy { max_retries: connection.max_retries, first_pause: Duration::from_millis(1), longest_pause: Duration::from_millis(2) };
    Warehouse::assemble(connection, tokens, policy).await.unwrap()
}

async fn warehouse(server: &Server) -> Warehouse {
    connect(connection(&server.root)).await
}

fn validated(sql: &str, parameters: &[Parameter]) -> ReadOnlyQuery {
    validate(sql, &Catalog::embedded(), parameters, &Policy::default()).unwrap()
}

fn query() -> ReadOnlyQuery {
    validated("SELECT name FROM music.artists", &[])
}

fn options() -> RunOptions {
    RunOptions {
        max_rows: 1000,
        max_bytes_billed: 50 << 20,
        timeout: Duration::from_secs(20),
        labels: vec![("app".to_owned(), "quaver".to_owned())],
    }
}

fn names(rows: &[Vec<Cell>]) -> Vec<&str> {
    rows.iter()
        .map(|row| match row.as_slice() {
            [Cell::String(name)] => name.as_str(),
            other => panic!("a row of {other:?}"),
        })
        .collect()
}
