//! `quaver load`: a source as downloaded, into the raw dataset.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;

use super::{Ended, load_web, output, progress, shutdown, table};
use crate::app::{Backend, Sharing};
use crate::config::Config;
use crate::ingest::web::WebSource;
use crate::ingest::{self, LoadReport, Source};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Which data it is
    #[arg(value_name = "SOURCE", value_parser = PossibleValuesParser::new(names()))]
    source: String,
    /// The zip, folder or file as it was downloaded; for spotify, lastfm and deezer the YAML list of what to fetch
    #[arg(value_name = "PATH")]
    path: PathBuf,
}

fn names() -> impl Iterator<Item = &'static str> {
    Source::ALL.into_iter().map(Source::name).chain(WebSource::ALL.into_iter().map(WebSource::name))
}

pub(super) async fn run(arguments: Arguments, config: Config) -> anyhow::Result<Ended> {
    if let Some(source) = WebSource::named(&arguments.source) {
        return load_web::run(source, &arguments.path, config).await;
    }
    let source = Source::named(&arguments.source).expect("clap takes the names of the sources alone");
    let stop = shutdown::on_signal()?;
    let backend = Backend::open(&config, Sharing::Join).await?;
    let shown = progress::shown();
    let report = tokio::select! {
        report = ingest::load(backend.warehouse(), source, &arguments.path, &shown) => report?,
        () = stop.cancelled() => anyhow::bail!("interrupted; the tables are as they were or as the whole load makes them, load again"),
    };
    output::print(&text(&report))?;
    backend.close().await;
    Ok(Ended::Done)
}

fn text(report: &LoadReport) -> String {
    let header = ["file", "read", "landed", "rejected"].map(str::to_owned).to_vec();
    let rows = report.files.iter().map(|file| {
        vec![file.source_file.clone(), file.rows_read.to_string(), file.rows_landed.to_string(), file.rows_rejected.to_string()]
    });
    let mut text = table::lines(header, rows, &[false, true, true, true]);
    if report.totals().2 > 0 {
        text.push_str("\nThe rejected rows are in music_raw.rejects, each with the reason.");
    }
    text.push_str("\nNow `quaver transform` builds the tables that questions read.");
    text
}
