//! `quaver emulator`: the BigQuery-compatible endpoint alone, for any BigQuery client.

use std::net::SocketAddr;

use anyhow::Context;
use bigquery_emulator::EmulatorOptions;

use super::{Ended, output, serve, shutdown};
use crate::app::{AppError, EMBEDDED_PROJECT, emulator_options, open_emulator};
use crate::config::Config;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Address and port to answer on, port 0 for a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:9050")]
    listen: SocketAddr,
    /// Project that the datasets belong to
    #[arg(long, value_name = "ID", default_value = EMBEDDED_PROJECT)]
    project: String,
}

pub(super) async fn run(arguments: Arguments, config: Config) -> anyhow::Result<Ended> {
    let listener = serve::bind(arguments.listen).await?;
    let address = listener.local_addr()?;
    let stop = shutdown::on_signal()?;
    let options = EmulatorOptions { project_id: arguments.project, ..emulator_options(&config) };
    let emulator = open_emulator(options).await?;
    emulator.announce(address).map_err(|error| AppError::DataDir { path: config.data.dir.clone(), message: error.to_string() })?;
    output::print(&format!("listening on http://{address}"))?;
    emulator.serve(listener, stop.cancelled_owned()).await.context("the endpoint failed")?;
    Ok(Ended::Done)
}
