//! What is wrong with files, with the disk and with the warehouse: it is told, nothing is half loaded, and the next load goes through.

use tokio_util::sync::CancellationToken;

use super::*;

const HEADER: &str = "date,this_week,song,artist,last_week,peak_position,weeks_on_chart\n";
const GOOD: &str = "1958-08-04,1,A,B,,1,1\n";

/// The rows of every table, without the time of the load.
fn content(sink: &Memory) -> Vec<(String, Vec<Value>)> {
    let rows = |name: &String| {
        let mut rows = sink.rows(name);
        rows.iter_mut().for_each(|row| row["loaded_at"] = Value::Null);
        rows
    };
    sink.tables().into_iter().map(|name| (name.clone(), rows(&name))).collect()
}

fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (_folder, path) = archive(files);
    std::fs::read(path).unwrap()
}

/// An archive as no program that means well writes it: with a name of other letters.
fn zip_with_name(name: &str) -> Vec<u8> {
    let innocent = "x".repeat(name.len());
    let mut bytes = zip_of(&[(&innocent, chart(GOOD).as_slice()), ("b.csv", b"x")]);
    for at in 0..bytes.len() - name.len() {
        if bytes[at..].starts_with(innocent.as_bytes()) {
            bytes[at..at + name.len()].copy_from_slice(name.as_bytes());
        }
    }
    bytes
}

fn chart(lines: &str) -> Vec<u8> {
    format!("{HEADER}{lines}").into_bytes()
}

/// Chart entries that stand in an archive packed as they are, with one letter changed afterwards.
fn damaged() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.zip");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    zip.start_file("hot.csv", stored).unwrap();
    zip.write_all(&chart("1958-08-04,1,Honest,B,,1,1\n")).unwrap();
    zip.finish().unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let at = bytes.windows(6).position(|window| window == b"Honest").unwrap();
    [&bytes[..at], b"H", &bytes[at + 1..at + 6], b"!"].concat().into_iter().chain(bytes[at + 7..].iter().copied()).collect()
}

#[tokio::test]
async fn a_file_that_is_wrong_is_told_and_changes_nothing() {
    let whole_zip = zip_of(&[("hot.csv", &chart(GOOD))]);
    let packed = gzip(&chart(&GOOD.repeat(50_000)));
    let other_delimiter = String::from_utf8(chart(GOOD)).unwrap().replace(',', "|");
    let cases: &[(&str, Vec<u8>, &[&str])] = &[
        ("a.zip", b"this is no zip".to_vec(), &["not the hot-100 data", "a.zip with the columns `this is no zip`"]),
        ("a.zip", whole_zip[..whole_zip.len() / 2].to_vec(), &["a.zip: not a readable zip archive"]),
        ("a.zip", zip_of(&[("readme.md", b"x"), ("x.png", b"y")]), &["not the hot-100 data", "readme.md; x.png"]),
        ("a.zip", zip_of(&[("other.csv", b"a,b\n1,2\n")]), &["other.csv with the columns `a,b`"]),
        ("a.zip", zip_of(&[]), &["no file"]),
        ("a.zip", zip_with_name("../../cron.d/hot.csv"), &["a.zip", "\"../../cron.d/hot.csv\"", "leads out of the folder"]),
        ("a.zip", zip_with_name("data/../../hot.csv"), &["leads out of the folder"]),
        ("a.zip", zip_with_name("/etc/hot.csv"), &["leads out of the folder"]),
        ("a.zip", zip_with_name("..\\hot.csv"), &["leads out of the folder"]),
        ("a.zip", zip_with_name("C:\\hot.csv"), &["leads out of the folder"]),
        ("a.zip", damaged(), &["a.zip/hot.csv", "checksum"]),
        ("a.csv.gz", packed[..packed.len() - 20].to_vec(), &["a.csv.gz"]),
        ("a.csv.gz", packed[..packed.len() / 2].to_vec(), &["a.csv.gz"]),
        (
            "a.csv",
            other_delimiter.into_bytes(),
            &["expected a CSV file with the columns date, this_week", "found a.csv with the columns `date|this_week|"],
        ),
        ("a.csv", chart(GOOD).replacen(b"peak_position", b"peak"), &["peak_position", "`date,this_week,song,artist,last_week,peak,"]),
        ("a.csv", b"\x7FELF\x02\x01\x01\0\0\0".to_vec(), &["something that is no text"]),
        ("a.csv", [b"\0".as_slice(), &chart(GOOD)].concat(), &["something that is no text"]),
        ("a.csv", Vec::new(), &["nothing at all"]),
        ("a.csv", b"<!doctype html><html>log in</html>".to_vec(), &["a web page"]),
        ("a.csv", format!("{}\n", "x".repeat(20 << 20)).into_bytes(), &["not the hot-100 data"]),
        (
            "a.csv",
            chart("08/04/1958,1,A,B,,1,1\n08/11/1958,1,A,B,,1,1\n"),
            &["not one of 2 rows fits", "a.csv, line 2: date is no day: \"08/04/1958\"", "nothing was changed"],
        ),
    ];
    let folder = tempfile::tempdir().unwrap();
    let sink = Memory::default();
    let good = folder.path().join("good.csv");
    std::fs::write(&good, chart("1958-08-04,1,Before,B,,1,1\n1958-08-04,0,Odd,B,,1,1\n")).unwrap();
    load_into(&sink, Source::Hot100, &good).await.unwrap();
    let before = content(&sink);
    for (name, bytes, parts) in cases {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let error = load_into(&sink, Source::Hot100, &path).await.expect_err(&parts.join(", ")).to_string();
        for part in *parts {
            assert!(error.contains(part), "{error} lacks {part}");
        }
        assert!(error.len() < 1000, "{error}");
        assert_eq!(content(&sink), before, "{error}");
    }
}

trait Replacen {
    fn replacen(self, old: &[u8], new: &[u8]) -> Self;
}

impl Replacen for Vec<u8> {
    fn replacen(self, old: &[u8], new: &[u8]) -> Self {
        let at = self.windows(old.len()).position(|window| window == old).unwrap();
        [&self[..at], new, &self[at + old.len()..]].concat()
    }
}

#[tokio::test]
async fn a_row_that_is_wrong_is_kept_aside_and_the_others_land() {
    let check = async |line: &[u8], expected: &str, raw: &str| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        let good = GOOD.as_bytes();
        std::fs::write(&path, [HEADER.as_bytes(), good, line, b"\n", good].concat()).unwrap();
        let sink = Memory::default();
        let report = load_into(&sink, Source::Hot100, &path).await.unwrap();
        assert_eq!(report.totals(), (3, 2, 1), "{expected}");
        assert_eq!(reasons(&sink), [format!("a.csv:3 {expected}")]);
        assert_eq!((report.rejections[0].rows, report.rejections[0].reason.as_str()), (1, expected));
        let kept = sink.rows("music_raw.rejects")[0]["raw"].as_str().unwrap().to_owned();
        assert!(kept.starts_with(raw) && kept.len() <= 10_000, "{kept}");
    };
    check(b"1958-08-04,2,A\0,B,,1,1", "column song has a NUL byte", "1958-08-04,2,A\u{FFFD},B").await;
    check(b"1958-08-04,2,Caf\xE9,B,,1,1", "column song is not UTF-8", "1958-08-04,2,Caf\u{FFFD},B").await;
    check(b"1958-08-04;2;A;B;;1;1", "1 fields where the header has 7", "1958-08-04;2").await;
    check(b"1958-08-04,2,A,B,,1", "6 fields where the header has 7", "1958-08-04,2").await;
    let long = [b"1958-08-04,2,".as_slice(), &vec![b'x'; 100 << 20], b",B,,1,1"].concat();
    check(&long, "longer than 16 MiB or 100000 fields; perhaps a quote that does not end", "1958-08-04,2,xxx").await;
}

#[tokio::test]
async fn a_quote_without_end_is_one_reject() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    std::fs::write(&path, chart(&format!("{GOOD}1958-08-04,2,\"A,B,,1,1\n{}", GOOD.repeat(1_000_000)))).unwrap();
    let sink = Memory::default();
    assert_eq!(load_into(&sink, Source::Hot100, &path).await.unwrap().totals(), (2, 1, 1));
    assert_eq!(reasons(&sink), ["a.csv:3 longer than 16 MiB or 100000 fields; perhaps a quote that does not end"]);
}

#[tokio::test]
async fn the_next_load_goes_through_after_the_warehouse_failed() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, title: &str| {
        let path = folder.path().join(name);
        let lines: Vec<String> = (0..20_000).map(|n| format!("1958-08-04,{},{title} {n},B,,1,1\n", n % 101)).collect();
        std::fs::write(&path, chart(&lines.concat())).unwrap();
        path
    };
    let (old, new) = (file("old.csv", "Old"), file("new.csv", "New"));
    let load_in_parts = async |sink: &Memory, path: &Path| {
        let progress: Arc<dyn Progress> = Arc::new(Silent);
        load(sink, Source::Hot100, Places { part_bytes: 1, ..Places::new([path.to_owned()]) }, &progress).await
    };
    let whole = Memory::default();
    load_in_parts(&whole, &new).await.unwrap();
    let expected = content(&whole);
    // The beginning of the tables that cannot be written, and which of the others are new by then.
    for (broken, changed) in [
        ("hot_100_loading", &[][..]),
        ("hot_100", &[]),
        ("rejects", &["music_raw.hot_100"]),
        ("loads", &["music_raw.hot_100", "music_raw.rejects"]),
    ] {
        let sink = Memory::default();
        load_in_parts(&sink, &old).await.unwrap();
        let before = content(&sink);
        *sink.broken.lock().unwrap() = Some(broken);
        let error = load_in_parts(&sink, &new).await.unwrap_err().to_string();
        assert!(error.contains("cannot be reached"), "{error}");
        // Every table is as it was or as the whole load makes it, and nothing is left aside.
        for ((name, found), ((_, old), (_, new))) in content(&sink).iter().zip(before.iter().zip(&expected)) {
            assert_eq!(found, if changed.contains(&name.as_str()) { new } else { old }, "{broken}: {name}");
        }
        assert_eq!(sink.tables().len(), before.len(), "{broken}: {:?}", sink.tables());
        *sink.broken.lock().unwrap() = None;
        load_in_parts(&sink, &new).await.unwrap();
        assert_eq!(content(&sink), expected, "{broken}");
    }
}

/// Wants the load to end once so much of it is done.
struct Impatient {
    left: std::sync::atomic::AtomicI64,
    stop: CancellationToken,
}

impl Progress for Impatient {
    fn start(&self, _: &str, _: Option<u64>) {}
    fn inc(&self, units: u64) {
        let units = i64::try_from(units).unwrap();
        if self.left.fetch_sub(units, std::sync::atomic::Ordering::SeqCst) <= units {
            self.stop.cancel();
        }
    }
    fn finish(&self) {}
}

#[tokio::test]
async fn a_load_that_is_interrupted_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    std::fs::write(&path, chart(&GOOD.repeat(100_000))).unwrap();
    let sink = Memory::default();
    for after in [0, 1 << 20] {
        let stop = CancellationToken::new();
        let progress: Arc<dyn Progress> = Arc::new(Impatient { left: after.into(), stop: stop.clone() });
        let places = Places { stop, part_bytes: 1, ..Places::new([path.clone()]) };
        let error = load(&sink, Source::Hot100, places, &progress).await.unwrap_err();
        assert!(matches!(error, IngestError::Interrupted), "{error}");
        assert!(sink.rows("music_raw.hot_100").is_empty());
        assert!(sink.tables().iter().all(|table| !table.contains("_loading_")), "{:?}", sink.tables());
    }
    let places = Places { part_bytes: 1, ..Places::new([path]) };
    let progress: Arc<dyn Progress> = Arc::new(Silent);
    assert_eq!(load(&sink, Source::Hot100, places, &progress).await.unwrap().totals(), (100_000, 100_000, 0));
}
