//! The log, on standard error.

use std::io::{self, IsTerminal};

use anyhow::Context;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::{EnvFilter, FilterExt as _, FilterFn, LevelFilter, filter_fn};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{LogFormat, LogSettings};

/// The filter of config/default.toml. Services log at this; commands that answer and end are quiet unless told otherwise.
const DEFAULT_FILTER: &str = "info,yup_oauth2=warn";
const QUIET_FILTER: &str = "warn,quaver::progress=info";

pub(super) fn start(settings: &LogSettings, service: bool) -> anyhow::Result<()> {
    let filter = if !service && settings.filter == DEFAULT_FILTER { QUIET_FILTER } else { &settings.filter };
    let filter = EnvFilter::try_new(filter).with_context(|| format!("log.filter {filter:?} is not a filter such as info,quaver=debug"))?;
    let filter = filter.and(without_secrets());
    let log = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    let log = match settings.format {
        LogFormat::Json => log.json().with_filter(filter).boxed(),
        LogFormat::Text => log.with_ansi(io::stderr().is_terminal()).with_filter(filter).boxed(),
    };
    tracing_subscriber::registry().with(log).try_init().map_err(|error| anyhow::anyhow!("the log cannot be started: {error}"))
}

/// Crates that write keys and tokens to the log at their lower levels: whatever the filter says, those are not shown.
const TELL_SECRETS: [&str; 4] = ["yup_oauth2", "hyper", "h2", "rustls"];

/// Says that it may let any level through, so that the level of the filter beside it is that of both: without a hint all are thought to be wanted,
/// and DataFusion prints its batches.
fn without_secrets() -> FilterFn<fn(&Metadata<'_>) -> bool> {
    let shown: fn(&Metadata<'_>) -> bool = |metadata| {
        let origin = metadata.target().split("::").next();
        *metadata.level() <= Level::INFO || !TELL_SECRETS.iter().any(|name| origin == Some(name))
    };
    filter_fn(shown).with_max_level_hint(LevelFilter::TRACE)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_tells_secrets_is_not_shown_whatever_the_filter() {
        let written = Written::default();
        let writer = written.clone();
        let layer = tracing_subscriber::fmt::layer().with_writer(move || writer.clone());
        let filter = EnvFilter::new("trace,yup_oauth2=trace").and(without_secrets());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer.with_filter(filter)), || {
            tracing::callsite::rebuild_interest_cache();
            tracing::debug!(target: "yup_oauth2::service_account", "hush");
            tracing::trace!(target: "hyper::proto", "hush");
            tracing::warn!(target: "yup_oauth2::storage", "a warning");
            tracing::trace!(target: "quaver::warehouse", "a detail");
        });
        let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        assert!(text.contains("a warning") && text.contains("a detail") && !text.contains("hush"), "{text}");
    }

    #[test]
    fn no_more_than_the_filter_names_is_thought_to_be_wanted() {
        let filter = EnvFilter::new("info").and(without_secrets());
        let layer = tracing_subscriber::fmt::layer::<tracing_subscriber::Registry>().with_filter(filter);
        assert_eq!(layer.max_level_hint(), Some(LevelFilter::INFO));
    }

    #[test]
    fn the_default_filter_is_that_of_the_configuration() {
        let config = crate::config::load_from(&crate::config::Overrides::default(), []).unwrap();
        assert_eq!(config.log.filter, DEFAULT_FILTER);
    }
}
