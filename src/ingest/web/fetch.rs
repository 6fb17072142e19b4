//! Requests: authorised, spaced, counted against a budget, tried again where that may help, conditional where an earlier answer had
//! a tag. Every answer is in the journal before anybody sees it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, SubsecRound as _, Utc};
use reqwest::header::{ETAG, HeaderMap, IF_NONE_MATCH, RETRY_AFTER};
use reqwest::{Client, Url, redirect};
use serde_json::Value;

use super::access::Access;
use super::call::{Call, Verdict, WebApi};
use super::clock::{Clock, Pacer, delta};
use super::journal::{Finished, Journal, Outcome};
use super::{Settings, WebError};
use crate::warehouse::RetryPolicy;

/// What became of a call.
#[derive(Debug)]
pub(super) enum Fetched {
    /// `news` when it was asked for now, not in an earlier try of this run.
    Finished { finished: Box<Finished>, news: bool },
    /// The endpoint was withdrawn from this account, so the call was not made.
    Withdrawn(Call),
    /// The budget is used up.
    Left,
}

pub(super) struct Fetcher {
    api: Arc<dyn WebApi>,
    http: Client,
    base: Url,
    access: Access,
    clock: Arc<dyn Clock>,
    pacer: Pacer,
    policy: RetryPolicy,
    longest_pause: Duration,
    budget: Budget,
    journal: Arc<Mutex<Journal>>,
    withdrawn: Mutex<HashMap<String, String>>,
}

/// Requests that may still be sent.
struct Budget {
    all: u32,
    left: AtomicU32,
}

/// An answer, whatever it says.
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: String,
}

/// A pause that no service gives a length for, after "too many requests".
const SHORTEST_LIMIT_PAUSE: Duration = Duration::from_secs(1);
/// The longest of our own pauses between two tries.
const LONGEST_BACKOFF: Duration = Duration::from_secs(60);
/// The largest answer that is taken. The largest that the services give are below one megabyte.
const LARGEST_BODY: usize = 32 << 20;

impl Fetcher {
    pub(super) fn new(
        api: Arc<dyn WebApi>,
        settings: &Settings,
        access: Access,
        (clock, journal): (Arc<dyn Clock>, Arc<Mutex<Journal>>),
    ) -> Result<Self, WebError> {
        let address = |message: String| WebError::Address { service: api.name(), address: settings.url.clone(), message };
        let base = Url::parse(&settings.url).map_err(|error| address(error.to_string()))?;
        if !matches!(base.scheme(), "http" | "https") || base.cannot_be_a_base() {
            return Err(address("it does not begin with https://".to_owned()));
        }
        let http = Client::builder()
            .user_agent(concat!("quaver/", env!("CARGO_PKG_VERSION")))
            .timeout(settings.request_timeout)
            // A key must not be sent on to another host, and none of the services redirects.
            .redirect(redirect::Policy::none())
            .build()
            .map_err(|error| address(error.without_url().to_string()))?;
        Ok(Self {
            pacer: Pacer::new(api.interval()),
            http,
            base,
            access,
            clock,
            policy: RetryPolicy {
                max_retries: settings.max_retries,
                first_pause: Duration::from_millis(500),
                longest_pause: LONGEST_BACKOFF,
            },
            longest_pause: settings.longest_pause,
            budget: Budget { all: settings.max_requests, left: AtomicU32::new(settings.max_requests) },
            journal,
            withdrawn: Mutex::default(),
            api,
        })
    }

    /// Requests that were sent.
    pub(super) fn requests(&self) -> u32 {
        self.budget.all - self.budget.left.load(Ordering::Relaxed)
    }

    /// Endpoints that were withdrawn from this account, each with what the service said.
    pub(super) fn withdrawn(&self) -> Vec<(String, String)> {
        let withdrawn = self.withdrawn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut withdrawn: Vec<_> = withdrawn.iter().map(|(endpoint, said)| (endpoint.clone(), said.clone())).collect();
        withdrawn.sort();
        withdrawn
    }

    /// The answer to a call: the journal's, or the service's.
    ///
    /// # Errors
    /// When the whole run cannot go on. A call that fails alone is [`Outcome::Failed`].
    pub(super) async fn fetch(&self, call: Call) -> Result<Fetched, WebError> {
        let url = call.url(&self.base);
        if let Some(finished) = self.with_journal(|journal| journal.find(url.as_str()))? {
            if let Outcome::Withdrawn(said) = &finished.outcome {
                self.note_withdrawn(&call, said);
            }
            return Ok(Fetched::Finished { finished: Box::new(finished), news: false });
        }
        let known = self.with_journal(|journal| journal.tagged(url.as_str()))?;
        let mut attempt = 0;
        let mut renewed = false;
        loop {
            if self.withdrawn.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&call.endpoint) {
                return Ok(Fetched::Withdrawn(call));
            }
            let (answer, verdict) = match self.ask(&call, &url, known.as_ref()).await? {
                Some((answer, verdict)) => (answer, verdict),
                None => return Ok(Fetched::Left),
            };
            let outcome = match verdict {
                Verdict::Page => Outcome::Page,
                Verdict::Absent(reason) => Outcome::Absent(reason),
                Verdict::Withdrawn(reason) => {
                    self.note_withdrawn(&call, &reason);
                    Outcome::Withdrawn(reason)
                }
                Verdict::Refused(message) => return Err(self.refused(message)),
                Verdict::Expired(message) if renewed => return Err(self.refused(message)),
                Verdict::Expired(_) => {
                    renewed = true;
                    self.access.renew();
                    continue;
                }
                Verdict::Limited(reason) => {
                    self.wait_for_limit(&answer, attempt, reason).await?;
                    attempt += 1;
                    continue;
                }
                Verdict::Again(reason) if attempt < self.policy.max_retries => {
                    let asked = answer.as_ref().and_then(|answer| retry_after(&answer.headers, self.clock.now()));
                    let pause = asked.unwrap_or_default().max(self.policy.pause(attempt)).min(self.longest_pause);
                    tracing::debug!(service = self.api.name(), endpoint = %call.endpoint, attempt, reason, "asking again");
                    self.clock.sleep(pause).await;
                    attempt += 1;
                    continue;
                }
                Verdict::Again(reason) => Outcome::Failed(format!("{reason}, {} times", attempt + 1)),
            };
            return self.keep(call, &url, (answer, outcome), known).await;
        }
    }

    /// Sends one request. `None` when the budget is used up.
    async fn ask(&self, call: &Call, url: &Url, known: Option<&Finished>) -> Result<Option<(Option<Answer>, Verdict)>, WebError> {
        let token = loop {
            match self.access.token(self.clock.now()) {
                Some(token) => break token,
                None => {
                    let _gate = self.access.gate().await;
                    if self.access.token(self.clock.now()).is_some() {
                        continue;
                    }
                    if !self.turn().await {
                        return Ok(None);
                    }
                    if let Some((headers, verdict)) = self.access.fetch_token(&self.http, self.clock.as_ref()).await {
                        return Ok(Some((Some(Answer { status: 0, headers, body: String::new() }), verdict)));
                    }
                }
            }
        };
        if !self.turn().await {
            return Ok(None);
        }
        let mut request = self.http.get(self.access.signed(url));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(etag) = known.and_then(|known| known.etag.as_deref()) {
            request = request.header(IF_NONE_MATCH, etag);
        }
        let answer = match receive(request).await {
            Ok(answer) => answer,
            // The address has the key in it, so the error must not show it.
            Err(message) => return Ok(Some((None, Verdict::Again(format!("{} cannot be reached: {message}", self.api.name()))))),
        };
        if answer.status == 304 && known.is_some() {
            return Ok(Some((Some(answer), Verdict::Page)));
        }
        let body: Option<Value> = serde_json::from_str(answer.body.trim_start_matches('\u{feff}')).ok();
        let verdict = match (&body, self.api.verdict(call, answer.status, body.as_ref())) {
            // A proxy's page, or an answer that was cut short.
            (None, Verdict::Page) => Verdict::Again(format!("{} gave an answer that is no JSON", self.api.name())),
            (_, verdict) => verdict,
        };
        Ok(Some((Some(answer), verdict)))
    }

    /// Waits for a turn; `false` when the budget is used up.
    async fn turn(&self) -> bool {
        let left = self.budget.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        if left.is_ok() {
            self.pacer.turn(self.clock.as_ref()).await;
        }
        left.is_ok()
    }

    /// All requests wait, not this one alone.
    async fn wait_for_limit(&self, answer: &Option<Answer>, attempt: u32, reason: String) -> Result<(), WebError> {
        let now = self.clock.now();
        let asked = answer.as_ref().and_then(|answer| retry_after(&answer.headers, now));
        let pause = match asked {
            // A little more than was asked for, so that not everybody comes back at once.
            Some(asked) => asked + self.policy.pause(0),
            None => self.policy.pause(attempt.saturating_add(1)).max(SHORTEST_LIMIT_PAUSE * 2u32.saturating_pow(attempt.min(6))),
        };
        if pause > self.longest_pause.saturating_add(self.policy.first_pause) || attempt >= self.policy.max_retries {
            return Err(WebError::RateLimited { service: self.api.name(), seconds: pause.as_secs(), message: reason });
        }
        tracing::info!(service = self.api.name(), pause_ms = pause.as_millis(), reason, "pausing");
        self.pacer.block_until(now + delta(pause));
        Ok(())
    }

    async fn keep(
        &self,
        call: Call,
        url: &Url,
        (answer, outcome): (Option<Answer>, Outcome),
        known: Option<Finished>,
    ) -> Result<Fetched, WebError> {
        let answer = answer.unwrap_or(Answer { status: 0, headers: HeaderMap::new(), body: String::new() });
        let tag = || answer.headers.get(ETAG).and_then(|tag| tag.to_str().ok()).map(|tag| self.access.without_secrets(tag));
        let (etag, body) = match known {
            // The answer is the one of the run before.
            Some(known) if answer.status == 304 => (known.etag, known.body),
            _ => (tag(), self.access.without_secrets(&answer.body)),
        };
        let finished = Finished {
            call,
            url: url.to_string(),
            status: answer.status,
            etag,
            fetched_at: self.clock.now().trunc_subsecs(6),
            body,
            outcome,
        };
        // Writing waits for the disk.
        let journal = Arc::clone(&self.journal);
        let kept = tokio::task::spawn_blocking(move || journal.lock().unwrap_or_else(PoisonError::into_inner).keep(finished)).await;
        let finished = kept.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
        Ok(Fetched::Finished { finished: Box::new(finished), news: true })
    }

    fn note_withdrawn(&self, call: &Call, said: &str) {
        let mut withdrawn = self.withdrawn.lock().unwrap_or_else(PoisonError::into_inner);
        withdrawn.entry(call.endpoint.clone()).or_insert_with(|| said.to_owned());
    }

    fn refused(&self, message: String) -> WebError {
        WebError::Refused { service: self.api.name(), message, settings: self.access.settings() }
    }

    fn with_journal<T>(&self, read: impl FnOnce(&Journal) -> T) -> T {
        read(&self.journal.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn receive(request: reqwest::RequestBuilder) -> Result<Answer, String> {
    let said = |error: reqwest::Error| {
        let error = error.without_url();
        std::iter::successors(Some(&error as &dyn std::error::Error), |cause| cause.source())
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(": ")
    };
    let mut response = request.send().await.map_err(said)?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(said)? {
        if body.len() + chunk.len() > LARGEST_BODY {
            return Err(format!("its answer is larger than {LARGEST_BODY} bytes"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, headers, body: String::from_utf8_lossy(&body).into_owned() })
}

/// Seconds, or a date. Source: <https://www.rfc-editor.org/rfc/rfc9110#field.retry-after>
fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let time = DateTime::parse_from_rfc2822(text).ok()?;
    Some((time.to_utc() - now).to_std().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_read_as_seconds_and_as_dates() {
        let now = DateTime::from_timestamp(1_445_412_470, 0).unwrap();
        let check = |text: &str, expected: Option<u64>| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);
            assert_eq!(retry_after(&headers, now), expected.map(Duration::from_secs), "{text}");
        };
        check("7", Some(7));
        check("Wed, 21 Oct 2015 07:28:00 GMT", Some(10));
        check("Wed, 21 Oct 2009 07:28:00 GMT", Some(0));
        check("soon", None);
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }
}
