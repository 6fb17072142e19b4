//! `quaver load --all`: the daily run. Every source that the settings name, one after the other; one that fails does not keep the others
//! from coming, and what is not configured is said and passed over.

use std::fmt::Display;

use anyhow::{bail, ensure};
use tokio_util::sync::CancellationToken;

use super::{Ended, load, load_web, output, progress, shutdown, table, transform};
use crate::app::{Backend, Sharing, storage};
use crate::config::Config;
use crate::ingest::web::{List, WebError, WebSource};
use crate::ingest::{self, IngestError, Places, Rejection, Source};

/// What became of a source.
struct Line {
    source: &'static str,
    outcome: Outcome,
}

enum Outcome {
    /// Rows read, landed and rejected, and why.
    Loaded((u64, u64, u64), Vec<Rejection>, String),
    /// Why it was passed over.
    Skipped(String),
    Failed(String),
}

pub(super) async fn run(config: Config, then_transform: bool) -> anyhow::Result<Ended> {
    for name in &config.load.web {
        let known = || WebSource::ALL.map(WebSource::name).join(", ");
        ensure!(WebSource::named(name).is_some(), "load.web names {name:?}; the web APIs are {}", known());
    }
    ensure!(
        config.load.web_list.is_some() || config.load.files.iter().any(|(_, places)| !places.is_empty()),
        "nothing to load is configured: set load.web_list or the places of files, such as load.hot_100 (config/default.toml lists them)"
    );
    let stop = shutdown::on_signal()?;
    let backend = Backend::open(&config, Sharing::Join).await?;
    let done = load_and_transform(&config, &backend, then_transform, &stop).await;
    backend.close().await;
    ensure!(!stop.is_cancelled(), "interrupted; what was loaded stays, and the same command goes on");
    done
}

/// The web APIs that the settings ask for something every day, with their keys.
pub(super) fn daily(config: &Config) -> Vec<&'static str> {
    // A list that cannot be read is the load's to tell.
    let Some(list) = config.load.web_list.as_ref().and_then(|path| List::read(path).ok()) else { return Vec::new() };
    let named = |source: &WebSource| config.load.web.iter().any(|name| name == source.name());
    let asked = |source: &WebSource| named(source) && source.is_asked_by(&list) && load_web::access(*source, &config.web).is_ok();
    WebSource::ALL.into_iter().filter(asked).map(WebSource::name).collect()
}

async fn load_and_transform(config: &Config, backend: &Backend, then_transform: bool, stop: &CancellationToken) -> anyhow::Result<Ended> {
    let mut lines = Vec::new();
    for source in Source::ALL {
        lines.push(Line { source: source.name(), outcome: file_source(config, backend, source, stop).await });
    }
    for source in WebSource::ALL {
        lines.push(Line {
            source: source.name(),
            outcome: until(stop, web_source(config, backend, source)).await.unwrap_or_else(interrupted),
        });
    }
    output::print(&text(&lines))?;
    let failed: Vec<&str> = lines.iter().filter(|line| matches!(line.outcome, Outcome::Failed(_))).map(|line| line.source).collect();
    let loaded = lines.iter().any(|line| matches!(line.outcome, Outcome::Loaded(..)));
    // What came is worth having, whatever did not.
    let transformed = if then_transform && loaded {
        let shown = progress::shown();
        let building = transform::build_and_check(config, transform::usual(config), backend.warehouse(), shown.as_ref());
        until(stop, building).await.unwrap_or(Ok(()))
    } else {
        Ok(())
    };
    match transformed {
        transformed if failed.is_empty() => transformed.map(|()| Ended::Done),
        Ok(()) => bail!("{} of {} sources failed: {}", failed.len(), lines.len(), failed.join(", ")),
        Err(error) => bail!("{} of {} sources failed: {}; and {error:#}", failed.len(), lines.len(), failed.join(", ")),
    }
}

/// What the work comes to, unless it is to stop.
async fn until<T>(stop: &CancellationToken, work: impl Future<Output = T>) -> Option<T> {
    stop.run_until_cancelled(work).await
}

fn interrupted() -> Outcome {
    Outcome::Failed("interrupted".to_owned())
}

async fn file_source(config: &Config, backend: &Backend, source: Source, stop: &CancellationToken) -> Outcome {
    let places = config.load.files.iter().find(|(name, _)| *name == source.name()).map_or(&[][..], |(_, places)| places);
    if places.is_empty() {
        return Outcome::Skipped(format!("load.{} is not set", source.name().replace('-', "_")));
    }
    let shown = progress::shown();
    let places = Places { storage: storage(&config.warehouse), stop: stop.clone(), ..Places::new(places) };
    let loaded = ingest::load_as_of(backend.warehouse(), source, places, None, &shown).await;
    shown.finish();
    match loaded {
        Ok(report) => Outcome::Loaded(report.totals(), report.rejections, String::new()),
        Err(error) => failed(source.name(), &error),
    }
}

async fn web_source(config: &Config, backend: &Backend, source: WebSource) -> Outcome {
    let Some(list) = &config.load.web_list else { return Outcome::Skipped("load.web_list is not set".to_owned()) };
    if !config.load.web.iter().any(|name| name == source.name()) {
        return Outcome::Skipped("load.web does not name it".to_owned());
    }
    let access = match load_web::access(source, &config.web) {
        Ok(access) => access,
        Err(WebError::NoKey { settings, .. }) => return Outcome::Skipped(format!("{settings} is not set")),
        Err(error) => return failed(source.name(), &error),
    };
    match load_web::load(source, list, access, config, backend).await {
        Ok(report) if report.left > 0 => {
            let left = format!("{} calls are left for the next run", report.left);
            Outcome::Loaded(report.totals(), report.rejections, left)
        }
        Ok(report) => Outcome::Loaded(report.totals(), report.rejections, String::new()),
        Err(IngestError::Web(WebError::NothingAsked { .. })) => Outcome::Skipped("the list has nothing for it".to_owned()),
        Err(error) => failed(source.name(), &error),
    }
}

fn failed(source: &str, error: &dyn Display) -> Outcome {
    tracing::error!(source, %error, "load failed");
    Outcome::Failed(error.to_string())
}

fn text(lines: &[Line]) -> String {
    let header = ["source", "", "read", "landed", "rejected", ""].map(str::to_owned).to_vec();
    let rows = lines.iter().map(|line| {
        let (state, counts, said) = match &line.outcome {
            Outcome::Loaded((read, landed, rejected), _, said) => ("loaded", [read, landed, rejected].map(ToString::to_string), said),
            Outcome::Skipped(said) => ("skipped", Default::default(), said),
            Outcome::Failed(said) => ("failed", Default::default(), said),
        };
        [vec![line.source.to_owned(), state.to_owned()], counts.to_vec(), vec![table::printable(said).to_string()]].concat()
    });
    let mut text = table::lines(header, rows, &[false, false, true, true, true, false]);
    let rejections = |line: &Line| match &line.outcome {
        Outcome::Loaded(_, rejections, _) => {
            rejections.iter().map(|found| (format!("{} {}", line.source, found.source_file), found.clone())).collect()
        }
        Outcome::Skipped(_) | Outcome::Failed(_) => Vec::new(),
    };
    let rejections: Vec<(String, Rejection)> = lines.iter().flat_map(rejections).collect();
    text.push_str(&load::why(rejections.iter().map(|(place, found)| (place.as_str(), found)), ["source", "first line"]));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{self, Overrides};

    #[test]
    fn the_settings_name_every_source() {
        let config = config::load_from(&Overrides::default(), []).unwrap();
        let files: Vec<&str> = config.load.files.iter().map(|(name, _)| *name).collect();
        assert_eq!(files, Source::ALL.map(Source::name));
        assert_eq!(config.load.web, WebSource::ALL.map(WebSource::name));
    }
}
