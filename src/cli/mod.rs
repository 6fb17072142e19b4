//! The command line, one file a subcommand. Answers go to standard output, everything else to standard error.
//!
//! Exit codes: 0 done, 1 failed, 2 wrong usage, 3 the question cannot be answered from the data.

mod ask;
mod emulator;
mod eval;
mod load;
mod load_all;
mod load_web;
mod logging;
mod model;
mod output;
mod progress;
mod serve;
mod shutdown;
mod table;
mod transform;

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::config::{self, Config, Overrides};

/// Work that ignores the end of the program (a model that is being read) may hold it up for this long.
const LAST_WAIT: Duration = Duration::from_millis(500);

/// Ask music data a question in plain English or French; get the rows, a summary and the SQL.
#[derive(Debug, Parser)]
#[command(name = "quaver", version, max_term_width = 110)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Args)]
struct Global {
    /// Where the embedded warehouse keeps its tables [default: data]
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Settings, as TOML; config/default.toml lists them
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer questions over HTTP
    Serve(serve::Arguments),
    /// Answer one question on the terminal
    Ask(ask::Arguments),
    /// Bring real data into the warehouse
    Load(load::Arguments),
    /// Build the tables that questions read from what was loaded
    Transform(transform::Arguments),
    /// Measure the model on a question set
    Eval(eval::Arguments),
    /// Serve the BigQuery-compatible endpoint alone
    Emulator(emulator::Arguments),
    /// Fetch, list and check models
    Model(model::Arguments),
}

/// How a command ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    Done,
    Unanswerable,
}

/// Parses the command line and runs the command.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(Ended::Done) => ExitCode::SUCCESS,
        Ok(Ended::Unanswerable) => ExitCode::from(3),
        // Whoever read our output (`head`) has enough of it.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&format!("quaver: {}", sentence(&error)));
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<Ended> {
    let listen = match &cli.command {
        Command::Serve(arguments) => arguments.listen.clone(),
        _ => None,
    };
    let config = config::load(&Overrides { config_file: cli.global.config, data_dir: cli.global.data_dir, listen })?;
    logging::start(&config.log, matches!(cli.command, Command::Serve(_) | Command::Emulator(_)))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ended = runtime.block_on(dispatch(cli.command, config));
    runtime.shutdown_timeout(LAST_WAIT);
    ended
}

async fn dispatch(command: Command, config: Config) -> anyhow::Result<Ended> {
    match command {
        Command::Serve(_) => serve::run(config).await,
        Command::Ask(arguments) => ask::run(arguments, config).await,
        Command::Load(arguments) => load::run(arguments, config).await,
        Command::Transform(arguments) => transform::run(arguments, config).await,
        Command::Eval(arguments) => eval::run(arguments, config).await,
        Command::Emulator(arguments) => emulator::run(arguments, config).await,
        Command::Model(arguments) => model::run(arguments, config).await,
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe))
}

/// The error and its causes; a cause that its effect quotes already is not said twice.
fn sentence(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    /// The command line and the settings of k8s/base are ones that this program takes.
    #[test]
    fn the_daily_job_is_a_command_of_ours() {
        let base = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("k8s/base");
        let read = |name: &str| std::fs::read_to_string(base.join(name)).unwrap();
        let job: serde_json::Value = yaml_serde::from_str(&read("load-cronjob.yaml")).unwrap();
        let container = &job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0];
        let texts =
            |value: &serde_json::Value| value.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect::<Vec<_>>();
        let cli = Cli::try_parse_from(std::iter::once("quaver".to_owned()).chain(texts(&container["args"]))).unwrap();
        assert!(matches!(cli.command, Command::Load(_)));
        let environment =
            container["env"].as_array().unwrap().iter().map(|entry| (entry["name"].as_str().unwrap().to_owned(), "x".to_owned()));
        let overrides = Overrides { config_file: Some(base.join("load.toml")), ..Overrides::default() };
        let config = config::load_from(&overrides, environment).unwrap();
        assert_eq!(config.load.web_list, Some(PathBuf::from("/config/web-list.yaml")));
        crate::ingest::web::List::parse(&read("web-list.yaml")).unwrap();
        let customization: serde_json::Value = yaml_serde::from_str(&read("kustomization.yaml")).unwrap();
        for file in texts(&customization["resources"]).into_iter().chain(["load.toml".to_owned(), "web-list.yaml".to_owned()]) {
            assert!(base.join(&file).exists(), "{file}");
        }
    }

    #[test]
    fn settings_that_every_command_takes_may_stand_anywhere() {
        for line in [["quaver", "--data-dir", "d", "ask", "q"], ["quaver", "ask", "q", "--data-dir", "d"]] {
            assert_eq!(Cli::try_parse_from(line).unwrap().global.data_dir, Some(PathBuf::from("d")), "{line:?}");
        }
    }
}
