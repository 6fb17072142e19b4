//! Google's Rust client against the embedded endpoint: `quaver-conformance http://HOST:PORT`.
//!
//! Every check has a dataset of its own, made before and deleted after it. The last line is `N passed, N failed`.

mod resources;
mod rows;

use std::error::Error;
use std::future::Future;
use std::pin::Pin;

use google_cloud_auth::credentials::{Credentials, anonymous};
use google_cloud_bigquery::client::BigQuery;
use google_cloud_bigquery_v2::client::{DatasetService, JobService, TableService};
use google_cloud_bigquery_v2::model::{Dataset, DatasetReference};
use google_cloud_gax::paginator::ItemPaginator as _;

pub(crate) const PROJECT: &str = "conformance";
pub(crate) type Outcome = Result<(), Box<dyn Error>>;
type Check = fn(&'static Clients, String) -> Pin<Box<dyn Future<Output = Outcome>>>;

/// The clients that the endpoint is checked with.
pub(crate) struct Clients {
    pub(crate) bigquery: BigQuery,
    pub(crate) datasets: DatasetService,
    pub(crate) tables: TableService,
    pub(crate) jobs: JobService,
}

impl Clients {
    async fn new(endpoint: &str) -> Result<Self, Box<dyn Error>> {
        let account = || -> Credentials { anonymous::Builder::new().build() };
        let bigquery = BigQuery::builder().with_endpoint(endpoint).with_credentials(account()).with_project_id(PROJECT);
        Ok(Self {
            bigquery: bigquery.build().await?,
            datasets: DatasetService::builder().with_endpoint(endpoint).with_credentials(account()).build().await?,
            tables: TableService::builder().with_endpoint(endpoint).with_credentials(account()).build().await?,
            jobs: JobService::builder().with_endpoint(endpoint).with_credentials(account()).build().await?,
        })
    }

    async fn begin(&self, name: &str) -> Outcome {
        let reference = DatasetReference::new().set_dataset_id(name).set_project_id(PROJECT);
        let dataset = Dataset::new().set_dataset_reference(reference);
        self.datasets.insert_dataset().set_project_id(PROJECT).set_dataset(dataset).send().await?;
        Ok(())
    }

    async fn end(&self, name: &str) -> Outcome {
        let mut tables = self.tables.list_tables().set_project_id(PROJECT).set_dataset_id(name).by_item();
        while let Some(table) = tables.next().await.transpose()? {
            let id = table.table_reference.map(|r| r.table_id).unwrap_or_default();
            self.tables.delete_table().set_project_id(PROJECT).set_dataset_id(name).set_table_id(id).send().await?;
        }
        self.datasets.delete_dataset().set_project_id(PROJECT).set_dataset_id(name).send().await?;
        Ok(())
    }
}

/// An error that says what was found in place of what.
pub(crate) fn equal<T: PartialEq + std::fmt::Debug>(found: T, expected: T) -> Outcome {
    if found == expected { Ok(()) } else { Err(format!("found {found:?}, expected {expected:?}").into()) }
}

/// An error unless something failed with these words.
pub(crate) fn fails<T>(found: Result<T, impl Error>, words: &[&str]) -> Outcome {
    let Err(error) = found else { return Err("nothing failed".into()) };
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}; {inner}");
        cause = inner.source();
    }
    match words.iter().find(|word| !text.contains(**word)) {
        Some(missing) => Err(format!("{missing:?} is not in {text:?}").into()),
        None => Ok(()),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let endpoint = std::env::args().nth(1).ok_or("the endpoint's address is missing")?;
    rustls::crypto::ring::default_provider().install_default().map_err(|_| "there is a TLS provider already")?;
    let clients: &'static Clients = Box::leak(Box::new(Clients::new(&endpoint).await?));
    let checks: [(&str, Check); 9] = [
        ("a query gives every type", |c, d| Box::pin(rows::types(c, d))),
        ("rows become structs", |c, d| Box::pin(rows::structs(c, d))),
        ("parameters are bound", |c, d| Box::pin(rows::parameters(c, d))),
        ("many rows come in pages", |c, d| Box::pin(rows::pages(c, d))),
        ("statements tell what they did", |c, d| Box::pin(rows::statements(c, d))),
        ("a dry run estimates", |c, d| Box::pin(rows::dry_run(c, d))),
        ("what is wrong is told", |c, d| Box::pin(rows::errors(c, d))),
        ("tables are made, changed and listed", |c, d| Box::pin(resources::tables(c, d))),
        ("jobs are found, listed and cancelled", |c, d| Box::pin(resources::jobs(c, d))),
    ];
    let mut failed = 0;
    for (place, (name, check)) in checks.iter().enumerate() {
        let dataset = format!("rust_{}_{place}", std::process::id());
        let mut outcome = clients.begin(&dataset).await;
        if outcome.is_ok() {
            outcome = check(clients, dataset.clone()).await.and(clients.end(&dataset).await);
        }
        if let Err(error) = outcome {
            failed += 1;
            println!("rust {name}: FAILED\n{error}");
        }
    }
    println!("{} passed, {failed} failed", checks.len() - failed);
    if failed == 0 { Ok(()) } else { std::process::exit(1) }
}
