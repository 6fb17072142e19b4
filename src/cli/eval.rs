//! `quaver eval`: how often the model's SQL gives the rows that the gold SQL gives.

use std::path::PathBuf;

use super::Ended;
use crate::config::Config;

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
    /// List the questions that were answered wrongly
    #[arg(long)]
    failures: bool,
}

pub(super) async fn run(arguments: Arguments, _config: Config) -> anyhow::Result<Ended> {
    anyhow::bail!("not yet ({arguments:?})")
}
