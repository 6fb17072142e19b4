//! What is wrong at a start is said in a sentence that names it and the remedy.

use std::fs;
use std::net::TcpListener;

use crate::process::{Place, Ran};

fn says(ran: &Ran, code: i32, expected: &[&str]) {
    assert_eq!(ran.code, Some(code), "{}", ran.stderr);
    for part in expected {
        assert!(ran.stderr.contains(part), "{part:?} is missing from:\n{}", ran.stderr);
    }
    for inside in ["panicked", "RUST_BACKTRACE", "Error {", "Os {"] {
        assert!(!ran.stderr.contains(inside), "{}", ran.stderr);
    }
    assert_eq!(ran.stdout, "");
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let place = Place::new();
    for command in ["serve", "emulator"] {
        says(&place.run(&[command, "--listen", &address]), 1, &[&address, "in use", "--listen"]);
    }
    // Nothing was begun.
    assert!(!place.path("data").exists());
}

#[test]
fn every_problem_of_a_configuration_is_told_at_once() {
    let place = Place::new();
    fs::write(place.path("q.toml"), "[server]\nlisten = \"nowhere\"\n[model]\nbeems = 2\n").unwrap();
    let ran = Ran::from(place.command(&["serve", "--config", "q.toml"]).env("QUAVER__LIMITS__MAX_ROWS", "many").output().unwrap());
    says(&ran, 1, &["3 problems", "server.listen", "`beams`", "limits.max_rows"]);
    says(&place.run(&["serve", "--config", "none.toml"]), 1, &["none.toml", "--config"]);
}

#[test]
fn a_data_directory_that_cannot_be_written_is_named() {
    let place = Place::new();
    fs::write(place.path("file"), "").unwrap();
    says(&place.run(&["serve", "--listen", "127.0.0.1:0", "--data-dir", "file"]), 1, &["file", "--data-dir"]);
}

#[test]
fn a_missing_or_damaged_model_is_named_at_the_start() {
    let place = Place::new();
    let folder = place.path("weights");
    fs::create_dir(&folder).unwrap();
    place.model(&folder);
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    says(&place.run(&serve), 1, &["weights", "quaver model check"]);
    let fixture = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tiny-t5");
    for entry in fs::read_dir(fixture).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, folder.join(path.file_name().unwrap())).unwrap();
    }
    let weights = folder.join("model.safetensors");
    let bytes = fs::read(&weights).unwrap();
    fs::write(&weights, &bytes[..bytes.len() / 2]).unwrap();
    for command in [&serve[..], &["ask", "Who are the top artists?"], &["model", "check"]] {
        says(&place.run(command), 1, &["model.safetensors", "damaged"]);
    }
    fs::remove_file(place.path("models/quaver-music.toml")).unwrap();
    says(&place.run(&serve), 1, &["no model quaver-music", "model.dir"]);
}

#[test]
fn wrong_usage_has_its_own_exit_code() {
    let place = Place::new();
    let check = |arguments: &[&str], expected: &str| says(&place.run(arguments), 2, &[expected]);
    check(&[], "Usage: quaver");
    check(&["sing"], "unrecognized subcommand");
    check(&["ask"], "<QUESTION>");
    check(&["load", "vinyl", "x"], "spotify-relational");
    check(&["load", "csv", "x.csv"], "--table");
    check(&["load"], "<SOURCE>");
    check(&["load", "hot-100", "x.csv", "--all"], "cannot be used with");
    check(&["load", "hot-100", "x.csv", "--transform"], "cannot be used with");
    check(&["transform", "--check", "--full"], "cannot be used with");
    check(&["emulator", "--listen", "nowhere"], "--listen");
    check(&["ask", "q", "--language", "de"], "en, fr");
}

#[test]
fn files_that_are_not_what_they_should_be_are_named() {
    let place = Place::new();
    fs::write(place.path("wrong.csv"), "a,b\n1,2\n").unwrap();
    says(&place.run(&["load", "hot-100", "wrong.csv"]), 1, &["wrong.csv", "hot-100"]);
    says(&place.run(&["load", "hetrec", "nothing.zip"]), 1, &["nothing.zip"]);
    says(&place.run(&["load", "hot-100", "gs://bucket"]), 1, &["gs://bucket", "gs://BUCKET/OBJECT"]);
    says(&place.run(&["load", "hot-100", "s3://bucket/hot.csv"]), 1, &["s3://bucket/hot.csv", "aws s3 cp"]);
    says(&place.run(&["load", "csv", "wrong.csv", "--table", "music.artists"]), 1, &["music.artists", "music_raw alone"]);
    says(&place.run(&["load", "hot-100", "wrong.csv", "--table", "x"]), 1, &["--table", "load csv"]);
    says(&place.run(&["load", "hot-100", "wrong.csv", "--captured-on", "2020-01-01"]), 1, &["--captured-on", "hot-100"]);
    says(&place.run(&["eval", "none.jsonl"]), 1, &["none.jsonl"]);
    says(&place.run(&["eval", "wrong.csv"]), 1, &["wrong.csv", "line 1"]);
}

#[test]
fn a_missing_key_and_a_wrong_list_of_a_web_api_are_named() {
    let place = Place::new();
    says(&place.run(&["load", "lastfm", "list.yaml"]), 1, &["web.lastfm_api_key", "QUAVER__WEB__LASTFM_API_KEY"]);
    says(&place.run(&["load", "deezer", "list.yaml"]), 1, &["list.yaml", "config/web-list.yaml"]);
    fs::write(place.path("list.yaml"), "artist: [Air]\n").unwrap();
    says(&place.run(&["load", "deezer", "list.yaml"]), 1, &["list.yaml", "unknown field `artist`"]);
}
