//! `quaver eval`: how often the model's SQL gives the rows that the gold SQL gives.

use std::path::PathBuf;

use anyhow::Context;

use super::{Ended, output, progress, shutdown};
use crate::app::{App, Sharing};
use crate::ask::evaluation::{self, EvalCase, EvalReport};
use crate::config::Config;
use crate::ingest::Progress;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Questions with gold SQL, one JSON object a line
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
    /// Ask at most so many questions
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Ask only the questions of this kind
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// List the questions that did not go as they must
    #[arg(long)]
    failures: bool,
}

/// Rows of a result that are compared: also of a long list, such as all artists that nobody has tagged.
const COMPARED_ROWS: u32 = 1_000_000;

pub(super) async fn run(arguments: Arguments, mut config: Config) -> anyhow::Result<Ended> {
    let cases = cases(&arguments)?;
    config.limits.max_rows = COMPARED_ROWS;
    let stop = shutdown::on_signal()?;
    let shown = progress::shown();
    let mut app = App::start(config, Sharing::Join, progress::shown()).await?;
    let report = tokio::select! {
        report = evaluate(&mut app, cases, shown.as_ref()) => report?,
        () = stop.cancelled() => anyhow::bail!("interrupted"),
    };
    if arguments.json {
        output::print_json(&report)?;
    } else {
        output::print(&report.to_text(arguments.failures))?;
    }
    app.close().await;
    Ok(Ended::Done)
}

/// The cases of the file that were asked for.
fn cases(arguments: &Arguments) -> anyhow::Result<Vec<EvalCase>> {
    let file = arguments.file.display();
    let text = std::fs::read_to_string(&arguments.file).with_context(|| format!("cannot read {file}"))?;
    let mut cases = evaluation::read_cases(&text).with_context(|| format!("{file} is not a question set"))?;
    if let Some(kind) = &arguments.kind {
        let mut kinds: Vec<String> = cases.iter().map(|case| case.kind.clone()).collect();
        kinds.sort();
        kinds.dedup();
        cases.retain(|case| case.kind == *kind);
        anyhow::ensure!(!cases.is_empty(), "{file} has no question of kind {kind:?}; its kinds are {}", kinds.join(", "));
    }
    cases.truncate(arguments.limit.unwrap_or(usize::MAX));
    anyhow::ensure!(!cases.is_empty(), "{file} has no questions");
    Ok(cases)
}

async fn evaluate(app: &mut App, cases: Vec<EvalCase>, progress: &dyn Progress) -> anyhow::Result<EvalReport> {
    app.ready().await?;
    progress.start("asking", Some(cases.len() as u64));
    let report = evaluation::evaluate(app.pipeline(), app.warehouse(), app.trained_templates().as_ref(), cases, &|_| progress.inc(1)).await;
    progress.finish();
    Ok(report)
}
