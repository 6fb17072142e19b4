//! What happens when something goes wrong: limits, failures, budgets, crashes, wrong keys.

use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::TimeDelta;

use super::super::WebSource::{self, Deezer, Lastfm, Spotify};
use super::server::{ok, status};
use super::{KEY, Place};

const NAMED: &str = r#"{"artist": {"name": "Air"}}"#;
const TAGS: &str = r#"{"toptags": {"tag": []}}"#;
const SIMILAR: &str = r#"{"similarartists": {"artist": []}}"#;
const LIMITED: &str = r#"{"error": 29, "message": "Rate limit exceeded"}"#;
const BUSY: &str = r#"{"error": {"type": "QuotaException", "message": "Quota limit exceeded", "code": 4}}"#;

async fn lastfm() -> Place {
    let place = Place::new().await;
    place.server.on("method=artist.getInfo", [ok(NAMED)]).on("method=artist.getTopTags", [ok(TAGS)]);
    place.server.on("method=artist.getSimilar", [ok(SIMILAR)]);
    place
}

#[tokio::test]
async fn a_limit_pauses_all_requests_for_as_long_as_the_service_says() {
    let place = lastfm().await;
    let limited = || status(429, "{}").header("retry-after", "7");
    place.server.on("method=artist.getInfo", [limited(), ok(NAMED)]);
    assert_eq!(place.load(Lastfm, "artists: [Air]").await.unwrap().requests, 4);
    let pauses = place.clock.long_pauses();
    assert!(!pauses.is_empty() && pauses.iter().all(|pause| *pause <= Duration::from_millis(7500)), "{pauses:?}");
    let waited: Duration = pauses.iter().max().copied().unwrap();
    assert!(waited > Duration::from_secs(5), "{pauses:?}");

    // Without a length, as Last.fm and Deezer limit: with status 200 and a code.
    place.server.on("method=artist.getInfo", [ok(LIMITED), status(429, LIMITED), ok(NAMED)]);
    assert_eq!(place.load(Lastfm, "artists: [Air]").await.unwrap().totals(), (1, 1, 0));
    assert!(!place.clock.long_pauses().is_empty());
    place.server.on("/playlist/1/tracks", [ok(BUSY), ok(r#"{"data": []}"#)]);
    assert_eq!(place.load(Deezer, "playlists: [{deezer: 1}]").await.unwrap().requests, 2);
    assert!(!place.clock.long_pauses().is_empty());
}

#[tokio::test]
async fn a_pause_that_is_too_long_ends_the_run_and_the_next_goes_on() {
    let place = lastfm().await;
    place.server.on("method=artist.getSimilar", [status(429, "{}").header("retry-after", "86400"), ok(SIMILAR)]);
    let error = place.load(Lastfm, "artists: [Air]").await.unwrap_err().to_string();
    assert!(error.contains("86400 s") && error.contains("goes on from there"), "{error}");
    assert!(place.rows("api_responses").is_empty());
    place.server.asked();
    let report = place.load(Lastfm, "artists: [Air]").await.unwrap();
    assert!(report.resumed >= 1 && report.requests <= 2, "{report:?}");
    assert_eq!(place.rows("api_responses").len(), 3);
}

#[tokio::test]
async fn what_fails_for_a_moment_is_asked_again_and_what_fails_for_good_is_rejected() {
    let place = lastfm().await;
    place.server.on("method=artist.getInfo", [status(503, "busy"), ok("<html>proxy</html>"), ok("{\"artist\": {\"na"), ok(NAMED)]);
    assert_eq!(place.load(Lastfm, "artists: [Air]").await.unwrap().totals(), (1, 1, 0));
    // An answer that stays unreadable is kept as it came.
    let broken = "{\"artist\": [,]}";
    place.server.on("method=artist.getInfo", [ok(broken)]);
    let report = place.load(Lastfm, "artists: [Air]").await.unwrap();
    assert_eq!(report.totals(), (1, 0, 1));
    assert_eq!(place.reasons(), ["0 | lastfm gave an answer that is no JSON, 5 times"]);
    assert_eq!(place.lines("rejects", &["raw"]), [broken]);
    assert!(place.rows("api_responses").iter().any(|answer| answer["body"] == broken));
}

#[tokio::test]
async fn a_service_that_is_down_ends_the_run() {
    let mut place = lastfm().await;
    for method in ["getInfo", "getTopTags", "getSimilar"] {
        place.server.on(&format!("method=artist.{method}"), [ok(r#"{"error": 11, "message": "Service Offline"}"#)]);
    }
    let error = place.load(Lastfm, "artists: [Air]").await.unwrap_err().to_string();
    assert!(error.contains("lastfm does not answer: error 11: Service Offline, 5 times"), "{error}");
    // Nobody listens there; the message must not show the address, which has the key in it.
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    place.settings.url = format!("http://{}", gone.local_addr().unwrap());
    drop(gone);
    let error = format!("{:?}", place.load(Lastfm, "artists: [Air]").await.unwrap_err());
    assert!(error.contains("cannot be reached") && !error.contains(KEY) && !error.contains("api_key"), "{error}");
    assert!(place.rows("api_responses").is_empty());
}

#[tokio::test]
async fn a_budget_that_is_used_up_lands_what_there_is_and_the_next_run_goes_on() {
    let mut place = lastfm().await;
    place.settings.max_requests = 2;
    let list = "artists: [Air, Solo]";
    let mut landed = 0;
    for run in 1..=3 {
        let report = place.load(Lastfm, list).await.unwrap();
        assert_eq!((report.requests, report.left > 0), (2, run < 3), "run {run}: {report:?}");
        assert!(place.rows("api_responses").len() > landed);
        landed = place.rows("api_responses").len();
    }
    assert_eq!((landed, place.rows("lastfm_artists").len(), place.server.asked().len()), (6, 2, 6));
    // A new run after the one that is complete.
    place.settings.max_requests = 100;
    assert_eq!(place.load(Lastfm, list).await.unwrap().requests, 6);
    assert_eq!(place.rows("api_responses").len(), 12);
}

#[tokio::test]
async fn a_run_that_is_broken_off_while_it_fetches_goes_on_from_the_last_page() {
    let place = Place::new().await;
    let page = |n: u32| {
        ok(format!(
            "{{\"tracks\": {{\"track\": [{{\"name\": \"T{n}\", \"artist\": {{\"name\": \"A\"}}}}], \"@attr\": {{\"page\": \"{n}\", \"totalPages\": \"3\"}}}}}}"
        ))
    };
    place.server.on("method=geo.getTopArtists", [ok(r#"{"topartists": {"artist": []}}"#)]);
    place.server.on("method=geo.getTopTracks page=1", [page(1)]).on("method=geo.getTopTracks page=2", [page(2)]);
    place.server.on("method=geo.getTopTracks page=3", [status(403, r#"{"error": 26, "message": "Suspended API key"}"#), page(3)]);
    let error = place.load(Lastfm, "countries: [France]").await.unwrap_err().to_string();
    assert!(error.contains("error 26: Suspended API key") && error.contains("web.lastfm_api_key"), "{error}");
    place.server.asked();
    let report = place.load(Lastfm, "countries: [France]").await.unwrap();
    assert_eq!(place.server.paths(), ["/?method=geo.getTopTracks&format=json&limit=100&page=3&country=France"]);
    assert_eq!((report.resumed, report.requests), (3, 1));
    assert_eq!(place.lines("lastfm_charts", &["rank", "title"]), ["1 | T1", "2 | T2", "3 | T3"]);
}

#[tokio::test]
async fn a_run_that_is_broken_off_while_it_lands_lands_nothing_twice() {
    for broken in 0..5 {
        let place = lastfm().await;
        place.server.on("artist=Nobody", [ok(r#"{"error": 6, "message": "no such artist"}"#)]);
        place.broken_load.store(broken, Ordering::SeqCst);
        let list = "artists: [Air, Nobody]";
        let first = place.load(Lastfm, list).await;
        assert_eq!(first.is_err(), broken < 4, "{broken}");
        place.broken_load.store(usize::MAX, Ordering::SeqCst);
        if broken < 4 {
            place.server.asked();
            let report = place.load(Lastfm, list).await.unwrap();
            assert_eq!((report.requests, report.totals()), (0, (4, 1, 3)), "{broken}");
        }
        let rows = ["api_responses", "lastfm_artists", "rejects", "loads"].map(|table| place.rows(table).len());
        assert_eq!(rows, [6, 1, 3, 4], "{broken}");
    }
}

#[tokio::test]
async fn a_run_of_the_day_before_lands_what_it_has_and_a_new_one_begins() {
    let mut place = lastfm().await;
    place.settings.max_requests = 1;
    place.settings.concurrency = 1;
    place.broken_load.store(0, Ordering::SeqCst);
    place.load(Lastfm, "artists: [Air]").await.unwrap_err();
    place.broken_load.store(usize::MAX, Ordering::SeqCst);
    place.clock.pass(TimeDelta::hours(24));
    place.settings.max_requests = 10;
    let report = place.load(Lastfm, "artists: [Air]").await.unwrap();
    assert_eq!((report.requests, report.resumed), (3, 0));
    assert_eq!((place.rows("lastfm_artists").len(), place.rows("api_responses").len()), (2, 4));
}

#[tokio::test]
async fn an_answer_that_has_not_changed_is_not_sent_again() {
    let place = Place::new().await;
    place.server.on("/playlist/1/tracks", [ok(r#"{"data": [{"id": 1, "title": "T", "artist": {"name": "A"}}]}"#).header("etag", "\"v1\"")]);
    for (run, unchanged) in [(1, 0), (2, 1), (3, 1)] {
        let report = place.load(Deezer, "playlists: [{deezer: 1}]").await.unwrap();
        assert_eq!((report.unchanged, report.totals()), (unchanged, (2, 2, 0)), "run {run}");
    }
    assert_eq!(place.lines("api_responses", &["status", "etag"]), ["200 | \"v1\"", "304 | \"v1\"", "304 | \"v1\""]);
    assert_eq!(place.rows("api_responses")[1]["body"], serde_json::Value::Null);
    let asked: Vec<_> = place.server.asked().into_iter().map(|asked| asked.if_none_match).collect();
    assert_eq!(asked, [None, Some("\"v1\"".to_owned()), Some("\"v1\"".to_owned())]);
}

#[tokio::test]
async fn the_key_is_sent_and_kept_nowhere() {
    let place = lastfm().await;
    // A service that quotes the request in its answer.
    place.server.on("method=artist.getInfo", [ok(format!("{{\"artist\": {{\"name\": \"Air\", \"url\": \"x?api_key={KEY}\"}}}}"))]);
    place.load(Lastfm, "artists: [Air]").await.unwrap();
    assert!(place.server.asked().iter().all(|asked| asked.key.as_deref() == Some(KEY)));
    let kept = place.everything();
    assert!(kept.contains("method=artist.getInfo") && !kept.contains(KEY));
}

#[tokio::test]
async fn a_key_that_is_wrong_is_named_with_its_setting() {
    let check = async |source: WebSource, words: &str, reply: super::server::Reply, expected: &[&str]| {
        let place = lastfm().await;
        place.server.on("/token", [ok(r#"{"access_token": "first-token"}"#)]);
        place.server.on(words, [reply]);
        let error = place.load(source, "{artists: [Air], searches: [x]}").await.unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(expected.iter().all(|part| shown.contains(part)) && !shown.contains(KEY), "{shown}");
        assert!(place.rows("api_responses").is_empty() && place.clock.long_pauses().is_empty());
    };
    let invalid = r#"{"error": 10, "message": "Invalid API key - You must be granted a valid key by last.fm"}"#;
    check(Lastfm, "/", status(403, invalid), &["error 10", "web.lastfm_api_key"]).await;
    check(Spotify, "/token", status(400, r#"{"error": "invalid_client"}"#), &["client id or secret", "web.spotify_client_id"]).await;
    check(Spotify, "/search", status(401, r#"{"error": {"message": "Invalid token"}}"#), &["401: Invalid token"]).await;
    check(Spotify, "/search", status(403, r#"{"error": {"message": "User not registered"}}"#), &["403: User not registered"]).await;
}

#[tokio::test]
async fn a_service_that_is_gone_is_told_and_the_next_run_asks_anew() {
    let check = async |source: WebSource, list: &str, gone: super::server::Reply| {
        let place = Place::new().await;
        place.server.on("/token", [ok(r#"{"access_token": "first-token"}"#)]).on("/", [gone.clone()]);
        place.server.otherwise(move |_| Some(gone.clone()));
        let error = place.load(source, list).await.unwrap_err().to_string();
        let setting = format!("web.{}_url", source.name());
        assert!(error.contains("has moved or closed") && error.contains(&setting), "{error}");
        assert!(!place.rows("rejects").is_empty() && !place.rows("api_responses").is_empty(), "what it said is kept");
        let (sent, kept) = (place.server.asked().len(), place.rows("rejects").len());
        place.load(source, list).await.unwrap_err();
        assert_eq!((place.server.asked().len(), place.rows("rejects").len()), (sent, 2 * kept));
    };
    for code in [404, 410] {
        check(Deezer, "{charts: true, artists: [{name: Air, deezer: 7}]}", status(code, "<html>gone</html>")).await;
        check(Lastfm, "artists: [Air]", status(code, "")).await;
        let said = format!("{{\"error\": {{\"status\": {code}, \"message\": \"Gone\"}}}}");
        check(Spotify, "searches: [x]", status(code, said)).await;
    }
    // A name that nobody has is no service that is gone.
    let place = lastfm().await;
    place.server.on("artist=Nobody", [ok(r#"{"error": 6, "message": "no such artist"}"#)]);
    assert_eq!(place.load(Lastfm, "artists: [Nobody]").await.unwrap().totals(), (3, 0, 3));
}

#[tokio::test]
async fn what_was_rejected_is_told_by_endpoint_and_reason() {
    let place = lastfm().await;
    place.server.on("artist=Nobody", [ok(r#"{"error": 6, "message": "no such artist"}"#)]);
    let report = place.load(Lastfm, "artists: [Air, Nobody]").await.unwrap();
    let told: Vec<_> = report.rejections.iter().map(|found| (found.source_file.as_str(), found.rows, found.reason.as_str())).collect();
    let said = "error 6: no such artist";
    assert_eq!(told, [("artist.getInfo", 1, said), ("artist.getSimilar", 1, said), ("artist.getTopTags", 1, said)]);
}
