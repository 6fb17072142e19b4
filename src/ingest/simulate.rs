//! `quaver simulate`: listening events that nobody listened to, for load tests and demonstrations.
//!
//! They are streamed to `music_raw.simulated_events`, or written as files; no table of `music` is built from them, so that they never
//! mix with real plays, unless a transform is told to count them. All is a function of the seed: a simulation that was broken off is taken up where the warehouse or the folder
//! ends, and no event stands twice. Events have numbers, batches go one after the other and each lands whole, so that what landed is
//! always the front of the simulation; insert ids hold back a batch whose answer was lost.

mod files;
mod journal;
mod plays;
mod world;

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::time::Instant;

use super::{IngestError, Progress, Sink, tables};
pub use files::Format;
use journal::Journal;
use plays::Play;
pub use world::{FIRST_USER, Track, World};

/// The table of `music_raw` that simulated plays are streamed to.
pub(super) const TABLE: &str = "simulated_events";
/// Rows of a request. BigQuery takes 50,000 and 10 MB, and advises far fewer.
/// Source: <https://cloud.google.com/bigquery/quotas#streaming_inserts>
const BATCH: usize = 2000;

/// What is simulated. The same plan gives the same events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub seed: u64,
    pub users: u64,
    pub start: NaiveDate,
    pub days: u32,
    /// Of the average user on the average day.
    pub plays_per_day: f64,
}

/// What a simulation came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Simulated {
    /// Events of the whole simulation.
    pub events: u64,
    /// Those of them that were there before this try.
    pub resumed: u64,
    pub elapsed: Duration,
    /// The files that this try wrote.
    pub files: Vec<PathBuf>,
}

/// Why nothing, or not all, was simulated.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// The folder holds part of another simulation.
    #[error("{}: holds part of another simulation ({held}); go on with that one, or take another folder or remove it", path.display())]
    Other { path: PathBuf, held: String },
    #[error("{}: {error}", path.display())]
    Disk { path: PathBuf, error: std::io::Error },
    /// The Parquet writer failed.
    #[error("{}: {message}", path.display())]
    Parquet { path: PathBuf, message: String },
    /// The warehouse holds more events of the simulation than it has.
    #[error(
        "music_raw.simulated_events holds {held} events of this simulation, which has {events}: its tracks were others then; take another seed"
    )]
    Changed { held: u64, events: u64 },
}

/// An event as it lands.
#[derive(Debug, Serialize)]
struct Event<'a> {
    user_id: i64,
    track_id: &'a str,
    track_title: &'a str,
    artist_id: &'a str,
    artist_name: &'a str,
    country: &'static str,
    played_at: DateTime<Utc>,
    run: &'a str,
    number: u64,
}

impl Plan {
    /// Tells simulations apart.
    #[must_use]
    pub fn run(&self) -> String {
        let Self { seed, users, start, days, plays_per_day } = self;
        format!("seed {seed}, {users} users, {days} days from {start}, {plays_per_day} plays a day")
    }

    /// About how many events there will be.
    #[must_use]
    pub fn expected(&self) -> u64 {
        (self.users as f64 * f64::from(self.days) * self.plays_per_day) as u64
    }
}

impl World {
    fn event<'a>(&'a self, play: &Play, run: &'a str, number: u64) -> Event<'a> {
        let (listener, track) = (self.listener(play.user), &self.tracks[play.track]);
        Event {
            user_id: listener.user_id,
            track_id: &track.track_id,
            track_title: &track.title,
            artist_id: &track.artist_id,
            artist_name: &track.artist_name,
            country: listener.country,
            played_at: play.at,
            run,
            number,
        }
    }
}

/// Simulated events of tracks that dataset music does not have: they were simulated before those were loaded, and count nowhere.
///
/// # Errors
/// What the warehouse says.
pub async fn strangers(sink: &dyn Sink) -> Result<u64, IngestError> {
    let (raw, music) = (tables::RAW, tables::MUSIC);
    let sql = format!(
        "SELECT COUNT(*) FROM {raw}.{TABLE} AS played LEFT JOIN {music}.tracks AS tracks ON tracks.track_id = played.track_id \
         WHERE tracks.track_id IS NULL"
    );
    Ok(u64::try_from(sink.count(&sql).await?).unwrap_or_default())
}

/// Takes all simulated events out of the warehouse, with what `folder` knows of them. Returns how many there were.
///
/// # Errors
/// What the warehouse or the disk says.
pub async fn remove(sink: &dyn Sink, folder: &Path) -> Result<u64, IngestError> {
    let table = tables::bronze(TABLE);
    sink.create_dataset(tables::RAW).await?;
    sink.create_table(tables::RAW, table, false).await?;
    let held = sink.count(&format!("SELECT COUNT(*) FROM {}.{TABLE}", tables::RAW)).await?;
    // A new table: an old one would not take events again whose ids it has seen within the last minute.
    sink.delete_table(tables::RAW, TABLE).await?;
    sink.create_table(tables::RAW, table, false).await?;
    Journal::forget(folder)?;
    Ok(u64::try_from(held).unwrap_or_default())
}

/// Streams a simulation to the warehouse, `rate` events a second at most. `folder` keeps the journal of the last batch that the
/// warehouse acknowledged.
///
/// # Errors
/// [`SimulateError`]; else what the warehouse says. The same call goes on.
pub async fn stream(
    sink: &dyn Sink,
    (plan, world): (&Plan, &World),
    (folder, rate): (&Path, Option<f64>),
    progress: &dyn Progress,
) -> Result<Simulated, IngestError> {
    let begun = Instant::now();
    let mut journal = Journal::open(folder, plan)?;
    let (table, run) = (tables::bronze(TABLE), plan.run());
    sink.create_dataset(tables::RAW).await?;
    sink.create_table(tables::RAW, table, false).await?;
    // The warehouse may have taken one batch more than the journal knows of.
    let held = sink.count(&format!("SELECT COUNT(*) FROM {}.{TABLE} WHERE run = '{run}'", tables::RAW)).await?;
    // None of them are there when the table is another than last time.
    let resumed = u64::try_from(held).unwrap_or_default();
    let resumed = if resumed == 0 { 0 } else { journal.acknowledged().max(resumed) };
    progress.start("simulating", Some(plan.expected().max(resumed)));
    progress.inc(resumed);
    let mut pace = Pace { rate, begun: Instant::now(), sent: 0 };
    let mut batch: Vec<(String, Value)> = Vec::with_capacity(BATCH);
    let mut number = 0;
    for hour in plays::hours(plan.start, plan.days) {
        let plays = tokio::task::block_in_place(|| plays::of_hour(world, plan.users, plan.plays_per_day, hour));
        for play in plays {
            if number >= resumed {
                let event = serde_json::to_value(world.event(&play, &run, number)).expect("events are plain structs");
                batch.push((format!("{run}/{number}"), event));
            }
            number += 1;
            if batch.len() == BATCH {
                send(sink, &mut batch, (&mut journal, number), (&mut pace, progress)).await?;
            }
        }
    }
    send(sink, &mut batch, (&mut journal, number), (&mut pace, progress)).await?;
    progress.finish();
    if resumed > number {
        return Err(SimulateError::Changed { held: resumed, events: number }.into());
    }
    journal.finish()?;
    Ok(Simulated { events: number, resumed, elapsed: begun.elapsed(), files: Vec::new() })
}

async fn send(
    sink: &dyn Sink,
    batch: &mut Vec<(String, Value)>,
    (journal, number): (&mut Journal, u64),
    (pace, progress): (&mut Pace, &dyn Progress),
) -> Result<(), IngestError> {
    if batch.is_empty() {
        return Ok(());
    }
    let rows = std::mem::replace(batch, Vec::with_capacity(BATCH));
    let sent = rows.len() as u64;
    pace.wait(sent).await;
    sink.insert(tables::RAW, tables::bronze(TABLE), rows).await?;
    journal.acknowledge(number)?;
    progress.inc(sent);
    Ok(())
}

/// Writes a simulation as files, one a day, into `folder`. A day whose file is there is not written again.
///
/// # Errors
/// [`SimulateError`]. The same call goes on with the day that was not finished.
pub fn write(
    (plan, world): (&Plan, &World),
    (folder, format): (&Path, Format),
    progress: &dyn Progress,
) -> Result<Simulated, SimulateError> {
    let begun = Instant::now();
    let mut journal = Journal::open(folder, plan)?;
    let run = plan.run();
    progress.start("simulating", Some(plan.expected()));
    let (mut number, mut resumed, mut written) = (0, 0, Vec::new());
    for day in 0..plan.days {
        let date = plan.start + chrono::Days::new(u64::from(day));
        let path = folder.join(format!("simulated-{date}.{}", format.extension()));
        let there = number < journal.acknowledged() && path.exists();
        let mut file = if there { None } else { Some(files::DayFile::create(&path, format)?) };
        let first = number;
        for hour in plays::hours(date, 1) {
            let plays = plays::of_hour(world, plan.users, plan.plays_per_day, hour);
            let count = plays.len() as u64;
            if let Some(file) = &mut file {
                let events: Vec<Event<'_>> = plays.iter().zip(number..).map(|(play, number)| world.event(play, &run, number)).collect();
                file.write(&events)?;
            }
            number += count;
            progress.inc(count);
        }
        match file {
            Some(file) => {
                file.finish()?;
                written.push(path);
            }
            None => resumed += number - first,
        }
        if number > journal.acknowledged() {
            journal.acknowledge(number)?;
        }
    }
    progress.finish();
    // The journal stays: the same call again finds every day written.
    Ok(Simulated { events: number, resumed, elapsed: begun.elapsed(), files: written })
}

/// Holds back what would be faster than wanted.
struct Pace {
    rate: Option<f64>,
    begun: Instant,
    sent: u64,
}

impl Pace {
    async fn wait(&mut self, rows: u64) {
        if let Some(rate) = self.rate.filter(|rate| *rate > 0.0) {
            tokio::time::sleep_until(self.begun + Duration::from_secs_f64(self.sent as f64 / rate)).await;
        }
        self.sent += rows;
    }
}

#[cfg(test)]
mod tests;
