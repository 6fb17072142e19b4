//! Commands that answer and end.

use std::process::Stdio;

use crate::process::{Place, Ran};

#[test]
fn help_names_every_command_and_setting() {
    let place = Place::new();
    let help = place.run(&["--help"]);
    assert_eq!(help.code, Some(0));
    for word in ["serve", "ask", "load", "transform", "eval", "emulator", "model", "--data-dir", "--config"] {
        assert!(help.stdout.contains(word), "{word} is missing from:\n{}", help.stdout);
    }
    for command in ["serve", "ask", "load", "transform", "eval", "emulator", "model"] {
        let help = place.run(&[command, "--help"]);
        assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""), "{command}");
        assert!(help.stdout.contains("--data-dir"), "{command}");
    }
}

#[test]
fn models_are_listed_and_checked() {
    let place = Place::new();
    let list = place.run(&["model", "list"]);
    assert!(list.stdout.contains("quaver-music") && list.stdout.contains("tiny-t5"), "{}", list.stdout);
    let check = place.run(&["model", "check"]);
    assert_eq!(check.code, Some(0), "{}", check.stderr);
    assert!(check.stdout.contains("sound model"), "{}", check.stdout);
}

#[test]
fn a_question_without_an_answer_ends_with_three() {
    let place = Place::new();
    let plain = place.run(&["ask", "Who are the top artists?"]);
    assert_eq!((plain.code, plain.stdout.as_str()), (Some(3), ""), "{}", plain.stderr);
    assert!(plain.stderr.contains("cannot be answered") && plain.stderr.contains("Questions that it answers"), "{}", plain.stderr);
    let json = place.run(&["ask", "--json", "Who are the top artists?"]);
    let problem: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((json.code, &problem["code"]), (Some(3), &"unanswerable".into()));
}

#[test]
fn output_that_nobody_reads_is_no_panic() {
    let place = Place::new();
    let mut child = place.command(&["model", "list"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
}

/// The daily run: what is configured comes, what is not is said, what fails does not keep the rest from coming.
#[test]
fn load_all_brings_what_is_configured_and_tells_the_rest() {
    let place = Place::new();
    let nothing = place.run(&["load", "--all"]);
    assert_eq!(nothing.code, Some(1));
    assert!(nothing.stderr.contains("load.web_list") && nothing.stderr.contains("load.hot_100"), "{}", nothing.stderr);

    let write = |name: &str, text: &str| std::fs::write(place.path(name), text).unwrap();
    write(
        "hot.csv",
        "date,this_week,song,artist,last_week,peak_position,weeks_on_chart\n2003-07-12,1,Crazy In Love,Beyonce,2,1,8\nsoon,1,A,B,,1,1\n",
    );
    write("list.yaml", "{charts: true}");
    let config = "[load]\nhot_100 = [\"hot.csv\"]\nhetrec = [\"missing.zip\"]\nweb_list = \"list.yaml\"\n\
        [web]\ndeezer_url = \"http://127.0.0.1:1\"\nmax_retries = 0\n";
    write("quaver.toml", config);
    let ran = place.run(&["load", "--all", "--transform", "--config", "quaver.toml"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    for (source, said) in [
        ("hot-100", "loaded"),
        ("hetrec", "failed"),
        ("deezer", "failed"),
        ("lastfm", "web.lastfm_api_key is not set"),
        ("spotify-tracks", "load.spotify_tracks is not set"),
    ] {
        let line =
            ran.stdout.lines().find(|line| line.contains(&format!(" {source} "))).unwrap_or_else(|| panic!("{source}: {}", ran.stdout));
        assert!(line.contains(said), "{line}");
    }
    let rejected = ran.stdout.lines().find(|line| line.contains("hot-100 hot.csv")).unwrap_or_else(|| panic!("{}", ran.stdout));
    assert!(rejected.contains(" 1 ┆ hot-100 hot.csv ┆          3 ┆ date is no day: \"soon\""), "{rejected}");
    assert!(ran.stdout.contains("chart_entries") && ran.stdout.contains("built"), "{}", ran.stdout);
    // The transform says that Deezer never came, for the settings want it every day.
    assert!(ran.stderr.contains("sources failed: hetrec, deezer"), "{}", ran.stderr);
    assert!(ran.stderr.contains("deezer is to come every day and never came"), "{}", ran.stderr);

    write("quaver.toml", "[load]\nhot_100 = [\"hot.csv\"]\n");
    let ran = place.run(&["load", "--all", "--transform", "--config", "quaver.toml"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("data tests hold") && ran.stdout.contains("days missed"), "{}", ran.stdout);
    let check = place.run(&["transform", "--check"]);
    assert_eq!(check.code, Some(0), "{}", check.stderr);
    assert!(check.stdout.contains("hot-100") && check.stdout.contains("data tests hold"), "{}", check.stdout);
}
