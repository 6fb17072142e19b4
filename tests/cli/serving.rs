//! `serve` and `emulator` from their first line to their last.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

use crate::process::{Place, Started};

/// One request on a connection of its own; the body of the answer.
fn request(url: &str, method: &str, path: &str, body: &Value) -> (u16, String) {
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    // A service that hangs fails the test instead of holding it up.
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let head = format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: application/json\r\n");
    stream.write_all(format!("{head}content-length: {}\r\n\r\n{body}", body.len()).as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
}

fn sql(started: &Started, sql: &str) -> (u16, String) {
    request(&started.url, "POST", "/v1/sql", &json!({"sql": sql}))
}

#[test]
fn serve_answers_when_it_says_so_and_others_work_beside_it() {
    let place = Place::new();
    let serving = place.start(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(request(&serving.url, "GET", "/readyz", &Value::Null).0, 200);
    let (status, body) = sql(&serving, "SELECT COUNT(*) AS n FROM music.artists");
    assert_eq!(status, 200, "{body}");
    assert!(body.contains("\"sample\":true"), "{body}");

    let second = place.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(second.code, Some(1));
    assert!(second.stderr.contains("in use by a process whose endpoint is http://127.0.0.1:"), "{}", second.stderr);
    // Goes through the endpoint of the service.
    assert_eq!(place.run(&["ask", "Who are the top artists?"]).code, Some(3));
    let nothing = place.run(&["transform"]);
    assert_eq!(nothing.code, Some(1));
    assert!(nothing.stderr.contains("load"), "{}", nothing.stderr);

    serving.terminate();
    let ran = serving.wait();
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
}

#[test]
fn a_query_under_way_at_sigterm_is_answered_or_told_and_nothing_is_lost() {
    // Long enough to be under way when the signal comes, too long for the grace.
    let endless = "SELECT COUNT(*) AS n FROM music.listening_events AS a, music.listening_events AS b, music.listening_events AS c \
                   WHERE a.user_id + b.user_id + c.user_id < 0";
    let place = Place::new();
    let mut command = place.command(&["serve", "--listen", "127.0.0.1:0"]);
    command.env("QUAVER__SERVER__SHUTDOWN_GRACE_MS", "300");
    let serving = place.start_command(command);
    let url = serving.url.clone();
    let asking = std::thread::spawn(move || request(&url, "POST", "/v1/sql", &json!({"sql": endless})));
    wait_until_in_flight(&serving);
    serving.terminate();
    let (status, body) = asking.join().unwrap();
    assert_eq!(status, 503, "{body}");
    assert!(body.contains("\"unavailable\""), "{body}");
    let ran = serving.wait();
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);

    let again = place.start(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(sql(&again, "SELECT COUNT(*) AS n FROM music.artists").0, 200);
}

/// Questions that are suggested where one has no answer: each has one, by the model that is shipped, on the sample.
#[test]
fn every_example_question_has_an_answer() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let semantics = std::fs::read_to_string(root.join("schemas/semantics.yaml")).unwrap();
    let examples = semantics.split_once("\nexamples:\n").unwrap().1;
    let questions: Vec<&str> = examples.lines().filter_map(|line| line.trim().strip_prefix("- ")).collect();
    assert_eq!(questions.len(), 24);
    let place = Place::new();
    let mut command = place.command(&["serve", "--listen", "127.0.0.1:0"]);
    command.env("QUAVER__MODEL__DIR", root.join("models"));
    let serving = place.start_command(command);
    let mut unanswered = Vec::new();
    for question in questions {
        let (status, body) = request(&serving.url, "POST", "/v1/ask", &json!({"question": question}));
        let answer: Value = serde_json::from_str(&body).unwrap();
        println!("{question}\n  {}\n  {}", answer["sql"], answer["understood"]);
        if status != 200 || answer["row_count"] == 0 || answer["understood"].as_str().is_none_or(str::is_empty) {
            unanswered.push(format!("{question}: {status} {body}"));
        }
    }
    assert!(unanswered.is_empty(), "{}", unanswered.join("\n"));
}

/// Until the service's own measurements show the query: this request for them is one, the query is the other.
fn wait_until_in_flight(serving: &Started) {
    for _ in 0..2000 {
        let (_, metrics) = request(&serving.url, "GET", "/metrics", &Value::Null);
        if metrics.contains("quaver_http_requests_in_flight 2") {
            return;
        }
    }
    panic!("the query does not begin");
}

#[test]
fn the_emulator_serves_bigquery_alone() {
    let place = Place::new();
    let emulator = place.start(&["emulator", "--listen", "127.0.0.1:0", "--project", "somewhere"]);
    let (status, body) = request(
        &emulator.url,
        "POST",
        "/bigquery/v2/projects/somewhere/queries",
        &json!({"query": "SELECT 1 AS one", "useLegacySql": false}),
    );
    assert_eq!(status, 200, "{body}");
    assert!(body.contains("\"one\""), "{body}");
    emulator.terminate();
    let ran = emulator.wait();
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}
