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
