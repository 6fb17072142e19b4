//! `quaver model`: fetch, list and check models.

use std::path::PathBuf;

use super::{Ended, output, progress, table};
use crate::app::{AppError, find_manifest, hub_settings};
use crate::config::{Config, ModelSettings};
use crate::model::{self, Freshness, Manifest, ModelSource};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Fetch a model from the Hugging Face Hub, or look for a newer commit of its revision
    Pull {
        /// Name of a manifest, or its path [default: model.name of the configuration]
        name: Option<String>,
    },
    /// List the models that have a manifest
    List,
    /// Load a model as a start would, and say what is wrong with it
    Check {
        /// Name of a manifest, its path, or the folder of a model [default: model.name of the configuration]
        name: Option<String>,
    },
}

pub(super) async fn run(arguments: Arguments, config: Config) -> anyhow::Result<Ended> {
    match arguments.command {
        Command::Pull { name } => pull(&named(config, name)).await?,
        Command::List => list(&config)?,
        Command::Check { name } => check(&named(config, name)).await?,
    }
    Ok(Ended::Done)
}

fn named(config: Config, name: Option<String>) -> Config {
    match name {
        Some(name) => Config { model: ModelSettings { name, ..config.model.clone() }, ..config },
        None => config,
    }
}

async fn pull(config: &Config) -> anyhow::Result<()> {
    let manifest = find_manifest(&config.model)?;
    let snapshot = model::fetch(&manifest, &hub_settings(config, progress::shown()), Freshness::Latest).await?;
    Ok(output::print(&format!("{} {} is in {}", manifest.name, snapshot.commit, snapshot.dir.display()))?)
}

fn list(config: &Config) -> anyhow::Result<()> {
    let mut manifests: Vec<Manifest> = Vec::new();
    for dir in config.model.dirs.iter().filter(|dir| dir.is_dir()) {
        let found = Manifest::read_all(dir)?;
        // The first folder that has a name is the one that is used.
        manifests
            .extend(found.into_iter().filter(|manifest| manifests.iter().all(|known| known.name != manifest.name)).collect::<Vec<_>>());
    }
    let header = ["model", "source", "licence"].map(str::to_owned).to_vec();
    let rows = manifests.into_iter().map(|manifest| {
        let source = match manifest.source {
            ModelSource::Path(dir) => dir.display().to_string(),
            ModelSource::Hub { repo, revision } => format!("{repo} at {revision}"),
        };
        vec![manifest.name, source, manifest.licence]
    });
    Ok(output::print(&table::lines(header, rows, &[false, false, false]))?)
}

async fn check(config: &Config) -> anyhow::Result<()> {
    let folder = PathBuf::from(&config.model.name);
    let dir = if folder.join("config.json").is_file() {
        folder
    } else {
        let manifest = find_manifest(&config.model)?;
        model::fetch(&manifest, &hub_settings(config, progress::shown()), Freshness::Cached).await.map_err(AppError::from)?.dir
    };
    let report = tokio::task::spawn_blocking(move || model::check(&dir)).await??;
    let lines = [
        format!("{} holds a sound model", report.dir.display()),
        format!("  {} parameters in {} ({} bytes)", report.parameters, files(report.weight_files), report.weight_bytes),
        format!("  width {}, {} encoder and {} decoder layers", report.width, report.encoder_layers, report.decoder_layers),
        format!("  vocabulary {}, tokenizer {}", report.vocabulary, report.tokenizer_entries),
    ];
    Ok(output::print(&lines.join("\n"))?)
}

fn files(count: usize) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}
