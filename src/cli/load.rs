//! `quaver load`: a source as downloaded, into the raw dataset.

use std::path::PathBuf;

use anyhow::ensure;
use chrono::NaiveDate;
use clap::builder::PossibleValuesParser;

use super::{Ended, load_all, load_web, output, progress, shutdown, table};
use crate::app::{Backend, Sharing, storage};
use crate::config::Config;
use crate::ingest::web::WebSource;
use crate::ingest::{self, IngestError, LoadReport, Places, Rejection, Source, TableName};

const CSV: &str = "csv";

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Which data it is; `csv` is any CSV file
    #[arg(value_name = "SOURCE", value_parser = PossibleValuesParser::new(names()), required_unless_present = "all")]
    source: Option<String>,
    /// The zip, folder, file or files as they were downloaded, plain or gzipped; an http(s) address; or an object of Cloud Storage,
    /// gs://BUCKET/OBJECT; for spotify, lastfm and deezer the YAML list of what to fetch
    #[arg(value_name = "PATH", required_unless_present = "all")]
    paths: Vec<PathBuf>,
    /// Where the rows of `csv` go, such as music_raw.my_table
    #[arg(long, value_name = "TABLE", required_if_eq("source", CSV))]
    table: Option<String>,
    /// The day that the files' popularity and followers are of, where it is not today: 2022-10-31
    #[arg(long, value_name = "DATE")]
    captured_on: Option<NaiveDate>,
    /// The daily run: every source that the settings name under [load]
    #[arg(long, conflicts_with_all = ["source", "paths", "table", "captured_on"])]
    all: bool,
    /// After --all, build the tables that questions read
    #[arg(long, requires = "all", conflicts_with_all = ["source", "paths"])]
    transform: bool,
}

fn names() -> impl Iterator<Item = &'static str> {
    Source::ALL.into_iter().map(Source::name).chain([CSV]).chain(WebSource::ALL.into_iter().map(WebSource::name))
}

pub(super) async fn run(arguments: Arguments, config: Config) -> anyhow::Result<Ended> {
    if arguments.all {
        return load_all::run(config, arguments.transform).await;
    }
    let name = arguments.source.as_deref().expect("clap asks for the source, unless it is all");
    let known = Source::named(name);
    let table = arguments.table.as_deref().map(TableName::parse).transpose()?;
    ensure!(table.is_none() || name == CSV, "--table is for `load csv` alone: {name} has tables of its own");
    ensure!(
        arguments.captured_on.is_none() || known.is_some_and(ingest::history::has_figures),
        "--captured-on is for files with popularity: {name} has no figures of a day"
    );
    if let Some(source) = WebSource::named(name) {
        let [list] = arguments.paths.as_slice() else {
            anyhow::bail!("`load {name}` takes one list; put all that is to be fetched into it");
        };
        return load_web::run(source, list, config).await;
    }
    let stop = shutdown::on_signal()?;
    let backend = Backend::open(&config, Sharing::Join).await?;
    let shown = progress::shown();
    let places = Places { storage: storage(&config.warehouse), stop, ..Places::new(arguments.paths) };
    let loaded = match (known, &table) {
        (Some(source), _) => ingest::load_as_of(backend.warehouse(), source, places, arguments.captured_on, &shown).await,
        (None, table) => {
            let table = table.as_ref().expect("clap asks for the table of a CSV file");
            ingest::load_csv(backend.warehouse(), table, places, &shown).await
        }
    };
    shown.finish();
    backend.close().await;
    output::print(&text(&loaded.map_err(|error| broken_off(error, &format!("{name}: {HALF_WAY}")))?))?;
    Ok(Ended::Done)
}

/// How a warehouse that goes down leaves a load of files.
pub(super) const HALF_WAY: &str = "every table is as it was or as the load makes it, and the same command loads again";

/// An error of the warehouse says nothing of what was under way, and of how it stands now.
pub(super) fn broken_off(error: IngestError, state: &str) -> anyhow::Error {
    match error {
        IngestError::Warehouse(_) => anyhow::Error::new(error).context(state.to_owned()),
        error => error.into(),
    }
}

/// What was rejected and why, each with where it was.
pub(super) fn why<'a>(rejections: impl IntoIterator<Item = (&'a str, &'a Rejection)>, [place, first]: [&str; 2]) -> String {
    let header = ["rejected", place, first, "why, for the first"].map(str::to_owned).to_vec();
    let row = |(place, found): (&str, &Rejection)| {
        vec![found.rows.to_string(), place.to_owned(), found.line.to_string(), table::printable(&found.reason)]
    };
    let rows: Vec<Vec<String>> = rejections.into_iter().map(row).collect();
    if rows.is_empty() {
        return String::new();
    }
    let why = table::lines(header, rows.into_iter(), &[true, false, true, false]);
    format!("\n{why}\nThe rejected rows are in music_raw.rejects, each with its reason.")
}

fn text(report: &LoadReport) -> String {
    let header = ["file", "read", "landed", "rejected"].map(str::to_owned).to_vec();
    let rows = report.files.iter().map(|file| {
        vec![file.source_file.clone(), file.rows_read.to_string(), file.rows_landed.to_string(), file.rows_rejected.to_string()]
    });
    let (read, landed, rejected) = report.totals();
    let total = (report.files.len() > 1).then(|| vec!["all".to_owned(), read.to_string(), landed.to_string(), rejected.to_string()]);
    let mut text = table::lines(header, rows.chain(total), &[false, true, true, true]);
    if !report.columns.is_empty() {
        let header = ["column", "type", "of"].map(str::to_owned).to_vec();
        let rows =
            report.columns.iter().map(|column| vec![column.name.clone(), column.column_type.name().to_owned(), column.description.clone()]);
        text = format!("{text}\n{}", table::lines(header, rows, &[false, false, false]));
    }
    text.push_str(&why(report.rejections.iter().map(|found| (found.source_file.as_str(), found)), ["file", "first line"]));
    text.push_str(match report.files.first() {
        Some(_) if !report.columns.is_empty() => "\nQuestions read dataset music alone; SQL of your own can bring this table there.",
        _ => "\nNow `quaver transform` builds the tables that questions read.",
    });
    text
}
