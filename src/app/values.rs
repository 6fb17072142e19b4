//! The values that questions name, kept up with the warehouse: read at the start, and again when a table that they come from has
//! changed.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{oneshot, watch};

use crate::ask::{Linker, Pipeline, values};
use crate::catalog::Catalog;
use crate::config::Config;
use crate::ingest::sink::{SAMPLE, SIMULATED};
use crate::warehouse::{RunOptions, Warehouse, WarehouseError};

/// Tables that `ask::values` reads. `listening_events` is not among them: it grows all the time and brings no new names.
const SOURCES: [&str; 7] = ["artists", "tracks", "artist_tags", "users", "chart_entries", "country_charts", "user_segments"];
/// After a failure, this is waited for instead of the interval if it is shorter.
const RETRY: Duration = Duration::from_secs(10);

/// How the values are read: all rows, under the cap of a question.
pub(super) fn options(config: &Config) -> RunOptions {
    RunOptions {
        max_rows: u32::MAX,
        max_bytes_billed: config.limits.max_bytes_billed,
        timeout: config.warehouse.query_timeout.max(Duration::from_secs(120)),
        labels: vec![("app".to_owned(), "quaver".to_owned()), ("purpose".to_owned(), "values".to_owned())],
    }
}

/// Rebuilds the linker of a pipeline.
pub(super) struct Refresher {
    pub(super) warehouse: Warehouse,
    pub(super) catalog: Arc<Catalog>,
    pub(super) pipeline: Pipeline,
    /// How often questions use a word that is no value; comes with the model.
    pub(super) question_words: oneshot::Receiver<HashMap<String, u32>>,
    pub(super) interval: Duration,
    pub(super) options: RunOptions,
}

/// What tells that a table is not what it was.
#[derive(Debug, Default, PartialEq, Eq)]
struct Fingerprint {
    etags: Vec<Option<String>>,
    sample: bool,
    /// Tables with simulated plays among their rows.
    simulated: BTreeSet<String>,
}

impl Refresher {
    /// Runs until it is aborted. `known` becomes true after the first reading, also a failed one: without names the service still
    /// answers, and says what the warehouse says.
    pub(super) async fn run(mut self, known: watch::Sender<bool>) {
        let question_words = (&mut self.question_words).await.unwrap_or_default();
        let mut seen = None;
        loop {
            let pause = match self.refresh(&mut seen, &question_words).await {
                Ok(()) => self.interval,
                Err(error) => {
                    tracing::warn!(%error, "could not read the values of the warehouse");
                    self.interval.min(RETRY)
                }
            };
            known.send_replace(true);
            tokio::time::sleep(pause).await;
        }
    }

    async fn refresh(&self, seen: &mut Option<Fingerprint>, question_words: &HashMap<String, u32>) -> Result<(), WarehouseError> {
        let now = self.fingerprint().await?;
        if seen.as_ref() == Some(&now) {
            return Ok(());
        }
        let started = Instant::now();
        let values = values::load(&self.warehouse, &self.catalog, &self.options).await?;
        let (count, words) = (values.len(), question_words.clone());
        let built = tokio::task::spawn_blocking(move || Linker::build(values, words)).await;
        let linker = match built {
            Ok(linker) => linker,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            // The runtime is shutting down.
            Err(_) => return Ok(()),
        };
        self.pipeline.set_linker(Arc::new(linker));
        self.pipeline.set_sample(now.sample);
        self.pipeline.set_simulated(now.simulated.clone());
        tracing::info!(values = count, sample = now.sample, ms = started.elapsed().as_millis() as u64, "values read");
        *seen = Some(now);
        Ok(())
    }

    async fn fingerprint(&self) -> Result<Fingerprint, WarehouseError> {
        let mut fingerprint = Fingerprint::default();
        for table in SOURCES {
            let info = self.warehouse.table_info(&self.catalog.dataset, table).await?;
            fingerprint.sample |= info.as_ref().is_some_and(|info| info.is_labelled(SAMPLE));
            if info.as_ref().is_some_and(|info| info.is_labelled(SIMULATED)) {
                fingerprint.simulated.insert(table.to_owned());
            }
            fingerprint.etags.push(info.and_then(|info| info.etag));
        }
        // Simulated plays have users of their own: without them there are none anywhere.
        if fingerprint.simulated.contains("users") {
            for table in self.catalog.tables.iter().map(|table| table.name.as_str()).filter(|table| !SOURCES.contains(table)) {
                let info = self.warehouse.table_info(&self.catalog.dataset, table).await?;
                fingerprint.simulated.extend(info.filter(|info| info.is_labelled(SIMULATED)).map(|_| table.to_owned()));
            }
        }
        Ok(fingerprint)
    }
}
