//! Loads of small files written here, and of the real ones where they are at hand.

use std::io::Write as _;
use std::path::PathBuf;

use serde_json::Value;

use super::super::Silent;
use super::super::memory::Memory;
use super::*;

async fn load_into(sink: &Memory, source: Source, path: &Path) -> Result<LoadReport, IngestError> {
    let progress: Arc<dyn Progress> = Arc::new(Silent);
    load(sink, source, path, &progress).await
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
    let (_other, chart) =
        archive(&[("hot.csv", b"date,this_week,song,artist,last_week,peak_position,weeks_on_chart\n1958-08-04,0,A,B,,1,1\n")]);
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
    let cases: [(Source, &Path, &[&str]); 8] = [
        (Source::Hot100, &hetrec, &["not the hot-100 data", "this_week", "artists.dat"]),
        (Source::SpotifyTracks, &text, &["not the spotify-tracks data", "track_genre", "readme.txt"]),
        (Source::Spotify1921, &text, &["not the spotify-1921 data", "id_artists"]),
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
