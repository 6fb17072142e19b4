//! Loads of small files written here, and of the real ones where they are at hand.

mod bad_input;
mod parts;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::super::Silent;
use super::super::memory::Memory;
use super::*;

async fn load_into(sink: &Memory, source: Source, path: &Path) -> Result<LoadReport, IngestError> {
    let progress: Arc<dyn Progress> = Arc::new(Silent);
    load(sink, source, &[path.to_owned()], &progress).await
}

async fn load_all(sink: &Memory, source: Source, paths: &[PathBuf]) -> Result<LoadReport, IngestError> {
    let progress: Arc<dyn Progress> = Arc::new(Silent);
    load(sink, source, paths, &progress).await
}

/// A zip archive of the files, in a folder that lives as long as the first part.
fn archive(files: &[(&str, &[u8])]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("download.zip");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    for (name, content) in files {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap();
    (folder, path)
}

const HETREC: &[(&str, &[u8])] = &[
    ("artists.dat", b"id\tname\turl\tpictureURL\n1\t\"Weird Al\" Yankovic\thttp://a\t\n2\tBj\xC3\xB6rk\thttp://b\thttp://p\n3\tbj\xC3\xB6rk\thttp://c\t\n"),
    ("user_artists.dat", b"userID\tartistID\tweight\r\n7\t1\t13\r\n7\t9\t5\r\n8\t2\tmany\r\n"),
    ("tags.dat", b"tagID\ttagValue\r\n1\tmetal\r\n2\tchanson fran\xE7aise\r\n"),
    (
        "user_taggedartists.dat",
        b"userID\tartistID\ttagID\tday\tmonth\tyear\r\n7\t1\t1\t1\t4\t2009\r\n7\t9\t1\t1\t4\t2009\r\n7\t2\t2\t1\t6\t1956\r\n7\t2\t2\t31\t2\t2009\r\n",
    ),
    ("user_friends.dat", b"userID\tfriendID\r\n7\t8\r\n8\t7\r\n"),
];

fn reasons(sink: &Memory) -> Vec<String> {
    let line = |row: &Value| format!("{}:{} {}", row["source_file"].as_str().unwrap(), row["line"], row["reason"].as_str().unwrap());
    sink.rows("music_raw.rejects").iter().map(line).collect()
}

#[tokio::test]
async fn rows_land_or_are_kept_with_the_reason() {
    let (_folder, path) = archive(HETREC);
    let sink = Memory::default();
    let report = load_into(&sink, Source::Hetrec, &path).await.unwrap();
    assert_eq!(report.totals(), (14, 10, 4));
    assert_eq!(
        reasons(&sink),
        [
            "user_artists.dat:3 artist 9 is not in artists.dat",
            "user_artists.dat:4 weight is no whole number: \"many\"",
            "user_taggedartists.dat:3 artist 9 is not in artists.dat",
            "user_taggedartists.dat:5 no date: day 31, month 2, year 2009",
        ]
    );
    let artists = sink.rows("music_raw.hetrec_artists");
    assert_eq!(artists[0]["name"], "\"Weird Al\" Yankovic");
    assert_eq!(artists[0]["picture_url"], Value::Null);
    assert_eq!((&artists[1]["artist_id"], &artists[1]["line"]), (&"bjork".into(), &3.into()));
    assert_eq!(sink.rows("music_raw.hetrec_tags")[1]["tag_value"], "chanson française");
    assert_eq!(sink.rows("music_raw.hetrec_user_taggedartists")[1]["tagged_on"], "1956-06-01");
    assert_eq!(sink.rows("music_raw.rejects")[0]["raw"], "7\t9\t5");
}

#[tokio::test]
async fn loading_twice_gives_the_same_tables_and_leaves_other_sources_alone() {
    let (_folder, hetrec) = archive(HETREC);
    let (_other, chart) = archive(&[(
        "hot.csv",
        b"date,this_week,song,artist,last_week,peak_position,weeks_on_chart\n1958-08-04,0,A,B,,1,1\n1958-08-04,1,A,B,,1,1\n",
    )]);
    let sink = Memory::default();
    load_into(&sink, Source::Hot100, &chart).await.unwrap();
    load_into(&sink, Source::Hetrec, &hetrec).await.unwrap();
    let without_time = |sink: &Memory| {
        let mut tables = Vec::new();
        for name in sink.tables() {
            let mut rows = sink.rows(&name);
            rows.iter_mut().for_each(|row| row["loaded_at"] = Value::Null);
            tables.push((name, rows));
        }
        tables
    };
    let once = without_time(&sink);
    load_into(&sink, Source::Hetrec, &hetrec).await.unwrap();
    assert_eq!(without_time(&sink), once);
    assert_eq!(sink.rows("music_raw.rejects").len(), 5);
    assert_eq!(sink.rows("music_raw.loads").len(), 6);
}

#[tokio::test]
async fn folders_and_single_files_are_read_too() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("inner")).unwrap();
    for (name, content) in HETREC {
        std::fs::write(folder.path().join("inner").join(name), content).unwrap();
    }
    let sink = Memory::default();
    assert_eq!(load_into(&sink, Source::Hetrec, folder.path()).await.unwrap().totals(), (14, 10, 4));
    let file = folder.path().join("chart.txt");
    std::fs::write(&file, "date,this_week,song,artist,last_week,peak_position,weeks_on_chart\n1958-08-04,1,A,B feat. C,,1,1\n").unwrap();
    assert_eq!(load_into(&sink, Source::Hot100, &file).await.unwrap().totals(), (1, 1, 0));
    assert_eq!(sink.rows("music_raw.hot_100")[0]["lead_artist"], "B");
}

#[tokio::test]
async fn a_wrong_file_is_told_what_was_expected_and_changes_nothing() {
    let (_folder, hetrec) = archive(HETREC);
    let (_text, text) = archive(&[("readme.txt", b"hello")]);
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken.zip");
    std::fs::write(&broken, b"PK\x03\x04 and no more").unwrap();
    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    let sink = Memory::default();
    let page = folder.path().join("page.csv");
    std::fs::write(&page, "<!doctype html><html>log in</html>").unwrap();
    let cases: [(Source, &Path, &[&str]); 12] = [
        (Source::Hot100, &hetrec, &["not the hot-100 data", "this_week", "artists.dat"]),
        (Source::SpotifyTracks, &text, &["not the spotify-tracks data", "track_genre", "readme.txt"]),
        (Source::Spotify1921, &text, &["not the spotify-1921 data", "id_artists"]),
        (Source::SpotifyUltimate, &text, &["not the spotify-ultimate data", "artist_name", "readme.txt"]),
        (Source::SpotifyRelational, &text, &["not the spotify-relational data", "artist_followers", "track_album_id", "readme.txt"]),
        (Source::SpotifyRelational, &hetrec, &["four CSV files", "artists.dat"]),
        (Source::Hot100, &page, &["a web page"]),
        (Source::Hetrec, &text, &["not the hetrec data", "user_taggedartists.dat", "found readme.txt"]),
        (Source::Hetrec, &empty, &["no file"]),
        (Source::Hot100, &empty, &["no file"]),
        (Source::Hot100, &broken, &["broken.zip", "not a readable zip archive"]),
        (Source::Hot100, Path::new("/no/such/file"), &["/no/such/file"]),
    ];
    for (source, path, parts) in cases {
        let message = load_into(&sink, source, path).await.unwrap_err().to_string();
        for part in parts {
            assert!(message.contains(part), "{message} lacks {part}");
        }
    }
    assert!(sink.tables().is_empty());
}

const ULTIMATE: &str = "\
\u{FEFF}genre,artist_name,track_name,track_id,popularity,acousticness,danceability,duration_ms,energy,instrumentalness,key,liveness,loudness,mode,speechiness,tempo,time_signature,valence\r
R&B,Beyoncé,Halo,t2,70,0.2,0.5,261640,0.7,0,C#,0.06,-5.9,Major,0.06,80,4-Apr,0.47\r
Pop,Beyoncé,Halo,t2,70,0.2,0.5,261640,0.7,0,C#,0.06,-5.9,Major,0.06,80,5/4,0.47\r
Pop,Beyoncé,Odd,t3,70,0.2,0.5,261640,0.7,0,H,0.06,-5.9,Major,0.06,80,4/4,0.47\r
Pop,Beyoncé,Cut short,t4,70,0.2,0.5,261640,0.7,8.19E-06,";
const ULTIMATE_SMALL: &str = "\
track_name,artist_name,genre,popularity,danceability,energy,loudness,tempo,valence,acousticness,duration_ms
Halo,Beyoncé,Pop,70,0.5,0.7,-5.9,80,0.47,0.2,261640
";
const RELATIONAL: &[(&str, &[u8])] = &[
    ("README.txt", b"Album (TSV file - tab separated)"),
    (
        "artist.csv",
        b"\xEF\xBB\xBFartist_id,artist_name,artist_genre,artist_popularity,artist_followers,artist_image,artist_homepage\ns1,Beyonc\xC3\xA9,\"['dance pop', 'pop']\",88,28000000,http://i,http://h\ns9,Odd,pop,1,2,,\n",
    ),
    ("album.tsv", b"album_id\talbum_name\talbum_release_date\talbum_artist_id\na1\tI Am\t2008\ts1\na1\tI Am\t2008\ts1\n"),
    (
        "track.csv",
        b"track_id,track_name,track_artist_id,track_album_id,track_number,track_popularity,track_explicit,track_homepage\nt2,Halo,s1,a1,1,80,False,http://t\nt5,Unknown,s7,a1,2,101,False,\nt6,Of nobody,s7,a9,2,10,True,\n",
    ),
    (
        "audio.csv",
        b"track_id,track_duration,danceability,energy,loudness,speechiness,acousticness,instrumentalness,liveness,valence,tempo,key,mode,time_signature\nt2,261640,0.5,0.7,-5.9,0.06,0.2,0,0.06,0.47,80,1,1,4\n",
    ),
];

#[tokio::test]
async fn the_ultimate_collection_lands_in_each_of_its_forms() {
    let (_folder, path) = archive(&[("small.csv", ULTIMATE_SMALL.as_bytes()), ("full.excel.csv", ULTIMATE.as_bytes())]);
    let sink = Memory::default();
    let report = load_into(&sink, Source::SpotifyUltimate, &path).await.unwrap();
    assert_eq!(report.totals(), (5, 3, 2));
    let expected = ["full.excel.csv:4 key is not known: \"H\"", "full.excel.csv:5 11 fields where the header has 18"];
    assert_eq!(reasons(&sink), expected);
    assert_eq!(report.rejections.len(), 2);
    let rows = sink.rows("music_raw.spotify_ultimate");
    let shown = |row: &Value| ["track_id", "key", "mode", "time_signature", "artist_id"].map(|name| row[name].to_string()).join(" ");
    let shown: Vec<String> = rows.iter().map(shown).collect();
    assert_eq!(shown, ["\"t2\" 1 1 4 \"beyonce\"", "\"t2\" 1 1 5 \"beyonce\"", "null null null null \"beyonce\""]);
}

#[tokio::test]
async fn the_four_related_files_land_in_an_archive_a_folder_or_named() {
    let (_folder, path) = archive(RELATIONAL);
    let sink = Memory::default();
    assert_eq!(load_into(&sink, Source::SpotifyRelational, &path).await.unwrap().totals(), (8, 5, 3));
    assert_eq!(
        reasons(&sink),
        [
            "album.tsv:3 a1 stands twice",
            "artist.csv:3 artist_genre is no list: \"pop\"",
            "track.csv:3 track_popularity is 101, not 0 to 100"
        ]
    );
    assert_eq!(sink.rows("music_raw.spotify_relational_artists")[0]["artist_genres"], serde_json::json!(["dance pop", "pop"]));
    assert_eq!(sink.rows("music_raw.spotify_relational_albums")[0]["album_release_date"], "2008");
    assert_eq!(sink.rows("music_raw.spotify_relational_audio")[0]["key"], 1);

    let folder = tempfile::tempdir().unwrap();
    for (name, content) in RELATIONAL {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    let one = Memory::default();
    assert_eq!(load_into(&one, Source::SpotifyRelational, folder.path()).await.unwrap().totals(), (8, 5, 3));
    let named: Vec<PathBuf> = ["track.csv", "audio.csv", "artist.csv", "album.tsv"].map(|name| folder.path().join(name)).into();
    let all = Memory::default();
    assert_eq!(load_all(&all, Source::SpotifyRelational, &named).await.unwrap().totals(), (8, 5, 3));
    for (paths, part) in [(&named[..3], "albums"), (&named[2..3], "found the artists alone")] {
        let message = load_all(&all, Source::SpotifyRelational, paths).await.unwrap_err().to_string();
        assert!(message.contains(part), "{message}");
    }
    let twice = folder.path().join("again.csv");
    std::fs::copy(&named[0], &twice).unwrap();
    let message = load_into(&all, Source::SpotifyRelational, folder.path()).await.unwrap_err().to_string();
    assert!(message.contains("the tracks twice"), "{message}");
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(content).unwrap();
    packed.finish().unwrap()
}

#[tokio::test]
async fn several_paths_are_one_source_gzipped_or_not() {
    let chart = |line: &str| format!("date,this_week,song,artist,last_week,peak_position,weeks_on_chart\n{line}\n").into_bytes();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    };
    let plain = file("a.csv", &chart("1958-08-04,1,A,B,,1,1"));
    let packed = file("b.csv.gz", &gzip(&chart("1958-08-11,1,A,B,1,1,2")));
    let (_first, first) = archive(&[("hot.csv", &chart("1958-08-18,1,A,B,1,1,3")), ("readme.md", b"x")]);
    let (_second, second) =
        archive(&[("hot.csv", &chart("1958-08-25,1,A,B,1,1,x")), ("more.csv.gz", &gzip(&chart("1958-09-01,1,A,B,1,1,5")))]);
    let sink = Memory::default();
    let paths = [plain.clone(), packed, first, second.clone(), plain.clone()];
    assert_eq!(load_all(&sink, Source::Hot100, &paths).await.unwrap().totals(), (5, 4, 1));
    let reject = format!("{}/hot.csv:2 weeks_on_chart is no whole number: \"x\"", second.display());
    assert_eq!(reasons(&sink), [reject]);
    let hetrec = tempfile::tempdir().unwrap();
    for (name, content) in HETREC {
        std::fs::write(hetrec.path().join(format!("{name}.gz")), gzip(content)).unwrap();
    }
    assert_eq!(load_into(&sink, Source::Hetrec, hetrec.path()).await.unwrap().totals(), (14, 10, 4));

    // What is named itself is meant: it is not passed over for not being the data.
    let other = file("other.csv", b"a,b\n1,2\n");
    let message = load_all(&sink, Source::Hot100, &[plain.clone(), other]).await.unwrap_err().to_string();
    assert!(message.contains("other.csv with the columns `a,b`"), "{message}");
    let cut = file("cut.csv.gz", &gzip(&chart("1958-08-04,1,A,B,,1,1"))[..40]);
    let message = load_all(&sink, Source::Hot100, &[plain, cut]).await.unwrap_err().to_string();
    assert!(message.contains("cut.csv.gz"), "{message}");
    assert_eq!(sink.rows("music_raw.hot_100").len(), 4);
}

fn shared(file: &str) -> Option<PathBuf> {
    let root = std::env::var_os("QUAVER_SHARED").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let path = root.join("data").join(file);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not there; it is not part of the repository", path.display());
    None
}

async fn check_real(source: Source, file: &str, expected: &[(&str, u64, u64)]) {
    let Some(path) = shared(file) else { return };
    let started = std::time::Instant::now();
    let sink = Memory::default();
    let report = load_into(&sink, source, &path).await.unwrap();
    println!("{}: {:?} in {:?}", source.name(), report.totals(), started.elapsed());
    for (table, read, rejected) in expected {
        let files = report.files.iter().filter(|file| file.table_name == *table);
        let found = files.fold((0, 0), |(read, rejected), file| (read + file.rows_read, rejected + file.rows_rejected));
        assert_eq!(found, (*read, *rejected), "{table}");
        assert_eq!(sink.rows(&format!("music_raw.{table}")).len() as u64, read - rejected, "{table}");
    }
    assert_eq!(sink.rows("music_raw.rejects").len() as u64, report.totals().2);
}

#[tokio::test]
async fn real_hetrec_has_its_known_counts() {
    check_real(
        Source::Hetrec,
        "hetrec2011-lastfm-2k.zip",
        &[
            ("hetrec_artists", 17_632, 0),
            ("hetrec_user_artists", 92_834, 0),
            ("hetrec_tags", 11_946, 0),
            ("hetrec_user_taggedartists", 186_479, 1_538),
            ("hetrec_user_friends", 25_434, 0),
        ],
    )
    .await;
}

#[tokio::test]
async fn real_spotify_tracks_have_their_known_counts() {
    check_real(Source::SpotifyTracks, "kaggle-spotify-tracks-114k.zip", &[("spotify_tracks", 114_000, 1)]).await;
}

#[tokio::test]
async fn real_spotify_1921_has_its_known_counts() {
    check_real(Source::Spotify1921, "kaggle-spotify-1922-2021-subset.zip", &[("spotify_1921", 145_065, 0)]).await;
}

#[tokio::test]
async fn real_hot_100_has_its_known_counts() {
    check_real(Source::Hot100, "billboard-hot100-1958-2026.zip", &[("hot_100", 354_887, 0)]).await;
}

#[tokio::test]
async fn the_real_ultimate_collection_has_its_known_counts() {
    check_real(Source::SpotifyUltimate, "kaggle-ultimate-spotify-subset.zip", &[("spotify_ultimate", 26_226, 1)]).await;
}

#[tokio::test]
async fn the_real_related_files_have_their_known_counts() {
    check_real(
        Source::SpotifyRelational,
        "spotify-relational-20k.zip",
        &[
            ("spotify_relational_artists", 302, 0),
            ("spotify_relational_albums", 1_603, 0),
            ("spotify_relational_tracks", 20_082, 0),
            ("spotify_relational_audio", 20_081, 0),
        ],
    )
    .await;
}
