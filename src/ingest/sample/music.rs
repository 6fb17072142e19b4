//! Artists and tracks: the catalogue's facts, with simulated popularity, followers, release days and audio features.

use std::collections::HashMap;
use std::ops::Range;

use chrono::{Datelike, Days, NaiveDate, Weekday};

use super::catalogue::{self, CatalogueArtist, Song};
use super::draw::{Draw, Weighted, rounded};
use super::rows::{Artist, Track};
use crate::catalog::artist_key;

/// What there is to listen to. Artists and tracks refer to each other by index.
pub(super) struct Music {
    pub artists: Vec<Artist>,
    pub tracks: Vec<Track>,
    /// The tracks of each artist.
    pub tracks_of: Vec<Range<usize>>,
    /// The artist of each track.
    pub artist_of: Vec<usize>,
    pub fame: Vec<f64>,
}

/// The day before which everything of the sample was released.
pub(super) const LAST_DAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 6, 30).expect("30 June exists");

/// What tracks of a genre sound like: means of the audio features.
struct Sound {
    genre: &'static str,
    danceability: f64,
    energy: f64,
    valence: f64,
    acousticness: f64,
    instrumentalness: f64,
    speechiness: f64,
    tempo: f64,
    minutes: f64,
    /// Share of explicit tracks among those from 1990 on.
    explicit: f64,
}

#[rustfmt::skip]
const SOUNDS: &[(&str, [f64; 9])] = &[
    // genre, danceability, energy, valence, acousticness, instrumentalness, speechiness, tempo, minutes, explicit
    ("rock",               [0.50, 0.72, 0.52, 0.16, 0.07, 0.05, 125.0, 4.2, 0.04]),
    ("pop",                [0.65, 0.66, 0.55, 0.22, 0.01, 0.06, 117.0, 3.7, 0.10]),
    ("electronic",         [0.67, 0.72, 0.46, 0.10, 0.48, 0.06, 122.0, 4.8, 0.03]),
    ("indie",              [0.54, 0.66, 0.50, 0.22, 0.10, 0.05, 124.0, 4.0, 0.06]),
    ("hip-hop",            [0.74, 0.66, 0.52, 0.16, 0.01, 0.24,  98.0, 3.8, 0.66]),
    ("jazz",               [0.50, 0.34, 0.48, 0.74, 0.34, 0.05, 112.0, 5.3, 0.00]),
    ("metal",              [0.42, 0.90, 0.34, 0.03, 0.16, 0.08, 130.0, 4.8, 0.10]),
    ("folk",               [0.48, 0.36, 0.42, 0.72, 0.05, 0.04, 115.0, 4.0, 0.02]),
    ("soul",               [0.62, 0.54, 0.64, 0.42, 0.02, 0.06, 108.0, 3.6, 0.02]),
    ("reggae",             [0.74, 0.52, 0.74, 0.22, 0.03, 0.11,  98.0, 4.0, 0.05]),
    ("classical",          [0.32, 0.17, 0.22, 0.94, 0.84, 0.04, 100.0, 4.5, 0.00]),
    ("house",              [0.75, 0.78, 0.56, 0.06, 0.38, 0.06, 125.0, 4.6, 0.04]),
    ("chanson",            [0.48, 0.38, 0.46, 0.72, 0.01, 0.08, 113.0, 3.4, 0.02]),
    ("punk",               [0.46, 0.88, 0.60, 0.05, 0.06, 0.07, 148.0, 2.9, 0.08]),
    ("r&b",                [0.67, 0.57, 0.50, 0.26, 0.01, 0.10, 107.0, 3.9, 0.26]),
    ("ambient",            [0.30, 0.24, 0.17, 0.78, 0.82, 0.04,  98.0, 6.0, 0.00]),
    ("alternative",        [0.50, 0.66, 0.42, 0.20, 0.12, 0.05, 121.0, 4.3, 0.06]),
    ("trip-hop",           [0.58, 0.50, 0.33, 0.28, 0.32, 0.06,  96.0, 4.9, 0.02]),
    ("country",            [0.58, 0.55, 0.58, 0.44, 0.00, 0.04, 118.0, 3.3, 0.05]),
    ("latin",              [0.70, 0.66, 0.66, 0.28, 0.02, 0.09, 112.0, 3.7, 0.16]),
    ("blues",              [0.54, 0.44, 0.60, 0.62, 0.06, 0.06, 112.0, 3.7, 0.00]),
    ("funk",               [0.75, 0.72, 0.78, 0.15, 0.06, 0.08, 112.0, 4.5, 0.05]),
    ("disco",              [0.73, 0.76, 0.78, 0.14, 0.05, 0.05, 120.0, 4.5, 0.01]),
    ("k-pop",              [0.70, 0.80, 0.62, 0.12, 0.00, 0.09, 120.0, 3.3, 0.03]),
    ("afrobeat",           [0.74, 0.68, 0.74, 0.24, 0.14, 0.10, 112.0, 5.4, 0.08]),
    ("variété française",  [0.58, 0.58, 0.54, 0.34, 0.01, 0.05, 116.0, 3.9, 0.01]),
    ("techno",             [0.72, 0.76, 0.30, 0.05, 0.76, 0.06, 130.0, 6.2, 0.01]),
    ("grunge",             [0.46, 0.78, 0.40, 0.07, 0.06, 0.05, 120.0, 4.1, 0.08]),
    ("singer-songwriter",  [0.50, 0.42, 0.40, 0.62, 0.04, 0.04, 114.0, 4.0, 0.05]),
    ("synth-pop",          [0.66, 0.70, 0.58, 0.12, 0.12, 0.04, 122.0, 4.3, 0.02]),
    ("world",              [0.60, 0.52, 0.58, 0.56, 0.10, 0.06, 112.0, 4.8, 0.00]),
];

impl Sound {
    fn of(genre: &str) -> Self {
        let (genre, [danceability, energy, valence, acousticness, instrumentalness, speechiness, tempo, minutes, explicit]) =
            *SOUNDS.iter().find(|(name, _)| *name == genre).unwrap_or(&SOUNDS[0]);
        Self { genre, danceability, energy, valence, acousticness, instrumentalness, speechiness, tempo, minutes, explicit }
    }
}

pub(super) fn make() -> Music {
    let mut draw = Draw::stage(1);
    let catalogue = catalogue::read();
    let mut music = Music { artists: Vec::new(), tracks: Vec::new(), tracks_of: Vec::new(), artist_of: Vec::new(), fame: Vec::new() };
    for (index, known) in catalogue.iter().enumerate() {
        let artist = artist(known, &mut draw);
        let first = music.tracks.len();
        let mut days: HashMap<(&str, i32), NaiveDate> = HashMap::new();
        for song in &known.songs {
            let day = match song.album {
                Some(album) => *days.entry((album, song.year)).or_insert_with(|| release_day(song.year, &mut draw)),
                None => release_day(song.year, &mut draw),
            };
            let number = music.tracks.len() + 1;
            music.tracks.push(track(number, known, &artist, song, day, &mut draw));
            music.artist_of.push(index);
        }
        music.tracks_of.push(first..music.tracks.len());
        music.fame.push(known.fame as f64);
        music.artists.push(artist);
    }
    music
}

fn artist(known: &CatalogueArtist, draw: &mut Draw) -> Artist {
    let popularity = (known.fame as f64 + draw.normal(0.0, 2.0)).round().clamp(1.0, 100.0);
    let followers = 10_f64.powf(3.4 + known.fame as f64 * 0.044 + draw.normal(0.0, 0.12));
    Artist {
        artist_id: artist_key(known.name),
        name: known.name,
        genres: known.genres.clone(),
        country: known.country,
        popularity: popularity as i64,
        followers: followers as i64,
        lastfm_url: format!("https://www.last.fm/music/{}", known.name.replace('%', "%25").replace('/', "%2F").replace(' ', "+")),
    }
}

fn track(number: usize, known: &CatalogueArtist, artist: &Artist, song: &Song, released: NaiveDate, draw: &mut Draw) -> Track {
    let other = known.genres.len() > 1 && draw.chance(0.35);
    let genre = known.genres[if other { 1 + draw.index(known.genres.len() - 1) } else { 0 }];
    let sound = Sound::of(genre);
    // Songs of one genre still differ: one draw of vigour moves energy, loudness, tempo and acousticness together.
    let vigour = draw.normal(0.0, 1.0);
    let energy = draw.share(sound.energy + 0.13 * vigour, 0.05);
    let loudness_of_age = if song.year < 1985 { -3.0 } else { 0.0 };
    let loudness = (-17.0 + 12.5 * energy + loudness_of_age + draw.normal(0.0, 1.5)).clamp(-36.0, -1.2);
    let groove = draw.normal(0.0, 1.0);
    let signature = draw.unit();
    let liveness = if draw.chance(0.08) { 0.70 } else { 0.16 };
    let popularity = artist.popularity as f64 - draw.normal(0.0, 14.0).abs() - 2.0;
    let minutes = (sound.minutes * draw.normal(0.0, 0.22).exp()).clamp(1.4, 17.0);
    Track {
        track_id: format!("sample-{number:05}"),
        title: song.title,
        artist_id: artist.artist_id.clone(),
        artist_name: known.name,
        featured_artists: song.featuring.clone(),
        album: song.album,
        release_date: released,
        release_year: i64::from(song.year),
        genre: sound.genre,
        duration_ms: (minutes * 60_000.0) as i64,
        explicit: song.year >= 1990 && draw.chance(sound.explicit),
        popularity: popularity.clamp(1.0, 99.0) as i64,
        danceability: draw.share(sound.danceability + 0.10 * groove, 0.05),
        energy,
        valence: draw.share(sound.valence + 0.11 * groove + 0.04 * vigour, 0.14),
        acousticness: draw.share(sound.acousticness - 0.12 * vigour, 0.09),
        instrumentalness: draw.share(sound.instrumentalness, 0.12),
        liveness: draw.share(liveness, 0.08),
        speechiness: draw.share(sound.speechiness, 0.03).max(0.023),
        loudness: rounded(loudness, 1000.0),
        tempo: rounded((sound.tempo + 5.0 * vigour + draw.normal(0.0, 20.0)).clamp(58.0, 208.0), 1000.0),
        key: draw.whole(0, 12),
        mode: i64::from(draw.chance(0.42 + 0.40 * sound.valence)),
        time_signature: if signature < 0.05 {
            3
        } else if signature < 0.06 {
            5
        } else {
            4
        },
    }
}

/// A Friday of the year; new records come out on Fridays. The day is simulated, only the year is known.
fn release_day(year: i32, draw: &mut Draw) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(year, 1, 1).expect("the catalogue's years are a few centuries at most, and a test holds it");
    let last_week = if year == LAST_DAY.year() { 24 } else { 51 };
    let to_friday = u64::from((Weekday::Fri.num_days_from_monday() + 7 - first.weekday().num_days_from_monday()) % 7);
    first + Days::new(to_friday + 7 * draw.whole(0, last_week).unsigned_abs())
}

impl Music {
    /// For each artist, a weighted choice among the tracks: the popular ones far more often.
    pub(super) fn choices(&self) -> Vec<Weighted> {
        let weight = |track: &Track| (track.popularity as f64 / 11.0).exp();
        self.tracks_of.iter().map(|range| Weighted::new(self.tracks[range.clone()].iter().map(weight))).collect()
    }
}
