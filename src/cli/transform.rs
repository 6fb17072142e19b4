//! `quaver transform`: silver and gold from bronze, then the data tests; or only the data tests.

use super::{Ended, output, progress, shutdown, table};
use crate::app::{Backend, Sharing};
use crate::config::Config;
use crate::ingest::transform::{self, CheckResult};
use crate::ingest::{IngestError, Progress, Sink};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Run the data tests alone, changing nothing
    #[arg(long)]
    check: bool,
}

pub(super) async fn run(arguments: Arguments, config: Config) -> anyhow::Result<Ended> {
    let stop = shutdown::on_signal()?;
    let backend = Backend::open(&config, Sharing::Join).await?;
    let shown = progress::shown();
    let done = tokio::select! {
        done = build_and_check(&arguments, backend.warehouse(), shown.as_ref()) => done,
        () = stop.cancelled() => anyhow::bail!("interrupted; every table is as it was or as the transform makes it, transform again"),
    };
    backend.close().await;
    done.map(|()| Ended::Done)
}

async fn build_and_check(arguments: &Arguments, sink: &dyn Sink, progress: &dyn Progress) -> anyhow::Result<()> {
    if !arguments.check {
        let counts = transform::run(sink, progress).await?;
        let rows = counts.into_iter().map(|(name, rows)| vec![name.to_owned(), rows.to_string()]);
        output::print(&table::lines(vec!["table".to_owned(), "rows".to_owned()], rows, &[false, true]))?;
    }
    let results = transform::check(sink, progress).await?;
    report(&results)?;
    Ok(())
}

fn report(results: &[CheckResult]) -> Result<(), anyhow::Error> {
    let required: Result<(), IngestError> = transform::require(results);
    required?;
    Ok(output::print(&format!("All {} data tests hold.", results.len()))?)
}
