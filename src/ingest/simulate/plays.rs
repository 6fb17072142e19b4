//! When is listened: hour after hour of simulated time, with the rhythm of days and weeks.
//!
//! The plays of an hour depend on the seed and the hour alone, so that a simulation can be taken up at any of them.

use chrono::{DateTime, Datelike, Duration, NaiveDate, Timelike, Utc};
use rand::Rng;

use super::world::World;

/// How much is listened to at each hour of a working day, by the listener's clock.
const WORKDAY: [f64; 24] =
    [1.6, 0.8, 0.5, 0.3, 0.4, 0.9, 2.4, 4.6, 5.4, 4.8, 4.4, 4.3, 4.6, 4.5, 4.5, 4.8, 5.4, 6.3, 6.4, 6.0, 5.8, 5.4, 4.4, 2.8];
/// The same of Saturday and Sunday: later, and longer into the night.
const WEEKEND: [f64; 24] =
    [3.4, 2.4, 1.5, 0.8, 0.5, 0.4, 0.7, 1.4, 2.6, 3.9, 4.8, 5.2, 5.4, 5.4, 5.4, 5.5, 5.6, 5.8, 6.0, 6.0, 6.0, 6.0, 5.6, 4.7];
/// Monday first.
const WEEKDAYS: [f64; 7] = [0.92, 0.94, 0.97, 1.0, 1.15, 1.14, 0.88];

/// A play: the places of the listener and of the track, and the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Play {
    pub(super) at: DateTime<Utc>,
    pub(super) user: u64,
    pub(super) track: usize,
}

/// What is played in an hour, in the order of time. `plays_per_day` is what the average listener plays on the average day.
pub(super) fn of_hour(world: &World, users: u64, plays_per_day: f64, hour: DateTime<Utc>) -> Vec<Play> {
    let mut plays = Vec::new();
    let place = hour.timestamp() as u64 / 3600;
    for user in 0..users {
        let listener = world.listener(user);
        let local = hour + Duration::hours(listener.utc_offset);
        let mut rng = world.chance(2, user, place);
        let expected = plays_per_day * listener.activity * rhythm(local);
        for _ in 0..poisson(expected, &mut rng) {
            let at = hour + Duration::milliseconds(rng.random_range(0..3_600_000));
            plays.push(Play { at, user, track: world.play(&listener, &mut rng) });
        }
    }
    plays.sort_unstable();
    plays
}

/// The share of an average day's plays that falls into an hour, by the listener's clock.
fn rhythm(local: DateTime<Utc>) -> f64 {
    let weekday = local.weekday().num_days_from_monday() as usize;
    let hours = if weekday >= 5 { &WEEKEND } else { &WORKDAY };
    let (day, week) = (hours.iter().sum::<f64>(), WEEKDAYS.iter().sum::<f64>() / 7.0);
    hours[local.hour() as usize] / day * WEEKDAYS[weekday] / week
}

/// How often something happens that happens `expected` times on average. Source: Knuth, The Art of Computer Programming, volume 2.
fn poisson(expected: f64, rng: &mut impl Rng) -> u32 {
    let limit = (-expected.min(500.0)).exp();
    let (mut happened, mut product) = (0, rng.random::<f64>());
    while product > limit {
        happened += 1;
        product *= rng.random::<f64>();
    }
    happened
}

/// The hours of so many days.
pub(super) fn hours(start: NaiveDate, days: u32) -> impl Iterator<Item = DateTime<Utc>> {
    let midnight = start.and_time(chrono::NaiveTime::MIN).and_utc();
    (0..i64::from(days) * 24).map(move |hour| midnight + Duration::hours(hour))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::super::tests::{START, world};
    use super::*;

    /// Four weeks of 400 listeners, with their clocks.
    fn month() -> (World, Vec<Play>) {
        let world = world(7);
        let plays = hours(START, 28).flat_map(|hour| of_hour(&world, 400, 6.0, hour)).collect();
        (world, plays)
    }

    #[test]
    fn days_and_weeks_have_their_rhythm() {
        let (world, plays) = month();
        let expected = 400.0 * 28.0 * 6.0;
        assert!((plays.len() as f64 / expected - 1.0).abs() < 0.15, "{}", plays.len());
        let (mut hours, mut weekdays) = ([0_f64; 24], [0_f64; 7]);
        for play in &plays {
            let local = play.at + Duration::hours(world.listener(play.user).utc_offset);
            hours[local.hour() as usize] += 1.0;
            weekdays[local.weekday().num_days_from_monday() as usize] += 1.0;
        }
        let night: f64 = hours[2..6].iter().sum();
        let evening: f64 = hours[17..21].iter().sum();
        assert!(evening > 4.0 * night, "{hours:?}");
        assert!(weekdays[4] > 1.1 * weekdays[0] && weekdays[5] > 1.1 * weekdays[6], "{weekdays:?}");
        assert!(plays.is_sorted());
    }

    #[test]
    fn plays_have_a_long_tail_and_countries_and_tastes_their_own() {
        let (world, plays) = month();
        let mut counts: HashMap<usize, u32> = HashMap::new();
        let mut by_country: HashMap<&str, HashMap<&str, f64>> = HashMap::new();
        for play in &plays {
            *counts.entry(play.track).or_default() += 1;
            let genre = world.tracks[play.track].genre.as_deref().unwrap();
            *by_country.entry(world.listener(play.user).country).or_default().entry(genre).or_default() += 1.0;
        }
        let mut sorted: Vec<u32> = counts.values().copied().collect();
        sorted.sort_unstable_by(|one, other| other.cmp(one));
        let top_share = |top: usize| f64::from(sorted[..top].iter().sum::<u32>()) / plays.len() as f64;
        // 5 % of the tracks have four times their share of the plays and more, and yet most tracks are played.
        assert!(top_share(world.tracks.len() / 20) > 0.2, "{}", top_share(world.tracks.len() / 20));
        assert!(sorted.len() > world.tracks.len() * 3 / 4, "{}", sorted.len());
        let share = |country: &str, genre: &str| by_country[country][genre] / by_country[country].values().sum::<f64>();
        let local = |country: &str| ["genre 7", "genre 8", "genre 9"].iter().map(|genre| share(country, genre)).sum::<f64>();
        assert!(local("Brazil") > 1.4 * local("United States"), "{} {}", local("Brazil"), local("United States"));
        assert!(by_country.len() > 10);
    }

    #[test]
    fn the_same_seed_gives_the_same_plays_and_another_gives_others() {
        let hour = hours(START, 1).nth(18).unwrap();
        let plays = |seed| of_hour(&world(seed), 300, 12.0, hour);
        assert!(!plays(1).is_empty());
        assert_eq!(plays(1), plays(1));
        assert_ne!(plays(1), plays(2));
    }
}
