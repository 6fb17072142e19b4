//! What concerns the process: the lock, a kill, other people's clients.

use std::net::SocketAddr;
use std::path::Path;

use bigquery_emulator::{Emulator, EmulatorOptions, OpenError};
use serde_json::Value;

use crate::endpoint::{Endpoint, endpoint};

#[tokio::test(flavor = "multi_thread")]
async fn one_process_owns_a_data_directory() {
    let (dir, e) = endpoint().await;
    let address: SocketAddr = e.root.strip_prefix("http://").unwrap().parse().unwrap();
    // The server task announces; a request is answered only after that.
    e.ok("GET", "projects", Value::Null).await;
    assert_eq!(Emulator::owner_of(dir.path()), Some(address));
    match Emulator::open(EmulatorOptions::new(dir.path())) {
        Err(OpenError::InUse { address: found, .. }) => assert_eq!(found, Some(address)),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("the directory was opened twice"),
    }
    e.stop().await;
    assert_eq!(Emulator::owner_of(dir.path()), None);
    let again = Endpoint::start(dir.path()).await;
    let projects = again.ok("GET", "projects", Value::Null).await;
    assert_eq!(projects["projects"][0]["numericId"], "1");
    let account = again.ok("GET", "{p}/serviceAccount", Value::Null).await;
    assert!(account["email"].as_str().unwrap().contains('@'));
}

/// Google's own Python client. Its own lane: `QUAVER_TEST_PYTHON` names an interpreter that has the packages of
/// `tests/clients/python/requirements.txt`.
#[tokio::test(flavor = "multi_thread")]
async fn googles_python_client_works_unchanged() {
    let Some(python) = std::env::var_os("QUAVER_TEST_PYTHON") else {
        println!("skipped: QUAVER_TEST_PYTHON names no interpreter with google-cloud-bigquery");
        return;
    };
    let (_dir, e) = endpoint().await;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/clients/python/conformance.py");
    let root = e.root.clone();
    let run = tokio::task::spawn_blocking(move || std::process::Command::new(python).arg(script).arg(root).output());
    let output = run.await.unwrap().unwrap();
    println!("{}", String::from_utf8_lossy(&output.stdout));
    println!("{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success());
}
