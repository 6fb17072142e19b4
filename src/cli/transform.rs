//! `quaver transform`: silver and gold from bronze, then the data tests; or only the data tests.

use chrono::Utc;

use super::{Ended, load_all, output, progress, shutdown, table};
use crate::app::{Backend, Sharing};
use crate::config::Config;
use crate::ingest::transform::{self, Freshness, Outcome};
use crate::ingest::{Progress, Sink};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Run the data tests alone, changing nothing
    #[arg(long)]
    check: bool,
    /// Build every table, also those that are up to date
    #[arg(long, conflicts_with = "check")]
    full: bool,
}

pub(super) async fn run(arguments: Arguments, config: Config) -> anyhow::Result<Ended> {
    let stop = shutdown::on_signal()?;
    let backend = Backend::open(&config, Sharing::Join).await?;
    let shown = progress::shown();
    let done = tokio::select! {
        done = transform_or_check(&arguments, &config, backend.warehouse(), shown.as_ref()) => done,
        () = stop.cancelled() => anyhow::bail!("interrupted; every table is as it was or as the transform makes it, transform again"),
    };
    backend.close().await;
    done.map(|()| Ended::Done)
}

async fn transform_or_check(arguments: &Arguments, config: &Config, sink: &dyn Sink, progress: &dyn Progress) -> anyhow::Result<()> {
    if arguments.check {
        return check(config, sink, progress).await;
    }
    if arguments.full {
        built(&transform::run_all(sink, progress).await?)?;
        return check(config, sink, progress).await;
    }
    build_and_check(config, sink, progress).await
}

/// Builds what is not up to date, and runs the data tests.
pub(super) async fn build_and_check(config: &Config, sink: &dyn Sink, progress: &dyn Progress) -> anyhow::Result<()> {
    built(&transform::run(sink, progress).await?)?;
    check(config, sink, progress).await
}

fn built(outcomes: &[Outcome]) -> anyhow::Result<()> {
    let state = |outcome: &Outcome| if outcome.built { "built" } else { "up to date" };
    let rows = outcomes.iter().map(|outcome| vec![outcome.table.to_owned(), outcome.rows.to_string(), state(outcome).to_owned()]);
    let header = ["table", "rows", ""].map(str::to_owned).to_vec();
    Ok(output::print(&table::lines(header, rows, &[false, true, false]))?)
}

async fn check(config: &Config, sink: &dyn Sink, progress: &dyn Progress) -> anyhow::Result<()> {
    let mut results = transform::check(sink, progress).await?;
    let found = transform::freshness(sink, Utc::now().date_naive()).await?;
    if !found.is_empty() {
        output::print(&ages(&found))?;
    }
    results.extend(transform::stale(&found, &load_all::daily(config), config.load.stale_after_days));
    transform::require(&results)?;
    Ok(output::print(&format!("All {} data tests hold.", results.len()))?)
}

fn ages(found: &[Freshness]) -> String {
    let header = ["source", "loaded last", "days ago", "days missed in the last 30"].map(str::to_owned).to_vec();
    let rows = found.iter().map(|freshness| {
        let missed: Vec<String> = freshness.missed.iter().map(ToString::to_string).collect();
        vec![freshness.source.clone(), freshness.last.to_string(), freshness.days_old.to_string(), missed.join(" ")]
    });
    table::lines(header, rows, &[false, false, true, false])
}
