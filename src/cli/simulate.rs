//! `quaver simulate`: simulated listening events, streamed to the raw dataset or written as files.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::ensure;
use chrono::{Days, NaiveDate, Utc};
use clap::ValueEnum;

use super::{Ended, output, progress, shutdown};
use crate::app::{Backend, Sharing};
use crate::config::Config;
use crate::ingest::simulate::{self, Plan, Simulated, World};

/// The folder of the data directory that holds how far a simulation is.
const FOLDER: &str = "simulate";

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Listeners
    #[arg(long, value_name = "N", default_value_t = 1000)]
    users: u64,
    /// Days of listening
    #[arg(long, value_name = "D", default_value_t = 30)]
    days: u32,
    /// Events sent a second, at most [default: what the warehouse takes]
    #[arg(long, value_name = "R", conflicts_with = "out")]
    rate: Option<f64>,
    /// Plays of a listener a day, on average
    #[arg(long, value_name = "P", default_value_t = 12.0)]
    plays: f64,
    /// The first day [default: so that the last day is yesterday]
    #[arg(long, value_name = "DATE")]
    start: Option<NaiveDate>,
    /// Another seed, other events
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write files, one a day, in place of streaming to the warehouse
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Take all simulated events out of the raw dataset
    #[arg(long, conflicts_with_all = ["rate", "out", "start"])]
    remove: bool,
    /// What the files are
    #[arg(long, value_enum, default_value_t = Format::Ndjson, requires = "out")]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Ndjson,
    Parquet,
}

impl From<Format> for simulate::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Ndjson => Self::Ndjson,
            Format::Parquet => Self::Parquet,
        }
    }
}

pub(super) async fn run(arguments: Arguments, config: Config) -> anyhow::Result<Ended> {
    let Arguments { users, days, rate, plays, .. } = arguments;
    ensure!((1..=100_000_000).contains(&users), "--users takes 1 to 100,000,000");
    ensure!((1..=3660).contains(&days), "--days takes 1 to 3660");
    ensure!(plays > 0.0 && plays <= 500.0, "--plays takes more than 0 and at most 500");
    ensure!(rate.is_none_or(|rate| rate > 0.0), "--rate takes more than 0");
    let yesterday = Utc::now().date_naive() - Days::new(1);
    let start = arguments.start.unwrap_or_else(|| yesterday - Days::new(u64::from(days) - 1));
    let plan = Plan { seed: arguments.seed, users, start, days, plays_per_day: plays };
    let stop = shutdown::on_signal()?;
    let backend = Backend::open(&config, Sharing::Join).await?;
    if arguments.remove {
        let removed = simulate::remove(backend.warehouse(), &config.data.dir.join(FOLDER)).await;
        backend.close().await;
        output::print(&format!("{} simulated events were removed; `quaver transform` builds the tables without them.", removed?))?;
        return Ok(Ended::Done);
    }
    let shown = progress::shown();
    let work = async {
        let world = World::read(backend.warehouse(), plan.seed).await?;
        match arguments.out {
            Some(folder) => {
                let (plan, told, format) = (plan.clone(), std::sync::Arc::clone(&shown), arguments.format.into());
                let written = tokio::task::spawn_blocking(move || simulate::write((&plan, &world), (&folder, format), told.as_ref()));
                anyhow::Ok(written.await??)
            }
            None => {
                let folder = config.data.dir.join(FOLDER);
                Ok(simulate::stream(backend.warehouse(), (&plan, &world), (&folder, rate), shown.as_ref()).await?)
            }
        }
    };
    let done = tokio::select! {
        done = work => done,
        () = stop.cancelled() => anyhow::bail!("interrupted; the same command with `--start {start}` goes on from there"),
    };
    backend.close().await;
    output::print(&text(&done?))?;
    Ok(Ended::Done)
}

fn text(done: &Simulated) -> String {
    let Simulated { events, resumed, elapsed, files } = done;
    let new = events - resumed;
    let rate = new as f64 / elapsed.max(&Duration::from_millis(1)).as_secs_f64();
    let place = match files.as_slice() {
        [] => "They are in music_raw.simulated_events; `quaver transform --simulated` counts them in dataset music, `quaver transform` takes them out.".to_owned(),
        [one] => format!("They are in {}.", one.display()),
        [first, .., last] => format!("They are in {} to {}.", first.display(), last.display()),
    };
    let before = if *resumed > 0 { format!(" {resumed} more were there before.") } else { String::new() };
    format!("{new} simulated events in {:.1} s, {rate:.0} a second.{before} {place}", elapsed.as_secs_f64())
}
