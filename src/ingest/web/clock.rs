//! Time, and turns. A seam, so that no test waits: pauses go through [`Clock`], and one [`Pacer`] spaces the requests of a run.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

/// What a load needs of time.
#[async_trait]
pub trait Clock: Send + Sync {
    fn now(&self) -> DateTime<Utc>;
    async fn sleep(&self, pause: Duration);
}

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    async fn sleep(&self, pause: Duration) {
        tokio::time::sleep(pause).await;
    }
}

/// Gives requests their turns: a fixed distance apart, and none while the service wants to be left alone.
pub(super) struct Pacer {
    interval: TimeDelta,
    turns: Mutex<Turns>,
}

#[derive(Default)]
struct Turns {
    next: DateTime<Utc>,
    blocked_until: DateTime<Utc>,
}

impl Pacer {
    pub(super) fn new(interval: Duration) -> Self {
        Self { interval: delta(interval), turns: Mutex::default() }
    }

    /// Waits for a turn.
    pub(super) async fn turn(&self, clock: &dyn Clock) {
        loop {
            let pause = {
                let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
                let now = clock.now();
                let at = turns.next.max(turns.blocked_until);
                if at <= now {
                    turns.next = now + self.interval;
                    return;
                }
                at - now
            };
            // The clock may jump; a turn is then late, not lost.
            clock.sleep(pause.to_std().unwrap_or_default().max(Duration::from_millis(1))).await;
        }
    }

    /// No turn before this time.
    pub(super) fn block_until(&self, time: DateTime<Utc>) {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.blocked_until = turns.blocked_until.max(time);
    }
}

/// Longest pauses are hours: what does not fit is such a mistake that any long pause will do.
pub(super) fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::days(365))
}
