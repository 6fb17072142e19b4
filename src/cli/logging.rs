//! The log, on standard error.

use std::io::{self, IsTerminal};

use anyhow::Context;
use tracing_subscriber::EnvFilter;

use crate::config::{LogFormat, LogSettings};

/// The filter of config/default.toml. Services log at this; commands that answer and end are quiet unless told otherwise.
const DEFAULT_FILTER: &str = "info,yup_oauth2=warn";
const QUIET_FILTER: &str = "warn,quaver::progress=info";

pub(super) fn start(settings: &LogSettings, service: bool) -> anyhow::Result<()> {
    let filter = if !service && settings.filter == DEFAULT_FILTER { QUIET_FILTER } else { &settings.filter };
    let filter = EnvFilter::try_new(filter).with_context(|| format!("log.filter {filter:?} is not a filter such as info,quaver=debug"))?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let started = match settings.format {
        LogFormat::Json => log.json().try_init(),
        LogFormat::Text => log.with_ansi(io::stderr().is_terminal()).try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("the log cannot be started: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_filter_is_that_of_the_configuration() {
        let config = crate::config::load_from(&crate::config::Overrides::default(), []).unwrap();
        assert_eq!(config.log.filter, DEFAULT_FILTER);
    }
}
