//! Charts: a weekly song chart in the manner of the Hot 100 since 1980, and monthly artist charts of each country since 2025.

use chrono::{Datelike, Days, NaiveDate};

use super::draw::{Draw, Weighted};
use super::music::{LAST_DAY, Music};
use super::people::{COUNTRIES, People};
use super::rows::{ChartEntry, CountryChart};

const FIRST_WEEK: NaiveDate = NaiveDate::from_ymd_opt(1980, 1, 5).expect("5 January exists");
const LONGEST: usize = 100;

/// A song's stay on the chart.
struct Run {
    track: usize,
    began: usize,
    weeks: usize,
    strength: f64,
    /// The part of the stay after which the song falls.
    top_at: f64,
}

/// What the chart knows of a song so far.
#[derive(Clone, Copy, Default)]
struct Past {
    last_week: Option<(usize, i64)>,
    peak: i64,
    weeks: i64,
    running: bool,
}

/// Every week's chart in order. Songs enter soon after their release; older ones come back for some weeks.
pub(super) fn hot_100(music: &Music) -> Vec<ChartEntry<'_>> {
    let mut draw = Draw::stage(6);
    let weeks: Vec<NaiveDate> = (0..).map(|week| FIRST_WEEK + Days::new(7 * week)).take_while(|day| *day <= LAST_DAY).collect();
    let mut debuts: Vec<Vec<usize>> = vec![Vec::new(); weeks.len()];
    for (index, track) in music.tracks.iter().enumerate() {
        let first = (track.release_date - FIRST_WEEK).num_days().div_euclid(7) + 1 + draw.whole(0, 4);
        if let Some(debuts) = usize::try_from(first).ok().and_then(|week| debuts.get_mut(week)) {
            debuts.push(index);
        }
    }
    let classics = Weighted::new(music.tracks.iter().map(|track| (track.popularity as f64 / 14.0).exp()));
    let mut past: Vec<Past> = vec![Past::default(); music.tracks.len()];
    let mut runs: Vec<Run> = Vec::new();
    let mut entries = Vec::new();
    for (week, date) in weeks.iter().enumerate() {
        runs.retain(|run| {
            let stays = week < run.began + run.weeks;
            past[run.track].running = stays;
            stays
        });
        for track in debuts[week].drain(..) {
            if !past[track].running {
                past[track].running = true;
                runs.push(debut(music, track, week, &mut draw));
            }
        }
        let wanted = 52 + draw.index(12) + usize::try_from(date.year() - 1980).unwrap_or(0) / 2;
        while runs.len() < wanted.min(LONGEST) {
            let track = classics.draw(&mut draw);
            if past[track].running || music.tracks[track].release_date + Days::new(500) > *date {
                continue;
            }
            past[track].running = true;
            let (weeks, strength) = (draw.index(9) + 3, draw.between(4.0, 34.0));
            runs.push(Run { track, began: week, weeks, strength, top_at: 0.3 });
        }
        let mut scores: Vec<(f64, usize)> = runs.iter().map(|run| (run.score(week) + draw.normal(0.0, 1.2), run.track)).collect();
        scores.sort_by(|a, b| b.0.total_cmp(&a.0));
        for (rank, (_, track)) in (1..).zip(scores.into_iter().take(LONGEST)) {
            let known = &mut past[track];
            known.peak = if known.weeks == 0 { rank } else { known.peak.min(rank) };
            known.weeks += 1;
            let last_week_rank = known.last_week.filter(|(seen, _)| seen + 1 == week).map(|(_, rank)| rank);
            known.last_week = Some((week, rank));
            let song = &music.tracks[track];
            entries.push(ChartEntry {
                chart: "hot-100",
                chart_date: *date,
                rank,
                title: song.title,
                artist_id: &song.artist_id,
                artist_name: song.artist_name,
                last_week_rank,
                peak_rank: known.peak,
                weeks_on_chart: known.weeks,
            });
        }
    }
    entries
}

fn debut(music: &Music, track: usize, week: usize, draw: &mut Draw) -> Run {
    let artist = music.artist_of[track];
    // The chart is American: songs in other languages rarely climb it.
    let reach = match music.artists[artist].country {
        "United States" | "United Kingdom" | "Canada" | "Australia" | "New Zealand" | "Ireland" | "Barbados" => 1.0,
        "Sweden" | "Norway" | "Iceland" | "Jamaica" | "Trinidad and Tobago" => 0.8,
        _ if music.fame[artist] > 81.0 => 0.8,
        _ => 0.3,
    };
    let strength = (f64::from(i32::try_from(music.tracks[track].popularity).unwrap_or(0)) * reach + draw.normal(4.0, 14.0)).max(3.0);
    let weeks = (7.0 + strength / 5.0 + draw.normal(0.0, 5.0)).clamp(2.0, 58.0) as usize;
    Run { track, began: week, weeks, strength, top_at: draw.between(0.18, 0.5) }
}

impl Run {
    fn score(&self, week: usize) -> f64 {
        let at = (week - self.began) as f64 / self.weeks as f64;
        let part = if at < self.top_at { 0.45 + 0.55 * at / self.top_at } else { 1.0 - 0.75 * (at - self.top_at) / (1.0 - self.top_at) };
        self.strength * part
    }
}

/// The 30 artists most listened to in each country, month by month.
pub(super) fn country_charts<'a>(music: &'a Music, people: &People) -> Vec<CountryChart<'a>> {
    let mut draw = Draw::stage(7);
    let mut rows = Vec::new();
    for (country, users) in COUNTRIES {
        let mut liked = vec![0.0; music.artists.len()];
        for (user, plays) in people.users.iter().zip(&people.plays) {
            if user.country == *country {
                for (artist, plays) in plays {
                    liked[*artist] += (*plays as f64).sqrt() / *users as f64;
                }
            }
        }
        for (artist, liked) in liked.iter_mut().enumerate() {
            let home = if music.artists[artist].country == *country { 2.0 } else { 1.0 };
            *liked += home * (music.fame[artist] / 22.0).exp() / 20.0;
        }
        let market = 900.0 * *users as f64;
        for date in months() {
            let mut ranked: Vec<(i64, usize)> = Vec::with_capacity(liked.len());
            for (artist, liked) in liked.iter_mut().enumerate() {
                *liked *= draw.normal(0.0, 0.06).exp();
                ranked.push(((*liked * market + draw.between(0.0, 90.0)) as i64, artist));
            }
            ranked.sort_by_key(|(listeners, artist)| (-listeners, *artist));
            for (rank, (listeners, artist)) in (1..=30).zip(ranked) {
                let artist = &music.artists[artist];
                let (artist_id, artist_name) = (artist.artist_id.as_str(), artist.name);
                rows.push(CountryChart { country, chart_date: date, rank, artist_id, artist_name, listeners });
            }
        }
    }
    rows
}

/// The first days of the months that monthly figures are simulated for.
pub(super) fn months() -> Vec<NaiveDate> {
    let first = NaiveDate::from_ymd_opt(2025, 1, 1).expect("1 January exists");
    (0..18).map(|month| first + chrono::Months::new(month)).collect()
}
