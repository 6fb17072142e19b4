//! `quaver transform`: silver and gold from bronze, or only the data tests.

use super::Ended;
use crate::config::Config;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Run the data tests alone, changing nothing
    #[arg(long)]
    check: bool,
}

pub(super) async fn run(arguments: Arguments, _config: Config) -> anyhow::Result<Ended> {
    anyhow::bail!("not yet ({})", arguments.check)
}
