//! Last.fm: charts of the world, of countries and of tags; artists with their tags and neighbours; what users played.
//! <https://www.last.fm/api>
//!
//! Numbers come as strings, a list of one as the object alone, an empty list as white space, and errors with any status as
//! `{"error": 29, "message": ...}`.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::call::{Call, Page, Verdict, WebApi, by_status};
use super::fields::{self, Field, Row, put, seconds, text, texts, whole};
use super::fields::{flag, real, text_at, whole_at};
use super::list::List;

pub(super) const SOURCE: &str = "lastfm";

const ARTISTS: &str = "lastfm_artists";
const CHARTS: &str = "lastfm_charts";
const TAGS: &str = "lastfm_artist_tags";
const SIMILAR: &str = "lastfm_similar_artists";
const PLAYS: &str = "lastfm_recent_tracks";

/// Five requests a second are permitted. Source: <https://www.last.fm/api/tos>, 4.4, and <https://www.last.fm/api/intro>.
const INTERVAL: Duration = Duration::from_millis(250);

pub(super) struct Lastfm {
    list: List,
}

const ARTIST: &[Field] = &[
    text("artist_name", "name").required(),
    text("mbid", "mbid"),
    text("url", "url"),
    whole("listeners", "stats/listeners|listeners"),
    whole("plays", "stats/playcount|stats/plays|playcount"),
    flag("on_tour", "ontour"),
    texts("tags", "tags/tag/*/name"),
    texts("similar", "similar/artist/*/name"),
];
const CHART_ARTIST: &[Field] = &[
    text("artist_name", "name").required(),
    whole("listeners", "listeners"),
    whole("plays", "playcount"),
    text("mbid", "mbid"),
    text("url", "url"),
];
const CHART_TRACK: &[Field] = &[
    text("title", "name").required(),
    text("artist_name", "artist/name|artist/#text|artist").required(),
    whole("listeners", "listeners"),
    whole("plays", "playcount"),
    whole("duration_s", "duration"),
    text("mbid", "mbid"),
    text("url", "url"),
];
const CHART_TAG: &[Field] =
    &[text("tag", "name").required(), whole("listeners", "reach"), whole("taggings", "taggings"), text("url", "url")];
const TAG: &[Field] = &[text("tag", "name").required(), whole("count", "count"), text("url", "url")];
const NEIGHBOUR: &[Field] =
    &[text("similar_artist_name", "name").required(), real("match", "match").required(), text("mbid", "mbid"), text("url", "url")];
const PLAY: &[Field] = &[
    text("title", "name").required(),
    text("artist_name", "artist/name|artist/#text|artist").required(),
    text("album", "album/#text|album/name"),
    seconds("played_at", "date/uts").required(),
    text("mbid", "mbid"),
    text("url", "url"),
];

/// What a chart ranks, and where the answer has it.
#[derive(Clone, Copy)]
struct Chart {
    method: &'static str,
    kind: &'static str,
    root: &'static str,
    list: &'static str,
    fields: &'static [Field],
}

const fn artists(method: &'static str) -> Chart {
    Chart { method, kind: "artist", root: "artists|topartists", list: "artist", fields: CHART_ARTIST }
}

const fn tracks(method: &'static str) -> Chart {
    Chart { method, kind: "track", root: "tracks|toptracks", list: "track", fields: CHART_TRACK }
}

const WORLD: [Chart; 3] = [
    artists("chart.getTopArtists"),
    tracks("chart.getTopTracks"),
    Chart { method: "chart.getTopTags", kind: "tag", root: "tags|toptags", list: "tag", fields: CHART_TAG },
];
const COUNTRY: [Chart; 2] = [artists("geo.getTopArtists"), tracks("geo.getTopTracks")];
const OF_TAG: [Chart; 2] = [artists("tag.getTopArtists"), tracks("tag.getTopTracks")];

fn chart(endpoint: &str) -> Option<Chart> {
    WORLD.into_iter().chain(COUNTRY).chain(OF_TAG).find(|chart| chart.method == endpoint)
}

impl Lastfm {
    pub(super) fn new(list: List) -> Self {
        Self { list }
    }

    fn call(&self, method: &'static str) -> Call {
        Call::new(method, "").with("method", method).with("format", "json")
    }

    fn paged(&self, method: &'static str, limit: u32) -> Call {
        self.call(method).with("limit", limit).with("page", 1).followed_by(self.list.more_pages())
    }
}

impl WebApi for Lastfm {
    fn name(&self) -> &'static str {
        SOURCE
    }

    fn tables(&self) -> &'static [&'static str] {
        &[ARTISTS, CHARTS, TAGS, SIMILAR, PLAYS]
    }

    fn interval(&self) -> Duration {
        INTERVAL
    }

    fn plan(&self, begun_at: DateTime<Utc>) -> Vec<Call> {
        let mut calls = Vec::new();
        if self.list.charts {
            calls.extend(WORLD.map(|chart| self.paged(chart.method, 100)));
        }
        for country in &self.list.countries {
            calls.extend(COUNTRY.map(|chart| self.paged(chart.method, 100).with("country", country).about(country)));
        }
        for tag in &self.list.tags {
            calls.extend(OF_TAG.map(|chart| self.paged(chart.method, 100).with("tag", tag).about(tag)));
        }
        for artist in &self.list.artists {
            let call = |method| self.call(method).with("artist", &artist.name).with("autocorrect", 1).about(&artist.name);
            calls.extend([call("artist.getInfo"), call("artist.getTopTags"), call("artist.getSimilar").with("limit", 100)]);
        }
        for user in &self.list.users {
            // Plays of later would move those of before to other pages.
            let until = begun_at.timestamp();
            calls.push(self.paged("user.getRecentTracks", 200).with("user", user).with("to", until).about(user));
        }
        calls
    }

    /// Source: <https://www.last.fm/api/errorcodes>
    fn verdict(&self, _call: &Call, status: u16, body: Option<&Value>) -> Verdict {
        let message = body.and_then(|body| text_at(body, "message"));
        let Some(code) = body.and_then(|body| whole_at(body, "error")) else { return by_status("Last.fm", status, message) };
        let said = format!("error {code}: {}", message.unwrap_or("no message"));
        match code {
            29 => Verdict::Limited(said),
            8 | 11 | 16 => Verdict::Again(said),
            4 | 9 | 10 | 13 | 26 => Verdict::Refused(said),
            // Nothing of that name, or not to be seen by others.
            6 | 7 | 17 => Verdict::Absent(said),
            2 | 3 | 18 | 27 => Verdict::Withdrawn(said),
            _ => Verdict::Absent(said),
        }
    }

    fn read(&self, call: &Call, body: &Value) -> Page {
        let mut page = Page::default();
        match call.endpoint.as_str() {
            "artist.getInfo" => match body.get("artist") {
                Some(artist) => page.item(ARTISTS, 1, artist, fields::row(artist, ARTIST).and_then(|row| fields::with_artist(row, ""))),
                None => page.broken(ARTISTS, body, "the answer has no `artist`".to_owned()),
            },
            "artist.getTopTags" => members(&mut page, (call, body), ("toptags", "tag", TAGS), |rank, item| {
                let mut row = fields::with_artist(fields::row(item, TAG)?, named(body, "toptags", call))?;
                put(&mut row, "rank", rank);
                Ok(row)
            }),
            "artist.getSimilar" => members(&mut page, (call, body), ("similarartists", "artist", SIMILAR), |_, item| {
                let row = fields::with_key(fields::row(item, NEIGHBOUR)?, "similar_artist_name", "similar_artist_id")?;
                fields::with_artist(row, named(body, "similarartists", call))
            }),
            "user.getRecentTracks" => {
                members(&mut page, (call, body), ("recenttracks", "track", PLAYS), |_, item| {
                    if text_at(item, "@attr/nowplaying") == Some("true") {
                        return Err("is playing now, so it is no play yet".to_owned());
                    }
                    let mut row = fields::with_artist(fields::row(item, PLAY)?, "")?;
                    put(&mut row, "user_name", call.subject.as_str());
                    Ok(row)
                });
            }
            method => {
                let Some(chart) = chart(method) else { return page };
                members(&mut page, (call, body), (chart.root, chart.list, CHARTS), |rank, item| {
                    let mut row = fields::row(item, chart.fields)?;
                    if chart.kind != "tag" {
                        row = fields::with_artist(row, "")?;
                    }
                    put(&mut row, "chart", chart.kind);
                    put(&mut row, "rank", rank);
                    match method.split_once('.') {
                        Some(("geo", _)) => put(&mut row, "country", call.subject.as_str()),
                        Some(("tag", _)) => put(&mut row, "of_tag", call.subject.as_str()),
                        _ => {}
                    }
                    Ok(row)
                });
            }
        }
        page
    }
}

/// A row of each member of a list, and the next page where there is one.
fn members(
    page: &mut Page,
    (call, body): (&Call, &Value),
    (root, list, table): (&'static str, &'static str, &'static str),
    row: impl Fn(u64, &Value) -> Result<Row, String>,
) {
    let items = match fields::list(body, root, list) {
        Ok(items) => items,
        Err(reason) => return page.broken(table, body, reason),
    };
    for (index, item) in items.iter().enumerate() {
        let rank = whole_at(item, "@attr/rank").and_then(|rank| u64::try_from(rank).ok()).filter(|rank| *rank > 0);
        let rank = rank.unwrap_or(call.before + index as u64 + 1);
        page.item(table, index + 1, item, row(rank, item));
    }
    let about = |key: &str| root.split('|').find_map(|root| whole_at(body, &format!("{root}/@attr/{key}|{root}/{key}")));
    // Pages are counted from 1; an empty list may say that it is page 0 of 0.
    if let (Some(at), Some(of)) = (about("page"), about("totalPages"))
        && !items.is_empty()
        && at < of
    {
        page.follow(call.next("page", at + 1, items.len()));
    }
}

/// The artist as the answer names it, else as it was asked for.
fn named<'a>(body: &'a Value, root: &str, call: &'a Call) -> &'a str {
    text_at(body, &format!("{root}/@attr/artist|{root}/artist")).unwrap_or(&call.subject)
}
