//! A web API through the real warehouse client: the tables take what the loader sends, and a run that is taken up lands nothing twice.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::Json;
use axum::extract::Query;
use chrono::{DateTime, TimeDelta, Utc};
use quaver::ingest::Silent;
use quaver::ingest::web::{self, Access, Clock, Settings, WebLoad, WebReport, WebSource};
use serde_json::{Value, json};

use super::Endpoint;

/// A clock that does not wait.
struct Timeless(Mutex<DateTime<Utc>>);

#[async_trait]
impl Clock for Timeless {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }

    async fn sleep(&self, pause: Duration) {
        *self.0.lock().unwrap() += TimeDelta::from_std(pause).unwrap();
    }
}

/// Last.fm, as far as the list below asks.
async fn lastfm(Query(query): Query<Vec<(String, String)>>) -> Json<Value> {
    let of = |key: &str| query.iter().find(|(name, _)| name == key).map_or("", |(_, value)| value.as_str());
    Json(match of("method") {
        "artist.getInfo" => {
            json!({"artist": {"name": "Air", "stats": {"listeners": "12", "playcount": 34}, "tags": {"tag": {"name": "chill"}}}})
        }
        "artist.getTopTags" => json!({"toptags": {"tag": [{"name": "chill", "count": "100"}, {"count": 3}]}}),
        "artist.getSimilar" => json!({"similarartists": {"artist": {"name": "Röyksopp", "match": "0.75"}}}),
        "user.getRecentTracks" => {
            json!({"recenttracks": {"track": {"name": "One", "artist": {"#text": "Air"}, "date": {"uts": "1697381465"}}}})
        }
        _ => json!({"error": 3, "message": "Invalid method"}),
    })
}

async fn load(endpoint: &Endpoint, folder: &Path, url: &str) -> WebReport {
    let list = folder.join("list.yaml");
    std::fs::write(&list, "{artists: [Air], users: [rj]}").unwrap();
    let settings = Settings {
        url: url.to_owned(),
        max_requests: 3,
        concurrency: 1,
        max_retries: 0,
        request_timeout: Duration::from_secs(20),
        longest_pause: Duration::from_secs(1),
    };
    let clock = Arc::new(Timeless(Mutex::new(Utc::now())));
    let access = Access::Key("0123456789abcdef".into());
    let load = WebLoad { source: WebSource::Lastfm, list: &list, settings, access, folder, clock };
    web::load(&endpoint.warehouse, load, &Silent).await.unwrap()
}

#[tokio::test]
async fn answers_of_a_web_api_land_in_the_warehouse() {
    let endpoint = Endpoint::start().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(axum::routing::get(lastfm))).await });
    let folder = tempfile::tempdir().unwrap();

    let first = load(&endpoint, folder.path(), &url).await;
    assert_eq!((first.left, first.totals()), (1, (4, 3, 1)));
    let journal = folder.path().join("lastfm/run.jsonl");
    // As if the process had ended before it could note that the part had landed.
    let text = std::fs::read_to_string(&journal).unwrap();
    let landed = text.trim_end().rfind('\n').unwrap() + 1;
    assert!(text[landed..].starts_with("{\"landed\""), "{}", &text[landed..]);
    std::fs::write(&journal, &text[..landed]).unwrap();
    let second = load(&endpoint, folder.path(), &url).await;
    assert_eq!((second.left, second.requests), (0, 1));

    endpoint
        .check("SELECT artist_name, artist_id, listeners, plays, tags FROM music_raw.lastfm_artists", &["Air | air | 12 | 34 | [chill]"])
        .await;
    endpoint.check("SELECT similar_artist_id, `match` FROM music_raw.lastfm_similar_artists", &["royksopp | 0.75"]).await;
    endpoint.check("SELECT user_name, played_at FROM music_raw.lastfm_recent_tracks", &["rj | 2023-10-15T14:51:05+00:00"]).await;
    endpoint.check("SELECT reason FROM music_raw.rejects WHERE source = 'lastfm'", &["tag is missing"]).await;
    let counts = "SELECT COUNT(*), COUNT(DISTINCT loaded_at), COUNT(body), MIN(status), MAX(status), COUNTIF(url LIKE '%api_key%')";
    endpoint.check(&format!("{counts} FROM music_raw.api_responses"), &["4 | 2 | 4 | 200 | 200 | 0"]).await;
    endpoint.check("SELECT SUM(rows_read), SUM(rows_landed), SUM(rows_rejected) FROM music_raw.loads", &["5 | 4 | 1"]).await;
}
