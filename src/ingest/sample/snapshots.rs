//! Monthly figures of artists and tracks: walks that end at the figures of today.

use chrono::NaiveTime;

use super::charts::months;
use super::draw::Draw;
use super::music::Music;
use super::rows::{ArtistSnapshot, TrackSnapshot};

pub(super) fn artists(music: &Music) -> Vec<ArtistSnapshot<'_>> {
    let mut draw = Draw::stage(8);
    let mut rows = Vec::new();
    for artist in &music.artists {
        let (mut popularity, mut followers) = (artist.popularity as f64, artist.followers as f64);
        let growth = draw.normal(0.012, 0.012);
        for month in months().into_iter().rev() {
            rows.push(ArtistSnapshot {
                artist_id: &artist.artist_id,
                artist_name: artist.name,
                captured_at: month.and_time(NaiveTime::MIN).and_utc(),
                popularity: popularity.round() as i64,
                followers: followers as i64,
            });
            popularity = (popularity - draw.normal(0.05, 0.9)).clamp(0.0, 100.0);
            followers /= 1.0 + growth + draw.normal(0.0, 0.003);
        }
    }
    rows.sort_by_key(|row| row.captured_at);
    rows
}

/// Songs have figures from their release on.
pub(super) fn tracks(music: &Music) -> Vec<TrackSnapshot<'_>> {
    let mut draw = Draw::stage(9);
    let mut rows = Vec::new();
    for track in &music.tracks {
        let mut popularity = track.popularity as f64;
        for month in months().into_iter().rev().take_while(|month| *month >= track.release_date) {
            rows.push(TrackSnapshot {
                track_id: &track.track_id,
                title: track.title,
                artist_id: &track.artist_id,
                artist_name: track.artist_name,
                captured_at: month.and_time(NaiveTime::MIN).and_utc(),
                popularity: popularity.round() as i64,
            });
            popularity = (popularity - draw.normal(-0.05, 1.2)).clamp(0.0, 100.0);
        }
    }
    rows.sort_by_key(|row| row.captured_at);
    rows
}
