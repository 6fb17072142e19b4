//! Deezer: charts, genres, artists with their tracks, albums and neighbours, playlists. No key. <https://developers.deezer.com/api>
//!
//! Errors come with status 200 as `{"error": {"type", "message", "code"}}`; lists as `{"data": [...], "total", "next"}`.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::call::{Call, Page, Verdict, WebApi, by_status};
use super::fields::{self, Field, Row, flag, put, real, seconds, text, text_at, texts, whole, whole_at};
use super::list::{List, Playlist};
use crate::catalog::artist_key;

pub(super) const SOURCE: &str = "deezer";

const ARTISTS: &str = "deezer_artists";
const ALBUMS: &str = "deezer_albums";
const TRACKS: &str = "deezer_tracks";
const CHARTS: &str = "deezer_charts";
const GENRES: &str = "deezer_genres";
const GENRE_ARTISTS: &str = "deezer_genre_artists";
const RELATED: &str = "deezer_related_artists";
const PLAYLISTS: &str = "deezer_playlist_tracks";

/// Fifty requests in five seconds are permitted. Source: <https://developers.deezer.com/api>, "Quota".
const INTERVAL: Duration = Duration::from_millis(110);
const LIMIT: u32 = 100;

pub(super) struct Deezer {
    list: List,
}

const ARTIST: &[Field] = &[
    whole("deezer_id", "id").required(),
    text("artist_name", "name").required(),
    whole("fans", "nb_fan"),
    whole("albums", "nb_album"),
    text("url", "link"),
    text("picture_url", "picture_big"),
];
const ALBUM: &[Field] = &[
    whole("deezer_id", "id").required(),
    text("title", "title").required(),
    whole("artist_deezer_id", "artist/id"),
    text("artist_name", "artist/name"),
    text("release_date", "release_date"),
    text("record_type", "record_type"),
    whole("fans", "fans"),
    whole("genre_id", "genre_id"),
    texts("genres", "genres/data/*/name"),
    text("label", "label"),
    text("upc", "upc"),
    whole("tracks", "nb_tracks"),
    whole("duration_s", "duration"),
    flag("explicit", "explicit_lyrics"),
    text("url", "link"),
];
const TRACK: &[Field] = &[
    whole("deezer_id", "id").required(),
    text("title", "title").required(),
    whole("artist_deezer_id", "artist/id"),
    text("artist_name", "artist/name").required(),
    texts("contributors", "contributors/*/name"),
    whole("album_deezer_id", "album/id"),
    text("album", "album/title"),
    whole("duration_s", "duration"),
    whole("deezer_rank", "rank"),
    flag("explicit", "explicit_lyrics"),
    text("isrc", "isrc"),
    real("bpm", "bpm"),
    real("gain", "gain"),
    text("release_date", "release_date|album/release_date"),
    text("url", "link"),
];
const CHART: &[Field] = &[
    whole("deezer_id", "id").required(),
    text("title", "title|name").required(),
    text("artist_name", "artist/name"),
    whole("rank", "position"),
    text("url", "link"),
];
const GENRE: &[Field] = &[whole("deezer_id", "id").required(), text("name", "name").required(), text("picture_url", "picture_big|picture")];
const GENRE_ARTIST: &[Field] = &[whole("deezer_id", "id").required(), text("artist_name", "name").required()];
const NEIGHBOUR: &[Field] =
    &[whole("similar_deezer_id", "id").required(), text("similar_artist_name", "name").required(), whole("fans", "nb_fan")];
const PLAYLIST_TRACK: &[Field] = &[
    whole("deezer_id", "id").required(),
    text("title", "title").required(),
    text("artist_name", "artist/name").required(),
    seconds("added_at", "time_add"),
];

const CHART_KINDS: [&str; 4] = ["artists", "tracks", "albums", "playlists"];

impl Deezer {
    pub(super) fn new(list: List) -> Self {
        Self { list }
    }

    fn paged(&self, endpoint: &str, path: String) -> Call {
        Call::new(endpoint, path).with("limit", LIMIT).with("index", 0).followed_by(self.list.more_pages())
    }

    /// What is asked about an artist whose number is known. Those that follow from it carry number and name.
    fn about_artist(&self, id: u64, name: &str) -> [Call; 3] {
        let subject = format!("{id} {name}");
        [("artist.top", "top"), ("artist.albums", "albums"), ("artist.related", "related")]
            .map(|(endpoint, below)| self.paged(endpoint, format!("/artist/{id}/{below}")).about(&subject))
    }

    /// A row of each member of `data`, what else to ask about it, and the next page.
    fn members(
        &self,
        page: &mut Page,
        (call, body, table): (&Call, &Value, &'static str),
        row: impl Fn(u64, &Value) -> Result<Row, String>,
    ) {
        let items = match fields::list(body, "", "data") {
            Ok(items) => items,
            Err(reason) => return page.broken(table, body, reason),
        };
        for (index, item) in items.iter().enumerate() {
            page.item(table, index + 1, item, row(call.before + index as u64 + 1, item));
        }
        self.next(page, call, body, items.len());
    }

    /// The address that `next` gives is not followed: only its being there counts.
    fn next(&self, page: &mut Page, call: &Call, body: &Value, items: usize) {
        if items > 0 && text_at(body, "next").is_some() {
            page.follow(call.next("index", call.before + items as u64, items));
        }
    }

    fn details(&self, page: &mut Page, body: &Value, kind: &str) {
        if !self.list.details {
            return;
        }
        let ids = fields::list(body, "", "data").unwrap_or_default().into_iter().filter_map(|item| whole_at(item, "id"));
        page.follow(ids.filter(|id| *id > 0).map(|id| Call::new(kind, format!("/{kind}/{id}"))));
    }

    fn lookup(&self, page: &mut Page, call: &Call, body: &Value) {
        let candidates = match fields::list(body, "", "data") {
            Ok(candidates) => candidates,
            Err(reason) => return page.broken(ARTISTS, body, reason),
        };
        let wanted = artist_key(&call.subject);
        // Several artists share a name; the one with the most fans is meant.
        let same = candidates.iter().filter(|artist| text_at(artist, "name").is_some_and(|name| artist_key(name) == wanted));
        let Some(artist) = same.max_by_key(|artist| (whole_at(artist, "nb_fan"), std::cmp::Reverse(whole_at(artist, "id")))) else {
            let reason = format!("none of {} artists found is named {}", candidates.len(), call.subject);
            return page.item(ARTISTS, 1, body, Err(reason));
        };
        page.item(ARTISTS, 1, artist, artist_row(artist));
        if let Some(id) = whole_at(artist, "id").and_then(|id| u64::try_from(id).ok()) {
            page.follow(self.about_artist(id, &call.subject));
        }
    }
}

impl WebApi for Deezer {
    fn name(&self) -> &'static str {
        SOURCE
    }

    fn tables(&self) -> &'static [&'static str] {
        &[ARTISTS, ALBUMS, TRACKS, CHARTS, GENRES, GENRE_ARTISTS, RELATED, PLAYLISTS]
    }

    fn interval(&self) -> Duration {
        INTERVAL
    }

    fn plan(&self, _begun_at: DateTime<Utc>) -> Vec<Call> {
        let mut calls = Vec::new();
        let charts = self.list.charts.then_some(0);
        let genres: Vec<u64> = charts.into_iter().chain(self.list.genres.iter().copied()).collect();
        if !genres.is_empty() {
            calls.push(Call::new("genre", "/genre"));
        }
        for genre in &genres {
            calls.extend(CHART_KINDS.map(|kind| self.paged(&format!("chart.{kind}"), format!("/chart/{genre}/{kind}")).about(genre)));
        }
        for genre in &self.list.genres {
            calls.push(Call::new("genre.artists", format!("/genre/{genre}/artists")).about(genre));
        }
        for artist in &self.list.artists {
            match artist.deezer {
                Some(id) => {
                    calls.push(Call::new("artist", format!("/artist/{id}")).about(&artist.name));
                    calls.extend(self.about_artist(id, &artist.name));
                }
                None => calls.push(Call::new("search.artist", "/search/artist").with("q", &artist.name).about(&artist.name)),
            }
        }
        for playlist in &self.list.playlists {
            if let Playlist::Deezer(id) = playlist {
                calls.push(self.paged("playlist.tracks", format!("/playlist/{id}/tracks")).about(id));
            }
        }
        calls
    }

    /// Source: <https://developers.deezer.com/api/errors>
    fn verdict(&self, _call: &Call, status: u16, body: Option<&Value>) -> Verdict {
        let error = body.and_then(|body| body.get("error")).filter(|error| error.is_object() || error.is_string());
        let Some(error) = error else { return by_status("Deezer", status, None) };
        let message = error.as_str().or_else(|| text_at(error, "message"));
        let Some(code) = whole_at(error, "code") else {
            // `{"error": "Not Found"}`, whatever the status.
            return match by_status("Deezer", status, message) {
                Verdict::Page => Verdict::Absent(format!("Deezer answered: {}", message.unwrap_or("an error without a message"))),
                verdict => verdict,
            };
        };
        let said = format!("error {code}: {}", message.unwrap_or("no message"));
        match code {
            4 => Verdict::Limited(said),
            700 => Verdict::Again(said),
            // No data, a wrong parameter, or not to be seen by others.
            _ => Verdict::Absent(said),
        }
    }

    fn read(&self, call: &Call, body: &Value) -> Page {
        let mut page = Page::default();
        let (id, name) = call.subject.split_once(' ').unwrap_or((&call.subject, ""));
        let number = id.parse::<u64>().ok();
        match call.endpoint.as_str() {
            "search.artist" => self.lookup(&mut page, call, body),
            "artist" => page.item(ARTISTS, 1, body, artist_row(body)),
            "album" => page.item(ALBUMS, 1, body, album_row(body, "")),
            "track" => page.item(TRACKS, 1, body, track_row(body)),
            "artist.top" => {
                self.members(&mut page, (call, body, TRACKS), |_, item| track_row(item));
                self.details(&mut page, body, "track");
            }
            "artist.albums" => {
                self.members(&mut page, (call, body, ALBUMS), |_, item| {
                    let mut row = album_row(item, name)?;
                    if let (Some(number), false) = (number, row.contains_key("artist_deezer_id")) {
                        put(&mut row, "artist_deezer_id", number);
                    }
                    Ok(row)
                });
                self.details(&mut page, body, "album");
            }
            "artist.related" => self.members(&mut page, (call, body, RELATED), |rank, item| {
                let row = fields::with_key(fields::row(item, NEIGHBOUR)?, "similar_artist_name", "similar_artist_id")?;
                let mut row = fields::with_artist(row, name)?;
                put(&mut row, "artist_deezer_id", number);
                put(&mut row, "rank", rank);
                Ok(row)
            }),
            "genre" => self.members(&mut page, (call, body, GENRES), |_, item| fields::row(item, GENRE)),
            "genre.artists" => self.members(&mut page, (call, body, GENRE_ARTISTS), |rank, item| {
                let mut row = fields::with_artist(fields::row(item, GENRE_ARTIST)?, "")?;
                put(&mut row, "genre_id", number);
                put(&mut row, "rank", rank);
                Ok(row)
            }),
            "playlist.tracks" => {
                self.members(&mut page, (call, body, PLAYLISTS), |position, item| {
                    let mut row = fields::with_artist(fields::row(item, PLAYLIST_TRACK)?, "")?;
                    put(&mut row, "playlist_id", number);
                    put(&mut row, "position", position);
                    Ok(row)
                });
                also_tracks(&mut page, body);
                self.details(&mut page, body, "track");
            }
            endpoint => {
                let Some(kind) = endpoint.strip_prefix("chart.") else { return page };
                self.members(&mut page, (call, body, CHARTS), |rank, item| chart_row(item, kind, number, rank));
                if kind == "tracks" {
                    also_tracks(&mut page, body);
                    self.details(&mut page, body, "track");
                }
            }
        }
        page
    }
}

fn chart_row(item: &Value, kind: &str, genre: Option<u64>, rank: u64) -> Result<Row, String> {
    let mut row = fields::row(item, CHART)?;
    if kind == "artists" {
        let name = row.get("title").cloned().unwrap_or_default();
        put(&mut row, "artist_name", name);
    }
    if row.contains_key("artist_name") {
        row = fields::with_artist(row, "")?;
    }
    put(&mut row, "chart", kind.trim_end_matches('s'));
    put(&mut row, "genre_id", genre);
    row.entry("rank").or_insert(rank.into());
    Ok(row)
}

/// The members of the list once more, as tracks.
fn also_tracks(page: &mut Page, body: &Value) {
    for (index, item) in fields::list(body, "", "data").unwrap_or_default().into_iter().enumerate() {
        page.item(TRACKS, index + 1, item, track_row(item));
    }
}

fn artist_row(item: &Value) -> Result<Row, String> {
    fields::with_artist(fields::row(item, ARTIST)?, "")
}

fn album_row(item: &Value, artist: &str) -> Result<Row, String> {
    fields::with_artist(fields::row(item, ALBUM)?, artist)
}

fn track_row(item: &Value) -> Result<Row, String> {
    fields::with_artist(fields::row(item, TRACK)?, "")
}
