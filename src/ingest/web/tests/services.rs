//! What each service is asked, and what lands.

use super::super::WebSource::{Deezer, Lastfm, Spotify};
use super::Place;
use super::server::{ok, status};

const CHART_1: &str = include_str!("../../../../tests/fixtures/web/lastfm_chart_1.json");
const CHART_2: &str = include_str!("../../../../tests/fixtures/web/lastfm_chart_2.json");
const INFO: &str = include_str!("../../../../tests/fixtures/web/lastfm_info.json");
const RECENT: &str = include_str!("../../../../tests/fixtures/web/lastfm_recent.json");
const SEARCH: &str = include_str!("../../../../tests/fixtures/web/spotify_search_artists.json");
const ALBUMS: &str = include_str!("../../../../tests/fixtures/web/spotify_albums.json");
const TOP: &str = include_str!("../../../../tests/fixtures/web/spotify_top_tracks.json");
const PLAYLIST: &str = include_str!("../../../../tests/fixtures/web/spotify_playlist.json");
const FEATURES: &str = include_str!("../../../../tests/fixtures/web/spotify_features.json");
const TOP_1: &str = include_str!("../../../../tests/fixtures/web/deezer_top_1.json");
const TOP_2: &str = include_str!("../../../../tests/fixtures/web/deezer_top_2.json");

#[tokio::test]
async fn lastfm_charts_artists_and_plays_land() {
    let place = Place::new().await;
    let empty = |root: &str| ok(format!("{{\"{root}\": {{\"#text\": \"\\n\", \"page\": \"0\", \"totalPages\": \"0\"}}}}"));
    place.server.on("method=chart.getTopArtists page=1", [ok(CHART_1)]).on("method=chart.getTopArtists page=2", [ok(CHART_2)]);
    place.server.on("method=chart.getTopTracks", [empty("tracks")]).on("method=chart.getTopTags", [empty("tags")]);
    place.server.on("method=geo.getTopArtists country=Côte", [status(400, r#"{"error": 6, "message": "country param invalid"}"#)]);
    place.server.on("method=geo.getTopArtists", [ok(r#"{"topartists": {"artist": [{"name": "Solo", "listeners": "9"}]}}"#)]);
    place.server.on(
        "method=geo.getTopTracks",
        [ok(r#"{"tracks": {"track": {"name": "One", "duration": "0", "artist": {"name": "Solo"}, "@attr": {"rank": "4"}}}}"#)],
    );
    place.server.on("method=artist.getInfo", [ok(INFO)]);
    place.server.on(
        "method=artist.getTopTags",
        [ok(r#"{"toptags": {"tag": {"name": "chanson", "count": 100}, "@attr": {"artist": "Nébuleuse"}}}"#)],
    );
    place
        .server
        .on("method=artist.getSimilar", [ok(r#"{"similarartists": {"artist": [{"name": "Solo", "match": "0.5"}, {"name": "X"}]}}"#)]);
    place.server.on("method=user.getRecentTracks", [ok(RECENT)]);

    let list = "{charts: true, countries: [France], artists: [nebuleuse, nebuleuse], users: [rj]}";
    let report = place.load(Lastfm, list).await.unwrap();
    assert_eq!(report.totals(), (13, 9, 4));
    assert_eq!((report.requests, report.left, report.resumed), (10, 0, 0));
    assert_eq!(
        place.lines("lastfm_charts", &["chart", "rank", "country", "title", "artist_name", "artist_id", "listeners", "plays"]),
        [
            "artist | 1 | null | null | Nébuleuse | nebuleuse | 300 | 1200",
            "artist | 1 | France | null | Solo | solo | 9 | null",
            "track | 4 | France | One | Solo | solo | null | null",
            "artist | 4 | null | null | Solo | solo | 3 | 7",
        ]
    );
    assert_eq!(
        place.lines("lastfm_artists", &["artist_name", "listeners", "plays", "on_tour", "tags", "similar"]),
        ["Nébuleuse | 5065436 | 258631203 | true | [\"chanson\"] | [\"Solo\"]"]
    );
    assert_eq!(place.lines("lastfm_artist_tags", &["artist_id", "rank", "tag", "count"]), ["nebuleuse | 1 | chanson | 100"]);
    assert_eq!(place.lines("lastfm_similar_artists", &["artist_name", "similar_artist_id", "match"]), ["nebuleuse | solo | 0.5"]);
    assert_eq!(
        place.lines("lastfm_recent_tracks", &["user_name", "played_at", "title", "artist_id", "album"]),
        ["rj | 2023-10-15T14:51:05Z | Nuit | nebuleuse | Ciel", "rj | 2023-10-15T14:47:15Z | One | solo | 1",]
    );
    assert_eq!(
        place.reasons(),
        [
            "2 | plays is no whole number: \"many\"",
            "3 | artist_name is missing",
            "2 | match is missing",
            "1 | is playing now, so it is no play yet",
        ]
    );
    let answers = place.rows("api_responses");
    assert_eq!(answers.len(), 10);
    assert!(answers.iter().any(|answer| answer["status"] == 200 && answer["body"] == CHART_1));
    let accounted: u64 = place.rows("loads").iter().map(|load| load["rows_read"].as_u64().unwrap()).sum();
    assert_eq!(accounted, 13);
    assert!(place.clock.long_pauses().is_empty());
}

#[tokio::test]
async fn what_lastfm_does_not_have_is_rejected_and_the_rest_lands() {
    let place = Place::new().await;
    place.server.on("method=artist.getInfo", [ok(INFO)]);
    place.server.on("artist=nobody", [ok(r#"{"error": 6, "message": "The artist you supplied could not be found", "links": []}"#)]);
    place.server.on("method=artist.getTopTags artist=air", [ok(r#"{"toptags": {"tag": 3}}"#)]);
    place.server.on("method=artist.getSimilar artist=air", [ok("[]")]);
    let report = place.load(Lastfm, "artists: [nobody, air]").await.unwrap();
    assert_eq!(report.totals(), (6, 1, 5));
    let absent = "0 | error 6: The artist you supplied could not be found";
    assert_eq!(place.reasons(), [absent, absent, absent, "0 | `tag` is no list: 3", "0 | the answer has no `similarartists`"]);
}

#[tokio::test]
async fn spotify_is_asked_with_a_token_and_what_is_withdrawn_is_done_without() {
    let place = Place::new().await;
    let token = |text: &str| ok(format!("{{\"access_token\": \"{text}\", \"token_type\": \"Bearer\", \"expires_in\": 3600}}"));
    place.server.on("/token", [token("first-token"), token("second-token")]);
    place
        .server
        .on("/search type=artist", [status(401, r#"{"error": {"status": 401, "message": "The access token expired"}}"#), ok(SEARCH)]);
    place.server.on("/artists/0000000000000000000002/albums", [ok(ALBUMS)]);
    place.server.on("/artists/0000000000000000000002/top-tracks", [ok(TOP)]);
    place.server.on("/playlists/0000000000000000000009/items", [status(403, r#"{"error": {"status": 403, "message": "Forbidden"}}"#)]);
    place.server.on("/playlists/0000000000000000000009/tracks", [ok(PLAYLIST)]);
    place.server.on("/audio-features", [ok(FEATURES)]);
    let list = "{artists: [Nébuleuse], playlists: [{spotify: '0000000000000000000009'}], market: FR}";
    let report = place.load(Spotify, list).await.unwrap();
    assert_eq!(report.totals(), (12, 8, 4));
    assert_eq!(
        place.lines("spotify_web_artists", &["spotify_id", "artist_id", "genres", "popularity", "followers", "picture_url"]),
        ["0000000000000000000002 | nebuleuse | [\"chanson\"] | 61 | 4332 | https://example.org/p.jpg"]
    );
    assert_eq!(place.lines("spotify_web_albums", &["title", "artist_name", "release_date", "tracks"]), ["Ciel | Nébuleuse | 2013 | 9"]);
    assert_eq!(
        place.lines("spotify_web_tracks", &["title", "artists", "popularity", "isrc"]),
        ["Nuit | [\"Nébuleuse\",\"Solo\"] | 55 | FR0000000001", "Nuit | [\"Nébuleuse\"] | null | null", "One | [\"Solo\"] | null | null",]
    );
    assert_eq!(
        place.lines("spotify_web_playlist_tracks", &["playlist_id", "position", "title", "added_at"]),
        [
            "0000000000000000000009 | 1 | Nuit | 2015-06-19T15:49:28.000000Z",
            "0000000000000000000009 | 3 | One | 2015-06-20T15:49:28.000000Z",
        ]
    );
    assert_eq!(place.lines("spotify_web_audio_features", &["spotify_id", "danceability", "key"]), ["0000000000000000000100 | 0.587 | 11"]);
    assert_eq!(
        place.reasons(),
        [
            "0 | Spotify answered 403: Forbidden",
            "2 | spotify_id is missing",
            "2 | spotify_id is missing",
            "2 | there are no features of this track",
        ]
    );
    let asked = place.server.asked();
    let features = asked.iter().find(|asked| asked.what.starts_with("/audio-features")).unwrap();
    let mut ids: Vec<&str> = features.what.trim_start_matches("/audio-features?ids=").split(',').collect();
    ids.sort_unstable();
    assert_eq!(ids, ["0000000000000000000100", "0000000000000000000101"]);
    assert_eq!(features.authorization.as_deref(), Some("Bearer second-token"));
    assert!(asked.iter().any(|asked| asked.what == "/artists/0000000000000000000002/top-tracks?market=FR"));
    assert!(asked.iter().all(|asked| asked.user_agent.as_deref().is_some_and(|agent| agent.starts_with("quaver/"))));
    assert!(!place.everything().contains("-token"), "a token was kept");
}

#[tokio::test]
async fn what_spotify_withdrew_from_the_account_is_noted_once_and_searched_for_instead() {
    for code in [403, 410] {
        let place = Place::new().await;
        let withdrawn = || status(code, format!("{{\"error\": {{\"status\": {code}, \"message\": \"Forbidden\"}}}}"));
        place.server.on("/token", [ok(r#"{"access_token": "first-token"}"#)]);
        place.server.on("include_groups=album,single", [ok(r#"{"items": [], "next": null}"#)]);
        for id in ["0000000000000000000002", "0000000000000000000003"] {
            place.server.on(&format!("/artists/{id}/top-tracks"), [withdrawn()]);
            place.server.on(&format!("/artists/{id}"), [ok(format!("{{\"id\": \"{id}\", \"name\": \"A {id}\"}}"))]);
        }
        place.server.on("/audio-features", [withdrawn()]);
        place.server.on(
            "/search type=track",
            [ok(format!("{{\"tracks\": {{\"items\": {}, \"next\": null}}}}", &TOP[11..TOP.rfind('}').unwrap()]))],
        );
        let list = "artists: [{name: A, spotify: '0000000000000000000002'}, {name: B, spotify: '0000000000000000000003'}]";
        let report = place.load(Spotify, list).await.unwrap();
        let withdrawn: Vec<&str> = report.withdrawn.iter().map(|(endpoint, _)| endpoint.as_str()).collect();
        assert_eq!(withdrawn, ["artist.top-tracks", "audio-features"]);
        let searched = place.server.paths().into_iter().filter(|path| path.contains("type=track")).count();
        assert_eq!((searched, place.rows("spotify_web_tracks").len(), place.rows("spotify_web_artists").len()), (2, 2, 2));
    }
}

#[tokio::test]
async fn deezer_pages_are_followed_by_their_index_and_errors_with_status_200_are_errors() {
    let place = Place::new().await;
    place.server.on(
        "/search/artist",
        [ok(r#"{"data": [{"id": 6, "name": "Nebuleuse", "nb_fan": 3}, {"id": 7, "name": "Nébuleuse", "nb_fan": 30}], "total": 2}"#)],
    );
    place.server.on("/artist/7/top index=0", [ok(TOP_1)]).on("/artist/7/top index=2", [ok(TOP_2)]);
    place.server.on(
        "/artist/7/albums",
        [ok(r#"{"data": [{"id": 21, "title": "Ciel", "genre_id": -1, "release_date": "0000-00-00"}], "total": 1}"#)],
    );
    place.server.on("/artist/7/related", [ok(r#"{"data": [], "total": 0}"#)]);
    place.server.on("/album/21", [ok(r#"{"id": 21, "title": "Ciel", "artist": {"id": 7, "name": "Nébuleuse"}, "genres": {"data": [{"name": "Chanson"}]}, "label": "L"}"#)]);
    place.server.on("/track/11", [ok(r#"{"id": 11, "title": "Nuit", "artist": {"name": "Nébuleuse"}, "bpm": 123, "isrc": "FR1"}"#)]);
    place.server.on("/track/12", [status(404, r#"{"error": "Not Found"}"#)]);
    place.server.on("/track/13", [ok(r#"{"error": {"type": "DataException", "message": "no data", "code": 800}}"#)]);
    place.server.on("/genre", [ok(r#"{"data": [{"id": 0, "name": "All"}, {"id": 132, "name": "Pop"}]}"#)]);
    place.server.on("/genre/132/artists", [ok(r#"{"data": [{"id": 7, "name": "Nébuleuse"}]}"#)]);
    place.server.on("/chart/132/artists", [ok(r#"{"data": [{"id": 7, "name": "Nébuleuse", "position": 3}], "total": 1}"#)]);
    place.server.on("/chart/132/tracks", [ok(r#"{"data": [{"id": 11, "title": "Nuit", "artist": {"name": "Nébuleuse"}}], "total": 1}"#)]);
    place.server.on("/chart/132/albums", [ok(r#"{"data": [], "total": 0}"#)]);
    place.server.on("/chart/132/playlists", [ok(r#"{"data": [{"id": 1, "title": "Mix"}]}"#)]);
    place.server.on("/artist/7", [ok(r#"{"id": 7, "name": "Nébuleuse", "nb_fan": "30"}"#)]);
    // What is asked for twice, by name and by number, is asked once.
    let report = place.load(Deezer, "{artists: [Nébuleuse, {name: x, deezer: 7}], genres: [132], details: true}").await.unwrap();
    assert_eq!((report.requests, report.resumed), (16, 0));
    assert_eq!(place.lines("deezer_artists", &["deezer_id", "artist_id", "fans"]), ["7 | nebuleuse | 30", "7 | nebuleuse | 30"]);
    let charts = place.lines("deezer_charts", &["chart", "genre_id", "rank", "title", "artist_id"]);
    assert_eq!(
        charts,
        ["artist | 132 | 3 | Nébuleuse | nebuleuse", "playlist | 132 | 1 | Mix | null", "track | 132 | 1 | Nuit | nebuleuse"]
    );
    let albums = place.lines("deezer_albums", &["title", "artist_deezer_id", "artist_name", "genres", "label"]);
    assert_eq!(albums, ["Ciel | 7 | Nébuleuse | [\"Chanson\"] | L", "Ciel | 7 | x | [] | null"]);
    let tracks = place.lines("deezer_tracks", &["deezer_id", "title", "duration_s", "bpm"]);
    assert_eq!(tracks, ["11 | Nuit | 201 | null", "11 | Nuit | null | 123.0", "11 | Nuit | null | null", "13 | Aube | 180 | null"]);
    assert_eq!(place.reasons().distinct(), ["0 | Deezer answered 404: Not Found", "0 | error 800: no data", "2 | artist_name is missing"]);
}

#[tokio::test]
async fn a_list_without_anything_for_the_service_and_a_name_without_an_artist_are_told() {
    let place = Place::new().await;
    let error = place.load(Spotify, "users: [rj]").await.unwrap_err();
    assert!(error.to_string().contains("takes artists, playlists and searches"), "{error}");
    place.server.on("/search/artist", [ok(r#"{"data": [{"id": 6, "name": "Other"}]}"#)]);
    place.load(Deezer, "artists: [Nébuleuse]").await.unwrap();
    assert_eq!(place.reasons(), ["1 | none of 1 artists found is named Nébuleuse"]);
}
