//! The collections that know artists by id or tracks by name alone, every source for itself, and CSV files of any layout.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use quaver::catalog::Table;
use quaver::ingest::{self, Progress, Silent, Sink, Source, TableName, Write, sample, tables, transform};

use crate::{CHART, Endpoint, SPOTIFY_1921, SPOTIFY_TRACKS, hetrec, load};

const ULTIMATE: &str = "\
genre,artist_name,track_name,track_id,popularity,acousticness,danceability,duration_ms,energy,instrumentalness,key,liveness,loudness,mode,speechiness,tempo,time_signature,valence
R&B,Beyoncé,Halo,t2,70,0.2,0.5,261640,0.7,0,C#,0.06,-5.9,Major,0.06,80,4-Apr,0.47
Pop,Beyoncé,Halo,t2,70,0.2,0.5,261640,0.7,0,C#,0.06,-5.9,Major,0.06,80,4/4,0.47
R&B,Beyoncé,Sorry,t7,66,0.2,0.5,232560,0.6,0,D,0.06,-5.9,Minor,0.06,130,5/4,0.4
";
const ULTIMATE_SMALL: &str = "\
track_name,artist_name,genre,popularity,danceability,energy,loudness,tempo,valence,acousticness,duration_ms
HALO,Beyonce,Pop,72,0.5,0.7,-5.9,80,0.47,0.2,261640
New One,Air,World,40,0.5,0.7,-5.9,80,0.47,0.2,200000
";
const ARTISTS: &str = "artist_id,artist_name,artist_genre,artist_popularity,artist_followers,artist_image,artist_homepage\n\
    s1,Beyoncé,\"['dance pop', 'pop', 'r&b']\",88,28000000,http://i/b,http://h\ns8,Solange,['alternative r&b'],70,1900000,,\n";
const ALBUMS: &str = "album_id,album_name,album_release_date,album_total_tracks,album_artist_id,album_image,album_homepage\n\
    a1,I Am (Deluxe),2008-11-14,20,s1,,\na2,A Seat at the Table,2016,21,s8,,\n";
const TRACKS: &str = "track_id,track_name,track_artist_id,track_album_id,track_number,track_popularity,track_explicit,track_homepage\n\
    t2,Halo,s1,a1,1,81,False,\nt8,Cranes in the Sky,s8,a2,4,64,True,\nt3,Your Feet's Too Big,s3,a9,2,10,False,\nt9,Of nobody,s7,a1,2,10,False,\n";
const AUDIO: &str = "track_id,track_duration,danceability,energy,loudness,speechiness,acousticness,instrumentalness,liveness,valence,tempo,key,mode,time_signature\n\
    t2,261640,0.5,0.7,-5.9,0.06,0.2,0,0.06,0.47,80,11,0,4\nt8,252000,0.6,0.5,-8,0.03,0.6,0,0.1,0.4,0,-1,1,0\n";

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, content) in files {
        std::fs::write(folder.join(name), content).unwrap();
    }
}

/// What each source is in these tests, in a folder of its own.
fn prepare(folder: &Path, source: Source) {
    match source {
        Source::Hetrec => hetrec(folder),
        Source::SpotifyTracks => write(folder, &[("dataset.csv", SPOTIFY_TRACKS)]),
        Source::Spotify1921 => write(folder, &[("data.csv", SPOTIFY_1921)]),
        Source::SpotifyUltimate => write(folder, &[("SpotifyFeatures.csv", ULTIMATE), ("small.csv", ULTIMATE_SMALL)]),
        Source::SpotifyRelational => {
            write(folder, &[("artist.csv", ARTISTS), ("album.csv", ALBUMS), ("track.csv", TRACKS), ("audio.csv", AUDIO)]);
        }
        Source::Hot100 => write(folder, &[("hot.csv", CHART)]),
    }
}

const TRACKS_SHOWN: &str = "SELECT track_id, title, artist_id, album, release_date, release_year, genre, popularity, key, mode, \
    time_signature FROM music.tracks ORDER BY track_id";

#[tokio::test(flavor = "multi_thread")]
async fn every_source_alone_and_every_one_more_passes_the_data_tests() {
    let together = Endpoint::start().await;
    for source in Source::ALL {
        let alone = Endpoint::start().await;
        let folder = tempfile::tempdir().unwrap();
        prepare(folder.path(), source);
        for endpoint in [&alone, &together] {
            load(endpoint, source, folder.path()).await;
            transform::run(&endpoint.warehouse, &Silent).await.unwrap();
            endpoint.data_tests_hold().await;
        }
        let rows = alone.lines("SELECT COUNT(*) FROM music.artists").await;
        assert_ne!(rows, ["0"], "{}", source.name());
        if source == Source::SpotifyUltimate {
            let expected = [
                "air/new one | New One | air | - | - | - | world-music | 40 | - | - | -",
                "t2 | Halo | beyonce | - | - | - | pop | 70 | 1 | 1 | 4",
                "t7 | Sorry | beyonce | - | - | - | r-n-b | 66 | 2 | 0 | 5",
            ];
            alone.check(TRACKS_SHOWN, &expected).await;
            let artists = "SELECT artist_id, name, genres, popularity FROM music.artists ORDER BY artist_id";
            alone.check(artists, &["air | Air | [world-music] | 40", "beyonce | Beyoncé | [pop, r-n-b] | 72"]).await;
        }
        if source == Source::SpotifyRelational {
            let expected = [
                "t2 | Halo | beyonce | I Am (Deluxe) | 2008-11-14 | 2008 | dance pop | 81 | 11 | 0 | 4",
                "t8 | Cranes in the Sky | solange | A Seat at the Table | - | 2016 | alternative r&b | 64 | - | 1 | -",
            ];
            alone.check(TRACKS_SHOWN, &expected).await;
        }
    }
    let expected = [
        "air/new one | New One | air | - | - | - | world-music | 40 | - | - | -",
        "t1 | Crazy in Love | beyonce | Dangerously in Love | 2003-06-24 | 2003 | pop | 80 | 2 | 0 | 4",
        "t2 | Halo | beyonce | I Am | 2008-11-14 | 2008 | pop | 75 | 11 | 0 | -",
        "t3 | Your Feet's Too Big | fats-waller | - | - | 1926 | - | 33 | 0 | 1 | 4",
        "t7 | Sorry | beyonce | - | - | - | r-n-b | 66 | 2 | 0 | 5",
        "t8 | Cranes in the Sky | solange | A Seat at the Table | - | 2016 | alternative r&b | 64 | - | 1 | -",
    ];
    together.check(TRACKS_SHOWN, &expected).await;
    let artists = "SELECT artist_id, name, genres, popularity, followers, spotify_id, picture_url FROM music.artists \
        WHERE artist_id IN ('air', 'beyonce', 'solange') ORDER BY artist_id";
    let expected = [
        "air | Air | [world-music] | 40 | - | - | -",
        "beyonce | Beyoncé | [pop, dance, r-n-b, dance pop] | 88 | 28000000 | s1 | http://i/b",
        "solange | Solange | [alternative r&b] | 70 | 1900000 | s8 | -",
    ];
    together.check(artists, &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_stands_until_real_tables_take_its_place() {
    let endpoint = Endpoint::start().await;
    let sink: &dyn Sink = &endpoint.warehouse;
    // As if the sample were there: the tables with its label, and a row in some.
    const SNAPSHOT: &str =
        r#"{"track_id":"x","title":"X","artist_id":"x","artist_name":"X","captured_at":"2026-01-01T00:00:00Z","popularity":1}"#;
    sink.create_dataset(tables::MUSIC).await.unwrap();
    for table in tables::music() {
        let described = Table { description: format!("{}. {}", sample::DESCRIPTION, table.description), ..table.clone() };
        sink.create_table(tables::MUSIC, &described, true).await.unwrap();
    }
    for (table, row) in [("artists", r#"{"artist_id":"x","name":"X"}"#), ("track_snapshots", SNAPSHOT)] {
        let table = tables::find(tables::MUSIC, table).unwrap();
        sink.load(tables::MUSIC, table, row.into(), Write::Replace).await.unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    prepare(folder.path(), Source::Hot100);
    load(&endpoint, Source::Hot100, folder.path()).await;
    // A bronze table that the transforms of tracks cannot read: the run breaks off after the artists.
    let tracks = tables::find(tables::RAW, "spotify_relational_audio").unwrap();
    sink.delete_table(tables::RAW, "spotify_relational_audio").await.unwrap();
    let odd = Table { columns: tracks.columns[..1].to_vec(), ..tracks.clone() };
    sink.create_table(tables::RAW, &odd, false).await.unwrap();
    assert!(transform::run(sink, &Silent).await.is_err());
    assert_eq!(sink.is_sample(tables::MUSIC, "artists").await.unwrap(), Some(false));
    // What reads the tracks waits for them; what does not, such as the users, may have been built beside.
    for waiting in ["tracks", "track_snapshots", "listening_events"] {
        assert_eq!(sink.is_sample(tables::MUSIC, waiting).await.unwrap(), Some(true), "{waiting}");
    }
    endpoint.check("SELECT COUNT(*) FROM music.artists", &["3"]).await;
    endpoint.check("SELECT COUNT(*) FROM music.track_snapshots", &["1"]).await;

    sink.delete_table(tables::RAW, "spotify_relational_audio").await.unwrap();
    transform::run(sink, &Silent).await.unwrap();
    endpoint.data_tests_hold().await;
    for table in tables::music() {
        let info = endpoint.warehouse.table_info(tables::MUSIC, &table.name).await.unwrap().unwrap();
        assert!(!info.labels.contains_key("sample"), "{}", table.name);
        assert_eq!(info.description, table.description, "{}", table.name);
    }
    endpoint.check("SELECT COUNT(*) FROM music.track_snapshots", &["0"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_csv_becomes_a_table_of_its_own() {
    let endpoint = Endpoint::start().await;
    let folder = tempfile::tempdir().unwrap();
    let table = TableName::parse("music_raw.my_plays").unwrap();
    let progress: Arc<dyn Progress> = Arc::new(Silent);
    let file = |content: &str| -> PathBuf {
        let path = folder.path().join("plays.csv");
        std::fs::write(&path, content).unwrap();
        path
    };
    let first =
        file("Artist;Plays;when;share;ok;day;loaded_at\nAir;7;2024-05-01 10:00;0.5;true;2024-05-01;x\nDaft Punk;NA;;1;;;\nshort;1\n");
    let report = ingest::load_csv(&endpoint.warehouse, &table, &[first], &progress).await.unwrap();
    assert_eq!(report.totals(), (3, 2, 1));
    endpoint
        .check(
            "SELECT Artist, Plays, `when`, share, ok, day, loaded_at_2, source, source_file, line FROM music_raw.my_plays ORDER BY line",
            &[
                "Air | 7 | 2024-05-01T10:00:00+00:00 | 0.5 | true | 2024-05-01 | x | csv:my_plays | plays.csv | 2",
                "Daft Punk | - | - | 1 | - | - | - | csv:my_plays | plays.csv | 3",
            ],
        )
        .await;
    endpoint.check("SELECT source, line, raw FROM music_raw.rejects", &["csv:my_plays | 4 | short;1"]).await;
    // Another layout takes the place of the first, with its account.
    let second = file("name,n\nx,1.5\n");
    let report = ingest::load_csv(&endpoint.warehouse, &table, &[second], &progress).await.unwrap();
    assert_eq!(report.totals(), (1, 1, 0));
    endpoint.check("SELECT name, n FROM music_raw.my_plays", &["x | 1.5"]).await;
    endpoint.check("SELECT COUNT(*) FROM music_raw.rejects", &["0"]).await;
    endpoint.check("SELECT source, table_name, rows_landed FROM music_raw.loads", &["csv:my_plays | my_plays | 1"]).await;
}
