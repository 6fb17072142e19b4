//! Users, what they listen to, their friends and their tags. People of one taste listen alike, like their own country's artists
//! more, and befriend their like.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, Duration, NaiveDate, Utc};

use super::draw::{Draw, Weighted};
use super::music::Music;
use super::rows::{ArtistTag, Friendship, Listen, User};

/// Users of the sample; their ids are 1 to the sum.
pub(super) const COUNTRIES: &[(&str, usize)] = &[
    ("France", 70),
    ("United States", 62),
    ("United Kingdom", 44),
    ("Germany", 34),
    ("Brazil", 26),
    ("Canada", 24),
    ("Spain", 22),
    ("Japan", 20),
    ("Italy", 18),
    ("Belgium", 16),
    ("Australia", 14),
    ("Sweden", 14),
    ("Mexico", 14),
    ("South Korea", 12),
    ("Netherlands", 10),
];

/// Tastes: the genres that they are made of, and how common they are.
const TASTES: &[(&[&str], f64)] = &[
    (&["pop"], 10.0),
    (&["rock"], 10.0),
    (&["indie", "alternative"], 8.0),
    (&["hip-hop"], 9.0),
    (&["electronic", "house", "techno", "trip-hop"], 7.0),
    (&["metal"], 4.0),
    (&["jazz", "blues"], 4.0),
    (&["folk", "singer-songwriter"], 4.0),
    (&["soul", "r&b", "funk", "disco"], 6.0),
    (&["latin"], 4.0),
    (&["k-pop"], 3.0),
    (&["chanson", "variété française"], 2.5),
    (&["classical", "ambient"], 3.0),
    (&["reggae", "afrobeat", "world"], 3.0),
    (&["punk", "grunge"], 3.0),
    (&["country"], 2.0),
    (&["synth-pop"], 3.0),
];

/// Tastes that are more common in a country, by the first genre of the taste.
const LOCAL: &[(&str, &str, f64)] = &[
    ("France", "chanson", 7.0),
    ("France", "electronic", 1.8),
    ("Belgium", "chanson", 4.0),
    ("South Korea", "k-pop", 9.0),
    ("Japan", "k-pop", 2.5),
    ("Brazil", "latin", 5.0),
    ("Mexico", "latin", 7.0),
    ("Spain", "latin", 6.0),
    ("United States", "country", 4.0),
    ("United States", "hip-hop", 1.7),
    ("United Kingdom", "indie", 1.8),
    ("Germany", "electronic", 2.0),
    ("Germany", "metal", 2.0),
    ("Sweden", "metal", 2.5),
    ("Sweden", "pop", 1.6),
];

pub(super) struct People {
    pub users: Vec<User>,
    /// For each user the artists listened to (by index) and the plays.
    pub plays: Vec<Vec<(usize, i64)>>,
    taste: Vec<usize>,
}

pub(super) fn make(music: &Music) -> People {
    let mut draw = Draw::stage(2);
    let mut countries: Vec<&'static str> = COUNTRIES.iter().flat_map(|(name, users)| std::iter::repeat_n(*name, *users)).collect();
    for last in (1..countries.len()).rev() {
        countries.swap(last, draw.index(last + 1));
    }
    let users: Vec<User> = countries.into_iter().zip(1..).map(|(country, user_id)| User { user_id, country }).collect();
    let mut people = People { users, plays: Vec::new(), taste: Vec::new() };
    for index in 0..people.users.len() {
        let country = people.users[index].country;
        let tastes = Weighted::new(TASTES.iter().map(|(genres, weight)| {
            let local = LOCAL.iter().find(|(place, genre, _)| *place == country && *genre == genres[0]);
            weight * local.map_or(1.0, |(_, _, factor)| *factor)
        }));
        let (first, second) = (tastes.draw(&mut draw), tastes.draw(&mut draw));
        people.plays.push(plays(music, country, TASTES[first].0, TASTES[second].0, &mut draw));
        people.taste.push(first);
    }
    people
}

/// Whom a user listens to and how often: the liked ones are drawn, then played in a long tail.
fn plays(music: &Music, country: &str, first: &[&str], second: &[&str], draw: &mut Draw) -> Vec<(usize, i64)> {
    let affinity = |index: usize| {
        let artist = &music.artists[index];
        let match_of = |genre: &&str| {
            if first.contains(genre) {
                9.0
            } else if second.contains(genre) {
                3.0
            } else {
                0.1
            }
        };
        let genres: f64 = artist.genres.iter().map(match_of).sum::<f64>() / (artist.genres.len() as f64).sqrt();
        let home = if artist.country == country { 3.0 } else { 1.0 };
        (music.fame[index] / 18.0).exp() * genres * home
    };
    let mut keyed: Vec<(f64, usize, f64)> = (0..music.artists.len())
        .map(|index| {
            let weight = affinity(index);
            (draw.key(weight), index, weight)
        })
        .collect();
    keyed.sort_by(|a, b| b.0.total_cmp(&a.0));
    let count = draw.normal(3.65, 0.42).exp().clamp(12.0, 110.0) as usize;
    let devotion = draw.normal(3.4, 0.6);
    keyed
        .into_iter()
        .take(count)
        .map(|(_, index, weight)| {
            let plays = (devotion + 0.25 * (weight + 1.0).ln() + draw.normal(0.0, 1.15)).exp();
            (index, (plays as i64).clamp(1, 30_000))
        })
        .collect()
}

impl People {
    pub(super) fn listens<'a>(&'a self, music: &'a Music) -> Vec<Listen<'a>> {
        let mut listens = Vec::new();
        for (user, plays) in self.users.iter().zip(&self.plays) {
            for (artist, plays) in plays {
                let artist = &music.artists[*artist];
                listens.push(Listen { user_id: user.user_id, artist_id: &artist.artist_id, artist_name: artist.name, plays: *plays });
            }
        }
        listens
    }

    /// Friendships, each from both sides, by user.
    pub(super) fn friendships(&self) -> Vec<Friendship> {
        let mut draw = Draw::stage(3);
        let mut sides: BTreeSet<Friendship> = BTreeSet::new();
        let sociable = Weighted::new(self.users.iter().map(|_| draw.normal(0.0, 0.8).exp()));
        while sides.len() < 2 * 1350 {
            let (a, b) = (sociable.draw(&mut draw), sociable.draw(&mut draw));
            let alike = if self.taste[a] == self.taste[b] { 1.0 } else { 0.18 };
            let near = if self.users[a].country == self.users[b].country { 1.0 } else { 0.2 };
            if a != b && draw.chance(alike * near + 0.01) {
                let (user_id, friend_id) = (self.users[a].user_id, self.users[b].user_id);
                sides.insert(Friendship { user_id, friend_id });
                sides.insert(Friendship { user_id: friend_id, friend_id: user_id });
            }
        }
        sides.into_iter().collect()
    }

    /// Tags of 2020 to 2026, in the order of time.
    pub(super) fn tags<'a>(&self, music: &'a Music) -> Vec<ArtistTag<'a>> {
        let mut draw = Draw::stage(4);
        let active = Weighted::new(self.users.iter().map(|_| draw.normal(0.0, 1.3).exp()));
        let (from, until) = (midnight(2020, 1, 1), midnight(2026, 7, 1));
        let seconds = (until - from).num_seconds() as f64;
        let mut given: HashSet<(usize, usize, String)> = HashSet::new();
        let mut tags = Vec::new();
        while tags.len() < 8200 {
            let user = active.draw(&mut draw);
            let (artist, _) = self.plays[user][draw.index(self.plays[user].len())];
            let tag = tag(music, artist, &mut draw);
            if !given.insert((user, artist, tag.clone())) {
                continue;
            }
            // More of the tags are recent.
            let tagged_at = from + Duration::seconds((draw.unit().powf(0.7) * seconds) as i64);
            let known = &music.artists[artist];
            let (user_id, artist_id, artist_name) = (self.users[user].user_id, known.artist_id.as_str(), known.name);
            tags.push(ArtistTag { user_id, artist_id, artist_name, tag, tagged_at });
        }
        tags.sort_by_key(|tag| tag.tagged_at);
        tags
    }
}

const ADJECTIVES: &[(&str, &str)] = &[
    ("France", "french"),
    ("United Kingdom", "british"),
    ("United States", "american"),
    ("Germany", "german"),
    ("Sweden", "swedish"),
    ("Iceland", "icelandic"),
    ("Japan", "japanese"),
    ("South Korea", "korean"),
    ("Brazil", "brazilian"),
    ("Canada", "canadian"),
    ("Belgium", "belgian"),
    ("Spain", "spanish"),
    ("Italy", "italian"),
    ("Ireland", "irish"),
    ("Jamaica", "jamaican"),
    ("Australia", "australian"),
];
const LOUD: &[&str] = &["energetic", "workout", "driving", "party", "guilty pleasure", "catchy", "dance"];
const QUIET: &[&str] = &["chill", "mellow", "melancholic", "sad", "beautiful", "atmospheric", "late night", "relaxing", "sleep"];
const OPINIONS: &[&str] = &["favorites", "seen live", "love", "awesome", "legend", "classic", "underrated", "want to see live"];

fn tag(music: &Music, artist: usize, draw: &mut Draw) -> String {
    let known = &music.artists[artist];
    let tracks = &music.tracks[music.tracks_of[artist].clone()];
    let kind = draw.unit();
    if kind < 0.50 {
        // The leading genre is named more often than the others.
        let index = if draw.chance(0.55) { 0 } else { draw.index(known.genres.len()) };
        known.genres[index].to_owned()
    } else if kind < 0.60 {
        let adjective = ADJECTIVES.iter().find(|(country, _)| *country == known.country);
        adjective.map_or("world", |(_, adjective)| *adjective).to_owned()
    } else if kind < 0.70 {
        let year = tracks[draw.index(tracks.len())].release_year;
        if year >= 2000 { format!("{}s", year / 10 * 10) } else { format!("{}s", year / 10 % 10 * 10) }
    } else if kind < 0.76 {
        let vocal = if draw.chance(0.5) { "great voice" } else { "great lyrics" };
        if tracks[0].instrumentalness > 0.5 { "instrumental" } else { vocal }.to_owned()
    } else if kind < 0.89 {
        let energy = tracks.iter().map(|track| track.energy).sum::<f64>() / tracks.len() as f64;
        let moods = if draw.chance(energy) { LOUD } else { QUIET };
        moods[draw.index(moods.len())].to_owned()
    } else {
        OPINIONS[draw.index(OPINIONS.len())].to_owned()
    }
}

pub(super) fn midnight(year: i32, month: u32, day: u32) -> DateTime<Utc> {
    let date = NaiveDate::from_ymd_opt(year, month, day).expect("the callers give days that exist");
    date.and_time(chrono::NaiveTime::MIN).and_utc()
}
