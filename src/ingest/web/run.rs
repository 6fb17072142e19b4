//! A run from its first call to its last row: calls in waves, each wave those that follow from the answers to the one before.
//!
//! Answers are looked at in the order of the calls, whatever order they come in, and what follows from an answer depends on it
//! alone. So a run that is taken up again makes the same calls, finds most of them answered in its journal, and sends the rest.

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::TimeDelta;
use futures::StreamExt as _;

use super::super::landing::{FileReport, Rejections, listed};
use super::super::{IngestError, Progress, Sink};
use super::access::Access;
use super::call::{Call, WebApi};
use super::clock::Clock;
use super::fetch::{Fetched, Fetcher};
use super::journal::{Finished, Journal, Outcome, Part};
use super::land::{self, Landing, json};
use super::{Settings, WebError, WebReport};

/// A part lands when so much was fetched: what a load holds in memory does not grow with the list.
const PART_BYTES: u64 = 16 << 20;
/// So many calls in a row that fail for good mean that it is the service, not the calls.
const MOST_FAILURES: u32 = 3;
/// How a service says that it has nothing under an address.
const NOT_THERE: [u16; 2] = [404, 410];
/// A run that was broken off is gone on with for so long: a daily run begins anew.
const LONGEST_RUN: TimeDelta = TimeDelta::hours(20);

pub(super) struct Run<'a> {
    pub(super) sink: &'a dyn Sink,
    pub(super) api: Arc<dyn WebApi>,
    pub(super) settings: &'a Settings,
    pub(super) folder: &'a Path,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) progress: &'a dyn Progress,
}

/// What a run has seen so far.
#[derive(Default)]
struct Seen {
    /// What was asked for, without the service's address.
    asked: HashSet<String>,
    tracks: Vec<String>,
    known_tracks: HashSet<String>,
    failures: u32,
    report: Counts,
}

#[derive(Default)]
struct Counts {
    resumed: u64,
    unchanged: u64,
    left: u64,
    files: Vec<FileReport>,
    rejections: Rejections,
    /// Calls that were answered, and with a page.
    answered: u64,
    pages: u64,
    /// What was said to the last of those that the service says it does not have.
    gone: Option<String>,
}

impl Counts {
    /// What the service says when there was nothing at all behind its addresses.
    fn gone(&self) -> Option<String> {
        self.gone.clone().filter(|_| self.pages == 0 && self.left == 0)
    }

    fn note(&mut self, finished: &Finished, news: bool) {
        self.answered += 1;
        self.resumed += u64::from(!news);
        self.unchanged += u64::from(finished.status == 304);
        match &finished.outcome {
            Outcome::Absent(said) | Outcome::Withdrawn(said) if NOT_THERE.contains(&finished.status) => self.gone = Some(said.clone()),
            _ => self.pages += 1,
        }
    }
}

impl Run<'_> {
    pub(super) async fn go(self, access: Access) -> Result<WebReport, IngestError> {
        let name = self.api.name();
        let mut seen = Seen::default();
        let journal = self.open(&mut seen).await?;
        let fetcher = Fetcher::new(Arc::clone(&self.api), self.settings, access, (Arc::clone(&self.clock), Arc::clone(&journal)))?;
        let begun_at = with(&journal, |journal| journal.begun_at());
        let mut wave = seen.new_calls(self.api.plan(begun_at));
        self.progress.start(&format!("fetching from {name}"), Some(wave.len() as u64));
        while !wave.is_empty() {
            // What follows from answers is known as they come.
            self.progress.expect(seen.report.answered + wave.len() as u64);
            wave = self.wave(&fetcher, &journal, wave, &mut seen).await?;
            if wave.is_empty() && seen.report.left == 0 {
                let tracks = std::mem::take(&mut seen.tracks);
                wave = seen.new_calls(self.api.for_tracks(&tracks));
            }
        }
        self.close_part(&journal, &mut seen).await?;
        self.progress.finish();
        if let Some(message) = seen.report.gone() {
            // Asked anew next time, not answered from the journal.
            drop(fetcher);
            finish(journal)?;
            return Err(WebError::Gone { service: name, calls: seen.report.answered, message }.into());
        }

        let report = WebReport {
            source: name,
            files: merged(seen.report.files),
            rejections: listed(seen.report.rejections),
            requests: fetcher.requests(),
            resumed: seen.report.resumed,
            unchanged: seen.report.unchanged,
            withdrawn: fetcher.withdrawn(),
            left: seen.report.left,
        };
        drop(fetcher);
        if report.left == 0 {
            finish(journal)?;
        }
        Ok(report)
    }

    /// The journal of the run that is gone on with, or of a new one. What was landing when the last one was broken off has landed.
    async fn open(&self, seen: &mut Seen) -> Result<Arc<Mutex<Journal>>, IngestError> {
        land::prepare(self.sink, self.api.as_ref()).await?;
        loop {
            let (folder, name, now) = (self.folder.to_owned(), self.api.name(), self.clock.now());
            let opened = tokio::task::spawn_blocking(move || Journal::open(&folder, name, now)).await;
            let journal = Arc::new(Mutex::new(opened.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?));
            let (unlanded, begun_at) = with(&journal, |journal| (journal.unlanded(), journal.begun_at()));
            if let Some(part) = unlanded {
                self.land(&journal, part, seen).await?;
            }
            if now - begun_at < LONGEST_RUN {
                return Ok(journal);
            }
            // Charts of the day before are no answer to what is asked today; but they are worth keeping.
            self.close_part(&journal, seen).await?;
            finish(journal)?;
        }
    }

    /// Makes the calls, and returns those that follow.
    async fn wave(
        &self,
        fetcher: &Fetcher,
        journal: &Arc<Mutex<Journal>>,
        calls: Vec<Call>,
        seen: &mut Seen,
    ) -> Result<Vec<Call>, IngestError> {
        let mut next = Vec::new();
        let calls: Vec<_> = calls.into_iter().map(|call| fetcher.fetch(call)).collect();
        let mut answers = futures::stream::iter(calls).buffered(self.settings.concurrency.max(1));
        while let Some(fetched) = answers.next().await {
            match fetched? {
                Fetched::Finished { finished, news } => {
                    self.progress.inc(1);
                    seen.report.note(&finished, news);
                    seen.failures(self.api.name(), &finished)?;
                    next.extend(self.follow(&finished, seen));
                }
                Fetched::Withdrawn(call) => next.extend(seen.new_calls(self.api.instead(&call).into_iter().collect())),
                Fetched::Left => seen.report.left += 1,
            }
            if with(journal, |journal| journal.open_bytes()) > PART_BYTES {
                self.close_part(journal, seen).await?;
            }
        }
        Ok(next)
    }

    fn follow(&self, finished: &Finished, seen: &mut Seen) -> Vec<Call> {
        let calls = match &finished.outcome {
            Outcome::Page => {
                let page = self.api.read(&finished.call, &json(&finished.body));
                for track in page.track_ids {
                    if seen.known_tracks.insert(track.clone()) {
                        seen.tracks.push(track);
                    }
                }
                page.next
            }
            Outcome::Absent(_) | Outcome::Withdrawn(_) => self.api.instead(&finished.call).into_iter().collect(),
            Outcome::Failed(_) => Vec::new(),
        };
        seen.new_calls(calls)
    }

    async fn close_part(&self, journal: &Arc<Mutex<Journal>>, seen: &mut Seen) -> Result<(), IngestError> {
        match with(journal, |journal| journal.begin_landing(self.clock.now()))? {
            Some(part) => self.land(journal, part, seen).await,
            None => Ok(()),
        }
    }

    async fn land(&self, journal: &Arc<Mutex<Journal>>, part: Part, seen: &mut Seen) -> Result<(), IngestError> {
        let (api, reader) = (Arc::clone(&self.api), Arc::clone(journal));
        let read = tokio::task::spawn_blocking(move || {
            let answers = with(&reader, |journal| journal.answers(part))?;
            Ok::<_, WebError>(Landing::of(api.as_ref(), part, answers))
        });
        let landing = read.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
        let (files, rejections) = landing.write(self.sink, self.api.name(), part).await?;
        seen.report.files.extend(files);
        for (kind, rejection) in rejections {
            let rows = rejection.rows;
            seen.report.rejections.entry(kind).and_modify(|known| known.rows += rows).or_insert(rejection);
        }
        Ok(with(journal, |journal| journal.landed(part))?)
    }
}

impl Seen {
    /// Those that were not made before: an artist that is named twice is asked for once.
    fn new_calls(&mut self, calls: Vec<Call>) -> Vec<Call> {
        calls.into_iter().filter(|call| self.asked.insert(call.what())).collect()
    }

    fn failures(&mut self, service: &'static str, finished: &Finished) -> Result<(), WebError> {
        let Outcome::Failed(reason) = &finished.outcome else {
            self.failures = 0;
            return Ok(());
        };
        self.failures += 1;
        if self.failures < MOST_FAILURES {
            return Ok(());
        }
        Err(WebError::Unavailable { service, message: reason.clone() })
    }
}

fn with<T>(journal: &Mutex<Journal>, read: impl FnOnce(&mut Journal) -> T) -> T {
    read(&mut journal.lock().unwrap_or_else(PoisonError::into_inner))
}

fn finish(journal: Arc<Mutex<Journal>>) -> Result<(), WebError> {
    let journal = Arc::into_inner(journal).expect("whoever else had it was waited for");
    journal.into_inner().unwrap_or_else(PoisonError::into_inner).finish()
}

/// One line for each endpoint and table, over all parts.
fn merged(files: Vec<FileReport>) -> Vec<FileReport> {
    let mut merged: Vec<FileReport> = Vec::new();
    for file in files {
        match merged.iter_mut().find(|known| (&known.source_file, &known.table_name) == (&file.source_file, &file.table_name)) {
            Some(known) => {
                known.rows_read += file.rows_read;
                known.rows_landed += file.rows_landed;
                known.rows_rejected += file.rows_rejected;
            }
            None => merged.push(file),
        }
    }
    merged
}
