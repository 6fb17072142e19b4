//! The services' own answers all the way into `music`: those of `shared/data/api-responses.zip`, where it is at hand, replayed by a local
//! server.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{OriginalUri, State};
use axum::http::StatusCode;
use quaver::ingest::web::{self, Access, Settings, SystemClock, WebLoad, WebReport, WebSource};
use quaver::ingest::{Silent, transform};

use crate::Endpoint;
use crate::api_responses::{Answers, indexed, key, recorded};

async fn serve(answers: Answers) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let handler = async |State(answers): State<Arc<Answers>>, OriginalUri(uri): OriginalUri| {
        let found = answers.get(&key(uri.path(), uri.query().unwrap_or("")));
        let (status, body) = found.cloned().unwrap_or((404, b"{\"error\": \"nothing was recorded\"}".to_vec()));
        (StatusCode::from_u16(status).unwrap(), body)
    };
    let router = axum::Router::new().fallback(handler).with_state(Arc::new(answers));
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

async fn load(endpoint: &Endpoint, source: WebSource, answers: Answers, list: &str) -> WebReport {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list.yaml");
    std::fs::write(&path, list).unwrap();
    let url = serve(answers).await;
    let access = match source {
        WebSource::Deezer => Access::Open,
        WebSource::Lastfm => Access::Key("0123456789abcdef".into()),
        WebSource::Spotify => Access::client("id".to_owned(), "secret".into(), &format!("{url}/token")).unwrap(),
    };
    let settings = Settings {
        url,
        max_requests: 100,
        concurrency: 4,
        max_retries: 0,
        request_timeout: Duration::from_secs(60),
        longest_pause: Duration::from_secs(1),
    };
    let load = WebLoad { source, list: &path, settings, access, folder: folder.path(), clock: Arc::new(SystemClock) };
    web::load(&endpoint.warehouse, load, &Silent).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_answers_of_all_services_become_music() {
    let Some(files) = recorded("recorded_answers_of_all_services_become_music") else { return };
    let endpoint = Endpoint::start().await;
    let deezer = indexed(&files, "deezer/browniebroke_deezer-python", "");
    let list = "{charts: true, genres: [106], artists: [{name: Daft Punk, deezer: 27}], playlists: [{deezer: 9200461}], pages: 1}";
    load(&endpoint, WebSource::Deezer, deezer, list).await;

    let mut spotify = indexed(&files, "spotify/guilhermesad_rspotify", "/v1");
    spotify.retain(|_, (status, _)| *status == 200);
    spotify.insert(key("/token", ""), (200, br#"{"access_token": "first-token"}"#.to_vec()));
    let list = "{artists: [{name: Arctic Monkeys, spotify: 7Ln80lUS6He07XvHI8qqHH}], searches: [Wanna Know], pages: 1}";
    load(&endpoint, WebSource::Spotify, spotify, list).await;

    let mut lastfm = Answers::new();
    for (method, name) in [
        ("chart.getTopArtists", "chart.getTopArtists"),
        ("chart.getTopTracks", "chart.getTopTracks"),
        ("geo.getTopArtists", "geo.getTopArtists"),
        ("geo.getTopTracks", "geo.getTopTracks"),
        ("artist.getSimilar", "artist.getSimilar"),
        ("user.getRecentTracks", "user.getRecentTracks"),
        ("artist.getInfo", "ArtistGetInfoSuccess"),
        ("artist.getTopTags", "ArtistGetTopTagsMultiple"),
    ] {
        let found = files.iter().find(|(path, _)| path.starts_with("lastfm/") && path.ends_with(&format!("/{name}.json")));
        lastfm.insert(key("/", &format!("method={method}")), (200, found.unwrap().1.clone()));
    }
    let list = "{charts: true, countries: [Australia], artists: [Queens], users: [rj], pages: 1}";
    load(&endpoint, WebSource::Lastfm, lastfm, list).await;

    let outcomes = transform::run(&endpoint.warehouse, &Silent).await.unwrap();
    println!("{:?}", outcomes.iter().map(|outcome| (outcome.table, outcome.rows)).collect::<Vec<_>>());
    endpoint.data_tests_hold().await;
    endpoint
        .check("SELECT name, followers, deezer_id FROM music.artists WHERE artist_id = 'daft-punk'", &["Daft Punk | 3677954 | 27"])
        .await;
    endpoint
        .check(
            "SELECT name, spotify_id FROM music.artists WHERE artist_id = 'arctic-monkeys'",
            &["Arctic Monkeys | 7Ln80lUS6He07XvHI8qqHH"],
        )
        .await;
    for (table, least) in [("tracks", 50), ("artists", 50), ("chart_entries", 10), ("listening_events", 2), ("artist_snapshots", 2)] {
        let rows = outcomes.iter().find(|outcome| outcome.table == table).unwrap().rows;
        assert!(rows >= least, "{table}: {rows}");
    }
    endpoint.check("SELECT DISTINCT country FROM music.country_charts", &["Australia"]).await;
}
