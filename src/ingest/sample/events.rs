//! Single plays with their time: a year and a half, growing, with the rhythm of days and weeks.

use chrono::{DateTime, Datelike, Duration, Utc};

use super::draw::{Draw, Weighted};
use super::music::Music;
use super::people::{People, midnight};
use super::rows::ListeningEvent;

const EVENTS: usize = 60_000;
const DAYS: i64 = 546;

/// How much is listened to at each hour of the day, by the listener's clock.
const HOURS: [f64; 24] =
    [2.2, 1.2, 0.7, 0.4, 0.4, 0.7, 1.6, 3.2, 4.6, 4.6, 4.4, 4.3, 4.6, 4.5, 4.5, 4.8, 5.2, 6.0, 6.4, 6.2, 6.0, 5.8, 5.0, 3.6];
/// Monday first.
const WEEKDAYS: [f64; 7] = [0.92, 0.94, 0.97, 1.0, 1.15, 1.14, 0.88];

/// A play: indices of user and track, and the time.
#[derive(Clone, Copy)]
pub(super) struct Play {
    user: usize,
    track: usize,
    at: DateTime<Utc>,
}

/// All plays in the order of time. They are counted into the users' all-time plays, which hold at least them.
pub(super) fn make(music: &Music, people: &mut People) -> Vec<Play> {
    let mut draw = Draw::stage(5);
    let first = midnight(2025, 1, 1);
    let days = Weighted::new((0..DAYS).map(|day| {
        let growth = 0.7 + 0.8 * day as f64 / DAYS as f64;
        let weekday = (first + Duration::days(day)).weekday().num_days_from_monday() as usize;
        growth * WEEKDAYS[weekday] * draw.between(0.85, 1.15)
    }));
    let hours = Weighted::new(HOURS);
    let active = Weighted::new(people.users.iter().map(|_| draw.normal(0.0, 0.9).exp()));
    let artists: Vec<Weighted> =
        people.plays.iter().map(|plays| Weighted::new(plays.iter().map(|(_, plays)| (*plays as f64).powf(0.9)))).collect();
    let tracks = music.choices();
    let mut plays = Vec::with_capacity(EVENTS);
    while plays.len() < EVENTS {
        let user = active.draw(&mut draw);
        let liked = artists[user].draw(&mut draw);
        let artist = people.plays[user][liked].0;
        let track = music.tracks_of[artist].start + tracks[artist].draw(&mut draw);
        let hour = (hours.draw(&mut draw) as i64 - utc_offset(people.users[user].country)).rem_euclid(24);
        let within = Duration::hours(hour) + Duration::seconds(draw.whole(0, 3600));
        let at = first + Duration::days(days.draw(&mut draw) as i64) + within;
        // A song is not played before it is out.
        if music.tracks[track].release_date <= at.date_naive() {
            people.plays[user][liked].1 += 1;
            plays.push(Play { user, track, at });
        }
    }
    plays.sort_by_key(|play| (play.at, play.user, play.track));
    plays
}

pub(super) fn rows<'a>(music: &'a Music, people: &'a People, plays: &[Play]) -> Vec<ListeningEvent<'a>> {
    let row = |play: &Play| {
        let (user, track) = (&people.users[play.user], &music.tracks[play.track]);
        ListeningEvent {
            user_id: user.user_id,
            track_id: &track.track_id,
            track_title: track.title,
            artist_id: &track.artist_id,
            artist_name: track.artist_name,
            country: user.country,
            played_at: play.at,
        }
    };
    plays.iter().map(row).collect()
}

/// Hours that a country's clocks are ahead of UTC, near enough for a rhythm of days.
fn utc_offset(country: &str) -> i64 {
    match country {
        "United States" | "Mexico" => -6,
        "Canada" => -5,
        "Brazil" => -3,
        "United Kingdom" => 0,
        "Japan" | "South Korea" => 9,
        "Australia" => 10,
        _ => 1,
    }
}
