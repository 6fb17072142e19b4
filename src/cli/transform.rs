//! `quaver transform`: silver and gold from bronze, then the data tests; or only the data tests.

use chrono::Utc;

use super::{Ended, load, load_all, output, progress, shutdown, table};
use crate::app::{Backend, Sharing};
use crate::config::Config;
use crate::ingest::transform::{self, Freshness, Outcome, Scope};
use crate::ingest::{Progress, Sink, simulate};

const HALF_WAY: &str = "every table is as it was or as the transform makes it, transform again";

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Run the data tests alone, changing nothing
    #[arg(long)]
    check: bool,
    /// Build every table, also those that are up to date
    #[arg(long, conflicts_with = "check")]
    full: bool,
    /// Count simulated plays (`quaver simulate`) among the real ones; a run without takes them out again
    #[arg(long, conflicts_with = "check")]
    simulated: bool,
}

pub(super) async fn run(arguments: Arguments, config: Config) -> anyhow::Result<Ended> {
    let stop = shutdown::on_signal()?;
    let backend = Backend::open(&config, Sharing::Join).await?;
    let shown = progress::shown();
    let done = tokio::select! {
        done = transform_or_check(&arguments, &config, backend.warehouse(), shown.as_ref()) => done,
        () = stop.cancelled() => anyhow::bail!("interrupted; {HALF_WAY}"),
    };
    backend.close().await;
    done.map(|()| Ended::Done)
}

async fn transform_or_check(arguments: &Arguments, config: &Config, sink: &dyn Sink, progress: &dyn Progress) -> anyhow::Result<()> {
    if arguments.check {
        return check(config, sink, progress).await;
    }
    let scope = Scope { everything: arguments.full, simulated: arguments.simulated || config.transform.simulated, ..usual(config) };
    build_and_check(config, scope, sink, progress).await
}

/// The scope of a run that nobody said anything of.
pub(super) fn usual(config: &Config) -> Scope {
    Scope { everything: false, simulated: config.transform.simulated, at_a_time: config.transform.at_a_time }
}

/// Builds what is not up to date, and runs the data tests.
pub(super) async fn build_and_check(config: &Config, scope: Scope, sink: &dyn Sink, progress: &dyn Progress) -> anyhow::Result<()> {
    let outcomes = transform::run_with(sink, scope, progress).await;
    let outcomes = outcomes.map_err(|error| load::broken_off(error, HALF_WAY))?;
    output::print(&built(&outcomes))?;
    if outcomes.iter().any(|outcome| outcome.simulated) {
        let strangers = simulate::strangers(sink).await?;
        if strangers > 0 {
            output::print(&format!(
                "{strangers} simulated plays are of tracks that the tables do not have, and count nowhere: they were simulated with others. \
                 `quaver simulate --remove`, then `quaver simulate` brings plays of these."
            ))?;
        }
    }
    check(config, sink, progress).await
}

fn built(outcomes: &[Outcome]) -> String {
    let state = |outcome: &Outcome| match (outcome.built, outcome.partitions) {
        (false, _) => "up to date".to_owned(),
        (true, None) => "built".to_owned(),
        (true, Some(1)) => "1 partition built".to_owned(),
        (true, Some(partitions)) => format!("{partitions} partitions built"),
    };
    let mark = |outcome: &Outcome| if outcome.simulated { "; has simulated plays" } else { "" };
    let row = |outcome: &Outcome| vec![outcome.table.to_owned(), outcome.rows.to_string(), format!("{}{}", state(outcome), mark(outcome))];
    let header = ["table", "rows", ""].map(str::to_owned).to_vec();
    let mut text = table::lines(header, outcomes.iter().map(row), &[false, true, false]);
    if outcomes.iter().any(|outcome| outcome.simulated) {
        text.push_str("\nSimulated plays count; their users have ids from 1,000,000,000 on. `quaver transform` takes them out again.");
    }
    text
}

async fn check(config: &Config, sink: &dyn Sink, progress: &dyn Progress) -> anyhow::Result<()> {
    let mut results = transform::check(sink, config.transform.at_a_time, progress).await?;
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
