//! The services' own answers, recorded by the tests of client libraries: `shared/data/api-responses.zip` where it is at hand.

use serde_json::Value;

use super::super::WebSource::{Deezer, Lastfm, Spotify};
use super::super::call::Call;
use super::super::{List, WebSource};
use super::Place;
use super::server::{Asked, Reply, ok, status};
use answers::{Answers, indexed, key, recorded};

#[path = "../../../../tests/ingest/api_responses.rs"]
mod answers;

fn replay(answers: Answers) -> impl Fn(&Asked) -> Option<Reply> {
    move |asked| {
        let (path, query) = asked.what.split_once('?').unwrap_or((&asked.what, ""));
        let (code, body) = answers.get(&key(path, query))?;
        Some(Reply { status: *code, headers: Vec::new(), body: body.clone() })
    }
}

/// Every item that was read is a row or a reject.
fn all_accounted(place: &Place, totals: (u64, u64, u64)) {
    assert_eq!(totals.0, totals.1 + totals.2);
    assert_eq!(place.rows("rejects").len() as u64, totals.2);
    let landed: usize = place
        .sink
        .tables()
        .iter()
        .filter(|table| !["api_responses", "rejects", "loads"].iter().any(|name| table.ends_with(name)))
        .map(|table| place.sink.rows(table).len())
        .sum();
    assert_eq!(landed as u64, totals.1);
}

#[tokio::test]
async fn recorded_answers_of_deezer_land() {
    let Some(files) = recorded("recorded_answers_of_deezer_land") else { return };
    let place = Place::new().await;
    place.server.otherwise(replay(indexed(&files, "deezer/browniebroke_deezer-python", "")));
    // Nothing was recorded of these.
    place.server.on("index=5", [ok(r#"{"data": [], "total": 100}"#)]).on("/playlist/9200461/tracks index=25", [ok(r#"{"data": []}"#)]);
    place.server.on("/artist/27/related index=25", [ok(r#"{"data": []}"#)]);
    let list = "{charts: true, genres: [106], artists: [{name: Daft Punk, deezer: 27}, {name: nobody, deezer: 0}], playlists: [{deezer: 9200461}]}";
    place.server.on(
        "/artist/0",
        [status(200, String::from_utf8_lossy(&files["deezer/browniebroke_deezer-python/artist_-1__46e443.json"]).into_owned())],
    );
    for below in ["top", "albums", "related"] {
        place.server.on(&format!("/artist/0/{below}"), [ok(r#"{"error":{"type":"DataException","message":"no data","code":800}}"#)]);
    }
    let report = place.load(Deezer, list).await.unwrap();
    all_accounted(&place, report.totals());
    let count = |table: &str| place.rows(table).len();
    assert_eq!(place.lines("deezer_artists", &["deezer_id", "artist_id", "fans", "albums"]), ["27 | daft-punk | 3677954 | 32"]);
    assert_eq!((count("deezer_charts"), count("deezer_genres"), count("deezer_genre_artists")), (80, 23, 48));
    assert!(count("deezer_albums") >= 30 && count("deezer_tracks") >= 45 && count("deezer_related_artists") >= 25);
    assert_eq!(count("deezer_playlist_tracks"), 25);
    assert_eq!(place.reasons(), ["0 | error 800: no data"; 4]);
}

#[tokio::test]
async fn recorded_answers_of_spotify_land() {
    let Some(files) = recorded("recorded_answers_of_spotify_land") else { return };
    let place = Place::new().await;
    let mut answers = indexed(&files, "spotify/guilhermesad_rspotify", "/v1");
    // The playlist was first asked for with a token that had run out.
    answers.retain(|_, (code, _)| *code == 200);
    place.server.otherwise(replay(answers));
    place.server.on("/token", [ok(r#"{"access_token": "first-token"}"#)]);
    place
        .server
        .on("/playlists/4dn0iEoAxn69ea0Tyov8V5/items", [status(404, r#"{"error": {"status": 404, "message": "Resource not found"}}"#)]);
    // The first and the last page were not recorded.
    let page = |next: bool| {
        format!("{{\"items\": [{}], \"next\": {}}}", vec!["{\"track\": null}"; 100].join(","), if next { "\"x\"" } else { "null" })
    };
    place.server.on("/playlists/4dn0iEoAxn69ea0Tyov8V5/tracks offset=0", [ok(page(true))]);
    place.server.on("/playlists/4dn0iEoAxn69ea0Tyov8V5/tracks offset=200", [ok(page(false))]);
    place.server.on("/artists/7Ln80lUS6He07XvHI8qqHH/albums offset=20", [ok(r#"{"items": [], "next": null}"#)]);
    place.server.on("/search type=track offset=20", [ok(r#"{"tracks": {"items": [], "next": null}}"#)]);
    let list = "{artists: [{name: Arctic Monkeys, spotify: 7Ln80lUS6He07XvHI8qqHH}], playlists: [{spotify: 4dn0iEoAxn69ea0Tyov8V5}], searches: [Wanna Know], pages: 3}";
    let report = place.load(Spotify, list).await.unwrap();
    all_accounted(&place, report.totals());
    let count = |table: &str| place.rows(table).len();
    assert_eq!(place.lines("spotify_web_artists", &["artist_id"]), ["arctic-monkeys"]);
    assert_eq!((count("spotify_web_albums"), count("spotify_web_playlist_tracks")), (20, 100));
    assert!(count("spotify_web_tracks") >= 130, "{}", count("spotify_web_tracks"));
    assert!(count("spotify_web_audio_features") >= 1);
}

#[tokio::test]
async fn recorded_answers_of_lastfm_land() {
    let Some(files) = recorded("recorded_answers_of_lastfm_land") else { return };
    let place = Place::new().await;
    let named = |name: &str| {
        let found = files.iter().find(|(path, _)| path.starts_with("lastfm/") && path.ends_with(&format!("/{name}.json")));
        ok(String::from_utf8(found.unwrap().1.clone()).unwrap())
    };
    for method in [
        "chart.getTopArtists",
        "chart.getTopTracks",
        "chart.getTopTags",
        "geo.getTopArtists",
        "geo.getTopTracks",
        "tag.getTopArtists",
        "tag.getTopTracks",
        "artist.getSimilar",
        "user.getRecentTracks",
    ] {
        place.server.on(&format!("method={method}"), [named(method)]);
    }
    place.server.on("method=artist.getInfo", [named("ArtistGetInfoSuccess")]);
    place.server.on("method=artist.getTopTags", [named("ArtistGetTopTagsMultiple")]);
    place.server.on("method=artist.getTopTags artist=Single", [named("ArtistGetTopTagsSingle")]);
    place.server.on("method=artist.getTopTags artist=Empty", [named("ArtistGetTopTagsEmpty")]);
    place.server.on("method=artist.getInfo artist=Missing", [named("ArtistGetInfoMissing")]);
    place.server.on("method=artist.getSimilar artist=Broken", [named("track.getSimilar")]);
    for (user, name) in [
        ("multiple", "UserGetRecentTracksMultiple"),
        ("single", "UserGetRecentTracksSingle"),
        ("empty", "UserGetRecentTracksEmpty"),
        ("missing", "UserGetRecentTracksMissing"),
        ("extended", "user.getExtendedRecentTracks"),
    ] {
        place.server.on(&format!("method=user.getRecentTracks user={user}"), [named(name)]);
    }
    let list = "{charts: true, countries: [Australia], tags: [disco], artists: [Queens, Single, Empty, Missing, Broken], users: [rj, multiple, single, empty, missing, extended], pages: 1}";
    let report = place.load(Lastfm, list).await.unwrap();
    all_accounted(&place, report.totals());
    let count = |table: &str| place.rows(table).len();
    assert_eq!((count("lastfm_artists"), count("lastfm_artist_tags")), (4, 5 + 1 + 5 + 5));
    assert!(count("lastfm_charts") >= 14 && count("lastfm_similar_artists") >= 3 && count("lastfm_recent_tracks") >= 23);
    let reasons = place.reasons().0.join("\n");
    for expected in ["The artist you supplied could not be found", "No user with that name", "playing now", "no JSON"] {
        assert!(reasons.contains(expected), "{expected}: {reasons}");
    }
}

/// Whatever an answer holds, every service's every reader makes rows and rejects of it.
#[test]
fn no_recorded_answer_is_too_strange_to_be_read() {
    let Some(files) = recorded("no_recorded_answer_is_too_strange_to_be_read") else { return };
    let endpoints = "artist.getInfo artist.getTopTags artist.getSimilar user.getRecentTracks chart.getTopArtists geo.getTopTracks chart.getTopTags \
        search.artist artist album track artist.top artist.albums artist.related genre genre.artists playlist.tracks chart.tracks chart.artists \
        search.artists artist.top-tracks search.tracks playlist.items audio-features";
    let mut read = 0;
    for body in files.iter().filter(|(name, _)| name.ends_with(".json")).filter_map(|(_, body)| serde_json::from_slice::<Value>(body).ok())
    {
        for source in WebSource::ALL {
            let api = source.api(List::default());
            for endpoint in endpoints.split_whitespace() {
                let call = Call::new(endpoint, "/x").about("27 Daft Punk").followed_by(1);
                let _ = api.verdict(&call, 200, Some(&body));
                read += api.read(&call, &body).items.len();
            }
        }
    }
    assert!(read > 10_000, "{read}");
}
