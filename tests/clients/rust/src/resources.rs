//! Tables and jobs, by the generated services that the client stands on.

use google_cloud_bigquery_v2::model::{Table, TableFieldSchema, TableReference, TableSchema};
use google_cloud_gax::paginator::ItemPaginator as _;

use crate::{Clients, Outcome, PROJECT, equal, fails};

pub(crate) async fn tables(clients: &Clients, dataset: String) -> Outcome {
    let fields = [TableFieldSchema::new().set_name("n").set_type("INTEGER"), TableFieldSchema::new().set_name("s").set_type("STRING")];
    let reference = TableReference::new().set_project_id(PROJECT).set_dataset_id(&dataset).set_table_id("t");
    let table = Table::new().set_table_reference(reference).set_schema(TableSchema::new().set_fields(fields)).set_labels([("kind", "test")]);
    let insert = || clients.tables.insert_table().set_project_id(PROJECT).set_dataset_id(&dataset).set_table(table.clone());
    let made = insert().send().await?;
    equal((made.r#type.as_str(), made.schema.map(|s| s.fields.len())), ("TABLE", Some(2)))?;
    fails(insert().send().await, &["Already Exists: Table"])?;
    let patch = clients.tables.patch_table().set_project_id(PROJECT).set_dataset_id(&dataset).set_table_id("t");
    let changed = patch.set_table(Table::new().set_description("Changed".to_owned())).send().await?;
    equal((changed.description.as_deref(), changed.labels.get("kind").map(String::as_str)), (Some("Changed"), Some("test")))?;
    let mut listed = Vec::new();
    let mut items = clients.tables.list_tables().set_project_id(PROJECT).set_dataset_id(&dataset).by_item();
    while let Some(table) = items.next().await.transpose()? {
        listed.push(table.table_reference.map(|r| r.table_id).unwrap_or_default());
    }
    equal(listed, vec!["t".to_owned()])?;
    let missing = clients.tables.get_table().set_project_id(PROJECT).set_dataset_id(&dataset).set_table_id("missing").send().await;
    fails(missing, &["Not found: Table"])
}

pub(crate) async fn jobs(clients: &Clients, _: String) -> Outcome {
    let done = clients.bigquery.query("SELECT 1 AS n").until_done().await?;
    let reference = done.metadata().job_reference.clone().ok_or("no reference")?;
    let job = clients.jobs.get_job().set_project_id(PROJECT).set_job_id(&reference.job_id).set_location("US").send().await?;
    equal(job.status.map(|s| s.state), Some("DONE".to_owned()))?;
    let statistics = job.statistics.ok_or("no statistics")?;
    equal(statistics.creation_time > 0 && statistics.end_time >= statistics.start_time, true)?;
    let mut rows = clients.bigquery.attach_job(reference.clone()).await?.until_done().await?.read();
    equal(rows.next().await.transpose()?.ok_or("no row")?.get::<i64>("n")?, 1)?;
    let mut jobs = clients.jobs.list_jobs().set_project_id(PROJECT).by_item();
    let mut found = false;
    while let Some(job) = jobs.next().await.transpose()? {
        found |= job.job_reference.is_some_and(|r| r.job_id == reference.job_id);
    }
    equal(found, true)?;
    let cancelled = clients.jobs.cancel_job().set_project_id(PROJECT).set_job_id(&reference.job_id).set_location("US").send().await?;
    equal(cancelled.job.and_then(|j| j.status).map(|s| s.state), Some("DONE".to_owned()))
}
