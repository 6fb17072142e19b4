//! Who listens and what there is to listen to. Tracks are those that the warehouse holds; people are simulated.

use std::collections::BTreeMap;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::super::{IngestError, Sink, sample, tables};

/// Ids of simulated users begin here, where no source has users.
pub const FIRST_USER: i64 = 1_000_000_000;
/// So many of the most popular tracks are played at all.
const MOST_TRACKS: usize = 10_000;
const MOST_TASTES: usize = 24;
/// A genre of fewer tracks is no taste.
const FEWEST_PER_TASTE: usize = 5;
/// How plays fall off by rank, after Zipf and Mandelbrot: 1 / (rank + SHIFT)^EXPONENT.
const EXPONENT: f64 = 1.05;
const SHIFT: f64 = 1.7;
const FAVOURITES: usize = 12;

/// Country, share of the users, hours that its clocks are ahead of UTC.
const COUNTRIES: [(&str, f64, i64); 15] = [
    ("United States", 20.0, -6),
    ("Brazil", 11.0, -3),
    ("France", 10.0, 1),
    ("United Kingdom", 9.0, 0),
    ("Germany", 9.0, 1),
    ("Mexico", 8.0, -6),
    ("Japan", 6.0, 9),
    ("Spain", 5.0, 1),
    ("Italy", 5.0, 1),
    ("Canada", 4.0, -5),
    ("Australia", 4.0, 10),
    ("Netherlands", 3.0, 1),
    ("Sweden", 2.0, 1),
    ("Belgium", 2.0, 1),
    ("South Korea", 2.0, 9),
];

/// A track, as plays name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Track {
    pub track_id: String,
    pub title: String,
    pub artist_id: String,
    pub artist_name: String,
    pub genre: Option<String>,
}

/// What a draw by rank is made of: the sums of the weights up to each place.
#[derive(Debug, Clone)]
struct Ranked {
    tracks: Vec<u32>,
    sums: Vec<f64>,
}

/// All that a simulation draws from.
#[derive(Debug, Clone)]
pub struct World {
    pub tracks: Vec<Track>,
    everything: Ranked,
    tastes: Vec<Ranked>,
    seed: u64,
}

/// A listener. Made anew whenever one is needed, so that a million of them take no memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Listener {
    pub user_id: i64,
    pub country: &'static str,
    pub utc_offset: i64,
    /// Plays in relation to the average listener.
    pub activity: f64,
    tastes: Option<(usize, usize)>,
    favourites: u64,
}

impl World {
    /// The tracks of the warehouse, the most popular first; those of the sample when it holds none.
    ///
    /// # Errors
    /// What the warehouse says.
    pub async fn read(sink: &dyn Sink, seed: u64) -> Result<Self, IngestError> {
        let mut tracks = Vec::new();
        if sink.is_sample(tables::MUSIC, "tracks").await?.is_some() {
            let sql = format!(
                "SELECT track_id, title, artist_id, artist_name, genre FROM {}.tracks ORDER BY popularity DESC, track_id LIMIT {MOST_TRACKS}",
                tables::MUSIC
            );
            for row in sink.texts(&sql).await? {
                let mut cells = row.into_iter();
                let mut next = || cells.next().flatten();
                if let (Some(track_id), Some(title), Some(artist_id), Some(artist_name), genre) = (next(), next(), next(), next(), next()) {
                    tracks.push(Track { track_id, title, artist_id, artist_name, genre });
                }
            }
        }
        if tracks.is_empty() {
            tracks = tokio::task::spawn_blocking(sample::tracks).await.expect("making the catalogue does not panic");
        }
        Ok(Self::of(tracks, seed))
    }

    /// A world of these tracks, the most popular first.
    #[must_use]
    pub fn of(tracks: Vec<Track>, seed: u64) -> Self {
        let everything = Ranked::of((0..tracks.len() as u32).collect());
        let mut genres: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for (track, at) in tracks.iter().zip(0..) {
            if let Some(genre) = &track.genre {
                genres.entry(genre).or_default().push(at);
            }
        }
        let mut genres: Vec<_> = genres.into_iter().filter(|(_, tracks)| tracks.len() >= FEWEST_PER_TASTE).collect();
        genres.sort_by(|one, other| other.1.len().cmp(&one.1.len()).then(one.0.cmp(other.0)));
        let tastes = genres.into_iter().take(MOST_TASTES).map(|(_, tracks)| Ranked::of(tracks)).collect();
        Self { tracks, everything, tastes, seed }
    }

    /// Chance of its own for everything that is drawn: the same for the same seed, whatever else was drawn before.
    pub(super) fn chance(&self, stage: u64, one: u64, other: u64) -> ChaCha8Rng {
        let mut seed = [0; 32];
        for (bytes, word) in seed.chunks_exact_mut(8).zip([self.seed, stage, one, other]) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        ChaCha8Rng::from_seed(seed)
    }

    /// A listener, by place from 0.
    #[must_use]
    pub fn listener(&self, place: u64) -> Listener {
        let mut rng = self.chance(1, place, 0);
        let total: f64 = COUNTRIES.iter().map(|(_, share, _)| share).sum();
        let mut at = rng.random::<f64>() * total;
        let drawn = COUNTRIES.iter().position(|(_, share, _)| {
            at -= share;
            at < 0.0
        });
        let home = drawn.unwrap_or(0);
        let (country, _, utc_offset) = COUNTRIES[home];
        // Lognormal with mean 1: a few listen all day long.
        let activity = (0.8 * normal(&mut rng) - 0.32).exp();
        let tastes = (!self.tastes.is_empty()).then(|| (self.taste(home, &mut rng), self.taste(home, &mut rng)));
        let user_id = FIRST_USER + place as i64;
        Listener { user_id, country, utc_offset, activity, tastes, favourites: rng.random() }
    }

    /// A taste; the tastes that lead in a country are not those that lead in another.
    fn taste(&self, home: usize, rng: &mut impl Rng) -> usize {
        let tastes = self.tastes.len();
        if rng.random_bool(0.5) {
            return (home * 7 + rng.random_range(0..3.min(tastes))) % tastes;
        }
        // The smaller of two: large genres are liked by more.
        rng.random_range(0..tastes).min(rng.random_range(0..tastes))
    }

    /// What a listener plays: often a favourite, mostly one's own taste, sometimes anything.
    pub(super) fn play(&self, listener: &Listener, rng: &mut impl Rng) -> usize {
        if rng.random_bool(0.35) {
            let favourite = rng.random_range(0..FAVOURITES).min(rng.random_range(0..FAVOURITES));
            let mut own = ChaCha8Rng::seed_from_u64(listener.favourites);
            own.set_stream(favourite as u64);
            return self.by_taste(listener, &mut own);
        }
        self.by_taste(listener, rng)
    }

    fn by_taste(&self, listener: &Listener, rng: &mut impl Rng) -> usize {
        let ranked = match (listener.tastes, rng.random::<f64>()) {
            (Some((first, _)), at) if at < 0.55 => &self.tastes[first],
            (Some((_, second)), at) if at < 0.8 => &self.tastes[second],
            _ => &self.everything,
        };
        ranked.draw(rng)
    }
}

impl Ranked {
    fn of(tracks: Vec<u32>) -> Self {
        let mut sum = 0.0;
        let sums = (1..=tracks.len())
            .map(|rank| {
                sum += (rank as f64 + SHIFT).powf(-EXPONENT);
                sum
            })
            .collect();
        Self { tracks, sums }
    }

    fn draw(&self, rng: &mut impl Rng) -> usize {
        let at = rng.random::<f64>() * self.sums.last().copied().unwrap_or(0.0);
        let place = self.sums.partition_point(|sum| *sum <= at).min(self.tracks.len() - 1);
        self.tracks[place] as usize
    }
}

/// Gaussian, by the Box-Muller transform.
fn normal(rng: &mut impl Rng) -> f64 {
    let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
    radius * (std::f64::consts::TAU * rng.random::<f64>()).cos()
}
