//! `quaver load` as a program: what it prints, a disk that is full, ctrl-C.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::process::{Place, Ran};

fn plays(rows: usize) -> String {
    // Digests do not pack well, so that files grow.
    let line = |n: usize| format!("{n},{:016x}{:016x}\n", n.wrapping_mul(0x9E37_79B9_7F4A_7C15), n.wrapping_mul(0xC2B2_AE3D_27D4_EB4F));
    "id,digest\n".to_owned() + &(0..rows).map(line).collect::<String>()
}

#[test]
fn what_came_in_and_what_was_rejected_is_told() {
    let place = Place::new();
    let header = "date,this_week,song,artist,last_week,peak_position,weeks_on_chart\n";
    fs::write(place.path("a.csv"), format!("{header}1958-08-04,1,A,B,,1,1\n1958-08-04,0,A,B,,1,1\n1958-08-04,101,A,B,,1,1\n")).unwrap();
    fs::write(place.path("b.csv"), format!("{header}1958-08-11,1,A,B,,1,1\nsoon,1,A,B,,1,1\n")).unwrap();
    let ran = place.run(&["load", "hot-100", "a.csv", "b.csv"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "quiet where nobody looks");
    insta::assert_snapshot!(ran.stdout, @r#"
    ┌───────┬──────┬────────┬──────────┐
    │ file  ┆ read ┆ landed ┆ rejected │
    ╞═══════╪══════╪════════╪══════════╡
    │ a.csv ┆    3 ┆      1 ┆        2 │
    │ b.csv ┆    2 ┆      1 ┆        1 │
    │ all   ┆    5 ┆      2 ┆        3 │
    └───────┴──────┴────────┴──────────┘
    ┌──────────┬───────┬────────────┬──────────────────────────────┐
    │ rejected ┆ file  ┆ first line ┆ why, for the first           │
    ╞══════════╪═══════╪════════════╪══════════════════════════════╡
    │        2 ┆ a.csv ┆          3 ┆ this_week is 0, not 1 to 100 │
    │        1 ┆ b.csv ┆          3 ┆ date is no day: "soon"       │
    └──────────┴───────┴────────────┴──────────────────────────────┘
    The rejected rows are in music_raw.rejects, each with its reason.
    Now `quaver transform` builds the tables that questions read.
    "#);
}

#[test]
fn a_disk_that_is_full_is_told_and_changes_nothing() {
    let place = Place::new();
    fs::write(place.path("small.csv"), plays(10)).unwrap();
    fs::write(place.path("large.csv"), plays(200_000)).unwrap();
    let first = place.run(&["load", "csv", "small.csv", "--table", "plays"]);
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    // A limit for files stands for a disk that takes no more: 256 blocks, of 512 or 1024 bytes.
    let load = |limit: &str| {
        let plain = place.command(&[]);
        let mut shell = Command::new("sh");
        shell.current_dir(place.dir.path()).env_clear().args(["-c", &format!("trap '' XFSZ; {limit}; exec \"$0\" \"$@\"")]);
        shell.arg(plain.get_program()).args(["load", "csv", "large.csv", "--table", "plays"]);
        Ran::from(shell.output().unwrap())
    };
    let ran = load("ulimit -f 256");
    assert_eq!(ran.code, Some(1), "{}", ran.stdout);
    for part in ["could not be kept there", "File too large", "nothing was changed", "TMPDIR"] {
        assert!(ran.stderr.contains(part), "{}", ran.stderr);
    }
    let files = |place: &Place| fs::read_dir(place.path("data/datasets/music_raw")).unwrap().count();
    let before = files(&place);
    let ran = load("true");
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("200000"), "{}", ran.stdout);
    assert_eq!(files(&place), before);
}

#[test]
fn ctrl_c_ends_a_load_and_changes_nothing() {
    let place = Place::new();
    fs::write(place.path("large.csv"), plays(2_000_000)).unwrap();
    let mut command = place.command(&["load", "csv", "large.csv", "--table", "plays"]);
    command.env("QUAVER__LOG__FILTER", "warn,quaver::progress=debug").stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("reading csv:plays") {
        line.clear();
        assert!(said.read_line(&mut line).unwrap() > 0, "it ended before it read");
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut said, &mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1), "{rest}");
    assert!(rest.contains("interrupted; nothing was changed"), "{rest}");
    assert!(!place.path("data/datasets/music_raw/plays").exists());
}
