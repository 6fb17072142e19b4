//! Ctrl-C in the middle of long work: what it leaves is told, and the same command goes on.

use std::fs;
use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};

use crate::process::Place;

fn interrupt(mut child: Child) -> (Option<i32>, String) {
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    (child.wait().unwrap().code(), said)
}

fn begin(mut command: Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Deezer, as far as it has empty charts: the second request waits for as long as `holds` says, and is told of.
fn deezer(holds: Arc<AtomicBool>) -> (String, Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (held, told) = channel();
    let asked = Arc::new(AtomicUsize::new(0));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (holds, held, asked) = (Arc::clone(&holds), held.clone(), Arc::clone(&asked));
            std::thread::spawn(move || {
                answer(stream.unwrap(), || {
                    if asked.fetch_add(1, Ordering::SeqCst) > 0 && holds.load(Ordering::SeqCst) {
                        held.send(()).unwrap();
                        std::thread::park();
                    }
                })
            });
        }
    });
    (url, told)
}

fn answer(stream: TcpStream, wait: impl Fn()) {
    const BODY: &str = r#"{"data": [{"id": 1, "title": "T", "name": "A", "artist": {"id": 2, "name": "A"}}], "total": 1}"#;
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    while let Some(Ok(first)) = lines.next() {
        while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
        if first.is_empty() {
            return;
        }
        wait();
        // Whoever asked may have gone.
        let _ = write!(&stream, "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{BODY}", BODY.len());
    }
}

#[test]
fn a_run_of_a_web_api_goes_on_after_ctrl_c() {
    let place = Place::new();
    let holds = Arc::new(AtomicBool::new(true));
    let (url, held) = deezer(Arc::clone(&holds));
    fs::write(place.path("list.yaml"), "{charts: true, pages: 1}").unwrap();
    let command = || {
        let mut command = place.command(&["load", "deezer", "list.yaml"]);
        command.env("QUAVER__WEB__DEEZER_URL", &url).env("QUAVER__WEB__CONCURRENCY", "1");
        command
    };
    let child = begin(command());
    held.recv().unwrap();
    let (code, said) = interrupt(child);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("interrupted; what was fetched is kept, and the same command goes on from there"), "{said}");
    holds.store(false, Ordering::SeqCst);
    let ran = crate::process::Ran::from(command().output().unwrap());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("1 answers were there from the try before"), "{}", ran.stdout);
}

/// A week of the Hot 100, as `hot.csv`.
fn write_chart(place: &Place) {
    let header = "date,this_week,song,artist,last_week,peak_position,weeks_on_chart\n";
    fs::write(place.path("hot.csv"), format!("{header}1958-08-04,1,A,B,,1,1\n")).unwrap();
}

#[test]
fn a_transform_is_run_again_after_ctrl_c() {
    let place = Place::new();
    write_chart(&place);
    assert_eq!(place.run(&["load", "hot-100", "hot.csv"]).code, Some(0));
    let mut command = place.command(&["transform"]);
    command.env("QUAVER__LOG__FILTER", "warn,quaver::progress=debug");
    let mut child = begin(command);
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("transforms") {
        line.clear();
        assert!(said.read_line(&mut line).unwrap() > 0, "it ended before it built");
    }
    child.stderr = Some(said.into_inner());
    let (code, said) = interrupt(child);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("interrupted; every table is as it was or as the transform makes it, transform again"), "{said}");
    let ran = place.run(&["transform"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("data tests hold"), "{}", ran.stdout);
}

#[test]
fn a_warehouse_that_is_down_is_told_with_how_things_stand() {
    let place = Place::new();
    write_chart(&place);
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut command = place.command(&["load", "hot-100", "hot.csv"]);
    command.env("QUAVER__WAREHOUSE__ENDPOINT", format!("http://{gone}")).env("QUAVER__WAREHOUSE__MAX_RETRIES", "0");
    let ran = crate::process::Ran::from(command.output().unwrap());
    assert_eq!(ran.code, Some(1), "{}", ran.stdout);
    for part in ["hot-100: every table is as it was or as the load makes it", "the same command loads again", "cannot be reached"] {
        assert!(ran.stderr.contains(part), "{}", ran.stderr);
    }
}
