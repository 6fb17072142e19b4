//! What the log shows when it is told to show everything.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use crate::process::{Place, Ran};

const TOKEN: &str = "token-that-no-log-may-hold";

/// A token server that gives every request the same token; it keeps the first one's body.
fn token_server() -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/token", listener.local_addr().unwrap());
    let first = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let request = read(&mut stream);
        let body = format!("{{\"access_token\":\"{TOKEN}\",\"expires_in\":3600,\"token_type\":\"Bearer\"}}");
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
        stream.write_all((head + &body).as_bytes()).unwrap();
        request
    });
    (address, first)
}

fn read(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let read = stream.read(&mut chunk).unwrap();
        assert!(read > 0, "the request broke off");
        bytes.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.to_lowercase().split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok()).unwrap_or(0);
        if body.len() >= length {
            return body.to_owned();
        }
    }
}

#[test]
fn keys_and_tokens_are_in_no_log_whatever_its_filter() {
    let place = Place::new();
    let (address, server) = token_server();
    let key = include_str!("../fixtures/identity/service-account.json").replace("TOKEN_URI", &address);
    std::fs::write(place.path("key.json"), &key).unwrap();
    // BigQuery is asked through a proxy that is not there: no request leaves this machine.
    let mut command = place.command(&["transform", "--check"]);
    command.env("GOOGLE_APPLICATION_CREDENTIALS", place.path("key.json")).env("HTTPS_PROXY", "http://127.0.0.1:1");
    command.env("QUAVER__WAREHOUSE__PROJECT", "demo").env("QUAVER__WAREHOUSE__MAX_RETRIES", "0").env("QUAVER__LOG__FILTER", "trace");
    let ran = Ran::from(command.output().unwrap());
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stderr.contains("the warehouse cannot be reached") && ran.stderr.contains("TRACE"), "{}", ran.stderr);
    let sent = server.join().unwrap();
    let assertion = sent.split("assertion=").nth(1).unwrap().split('&').next().unwrap();
    let pem = key.split("PRIVATE KEY-----\\n").nth(1).unwrap();
    for secret in [TOKEN, assertion, &assertion[assertion.len() - 40..], &pem[..40]] {
        assert!(!ran.stderr.contains(secret) && !ran.stdout.contains(secret), "{secret} is in the log:\n{}", ran.stderr);
    }
}
