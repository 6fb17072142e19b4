//! Spotify: artists with their top tracks and albums, playlists, searches, and audio features where the account still may.
//! <https://developer.spotify.com/documentation/web-api/reference>
//!
//! What an app may use depends on its age and mode: audio features went in November 2024, and apps in development mode lost top
//! tracks, `followers`, `popularity` and pages of more than ten search results in February 2026, when `/tracks` of a playlist became
//! `/items`. So single artists are asked for, searches ask for ten, and what is withdrawn is noted and done without.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::call::{Call, Page, Verdict, WebApi, by_status};
use super::fields::{self, Field, Row, find, flag, put, real, share, text, text_at, texts, timestamp, whole};
use super::list::{List, Playlist, is_spotify_id};
use crate::catalog::artist_key;

pub(super) const SOURCE: &str = "spotify";

const ARTISTS: &str = "spotify_web_artists";
const ALBUMS: &str = "spotify_web_albums";
const TRACKS: &str = "spotify_web_tracks";
const PLAYLISTS: &str = "spotify_web_playlist_tracks";
const FEATURES: &str = "spotify_web_audio_features";

/// The limit is not published; it is counted over thirty seconds.
/// Source: <https://developer.spotify.com/documentation/web-api/concepts/rate-limits>
const INTERVAL: Duration = Duration::from_millis(100);
/// The most in development mode.
const SEARCH_LIMIT: u32 = 10;
const FEATURES_LIMIT: usize = 100;

pub(super) struct Spotify {
    list: List,
}

const ARTIST: &[Field] = &[
    text("spotify_id", "id").required(),
    text("artist_name", "name").required(),
    texts("genres", "genres/*"),
    whole("popularity", "popularity"),
    whole("followers", "followers/total"),
    text("url", "external_urls/spotify"),
    text("picture_url", "images/0/url"),
];
const ALBUM: &[Field] = &[
    text("spotify_id", "id").required(),
    text("title", "name").required(),
    text("artist_name", "artists/0/name"),
    texts("artists", "artists/*/name"),
    texts("artist_spotify_ids", "artists/*/id"),
    text("album_type", "album_type"),
    text("release_date", "release_date"),
    text("release_date_precision", "release_date_precision"),
    whole("tracks", "total_tracks"),
    text("url", "external_urls/spotify"),
];
const TRACK: &[Field] = &[
    text("spotify_id", "id").required(),
    text("title", "name").required(),
    text("artist_name", "artists/0/name").required(),
    texts("artists", "artists/*/name"),
    texts("artist_spotify_ids", "artists/*/id"),
    text("album", "album/name"),
    text("album_spotify_id", "album/id"),
    text("release_date", "album/release_date"),
    whole("duration_ms", "duration_ms"),
    flag("explicit", "explicit"),
    whole("popularity", "popularity"),
    text("isrc", "external_ids/isrc"),
    text("url", "external_urls/spotify"),
];
const PLAYLIST_TRACK: &[Field] = &[
    text("spotify_id", "track/id|item/id").required(),
    text("title", "track/name|item/name").required(),
    text("artist_name", "track/artists/0/name|item/artists/0/name").required(),
    timestamp("added_at", "added_at"),
];
const AUDIO_FEATURES: &[Field] = &[
    text("spotify_id", "id").required(),
    share("danceability", "danceability"),
    share("energy", "energy"),
    share("valence", "valence"),
    share("acousticness", "acousticness"),
    share("instrumentalness", "instrumentalness"),
    share("liveness", "liveness"),
    share("speechiness", "speechiness"),
    real("loudness", "loudness"),
    real("tempo", "tempo"),
    whole("key", "key"),
    whole("mode", "mode"),
    whole("time_signature", "time_signature"),
    whole("duration_ms", "duration_ms"),
];

impl Spotify {
    pub(super) fn new(list: List) -> Self {
        Self { list }
    }

    fn about_artist(&self, id: &str, name: &str) -> [Call; 2] {
        [
            Call::new("artist.top-tracks", format!("/artists/{id}/top-tracks")).with("market", self.list.market()).about(name),
            self.paged("artist.albums", format!("/artists/{id}/albums"), 50).with("include_groups", "album,single").about(name),
        ]
    }

    fn paged(&self, endpoint: &str, path: String, limit: u32) -> Call {
        Call::new(endpoint, path).with("limit", limit).with("offset", 0).followed_by(self.list.more_pages())
    }

    fn track_search(&self, query: &str) -> Call {
        self.paged("search.tracks", "/search".to_owned(), SEARCH_LIMIT).with("type", "track").with("q", query).about(query)
    }

    fn lookup(&self, page: &mut Page, call: &Call, body: &Value) {
        let candidates = match fields::list(body, "artists", "items") {
            Ok(candidates) => candidates,
            Err(reason) => return page.broken(ARTISTS, body, reason),
        };
        let wanted = artist_key(&call.subject);
        // Spotify gives the best known first.
        let same = candidates.iter().find(|artist| text_at(artist, "name").is_some_and(|name| artist_key(name) == wanted));
        let Some(artist) = same else {
            let reason = format!("none of {} artists found is named {}", candidates.len(), call.subject);
            return page.item(ARTISTS, 1, body, Err(reason));
        };
        page.item(ARTISTS, 1, artist, artist_row(artist));
        if let Some(id) = text_at(artist, "id").filter(|id| is_spotify_id(id)) {
            page.follow(self.about_artist(id, &call.subject));
        }
    }
}

impl WebApi for Spotify {
    fn name(&self) -> &'static str {
        SOURCE
    }

    fn tables(&self) -> &'static [&'static str] {
        &[ARTISTS, ALBUMS, TRACKS, PLAYLISTS, FEATURES]
    }

    fn interval(&self) -> Duration {
        INTERVAL
    }

    fn plan(&self, _begun_at: DateTime<Utc>) -> Vec<Call> {
        let mut calls = Vec::new();
        for artist in &self.list.artists {
            match &artist.spotify {
                Some(id) => {
                    calls.push(Call::new("artist", format!("/artists/{id}")).about(&artist.name));
                    calls.extend(self.about_artist(id, &artist.name));
                }
                None => {
                    let search = Call::new("search.artists", "/search").with("type", "artist").with("q", &artist.name);
                    calls.push(search.with("limit", SEARCH_LIMIT).about(&artist.name));
                }
            }
        }
        for playlist in &self.list.playlists {
            if let Playlist::Spotify(id) = playlist {
                calls.push(self.paged("playlist.items", format!("/playlists/{id}/items"), 100).about(id));
            }
        }
        calls.extend(self.list.searches.iter().map(|query| self.track_search(query)));
        calls
    }

    /// Source: <https://developer.spotify.com/documentation/web-api/concepts/api-calls#response-status-codes>
    fn verdict(&self, call: &Call, status: u16, body: Option<&Value>) -> Verdict {
        let message = body.and_then(|body| find(body, "error/message|error_description|error")).and_then(Value::as_str);
        let verdict = by_status("Spotify", status, message);
        match (status, verdict) {
            (401, Verdict::Refused(said)) => Verdict::Expired(said),
            (403, Verdict::Refused(said)) => match call.endpoint.as_str() {
                "artist.top-tracks" | "audio-features" => Verdict::Withdrawn(said),
                // Somebody's own, or Spotify's.
                "playlist.items" | "playlist.tracks" => Verdict::Absent(said),
                _ => Verdict::Refused(said),
            },
            // The endpoint itself is gone, not a track of it.
            (404, Verdict::Absent(said)) if call.endpoint == "audio-features" => Verdict::Withdrawn(said),
            (_, verdict) => verdict,
        }
    }

    fn read(&self, call: &Call, body: &Value) -> Page {
        let mut page = Page::default();
        match call.endpoint.as_str() {
            "search.artists" => self.lookup(&mut page, call, body),
            "artist" => page.item(ARTISTS, 1, body, artist_row(body)),
            "artist.top-tracks" => {
                members(&mut page, (body, "", "tracks", TRACKS), |_, item| track_row(item));
            }
            "artist.albums" => {
                let items = members(&mut page, (body, "", "items", ALBUMS), |_, item| {
                    fields::with_artist(fields::row(item, ALBUM)?, &call.subject)
                });
                next(&mut page, call, body, items);
            }
            "search.tracks" => {
                let items = members(&mut page, (body, "tracks", "items", TRACKS), |_, item| track_row(item));
                next(&mut page, call, body.get("tracks").unwrap_or(body), items);
            }
            "playlist.items" | "playlist.tracks" => {
                let items = members(&mut page, (body, "", "items", PLAYLISTS), |index, item| {
                    let mut row = fields::with_artist(fields::row(item, PLAYLIST_TRACK)?, "")?;
                    put(&mut row, "playlist_id", call.subject.as_str());
                    put(&mut row, "position", call.before + index);
                    Ok(row)
                });
                for (index, item) in fields::list(body, "", "items").unwrap_or_default().into_iter().enumerate() {
                    // What is no track (removed, an episode, a file of the user's) is rejected once, above.
                    if let Some(track) = find(item, "track|item").filter(|track| track_row(track).is_ok()) {
                        page.item(TRACKS, index + 1, track, track_row(track));
                    }
                }
                next(&mut page, call, body, items);
            }
            "audio-features" => {
                members(&mut page, (body, "", "audio_features", FEATURES), |_, item| {
                    if item.is_null() {
                        return Err("there are no features of this track".to_owned());
                    }
                    fields::row(item, AUDIO_FEATURES)
                });
            }
            _ => {}
        }
        let tracks = page.items.iter().filter(|item| item.table == TRACKS).filter_map(|item| item.outcome.as_ref().ok());
        page.track_ids =
            tracks.filter_map(|row| row.get("spotify_id")?.as_str()).filter(|id| is_spotify_id(id)).map(str::to_owned).collect();
        page
    }

    fn instead(&self, call: &Call) -> Option<Call> {
        match call.endpoint.as_str() {
            // As it was called before February 2026, and still is for apps with extended quota.
            "playlist.items" if call.before == 0 => {
                let path = format!("/playlists/{}/tracks", call.subject);
                Some(self.paged("playlist.tracks", path, 100).about(&call.subject))
            }
            // The best that remains where top tracks are withdrawn.
            "artist.top-tracks" => Some(self.track_search(&format!("artist:\"{}\"", call.subject.replace('"', "")))),
            _ => None,
        }
    }

    fn for_tracks(&self, track_ids: &[String]) -> Vec<Call> {
        let call = |ids: &[String]| Call::new("audio-features", "/audio-features").with("ids", ids.join(","));
        track_ids.chunks(FEATURES_LIMIT).map(call).collect()
    }
}

/// A row of each member of a list. Returns how many there were.
fn members(
    page: &mut Page,
    (body, root, list, table): (&Value, &'static str, &'static str, &'static str),
    row: impl Fn(u64, &Value) -> Result<Row, String>,
) -> usize {
    match fields::list(body, root, list) {
        Ok(items) => {
            for (index, item) in items.iter().enumerate() {
                page.item(table, index + 1, item, row(index as u64 + 1, item));
            }
            items.len()
        }
        Err(reason) => {
            page.broken(table, body, reason);
            0
        }
    }
}

/// The address that `next` gives is not followed, since the token would go along: only its being there counts.
fn next(page: &mut Page, call: &Call, list: &Value, items: usize) {
    if items > 0 && text_at(list, "next").is_some() {
        page.follow(call.next("offset", call.before + items as u64, items));
    }
}

fn artist_row(item: &Value) -> Result<Row, String> {
    fields::with_artist(fields::row(item, ARTIST)?, "")
}

fn track_row(item: &Value) -> Result<Row, String> {
    fields::with_artist(fields::row(item, TRACK)?, "")
}
