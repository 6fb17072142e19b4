//! The way of data through the real warehouse client and the embedded endpoint: sample, loads, transforms, data tests.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

mod again;
mod api_responses;
mod collections;
mod music;
mod partitions;
mod parts;
mod recorded;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bigquery_emulator::{Emulator, EmulatorOptions};
use quaver::ingest::{self, Progress, Silent, Sink, Source, sample, tables, transform};
use quaver::warehouse::{Cell, Connection, Credentials, Warehouse};

mod simulated;
mod web;

/// An endpoint of its own on a free port, and a client of it. The folder goes when this goes.
struct Endpoint {
    warehouse: Warehouse,
    _folder: tempfile::TempDir,
}

impl Endpoint {
    async fn start() -> Self {
        Self::start_with(|router| router).await
    }

    /// With something between the client and the endpoint.
    async fn start_with(between: impl FnOnce(axum::Router) -> axum::Router) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let emulator = Emulator::open(EmulatorOptions::new(folder.path())).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let router = between(emulator.router());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let warehouse = Warehouse::connect(Connection {
            project: "quaver-local".to_owned(),
            data_project: None,
            endpoint: Some(endpoint),
            location: "US".to_owned(),
            dataset: "music".to_owned(),
            credentials: Credentials::None,
            request_timeout: Duration::from_secs(300),
            query_timeout: Duration::from_secs(300),
            max_retries: 0,
        })
        .await
        .unwrap();
        Self { warehouse, _folder: folder }
    }

    /// The rows of a query, a line each.
    async fn lines(&self, sql: &str) -> Vec<String> {
        let rows = self.warehouse.read_trusted(sql, 1000).await.unwrap_or_else(|error| panic!("{error}: {sql}"));
        rows.rows.iter().map(|row| row.iter().map(shown).collect::<Vec<_>>().join(" | ")).collect()
    }

    async fn check(&self, sql: &str, expected: &[&str]) {
        assert_eq!(self.lines(sql).await, expected, "{sql}");
    }

    async fn data_tests_hold(&self) {
        let results = transform::check(&self.warehouse, 3, &Silent).await.unwrap();
        assert!(results.len() > 60);
        transform::require(&results).unwrap();
    }
}

fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Null => "-".to_owned(),
        Cell::Int64(value) => value.to_string(),
        Cell::Float64(value) => value.to_string(),
        Cell::Bool(value) => value.to_string(),
        Cell::String(value) | Cell::Text(value) => value.clone(),
        Cell::Date(value) => value.to_string(),
        Cell::Timestamp(value) => value.to_rfc3339(),
        Cell::Array(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        other => format!("{other:?}"),
    }
}

async fn load(endpoint: &Endpoint, source: Source, path: &Path) -> (u64, u64, u64) {
    let progress: Arc<dyn Progress> = Arc::new(Silent);
    ingest::load(&endpoint.warehouse, source, &[path.to_owned()], &progress).await.unwrap().totals()
}

const SPOTIFY_TRACKS: &str = "\
,track_id,artists,album_name,track_name,popularity,duration_ms,explicit,danceability,energy,key,loudness,mode,speechiness,acousticness,instrumentalness,liveness,valence,tempo,time_signature,track_genre
0,t1,Beyoncé;JAY-Z,Dangerously in Love,Crazy in Love,80,236133,False,0.6,0.7,2,-6.5,0,0.2,0.002,0,0.06,0.7,99.2,4,dance
1,t1,Beyoncé;JAY-Z,Dangerously in Love,Crazy in Love,80,236133,False,0.6,0.7,2,-6.5,0,0.2,0.002,0,0.06,0.7,99.2,4,pop
2,t2,Beyoncé,I Am,Halo,75,261640,False,0.5,0.7,11,-5.9,0,0.06,0.27,0,0.06,0.47,0,0,pop
3,t9,,,,0,0,False,0.5,0.5,1,-9,0,0.06,0.6,0,0.07,0.7,138,4,k-pop
";
const SPOTIFY_1921: &str = "\
,Unnamed: 0,id,name,popularity,duration_ms,explicit,artists,id_artists,release_date,danceability,energy,key,loudness,mode,speechiness,acousticness,instrumentalness,liveness,valence,tempo,time_signature,images,urls\r
0,5,t1,Crazy in Love (feat. JAY-Z),70,236133,0,\"['Beyoncé', 'JAY-Z']\",\"['s1', 's2']\",2003-06-24,0.6,0.7,2,-6.5,0,0.2,0.002,0,0.06,0.7,99.2,4,i,u\r
1,6,t3,Your Feet's Too Big,33,184053,0,['Fats Waller'],['s3'],1926,0.7,0.08,0,-20.0,1,0.19,0.7,0,0.19,0.6,117.1,4,i,u\r
";
const CHART: &str = "\
date,this_week,song,artist,last_week,peak_position,weeks_on_chart
2003-07-12,1,Crazy In Love,Beyonce Featuring Jay-Z,2,1,8
2003-07-12,2,Magic Stick,Lil Kim Featuring 50 Cent,,2,1
2003-07-12,3,Odd,Fats Waller,,5,1
";

fn hetrec(folder: &Path) {
    let write = |name: &str, content: &[u8]| std::fs::write(folder.join(name), content).unwrap();
    write("artists.dat", "id\tname\turl\tpictureURL\n1\tBeyoncé\thttp://l/b\thttp://p/b\n2\tBEYONCE\thttp://l/b2\t\n3\tAir\thttp://l/a\t\n4\t!!!\thttp://l/c\t\n".as_bytes());
    let mut plays = "userID\tartistID\tweight\r\n".to_owned();
    for user in 1..=4 {
        plays += &format!("{user}\t1\t{}\r\n{user}\t3\t{}\r\n", user * 10, user * 5);
        if user != 4 {
            plays += &format!("{user}\t4\t{user}\r\n");
        }
    }
    plays += "1\t2\t7\r\n";
    write("user_artists.dat", plays.as_bytes());
    write("tags.dat", b"tagID\ttagValue\r\n1\tPop\r\n2\tfran\xE7ais\r\n3\tseen live\r\n");
    write(
        "user_taggedartists.dat",
        b"userID\tartistID\ttagID\tday\tmonth\tyear\r\n1\t1\t1\t1\t4\t2009\r\n2\t2\t1\t1\t5\t2010\r\n1\t3\t2\t1\t6\t1956\r\n1\t9\t1\t1\t4\t2009\r\n3\t3\t3\t1\t4\t2009\r\n",
    );
    write("user_friends.dat", b"userID\tfriendID\r\n1\t2\r\n2\t1\r\n3\t1\r\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_installs_and_passes_the_data_tests() {
    let endpoint = Endpoint::start().await;
    let sink: &dyn Sink = &endpoint.warehouse;
    assert!(sample::is_missing(sink).await.unwrap());
    let started = Instant::now();
    let counts = sample::install(sink, &Silent).await.unwrap();
    println!("installed {} rows in {:?}", counts.iter().map(|(_, rows)| rows).sum::<u64>(), started.elapsed());
    assert!(!sample::is_missing(sink).await.unwrap());
    for (table, rows) in counts {
        assert_eq!(sink.count(&format!("SELECT COUNT(*) FROM music.{table}")).await.unwrap(), i64::try_from(rows).unwrap(), "{table}");
        let info = endpoint.warehouse.table_info(tables::MUSIC, table).await.unwrap().unwrap();
        assert!(info.labels.get("sample").is_some_and(|value| value == "true"), "{table}");
        assert!(info.description.starts_with(sample::DESCRIPTION), "{table}: {}", info.description);
    }
    endpoint.data_tests_hold().await;
    endpoint.check("SELECT country FROM music.artists WHERE artist_id = 'daft-punk'", &["France"]).await;
    endpoint
        .check(
            "SELECT title, release_year FROM music.tracks WHERE artist_id = 'queen' AND title LIKE 'Bohemian%'",
            &["Bohemian Rhapsody | 1975"],
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn real_data_takes_the_place_of_the_sample_whole() {
    let endpoint = Endpoint::start().await;
    let sink: &dyn Sink = &endpoint.warehouse;
    sample::install(sink, &Silent).await.unwrap();
    assert!(transform::run(sink, &Silent).await.is_err());

    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| -> PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    };
    let lastfm = tempfile::tempdir().unwrap();
    hetrec(lastfm.path());
    assert_eq!(load(&endpoint, Source::Hetrec, lastfm.path()).await, (27, 26, 1));
    assert_eq!(load(&endpoint, Source::SpotifyTracks, &file("dataset.csv", SPOTIFY_TRACKS)).await, (4, 3, 1));
    assert_eq!(load(&endpoint, Source::Spotify1921, &file("data.csv", SPOTIFY_1921)).await, (2, 2, 0));
    assert_eq!(load(&endpoint, Source::Hot100, &file("hot.csv", CHART)).await, (3, 3, 0));
    // Again: nothing is doubled.
    assert_eq!(load(&endpoint, Source::Hetrec, lastfm.path()).await, (27, 26, 1));
    endpoint
        .check(
            "SELECT source, source_file, line, reason FROM music_raw.rejects ORDER BY source",
            &[
                "hetrec | user_taggedartists.dat | 5 | artist 9 is not in artists.dat",
                "spotify-tracks | dataset.csv | 5 | neither artist nor title is named",
            ],
        )
        .await;
    endpoint
        .check("SELECT COUNT(*), SUM(rows_read), SUM(rows_landed), SUM(rows_rejected) FROM music_raw.loads", &["8 | 36 | 34 | 2"])
        .await;

    transform::run(sink, &Silent).await.unwrap();
    endpoint.data_tests_hold().await;
    for table in tables::music() {
        assert_eq!(sink.is_sample(tables::MUSIC, &table.name).await.unwrap(), Some(false), "{}", table.name);
    }
    endpoint
        .check(
            "SELECT artist_id, name, genres, popularity, spotify_id, lastfm_url FROM music.artists ORDER BY artist_id",
            &[
                "!!! | !!! | [] | - | - | http://l/c",
                "air | Air | [] | - | - | http://l/a",
                "beyonce | Beyoncé | [pop, dance] | 80 | s1 | http://l/b",
                "fats-waller | Fats Waller | [] | 33 | s3 | -",
                "jay-z | JAY-Z | [dance, pop] | 80 | s2 | -",
                "lil-kim | Lil Kim | [] | - | - | -",
            ],
        )
        .await;
    endpoint
        .check(
            "SELECT track_id, title, artist_name, featured_artists, album, release_date, release_year, genre, tempo, time_signature \
             FROM music.tracks ORDER BY track_id",
            &[
                "t1 | Crazy in Love | Beyoncé | [JAY-Z] | Dangerously in Love | 2003-06-24 | 2003 | pop | 99.2 | 4",
                "t2 | Halo | Beyoncé | [] | I Am | - | - | pop | - | -",
                "t3 | Your Feet's Too Big | Fats Waller | [] | - | - | 1926 | - | 117.1 | 4",
            ],
        )
        .await;
    endpoint.check("SELECT plays FROM music.listens WHERE user_id = 1 AND artist_id = 'beyonce'", &["17"]).await;
    endpoint
        .check(
            "SELECT user_id, artist_id, tag, tagged_at FROM music.artist_tags ORDER BY user_id, artist_id",
            &[
                "1 | air | français | -",
                "1 | beyonce | pop | 2009-04-01T00:00:00+00:00",
                "2 | beyonce | pop | 2010-05-01T00:00:00+00:00",
                "3 | air | seen live | 2009-04-01T00:00:00+00:00",
            ],
        )
        .await;
    endpoint.check("SELECT COUNT(*) FROM music.friendships", &["4"]).await;
    endpoint
        .check(
            "SELECT rank, title, artist_name, last_week_rank, peak_rank FROM music.chart_entries ORDER BY rank",
            &["1 | Crazy In Love | Beyoncé | 2 | 1", "2 | Magic Stick | Lil Kim | - | 2", "3 | Odd | Fats Waller | - | 3"],
        )
        .await;
    endpoint
        .check(
            "SELECT artist_id, similar_artist_id, shared_listeners, score FROM music.similar_artists ORDER BY 1, 2",
            // What everybody plays, as !!! and Air, is shared by chance.
            &[
                "!!! | beyonce | 3 | 0.206651",
                "air | beyonce | 4 | 0.283744",
                "beyonce | !!! | 3 | 0.206651",
                "beyonce | air | 4 | 0.283744",
            ],
        )
        .await;
    endpoint
        .check("SELECT user_id, rank, artist_id, reason FROM music.recommendations", &["4 | 1 | !!! | Because you listen to Beyoncé"])
        .await;
    endpoint.check("SELECT segment_id, segment, COUNT(*) FROM music.user_segments GROUP BY 1, 2 ORDER BY 1", &["1 | pop | 4"]).await;
    endpoint.check("SELECT COUNT(*), COUNT(DISTINCT captured_at) FROM music.track_snapshots", &["3 | 1"]).await;
    endpoint.check("SELECT COUNT(*) FROM music.listening_events", &["0"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_made_by_a_transform_has_the_columns_of_its_schema() {
    let endpoint = Endpoint::start().await;
    let sink: &dyn Sink = &endpoint.warehouse;
    let lastfm = tempfile::tempdir().unwrap();
    hetrec(lastfm.path());
    load(&endpoint, Source::Hetrec, lastfm.path()).await;
    transform::run(sink, &Silent).await.unwrap();
    for table in tables::music() {
        let rows = endpoint.warehouse.read_trusted(&format!("SELECT * FROM music.{} LIMIT 1", table.name), 1).await.unwrap();
        let found: Vec<_> = rows.fields.iter().map(|field| (field.name.as_str(), field.field_type)).collect();
        let expected: Vec<_> = table.columns.iter().map(|column| (column.name.as_str(), column.column_type)).collect();
        assert_eq!(found, expected, "{}", table.name);
    }
}

/// The whole of the real files, for whoever has them and the minutes: set `QUAVER_TEST_REAL_DATA` to the folder that holds them.
#[tokio::test(flavor = "multi_thread")]
async fn the_real_files_load_and_transform() {
    let Some(folder) = std::env::var_os("QUAVER_TEST_REAL_DATA").map(PathBuf::from) else {
        println!("skipped: QUAVER_TEST_REAL_DATA does not name the folder with the real files");
        return;
    };
    let endpoint = Endpoint::start().await;
    for (source, file, read) in [
        (Source::Hetrec, "hetrec2011-lastfm-2k.zip", 334_325),
        (Source::SpotifyTracks, "kaggle-spotify-tracks-114k.zip", 114_000),
        (Source::Spotify1921, "kaggle-spotify-1922-2021-subset.zip", 145_065),
        (Source::SpotifyUltimate, "kaggle-ultimate-spotify-subset.zip", 26_226),
        (Source::SpotifyRelational, "spotify-relational-20k.zip", 42_068),
        (Source::Hot100, "billboard-hot100-1958-2026.zip", 354_887),
    ] {
        let started = Instant::now();
        let totals = load(&endpoint, source, &folder.join(file)).await;
        println!("{}: {totals:?} in {:?}", source.name(), started.elapsed());
        assert_eq!(totals.0, read);
    }
    let started = Instant::now();
    let counts = transform::run(&endpoint.warehouse, &Silent).await.unwrap();
    println!("transforms in {:?}: {counts:?}", started.elapsed());
    endpoint.data_tests_hold().await;
    let sum = endpoint.lines("SELECT SUM(plays), COUNT(DISTINCT user_id) FROM music.listens").await;
    println!("plays, listeners: {sum:?}");
}
