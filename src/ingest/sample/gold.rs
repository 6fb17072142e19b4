//! The gold tables of the sample, computed from its own listens: as many rows for each artist and user as transforms/ makes of real
//! data, by simpler rules (listening alone decides on recommendations, and the leading genre on segments).

use std::collections::HashMap;

use super::draw::rounded;
use super::music::Music;
use super::people::People;
use super::rows::{Recommendation, SimilarArtist, UserSegment};

const SIMILAR: usize = 20;
const FEWEST_SHARED: i64 = 3;
const RECOMMENDED: usize = 20;

/// For each artist the artists with the same listeners, the most similar first: (artist, shared listeners, score).
pub(super) struct Similarity(Vec<Vec<(usize, i64, f64)>>);

pub(super) fn similarity(music: &Music, people: &People) -> Similarity {
    let words = people.users.len().div_ceil(64);
    let mut listeners: Vec<Vec<u64>> = vec![vec![0; words]; music.artists.len()];
    for (user, plays) in people.plays.iter().enumerate() {
        for (artist, _) in plays {
            listeners[*artist][user / 64] |= 1 << (user % 64);
        }
    }
    let count = |set: &[u64]| set.iter().map(|word| i64::from(word.count_ones())).sum::<i64>();
    let sizes: Vec<i64> = listeners.iter().map(|set| count(set)).collect();
    let mut similar: Vec<Vec<(usize, i64, f64)>> = vec![Vec::new(); music.artists.len()];
    for a in 0..listeners.len() {
        for b in a + 1..listeners.len() {
            let shared: i64 = listeners[a].iter().zip(&listeners[b]).map(|(x, y)| i64::from((x & y).count_ones())).sum();
            if shared >= FEWEST_SHARED {
                let cosine = shared as f64 / (sizes[a] as f64 * sizes[b] as f64).sqrt();
                let score = rounded(cosine * shared as f64 / (shared as f64 + 10.0), 1e6);
                similar[a].push((b, shared, score));
                similar[b].push((a, shared, score));
            }
        }
    }
    for list in &mut similar {
        list.sort_by(|x, y| y.2.total_cmp(&x.2).then(x.0.cmp(&y.0)));
        list.truncate(SIMILAR);
    }
    Similarity(similar)
}

impl Similarity {
    pub(super) fn rows<'a>(&self, music: &'a Music) -> Vec<SimilarArtist<'a>> {
        let mut rows = Vec::new();
        for (artist, similar) in music.artists.iter().zip(&self.0) {
            for (other, shared_listeners, score) in similar {
                let other = &music.artists[*other];
                rows.push(SimilarArtist {
                    artist_id: &artist.artist_id,
                    artist_name: artist.name,
                    similar_artist_id: &other.artist_id,
                    similar_artist_name: other.name,
                    shared_listeners: *shared_listeners,
                    score: *score,
                });
            }
        }
        rows
    }

    /// The artists that are most similar to what a user plays, without those the user knows.
    pub(super) fn recommendations<'a>(&self, music: &'a Music, people: &People) -> Vec<Recommendation<'a>> {
        let mut rows = Vec::new();
        for (user, plays) in people.users.iter().zip(&people.plays) {
            // For each candidate: the sum, and the artist that speaks most for it.
            let mut candidates: HashMap<usize, (f64, f64, usize)> = HashMap::new();
            for (known, plays) in plays {
                for (other, _, score) in &self.0[*known] {
                    let part = score * (1.0 + *plays as f64).ln();
                    let candidate = candidates.entry(*other).or_default();
                    candidate.0 += part;
                    if part > candidate.1 {
                        (candidate.1, candidate.2) = (part, *known);
                    }
                }
            }
            for (known, _) in plays {
                candidates.remove(known);
            }
            let mut ranked: Vec<_> = candidates.into_iter().collect();
            ranked.sort_by(|x, y| y.1.0.total_cmp(&x.1.0).then(x.0.cmp(&y.0)));
            for (rank, (artist, (score, _, because))) in (1..).zip(ranked.into_iter().take(RECOMMENDED)) {
                let (artist, because) = (&music.artists[artist], &music.artists[because]);
                rows.push(Recommendation {
                    user_id: user.user_id,
                    rank,
                    artist_id: &artist.artist_id,
                    artist_name: artist.name,
                    score: rounded(score, 1e4),
                    reason: format!("Because you listen to {}", because.name),
                });
            }
        }
        rows
    }
}

/// The genre that leads in each user's plays; segments are numbered from the largest.
pub(super) fn segments<'a>(music: &'a Music, people: &People) -> Vec<UserSegment<'a>> {
    let leading = |plays: &[(usize, i64)]| {
        let mut genres: HashMap<&'static str, f64> = HashMap::new();
        for (artist, plays) in plays {
            *genres.entry(music.artists[*artist].genres[0]).or_default() += (*plays as f64).sqrt();
        }
        let mut genres: Vec<_> = genres.into_iter().collect();
        genres.sort_by(|x, y| y.1.total_cmp(&x.1).then(x.0.cmp(y.0)));
        genres.first().map_or("pop", |(genre, _)| *genre)
    };
    let segments: Vec<&str> = people.plays.iter().map(|plays| leading(plays)).collect();
    let mut sizes: HashMap<&str, usize> = HashMap::new();
    for segment in &segments {
        *sizes.entry(segment).or_default() += 1;
    }
    let mut order: Vec<_> = sizes.into_iter().collect();
    order.sort_by(|x, y| y.1.cmp(&x.1).then(x.0.cmp(y.0)));
    let number: HashMap<&str, i64> = order.into_iter().zip(1..).map(|((segment, _), number)| (segment, number)).collect();
    people
        .users
        .iter()
        .zip(segments)
        .map(|(user, segment)| UserSegment { user_id: user.user_id, segment_id: number[segment], segment })
        .collect()
}
