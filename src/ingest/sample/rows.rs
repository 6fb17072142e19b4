//! The rows of the tables of `music`, as they are written to newline-delimited JSON.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

#[derive(Debug, Clone, Serialize)]
pub(super) struct Artist {
    pub artist_id: String,
    pub name: &'static str,
    pub genres: Vec<&'static str>,
    pub country: &'static str,
    pub popularity: i64,
    pub followers: i64,
    pub lastfm_url: String,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Track {
    pub track_id: String,
    pub title: &'static str,
    pub artist_id: String,
    pub artist_name: &'static str,
    pub featured_artists: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub album: Option<&'static str>,
    pub release_date: NaiveDate,
    pub release_year: i64,
    pub genre: &'static str,
    pub duration_ms: i64,
    pub explicit: bool,
    pub popularity: i64,
    pub danceability: f64,
    pub energy: f64,
    pub valence: f64,
    pub acousticness: f64,
    pub instrumentalness: f64,
    pub liveness: f64,
    pub speechiness: f64,
    pub loudness: f64,
    pub tempo: f64,
    pub key: i64,
    pub mode: i64,
    pub time_signature: i64,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct User {
    pub user_id: i64,
    pub country: &'static str,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Listen<'a> {
    pub user_id: i64,
    pub artist_id: &'a str,
    pub artist_name: &'a str,
    pub plays: i64,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct ListeningEvent<'a> {
    pub user_id: i64,
    pub track_id: &'a str,
    pub track_title: &'a str,
    pub artist_id: &'a str,
    pub artist_name: &'a str,
    pub country: &'a str,
    pub played_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct ArtistTag<'a> {
    pub user_id: i64,
    pub artist_id: &'a str,
    pub artist_name: &'a str,
    pub tag: String,
    pub tagged_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Friendship {
    pub user_id: i64,
    pub friend_id: i64,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct ChartEntry<'a> {
    pub chart: &'static str,
    pub chart_date: NaiveDate,
    pub rank: i64,
    pub title: &'a str,
    pub artist_id: &'a str,
    pub artist_name: &'a str,
    pub last_week_rank: Option<i64>,
    pub peak_rank: i64,
    pub weeks_on_chart: i64,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct CountryChart<'a> {
    pub country: &'a str,
    pub chart_date: NaiveDate,
    pub rank: i64,
    pub artist_id: &'a str,
    pub artist_name: &'a str,
    pub listeners: i64,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct ArtistSnapshot<'a> {
    pub artist_id: &'a str,
    pub artist_name: &'a str,
    pub captured_at: DateTime<Utc>,
    pub popularity: i64,
    pub followers: i64,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct TrackSnapshot<'a> {
    pub track_id: &'a str,
    pub title: &'a str,
    pub artist_id: &'a str,
    pub artist_name: &'a str,
    pub captured_at: DateTime<Utc>,
    pub popularity: i64,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct SimilarArtist<'a> {
    pub artist_id: &'a str,
    pub artist_name: &'a str,
    pub similar_artist_id: &'a str,
    pub similar_artist_name: &'a str,
    pub shared_listeners: i64,
    pub score: f64,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Recommendation<'a> {
    pub user_id: i64,
    pub rank: i64,
    pub artist_id: &'a str,
    pub artist_name: &'a str,
    pub score: f64,
    pub reason: String,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct UserSegment<'a> {
    pub user_id: i64,
    pub segment_id: i64,
    pub segment: &'a str,
}
